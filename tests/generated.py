"""Generated plans and tables, and the settings of the properties that take them."""

from __future__ import annotations

import datetime as dt
from typing import TypeAlias

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from kpi.plan import Plan
from kpi.testing import strategies
from kpi.testing.answers import engine_trail, expected, numbers, oracle_trail
from kpi.testing.frames import frames
from kpi.testing.strategies import Rows

__all__ = [
    "LAWS",
    "SETTINGS",
    "Run",
    "engine_trail",
    "expected",
    "frames",
    "numbers",
    "oracle_trail",
    "runs",
]

SETTINGS = settings(
    max_examples=50,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
"""Settings of every property: drawing a plan and its tables takes longer than Hypothesis likes."""

LAWS = settings(SETTINGS, max_examples=30)
"""Settings of a law, which the agreement with the oracle leaves little room to break."""

Run: TypeAlias = tuple[Plan, dict[str, Rows], dt.date | None]


@st.composite
def runs(
    draw: st.DrawFn, *, repeats: bool = True, most: int = 12, elaborate: bool | None = None
) -> Run:
    """A plan, the rows of its tables, and the day that they are looked at from."""
    plan = draw(strategies.plans(elaborate=elaborate), label="plan")
    tables = draw(strategies.tables_for(plan, most=most, repeats=repeats), label="tables")
    return plan, tables, draw(strategies.as_ofs(plan, tables), label="as_of")
