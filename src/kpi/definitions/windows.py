"""Windows: reporting periods, half-open intervals of local dates, as people name them (S9)."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from attrs import field, frozen

from kpi.errors import InternalError, PlanError, Problem, listed, suggest

_MONTHS: dict[str, int] = {"H": 6, "Q": 3}
_NAME = re.compile(
    r"(?P<year>\d{4})(?:-(?:(?P<kind>[HQ])(?P<part>\d)|(?P<month>\d{2})|W(?P<week>\d{2})))?"
)
_SPLIT_YEAR = re.compile(r"(?P<year>\d{4})/(?P<next>\d{2})(?:-(?P<kind>[HQ])(?P<part>\d))?")
_NAMES = (
    "a year '2022' or '2024/25', half-year '2022-H2', quarter '2022-Q1', month '2022-03' or week "
    "'2022-W05'"
)
APRIL = 4
"""The month that split years begin in where no plan says another: the commonest."""
BOUNDS = ("since", "after", "before", "through")
"""The comparisons of a bound on dates: `since` >=, `after` >, `before` <, `through` <= (S9)."""

_DAY = dt.timedelta(days=1)


def to_date(value: object) -> dt.date:
    """Parse a date from a date or an ISO 8601 text, without a time.

    Raises:
        PlanError: where the value is neither.
    """
    if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        return value
    if isinstance(value, str):
        try:
            return dt.date.fromisoformat(value)
        except ValueError:
            pass
    raise PlanError(
        f"found {_shown(value)}; accepted: a date that exists, written as 2017-03-01, without a time"
    )


def _optional_date(value: dt.date | str | None) -> dt.date | None:
    return None if value is None else to_date(value)


def _shown(value: object) -> str:
    return repr(str(value)) if isinstance(value, str | dt.date) else repr(value)


class ClosedWindow(NamedTuple):
    """The first and the last day of a window that has both ends."""

    first: dt.date
    last: dt.date


@frozen
class Window:
    """Half-open interval of local dates, in the words of the plan (S9).

    Either a name (`Window("2022-H2")`) or bounds (`Window(since=..., before=...)`); one end may be
    open. Two windows are equal when their words are.

    Attributes:
        name: the name of a year, half-year, quarter, month or ISO week; None for a window of bounds.
            `2024/25`, `2024/25-Q1` and `2024/25-H2` are of a year that begins in another month than
            January.
        since: the first day inside; None for no such bound.
        after: the last day before the window; None for no such bound.
        before: the first day after the window; None for no such bound.
        through: the last day inside; None for no such bound.
        year_starts: the month that a split year begins in; a plan gives its windows its own (S30).

    Raises:
        PlanError: on an unknown name, two bounds for one end, no bound at all, or a window that
            ends before it starts.
    """

    name: str | None = None
    since: dt.date | None = field(default=None, converter=_optional_date, kw_only=True)
    after: dt.date | None = field(default=None, converter=_optional_date, kw_only=True)
    before: dt.date | None = field(default=None, converter=_optional_date, kw_only=True)
    through: dt.date | None = field(default=None, converter=_optional_date, kw_only=True)
    year_starts: int = field(default=APRIL, kw_only=True, repr=False)

    def __attrs_post_init__(self) -> None:
        bounds = [b for b in BOUNDS if getattr(self, b) is not None]
        if self.name is not None:
            if bounds:
                raise PlanError(f"a named window takes no bounds; found {listed(bounds)}")
            self._days()
            return
        if not bounds:
            raise PlanError(f"an empty window; accepted: {_NAMES}, or {listed(BOUNDS)}")
        for pair in (("since", "after"), ("before", "through")):
            if set(pair) <= set(bounds):
                raise PlanError(f"found both {pair[0]} and {pair[1]}; accepted: one of them")
        try:
            first, stop, _ = self.first, self.stop, self.last
        except OverflowError:
            raise PlanError("a bound lies outside the calendar (years 1 to 9999)") from None
        if first is not None and stop is not None and stop <= first:
            raise PlanError(f"the window ends before it starts: {self}")

    def _days(self) -> tuple[dt.date, dt.date]:
        assert self.name is not None, "only a named window has the days of a name"
        return _named(self.name, self.year_starts)

    @property
    def first(self) -> dt.date | None:
        """The first day inside; None where the window has no beginning."""
        if self.name is not None:
            return self._days()[0]
        return self.after + _DAY if self.after is not None else self.since

    @property
    def stop(self) -> dt.date | None:
        """The first day after the window; None where the window has no end."""
        if self.name is not None:
            return self._days()[1]
        return self.through + _DAY if self.through is not None else self.before

    @property
    def last(self) -> dt.date | None:
        """The last day inside; None where the window has no end."""
        return None if self.stop is None else self.stop - _DAY

    @property
    def closed(self) -> ClosedWindow:
        """The first and the last day of a window that has both ends.

        Raises:
            InternalError: where an end is missing; a plan refuses such a window where both are needed.
        """
        if self.first is None or self.last is None:
            raise InternalError(f"a window with both ends was expected, and found {self}")
        return ClosedWindow(self.first, self.last)

    def __contains__(self, day: dt.date) -> bool:
        return (self.first is None or day >= self.first) and (self.stop is None or day < self.stop)

    def covers(self, other: Window) -> bool:
        """Return whether every day of another window lies in this window."""
        begins = self.first is None or (other.first is not None and self.first <= other.first)
        ends = self.stop is None or (other.stop is not None and other.stop <= self.stop)
        return begins and ends

    def __str__(self) -> str:
        if self.name is not None:
            return f"in {self.name}"
        return " and ".join(f"{b} {getattr(self, b)}" for b in BOUNDS if getattr(self, b))

    def data(self) -> Any:
        """Return the window as plan files write it: a name, or a mapping of bounds."""
        if self.name is not None:
            return self.name
        return {b: getattr(self, b) for b in BOUNDS if getattr(self, b) is not None}


def day_or_period(value: object) -> dt.date | str:
    """Return a date, or the name of a period as it is.

    Raises:
        PlanError: where the value is neither.
    """
    try:
        return to_date(value)
    except PlanError:
        if not isinstance(value, str):
            raise
    Window(value)  # raises, with what is accepted, where the text is no period either
    return value


@frozen
class EndOf:
    """End of a day (ultimo), or of the last day of a period (S20, S22).

    Attributes:
        end_of: the day itself, or the name of a period, whose last day is meant.
    """

    end_of: dt.date | str = field(converter=day_or_period)
    year_starts: int = field(default=APRIL, kw_only=True, repr=False)

    @property
    def day(self) -> dt.date:
        """The day at whose end the rows are counted."""
        if isinstance(self.end_of, dt.date):
            return self.end_of
        last = Window(self.end_of, year_starts=self.year_starts).last
        assert last is not None, "a named window has an end"
        return last

    def __str__(self) -> str:
        return f"at the end of {self.end_of}"

    def data(self) -> Any:
        """Return the moment as plan files write it."""
        return {"end_of": self.end_of}


def parse_end_of(value: object) -> EndOf:
    """Parse an end of a day from a mapping: `{ end_of = "2022" }`, or with a date.

    Raises:
        PlanError: where the value is anything else.
    """
    if isinstance(value, EndOf):
        return value
    if not isinstance(value, Mapping) or set(value) != {"end_of"}:
        raise PlanError(f'found {_shown(value)}; accepted: {{ end_of = "2022" }}, or of a date')
    try:
        return EndOf(value["end_of"])
    except PlanError as error:
        raise PlanError(error.within("end_of")) from None


def optional_end_of(value: object) -> EndOf | None:
    """Parse an end of a day; None stands for none.

    Raises:
        PlanError: where the value is anything else.
    """
    return None if value is None else parse_end_of(value)


def parse_window(value: object) -> Window:
    """Parse a window from a name or a mapping of bounds, as plan files write it.

    Raises:
        PlanError: naming every problem, each at its key.
    """
    if isinstance(value, Window):
        return value
    if isinstance(value, str):
        return Window(value)
    if not isinstance(value, Mapping):
        raise PlanError(f"found {_shown(value)}; accepted: {_NAMES}, or {listed(BOUNDS)}")
    problems: list[Problem] = []
    bounds: dict[str, Any] = {}
    for key, bound in value.items():
        if key not in BOUNDS:
            accepted = f"accepted: {listed(BOUNDS)}{suggest(str(key), BOUNDS)}"
            problems.append(Problem((key,), f"unknown key; {accepted}"))
            continue
        try:
            bounds[key] = to_date(bound)
        except PlanError as error:
            problems.extend(error.within(key))
    if problems:
        raise PlanError(problems)
    return Window(**bounds)


@lru_cache(maxsize=1024)
def _named(name: str, year_starts: int) -> tuple[dt.date, dt.date]:
    """Return the first day of a period, and the first day after it.

    Cached: a plan names few periods, and asks for their days often.
    """
    return _days_of_split_year(name, year_starts) if is_split(name) else _days_of(name)


def is_split(name: str) -> bool:
    """Return whether a name is of a year that begins in one calendar year and ends in the next."""
    return "/" in name


def _days_of_split_year(name: str, starts: int) -> tuple[dt.date, dt.date]:
    match = _SPLIT_YEAR.fullmatch(name)
    problem = PlanError(f"found {name!r}; accepted: {_NAMES}")
    if match is None or not 1 <= int(match["year"]) < dt.MAXYEAR - 1:
        raise problem
    year = int(match["year"])
    if int(match["next"]) != (year + 1) % 100:
        message = (
            f"found {name!r}; accepted: a year and the next, '{year:04}/{(year + 1) % 100:02}'"
        )
        raise PlanError(message)
    months = _MONTHS[match["kind"]] if match["kind"] else 12
    part = int(match["part"] or 1)
    if not 1 <= part <= 12 // months:
        raise problem
    start = year * 12 + starts - 1 + (part - 1) * months
    return first_of_month(start), first_of_month(start + months)


def _days_of(name: str) -> tuple[dt.date, dt.date]:
    match = _NAME.fullmatch(name)
    problem = PlanError(f"found {name!r}; accepted: {_NAMES}")
    if match is None or not 1 <= int(match["year"]) < dt.MAXYEAR:
        raise problem
    if match["week"]:
        return _days_of_week(int(match["year"]), int(match["week"]))
    months = _MONTHS[match["kind"]] if match["kind"] else 1 if match["month"] else 12
    part = int(match["part"] or match["month"] or 1)
    if not 1 <= part <= 12 // months:
        raise problem
    start = int(match["year"]) * 12 + (part - 1) * months
    return first_of_month(start), first_of_month(start + months)


def _days_of_week(year: int, week: int) -> tuple[dt.date, dt.date]:
    """Return the Monday of an ISO week, and the Monday after it; 28 December is in the last week."""
    last = dt.date(year, 12, 28).isocalendar().week
    if not 1 <= week <= last:
        name = f"{year:04}-W"
        raise PlanError(f"found '{name}{week:02}'; accepted: a week '{name}01' to '{name}{last}'")
    monday = dt.date.fromisocalendar(year, week, 1)
    return monday, monday + 7 * _DAY


def first_of_month(n: int) -> dt.date:
    """Return the first day of a month, by the number of months since year 0."""
    return dt.date(n // 12, n % 12 + 1, 1)


def window_name(window: Window) -> str:
    """Return a window's name, or its days: `2022`, `2022-03-10 to 2022-06-20`."""
    return window.name or f"{window.first or '…'} to {window.last or '…'}"
