"""The load of open cases in words: what they are, and how many can be in time (F33, F34)."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from kpi.evaluation.follow_up import FollowUp, Outlook
from kpi.evaluation.work_list.workload import Load
from kpi.report import follow_words, words

HEADING = "Work list"
_GROUPS = ("in_time", "late", "against", "paused", "not_started")
_WORDS = {
    "in_time": "can be in time",
    "late": "late already",
    "against": "would count against it",
    "paused": "without a due date while a pause runs",
    "not_started": "without a start",
}
_NUMBERS = ("count", "stock", "flow", "clearance")
_MOST_WEEKS = 4
"""Weeks that are shown; the file of cases and the JSON have all."""


def loads(follow_up: FollowUp) -> list[tuple[Outlook, Load]]:
    """Return the outlooks that have a load, each with it."""
    found = [(leaf, leaf.load) for leaf in follow_words.leaves(follow_up)]
    return [(leaf, load) for leaf, load in found if load is not None]


def load(outlook: Outlook, of: Load) -> tuple[str, list[str]]:
    """Return the open cases of a target in a line, and the lines that belong below it."""
    named = [f"{n:,} {_word(outlook, name)}" for name in _GROUPS if (n := getattr(of, name))]
    line = f"of the open cases {', '.join(named)}" if named else "no open case can change it"
    return line, list(_below(outlook, of))


def _word(outlook: Outlook, group: str) -> str:
    if group == "in_time" and outlook.status.rule in _NUMBERS:
        return "can help"
    return _WORDS[group]


def _below(outlook: Outlook, of: Load) -> Iterator[str]:
    if of.in_time:
        weeks = [week for week in of.weeks if week.due]
        # The first of them, which come soonest, and all.
        weeks = [*weeks[:_MOST_WEEKS], *weeks[_MOST_WEEKS:][-1:]]
        cumulated = ", ".join(f"{week.due_by_then:,} by {week.last}" for week in weeks)
        yield f"decisions due: {cumulated}"
        mean = "" if of.capacity_given else " (the mean of the last 13 weeks)"
        most = f"at most {of.most_in_time:,} of {of.in_time:,}"
        yield f"if {of.condition}{mean}, all of these cases: {most} in time"
    if of.late and of.late_age is not None:
        age = f"late cases are {_days(of.late_age)} old on average"
        yield age + ("" if of.room is None else f"; {_room(of.room)} of them")
    if of.late and of.in_time_needed is not None:
        needed = of.in_time_needed
        than = f"{needed:,} in time are needed beside them" if needed else "the share still holds"
        yield f"if {of.late_decided}: {than}"
    if of.by_due_date is not None and of.by_due_date[1]:
        met, counted = of.by_due_date
        value, unit = words.amount(Fraction(met, counted), outlook.status)
        yield f"the share by due date, whichever are decided: {value}{unit} ({met:,} of {counted:,})"


def _room(room: int) -> str:
    return f"room for {room:,}" if room else "room for none"


def _days(age: Fraction) -> str:
    return f"{round(age):,} days"
