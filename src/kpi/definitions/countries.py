"""Countries whose public holidays a maintained library dates, by name (S7)."""

from __future__ import annotations

from typing import Any

from kpi.errors import PlanError, listed, suggest

COUNTRIES = {
    "denmark": "DK",
    "germany": "DE",
    "netherlands": "NL",
    "sweden": "SE",
    "united kingdom": "GB",
    "european central bank": "ECB",
}
"""The calendars that plan files name, each with the library's name for the country."""


def parse_country(value: object) -> str | None:
    """Parse the name of a country's calendar; None stays None.

    Raises:
        PlanError: naming what was found and what is accepted.
    """
    if value is None:
        return None
    if not isinstance(value, str) or value not in COUNTRIES:
        names = list(COUNTRIES)
        hint = suggest(value, names) if isinstance(value, str) else ""
        raise PlanError(
            f"unknown calendar {value!r}; accepted: {listed(names)}, or the days of your own that "
            f'are off, {{ off = [2024-12-24], covers = "2024" }}{hint}'
        )
    return value


def library(name: str) -> Any:
    """Return what the library `holidays` knows of a country, by its name in plan files."""
    import holidays  # noqa: PLC0415 - only for plans that count working days

    return getattr(holidays, COUNTRIES[name])
