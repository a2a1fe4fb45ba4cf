"""Parts of one table come to what their single file does, and parts that differ are named."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

import polars as pl
import pyarrow as pa
import pytest
from pyarrow import parquet

import kpi
from kpi.tables.sources.resolve import resolve_sources
from tests.builders import average, plan, within
from tests.tables.sources.many_files import EXPECTED, PLAN, ROWS, day, figures, spark, split, write


@contextmanager
def in_chunks(rows: int = 3) -> Iterator[None]:
    """Every file counts as large."""
    with (
        mock.patch("kpi.tables.check.LARGE", 1),
        mock.patch("kpi.tables.large_files.AT_ONCE", rows),
    ):
        yield


def read(*frames: pl.DataFrame, directory: Path, suffix: str = ".parquet") -> pl.DataFrame:
    """The rows of a table whose parts are the frames."""
    for n, frame in enumerate(frames, 1):
        write(frame, directory / f"part-{n}{suffix}")
    frame = resolve_sources(PLAN, directory)["cases"].frame.collect()
    assert isinstance(frame, pl.DataFrame)
    return frame


def refusal(*frames: pl.DataFrame, directory: Path, suffix: str = ".parquet") -> list[str]:
    """The lines with which such parts are refused, without their directory."""
    with pytest.raises(kpi.DataError) as error:
        read(*frames, directory=directory, suffix=suffix)
    return str(error.value).replace(f"{directory}/", "").splitlines()


def ids(*values: object, kind: Any = None) -> pl.DataFrame:
    return pl.DataFrame({"case_id": pl.Series(values, dtype=kind, strict=False)})


@pytest.mark.parametrize("suffix", [".parquet", ".arrow"])
def test_large_parts_stay_in_their_files(suffix: str, tmp_path: Path) -> None:
    directory = spark(ROWS, tmp_path / f"cases{suffix}", suffix)
    with in_chunks():
        extract = kpi.check(PLAN, directory)
        assert isinstance(extract.tables["cases"].frame, pl.LazyFrame)
        assert figures(extract) == EXPECTED
        # The rows are in three files, and a chunk is of three rows.
        trail = kpi.evaluate(PLAN, extract, "2017-12-31").audit().collect()
        part = next(directory.glob(f"part-00002*{suffix}"))
        write(ROWS[3:6].reverse(), part)
        with pytest.raises(kpi.DataError, match=rf"{part.name}: has changed since it was checked"):
            kpi.evaluate(PLAN, extract)
        part.unlink()
        with pytest.raises(kpi.DataError, match=rf"{part.name}: cannot be read: No such file"):
            kpi.evaluate(PLAN, extract)
    alone = kpi.evaluate(PLAN, write(ROWS, tmp_path / "one.parquet"), "2017-12-31")
    expected = alone.audit().collect()
    assert trail.sort(pl.all()).equals(expected.sort(pl.all()))


@pytest.mark.parametrize("suffix", [".parquet", ".csv", ".arrow"])
def test_the_numbers_of_rejected_rows_count_over_all_parts(suffix: str, tmp_path: Path) -> None:
    rows = ROWS.with_columns(
        case_id=pl.when(pl.col("case_id").is_in(["v2", "a2"])).then(None).otherwise("case_id")
    )
    directory = spark(rows, tmp_path / f"cases{suffix}", suffix)
    assert kpi.check(PLAN, directory).rejected["cases"]["row"].to_list() == [2, 7]
    with in_chunks():
        assert kpi.check(PLAN, directory).rejected["cases"]["row"].to_list() == [2, 7]


@pytest.mark.parametrize("suffix", [".parquet", ".csv", ".arrow"])
def test_an_id_that_stands_in_two_parts_is_repeated(suffix: str, tmp_path: Path) -> None:
    directory = spark(pl.concat([ROWS, ROWS[:1]]), tmp_path / f"cases{suffix}", suffix)
    assert kpi.check(PLAN, directory).tables["cases"].facts.repeated == 2


def test_the_order_of_columns_may_differ(tmp_path: Path) -> None:
    for suffix in (".parquet", ".csv", ".arrow"):
        directory = tmp_path / suffix
        write(ROWS[:3], directory / f"part-1{suffix}")
        write(ROWS[3:].select(reversed(ROWS.columns)), directory / f"part-2{suffix}")
        assert figures(directory) == EXPECTED


def test_a_part_without_rows_may_have_columns_of_any_type(tmp_path: Path) -> None:
    none = ROWS.clear().cast(pl.String)
    assert figures({"cases": split_with(none, tmp_path)}) == EXPECTED
    with in_chunks():
        assert figures({"cases": tmp_path}) == EXPECTED


def split_with(first: pl.DataFrame, directory: Path) -> Path:
    write(first, directory / "part-0.parquet")
    return split(ROWS, directory, ("part-1.parquet", "part-2.parquet"))


def test_parts_without_any_row_are_a_table_without_rows(tmp_path: Path) -> None:
    for suffix in (".parquet", ".csv"):
        directory = tmp_path / suffix
        assert read(ROWS.clear(), ROWS.clear(), directory=directory, suffix=suffix).is_empty()


def test_a_column_of_nulls_alone_has_any_type(tmp_path: Path) -> None:
    for n, kind in enumerate((pl.Null, pl.Float64, pl.String)):
        nulls = ids("x").with_columns(decided=pl.Series([None], dtype=kind))
        dates = ids("y").with_columns(decided=day(2))
        for m, parts in enumerate(((nulls, dates), (dates, nulls))):
            frame = read(*parts, directory=tmp_path / f"{n}{m}")
            assert frame.schema["decided"] == pl.Date
            assert frame["decided"].drop_nulls().to_list() == [day(2)]
    nulls = ids("x").with_columns(decided=pl.lit(None, pl.String))
    only = read(nulls, nulls.with_columns(pl.lit(None).alias("decided")), directory=tmp_path / "n")
    assert only["decided"].to_list() == [None, None]


SECOND = dt.datetime(2017, 1, 1, 12, 0, 1)
MICROSECOND = dt.datetime(9999, 12, 31, 12, 0, 0, 1)


@pytest.mark.parametrize(
    ("first", "second", "kind"),
    [
        (ids(1, kind=pl.Int8), ids(2**40, kind=pl.Int64), pl.Int64),
        (ids(-1, kind=pl.Int16), ids(2**32 - 1, kind=pl.UInt32), pl.Int64),
        (ids(1, kind=pl.UInt8), ids(2**64 - 1, kind=pl.UInt64), pl.UInt64),
        # pandas writes whole numbers beside nulls as floats.
        (ids(2**53 + 1, kind=pl.Int64), ids(2.0, None), pl.Int64),
        (ids(2, kind=pl.Int32), ids(2.5), pl.Float64),
        (ids(0.5, kind=pl.Float32), ids(0.25, kind=pl.Float64), pl.Float64),
        (ids("a"), ids("b", kind=pl.Categorical), pl.String),
        (ids("a", kind=pl.Enum(["a"])), ids("b", kind=pl.Enum(["b"])), pl.String),
        (ids(1, kind=pl.Decimal(9, 0)), ids(2, kind=pl.Decimal(18, 2)), pl.Decimal(38, 2)),
        (ids(SECOND, kind=pl.Datetime("ms")), ids(MICROSECOND), pl.Datetime("us")),
        (ids(SECOND, kind=pl.Datetime("ns")), ids(SECOND), pl.Datetime("us")),
    ],
)  # fmt: skip
def test_types_widen_where_nothing_is_lost(
    first: pl.DataFrame, second: pl.DataFrame, kind: Any, tmp_path: Path
) -> None:
    values = [*first["case_id"].to_list(), *second["case_id"].to_list()]
    for name, parts in (("a", (first, second)), ("b", (second, first))):
        column = read(*parts, directory=tmp_path / name)["case_id"]
        assert column.dtype == kind
        assert set(column.to_list()) == set(values)


def test_nanoseconds_stay_what_they_are(tmp_path: Path) -> None:
    odd = ids(1_483_272_001_000_000_001, kind=pl.Datetime("ns"))
    frame = read(ids(SECOND), odd, directory=tmp_path / "a")
    assert frame["case_id"].dt.timestamp("ns").to_list()[1] == 1_483_272_001_000_000_001
    # Nanoseconds end in 2262: the year 9999 and a single nanosecond have no type in common.
    assert refusal(ids(MICROSECOND), odd, directory=tmp_path / "b") == [
        (
            "part-2.parquet: column case_id holds Datetime(time_unit='ns', time_zone=None), which is "
            "Datetime(time_unit='us', time_zone=None) in part-1.parquet; write both parts with one type"
        )
    ]


@pytest.mark.parametrize(
    ("first", "second", "held"),
    [
        (ids("1"), ids(1), "Int64, which is String"),
        (ids(day(1)), ids(SECOND), "Datetime(time_unit='us', time_zone=None), which is Date"),
        (ids(2**53 + 1), ids(0.5), "Float64, which is Int64"),
        (ids(-1), ids(2**64 - 1, kind=pl.UInt64), "UInt64, which is Int64"),
        (ids(True), ids(1), "Int64, which is Boolean"),
        (ids(SECOND, kind=pl.Datetime("us", "UTC")), ids(SECOND), "Datetime(time_unit='us', time_zone=None), which is Datetime(time_unit='us', time_zone='UTC')"),
    ],
)  # fmt: skip
def test_types_that_have_nothing_in_common_are_named(
    first: pl.DataFrame, second: pl.DataFrame, held: str, tmp_path: Path
) -> None:
    assert refusal(first, second, directory=tmp_path) == [
        f"part-2.parquet: column case_id holds {held} in part-1.parquet; write both parts with one type"
    ]


@pytest.mark.parametrize("suffix", [".parquet", ".csv", ".arrow"])
def test_columns_that_a_part_lacks_are_named(suffix: str, tmp_path: Path) -> None:
    other = ROWS.rename({"decided": "decided_on"})
    assert refusal(ROWS, ROWS, other, directory=tmp_path, suffix=suffix) == [
        f"part-3{suffix}: missing column decided, which part-1{suffix} has",
        f"part-3{suffix}: column decided_on, which part-1{suffix} lacks",
    ]


def test_many_parts_that_differ_are_five_lines_and_a_count(tmp_path: Path) -> None:
    lines = refusal(ROWS, *[ROWS.drop("decided")] * 7, directory=tmp_path)
    assert lines[4:] == [
        "part-6.parquet: missing column decided, which part-1.parquet has",
        "2 more of these",
    ]


def cut_short(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-20])


@pytest.mark.parametrize(
    ("suffix", "broken", "message"),
    [
        (".parquet", lambda path: path.write_bytes(b""), "the file is empty"),
        (".csv", lambda path: path.write_bytes(b""), "the file is empty"),
        (".parquet", cut_short, "cannot be read: "),
        (".arrow", cut_short, "cannot be read: "),
        (
            ".csv",
            lambda path: path.write_bytes(path.read_bytes() + b"v9,visa\n"),
            "a row of 2 fields",
        ),
        (".csv", lambda path: path.write_bytes(path.read_bytes() + b"v9,vis\xe6,,\n"), "not UTF-8"),
    ],
)
def test_a_broken_part_is_named(
    suffix: str, broken: Callable[[Path], Any], message: str, tmp_path: Path
) -> None:
    directory = spark(ROWS, tmp_path / "cases", suffix)
    broken(directory / f"part-00002-3f1c.snappy{suffix}")
    with pytest.raises(kpi.DataError) as error:
        kpi.check(PLAN, directory)
    assert f"part-00002-3f1c.snappy{suffix}" in str(error.value)
    assert message in str(error.value)
    assert len(str(error.value).splitlines()) == 1


def test_files_of_two_kinds_are_no_table(tmp_path: Path) -> None:
    write(ROWS, tmp_path / "part-2.csv")
    assert refusal(ROWS, directory=tmp_path) == [
        "part-2.csv: another kind of file than part-1.parquet; the parts of a table are of one kind"
    ]
    split(ROWS, tmp_path / "arrow", ("part-1.arrow", "part-2.FEATHER", "part-3.ipc"))
    assert figures(tmp_path / "arrow") == EXPECTED


def test_csv_parts_have_one_decimal_sign(tmp_path: Path) -> None:
    numbers = ROWS.with_columns(days=pl.Series([f"{n},5" for n in range(8)]))
    asked = plan(average(id="1", where={"case_type": "visa"}))
    first, second = tmp_path / "cases_1.csv", tmp_path / "cases_2.csv"
    numbers[:4].write_csv(first, separator=";")
    numbers[4:].write_csv(second, separator=";")
    assert kpi.evaluate(asked, tmp_path / "cases_*.csv")["1"].counted == 4
    numbers[4:].write_csv(second)
    with pytest.raises(kpi.DataError, match=r"_2.csv: the separator is ',', and ';' in .*_1.csv"):
        kpi.evaluate(asked, tmp_path / "cases_*.csv")


def test_categories_of_csv_parts_are_joined(tmp_path: Path) -> None:
    many = pl.concat([ROWS] * 3).with_columns(case_id=pl.int_range(24).cast(pl.String))
    # Texts repeat in the first part, and do not in the last.
    split(many, tmp_path, ("cases_1.csv", "cases_2.csv", "cases_3.csv"))
    with mock.patch("kpi.tables.sources.csv_files.LARGE", 1):
        frame = resolve_sources(PLAN, tmp_path / "cases_*.csv")["cases"].frame.collect()
        assert isinstance(frame, pl.DataFrame)
        assert isinstance(frame.schema["case_type"], pl.Enum)
        assert frame["case_type"].cast(pl.String).equals(many["case_type"])
        write(many[:1].with_columns(case_type=pl.lit("new")), tmp_path / "cases_4.csv")
        frame = resolve_sources(PLAN, tmp_path / "cases_*.csv")["cases"].frame.collect()
        assert isinstance(frame, pl.DataFrame)
        assert frame["case_type"].to_list() == [*many["case_type"], "new"]


def test_columns_that_cannot_be_read_are_the_same_in_all_parts(tmp_path: Path) -> None:
    odd = pa.array([0] * 4, type=pa.timestamp("us", tz="Romance Standard Time"))
    for n in (1, 2):
        table = pa.table(ROWS[4 * n - 4 : 4 * n].to_arrow()).append_column("odd", odd)
        parquet.write_table(table, tmp_path / f"part-{n}.parquet")
    assert figures(tmp_path) == EXPECTED
    asked = plan(within("1 month", where={"odd": 5}))
    with pytest.raises(kpi.DataError, match=r"column odd holds timestamp.*, which cannot be read"):
        figures(tmp_path, asked)
    write(ROWS[4:].with_columns(odd=1.5), tmp_path / "part-2.parquet")
    with pytest.raises(
        kpi.DataError, match=r"part-2.parquet: column odd holds Float64, which is tim"
    ):
        figures(tmp_path)
