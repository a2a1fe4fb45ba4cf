"""Text files as they are declared: encoding, lines above and below, separator and quote."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest

import kpi
from kpi.tables.sources import csv_files
from kpi.tables.sources.csv_files import CsvFile
from kpi.tables.sources.layout import Layout
from tests.commands import GOOD, HEADER, PLAN, declare, mistakes, of_data, outcome

ROWS = "a1,visa,2017-01-01,2017-02-01\na2,visa,2017-01-01,\n"


def read(path: Path, text: str | bytes, **declared: Any) -> pl.DataFrame:
    file = path / "cases.csv"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    layout = Layout(table="cases", key=("case_id",), dates=("filed", "decided"), **declared)
    return CsvFile.of(file, layout).collect()


def refused(path: Path, text: str | bytes, **declared: Any) -> str:
    with pytest.raises(kpi.DataError) as error:
        read(path, text, **declared)
    message = str(error.value)
    assert "\n" not in message
    return message.removeprefix(str(path / "cases.csv"))


@pytest.fixture(params=[1, 1 << 40], ids=["as a large file", "as a small file"])
def _size(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_files, "LARGE", request.param)


# Encodings.


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize(
    ("encoding", "declared"),
    [
        ("cp850", "cp850"),
        ("cp865", "IBM865"),
        ("cp437", "437"),
        ("iso-8859-15", "latin9"),
        ("latin-1", "latin1"),
        ("latin-1", "Latin-1"),
        ("cp1252", "ansi"),
        ("cp1252", "CP1252"),
        ("cp1250", "windows-1250"),
        ("utf-8", "UTF8"),
        ("utf-16-le", "UTF-16LE"),
    ],
)
def test_letters_are_right_in_every_declared_encoding(encoding: str, declared: str) -> None:
    letter = "ø" if encoding == "cp865" else "ä"
    declare(f'encoding = "{declared}"', PLAN.replace('"visa"', f'"{letter}"'))
    text = Path("plan.toml").read_text()
    Path("plan.toml").write_text(text, encoding="utf-8")
    found = outcome((HEADER + GOOD.replace("visa", letter)).encode(encoding))
    assert (found["targets"][0]["met"], found["targets"][0]["counted"]) == (1, 1)


@pytest.mark.usefixtures("here")
def test_utf_8_under_an_old_encoding_is_refused_rather_than_read_as_other_letters() -> None:
    declare('encoding = "CP850"')
    (line,) = of_data((HEADER + GOOD.replace("visa", "ø")).encode())
    assert line == (
        'cases.csv: UTF-8, though the plan declares encoding = "cp850" for the table cases; remove it '
        "from the plan"
    )


@pytest.mark.usefixtures("here")
def test_an_encoding_that_does_not_exist_is_refused_with_the_nearest() -> None:
    declare('encoding = "cp855x"')
    Path("cases.csv").write_text(HEADER + GOOD)
    (line,) = mistakes("evaluate", "plan.toml", "cases.csv")
    assert line.startswith("plan.toml:7: table cases, encoding: found 'cp855x'; accepted: utf-8, ")
    assert line.endswith(("(did you mean 'cp865'?)", "(did you mean 'cp850'?)"))


# Lines above and below.


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.usefixtures("_size")
def test_lines_above_and_below_are_left_out(end: str, mark: str, tmp_path: Path) -> None:
    whole = f'{mark}Sager "åbne\n\n{HEADER}{ROWS}I alt;2\n\n'.replace("\n", end)
    found = read(tmp_path, whole, skip_lines=2, footer_lines=1)
    assert found.rows() == read(tmp_path, HEADER + ROWS).rows()
    assert found.height == 2
    alone = read(tmp_path, whole.removesuffix(end * 2), skip_lines=2, footer_lines=1)
    assert alone.rows() == found.rows()


def test_lines_are_numbered_as_in_the_file(tmp_path: Path) -> None:
    above, declared = "x\ny\n", {"skip_lines": 2}
    assert refused(tmp_path, f"{above}{HEADER}{ROWS}a3,visa\n", **declared) == (
        ":6: a row of 2 fields, where the header has 4"
    )
    assert refused(tmp_path, above + "\n" + ROWS, **declared).startswith(":3: an empty line;")
    letters = (above + HEADER).encode() + b"\xe6,,,\n"
    assert refused(tmp_path, letters, **declared).startswith(":4: not UTF-8;")
    swallowed = f'{above}{HEADER}a1,"b,2017-01-01,\na2,c,2017-01-01,\na3,d",2017-01-01,\n'
    assert refused(tmp_path, swallowed, **declared) == (
        ":5: a row within a value whose quote opens at line 4; double the quotes within values, or "
        "write the value without line ends"
    )
    lone = f'{above}"{HEADER}{ROWS}'
    assert refused(tmp_path, lone, **declared).startswith(":3: a quote that stands alone")


@pytest.mark.parametrize(("above", "below"), [(4, 0), (0, 3), (2, 1), (9, 9)])
def test_more_lines_than_there_are_cannot_be_left_out(
    above: int, below: int, tmp_path: Path
) -> None:
    assert refused(tmp_path, HEADER + ROWS, skip_lines=above, footer_lines=below) == (
        f": 3 lines, and none is left of them; the table cases declares skip_lines = {above}, "
        f"footer_lines = {below}"
    )


def test_a_heading_above_the_table_is_named_with_what_to_declare(tmp_path: Path) -> None:
    line = (
        "the names of the columns stand here, below other lines; remove those, or declare "
        "skip_lines = {} for the table cases in an extract file"
    )
    heading = "Udtræk af sager;;;\n\n" + HEADER.replace(",", ";") + ROWS.replace(",", ";")
    assert refused(tmp_path, heading) == ":3: " + line.format(2)
    assert refused(tmp_path, heading, skip_lines=1).startswith(":2: an empty line;")
    three = "a\nb\nc\n" + HEADER + ROWS
    assert refused(tmp_path, three, skip_lines=1) == ":4: " + line.format(3)


# Separator and quote.


@pytest.mark.usefixtures("_size")
def test_a_declared_separator_is_taken_whatever_the_header_looks_like(tmp_path: Path) -> None:
    text = "case_id~a,b,c~filed\n1~x,y~2017-01-01\n"
    assert read(tmp_path, text, separator="~").rows() == [("1", "x,y", "2017-01-01")]
    wrong = read(tmp_path, HEADER + ROWS, separator=";")
    assert wrong.columns == [HEADER.strip()]


@pytest.mark.usefixtures("_size")
@pytest.mark.parametrize(
    ("quote", "text", "value"),
    [
        ("'", "1,'a,b',\n", "a,b"),
        ("'", "1,'it''s',\n", "it's"),
        ("'", "1,'a\nb',\n", "a\nb"),
        ("'", '1,5" pipe,\n', '5" pipe'),
        ("'", '1,"a",\n', '"a"'),
        ("", '1,5" pipe,\n', '5" pipe'),
        ("", "1,it's,\n", "it's"),
        ("", '1,"a",\n', '"a"'),
        ("^", "1,^a,b^,\n", "a,b"),
        ("|", "1,|a,b|,\n", "a,b"),
    ],
)
def test_a_declared_quote_is_the_only_one(
    quote: str, text: str, value: str, tmp_path: Path
) -> None:
    found = read(tmp_path, "case_id,note,filed\n" + text, quote=quote, separator=",")
    assert found.rows() == [("1", value, None)]


@pytest.mark.usefixtures("_size")
@pytest.mark.parametrize(
    ("quote", "text", "message"),
    [
        ("'", "1,it's,\n", ":2: a quote within a value that is not quoted: quote the value and double the quotes in it"),
        ("'", "1,'a,\n2,b,\n", ":2: a quote that stands alone: quote the whole value and double the quotes in it; or the file was cut short"),
        ("'", "1,'a,b,2017-01-01\n", ":2: a quote that stands alone: quote the whole value and double the quotes in it; or the file was cut short"),
        ("", '1,"a,b",\n', ":2: a row has more fields than the header; quote values that hold a ','"),
        ("", '1,"a\nb",\n', ":2: a row of 2 fields, where the header has 3"),
        ("", "1,a\rb,\n", ":2: a carriage return that ends no line; save the file with \\n or \\r\\n at the end of each line"),
    ],
)  # fmt: skip
def test_rows_that_are_not_whole_by_the_declared_quote_are_refused(
    quote: str, text: str, message: str, tmp_path: Path
) -> None:
    assert refused(tmp_path, "case_id,note,filed\n" + text, quote=quote) == message


def test_more_fields_than_a_pattern_counts_are_counted_by_the_declared_quote(
    tmp_path: Path,
) -> None:
    names = ["case_id", *(f"c{n}" for n in range(500))]
    rows = ["1", "'a,b'", *["x"] * 499], ["2", "c", *["x"] * 499]
    text = "\n".join(map(",".join, (names, *rows)))
    assert read(tmp_path, text, quote="'")["c0"].to_list() == ["a,b", "c"]
    assert refused(tmp_path, text + ",more", quote="'").startswith(":3: a row has more fields")
