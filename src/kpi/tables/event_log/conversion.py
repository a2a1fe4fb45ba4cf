"""Conversion of an event log that an extract file declares, and the as-of days that it holds for (S15)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import polars as pl
from attrs import field, frozen

from kpi.errors import DataError


@frozen(kw_only=True, eq=False, repr=False)
class LogConversion:
    """What became of the event log that a table is made of.

    Attributes:
        as_of: the as-of date: later rows of the log were left out.
        hidden: number of usable rows that were left out for it.
        since: the first as-of date at which the table would be the same, but for what a snapshot
            hides; None where that is any day.
        rejected: the rows of the log that cannot be used: `row`, `reason`, and the columns read.
        reasons: reason -> rejected rows of the log.
    """

    as_of: dt.date
    hidden: int
    since: dt.date | None = None
    rejected: pl.DataFrame
    reasons: Mapping[str, int] = field(factory=dict)

    def require(self, table: str, as_of: dt.date) -> None:
        """Check that the table can be looked at as of a day.

        Args:
            table: the name of the table.
            as_of: the as-of date of the evaluation.

        Raises:
            DataError: where the log held more by then, or less could have been chosen from it.
        """
        what = f"{table}: is made of an event log as of {self.as_of}"
        again = f"check it again with as_of='{as_of}'"
        if as_of > self.as_of and self.hidden:
            raise DataError(f"{what}, without {self.hidden:,} later rows; {again}")
        if as_of < self.as_of and self.since is not None and as_of < self.since:
            raise DataError(f"{what}, and may have been another table as of {as_of}; {again}")
