"""Sums of groups of rows as rules take them, from the totals of a state."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from attrs import evolve

from kpi.definitions.case_weights import value_and_weight
from kpi.definitions.plan import Plan
from kpi.definitions.series import Period
from kpi.definitions.sums import Sums
from kpi.definitions.target import Target
from kpi.engine.state import COUNTED, COUNTED_AS, State, groups_apart
from kpi.results.totals import BySegment, Part, SegmentTotals, over_segments, segments_inside

COUNTED_ROWS = "counted rows"
"""The number of counted rows, where `counted` is what they count as (S32)."""


def days_of(target: Target, period: Period | None, plan: Plan) -> tuple[dt.date | None, dt.date]:
    """Return the first and last day of a target's window, or of its window in a period.

    The first day is None where the window has no beginning.
    """
    window = target.window_of(plan) if period is None else period.window
    assert window.last is not None, "a target's window has an end"
    return window.first, window.last


def group_sums(
    segments: BySegment, first: dt.date | None, last: dt.date, state: State
) -> tuple[Sums, dict[Part, Sums]]:
    """Return the sums of a group of rows, and of each of its segments with rows inside."""
    parts = {
        part: sums_of(totals, first, last, state, part)
        for part, totals in segments_inside(segments)
    }
    sums = sums_of(over_segments(segments), first, last, state)
    return (evolve(sums, parts=dict(parts)) if parts else sums), parts


def sums_of(
    totals: SegmentTotals, first: dt.date | None, last: dt.date, state: State, part: Part = ()
) -> Sums:
    """Return the sums of rows of one segment, or of all segments together.

    Args:
        totals: the totals of the rows.
        first: the first day that the sums are about; None where the window has no beginning.
        last: the last day that the sums are about.
        state: the state that the totals are of.
        part: the segment; () for all together.
    """
    numbers, groups = groups_apart(totals.numbers)
    bins, weighed = totals.bins, {}
    if COUNTED_AS in numbers:
        # To a rule, a case that counts as several persons is several.
        numbers = {**numbers, COUNTED_ROWS: numbers[COUNTED], COUNTED: numbers[COUNTED_AS]}
        weighed = {
            name: {value_and_weight(number): n for number, n in by_number.items()}
            for name, by_number in bins.items()
        }
        bins = {name: _persons(cases) for name, cases in weighed.items()}
    return Sums(
        numbers=numbers,
        bins=bins,
        weighed=weighed,
        groups=groups,
        part=part,
        first=first,
        last=last,
        as_of=state.as_of,
        calendar=state.plan.calendar,
    )


def _persons(cases: Mapping[tuple[int, int], int]) -> dict[int, int]:
    """Return a histogram of persons by value, of cases by value and weight."""
    persons: dict[int, int] = {}
    for (value, weight), n in cases.items():
        persons[value] = persons.get(value, 0) + n * weight
    return persons
