"""`kpi compare`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

import kpi
from kpi.cli.group import main
from kpi.cli.options import DIALECT, FORMAT, NO_IDS, OUT, PLAN, handed_over
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
from kpi.errors import DataError
from kpi.report.standard_output import show
from kpi.tables.redaction import redacted

if TYPE_CHECKING:
    from kpi.evaluation.comparison.comparison import Comparison

_CASES = "--cases"


@main.command()
@PLAN
@click.argument("old", type=click.Path(), callback=handed_over)
@click.argument("new", type=click.Path(), callback=handed_over)
@click.option(
    "--as-of",
    metavar="DATE",
    required=True,
    help="The day that both extracts are looked at from, e.g. 2022-06-30.",
)
@click.option(
    "--to",
    metavar="DATE",
    help="The day that NEW is looked at from too (default: the last day of the plan's period).",
)
@click.option(
    "--old-plan",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="The plan that OLD was judged by, where it was another.",
)
@click.option(
    _CASES,
    "cases",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write the cases that moved, with their buckets, to this file; the ending says the format.",
)
@FORMAT
@OUT
@DIALECT
@NO_IDS
def compare(
    plan: Path,
    old: str | Path,
    new: str | Path,
    as_of: str,
    *,
    to: str | None,
    old_plan: Path | None,
    cases: Path | None,
    form: str | None,
    out: Path | None,
    dialect: str | None,
    no_ids: bool,
) -> None:
    """Compare an extract OLD with a later one NEW: what was said, what is known now, and why.

    OLD and NEW are what `kpi evaluate` takes. Three figures for each target of PLAN: OLD as of the
    day, NEW as of the same day, and NEW as of a later day; each difference is parted by what became
    of the cases.
    """
    if str(old) == str(new) == "-":
        raise click.UsageError("OLD and NEW are both standard input; give one of them as a file")
    if cases is not None and no_ids:
        raise click.UsageError("--no-ids contradicts --cases, which names cases")
    if cases == STANDARD_OUTPUT:
        raise click.UsageError("--cases - : cases are named in a file only; give the name of one")
    if cases is not None and cases == out:
        raise click.UsageError("--cases and --out name the same file; choose two")
    plans = [plan, *([] if old_plan is None else [old_plan])]
    for extract in (old, new):
        refuse_overwriting(out, plans, extract)
        refuse_overwriting(cases, plans, extract, _CASES)
    target = output(out, form, dialect=dialect)
    listed = None if cases is None else output(cases, None, ROW_FORMATS, dialect, option=_CASES)
    require_csv(dialect, target, listed)
    definition = kpi.load_plan(plan)
    former = None if old_plan is None else kpi.load_plan(old_plan)
    with redacted(hide=no_ids):
        comparison = kpi.compare(definition, old, new, as_of, to, old_plan=former)
        _require_order(comparison)
        if listed is not None and cases is not None:
            files = {cases: writer(_cases(comparison), listed)}
            if target.path is not None:
                files[target.path] = writer(_contents(comparison), target)
            put_files(files)
        if target == Output(None, "table"):
            from rich.console import Console

            from kpi.report.comparison_table import comparison_table

            show(comparison_table(comparison, Console().width))
        elif listed is None or target.path is None:
            put(_contents(comparison), target)


def _require_order(comparison: Comparison) -> None:
    """Check that OLD is not the newer extract.

    Raises:
        DataError: naming each table of which it is, a line each.
    """
    lines = [str(note) for note in comparison.notes if note.code == "old-is-newer"]
    if lines:
        raise DataError("\n".join(lines))


def _contents(comparison: Comparison) -> Contents:
    from kpi.report import terminal
    from kpi.report.comparison_markdown import comparison_markdown
    from kpi.report.comparison_table import comparison_table
    from kpi.report.sheets import comparison_sheets
    from kpi.results.provenance import Provenance

    origin = Provenance.of(comparison.plan, comparison.as_of)
    return Contents(
        rows=comparison.buckets.lazy().with_columns(origin.columns()),
        origin=origin,
        texts={
            "table": lambda: terminal.plain(comparison_table(comparison, 120)),
            "json": lambda: comparison.to_json() + "\n",
            "markdown": lambda: comparison_markdown(comparison),
        },
        sheets=lambda _: comparison_sheets(comparison),
    )


def _cases(comparison: Comparison) -> Contents:
    from kpi.results.provenance import Provenance

    origin = Provenance.of(comparison.plan, comparison.as_of)
    rows = comparison.cases().with_columns(origin.columns())
    return Contents(
        rows=rows,
        origin=origin,
        sheets=lambda name: row_sheets("cases", rows, comparison.notes, origin, name),
    )
