"""A period that its target's window cuts is named by its days, in every format (S30)."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import polars as pl
import pytest

import kpi
from tests.builders import SPAN, half_years, one, plan, spans, within
from tests.commands import HEADER, PLAN, run

pytestmark = pytest.mark.usefixtures("here")

CUT = ("2017-03-10 to 2017-03-31", "2017-04", "2017-05-01 to 2017-05-30")
"""The months of a window from 10 March through 30 May: the first and the last are cut."""


def extract() -> None:
    window = 'window = { since = "2017-03-10", through = "2017-05-30" }\nthreshold'
    Path("plan.toml").write_text(PLAN.replace("threshold", window))
    rows = ("a,visa,2017-03-01,2017-03-10", "b,visa,2017-03-01,2017-04-30", "c,visa,2017-05-01,2017-05-30")  # fmt: skip
    Path("cases.csv").write_text(HEADER + "".join(f"{row}\n" for row in rows))


def series(form: str) -> str:
    return run("evaluate", "plan.toml", "cases.csv", "--every", "month", "--format", form).stdout


def test_s30_a_cut_period_is_named_by_its_days_in_every_format() -> None:
    extract()
    rows = [
        line.split("  ")[0] for line in series("table").splitlines() if line.startswith("2017-")
    ]
    assert rows == list(CUT)
    marks = [line.split(" | ")[0].removeprefix("| ") for line in series("markdown").splitlines()]
    assert [mark for mark in marks if mark.startswith("2017-")] == list(CUT)
    table = list(csv.DictReader(io.StringIO(series("csv"))))
    assert [row["period"] for row in table if row["counted"] != "0"] == list(CUT)
    groups = json.loads(series("json"))["targets"][0]["groups"]
    assert [g["group"]["period"] for g in groups if g["counted"]] == list(CUT)
    run("evaluate", "plan.toml", "cases.csv", "--every", "month", "--format", "parquet", "--out", "o.parquet")  # fmt: skip
    frame = pl.read_parquet("o.parquet").filter(pl.col("counted") > 0)
    assert frame["period"].to_list() == list(CUT)


@pytest.mark.parametrize(
    ("window", "name"),
    [
        ({"since": "2017-01-01", "through": "2017-06-30"}, "2017-H1"),
        ("2017-H1", "2017-H1"),
        ({"since": "2017-01-02", "through": "2017-12-31"}, "2017-01-02 to 2017-06-30"),
        ({"after": "2017-01-01", "before": "2017-12-31"}, "2017-01-02 to 2017-06-30"),
        ({"since": "2017-01-01", "before": "2017-06-30"}, "2017-01-01 to 2017-06-29"),
        ({"since": "2017-03-09", "through": "2017-03-09"}, "2017-03-09"),
    ],
)
def test_s30_a_period_is_cut_on_either_side_or_both(window: object, name: str) -> None:
    target = within("1 year", window=window)
    assert next(iter(half_years(target, spans(("2017-03-01", "2017-03-09"))))) == name


def test_s30_the_last_day_of_a_cut_period_decides_when_its_verdict_falls() -> None:
    target = within("1 year", window={"since": "2017-03-10", "through": "2017-05-30"})
    frame = spans(("2017-03-01", "2017-03-12"), ("2017-05-01", "2017-05-02"))
    for day, verdicts in (("2017-05-29", ["met", "open"]), ("2017-05-30", ["met", "met"])):
        found = kpi.evaluate(plan(target), frame, day, every="month")["t"].groups
        assert [g.verdict for g in found if g.counted] == verdicts


def test_s30_groups_and_readings_of_a_cut_series_add_up_to_the_whole() -> None:
    target = within("1 month", window={"since": "2017-02-10", "through": "2017-03-20"})
    frame = spans(
        ("2017-02-01", "2017-02-20"), ("2017-01-01", "2017-03-20"), ("2017-01-01", "2017-03-21")
    )
    states = [kpi.partial(plan(target), part, every="month") for part in (frame[:1], frame[1:])]
    merged, whole = kpi.finish(kpi.merge(*states))["t"], one(target, frame)
    named = {g.group["period"]: (g.rows, g.counted, g.met) for g in merged.groups}
    # The third case ended outside the window, so in no period.
    assert named == {
        "2017-02-10 to 2017-02-28": (1, 1, 1),
        "2017-03-01 to 2017-03-20": (1, 1, 0),
        None: (1, 0, 0),
    }
    assert (whole.rows, whole.counted, whole.met) == (3, 2, 1)


def test_s30_a_stock_is_of_a_day_within_its_period() -> None:
    """The stock at the end of May, asked by half-years, is that of a half-year cut in May."""
    target = kpi.Stock(**SPAN, at={"end_of": "2017-05"}, level={"at_most": 9})
    frame = spans(("2017-03-01", None))
    assert next(iter(half_years(target, frame))) == "2017-01-01 to 2017-05-31"
