"""S8: a due date is counted, moved onto a working day, and moved on by pauses, until nothing changes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import pytest

from tests.counting_rules.hand_worked import D, row, within


def april(day: int) -> dt.date:
    return D(2022, 4, day)


@pytest.mark.parametrize(
    ("stops", "due"),
    [
        # Two months from 16 February end on Easter Saturday, and the Tuesday is a working day.
        ([], april(19)),
        # Seven days from Easter Monday: 23 April is a Saturday, and the Monday after is the 25th.
        ([(april(18), april(25))], april(25)),
        # From the Tuesday itself, the moved day: eight days more, a Sunday, and then the Monday.
        ([(april(19), april(27))], april(25)),
        # After the moved day nothing moves it.
        ([(april(20), april(27))], april(19)),
        # The first pause moves it to Monday the 25th, where the second begins: 16 + 7 + 3 days.
        ([(april(18), april(25)), (april(25), april(28))], april(26)),
        # Moved to the 25th the second is not reached, for it begins a day later.
        ([(april(18), april(25)), (april(26), april(28))], april(25)),
        # Within the days that rolling gives anyhow: 16 + 2 days is Easter Monday.
        ([(april(17), april(19))], april(19)),
        # Before the end of the two months as ever: 16 + 5 days is a Thursday.
        ([(april(11), april(16))], april(21)),
    ],
)
def test_s08_a_pause_through_the_moved_day_moves_it_on(
    stops: Sequence[tuple[dt.date, dt.date]], due: dt.date
) -> None:
    target = within(limit="2 months", roll="next working day", pauses="waiting")
    case = {"filed": D(2022, 2, 16), "decided": D(2022, 5, 31)}
    assert row(target, case, waiting=stops, period="2022").due == due


def test_s08_without_rolling_a_pause_on_easter_monday_is_too_late() -> None:
    case = {"filed": D(2022, 2, 16), "decided": D(2022, 5, 31)}
    target = within(limit="2 months", pauses="waiting")
    assert row(target, case, waiting=[(april(18), april(25))], period="2022").due == april(16)


def test_s08_a_column_of_due_dates_is_rolled_and_moved_in_the_same_way() -> None:
    case = {"filed": D(2022, 2, 16), "decided": D(2022, 5, 31), "due": april(16)}
    target = within(limit={"column": "due"}, roll="next working day", pauses="waiting")
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
    target = within(limit="2 months", roll="next working day", pauses="waiting", calendar=calendar)
    case = {"filed": D(2022, 2, 16), "decided": D(2022, 5, 31)}
    found = row(target, case, waiting=stops, period="2022")
    assert (found.bucket, found.due) == ("counted" if due else "excluded", due)
