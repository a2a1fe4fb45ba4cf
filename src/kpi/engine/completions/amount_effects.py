"""Effects of decisions where the time that a row takes counts (F31, F32)."""

from __future__ import annotations

import polars as pl
from attrs import frozen

from kpi.definitions.reserved import PREFIX, ROW
from kpi.engine.completions.deciding import COMBINATION, Deciding
from kpi.engine.completions.outcomes import AMOUNT, COUNT, NOT_COUNTED, OPTION, SLACK

_WEIGHT, _LOW, _HIGH, _FIRST, _LAST, _MIDDLE, _LEFT, _EFFECT, _IS_WITHIN = (
    f"{PREFIX}work {name}"
    for name in ("weight", "low", "high", "first", "last", "middle", "left", "effect", "is within")
)
"""Columns on the way, named so that no table has them."""


@frozen(eq=False)
class AmountEffects:
    """What deciding open rows does where the time that each takes counts.

    Attributes:
        deciding: the open rows of the target, and what deciding them fills.
    """

    deciding: Deciding

    def of(self, opened: pl.DataFrame) -> pl.DataFrame:
        """Return what deciding each row does where the time that it takes counts.

        The time that a case takes never falls as its end moves on, so that its last day within the
        limit is found by halving the days between the first and the last on which it can count.
        """
        combinations = self.deciding.combinations(opened)
        ended = self.deciding.ended(combinations)
        day = pl.col(self.deciding.end_column)
        counted = pl.col(OPTION) != NOT_COUNTED
        number = day.to_physical().cast(pl.Int64)
        days = ended.group_by(COMBINATION).agg(
            number.filter(counted).min().alias(_LOW), number.filter(counted).max().alias(_HIGH)
        )
        days = days.filter(pl.col(_LOW).is_not_null())
        base = combinations.join(days, on=COMBINATION)
        none = pl.DataFrame({COMBINATION: []}, schema={COMBINATION: base.schema[COMBINATION]})
        left = (
            self._left(base, _LOW)
            if base.height
            else none.with_columns(
                pl.lit(None, pl.Int64).alias(_LEFT), pl.lit(1, pl.Int64).alias(_WEIGHT)
            )
        )
        base = base.join(left, on=COMBINATION, how="left")
        searched = base.filter(pl.col(_LEFT) >= 0).drop(_LEFT, _WEIGHT)
        searched = searched.with_columns(pl.col(_LOW).alias(_FIRST))
        while searched.height and (searched[_LOW] < searched[_HIGH]).any():
            middle = (pl.col(_LOW) + pl.col(_HIGH) + 1) // 2
            searched = searched.with_columns(middle.alias(_MIDDLE))
            within = self._left(searched, _MIDDLE).select(
                COMBINATION, (pl.col(_LEFT) >= 0).alias(_IS_WITHIN)
            )
            searched = (
                searched.join(within, on=COMBINATION)
                .with_columns(
                    pl.when(_IS_WITHIN).then(_MIDDLE).otherwise(_LOW).alias(_LOW),
                    pl.when(_IS_WITHIN).then(_HIGH).otherwise(pl.col(_MIDDLE) - 1).alias(_HIGH),
                )
                .drop(_MIDDLE, _IS_WITHIN)
            )
        last = searched.group_by(ROW).agg(pl.col(_FIRST).min(), pl.col(_LOW).max().alias(_LAST))
        is_ranked = self.deciding.figure.is_ranked
        per_unit = (
            pl.lit(None, pl.Float64)
            if is_ranked
            else pl.col(_LEFT) * pl.col(_WEIGHT) / self.deciding.figure.size
        )
        per_row = base.group_by(ROW).agg(
            pl.col(_WEIGHT).max(),
            per_unit.max().alias(_EFFECT),
        )
        helps = pl.col(_LAST).is_not_null()
        everything = (
            opened.select(ROW).join(per_row, on=ROW, how="left").join(last, on=ROW, how="left")
        )
        counts = pl.col(_WEIGHT).is_not_null()
        return everything.select(
            ROW,
            helps.alias("helps"),
            counts.alias("changes"),
            (~helps).alias("late"),
            pl.col(_FIRST).cast(pl.Int32).cast(pl.Date).alias("first_day"),
            pl.col(_LAST).cast(pl.Int32).cast(pl.Date).alias("last_day"),
            pl.lit(None, pl.Int64).alias("in_time_met"),
            pl.when(helps).then(_WEIGHT).alias("in_time_counted"),
            pl.lit(None, pl.Int64).alias("late_met"),
            pl.when(counts).then(_WEIGHT).alias("late_counted"),
            pl.when(helps).then(_EFFECT).alias("effect_in_time"),
            pl.when(~helps).then(_EFFECT).alias("effect_late"),
        )

    def _left(self, rows: pl.DataFrame, day: str) -> pl.DataFrame:
        """Return what is left of the limit of each row that ends on a day, and its weight."""
        date = pl.col(day).cast(pl.Int32).cast(pl.Date)
        frame = rows
        for event in self.deciding.end_events:
            unknown = pl.col(event).is_null()
            frame = frame.with_columns(pl.when(unknown).then(date).otherwise(event).alias(event))
            frame = self.deciding.completer.with_times(
                frame, event, pl.col(event) > self.deciding.completer.snapshot.as_of
            )
        found = self.deciding.completer.outcomes(self.deciding.completer.with_derived(frame))
        left = pl.col(SLACK)
        if self.deciding.figure.most is not None:
            left = self.deciding.figure.most - pl.col(AMOUNT)
        return found.group_by(COMBINATION).agg(
            left.max().alias(_LEFT), pl.col(COUNT).max().alias(_WEIGHT)
        )
