"""Declared dates of a case as an argument: mistakes are those of the data, not of a plan (S13)."""

from __future__ import annotations

from kpi.definitions.occurrences import Occurrence, to_occurrences
from kpi.errors import DataError, PlanError

_ARGUMENT = "dates"


def parse_dates(dates: object) -> dict[str, Occurrence]:
    """Parse and check the declared dates, in their order.

    Raises:
        DataError: naming every mistake, a line each: the place, what was found, what is accepted.
    """
    try:
        return to_occurrences(dates)
    except PlanError as error:
        lines = (f"{_place(problem.place)}: {problem.message}" for problem in error.problems)
        raise DataError("\n".join(lines)) from None


def _place(keys: tuple[str | int, ...]) -> str:
    return _ARGUMENT + "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in keys)
