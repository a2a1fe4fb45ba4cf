"""Dates that are numbers: since 1970, and the serial days of a workbook (S1)."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import polars as pl
import pytest

import kpi
from kpi.definitions.extract_file import EpochUnit
from kpi.tables.epochs import epoch_dates
from tests.tables.sources.extracts import CASES, NUMBERS, PLAN, extract, numbers, written

UTC = dt.UTC


@pytest.mark.parametrize(
    ("unit", "number", "date"),
    [
        ("days", 0, dt.date(1970, 1, 1)),
        ("days", 19_000, dt.date(2022, 1, 8)),
        ("days", -1, dt.date(1969, 12, 31)),
        ("days", 2_932_896, dt.date(9999, 12, 31)),
        ("days", 2_932_897, None),
        ("days", 1.5, None),
        ("s", 1_650_000_000, dt.datetime(2022, 4, 15, 5, 20, tzinfo=UTC)),
        ("s", "1650000000", dt.datetime(2022, 4, 15, 5, 20, tzinfo=UTC)),
        ("s", 1_650_000_000.5, dt.datetime(2022, 4, 15, 5, 20, 0, 500_000, tzinfo=UTC)),
        ("s", 1_650_000_000_000, None),  # milliseconds: the year 54257
        ("s", "1.65e9", None),
        ("s", "x", None),
        ("s", float("nan"), None),
        ("s", None, None),
        ("ms", 1_650_000_000_123, dt.datetime(2022, 4, 15, 5, 20, 0, 123_000, tzinfo=UTC)),
        ("us", 1_650_000_000_000_001, dt.datetime(2022, 4, 15, 5, 20, 0, 1, tzinfo=UTC)),
        ("ns", 1_650_000_000_000_001_000, dt.datetime(2022, 4, 15, 5, 20, 0, 1, tzinfo=UTC)),
        ("excel", 1, dt.date(1900, 1, 1)),
        ("excel", 59, dt.date(1900, 2, 28)),
        ("excel", 60, None),  # 29 February 1900 never was
        ("excel", 61, dt.date(1900, 3, 1)),
        ("excel", 44_562, dt.date(2022, 1, 1)),
        ("excel", "44562", dt.date(2022, 1, 1)),
        ("excel", 44_562.395_833_333_336, dt.datetime(2022, 1, 1, 9, 30)),
        ("excel", 2_958_465, dt.date(9999, 12, 31)),
        ("excel", 2_958_466, None),
        ("excel", 0, None),
        ("excel", -1, None),
        ("excel", 60.5, None),
    ],
)
def test_a_number_is_a_date(unit: EpochUnit, number: object, date: dt.date | None) -> None:
    values = pl.Series([number, number], strict=False)
    assert epoch_dates(values, unit).to_list() == [date, date]


def test_serial_days_with_a_time_of_day_are_times_all_of_them() -> None:
    found = epoch_dates(pl.Series([44_562.0, 44_562.75]), "excel")
    assert found.to_list() == [dt.datetime(2022, 1, 1), dt.datetime(2022, 1, 1, 18)]


def as_numbers(unit: str) -> pl.DataFrame:
    """The cases with numbers for dates; times at 12 in UTC, which is the same day in Copenhagen."""
    days = pl.col(pl.Date).cast(pl.Int32).cast(pl.Int64)
    per_day = {"s": 86_400, "ms": 86_400_000, "us": 86_400_000_000, "ns": 86_400_000_000_000}
    if unit == "excel":
        return CASES.with_columns(days + 25_569)
    return CASES.with_columns(days if unit == "days" else days * per_day[unit] + per_day[unit] // 2)


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns", "days", "excel"])
def test_epochs_have_the_numbers_of_dates(unit: str, tmp_path: Path) -> None:
    declared = f'epochs = {{ filed = "{unit}", decided = "{unit}" }}'
    as_numbers(unit).write_parquet(tmp_path / "cases.parquet")
    assert numbers(extract(tmp_path, f'path = "cases.parquet"\n{declared}')) == NUMBERS
    assert numbers(written(tmp_path, as_numbers(unit).write_csv(), declared)) == NUMBERS


def test_serial_days_with_a_decimal_comma(tmp_path: Path) -> None:
    text = (
        as_numbers("excel")
        .with_columns(pl.col("filed", "decided").cast(pl.String) + ",5")
        .write_csv(separator=";")
    )
    declared = 'epochs = { filed = "excel", decided = "excel" }'
    assert numbers(written(tmp_path, text, declared)) == NUMBERS


def test_an_instant_falls_on_the_local_day(tmp_path: Path) -> None:
    """2022-02-20 23:30 in UTC is 21 February in Copenhagen, where case A is late."""
    late = int(dt.datetime(2022, 2, 20, 23, 30, tzinfo=UTC).timestamp())
    frame = as_numbers("s").with_columns(
        decided=pl.when(pl.col("case_id") == "A").then(late).otherwise("decided")
    )
    frame.write_parquet(tmp_path / "cases.parquet")
    path = extract(tmp_path, 'path = "cases.parquet"\nepochs = { filed = "s", decided = "s" }')
    assert numbers(path)["1"] == (0, 2, 0.0)


def test_a_number_that_is_no_date_is_rejected_and_counted(tmp_path: Path) -> None:
    frame = as_numbers("excel").with_columns(decided=pl.Series([60, -5, 10**9, None]))
    path = written(tmp_path, frame.write_csv() + "E,44600,44610,simple,true\n", 'epochs = { filed = "excel", decided = "excel" }')  # fmt: skip
    checked = kpi.check(PLAN, path)
    assert checked.rejected["cases"].select("reason", "decided").rows() == [
        ("decided is not a date as serial days of a workbook", number)
        for number in ("60", "-5", "1000000000")
    ]


def test_a_column_without_any_date_and_one_of_dates_are_refused(tmp_path: Path) -> None:
    as_numbers("ms").write_parquet(tmp_path / "cases.parquet")
    path = extract(tmp_path, 'path = "cases.parquet"\nepochs = { filed = "s", decided = "ms" }')
    with pytest.raises(kpi.DataError) as caught:
        kpi.check(PLAN, path)
    first = as_numbers("ms")["filed"][0]
    assert str(caught.value) == (
        f"cases: column filed: no value is a date as a number of s (the first is '{first}'); "
        "correct epochs in the extract file, or remove it there"
    )
    CASES.write_parquet(tmp_path / "cases.parquet")
    with pytest.raises(kpi.DataError) as caught:
        kpi.check(PLAN, path)
    assert str(caught.value) == "\n".join(
        f"cases: column {name} holds Date; the extract file declares it as numbers of {unit} (epochs)"
        for name, unit in (("filed", "s"), ("decided", "ms"))
    )
