"""The choices of how time is counted, which a plan makes and a target may make anew (S4, S7, S8, S14)."""

from __future__ import annotations

from typing import Literal, TypeAlias

from kpi.definitions.fields import NAMES, about, choice

MonthEnd: TypeAlias = Literal["down", "sticky", "up", "refuse"]
"""What a due day that its month does not have becomes (S4)."""
MONTH_ENDS: tuple[MonthEnd, ...] = ("down", "sticky", "up", "refuse")
Roll: TypeAlias = Literal["none", "next working day"]
"""What a due day that is no working day becomes (S8)."""
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
    """A month-end mode (S4).

    Raises:
        PlanError: where it is none.
    """
    return choice(value, MONTH_ENDS)


def optional_month_end(value: object) -> MonthEnd | None:
    """A month-end mode (S4), or None for the plan's own."""
    return None if value is None else month_end(value)


def roll(value: object) -> Roll:
    """What a due day that is no working day becomes (S8).

    Raises:
        PlanError: where it is none.
    """
    return choice(value, ROLLS)


def optional_roll(value: object) -> Roll | None:
    """The same, or None for the plan's own."""
    return None if value is None else roll(value)
