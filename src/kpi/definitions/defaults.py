"""The choices of a plan that its targets fall back on."""

from __future__ import annotations

from typing import Protocol

from kpi.definitions.calendars import Calendar
from kpi.definitions.time_options import MonthEnd, Roll
from kpi.definitions.windows import Window


class Defaults(Protocol):
    """Protocol of the choices that a rule may ask of a plan; `kpi.Plan` fulfils the protocol."""

    @property
    def period(self) -> Window:
        """The window of every target that declares none (S9)."""

    @property
    def time_zone(self) -> str:
        """The time zone in which dates are local (S1)."""

    @property
    def month_end(self) -> MonthEnd:
        """The month-end mode (S4)."""

    @property
    def calendar(self) -> Calendar:
        """The calendar of working days (S7)."""

    @property
    def roll(self) -> Roll:
        """The rolling of a due date that is no working day (S8)."""

    @property
    def year_starts(self) -> str:
        """The month that years begin in, "01" to "12" (S30)."""
