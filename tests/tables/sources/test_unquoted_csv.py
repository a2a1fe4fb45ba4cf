"""Large CSV files without a quote are read another way: what comes out is what the other way gives."""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

import polars as pl
import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

import kpi
from kpi.errors import DataError
from kpi.tables.checked_table import checked_frame
from kpi.tables.needs import Needs
from kpi.tables.sources.csv_files import CsvFile
from kpi.tables.sources.layout import Layout
from kpi.tables.sources.unquoted_csv import _is_plain, read_plain
from tests.builders import TABLE, average, plan
from tests.laws.generated import SETTINGS

LAYOUT = Layout.of(TABLE)

HEADER = b"case_id,case_type,filed\n"
PLAIN = {
    "rows": b"1,visa,2017-01-02\n2,visa,2017-01-02\n",
    "nothing": b"",
    "no line end at the end": b"1,visa,2017-01-02",
    "nulls": b"1,,\n,visa,\n,,\n",
    "blank lines": b"\n1,visa,2017-01-02\n\n\n2,,\n\n",
    "letters": "1,æøå,2017-01-02\n2,€,2017-01-02\n3,😀,\n".encode(),
    "spaces": b" 1 , visa,2017-01-02 \n\t,  ,\n",
    "carriage returns": b"1,visa,2017-01-02\r\n2,,\r\n",
    "both line ends": b"1,visa,2017-01-02\r\n\r\n2,,\n",
    "odd words": b"NULL,NA,nan\n#N/A,null,None\n'1','2','3'\n\\,\\n,\\\n",
    "zero": b"1,\0,2017-01-02\n",
}
NOT_PLAIN = {
    "a quote": b'1,"visa",2017-01-02\n',
    "a quote within": b'1,vi"sa,2017-01-02\n',
    "a short row": b"1,visa,2017-01-02\n2,visa\n",
    "a long row": b"1,visa,2017-01-02\n2,visa,2017-01-02,\n",
    "no UTF-8": "1,æ,2017-01-02\n".encode("latin-1"),
    "half a letter at the end": b"1,visa,\xc3",
    "a letter within another": b"1,\xc3a\xa6,2017-01-02\n",
    "a return in a row": b"1,vi\rsa,2017-01-02\n",
    "a return at the end": b"1,visa,2017-01-02\r",
    "returns alone": b"1,visa,2017-01-02\r2,visa,2017-01-03\r",
}


@pytest.fixture(params=[1 << 20, 1, 2, 3], ids="pieces of {}".format, autouse=True)
def _pieces(request: pytest.FixtureRequest) -> Iterator[None]:
    """A file is looked at piece by piece; a letter or a line end may stand in two of them."""
    with mock.patch("kpi.tables.sources.unquoted_csv._PIECE", request.param):
        yield


def both(path: Path, *, repeats: int) -> tuple[pl.DataFrame | None, pl.DataFrame]:
    """What is read of a file the one way and the other, codes as the texts that they stand for."""
    file = CsvFile.of(path, LAYOUT)
    every = mock.patch("kpi.tables.sources.unquoted_csv._repeating", return_value=set(file.names))
    with every, mock.patch("kpi.tables.sources.unquoted_csv._REPEATS", repeats):
        found = read_plain(path, file.separator, file.names, file.columns, file.key)
    if found is not None:
        coded = {name for name, kind in found.schema.items() if isinstance(kind, pl.Enum)}
        assert coded <= {*file.names} - {"case_id"}
        found = found.with_columns(pl.col(pl.Enum).cast(pl.String))
    return found, file.collect()


@pytest.mark.parametrize("repeats", [0, 4])
@pytest.mark.parametrize("start", [b"", b"\xef\xbb\xbf"], ids=["", "with a mark"])
@pytest.mark.parametrize("rows", PLAIN.values(), ids=PLAIN)
def test_a_plain_file_is_read_as_any_other(
    rows: bytes, start: bytes, repeats: int, tmp_path: Path
) -> None:
    (tmp_path / "cases.csv").write_bytes(start + HEADER + rows)
    found, expected = both(tmp_path / "cases.csv", repeats=repeats)
    assert found is not None
    assert found.rows() == expected.rows()
    assert found.schema == expected.schema
    at_hand = read_plain(start + HEADER + rows, ",", expected.columns, expected.columns, ())
    assert at_hand is not None
    assert at_hand.cast(pl.String).rows() == expected.rows()


@pytest.mark.parametrize("rows", NOT_PLAIN.values(), ids=NOT_PLAIN)
def test_a_file_that_is_not_plain_is_left_to_the_other_way(rows: bytes, tmp_path: Path) -> None:
    (tmp_path / "cases.csv").write_bytes(HEADER + rows)
    file = CsvFile.of(tmp_path / "cases.csv", LAYOUT)
    for columns in (file.columns, ("case_id",)):
        assert read_plain(file.path, file.separator, file.names, columns, ()) is None


@pytest.mark.parametrize("name", [name for name in NOT_PLAIN if "letter" in name or "UTF" in name])
def test_every_piece_is_looked_at_for_letters(name: str) -> None:
    assert not _is_plain(HEADER + NOT_PLAIN[name])


@pytest.mark.parametrize("size", [1, 1 << 30])
def test_only_what_is_asked_for_is_handed_over(size: int, tmp_path: Path) -> None:
    (tmp_path / "cases.csv").write_bytes(HEADER + b"1,visa,2017-01-02\n")
    with mock.patch("kpi.tables.sources.csv_files.LARGE", size):
        found = CsvFile.of(tmp_path / "cases.csv", LAYOUT).select(("filed", "case_id"))
        assert found.collect_schema().names() == found.collect().columns == ["filed", "case_id"]
        assert found.collect().row(0) == ("2017-01-02", "1")


@pytest.mark.parametrize("_pieces", [1 << 20], indirect=True)
def test_texts_become_codes_where_they_repeat(tmp_path: Path) -> None:
    """In the first rows, and in all of them together; those of the key never do."""
    rows = [b"1,%d,%s" % (n, b"2017-01-01" if n < 5000 else b"%d" % n) for n in range(9_000)]
    (tmp_path / "cases.csv").write_bytes(HEADER + b"\n".join(rows))
    file = CsvFile.of(tmp_path / "cases.csv", LAYOUT)
    with (
        mock.patch("kpi.tables.sources.csv_files.LARGE", 1),
        mock.patch("kpi.tables.sources.unquoted_csv._HEAD", 20_000),
    ):
        assert file.collect().schema == dict.fromkeys(file.names, pl.String())
        with mock.patch("kpi.tables.sources.unquoted_csv._REPEATS", 2):
            kinds = file.collect().schema
            assert isinstance(kinds.pop("filed"), pl.Enum)
            assert kinds == {"case_id": pl.String(), "case_type": pl.String()}
            assert file.collect(categories=False).schema == dict.fromkeys(file.names, pl.String())


def test_a_log_of_events_in_a_large_file(tmp_path: Path) -> None:
    rows = "".join(
        f"{n % 9},{'filed' if n < 9 else 'decided'},2017-01-0{1 + n // 9}\n" for n in range(18)
    )
    (tmp_path / "log.csv").write_text(f"case_id,event,time\n{rows}")
    with mock.patch("kpi.tables.sources.csv_files.LARGE", 1):
        found = kpi.cases_from_events(
            tmp_path / "log.csv", {"filed": "filed", "decided": "decided"}
        )
    assert found.cases["decided"].to_list() == [dt.date(2017, 1, 2)] * 9


def test_a_column_alone_is_left_to_the_other_way(tmp_path: Path) -> None:
    """Whether a line without a sign is a row is for it to tell."""
    (tmp_path / "cases.csv").write_bytes(b"case_id\n1\n\n2\n")
    file = CsvFile.of(tmp_path / "cases.csv", LAYOUT)
    assert read_plain(file.path, file.separator, file.names, file.columns, ()) is None


SIGNS = st.sampled_from([*",;\n\r\"\0 æ€😀'ab1-\x1f", "\r\n", "\n1,a,b\n", "x,y,z\r\n"])


@given(rows=st.lists(SIGNS, max_size=12).map("".join), repeats=st.sampled_from([0, 4]))
@SETTINGS
def test_whatever_is_read_is_what_the_other_way_reads(rows: str, repeats: int) -> None:
    """Rows that the other way refuses are left to it, for it says what is wrong with them."""
    with tempfile.TemporaryDirectory() as room:
        path = Path(room) / "cases.csv"
        path.write_bytes(HEADER + rows.encode())
        try:
            found, expected = both(path, repeats=repeats)
        except DataError:
            file = CsvFile.of(path, LAYOUT)
            assert read_plain(path, file.separator, file.names, file.columns, ()) is None
        else:
            assert found is None or found.rows() == expected.rows()


def test_a_large_file_in_another_encoding(tmp_path: Path) -> None:
    """Its text is at hand when it has been decoded; nothing is read of it otherwise."""
    declared = evolve(TABLE, encoding="windows-1252")
    asked = kpi.Plan(id="p", period="2017", tables=[declared], targets=[average()])
    rows = [f"{n};køb € {n % 3};2017-01-01;2017-02-01" for n in range(40)]
    text = "\r\n".join(["case_id;case_type;filed;decided", *rows, ""])
    (tmp_path / "cases.csv").write_bytes(text.encode("windows-1252"))
    with mock.patch("kpi.tables.sources.csv_files.LARGE", 1):
        frame = kpi.check(asked, tmp_path / "cases.csv").tables["cases"].frame
    assert isinstance(frame, pl.DataFrame)
    assert frame["case_type"].cast(pl.String).to_list() == [f"køb € {n % 3}" for n in range(40)]
    assert isinstance(frame["case_type"].dtype, pl.Enum)
    assert frame["filed"].unique().to_list() == [dt.date(2017, 1, 1)]


@pytest.fixture
def large(tmp_path: Path) -> Iterator[Path]:
    """A file that is worth reading by codes: a hundred rows of five days, two ids that repeat."""
    rows = [
        f"{n % 98},{'visa' if n % 2 else 'asylum'},2017-01-0{1 + n % 5},{day(n)}"
        for n in range(100)
    ]
    path = tmp_path / "cases.csv"
    path.write_text("\n".join(["case_id,case_type,filed,decided", *rows]))
    with mock.patch("kpi.tables.sources.csv_files.LARGE", 1):
        yield path


def day(n: int) -> str:
    return {7: "tomorrow", 8: "", 17: "tomorrow"}.get(n, f"2017-02-{10 + n % 10}")


def test_a_column_of_codes_is_checked_text_by_text(
    large: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = plan(average("40 days", where={"case_type": "visa"}))
    checked = kpi.check(asked, large).tables["cases"]
    assert isinstance(checked.frame.collect_schema()["case_type"], pl.Enum)
    monkeypatch.setattr("kpi.tables.sources.csv_files.LARGE", 1 << 30)
    other = kpi.check(asked, large).tables["cases"]
    assert isinstance(checked.frame, pl.DataFrame)
    assert isinstance(other.frame, pl.DataFrame)
    assert checked.frame.rows() == other.frame.rows()
    assert checked.rejected.equals(other.rejected)
    assert checked.rejected.schema == other.rejected.schema
    assert checked.rejected["decided"].to_list() == ["tomorrow", "tomorrow"]
    assert checked.rejected["row"].to_list() == [8, 18]
    assert (checked.facts, checked.bounds) == (other.facts, other.bounds)
    assert checked.repeats.rows() == other.repeats.rows()


TEXTS: dict[str, list[str | None]] = {
    "case_id": [str(n) for n in range(9)],
    # A time of the clock, one that there is not, one with its zone, and what is none.
    "filed": [
        "2017-03-01T09:00:00", "2017-03-26T02:30:00", "2017-03-01T09:00:00Z", "2017-03-01", None,
        "", "soon", "2017-03-01T09:00:00", "2017-03-01T09:00:00",
    ],
    "decided": [
        "2017-03-01T12:00:00", "2017-03-26T09:00:00", "2017-03-02T09:00:00+01:00", None,
        "2017-03-01T12:00:00", "2017-03-01T12:00:00", "2017-03-01T12:00:00", None,
        "2017-03-01T23:59:00",
    ],
    "months": ["5", "5.0", "5.000", "x", None, "", "+5", "7", "5"],
    "urgent": ["true", "FALSE", "True", "maybe", None, "", "true", "true", "true"],
    "weight": ["7,0", "7.0", "3", "x", None, "", "1e3", "0,1", "7"],
}  # fmt: skip
ASKED = kpi.Plan(
    id="p",
    period="2017",
    tables=[kpi.Table("cases", key="case_id", entry="filed", events=["decided"])],
    targets=[
        kpi.Within(
            id="t", start="filed", end="decided", limit="5 hours", threshold=90,
            where={"months": [5, 9], "urgent": True, "weight": {"at_least": 1}},
        )
    ],
)  # fmt: skip


@pytest.mark.parametrize("comma", [True, False])
@pytest.mark.parametrize("spare", [[], ["never", "0001-01-01", "7.000", "9"]])
def test_codes_of_texts_are_what_the_texts_are(spare: list[str], *, comma: bool) -> None:
    """Of every kind of column; texts that no row holds change nothing."""
    texts = pl.DataFrame(TEXTS)
    codes = texts.with_columns(
        pl.Series(
            name, its, dtype=pl.Enum(sorted({one for one in its if one is not None} | {*spare}))
        )
        for name, its in TEXTS.items()
        if name != "case_id"
    )
    one, other = (
        checked_frame(ASKED, Needs(ASKED).of("cases"), raw, decimal_comma=comma)
        for raw in (texts, codes)
    )
    assert one.rejected.height > 1
    assert one.frame.collect_schema() == other.frame.collect_schema()
    assert one.frame.lazy().collect().rows() == other.frame.lazy().collect().rows()
    assert one.rejected.equals(other.rejected)
    assert (one.facts, one.bounds, one.later) == (other.facts, other.bounds, other.later)


def test_a_text_that_no_row_holds_says_nothing() -> None:
    """As in a table whose categories are those of a larger one."""
    days = pl.Enum(["tomorrow", "2017-01-01", "2017-01-09", "2030-01-01"])
    frame = pl.DataFrame(
        {
            "case_id": [1, 2, 3],
            "case_type": ["visa"] * 3,
            "filed": pl.Series(["2017-01-01"] * 3, dtype=days),
            "decided": pl.Series(["2017-01-09", None, "2017-01-09"], dtype=days),
        }
    )
    checked = kpi.check(plan(average()), frame).tables["cases"]
    assert not checked.rejected.height
    assert checked.facts.newest == dt.date(2017, 1, 9)
    assert kpi.evaluate(plan(average()), frame)["t"].total == 16


def test_where_no_text_is_a_date_the_column_is_the_mistake(tmp_path: Path) -> None:
    """Whatever other texts there might be."""
    frame = pl.DataFrame({"case_id": [1], "case_type": ["visa"], "filed": [dt.date(2017, 1, 1)]})
    decided = pl.Series(["soon"], dtype=pl.Enum(["soon", "2017-01-01"]))
    with pytest.raises(DataError, match=r"column decided: no value is a date .*'soon'"):
        kpi.check(plan(average()), frame.with_columns(decided=decided))
    rows = "\n".join(f"{n},visa,01.02.2017,2017-02-01" for n in range(20))
    (tmp_path / "cases.csv").write_text(f"case_id,case_type,filed,decided\n{rows}\n")
    messages = []
    for size in (1, 1 << 30):
        with (
            mock.patch("kpi.tables.sources.csv_files.LARGE", size),
            pytest.raises(DataError) as raised,
        ):
            kpi.check(plan(average()), tmp_path / "cases.csv")
        messages.append(str(raised.value))
    assert messages[0] == messages[1]
    assert "column filed: no value is a date" in messages[0]
