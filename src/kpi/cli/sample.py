"""`kpi sample`: a synthetic extract."""

from __future__ import annotations

from pathlib import Path

import click

import kpi
from kpi.cli.directories import directory
from kpi.cli.group import main
from kpi.cli.options import PLAN
from kpi.cli.outputs import parquet, put_files, say_foreign
from kpi.events import stage


@main.command()
@PLAN
@click.option(
    "--rows", type=click.IntRange(min=0), default=10_000, show_default=True, help="Rows a table."
)
@click.option("--seed", type=int, default=0, show_default=True)
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    required=True,
    help="Directory to write to.",
)
def sample(plan: Path, rows: int, seed: int, out: Path) -> None:
    """Make a plausible synthetic extract for PLAN: a Parquet file per table."""
    from kpi.sample import sample as make_sample

    definition = kpi.load_plan(plan)
    with stage("sample", rows=rows):
        tables = make_sample(definition, rows, seed)
    files = {out / f"{name}.parquet": frame for name, frame in tables.items()}
    with directory(out):
        put_files({path: parquet(frame) for path, frame in files.items()})
    for path, frame in files.items():
        say_foreign(f"{path}: {frame.height} rows")
