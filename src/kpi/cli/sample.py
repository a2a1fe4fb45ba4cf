"""`kpi sample` and `kpi demo`: synthetic extracts."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import click

import kpi
from kpi.cli.directories import directory
from kpi.cli.group import main
from kpi.cli.options import PLAN
from kpi.cli.outputs import parquet, put_files, say_foreign, show_result
from kpi.events import stage
from kpi.report.standard_output import say

DEMO_ROWS, DEMO_SEED = 20_000, 2017


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


@main.command()
def demo() -> None:
    """Make a sample for the 2017 plan and evaluate it; needs no data."""
    from kpi.sample import sample as make_sample

    definition = kpi.load_plan(demo_plan())
    result = kpi.evaluate(definition, make_sample(definition, DEMO_ROWS, DEMO_SEED))
    say(f"A synthetic extract of {DEMO_ROWS:,} cases; no real figures.\n")
    show_result(result)


def demo_plan() -> Path:
    """Return the path of the 2017 plan: in the installed package, or in the checkout."""
    packaged = Path(str(files("kpi"))) / "plans" / "us-2017.toml"
    checkout = Path(__file__).parents[3] / "examples" / "plans" / "us-2017.toml"
    return packaged if packaged.is_file() else checkout
