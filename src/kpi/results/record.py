"""Records of targets from their sums: who was counted, value, words and verdict."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from attrs import evolve, field, frozen

from kpi.definitions.limits import ByValue
from kpi.definitions.sums import Sums
from kpi.definitions.target import Target
from kpi.definitions.thresholds import ThresholdByValue
from kpi.engine.state import (
    COUNTED,
    EXCLUDED,
    INSIDE,
    INSIDE_AS,
    ROWS,
    UNDETERMINED,
    UNDETERMINED_AS,
    State,
)
from kpi.results.against import beside_base
from kpi.results.bases import base_name
from kpi.results.group_sums import COUNTED_ROWS
from kpi.results.possible import BEFORE_THE_END, Possibilities
from kpi.results.possible_totals import PossibleTotals
from kpi.results.target_constants import TargetConstants, target_constants
from kpi.results.target_result import CountedAs, TargetResult, Verdict
from kpi.results.target_totals import ByTarget
from kpi.results.totals import Part
from kpi.results.verdicts import verdict_of


@frozen(eq=False, repr=False)
class RecordBuilder:
    """Builder of the records of a state's targets from sums.

    Attributes:
        state: the state.
        totals: the totals of the state by target, group and segment.
        possible: the totals of what rows can still be.
        cached_constants: the constants of each target asked for so far, by id.
        cached_words: limit and requirement in words by target, segment and last day of the period
            that they name, as far as asked for.
    """

    state: State
    totals: ByTarget
    possible: PossibleTotals
    cached_constants: dict[str, TargetConstants] = field(factory=dict)
    cached_words: dict[tuple[str, Part, dt.date | None], tuple[str | None, str]] = field(
        factory=dict
    )

    def constants(self, target: Target) -> TargetConstants:
        """Return the properties that are the same in all groups of a target, computed once."""
        if target.id not in self.cached_constants:
            self.cached_constants[target.id] = target_constants(target, self.state, self.totals)
        return self.cached_constants[target.id]

    def record(
        self,
        target: Target,
        sums: Sums,
        group: Mapping[str, Any],
        base: Sums | None = None,
        possible: Possibilities | None = None,
    ) -> TargetResult:
        """Return the record of a target with the given sums, beside that of its base.

        A target that is compared is an indicator where it has no base, as in a period that no
        period of the base stands against (S33).
        """
        record = self._record_alone(target, sums, group, possible)
        if record.verdict in BEFORE_THE_END:
            record = evolve(record, possible=possible)
        if target.comparison is None:
            return record
        if base is None or target.base is None:
            return evolve(record, verdict=self._verdict(target, sums.last, None, asks=False))
        record = beside_base(
            record, self._record_alone(target.base, base, group), target.comparison
        )
        record = evolve(record, base_window=base_name(target, base, self.state))
        assert record.compared is not None, "it stands beside its base"
        last = max(sums.last, base.last)
        verdict = self._verdict(target, last, record.compared.reached, possible=possible)
        return evolve(record, verdict=verdict)

    def _record_alone(
        self,
        target: Target,
        sums: Sums,
        group: Mapping[str, Any],
        possible: Possibilities | None = None,
    ) -> TargetResult:
        """Return the record of a target with the given sums."""
        measure = target.measure(sums)
        if self.constants(target).not_reported:
            measure = evolve(measure, value=None, figures={}, remarks=())
        limit, requirement = self._words(target, sums)
        counted, counted_as = sums[COUNTED] if measure.counted is None else measure.counted, None
        if target.count_as is not None:
            undetermined = sums[UNDETERMINED_AS]
            counted_as = CountedAs(
                column=target.count_as,
                counted=counted,
                excluded=sums[INSIDE_AS] - counted - undetermined,
                undetermined=undetermined,
            )
            counted = sums[COUNTED_ROWS] - sum(measure.excluded.values())
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
            verdict=self._verdict(target, sums.last, measure.reached, possible=possible),
            remarks=measure.remarks,
            group=group,
        )

    def _verdict(
        self,
        target: Target,
        last: dt.date,
        reached: bool | None,  # noqa: FBT001 - what a measure says
        *,
        asks: bool = True,
        possible: Possibilities | None = None,
    ) -> Verdict:
        """Return the verdict of a target over one group of rows (S25, S27, S28).

        Args:
            target: the target.
            last: the last day that the record is about; before it the verdict is open.
            reached: whether the measure reaches the requirement; None where there is no measure.
            asks: whether the requirement can be asked of the group.
            possible: what can still become of it; None where that is not told (F12).
        """
        constants = self.constants(target)
        return verdict_of(
            condition_holds=constants.condition_holds,
            has_tables=not constants.not_reported,
            has_requirement=asks and target.has_requirement,
            is_over=self.state.as_of >= last,
            reached=reached,
            prospect="open" if possible is None else possible.verdict,
        )

    def _words(self, target: Target, sums: Sums) -> tuple[str | None, str]:
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
