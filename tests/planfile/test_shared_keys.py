"""Keys of a requirement that its parts share, and mistakes in them, each reported once."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings

import kpi
from kpi.definitions.limits import ByValue
from kpi.planfile.shared_keys import with_whole_parts
from kpi.testing import strategies
from tests.docs.places import PLAN_SCHEMA
from tests.docs.test_schemas import for_json, validator

TIERS = """\
id = "p"
period = "2017"
[tables.cases]
key = "case_id"
entry = "filed"
events = "decided"
[[targets]]
id = "visas"
rule = "within"
start = "filed"
end = "decided"
where = { case_type = "visa" }
parts = [
    { limit = "3 weeks", threshold = 90 },
    { limit = "6 weeks", threshold = 98 },
    { limit = "12 weeks", threshold = "all" },
]
"""
FIRST = '{ limit = "3 weeks", threshold = 90 }'


def fits_the_schema(text: str) -> bool:
    found: bool = validator(PLAN_SCHEMA).is_valid(for_json(tomllib.loads(text)))
    return found


def tier(name: str, limit: str, threshold: int, **more: Any) -> kpi.Within:
    span: dict[str, Any] = {"start": "filed", "end": "decided"} | more
    return kpi.Within(
        id=name, where={"case_type": "visa"}, limit=limit, threshold=threshold, **span
    )


def test_parts_take_the_keys_of_their_requirement() -> None:
    made = kpi.parse_plan(TIERS)
    tiers = [
        ("visas: 1", "3 weeks", 90),
        ("visas: 2", "6 weeks", 98),
        ("visas: 3", "12 weeks", 100),
    ]
    assert made.targets == (kpi.Parts(id="visas", parts=[tier(*each) for each in tiers]),)
    assert kpi.dump_plan(made).count('rule = "within"') == 3
    assert kpi.parse_plan(kpi.dump_plan(made)) == made


def test_a_part_has_a_key_of_its_own_and_takes_only_those_of_its_rule() -> None:
    text = TIERS.replace("start =", 'denominator = "cohort"\nwindow = "2017-H1"\nstart =').replace(
        FIRST, '{ id = "mean", rule = "average", limit = "3 weeks", window = "2017-H2" }'
    )
    mean, second, _ = kpi.parse_plan(text).leaves()
    assert mean == kpi.Average(
        id="mean",
        where={"case_type": "visa"},
        start="filed",
        end="decided",
        limit="3 weeks",
        window="2017-H2",
    )
    assert second == tier("visas: 2", "6 weeks", 98, denominator="cohort", window="2017-H1")


def test_a_condition_that_parts_share_is_told_once_under_the_requirements_id() -> None:
    text = TIERS.replace("[[targets]]", '[tables.reported]\nkey = "target"\n[[targets]]')
    for condition, fact in (('{ that = "a" }', "visas"), ('{ that = "a", fact = "b" }', "b")):
        made = kpi.parse_plan(text.replace("start =", f"on_condition = {condition}\nstart ="))
        told = [leaf.on_condition for leaf in made.leaves()]
        assert told == [kpi.OnCondition("a", fact)] * 3


def test_a_shared_file_of_limits_is_read_for_the_table_of_each_part(tmp_path: Path) -> None:
    lines = ["table,case_type,limit", "cases,visa,1 day", "appeals,visa,2 days"]
    (tmp_path / "limits.csv").write_text("\n".join(lines))
    text = (
        TIERS.replace("start =", 'limit = { file = "limits.csv", by = "case_type" }\nstart =')
        .replace('limit = "3 weeks", ', "")
        .replace('limit = "6 weeks"', 'table = "appeals"')
        .replace("[[targets]]", '[tables.appeals]\nkey = "id"\ndates = ["filed", "decided"]\n[[targets]]')
    )  # fmt: skip
    made = kpi.parse_plan(text, beside=tmp_path)
    first, second, third = (leaf.limit for leaf in made.leaves())
    of_file = [limit.limits["visa"] for limit in (first, second) if isinstance(limit, ByValue)]
    assert (list(map(str, of_file)), str(third)) == (["1 day", "2 days"], "12 weeks")
    lost = text.replace("limits.csv", "lost.csv")
    with pytest.raises(kpi.PlanError) as caught:
        kpi.parse_plan(lost, beside=tmp_path)
    said = "plan:13: target visas, limit.file: lost.csv: cannot be read: No such file or directory"
    assert str(caught.value) == said


MISTAKES: dict[tuple[str, str], list[str]] = {
    # A mistake of the requirement, once and at the requirement's key.
    ('rule = "within"\n', ""): ["7: target visas, rule: missing; "],
    ("within", "witin"): ["9: target visas, rule: unknown rule 'witin'; "],
    ('end = "decided"', "end = true"): ["11: target visas, end: found true; "],
    ('end = "decided"', 'end = "decide"'): ["11: target visas, end: 'decide' is not a declared "],
    ('end = "decided"\n', ""): ["7: target visas, end: missing; accepted: the date "],
    ('end = "decided"', 'edn = "decided"'): [
        "7: target visas, end: missing; ",
        "11: target visas, edn: unknown key; accepted: against, at, ",
    ],
    ('where = { case_type = "visa" }', "where = { case_type = 1.5 }"): [
        "12: target visas, where.case_type: found 1.5; "
    ],
    ("start =", 'on = "filed"\nstart ='): [
        "10: target visas, on: found 'on' with the denominator closed; "
    ],
    # A key that no part can take.
    ("start =", 'distinct = "n"\nstart ='): ["10: target visas, distinct: unknown key; "],
    ("start =", 'limit = "1 day"\nstart ='): [
        "10: target visas, limit: every part has a value of its own; "
    ],
    # Mistakes of a part, at the part.
    ("threshold = 98", "treshold = 98"): [
        "13: target visas, part visas: 2, treshold: unknown key; ",
    ],
    ("threshold = 98", "threshold = 0"): ["13: target visas, part visas: 2, threshold: found 0; "],
    ("limit =", 'rule = "share", limit ='): [
        "13: target visas, part visas: 1, limit: unknown key; ",
        "13: target visas, part visas: 1, having: missing; ",
    ],
    ('id = "visas"\n', ""): ["7: target number 1, id: missing; "],
    ("limit =", 'id = "visas: 2", limit ='): [
        "13: target visas, part visas: 2, id: duplicate id 'visas: 2'"
    ],
}
SEEN_BY_KPI_ALONE = ("is not a declared", "with the denominator", "every part", "duplicate id")
"""What the schema of plans does not see, in requirements of parts as elsewhere."""


@pytest.mark.parametrize("edit", MISTAKES, ids=str)
def test_a_mistake_in_a_shared_key_is_reported_once(edit: tuple[str, str]) -> None:
    with pytest.raises(kpi.PlanError) as caught:
        kpi.parse_plan(TIERS.replace(*edit, 1), "plan.toml")
    lines = str(caught.value).splitlines()
    expected = MISTAKES[edit]
    assert len(lines) == len(expected), lines
    for line, start in zip(lines, expected, strict=True):
        assert line.startswith(f"plan.toml:{start}")


def test_a_mistake_that_only_some_parts_have_in_a_shared_key_stays_at_these() -> None:
    shared = TIERS.replace("start =", 'on = "filed"\nstart =')
    with pytest.raises(kpi.PlanError) as caught:
        kpi.parse_plan(shared.replace("{ limit", '{ denominator = "cohort", limit', 1))
    second, third = str(caught.value).splitlines()
    assert second.startswith("plan:14: target visas, part visas: 2, on: found 'on' with the den")
    assert third.startswith("plan:14: target visas, part visas: 3, on: found 'on' with the den")


def test_the_schema_takes_shared_keys_and_sees_mistakes_in_them() -> None:
    fits = fits_the_schema
    assert fits(TIERS)
    assert fits(TIERS.replace(FIRST, '{ rule = "average", limit = "3 weeks" }'))
    assert not fits(TIERS.replace(FIRST, '{ rule = "average", limit = "3 weeks", threshold = 1 }'))
    in_each = TIERS.replace('end = "decided"\n', "").replace("{ limit", '{ end = "decided", limit')
    assert fits(in_each)
    assert not fits(in_each.replace('end = "decided", ', "", 1))
    assert not fits(TIERS.replace("threshold = 98", "weight = 98"))
    for edit, said in MISTAKES.items():
        unseen = any(word in line for line in said for word in SEEN_BY_KPI_ALONE)
        assert fits(TIERS.replace(*edit, 1)) == unseen, edit


@given(plan=strategies.plans(most=3, rules=("within", "average")))
@settings(max_examples=6, deadline=None)
def test_keys_that_all_parts_have_may_stand_on_their_requirement(plan: kpi.Plan) -> None:
    data = tomllib.loads(kpi.dump_plan(plan))
    parts = [
        {key: value for key, value in part.items() if key not in ("goal", "weight")}
        for section in data["targets"]
        for part in section.get("parts", [section])
    ]
    own = {"id", "title", "title_da", "source", "note", "on_condition"}
    alike = {
        key: value
        for key, value in parts[0].items()
        if key not in own and all(part.get(key) == value for part in parts)
    }
    left = [{key: value for key, value in part.items() if key not in alike} for part in parts]
    moved = {"targets": [{"id": "all", **alike, "parts": left}]}
    problems: list[Any] = []
    assert with_whole_parts(moved, problems) == {"targets": [{"id": "all", "parts": parts}]}
    assert not problems
