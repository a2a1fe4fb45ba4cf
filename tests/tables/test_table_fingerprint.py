"""A table has one fingerprint in every order of rows, file format and type of column."""

from __future__ import annotations

import datetime as dt
import sqlite3
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import kpi
from kpi.errors import DataError
from kpi.tables import check as checking
from kpi.tables.table_fingerprint import TableFingerprint, table_fingerprints
from tests.builders import cases, plan, within

PLAN = plan(within(where={"case_type": "visa"}))
CASES = cases(
    {"filed": "2017-01-01", "decided": "2017-02-01"},
    {"filed": "2017-01-02", "decided": None, "case_type": "asylum"},
    {"filed": "2017-01-03", "decided": "2017-02-07", "case_type": None},
    {"filed": "2017-12-30", "decided": "2018-02-07"},
).drop("documented", "due")


def fingerprint(
    tables: Any, by: tuple[str, ...] = (), plan: kpi.Plan = PLAN, table: str = "cases"
) -> TableFingerprint:
    return table_fingerprints(kpi.check(plan, tables).tables, by)[table]


def written(frame: pl.DataFrame, ending: str, directory: Path) -> Path:
    """The file of a table; of SQLite the extract file that names it."""
    path = directory / f"cases.{ending}"
    match ending:
        case "csv":
            frame.write_csv(path)
        case "parquet":
            frame.write_parquet(path)
        case "jsonl":
            frame.write_ndjson(path)
        case "arrow":
            frame.write_ipc(path)
        case "xlsx":
            frame.write_excel(path)
        case "sqlite":
            texts = frame.with_columns(pl.col(pl.Date).cast(pl.String))
            with sqlite3.connect(path) as database:
                database.execute(f"create table cases ({', '.join(texts.columns)})")
                marks = ", ".join("?" * texts.width)
                insert = f"insert into cases values ({marks})"  # noqa: S608 - marks alone
                database.executemany(insert, texts.rows())
            path = directory / "extract.toml"
            path.write_text('[tables.cases]\ndatabase = "cases.sqlite"\ntable = "cases"\n')
    return path


@pytest.mark.parametrize("ending", ["csv", "parquet", "jsonl", "arrow", "xlsx", "sqlite"])
def test_in_every_order_and_format(ending: str, tmp_path: Path) -> None:
    other = written(CASES.reverse(), ending, tmp_path)
    expected = fingerprint(CASES)
    assert fingerprint(other) == expected
    assert (expected.rows, expected.columns) == (4, ("case_id", "case_type", "decided", "filed"))


def test_in_files_of_parts(tmp_path: Path) -> None:
    for n in range(3):
        CASES[2 * n : 2 * n + 2].write_parquet(tmp_path / f"cases_{n}.parquet")
    assert fingerprint({"cases": str(tmp_path / "cases_*.parquet")}) == fingerprint(CASES)


@pytest.mark.parametrize(
    "columns",
    [
        pl.col("case_type").cast(pl.Categorical),
        pl.col("case_type").cast(pl.Enum(["visa", "unknown", "asylum"])),
        pl.col("case_id").cast(pl.Int64),
        pl.col("case_id").cast(pl.Float64),
        pl.col("filed").cast(pl.String),
        pl.col("filed").cast(pl.Datetime("ms")),
        pl.col("filed").cast(pl.Datetime("us")) + pl.duration(hours=13),
        pl.lit("read by nobody").alias("remark"),
    ],
    ids=["categories", "an enum", "integers", "floats", "texts", "midnights", "times", "more"],
)
def test_types_that_mean_the_same(columns: pl.Expr) -> None:
    assert fingerprint(CASES.with_columns(columns)) == fingerprint(CASES)


DAY_LATER = pl.col("decided") + pl.duration(days=1)


@pytest.mark.parametrize(
    "other",
    [
        CASES.head(3),
        pl.concat([CASES, CASES.head(1)]),
        CASES.with_columns(pl.when(case_id="4").then(DAY_LATER).otherwise("decided").alias("decided")),
        CASES.with_columns(case_type=pl.col("case_type").fill_null("visa")),
        CASES.with_columns(case_id=pl.col("case_id").replace("4", "5")),
        CASES.with_columns(filed=pl.col("filed").gather([1, 0, 2, 3])),
    ],
    ids=["a row less", "a row twice", "a date", "a null", "a key", "two dates exchanged"],
)  # fmt: skip
def test_what_differs_has_another(other: pl.DataFrame) -> None:
    """The case of 30 December 2017 is decided after the period: nothing is hidden before (S15)."""
    assert fingerprint(other).digest != fingerprint(CASES).digest


def test_rejected_rows_are_no_part_of_it() -> None:
    unusable = CASES.head(1).with_columns(case_id=pl.lit(None, pl.String))
    assert fingerprint(pl.concat([CASES, unusable])) == fingerprint(CASES)


def test_the_columns_of_a_break_down_are() -> None:
    more = CASES.with_columns(office=pl.Series(["a", "b", "a", None]))
    by = fingerprint(more, ("office",))
    assert by.columns == ("case_id", "case_type", "decided", "filed", "office")
    assert by.digest != fingerprint(more).digest == fingerprint(CASES).digest
    numbers = more.with_columns(office=pl.Series([1, 2, 1, None], dtype=pl.UInt8))
    texts = more.with_columns(office=pl.Series(["1", "2", "1", None]))
    assert fingerprint(numbers, ("office",)) == fingerprint(texts, ("office",))
    assert fingerprint(CASES, ("office",)) == fingerprint(CASES)


NAIVE = [dt.datetime(2017, 7, 1, 0, 30), dt.datetime(2017, 7, 1), dt.datetime(2017, 1, 1, 12)]
UTC = [dt.datetime(2017, 6, 30, 22, 30), dt.datetime(2017, 6, 30, 22), dt.datetime(2017, 1, 1, 11)]
"""The same instants as a clock in Copenhagen shows them, and in UTC: summer time is two hours ahead."""


def timed(filed: pl.Series) -> pl.DataFrame:
    decided = [dt.datetime(2017, 7, 2, 9)] * 3
    return pl.DataFrame({"case_id": ["1", "2", "3"], "filed": filed, "decided": decided})


@pytest.mark.parametrize("limit", ["36 hours", "1 month"])
def test_clock_times_and_instants_that_mean_the_same(limit: str) -> None:
    hours = plan(within(limit), time_zone="Europe/Copenhagen")
    naive, zoned = timed(pl.Series(NAIVE)), timed(pl.Series(UTC).dt.replace_time_zone("UTC"))
    assert fingerprint(naive, plan=hours) == fingerprint(zoned, plan=hours)


def test_a_time_counts_where_the_plan_reads_it() -> None:
    """An hour later is another instant, and the same day."""
    later = [NAIVE[0] + dt.timedelta(hours=1), *NAIVE[1:]]
    for limit, same in (("36 hours", False), ("1 month", True)):
        timely = plan(within(limit), time_zone="Europe/Copenhagen")
        one, other = (fingerprint(timed(pl.Series(t)), plan=timely) for t in (NAIVE, later))
        assert (one == other) is same


def test_midnight_in_a_column_of_due_dates_is_a_day() -> None:
    """A due column is read to the minute where it holds a time of day (S3): midnight is none."""
    due = plan(within({"column": "due"}))
    days = CASES.with_columns(due=pl.lit(dt.date(2017, 2, 1)))
    midnights = days.with_columns(pl.col("due").cast(pl.Datetime("us")))
    noons = midnights.with_columns(pl.col("due") + pl.duration(hours=12))
    assert fingerprint(midnights, plan=due) == fingerprint(days, plan=due)
    assert fingerprint(noons, plan=due) != fingerprint(days, plan=due)


def test_an_hour_that_did_not_exist_counts() -> None:
    """On 26 March 2017 the clocks went from 2 to 3: a case filed at 2.30 is marked (S1)."""
    local = plan(within("1 month"), time_zone="Europe/Copenhagen")
    skipped = [dt.datetime(2017, 3, 26, 2, 30), dt.datetime(2017, 3, 26, 4, 30)]
    one, other = (fingerprint(timed(pl.Series([time] * 3)), plan=local) for time in skipped)
    assert one.digest != other.digest


def test_of_a_large_file_that_stays_on_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(CASES, "parquet", tmp_path)
    monkeypatch.setattr(checking, "LARGE", 1)
    checked = kpi.check(PLAN, path)
    assert isinstance(checked.tables["cases"].frame, pl.LazyFrame)
    assert table_fingerprints(checked.tables, ())["cases"] == fingerprint(CASES)
    CASES.head(2).write_parquet(path)
    with pytest.raises(DataError, match="has changed since it was checked"):
        table_fingerprints(checked.tables, ())


def test_batches_add_up_to_the_whole() -> None:
    """The first batch lacks the column of the break-down, and one has no row."""
    whole = CASES.with_columns(case_type=pl.Series([None, None, "visa", "asylum"]))
    batches = [whole[:2], whole[2:2], whole[2:]]
    states = [kpi.partial(PLAN, b, by="case_type", fingerprint=True) for b in batches]
    merged = kpi.merge(*states)
    expected = kpi.partial(PLAN, whole, by="case_type", fingerprint=True)
    assert merged.fingerprints == expected.fingerprints
    assert (
        kpi.finish(merged).to_dict()["fingerprint"] == kpi.finish(expected).to_dict()["fingerprint"]
    )
    assert kpi.merge(*states, kpi.partial(PLAN, whole, by="case_type")).fingerprints is None


def test_tables_of_different_batches_stand_beside_each_other() -> None:
    first = kpi.partial(PLAN, {}, fingerprint=True)
    second = kpi.partial(PLAN, CASES, fingerprint=True)
    assert kpi.merge(first, second).fingerprints == {"cases": fingerprint(CASES)}
