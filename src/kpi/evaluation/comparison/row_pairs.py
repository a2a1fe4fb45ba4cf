"""The rows of two snapshots of a table side by side: the same key, or a key of one alone (F41)."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import polars as pl
from attrs import evolve, frozen

from kpi.definitions.reserved import REPEATED
from kpi.definitions.table import Table
from kpi.tables.as_of import Snapshot
from kpi.tables.checked_table import CheckedTable, original_name

_ROW = "kpi:n"
_TEXT = "kpi:key"


@frozen(eq=False, repr=False)
class RowPairs:
    """Rows of two snapshots of one table.

    Attributes:
        before: rows of the earlier snapshot that have a row in the other, in their order.
        after: the rows of the later snapshot that they stand against, as many and in that order.
        gone: rows of the earlier snapshot alone.
        come: rows of the later snapshot alone.
        doubtful_before: rows of the earlier snapshot whose key is repeated or, of two extracts,
            rejected in either.
        doubtful_after: the same of the later snapshot; of one extract those that stand against rows
            of the earlier snapshot come first, in the order of these.
        doubtful: number of those keys, those of rejected rows alone among them.
    """

    before: pl.DataFrame
    after: pl.DataFrame
    gone: pl.DataFrame
    come: pl.DataFrame
    doubtful_before: pl.DataFrame
    doubtful_after: pl.DataFrame
    doubtful: int

    @property
    def keys(self) -> int:
        """The number of keys of either snapshot."""
        return self.before.height + self.gone.height + self.come.height + self.doubtful


def rows_of(snapshot: Snapshot, columns: Collection[str]) -> pl.DataFrame:
    """Return the rows of a snapshot as of its day, in memory: the key and some columns.

    Args:
        snapshot: the snapshot.
        columns: the columns; those that the snapshot lacks are left out.
    """
    wanted = [*snapshot.table.key, *sorted({*columns, REPEATED} - {*snapshot.table.key})]
    present = [name for name in wanted if name in snapshot.columns]
    return snapshot.frame.select(present).collect(engine="in-memory")


def with_rows(snapshot: Snapshot, rows: pl.DataFrame) -> Snapshot:
    """Return the snapshot with other rows, of which nothing is hidden, masked or derived any more."""
    return evolve(
        snapshot,
        raw=rows,
        categories={},
        fingerprint=None,
        exists=None,
        masked_events={},
        derived={},
        rows=rows.height,
        columns=frozenset(rows.columns),
        extra_scans=0,
    )


def of_two_extracts(
    before: Snapshot, old: pl.DataFrame, after: Snapshot, new: pl.DataFrame
) -> RowPairs:
    """Return the rows of two extracts side by side, by key.

    Args:
        before: the snapshot of OLD.
        old: its rows, as `rows_of` returns them.
        after: the snapshot of NEW.
        new: its rows.
    """
    key = list(before.table.key)
    doubtful = _doubtful_keys(before, old, after, new)
    no_old, no_new = old.clear(), new.clear()
    if doubtful.height:
        no_old, old = _parted(old, key, doubtful)
        no_new, new = _parted(new, key, doubtful)
    old_key, new_key = common_keys(old.select(key), new.select(key))
    old_hash, new_hash = old_key.hash_rows(), new_key.hash_rows()
    in_old = _is_among(new_hash, old_hash)
    # A later extract mostly holds the rows of an earlier one, all of them or nearly, in their order:
    # then nothing is joined.
    if old_key.equals(new_key.filter(in_old)):
        none = old.clear()
        return RowPairs(
            old, new.filter(in_old), none, new.filter(~in_old), no_old, no_new, doubtful.height
        )
    in_new = _is_among(old_hash, new_hash)
    if old_key.filter(in_new).equals(new_key.filter(in_old)):
        return RowPairs(
            old.filter(in_new),
            new.filter(in_old),
            old.filter(~in_new),
            new.filter(~in_old),
            no_old,
            no_new,
            doubtful.height,
        )
    place = old_key.join(
        new_key.with_row_index(_ROW), on=key, how="left", maintain_order="left"
    ).get_column(_ROW)
    is_known, places = place.is_not_null(), place.drop_nulls()
    stays = pl.repeat(value=False, n=new.height, eager=True).scatter(places, values=True)
    return RowPairs(
        old.filter(is_known),
        new[places],
        old.filter(~is_known),
        new.filter(~stays),
        no_old,
        no_new,
        doubtful.height,
    )


def _is_among(hashes: pl.Series, others: pl.Series) -> pl.Series:
    """Return the mask of the hashes that are among others; two keys may have one hash."""
    return hashes.is_in(others.implode())


def of_two_days(
    before: Snapshot,
    old: pl.DataFrame,
    after: Snapshot,
    new: pl.DataFrame,
    tables: tuple[CheckedTable, CheckedTable],
) -> RowPairs:
    """Return the rows of one extract as of two days side by side: row by row where they can be.

    Args:
        before: the snapshot of the earlier day.
        old: its rows, as `rows_of` returns them.
        after: the snapshot of the later day.
        new: its rows, with the entry date.
        tables: the checked tables of both; they differ where the table is made of an event log,
            whose choice depends on the day.
    """
    if tables[0] is not tables[1]:
        return of_two_extracts(before, old, after, new)
    key, entry = list(before.table.key), before.table.entry
    if entry is None or old.height == new.height:
        known, come = new, new.clear()
    else:
        existed = new.select(pl.col(entry).is_null() | (pl.col(entry) <= before.as_of)).to_series()
        known, come = new.filter(existed), new.filter(~existed)
    repeated = _repeated_keys(before.table, bool(after.facts.skipped), old, new)
    if not repeated.height:
        return RowPairs(old, known, old.clear(), come, old.clear(), new.clear(), 0)
    again_old, old = _parted(old, key, repeated)
    again_known, known = _parted(known, key, repeated)
    again_come, come = _parted(come, key, repeated)
    again_new = pl.concat([again_known, again_come])
    return RowPairs(old, known, old.clear(), come, again_old, again_new, repeated.height)


def _doubtful_keys(
    before: Snapshot, old: pl.DataFrame, after: Snapshot, new: pl.DataFrame
) -> pl.DataFrame:
    """Return the keys, as texts, that are repeated or rejected in either extract; each once."""
    key = list(before.table.key)
    skipped = bool(before.facts.skipped or after.facts.skipped)
    parts = [_repeated_keys(before.table, skipped, old, new)]
    for snapshot in (before, after):
        rejected = snapshot.rejected
        if rejected.height:
            names = {original_name(name, "row", "reason"): name for name in key}
            parts.append(
                rejected.select(pl.col(own).cast(pl.String).alias(n) for own, n in names.items())
            )
    return pl.concat(parts).drop_nulls().unique()


def _repeated_keys(table: Table, skipped: bool, *several: pl.DataFrame) -> pl.DataFrame:  # noqa: FBT001 - as facts have it
    """Return the keys, as texts, that are repeated in any of several frames; each once (S13).

    Args:
        table: the declaration of the table.
        skipped: whether ids were not checked, as the caller asked.
        several: rows of the table.
    """
    key = list(table.key)
    texts = [pl.col(name).cast(pl.String) for name in key]
    parts = [pl.DataFrame(schema=dict.fromkeys(key, pl.String))]
    # Times of one day are ids of their own to the check, and one day in the rows.
    by_value = skipped or not {*table.date_columns}.isdisjoint(key)
    for rows in several:
        if REPEATED in rows.columns:
            parts.append(rows.filter(pl.col(REPEATED)).select(texts))
        if by_value:
            again = rows.select(key).is_duplicated()
            parts.append(rows.filter(again).select(texts))
    return pl.concat(parts).unique()


def _parted(
    rows: pl.DataFrame, key: Sequence[str], doubtful: pl.DataFrame
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the rows of the doubtful keys, and the other rows in their order."""
    named = doubtful.select(pl.struct(key).alias(_TEXT))[_TEXT]
    texts = rows.select(pl.struct(pl.col(name).cast(pl.String) for name in key).alias(_TEXT))
    among = texts[_TEXT].is_in(named.implode())
    return rows.filter(among), rows.filter(~among)


def common_keys(old: pl.DataFrame, new: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return both keys with the same dtypes: as they are, or as texts where they differ."""
    differing = [
        name
        for name in old.columns
        if old.schema[name] != new.schema[name]
        or isinstance(old.schema[name], pl.Categorical | pl.Enum)
    ]
    as_texts = pl.col(differing).cast(pl.String)
    return (old.with_columns(as_texts), new.with_columns(as_texts)) if differing else (old, new)
