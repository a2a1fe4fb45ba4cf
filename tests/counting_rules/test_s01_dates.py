"""Dates are local dates of the plan's zone (S1): cases worked out by hand."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pendulum
import polars as pl
import pytest
from attrs import evolve

import kpi
from kpi.testing import oracle
from kpi.testing.oracle import Row
from tests.builders import average, both_trails, cases_csv, one, plan, within
from tests.counting_rules import hand_worked
from tests.counting_rules.hand_worked import D, T, at, run


def instants(*pairs: tuple[str, str], zone: str | None = "UTC") -> pl.DataFrame:
    kind = pl.Datetime("us", zone)
    frame = pl.DataFrame({"case_id": [str(n) for n in range(len(pairs))]}).with_columns(
        pl.Series("filed", [dt.datetime.fromisoformat(a) for a, _ in pairs], pl.Datetime("us")),
        pl.Series("decided", [dt.datetime.fromisoformat(b) for _, b in pairs], pl.Datetime("us")),
    )
    return frame.with_columns(
        pl.col("filed", "decided").dt.replace_time_zone(zone).cast(kind) if zone else pl.all()
    )


def test_s01_an_instant_is_its_local_date() -> None:
    # 23:30 UTC on 30 June is 1:30 on 1 July in Copenhagen: in H2, and a day later than in UTC.
    frame = instants(
        ("2017-06-30T22:30", "2017-07-01T21:59"), ("2017-06-30T21:00", "2017-07-01T22:30")
    )
    found = one(average(window="2017-H2"), frame)
    assert (found.counted, found.total) == (2, 0 + 2)


def test_s01_the_plan_says_the_zone() -> None:
    frame = instants(("2017-01-01T02:00", "2017-12-31T23:30"))
    assert one(average(), frame, time_zone="UTC").counted == 1
    assert one(average(), frame, time_zone="Europe/Copenhagen").counted == 0
    assert one(average(), frame, time_zone="America/New_York").counted == 1


def test_s01_a_naive_time_is_wall_clock() -> None:
    frame = instants(("2017-06-30T23:59", "2017-07-01T00:01"), zone=None)
    assert one(average(window="2017-H2"), frame).total == 1


def test_s01_a_local_time_that_does_not_exist_counts_by_its_date() -> None:
    frame = instants(
        ("2017-03-26T02:30", "2017-04-01T00:00"),
        ("2017-03-26T03:00", "2017-04-01T00:00"),
        ("2017-10-29T02:30", "2017-10-30T00:00"),  # twice: the earlier one, the same date
        zone=None,
    )
    found = one(average(), frame)
    assert found.excluded == {}
    assert (found.counted, found.total) == (3, 6 + 6 + 1)


def test_s01_dates_local_times_and_instants_in_one_column(tmp_path: Path) -> None:
    file = cases_csv(
        tmp_path,
        "1,visa,2017-03-01,,2017-03-31,",
        "2,visa,2017-03-01T23:30:00,,2017-03-31 00:10,",
        # Half past eleven in UTC is the next day in Copenhagen.
        "3,visa,2017-03-01T23:30:00Z,,2017-03-31T21:59:00+00:00,",
        "4,visa,2017-03-26 02:30:00,,2017-03-31T22:00:00.5Z,",
        "5,visa,01-03-2017,,2017-03-31,",
        "6,visa,17-03-01,,2017-03-31,",
    )
    made = plan(within("29 days"))
    result = kpi.evaluate(made, file)
    assert dict(result.facts["cases"].rejected) == {"filed is not a date as %Y-%m-%d": 2}
    assert [(row["reason"] or row["met"], row["days"]) for row in both_trails(made, file)] == [
        (False, 30),
        (False, 30),
        (True, 29),
        (True, 6),  # half past two was skipped, and its date is counted
    ]


def test_s01_a_date_column_beside_a_column_of_times() -> None:
    frame = pl.DataFrame(
        {
            "case_id": ["1", "2"],
            "filed": [dt.date(2017, 3, 1)] * 2,
            "documented": [None, None],
            "decided": [
                dt.datetime(2017, 3, 30, 21, 59, tzinfo=dt.UTC),
                dt.datetime(2017, 3, 30, 22, tzinfo=dt.UTC),
            ],
        }
    )
    assert [row["met"] for row in both_trails(plan(within("29 days")), frame)] == [True, False]


@pytest.mark.parametrize(
    ("cell", "zone", "day"),
    [
        (None, "Europe/Copenhagen", None),
        (D(2017, 3, 1), "Europe/Copenhagen", D(2017, 3, 1)),
        (dt.datetime(2017, 3, 1, 23, 59), "Europe/Copenhagen", D(2017, 3, 1)),
        (dt.datetime(2017, 3, 1, 22, 59, tzinfo=dt.UTC), "Europe/Copenhagen", D(2017, 3, 1)),
        (dt.datetime(2017, 3, 1, 23, 0, tzinfo=dt.UTC), "Europe/Copenhagen", D(2017, 3, 2)),
        (dt.datetime(2017, 7, 1, 22, 0, tzinfo=dt.UTC), "Europe/Copenhagen", D(2017, 7, 2)),
        (dt.datetime(2017, 3, 1, 3, 0, tzinfo=dt.UTC), "America/New_York", D(2017, 2, 28)),
        (pendulum.datetime(2017, 3, 1, 9, tz="Asia/Tokyo"), "America/New_York", D(2017, 2, 28)),
        (dt.datetime(2017, 10, 29, 2, 30), "Europe/Copenhagen", D(2017, 10, 29)),
    ],
)
def test_s01_a_timestamp_is_its_local_date(cell: object, zone: str, day: dt.date | None) -> None:
    assert oracle.local_date(cell, zone) == day


def test_s01_a_text_is_no_date() -> None:
    with pytest.raises(TypeError, match="2017-01-01"):
        oracle.local_date("2017-01-01", "UTC")


@pytest.mark.parametrize(
    ("cell", "zone", "gap"),
    [
        (dt.datetime(2017, 3, 26, 2), "Europe/Copenhagen", True),
        (dt.datetime(2017, 3, 26, 2, 59, 59, 999_999), "Europe/Copenhagen", True),
        (dt.datetime(2017, 3, 26, 1, 59, 59, 999_999), "Europe/Copenhagen", False),
        (dt.datetime(2017, 3, 26, 3), "Europe/Copenhagen", False),
        (dt.datetime(2017, 3, 26, 2, 30), "UTC", False),
        (dt.datetime(2017, 3, 26, 2, 30, tzinfo=dt.UTC), "Europe/Copenhagen", False),
        (dt.datetime(2017, 10, 29, 2, 30), "Europe/Copenhagen", False),
        (D(2011, 12, 30), "Pacific/Apia", False),
        (None, "UTC", False),
    ],
)
def test_s01_the_hour_that_does_not_exist(cell: object, zone: str, gap: bool) -> None:
    assert oracle.has_no_such_local_time(cell, zone) is gap


@pytest.mark.parametrize(
    "cells",
    [
        {"filed": dt.datetime(2017, 3, 26, 2, 30), "decided": dt.datetime(2017, 3, 27)},
        {"filed": dt.datetime(2017, 3, 1), "decided": dt.datetime(2017, 3, 26, 2, 30)},
    ],
)
def test_s01_no_such_local_time_is_excluded_where_the_clock_is_read(
    cells: dict[str, object],
) -> None:
    by_clock = hand_worked.within(limit="9999 hours")
    assert hand_worked.one(by_clock, **cells) == Row("excluded", "no such local time")
    assert hand_worked.one(hand_worked.within(), **cells).bucket == "counted"
    assert hand_worked.one(average(), **cells).bucket == "counted"
    # Its date still decides who is inside at all.
    assert hand_worked.one(evolve(by_clock, window="2018"), **cells) == Row("outside")


def test_s01_no_such_local_time_elsewhere_is_its_date() -> None:
    gap = {"announced_on": dt.datetime(2017, 3, 26, 2, 30)}
    cells = {"filed": dt.datetime(2017, 3, 1), "decided": dt.datetime(2017, 3, 2), **gap}
    target = hand_worked.within(
        where={"announced_on": {"since": "2017-03-26", "through": "2017-03-26"}}
    )
    assert hand_worked.one(target, **cells).bucket == "counted"


def test_s01_no_such_local_time_is_unknown_where_it_is_later_than_as_of() -> None:
    cells = {"filed": dt.datetime(2017, 3, 1), "decided": dt.datetime(2017, 3, 26, 2, 30)}
    row = at(D(2017, 3, 25), hand_worked.within(denominator="cohort"), **cells)
    assert row == Row("counted", met=False, due=D(2017, 3, 31))


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
    of_cohort = run(hand_worked.within(limit=limit, denominator="cohort"), *cases, time_zone=zone)
    assert (of_cohort.met, of_cohort.counted, of_cohort.verdict) == (1, 2, "missed")
    # As the day on which it was filed it is to come too: the row is not there yet.
    assert run(hand_worked.within(limit=limit), {"filed": never}, time_zone=zone).rows == 0


@pytest.mark.parametrize("never", NEVER[:4])
@pytest.mark.parametrize("by", [None, "date", "instant"])
def test_s01_a_due_date_that_never_comes_is_kept(never: dt.date, by: str | None) -> None:
    case = {"filed": T(2017, 3, 1), "decided": T(2017, 12, 31, 23), "due": never}
    assert hand_worked.row(hand_worked.within(limit={"column": "due", "by": by}), case) == Row(
        "counted", met=True, days=305, due=D(9999, 12, 31)
    )


@pytest.mark.parametrize(
    "first", [D(1900, 1, 1), T(1900, 1, 1), T(1900, 1, 1, 12), T(1900, 1, 1, 12, tzinfo=dt.UTC)]
)
def test_s01_the_first_day_of_many_tables_is_a_day(first: dt.date) -> None:
    """From 1 January 1900 to 1 January 2017 are 117 years with 29 leap days: 42,734 days."""
    assert (
        hand_worked.row(hand_worked.within(), {"filed": first, "decided": D(2017, 1, 1)}).days
        == 117 * 365 + 29
    )


def test_s01_instants_beyond_the_calendar_are_its_first_and_last_day() -> None:
    late, early = T(9999, 12, 31, 23, 59, tzinfo=dt.UTC), T(1, 1, 1, tzinfo=dt.UTC)
    assert oracle.local_date(late, "Europe/Copenhagen") == D(9999, 12, 31)
    assert oracle.local_date(early, "America/New_York") == D(1, 1, 1)


@pytest.mark.parametrize("limit", ["30 days", "1 month", "2 weeks and 1 day", "100 years"])
def test_s01_what_is_counted_from_the_last_day_is_due_on_it(limit: str) -> None:
    """A planned start that stands for "never" has no later day, and nothing ends after it."""
    target = hand_worked.within(start="due", limit=limit, denominator="cohort", on="filed")
    found = hand_worked.row(target, {"filed": D(2017, 1, 1), "due": D(9999, 12, 31)})
    assert (found.bucket, found.met, found.due) == ("counted", False, D(9999, 12, 31))


def test_s01_a_due_date_that_never_comes_is_not_moved_beyond_the_calendar() -> None:
    """Neither as a day nor as an instant, which may be the last of all."""
    target = hand_worked.within(limit={"column": "due"}, pauses="waiting")
    for never in (D(9999, 12, 31), T(9999, 12, 31, 9), dt.datetime.max):
        case = {"filed": D(2017, 1, 1), "decided": D(2017, 3, 1), "due": never}
        found = hand_worked.row(target, case, waiting=[(D(2017, 1, 5), D(2017, 1, 20))])
        assert (found.met, found.due, found.paused) == (True, D(9999, 12, 31), 15)
