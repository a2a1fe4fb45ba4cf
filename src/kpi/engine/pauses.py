"""Paused time: the intervals of each case merged, clipped to the case, and summed (S14).

Every interval becomes two numbers on a line on which each case has a stretch of its own, so that
merging the intervals of all cases is one running maximum.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

import polars as pl
from attrs import evolve

from kpi.definitions.calendars import Calendar
from kpi.definitions.limits import DueColumn
from kpi.definitions.plan import Plan
from kpi.definitions.reserved import PREFIX, ROW
from kpi.definitions.spans import Span
from kpi.definitions.table import Table
from kpi.errors import DataError
from kpi.rules._pausable import PausableTarget
from kpi.tables.as_of import Snapshot
from kpi.tables.checked_table import original_name
from kpi.tables.needs import Needs
from kpi.time import due_dates as deadlines
from kpi.time import working_days
from kpi.time.pauses import PauseCutoff, PausedDays

_START, _END = f"{PREFIX}start", f"{PREFIX}end"
_FROM, _TO = f"{PREFIX}from", f"{PREFIX}to"
_DAYS, _DUE = f"{PREFIX}days", f"{PREFIX}due"
_EPOCH = dt.date(1970, 1, 1).toordinal()
_STRETCH = 1 << 24
"""Length of the stretch of a case on that line, in days: more than the calendar has."""


def with_pauses(plan: Plan, needs: Needs, snapshot: Mapping[str, Snapshot]) -> dict[str, Snapshot]:
    """Add a column of the paused days of each case for every paused time that a target needs.

    A case that no interval names has 0. Targets whose tables of pauses are missing get no column.

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
        )
        if times:
            cases = snapshot[name]
            frame = cases.frame.collect(engine="in-memory")
            intervals = {
                pauses: _intervals(frame, cases.table, snapshot[pauses])
                for pauses in dict.fromkeys(table for time in times for table in time.tables)
            }
            snapshots[name] = _with_columns(cases, frame, intervals, list(times))
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
) -> Snapshot:
    """Add a column of paused days to the cases for each paused time.

    Args:
        cases: the snapshot of the cases.
        frame: the rows of that snapshot, collected.
        intervals: the intervals by table of pauses, under the key names of the cases.
        times: the paused times.
    """
    bounds = dict(cases.bounds)
    merged: dict[PausedDays, pl.DataFrame] = {}
    for time in times:
        stretches = evolve(time, until=None, calendar=None)
        if stretches not in merged:
            paused_by = pl.concat(intervals[name] for name in time.tables)
            merged[stretches] = _merged(frame, paused_by, cases, stretches)
        counted = merged[stretches]
        if time.calendar is not None:
            # Clipped to the case: the end day is not paused (S14, S16).
            clipped = pl.min_horizontal(_TO, _END)
            counted = _in_working_days(counted, clipped, time.calendar)
        if time.until is not None:
            counted = _before_due(frame, counted, time, time.until, bounds)
            still = _still_paused(frame, counted, time)
            frame = frame if still is None else frame.with_columns(still)
        paused = _summed(counted, time, frame.height)
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
    entry, (event,) = pauses.table.entry, pauses.table.events
    assert entry is not None, "a table of pauses has an entry"
    named = dict(zip(pauses.table.key, of.key, strict=True))
    intervals = pauses.frame.select(
        *(pl.col(own).alias(name) for own, name in named.items()),
        pl.col(entry).to_physical().alias(_FROM),
        pl.col(event).to_physical().alias(_TO),
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


def _merged(
    frame: pl.DataFrame, intervals: pl.DataFrame, cases: Snapshot, time: PausedDays
) -> pl.DataFrame:
    """Return the paused stretches of each case, merged, from the start through the end day of it.

    Returns:
        a row per stretch, sorted by case and day: row of the case, start and end day of the case,
        first day of the stretch, first day after it (day numbers), and days; the last without the
        end day of the case.
    """
    names = cases.table.key
    # Open cases count up to the as-of date.
    end = pl.col(time.end).fill_null(pl.lit(cases.as_of))
    dates = frame.lazy().select(
        *_keys(frame, names).get_columns(),
        pl.int_range(pl.len()).alias(ROW),
        pl.col(time.start).to_physical().alias(_START),
        end.to_physical().alias(_END),
    )
    first = pl.max_horizontal(_FROM, _START).cast(pl.Int64)
    # An interval that has not ended lasts as long as the case.
    beyond = pl.col(_END) + 1
    last = pl.min_horizontal(pl.col(_TO).fill_null(beyond), beyond).cast(pl.Int64)
    base = pl.col(ROW) * _STRETCH
    return (
        intervals.lazy()
        .join(dates.drop_nulls(_START), on=names)
        .select(ROW, _START, _END, first.alias(_FROM), last.alias(_TO))
        .filter(pl.col(_FROM) < pl.col(_TO))
        .sort(base + pl.col(_FROM))
        .with_columns(reached=(base + pl.col(_TO)).cum_max().shift(1) - base)
        # Days that an earlier interval of the same case has reached are paused already.
        .select(ROW, _START, _END, pl.max_horizontal(_FROM, "reached").alias(_FROM), _TO)
        .filter(pl.col(_FROM) < pl.col(_TO))
        .with_columns((pl.min_horizontal(_TO, _END) - pl.col(_FROM)).cast(pl.Int64).alias(_DAYS))
        .collect(engine="in-memory")
    )


def _before_due(
    frame: pl.DataFrame,
    merged: pl.DataFrame,
    time: PausedDays,
    until: PauseCutoff,
    bounds: Mapping[str, tuple[int, int]],
) -> pl.DataFrame:
    """Return the stretches that begin before the limit is used up, each moving the due date on.

    Args:
        frame: the cases.
        merged: the stretches.
        time: the paused time.
        until: the limit whose due date the stretches move.
        bounds: the smallest and largest day number of each date column.
    """
    if merged.is_empty():
        return merged
    limit = until.limit
    if isinstance(limit, Span) and limit.in_working_days:
        # A pause on the day that is the due day moves it, whether or not the case ended on it.
        counted = _in_working_days(merged, pl.col(_TO), until.calendar)
        # The days that the calendar covers decide whether the limit is used up.
        covered_until = until.calendar.coverage[1].toordinal() - _EPOCH + 1
        after = (pl.col(_START) + 1).cast(pl.Int64)
        before = pl.min_horizontal(_first_working(), pl.lit(covered_until))
        used = working_days.count_working_days(after, before, _reach(merged), until.calendar)
        left = (used - _earlier(pl.col(_DAYS)) < limit.working_days).fill_null(value=True)
    else:
        due = pl.col(limit.column) if isinstance(limit, DueColumn) else None
        if isinstance(limit, Span):
            between = bounds[time.start]
            due = deadlines.due(time.start, between, limit, until.mode, until.calendar)
        assert due is not None, "a limit is a span or a column"
        counted = merged.with_columns(
            frame.select(due.to_physical()).to_series()[merged[ROW]].alias(_DUE)
        ).with_columns(pl.col(_DUE) + _earlier(pl.col(_DAYS)))
        if until.roll != "none":
            counted = _rolled(counted, until.calendar)
        # Pauses that touch are one: a day that is moved may lie between them.
        same = (pl.col(ROW) == pl.col(ROW).shift(1)) & (pl.col(_FROM) == pl.col(_TO).shift(1))
        left = ((pl.col(_FROM) <= pl.col(_DUE)) | same).fill_null(value=False)
    # Every stretch after one that comes too late comes too late.
    return counted.filter(_earlier((~left).cast(pl.Int64), itself=True) == 0)


def _in_working_days(merged: pl.DataFrame, to: pl.Expr, calendar: Calendar) -> pl.DataFrame:
    """Return the stretches with the working days of each; null where the calendar lacks a day (S14).

    Working days are counted after the start, so a pause on the start's day takes none of them.

    Args:
        merged: the stretches.
        to: the first day of each that counts again, a day number.
        calendar: whose working days.
    """
    if merged.is_empty():
        return merged
    beyond = pl.max_horizontal(to.cast(pl.Int64), _first_working())
    counted = working_days.count_working_days(_first_working(), beyond, _reach(merged), calendar)
    return merged.with_columns(counted.alias(_DAYS))


def _first_working() -> pl.Expr:
    """Return the first day of a stretch that the time of the case can count as a working day."""
    return pl.max_horizontal(_FROM, pl.col(_START) + 1).cast(pl.Int64)


def _reach(merged: pl.DataFrame) -> tuple[int, int]:
    """Return the day numbers between which all stretches and their cases' starts lie."""
    low, high = merged[_START].min(), merged[_TO].max()
    assert isinstance(low, int), "there is a stretch"
    assert isinstance(high, int), "there is a stretch"
    return low, high


def _rolled(counted: pl.DataFrame, calendar: Calendar) -> pl.DataFrame:
    """Return the stretches with each due day moved to a working day (S8).

    One that the calendar does not cover stays: a pause that begins by then moves it all the same.
    """
    low, high = counted[_DUE].min(), counted[_DUE].max()
    if not (isinstance(low, int) and isinstance(high, int)):
        return counted
    rolled = working_days.roll_forward(pl.col(_DUE), (low, high), calendar)
    return counted.with_columns(pl.coalesce(rolled.to_physical(), _DUE).alias(_DUE))


def _still_paused(frame: pl.DataFrame, counted: pl.DataFrame, time: PausedDays) -> pl.Series | None:
    """Return whether each case is open and in a pause that moves its due date on day by day (S14).

    Args:
        frame: the cases.
        counted: the stretches that move due dates; of an open case a pause that is not over at the
            end of the as-of date reaches the day after it.
        time: the paused time.

    Returns:
        a mask as long as `frame`; None where it is false throughout.
    """
    rows = counted.filter(pl.col(_TO) > pl.col(_END))[ROW].unique()
    is_open = frame[time.end].is_null()
    rows = rows.filter(is_open[rows])
    if rows.is_empty():
        return None
    none = pl.repeat(value=False, n=frame.height, eager=True).alias(time.open_column)
    return none.scatter(rows, values=True)


def _earlier(number: pl.Expr, *, itself: bool = False) -> pl.Expr:
    """Return the sum of a number over the earlier stretches of the case, null as 0, in one pass.

    Args:
        number: a whole number of each stretch; the stretches are sorted by case.
        itself: whether the number of the stretch itself is in the sum.
    """
    number = number.fill_null(0)
    before = number.cum_sum() - number
    first = pl.col(ROW) != pl.col(ROW).shift(1)
    of_others = pl.when(first.fill_null(value=True)).then(before).forward_fill()
    return before - of_others + (number if itself else 0)


def _summed(counted: pl.DataFrame, time: PausedDays, rows: int) -> pl.Series:
    """Return the paused days of each case as a column, Int64; null where the calendar lacks a day.

    Args:
        counted: the stretches with their days.
        time: the paused time, which names the column.
        rows: the number of cases.
    """
    by_case = (
        counted.group_by(ROW)
        .agg(pl.col(_DAYS).sum(), pl.col(_DAYS).null_count().alias("unknown"))
        .with_columns(pl.when(pl.col("unknown") == 0).then(pl.col(_DAYS)))
    )
    none = pl.repeat(0, rows, dtype=pl.Int64, eager=True).alias(time.column)
    return none.scatter(by_case[ROW], by_case[_DAYS])
