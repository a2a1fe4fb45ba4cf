"""`kpi readings`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import click
from attrs import evolve

import kpi
from kpi.cli.group import main
from kpi.cli.options import AS_OF, EXTRACT, FORMAT, NO_IDS, OUT, PLAN
from kpi.cli.outputs import put, refuse_overwriting, require_out
from kpi.report.standard_output import show
from kpi.tables.redaction import redacted


@main.command()
@PLAN
@EXTRACT
@AS_OF
@FORMAT
@OUT
@click.option(
    "--month-ends",
    "by_month_ends",
    is_flag=True,
    help="Show the month-end modes instead, and the cases that depend on them.",
)
@NO_IDS
def readings(
    plan: Path,
    extract: Path,
    as_of: str | None,
    form: str,
    out: Path | None,
    *,
    by_month_ends: bool,
    no_ids: bool,
) -> None:
    """Show each target of PLAN under every reading of its sentence, and which verdicts turn on it.

    EXTRACT is what `kpi evaluate` takes. The readings stand in the plan.
    """
    from rich.console import Console

    from kpi.report import markdown, terminal
    from kpi.report.csv import csv_text

    require_out(form, out)
    refuse_overwriting(out, plan, extract)
    definition = kpi.load_plan(plan)
    with redacted(hide=no_ids), Console(stderr=True).status("Evaluating every reading"):
        modes = kpi.month_ends(definition, extract, as_of) if by_month_ends else None
        by_reading = kpi.readings(definition, extract, as_of) if modes is None else modes.readings
    if modes is not None and no_ids:
        modes = evolve(modes, cases=modes.cases.drop("case"))
    frame = by_reading.frame if modes is None else modes.cases
    texts: dict[str, Callable[[], str]] = {
        "table": lambda: terminal.plain(terminal.readings_table(by_reading, 120, modes)),
        "json": lambda: (by_reading if modes is None else modes).to_json() + "\n",
        "csv": lambda: csv_text(frame),
        "markdown": lambda: markdown.readings_markdown(by_reading, modes),
    }
    if form == "table" and out is None:
        show(terminal.readings_table(by_reading, Console().width, modes))
    else:
        put(texts, frame, form, out)
