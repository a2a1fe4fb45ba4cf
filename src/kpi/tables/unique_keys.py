"""Whether all keys of a table are distinct (S13), batch by batch, in eight bytes a row.

Keys in ascending order need one comparison each; whole numbers of a narrow range a mark each; all
others are hashed. Two keys may have one hash, so hashes prove that keys are distinct, never that they
are not.
"""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

_HEAD = 1_000
_WIDEST = 4
"""How many times as many marks as keys there may be."""
_AT_ONCE = 20_000_000
"""Of more hashes than these a part is looked at after the other, so that memory stays bounded."""
_ORDERED = (pl.String, pl.Date, pl.Datetime)


class UniquenessCheck:
    """The keys of a table, as batches of them come."""

    def __init__(self) -> None:
        self._kept: list[pl.Series] = []
        self._rows = 0
        self._last: object = None
        self._ascending = True

    def add(self, key: pl.DataFrame) -> None:
        """Takes the keys of some more rows; what lacks a part is no key.

        Args:
            key: the columns of the key, of the same types in every batch.
        """
        key = key.drop_nulls()
        if not key.height:
            return
        self._rows += key.height
        self._ascending = self._ascending and key.width == 1 and self._goes_on(key.to_series())
        self._kept.append(hashes(key) if not _countable(key) else key.to_series())

    def distinct(self) -> bool:
        """Whether no two rows have one key, for certain."""
        if self._ascending:
            return True
        numbers = [kept for kept in self._kept if kept.name != _HASH]
        if numbers:
            low = min(int(kept.min()) for kept in numbers)  # type: ignore[arg-type]  # no nulls
            high = max(int(kept.max()) for kept in numbers)  # type: ignore[arg-type]  # no nulls
            if high - low < _WIDEST * self._rows:
                return self._marks(low, high) == self._rows
        return all(part.n_unique() == part.len() for part in self._parts())

    def repeated(self) -> pl.Series:
        """The hashes of keys that stand twice; among them may be some that two keys share."""
        # Sorting numbers takes a fifth of asking which of them stand twice.
        ordered = (part.sort() for part in self._parts())
        found = [its.tail(-1).filter(its.tail(-1) == its.head(-1)).unique() for its in ordered]
        return pl.concat(found) if found else pl.Series(_HASH, [], dtype=pl.UInt64)

    def _goes_on(self, only: pl.Series) -> bool:
        """Whether keys ascend, the first of them beyond the last one before."""
        if not (only.dtype.is_integer() or isinstance(only.dtype, _ORDERED)):
            return False
        before, self._last = self._last, only[-1]
        if before is not None and not before < only[0]:
            return False
        # Few tables are in order, and most of those that are not show it at once.
        return all(
            bool((its.head(its.len() - 1) < its.tail(its.len() - 1)).all())
            for its in (only.head(_HEAD), only)
        )

    def _marks(self, low: int, high: int) -> int:
        """How many places between two numbers hold one."""
        marks = pl.repeat(0, high - low + 1, dtype=pl.UInt8, eager=True)
        for kept in self._kept:
            marks.scatter(kept.cast(pl.Int64) - low, 1)
        return int(marks.sum())

    def _parts(self) -> Iterator[pl.Series]:
        """The hashes, in parts that no two equal ones are parted by."""
        count = 1 + self._rows // _AT_ONCE
        for n in range(count):
            parts = []
            for kept in self._kept:
                its = kept if kept.name == _HASH else hashes(kept.to_frame())
                parts.append(its if count == 1 else its.filter(its % count == n))
            yield pl.concat(parts) if parts else pl.Series(_HASH, [], dtype=pl.UInt64)


_HASH = "kpi:hash"


def hashes(key: pl.DataFrame) -> pl.Series:
    """A number for each row, the same for the same key."""
    hashed = key.to_series().hash() if key.width == 1 else key.hash_rows()
    return hashed.alias(_HASH)


def _countable(key: pl.DataFrame) -> bool:
    """Whether a key is one number that a place in a table can be counted off by."""
    if key.width > 1:
        return False
    kind = key.dtypes[0]
    return kind.is_integer() and kind not in (pl.Int128, pl.UInt64, pl.UInt128)
