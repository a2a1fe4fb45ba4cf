"""Atomic writing of files: beside their place, flushed to the disk, then renamed."""

from __future__ import annotations

import errno
import io
import os
import secrets
import stat
import sys
from collections.abc import Callable, Mapping
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any, BinaryIO, TypeAlias

from attrs import define

from kpi.errors import OutputError

Writer: TypeAlias = Callable[[BinaryIO], object]
"""Function that writes the whole content of a file."""

_POSIX = os.name == "posix"

_WHAT_TO_DO = {
    errno.ENOSPC: "make room, or choose a place on another disk",
    errno.EDQUOT: "make room, or choose a place on another disk",
    errno.EFBIG: "choose a place that takes a file of this size",
    errno.ENOENT: "make its directory first",
    errno.ENOTDIR: "choose a place within a directory",
    errno.EACCES: "choose a place that you may write to",
    errno.EPERM: "choose a place that you may write to",
    errno.EROFS: "choose a place that you may write to",
    errno.EISDIR: "choose a file, not a directory",
}


def write_files(outputs: Mapping[Path, Writer]) -> None:
    """Write files atomically: all of them are new, or all of them as they were.

    Each file is written in its own directory, without a name or with a temporary one, with the
    permissions of the old file; flushed to the disk; and renamed once all are written. On any
    failure, a kill included, the old files stay. A symbolic link stays, and the file that it names
    is replaced. Pipes, `/dev/stdout` and the like, which are no regular files, are written through.

    Args:
        outputs: for each path, the function that writes the content.

    Raises:
        OutputError: where a file cannot be written: which, why, and what to do.
        BrokenPipeError: where nobody reads a pipe that is written through.
    """
    with ExitStack() as undo:
        waiting: list[tuple[Path, _Replacement]] = []
        for path, write in outputs.items():
            with _reported(path):
                place = Path(os.path.realpath(path))
                through = _opened_through(path)
                if through is not None:
                    with through as file:
                        run_writer(write, file)
                    continue
                replacement = _Replacement.of(place)
                undo.callback(replacement.discard)
                run_writer(write, replacement.file)
                replacement.flush()
                waiting.append((path, replacement))
        for path, replacement in waiting:
            with _reported(path):
                replacement.rename()


class _Recorder(io.RawIOBase):
    """File that remembers why it could not be written: the errors of Polars lack the reason.

    Attributes:
        file: the file that is written to.
        error: the first error; None where there was none.
    """

    def __init__(self, file: BinaryIO) -> None:
        self.file = file
        self.error: OSError | None = None

    def writable(self) -> bool:
        """Return that the file can be written to."""
        return True

    def write(self, content: Any, /) -> int:
        """Write bytes, and remember the first error."""
        try:
            return self.file.write(content)
        except OSError as error:
            self.error = self.error or error
            raise


def run_writer(write: Writer, file: BinaryIO) -> None:
    """Let a function write a file.

    Raises:
        OSError: the system's error, also where the engine reports it without the reason.
    """
    recorder = _Recorder(file)
    try:
        write(recorder)  # type: ignore[arg-type]  # all that writers ask of a file
        file.flush()
    except _writing_errors() as error:
        raise recorder.error or error from error


def _writing_errors() -> tuple[type[Exception], ...]:
    """Return the errors of the system and, where it is loaded, of the engine, which writes too."""
    if "polars" not in sys.modules:
        return (OSError,)
    from polars.exceptions import PolarsError  # noqa: PLC0415 - text is written without the engine

    return (OSError, PolarsError)


@define
class _reported:  # noqa: N801 - a context manager, as `suppress` is
    """Context manager that raises an `OutputError` about a path for an error of writing to it."""

    path: Path

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if error is None or isinstance(error, BrokenPipeError):
            return
        if isinstance(error, _writing_errors()):
            raise OutputError(cannot_write(str(self.path), error)) from error


def cannot_write(what: str, error: BaseException) -> str:
    """Return the message about an output that could not be written: what, why, what to do."""
    number = error.errno if isinstance(error, OSError) else None
    why = os.strerror(number) if number else (str(error).strip().splitlines() or ["?"])[0]
    return (
        f"{what}: cannot be written: {why}; {_WHAT_TO_DO.get(number or 0, 'choose another place')}"
    )


def _opened_through(path: Path) -> BinaryIO | None:
    """Open a file to be written through; return None where the file can be replaced."""
    for stream in (sys.__stdout__, sys.__stderr__):
        # Standard output may be appended to this file: writing goes on at the same position.
        with suppress(OSError, ValueError, AttributeError):
            own = stream.fileno()  # type: ignore[union-attr]  # None where it is closed
            if os.path.samestat(path.stat(), os.fstat(own)):
                return os.fdopen(os.dup(own), "wb")
    device = Path(os.path.abspath(path)).parts[1:2] in (("dev",), ("proc",))  # noqa: PTH100 - links stay
    if device or (path.exists() and not path.is_file() and not path.is_dir()):
        return path.open("wb")
    return None


@define
class _Replacement:
    """File that is written beside another and then takes its place.

    Attributes:
        place: the path that the file is renamed to.
        file: the file, open for writing.
        name: the path of the file until then; None while it has no name, so that a kill leaves
            nothing.
        directory: a descriptor of the directory; None where the system has none.
    """

    place: Path
    file: BinaryIO
    name: Path | None
    directory: int | None

    @classmethod
    def of(cls, place: Path) -> _Replacement:
        """Open a file beside a place, with owner and permissions of the file there.

        Raises:
            OSError: where the place is a directory, or may not be written to.
        """
        old = place.stat() if place.exists() else None
        if old is not None and stat.S_ISDIR(old.st_mode):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        if old is not None and not os.access(place, os.W_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        directory = os.open(place.parent, os.O_RDONLY) if _POSIX else None
        try:
            descriptor, name = _open_beside(place)
        except BaseException:
            if directory is not None:
                os.close(directory)
            raise
        replacement = cls(place, os.fdopen(descriptor, "wb"), name, directory)
        if old is not None and _POSIX:
            try:
                replacement.keep(old)
            except BaseException:
                replacement.discard()
                raise
        return replacement

    def keep(self, old: os.stat_result) -> None:
        """Take over owner, where that is allowed, and permissions of the old file."""
        now = os.fstat(self.file.fileno())
        if (old.st_uid, old.st_gid) != (now.st_uid, now.st_gid):
            # Only the superuser may give a file away; another's file is then replaced by ours.
            with suppress(PermissionError):
                os.fchown(self.file.fileno(), old.st_uid, old.st_gid)
        os.fchmod(self.file.fileno(), stat.S_IMODE(old.st_mode))

    def flush(self) -> None:
        """Flush the content to the disk."""
        self.file.flush()
        os.fsync(self.file.fileno())

    def rename(self) -> None:
        """Rename the file to its place, which is atomic; the file needs to be flushed."""
        if self.name is None:
            self.name = _temporary(self.place)
            # Linux gives a name to a file without one by its descriptor.
            os.link(
                f"/proc/self/fd/{self.file.fileno()}",
                self.name,
                src_dir_fd=self.directory,
                follow_symlinks=True,
            )
        self.file.close()
        self.name.replace(self.place)
        self.name = None
        if self.directory is not None:
            os.fsync(self.directory)

    def discard(self) -> None:
        """Discard the file, unless it has been renamed to its place; close what is open."""
        with suppress(OSError):
            # Content that cannot be flushed is not wanted any more.
            self.file.close()
        if self.name is not None:
            self.name.unlink(missing_ok=True)
        if self.directory is not None:
            os.close(self.directory)
            self.directory = None


def _temporary(place: Path) -> Path:
    return place.with_name(f".kpi-{secrets.token_hex(8)}.tmp")


def _open_beside(place: Path) -> tuple[int, Path | None]:
    """Open a new file in the directory of a place, without a name where the file system can.

    Returns:
        the descriptor of the file, and the name; None for a file without one.
    """
    unnamed = getattr(os, "O_TMPFILE", None)
    if unnamed is not None and Path("/proc/self/fd").is_dir():
        try:
            return os.open(place.parent, unnamed | os.O_RDWR, 0o666), None
        except OSError as error:
            if error.errno not in (errno.EOPNOTSUPP, errno.EISDIR, errno.EINVAL):
                raise
    name = _temporary(place)
    return os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666), name
