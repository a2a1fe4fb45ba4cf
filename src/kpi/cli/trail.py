"""`kpi trail`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, get_args

import click

import kpi
from kpi.cli.group import main
from kpi.cli.options import AS_OF, DIALECT, EXTRACT, NO_IDS, OUT, PLAN, format_option
from kpi.cli.outputs import (
    ROW_FORMATS,
    STANDARD_OUTPUT,
    Contents,
    Output,
    output,
    put,
    refuse_overwriting,
    require_csv,
)
from kpi.definitions.outcomes import BUCKETS, OUTSIDE
from kpi.definitions.periods import Every
from kpi.errors import KpiError, OutputError, listed, suggest
from kpi.report.standard_output import show
from kpi.tables.redaction import redacted

if TYPE_CHECKING:
    import polars as pl

    from kpi.definitions.notes import Note
    from kpi.report.workbook import Sheet
    from kpi.results.provenance import Provenance
    from kpi.results.result import Result

FORMATS = ("table", *ROW_FORMATS)
SHOWN = 20
"""Rows that are shown on standard output."""


def _buckets(
    _context: click.Context, _: click.Parameter, values: tuple[str, ...]
) -> tuple[str, ...]:
    for word in values:
        if word not in BUCKETS:
            accepted = f"accepted: {listed(BUCKETS)}"
            raise click.BadParameter(f"found {word!r}; {accepted}{suggest(word, BUCKETS)}")
    return values


@main.command()
@PLAN
@EXTRACT
@AS_OF
@click.option(
    "--target", "targets", multiple=True, metavar="ID", help="Only this target; may be repeated."
)
@click.option(
    "--bucket",
    "buckets",
    callback=_buckets,
    multiple=True,
    metavar="BUCKET",
    help=f"Only rows that are {', '.join(BUCKETS[:-1])} or {BUCKETS[-1]}; may be repeated.",
)
@click.option("--late", is_flag=True, help="Only counted rows that are not in time.")
@click.option(
    "--open",
    "only_open",
    is_flag=True,
    help="Only cases that have not ended, with their due dates, whatever the target's window; the "
    "soonest due first.",
)
@click.option(
    "--every",
    type=click.Choice(get_args(Every)),
    help="The rows of each period of a series: a row for each period that a case counts in.",
)
@click.option(
    "--rolling",
    metavar="LENGTH",
    help="The window that ends with each period of --every, such as '12 months' (default: the period).",
)
@click.option(
    "--periods",
    is_flag=True,
    help="The rows of each period of the targets that must reach every period, as the plan says.",
)
@format_option(FORMATS, f"a table of the first {SHOWN} rows")
@OUT
@DIALECT
@NO_IDS
def trail(
    plan: Path,
    extract: str | Path,
    as_of: str | None,
    targets: tuple[str, ...],
    buckets: tuple[str, ...],
    *,
    late: bool,
    only_open: bool,
    every: str | None,
    rolling: str | None,
    periods: bool,
    form: str | None,
    out: Path | None,
    dialect: str | None,
    no_ids: bool,
) -> None:
    """List what became of each row of EXTRACT under each target of PLAN: the audit trail.

    EXTRACT is what `kpi evaluate` takes. Options that choose rows narrow one another.
    """
    if only_open and (periods or every is not None):
        raise click.UsageError(
            "--open lists cases whatever the period; accepted: without --every and --periods"
        )
    refuse_overwriting(out, [plan], extract)
    to_file = out not in (None, STANDARD_OUTPUT)
    if to_file and form == "table":
        raise click.UsageError(
            f"--format table goes to standard output; accepted with --out: {listed(ROW_FORMATS)}"
        )
    target = output(out, form, ROW_FORMATS if to_file else FORMATS, dialect)
    require_csv(dialect, target)
    definition = kpi.load_plan(plan)
    _require_targets(definition, targets)
    with redacted(hide=no_ids):
        result = kpi.evaluate(definition, extract, as_of, every=every, rolling=rolling)  # type: ignore[arg-type]  # click holds it to the choices
        by_period = periods or every is not None
        rows = _rows(result, targets, buckets, late=late, only_open=only_open, periods=by_period)
        rows = rows.drop("case") if no_ids else rows
        if target == Output(None, "table"):
            _show(result, rows)
        else:
            put(_contents(result, rows), target)


def _require_targets(plan: kpi.Plan, ids: Sequence[str]) -> None:
    """Check that each id is of a requirement of the plan, or of a part of one.

    Raises:
        KpiError: naming every other id, a line each.
    """
    known = [requirement.id for requirement in (*plan.targets, *plan.leaves())]
    unknown = [
        f"--target {name}: no such target in {plan.id}{suggest(name, known)}"
        for name in dict.fromkeys(ids)
        if name not in known
    ]
    if unknown:
        raise KpiError("\n".join(unknown))


def _rows(
    result: Result,
    targets: Sequence[str],
    buckets: Sequence[str],
    *,
    late: bool,
    only_open: bool,
    periods: bool,
) -> pl.LazyFrame:
    import polars as pl

    if only_open:
        rows = result.open_cases(*targets)
    else:
        outside = not late and OUTSIDE in (buckets or BUCKETS)
        rows = result.audit(*targets, outside=outside, periods=periods)
    if buckets:
        rows = rows.filter(pl.col("bucket").is_in(buckets))
    return rows.filter(~pl.col("met")) if late else rows


def _show(result: Result, rows: pl.LazyFrame) -> None:
    import polars as pl

    from kpi.report.trail_table import trail_table

    first = rows.head(SHOWN).collect()
    # The rows need not fit into memory, and few need not be counted.
    total = first.height
    if total == SHOWN:
        total = rows.select(pl.len()).collect(engine="streaming").item()
    show(trail_table(first, total, result.plan, result.as_of))


def _contents(result: Result, rows: pl.LazyFrame) -> Contents:
    from kpi.results.provenance import Provenance

    origin = Provenance.of(result.plan, result.as_of)
    rows = rows.with_columns(origin.columns())
    return Contents(
        rows=rows,
        origin=origin,
        sheets=lambda name: row_sheets("trail", rows, result.notes, origin, name),
    )


def row_sheets(
    title: str, rows: pl.LazyFrame, notes: Sequence[Note], origin: Provenance, name: str
) -> list[Sheet]:
    """Return a sheet of rows, and the sheet `notes`.

    Args:
        title: the name of the first sheet.
        rows: the rows.
        notes: the notes.
        origin: the provenance.
        name: the name of the file, for messages.

    Raises:
        OutputError: where the rows are too many for a sheet.
    """
    import polars as pl

    from kpi.report.sheets import notes_sheet
    from kpi.report.workbook import MOST_ROWS, Sheet, too_many_rows

    few = rows.head(MOST_ROWS + 1).collect(engine="streaming")
    if few.height > MOST_ROWS:
        total = rows.select(pl.len()).collect(engine="streaming").item()
        raise OutputError(too_many_rows(name, total))
    return [Sheet(name=title, frame=few), notes_sheet(notes, origin)]
