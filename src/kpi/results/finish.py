"""Computation of a result from a state: the last step of finish(merge(partial(batch)))."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any, TypeAlias

from attrs import evolve, field, frozen

from kpi.definitions.doubts import target_remarks
from kpi.definitions.limits import ByValue
from kpi.definitions.parts import Parts
from kpi.definitions.periods import days_name, period_end, period_name
from kpi.definitions.reserved import PERIOD
from kpi.definitions.sums import Sums
from kpi.definitions.target import Requirement, Target
from kpi.definitions.thresholds import ThresholdByValue
from kpi.definitions.windows import window_name
from kpi.engine.state import COUNTED, EXCLUDED, INSIDE, ROWS, UNDETERMINED, State, decode_segment
from kpi.fork_guard import use_engine
from kpi.results.notes import notes
from kpi.results.result import Result
from kpi.results.score import score
from kpi.results.sensitivity import hangs_on_rejected
from kpi.results.target_result import TargetResult, Verdict
from kpi.results.verdicts import combined_verdict, verdict_of
from kpi.rules._condition import condition_of

Part: TypeAlias = tuple[str | None, ...]
Group: TypeAlias = tuple[object, ...]


@frozen(eq=False, repr=False)
class _SegmentTotals:
    """Totals of one segment of a target, or of all of its rows.

    Attributes:
        numbers: the total of each quantity, rows or what the rule sums.
        bins: for each quantity that is counted by value, the number of rows of each value.
    """

    numbers: dict[str, int] = field(factory=dict)
    bins: dict[str, dict[int, int]] = field(factory=dict)

    def add(self, quantity: str, value: int | None, n: int) -> None:
        numbers: dict[Any, int] = (
            self.numbers if value is None else self.bins.setdefault(quantity, {})
        )
        key = quantity if value is None else value
        numbers[key] = numbers.get(key, 0) + n


_Parts: TypeAlias = dict[Part, _SegmentTotals]


def finish(state: State) -> Result:
    """Compute the result of a state: values, verdicts, groups, score and notes; no audit trail."""
    use_engine()
    totals: dict[str, dict[Group, _Parts]] = {}
    for target, *key, part, quantity, value, n in state.sums.iter_rows():
        parts = totals.setdefault(target, {}).setdefault(tuple(key), {})
        segment = decode_segment(part)
        if segment not in parts:
            parts[segment] = _SegmentTotals()
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
        notes=tuple(notes(state, results, scored, builder.sensitive)),
    )


@frozen(eq=False, repr=False)
class _TargetConstants:
    """Properties of a target that are the same in all groups.

    Attributes:
        limit: the limit of the target in words; None where there is none.
        requirement: the requirement in words.
        not_reported: whether the extract lacks a table that the target reads, or batches had apart,
            or twice, what the target takes together (S25).
        condition_holds: whether the target's condition came about; None where nobody reported it.
    """

    limit: str | None
    requirement: str
    not_reported: bool
    condition_holds: bool | None


@frozen(eq=False, repr=False)
class _ResultBuilder:
    """Builder of the records of a state's requirements.

    Attributes:
        state: the state.
        totals: the totals of the state by target, group and segment.
        cached_constants: the constants of each target asked for so far, by id.
        cached_words: limit and requirement in words by target and segment, as far as asked for.
        sensitive: ids of the targets whose verdict hangs on rejected rows (S12), as far as built.
    """

    state: State
    totals: Mapping[str, Mapping[Group, _Parts]]
    cached_constants: dict[str, _TargetConstants] = field(factory=dict)
    cached_words: dict[tuple[str, Part], tuple[str | None, str]] = field(factory=dict)
    sensitive: set[str] = field(factory=set)

    def constants(self, target: Target) -> _TargetConstants:
        """Return the properties that are the same in all groups of a target, computed once."""
        if target.id not in self.cached_constants:
            not_reported = not self.state.is_assessable(target)
            self.cached_constants[target.id] = _TargetConstants(
                target.limit_text,
                target.requirement_text,
                not_reported,
                self.condition_holds(target),
            )
        return self.cached_constants[target.id]

    def words(self, target: Target, part: Part) -> tuple[str | None, str]:
        """Return limit and requirement in words, of a target or of a segment; computed once."""
        key = (target.id, part)
        if key not in self.cached_words:
            constants = self.constants(target)
            whole = constants.limit, constants.requirement
            self.cached_words[key] = _own_words(target, part) if part else whole
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
        # The batches that had all of the tables are not the whole.
        by_group = {} if self.constants(target).not_reported else self.totals.get(target.id, {})
        names = self.state.group
        groups = tuple(
            self.shown_group(target, parts, dict(zip(names, key, strict=True)))
            for key, parts in by_group.items()
            if names and () in parts and parts[()].numbers.get(ROWS)
        )
        facts = self.state.facts.get(target.table)
        if (
            facts is not None
            and self.state.every is None
            and {*facts.missing_group_columns} >= {*self.state.by}
        ):
            # The table lacks every column of the break-down.
            groups = ()
        segments = _added(by_group.values())
        whole = self.group(target, segments, {})
        if whole.verdict in ("met", "missed") and self.hangs_on_rejected(target, segments):
            self.sensitive.add(target.id)
        return evolve(
            whole,
            groups=groups,
            remarks=(*target_remarks(target, self.state.plan), *whole.remarks),
        )

    def shown_group(
        self, target: Target, segments: _Parts, group: Mapping[str, Any]
    ) -> TargetResult:
        """Return a group's record: an indicator where the requirement applies to the total only."""
        record = self.group(target, segments, group)
        if target.applies_to_total_only and record.verdict in ("met", "missed"):
            return evolve(record, verdict="indicator")
        return record

    def group(self, target: Target, segments: _Parts, group: Mapping[str, Any]) -> TargetResult:
        """Return the record of a target over one group of its rows, or over all rows."""
        first, last, shown = self.days(target, group)
        parts = {
            part: _sums(totals, first, last, self.state, part)
            for part, totals in segments.items()
            if part and totals.numbers.get(INSIDE)
        }
        sums = _sums(_whole(segments), first, last, self.state)
        sums = evolve(sums, parts=parts) if parts else sums
        record = self.record(target, sums, shown)
        if (target.each is None and not parts) or self.constants(target).not_reported:
            return record
        each = [
            self.record(target, part_sums, _part_group(target, part))
            for part, part_sums in parts.items()
        ]
        present = {segment.group.get(target.each or "") for segment in each}
        each += self.lapsed(target, present, first, last)
        verdict = combined_verdict([segment.verdict for segment in each])
        if record.verdict in ("met", "missed", "not_assessable"):
            record = evolve(record, verdict="not_assessable" if verdict == "lapsed" else verdict)
        return evolve(record, each=tuple(each))

    def hangs_on_rejected(self, target: Target, segments: _Parts) -> bool:
        """Return whether the verdict could be the other one if the rejected rows counted (S12)."""
        facts = self.state.facts.get(target.table)
        if facts is None or not facts.rejected:
            return False
        first, last, _ = self.days(target, {})
        parts = [
            _sums(totals, first, last, self.state, part)
            for part, totals in segments.items()
            if part and totals.numbers.get(INSIDE)
        ]
        whole = [_sums(_whole(segments), first, last, self.state)]
        return hangs_on_rejected(target, parts or whole, facts)

    def lapsed(
        self, target: Target, present: Collection[object], first: dt.date | None, last: dt.date
    ) -> Iterator[TargetResult]:
        """Yield a lapsed record for each declared segment that has no case (S28)."""
        for part in target.declared_segments():
            if part not in present:
                sums = _sums(_SegmentTotals(), first, last, self.state, (part,))
                record = self.record(target, sums, _part_group(target, (part,)))
                yield evolve(record, verdict="lapsed")

    def days(
        self, target: Target, group: Mapping[str, Any]
    ) -> tuple[dt.date | None, dt.date, dict[str, Any]]:
        """Return the first and last day that a group of a target is about, and the group as shown.

        The first day is None where the target's window has no beginning, and for rows without a
        period.
        """
        window = target.window_of(self.state.plan)
        first, last = window.first, window.last
        assert last is not None, "a target's window has an end"
        shown = dict(group)
        every = self.state.every
        if every and PERIOD in group:
            begins = group[PERIOD]
            if begins is None:
                return None, last, shown
            if target.has_one_period:
                shown[PERIOD] = window_name(window)
                return first, last, shown
            ends = period_end(begins, every)
            last = min(last, ends)
            first = begins if first is None else max(first, begins)
            whole = (first, last) == (begins, ends)
            shown[PERIOD] = period_name(begins, every) if whole else days_name(first, last)
        return first, last, shown

    def record(self, target: Target, sums: Sums, group: Mapping[str, Any]) -> TargetResult:
        """Return the record of a target with the given sums."""
        measure = target.measure(sums)
        if self.constants(target).not_reported:
            measure = evolve(measure, value=None, figures={}, remarks=())
        limit, requirement = self.words(target, sums.part)
        counted = sums[COUNTED] if measure.counted is None else measure.counted
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
            excluded=excluded,
            undetermined=sums[UNDETERMINED],
            met=measure.met,
            total=measure.total,
            value=measure.value,
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

    def verdict(self, target: Target, last: dt.date, reached: bool | None) -> Verdict:  # noqa: FBT001 - what a measure says
        """Return the verdict of a target over one group of rows (S25, S27, S28).

        Args:
            target: the target.
            last: the last day that the record is about; before it the verdict is open.
            reached: whether the measure reaches the requirement; None where there is no measure.
        """
        constants = self.constants(target)
        return verdict_of(
            condition_holds=constants.condition_holds,
            has_tables=not constants.not_reported,
            has_requirement=target.has_requirement,
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
        totals = _whole(_added(self.totals.get(condition.id, {}).values()))
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


def _part_group(target: Target, part: Part) -> dict[str, Any]:
    names = [*([target.each] if target.each is not None else []), "stretch"]
    return dict(zip(names, part, strict=False))


def _sums(
    totals: _SegmentTotals, first: dt.date | None, last: dt.date, state: State, part: Part = ()
) -> Sums:
    return Sums(
        numbers=totals.numbers,
        bins=totals.bins,
        part=part,
        first=first,
        last=last,
        as_of=state.as_of,
        calendar=state.plan.calendar,
    )


def _whole(parts: _Parts) -> _SegmentTotals:
    if len(parts) == 1:
        return next(iter(parts.values()))
    whole = _SegmentTotals()
    for totals in parts.values():
        for quantity, n in totals.numbers.items():
            whole.add(quantity, None, n)
        for quantity, bins in totals.bins.items():
            for value, n in bins.items():
                whole.add(quantity, value, n)
    return whole


def _added(groups: Iterable[_Parts]) -> _Parts:
    added: _Parts = {}
    for parts in groups:
        for part, totals in parts.items():
            into = added[part] if part in added else added.setdefault(part, _SegmentTotals())
            for quantity, n in totals.numbers.items():
                into.add(quantity, None, n)
            for quantity, bins in totals.bins.items():
                for value, n in bins.items():
                    into.add(quantity, value, n)
    return added
