"""Standard output: formats for machines as UTF-8, text for people as the terminal takes it."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from kpi.errors import OutputError
from kpi.report.atomic_files import Writer, cannot_write, run_writer

if TYPE_CHECKING:
    from rich.console import RenderableType

_NAME = "standard output"


def prepare() -> None:
    """Let a terminal that lacks a character show a question mark for it."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def write_utf8(text: str) -> None:
    """Write a format for machines: UTF-8 and line feeds, whatever the terminal's code page.

    Raises:
        OutputError: where standard output is closed or cannot be written.
        BrokenPipeError: where nobody reads the pipe.
    """
    with _written():
        if isinstance(sys.stdout, io.TextIOWrapper):
            sys.stdout.buffer.write(text.encode())
            sys.stdout.buffer.flush()
        else:
            sys.stdout.write(text)


def write_bytes(write: Writer) -> None:
    """Write a format that may be no text.

    Args:
        write: the function that writes the whole output.

    Raises:
        OutputError: where standard output is closed or cannot be written.
        BrokenPipeError: where nobody reads the pipe.
    """
    with _written():
        run_writer(write, sys.stdout.buffer)


def say(text: str) -> None:
    """Write a line for people."""
    with _written():
        click.echo(text)


def show(*renderables: RenderableType) -> None:
    """Write tables and text for people, as wide as the terminal."""
    from rich.console import Console  # noqa: PLC0415 - help and checks write no tables

    class PipedConsole(Console):
        """Console that leaves a closed pipe to the end of the command; Rich would exit with 1."""

        def on_broken_pipe(self) -> None:
            """Raise the error, which Rich has caught."""
            raise BrokenPipeError

    with _written():
        console = PipedConsole(highlight=False)
        for renderable in renderables:
            console.print(renderable)


def flush() -> None:
    """Flush standard output, so that a failure is known before the exit code."""
    if sys.stdout is not None:
        with _written():
            pass


@contextmanager
def _written() -> Iterator[None]:
    if sys.stdout is None:
        raise OutputError(f"{_NAME}: cannot be written: it is closed; open it, or give --out FILE")
    try:
        sys.stdout.flush()
        yield
        sys.stdout.flush()
    except OSError as error:
        drop()
        if isinstance(error, BrokenPipeError):
            raise
        raise OutputError(cannot_write(_NAME, error)) from error


def drop() -> None:
    """Drop the buffered output, or Python tries to write it once more at its exit."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, sys.stdout.fileno())
    finally:
        os.close(nowhere)
