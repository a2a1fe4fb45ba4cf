"""Populations: who is counted, by predicates on the columns of a case (S10).

A population is a conjunction of conditions; `data()` returns each as plan files write it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal, TypeAlias

from attrs import field, frozen

from kpi.definitions.bounds import SIGNS, WORDS, BoundWord, refuse_contradiction
from kpi.definitions.windows import APRIL, BOUNDS, Window, day_or_period, parse_window, to_date
from kpi.errors import PlanError, Problem, listed, suggest

Value: TypeAlias = str | int | bool
Kind: TypeAlias = Literal["text", "integer", "number", "boolean", "date", "any"]
"""The kind of value that a column must hold for a predicate on the column to make sense."""


@frozen
class OneOf:
    """Predicate: the value is in `values`; with `negated`, it is not null and not in them (S10)."""

    values: tuple[Value, ...]
    negated: bool = False

    @property
    def kind(self) -> Kind:
        """The kind of value that the column must hold."""
        return _kind(self.values[0])

    def __str__(self) -> str:
        shown = listed([v if isinstance(v, str) else str(v).lower() for v in self.values], most=4)
        if len(self.values) == 1:
            return f"is {'not ' if self.negated else ''}{shown}"
        return f"is {'none' if self.negated else 'one'} of {shown}"

    def data(self) -> Any:
        """Return the predicate as plan files write it."""
        plain = self.values[0] if len(self.values) == 1 else list(self.values)
        return {"not": plain} if self.negated else plain


@frozen(kw_only=True)
class Range:
    """Predicate: a whole number between bounds; null is not (S10).

    Raises:
        PlanError: where no bound is given, two are given for one end, or no whole number lies
            between the bounds.
    """

    at_least: int | None = None
    more_than: int | None = None
    at_most: int | None = None
    less_than: int | None = None
    kind: Kind = field(default="integer", init=False)

    def __attrs_post_init__(self) -> None:
        given = self.data()
        refuse_contradiction(given)
        low = self.at_least if self.more_than is None else self.more_than + 1
        high = self.at_most if self.less_than is None else self.less_than - 1
        if low is not None and high is not None and low > high:
            raise PlanError(f"no whole number is {self}")

    def __str__(self) -> str:
        return " and ".join(f"{SIGNS[k]} {v}" for k, v in self.data().items())

    def data(self) -> dict[BoundWord, int]:
        """Return the predicate as plan files write it."""
        found = {word: getattr(self, word) for word in WORDS}
        return {word: bound for word, bound in found.items() if bound is not None}


Test: TypeAlias = OneOf | Range | Window
"""Predicate on the value of a column."""


@frozen
class Condition:
    """Predicate on a named column. A comparison with null is false (S10)."""

    column: str
    test: Test

    @property
    def kind(self) -> Kind:
        """The kind of value that the column must hold."""
        return "date" if isinstance(self.test, Window) else self.test.kind

    def __str__(self) -> str:
        return f"{self.column} {self.test}"


@frozen
class Population:
    """Conjunction of conditions, which must all hold (S10). Empty: every row."""

    conditions: tuple[Condition, ...] = ()

    def __iter__(self) -> Iterator[Condition]:
        return iter(self.conditions)

    def __bool__(self) -> bool:
        return bool(self.conditions)

    def __str__(self) -> str:
        return " and ".join(map(str, self.conditions))

    def data(self) -> Any:
        """Return the population as plan files write it: each column with its predicate."""
        return {
            c.column: {"in": c.test.name}
            if isinstance(c.test, Window) and c.test.name
            else c.test.data()
            for c in self.conditions
        }


def parse_population(value: object) -> Population:
    """Parse a population from a mapping of columns to values, lists of values, or bounds.

    Raises:
        PlanError: naming every problem, each at its column.
    """
    if isinstance(value, Population):
        return value
    if not isinstance(value, Mapping):
        raise PlanError(f'found {value!r}; accepted: conditions, such as {{ case_type = "visa" }}')
    problems: list[Problem] = []
    conditions = []
    for column, test in value.items():
        try:
            conditions.append(Condition(column, _test(test)))
        except PlanError as error:
            problems.extend(error.within(column))
    if problems:
        raise PlanError(problems)
    return Population(tuple(conditions))


@frozen
class OpenAt:
    """Predicate: open at the start of a day (primo), entered before and not ended before (S21).

    Attributes:
        start_of: the day itself, or the name of a period, whose first day is meant.
    """

    start_of: dt.date | str = field(converter=day_or_period)
    year_starts: int = field(default=APRIL, kw_only=True, repr=False)

    @property
    def day(self) -> dt.date:
        """The day at whose start a case must be open."""
        if isinstance(self.start_of, dt.date):
            return self.start_of
        first = Window(self.start_of, year_starts=self.year_starts).first
        assert first is not None, "a named window has a beginning"
        return first

    def __str__(self) -> str:
        return f"open at the start of {self.start_of}"

    def data(self) -> Any:
        """Return the moment as plan files write it."""
        return {"start_of": self.start_of}


def parse_open_at(value: object) -> OpenAt:
    """Parse a moment at which cases are open from a mapping: `{ start_of = "2017" }`.

    Raises:
        PlanError: where the value is anything else.
    """
    if isinstance(value, OpenAt):
        return value
    if not isinstance(value, Mapping) or set(value) != {"start_of"}:
        raise PlanError(f'found {value!r}; accepted: {{ start_of = "2017" }} or a date')
    try:
        return OpenAt(value["start_of"])
    except PlanError as error:
        raise PlanError(error.within("start_of")) from None


def _kind(value: object) -> Kind:
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int) and abs(value) < 2**63:
        return "integer"
    if isinstance(value, str):
        return "text"
    raise PlanError(f"found {value!r}; accepted: a text, a whole number, true or false, or bounds")


def _test(value: object) -> Test:
    if isinstance(value, OneOf | Range | Window):
        return value
    if not isinstance(value, Mapping):
        return OneOf(_values(value))
    keys = list(value)
    accepted = ("in", "not", *BOUNDS, *WORDS)
    problems = [
        Problem((k,), f"unknown key; accepted: {listed(accepted)}{suggest(str(k), accepted)}")
        for k in keys
        if k not in accepted
    ]
    if problems:
        for k in set(keys) & set(BOUNDS):
            try:
                to_date(value[k])
            except PlanError as error:
                problems += error.within(k)
        raise PlanError(problems)
    if not keys:
        raise PlanError(f"an empty condition; accepted: {listed(accepted)}")
    for alone in ("in", "not"):
        if alone in keys and len(keys) > 1:
            raise PlanError(
                f"'{alone}' stands alone; found it beside {listed([k for k in keys if k != alone])}"
            )
    if keys == ["in"]:
        if not isinstance(value["in"], str):
            raise PlanError(
                [Problem(("in",), f"found {value['in']!r}; accepted: a period such as '2022-H2'")]
            )
        return Window(value["in"])
    if keys == ["not"]:
        return OneOf(_values(value["not"]), negated=True)
    if set(keys) <= set(WORDS):
        wrong = [k for k in keys if _kind(value[k]) != "integer"]
        if wrong:
            raise PlanError(
                Problem((k,), f"found {value[k]!r}; accepted: a whole number") for k in wrong
            )
        return Range(**value)
    if set(keys) & set(WORDS):
        raise PlanError(f"found bounds of dates and of numbers together: {listed(keys)}")
    return parse_window(value)


def _values(value: object) -> tuple[Value, ...]:
    values: list[Any] = (
        list(value) if isinstance(value, Sequence) and not isinstance(value, str) else [value]
    )
    if not values:
        raise PlanError("an empty list; accepted: at least one value")
    kinds = {_kind(v) for v in values}
    if len(kinds) > 1:
        raise PlanError(
            f"found values of several kinds ({listed(sorted(kinds))}); accepted: one kind"
        )
    if len(set(values)) < len(values):
        raise PlanError("found a value twice")
    return tuple(values)
