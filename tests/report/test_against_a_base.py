"""Groups beside their bases in the terminal and in Markdown (S33)."""

from __future__ import annotations

import datetime as dt
from typing import Any

import kpi
from kpi.report.markdown import result_markdown
from tests.counting_rules.hand_worked import plan, rows


def decided(year: int, *kinds: str) -> list[dict[str, object]]:
    """Cases of the kinds, decided on 1 March of a year."""
    day = dt.date(year, 3, 1)
    return [{"filed": day, "decided": day, "case_type": kind} for kind in kinds]


def compared(**more: Any) -> kpi.Result:
    """Visas went from 2 to 3, and work from 1 to none."""
    target = kpi.Count(id="1", on="decided", against="2016", **more)
    cases = decided(2016, "visa", "visa", "work") + decided(2017, "visa", "visa", "visa")
    return kpi.evaluate(plan(target), rows(*cases), by="case_type")


def test_groups_in_markdown_stand_beside_their_bases() -> None:
    lines = result_markdown(compared(change={"at_least": 10})).splitlines()
    text = "number, change at least 10 % against 2016"
    assert f"| visa | 3 | {text} | 3 |  |  | met | 2 | +50.0 % |" in lines
    assert f"| work | 0 | {text} | 0 |  |  | missed | 1 | -100.0 % |" in lines
    assert "- 1: base 3 (2016, 3 counted), difference 0, change 0.0 %" in lines


def test_a_group_shows_the_difference_where_that_is_asked_for() -> None:
    lines = result_markdown(compared(difference={"at_least": 0})).splitlines()
    asked = "number, difference at least 0 against 2016"
    assert f"| work | 0 | {asked} | 0 |  |  | indicator | 1 | -1 |" in lines
