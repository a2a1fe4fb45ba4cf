"""Files that nobody has written yet: whole or not there, and never in the place of another."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from pathlib import Path

from kpi.errors import OutputError
from kpi.report.atomic_files import cannot_write


def write_new_file(path: Path, content: bytes) -> None:
    """Write a file that is not there yet: flushed to the disk, then named, which is atomic.

    Of two processes that write the same file one fails; a kill leaves no file, or the whole file.

    Raises:
        FileExistsError: where the file is there.
        OutputError: where the file cannot be written.
    """
    beside = path.with_name(f".kpi-{secrets.token_hex(8)}.tmp")
    try:
        try:
            with beside.open("xb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            # A link, unlike a new name, takes no other file's place.
            path.hardlink_to(beside)
        finally:
            with suppress(FileNotFoundError):
                beside.unlink()
        _flush_directory(path.parent)
    except FileExistsError:
        raise
    except OSError as error:
        raise OutputError(cannot_write(str(path), error)) from error


def _flush_directory(directory: Path) -> None:
    if os.name == "posix":
        descriptor = os.open(directory, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
