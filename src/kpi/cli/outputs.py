"""What commands write: the format by the ending of the file, files whole, lines for people."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import click
from attrs import field, frozen

from kpi.errors import KpiError, suggest
from kpi.events import stage
from kpi.foreign_text import terminal_text
from kpi.report.atomic_files import Writer, write_files
from kpi.report.standard_output import say, show, write_bytes, write_utf8

if TYPE_CHECKING:
    import polars as pl

    from kpi.report.csv import Dialect
    from kpi.report.terminal_words import TerminalWords
    from kpi.report.workbook import Sheet
    from kpi.results.provenance import Provenance
    from kpi.results.result import Result

ENDINGS: Mapping[str, str] = {
    ".txt": "table",
    ".json": "json",
    ".csv": "csv",
    ".md": "markdown",
    ".parquet": "parquet",
    ".xlsx": "xlsx",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".html": "html",
    ".htm": "html",
}
"""The format of a file by the ending of the name in small letters."""

FORMATS = ("table", "json", "csv", "markdown", "parquet", "xlsx")
"""The formats of a result."""

ROW_FORMATS = ("csv", "jsonl", "parquet", "xlsx")
"""The formats of rows of cases."""

_BINARY = ("parquet", "xlsx")
STANDARD_OUTPUT = Path("-")


@frozen
class Output:
    """Place and format of an output.

    Attributes:
        path: the file; None for standard output.
        form: the format.
        dialect: the dialect of CSV.
    """

    path: Path | None
    form: str
    dialect: Dialect = "standard"


def output(
    out: Path | None,
    form: str | None,
    accepted: Sequence[str] = FORMATS,
    dialect: str | None = None,
    option: str = "--out",
) -> Output:
    """Return place and format of an output, before anything is read.

    The format is that of the ending, else the one that is named, else the first accepted one.

    Raises:
        UsageError: where ending and format contradict one another, or the ending is of no format
            that is accepted; where a terminal would get a format that is not text.
        KpiError: where the library that writes the format is not installed.
    """
    to_stdout = out is None or out == STANDARD_OUTPUT
    by_ending = None if to_stdout else _by_ending(out, form, accepted, option)  # type: ignore[arg-type]  # to_stdout says so
    chosen = form or by_ending or accepted[0]
    if to_stdout and chosen in _BINARY and (out is None or sys.stdout.isatty()):
        raise click.UsageError(f"--format {chosen} needs {option} FILE")
    if chosen == "xlsx":
        from kpi.report.workbook import require_writer

        require_writer()
    return Output(None if to_stdout else out, chosen, dialect or "standard")  # type: ignore[arg-type]  # click holds it to the choices


def _by_ending(out: Path, form: str | None, accepted: Sequence[str], option: str) -> str | None:
    ending = out.suffix.lower()
    named = ENDINGS.get(ending)
    if named is not None and named not in accepted:
        raise click.UsageError(f"{option} {out}: found {ending}; accepted: {_endings(accepted)}")
    if form is not None and named not in (None, form):
        raise click.UsageError(
            f"--format {form} contradicts the ending of {option} {out}; leave out --format, or "
            f"choose a file that ends in {_endings([form])}"
        )
    # A name without an ending, such as /dev/stdout, says nothing.
    if named is None and form is None and not ending and accepted[0] != "table":
        raise click.UsageError(f"{option} {out}: has no ending; name a format with --format")
    if named is None and form is None and ending:
        known = [e for e, form in ENDINGS.items() if form in accepted]
        raise click.UsageError(
            f"{option} {out}: the ending {ending} is of no format; accepted: "
            f"{_endings(accepted)}, or name one with --format{suggest(ending, known)}"
        )
    return named


def _endings(formats: Iterable[str]) -> str:
    return ", ".join(ending for ending, form in ENDINGS.items() if form in formats)


def require_csv(dialect: str | None, *outputs: Output | None) -> None:
    """Check that a dialect of CSV is asked for where CSV is written.

    Raises:
        UsageError: where no output is CSV.
    """
    if dialect is not None and not any(o is not None and o.form == "csv" for o in outputs):
        raise click.UsageError(
            "--csv-dialect needs an output as CSV: --format csv, or --out FILE.csv"
        )


def refuse_overwriting(
    out: Path | None, plans: Iterable[Path], extract: str | Path, option: str = "--out"
) -> None:
    """Check that an output is no file that is read.

    Raises:
        KpiError: where it is a plan, or a file of the extract.
        DataError: where the extract is an extract file with a mistake.
    """
    if out is None or out == STANDARD_OUTPUT:
        return
    from kpi.tables.sources.paths import is_among

    read = (*plans, extract, *_declared_files(extract))
    # Standard input is no file that could be overwritten.
    if any(is_among(out, source) for source in read if str(source) != "-"):
        raise KpiError(f"{out}: is what is read; choose another file for {option}")


def _declared_files(extract: str | Path) -> Iterator[str | Path]:
    """Yield the paths, patterns and URLs that an extract file names; else none."""
    from kpi.planfile.extract_file import is_plan_file, load_extract
    from kpi.tables.sources.database_uri import address_of
    from kpi.tables.sources.urls import is_url

    if isinstance(extract, str) or extract.suffix.lower() != ".toml" or not extract.is_file():
        return
    if is_plan_file(extract):
        return
    file = load_extract(extract)
    for source in file.tables:
        if source.path is not None:
            yield source.path if is_url(source.path) else file.directory / source.path
        yield from (file.directory / pattern for pattern in source.files)
        if source.database is not None:
            address = address_of(source.database, source.name, file.directory)
            yield from [] if address.path is None else [address.path]


@frozen(kw_only=True, eq=False, repr=False)
class Contents:
    """What an output holds, in each of the formats.

    Attributes:
        rows: the rows of CSV, JSON lines and Parquet.
        origin: the provenance, which a Parquet file has as metadata too; None for rows as they came.
        texts: the text in each format for people and programs, by format.
        sheets: the sheets of a workbook; given the name of the file, for messages.
    """

    rows: pl.LazyFrame
    origin: Provenance | None = None
    texts: Mapping[str, Callable[[], str]] = field(factory=dict)
    sheets: Callable[[str], Sequence[Sheet]]


def writer(contents: Contents, target: Output) -> Writer:
    """Return the function that writes contents in the format of an output."""
    if target.form in contents.texts:
        text = contents.texts[target.form]().encode()
        return lambda file: file.write(text)

    def write(file: BinaryIO) -> None:
        name = "standard output" if target.path is None else str(target.path)
        if target.form == "xlsx":
            file.write(_workbook(contents, name))
        elif target.form == "parquet":
            metadata = None if contents.origin is None else contents.origin.metadata()
            contents.rows.sink_parquet(file, metadata=metadata)
        elif target.form == "jsonl":
            from kpi.report.json_lines import sink_json_lines

            sink_json_lines(contents.rows, file)
        else:
            from kpi.report.csv import sink_csv

            sink_csv(contents.rows, file, target.dialect)

    return write


def _workbook(contents: Contents, name: str) -> bytes:
    from kpi.report.workbook import workbook

    day = None if contents.origin is None else contents.origin.as_of
    return workbook(contents.sheets(name), day, name)


def put(contents: Contents, target: Output) -> None:
    """Write contents to a file or to standard output."""
    if target.path is not None:
        put_files({target.path: writer(contents, target)})
    elif target.form in contents.texts:
        write_utf8(contents.texts[target.form]())
    else:
        write_bytes(writer(contents, target))


def put_files(outputs: Mapping[Path, Writer]) -> None:
    """Write files: all of them, or none."""
    told: dict[Path, Writer] = {path: _told(path, write) for path, write in outputs.items()}
    write_files(told)


def _told(path: Path, write: Writer) -> Writer:
    def write_and_tell(file: BinaryIO) -> None:
        with stage("write", source=str(path)):
            write(file)

    return write_and_tell


def parquet(frame: pl.DataFrame) -> Writer:
    """Return the writer of a frame as a Parquet file."""

    def write(file: BinaryIO) -> None:
        frame.write_parquet(file)

    return write


def show_result(result: Result, texts: TerminalWords | None = None) -> None:
    """Show a result on standard output, as wide as the terminal.

    Args:
        result: the result.
        texts: the words; None for English.
    """
    from rich.console import Console

    from kpi.report import terminal
    from kpi.report.terminal_words import ENGLISH

    show(terminal.result_table(result, Console().width, texts or ENGLISH))


def say_foreign(text: str) -> None:
    """Write a line that may hold foreign text."""
    say(terminal_text(text))
