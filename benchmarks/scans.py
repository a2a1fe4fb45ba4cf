"""How often a query goes over a table: counts that do not depend on the machine."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

import kpi


@contextmanager
def as_if_large() -> Iterator[None]:
    """Few rows are treated as many are: a file stays where it is."""
    with mock.patch("kpi.tables.check.LARGE", 1):
        yield


def scans(plan: kpi.Plan, tables: Any, table: str = "cases") -> int:
    """How often the plan's query goes over a table that is large."""
    with as_if_large():
        return kpi.explain_query(plan, tables).scans[table]


def exactly(what: str, found: int, expected: int) -> str:
    """A line that says how often a table is gone over.

    Raises:
        SystemExit: where that is not so.
    """
    if found != expected:
        raise SystemExit(f"{what}: gone over {found} times, {expected} expected")
    return f"{what}: gone over {found} times"
