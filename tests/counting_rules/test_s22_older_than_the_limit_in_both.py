"""S22: older than the limit at a day is due before it; due on it is within."""

from __future__ import annotations

import datetime as dt

import pytest

from kpi.rules.flow import Flow
from tests.counting_rules.hand_worked import D, run


@pytest.mark.parametrize(
    ("as_of", "backlog"),
    [(D(2017, 3, 30), 0), (D(2017, 3, 31), 0), (D(2017, 4, 1), 1), (D(2017, 12, 31), 1)],
)
def test_s22_due_on_the_day_is_within_the_limit(as_of: dt.date, backlog: int) -> None:
    """Thirty days from 1 March 2017: the 31st."""
    target = Flow(id="1", start="filed", end="decided", limit="30 days", indicator="backlog")
    cases = ({"filed": D(2017, 3, 1)}, {"filed": D(2017, 3, 1), "decided": D(2017, 3, 15)})
    assert run(target, *cases, as_of=as_of).figures["backlog"] == backlog
