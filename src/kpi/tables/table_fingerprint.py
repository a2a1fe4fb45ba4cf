"""Fingerprint of a table: which rows an evaluation read, whatever their order and file format."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

import polars as pl
from attrs import frozen

from kpi.definitions.reserved import instant_name, time_name, unreal_name
from kpi.tables.checked_table import CheckedTable
from kpi.tables.row_hashes import Cell, sum_of_hashes

_MODULUS = 2**64


@frozen(kw_only=True)
class TableFingerprint:
    """Fingerprint of the rows of a table that an evaluation could use, before any is hidden (S15).

    Rejected rows (S12) are not among them: no figure depends on what else stands in them, and a
    result has their number by reason. Rows with a repeated id (S13) are.

    Attributes:
        rows: number of the rows.
        columns: the columns that are hashed, sorted: the key, those that targets read, and those of
            the break-down.
        sums: the sums modulo 2^64 of two hashes of each row (`tables/row_hashes.py`).
    """

    rows: int
    columns: tuple[str, ...]
    sums: tuple[int, int]

    def __add__(self, other: TableFingerprint) -> TableFingerprint:
        """Return the fingerprint of the rows of both; a column that one lacks is null there."""
        first, second = (
            (one + two) % _MODULUS for one, two in zip(self.sums, other.sums, strict=True)
        )
        return TableFingerprint(
            rows=self.rows + other.rows,
            columns=tuple(sorted({*self.columns, *other.columns})),
            sums=(first, second),
        )

    @property
    def digest(self) -> str:
        """Both sums as 32 hexadecimal digits."""
        return "".join(f"{total:016x}" for total in self.sums)

    def to_dict(self) -> dict[str, Any]:
        """Return the fingerprint as plain data, as the JSON has it."""
        return {"rows": self.rows, "columns": list(self.columns), "hash": self.digest}


def sum_fingerprints(
    first: Mapping[str, TableFingerprint] | None, second: Mapping[str, TableFingerprint] | None
) -> Mapping[str, TableFingerprint] | None:
    """Return the fingerprints of the rows of two batches together; None where one has none."""
    if first is None or second is None:
        return None
    both = first.keys() & second.keys()
    return {**first, **second, **{name: first[name] + second[name] for name in both}}


def table_fingerprints(
    tables: Mapping[str, CheckedTable], by: Collection[str]
) -> dict[str, TableFingerprint]:
    """Return the fingerprint of each checked table.

    Args:
        tables: the checked tables by name.
        by: the columns of the break-down.

    Raises:
        DataError: where a large file has changed since it was checked.
    """
    return {name: _fingerprint(table, by) for name, table in tables.items()}


def _fingerprint(checked: CheckedTable, by: Collection[str]) -> TableFingerprint:
    if checked.fingerprint is not None:
        checked.fingerprint.require_unchanged()
    rows = checked.frame.lazy()
    present = rows.collect_schema().names()
    kinds = checked.needs.column_kinds
    read = dict.fromkeys([*checked.table.key, *kinds, *by])
    columns = sorted(name for name in read if name in present)
    cells = [cell for name in columns for cell in cells_of(checked, name, present)]
    return TableFingerprint(
        rows=checked.height, columns=tuple(columns), sums=sum_of_hashes(rows, cells)
    )


def cells_of(checked: CheckedTable, name: str, present: Collection[str]) -> Iterator[Cell]:
    """Yield what is hashed of a column: the values as `kpi` understands them (S1, S3)."""
    values, categories = pl.col(name), checked.categories.get(name)
    # The files of one table may have a key as numbers or as texts, and a break-down takes either.
    as_text = checked.needs.column_kinds.get(name, "any") in ("text", "any")
    yield Cell(name, values if categories is None else values.cast(categories), as_text)
    instant, timed, unreal = instant_name(name), time_name(name), unreal_name(name)
    if instant in present:
        # Local midnight is a day, which a column of dates has too.
        known = pl.when(timed).then(instant) if timed in present else pl.col(instant)
        yield Cell(instant, known)
    if unreal in present:
        yield Cell(unreal, pl.when(unreal).then(pl.col(unreal)))
