"""`kpi readings`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click
from attrs import evolve

import kpi
from kpi.cli.group import main
from kpi.cli.options import AS_OF, DIALECT, EXTRACT, FORMAT, NO_IDS, OUT, PLAN
from kpi.cli.outputs import Contents, Output, output, put, refuse_overwriting, require_csv
from kpi.report.standard_output import show
from kpi.tables.redaction import redacted

if TYPE_CHECKING:
    from kpi.evaluation.month_ends import MonthEnds
    from kpi.evaluation.readings import Readings


@main.command()
@PLAN
@EXTRACT
@AS_OF
@FORMAT
@OUT
@DIALECT
@click.option(
    "--month-ends",
    "by_month_ends",
    is_flag=True,
    help="Show the month-end modes instead, and the cases that depend on them.",
)
@NO_IDS
def readings(
    plan: Path,
    extract: str | Path,
    as_of: str | None,
    form: str | None,
    out: Path | None,
    dialect: str | None,
    *,
    by_month_ends: bool,
    no_ids: bool,
) -> None:
    """Show each target of PLAN under every reading of its sentence, and which verdicts turn on it.

    EXTRACT is what `kpi evaluate` takes. The readings stand in the plan.
    """
    refuse_overwriting(out, [plan], extract)
    target = output(out, form, dialect=dialect)
    require_csv(dialect, target)
    definition = kpi.load_plan(plan)
    with redacted(hide=no_ids):
        modes = kpi.month_ends(definition, extract, as_of) if by_month_ends else None
        by_reading = kpi.readings(definition, extract, as_of) if modes is None else modes.readings
    if modes is not None and no_ids:
        modes = evolve(modes, cases=modes.cases.drop("case"))
    if target == Output(None, "table"):
        from rich.console import Console

        from kpi.report import terminal

        show(terminal.readings_table(by_reading, Console().width, modes))
    else:
        put(_contents(by_reading, modes), target)


def _contents(readings: Readings, modes: MonthEnds | None) -> Contents:
    from kpi.report import markdown, terminal
    from kpi.report.sheets import readings_sheets
    from kpi.results.provenance import Provenance

    origin = Provenance.of(readings.plan, readings.as_of)
    frame = readings.frame if modes is None else modes.cases
    return Contents(
        rows=frame.lazy().with_columns(origin.columns()),
        origin=origin,
        texts={
            "table": lambda: terminal.plain(terminal.readings_table(readings, 120, modes)),
            "json": lambda: (readings if modes is None else modes).to_json() + "\n",
            "markdown": lambda: markdown.readings_markdown(readings, modes),
        },
        sheets=lambda _: readings_sheets(readings, modes),
    )
