"""How often a query goes over a table, where kpi tells it: counts do not depend on the machine."""

from __future__ import annotations

from typing import Any

import kpi


def scans(plan: kpi.Plan, tables: Any, table: str = "cases") -> int | None:
    """How often the plan's query scans a table; None as long as kpi does not tell."""
    explain = getattr(kpi, "explain_query", None)
    return None if explain is None else int(explain(plan, tables).scans[table])


def at_most(what: str, found: int | None, most: int) -> list[str]:
    """A line that says how often a table is scanned; none where kpi does not tell.

    Raises:
        SystemExit: where that is too often.
    """
    if found is None:
        return []
    if found > most:
        raise SystemExit(f"{what}: {found} scans, at most {most} expected")
    return [f"{what}: {found} scans"]
