"""Messages in the words of a language: notes, reasons, warnings, assumptions (R2)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from string import Formatter

from kpi.definitions.calendars import Calendar
from kpi.definitions.messages import Listing, Message, PeriodName, Word
from kpi.report.page import periods
from kpi.report.page.calendars import calendar
from kpi.report.page.catalogue import Catalogue
from kpi.report.page.view import NoteLine

SECTION = "message"
"""The section of a language's file: the sentence by the English one."""

_WORDS = (
    "reason", "verdict", "outlook", "bucket", "every", "month_end", "country", "holiday", "kind",
    "extract",
)  # fmt: skip
"""The sections that words of fixed sets stand in."""


def said(texts: Catalogue, text: str) -> str:
    """Return a message in the language, with numbers and dates as the language writes them.

    What is no message, such as a remark of a rule of a user's own, and a message that the language has
    no words for, stand as they are; so do all in English, which is the language of messages.
    """
    if texts.code == "en":
        return text
    if isinstance(text, Listing):
        return texts.listed([_shown(texts, word, "") for word in text.words], text.most)
    if isinstance(text, PeriodName):
        return periods.period(texts, text)
    if isinstance(text, Word):
        spellings = (text.template, text.template.replace(" ", "_"))
        keys = (f"{section}.{spelling}" for section in _WORDS for spelling in spellings)
        return next((word for word in map(texts.optional, keys) if word is not None), text)
    if not isinstance(text, Message) or texts.optional(f"{SECTION}.{text.template}") is None:
        return text
    return texts.text(f"{SECTION}.{text.template}", **dict(_values(texts, text)))


def line(texts: Catalogue, label: str, text: str) -> NoteLine:
    """Return a message in the language under a label."""
    return NoteLine(label, said(texts, text), is_english=not _is_said(texts, text))


def _is_said(texts: Catalogue, text: object) -> bool:
    """Return whether a text is a message that the language has, and so is the note within it."""
    if texts.code == "en":
        return True
    if not isinstance(text, Message) or texts.optional(f"{SECTION}.{text.template}") is None:
        return False
    return "note" not in text.values or _is_said(texts, text.values["note"])


def _values(texts: Catalogue, message: Message) -> Iterator[tuple[str, str]]:
    """Yield the values of a message as the language writes them, numbers with as many digits."""
    for _, name, form, _ in Formatter().parse(message.template):
        if name is not None and name in message.values:
            yield name, _shown(texts, message.values[name], form or "")


def _shown(texts: Catalogue, value: object, form: str) -> str:
    if isinstance(value, str):
        return said(texts, value)
    if isinstance(value, dt.date):
        return texts.date(value)
    if isinstance(value, Calendar):
        return calendar(texts, value)
    if isinstance(value, int):
        return texts.count(value)
    return texts.number(format(value, form))
