"""S35: working hours are the time within opening hours between two instants."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from attrs import evolve

import kpi
from kpi.rules.within import Within
from kpi.testing.oracle import Row
from tests.builders import WAITING
from tests.counting_rules import hand_worked
from tests.counting_rules.hand_worked import D, T

OFFICE = {"name": "denmark", "hours": {"weekdays": "08:00-16:00", "friday": "08:00-15:00"}}
"""An office that closes an hour earlier on Fridays."""

NIGHT = {"covers": "2017", "off": [], "weekend": [], "hours": {"weekdays": "00:00-24:00"}}
NIGHT = {**NIGHT, "hours": {**NIGHT["hours"], "saturday": "00:00-24:00", "sunday": "00:00-24:00"}}  # type: ignore[dict-item]
"""A duty room that never closes."""


def within_hours(limit: Any = "8 working hours", calendar: Any = OFFICE, **words: Any) -> Within:
    """A share of the cases within working hours."""
    return hand_worked.within(limit, calendar=calendar, **words)


def may(day: int, hour: int = 0, minute: int = 0, second: int = 0) -> dt.datetime:
    """A time of May 2017, whose 1st is a Monday; Friday the 12th is Store Bededag."""
    return T(2017, 5, day, hour, minute, second)


def counted(days: int, due: dt.date, *, met: bool) -> Row:
    """A counted case."""
    return Row("counted", met=met, days=days, due=due)


@pytest.mark.parametrize(
    ("filed", "decided", "expected"),
    [
        # Four hours of Thursday and four of Friday.
        (may(4, 12), may(5, 12), counted(1, D(2017, 5, 5), met=True)),
        (may(4, 12), may(5, 12, 0, 1), counted(1, D(2017, 5, 5), met=False)),
        # Store Bededag and the weekend have no hours.
        (may(11, 12), may(15, 12), counted(4, D(2017, 5, 15), met=True)),
        (may(11, 12), may(15, 12, 1), counted(4, D(2017, 5, 15), met=False)),
        # From Saturday all of Monday is used up at closing time: until Tuesday's opening no more.
        (may(6, 10), may(8, 22), counted(2, D(2017, 5, 9), met=True)),
        (may(6, 10), may(9, 8), counted(3, D(2017, 5, 9), met=True)),
        (may(6, 10), may(9, 8, 0, 1), counted(3, D(2017, 5, 9), met=False)),
        # Friday closes at three: seven hours, and one of Monday.
        (may(5, 7, 30), may(8, 9), counted(3, D(2017, 5, 8), met=True)),
        (may(5, 7, 30), may(8, 9, 0, 1), counted(3, D(2017, 5, 8), met=False)),
        (may(4, 12), may(4, 11), Row("excluded", "end before start")),
        (None, may(4, 11), Row("excluded", "start missing")),
    ],
)
def test_s35_eight_working_hours(
    filed: dt.datetime | None, decided: dt.datetime, expected: Row
) -> None:
    found = hand_worked.one(within_hours(), filed=filed, decided=decided)
    assert evolve(found, microseconds=None) == expected


def test_s35_several_intervals_a_day_leave_out_what_lies_between() -> None:
    """From 11:00 to 14:00 with an hour closed at noon: two hours; and a closed Wednesday."""
    hours = {"weekdays": ["08:00-12:00", "13:00-16:00"], "wednesday": []}
    calendar = {"name": "denmark", "hours": hours}
    two = within_hours("1 working hour and 60 working minutes", calendar)
    assert hand_worked.one(two, filed=may(2, 11), decided=may(2, 14)).met is True
    assert hand_worked.one(two, filed=may(2, 11), decided=may(2, 14, 1)).met is False
    assert hand_worked.one(two, filed=may(2, 15), decided=may(4, 9)).met is True
    assert hand_worked.one(two, filed=may(2, 15), decided=may(4, 9, 1)).met is False


def test_s35_no_working_hours_last_until_the_next_opening() -> None:
    none = within_hours("0 working hours")
    assert hand_worked.one(none, filed=may(5, 15), decided=may(8, 8)).met is True
    assert hand_worked.one(none, filed=may(5, 15), decided=may(8, 8, 0, 1)).met is False
    assert hand_worked.one(none, filed=may(5, 14, 59), decided=may(5, 15)).met is False


@pytest.mark.parametrize(
    ("filed", "decided", "met"),
    [
        # 26 March 2017: two o'clock became three. A shift from 01:00 to 05:00 took three hours.
        (T(2017, 3, 26, 1), T(2017, 3, 26, 5), True),
        (T(2017, 3, 26, 0, 59, 59), T(2017, 3, 26, 5), False),
        # 29 October 2017: three o'clock became two. From 02:00, the first, to 04:00: three hours.
        (T(2017, 10, 29, 2), T(2017, 10, 29, 4), True),
        (T(2017, 10, 29, 1, 59, 59), T(2017, 10, 29, 4), False),
    ],
)
def test_s35_a_shift_in_which_the_clocks_change_has_its_elapsed_length(
    filed: dt.datetime, decided: dt.datetime, *, met: bool
) -> None:
    target = within_hours("3 working hours", NIGHT)
    assert hand_worked.one(target, filed=filed, decided=decided).met is met
    elapsed = hand_worked.within("3 hours")
    assert hand_worked.one(elapsed, filed=filed, decided=decided).met is met


def test_s35_an_opening_time_that_the_clocks_skip_or_repeat() -> None:
    """Open at 02:30: on 26 March from three o'clock on, on 29 October from the first 02:30."""
    early = {"covers": "2017", "off": [], "weekend": [], "hours": {"sunday": "02:30-05:00"}}
    two = within_hours("2 working hours", early)
    assert hand_worked.one(two, filed=T(2017, 3, 25, 12), decided=T(2017, 3, 26, 23)).met is True
    three = within_hours("3 working hours", early)
    late = {"filed": T(2017, 10, 28, 12), "decided": T(2017, 10, 29, 4)}
    # 02:30 to 04:00 with an hour that came twice: two and a half.
    assert hand_worked.one(three, **late).met is True
    assert hand_worked.one(two, **late).met is False


@pytest.mark.parametrize(
    ("pauses", "decided", "met"),
    [
        # Filed on Tuesday at 08:00: used up at 16:00, or Wednesday's opening.
        ([], may(3, 8, 30), False),
        # Two hours of a pause of which half an hour is said twice.
        ([(may(2, 9), may(2, 10, 30)), (may(2, 10), may(2, 11))], may(3, 10), True),
        ([(may(2, 9), may(2, 10, 30)), (may(2, 10), may(2, 11))], may(3, 10, 0, 1), False),
        # A pause at night takes no working hours.
        ([(may(2, 18), may(3, 7))], may(3, 8, 0, 1), False),
        # From midnight to midnight: a day is its first instant, and Wednesday does not count.
        ([(D(2017, 5, 3), D(2017, 5, 4))], may(4, 8), True),
        ([(D(2017, 5, 3), D(2017, 5, 4))], may(4, 8, 0, 1), False),
        # It goes on: as long as the case.
        ([(may(2, 9), None)], may(31, 9), True),
    ],
)
def test_s35_pauses_are_deducted_by_the_minute(
    pauses: list[tuple[object, object]], decided: dt.datetime, *, met: bool
) -> None:
    target = within_hours(pauses="waiting")
    case = {"filed": may(2, 8), "decided": decided}
    assert hand_worked.row(target, case, waiting=pauses).met is met


@pytest.mark.parametrize(
    ("since", "denominator", "expected"),
    [
        # Due at Wednesday's opening: a pause that begins by then keeps the case from being due.
        (may(3, 8), "overdue", Row("undetermined")),
        (may(3, 8, 0, 1), "overdue", Row("counted", met=False, due=D(2017, 5, 3), paused=242)),
        (may(2, 9), "due", Row("outside")),
        (may(2, 9), "cohort", Row("counted", met=False, paused=243)),
    ],
)
def test_s35_an_open_case_in_a_pause_has_no_due_date_yet(
    since: dt.datetime, denominator: str, expected: Row
) -> None:
    target = within_hours(pauses="waiting", denominator=denominator)
    assert hand_worked.row(target, {"filed": may(2, 8)}, waiting=[(since, None)]) == expected


def test_s35_a_pause_at_a_time_that_the_clocks_skipped_excludes_the_case() -> None:
    pause = (T(2017, 3, 26, 2, 30), T(2017, 3, 27, 9))
    case = {"filed": T(2017, 3, 24, 9), "decided": T(2017, 3, 27, 10)}
    row = hand_worked.row(within_hours(pauses="waiting"), case, waiting=[pause])
    assert row == Row("excluded", "no such local time")
    in_days = hand_worked.within("3 days", pauses="waiting")
    assert hand_worked.row(in_days, case, waiting=[pause]).met is True


@pytest.mark.parametrize(
    ("as_of", "overdue", "settled", "due"),
    [
        # Filed on Saturday, due at the opening of Tuesday the 9th.
        (D(2017, 5, 8), "undetermined", "undetermined", "outside"),
        (D(2017, 5, 9), "counted", "undetermined", "counted"),
        (D(2017, 5, 10), "counted", "counted", "counted"),
    ],
)
def test_s35_an_open_case_is_a_miss_once_its_due_day_is_over(
    as_of: dt.date, overdue: str, settled: str, due: str
) -> None:
    for denominator, bucket in (("overdue", overdue), ("settled", settled), ("due", due)):
        target = within_hours(denominator=denominator)
        assert hand_worked.at(as_of, target, filed=may(6, 10)).bucket == bucket


def test_s35_outside_the_calendar_where_the_due_date_is_not_known() -> None:
    """A calendar of May: known until the last closing time of 31 May, and not after."""
    hours = {"weekdays": "08:00-16:00"}
    target = within_hours(calendar={"off": [], "covers": "2017-05", "hours": hours})
    beyond = Row("excluded", "outside the calendar")
    assert hand_worked.one(target, filed=may(30, 12), decided=T(2017, 6, 9)).met is False
    assert hand_worked.one(target, filed=may(31, 8), decided=may(31, 9)) == beyond
    assert hand_worked.one(target, filed=may(31, 7), decided=may(31, 9)) == beyond
    assert hand_worked.one(target, filed=may(30, 15, 59), decided=may(31, 9)).met is True
    assert hand_worked.one(target, filed=may(30, 16), decided=may(31, 9)) == beyond
    assert hand_worked.one(target, filed=T(2017, 4, 30, 23), decided=may(2, 9)) == beyond
    assert hand_worked.one(target, filed=T(2017, 4, 30, 23), decided=None).bucket == "outside"


def test_s35_outside_the_calendar_whenever_it_ended() -> None:
    """It is not known when the outcome was settled: by the due moment or by an end before that."""
    hours = {"weekdays": "08:00-16:00"}
    target = within_hours(
        calendar={"off": [], "covers": "2017-05", "hours": hours},
        denominator="settled",
        window="2017-06",
    )
    found = hand_worked.one(target, filed=may(31, 8), decided=may(31, 9))
    assert found == Row("excluded", "outside the calendar")


def test_s35_a_pause_that_outlasts_the_calendar_leaves_no_due_date() -> None:
    """Paused from noon on to the end of 2017, of which the calendar knows no more than May."""
    hours = {"weekdays": "08:00-16:00"}
    calendar = {"off": [], "covers": "2017-05", "hours": hours}
    target = within_hours(calendar=calendar, denominator="cohort", pauses="waiting")
    case, pause = {"filed": may(30, 8)}, (may(30, 12), None)
    assert hand_worked.row(target, case, waiting=[pause]).reason == "outside the calendar"
    row = hand_worked.row(target, case, waiting=[pause], as_of=D(2017, 5, 30))
    assert (row.bucket, row.met, row.due) == ("counted", False, None)


def test_s35_open_cases_stand_by_their_due_day() -> None:
    """Filed on Wednesday at noon, 8 hours: due on Thursday; of Tuesday evening, on Thursday too."""
    for at, met in ((D(2017, 5, 4), True), (D(2017, 5, 5), False)):
        target = within_hours(denominator="open", at={"end_of": at})
        for filed in (may(3, 12), may(2, 20)):
            row = hand_worked.row(target, {"filed": filed}, as_of=D(2017, 12, 31))
            assert (row.due, row.met) == (D(2017, 5, 4), met)


def test_s35_the_trail_has_the_seconds_within_opening_hours() -> None:
    """Friday 14:00 to Monday 09:30, less a pause of a quarter: an hour, and one and a quarter."""
    table, waiting = hand_worked.CASES, WAITING
    target = within_hours(pauses="waiting", calendar=None)
    plan = hand_worked.plan(target, tables=[table, waiting], calendar=OFFICE)
    case = hand_worked.rows({"filed": may(5, 14), "decided": may(8, 9, 30)})
    pause = {"case": "c0", "from": may(8, 8, 30), "to": may(8, 8, 45)}
    result = kpi.evaluate(plan, {"cases": case, "waiting": [pause]})
    (row,) = result.audit().collect().to_dicts()
    assert (row["seconds"], row["due"], row["met"]) == (8100, D(2017, 5, 8), True)
    assert result.targets[0].requirement == "90 % within 8 working hours less the pauses in waiting"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (
            {"calendar": "denmark"},
            "targets.0.limit: found 8 working hours, and the calendar denmark has no opening hours",
        ),
        ({"limit": "8 working hours and 3 days"}, "accepted: working hours and working minutes"),
        (
            {"limit": "2 working hours and 30 minutes"},
            "accepted: working hours and working minutes",
        ),
        ({"limit": "8 office hours"}, "did you mean 'working hours'?"),
        ({"limit": "8 working hours before"}, "unknown unit 'working hours'"),
        ({"roll": "next working day"}, "found 'roll' with the limit 8 working hours"),
        (
            {"limit": {"by": "case_type", "limits": {"a": "8 working hours", "b": "8 hours"}}},
            "found limits in hours or minutes beside others; accepted: one kind",
        ),
    ],
)
def test_s35_what_is_refused(words: dict[str, Any], message: str) -> None:
    with pytest.raises(kpi.PlanError) as caught:
        hand_worked.plan(within_hours(**{"limit": "8 working hours", **words}))
    assert message in str(caught.value)
    assert len(caught.value.problems) == 1


@pytest.mark.parametrize("rule", ["average", "percentile"])
def test_s35_amounts_of_time_are_not_in_working_hours(rule: str) -> None:
    words = {"percentile": 50} if rule == "percentile" else {}
    kind: Any = kpi.Target.kinds[rule]
    with pytest.raises(kpi.PlanError, match=r"limit: found '?8 working hours"):
        hand_worked.plan(
            kind(
                id="1",
                start="filed",
                end="decided",
                limit="8 working hours",
                calendar=OFFICE,
                **words,
            )
        )


def test_s35_a_batch_that_the_calendar_covers_adds_up_with_one_that_it_does_not() -> None:
    """Nothing is due outside the calendar in the first alone, and no row is asked about it."""
    hours = {"weekdays": "08:00-16:00"}
    target = within_hours(calendar={"off": [], "covers": "2017-05", "hours": hours})
    made = hand_worked.plan(target)
    cases = hand_worked.rows(
        {"filed": may(4, 9), "decided": may(4, 15)}, {"filed": may(31, 8), "decided": may(31, 9)}
    )
    merged = kpi.finish(kpi.merge(*(kpi.partial(made, cases[n : n + 1]) for n in range(2))))
    (found,) = merged.targets
    assert (found.counted, found.met, found.excluded) == (1, 1, {"outside the calendar": 1})
    assert found == kpi.evaluate(made, cases).targets[0]


def test_s35_each_limit_by_value_is_outside_the_calendar_from_a_time_of_its_own() -> None:
    """On 31 May at noon 4 hours of May are left: enough for 2 hours, and not for 4."""
    hours = {"weekdays": "08:00-16:00"}
    limit = {"by": "case_type", "limits": {"a": "2 working hours", "b": "4 working hours"}}
    target = within_hours(limit, {"off": [], "covers": "2017-05", "hours": hours})
    case = {"filed": may(31, 12), "decided": may(31, 15)}
    assert hand_worked.one(target, case_type="a", **case).met is False
    assert hand_worked.one(target, case_type="b", **case) == Row("excluded", "outside the calendar")
    assert hand_worked.one(target, case_type="c", **case) == Row("excluded", "limit missing")
