"""`kpi demo`: the 2017 plan over a synthetic extract."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import kpi
from kpi.cli.group import main
from kpi.cli.outputs import show_result
from kpi.report.standard_output import say

DEMO_ROWS, DEMO_SEED = 20_000, 2017


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
