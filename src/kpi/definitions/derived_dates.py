"""Derived dates: the later of two dates, a date offset, half of a sentence (S10, S14)."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from functools import partial
from typing import Any, Literal, TypeAlias, TypeVar, get_args

from attrs import field, frozen

from kpi.definitions.calendars import Calendar, parse_calendar
from kpi.definitions.exact_numbers import exact_decimal
from kpi.definitions.fields import choice
from kpi.definitions.kinds import Kind
from kpi.definitions.limits import ByValue, parse_by_value, spans_of
from kpi.definitions.periods import Every
from kpi.definitions.time_options import Roll, roll
from kpi.definitions.time_units import DAY_UNITS, Span, parse_span
from kpi.errors import PlanError, Problem, listed, suggest

T = TypeVar("T")

Which: TypeAlias = Literal["earliest", "latest", "once_all"]
"""Which of several dates: minimum, maximum, or maximum once all are known; nulls are ignored."""

_FRACTION = re.compile(r"\s*\d{1,20}/\d{1,20}\s*")

TIME_OF_DAY = r"^([01]\d|2[0-3]):[0-5]\d$"
"""Pattern of a time of day, "16:00"."""

WHICH: tuple[Which, ...] = ("earliest", "latest", "once_all")

RoundedTo: TypeAlias = Literal["up", "down"]
"""Rounding of a share of some days to whole days."""

ROUNDED_TO: tuple[RoundedTo, ...] = ("up", "down")

PERIODS: tuple[Every, ...] = get_args(Every)
"""The periods on whose last day an offset may fall."""


_SEVERAL = "accepted: two date columns or more, each once, or one with before"


def _columns(value: object) -> tuple[str, ...]:
    if (
        not isinstance(value, list | tuple)
        or not value
        or not all(isinstance(name, str) and name for name in value)
        or len(set(value)) < len(value)
    ):
        raise PlanError(f"found {value!r}; {_SEVERAL}")
    return tuple(value)


def _column(value: object) -> str:
    if not isinstance(value, str) or not value:
        raise PlanError(f"found {value!r}; accepted: a column's name")
    return value


@frozen
class DateChoice:
    """Choice of one of several dates of a case.

    Attributes:
        which: `earliest` and `latest`, the minimum and maximum of the dates that are not null;
            `once_all`, the maximum once every date is known, else null.
        of: the date columns, two or more; one is enough where `before` may ignore it.
        before: the date column after which a date is ignored; on the same day it is not, and where
            that column is null, none is (S36). None where every date counts.
    """

    which: Which
    of: tuple[str, ...] = field(converter=_columns)
    before: str | None = field(default=None, kw_only=True)

    def __attrs_post_init__(self) -> None:
        if self.before is None:
            if len(self.of) == 1:
                raise PlanError([Problem((self.which,), f"found {list(self.of)!r}; {_SEVERAL}")])
            return
        if self.which == "once_all":
            message = "found with once_all; accepted: with latest or earliest"
            raise PlanError([Problem(("before",), message)])
        if self.before in self.of:
            message = f"found {self.before!r}, one of the dates; accepted: another date column"
            raise PlanError([Problem(("before",), message)])

    def reads(self) -> Iterator[tuple[str, Kind, str]]:
        """Yield each input column with the kind of value it must hold and the key that names it."""
        for column in self.of:
            yield column, "date", self.which
        if self.before is not None:
            yield self.before, "date", "before"

    def data(self) -> Any:
        """Return the derived date as plan files write it."""
        before = {"before": self.before} if self.before is not None else {}
        return {self.which: list(self.of)} | before


@frozen
class DateOffset:
    """Offset of a date: some time after another date, or before that date.

    Attributes:
        date: the date column that the offset is counted from; that day is not counted (S2).
        by: the length: a span, a span for each value of a column, or the column (integer) with each
            case's number of days or months.
        unit: what such a column of numbers counts, "days" or "months"; None for spans.
        back: whether the offset goes backwards.
        roll: what a day that is no working day of the calendar becomes (S8; default: it stays).
        end_of: the period on whose last day the date falls, before it is rolled; None for the day
            itself.
        calendar: the calendar of the working days that are counted or rolled to; None for the
            plan's.
        at_latest: the date column after which the offset does not lead; where that column lies
            before `date`, the offset is `date` itself (S36). None where nothing holds the offset
            back.
        day_ends: the time of day, in the plan's zone, after which a time in `date` counts as the
            next day (S35); at that time itself the day is not over. None where days end at midnight.
    """

    date: str = field(converter=_column)
    by: Span | ByValue | str
    unit: Literal["days", "months"] | None = None
    back: bool = False
    roll: Roll = "none"
    end_of: Every | None = field(default=None, kw_only=True)
    calendar: Calendar | None = field(default=None, kw_only=True)
    at_latest: str | None = field(default=None, kw_only=True)
    day_ends: dt.time | None = field(default=None, kw_only=True)

    def __attrs_post_init__(self) -> None:
        if any(span.is_clock for span in self.spans):
            message = f"found {self.by}; accepted: {listed(DAY_UNITS)}"
            raise PlanError([Problem((self._key,), message)])
        for key in ("at_latest", "day_ends"):
            if self.back and getattr(self, key) is not None:
                message = f"found with {self._key}; accepted: with plus, plus_days or plus_months"
                raise PlanError([Problem((key,), message)])

    def reads(self) -> Iterator[tuple[str, Kind, str]]:
        """Yield each input column with the kind of value it must hold and the key that names it."""
        yield self.date, "date", "date"
        if self.at_latest is not None:
            yield self.at_latest, "date", "at_latest"
        if isinstance(self.by, str):
            yield self.by, "integer", self._key
        elif isinstance(self.by, ByValue):
            yield self.by.column, "text", self._key

    @property
    def spans(self) -> tuple[Span, ...]:
        """Every span that the offset may go by; none for a column of numbers."""
        return () if isinstance(self.by, str) else spans_of(self.by)

    def __str__(self) -> str:
        unit = "" if self.unit is None else f" {self.unit}"
        sign = "minus" if self.back else "plus"
        ended = f", to the end of the {self.end_of}" if self.end_of is not None else ""
        rolled = f", or the {self.roll}" if self.roll != "none" else ""
        calendar = f" of {self.calendar}" if self.calendar is not None else ""
        latest = f", {self.at_latest} at the latest" if self.at_latest is not None else ""
        late = f" (after {self.day_ends:%H:%M} the next day)" if self.day_ends is not None else ""
        return f"{self.date}{late} {sign} {self.by}{unit}{ended}{rolled}{calendar}{latest}"

    @property
    def _key(self) -> str:
        sign = "minus" if self.back else "plus"
        return sign if self.unit is None else f"{sign}_{self.unit}"

    def data(self) -> Any:
        """Return the derived date as plan files write it."""
        by = self.by if isinstance(self.by, str) else self.by.data()
        data = {"date": self.date, self._key: by}
        data |= {"end_of": self.end_of} if self.end_of is not None else {}
        data |= {"roll": self.roll} if self.roll != "none" else {}
        data |= {"calendar": self.calendar.data()} if self.calendar is not None else {}
        data |= {"at_latest": self.at_latest} if self.at_latest is not None else {}
        return data | ({"day_ends": f"{self.day_ends:%H:%M}"} if self.day_ends is not None else {})


@frozen
class DateFraction:
    """Fraction of the way between two dates: the day on which a share of the days has passed.

    Attributes:
        start: the date column at which the days begin; that day is not counted (S2).
        end: the date column at which the days end.
        share: the share of the days, more than 0 and at most 1.
        rounded: rounding of the share to whole days; `up` is the day on which all of the share has
            passed.
    """

    start: str = field(converter=_column)
    end: str = field(converter=_column)
    share: Fraction
    rounded: RoundedTo = "up"

    def reads(self) -> Iterator[tuple[str, Kind, str]]:
        """Yield each input column with the kind of value it must hold and the key that names it."""
        yield self.start, "date", "start"
        yield self.end, "date", "end"

    def data(self) -> Any:
        """Return the derived date as plan files write it."""
        rounded = {"rounded": self.rounded} if self.rounded != "up" else {}
        return {"start": self.start, "end": self.end, "share": str(self.share)} | rounded


Derived: TypeAlias = DateChoice | DateOffset | DateFraction
"""A date made of others, in the words of the plan."""


def day_ended(derived: Mapping[str, Derived]) -> frozenset[str]:
    """Return the columns whose times after the end of a day count as the next day (S35)."""
    return frozenset(
        date.date
        for date in derived.values()
        if isinstance(date, DateOffset) and date.day_ends is not None
    )


SIGNED = ("plus", "minus")
"""The keys of an offset by a span."""

MOVES = tuple(f"{sign}{unit}" for sign in SIGNED for unit in ("", "_days", "_months"))
"""The keys of an offset: by a span, by a column of days, by a column of months."""
MOVED = ("end_of", "roll", "calendar", "at_latest")
"""The further keys of an offset."""
_OFFSET = (*MOVED, "day_ends")
_KEYS = (*WHICH, "before", "date", *MOVES, *_OFFSET, "start", "end", "share", "rounded")
_BY_VALUE = 'a span such as "6 months", or { by = "class", limits = { minor = "8 weeks" } }'
_FORMS = (
    '{ latest = ["filed", "documented"] }, perhaps with before = "decided", earliest in the same '
    "way, once_all without before, "
    '{ date = "filed", plus = "6 months" }, minus in the same way, plus_days = or plus_months = '
    'with a column of whole numbers, each perhaps with end_of = "month", '
    'roll = "next working day", calendar = "denmark", at_latest = "decided" or day_ends = "16:00", '
    'or { start = "from", end = "to", share = "1/2" }'
)


def parse_derived(value: object) -> Derived:
    """Parse a derived date from a mapping, as plan files write it.

    Raises:
        PlanError: where the value is no derived date, with the forms accepted.
    """
    if isinstance(value, DateChoice | DateOffset | DateFraction):
        return value
    keys = set(value) if isinstance(value, Mapping) else set()
    if isinstance(value, Mapping):
        which = [name for name in WHICH if name in keys]
        if len(which) == 1 and keys <= {*which, "before"}:
            return _chosen(which[0], value)
        moves = [name for name in MOVES if name in keys]
        if len(moves) == 1 and "date" in keys and keys <= {"date", *moves, *_OFFSET}:
            return _moved(moves[0], value)
        if {"start", "end", "share"} <= keys <= {"start", "end", "share", "rounded"}:
            return _part_way(**value)
        unknown = [str(key) for key in value if key not in _KEYS]
        if any(suggest(key, _KEYS) for key in unknown):
            raise PlanError(
                [
                    Problem((key,), f"unknown key{suggest(key, _KEYS)}; accepted: {_FORMS}")
                    for key in unknown
                ]
            )
    shown = (
        f"{{ {', '.join(f'{k} = {v!r}' for k, v in value.items())} }}"
        if isinstance(value, Mapping)
        else repr(value)
    )
    raise PlanError(f"found {shown}; accepted: {_FORMS}")


def _placed(key: str, make: Callable[[], T]) -> T:
    try:
        return make()
    except PlanError as error:
        raise PlanError(error.within(key)) from None


def _chosen(which: Which, value: Mapping[Any, Any]) -> DateChoice:
    """Parse a choice of several dates, which stand at `which`."""
    of = _placed(which, partial(_columns, value[which]))
    before = _placed("before", partial(_column, value["before"])) if "before" in value else None
    return DateChoice(which, of, before=before)


def _moved(key: str, value: Mapping[Any, Any]) -> DateOffset:
    """Parse an offset, whose length stands at `key`."""
    sign, _, unit = key.partition("_")
    length: Span | ByValue | str = _placed(key, partial(_column if unit else _spans, value[key]))
    further: dict[str, Any] = {
        name: _placed(name, partial(_FURTHER[name], value[name]))
        for name in _OFFSET
        if name in value
    }
    column = _placed("date", lambda: _column(value["date"]))
    return DateOffset(column, length, unit or None, sign == "minus", **further)  # type: ignore[arg-type]  # one of the keys


def _spans(value: object) -> Span | ByValue:
    """Parse a span, or a span for each value of a column."""
    if isinstance(value, ByValue):
        return value
    if isinstance(value, Mapping):
        by_value = parse_by_value(value, DAY_UNITS)
        if by_value is None:
            shown = ", ".join(f"{k} = {v!r}" for k, v in value.items())
            raise PlanError(f"found {{ {shown} }}; accepted: {_BY_VALUE}")
        return by_value
    return parse_span(value, DAY_UNITS)


def _time_of_day(value: object) -> dt.time:
    if not isinstance(value, str) or not re.fullmatch(TIME_OF_DAY, value):
        raise PlanError(f"found {value!r}; accepted: a time of day such as '16:00'")
    return dt.time.fromisoformat(value)


_FURTHER: dict[str, Callable[[object], Any]] = {
    "end_of": lambda value: choice(value, PERIODS),
    "roll": roll,
    "calendar": parse_calendar,
    "at_latest": _column,
    "day_ends": _time_of_day,
}


def _part_way(start: object, end: object, share: object, rounded: object = "up") -> DateFraction:
    if rounded not in ROUNDED_TO:
        hint = suggest(str(rounded), ROUNDED_TO)
        message = f"found {rounded!r}; accepted: {listed(ROUNDED_TO)}{hint}"
        raise PlanError([Problem(("rounded",), message)])
    return DateFraction(
        _placed("start", lambda: _column(start)),
        _placed("end", lambda: _column(end)),
        _share(share),
        "up" if rounded == "up" else "down",
    )


def _share(value: object) -> Fraction:
    accepted = 'accepted: more than 0 and at most 1, such as "1/2" or 0.5'
    try:
        if isinstance(value, str) and _FRACTION.fullmatch(value):
            exact = Fraction(value)
        else:
            exact = Fraction(exact_decimal(value, accepted))
    except ZeroDivisionError:
        raise PlanError([Problem(("share",), f"found {value!r}; {accepted}")]) from None
    except PlanError as error:
        raise PlanError(error.within("share")) from None
    if not 0 < exact <= 1 or exact.denominator > 1000:
        raise PlanError(
            [Problem(("share",), f"found {value!r}; {accepted}, in thousandths at most")]
        )
    return exact
