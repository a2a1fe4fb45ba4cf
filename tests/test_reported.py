"""Facts that people report: milestones, numbers, conditions, and requirements of several parts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import kpi
from tables import TABLE, spans, within

FACTS = kpi.Table("reported", key="target", events="done")
SCHEMA = {
    "target": pl.String,
    "done": pl.Date,
    "value": pl.Float64,
    "condition": pl.Boolean,
    "source": pl.String,
}


def facts(*rows: dict[str, Any]) -> pl.DataFrame:
    made = [{**row, "done": row.get("done") and dt.date.fromisoformat(row["done"])} for row in rows]
    return pl.DataFrame(made, schema=SCHEMA)


def asked(*targets: kpi.Requirement, **more: Any) -> kpi.Plan:
    return kpi.Plan(id="p", period="2017", tables=[FACTS, TABLE], targets=targets, **more)


def milestone(deadline: Any, name: str = "t", **more: Any) -> kpi.Milestone:
    return kpi.Milestone(id=name, deadline=deadline, **more)


def came_to(
    target: kpi.Target, *rows: dict[str, Any], as_of: str | None = None
) -> kpi.TargetResult:
    return kpi.evaluate(asked(target), {"reported": facts(*rows)}, as_of)[target.id]


THROUGH, BEFORE = {"through": "2017-06-30"}, {"before": "2017-06-30"}


@pytest.mark.parametrize(
    ("deadline", "done", "verdict"),
    [
        (THROUGH, "2017-06-30", "met"),
        (THROUGH, "2017-07-01", "missed"),
        (THROUGH, "2016-01-01", "met"),
        (BEFORE, "2017-06-30", "missed"),
        (BEFORE, "2017-06-29", "met"),
        ("2017-H2", "2017-06-30", "missed"),
        ("2017-H2", "2017-07-01", "met"),
        ("2017", "2016-12-31", "missed"),
        (THROUGH, None, "missed"),
    ],
)
def test_a_milestone(deadline: Any, done: str | None, verdict: str) -> None:
    assert came_to(milestone(deadline), {"target": "t", "done": done}).verdict == verdict


def test_a_milestone_is_open_until_its_deadline_is_over() -> None:
    row = {"target": "t", "done": None}
    assert came_to(milestone(THROUGH), row, as_of="2017-06-29").verdict == "open"
    assert came_to(milestone(THROUGH), row, as_of="2017-06-30").verdict == "missed"
    # What was done after the as-of date is not done yet.
    later = {"target": "t", "done": "2017-06-30"}
    assert came_to(milestone(THROUGH), later, as_of="2017-06-29").met == 0


def test_what_nobody_reported_is_not_assessable() -> None:
    assert came_to(milestone(THROUGH)).verdict == "not_assessable"
    other = {"target": "other", "done": "2017-01-01"}
    result = kpi.evaluate(asked(milestone(THROUGH)), {"reported": facts(other)})
    assert result["t"].verdict == "not_assessable"
    assert "reported.target: nobody reported 't'" in result.notes
    twice = [{"target": "t", "done": "2017-01-01"}] * 2
    found = came_to(milestone(THROUGH), *twice)
    assert (found.verdict, found.excluded) == ("not_assessable", {"repeated id": 2})


def test_another_fact_may_tell_it() -> None:
    row = {"target": "portal", "done": "2017-01-01"}
    assert came_to(milestone(THROUGH, fact="portal"), row).verdict == "met"


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


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({}, "found no bound"),
        ({"under": 7}, "unknown key; accepted: at_least"),
        ({"at_least": 7, "more_than": 7}, "found both"),
        ({"at_least": 8, "at_most": 7}, "no number is at least 8 and at most 7"),
        ({"more_than": 7, "at_most": 7}, "no number is"),
        ({"at_least": "seven"}, "accepted: a number"),
        ({"at_least": True}, "accepted: a number"),
        ({"at_least": float("inf")}, "accepted: a number"),
        (7, "accepted: bounds such as"),
    ],
)
def test_bounds_that_are_none(wrong: Any, message: str) -> None:
    with pytest.raises(kpi.PlanError, match=message):
        reported(wrong)


# On condition


@pytest.mark.parametrize(
    ("condition", "done", "verdict"),
    [
        (True, "2017-06-30", "met"),
        (True, None, "missed"),
        (False, None, "lapsed"),
        (False, "2017-06-30", "lapsed"),
        (None, "2017-06-30", "not_assessable"),
    ],
)
def test_a_target_on_condition(condition: bool | None, done: str | None, verdict: str) -> None:
    target = milestone(THROUGH, on_condition={"that": "the system is in place"})
    row = {"target": "t", "done": done, "condition": condition}
    assert came_to(target, row).verdict == verdict


def test_the_condition_of_a_target_on_cases() -> None:
    on = {"that": "the system is in place", "fact": "system"}
    target = within("1 month", on_condition=on)
    extract = {"cases": spans(("2017-01-01", "2017-01-02"))}
    trail: set[str] = set()
    for row, verdict in (
        ({"target": "system", "condition": True}, "met"),
        ({"target": "system", "condition": False}, "lapsed"),
        ({"target": "t", "condition": True}, "not_assessable"),
    ):
        result = kpi.evaluate(asked(target), {**extract, "reported": facts(row)})
        assert result["t"].verdict == verdict
        assert result["t"].counted == 1
        trail = set(result.audit().collect()["target"])
    # Without the table nobody can tell.
    assert kpi.evaluate(asked(target), extract)["t"].verdict == "not_assessable"
    assert trail == {"t", "t, condition"}


def test_a_condition_needs_the_table_of_facts() -> None:
    target = within("1 month", on_condition={"that": "the system is in place"})
    with pytest.raises(kpi.PlanError, match="on_condition: is told by the table reported"):
        kpi.Plan(id="p", period="2017", tables=[TABLE], targets=[target])
    with pytest.raises(kpi.PlanError, match="on_condition: accepted"):
        within("1 month", on_condition={"fact": "system"})


# What several parts come to, S28


def parts(*conditions: Any) -> kpi.Parts:
    made = [
        milestone(THROUGH, f"t{n}", on_condition={"that": "it came about"} if on else None)
        for n, on in enumerate(conditions)
    ]
    return kpi.Parts(id="t", parts=made)


def row(n: int, done: str | None, condition: bool | None = None) -> dict[str, Any]:
    return {"target": f"t{n}", "done": done, "condition": condition}


DONE = "2017-06-30"


@pytest.mark.parametrize(
    ("rows", "conditions", "verdict"),
    [
        ([row(0, DONE), row(1, DONE)], [False, False], "met"),
        ([row(0, DONE), row(1, None)], [False, False], "missed"),
        ([row(0, DONE)], [False, False], "not_assessable"),
        ([row(0, None)], [False, False], "missed"),  # a missed part comes before one unknown
        ([row(0, DONE), row(1, None, False)], [False, True], "met"),  # it lapsed
        ([row(0, None, False), row(1, None, False)], [True, True], "lapsed"),
        ([row(0, None, False)], [True, False], "not_assessable"),
    ],
)
def test_a_requirement_of_parts(
    rows: Sequence[dict[str, Any]], conditions: Sequence[bool], verdict: str
) -> None:
    made = asked(parts(*conditions))
    result = kpi.evaluate(made, {"reported": facts(*rows)})
    (found,) = result.targets
    assert (found.verdict, found.rule, found.unit) == (verdict, "parts", "parts")
    assert [part.id for part in found.parts] == ["t0", "t1"]
    assert result["t1"] is found.parts[1]
    assert result.frame["id"].to_list() == ["t", "t0", "t1"]
    assert [part["id"] for part in result.to_dict()["targets"][0]["parts"]] == ["t0", "t1"]


def test_parts_are_open_until_the_last_of_them_is_not() -> None:
    made = asked(kpi.Parts(id="t", parts=[milestone(THROUGH, "t0"), milestone("2017", "t1")]))
    for as_of, verdict in (("2017-06-29", "open"), ("2017-06-30", "open"), ("2017-12-31", "met")):
        extract = {"reported": facts(row(0, "2017-05-01"), row(1, "2017-05-01"))}
        assert kpi.evaluate(made, extract, as_of)["t"].verdict == verdict


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (lambda: kpi.Parts(id="t", parts=[milestone(THROUGH)]), "two targets or more"),
        (lambda: kpi.Parts(id="t", parts=[milestone(THROUGH), 3]), r"parts\.1: found 3"),
        (lambda: kpi.Parts(id="t", parts=[milestone(THROUGH), milestone(THROUGH, "u", weight=5)]), r"parts\.1\.weight: a part has none"),
        (lambda: asked(kpi.Parts(id="t", parts=[milestone(THROUGH), milestone(THROUGH, "u")])), "duplicate id 't'"),
    ],
)  # fmt: skip
def test_parts_that_are_none(wrong: Any, message: str) -> None:
    with pytest.raises(kpi.PlanError, match=message):
        wrong()


PARTS = """\
id = "p"
period = "2017"

[tables.reported]
key = "target"
events = "done"

[[targets]]
id = "1"
title = "Two things"

[[targets.parts]]
id = "1a"
rule = "milestone"
deadline = { through = 2017-06-30 }

[[targets.parts.readings]]
name = "before"
deadline = { before = 2017-06-30 }

[[targets.parts]]
id = "1b"
rule = "milestone"
deadline = "2017"
"""


def test_parts_in_a_plan_file() -> None:
    made = kpi.parse_plan(PARTS)
    assert [leaf.id for leaf in made.leaves()] == ["1a", "1b"]
    assert kpi.dump_plan(made).replace('["done"]', '"done"') == PARTS
    broken = PARTS.replace('deadline = "2017"', 'deadlin = "2017"').replace(
        "before = 2017-06-30", "befor = 2017-06-30"
    )
    with pytest.raises(kpi.PlanError) as caught:
        kpi.parse_plan(broken)
    lines = str(caught.value).splitlines()
    assert lines[0].startswith("plan:21: target 1, part 1b, deadline: missing")
    assert lines[1].startswith("plan:24: target 1, part 1b, deadlin: unknown key")
    misread = PARTS.replace("before = 2017-06-30", "befor = 2017-06-30")
    with pytest.raises(
        kpi.PlanError,
        match=r"plan:19: target 1, part 1a, reading before, deadline\.befor: unknown key",
    ):
        kpi.parse_plan(misread)
