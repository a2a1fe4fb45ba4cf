"""`kpi report`."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from pathlib import Path

import click

import kpi
from kpi.cli.group import main
from kpi.cli.options import AS_OF, EXTRACT, OUT, PLAN, format_option
from kpi.cli.outputs import Output, output, put_files, refuse_overwriting
from kpi.report.standard_output import write_bytes, write_utf8

_FORMATS = ("html", "markdown", "xlsx")


@main.command()
@PLAN
@EXTRACT
@AS_OF
@click.option(
    "--by", "by", multiple=True, metavar="COLUMN", help="Break down by a column; may be repeated."
)
@click.option(
    "--language",
    default="da",
    show_default=True,
    metavar="CODE",
    help="The language of the report: da or en.",
)
@click.option(
    "--hide-below",
    type=click.IntRange(min=0),
    default=5,
    show_default=True,
    help="In break-downs, show no count from 1 to below this, nor what gives one away; 0 shows all.",
)
@click.option(
    "--fingerprint/--no-fingerprint",
    default=None,
    help="Hash the rows of each table, so that the report tells which rows it was made of (default: "
    "of an extract of up to a million rows).",
)
@format_option(_FORMATS, "HTML")
@OUT
def report(
    plan: Path,
    extract: str | Path,
    as_of: str | None,
    by: tuple[str, ...],
    language: str,
    hide_below: int,
    form: str | None,
    out: Path | None,
    *,
    fingerprint: bool | None,
) -> None:
    """Write a report of PLAN over EXTRACT: a page of HTML, Markdown or a workbook, without cases.

    EXTRACT is what `kpi evaluate` takes.
    """
    refuse_overwriting(out, [plan], extract)
    target = output(out, form, _FORMATS)
    from kpi.evaluation.report_figures.figures import report_figures
    from kpi.report.page.catalogue import catalogue
    from kpi.report.page.write import report_bytes, require_library

    catalogue(language)
    require_library(target.form)  # type: ignore[arg-type]  # click and the ending hold it to the formats
    definition = kpi.load_plan(plan)
    figures = report_figures(definition, extract, as_of, by=by, fingerprint=fingerprint)
    arguments = [str(plan), str(extract), *([] if as_of is None else ["--as-of", as_of])]
    arguments += [word for column in by for word in ("--by", column)]
    if fingerprint is not None:
        arguments.append("--fingerprint" if fingerprint else "--no-fingerprint")
    arguments += ["--language", language, "--hide-below", str(hide_below), *_place(target)]
    name = "standard output" if target.path is None else str(target.path)
    written = report_bytes(
        figures,
        target.form,  # type: ignore[arg-type]  # as above
        name,
        language=language,
        hide_below=hide_below,
        command=f"kpi report {shlex.join(arguments)}",
    )
    if target.path is None and target.form != "xlsx":
        write_utf8(written.decode())
    elif target.path is None:
        write_bytes(lambda file: file.write(written))
    else:
        put_files({target.path: lambda file: file.write(written)})


def _place(target: Output) -> Iterator[str]:
    """Yield the options that say where a report goes, by the name of the file alone."""
    if target.path is None:
        yield from ("--format", target.form)
    else:
        yield from ("--out", target.path.name)
