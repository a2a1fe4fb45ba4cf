"""The five example plans against what their documents ask, typed out by hand, and their edges."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import kpi

PLANS = Path(__file__).parents[1] / "examples" / "plans"
IDS = ("us-2017", "us-2019", "us-2022", "hjemrejsestyrelsen-2022", "siri-2018")


@cache
def plan(name: str) -> kpi.Plan:
    return kpi.load_plan(PLANS / f"{name}.toml")


# What each document asks. A row is a target, or a part of one: id, rule, limit or bound, threshold,
# weight of its own, window or deadline, names of other readings.

NONE: tuple[str, ...] = ()
SERVED = ("served contacts only",)
EARLIER = ("also when done earlier",)

Row = tuple[str, str, str | None, int | None, float | None, str, tuple[str, ...]]

US_2017: list[Row] = [
    ("1.1a", "average", "210 days", None, None, "in 2017", ("seven months", "filed since 1 January 2016")),
    ("1.1b", "clearance", "before 2017-07-01", 90, None, "before 2017-07-01", ("decided through 1 July",)),
    ("1.2a", "within", "5 months", 90, None, "in 2017", NONE),
    ("1.2b", "within", "10 months", 90, None, "in 2017", NONE),
    ("1.2c", "within", "10 months", 90, None, "in 2017", NONE),
    ("1.2d", "within", "12 months", 90, None, "in 2017", NONE),
    ("1.2e", "within", "10 months", 90, None, "in 2017", NONE),
    ("1.2f", "within", "5 months", 90, None, "in 2017", NONE),
    ("1.2g", "within", "7 months", 90, None, "in 2017", NONE),
    ("1.2h", "within", "8 months", 90, None, "in 2017", NONE),
    ("1.2i", "within", "8 months", 90, None, "in 2017", NONE),
    ("1.3", "within", "12 months", 90, None, "in 2017", ("only cases with no announced target",)),
    ("1.4a", "within", "1 hour", 80, None, "in 2017", SERVED),
    ("1.4b", "within", "12 minutes", 80, None, "in 2017", SERVED),
    ("2.1a", "count", "at_least 8", None, None, "in 2017", NONE),
    ("2.1b", "milestone", "through 2017-06-30", 100, None, "through 2017-06-30", NONE),
    ("2.2a", "count", "at_least 20", None, None, "in 2017", NONE),
    ("2.2b", "count", "at_least 100", None, None, "in 2017", NONE),
    ("3.1", "milestone", "in 2017", 100, None, "in 2017", EARLIER),
    ("4.1", "within", "column due", 100, None, "in 2017", ("received in 2017",)),
    ("4.2", "reported", "less_than 7", None, None, "in 2017", NONE),
]  # fmt: skip

US_2019: list[Row] = [
    ("1.1a", "within", "30 days", 90, None, "in 2019", ("cases with no interview left out",)),
    ("1.1b", "average", "120 days", None, None, "in 2019", NONE),
    ("1.1c", "within", "7 months", 90, None, "in 2019", NONE),
    ("1.2a", "within", "10 months", 90, None, "in 2019", NONE),
    ("1.2b", "within", "7 months", 90, None, "in 2019", NONE),
    ("1.2c", "within", "10 months", 90, None, "in 2019", NONE),
    ("1.3a", "within", "1 hour", 80, None, "in 2019", SERVED),
    ("1.3b", "within", "15 minutes", 80, None, "in 2019", SERVED),
    ("2.1a", "count", "at_least 16", None, None, "in 2019", NONE),
    ("2.1b-1", "milestone", "before 2019-02-01", 100, None, "before 2019-02-01", NONE),
    ("2.1b-2", "milestone", "through 2019-12-31", 100, None, "through 2019-12-31", NONE),
    ("2.1b-3", "milestone", "through 2019-12-31", 100, None, "through 2019-12-31", NONE),
    ("2.1c", "count", "at_least 300", None, None, "in 2019", NONE),
    ("2.2a", "milestone", "through 2019-09-30", 100, None, "through 2019-09-30", ("condition through 1 September",)),
    ("2.2b", "milestone", "through 2019-09-30", 100, None, "through 2019-09-30", NONE),
    ("2.2c", "milestone", "through 2019-12-31", 100, None, "through 2019-12-31", ("ready through 10 January 2020",)),
    ("2.3a", "milestone", "before 2019-03-01", 100, None, "before 2019-03-01", NONE),
    ("2.3b", "milestone", "before 2019-07-01", 100, None, "before 2019-07-01", NONE),
    ("2.3c-1", "milestone", "through 2019-06-30", 100, None, "through 2019-06-30", NONE),
    ("2.3c-2", "milestone", "through 2019-09-01", 100, None, "through 2019-09-01", NONE),
    ("2.4a", "reported", "at_least 1", None, None, "in 2019-H1", NONE),
    ("2.4b", "reported", "at_least 1", None, None, "in 2019-H1", NONE),
    ("2.4c", "reported", "at_least 1", None, None, "in 2019-H1", NONE),
    ("2.4d", "reported", "at_least 1", None, None, "in 2019-H2", NONE),
    ("2.4e", "reported", "at_least 1", None, None, "in 2019-H2", NONE),
    ("2.4f", "reported", "at_least 1", None, None, "in 2019-H2", NONE),
    ("3.1", "reported", "less_than 7", None, None, "in 2019", NONE),
    ("3.2a", "milestone", "through 2019-12-31", 100, None, "through 2019-12-31", ("done in 2019",)),
    ("3.2b", "milestone", "through 2019-12-31", 100, None, "through 2019-12-31", ("done in 2019",)),
]  # fmt: skip

US_2022: list[Row] = [
    ("1.1a", "within", "30 days", 90, 10, "in 2022", ("decided in 2022", "filed in 2022")),
    ("1.1b", "average", "120 days", None, 10, "in 2022-H2", NONE),
    ("1.1c", "clearance", "through 2022-03-31", 95, 10, "through 2022-03-31", ("filed before 2022", "open at the start of 2022")),
    ("1.1d", "within", "6 months", 90, 5, "in 2022", NONE),
    ("1.2a", "within", "7 months", 90, 15, "in 2022", NONE),
    ("1.2b", "within", "6 months", 90, 5, "in 2022", NONE),
    ("1.2c", "within", "10 months", 90, 10, "in 2022-H2", NONE),
    ("1.2d", "within", "90 days", 90, 10, "in 2022", ("three months",)),
    ("1.3a", "every_working_day", "3 weeks", None, 2.5, "in 2022", ("Saturdays counted", "the Friday after Ascension off")),
    ("1.3b", "within", "20 minutes", 80, 2.5, "in 2022", SERVED),
    ("1.4a", "milestone", "through 2022-06-30", 100, None, "through 2022-06-30", NONE),
    ("1.4b", "milestone", "through 2022-06-30", 100, None, "through 2022-06-30", NONE),
    ("2.1a", "milestone", "in 2022-H1", 100, None, "in 2022-H1", NONE),
    ("2.1b", "milestone", "in 2022-H2", 100, None, "in 2022-H2", NONE),
    ("2.2a", "milestone", "through 2022-06-30", 100, None, "through 2022-06-30", NONE),
    ("2.2b", "milestone", "through 2022-12-31", 100, None, "through 2022-12-31", NONE),
    ("2.3a", "milestone", "through 2022-06-30", 100, None, "through 2022-06-30", NONE),
    ("2.3b", "milestone", "through 2022-12-31", 100, None, "through 2022-12-31", NONE),
    ("1.2x", "milestone", "through 2022-06-01", 100, 0, "through 2022-06-01", NONE),
]  # fmt: skip

DUBLIN = "extension: none 6 months, imprisoned 12 months, absconded 18 months"

HJEMREJSE_2022: list[Row] = [
    ("1.1a", "stock", "change at_most -10", None, 20, "at the end of 2022", NONE),
    ("1.1b", "count", "at_least 12", None, 10, "in 2022", NONE),
    ("1.1c", "within", DUBLIN, 90, 5, "in 2022", ("due in 2022", "transferred in 2022")),
    ("1.1d", "within", "15 days", 80, 5, "in 2022", ("decided in 2022, open ones when due",)),
    ("1.1e", "within", "7 days", 100, 5, "in 2022", NONE),
    ("1.1f", "milestone", "through 2022-03-31", 100, 5, "through 2022-03-31", NONE),
    ("1.1g", "within", "8 days", 100, 5, "in 2022", NONE),
    ("1.1h", "within", "1 month before", 70, 5, "in 2022", ("half served in 2022",)),
    ("1.2", "average", "120 days", None, 10, "in 2022", ("95 % within 120 days", "each type by itself")),
    ("1.3a", "count", "at_least 3500", None, None, "in 2022", NONE),
    ("1.3b", "clearance", "through 2022-12-31", 95, None, "through 2022-12-31", ("all ever filed before that day", "filed through 30 June 2020")),
    ("2.1a", "milestone", "in 2022-H1", 100, None, "in 2022-H1", EARLIER),
    ("2.1b", "milestone", "in 2022-H2", 100, None, "in 2022-H2", EARLIER),
    ("2.2a", "milestone", "through 2022-06-30", 100, None, "through 2022-06-30", NONE),
    ("2.2b", "milestone", "through 2022-12-31", 100, None, "through 2022-12-31", NONE),
    ("2.3a", "milestone", "through 2022-06-30", 100, None, "through 2022-06-30", NONE),
    ("2.3b", "milestone", "through 2022-12-31", 100, None, "through 2022-12-31", NONE),
]  # fmt: skip

SIRI_2018: list[Row] = [
    ("1.1", "reported", "at_least 1", None, 5, "in 2018", NONE),
    ("1.2", "count", "at_least 3", None, 5, "in 2018", NONE),
    ("1.3", "reported", "at_least 1", None, 5, "in 2018", NONE),
    ("1.4a", "milestone", "through 2018-12-31", 100, None, "through 2018-12-31", ("in the first half-year, as the agreements",)),
    ("1.4b", "milestone", "through 2018-06-30", 100, None, "through 2018-06-30", NONE),
    ("1.4c", "milestone", "through 2018-06-30", 100, None, "through 2018-06-30", NONE),
    ("1.5a", "within", "siri-2018.limits.csv by case_type", None, None, "in 2018", NONE),
    ("1.5b", "within", "siri-2018.limits.csv by case_type", None, None, "in 2018", NONE),
    ("1.6", "share", None, 95, 5, "in 2018", ("a reported score",)),
    ("2.1", "reported", "less_than 7", None, 5, "in 2018", NONE),
    ("2.2a", "milestone", "through 2018-12-31", 100, None, "through 2018-12-31", ("done in 2018",)),
    ("2.2b", "milestone", "through 2018-12-31", 100, None, "through 2018-12-31", ("done in 2018",)),
    ("2.3a", "milestone", "through 2018-12-31", 100, None, "through 2018-12-31", ("done in 2018",)),
    ("2.3b", "milestone", "through 2018-12-31", 100, None, "through 2018-12-31", ("done in 2018",)),
    ("2.3c", "milestone", "through 2018-12-31", 100, None, "through 2018-12-31", ("done in 2018",)),
]  # fmt: skip

TABLE = dict(zip(IDS, (US_2017, US_2019, US_2022, HJEMREJSE_2022, SIRI_2018), strict=True))

PARTS = {
    "us-2019": {
        "2.1b": ("2.1b-1", "2.1b-2", "2.1b-3"),
        "2.3c": ("2.3c-1", "2.3c-2"),
        "2.4": ("2.4a", "2.4b", "2.4c", "2.4d", "2.4e", "2.4f"),
        "3.2": ("3.2a", "3.2b"),
    }
}

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
            other = target.under(reading)
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


# Small tables, and what each target makes of them.

DTYPES = {
    "text": pl.String,
    "integer": pl.Int64,
    "boolean": pl.Boolean,
    "number": pl.Float64,
}
ISO = re.compile(r"\d{4}-\d{2}-\d{2}( \d{2}:\d{2}(:\d{2})?)?")
Rows = list[dict[str, Any]]


def cell(value: Any) -> Any:
    """A date or a timestamp out of an ISO text; anything else as it is."""
    if not isinstance(value, str) or not ISO.fullmatch(value):
        return value
    return dt.datetime.fromisoformat(value) if " " in value else dt.date.fromisoformat(value)


def frame(definition: kpi.Plan, name: str, rows: Rows) -> pl.DataFrame:
    """A table with every column that the plan reads; keys are numbers from 1 unless said."""
    table = definition.table(name)
    date: Any = pl.Datetime if name == "contacts" else pl.Date
    schema: dict[str, Any] = dict.fromkeys(table.key, pl.String)
    schema |= dict.fromkeys(table.date_columns, date)
    for target in definition.leaves():
        if target.table == name:
            for read in target.reads():
                schema.setdefault(read.column, DTYPES.get(read.kind, date))
    if name == "reported":
        schema |= {"done": date, "value": pl.Float64, "condition": pl.Boolean, "source": pl.String}
    made = [
        {table.key[0]: str(n), **{column: cell(value) for column, value in row.items()}}
        for n, row in enumerate(rows, start=1)
    ]
    assert all(set(row) <= set(schema) for row in made)
    return pl.DataFrame(made, schema=schema)


def run(name: str, as_of: str | None = None, /, **tables: Rows) -> kpi.Result:
    definition = plan(name)
    data = {table: frame(definition, table, rows) for table, rows in tables.items()}
    return kpi.evaluate(definition, data, as_of)


def reads(name: str, target: str, reading: str, /, **tables: Rows) -> kpi.TargetResult:
    """One target under another reading of it."""
    definition = plan(name)
    data = {table: frame(definition, table, rows) for table, rows in tables.items()}
    found = next(t for t in kpi.readings(definition, data).targets if t.id == target)
    return dict(found.others)[reading]


def done(facts: Mapping[str, str | None]) -> Rows:
    return [{"target": target, "done": day} for target, day in facts.items()]


def values(facts: Mapping[str, float | None]) -> Rows:
    return [{"target": target, "value": value} for target, value in facts.items()]


def times(n: int, row: Mapping[str, Any]) -> Rows:
    return [dict(row) for _ in range(n)]


def tally(found: kpi.TargetResult) -> tuple[int | None, int, str]:
    return found.met, found.counted, found.verdict


# Case by case: what a target makes of a row, on both sides of its limit and of its population.

IN, LATE, OUTSIDE, OPEN = "in time", "late", "outside", "undetermined"
COUNTED, NO_START, NO_LIMIT = "counted", "start missing", "limit missing"

Edges = list[tuple[dict[str, Any], str]]
ANNOUNCED = {"filed": "2016-04-01", "announced_on": "2017-02-28"}
TEN = "2017-05-02 10:00"

# plan, target, table, a row, and what becomes of it with each change.
EDGES: list[tuple[str, str, str, dict[str, Any], Edges]] = [
    ("us-2017", "1.1a", "cases", {"case_type": "asylum", "filed": "2016-01-02"}, [
        ({"decided": "2017-01-01"}, COUNTED),
        ({"decided": "2017-12-31"}, COUNTED),
        ({"decided": "2016-12-31"}, OUTSIDE),
        ({"decided": "2017-01-01", "filed": "2016-01-01"}, OUTSIDE),
        ({"decided": "2017-01-01", "case_type": "asylum_extension"}, OUTSIDE),
        ({}, OUTSIDE),
    ]),
    ("us-2017", "1.1b", "cases", {"case_type": "asylum", "filed": "2015-12-31"}, [
        ({"decided": "2017-06-30"}, IN),
        ({"decided": "2017-07-01"}, LATE),
        ({}, LATE),
        ({"decided": "2017-01-01"}, IN),
        ({"decided": "2016-12-31"}, OUTSIDE),
        ({"filed": "2016-01-01"}, OUTSIDE),
    ]),
    # 30 September and five months are 28 February.
    ("us-2017", "1.2a", "cases", {"case_type": "family_simple", **ANNOUNCED, "announced_months": 5, "documented": "2016-09-30"}, [
        ({"decided": "2017-02-28"}, IN),
        ({"decided": "2017-03-01"}, LATE),
        ({}, OUTSIDE),
        ({"decided": "2016-12-31"}, OUTSIDE),
        ({"decided": "2017-02-28", "documented": None}, NO_START),
        ({"decided": "2017-02-28", "announced_on": "2017-03-01"}, OUTSIDE),
        ({"decided": "2017-02-28", "announced_months": 10}, OUTSIDE),
    ]),
    ("us-2017", "1.2b", "cases", {"case_type": "family_spouse_complex", **ANNOUNCED, "announced_months": 10, "documented": "2016-04-30"}, [
        ({"decided": "2017-02-28"}, IN),
        ({"decided": "2017-03-01"}, LATE),
        ({"decided": "2017-02-28", "case_type": "family_child_complex"}, OUTSIDE),
    ]),
    ("us-2017", "1.2c", "cases", {"case_type": "family_child_complex", **ANNOUNCED, "announced_months": 10, "documented": "2016-08-31"}, [
        ({"decided": "2017-06-30"}, IN),
        ({"decided": "2017-07-01"}, LATE),
    ]),
    # A leap day and twelve months are 28 February.
    ("us-2017", "1.2d", "cases", {"case_type": "family_simple", "filed": "2016-02-29"}, [
        ({"decided": "2017-02-28"}, IN),
        ({"decided": "2017-03-01"}, LATE),
        ({"filed": "2017-02-28", "decided": "2017-12-31"}, IN),
        ({"filed": "2017-03-01", "decided": "2017-12-31"}, OUTSIDE),
        ({"decided": "2017-02-28", "announced_on": "2017-02-28"}, OUTSIDE),
        ({"decided": "2017-02-28", "announced_on": "2017-03-01"}, IN),
    ]),
    ("us-2017", "1.2e", "cases", {"case_type": "family_child_complex", "filed": "2017-03-01"}, [
        ({"decided": "2017-12-31"}, IN),
        ({"decided": "2017-12-31", "filed": "2017-02-28"}, OUTSIDE),
    ]),
    ("us-2017", "1.2f", "cases", {"case_type": "asylum_extension", **ANNOUNCED, "announced_months": 5, "documented": "2016-09-30"}, [
        ({"decided": "2017-02-28"}, IN),
        ({"decided": "2017-03-01"}, LATE),
        ({"decided": "2017-02-28", "case_type": "residence_extension"}, IN),
    ]),
    ("us-2017", "1.2g", "cases", {"case_type": "residence_extension", "filed": "2016-07-31"}, [
        ({"decided": "2017-02-28"}, IN),
        ({"decided": "2017-03-01"}, LATE),
        ({"decided": "2017-02-28", "announced_on": "2017-01-01"}, OUTSIDE),
    ]),
    ("us-2017", "1.2h", "cases", {"case_type": "permanent_residence", **ANNOUNCED, "announced_months": 8, "documented": "2016-06-30"}, [
        ({"decided": "2017-02-28"}, IN),
        ({"decided": "2017-03-01"}, LATE),
    ]),
    ("us-2017", "1.2i", "cases", {"case_type": "permanent_residence", "filed": "2016-07-01"}, [
        ({"decided": "2017-03-01"}, IN),
        ({"decided": "2017-03-02"}, LATE),
    ]),
    ("us-2017", "1.3", "cases", {"case_type": "visa_complaint", "filed": "2016-03-01"}, [
        ({"decided": "2017-03-01"}, IN),
        ({"decided": "2017-03-02"}, LATE),
        ({"decided": "2017-03-01", "announced_on": "2017-01-01"}, IN),
    ]),
    ("us-2017", "1.4a", "contacts", {"channel": "in_person", "arrived": TEN}, [
        ({"served": "2017-05-02 11:00"}, IN),
        ({"served": "2017-05-02 11:00:01"}, LATE),
        ({}, LATE),
        # Not served by the end of the year, and not due by then either.
        ({"arrived": "2017-12-31 23:30"}, LATE),
        ({"arrived": "2016-12-31 23:50", "served": "2017-01-01 00:10"}, OUTSIDE),
        # Clocks go from two to three that night: an hour of elapsed time.
        ({"arrived": "2017-03-26 01:30", "served": "2017-03-26 03:30"}, IN),
    ]),
    ("us-2017", "1.4b", "contacts", {"channel": "phone", "arrived": TEN}, [
        ({"served": "2017-05-02 10:12"}, IN),
        ({"served": "2017-05-02 10:12:01"}, LATE),
        ({}, LATE),
        ({"arrived": "2017-12-31 23:55"}, LATE),
    ]),
    ("us-2017", "2.1a", "actions", {"kind": "register_check"}, [
        ({"done": "2017-01-01"}, COUNTED),
        ({"done": "2017-12-31"}, COUNTED),
        ({"done": "2016-12-31"}, OUTSIDE),
        ({"done": "2017-05-01", "kind": "media_case"}, OUTSIDE),
    ]),
    ("us-2017", "4.1", "questions", {"received": "2017-11-01", "due": "2017-12-31"}, [
        ({"answered": "2017-12-31"}, IN),
        ({}, LATE),
        ({"due": "2017-12-20", "answered": "2017-12-21"}, LATE),
        ({"due": "2018-01-01"}, OUTSIDE),
        ({"received": "2016-12-20", "due": "2017-01-01", "answered": "2016-12-30"}, IN),
        ({"due": None, "answered": "2017-11-02"}, NO_LIMIT),
    ]),
    ("us-2019", "1.1a", "cases", {"case_type": "asylum", "filed": "2019-01-01", "decided": "2019-06-01"}, [
        ({"first_interview": "2019-01-31"}, IN),
        ({"first_interview": "2019-02-01"}, LATE),
        ({}, LATE),
        # Not due by the end of the year, but decided with no interview held.
        ({"filed": "2019-12-10", "decided": "2019-12-20"}, LATE),
        ({"first_interview": "2019-01-31", "decided": None}, OUTSIDE),
        ({"first_interview": "2018-12-31"}, "end before start"),
    ]),
    ("us-2019", "1.1b", "cases", {"case_type": "asylum", "filed": "2018-06-01"}, [
        ({"decided": "2019-01-01"}, COUNTED),
        ({"decided": "2018-12-31"}, OUTSIDE),
        ({"decided": "2019-01-01", "case_type": "asylum_extension"}, OUTSIDE),
        ({}, OUTSIDE),
    ]),
    ("us-2019", "1.1c", "cases", {"case_type": "asylum_extension", "filed": "2018-07-31"}, [
        ({"decided": "2019-02-28"}, IN),
        ({"decided": "2019-03-01"}, LATE),
    ]),
    ("us-2019", "1.2a", "cases", {"case_type": "family_reunification", "filed": "2018-04-30"}, [
        ({"decided": "2019-02-28"}, IN),
        ({"decided": "2019-03-01"}, LATE),
    ]),
    ("us-2019", "1.2b", "cases", {"case_type": "residence_extension", "filed": "2018-07-31"}, [
        ({"decided": "2019-02-28"}, IN),
        ({"decided": "2019-03-01"}, LATE),
    ]),
    ("us-2019", "1.2c", "cases", {"case_type": "permanent_residence", "filed": "2018-04-01"}, [
        ({"decided": "2019-02-01"}, IN),
        ({"decided": "2019-02-02"}, LATE),
    ]),
    ("us-2019", "1.3a", "contacts", {"channel": "in_person", "arrived": "2019-05-02 10:00"}, [
        ({"served": "2019-05-02 11:00"}, IN),
        ({"served": "2019-05-02 11:01"}, LATE),
        ({}, LATE),
        ({"arrived": "2019-12-31 23:30"}, LATE),
    ]),
    ("us-2019", "1.3b", "contacts", {"channel": "phone", "arrived": "2019-05-02 10:00"}, [
        ({"served": "2019-05-02 10:15"}, IN),
        ({"served": "2019-05-02 10:16"}, LATE),
        ({}, LATE),
        ({"arrived": "2019-12-31 23:55"}, LATE),
    ]),
    ("us-2022", "1.1a", "cases", {"case_type": "asylum", "residence_basis": False, "filed": "2022-03-01", "decided": "2022-10-01"}, [
        ({"first_interview": "2022-03-31"}, IN),
        ({"first_interview": "2022-04-01"}, LATE),
        ({}, LATE),
        ({"filed": "2022-12-10", "decided": "2022-12-20"}, LATE),
        ({"first_interview": "2022-03-31", "residence_basis": True}, OUTSIDE),
        ({"first_interview": "2022-03-31", "residence_basis": None}, OUTSIDE),
        ({"first_interview": "2022-01-05", "filed": "2021-12-31"}, OUTSIDE),
        ({"first_interview": "2022-03-31", "decided": None}, OUTSIDE),
    ]),
    ("us-2022", "1.1b", "cases", {"case_type": "asylum", "residence_basis": False, "filed": "2021-06-01"}, [
        ({"decided": "2022-07-01"}, COUNTED),
        ({"decided": "2022-06-30"}, OUTSIDE),
        ({"decided": "2022-07-01", "residence_basis": True}, OUTSIDE),
        ({"decided": "2022-07-01", "residence_basis": None}, OUTSIDE),
        ({"decided": "2022-07-01", "case_type": "passport"}, OUTSIDE),
    ]),
    ("us-2022", "1.1c", "cases", {"special_act": "afghanistan", "filed": "2021-09-01"}, [
        ({"decided": "2022-03-31"}, IN),
        ({"decided": "2022-04-01"}, LATE),
        ({}, LATE),
        ({"decided": "2021-12-01"}, IN),
        ({"filed": "2022-03-31", "decided": "2022-03-31", "case_type": "passport"}, IN),
        ({"filed": "2022-03-31"}, LATE),
        ({"filed": "2022-04-01"}, OUTSIDE),
        ({"special_act": None, "decided": "2022-03-31"}, OUTSIDE),
    ]),
    ("us-2022", "1.1d", "cases", {"case_type": "asylum_extension", "filed": "2021-08-31"}, [
        ({"decided": "2022-02-28"}, IN),
        ({"decided": "2022-03-01"}, LATE),
    ]),
    ("us-2022", "1.2a", "cases", {"case_type": "family_reunification", "filed": "2021-07-31"}, [
        ({"decided": "2022-02-28"}, IN),
        ({"decided": "2022-03-01"}, LATE),
    ]),
    ("us-2022", "1.2b", "cases", {"case_type": "residence_extension", "filed": "2021-07-01"}, [
        ({"decided": "2022-01-01"}, IN),
        ({"decided": "2022-01-02"}, LATE),
    ]),
    ("us-2022", "1.2c", "cases", {"case_type": "permanent_residence", "filed": "2021-09-15"}, [
        ({"decided": "2022-07-15"}, IN),
        ({"decided": "2022-07-16"}, LATE),
        ({"decided": "2022-06-30"}, OUTSIDE),
    ]),
    # 90 days are 2 May, three months are 1 May.
    ("us-2022", "1.2d", "cases", {"case_type": "passport", "filed": "2022-02-01"}, [
        ({"decided": "2022-05-02"}, IN),
        ({"decided": "2022-05-03"}, LATE),
    ]),
    ("us-2022", "1.3a", "slots", {"date": "2022-03-01"}, [
        ({"next_free": "2022-03-22"}, IN),
        ({"next_free": "2022-03-23", "date": "2022-03-01"}, LATE),
        ({"next_free": None, "date": "2022-05-27"}, LATE),
        ({"date": "2022-03-05", "next_free": "2022-12-01"}, OUTSIDE),
        ({"date": "2022-05-13", "next_free": "2022-12-01"}, OUTSIDE),
        ({"date": "2022-05-26", "next_free": "2022-12-01"}, OUTSIDE),
        ({"date": "2022-06-06", "next_free": "2022-12-01"}, OUTSIDE),
        ({"date": "2022-12-26", "next_free": "2022-12-31"}, OUTSIDE),
        ({"date": "2021-12-31", "next_free": "2022-12-01"}, OUTSIDE),
    ]),
    ("us-2022", "1.3b", "contacts", {"channel": "phone", "arrived": "2022-05-02 10:00"}, [
        ({"served": "2022-05-02 10:20"}, IN),
        ({"served": "2022-05-02 10:21"}, LATE),
        ({}, LATE),
        ({"arrived": "2022-12-31 23:55"}, LATE),
    ]),
    ("hjemrejsestyrelsen-2022", "1.1a", "in_return", {"entered": "2020-01-01"}, [
        ({}, COUNTED),
        ({"left": "2021-12-31"}, OUTSIDE),
        ({"left": "2022-01-01"}, COUNTED),
        ({"entered": "2021-12-31", "left": "2022-12-31"}, COUNTED),
        ({"entered": "2022-01-01", "left": "2022-12-31"}, OUTSIDE),
        ({"entered": "2022-12-31"}, COUNTED),
        ({"left": "2019-12-31"}, "end before start"),
    ]),
    ("hjemrejsestyrelsen-2022", "1.1c", "transfers", {"extension": "none", "clock_start": "2021-07-31"}, [
        ({"transferred": "2022-01-31"}, IN),
        ({"transferred": "2022-02-01"}, LATE),
        ({}, LATE),
        # Overdue since 2021: its outcome was certain before the year.
        ({"clock_start": "2021-06-30", "transferred": "2022-03-01"}, OUTSIDE),
        ({"clock_start": "2022-06-30"}, LATE),
        ({"clock_start": "2022-07-01"}, OUTSIDE),
        ({"extension": "imprisoned", "clock_start": "2021-02-28", "transferred": "2022-02-28"}, IN),
        ({"extension": "imprisoned", "clock_start": "2021-02-28", "transferred": "2022-03-01"}, LATE),
        ({"extension": "absconded", "clock_start": "2020-12-01", "transferred": "2022-06-01"}, IN),
        ({"extension": "absconded", "clock_start": "2020-12-01", "transferred": "2022-06-02"}, LATE),
        ({"extension": None, "transferred": "2022-01-31"}, NO_LIMIT),
    ]),
    ("hjemrejsestyrelsen-2022", "1.1d", "expulsions", {"destination_eu": True, "decided": "2022-03-01"}, [
        ({"expelled": "2022-03-16"}, IN),
        ({"expelled": "2022-03-17"}, LATE),
        ({}, LATE),
        ({"decided": "2022-12-16"}, LATE),
        ({"decided": "2022-12-17", "expelled": "2022-12-20"}, OUTSIDE),
        ({"decided": "2021-12-17", "expelled": "2021-12-20"}, IN),
        ({"destination_eu": False}, OUTSIDE),
    ]),
    ("hjemrejsestyrelsen-2022", "1.1e", "return_cases", {"deadline_days": 7, "deadline_set": "2022-05-02"}, [
        ({"first_interview": "2022-05-09"}, IN),
        ({"first_interview": "2022-05-10"}, LATE),
        ({}, LATE),
        ({"deadline_set": "2021-12-28", "first_interview": "2022-01-03"}, IN),
        ({"deadline_set": "2022-12-28", "first_interview": "2022-12-30"}, OUTSIDE),
        ({"deadline_days": 15}, OUTSIDE),
        ({"deadline_days": None}, OUTSIDE),
    ]),
    ("hjemrejsestyrelsen-2022", "1.1g", "refusals", {"relevant": True, "received": "2022-04-01"}, [
        ({"interview_booked_for": "2022-04-09"}, IN),
        ({"interview_booked_for": "2022-04-10"}, LATE),
        ({}, LATE),
        ({"received": "2021-12-28", "interview_booked_for": "2022-01-05"}, IN),
        ({"received": "2022-12-28", "interview_booked_for": "2022-12-30"}, OUTSIDE),
        ({"relevant": False}, OUTSIDE),
        # Booked for a day after the as-of date: the booking is known.
        ({"received": "2022-12-23", "interview_booked_for": "2023-01-02"}, LATE),
    ]),
    ("hjemrejsestyrelsen-2022", "1.1h", "convicted", {"sentence_months": 4, "half_served": "2022-03-31"}, [
        ({"first_interview": "2022-02-28"}, IN),
        ({"first_interview": "2022-03-01"}, LATE),
        ({}, LATE),
        ({"first_interview": "2022-04-15"}, LATE),
        ({"sentence_months": 3}, OUTSIDE),
        ({"half_served": "2023-01-31", "first_interview": "2022-12-31"}, IN),
        ({"half_served": "2022-01-31", "first_interview": "2021-12-31"}, OUTSIDE),
        ({"half_served": "2023-03-31", "first_interview": "2022-12-01"}, OUTSIDE),
    ]),
    ("hjemrejsestyrelsen-2022", "1.2", "appeals", {"case_type": "spontaneous", "filed": "2021-12-01"}, [
        ({"decided": "2022-01-01"}, COUNTED),
        ({"decided": "2022-01-01", "case_type": "revocation"}, COUNTED),
        ({"decided": "2022-01-01", "case_type": "extension_refusal"}, COUNTED),
        ({"decided": "2022-01-01", "case_type": "another"}, OUTSIDE),
        ({"decided": "2021-12-31"}, OUTSIDE),
    ]),
    ("hjemrejsestyrelsen-2022", "1.3a", "complaints", {"filed": "2021-05-01"}, [
        ({"decided": "2022-12-31"}, COUNTED),
        ({"decided": "2021-12-31"}, OUTSIDE),
        ({}, OUTSIDE),
    ]),
    ("hjemrejsestyrelsen-2022", "1.3b", "complaints", {"filed": "2020-06-29"}, [
        ({"decided": "2022-12-31"}, IN),
        ({}, LATE),
        ({"decided": "2022-01-01"}, IN),
        ({"decided": "2021-12-31"}, OUTSIDE),
        ({"filed": "2020-06-30"}, OUTSIDE),
    ]),
    ("siri-2018", "1.5a", "cases", {"case_type": "pay_limit", "documented": "2018-03-01"}, [
        ({"decided": "2018-03-31"}, IN),
        ({"decided": "2018-04-01"}, LATE),
        ({"case_type": "fast_track", "decided": "2018-03-11"}, IN),
        ({"case_type": "fast_track", "decided": "2018-03-12"}, LATE),
        ({"case_type": "grant_payment", "decided": "2018-03-11"}, NO_LIMIT),
        ({"case_type": None, "decided": "2018-03-11"}, NO_LIMIT),
        ({"documented": None, "decided": "2018-03-31"}, NO_START),
        ({}, OUTSIDE),
    ]),
    ("siri-2018", "1.5b", "grants", {"case_type": "grant_payment", "documented": "2018-03-01"}, [
        ({"decided": "2018-03-31"}, IN),
        ({"decided": "2018-04-01"}, LATE),
        ({"case_type": "pay_limit", "decided": "2018-03-11"}, NO_LIMIT),
    ]),
    ("siri-2018", "1.6", "sample", {"checked": "2018-12-31"}, [
        ({"passed": True}, IN),
        ({"passed": False}, LATE),
        ({"passed": None}, LATE),
        ({"passed": True, "checked": "2017-12-31"}, OUTSIDE),
    ]),
]  # fmt: skip


def buckets(result: kpi.Result, target: str) -> dict[int, str]:
    """By the number of the row: in time, late, the reason for excluding it, or its bucket."""
    trail = result.audit().filter(pl.col("target") == target).collect()
    found = {}
    for row in trail.iter_rows(named=True):
        bucket = row["bucket"]
        if bucket == "counted" and row["met"] is not None:
            bucket = IN if row["met"] else LATE
        found[int(re.split(r"\W", row["case"])[0])] = (
            row["reason"] if bucket == "excluded" else bucket
        )
    return found


@pytest.mark.parametrize(
    ("name", "target", "table", "row", "edges"), EDGES, ids=[f"{e[0]} {e[1]}" for e in EDGES]
)
def test_cases_on_both_sides_of_the_boundary(
    name: str, target: str, table: str, row: dict[str, Any], edges: Edges
) -> None:
    rows = [{**row, **changes} for changes, _ in edges]
    if name == "us-2022" and table == "slots":
        # The day is the key: one row a day.
        found = [buckets_of_days(row)[0] for row in rows]
    else:
        by_number = buckets(run(name, **{table: rows}), target)
        found = [by_number[n] for n in range(1, len(rows) + 1)]
    assert found == [becomes for _, becomes in edges]


def buckets_of_days(row: dict[str, Any]) -> list[str]:
    trail = run("us-2022", slots=[row]).audit().collect()
    return [
        found["bucket"] if found["bucket"] != "counted" else IN if found["met"] else LATE
        for found in trail.iter_rows(named=True)
    ]


# Of any type, or of any that has a limit.
ANY_TYPE = {("us-2022", "1.1c"), ("siri-2018", "1.5a"), ("siri-2018", "1.5b")}
TYPED = [
    (edge[0], edge[1], edge[2], {**edge[3], **edge[4][0][0]}, column)
    for edge in EDGES
    for column in ("case_type", "channel", "kind")
    if column in edge[3] and (edge[0], edge[1]) not in ANY_TYPE
]


@pytest.mark.parametrize(
    ("name", "target", "table", "row", "column"), TYPED, ids=[f"{e[0]} {e[1]}" for e in TYPED]
)
def test_cases_of_another_type_are_not_counted(
    name: str, target: str, table: str, row: dict[str, Any], column: str
) -> None:
    rows = [row, {**row, column: "another"}, {**row, column: None}]
    found = buckets(run(name, **{table: rows}), target)
    assert found[1] in {IN, COUNTED}
    assert (found[2], found[3]) == (OUTSIDE, OUTSIDE)


SHARES = [
    edge
    for edge in EDGES
    if edge[2] != "slots" and {IN, LATE} <= {becomes for _, becomes in edge[4]}
]


@pytest.mark.parametrize(
    ("name", "target", "table", "row", "edges"), SHARES, ids=[f"{e[0]} {e[1]}" for e in SHARES]
)
def test_the_threshold_itself_is_met_and_one_case_fewer_is_missed(
    name: str, target: str, table: str, row: dict[str, Any], edges: Edges
) -> None:
    percent = {r[0]: r[3] for r in TABLE[name]}[target] or 90
    good = next({**row, **changes} for changes, becomes in edges if becomes == IN)
    bad = next({**row, **changes} for changes, becomes in edges if becomes == LATE)
    enough = percent // 5
    met = run(name, **{table: times(enough, good) + times(20 - enough, bad)})[target]
    assert (met.met, met.counted, met.verdict) == (enough, 20, "met")
    missed = run(name, **{table: times(enough - 1, good) + times(21 - enough, bad)})[target]
    assert (missed.met, missed.counted, missed.verdict) == (enough - 1, 20, "missed")
    nothing = run(name, **{table: []})[target]
    assert (nothing.counted, nothing.verdict) == (0, "not_assessable")


def pairs(*dates: tuple[str | None, str | None], **more: Any) -> Rows:
    return [{"filed": filed, "decided": decided, **more} for filed, decided in dates]


@pytest.mark.parametrize(
    ("name", "target", "table", "more", "good", "bad"),
    [
        # 200 and 220 days; then 221.
        ("us-2017", "1.1a", "cases", {"case_type": "asylum"}, (("2016-06-15", "2017-01-01"), ("2016-06-15", "2017-01-21")), ("2016-06-14", "2017-01-21")),
        ("us-2019", "1.1b", "cases", {"case_type": "asylum"}, (("2019-01-01", "2019-05-01"), ("2018-10-01", "2019-01-29")), ("2018-09-30", "2019-01-29")),
        ("us-2022", "1.1b", "cases", {"case_type": "asylum", "residence_basis": False}, (("2022-04-01", "2022-07-30"), ("2022-03-03", "2022-07-01")), ("2022-03-02", "2022-07-01")),
        ("hjemrejsestyrelsen-2022", "1.2", "appeals", {"case_type": "spontaneous"}, (("2022-01-01", "2022-05-01"), ("2021-10-01", "2022-01-29")), ("2021-09-30", "2022-01-29")),
    ],
)  # fmt: skip
def test_an_average_on_its_limit_is_met_and_one_day_more_is_missed(
    name: str,
    target: str,
    table: str,
    more: dict[str, Any],
    good: tuple[tuple[str, str], tuple[str, str]],
    bad: tuple[str, str],
) -> None:
    days = 210 if name == "us-2017" else 120
    met = run(name, **{table: pairs(*good, **more)})[target]
    assert (met.total, met.counted, met.verdict) == (2 * days, 2, "met")
    missed = run(name, **{table: pairs(good[0], bad, **more)})[target]
    assert (missed.total, missed.counted, missed.verdict) == (2 * days + 1, 2, "missed")
    assert missed.value == days + 0.5


@pytest.mark.parametrize(
    ("name", "target", "table", "row", "least"),
    [
        ("us-2017", "2.1a", "actions", {"kind": "register_check", "done": "2017-12-31"}, 8),
        ("us-2017", "2.2a", "actions", {"kind": "profiled_case", "done": "2017-01-01"}, 20),
        ("us-2017", "2.2b", "actions", {"kind": "media_case", "done": "2017-06-30"}, 100),
        ("us-2019", "2.1a", "actions", {"kind": "deployment", "done": "2019-12-31"}, 16),
        ("us-2019", "2.1c", "actions", {"kind": "revocation_review", "done": "2019-01-01"}, 300),
        ("hjemrejsestyrelsen-2022", "1.1b", "actions", {"kind": "return_project", "done": "2022-01-01"}, 12),
        ("hjemrejsestyrelsen-2022", "1.3a", "complaints", {"filed": "2021-03-01", "decided": "2022-12-31"}, 3500),
        ("siri-2018", "1.2", "actions", {"kind": "knowledge_effort", "done": "2018-12-31"}, 3),
    ],
)  # fmt: skip
def test_a_count_that_is_reached_and_one_that_is_not(
    name: str, target: str, table: str, row: dict[str, Any], least: int
) -> None:
    other = {**row, **({"kind": "other"} if "kind" in row else {"decided": None})}
    for n, verdict in ((least, "met"), (least - 1, "missed"), (0, "missed")):
        found = run(name, **{table: [*times(n, row), other]})[target]
        assert (found.counted, found.value, found.verdict) == (n, n, verdict)


# plan, milestone, its last day, and a day on which it is too late, or too early for "in" a period.
MILESTONES = [
    ("us-2017", "2.1b", "2017-06-30", "2017-07-01"),
    ("us-2017", "3.1", "2017-12-31", "2016-12-31"),
    ("us-2019", "2.1b-1", "2019-01-31", "2019-02-01"),
    ("us-2019", "2.1b-2", "2019-12-31", "2020-01-01"),
    ("us-2019", "2.1b-3", "2019-12-31", "2020-01-01"),
    ("us-2019", "2.2b", "2019-09-30", "2019-10-01"),
    ("us-2019", "2.2c", "2019-12-31", "2020-01-01"),
    ("us-2019", "2.3a", "2019-02-28", "2019-03-01"),
    ("us-2019", "2.3b", "2019-06-30", "2019-07-01"),
    ("us-2019", "2.3c-1", "2019-06-30", "2019-07-01"),
    ("us-2019", "2.3c-2", "2019-09-01", "2019-09-02"),
    ("us-2019", "3.2a", "2019-12-31", "2020-01-01"),
    ("us-2019", "3.2b", "2019-12-31", "2020-01-01"),
    ("us-2022", "1.4a", "2022-06-30", "2022-07-01"),
    ("us-2022", "1.4b", "2022-06-30", "2022-07-01"),
    ("us-2022", "2.1a", "2022-06-30", "2022-07-01"),
    ("us-2022", "2.1b", "2022-07-01", "2022-06-30"),
    ("us-2022", "2.2a", "2022-06-30", "2022-07-01"),
    ("us-2022", "2.2b", "2022-12-31", "2023-01-01"),
    ("us-2022", "2.3a", "2022-06-30", "2022-07-01"),
    ("us-2022", "2.3b", "2022-12-31", "2023-01-01"),
    ("us-2022", "1.2x", "2022-06-01", "2022-06-02"),
    ("hjemrejsestyrelsen-2022", "1.1f", "2022-03-31", "2022-04-01"),
    ("hjemrejsestyrelsen-2022", "2.1a", "2022-01-01", "2021-12-31"),
    ("hjemrejsestyrelsen-2022", "2.1b", "2022-12-31", "2022-06-30"),
    ("hjemrejsestyrelsen-2022", "2.2a", "2022-06-30", "2022-07-01"),
    ("hjemrejsestyrelsen-2022", "2.2b", "2022-12-31", "2023-01-01"),
    ("hjemrejsestyrelsen-2022", "2.3a", "2022-06-30", "2022-07-01"),
    ("hjemrejsestyrelsen-2022", "2.3b", "2022-12-31", "2023-01-01"),
    ("siri-2018", "1.4a", "2018-12-31", "2019-01-01"),
    ("siri-2018", "1.4b", "2018-06-30", "2018-07-01"),
    ("siri-2018", "1.4c", "2018-06-30", "2018-07-01"),
    ("siri-2018", "2.2a", "2017-12-31", "2019-01-01"),
    ("siri-2018", "2.2b", "2018-12-31", "2019-01-01"),
    ("siri-2018", "2.3a", "2018-12-31", "2019-01-01"),
    ("siri-2018", "2.3b", "2018-12-31", "2019-01-01"),
    ("siri-2018", "2.3c", "2018-12-31", "2019-01-01"),
]


@pytest.mark.parametrize(("name", "target", "good", "bad"), MILESTONES)
def test_a_milestone_on_its_last_day_and_beside_it(
    name: str, target: str, good: str, bad: str
) -> None:
    for row, verdict in (
        ([{"target": target, "done": good}], "met"),
        ([{"target": target, "done": bad}], "missed"),
        ([{"target": target, "done": None}], "missed"),
        ([{"target": "another", "done": good}], "not_assessable"),
    ):
        assert run(name, reported=row)[target].verdict == verdict


@pytest.mark.parametrize(
    ("name", "target", "first", "last"),
    [
        ("us-2017", "3.1", "2017-01-01", "2017-12-31"),
        ("hjemrejsestyrelsen-2022", "2.1a", "2022-01-01", "2022-06-30"),
        ("hjemrejsestyrelsen-2022", "2.1b", "2022-07-01", "2022-12-31"),
    ],
)  # fmt: skip
def test_what_is_asked_for_in_a_period_may_have_been_done_before_it(
    name: str, target: str, first: str, last: str
) -> None:
    before, after = (
        str(dt.date.fromisoformat(day) + dt.timedelta(n)) for day, n in ((first, -1), (last, 1))
    )
    for day, verdict, other in (
        (before, "missed", "met"),
        (first, "met", "met"),
        (last, "met", "met"),
        (after, "missed", "missed"),
    ):
        facts = done({target: day})
        assert run(name, reported=facts)[target].verdict == verdict
        assert reads(name, target, EARLIER[0], reported=facts).verdict == other


@pytest.mark.parametrize(
    ("name", "target", "reading", "year"),
    [
        *[("siri-2018", t, "done in 2018", 2018) for t in ("2.2a", "2.2b", "2.3a", "2.3b", "2.3c")],
        *[("us-2019", t, "done in 2019", 2019) for t in ("3.2a", "3.2b")],
    ],
)
def test_what_is_the_state_at_the_end_of_a_year_may_be_asked_for_in_it(
    name: str, target: str, reading: str, year: int
) -> None:
    for day, verdict, other in (
        (f"{year - 1}-12-31", "met", "missed"),
        (f"{year}-01-01", "met", "met"),
        (f"{year}-12-31", "met", "met"),
        (f"{year + 1}-01-01", "missed", "missed"),
    ):
        facts = done({target: day})
        assert run(name, reported=facts)[target].verdict == verdict
        assert reads(name, target, reading, reported=facts).verdict == other


def test_2019_a_robot_may_be_ready_at_the_beginning_of_the_next_year() -> None:
    reading = "ready through 10 January 2020"
    for day, verdict, other in (
        ("2019-12-31", "met", "met"),
        ("2020-01-10", "missed", "met"),
        ("2020-01-11", "missed", "missed"),
    ):
        facts = done({"2.2c": day})
        assert run("us-2019", reported=facts)["2.2c"].verdict == verdict
        data = {"reported": frame(plan("us-2019"), "reported", facts)}
        found = kpi.readings(plan("us-2019"), data, "2020-01-31")
        (its,) = [target for target in found.targets if target.id == "2.2c"]
        assert dict(its.others)[reading].verdict == other


def test_every_milestone_is_tried() -> None:
    tried = {(name, target) for name, target, _, _ in MILESTONES} | {("us-2019", "2.2a")}
    milestones = {(name, row[0]) for name in IDS for row in TABLE[name] if row[1] == "milestone"}
    assert tried == milestones


@pytest.mark.parametrize(
    ("name", "target"),
    [("us-2017", "4.2"), ("us-2019", "3.1"), ("siri-2018", "2.1")],
)
def test_seven_sick_days_are_not_under_seven(name: str, target: str) -> None:
    for value, verdict in ((6.9, "met"), (7, "missed"), (7.1, "missed"), (None, "not_assessable")):
        assert run(name, reported=values({target: value}))[target].verdict == verdict
    assert run(name, reported=[])[target].verdict == "not_assessable"


@pytest.mark.parametrize(
    ("name", "target"),
    [("siri-2018", "1.1"), ("siri-2018", "1.3"), *[("us-2019", f"2.4{c}") for c in "abcdef"]],
)
def test_fulfilled_is_one_and_not_fulfilled_is_zero(name: str, target: str) -> None:
    for value, verdict in ((1, "met"), (0, "missed"), (None, "not_assessable")):
        assert run(name, reported=values({target: value}))[target].verdict == verdict


# us-2017


def test_2017_seven_months_and_210_days_are_two_readings() -> None:
    # 1 June to 1 January is seven months and 214 days.
    cases = pairs(("2016-06-01", "2017-01-01"), case_type="asylum")
    assert run("us-2017", cases=cases)["1.1a"].verdict == "missed"
    assert reads("us-2017", "1.1a", "seven months", cases=cases).verdict == "met"
    late = pairs(("2016-06-01", "2017-01-02"), case_type="asylum")
    assert reads("us-2017", "1.1a", "seven months", cases=late).verdict == "missed"


def test_2017_a_case_of_new_years_day_is_in_neither_asylum_target() -> None:
    cases = pairs(("2016-01-01", "2017-03-01"), case_type="asylum")
    result = run("us-2017", cases=cases)
    assert [result[t].counted for t in ("1.1a", "1.1b")] == [0, 0]
    cases += pairs(("2015-12-31", "2017-03-01"), case_type="asylum")
    cases += pairs(("2016-01-01", "2017-03-01"), case_type="another")
    assert reads("us-2017", "1.1a", "filed since 1 January 2016", cases=cases).counted == 1


def test_2017_inden_1_july_may_be_read_as_through_it() -> None:
    cases = pairs(("2015-12-31", "2017-07-01"), case_type="asylum")
    assert run("us-2017", cases=cases)["1.1b"].verdict == "missed"
    assert reads("us-2017", "1.1b", "decided through 1 July", cases=cases).verdict == "met"
    late = pairs(("2015-12-31", "2017-07-02"), case_type="asylum")
    assert reads("us-2017", "1.1b", "decided through 1 July", cases=late).verdict == "missed"


def test_2017_visa_complaints_may_be_those_not_announced_alone() -> None:
    cases = pairs(("2017-01-01", "2017-02-01"), case_type="visa_complaint")
    cases += [{**cases[0], "announced_on": day} for day in ("2017-02-28", "2017-03-01")]
    assert run("us-2017", cases=cases)["1.3"].counted == 3
    reading = "only cases with no announced target"
    assert reads("us-2017", "1.3", reading, cases=cases).counted == 2


@pytest.mark.parametrize(
    ("name", "target", "channel"),
    [
        ("us-2017", "1.4a", "in_person"),
        ("us-2017", "1.4b", "phone"),
        ("us-2019", "1.3a", "in_person"),
        ("us-2019", "1.3b", "phone"),
        ("us-2022", "1.3b", "phone"),
    ],
)
def test_who_gave_up_counts_unless_served_contacts_alone_do(
    name: str, target: str, channel: str
) -> None:
    day = f"{name[-4:]}-05-02"
    served = {"channel": channel, "arrived": f"{day} 10:00", "served": f"{day} 10:05"}
    contacts = [*times(3, served), {**served, "served": None}]
    assert tally(run(name, contacts=contacts)[target]) == (3, 4, "missed")
    assert tally(reads(name, target, SERVED[0], contacts=contacts)) == (3, 3, "met")


def test_2017_1_2e_cannot_be_missed_and_says_so() -> None:
    cases = pairs(("2017-03-01", "2017-12-31"), case_type="family_simple")
    found = run("us-2017", cases=cases)["1.2e"]
    assert found.verdict == "met"
    assert [r for r in found.remarks if r.startswith("cannot be missed")]


def test_2017_questions_due_in_the_year_and_received_in_it() -> None:
    questions: Rows = [
        {"received": "2016-12-20", "due": "2017-01-10", "answered": "2017-01-11"},
        {"received": "2017-12-20", "due": "2018-01-10", "answered": None},
        {"received": "2017-12-20", "due": "2018-01-10", "answered": "2017-12-22"},
    ]
    assert tally(run("us-2017", questions=questions)["4.1"]) == (0, 1, "missed")
    other = reads("us-2017", "4.1", "received in 2017", questions=questions)
    assert (tally(other), other.undetermined) == ((1, 1, "met"), 1)


# us-2019


def test_2019_a_decided_case_with_no_interview_may_be_left_out() -> None:
    asylum = {"case_type": "asylum", "filed": "2019-01-01", "decided": "2019-06-01"}
    cases = times(9, {**asylum, "first_interview": "2019-01-31"}) + times(2, asylum)
    cases += [{**asylum, "case_type": "passport", "first_interview": "2019-01-31"}]
    assert tally(run("us-2019", cases=cases)["1.1a"]) == (9, 11, "missed")
    other = reads("us-2019", "1.1a", "cases with no interview left out", cases=cases)
    assert tally(other) == (9, 9, "met")


@pytest.mark.parametrize(
    ("whole", "parts"),
    [(whole, parts) for whole, parts in PARTS["us-2019"].items() if whole != "2.4"],
)
def test_2019_a_requirement_of_parts_is_met_where_all_are(
    whole: str, parts: tuple[str, ...]
) -> None:
    good = {target: day for name, target, day, _ in MILESTONES if name == "us-2019"}
    bad = {target: day for name, target, _, day in MILESTONES if name == "us-2019"}
    facts = {part: good[part] for part in parts}
    assert run("us-2019", reported=done(facts))[whole].verdict == "met"
    for part in parts:
        one_late = done({**facts, part: bad[part]})
        assert run("us-2019", reported=one_late)[whole].verdict == "missed"
        one_unknown = done({k: v for k, v in facts.items() if k != part})
        assert run("us-2019", reported=one_unknown)[whole].verdict == "not_assessable"
    # A part that is missed decides, whatever is not known of the others.
    assert run("us-2019", reported=done({parts[0]: None}))[whole].verdict == "missed"


def test_2019_the_six_assessments_must_all_be_fulfilled() -> None:
    six = dict.fromkeys(PARTS["us-2019"]["2.4"], 1)
    assert run("us-2019", reported=values(six))["2.4"].verdict == "met"
    for part in six:
        assert run("us-2019", reported=values({**six, part: 0}))["2.4"].verdict == "missed"
        unknown = values({**six, part: None})
        assert run("us-2019", reported=unknown)["2.4"].verdict == "not_assessable"


def test_2019_the_robot_is_asked_for_where_its_condition_came_about() -> None:
    def robot(condition: bool | None, day: str | None) -> str:
        row = {"target": "2.2a", "done": day, "condition": condition}
        return run("us-2019", reported=[row])["2.2a"].verdict

    assert robot(condition=True, day="2019-09-30") == "met"
    assert robot(condition=True, day="2019-10-01") == "missed"
    assert robot(condition=True, day=None) == "missed"
    assert robot(condition=False, day=None) == "lapsed"
    assert robot(condition=False, day="2019-09-30") == "lapsed"
    assert robot(condition=None, day="2019-09-30") == "not_assessable"
    assert run("us-2019", reported=[])["2.2a"].verdict == "not_assessable"


def test_2019_the_condition_may_be_of_1_september() -> None:
    robot = next(t for t in plan("us-2019").leaves() if t.id == "2.2a")
    assert robot.on_condition is not None
    assert robot.on_condition.that.endswith("through 2019-09-10")
    other_one = robot.under(robot.readings[0]).on_condition
    assert other_one is not None
    assert other_one.that.endswith("through 2019-09-01")
    reported: Rows = [
        {"target": "2.2a", "done": "2019-10-15", "condition": True},
        {"target": "2.2a-2019-09-01", "condition": False},
    ]
    assert run("us-2019", reported=reported)["2.2a"].verdict == "missed"
    other = reads("us-2019", "2.2a", "condition through 1 September", reported=reported)
    assert other.verdict == "lapsed"


# us-2022


def test_2022_the_window_of_first_interviews_flatters() -> None:
    asylum = {"case_type": "asylum", "residence_basis": False}
    cases = [
        {**asylum, "filed": "2022-02-01", "first_interview": "2022-02-20", "decided": "2022-06-01"},
        {**asylum, "filed": "2021-09-01", "first_interview": "2021-12-01", "decided": "2022-06-01"},
        {**asylum, "filed": "2022-02-01", "first_interview": "2022-06-20", "decided": None},
    ]
    cases += [{**cases[0], "case_type": "passport"}, {**cases[0], "residence_basis": True}]
    assert tally(run("us-2022", cases=cases)["1.1a"]) == (1, 1, "met")
    assert tally(reads("us-2022", "1.1a", "decided in 2022", cases=cases)) == (1, 2, "missed")
    assert tally(reads("us-2022", "1.1a", "filed in 2022", cases=cases)) == (1, 2, "missed")


def test_2022_the_cohort_of_the_act_on_afghanistan() -> None:
    cases = pairs(
        ("2021-09-01", "2021-12-31"),
        ("2021-09-01", "2022-03-31"),
        ("2021-12-31", None),
        ("2022-01-01", "2022-02-01"),
        special_act="afghanistan",
    )
    cases += pairs(("2021-09-01", "2022-03-31"))
    assert tally(run("us-2022", cases=cases)["1.1c"]) == (3, 4, "missed")
    assert tally(reads("us-2022", "1.1c", "filed before 2022", cases=cases)) == (2, 3, "missed")
    reading = "open at the start of 2022"
    assert tally(reads("us-2022", "1.1c", reading, cases=cases)) == (1, 2, "missed")


def test_2022_passports_in_90_days_or_three_months() -> None:
    passport = pairs(("2022-02-01", "2022-05-02"), case_type="passport")
    assert run("us-2022", cases=passport)["1.2d"].verdict == "met"
    assert reads("us-2022", "1.2d", "three months", cases=passport).verdict == "missed"
    summer = pairs(("2022-07-01", "2022-10-01"), case_type="passport")
    assert run("us-2022", cases=summer)["1.2d"].verdict == "missed"
    assert reads("us-2022", "1.2d", "three months", cases=summer).verdict == "met"


# The holidays of 2022 that are no Saturday or Sunday: Maundy Thursday, Good Friday, Easter Monday,
# Store Bededag, Ascension Day, Whit Monday, 26 December.
HOLIDAYS = {
    "2022-04-14", "2022-04-15", "2022-04-18", "2022-05-13", "2022-05-26", "2022-06-06", "2022-12-26",
}  # fmt: skip
ALL_DAYS = [dt.date(2022, 1, 1) + dt.timedelta(n) for n in range(365)]
WEEKDAYS = [d for d in ALL_DAYS if d.weekday() < 5 and d.isoformat() not in HOLIDAYS]


def slots(days: Iterable[dt.date], wait: int = 21) -> Rows:
    return [{"date": str(day), "next_free": str(day + dt.timedelta(wait))} for day in days]


def test_2022_every_working_day_has_a_free_appointment_within_three_weeks() -> None:
    assert len(WEEKDAYS) == 253
    full = run("us-2022", slots=slots(WEEKDAYS))["1.3a"]
    assert (full.counted, full.verdict) == (253, "met")
    one_late = slots(WEEKDAYS[1:]) + slots(WEEKDAYS[:1], wait=22)
    assert run("us-2022", slots=one_late)["1.3a"].verdict == "missed"
    one_gone = run("us-2022", slots=slots(WEEKDAYS[1:]))["1.3a"]
    assert (one_gone.counted, one_gone.verdict) == (252, "not_assessable")
    # A day over the limit decides, though another has no row.
    late_and_gone = slots(WEEKDAYS[2:]) + slots(WEEKDAYS[:1], wait=22)
    assert run("us-2022", slots=late_and_gone)["1.3a"].verdict == "missed"
    booked_out = [*slots(WEEKDAYS[1:]), {"date": str(WEEKDAYS[0]), "next_free": None}]
    assert run("us-2022", slots=booked_out)["1.3a"].verdict == "missed"


def test_2022_saturdays_and_the_friday_after_ascension_are_readings() -> None:
    saturday = slots([dt.date(2022, 3, 5)], wait=60)
    assert run("us-2022", slots=slots(WEEKDAYS) + saturday)["1.3a"].verdict == "met"
    other = reads("us-2022", "1.3a", "Saturdays counted", slots=slots(WEEKDAYS) + saturday)
    assert (other.counted, other.verdict) == (254, "missed")
    friday = dt.date(2022, 5, 27)
    without = slots(day for day in WEEKDAYS if day != friday)
    assert run("us-2022", slots=without)["1.3a"].verdict == "not_assessable"
    other = reads("us-2022", "1.3a", "the Friday after Ascension off", slots=without)
    assert (other.counted, other.verdict) == (252, "met")


# hjemrejsestyrelsen-2022


def in_return(base: int, end: int) -> Rows:
    """As many at the end of 2021 and of 2022; those who stay stay."""
    stay = {"entered": "2020-05-01"}
    return times(min(base, end), stay) + (
        times(base - end, {**stay, "left": "2022-06-01"})
        if base >= end
        else times(end - base, {"entered": "2022-06-01"})
    )


def test_return_agency_the_real_stocks_of_2021_and_2022() -> None:
    found = run("hjemrejsestyrelsen-2022", in_return=in_return(806, 548))["1.1a"]
    assert found.verdict == "met"
    assert found.figures["stock"] == 548
    assert found.figures["base"] == 806
    assert found.value is not None
    assert f"{100 * found.value:.1f} %" == "-32.0 %"


@pytest.mark.parametrize(
    ("base", "end", "verdict"),
    [
        (10, 9, "met"),
        (806, 725, "met"),  # a fall of 10.05 %
        (806, 726, "missed"),  # 9.93 %
        (10, 10, "missed"),
        (10, 12, "missed"),
        (5, 0, "met"),
        (0, 5, "not_assessable"),
        (0, 0, "not_assessable"),
    ],
)
def test_return_agency_a_fall_of_a_tenth(base: int, end: int, verdict: str) -> None:
    found = run("hjemrejsestyrelsen-2022", in_return=in_return(base, end))
    assert found["1.1a"].verdict == verdict


def test_return_agency_what_other_denominators_make_of_transfers() -> None:
    none = {"extension": "none"}
    transfers = [
        {**none, "clock_start": "2022-01-10", "transferred": "2022-03-01"},
        {**none, "clock_start": "2022-03-01"},
        {**none, "clock_start": "2022-11-01", "transferred": "2022-12-01"},
        {**none, "clock_start": "2021-03-01", "transferred": "2022-05-01"},
        {**none, "clock_start": "2021-10-01", "transferred": "2022-02-01"},
    ]
    name = "hjemrejsestyrelsen-2022"
    assert tally(run(name, transfers=transfers)["1.1c"]) == (3, 4, "missed")
    assert tally(reads(name, "1.1c", "due in 2022", transfers=transfers)) == (2, 3, "missed")
    closed = reads(name, "1.1c", "transferred in 2022", transfers=transfers)
    assert tally(closed) == (3, 4, "missed")


def test_return_agency_a_transfer_that_is_not_due_yet_is_undetermined() -> None:
    transfers = [{"extension": "none", "clock_start": "2022-03-01"}]
    found = run("hjemrejsestyrelsen-2022", "2022-06-30", transfers=transfers)["1.1c"]
    assert (found.counted, found.undetermined, found.verdict) == (0, 1, "open")


def test_return_agency_expulsions_of_the_last_fortnight_flatter() -> None:
    eu = {"destination_eu": True}
    expulsions = [
        {**eu, "decided": "2022-12-20", "expelled": "2022-12-22"},
        {**eu, "decided": "2022-12-20"},
        {**eu, "decided": "2022-06-01"},
    ]
    name = "hjemrejsestyrelsen-2022"
    assert tally(run(name, expulsions=expulsions)["1.1d"]) == (0, 1, "missed")
    other = reads(name, "1.1d", "decided in 2022, open ones when due", expulsions=expulsions)
    assert (tally(other), other.undetermined) == ((1, 2, "missed"), 1)


def test_return_agency_half_served_in_the_year_is_another_reading() -> None:
    convicted = [
        {"sentence_months": 4, "half_served": "2022-01-31", "first_interview": "2021-12-31"},
        {"sentence_months": 12, "half_served": "2022-06-15", "first_interview": "2022-05-15"},
        {"sentence_months": 12, "half_served": "2023-01-15"},
    ]
    name = "hjemrejsestyrelsen-2022"
    assert tally(run(name, convicted=convicted)["1.1h"]) == (1, 2, "missed")
    other = reads(name, "1.1h", "half served in 2022", convicted=convicted)
    assert tally(other) == (2, 2, "met")


def test_return_agency_the_average_of_the_fastest_95_per_cent() -> None:
    name = "hjemrejsestyrelsen-2022"
    spontaneous = {"case_type": "spontaneous"}
    # Nineteen of 120 days and one of a year: the slowest is left out.
    appeals = pairs(
        *[("2022-01-01", "2022-05-01")] * 19, ("2021-05-01", "2022-05-01"), **spontaneous
    )
    found = run(name, appeals=appeals)["1.2"]
    assert (found.total, found.counted, found.verdict) == (19 * 120, 19, "met")
    assert sum(found.excluded.values()) == 1
    assert tally(reads(name, "1.2", "95 % within 120 days", appeals=appeals)) == (19, 20, "met")
    # Two of a year: one of them is among the fastest 95 %.
    appeals += pairs(("2021-05-01", "2022-05-01"), **spontaneous)
    found = run(name, appeals=appeals)["1.2"]
    assert (found.total, found.counted, found.verdict) == (19 * 120 + 365, 20, "missed")
    assert tally(reads(name, "1.2", "95 % within 120 days", appeals=appeals)) == (19, 21, "missed")


def test_return_agency_each_type_of_appeal_by_itself() -> None:
    name = "hjemrejsestyrelsen-2022"
    appeals = pairs(*[("2022-01-01", "2022-02-01")] * 5, case_type="spontaneous")
    appeals += pairs(("2022-01-01", "2022-05-02"), case_type="revocation")
    assert run(name, appeals=appeals)["1.2"].verdict == "met"
    assert reads(name, "1.2", "each type by itself", appeals=appeals).verdict == "missed"
    appeals[-1]["decided"] = "2022-05-01"
    # A type without an appeal lapses.
    assert reads(name, "1.2", "each type by itself", appeals=appeals).verdict == "met"
    other = pairs(("2021-01-01", "2022-12-31"), case_type="another")
    assert run(name, appeals=other)["1.2"].counted == 0


def test_return_agency_old_complaints_of_all_time() -> None:
    name = "hjemrejsestyrelsen-2022"
    complaints = pairs(*[("2019-01-01", "2020-01-01")] * 18, ("2020-06-29", "2022-12-31"))
    complaints += pairs(("2020-06-29", None))
    assert tally(run(name, complaints=complaints)["1.3b"]) == (1, 2, "missed")
    other = reads(name, "1.3b", "all ever filed before that day", complaints=complaints)
    assert tally(other) == (19, 20, "met")
    last_day = pairs(("2020-06-30", None), ("2020-07-01", None))
    assert run(name, complaints=last_day)["1.3b"].counted == 0
    other = reads(name, "1.3b", "filed through 30 June 2020", complaints=last_day)
    assert tally(other) == (0, 1, "missed")


def test_return_agency_looked_at_after_the_year_a_late_decision_is_late() -> None:
    name = "hjemrejsestyrelsen-2022"
    late = pairs(("2020-06-29", "2023-01-01"))
    assert tally(run(name, "2023-03-31", complaints=late)["1.3b"]) == (0, 1, "missed")
    data = {"complaints": frame(plan(name), "complaints", late)}
    found = next(t for t in kpi.readings(plan(name), data, "2023-03-31").targets if t.id == "1.3b")
    assert tally(dict(found.others)["all ever filed before that day"]) == (0, 1, "missed")
    assert run(name, "2023-03-31", complaints=late)["1.3a"].value == 0


# siri-2018

LIMITS = pl.read_csv(PLANS / "siri-2018.limits.csv")


def test_siri_the_example_limits_are_for_both_tables_and_ask_for_90_per_cent() -> None:
    assert LIMITS.columns == ["table", "case_type", "limit", "threshold"]
    assert set(LIMITS["table"]) == {"cases", "grants"}
    assert set(LIMITS["threshold"]) == {90}
    assert not LIMITS.select("table", "case_type").is_duplicated().any()
    assert "example" in (plan("siri-2018").note or "")


def types(**shares: tuple[int, int]) -> Rows:
    """Of each type so many in time (on the day) and so many late."""
    rows: Rows = []
    for case_type, (good, bad) in shares.items():
        row = {"case_type": case_type, "documented": "2018-03-01"}
        rows += times(good, {**row, "decided": "2018-03-01"})
        rows += times(bad, {**row, "decided": "2018-12-31"})
    return rows


@pytest.mark.parametrize(
    ("target", "table", "one", "other"),
    [
        ("1.5a", "cases", "pay_limit", "student"),
        ("1.5b", "grants", "grant_payment", "grant_accounts"),
    ],
)
def test_siri_every_type_must_reach_its_own_target(
    target: str, table: str, one: str, other: str
) -> None:
    def verdict(**shares: tuple[int, int]) -> str:
        return run("siri-2018", **{table: types(**shares)})[target].verdict

    assert verdict(**{one: (9, 1)}) == "met"
    assert verdict(**{one: (9, 1), other: (90, 10)}) == "met"
    # No netting: one type under its threshold, though the whole is over it.
    assert verdict(**{one: (8, 2), other: (1000, 0)}) == "missed"
    # A type that the file does not list cannot be assessed, and a missed one still decides.
    assert verdict(**{one: (9, 1), "unlisted": (5, 0)}) == "not_assessable"
    assert verdict(**{one: (8, 2), "unlisted": (5, 0)}) == "missed"
    assert run("siri-2018", **{table: []})[target].verdict == "not_assessable"


def test_siri_a_reported_score_is_another_reading_of_quality() -> None:
    for value, verdict in ((95, "met"), (94.9, "missed"), (None, "not_assessable")):
        reported = values({"1.6": value})
        assert reads("siri-2018", "1.6", "a reported score", reported=reported).verdict == verdict


def test_siri_the_task_force_may_be_due_with_the_agreements() -> None:
    autumn = done({"1.4a": "2018-10-01"})
    assert run("siri-2018", reported=autumn)["1.4a"].verdict == "met"
    reading = "in the first half-year, as the agreements"
    assert reads("siri-2018", "1.4a", reading, reported=autumn).verdict == "missed"
    summer = done({"1.4a": "2018-06-30"})
    assert reads("siri-2018", "1.4a", reading, reported=summer).verdict == "met"
    late = done({"1.4a": "2018-07-01"})
    assert reads("siri-2018", "1.4a", reading, reported=late).verdict == "missed"


# The score.

ASYLUM = {"case_type": "asylum"}
ALL_MET: dict[str, dict[str, Rows]] = {
    "us-2017": {
        "cases": [
            *pairs(("2015-12-31", "2017-06-30"), ("2016-06-15", "2017-01-01"), **ASYLUM),
            *(
                {"case_type": kind, **ANNOUNCED, "announced_months": months, "documented": "2016-10-01", "decided": "2017-02-01"}
                for kind, months in (
                    ("family_simple", 5),
                    ("family_spouse_complex", 10),
                    ("family_child_complex", 10),
                    ("residence_extension", 5),
                    ("permanent_residence", 8),
                )
            ),
            *(
                {"case_type": kind, "filed": filed, "decided": "2017-06-01"}
                for kind, filed in (
                    ("family_simple", "2017-02-28"),
                    ("family_simple", "2017-03-01"),
                    ("asylum_extension", "2017-01-01"),
                    ("permanent_residence", "2017-01-01"),
                    ("visa_complaint", "2017-01-01"),
                )
            ),
        ],
        "contacts": [
            {"channel": channel, "arrived": TEN, "served": "2017-05-02 10:12"}
            for channel in ("in_person", "phone")
        ],
        "questions": [{"received": "2017-11-01", "due": "2017-11-08", "answered": "2017-11-08"}],
        "actions": [
            *times(8, {"kind": "register_check", "done": "2017-04-01"}),
            *times(20, {"kind": "profiled_case", "done": "2017-04-01"}),
            *times(100, {"kind": "media_case", "done": "2017-04-01"}),
        ],
        "reported": [
            *done({"2.1b": "2017-06-30", "3.1": "2017-12-31"}),
            *values({"4.2": 6.9}),
        ],
    },
    "us-2019": {
        "cases": [
            {**ASYLUM, "filed": "2019-01-01", "first_interview": "2019-01-31", "decided": "2019-05-01"},
            *(
                {"case_type": kind, "filed": "2019-01-01", "decided": "2019-08-01"}
                for kind in (
                    "asylum_extension",
                    "family_reunification",
                    "residence_extension",
                    "permanent_residence",
                )
            ),
        ],
        "contacts": [
            {"channel": channel, "arrived": "2019-05-02 10:00", "served": "2019-05-02 10:15"}
            for channel in ("in_person", "phone")
        ],
        "actions": [
            *times(16, {"kind": "deployment", "done": "2019-04-01"}),
            *times(300, {"kind": "revocation_review", "done": "2019-04-01"}),
        ],
        "reported": [
            *done({t: day for name, t, day, _ in MILESTONES if name == "us-2019"}),
            {"target": "2.2a", "done": "2019-09-30", "condition": True},
            *values(dict.fromkeys(PARTS["us-2019"]["2.4"], 1) | {"3.1": 6.9}),
        ],
    },
    "us-2022": {
        "cases": [
            {
                **ASYLUM,
                "residence_basis": False,
                "filed": "2022-04-01",
                "first_interview": "2022-05-01",
                "decided": "2022-07-30",
            },
            {"special_act": "afghanistan", "filed": "2021-09-01", "decided": "2022-03-31"},
            *(
                {"case_type": kind, "filed": "2022-04-15", "decided": "2022-07-14"}
                for kind in (
                    "asylum_extension",
                    "family_reunification",
                    "residence_extension",
                    "permanent_residence",
                    "passport",
                )
            ),
        ],
        "contacts": [
            {"channel": "phone", "arrived": "2022-05-02 10:00", "served": "2022-05-02 10:20"}
        ],
        "slots": slots(WEEKDAYS),
        "reported": done({t: day for name, t, day, _ in MILESTONES if name == "us-2022"}),
    },
    "hjemrejsestyrelsen-2022": {
        "in_return": in_return(10, 9),
        "transfers": [
            {"extension": "none", "clock_start": "2022-01-01", "transferred": "2022-07-01"}
        ],
        "expulsions": [
            {"destination_eu": True, "decided": "2022-03-01", "expelled": "2022-03-16"}
        ],
        "return_cases": [
            {"deadline_days": 7, "deadline_set": "2022-05-02", "first_interview": "2022-05-09"}
        ],
        "refusals": [
            {"relevant": True, "received": "2022-04-01", "interview_booked_for": "2022-04-09"}
        ],
        "convicted": [
            {"sentence_months": 4, "half_served": "2022-03-31", "first_interview": "2022-02-28"}
        ],
        "appeals": pairs(("2022-01-01", "2022-05-01"), case_type="spontaneous"),
        "complaints": pairs(*[("2020-06-29", "2022-12-31")] * 3500),
        "actions": times(12, {"kind": "return_project", "done": "2022-04-01"}),
        "reported": done(
            {t: day for name, t, day, _ in MILESTONES if name == "hjemrejsestyrelsen-2022"}
        ),
    },
    "siri-2018": {
        "cases": types(pay_limit=(9, 1), student=(9, 1)),
        "grants": types(grant_payment=(9, 1)),
        "sample": times(19, {"checked": "2018-04-01", "passed": True})
        + times(1, {"checked": "2018-04-01", "passed": False}),
        "actions": times(3, {"kind": "knowledge_effort", "done": "2018-04-01"}),
        "reported": [
            *done({t: day for name, t, day, _ in MILESTONES if name == "siri-2018"}),
            *values({"1.1": 1, "1.3": 1, "2.1": 6.9}),
        ],
    },
}  # fmt: skip


def score_of(name: str, /, **changed: Rows) -> kpi.Score:
    score = run(name, **{**ALL_MET[name], **changed}).score
    assert score is not None
    return score


@pytest.mark.parametrize("name", IDS)
def test_where_all_is_met_the_score_is_a_hundred(name: str) -> None:
    result = run(name, **ALL_MET[name])
    assert {target.verdict for target in result.targets} == {"met"}
    score = score_of(name)
    assert {score.met, score.of, score.if_all, score.if_split} == {Decimal(100)}
    assert not score.aside
    assert score.reconstructed == (name == "us-2017")


def without(name: str, target: str) -> Rows:
    """The facts reported, this one as not done."""
    return [
        {**row, "done": None, "value": 0 if "value" in row else None}
        if row["target"] == target
        else row
        for row in ALL_MET[name]["reported"]
    ]


@pytest.mark.parametrize(
    ("name", "fact", "met", "if_split"),
    [
        ("us-2017", "2.1b", 95, "97.5"),
        ("us-2017", "3.1", 95, "95"),
        ("us-2019", "2.1b-1", 90, "96.666667"),
        ("us-2019", "2.4c", 95, "95"),
        ("us-2022", "1.4b", 95, "97.5"),
        ("us-2022", "2.1a", 95, "97.5"),
        ("us-2022", "1.2x", 100, "100"),
        ("hjemrejsestyrelsen-2022", "1.1f", 95, "95"),
        ("hjemrejsestyrelsen-2022", "2.3b", 95, "97.5"),
        ("siri-2018", "1.1", 95, "95"),
        ("siri-2018", "2.2a", 95, "97.5"),
    ],
)
def test_a_fact_that_is_missing_costs_its_weight(
    name: str, fact: str, met: int, if_split: str
) -> None:
    score = score_of(name, reported=without(name, fact))
    assert (score.met, score.of) == (Decimal(met), Decimal(100))
    assert score.if_split == Decimal(if_split)


def test_what_a_missed_case_target_costs() -> None:
    name = "hjemrejsestyrelsen-2022"
    few = score_of(name, complaints=ALL_MET[name]["complaints"][1:])
    assert (few.met, few.if_split) == (Decimal(85), Decimal("92.5"))
    assert score_of(name, in_return=in_return(10, 10)).met == 80
    late = score_of("us-2022", slots=slots(WEEKDAYS, wait=22))
    assert (late.met, late.if_split) == (Decimal("97.5"), Decimal("97.5"))
    siri = score_of("siri-2018", cases=types(pay_limit=(8, 2)))
    assert (siri.met, siri.if_split) == (Decimal(40), Decimal(70))
    assert score_of("us-2017", questions=[]).met == 95


def test_a_robot_that_lapses_leaves_the_weight_to_the_others() -> None:
    reported = [
        row for row in ALL_MET["us-2019"]["reported"] if row["target"] not in {"2.2a", "2.2b"}
    ]
    lapsed: Rows = [{"target": "2.2a", "condition": False}]
    robot: Rows = [{"target": "2.2b", "done": "2019-09-30"}]
    assert score_of("us-2019", reported=reported + lapsed + robot).met == 100
    late: Rows = [{"target": "2.2b", "done": "2019-10-01"}]
    assert score_of("us-2019", reported=reported + lapsed + late).met == 90
    unknown = score_of("us-2019", reported=reported + robot)
    assert unknown.met == 90
    assert unknown.aside == {"not_assessable": 10}
