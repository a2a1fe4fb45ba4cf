"""Tables that cannot be used: one line each."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from tests.commands import GOOD, HEADER, declare, mistakes, of_data, outcome, rejected, run

pytestmark = pytest.mark.usefixtures("here")

UTF_16 = (HEADER + GOOD).encode("utf-16-le")


WHOLE: dict[str, tuple[str | bytes, str]] = {
    "missing columns": (
        "case_id,case_type\na1,visa\n",
        "cases: missing column filed, decided; found case_id, case_type",
    ),
    "a header in another case": (
        "CASE_ID,case_type,Filed,decided\na1,visa,2017-01-01,\n",
        "cases: missing column case_id (did you mean 'CASE_ID'?), filed (did you mean 'Filed'?); found CASE_ID, case_type, Filed, decided",
    ),
    "a wrong type": (
        HEADER + "a1,visa,yesterday,\n",
        "cases: column filed: no value is a date as %Y-%m-%d (the first is 'yesterday'); write it as 2017-03-01, or declare date_format for the table, such as '%d-%m-%Y'",
    ),
    "Danish dates that nobody declared": (
        HEADER + "a1,visa,01.02.2017,\n",
        "cases: column filed: no value is a date as %Y-%m-%d (the first is '01.02.2017'); declare date_format for the table, such as '%d.%m.%Y'",
    ),
    "an empty file": ("", "cases.csv: the file is empty"),
    "no header": (
        GOOD,
        "cases.csv:1: no header: the first line holds values; put the names of the columns above it, among them case_id, filed, decided",
    ),
    "an empty line first": (
        "\n" + HEADER + GOOD,
        "cases.csv:1: an empty line; a CSV file begins with the names of its columns",
    ),
    "Excel's own line first": (
        "sep=,\n" + HEADER + GOOD,
        "cases.csv:1: a line for Excel (sep=,); remove it, the header comes first",
    ),
    "columns without names": (
        HEADER.strip() + ",,\n" + GOOD.strip() + ",,\n",
        "cases.csv:1: 2 columns without a name; name or remove them",
    ),
    "cut short within a row": (
        HEADER + GOOD + "a2,visa,2017-0",
        "cases.csv:3: a row of 3 fields, where the header has 4",
    ),
    "cut short within quotes": (
        HEADER + GOOD + 'a2,visa,2017-01-01,"2017-0',
        "cases.csv:3: a quote that stands alone: quote the whole value and double the quotes in it; or the file was cut short",
    ),
    "a quote within a value": (
        HEADER + GOOD + 'a2,vi"sa,2017-01-01,\n',
        "cases.csv:3: a quote within a value that is not quoted: quote the value and double the quotes in it",
    ),
    "more fields than the header": (
        HEADER + GOOD + "a2,visa,family,2017-01-01,\n",
        "cases.csv:3: a row has more fields than the header; quote values that hold a ','",
    ),
    "Latin-1": (
        (HEADER + GOOD).encode() + "a2,æøå,2017-01-01,\n".encode("latin-1"),
        'cases.csv:3: not UTF-8; save the extract as UTF-8, or declare what it is in the table\'s section of the plan, such as encoding = "windows-1252"',
    ),
    "UTF-16 without a mark": (
        UTF_16,
        'cases.csv:1: holds null bytes, as UTF-16 does; save the extract as UTF-8, or declare encoding = "utf-16" for the table in the plan',
    ),
    "UTF-32": (
        b"\xff\xfe\x00\x00" + HEADER.encode("utf-32-le"),
        "cases.csv: UTF-32; save the extract as UTF-8",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("data", "line"), WHOLE.values(), ids=WHOLE)
def test_a_table_that_cannot_be_used_is_one_line(data: str | bytes, line: str) -> None:
    assert of_data(data) == [line]


def test_a_number_where_a_date_is_meant_is_one_line() -> None:
    pl.DataFrame({"case_id": ["a"], "case_type": ["visa"], "filed": [1], "decided": [2]}).write_parquet("cases.parquet")  # fmt: skip
    assert mistakes("evaluate", "plan.toml", "cases.parquet", code=3) == [
        "cases: column filed holds Int64; the plan takes it for dates",
        "cases: column decided holds Int64; the plan takes it for dates",
    ]


@pytest.mark.parametrize("name", ["cases.parquet", "cases.arrow"])
def test_a_file_that_is_cut_short_or_another_is_one_line(name: str) -> None:
    frame = pl.DataFrame({"case_id": ["a"] * 1000})
    (frame.write_parquet if name.endswith("parquet") else frame.write_ipc)(name)
    whole = Path(name).read_bytes()
    for data in (whole[: len(whole) // 2], whole[:-5], b"", b"PAR1", HEADER.encode()):
        (line,) = of_data(data, name)
        assert line.startswith((f"{name}: cannot be read: ", f"{name}: the file is empty"))


def test_extra_columns_are_welcome() -> None:
    found = outcome("note," + HEADER + '"a, b",' + GOOD)
    assert (found["targets"][0]["met"], found["targets"][0]["counted"]) == (1, 1)


@pytest.mark.parametrize("data", [HEADER, HEADER.strip(), HEADER + "\n\n"])
def test_a_table_without_rows_is_not_assessable_and_says_so(data: str) -> None:
    found = outcome(data)
    assert found["targets"][0]["verdict"] == "not_assessable"
    assert "cases: the table has no rows" in found["notes"]


def test_a_table_of_nulls_alone() -> None:
    assert rejected(HEADER + ",,,\n,,,\n") == {"case_id missing": 2}
    found = outcome(HEADER + "a,,,\nb,,,\n")
    assert (found["targets"][0]["outside"], found["targets"][0]["verdict"]) == (2, "not_assessable")


GARBAGE: list[Callable[[bytes], bytes]] = [
    lambda data: data[::-1],
    lambda data: data.replace(b",", b"\0"),
    lambda data: data.replace(b"\n", b"\r"),
    lambda data: data.replace(b"2", b'"'),
    lambda data: b"\xff" + data,
    lambda data: data[:-10] + b"\xe2\x82",
    lambda data: data * 2,
    lambda data: data.replace(b"2017", "２０１７".encode()),
    lambda data: b"\x1f\x8b\x08\x00" + data,
    lambda _: b"\n" * 100,
    lambda _: b",,,\n" * 5,
    lambda data: data.replace(b"\n", b"\n\x1a"),
]


@pytest.mark.parametrize("spoil", GARBAGE)
@pytest.mark.parametrize("declared", ["utf-8", "windows-1252", "iso-8859-1", "utf-16"])
def test_no_file_leads_to_a_traceback(spoil: Callable[[bytes], bytes], declared: str) -> None:
    declare(f'encoding = "{declared}"')
    Path("cases.csv").write_bytes(spoil((HEADER + GOOD + 'a2,"vi\n\nsa",2017-01-01,\n').encode()))
    found = run("evaluate", "plan.toml", "cases.csv")
    assert found.exit_code in (0, 3)
    assert found.exit_code == 0 or all(
        line.startswith("kpi: ") for line in found.stderr.splitlines()
    )
