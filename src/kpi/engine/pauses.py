"""The step from tables to tables that gives each case its paused days (S14).

The arithmetic of the intervals is in `kpi.time.paused_intervals`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl
from attrs import evolve

from kpi.definitions.plan import Plan
from kpi.definitions.reserved import instant_name, unreal_name
from kpi.definitions.table import Table
from kpi.errors import DataError
from kpi.rules._pausable import PausableTarget
from kpi.tables.as_of import Snapshot
from kpi.tables.checked_table import original_name
from kpi.tables.needs import Needs
from kpi.time.paused_hours import FROM_AT, LOST, TO_AT, paused_columns
from kpi.time.paused_intervals import (
    END,
    FROM,
    TO,
    before_due,
    in_working_days,
    merged_intervals,
    still_paused,
    summed_days,
)
from kpi.time.pauses import PausedDays


def with_pauses(plan: Plan, needs: Needs, snapshot: Mapping[str, Snapshot]) -> dict[str, Snapshot]:
    """Add a column of the paused days of each case for every paused time that a target needs.

    One that is there already stays as it is. A case that no interval names has 0. Targets whose tables of pauses are missing get no column.

    Args:
        plan: the plan that is evaluated.
        needs: what the plan needs of its tables.
        snapshot: the snapshots by table.

    Returns:
        the snapshots by table; those of pauses with the count of the intervals that name no case.

    Raises:
        DataError: where the keys of a table and of its pauses are of different kinds.
    """
    snapshots = dict(snapshot)
    for name, targets in needs.by_table.items():
        times = dict.fromkeys(
            time
            for target in targets
            if isinstance(target, PausableTarget) and set(target.tables) <= snapshot.keys()
            for time in target.paused_times(plan)
            if time.column not in snapshot[name].columns
        )
        if times:
            cases = snapshot[name]
            frame = cases.frame.collect(engine="in-memory")
            intervals = {
                pauses: _intervals(frame, cases.table, snapshot[pauses])
                for pauses in dict.fromkeys(table for time in times for table in time.tables)
            }
            snapshots[name] = _with_columns(cases, frame, intervals, list(times), plan.time_zone)
            keys = _keys(frame, cases.table.key)
            for pauses, paused in intervals.items():
                unmatched = paused.join(keys, on=cases.table.key, how="anti")
                facts = evolve(
                    snapshot[pauses].facts,
                    orphan_pauses=unmatched.height,
                    strays=_strays(unmatched, cases),
                    of=name,
                )
                snapshots[pauses] = evolve(snapshot[pauses], facts=facts)
    return snapshots


def with_further_pauses(plan: Plan, snapshots: Mapping[str, Snapshot]) -> dict[str, Snapshot]:
    """Add the paused days that another plan needs of the same tables, and that no target needed so far.

    Args:
        plan: the other plan.
        snapshots: the snapshots by table, with the paused days of the first plan.
    """
    further = with_pauses(plan, Needs(plan), snapshots)
    # What was found of the intervals was found of the cases before any was hidden.
    return {name: evolve(of, facts=snapshots[name].facts) for name, of in further.items()}


def _strays(unmatched: pl.DataFrame, cases: Snapshot) -> int:
    """Return how many intervals of no visible case name neither a hidden nor a rejected one.

    Their cases may stand in another batch.
    """
    key = list(cases.table.key)
    others = unmatched.select(key)
    if cases.exists is not None and others.height:
        hidden = cases.raw.lazy().filter(~cases.exists).select(key).collect(engine="in-memory")
        others = others.join(_keys(hidden, key), on=key, how="anti")
    rejected = cases.rejected.select(
        pl.col(original_name(name, "row", "reason")).alias(name) for name in key
    )
    if rejected.height and others.height:
        # Rejected rows hold the values that the table came with.
        texts = pl.all().cast(pl.String)
        others = others.select(texts).join(rejected.select(texts), on=key, how="anti")
    return others.height


def _with_columns(
    cases: Snapshot,
    frame: pl.DataFrame,
    intervals: Mapping[str, pl.DataFrame],
    times: Sequence[PausedDays],
    zone: str,
) -> Snapshot:
    """Add a column of paused days to the cases for each paused time.

    Args:
        cases: the snapshot of the cases.
        frame: the rows of that snapshot, collected.
        intervals: the intervals by table of pauses, under the key names of the cases.
        times: the paused times.
        zone: the time zone of opening hours.
    """
    bounds = dict(cases.bounds)
    merged: dict[PausedDays, pl.DataFrame] = {}
    for time in times:
        paused_by = pl.concat(intervals[name] for name in time.tables)
        if time.in_hours:
            keys = _keys(frame, cases.table.key)
            columns = paused_columns(frame, keys, paused_by, time, cases.as_of, bounds, zone)
            frame = frame.with_columns(columns)
            most = columns[0].max()
            bounds[time.column] = (0, most if isinstance(most, int) else 0)
            continue
        stretches = evolve(time, until=None, calendar=None)
        if stretches not in merged:
            merged[stretches] = merged_intervals(
                frame, _keys(frame, cases.table.key), paused_by, stretches, cases.as_of
            )
        counted = merged[stretches]
        if time.calendar is not None:
            # Clipped to the case: the end day is not paused (S14, S16).
            clipped = pl.min_horizontal(TO, END)
            counted = in_working_days(counted, clipped, time.calendar)
        if time.until is not None:
            counted = before_due(frame, counted, time, time.until, bounds)
            still = still_paused(frame, counted, time)
            frame = frame if still is None else frame.with_columns(still)
        paused = summed_days(counted, time, frame.height)
        frame = frame.with_columns(paused)
        most = paused.max()
        bounds[time.column] = (0, most if isinstance(most, int) else 0)
    # Hidden rows, masked dates and derived dates are applied in the collected frame already.
    return evolve(
        cases,
        raw=frame,
        exists=None,
        masked_events={},
        derived={},
        columns=frozenset(frame.columns),
        bounds=bounds,
    )


def _intervals(frame: pl.DataFrame, of: Table, pauses: Snapshot) -> pl.DataFrame:
    """Return the intervals of a table of pauses: key of the case, first day, day that counts again.

    Args:
        frame: the cases.
        of: the table of the cases, whose key names the intervals get.
        pauses: the snapshot of the table of pauses; the end of an interval that goes on is null.

    Raises:
        DataError: where the keys of both tables are of different kinds.
    """
    entry = pauses.table.entry
    assert entry is not None, "a table of pauses has an entry"
    named = dict(zip(pauses.table.key, of.key, strict=True))
    later = 1 if pauses.table.last_day == "paused" else 0
    intervals = pauses.frame.select(
        *(pl.col(own).alias(name) for own, name in named.items()),
        pl.col(entry).to_physical().alias(FROM),
        (pl.col(pauses.table.pause_end).to_physical() + later).alias(TO),
        _instant(pauses, entry).alias(FROM_AT),
        _instant(pauses, pauses.table.pause_end, known=not later).alias(TO_AT),
        pl.any_horizontal(
            _lost(pauses, entry), _lost(pauses, pauses.table.pause_end, known=not later)
        ).alias(LOST),
    ).collect(engine="in-memory")
    for own, name in named.items():
        dtypes = frame.schema[name], intervals.schema[name]
        if _kind(dtypes[0]) != _kind(dtypes[1]) and intervals.height and frame.height:
            raise DataError(
                f"{pauses.table.name}: column {own} holds {dtypes[1]}, and {name} in {of.name} "
                f"holds {dtypes[0]}; hold ids of one kind in both"
            )
    keys = _keys(intervals, of.key)
    if not (intervals.height and frame.height):
        # The dtype of a key says nothing where the table has no rows.
        to = _keys(frame.clear(), of.key).schema
        keys = keys.select(pl.col(name).cast(to[name], strict=False) for name in of.key)
    return intervals.with_columns(keys.get_columns())


def _instant(pauses: Snapshot, column: str, *, known: bool = True) -> pl.Expr:
    """Return the instants of a column; null where they are days, or not read.

    Args:
        pauses: the table of pauses.
        column: the column.
        known: whether the time of day of the column counts, and not the whole day.
    """
    name = instant_name(column)
    return (
        pl.col(name) if known and name in pauses.columns else pl.lit(None, pl.Datetime("us", "UTC"))
    )


def _lost(pauses: Snapshot, column: str, *, known: bool = True) -> pl.Expr:
    """Return the mask of the rows of which the clocks skipped the local time, as `_instant` reads it."""
    name = unreal_name(column)
    return pl.col(name) if known and name in pauses.columns else pl.lit(value=False)


def _kind(dtype: pl.DataType) -> str:
    if dtype.is_integer():
        return "whole number"
    return "text" if isinstance(dtype, pl.String | pl.Categorical | pl.Enum) else str(dtype)


def _keys(frame: pl.DataFrame, names: Sequence[str]) -> pl.DataFrame:
    """Return the columns of the key, cast to one dtype for both sides of a join."""
    to = {"whole number": pl.Int64, "text": pl.String}
    return frame.select(
        pl.col(name).cast(to.get(_kind(frame.schema[name]), frame.schema[name])) for name in names
    )
