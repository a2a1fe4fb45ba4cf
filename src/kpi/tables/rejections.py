"""Reasons for which rows are rejected, as messages (S12).

A reason stands as a text in the rejected rows and in states; its form says which values are in it.
"""

from __future__ import annotations

import re
from functools import cache
from string import Formatter

from kpi.definitions.messages import Message

_FORMS = (
    Message("{column} missing"),
    Message("{column} is not a number"),
    Message("{column} is not a whole number"),
    Message("{column} is not true or false"),
    Message("{column} is not a date as serial days of a workbook"),
    Message("{column} is not a date as a number of {unit}"),
    Message("{column} is not a date as {form}"),
    Message("{column} is not a time as {form}"),
    Message("{column} lies outside the years 1 to 9999"),
    Message("{column} is more than 100 years"),
    Message("{column} is more than {most:,}"),
    Message("{column} is larger than {most:,}"),
    Message("{event} before {entry}"),
)


def rejection(reason: str) -> str:
    """Return a reason with the values that are in it; one of an unknown form as it stands."""
    for form in _FORMS:
        found = _pattern(form.template).fullmatch(reason)
        if found is not None:
            values: dict[str, object] = dict(found.groupdict())
            if "most" in values:
                values["most"] = int(found["most"].replace(",", ""))
            return Message(form.template, **values)
    return reason


@cache
def _pattern(template: str) -> re.Pattern[str]:
    pattern = ""
    for words, name, form, _ in Formatter().parse(template):
        pattern += re.escape(words)
        if name is not None:
            pattern += f"(?P<{name}>{'[0-9,]+' if form else '.+'})"
    return re.compile(pattern, re.DOTALL)
