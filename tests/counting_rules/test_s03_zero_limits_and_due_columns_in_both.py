"""S3: a limit keeps its unit at zero, and a due column holds days or instants, value by value."""

from __future__ import annotations

import datetime as dt

import pytest

from kpi.testing.oracle import Row
from tests.counting_rules.hand_worked import D, T, row, within

MICROSECOND = dt.timedelta(microseconds=1)


@pytest.mark.parametrize("limit", ["0 minutes", "0 hours"])
def test_s03_no_minutes_are_read_off_the_clock(limit: str) -> None:
    at = T(2017, 3, 1, 10)
    assert row(within(limit=limit), {"filed": at, "decided": at}).met is True
    assert row(within(limit=limit), {"filed": at, "decided": at + MICROSECOND}).met is False
    assert row(within(limit=limit), {"filed": at, "decided": at - MICROSECOND}).reason == (
        "end before start"
    )


@pytest.mark.parametrize("limit", ["0 days", "0 weeks", "0 months", "0 years", "0 working days"])
def test_s03_no_days_are_the_day_of_the_start(limit: str) -> None:
    """4 March 2017 was a Saturday: no day off makes the day of the start another."""
    case = {"filed": T(2017, 3, 4, 10), "decided": T(2017, 3, 4, 23, 59)}
    assert row(within(limit=limit), case) == Row("counted", met=True, days=0, due=D(2017, 3, 4))
    assert row(within(limit=limit), {**case, "decided": T(2017, 3, 5)}).met is False


def test_s03_no_working_days_are_moved_by_no_pause_and_no_days_are() -> None:
    case = {"filed": D(2017, 3, 1), "decided": D(2017, 3, 3)}
    stops = [(D(2017, 3, 1), D(2017, 3, 3))]
    for limit, due in (("0 working days", D(2017, 3, 1)), ("0 days", D(2017, 3, 3))):
        assert row(within(limit=limit, pauses="waiting"), case, waiting=stops).due == due


def test_s03_no_working_days_roll_onto_one() -> None:
    """From a Saturday to the Monday after."""
    case = {"filed": D(2017, 3, 4), "decided": D(2017, 3, 6)}
    target = within(limit="0 working days", roll="next working day")
    assert row(target, case) == Row("counted", met=True, days=2, due=D(2017, 3, 6))


FRIDAY = D(2017, 3, 10)


@pytest.mark.parametrize(
    ("due", "by", "decided", "met"),
    [
        # A time of day is an instant, and late is after it.
        (T(2017, 3, 10, 14), None, T(2017, 3, 10, 14), True),
        (T(2017, 3, 10, 14), None, T(2017, 3, 10, 14) + MICROSECOND, False),
        (T(2017, 3, 10, 14), None, T(2017, 3, 11), False),
        (T(2017, 3, 10, 0, 0, 1), None, T(2017, 3, 10, 0, 0, 2), False),
        # Midnight is a day, and all of it is in time; so is a date.
        (T(2017, 3, 10), None, T(2017, 3, 10, 23, 59, 59), True),
        (T(2017, 3, 10), None, T(2017, 3, 11), False),
        (FRIDAY, None, T(2017, 3, 10, 23, 59, 59), True),
        # Midnight in the plan's zone: 23:00 the day before in UTC in winter.
        (T(2017, 3, 9, 23, tzinfo=dt.UTC), None, T(2017, 3, 10, 22, 59, tzinfo=dt.UTC), True),
        (T(2017, 3, 9, 23, tzinfo=dt.UTC), None, T(2017, 3, 10, 23, tzinfo=dt.UTC), False),
        (T(2017, 3, 10, tzinfo=dt.UTC), None, T(2017, 3, 10, 0, 1, tzinfo=dt.UTC), False),
        # Said for all values.
        (T(2017, 3, 10, 14), "date", T(2017, 3, 10, 23, 59, 59), True),
        (T(2017, 3, 10), "instant", T(2017, 3, 10), True),
        (T(2017, 3, 10), "instant", T(2017, 3, 10, 0, 0, 1), False),
        (FRIDAY, "instant", T(2017, 3, 10, 0, 0, 1), False),
        # An end that is a day is not after an instant of that day.
        (T(2017, 3, 10, 14), None, FRIDAY, True),
        (T(2017, 3, 10, 14), None, D(2017, 3, 11), False),
        (FRIDAY, "instant", FRIDAY, True),
    ],
)
def test_s03_a_due_column_holds_days_and_instants(
    due: dt.date, by: str | None, decided: dt.date, met: bool
) -> None:
    case = {"filed": D(2017, 3, 1), "decided": decided, "due": due}
    found = row(within(limit={"column": "due", "by": by}), case)
    assert (found.bucket, found.met, found.due) == ("counted", met, FRIDAY)


def test_s03_an_open_case_is_a_miss_once_the_day_of_its_instant_is_over() -> None:
    target = within(limit={"column": "due"}, denominator="overdue")
    case = {"filed": D(2017, 3, 1), "due": T(2017, 3, 10, 14)}
    assert row(target, case, as_of=D(2017, 3, 9)) == Row("undetermined")
    assert row(target, case, as_of=FRIDAY) == Row("counted", met=False, due=FRIDAY)


def test_s03_the_clock_is_read_of_those_due_dates_that_are_instants() -> None:
    """In Copenhagen 02:30 on 26 March 2017 never was."""
    skipped = T(2017, 3, 26, 2, 30)
    excluded = Row("excluded", "no such local time")
    case: dict[str, object] = {"filed": D(2017, 3, 1), "decided": T(2017, 3, 26, 1), "due": skipped}
    assert row(within(limit={"column": "due"}), case) == excluded
    assert row(within(limit={"column": "due", "by": "date"}), case).met is True
    case |= {"decided": skipped, "due": T(2017, 3, 26, 12)}
    assert row(within(limit={"column": "due"}), case) == excluded
    assert row(within(limit={"column": "due"}), case | {"due": T(2017, 3, 26)}).met is True
    # Of the start no clock is read.
    case |= {"filed": skipped, "decided": T(2017, 3, 26, 12)}
    assert row(within(limit={"column": "due"}), case).met is True


def test_s03_a_due_date_at_a_skipped_midnight_is_a_day() -> None:
    case = {"filed": D(2017, 10, 1), "decided": T(2017, 10, 15, 23), "due": T(2017, 10, 15)}
    zone = {"time_zone": "America/Sao_Paulo"}
    assert row(within(limit={"column": "due"}), case, **zone).met is True
    excluded = Row("excluded", "no such local time")
    assert row(within(limit={"column": "due", "by": "instant"}), case, **zone) == excluded


def test_s03_a_due_instant_is_moved_by_days_and_keeps_its_time() -> None:
    """Friday 10 March 14:00, paused on the 6th and the 7th: Sunday 12 March 14:00."""
    target = within(limit={"column": "due"}, pauses="waiting")
    stops = [(D(2017, 3, 6), D(2017, 3, 8))]
    case: dict[str, object] = {"filed": D(2017, 3, 1), "due": T(2017, 3, 10, 14)}
    for decided, met in ((T(2017, 3, 12, 14), True), (T(2017, 3, 12, 14, 0, 1), False)):
        found = row(target, {**case, "decided": decided}, waiting=stops)
        assert (found.met, found.due) == (met, D(2017, 3, 12))


def test_s03_a_due_instant_that_is_rolled_is_a_whole_day() -> None:
    """Saturday 11 March 14:00 becomes Monday 13 March; Friday 14:00 stays what it is."""
    target = within(limit={"column": "due"}, roll="next working day")
    case: dict[str, object] = {"filed": D(2017, 3, 1), "due": T(2017, 3, 11, 14)}
    assert row(target, {**case, "decided": T(2017, 3, 13, 23, 59)}).met is True
    assert row(target, {**case, "decided": T(2017, 3, 14)}).met is False
    case["due"] = T(2017, 3, 10, 14)
    assert row(target, {**case, "decided": T(2017, 3, 10, 15)}).met is False
