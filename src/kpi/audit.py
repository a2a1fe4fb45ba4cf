"""The audit trail: what became of each row under each target, from the same expressions as the sums."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import polars as pl

from kpi.asof import KnownTable
from kpi.compile import bucket_code, columns_of, inside
from kpi.plan import Plan, Target
from kpi.rows import BUCKETS, COUNTED, EXCLUDED, OUTSIDE, UNDETERMINED, Rows

BUCKET = pl.Enum(BUCKETS)


def trail(
    plan: Plan, known: KnownTable, targets: Sequence[Target], *, outside: bool
) -> pl.LazyFrame:
    """A row per target and row of the table, targets in the plan's order, rows in the table's.

    Columns: `target`, `table`, `case` (the row's key as text), `bucket`, `reason` (why outside or
    excluded), `met` (counted rows of a share), `due`, `days` (where the row is inside).
    """
    columns = columns_of(plan, known)
    lazy = known.frame
    return pl.concat(
        [
            _one(lazy, target, target.rows(columns), known.table.key, outside=outside)
            for target in targets
        ]
    )


def _one(
    lazy: pl.LazyFrame, target: Target, rows: Rows, key: Sequence[str], *, outside: bool
) -> pl.LazyFrame:
    member = inside(rows).fill_null(value=False)
    code = bucket_code(rows)
    inner = (
        pl.when(code == 0)
        .then(pl.lit(COUNTED))
        .when(code == 1)
        .then(pl.lit(UNDETERMINED))
        .otherwise(pl.lit(EXCLUDED))
    )
    why_outside = _first((words, ~test.fill_null(value=False)) for words, test in rows.tests)
    why_excluded = _first(rows.exclusions)
    found = lazy.select(
        pl.lit(target.id).alias("target"),
        pl.lit(target.table).alias("table"),
        case_text(key).alias("case"),
        pl.when(member).then(inner).otherwise(pl.lit(OUTSIDE)).cast(BUCKET).alias("bucket"),
        pl.when(member).then(why_excluded).otherwise(why_outside).alias("reason"),
        pl.when(member & (code == 0)).then(rows.met).alias("met"),
        pl.when(member).then(rows.due).alias("due"),
        pl.when(member).then(rows.days).alias("days"),
    )
    return found if outside else found.filter(pl.col("bucket") != OUTSIDE)


def case_text(key: Sequence[str]) -> pl.Expr:
    """A row's key as one text."""
    return pl.concat_str([pl.col(name).cast(pl.String) for name in key], separator=", ")


def _first(reasons: Iterable[tuple[str, pl.Expr]]) -> pl.Expr:
    """The words of the first test that holds, else null."""
    found = pl.lit(None, pl.String)
    for words, test in reversed(list(reasons)):
        found = pl.when(test).then(pl.lit(words)).otherwise(found)
    return found


def empty() -> pl.LazyFrame:
    """A trail of no rows."""
    schema: dict[str, pl.DataType | type[pl.DataType]] = {
        "target": pl.String,
        "table": pl.String,
        "case": pl.String,
        "bucket": BUCKET,
        "reason": pl.String,
        "met": pl.Boolean,
        "due": pl.Date,
        "days": pl.Int64,
    }
    return pl.LazyFrame(schema=schema)
