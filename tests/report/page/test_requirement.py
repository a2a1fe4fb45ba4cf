"""The plan's own sentences in two languages: in English those of the plan, word for word (R2)."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import kpi
from kpi.definitions.target import Target
from kpi.report.page.catalogue import catalogue
from kpi.report.page.requirement import requirement
from kpi.testing import strategies

PLANS = sorted((Path(__file__).parents[3] / "examples" / "plans").glob("*[!d].toml"))
EN, DA = catalogue("en"), catalogue("da")
_MONTHS: list[str] = EN.sections["date"]["months"]


def _iso(text: str) -> str:
    """The text with its dates and months as the plan's own words have them."""
    months = "|".join(_MONTHS)

    def number(name: str) -> str:
        return f"{_MONTHS.index(name) + 1:02}"

    text = re.sub(
        rf"\b(\d{{1,2}}) ({months}) (\d{{1,4}})\b",
        lambda m: f"{int(m[3]):04}-{number(m[2])}-{int(m[1]):02}",
        text,
    )
    return re.sub(rf"\b({months}) (\d{{1,4}})\b", lambda m: f"{int(m[2]):04}-{number(m[1])}", text)


def _leaves() -> list[Target]:
    plans = [kpi.load_plan(path) for path in PLANS if ".expected." not in path.name]
    return [leaf for plan in plans for leaf in plan.leaves()]


def test_the_example_plans_word_for_word() -> None:
    leaves = _leaves()
    assert len(leaves) > 90
    for leaf in leaves:
        assert _iso(requirement(EN, leaf)) == leaf.requirement_text, leaf.id


@settings(max_examples=8, derandomize=True, deadline=None)
@given(st.data())
def test_generated_plans_word_for_word(data: st.DataObject) -> None:
    for leaf in data.draw(strategies.plans()).leaves():
        assert _iso(requirement(EN, leaf)) == _iso(leaf.requirement_text)
        assert requirement(DA, leaf)


_TABLE = """\
id = "p"
period = "2022"
[tables.cases]
key = "case_id"
entry = "filed"
events = ["decided"]
dates = ["due"]
[[targets]]
id = "1"
"""
_CASES = 'start = "filed"\nend = "decided"\n'


@pytest.mark.parametrize(
    ("keys", "danish"),
    [
        (f'rule = "within"\n{_CASES}limit = "1 month"\nthreshold = 92.5', "92,5 % inden for 1 måned"),
        (f'rule = "within"\n{_CASES}limit = "7 months before"\nthreshold = "all"', "alle senest 7 måneder før filed"),
        (f'rule = "within"\n{_CASES}limit = {{ column = "due" }}\nthreshold = 80', "80 % senest due"),
        (f'rule = "within"\n{_CASES}limit = "10 working days"\nlate = {{ at_most = 3 }}', "højst 3 ikke inden for 10 arbejdsdage"),
        (f'rule = "average"\n{_CASES}limit = "60 days"\nfastest = 95', "højst 60 dage for de hurtigste 95 %"),
        (f'rule = "percentile"\n{_CASES}percentile = 90\nlimit = "30 days"', "percentil 90 højst 30 dage"),
        (f'rule = "clearance"\n{_CASES}deadline = {{ before = 2022-07-01 }}\nopen_at = {{ start_of = "2022" }}\nthreshold = 90', "90 % afsluttet før 1. juli 2022"),
        ('rule = "count"\non = "decided"\nrequires = { at_least = 1500 }\nevery = "quarter"', "mindst 1.500, hvert kvartal"),
        (f'rule = "stock"\n{_CASES}at = {{ end_of = "2022-Q3" }}\nlevel = {{ less_than = 7 }}', "under 7 ved udgangen af 3. kvartal 2022"),
        (f'rule = "flow"\n{_CASES}indicator = "mean_age"\nrequires = {{ at_most = 90 }}', "gennemsnitlig alder højst 90 dage"),
        ('rule = "share"\non = "decided"\nhaving = { office = "north" }\nthreshold = 50', "50 % office er north"),
    ],
)  # fmt: skip
def test_sentences_in_danish(keys: str, danish: str) -> None:
    (target,) = kpi.parse_plan(_TABLE + keys).leaves()
    assert requirement(DA, target) == danish
