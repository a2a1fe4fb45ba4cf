"""What a table said at the end of a day: a step from table to table before any rule (S15)."""

from __future__ import annotations

import datetime as dt

import polars as pl
from attrs import evolve, frozen

from kpi.columns import REPEATED, unreal_name
from kpi.facts import Facts
from kpi.plan import Table
from kpi.tables import Bounds, CheckedTable


@frozen(kw_only=True)
class KnownTable:
    """A checked table at the end of a day.

    Attributes:
        table: its declaration in the plan.
        as_of: the day.
        frame: the rows that exist, later events unknown; lazy, so that nothing is copied to hide.
        rows: how many rows exist.
        columns: the columns of the frame.
        bounds: smallest and largest day number of each date column, of all dates or of more.
        rejected: the rows that cannot be used, whatever the day.
        facts: what stands beside the rows, the hidden ones counted.
    """

    table: Table
    as_of: dt.date
    frame: pl.LazyFrame
    rows: int
    columns: frozenset[str]
    bounds: Bounds
    rejected: pl.DataFrame
    facts: Facts


def known_at(checked: CheckedTable, as_of: dt.date) -> KnownTable:
    """The table at the end of `as_of`: later entries are not there, later events are unknown.

    Rows without an entry date stay. Declared dates that are neither stay as they are. Nothing is
    computed for a column whose newest date is no later.
    """
    day = as_of.toordinal() - dt.date(1970, 1, 1).toordinal()
    later = {name for name, (_, high) in checked.bounds.items() if high > day}
    table, frame = checked.table, checked.frame
    lazy, hidden = frame.lazy(), 0
    if table.entry in later:
        entry = pl.col(table.entry)
        there = entry.is_null() | (entry <= as_of)
        hidden = frame.select((entry > as_of).sum()).item()
        if REPEATED in frame.columns:
            lazy = frame.with_columns(_still_repeated(checked, there)).lazy()
        lazy = lazy.filter(there)
    unknown = [name for name in table.events if name in later]
    flags = [name for name in unknown if unreal_name(name) in frame.columns]
    if unknown:
        lazy = lazy.with_columns(
            *(pl.when(pl.col(name) <= as_of).then(pl.col(name)) for name in unknown),
            *(pl.col(unreal_name(name)) & (pl.col(name) <= as_of) for name in flags),
        )
    return KnownTable(
        table=table,
        as_of=as_of,
        frame=lazy,
        rows=frame.height - hidden,
        columns=frozenset(frame.columns),
        bounds=checked.bounds,
        rejected=checked.rejected,
        facts=evolve(checked.facts, hidden=hidden),
    )


def _still_repeated(checked: CheckedTable, there: pl.Expr) -> pl.Series:
    """The flag anew: a row that does not exist yet repeats no id. Rejected rows still do."""
    key = list(checked.table.key)
    suspects = checked.frame.filter(there & pl.col(REPEATED)).select(key)
    every = pl.concat([suspects, checked.rejected_keys])
    still = every.filter(every.is_duplicated()).unique()
    marked = checked.frame.select(key).join(
        still.with_columns(pl.lit(value=True).alias(REPEATED)),
        on=key,
        how="left",
        maintain_order="left",
    )
    return marked[REPEATED].fill_null(value=False)
