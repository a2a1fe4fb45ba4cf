"""Lists of open cases: a row per target and case, and a row per case (F31, F35)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence

import polars as pl

from kpi.definitions.calendars import Calendar
from kpi.definitions.plan import Plan
from kpi.definitions.reserved import PREFIX
from kpi.engine.audit_trail import WORDS, case_text
from kpi.engine.completions.decisions import EFFECTS, GROUP_DTYPE, Decisions
from kpi.tables.as_of import Snapshot
from kpi.time.working_days import count_working_days

_EPOCH = dt.date(1970, 1, 1)
_RANK = f"{PREFIX}target"
"""Integer column: the place of a target in the plan."""

_OLDEST = f"{PREFIX}oldest"
"""Date column: the start of the late cases, by which they are sorted; null of the others."""

BY_TARGET: Mapping[str, pl.DataType] = {
    "target": WORDS,
    "table": WORDS,
    "case": pl.String(),
    "group": GROUP_DTYPE,
    "start": pl.Date(),
    "due": pl.Date(),
    "first_day": pl.Date(),
    "last_day": pl.Date(),
    "working_days_left": pl.Int64(),
    **dict.fromkeys(EFFECTS, pl.Int64()),
    "effect_in_time": pl.Float64(),
    "effect_late": pl.Float64(),
}
"""The columns of the list by target."""

_OF_ROW = tuple(BY_TARGET)[3:]
"""The columns that rows alike share."""

BY_CASE: Mapping[str, pl.DataType] = {
    "table": WORDS,
    "case": pl.String(),
    "group": GROUP_DTYPE,
    "target": WORDS,
    "start": pl.Date(),
    "due": pl.Date(),
    "first_day": pl.Date(),
    "last_day": pl.Date(),
    "working_days_left": pl.Int64(),
    "helps": pl.String(),
    "hurts": pl.String(),
    "targets_helped": pl.Int64(),
    "targets": pl.String(),
    "effect_in_time": pl.Float64(),
    "effect_late": pl.Float64(),
}
"""The columns of the list by case."""


def by_target(
    plan: Plan, tables: Mapping[str, Snapshot], decisions: Sequence[Decisions]
) -> pl.LazyFrame:
    """Return a row per target and open case whose deciding can change the target's figure.

    In the order of the plan; of each target the groups in the order of F31: those in time by their
    last day, the late ones oldest first, then by key.

    Args:
        plan: the plan.
        tables: the tables at the as-of date, by name.
        decisions: what deciding cases does to each target.
    """
    parts = list(_of_targets(plan, tables, decisions))
    rows = pl.concat(parts) if parts else pl.LazyFrame(schema={_RANK: pl.Int64(), **BY_TARGET})
    ordered = rows.with_columns(_oldest_first()).sort(
        _RANK, "group", "last_day", _OLDEST, "case", nulls_last=True
    )
    return ordered.select(*BY_TARGET)


def by_case(
    plan: Plan, tables: Mapping[str, Snapshot], decisions: Sequence[Decisions]
) -> pl.LazyFrame:
    """Return a row per open case, with the targets that deciding it helps and hurts (F35).

    Group, start, due date, last day and effects are those of the target, named in `target`, to which
    the case matters first. Sorted by group, last day, number of targets helped, and key; the late
    ones oldest first.
    """
    parts = list(_of_targets(plan, tables, decisions))
    if not parts:
        return pl.LazyFrame(schema=BY_CASE)
    rows = pl.concat(parts).sort("group", "last_day", _RANK, nulls_last=True)
    helps = pl.col("group") == "in time"
    hurts = pl.col("group").is_in(["late", "against"])
    target = pl.col("target").cast(pl.String)
    until = pl.when(helps).then(pl.format(" until {}", "last_day")).otherwise(pl.lit(""))
    words = pl.concat_str([target, pl.lit(": "), pl.col("group").cast(pl.String), until])

    def named(texts: pl.Expr, mask: pl.Expr) -> pl.Expr:
        joined = texts.filter(mask).sort_by(pl.col(_RANK).filter(mask)).str.join(", ")
        return pl.when(mask.any()).then(joined)

    cases = rows.group_by("table", "case").agg(
        pl.col(
            "target", "group", "start", "due", "first_day", "last_day", "working_days_left",
            "effect_in_time", "effect_late",
        ).first(),
        named(target, helps).alias("helps"),
        named(target, hurts).alias("hurts"),
        helps.sum().cast(pl.Int64).alias("targets_helped"),
        words.sort_by(_RANK).str.join("; ").alias("targets"),
    )  # fmt: skip
    ordered = cases.with_columns(_oldest_first()).sort(
        "group",
        "last_day",
        "targets_helped",
        _OLDEST,
        "table",
        "case",
        descending=[False, False, True, False, False, False],
        nulls_last=True,
    )
    return ordered.select(*BY_CASE)


def _oldest_first() -> pl.Expr:
    """Return the start of the late cases, by which they are sorted; null of the others."""
    return pl.when(pl.col("group") == "late").then("start").alias(_OLDEST)


def _of_targets(
    plan: Plan, tables: Mapping[str, Snapshot], decisions: Sequence[Decisions]
) -> Iterator[pl.LazyFrame]:
    for of in decisions:
        if of.rows.height:
            yield _of_target(plan, tables[of.asked.target.table], of)


def _of_target(plan: Plan, snapshot: Snapshot, of: Decisions) -> pl.LazyFrame:
    target = of.asked.target
    calendar = target.calendar or plan.calendar
    left = _working_days_left(snapshot.as_of, of.asked.last, calendar)
    names = of.keys.columns
    # A table may have columns of these names itself.
    own = of.rows.with_columns(left.alias("working_days_left")).select(
        pl.col(name).alias(_own(name)) for name in _OF_ROW
    )
    rows = pl.concat([of.keys, own], how="horizontal").lazy()
    cases = snapshot.frame.select(case_text(snapshot.table.key).alias(_own("case")), *names)
    # The distinct rows are few, and each case finds its own by the columns that the target reads.
    joined = cases.join(rows, on=names, how="inner", nulls_equal=True)
    order = [leaf.id for leaf in plan.leaves()].index(of.asked.id)
    return joined.select(
        pl.lit(order, pl.Int64).alias(_RANK),
        pl.lit(of.asked.id, WORDS).alias("target"),
        pl.lit(target.table, WORDS).alias("table"),
        pl.col(_own("case")).alias("case"),
        *(pl.col(_own(name)).alias(name) for name in _OF_ROW),
    )


def _own(name: str) -> str:
    return f"{PREFIX}work {name}"


def _working_days_left(as_of: dt.date, last: dt.date, calendar: Calendar) -> pl.Expr:
    """Return the working days after a day through the last day in time."""
    low, high = ((day - _EPOCH).days for day in (as_of, last))
    stop = pl.col("last_day").to_physical() + 1
    return count_working_days(pl.lit(low + 1, pl.Int32), stop, (low, high + 1), calendar)
