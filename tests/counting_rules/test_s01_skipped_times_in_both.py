"""S1: a local time that the clocks skipped has a date, and one value has one date whatever its type."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from kpi.rules.count import Count
from kpi.rules.flow import Flow
from kpi.rules.share import Share
from kpi.rules.stock import Stock
from kpi.testing import oracle
from kpi.testing.oracle import Row
from tests.counting_rules.hand_worked import D, T, average, percentile, row, run, within

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


NEVER = (
    D(9999, 12, 31),
    T(9999, 12, 31),
    T(9999, 12, 31, 23, 59, 59),
    T(9999, 12, 31, tzinfo=dt.UTC),
    T(9999, 12, 31, 23, 59, 59, 999_999, tzinfo=dt.UTC),
)


@pytest.mark.parametrize("never", NEVER)
@pytest.mark.parametrize("zone", ["Europe/Copenhagen", "America/New_York", "Pacific/Apia"])
@pytest.mark.parametrize("limit", ["30 days", "1 month", "20 working days", "72 hours"])
def test_s01_the_last_day_of_all_is_a_day_to_come_whatever_its_type(
    never: dt.date, zone: str, limit: str
) -> None:
    """One decided in time and one "decided" on 9999-12-31: of two cases, one is in time."""
    cases = (
        {"filed": T(2017, 3, 1), "decided": T(2017, 3, 2)},
        {"filed": T(2017, 3, 1), "decided": never},
    )
    of_cohort = run(within(limit=limit, denominator="cohort"), *cases, time_zone=zone)
    assert (of_cohort.met, of_cohort.counted, of_cohort.verdict) == (1, 2, "missed")
    # As the day on which it was filed it is to come too: the row is not there yet.
    assert run(within(limit=limit), {"filed": never}, time_zone=zone).rows == 0


@pytest.mark.parametrize("never", NEVER[:4])
@pytest.mark.parametrize("by", [None, "date", "instant"])
def test_s01_a_due_date_that_never_comes_is_kept(never: dt.date, by: str | None) -> None:
    case = {"filed": T(2017, 3, 1), "decided": T(2017, 12, 31, 23), "due": never}
    assert row(within(limit={"column": "due", "by": by}), case) == Row(
        "counted", met=True, days=305, due=D(9999, 12, 31)
    )


@pytest.mark.parametrize(
    "first", [D(1900, 1, 1), T(1900, 1, 1), T(1900, 1, 1, 12), T(1900, 1, 1, 12, tzinfo=dt.UTC)]
)
def test_s01_the_first_day_of_many_tables_is_a_day(first: dt.date) -> None:
    """From 1 January 1900 to 1 January 2017 are 117 years with 29 leap days: 42,734 days."""
    assert row(within(), {"filed": first, "decided": D(2017, 1, 1)}).days == 117 * 365 + 29


def test_s01_instants_beyond_the_calendar_are_its_first_and_last_day() -> None:
    late, early = T(9999, 12, 31, 23, 59, tzinfo=dt.UTC), T(1, 1, 1, tzinfo=dt.UTC)
    assert oracle.local_date(late, "Europe/Copenhagen") == D(9999, 12, 31)
    assert oracle.local_date(early, "America/New_York") == D(1, 1, 1)


@pytest.mark.parametrize("limit", ["30 days", "1 month", "2 weeks and 1 day", "100 years"])
def test_s01_what_is_counted_from_the_last_day_is_due_on_it(limit: str) -> None:
    """A planned start that stands for "never" has no later day, and nothing ends after it."""
    target = within(start="due", limit=limit, denominator="cohort", on="filed")
    found = row(target, {"filed": D(2017, 1, 1), "due": D(9999, 12, 31)})
    assert (found.bucket, found.met, found.due) == ("counted", False, D(9999, 12, 31))


def test_s01_a_due_date_that_never_comes_is_not_moved_beyond_the_calendar() -> None:
    """Neither as a day nor as an instant, which may be the last of all."""
    target = within(limit={"column": "due"}, pauses="waiting")
    for never in (D(9999, 12, 31), T(9999, 12, 31, 9), dt.datetime.max):
        case = {"filed": D(2017, 1, 1), "decided": D(2017, 3, 1), "due": never}
        found = row(target, case, waiting=[(D(2017, 1, 5), D(2017, 1, 20))])
        assert (found.met, found.due, found.paused) == (True, D(9999, 12, 31), 15)
