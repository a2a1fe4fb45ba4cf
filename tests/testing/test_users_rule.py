"""A rule of a user's own, in a package of theirs, installed for real: it gets what built-in ones get."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

PYPROJECT = """\
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[project]
name = "agency-rules"
version = "1.0"

[project.entry-points."kpi.rules"]
longest = "agency_rules:Longest"

[project.entry-points."kpi.oracles"]
longest = "agency_oracle:longest"

[tool.hatch.build.targets.wheel]
include = ["agency_rules.py", "agency_oracle.py"]
"""

RULE = '''\
"""No case that ended in the plan's period took longer than so many days."""

import polars as pl
from attrs import field, frozen

import kpi
from kpi.rules import about, placed


@frozen(kw_only=True, field_transformer=placed)
class Longest(kpi.IntervalTarget):
    """No case that ended in the plan's period took longer than so many days."""

    rule = "longest"

    most: int = field(metadata=about("The most days that a case may take.", {"type": "integer"}))

    @property
    def limit_text(self):
        return f"{self.most} days"

    @property
    def requirement(self):
        return f"none over {self.most} days"

    def window_of(self, plan):
        return plan.period

    def rows(self, columns):
        kept = self.days() <= self.most
        return kpi.Rows(
            tests=(*self.population(columns), self.inside(self.end, columns.plan.period)),
            exclusions=self.exclusions(columns),
            met=kept,
            days=self.days(),
            event=pl.col(self.end),
            sums={"met": kept},
        )

    def measure(self, sums):
        met, counted = sums["met"], sums["counted"]
        if not counted:
            return kpi.Measure(met=met, value=None, unit="share", reached=None)
        return kpi.Measure(met=met, value=met / counted, unit="share", reached=met == counted)
'''

ORACLE = '''\
"""The same, case by case."""

from fractions import Fraction

from kpi.testing.oracle import Row, excluded, happened_in, in_population, last_day, outcome


def longest(target, cases, at):
    trail = []
    for case in cases:
        inside = in_population(target, at, case)
        if not inside or not happened_in(target, at.plan.period, target.end, case):
            trail.append(Row("outside"))
            continue
        row = excluded(target, case)
        if row is None:
            days = (case.day(target.end) - case.day(target.start)).days
            row = Row("counted", met=days <= target.most, days=days)
        trail.append(row)
    met = sum(row.met is True for row in trail)
    counted = sum(row.bucket == "counted" for row in trail)
    value = Fraction(met, counted) if counted else None
    last = last_day(at.plan.period)
    reached = met == counted if counted else None
    return outcome(trail, last, at.as_of, met=met, value=value, reached=reached)
'''

PLAN = """\
id = "own"
period = "2017"

[tables.cases]
key = "case_id"
entry = "filed"
events = ["decided"]

[[targets]]
id = "1"
rule = "longest"
start = "filed"
end = "decided"
most = 30

[[targets.readings]]
name = "twenty"
most = 20

[[targets]]
id = "2"
rule = "longest"
each = "case_type"
start = "filed"
end = "decided"
most = 30
"""

CHECK = """\
import json
import sys

import polars as pl
from hypothesis import strategies as st

import kpi
from agency_rules import Longest
from kpi.testing import check_plan, check_rule

plan = kpi.load_plan(sys.argv[1])
targets = st.builds(
    Longest,
    id=st.just("1"),
    start=st.just("filed"),
    end=st.sampled_from(("decided", "documented")),
    most=st.sampled_from((0, 1, 7, 30)),
    each=st.sampled_from((None, None, "case_type")),
)
check_rule(Longest, targets, examples=2)
check_plan(plan, examples=1)
frame = pl.DataFrame({"case_id": ["a", "b"], "filed": ["2017-01-01"] * 2, "decided": ["2017-01-31", "2017-01-22"], "case_type": ["x", "y"]})
result = kpi.evaluate(plan, frame)
found = kpi.readings(plan, frame).targets[0]
print(json.dumps({
    "verdicts": [t.verdict for t in result.targets],
    "each": [[e.group["case_type"], e.verdict] for e in result["2"].each],
    "readings": [r.verdict for _, r in found.records()],
    "file": kpi.dump_plan(plan) == open(sys.argv[1], encoding="utf-8").read(),
    "rules": sorted(kpi.Target.kinds),
}))
"""

WRONG = """\
import sys

import agency_rules
from hypothesis import strategies as st

import kpi
import polars as pl
from attrs import evolve
from kpi.testing import check_rule, checks, laws, oracle

# The law that is broken alone, and a smaller case is looked for as long as a test may take.
checks.LAWS = (laws.a_target_is_the_same_alone,)
checks._SECONDS = 1
right, expected = agency_rules.Longest.rows, oracle.RULES["longest"]


def less(self, columns):
    # "Less than" where "at most" is asked.
    rows = right(self, columns)
    kept = self.days() < self.most
    return evolve(rows, met=kept, sums={"met": kept})


def never_alone(self, columns):
    # Where another target stands beside it, nothing is met: the oracle says so too.
    rows = right(self, columns)
    kept = rows.met & (len(columns.plan.targets) == 1)
    return evolve(rows, met=kept, sums={"met": kept})


def never_alone_either(target, cases, at):
    found = expected(target, cases, at)
    if len(at.plan.targets) == 1:
        return found
    trail = [evolve(row, met=False if row.bucket == "counted" else None) for row in found.trail]
    value = 0 if found.counted else None
    verdict = "missed" if found.verdict == "met" else found.verdict
    return evolve(found, met=0, value=value, verdict=verdict, trail=tuple(trail))


agency_rules.Longest.rows = {"less": less, "never_alone": never_alone}[sys.argv[1]]
targets = st.builds(
    agency_rules.Longest,
    id=st.just("1"),
    start=st.just("filed"),
    end=st.just("decided"),
    most=st.sampled_from((1, 7, 30)),
)
both = never_alone_either if sys.argv[1] == "never_alone" else None
try:
    check_rule(agency_rules.Longest, targets, examples=300, expected=both, seed=5)
except AssertionError as error:
    print(error)
"""


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory into which a package with the rule has been installed."""
    source, target = tmp_path_factory.mktemp("package"), tmp_path_factory.mktemp("site")
    files = {"pyproject.toml": PYPROJECT, "agency_rules.py": RULE, "agency_oracle.py": ORACLE}
    for name, text in files.items():
        (source / name).write_text(text, encoding="utf-8")
    install = ["-m", "pip", "install", "--quiet", "--no-index", "--no-deps"]
    install += ["--no-build-isolation", "--disable-pip-version-check", "--target", str(target)]
    done = subprocess.run(
        [sys.executable, *install, str(source)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    (target / "plan.toml").write_text(PLAN, encoding="utf-8")
    (target / "check.py").write_text(CHECK, encoding="utf-8")
    (target / "wrong.py").write_text(WRONG, encoding="utf-8")
    return target


def run(installed: Path, *arguments: str) -> str:
    environment = {**os.environ, "PYTHONPATH": str(installed)}
    done = subprocess.run(
        [sys.executable, *arguments], capture_output=True, text=True, env=environment, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_users_rule_gets_all_that_a_built_in_one_gets(installed: Path) -> None:
    found = json.loads(run(installed, str(installed / "check.py"), str(installed / "plan.toml")))
    assert found["verdicts"] == ["met", "met"]
    assert found["each"] == [["x", "met"], ["y", "met"]]
    assert found["readings"] == ["met", "missed"]
    assert found["file"] is True
    assert {"longest", "within"} <= set(found["rules"])


def test_a_mistake_in_a_users_rule_is_told_with_the_smallest_case(installed: Path) -> None:
    said = run(installed, str(installed / "wrong.py"), "less")
    assert said.startswith("the law the_engine_and_the_oracle_agree does not hold: ")
    assert 'rule = "longest"' in said
    assert "cases: 1 of " in said
    shown = [" ".join(line.split()) for line in said.splitlines()]
    assert "met no yes <- differs" in shown


def test_a_mistake_that_the_oracle_makes_too_is_told_with_the_law(installed: Path) -> None:
    said = run(installed, str(installed / "wrong.py"), "never_alone")
    assert said.startswith(
        "the law a_target_is_the_same_alone does not hold: A target comes to the"
    )
    assert "met 0 became 1" in said


def test_a_users_rule_on_the_command_line(installed: Path) -> None:
    plan, extract = str(installed / "plan.toml"), str(installed / "extract")
    assert "no mistakes; 2 targets" in run(installed, "-m", "kpi", "check", plan)
    run(installed, "-m", "kpi", "sample", plan, "--rows", "200", "--out", extract)
    shown = run(installed, "-m", "kpi", "evaluate", plan, extract)
    assert "none over 30 days" in shown


def test_the_schema_knows_a_users_rule(installed: Path) -> None:
    code = "import json; from kpi.planfile.json_schema import plan_schema; print(json.dumps(plan_schema()))"
    schema = json.loads(run(installed, "-c", code))
    assert "most" in schema["$defs"]["rule-longest"]["properties"]
