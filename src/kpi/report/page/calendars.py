"""Calendars of working days in the words of a language (S7, S35)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence

from kpi.definitions.calendars import Calendar
from kpi.definitions.days_off import Listed, Yearly
from kpi.definitions.opening_hours import OpeningHours
from kpi.definitions.windows import Window
from kpi.report.page import periods
from kpi.report.page.catalogue import Catalogue


def calendar(texts: Catalogue, of: Calendar) -> str:
    """Return a calendar in words, as `str` of it has them in English: "Danmark (også lørdage)"."""
    name = texts.text("calendar.own")
    if of.name is not None:
        name = texts.optional(f"country.{of.name}") or of.name
    extra = texts.text("word.comma").join(_extra(texts, of))
    return texts.text("word.with_value", value=name, of=extra) if extra else name


def _extra(texts: Catalogue, of: Calendar) -> Iterator[str]:
    comma = texts.text("word.comma")
    regions = [region for region in of.regions if region is not None]
    if regions:
        yield texts.listed(regions)
    # All the days of a calendar of its own are its own: their number would say little.
    off = [day for day in of.off if of.name is not None or not isinstance(day, dt.date)]
    yield from _days(texts, off, "off")
    yield from _days(texts, of.worked, "worked")
    if of.saturdays:
        yield texts.text("calendar.saturdays")
    if of.weekend is not None:
        named = [texts.text(f"weekday.{day}") for day in of.weekend]
        yield texts.text("calendar.weekend", days=comma.join(named) or texts.text("calendar.none"))
    if of.hours is not None:
        yield texts.text("calendar.open", hours=_hours(texts, of.hours))


def _days(texts: Catalogue, entries: Sequence[Listed], kind: str) -> Iterator[str]:
    """Yield further days off, or days worked, each in words, several dates as their number."""
    dates = [entry for entry in entries if isinstance(entry, dt.date)]
    for entry in entries:
        if not isinstance(entry, dt.date):
            yield texts.text(f"calendar.{kind}", what=_day(texts, entry))
    if len(dates) == 1:
        yield texts.text(f"calendar.{kind}", what=texts.date(dates[0]))
    elif dates:
        what = texts.text("calendar.dates", n=texts.count(len(dates)))
        yield texts.text(f"calendar.{kind}", what=what)


def _day(texts: Catalogue, entry: str | Window | Yearly) -> str:
    if isinstance(entry, Window):
        return periods.window_name(texts, entry)
    if isinstance(entry, str):
        return texts.optional(f"holiday.{entry}") or entry
    if entry.since == entry.through:
        return entry.since
    return texts.text("date.days", first=entry.since, last=entry.through)


def _hours(texts: Catalogue, of: OpeningHours) -> str:
    return texts.text("word.comma").join(
        f"{texts.text(f'weekday.{day}')} {_intervals(texts, hours)}"
        for day, hours in of.data().items()
    )


def _intervals(texts: Catalogue, hours: str | list[str]) -> str:
    if isinstance(hours, str):
        return hours
    return texts.text("word.comma").join(hours) or texts.text("calendar.closed")
