"""Days that a plan adds to a calendar, off or worked: by name, by date, or as a period (S7)."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, TypeAlias

from attrs import frozen

from kpi.definitions.windows import Window, parse_window
from kpi.errors import PlanError, Problem, listed, suggest

FRIDAY = "friday after ascension"
"""A day off that the library does not have: the day after Ascension Day."""

NAMED: dict[str, dict[str, tuple[str, str]]] = {
    "denmark": {
        "workers' day": ("optional", "Workers' Day"),
        "constitution day": ("optional", "Constitution Day"),
        "christmas eve": ("optional", "Christmas Eve"),
        "new year's eve": ("optional", "New Year's Eve"),
        FRIDAY: ("public", "Ascension Day"),
    },
    "netherlands": {"liberation day": ("optional", "Liberation Day")},
    "sweden": {
        "midsummer eve": ("de_facto", "Midsummer Eve"),
        "christmas eve": ("de_facto", "Christmas Eve"),
        "new year's eve": ("de_facto", "New Year's Eve"),
    },
}
"""Days off by law, custom or agreement, which are working days unless named, of each country.

For each the library's category of holidays that has it, and the library's name.
"""

STATUTORY = "statutory days"
"""The word for all the days that a country's law on time limits adds to the public holidays."""

LAWS = {"netherlands": "Algemene termijnenwet art. 3", "sweden": "lag (1930:173) § 2"}
"""The law on time limits of each country of which all the named days are statutory days."""

_MONTH_DAY = re.compile(r"(\d\d)-(\d\d)")
_YEARLY = ("since", "through")
_LEAP_YEAR = 2024


@frozen
class Yearly:
    """Days of every year from a day of a month through another, over the new year or not (S7).

    Attributes:
        since: the first day, as "07-01".
        through: the last day; before the first where the days go on into the next year.
    """

    since: str
    through: str

    def __contains__(self, day: dt.date) -> bool:
        # Two digits each, so that texts stand in the order of the days; 29 February is in no gap.
        of_year = f"{day.month:02}-{day.day:02}"
        if self.since <= self.through:
            return self.since <= of_year <= self.through
        return of_year >= self.since or of_year <= self.through

    def __str__(self) -> str:
        return self.since if self.since == self.through else f"{self.since} to {self.through}"

    def data(self) -> Any:
        """Return the days as plan files write them: a day, or a mapping of both ends."""
        if self.since == self.through:
            return self.since
        return {"since": self.since, "through": self.through}


Listed: TypeAlias = str | dt.date | Window | Yearly
"""Entry of a list of days: a name, a date, a period, or days of every year."""


def parse_off(value: object) -> tuple[Listed, ...]:
    """Parse further days off, as plan files write them.

    Raises:
        PlanError: naming what was found and what is accepted.
    """
    return _parse(value, "off", list(dict.fromkeys((*_all_names(), STATUTORY))))


def parse_worked(value: object) -> tuple[Listed, ...]:
    """Parse days that are worked although they would be off, as plan files write them.

    Raises:
        PlanError: naming what was found and what is accepted.
    """
    return _parse(value, "worked", [])


def names_of(country: str | None) -> list[str]:
    """Return the days off that a country has by name, and the word for all its statutory days."""
    named = list(NAMED.get(country or "", ()))
    return [*named, STATUTORY] if country in LAWS else named


def named_days(country: str | None, off: Iterable[Listed]) -> list[str]:
    """Return the names of a country's days in a list, those of the statutory days written out."""
    words = {entry for entry in off if isinstance(entry, str)}
    return [day for day in NAMED.get(country or "", ()) if STATUTORY in words or day in words]


def written(entries: Iterable[Listed]) -> list[Any]:
    """Return a list of days as plan files write it."""
    return [e.data() if isinstance(e, Window | Yearly) else e for e in entries]


def in_words(entries: Sequence[Listed], what: str) -> list[str]:
    """Return a list of days in words, several dates as their number."""
    dated = [entry for entry in entries if isinstance(entry, dt.date)]
    words = [f"{_shown(entry)} {what}" for entry in entries if entry not in dated]
    if dated:
        words.append(f"{len(dated)} dates {what}" if len(dated) > 1 else f"{dated[0]} {what}")
    return words


def beyond(entries: Iterable[Listed], covers: Window) -> list[str]:
    """Return the dates and periods of a list that a window does not cover, in words."""
    return [
        _shown(entry)
        for entry in entries
        if (isinstance(entry, dt.date) and entry not in covers)
        or (isinstance(entry, Window) and not covers.covers(entry))
    ]


def among(days: Iterable[dt.date], entries: Sequence[Listed]) -> frozenset[dt.date]:
    """Return the days that a list has, but for those by name."""
    dates = {entry for entry in entries if isinstance(entry, dt.date)}
    spans = [entry for entry in entries if isinstance(entry, Window | Yearly)]
    if not spans:
        return frozenset(dates.intersection(days))
    return frozenset(day for day in days if day in dates or any(day in span for span in spans))


def _all_names() -> list[str]:
    return [day for days in NAMED.values() for day in days]


def _accepted(names: Collection[str]) -> str:
    accepted = (
        "accepted: dates such as 2024-12-24, days of every year such as '12-24' or "
        '{ since = "07-01", through = "07-31" }, periods such as \'2024-07\''
    )
    if not names:
        return accepted
    of = (f"of {country} {listed(names_of(country))}" for country in NAMED)
    return f"{accepted}, and by name: {'; '.join(of)}"


def _parse(value: object, key: str, names: Collection[str]) -> tuple[Listed, ...]:
    alone = isinstance(value, str | dt.date | Mapping | Window | Yearly)
    given: object = (value,) if alone else value
    if not isinstance(given, Sequence):
        raise PlanError([Problem((key,), f"found {value!r}; {_accepted(names)}")])
    return tuple(_entry(entry, key, names) for entry in given)


def _entry(entry: object, key: str, names: Collection[str]) -> Listed:
    if isinstance(entry, Yearly):
        return entry
    if isinstance(entry, str):
        if entry in names:
            return entry
        if _MONTH_DAY.fullmatch(entry):
            return _yearly({"since": entry, "through": entry}, key)
        try:
            return dt.date.fromisoformat(entry)
        except ValueError:
            pass
        try:
            return Window(entry)
        except PlanError:
            hint = suggest(entry, names)
            message = f"unknown day {entry!r}; {_accepted(names)}{hint}"
            raise PlanError([Problem((key,), message)]) from None
    if isinstance(entry, dt.date) and not isinstance(entry, dt.datetime):
        return entry
    if isinstance(entry, Mapping) and any(_is_month_day(end) for end in entry.values()):
        return _yearly(entry, key)
    if isinstance(entry, Mapping | Window):
        try:
            window = parse_window(entry)
        except PlanError as error:
            raise PlanError(error.within(key)) from None
        if window.first is None or window.stop is None:
            message = f"found a window {window}; accepted: one with both ends"
            raise PlanError([Problem((key,), message)])
        return window
    raise PlanError([Problem((key,), f"found {entry!r}; {_accepted(names)}")])


def _yearly(ends: Mapping[Any, Any], key: str) -> Yearly:
    for end in ends.values():
        if not _is_month_day(end):
            message = f"found {end!r} beside a day of every year; accepted: two such as '07-01'"
            raise PlanError([Problem((key,), message)])
        month, day = map(int, end.split("-"))
        try:
            dt.date(_LEAP_YEAR, month, day)
        except ValueError:
            message = f"found {end!r}; accepted: a month and a day that exist, such as '12-24'"
            raise PlanError([Problem((key,), message)]) from None
    if set(ends) != set(_YEARLY):
        message = f"found {listed(list(ends))} with days of every year; accepted: since and through"
        raise PlanError([Problem((key,), message)])
    return Yearly(**ends)


def _is_month_day(value: object) -> bool:
    return isinstance(value, str) and _MONTH_DAY.fullmatch(value) is not None


def _shown(entry: Listed) -> str:
    if isinstance(entry, Window):
        return entry.name if entry.name is not None else str(entry)
    return str(entry)
