"""Expected rows: how the open cases and those still to come will have ended by a day (F20, F23).

A row is expected in millionths, whole numbers: so many that sums are the same in any order and on any
machine, and that the rule of a target counts them as it counts cases.
"""

from __future__ import annotations

import datetime as dt
from functools import lru_cache
from itertools import chain

import polars as pl

from kpi.evaluation.forecast.grouped_rows import N
from kpi.evaluation.forecast.life_table import LOOK_BACK, LifeTable, survival

ROW = 1_000_000
"""What one whole row counts as, in `N`."""

_DAY, _AGE = "kpi:day", "kpi:age"


def whole(rows: pl.LazyFrame) -> pl.LazyFrame:
    """Return known rows as expected ones are counted: `N` in millionths of a row."""
    return rows.with_columns(pl.col(N) * ROW)


def expected_rows(
    rows: pl.DataFrame,
    table: LifeTable,
    *,
    start: str,
    end: str,
    as_of: dt.date,
    last: dt.date,
) -> pl.DataFrame:
    """Return the rows that are expected of the cases open at a day and of those to come (F23).

    An open case ends on each later day in the share that the life table says, or stays open. As many
    cases start on each day as 365 days before (F20), alike in all columns, with their other dates
    moved as the start is. Cases older than any that was ended stay open (F22).

    Args:
        rows: the grouped rows of the population, known at `as_of`; see `life_table`.
        table: the life table of the same rows.
        start: the column of the start.
        end: the column of the end.
        as_of: the last day that is known.
        last: the last day that ends and starts are expected on, after `as_of`.

    Returns:
        the columns of `rows`, with `N` in millionths of a row; `end` is null for what stays open.
    """
    days = (last - as_of).days
    staying, oldest = table.staying(), table.oldest_ended
    columns = rows.columns
    alike = [name for name in columns if name not in (end, N)]
    age = (pl.lit(as_of) - pl.col(start)).dt.total_days().alias(_AGE)
    is_open = pl.col(end).is_null() & (pl.col(start) <= as_of)
    open_now = (
        rows.lazy()
        .filter(is_open)
        # Rows that ended later, on many days, are alike now.
        .group_by(alike)
        .agg(pl.col(N).sum())
        .with_columns(pl.lit(None, pl.Date).alias(end), age)
        .collect(engine="in-memory")
    )
    dormant = pl.col(_AGE) > oldest
    parts = [open_now.lazy().filter(dormant).with_columns(pl.col(N) * ROW)]
    ages = [age for age in open_now[_AGE].to_list() if age <= oldest]
    curves = {age: [1.0, *survival(staying, age, days), 0.0] for age in {*ages}}
    shares = list(chain.from_iterable(curves[age] for age in ages))
    each_day = (
        open_now.lazy().filter(~dormant).join(_days(days), how="cross", maintain_order="left_right")
    )
    parts.append(_spread(each_day, shares, end, as_of))
    new = [1.0, *survival(staying, -1, days)]
    for turn in range(1, -(-days // LOOK_BACK) + 1):
        coming = _to_come(rows.lazy(), start, end, as_of, last, turn)
        parts.append(_spread_new(coming.join(_starts_and_ends(days), on=_AGE), new, end, as_of))
    return pl.concat([part.select(columns) for part in parts]).collect(engine="in-memory")


def _to_come(
    rows: pl.LazyFrame, start: str, end: str, as_of: dt.date, last: dt.date, turn: int
) -> pl.LazyFrame:
    """Return the cases that start after a day as they started so many times 365 days before."""
    step = LOOK_BACK * turn
    first = as_of - dt.timedelta(LOOK_BACK - 1)
    most = min(as_of, last - dt.timedelta(step))
    dates = [
        name for name, kind in rows.collect_schema().items() if kind == pl.Date and name != end
    ]
    later = [(pl.col(name).to_physical() + step).cast(pl.Date) for name in dates]
    # How last year's cases ended is in the life table: here they are as many kinds as they started in.
    alike = [name for name in rows.collect_schema() if name not in (end, N)]
    started = (
        rows.filter(pl.col(start).is_between(first, most)).group_by(alike).agg(pl.col(N).sum())
    )
    return started.with_columns(
        *later,
        pl.lit(None, pl.Date).alias(end),
        ((pl.col(start) - pl.lit(as_of)).dt.total_days() + step).alias(_AGE),
    )


def _spread(rows: pl.LazyFrame, shares: list[float], end: str, as_of: dt.date) -> pl.LazyFrame:
    """Return rows once for each day that each may end on, and once for never.

    What is open after a day is rounded to whole millionths, and what ends on it is the difference to
    the day before: over all days of a row nothing is lost.

    Args:
        rows: the rows, each once for each number of days from 0, and once more for never.
        shares: for each of them the share that is still open then, from 1 to 0.
        end: the column of the end.
        as_of: the day 0.
    """
    left = (pl.col(N) * ROW * pl.lit(pl.Series(shares, dtype=pl.Float64))).round().cast(pl.Int64)
    return rows.with_columns((left.shift(1) - left).alias(N), _end(as_of).alias(end)).filter(
        (pl.col(_DAY) != 0).fill_null(value=True) & (pl.col(N) > 0)
    )


def _spread_new(rows: pl.LazyFrame, shares: list[float], end: str, as_of: dt.date) -> pl.LazyFrame:
    """Return rows that start ahead once for each day that each may end on, and once for never.

    Args:
        rows: the rows, each once for each number of days from its start, and once more for never.
        shares: the share that is still open so many days after the start, the day before it first.
        end: the column of the end.
        as_of: the day 0.
    """
    open_after = pl.lit(pl.Series([*shares, 0.0]))
    number = pl.col(N) * ROW
    before = (number * open_after.gather(pl.col("n"))).round().cast(pl.Int64)
    after = (number * open_after.gather(pl.col("n") + 1)).round().cast(pl.Int64)
    after = pl.when(pl.col(_DAY).is_null()).then(0).otherwise(after)
    return rows.with_columns((before - after).alias(N), _end(as_of).alias(end)).filter(
        pl.col(N) > 0
    )


def _end(as_of: dt.date) -> pl.Expr:
    return (pl.lit(as_of).to_physical() + pl.col(_DAY)).cast(pl.Int32).cast(pl.Date)


@lru_cache(maxsize=8)
def _days(days: int) -> pl.LazyFrame:
    """Return the days ahead from 0, and null for never."""
    return pl.LazyFrame({_DAY: pl.Series([*range(days + 1), None], dtype=pl.Int64)})


@lru_cache(maxsize=8)
def _starts_and_ends(days: int) -> pl.LazyFrame:
    """Return each start ahead with each day to end on from it, its number from the start, and never."""
    starts = pl.DataFrame({_AGE: pl.int_range(1, days + 1, eager=True)})
    ends = pl.int_ranges(pl.col(_AGE), days + 2)
    return (
        starts.with_columns(ends.alias(_DAY))
        .explode(_DAY, empty_as_null=False)
        .with_columns((pl.col(_DAY) - pl.col(_AGE)).alias("n"))
        .with_columns(pl.when(pl.col(_DAY) <= days).then(pl.col(_DAY)).alias(_DAY))
        .lazy()
    )
