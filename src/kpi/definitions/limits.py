"""Limits on a case's time, in the units they were written in: units never convert (S5)."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Any, Generic, Literal, TypeAlias, TypeVar

from attrs import Attribute, field, frozen

from kpi.definitions.fields import choice
from kpi.definitions.population import Kind
from kpi.definitions.windows import to_date
from kpi.errors import PlanError, Problem, listed, suggest

MonthEnd: TypeAlias = Literal["down", "sticky", "up", "refuse"]
"""What a due day that its month does not have becomes (S4)."""

MONTH_ENDS: tuple[MonthEnd, ...] = ("down", "sticky", "up", "refuse")

Roll: TypeAlias = Literal["none", "next working day"]
"""What a due day that is no working day becomes (S8)."""

ROLLS: tuple[Roll, ...] = ("none", "next working day")

CALENDAR_UNITS = ("years", "months", "weeks", "days")
WORKING_UNITS = ("working days",)
CLOCK_UNITS = ("hours", "minutes")
DAY_UNITS = (*CALENDAR_UNITS, *WORKING_UNITS)
"""Units whose due moment is a day."""
UNITS = (*DAY_UNITS, *CLOCK_UNITS)
BACKWARDS = " before"

_PART = re.compile(r"(\d+) +((?:working +)?[a-zA-Z]+)")
_BUSINESS_DAYS = re.compile(r"(business|bank|work|trading|office) *days?|weekdays?", re.IGNORECASE)
_MOST_DAYS = 36_525

T = TypeVar("T")


By: TypeAlias = Literal["date", "instant"]
"""What a column's due dates are taken as: days, or moments of the clock (S3)."""

BYS: tuple[By, ...] = ("date", "instant")


def _by(value: object) -> By | None:
    return None if value is None else choice(value, BYS)


def _amount(_: object, attribute: Attribute[int], value: object) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise PlanError(f"found {value!r} {attribute.name}; accepted: a whole number, 0 or more")


@frozen(kw_only=True, init=False)
class Span:
    """A length of time as a plan writes it: "7 months", "10 working days", "2 months and 10 days".

    Months are added first and rounded once, then the days (S4); weeks are seven days and years
    twelve months (S3, S4). Working days are those of a calendar (S7), hours and minutes elapsed
    time between instants (S3): both stand without other units. At most one hundred years.

    Attributes:
        unit_of_zero: the unit of a span without length, "days" unless another was named: "0 minutes"
            reads the clock (S3). None for every other span.
    """

    years: int = field(default=0, validator=_amount)
    months: int = field(default=0, validator=_amount)
    weeks: int = field(default=0, validator=_amount)
    days: int = field(default=0, validator=_amount)
    working_days: int = field(default=0, validator=_amount)
    hours: int = field(default=0, validator=_amount)
    minutes: int = field(default=0, validator=_amount)
    unit_of_zero: str | None = None

    def __init__(
        self,
        *,
        years: int | None = None,
        months: int | None = None,
        weeks: int | None = None,
        days: int | None = None,
        working_days: int | None = None,
        hours: int | None = None,
        minutes: int | None = None,
        unit_of_zero: str | None = None,
    ) -> None:
        """Take amounts of units, each a whole number from 0, None for a unit that is not named.

        Raises:
            PlanError: where an amount is no such number, units stand together that may not, or the
                span is longer than 100 years.
        """
        amounts = (years, months, weeks, days, working_days, hours, minutes)
        if any(amounts):
            unit_of_zero = None
        elif unit_of_zero is None:
            named = [unit for unit, n in zip(UNITS, amounts, strict=True) if n is not None]
            unit_of_zero = named[-1] if len({_kind(unit) for unit in named}) == 1 else "days"
        given = {
            unit.replace(" ", "_"): 0 if n is None else n
            for unit, n in zip(UNITS, amounts, strict=True)
        }
        self.__attrs_init__(**given, unit_of_zero=unit_of_zero)

    def __attrs_post_init__(self) -> None:
        others = self.total_months or self.total_days
        if self.is_clock and (others or self.working_days):
            raise PlanError(
                f"found {self}; accepted: hours and minutes alone, for they are elapsed time and "
                "days are not (S3)"
            )
        if self.working_days and others:
            raise PlanError(
                f"found {self}; accepted: working days alone, for they are counted in a calendar "
                "and the others are not (S7)"
            )
        working = self.working_days * 7 // 5
        days = self.total_months * 31 + self.total_days + working + self.total_minutes // 1440
        if days > _MOST_DAYS + 675:
            raise PlanError(f"found {self}; accepted: at most 100 years")

    @property
    def is_clock(self) -> bool:
        """Whether it is elapsed time between instants, not days (S3)."""
        return bool(self.hours or self.minutes) or self.unit_of_zero in CLOCK_UNITS

    @property
    def in_working_days(self) -> bool:
        """Whether it is counted in working days, 0 of them too (S7)."""
        return bool(self.working_days) or self.unit_of_zero in WORKING_UNITS

    @property
    def in_months(self) -> bool:
        """Whether it is months or years alone, 0 of them too (S4, S18)."""
        return set(self.units) <= {"years", "months"}

    @property
    def units(self) -> tuple[str, ...]:
        """The units that it is written in."""
        named = tuple(unit for unit in UNITS if self.amount(unit))
        return named or (self.unit_of_zero or "days",)

    @property
    def total_months(self) -> int:
        """Years and months together, in months."""
        return 12 * self.years + self.months

    @property
    def total_days(self) -> int:
        """Weeks and days together, in days; months are not days and stand apart (S5)."""
        return 7 * self.weeks + self.days

    @property
    def total_minutes(self) -> int:
        """Hours and minutes together, in minutes."""
        return 60 * self.hours + self.minutes

    def amount(self, unit: str) -> int:
        """How much of a unit it names, such as "working days"."""
        found: int = getattr(self, unit.replace(" ", "_"))
        return found

    def __str__(self) -> str:
        parts = [(self.amount(unit), unit) for unit in self.units]
        return " and ".join(f"{n} {u[:-1] if n == 1 else u}" for n, u in parts)

    def data(self) -> Any:
        """The span as plan files write it."""
        return str(self)


def _kind(unit: str) -> str:
    """Return what a unit is counted by: the calendar, its working days, or the clock."""
    if unit in CLOCK_UNITS:
        return "clock"
    return "working days" if unit in WORKING_UNITS else "calendar"


def parse_span(value: object, units: tuple[str, ...] = UNITS) -> Span:
    """A span out of its text.

    Args:
        value: the text, or a span.
        units: the units that it may be in.

    Raises:
        PlanError: where the text is not amounts and units, with the units accepted.
    """
    usual = "months" if "months" in units else units[-1]
    accepted = f"accepted: a whole number and a unit ({listed(units)}), such as '7 {usual}'"
    if isinstance(value, Span):
        if not set(value.units) <= set(units):
            raise PlanError(f"found {str(value)!r}; {accepted}")
        return value
    if not isinstance(value, str):
        raise PlanError(f"found {value!r}; {accepted}")
    amounts: dict[str, int] = {}
    for part in re.split(r" +and +", value.strip()):
        if near := _BUSINESS_DAYS.search(part):
            raise PlanError(
                f"unknown unit '{near[0]}' in {value!r}; {accepted} (did you mean 'working days'?)"
            )
        match = _PART.fullmatch(part)
        if match is None:
            raise PlanError(f"found {value!r}; {accepted}")
        number, word = match[1], " ".join(match[2].split())
        unit = word if word.endswith("s") else f"{word}s"
        if unit not in units:
            raise PlanError(f"unknown unit '{word}' in {value!r}; {accepted}{suggest(unit, units)}")
        if unit in amounts:
            raise PlanError(f"found {unit} twice in {value!r}; {accepted}")
        if len(number) > 8:
            raise PlanError(f"found {value!r}; accepted: at most 100 years")
        amounts[unit] = int(number)
    if len({_kind(unit) for unit in amounts}) > 1 and not all(amounts.values()):
        raise PlanError(
            f"found {value!r}; accepted: working days alone, and hours and minutes alone, 0 of them "
            "too (S3, S7)"
        )
    named: dict[str, Any] = {unit.replace(" ", "_"): amount for unit, amount in amounts.items()}
    return Span(**named)


def calendar_span(value: object) -> Span:
    """A span in years, months, weeks and days.

    Raises:
        PlanError: where it is none.
    """
    return parse_span(value, CALENDAR_UNITS)


def span_in_days(value: object) -> Span:
    """A span in years, months, weeks, days or working days.

    Raises:
        PlanError: where it is none.
    """
    return parse_span(value, DAY_UNITS)


@frozen
class Before:
    """A limit counted backwards: "1 month before" the start; its due date is start − span (S6)."""

    span: Span

    def __attrs_post_init__(self) -> None:
        if self.span.is_clock:
            raise PlanError(f"found {self}; accepted backwards: {listed(DAY_UNITS)}")

    def __str__(self) -> str:
        return f"{self.span}{BACKWARDS}"

    def data(self) -> Any:
        """The limit as plan files write it."""
        return str(self)


@frozen
class DueColumn:
    """A limit that stands in the table: a column with each case's own due date.

    Attributes:
        column: the date column.
        by: whether every value is a day ("date") or a moment ("instant"); None by value: a time of
            day makes an instant, after which a case is late, and local midnight a whole day (S3).
    """

    column: str
    by: By | None = field(default=None, converter=_by)

    def reads(self) -> Iterator[tuple[str, Kind, str]]:
        """The column with what it must hold, and the key that names it."""
        yield self.column, "date", "column"

    def __str__(self) -> str:
        return f"by {self.column}" + ("" if self.by is None else f" ({self.by}s)")

    def data(self) -> Any:
        """The limit as plan files write it."""
        return {"column": self.column} | ({} if self.by is None else {"by": self.by})


@frozen
class ByValue:
    """A limit for each value of a column; a case whose value has none lacks a limit (S12).

    Attributes:
        column: a column of texts.
        limits: the limit for each value.
        thresholds: the percentage for each value, where the limits' file says it.
        file: the file beside the plan that the limits were read from, if any.
    """

    column: str
    limits: Mapping[str, Span]
    thresholds: Mapping[str, Decimal] = field(factory=dict)
    file: str | None = None

    def __attrs_post_init__(self) -> None:
        if not self.limits:
            raise PlanError("found no limit; accepted: at least one value with its limit")
        if len({span.is_clock for span in self.limits.values()}) > 1:
            raise PlanError("found limits in hours or minutes beside others; accepted: one kind")

    def __hash__(self) -> int:
        return hash((self.column, tuple(self.limits.items()), self.file))

    def reads(self) -> Iterator[tuple[str, Kind, str]]:
        """The column with what it must hold, and the key that names it."""
        yield self.column, "text", "by"

    def __str__(self) -> str:
        if self.file is not None:
            return f"the limit of its {self.column}"
        return listed([f"{span} ({value})" for value, span in self.limits.items()], most=4)

    def data(self) -> Any:
        """The limit as plan files write it."""
        if self.file is not None:
            return {"file": self.file, "by": self.column}
        return {"by": self.column, "limits": {k: v.data() for k, v in self.limits.items()}}


@frozen
class Dated(Generic[T]):
    """A value that changes over time: which is in force depends on a date of the case.

    Attributes:
        column: the date that decides, such as the filing or the decision. A case without it (it is
            still open) takes the value in force at the as-of date.
        first: the value before the first of the dates.
        later: the dates, in order, with the value that is in force since each.
    """

    column: str
    first: T
    later: tuple[tuple[dt.date, T], ...]

    def __attrs_post_init__(self) -> None:
        dates = [since for since, _ in self.later]
        if not dates or dates != sorted(set(dates)):
            raise PlanError("accepted: at least one date, each once and in order")
        values = [value for _, value in self.stretches()]
        if len({value.is_clock for value in values if isinstance(value, Span)}) > 1:
            raise PlanError("found limits in hours or minutes beside others; accepted: one kind")

    def reads(self) -> Iterator[tuple[str, Kind, str]]:
        """The column with what it must hold, and the key that names it."""
        yield self.column, "date", "dated"

    def stretches(self) -> Iterator[tuple[str, T]]:
        """Each value with the words for the time it is in force."""
        yield f"before {self.later[0][0]}", self.first
        for since, value in self.later:
            yield f"since {since}", value

    def __str__(self) -> str:
        shown = [f"{value} ({self.column} {words})" for words, value in self.stretches()]
        return ", ".join(shown)

    def data(self) -> Any:
        """The values as plan files write them."""
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
    return tuple(span for _, span in limit.stretches())


def most_days(span: Span) -> int:
    """Return more days than a span in months, days or working days ever has, holidays included."""
    return 31 * span.total_months + span.total_days + 3 * span.working_days + 14


def _data(value: Any) -> Any:
    return value.data() if hasattr(value, "data") else value


Limit: TypeAlias = Span | Before | DueColumn | ByValue | Dated[Span]
"""How long a case may take."""

_FORMS = (
    "a text such as '7 months' or '1 month before', { column = \"due\" }, "
    '{ by = "case_type", limits = { visa = "30 days" } }, { file = "limits.csv", by = "case_type" } '
    'or { dated = "decided", first = "10 months", since = { 2021-07-01 = "7 months" } }'
)


def parse_limit(value: object) -> Limit:
    """A limit out of what plan files write.

    Raises:
        PlanError: where it is none, with the forms accepted.
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
    if keys == {"by", "limits"} and isinstance(value["by"], str):
        if isinstance(value["limits"], Mapping):
            return ByValue(value["by"], _each(value["limits"], _span, "limits"))
    elif keys == {"file", "by"}:
        raise PlanError(
            [Problem(("file",), "a file is read beside a plan file; load the plan from its file")]
        )
    elif "dated" in keys:
        return parse_dated(value, _span)
    shown = ", ".join(f"{k} = {v!r}" for k, v in value.items())
    raise PlanError(f"found {{ {shown} }}; accepted: {_FORMS}")


def _span(value: object) -> Span:
    return parse_span(value)


def parse_dated(value: Mapping[Any, Any], convert: Callable[[Any], T]) -> Dated[T]:
    """A value that changes over time, out of what plan files write.

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
    since = _each(value["since"], convert, "since")
    dates = {_at(to_date, key, "since"): made for key, made in since.items()}
    return Dated(value["dated"], first, tuple((since, dates[since]) for since in sorted(dates)))


def _at(convert: Callable[[Any], T], value: object, *place: str) -> T:
    try:
        return convert(value)
    except PlanError as error:
        raise PlanError(error.at(*place)) from None


def _each(values: Mapping[Any, Any], convert: Callable[[Any], T], place: str) -> dict[str, T]:
    found: dict[str, T] = {}
    problems: list[Problem] = []
    for key, value in values.items():
        try:
            found[str(key)] = convert(value)
        except PlanError as error:
            problems += error.at(place, str(key))
    if problems:
        raise PlanError(problems)
    return found
