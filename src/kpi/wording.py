"""Requirements in words: what the definitions say of themselves to a reader."""

from __future__ import annotations

from decimal import Decimal

from kpi.limits import Dated


def percent(threshold: Decimal | Dated[Decimal]) -> str:
    """A threshold in words: "90 %", "all", "90 % before 2022-07-01, 95 % since 2022-07-01"."""
    if isinstance(threshold, Dated):
        shown = [f"{percent(value)} {words}" for words, value in threshold.stretches()]
        return f"{', '.join(shown)} ({threshold.column})"
    return "all" if threshold == 100 else f"{threshold:f} %"


def each_words(column: str | None) -> str:
    """What `each` adds to a requirement."""
    return "" if column is None else f", for each {column}"
