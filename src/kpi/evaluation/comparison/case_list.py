"""The cases of a comparison: each key under each target, its bucket, and its outcome in both (F41)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import polars as pl

from kpi.definitions.plan import Plan
from kpi.definitions.target import Target
from kpi.engine.audit_trail import WORDS, case_text, empty, trail
from kpi.evaluation.comparison.buckets import BUCKETS
from kpi.evaluation.comparison.table_pairs import TablePair
from kpi.tables.as_of import Snapshot
from kpi.tables.checked_table import original_name

BUCKET = pl.Enum(BUCKETS)
_OUTCOME = ("bucket", "reason", "met", "due", "days", "counted_as")


def cases(
    plan: Plan,
    pairs: Iterable[Mapping[str, TablePair]],
    targets: Sequence[Target],
    *,
    unchanged: bool,
) -> pl.LazyFrame:
    """Return a row per target, step and key, in the order of the plan, the steps and the buckets.

    Columns: `target`, `table`, `step`, `case` (the key as text), `bucket`, and the outcome of the
    case before and after the step as the audit trail has it: `before` and `after` (counted, excluded,
    undetermined or outside; null where there is no such row), `reason_before`, `met_before`,
    `due_before`, `days_before`, `counted_as_before`, and the same after.

    Args:
        plan: the plan that judged.
        pairs: the tables side by side, of each step.
        targets: the targets to list.
        unchanged: whether unchanged keys are listed too.
    """
    steps = list(pairs)
    parts = [
        _of_target(plan, pair, target, unchanged=unchanged)
        for target in targets
        for tables in steps
        for pair in [tables.get(target.table)]
        if pair is not None and target.id in pair.codes
    ]
    return pl.concat(parts) if parts else _empty()


def _of_target(plan: Plan, pair: TablePair, target: Target, *, unchanged: bool) -> pl.LazyFrame:
    codes, key = pair.codes[target.id], pair.before.table.key
    moved = pl.concat(
        [
            rows.lazy().select(case_text(key).alias("case"), pl.lit(of_rows).alias("code"))
            for rows, of_rows in (
                (pair.moved_before, codes.before),
                (pair.moved_after, codes.after),
            )
        ]
    ).unique("case", keep="first", maintain_order=True)
    rejected = [
        snapshot.rejected.lazy().select(_rejected_text(snapshot).alias("case"))
        for snapshot in (pair.before, pair.after)
        if pair.step == "restated" and snapshot.rejected.height
    ]
    listed = [moved]
    if rejected:
        of_rejected = pl.concat(rejected).drop_nulls().unique()
        listed.append(
            of_rejected.join(moved, on="case", how="anti").with_columns(code=pl.lit(0, pl.Int64))
        )
    if unchanged:
        same = pl.lit(len(pair.names) - 1, pl.Int64).alias("code")
        listed.append(pair.same.lazy().select(case_text(key).alias("case"), same))
    rows = pl.concat(listed)
    if not unchanged:
        rows = rows.filter(pl.col("code") < len(pair.names) - 1)
    word = pl.col("code").replace_strict(
        list(range(len(pair.names))), list(pair.names), return_dtype=BUCKET
    )
    before = _outcomes(plan, pair.before, target, "before")
    after = _outcomes(plan, pair.after, target, "after")
    joined = rows.join(before, on="case", how="left").join(after, on="case", how="left")
    return joined.sort("code", "case").select(
        pl.lit(target.id, WORDS).alias("target"),
        pl.lit(target.table, WORDS).alias("table"),
        pl.lit(pair.step, WORDS).alias("step"),
        "case",
        word.alias("bucket"),
        *(name for side in ("before", "after") for name in _names(side)),
    )


def _names(side: str) -> list[str]:
    return [side, *(f"{name}_{side}" for name in _OUTCOME[1:])]


def _outcomes(plan: Plan, snapshot: Snapshot, target: Target, side: str) -> pl.LazyFrame:
    """Return the outcome of each key of a snapshot; of a repeated key that of its first row."""
    rows = trail(plan, snapshot, [target], outside=True)
    renamed = {name: (side if name == "bucket" else f"{name}_{side}") for name in _OUTCOME}
    return rows.select("case", *(pl.col(name).alias(new) for name, new in renamed.items())).unique(
        "case", keep="first", maintain_order=True
    )


def _rejected_text(snapshot: Snapshot) -> pl.Expr:
    return case_text([original_name(name, "row", "reason") for name in snapshot.table.key])


def _empty() -> pl.LazyFrame:
    """Return a list without cases."""
    outcome = empty().collect_schema()
    first = {"target": WORDS, "table": WORDS, "step": WORDS, "case": pl.String(), "bucket": BUCKET}
    schema: dict[str, pl.DataType] = {**first}
    for side in ("before", "after"):
        for name, new in zip(_OUTCOME, _names(side), strict=True):
            schema[new] = outcome[name]
    return pl.LazyFrame(schema=schema)
