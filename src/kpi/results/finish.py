"""Computation of a result from a state: the last step of finish(merge(partial(batch)))."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any

from attrs import evolve, field, frozen

from kpi.definitions.doubts import target_remarks
from kpi.definitions.parts import Parts
from kpi.definitions.reserved import PERIOD
from kpi.definitions.series import Period
from kpi.definitions.target import Requirement, Target
from kpi.engine.state import State
from kpi.fork_guard import use_engine
from kpi.results.bases import Base, bases_by_period
from kpi.results.group_records import group_record, shown_group_record
from kpi.results.judged_sums import judged_sums
from kpi.results.notes import notes
from kpi.results.possible_totals import PossibleTotals
from kpi.results.record import RecordBuilder
from kpi.results.result import Result
from kpi.results.score import score
from kpi.results.sensitivity import hangs_on_rejected
from kpi.results.target_result import TargetResult
from kpi.results.target_totals import TargetTotals, series_of, target_totals, totals_by_target
from kpi.results.totals import BySegment, SeriesTotals, has_rows, has_rows_inside
from kpi.results.verdicts import combined_verdict


def finish(state: State) -> Result:
    """Compute the result of a state: values, verdicts, groups, score and notes; no audit trail."""
    use_engine()
    walk = _Walk(RecordBuilder(state, totals_by_target(state), PossibleTotals.of(state)))
    results = tuple(walk.requirement(requirement) for requirement in state.plan.targets)
    scored = score(state.plan, results)
    return Result(
        plan=state.plan,
        as_of=state.as_of,
        as_of_given=state.as_of_given,
        targets=results,
        score=scored,
        facts=state.facts,
        series=state.series,
        by=state.by,
        fingerprints=state.fingerprints,
        notes=tuple(notes(state, results, scored, walk.sensitive)),
    )


def records(state: State) -> tuple[TargetResult, ...]:
    """Return the records of a state's requirements alone, without score and notes."""
    use_engine()
    walk = _Walk(RecordBuilder(state, totals_by_target(state)))
    return tuple(walk.requirement(requirement) for requirement in state.plan.targets)


@frozen(eq=False, repr=False)
class _Walk:
    """Walk over the requirements of a state, the groups and the periods, that gives their records.

    Attributes:
        records: the builder of the records.
        sensitive: ids of the targets whose verdict hangs on rejected rows (S12), as far as built.
    """

    records: RecordBuilder
    sensitive: set[str] = field(factory=set)

    @property
    def state(self) -> State:
        """The state that the records are of."""
        return self.records.state

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

    def totals_of(self, target: Target) -> TargetTotals:
        """Return the totals of a target over all rows and over each group."""
        return target_totals(target, self.state, self.records.totals)

    def whole(
        self,
        target: Target,
        totals: SeriesTotals,
        group: Mapping[str, Any],
        base: SeriesTotals | None = None,
    ) -> TargetResult:
        """Return the record of a target over its window; every period of its own must reach it."""
        shown = shown_group_record if group else group_record
        record = shown(
            self.records,
            target,
            totals.whole,
            group,
            None,
            None if base is None else Base(base.whole),
        )
        if target.every is None or self.records.constants(target).not_reported:
            return record
        each, verdicts = [], []
        bases = bases_by_period(target, base, self.state)
        for period, parts in totals.periods:
            assert period is not None, "a target's own series has every period by name"
            of_period = shown(
                self.records, target, parts, {PERIOD: period.name}, period, bases.get(period.first)
            )
            verdicts.append(of_period.verdict)
            each += [
                evolve(segment, group={**segment.group, PERIOD: period.name})
                for segment in of_period.each or (of_period,)
            ]
        if record.verdict != "indicator":
            record = evolve(record, verdict=combined_verdict(verdicts))
        return evolve(record, each=tuple(each))

    def groups(
        self, target: Target, totals: TargetTotals, base: TargetTotals | None
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
            bases = bases_by_period(target, of_base, self.state)
            for period, parts in self.periods_shown(target, of_group, bases):
                name = None if period is None else period.name
                against = None if period is None else bases.get(period.first)
                named = group | {PERIOD: name}
                yield shown_group_record(self.records, target, parts, named, period, against)

    def periods_shown(
        self, target: Target, totals: SeriesTotals, bases: Mapping[dt.date, Base]
    ) -> Iterator[tuple[Period | None, BySegment]]:
        """Yield the periods of a group that have rows, or whose base has rows inside (S33)."""
        of_base = {first for first, base in bases.items() if has_rows_inside(base.segments)}
        shown = [(period, parts) for period, parts in totals.periods if has_rows(parts)]
        absent = of_base - {period.first for period, _ in shown if period is not None}
        if absent:
            series, window = series_of(target, self.state), target.series_window(self.state.plan)
            assert series is not None, "a period is one of a series"
            shown += [(p, {}) for p in series.periods(window) if p.first in absent]
            shown.sort(key=lambda one: (one[0] is None, one[0] and one[0].first))
        yield from shown

    def hangs_on_rejected(
        self, target: Target, totals: SeriesTotals, base: SeriesTotals | None
    ) -> bool:
        """Return whether the verdict could be the other one if the rejected rows counted (S12)."""
        facts = self.state.facts.get(target.table)
        if facts is None or not facts.rejected:
            return False
        return hangs_on_rejected(target, judged_sums(target, totals, base, self.state), facts)
