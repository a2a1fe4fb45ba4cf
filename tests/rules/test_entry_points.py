"""What is installed as a kind of target."""

from __future__ import annotations

import re
from importlib.metadata import EntryPoint
from unittest import mock

import pytest

import kpi
from kpi.rules import rules


@pytest.mark.parametrize(
    ("points", "message"),
    [
        ({"x": ["math:pi"]}, "entry point x = math:pi: not a subclass of kpi.Target"),
        (
            {"x": ["kpi.rules.count:Count", "kpi.rules.share:Share"]},
            "two packages install a rule named 'x'; keep one of them",
        ),
    ],
)
def test_what_is_installed_as_a_rule_is_one(points: dict[str, list[str]], message: str) -> None:
    installed = [
        EntryPoint(name, value, "kpi.rules") for name, values in points.items() for value in values
    ]
    rules.cache_clear()
    try:
        with (
            mock.patch("kpi.rules.entry_points", return_value=installed),
            pytest.raises(kpi.PlanError, match=f"^{re.escape(message)}$"),
        ):
            rules()["x"]
    finally:
        rules.cache_clear()
