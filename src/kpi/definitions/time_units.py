"""Spans of time in units that never convert into each other (S5)."""

from __future__ import annotations

import re
from typing import Any

from attrs import Attribute, field, frozen

from kpi.errors import PlanError, listed, suggest

CALENDAR_UNITS = ("years", "months", "weeks", "days")
"""Units of the calendar (S3, S4)."""

WORKING_UNITS = ("working days",)
"""Units of a calendar of working days (S7)."""

WORKING_HOURS_UNITS = ("working hours", "working minutes")
"""Units of the time within opening hours between instants (S35)."""

CLOCK_UNITS = ("hours", "minutes")
"""Units of elapsed time between instants (S3)."""

DAY_UNITS = (*CALENDAR_UNITS, *WORKING_UNITS)
"""Units whose due date is a day."""

UNITS = (*DAY_UNITS, *WORKING_HOURS_UNITS, *CLOCK_UNITS)
"""All units of a span."""

BACKWARDS = " before"
"""The end of the text of a limit that is counted backwards (S6)."""

_PART = re.compile(r"(\d+) +((?:working +)?[a-zA-Z]+)")
_BUSINESS_DAYS = re.compile(r"(business|bank|work|trading|office) *days?|weekdays?", re.IGNORECASE)
_OFFICE_HOURS = re.compile(r"(business|work|office|opening) *(hour|minute)s?", re.IGNORECASE)
_MOST_DAYS = 36_525


def _amount(_: object, attribute: Attribute[int], value: object) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise PlanError(f"found {value!r} {attribute.name}; accepted: a whole number, 0 or more")


@frozen(kw_only=True, init=False)
class Span:
    """Length of time as a plan writes it: "7 months", "10 working days", "2 months and 10 days".

    Months are added first and rounded once, then the days (S4); weeks are seven days and years
    twelve months (S3, S4). Working days are those of a calendar (S7), working hours and minutes the
    time within opening hours (S35), hours and minutes elapsed time between instants (S3): each
    stands without other units. At most one hundred years.

    Attributes:
        years: years, twelve months each.
        months: months.
        weeks: weeks, seven days each.
        days: days of the calendar.
        working_days: working days.
        working_hours: hours within opening hours.
        working_minutes: minutes within opening hours.
        hours: hours of elapsed time.
        minutes: minutes of elapsed time.
        unit_of_zero: the unit of a span without length, "days" unless the span names another: "0
            minutes" reads the clock (S3). None for every other span.
    """

    years: int = field(default=0, validator=_amount)
    months: int = field(default=0, validator=_amount)
    weeks: int = field(default=0, validator=_amount)
    days: int = field(default=0, validator=_amount)
    working_days: int = field(default=0, validator=_amount)
    working_hours: int = field(default=0, validator=_amount)
    working_minutes: int = field(default=0, validator=_amount)
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
        working_hours: int | None = None,
        working_minutes: int | None = None,
        hours: int | None = None,
        minutes: int | None = None,
        unit_of_zero: str | None = None,
    ) -> None:
        """Take amounts of units, each a whole number from 0, None for a unit that is not named.

        Raises:
            PlanError: where an amount is no whole number from 0, units that stand alone stand
                together, or the span is longer than 100 years.
        """
        working = (working_days, working_hours, working_minutes)
        amounts = (years, months, weeks, days, *working, hours, minutes)
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
        in_hours = self.working_hours or self.working_minutes
        if in_hours and (others or self.working_days or self.hours or self.minutes):
            raise PlanError(
                f"found {self}; accepted: working hours and working minutes alone, for they are "
                "counted within opening hours and the others are not (S35)"
            )
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
        """Whether the span is time between instants, not days: elapsed or working hours (S3, S35)."""
        elapsed = bool(self.hours or self.minutes) or self.unit_of_zero in CLOCK_UNITS
        return elapsed or self.in_working_hours

    @property
    def in_working_hours(self) -> bool:
        """Whether the span is counted within opening hours, "0 working hours" too (S35)."""
        in_hours = bool(self.working_hours or self.working_minutes)
        return in_hours or self.unit_of_zero in WORKING_HOURS_UNITS

    @property
    def in_working_days(self) -> bool:
        """Whether the span is counted in working days, "0 working days" too (S7)."""
        return bool(self.working_days) or self.unit_of_zero in WORKING_UNITS

    @property
    def in_months(self) -> bool:
        """Whether the span is months or years alone, "0 months" too (S4, S18)."""
        return set(self.units) <= {"years", "months"}

    @property
    def units(self) -> tuple[str, ...]:
        """The units that the span is written in, longest first."""
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
        """Hours and minutes together, in minutes: elapsed ones, or working ones."""
        return 60 * (self.hours + self.working_hours) + self.minutes + self.working_minutes

    def amount(self, unit: str) -> int:
        """Return the amount of a unit, such as "working days"; 0 for a unit not named."""
        amount: int = getattr(self, unit.replace(" ", "_"))
        return amount

    def __str__(self) -> str:
        parts = [(self.amount(unit), unit) for unit in self.units]
        return " and ".join(f"{n} {u[:-1] if n == 1 else u}" for n, u in parts)

    def data(self) -> Any:
        """Return the span as plan files write it."""
        return str(self)


def _kind(unit: str) -> str:
    """Return the kind of a unit: of the calendar, working days, working hours, or the clock."""
    if unit in CLOCK_UNITS:
        return "clock"
    if unit in WORKING_HOURS_UNITS:
        return "working hours"
    return "working days" if unit in WORKING_UNITS else "calendar"


def parse_span(value: object, units: tuple[str, ...] = UNITS) -> Span:
    """Parse a span from a text, as plan files write it.

    Args:
        value: the text, or a span.
        units: the accepted units.

    Raises:
        PlanError: where the text is not amounts of accepted units, with those units.
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
        if near := _OFFICE_HOURS.search(part):
            word = f"working {near[2].lower()}s"
            raise PlanError(
                f"unknown unit '{near[0]}' in {value!r}; {accepted} (did you mean '{word}'?)"
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
            f"found {value!r}; accepted: working days alone, working hours and minutes alone, and "
            "hours and minutes alone, 0 of them too (S3, S7, S35)"
        )
    named: dict[str, Any] = {unit.replace(" ", "_"): amount for unit, amount in amounts.items()}
    return Span(**named)


def calendar_span(value: object) -> Span:
    """Parse a span in years, months, weeks and days.

    Raises:
        PlanError: where the value is no such span.
    """
    return parse_span(value, CALENDAR_UNITS)


def span_in_days(value: object) -> Span:
    """Parse a span in years, months, weeks, days or working days.

    Raises:
        PlanError: where the value is no such span.
    """
    return parse_span(value, DAY_UNITS)
