"""The state of a plan over one batch of cases: snapshots of the tables, aggregated."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

import polars as pl
from attrs import evolve, frozen
from polars._typing import EngineType

from kpi.definitions.periods import Every
from kpi.definitions.plan import Plan
from kpi.definitions.reserved import (
    BIN,
    PART,
    PERIOD,
    PREFIX,
    PROVENANCE_COLUMNS,
    RESULT_COLUMNS,
    STATE_COLUMNS,
)
from kpi.definitions.series import EVERY, Series, optional_rolling
from kpi.definitions.time_units import Span
from kpi.engine import compile as compiled
from kpi.engine.batches import coverage_of, reports_of
from kpi.engine.completions.possibilities import possibilities
from kpi.engine.distinct_values import Values
from kpi.engine.pauses import with_pauses
from kpi.engine.state import State, has_periods, sum_states
from kpi.engine.value_digests import values_of
from kpi.errors import DataError, PlanError, listed, suggest
from kpi.events import stage
from kpi.fork_guard import use_engine
from kpi.tables.as_of import Snapshot, snapshot_at
from kpi.tables.check import Extract, as_of_date, check_sources, require_plan
from kpi.tables.needs import Needs
from kpi.tables.sources.resolve import Tables, resolve_sources
from kpi.tables.table_fingerprint import TableFingerprint, table_fingerprints

_GROUPING = (
    pl.String
    | pl.Categorical
    | pl.Enum
    | pl.Boolean
    | pl.Date
    | pl.Null
    | pl.Int8
    | pl.Int16
    | pl.Int32
    | pl.Int64
    | pl.UInt8
    | pl.UInt16
    | pl.UInt32
)
_TAKEN = frozenset({*RESULT_COLUMNS, *STATE_COLUMNS, *PROVENANCE_COLUMNS})


def partial(
    plan: Plan,
    tables: Tables | Extract,
    as_of: dt.date | str | None = None,
    *,
    by: str | Sequence[str] = (),
    every: Every | None = None,
    rolling: Span | str | None = None,
    fingerprint: bool = False,
    batch: str | None = None,
    engine: EngineType = "auto",
) -> State:
    """Return the state of a plan over one batch of cases: a handful of integers, no cases.

    Where distinct values are counted, the state holds a digest of each, so that merged states count
    a value once. Arguments and errors are those of `kpi.evaluate`. Keys are checked within the batch.

    Args:
        plan: the plan.
        tables: the tables of the batch.
        as_of: the as-of date (S15).
        by: the columns of a break-down.
        every: the length of the periods of a series (S30).
        rolling: the length of the window that ends with each period.
        fingerprint: whether the rows of each table are hashed.
        batch: the name of the batch, such as "2024-05-01": states that hold a batch of the same name do
            not merge. None for none.
        engine: the Polars engine.
    """
    of_batch = Batch.of(plan, tables, as_of, by, fingerprint=fingerprint, hold=True)
    series = asked_series(plan, every, rolling)
    state = of_batch.state(by=by, series=series, engine=engine)
    values = of_batch.values(by=state.by, series=series, engine=engine)
    return evolve(state, values=values, batch_names=_batch_names(batch))


def _batch_names(batch: object) -> tuple[str, ...]:
    """Return the names of a batch, one or none.

    Raises:
        DataError: where the name is no text, or empty.
    """
    if batch is None:
        return ()
    if not isinstance(batch, str) or not batch.strip():
        raise DataError(f"batch: found {batch!r}; accepted: a name, such as '2024-05-01'")
    return (batch,)


@frozen(kw_only=True)
class Batch:
    """The tables of a batch at the as-of date (S15).

    Attributes:
        plan: the plan that is evaluated.
        needs: what the plan needs of its tables.
        as_of: the as-of date.
        as_of_given: whether the caller gave the date; else it is the last day of the plan's period.
        tables: the snapshots at that date by table, with the paused days of their cases (S14).
        fingerprints: the fingerprint of each table; None where none was asked for.
    """

    plan: Plan
    needs: Needs
    as_of: dt.date
    as_of_given: bool
    tables: dict[str, Snapshot]
    fingerprints: Mapping[str, TableFingerprint] | None = None

    @classmethod
    def of(
        cls,
        plan: Plan,
        tables: Tables | Extract,
        as_of: dt.date | str | None = None,
        by: str | Sequence[str] = (),
        *,
        fingerprint: bool = False,
        hold: bool = False,
    ) -> Batch:
        """Check the tables, unless they are checked, and make their snapshots at the as-of date.

        With `fingerprint`, the rows of each table are hashed too. With `hold`, the rows of a large
        file are held until they are evaluated, where they are small enough.

        Raises:
            DataError: where a table cannot be used as the plan says; see `kpi.check`.
            PlanError: where `as_of` is not a date.
        """
        use_engine()
        require_plan(plan)
        day, given = as_of_date(plan, as_of), as_of is not None
        extract = _extract(plan, tables, by, day, hold=hold)
        for name, table in extract.tables.items():
            if table.log is not None:
                table.log.require(name, day)
        snapshots = {name: snapshot_at(plan, table, day) for name, table in extract.tables.items()}
        return cls(
            plan=plan,
            needs=extract.needs,
            as_of=day,
            as_of_given=given,
            tables=with_pauses(plan, extract.needs, snapshots),
            fingerprints=table_fingerprints(extract.tables, _names(by)) if fingerprint else None,
        )

    def released(self) -> dict[str, Snapshot]:
        """Return the tables without the rows of large files that were held for the evaluation."""
        return {name: evolve(table, held=None) for name, table in self.tables.items()}

    def state(
        self,
        *,
        by: str | Sequence[str],
        series: Series | None,
        engine: EngineType,
        prospects: bool = True,
    ) -> State:
        """Aggregate the snapshots to a state that is the whole: without distinct values.

        Without `prospects` the state does not say what rows can still be (F2): verdicts before the
        end are open, and nothing is completed.
        """
        return _state(self, by=by, series=series, engine=engine, prospects=prospects)

    def values(self, *, by: Sequence[str], series: Series | None, engine: EngineType) -> Values:
        """Return the distinct values that targets count, which a state needs to be merged."""
        values: dict[str, pl.DataFrame] = {}
        for name, targets in self.needs.by_table.items():
            if name in self.tables:
                table = self.tables[name]
                values |= values_of(self.plan, table, targets, by=by, series=series, engine=engine)
        return values


def asked_series(plan: Plan, every: Every | None, rolling: Span | str | None) -> Series | None:
    """Return the series that a caller asks of every target without its own; None for none (S30).

    Raises:
        DataError: where `every` names no length of a period, `rolling` is no length of time, or
            stands without `every`.
    """
    if every is None:
        if rolling is not None:
            raise DataError(
                f"rolling: found {rolling} without the length of a period; name it too (every): {listed(EVERY)}"
            )
        return None
    if every not in EVERY:
        raise DataError(
            f"every: found {every!r}; accepted: {listed(EVERY)}{suggest(str(every), EVERY)}"
        )
    try:
        return Series(every, optional_rolling(rolling), int(plan.year_starts))
    except PlanError as error:
        raise DataError(f"rolling: {error.problems[0].message}") from None


def _extract(
    plan: Plan, tables: Tables | Extract, by: str | Sequence[str], as_of: dt.date, *, hold: bool
) -> Extract:
    if not isinstance(tables, Extract):
        sources = resolve_sources(plan, tables)
        return check_sources(plan, sources, _names(by), as_of=as_of, hold=hold)
    if tables.plan != plan:
        raise DataError(
            f"the tables were checked for the plan {tables.plan.id}, not for this {plan.id}; check them for it"
        )
    return tables


def _names(by: str | Sequence[str]) -> tuple[str, ...]:
    return (by,) if isinstance(by, str) else tuple(by)


def _state(
    batch: Batch,
    *,
    by: str | Sequence[str],
    series: Series | None,
    engine: EngineType,
    prospects: bool = True,
) -> State:
    plan, tables = batch.plan, batch.tables
    with_periods = has_periods(plan, series)
    names = _names(by)
    parts = []
    possible: list[pl.DataFrame] = []
    facts = {name: table.facts for name, table in tables.items()}
    _require_groups(tables, names)
    for name, targets in batch.needs.by_table.items():
        if name in tables:
            _check_groups(tables[name], names)
            facts[name] = evolve(facts[name], missing_group_columns=_lacking(tables[name], names))
            # A target whose tables of pauses are missing is not assessable, whatever its cases are.
            assessable = [target for target in targets if set(target.tables) <= tables.keys()]
            if assessable:
                with stage("evaluate", name, rows=tables[name].rows):
                    parts.append(
                        compiled.aggregate(
                            plan,
                            tables[name],
                            assessable,
                            by=names,
                            series=series,
                            with_periods=with_periods,
                            engine=engine,
                        )
                    )
                    if prospects:
                        possible += possibilities(
                            plan, batch.needs, tables[name], assessable, by=names, engine=engine
                        )
    keys = dict.fromkeys(names, pl.String) | ({PERIOD: pl.Date} if with_periods else {})
    none = pl.DataFrame(
        schema={
            "target": pl.String,
            **keys,
            PART: pl.String,
            "quantity": pl.String,
            BIN: pl.Int64,
            "n": pl.Int64,
        }
    )
    return State(
        plan=plan,
        as_of=batch.as_of,
        as_of_given=batch.as_of_given,
        by=names,
        series=series,
        sums=sum_states([*parts, none]),
        possible=sum_states(possible) if possible else pl.DataFrame(),
        facts=facts,
        batches=int(any(quality.rows for quality in facts.values())),
        reports=reports_of(facts, batch.needs.targets),
        coverage=coverage_of(facts, (target.tables for target in batch.needs.targets)),
        fingerprints=batch.fingerprints,
    )


def _columns(snapshot: Snapshot) -> list[str]:
    return [name for name in snapshot.columns if not name.startswith(PREFIX)]


def _lacking(snapshot: Snapshot, by: Sequence[str]) -> tuple[str, ...]:
    return tuple(name for name in by if name not in snapshot.columns)


def _require_groups(tables: Mapping[str, Snapshot], by: Sequence[str]) -> None:
    """Check the columns of a break-down over all tables.

    Raises:
        DataError: where no table has a column, where a result has a column of that name, or where a
            column is given twice.
    """
    for name in by:
        if tables and all(name not in table.columns for table in tables.values()):
            columns = sorted({column for table in tables.values() for column in _columns(table)})
            where = listed(list(tables))
            raise DataError(f"{where}: no column {name!r} to break down by{suggest(name, columns)}")
        if name in _TAKEN:
            raise DataError(
                f"a result has a column {name!r} of its own; rename that of the table to break down by it"
            )
    if len(set(by)) < len(by):
        raise DataError(f"by: found a column twice: {listed(by)}")


def _check_groups(snapshot: Snapshot, by: Sequence[str]) -> None:
    """Check the dtypes of the columns of a break-down.

    Raises:
        DataError: where a column holds neither text, whole numbers, true or false, nor dates.
    """
    schema = snapshot.frame.collect_schema() if by else {}
    for name in by:
        if name in schema and not isinstance(schema[name], _GROUPING):
            raise DataError(
                f"{snapshot.table.name}: column {name} holds {schema[name]}; a break-down takes text, "
                "whole numbers, true or false, or dates"
            )
