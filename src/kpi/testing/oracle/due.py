"""The due date of a case, or why there is none: what the limits of every kind give."""

from __future__ import annotations

import datetime as dt

from attrs import frozen


@frozen(kw_only=True)
class Due:
    """The due date of a case, or the reason why there is none.

    Attributes:
        day: the last day in time, in the plan's zone; None where there is none.
        moment: the last instant in time, where the clock is read; None for a whole day.
        clock: whether the limit is in hours and minutes.
        reads: the columns whose time of day decides; their local times must have been (S1).
        backwards: whether the limit is counted backwards from the start.
        missing: whether the case has no limit.
        refused: whether the month-end mode refuses to name the day.
        uncovered: whether the calendar does not cover a day that is needed.
        held_up: whether there is no due date yet, as a pause is not over (S14).
        lost_pause: whether a pause begins or ends at a local time that never was (S1).
    """

    day: dt.date | None = None
    moment: dt.datetime | None = None
    clock: bool = False
    reads: tuple[str, ...] = ()
    backwards: bool = False
    missing: bool = False
    refused: bool = False
    uncovered: bool = False
    held_up: bool = False
    lost_pause: bool = False
