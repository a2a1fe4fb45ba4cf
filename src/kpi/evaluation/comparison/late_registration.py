"""Late registration by month: how many cases were known then, and how many are known now (F45)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from itertools import pairwise

import polars as pl

from kpi.engine.partial import Batch
from kpi.evaluation.comparison.table_pairs import TablePair
from kpi.rules._interval import IntervalTarget

MONTHS = 12
"""The number of months, the last of which holds the day D."""

SCHEMA: Mapping[str, type[pl.DataType]] = {
    "table": pl.String,
    "date": pl.String,
    "month_end": pl.Date,
    "then": pl.Int64,
    "now": pl.Int64,
    "late": pl.Int64,
    "late_share": pl.Float64,
    "then_by_end": pl.Int64,
    "now_by_end": pl.Int64,
}


def late_registration(before: Batch, pairs: Mapping[str, TablePair]) -> pl.DataFrame:
    """Return how many cases entered, and ended, in and by each of the last months, then and now (F45).

    A row per table with an entry date, date (the entry, and each event that ends a target's interval) and month: `then`
    and `now` of OLD and NEW, both as of D; `late` their difference, below 0 where more dates were
    removed than registered late; `late_share` its share of `now`, else null; `then_by_end` and `now_by_end`, all cases of that date
    through the end of the month. The last month ends with D.

    Args:
        before: the snapshots of OLD.
        pairs: its tables beside those of NEW, as of the same day.
    """
    ends = _month_ends(before.as_of)
    counts = []
    for name, pair in pairs.items():
        table = pair.before.table
        if table.entry is None:
            continue
        of_targets = [
            t.end
            for t in before.needs.by_table[name]
            if isinstance(t, IntervalTarget) and t.end in table.events
        ]
        for column in dict.fromkeys((table.entry, *of_targets)):
            old, new = (_by_end(held.frame, column, ends) for held in pair.held)
            months = zip(pairwise(old), pairwise(new), ends[1:], strict=True)
            for (old_before, old_by), (new_before, new_by), end in months:
                then, now = old_by - old_before, new_by - new_before
                share = (now - then) / now if now >= then and now else None
                counts.append((name, column, end, then, now, now - then, share, old_by, new_by))
    return pl.DataFrame(counts, schema=SCHEMA, orient="row")


def _month_ends(day: dt.date) -> list[dt.date]:
    """Return the last day before the first of the months, then the last days of the months."""
    ends = [day]
    for _ in range(MONTHS):
        # No day is before the first that a calendar has.
        before = max(ends[0].replace(day=1).toordinal() - 1, 1)
        ends.insert(0, dt.date.fromordinal(before))
    return ends


def _by_end(rows: pl.DataFrame, column: str, ends: list[dt.date]) -> list[int]:
    """Return how many rows have a date through each of some days; null counts nowhere."""
    dates, first = rows[column], ends[0]
    # Of the days of some months there are few, however many rows.
    days = dates.filter(dates > first).value_counts(name="n")
    before = int((dates <= first).sum())
    return [before + int(days.filter(pl.col(column) <= end)["n"].sum()) for end in ends]
