"""The cases that come of an event log: dates, reopening, rejected rows, sources."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import kpi
from kpi.definitions.occurrences import Dates
from kpi.tables.event_log.cases import cases_from_events
from kpi.tables.event_log.xes import LIFECYCLE
from tests.tables.event_log.small_logs import DATES, LOG, days, log_of, time, xes_file


def test_dates_are_chosen_as_declared_and_every_row_is_accounted_for() -> None:
    found = cases_from_events(LOG, DATES)
    assert days(found) == {
        "A": {"filed": 1, "documented": 4, "decided": 5, "paid_again": 7},
        "B": {"filed": None, "documented": None, "decided": None, "paid_again": None},
    }
    assert found.rows == 10
    assert found.used == {"documents complete": 1, "payment": 1, "rejected": 1, "submitted": 1}
    assert found.not_chosen == {"appeal final": 2, "documents complete": 1, "payment": 1}
    assert found.undeclared == {"call": 2}
    assert found.rejected.is_empty()
    assert found.notes == (
        "log: no row holds what is declared: 'accepted'",
        "log: 2 rows of events that are not declared: 'call' (2)",
        "log: 4 rows of declared events that were not chosen: 'appeal final' (2), 'documents complete' (1), 'payment' (1)",
        "log: 1 case without any declared event; among them B",
    )


@pytest.mark.parametrize(
    ("choice", "day"),
    [
        ("payment", 3),
        ({"first": "payment"}, 3),
        ({"last": "payment"}, 7),
        ({"first_of": ["appeal final", "rejected"]}, 5),
        ({"last_of": ["rejected", "appeal final"]}, 9),
        ({"in_order": ["appeal final", "rejected"]}, 8),
        ({"in_order": [{"last": "appeal final"}, "rejected"]}, 9),
        ({"in_order": ["accepted", {"first": "rejected"}]}, 5),
        ({"in_order": ["accepted", "granted"]}, None),
        ({"first": "payment", "after": "anchor"}, 7),
        ({"last": "payment", "after": "anchor"}, 7),
        ({"in_order": ["submitted", "payment"], "after": "anchor"}, 7),
        ({"first": "rejected", "after": "anchor"}, None),  # the row itself is not behind itself
        ({"first": "payment", "after": "never"}, None),  # nothing is behind what did not happen
        ({"last": "payment", "before": "anchor"}, 3),
        ({"last": "rejected", "before": "anchor"}, None),  # nor is the row ahead of itself
        ({"last": "payment", "before": "never"}, 7),  # it may still happen (S36)
        ({"first": "payment", "after": "begun", "before": "anchor"}, 3),
        ({"last_of": ["payment", "appeal final"], "before": "anchor"}, 3),
    ],
)
def test_each_way_to_choose(choice: Any, day: int | None) -> None:
    dates: Dates = {
        "chosen": choice,
        "anchor": "rejected",
        "never": "granted",
        "begun": "submitted",
    }
    assert days(cases_from_events(LOG, dates))["A"]["chosen"] == day


def test_events_of_one_time_stand_as_the_rows_of_the_log_do() -> None:
    dates: Dates = {"decided": "decided", "paid": {"first": "paid", "after": "decided"}}
    rows = ("A", "decided", time(1)), ("A", "paid", time(1))
    assert days(cases_from_events(log_of(*rows), dates)) == {"A": {"decided": 1, "paid": 1}}
    assert days(cases_from_events(log_of(*rows[::-1]), dates)) == {
        "A": {"decided": 1, "paid": None}
    }


REOPENED = log_of(
    ("A", "submitted", time(1)),
    ("A", "decided", time(2)),
    ("A", "submitted", time(3)),
    ("A", "call", time(3)),
    ("A", "decided", time(4)),
    ("B", "decided", time(5)),  # before its only filing, and nevertheless its decision
    ("B", "submitted", time(6)),
    ("C", "submitted", time(7)),
    ("C", "decided", time(8)),
    ("C", "submitted", time(9)),
)


@pytest.mark.parametrize(
    ("more", "a", "c"),
    [
        ({}, (1, 2), (7, 8)),
        ({"reopened": "first"}, (1, 2), (7, 8)),
        ({"reopened": "last"}, (3, 4), (9, None)),
        ({"reopened": "last", "filing": "filed"}, (3, 4), (9, None)),
    ],
)
def test_a_reopened_case_counts_from_its_first_or_its_last_filing(
    more: dict[str, Any], a: tuple[int | None, ...], c: tuple[int | None, ...]
) -> None:
    found = cases_from_events(REOPENED, {"filed": "submitted", "decided": "decided"}, **more)
    pairs = {case: tuple(dates.values()) for case, dates in days(found).items()}
    assert pairs == {"A": a, "B": (6, 5), "C": c}
    said = [note for note in found.notes if note.startswith("filed: ")]
    which = more.get("reopened")
    about = f"filed: 2 cases filed more than once, counted from the {which} filing; among them A, C"
    assert said == ([about] if which else [])


def test_the_filing_need_not_be_the_date_declared_first() -> None:
    dates: Dates = {"decided": "decided", "filed": {"first_of": ["submitted", "reopened"]}}
    found = cases_from_events(REOPENED, dates, reopened="last", filing="filed")
    assert days(found)["A"] == {"decided": 4, "filed": 3}


def test_as_of_a_day_later_rows_are_not_there() -> None:
    dates: Dates = {"documented": {"last": "documents complete"}, "decided": "rejected"}
    found = cases_from_events(LOG, dates, as_of="2017-01-03")
    assert days(found) == {
        "A": {"documented": 2, "decided": None},
        "B": {"documented": None, "decided": None},
    }
    assert (found.rows, found.hidden, found.used) == (10, 6, {"documents complete": 1})
    assert "log: 6 rows after the as-of date, left out" in found.notes
    assert "log: no row holds what is declared: 'rejected'" in found.notes
    assert cases_from_events(LOG, dates, as_of=dt.date(2016, 12, 31)).cases.is_empty()


@pytest.mark.parametrize(
    ("zone", "there"), [("Europe/Copenhagen", [True, False]), ("UTC", [True, True])]
)
def test_the_as_of_date_is_a_local_day(zone: str, there: list[bool]) -> None:
    late = [dt.datetime(2017, 1, 1, hour, 30, tzinfo=dt.UTC) for hour in (22, 23)]
    log = log_of(("A", "x", late[0]), ("B", "x", late[1]))
    found = cases_from_events(log, {"filed": "x"}, as_of="2017-01-01", time_zone=zone)
    assert found.cases["case_id"].to_list() == [c for c, t in zip("AB", there, strict=True) if t]


def test_rows_that_cannot_be_used_stand_beside_the_cases_with_their_reasons() -> None:
    log = log_of(
        ("A", "submitted", "2017-01-01T09:30:00"),
        (None, "submitted", "2017-01-01T09:30:00"),
        ("", None, "?"),
        ("A", "", "2017-01-01T09:30:00"),
        ("B", "submitted", None),
        ("B", "submitted", ""),
        ("C", "submitted", "2017-02-30T09:30:00"),
        ("C", "submitted", "17-01-01 09:30"),
        ("C", "submitted", "2017-01-01"),
        ("A", "submitted", "2017-01-02 10:00"),
    )
    found = cases_from_events(log, {"filed": "submitted"})
    assert found.rejected.columns == ["row", "reason", "case_id", "event", "time"]
    assert found.rejected.select("row", "reason").rows() == [
        (2, "case_id missing"),
        (3, "case_id missing"),
        (4, "event missing"),
        (5, "time missing"),
        (6, "time missing"),
        (7, "time is not a time as 2017-03-01T09:30:00"),
        (8, "time is not a time as 2017-03-01T09:30:00"),
        (9, "time is not a time as 2017-03-01T09:30:00"),
    ]
    assert found.cases.rows() == [("A", dt.datetime(2017, 1, 1, 9, 30))]
    assert found.notes == (
        "log: 2 of 10 rows rejected: case_id missing",
        "log: 1 of 10 rows rejected: event missing",
        "log: 3 of 10 rows rejected: time is not a time as 2017-03-01T09:30:00",
        "log: 2 of 10 rows rejected: time missing",
        "log: 2 cases without a usable row, left out; among them B, C",
        "log: 1 row of declared events that were not chosen: 'submitted' (1)",
    )


@pytest.mark.parametrize(
    ("values", "more", "expected"),
    [
        (["2017-01-31", "2017-01-01"], {}, dt.date(2017, 1, 1)),
        (["31-01-2017", "01-01-2017"], {"time_format": "%d-%m-%Y"}, dt.date(2017, 1, 1)),
        (["31/1/2017 9:30", "1/1/2017 9:30"], {"time_format": "%d/%m/%Y %H:%M"}, time(1).replace(hour=9, minute=30)),
        (["2017-01-02T00:00:00Z", "2017-01-01T01:30:00.5+0200"], {}, dt.datetime(2016, 12, 31, 23, 30, 0, 500_000, dt.UTC)),
        (["2017-01-02 00:00+01:00", "2017-01-02T00:00+02:00"], {}, dt.datetime(2017, 1, 1, 22, tzinfo=dt.UTC)),
        ([dt.date(2017, 1, 2), dt.date(2017, 1, 1)], {}, dt.date(2017, 1, 1)),
        ([time(2), time(1)], {}, time(1)),
    ],
)  # fmt: skip
def test_times_come_out_as_the_log_has_them(
    values: list[Any], more: dict[str, Any], expected: object
) -> None:
    log = log_of(*(("A", "submitted", value) for value in values))
    found = cases_from_events(log, {"filed": "submitted"}, **more)
    assert found.cases["filed"].to_list() == [expected]
    if not isinstance(values[0], str):
        assert found.cases["filed"].dtype == log["time"].dtype


def test_a_time_without_a_zone_among_times_with_one_is_rejected() -> None:
    log = log_of(("A", "x", "2017-01-01T09:30:00Z"), ("A", "x", "2017-01-01T09:30:00"))
    found = cases_from_events(log, {"filed": "x"})
    assert found.rejected["reason"].to_list() == ["time is not a time as 2017-03-01T09:30:00+01:00"]


@pytest.mark.parametrize("unit", ["ms", "us"])
@pytest.mark.parametrize("zone", [None, "Europe/Copenhagen"])
def test_times_outside_the_calendar_are_rejected(unit: Any, zone: str | None) -> None:
    day = {"ms": 86_400_000, "us": 86_400_000_000}[unit]
    far = pl.Series([2**63 - 1, -(2**62), 3_000_000 * day, 17_200 * day], dtype=pl.Int64)
    times = far.cast(pl.Datetime(unit)).dt.replace_time_zone("UTC").dt.convert_time_zone("UTC")
    times = times.dt.replace_time_zone(None) if zone is None else times.dt.convert_time_zone(zone)
    log = pl.DataFrame({"case_id": ["A"] * 4, "event": ["x"] * 4, "time": times})
    found = cases_from_events(log, {"filed": "x"})
    assert set(found.rejected["reason"]) == {"time lies outside the years 1 to 9999"}
    assert (found.rejected.height, found.used) == (3, {"x": 1})


def test_columns_carried_along() -> None:
    log = LOG.with_columns(
        channel=pl.Series([None, "web", None, "post", "post", "web", None, None, None, None]),
        office=pl.lit("Nord"),
        tags=pl.Series([[1]] * 9 + [None]),
    )
    found = cases_from_events(log, {"filed": "submitted"}, columns=["channel", "office", "tags"])
    carried = found.cases.select("channel", "office", "tags")
    assert carried.rows() == [("web", "Nord", [1]), (None, "Nord", None)]
    note = "channel: 1 case with several values, the first kept; among them A"
    assert [n for n in found.notes if "several" in n] == [note]
    one = cases_from_events(log.reverse(), {"filed": "submitted"}, columns="channel")
    assert one.cases["channel"].to_list() == ["web", None]  # the first in time


def test_steps_of_a_lifecycle_are_taken_alike_and_reported() -> None:
    log = LOG.with_columns(pl.Series(LIFECYCLE, ["start"] + ["complete"] * 9))
    found = cases_from_events(log, {"filed": "submitted"})
    note = (
        f"log: rows of several steps of {LIFECYCLE}, all taken alike: 'complete' (9), 'start' (1)"
    )
    assert found.notes[-1] == note


def test_a_log_without_rows_and_one_of_nulls() -> None:
    empty = cases_from_events(LOG.clear(), DATES, reopened="last", columns=())
    assert empty.cases.columns == ["case_id", *DATES]
    assert empty.cases.is_empty()
    assert empty.notes[0] == "log: the log has no rows"
    nulls = cases_from_events(log_of((None, None, None)), DATES)
    assert nulls.rejected["reason"].to_list() == ["case_id missing"]


def in_file(suffix: str) -> Callable[[pl.DataFrame, Path], Any]:
    def write(log: pl.DataFrame, directory: Path) -> Path:
        path = directory / f"log{suffix}"
        match suffix:
            case ".parquet":
                log.write_parquet(path)
            case ".csv":
                log.write_csv(path, separator=";", datetime_format="%Y-%m-%dT%H:%M:%S")
            case _:
                log.write_ipc(path)
        return path

    return write


SOURCES: dict[str, Callable[[pl.DataFrame, Path], Any]] = {
    "DataFrame": lambda log, _: log,
    "LazyFrame": lambda log, _: log.lazy(),
    "PyArrow table": lambda log, _: log.to_arrow(),
    "record batch reader": lambda log, _: log.to_arrow().to_reader(),
    "pandas": lambda log, _: log.to_pandas(),
    "Categorical": lambda log, _: log.with_columns(pl.col("case_id", "event").cast(pl.Categorical)),
    "Enum": lambda log, _: log.with_columns(pl.col("case_id").cast(pl.Enum(["B", "A"]))),
    "Parquet": in_file(".parquet"),
    "CSV": in_file(".csv"),
    "Arrow": in_file(".arrow"),
    "XES": lambda log, directory: xes_file(log, directory / "log.xes"),
    "packed XES": lambda log, directory: xes_file(log, directory / "log.XES.GZ"),
}


@pytest.mark.parametrize("source", SOURCES.values(), ids=SOURCES)
def test_every_source_gives_the_same_cases(
    source: Callable[[pl.DataFrame, Path], Any], tmp_path: Path
) -> None:
    expected = cases_from_events(LOG, DATES)
    found = cases_from_events(source(LOG, tmp_path), DATES)
    assert days(found) == days(expected)
    assert found.notes == expected.notes
    assert (found.used, found.undeclared) == (expected.used, expected.undeclared)
    assert cases_from_events(str(in_file(".csv")(LOG, tmp_path)), DATES).rows == 10


XES_NAMES = {"case_id": "case:concept:name", "event": "concept:name", "time": "time:timestamp"}


@pytest.mark.parametrize("name", ["DataFrame", "record batch reader", "CSV", "Parquet"])
def test_the_names_that_tables_of_xes_have_are_known(name: str, tmp_path: Path) -> None:
    source = SOURCES[name](LOG.rename(XES_NAMES), tmp_path)
    assert days(cases_from_events(source, DATES)) == days(cases_from_events(LOG, DATES))


def test_columns_of_other_names(tmp_path: Path) -> None:
    path = in_file(".csv")(LOG.rename({"case_id": "sag", "time": "tid"}), tmp_path)
    found = cases_from_events(path, DATES, case="sag", time="tid")
    assert found.cases.columns == ["sag", *DATES]


def test_cases_named_by_numbers_stand_in_the_order_of_numbers() -> None:
    log = pl.DataFrame({"case_id": [10, 9, None], "event": ["x"] * 3, "time": [time(1)] * 3})
    found = cases_from_events(log, {"filed": "x"})
    assert found.cases["case_id"].to_list() == [9, 10]
    assert found.rejected["reason"].to_list() == ["case_id missing"]


def test_the_cases_are_a_table_of_a_plan() -> None:
    table = kpi.Table("cases", key="case_id", entry="filed", events=["decided"])
    target = kpi.Average(id="1", start="filed", end="decided", limit="3 days")
    plan = kpi.Plan(id="p", period="2017", tables=[table], targets=[target])
    for reopened, total in (("first", 2), ("last", 1)):
        found = cases_from_events(
            REOPENED.filter(pl.col("case_id") != "B"),
            {"filed": "submitted", "decided": "decided"},
            reopened=reopened,  # type: ignore[arg-type]
        )
        assert kpi.evaluate(plan, found.cases)["1"].total == total
