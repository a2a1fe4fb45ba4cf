"""Limits on a case's time, in the units they were written in: units never convert (S5)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Literal, TypeAlias

from attrs import Attribute, field, frozen

from kpi.errors import PlanError, listed, suggest

MonthEnd: TypeAlias = Literal["down", "sticky", "up", "refuse"]
"""What a due day that its month does not have becomes (S4)."""

MONTH_ENDS: tuple[MonthEnd, ...] = ("down", "sticky", "up", "refuse")

UNITS = ("years", "months", "weeks", "days")
_PART = re.compile(r"(\d+) +([a-zA-Z]+)")
_MOST_DAYS = 36_525


def _amount(_: object, attribute: Attribute[int], value: object) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise PlanError(f"found {value!r} {attribute.name}; accepted: a whole number, 0 or more")


@frozen(kw_only=True)
class Span:
    """A length of time as a plan writes it: "7 months", "90 days", "2 months and 10 days".

    Months are added first and rounded once, then the days (S4); weeks are seven days and years
    twelve months (S3, S4). At most one hundred years.
    """

    years: int = field(default=0, validator=_amount)
    months: int = field(default=0, validator=_amount)
    weeks: int = field(default=0, validator=_amount)
    days: int = field(default=0, validator=_amount)

    def __attrs_post_init__(self) -> None:
        if self.total_months * 31 + self.total_days > _MOST_DAYS + 675:
            raise PlanError(f"found {self}; accepted: at most 100 years")

    @property
    def total_months(self) -> int:
        """Years and months together, in months."""
        return 12 * self.years + self.months

    @property
    def total_days(self) -> int:
        """Weeks and days together, in days; months are not days and stand apart (S5)."""
        return 7 * self.weeks + self.days

    def __str__(self) -> str:
        parts = [(getattr(self, unit), unit) for unit in UNITS if getattr(self, unit)]
        return " and ".join(f"{n} {u[:-1] if n == 1 else u}" for n, u in parts or [(0, "days")])

    def data(self) -> Any:
        """The span as plan files write it."""
        return str(self)


def parse_span(value: object) -> Span:
    """A span out of its text.

    Raises:
        PlanError: where the text is not amounts and units, with the units accepted.
    """
    if isinstance(value, Span):
        return value
    accepted = f"accepted: a whole number and a unit ({listed(UNITS)}), such as '7 months'"
    if not isinstance(value, str):
        raise PlanError(f"found {value!r}; {accepted}")
    amounts: dict[str, int] = {}
    for part in re.split(r" +and +", value.strip()):
        match = _PART.fullmatch(part)
        if match is None:
            raise PlanError(f"found {value!r}; {accepted}")
        number, word = match.groups()
        unit = word if word.endswith("s") else f"{word}s"
        if unit not in UNITS:
            raise PlanError(f"unknown unit '{word}' in {value!r}; {accepted}{suggest(unit, UNITS)}")
        if unit in amounts:
            raise PlanError(f"found {unit} twice in {value!r}; {accepted}")
        if len(number) > 6:
            raise PlanError(f"found {value!r}; accepted: at most 100 years")
        amounts[unit] = int(number)
    return Span(**amounts)


@frozen
class DueColumn:
    """A limit that stands in the table: a column with each case's own due date."""

    column: str

    def __str__(self) -> str:
        return f"by {self.column}"

    def data(self) -> Any:
        """The limit as plan files write it."""
        return {"column": self.column}


def parse_limit(value: object) -> Span | DueColumn:
    """A limit out of what plan files write: a span, or `{ column = "due" }`.

    Raises:
        PlanError: where it is neither.
    """
    if isinstance(value, DueColumn):
        return value
    if not isinstance(value, Mapping):
        return parse_span(value)
    if set(value) != {"column"} or not isinstance(value["column"], str):
        raise PlanError(f'found {dict(value)!r}; accepted: a text, or {{ column = "due" }}')
    return DueColumn(value["column"])
