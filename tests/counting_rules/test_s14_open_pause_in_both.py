"""S14: a case that is paused and not yet due has no due date, for none can know it."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from kpi.testing.oracle import Row
from tests.counting_rules.hand_worked import D, row, within


def march(day: int) -> dt.date:
    return D(2017, 3, day)


FILED: dict[str, object] = {"filed": march(1), "decided": D(2017, 4, 25)}
UNDETERMINED, OUTSIDE = Row("undetermined"), Row("outside")


def miss(due: dt.date, paused: int = 0) -> Row:
    return Row("counted", met=False, due=due, paused=paused)


@pytest.mark.parametrize(
    ("denominator", "became"),
    [
        ("overdue", UNDETERMINED),
        ("settled", UNDETERMINED),
        ("due", OUTSIDE),
        ("closed", OUTSIDE),
        # Not ended is not met; it has no due date all the same.
        ("cohort", Row("counted", met=False, paused=20)),
    ],
)
def test_s14_no_due_date_while_a_pause_is_not_over(denominator: str, became: Row) -> None:
    """Ten days from 1 March; paused on the tenth, 11 March, until 25 April, and decided that day."""
    target = within(limit="10 days", denominator=denominator, pauses="waiting")
    stops = [(march(11), D(2017, 4, 25))]
    assert row(target, FILED, waiting=stops, as_of=march(31)) == became
    # 55 days less 45, on the day itself.
    ended = Row("counted", met=True, days=10, due=D(2017, 4, 25), paused=45)
    assert row(target, FILED, waiting=stops, as_of=D(2017, 4, 25)) == ended


@pytest.mark.parametrize(
    ("stop", "as_of", "became"),
    [
        # It began a day after the due date, and changes nothing.
        ((march(12), None), march(31), miss(march(11), paused=19)),
        ((march(10), None), march(31), UNDETERMINED),
        # It began on the as-of date, which is the due date.
        ((march(11), None), march(11), UNDETERMINED),
        # It is not there yet.
        ((march(12), None), march(11), miss(march(11))),
        # Over on the as-of date, twenty days later, and not known to be over the day before.
        ((march(11), march(31)), march(31), miss(march(31), paused=20)),
        ((march(11), march(31)), march(30), UNDETERMINED),
        # Before the start, and never over.
        ((D(2017, 2, 1), None), march(31), UNDETERMINED),
        # Without a beginning it cannot be used.
        ((None, None), march(31), miss(march(11))),
    ],
)
def test_s14_a_pause_counts_that_began_on_the_due_date_or_before(
    stop: tuple[Any, Any], as_of: dt.date, became: Row
) -> None:
    target = within(limit="10 days", denominator="overdue", pauses="waiting")
    assert row(target, {"filed": march(1)}, waiting=[stop], as_of=as_of) == became


def test_s14_an_earlier_pause_moves_the_due_date_onto_one_that_is_open() -> None:
    """Due on the 11th, moved to the 13th by the first pause; the second began on the 13th."""
    target = within(limit="10 days", denominator="overdue", pauses="waiting")
    stops = [(march(3), march(5)), (march(13), None)]
    assert row(target, {"filed": march(1)}, waiting=stops, as_of=march(20)) == UNDETERMINED
    stops = [(march(3), march(5)), (march(14), None)]
    assert row(target, {"filed": march(1)}, waiting=stops, as_of=march(20)).due == march(13)


def test_s14_in_working_days() -> None:
    """Five working days from Wednesday 1 March: the 8th."""
    target = within(limit="5 working days", denominator="overdue", pauses="waiting")
    case = {"filed": march(1)}
    assert row(target, case, waiting=[(march(8), None)], as_of=march(20)) == UNDETERMINED
    assert row(target, case, waiting=[(march(9), None)], as_of=march(20)).due == march(8)


def test_s14_no_working_days_are_over_with_the_start_whatever_is_paused() -> None:
    target = within(limit="0 working days", denominator="overdue", pauses="waiting")
    stops = [(D(2017, 2, 1), None)]
    assert row(target, {"filed": march(1)}, waiting=stops, as_of=march(8)).due == march(1)


def test_s14_a_pause_that_is_open_through_the_rolled_day_leaves_no_due_date() -> None:
    """Ten days from 1 March 2017 with a Saturday at the end: rolled to Monday the 13th."""
    target = within(
        limit="10 days", denominator="overdue", pauses="waiting", roll="next working day"
    )
    case = {"filed": march(1)}
    assert row(target, case, waiting=[], as_of=march(31)).due == march(13)
    assert row(target, case, waiting=[(march(13), None)], as_of=march(31)) == UNDETERMINED
    assert row(target, case, waiting=[(march(14), None)], as_of=march(31)).due == march(13)


def test_s14_a_due_date_of_the_case_waits_too() -> None:
    target = within(limit={"column": "due"}, denominator="due", pauses="waiting")
    case = {"filed": march(1), "due": march(11)}
    assert row(target, case, waiting=[(march(11), None)], as_of=march(31)) == OUTSIDE
    assert row(target, case, waiting=[(march(12), None)], as_of=march(31)).due == march(11)


def test_s14_a_case_that_is_excluded_is_so_whether_it_waits_or_not() -> None:
    target = within(limit="1 month", month_end="refuse", denominator="overdue", pauses="waiting")
    case = {"filed": D(2017, 1, 31)}
    found = row(target, case, waiting=[(D(2017, 2, 1), None)], as_of=march(31))
    assert found == Row("excluded", "refused month end")
