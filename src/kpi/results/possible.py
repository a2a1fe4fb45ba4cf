"""What can still become of a figure: bounds, need and room, and the verdict before the end (F7 to F16)."""

from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction
from typing import Any, Literal, TypeAlias, get_args

from attrs import evolve, frozen

from kpi.definitions.bounds import Bounds

Prospect: TypeAlias = Literal["secured", "lost", "open"]
"""The verdict before the last day: met in every completion, missed in every one, or neither (F12)."""

BEFORE_THE_END: tuple[Prospect, ...] = get_args(Prospect)


Counts: TypeAlias = tuple[int, int]
"""Numerator and denominator of a share, in rows or in what they count as."""


@frozen
class Range:
    """Least favourable and most favourable value, in the unit of the figure.

    Attributes:
        worst: the value at worst; None where nothing bounds it.
        best: the value at best; None likewise.
        worst_of: numerator and denominator at worst as they are counted; None where the value is no
            share of rows.
        best_of: the same at best.
    """

    worst: Fraction | None
    best: Fraction | None
    worst_of: Counts | None = None
    best_of: Counts | None = None

    @classmethod
    def of_counts(cls, worst: Counts, best: Counts) -> Range:
        """Return the range of shares that are numerators of denominators above 0."""
        return cls(Fraction(*worst), Fraction(*best), worst, best)

    def to_dict(self) -> dict[str, list[int] | None]:
        """Return the ends as plain data; a fraction is `[numerator, denominator]` (F61)."""
        return {
            "worst": pair(self.worst) if self.worst_of is None else [*self.worst_of],
            "best": pair(self.best) if self.best_of is None else [*self.best_of],
        }


@frozen
class Newcomers:
    """What cases with an entry after the as-of date can do to a figure (F6).

    Attributes:
        can_help: whether some newcomer could be met, or move the figure towards what is asked.
        can_hurt: whether some newcomer could be missed, or move it away.
    """

    can_help: bool
    can_hurt: bool


@frozen(kw_only=True)
class Possibilities:
    """What can still become of a figure on the last day of its target, seen from an earlier day.

    All of it is certain, but for `known`, which holds if no new case is counted (F1, F11).

    Attributes:
        verdict: secured, lost or open (F12).
        if_counted: the verdict of the completions in which something is counted.
        possible: the bounds of the value, newcomers included.
        known: the bounds over the rows that are known, if no new case is counted.
        sharp: whether both bounds of `known` are reached by some completion; else they are wider
            than what can come about (F14).
        may_be_empty: whether it may be that nothing is counted in the end.
        newcomers: what new cases can do.
        need: fewest further cases in time, none late, that reach the threshold; of a cohort that is
            cleared, how many more of it must end; of a number of rows, how many are missing, or too
            many. None where that cannot be, or nothing of the kind is asked (F16).
        room: most further late cases, none in time, that still keep the threshold; of a cohort, how
            many more of it may stay open; of a number, how many more there may be. None likewise.
        price: cases in time that make up for a late one; None where none do, or without a threshold.
        slack: of a mean, what is allowed less what was taken, now, at worst and at best, in the whole
            numbers that are added up (F8); None for other figures.
    """

    verdict: Prospect
    if_counted: Prospect = "open"
    possible: Range
    known: Range
    sharp: bool = True
    may_be_empty: bool = False
    newcomers: Newcomers
    need: int | None = None
    room: int | None = None
    price: Fraction | None = None
    slack: tuple[int, int, int] | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the possibilities as plain data; a fraction is `[numerator, denominator]` (F61)."""
        data: dict[str, Any] = {
            "possible": self.possible.to_dict(),
            "sharp": self.sharp,
            "may_be_empty": self.may_be_empty,
            "newcomers": {
                "can_help": self.newcomers.can_help,
                "can_hurt": self.newcomers.can_hurt,
            },
            "need": self.need,
            "room": self.room,
            "price": pair(self.price),
        }
        if self.slack is not None:
            data["slack"] = dict(zip(("now", "worst", "best"), self.slack, strict=True))
        return data


def pair(value: Fraction | None) -> list[int] | None:
    """Return a fraction as its numerator and its denominator; None stays None."""
    return None if value is None else [value.numerator, value.denominator]


@frozen
class Interval:
    """Values from `low` to `high`, both included unless `short_of_high`; None is without an end."""

    low: Fraction | None
    high: Fraction | None
    short_of_high: bool = False

    def map(self, factor: int | Fraction, offset: Fraction = Fraction(0)) -> Interval:
        """Return the interval of the values times a positive factor, plus an offset."""
        return evolve(
            self,
            low=None if self.low is None else self.low * factor + offset,
            high=None if self.high is None else self.high * factor + offset,
        )


@frozen
class Demand:
    """What is asked of a number: bounds, each of them strict or not; None is without a bound."""

    low: Fraction | None = None
    high: Fraction | None = None
    strict_low: bool = False
    strict_high: bool = False

    @classmethod
    def of(cls, bounds: Bounds) -> Demand:
        """Return the demand that the bounds of a plan make (S20)."""
        low = bounds.at_least if bounds.at_least is not None else bounds.more_than
        high = bounds.at_most if bounds.at_most is not None else bounds.less_than
        return cls(
            None if low is None else Fraction(low),
            None if high is None else Fraction(high),
            bounds.more_than is not None,
            bounds.less_than is not None,
        )

    @classmethod
    def of_whole_numbers(cls, bounds: Bounds) -> Demand:
        """Return the demand on a number of rows: a bound between whole numbers is the next of them."""
        data = bounds.data()
        lows = [math.ceil(data[word]) for word in ("at_least",) if word in data]
        lows += [math.floor(data[word]) + 1 for word in ("more_than",) if word in data]
        highs = [math.floor(data[word]) for word in ("at_most",) if word in data]
        highs += [math.ceil(data[word]) - 1 for word in ("less_than",) if word in data]
        return cls(Fraction(lows[0]) if lows else None, Fraction(highs[0]) if highs else None)

    def is_exceeded_by(self, value: float) -> bool:
        """Return whether a value is above what is asked."""
        return self.high is not None and value > self.high

    def holds_throughout(self, values: Interval) -> bool:
        """Return whether every value of an interval is as asked."""
        return self._above(values.low) and self._below(values.high)

    def holds_somewhere(self, values: Interval) -> bool:
        """Return whether some value of an interval is as asked."""
        if self.low is not None and self.high is not None and self.low > self.high:
            return False
        low = values.high is None or self._reaches(values)
        return low and (values.low is None or self._below(values.low))

    def _reaches(self, values: Interval) -> bool:
        if self.low is None:
            return True
        assert values.high is not None, "its end is asked for"
        if self.strict_low or values.short_of_high:
            return values.high > self.low
        return values.high >= self.low

    def _above(self, value: Fraction | None) -> bool:
        if self.low is None:
            return True
        return value is not None and (value > self.low if self.strict_low else value >= self.low)

    def _below(self, value: Fraction | None) -> bool:
        if self.high is None:
            return True
        return value is not None and (value < self.high if self.strict_high else value <= self.high)


def prospect(demand: Demand, values: Interval) -> Prospect:
    """Return the verdict that holds in every completion, or that it is open (F12).

    Args:
        demand: what is asked.
        values: all values that the figure can come to, newcomers included.
    """
    if demand.holds_throughout(values):
        return "secured"
    return "open" if demand.holds_somewhere(values) else "lost"


def need_of(met: int, counted: int, threshold: Decimal) -> int | None:
    """Return the fewest further cases in time, none late, that reach a percentage (F16).

    None where no number does: every case is asked for, and one was late.
    """
    t = Fraction(threshold) / 100
    if t == 1:
        return 0 if met == counted else None
    return max(0, _ceil((t * counted - met) / (1 - t)))


def room_of(met: int, counted: int, threshold: Decimal) -> int:
    """Return the most further late cases, none in time, that still keep a percentage (F16)."""
    t = Fraction(threshold) / 100
    return max(0, math.floor(met / t) - counted)


def need_of_cohort(met: int, counted: int, threshold: Decimal) -> int:
    """Return how many more cases of a cohort must end to reach a percentage of it (F16)."""
    return max(0, _ceil(Fraction(threshold) / 100 * counted) - met)


def room_of_cohort(missed: int, counted: int, threshold: Decimal) -> int:
    """Return how many more cases of a cohort may stay open and still keep a percentage of it (F16)."""
    return max(0, counted - _ceil(Fraction(threshold) / 100 * counted) - missed)


def need_of_number(number: int, demand: Demand) -> int | None:
    """Return how many rows are missing, or too many, of a number with bounds (F16)."""
    if demand.low is not None and number < demand.low:
        return _ceil(demand.low) - number
    if demand.high is not None and number > demand.high:
        return number - math.floor(demand.high)
    return 0


def room_of_number(number: int, demand: Demand) -> int | None:
    """Return how many more rows there may be; None where there may be any number (F16)."""
    return None if demand.high is None else max(0, math.floor(demand.high) - number)


def price_of(threshold: Decimal) -> Fraction | None:
    """Return how many cases in time make up for a late one; None where every case is asked for."""
    t = Fraction(threshold) / 100
    return None if t == 1 else t / (1 - t)


def _ceil(value: Fraction) -> int:
    return -(-value.numerator // value.denominator)
