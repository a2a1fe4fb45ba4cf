"""Fingerprints of files, by which a change between check and evaluation is noticed."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from attrs import frozen

from kpi.errors import DataError, reason

PARQUET = (".parquet", ".pq")
"""Endings of the names of Parquet files."""


@frozen
class FileFingerprint:
    """Fingerprint of a file at the time when it was read.

    Attributes:
        path: the path of the file.
        size: the size in bytes.
        changed: the time of the last modification, in nanoseconds since 1970.
        footer: a digest of the footer of a Parquet file, which says where each column chunk lies
            and between which values; else empty.
    """

    path: Path
    size: int
    changed: int
    footer: bytes = b""

    @classmethod
    def of(cls, path: Path) -> FileFingerprint:
        """Return the fingerprint of a file as it is now.

        Raises:
            OSError: where the file does not exist or cannot be read.
        """
        status = path.stat()
        return cls(path, status.st_size, status.st_mtime_ns, _footer_digest(path))

    def require_unchanged(self) -> None:
        """Check that the file is unchanged.

        Raises:
            DataError: where the file has changed since, or cannot be read; names the file.
        """
        try:
            same = FileFingerprint.of(self.path) == self
        except OSError as error:
            raise DataError(f"{self.path}: cannot be read: {reason(error)}") from error
        if not same:
            raise DataError(f"{self.path}: has changed since it was checked; check it again")


def _footer_digest(path: Path) -> bytes:
    """Return a digest of the footer of a Parquet file; empty where the file is none.

    The footer is read first anyway, and a rewrite that keeps size and time changes it.
    """
    if path.suffix.lower() not in PARQUET:
        return b""
    with path.open("rb") as file:
        # A footer, then its length in four bytes, then the magic number.
        end = file.seek(0, os.SEEK_END)
        file.seek(max(end - 8, 0))
        length = min(int.from_bytes(file.read(4), "little") + 8, end)
        file.seek(end - length)
        return hashlib.blake2b(file.read(length)).digest()
