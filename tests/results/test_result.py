"""Results as JSON."""

from __future__ import annotations

import datetime as dt
import json

import kpi
from tests.builders import average, cases, plan, within

KEYS = [
    "id", "title", "source", "goal", "weight", "rule", "rows", "outside", "counted", "excluded",
    "undetermined", "met", "total",
    "value", "unit", "limit", "threshold", "requirement", "verdict",
]  # fmt: skip


def test_the_json() -> None:
    frame = cases(
        {"filed": "2017-01-01", "decided": "2017-01-11"},
        {"filed": "2017-01-01", "decided": "2017-05-01"},
        {"filed": None, "decided": "2017-05-01"},
    )
    targets = [
        average("65 days", id="a", title="A", source="1 a", goal="1"),
        within("1 month", id="b", threshold=97.5, weight=2.5),
    ]
    goals = [kpi.Goal(id="1", weight=97.5)]
    asked = plan(*targets, goals=goals)
    data = json.loads(kpi.evaluate(asked, frame, dt.date(2017, 12, 31)).to_json())
    assert data["score"] == {"met": 97.5, "of": 100, "if_split": 97.5}
    assert (data["plan"], data["as_of"]) == ("p", "2017-12-31")
    assert [list(target) for target in data["targets"]] == [KEYS, KEYS]
    assert data["targets"][0] == {
        "id": "a", "title": "A", "source": "1 a", "goal": "1", "weight": None,
        "rule": "average", "rows": 3, "outside": 0, "counted": 2,
        "excluded": {"start missing": 1}, "undetermined": 0, "met": None, "total": 10 + 120,
        "value": 65.0, "unit": "days", "limit": "65 days", "threshold": None,
        "requirement": "at most 65 days", "verdict": "met",
    }  # fmt: skip
    assert data["targets"][1] == {
        "id": "b", "title": None, "source": None, "goal": None, "weight": 2.5,
        "rule": "within", "rows": 3, "outside": 0, "counted": 2,
        "excluded": {"start missing": 1}, "undetermined": 0, "met": 1, "total": None,
        "value": 0.5, "unit": "share", "limit": "1 month", "threshold": 97.5,
        "requirement": "97.5 % within 1 month", "verdict": "missed",
    }  # fmt: skip
