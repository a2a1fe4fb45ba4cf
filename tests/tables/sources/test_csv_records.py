"""No reader of CSV files loses or joins a row: what is not certain is refused with its line.

Right answers come from Python's `csv`, which reads a file sign by sign, or were worked out by hand.
"""

from __future__ import annotations

import csv
import io
import random
import tempfile
from pathlib import Path
from unittest import mock

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import kpi
from kpi.definitions.table import Table
from kpi.errors import DataError, PlanError
from kpi.tables.sources.csv_files import CsvFile
from kpi.tables.sources.csv_records import count_lines, records
from kpi.tables.sources.layout import Layout
from kpi.tables.sources.text_files import TextFile
from tests.laws.generated import SETTINGS

HEADER = "case_id,filed,decided,note\n"
TABLE = Table("cases", key="case_id", entry="filed", events=["decided"])
LAYOUT = Layout.of(TABLE)
PLAN = kpi.Plan(
    id="p",
    period="2022",
    tables=[TABLE],
    targets=[
        kpi.Within(
            id="1", start="filed", end="decided", limit="2 months", threshold=60, denominator="cohort"
        )
    ],
)  # fmt: skip
ODD_QUOTES = (
    HEADER + 'A1,2022-02-01,2022-03-01,"5" pipe"\n'
    'A2,2022-02-01,2022-09-01,"plain"\n'
    'A3,2022-02-01,2022-09-01,"6" pipe"\n'
    'A4,2022-02-01,2022-03-01,"plain"\n'
)


def read(data: str | bytes, path: Path) -> pl.DataFrame:
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return CsvFile.of(path, LAYOUT).collect()


def python_rows(text: str, separator: str = ",") -> list[list[str]] | None:
    """The rows below the header as Python's `csv` reads them; None where it refuses the text."""
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True))
    except csv.Error:
        return None
    return [row for row in rows[1:] if row]


def texts(frame: pl.DataFrame) -> list[list[str]]:
    """The rows of a frame; an empty text and no text are one in a CSV file."""
    return [["" if value is None else value for value in row] for row in frame.rows()]


def test_s12_quotes_that_are_not_doubled_swallow_no_rows(tmp_path: Path) -> None:
    path = tmp_path / "cases.csv"
    path.write_text(ODD_QUOTES)
    with pytest.raises(DataError) as raised:
        kpi.evaluate(PLAN, path)
    assert str(raised.value) == (
        f"{path}:2: a quote that stands alone: quote the whole value and double the quotes in it; "
        "or the file was cut short"
    )


def test_s12_the_same_rows_with_their_quotes_doubled_are_all_there(tmp_path: Path) -> None:
    path = tmp_path / "cases.csv"
    path.write_text(ODD_QUOTES.replace('5" pipe', '5"" pipe').replace('6" pipe', '6"" pipe'))
    found = kpi.evaluate(PLAN, path)["1"]
    assert (found.met, found.counted, found.verdict) == (2, 4, "missed")


def test_s13_a_log_of_events_loses_no_rows_either(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_text(
        'case_id,event,time,note\n1,filed,2022-01-01,"5" x"\n2,filed,2022-01-02,"y"\n'
        '3,filed,2022-01-03,"6" x"\n'
    )
    with pytest.raises(DataError, match=r"log.csv:2: a quote that stands alone"):
        kpi.cases_from_events(path, {"filed": "filed"})
    path.write_text(path.read_text().replace('5"', '5""').replace('6"', '6""'))
    found = kpi.cases_from_events(path, {"filed": "filed"})
    assert (found.rows, found.cases["case_id"].to_list()) == (3, ["1", "2", "3"])


def test_s13_a_row_of_a_log_within_a_value_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    rows = 'case_id,event,time,note\nA,filed,2022-02-01,"5 pipe\nA,decided,2022-03-01,6 pipe"\n'
    path.write_text(rows)
    with pytest.raises(
        DataError, match=r"log.csv:3: a row within a value whose quote opens at line 2"
    ):
        kpi.cases_from_events(path, {"filed": "filed", "decided": "decided"})


def test_s12_a_file_of_limits_loses_no_rows_either(tmp_path: Path) -> None:
    (tmp_path / "limits.csv").write_text(
        'table,case_type,limit,note\ncases,visa,7 days,"5" x"\ncases,asylum,9 days,"6" x"\n'
    )
    text = (
        'id = "p"\nperiod = "2022"\ntables.cases = { key = "id", entry = "a", events = ["b"] }\n'
        '[[targets]]\nid = "1"\nrule = "within"\nstart = "a"\nend = "b"\nthreshold = 90\n'
        'limit = { file = "limits.csv", by = "case_type" }\n'
    )
    (tmp_path / "plan.toml").write_text(text)
    with pytest.raises(PlanError, match=r"limits.csv: cannot be read as CSV"):
        kpi.load_plan(tmp_path / "plan.toml")


GOOD = "A1,2022-02-01,2022-03-01,x\n"
LONE = "a quote that stands alone"
REFUSED = {
    "a quote opened and never closed": (GOOD + 'A2,,,"x\n' + GOOD, f":3: {LONE}"),
    "a quote closed and never opened": (GOOD + 'A2,,,x"\n' + GOOD, ":3: a quote within a value"),
    "signs behind a closed quote": (GOOD + 'A2,,,"x"y\n', f":3: {LONE}"),
    "a blank behind a closed quote": (GOOD + 'A2,,"x" ,y\n', f":3: {LONE}"),
    "a blank before a quote": (GOOD + 'A2,, "x",y\n', ":3: a quote within a value"),
    "a quote in the middle": (GOOD + 'A2,,2" x,y\n', ":3: a quote within a value"),
    "two quotes in the middle": (GOOD + 'A2,,2"" x,y\n', ":3: a quote within a value"),
    "a quote behind a backslash": (GOOD + 'A2,,"2\\" x",y\n', f":3: {LONE}"),
    "a row between two lone quotes": ('A1,2022-02-01,,"5 pipe\n' + GOOD + 'A3,2022-02-01,,6 pipe"\n', ":3: a row within a value whose quote opens at line 2"),
    "the row with the second lone quote": (GOOD + 'A2,2022-02-01,,"5 pipe\nA3,2022-02-01,2022-03-01,6 pipe"\n', ":4: a row within a value whose quote opens at line 3"),
    "a row with times": (GOOD + 'A2,,,"5\nA3,01.02.2022 10:30,,x\nA4,,,6"\n', ":4: a row within a value"),
    "the first of many mistakes": (GOOD + 'A2,,"x"y,\n' * 9 + "A3\n", f":3: {LONE}"),
    "the first, behind several lines": ('A1,,"a\nb\nc",\n' + "A2,,\n", ":5: a row of 3 fields"),
    "a short row beside a comma in quotes": (GOOD + 'A2,"a,b,c"\n', ":3: a row of 2 fields"),
    "a short row over several lines": (GOOD + 'A2,"a\nb,c,d"\n' + GOOD, ":3: a row of 2 fields"),
    "a long row over several lines": ('A2,,,"a\nb",\n', ":2: a row has more fields"),
    "a mark of bytes in the middle": (GOOD + '\ufeff"A2",,,\n', ":3: a quote within a value"),
    "line ends written twice": ("A1,,,\r\r\nA2,,,\r\r\n", r":2: the line ends with \r\r\n"),
    "a carriage return within a row": ("A1,,,x\rA2,,,y\n", ":2: a carriage return that ends no line"),
    "a return beside quotes": ('A1,,"x",a\rb\n', ":2: a carriage return that ends no line"),
    "a line feed and a return": ("A1,,,x\n\rA2,,,y\n", ":3: a carriage return that ends no line"),
}  # fmt: skip


@pytest.mark.parametrize("size", [1, 1 << 30], ids=["large", "small"])
@pytest.mark.parametrize(("rows", "message"), REFUSED.values(), ids=REFUSED)
def test_what_is_not_certain_is_refused_with_its_line(
    rows: str, message: str, size: int, tmp_path: Path
) -> None:
    with mock.patch("kpi.tables.sources.csv_files.LARGE", size), pytest.raises(DataError) as raised:
        read(HEADER + rows, tmp_path / "cases.csv")
    assert str(raised.value).startswith(f"{tmp_path / 'cases.csv'}{message}")


TAKEN: dict[str, tuple[str, list[list[str]]]] = {
    "no line end at the end": ('A,,"x",y', [["A", "", "x", "y"]]),
    "blank lines": ('\nA,,"x",y\n\n\nB,,,\n\n', [["A", "", "x", "y"], ["B", "", "", ""]]),
    "blank lines in quotes": ('A,,"\n\n",y\n\n', [["A", "", "\n\n", "y"]]),
    "separators alone beside blank lines": ('\n,,,\n"","","",""\n\n', [[""] * 4] * 2),
    "both line ends": ('A,,"x",y\r\nB,,,\n\r\n', [["A", "", "x", "y"], ["B", "", "", ""]]),
    "line ends in quotes": ('A,"1\r\n2","3\r4","5\n6"\r\n', [["A", "1\r\n2", "3\r4", "5\n6"]]),
    "quotes alone": ('A,"""","""""",""\n', [["A", '"', '""', ""]]),
    "separators beside quotes": ('A,""",","a,""",","\n', [["A", '",', 'a,"', ","]]),
    "rows within a cell": ('A,"\nB,,,\nC,,,\n",,\n', [["A", "\nB,,,\nC,,,\n", "", ""]]),
    "lines of a letter": ('A,2022-02-01,,"Dear Sir,\nof 1, 2, 3\n2022-02-01, 2022-03-01, x\nA,1.,2.,3.\n"\n', [["A", "2022-02-01", "", "Dear Sir,\nof 1, 2, 3\n2022-02-01, 2022-03-01, x\nA,1.,2.,3.\n"]]),
    "the fields behind a value of two lines": ('A,,,"1\n2"\n"B\n,",2022-02-01,2022-03-01,x\n"C\nc",2022-02-01,2022-03-01,x\n', [["A", "", "", "1\n2"], ["B\n,", "2022-02-01", "2022-03-01", "x"], ["C\nc", "2022-02-01", "2022-03-01", "x"]]),
    "zeros": ('A,"\0",\0,\n', [["A", "\0", "\0", ""]]),
    "lines that are none": ("A,a\x0bb,a\x0cb,a\u2028b\x85\n", [["A", "a\x0bb", "a\x0cb", "a\u2028b\x85"]]),
    "an apostrophe": ("A,'a,b',\n", [["A", "'a", "b'", ""]]),
    "signs of comments": ('#A,"x",,\n', [["#A", "x", "", ""]]),
}  # fmt: skip


@pytest.mark.parametrize("size", [1, 1 << 30], ids=["large", "small"])
@pytest.mark.parametrize("mark", ["", "\ufeff"], ids=["", "with a mark"])
@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize(("rows", "expected"), TAKEN.values(), ids=TAKEN)
def test_what_is_certain_is_read(
    rows: str, expected: list[list[str]], separator: str, mark: str, size: int, tmp_path: Path
) -> None:
    text = mark + (HEADER + rows).replace(",", separator)
    with mock.patch("kpi.tables.sources.csv_files.LARGE", size):
        found = texts(read(text, tmp_path / "cases.csv"))
    assert found == [[value.replace(",", separator) for value in row] for row in expected]


def test_a_header_with_a_quote_that_is_never_closed(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"cases.csv:1: a quote that stands alone"):
        read('case_id,"filed\n' + GOOD * 1000, tmp_path / "cases.csv")


def test_a_header_over_several_lines(tmp_path: Path) -> None:
    found = read('case_id,filed,decided,"a\n\nnote"\nA,,,x\n\n', tmp_path / "cases.csv")
    assert found.columns[3] == "a\n\nnote"
    assert texts(found) == [["A", "", "", "x"]]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
def test_other_encodings_are_checked_alike(encoding: str, tmp_path: Path) -> None:
    path = tmp_path / "cases.csv"
    declared = Layout(table="cases", key=("case_id",), encoding="windows-1252")
    for text, lost in ((ODD_QUOTES, True), (ODD_QUOTES.replace('" pipe', '""æ pipe'), False)):
        path.write_bytes(text.encode(encoding))
        file = CsvFile.of(path, declared if encoding == "cp1252" and not lost else LAYOUT)
        if lost:
            with pytest.raises(DataError, match=r"cases.csv:2: a quote that stands alone"):
                file.collect()
        else:
            assert file.collect()["case_id"].to_list() == ["A1", "A2", "A3", "A4"]


@pytest.mark.parametrize("width", [399, 400, 401, 3000])
def test_files_of_many_columns(width: int, tmp_path: Path) -> None:
    path = tmp_path / "cases.csv"
    names = ",".join(["case_id", *(f"c{n}" for n in range(1, width))])
    row = ",".join(['"a,""b"', *(f'"{n},"' for n in range(1, width))])
    assert read(f"{names}\n{row}\n", path).row(0)[-1] == f"{width - 1},"
    for wrong in (row + ",", row.rsplit(",", 2)[0], row[:-1]):
        with pytest.raises(DataError, match=r"cases.csv:3: "):
            read(f"{names}\n{row}\n{wrong}\n", path)


def test_only_some_columns_of_a_file_with_blank_lines(tmp_path: Path) -> None:
    (tmp_path / "cases.csv").write_text(HEADER + '\nA,1,2,"x"\n\n,,,\n')
    file = CsvFile.of(tmp_path / "cases.csv", LAYOUT).select(["note", "filed"])
    assert file.collect().rows() == [("x", "1"), (None, None)]


@pytest.mark.parametrize("rows", [100, 60_000])
def test_cells_over_several_lines_in_a_file_that_is_read_in_pieces(
    rows: int, tmp_path: Path
) -> None:
    """Some megabytes, so that readers split them between their threads."""
    rng = random.Random(2022)  # noqa: S311 - no secret
    parts = ['"', ",", "\n", "\r\n", "x", '"\n"', '","', "\n9,9,9,9\n", "\n\n"]
    cells = [
        [str(n), *("".join(rng.choices(parts, k=rng.randrange(12))) for _ in range(3))]
        for n in range(rows)
    ]
    with (tmp_path / "cases.csv").open("w", newline="", encoding="utf-8") as file:
        file.write(HEADER)
        csv.writer(file).writerows(cells)
    assert texts(CsvFile.of(tmp_path / "cases.csv", LAYOUT).collect()) == cells


def test_a_reader_that_loses_a_row_is_found_out(tmp_path: Path) -> None:
    """Whichever of the two it is: the rows are counted apart from it."""
    path = tmp_path / "cases.csv"
    path.write_text(HEADER + GOOD * 9)
    fewer = pl.read_csv(path).head(8)
    with (
        mock.patch("kpi.tables.sources.csv_files.pl.read_csv", return_value=fewer),
        pytest.raises(DataError, match=r"cases.csv: 8 rows were read, and the file has 9"),
    ):
        CsvFile.of(path, LAYOUT).collect()
    from kpi.tables.sources import unquoted_csv as plain_csv  # noqa: PLC0415 - it loads PyArrow

    real = plain_csv._read
    with mock.patch("kpi.tables.sources.unquoted_csv._read", lambda *its: real(*its).slice(1)):
        asked = ("case_id", "filed", "decided", "note")
        assert plain_csv.read_plain(path, ",", asked, asked, asked) is None


def test_lines_and_records_are_counted() -> None:
    assert count_lines(b"a\n\n1\r\n\r\n2") == (5, 2)
    for text, rows in ((b"a,b\n", 0), (b"a,b", 0), (b"a,b\n1,2\n\n", 1), (b'a,b\n"\n\n",\n\n', 1)):
        assert records(TextFile(Path("x"), text), ",", 2).rows == rows


HOSTILE = st.text(st.sampled_from("\",;\t|\n\r\0 x\ufeff\u2028é😀'\\"), max_size=6)


@given(
    rows=st.lists(st.lists(HOSTILE, min_size=3, max_size=3), max_size=6),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC]),
    separator=st.sampled_from(",;\t|"),
    end=st.sampled_from(["\n", "\r\n"]),
    mark=st.sampled_from(["", "\ufeff"]),
    size=st.sampled_from([1, 1 << 30]),
)
@SETTINGS
def test_hostile_cells_come_back_as_they_were_written(
    rows: list[list[str]], quoting: int, separator: str, end: str, mark: str, size: int
) -> None:
    if any("\r" in cell for row in rows for cell in row):
        # Python's writer leaves a carriage return bare where lines end otherwise.
        quoting = csv.QUOTE_ALL
    text = io.StringIO(newline="")
    text.write(mark)
    writer = csv.writer(text, delimiter=separator, quoting=quoting, lineterminator=end)  # type: ignore[arg-type]  # an int there
    writer.writerows([["case_id", "filed", "note"], *rows])
    with (
        tempfile.TemporaryDirectory() as room,
        mock.patch("kpi.tables.sources.csv_files.LARGE", size),
    ):
        path = Path(room) / "cases.csv"
        assert texts(read(text.getvalue(), path)) == rows


@given(
    rows=st.lists(st.lists(HOSTILE, min_size=3, max_size=3), min_size=1, max_size=6),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    changes=st.lists(
        st.tuples(st.sampled_from(["drop", '"', ",", "\n", "\r"]), st.floats(0, 1)),
        min_size=1,
        max_size=3,
    ),
    size=st.sampled_from([1, 1 << 30]),
)
@SETTINGS
def test_a_file_that_was_damaged_is_refused_or_read_as_python_reads_it(
    rows: list[list[str]], quoting: int, changes: list[tuple[str, float]], size: int
) -> None:
    buffer = io.StringIO(newline="")
    csv.writer(buffer, quoting=quoting, lineterminator="\n").writerows(rows)  # type: ignore[arg-type]  # an int there
    text = buffer.getvalue()
    for what, where in changes:
        quotes = [n for n, sign in enumerate(text) if sign == '"']
        if what != "drop":
            at = int(where * len(text))
            text = text[:at] + what + text[at:]
        elif quotes:
            at = quotes[int(where * (len(quotes) - 1))]
            text = text[:at] + text[at + 1 :]
    text = "case_id,filed,note\n" + text
    with (
        tempfile.TemporaryDirectory() as room,
        mock.patch("kpi.tables.sources.csv_files.LARGE", size),
    ):
        try:
            found = texts(read(text, Path(room) / "cases.csv"))
        except DataError:
            return
    assert found == python_rows(text)
