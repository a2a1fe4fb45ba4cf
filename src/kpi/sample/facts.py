"""The table of reported facts: a row for each fact that a plan, or a reading of it, names."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Collection, Iterator, Sequence

from attrs import frozen

from kpi.definitions.date_bounds import DateBounds
from kpi.definitions.kinds import Kind
from kpi.definitions.plan import Plan
from kpi.definitions.population import Missing
from kpi.definitions.target import Target
from kpi.rules._condition import ConditionFact
from kpi.rules._reported import CONDITION, DONE, KEY, VALUE, FactTarget
from kpi.rules.milestone import Milestone
from kpi.rules.reported import Reported
from kpi.sample.boundary_values import number
from kpi.sample.values import Row, between, fulfilling

SOURCE = "source"
COLUMNS: dict[str, Kind] = {
    KEY: "text",
    DONE: "date",
    VALUE: "number",
    CONDITION: "boolean",
    SOURCE: "text",
}
"""The columns of the table, whether or not the plan reads them all."""

_SOURCES = ("reported by the secretariat", "annual report", "letter from the ministry")
_DAY = dt.timedelta(1)
_A_SIXTH = 6
_SEVERAL = 3


@frozen
class Facts:
    """Maker of the rows of a table of reported facts.

    Attributes:
        plan: the plan.
        readers: the targets that read the table, under each of their readings.
        kept: the ids of the targets that are to be reached.
    """

    plan: Plan
    readers: Sequence[Target]
    kept: Collection[str]

    def rows(self, rng: random.Random) -> Iterator[Row]:
        """Yield a row for each fact but one or two, which nobody reported."""
        by_fact = self._by_fact()
        unreported = self._unreported(by_fact, rng)
        for fact, targets in by_fact.items():
            row: Row = dict.fromkeys((DONE, VALUE, CONDITION))
            # A plan's own reading comes before the others, and says more.
            for target in reversed(targets):
                self._tell(row, target, rng)
            row |= {KEY: fact, SOURCE: rng.choice(_SOURCES)}
            if fact not in unreported:
                yield row

    def _by_fact(self) -> dict[str, list[FactTarget]]:
        by_fact: dict[str, list[FactTarget]] = {}
        for target in self.readers:
            if isinstance(target, FactTarget):
                by_fact.setdefault(target.fact_id, []).append(target)
        return by_fact

    def _unreported(
        self, by_fact: dict[str, list[FactTarget]], rng: random.Random
    ) -> frozenset[str]:
        own = {target.id for target in self.plan.leaves()}
        unconditional = [
            fact
            for fact, targets in by_fact.items()
            if any(t.id in own for t in targets)
            and not any(isinstance(t, ConditionFact) or t.on_condition is not None for t in targets)
        ]
        return frozenset(rng.sample(unconditional, min(2, len(unconditional) // _A_SIXTH)))

    def _tell(self, row: Row, target: FactTarget, rng: random.Random) -> None:
        for condition in (*target.where, *(c for other in target.where.any_of[:1] for c in other)):
            # What hangs on other cells, or must only be known, is filled with the rest of the row.
            test = condition.test
            if isinstance(test, DateBounds) or test == Missing(missing=False):
                continue
            if condition.column not in COLUMNS:
                row[condition.column] = fulfilling(test, None, self._last(target), rng)
        if isinstance(target, ConditionFact):
            row[CONDITION] = rng.choices((True, False, None), self._odds())[0]
        elif isinstance(target, Reported):
            row[VALUE] = number(target.requires, rng, kept=self._is_kept(target))
        else:
            row[DONE] = self._done(target, rng)
            if not isinstance(target, Milestone):
                row[VALUE] = float(rng.randrange(10))

    def _odds(self) -> tuple[int, int, int]:
        """Return the weights of a condition that came about, did not, or has no report."""
        conditions = sum(isinstance(target, ConditionFact) for target in self.readers)
        return (7, 2, 1) if conditions >= _SEVERAL else (3, 1, 0)

    def _last(self, target: Target) -> dt.date:
        last = target.window_of(self.plan).last or self.plan.period.last
        assert last is not None, "a plan's period has an end"
        return last

    def _is_kept(self, target: Target) -> bool:
        # A reading is named after the target that it reads.
        return any(target.id == name or target.id.startswith(f"{name}: ") for name in self.kept)

    def _done(self, target: FactTarget, rng: random.Random) -> dt.date | None:
        window, last = target.window_of(self.plan), self._last(target)
        if self._is_kept(target):
            early = last - 60 * _DAY
            chance = rng.random()
            if chance < 0.15:
                return last
            return between(max(window.first or early, early), last, rng)
        chance = rng.random()
        if window.first is not None and chance < 0.4:
            return window.first - rng.randrange(1, 60) * _DAY
        if chance < 0.5:
            return None
        return last + (1 if chance < 0.65 else rng.randrange(2, 60)) * _DAY
