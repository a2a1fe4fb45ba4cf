"""Units of the time that cases took: days, working days, months, or hours and minutes (S16, S18)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, TypeAlias, get_args

from attrs import frozen

from kpi.definitions.fields import about, choice
from kpi.definitions.limits import ByValue, Dated, spans_of
from kpi.definitions.time_units import CLOCK_UNITS, Span
from kpi.errors import PlanError, Problem

AmountUnit: TypeAlias = Literal["days", "working days", "months", "hours", "minutes"]
"""The unit in which an amount of time is shown: that of the limit, by the clock the smallest."""

AMOUNT_UNITS: tuple[AmountUnit, ...] = get_args(AmountUnit)

SIZES: dict[str, int] = {"hours": 3_600_000_000, "minutes": 60_000_000}
"""Microseconds, in which time by the clock is added up, in a unit; 1 in every other unit."""


@frozen
class Amounts:
    """How the amounts of time of a target are counted, shown and compared with its limit.

    Attributes:
        unit: the unit in which they are shown.
    """

    unit: AmountUnit

    @property
    def by_clock(self) -> bool:
        """Whether they are elapsed time between instants, in whole microseconds (S3)."""
        return self.unit in CLOCK_UNITS

    @property
    def size(self) -> int:
        """The whole numbers that are added up in one unit."""
        return SIZES.get(self.unit, 1)

    def shown(self, span: Span) -> int:
        """Return the length of a span in the unit; 0 where the span is in another."""
        if self.unit == "hours":
            return span.hours
        if self.unit == "minutes":
            return span.total_minutes
        if self.unit == "months":
            return span.total_months
        return span.working_days if self.unit == "working days" else span.total_days

    def most(self, span: Span) -> int:
        """Return the length of a span in the whole numbers that are added up."""
        return self.size * self.shown(span)


def amounts_of(limit: Span | ByValue | Dated[Span]) -> Amounts:
    """Return how amounts are counted under a limit, whose spans are all by the clock or none is.

    Months beside days, or limits of several kinds, are compared by the days that they allow (S5).
    """
    spans = spans_of(limit)
    if spans[0].is_clock:
        return Amounts("minutes" if any("minutes" in span.units for span in spans) else "hours")
    if all(span.in_working_days for span in spans):
        return Amounts("working days")
    return Amounts("days")


def one_of(unit: AmountUnit | None) -> Span:
    """Return one of a unit, which stands for the limit where a target has none (S31).

    Args:
        unit: the unit; None for days.
    """
    named: dict[str, Any] = {(unit or "days").replace(" ", "_"): 1}
    return Span(**named)


def unit_key(units: tuple[AmountUnit, ...]) -> Mapping[str, Any]:
    """Return what the key `unit` of a rule means, with its form.

    Args:
        units: the units that the rule can measure in.
    """
    return about(
        "The unit of the time where no limit says it (S31; default: days).", {"enum": list(units)}
    )


def optional_unit(value: object, units: tuple[AmountUnit, ...]) -> AmountUnit | None:
    """Parse the unit of an amount of time; None stays None.

    Raises:
        PlanError: where the value is none of the units.
    """
    return None if value is None else choice(value, units)


def refuse_two_units(limit: object, unit: AmountUnit | None) -> None:
    """Raise where a unit stands beside a limit, which says the unit itself.

    Raises:
        PlanError: at the key `unit`.
    """
    if limit is not None and unit is not None:
        message = f"found {unit!r} beside the limit {limit}, whose unit it is in; accepted: without a limit"
        raise PlanError([Problem(("unit",), message)])
