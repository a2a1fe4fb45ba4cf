"""Compressed text files, unpacked into memory: gzip, Zstandard, and zip archives of one file."""

from __future__ import annotations

import gzip
import io
import zipfile
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import BinaryIO, Protocol

from kpi.errors import DataError, first_line, listed

MOST = 1 << 36
"""The most bytes that are unpacked (64 GiB): a file that holds more is taken for a trap."""

_PIECE = 1 << 20


class _Content(Protocol):
    """Stream of unpacked bytes."""

    def read(self, size: int, /) -> bytes:
        """Return the next bytes, at most so many; none at the end."""


def unpacked(path: Path, packing: str, data: bytes | None = None) -> bytes:
    """Return the content of a compressed file.

    Args:
        path: the path of the file, or its name in messages.
        packing: a key of `PACKINGS`.
        data: the bytes of the file where they are not those of the path itself.

    Raises:
        DataError: where the file is cut short, broken or encrypted, or a zip archive does not hold
            exactly one file; where it unpacks to more than `MOST` bytes.
        OSError: where the file cannot be read.
    """
    with path.open("rb") if data is None else io.BytesIO(data) as file:
        return PACKINGS[packing](path, file)


def _gzip(path: Path, file: BinaryIO) -> bytes:
    try:
        with gzip.GzipFile(fileobj=file) as content:
            return _whole(path, content)
    except EOFError:
        raise DataError(f"{path}: the gzip file was cut short; fetch it again") from None
    except (gzip.BadGzipFile, zlib.error) as error:
        raise _broken(path, "gzip file", error) from None


def _zstandard(path: Path, file: BinaryIO) -> bytes:
    import pyarrow as pa  # noqa: PLC0415 - only for these files

    with pa.PythonFile(file, mode="r") as packed:
        try:
            with pa.CompressedInputStream(packed, "zstd") as content:
                return _whole(path, content)
        except OSError as error:
            # PyArrow's errors of the content have no number, those of the system have.
            if error.errno is not None:
                raise
            if "runcated" in str(error):
                message = f"{path}: the Zstandard file was cut short; fetch it again"
                raise DataError(message) from None
            raise _broken(path, "Zstandard file", error) from None


def _zip(path: Path, file: BinaryIO) -> bytes:
    try:
        with zipfile.ZipFile(file) as archive:
            inside = [entry for entry in archive.infolist() if _is_file(entry)]
            if len(inside) != 1:
                names = listed([entry.filename for entry in inside]) or "none"
                raise DataError(
                    f"{path}: a zip archive of {len(inside)} files ({names}); accepted: exactly one"
                )
            if inside[0].flag_bits & 1:
                raise DataError(
                    f"{path}: the zip archive is encrypted; unpack it with its password first"
                )
            with archive.open(inside[0]) as content:
                return _whole(path, content)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
        raise _broken(path, "zip archive", error) from None


def _is_file(entry: zipfile.ZipInfo) -> bool:
    """Return whether an entry of an archive is a file, and no note that macOS adds about one."""
    return not entry.is_dir() and not entry.filename.startswith("__MACOSX/")


def _broken(path: Path, what: str, error: BaseException) -> DataError:
    return DataError(f"{path}: no {what}, or broken: {first_line(error)}; fetch it again")


def _whole(path: Path, content: _Content) -> bytes:
    """Read a stream to its end.

    Raises:
        DataError: where it gives more than `MOST` bytes.
    """
    pieces = bytearray()
    while piece := content.read(_PIECE):
        pieces += piece
        if len(pieces) > MOST:
            raise DataError(f"{path}: unpacks to more than {MOST >> 30} GiB; unpack and split it")
    return bytes(pieces)


PACKINGS: Mapping[str, Callable[[Path, BinaryIO], bytes]] = {
    ".gz": _gzip,
    ".zst": _zstandard,
    ".zip": _zip,
}
"""What unpacks a text file, by the last ending of its name in small letters."""
