"""How the question is asked fast: the only home of speed work. What is asked stands in the rules.

All targets of a table share one pass: their populations are masks computed together, so that a
condition which many targets share is evaluated once; then each target looks at its own rows alone,
which are few, and sums integers.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import polars as pl
from polars._typing import EngineType

from kpi.columns import Columns
from kpi.errors import PlanError
from kpi.periods import Every, Window
from kpi.plan import Plan, Target
from kpi.rows import Rows
from kpi.state import COUNTED, EXCLUDED, INSIDE, PERIOD, RESERVED, ROWS, UNDETERMINED
from kpi.tables import CheckedTable

_TRUNCATE: dict[Every, str] = {"month": "1mo", "quarter": "3mo", "half-year": "6mo"}
_COUNTED_CODE, _UNDETERMINED_CODE, _FIRST_REASON = 0, 1, 2


def columns_of(plan: Plan, checked: CheckedTable) -> Columns:
    """What a rule may ask of a checked table."""
    return Columns(plan, checked.table, checked.bounds, frozenset(checked.frame.columns))


def inside(rows: Rows) -> pl.Expr:
    """Whether a row is not outside; null counts as outside."""
    tests = [test for _, test in rows.tests]
    return pl.all_horizontal(tests) if tests else pl.repeat(value=True, n=pl.len())


def bucket_code(rows: Rows) -> pl.Expr:
    """For a row inside: 0 counted, 1 undetermined, 2 and up the exclusions in order (S12)."""
    code: pl.Expr = (
        pl.when(rows.undetermined)
        .then(pl.lit(_UNDETERMINED_CODE, pl.UInt8))
        .otherwise(pl.lit(_COUNTED_CODE, pl.UInt8))
    )
    for n, (_, excluded) in reversed(list(enumerate(rows.exclusions))):
        code = pl.when(excluded).then(pl.lit(_FIRST_REASON + n, pl.UInt8)).otherwise(code)
    return code


def sums(
    plan: Plan,
    checked: CheckedTable,
    targets: Sequence[Target],
    *,
    by: Sequence[str],
    every: Every | None,
    engine: EngineType,
) -> pl.DataFrame:
    """The sums of a state (see `kpi.state.State.sums`) over one table, at its as-of date."""
    columns = columns_of(plan, checked)
    asked = {target.id: target.rows(columns) for target in targets}
    for target in targets:
        _check_names(target, asked[target.id])
    masks = checked.frame.lazy().select(
        inside(rows).alias(_mask(n)) for n, rows in enumerate(asked.values())
    )
    frame = checked.frame.hstack(masks.collect(engine=engine)).lazy()
    windows = {target.id: target.window_of(plan) for target in targets}
    queries = [
        _inside_sums(frame.filter(pl.col(_mask(n))), rows, _keys(by, every, rows, windows[name]))
        for n, (name, rows) in enumerate(asked.items())
    ]
    wholes: dict[str, pl.LazyFrame] = {}
    for name, rows in asked.items():
        # Targets with the same event and window share the count of all rows by group and period.
        keys = _keys(by, every, rows, windows[name])
        wholes.setdefault(
            _whole_id(keys), _grouped(frame, keys, [pl.len().cast(pl.Int64).alias(ROWS)])
        )
    done = pl.collect_all([*queries, *wholes.values()], engine=engine)
    whole = dict(zip(wholes, done[len(queries) :], strict=True))
    parts = []
    for (name, rows), part in zip(asked.items(), done[: len(queries)], strict=True):
        keys = _keys(by, every, rows, windows[name])
        names = [key.meta.output_name() for key in keys]
        for found in (whole[_whole_id(keys)], part):
            long = found.unpivot(index=names, variable_name="quantity", value_name="n")
            parts.append(long.select(pl.lit(name).alias("target"), *names, "quantity", "n"))
    return pl.concat(parts, how="vertical_relaxed")


def _check_names(target: Target, rows: Rows) -> None:
    taken = sorted(set(rows.sums) & set(RESERVED))
    if taken:
        raise PlanError(
            f"rule {target.rule}: a sum may not be named {taken[0]!r}; kpi counts that itself"
        )


def _mask(n: int) -> str:
    return f"kpi:inside:{n}"


def _inside_sums(lazy: pl.LazyFrame, rows: Rows, keys: list[pl.Expr]) -> pl.LazyFrame:
    names = [key.meta.output_name() for key in keys]
    code = pl.col("kpi:code")
    counted = code == _COUNTED_CODE
    measured = lazy.select(
        *keys,
        bucket_code(rows).alias("kpi:code"),
        *(expression.cast(pl.Int64).alias(f"kpi:{name}") for name, expression in rows.sums.items()),
    )
    aggregates = {
        INSIDE: pl.len(),
        COUNTED: counted.sum(),
        UNDETERMINED: (code == _UNDETERMINED_CODE).sum(),
        **{
            f"{EXCLUDED}{reason}": (code == _FIRST_REASON + n).sum()
            for n, (reason, _) in enumerate(rows.exclusions)
        },
        # Int64 before summing: Int32 sums wrap.
        **{name: pl.when(counted).then(pl.col(f"kpi:{name}")).sum() for name in rows.sums},
    }
    return _grouped(
        measured,
        [pl.col(n) for n in names],
        [e.cast(pl.Int64).alias(q) for q, e in aggregates.items()],
    )


def _grouped(lazy: pl.LazyFrame, keys: list[pl.Expr], aggregates: list[pl.Expr]) -> pl.LazyFrame:
    return lazy.group_by(keys).agg(aggregates) if keys else lazy.select(aggregates)


def _keys(by: Iterable[str], every: Every | None, rows: Rows, window: Window) -> list[pl.Expr]:
    keys = [pl.col(name) for name in by]
    if every is not None:
        keys.append(period(rows.event, every, window).alias(PERIOD))
    return keys


def period(event: pl.Expr, every: Every, window: Window) -> pl.Expr:
    """The first day of the period that an event lies in; null outside the window."""
    within = pl.lit(value=True)
    if window.first is not None:
        within &= event >= window.first
    if window.stop is not None:
        within &= event < window.stop
    return pl.when(within).then(event.dt.truncate(_TRUNCATE[every]))


def _whole_id(keys: list[pl.Expr]) -> str:
    return "\n".join(str(key) for key in keys)
