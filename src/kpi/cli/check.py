"""`kpi check`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

import kpi
from kpi.cli.group import main
from kpi.cli.options import AS_OF, NO_IDS, OPTIONAL_EXTRACT, PLAN
from kpi.cli.outputs import say_foreign
from kpi.definitions.doubts import calendar_remarks, target_remarks
from kpi.errors import KpiError
from kpi.tables.redaction import redacted


@main.command()
@PLAN
@OPTIONAL_EXTRACT
@AS_OF
@click.option(
    "--expected",
    type=click.Path(path_type=Path),
    help="A file of expected cases that stands elsewhere.",
)
@NO_IDS
def check(
    plan: Path,
    extract: str | Path | None,
    as_of: str | None,
    expected: Path | None,
    *,
    no_ids: bool,
) -> None:
    """Check PLAN and name every mistake in it.

    Where expected cases stand beside it, in PLAN's name with .expected.toml, it is held to them.
    With EXTRACT, which is what `kpi evaluate` takes, its tables are checked too, and the rows that no
    target of PLAN counts are named by case type, or what else the targets ask of them.
    """
    from kpi.planfile.expected_path import beside

    if extract is None and as_of is not None:
        raise click.UsageError("--as-of needs an EXTRACT")
    definition = kpi.load_plan(plan)
    tables = ", ".join(definition.tables_needed())
    n = len(definition.targets)
    many = f"{n} target" if n == 1 else f"{n} targets"
    say_foreign(f"{plan}: no mistakes; {many} over {tables}")
    for note in (*definition.remarks(), *calendar_remarks(definition)):
        say_foreign(note)
    for target in definition.leaves():
        for remark in target_remarks(target, definition):
            say_foreign(f"{target.id}: {remark}")
    path = beside(plan) if expected is None else expected
    if expected is not None or path.is_file():
        from kpi.evaluation.expected_file import load_expected

        cases = load_expected(definition, path)
        differences = cases.differences()
        if differences:
            n = len(differences) - 1
            more = f"; {n} more differ{'s' if n == 1 else ''}" if n else ""
            raise KpiError(f"{differences[0]}{more}")
        say_foreign(f"{path}: {cases}")
    if extract is not None:
        with redacted(hide=no_ids):
            for line in _of_extract(definition, extract, as_of):
                say_foreign(line)


def _of_extract(plan: kpi.Plan, extract: str | Path, as_of: str | None) -> Iterator[str]:
    """Yield the report on an extract, a line each: tables, remarks, rows that no target counts."""
    from kpi.evaluation.uncounted import uncounted_rows
    from kpi.tables.quality import rows_text

    checked = kpi.check(plan, extract, as_of=as_of)
    for name, table in checked.tables.items():
        yield f"{name}: {rows_text(table.facts.rows)}"
        yield from table.facts.remarks(name)
    yield from (f"no table {name} in the extract" for name in checked.missing)
    for uncounted in uncounted_rows(plan, checked, as_of):
        yield from uncounted.lines()
