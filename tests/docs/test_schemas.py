"""The JSON Schemas of plans and results are those of the code, and refuse what the code refuses."""

from __future__ import annotations

import datetime as dt
import functools
import json
import tomllib
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from attrs import evolve
from hypothesis import given, settings
from jsonschema import Draft202012Validator, FormatChecker

import kpi
from kpi.evaluation.comparison.buckets import BUCKETS
from kpi.planfile.json_schema import extract_schema, plan_schema
from kpi.sample import sample
from kpi.testing import strategies
from tests.docs.places import DOCS, EXTRACT_SCHEMA, PLAN, PLAN_SCHEMA, ROOT, dumped, name
from tests.laws.generated import SETTINGS, TIMES
from tests.planfile.test_extract_file import MISTAKES, WHOLE

RESULT_SCHEMA = DOCS / "result.schema.json"
READINGS_SCHEMA = DOCS / "readings.schema.json"
FOLLOW_UP_SCHEMA = DOCS / "follow-up.schema.json"
COMPARISON_SCHEMA = DOCS / "comparison.schema.json"


EXAMPLES = [
    path
    for path in sorted((ROOT / "examples").rglob("*.toml"))
    if not path.name.endswith(".expected.toml")
]
CONTRACTS = sorted(PLAN.parent.glob("*[0-9].toml"))


@functools.cache
def validator(path: Path) -> Draft202012Validator:
    """The validator of a schema, which is long to make, made once."""
    schema = json.loads(path.read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema, format_checker=FormatChecker())


def for_json(value: Any) -> Any:
    """TOML as an editor hands it to a JSON Schema: dates are texts."""
    if isinstance(value, dict):
        return {key: for_json(v) for key, v in value.items()}
    if isinstance(value, list):
        return [for_json(v) for v in value]
    return value.isoformat() if isinstance(value, dt.date) else value


def test_the_schema_of_plans_is_the_one_that_the_definitions_make() -> None:
    assert PLAN_SCHEMA.read_text(encoding="utf-8") == dumped(plan_schema())


def test_the_schema_of_extract_files_is_the_one_that_the_definitions_make() -> None:
    assert EXTRACT_SCHEMA.read_text(encoding="utf-8") == dumped(extract_schema())


def test_an_extract_file_fits_its_schema() -> None:
    validator(EXTRACT_SCHEMA).validate(tomllib.loads(WHOLE))


@pytest.mark.parametrize("line", MISTAKES)
def test_a_wrong_extract_file_fits_no_schema(line: str) -> None:
    path = "" if line.startswith("path") else 'path = "cases.csv"\n'
    data = tomllib.loads(f"[tables.cases]\n{path}{line}\n")
    assert validator(EXTRACT_SCHEMA).is_valid(data) == (line in ONLY_THE_LOADER_SEES)


ONLY_THE_LOADER_SEES = {line for line, message in MISTAKES.items() if any(
    word in message
    for word in ("latin9x", "'cp8500'", "true and for false", "already", "nulls too", "date_format too", "no reopened", "which stops", "separator too")
)}  # fmt: skip


@pytest.mark.parametrize("example", EXAMPLES, ids=name)
def test_an_example_plan_fits_the_schema(example: Path) -> None:
    text = example.read_text(encoding="utf-8")
    validator(PLAN_SCHEMA).validate(for_json(tomllib.loads(text)))


@given(plan=strategies.plans())
@settings(SETTINGS, max_examples=8 * TIMES)
def test_every_plan_that_kpi_writes_fits_the_schema(plan: kpi.Plan) -> None:
    validator(PLAN_SCHEMA).validate(for_json(tomllib.loads(kpi.dump_plan(plan))))


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ('rule = "average"', 'rule = "avrage"'),
        ('rule = "average"\n', ""),
        ('limit = "210 days"', 'limit = "210"'),
        ('limit = "210 days"', 'limit = "210 moons"'),
        ('limit = "210 days"', 'limit = "210 days"\nthreshold = 90'),
        ("threshold = 90", "threshold = 0"),
        ("threshold = 90", "threshold = 100.5"),
        ('period = "2017"', 'period = "2017-Q5"'),
        ("deadline = { before = 2017-07-01 }", "deadline = { since = 2017-07-01 }"),
        ("through = 2017-02-28", "until = 2017-02-28"),
        ('id = "1.1a"\n', ""),
        ('key = "case_id"', "key = 1"),
    ],
)
def test_a_wrong_plan_fits_neither_schema_nor_parser(right: str, wrong: str) -> None:
    text = PLAN.read_text(encoding="utf-8")
    assert right in text
    text = text.replace(right, wrong, 1)
    assert not validator(PLAN_SCHEMA).is_valid(for_json(tomllib.loads(text)))
    with pytest.raises(kpi.PlanError):
        kpi.parse_plan(text)


@pytest.mark.parametrize("as_of", [None, "2017-06-30"])
@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"by": "case_type"},
        {"every": "quarter"},
        {"by": ["case_type", "decided"], "every": "month"},
    ],
    ids=str,
)
def test_a_result_fits_its_schema(asked: dict[str, Any], as_of: str | None) -> None:
    plan = kpi.load_plan(PLAN)
    cases = sample(plan, 100)["cases"]
    unknown = cases.head(1).with_columns(pl.lit(None, pl.String).alias("case_id"))
    result = kpi.evaluate(plan, pl.concat([cases, cases.head(1), unknown]), as_of, **asked)

    data = json.loads(result.to_json())
    assert data == result.to_dict()
    assert data["tables"]["cases"]["rejected"]
    of_cases = [data["targets"][n] for n, t in enumerate(plan.leaves()) if t.table == "cases"]
    assert all("groups" in target for target in of_cases) == bool(asked)
    validator(RESULT_SCHEMA).validate(data)


def test_a_result_without_its_table_fits_its_schema() -> None:
    result = kpi.evaluate(kpi.load_plan(PLAN), {})
    assert {target.verdict for target in result.targets} == {"not_assessable"}
    validator(RESULT_SCHEMA).validate(result.to_dict())


def against_the_year_before() -> tuple[kpi.Plan, pl.DataFrame]:
    """A count by value that is compared with the year before, and a case in either year."""
    target = kpi.Count(id="1", on="decided", each="case_type", against="2016")
    plan = kpi.Plan(
        id="p",
        period="2017",
        tables=[kpi.Table("cases", key="case_id", entry="filed", events="decided")],
        targets=[target],
    )
    filed = ["2016-01-04", "2017-01-02"]
    cases = pl.DataFrame({"case_id": ["a", "b"], "case_type": ["x", "x"], "filed": filed})
    cases = cases.with_columns(pl.col("filed").str.to_date())
    return plan, cases.with_columns(pl.col("filed").alias("decided"))


def in_persons() -> tuple[kpi.Plan, pl.DataFrame]:
    """The same cases, each of a number of persons, by value."""
    plan, cases = against_the_year_before()
    target = kpi.Count(id="1", on="decided", each="case_type", count_as="persons")
    return evolve(plan, targets=[target]), cases.with_columns(persons=pl.lit(3))


def test_readings_of_persons_fit_their_schema() -> None:
    plan, cases = in_persons()
    target = evolve(plan.leaves()[0], readings=[kpi.Reading("cases", {"without": "count_as"})])
    found = kpi.readings(evolve(plan, targets=[target]), cases)
    validator(READINGS_SCHEMA).validate(json.loads(found.to_json()))


def test_readings_of_what_is_compared_fit_their_schema() -> None:
    plan, cases = against_the_year_before()
    target = evolve(plan.leaves()[0], readings=[kpi.Reading("2015", {"against": "2015"})])
    found = kpi.readings(evolve(plan, targets=[target]), cases)
    validator(READINGS_SCHEMA).validate(json.loads(found.to_json()))


def test_the_schema_of_results_names_every_key_and_no_other() -> None:
    schema = json.loads(RESULT_SCHEMA.read_text(encoding="utf-8"))
    seen: dict[str, set[str]] = {"target": set(), "group": set(), "score": set()}

    def look(kind: str, record: dict[str, Any]) -> None:
        known = list(schema["$defs"][kind]["properties"])
        assert list(record) == [key for key in known if key in record]
        seen[kind] |= set(record)
        for below in record.get("groups", ()):
            look("group", below)
        for below in record.get("parts", ()):
            look("target", below)

    for path in CONTRACTS:
        plan = kpi.load_plan(path)
        tables = sample(plan, 300)
        by = next(
            c for c in ("case_type", "kind", "channel") if any(c in t for t in tables.values())
        )
        series = kpi.evaluate(plan, tables, every="quarter").to_dict()
        for target in series["targets"]:
            look("target", target)
        data = kpi.evaluate(plan, tables, by=by).to_dict()
        validator(RESULT_SCHEMA).validate(data)
        assert list(data) == list(schema["properties"])
        look("score", data["score"])
        for target in data["targets"]:
            look("target", target)
        for wrong in ({**data, "more": 1}, {**data, "targets": [{**target, "groups": [target]}]}):
            assert not validator(RESULT_SCHEMA).is_valid(wrong)
    # Before the end, what can still become of a target stands there as well (F7 to F16).
    plan = kpi.load_plan(PLAN)
    for target in kpi.evaluate(plan, sample(plan, 100), "2017-06-30", by="case_type").to_dict()[
        "targets"
    ]:
        look("target", target)
    for plan, cases in (against_the_year_before(), in_persons()):
        data = kpi.evaluate(plan, cases).to_dict()
        validator(RESULT_SCHEMA).validate(data)
        for target in data["targets"]:
            look("target", target)
    # Each value of case_type that must reach a target on its own has groups of its own by it.
    assert {kind: sorted(keys) for kind, keys in seen.items()} == {
        kind: sorted(schema["$defs"][kind]["properties"]) for kind in seen
    }


@pytest.mark.parametrize("example", CONTRACTS, ids=name)
def test_readings_fit_their_schema(example: Path) -> None:
    plan = kpi.load_plan(example)
    found = kpi.readings(plan, sample(plan, 300))
    data = json.loads(found.to_json())
    assert data == found.to_dict()
    schema = validator(READINGS_SCHEMA)
    schema.validate(data)
    (first, *_), wrong = data["targets"], {**data, "more": 1}
    assert not schema.is_valid(wrong)
    assert not schema.is_valid({**data, "targets": [{**first, "title": "x"}]})
    assert not schema.is_valid({**data, "schema": 1})


def test_month_ends_fit_the_schema_of_readings() -> None:
    plan = kpi.load_plan(PLAN)
    found = kpi.month_ends(plan, sample(plan, 3000))
    assert found.cases.height
    data = found.to_dict()
    validator(READINGS_SCHEMA).validate(data)
    bare = {name: value for name, value in data["cases"][0].items() if name != "target"}
    assert not validator(READINGS_SCHEMA).is_valid({**data, "cases": [bare]})


def test_a_follow_up_fits_its_schema_which_names_every_key_and_no_other() -> None:
    schema = json.loads(FOLLOW_UP_SCHEMA.read_text(encoding="utf-8"))
    seen: dict[str, set[str]] = {name: set() for name in ("outlook", "group", "status", "possible")}
    seen["work"] = set()

    def look(kind: str, record: dict[str, Any]) -> None:
        known = list(schema["$defs"][kind]["properties"])
        assert list(record) == [key for key in known if key in record]
        seen[kind] |= set(record)
        for key, of in (("status", "status"), ("certain", "possible"), ("work", "work")):
            if record.get(key) is not None:
                look(of, {k: v for k, v in record[key].items() if (k, of) != ("work", "possible")})
                if "work" in record[key]:
                    look("work", record[key]["work"])
        for below in record.get("groups", ()):
            look("group", below)
        for below in record.get("parts", ()):
            look("outlook", below)

    assessed = pl.DataFrame(
        {"target": ["1.1a"], "expected": ["partly"], "on": [dt.date(2017, 1, 1)]}
    )
    asked: list[tuple[kpi.Plan, pl.DataFrame | None]] = [(kpi.load_plan(PLAN), None)]
    asked += [(kpi.load_plan(PLAN.with_name("us-2019.toml")), None), in_persons()]
    for plan, extract in asked:
        day = plan.period.closed.first + dt.timedelta(days=240)
        tables = sample(plan, 300) if extract is None else extract
        by = "case_type" if any("case_type" in t for t in sample(plan, 5).values()) else ()
        own = assessed if plan.id == "us-2017" else None
        # Estimates take time: those of one plan are enough.
        more: dict[str, Any] = {"assessments": own, "estimate": plan.id == "us-2017"}
        followed = kpi.follow(plan, tables, day, by=by, **more)
        # Series take time as well; the load stands in one of them.
        followed = followed if plan.id == "us-2017" else followed.with_workload(5)
        data = json.loads(followed.to_json(series=extract is not None))
        validator(FOLLOW_UP_SCHEMA).validate(data)
        assert list(data) == list(schema["properties"])
        for target in data["targets"]:
            look("outlook", target)
        assert not validator(FOLLOW_UP_SCHEMA).is_valid({**data, "more": 1})
        first = data["targets"][0]
        # What holds under a condition, and an estimate, are never certain (H20).
        for key in ("known", "estimate", "if"):
            wrong = {**first, "certain": {**(first["certain"] or {}), key: None}}
            assert not validator(FOLLOW_UP_SCHEMA).is_valid({**data, "targets": [wrong]})
    assert {kind: sorted(keys) for kind, keys in seen.items()} == {
        kind: sorted(schema["$defs"][kind]["properties"]) for kind in seen
    }


def test_the_schemas_of_results_and_follow_ups_say_the_same_of_what_both_have() -> None:
    result, follow_up = (
        json.loads(p.read_text("utf-8")) for p in (RESULT_SCHEMA, FOLLOW_UP_SCHEMA)
    )
    both = set(result["$defs"]) & set(follow_up["$defs"]) - {"group"}
    assert {"verdict", "possible", "bounds", "fraction"} <= both
    for part in both:
        assert follow_up["$defs"][part] == result["$defs"][part]


def test_the_schemas_of_results_and_readings_say_the_same_of_what_both_have() -> None:
    result, readings = (json.loads(p.read_text("utf-8")) for p in (RESULT_SCHEMA, READINGS_SCHEMA))
    both = set(result["$defs"]) & set(readings["$defs"]) - {"target"}
    assert {"verdict", "group", "count", "figures"} <= both
    for part in both:
        assert readings["$defs"][part] == result["$defs"][part]
    for key in set(result["properties"]) & set(readings["properties"]) - {"targets"}:
        assert readings["properties"][key] == result["properties"][key]
    assert result["properties"]["schema"] == {
        "description": "The version of this schema.",
        "const": 2,
    }


def test_comparisons_fit_their_schema() -> None:
    plan = kpi.load_plan(CONTRACTS[-1])
    new = sample(plan, 300)
    old = {**new, "cases": new["cases"].slice(20)}
    other = evolve(plan, goals=(), targets=[evolve(plan.leaves()[0], goal=None, weight=None)])
    found = kpi.compare(plan, old, new, "2022-06-30", old_plan=other)
    data = json.loads(found.to_json())
    assert data == found.to_dict()
    schema = validator(COMPARISON_SCHEMA)
    schema.validate(data)
    first = data["targets"][0]
    assert not schema.is_valid({**data, "more": 1})
    assert not schema.is_valid({**data, "schema": 2})
    assert not schema.is_valid({**data, "targets": [{**first, "now": None}]})
    step = {**first["news"], "buckets": []}
    assert not schema.is_valid({**data, "targets": [{**first, "news": step}]})
    plan, cases = in_persons()
    day = plan.period.closed.last
    schema.validate(kpi.compare(plan, cases, cases, day).to_dict())
    schema.validate(kpi.compare(plan, kpi.partial(plan, cases, day), cases, day).to_dict())


def test_the_schema_of_comparisons_says_of_verdicts_units_and_buckets_what_the_code_says() -> None:
    result, found = (json.loads(p.read_text("utf-8")) for p in (RESULT_SCHEMA, COMPARISON_SCHEMA))
    assert {*result["$defs"]["verdict"]["enum"]} <= {*found["$defs"]["verdict"]["enum"]}
    for part in ("unit", "score"):
        assert found["$defs"][part] == result["$defs"][part]
    for key in ("kpi", "plan", "period", "notes", "note_codes"):
        assert found["properties"][key] == result["properties"][key]
    assert found["$defs"]["bucket_name"]["enum"] == list(BUCKETS)
