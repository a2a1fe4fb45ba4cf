"""Bounds on a number: at least, more than, at most or less than so much, exactly (S20)."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any, Literal, TypeAlias, get_args

from attrs import field, frozen

from kpi.definitions.exact_numbers import exact_decimal
from kpi.errors import PlanError, Problem, listed, suggest

BoundWord: TypeAlias = Literal["at_least", "more_than", "at_most", "less_than"]
"""The comparisons of a bound on a number: >=, >, <=, <."""

WORDS: tuple[BoundWord, ...] = get_args(BoundWord)

SIGNS: dict[BoundWord, str] = {
    "at_least": ">=",
    "more_than": ">",
    "at_most": "<=",
    "less_than": "<",
}
_OPPOSITE = (("at_least", "more_than"), ("at_most", "less_than"))


def number(value: object) -> Decimal:
    """Return a number as the exact decimal that was written.

    Raises:
        PlanError: where the value is no number, or is too long to compute with.
    """
    return exact_decimal(value, "accepted: a number")


def _optional(value: object) -> Decimal | None:
    return None if value is None else number(value)


def refuse_contradiction(given: Mapping[BoundWord, object]) -> None:
    """Raise where bounds say nothing, or two things of one end.

    Raises:
        PlanError: where no bound is given, or two are given for one end.
    """
    if not given:
        raise PlanError(f"found no bound; accepted: {listed(WORDS)}")
    for pair in _OPPOSITE:
        if set(pair) <= set(given):
            raise PlanError(f"found both {pair[0]} and {pair[1]}; accepted: one of them")


@frozen(kw_only=True)
class Bounds:
    """Lower and upper bound of a number; a strict bound stays strict: under 7 is not 7 (S20).

    Attributes:
        at_least: the number is >= this; None for no such bound.
        more_than: the number is > this; None for no such bound.
        at_most: the number is <= this; None for no such bound.
        less_than: the number is < this; None for no such bound.

    Raises:
        PlanError: where no bound is given, two are given for one end, or no number lies between
            the bounds.
    """

    at_least: Decimal | None = field(default=None, converter=_optional)
    more_than: Decimal | None = field(default=None, converter=_optional)
    at_most: Decimal | None = field(default=None, converter=_optional)
    less_than: Decimal | None = field(default=None, converter=_optional)

    def __attrs_post_init__(self) -> None:
        refuse_contradiction(self.data())
        low = self.at_least if self.at_least is not None else self.more_than
        high = self.at_most if self.at_most is not None else self.less_than
        if low is not None and high is not None:
            strict = self.more_than is not None or self.less_than is not None
            if low > high or (strict and low == high):
                raise PlanError(f"no number is {self}")

    def hold(self, value: Fraction | int) -> bool:
        """Return whether a number lies within the bounds, compared exactly."""
        return (
            (self.at_least is None or value >= Fraction(self.at_least))
            and (self.more_than is None or value > Fraction(self.more_than))
            and (self.at_most is None or value <= Fraction(self.at_most))
            and (self.less_than is None or value < Fraction(self.less_than))
        )

    def numbers_beside(self) -> list[int]:
        """Return the whole numbers at the bounds and beside them, where a count turns (S12)."""
        return [int(bound) + step for bound in self.data().values() for step in (-1, 0, 1)]

    def turn(self, low: int, high: int) -> bool:
        """Return whether the bounds hold for some whole numbers from `low` to `high`, not for all."""
        numbers = {low, high, *(n for n in self.numbers_beside() if low < n < high)}
        return len({self.hold(number) for number in numbers}) > 1

    def reach(self, low: Fraction, high: Fraction) -> bool:
        """Return whether the bounds hold for some number from `low` to `high`."""
        return (
            (self.at_least is None or high >= Fraction(self.at_least))
            and (self.more_than is None or high > Fraction(self.more_than))
            and (self.at_most is None or low <= Fraction(self.at_most))
            and (self.less_than is None or low < Fraction(self.less_than))
        )

    def text(self, unit: str = "") -> str:
        """Return the bounds in words: "at least 8", "less than 7", "at most -10 %"."""
        mark = f" {unit}" if unit else ""
        return " and ".join(
            f"{word.replace('_', ' ')} {bound:,f}{mark}" for word, bound in self.data().items()
        )

    def __str__(self) -> str:
        return self.text()

    def data(self) -> dict[BoundWord, Decimal]:
        """Return the bounds as plan files write them: each comparison with its number."""
        bounds = {word: getattr(self, word) for word in WORDS}
        return {word: bound for word, bound in bounds.items() if bound is not None}


def parse_bounds(value: object) -> Bounds:
    """Parse bounds from a mapping, as plan files write it: `{ at_least = 8 }`.

    Raises:
        PlanError: naming every problem, each at its key.
    """
    if isinstance(value, Bounds):
        return value
    accepted = f"accepted: bounds such as {{ at_least = 8 }}, of {listed(WORDS)}"
    if not isinstance(value, Mapping):
        raise PlanError(f"found {str(value)!r}; {accepted}")
    problems: list[Problem] = []
    bounds: dict[str, Any] = {}
    for key, bound in value.items():
        if key not in WORDS:
            hint = suggest(str(key), WORDS)
            problems.append(Problem((key,), f"unknown key; accepted: {listed(WORDS)}{hint}"))
            continue
        try:
            bounds[key] = number(bound)
        except PlanError as error:
            problems += error.within(key)
    if problems:
        raise PlanError(problems)
    return Bounds(**bounds)


def optional_bounds(value: object) -> Bounds | None:
    """Parse bounds as `parse_bounds` does; None stays None."""
    return None if value is None else parse_bounds(value)


BOUNDS_FORM = {"$ref": "#/$defs/bounds"}
"""The form of bounds in JSON Schema."""
