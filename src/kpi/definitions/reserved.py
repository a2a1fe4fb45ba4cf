"""Names that `kpi` reserves: a table, and the columns that `kpi` adds to other tables."""

from __future__ import annotations

FACTS = "reported"
"""The table of facts that people report, a row for each fact."""

PERIOD, PART, BIN = "period", "part", "bin"
STATE_COLUMNS = ("target", PERIOD, PART, "quantity", BIN, "n")
"""The columns of a state, beside the group columns."""

RESULT_COLUMNS = (
    "id",
    "title",
    "rule",
    "rows",
    "outside",
    "counted",
    "counted_as",
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
    "base",
    "base_counted",
    "difference",
    "change",
)
"""The columns of a frame of results, beside the group columns."""

PROVENANCE_COLUMNS = ("plan_id", "plan_period", "as_of", "kpi_version")
"""The columns that frames in files end with: what the rows were computed for, and by what."""

PREFIX = "kpi:"
"""Prefix of the name of every column that `kpi` adds; no column of an extract may begin with it."""

GROUP = f"{PREFIX}group"
"""Text column: the value of which a target's sums are kept apart."""

WEIGHT = f"{PREFIX}weight"
"""Integer column: the number that a row counts as (S32)."""

ROW = f"{PREFIX}row"
"""Integer column: the position of a row in its table, from 0."""

REPEATED = f"{PREFIX}repeated id"
"""Boolean column: the row's key is a duplicate; absent where the table has none (S13)."""


def unreal_name(column: str) -> str:
    """Return the name of the mask of local times of `column` that did not exist (S1)."""
    return f"{PREFIX}no such local time:{column}"


def instant_name(column: str) -> str:
    """Return the name of the column with the instants (UTC) behind the dates of `column` (S3)."""
    return f"{PREFIX}instant:{column}"


def time_name(column: str) -> str:
    """Return the name of the mask of values of `column` with a time of day (S3).

    Local midnight is no time of day: databases hold days so.
    """
    return f"{PREFIX}time of day:{column}"


def counted_name(derived: str) -> str:
    """Return the name of the date that a derived date is moved on from, where days end early (S35)."""
    return f"{PREFIX}counted from:{derived}"
