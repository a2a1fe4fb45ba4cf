"""Names of windows and periods in the words of a language (S9, S30)."""

from __future__ import annotations

import datetime as dt
import re

from kpi.definitions.date_bounds import Bound, CaseDate, DateBounds
from kpi.definitions.windows import Window
from kpi.report.page.catalogue import Catalogue

_NAME = re.compile(
    r"(?P<year>\d{4}(?:/\d{2})?)(?:-(?P<kind>[HQW])(?P<part>\d{1,2})|-(?P<month>\d{2}))?"
)
_DAYS = re.compile(r"(\d{4}-\d{2}-\d{2})(?: to (\d{4}-\d{2}-\d{2}))?")
_KINDS = {"H": "half", "Q": "quarter", "W": "week"}


def period(texts: Catalogue, name: str) -> str:
    """Return the name of a period in the language: "2022-03" is "marts 2022"."""
    days = _DAYS.fullmatch(name)
    if days is not None:
        first = texts.date(dt.date.fromisoformat(days[1]))
        if days[2] is None:
            return first
        last = texts.date(dt.date.fromisoformat(days[2]))
        return texts.text("date.days", first=first, last=last)
    named = _NAME.fullmatch(name)
    if named is None:
        return name
    if named["month"] is not None:
        return texts.month(int(named["year"]), int(named["month"]))
    if named["kind"] is None:
        return texts.text("date.year", year=named["year"])
    return texts.text(f"date.{_KINDS[named['kind']]}", year=named["year"], n=named["part"])


def short_period(texts: Catalogue, name: str) -> str:
    """Return the name of a period as short as an axis needs: "mar", "H1", "uge 5"."""
    named = _NAME.fullmatch(name)
    if named is None:
        return name[:10]
    if named["month"] is not None:
        return texts.short_month(int(named["month"]))
    return name[5:] if named["kind"] is not None else name


def day_or_period(texts: Catalogue, named: dt.date | str) -> str:
    """Return a day in full, or the name of a period."""
    return texts.date(named) if isinstance(named, dt.date) else period(texts, named)


def window(texts: Catalogue, of: Window) -> str:
    """Return a window in words, as a condition has it: "i 2022", "før 1. juli 2022"."""
    if of.name is not None:
        return texts.text("when.in", period=period(texts, of.name))
    bounds = (("since", of.since), ("after", of.after), ("before", of.before))
    given = [(word, day) for word, day in (*bounds, ("through", of.through)) if day is not None]
    return texts.text("word.and").join(
        texts.text(f"when.{word}", day=texts.date(day)) for word, day in given
    )


def window_name(texts: Catalogue, of: Window) -> str:
    """Return the name of a window, or its days: "2022", "10. marts 2022 til 20. juni 2022"."""
    if of.name is not None:
        return period(texts, of.name)
    ends = ["…" if day is None else texts.date(day) for day in (of.first, of.last)]
    return texts.text("date.days", first=ends[0], last=ends[1])


def date_bounds(texts: Catalogue, of: DateBounds) -> str:
    """Return bounds by other dates of a case in words (S34)."""
    return texts.text("word.and").join(
        texts.text(f"when.{word}", day=_bound(texts, bound)) for word, bound in of.bounds().items()
    )


def _bound(texts: Catalogue, bound: Bound) -> str:
    if isinstance(bound, dt.date):
        return texts.date(bound)
    return bound.date if isinstance(bound, CaseDate) else str(bound)
