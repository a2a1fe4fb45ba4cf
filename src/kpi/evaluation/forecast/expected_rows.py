"""Expected rows: how the open cases and those still to come will have ended by a day (F20, F23).

A row is expected in millionths, whole numbers: so many that sums are the same in any order and on any
machine, and that the rule of a target counts them as it counts cases.
"""

from __future__ import annotations

import datetime as dt
from functools import lru_cache

import polars as pl

from kpi.evaluation.forecast.grouped_rows import N
from kpi.evaluation.forecast.life_table import LOOK_BACK, LifeTable, survival

ROW = 1_000_000
"""What one whole row counts as, in `N`."""

_DAY, _BEFORE, _AFTER = "kpi:day", "kpi:before", "kpi:after"
_KEY = "kpi:curve"


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
    staying = table.staying()
    is_open = pl.col(end).is_null() & (pl.col(start) <= as_of)
    columns = rows.columns
    now = rows.filter(is_open).with_columns(
        (pl.lit(as_of) - pl.col(start)).dt.total_days().alias(_KEY)
    )
    dormant = pl.col(_KEY) > table.oldest_ended
    ages = now.filter(~dormant)[_KEY].unique().sort().to_list()
    parts = [
        now.filter(dormant).with_columns(pl.col(N) * ROW),
        _spread(now.filter(~dormant), _curves(staying, ages, days), end, as_of),
        *(
            _spread(
                _to_come(rows, start, end, as_of, last, turn),
                _curves_to_come(staying, days),
                end,
                as_of,
            )
            for turn in range(1, -(-days // LOOK_BACK) + 1)
        ),
    ]
    return pl.concat([part.select(columns) for part in parts])


def _to_come(
    rows: pl.DataFrame, start: str, end: str, as_of: dt.date, last: dt.date, turn: int
) -> pl.DataFrame:
    """Return the cases that start after a day as they started so many times 365 days before."""
    step = LOOK_BACK * turn
    first = as_of - dt.timedelta(LOOK_BACK - 1)
    most = min(as_of, last - dt.timedelta(step))
    dates = [name for name, kind in rows.schema.items() if kind == pl.Date and name != end]
    moved = [pl.col(name).dt.offset_by(f"{step}d") for name in dates]
    return rows.filter(pl.col(start).is_between(first, most)).with_columns(
        *moved,
        pl.lit(None, pl.Date).alias(end),
        ((pl.col(start) - pl.lit(as_of)).dt.total_days() + step).alias(_KEY),
    )


def _spread(rows: pl.DataFrame, curves: pl.DataFrame, end: str, as_of: dt.date) -> pl.DataFrame:
    """Return each row once for each day that it may end on, and once for never.

    What is open before and after a day is rounded to whole millionths, and what ends is the
    difference: over all days of a row nothing is lost.
    """
    number = pl.col(N) * ROW
    left = [(number * pl.col(share)).round().cast(pl.Int64) for share in (_BEFORE, _AFTER)]
    day = pl.lit(as_of).to_physical() + pl.col(_DAY)
    return (
        rows.join(curves, on=_KEY, how="inner")
        .with_columns((left[0] - left[1]).alias(N), day.cast(pl.Int32).cast(pl.Date).alias(end))
        .filter(pl.col(N) > 0)
    )


def _curves(staying: list[float], ages: list[int], days: int) -> pl.DataFrame:
    """Return the shares still open before and after each day ahead, by age on the day before.

    Columns: the age, the day from 1 (null for never), the share before and after it.
    """
    before: list[float] = []
    after: list[float] = []
    for age in ages:
        shares = survival(staying, age, days)
        before += [1.0, *shares]
        after += [*shares, 0.0]
    return pl.DataFrame(
        {_BEFORE: before, _AFTER: after},
        schema={_BEFORE: pl.Float64, _AFTER: pl.Float64},
    ).with_columns(
        pl.Series(_KEY, ages, pl.Int64).repeat_by(days + 1).explode(empty_as_null=False),
        _one_of_each(days, len(ages)).alias(_DAY),
    )


def _one_of_each(days: int, times: int) -> pl.Series:
    return pl.concat([_days_and_never(days)] * times) if times else _days_and_never(0).clear()


@lru_cache(maxsize=8)
def _days_and_never(days: int) -> pl.Series:
    return pl.Series([*range(1, days + 1), None], dtype=pl.Int64)


def _curves_to_come(staying: list[float], days: int) -> pl.DataFrame:
    """Return the same of cases that start on a day ahead, by that day; they may end on it."""
    shares = [1.0, *survival(staying, -1, days)]
    return _starts_and_ends(days).select(
        _KEY,
        _DAY,
        pl.lit(pl.Series(shares)).gather(pl.col("n")).alias(_BEFORE),
        pl.when(pl.col(_DAY).is_null())
        .then(0.0)
        .otherwise(pl.lit(pl.Series([*shares, 0.0])).gather(pl.col("n") + 1))
        .alias(_AFTER),
    )


@lru_cache(maxsize=8)
def _starts_and_ends(days: int) -> pl.DataFrame:
    """Return each start ahead with each day to end on from it, the day's number from it, and never."""
    starts = pl.DataFrame({_KEY: pl.int_range(1, days + 1, eager=True)})
    ends = pl.int_ranges(pl.col(_KEY), days + 2)
    return (
        starts.with_columns(ends.alias(_DAY))
        .explode(_DAY, empty_as_null=False)
        .with_columns((pl.col(_DAY) - pl.col(_KEY)).alias("n"))
        .with_columns(pl.when(pl.col(_DAY) <= days).then(pl.col(_DAY)).alias(_DAY))
    )
