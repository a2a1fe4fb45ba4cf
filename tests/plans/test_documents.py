"""The example plans against what their documents ask, typed out by hand."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

import kpi
from tests.plans.small_tables import IDS, PARTS, PLANS, TABLE, plan

# The goals, with the weight that their requirements share; None where each has its own.
GOALS: dict[str, dict[str, int | None]] = {
    "us-2017": {
        "1.1": 35, "1.2": 25, "1.3": 5, "1.4": 10, "2.1": 5, "2.2": 5, "3.1": 5, "4.1": 5, "4.2": 5,
    },
    "us-2019": {
        "1.1": 25, "1.2": 30, "1.3": 5, "2.1": 10, "2.2": 10, "2.3": 5, "2.4": 5, "3.1": 5, "3.2": 5,
    },
    "us-2022": {"1.1": None, "1.2": None, "1.3": None, "1.4": 5, "2.1": 5, "2.2": 5, "2.3": 5},
    "hjemrejsestyrelsen-2022": {"1.1": None, "1.2": None, "1.3": 15, "2.1": 5, "2.2": 5, "2.3": 5},
    "siri-2018": {
        "1.1": None, "1.2": None, "1.3": None, "1.4": 5, "1.5": 60, "1.6": None, "2.1": None,
        "2.2": 5, "2.3": 5,
    },
}  # fmt: skip


# Table of an extract: its key, entry, events, dates.
Roles = tuple[tuple[str, ...], str | None, tuple[str, ...], tuple[str, ...]]


TABLES: dict[str, dict[str, Roles]] = {
    "us-2017": {
        "cases": (("case_id",), "filed", ("documented", "decided", "announced_on"), ()),
        "contacts": (("contact_id",), "arrived", ("served",), ()),
        "questions": (("question_id",), "received", ("answered",), ("due",)),
        "actions": (("action_id",), "done", (), ()),
        "reported": (("target",), None, ("done",), ()),
    },
    "us-2019": {
        "cases": (("case_id",), "filed", ("documented", "decided", "first_interview"), ()),
        "contacts": (("contact_id",), "arrived", ("served",), ()),
        "actions": (("action_id",), "done", (), ()),
        "reported": (("target",), None, ("done",), ()),
    },
    "us-2022": {
        "cases": (("case_id",), "filed", ("documented", "decided", "first_interview"), ()),
        "contacts": (("contact_id",), "arrived", ("served",), ()),
        "slots": (("date",), "date", (), ("next_free",)),
        "reported": (("target",), None, ("done",), ()),
    },
    "hjemrejsestyrelsen-2022": {
        "in_return": (("person_id", "entered"), "entered", ("left",), ()),
        "transfers": (("person_id", "clock_start"), "clock_start", ("transferred",), ()),
        "expulsions": (("person_id", "decided"), "decided", ("expelled",), ()),
        "return_cases": (("person_id", "deadline_set"), "deadline_set", ("first_interview",), ()),
        "refusals": (("person_id", "received"), "received", (), ("interview_booked_for",)),
        "convicted": (("person_id", "half_served"), None, ("first_interview",), ("half_served",)),
        "appeals": (("case_id",), "filed", ("decided",), ()),
        "complaints": (("case_id",), "filed", ("decided",), ()),
        "actions": (("action_id",), "done", (), ()),
        "reported": (("target",), None, ("done",), ()),
    },
    "siri-2018": {
        "cases": (("case_id",), "filed", ("documented", "decided"), ()),
        "grants": (("case_id",), "filed", ("documented", "decided"), ()),
        "sample": (("case_id",), "checked", (), ()),
        "actions": (("action_id",), "done", (), ()),
        "reported": (("target",), None, ("done",), ()),
    },
}


def when(definition: kpi.Plan, target: kpi.Target) -> str:
    moment = getattr(target, "deadline", None) or getattr(target, "at", None)
    return str(moment or target.window_of(definition))


def limit(target: kpi.Target) -> str | None:
    """The limit, or the bound of what has none, in the words of plan files."""
    for key in ("requires", "change"):
        if (bounds := getattr(target, key, None)) is not None:
            said = " and ".join(f"{word} {bound}" for word, bound in bounds.data().items())
            return said if key == "requires" else f"{key} {said}"
    found = getattr(target, "limit", None)
    if isinstance(found, kpi.DueColumn):
        return f"column {found.column}"
    if isinstance(found, kpi.ByValue):
        if found.file is not None:
            return f"{found.file} by {found.column}"
        each = ", ".join(f"{value} {span}" for value, span in found.limits.items())
        return f"{found.column}: {each}"
    return target.limit_text


@pytest.mark.parametrize("name", IDS)
def test_targets_are_those_of_the_document(name: str) -> None:
    definition = plan(name)
    parts = PARTS.get(name, {})
    # The threshold of a milestone is that it is done.
    found = [
        (
            t.id,
            t.rule,
            limit(t),
            100 if t.rule == "milestone" else getattr(t, "threshold", None),
            t.weight,
            when(definition, t),
            tuple(reading.name for reading in t.readings),
        )
        for t in definition.leaves()
    ]
    expected = [
        (*row[:4], None if row[4] is None else Decimal(str(row[4])), *row[5:])
        for row in TABLE[name]
    ]
    assert found == expected
    part_of = {part: whole for whole, its in parts.items() for part in its}
    assert [r.id for r in definition.targets] == list(
        dict.fromkeys(part_of.get(row[0], row[0]) for row in TABLE[name])
    )
    assert {
        r.id: tuple(p.id for p in r.parts) for r in definition.targets if isinstance(r, kpi.Parts)
    } == parts
    assert definition.period == kpi.Window(name[-4:])
    assert definition.id == name


@pytest.mark.parametrize("name", IDS)
def test_each_requirement_is_under_the_goal_of_its_number(name: str) -> None:
    definition = plan(name)
    assert {goal.id: goal.weight for goal in definition.goals} == GOALS[name]
    assert {goal.sharing for goal in definition.goals} == {"all"}
    for requirement in definition.targets:
        assert requirement.goal == requirement.id[:3]
        shared = GOALS[name][requirement.id[:3]] is not None
        assert (requirement.weight is None) == shared


@pytest.mark.parametrize("name", IDS)
def test_the_weights_sum_to_a_hundred(name: str) -> None:
    definition = plan(name)
    weighed: tuple[kpi.Goal | kpi.Requirement, ...] = (*definition.goals, *definition.targets)
    weights = [one.weight for one in weighed if one.weight is not None]
    assert sum(weights) == 100
    assert all(isinstance(weight, Decimal) for weight in weights)


def test_the_weights_of_2017_are_marked_as_a_reconstruction() -> None:
    assert {name: plan(name).weights for name in IDS} == {
        "us-2017": "reconstructed",
        "us-2019": "stated",
        "us-2022": "stated",
        "hjemrejsestyrelsen-2022": "stated",
        "siri-2018": "stated",
    }


@pytest.mark.parametrize("name", IDS)
def test_tables_have_the_columns_of_an_extract(name: str) -> None:
    found = {t.name: (t.key, t.entry, t.events, t.dates) for t in plan(name).tables}
    assert found == TABLES[name]


@pytest.mark.parametrize("name", IDS)
def test_everything_has_a_short_title_in_both_languages_and_a_place(name: str) -> None:
    definition = plan(name)
    placed = (*definition.targets, *definition.leaves())
    titled: tuple[kpi.Plan | kpi.Goal | kpi.Requirement, ...]
    titled = (definition, *definition.goals, *placed)
    for x in titled:
        for title in (x.title, x.title_da):
            assert title, x.id
            assert len(title) < 100, x.id
            assert not title.endswith("."), x.id
    assert definition.source
    assert [requirement.id for requirement in placed if not requirement.source] == []


@pytest.mark.parametrize("name", IDS)
def test_every_reading_is_another_target_that_can_be_evaluated(name: str) -> None:
    for target in plan(name).leaves():
        for reading in target.readings:
            other = target.with_reading(reading)
            assert other != target
            for key in (*reading.changes, *reading.changes.get("without", ())):
                if key not in ("rule", "without"):
                    assert getattr(other, key) != getattr(target, key, None), (target.id, key)


@pytest.mark.parametrize("name", IDS)
def test_written_as_toml_and_read_back_a_plan_is_the_same(name: str, tmp_path: Path) -> None:
    copy = tmp_path / "plan.toml"
    copy.write_text(kpi.dump_plan(plan(name)), encoding="utf-8")
    for limits in PLANS.glob("*.csv"):
        (tmp_path / limits.name).write_bytes(limits.read_bytes())
    assert kpi.load_plan(copy) == plan(name)
