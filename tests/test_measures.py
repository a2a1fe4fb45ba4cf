"""Every measure on cases that can be checked by hand: S16 to S18, S22 to S24 and the flow figures."""

from __future__ import annotations

import datetime as dt
from typing import Any

import polars as pl
import pytest

import kpi
from tables import average, cases, one, plan, spans, trail


def days(*lengths: int, ended: str = "2017-06-30") -> pl.DataFrame:
    """Cases that took so many days and ended on one day."""
    end = dt.date.fromisoformat(ended)
    return spans(*((str(end - dt.timedelta(n)), ended) for n in lengths))


def percentile(q: Any, limit: str = "30 days", **more: Any) -> kpi.Percentile:
    given = {"id": "t", "start": "filed", "end": "decided", **more}
    return kpi.Percentile(percentile=q, limit=limit, **given)


# The average of the fastest: S17


@pytest.mark.parametrize(
    ("rounding", "n", "kept"),
    [
        ("up", 10, 10),  # 9.5
        ("down", 10, 9),
        ("nearest", 10, 10),
        ("nearest", 9, 9),  # 8.55
        ("up", 20, 19),  # exactly 19
        ("down", 20, 19),
        ("nearest", 21, 20),  # 19.95
        ("up", 21, 20),
        ("down", 21, 19),
        ("nearest", 4, 4),  # 3.8
        ("down", 1, 0),
    ],
)
def test_the_fastest_are_so_many(rounding: str, n: int, kept: int) -> None:
    found = one(average("30 days", fastest=95, rounding=rounding), days(*range(1, n + 1)))
    assert found.counted == kept
    assert found.excluded == ({"beyond the fastest 95 %": n - kept} if n > kept else {})
    assert found.total == sum(range(1, kept + 1))


def test_the_verdict_is_on_the_fastest_alone() -> None:
    lengths = [10] * 19 + [1000]
    assert one(average("10 days", fastest=95), days(*lengths)).verdict == "met"
    assert one(average("10 days"), days(*lengths)).verdict == "missed"
    assert one(average("10 days", fastest=95), days(*lengths[:-1], 1000, 1000)).verdict == "missed"


def test_none_left_of_the_fastest_is_not_assessable() -> None:
    found = one(average("10 days", fastest=50, rounding="down"), days(3))
    assert (found.counted, found.value, found.verdict) == (0, None, "not_assessable")
    assert found.excluded == {"beyond the fastest 50 %": 1}


def test_among_equals_at_the_boundary_the_keys_decide() -> None:
    target = average("10 days", fastest=50)
    frame = days(7, 7, 7, 1)
    rows = {row["case"]: row for row in trail(target, frame)}
    assert {case for case, row in rows.items() if row["bucket"] == "counted"} == {"4", "1"}
    assert rows["2"]["reason"] == rows["3"]["reason"] == "beyond the fastest 50 %"
    backwards = {row["case"]: row for row in trail(target, frame.reverse())}
    assert backwards == rows
    found = one(target, frame)
    assert (found.counted, found.total) == (2, 8)


def test_each_part_is_trimmed_by_itself() -> None:
    frame = cases(
        *({"case_type": "a", "filed": "2017-01-01", "decided": f"2017-01-{n:02}"} for n in (2, 3)),
        *({"case_type": "b", "filed": "2017-01-01", "decided": f"2017-01-{n}"} for n in (21, 31)),
    )
    found = one(average("10 days", fastest=50, each="case_type"), frame)
    assert [(e.group["case_type"], e.counted, e.total, e.verdict) for e in found.each] == [
        ("a", 1, 1, "met"),
        ("b", 1, 20, "missed"),
    ]
    assert (found.counted, found.total, found.verdict) == (2, 21, "missed")
    assert one(average("10 days", fastest=50), frame).total == 1 + 2
    counted = [
        row["case"]
        for row in trail(average("10 days", fastest=50, each="case_type"), frame)
        if row["bucket"] == "counted"
    ]
    assert counted == ["1", "3"]


def test_merged_states_are_trimmed_as_the_whole() -> None:
    asked = plan(average("10 days", fastest=95))
    frame = days(*range(1, 41))
    parts = [kpi.partial(asked, frame[n::3]) for n in range(3)]
    merged, whole = kpi.finish(kpi.merge(*parts))["t"], kpi.evaluate(asked, frame)["t"]
    assert (merged.counted, merged.total) == (whole.counted, whole.total) == (38, 741)


def test_the_fastest_want_a_limit_in_days() -> None:
    with pytest.raises(kpi.PlanError, match="a limit in days or weeks"):
        average("4 months", fastest=95)


# How percentiles are counted, S18


@pytest.mark.parametrize(
    ("q", "value"),
    [(80, 8), (50, 5), (90, 9), (1, 1), (100, 10), (80.1, 9), (10, 1), (10.01, 2)],
)
def test_a_percentile_is_the_kth_duration(q: float, value: int) -> None:
    found = one(percentile(q), days(10, 9, 8, 7, 6, 5, 4, 3, 2, 1))
    assert (found.value, found.unit, found.counted) == (value, "days", 10)


def test_a_percentile_is_never_interpolated() -> None:
    assert one(percentile(50), days(1, 100)).value == 1
    assert one(percentile(51), days(1, 100)).value == 100


def test_a_percentile_against_its_limit() -> None:
    frame = days(*[30] * 8, 31, 31)
    assert one(percentile(80), frame).verdict == "met"
    assert one(percentile(80.01), frame).verdict == "missed"
    assert one(percentile(80), spans()).verdict == "not_assessable"
    assert one(percentile(80), spans(("2017-01-01", None))).verdict == "not_assessable"


@pytest.mark.parametrize("limit", ["7 months", "12 minutes", "1 month and 2 days"])
def test_a_percentile_is_in_days(limit: str) -> None:
    with pytest.raises(kpi.PlanError, match="the rule 'within' asks the same"):
        percentile(80, limit)


# What is counted and when, S23

ACTIONS = kpi.Table("actions", key="action_id", entry="done")


def actions(*rows: tuple[str | None, str, str | None]) -> pl.DataFrame:
    made = [
        {"action_id": str(n), "done": done and dt.date.fromisoformat(done), "kind": k, "person": p}
        for n, (done, k, p) in enumerate(rows)
    ]
    kinds = {"action_id": pl.String, "done": pl.Date, "kind": pl.String, "person": pl.String}
    return pl.DataFrame(made, schema=kinds)


def counted(frame: pl.DataFrame, as_of: str | None = None, **more: Any) -> kpi.TargetResult:
    given = {"requires": {"at_least": 2}, **more}
    target = kpi.Count(id="t", table="actions", where={"kind": "check"}, **given)
    made = kpi.Plan(id="p", period="2017", tables=[ACTIONS], targets=[target])
    return kpi.evaluate(made, frame, as_of)["t"]


def test_a_count_is_of_rows_in_the_window() -> None:
    frame = actions(
        ("2016-12-31", "check", None),
        ("2017-01-01", "check", None),
        ("2017-12-31", "check", None),
        ("2018-01-01", "check", None),
        ("2017-06-01", "other", None),
        (None, "check", None),
    )
    found = counted(frame)
    assert (found.value, found.unit, found.counted, found.verdict) == (2, "count", 2, "met")
    assert counted(frame, requires={"more_than": 2}).verdict == "missed"
    assert counted(frame, requires={"less_than": 2}).verdict == "missed"
    assert counted(frame, requires={"at_most": 2}).verdict == "met"
    assert counted(frame, "2017-06-30").verdict == "open"


def test_a_count_of_zero_is_a_value() -> None:
    frame = actions(("2017-06-01", "other", None))
    assert (counted(frame).value, counted(frame).verdict) == (0, "missed")
    assert counted(frame, requires={"at_most": 0}).verdict == "met"


def test_a_person_counts_once() -> None:
    frame = actions(
        ("2016-05-01", "check", "A"),  # before the window, and so not A's first in it
        ("2017-05-01", "check", "A"),
        ("2017-06-01", "check", "A"),
        ("2017-06-01", "check", "B"),
        ("2017-07-01", "check", None),
    )
    found = counted(frame, distinct="person", requires={"at_least": 3})
    assert (found.counted, found.verdict) == (2, "missed")
    assert found.excluded == {"counted already": 1, "person missing": 1}
    assert counted(frame, requires={"at_least": 3}).counted == 4


def test_a_count_needs_a_date() -> None:
    table = kpi.Table("actions", key="action_id", dates="done")
    target = kpi.Count(id="t", table="actions", requires={"at_least": 1})
    made = kpi.Plan(id="p", period="2017", tables=[table], targets=[target])
    with pytest.raises(kpi.DataError, match="actions: the table declares no entry; say with 'on'"):
        kpi.evaluate(made, actions())
    named = kpi.Count(id="t", table="actions", on="done", requires={"at_least": 1})
    made = kpi.Plan(id="p", period="2017", tables=[table], targets=[named])
    assert kpi.evaluate(made, actions(("2017-01-01", "check", None)))["t"].verdict == "met"


# A share of a condition


def test_a_share_of_a_condition() -> None:
    table = kpi.Table("sample", key="case_id", entry="checked")
    target = kpi.Share(id="t", table="sample", having={"passed": True}, threshold=75)
    made = kpi.Plan(id="p", period="2018", tables=[table], targets=[target])
    day = dt.date(2018, 5, 1)
    frame = pl.DataFrame(
        {
            "case_id": ["1", "2", "3", "4", "5"],
            "checked": [day, day, day, day, dt.date(2017, 12, 31)],
            "passed": [True, True, True, None, True],
        }
    )
    found = kpi.evaluate(made, frame)["t"]
    assert (found.met, found.counted, found.verdict) == (3, 4, "met")
    worse = frame.with_columns(passed=pl.Series([True, True, False, None, True]))
    assert kpi.evaluate(made, worse)["t"].verdict == "missed"
    assert kpi.evaluate(made, frame.clear())["t"].verdict == "not_assessable"


# Who is in the stock and how it changed, S22

STAYS = kpi.Table("stays", key="person", entry="entered", events="left")


def stays(*rows: tuple[str | None, str | None]) -> pl.DataFrame:
    made = [
        {"person": str(n), "entered": e and dt.date.fromisoformat(e), "left": f and dt.date.fromisoformat(f)}
        for n, (e, f) in enumerate(rows)
    ]  # fmt: skip
    return pl.DataFrame(made, schema={"person": pl.String, "entered": pl.Date, "left": pl.Date})


def stock(frame: pl.DataFrame, as_of: str | None = None, **more: Any) -> kpi.TargetResult:
    given = {"at": {"end_of": "2022"}, **more}
    target = kpi.Stock(id="t", table="stays", start="entered", end="left", **given)
    made = kpi.Plan(id="p", period="2022", tables=[STAYS], targets=[target])
    return kpi.evaluate(made, frame, as_of)["t"]


FALL: dict[str, Any] = {"against": {"end_of": "2021"}, "change": {"at_most": -10}}


def test_the_stock_is_who_entered_by_the_day_and_had_not_left() -> None:
    frame = stays(
        ("2022-12-31", None),  # entered on the day: in
        ("2023-01-01", None),  # not yet
        ("2022-01-01", "2022-12-31"),  # left on the day: out
        ("2022-01-01", "2023-01-01"),  # left the day after: in
        ("2022-05-05", "2022-05-05"),  # came and went
    )
    found = stock(frame, "2023-06-30", level={"at_most": 2})
    assert (found.value, found.verdict, found.figures) == (2, "met", {"stock": 2, "base": None})
    assert (found.rows, found.outside, found.counted) == (5, 3, 2)
    assert stock(frame, "2023-06-30", level={"less_than": 2}).verdict == "missed"


@pytest.mark.parametrize(
    ("base", "end", "value", "verdict"),
    [
        (806, 548, (548 - 806) / 806, "met"),
        (10, 9, -0.1, "met"),
        (1000, 901, -0.099, "missed"),
        (10, 10, 0.0, "missed"),
        (10, 0, -1.0, "met"),
    ],
)
def test_the_change_of_a_stock(base: int, end: int, value: float, verdict: str) -> None:
    stayed, left = ("2020-01-01", None), ("2020-01-01", "2022-06-01")
    found = stock(stays(*[stayed] * end, *[left] * (base - end)), **FALL)
    assert (found.value, found.verdict) == (value, verdict)
    assert found.figures == {"stock": end, "base": base}


def test_rejected_asylum_seekers_in_return_position() -> None:
    """806 at the end of 2021, 548 at the end of 2022: a fall of 32.0 %."""
    left = [("2020-01-01", "2022-06-01")] * 306
    found = stock(stays(*[("2020-01-01", None)] * 500, *left, *[("2022-06-01", None)] * 48), **FALL)
    assert found.figures == {"stock": 548, "base": 806}
    assert (round(100 * (found.value or 0), 1), found.verdict) == (-32.0, "met")


def test_a_base_of_zero_is_not_assessable() -> None:
    found = stock(stays(("2022-01-01", None)), **FALL)
    assert (found.value, found.verdict) == (None, "not_assessable")
    assert found.figures == {"stock": 1, "base": 0}
    assert stock(stays(), level={"at_most": 0}).verdict == "met"


def test_who_left_before_entering_is_excluded() -> None:
    frame = stays(("2022-05-01", "2022-04-01"), (None, None), (None, "2021-01-01"))
    found = stock(frame, **FALL)
    assert found.excluded == {"end before start": 1, "start missing": 1}
    assert (found.outside, found.counted) == (1, 0)


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"level": {"at_most": 1}, **FALL},
        {"change": {"at_most": -10}},
        {"level": {"at_most": 1}, "against": {"end_of": "2021"}},
        {"against": {"end_of": "2022"}, "change": {"at_most": -10}},
    ],
)
def test_a_stock_is_held_to_a_level_or_to_a_change(wrong: dict[str, Any]) -> None:
    with pytest.raises(kpi.PlanError):
        stock(stays(), **wrong)


# Every working day: S24

SLOTS = kpi.Table("slots", key="date", entry="date", dates="next_free")
WEEK = {"since": dt.date(2022, 5, 23), "through": dt.date(2022, 5, 29)}  # Thursday is Ascension Day


def slots(**free: int | None) -> pl.DataFrame:
    """Days of May 2022 with the days until the next free appointment; None: there was none."""
    day = {n: dt.date(2022, 5, int(n[1:])) for n in free}
    made = [
        {"date": day[n], "next_free": None if f is None else day[n] + dt.timedelta(f)}
        for n, f in free.items()
    ]
    return pl.DataFrame(made, schema={"date": pl.Date, "next_free": pl.Date})


def each_day(frame: pl.DataFrame, as_of: str = "2022-05-31", **more: Any) -> kpi.TargetResult:
    given = {"window": WEEK, "limit": "3 weeks", **more}
    target = kpi.EveryWorkingDay(id="t", table="slots", start="date", end="next_free", **given)
    made = kpi.Plan(id="p", period="2022", tables=[SLOTS], targets=[target])
    return kpi.evaluate(made, frame, as_of)["t"]


def test_every_working_day_of_the_week_of_ascension() -> None:
    found = each_day(slots(d23=21, d24=0, d25=21, d26=99, d27=20, d28=99, d29=99))
    assert (found.counted, found.outside, found.verdict) == (4, 3, "met")
    assert found.figures == {"working_days": 4, "missing_days": 0}


def test_one_day_over_the_limit_is_a_miss_whatever_else_is_missing() -> None:
    found = each_day(slots(d23=22))
    assert (found.verdict, found.figures) == ("missed", {"working_days": 4, "missing_days": 3})
    assert each_day(slots(d23=21, d24=1, d25=1, d27=None)).verdict == "missed"


def test_a_working_day_without_a_row_cannot_be_assessed() -> None:
    found = each_day(slots(d23=21, d24=1, d25=1))
    assert (found.verdict, found.figures) == (
        "not_assessable",
        {"working_days": 4, "missing_days": 1},
    )
    assert found.remarks == ("1 of 4 working days have no row that counts",)
    assert each_day(slots()).verdict == "not_assessable"


def test_which_days_are_working_days_is_declared() -> None:
    week = {"d23": 1, "d24": 1, "d25": 1, "d27": 1}
    friday_off = {"name": "denmark", "off": ["friday after ascension"]}
    assert each_day(slots(**week | {"d27": 99}), calendar=friday_off).verdict == "met"
    assert each_day(slots(**week | {"d27": 99})).verdict == "missed"
    saturdays = {"name": "denmark", "saturdays": True}
    assert each_day(slots(**week), calendar=saturdays).verdict == "not_assessable"
    assert each_day(slots(**week, d28=1), calendar=saturdays).verdict == "met"
    # Ascension Day is a holiday in Sweden too, and no day in the United Kingdom.
    assert each_day(slots(**week), calendar="sweden").verdict == "met"
    assert each_day(slots(**week), calendar="united kingdom").verdict == "not_assessable"


def test_the_days_up_to_the_as_of_date() -> None:
    found = each_day(slots(d23=1, d24=1, d25=99), "2022-05-24")
    assert (found.counted, found.verdict) == (2, "open")
    assert found.figures == {"working_days": 2, "missing_days": 0}


def test_a_day_twice_is_a_day_without_a_row() -> None:
    frame = pl.concat([slots(d23=1, d24=1, d25=1, d27=1), slots(d27=2)])
    found = each_day(frame)
    assert (found.excluded, found.verdict) == ({"repeated id": 2}, "not_assessable")


@pytest.mark.parametrize(
    ("day", "working"),
    [
        ("2023-05-05", False),  # Store Bededag, the fourth Friday after Easter: for the last time
        ("2024-04-26", True),  # the fourth Friday after Easter
        ("2022-06-05", False),  # a Sunday
        ("2023-06-05", True),  # Grundlovsdag: an option
        ("2022-12-24", False),  # a Saturday
        ("2021-12-24", True),  # an option
        ("2021-12-31", True),  # an option
        ("2022-04-14", False),  # Maundy Thursday
        ("2022-05-27", True),  # the Friday after Ascension: an option
    ],
)
def test_danish_working_days(day: str, *, working: bool) -> None:
    date = dt.date.fromisoformat(day)
    assert (date in kpi.Calendar("denmark").working_days(date, date)) is working


def test_the_days_that_may_be_off() -> None:
    for day, name in (
        ("2023-06-05", "constitution day"),
        ("2021-12-24", "christmas eve"),
        ("2021-12-31", "new year's eve"),
        ("2022-05-27", "friday after ascension"),
        ("2023-05-01", "workers' day"),
    ):
        date = dt.date.fromisoformat(day)
        assert kpi.Calendar("denmark").working_days(date, date) == (date,)
        assert kpi.Calendar("denmark", off=[name]).working_days(date, date) == ()


def test_years_whose_holidays_nobody_knows_are_refused() -> None:
    with pytest.raises(
        kpi.PlanError,
        match="denmark: 2500-01-01 to 2500-01-02 does not lie within the days whose holidays",
    ):
        kpi.Calendar("denmark").working_days(dt.date(2500, 1, 1), dt.date(2500, 1, 2))


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ("danmark", "did you mean 'denmark'"),
        ({"name": "denmark", "off": ["easter"]}, "unknown day 'easter'"),
        (
            {"name": "sweden", "off": ["christmas eve"]},
            "found 'christmas eve' with the calendar sweden",
        ),
        ({"nam": "denmark"}, "did you mean 'name'"),
        ({"name": "denmark", "saturdays": 1}, "accepted: true or false"),
    ],
)
def test_calendars_that_are_none(wrong: Any, message: str) -> None:
    with pytest.raises(kpi.PlanError, match=message):
        each_day(slots(), calendar=wrong)


# Flow


def flow(frame: pl.DataFrame, as_of: str | None = None, **more: Any) -> kpi.TargetResult:
    given = {"id": "t", "start": "filed", "end": "decided", **more}
    return one(kpi.Flow(**given), frame, as_of)


FLOW = spans(
    ("2015-01-01", "2016-12-31"),  # gone before the window
    ("2016-12-31", "2017-01-01"),  # open at the start, out
    ("2016-06-01", None),  # open at the start and at the end
    ("2017-01-01", "2017-12-31"),  # in and out
    ("2017-12-31", None),  # in, and open at the end
    ("2017-10-02", None),  # in, open, 90 days old
    ("2018-01-01", None),  # after the window
)


def test_the_figures_of_a_flow() -> None:
    found = flow(FLOW, limit="6 months")
    assert (found.counted, found.outside, found.verdict) == (5, 1, "indicator")
    ages = [(dt.date(2017, 12, 31) - dt.date(2016, 6, 1)).days, 0, 90]
    assert found.figures == {
        "intake": 3,
        "output": 2,
        "open_start": 2,
        "open_end": 3,
        "clearance_rate": 2 / 3,
        "disposition_time": 3 / 2 * 365,
        "mean_age": sum(ages) / 3,
        "median_age": 90,
        "p90_age": max(ages),
        "backlog": 1,
    }
    assert (found.value, found.unit) == (2 / 3, "share")


def test_a_flow_up_to_the_as_of_date() -> None:
    found = flow(FLOW, "2017-10-31", indicator="open_end", requires={"at_most": 5})
    assert (found.value, found.verdict) == (3, "open")
    assert (found.figures["intake"], found.figures["output"]) == (2, 1)


@pytest.mark.parametrize(
    ("indicator", "requires", "verdict"),
    [
        ("clearance_rate", {"at_least": 66.6}, "met"),
        ("clearance_rate", {"at_least": 66.7}, "missed"),
        ("disposition_time", {"at_most": 547.5}, "met"),
        ("disposition_time", {"less_than": 547.5}, "missed"),
        ("intake", {"at_most": 3}, "met"),
        ("backlog", {"at_most": 0}, "missed"),
        ("p90_age", {"at_most": 578}, "met"),
    ],
)
def test_a_flow_may_be_asked_for(indicator: str, requires: Any, verdict: str) -> None:
    found = flow(FLOW, limit="6 months", indicator=indicator, requires=requires)
    assert found.verdict == verdict


def test_s22_the_backlog_is_what_was_due_before_the_last_day() -> None:
    frame = spans(("2017-06-30", None), ("2017-07-01", None))
    assert flow(frame, limit="184 days").figures["backlog"] == 0  # due on the last day, and after it
    assert flow(frame, limit="183 days").figures["backlog"] == 1
    assert flow(frame, limit="182 days").figures["backlog"] == 2
    assert flow(frame).figures["backlog"] is None


def test_a_flow_of_nothing() -> None:
    found = flow(spans(), requires={"at_least": 100})
    assert (found.value, found.verdict) == (None, "not_assessable")
    assert found.figures["open_end"] == 0
    assert found.figures["mean_age"] is None
    assert flow(spans(), indicator="intake", requires={"at_least": 0}).verdict == "met"


def test_a_half_year_has_its_own_days() -> None:
    frame = spans(("2017-07-01", "2017-07-02"), ("2017-07-01", None))
    found = flow(frame, window="2017-H2")
    assert found.figures["disposition_time"] == 184
    # As of a day within it, the pace is that of the days so far.
    assert flow(frame, "2017-07-31", window="2017-H2").figures["disposition_time"] == 31
    leap = spans(("2016-07-01", "2016-07-02"), ("2016-07-01", None))
    assert flow(leap, "2016-12-31", window="2016").figures["disposition_time"] == 365


def test_a_backlog_needs_a_limit() -> None:
    with pytest.raises(kpi.PlanError, match="limit: missing; the backlog"):
        flow(FLOW, indicator="backlog")
