"""A plan with every key: odd values, keys left out, and texts that must not run."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

import kpi
from tests.commands import GOOD, HEADER, PLAN, run
from tests.laws.generated import TIMES

pytestmark = pytest.mark.usefixtures("here")

EVERY_KEY = """\
id = "p"
title = "t"
period = { since = 2017-01-01, before = 2018-01-01 }
time_zone = "Europe/Copenhagen"
month_end = "down"
calendar = { name = "denmark", off = ["christmas eve", 2017-12-27], saturdays = false }
roll = "none"
weights = "stated"

[tables.cases]
key = "case_id"
entry = "filed"
events = ["documented", "decided"]
dates = ["due"]
date_format = "%d-%m-%Y"
encoding = "windows-1252"

[tables.cases.derived]
ready = { latest = ["filed", "documented"] }
later = { date = "filed", plus_months = "months" }
monthly = { date = "filed", plus = "1 month", end_of = "month", roll = "next working day", calendar = { off = [2017-07-03], covers = "2017" }, at_latest = "decided", day_ends = "16:00" }
by_type = { date = "filed", plus = { by = "case_type", limits = { a = "8 weeks" } } }
restarted = { latest = ["filed", "documented"], before = "decided" }
half = { start = "filed", end = "later", share = "1/2", rounded = "down" }

[tables.waiting]
pauses = "cases"
key = "case_id"
entry = "from"
events = "to"
last_day = "paused"
until = "ends"

[tables.waiting.derived]
ends = { date = "from", plus = "14 days", at_latest = "to" }

[tables.reported]
key = "target"
dates = ["done_on"]

[[goals]]
id = "g"
weight = 50
sharing = "split"

[[targets]]
id = "1"
goal = "g"
rule = "within"
where = { case_type = ["a", "b"], n = { at_least = 1, less_than = 5 }, filed = { since = 2016-01-01 }, flag = true }
unless = { case_type = { not = "c" }, documented = { missing = true }, decided = { after = { date = "filed" }, through = { date = "later", minus = "2 months", roll = "next working day" } }, any_of = [{ flag = false }, { due = { since = { date = "filed", plus_days = "n" }, before = 2018-01-01 }, case_type = "a" }] }
start = "ready"
end = "decided"
open_at = { start_of = "2017" }
denominator = "cohort"
on = "documented"
window = "2017-H2"
limit = { by = "case_type", limits = { a = "1 month", b = "2 months" } }
threshold = { dated = "decided", first = 90, since = { 2017-03-01 = 80 } }
pauses = "waiting"
unless_paused = "waiting"
calendar = "denmark"

[[targets.readings]]
name = "other"
limit = "3 months"

[[targets]]
id = "2"
rule = "average"
start = "filed"
end = "decided"
limit = "30 days"
fastest = 95

[[targets]]
id = "2b"
rule = "average"
start = "filed"
end = "decided"
limit = "2 hours"
trimmed = 5

[[targets]]
id = "2c"
rule = "average"
start = "filed"
end = "decided"
limit = "30 days"
mean_of_means = "case_type"

[[targets]]
id = "3"
rule = "clearance"
start = "filed"
end = "decided"
open_at = { start_of = 2017-01-01 }
deadline = { before = 2017-07-01 }
threshold = "all"

[[targets]]
id = "4"
weight = 10

[[targets.parts]]
id = "4a"
rule = "count"
on = "filed"
requires = { at_least = 8 }
distinct = "person"

[[targets.parts]]
id = "4b"
rule = "share"
on = "filed"
having = { flag = true }
threshold = 50

[[targets]]
id = "5"
rule = "stock"
start = "filed"
end = "decided"
at = { end_of = "2017" }
against = { end_of = 2016-12-31 }
change = { at_most = -10 }

[[targets]]
id = "6"
rule = "every_working_day"
start = "filed"
end = "decided"
limit = "5 days"

[[targets]]
id = "7"
rule = "reported"
fact = "7"
requires = { less_than = 7 }
on_condition = { that = "x" }

[[targets]]
id = "8"
rule = "percentile"
start = "filed"
end = "decided"
limit = "30 days"
percentile = 80

[[targets]]
id = "9"
rule = "within"
start = "filed"
end = "decided"
limit = "30 days"
late = { at_most = 5 }
"""


ODD = (
    '"x"', '""', "1", "-1", "1.5", "nan", "inf", "1e400", "true", "2017-13-01", "2017-01-01",
    "2017-01-01T10:00:00", "10:00:00", "[]", "[1]", '["a", "a"]', "[1.5, 2017-01-01]", "[[1]]", "{}",
    "{ a = 1.5 }", "{ a = { b = 2017-01-01 } }", "{ column = 1.5 }", "{ since = 1.5 }",
    "{ before = true }", "{ at_least = true }", "{ in = 1.5 }", "{ not = [] }", "{ not = 1.5 }",
    "{ dated = 1.5, first = 1.5, since = { x = 1.5 } }", "{ by = 1.5, limits = { x = 1.5 } }",
    '{ by = "a", limits = { x = 2017-01-01 } }', '{ by = "a", limits = {} }', "{ file = 1, by = 1 }",
    '{ file = "none.csv", by = "case_type" }', "{ end_of = 1.5 }", "{ start_of = true }",
    "{ that = 1.5 }", "{ latest = [1, 2.5] }", '{ date = "filed", plus = 1.5 }',
    '{ start = "a", end = "b", share = 7.5 }', '{ off = [1.5], covers = "2017" }',
)  # fmt: skip


PYTHON = re.compile(
    r"Decimal\(|datetime\.|Fraction\(|\{'|\bTrue\b|\bFalse\b|\bNone\b|<class| object at |\w+\(\w+="
)


NOTHING_ACCEPTED = re.compile(r"accepted: *(;|$|\(|,)")


def test_the_plan_with_every_key_has_no_mistake() -> None:
    Path("plan.toml").write_text(EVERY_KEY)
    assert run("check", "plan.toml").exit_code == 0


def refused(text: str, beside: Path) -> list[str]:
    """The lines for the mistakes of a plan; none where it has no mistake."""
    try:
        kpi.parse_plan(text, "plan.toml", beside=beside)
    except kpi.PlanError as error:
        return str(error).splitlines()
    return []


def each_key(text: str, put: Callable[[str], str]) -> list[str]:
    """A text, each time with one of its lines as `put` makes it of the key."""
    lines = text.splitlines(keepends=True)
    keys = [(n, found[0]) for n, line in enumerate(lines) if (found := re.match(r"\w+ = ", line))]
    return ["".join((*lines[:n], put(key), *lines[n + 1 :])) for n, key in keys]


SECTIONS = re.split(r"(?m)^(?=\[tables\.\w+\]\n|\[\[goals\]\]\n|\[\[targets\]\]\n)", EVERY_KEY)


def sections(start: str) -> list[str]:
    return [text for text in SECTIONS if text.startswith(start)]


def without_the_others() -> list[tuple[str, str]]:
    """Each part of the plan with every key, and before it what that part cannot stand without.

    All else in the plan would be read again for each key and each value. The first target is of the
    goal and of all dates that are derived, and no goal or derived date stands for nothing.
    """
    top, (cases, *tables), goals = SECTIONS[0], sections("[tables."), sections("[[goals]]")
    first, *others = sections("[[targets]]")
    (facts,) = sections("[tables.reported]")
    declared = cases.partition("[tables.cases.derived]\n")[0]
    return [
        ("", "".join((top, cases, *tables, *goals, first))),
        *((top + declared + (facts if '"reported"' in other else ""), other) for other in others),
    ]


def with_each_key(put: Callable[[str], str]) -> list[str]:
    """The plan with every key, or the part of it the key is in, with the key's line as `put` makes it."""
    return [before + text for before, part in without_the_others() for text in each_key(part, put)]


def test_the_parts_have_no_mistake_and_together_every_key(here: Path) -> None:
    parts = without_the_others()
    assert "".join(part for _, part in parts) == EVERY_KEY
    assert [refused(before + part, here) for before, part in parts] == [[]] * len(parts)


@pytest.mark.parametrize("odd", ODD)
def test_every_key_with_an_odd_value_is_said_as_a_plan_file_writes_it(odd: str, here: Path) -> None:
    texts = with_each_key(lambda key: f"{key}{odd}\n")
    # Each value stands for a third of the keys, each key has a third of the values.
    some = texts if TIMES > 1 else texts[ODD.index(odd) % 3 :: 3]
    said = [line for text in some for line in refused(text, here)]
    assert len(said) > 20
    for line in said:
        assert re.match(r"plan\.toml(:\d+)?: ", line), line
        assert not PYTHON.search(line), line
        assert not NOTHING_ACCEPTED.search(line), line


def test_every_key_left_out_is_a_plan_or_a_line_each(here: Path) -> None:
    said = [refused(text, here) for text in with_each_key(lambda _: "")]
    assert sum(map(bool, said)) > 20
    assert all(line.startswith("plan.toml:") for lines in said for line in lines)


@pytest.mark.parametrize(
    "odd",
    [
        "__import__('os').system('touch ran')",
        "$(touch ran)",
        "`touch ran`",
        "{{ 7 * 7 }}",
        "%(x)s {0.__class__} \\u0000",
        "!!python/object/apply:os.system ['touch ran']",
    ],
)
def test_a_plan_runs_no_code(odd: str, here: Path) -> None:
    """Whatever a plan holds is text: it is refused, or shown as it is written."""
    for key in ("id", "period", "limit", "start", "case_type", "key", "rule"):
        text = re.sub(
            rf"\b{key} = \S+", lambda m: f'{m[0].split(" = ")[0]} = "{odd}"', PLAN, count=1
        )
        Path("odd.toml").write_text(text)
        Path("cases.csv").write_text(HEADER + GOOD)
        assert run("evaluate", "odd.toml", "cases.csv").exit_code in (0, 2, 3)
    assert not (here / "ran").exists()
