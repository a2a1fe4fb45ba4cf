"""Paused time as an identity: the tables, dates and limit, and the columns that hold it (S14)."""

from __future__ import annotations

from attrs import frozen

from kpi.definitions.calendars import Calendar
from kpi.definitions.limits import DueColumn
from kpi.definitions.time_options import MonthEnd, Roll
from kpi.definitions.time_units import Span


@frozen
class PauseCutoff:
    """A limit that is used up at some day: pauses that begin after that day move no due date.

    Attributes:
        limit: the limit, or the column of due dates; counted from the start without pauses.
        mode: the month-end mode.
        calendar: the calendar of the working days.
        roll: how a due day off the working days is moved: pauses through the moved day count (S8).
    """

    limit: Span | DueColumn
    mode: MonthEnd
    calendar: Calendar
    roll: Roll = "none"

    @property
    def in_working_days(self) -> bool:
        """Whether working days are counted, not all days."""
        return isinstance(self.limit, Span) and self.limit.in_working_days


@frozen
class PausedDays:
    """The time for which each case of a table was paused.

    Attributes:
        tables: the tables of pauses, whose intervals are merged.
        start: the date that a case's time is counted from.
        end: the date that it is counted to.
        until: the limit whose due date the pauses move; None for all paused days.
        calendar: the calendar whose working days are counted, of all paused days; None for every
            day.
        in_hours: whether the time within the opening hours of that calendar is counted, in
            microseconds, from and to instants (S35).
    """

    tables: tuple[str, ...]
    start: str
    end: str
    until: PauseCutoff | None = None
    calendar: Calendar | None = None
    in_hours: bool = False

    @property
    def column(self) -> str:
        """The name of the column: whole days, or what the limit is in, working days or hours."""
        until = "" if self.until is None else f":{self.until!r}"
        working = "" if self.calendar is None else f":{self.calendar!r}"
        hours = ":in hours" if self.in_hours else ""
        return f"kpi:paused:{','.join(self.tables)}:{self.start}:{self.end}{until}{working}{hours}"

    @property
    def open_column(self) -> str:
        """The name of the mask of the open cases that a pause keeps from having a due date (S14).

        The column exists only where some row has such a pause.
        """
        return f"{self.column}:open"

    @property
    def lost_column(self) -> str:
        """The name of the mask of the cases with a pause at a time that the clocks skipped (S1).

        The column exists only where some row has such a pause, and the clock is read.
        """
        return f"{self.column}:lost"
