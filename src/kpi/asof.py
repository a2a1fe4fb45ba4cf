"""What a table said at the end of a day: a step from table to table before any rule (S15)."""

from __future__ import annotations

import datetime as dt

import polars as pl
from attrs import evolve

from kpi.columns import REPEATED, unreal_name
from kpi.tables import CheckedTable


def known_at(checked: CheckedTable, as_of: dt.date) -> CheckedTable:
    """The table at the end of `as_of`: later entries are not there, later events are unknown.

    Rows without an entry date stay. Declared dates that are neither stay as they are. Nothing is
    computed for a column whose newest date is no later, and nothing is copied.
    """
    day = as_of.toordinal() - dt.date(1970, 1, 1).toordinal()
    later = {name for name, (_, high) in checked.bounds.items() if high > day}
    table, frame = checked.table, checked.frame
    hidden = 0
    if table.entry in later:
        entry = pl.col(table.entry)
        there = frame.filter(entry.is_null() | (entry <= as_of))
        hidden, frame = frame.height - there.height, there
    unknown = [name for name in table.events if name in later]
    flags = [name for name in unknown if unreal_name(name) in frame.columns]
    frame = frame.with_columns(
        *(pl.when(pl.col(name) <= as_of).then(pl.col(name)) for name in unknown),
        *(
            pl.col(unreal_name(name)) & (pl.col(name) <= as_of).fill_null(value=False)
            for name in flags
        ),
    )
    if hidden and REPEATED in frame.columns:
        frame = frame.with_columns(_still_repeated(frame, checked).alias(REPEATED))
    return evolve(checked, frame=frame, facts=evolve(checked.facts, hidden=hidden))


def _still_repeated(frame: pl.DataFrame, checked: CheckedTable) -> pl.Series:
    """The flag anew: a row that does not exist yet repeats no id. Rejected rows still do."""
    key = list(checked.table.key)
    suspects = frame.select(key).filter(frame[REPEATED])
    all_rows = pl.concat([suspects, checked.rejected.select(key).cast(suspects.schema)])
    still = all_rows.filter(all_rows.is_duplicated()).unique()
    marked = frame.select(key).join(
        still.with_columns(pl.lit(value=True).alias(REPEATED)),
        on=key,
        how="left",
        maintain_order="left",
    )
    return marked[REPEATED].fill_null(value=False)
