"""Which time of a case is deducted, as the name of the column that holds it (S14)."""

from __future__ import annotations

from attrs import frozen

from kpi.calendars import Calendar


@frozen
class PausedTime:
    """The time for which each case of a table was paused.

    Attributes:
        tables: the tables of pauses, whose intervals are merged.
        start: the date that a case's time is counted from.
        end: the date that it is counted to.
        calendar: whose working days are counted; None for all days.
    """

    tables: tuple[str, ...]
    start: str
    end: str
    calendar: Calendar | None = None

    @property
    def column(self) -> str:
        """The column that holds it, in whole days."""
        of = "" if self.calendar is None else f":{self.calendar!r}"
        return f"kpi:paused:{','.join(self.tables)}:{self.start}:{self.end}{of}"
