"""A limit of zero keeps its unit (S3, S7)."""

from __future__ import annotations

import datetime as dt
import pickle
from typing import Any

import polars as pl
import pytest

import kpi
from kpi.definitions.limits import Before
from kpi.definitions.time_units import CLOCK_UNITS, DAY_UNITS, Span, parse_span, span_in_days
from kpi.testing.oracle import Row
from tests.builders import average
from tests.counting_rules import hand_worked
from tests.counting_rules.hand_worked import D, T, frame, plan_of_2022, row


def within(limit: Any, **more: Any) -> kpi.Within:
    given = {"id": "t", "start": "filed", "end": "decided", "threshold": "all", **more}
    return kpi.Within(limit=limit, **given)


def timed(*rows: tuple[str, str]) -> pl.DataFrame:
    made = [("abcdef"[n], *map(dt.datetime.fromisoformat, row)) for n, row in enumerate(rows)]
    schema: dict[str, Any] = {
        "case_id": pl.String,
        "filed": pl.Datetime("us"),
        "decided": pl.Datetime("us"),
    }
    return pl.DataFrame(made, schema=schema, orient="row")


UNITS = (*DAY_UNITS, *CLOCK_UNITS)
"""Units that need no opening hours (S35)."""


@pytest.mark.parametrize("unit", UNITS)
def test_s03_zero_of_each_unit_is_written_read_and_kept(unit: str) -> None:
    text = f"0 {unit}"
    span = parse_span(text)
    named: dict[str, Any] = {unit.replace(" ", "_"): 0}
    assert (str(span), span.data(), span.units) == (text, text, (unit,))
    assert span == Span(**named) == pickle.loads(pickle.dumps(span))  # noqa: S301 - made here
    assert span.is_clock is (unit in CLOCK_UNITS)
    assert span.in_working_days is (unit == "working days")
    others = [other for other in UNITS if other != unit]
    assert all(parse_span(f"0 {other}") != span for other in others)
    with pytest.raises(kpi.PlanError, match="unknown unit"):
        parse_span(text, tuple(others))
    with pytest.raises(kpi.PlanError, match=f"found '{text}'; accepted"):
        parse_span(span, tuple(others))


@pytest.mark.parametrize("unit", UNITS)
def test_s03_a_plan_with_zero_of_a_unit_is_dumped_and_parsed(unit: str) -> None:
    limits = [
        f"0 {unit}",
        {"by": "kind", "limits": {"visa": f"0 {unit}"}},
        {"dated": "filed", "first": f"0 {unit}", "since": {"2022-07-01": f"0 {unit}"}},
    ]
    targets = [within(limit, id=str(n)) for n, limit in enumerate(limits)]
    made = plan_of_2022(*targets)
    assert kpi.parse_plan(kpi.dump_plan(made)) == made
    assert made.leaves()[0].requirement == f"all within 0 {unit}"
    assert made.leaves()[0].limit_text == f"0 {unit}"


def test_s03_nothing_is_zero_days() -> None:
    assert (
        Span() == Span(days=0) == Span(years=0, months=0, weeks=0, days=0) == parse_span("0 days")
    )
    assert Span(hours=0, minutes=0) == parse_span("0 hours and 0 minutes") == Span(minutes=0)
    assert (str(Span(days=1)), Span(days=1).unit_of_zero) == ("1 day", None)
    assert Span(days=1, unit_of_zero="minutes") == Span(days=1)


def test_s03_zero_minutes_reads_the_clock() -> None:
    """In the same minute, a second later, and an hour before."""
    cases = timed(
        ("2022-03-01T09:00:00", "2022-03-01T09:00:00"),
        ("2022-03-01T09:00:00", "2022-03-01T09:00:01"),
        ("2022-03-01T09:00:00", "2022-03-01T08:00:00"),
    )
    for limit in ("0 minutes", "0 hours", "0 hours and 0 minutes"):
        trail = kpi.evaluate(plan_of_2022(within(limit)), cases).audit().collect()
        assert trail["met"].to_list() == [True, False, None]
        assert trail["seconds"].to_list() == [0, 1, -3600]
        assert trail["reason"].to_list() == [None, None, "end before start"]
    # In days all of them are in time.
    trail = kpi.evaluate(plan_of_2022(within("0 days")), cases).audit().collect()
    assert trail["met"].to_list() == [True, True, True]


def test_s03_zero_minutes_takes_times() -> None:
    with pytest.raises(
        kpi.DataError, match="column filed holds dates; the plan counts it in hours"
    ):
        kpi.evaluate(plan_of_2022(within("0 minutes")), frame(("2022-03-01", "2022-03-01")))


def test_s03_zero_minutes_stands_beside_minutes() -> None:
    cases = timed(
        ("2022-03-01T09:00", "2022-03-01T09:00"), ("2022-03-01T09:00", "2022-03-01T09:01")
    )
    limit = {"by": "kind", "limits": {"visa": "0 minutes", "work": "1 minute"}}
    trail = kpi.evaluate(plan_of_2022(within(limit)), cases.with_columns(kind=pl.lit("visa")))
    assert trail.audit().collect()["met"].to_list() == [True, False]
    with pytest.raises(kpi.PlanError, match="limits in hours or minutes beside others"):
        within({"by": "kind", "limits": {"visa": "0 minutes", "work": "0 days"}})


@pytest.mark.parametrize(
    ("filed", "decided", "met"),
    [
        ("2022-02-11", "2022-02-11", True),
        # A Saturday is no working day, and the start itself is due all the same.
        ("2022-02-12", "2022-02-12", True),
        ("2022-02-12", "2022-02-13", False),
    ],
)
def test_s03_zero_working_days_is_the_start_itself(filed: str, decided: str, *, met: bool) -> None:
    row = (
        kpi.evaluate(plan_of_2022(within("0 working days")), frame((filed, decided)))
        .audit()
        .collect()
    )
    assert (str(row["due"][0]), row["met"][0]) == (filed, met)


@pytest.mark.parametrize("unit", ["hours", "minutes"])
def test_s03_zero_by_the_clock_is_refused_where_days_are_wanted(unit: str) -> None:
    for refused in (
        lambda: span_in_days(f"0 {unit}"),
        lambda: Before(parse_span(f"0 {unit}")),
        lambda: within(f"0 {unit} before"),
        lambda: within(f"0 {unit}", roll="next working day"),
        lambda: within(f"0 {unit}", pauses="waiting"),
        lambda: average(f"0 {unit}", pauses="waiting"),
        lambda: hand_worked.percentile(limit=f"0 {unit}", pauses="waiting"),
    ):
        with pytest.raises(kpi.PlanError):
            refused()


@pytest.mark.parametrize(
    "text",
    [
        "1 day and 0 minutes",
        "0 days and 0 minutes",
        "0 working days and 0 days",
        "0 hours and 1 day",
    ],
)
def test_s03_zero_of_another_kind_is_refused_beside_others(text: str) -> None:
    with pytest.raises(kpi.PlanError, match="0 of them too"):
        parse_span(text)


def test_s03_zero_beside_units_of_its_kind_says_nothing() -> None:
    assert parse_span("7 months and 0 days") == Span(months=7)
    assert parse_span("0 hours and 30 minutes") == Span(minutes=30)


MICROSECOND = dt.timedelta(microseconds=1)


@pytest.mark.parametrize("limit", ["0 minutes", "0 hours"])
def test_s03_no_minutes_are_read_off_the_clock(limit: str) -> None:
    at = T(2017, 3, 1, 10)
    assert row(hand_worked.within(limit=limit), {"filed": at, "decided": at}).met is True
    assert (
        row(hand_worked.within(limit=limit), {"filed": at, "decided": at + MICROSECOND}).met
        is False
    )
    assert row(
        hand_worked.within(limit=limit), {"filed": at, "decided": at - MICROSECOND}
    ).reason == ("end before start")


@pytest.mark.parametrize("limit", ["0 days", "0 weeks", "0 months", "0 years", "0 working days"])
def test_s03_no_days_are_the_day_of_the_start(limit: str) -> None:
    """4 March 2017 was a Saturday: no day off makes the day of the start another."""
    case = {"filed": T(2017, 3, 4, 10), "decided": T(2017, 3, 4, 23, 59)}
    assert row(hand_worked.within(limit=limit), case) == Row(
        "counted", met=True, days=0, due=D(2017, 3, 4)
    )
    assert row(hand_worked.within(limit=limit), {**case, "decided": T(2017, 3, 5)}).met is False


def test_s03_no_working_days_are_moved_by_no_pause_and_no_days_are() -> None:
    case = {"filed": D(2017, 3, 1), "decided": D(2017, 3, 3)}
    stops = [(D(2017, 3, 1), D(2017, 3, 3))]
    for limit, due in (("0 working days", D(2017, 3, 1)), ("0 days", D(2017, 3, 3))):
        assert (
            row(hand_worked.within(limit=limit, pauses="waiting"), case, waiting=stops).due == due
        )


def test_s03_no_working_days_roll_onto_one() -> None:
    """From a Saturday to the Monday after."""
    case = {"filed": D(2017, 3, 4), "decided": D(2017, 3, 6)}
    target = hand_worked.within(limit="0 working days", roll="next working day")
    assert row(target, case) == Row("counted", met=True, days=2, due=D(2017, 3, 6))
