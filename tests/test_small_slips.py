"""Small slips that other tests would let live: units, choices taken from a plan, words written back."""

from __future__ import annotations

import datetime as dt
import functools
import json
from decimal import Decimal
from fractions import Fraction
from typing import Any

import polars as pl
import pytest
from attrs import field, frozen

import kpi
from kpi import working_days
from kpi.bounds import Bounds
from kpi.calendars import Calendar
from kpi.deadlines import back_from, due_date, months_later
from kpi.derived import Chosen, Moved, PartWay, parse_derived
from kpi.fields import placed
from kpi.limits import Before, ByValue, Dated, DueColumn, Span, parse_limit
from kpi.periods import EndOf, Every, Window, period_end, period_name
from kpi.ranks import rank
from kpi.sums import Sums
from kpi.target import Target
from tables import average, cases, clearance, one, plan, spans, trail, within

D = dt.date
SPAN: dict[str, Any] = {"id": "t", "start": "filed", "end": "decided"}
TABLE = kpi.Table("cases", key="case_id", entry="filed", events="decided")
FACTS = kpi.Table("reported", key="target", events="done")
DONE = spans(("2017-01-01", "2017-01-11"), ("2017-01-01", "2017-01-21"))
"""Two cases, of 10 days and of 20."""


def fact(**cells: Any) -> pl.DataFrame:
    schema = {"target": pl.String, "done": pl.Date, "value": pl.Float64}
    rows = [{"target": "t", "done": None, "value": None, **cells}] if cells else []
    return pl.DataFrame(rows, schema=schema)


def of_fact(target: Target, frame: pl.DataFrame) -> kpi.TargetResult:
    made = kpi.Plan(id="p", period="2017", tables=[FACTS], targets=[target])
    return kpi.evaluate(made, {"reported": frame})["t"]


# What a value is counted in, with and without cases.

STOCK: dict[str, Any] = {"at": {"end_of": "2017-01-15"}}
CHANGE: dict[str, Any] = STOCK | {"against": {"end_of": "2017-01-05"}, "change": {"at_most": -10}}


@pytest.mark.parametrize(
    ("target", "value", "unit"),
    [
        (average("15 days"), 15.0, "days"),
        (average("1 month"), 15.0, "days"),
        (average("15 days", fastest=50), 10.0, "days"),
        (average("15 days", fastest=75), 15.0, "days"),
        (kpi.Percentile(**SPAN, percentile=50, limit="15 days"), 10, "days"),
        (within("15 days"), 0.5, "share"),
        (clearance({"through": "2017-01-11"}), 0.5, "share"),
        (kpi.Count(id="t", requires={"at_least": 1}), 2, "count"),
        (kpi.Share(id="t", having={"case_type": "visa"}, threshold=90), 1.0, "share"),
        (kpi.Stock(**SPAN, **STOCK, level={"at_most": 1}), 1, "count"),
        (kpi.Stock(**SPAN, **CHANGE), -0.5, "change"),
        (kpi.Flow(**SPAN), 1.0, "share"),
        (kpi.Flow(**SPAN, indicator="disposition_time"), 0.0, "days"),
        (kpi.Flow(**SPAN, indicator="intake"), 2, "count"),
        (kpi.Flow(**SPAN, indicator="output"), 2, "count"),
        (kpi.Flow(**SPAN, indicator="open_start"), 0, "count"),
        (kpi.Flow(**SPAN, indicator="open_end"), 0, "count"),
        (kpi.Flow(**SPAN, indicator="backlog", limit="1 month"), 0, "count"),
    ],
)
def test_a_value_and_its_unit(target: Target, value: float, unit: str) -> None:
    found = one(target, DONE)
    assert (found.value, found.unit) == (value, unit)


@pytest.mark.parametrize(
    ("target", "unit", "total", "met"),
    [
        (average("15 days"), "days", 0, None),
        (average("1 month"), "days", 0, None),
        (average("15 days", fastest=50), "days", 0, None),
        (kpi.Percentile(**SPAN, percentile=50, limit="15 days"), "days", None, None),
        (within("15 days"), "share", None, 0),
        (clearance({"through": "2017-01-11"}), "share", None, 0),
        (kpi.Share(id="t", having={"case_type": "visa"}, threshold=90), "share", None, 0),
        (kpi.Stock(**SPAN, **CHANGE), "change", None, None),
        (kpi.Flow(**SPAN, requires={"at_least": 1}), "share", None, None),
        (kpi.Flow(**SPAN, indicator="mean_age", requires={"at_least": 1}), "days", None, None),
        (kpi.Flow(**SPAN, indicator="median_age", requires={"at_least": 1}), "days", None, None),
        (kpi.Flow(**SPAN, indicator="p90_age", requires={"at_least": 1}), "days", None, None),
    ],
)
def test_a_unit_without_a_value(
    target: Target, unit: str, total: int | None, met: int | None
) -> None:
    found = one(target, spans())
    assert (found.value, found.unit, found.verdict) == (None, unit, "not_assessable")
    assert (found.total, found.met) == (total, met)


def test_the_units_of_what_is_reported() -> None:
    number = kpi.Reported(id="t", fact="t", requires={"less_than": 7})
    done = kpi.Milestone(id="t", fact="t", deadline={"through": "2017-06-30"})
    for target, frame, value, unit, verdict in (
        (number, fact(value=6.5), 6.5, "number", "met"),
        (number, fact(value=7.0), 7.0, "number", "missed"),
        (number, fact(), None, "number", "not_assessable"),
        (done, fact(done=D(2017, 6, 30)), 1.0, "share", "met"),
        (done, fact(done=D(2017, 7, 1)), 0.0, "share", "missed"),
        (done, fact(), None, "share", "not_assessable"),
    ):
        found = of_fact(target, frame)
        assert (found.value, found.unit, found.verdict) == (value, unit, verdict)
    assert of_fact(done, fact()).met == 0


def test_parts_have_no_value() -> None:
    whole = kpi.Parts(id="w", parts=[within("15 days", id="a"), within("9 days", id="b")])
    found = kpi.evaluate(plan(whole), DONE)["w"]
    assert (found.rule, found.requirement, found.unit, found.value) == (
        "parts",
        "all of its parts",
        "parts",
        None,
    )


# Which of the plan's choices a target takes.

OWN: dict[str, Any] = {"month_end": "up", "calendar": "sweden"}
WORKING = "5 working days"


@pytest.mark.parametrize(
    ("target", "taken"),
    [
        (within("1 month"), ["month_end"]),
        (within("1 month", month_end="up"), []),
        (within(WORKING), ["calendar"]),
        (within(WORKING, calendar="sweden"), []),
        (within("5 days"), []),
        (within("1 hour"), []),
        (within("5 days", roll="next working day"), ["calendar"]),
        (within("5 days", roll="next working day", calendar="sweden"), []),
        (within("5 days", roll="none"), []),
        (average("1 month"), ["month_end"]),
        (average("1 month", **OWN), []),
        (average(WORKING), ["calendar"]),
        (average(WORKING, **OWN), []),
        (kpi.Flow(**SPAN), []),
        (kpi.Flow(**SPAN, limit="1 month"), ["month_end"]),
        (kpi.Flow(**SPAN, limit="1 month", month_end="up"), []),
        (kpi.EveryWorkingDay(**SPAN, limit="1 month"), ["month_end", "calendar"]),
        (kpi.EveryWorkingDay(**SPAN, limit="1 month", month_end="up"), ["calendar"]),
        (kpi.EveryWorkingDay(**SPAN, limit=WORKING), ["calendar", "calendar"]),
        (kpi.EveryWorkingDay(**SPAN, limit=WORKING, calendar="sweden"), []),
    ],
)
def test_what_a_target_takes_from_its_plan(target: Target, taken: list[str]) -> None:
    assert list(target.taken_from(plan(target))) == taken


def test_a_plan_that_rolls_gives_its_calendar_too() -> None:
    target = within("5 days")
    assert list(target.taken_from(plan(target, roll="next working day"))) == ["roll", "calendar"]
    own = within("5 days", calendar="sweden")
    assert list(own.taken_from(plan(own, roll="next working day"))) == ["roll"]
    clock = within("1 hour")
    assert list(clock.taken_from(plan(clock, roll="next working day"))) == []


def test_an_average_in_working_days_has_a_calendar_of_its_own() -> None:
    """1 May 2017 is a Monday: a working day in Denmark, and a holiday in Sweden."""
    frame = spans(("2017-04-28", "2017-05-02"))  # from a Friday, 4 days
    assert one(average("1 working day"), frame).figures == {"allowed": 3}
    assert one(average("1 working day", calendar="sweden"), frame).figures == {"allowed": 4}
    assert one(average("1 working day"), frame, calendar="sweden").figures == {"allowed": 4}


# Every working day, S24.


def slots(*rows: tuple[str | None, str | None]) -> pl.DataFrame:
    made = [
        {"date": d and D.fromisoformat(d), "free": f and D.fromisoformat(f), "n": n}
        for n, (d, f) in enumerate(rows)
    ]
    return pl.DataFrame(made, schema={"date": pl.Date, "free": pl.Date, "n": pl.Int64})


def each_day(frame: pl.DataFrame, as_of: str | None = None, **more: Any) -> kpi.TargetResult:
    table = kpi.Table("slots", key="n", entry="date", dates="free")
    given = {"id": "t", "table": "slots", "start": "date", "end": "free", "limit": "1 month"}
    target = kpi.EveryWorkingDay(**given | more)
    made = kpi.Plan(id="p", period="2017", tables=[table], targets=[target])
    return kpi.evaluate(made, {"slots": frame}, as_of)["t"]


def test_the_month_end_mode_of_every_working_day_is_its_own() -> None:
    """A month from 31 January 2017 is 28 February, or 1 March where it is moved up."""
    frame = slots(("2017-01-31", "2017-03-01"))
    window = {"since": "2017-01-31", "through": "2017-01-31"}
    assert each_day(frame, window=window).verdict == "missed"
    found = each_day(frame, window=window, month_end="up")
    assert (found.verdict, found.value, found.unit) == ("met", 1.0, "share")


def test_a_day_whose_month_end_is_refused_is_a_day_without_a_row() -> None:
    window = {"since": "2017-01-30", "through": "2017-01-31"}
    frame = slots(("2017-01-30", "2017-01-30"), ("2017-01-31", "2017-01-31"))
    found = each_day(frame, window=window, month_end="refuse", limit="3 months")
    assert (found.excluded, found.met) == ({"refused month end": 1}, 1)
    assert found.figures == {"working_days": 2, "missing_days": 1}


def test_a_window_without_a_working_day_counts_nothing() -> None:
    frame = slots(("2017-01-07", "2017-01-07"))  # a Saturday
    found = each_day(frame, window={"since": "2017-01-07", "through": "2017-01-08"})
    assert (found.outside, found.counted, found.verdict) == (1, 0, "not_assessable")
    assert found.figures == {"working_days": 0, "missing_days": 0}
    assert (found.value, found.unit) == (None, "share")


# The stock, S22.


def test_who_left_on_the_day_is_in_the_base_alone() -> None:
    frame = spans(("2016-01-01", "2017-12-31"), ("2016-01-01", None), ("2017-12-31", None))
    target = kpi.Stock(
        **SPAN, at={"end_of": "2017"}, against={"end_of": "2016"}, change={"at_most": 0}
    )
    found = one(target, frame)
    assert found.figures == {"stock": 2, "base": 2}
    assert (found.value, found.unit, found.counted) == (0.0, "change", 3)


def test_the_tests_of_a_stock_in_words() -> None:
    frame = spans(("2018-01-01", None), ("2015-01-01", "2016-01-01"), ("2016-01-01", None))
    target = kpi.Stock(
        **SPAN, at={"end_of": "2017"}, against={"end_of": "2016"}, change={"at_most": 0}
    )
    found = kpi.evaluate(plan(target), frame, "2018-06-30").audit().collect().to_dicts()
    assert {row["case"]: row["reason"] for row in found} == {
        "1": "fails: filed through 2017-12-31",
        "2": "fails: in the stock at the end of 2017-12-31 or 2016-12-31",
        "3": None,
    }


# A count, S23.


def test_among_equals_the_keys_decide_who_is_counted() -> None:
    frame = cases(
        {"case_id": "3", "case_type": "a", "filed": "2017-01-01"},
        {"case_id": "1", "case_type": "a", "filed": "2017-01-03"},
        {"case_id": "2", "case_type": "a", "filed": "2017-01-02"},
        {"case_id": "4", "case_type": "b", "filed": "2017-01-01"},
    )
    target = kpi.Count(id="t", distinct="case_type", requires={"at_least": 1})
    for rows in (frame, frame.reverse()):
        reasons = {row["case"]: row["reason"] for row in trail(target, rows)}
        assert reasons == {"1": None, "2": "counted already", "3": "counted already", "4": None}


def test_who_is_outside_or_excluded_is_nobodys_first() -> None:
    frame = cases(
        {"case_type": None, "filed": "2017-01-01"},  # of no kind
        {"case_type": "other", "filed": "2017-01-01"},
        {"case_type": "visa", "filed": None},  # on no day
        {"case_type": "visa", "filed": "2016-12-31"},
        {"case_type": "visa", "filed": "2017-01-01"},
        {"case_type": "visa", "filed": "2017-01-01"},
    ).with_columns(person=pl.lit("A"))
    target = kpi.Count(
        id="t", distinct="person", where={"case_type": "visa"}, requires={"at_least": 1}
    )
    for rows in (frame, frame.reverse()):
        found = {row["case"]: row["bucket"] for row in trail(target, rows)}
        assert [found[n] for n in "123456"] == [*["outside"] * 4, "counted", "excluded"]


def test_a_count_leaves_out_what_it_does_not_want() -> None:
    frame = cases({"filed": "2017-01-01"}, {"filed": "2017-01-01", "case_type": "other"})
    target = kpi.Count(id="t", unless={"case_type": "other"}, requires={"at_least": 1})
    assert one(target, frame).value == 1
    share = kpi.Share(
        id="t", unless={"case_type": "other"}, having={"case_type": "visa"}, threshold=90
    )
    assert (one(share, frame).met, one(share, frame).counted) == (1, 1)


def test_a_time_that_there_was_not_is_no_day_to_count() -> None:
    """2017-03-26 02:30 was skipped in Denmark."""
    frame = cases({"filed": "2017-03-26"}, {"filed": "2017-03-26"}).with_columns(
        filed=pl.Series([dt.datetime(2017, 3, 26, 2, 30), dt.datetime(2017, 3, 26, 3)])
    )
    for target in (
        kpi.Count(id="t", requires={"at_least": 1}),
        kpi.Share(id="t", having={"case_type": "visa"}, threshold=90),
    ):
        found = one(target, frame)
        assert (found.excluded, found.counted) == ({"no such local time": 1}, 1)
    done = kpi.Milestone(id="t", fact="t", deadline="2017")
    frame = fact(done=D(2017, 1, 1)).with_columns(done=pl.lit(dt.datetime(2017, 3, 26, 2, 30)))
    assert of_fact(done, frame).excluded == {"no such local time": 1}


# Bounds, S20.


def test_bounds_may_leave_one_number() -> None:
    assert Bounds(at_least=1, at_most=1).hold(1)
    for low in ({"at_least": 1}, {"more_than": 1}):
        for high in ({"at_most": 2}, {"less_than": 2}):
            bounds = Bounds(**low, **high)
            held = [n for n in (1, Fraction(3, 2), 2) if bounds.hold(n)]
            assert held == [
                *([1] if "at_least" in low else []),
                Fraction(3, 2),
                *([2] if "at_most" in high else []),
            ]


def test_bounds_in_words() -> None:
    bounds = Bounds(more_than=Decimal("-1000.5"), less_than=7)
    assert str(bounds) == bounds.text() == "more than -1,000.5 and less than 7"
    assert bounds.text("%") == "more than -1,000.5 % and less than 7 %"
    assert bounds.data() == {"more_than": Decimal("-1000.5"), "less_than": Decimal(7)}


# The verdict of a group, S28.


def test_a_group_of_what_is_asked_of_the_whole_is_an_indicator() -> None:
    target = kpi.Count(id="t", requires={"at_least": 2})
    frame = cases(
        {"filed": "2017-01-01", "case_type": "a"},
        {"filed": "2017-01-01", "case_type": "a"},
        {"filed": "2017-01-01", "case_type": "b"},
    )
    for as_of, verdict in ((None, "indicator"), ("2017-06-30", "open")):
        found = kpi.evaluate(plan(target), frame, as_of, by="case_type")["t"]
        assert {g.group["case_type"]: g.verdict for g in found.groups} == {
            "a": verdict,
            "b": verdict,
        }


# Words written back as plan files write them, and the columns that they read.


@pytest.mark.parametrize(
    ("made", "data"),
    [
        (Calendar("denmark"), "denmark"),
        (Calendar("germany", region="BE"), {"name": "germany", "region": "BE"}),
        (
            Calendar("denmark", off=["christmas eve", D(2017, 1, 2)], saturdays=True),
            {"name": "denmark", "off": ["christmas eve", D(2017, 1, 2)], "saturdays": True},
        ),
        (Calendar(covers="2017"), {"off": [], "covers": "2017"}),
        (Window("2017-H1"), "2017-H1"),
        (
            Window(after="2017-01-01", through="2017-02-01"),
            {"after": D(2017, 1, 1), "through": D(2017, 2, 1)},
        ),
        (
            Window(since="2017-01-01", before="2017-02-01"),
            {"since": D(2017, 1, 1), "before": D(2017, 2, 1)},
        ),
        (EndOf("2017"), {"end_of": "2017"}),
        (Span(months=7), "7 months"),
        (Span(), "0 days"),
        (Span(years=1, months=2, weeks=3, days=1), "1 year and 2 months and 3 weeks and 1 day"),
        (Span(hours=1, minutes=30), "1 hour and 30 minutes"),
        (Before(Span(working_days=1)), "1 working day before"),
        (DueColumn("due"), {"column": "due"}),
        (ByValue("kind", {"a": Span(days=1)}), {"by": "kind", "limits": {"a": "1 day"}}),
        (ByValue("kind", {"a": Span(days=1)}, file="x.csv"), {"file": "x.csv", "by": "kind"}),
        (
            Dated("decided", Span(days=1), ((D(2017, 7, 1), Span(days=2)),)),
            {"dated": "decided", "first": "1 day", "since": {"2017-07-01": "2 days"}},
        ),
        (
            Dated("decided", Decimal(90), ((D(2017, 7, 1), Decimal(80)),)),
            {"dated": "decided", "first": Decimal(90), "since": {"2017-07-01": Decimal(80)}},
        ),
        (Chosen("once_all", ["a", "b"]), {"once_all": ["a", "b"]}),
        (Moved("a", Span(days=1)), {"date": "a", "plus": "1 day"}),
        (Moved("a", Span(days=1), back=True), {"date": "a", "minus": "1 day"}),
        (Moved("a", "n", "days"), {"date": "a", "plus_days": "n"}),
        (Moved("a", "n", "months", back=True), {"date": "a", "minus_months": "n"}),
        (PartWay("a", "b", Fraction(1, 2)), {"start": "a", "end": "b", "share": "1/2"}),
        (
            PartWay("a", "b", Fraction(1, 3), "down"),
            {"start": "a", "end": "b", "share": "1/3", "rounded": "down"},
        ),
    ],
)  # fmt: skip
def test_what_is_written_is_what_was_read(made: Any, data: Any) -> None:
    assert made.data() == data
    if isinstance(made, Chosen | Moved | PartWay):
        assert parse_derived(data) == made
    if isinstance(made, Span | Before | DueColumn):
        assert parse_limit(data) == made


@pytest.mark.parametrize(
    ("made", "reads"),
    [
        (DueColumn("due"), [("due", "date", "column")]),
        (ByValue("kind", {"a": Span(days=1)}), [("kind", "text", "by")]),
        (Dated("decided", 1, ((D(2017, 7, 1), 2),)), [("decided", "date", "dated")]),
        (Chosen("latest", ["a", "b"]), [("a", "date", "latest"), ("b", "date", "latest")]),
        (Moved("a", Span(days=1)), [("a", "date", "date")]),
        (Moved("a", "n", "days"), [("a", "date", "date"), ("n", "integer", "plus_days")]),
        (PartWay("a", "b", Fraction(1, 2)), [("a", "date", "start"), ("b", "date", "end")]),
    ],
)
def test_what_words_read(made: Any, reads: list[tuple[str, str, str]]) -> None:
    assert list(made.reads()) == reads


def test_dates_since_which_a_limit_holds_may_be_written_in_any_order() -> None:
    given = {
        "dated": "decided",
        "first": "1 day",
        "since": {"2017-07-01": "3 days", "2017-03-01": "2 days"},
    }
    found = parse_limit(given)
    assert isinstance(found, Dated)
    assert [since for since, _ in found.later] == [D(2017, 3, 1), D(2017, 7, 1)]
    assert str(found) == (
        "1 day (decided before 2017-03-01), 2 days (decided since 2017-03-01), "
        "3 days (decided since 2017-07-01)"
    )


@pytest.mark.parametrize("share", ["1", "1/1000", "999/1000", 0.001, 1])
def test_shares_up_to_all_of_it_and_down_to_a_thousandth(share: Any) -> None:
    found = parse_derived({"start": "a", "end": "b", "share": share})
    assert isinstance(found, PartWay)
    assert found.share == Fraction(str(share))


# One date at a time.

DENMARK = Calendar("denmark")


@pytest.mark.parametrize(
    ("day", "span", "back", "found"),
    [
        (D(2017, 3, 31), Span(months=1), True, D(2017, 2, 28)),
        (D(2017, 1, 31), Span(months=1), False, D(2017, 2, 28)),
        (D(2017, 3, 10), Span(months=1, days=3), True, D(2017, 2, 7)),
        (D(2017, 3, 10), Span(weeks=1), False, D(2017, 3, 17)),
        (D(2017, 3, 13), Span(working_days=1), True, D(2017, 3, 10)),  # a Monday
        (D(2017, 3, 10), Span(working_days=1), False, D(2017, 3, 13)),
    ],
)
def test_a_day_so_long_before_another(day: D, span: Span, *, back: bool, found: D) -> None:
    assert back_from(day, span, DENMARK, back=back) == found


def test_a_day_that_the_calendar_does_not_cover() -> None:
    own = Calendar(covers="2017")
    assert back_from(D(2017, 1, 2), Span(working_days=1), own, back=True) is None
    assert back_from(D(2017, 1, 3), Span(working_days=1), own, back=True) == D(2017, 1, 2)
    assert due_date(D(2017, 12, 29), Span(working_days=1), "down", own) is None
    assert due_date(D(2017, 12, 28), Span(working_days=1), "down", own) == D(2017, 12, 29)


def test_one_due_date() -> None:
    assert due_date(D(2017, 1, 31), Span(months=1), "down", DENMARK) == D(2017, 2, 28)
    assert due_date(D(2017, 1, 31), Span(months=1), "up", DENMARK) == D(2017, 3, 1)
    assert due_date(D(2017, 1, 31), Span(months=1), "refuse", DENMARK) is None
    assert due_date(D(2017, 1, 31), Span(days=1), "down", DENMARK) == D(2017, 2, 1)
    assert due_date(D(9999, 12, 30), Span(days=1), "down", DENMARK) == D(9999, 12, 31)
    assert due_date(D(9999, 12, 30), Span(days=2), "down", DENMARK) is None


def test_months_before_the_year_one() -> None:
    """13 months before 0001-01-01: the year 0, a leap year, and the December before it."""
    start = (D(1, 1, 1) - D(1970, 1, 1)).days
    frame = pl.DataFrame({"start": [D(1, 1, 1)], "months": pl.Series([-13], dtype=pl.Int32)})
    found = frame.select(months_later(pl.col("start"), pl.col("months"), "down").to_physical())
    assert found.item() == start - 366 - 31


# Derived dates that another limit is counted from.


@pytest.mark.parametrize(
    ("derived", "filed", "ready"),
    [
        ({"date": "filed", "minus": "2 months"}, "2017-08-31", "2017-06-30"),
        ({"date": "filed", "plus": "2 months"}, "2017-06-30", "2017-08-30"),
        ({"date": "filed", "minus": "5 working days"}, "2017-08-31", "2017-08-24"),
        ({"date": "filed", "plus": "5 working days"}, "2017-06-30", "2017-07-07"),
        ({"date": "filed", "minus": "2 days"}, "2017-08-31", "2017-08-29"),
        ({"date": "filed", "plus": "2 days"}, "2017-06-30", "2017-07-02"),
        ({"date": "filed", "minus_months": "n"}, "2017-08-31", "2017-06-30"),
        ({"date": "filed", "plus_months": "n"}, "2017-06-30", "2017-08-30"),
        ({"date": "filed", "minus_days": "n"}, "2017-08-31", "2017-08-29"),
        ({"date": "filed", "plus_days": "n"}, "2017-06-30", "2017-07-02"),
    ],
)
def test_a_limit_in_months_from_a_derived_date(
    derived: dict[str, str], filed: str, ready: str
) -> None:
    """Whatever days the dates lie between, the look-up holds all of them."""
    day = D.fromisoformat(ready)
    due = due_date(day, Span(months=1), "down", DENMARK)
    table = kpi.Table(
        "cases", key="case_id", entry="filed", events="decided", derived={"ready": derived}
    )
    target = within("1 month", start="ready", denominator="cohort", on="filed")
    made = kpi.Plan(id="p", period="2017", tables=[table], targets=[target])
    frame = cases({"filed": filed, "decided": str(due)}).with_columns(n=2)
    (row,) = kpi.evaluate(made, {"cases": frame}).audit().collect().to_dicts()
    assert (row["due"], row["met"]) == (due, True)


@pytest.mark.parametrize(
    ("start", "end", "share", "rounded", "found"),
    [
        ("2017-01-01", "2017-01-10", "2/3", "up", "2017-01-07"),  # 6 of 9 days
        ("2017-01-01", "2017-01-10", "2/3", "down", "2017-01-07"),
        ("2017-01-01", "2017-01-11", "2/3", "up", "2017-01-08"),  # 6.67 of 10
        ("2017-01-01", "2017-01-11", "2/3", "down", "2017-01-07"),
        ("1969-01-01", "1969-01-06", "1/2", "down", "1969-01-03"),  # 2.5 of 5, before 1970
        ("1969-01-01", "1969-01-06", "1/2", "up", "1969-01-04"),
        ("2017-01-02", "2017-01-01", "1/2", "up", None),
        ("2017-01-02", "2017-01-02", "1/2", "up", "2017-01-02"),
    ],
)
def test_a_share_of_the_days(
    start: str, end: str, share: str, rounded: str, found: str | None
) -> None:
    derived = {"half": {"start": "start", "end": "end", "share": share, "rounded": rounded}}
    table = kpi.Table(
        "cases", key="case_id", entry="filed", dates=["start", "end"], derived=derived
    )
    target = kpi.Percentile(id="t", start="filed", end="half", percentile=50, limit="9 days")
    made = kpi.Plan(
        id="p",
        period={"since": "1900-01-01", "through": "2017-12-31"},
        tables=[table],
        targets=[target],
    )
    frame = cases({"filed": "1900-01-01"}).with_columns(
        start=pl.lit(D.fromisoformat(start)), end=pl.lit(D.fromisoformat(end))
    )
    (row,) = kpi.evaluate(made, {"cases": frame}).audit().collect().to_dicts()
    days = None if found is None else (D.fromisoformat(found) - D(1900, 1, 1)).days
    assert row["days"] == days


@pytest.mark.parametrize("plus", ["1 month", "2 days", "2 working days"])
def test_a_date_derived_from_none(plus: str) -> None:
    table = kpi.Table(
        "cases",
        key="case_id",
        entry="filed",
        events="decided",
        dates="due",
        derived={"ready": {"date": "due", "plus": plus}},
    )
    target = within("1 month", start="ready", denominator="cohort", on="filed")
    made = kpi.Plan(id="p", period="2017", tables=[table], targets=[target])
    found = kpi.evaluate(made, {"cases": cases({"filed": "2017-01-01"})})["t"]
    assert found.excluded == {"start missing": 1}


def test_a_date_derived_by_a_calendar_that_knows_none_of_the_days() -> None:
    derived = {"ready": {"date": "filed", "plus": "2 working days"}}
    table = kpi.Table("cases", key="case_id", entry="filed", events="decided", derived=derived)
    target = within("1 month", start="ready", denominator="cohort", on="filed")
    made = kpi.Plan(
        id="p", period="2017", tables=[table], targets=[target], calendar={"covers": "2010"}
    )
    found = kpi.evaluate(made, {"cases": cases({"filed": "2017-01-01"})})["t"]
    assert found.excluded == {"start missing": 1}


# Month ends, S26.


def test_month_ends_as_json_and_on_their_day() -> None:
    target = within("1 month", denominator="overdue", title="Afgørelser på en måned", threshold=50)
    frame = spans(("2017-01-31", None), ("2017-01-31", "2017-03-01"))
    frame = frame.with_columns(case_id="sag nr. æ" + pl.col("case_id"))
    found = kpi.month_ends(plan(target), frame, "2017-02-27")
    # No month is over; seen from the end of the year the first is late by any.
    assert found.cases.rows() == []
    found = kpi.month_ends(plan(target), frame)
    assert found.cases["case"].to_list() == ["sag nr. æ2"]
    assert "sag nr. æ2" in found.to_json()
    data = found.to_dict()
    assert found.to_json() == json.dumps(data, ensure_ascii=False, indent=2)
    assert data["cases"] == [
        {
            "target": "t",
            "case": "sag nr. æ2",
            "down_due": "2017-02-28",
            "down": "late",
            "sticky_due": "2017-02-28",
            "sticky": "late",
            "up_due": "2017-03-01",
            "up": "in time",
        }
    ]


def test_month_ends_without_the_table() -> None:
    found = kpi.month_ends(plan(within("1 month")), {})
    assert found.cases.schema == {
        "target": pl.String,
        "case": pl.String,
        "down_due": pl.Date,
        "down": pl.String,
        "sticky_due": pl.Date,
        "sticky": pl.String,
        "up_due": pl.Date,
        "up": pl.String,
    }


def test_month_ends_of_a_plan_with_goals_and_weights() -> None:
    goals = [kpi.Goal(id="g", weight=50), kpi.Goal(id="h")]
    targets = [
        within("1 month", id="a", goal="g"),
        within("30 days", id="b", goal="g"),
        within("2 months", id="c", goal="h", weight=50),
    ]
    made = plan(*targets, goals=goals, weights="stated")
    found = kpi.month_ends(made, spans(("2017-01-31", "2017-03-01")))
    assert [target.id for target in found.readings.targets] == ["a", "c"]


# Flow: the backlog by its own month ends, and the trail.


def flow(frame: pl.DataFrame, **more: Any) -> kpi.TargetResult:
    return one(kpi.Flow(**SPAN, limit="1 month", **more), frame)


def test_the_month_end_mode_of_a_backlog() -> None:
    """A month from 30 November is 30 December, and 31 December where month ends stick."""
    frame = spans(("2017-11-30", None), ("2017-10-31", None))
    assert flow(frame).figures["backlog"] == 2
    later = spans(("2017-11-30", "2018-01-01"), ("2017-10-31", None))
    found = kpi.evaluate(plan(kpi.Flow(**SPAN, limit="1 month")), later, "2017-12-31")["t"]
    assert found.figures["backlog"] == 2
    sticky = kpi.Flow(**SPAN, limit="1 month", month_end="sticky")
    assert kpi.evaluate(plan(sticky), later, "2017-12-31")["t"].figures["backlog"] == 1
    refused = flow(frame, month_end="refuse")  # there is no 31 November
    assert refused.excluded == {"refused month end": 1}
    assert refused.figures["backlog"] == 1


def test_a_flow_that_does_not_add_up_is_an_error() -> None:
    numbers = {"counted": 3, "intake": 2, "output": 1, "open_start": 1, "open_end": 3}
    sums = Sums(
        numbers=numbers,
        bins={},
        part=(),
        first=D(2017, 1, 1),
        last=D(2017, 12, 31),
        as_of=D(2017, 12, 31),
        calendar=DENMARK,
    )
    with pytest.raises(kpi.KpiError) as caught:
        kpi.Flow(**SPAN).measure(sums)
    assert str(caught.value) == "t: 1 open + 2 in - 1 out is not 3"


def test_the_trail_of_a_flow() -> None:
    frame = spans(("2017-01-01", "2017-01-11"), ("2017-01-01", None))
    for more, due in (({}, None), ({"limit": "1 month"}, D(2017, 2, 1))):
        rows = kpi.evaluate(plan(kpi.Flow(**SPAN, **more)), frame).audit().collect()
        assert rows.schema["due"] == pl.Date
        assert rows.select("days", "due").rows() == [(10, due), (None, due)]


# The keys of cases and their pauses, S14.


@pytest.mark.parametrize(
    ("cases_id", "pause_id"),
    [
        (pl.Series([7, 8], dtype=pl.Int32), pl.Series([8, 9], dtype=pl.UInt64)),
        (pl.Series(["7", "8"]), pl.Series(["8", "9"], dtype=pl.Categorical)),
        (pl.Series([D(2017, 1, 7), D(2017, 1, 8)]), pl.Series([D(2017, 1, 8), D(2017, 1, 9)])),
    ],
    ids=["whole numbers", "texts", "dates"],
)
def test_pauses_find_their_cases_by_keys_of_one_kind(
    cases_id: pl.Series, pause_id: pl.Series
) -> None:
    waiting = kpi.Table("waiting", key="case", entry="from", events="to", pauses="cases")
    target = average("15 days", pauses="waiting")
    made = kpi.Plan(id="p", period="2017", tables=[TABLE, waiting], targets=[target])
    pauses = pl.DataFrame(
        {"case": pause_id, "from": [D(2017, 1, 3)] * 2, "to": [D(2017, 1, 6)] * 2}
    )
    found = kpi.evaluate(made, {"cases": DONE.with_columns(case_id=cases_id), "waiting": pauses})
    # The second case took 20 days, of which 3 were paused.
    assert (found["t"].total, found["t"].counted) == (10 + 17, 2)
    assert found.facts["waiting"].unmatched == 1


def test_parts_that_ask_for_nothing_are_an_indicator() -> None:
    whole = kpi.Parts(id="w", parts=[kpi.Flow(**SPAN | {"id": n}) for n in "ab"])
    assert kpi.evaluate(plan(whole), DONE)["w"].verdict == "indicator"
    one_asks = kpi.Parts(id="w", parts=[kpi.Flow(**SPAN | {"id": "a"}), within("20 days", id="b")])
    assert kpi.evaluate(plan(one_asks), DONE)["w"].verdict == "met"


# Series: by which date a row falls in a period.


@pytest.mark.parametrize(
    ("target", "quarters"),
    [
        (kpi.Count(id="t", requires={"at_least": 1}), {"2017-Q1": 1, "2017-Q2": 1}),
        (
            kpi.Share(id="t", having={"case_type": "visa"}, threshold=90),
            {"2017-Q1": 1, "2017-Q2": 1},
        ),
        (average(), {"2017-Q2": 1, "2017-Q3": 1}),
        (kpi.Percentile(**SPAN, percentile=50, limit="9 days"), {"2017-Q2": 1, "2017-Q3": 1}),
        (within("1 year"), {"2017-Q2": 1, "2017-Q3": 1}),
        (within("1 year", denominator="cohort"), {"2017-Q1": 1, "2017-Q2": 1}),
        (
            within("1 month", denominator="overdue", on="decided"),
            {"2017-Q2": 1, "2017-Q3": 1},
        ),
        (within("1 month", denominator="due"), {"2017-Q2": 1, "2017-Q3": 1}),
        # Late both: each on the day after its due date, 28 April and 1 July.
        (within("27 days", denominator="settled"), {"2017-Q2": 1, "2017-Q3": 1}),
        (clearance({"through": "2017-11-30"}), {"2017-Q4": 2}),
        (kpi.Stock(**SPAN, at={"end_of": "2017-06-30"}, level={"at_most": 9}), {"2017-Q2": 1}),
        (kpi.Flow(**SPAN), {"2017-Q4": 2}),
    ],
)  # fmt: skip
def test_the_date_that_a_row_is_counted_by(target: Target, quarters: dict[str, int]) -> None:
    frame = spans(("2017-03-31", "2017-06-30"), ("2017-06-03", "2017-07-01"))
    found = kpi.evaluate(plan(target), frame, every="quarter")["t"]
    assert {g.group["period"]: g.counted for g in found.groups if g.counted} == quarters


def test_cases_are_settled_in_the_window_or_outside_it() -> None:
    """Due on 1 July: in time on the end, late on 2 July; in one half-year or in the other."""
    frame = spans(
        ("2017-06-01", "2017-06-30"),  # settled on 30 June
        ("2017-06-01", "2017-07-01"),  # settled on 1 July
        ("2017-06-01", "2017-07-09"),  # settled on 2 July
        ("2017-05-31", None),  # due on 30 June, settled on 1 July
        ("2017-05-30", None),  # due on 29 June, settled on 30 June
    )
    halves = {}
    for window in ("2017-H1", "2017-H2"):
        found = one(within("30 days", denominator="settled", window=window), frame)
        halves[window] = (found.met, found.counted, found.outside)
    assert halves == {"2017-H1": (1, 2, 3), "2017-H2": (1, 3, 2)}
    rows = {row["case"]: row["reason"] for row in trail(within("30 days", denominator="settled", window="2017-H2"), frame)}  # fmt: skip
    assert rows["1"] == rows["5"] == "fails: settled in 2017-H2"


@pytest.mark.parametrize("denominator", ["cohort", "overdue"])
def test_a_cohort_is_of_an_entry_wherever_the_time_starts(denominator: str) -> None:
    frame = cases(
        {"filed": "2016-12-31", "documented": "2017-01-02", "decided": "2017-01-03"},
        {"filed": "2017-01-01", "documented": "2017-01-02", "decided": "2017-01-03"},
        {"filed": "2017-12-31", "documented": "2018-01-02", "decided": "2018-01-03"},
    )
    target = within("1 day", start="documented", denominator=denominator)
    by_documents = within("1 day", start="documented", denominator=denominator, on="documented")
    for asked, counted in ((target, ["2", "3"]), (by_documents, ["1", "2"])):
        rows = kpi.evaluate(plan(asked), frame, "2018-02-01").audit().collect().to_dicts()
        assert [row["case"] for row in rows if row["bucket"] == "counted"] == counted


def test_the_ages_of_ten_open_cases() -> None:
    """Filed on 22 to 31 December, so 9 to 0 days old at the end of the year."""
    frame = spans(*((f"2017-12-{day}", None) for day in range(22, 32)))
    figures = one(kpi.Flow(**SPAN), frame).figures
    assert (figures["mean_age"], figures["median_age"], figures["p90_age"]) == (4.5, 4, 8)


OPEN: dict[str, Any] = {"open_at": {"start_of": "2017"}}


@pytest.mark.parametrize(
    "target",
    [
        average(**OPEN),
        average("1 month", **OPEN),
        kpi.Percentile(**SPAN, **OPEN, percentile=50, limit="9 days"),
        within(**OPEN),
        clearance({"through": "2017-11-30"}, **OPEN),
        kpi.Stock(**SPAN, **OPEN, at={"end_of": "2017-01-31"}, level={"at_most": 9}),
        kpi.Flow(**SPAN, **OPEN),
    ],
    ids=lambda target: target.rule,
)
def test_only_cases_open_at_a_day(target: Target) -> None:
    frame = spans(
        ("2016-01-01", "2017-02-01"),  # open
        ("2017-01-01", "2017-02-01"),  # not filed before the day
        ("2016-01-01", "2016-12-31"),  # ended before it
    )
    rows = {row["case"]: row for row in trail(target, frame)}
    assert rows["1"]["bucket"] == "counted"
    assert rows["2"]["reason"] == "fails: filed before 2017-01-01"
    assert rows["3"]["reason"] == "left out: decided before 2017-01-01"


# Working days of a calendar that knows two weeks: Monday 2 January 2017 to Friday the 13th.

TWO_WEEKS = Calendar(covers={"since": "2017-01-02", "through": "2017-01-13"})
EPOCH = D(1970, 1, 1)


def number(day: int) -> int:
    """The day number of a day of January 2017; 0 and below are of the December before."""
    return (D(2016, 12, 31) - EPOCH).days + day


def of_each(made: pl.Expr, **columns: list[int]) -> list[int | None]:
    """The days of January, or the numbers, that come out for days of January."""
    given = {
        name: [number(n) for n in its] if name != "n" else its for name, its in columns.items()
    }
    found = pl.DataFrame(given).select(made.alias("found")).to_series()
    if found.dtype == pl.Date:
        return [None if day is None else (day - D(2016, 12, 31)).days for day in found]
    return found.to_list()


BOUNDS = (number(-5), number(20))


@pytest.mark.parametrize(
    ("n", "backwards", "days", "found"),
    [
        (1, False, [0, 1, 2, 5, 6, 7, 8, 12, 13, 14], [None, 2, 3, 6, 9, 9, 9, 13, None, None]),
        (2, False, [0, 1, 2, 5, 6, 11, 12, 13], [None, 3, 4, 9, 10, 13, None, None]),
        (10, False, [0, 1, 2], [None, 13, None]),
        (1, True, [2, 3, 9, 10, 13, 14, 15], [None, 2, 6, 9, 12, 13, None]),
        (2, True, [3, 4, 9, 10, 13, 14, 15], [None, 2, 5, 6, 11, 12, None]),
        (10, True, [13, 14, 15], [None, 2, None]),
        (0, False, [-3, 7, 19], [-3, 7, 19]),
    ],
)
def test_the_nth_working_day(
    n: int, backwards: bool, days: list[int], found: list[int | None]
) -> None:
    made = working_days.later(pl.col("day"), BOUNDS, n, TWO_WEEKS, backwards=backwards)
    assert of_each(made, day=days) == found
    if not backwards:
        made = working_days.later_by(pl.col("day"), BOUNDS, pl.col("n"), 10, TWO_WEEKS)
        assert of_each(made, day=days, n=[n] * len(days)) == found


def test_three_years_without_a_working_day() -> None:
    first = D(2010, 1, 1)
    off = [first + dt.timedelta(n) for n in range((D(2013, 1, 1) - first).days)]
    calendar = Calendar(off=off, covers={"since": "2009-01-01", "through": "2013-12-31"})
    before, after = (D(2009, 12, 31) - EPOCH).days, (D(2013, 1, 1) - EPOCH).days
    for day, backwards, found in (
        (before, False, D(2013, 1, 1)),
        (after, True, D(2009, 12, 31)),
    ):
        made = working_days.later(pl.col("day"), (day, day), 1, calendar, backwards=backwards)
        assert pl.DataFrame({"day": [day]}).select(made.alias("found")).item() == found


def test_a_day_out_of_bounds_is_never_looked_up() -> None:
    bounds = (number(3), number(5))
    for made in (
        working_days.later(pl.col("day"), bounds, 1, TWO_WEEKS, backwards=False),
        working_days.later_by(pl.col("day"), bounds, pl.lit(1), 1, TWO_WEEKS),
    ):
        assert of_each(made, day=[2, 3, 5, 6]) == [None, 4, 6, None]
    rolled = working_days.rolled(pl.col("day"), bounds, TWO_WEEKS)
    assert of_each(rolled, day=[2, 3, 5, 6]) == [None, 3, 5, None]


def test_a_day_is_rolled_to_the_next_working_day() -> None:
    made = working_days.rolled(pl.col("day"), BOUNDS, TWO_WEEKS)
    days = [0, 1, 2, 6, 7, 8, 9, 13, 14]
    assert of_each(made, day=days) == [None, None, 2, 6, 9, 9, 9, 13, None]


def test_the_working_days_between() -> None:
    """From the first day to the day before the other."""
    made = working_days.between(pl.col("first"), pl.col("stop"), BOUNDS, TWO_WEEKS)
    pairs = {
        (2, 2): 0, (2, 3): 1, (2, 14): 10, (6, 9): 1, (7, 9): 0, (13, 14): 1, (3, 8): 4,
        (1, 3): None, (2, 15): None, (1, 15): None, (14, 15): None, (-3, -3): 0, (16, 16): 0,
    }  # fmt: skip
    firsts, stops = zip(*pairs, strict=True)
    assert of_each(made, first=list(firsts), stop=list(stops)) == list(pairs.values())


def test_blanks_round_a_limit_say_nothing() -> None:
    assert parse_limit(" 1 month before ") == Before(Span(months=1))
    assert parse_limit(" 1  working  day ") == Span(working_days=1)


# Periods of a series, S9.


@pytest.mark.parametrize(
    ("first", "every", "name", "last"),
    [
        (D(2017, 2, 1), "month", "2017-02", D(2017, 2, 28)),
        (D(2017, 12, 1), "month", "2017-12", D(2017, 12, 31)),
        (D(987, 10, 1), "quarter", "0987-Q4", D(987, 12, 31)),
        (D(2017, 4, 1), "quarter", "2017-Q2", D(2017, 6, 30)),
        (D(2016, 1, 1), "half-year", "2016-H1", D(2016, 6, 30)),
        (D(2016, 7, 1), "half-year", "2016-H2", D(2016, 12, 31)),
    ],
)
def test_a_period_of_a_series(first: D, every: Every, name: str, last: D) -> None:
    assert period_name(first, every) == name
    assert period_end(first, every) == last


# Limits by value.


def test_five_limits_by_value_in_words() -> None:
    limits = {f"k{n}": Span(days=n) for n in range(1, 6)}
    made = ByValue("kind", limits)
    assert str(made) == "1 day (k1), 2 days (k2), 3 days (k3), 4 days (k4) and 1 more"
    four = ByValue("kind", dict(list(limits.items())[:4]))
    assert str(four) == "1 day (k1), 2 days (k2), 3 days (k3), 4 days (k4)"


def test_a_case_whose_value_has_no_limit_by_the_clock() -> None:
    begun, ended = dt.datetime(2017, 1, 2, 9), dt.datetime(2017, 1, 2, 10, 30)
    frame = cases(*({"filed": "2017-01-02", "case_type": kind} for kind in ("a", "b", "c", None)))
    frame = frame.with_columns(filed=pl.lit(begun), decided=pl.lit(ended))
    target = within({"by": "case_type", "limits": {"a": "1 hour", "b": "90 minutes"}})
    found = one(target, frame)
    assert (found.met, found.counted, found.excluded) == (1, 2, {"limit missing": 2})
    rows = {row["case"]: row for row in trail(target, frame)}
    assert [rows[n]["seconds"] for n in "12"] == [5_400] * 2
    assert [rows[n]["met"] for n in "12"] == [False, True]


def test_a_pause_on_a_due_day_that_its_month_lacks() -> None:
    """A month from 31 January is 28 February, or 1 March where it is moved up."""
    waiting = kpi.Table("waiting", key="case", entry="from", events="to", pauses="cases")
    pauses = pl.DataFrame({"case": ["1"], "from": [D(2017, 3, 1)], "to": [D(2017, 3, 4)]})
    for mode, due in (("down", D(2017, 2, 28)), ("up", D(2017, 3, 4))):
        target = within("1 month", month_end=mode, pauses="waiting")
        made = kpi.Plan(id="p", period="2017", tables=[TABLE, waiting], targets=[target])
        tables = {"cases": spans(("2017-01-31", "2017-03-31")), "waiting": pauses}
        (row,) = kpi.evaluate(made, tables).audit().collect().to_dicts()
        assert (row["due"], row["paused"], row["days"]) == (due, 3, 59 - 3)


# The share of a number of cases, S17 and S18.


@pytest.mark.parametrize(
    ("n", "percent", "up", "down", "nearest"),
    [
        (11, "95", 11, 10, 10),  # 10.45
        (10, "95", 10, 9, 10),  # 9.5: halves go up
        (21, "95", 20, 19, 20),  # 19.95
        (20, "95", 19, 19, 19),
        (3, "33.3", 1, 0, 1),  # 0.999
        (1, "49.9", 1, 0, 0),
        (0, "50", 0, 0, 0),
    ],
)
def test_a_share_of_so_many(n: int, percent: str, up: int, down: int, nearest: int) -> None:
    q = Decimal(percent)
    assert rank(n, q) == rank(n, q, "up") == up
    assert (rank(n, q, "down"), rank(n, q, "nearest")) == (down, nearest)
    if n == 11:
        lengths = spans(*(("2017-01-01", f"2017-01-{day:02}") for day in range(2, 13)))
        assert one(average(fastest=95, rounding="nearest"), lengths).counted == 10


# A value that the plan lists and that has no case, S28.


def test_a_value_that_lapsed_shows_its_own_threshold() -> None:
    limits = {"visa": Span(days=15), "other": Span(days=9)}
    thresholds = {"visa": Decimal(50), "other": Decimal(80)}
    limit = ByValue("case_type", limits, thresholds, "limits.csv")
    target = kpi.Within(**SPAN, limit=limit, each="case_type")
    found = one(target, DONE)
    assert [(e.group["case_type"], e.threshold, e.verdict) for e in found.each] == [
        ("visa", Decimal(50), "met"),
        ("other", Decimal(80), "lapsed"),
    ]
    assert found.verdict == "met"


def test_pauses_by_keys_of_another_kind_are_refused() -> None:
    waiting = kpi.Table("waiting", key="case", entry="from", events="to", pauses="cases")
    made = kpi.Plan(
        id="p", period="2017", tables=[TABLE, waiting], targets=[average(pauses="waiting")]
    )
    pauses = pl.DataFrame({"case": [D(2017, 1, 1)], "from": [D(2017, 1, 3)], "to": [D(2017, 1, 6)]})
    with pytest.raises(kpi.DataError) as caught:
        kpi.evaluate(made, {"cases": DONE, "waiting": pauses})
    assert str(caught.value) == (
        "waiting: column case holds Date, and case_id in cases holds String; hold ids of one kind "
        "in both"
    )


@pytest.mark.parametrize(("rounding", "counted"), [("up", "12"), ("down", "1"), ("nearest", "12")])
def test_the_trail_of_the_fastest_rounds_as_the_target_does(rounding: str, counted: str) -> None:
    frame = spans(*(("2017-01-01", f"2017-01-0{day}") for day in (2, 3, 4)))
    target = average(fastest=50, rounding=rounding)  # 1.5 of three
    rows = {row["case"]: row["bucket"] for row in trail(target, frame)}
    assert "".join(case for case in "123" if rows[case] == "counted") == counted
    assert one(target, frame).counted == len(counted)


# fields.py


def test_the_field_of_a_mistake_is_named_whatever_its_converter_is_made_of() -> None:
    """A rule of one's own may wrap its converters."""

    @functools.lru_cache
    def converter(value: object) -> object:
        raise kpi.PlanError(f"found {value}; accepted: nothing")

    @frozen(kw_only=True, field_transformer=placed)
    class Thing:
        x: object = field(converter=converter)  # type: ignore[misc]  # mypy takes plain functions alone

    @frozen(kw_only=True, field_transformer=placed)
    class Other(Thing):
        y: int = 0

    for made in (Thing, Other):
        with pytest.raises(kpi.PlanError) as caught:
            made(x=1)
        assert str(caught.value) == "x: found 1; accepted: nothing"


# What cannot be missed.


@pytest.mark.parametrize(
    ("limit", "more", "said"),
    [
        ("30 days", {}, True),
        ("15 days", {}, True),
        ("14 days", {}, False),
        ({"column": "due"}, {}, False),
        ({"by": "case_type", "limits": {"visa": "30 days"}}, {}, False),
        ("30 hours", {}, False),
        ("30 days", {"denominator": "cohort"}, False),
    ],
)
def test_what_leaves_no_room_to_miss_it(limit: Any, more: dict[str, Any], *, said: bool) -> None:
    """Filed from 16 December on: due within 15 days on the last day, so all that end are in time."""
    target = within(limit, where={"filed": {"since": "2017-12-16"}}, **more)
    assert bool(list(target.remarks(plan(target)))) is said


def test_several_tables_of_pauses_in_words() -> None:
    target = average("30 days", pauses=["a", "b"], unless_paused=["c", "d"])
    assert target.requirement == "at most 30 days less the pauses in a, b unless paused by c, d"


# What a calendar is called, the longest limits, what a requirement of parts keeps.


@pytest.mark.parametrize(
    ("calendar", "words"),
    [
        (Calendar("denmark"), "denmark"),
        (Calendar("germany", region="BE"), "germany (BE)"),
        (Calendar("denmark", saturdays=True), "denmark (Saturdays too)"),
        (Calendar("denmark", off=(D(2022, 1, 3),)), "denmark (2022-01-03 off)"),
        (
            Calendar("denmark", off=(D(2022, 1, 3), D(2022, 1, 4)), saturdays=True),
            "denmark (2 dates off, Saturdays too)",
        ),
    ],
)
def test_a_calendar_says_what_it_is_made_of(calendar: Calendar, words: str) -> None:
    assert str(calendar) == words


@pytest.mark.parametrize(
    ("most", "one_more"),
    [
        # 26,572 working days are 37,200 days by seven for five, and so are 1,200 months of 31.
        ({"working_days": 26_572}, {"working_days": 26_573}),
        ({"months": 1_200}, {"months": 1_200, "days": 1}),
        ({"days": 37_200}, {"days": 37_201}),
        ({"minutes": 37_200 * 1_440 + 1_439}, {"minutes": 37_201 * 1_440}),
    ],
)
def test_the_longest_limit(most: dict[str, int], one_more: dict[str, int]) -> None:
    Span(**most)
    with pytest.raises(kpi.PlanError, match="accepted: at most 100 years"):
        Span(**one_more)


def test_a_requirement_of_parts_keeps_its_words_and_its_weight() -> None:
    words: dict[str, Any] = {"title": "Both", "title_da": "Begge", "source": "p. 3"}
    parts = kpi.Parts(
        id="1", **words, goal="g", weight=40, parts=[average(id="1a"), average(id="1b")]
    )
    made = kpi.Plan(
        id="p", period="2017", tables=[TABLE], goals=[kpi.Goal(id="g")], targets=[parts]
    )
    found = kpi.evaluate(made, DONE)["1"]
    assert {name: getattr(found, name) for name in words} == words
    assert (found.goal, found.weight) == ("g", Decimal(40))


def test_a_target_that_misses_in_a_part_that_lapses_elsewhere_misses() -> None:
    """The whole misses where one part does, whatever the share of all together comes to."""
    frame = spans(*[("2017-01-01", "2017-01-02")] * 9, ("2017-01-01", "2017-03-02")).with_columns(
        case_type=pl.Series(["visa"] * 9 + ["asylum"])
    )
    found = one(within("30 days", threshold=95, each="case_type"), frame)
    assert [part.verdict for part in found.each] == ["missed", "met"]
    assert found.verdict == "missed"


def test_a_threshold_over_time_is_that_of_the_as_of_date_where_the_date_is_missing() -> None:
    dated = {"dated": "documented", "first": 50, "since": {"2017-06-01": 100}}
    frame = cases({"filed": "2017-01-01", "decided": "2017-01-02", "documented": None})
    found = one(within("30 days", threshold=dated), frame)
    assert [part.group["stretch"] for part in found.each] == ["since 2017-06-01"]


def test_a_table_that_lacks_one_of_two_columns_is_broken_down_by_the_other() -> None:
    made = kpi.Plan(
        id="p",
        period="2017",
        tables=[TABLE, kpi.Table("more", key="id", entry="day")],
        targets=[
            average(id="1"),
            kpi.Count(id="2", table="more", on="day", requires={"at_least": 1}),
        ],
    )
    more = pl.DataFrame({"id": [1, 2], "day": [D(2017, 1, 1)] * 2, "office": ["a", "b"]})
    tables = {"cases": DONE.with_columns(office=pl.lit("a"), desk=pl.lit("u")), "more": more}
    by_both = kpi.evaluate(made, tables, by=["office", "desk"])
    assert [g.group for g in by_both["2"].groups] == [
        {"office": "a", "desk": None},
        {"office": "b", "desk": None},
    ]
    # A table with neither has no groups.
    by_desk = kpi.evaluate(made, tables, by="desk")
    assert by_desk["2"].groups == ()
    assert len(by_desk["1"].groups) == 1
