"""`kpi sample` and `kpi demo`: synthetic extracts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.resources import files
from pathlib import Path

import click

import kpi
from kpi.cli.group import main
from kpi.cli.options import PLAN
from kpi.cli.outputs import parquet, say_foreign, show_result
from kpi.errors import OutputError
from kpi.report.atomic_files import cannot_write, write_files
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
    from rich.console import Console

    from kpi.sample import sample as make_sample

    definition = kpi.load_plan(plan)
    with Console(stderr=True).status("Making the sample"):
        tables = make_sample(definition, rows, seed)
    files = {out / f"{name}.parquet": frame for name, frame in tables.items()}
    with _directory(out):
        write_files({path: parquet(frame) for path, frame in files.items()})
    for path, frame in files.items():
        say_foreign(f"{path}: {frame.height} rows")


@contextmanager
def _directory(path: Path) -> Iterator[None]:
    """Make a directory where it is missing, and remove it again where writing to it fails.

    Raises:
        OutputError: where the directory cannot be made.
    """
    missing = [folder for folder in (path, *path.parents) if not folder.exists()]
    try:
        try:
            path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise OutputError(cannot_write(str(path), error)) from error
        yield
    except BaseException:
        for folder in missing:
            # The folder was not made yet, or another process has put something there.
            with suppress(OSError):
                folder.rmdir()
        raise


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
