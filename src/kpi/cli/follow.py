"""`kpi follow`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

import kpi
from kpi.cli.group import main
from kpi.cli.options import DIALECT, EXTRACT, NO_IDS, OUT, PLAN, format_option
from kpi.cli.outputs import Contents, Output, output, put, refuse_overwriting, require_csv
from kpi.report.standard_output import show
from kpi.tables.redaction import redacted

if TYPE_CHECKING:
    from kpi.evaluation.follow_up import FollowUp

_FORMATS = ("table", "json", "csv", "markdown", "parquet")


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
    form: str | None,
    out: Path | None,
    dialect: str | None,
    *,
    no_estimate: bool,
    no_ids: bool,
) -> None:
    """Follow PLAN up before its end: what is certain by then, what depends on new cases, what is expected.

    EXTRACT is what `kpi evaluate` takes. From the last day on, `kpi evaluate` gives the verdicts.
    """
    read = [plan] if assessments is None else [plan, assessments]
    refuse_overwriting(out, read, extract)
    target = output(out, form, _FORMATS, dialect)
    require_csv(dialect, target)
    definition = kpi.load_plan(plan)
    with redacted(hide=no_ids):
        followed = kpi.follow(
            definition, extract, as_of, by=by, assessments=assessments, estimate=not no_estimate
        )
    if target == Output(None, "table"):
        from rich.console import Console

        from kpi.report.follow_table import follow_table

        show(follow_table(followed, Console().width))
    else:
        put(_contents(followed), target)


def _contents(followed: FollowUp) -> Contents:
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
            "json": lambda: followed.to_json() + "\n",
            "markdown": lambda: follow_markdown(followed),
        },
        sheets=lambda _: [],
    )
