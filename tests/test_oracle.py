"""The oracle against the text of the rules: each example by hand, each with its number."""

from __future__ import annotations

import calendar
import datetime as dt
import importlib.metadata
import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any, TypeAlias

import pendulum
import pytest
from attrs import evolve

from kpi.calendars import OFF, Calendar
from kpi.conditions import OpenAt
from kpi.errors import PlanError
from kpi.limits import Before, ByValue, Dated, DueColumn, Span, parse_span
from kpi.periods import EndOf, Window
from kpi.plan import Plan
from kpi.rules.average import Average
from kpi.rules.clearance import Clearance
from kpi.rules.count import Count
from kpi.rules.every_working_day import EveryWorkingDay
from kpi.rules.flow import Flow
from kpi.rules.milestone import Milestone
from kpi.rules.percentile import Percentile
from kpi.rules.reported import Reported
from kpi.rules.share import Share
from kpi.rules.stock import Stock
from kpi.rules.within import Within
from kpi.table import Table
from kpi.target import OnCondition, Parts, Requirement, Target
from kpi.testing import oracle
from kpi.testing.oracle import Outcome, Row, due_date

D = dt.date
CASES = Table(
    "cases",
    key="case_id",
    entry="filed",
    events=("documented", "decided", "announced_on"),
    dates=("due",),
)


def within(**words: Any) -> Within:
    """A share within 30 days from filing to decision, unless said otherwise."""
    usual: dict[str, Any] = {"start": "filed", "end": "decided", "limit": "30 days"}
    return Within(id="1", **{**usual, "threshold": 90, **words})


def average(**words: Any) -> Average:
    """An average of at most 30 days from filing to decision, unless said otherwise."""
    usual: dict[str, Any] = {"start": "filed", "end": "decided", "limit": "30 days"}
    return Average(id="1", **{**usual, **words})


def clearance(**words: Any) -> Clearance:
    """All that was open when 2017 began, decided before July, unless said otherwise."""
    usual: dict[str, Any] = {"start": "filed", "end": "decided", "threshold": 100}
    usual |= {"open_at": OpenAt("2017"), "deadline": Window(before="2017-07-01")}
    return Clearance(id="1", **{**usual, **words})


def plan(target: Requirement, table: Table = CASES, **words: Any) -> Plan:
    return Plan(**{"id": "p", "period": "2017", "tables": [table], "targets": [target], **words})


def rows(*cases: Mapping[str, object]) -> list[dict[str, object]]:
    """Rows with ids of their own and null in what they do not say."""
    blank = dict.fromkeys((*CASES.date_columns, "case_type", "months", "flag"))
    return [{"case_id": f"c{n}", **blank, **case} for n, case in enumerate(cases)]


def run(
    target: Target, *cases: Mapping[str, object], as_of: dt.date | None = None, **words: Any
) -> Outcome:
    return oracle.evaluate(plan(target, **words), {"cases": rows(*cases)}, as_of)["1"]


def one(target: Target, **cells: object) -> Row:
    """What becomes of a single row at the end of 2017."""
    return at(None, target, **cells)


def at(as_of: dt.date | None, target: Target, **cells: object) -> Row:
    """What becomes of a single row at the end of a day."""
    return run(target, cells, as_of=as_of).trail[0]


def buckets(outcome: Outcome) -> list[str]:
    return [row.reason or row.bucket for row in outcome.trail]


# Dates are local (S1).


@pytest.mark.parametrize(
    ("cell", "zone", "day"),
    [
        (None, "Europe/Copenhagen", None),
        (D(2017, 3, 1), "Europe/Copenhagen", D(2017, 3, 1)),
        (dt.datetime(2017, 3, 1, 23, 59), "Europe/Copenhagen", D(2017, 3, 1)),
        (dt.datetime(2017, 3, 1, 22, 59, tzinfo=dt.UTC), "Europe/Copenhagen", D(2017, 3, 1)),
        (dt.datetime(2017, 3, 1, 23, 0, tzinfo=dt.UTC), "Europe/Copenhagen", D(2017, 3, 2)),
        (dt.datetime(2017, 7, 1, 22, 0, tzinfo=dt.UTC), "Europe/Copenhagen", D(2017, 7, 2)),
        (dt.datetime(2017, 3, 1, 3, 0, tzinfo=dt.UTC), "America/New_York", D(2017, 2, 28)),
        (pendulum.datetime(2017, 3, 1, 9, tz="Asia/Tokyo"), "America/New_York", D(2017, 2, 28)),
        (dt.datetime(2017, 3, 26, 2, 30), "Europe/Copenhagen", D(2017, 3, 26)),
        (dt.datetime(2017, 10, 29, 2, 30), "Europe/Copenhagen", D(2017, 10, 29)),
    ],
)
def test_s1_a_timestamp_is_its_local_date(cell: object, zone: str, day: dt.date | None) -> None:
    assert oracle.local_date(cell, zone) == day


def test_s1_a_text_is_no_date() -> None:
    with pytest.raises(TypeError, match="2017-01-01"):
        oracle.local_date("2017-01-01", "UTC")


@pytest.mark.parametrize(
    ("cell", "zone", "gap"),
    [
        (dt.datetime(2017, 3, 26, 2), "Europe/Copenhagen", True),
        (dt.datetime(2017, 3, 26, 2, 59, 59, 999_999), "Europe/Copenhagen", True),
        (dt.datetime(2017, 3, 26, 1, 59, 59, 999_999), "Europe/Copenhagen", False),
        (dt.datetime(2017, 3, 26, 3), "Europe/Copenhagen", False),
        (dt.datetime(2017, 3, 26, 2, 30), "UTC", False),
        (dt.datetime(2017, 3, 26, 2, 30, tzinfo=dt.UTC), "Europe/Copenhagen", False),
        (dt.datetime(2017, 10, 29, 2, 30), "Europe/Copenhagen", False),
        (dt.datetime(2017, 10, 15), "America/Sao_Paulo", True),
        (dt.datetime(2011, 12, 30, 12), "Pacific/Apia", True),
        (D(2011, 12, 30), "Pacific/Apia", False),
        (None, "UTC", False),
    ],
)
def test_s1_the_hour_that_does_not_exist(cell: object, zone: str, gap: bool) -> None:
    assert oracle.has_no_such_local_time(cell, zone) is gap


@pytest.mark.parametrize(
    "cells",
    [
        {"filed": dt.datetime(2017, 3, 26, 2, 30), "decided": dt.datetime(2017, 3, 27)},
        {"filed": dt.datetime(2017, 3, 1), "decided": dt.datetime(2017, 3, 26, 2, 30)},
    ],
)
def test_s1_no_such_local_time_is_excluded_where_it_starts_or_ends(
    cells: dict[str, object],
) -> None:
    assert one(within(), **cells) == Row("excluded", "no such local time")
    assert one(average(), **cells) == Row("excluded", "no such local time")
    # Its date still decides who is inside at all.
    assert one(within(window="2018"), **cells) == Row("outside")


def test_s1_no_such_local_time_elsewhere_is_its_date() -> None:
    gap = {"announced_on": dt.datetime(2017, 3, 26, 2, 30)}
    cells = {"filed": dt.datetime(2017, 3, 1), "decided": dt.datetime(2017, 3, 2), **gap}
    target = within(where={"announced_on": {"since": "2017-03-26", "through": "2017-03-26"}})
    assert one(target, **cells).bucket == "counted"


def test_s1_no_such_local_time_is_unknown_where_it_is_later_than_as_of() -> None:
    cells = {"filed": dt.datetime(2017, 3, 1), "decided": dt.datetime(2017, 3, 26, 2, 30)}
    row = at(D(2017, 3, 25), within(denominator="cohort"), **cells)
    assert row == Row("counted", met=False, due=D(2017, 3, 31))


# Durations and limits, S2 to S6.


def test_s2_the_start_day_is_not_counted_and_the_end_day_is() -> None:
    assert one(average(), filed=D(2017, 3, 1), decided=D(2017, 3, 1)).days == 0
    assert one(average(), filed=D(2017, 2, 28), decided=D(2017, 3, 1)).days == 1
    assert one(average(), filed=D(2016, 12, 31), decided=D(2017, 12, 31)).days == 365


@pytest.mark.parametrize(("decided", "met"), [(30, True), (31, True), (32, False)])
def test_s3_ending_on_the_due_day_is_in_time(decided: int, met: bool) -> None:
    end = D(2017, 1, 1) + dt.timedelta(days=decided - 1)
    row = one(within(), filed=D(2017, 1, 1), decided=end)
    assert row == Row("counted", met=met, days=decided - 1, due=D(2017, 1, 31))


def test_s3_a_week_is_seven_days() -> None:
    assert due_date(D(2017, 2, 27), Span(weeks=2), "down") == D(2017, 3, 13)


@pytest.mark.parametrize(
    ("start", "span", "down", "sticky", "up", "refuse"),
    [
        # The agency's own example: that day is in time.
        (D(2017, 9, 1), "1 month", D(2017, 10, 1), D(2017, 10, 1), D(2017, 10, 1), D(2017, 10, 1)),
        (D(2017, 1, 31), "1 month", D(2017, 2, 28), D(2017, 2, 28), D(2017, 3, 1), None),
        (D(2016, 1, 31), "1 month", D(2016, 2, 29), D(2016, 2, 29), D(2016, 3, 1), None),
        (D(2016, 1, 29), "1 month", D(2016, 2, 29), D(2016, 2, 29), D(2016, 2, 29), D(2016, 2, 29)),
        # One step, never a chain: not by way of 28 February.
        (
            D(2017, 1, 31),
            "7 months",
            D(2017, 8, 31),
            D(2017, 8, 31),
            D(2017, 8, 31),
            D(2017, 8, 31),
        ),
        (D(2017, 2, 28), "1 month", D(2017, 3, 28), D(2017, 3, 31), D(2017, 3, 28), D(2017, 3, 28)),
        (D(2016, 2, 29), "1 month", D(2016, 3, 29), D(2016, 3, 31), D(2016, 3, 29), D(2016, 3, 29)),
        # In a leap year the 28th is not the last day, and nothing sticks.
        (D(2016, 2, 28), "1 month", D(2016, 3, 28), D(2016, 3, 28), D(2016, 3, 28), D(2016, 3, 28)),
        (D(2017, 4, 30), "1 month", D(2017, 5, 30), D(2017, 5, 31), D(2017, 5, 30), D(2017, 5, 30)),
        (D(2016, 2, 29), "1 year", D(2017, 2, 28), D(2017, 2, 28), D(2017, 3, 1), None),
        (D(2016, 2, 29), "4 years", D(2020, 2, 29), D(2020, 2, 29), D(2020, 2, 29), D(2020, 2, 29)),
        (D(2017, 10, 31), "4 months", D(2018, 2, 28), D(2018, 2, 28), D(2018, 3, 1), None),
        (
            D(2017, 12, 31),
            "1 month",
            D(2018, 1, 31),
            D(2018, 1, 31),
            D(2018, 1, 31),
            D(2018, 1, 31),
        ),
        # Years and months in one step, rounded once, and then the days.
        (D(2017, 1, 31), "1 month and 1 day", D(2017, 3, 1), D(2017, 3, 1), D(2017, 3, 2), None),
        (D(2015, 1, 31), "1 year and 1 month", D(2016, 2, 29), D(2016, 2, 29), D(2016, 3, 1), None),
        (D(2017, 1, 30), "1 month and 1 week", D(2017, 3, 7), D(2017, 3, 7), D(2017, 3, 8), None),
        (
            D(2017, 2, 28),
            "1 month and 1 day",
            D(2017, 3, 29),
            D(2017, 4, 1),
            D(2017, 3, 29),
            D(2017, 3, 29),
        ),
        # Days alone are never rounded, and no mode refuses them.
        (D(2017, 1, 31), "28 days", *[D(2017, 2, 28)] * 4),
        (D(2017, 2, 28), "0 days", *[D(2017, 2, 28)] * 4),
    ],
)
def test_s4_month_end_modes(
    start: dt.date,
    span: str,
    down: dt.date,
    sticky: dt.date,
    up: dt.date,
    refuse: dt.date | None,
) -> None:
    found = [due_date(start, parse_span(span), m) for m in ("down", "sticky", "up", "refuse")]
    assert found == [down, sticky, up, refuse]


@pytest.mark.parametrize(
    ("months", "percent"), [(1, "1.85"), (6, "1.85"), (5, "0.755"), (7, "0.755"), (12, "0.066")]
)
def test_s4_how_often_up_and_down_differ(months: int, percent: str) -> None:
    """Measured over a full cycle of the calendar, 400 years of starts."""
    span = Span(months=months)
    first, count = D(2000, 1, 1), (D(2400, 1, 1) - D(2000, 1, 1)).days
    starts = [first + dt.timedelta(days=n) for n in range(count)]
    differ = sum(due_date(d, span, "up") != due_date(d, span, "down") for d in starts)
    places = -Decimal(percent).as_tuple().exponent  # type: ignore[operator]
    assert round(100 * differ / count, places) == float(percent)


def test_s4_down_is_what_a_date_library_says() -> None:
    for start in (D(2015, 12, 27) + dt.timedelta(days=n) for n in range(800)):
        for months in (1, 6, 7, 11, 12, 25):
            other = pendulum.date(start.year, start.month, start.day).add(months=months)
            assert due_date(start, Span(months=months), "down") == other


def test_s4_a_refused_month_end_is_excluded() -> None:
    cells = {"filed": D(2017, 1, 31), "decided": D(2017, 2, 20)}
    assert one(within(limit="1 month", month_end="refuse"), **cells).reason == "refused month end"
    assert one(average(limit="1 month", month_end="refuse"), **cells).reason == "refused month end"
    assert one(within(limit="28 days", month_end="refuse"), **cells).bucket == "counted"
    assert one(within(limit="2 months", month_end="refuse"), **cells).bucket == "counted"


def test_s4_the_targets_month_end_comes_before_the_plans() -> None:
    cells = {"filed": D(2017, 2, 28), "decided": D(2017, 3, 31)}
    for target, met in (
        (within(limit="1 month"), True),
        (within(limit="1 month", month_end="down"), False),
    ):
        assert run(target, cells, month_end="sticky").trail[0].met is met


@pytest.mark.parametrize(("second", "verdict"), [(214, "met"), (215, "missed")])
def test_s5_an_average_in_months_is_held_to_each_cases_own_months(
    second: int, verdict: str
) -> None:
    """1 February and 31 January + 7 months are 212 days each: 424 together, never 420."""
    cases = [
        {"filed": D(2017, 2, 1), "decided": D(2017, 2, 1) + dt.timedelta(days=210)},
        {"filed": D(2017, 1, 31), "decided": D(2017, 1, 31) + dt.timedelta(days=second)},
    ]
    outcome = run(average(limit="7 months"), *cases)
    assert (outcome.total, outcome.verdict) == (210 + second, verdict)
    assert run(average(limit="210 days"), *cases).verdict == "missed"


def test_s6_forwards_only() -> None:
    row = at(
        D(2000, 12, 31),
        within(limit="1 month", window="2000"),
        filed=D(2000, 2, 29),
        decided=D(2000, 3, 30),
    )
    assert row == Row("counted", met=False, days=30, due=D(2000, 3, 29))


def test_s3_the_due_date_of_a_column_is_in_time_and_a_missing_one_excludes() -> None:
    target = within(limit=DueColumn("due"))
    cells = {"filed": D(2017, 1, 1), "decided": D(2017, 5, 1)}
    assert one(target, due=D(2017, 5, 1), **cells) == Row("counted", None, True, 120, D(2017, 5, 1))
    assert one(target, due=D(2017, 4, 30), **cells).met is False
    assert one(target, **cells) == Row("excluded", "limit missing")


# Windows are words (S9).


@pytest.mark.parametrize(
    ("window", "first", "last"),
    [
        (Window("2022"), D(2022, 1, 1), D(2022, 12, 31)),
        (Window("2022-H1"), D(2022, 1, 1), D(2022, 6, 30)),
        (Window("2022-H2"), D(2022, 7, 1), D(2022, 12, 31)),
        (Window("2022-Q1"), D(2022, 1, 1), D(2022, 3, 31)),
        (Window("2022-Q3"), D(2022, 7, 1), D(2022, 9, 30)),
        (Window("2022-Q4"), D(2022, 10, 1), D(2022, 12, 31)),
        (Window("2022-02"), D(2022, 2, 1), D(2022, 2, 28)),
        (Window("2024-02"), D(2024, 2, 1), D(2024, 2, 29)),
        (Window("2022-12"), D(2022, 12, 1), D(2022, 12, 31)),
        (Window(since="2022-03-01", before="2022-04-01"), D(2022, 3, 1), D(2022, 3, 31)),
        (Window(after="2022-03-01", through="2022-04-01"), D(2022, 3, 2), D(2022, 4, 1)),
    ],
)
def test_s9_bounds(window: Window, first: dt.date, last: dt.date) -> None:
    inside = [d for d in _days(first, last) if oracle.in_window(window, d)]
    assert inside == [first + dt.timedelta(days=n) for n in range((last - first).days + 1)]
    assert oracle.last_day(window) == last
    if window.name is not None:
        assert oracle.opening_day(OpenAt(window.name)) == first


def _days(first: dt.date, last: dt.date) -> list[dt.date]:
    """The days of a window, and 400 either side."""
    before = first - dt.timedelta(days=400)
    return [before + dt.timedelta(days=n) for n in range((last - first).days + 801)]


@pytest.mark.parametrize(
    ("window", "inside"),
    [
        (Window(since="2022-03-01"), [False, True, True]),
        (Window(after="2022-03-01"), [False, False, True]),
        (Window(before="2022-03-01"), [True, False, False]),
        (Window(through="2022-03-01"), [True, True, False]),
    ],
)
def test_s9_the_words_of_a_bound(window: Window, inside: list[bool]) -> None:
    days = [D(2022, 2, 28), D(2022, 3, 1), D(2022, 3, 2)]
    assert [oracle.in_window(window, d) for d in days] == inside


# Who is counted (S10).


@pytest.mark.parametrize(
    ("where", "cells", "inside"),
    [
        ({"case_type": "visa"}, {"case_type": "visa"}, True),
        ({"case_type": "visa"}, {"case_type": None}, False),
        ({"case_type": {"not": "visa"}}, {"case_type": "asylum"}, True),
        ({"case_type": {"not": "visa"}}, {"case_type": "visa"}, False),
        ({"case_type": {"not": "visa"}}, {"case_type": None}, False),
        ({"case_type": ["visa", "asylum"]}, {"case_type": "asylum"}, True),
        ({"case_type": {"not": ["visa", "asylum"]}}, {"case_type": "asylum"}, False),
        ({"flag": False}, {"flag": False}, True),
        ({"flag": False}, {"flag": None}, False),
        ({"flag": {"not": True}}, {"flag": None}, False),
        ({"months": 7}, {"months": 7}, True),
        ({"months": {"at_least": 7}}, {"months": 7}, True),
        ({"months": {"more_than": 7}}, {"months": 7}, False),
        ({"months": {"at_most": 7}}, {"months": 7}, True),
        ({"months": {"less_than": 7}}, {"months": 7}, False),
        ({"months": {"at_least": 6, "less_than": 8}}, {"months": 7}, True),
        ({"months": {"at_least": 0}}, {"months": None}, False),
        ({"announced_on": {"through": "2017-06-30"}}, {"announced_on": None}, False),
        # Filed and decided in the window.
        ({"filed": {"in": "2017"}}, {"filed": D(2016, 12, 31)}, False),
        ({"filed": {"in": "2017"}}, {"filed": D(2017, 1, 1)}, True),
        # Every condition must hold.
        ({"case_type": "visa", "flag": True}, {"case_type": "visa", "flag": False}, False),
    ],
)
def test_s10_conditions_and_null(
    where: dict[str, object], cells: dict[str, object], inside: bool
) -> None:
    row = one(within(where=where), **{"filed": D(2017, 1, 1), "decided": D(2017, 1, 2), **cells})
    assert row.bucket == ("counted" if inside else "outside")


@pytest.mark.parametrize(
    ("announced", "inside"), [(D(2017, 6, 30), False), (D(2017, 7, 1), True), (None, True)]
)
def test_s10_unless_negates_the_finished_test(announced: dt.date | None, inside: bool) -> None:
    """ "Not announced through X" holds where nothing was announced."""
    target = within(unless={"announced_on": {"through": "2017-06-30"}})
    cells = {"filed": D(2017, 1, 1), "decided": D(2017, 1, 2), "announced_on": announced}
    assert one(target, **cells).bucket == ("counted" if inside else "outside")


def test_s10_unless_leaves_out_only_what_fulfils_all_of_it() -> None:
    target = within(unless={"case_type": "visa", "flag": True})
    for case_type, flag, inside in (
        ("visa", True, False),
        ("visa", False, True),
        ("visa", None, True),
        ("asylum", True, True),
    ):
        row = one(
            target, filed=D(2017, 1, 1), decided=D(2017, 1, 2), case_type=case_type, flag=flag
        )
        assert row.bucket == ("counted" if inside else "outside")


def test_s10_a_null_start_that_fails_only_its_own_windows_is_start_missing() -> None:
    where = {"documented": {"since": "2017-01-01"}, "case_type": "visa"}
    target = within(start="documented", where=where)
    ended = {"filed": D(2017, 1, 1), "decided": D(2017, 2, 1)}
    assert one(target, case_type="visa", **ended) == Row("excluded", "start missing")
    # Anything else that fails puts it outside as ever.
    assert one(target, case_type="asylum", **ended) == Row("outside")
    assert one(target, case_type="visa", filed=D(2017, 1, 1)) == Row("outside")
    # A start that is known and outside the window is outside.
    assert one(target, case_type="visa", documented=D(2016, 12, 31), **ended) == Row("outside")


def test_s10_the_exception_holds_for_the_targets_own_window_and_for_open_at() -> None:
    assert one(within(denominator="cohort"), decided=D(2017, 1, 2)).reason == "start missing"
    assert (
        one(within(denominator="cohort", on="documented", start="documented")).reason
        == "start missing"
    )
    assert one(clearance()).reason == "start missing"
    # But only on the target's own start column.
    assert (
        one(within(denominator="cohort", on="documented"), filed=D(2017, 1, 1)).bucket == "outside"
    )
    assert one(clearance(start="documented")).bucket == "outside"
    # Nor does it bring in a case that had ended.
    assert one(clearance(), decided=D(2016, 12, 31)).bucket == "outside"


def test_s10_a_window_on_the_start_in_unless_is_a_test_like_any_other() -> None:
    target = within(start="documented", unless={"documented": {"in": "2017"}})
    assert one(target, filed=D(2017, 1, 1), decided=D(2017, 2, 1)).reason == "start missing"


# Denominators and buckets, S11 to S13.


@pytest.mark.parametrize(
    ("decided", "bucket"),
    [
        (D(2016, 12, 31), "outside"),
        (D(2017, 1, 1), "counted"),
        (D(2017, 12, 31), "counted"),
        (D(2018, 1, 1), "outside"),
        (None, "outside"),
    ],
)
def test_s11_closed_counts_the_cases_that_ended_in_the_window(
    decided: dt.date | None, bucket: str
) -> None:
    for target in (within(), average()):
        row = at(D(2018, 1, 1), target, filed=D(2016, 6, 1), decided=decided)
        assert row.bucket == bucket


def test_s11_cohort_counts_by_entry_and_the_open_ones_are_not_met() -> None:
    target = within(denominator="cohort")
    assert one(target, filed=D(2017, 12, 31)) == Row("counted", met=False, due=D(2018, 1, 30))
    assert one(target, filed=D(2016, 12, 31), decided=D(2017, 1, 1)) == Row("outside")
    row = one(target, filed=D(2017, 1, 1), decided=D(2017, 1, 2))
    assert row == Row("counted", met=True, days=1, due=D(2017, 1, 31))


def test_s11_cohort_goes_by_entry_also_where_its_time_starts_later() -> None:
    target = within(denominator="cohort", start="documented")
    assert one(target, filed=D(2017, 1, 1), documented=D(2016, 1, 1)).bucket == "counted"
    assert one(target, filed=D(2016, 1, 1), documented=D(2017, 1, 1)).bucket == "outside"
    assert one(target, documented=D(2017, 1, 1)).bucket == "outside"


def test_s11_cohort_on_another_event() -> None:
    target = within(denominator="cohort", on="documented")
    assert one(target, filed=D(2016, 1, 1), documented=D(2017, 1, 1)).bucket == "counted"
    assert one(target, filed=D(2017, 1, 1), documented=D(2016, 12, 31)).bucket == "outside"
    assert one(target, filed=D(2017, 1, 1)).bucket == "outside"


def test_s11_cohort_without_an_entry_goes_by_the_start() -> None:
    table = Table("cases", key="case_id", events=("filed", "documented", "decided"))
    target = within(denominator="cohort", start="documented")
    outcome = run(
        target,
        {"filed": D(2016, 1, 1), "documented": D(2017, 1, 1)},
        {"filed": D(2017, 1, 1), "documented": D(2016, 1, 1)},
        {"filed": D(2017, 1, 1)},
        table=table,
    )
    assert buckets(outcome) == ["counted", "outside", "start missing"]


def test_s12_the_first_reason_is_the_one_that_is_given() -> None:
    """Each row has its own reason, and every one after it."""
    gap = dt.datetime(2017, 3, 26, 2, 30)
    month = within(denominator="cohort", on="announced_on", limit="1 month", month_end="refuse")
    due = within(denominator="cohort", on="announced_on", limit=DueColumn("due"))
    covered = evolve(due, limit="5 working days", calendar={"covers": "2018"})
    base = {"announced_on": D(2017, 1, 1)}
    wrong: Sequence[tuple[Target, dict[str, object], str]] = [
        (due, {"decided": gap}, "start missing"),
        (due, {"filed": D(2017, 3, 27), "decided": gap}, "limit missing"),
        (month, {"filed": D(2017, 5, 31), "decided": gap}, "end before start"),
        (month, {"filed": D(2017, 1, 31), "decided": gap}, "refused month end"),
        (covered, {"filed": D(2017, 1, 1), "decided": gap}, "outside the calendar"),
        (month, {"filed": D(2017, 1, 1), "decided": gap}, "no such local time"),
        (month, {"filed": D(2017, 1, 1), "decided": D(2017, 1, 2)}, "repeated id"),
    ]
    for target, cells, reason in wrong:
        outcome = run(target, {"case_id": "x", **base, **cells}, {"case_id": "x"})
        assert buckets(outcome) == [reason, "outside"]


def test_s12_end_before_start_goes_by_dates() -> None:
    cells = {"filed": dt.datetime(2017, 3, 1, 15), "decided": dt.datetime(2017, 3, 1, 9)}
    assert one(average(), **cells) == Row("counted", days=0)
    cells = {"filed": dt.datetime(2017, 3, 2, 0), "decided": dt.datetime(2017, 3, 1, 23)}
    assert one(average(), **cells) == Row("excluded", "end before start")


def test_s12_the_rows_add_up() -> None:
    outcome = run(
        within(),
        {"filed": D(2017, 1, 1), "decided": D(2017, 1, 2)},
        {"filed": D(2017, 1, 1), "decided": D(2017, 12, 31)},
        {"filed": D(2017, 1, 1)},
        {"decided": D(2017, 1, 2)},
        {"filed": D(2017, 1, 3), "decided": D(2017, 1, 2)},
        {"filed": D(2018, 1, 3)},
    )
    assert (outcome.rows, outcome.outside, outcome.counted, outcome.undetermined) == (5, 1, 2, 0)
    assert outcome.excluded == {"start missing": 1, "end before start": 1}
    assert (outcome.met, outcome.total, outcome.value) == (1, None, Fraction(1, 2))


def test_s13_every_row_of_a_repeated_id_is_excluded() -> None:
    good = {"filed": D(2017, 1, 1), "decided": D(2017, 1, 2)}
    outcome = run(
        within(), {**good, "case_id": "a"}, {**good, "case_id": "b"}, {**good, "case_id": "a"}
    )
    assert buckets(outcome) == ["repeated id", "counted", "repeated id"]
    # Outside comes first, and its row still makes the other one repeated.
    outcome = run(within(), {**good, "case_id": "a"}, {"case_id": "a"})
    assert buckets(outcome) == ["repeated id", "outside"]


def test_s13_a_key_of_two_columns_is_repeated_only_as_a_whole() -> None:
    table = Table("cases", key=("case_id", "part"), entry="filed", events=("decided",))
    good = {"filed": D(2017, 1, 1), "decided": D(2017, 1, 2)}
    keys = [("a", 1), ("a", 2), ("b", 1), ("b", 1)]
    cases = [{**good, "case_id": case, "part": part} for case, part in keys]
    found = buckets(run(within(), *cases, table=table))
    assert found == ["counted", "counted", "repeated id", "repeated id"]


def test_s13_a_row_that_does_not_exist_yet_repeats_no_id() -> None:
    first = {"case_id": "a", "filed": D(2017, 1, 1), "decided": D(2017, 1, 2)}
    later = {"case_id": "a", "filed": D(2018, 1, 1)}
    assert buckets(run(within(), first, later)) == ["counted"]
    assert buckets(run(within(), first, later, as_of=D(2018, 1, 1))) == ["repeated id", "outside"]


# What was known (S15).


def test_s15_what_the_table_said_at_the_end_of_the_day() -> None:
    target = within(denominator="cohort")
    cells = {"filed": D(2017, 1, 10), "decided": D(2017, 1, 20)}
    assert run(target, cells, as_of=D(2017, 1, 9)).rows == 0
    assert run(target, cells, as_of=D(2017, 1, 10)).trail[0].days is None
    assert run(target, cells, as_of=D(2017, 1, 19)).trail[0].met is False
    assert run(target, cells, as_of=D(2017, 1, 20)).trail[0].met is True


def test_s15_due_dates_are_never_hidden_and_a_null_entry_stays() -> None:
    target = within(limit=DueColumn("due"), denominator="cohort")
    row = one(target, filed=D(2017, 1, 1), due=D(2030, 1, 1))
    assert row == Row("counted", met=False, due=D(2030, 1, 1))
    assert run(target, {}, as_of=D(2017, 1, 1)).rows == 1


def test_s15_without_as_of_it_is_the_last_day_of_the_period() -> None:
    target = within(window=Window(since="2017-01-01", through="2018-12-31"))
    late = {"filed": D(2017, 12, 31), "decided": D(2018, 1, 1)}
    assert buckets(run(target, late, {"filed": D(2018, 1, 1)})) == ["outside"]
    outcome = run(target, late, period=Window(since="2017-01-01", before="2018-01-02"))
    assert buckets(outcome) == ["counted"]


def test_s15_as_of_compares_local_dates() -> None:
    filed = dt.datetime(2017, 12, 31, 22, 59, tzinfo=dt.UTC)
    assert run(within(), {"filed": filed}).rows == 1
    assert run(within(), {"filed": filed + dt.timedelta(minutes=1)}).rows == 0


# Measures and verdicts: S16, S19, S21, S25 and S27.


def _days_after(*lengths: int) -> list[dict[str, object]]:
    start = D(2017, 1, 1)
    return [{"filed": start, "decided": start + dt.timedelta(days=n)} for n in lengths]


def test_s16_an_average_is_never_rounded_before_the_verdict() -> None:
    outcome = run(average(), *_days_after(30, 30, 31))
    assert (outcome.total, outcome.value, outcome.verdict) == (91, Fraction(91, 3), "missed")
    assert outcome.met is None
    assert [row.met for row in outcome.trail] == [None] * 3
    assert [row.due for row in outcome.trail] == [None] * 3
    assert run(average(), *_days_after(29, 31)).verdict == "met"


@pytest.mark.parametrize(
    ("threshold", "verdict"), [("90", "missed"), ("89.97", "missed"), ("89.96", "met")]
)
def test_s19_a_share_is_compared_exactly(threshold: str, verdict: str) -> None:
    """89.96 % printed as 90.0 % is not met."""
    outcome = run(within(threshold=threshold), *_days_after(*[1] * 2249, *[31] * 251))
    assert outcome.value == Fraction(8996, 10_000)
    assert outcome.verdict == verdict


def test_s19_a_third_is_less_than_33_34_percent() -> None:
    cases = _days_after(1, 31, 31)
    assert run(within(threshold="33.33"), *cases).verdict == "met"
    assert run(within(threshold="33.34"), *cases).verdict == "missed"


@pytest.mark.parametrize(
    ("filed", "decided", "bucket"),
    [
        (D(2016, 12, 31), D(2017, 1, 1), True),
        (D(2017, 1, 1), D(2017, 1, 2), None),
        (D(2016, 1, 1), D(2016, 12, 31), None),
        (D(2016, 1, 1), D(2017, 6, 30), True),
        (D(2016, 1, 1), D(2017, 7, 1), False),
        (D(2016, 1, 1), None, False),
    ],
)
def test_s21_clearance_of_what_was_open(
    filed: dt.date, decided: dt.date | None, bucket: bool | None
) -> None:
    row = one(clearance(), filed=filed, decided=decided)
    assert row.met is bucket
    assert row.bucket == ("outside" if bucket is None else "counted")
    assert row.due == (None if bucket is None else D(2017, 6, 30))


def test_s21_a_deadline_before_or_through_as_written() -> None:
    cells = {"filed": D(2016, 1, 1), "decided": D(2017, 7, 1)}
    assert one(clearance(), **cells).met is False
    assert one(clearance(deadline=Window(through="2017-07-01")), **cells).met is True


def test_s21_the_start_of_a_half_year_is_its_first_day() -> None:
    """H2 begins on 1 July: entered before it, not ended before it."""
    target = clearance(open_at=OpenAt("2017-H2"), deadline=Window(before="2018-01-01"))
    assert one(target, filed=D(2017, 6, 30), decided=D(2017, 7, 1)).bucket == "counted"
    assert one(target, filed=D(2017, 7, 1)).bucket == "outside"
    assert one(target, filed=D(2017, 6, 1), decided=D(2017, 6, 30)).bucket == "outside"


@pytest.mark.parametrize("target", [within(), average(), clearance()])
def test_s25_an_empty_denominator_is_not_assessable(target: Target) -> None:
    outcome = run(target)
    assert outcome.verdict == "not_assessable"
    assert outcome.value is None
    assert (outcome.met or 0, outcome.total or 0) == (0, 0)
    assert oracle.evaluate(plan(target), {})["1"] == outcome


@pytest.mark.parametrize(
    ("target", "last"),
    [
        (within(), D(2017, 12, 31)),
        (average(window="2017-Q1"), D(2017, 3, 31)),
        (within(window=Window(since="2017-01-01", before="2018-03-01")), D(2018, 2, 28)),
        (clearance(), D(2017, 6, 30)),
    ],
)
def test_s27_open_until_the_windows_last_day(target: Target, last: dt.date) -> None:
    cells = {"filed": D(2016, 12, 31), "decided": D(2017, 1, 1)}
    assert run(target, cells, as_of=last - dt.timedelta(days=1)).verdict == "open"
    assert run(target, as_of=last - dt.timedelta(days=1)).verdict == "open"
    assert run(target, cells, as_of=last).verdict == "met"
    assert run(target, as_of=last).verdict == "not_assessable"


# Elapsed time, S3.


def clock(cells: dict[str, dt.datetime], limit: str = "20 minutes", **words: Any) -> Row:
    return one(within(limit=limit, **words), **cells)


T = dt.datetime


@pytest.mark.parametrize(
    ("filed", "decided", "minutes"),
    [
        (T(2017, 5, 1, 9), T(2017, 5, 1, 9), 0),
        (T(2017, 5, 1, 9), T(2017, 5, 1, 9, 20), 20),
        (T(2017, 5, 1, 23, 50), T(2017, 5, 2, 0, 10), 20),
        # The clocks went from 02:00 to 03:00 on 26 March.
        (T(2017, 3, 26, 1, 50), T(2017, 3, 26, 3, 10), 20),
        (T(2017, 3, 25, 12), T(2017, 3, 26, 12), 23 * 60),
        # They went from 03:00 back to 02:00 on 29 October; a time that was twice is the earlier.
        (T(2017, 10, 29, 1, 50), T(2017, 10, 29, 2, 10), 20),
        (T(2017, 10, 29, 2, 50), T(2017, 10, 29, 3, 10), 80),
        (T(2017, 10, 28, 12), T(2017, 10, 29, 12), 25 * 60),
        # An instant is an instant, whatever zone it was written in.
        (T(2017, 10, 29, 0, 30, tzinfo=dt.UTC), T(2017, 10, 29, 1, 30, tzinfo=dt.UTC), 60),
        (T(2017, 5, 1, 9), T(2017, 5, 1, 7, 20, tzinfo=dt.UTC), 20),
    ],
)
def test_s3_hours_and_minutes_are_elapsed_time(
    filed: dt.datetime, decided: dt.datetime, minutes: int
) -> None:
    cells = {"filed": filed, "decided": decided}
    assert clock(cells, f"{max(minutes, 1)} minutes").met is True
    if minutes > 1:
        assert clock(cells, f"{minutes - 1} minutes").met is False
    if minutes:
        late = {**cells, "decided": decided + dt.timedelta(microseconds=1)}
        assert clock(late, f"{minutes} minutes").met is False


def test_s3_the_due_date_of_a_clock_is_the_local_date_of_its_last_instant() -> None:
    cells = {"filed": T(2017, 5, 1, 23, 50), "decided": T(2017, 5, 2, 0, 11)}
    assert clock(cells) == Row("counted", met=False, days=1, due=D(2017, 5, 2))
    cells = {"filed": T(2017, 5, 1, 23, 39), "decided": T(2017, 5, 1, 23, 59)}
    assert clock(cells) == Row("counted", met=True, days=0, due=D(2017, 5, 1))
    # 22:50 in UTC is 00:50 in Copenhagen.
    cells = {"filed": T(2017, 5, 1, 21, 50, tzinfo=dt.UTC)}
    row = clock(cells, "1 hour", denominator="cohort")
    assert row == Row("counted", met=False, due=D(2017, 5, 2))


def test_s3_an_end_before_its_start_goes_by_instants_where_the_limit_does() -> None:
    cells = {"filed": T(2017, 3, 1, 15), "decided": T(2017, 3, 1, 14, 59)}
    assert clock(cells) == Row("excluded", "end before start")
    assert clock({**cells, "decided": T(2017, 3, 1, 15)}).met is True
    # The hour that is twice is the earlier one: 02:30 came before 02:45.
    cells = {"filed": T(2017, 10, 29, 2, 45), "decided": T(2017, 10, 29, 2, 30)}
    assert clock(cells).reason == "end before start"
    # 00:45 in UTC is the earlier 02:45, 01:30 in UTC the later 02:30.
    cells = {
        "filed": T(2017, 10, 29, 0, 45, tzinfo=dt.UTC),
        "decided": T(2017, 10, 29, 1, 30, tzinfo=dt.UTC),
    }
    assert clock(cells, "45 minutes").met is True


@pytest.mark.parametrize("denominator", ["closed", "cohort", "overdue", "due", "settled"])
def test_s3_a_time_that_never_was_has_no_instant(denominator: str) -> None:
    cells = {"filed": T(2017, 3, 26, 2, 30), "decided": T(2017, 3, 26, 3, 10)}
    assert clock(cells, denominator=denominator).reason == "no such local time"
    cells = {"filed": T(2017, 3, 26, 1, 30), "decided": T(2017, 3, 26, 2, 30)}
    assert clock(cells, denominator=denominator).reason == "no such local time"


def test_s3_an_instant_that_as_of_hides_is_unknown() -> None:
    target = within(limit="20 minutes", denominator="overdue")
    cells = {"filed": T(2017, 3, 1, 23, 50), "decided": T(2017, 3, 2, 0, 5)}
    assert at(D(2017, 3, 1), target, **cells) == Row("undetermined")
    row = at(D(2017, 3, 2), target, **cells)
    assert row == Row("counted", met=True, days=1, due=D(2017, 3, 2))


def test_s11_what_is_settled_by_the_clock() -> None:
    """In time by instants: on its day. Late, if only by a minute: the day after the due date."""
    target = within(limit="20 minutes", denominator="settled", window="2017-05")
    on_time = {"filed": T(2017, 5, 31, 9), "decided": T(2017, 5, 31, 9, 20)}
    late = {"filed": T(2017, 5, 31, 9), "decided": T(2017, 5, 31, 9, 21)}
    assert one(target, **on_time).bucket == "counted"
    assert one(target, **late).bucket == "outside"
    assert one(evolve(target, window=Window("2017-06")), **late).met is False
    due = within(limit="20 minutes", denominator="due", window="2017-06")
    cells = {"filed": T(2017, 5, 31, 23, 50)}
    assert one(due, **cells) == Row("counted", met=False, due=D(2017, 6, 1))


# Limits counted backwards, S6.


@pytest.mark.parametrize(
    ("start", "span", "down", "sticky", "up", "refuse"),
    [
        (D(2017, 3, 31), "1 month", D(2017, 2, 28), D(2017, 2, 28), D(2017, 3, 1), None),
        (D(2016, 3, 31), "1 month", D(2016, 2, 29), D(2016, 2, 29), D(2016, 3, 1), None),
        (D(2017, 3, 29), "1 month", D(2017, 2, 28), D(2017, 2, 28), D(2017, 3, 1), None),
        (D(2017, 2, 28), "1 month", D(2017, 1, 28), D(2017, 1, 31), *[D(2017, 1, 28)] * 2),
        (D(2017, 1, 31), "1 month", *[D(2016, 12, 31)] * 4),
        (D(2017, 1, 15), "1 month", *[D(2016, 12, 15)] * 4),
        (D(2017, 1, 15), "13 months", *[D(2015, 12, 15)] * 4),
        # One step: not by way of February.
        (D(2017, 3, 31), "2 months", *[D(2017, 1, 31)] * 4),
        (D(2016, 2, 29), "1 year", D(2015, 2, 28), D(2015, 2, 28), D(2015, 3, 1), None),
        # Months first, rounded once, and then the days.
        (
            D(2017, 3, 31),
            "1 month and 2 days",
            D(2017, 2, 26),
            D(2017, 2, 26),
            D(2017, 2, 27),
            None,
        ),
        (D(2017, 3, 1), "1 week", *[D(2017, 2, 22)] * 4),
        (D(2017, 3, 1), "0 days", *[D(2017, 3, 1)] * 4),
    ],
)
def test_s6_backwards(
    start: dt.date,
    span: str,
    down: dt.date,
    sticky: dt.date,
    up: dt.date,
    refuse: dt.date | None,
) -> None:
    modes = ("down", "sticky", "up", "refuse")
    found = [oracle.due_date_before(start, parse_span(span), mode) for mode in modes]
    assert found == [down, sticky, up, refuse]


def before(**words: Any) -> Within:
    """Documented a month before a day that is planned."""
    usual = {"start": "due", "end": "documented", "limit": "1 month before"}
    return within(**{**usual, "denominator": "due", **words})


def test_s6_at_the_latest_a_month_before() -> None:
    assert before().limit == Before(Span(months=1))
    day = {"due": D(2017, 3, 31)}
    row = one(before(), documented=D(2017, 2, 28), **day)
    assert row == Row("counted", met=True, days=-31, due=D(2017, 2, 28))
    assert one(before(), documented=D(2017, 3, 1), **day).met is False
    assert one(before(month_end="up"), documented=D(2017, 3, 1), **day).met is True
    assert one(before(month_end="refuse"), **day).reason == "refused month end"
    assert one(before(), **day) == Row("counted", met=False, due=D(2017, 2, 28))
    # It is the due date, not the day itself, that must lie in the window.
    assert one(before(), due=D(2018, 1, 31)).bucket == "counted"
    assert one(before(), due=D(2017, 1, 31)).bucket == "outside"


def test_s6_an_end_on_either_side_of_the_start_is_no_mistake_backwards() -> None:
    assert one(before(), due=D(2017, 3, 31), documented=D(2017, 4, 1)).met is False
    assert one(before(), documented=D(2017, 4, 1)).reason == "start missing"


# Limits by value, S12, and limits that change.


def by_type(**limits: str) -> ByValue:
    return ByValue("case_type", {name: parse_span(limit) for name, limit in limits.items()})


def test_s12_each_case_has_the_limit_of_its_value() -> None:
    target = within(limit=by_type(visa="30 days", asylum="7 months"))
    cells = {"filed": D(2017, 1, 31), "decided": D(2017, 3, 3)}
    assert one(target, case_type="visa", **cells).due == D(2017, 3, 2)
    assert one(target, case_type="visa", **cells).met is False
    assert one(target, case_type="asylum", **cells).due == D(2017, 8, 31)
    assert one(target, case_type="asylum", **cells).met is True


@pytest.mark.parametrize("rule", [within, average])
def test_s12_a_value_without_a_limit_is_limit_missing(rule: Any) -> None:
    target = rule(limit=by_type(visa="1 month"), month_end="refuse")
    ended = {"decided": D(2017, 3, 1)}
    for value in (None, "passport", "Visa", ""):
        # Before an end before the start, and after a missing start.
        assert one(target, case_type=value, filed=D(2017, 4, 1), **ended).reason == "limit missing"
        assert one(target, case_type=value, **ended).reason == "start missing"
    assert one(target, case_type="visa", filed=D(2017, 4, 1), **ended).reason == "end before start"
    assert (
        one(target, case_type="visa", filed=D(2017, 1, 31), **ended).reason == "refused month end"
    )


def test_s11_a_case_without_a_limit_enters_where_its_due_date_is_asked_for() -> None:
    target = within(limit=by_type(visa="30 days"), denominator="due")
    assert one(target, filed=D(2011, 1, 1)).reason == "limit missing"


def test_s5_an_average_is_held_to_the_limits_of_its_cases() -> None:
    cases = [
        {"case_type": "visa", "filed": D(2017, 1, 1), "decided": D(2017, 1, 31)},
        {"case_type": "asylum", "filed": D(2017, 1, 1), "decided": D(2017, 2, 2)},
    ]
    # 30 and 32 days, of 31 (January) and 31 or 30.
    for limit, verdict in (("31 days", "met"), ("30 days", "missed")):
        target = average(limit=by_type(visa="1 month", asylum=limit))
        outcome = run(target, *cases)
        assert (outcome.total, outcome.value, outcome.verdict) == (62, Fraction(31), verdict)


DATED = {"dated": "decided", "first": "10 days", "since": {"2017-07-01": "7 days"}}


@pytest.mark.parametrize(
    ("filed", "decided", "due"),
    [
        (D(2017, 6, 20), D(2017, 6, 30), D(2017, 6, 30)),
        (D(2017, 6, 20), D(2017, 7, 1), D(2017, 6, 27)),
        (D(2017, 12, 1), D(2017, 12, 2), D(2017, 12, 8)),
    ],
)
def test_the_limit_in_force_on_the_cases_day(
    filed: dt.date, decided: dt.date, due: dt.date
) -> None:
    row = one(within(limit=DATED), filed=filed, decided=decided)
    assert (row.due, row.met) == (due, decided <= due)


@pytest.mark.parametrize(
    ("as_of", "due"), [(D(2017, 6, 30), D(2017, 6, 30)), (D(2017, 7, 1), D(2017, 6, 27))]
)
def test_an_open_case_has_the_limit_in_force_at_as_of(as_of: dt.date, due: dt.date) -> None:
    target = within(limit=DATED, denominator="cohort")
    row = at(as_of, target, filed=D(2017, 6, 20), decided=D(2017, 12, 1))
    assert row == Row("counted", met=False, due=due)


def test_of_several_dates_the_latest_that_has_come_decides() -> None:
    since = {"2017-03-01": "20 days", "2017-09-01": "5 days", "2017-06-01": "10 days"}
    target = average(limit={"dated": "filed", "first": "30 days", "since": since})
    assert isinstance(target.limit, Dated)
    days = [D(2017, 2, 28), D(2017, 3, 1), D(2017, 5, 31), D(2017, 6, 1), D(2017, 9, 1)]
    for day, limit in zip(days, (30, 20, 20, 10, 5), strict=True):
        for more, verdict in ((0, "met"), (1, "missed")):
            end = day + dt.timedelta(days=limit + more)
            assert run(target, {"filed": day, "decided": end}).verdict == verdict
    words = [
        oracle.in_force(target.limit, oracle.Case({"filed": day}), D(2017, 1, 1))[0] for day in days
    ]
    assert words == [
        "before 2017-03-01",
        "since 2017-03-01",
        "since 2017-03-01",
        "since 2017-06-01",
        "since 2017-09-01",
    ]


# The fastest of the cases, S17, and percentiles, S18.


@pytest.mark.parametrize(
    ("fastest", "rounding", "counted"),
    [
        (95, "up", 10),
        (95, "down", 9),
        (95, "nearest", 10),
        (94, "nearest", 9),
        (90, "up", 9),
        (90, "down", 9),
        (100, "up", 10),
        (5, "up", 1),
        (5, "down", 0),
        (5, "nearest", 1),
        ("4.99", "nearest", 0),
        ("0.01", "up", 1),
    ],
)
def test_s17_the_average_of_the_fastest(fastest: Any, rounding: str, counted: int) -> None:
    target = average(fastest=fastest, rounding=rounding)
    outcome = run(target, *_days_after(9, 8, 7, 6, 5, 4, 3, 2, 1, 0))
    assert (outcome.counted, outcome.total) == (counted, sum(range(counted)))
    left_out = {f"beyond the fastest {fastest} %": 10 - counted} if counted < 10 else {}
    assert outcome.excluded == left_out
    assert [row.bucket for row in outcome.trail] == ["excluded"] * (10 - counted) + [
        "counted"
    ] * counted
    assert outcome.value == (Fraction(sum(range(counted)), counted) if counted else None)
    assert outcome.verdict == ("met" if counted else "not_assessable")


def test_s17_of_equals_the_first_by_the_key_counts() -> None:
    ids = ("c", "a", "d", "b")
    cases = [
        {"case_id": name, **case} for name, case in zip(ids, _days_after(5, 5, 5, 1), strict=True)
    ]
    outcome = run(average(fastest=75), *cases)
    beyond = "beyond the fastest 75 %"
    assert buckets(outcome) == ["counted", "counted", beyond, "counted"]
    beyond = "beyond the fastest 50 %"
    assert buckets(run(average(fastest=50), *cases)) == [beyond, "counted", beyond, "counted"]


def test_s17_of_a_key_of_two_columns_the_first_comes_first() -> None:
    table = Table("cases", key=("case_id", "part"), entry="filed", events=("decided",))
    cases = [
        {"case_id": name, "part": part, **case}
        for (name, part), case in zip(
            (("b", 1), ("a", 10), ("a", 9)), _days_after(5, 5, 5), strict=True
        )
    ]
    beyond = "beyond the fastest 50 %"
    found = buckets(run(average(fastest=50), *cases, table=table))
    assert found == [beyond, "counted", "counted"]


def test_s17_only_what_would_be_counted_is_trimmed() -> None:
    """The excluded cases are neither fast nor slow."""
    wrong = [{"decided": D(2017, 1, 2)}, {"filed": D(2017, 1, 2), "decided": D(2017, 1, 1)}]
    outcome = run(average(fastest=50), *wrong, *_days_after(31, 30))
    assert buckets(outcome) == [
        "start missing",
        "end before start",
        "beyond the fastest 50 %",
        "counted",
    ]
    assert (outcome.total, outcome.verdict) == (30, "met")


def test_s17_the_fastest_of_each_value() -> None:
    cases = [
        {"case_type": name, **case}
        for name, case in zip(
            ("visa", "visa", "asylum", "asylum", None), _days_after(1, 2, 10, 40, 50), strict=True
        )
    ]
    outcome = run(average(fastest=50, each="case_type"), *cases)
    beyond = "beyond the fastest 50 %"
    assert buckets(outcome) == ["counted", beyond, "counted", beyond, "counted"]
    assert (outcome.counted, outcome.total, outcome.value) == (3, 61, Fraction(61, 3))
    assert outcome.excluded == {beyond: 2}
    parts = {part: (o.counted, o.total, o.verdict) for part, o in outcome.each.items()}
    assert parts == {
        ("visa",): (1, 1, "met"),
        ("asylum",): (1, 10, "met"),
        (None,): (1, 50, "missed"),
    }
    assert outcome.verdict == "missed"
    # Together, the three fastest would do.
    assert run(average(fastest=50), *cases).value == Fraction(13, 3)


def percentile(**words: Any) -> Percentile:
    usual = {"start": "filed", "end": "decided", "percentile": 80, "limit": "30 days"}
    return Percentile(id="1", **{**usual, **words})


@pytest.mark.parametrize(
    ("percent", "days", "value"),
    [
        (80, (10, 20, 30, 40, 50), 40),
        (80, (50, 10, 40, 20, 30), 40),
        (50, (1, 2, 3, 4), 2),
        (50, (1, 2, 3), 2),
        (100, (7, 3), 7),
        ("0.01", (7, 3), 3),
        ("66.6", (1, 2, 3), 2),
        ("66.7", (1, 2, 3), 3),
        (90, (0,), 0),
        (75, (5, 5, 5, 9), 5),
        (76, (5, 5, 5, 9), 9),
    ],
)
def test_s18_a_percentile_is_one_of_the_durations(
    percent: Any, days: tuple[int, ...], value: int
) -> None:
    outcome = run(percentile(percentile=percent), *_days_after(*days))
    assert (outcome.value, outcome.met, outcome.total) == (Fraction(value), None, None)
    assert outcome.verdict == ("met" if value <= 30 else "missed")
    assert [row.days for row in outcome.trail] == list(days)
    assert {(row.met, row.due) for row in outcome.trail} == {(None, None)}


def test_s18_percentiles_count_what_ended_in_the_window() -> None:
    cases: list[dict[str, object]] = [
        {"filed": D(2017, 1, 1)},
        {"filed": D(2016, 1, 1), "decided": D(2016, 12, 31)},
        {"decided": D(2017, 1, 1)},
        {"filed": D(2017, 1, 1), "decided": D(2017, 1, 15)},
    ]
    outcome = run(percentile(limit="2 weeks"), *cases)
    assert buckets(outcome) == ["outside", "outside", "start missing", "counted"]
    assert (outcome.value, outcome.verdict) == (Fraction(14), "met")
    assert run(percentile(limit="13 days"), *cases).verdict == "missed"
    assert run(percentile(), *cases[:3]).verdict == "not_assessable"
    assert run(percentile(), *cases[:3]).value is None


# Every value on its own, S28.


def limits_file(**thresholds: int) -> ByValue:
    limits = {name: Span(days=30) for name in thresholds}
    return ByValue("case_type", limits, {k: Decimal(v) for k, v in thresholds.items()}, "l.csv")


def typed(*cases: tuple[str | None, int]) -> list[dict[str, object]]:
    """Cases of a type that took so many days."""
    found = _days_after(*(days for _, days in cases))
    return [{**case, "case_type": name} for case, (name, _) in zip(found, cases, strict=True)]


def verdicts(outcome: Outcome) -> dict[tuple[str | None, ...], str]:
    return {part: found.verdict for part, found in outcome.each.items()}


def test_s28_no_value_makes_up_for_another() -> None:
    cases = typed(*[("visa", 1)] * 9, ("asylum", 31))
    assert run(within(), *cases).verdict == "met"
    assert run(within(), *cases).each == {}
    outcome = run(within(each="case_type"), *cases)
    assert outcome.verdict == "missed"
    assert verdicts(outcome) == {("visa",): "met", ("asylum",): "missed"}
    assert (outcome.met, outcome.counted, outcome.value) == (9, 10, Fraction(9, 10))
    part = outcome.each["asylum",]
    assert (part.met, part.counted, part.value, part.trail) == (0, 1, Fraction(0), ())


def test_s28_a_missing_value_is_a_value_of_its_own_and_one_outside_is_none() -> None:
    cases = [*typed((None, 1), ("visa", 31)), {"filed": D(2017, 1, 1), "case_type": "asylum"}]
    outcome = run(within(each="case_type"), *cases)
    assert verdicts(outcome) == {(None,): "met", ("visa",): "missed"}
    assert outcome.each["visa",].rows == 1


def test_s28_a_value_with_rows_of_which_none_counts_is_not_assessable() -> None:
    cases = [*typed(("visa", 1)), {"decided": D(2017, 1, 1), "case_type": "asylum"}]
    outcome = run(within(each="case_type"), *cases)
    assert verdicts(outcome) == {("visa",): "met", ("asylum",): "not_assessable"}
    assert outcome.each["asylum",].excluded == {"start missing": 1}
    assert outcome.verdict == "not_assessable"
    # One that is missed decides.
    cases += typed(("passport", 31))
    assert run(within(each="case_type"), *cases).verdict == "missed"
    assert run(within(each="case_type")).verdict == "not_assessable"
    assert run(within(each="case_type")).each == {}


def test_s28_each_value_has_the_threshold_of_its_own_and_one_without_cases_lapses() -> None:
    target = within(
        limit=limits_file(visa=90, asylum=50, passport=90), threshold=None, each="case_type"
    )
    outcome = run(target, *typed(*[("visa", 1)] * 9, ("visa", 31), ("asylum", 31), ("asylum", 1)))
    assert verdicts(outcome) == {
        ("visa",): "met",
        ("asylum",): "met",
        ("passport",): "lapsed",
    }
    assert outcome.verdict == "met"
    assert outcome.each["passport",] == Outcome(0, 0, 0, 0, {}, 0, None, None, "lapsed", ())
    outcome = run(target, *typed(("visa", 1), ("asylum", 1), ("asylum", 31), ("asylum", 31)))
    assert verdicts(outcome)["asylum",] == "missed"
    # A type that was decided and has no limit.
    outcome = run(target, *typed(("visa", 1), ("family", 1)))
    assert verdicts(outcome) == {
        ("visa",): "met",
        ("family",): "not_assessable",
        ("asylum",): "lapsed",
        ("passport",): "lapsed",
    }
    assert outcome.each["family",].excluded == {"limit missing": 1}
    assert outcome.verdict == "not_assessable"
    # None has cases.
    assert run(target).verdict == "not_assessable"


def test_s28_only_limits_by_the_same_column_list_values() -> None:
    outcome = run(within(limit=by_type(visa="30 days"), each="flag"))
    assert outcome.each == {}


def test_s28_parts_are_open_while_the_whole_is() -> None:
    target = within(each="case_type")
    outcome = run(target, *typed(("visa", 31)), as_of=D(2017, 12, 30))
    assert outcome.verdict == "open"
    assert verdicts(outcome) == {("visa",): "open"}


STRETCHES = {"dated": "decided", "first": 90, "since": {"2017-07-01": 50, "2017-10-01": "all"}}


def test_each_stretch_of_time_has_a_threshold_of_its_own() -> None:
    early = {"filed": D(2017, 5, 1), "decided": D(2017, 6, 30)}
    middle = {"filed": D(2017, 7, 1), "decided": D(2017, 7, 1)}
    late = {"filed": D(2017, 5, 1), "decided": D(2017, 9, 30)}
    outcome = run(within(threshold=STRETCHES), early, middle, late)
    assert verdicts(outcome) == {("before 2017-07-01",): "missed", ("since 2017-07-01",): "met"}
    assert outcome.verdict == "missed"
    assert (outcome.met, outcome.counted) == (1, 3)
    assert run(within(threshold=STRETCHES), middle, late).verdict == "met"
    last = {"filed": D(2017, 10, 1), "decided": D(2017, 10, 1)}
    slow = {"filed": D(2017, 8, 1), "decided": D(2017, 10, 1)}
    outcome = run(within(threshold=STRETCHES), last, last | {"case_id": "x"}, slow)
    assert verdicts(outcome) == {("since 2017-10-01",): "missed"}


def test_each_value_in_each_stretch_of_time() -> None:
    target = within(threshold=STRETCHES, each="case_type", limit=by_type(visa="30 days", x="1 day"))
    early = {"filed": D(2017, 5, 1), "decided": D(2017, 6, 30), "case_type": "visa"}
    middle = {"filed": D(2017, 7, 1), "decided": D(2017, 7, 1), "case_type": "visa"}
    assert verdicts(run(target, early, middle)) == {
        ("visa", "before 2017-07-01"): "missed",
        ("visa", "since 2017-07-01"): "met",
        ("x",): "lapsed",
    }


def test_an_open_case_falls_in_the_stretch_of_as_of() -> None:
    target = within(threshold=STRETCHES, denominator="cohort")
    for as_of, stretch in (
        (D(2017, 6, 30), "before 2017-07-01"),
        (D(2017, 7, 1), "since 2017-07-01"),
        (None, "since 2017-10-01"),
    ):
        outcome = run(target, {"filed": D(2017, 1, 1)}, as_of=as_of)
        assert list(outcome.each) == [(stretch,)]


# Counts, S23, and shares, S19.


ACTIONS = Table("actions", key="action_id", entry="done", dates=("planned",))


def of(
    target: Requirement,
    table: Table,
    *cases: Mapping[str, object],
    as_of: dt.date | None = None,
    **words: Any,
) -> Outcome:
    """What becomes of rows of any table, those without an id numbered."""
    blank = dict.fromkeys(table.date_columns)
    numbered = [
        {**blank, **dict.fromkeys(table.key, f"r{n:02}"), **case} for n, case in enumerate(cases)
    ]
    plan_ = plan(target, table, **words)
    return oracle.evaluate(plan_, {table.name: numbered}, as_of)[target.id]


def count(**words: Any) -> Count:
    return Count(id="1", **{"table": "actions", "requires": {"at_least": 2}, **words})


def done(*days: dt.date | None, **cells: object) -> list[dict[str, object]]:
    return [{"done": day, **cells} for day in days]


def test_s23_the_rows_whose_date_lies_in_the_window() -> None:
    days = (D(2016, 12, 31), D(2017, 1, 1), D(2017, 12, 31), None)
    outcome = of(count(), ACTIONS, *done(*days, D(2018, 1, 1)))
    assert buckets(outcome) == ["outside", "counted", "counted", "outside"]
    assert (outcome.value, outcome.met, outcome.total) == (Fraction(2), None, None)
    assert outcome.verdict == "met"
    assert outcome.trail[1] == Row("counted")
    assert of(count(requires={"at_least": 3}), ACTIONS, *done(*days)).verdict == "missed"
    outcome = of(count(window="2017-H1", where={"kind": "x"}), ACTIONS, *done(*days, kind="x"))
    assert buckets(outcome) == ["outside", "counted", "outside", "outside"]


def test_s23_another_date_than_the_entry() -> None:
    cases = [{"done": D(2017, 1, 1), "planned": D(2018, 1, 1)}, {"planned": D(2017, 1, 1)}]
    assert buckets(of(count(on="planned"), ACTIONS, *cases)) == ["outside", "counted"]


@pytest.mark.parametrize(
    ("requires", "verdict"),
    [
        ({"at_least": 1}, "missed"),
        ({"at_most": 0}, "met"),
        ({"less_than": 1}, "met"),
        ({"less_than": 0}, "missed"),
        ({"more_than": 0}, "missed"),
        ({"at_least": 0, "at_most": 3}, "met"),
    ],
)
def test_s23_zero_is_a_value(requires: dict[str, int], verdict: str) -> None:
    outcome = of(count(requires=requires), ACTIONS)
    assert (outcome.value, outcome.verdict) == (Fraction(0), verdict)
    early = of(count(requires=requires), ACTIONS, as_of=D(2017, 12, 30))
    assert early.verdict == "open"
    # But a table that is lacking says nothing.
    assert oracle.evaluate(plan(count(), ACTIONS), {})["1"].verdict == "not_assessable"


def test_s23_distinct_values_are_counted_once_the_first_by_the_key() -> None:
    day = {"done": D(2017, 5, 1)}
    cases: list[dict[str, object]] = [
        {"action_id": "c", "person": "x", **day},
        {"action_id": "a", "person": "x", **day},
        {"action_id": "b", "person": "y", **day},
        {"action_id": "d", "person": None, **day},
        {"action_id": "0", "person": "x", "done": D(2016, 1, 1)},
        {"action_id": "e", "person": "z", **day},
        {"action_id": "e", "person": "z", **day},
    ]
    outcome = of(count(distinct="person"), ACTIONS, *cases)
    assert buckets(outcome) == [
        "counted already",
        "counted",
        "counted",
        "person missing",
        "outside",
        "repeated id",
        "repeated id",
    ]
    assert (outcome.value, outcome.verdict) == (Fraction(2), "met")
    assert of(count(), ACTIONS, *cases).value == 4


def test_s23_reasons_in_their_order() -> None:
    gap = T(2017, 3, 26, 2, 30)
    cases: list[dict[str, object]] = [
        {"action_id": "a", "done": gap, "person": None},
        {"action_id": "a", "done": gap, "person": "x"},
        {"action_id": "a", "done": T(2017, 3, 26), "person": "x"},
    ]
    found = buckets(of(count(distinct="person"), ACTIONS, *cases))
    assert found == ["person missing", "no such local time", "repeated id"]


def test_s23_distinct_values_within_each_value() -> None:
    day = {"done": D(2017, 5, 1), "person": "x"}
    cases = [{"office": "n", **day}, {"office": "s", **day}, {"office": "s", **day}]
    target = count(distinct="person", each="office", requires={"at_least": 1})
    outcome = of(target, ACTIONS, *cases)
    assert buckets(outcome) == ["counted", "counted", "counted already"]
    assert {part: found.value for part, found in outcome.each.items()} == {("n",): 1, ("s",): 1}
    assert (outcome.value, outcome.verdict) == (Fraction(2), "met")
    outcome = of(evolve(target, requires={"at_least": 2}), ACTIONS, *cases)
    assert outcome.verdict == "missed"


SAMPLE = Table("sample", key="case_id", entry="checked", events="sent")


def test_s19_the_share_that_fulfils_a_condition() -> None:
    target = Share(id="1", table="sample", having={"passed": True, "pages": 2}, threshold=50)
    days = (D(2016, 12, 31), *[D(2017, 5, 1)] * 4, None)
    passed = (True, True, True, False, None, True)
    pages = (2, 2, None, 2, 2, 2)
    cases = [
        {"checked": d, "passed": p, "pages": n} for d, p, n in zip(days, passed, pages, strict=True)
    ]
    outcome = of(target, SAMPLE, *cases)
    assert [row.met for row in outcome.trail] == [None, True, False, False, False, None]
    assert outcome.trail[1] == Row("counted", met=True)
    assert (outcome.met, outcome.counted, outcome.value) == (1, 4, Fraction(1, 4))
    assert outcome.verdict == "missed"
    assert of(evolve(target, threshold=25), SAMPLE, *cases).verdict == "met"
    assert of(target, SAMPLE).verdict == "not_assessable"
    cases = [{**case, "sent": D(2017, 6, 1)} for case in cases]
    assert of(evolve(target, on="sent"), SAMPLE, *cases).counted == 6


def test_s19_a_share_leaves_out_what_cannot_be_placed() -> None:
    target = Share(id="1", table="sample", having={"passed": True}, threshold=50)
    cases = [
        {"checked": T(2017, 3, 26, 2, 30), "passed": True, "case_id": "a"},
        {"checked": T(2017, 3, 26, 1, 30), "passed": True, "case_id": "a"},
    ]
    assert buckets(of(target, SAMPLE, *cases)) == ["no such local time", "repeated id"]


# Stocks, S22.


STAYS = Table("stays", key="stay", entry="entered", events="left")


def stock(**words: Any) -> Stock:
    usual = {"table": "stays", "start": "entered", "end": "left", "at": EndOf("2017")}
    return Stock(id="1", **{**usual, **words})


def change(**words: Any) -> Stock:
    return stock(**{"against": {"end_of": "2016"}, "change": {"at_most": -10}, **words})


def stay(entered: dt.date | None, left: dt.date | None = None) -> dict[str, object]:
    return {"entered": entered, "left": left}


def test_s22_in_the_stock_at_the_end_of_a_day() -> None:
    cases = [
        stay(D(2017, 12, 31)),
        stay(D(2018, 1, 1)),
        stay(D(2017, 1, 1), D(2017, 12, 31)),
        stay(D(2017, 1, 1), D(2018, 1, 1)),
        stay(D(2010, 1, 1)),
    ]
    outcome = of(stock(level={"at_most": 3}), STAYS, *cases, as_of=D(2018, 6, 1))
    assert buckets(outcome) == ["counted", "outside", "outside", "counted", "counted"]
    assert outcome.figures == {"stock": 3, "base": None}
    assert (outcome.value, outcome.verdict) == (Fraction(3), "met")
    assert outcome.trail[3] == Row("counted", days=365)
    # At the end of the year, the one that left a day later had not left.
    assert of(stock(level={"less_than": 3}), STAYS, *cases).figures["stock"] == 3
    assert of(stock(level={"less_than": 3}), STAYS, *cases).verdict == "missed"


def test_s22_a_level_of_none_is_a_value() -> None:
    outcome = of(stock(level={"at_most": 0}), STAYS)
    assert (outcome.value, outcome.verdict) == (Fraction(0), "met")


def stays(before: int, then: int) -> list[dict[str, object]]:
    """So many stays that end in the course of the year, and so many that begin."""
    return [stay(D(2016, 1, 1), D(2017, 5, 1))] * before + [stay(D(2017, 5, 1))] * then


@pytest.mark.parametrize(
    ("base", "now", "value", "verdict"),
    [
        (10, 9, Fraction(-1, 10), "met"),
        (806, 548, Fraction(-258, 806), "met"),
        (21, 19, Fraction(-2, 21), "missed"),
        (100, 91, Fraction(-9, 100), "missed"),
        (10, 12, Fraction(1, 5), "missed"),
        (5, 0, Fraction(-1), "met"),
        (0, 0, None, "not_assessable"),
        (0, 3, None, "not_assessable"),
    ],
)
def test_s22_a_change_is_exact(base: int, now: int, value: Fraction | None, verdict: str) -> None:
    outcome = of(change(), STAYS, *stays(base, now))
    assert outcome.figures == {"stock": now, "base": base}
    assert (outcome.value, outcome.counted, outcome.verdict) == (value, base + now, verdict)
    assert of(change(), STAYS, *stays(base, now), as_of=D(2017, 12, 30)).verdict == "open"


def test_s22_a_stay_in_both_stocks_is_one_row() -> None:
    outcome = of(change(), STAYS, stay(D(2016, 1, 1)), stay(D(2017, 1, 1)))
    assert outcome.figures == {"stock": 2, "base": 1}
    assert outcome.counted == 2


def test_s22_what_would_be_in_a_stock_but_for_a_mistake_is_excluded() -> None:
    cases = [
        # Without its start it is taken as entered: it was there at one end or the other.
        stay(None),
        stay(None, D(2017, 1, 1)),
        stay(None, D(2016, 12, 31)),
        # It left before it entered, whenever that was, up to the later day.
        stay(D(2015, 2, 1), D(2015, 1, 1)),
        stay(D(2017, 12, 31), D(2017, 12, 30)),
        stay(D(2018, 1, 1), D(2017, 12, 31)),
        stay(D(2015, 1, 1), D(2015, 2, 1)),
    ]
    outcome = of(change(), STAYS, *cases, as_of=D(2018, 1, 1))
    assert buckets(outcome) == [
        "start missing",
        "start missing",
        "outside",
        "end before start",
        "end before start",
        "outside",
        "outside",
    ]
    twice = {"stay": "a"}
    gap = stay(D(2017, 1, 1)) | {"entered": T(2017, 3, 26, 2, 30)}
    outcome = of(change(), STAYS, gap, stay(D(2017, 1, 1)) | twice, stay(D(2018, 1, 1)) | twice)
    assert buckets(outcome) == ["no such local time", "counted"]


def test_s22_a_change_of_each_value() -> None:
    cases = [{**one, "camp": "n"} for one in stays(10, 9)]
    cases += [{**one, "camp": "s"} for one in stays(0, 1)]
    outcome = of(change(each="camp"), STAYS, *cases)
    assert verdicts(outcome) == {("n",): "met", ("s",): "not_assessable"}
    assert outcome.each["n",].figures == {"stock": 9, "base": 10}
    assert outcome.figures == {"stock": 10, "base": 10}
    assert (outcome.value, outcome.verdict) == (Fraction(0), "not_assessable")


# Every working day, S7 and S24.

DENMARK = Calendar("denmark")
SATURDAYS = Calendar("denmark", saturdays=True)


@pytest.mark.parametrize(
    "sunday",
    [
        D(1818, 3, 22),
        D(1943, 4, 25),
        D(1954, 4, 18),
        D(1981, 4, 19),
        D(2000, 4, 23),
        D(2008, 3, 23),
        D(2017, 4, 16),
        D(2022, 4, 17),
        D(2023, 4, 9),
        D(2024, 3, 31),
        D(2038, 4, 25),
        D(2049, 4, 18),
        D(2285, 3, 22),
    ],
)
def test_s7_easter(sunday: dt.date) -> None:
    assert oracle.easter_sunday(sunday.year) == sunday


@pytest.mark.parametrize(
    ("day", "works"),
    [
        (D(2022, 4, 13), True),
        (D(2022, 4, 14), False),
        (D(2022, 4, 15), False),
        (D(2022, 4, 18), False),
        (D(2022, 4, 19), True),
        # Store Bededag, until 2023.
        (D(2022, 5, 13), False),
        (D(2023, 5, 5), False),
        (D(2024, 4, 26), True),
        (D(2022, 5, 26), False),
        (D(2022, 5, 27), True),
        (D(2022, 6, 6), False),
        (D(2017, 6, 5), False),
        (D(2018, 6, 5), True),
        (D(2022, 12, 23), True),
        (D(2021, 12, 24), True),
        (D(2022, 12, 26), False),
        (D(2024, 12, 25), False),
        (D(2021, 12, 31), True),
        (D(2021, 1, 1), False),
        (D(2022, 5, 7), False),
        (D(2022, 5, 8), False),
        (D(2024, 5, 1), True),
    ],
)
def test_s7_danish_working_days(day: dt.date, works: bool) -> None:
    assert oracle.is_working_day(day, DENMARK) is works


@pytest.mark.parametrize(
    ("off", "day"),
    [
        ("constitution day", D(2018, 6, 5)),
        ("christmas eve", D(2021, 12, 24)),
        ("new year's eve", D(2021, 12, 31)),
        ("friday after ascension", D(2022, 5, 27)),
        ("workers' day", D(2024, 5, 1)),
    ],
)
def test_s7_days_off_by_name(off: str, day: dt.date) -> None:
    assert not oracle.is_working_day(day, Calendar("denmark", (off,)))
    assert oracle.is_working_day(day, DENMARK)


def test_s7_saturdays_and_the_working_days_of_a_year() -> None:
    first, last = D(2022, 5, 1), D(2022, 5, 31)
    assert len(oracle.working_days(first, last, DENMARK)) == 20
    assert (
        len(oracle.working_days(first, last, Calendar("denmark", ("friday after ascension",))))
        == 19
    )
    assert len(oracle.working_days(first, last, SATURDAYS)) == 24
    assert len(oracle.working_days(D(2022, 1, 1), D(2022, 12, 31), DENMARK)) == 253
    # A holiday on a Saturday is one.
    assert not oracle.is_working_day(D(2022, 1, 1), SATURDAYS)
    assert oracle.working_days(last, first, DENMARK) == []


SLOTS = Table("slots", key="date", entry="date", dates=("next_free",))


def slots(**words: Any) -> EveryWorkingDay:
    usual = {"table": "slots", "start": "date", "end": "next_free", "limit": "3 weeks"}
    return EveryWorkingDay(id="1", **{**usual, "window": "2022-05", **words})


def offered(
    first: dt.date, last: dt.date, wait: int | None = 21, calendar: Calendar | None = None
) -> Iterator[dict[str, object]]:
    """What was offered on each working day."""
    for day in oracle.working_days(first, last, calendar or DENMARK):
        free = None if wait is None else day + dt.timedelta(days=wait)
        yield {"date": day, "next_free": free}


MAY = (D(2022, 5, 1), D(2022, 5, 31))
IN_2022 = {"period": "2022"}


def days_of_may(target: EveryWorkingDay, *cases: Mapping[str, object], **words: Any) -> Outcome:
    return of(target, SLOTS, *cases, **{**IN_2022, **words})


def test_s24_every_working_day_keeps_the_limit() -> None:
    outcome = days_of_may(slots(), *offered(*MAY))
    assert outcome.figures == {"working_days": 20, "missing_days": 0}
    assert (outcome.met, outcome.value, outcome.verdict) == (20, Fraction(1), "met")
    assert outcome.trail[0] == Row("counted", met=True, days=21, due=D(2022, 5, 23))
    # A day beyond the limit, and a day on which nothing was free.
    for wait in (22, None):
        cases = [*offered(D(2022, 5, 1), D(2022, 5, 30)), *offered(MAY[1], MAY[1], wait)]
        outcome = days_of_may(slots(), *cases)
        assert (outcome.met, outcome.counted, outcome.verdict) == (19, 20, "missed")
        assert outcome.trail[-1].met is False


def test_s24_a_working_day_without_a_row_is_not_assessable_but_a_miss_decides() -> None:
    cases = list(offered(*MAY))[1:]
    outcome = days_of_may(slots(), *cases)
    assert outcome.figures == {"working_days": 20, "missing_days": 1}
    assert outcome.verdict == "not_assessable"
    late = list(offered(MAY[1], MAY[1], 22))
    outcome = days_of_may(slots(), *cases[:-1], *late)
    assert (outcome.figures["missing_days"], outcome.verdict) == (1, "missed")
    outcome = days_of_may(slots())
    assert outcome.figures == {"working_days": 20, "missing_days": 20}
    assert (outcome.value, outcome.verdict) == (None, "not_assessable")


def test_s24_a_day_whose_rows_cannot_be_used_is_missing() -> None:
    first, *rest = offered(*MAY)
    outcome = days_of_may(slots(), first, first, *rest)
    assert buckets(outcome)[:3] == ["repeated id", "repeated id", "counted"]
    assert (outcome.figures["missing_days"], outcome.verdict) == (1, "not_assessable")


def test_s24_days_off_other_months_and_days_to_come_are_outside() -> None:
    cases: list[dict[str, object]] = [
        {"date": D(2022, 5, 7), "next_free": None},
        {"date": D(2022, 5, 13), "next_free": None},
        {"date": D(2022, 4, 29), "next_free": None},
        {"date": D(2022, 6, 1), "next_free": None},
        {"date": None, "next_free": D(2022, 5, 2)},
        {"date": D(2022, 5, 3), "next_free": D(2022, 5, 2)},
    ]
    outcome = days_of_may(slots(), *cases, *offered(*MAY), period="2022-H1")
    assert buckets(outcome)[:6] == [*["outside"] * 4, "start missing", "end before start"]
    # Tuesday 3 May stands twice, and neither row says how it was.
    assert outcome.figures == {"working_days": 20, "missing_days": 1}


def test_s24_up_to_as_of() -> None:
    outcome = days_of_may(slots(), *offered(*MAY), as_of=D(2022, 5, 6))
    assert outcome.figures == {"working_days": 5, "missing_days": 0}
    assert (outcome.rows, outcome.counted, outcome.verdict) == (5, 5, "open")
    outcome = days_of_may(slots(), *offered(*MAY), as_of=D(2022, 4, 30))
    assert outcome.figures == {"working_days": 0, "missing_days": 0}


def test_s24_the_plans_calendar() -> None:
    calendar = {"name": "denmark", "off": ["friday after ascension"], "saturdays": True}
    target = slots(calendar=calendar)
    assert target.calendar == Calendar("denmark", ("friday after ascension",), saturdays=True)
    outcome = days_of_may(target, *offered(*MAY, calendar=target.calendar))
    assert (outcome.figures["working_days"], outcome.verdict) == (23, "met")
    outcome = days_of_may(target, *offered(*MAY))
    # Four Saturdays are missing, and the Friday is outside.
    assert (outcome.figures["missing_days"], outcome.outside) == (4, 1)
    with pytest.raises(NotImplementedError, match="united kingdom"):
        days_of_may(slots(calendar="united kingdom"), *offered(*MAY))


def test_s24_without_a_calendar_of_its_own_the_plans_and_limits_in_its_working_days() -> None:
    bridge = {"name": "denmark", "off": ["friday after ascension"]}
    cases = list(offered(*MAY, calendar=Calendar(**bridge)))
    assert days_of_may(slots(), *cases, calendar=bridge).verdict == "met"
    assert days_of_may(slots(), *cases).figures["missing_days"] == 1
    target = slots(limit="1 working day", window=Window(since="2022-05-25", through="2022-05-25"))
    for free, met in ((D(2022, 5, 30), True), (D(2022, 5, 31), False)):
        wednesday = {"date": D(2022, 5, 25), "next_free": free}
        outcome = days_of_may(target, wednesday, calendar=bridge)
        assert outcome.trail[0] == Row(
            "counted", met=met, days=(free - D(2022, 5, 25)).days, due=D(2022, 5, 30)
        )


def test_s24_month_ends_and_windows_without_a_working_day() -> None:
    target = slots(limit="1 month", month_end="refuse", window="2022-01")
    cases = offered(D(2022, 1, 1), D(2022, 1, 31))
    outcome = days_of_may(target, *cases)
    assert outcome.trail[-1].reason == "refused month end"
    assert outcome.figures == {"working_days": 21, "missing_days": 1}
    weekend = slots(window=Window(since="2022-05-07", through="2022-05-08"))
    outcome = days_of_may(weekend, *offered(*MAY))
    assert outcome.figures == {"working_days": 0, "missing_days": 0}
    assert outcome.verdict == "not_assessable"


# Working days as limits, S7.


# Easter 2017 is 16 April: the 13th, 14th and 17th are holidays, and so are 12 and 25 May, 5 June.
EASTER_DUE = D(2017, 4, 19)


@pytest.mark.parametrize(
    ("filed", "limit", "due"),
    [
        # Monday to Wednesday, and after Easter Tuesday and Wednesday.
        (D(2017, 4, 7), "5 working days", EASTER_DUE),
        (D(2017, 4, 12), "1 working day", D(2017, 4, 18)),
        (D(2017, 1, 2), "1 working day", D(2017, 1, 3)),
        (D(2017, 1, 7), "1 working day", D(2017, 1, 9)),
        (D(2017, 1, 6), "10 working days", D(2017, 1, 20)),
        # None of them is the start itself, a Saturday or not.
        (D(2017, 1, 7), "0 working days", D(2017, 1, 7)),
    ],
)
def test_s7_the_due_date_is_the_nth_working_day_after_the_start(
    filed: dt.date, limit: str, due: dt.date
) -> None:
    assert one(within(limit=limit), filed=filed, decided=due) == Row("counted", None, True, (due - filed).days, due)  # fmt: skip
    late = due + dt.timedelta(days=1)
    assert one(within(limit=limit), filed=filed, decided=late).met is False


def test_s7_working_days_before() -> None:
    target = before(limit="5 working days before")
    # Tuesday after Easter, and before it Wednesday to Monday and the Friday.
    row = one(target, due=EASTER_DUE, documented=D(2017, 4, 7))
    assert (row.met, row.due) == (True, D(2017, 4, 7))
    assert one(target, due=EASTER_DUE, documented=D(2017, 4, 8)).met is False
    # From a Sunday, the first working day before it is the Friday.
    target = before(limit="1 working day before")
    assert one(target, due=D(2017, 1, 8), documented=D(2017, 1, 1)).due == D(2017, 1, 6)


def test_s7_the_targets_calendar_comes_before_the_plans() -> None:
    cells = {"filed": D(2017, 5, 24), "decided": D(2017, 5, 26)}
    bridge = {"name": "denmark", "off": ["friday after ascension"]}
    target = within(limit="1 working day")
    assert run(target, cells).trail[0].due == D(2017, 5, 26)
    assert run(target, cells, calendar=bridge).trail[0].due == D(2017, 5, 29)
    target = within(limit="1 working day", calendar="denmark")
    assert run(target, cells, calendar=bridge).trail[0].due == D(2017, 5, 26)
    target = within(limit="1 working day", calendar={**bridge, "saturdays": True})
    assert run(target, cells).trail[0].due == D(2017, 5, 27)
    target = within(limit="1 working day", calendar={"name": "denmark", "off": [D(2017, 5, 26)]})
    assert run(target, cells).trail[0].due == D(2017, 5, 29)


MARCH = {"off": [D(2017, 3, 1)], "covers": "2017-03"}
"""A calendar of its own: it knows no holidays, and no other month."""


@pytest.mark.parametrize(
    ("filed", "limit", "due"),
    [
        # The start is not looked at, and the due date is.
        (D(2017, 2, 28), "1 working day", D(2017, 3, 2)),
        (D(2017, 2, 27), "1 working day", None),
        (D(2017, 3, 30), "1 working day", D(2017, 3, 31)),
        (D(2017, 3, 30), "2 working days", None),
        (D(2017, 4, 30), "0 working days", D(2017, 4, 30)),
    ],
)
def test_s7_days_that_the_calendar_does_not_cover(
    filed: dt.date, limit: str, due: dt.date | None
) -> None:
    row = one(within(limit=limit, calendar=MARCH), filed=filed, decided=D(2017, 12, 1))
    assert row.due == due
    assert row.reason == (None if due else "outside the calendar")


def test_s7_days_backwards_that_the_calendar_does_not_cover() -> None:
    for due, limit, day in (
        (D(2017, 4, 1), "1 working day before", D(2017, 3, 31)),
        (D(2017, 4, 2), "1 working day before", None),
        (D(2017, 3, 3), "1 working day before", D(2017, 3, 2)),
        (D(2017, 3, 3), "2 working days before", None),
    ):
        row = one(before(limit=limit, calendar=MARCH), due=due, documented=D(2017, 1, 1))
        assert row.due == day
        assert row.reason == (None if day else "outside the calendar")


def test_s7_a_case_outside_the_calendar_enters_where_its_due_date_is_asked_for() -> None:
    for denominator in ("due", "settled", "cohort", "overdue"):
        target = within(limit="5 working days", calendar=MARCH, denominator=denominator)
        assert one(target, filed=D(2017, 6, 1)).reason == "outside the calendar"


def test_s7_an_average_in_working_days() -> None:
    """Five working days over Easter are twelve days, and in another week seven."""
    cases = [
        {"filed": D(2017, 4, 7), "decided": D(2017, 4, 20)},
        {"filed": D(2017, 1, 6), "decided": D(2017, 1, 12)},
    ]
    outcome = run(average(limit="5 working days"), *cases)
    assert (outcome.total, outcome.figures, outcome.verdict) == (19, {"allowed": 19}, "met")
    outcome = run(average(limit="5 working days"), *cases[:1])
    assert (outcome.total, outcome.figures, outcome.verdict) == (13, {"allowed": 12}, "missed")


@pytest.mark.parametrize(
    ("country", "off", "works"),
    [
        ("netherlands", [D(2017, 4, 27), D(2025, 4, 26), D(2013, 4, 30), D(2020, 5, 5)], [D(2025, 4, 28), D(2017, 5, 5), D(2017, 4, 13)]),
        ("sweden", [D(2017, 1, 6), D(2017, 6, 6), D(2004, 5, 31)], [D(2017, 6, 5), D(2017, 6, 23), D(2017, 12, 26) - dt.timedelta(days=4)]),
        ("germany", [D(2017, 10, 3), D(2017, 10, 31), D(2017, 5, 1)], [D(2018, 10, 31), D(2017, 4, 13)]),
        ("european central bank", [D(2017, 4, 14), D(2017, 5, 1), D(2001, 12, 31)], [D(2017, 5, 25), D(2017, 6, 5)]),
    ],
)  # fmt: skip
def test_s7_other_countries(country: str, off: list[dt.date], works: list[dt.date]) -> None:
    every_day = Calendar(country, saturdays=True)
    assert not any(oracle.is_working_day(day, every_day) for day in off)
    assert all(oracle.is_working_day(day, every_day) for day in works)


def test_s7_what_the_oracle_does_not_know_it_says() -> None:
    for unknown in (Calendar("united kingdom"), Calendar("germany", region="BE")):
        with pytest.raises(NotImplementedError, match="the oracle knows no calendar"):
            oracle.is_working_day(D(2017, 3, 1), unknown)


@pytest.mark.parametrize("saturdays", [False, True])
@pytest.mark.parametrize(
    "country", ["denmark", "germany", "netherlands", "sweden", "european central bank"]
)
def test_s7_no_calendar_disagrees_with_the_library(country: str, saturdays: bool) -> None:
    """A century, reckoned from Easter here and looked up there."""
    calendar = Calendar(country, saturdays=saturdays)
    first, last = D(2000, 1, 1), D(2100, 12, 31)
    assert oracle.working_days(first, last, calendar) == [*calendar.working_days(first, last)]


def test_s7_no_day_off_by_name_disagrees_with_the_library() -> None:
    calendar = Calendar("denmark", OFF, saturdays=True)
    first, last = D(1970, 1, 1), D(2100, 12, 31)
    assert oracle.working_days(first, last, calendar) == [*calendar.working_days(first, last)]


# Rolling, S8.


def test_s8_a_due_date_rolls_to_the_next_working_day_where_that_is_asked() -> None:
    # 14 March and 30 days are Maundy Thursday.
    cells = {"filed": D(2017, 3, 14), "decided": D(2017, 4, 18)}
    kinds: Sequence[tuple[Target, dict[str, Any], dt.date]] = (
        (within(), {}, D(2017, 4, 13)),
        (within(roll="next working day"), {}, D(2017, 4, 18)),
        (within(), {"roll": "next working day"}, D(2017, 4, 18)),
        (within(roll="none"), {"roll": "next working day"}, D(2017, 4, 13)),
    )
    for target, words, due in kinds:
        row = run(target, cells, **words).trail[0]
        assert (row.due, row.met) == (due, due == D(2017, 4, 18))
    assert one(within(roll="next working day"), **{**cells, "decided": D(2017, 4, 19)}).met is False
    # One that is a working day stays.
    row = one(within(roll="next working day"), filed=D(2017, 3, 13), decided=D(2017, 4, 1))
    assert row.due == D(2017, 4, 12)


def test_s8_every_limit_in_days_rolls_and_none_by_the_clock() -> None:
    rolls: dict[str, Any] = {"roll": "next working day"}
    column = within(limit=DueColumn("due"), **rolls)
    row = one(column, filed=D(2017, 1, 1), decided=D(2017, 1, 9), due=D(2017, 1, 7))
    assert (row.due, row.met) == (D(2017, 1, 9), True)
    row = one(
        before(limit="1 month before", **rolls), due=D(2017, 5, 13), documented=D(2017, 4, 18)
    )
    assert (row.due, row.met) == (D(2017, 4, 18), True)
    # Rounded first: 31 May and a month are 30 June or, up, Saturday 1 July.
    row = one(within(limit="1 month", month_end="up", **rolls), filed=D(2017, 5, 31), decided=D(2017, 7, 3))  # fmt: skip
    assert (row.due, row.met) == (D(2017, 7, 3), True)
    row = one(within(limit="0 days", **rolls), filed=D(2017, 1, 7), decided=D(2017, 1, 9))
    assert row.due == D(2017, 1, 9)
    saturday = {"filed": dt.datetime(2017, 1, 7, 9), "decided": dt.datetime(2017, 1, 7, 9, 5)}
    assert run(within(limit="5 minutes"), saturday, **rolls).trail[0].due == D(2017, 1, 7)


def test_s8_an_average_never_rolls() -> None:
    cells = {"filed": D(2017, 3, 13), "decided": D(2017, 4, 18)}
    outcome = run(average(limit="1 month"), cells, roll="next working day")
    assert (outcome.trail[0].due, outcome.verdict) == (D(2017, 4, 13), "missed")


def test_s8_a_day_that_cannot_be_rolled_to_is_outside_the_calendar() -> None:
    for filed, due in (
        (D(2017, 2, 28), D(2017, 3, 2)),
        (D(2017, 2, 27), None),
        (D(2017, 3, 29), D(2017, 3, 30)),
        (D(2017, 3, 31), None),
    ):
        target = within(limit="1 day", roll="next working day", calendar=MARCH)
        row = one(target, filed=filed, decided=D(2017, 5, 1))
        assert (row.due, row.reason) == (due, None if due else "outside the calendar")


# Pauses, S14.


REQUESTS = Table("requests", key="of", entry="asked", events="answered", pauses="cases")
HEARINGS = Table("hearings", key="case_id", entry="asked", events="answered", pauses="cases")

Asked: TypeAlias = tuple[dt.date | None, dt.date | None]


def paused(
    target: Target,
    cells: Mapping[str, object],
    *requests: Asked,
    hearings: Sequence[Asked] = (),
    as_of: dt.date | None = None,
    **words: Any,
) -> Outcome:
    """What becomes of one case that is paused, by one table or by two."""
    tables: dict[str, Sequence[Mapping[str, object]]] = {
        "cases": rows(cells),
        "requests": [{"of": "c0", "asked": since, "answered": to} for since, to in requests],
        "hearings": [{"case_id": "c0", "asked": since, "answered": to} for since, to in hearings],
    }
    known = plan(target, **{"tables": [CASES, REQUESTS, HEARINGS], **words})
    return oracle.evaluate(known, tables, as_of)["1"]


MARCH_LONG: dict[str, object] = {"filed": D(2017, 3, 1), "decided": D(2017, 3, 31)}


def m(day: int) -> dt.date:
    """A day of March 2017."""
    return D(2017, 3, day)


@pytest.mark.parametrize(
    ("requests", "days"),
    [
        ([], 0),
        ([(m(5), m(10))], 5),
        # From a day, up to another that counts again; a pause of no day takes none.
        ([(m(5), m(6))], 1),
        ([(m(5), m(5))], 0),
        # Each day once, whether pauses overlap, touch, or lie in each other.
        ([(m(5), m(10)), (m(8), m(12))], 7),
        ([(m(5), m(10)), (m(10), m(12))], 7),
        ([(m(5), m(20)), (m(8), m(12))], 15),
        ([(m(5), m(10)), (m(11), m(12))], 6),
        # Clipped to the time of the case.
        ([(D(2017, 2, 1), m(3))], 2),
        ([(m(30), D(2017, 4, 10))], 1),
        ([(m(31), D(2017, 4, 10))], 0),
        ([(D(2017, 2, 1), m(1))], 0),
        ([(D(2017, 2, 1), D(2017, 4, 10))], 30),
        # Until the end of the case, where nothing ended it before.
        ([(m(21), None)], 10),
        # Not usable: without a beginning, and the wrong way round.
        ([(None, m(10))], 0),
        ([(m(10), m(5))], 0),
        ([(m(10), m(5)), (m(5), m(6))], 1),
    ],
)
def test_s14_the_days_of_pauses_are_deducted(requests: list[Asked], days: int) -> None:
    """Thirty days from filing to decision, less the pauses."""
    net = 30 - days
    due = m(31) + dt.timedelta(days=days)
    row = paused(within(limit="30 days", pauses="requests"), MARCH_LONG, *requests).trail[0]
    assert row == Row("counted", met=True, days=net, due=due, paused=days)
    shorter = within(limit=f"{max(net - 1, 0)} days", pauses="requests")
    assert paused(shorter, MARCH_LONG, *requests).met == (1 if net == 0 else 0)
    outcome = paused(average(limit=f"{net} days", pauses="requests"), MARCH_LONG, *requests)
    assert (outcome.total, outcome.verdict) == (net, "met")
    target = percentile(limit=f"{net} days", pauses="requests")
    outcome = paused(target, MARCH_LONG, *requests)
    assert (outcome.value, outcome.verdict) == (Fraction(net), "met")
    assert outcome.trail[0] == Row("counted", days=net, paused=days)
    # Only where the target asks for it.
    assert paused(within(), MARCH_LONG, *requests).trail[0] == Row("counted", None, True, 30, m(31))


def test_s14_pauses_of_several_tables_are_merged() -> None:
    both: dict[str, Any] = {"hearings": [(m(8), m(12))]}
    target = within(pauses=("requests", "hearings"))
    assert paused(target, MARCH_LONG, (m(5), m(10)), **both).trail[0].paused == 7
    target = within(pauses="hearings")
    assert paused(target, MARCH_LONG, (m(5), m(10)), **both).trail[0].paused == 4


def test_s14_a_pause_is_of_its_own_case() -> None:
    tables = {
        "cases": rows(MARCH_LONG, MARCH_LONG),
        "requests": [{"of": "c1", "asked": m(5), "answered": m(10)}, {"of": "c7", "asked": m(5), "answered": None}],
    }  # fmt: skip
    known = plan(within(pauses="requests"), tables=[CASES, REQUESTS])
    found = oracle.evaluate(known, tables)["1"]
    assert [row.paused for row in found.trail] == [0, 5]


def test_s14_a_key_of_two_columns_is_met_by_its_order() -> None:
    cases = Table("cases", key=("office", "number"), entry="filed", events="decided")
    requests = Table("requests", key=("o", "n"), entry="asked", events="answered", pauses="cases")
    tables: dict[str, Sequence[Mapping[str, object]]] = {
        "cases": [{"office": o, "number": n, **MARCH_LONG} for o, n in ((1, 2), (2, 1))],
        "requests": [{"n": 2, "o": 1, "asked": m(5), "answered": m(10)}],
    }
    known = plan(within(pauses="requests"), tables=[cases, requests])
    assert [row.paused for row in oracle.evaluate(known, tables)["1"].trail] == [5, 0]


def test_s14_an_open_case_is_paused_until_as_of() -> None:
    target = within(denominator="cohort", pauses="requests")
    for requests, days in (
        ([(m(11), None)], 20),
        # Later ones are not there yet, and that one has ended is not known yet.
        ([(m(11), D(2017, 4, 1))], 20),
        ([(m(11), m(13))], 2),
        ([(m(31), None)], 0),
        ([(D(2017, 4, 1), None)], 0),
    ):
        row = paused(target, {"filed": m(1)}, *requests, as_of=m(31)).trail[0]
        due = m(31) + dt.timedelta(days=days)
        assert row == Row("counted", met=False, due=due, paused=days)


def test_s14_what_is_open_and_paused_is_not_overdue() -> None:
    target = within(denominator="overdue", limit="20 days", pauses="requests")
    cells = {"filed": m(1)}
    assert paused(target, cells, as_of=m(21)).trail[0].met is False
    assert paused(target, cells, (m(20), None), as_of=m(21)).trail[0] == Row("undetermined")
    target = within(denominator="due", limit="20 days", window="2017-03", pauses="requests")
    assert paused(target, cells, as_of=m(31)).trail[0].due == m(21)
    assert paused(target, cells, (m(1), m(11)), as_of=m(31)).trail[0].due == m(31)
    assert paused(target, cells, (m(1), m(12)), as_of=m(31)).trail[0] == Row("outside")


def test_s14_a_month_limit_is_rounded_first_and_then_moved() -> None:
    # 31 January and a month are 28 February, and five days more 5 March; never 36 days in one.
    cells = {"filed": D(2017, 1, 31), "decided": m(5)}
    target = within(limit="1 month", pauses="requests")
    row = paused(target, cells, (D(2017, 2, 1), D(2017, 2, 6))).trail[0]
    assert (row.due, row.met, row.days) == (m(5), True, 28)
    row = paused(within(limit="1 month", month_end="up", pauses="requests"), cells, (D(2017, 2, 1), D(2017, 2, 6))).trail[0]  # fmt: skip
    assert row.due == m(6)
    row = paused(within(limit="1 month", month_end="refuse", pauses="requests"), cells).trail[0]
    assert row.reason == "refused month end"


def test_s14_a_due_date_of_a_column_is_moved_too() -> None:
    cells = {**MARCH_LONG, "due": m(28)}
    target = within(limit=DueColumn("due"), pauses="requests")
    assert paused(target, cells).trail[0].met is False
    row = paused(target, cells, (m(5), m(8))).trail[0]
    assert (row.due, row.met) == (m(31), True)


def test_s14_rolling_is_the_last_step() -> None:
    # 13 March, 10 days paused: Thursday 23 March; 13 February, 31 days: Maundy Thursday.
    target = within(limit="1 month", pauses="requests", roll="next working day")
    cells = {"filed": D(2017, 2, 13), "decided": D(2017, 4, 18)}
    row = paused(target, cells, (m(1), D(2017, 4, 1))).trail[0]
    assert (row.due, row.met, row.paused) == (D(2017, 4, 18), True, 31)


def test_s14_paused_working_days_come_on_top_of_a_limit_in_working_days() -> None:
    # The 11th, 12th and 18th are paused working days: Easter lies between.
    cells: dict[str, object] = {"filed": D(2017, 4, 7), "decided": D(2017, 4, 24)}
    target = within(limit="5 working days", pauses="requests")
    pause = (D(2017, 4, 11), D(2017, 4, 19))
    row = paused(target, cells, pause).trail[0]
    assert row == Row("counted", met=True, days=9, due=D(2017, 4, 24), paused=8)
    # A decision within the pause ends it, and lies in it: it takes the 11th, the 12th and the 18th.
    early = {**cells, "decided": D(2017, 4, 18)}
    assert paused(target, early, pause).trail[0].due == D(2017, 4, 24)
    # Due on the 11th, the second working day: a pause from the 12th comes too late.
    row = paused(
        within(limit="2 working days", pauses="requests"), cells, (D(2017, 4, 12), None)
    ).trail[0]
    assert (row.due, row.met) == (D(2017, 4, 11), False)
    # The start is not counted, and so it is not paused: Monday alone is.
    row = paused(target, cells, (D(2017, 4, 7), D(2017, 4, 11))).trail[0]
    assert (row.due, row.paused) == (D(2017, 4, 20), 4)
    # Holidays and weekends come on top of nothing.
    row = paused(target, cells, (D(2017, 4, 13), D(2017, 4, 18))).trail[0]
    assert (row.due, row.paused) == (EASTER_DUE, 5)


def test_s14_a_pause_that_the_calendar_does_not_cover() -> None:
    cells = {"filed": m(6), "decided": D(2017, 5, 31)}
    target = within(limit="1 working day", pauses="requests", calendar=MARCH)
    assert paused(target, cells, (m(7), m(8))).trail[0].due == m(8)
    row = paused(target, cells, (m(7), D(2017, 5, 3))).trail[0]
    assert row == Row("excluded", "outside the calendar")
    # What is paused after the end, or after it was due, is not looked at.
    for pause in ((m(8), m(9)), (D(2017, 5, 1), D(2017, 5, 3))):
        assert paused(target, cells, pause).trail[0].due == m(7)
    row = paused(target, {**cells, "decided": m(20)}, (D(2017, 5, 1), D(2017, 5, 3))).trail[0]
    assert row.due == m(7)


def test_s14_an_average_is_net_on_both_sides() -> None:
    """36 days less 5 are 31; a month from 1 March is 31 days."""
    cells = {"filed": m(1), "decided": D(2017, 4, 6)}
    outcome = paused(average(limit="1 month", pauses="requests"), cells, (m(5), m(10)))
    assert (outcome.total, outcome.figures, outcome.verdict) == (31, {"allowed": 31}, "met")
    assert outcome.trail[0].due == D(2017, 4, 1)
    outcome = paused(average(limit="1 month", pauses="requests"), cells, (m(5), m(9)))
    assert (outcome.total, outcome.figures, outcome.verdict) == (32, {"allowed": 31}, "missed")


def test_s14_a_paused_case_is_left_out_where_that_is_asked() -> None:
    for make in (within, average, percentile):
        target = make(unless_paused="requests")
        assert paused(target, MARCH_LONG, (m(5), m(6))).trail == (Row("outside"),)
        for requests in ([], [(m(5), m(5))], [(D(2017, 2, 1), m(1))], [(m(31), None)]):
            assert paused(target, MARCH_LONG, *requests).trail[0].bucket == "counted"
        assert paused(target, MARCH_LONG, hearings=[(m(5), m(6))]).trail[0].bucket == "counted"
    # Without a start it was paused at no time of its own.
    row = paused(within(unless_paused="requests"), {"decided": m(31)}, (m(5), m(6))).trail[0]
    assert row.reason == "start missing"


def test_s14_a_table_of_pauses_that_is_lacking_leaves_a_target_not_assessable() -> None:
    tables = {"cases": rows(MARCH_LONG)}
    for words in ({"pauses": "requests"}, {"unless_paused": "requests"}):
        outcome = oracle.evaluate(plan(within(**words), tables=[CASES, REQUESTS]), tables)["1"]
        assert (outcome.rows, outcome.value, outcome.verdict) == (0, None, "not_assessable")
    outcome = oracle.evaluate(plan(within(), tables=[CASES, REQUESTS]), tables)["1"]
    assert outcome.verdict == "met"


# Dates that are derived, S1, S4, S15.


def derived(
    made: Mapping[str, object], as_of: dt.date | None = None, words: Mapping[str, Any] | None = None, **cells: object
) -> Mapping[str, object]:  # fmt: skip
    """The cells of one row, with the dates that a table derives."""
    table = evolve(CASES, derived=made)
    known = oracle.known_at(table, rows(cells), "UTC", as_of or D(2019, 12, 31))
    plan_ = plan(within(), table, **(words or {}))
    return oracle.with_derived(plan_, table, known)[0].cells


@pytest.mark.parametrize(
    ("which", "one_there", "both_there"),
    [("earliest", m(5), m(5)), ("latest", m(5), m(9)), ("once_all", None, m(9))],
)
def test_one_of_several_dates(which: str, one_there: dt.date | None, both_there: dt.date) -> None:
    made = {"ready": {which: ["documented", "announced_on"]}}
    assert derived(made)["ready"] is None
    assert derived(made, documented=m(5))["ready"] == one_there
    assert derived(made, announced_on=m(5))["ready"] == one_there
    assert derived(made, documented=m(9), announced_on=m(5))["ready"] == both_there


@pytest.mark.parametrize(
    ("words", "from_day", "moved"),
    [
        ({"plus": "10 days"}, m(1), m(11)),
        ({"minus": "2 weeks"}, m(15), m(1)),
        ({"plus": "1 month"}, D(2017, 1, 31), D(2017, 2, 28)),
        ({"minus": "1 month"}, m(31), D(2017, 2, 28)),
        ({"plus": "5 working days"}, D(2017, 4, 7), EASTER_DUE),
        ({"minus": "5 working days"}, EASTER_DUE, D(2017, 4, 7)),
        ({"plus_days": "months"}, m(1), m(8)),
        ({"minus_days": "months"}, m(8), m(1)),
        # One step of seven months, not seven of one.
        ({"plus_months": "months"}, D(2017, 1, 31), D(2017, 8, 31)),
        ({"minus_months": "months"}, D(2017, 9, 30), D(2017, 2, 28)),
    ],
)
def test_a_date_some_time_from_another(
    words: dict[str, str], from_day: dt.date, moved: dt.date
) -> None:
    made = {"later": {"date": "filed", **words}}
    assert derived(made, filed=from_day, months=7)["later"] == moved
    assert derived(made, months=7)["later"] is None


def test_a_date_that_is_moved_by_nothing_is_not_there() -> None:
    made = {"later": {"date": "filed", "plus_months": "months"}}
    assert derived(made, filed=m(1))["later"] is None
    assert derived(made, filed=m(1), months=0)["later"] == m(1)
    assert derived(made, filed=m(1), months=-1)["later"] == D(2017, 2, 1)


def test_s4_a_date_is_moved_in_the_plans_month_end_mode_and_calendar() -> None:
    made = {"later": {"date": "filed", "plus": "1 month"}}
    by_column = {"later": {"date": "filed", "plus_months": "months"}}
    for mode, day in (("up", m(1)), ("refuse", None), ("down", D(2017, 2, 28))):
        for one_of in (made, by_column):
            cells = derived(one_of, words={"month_end": mode}, filed=D(2017, 1, 31), months=1)
            assert cells["later"] == day
    made = {"later": {"date": "filed", "plus": "1 working day"}}
    for filed, day in ((D(2017, 2, 28), m(2)), (m(31), None)):
        assert derived(made, words={"calendar": MARCH}, filed=filed)["later"] == day


@pytest.mark.parametrize(
    ("share", "end", "up", "down"),
    [
        ("1/2", 4, 3, 2),
        ("1/2", 5, 3, 3),
        ("1/3", 2, 2, 1),
        ("1", 31, 31, 31),
        ("0.001", 2, 2, 1),
        ("1/2", 1, 1, 1),
    ],
)
def test_a_share_of_the_way(share: str, end: int, up: int, down: int) -> None:
    words = {"start": "filed", "end": "decided", "share": share}
    made = {"up": words, "down": {**words, "rounded": "down"}}
    cells = derived(made, filed=m(1), decided=m(end))
    assert (cells["up"], cells["down"]) == (m(up), m(down))


def test_a_share_of_no_way_at_all() -> None:
    made = {"half": {"start": "filed", "end": "decided", "share": "1/2"}}
    for filed, decided in ((m(2), m(1)), (None, m(1)), (m(1), None)):
        assert derived(made, filed=filed, decided=decided)["half"] is None


def test_derived_dates_are_made_of_each_other() -> None:
    made = {
        "ready": {"latest": ["filed", "documented"]},
        "half": {"start": "ready", "end": "decided", "share": "1/2"},
        "late": {"date": "half", "plus": "1 week"},
    }
    cells = derived(made, filed=m(1), documented=m(11), decided=m(21))
    assert (cells["ready"], cells["half"], cells["late"]) == (m(11), m(16), m(23))


def test_s15_derived_dates_are_made_of_what_is_known_and_never_hidden() -> None:
    made = {
        "ready": {"latest": ["filed", "documented"]},
        "late": {"date": "filed", "plus": "1 year"},
        "whole": {"once_all": ["filed", "documented"]},
    }
    cells = derived(made, m(10), filed=m(1), documented=m(11))
    assert (cells["ready"], cells["late"], cells["whole"]) == (m(1), D(2018, 3, 1), None)


def test_a_derived_date_is_a_date_like_any_other() -> None:
    ready = {"ready": {"latest": ["filed", "documented"]}}
    table = evolve(CASES, derived=ready)
    cells = {"filed": m(1), "documented": m(11), "decided": m(31)}
    for words, row in (
        ({"start": "ready"}, Row("counted", met=True, days=20, due=D(2017, 4, 10))),
        ({"start": "ready", "where": {"ready": {"since": m(12)}}}, Row("outside")),
        ({"start": "ready", "where": {"ready": {"since": m(11)}}}, Row("counted", None, True, 20, D(2017, 4, 10))),
        ({"end": "ready", "limit": "9 days"}, Row("counted", met=False, days=10, due=m(10))),
        ({"denominator": "cohort", "on": "ready", "window": Window(before=m(11))}, Row("outside")),
        ({"limit": DueColumn("ready")}, Row("counted", met=False, days=30, due=m(11))),
    ):  # fmt: skip
        assert of(within(**words), table, cells).trail[0] == row, words


def test_s1_a_date_made_of_a_time_that_never_was_cannot_be_relied_on() -> None:
    made = {
        "ready": {"earliest": ["filed", "documented"]},
        "late": {"date": "ready", "plus": "1 day"},
    }
    table = evolve(CASES, derived=made)
    gap = dt.datetime(2017, 3, 26, 2, 30)
    cells = {"filed": m(1), "documented": gap, "decided": dt.datetime(2017, 3, 31)}
    assert of(within(), table, cells).trail[0].bucket == "counted"
    for words in ({"start": "ready"}, {"start": "late"}, {"end": "late"}):
        assert (
            of(within(**words, window="2017"), table, cells).trail[0].reason == "no such local time"
        )
    # As long as it is not known, it is no mistake.
    target = within(start="ready", denominator="cohort")
    assert of(target, table, cells, as_of=m(25)).trail[0].bucket == "counted"


# What is reported, S25.


REPORTED = Table("reported", key="target", events="done")


def milestone(**words: Any) -> Milestone:
    return Milestone(**{"id": "2.1b", "deadline": {"through": "2017-06-30"}, **words})


def fact(target: Target, as_of: dt.date | None = None, **cells: object) -> Outcome:
    """What a target makes of its one fact."""
    return of(target, REPORTED, {"target": "2.1b", **cells}, as_of=as_of)


@pytest.mark.parametrize(
    ("deadline", "done", "met"),
    [
        ({"through": "2017-06-30"}, D(2017, 6, 30), True),
        ({"through": "2017-06-30"}, D(2017, 7, 1), False),
        ({"through": "2017-06-30"}, D(2001, 1, 1), True),
        ({"before": "2017-06-30"}, D(2017, 6, 30), False),
        ({"before": "2017-06-30"}, D(2017, 6, 29), True),
        ("2017-H1", D(2017, 1, 1), True),
        ("2017-H1", D(2016, 12, 31), False),
        ("2017-H1", None, False),
    ],
)
def test_s25_a_milestone_is_done_by_its_deadline(
    deadline: Any, done: dt.date | None, met: bool
) -> None:
    outcome = fact(milestone(deadline=deadline), done=done)
    last = D(2017, 6, 29) if deadline == {"before": "2017-06-30"} else D(2017, 6, 30)
    assert outcome.trail == (Row("counted", met=met, due=last),)
    assert outcome.verdict == ("met" if met else "missed")
    assert (outcome.met, outcome.value) == (int(met), Fraction(met))


def test_s25_a_milestone_that_nobody_reported_is_not_assessable() -> None:
    outcome = of(milestone(), REPORTED, {"target": "2.1a", "done": D(2017, 1, 1)})
    assert buckets(outcome) == ["outside"]
    assert outcome.verdict == "not_assessable"
    outcome = of(milestone(fact="2.1a"), REPORTED, {"target": "2.1a", "done": D(2017, 1, 1)})
    assert outcome.verdict == "met"
    twice = {"target": "2.1b", "done": D(2017, 1, 1)}
    outcome = of(milestone(), REPORTED, twice, twice)
    assert buckets(outcome) == ["repeated id"] * 2
    assert outcome.verdict == "not_assessable"
    gap = fact(milestone(), done=T(2017, 3, 26, 2, 30))
    assert (buckets(gap), gap.verdict) == (["no such local time"], "not_assessable")


def test_s25_a_milestone_is_a_miss_once_its_deadline_is_over() -> None:
    assert fact(milestone(), D(2017, 6, 29)).verdict == "open"
    assert fact(milestone(), D(2017, 6, 30)).verdict == "missed"
    late = {"done": D(2017, 7, 1)}
    assert fact(milestone(), D(2017, 6, 30), **late).trail[0].met is False


def reported(**words: Any) -> Reported:
    return Reported(**{"id": "2.1b", "requires": {"less_than": 7}, **words})


@pytest.mark.parametrize(
    ("value", "exact", "verdict"),
    [
        (6, Fraction(6), "met"),
        (6.9, Fraction(69, 10), "met"),
        (6.999999, Fraction(6_999_999, 1_000_000), "met"),
        (7, Fraction(7), "missed"),
        (7.0, Fraction(7), "missed"),
        (Decimal("6.90"), Fraction(69, 10), "met"),
        (0, Fraction(0), "met"),
        (None, None, "not_assessable"),
    ],
)
def test_s20_a_reported_figure_is_what_was_written(
    value: object, exact: Fraction | None, verdict: str
) -> None:
    outcome = fact(reported(), value=value)
    assert (outcome.value, outcome.verdict) == (exact, verdict)
    assert buckets(outcome) == ["value missing" if exact is None else "counted"]
    assert outcome.trail[0].met is None
    assert outcome.figures == {}


def test_s20_a_reported_tenth_is_a_tenth() -> None:
    assert fact(reported(requires={"at_most": 0.1}), value=0.1).verdict == "met"
    assert fact(reported(requires={"at_least": "0.3"}), value=0.3).verdict == "met"


def test_s25_a_figure_that_nobody_reported_is_not_assessable() -> None:
    assert of(reported(), REPORTED).verdict == "not_assessable"
    assert fact(reported(fact="2.1a"), value=1).verdict == "not_assessable"
    assert fact(reported(), D(2017, 12, 30), value=1).verdict == "open"
    assert fact(reported(window="2017-H1"), D(2017, 6, 30), value=1).verdict == "met"
    twice = {"target": "2.1b", "value": 1}
    assert buckets(of(reported(), REPORTED, twice, twice)) == ["repeated id"] * 2


# Conditions and parts, S28.


def both(
    target: Requirement, facts: list[dict[str, object]] | None, as_of: dt.date | None = None
) -> dict[str, Outcome]:
    """A plan with cases, one met and one missed, and facts."""
    found = Plan(id="p", period="2017", tables=[CASES, REPORTED], targets=[target])
    tables: dict[str, list[dict[str, object]]] = {"cases": rows(*_days_after(1))}
    if facts is not None:
        tables["reported"] = [{"done": None, "condition": None, **one} for one in facts]
    return oracle.evaluate(found, tables, as_of)


def on(condition: bool | None, name: str = "1") -> dict[str, object]:
    return {"target": name, "condition": condition}


@pytest.mark.parametrize(
    ("facts", "verdict"),
    [
        ([on(True)], "met"),
        ([on(False)], "lapsed"),
        ([on(None)], "not_assessable"),
        ([], "not_assessable"),
        ([on(True, "2")], "not_assessable"),
        ([on(True), on(True)], "not_assessable"),
        (None, "not_assessable"),
    ],
)
def test_s28_a_target_on_a_condition(facts: Any, verdict: str) -> None:
    target = within(on_condition=OnCondition("the case system was in place"))
    outcome = both(target, facts)["1"]
    assert (outcome.verdict, outcome.counted) == (verdict, 1)
    # Without its condition it would be met.
    assert both(within(), facts)["1"].verdict == "met"
    early = both(target, facts, D(2017, 6, 30))["1"].verdict
    assert early == ("open" if verdict == "met" else verdict)
    each = both(evolve(target, each="case_type"), facts)["1"]
    assert verdicts(each) == {(None,): verdict}


def test_s28_a_condition_told_by_another_fact() -> None:
    target = within(on_condition={"that": "the case system was in place", "fact": "2.2a"})
    assert both(target, [on(False), on(True, "2.2a")])["1"].verdict == "met"
    assert both(target, [on(True), on(False, "2.2a")])["1"].verdict == "lapsed"


def test_s28_a_condition_that_failed_lapses_also_without_the_table() -> None:
    target = within(on_condition=OnCondition("it was in place"))
    found = Plan(id="p", period="2017", tables=[CASES, REPORTED], targets=[target])
    facts = [{"done": None, **on(False)}]
    assert oracle.evaluate(found, {"reported": facts})["1"].verdict == "lapsed"
    assert oracle.evaluate(found, {"reported": []})["1"].verdict == "not_assessable"


def parts(*of_them: Target) -> Parts:
    numbered = [evolve(part, id=f"1{letter}") for letter, part in zip("abc", of_them, strict=False)]
    return Parts(id="1", parts=numbered)


def named(verdict: str) -> Target:
    """A target that comes to a verdict in `both`, with the fact that 1x did not come about."""
    return {
        "met": within(),
        "missed": within(limit="0 days"),
        "not_assessable": within(window="2016"),
        "lapsed": within(on_condition=OnCondition("it came about", "1x")),
        "indicator": Flow(id="1", start="filed", end="decided"),
    }[verdict]


@pytest.mark.parametrize(
    ("of_them", "verdict"),
    [
        (("met", "met"), "met"),
        (("met", "missed"), "missed"),
        (("not_assessable", "missed", "met"), "missed"),
        (("met", "not_assessable"), "not_assessable"),
        (("met", "lapsed"), "met"),
        (("missed", "lapsed"), "missed"),
        (("lapsed", "not_assessable"), "not_assessable"),
        (("lapsed", "lapsed"), "lapsed"),
        (("met", "indicator"), "met"),
        (("indicator", "indicator"), "indicator"),
    ],
)
def test_s28_parts_must_all_hold(of_them: tuple[str, ...], verdict: str) -> None:
    found = both(parts(*map(named, of_them)), [on(False, "1x")])
    assert list(found) == ["1", *(f"1{letter}" for letter in "abc"[: len(of_them)])]
    assert [found[name].verdict for name in list(found)[1:]] == list(of_them)
    assert found["1"] == Outcome(0, 0, 0, 0, {}, None, None, None, verdict, ())


def test_s28_parts_are_open_until_the_last_of_their_days() -> None:
    early = within(window="2017-01", limit="0 days")
    found = both(parts(early, within()), [], D(2017, 12, 30))
    assert [found[name].verdict for name in ("1", "1a", "1b")] == ["open", "missed", "open"]
    assert both(parts(early, within()), [])["1"].verdict == "missed"
    # The day of a part that lapsed is left aside with it.
    facts = [on(False, "1x")]
    for of_them, verdict in (
        ((named("lapsed"), named("lapsed")), "lapsed"),
        ((early, named("lapsed")), "missed"),
        ((named("lapsed"), within()), "open"),
    ):
        assert both(parts(*of_them), facts, D(2017, 12, 30))["1"].verdict == verdict


# Flow


def flow(**words: Any) -> Flow:
    return Flow(id="1", **{"start": "filed", "end": "decided", **words})


FLOW: list[dict[str, object]] = [
    {"filed": D(2016, 6, 1), "decided": D(2017, 3, 1)},
    {"filed": D(2017, 1, 10), "decided": D(2017, 2, 1)},
    {"filed": D(2017, 5, 1)},
    {"filed": D(2016, 12, 31)},
    {"filed": D(2017, 12, 31)},
    {"filed": D(2016, 1, 1), "decided": D(2016, 12, 31)},
    {"filed": D(2018, 1, 1)},
]


def test_flow_by_hand() -> None:
    outcome = run(flow(limit="244 days"), *FLOW)
    assert buckets(outcome) == [*["counted"] * 5, "outside"]
    assert outcome.figures == {
        "intake": 3,
        "output": 2,
        "open_start": 2,
        "open_end": 3,
        "clearance_rate": Fraction(2, 3),
        "disposition_time": Fraction(3, 2) * 365,
        "mean_age": Fraction(244 + 365 + 0, 3),
        "median_age": 244,
        "p90_age": 365,
        "backlog": 1,  # due on 2017-09-01; the case due on 2017-12-31 itself is within the limit (S22)
    }
    assert (outcome.value, outcome.verdict) == (Fraction(2, 3), "indicator")
    assert (outcome.met, outcome.total) == (None, None)
    assert outcome.trail[1] == Row("counted", days=22, due=D(2017, 9, 11))
    assert outcome.trail[2] == Row("counted", due=D(2017, 12, 31))
    without = run(flow(), *FLOW)
    assert without.figures == {**outcome.figures, "backlog": None}
    assert without.trail[1] == Row("counted", days=22)


def test_flow_up_to_as_of() -> None:
    outcome = run(flow(), *FLOW, as_of=D(2017, 2, 28))
    assert buckets(outcome) == [*["counted"] * 3, "outside"]
    shown = ("intake", "output", "open_start", "open_end", "median_age")
    assert [outcome.figures[name] for name in shown] == [1, 1, 2, 2, 59]
    assert outcome.figures["mean_age"] == Fraction(272 + 59, 2)
    # What is asked of a whole window is open until its end.
    target = flow(requires={"at_least": 100})
    assert run(target, *FLOW, as_of=D(2017, 12, 30)).verdict == "open"
    # After the window, what happened later is no part of it.
    later = [{"filed": D(2017, 5, 1), "decided": D(2018, 1, 1)}, {"filed": D(2018, 1, 1)}]
    outcome = run(flow(), *later, as_of=D(2018, 6, 1))
    assert buckets(outcome) == ["counted", "outside"]
    assert (outcome.figures["open_end"], outcome.figures["output"]) == (1, 0)
    assert outcome.figures["mean_age"] == 244


@pytest.mark.parametrize(
    ("words", "value", "verdict"),
    [
        ({"requires": {"at_least": 66}}, Fraction(2, 3), "met"),
        ({"requires": {"at_least": 67}}, Fraction(2, 3), "missed"),
        ({"indicator": "open_end", "requires": {"at_most": 3}}, Fraction(3), "met"),
        ({"indicator": "open_end", "requires": {"less_than": 3}}, Fraction(3), "missed"),
        ({"indicator": "median_age", "requires": {"at_most": 244}}, Fraction(244), "met"),
        (
            {"indicator": "disposition_time", "requires": {"at_most": 547}},
            Fraction(1095, 2),
            "missed",
        ),
        # 31 December 2016 and a year is the last day of the window: not older than the limit (S22).
        (
            {"indicator": "backlog", "limit": "1 year", "requires": {"at_most": 0}},
            Fraction(0),
            "met",
        ),
        (
            {"indicator": "backlog", "limit": "364 days", "requires": {"at_most": 0}},
            Fraction(1),
            "missed",
        ),
        ({"indicator": "mean_age"}, Fraction(203), "indicator"),
    ],
)
def test_flow_is_judged_where_that_is_asked(
    words: dict[str, Any], value: Fraction, verdict: str
) -> None:
    outcome = run(flow(**words), *FLOW)
    assert (outcome.value, outcome.verdict) == (value, verdict)


def test_flow_of_nothing() -> None:
    outcome = run(flow(requires={"at_least": 100}))
    assert outcome.figures["intake"] == 0
    for name in ("clearance_rate", "disposition_time", "mean_age", "median_age", "p90_age"):
        assert outcome.figures[name] is None
    assert (outcome.value, outcome.verdict) == (None, "not_assessable")
    assert run(flow(indicator="intake", requires={"at_most": 0})).verdict == "met"
    assert run(flow()).verdict == "indicator"
    assert oracle.evaluate(plan(flow()), {})["1"].verdict == "not_assessable"


@pytest.mark.parametrize(
    ("window", "days"),
    [("2017", 365), ("2020", 365), ("2017-Q1", 90), ("2017-02", 28), ("2020-02", 29)],
)
def test_flow_disposition_time_by_the_days_of_the_window(window: str, days: int) -> None:
    day = D(int(window[:4]), 2, 1)
    cases = [{"filed": day, "decided": day}, {"filed": day}]
    outcome = run(flow(window=window), *cases, period=window)
    assert outcome.figures["disposition_time"] == days


def test_flow_leaves_out_what_cannot_be_placed() -> None:
    cases: list[dict[str, object]] = [
        {"decided": D(2017, 5, 1)},
        {"decided": D(2016, 5, 1)},
        {"filed": D(2017, 5, 2), "decided": D(2017, 5, 1)},
        {"filed": D(2017, 1, 31)},
        {"filed": T(2017, 3, 26, 2, 30)},
    ]
    target = flow(limit="1 month", month_end="refuse")
    assert buckets(run(target, *cases)) == [
        "start missing",
        "outside",
        "end before start",
        "refused month end",
        "no such local time",
    ]
    assert buckets(run(flow(), *cases))[3:] == ["counted", "no such local time"]


def test_flow_of_each_value() -> None:
    cases = [{**case, "case_type": "visa" if n < 2 else None} for n, case in enumerate(FLOW)]
    outcome = run(flow(each="case_type", requires={"at_least": 100}), *cases)
    assert verdicts(outcome) == {("visa",): "met", (None,): "missed"}
    assert outcome.each["visa",].figures["clearance_rate"] == 2
    assert outcome.verdict == "missed"
    outcome = run(flow(each="case_type"), *cases)
    assert outcome.verdict == "indicator"
    assert set(verdicts(outcome).values()) == {"indicator"}


# The oracle itself


SOURCES = sorted(Path(oracle.__file__).parent.rglob("*.py"))


def test_the_oracle_has_a_function_for_each_rule() -> None:
    assert set(oracle.RULES) == {
        "average",
        "clearance",
        "count",
        "every_working_day",
        "flow",
        "milestone",
        "percentile",
        "reported",
        "share",
        "stock",
        "within",
    }


def test_an_oracle_of_another_package_comes_in_by_its_entry_point(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    points = [importlib.metadata.EntryPoint("mine", "kpi.testing.oracle:within", "kpi.oracles")]

    def entry_points(*, group: str, name: str) -> list[importlib.metadata.EntryPoint]:
        return [point for point in points if (point.group, point.name) == (group, name)]

    monkeypatch.setattr(oracle, "entry_points", entry_points)
    monkeypatch.setattr(oracle, "RULES", type(oracle.RULES)(oracle.RULES))
    assert oracle.RULES["mine"] is oracle.within
    assert "mine" in oracle.RULES
    with pytest.raises(KeyError):
        oracle.RULES["other"]
    points += [
        importlib.metadata.EntryPoint("other", f"kpi.testing.oracle:{name}", "kpi.oracles")
        for name in ("within", "average")
    ]
    with pytest.raises(PlanError, match="other"):
        oracle.RULES["other"]


@pytest.mark.parametrize("path", SOURCES, ids=[path.stem for path in SOURCES])
def test_the_oracle_shares_words_with_the_engine_and_no_arithmetic(path: Path) -> None:
    source = path.read_text("utf-8")
    words = ("bounds", "conditions", "errors", "limits", "periods", "plan", "table", "target")
    imports = [line for line in source.splitlines() if line.startswith(("import ", "from "))]
    of_kpi = {line.split()[1] for line in imports if "kpi" in line}
    of_kpi = {name for name in of_kpi if not name.startswith("kpi.testing.oracle")}
    assert of_kpi <= {f"kpi.{name}" for name in words}
    libraries = {line.split()[1].partition(".")[0] for line in imports}
    assert libraries.isdisjoint(("polars", "pyarrow", "holidays"))
    computed = re.findall(
        r"\.(first|stop|last|total_days|total_months|total_minutes|is_clock|date_columns|due_table"
        r"|stretches|hold|day|leaves|listed_parts|fact_id)\b(?!\()",
        source,
    )
    # `day` of a date is the calendar's, and of `Due` the oracle's own; `OpenAt.day` and `EndOf.day`
    # would be the engine's.
    assert set(computed) <= {"day"}
    assert not re.findall(r"(open_at|moment|\.at|against)\.day\b", source)


def test_a_month_has_as_many_days_as_the_calendar_says() -> None:
    for year in (1900, 2000, 2016, 2017):
        for month in range(1, 13):
            last = oracle.last_day(Window(f"{year}-{month:02}"))
            assert last is not None
            assert last.day == calendar.monthrange(year, month)[1]
