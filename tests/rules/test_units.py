"""The unit of each kind's value, with and without cases."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

import kpi
from kpi.definitions.target import Target
from tests.builders import (
    SPAN,
    TEN_AND_TWENTY_DAYS,
    average,
    clearance,
    fact,
    of_fact,
    one,
    plan,
    spans,
    within,
)

D = dt.date


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
    found = one(target, TEN_AND_TWENTY_DAYS)
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
    found = kpi.evaluate(plan(whole), TEN_AND_TWENTY_DAYS)["w"]
    assert (found.rule, found.requirement, found.unit, found.value) == (
        "parts",
        "all of its parts",
        "parts",
        None,
    )
