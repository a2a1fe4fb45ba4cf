"""What commands write: files, standard output, lines for people."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import click

from kpi.errors import DataError, KpiError
from kpi.foreign_text import terminal_text
from kpi.report.atomic_files import Writer, write_files
from kpi.report.standard_output import say, show, write_utf8

if TYPE_CHECKING:
    import polars as pl

    from kpi.results.result import Result


def require_out(form: str, out: Path | None) -> None:
    """Check that a format that no terminal shows goes to a file.

    Raises:
        UsageError: where there is no file.
    """
    if form == "parquet" and out is None:
        raise click.UsageError("--format parquet needs --out FILE")


def refuse_overwriting(out: Path | None, plan: Path, extract: Path, option: str = "--out") -> None:
    """Check that an output is no file that is read.

    Raises:
        KpiError: where it is the plan, or a file of the extract.
        DataError: where the extract cannot be read.
    """
    try:
        files = extract.iterdir() if extract.is_dir() else [extract]
        read = {path.resolve() for path in (plan, *files)}
    except OSError as error:
        raise DataError(f"{extract}: cannot be read: {error.strerror}") from error
    if out is not None and out.resolve() in read:
        raise KpiError(f"{out}: is what is read; choose another file for {option}")


def put(
    texts: Mapping[str, Callable[[], str]], frame: pl.DataFrame, form: str, out: Path | None
) -> None:
    """Write a frame, or what is shown of it, in a format to a file or to standard output."""
    if out is None:
        write_utf8(texts[form]())
    elif form == "parquet":
        write_files({out: parquet(frame)})
    else:
        content = texts[form]().encode()
        write_files({out: lambda file: file.write(content)})


def parquet(frame: pl.DataFrame) -> Writer:
    """Return the writer of a frame as a Parquet file."""

    def write(file: BinaryIO) -> None:
        frame.write_parquet(file)

    return write


def show_result(result: Result) -> None:
    """Show a result on standard output, as wide as the terminal."""
    from rich.console import Console

    from kpi.report import terminal

    show(terminal.result_table(result, Console().width))


def say_foreign(text: str) -> None:
    """Write a line that may hold foreign text."""
    say(terminal_text(text))
