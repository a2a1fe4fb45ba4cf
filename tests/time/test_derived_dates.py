"""Derived dates."""

from __future__ import annotations

import datetime as dt
from typing import Any

import polars as pl
import pytest
from attrs import evolve

import kpi
from kpi.definitions.calendars import Calendar
from kpi.definitions.limits import DueColumn
from kpi.definitions.time_units import Span
from kpi.definitions.windows import Window
from kpi.testing.oracle import Row
from kpi.time.due_dates import due_date
from tests.builders import both_trails, cases, day, derived_table, spans, within
from tests.counting_rules import hand_worked
from tests.counting_rules.hand_worked import CASES, EASTER_DUE, MARCH, D, m, of


def test_a_derived_date_has_no_time_and_takes_the_dates_that_are_written() -> None:
    table = derived_table(made={"latest": ["filed", "documented"]})
    with pytest.raises(kpi.PlanError, match=r"targets.0.limit: 'made' is derived and has no time"):
        kpi.Plan(id="p", period="2017", tables=[table], targets=[within("1 hour", start="made")])
    frame = spans(("2017-03-26", "2017-04-01"), ("2017-03-26", "2017-04-01")).with_columns(
        filed=pl.Series([dt.datetime(2017, 3, 26, 2, 30), dt.datetime(2017, 3, 26, 3, 30)])
    )
    made = kpi.Plan(id="p", period="2017", tables=[table], targets=[within(start="made")])
    found = both_trails(made, frame)
    assert [(row["reason"], row["days"]) for row in found] == [(None, 6), (None, 6)]


def value_of(one: Any, row: dict[str, Any], as_of: str = "2030-01-01", **more: Any) -> Any:
    """What a derived date comes to in one row, seen as the end of its time; None where there is none."""
    target = within("1 day", start="due", end="made", denominator="cohort", on="due")
    made = kpi.Plan(
        id="p", period="2017", tables=[derived_table(made=one)], targets=[target], **more
    )
    frame = cases({"due": "2017-01-01", **{k: v for k, v in row.items() if isinstance(v, str)}})
    numbers = [pl.lit(v).alias(k) for k, v in row.items() if isinstance(v, int)]
    found = both_trails(made, frame.with_columns(numbers), as_of)[0]
    return None if found["days"] is None else dt.date(2017, 1, 1) + dt.timedelta(found["days"])


THREE = {"filed": "2017-03-01", "documented": "2017-05-01", "decided": "2017-04-01"}


TWO = {"filed": "2017-03-01", "decided": "2017-04-01"}


ALL = ["filed", "documented", "decided"]


@pytest.mark.parametrize(
    ("one", "row", "found"),
    [
        ({"latest": ALL}, THREE, "2017-05-01"),
        ({"latest": ALL}, TWO, "2017-04-01"),
        ({"earliest": ALL}, THREE, "2017-03-01"),
        ({"earliest": ["documented", "decided"]}, TWO, "2017-04-01"),
        ({"once_all": ALL}, THREE, "2017-05-01"),
        ({"once_all": ALL}, TWO, None),
        ({"latest": ["documented", "decided"]}, {"filed": "2017-03-01"}, None),
        ({"date": "decided", "plus": "2 weeks"}, TWO, "2017-04-15"),
        ({"date": "decided", "minus": "1 day"}, TWO, "2017-03-31"),
        ({"date": "documented", "plus": "2 weeks"}, TWO, None),
        ({"date": "filed", "plus": "1 month"}, {"filed": "2017-01-31"}, "2017-02-28"),
        ({"date": "filed", "minus": "1 month"}, {"filed": "2017-03-31"}, "2017-02-28"),
        ({"date": "filed", "plus": "3 working days"}, {"filed": "2017-04-12"}, "2017-04-20"),
        ({"date": "filed", "minus": "1 working day"}, {"filed": "2017-04-18"}, "2017-04-12"),
        ({"date": "filed", "plus_days": "n"}, {"filed": "2017-03-01", "n": 60}, "2017-04-30"),
        ({"date": "filed", "minus_days": "n"}, {"filed": "2017-03-01", "n": 1}, "2017-02-28"),
        ({"date": "filed", "plus_months": "n"}, {"filed": "2017-01-31", "n": 1}, "2017-02-28"),
        ({"date": "filed", "plus_months": "n"}, {"filed": "2017-01-31", "n": 14}, "2018-03-31"),
        ({"date": "filed", "plus_months": "n"}, {"filed": "2017-01-31", "n": -1}, "2016-12-31"),
        ({"date": "filed", "minus_months": "n"}, {"filed": "2017-01-31", "n": 2}, "2016-11-30"),
        # Half of 31 days: the day on which all of it has passed, or the one before.
        ({"start": "filed", "end": "decided", "share": "1/2"}, TWO, "2017-03-17"),
        (
            {"start": "filed", "end": "decided", "share": 0.5, "rounded": "down"},
            TWO,
            "2017-03-16",
        ),
        ({"start": "filed", "end": "decided", "share": "1"}, TWO, "2017-04-01"),
        ({"start": "decided", "end": "filed", "share": "1/2"}, TWO, None),
        ({"start": "filed", "end": "documented", "share": "1/2"}, TWO, None),
    ],
)
def test_derived_dates(one: Any, row: dict[str, Any], found: str | None) -> None:
    assert value_of(one, row) == day(found)


def test_s08_a_derived_date_moves_to_a_working_day_where_it_says_so() -> None:
    two_weeks = {"date": "decided", "plus": "2 weeks"}
    rolled = two_weeks | {"roll": "next working day"}
    # The Saturday before Easter Monday, 17 April 2017.
    assert value_of(rolled, TWO) == day("2017-04-18")
    assert value_of(two_weeks, TWO, roll="next working day") == day("2017-04-15")
    # A Tuesday stays.
    assert value_of(rolled, {"decided": "2017-03-07"}) == day("2017-03-21")
    numbered = {"date": "decided", "plus_days": "n", "roll": "next working day"}
    assert value_of(numbered, TWO | {"n": 14}) == day("2017-04-18")
    back = {"date": "decided", "minus": "1 day", "roll": "next working day"}
    assert value_of(back, {"decided": "2017-04-18"}) == day("2017-04-18")
    # The Sunday that ends what the calendar covers has no working day after it.
    own = {"off": [], "covers": "2017"}
    assert value_of(rolled, {"decided": "2017-12-16"}, calendar=own) is None
    assert value_of(rolled, {"decided": "2017-12-15"}, calendar=own) == day("2017-12-29")


def test_derived_months_follow_the_plans_month_ends() -> None:
    one, row = {"date": "filed", "plus_months": "n"}, {"filed": "2017-01-31", "n": 1}
    for mode, found in (("up", "2017-03-01"), ("refuse", None), ("sticky", "2017-02-28")):
        assert value_of(one, row, month_end=mode) == day(found)
        span = {"date": "filed", "plus": "1 month"}
        assert value_of(span, row, month_end=mode) == day(found)
    last = {"filed": "2017-02-28", "n": 1}
    assert value_of(one, last, month_end="sticky") == day("2017-03-31")


def test_derived_dates_are_made_of_what_is_known_at_the_as_of_date() -> None:
    assert value_of({"latest": ALL}, THREE, "2017-04-15") == day("2017-04-01")
    assert value_of({"once_all": ALL}, THREE, "2017-04-15") is None
    # A planned date is not hidden, however late it is.
    planned = {"date": "filed", "plus": "5 years"}
    assert value_of(planned, THREE, "2017-04-15") == day("2022-03-01")


def test_a_derived_date_may_be_made_of_another_and_stand_wherever_a_date_does() -> None:
    """Half of a sentence of so many months."""
    table = kpi.Table(
        "convicted",
        key="person",
        dates="sentenced",
        events="interview",
        derived={
            "served": {"date": "sentenced", "plus_months": "months"},
            "half": {"start": "sentenced", "end": "served", "share": "1/2"},
        },
    )
    target = kpi.Within(
        id="t",
        table="convicted",
        start="half",
        end="interview",
        limit="1 month before",
        denominator="cohort",
        on="half",
        where={"half": {"since": "2017-01-01"}},
        threshold=70,
    )
    made = kpi.Plan(id="p", period="2017", tables=[table], targets=[target])
    frame = pl.DataFrame(
        {
            "person": [1, 2, 3],
            "sentenced": [dt.date(2017, 1, 1)] * 3,
            "months": [12, 4, None],
            "interview": [dt.date(2017, 6, 2), dt.date(2017, 2, 3), None],
        }
    )
    rows = both_trails(made, frame)
    # 365 days, half of them 183: 3 July; a month before, 3 June. 120 days: 2 March, 2 February.
    assert [(row["due"], row["met"], row["reason"]) for row in rows] == [
        (day("2017-06-03"), True, None),
        (day("2017-02-02"), False, None),
        (None, None, "start missing"),
    ]


def test_numbers_that_no_date_can_be_made_with_are_set_aside() -> None:
    target = within("1 day", start="made", denominator="cohort", on="filed")
    for unit, most in (("days", 36_525), ("months", 1_200)):
        table = derived_table(made={"date": "filed", f"plus_{unit}": "n"})
        made = kpi.Plan(id="p", period="2017", tables=[table], targets=[target])
        frame = spans(*[("2017-03-01", None)] * 4).with_columns(
            n=pl.Series([most, -most, most + 1, 10**18])
        )
        result = kpi.evaluate(made, frame)
        assert dict(result.facts["cases"].rejected) == {"n is more than 100 years": 2}
        dues = [row["due"] for row in both_trails(made, frame)]
        assert [due.year for due in dues] == [2117, 1917]


def test_the_first_and_the_last_day_of_the_calendar_are_derived_from_rightly() -> None:
    half = {"start": "filed", "end": "decided", "share": "1/2"}
    ends = {"filed": "0001-01-01", "decided": "9999-12-31"}
    assert value_of(half, ends, "9999-12-31") == dt.date(1, 1, 1) + dt.timedelta(1_826_029)
    back = {"date": "filed", "minus": "1 month"}
    assert value_of(back, {"filed": "0001-02-01"}, "9999-12-31") == day("0001-01-01")


def test_a_derived_column_that_the_table_has_already_is_refused() -> None:
    target = within(start="made")
    table = derived_table(made={"latest": ["filed", "documented"]})
    made = kpi.Plan(id="p", period="2017", tables=[table], targets=[target])
    frame = spans(("2017-01-01", "2017-02-01")).with_columns(made=pl.lit(dt.date(2017, 1, 1)))
    with pytest.raises(kpi.DataError, match="column made stands in the table, and the plan"):
        kpi.evaluate(made, frame)


@pytest.mark.parametrize(
    ("which", "one_there", "both_there"),
    [
        ("earliest", m(5), m(5)),
        ("latest", m(5), m(9)),
        ("once_all", None, m(9)),
    ],
)
def test_one_of_several_dates(which: str, one_there: dt.date | None, both_there: dt.date) -> None:
    made = {"ready": {which: ["documented", "announced_on"]}}
    assert hand_worked.derived(made)["ready"] is None
    assert hand_worked.derived(made, documented=m(5))["ready"] == one_there
    assert hand_worked.derived(made, announced_on=m(5))["ready"] == one_there
    assert hand_worked.derived(made, documented=m(9), announced_on=m(5))["ready"] == both_there


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
    assert hand_worked.derived(made, filed=from_day, months=7)["later"] == moved
    assert hand_worked.derived(made, months=7)["later"] is None


def test_a_date_that_is_moved_by_nothing_is_not_there() -> None:
    made = {"later": {"date": "filed", "plus_months": "months"}}
    assert hand_worked.derived(made, filed=m(1))["later"] is None
    assert hand_worked.derived(made, filed=m(1), months=0)["later"] == m(1)
    assert hand_worked.derived(made, filed=m(1), months=-1)["later"] == D(2017, 2, 1)


def test_s04_a_date_is_moved_in_the_plans_month_end_mode_and_calendar() -> None:
    made = {"later": {"date": "filed", "plus": "1 month"}}
    by_column = {"later": {"date": "filed", "plus_months": "months"}}
    for mode, moved in (("up", m(1)), ("refuse", None), ("down", D(2017, 2, 28))):
        for one_of in (made, by_column):
            cells = hand_worked.derived(
                one_of, words={"month_end": mode}, filed=D(2017, 1, 31), months=1
            )
            assert cells["later"] == moved
    made = {"later": {"date": "filed", "plus": "1 working day"}}
    for filed, moved in ((D(2017, 2, 28), m(2)), (m(31), None)):
        assert hand_worked.derived(made, words={"calendar": MARCH}, filed=filed)["later"] == moved


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
    cells = hand_worked.derived(made, filed=m(1), decided=m(end))
    assert (cells["up"], cells["down"]) == (m(up), m(down))


def test_a_share_of_no_way_at_all() -> None:
    made = {"half": {"start": "filed", "end": "decided", "share": "1/2"}}
    for filed, decided in (
        (m(2), m(1)),
        (None, m(1)),
        (m(1), None),
    ):
        assert hand_worked.derived(made, filed=filed, decided=decided)["half"] is None


def test_derived_dates_are_made_of_each_other() -> None:
    made = {
        "ready": {"latest": ["filed", "documented"]},
        "half": {"start": "ready", "end": "decided", "share": "1/2"},
        "late": {"date": "half", "plus": "1 week"},
    }
    cells = hand_worked.derived(made, filed=m(1), documented=m(11), decided=m(21))
    assert (cells["ready"], cells["half"], cells["late"]) == (
        m(11),
        m(16),
        m(23),
    )


def test_s15_derived_dates_are_made_of_what_is_known_and_never_hidden() -> None:
    made = {
        "ready": {"latest": ["filed", "documented"]},
        "late": {"date": "filed", "plus": "1 year"},
        "whole": {"once_all": ["filed", "documented"]},
    }
    cells = hand_worked.derived(made, m(10), filed=m(1), documented=m(11))
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
        assert of(hand_worked.within(**words), table, cells).trail[0] == row, words


def test_s01_a_date_made_of_a_time_that_never_was_is_made_of_its_date() -> None:
    made = {
        "ready": {"latest": ["filed", "documented"]},
        "late": {"date": "ready", "plus": "1 day"},
    }
    table = evolve(CASES, derived=made)
    gap = dt.datetime(2017, 3, 26, 2, 30)
    cells = {"filed": m(1), "documented": gap, "decided": dt.datetime(2017, 3, 31)}
    for words, days in (({"start": "ready"}, 5), ({"start": "late"}, 4), ({"end": "late"}, 26)):
        target = hand_worked.within(**words, window="2017")
        assert of(target, table, cells).trail[0].days == days


DENMARK = Calendar("denmark")


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
