"""Life table: at which pace cases of each age were ended in the last 12 months (F21, F22)."""

from __future__ import annotations

import datetime as dt
from itertools import accumulate
from operator import mul

import polars as pl
from attrs import frozen

from kpi.evaluation.forecast.grouped_rows import N

LOOK_BACK = 365
"""Days that the pace is taken from: those up to and with the as-of date."""

_BANDS = ((28, 1), (182, 7), (728, 28))
"""Ages below the first number are pooled in bands of so many days (F21)."""

_OLDEST_BAND = 91


def band_starts(last_age: int) -> list[int]:
    """Return the first age of each band up to and with the band of an age (F21).

    Single days to 27, weeks to 181, 28 days to 727 (the last of these bands is cut), then 91 days.
    """
    starts, age = [], 0
    while age <= last_age:
        starts.append(age)
        age = _stop(age)
    return starts


def _stop(start: int) -> int:
    """Return the first age after the band that begins at an age."""
    for below, width in _BANDS:
        if start < below:
            return min(start + width, below)
    return start + _OLDEST_BAND


@frozen
class LifeTable:
    """The pace at which cases of each age were ended in the look-back (F21).

    Attributes:
        at_risk: the cases at risk by age in days, from 0: a case counts on each day of the look-back
            on which it is open, on that of its end too. Up to the oldest age at which one was ended.
        ended: the cases ended by age in days, as long as `at_risk`.
    """

    at_risk: tuple[int, ...]
    ended: tuple[int, ...]

    @property
    def oldest_ended(self) -> int:
        """The greatest age at which a case was ended; -1 where none was."""
        return len(self.ended) - 1

    @property
    def ends(self) -> int:
        """The cases that were ended in the look-back."""
        return sum(self.ended)

    def staying(self, *, pooled: bool = True) -> list[float]:
        """Return the share of the cases of each age that stay open on a day, from age 0.

        One less the hazard: ended / at risk, integers until that division. Ages are pooled in bands
        (F21), of which the last ends with the oldest age that was ended, so that cases that nobody
        ends any more slow no other (F22). Beyond the list nobody was ended.

        Args:
            pooled: whether ages are pooled; without, the table is the estimator of Kaplan and Meier.
        """
        ages = self.oldest_ended + 1
        starts = band_starts(self.oldest_ended) if pooled else range(ages)
        staying: list[float] = []
        for start in starts:
            stop = _stop(start) if pooled else start + 1
            ended, risk = sum(self.ended[start:stop]), sum(self.at_risk[start:stop])
            staying += [1 - ended / risk if ended else 1.0] * (stop - start)
        return staying


def survival(staying: list[float], age: int, days: int) -> list[float]:
    """Return the share of the cases of an age that are still open after 1 to `days` further days.

    Products in the order of days.

    Args:
        staying: the share that stays open on a day, by age (`LifeTable.staying`).
        age: the age on the day before the first; -1 for a case that starts on the first day.
        days: the number of days.
    """
    factors = staying[age + 1 : age + 1 + days]
    factors += [1.0] * (days - len(factors))
    return list(accumulate(factors, mul))


def life_table(rows: pl.DataFrame, start: str, end: str, as_of: dt.date) -> LifeTable:
    """Return the life table of grouped rows over the look-back (F21).

    A case is at risk on day x if start <= x <= end, and ended where x is the end.

    Args:
        rows: rows with the dates of start and end, null for open cases, and `N`; with later events
            masked (S15). Rows that end before they start, or have no start, are never at risk.
        start: the column of the start.
        end: the column of the end.
        as_of: the last day of the look-back.
    """
    first = as_of - dt.timedelta(LOOK_BACK - 1)
    began = pl.col(start).to_physical()
    last_day = pl.min_horizontal(pl.col(end), pl.lit(as_of)).to_physical()
    has_ended = pl.col(end).is_between(first, as_of).fill_null(value=False)
    spans = (
        rows.lazy()
        .select(
            pl.max_horizontal(_number(first) - began, pl.lit(0)).alias("low"),
            (last_day - began).alias("high"),
            pl.when(has_ended).then(pl.col(N)).otherwise(0).alias("ended"),
            N,
        )
        .filter(pl.col("low") <= pl.col("high"))
        .cache()
    )
    entering, leaving = pl.collect_all(
        [
            spans.group_by("low").agg(pl.col(N).sum()),
            spans.group_by("high").agg(pl.col(N, "ended").sum()),
        ],
        engine="in-memory",
    )
    entered = dict(entering.iter_rows())
    left = dict(leaving.select("high", N).iter_rows())
    ended = dict(leaving.filter(pl.col("ended") > 0).select("high", "ended").iter_rows())
    ages = max(ended, default=-1) + 1
    # A case enters at its lowest age and leaves after its highest.
    steps = (entered.get(age, 0) - left.get(age - 1, 0) for age in range(ages))
    return LifeTable(
        at_risk=tuple(accumulate(steps)), ended=tuple(ended.get(age, 0) for age in range(ages))
    )


def _number(day: dt.date) -> int:
    return day.toordinal() - dt.date(1970, 1, 1).toordinal()
