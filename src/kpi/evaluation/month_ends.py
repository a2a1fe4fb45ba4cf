"""Month-end modes compared: cases and verdicts that depend on where a due day falls (S4, S26).

A due day that its month lacks, such as the 31st of April, is moved as the mode says.
"""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import polars as pl
from attrs import evolve, field, frozen
from polars._typing import EngineType

from kpi.definitions.outcomes import COUNTED
from kpi.definitions.plan import Plan
from kpi.definitions.readings import Reading
from kpi.definitions.target import Target
from kpi.definitions.time_options import MONTH_ENDS
from kpi.engine import audit_trail as audit
from kpi.engine.target_query import columns_of
from kpi.errors import PlanError
from kpi.evaluation.evaluate import evaluate
from kpi.evaluation.readings import Readings, every_reading, readings
from kpi.foreign_text import json_text
from kpi.fork_guard import use_engine
from kpi.tables.as_of import Snapshot
from kpi.tables.check import check
from kpi.tables.sources.resolve import Tables
from kpi.time.in_time import has_months

_DUE = ("down", "sticky", "up")
"""Modes that give every case a due date; `refuse` gives none to the cases compared here."""


@frozen(kw_only=True)
class MonthEnds:
    """Readings and cases of a plan under the month-end modes (S4).

    Attributes:
        readings: each target with a limit in months, under each mode.
        cases: a row per case whose outcome differs between the modes that give a due date: in time
            or late, counted or not; for an average, another due date; for a flow, which of the
            figures the case is in. Columns `target`, `case`, and for each mode the due date
            (`down_due`) and the outcome (`down`).
    """

    readings: Readings
    cases: pl.DataFrame = field(repr=False)

    def to_dict(self) -> dict[str, Any]:
        """Return the readings and the cases as plain data."""
        use_engine()
        cases = self.cases.with_columns(pl.col(pl.Date).cast(pl.String)).to_dicts()
        return self.readings.to_dict() | {"cases": cases}

    def to_json(self) -> str:
        """Return the readings and the cases as JSON text."""
        return json_text(json.dumps(self.to_dict(), ensure_ascii=False, indent=2))


def month_ends(
    plan: Plan,
    tables: Tables,
    as_of: dt.date | str | None = None,
    *,
    engine: EngineType = "auto",
) -> MonthEnds:
    """Evaluate every target with a limit in months under each month-end mode.

    Args:
        plan: the plan.
        tables: as `kpi.check` takes them.
        as_of: the date that the cases are looked at from (S15; default: the last day of the plan's
            period).
        engine: the Polars engine; every one gives the same answers.

    Raises:
        DataError: where a table cannot be used as the plan says; see `kpi.check`.
        PlanError: where no target has a limit in months, or `as_of` is not a date.
    """
    plan_in_modes = _under_each_mode(plan)
    extract = check(every_reading(plan_in_modes), tables, as_of=as_of)
    compared = readings(plan_in_modes, extract, as_of, engine=engine)
    snapshots = (
        evaluate(every_reading(plan_in_modes), extract, compared.as_of, engine=engine).tables or {}
    )
    cases = [
        _depending(plan_in_modes, target, snapshots[target.table])
        for target in plan_in_modes.leaves()
        if target.table in snapshots
    ]
    return MonthEnds(readings=compared, cases=pl.concat([_none(), *cases]))


def _name(mode: str) -> str:
    return f"month ends: {mode}"


def _under_each_mode(plan: Plan) -> Plan:
    """Return the plan with only the targets in months, and the modes as their other readings.

    Raises:
        PlanError: where no target has a limit in months.
    """
    named = tuple(Reading(_name(mode), {"month_end": mode}) for mode in MONTH_ENDS)
    leaves = [
        evolve(leaf, goal=None, weight=None, readings=named)
        for leaf in plan.leaves()
        if leaf.has_key("month_end")
        and leaf.limit_or_unit is not None
        and has_months(leaf.limit_or_unit)
    ]
    if not leaves:
        raise PlanError(f"{plan.id}: no target has a limit in months or years")
    return evolve(plan, goals=(), targets=leaves)


def _depending(plan: Plan, target: Target, snapshot: Snapshot) -> pl.DataFrame:
    """Return the cases of one target whose outcome differs between the modes."""
    modes = {mode: target.with_reading(Reading(_name(mode), {"month_end": mode})) for mode in _DUE}
    trails = {
        mode: audit.trail(plan, snapshot, [read], outside=True).collect(engine="in-memory")
        for mode, read in modes.items()
    }
    added = {mode: _added(plan, snapshot, modes[mode], trail) for mode, trail in trails.items()}
    # The trails list the same rows in the same order.
    side_by_side = pl.DataFrame(
        {
            "target": pl.repeat(target.id, trails["down"].height, eager=True),
            "case": trails["down"]["case"],
            **{
                column: series
                for mode, trail in trails.items()
                for column, series in (
                    (f"{mode}_due", trail["due"]),
                    (mode, _outcome(trail, added[mode])),
                )
            },
        }
    )
    first, *others = _DUE
    differs = pl.any_horizontal(
        [
            added[first][name].ne_missing(added[mode][name])
            for mode in others
            for name in added[mode].columns
        ]
    )
    return side_by_side.filter(differs)


def _added(plan: Plan, snapshot: Snapshot, target: Target, trail: pl.DataFrame) -> pl.DataFrame:
    """Return the bucket of each row, and the sums and bins that a counted row adds to the state.

    A row per row of the snapshot; sums and bins are null for rows that are not counted.
    """
    rows = target.rows(columns_of(plan, snapshot))
    named = [expression.alias(f"sum {name}") for name, expression in rows.sums.items()]
    named += [expression.alias(f"bin {name}") for name, expression in rows.bins.items()]
    values = snapshot.frame.select(pl.int_range(pl.len()).alias("row"), *named)
    counted = trail["bucket"] == COUNTED
    return (
        values.collect(engine="in-memory")
        .select(pl.when(counted).then(pl.exclude("row")))
        .with_columns(trail["bucket"].cast(pl.String))
    )


def _outcome(trail: pl.DataFrame, added: pl.DataFrame) -> pl.Series:
    """Return the outcome of each row: "in time", "late", the row's figures, or the row's bucket.

    Args:
        trail: the audit trail of one target.
        added: the sums and bins of the same rows, see `_added`.
    """
    met = pl.when(pl.col("met")).then(pl.lit("in time")).otherwise(pl.lit("late"))
    bucket = pl.col("bucket").cast(pl.String)
    share = (pl.col("bucket") == COUNTED) & pl.col("met").is_not_null()
    # An average has no case in time or late, but a sum of due dates that its total must keep.
    due = pl.concat_str(pl.lit("due "), pl.col("due").cast(pl.String))
    other = (pl.col("bucket") == COUNTED) & pl.col("met").is_null()
    # A flow has figures that a case is in or not.
    figures = [name for name, kind in added.schema.items() if kind == pl.Boolean]
    words = [
        pl.when(added[name]).then(pl.lit(name.removeprefix("sum ").replace("_", " ")))
        for name in figures
    ]
    figures_or_due = pl.concat_str(words, separator=", ", ignore_nulls=True) if words else due
    return trail.select(
        pl.when(share).then(met).when(other).then(figures_or_due).otherwise(bucket)
    ).to_series()


def _none() -> pl.DataFrame:
    columns = {f"{mode}_due": pl.Date for mode in _DUE} | dict.fromkeys(_DUE, pl.String)
    order = [name for mode in _DUE for name in (f"{mode}_due", mode)]
    return pl.DataFrame(
        schema={"target": pl.String, "case": pl.String, **{name: columns[name] for name in order}}
    )
