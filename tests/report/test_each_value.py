"""Values that must each reach their target: limit and threshold of each, from a file, in every format."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import polars as pl
import pytest

import kpi
from kpi.report import terminal
from tests.builders import average, by_type, of_types, plan, within
from tests.commands import HEADER, PLAN, run

pytestmark = pytest.mark.usefixtures("here")

LIMITS = "table,case_type,limit,threshold\ncases,visa,1 month,87.5\ncases,work permit,60 days,66\n"
# Visas: one of two in time. Work permits: 59 days, in time. Study: the file gives no limit.
ROWS = (
    "a,visa,2017-01-01,2017-02-01",
    "b,visa,2017-01-01,2017-02-02",
    "c,work permit,2017-01-01,2017-03-01",
    "d,study,2017-01-01,2017-01-02",
)
EXPECTED = [
    ("study", None, None, "no limit for this case_type", "not_assessable"),
    ("visa", "1 month", 87.5, "87.5 % within 1 month", "missed"),
    ("work permit", "60 days", 66, "66 % within 60 days", "met"),
]
"""Value, limit, threshold, requirement, verdict."""


def extract() -> None:
    text = PLAN.replace('where = { case_type = "visa" }\n', 'each = "case_type"\n')
    text = text.replace('"1 month"', '{ file = "limits.csv", by = "case_type" }')
    Path("plan.toml").write_text(text.replace("threshold = 90\n", ""))
    Path("limits.csv").write_text(LIMITS)
    Path("cases.csv").write_text(HEADER + "".join(f"{row}\n" for row in ROWS))


def evaluated(form: str, *more: str) -> str:
    return run("evaluate", "plan.toml", "cases.csv", "--format", form, *more).stdout


def test_each_value_has_its_own_limit_and_threshold_in_json() -> None:
    extract()
    (target,) = json.loads(evaluated("json"))["targets"]
    assert (target["limit"], target["threshold"]) == ("the limit of its case_type", None)
    found = [
        (g["group"]["case_type"], g["limit"], g["threshold"], g["requirement"], g["verdict"])
        for g in target["groups"]
    ]
    assert found == EXPECTED


def test_each_value_has_its_own_limit_and_threshold_in_parquet() -> None:
    extract()
    evaluated("parquet", "--out", "o.parquet")
    frame = pl.read_parquet("o.parquet")
    names = ("part", "limit", "threshold", "requirement", "verdict")
    assert frame.select(names).rows()[1:] == EXPECTED
    assert frame.row(0, named=True)["part"] is None
    assert frame["id"].to_list() == ["1"] * 4


def test_each_value_has_its_own_limit_and_threshold_in_csv() -> None:
    extract()
    rows = list(csv.DictReader(io.StringIO(evaluated("csv"))))
    names = ("part", "limit", "threshold", "requirement", "verdict")
    assert [tuple(row[name] for name in names) for row in rows[1:]] == [
        ("study", "", "", "no limit for this case_type", "not_assessable"),
        ("visa", "1 month", "87.5", "87.5 % within 1 month", "missed"),
        ("work permit", "60 days", "66.0", "66 % within 60 days", "met"),
    ]


def test_each_value_has_its_own_limit_and_threshold_in_markdown() -> None:
    extract()
    text = evaluated("markdown")
    assert text.partition("## 1\n\n")[2].splitlines()[:5] == [
        "| case_type | Value | Limit | Counted | Excluded | With the excluded | Verdict |",
        "|---|--:|---|--:|---|--:|---|",
        "| study | – | no limit for this case_type | 0 | limit missing 1 | 0.0–100.0 % | not assessable |",
        "| visa | 50.0 % | 87.5 % within 1 month | 2 |  |  | missed |",
        "| work permit | 100.0 % | 66 % within 60 days | 1 |  |  | met |",
    ]


@pytest.mark.parametrize("width", [70, 80, 120])
def test_each_value_has_its_own_limit_and_threshold_in_a_terminal(
    width: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    extract()
    lines = [" ".join(line.split()) for line in evaluated("table").splitlines()]
    start = lines.index("case_type Value Limit At least Counted Verdict")
    assert lines[start + 1 : start + 4] == [
        "study – – 0 not assessable",
        "visa 50.0 % 1 month 87.5 % 2 missed",
        "work permit 100.0 % 60 days 66 % 1 met",
    ]


def test_each_value_within_a_group_and_a_period() -> None:
    extract()
    rows = list(csv.DictReader(io.StringIO(evaluated("csv", "--every", "month"))))
    found = [
        (row["period"], row["part"], row["limit"], row["threshold"], row["met"], row["counted"])
        for row in rows
        if row["part"] and row["rows"] != "0"
    ]
    # The work permit alone ended in March.
    assert found == [
        ("2017-01", "study", "", "", "0", "0"),
        ("2017-02", "visa", "1 month", "87.5", "1", "2"),
        ("2017-03", "work permit", "60 days", "66.0", "1", "1"),
    ]
    assert "the values within each group: --format csv, json or parquet" in evaluated(
        "table", "--every", "month"
    )
    assert "The values within each group are in CSV, JSON and Parquet." in evaluated(
        "markdown", "--every", "month"
    )


def test_the_values_of_an_average_have_their_own_limits() -> None:
    target = average(by_type(a="10 days", b="1 month"), each="case_type")
    found = kpi.evaluate(plan(target), of_types(a=(1, 0), b=(0, 1), c=(1, 0)))["t"]
    assert [(e.group["case_type"], e.limit, e.requirement) for e in found.each] == [
        ("a", "10 days", "at most 10 days"),
        ("b", "1 month", "at most 1 month"),
        ("c", None, "no limit for this case_type"),
    ]


def test_values_that_share_a_limit_have_it_without_the_words_about_each() -> None:
    found = kpi.evaluate(plan(within("5 days", each="case_type")), of_types(a=(9, 1), b=(1, 1)))
    assert found["t"].requirement == "90 % within 5 days, for each case_type"
    assert [(e.limit, str(e.threshold), e.requirement) for e in found["t"].each] == [
        ("5 days", "90", "90 % within 5 days")
    ] * 2
    text = terminal.plain(terminal.result_table(found, 80), 80)
    assert "case_type   Value  At least  Counted  Verdict" in text


def test_stretches_of_time_have_their_own_thresholds_in_words() -> None:
    target = within(
        "5 days", threshold={"dated": "filed", "first": 80, "since": {"2017-07-01": 95}}
    )
    found = kpi.evaluate(plan(target), of_types(a=(9, 1)))["t"]
    assert [(e.group["stretch"], e.requirement) for e in found.each] == [
        ("before 2017-07-01", "80 % within 5 days")
    ]
