"""Which paused time is meant, as the name of the column that holds it (S14)."""

from __future__ import annotations

from attrs import frozen

from kpi.definitions.calendars import Calendar
from kpi.definitions.limits import DueColumn
from kpi.definitions.spans import Span
from kpi.definitions.time_options import MonthEnd, Roll


@frozen
class PauseCutoff:
    """A limit that is used up at some day: pauses that begin after it move no due date.

    Attributes:
        limit: the limit, or the column of due dates; counted from the start without pauses.
        mode: the month-end mode.
        calendar: whose working days.
        roll: what a due day that is no working day becomes: pauses through the moved day count (S8).
    """

    limit: Span | DueColumn
    mode: MonthEnd
    calendar: Calendar
    roll: Roll = "none"

    @property
    def in_working_days(self) -> bool:
        """Whether working days are counted, and all days otherwise."""
        return isinstance(self.limit, Span) and self.limit.in_working_days


@frozen
class PausedDays:
    """The time for which each case of a table was paused.

    Attributes:
        tables: the tables of pauses, whose intervals are merged.
        start: the date that a case's time is counted from.
        end: the date that it is counted to.
        until: the limit whose due date it moves; None for all paused days.
        calendar: whose working days are counted, of all paused days; None for every day.
    """

    tables: tuple[str, ...]
    start: str
    end: str
    until: PauseCutoff | None = None
    calendar: Calendar | None = None

    @property
    def column(self) -> str:
        """The column that holds it: whole days, or working days where the limit is in those."""
        until = "" if self.until is None else f":{self.until!r}"
        working = "" if self.calendar is None else f":{self.calendar!r}"
        return f"kpi:paused:{','.join(self.tables)}:{self.start}:{self.end}{until}{working}"

    @property
    def open_column(self) -> str:
        """The column that says whether a pause keeps an open case from having a due date (S14).

        It is there only where some row has such a pause.
        """
        return f"{self.column}:open"
