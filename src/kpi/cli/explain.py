"""`kpi explain`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

import kpi
from kpi.cli.group import main
from kpi.cli.options import AS_OF, EXTRACT, PLAN
from kpi.errors import DataError
from kpi.report.standard_output import show

if TYPE_CHECKING:
    import polars as pl

    from kpi.results.result import Result


@main.command()
@PLAN
@EXTRACT
@click.argument("case_id")
@AS_OF
def explain(plan: Path, extract: str | Path, case_id: str, as_of: str | None) -> None:
    """Say what became of one case under each target of PLAN."""
    import polars as pl

    from kpi.report import terminal
    from kpi.tables.needs import Needs

    definition = kpi.load_plan(plan)
    result = kpi.evaluate(definition, extract, as_of)
    trail = result.audit().filter(pl.col("case") == case_id).collect()
    if trail.is_empty():
        raise DataError(_absent(result, case_id))
    facts = []
    for snapshot in (result.tables or {}).values():
        shown = pl.exclude(*snapshot.table.key, "^kpi:.*$")
        rows = snapshot.frame.filter(_is_case(snapshot.table, case_id)).select(shown).collect()
        facts += [terminal.case_facts(row) for row in rows.to_dicts()]
    requirements = {target.id: target.requirement_text for target in Needs(definition).targets}
    ends = {t.id for t in Needs(definition).targets if isinstance(t, kpi.IntervalTarget)}
    show(
        terminal.case_heading(case_id, definition, result.as_of),
        *facts,
        terminal.case_table(trail, requirements, ends),
    )


def _is_case(table: kpi.Table, case_id: str) -> pl.Expr:
    from kpi.engine.audit_trail import case_text

    return case_text(table.key) == case_id


def _absent(result: Result, case_id: str) -> str:
    for name, snapshot in (result.tables or {}).items():
        rejected = snapshot.rejected.filter(_is_case(snapshot.table, case_id))
        if not rejected.is_empty():
            row, reason = rejected.row(0)[:2]
            return f"{name}: case {case_id} (row {row}) was rejected: {reason}"
    hidden = sum(quality.hidden for quality in result.facts.values())
    later = f", or entered after {result.as_of}" if hidden else ""
    return f"no case {case_id} in {', '.join(result.facts)}{later}"
