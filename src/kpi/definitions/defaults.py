"""The choices of a plan that its targets fall back on."""

from __future__ import annotations

from typing import Protocol

from kpi.definitions.calendars import Calendar
from kpi.definitions.time_options import MonthEnd, Roll
from kpi.definitions.windows import Window


class Defaults(Protocol):
    """What a rule may ask of a plan; `kpi.Plan` fulfils it."""

    @property
    def period(self) -> Window:
        """The window of every target without a window of its own."""

    @property
    def time_zone(self) -> str:
        """The zone whose calendar dates are counted (S1)."""

    @property
    def month_end(self) -> MonthEnd:
        """The month-end mode (S4)."""

    @property
    def calendar(self) -> Calendar:
        """The calendar of working days (S7)."""

    @property
    def roll(self) -> Roll:
        """What a due day that is no working day becomes (S8)."""
