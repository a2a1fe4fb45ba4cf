"""A plan that inspections propose extract files for, and what such a file declares."""

from __future__ import annotations

import tomllib
from typing import Any

import kpi

PLAN = kpi.parse_plan(
    """
id = "permits"
period = "2022"

[tables.cases]
key = "case_id"
entry = "filed"
events = ["documented", "decided"]
dates = ["due"]

[[targets]]
id = "1"
rule = "within"
where = { case_type = ["family_simple", "family_hard"], complaint = false }
start = "filed"
end = "decided"
limit = "2 months"
threshold = 90

[[targets]]
id = "2"
rule = "within"
start = "documented"
end = "decided"
limit = "2 months"
threshold = 90
"""
)


def proposed(text: str, table: str = "cases") -> dict[str, Any]:
    """What a proposed extract file declares of a table."""
    found: dict[str, Any] = tomllib.loads(text)["tables"][table]
    return found


def line(text: str, beginning: str) -> str:
    """The one line that begins so."""
    (one,) = (one for one in text.splitlines() if one.startswith(beginning))
    return one
