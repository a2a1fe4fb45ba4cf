"""A plan's fingerprint is that of what it defines, whatever file it was written in."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from pathlib import Path

import pytest

import kpi
from kpi.planfile.fingerprint import PlanFingerprint, plan_fingerprint, short
from tests.commands import PLAN as ONE_TARGET
from tests.docs.places import ROOT

PLAN = f"""{ONE_TARGET}
[[targets]]
id = "2"
rule = "count"
on = "decided"
"""
ANOTHER_FORM = """\
# A comment.
period = "2017"
id = 'p'

[[targets]]
rule = "count"
id = "2"
on = "decided"

[[targets]]
id = "1"
rule = "within"
threshold = 90.0   # per cent
start = "filed"
end = "decided"
limit = "1 month"
where.case_type = "visa"

[tables.cases]
events = ["decided"]
entry = "filed"
key = ["case_id"]
"""
LIMITED = PLAN.replace('limit = "1 month"', 'limit = { file = "limits.csv", by = "case_type" }')
LIMITS = "table,case_type,limit\ncases,visa,1 month\ncases,asylum,2 months\n"


def of(text: str) -> PlanFingerprint:
    return plan_fingerprint(kpi.parse_plan(text))


def loaded(
    directory: Path, limits: str, plan: str = LIMITED, name: str = "limits.csv"
) -> PlanFingerprint:
    directory.mkdir(exist_ok=True)
    (directory / name).write_text(limits)
    (directory / "plan.toml").write_text(plan.replace("limits.csv", name))
    return plan_fingerprint(kpi.load_plan(directory / "plan.toml"))


def test_comments_order_and_form_make_no_difference() -> None:
    assert of(ANOTHER_FORM) == of(PLAN)


@pytest.mark.parametrize("plan", sorted((ROOT / "examples/plans").glob("us-*[0-9].toml")), ids=str)
def test_a_plan_that_is_written_anew_has_the_same(plan: Path) -> None:
    loaded = kpi.load_plan(plan)
    assert plan_fingerprint(kpi.parse_plan(kpi.dump_plan(loaded))) == plan_fingerprint(loaded)


def test_the_digest_is_that_of_the_canonical_json() -> None:
    """Written out by hand: keys sorted, defaults left out, whole numbers without a point."""
    sections = {
        "id": "p",
        "period": "2017",
        "tables.cases": {
            "entry": "filed",
            "events": ["decided"],
            "key": ["case_id"],
            "name": "cases",
        },
        "targets.1": {
            "end": "decided",
            "id": "1",
            "limit": "1 month",
            "rule": "within",
            "start": "filed",
            "threshold": 90,
            "where": {"case_type": "visa"},
        },
        "targets.2": {"id": "2", "on": "decided", "rule": "count"},
    }

    def digest(data: object) -> str:
        text = json.dumps(data, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()

    found = of(PLAN)
    assert found.digest == digest(sections)
    assert found.sections == {place: digest(data)[:16] for place, data in sections.items()}
    assert found.files == {}
    assert short(found.digest) == found.digest[:16]


@pytest.mark.parametrize(
    ("then", "now", "place"),
    [
        ('period = "2017"', 'period = "2018"', "period"),
        ("threshold = 90", "threshold = 90.5", "targets.1"),
        ('rule = "count"', 'rule = "count"\ntitle = "Decisions"', "targets.2"),
        ('events = ["decided"]', 'events = ["decided"]\ndates = ["due"]', "tables.cases"),
        ('id = "p"\n', 'id = "p"\ntime_zone = "Europe/London"\n', "time_zone"),
        ('id = "p"\n', 'id = "p"\ncalendar = { name = "denmark", off = [2017-06-05] }\n', "calendar"),
    ],
)  # fmt: skip
def test_what_differs_is_named_by_its_section(then: str, now: str, place: str) -> None:
    one, other = of(PLAN), of(PLAN.replace(then, now, 1))
    assert one.digest != other.digest
    both = one.sections.keys() | other.sections.keys()
    assert {p for p in both if one.sections.get(p) != other.sections.get(p)} == {place}


def test_a_file_of_limits_is_part_of_the_plan(tmp_path: Path) -> None:
    one = loaded(tmp_path / "a", LIMITS)
    assert loaded(tmp_path / "b", LIMITS) == one
    other = loaded(tmp_path / "a", LIMITS.replace("2 months", "3 months"))
    assert other.digest != one.digest
    assert other.sections["targets.1"] != one.sections["targets.1"]
    assert other.sections["targets.2"] == one.sections["targets.2"]
    assert [*other.files] == [*one.files] == ["limits.csv"]
    assert other.files != one.files


def test_neither_name_nor_order_nor_other_rows_of_a_file_of_limits_matter(tmp_path: Path) -> None:
    one = loaded(tmp_path, LIMITS)
    head, *rows = LIMITS.splitlines(keepends=True)
    turned = "".join([head, *reversed(rows), "other,visa,9 months\n"])
    other = loaded(tmp_path, turned, name="grænser.csv")
    assert (other.digest, other.sections) == (one.digest, one.sections)
    assert [*other.files.values()] == [*one.files.values()]


def test_a_file_of_another_reading_is_among_them(tmp_path: Path) -> None:
    reading = '[[targets.readings]]\nname = "by file"\nlimit = { file = "limits.csv", by = "case_type" }\n'
    plan = PLAN.replace('[[targets]]\nid = "2"', f'{reading}\n[[targets]]\nid = "2"')
    one = loaded(tmp_path, LIMITS, plan)
    other = loaded(tmp_path, LIMITS.replace("2 months", "3 months"), plan)
    assert other.files["limits.csv"] != one.files["limits.csv"]
    assert other.digest != one.digest


def test_parts_are_in_the_section_of_their_requirement() -> None:
    path = ROOT / "examples/plans/us-2019.toml"
    plan = kpi.load_plan(path)
    requirement = next(t for t in plan.targets if isinstance(t, kpi.Parts))
    sections = plan_fingerprint(plan).sections
    assert f"targets.{requirement.id}" in sections
    assert not any(f"targets.{part.id}" in sections for part in requirement.parts)
    text = path.read_text(encoding="utf-8").replace(
        f'id = "{requirement.parts[0].id}"', 'id = "x"', 1
    )
    changed = plan_fingerprint(kpi.parse_plan(text, beside=path.parent)).sections
    assert {p for p in sections if sections[p] != changed.get(p)} == {f"targets.{requirement.id}"}


def test_the_same_in_another_process() -> None:
    code = "import kpi, sys; from kpi.planfile.fingerprint import plan_fingerprint as f; print(f(kpi.load_plan(sys.argv[1])).digest)"
    path = ROOT / "examples/plans/siri-2018.toml"
    found = subprocess.run(
        [sys.executable, "-c", code, str(path)],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONPATH": str(ROOT / "src"), "PYTHONHASHSEED": "7", "TZ": "Asia/Tokyo"},
    )
    assert found.stdout.strip() == plan_fingerprint(kpi.load_plan(path)).digest
