"""Slips that other tests would let live, each on a case that can be checked by hand."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any
from unittest import mock

import polars as pl
import pytest
from attrs import evolve, frozen

import kpi
from kpi.report import words
from kpi.rules import rules
from tables import TABLE, average, cases, one, plan, spans, trail, within

FACTS = kpi.Table("reported", key="target", events="done")
FACT_SCHEMA = {
    "target": pl.String,
    "done": pl.Date,
    "value": pl.Float64,
    "condition": pl.Boolean,
}


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def facts(*rows: dict[str, Any]) -> pl.DataFrame:
    made = [{**row, "done": row.get("done") and day(row["done"])} for row in rows]
    return pl.DataFrame(made, schema=FACT_SCHEMA)


def asked(*targets: kpi.Requirement, **more: Any) -> kpi.Plan:
    return kpi.Plan(id="p", period="2017", tables=[FACTS, TABLE], targets=targets, **more)


def periods(target: kpi.Target, extract: Any, **more: Any) -> dict[Any, Any]:
    """The groups of a series of half-years by their period."""
    given = {"id": "p", "period": "2017", "tables": [TABLE, FACTS], **more}
    made = kpi.Plan(targets=[target], **given)
    found = kpi.evaluate(made, extract, every="half-year")[target.id]
    return {g.group["period"]: g for g in found.groups}


# rules/average.py


def test_the_share_of_the_fastest_is_rounded_up_unless_said() -> None:
    """average.py:65, the default rounding: 95 % of 11 is 10.45."""
    frame = spans(*(("2017-01-01", f"2017-01-{n:02}") for n in range(2, 13)))
    assert one(average("30 days", fastest=95), frame).counted == 11


def test_the_requirement_says_of_the_fastest() -> None:
    """average.py:94."""
    target = average("30 days", fastest=97.5, each="case_type")
    assert target.requirement == "at most 30 days for the fastest 97.5 %, for each case_type"


def test_the_month_end_mode_of_an_average_is_its_own() -> None:
    """average.py:112: due on 1 March, not on 28 February."""
    frame = spans(("2017-01-31", "2017-03-01"))
    assert one(average("1 month"), frame).verdict == "missed"
    assert one(average("1 month", month_end="up"), frame).verdict == "met"


# rules/count.py, rules/share.py, rules/stock.py, rules/flow.py, rules/reported.py: a series

ACTIONS = kpi.Table("actions", key="action_id", entry="done", dates="agreed")
ACTION_SCHEMA = {
    "action_id": pl.String,
    "done": pl.Date,
    "agreed": pl.Date,
    "kind": pl.String,
    "person": pl.String,
}


def actions(*rows: tuple[str | None, str | None]) -> pl.DataFrame:
    made = [
        {"action_id": str(n), "done": done and day(done), "kind": kind}
        for n, (done, kind) in enumerate(rows)
    ]
    return pl.DataFrame(made, schema=ACTION_SCHEMA)


def test_a_series_of_counts_is_by_the_day_that_is_counted() -> None:
    """count.py:83."""
    frame = actions(("2017-03-01", "a"), ("2017-09-01", "a"), ("2017-10-01", "a"))
    target = kpi.Count(id="t", table="actions", requires={"at_least": 2})
    found = periods(target, {"actions": frame}, tables=[ACTIONS])
    assert {name: (g.counted, g.verdict) for name, g in found.items() if name} == {
        "2017-H1": (1, "indicator"),
        "2017-H2": (2, "indicator"),
    }


def test_a_series_of_a_stock_has_one_period() -> None:
    """stock.py:115: it is judged on one day, whenever its rows came in."""
    frame = spans(("2017-02-01", None), ("2017-08-01", None), ("2017-08-01", "2017-09-01"))
    target = kpi.Stock(
        id="t", start="filed", end="decided", at={"end_of": "2017"}, level={"at_most": 2}
    )
    found = {name: g for name, g in periods(target, frame).items() if name is not None}
    assert {name: (g.value, g.verdict) for name, g in found.items()} == {
        "2017-H2": (2, "indicator")
    }


def test_a_series_of_a_flow_has_one_period() -> None:
    """flow.py:159."""
    frame = spans(("2016-02-01", "2017-03-01"), ("2017-08-01", None))
    target = kpi.Flow(id="t", start="filed", end="decided", indicator="open_end")
    found = {name: g for name, g in periods(target, frame).items() if name is not None}
    assert {name: (g.value, g.counted) for name, g in found.items()} == {"2017-H2": (1, 2)}


def test_a_series_of_a_reported_number_is_by_the_last_day_of_its_window() -> None:
    """reported.py:76."""
    target = kpi.Reported(id="t", window="2017-H1", requires={"at_least": 7})
    found = periods(target, {"reported": facts({"target": "t", "value": 7})})
    assert {name: (g.value, g.verdict) for name, g in found.items()} == {"2017-H1": (7.0, "met")}


# rules/share.py


def test_a_value_that_a_share_asks_for_and_no_row_holds_is_said() -> None:
    """share.py:65: what a share asks for is named by the plan as well."""
    target = kpi.Share(id="t", table="actions", having={"kind": "chekc"}, threshold=50)
    made = kpi.Plan(id="p", period="2017", tables=[ACTIONS], targets=[target])
    result = kpi.evaluate(made, actions(("2017-03-01", "check")))
    assert (
        "actions.kind: the plan names what no row holds: 'chekc' (did you mean 'check'?)"
        in result.notes
    )


def test_a_share_of_nothing_in_particular_is_refused() -> None:
    """share.py:28."""
    with pytest.raises(kpi.PlanError, match="having: found none; accepted: at least one condition"):
        kpi.Share(id="t", table="actions", having={}, threshold=50)


# rules/stock.py


def test_the_change_of_a_stock_is_printed_against_its_bound() -> None:
    """stock.py:73: the bounds of a change, so that -9.96 % is not printed as -10.0 %."""
    stayed, left = ("2016-01-01", None), ("2016-01-01", "2017-06-01")
    target = kpi.Stock(
        id="t", start="filed", end="decided", at={"end_of": "2017"},
        against={"end_of": "2016"}, change={"at_most": -10},
    )  # fmt: skip
    assert target.bounds == kpi.Bounds(at_most=-10)
    found = one(target, spans(*[stayed] * 2251, *[left] * 249))
    assert (found.verdict, words.value(found)) == ("missed", "-9.96 %")


def test_where_a_base_is_wrong_or_missing_is_said() -> None:
    """stock.py:65."""
    given: dict[str, Any] = {
        "id": "t",
        "start": "filed",
        "end": "decided",
        "at": {"end_of": "2017"},
    }
    with pytest.raises(kpi.PlanError, match=r"^against: a change needs the day of its base"):
        kpi.Stock(**given, change={"at_most": -10})
    with pytest.raises(kpi.PlanError, match=r"^against: found 2017-12-31; accepted: a day before"):
        kpi.Stock(**given, change={"at_most": -10}, against={"end_of": "2017"})


# rules/every_working_day.py

SLOTS = kpi.Table("slots", key="date", entry="date", dates="next_free")


def slots(*days: str, wait: int = 1) -> pl.DataFrame:
    made = [{"date": day(d), "next_free": day(d) + dt.timedelta(wait)} for d in days]
    return pl.DataFrame(made, schema={"date": pl.Date, "next_free": pl.Date})


def each_day(**more: Any) -> kpi.EveryWorkingDay:
    given = {"id": "t", "table": "slots", "start": "date", "end": "next_free", "limit": "3 weeks"}
    return kpi.EveryWorkingDay(**given, **more)


def test_a_week_without_a_gap_has_no_remark() -> None:
    """every_working_day.py:120."""
    window = {"since": day("2017-01-09"), "through": day("2017-01-10")}
    made = kpi.Plan(id="p", period="2017", tables=[SLOTS], targets=[each_day(window=window)])
    assert kpi.evaluate(made, slots("2017-01-09", "2017-01-10"))["t"].remarks == ()


def test_the_requirement_names_a_calendar_of_its_own() -> None:
    """every_working_day.py:62."""
    assert each_day().requirement == "within 3 weeks on every working day"
    off = {"name": "denmark", "off": ["christmas eve"]}
    assert each_day(calendar=off).requirement == (
        "within 3 weeks on every working day of denmark (christmas eve off)"
    )
    assert (
        each_day(calendar="sweden").requirement == "within 3 weeks on every working day of sweden"
    )


# rules/milestone.py, rules/reported.py: a fact that several rows tell

BY_OFFICE = kpi.Table("reported", key=["target", "office"], events="done")


def by_office(*rows: dict[str, Any]) -> pl.DataFrame:
    offices = pl.Series("office", [f"o{n}" for n in range(len(rows))], pl.String)
    return facts(*rows).with_columns(offices)


def of_offices(target: kpi.Target, *rows: dict[str, Any]) -> kpi.TargetResult:
    made = kpi.Plan(id="p", period="2017", tables=[BY_OFFICE], targets=[target])
    return kpi.evaluate(made, {"reported": by_office(*rows)})["t"]


def test_a_milestone_of_several_offices_is_met_when_all_have_met_it() -> None:
    """milestone.py:85."""
    target = kpi.Milestone(id="t", deadline={"through": "2017-06-30"})
    rows = [{"target": "t", "done": "2017-06-30"}, {"target": "t", "done": "2017-07-01"}]
    found = of_offices(target, *rows)
    assert (found.met, found.counted, found.value, found.verdict) == (1, 2, 0.5, "missed")


def test_a_number_of_several_offices_is_their_mean_and_each_must_keep_it() -> None:
    """reported.py:85 and 86."""
    target = kpi.Reported(id="t", requires={"at_most": 7})
    found = of_offices(target, {"target": "t", "value": 7}, {"target": "t", "value": 6})
    assert (found.value, found.verdict) == (6.5, "met")
    assert (
        of_offices(target, {"target": "t", "value": 8}, {"target": "t", "value": 2}).verdict
        == "missed"
    )


@pytest.mark.parametrize("value", [8.2, 4.35, 16.1, -0.29, 1.1, 0.000001])
def test_a_number_is_shown_as_it_was_reported(value: float) -> None:
    """reported.py:77: 8.2 times a million is 8199999.999999999."""
    target = kpi.Reported(id="t", requires={"at_most": 100})
    found = kpi.evaluate(asked(target), {"reported": facts({"target": "t", "value": value})})["t"]
    assert found.value == value


def test_why_a_number_is_left_out_first() -> None:
    """reported.py:75: a value that is missing comes before an id that stands twice."""
    target = kpi.Reported(id="t", requires={"at_most": 7})
    rows: list[dict[str, Any]] = [{"target": "t", "value": None}, {"target": "t", "value": 5}]
    found = kpi.evaluate(asked(target), {"reported": facts(*rows)})["t"]
    assert found.excluded == {"value missing": 1, "repeated id": 1}


def test_the_days_outside_a_series_are_of_no_working_day() -> None:
    """every_working_day.py:105."""
    window = {"since": day("2017-01-09"), "through": day("2017-01-10")}
    frame = slots("2017-01-09", "2017-01-10", "2017-03-01")
    found = periods(each_day(window=window), {"slots": frame}, tables=[SLOTS])
    assert found["2017-H1"].figures == {"working_days": 2, "missing_days": 0}
    assert (found[None].figures, found[None].remarks) == (
        {"working_days": 0, "missing_days": 0},
        (),
    )


# rules/flow.py


def test_what_a_flow_asks_for_has_its_unit() -> None:
    """flow.py:41 and 123."""

    def flow(**more: Any) -> kpi.Flow:
        return kpi.Flow(id="t", start="filed", end="decided", **more)

    assert flow(requires={"at_least": 100}).requirement == "clearance rate at least 100 %"
    for indicator in ("disposition_time", "mean_age", "median_age", "p90_age"):
        target = flow(indicator=indicator, requires={"at_most": 90})
        assert target.requirement == f"{indicator.replace('_', ' ')} at most 90 days"
        assert one(target, spans(("2017-12-01", None))).unit == "days"
    assert flow(indicator="intake", requires={"at_most": 9}).requirement == "intake at most 9"


# rules/within.py

LIMITS_PLAN = """\
id = "p"
period = "2017"
[tables.cases]
key = "case_id"
entry = "filed"
events = ["documented", "decided"]
[[targets]]
id = "t"
rule = "within"
start = "filed"
end = "decided"
limit = { file = "limits.csv", by = "case_type" }
"""


def with_limits(tmp_path: Path, text: str, extra: str = "", made: str = LIMITS_PLAN) -> kpi.Plan:
    (tmp_path / "limits.csv").write_text(text, encoding="utf-8")
    (tmp_path / "plan.toml").write_text(made + extra, encoding="utf-8")
    return kpi.load_plan(tmp_path / "plan.toml")


@pytest.mark.parametrize("each", ["", 'each = "office"\n'])
def test_thresholds_of_a_file_are_for_its_own_parts(tmp_path: Path, each: str) -> None:
    """within.py:108."""
    text = "table,case_type,limit,threshold\ncases,a,30 days,90\n"
    with pytest.raises(
        kpi.PlanError, match=r"each: the thresholds stand by case_type; accepted: each"
    ):
        with_limits(tmp_path, text, each)


@pytest.mark.parametrize(
    ("limit", "since", "through", "more", "said"),
    [
        ("7 months", "2017-05-31", "2017-12-31", {}, True),  # due on the last day itself
        ("7 months", "2017-05-30", "2017-12-31", {}, False),
        ("1 month", "2017-01-31", "2017-03-01", {"month_end": "up"}, True),
        ("1 month", "2017-01-31", "2017-03-01", {}, False),
        ("7 months", "2017-05-31", "2017-12-31", {"denominator": "cohort"}, False),
        ("12 minutes", "2017-12-31", "2017-12-31", {}, False),  # a minute is no day
    ],
)  # fmt: skip
def test_what_cannot_be_missed_is_said(
    limit: str, since: str, through: str, more: dict[str, Any], said: bool
) -> None:
    """within.py:213 to 221."""
    target = within(
        limit, where={"filed": {"since": since}}, window={"since": "2017-01-01", "through": through}, **more
    )  # fmt: skip
    assert [r.startswith("cannot be missed") for r in target.remarks(plan(target))] == [True] * said


def test_the_requirement_backwards_names_the_date_it_is_before() -> None:
    """within.py:127."""
    target = within("1 month before", start="due")
    assert target.requirement == "90 % at the latest 1 month before due"


def test_the_whole_of_several_stretches_has_no_threshold_of_its_own() -> None:
    """within.py:194."""
    threshold = {"dated": "decided", "first": 50, "since": {"2017-07-01": 90}}
    found = one(within("1 month", threshold=threshold), spans(("2017-01-01", "2017-01-02")))
    assert (found.threshold, found.verdict) == (None, "met")
    assert [part.threshold for part in found.each] == [50]


# ranks.py


def test_a_percentage_is_written_out() -> None:
    """ranks.py:90 and average.py:94: 1E+1 is 10."""
    target = average("30 days", fastest=Decimal("1E+1"))
    found = one(target, spans(("2017-01-01", "2017-01-02"), ("2017-01-01", "2017-01-03")))
    assert found.excluded == {"beyond the fastest 10 %": 1}


def test_an_average_leaves_out_what_has_no_limit_or_no_due_date() -> None:
    """average.py:119."""
    frame = cases(
        {"case_type": "visa", "filed": "2017-01-31", "decided": "2017-02-10"},
        {"case_type": "passport", "filed": "2017-01-01", "decided": "2017-02-10"},
        {"case_type": "visa", "filed": "2017-01-01", "decided": "2017-01-11"},
    )
    target = average({"by": "case_type", "limits": {"visa": "1 month"}}, month_end="refuse")
    found = one(target, frame)
    assert found.excluded == {"limit missing": 1, "refused month end": 1}
    assert (found.counted, found.total, found.figures) == (1, 10, {"allowed": 31})


# deadlines.py


def test_no_case_falls_due_after_the_calendar_ends() -> None:
    """deadlines.py:80."""
    window = {"since": "9999-01-01", "through": "9999-12-30"}
    target = within("7 months", where={"filed": {"since": "9999-10-01"}}, window=window)
    assert list(target.remarks(plan(target))) == []


# rules/count.py


def counted(frame: pl.DataFrame, **more: Any) -> kpi.TargetResult:
    given: dict[str, Any] = {"requires": {"at_least": 1}, "distinct": "person", **more}
    target = kpi.Count(id="t", table="actions", **given)
    made = kpi.Plan(id="p", period="2017", tables=[ACTIONS], targets=[target])
    return kpi.evaluate(made, frame)["t"]


def persons(*rows: tuple[str | None, str | None, str]) -> pl.DataFrame:
    made = [
        {"action_id": str(n), "done": done and day(done), "kind": kind, "person": person}
        for n, (done, kind, person) in enumerate(rows)
    ]
    return pl.DataFrame(made, schema=ACTION_SCHEMA)


def test_a_person_counts_once_for_each_value() -> None:
    """count.py:81: where every value must reach it, a person counts for each of them."""
    frame = persons(("2017-01-01", "a", "A"), ("2017-01-02", "b", "A"), ("2017-01-03", "b", "A"))
    found = counted(frame, each="kind")
    assert {e.group["kind"]: (e.value, e.excluded) for e in found.each} == {
        "a": (1, {}),
        "b": (1, {"counted already": 1}),
    }
    assert (found.counted, found.verdict) == (2, "met")
    assert counted(frame).counted == 1


def test_what_is_not_counted_is_not_a_person_s_first() -> None:
    """count.py:76: a row of an unknown kind, or without a date, comes first and does not count."""
    frame = persons(
        ("2017-01-01", None, "A"),
        ("2017-01-01", "b", "A"),
        (None, "a", "A"),
        ("2017-01-02", "a", "A"),
    )
    found = counted(frame, where={"kind": "a"})
    assert (found.counted, found.outside, found.excluded) == (1, 3, {})


def test_each_and_thresholds_that_change_over_time() -> None:
    """within.py:194: of a value and a stretch, the stretch has the threshold."""
    frame = cases(
        {"case_type": "a", "filed": "2017-01-01", "decided": "2017-01-02"},
        {"case_type": "a", "filed": "2017-01-01", "decided": "2017-06-01"},
        {"case_type": "b", "filed": "2017-07-01", "decided": "2017-07-02"},
        {"case_type": "b", "filed": "2017-01-01", "decided": "2017-08-01"},
    )
    threshold = {"dated": "decided", "first": 50, "since": {"2017-07-01": 90}}
    found = one(within("1 month", threshold=threshold, each="case_type"), frame)
    shown = [(*e.group.values(), str(e.threshold), str(e.verdict)) for e in found.each]
    assert shown == [
        ("a", "before 2017-07-01", "50", "met"),
        ("b", "since 2017-07-01", "90", "missed"),
    ]


def test_a_day_after_the_as_of_date_is_outside_for_that() -> None:
    """every_working_day.py:85: also where the day is no entry that hides its row."""
    table = kpi.Table("slots", key="date", dates=["date", "next_free"])
    made = kpi.Plan(id="p", period="2017", tables=[table], targets=[each_day()])
    rows = kpi.evaluate(made, slots("2017-01-09", "2017-01-10"), "2017-01-09").audit().collect()
    assert rows["reason"].to_list() == [None, "fails: date through 2017-01-09"]


def test_s1_done_at_a_time_that_the_clocks_skipped() -> None:
    """On 26 March 2017 there was no half past two, and the date is what was reported."""
    target = kpi.Milestone(id="t", deadline={"through": "2017-06-30"})
    frame = pl.DataFrame({"target": ["t"], "done": [dt.datetime(2017, 3, 26, 2, 30)]})
    found = kpi.evaluate(asked(target), {"reported": frame})["t"]
    assert (found.excluded, found.verdict) == ({}, "met")


# rules/average.py, finish.py


def by_type(**limits: str) -> dict[str, Any]:
    return {"by": "case_type", "limits": limits}


def test_a_value_without_a_case_lapses_in_an_average_too() -> None:
    """average.py:103."""
    frame = cases({"case_type": "a", "filed": "2017-01-01", "decided": "2017-01-02"})
    found = one(average(by_type(a="1 day", b="1 day"), each="case_type"), frame)
    assert {e.group["case_type"]: e.verdict for e in found.each} == {"a": "met", "b": "lapsed"}
    other = one(
        average(by_type(a="1 day", b="1 day"), each="office"),
        frame.with_columns(office=pl.lit("N")),
    )
    assert [e.group for e in other.each] == [{"office": "N"}]


def test_what_lapses_lapses_with_all_of_its_parts() -> None:
    """finish.py:135."""
    target = within("1 month", each="case_type", on_condition={"that": "it came about"})
    extract = {
        "cases": spans(("2017-01-01", "2017-01-02")),
        "reported": facts({"target": "t", "condition": False}),
    }
    found = kpi.evaluate(asked(target), extract)["t"]
    assert (found.verdict, [e.verdict for e in found.each]) == ("lapsed", ["lapsed"])


def test_what_lapses_lapses_without_its_table() -> None:
    """finish.py:220, where the condition is known and the table is not there."""
    target = within("1 month", on_condition={"that": "it came about"})
    extract = {"reported": facts({"target": "t", "condition": False})}
    assert kpi.evaluate(asked(target), extract)["t"].verdict == "lapsed"


def test_a_table_that_is_not_there_says_nothing() -> None:
    """finish.py:128 and 184: no value, no figures, no parts."""
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
    """finish.py:224."""
    flow = kpi.Flow(id="t", start="filed", end="decided")
    assert one(flow, spans(("2017-01-01", None)), "2017-06-30").verdict == "indicator"


def test_a_period_of_a_series_keeps_to_the_window() -> None:
    """finish.py:170 and 171: a half-year of which the window has a part."""
    window = {"since": day("2017-03-01"), "through": day("2017-03-02")}
    made = kpi.Plan(id="p", period="2017", tables=[SLOTS], targets=[each_day(window=window)])
    frame = slots("2017-03-01", "2017-03-02")
    (found,) = kpi.evaluate(made, frame, "2017-03-02", every="half-year")["t"].groups
    assert (found.verdict, found.figures) == ("met", {"working_days": 2, "missing_days": 0})


def test_a_table_may_lack_one_of_two_columns_to_break_down_by() -> None:
    """finish.py:112."""
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


# score.py


def test_a_weight_that_is_open_and_unknown_is_open() -> None:
    """score.py:60."""
    targets = [
        kpi.Milestone(id="a", goal="1", deadline="2017"),
        kpi.Milestone(id="b", goal="1", deadline="2017", on_condition={"that": "it came about"}),
    ]
    made = asked(*targets, goals=[kpi.Goal(id="1", weight=100)])
    result = kpi.evaluate(
        made, {"reported": facts({"target": "a", "done": "2017-01-01"})}, "2017-06-30"
    )
    assert [t.verdict for t in result] == ["open", "not_assessable"]
    assert result.score is not None
    assert dict(result.score.aside) == {"open": 100}


def test_a_requirement_of_parts_shares_the_weight_of_its_goal() -> None:
    """score.py:88: its parts have no goal of their own."""
    parts = [kpi.Milestone(id=name, deadline="2017") for name in ("1a", "1b")]
    targets = [
        kpi.Parts(id="1", goal="1", parts=parts),
        kpi.Milestone(id="2", goal="1", deadline="2017"),
    ]
    made = asked(*targets, goals=[kpi.Goal(id="1", weight=100, sharing="split")])
    rows = [{"target": name, "done": "2017-01-01"} for name in ("1a", "1b")]
    score = kpi.evaluate(made, {"reported": facts(*rows, {"target": "2"})}).score
    assert score is not None
    assert [score.met, score.if_all, score.if_split] == [50, 0, 50]
    assert str(score.of) == "100"


# sums.py, state.py


def test_a_percentile_over_parts_is_that_of_all_their_cases() -> None:
    """sums.py:44: the parts are added up, and their days are in order again."""
    frame = cases(
        {"case_type": "a", "filed": "2017-01-01", "decided": "2017-04-11"},
        {"case_type": "b", "filed": "2017-01-01", "decided": "2017-01-02"},
        {"case_type": "b", "filed": "2017-01-01", "decided": "2017-01-03"},
    )
    target = kpi.Percentile(id="t", start="filed", end="decided", percentile=50, limit="9 days", each="case_type")  # fmt: skip
    found = one(target, frame)
    assert (found.value, [e.value for e in found.each]) == (2, [100, 1])


def test_an_empty_text_is_a_part_of_its_own() -> None:
    """state.py:39."""
    frame = cases(
        {"case_type": "", "filed": "2017-01-01", "decided": "2017-01-02"},
        {"case_type": None, "filed": "2017-01-01", "decided": "2017-12-02"},
    )
    found = one(within("1 month", each="case_type"), frame)
    assert {e.group["case_type"]: e.verdict for e in found.each} == {"": "met", None: "missed"}


def test_that_a_date_was_given_for_one_batch_is_enough() -> None:
    """state.py:97."""
    frame = spans(("2017-01-01", "2017-01-02"))
    asked_of = plan(average())
    dated, undated = (
        kpi.partial(asked_of, frame, "2017-12-31"),
        kpi.partial(asked_of, frame.clear()),
    )
    for both in ((dated, undated), (undated, dated)):
        assert kpi.finish(kpi.merge(*both)).as_of_given


# compile.py


def test_what_targets_share_leaves_all_that_they_need() -> None:
    """compile.py:206 and 207: columns that only the parts and the exclusions read."""
    twice = {"case_id": "x", "filed": "2017-01-01", "decided": "2017-01-02"}
    frame = cases(twice, twice, {"filed": "2017-01-01", "decided": "2017-01-02"})
    targets = [average(id=name, each="case_type") for name in "ab"]
    for found in kpi.evaluate(plan(*targets), frame):
        assert (found.counted, found.excluded, len(found.each)) == (1, {"repeated id": 2}, 1)


@frozen(kw_only=True)
class HowMany(kpi.Target):
    """How many rows there are: a kind of target that reads no column."""

    rule = "how_many"
    limit_text = None
    requirement = "any number"

    def window_of(self, plan: kpi.Plan) -> kpi.Window:
        return plan.period

    def rows(self, columns: kpi.Columns) -> kpi.Rows:
        return kpi.Rows(tests=(), exclusions=(), event=pl.lit(columns.as_of))

    def measure(self, sums: kpi.Sums) -> kpi.Measure:
        return kpi.Measure(value=sums["counted"], unit="count", reached=True)


@pytest.mark.parametrize("engine", ["in-memory", "streaming"])
@pytest.mark.parametrize("suffix", [None, "parquet"])
def test_rows_of_no_column_are_counted(suffix: str | None, engine: Any, tmp_path: Path) -> None:
    """compile.py and asof.py: a frame of no columns has no rows."""
    frame = spans(("2017-01-01", "2017-01-02"), ("2017-02-01", "2017-02-02"), ("2016-01-01", None))
    tables: Any = frame
    if suffix:
        frame.write_parquet(tables := tmp_path / f"cases.{suffix}")
    # Targets that ask no more than what they share, and one that asks nothing.
    same = [kpi.Count(id=name, requires={"at_least": 1}) for name in "ab"]
    with mock.patch("kpi.tables.LARGE", 1):
        for asked, counted in (
            (same, [2, 2]),
            ([HowMany(id="c")], [3]),
            ([*same, HowMany(id="c")], [2, 2, 3]),
        ):
            found = kpi.evaluate(plan(*asked), tables, engine=engine)
            assert [t.counted for t in found] == counted


@pytest.mark.parametrize(("worth", "engine"), [(3, "streaming"), (4, "in-memory")])
def test_many_rows_are_streamed(worth: int, engine: str, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    real: Any = pl.collect_all

    def collect_all(queries: Any, *, engine: str, **how: Any) -> Any:
        asked.append(engine)
        return real(queries, engine=engine, **how)

    monkeypatch.setattr("polars.collect_all", collect_all)
    monkeypatch.setattr("kpi.compile._WORTH_STREAMING", worth)
    frame = spans(*[("2017-01-01", "2017-01-02")] * 3)
    assert kpi.evaluate(plan(average()), frame)["t"].counted == 3
    assert asked == [engine]


# checked.py, repeated_ids.py


def test_what_is_rejected_says_nothing_of_the_others() -> None:
    """Neither of their dates, nor of which of them repeat an id."""
    first = (dt.date(2017, 1, 1) - dt.date(1970, 1, 1)).days
    # The second lies in a year that no calendar has, the third has no id.
    filed = [first, first + 4_000_000, first, first + 2, first + 2]
    decided = [first + 1, None, first + 30_000, first + 4, first + 5]
    frame = pl.DataFrame(
        {
            "case_id": ["a", "b", None, "b", "c"],
            "filed": pl.Series(filed, dtype=pl.Int32).cast(pl.Date),
            "decided": pl.Series(decided, dtype=pl.Int32).cast(pl.Date),
        }
    )
    checked = kpi.check(plan(average()), frame).tables["cases"]
    assert checked.rejected["row"].to_list() == [2, 3]
    assert checked.facts.newest == dt.date(2017, 1, 6)
    found = kpi.evaluate(plan(average()), frame)
    assert (found["t"].counted, found["t"].excluded) == (2, {"repeated id": 1})
    counted = found.audit().filter(bucket="counted").collect()
    assert counted["case"].to_list() == ["a", "c"]


# rules/__init__.py


@pytest.mark.parametrize(
    ("points", "message"),
    [
        ({"x": ["math:pi"]}, "entry point x = math:pi: not a subclass of kpi.Target"),
        (
            {"x": ["kpi.rules.count:Count", "kpi.rules.share:Share"]},
            "two packages install a rule named 'x'; keep one of them",
        ),
    ],
)
def test_what_is_installed_as_a_rule_is_one(points: dict[str, list[str]], message: str) -> None:
    installed = [
        EntryPoint(name, value, "kpi.rules") for name, values in points.items() for value in values
    ]
    rules.cache_clear()
    try:
        with (
            mock.patch("kpi.rules.entry_points", return_value=installed),
            pytest.raises(kpi.PlanError, match=f"^{re.escape(message)}$"),
        ):
            rules()["x"]
    finally:
        rules.cache_clear()


# audit.py


def test_the_trail_of_the_fastest_leaves_out_what_is_excluded_anyhow() -> None:
    """audit.py:45 and 82."""
    frame = spans(
        ("2017-01-01", "2017-01-02"), ("2017-01-01", "2017-01-03"),
        ("2017-01-05", "2017-01-01"), ("2017-01-06", "2017-01-01"), ("2017-01-01", "2016-01-01"),
    )  # fmt: skip
    rows = {row["case"]: row["reason"] for row in trail(average("10 days", fastest=50), frame)}
    assert rows == {
        "1": None,
        "2": "beyond the fastest 50 %",
        "3": "end before start",
        "4": "end before start",
        "5": "fails: decided in 2017",
    }


# reported_fact.py


def test_a_reading_keeps_the_fact_that_its_target_names() -> None:
    """reported_fact.py:59 and target.py:333."""
    target = kpi.Milestone(
        id="t", fact="portal", deadline="2017-H1",
        on_condition={"that": "the system is in place", "fact": "system"},
        readings=[{"name": "later", "deadline": "2017"}],
    )  # fmt: skip
    rows: list[dict[str, Any]] = [
        {"target": "portal", "done": "2017-08-01"},
        {"target": "system", "condition": True},
    ]
    (found,) = kpi.readings(asked(target), {"reported": facts(*rows)}).targets
    assert [record.verdict for _, record in found.records()] == ["missed", "met"]


def test_a_fact_has_conditions_of_its_own() -> None:
    """reported_fact.py:70."""
    target = kpi.Milestone(
        id="t", deadline="2017", where={"office": ["N", "S"]}, unless={"office": "S"}
    )
    rows = [{"target": "t", "done": "2017-01-01"}, {"target": "t"}]
    frame = facts(*rows).with_columns(office=pl.Series(["N", "S"]))
    table = kpi.Table("reported", key=["target", "office"], events="done")
    made = kpi.Plan(id="p", period="2017", tables=[table], targets=[target])
    found = kpi.evaluate(made, {"reported": frame})["t"]
    assert (found.counted, found.verdict) == (1, "met")


# readings.py


def test_a_reading_with_another_value_and_the_same_verdict_turns_nothing() -> None:
    """readings.py:48, 82, 117, 119 and 180."""
    target = within(
        "1 month", threshold=50, weight=90, readings=[{"name": "r", "limit": "10 days"}]
    )
    frame = spans(
        ("2017-01-01", "2017-01-02"), ("2017-01-01", "2017-01-20"), ("2016-01-01", "2016-01-02")
    )
    found = kpi.readings(plan(target), frame)
    assert (found.turning, found.frame["turns"].to_list()) == ((), [False, False])
    assert found.frame.select("value", "counted").rows() == [(1.0, 2), (0.5, 2)]
    (data,) = found.to_dict()["targets"]
    assert [r["requirement"] for r in data["readings"]] == [
        "50 % within 1 month",
        "50 % within 10 days",
    ]
    assert not {"id", "title", "source", "goal", "weight"} & set(data["readings"][0])
    assert "the weights sum to 90, not to 100" in found.notes
    assert kpi.every_reading(plan(target)).leaves()[0].readings == ()


def test_what_another_reading_names_is_no_stranger() -> None:
    """column_types.py:272."""
    target = within("1 month", where={"case_type": "visa"}, readings=[{"name": "r", "where": {"case_type": "asylum"}}])  # fmt: skip
    frame = cases({"case_type": "visa"}, {"case_type": "asylum"}, {"case_type": "passport"})
    notes = [n for n in kpi.evaluate(plan(target), frame).notes if "no target names" in n]
    assert notes == ["cases.case_type: 1 row with a value that no target names: 'passport'"]


# limit_files.py


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("table,case_type,limit\ncases,,1 day\n", "limits.csv:2: case_type '' is missing or stands twice"),
        ("table,case_type,limit\ngrants,a,1 day\ncases,a,1 dya\n", "limits.csv:3: unknown unit 'dya'"),
    ],
)  # fmt: skip
def test_where_in_a_file_a_mistake_is(tmp_path: Path, text: str, message: str) -> None:
    """limit_files.py:93 and 97."""
    with pytest.raises(kpi.PlanError) as caught:
        with_limits(tmp_path, text, "threshold = 50\n")
    assert message in str(caught.value)


def test_a_file_without_its_column_is_refused(tmp_path: Path) -> None:
    """limit_files.py:43."""
    made = LIMITS_PLAN.replace(', by = "case_type"', "")
    with pytest.raises(
        kpi.PlanError, match=r"target t, limit: found { file = 'limits.csv' }; accepted"
    ):
        with_limits(tmp_path, "table,case_type,limit\n", "threshold = 50\n", made)


def test_a_file_that_a_spreadsheet_wrote(tmp_path: Path) -> None:
    """limit_files.py:77: with a byte-order mark."""
    text = "\ufefftable,case_type,limit\ncases,a,30 days\n"
    made = with_limits(tmp_path, text, "threshold = 50\n")
    assert made.leaves()[0].limit_text == "the limit of its case_type"


def test_a_reading_takes_the_limits_of_its_target_s_table(tmp_path: Path) -> None:
    """limit_files.py:51 and 54."""
    made = LIMITS_PLAN.replace("cases", "grants").replace(
        'limit = { file = "limits.csv", by = "case_type" }',
        'table = "grants"\nlimit = "1 day"\nthreshold = 50\n[[targets.readings]]\nname = "own"\n'
        'limit = { file = "limits.csv", by = "case_type" }',
    )
    text = "table,case_type,limit\ngrants,a,2 days\ncases,a,3 days\n"
    target = with_limits(tmp_path, text, made=made).leaves()[0]
    other = target.under(target.readings[0])
    assert isinstance(other, kpi.Within)
    assert (
        other.limit
        == kpi.parse_plan(made, beside=tmp_path).leaves()[0].readings[0].changes["limit"]
    )
    assert str(getattr(other.limit, "limits", None)) == str({"a": kpi.Span(days=2)})


# bounds.py


def test_bounds_are_the_decimals_that_were_written() -> None:
    """bounds.py:31 and 83."""
    assert kpi.Bounds(at_least=0.1).at_least == Decimal("0.1")
    assert (
        str(kpi.Bounds(at_least=12345.5, less_than=20_000))
        == "at least 12,345.5 and less than 20,000"
    )


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (
            {"at_least": 2, "more_than": 1, "at_most": 5},
            "^requires: found both at_least and more_than",
        ),
        ({"at_least": "seven"}, "^requires.at_least: found 'seven'; accepted: a number"),
    ],
)
def test_where_bounds_are_wrong_is_said(wrong: Any, message: str) -> None:
    """bounds.py:61 and 116."""
    with pytest.raises(kpi.PlanError, match=message):
        kpi.Count(id="t", requires=wrong)


# calendars.py


def test_a_holiday_on_a_weekend_is_kept_on_the_days_after() -> None:
    """calendars.py:123: Christmas 2021 fell on a weekend."""
    uk = kpi.Calendar("united kingdom")
    assert uk.working_days(day("2021-12-24"), day("2021-12-29")) == (
        day("2021-12-24"),
        day("2021-12-29"),
    )


def test_working_days_over_the_new_year() -> None:
    """calendars.py:107."""
    days = kpi.Calendar("denmark").working_days(day("2017-12-29"), day("2018-01-02"))
    assert days == (day("2017-12-29"), day("2018-01-02"))


def test_a_calendar_as_plan_files_write_it() -> None:
    """calendars.py:95."""
    for made in (
        kpi.Calendar("sweden"),
        kpi.Calendar("denmark", saturdays=True),
        kpi.Calendar("denmark", off=["christmas eve"], saturdays=True),
    ):
        assert each_day(calendar=made.data()).calendar == made
    with pytest.raises(
        kpi.PlanError, match=r"^calendar.off: found 'christmas eve' with the calendar sweden"
    ):
        each_day(calendar={"name": "sweden", "off": ["christmas eve"]})


# limits.py


@pytest.mark.parametrize(
    ("limit", "taken"),
    [
        ("100 years", True),
        ("101 years", False),
        ("1200 months", True),
        ("37200 days", True),
        ("37201 days", False),
        ("892800 hours", True),
        ("893000 hours", False),
        ("9" * 5000 + " days", False),
    ],
)
def test_a_limit_is_at_most_a_hundred_years(limit: str, taken: bool) -> None:
    """limits.py:60, 61 and 123."""
    if taken:
        assert within(limit).limit_text == limit
        return
    with pytest.raises(kpi.PlanError, match="at most 100 years"):
        within(limit)


def test_each_date_of_a_dated_limit_stands_once() -> None:
    """limits.py:232."""
    from kpi.limits import Dated  # noqa: PLC0415

    with pytest.raises(kpi.PlanError, match="at least one date, each once and in order"):
        Dated("decided", 1, ((day("2017-07-01"), 2), (day("2017-07-01"), 3)))


def test_a_limit_of_three_stretches_in_words() -> None:
    """limits.py:241."""
    limit = {
        "dated": "filed",
        "first": "1 day",
        "since": {"2017-02-01": "2 days", "2017-03-01": "3 days"},
    }
    assert within(limit).limit_text == (
        "1 day (filed before 2017-02-01), 2 days (filed since 2017-02-01), 3 days (filed since 2017-03-01)"
    )


def test_the_words_for_limits_by_value() -> None:
    """limits.py:206: four are shown."""
    limits = {name: f"{n} days" for n, name in enumerate("abcd", start=2)}
    assert within(by_type(**limits)).limit_text == "2 days (a), 3 days (b), 4 days (c), 5 days (d)"


def test_the_values_of_a_limit_are_texts() -> None:
    """limits.py:201."""
    frame = spans(("2017-01-01", "2017-01-02")).with_columns(case_type=pl.lit(1))
    with pytest.raises(
        kpi.DataError, match="column case_type holds Int32; the plan takes it for text"
    ):
        kpi.evaluate(plan(within(by_type(a="1 day"))), frame)


def test_where_a_dated_limit_names_its_column() -> None:
    """limits.py:237."""
    limit = {"dated": "decidde", "first": "1 day", "since": {"2017-07-01": "2 days"}}
    with pytest.raises(
        kpi.PlanError, match=r"targets\.0\.limit\.dated: 'decidde' is not a declared"
    ):
        plan(within(limit))


@pytest.mark.parametrize(
    "wrong",
    [
        {"column": "due", "threshold": 90},
        {"by": "case_type", "limits": {"a": "1 day"}, "else": "2 days"},
    ],
)
def test_a_limit_has_no_other_keys(wrong: dict[str, Any]) -> None:
    """limits.py:287."""
    with pytest.raises(kpi.PlanError, match="limit: found"):
        within(wrong)


# goals.py, plan.py


def flow(**more: Any) -> kpi.Flow:
    return kpi.Flow(id="f", start="filed", end="decided", **more)


def test_a_shared_weight_is_earned_when_all_are_met_unless_said() -> None:
    """goals.py:50."""
    assert kpi.Goal(id="1", weight=100).sharing == "all"


def test_weights_that_cost_nothing() -> None:
    """plan.py:197, 200, 208 and 320: a weight of nothing, and an indicator beside what is asked."""
    plan(within(), flow(weight=0))
    plan(kpi.Parts(id="p", weight=100, parts=[within(), flow()]))
    plan(within(goal="1"), flow(goal="1"), goals=[kpi.Goal(id="1", weight=100)])
    plan(within(), goals=[kpi.Goal(id="1", weight=0)])
    with pytest.raises(kpi.PlanError) as caught:
        plan(within(), goals=[kpi.Goal(id="1", weight=10)])
    assert (
        str(caught.value)
        == "goals.0.id: no requirement names this goal, so its weight cannot be earned"
    )


@pytest.mark.parametrize(("goal", "own"), [(0, 5), (5, 0), (5, 5)])
def test_a_weight_stands_in_one_place(goal: int, own: int) -> None:
    """plan.py:313: also where one of the two is nothing."""
    with pytest.raises(
        kpi.PlanError, match=rf"targets\.0\.weight: goal 1 has the weight {goal}, which"
    ):
        plan(within(goal="1", weight=own), goals=[kpi.Goal(id="1", weight=goal)])


def test_some_of_a_plan_has_no_weights() -> None:
    """plan.py:250."""
    some = plan(within(weight=60), average(id="u", weight=40)).only("t")
    assert (some.leaves()[0].weight, list(some.remarks())) == (None, [])


def test_a_table_of_facts_that_only_conditions_read_is_read(tmp_path: Path) -> None:
    """plan.py:260."""
    target = within("1 month", on_condition={"that": "the system is in place", "fact": "system"})
    spans(("2017-01-01", "2017-01-02")).write_parquet(tmp_path / "cases.parquet")
    (tmp_path / "reported.csv").write_text(
        "target,done,condition\nsystem,,true\n", encoding="utf-8"
    )
    assert kpi.evaluate(asked(target), tmp_path)["t"].verdict == "met"
    assert list(asked(target).tables_read()) == ["reported", "cases"]


def test_where_a_part_has_an_id_that_is_taken() -> None:
    """plan.py:188."""
    with pytest.raises(
        kpi.PlanError, match=r"^targets\.1\.parts\.1\.id: duplicate id 'a': target number 1"
    ):
        plan(within(id="a"), kpi.Parts(id="1", parts=[within(id="b"), within(id="a")]))


def test_a_reading_on_condition_needs_the_table_of_facts() -> None:
    """plan.py:221."""
    target = within(readings=[{"name": "r", "on_condition": {"that": "it came about"}}])
    with pytest.raises(
        kpi.PlanError, match=r"targets\.0\.readings\.0\.on_condition: is told by the table"
    ):
        plan(target)


# target.py


def test_a_reading_is_a_target_without_readings_notes_or_weight() -> None:
    """target.py:302, 313 and 328."""
    reading = kpi.Reading("r", {"limit": "30 days"})
    target = within("1 month", note="as it stands", goal="1", weight=5, readings=[reading])
    other = target.under(reading)
    assert (other.note, other.goal, other.weight, other.readings) == (None, None, None, ())
    for changes in ({"readings": [{"name": "s", "limit": "1 day"}]}, {"without": ["goal"]}):
        with pytest.raises(kpi.PlanError, match="accepted"):
            target.under(kpi.Reading("r", changes))


def test_values_are_named_of_their_own_column() -> None:
    """target.py:275 and 284: those of a limit, and those that are ruled out."""
    target = within(by_type(visa="1 day"), where={"office": "N"}, unless={"office": "Q"})
    frame = spans(("2017-01-01", "2017-01-02")).with_columns(office=pl.lit("N"))
    notes = [n for n in kpi.evaluate(plan(target), frame).notes if "names what no row" in n]
    assert notes == ["cases.office: the plan names what no row holds: 'Q'"]


def test_a_part_has_no_goal_of_its_own() -> None:
    """target.py:393."""
    with pytest.raises(kpi.PlanError, match=r"parts\.1\.goal: a part has none of its own"):
        kpi.Parts(id="1", parts=[within(id="a"), within(id="b", goal="1")])


def test_a_condition_has_no_other_keys() -> None:
    """target.py:65."""
    with pytest.raises(kpi.PlanError, match="on_condition: accepted"):
        within(on_condition={"that": "it came about", "fct": "system"})


# asof.py, column_types.py

CALLS = kpi.Table("contacts", key="id", entry="arrived", events="served")


def wait(*targets: kpi.Target, tables: Any = (CALLS,), **more: Any) -> kpi.Plan:
    given: dict[str, Any] = {
        "limit": "12 minutes",
        "threshold": 80,
        "denominator": "cohort",
        **more,
    }
    target = kpi.Within(id="t", table="contacts", start="arrived", end="served", **given)
    return kpi.Plan(id="p", period="2017", tables=tables, targets=[target, *targets])


def test_what_is_served_on_the_as_of_date_is_served() -> None:
    """asof.py:67: also where others are served later."""
    at = dt.datetime(2017, 3, 1, 9)
    frame = pl.DataFrame(
        {
            "id": ["1", "2"],
            "arrived": [at, at],
            "served": [at + dt.timedelta(minutes=12), at + dt.timedelta(days=1)],
        }
    )
    found = kpi.evaluate(wait(), frame, "2017-03-01")["t"]
    assert (found.met, found.counted) == (1, 2)


def test_a_time_that_was_not_is_unknown_before_its_day() -> None:
    """asof.py:66: nobody knows yet that it will be half past two on 26 March 2017."""
    target = within("1 hour", denominator="cohort")
    frame = pl.DataFrame(
        {
            "case_id": ["1"],
            "filed": [dt.datetime(2017, 3, 1)],
            "documented": [None],
            "decided": [dt.datetime(2017, 3, 26, 2, 30)],
            "due": [None],
        },
        schema_overrides={"documented": pl.Date, "due": pl.Date},
    )
    assert one(target, frame, "2017-03-25").excluded == {}
    assert one(target, frame, "2017-03-26").excluded == {"no such local time": 1}


def test_nobody_was_served() -> None:
    """column_types.py:79: a column of nulls holds times as well as dates."""
    frame = pl.DataFrame({"id": ["1"], "arrived": [dt.datetime(2017, 3, 1, 9)], "served": [None]})
    assert frame.schema["served"] == pl.Null
    assert kpi.evaluate(wait(), frame)["t"].met == 0


@pytest.mark.parametrize(
    ("style", "arrived", "served"),
    [
        (None, "2017-03-01T09:00+01:00", "2017-03-01T09:12+01:00"),
        (None, "2017-03-01T08:00:00Z", "2017-03-01T09:12:00+01:00"),
        (None, "2017-03-01 09:00", "2017-03-01T08:12:00Z"),
        ("%d-%m-%Y %H:%M", "01-03-2017 09:00", "01-03-2017 09:12"),
    ],
)
def test_how_times_may_be_written(style: str | None, arrived: str, served: str) -> None:
    """column_types.py:169, 289 and 290: each column by itself."""
    table = evolve(CALLS, date_format=style)
    frame = pl.DataFrame({"id": ["1"], "arrived": [arrived], "served": [served]})
    trail = kpi.evaluate(wait(tables=[table]), frame).audit().collect()
    assert trail.select("met", "seconds").rows() == [(True, 720)]


def test_a_column_is_read_to_the_minute_in_its_own_table_alone() -> None:
    """column_types.py:59 and 281."""
    other = kpi.Table("visits", key="id", entry="arrived", events="served")
    visits = kpi.Within(
        id="v", table="visits", start="arrived", end="served", limit="1 day", threshold=50,
        where={"kind": "a"},
    )  # fmt: skip
    made = wait(visits, tables=[CALLS, other], where={"kind": "b"})
    at, on = dt.datetime(2017, 3, 1, 9), dt.date(2017, 3, 1)
    extract = {
        "contacts": pl.DataFrame({"id": ["1"], "arrived": [at], "served": [at], "kind": ["b"]}),
        "visits": pl.DataFrame({"id": ["1"], "arrived": [on], "served": [on], "kind": ["a"]}),
    }
    result = kpi.evaluate(made, extract)
    assert [t.verdict for t in result] == ["met", "met"]
    assert not [note for note in result.notes if "names what no row holds" in note]


def test_a_number_without_end_is_none() -> None:
    """column_types.py:243."""
    target = kpi.Reported(id="t", requires={"at_least": 7})
    frame = facts({"target": "t", "value": float("inf")})
    result = kpi.evaluate(asked(target), {"reported": frame})
    assert (result["t"].verdict, result["t"].rows) == ("not_assessable", 0)
    assert "reported: 1 of 1 row rejected: value is not a number" in result.notes


def test_an_empty_text_is_no_number_and_no_condition() -> None:
    """column_types.py:234 and 251."""
    target = kpi.Reported(id="t", requires={"at_most": 7}, on_condition={"that": "it came about"})
    frame = pl.DataFrame({"target": ["t", "u"], "value": ["6.9", ""], "condition": ["TRUE", ""]})
    table = kpi.Table("reported", key="target")
    made = kpi.Plan(id="p", period="2017", tables=[table], targets=[target])
    result = kpi.evaluate(made, {"reported": frame})
    assert (result["t"].verdict, result["t"].rows) == ("met", 2)
    assert not [note for note in result.notes if "rejected" in note]


# report/words.py


def shown(target: kpi.Target, *rows: dict[str, Any]) -> str:
    return words.value(kpi.evaluate(asked(target), {"reported": facts(*rows)})[target.id])


def test_the_words_for_what_people_report() -> None:
    """words.py:31 to 45."""
    milestone = kpi.Milestone(id="t", deadline={"through": "2017-06-30"})
    assert shown(milestone, {"target": "t", "done": "2017-06-30"}) == "done"
    assert shown(milestone, {"target": "t"}) == "not in time"
    assert shown(milestone) == "–"
    number = kpi.Reported(id="t", requires={"less_than": 7})
    for value, text in (
        (6.9, "6.9"),
        (7, "7"),
        (6.999999, "6.999999"),
        (-0.5, "-0.5"),
        (1200, "1200"),
    ):
        assert shown(number, {"target": "t", "value": value}) == text
    parts = kpi.Parts(id="1", parts=[milestone, evolve(milestone, id="u")])
    record = kpi.evaluate(asked(parts), {"reported": facts({"target": "t", "done": "2017-01-01"})})[
        "1"
    ]
    assert words.value(record) == "1 of 2"


def test_the_words_for_counts_and_changes() -> None:
    """words.py:39, 42 and 69."""
    frame = actions(*[("2017-01-01", "a")] * 1234)
    target = kpi.Count(id="t", table="actions", requires={"at_least": 1})
    made = kpi.Plan(id="p", period="2017", tables=[ACTIONS], targets=[target])
    assert words.value(kpi.evaluate(made, frame)["t"]) == "1,234"

    def change(base: int, more: int) -> str:
        stock = kpi.Stock(
            id="t", start="filed", end="decided", at={"end_of": "2017"},
            against={"end_of": "2016"}, change={"at_most": 10},
        )  # fmt: skip
        rows = [("2016-01-01", None)] * base + [("2017-01-01", None)] * more
        return words.value(one(stock, spans(*rows)))

    assert [change(10, 0), change(10, 1), change(1000, 101)] == ["0.0 %", "+10.0 %", "+10.1 %"]
    days = [("2017-01-01", "2017-01-02")] * 99 + [("2017-01-01", "2017-01-03")]
    assert words.value(one(average("1 day"), spans(*days))) == "1.01 days"


def test_nine_decimals_are_shown_where_it_takes_them() -> None:
    """words.py:75."""
    record = one(within(threshold=90), spans(("2017-01-01", "2017-01-02")))
    record = evolve(record, met=89_999_999_999, counted=100_000_000_000)
    assert words.value(record) == "89.999999999 %"


def test_the_words_for_figures() -> None:
    """words.py:132 to 137."""
    found = one(
        flow(), spans(("2017-01-01", "2017-01-02"), ("2017-01-01", None), ("2017-12-31", None))
    )
    said = words.figures(found)
    assert said.startswith("intake 3, output 1, open start 0, open end 2, clearance rate 33.3 %, ")
    assert said.endswith(
        "disposition time 730.0 days, mean age 182.0 days, median age 0 days, p90 age 364 days, backlog –"
    )
    own = one(average(by_type(visa="1 month")), spans(("2017-01-01", "2017-01-02")))
    assert words.figures(own) == "allowed 31 days"


def test_the_words_for_what_the_excluded_leave() -> None:
    """words.py:91."""
    kept = ("2017-01-01", "2017-01-02")
    assert words.share_range(one(within(), spans(kept))) == ""
    assert words.share_range(one(within(), spans(kept, (None, "2017-01-02")))) == "50.0–100.0 %"


def test_a_goal_heads_its_first_requirement() -> None:
    """words.py:114 to 118, and the score."""
    targets = [
        average(id="1a", goal="1"), average(id="1b", goal="1"),
        average(id="2", goal="2"),
        average(id="3a", goal="3", weight=20), average(id="3b", goal="3", weight=0),
    ]  # fmt: skip
    goals = [kpi.Goal(id="1", weight=50), kpi.Goal(id="2", weight=30), kpi.Goal(id="3")]
    result = kpi.evaluate(plan(*targets, goals=goals, weights="reconstructed"), spans())
    assert [(goal and goal.id, t.id, weight) for goal, t, weight in words.weighed(result)] == [
        ("1", "1a", ""), (None, "1b", ""), (None, "2", "30"), ("3", "3a", "20"), (None, "3b", "0"),
    ]  # fmt: skip
    assert result.score is not None
    assert words.score(result.score) == "0 of 100, on reconstructed weights"
    assert words.score(evolve(result.score, reconstructed=False)) == "0 of 100"


def test_the_latest_of_several_filing_dates_decides_what_cannot_be_missed() -> None:
    """within.py:220: a population of objects may hold a column twice, which no plan file can."""
    from kpi.conditions import Condition, Population  # noqa: PLC0415
    from kpi.periods import Window  # noqa: PLC0415

    dates = [Condition("filed", Window(since=day(text))) for text in ("2017-06-30", "2017-01-01")]
    target = within("7 months", where=Population(tuple(dates)))
    (said,) = target.remarks(plan(target))
    assert said.startswith("cannot be missed: no case falls due before 2018-01-30")


def test_limits_that_change_keep_to_days_or_to_the_clock() -> None:
    limit = {"dated": "filed", "first": "1 day", "since": {"2017-07-01": "2 hours"}}
    with pytest.raises(
        kpi.PlanError, match="limit: found limits in hours or minutes beside others"
    ):
        within(limit)


def test_a_reported_number_beyond_reason_is_rejected() -> None:
    target = kpi.Reported(id="t", requires={"at_least": 1})
    rows: list[dict[str, Any]] = [{"target": "t", "value": 9e15}, {"target": "u", "value": 1}]
    result = kpi.evaluate(asked(target), {"reported": facts(*rows)})
    assert result["t"].verdict == "not_assessable"
    assert result.facts["reported"].rejected == {"value is larger than 1,000,000,000,000": 1}


@pytest.mark.parametrize("odd", ["x\x1f=y", "\x1b1", "\x1b", "=", "\x1f\x1f"])
def test_a_value_of_each_may_be_any_text(odd: str) -> None:
    frame = cases({"case_type": odd, "filed": "2017-01-01", "decided": "2017-01-02"})
    (found,) = one(within("1 month", each="case_type"), frame).each
    assert found.group == {"case_type": odd}


@pytest.mark.parametrize(
    ("as_of", "undetermined", "counted"), [("2017-01-31", 1, 0), ("2017-02-01", 0, 1)]
)
def test_an_open_case_is_settled_on_the_day_after_its_due_date(
    as_of: str, undetermined: int, counted: int
) -> None:
    """S11: due on 31 January, and so certain to be late on 1 February."""
    found = one(within("30 days", denominator="settled"), spans(("2017-01-01", None)), as_of)
    assert (found.undetermined, found.counted) == (undetermined, counted)
