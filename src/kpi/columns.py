"""The columns of one checked table as expressions: all that a rule may ask of a table."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import polars as pl
from attrs import frozen

from kpi.plan import Plan
from kpi.table import Table

REPEATED = "kpi:repeated id"
"""A column that says whether the row's key stands elsewhere too; absent where none does (S13)."""

_UNREAL = "kpi:no such local time:"
_INSTANT = "kpi:instant:"
_TIME = "kpi:time of day:"


def unreal_name(column: str) -> str:
    """The column that says whether `column` holds a local time that did not exist (S1)."""
    return f"{_UNREAL}{column}"


def instant_name(column: str) -> str:
    """The column with the instants, in UTC, that the dates of `column` were made of (S3)."""
    return f"{_INSTANT}{column}"


def time_name(column: str) -> str:
    """Return the name of the column that says whether `column` holds a time of day (S3).

    Local midnight is none: databases hold days so.
    """
    return f"{_TIME}{column}"


@frozen(eq=False, repr=False)
class Columns:
    """What a rule may ask of a table.

    Attributes:
        plan: the plan that is evaluated.
        table: the declaration of the table.
        bounds: the smallest and largest day number of each date column that holds a date.
        flags: which columns are there, those made by the check among them.
        as_of: the date that the table is looked at from (S15).
    """

    plan: Plan
    table: Table
    bounds: Mapping[str, tuple[int, int]]
    flags: frozenset[str]
    as_of: dt.date

    def repeated(self) -> pl.Expr | None:
        """Whether the row's key stands elsewhere too (S13); None where no row's does."""
        return pl.col(REPEATED) if REPEATED in self.flags else None

    def unreal(self, *columns: str) -> pl.Expr | None:
        """Whether one of the columns holds a local time that did not exist (S1); None where none does."""
        read = [name for column in columns for name, _ in self.table.made_of(column)]
        flags = [unreal_name(c) for c in read if unreal_name(c) in self.flags]
        return pl.any_horizontal(flags) if flags else None

    def has_instants(self, column: str) -> bool:
        """Return whether the instants behind the dates of a column are known (S3)."""
        return instant_name(column) in self.flags
