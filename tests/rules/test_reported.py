"""Reported numbers: bounds, several rows, readings."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import kpi
from tests.builders import asked, came_to, facts, of_offices


@pytest.mark.parametrize(
    ("window", "name"),
    [
        (None, "2017"),
        ("2017-H1", "2017-H1"),
        ("2017-03", "2017-03"),
        ({"through": "2017-06-30"}, "… to 2017-06-30"),
    ],
)
def test_s30_a_reported_number_in_a_series_is_that_of_its_window(window: Any, name: str) -> None:
    target = kpi.Reported(id="t", window=window, requires={"at_least": 7})
    extract = {"reported": facts({"target": "t", "value": 7})}
    (group,) = kpi.evaluate(asked(target), extract, every="month")["t"].groups
    assert (group.group, group.value, group.verdict) == ({"period": name}, 7.0, "met")


def test_a_number_of_several_offices_is_their_mean_and_each_must_keep_it() -> None:
    target = kpi.Reported(id="t", requires={"at_most": 7})
    found = of_offices(target, {"target": "t", "value": 7}, {"target": "t", "value": 6})
    assert (found.value, found.verdict) == (6.5, "met")
    assert (
        of_offices(target, {"target": "t", "value": 8}, {"target": "t", "value": 2}).verdict
        == "missed"
    )


@pytest.mark.parametrize("value", [8.2, 4.35, 16.1, -0.29, 1.1, 0.000001])
def test_a_number_is_shown_as_it_was_reported(value: float) -> None:
    """8.2 times a million is 8199999.999999999."""
    target = kpi.Reported(id="t", requires={"at_most": 100})
    found = kpi.evaluate(asked(target), {"reported": facts({"target": "t", "value": value})})["t"]
    assert found.value == value


def test_why_a_number_is_left_out_first() -> None:
    """A value that is missing comes before an id that stands twice."""
    target = kpi.Reported(id="t", requires={"at_most": 7})
    rows: list[dict[str, Any]] = [{"target": "t", "value": None}, {"target": "t", "value": 5}]
    found = kpi.evaluate(asked(target), {"reported": facts(*rows)})["t"]
    assert found.excluded == {"value missing": 1, "repeated id": 1}


def test_a_reading_keeps_the_fact_that_its_target_names() -> None:
    target = kpi.Milestone(
        id="t", fact="portal", deadline="2017-H1",
        on_condition={"that": "the system is in place", "fact": "system"},
        readings=[{"name": "later", "deadline": "2017"}],
    )  # fmt: skip
    rows: list[dict[str, Any]] = [
        {"target": "portal", "done": "2017-08-01"},
        {"target": "system", "condition": True},
    ]
    (found,) = kpi.readings(asked(target), {"reported": facts(*rows)}).targets
    assert [record.verdict for _, record in found.records()] == ["missed", "met"]


def test_a_fact_has_conditions_of_its_own() -> None:
    target = kpi.Milestone(
        id="t", deadline="2017", where={"office": ["N", "S"]}, unless={"office": "S"}
    )
    rows = [{"target": "t", "done": "2017-01-01"}, {"target": "t"}]
    frame = facts(*rows).with_columns(office=pl.Series(["N", "S"]))
    table = kpi.Table("reported", key=["target", "office"], events="done")
    made = kpi.Plan(id="p", period="2017", tables=[table], targets=[target])
    found = kpi.evaluate(made, {"reported": frame})["t"]
    assert (found.counted, found.verdict) == (1, "met")


def test_a_reported_number_beyond_reason_is_rejected() -> None:
    target = kpi.Reported(id="t", requires={"at_least": 1})
    rows: list[dict[str, Any]] = [{"target": "t", "value": 9e15}, {"target": "u", "value": 1}]
    result = kpi.evaluate(asked(target), {"reported": facts(*rows)})
    assert result["t"].verdict == "not_assessable"
    assert result.facts["reported"].rejected == {"value is larger than 1,000,000,000,000": 1}


def reported(requires: dict[str, Any]) -> kpi.Reported:
    return kpi.Reported(id="t", requires=requires)


@pytest.mark.parametrize(
    ("requires", "value", "verdict"),
    [
        ({"less_than": 7}, 6.999999, "met"),
        ({"less_than": 7}, 7, "missed"),
        ({"at_most": 7}, 7, "met"),
        ({"at_least": 1}, 1, "met"),
        ({"at_least": 1}, 0, "missed"),
        ({"at_least": Decimal("7.1")}, 7.1, "met"),
        ({"more_than": Decimal("7.1")}, 7.1, "missed"),
        ({"at_most": Decimal("0.3")}, 0.1 + 0.2, "missed"),  # 0.30000000000000004
        ({"at_least": 95, "at_most": 100}, 95, "met"),
        ({"less_than": 7}, None, "not_assessable"),
        ({"less_than": 7}, float("nan"), "not_assessable"),
    ],
)
def test_a_reported_number(requires: dict[str, Any], value: float | None, verdict: str) -> None:
    found = came_to(reported(requires), {"target": "t", "value": value})
    assert found.verdict == verdict
    if verdict != "not_assessable":
        assert found.value == pytest.approx(value, abs=1e-6)
    else:
        assert (found.value, found.excluded) == (None, {"value missing": 1})


def test_a_reported_number_out_of_a_csv(tmp_path: Path) -> None:
    (tmp_path / "reported.csv").write_text("target,value\nt,6.9\n", encoding="utf-8")
    table = kpi.Table("reported", key="target")
    made = kpi.Plan(id="p", period="2017", tables=[table], targets=[reported({"less_than": 7})])
    assert kpi.evaluate(made, tmp_path)["t"].verdict == "met"
    (tmp_path / "reported.csv").write_text('target,value\nt,"6,9"\n', encoding="utf-8")
    with pytest.raises(
        kpi.DataError, match=r"no value is a number .* write it with a decimal point"
    ):
        kpi.evaluate(made, tmp_path)
