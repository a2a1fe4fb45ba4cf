"""What the tables said at the end of a day: a step from table to table before any rule (S14, S15)."""

from __future__ import annotations

import datetime as dt

import polars as pl
from attrs import evolve, frozen

from kpi import derived_dates
from kpi.columns import instant_name, unreal_name
from kpi.facts import Facts
from kpi.measured import derived_read
from kpi.plan import Plan
from kpi.table import Table
from kpi.tables import Bounds, CheckedTable, repeated_flag, still_suspects, with_repeated


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


def known_at(plan: Plan, checked: CheckedTable, as_of: dt.date) -> KnownTable:
    """The table at the end of `as_of`: later entries are not there, later events are unknown.

    Rows without an entry date stay. Declared dates that are neither stay as they are. Derived dates
    are made of what is known. Nothing is computed for a column whose newest date is no later.
    """
    day = as_of.toordinal() - dt.date(1970, 1, 1).toordinal()
    later = {name for name, (_, high) in checked.bounds.items() if high > day}
    table, frame = checked.table, checked.frame
    lazy, hidden, facts = frame.lazy(), 0, checked.facts
    if table.entry in later:
        entry = pl.col(table.entry)
        there = entry.is_null() | (entry <= as_of)
        hidden = frame.select((entry > as_of).sum()).item()
        if checked.suspects.height:
            suspects = still_suspects(checked, there)
            facts = with_repeated(facts, suspects)
            lazy = frame.with_columns(repeated_flag(frame.height, suspects)).lazy()
        lazy = lazy.filter(there)
    unknown = [name for name in table.events if name in later]
    flags = [name for name in unknown if unreal_name(name) in frame.columns]
    instants = [name for name in unknown if instant_name(name) in frame.columns]
    if unknown:
        lazy = lazy.with_columns(
            *(pl.when(pl.col(name) <= as_of).then(pl.col(name)) for name in unknown),
            *(pl.col(unreal_name(name)) & (pl.col(name) <= as_of) for name in flags),
            *(pl.when(pl.col(name) <= as_of).then(pl.col(instant_name(name))) for name in instants),
        )
    lazy, bounds = derived_dates.with_derived(plan, table, lazy, checked.bounds)
    return KnownTable(
        table=table,
        as_of=as_of,
        frame=lazy,
        rows=frame.height - hidden,
        columns=frozenset((*frame.columns, *derived_read(plan, table))),
        bounds=bounds,
        rejected=checked.rejected,
        facts=evolve(facts, hidden=hidden),
    )
