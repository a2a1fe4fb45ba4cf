"""Effects of decisions where a row counts, and is met, or not (F31, F32)."""

from __future__ import annotations

from fractions import Fraction

import polars as pl
from attrs import frozen

from kpi.definitions.bounds import Bounds
from kpi.definitions.reserved import PART, PREFIX, ROW
from kpi.definitions.target import Target
from kpi.engine.completions.deciding import NEVER, Deciding
from kpi.engine.completions.outcomes import COUNT, MET, MISSED, NOT_COUNTED, OPTION
from kpi.engine.state import decode_segment

EFFECTS = ("in_time_met", "in_time_counted", "late_met", "late_counted")
"""Integer columns: what deciding in time, and deciding late, add to met and counted (F32).

Of a number of rows, what they add to the number stands as counted, and met is null.
"""

_NOW, _LATE, _WEIGHT = (f"{PREFIX}work {name}" for name in ("now", "late", "weight"))
"""Columns on the way, named so that no table has them."""


def favours_more(target: Target) -> bool | None:
    """Return whether more rows met, or in the number, is what is asked; None with two bounds."""
    bounds: Bounds | None = target.bounds
    if bounds is None and target.comparison is not None:
        bounds = target.comparison.bounds
    if bounds is None:
        return True
    has_low = (bounds.at_least, bounds.more_than) != (None, None)
    has_high = (bounds.at_most, bounds.less_than) != (None, None)
    return None if has_low and has_high else has_low


@frozen(eq=False)
class OptionEffects:
    """What deciding open rows does where a row counts, and is met, or not.

    Attributes:
        deciding: the open rows of the target, and what deciding them fills.
    """

    deciding: Deciding

    def of(self, opened: pl.DataFrame) -> pl.DataFrame:
        """Return what deciding each row does where a row counts, and is met, or not."""
        ended = self.deciding.ended(self.deciding.combinations(opened))
        rank, before = (self._rank(pl.col(name)) for name in (OPTION, NEVER))
        helps, hurts = rank > before, rank < before
        day, option, never = pl.col(self.deciding.end_column), pl.col(OPTION), pl.col(NEVER)
        adds_met = _bit(option == MET) - _bit(never == MET)
        adds_counted = _bit(option != NOT_COUNTED) - _bit(never != NOT_COUNTED)
        if self.deciding.figure.kind == "number":
            # A number of rows: what is in it counts, and nothing is met.
            adds_met, adds_counted = pl.lit(None, pl.Int64), adds_met
        last = helps & (day == day.filter(helps).max())
        # Of several completions of its other events the best is said, and of the late ones the worst.
        merit = 3 * rank + (rank - before)
        best, worst = merit.filter(last).arg_max(), merit.filter(hurts).arg_min()
        may_be_late = option.eq(MISSED).any() | never.eq(MISSED).any()
        per_row = ended.group_by(ROW).agg(
            helps.any().alias("helps"),
            (helps | hurts).any().alias("changes"),
            ((hurts & (option == MISSED)).any() & self.deciding.figure.is_within).alias("late"),
            day.filter(helps).min().alias("first_day"),
            day.filter(helps).max().alias("last_day"),
            option.filter(last).get(best).alias(OPTION),
            adds_met.filter(last).get(best).alias("in_time_met"),
            adds_counted.filter(last).get(best).alias("in_time_counted"),
            pl.when(hurts.any())
            .then(adds_met.filter(hurts).get(worst))
            .when(may_be_late)
            .then(0)
            .alias("late_met"),
            pl.when(hurts.any())
            .then(adds_counted.filter(hurts).get(worst))
            .when(may_be_late)
            .then(0)
            .alias("late_counted"),
            pl.when(hurts.any())
            .then(option.filter(hurts).get(worst))
            .when(may_be_late)
            .then(MISSED)
            .alias(_LATE),
            pl.col(COUNT).max().alias(_WEIGHT),
            pl.col(PART).first(),
        )
        now = self.deciding.outcomes_now(opened).select(
            ROW,
            pl.col(OPTION).alias(_NOW),
        )
        per_row = per_row.join(now, on=ROW)
        per_row = self._with_effect(per_row, OPTION, "effect_in_time")
        per_row = self._with_effect(per_row, _LATE, "effect_late")
        return per_row.with_columns(
            (pl.col(name) * pl.col(_WEIGHT)).alias(name) for name in EFFECTS
        )

    def _rank(self, option: pl.Expr) -> pl.Expr:
        """Return how favourable an option is: the higher, the better for the target."""
        order = (MISSED, NOT_COUNTED, MET)
        favourable = order if favours_more(self.deciding.target) is not False else order[::-1]
        if self.deciding.figure.kind == "late":
            # What counts is the number of late cases: the fewer of them is asked for, or the more.
            favourable = order if favours_more(self.deciding.target) is False else order[::-1]
        return option.replace_strict(
            list(favourable), [0, 1, 2], return_dtype=pl.Int8, default=None
        )

    def _with_effect(self, per_row: pl.DataFrame, option: str, name: str) -> pl.DataFrame:
        """Return rows with what an option adds to what is asked, seen from the status now (F32)."""
        keys = [PART, option, _NOW]
        found = per_row.select(keys).unique()
        values = [
            self._effect(decode_segment(part), of, now) for part, of, now in found.iter_rows()
        ]
        values_of = found.with_columns(pl.Series(name, values, pl.Float64))
        joined = per_row.join(values_of, on=keys, how="left", nulls_equal=True)
        return joined.with_columns(pl.col(name) * pl.col(_WEIGHT))

    def _effect(self, part: tuple[str | None, ...], option: int | None, now: int) -> float | None:
        if option is None:
            return None
        met = (option == MET) - (now == MET)
        counted = (option != NOT_COUNTED) - (now != NOT_COUNTED)
        if self.deciding.figure.kind == "number":
            return float(met if favours_more(self.deciding.target) else -met)
        if self.deciding.figure.kind == "late":
            return float((counted - met) * (1 if favours_more(self.deciding.target) else -1))
        if self.deciding.figure.is_of_cohort:
            # Its cohort is fixed: each that ends is one fewer that is needed.
            return float(met)
        threshold = self.deciding.target.threshold_of(part)
        if threshold is None or threshold == 100:
            return None
        share = Fraction(threshold) / 100
        return float((met - share * counted) / (1 - share))


def _bit(test: pl.Expr) -> pl.Expr:
    return test.cast(pl.Int64)
