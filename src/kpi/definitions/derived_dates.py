"""Derived dates: the later of two dates, a date offset, half of a sentence (S10, S14)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from typing import Any, Literal, TypeAlias, TypeVar

from attrs import field, frozen

from kpi.definitions.exact_numbers import exact_decimal
from kpi.definitions.kinds import Kind
from kpi.definitions.time_options import Roll, roll
from kpi.definitions.time_units import DAY_UNITS, Span, parse_span
from kpi.errors import PlanError, Problem, listed, suggest

T = TypeVar("T")

Which: TypeAlias = Literal["earliest", "latest", "once_all"]
"""Which of several dates: minimum, maximum, or maximum once all are known; nulls are ignored."""

_FRACTION = re.compile(r"\s*\d{1,20}/\d{1,20}\s*")

WHICH: tuple[Which, ...] = ("earliest", "latest", "once_all")

RoundedTo: TypeAlias = Literal["up", "down"]
"""Rounding of a share of some days to whole days."""

ROUNDED_TO: tuple[RoundedTo, ...] = ("up", "down")


def _columns(value: object) -> tuple[str, ...]:
    if (
        not isinstance(value, list | tuple)
        or len(value) < 2
        or not all(isinstance(name, str) and name for name in value)
        or len(set(value)) < len(value)
    ):
        raise PlanError(f"found {value!r}; accepted: two date columns or more, each once")
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
        of: the date columns, two or more.
    """

    which: Which
    of: tuple[str, ...] = field(converter=_columns)

    def reads(self) -> Iterator[tuple[str, Kind, str]]:
        """Yield each input column with the kind of value it must hold and the key that names it."""
        for column in self.of:
            yield column, "date", self.which

    def data(self) -> Any:
        """Return the derived date as plan files write it."""
        return {self.which: list(self.of)}


@frozen
class DateOffset:
    """Offset of a date: some time after another date, or before that date.

    Attributes:
        date: the date column that the offset is counted from; that day is not counted (S2).
        by: the length: a span, or the column (integer) with each case's number of days or months.
        unit: what such a column counts, "days" or "months"; None for a span.
        back: whether the offset goes backwards.
        roll: what a day that is no working day of the plan's calendar becomes (S8; default: it stays).
    """

    date: str = field(converter=_column)
    by: Span | str
    unit: Literal["days", "months"] | None = None
    back: bool = False
    roll: Roll = "none"

    def reads(self) -> Iterator[tuple[str, Kind, str]]:
        """Yield each input column with the kind of value it must hold and the key that names it."""
        yield self.date, "date", "date"
        if isinstance(self.by, str):
            yield self.by, "integer", self._key

    def __str__(self) -> str:
        unit = "" if self.unit is None else f" {self.unit}"
        rolled = f", or the {self.roll}" if self.roll != "none" else ""
        return f"{self.date} {'minus' if self.back else 'plus'} {self.by}{unit}{rolled}"

    @property
    def _key(self) -> str:
        sign = "minus" if self.back else "plus"
        return sign if self.unit is None else f"{sign}_{self.unit}"

    def data(self) -> Any:
        """Return the derived date as plan files write it."""
        by = self.by.data() if isinstance(self.by, Span) else self.by
        rolled = {"roll": self.roll} if self.roll != "none" else {}
        return {"date": self.date, self._key: by} | rolled


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

SIGNED = ("plus", "minus")
"""The keys of an offset by a span."""

MOVES = tuple(f"{sign}{unit}" for sign in SIGNED for unit in ("", "_days", "_months"))
"""The keys of an offset: by a span, by a column of days, by a column of months."""
_KEYS = (*WHICH, "date", *MOVES, "roll", "start", "end", "share", "rounded")
_FORMS = (
    '{ latest = ["filed", "documented"] }, earliest or once_all in the same way, '
    '{ date = "filed", plus = "6 months" }, minus in the same way, plus_days = or plus_months = '
    'with a column of whole numbers, both perhaps with roll = "next working day", or { start = "from", end = "to", share = "1/2" }'
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
        if len(keys) == 1 and keys <= set(WHICH):
            which = next(name for name in WHICH if name in keys)
            return _placed(which, lambda: DateChoice(which, value[which]))
        moves = [name for name in MOVES if name in keys]
        if len(moves) == 1 and "date" in keys and keys <= {"date", *moves, "roll"}:
            return _moved(value["date"], moves[0], value[moves[0]], value.get("roll", "none"))
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


def _moved(date: object, key: str, by: object, rolling: object) -> DateOffset:
    sign, _, unit = key.partition("_")
    length: Span | str
    if unit:
        length = _placed(key, lambda: _column(by))
    else:
        length = _placed(key, lambda: parse_span(by, DAY_UNITS))
    column = _placed("date", lambda: _column(date))
    rolled = _placed("roll", lambda: roll(rolling))
    return DateOffset(column, length, unit or None, sign == "minus", rolled)  # type: ignore[arg-type]  # one of the keys


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
