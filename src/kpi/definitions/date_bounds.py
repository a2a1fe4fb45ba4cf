"""Bounds of a date by other dates of the same case: decided within 12 months of filed (S34)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

from attrs import field, frozen

from kpi.definitions.derived_dates import MOVED, MOVES, DateOffset, parse_derived
from kpi.definitions.fields import text
from kpi.definitions.kinds import Kind
from kpi.definitions.windows import BOUNDS, Window, to_date
from kpi.errors import PlanError, Problem, listed, suggest

_KEYS = ("date", *MOVES, *MOVED)
_FORMS = (
    'a date, { date = "filed" } for another date of the case, or { date = "filed", plus = '
    '"12 months" }, minus, plus_days and the like as for a derived date'
)


@frozen
class CaseDate:
    """Another date of the case, as a bound.

    Attributes:
        date: the date column.
    """

    date: str = field(converter=text)

    def reads(self) -> Iterator[tuple[str, Kind, str]]:
        """Yield the column with the kind of value it must hold and the key that names it."""
        yield self.date, "date", "date"

    def __str__(self) -> str:
        return self.date

    def data(self) -> dict[str, str]:
        """Return the bound as plan files write it."""
        return {"date": self.date}


Bound: TypeAlias = dt.date | CaseDate | DateOffset
"""A date, another date of the case, or such a date moved by some time."""


def parse_bound(value: object) -> Bound:
    """Parse a bound of a date from a date or a mapping, as plan files write it.

    Raises:
        PlanError: where the value is neither, with the forms accepted.
    """
    if isinstance(value, CaseDate | DateOffset):
        return value
    if isinstance(value, Mapping):
        return _of_case(value)
    try:
        return to_date(value)
    except PlanError as error:
        if not isinstance(value, str) or not value[:1].isalpha():
            raise
        # A word is no mistyped date, but most likely the name of a column.
        raise PlanError(
            f'{error}, or {{ date = "{value}" }} where {value} is a date of the case'
        ) from None


def _of_case(value: Mapping[Any, Any]) -> Bound:
    keys = set(value)
    if keys == {"date"}:
        try:
            return CaseDate(value["date"])
        except PlanError as error:
            raise PlanError(error.within("date")) from None
    unknown = [key for key in value if key not in _KEYS]
    if unknown:
        raise PlanError(
            Problem((key,), f"unknown key{suggest(str(key), _KEYS)}; accepted: {_FORMS}")
            for key in unknown
        )
    moves = [key for key in MOVES if key in keys]
    if "date" not in keys or len(moves) != 1:
        found = f"{{ {', '.join(f'{key} = {moved!r}' for key, moved in value.items())} }}"
        raise PlanError(f"found {found}; accepted: {_FORMS}")
    moved = parse_derived(value)
    assert isinstance(moved, DateOffset), "a date with a move is an offset"
    return moved


def _optional(value: object) -> Bound | None:
    return None if value is None else parse_bound(value)


@frozen(kw_only=True)
class DateBounds:
    """Predicate: a date between bounds of which one, at least, is another date of the case (S34).

    Null is not, and nothing is between bounds of which one is null.

    Attributes:
        since: the first day inside; None for no such bound.
        after: the last day before; None for no such bound.
        before: the first day after; None for no such bound.
        through: the last day inside; None for no such bound.
        kind: the kind of value that the column must hold.

    Raises:
        PlanError: where no bound is given, or two are given for one end.
    """

    since: Bound | None = field(default=None, converter=_optional)
    after: Bound | None = field(default=None, converter=_optional)
    before: Bound | None = field(default=None, converter=_optional)
    through: Bound | None = field(default=None, converter=_optional)
    kind: Kind = field(default="date", init=False)

    def __attrs_post_init__(self) -> None:
        given = self.bounds()
        if not given:
            raise PlanError(f"found no bound; accepted: {listed(BOUNDS)}")
        for pair in (("since", "after"), ("before", "through")):
            if set(pair) <= set(given):
                raise PlanError(f"found both {pair[0]} and {pair[1]}; accepted: one of them")

    def bounds(self) -> dict[str, Bound]:
        """Return the bounds that are given, by comparison (`kpi.definitions.windows.BOUNDS`)."""
        bounds = {word: getattr(self, word) for word in BOUNDS}
        return {word: bound for word, bound in bounds.items() if bound is not None}

    def reads(self) -> Iterator[tuple[str, Kind, tuple[str, ...]]]:
        """Yield each column that bounds the date, with its kind and the keys that name it."""
        for word, bound in self.bounds().items():
            if isinstance(bound, CaseDate | DateOffset):
                for column, kind, key in bound.reads():
                    yield column, kind, (word, key)

    def __str__(self) -> str:
        return " and ".join(f"{word} {bound}" for word, bound in self.bounds().items())

    def data(self) -> dict[str, Any]:
        """Return the predicate as plan files write it."""
        return {
            word: bound.data() if isinstance(bound, CaseDate | DateOffset) else bound
            for word, bound in self.bounds().items()
        }


def parse_date_bounds(value: Mapping[str, object]) -> DateBounds | Window:
    """Parse the bounds of a date from a mapping whose keys are comparisons.

    Returns:
        a window, where every bound is a date.

    Raises:
        PlanError: naming every problem, each at its key.
    """
    problems: list[Problem] = []
    bounds: dict[str, Any] = {}
    for word, bound in value.items():
        try:
            bounds[word] = parse_bound(bound)
        except PlanError as error:
            problems += error.within(word)
    if problems:
        raise PlanError(problems)
    if any(isinstance(bound, CaseDate | DateOffset) for bound in bounds.values()):
        return DateBounds(**bounds)
    return Window(**bounds)
