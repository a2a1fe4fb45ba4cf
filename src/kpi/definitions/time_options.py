"""Options of counting time, set by a plan and perhaps anew by a target (S4, S7, S8, S14)."""

from __future__ import annotations

from typing import Literal, TypeAlias

from kpi.definitions.fields import NAMES, about, choice

MonthEnd: TypeAlias = Literal["down", "sticky", "up", "refuse"]
"""Month-end mode: the date in place of a due date that its month does not have (S4)."""
MONTH_ENDS: tuple[MonthEnd, ...] = ("down", "sticky", "up", "refuse")
Roll: TypeAlias = Literal["none", "next working day"]
"""Rolling: the date in place of a due date that is no working day (S8)."""
ROLLS: tuple[Roll, ...] = ("none", "next working day")


MONTH_END = about(
    "This target's month-end mode (S4; default: the plan's).", {"enum": list(MONTH_ENDS)}
)
CALENDAR = about(
    "Whose working days, for this target (S7; default: the plan's).",
    {"$ref": "#/$defs/calendar"},
)
ROLL = about(
    "What a due day that is no working day becomes, for this target (S8; default: the plan's).",
    {"enum": list(ROLLS)},
)
PAUSES = about(
    "The table of pauses, or the tables, whose days do not count (S14; default: all days count).",
    NAMES,
)
UNLESS_PAUSED = about(
    "The table of pauses, or the tables, that leave a case out if it was paused for a day or more "
    "between start and end (S14; default: none is left out).",
    NAMES,
)


def month_end(value: object) -> MonthEnd:
    """Parse a month-end mode (S4).

    Raises:
        PlanError: where the value names no month-end mode.
    """
    return choice(value, MONTH_ENDS)


def optional_month_end(value: object) -> MonthEnd | None:
    """Parse a month-end mode (S4); None, the plan's mode, stays None."""
    return None if value is None else month_end(value)


def roll(value: object) -> Roll:
    """Parse the rolling of due dates (S8).

    Raises:
        PlanError: where the value names no rolling.
    """
    return choice(value, ROLLS)


def optional_roll(value: object) -> Roll | None:
    """Parse the rolling of due dates (S8); None, the plan's rolling, stays None."""
    return None if value is None else roll(value)
