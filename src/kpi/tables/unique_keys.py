"""Uniqueness check of a table's keys (S13), batch by batch, in eight bytes a row.

Keys in ascending order need one comparison each; whole numbers of a narrow range one mark each; all
others are hashed. Two keys may have one hash, so hashes prove that keys are distinct, never that
they are not.
"""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

HEAD = 1_000
"""Rows that are looked at first: most tables that are not in order show it there."""
_WIDEST = 4
"""The most marks per key; a wider range of numbers is hashed."""
_AT_ONCE = 20_000_000
"""Hashes that are compared at once; more are compared in parts, so that memory stays bounded."""
_ORDERED = (pl.String, pl.Date, pl.Datetime)


class UniquenessCheck:
    """Check of whether the keys of a table are distinct, fed batch by batch."""

    def __init__(self) -> None:
        self._kept: list[pl.Series] = []
        self._rows = 0
        self._last: object = None
        self._ascending = True

    def add(self, key: pl.DataFrame) -> None:
        """Add the keys of a batch of rows; a key with a null is no key.

        Args:
            key: the columns of the key, of the same types in every batch.
        """
        if any(column.null_count() for column in key):
            key = key.drop_nulls()
        if not key.height:
            return
        self._rows += key.height
        self._ascending = self._ascending and key.width == 1 and self._goes_on(key.to_series())
        self._kept.append(hashes(key) if not _countable(key) else key.to_series())

    def add_hashes(self, hashed: pl.Series) -> None:
        """Add the keys of a batch of rows by their hashes, see `hashes`.

        Args:
            hashed: the hash of each key (UInt64), null for none.
        """
        kept = hashed.drop_nulls() if hashed.null_count() else hashed
        if kept.len():
            self._rows += kept.len()
            self._ascending = False
            self._kept.append(kept.alias(_HASH))

    def distinct(self) -> bool:
        """Return whether all keys are distinct for certain; False may be due to equal hashes."""
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
        """Return the distinct hashes that stand more than once; different keys may share a hash."""
        # Sorting numbers takes a fifth of the time of `is_duplicated`.
        ordered = (part.sort() for part in self._parts())
        twice = [part.tail(-1).filter(part.tail(-1) == part.head(-1)).unique() for part in ordered]
        return pl.concat(twice) if twice else pl.Series(_HASH, [], dtype=pl.UInt64)

    def _goes_on(self, only: pl.Series) -> bool:
        """Return whether the keys of a batch ascend strictly, beyond the last key before them."""
        if not (only.dtype.is_integer() or isinstance(only.dtype, _ORDERED)):
            return False
        before, self._last = self._last, only[-1]
        if before is not None and not before < only[0]:
            return False
        return all(map(ascends, (only.head(HEAD), only)))

    def _marks(self, low: int, high: int) -> int:
        """Return how many distinct keys there are, by a mark for each number from low to high."""
        marks = pl.repeat(0, high - low + 1, dtype=pl.UInt8, eager=True)
        for kept in self._kept:
            marks.scatter(kept.cast(pl.Int64) - low, 1)
        return int(marks.sum())

    def _parts(self) -> Iterator[pl.Series]:
        """Yield the hashes in parts of bounded size; equal hashes are in the same part."""
        count = 1 + self._rows // _AT_ONCE
        for n in range(count):
            parts = []
            for kept in self._kept:
                hashed = kept if kept.name == _HASH else hashes(kept.to_frame())
                parts.append(hashed if count == 1 else hashed.filter(hashed % count == n))
            yield pl.concat(parts) if parts else pl.Series(_HASH, [], dtype=pl.UInt64)


_HASH = "kpi:hash"


def hashes(key: pl.DataFrame) -> pl.Series:
    """Return a hash of the key of each row (UInt64)."""
    hashed = key.to_series().hash() if key.width == 1 else key.hash_rows()
    return hashed.alias(_HASH)


def ascends(keys: pl.Series) -> bool:
    """Return whether keys without nulls ascend strictly."""
    return bool((keys.head(keys.len() - 1) < keys.tail(keys.len() - 1)).all())


def _countable(key: pl.DataFrame) -> bool:
    """Return whether a key is a single column of integers of at most 64 bits, to be marked."""
    if key.width > 1:
        return False
    kind = key.dtypes[0]
    return kind.is_integer() and kind not in (pl.Int128, pl.UInt64, pl.UInt128)
