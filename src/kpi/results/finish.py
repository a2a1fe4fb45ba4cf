"""Computation of a result from a state: the last step of finish(merge(partial(batch)))."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from attrs import evolve, field, frozen

from kpi.definitions.case_weights import value_and_weight
from kpi.definitions.doubts import target_remarks
from kpi.definitions.limits import ByValue
from kpi.definitions.parts import Parts
from kpi.definitions.periods import days_name
from kpi.definitions.reserved import PERIOD
from kpi.definitions.series import Period, Series, periods_of_base
from kpi.definitions.sums import Sums
from kpi.definitions.target import Requirement, Target
from kpi.definitions.thresholds import ThresholdByValue
from kpi.definitions.windows import window_name
from kpi.engine.state import (
    COUNTED,
    COUNTED_AS,
    EXCLUDED,
    INSIDE,
    INSIDE_AS,
    ROWS,
    UNDETERMINED,
    UNDETERMINED_AS,
    State,
    decode_segment,
    groups_apart,
)
from kpi.fork_guard import use_engine
from kpi.results.against import beside_base
from kpi.results.notes import notes
from kpi.results.result import Result
from kpi.results.score import score
from kpi.results.sensitivity import hangs_on_rejected
from kpi.results.target_result import CountedAs, TargetResult, Verdict
from kpi.results.totals import (
    BySegment,
    Group,
    Part,
    SegmentTotals,
    SeriesTotals,
    added,
    has_rows,
    has_rows_inside,
    over_segments,
    segments_inside,
    series_totals,
)
from kpi.results.verdicts import combined_verdict, verdict_of
from kpi.rules._condition import condition_of


def finish(state: State) -> Result:
    """Compute the result of a state: values, verdicts, groups, score and notes; no audit trail."""
    use_engine()
    totals: dict[str, dict[Group, BySegment]] = {}
    for target, *key, part, quantity, value, n in state.sums.iter_rows():
        parts = totals.setdefault(target, {}).setdefault(tuple(key), {})
        segment = decode_segment(part)
        if segment not in parts:
            parts[segment] = SegmentTotals()
        parts[segment].add(quantity, value, n)
    builder = _ResultBuilder(state, totals)
    results = tuple(builder.requirement(requirement) for requirement in state.plan.targets)
    scored = score(state.plan, results)
    return Result(
        plan=state.plan,
        as_of=state.as_of,
        as_of_given=state.as_of_given,
        targets=results,
        score=scored,
        facts=state.facts,
        series=state.series,
        notes=tuple(notes(state, results, scored, builder.sensitive)),
    )


@frozen(eq=False, repr=False)
class _TargetConstants:
    """Properties of a target that are the same in all groups.

    Attributes:
        not_reported: whether the extract lacks a table that the target reads, or batches had apart,
            or twice, what the target takes together (S25).
        condition_holds: whether the target's condition came about; None where nobody reported it.
    """

    not_reported: bool
    condition_holds: bool | None


@frozen(eq=False, repr=False)
class _Base:
    """Totals of the base of a target over a group of rows (S33).

    Attributes:
        segments: the totals by segment.
        period: the period that they are of; None for the window of the base.
    """

    segments: BySegment
    period: Period | None = None


@frozen(eq=False, repr=False)
class _Totals:
    """Totals of a target: of all rows, and of each group of the break-down.

    Attributes:
        together: the totals of all rows.
        groups: the totals of each group.
    """

    together: SeriesTotals
    groups: Mapping[Group, SeriesTotals]


@frozen(eq=False, repr=False)
class _ResultBuilder:
    """Builder of the records of a state's requirements.

    Attributes:
        state: the state.
        totals: the totals of the state by target, group and segment.
        cached_constants: the constants of each target asked for so far, by id.
        cached_words: limit and requirement in words by target, segment and last day of the period
            that they name, as far as asked for.
        sensitive: ids of the targets whose verdict hangs on rejected rows (S12), as far as built.
    """

    state: State
    totals: Mapping[str, Mapping[Group, BySegment]]
    cached_constants: dict[str, _TargetConstants] = field(factory=dict)
    cached_words: dict[tuple[str, Part, dt.date | None], tuple[str | None, str]] = field(
        factory=dict
    )
    sensitive: set[str] = field(factory=set)

    def constants(self, target: Target) -> _TargetConstants:
        """Return the properties that are the same in all groups of a target, computed once."""
        if target.id not in self.cached_constants:
            not_reported = not self.state.is_assessable(target)
            self.cached_constants[target.id] = _TargetConstants(
                not_reported, self.condition_holds(target)
            )
        return self.cached_constants[target.id]

    def words(self, target: Target, sums: Sums) -> tuple[str | None, str]:
        """Return limit and requirement in words, of a target or of a segment; computed once."""
        day = sums.last if target.counts_in_several_periods else None
        key = (target.id, sums.part, day)
        if key not in self.cached_words:
            self.cached_words[key] = (
                _own_words(target, sums.part)
                if sums.part
                else (target.limit_text, target.requirement_text)
            )
        return self.cached_words[key]

    def requirement(self, requirement: Requirement) -> TargetResult:
        """Return the record of a requirement: of the target itself, or of the parts together."""
        if isinstance(requirement, Target):
            return self.target(requirement)
        assert isinstance(requirement, Parts), "a requirement is a target, or has parts"
        parts = tuple(self.target(part) for part in requirement.leaves())
        verdict = combined_verdict([part.verdict for part in parts], requirement.must_hold)
        return TargetResult(
            id=requirement.id,
            title=requirement.title,
            title_da=requirement.title_da,
            source=requirement.source,
            goal=requirement.goal,
            weight=requirement.weight,
            rule="parts",
            requirement=f"{requirement.must_hold} of its parts",
            verdict=verdict,
            unit="parts",
            parts=parts,
        )

    def target(self, target: Target) -> TargetResult:
        """Return the record of a target over all rows, with the records of its groups."""
        totals = self.totals_of(target)
        base = None if target.base is None else self.totals_of(target.base)
        of_base = None if base is None else base.together
        whole = self.whole(target, totals.together, {}, of_base)
        if whole.verdict in ("met", "missed") and self.hangs_on_rejected(
            target, totals.together, of_base
        ):
            self.sensitive.add(target.id)
        return evolve(
            whole,
            groups=tuple(self.groups(target, totals, base)),
            remarks=(*target_remarks(target, self.state.plan), *whole.remarks),
        )

    def totals_of(self, target: Target) -> _Totals:
        """Return the totals of a target over all rows and over each group."""
        plan, series = self.state.plan, self.series_of(target)
        by_group = self.by_group(target)
        firsts: dict[dt.date | None, list[BySegment]] = {}
        for by_first in by_group.values():
            for first, parts in by_first.items():
                firsts.setdefault(first, []).append(parts)
        together = {
            first: parts[0] if len(parts) == 1 else added(parts) for first, parts in firsts.items()
        }
        return _Totals(
            series_totals(target, plan, series, together),
            {
                key: series_totals(target, plan, series, by_first)
                for key, by_first in by_group.items()
            },
        )

    def series_of(self, target: Target) -> Series | None:
        """Return the series of a target: its own, or that which is asked of every target."""
        return self.state.plan.series_of(target) or self.state.series

    def bases(self, target: Target, base: SeriesTotals | None) -> dict[dt.date, _Base]:
        """Return the base of each period of a target, by the first day of the period (S33).

        Empty where there is no base, no series, or the windows do not divide into as many periods.
        """
        series, comparison = self.series_of(target), target.comparison
        if base is None or series is None or comparison is None:
            return {}
        window = target.series_window(self.state.plan)
        pairs = periods_of_base(series, window, comparison.window) or {}
        totals = {None if period is None else period.first: parts for period, parts in base.periods}
        return {
            first: _Base(totals.get(of_base.first, {}), of_base) for first, of_base in pairs.items()
        }

    def by_group(self, target: Target) -> dict[Group, dict[dt.date | None, BySegment]]:
        """Return the totals of a target by group of the break-down, then by first day of a period."""
        by_group: dict[Group, dict[dt.date | None, BySegment]] = {}
        # The batches that had all of the tables are not the whole.
        if not self.constants(target).not_reported:
            for key, parts in self.totals.get(target.id, {}).items():
                group, first = (key[:-1], key[-1]) if self.state.has_periods else (key, None)
                by_group.setdefault(group, {})[first] = parts  # type: ignore[index]  # a column of dates
        return by_group

    def groups(
        self, target: Target, totals: _Totals, base: _Totals | None
    ) -> Iterator[TargetResult]:
        """Yield the records of the groups of a target: of the break-down, the series, or both."""
        names = self.state.by
        facts = self.state.facts.get(target.table)
        lacking = {*facts.missing_group_columns} if facts is not None else set()
        if self.state.series is None and lacking >= {*names}:
            # The table lacks every column of the break-down, or there is none.
            return
        for key, of_group in totals.groups.items():
            group = dict(zip(names, key, strict=True))
            of_base = None if base is None else base.groups.get(key, SeriesTotals({}))
            if self.state.series is None:
                if has_rows(of_group.whole):
                    yield self.whole(target, of_group, group, of_base)
                continue
            bases = self.bases(target, of_base)
            for period, parts in self.periods_shown(target, of_group, bases):
                name = None if period is None else period.name
                against = None if period is None else bases.get(period.first)
                named = group | {PERIOD: name}
                yield self.shown_group(target, parts, named, period, against)

    def periods_shown(
        self, target: Target, totals: SeriesTotals, bases: Mapping[dt.date, _Base]
    ) -> Iterator[tuple[Period | None, BySegment]]:
        """Yield the periods of a group that have rows, or whose base has rows inside (S33)."""
        of_base = {first for first, base in bases.items() if has_rows_inside(base.segments)}
        shown = [(period, parts) for period, parts in totals.periods if has_rows(parts)]
        absent = of_base - {period.first for period, _ in shown if period is not None}
        if absent:
            series, window = self.series_of(target), target.series_window(self.state.plan)
            assert series is not None, "a period is one of a series"
            shown += [(p, {}) for p in series.periods(window) if p.first in absent]
            shown.sort(key=lambda one: (one[0] is None, one[0] and one[0].first))
        yield from shown

    def whole(
        self,
        target: Target,
        totals: SeriesTotals,
        group: Mapping[str, Any],
        base: SeriesTotals | None = None,
    ) -> TargetResult:
        """Return the record of a target over its window; every period of its own must reach it."""
        shown = self.shown_group if group else self.group
        record = shown(
            target, totals.whole, group, None, None if base is None else _Base(base.whole)
        )
        if target.every is None or self.constants(target).not_reported:
            return record
        each, verdicts = [], []
        bases = self.bases(target, base)
        for period, parts in totals.periods:
            assert period is not None, "a target's own series has every period by name"
            of_period = shown(target, parts, {PERIOD: period.name}, period, bases.get(period.first))
            verdicts.append(of_period.verdict)
            each += [
                evolve(segment, group={**segment.group, PERIOD: period.name})
                for segment in of_period.each or (of_period,)
            ]
        if record.verdict != "indicator":
            record = evolve(record, verdict=combined_verdict(verdicts))
        return evolve(record, each=tuple(each))

    def shown_group(
        self,
        target: Target,
        segments: BySegment,
        group: Mapping[str, Any],
        period: Period | None,
        base: _Base | None = None,
    ) -> TargetResult:
        """Return a group's record: an indicator where the requirement applies to the total only."""
        record = self.group(target, segments, group, period, base)
        if target.applies_to_total_only and record.verdict in ("met", "missed"):
            return evolve(record, verdict="indicator")
        return record

    def group(
        self,
        target: Target,
        segments: BySegment,
        group: Mapping[str, Any],
        period: Period | None,
        base: _Base | None = None,
    ) -> TargetResult:
        """Return the record of a target over one group of rows, in its window or in a period.

        A segment that has rows inside in the base alone is one of the target too (S33).
        """
        if period is not None and target.counts_in_several_periods:
            target = target.in_period(period.window)
        first, last = self.days(target, period)
        if period is None and PERIOD in group:
            # Rows without a period are of no day of the window.
            first = None
        sums, parts = self.sums(segments, first, last)
        of_base: tuple[Sums, dict[Part, Sums]] | None = None
        if base is not None and target.base is not None:
            days = self.days(target.base, base.period)
            of_base = self.sums(base.segments, *days)
            for part in of_base[1].keys() - parts.keys():
                parts[part] = _sums(SegmentTotals(), first, last, self.state, part)
            for part in parts.keys() - of_base[1].keys():
                of_base[1][part] = _sums(SegmentTotals(), *days, self.state, part)
            parts = dict(sorted(parts.items(), key=_in_order))
        record = self.record(target, sums, group, None if of_base is None else of_base[0])
        if (target.each is None and not parts) or self.constants(target).not_reported:
            return record
        each = [
            self.record(
                target,
                part_sums,
                _part_group(target, part),
                None if of_base is None else of_base[1][part],
            )
            for part, part_sums in parts.items()
        ]
        present = {segment.group.get(target.each or "") for segment in each}
        each += self.lapsed(target, present, sums, None if of_base is None else of_base[0])
        verdict = combined_verdict([segment.verdict for segment in each])
        if record.verdict in ("met", "missed", "not_assessable"):
            record = evolve(record, verdict="not_assessable" if verdict == "lapsed" else verdict)
        return evolve(record, each=tuple(each))

    def sums(
        self, segments: BySegment, first: dt.date | None, last: dt.date
    ) -> tuple[Sums, dict[Part, Sums]]:
        """Return the sums of a group of rows, and of each of its segments with rows inside."""
        parts = {
            part: _sums(totals, first, last, self.state, part)
            for part, totals in segments_inside(segments)
        }
        sums = _sums(over_segments(segments), first, last, self.state)
        return (evolve(sums, parts=dict(parts)) if parts else sums), parts

    def hangs_on_rejected(
        self, target: Target, totals: SeriesTotals, base: SeriesTotals | None
    ) -> bool:
        """Return whether the verdict could be the other one if the rejected rows counted (S12)."""
        facts = self.state.facts.get(target.table)
        if facts is None or not facts.rejected:
            return False
        judged = [(None, totals.whole)] if target.every is None else totals.periods
        bases = self.bases(target, base)
        judged_sums: list[tuple[Sums, Sums | None]] = []
        for period, segments in judged:
            sums, parts = self.sums(segments, *self.days(target, period))
            if base is None or target.base is None:
                judged_sums += [(one, None) for one in [*parts.values()] or [sums]]
                continue
            of_period = _Base(base.whole) if period is None else bases[period.first]
            days = self.days(target.base, of_period.period)
            of_base, base_parts = self.sums(of_period.segments, *days)
            none = _sums(SegmentTotals(), *days, self.state)
            judged_sums += [(one, base_parts.get(part, none)) for part, one in parts.items()] or [
                (sums, of_base)
            ]
        return hangs_on_rejected(target, judged_sums, facts)

    def lapsed(
        self, target: Target, present: Collection[object], sums: Sums, base: Sums | None
    ) -> Iterator[TargetResult]:
        """Yield a lapsed record for each declared segment that has no case (S28)."""
        for part in target.declared_segments():
            if part not in present:
                none, of_base = (
                    None
                    if of is None
                    else _sums(SegmentTotals(), of.first, of.last, self.state, (part,))
                    for of in (sums, base)
                )
                assert none is not None, "a target has sums of its own"
                record = self.record(target, none, _part_group(target, (part,)), of_base)
                yield evolve(record, verdict="lapsed")

    def days(self, target: Target, period: Period | None) -> tuple[dt.date | None, dt.date]:
        """Return the first and last day of a target's window, or of its window in a period.

        The first day is None where the window has no beginning.
        """
        window = target.window_of(self.state.plan) if period is None else period.window
        assert window.last is not None, "a target's window has an end"
        return window.first, window.last

    def record(
        self, target: Target, sums: Sums, group: Mapping[str, Any], base: Sums | None = None
    ) -> TargetResult:
        """Return the record of a target with the given sums, beside that of its base.

        A target that is compared is an indicator where it has no base, as in a period that no
        period of the base stands against (S33).
        """
        record = self.record_alone(target, sums, group)
        if target.comparison is None:
            return record
        if base is None or target.base is None:
            return evolve(record, verdict=self.verdict(target, sums.last, None, asks=False))
        record = beside_base(record, self.record_alone(target.base, base, group), target.comparison)
        record = evolve(record, base_window=self.base_name(target, base))
        assert record.compared is not None, "it stands beside its base"
        last = max(sums.last, base.last)
        return evolve(record, verdict=self.verdict(target, last, record.compared.reached))

    def base_name(self, target: Target, base: Sums) -> str:
        """Return the name of the window of a base, or of the period of a series that it is."""
        series, comparison = self.series_of(target), target.comparison
        assert comparison is not None, "a base belongs to a comparison"
        window, first = comparison.window, base.first or base.last
        if series is None or (base.first, base.last) == (window.first, window.last):
            return window_name(window)
        period = series.period_of(base.last, window)
        return period.name if period.first == first else days_name(first, base.last)

    def record_alone(self, target: Target, sums: Sums, group: Mapping[str, Any]) -> TargetResult:
        """Return the record of a target with the given sums."""
        measure = target.measure(sums)
        if self.constants(target).not_reported:
            measure = evolve(measure, value=None, figures={}, remarks=())
        limit, requirement = self.words(target, sums)
        counted, counted_as = sums[COUNTED] if measure.counted is None else measure.counted, None
        if target.count_as is not None:
            undetermined = sums[UNDETERMINED_AS]
            counted_as = CountedAs(
                column=target.count_as,
                counted=counted,
                excluded=sums[INSIDE_AS] - counted - undetermined,
                undetermined=undetermined,
            )
            counted = sums[_COUNTED_ROWS] - sum(measure.excluded.values())
        excluded = {
            quantity.removeprefix(EXCLUDED): n
            for quantity, n in sums.numbers.items()
            if n and quantity.startswith(EXCLUDED)
        }
        excluded |= {reason: n for reason, n in measure.excluded.items() if n}
        return TargetResult(
            id=target.id,
            title=target.title,
            title_da=target.title_da,
            source=target.source,
            goal=target.goal,
            weight=target.weight,
            rule=target.rule,
            table=target.table,
            # A segment that must reach the target on its own has the rows inside alone.
            rows=sums[INSIDE] if sums.part else sums[ROWS],
            outside=0 if sums.part else sums[ROWS] - sums[INSIDE],
            counted=counted,
            counted_as=counted_as,
            excluded=excluded,
            undetermined=sums[UNDETERMINED],
            met=measure.met,
            total=measure.total,
            value=measure.value,
            exact=measure.exact,
            unit=measure.unit,
            figures=measure.figures,
            limit=limit,
            threshold=target.threshold_of(sums.part),
            bounds=target.bounds,
            requirement=requirement,
            verdict=self.verdict(target, sums.last, measure.reached),
            remarks=measure.remarks,
            group=group,
        )

    def verdict(
        self,
        target: Target,
        last: dt.date,
        reached: bool | None,  # noqa: FBT001 - what a measure says
        *,
        asks: bool = True,
    ) -> Verdict:
        """Return the verdict of a target over one group of rows (S25, S27, S28).

        Args:
            target: the target.
            last: the last day that the record is about; before it the verdict is open.
            reached: whether the measure reaches the requirement; None where there is no measure.
            asks: whether the requirement can be asked of the group.
        """
        constants = self.constants(target)
        return verdict_of(
            condition_holds=constants.condition_holds,
            has_tables=not constants.not_reported,
            has_requirement=asks and target.has_requirement,
            is_over=self.state.as_of >= last,
            reached=reached,
        )

    def condition_holds(self, target: Target) -> bool | None:
        """Return whether a target's condition came about; None where nobody reported it."""
        condition = condition_of(target)
        if condition is None:
            return True
        if not self.state.is_assessable(condition):
            return None
        last = condition.window_of(self.state.plan).last
        assert last is not None, "a condition's window has an end"
        totals = over_segments(added(self.totals.get(condition.id, {}).values()))
        return condition.measure(_sums(totals, None, last, self.state)).reached


def _own_words(target: Target, part: Part) -> tuple[str | None, str]:
    """Return limit and requirement in words of a segment: a value, a stretch of time, or both.

    The limit is None where the limits do not name the value: cases of that value have none (S12).
    """
    limit, threshold = target.limit, target.threshold_of(part)
    own: dict[str, Any] = {}
    if isinstance(limit, ByValue) and limit.column == target.each:
        own["limit"] = limit.limits.get(part[0] or "")
        if own["limit"] is None:
            return None, f"no limit for this {target.each}"
    if threshold is None and isinstance(target.threshold, ThresholdByValue):
        return target.limit_text, f"no threshold for this {target.each}"
    if threshold is not None:
        own["threshold"] = threshold
    of_part: Any = evolve(target, each=None, readings=(), **own)
    return of_part.limit_text, of_part.requirement


def _in_order(part: tuple[Part, Sums]) -> list[tuple[bool, str]]:
    """Return what segments are sorted by: those without a value first."""
    return [(key is not None, key or "") for key in part[0]]


def _part_group(target: Target, part: Part) -> dict[str, Any]:
    names = [*([target.each] if target.each is not None else []), "stretch"]
    return dict(zip(names, part, strict=False))


_COUNTED_ROWS = "counted rows"
"""The number of counted rows, where `counted` is what they count as (S32)."""


def _persons(cases: Mapping[tuple[int, int], int]) -> dict[int, int]:
    """Return a histogram of persons by value, of cases by value and weight."""
    persons: dict[int, int] = {}
    for (value, weight), n in cases.items():
        persons[value] = persons.get(value, 0) + n * weight
    return persons


def _sums(
    totals: SegmentTotals, first: dt.date | None, last: dt.date, state: State, part: Part = ()
) -> Sums:
    numbers, groups = groups_apart(totals.numbers)
    bins, weighed = totals.bins, {}
    if COUNTED_AS in numbers:
        # To a rule, a case that counts as several persons is several.
        numbers = {**numbers, _COUNTED_ROWS: numbers[COUNTED], COUNTED: numbers[COUNTED_AS]}
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
