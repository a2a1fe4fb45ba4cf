"""Readings that are refused, and their names."""

from __future__ import annotations

from typing import Any

import pytest

import kpi
from tests.builders import plan, within


def reading(name: str, **changes: Any) -> dict[str, Any]:
    return {"name": name, **changes}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"limt": "1 day"}, r"targets\.0\.readings\.0\.limt: unknown key; .*did you mean 'limit'"),
        ({"limit": "1 dya"}, r"targets\.0\.readings\.0\.limit: unknown unit 'dya'"),
        ({"rule": "wthin"}, r"targets\.0\.readings\.0\.rule: unknown rule 'wthin'.*did you mean 'within'"),
        ({"rule": "stock"}, r"targets\.0\.readings\.0\.at: missing; the rule stock needs it"),
        ({"start": "recieved"}, r"targets\.0\.readings\.0\.start: 'recieved' is not a declared date"),
        ({"id": "u"}, r"targets\.0\.readings\.0\.id: unknown key"),
        ({"without": ["open"]}, r"targets\.0\.readings\.0\.without: found 'open'; accepted: keys that"),
        ({"without": ["limit"]}, r"targets\.0\.readings\.0\.limit: missing; the rule within needs it"),
        ({"without": 3}, r"targets\.0\.readings\.0\.without: found 3"),
        ({}, r"readings\.0: changes nothing"),
    ],
)  # fmt: skip
def test_readings_that_are_none(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(kpi.PlanError, match=message):
        plan(within("1 month", readings=[reading("other", **changes)]))


def test_names_of_readings() -> None:
    with pytest.raises(kpi.PlanError, match="found a name twice"):
        within("1 month", readings=[reading("a", limit="1 day"), reading("a", limit="2 days")])
    with pytest.raises(kpi.PlanError, match=r"readings\.0\.name: found None; accepted: a text"):
        within("1 month", readings=[{"limit": "1 day"}])
    with pytest.raises(kpi.PlanError, match="accepted: readings, each a name"):
        within("1 month", readings="closed")
