"""Limits in days and weeks, hours and minutes (S3): cases worked out by hand."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import kpi
from kpi.definitions.limits import DueColumn
from kpi.testing.oracle import Row
from tests.builders import (
    both_trails,
    cases_csv,
    day,
    due_in_trail,
    one,
    plan,
    spans,
    within,
)
from tests.counting_rules import hand_worked
from tests.counting_rules.hand_worked import D, T, at


def test_s03_a_case_on_its_due_date_is_in_time() -> None:
    found = one(
        within("7 days"),
        spans(
            ("2017-03-01", "2017-03-07"), ("2017-03-01", "2017-03-08"), ("2017-03-01", "2017-03-09")
        ),
    )
    assert (found.met, found.counted) == (2, 3)


def test_s03_weeks_are_seven_days() -> None:
    assert due_in_trail("2017-02-27", "2 weeks") == day("2017-03-13")


CALLS = kpi.Table("contacts", key="id", entry="arrived", events="served")


def calls(*pairs: tuple[str, str | None]) -> pl.DataFrame:
    made = [
        {
            "id": str(n),
            "arrived": dt.datetime.fromisoformat(arrived),
            "served": served and dt.datetime.fromisoformat(served),
        }
        for n, (arrived, served) in enumerate(pairs)
    ]
    zoned = bool(pairs) and "+" in pairs[0][0]
    kind = pl.Datetime("us", "UTC") if zoned else pl.Datetime("us")
    return pl.DataFrame(made, schema={"id": pl.String, "arrived": kind, "served": kind})


def wait(limit: str = "12 minutes", **more: Any) -> kpi.Plan:
    given = {"denominator": "cohort", "threshold": 80, **more}
    target = kpi.Within(
        id="t", table="contacts", start="arrived", end="served", limit=limit, **given
    )
    return kpi.Plan(id="p", period="2017", tables=[CALLS], targets=[target])


def outcomes(made: kpi.Plan, frame: pl.DataFrame, as_of: str | None = None) -> list[Any]:
    rows = kpi.evaluate(made, frame, as_of).audit().collect().sort("case").to_dicts()
    return [row["met"] if row["bucket"] == "counted" else row["reason"] for row in rows]


@pytest.mark.parametrize(
    ("limit", "served", "met"),
    [
        ("12 minutes", "2017-03-01T09:12:00", True),
        ("12 minutes", "2017-03-01T09:12:00.000001", False),
        ("12 minutes", "2017-03-01T09:13:00", False),
        ("12 minutes", "2017-03-01T09:00:00", True),
        ("12 minutes", None, False),
        ("1 hour", "2017-03-01T10:00:00", True),
        ("1 hour and 30 minutes", "2017-03-01T10:30:00", True),
        ("1 hour and 30 minutes", "2017-03-01T10:30:01", False),
        ("25 hours", "2017-03-02T10:00:00", True),
        ("25 hours", "2017-03-02T10:00:01", False),
    ],
)
def test_s03_a_limit_by_the_clock(limit: str, served: str | None, met: bool) -> None:
    frame = calls(("2017-03-01T09:00:00", served))
    assert outcomes(wait(limit), frame) == [met]
    trail = kpi.evaluate(wait(limit), frame).audit().collect().row(0, named=True)
    seconds = None
    if served is not None:
        elapsed = dt.datetime.fromisoformat(served) - dt.datetime(2017, 3, 1, 9)
        seconds = int(elapsed.total_seconds())
    assert trail["seconds"] == seconds


def test_s03_elapsed_time_across_the_nights_when_clocks_change() -> None:
    # 26 March 2017: two o'clock becomes three. 29 October: three becomes two.
    frame = calls(
        ("2017-03-26T01:50:00", "2017-03-26T03:02:00"),  # 12 minutes
        ("2017-03-26T01:50:00", "2017-03-26T03:03:00"),  # 13
        ("2017-10-29T01:55:00", "2017-10-29T02:07:00"),  # 12: the earlier of the two
        ("2017-10-29T02:55:00", "2017-10-29T03:07:00"),  # 72, from the earlier of the two
        ("2017-03-26T02:30:00", "2017-03-26T03:07:00"),  # there was no half past two
    )
    assert outcomes(wait(), frame) == [True, False, True, False, "no such local time"]
    zoned = calls(("2017-10-29T00:55:00+00:00", "2017-10-29T01:07:00+00:00"))
    assert outcomes(wait(), zoned) == [True]


def test_s03_served_before_arriving_is_by_the_clock_too() -> None:
    frame = calls(("2017-03-01T09:00:00", "2017-03-01T08:59:59"), ("2017-03-01T09:00:00", None))
    assert outcomes(wait(), frame) == ["end before start", False]
    assert outcomes(wait(denominator="closed"), frame)[1] == "fails: served in 2017"


def test_s03_what_is_served_after_the_as_of_date_is_not_served() -> None:
    frame = calls(("2017-03-01T23:55:00", "2017-03-02T00:01:00"))
    assert outcomes(wait(), frame, "2017-03-01") == [False]
    assert outcomes(wait(), frame, "2017-03-02") == [True]
    assert kpi.evaluate(wait(), frame, "2017-03-01")["t"].verdict == "open"


def test_s03_the_due_date_is_that_of_the_due_instant() -> None:
    """A call at five to midnight falls due the day after."""
    frame = calls(("2017-03-01T23:55:00", None), ("2017-03-01T12:00:00", None))
    found = kpi.evaluate(wait(), frame).audit().collect().sort("case")
    assert found["due"].to_list() == [dt.date(2017, 3, 2), dt.date(2017, 3, 1)]
    due = wait(denominator="due", window={"since": "2017-03-02", "through": "2017-12-31"})
    assert outcomes(due, frame)[0] is False
    assert kpi.evaluate(due, frame)["t"].outside == 1
    overdue = wait(denominator="overdue")
    assert kpi.evaluate(overdue, frame, "2017-03-01")["t"].undetermined == 1


def test_s03_days_have_no_minutes() -> None:
    frame = pl.DataFrame({"id": ["1"], "arrived": [dt.date(2017, 3, 1)], "served": [None]})
    with pytest.raises(kpi.DataError, match="column arrived holds dates; the plan counts it in"):
        kpi.evaluate(wait(), frame)


@pytest.mark.parametrize(
    ("arrived", "served"),
    [
        ("2017-03-01T09:00:00", "2017-03-01T09:12:00"),
        ("2017-03-01 09:00:00", "2017-03-01 09:12:00.000"),
        ("2017-03-01 09:00", "2017-03-01 09:12"),
        ("2017-03-01T08:00:00Z", "2017-03-01T08:12:00Z"),
        ("2017-03-01T09:00:00+01:00", "2017-03-01T09:12:00+01:00"),
    ],
)
def test_s03_times_in_a_csv(tmp_path: Path, arrived: str, served: str) -> None:
    file = tmp_path / "contacts.csv"
    file.write_text(f"id,arrived,served\n1,{arrived},{served}\n2,{arrived},\n", "utf-8")
    found = kpi.evaluate(wait(), file)["t"]
    assert (found.met, found.counted) == (1, 2)


@pytest.mark.parametrize("limit", ["1 day and 2 hours", "1 month and 5 minutes"])
def test_s03_hours_and_minutes_stand_alone(limit: str) -> None:
    with pytest.raises(kpi.PlanError, match="accepted: hours and minutes alone"):
        wait(limit)


def test_s03_local_times_and_instants_in_one_column_by_the_clock(tmp_path: Path) -> None:
    file = cases_csv(
        tmp_path,
        "1,visa,2017-10-29T02:30:00,,2017-10-29T01:30:00Z,",  # the earlier of two: an hour
        "2,visa,2017-10-29T02:30:00,,2017-10-29T01:30:01Z,",
        "3,visa,2017-10-29T00:30:00Z,,2017-10-29 02:30,",  # the same instant
        "4,visa,2017-10-29,,2017-10-29T02:30:00,",  # a date has no time
    )
    made = plan(within("1 hour"))
    result = kpi.evaluate(made, file)
    assert dict(result.facts["cases"].rejected) == {"filed is not a date as 2017-03-01T09:30:00": 1}
    assert [(row["met"], row["seconds"]) for row in both_trails(made, file)] == [
        (True, 3600),
        (False, 3601),
        (True, 0),
    ]


@pytest.mark.parametrize(("decided", "met"), [(30, True), (31, True), (32, False)])
def test_s03_ending_on_the_due_day_is_in_time(decided: int, met: bool) -> None:
    end = D(2017, 1, 1) + dt.timedelta(days=decided - 1)
    row = hand_worked.one(hand_worked.within(), filed=D(2017, 1, 1), decided=end)
    assert row == Row("counted", met=met, days=decided - 1, due=D(2017, 1, 31))


def test_s03_the_due_date_of_a_column_is_in_time_and_a_missing_one_excludes() -> None:
    target = hand_worked.within(limit=DueColumn("due"))
    cells = {"filed": D(2017, 1, 1), "decided": D(2017, 5, 1)}
    assert hand_worked.one(target, due=D(2017, 5, 1), **cells) == Row(
        "counted", None, True, 120, D(2017, 5, 1)
    )
    assert hand_worked.one(target, due=D(2017, 4, 30), **cells).met is False
    assert hand_worked.one(target, **cells) == Row("excluded", "limit missing")


def clock(cells: dict[str, dt.datetime], limit: str = "20 minutes", **words: Any) -> Row:
    return hand_worked.one(hand_worked.within(limit=limit, **words), **cells)


@pytest.mark.parametrize(
    ("filed", "decided", "minutes"),
    [
        (T(2017, 5, 1, 9), T(2017, 5, 1, 9), 0),
        (T(2017, 5, 1, 9), T(2017, 5, 1, 9, 20), 20),
        (T(2017, 5, 1, 23, 50), T(2017, 5, 2, 0, 10), 20),
        # The clocks went from 02:00 to 03:00 on 26 March.
        (T(2017, 3, 26, 1, 50), T(2017, 3, 26, 3, 10), 20),
        (T(2017, 3, 25, 12), T(2017, 3, 26, 12), 23 * 60),
        # They went from 03:00 back to 02:00 on 29 October; a time that was twice is the earlier.
        (T(2017, 10, 29, 1, 50), T(2017, 10, 29, 2, 10), 20),
        (T(2017, 10, 29, 2, 50), T(2017, 10, 29, 3, 10), 80),
        (T(2017, 10, 28, 12), T(2017, 10, 29, 12), 25 * 60),
        # An instant is an instant, whatever zone it was written in.
        (
            T(2017, 10, 29, 0, 30, tzinfo=dt.UTC),
            T(2017, 10, 29, 1, 30, tzinfo=dt.UTC),
            60,
        ),
        (T(2017, 5, 1, 9), T(2017, 5, 1, 7, 20, tzinfo=dt.UTC), 20),
    ],
)
def test_s03_hours_and_minutes_are_elapsed_time(
    filed: dt.datetime, decided: dt.datetime, minutes: int
) -> None:
    cells = {"filed": filed, "decided": decided}
    assert clock(cells, f"{max(minutes, 1)} minutes").met is True
    if minutes > 1:
        assert clock(cells, f"{minutes - 1} minutes").met is False
    if minutes:
        late = {**cells, "decided": decided + dt.timedelta(microseconds=1)}
        assert clock(late, f"{minutes} minutes").met is False


def test_s03_the_due_date_of_a_clock_is_the_local_date_of_its_last_instant() -> None:
    cells = {"filed": T(2017, 5, 1, 23, 50), "decided": T(2017, 5, 2, 0, 11)}
    late = Row("counted", met=False, days=1, due=D(2017, 5, 2), microseconds=21 * 60_000_000)
    assert clock(cells) == late
    cells = {"filed": T(2017, 5, 1, 23, 39), "decided": T(2017, 5, 1, 23, 59)}
    in_time = Row("counted", met=True, days=0, due=D(2017, 5, 1), microseconds=20 * 60_000_000)
    assert clock(cells) == in_time
    # 22:50 in UTC is 00:50 in Copenhagen.
    cells = {"filed": T(2017, 5, 1, 21, 50, tzinfo=dt.UTC)}
    row = clock(cells, "1 hour", denominator="cohort")
    assert row == Row("counted", met=False, due=D(2017, 5, 2))


def test_s03_an_end_before_its_start_goes_by_instants_where_the_limit_does() -> None:
    cells = {"filed": T(2017, 3, 1, 15), "decided": T(2017, 3, 1, 14, 59)}
    assert clock(cells) == Row("excluded", "end before start")
    assert clock({**cells, "decided": T(2017, 3, 1, 15)}).met is True
    # The hour that is twice is the earlier one: 02:30 came before 02:45.
    cells = {"filed": T(2017, 10, 29, 2, 45), "decided": T(2017, 10, 29, 2, 30)}
    assert clock(cells).reason == "end before start"
    # 00:45 in UTC is the earlier 02:45, 01:30 in UTC the later 02:30.
    cells = {
        "filed": T(2017, 10, 29, 0, 45, tzinfo=dt.UTC),
        "decided": T(2017, 10, 29, 1, 30, tzinfo=dt.UTC),
    }
    assert clock(cells, "45 minutes").met is True


@pytest.mark.parametrize("denominator", ["closed", "cohort", "overdue", "due", "settled"])
def test_s03_a_time_that_never_was_has_no_instant(denominator: str) -> None:
    cells = {"filed": T(2017, 3, 26, 2, 30), "decided": T(2017, 3, 26, 3, 10)}
    assert clock(cells, denominator=denominator).reason == "no such local time"
    cells = {"filed": T(2017, 3, 26, 1, 30), "decided": T(2017, 3, 26, 2, 30)}
    assert clock(cells, denominator=denominator).reason == "no such local time"


def test_s03_an_instant_that_as_of_hides_is_unknown() -> None:
    target = hand_worked.within(limit="20 minutes", denominator="overdue")
    cells = {"filed": T(2017, 3, 1, 23, 50), "decided": T(2017, 3, 2, 0, 5)}
    assert at(D(2017, 3, 1), target, **cells) == Row("undetermined")
    row = at(D(2017, 3, 2), target, **cells)
    assert row == Row("counted", met=True, days=1, due=D(2017, 3, 2), microseconds=15 * 60_000_000)
