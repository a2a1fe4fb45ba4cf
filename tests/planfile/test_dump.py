"""Plans written as plan files, and read back the same."""

from __future__ import annotations

import pickle
import tomllib
from decimal import Decimal
from pathlib import Path

import pytest

import kpi
from tests.commands import PLAN

EXAMPLES = Path(__file__).parents[2] / "examples"


PLANS = [
    path for path in sorted(EXAMPLES.rglob("*.toml")) if not path.name.endswith(".expected.toml")
]


def test_the_plan_can_be_written_in_python() -> None:
    by_hand = kpi.Plan(
        id="p",
        period="2017",
        tables={"cases": kpi.Table("cases", key="case_id", entry="filed", events=["decided"])},
        targets=[
            kpi.Within(
                id="1",
                where={"case_type": "visa"},
                start="filed",
                end="decided",
                limit="1 month",
                threshold=90,
            )
        ],
    )
    assert by_hand == kpi.parse_plan(PLAN)
    assert kpi.dump_plan(by_hand) == PLAN


@pytest.mark.parametrize("path", PLANS, ids=lambda p: f"{p.parent.name}/{p.name}")
def test_an_example_dumps_back_to_its_own_text(path: Path) -> None:
    text = path.read_text("utf-8")
    written = kpi.dump_plan(kpi.load_plan(path))
    assert written == "".join(line for line in text.splitlines(keepends=True) if line[0] != "#")
    assert tomllib.loads(written) == tomllib.loads(text)


EVERYTHING = """\
id = "all"
title = "All \\"keys\\" and a \\\\ backslash"
title_da = "Æøå"
source = "s"
note = "n"
period = { since = 2017-01-01, before = 2018-02-01 }
time_zone = "Europe/Stockholm"
month_end = "sticky"

[tables.cases]
key = ["case_id", "part"]
entry = "filed"
events = ["documented", "decided"]
dates = ["due"]
date_format = "%d-%m-%Y"

[tables."odd name"]
key = "id"
entry = "a date"

[[targets]]
id = "1"
title = "t"
title_da = "d"
source = "1 a"
note = "n"
rule = "within"
where = { case_type = ["a", "b"], "a b" = { not = "c" }, n = { at_least = 1, less_than = 5 }, m = { not = [1, 2] }, flag = true, filed = { after = 2016-01-01, through = 2017-05-01 }, documented = { in = "2017-Q1" } }
unless = { case_type = "b", due = { before = 2017-03-01 } }
start = "documented"
end = "decided"
open_at = { start_of = 2017-03-01 }
denominator = "cohort"
on = "documented"
window = "2017-H2"
limit = "2 months and 10 days"
month_end = "up"
threshold = 97.5

[[targets]]
id = "2"
rule = "average"
start = "filed"
end = "decided"
window = { after = 2017-01-01, through = 2017-05-01 }
limit = "1 year"

[[targets]]
id = "3"
rule = "clearance"
start = "filed"
end = "decided"
open_at = { start_of = "2017-H2" }
deadline = { through = 2017-12-01 }
threshold = "all"

[[targets]]
id = "4"
rule = "within"
table = "odd name"
start = "a date"
end = "a date"
limit = { column = "a date" }
threshold = 0.1
"""


def test_every_key_survives_reading_and_writing() -> None:
    plan = kpi.parse_plan(EVERYTHING)
    assert kpi.dump_plan(plan) == EVERYTHING
    assert plan.targets[0].threshold == Decimal("97.5")  # type: ignore[attr-defined]
    assert pickle.loads(pickle.dumps(plan)) == plan  # noqa: S301 - our own


def test_defaults_are_not_written() -> None:
    text = PLAN.replace(
        'rule = "within"\n', 'rule = "within"\ndenominator = "closed"\ntable = "cases"\n'
    )
    assert kpi.dump_plan(kpi.parse_plan(text)) == PLAN
