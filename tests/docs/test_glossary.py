"""docs/reference/glossary/ names every public word: nothing that a user meets is left unexplained."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import kpi
from kpi.rules import rules
from kpi.sample import sample

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
FILES = ("plan", "extract", "result", "follow-up")
PLANS = [
    path
    for directory in (ROOT / "examples" / "plans", ROOT / "tests" / "plans")
    for path in sorted(directory.glob("*.toml"))
    if not path.name.endswith(".expected.toml")
]


@cache
def glossary() -> str:
    """Return the text of the glossary's pages."""
    pages = sorted((DOCS / "reference" / "glossary").glob("*.md"))
    return "\n".join(page.read_text("utf-8") for page in pages)


def rows() -> Iterator[list[str]]:
    """Yield the cells of each row of the page's tables, heads left out."""
    for line in glossary().splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("| ") and cells[0] not in ("word", "Danish"):
            yield cells


@cache
def defined() -> frozenset[str]:
    """Return the words that have a row: plain, in code or in quotation marks, in the first cell."""
    found = {cells[0] for cells in rows()}
    found |= {word for cells in rows() for word in re.findall(r"`([^`]+)`", cells[0])}
    return frozenset(found | {word.strip('"') for word in found})


@cache
def schema(name: str) -> Any:
    return json.loads((DOCS / f"{name}.schema.json").read_text("utf-8"))


def properties(node: Any) -> Iterator[tuple[str, Any]]:
    """Yield the name and the schema of every property, at any depth."""
    if isinstance(node, Mapping):
        if isinstance(node.get("properties"), Mapping):
            yield from node["properties"].items()
        for below in node.values():
            yield from properties(below)
    elif isinstance(node, list):
        for below in node:
            yield from properties(below)


def accepted(name: str, key: str) -> set[str]:
    """Return the words that a schema accepts for a key."""
    found = [s for k, s in properties(schema(name)) if k == key]
    found += [schema(name)["$defs"].get(key, {})]
    return {word for s in found for word in s.get("enum", ()) if isinstance(word, str)}


# Reasons that no example plan has: refused month ends, a calendar that ends, local times that the
# clocks skipped, limits by value, persons counted once, the fastest, a figure without a value.
EVERY_REASON = """
id = "reasons"
period = "2017"

[tables.cases]
key = "case_id"
entry = "filed"
events = ["decided"]

[[targets]]
id = "1"
rule = "within"
start = "filed"
end = "decided"
limit = "1 month"
month_end = "refuse"
threshold = 90

[[targets]]
id = "2"
rule = "within"
start = "filed"
end = "decided"
limit = "5 working days"
calendar = { off = [2017-12-25], covers = "2017" }
threshold = 90

[[targets]]
id = "3"
rule = "within"
start = "filed"
end = "decided"
limit = { by = "kind", limits = { visa = "1 month" } }
threshold = 90

[[targets]]
id = "4"
rule = "count"
on = "decided"
distinct = "person"
requires = { at_least = 1 }

[[targets]]
id = "5"
rule = "average"
start = "filed"
end = "decided"
fastest = 95
limit = "30 days"

[[targets]]
id = "6"
rule = "within"
start = "filed"
end = "decided"
limit = "3 hours"
threshold = 90
"""


@cache
def reasons() -> frozenset[str]:
    """Return the reasons for exclusion that states and results name, over all plans."""
    night = dt.datetime(2017, 3, 26)
    times = pl.DataFrame(
        [
            ("A", "visa", "P", night, night + dt.timedelta(hours=1)),
            ("B", "visa", "P", night + dt.timedelta(hours=2, minutes=30), night.replace(day=27)),
            ("C", "visa", "Q", night, night.replace(day=28)),
            ("C", "visa", "Q", night, night.replace(day=29)),
        ],
        schema=["case_id", "kind", "person", "filed", "decided"],
        orient="row",
    )
    own = kpi.parse_plan(EVERY_REASON)
    state = kpi.partial(own, times)
    found = {reason for target in kpi.finish(state).targets for reason in target.excluded}
    states = [state]
    for path in PLANS:
        plan = kpi.load_plan(path)
        states.append(kpi.partial(plan, sample(plan, 100)))
        found |= {r for target in kpi.finish(states[-1]).leaves() for r in target.excluded}
    for state in states:
        quantities = state.sums["quantity"].cast(pl.String).unique()
        found |= {q.removeprefix("excluded: ") for q in quantities if q.startswith("excluded: ")}
    return frozenset(found)


def test_every_public_name_stands_in_the_glossary() -> None:
    assert set(kpi.__all__) - defined() == set()


def test_every_key_of_plans_extract_files_and_results_stands_in_the_glossary() -> None:
    keys = {key for name in FILES for key, _ in properties(schema(name))}
    assert len(keys) > 90
    assert keys - defined() == set()


def test_every_column_of_frames_and_of_the_trail_stands_in_the_glossary() -> None:
    plan = next(p for p in map(kpi.load_plan, PLANS) if any(leaf.each for leaf in p.leaves()))
    tables = sample(plan, 50)
    result = kpi.evaluate(plan, tables, every="half-year")
    frames = (result.frame, result.groups, result.each, kpi.readings(plan, tables).frame)
    columns = {column for frame in frames for column in frame.columns}
    columns |= set(result.audit().collect_schema().names())
    assert columns - defined() == set()


def test_every_figure_of_a_flow_stands_in_the_glossary() -> None:
    assert accepted("plan", "indicator") - defined() == set()


def test_every_bucket_stands_in_the_glossary() -> None:
    plan = kpi.load_plan(ROOT / "examples" / "plans" / "us-2017.toml")
    bucket = kpi.evaluate(plan, sample(plan, 50)).audit().collect_schema()["bucket"]
    assert isinstance(bucket, pl.Enum)
    buckets = set(bucket.categories)
    assert buckets == {"outside", "excluded", "undetermined", "counted"}
    assert buckets - defined() == set()


def test_every_verdict_stands_in_the_glossary() -> None:
    verdicts = accepted("result", "verdict")
    assert {"met", "missed", "not_assessable", "open"} <= verdicts
    assert verdicts - defined() == set()


def test_every_denominator_stands_in_the_glossary() -> None:
    denominators = accepted("plan", "denominator")
    assert {"closed", "cohort", "overdue", "due", "settled"} <= denominators
    assert denominators - defined() == set()


def test_every_rule_stands_in_the_glossary() -> None:
    assert set(rules()) - defined() == set()


def test_every_reason_for_exclusion_stands_in_the_glossary() -> None:
    expected = {
        "start missing", "limit missing", "end before start", "refused month end",
        "outside the calendar", "no such local time", "repeated id", "beyond the fastest 95 %",
        "counted already", "value missing", "person missing",
    }  # fmt: skip
    assert expected <= reasons()
    known = [
        re.escape(word)
        .replace("…", r"\w+")
        .replace(r"beyond\ the\ fastest", r"beyond\ the\ fastest\ .+")
        for word in defined()
    ]
    assert [r for r in sorted(reasons()) if not any(re.fullmatch(k, r) for k in known)] == []


@pytest.mark.parametrize(
    "word",
    [
        "sagsbehandlingstid", "(fuldt) oplyst sag", "målopfyldelse", "servicemål", "resultatkrav",
        "liggetid", "berostillelse, sagen er sat i bero", "population", "cohort", "denominator",
        "numerator", "as-of snapshot", "bucket", "reading", "lapse",
    ],
)  # fmt: skip
def test_the_words_of_the_field_stand_in_the_glossary(word: str) -> None:
    assert word in defined()


def test_a_word_is_defined_once_in_each_table() -> None:
    for table in glossary().split("\n## ")[1:]:
        words = re.findall(r"^\| (.+?) \|", table, re.MULTILINE)
        names = [name for word in words for name in re.findall(r"`([^`]+)`", word)]
        assert len(names) == len(set(names)), table.splitlines()[0]
