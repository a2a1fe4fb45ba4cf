"""Directories that commands write to."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from kpi.errors import OutputError
from kpi.report.atomic_files import cannot_write


@contextmanager
def directory(path: Path) -> Iterator[None]:
    """Make a directory where it is missing, and remove it again where writing to it fails.

    Raises:
        OutputError: where the directory cannot be made.
    """
    missing = [folder for folder in (path, *path.parents) if not folder.exists()]
    try:
        try:
            path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise OutputError(cannot_write(str(path), error)) from error
        yield
    except BaseException:
        # An interruption too leaves no empty folder behind.
        for folder in missing:
            # The folder was not made yet, or another process has put something there.
            with suppress(OSError):
                folder.rmdir()
        raise
