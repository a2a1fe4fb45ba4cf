"""Lists of open cases: a row per target and case, and a row per case (F31, F35)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence

import polars as pl

from kpi.definitions.calendars import Calendar
from kpi.definitions.plan import Plan
from kpi.definitions.reserved import PREFIX
from kpi.engine.audit_trail import WORDS, case_text
from kpi.engine.completions.decisions import GROUP_DTYPE, Decisions
from kpi.engine.completions.option_effects import EFFECTS
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

_NO_DAY = 1 << 23
"""A number above those of all days."""

_MOST_TARGETS = 1 << 20
"""A number above those of the targets of any plan."""

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
    of_tables: dict[str, list[Decisions]] = {}
    for of in decisions:
        if of.rows.height:
            of_tables.setdefault(of.asked.target.table, []).append(of)
    if not of_tables:
        return pl.LazyFrame(schema=BY_CASE)
    cases = pl.concat(_of_table(plan, tables[name], of) for name, of in of_tables.items())
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


def _of_table(plan: Plan, snapshot: Snapshot, decisions: Sequence[Decisions]) -> pl.LazyFrame:
    """Return a row per open case of a table, unsorted.

    What a case is to all targets is put together for each distinct combination of the columns that
    they read, of which there are few, and not for each case.
    """
    names = sorted({name for of in decisions for name in of.keys.columns})
    opened = _open(snapshot, names)
    combinations = opened.select(names).unique()
    for n, of in enumerate(decisions):
        combinations = combinations.join(
            _rows(plan, snapshot, of, str(n)), on=of.keys.columns, how="left", nulls_equal=True
        )
    ids = [of.asked.id for of in decisions]
    groups = [pl.col(_own(f"{n} group")) for n in range(len(ids))]
    words = [
        pl.concat_str(
            pl.lit(f"{target}: "),
            group.cast(pl.String),
            pl.when(group == "in time")
            .then(pl.format(" until {}", _own(f"{n} last_day")))
            .otherwise(pl.lit("")),
        )
        for n, (target, group) in enumerate(zip(ids, groups, strict=True))
    ]
    first = pl.min_horizontal(_urgency(n) for n in range(len(ids)))

    def of_first(values: Sequence[pl.Expr]) -> pl.Expr:
        return pl.coalesce(
            pl.when(_urgency(n) == first).then(value) for n, value in enumerate(values)
        )

    own = {
        name: of_first([pl.col(_own(f"{n} {name}")) for n in range(len(ids))])
        for name in _OF_ROW
        if name in BY_CASE
    }
    summed = {
        "target": of_first([pl.lit(target) for target in ids]),
        **own,
        "helps": _named(ids, [group == "in time" for group in groups]),
        "hurts": _named(ids, [group.is_in(["late", "against"]) for group in groups]),
        "targets_helped": pl.sum_horizontal(
            (group == "in time").fill_null(value=False).cast(pl.Int64) for group in groups
        ),
        "targets": pl.concat_str(words, separator="; ", ignore_nulls=True),
    }
    listed = combinations.filter(pl.any_horizontal(group.is_not_null() for group in groups)).select(
        *names, *(value.alias(_own(name)) for name, value in summed.items())
    )
    joined = opened.join(listed, on=names, how="inner", nulls_equal=True)
    return joined.select(
        pl.lit(snapshot.table.name, WORDS).alias("table"),
        pl.col(_own("case")).alias("case"),
        *(pl.col(_own(name)).cast(BY_CASE[name]).alias(name) for name in summed),
    )


def _named(ids: Sequence[str], masks: Sequence[pl.Expr]) -> pl.Expr:
    """Return the ids whose mask holds, joined; null where none does."""
    named = [pl.when(mask).then(pl.lit(name)) for name, mask in zip(ids, masks, strict=True)]
    return pl.when(pl.any_horizontal(masks).fill_null(value=False)).then(
        pl.concat_str(named, separator=", ", ignore_nulls=True)
    )


def _urgency(n: int) -> pl.Expr:
    """Return a number by which the target to which a case matters first has the least; else null."""
    group, day = pl.col(_own(f"{n} group")), pl.col(_own(f"{n} last_day"))
    by_day = day.to_physical().cast(pl.Int64).fill_null(_NO_DAY)
    by_group = group.to_physical().cast(pl.Int64) * 2 * _NO_DAY
    return (by_group + by_day) * _MOST_TARGETS + n


def _open(snapshot: Snapshot, names: Sequence[str]) -> pl.LazyFrame:
    """Return the key as text, and some columns, of the rows with an event that is not known yet."""
    events = [name for name in snapshot.table.events if name in names]
    return snapshot.frame.filter(
        pl.any_horizontal(pl.col(event).is_null() for event in events)
    ).select(case_text(snapshot.table.key).alias(_own("case")), *names)


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
    names = of.keys.columns
    joined = _open(snapshot, names).join(
        _rows(plan, snapshot, of, ""), on=names, how="inner", nulls_equal=True
    )
    order = [leaf.id for leaf in plan.leaves()].index(of.asked.id)
    return joined.select(
        pl.lit(order, pl.Int64).alias(_RANK),
        pl.lit(of.asked.id, WORDS).alias("target"),
        pl.lit(of.asked.target.table, WORDS).alias("table"),
        pl.col(_own("case")).alias("case"),
        *(pl.col(_own(f" {name}")).alias(name) for name in _OF_ROW),
    )


def _rows(plan: Plan, snapshot: Snapshot, of: Decisions, prefix: str) -> pl.LazyFrame:
    """Return the distinct rows of a target, which each case finds by the columns that it reads.

    The columns have names that no table has, for a table may have columns of these names itself.
    """
    calendar = of.asked.target.calendar or plan.calendar
    left = _working_days_left(snapshot.as_of, of.asked.last, calendar)
    own = of.rows.with_columns(left.alias("working_days_left")).select(
        pl.col(name).alias(_own(f"{prefix} {name}")) for name in _OF_ROW
    )
    return pl.concat([of.keys, own], how="horizontal").lazy()


def _own(name: str) -> str:
    return f"{PREFIX}work {name}"


def _working_days_left(as_of: dt.date, last: dt.date, calendar: Calendar) -> pl.Expr:
    """Return the working days after a day through the last day in time."""
    low, high = ((day - _EPOCH).days for day in (as_of, last))
    stop = pl.col("last_day").to_physical() + 1
    return count_working_days(pl.lit(low + 1, pl.Int32), stop, (low, high + 1), calendar)
