"""The oracle against the text of the rules: each example by hand, each with its number."""

from __future__ import annotations

import calendar
import datetime as dt
import inspect
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pendulum
import pytest

from kpi.conditions import OpenAt
from kpi.limits import DueColumn, Span, parse_span
from kpi.periods import Window
from kpi.plan import Plan, Table, Target
from kpi.rules.average import Average
from kpi.rules.clearance import Clearance
from kpi.rules.within import Within
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


def plan(target: Target, table: Table = CASES, **words: Any) -> Plan:
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
    base = {"announced_on": D(2017, 1, 1)}
    wrong: Sequence[tuple[Target, dict[str, object], str]] = [
        (due, {"decided": gap}, "start missing"),
        (due, {"filed": D(2017, 3, 27), "decided": gap}, "limit missing"),
        (month, {"filed": D(2017, 5, 31), "decided": gap}, "end before start"),
        (month, {"filed": D(2017, 1, 31), "decided": gap}, "refused month end"),
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


# The oracle itself


def test_the_oracle_has_a_function_for_each_rule() -> None:
    assert set(oracle.RULES) == {"average", "clearance", "within"}


def test_the_oracle_shares_words_with_the_engine_and_no_arithmetic() -> None:
    source = inspect.getsource(oracle)
    allowed = {"conditions", "limits", "periods", "plan"}
    imports = [line for line in source.splitlines() if line.startswith(("import ", "from "))]
    of_kpi = {line.split()[1] for line in imports if "kpi" in line}
    assert of_kpi <= {f"kpi.{name}" for name in allowed}
    assert not any("polars" in line for line in imports)
    computed = re.findall(
        r"\.(first|stop|last|total_days|total_months|date_columns|day)\b(?!\()", source
    )
    # `day` of a date is the calendar's; `OpenAt.day` would be the engine's.
    assert set(computed) <= {"day"}
    assert "open_at.day" not in source
    assert "moment.day" not in source


def test_a_month_has_as_many_days_as_the_calendar_says() -> None:
    for year in (1900, 2000, 2016, 2017):
        for month in range(1, 13):
            last = oracle.last_day(Window(f"{year}-{month:02}"))
            assert last is not None
            assert last.day == calendar.monthrange(year, month)[1]
