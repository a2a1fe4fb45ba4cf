"""`kpi inspect`."""

from __future__ import annotations

from pathlib import Path

import click

import kpi
from kpi.cli.group import main
from kpi.cli.options import EXTRACT, NO_IDS
from kpi.cli.outputs import put_files, refuse_overwriting
from kpi.errors import KpiError, without_credentials
from kpi.events import stage
from kpi.report.standard_output import show, write_utf8
from kpi.tables.redaction import redacted


@main.command()
@EXTRACT
@click.option(
    "--plan", type=click.Path(path_type=Path), help="Look for the columns and values of this plan."
)
@click.option("--table", metavar="NAME", help="Look at this table alone.")
@click.option(
    "--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True
)
@click.option(
    "--write",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write the proposed extract file to this file, such as extract.toml.",
)
@click.option("--force", is_flag=True, help="Overwrite the file of --write.")
@NO_IDS
def inspect(
    extract: str | Path,
    plan: Path | None,
    table: str | None,
    form: str,
    write: Path | None,
    *,
    force: bool,
    no_ids: bool,
) -> None:
    """Look at EXTRACT, and propose how to read it. Nothing is evaluated.

    EXTRACT is what `kpi evaluate` takes, or would take: a CSV file may have lines above its header,
    another encoding, and dates in any format. Guesses are marked as guesses.
    """
    from rich.console import Console

    from kpi.report.inspection import inspection_table

    if force and write is None:
        raise click.UsageError("--force needs --write FILE")
    if write is not None and write.exists() and not force:
        raise KpiError(f"{write}: exists; choose another file, or overwrite it with --force")
    definition = None if plan is None else kpi.load_plan(plan)
    if write is not None:
        refuse_overwriting(write, [] if plan is None else [plan], extract, "--write")
    # An address may hold credentials.
    source = without_credentials(str(extract))
    with redacted(hide=no_ids), stage("inspect", table, source=source):
        inspection = kpi.inspect(extract, definition, table=table)
    if form == "json":
        write_utf8(inspection.to_json() + "\n")
    else:
        show(inspection_table(inspection, Console().width))
    if write is not None:
        content = inspection.toml(write.parent).encode()
        put_files({write: lambda file: file.write(content)})
