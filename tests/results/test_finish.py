"""Results out of a state: lacking tables, indicators, groups."""

from __future__ import annotations

import datetime as dt

import polars as pl

import kpi
from tests.builders import (
    PLAIN_TABLE,
    SLOTS,
    TABLE,
    TEN_AND_TWENTY_DAYS,
    actions,
    average,
    by_type,
    day,
    every_working_day,
    one,
    plan,
    slots,
    spans,
    within,
)


def test_a_table_that_is_not_there_says_nothing() -> None:
    """No value, no figures, no parts."""
    target = within(by_type(a="1 day", b="1 day"), each="case_type")
    flow = kpi.Flow(id="f", start="filed", end="decided", indicator="intake")
    result = kpi.evaluate(plan(target, flow), {})
    assert (result["t"].verdict, result["t"].each) == ("not_assessable", ())
    found = result["f"]
    assert (found.verdict, found.value, found.figures, found.counted) == (
        "not_assessable",
        None,
        {},
        0,
    )


def test_an_indicator_is_one_before_the_last_day_too() -> None:
    flow = kpi.Flow(id="t", start="filed", end="decided")
    assert one(flow, spans(("2017-01-01", None)), "2017-06-30").verdict == "indicator"


def test_a_period_of_a_series_keeps_to_the_window() -> None:
    """A half-year of which the window has a part."""
    window = {"since": day("2017-03-01"), "through": day("2017-03-02")}
    made = kpi.Plan(
        id="p", period="2017", tables=[SLOTS], targets=[every_working_day(window=window)]
    )
    frame = slots("2017-03-01", "2017-03-02")
    (found,) = kpi.evaluate(made, frame, "2017-03-02", every="half-year")["t"].groups
    assert (found.verdict, found.figures) == ("met", {"working_days": 2, "missing_days": 0})


def test_a_table_may_lack_one_of_two_columns_to_break_down_by() -> None:
    other = kpi.Table("actions", key="action_id", entry="done", dates="agreed")
    count = kpi.Count(id="c", table="actions", requires={"at_least": 1})
    made = kpi.Plan(id="p", period="2017", tables=[TABLE, other], targets=[within(), count])
    extract = {
        "cases": spans(("2017-01-01", "2017-01-02")).with_columns(kind=pl.lit("a")),
        "actions": actions(("2017-01-01", "a"), ("2017-01-01", "b")),
    }
    found = kpi.evaluate(made, extract, by=("kind", "case_type"))
    assert [g.group for g in found["c"].groups] == [
        {"kind": "a", "case_type": None},
        {"kind": "b", "case_type": None},
    ]


D = dt.date


def test_a_table_that_lacks_one_of_two_columns_is_broken_down_by_the_other() -> None:
    made = kpi.Plan(
        id="p",
        period="2017",
        tables=[PLAIN_TABLE, kpi.Table("more", key="id", entry="day")],
        targets=[
            average(id="1"),
            kpi.Count(id="2", table="more", on="day", requires={"at_least": 1}),
        ],
    )
    more = pl.DataFrame({"id": [1, 2], "day": [D(2017, 1, 1)] * 2, "office": ["a", "b"]})
    tables = {
        "cases": TEN_AND_TWENTY_DAYS.with_columns(office=pl.lit("a"), desk=pl.lit("u")),
        "more": more,
    }
    by_both = kpi.evaluate(made, tables, by=["office", "desk"])
    assert [g.group for g in by_both["2"].groups] == [
        {"office": "a", "desk": None},
        {"office": "b", "desk": None},
    ]
    # A table with neither has no groups.
    by_desk = kpi.evaluate(made, tables, by="desk")
    assert by_desk["2"].groups == ()
    assert len(by_desk["1"].groups) == 1
