"""Columns as dates, times, numbers and conditions."""

from __future__ import annotations

import datetime as dt
from typing import Any

import polars as pl
import pytest
from attrs import evolve

import kpi
from tests.builders import CALLS, TABLE, asked, average, contacts_plan, facts, plan, spans, within
from tests.tables.four_cases import FRAME, PLAN


def test_nobody_was_served() -> None:
    """A column of nulls holds times as well as dates."""
    frame = pl.DataFrame({"id": ["1"], "arrived": [dt.datetime(2017, 3, 1, 9)], "served": [None]})
    assert frame.schema["served"] == pl.Null
    assert kpi.evaluate(contacts_plan(), frame)["t"].met == 0


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
    """Each column by itself."""
    table = evolve(CALLS, date_format=style)
    frame = pl.DataFrame({"id": ["1"], "arrived": [arrived], "served": [served]})
    trail = kpi.evaluate(contacts_plan(tables=[table]), frame).audit().collect()
    assert trail.select("met", "seconds").rows() == [(True, 720)]


def test_a_column_is_read_to_the_minute_in_its_own_table_alone() -> None:
    other = kpi.Table("visits", key="id", entry="arrived", events="served")
    visits = kpi.Within(
        id="v", table="visits", start="arrived", end="served", limit="1 day", threshold=50,
        where={"kind": "a"},
    )  # fmt: skip
    made = contacts_plan(visits, tables=[CALLS, other], where={"kind": "b"})
    at, on = dt.datetime(2017, 3, 1, 9), dt.date(2017, 3, 1)
    extract = {
        "contacts": pl.DataFrame({"id": ["1"], "arrived": [at], "served": [at], "kind": ["b"]}),
        "visits": pl.DataFrame({"id": ["1"], "arrived": [on], "served": [on], "kind": ["a"]}),
    }
    result = kpi.evaluate(made, extract)
    assert [t.verdict for t in result] == ["met", "met"]
    assert not [note for note in result.notes if "names what no row holds" in note]


def test_a_number_without_end_is_none() -> None:
    target = kpi.Reported(id="t", requires={"at_least": 7})
    frame = facts({"target": "t", "value": float("inf")})
    result = kpi.evaluate(asked(target), {"reported": frame})
    assert (result["t"].verdict, result["t"].rows) == ("not_assessable", 0)
    assert "reported: 1 of 1 row rejected: value is not a number" in result.notes


def test_an_empty_text_is_no_number_and_no_condition() -> None:
    target = kpi.Reported(id="t", requires={"at_most": 7}, on_condition={"that": "it came about"})
    frame = pl.DataFrame({"target": ["t", "u"], "value": ["6.9", ""], "condition": ["TRUE", ""]})
    table = kpi.Table("reported", key="target")
    made = kpi.Plan(id="p", period="2017", tables=[table], targets=[target])
    result = kpi.evaluate(made, {"reported": frame})
    assert (result["t"].verdict, result["t"].rows) == ("met", 2)
    assert not [note for note in result.notes if "rejected" in note]


FAR = pl.Series([10_000_000, 17_200, 17_200, 17_200], dtype=pl.Int32).cast(pl.Date)


def test_a_date_outside_the_calendar_is_rejected_and_never_wrapped() -> None:
    result = kpi.evaluate(PLAN, FRAME.with_columns(filed=FAR))
    assert result.facts["cases"].rejected == {"filed lies outside the years 1 to 9999": 1}


def test_the_first_and_last_days_of_the_calendar() -> None:
    target = within("100 years", window={"through": "9998-12-31"})
    rows = spans(
        ("0001-01-01", "0101-01-01"), ("0001-01-31", "0101-02-01"), ("9998-12-31", "9998-12-31")
    )
    result = kpi.evaluate(plan(target, period="9998"), rows)
    assert (result.targets[0].met, result.targets[0].counted) == (2, 3)
    trail = result.audit().collect()
    assert trail["due"].dt.year().to_list() == [101, 101, 9999]


def test_what_the_declared_date_format_cannot_be() -> None:
    table = kpi.Table("cases", key="case_id", entry="filed", date_format="%Q")
    odd = kpi.Plan(id="p", period="2017", tables=[table], targets=[average(end="filed")])
    with pytest.raises(kpi.DataError, match="%Q"):
        kpi.evaluate(odd, FRAME.with_columns(filed=pl.lit("2017-01-01")))


def test_a_date_column_of_datetimes_keeps_its_day_before_1970() -> None:
    rows = pl.DataFrame(
        {
            "case_id": ["1"],
            "filed": [dt.datetime(1969, 12, 31, 23, 59)],
            "decided": [dt.datetime(1970, 1, 1, 0, 1)],
        }
    )
    assert kpi.evaluate(plan(average(), period="1970"), rows).targets[0].total == 1


assert TABLE.date_columns == ("filed", "documented", "decided", "due")


@pytest.mark.parametrize("odd", [float("inf"), 5.5, 1e300])
def test_fractions_cannot_be_compared_with_whole_numbers(odd: float) -> None:
    months = pl.Series([5.0, odd, float("nan"), None])
    with pytest.raises(
        kpi.DataError, match=r"column months holds .*; the plan compares it with whole"
    ):
        kpi.evaluate(PLAN, FRAME.with_columns(months=months))


def test_not_a_number_is_no_value_where_only_that_is_asked() -> None:
    rows = spans(*[("2017-01-01", "2017-01-02")] * 3).with_columns(
        note=pl.Series([1.5, float("nan"), None])
    )
    for missing, counted in ((True, 2), (False, 1)):
        target = average(where={"note": {"missing": missing}})
        assert kpi.evaluate(plan(target), rows).targets[0].counted == counted


@pytest.mark.parametrize("unit", ["ms", "us"])
@pytest.mark.parametrize("zone", [None, "UTC"])
def test_instants_outside_the_calendar_are_rejected(unit: Any, zone: str | None) -> None:
    days = {"ms": 86_400_000, "us": 86_400_000_000}[unit]
    far = pl.Series([2**63 - 1, -(2**62), 3_000_000 * days, 17_200 * days], dtype=pl.Int64).cast(
        pl.Datetime(unit)
    )
    rows = pl.DataFrame(
        {"case_id": ["1", "2", "3", "4"], "filed": far, "decided": [dt.date(2017, 3, 1)] * 4}
    )
    rows = rows.with_columns(pl.col("filed").dt.replace_time_zone(zone))
    result = kpi.evaluate(plan(average()), rows)
    assert result.facts["cases"].rejected == {"filed lies outside the years 1 to 9999": 3}
    assert result.targets[0].counted == 1


def test_the_last_nanosecond_does_not_wrap_round() -> None:
    last = pl.Series([2**63 - 1], dtype=pl.Int64).cast(pl.Datetime("ns", "UTC"))
    rows = pl.DataFrame({"case_id": ["1"], "filed": [dt.date(2017, 1, 1)], "decided": last})
    found = kpi.evaluate(plan(within(denominator="cohort"), period="2017"), rows, "2262-12-31")
    assert (found.targets[0].met, found.targets[0].counted) == (0, 1)
