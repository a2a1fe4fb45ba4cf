"""Rows whose key stands more than once: found once, flagged and told at any day (S13)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import polars as pl
from attrs import evolve

from kpi.definitions.reserved import PREFIX, REPEATED, ROW
from kpi.tables.quality import NAMED, TableQuality
from kpi.tables.unique_keys import UniquenessCheck, hashes

SAME = f"{PREFIX}same"
"""Beside the key of a suspect: its position among the usable rows, null for a rejected one, and a
number that rows share which are alike in what the plan reads."""

_NONE = [pl.Series(ROW, [], dtype=pl.Int64), pl.Series(SAME, [], dtype=pl.UInt64)]


def duplicates(
    key: pl.DataFrame, aside: pl.Series | None, raw: pl.DataFrame, read: Sequence[str]
) -> pl.DataFrame:
    """The rows whose key stands elsewhere too, rejected ones included; see `CheckedTable.suspects`.

    Args:
        key: the key of every row, usable or not.
        aside: whether it is not; None where all are.
        raw: the rows.
        read: the columns that the plan reads.
    """
    keys = UniquenessCheck()
    keys.add(key)
    if keys.distinct():
        return key.clear().with_columns(_NONE)
    known = key.select(pl.all_horizontal(pl.all().is_not_null())).to_series()
    candidates = (known & hashes(key).is_in(keys.repeated().implode())).arg_true()
    # Two keys may have one hash.
    rows = candidates.filter(key[candidates].is_duplicated())
    position = rows.cast(pl.Int64)
    if aside is not None:
        place = (~aside).cast(pl.Int64).cum_sum().gather(rows) - 1
        position = place.set(aside.gather(rows), None)
    alike = raw[rows].select(read).hash_rows()
    return key[rows].with_columns(position.alias(ROW), alike.alias(SAME))


Rows = TypeVar("Rows", pl.DataFrame, pl.LazyFrame, pl.DataFrame | pl.LazyFrame)


def flag_duplicates(frame: Rows, duplicates: pl.DataFrame) -> Rows:
    """The usable rows of a table, with a column that says whether each is a duplicate.

    Args:
        frame: the rows; of a lazy frame some part of them, for it goes by the key alone.
        duplicates: the rows of the table whose key occurs more than once.
    """
    if isinstance(frame, pl.LazyFrame):
        key = duplicates.drop(ROW, SAME)
        rows = pl.struct(key.columns) if key.width > 1 else pl.col(key.columns)
        named = key.to_struct() if key.width > 1 else key.to_series()
        return frame.with_columns(
            rows.is_in(named.unique().implode()).fill_null(value=False).alias(REPEATED)
        )
    positions = duplicates[ROW].drop_nulls()
    flags = pl.repeat(value=False, n=frame.height, eager=True)
    return frame.with_columns(flags.scatter(positions, values=True).alias(REPEATED))


def count_duplicates(facts: TableQuality, duplicates: pl.DataFrame) -> TableQuality:
    """The facts with what is said of repeated ids: how many rows, how many copies, a few ids."""
    if not duplicates.height:
        return evolve(facts, repeated=0, repeated_ids=(), copies=0)
    ids = duplicates.drop(ROW, SAME).unique().sort(pl.all().cast(pl.String)).head(NAMED)
    names = tuple(", ".join(map(str, row)) for row in ids.iter_rows())
    key = ids.columns
    copies = duplicates.select((pl.len().over(key) == pl.len().over(*key, SAME)).sum()).item()
    return evolve(facts, repeated=duplicates.height, repeated_ids=names, copies=copies)


def duplicates_as_of(
    duplicates: pl.DataFrame, frame: pl.DataFrame | pl.LazyFrame, there: pl.Expr
) -> pl.DataFrame:
    """The suspects among the rows that exist: one that does not exist yet repeats no id.

    Args:
        duplicates: the rows of a table whose key occurs more than once.
        frame: its usable rows.
        there: whether a row of them exists. A rejected row does, for no one can tell.
    """
    seen = frame.lazy().select(there.fill_null(value=False)).collect().to_series()
    positions = duplicates[ROW]
    left = duplicates.filter(positions.is_null() | seen.gather(positions.fill_null(0)))
    return left.filter(left.drop(ROW, SAME).is_duplicated())
