"""Limits on the time of a case, in the units as written: units never convert (S5)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any, Generic, Literal, TypeAlias, TypeVar

from attrs import field, frozen

from kpi.definitions.fields import choice
from kpi.definitions.kinds import Kind
from kpi.definitions.time_units import BACKWARDS, DAY_UNITS, UNITS, Span, parse_span
from kpi.definitions.windows import to_date
from kpi.errors import PlanError, Problem, listed

T = TypeVar("T")


By: TypeAlias = Literal["date", "instant"]
"""Reading of a column of due dates: as days, or as instants (S3)."""

BYS: tuple[By, ...] = ("date", "instant")


def _refuse_clock_beside_others(spans: Iterable[Span]) -> None:
    if len({(span.is_clock, span.in_working_hours) for span in spans}) > 1:
        raise PlanError("found limits in hours or minutes beside others; accepted: one kind")


def _by(value: object) -> By | None:
    return None if value is None else choice(value, BYS)


@frozen
class Before:
    """Limit counted backwards: "1 month before" the start; the due date is start − span (S6)."""

    span: Span

    def __attrs_post_init__(self) -> None:
        if self.span.is_clock:
            raise PlanError(f"found {self}; accepted backwards: {listed(DAY_UNITS)}")

    def __str__(self) -> str:
        return f"{self.span}{BACKWARDS}"

    def data(self) -> Any:
        """Return the limit as plan files write it."""
        return str(self)


@frozen
class DueColumn:
    """Limit in the table: a column with each case's own due date.

    Attributes:
        column: the date column.
        by: whether every value is a day ("date") or an instant ("instant"); None decides by value:
            a time of day makes an instant, after which a case is late, and local midnight a whole
            day (S3).
    """

    column: str
    by: By | None = field(default=None, converter=_by)

    def reads(self) -> Iterator[tuple[str, Kind, str]]:
        """Yield the column with the kind of value it must hold and the key that names it."""
        yield self.column, "date", "column"

    def __str__(self) -> str:
        return f"by {self.column}" + ("" if self.by is None else f" ({self.by}s)")

    def data(self) -> Any:
        """Return the limit as plan files write it."""
        return {"column": self.column} | ({} if self.by is None else {"by": self.by})


@frozen
class ByValue:
    """Limit for each value of a column; a case with another value has no limit (S12).

    Attributes:
        column: a column of texts.
        limits: the limit for each value.
        thresholds: the percentage for each value, where the file of the limits has any; else empty.
        file: the name of the file beside the plan that the limits were read from; None for limits
            in the plan itself.
    """

    column: str
    limits: Mapping[str, Span]
    thresholds: Mapping[str, Decimal] = field(factory=dict)
    file: str | None = None

    def __attrs_post_init__(self) -> None:
        if not self.limits:
            raise PlanError("found no limit; accepted: at least one value with its limit")
        _refuse_clock_beside_others(self.limits.values())

    def __hash__(self) -> int:
        return hash((self.column, frozenset(self.limits.items()), self.file))

    def reads(self) -> Iterator[tuple[str, Kind, str]]:
        """Yield the column with the kind of value it must hold and the key that names it."""
        yield self.column, "text", "by"

    def __str__(self) -> str:
        if self.file is not None:
            return f"the limit of its {self.column}"
        return listed([f"{span} ({value})" for value, span in self.limits.items()], most=4)

    def data(self) -> Any:
        """Return the limit as plan files write it."""
        if self.file is not None:
            return {"file": self.file, "by": self.column}
        return {"by": self.column, "limits": {k: v.data() for k, v in self.limits.items()}}


@frozen
class Dated(Generic[T]):
    """Value that changes over time: a date of the case decides which value is in force.

    Attributes:
        column: the date column that decides, such as the filing or the decision. Where the date is
            null (the case is still open), the value in force at the as-of date counts.
        first: the value before the first of the dates.
        later: the dates, in order, each with the value that is in force from then on.
    """

    column: str
    first: T
    later: tuple[tuple[dt.date, T], ...]

    def __attrs_post_init__(self) -> None:
        dates = [since for since, _ in self.later]
        if not dates or dates != sorted(set(dates)):
            raise PlanError("accepted: at least one date, each once and in order")
        values = (value for _, value in self.periods_in_force())
        _refuse_clock_beside_others(value for value in values if isinstance(value, Span))

    def reads(self) -> Iterator[tuple[str, Kind, str]]:
        """Yield the column with the kind of value it must hold and the key that names it."""
        yield self.column, "date", "dated"

    def periods_in_force(self) -> Iterator[tuple[str, T]]:
        """Yield each value, after the words for the period in which it is in force."""
        yield f"before {self.later[0][0]}", self.first
        for since, value in self.later:
            yield f"since {since}", value

    def __str__(self) -> str:
        shown = [f"{value} ({self.column} {words})" for words, value in self.periods_in_force()]
        return ", ".join(shown)

    def data(self) -> Any:
        """Return the values as plan files write them."""
        return {
            "dated": self.column,
            "first": _data(self.first),
            "since": {since.isoformat(): _data(value) for since, value in self.later},
        }


def spans_of(limit: Span | ByValue | Dated[Span]) -> tuple[Span, ...]:
    """Return every span that a limit holds."""
    if isinstance(limit, Span):
        return (limit,)
    if isinstance(limit, ByValue):
        return tuple(limit.limits.values())
    return tuple(span for _, span in limit.periods_in_force())


def in_working_hours(limit: Limit | None) -> bool:
    """Return whether a limit is counted within opening hours, for every case that has it (S35)."""
    spans = spans_of(limit) if isinstance(limit, Span | ByValue | Dated) else ()
    return any(span.in_working_hours for span in spans)


def most_days_of(limit: Limit | None) -> int:
    """Return an upper bound of the days that a limit can last; 0 without one of a known length."""
    if not isinstance(limit, Span | ByValue | Dated):
        return 0
    return max(
        most_days(span)
        + span.total_minutes // 1_440
        + 3 * (span.working_hours + span.working_minutes)
        for span in spans_of(limit)
    )


def most_days(span: Span) -> int:
    """Return an upper bound of the days that a span in days, working days or months can last."""
    return 31 * span.total_months + span.total_days + 3 * span.working_days + 14


def _data(value: Any) -> Any:
    return value.data() if hasattr(value, "data") else value


Limit: TypeAlias = Span | Before | DueColumn | ByValue | Dated[Span]
"""Limit on the time that a case may take."""

_FORMS = (
    "a text such as '7 months' or '1 month before', { column = \"due\" }, "
    '{ by = "case_type", limits = { visa = "30 days" } }, { file = "limits.csv", by = "case_type" } '
    'or { dated = "decided", first = "10 months", since = { 2021-07-01 = "7 months" } }'
)


def parse_limit(value: object) -> Limit:
    """Parse a limit from a text or a mapping, as plan files write it.

    Raises:
        PlanError: where the value is no limit, with the forms accepted.
    """
    if isinstance(value, Before | DueColumn | ByValue | Dated):
        return value
    if isinstance(value, Mapping):
        return _of_mapping(value)
    if isinstance(value, str) and value.rstrip().endswith(BACKWARDS):
        return Before(parse_span(value.rstrip().removesuffix(BACKWARDS), DAY_UNITS))
    return parse_span(value)


def _of_mapping(value: Mapping[Any, Any]) -> Limit:
    keys = set(value)
    if {"column"} <= keys <= {"column", "by"} and isinstance(value["column"], str):
        return DueColumn(value["column"], _at(_by, value.get("by"), "by"))
    if (by_value := parse_by_value(value, UNITS)) is not None:
        return by_value
    if keys == {"file", "by"}:
        raise PlanError(
            [Problem(("file",), "a file is read beside a plan file; load the plan from its file")]
        )
    if "dated" in keys:
        return parse_dated(value, _span)
    shown = ", ".join(f"{k} = {v!r}" for k, v in value.items())
    raise PlanError(f"found {{ {shown} }}; accepted: {_FORMS}")


def parse_by_value(value: Mapping[Any, Any], units: tuple[str, ...]) -> ByValue | None:
    """Parse a limit for each value of a column from a mapping: `{ by = ..., limits = ... }`.

    Args:
        value: the mapping.
        units: the units that the limits may have.

    Returns:
        the limits; None where the mapping has other keys.

    Raises:
        PlanError: naming every limit that is none, each at its value.
    """
    column, limits = value.get("by"), value.get("limits")
    if set(value) != {"by", "limits"} or not isinstance(column, str):
        return None
    if not isinstance(limits, Mapping):
        return None
    return ByValue(column, parse_each(limits, lambda limit: parse_span(limit, units), "limits"))


def _span(value: object) -> Span:
    return parse_span(value)


def parse_dated(value: Mapping[Any, Any], convert: Callable[[Any], T]) -> Dated[T]:
    """Parse a value that changes over time from a mapping, as plan files write it.

    Args:
        value: the mapping, with the keys `dated`, `first` and `since`.
        convert: parses one of the values in force.

    Raises:
        PlanError: naming every problem, each at its key.
    """
    if set(value) != {"dated", "first", "since"} or not isinstance(value["since"], Mapping):
        raise PlanError(
            'accepted: { dated = "decided", first = ..., since = { 2021-07-01 = ... } }'
        )
    if not isinstance(value["dated"], str):
        raise PlanError([Problem(("dated",), "accepted: a date column's name")])
    first = _at(convert, value["first"], "first")
    since = parse_each(value["since"], convert, "since")
    by_date = {_at(to_date, key, "since"): in_force for key, in_force in since.items()}
    return Dated(value["dated"], first, tuple((day, by_date[day]) for day in sorted(by_date)))


def _at(convert: Callable[[Any], T], value: object, *place: str) -> T:
    try:
        return convert(value)
    except PlanError as error:
        raise PlanError(error.within(*place)) from None


def parse_each(values: Mapping[Any, Any], convert: Callable[[Any], T], place: str) -> dict[str, T]:
    """Parse each value of a mapping, by its key as a text.

    Args:
        values: the mapping.
        convert: parses one of the values.
        place: the key of the mapping.

    Raises:
        PlanError: naming every problem, each at its key.
    """
    converted: dict[str, T] = {}
    problems: list[Problem] = []
    for key, value in values.items():
        try:
            converted[str(key)] = convert(value)
        except PlanError as error:
            problems += error.within(place, str(key))
    if problems:
        raise PlanError(problems)
    return converted
