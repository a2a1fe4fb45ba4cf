"""Whether rows are missing between a day and the oldest date of a table (S30, S33)."""

from __future__ import annotations

import datetime as dt

from kpi.definitions.calendars import Calendar
from kpi.definitions.messages import Message
from kpi.definitions.target import Target

_DAY = dt.timedelta(days=1)


def may_lack_rows(begins: dt.date, oldest: dt.date | None, calendar: Calendar) -> bool:
    """Return whether rows may be missing from a day to the oldest date of a table.

    They are not where all of the days between are days off (S7): a year that begins with a holiday
    is whole in a table whose first row is of the next working day.

    Args:
        begins: the day.
        oldest: the oldest entry or event of the table; None without any.
        calendar: the calendar of the plan; what it does not cover may be working days.
    """
    if oldest is None or oldest <= begins:
        return False
    first, through = calendar.coverage
    if begins < first or oldest - _DAY > through:
        return True
    return bool(calendar.working_days(begins, oldest - _DAY))


def begins_early(target: Target, begins: dt.date, oldest: dt.date | None) -> Message:
    """Return in words that a window begins before the oldest date of its table."""
    return Message(
        "{target} ({begins}, and {table} with {oldest})",
        target=target.id,
        begins=begins,
        table=target.table,
        oldest=oldest,
    )
