"""Records of groups of rows, each with the records of its segments (S28)."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from fractions import Fraction
from typing import Any

from attrs import evolve

from kpi.definitions.reserved import PERIOD
from kpi.definitions.series import Period
from kpi.definitions.sums import Sums
from kpi.definitions.target import Target
from kpi.engine.state import COUNTED
from kpi.results.bases import Base
from kpi.results.group_sums import days_of, group_sums, sums_of
from kpi.results.possible import BEFORE_THE_END, Possibilities
from kpi.results.possible_totals import group_key
from kpi.results.record import RecordBuilder
from kpi.results.target_result import TargetResult, exact_value
from kpi.results.totals import BySegment, Part, SegmentTotals
from kpi.results.verdicts import combined_verdict


def group_record(
    records: RecordBuilder,
    target: Target,
    segments: BySegment,
    group: Mapping[str, Any],
    period: Period | None,
    base: Base | None = None,
) -> TargetResult:
    """Return the record of a target over one group of rows, in its window or in a period.

    A segment that has rows inside in the base alone is one of the target too (S33).
    """
    state = records.state
    if period is not None and target.counts_in_several_periods:
        target = target.in_period(period.window)
    first, last = days_of(target, period, state.plan)
    if period is None and PERIOD in group:
        # Rows without a period are of no day of the window.
        first = None
    sums, parts = group_sums(segments, first, last, state)
    of_base: tuple[Sums, dict[Part, Sums]] | None = None
    if base is not None and target.base is not None:
        days = days_of(target.base, base.period, state.plan)
        of_base = group_sums(base.segments, *days, state)
        for part in of_base[1].keys() - parts.keys():
            parts[part] = sums_of(SegmentTotals(), first, last, state, part)
        for part in parts.keys() - of_base[1].keys():
            of_base[1][part] = sums_of(SegmentTotals(), *days, state, part)
        parts = dict(sorted(parts.items(), key=_in_order))
    possible = _possible(records, target, group, period, {(): sums, **parts}, of_base)
    record = records.record(
        target, sums, group, None if of_base is None else of_base[0], possible.get(())
    )
    if (target.each is None and not parts) or records.constants(target).not_reported:
        return record
    each = [
        records.record(
            target,
            part_sums,
            _part_group(target, part),
            None if of_base is None else of_base[1][part],
            possible.get(part),
        )
        for part, part_sums in parts.items()
    ]
    present = {segment.group.get(target.each or "") for segment in each}
    of_base_sums = None if of_base is None else of_base[0]
    each += _without_cases(records, target, present, sums, of_base_sums, possible)
    verdict = combined_verdict([segment.verdict for segment in each])
    if record.verdict in ("met", "missed", "not_assessable"):
        # Before the last day the possibilities of the whole say what comes of its segments (F13).
        record = evolve(record, verdict="not_assessable" if verdict == "lapsed" else verdict)
    return evolve(record, each=tuple(each))


def shown_group_record(
    records: RecordBuilder,
    target: Target,
    segments: BySegment,
    group: Mapping[str, Any],
    period: Period | None,
    base: Base | None = None,
) -> TargetResult:
    """Return a group's record: an indicator where the requirement applies to the total only."""
    record = group_record(records, target, segments, group, period, base)
    if target.applies_to_total_only and record.verdict in ("met", "missed"):
        return evolve(record, verdict="indicator")
    if target.applies_to_total_only and record.verdict in ("secured", "lost"):
        return evolve(record, verdict="open", possible=None)
    return record


def _possible(
    records: RecordBuilder,
    target: Target,
    group: Mapping[str, Any],
    period: Period | None,
    status: Mapping[Part, Sums],
    base: tuple[Sums, dict[Part, Sums]] | None,
) -> Mapping[Part, Possibilities]:
    """Return what can still become of a target over a group of rows, and of each segment (F13).

    Empty for the periods of a series that is asked of every target: what is asked of the target
    itself falls in no period.
    """
    state = records.state
    own_series = period is not None and target.every is not None
    if not state.possible.height or (PERIOD in group and not own_series):
        return {}
    bases = None
    if base is not None and target.base is not None:
        if base[0].last > state.as_of:
            return {}
        bases = {
            part: _exact(target.base, of_part)
            for part, of_part in (((), base[0]), *base[1].items())
        }
    return records.possible.of_group(
        target, group_key(state, group), None if period is None else period.first, status, bases
    )


def _exact(target: Target, sums: Sums) -> tuple[Fraction | None, int]:
    """Return the exact value that sums give, and the counted rows."""
    measure = target.measure(sums)
    counted = sums[COUNTED] if measure.counted is None else measure.counted
    return exact_value(measure, counted), counted


def _without_cases(
    records: RecordBuilder,
    target: Target,
    present: Collection[object],
    sums: Sums,
    base: Sums | None,
    possible: Mapping[Part, Possibilities],
) -> Iterator[TargetResult]:
    """Yield a record for each declared segment that has no case: lapsed (S28).

    Before the last day it is what can still become of it, where cases may still come (F13).
    """
    for part in target.declared_segments():
        if part not in present:
            none, of_base = (
                None
                if of is None
                else sums_of(SegmentTotals(), of.first, of.last, records.state, (part,))
                for of in (sums, base)
            )
            assert none is not None, "a target has sums of its own"
            of_part = possible.get((part,))
            record = records.record(target, none, _part_group(target, (part,)), of_base, of_part)
            may_come = of_part is not None or not possible
            is_open = record.verdict in BEFORE_THE_END and may_come
            yield record if is_open else evolve(record, verdict="lapsed")


def _in_order(part: tuple[Part, Sums]) -> list[tuple[bool, str]]:
    """Return what segments are sorted by: those without a value first."""
    return [(key is not None, key or "") for key in part[0]]


def _part_group(target: Target, part: Part) -> dict[str, Any]:
    names = [*([target.each] if target.each is not None else []), "stretch"]
    return dict(zip(names, part, strict=False))
