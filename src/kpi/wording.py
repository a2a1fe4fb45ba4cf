"""Requirements in words: what the definitions say of themselves to a reader."""

from __future__ import annotations

from decimal import Decimal

from kpi.limits import Dated


def percent(threshold: Decimal | Dated[Decimal]) -> str:
    """A threshold in words: "90 %", "all", "90 % (decided before 2022-07-01), 95 % (…)"."""
    if isinstance(threshold, Dated):
        column = threshold.column
        shown = [f"{percent(value)} ({column} {words})" for words, value in threshold.stretches()]
        return ", ".join(shown)
    return "all" if threshold == 100 else f"{threshold:f} %"


def each_words(column: str | None) -> str:
    """What `each` adds to a requirement."""
    return "" if column is None else f", for each {column}"
