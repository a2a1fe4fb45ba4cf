"""`kpi report`."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click
from attrs import frozen

import kpi
from kpi.cli.group import main
from kpi.cli.options import AS_OF, EXTRACT, OUT, PLAN, format_option, handed_over
from kpi.cli.outputs import Output, output, put_files, refuse_overwriting
from kpi.report.standard_output import write_bytes, write_utf8
from kpi.tables.redaction import redacted

if TYPE_CHECKING:
    from kpi.evaluation.report_figures.figures import ReportFigures

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
    "--hide-headlines",
    is_flag=True,
    help="Show no figure of a requirement of which a count is that small either, and no note with one.",
)
@click.option(
    "--follow",
    "follows",
    is_flag=True,
    help="Before the end: charts to date, what it takes, and what is expected with its track record.",
)
@click.option(
    "--assessments",
    type=click.Path(path_type=Path, dir_okay=False),
    help="With --follow: the agency's own assessments, as for `kpi follow`.",
)
@click.option(
    "--then",
    metavar="OLD",
    type=click.Path(),
    callback=handed_over,
    help="An earlier extract: say what moved since then, and why. Needs --then-as-of.",
)
@click.option("--then-as-of", metavar="DATE", help="The day from which both extracts are compared.")
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
    assessments: Path | None,
    then: str | Path | None,
    then_as_of: str | None,
    form: str | None,
    out: Path | None,
    *,
    follows: bool,
    hide_headlines: bool,
    fingerprint: bool | None,
) -> None:
    """Write a report of PLAN over EXTRACT: a page of HTML, Markdown or a workbook, without cases.

    EXTRACT is what `kpi evaluate` takes.
    """
    if assessments is not None and not follows:
        raise click.UsageError("--assessments needs --follow")
    if follows and as_of is None:
        raise click.UsageError("--follow needs --as-of, a day before the end")
    if (then is None) != (then_as_of is None):
        raise click.UsageError("--then and --then-as-of belong together; give both")
    read = [plan] if assessments is None else [plan, assessments]
    refuse_overwriting(out, read, extract)
    if then is not None:
        refuse_overwriting(out, read, then)
    target = output(out, form, _FORMATS)
    from kpi.report.page.catalogue import catalogue
    from kpi.report.page.write import report_bytes, report_format, require_library

    catalogue(language)
    written_as = report_format(target.form)
    require_library(written_as)
    asked = _Asked(
        plan=kpi.load_plan(plan),
        extract=extract,
        as_of=as_of,
        by=by,
        assessments=assessments if follows else None,
        follows=follows,
        then=then,
        then_as_of=then_as_of,
        fingerprint=fingerprint,
    )
    # Notes name no case, and the months of a follow-up are made as the page is.
    with redacted():
        figures = _figures(asked)
    arguments = [str(plan), str(extract), *([] if as_of is None else ["--as-of", as_of])]
    arguments += [word for column in by for word in ("--by", column)]
    if fingerprint is not None:
        arguments.append("--fingerprint" if fingerprint else "--no-fingerprint")
    arguments += ["--follow"] if follows else []
    arguments += [] if assessments is None else ["--assessments", str(assessments)]
    if then is not None and then_as_of is not None:
        arguments += ["--then", str(then), "--then-as-of", then_as_of]
    arguments += ["--hide-headlines"] if hide_headlines else []
    arguments += ["--language", language, "--hide-below", str(hide_below), *_place(target)]
    name = "standard output" if target.path is None else str(target.path)
    with redacted():
        written = report_bytes(
            figures,
            written_as,
            name,
            language=language,
            hide_below=hide_below,
            hide_headlines=hide_headlines,
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


@frozen(kw_only=True)
class _Asked:
    """What a report is asked of; the attributes are the options of the command."""

    plan: kpi.Plan
    extract: str | Path
    as_of: str | None
    by: tuple[str, ...]
    follows: bool
    assessments: Path | None
    then: str | Path | None
    then_as_of: str | None
    fingerprint: bool | None


def _figures(asked: _Asked) -> ReportFigures:
    """Return the figures of a report.

    Raises:
        PlanError, DataError, KpiError: as `kpi.evaluate`, `kpi.follow` and `kpi.compare`.
    """
    from kpi.evaluation.report_figures.figures import Then, figures_before_the_end, report_figures

    then = None
    if asked.then is not None and asked.then_as_of is not None:
        then = Then(asked.then, asked.then_as_of)
    if not asked.follows:
        return report_figures(
            asked.plan,
            asked.extract,
            asked.as_of,
            by=asked.by,
            fingerprint=asked.fingerprint,
            then=then,
        )
    assert asked.as_of is not None, "the options were looked at"
    return figures_before_the_end(
        asked.plan,
        asked.extract,
        asked.as_of,
        by=asked.by,
        assessments=asked.assessments,
        fingerprint=asked.fingerprint,
        then=then,
    )
