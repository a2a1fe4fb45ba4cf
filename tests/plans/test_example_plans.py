"""Every plan under examples/plans, whatever it asks: its expected cases, and a sample of it."""

from __future__ import annotations

from functools import cache

import polars as pl
import pytest

import kpi
from kpi.planfile.expected_path import beside
from kpi.rules._reported import FactTarget
from kpi.sample import sample
from kpi.testing.comparison import assert_matches_oracle
from tests.plans.small_tables import IDS, PLANS

PATHS = {
    path.stem: path
    for path in sorted(PLANS.glob("*.toml"))
    if not path.name.endswith(".expected.toml")
}
OTHERS = [name for name in PATHS if name not in IDS]
"""The plans that are no contract; test_expected_cases.py and test_sample.py ask more of those."""

each = pytest.mark.parametrize("name", PATHS)
each_other = pytest.mark.parametrize("name", OTHERS)


@cache
def plan(name: str) -> kpi.Plan:
    return kpi.load_plan(PATHS[name])


@cache
def small(name: str) -> dict[str, pl.DataFrame]:
    """A few rows of each table of a plan."""
    return sample(plan(name), 80, 1)


@each
def test_a_plan_is_named_as_its_file_and_stands_in_the_list(name: str) -> None:
    assert plan(name).id == name
    assert plan(name).title
    assert plan(name).source
    assert f"[`{name}.toml`]({name}.toml)" in (PLANS / "README.md").read_text("utf-8")


@each_other
def test_every_requirement_has_a_short_title_and_a_place(name: str) -> None:
    for target in (*plan(name).targets, *plan(name).leaves()):
        assert target.title, target.id
        assert len(target.title) < 80, target.id
        assert target.source, target.id


@each_other
def test_the_cases_of_a_plan_become_what_its_file_says(name: str) -> None:
    assert kpi.check_expected(plan(name), beside(PATHS[name])) == []


@each_other
def test_the_engine_and_the_oracle_agree_on_a_sample(name: str) -> None:
    assert_matches_oracle(plan(name), small(name))


@each_other
def test_every_target_counts_rows_of_a_sample(name: str) -> None:
    checked = kpi.check(plan(name), sample(plan(name), 600), strict=True)
    assert not checked.rejected
    result = kpi.evaluate(plan(name), checked)
    told = {target.id: result[target.id] for target in plan(name).leaves()}
    assert {name for name, record in told.items() if not record.counted} == set()
    assert {record.verdict for record in told.values()} <= {"met", "missed", "indicator"}
    for target in plan(name).leaves():
        assert not isinstance(target, FactTarget)
        # Of what is counted most can be counted, so the sample shows the target at work.
        assert sum(told[target.id].excluded.values()) < 0.2 * told[target.id].counted, target.id


@pytest.mark.parametrize(
    ("name", "written", "instead", "targets"),
    [
        ("uk-visas", 'limit = "15 working days"', 'limit = "16 working days"', "1a"),
        ("uk-visas", 'limit = "15 working days"', 'limit = "3 weeks and 1 day"', "1a"),
        ("uk-visas", 'limit = "30 working days"', 'limit = "29 working days"', "1b"),
        ("uk-visas", 'region = "ENG"', 'region = "NIR"', "1a 1b 1c 2a 2b 3"),
        ("uk-visas", "complete = true", "complete = false", "1a 1b 1c 2 2a 2b 3"),
        ("uk-planning", 'major = "13 weeks"', 'major = "92 days"', "1"),
        ("uk-planning", 'environmental = "16 weeks"', 'environmental = "13 weeks"', "1"),
        ("uk-planning", "latest", "earliest", "1"),
        ("uk-planning", 'rolling = "24 months"', 'rolling = "23 months"', "1"),
        ("uk-planning", "major = 60", "major = 62.6", "1"),
        ("uk-planning", "non_major = 70", "non_major = 75.1", "1"),
        ("uk-foi", '["ENG", "WLS", "SCT", "NIR"]', '["ENG", "WLS"]', "1"),
        ("uk-foi", '["ENG", "WLS", "SCT", "NIR"]', '["ENG", "WLS", "SCT"]', "1"),
        ("uk-foi", '["ENG", "WLS", "SCT", "NIR"]', '["ENG", "WLS", "NIR"]', "1"),
        ("uk-foi", ', before = "answered"', "", "1"),
        ("uk-foi", '\nlast_day = "paused"', "", "1"),
        ("uk-foi", 'denominator = "overdue"', 'denominator = "cohort"', "1"),
        ("nhs-england-rtt", 'limit = "18 weeks"', 'limit = "127 days"', "1"),
        ("nhs-england-rtt", 'limit = "52 weeks"', 'limit = "1 year"', "2"),
        ("nhs-england-rtt", 'end_of = "2024/25"', "end_of = 2025-03-30", "1 2"),
        ("nhs-england-rtt", 'year_starts = "04"', 'year_starts = "05"', "1 2"),
        ("nhs-england-ae", 'limit = "4 hours"', 'limit = "241 minutes"', "1"),
        ("nhs-england-ae", 'limit = "12 hours"', 'limit = "721 minutes"', "2"),
        ("nhs-england-ae", '"Europe/London"', '"Europe/Copenhagen"', "1"),
        ("nhs-england-ae", 'denominator = "overdue"', 'denominator = "closed"', "1 2"),
        ("ircc", 'limit = "6 months"', 'limit = "180 days"', "1"),
        ("ircc", 'limit = "12 months"', 'limit = "366 days"', "2"),
        ("ircc", 'visitor_visa = "14 days"', 'visitor_visa = "15 days"', "3"),
        ("ircc", 'limit = "56 days"', 'limit = "57 days"', "4"),
        ("ircc", 'calendar = "canada"', 'calendar = "denmark"', "5"),
        ("ircc", 'mail = "20 working days"', 'mail = "21 working days"', "5"),
        ("ircc", 'year_starts = "04"', 'year_starts = "03"', "1"),
        ("uscis", 'worker = "15 working days"', 'worker = "16 working days"', "2a 2b"),
        ("uscis", 'student = "30 working days"', 'student = "29 working days"', "2a"),
        ("uscis", 'calendar = "united states"', 'calendar = "denmark"', "2a"),
        ("uscis", "earliest", "latest", "2a"),
        ("uscis", 'year_starts = "10"', 'year_starts = "09"', "1 2a"),
        ("dk-building-permits", 'simple = "40 days"', 'simple = "39 days"', "1"),
        ("dk-building-permits", 'flats = "60 days"', 'flats = "59 days"', "1"),
        ("dk-building-permits", 'pauses = ["waiting"]', 'unless_paused = ["waiting"]', "1"),
        ("dk-building-permits", 'start = "complete"', 'start = "filed"', "1"),
        ("ankestyrelsen", 'limit = "13 weeks"', 'limit = "90 days"', "1"),
        ("ankestyrelsen", "at_most = 91", "less_than = 91", "2"),
        ("ankestyrelsen", '["social", "employment"]', '["social"]', "1 2"),
        ("court-cepej", "at_least = 100", "more_than = 100", "1"),
        ("court-cepej", 'each = "category"', 'where = { category = "civil" }', "1"),
        ("service-desk", '"60 working minutes"', '"1 hour"', "1"),
        ("service-desk", '"8 working hours"', '"481 working minutes"', "2"),
        ("service-desk", ', friday = "08:00-15:00"', "", "1"),
        ("service-desk", 'name = "denmark"', 'name = "germany"', "2"),
        ("service-desk", 'pauses = ["waiting"]', 'unless_paused = ["waiting"]', "2"),
        ("service-desk", 'limit = "4 hours"', 'limit = "4 hours and 1 minute"', "3"),
    ],
)
def test_a_plan_that_says_something_else_fails(
    name: str, written: str, instead: str, targets: str
) -> None:
    text = PATHS[name].read_text(encoding="utf-8")
    assert written in text
    other = kpi.parse_plan(text.replace(written, instead), beside=PATHS[name].parent)
    differences = kpi.check_expected(other, beside(PATHS[name]))
    assert {one.target for one in differences} == set(targets.split())
