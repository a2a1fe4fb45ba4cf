"""CSV files as other programs write them."""

from __future__ import annotations

from pathlib import Path

import pytest

import kpi
from tests.builders import average, plan
from tests.commands import GOOD, HEADER, PLAN, declare, of_data, outcome, rejected

pytestmark = pytest.mark.usefixtures("here")


@pytest.mark.parametrize(
    "end", ["\n\n\n", "\r\n\r\n", "\n\n" + "b2,visa,2017-01-01,2017-02-01\n\n"]
)
def test_lines_without_a_sign_are_no_rows(end: str) -> None:
    found = outcome(HEADER + GOOD.strip() + end)
    assert found["tables"]["cases"]["rejected"] == {}
    assert found["targets"][0]["counted"] == 1 + end.count("b2")


def test_a_row_of_separators_alone_is_counted_and_so_is_one_beside_quoted_lines() -> None:
    text = HEADER + 'a1,"visa\n\n\n",2017-01-01,2017-02-01\n,,,\n\n,,,\n\n'
    assert rejected(text) == {"case_id missing": 2}
    assert rejected(HEADER + GOOD + ",,,\n\n") == {"case_id missing": 1}


@pytest.mark.parametrize(
    ("encoding", "declared"),
    [
        ("utf-8", None),
        ("utf-8-sig", None),
        ("utf-16", None),  # with its mark
        ("utf-16-le", "utf-16"),
        ("utf-16-be", "utf-16"),
        ("cp1252", "windows-1252"),
        ("latin-1", "iso-8859-1"),
        ("latin-1", "windows-1252"),
        ("utf-8-sig", "windows-1252"),  # a mark is more certain than a plan
        ("utf-16", "windows-1252"),
    ],
)
def test_letters_are_right_in_every_encoding(encoding: str, declared: str | None) -> None:
    text = PLAN.replace('"visa"', '"æøå ÆØÅ é"')
    Path("plan.toml").write_text(text, encoding="utf-8")
    if declared:
        Path("plan.toml").write_text(
            text.replace('entry = "filed"', f'entry = "filed"\nencoding = "{declared}"'),
            encoding="utf-8",
        )
    found = outcome((HEADER + GOOD.replace("visa", "æøå ÆØÅ é")).encode(encoding))
    assert (found["targets"][0]["met"], found["targets"][0]["counted"]) == (1, 1)


@pytest.mark.parametrize(
    ("encoding", "declared", "line"),
    [
        ("utf-8", "windows-1252", 'cases.csv: UTF-8, though the plan declares encoding = "windows-1252" for the table cases; remove it from the plan'),
        ("utf-8", "utf-16", 'cases.csv: not UTF-16, which the plan declares for the table cases (encoding = "utf-16")'),
        ("cp1252", "iso-8859-1", 'cases.csv:2: not ISO-8859-1; declare encoding = "windows-1252"'),
    ],
)  # fmt: skip
def test_an_encoding_that_is_declared_and_another_is_refused(
    encoding: str, declared: str, line: str
) -> None:
    declare(f'encoding = "{declared}"')
    assert of_data((HEADER + GOOD.replace("visa", "æ€")).encode(encoding)) == [line]


def test_signs_that_windows_1252_does_not_have_are_refused_with_their_line() -> None:
    declare('encoding = "windows-1252"')
    assert of_data((HEADER + GOOD).encode() + b"a2,\x81\xe6,2017-01-01,\n") == [
        "cases.csv:3: not WINDOWS-1252; save the extract as UTF-8"
    ]


def test_danish_dates_where_they_are_declared() -> None:
    declare('date_format = "%d-%m-%Y"')
    text = HEADER.replace(",", ";") + "a1;visa;01-01-2017;01-02-2017\n"
    assert outcome(text)["targets"][0]["met"] == 1
    assert rejected(text + "a2;visa;2017-01-01;\n") == {"filed is not a date as %d-%m-%Y": 1}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "case_id,filed,decided\nA,2017-01-01,2017-02-01\nB,2017-01-01\n",
            ":3: a row of 2 fields, where the header has 3",
        ),
        (
            'case_id,filed,decided\n"A,x","2017\n-01",2017-02-01\n"B,y,z"\n',
            ":4: a row of 1 fields, where the header has 3",
        ),
        (
            "case_id,filed,decided,decided\nA,2017-01-01,2017-02-01,\n",
            "the header holds decided twice; keep one",
        ),
        ("case_id,filed\rA,2017-01-01\r", ":1: lines that end with a carriage return alone"),
    ],
)
def test_rows_and_headers_that_do_not_fit(text: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / "cases.csv"
    path.write_bytes(text.encode())
    with pytest.raises(kpi.DataError, match=message):
        kpi.evaluate(plan(average()), path)


def test_quoted_values_and_blank_lines_are_no_short_rows(tmp_path: Path) -> None:
    path = tmp_path / "cases.csv"
    path.write_text(
        'case_id,note,filed,decided\nA,"two\nlines, and a comma",2017-01-01,2017-01-03\n\n'
        "B,,2017-01-01,\n"
    )
    assert kpi.evaluate(plan(average()), path).targets[0].total == 2
