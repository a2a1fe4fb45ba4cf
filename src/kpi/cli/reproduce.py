"""`kpi reproduce`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

import kpi
from kpi.cli.group import main
from kpi.cli.options import EXTRACT, NO_IDS, PLAN
from kpi.cli.outputs import say_foreign
from kpi.exit_codes import DIFFERS
from kpi.tables.redaction import redacted

if TYPE_CHECKING:
    from kpi.evaluation.reproduce import Reproduction


@main.command()
@click.argument("result", type=click.Path(path_type=Path))
@PLAN
@EXTRACT
@NO_IDS
def reproduce(result: Path, plan: Path, extract: str | Path, *, no_ids: bool) -> None:
    """Compute RESULT again from PLAN and EXTRACT, and say "equal", or what differs.

    RESULT is a file that `kpi evaluate --format json` wrote; with --fingerprint, the contents of the
    tables are compared too. EXTRACT is what `kpi evaluate` takes. As-of date, break-down and series
    are those of RESULT.
    """
    definition = kpi.load_plan(plan)
    with redacted(hide=no_ids):
        found = kpi.reproduce(result, definition, extract)
    say_foreign(f"{result}: {_summary(found)}")
    for discrepancy in found.discrepancies:
        say_foreign(str(discrepancy))
    if not found.equal:
        raise SystemExit(DIFFERS)


def _summary(found: Reproduction) -> str:
    if found.equal:
        what = "plan, tables and figures" if found.with_contents else "plan, rows and figures"
        unknown = "" if found.with_contents else "; the contents of the tables were not kept"
        return f"equal ({what}{unknown})"
    parts = [
        *(["the plan"] if found.of("plan") else []),
        *(f"the table {name}" for name in dict.fromkeys(c.place for c in found.of("table"))),
        *([_figures(len(found.of("figure")))] if found.of("figure") else []),
    ]
    return f"differs: {', '.join(parts)}"


def _figures(n: int) -> str:
    return "1 figure" if n == 1 else f"{n:,} figures"
