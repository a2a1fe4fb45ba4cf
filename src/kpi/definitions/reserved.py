"""Names that `kpi` reserves: one table, and the columns that it adds to others."""

from __future__ import annotations

FACTS = "reported"
"""The table of facts that people report, by target."""

PERIOD, PART, BIN = "period", "part", "bin"
STATE_COLUMNS = ("target", PERIOD, PART, "quantity", BIN, "n")
"""The columns of a state, beside those that it is broken down by."""

RESULT_COLUMNS = (
    "id",
    "title",
    "rule",
    "rows",
    "outside",
    "counted",
    "excluded",
    "reasons",
    "undetermined",
    "met",
    "total",
    "value",
    "low",
    "high",
    "unit",
    "limit",
    "threshold",
    "verdict",
    "goal",
    "weight",
    "requirement",
)
"""The columns of a frame of results, beside those that it is broken down by."""

PREFIX = "kpi:"
"""Begins the name of every column that `kpi` adds to a table; no table may bring one."""

ROW = f"{PREFIX}row"
"""The position of a row in its table, from 0."""

REPEATED = f"{PREFIX}repeated id"
"""Boolean: the row's key is a duplicate; absent where the table has none (S13)."""


def unreal_name(column: str) -> str:
    """Return the name of the boolean column that flags local times of `column` that did not exist (S1)."""
    return f"{PREFIX}no such local time:{column}"


def instant_name(column: str) -> str:
    """Return the name of the column with the instants, in UTC, that the dates of `column` came from (S3)."""
    return f"{PREFIX}instant:{column}"
