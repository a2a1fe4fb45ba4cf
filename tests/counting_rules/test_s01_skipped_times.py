"""A local time that the clocks skipped: its date counts, its time does not (S1)."""

from __future__ import annotations

import datetime as dt
from typing import Any

import polars as pl
import pytest

import kpi
from kpi.rules.count import Count
from kpi.rules.flow import Flow
from kpi.rules.share import Share
from kpi.rules.stock import Stock
from kpi.testing import oracle
from kpi.testing.oracle import Row
from tests.builders import average, plan
from tests.counting_rules.hand_worked import T, percentile, row, run, within

# Half past two on 26 March 2017 was skipped in Denmark; of a case that took four days.
GAP, START, LATER = "2017-03-26T02:30:00", "2017-03-22", "2017-03-30"
INTERVAL: dict[str, Any] = {"id": "t", "start": "filed", "end": "decided"}


def frame(*rows: tuple[str | None, str | None], zoned: bool = False) -> pl.DataFrame:
    made = [
        {
            "case_id": str(n),
            "filed": None if filed is None else dt.datetime.fromisoformat(filed),
            "decided": None if decided is None else dt.datetime.fromisoformat(decided),
        }
        for n, (filed, decided) in enumerate(rows)
    ]
    kind = pl.Datetime("us", "UTC" if zoned else None)
    return pl.DataFrame(made, schema={"case_id": pl.String, "filed": kind, "decided": kind})


@pytest.mark.parametrize(
    ("target", "value"),
    [
        (kpi.Within(limit="4 days", threshold="all", **INTERVAL), 1.0),
        (kpi.Within(limit="3 days", threshold="all", **INTERVAL), 0.0),
        (kpi.Within(limit="1 week", threshold="all", denominator="cohort", **INTERVAL), 1.0),
        (kpi.Within(limit="1 month", threshold="all", **INTERVAL), 1.0),
        # Thursday and Friday; the 26th is a Sunday.
        (kpi.Within(limit="2 working days", threshold="all", **INTERVAL), 0.0),
        (kpi.Within(limit="3 working days", threshold="all", **INTERVAL), 1.0),
        (kpi.Within(limit="1 day before", threshold="all", **INTERVAL), 0.0),
        (kpi.Average(limit="4 days", **INTERVAL), 4.0),
        (kpi.Average(limit="4 working days", **INTERVAL), 2.0),
        (kpi.Percentile(limit="4 days", percentile=50, **INTERVAL), 4),
        (kpi.Percentile(limit="4 months", percentile=50, **INTERVAL), 1),
        (kpi.Stock(at={"end_of": "2017"}, level={"at_most": 1}, **INTERVAL), None),
        (kpi.Count(id="t", on="decided", requires={"at_least": 1}), 1),
    ],
)
def test_s01_where_days_are_counted_the_written_date_is_taken(
    target: kpi.Target, value: float | None
) -> None:
    found = kpi.evaluate(plan(target), frame((f"{START}T09:00", GAP)))["t"]
    assert (found.excluded, found.counted) == ({}, 0 if value is None else 1)
    assert value is None or found.value == value


@pytest.mark.parametrize("rows", [(GAP, f"{LATER}T12:00"), (f"{START}T12:00", GAP), (GAP, GAP)])
def test_s01_where_the_clock_is_read_the_case_is_excluded(rows: tuple[str, str]) -> None:
    for limit in ("300 hours", "1 minute", "0 minutes"):
        target = kpi.Within(limit=limit, threshold="all", **INTERVAL)
        found = kpi.evaluate(plan(target), frame(rows))["t"]
        assert (found.excluded, found.counted) == ({"no such local time": 1}, 0)


def test_s01_one_extract_for_days_and_for_hours() -> None:
    targets = [
        kpi.Within(limit=limit, threshold="all", **(INTERVAL | {"id": limit}))
        for limit in ("4 days", "90 hours")
    ]
    result = kpi.evaluate(plan(*targets), frame((f"{START}T09:00", GAP)))
    assert [(record.counted, record.excluded) for record in result.targets] == [
        (1, {}),
        (0, {"no such local time": 1}),
    ]


# Where the clocks went forward at midnight, midnight did not exist.
@pytest.mark.parametrize(
    ("zone", "midnight"),
    [
        ("Atlantic/Azores", "2022-03-27"),
        ("America/Santiago", "2022-09-11"),
        ("Africa/Cairo", "2023-04-28"),
        ("Asia/Beirut", "2022-03-27"),
        ("America/Havana", "2022-03-13"),
        ("America/Scoresbysund", "2022-03-27"),
        ("America/Asuncion", "2022-10-02"),
        ("Asia/Damascus", "2022-03-25"),
        ("Asia/Tehran", "2022-03-22"),
        ("Asia/Amman", "2022-02-25"),
    ],
)
def test_s01_a_date_held_as_midnight_is_a_date_everywhere(zone: str, midnight: str) -> None:
    day = dt.date.fromisoformat(midnight)
    before, after = day - dt.timedelta(10), day + dt.timedelta(10)
    rows = [(f"{before}T00:00", f"{midnight}T00:00"), (f"{midnight}T00:00", f"{after}T00:00")]
    target = kpi.Within(limit="10 days", threshold="all", **INTERVAL)
    made = plan(target, time_zone=zone, period={"since": "2022-01-01", "through": "2023-12-31"})
    trail = kpi.evaluate(made, frame(*rows)).audit().collect()
    assert trail["bucket"].to_list() == ["counted", "counted"]
    assert (trail["days"].to_list(), trail["met"].to_list()) == ([10, 10], [True, True])


def test_s01_a_skipped_time_of_a_csv_file_counts_by_its_date() -> None:
    cases = pl.DataFrame({"case_id": ["a"], "filed": ["2017-03-22"], "decided": [GAP]})
    target = kpi.Within(limit="4 days", threshold="all", **INTERVAL)
    found = kpi.evaluate(plan(target), cases)["t"]
    assert (found.counted, found.met, found.excluded) == (1, 1, {})


def test_s01_a_reported_date_and_a_derived_one_are_dates() -> None:
    fact = pl.DataFrame({"target": ["t"], "done": [dt.datetime.fromisoformat(GAP)]})
    made = kpi.Plan(
        id="p",
        period="2017",
        tables=[kpi.Table("reported", key="target", dates="done")],
        targets=[kpi.Milestone(id="t", deadline={"through": "2017-03-26"})],
    )
    found = kpi.evaluate(made, {"reported": fact})["t"]
    assert (found.counted, found.met, found.excluded) == (1, 1, {})


def test_s01_the_day_after_it_nobody_knows_a_later_skipped_time() -> None:
    target = kpi.Within(limit="1 minute", threshold="all", denominator="cohort", **INTERVAL)
    cases = frame((f"{START}T09:00", GAP))
    assert kpi.evaluate(plan(target), cases, "2017-03-25")["t"].excluded == {}
    assert kpi.evaluate(plan(target), cases, "2017-03-26")["t"].excluded == {
        "no such local time": 1
    }


SKIPPED = (
    ("America/Sao_Paulo", T(2017, 10, 15)),
    ("America/Santiago", T(2017, 8, 13)),
    ("Atlantic/Azores", T(2017, 3, 26)),
    ("Africa/Cairo", T(2023, 4, 28)),
    ("Asia/Beirut", T(2017, 3, 26)),
    ("America/Havana", T(2017, 3, 12)),
    ("America/Scoresbysund", T(2017, 3, 26)),
    ("Europe/Copenhagen", T(2017, 3, 26, 2, 30)),
    ("Pacific/Apia", T(2011, 12, 30, 12)),
)
"""Local times that never were; in most of these zones the clocks went forward at midnight."""


@pytest.mark.parametrize(("zone", "skipped"), SKIPPED)
def test_s01_a_skipped_time_keeps_its_date_where_days_are_counted(
    zone: str, skipped: dt.datetime
) -> None:
    assert oracle.has_no_such_local_time(skipped, zone)
    assert oracle.local_date(skipped, zone) == skipped.date()
    words: dict[str, Any] = {"period": f"{skipped.year}", "time_zone": zone}
    ended = {"filed": skipped - dt.timedelta(10), "decided": skipped}
    due = skipped.date() + dt.timedelta(20)
    assert row(within(), ended, **words) == Row("counted", met=True, days=10, due=due)
    assert row(within(limit="9 days"), ended, **words).met is False
    assert row(average(limit="10 days"), ended, **words).days == 10
    assert row(percentile(limit="10 days", percentile=50), ended, **words).days == 10
    begun = {"filed": skipped, "decided": skipped + dt.timedelta(1)}
    assert row(within(limit="1 day"), begun, **words).met is True
    plain: dict[str, Any] = {"id": "1", "start": "filed", "end": "decided"}
    for target in (
        Count(id="1", requires={"at_least": 1}),
        Share(id="1", having={"case_id": "c0"}, threshold=50),
        Flow(**plain),
    ):
        assert row(target, begun, **words).bucket == "counted"
    there = Stock(**plain, at={"end_of": skipped.date()}, level={"at_least": 1})
    assert run(there, begun, **words).verdict == "met"


@pytest.mark.parametrize(("zone", "skipped"), SKIPPED)
@pytest.mark.parametrize("limit", ["9999 hours", "0 minutes"])
def test_s01_a_skipped_time_is_excluded_where_the_clock_is_read(
    zone: str, skipped: dt.datetime, limit: str
) -> None:
    words: dict[str, Any] = {"period": f"{skipped.year}", "time_zone": zone}
    excluded = Row("excluded", "no such local time")
    before, after = skipped - dt.timedelta(1), skipped + dt.timedelta(1)
    assert row(within(limit=limit), {"filed": before, "decided": skipped}, **words) == excluded
    assert row(within(limit=limit), {"filed": skipped, "decided": after}, **words) == excluded
