"""Duplicates: rows whose key stands more than once, found once and flagged as of any day (S13)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import polars as pl
from attrs import evolve

from kpi.definitions.reserved import PREFIX, REPEATED, ROW
from kpi.tables.quality import NAMED, TableQuality
from kpi.tables.unique_keys import UniquenessCheck, hashes

SAME = f"{PREFIX}same"
"""Column beside the key of a duplicate: a hash of the columns that the plan reads. Rows with equal
hashes are alike in these columns. Beside it stands `ROW`, the position among the usable rows, null
for a rejected row."""

_NONE = [pl.Series(ROW, [], dtype=pl.Int64), pl.Series(SAME, [], dtype=pl.UInt64)]


def duplicates(
    key: pl.DataFrame, is_rejected: pl.Series | None, raw: pl.DataFrame, read: Sequence[str]
) -> pl.DataFrame:
    """Return the rows whose key stands more than once, rejected ones included (S13).

    Args:
        key: the columns of the key of every row, usable or not; a key with a null is no key.
        is_rejected: Boolean mask, whether each row is rejected; None where no row is.
        raw: the rows, as many.
        read: the columns that the plan reads.

    Returns:
        the key as it came, with `ROW` and `SAME`; see `CheckedTable.duplicates`.
    """
    keys = UniquenessCheck()
    keys.add(key)
    if keys.distinct():
        return key.clear().hstack(_NONE)
    has_key = key.select(pl.all_horizontal(pl.all().is_not_null())).to_series()
    candidates = (has_key & hashes(key).is_in(keys.repeated().implode())).arg_true()
    # Two keys may have one hash.
    rows = candidates.filter(key[candidates].is_duplicated())
    position = rows.cast(pl.Int64)
    if is_rejected is not None:
        place = (~is_rejected).cast(pl.Int64).cum_sum().gather(rows) - 1
        position = place.set(is_rejected.gather(rows), None)
    alike = raw[rows].select(read).hash_rows()
    return key[rows].with_columns(position.alias(ROW), alike.alias(SAME))


Rows = TypeVar("Rows", pl.DataFrame, pl.LazyFrame, pl.DataFrame | pl.LazyFrame)


def flag_duplicates(frame: Rows, duplicates: pl.DataFrame) -> Rows:
    """Add a Boolean column, whether each usable row of a table is a duplicate (S13).

    Args:
        frame: all usable rows, flagged by position; or a lazy frame of any rows, flagged by key.
        duplicates: the duplicates of the table, see `duplicates`.
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
    """Add the duplicates to the quality of a table: numbers of rows and of copies, a few ids."""
    if not duplicates.height:
        return evolve(facts, repeated=0, repeated_ids=(), copies=0)
    # In the order of the names, in which batches are put together.
    name = pl.concat_str(pl.all().cast(pl.String), separator=", ")
    ids = duplicates.drop(ROW, SAME).unique().sort(name).head(NAMED)
    names = tuple(", ".join(map(str, row)) for row in ids.iter_rows())
    key = ids.columns
    copies = duplicates.select((pl.len().over(key) == pl.len().over(*key, SAME)).sum()).item()
    return evolve(facts, repeated=duplicates.height, repeated_ids=names, copies=copies)


def duplicates_as_of(
    duplicates: pl.DataFrame, frame: pl.DataFrame | pl.LazyFrame, exists: pl.Expr
) -> pl.DataFrame:
    """Return the duplicates among the rows that exist: a row not there yet repeats no id (S15).

    Args:
        duplicates: the duplicates of a table, see `duplicates`.
        frame: the usable rows of the table.
        exists: predicate, whether a usable row exists. A rejected row counts as existing, for no
            one can tell.
    """
    seen = frame.lazy().select(exists.fill_null(value=False)).collect().to_series()
    positions = duplicates[ROW]
    left = duplicates.filter(positions.is_null() | seen.gather(positions.fill_null(0)))
    return left.filter(left.drop(ROW, SAME).is_duplicated())
