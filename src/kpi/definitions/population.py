"""Populations: who is counted, by predicates on the columns of a case (S10).

A population is a conjunction of conditions; `data()` returns each as plan files write it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeAlias, TypeGuard

from attrs import field, frozen

from kpi.definitions.bounds import SIGNS, WORDS, BoundWord, refuse_contradiction
from kpi.definitions.date_bounds import DateBounds, parse_bound, parse_date_bounds
from kpi.definitions.kinds import Kind
from kpi.definitions.windows import APRIL, BOUNDS, Window, day_or_period
from kpi.errors import PlanError, Problem, listed, suggest

Value: TypeAlias = str | int | bool


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


@frozen
class Missing:
    """Predicate: the value is null; with `missing` false, it is not (S34).

    Attributes:
        missing: whether null fulfils the predicate, or whatever is not null.
        kind: the kind of value that the column must hold: any, as nothing is compared.
    """

    missing: bool
    kind: Kind = field(default="any", init=False)

    def __str__(self) -> str:
        return "is missing" if self.missing else "is not missing"

    def data(self) -> dict[str, bool]:
        """Return the predicate as plan files write it."""
        return {"missing": self.missing}


Test: TypeAlias = OneOf | Range | Window | Missing | DateBounds
"""Predicate on the value of a column."""


@frozen
class Condition:
    """Predicate on a named column. A comparison with null is false (S10, S34)."""

    column: str
    test: Test

    @property
    def kind(self) -> Kind:
        """The kind of value that the column must hold."""
        return "date" if isinstance(self.test, Window) else self.test.kind

    def reads(self) -> Iterator[tuple[str, Kind, tuple[str, ...]]]:
        """Yield each column read, with the kind of value it must hold and the keys that name it."""
        yield self.column, self.kind, (self.column,)
        if isinstance(self.test, DateBounds):
            for column, kind, keys in self.test.reads():
                yield column, kind, (self.column, *keys)

    def __str__(self) -> str:
        return f"{self.column} {self.test}"


@frozen
class Population:
    """Conjunction of conditions, which must all hold (S10). Empty: every row.

    Attributes:
        conditions: the conditions that must all hold.
        any_of: further populations, of which at least one must hold too; none for no such demand
            (S34).
    """

    conditions: tuple[Condition, ...] = ()
    any_of: tuple[Population, ...] = ()

    def __iter__(self) -> Iterator[Condition]:
        """Yield the conditions that must all hold, those of `any_of` left out."""
        return iter(self.conditions)

    def __bool__(self) -> bool:
        return bool(self.conditions or self.any_of)

    def leaves(self) -> Iterator[Condition]:
        """Yield every condition, those of `any_of` included."""
        yield from self.conditions
        for population in self.any_of:
            yield from population.leaves()

    def reads(self) -> Iterator[tuple[str, Kind, tuple[str | int, ...]]]:
        """Yield each column read, with the kind of value it must hold and the keys that name it."""
        for condition in self.conditions:
            yield from condition.reads()
        for n, population in enumerate(self.any_of):
            for column, kind, keys in population.reads():
                yield column, kind, (ANY_OF, n, *keys)

    @property
    def any_of_text(self) -> str:
        """The populations of `any_of` in words."""
        return " or ".join(
            str(population) if len(population.conditions) == 1 else f"({population})"
            for population in self.any_of
        )

    def __str__(self) -> str:
        words = [*map(str, self.conditions)]
        if self.any_of:
            words.append(f"({self.any_of_text})" if words else self.any_of_text)
        return " and ".join(words)

    def data(self) -> Any:
        """Return the population as plan files write it: each column with its predicate."""
        columns = {
            c.column: {"in": c.test.name}
            if isinstance(c.test, Window) and c.test.name
            else c.test.data()
            for c in self.conditions
        }
        any_of = {ANY_OF: [population.data() for population in self.any_of]} if self.any_of else {}
        return columns | any_of


ANY_OF = "any_of"
"""The key of a list of populations, of which at least one must hold; else a column's name."""


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
    any_of: list[Population] = []
    for column, test in value.items():
        if column == ANY_OF and _has_tables(test):
            for n, table in enumerate(test):
                try:
                    any_of.append(_alternative(table))
                except PlanError as error:
                    problems.extend(error.within(ANY_OF, n))
            continue
        try:
            conditions.append(Condition(column, _test(test)))
        except PlanError as error:
            problems.extend(error.within(column))
    if problems:
        raise PlanError(problems)
    return Population(tuple(conditions), tuple(any_of))


def _has_tables(value: object) -> TypeGuard[Sequence[object]]:
    """Return whether a value is a list with a table, or population, in it."""
    return isinstance(value, list | tuple) and any(
        isinstance(item, Mapping | Population) for item in value
    )


def _alternative(table: object) -> Population:
    """Parse a table of `any_of`: conditions on columns, at least one.

    Raises:
        PlanError: where the table has no condition, or an `any_of` of its own.
    """
    population = parse_population(table)
    if population.any_of:
        raise PlanError(
            [Problem((ANY_OF,), "found within any_of; accepted: conditions on columns")]
        )
    if not population:
        raise PlanError("an empty table; accepted: at least one condition")
    return population


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
    if isinstance(value, OneOf | Range | Window | Missing | DateBounds):
        return value
    if not isinstance(value, Mapping):
        return OneOf(_values(value))
    keys = list(value)
    accepted = ("in", "not", "missing", *BOUNDS, *WORDS)
    problems = [
        Problem((k,), f"unknown key; accepted: {listed(accepted)}{suggest(str(k), accepted)}")
        for k in keys
        if k not in accepted
    ]
    if problems:
        for k in set(keys) & set(BOUNDS):
            try:
                parse_bound(value[k])
            except PlanError as error:
                problems += error.within(k)
        raise PlanError(problems)
    if not keys:
        raise PlanError(f"an empty condition; accepted: {listed(accepted)}")
    for alone in ("in", "not", "missing"):
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
    if keys == ["missing"]:
        if not isinstance(value["missing"], bool):
            message = f"found {value['missing']!r}; accepted: true or false"
            raise PlanError([Problem(("missing",), message)])
        return Missing(value["missing"])
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
    return parse_date_bounds(value)


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
        twice = next(value for n, value in enumerate(values) if value in values[:n])
        raise PlanError(f"found {twice!r} twice; accepted: each value once")
    return tuple(values)
