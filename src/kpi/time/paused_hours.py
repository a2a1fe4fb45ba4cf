"""Paused time within opening hours, by the minute: deducted from working hours (S14, S35).

Instants become the open time up to them, in which a pause is an interval as well, and one that lies
between closing and opening is empty.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from kpi.definitions.reserved import PREFIX, ROW, instant_name
from kpi.definitions.time_units import Span
from kpi.polars_on_demand import pl
from kpi.time.open_time import OpenTime, open_time
from kpi.time.paused_intervals import END, FROM, START, TO
from kpi.time.pauses import PausedDays

FROM_AT, TO_AT = f"{FROM} instant", f"{TO} instant"
LOST = f"{PREFIX}lost"
_TIME = f"{PREFIX}time"
_MINUTE = 60_000_000
_EPOCH = dt.date(1970, 1, 1).toordinal()


def paused_columns(
    frame: pl.DataFrame,
    keys: pl.DataFrame,
    intervals: pl.DataFrame,
    time: PausedDays,
    as_of: dt.date,
    bounds: Mapping[str, tuple[int, int]],
    zone: str,
) -> list[pl.Series]:
    """Return the columns of some paused time, as long as `frame`.

    Args:
        frame: the cases, with the instants of start and end.
        keys: their key columns, of the types of those of the intervals.
        intervals: key, `FROM` and `TO` as day numbers (`TO` null where it has not ended), their
            instants `FROM_AT` and `TO_AT` (null for a day, which is its first instant), and `LOST`
            where the clocks skipped one of them.
        time: the paused time, in hours.
        as_of: the as-of date, to whose end open cases count.
        bounds: the smallest and largest day number of each date column of the cases.
        zone: the time zone of the opening hours.

    Returns:
        the open microseconds paused, and where a row needs them the masks of open cases that a
        pause leaves without a due date and of cases with a pause that the clocks skipped.
    """
    assert time.calendar is not None, "opening hours are a calendar's"
    over = as_of.toordinal() - _EPOCH + 1
    low = bounds.get(time.start, (over, over))[0]
    high = max([over, *(bounds[name][1] for name in (time.start, time.end) if name in bounds)])
    table = open_time(low, high, time.calendar, zone)
    cases = frame.select(
        *keys.get_columns(),
        pl.int_range(pl.len()).alias(ROW),
        _until(table, time.start).alias(START),
        pl.coalesce(_until(table, time.end), table.until_day(pl.lit(over, pl.Int32))).alias(END),
        pl.col(time.end).is_null().alias("open"),
    )
    paused = intervals.join(cases.drop_nulls(START), on=keys.columns)
    lost = paused.filter(LOST)[ROW].unique()
    since, to = (
        pl.coalesce(table.until(pl.col(day), pl.col(at)), table.until_day(pl.col(day)))
        for day, at in ((FROM, FROM_AT), (TO, TO_AT))
    )
    paused = paused.filter(~pl.col(LOST)).select(
        ROW, START, END, "open", since.alias(FROM), to.alias(TO)
    )
    counted = _merged(paused)
    limit = None if time.until is None else time.until.limit
    if isinstance(limit, Span):
        # A stretch that begins once the limit is used up moves the due date no more.
        earlier = pl.col(_TIME).cum_sum().over(ROW) - pl.col(_TIME)
        used_up = pl.col(START) + limit.total_minutes * _MINUTE
        counted = counted.filter(pl.col(FROM) - earlier <= used_up)
    by_case = counted.group_by(ROW).agg(pl.col(_TIME).sum())
    none = pl.repeat(0, frame.height, dtype=pl.Int64, eager=True).alias(time.column)
    total = none.scatter(by_case[ROW], by_case[_TIME])
    columns = [total]
    if isinstance(limit, Span):
        opened = paused.filter(pl.col("open") & pl.col(TO).is_null())
        moved = total.gather(opened[ROW])
        begun_by_then = opened[FROM] <= opened[START] + limit.total_minutes * _MINUTE + moved
        columns += _mask(opened[ROW].filter(begun_by_then), frame.height, time.open_column)
    return columns + _mask(lost, frame.height, time.lost_column)


def _until(table: OpenTime, column: str) -> pl.Expr:
    return table.until(pl.col(column), pl.col(instant_name(column)))


def _merged(paused: pl.DataFrame) -> pl.DataFrame:
    """Return the stretches of each case, merged, from its start to its end, with their length."""
    return (
        paused.select(
            ROW,
            START,
            pl.max_horizontal(FROM, START).alias(FROM),
            pl.min_horizontal(pl.col(TO).fill_null(pl.col(END)), END).alias(TO),
        )
        .filter(pl.col(FROM) < pl.col(TO))
        .sort(ROW, FROM)
        .with_columns(reached=pl.col(TO).cum_max().shift(1).over(ROW))
        # What an earlier interval of the same case has reached is paused already.
        .with_columns(pl.max_horizontal(FROM, "reached").alias(FROM))
        .filter(pl.col(FROM) < pl.col(TO))
        .with_columns((pl.col(TO) - pl.col(FROM)).alias(_TIME))
    )


def _mask(rows: pl.Series, height: int, name: str) -> list[pl.Series]:
    if rows.is_empty():
        return []
    none = pl.repeat(value=False, n=height, eager=True).alias(name)
    return [none.scatter(rows.unique(), values=True)]
