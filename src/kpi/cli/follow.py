"""`kpi follow`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

import kpi
from kpi.cli.group import main
from kpi.cli.options import DIALECT, EXTRACT, NO_IDS, OUT, PLAN, format_option
from kpi.cli.outputs import (
    ROW_FORMATS,
    STANDARD_OUTPUT,
    Contents,
    Output,
    output,
    put,
    put_files,
    refuse_overwriting,
    require_csv,
    writer,
)
from kpi.cli.trail import row_sheets
from kpi.errors import PlanError
from kpi.report.standard_output import show
from kpi.tables.redaction import redacted

if TYPE_CHECKING:
    from kpi.evaluation.follow_up import FollowUp

_FORMATS = ("table", "json", "csv", "markdown", "parquet")
_SERIES = "--series"
_WORK = "--work"


def _capacity(_context: click.Context, _: click.Parameter, value: str | None) -> str | None:
    from kpi.evaluation.work_list.workload import parse_capacity

    try:
        parse_capacity(value)
    except PlanError as error:
        raise click.BadParameter(error.problems[0].message.removeprefix("capacity: ")) from None
    return value


@main.command()
@PLAN
@EXTRACT
@click.option(
    "--as-of",
    required=True,
    metavar="DATE",
    help="Look at the cases from this day, e.g. 2022-06-30; the day before the end, not the end.",
)
@click.option(
    "--by", "by", multiple=True, metavar="COLUMN", help="Break down by a column; may be repeated."
)
@click.option(
    "--assessments",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The agency's own assessments, a table with target, expected, on, and perhaps text and by.",
)
@click.option(
    "--no-estimate",
    is_flag=True,
    help="Leave out what is expected; over years of cases, estimates take most of the time.",
)
@click.option(
    _WORK,
    "work",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write the open cases whose deciding can change a figure to this file, each with its last "
    "day in time; the ending says the format.",
)
@click.option(
    "--capacity",
    metavar="N",
    callback=_capacity,
    help="Say how many open cases can be in time with so many decisions a week (default, with "
    "--work: the mean of the last 13 weeks).",
)
@click.option(
    _SERIES,
    "charts",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write the series for charts to this file; the ending says the format. The JSON has them too.",
)
@click.option(
    "--no-series",
    is_flag=True,
    help="Leave the series out of the JSON; they take as long as a follow-up for each month.",
)
@click.option(
    "--then",
    multiple=True,
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="An earlier follow-up as JSON, to stand in the series as it was reported; may be repeated.",
)
@format_option(_FORMATS, "a table")
@OUT
@DIALECT
@NO_IDS
def follow(
    plan: Path,
    extract: str | Path,
    as_of: str,
    by: tuple[str, ...],
    assessments: Path | None,
    work: Path | None,
    capacity: str | None,
    form: str | None,
    out: Path | None,
    dialect: str | None,
    charts: Path | None,
    then: tuple[Path, ...],
    *,
    no_estimate: bool,
    no_series: bool,
    no_ids: bool,
) -> None:
    """Follow PLAN up before its end: what is certain by then, what depends on new cases, what is expected.

    EXTRACT is what `kpi evaluate` takes. From the last day on, `kpi evaluate` gives the verdicts.
    """
    if work is not None and no_ids:
        raise click.UsageError("--no-ids contradicts --work, which names cases")
    if work == STANDARD_OUTPUT:
        raise click.UsageError("--work - : cases are named in a file only; give the name of one")
    if charts == STANDARD_OUTPUT:
        raise click.UsageError("--series - : the series go to a file; give the name of one")
    for one, other, names in (
        (work, out, "--work and --out"),
        (charts, out, "--series and --out"),
        (work, charts, "--work and --series"),
    ):
        if one is not None and one == other:
            raise click.UsageError(f"{names} name the same file; choose two")
    read = [plan, *then] if assessments is None else [plan, *then, assessments]
    refuse_overwriting(out, read, extract)
    refuse_overwriting(work, read, extract, _WORK)
    refuse_overwriting(charts, read, extract, _SERIES)
    target = output(out, form, _FORMATS, dialect)
    listed = None if work is None else output(work, None, ROW_FORMATS, dialect, _WORK)
    series = None if charts is None else output(charts, None, ROW_FORMATS, dialect, _SERIES)
    if then and series is None and (target.form != "json" or no_series):
        raise click.UsageError(f"--then needs the series: {_SERIES} FILE, or --format json")
    require_csv(dialect, target, listed, series)
    definition = kpi.load_plan(plan)
    with redacted(hide=no_ids):
        followed = kpi.follow(
            definition,
            extract,
            as_of,
            by=by,
            assessments=assessments,
            estimate=not no_estimate,
            then=then,
        )
        if work is not None or capacity is not None:
            followed = followed.with_workload(capacity)
        contents = _contents(followed, series=not no_series)
        files = {}
        if listed is not None and work is not None:
            files[work] = writer(_work(followed), listed)
        if series is not None and charts is not None:
            files[charts] = writer(_series(followed), series)
        if files and target.path is not None:
            files[target.path] = writer(contents, target)
        if files:
            put_files(files)
        if target == Output(None, "table"):
            from rich.console import Console

            from kpi.report.follow_table import follow_table

            show(follow_table(followed, Console().width))
        elif not files or target.path is None:
            put(contents, target)


def _work(followed: FollowUp) -> Contents:
    from kpi.report.workbook import Sheet
    from kpi.results.provenance import Provenance

    origin = Provenance.of(followed.plan, followed.as_of)
    cases = followed.work().with_columns(origin.columns())
    by_target = followed.work(by_target=True).with_columns(origin.columns())
    weeks = followed.weeks.with_columns(origin.columns())

    def sheets(name: str) -> list[Sheet]:
        of_cases, notes = row_sheets("work", cases, followed.notes, origin, name)
        of_targets, _ = row_sheets("by target", by_target, followed.notes, origin, name)
        return [of_cases, of_targets, Sheet(name="weeks", frame=weeks), notes]

    return Contents(rows=cases, origin=origin, sheets=sheets)


def _series(followed: FollowUp) -> Contents:
    from kpi.results.provenance import Provenance

    series = followed.group_series if followed.by else followed.series
    origin = Provenance.of(followed.plan, followed.as_of)
    rows = series.frame.lazy().with_columns(origin.columns())
    return Contents(
        rows=rows,
        origin=origin,
        sheets=lambda name: row_sheets("series", rows, series.notes, origin, name),
    )


def _contents(followed: FollowUp, *, series: bool) -> Contents:
    from kpi.report import terminal
    from kpi.report.follow_markdown import follow_markdown
    from kpi.report.follow_table import follow_table
    from kpi.results.provenance import Provenance

    origin = Provenance.of(followed.plan, followed.as_of)
    rows = followed.groups if followed.groups.height else followed.frame
    return Contents(
        rows=rows.lazy().with_columns(origin.columns()),
        origin=origin,
        texts={
            "table": lambda: terminal.plain(follow_table(followed, 120)),
            "json": lambda: followed.to_json(series=series) + "\n",
            "markdown": lambda: follow_markdown(followed),
        },
        sheets=lambda _: [],
    )
