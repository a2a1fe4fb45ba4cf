"""A due date that is moved to a working day, and pauses that begin before it (S8, S14)."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Sequence
from typing import Any

import polars as pl
import pytest

import kpi
from tests.builders import day
from tests.builders import pauses as waiting
from tests.counting_rules import hand_worked
from tests.counting_rules.hand_worked import CALENDAR, D, frame, plan_of_2022, row
from tests.counting_rules.reckoning import DAY, Pause, is_paused, months_later, rolled


def within(limit: Any, **more: Any) -> kpi.Within:
    given = {"id": "t", "start": "filed", "end": "decided", "threshold": "all", **more}
    return kpi.Within(**{"limit": limit, "pauses": "waiting", "roll": "next working day", **given})


def due(target: kpi.Within, cases: pl.DataFrame, pauses: pl.DataFrame) -> list[dt.date | None]:
    """The due dates of cases that have all ended."""
    result = kpi.evaluate(plan_of_2022(target), {"cases": cases, "waiting": pauses}, "2023-06-30")
    found: list[dt.date | None] = result.audit().collect()["due"].to_list()
    return found


# Easter 2022: from Thursday 14 April to Monday the 18th no day is a working day.
@pytest.mark.parametrize(
    ("filed", "pauses", "due_on"),
    [
        # Two months end on Easter Saturday, and move to Tuesday the 19th.
        ("2022-02-16", [], "2022-04-19"),
        # From Easter Monday for a week: Saturday and 7 days is the 23rd, moved to Monday the 25th.
        ("2022-02-16", [("2022-04-18", "2022-04-25")], "2022-04-25"),
        # On any day through Tuesday; on Wednesday it is over.
        ("2022-02-16", [("2022-04-16", "2022-04-23")], "2022-04-25"),
        ("2022-02-16", [("2022-04-17", "2022-04-24")], "2022-04-25"),
        ("2022-02-16", [("2022-04-19", "2022-04-26")], "2022-04-25"),
        ("2022-02-16", [("2022-04-20", "2022-04-27")], "2022-04-19"),
        # One day from Easter Monday: Sunday, and so still Tuesday.
        ("2022-02-16", [("2022-04-18", "2022-04-19")], "2022-04-19"),
        # Three days: Tuesday itself.
        ("2022-02-16", [("2022-04-18", "2022-04-21")], "2022-04-19"),
        # The first moves it to Monday the 25th, so that another from that day counts too.
        ("2022-02-16", [("2022-04-18", "2022-04-25"), ("2022-04-25", "2022-04-28")], "2022-04-26"),
        # And one from the day after does not.
        ("2022-02-16", [("2022-04-18", "2022-04-25"), ("2022-04-26", "2022-04-29")], "2022-04-25"),
        # Eight days from Tuesday: a Sunday, and so Monday; before the end of the months as ever.
        ("2022-02-16", [("2022-04-19", "2022-04-27")], "2022-04-25"),
        ("2022-02-16", [("2022-04-11", "2022-04-16")], "2022-04-21"),
        # Two days from Easter Sunday: Monday, and so still Tuesday.
        ("2022-02-16", [("2022-04-17", "2022-04-19")], "2022-04-19"),
        ("2022-02-16", [("2022-04-18", "2022-04-25"), ("2022-04-26", "2022-04-28")], "2022-04-25"),
        # A Sunday is moved to Monday, a Friday stays.
        ("2022-01-06", [("2022-03-07", "2022-03-09")], "2022-03-08"),
        ("2022-01-04", [("2022-03-05", "2022-03-09")], "2022-03-04"),
    ],
)
def test_s08_a_pause_through_the_moved_day_moves_it_on(
    filed: str, pauses: list[tuple[str, str]], due_on: str
) -> None:
    cases, intervals = frame((filed, "2022-12-30")), waiting(*(("a", *its) for its in pauses))
    for calendar in (CALENDAR, "denmark"):
        assert due(within("2 months", calendar=calendar), cases, intervals) == [day(due_on)]


def test_s08_decided_on_the_day_that_a_pause_moved_it_to() -> None:
    cases = frame(("2022-02-16", "2022-04-25"), ("2022-02-16", "2022-04-26"))
    its = waiting(("a", "2022-04-18", "2022-04-25"), ("b", "2022-04-18", "2022-04-25"))
    result = kpi.evaluate(plan_of_2022(within("2 months")), {"cases": cases, "waiting": its})
    assert result.audit().collect()["met"].to_list() == [True, False]


def test_s08_due_dates_of_a_column_move_too() -> None:
    """Saturday 12 March is moved to Monday the 14th, when a pause of two days begins."""
    cases = frame(("2022-03-01", "2022-05-02"), ("2022-03-01", "2022-05-02")).with_columns(
        due=pl.lit(dt.date(2022, 3, 12))
    )
    its = waiting(("a", "2022-03-14", "2022-03-17"), ("b", "2022-03-15", "2022-03-18"))
    found = due(within({"column": "due"}), cases, its)
    assert found == [day("2022-03-15"), day("2022-03-14")]


def test_s08_without_rolling_only_a_pause_through_the_due_day_moves_it() -> None:
    cases = frame(*[("2022-02-16", "2022-12-30")] * 3)
    its = waiting(
        ("a", "2022-04-16", "2022-04-18"),
        ("b", "2022-04-17", "2022-04-19"),
        ("c", "2022-04-18", "2022-04-25"),
    )
    found = due(within("2 months", roll="none"), cases, its)
    assert found == [day("2022-04-18"), day("2022-04-16"), day("2022-04-16")]


def test_s08_a_day_that_the_calendar_lacks_excludes_the_case() -> None:
    own = {"off": [], "covers": {"through": "2022-03-13", "since": "2022-01-01"}}
    cases = frame(("2022-03-01", "2022-05-02"), ("2022-03-01", "2022-05-02"))
    its = waiting(("b", "2022-03-11", "2022-03-14"))
    target = within("10 days", calendar=own)  # Friday the 11th; with the pause Monday the 14th
    trail = kpi.evaluate(plan_of_2022(target), {"cases": cases, "waiting": its}).audit().collect()
    assert trail["reason"].to_list() == [None, "outside the calendar"]


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("limit", ["2 months", "10 days", "0 days"])
def test_s08_as_reckoned_step_by_step(seed: int, limit: str) -> None:
    """Count, move, look for pauses, until nothing changes."""
    rng = random.Random(seed)  # noqa: S311 - a test, not a secret
    rows, intervals, found = [], [], []
    for case in "abcdefghij":
        start = dt.date(2022, 1, 1) + dt.timedelta(rng.randrange(120))
        counted = start + dt.timedelta(10) if limit == "10 days" else start
        if limit == "2 months":
            later = months_later(start, 2)
            assert later is not None
            counted = later
        pauses: list[Pause] = []
        for _ in range(rng.randrange(4)):
            since = counted + dt.timedelta(rng.randrange(-12, 12))
            pauses.append((since, since + dt.timedelta(rng.randrange(1, 9))))
        rows.append((str(start), "2022-12-30"))
        intervals += [(case, str(since), str(to)) for since, to in pauses]
        found.append(_until_nothing_changes(start, counted, pauses))
    assert due(within(limit), frame(*rows), waiting(*intervals)) == found


def _until_nothing_changes(start: dt.date, counted: dt.date, pauses: list[Pause]) -> dt.date:
    moved = rolled(counted)
    while True:
        begun = [pause for pause in pauses if pause[0] <= moved]
        # A pause that another has begun, or that touches it, is one stretch with that one.
        reached = max([to for _, to in begun if to is not None], default=start)
        begun += [pause for pause in pauses if pause[0] <= reached]
        paused = 0
        date = start
        while date < dt.date(2022, 12, 30):
            paused += is_paused(date, begun)
            date += DAY
        again = rolled(counted + dt.timedelta(paused))
        if again == moved:
            return moved
        moved = again


def test_s08_pauses_are_counted_until_the_end_alone() -> None:
    """A case that is decided in its pause is paused through the day before."""
    cases = frame(("2022-02-16", "2022-04-20"))
    its = waiting(("a", "2022-04-18", "2022-12-01"))
    # Saturday 16 April and 2 days are Monday, moved to Tuesday: decided on Wednesday is late.
    assert due(within("2 months"), cases, its) == [day("2022-04-19")]


def test_s08_pauses_that_touch_are_one() -> None:
    """From Easter Monday for 12 days: Saturday 16 April and 12 days is the 28th, however written."""
    cases = frame(("2022-02-16", "2022-12-30"), ("2022-02-16", "2022-12-30"))
    its = waiting(
        ("a", "2022-04-18", "2022-04-30"),
        ("b", "2022-04-18", "2022-04-24"),
        ("b", "2022-04-24", "2022-04-30"),
    )
    assert due(within("2 months"), cases, its) == [day("2022-04-28")] * 2


def april(day: int) -> dt.date:
    return D(2022, 4, day)


def test_s08_a_column_of_due_dates_is_rolled_and_moved_in_the_same_way() -> None:
    case = {"filed": D(2022, 2, 16), "decided": D(2022, 5, 31), "due": april(16)}
    target = hand_worked.within(limit={"column": "due"}, roll="next working day", pauses="waiting")
    assert row(target, case, waiting=[(april(18), april(25))], period="2022").due == april(25)


@pytest.mark.parametrize(
    ("stops", "due"),
    [
        # 16 April is not covered, and no pause moves it: it is not known what day the period ends on.
        ([], None),
        ([(april(17), april(30))], None),
        # Five days from the 11th make it Thursday the 21st, whatever the 16th was.
        ([(april(11), april(16))], april(21)),
        # Three days make it the 19th, which is not covered, and a pause from the 18th moves that to the 21st.
        ([(april(11), april(14)), (april(18), april(20))], april(21)),
        ([(april(11), april(14)), (april(20), april(22))], None),
    ],
)
def test_s08_only_the_day_that_the_period_ends_on_must_be_covered(
    stops: Sequence[tuple[dt.date, dt.date]], due: dt.date | None
) -> None:
    calendar = {"off": [], "covers": {"since": april(20), "through": D(2022, 12, 31)}}
    target = hand_worked.within(
        limit="2 months", roll="next working day", pauses="waiting", calendar=calendar
    )
    case = {"filed": D(2022, 2, 16), "decided": D(2022, 5, 31)}
    found = row(target, case, waiting=stops, period="2022")
    assert (found.bucket, found.due) == ("counted" if due else "excluded", due)
