"""Query plan of an evaluation: columns read, scans of each table, and targets that share a scan."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping

from attrs import frozen

from kpi.definitions.plan import Plan
from kpi.engine import compile as compiled
from kpi.engine.completions.possibilities import scans as completion_scans
from kpi.engine.partial import Batch
from kpi.fork_guard import use_engine
from kpi.tables.check import Extract
from kpi.tables.sources.resolve import Tables


@frozen(kw_only=True)
class TableQuery:
    """Query plan of the targets of one table.

    Attributes:
        rows: number of rows that exist at the as-of date (S15).
        extra_scans: number of scans of a file to know which rows existed at the as-of date; 0 at
            the end of the plan's period, for which the check counts them.
        scan_plan: the columns read, and the targets that share filtered rows.
    """

    rows: int
    extra_scans: int
    scan_plan: compiled.ScanPlan

    @property
    def scans(self) -> int:
        """Number of scans of the source; where groups are counted, there is one more."""
        return 1 + self.extra_scans

    def lines(self) -> Iterator[str]:
        """Yield the steps of the query, a line each."""
        use_engine()
        yield "  read once for all targets:"
        yield from (f"    {line}" for line in self.scan_plan.read.explain().splitlines())
        for test, targets in self.scan_plan.passes:
            how = "alone" if test is None else f"together, leaving out what {test}"
            yield f"  {', '.join(targets)}: {how}"


@frozen(kw_only=True)
class QueryPlan:
    """Query plan of an evaluation; its text lists the steps of the query.

    Attributes:
        tables: the query plan of each table, by name.
    """

    tables: Mapping[str, TableQuery]

    @property
    def scans(self) -> dict[str, int]:
        """Number of scans of the source of each table, by name."""
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
    """Return the query plan with which `kpi.evaluate` would go over the tables, without evaluating.

    Args:
        plan: the plan.
        tables: as `kpi.evaluate` takes them.
        as_of: the date that the cases are looked at from.

    Raises:
        DataError: as `kpi.evaluate`.
        PlanError: where `as_of` is not a date.
    """
    batch = Batch.of(plan, tables, as_of)
    snapshots = batch.tables
    return QueryPlan(
        tables={
            name: TableQuery(
                rows=snapshots[name].rows,
                extra_scans=snapshots[name].extra_scans
                + completion_scans(plan, batch.needs, snapshots[name], targets),
                scan_plan=compiled.plan_scan(plan, snapshots[name], targets),
            )
            for name, targets in batch.needs.by_table.items()
            if name in snapshots
        }
    )
