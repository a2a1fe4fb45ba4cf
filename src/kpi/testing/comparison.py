"""Comparison of the engine with the oracle; a difference is shown by its smallest case."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from attrs import frozen
from polars._typing import EngineType

from kpi.definitions.comparison import BASE_OF
from kpi.definitions.plan import Plan
from kpi.definitions.windows import to_date
from kpi.errors import KpiError
from kpi.testing import oracle
from kpi.testing.comparable import (
    Numbers,
    Trails,
    day_of,
    expected,
    expected_trails,
    numbers,
    trails,
    without_prospects,
)
from kpi.testing.failure_report import definition, numbers_beside, rows_beside, tables_left
from kpi.testing.frames import Given, Tables, in_both_forms
from kpi.testing.shrink import shrink
from kpi.testing.without_prospects import evaluated_without_prospects


def assert_matches_oracle(
    plan: Plan,
    tables: Given,
    as_of: dt.date | str | None = None,
    *,
    engine: EngineType = "auto",
) -> None:
    """Check that the engine and the oracle say the same of every target.

    All numbers, parts, verdicts and rows must be the same.

    The audit trail is compared row by row: the bucket, why a row is excluded, and of a counted row
    whether it is met, its days, its due date and its paused days. Rows that `kpi.check` sets aside
    are left out of both. The oracle works holidays out by rules of its own, which it has not for every
    country, and goes through the cases one by one: some thousands are enough.

    Args:
        plan: the plan.
        tables: by name, frames or lists of rows (mappings from column to cell), or one table alone:
            the plan's `cases`, or its only one.
        as_of: the day that the tables are read as of (S15; default: the last day of the period).
        engine: the Polars engine.

    Raises:
        AssertionError: showing the target, the fewest rows found that show the difference, and what
            the engine and the oracle make of them.
        DataError: where a table cannot be used as the plan says.
        NotImplementedError: for a country whose holidays the oracle cannot work out.
    """
    both, day = in_both_forms(plan, tables), None if as_of is None else to_date(as_of)
    comparison = Comparison.of(plan, both, day, engine)
    if not comparison.differing:
        return

    def differs(reduced: Plan, fewer: Tables) -> bool:
        try:
            return bool(Comparison.of(reduced, fewer, day, engine).differing)
        except KpiError:
            return False

    # A target that differs among others differs alone, unless the others are the reason.
    alone = plan.only(comparison.differing[0])
    reduced = alone if differs(alone, both) else plan
    least = shrink(both, lambda fewer: differs(reduced, fewer))
    raise AssertionError(
        _report(reduced, both, least, Comparison.of(reduced, least, day, engine), day)
    )


def matches_oracle(plan: Plan, tables: Tables, as_of: dt.date | None) -> bool:
    """Return whether the engine and the oracle say the same; nothing is made smaller."""
    return not Comparison.of(plan, tables, as_of, "in-memory").differing


@frozen(kw_only=True)
class Comparison:
    """The results of a plan by the engine and by the oracle, in comparable form.

    Attributes:
        engine: the engine's numbers by target.
        oracle: the oracle's numbers by target.
        engine_trails: the engine's trail by target, row by row.
        oracle_trails: the oracle's trail by target, row by row.
    """

    engine: Mapping[str, Numbers]
    oracle: Mapping[str, Numbers]
    engine_trails: Trails
    oracle_trails: Trails

    @classmethod
    def of(
        cls, plan: Plan, tables: Tables, as_of: dt.date | None, engine: EngineType
    ) -> Comparison:
        """Evaluate a plan with the engine and with the oracle."""
        outcomes = oracle.evaluate(plan, tables.rows, as_of)
        result = evaluated_without_prospects(plan, tables.checked_for(plan), as_of, engine)
        of_oracle = expected(outcomes)
        return cls(
            engine=without_prospects(numbers(result), of_oracle),
            oracle=of_oracle,
            engine_trails=trails(result, periods=True),
            oracle_trails=expected_trails(plan, tables.rows, as_of, outcomes),
        )

    @property
    def differing(self) -> list[str]:
        """The ids of the targets on which the two differ; those with a trail first."""
        names = [*self.engine_trails, *self.engine.keys() - self.engine_trails.keys()]
        differing = [
            name.removesuffix(BASE_OF)
            for name in names
            if self.engine.get(name) != self.oracle.get(name)
            or self.engine_trails.get(name) != self.oracle_trails.get(name)
        ]
        return list(dict.fromkeys(differing))


def _report(
    plan: Plan, whole: Tables, least: Tables, comparison: Comparison, as_of: dt.date | None
) -> str:
    name = comparison.differing[0]
    target = plan.target(name)
    return "\n\n".join(
        [
            f"the engine and the oracle differ on target {name} as of {day_of(plan, as_of)}",
            definition(plan, target),
            *tables_left(plan, target.leaves(), least.rows, whole.rows),
            *rows_beside(
                comparison.engine_trails.get(name, []), comparison.oracle_trails.get(name, [])
            ),
            *numbers_beside(name, comparison.engine[name], comparison.oracle[name]),
        ]
    )
