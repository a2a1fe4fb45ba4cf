"""Wording of requirements: thresholds, segments and limits as a reader sees them."""

from __future__ import annotations

from kpi.definitions.limits import Dated
from kpi.definitions.target import Target
from kpi.definitions.thresholds import Threshold, ThresholdByValue
from kpi.errors import listed


def percent(threshold: Threshold) -> str:
    """Return a threshold in words: "90 %", "all", "90 % (decided before 2022-07-01), 95 % (…)"."""
    if isinstance(threshold, ThresholdByValue):
        by_value = [f"{percent(each)} ({value})" for value, each in threshold.thresholds.items()]
        return listed(by_value, most=4)
    if isinstance(threshold, Dated):
        column = threshold.column
        shown = [
            f"{percent(value)} ({column} {words})" for words, value in threshold.periods_in_force()
        ]
        return ", ".join(shown)
    return "all" if threshold == 100 else f"{threshold:f} %"


def limit_words(target: Target) -> str:
    """Return the options that a target sets itself in words: month ends, calendar, rolling."""
    mode, roll, calendar = target.month_end, target.roll, target.calendar
    words = [
        *([f"month ends {mode}"] if mode is not None else []),
        *([f"working days of {calendar}"] if calendar is not None else []),
        *([_ROLLED[roll]] if roll is not None else []),
    ]
    return f" ({', '.join(words)})" if words else ""


_ROLLED = {"none": "due on any day", "next working day": "due on working days"}
