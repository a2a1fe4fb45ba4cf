"""From a state to a result: the last step of finish(merge(partial(batch)))."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any, TypeAlias

from attrs import evolve, field, frozen

from kpi.definitions.doubts import target_remarks
from kpi.definitions.limits import ByValue
from kpi.definitions.reserved import PERIOD
from kpi.definitions.sums import Sums
from kpi.definitions.target import Requirement, Target
from kpi.definitions.windows import days_name, period_end, period_name, window_name
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
    """What a state holds of one part of a target, or of all of it."""

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
    """The result that a state comes to: values, verdicts, groups, score. It has no audit trail."""
    use_engine()
    found: dict[str, dict[Group, _Parts]] = {}
    for target, *key, part, quantity, value, n in state.sums.iter_rows():
        parts = found.setdefault(target, {}).setdefault(tuple(key), {})
        one = decode_segment(part)
        if one not in parts:
            parts[one] = _SegmentTotals()
        parts[one].add(quantity, value, n)
    finished = _ResultBuilder(state, found)
    results = tuple(finished.requirement(one) for one in state.plan.targets)
    scored = score(state.plan, results)
    return Result(
        plan=state.plan,
        as_of=state.as_of,
        as_of_given=state.as_of_given,
        targets=results,
        score=scored,
        facts=state.facts,
        notes=tuple(notes(state, results, scored, finished.sensitive)),
    )


@frozen(eq=False, repr=False)
class _TargetConstants:
    """What is the same of a target in all its groups.

    Attributes:
        limit: its limit in words.
        requirement: what it requires, in words.
        not_reported: whether the extract lacks a table that it reads, or batches had apart, or twice, what it
            takes together (S25).
        condition_holds: whether its condition came about; None where nobody said.
    """

    limit: str | None
    requirement: str
    not_reported: bool
    condition_holds: bool | None


@frozen(eq=False, repr=False)
class _ResultBuilder:
    """Results of a state's requirements."""

    state: State
    found: Mapping[str, Mapping[Group, _Parts]]
    all_said: dict[str, _TargetConstants] = field(factory=dict)
    all_words: dict[tuple[str, Part], tuple[str | None, str]] = field(factory=dict)
    sensitive: set[str] = field(factory=set)

    def said(self, target: Target) -> _TargetConstants:
        """What is the same in all groups of a target, put together once."""
        if target.id not in self.all_said:
            not_reported = not self.state.is_assessable(target)
            self.all_said[target.id] = _TargetConstants(
                target.limit_text, target.requirement, not_reported, self.condition_holds(target)
            )
        return self.all_said[target.id]

    def words(self, target: Target, part: Part) -> tuple[str | None, str]:
        """Limit and requirement in words, of a target or of a part with its own; put together once."""
        key = (target.id, part)
        if key not in self.all_words:
            said = self.said(target)
            whole = said.limit, said.requirement
            self.all_words[key] = _own_words(target, part) if part else whole
        return self.all_words[key]

    def requirement(self, one: Requirement) -> TargetResult:
        """The record of a requirement: of its target, or of its parts together."""
        if isinstance(one, Target):
            return self.target(one)
        parts = tuple(self.target(part) for part in one.leaves())
        verdict = combined_verdict([part.verdict for part in parts])
        return TargetResult(
            id=one.id,
            title=one.title,
            title_da=one.title_da,
            source=one.source,
            goal=one.goal,
            weight=one.weight,
            rule="parts",
            requirement="all of its parts",
            verdict=verdict,
            unit="parts",
            parts=parts,
        )

    def target(self, target: Target) -> TargetResult:
        """The record of a target over all rows, with its groups."""
        # What the batches that had all of the tables hold is not the whole.
        by_group = {} if self.said(target).not_reported else self.found.get(target.id, {})
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
            # Its table has nothing to break it down by.
            groups = ()
        held = _added(by_group.values())
        whole = self.group(target, held, {})
        if whole.verdict in ("met", "missed") and self.hangs_on_rejected(target, held):
            self.sensitive.add(target.id)
        return evolve(
            whole,
            groups=groups,
            remarks=(*target_remarks(target, self.state.plan), *whole.remarks),
        )

    def shown_group(self, target: Target, held: _Parts, group: Mapping[str, Any]) -> TargetResult:
        """A group's record: no verdict where what is asked of the whole cannot be asked of a part."""
        record = self.group(target, held, group)
        if target.applies_to_total_only and record.verdict in ("met", "missed"):
            return evolve(record, verdict="indicator")
        return record

    def group(self, target: Target, held: _Parts, group: Mapping[str, Any]) -> TargetResult:
        """The record of a target over one group of its rows, or over all of them."""
        first, last, shown = self.days(target, group)
        parts = {
            part: _sums(its, first, last, self.state, part)
            for part, its in held.items()
            if part and its.numbers.get(INSIDE)
        }
        sums = _sums(_whole(held), first, last, self.state)
        sums = evolve(sums, parts=parts) if parts else sums
        record = self.record(target, sums, shown)
        if (target.each is None and not parts) or self.said(target).not_reported:
            return record
        each = [self.record(target, its, _part_group(target, part)) for part, its in parts.items()]
        each += self.lapsed(target, {one.group.get(target.each or "") for one in each}, first, last)
        verdict = combined_verdict([one.verdict for one in each])
        if record.verdict in ("met", "missed", "not_assessable"):
            record = evolve(record, verdict="not_assessable" if verdict == "lapsed" else verdict)
        return evolve(record, each=tuple(each))

    def hangs_on_rejected(self, target: Target, held: _Parts) -> bool:
        """Whether the verdict over all rows could be the other one with the rejected ones (S12)."""
        facts = self.state.facts.get(target.table)
        if facts is None or not facts.rejected:
            return False
        first, last, _ = self.days(target, {})
        parts = [
            _sums(its, first, last, self.state, part)
            for part, its in held.items()
            if part and its.numbers.get(INSIDE)
        ]
        whole = [_sums(_whole(held), first, last, self.state)]
        return hangs_on_rejected(target, parts or whole, facts)

    def lapsed(
        self, target: Target, there: Collection[object], first: dt.date | None, last: dt.date
    ) -> Iterator[TargetResult]:
        """A record for each part that the plan lists and that has no case: it lapses (S28)."""
        for part in target.declared_segments():
            if part not in there:
                sums = _sums(_SegmentTotals(), first, last, self.state, (part,))
                record = self.record(target, sums, _part_group(target, (part,)))
                yield evolve(record, verdict="lapsed")

    def days(
        self, target: Target, group: Mapping[str, Any]
    ) -> tuple[dt.date | None, dt.date, dict[str, Any]]:
        """The first and last day that a group of a target is about, and the group as it is shown."""
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
        """The record that sums of a target give."""
        measure, said = target.measure(sums), self.said(target)
        if said.not_reported:
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
            # A part that must reach it on its own has the rows inside alone.
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
        """The verdict of a target over one group of its rows (S25, S27, S28)."""
        said = self.said(target)
        return verdict_of(
            condition_holds=said.condition_holds,
            has_tables=not said.not_reported,
            has_requirement=target.has_requirement,
            is_over=self.state.as_of >= last,
            reached=reached,
        )

    def condition_holds(self, target: Target) -> bool | None:
        """Whether a target's condition came about; None where nobody said."""
        condition = condition_of(target)
        if condition is None:
            return True
        if not self.state.is_assessable(condition):
            return None
        last = condition.window_of(self.state.plan).last
        assert last is not None, "a condition's window has an end"
        held = _whole(_added(self.found.get(condition.id, {}).values()))
        return condition.measure(_sums(held, None, last, self.state)).reached


def _own_words(target: Target, part: Part) -> tuple[str | None, str]:
    """Return limit and requirement in words of a part: a value, a stretch of time, or both.

    The limit is None where the limits do not name the value: its cases have none (S12).
    """
    limit, threshold = target.limit, target.threshold_of(part)
    own: dict[str, Any] = {}
    if isinstance(limit, ByValue) and limit.column == target.each:
        own["limit"] = limit.limits.get(part[0] or "")
        if own["limit"] is None:
            return None, f"no limit for this {target.each}"
    if threshold is not None:
        own["threshold"] = threshold
    of_part: Any = evolve(target, each=None, readings=(), **own)
    return of_part.limit_text, of_part.requirement


def _part_group(target: Target, part: Part) -> dict[str, Any]:
    names = [*([target.each] if target.each is not None else []), "stretch"]
    return dict(zip(names, part, strict=False))


def _sums(
    held: _SegmentTotals, first: dt.date | None, last: dt.date, state: State, part: Part = ()
) -> Sums:
    return Sums(
        numbers=held.numbers,
        bins=held.bins,
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
    for held in parts.values():
        for quantity, n in held.numbers.items():
            whole.add(quantity, None, n)
        for quantity, bins in held.bins.items():
            for value, n in bins.items():
                whole.add(quantity, value, n)
    return whole


def _added(groups: Iterable[_Parts]) -> _Parts:
    added: _Parts = {}
    for parts in groups:
        for part, held in parts.items():
            into = added[part] if part in added else added.setdefault(part, _SegmentTotals())
            for quantity, n in held.numbers.items():
                into.add(quantity, None, n)
            for quantity, bins in held.bins.items():
                for value, n in bins.items():
                    into.add(quantity, value, n)
    return added
