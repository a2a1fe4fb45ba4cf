"""How a plan's query goes over its tables: what is read, how often, and which targets share it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping

from attrs import frozen

from kpi.definitions.plan import Plan
from kpi.engine import compile as compiled
from kpi.engine.partial import Batch
from kpi.fork_guard import use_engine
from kpi.tables.check import Extract
from kpi.tables.sources import Tables


@frozen(kw_only=True)
class TableQuery:
    """How the targets of one table go over it.

    Attributes:
        rows: how many rows exist at the as-of date.
        extra_scans: how often a file is gone over to know what existed at the as-of date; not at all at the
            end of the plan's period, which the check counts.
        scan_plan: what is read, and which targets go on together.
    """

    rows: int
    extra_scans: int
    scan_plan: compiled.ScanPlan

    @property
    def scans(self) -> int:
        """How often its rows are gone over where they stand; once more to count those of groups."""
        return 1 + self.extra_scans

    def lines(self) -> Iterator[str]:
        """What is done, a line each."""
        use_engine()
        yield "  read once for all targets:"
        yield from (f"    {line}" for line in self.scan_plan.read.explain().splitlines())
        for test, targets in self.scan_plan.passes:
            told = "alone" if test is None else f"together, leaving out what {test}"
            yield f"  {', '.join(targets)}: {told}"


@frozen(kw_only=True)
class QueryPlan:
    """How a plan's query goes over its tables; printed, it says so.

    Attributes:
        tables: by name, how the targets of each table go over it.
    """

    tables: Mapping[str, TableQuery]

    @property
    def scans(self) -> dict[str, int]:
        """How often the rows of each table are gone over where they stand."""
        return {name: table.scans for name, table in self.tables.items()}

    def __str__(self) -> str:
        lines = []
        for name, table in self.tables.items():
            often = "once" if table.scans == 1 else f"{table.scans} times"
            lines += [f"{name}: {table.rows:,} rows, gone over {often}", *table.lines()]
        return "\n".join(lines)


def explain_query(
    plan: Plan, tables: Tables | Extract, as_of: dt.date | str | None = None
) -> QueryPlan:
    """How `kpi.evaluate` would go over the tables, without doing so.

    Args:
        plan: the plan.
        tables: as `kpi.evaluate` takes them.
        as_of: the date that the cases are looked at from.

    Raises:
        DataError: as `kpi.evaluate`.
        PlanError: where `as_of` is not a date.
    """
    batch = Batch.of(plan, tables, as_of)
    known = batch.tables
    return QueryPlan(
        tables={
            name: TableQuery(
                rows=known[name].rows,
                extra_scans=known[name].extra_scans,
                scan_plan=compiled.plan_scan(plan, known[name], targets),
            )
            for name, targets in batch.needs.by_table.items()
            if name in known
        }
    )
