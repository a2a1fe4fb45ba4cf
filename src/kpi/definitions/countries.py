"""Countries and markets whose holidays a maintained library dates, by name and by code (S7)."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from kpi.errors import PlanError, suggest

_KNOWN = {
    "denmark": "Denmark",
    "germany": "Germany",
    "netherlands": "Netherlands",
    "sweden": "Sweden",
    "united kingdom": "UnitedKingdom",
    "european central bank": "EuropeanCentralBank",
}
"""Names that a plan is read with although the library, which is slow to load, is not."""

ACCEPTED = (
    "a country by its English name, such as 'south korea', or by its code, such as 'KR', "
    'or the days of your own that are off, { off = [2024-12-24], covers = "2024" }'
)
"""What a plan file may name as a calendar, for messages."""

_CAPITAL = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def parse_country(value: object) -> str | None:
    """Parse a country from its name or its code into its name; None stays None.

    Raises:
        PlanError: naming what was found and what is accepted.
    """
    if value is None:
        return None
    if isinstance(value, str):
        if value in _KNOWN or value in _names():
            return value
        if value in _codes():
            return _codes()[value]
    hint = suggest(value, [*_names(), *_codes()]) if isinstance(value, str) else ""
    raise PlanError(f"unknown calendar {value!r}; accepted: {ACCEPTED}{hint}")


def library(name: str) -> Any:
    """Return what the library `holidays` knows of a country, by the country's name in plan files."""
    import holidays  # noqa: PLC0415 - only for plans that count working days

    return getattr(holidays, _KNOWN[name] if name in _KNOWN else _names()[name])


@cache
def _names() -> dict[str, str]:
    """Return the library's class of each country and market by its name: its words in lower case."""
    return {_CAPITAL.sub(" ", words[0]).lower(): words[0] for words in _registered()}


@cache
def _codes() -> dict[str, str]:
    """Return the name of each country and market by each of its codes: FR and FRA, XNYS and NYSE."""
    return {
        code: name
        for name, words in zip(_names(), _registered(), strict=True)
        for code in words[1:]
        if code.isupper()
    }


def _registered() -> list[tuple[str, ...]]:
    """Return what the library registers: a class and further names for each country and market."""
    from holidays.registry import COUNTRIES, FINANCIAL  # noqa: PLC0415 - as `holidays` above

    return [tuple(words) for words in (*COUNTRIES.values(), *FINANCIAL.values())]
