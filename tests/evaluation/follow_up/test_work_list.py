"""The work list of small plans, worked out by hand (F31 to F36, F60)."""

from __future__ import annotations

import datetime as dt
from typing import Any

import polars as pl
import pytest
from attrs import evolve

import kpi
from tests.evaluation.follow_up.small_plan import AS_OF, PLAN, cases


def day(number: int, month: int = 12) -> dt.date:
    """A day of December 2022, or of another month of that year."""
    return dt.date(2022, month, number)


def followed(plan: kpi.Plan, rows: Any, as_of: str = AS_OF, **more: Any) -> kpi.FollowUp:
    """The follow-up of a plan over its cases."""
    return kpi.follow(plan, rows, as_of, estimate=False, **more)


@pytest.fixture(scope="module")
def small() -> kpi.FollowUp:
    return followed(kpi.parse_plan(PLAN), cases())


def plan_of(*targets: kpi.Target, **more: Any) -> kpi.Plan:
    """A plan of the year 2022 over a table of cases."""
    table = kpi.Table("cases", key="case_id", entry="filed", events=("decided", "heard"), **more)
    return kpi.Plan(id="own", period="2022", tables=[table], targets=targets)


def table_of(*rows: tuple[Any, ...], columns: str = "case_id filed decided heard") -> pl.DataFrame:
    """A table of cases, a row each."""
    dates = dict.fromkeys(("filed", "decided", "heard"), pl.Date)
    return pl.DataFrame(rows, schema=columns.split(), orient="row", schema_overrides=dates)


SPAN = {"start": "filed", "end": "decided"}
COMPARED = "which is compared with a base, and has no limit that a case could keep"
WHILE_PAUSED = "without a due date while their pause runs, listed without a last day"


# F31, F35: what the list holds, and its order.


def test_a_row_per_case_with_the_targets_it_helps_and_hurts(small: kpi.FollowUp) -> None:
    rows = small.work().collect()
    # d is due on 25 December. e, of 3 December, was due on the 13th: under 2 it is late, and under the
    # mean it could not be decided within 10 days of the 3rd either. Target 5 is over.
    assert rows.select(
        "case", "group", "first_day", "last_day", "working_days_left", "helps", "hurts"
    ).rows() == [
        # 21 to 25 December: Wednesday to Friday, a Saturday, and Christmas Day.
        ("d", "in time", day(21), day(25), 3, "1, 3, 4", None),
        ("e", "late", None, None, None, None, "1, 2, 3, 4"),
    ]
    assert rows["targets"].to_list() == [
        "1: in time until 2022-12-25; 3: in time until 2022-12-25; 4: in time until 2022-12-25",
        "1: late; 2: late; 3: late; 4: late",
    ]
    assert rows["targets_helped"].to_list() == [3, 0]


def test_a_row_per_target_and_case_with_its_effect(small: kpi.FollowUp) -> None:
    rows = small.work("1", "2", by_target=True).collect()
    columns = [
        "target", "case", "start", "due", "in_time_met", "in_time_counted", "late_met",
        "late_counted", "effect_in_time", "effect_late",
    ]  # fmt: skip
    # At 40 % a late case costs 0.4 / 0.6 cases in time, at 90 % nine of them (F16, F32).
    assert rows.select(columns).rows() == [
        ("1", "d", day(15), day(25), 1, 1, 0, 1, 1.0, pytest.approx(-2 / 3)),
        ("1", "e", day(3), day(13), None, None, 0, 1, None, pytest.approx(-2 / 3)),
        ("2", "e", day(3), day(13), None, None, 0, 1, None, -9.0),
    ]
    assert small.work("4", by_target=True).select(
        "effect_in_time", "effect_late"
    ).collect().rows() == [
        # Decided on the 21st d takes 6 of its 10 days, and e 18.
        (4.0, None),
        (None, -8.0),
    ]


def test_an_id_that_the_plan_lacks(small: kpi.FollowUp) -> None:
    with pytest.raises(KeyError):
        small.work("7")


def test_the_order_is_by_group_last_day_targets_helped_and_key() -> None:
    plan = plan_of(
        kpi.Within(id="1", limit="20 days", threshold=90, **SPAN),
        kpi.Within(id="2", limit="30 days", threshold=90, **SPAN),
        kpi.Within(id="3", limit="20 days", threshold=90, where={"office": "north"}, **SPAN),
    )
    rows = table_of(
        ("late 1", day(20, 11), None, None, "south"),
        ("late 2", day(10, 11), None, None, "south"),
        ("c", day(10), None, None, "south"),
        ("b", day(10), None, None, "south"),
        ("z", day(10), None, None, "north"),
        ("a", day(9), None, None, "south"),
        columns="case_id filed decided heard office",
    )
    listed = followed(plan, rows, "2022-12-20").work().collect()
    assert listed.select("case", "group", "last_day").rows() == [
        # Late under the first, and due in 30 days on the 20th: over; so both are late, oldest first.
        ("a", "in time", day(29)),
        # Of 30 December: first the one that helps three targets, then by key.
        ("z", "in time", day(30)),
        ("b", "in time", day(30)),
        ("c", "in time", day(30)),
        ("late 2", "late", None),
        ("late 1", "late", None),
    ]


def test_a_case_counts_only_from_the_first_day_of_the_window() -> None:
    plan = plan_of(kpi.Within(id="1", limit="30 days", threshold=90, window="2022-12", **SPAN))
    rows = table_of(("a", day(5, 11), None, None), ("b", day(1, 11), None, None))
    (a, b) = followed(plan, rows, "2022-11-10").work().collect().to_dicts()
    # b, of the 1st, is due on 1 December: on the first day of the window alone.
    assert (a["case"], a["first_day"], a["last_day"]) == ("b", day(1), day(1))
    assert (b["case"], b["first_day"], b["last_day"]) == ("a", day(1), day(5))


def test_a_case_without_a_start_is_listed_as_not_started() -> None:
    plan = plan_of(kpi.Within(id="1", limit="10 days", threshold=90, start="heard", end="decided"))
    rows = table_of(("a", day(1), None, None), ("b", day(1), None, day(15)))
    listed = followed(plan, rows).work().select("case", "group", "start", "last_day").collect()
    assert listed.rows() == [("b", "in time", day(15), day(25)), ("a", "not started", None, None)]


def test_what_the_list_does_not_hold_is_said(small: kpi.FollowUp) -> None:
    notes = [str(note) for note in small.with_workload(1).notes if note.code == "work-not-listed"]
    # d was filed on the 15th, and 2 is about those of before; 5 ended in November.
    assert notes == ["work list: no cases of 5, which is over"]


def test_an_open_case_that_counts_as_missed_whatever_is_done_is_counted_and_not_listed() -> None:
    cohort = kpi.Within(id="1", limit="10 days", threshold=90, denominator="cohort", **SPAN)
    then = followed(plan_of(cohort), cases().with_columns(heard=None).cast({"heard": pl.Date}))
    found = then.with_workload(1)
    assert then.work().collect()["case"].to_list() == ["d"]
    assert [str(n) for n in found.notes if n.code == "work-not-listed"] == [
        "work list: open cases whose deciding changes nothing any more, not listed: 1 of 1"
    ]


def test_a_decided_case_that_waits_for_another_date_is_counted_and_not_listed() -> None:
    target = kpi.Within(
        id="1", limit="10 days", threshold=90, where={"heard": {"through": day(31)}}, **SPAN
    )
    rows = table_of(("a", day(1), day(5), None), ("b", day(15), None, None))
    then = followed(plan_of(target), rows)
    assert then.work().collect()["case"].to_list() == ["b"]
    assert [str(n) for n in then.with_workload(1).notes if n.code == "work-not-listed"] == [
        "work list: decided cases that wait for another date, not listed: 1 of 1"
    ]


def test_targets_without_cases_are_named() -> None:
    plan = kpi.parse_plan(
        PLAN
        + """
[tables.reported]
key = "target"
events = ["done"]

[tables.slots]
key = "day"
entry = "day"
dates = ["next_free"]

[[targets]]
id = "6"
rule = "milestone"
deadline = { through = 2022-12-31 }

[[targets]]
id = "7"
rule = "within"
start = "filed"
end = "decided"
limit = "10 days"

[[targets]]
id = "8"
rule = "count"
on = "decided"
requires = { at_least = 1, at_most = 9 }

[[targets]]
id = "9"
rule = "average"
mean_of_means = "office"
start = "filed"
end = "decided"
limit = "10 days"

[[targets]]
id = "10"
rule = "average"
start = "filed"
end = "decided"
against = "2021"
change = { at_most = 0 }

[[targets]]
id = "11"
rule = "every_working_day"
table = "slots"
start = "day"
end = "next_free"
limit = "10 days"
"""
    )
    found = followed(plan, {"cases": cases()}).with_workload(1)
    assert [str(note) for note in found.notes if note.code == "work-not-listed"] == [
        "work list: no cases of 5, which is over",
        "work list: no cases of 6, which is reported by people, and has no cases",
        "work list: no cases of 7, which asks for nothing",
        "work list: no cases of 8, which asks for a number between two bounds",
        "work list: no cases of 9, which has a figure to which no case adds a part of its own",
        f"work list: no cases of 10, {COMPARED}",
        "work list: no cases of 11, which has days for rows, and no cases",
    ]


def test_several_targets_that_are_left_out_agree_in_number() -> None:
    over = [
        kpi.Within(id=name, limit="10 days", threshold=90, window="2021", **SPAN) for name in "56"
    ]
    indicators = [kpi.Within(id=name, limit="10 days", **SPAN) for name in "78"]
    own = plan_of(kpi.Within(id="1", limit="10 days", threshold=90, **SPAN), *over, *indicators)
    found = followed(own, {"cases": cases()}).with_workload(1)
    assert [str(note) for note in found.notes if note.code == "work-not-listed"] == [
        "work list: no cases of 5, 6, which are over",
        "work list: no cases of 7, 8, which ask for nothing",
    ]


def test_a_plan_whose_table_is_missing_lists_nothing_and_says_so() -> None:
    other = kpi.Table("appeals", key="id", entry="lodged", events="closed")
    target = kpi.Within(
        id="2", table="appeals", start="lodged", end="closed", limit="9 days", threshold=9
    )
    base = plan_of(kpi.Within(id="1", limit="10 days", threshold=90, **SPAN))
    plan = kpi.Plan(
        id="own", period="2022", tables=[*base.tables, other], targets=[*base.targets, target]
    )
    then = followed(plan, {"cases": table_of(("a", day(15), None, None))})
    assert then.work().collect()["case"].to_list() == ["a"]
    assert [str(n) for n in then.with_workload(1).notes if n.code == "work-not-listed"] == [
        "work list: no cases of 2, which needs a table that is missing: appeals"
    ]
    assert then.work("2").collect().height == 0
    assert then.work("2", by_target=True).collect().height == 0


def test_a_series_is_listed_for_the_whole_window() -> None:
    target = kpi.Within(id="1", limit="10 days", threshold=90, every="quarter", **SPAN)
    then = followed(plan_of(target), table_of(("a", day(15), None, None)))
    assert then.work().collect()["last_day"].to_list() == [day(25)]
    assert [str(n) for n in then.with_workload(1).notes if n.code == "work-not-listed"] == [
        "work list: the periods of 1 are not told apart: the list is of the whole window"
    ]


def test_a_result_of_states_has_no_list() -> None:
    plan = kpi.parse_plan(PLAN)
    result = kpi.finish(kpi.partial(plan, cases(), AS_OF))
    then = evolve(followed(plan, cases()), result=result)
    with pytest.raises(kpi.KpiError, match="no work list: this result was finished from states"):
        then.work()


# F31: every kind of limit and denominator.


def last_days(target: kpi.Target, *rows: tuple[Any, ...], as_of: str = AS_OF) -> list[Any]:
    """The case, group and last day of each listed case."""
    then = followed(plan_of(target), table_of(*rows), as_of)
    return then.work().select("case", "group", "last_day").collect().rows()


@pytest.mark.parametrize(
    ("limit", "last"),
    [
        ("3 weeks", day(22)),
        # Month ends (S4): a month after 1 December lies beyond the year, whose end is the last day.
        ("1 month", day(31)),
        # The first working day after Thursday 1 December is Friday the 2nd, the 15th Thursday the 22nd.
        ("15 working days", day(22)),
        ("20 days", day(21)),
    ],
)
def test_the_last_day_by_each_unit(limit: str, last: dt.date) -> None:
    target = kpi.Within(id="1", limit=limit, threshold=90, **SPAN)
    assert last_days(target, ("a", day(1), None, None)) == [("a", "in time", last)]


def test_the_last_day_by_the_clock_is_the_day_on_which_the_time_is_up() -> None:
    target = kpi.Within(id="1", limit="48 hours", threshold=90, **SPAN)
    rows = pl.DataFrame(
        {
            "case_id": ["a"],
            "filed": [dt.datetime(2022, 12, 20, 15)],
            "decided": [None],
            "heard": [None],
        },
        schema_overrides={"decided": pl.Datetime, "heard": pl.Datetime},
    )
    then = followed(plan_of(target), rows)
    # Until 15 o'clock on the 22nd.
    assert then.work().select("group", "last_day").collect().rows() == [("in time", day(22))]


def test_a_limit_backwards() -> None:
    span = kpi.Before(kpi.Span(days=5))
    table = kpi.Table("cases", key="case_id", entry="filed", events="decided", dates="heard")
    target = kpi.Within(id="1", limit=span, threshold=90, start="heard", end="decided")
    plan = kpi.Plan(id="own", period="2022", tables=[table], targets=[target])
    rows = table_of(("a", day(1), None, day(29)), ("b", day(1), None, day(24)))
    listed = followed(plan, rows).work().select("case", "group", "last_day").collect()
    # Heard on the 29th it is to be decided by the 24th; heard on the 24th, by the 19th.
    assert listed.rows() == [("a", "in time", day(24)), ("b", "late", None)]


@pytest.mark.parametrize(
    ("denominator", "listed"),
    [
        # a is due on 25 December; b was due on the 14th, c is due on 2 January.
        ("closed", [("a", "in time", day(25)), ("c", "in time", day(31)), ("b", "late", None)]),
        ("cohort", [("a", "in time", day(25)), ("c", "in time", day(31))]),
        ("overdue", [("a", "in time", day(25)), ("c", "in time", day(31))]),
        # The due date of c lies outside the year.
        ("due", [("a", "in time", day(25))]),
        # c in time counts on its end, else on 3 January.
        ("settled", [("a", "in time", day(25)), ("c", "in time", day(31))]),
    ],
)
def test_the_groups_under_each_denominator(denominator: Any, listed: list[Any]) -> None:
    target = kpi.Within(id="1", limit="20 days", threshold=90, denominator=denominator, **SPAN)
    rows = [("a", day(5)), ("b", day(24, 11)), ("c", day(13))]
    assert last_days(target, *((*row, None, None) for row in rows)) == listed


def test_open_cases_at_a_day() -> None:
    target = kpi.Within(
        id="1",
        limit="10 days",
        threshold=90,
        denominator="open",
        at={"end_of": "2022-12-31"},
        **SPAN,
    )
    # a, due on 20 December, is a miss if it is still open: deciding it by the 31st helps. b, due on
    # 2 January, would be in time, and deciding it takes it away.
    listed = last_days(
        target, ("a", day(10), None, None), ("b", day(23), None, None), as_of="2022-12-24"
    )
    assert listed == [("a", "in time", day(31)), ("b", "against", None)]


def test_numbers_of_rows() -> None:
    rows = [("a", day(5), None, None), ("b", day(6), None, None)]
    most = kpi.Stock(id="1", at={"end_of": "2022-12-31"}, level={"at_most": 1}, **SPAN)
    least = kpi.Stock(id="1", at={"end_of": "2022-12-31"}, level={"at_least": 1}, **SPAN)
    assert last_days(most, *rows) == [("a", "in time", day(31)), ("b", "in time", day(31))]
    assert last_days(least, *rows) == [("a", "against", None), ("b", "against", None)]
    hurt = followed(plan_of(least), table_of(*rows)).work().collect()
    assert hurt["hurts"].to_list() == ["1", "1"]
    decided = kpi.Count(id="1", on="decided", requires={"at_least": 2})
    assert last_days(decided, *rows) == [("a", "in time", day(31)), ("b", "in time", day(31))]
    effects = followed(plan_of(decided), table_of(*rows)).work(by_target=True).collect()
    assert effects.select("in_time_met", "in_time_counted", "effect_in_time").rows() == [
        (None, 1, 1.0),
        (None, 1, 1.0),
    ]
    late = kpi.Within(id="1", limit="10 days", late={"at_most": 0}, **SPAN)
    effects = followed(plan_of(late), table_of(*rows)).work(by_target=True).collect()
    assert effects.select("group", "late_counted", "effect_late").rows() == [
        ("late", 1, -1.0),
        ("late", 1, -1.0),
    ]


def test_a_share_of_a_property_has_no_late_cases() -> None:
    target = kpi.Share(id="1", on="decided", having={"office": "north"}, threshold=50)
    rows = table_of(
        ("a", day(5), None, None, "north"),
        ("b", day(6), None, None, "south"),
        columns="case_id filed decided heard office",
    )
    listed = followed(plan_of(target), rows).work().select("case", "group", "last_day").collect()
    assert listed.rows() == [("a", "in time", day(31)), ("b", "against", None)]


def test_a_clearance_counts_each_case_once() -> None:
    target = kpi.Clearance(
        id="1", open_at={"start_of": "2022-12"},
        deadline={"through": day(31)}, threshold=90, **SPAN,
    )  # fmt: skip
    rows = table_of(("a", day(5, 11), None, None), ("b", day(6), None, None))
    listed = followed(plan_of(target), rows).work().collect()
    assert listed.select("case", "last_day", "effect_in_time").rows() == [("a", day(31), 1.0)]


def test_at_a_threshold_of_all_no_case_in_time_makes_up_for_a_late_one() -> None:
    target = kpi.Within(id="1", limit="20 days", threshold=100, **SPAN)
    rows = table_of(("a", day(5), None, None))
    listed = followed(plan_of(target), rows).work(by_target=True).collect()
    assert listed.select("in_time_met", "late_counted", "effect_in_time").rows() == [(1, 1, None)]


def test_a_case_counts_as_its_persons() -> None:
    target = kpi.Within(id="1", limit="20 days", threshold=90, count_as="persons", **SPAN)
    rows = table_of(("a", day(5), None, None, 3), columns="case_id filed decided heard persons")
    listed = followed(plan_of(target), rows).work(by_target=True).collect()
    assert listed.select(
        "in_time_met", "in_time_counted", "effect_in_time", "effect_late"
    ).rows() == [(3, 3, 3.0, -27.0)]


def test_thresholds_by_value_have_effects_of_their_own() -> None:
    thresholds = {"by": "office", "thresholds": {"north": 90, "south": 50}}
    target = kpi.Within(id="1", limit="20 days", threshold=thresholds, each="office", **SPAN)
    rows = table_of(
        ("a", day(5), None, None, "north"),
        ("b", day(6), None, None, "south"),
        columns="case_id filed decided heard office",
    )
    then = followed(plan_of(target), rows)
    assert then.work(by_target=True).collect()["effect_late"].to_list() == [-9.0, -1.0]
    load = then.with_workload(1)["1"].load
    assert load is not None
    assert load.in_time_needed is None


def test_percentiles_and_means_of_the_fastest_have_no_effect_of_single_cases() -> None:
    for target in (
        kpi.Percentile(id="1", percentile=80, limit="10 days", **SPAN),
        kpi.Average(id="1", fastest=95, limit="10 days", **SPAN),
    ):
        listed = followed(plan_of(target), table_of(("a", day(15), None, None))).work().collect()
        assert listed.select("group", "last_day", "effect_in_time").rows() == [
            ("in time", day(25), None)
        ]


def test_a_mean_in_months_and_in_working_days() -> None:
    months = kpi.Average(id="1", limit="1 month", **SPAN)
    assert last_days(months, ("a", day(25, 11), None, None)) == [("a", "in time", day(25))]
    working = kpi.Average(id="1", limit="15 working days", **SPAN)
    assert last_days(working, ("a", day(1), None, None)) == [("a", "in time", day(22))]


def test_a_repeated_case_is_of_no_effect() -> None:
    target = kpi.Within(id="1", limit="20 days", threshold=90, **SPAN)
    rows = [("a", day(5), None, None), ("a", day(5), None, None), ("b", day(5), None, None)]
    assert last_days(target, *rows) == [("b", "in time", day(25))]


# S14: pauses.


def test_pauses_up_to_the_day_move_the_last_day_and_a_running_one_leaves_none() -> None:
    target = kpi.Within(id="1", limit="10 days", threshold=90, pauses=("waits",), **SPAN)
    waits = kpi.Table("waits", key="case_id", entry="since", events="until", pauses="cases")
    tables = [kpi.Table("cases", key="case_id", entry="filed", events="decided"), waits]
    plan = kpi.Plan(id="own", period="2022", tables=tables, targets=[target])
    rows = table_of(
        ("a", day(12), None, None), ("b", day(12), None, None), ("c", day(14), None, None)
    )
    paused = pl.DataFrame(
        {"case_id": ["a", "b"], "since": [day(15), day(15)], "until": [day(18), None]},
        schema_overrides={"until": pl.Date},
    )
    then = followed(plan, {"cases": rows, "waits": paused})
    assert then.work().select("case", "group", "last_day").collect().rows() == [
        ("c", "in time", day(24)),
        # 22 December, and the three days of the 15th to the 17th.
        ("a", "in time", day(25)),
        ("b", "paused", None),
    ]
    assert [str(n) for n in then.with_workload(1).notes if n.code == "work-not-listed"] == [
        f"work list: open cases {WHILE_PAUSED}: 1 of 1"
    ]
