"""Cases that an extract file makes of an event log: chosen anew as of each day (S15, F41)."""

from __future__ import annotations

from pathlib import Path

import pytest

import kpi
from kpi.evaluation.comparison.records import TargetComparison

OLD = """\
sag,event,time
A,submitted,2022-01-10
A,decided,2022-02-01
B,submitted,2022-01-10
C,submitted,2022-06-20
"""
NEW = """\
sag,event,time
A,submitted,2022-01-10
A,decided,2022-02-01
A,decided,2022-08-01
B,submitted,2022-01-10
B,decided,2022-03-01
C,submitted,2022-06-20
C,decided,2022-07-10
D,submitted,2022-05-01
E,submitted,2022-08-01
"""
EXTRACT = """\
[tables.cases]
path = "{name}.csv"

[tables.cases.from_events]
case = "sag"
event = "event"
time = "time"

[tables.cases.from_events.dates]
filed = "submitted"
decided = {{ {which} = "decided" }}
"""


def plan() -> kpi.Plan:
    table = kpi.Table("cases", key="case_id", entry="filed", events=["decided"])
    target = kpi.Within(id="t", start="filed", end="decided", limit="2 months", threshold=90)
    return kpi.Plan(id="p", period="2022", tables=[table], targets=[target])


def compared(here: Path, which: str, to: str = "2022-09-30") -> TargetComparison:
    for name, log in (("old", OLD), ("new", NEW)):
        (here / f"{name}.csv").write_text(log)
        (here / f"{name}.toml").write_text(EXTRACT.format(name=name, which=which))
    return kpi.compare(plan(), here / "old.toml", here / "new.toml", "2022-06-30", to)["t"]


@pytest.mark.parametrize("which", ["first", "last"])
def test_cases_of_a_log_are_those_of_each_day(tmp_path: Path, which: str) -> None:
    """A is decided a second time in August: the last decision moves, and the first stays."""
    target = compared(tmp_path, which)
    restated = {b.bucket: b.cases for b in target.restated.buckets if b.cases}
    assert restated == {"registered late": 1, "end registered late": 1, "unchanged": 2}
    news = {b.bucket: b.cases for b in target.news.buckets if b.cases}
    # D is open, and was due on 1 July.
    again = 2 if which == "last" else 1
    assert news == {
        "entered": 1,
        "ended": again,
        "only time passed": 1,
        "unchanged": 3 - again,
    }


def test_a_stored_state_and_cases_of_a_log(tmp_path: Path) -> None:
    compared(tmp_path, "last")
    state = kpi.partial(plan(), tmp_path / "old.toml", "2022-06-30")
    comparison = kpi.compare(plan(), state, tmp_path / "new.toml", "2022-06-30", "2022-09-30")
    assert comparison["t"].restated.change["counted"] == 1
    assert comparison["t"].news.buckets[1].cases == 2


def test_a_log_as_of_a_single_day(tmp_path: Path) -> None:
    target = compared(tmp_path, "last", "2022-06-30")
    assert {b.bucket: b.cases for b in target.news.buckets if b.cases} == {"unchanged": 4}
