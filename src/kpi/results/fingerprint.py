"""Fingerprint of a result: what it takes to make the same figures again (`kpi.reproduce`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from importlib.metadata import version
from typing import Any

from kpi.definitions.plan import Plan
from kpi.definitions.series import Series
from kpi.planfile.fingerprint import plan_fingerprint
from kpi.tables.table_fingerprint import TableFingerprint

_LIBRARIES = ("polars", "holidays")
"""The libraries whose versions figures may hang on: the engine, and the dates of public holidays."""


@cache
def library_versions() -> Mapping[str, str]:
    """Return the installed version of each library that figures may hang on."""
    return {name: version(name) for name in _LIBRARIES}


def fingerprint_data(
    plan: Plan,
    by: Sequence[str],
    series: Series | None,
    tables: Mapping[str, TableFingerprint] | None,
) -> dict[str, Any]:
    """Return the fingerprint of a result as plain data, as the JSON has it.

    Plan id, as-of date and the version of `kpi` stand beside it (`results/provenance.py`).

    Args:
        plan: the plan.
        by: the columns of the break-down.
        series: the series that was asked for; None for none.
        tables: the fingerprint of each table; None where none was asked for.
    """
    rolling = None if series is None or series.rolling is None else series.rolling.data()
    return {
        "plan": plan_fingerprint(plan).to_dict(),
        "tables": None
        if tables is None
        else {name: table.to_dict() for name, table in tables.items()},
        "by": list(by),
        "every": None if series is None else series.every,
        "rolling": rolling,
        "versions": dict(library_versions()),
    }
