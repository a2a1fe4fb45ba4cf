"""Stocks: words, series, refusals."""

from __future__ import annotations

from typing import Any

import pytest

import kpi
from kpi.report import words
from tests.builders import SPAN, half_years, one, plan, spans


def test_s30_a_series_of_a_stock_counts_at_the_end_of_each_period() -> None:
    """One is open at the end of June; at the end of December that and one more."""
    frame = spans(("2017-02-01", None), ("2017-08-01", None), ("2017-08-01", "2017-09-01"))
    target = kpi.Stock(
        id="t", start="filed", end="decided", at={"end_of": "2017"}, level={"at_most": 2}
    )
    assert {name: (g.value, g.verdict) for name, g in half_years(target, frame).items()} == {
        "2017-H1": (1, "indicator"),
        "2017-H2": (2, "indicator"),
    }


def test_the_change_of_a_stock_is_printed_against_its_bound() -> None:
    """The bounds of a change, so that -9.96 % is not printed as -10.0 %."""
    stayed, left = ("2016-01-01", None), ("2016-01-01", "2017-06-01")
    target = kpi.Stock(
        id="t", start="filed", end="decided", at={"end_of": "2017"},
        against={"end_of": "2016"}, change={"at_most": -10},
    )  # fmt: skip
    assert target.bounds == kpi.Bounds(at_most=-10)
    found = one(target, spans(*[stayed] * 2251, *[left] * 249))
    assert (found.verdict, words.value(found)) == ("missed", "-9.96 %")


def test_where_a_base_is_wrong_or_missing_is_said() -> None:
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
