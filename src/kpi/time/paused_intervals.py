"""Paused intervals as dates by column: merged, clipped to each case, and summed in one pass (S14).

Every interval becomes two numbers on one long line on which each case has a stretch of its own, so
that merging them is one running maximum over all cases at once.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from kpi.definitions.calendars import Calendar
from kpi.definitions.limits import DueColumn
from kpi.definitions.reserved import PREFIX, ROW
from kpi.definitions.time_units import Span
from kpi.polars_on_demand import pl
from kpi.time import due_dates as deadlines
from kpi.time import working_days
from kpi.time.pauses import PauseCutoff, PausedDays

START, END = f"{PREFIX}start", f"{PREFIX}end"
FROM, TO = f"{PREFIX}from", f"{PREFIX}to"
_DAYS, _DUE = f"{PREFIX}days", f"{PREFIX}due"
_EPOCH = dt.date(1970, 1, 1).toordinal()
_STRETCH = 1 << 24
"""Length of the stretch of a case on that line, in days: more than the calendar has."""


def merged_intervals(
    frame: pl.DataFrame,
    keys: pl.DataFrame,
    intervals: pl.DataFrame,
    time: PausedDays,
    as_of: dt.date,
) -> pl.DataFrame:
    """Return the paused stretches of each case, merged, from the start through the end day of it.

    Args:
        frame: the cases.
        keys: their key columns, of the types of those of the intervals; as long as `frame`.
        intervals: key, first day and first day after each interval; null where it has not ended.
        time: the dates that the time of a case is counted from and to.
        as_of: the as-of date, up to which open cases count.

    Returns:
        a row per stretch, sorted by case and day: row of the case, start and end day of the case,
        first day of the stretch, first day after it (day numbers), and days; the last without the
        end day of the case.
    """
    # Open cases count up to the as-of date.
    end = pl.col(time.end).fill_null(pl.lit(as_of))
    dates = frame.lazy().select(
        *keys.get_columns(),
        pl.int_range(pl.len()).alias(ROW),
        pl.col(time.start).to_physical().alias(START),
        end.to_physical().alias(END),
    )
    first = pl.max_horizontal(FROM, START).cast(pl.Int64)
    # An interval that has not ended lasts as long as the case.
    beyond = pl.col(END) + 1
    last = pl.min_horizontal(pl.col(TO).fill_null(beyond), beyond).cast(pl.Int64)
    base = pl.col(ROW) * _STRETCH
    return (
        intervals.lazy()
        .join(dates.drop_nulls(START), on=keys.columns)
        .select(ROW, START, END, first.alias(FROM), last.alias(TO))
        .filter(pl.col(FROM) < pl.col(TO))
        .sort(base + pl.col(FROM))
        .with_columns(reached=(base + pl.col(TO)).cum_max().shift(1) - base)
        # Days that an earlier interval of the same case has reached are paused already.
        .select(ROW, START, END, pl.max_horizontal(FROM, "reached").alias(FROM), TO)
        .filter(pl.col(FROM) < pl.col(TO))
        .with_columns((pl.min_horizontal(TO, END) - pl.col(FROM)).cast(pl.Int64).alias(_DAYS))
        .collect(engine="in-memory")
    )


def before_due(
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
        if not limit.working_days:
            # No day passes before the due day, so that no calendar is asked.
            return merged.clear()
        # A pause on the day that is the due day moves it, whether or not the case ended on it.
        counted = in_working_days(merged, pl.col(TO), until.calendar)
        # The days that the calendar covers decide whether the limit is used up.
        covered_until = until.calendar.coverage[1].toordinal() - _EPOCH + 1
        after = (pl.col(START) + 1).cast(pl.Int64)
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
        same = (pl.col(ROW) == pl.col(ROW).shift(1)) & (pl.col(FROM) == pl.col(TO).shift(1))
        left = ((pl.col(FROM) <= pl.col(_DUE)) | same).fill_null(value=False)
    # Every stretch after one that comes too late comes too late.
    return counted.filter(_earlier((~left).cast(pl.Int64), itself=True) == 0)


def in_working_days(merged: pl.DataFrame, to: pl.Expr, calendar: Calendar) -> pl.DataFrame:
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
    return pl.max_horizontal(FROM, pl.col(START) + 1).cast(pl.Int64)


def _reach(merged: pl.DataFrame) -> tuple[int, int]:
    """Return the day numbers between which all stretches and their cases' starts lie."""
    low, high = merged[START].min(), merged[TO].max()
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


def still_paused(frame: pl.DataFrame, counted: pl.DataFrame, time: PausedDays) -> pl.Series | None:
    """Return whether each case is open and in a pause that moves its due date on day by day (S14).

    Args:
        frame: the cases.
        counted: the stretches that move due dates; of an open case a pause that is not over at the
            end of the as-of date reaches the day after it.
        time: the paused time.

    Returns:
        a mask as long as `frame`; None where it is false throughout.
    """
    rows = counted.filter(pl.col(TO) > pl.col(END))[ROW].unique()
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


def summed_days(counted: pl.DataFrame, time: PausedDays, rows: int) -> pl.Series:
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
