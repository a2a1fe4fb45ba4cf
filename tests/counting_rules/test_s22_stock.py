"""Stocks, their changes, and what in them is older than its limit (S22): cases worked out by hand."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction
from typing import Any

import polars as pl
import pytest

import kpi
from kpi.rules.flow import Flow
from kpi.testing.oracle import Row
from tests.builders import SPAN, one, spans
from tests.counting_rules import hand_worked
from tests.counting_rules.hand_worked import D, T, buckets, of, run, stay, verdicts

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


def test_s22_the_stock_is_who_entered_by_the_day_and_had_not_left() -> None:
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
def test_s22_the_change_of_a_stock(base: int, end: int, value: float, verdict: str) -> None:
    stayed, left = ("2020-01-01", None), ("2020-01-01", "2022-06-01")
    found = stock(stays(*[stayed] * end, *[left] * (base - end)), **FALL)
    assert (found.value, found.verdict) == (value, verdict)
    assert found.figures == {"stock": end, "base": base}


def test_s22_rejected_asylum_seekers_in_return_position() -> None:
    """806 at the end of 2021, 548 at the end of 2022: a fall of 32.0 %."""
    left = [("2020-01-01", "2022-06-01")] * 306
    found = stock(stays(*[("2020-01-01", None)] * 500, *left, *[("2022-06-01", None)] * 48), **FALL)
    assert found.figures == {"stock": 548, "base": 806}
    assert (round(100 * (found.value or 0), 1), found.verdict) == (-32.0, "met")


def test_s22_a_base_of_zero_is_not_assessable() -> None:
    found = stock(stays(("2022-01-01", None)), **FALL)
    assert (found.value, found.verdict) == (None, "not_assessable")
    assert found.figures == {"stock": 1, "base": 0}
    assert stock(stays(), level={"at_most": 0}).verdict == "met"


def test_s22_who_left_before_entering_is_excluded() -> None:
    frame = stays(("2022-05-01", "2022-04-01"), (None, None), (None, "2021-01-01"))
    found = stock(frame, **FALL)
    assert found.excluded == {"end before start": 1, "start missing": 1}
    assert (found.outside, found.counted) == (1, 0)


@pytest.mark.parametrize(
    "wrong",
    [
        {"difference": {"at_most": -10}},
        {"level": {"at_most": 1}, **FALL},
        {"change": {"at_most": -10}},
        {"level": {"at_most": 1}, "against": {"end_of": "2021"}},
        {"against": {"end_of": "2022"}, "change": {"at_most": -10}},
    ],
)
def test_s22_a_stock_is_held_to_a_level_or_to_a_change(wrong: dict[str, Any]) -> None:
    with pytest.raises(kpi.PlanError):
        stock(stays(), **wrong)


def test_s22_in_the_stock_at_the_end_of_a_day() -> None:
    cases = [
        stay(D(2017, 12, 31)),
        stay(D(2018, 1, 1)),
        stay(D(2017, 1, 1), D(2017, 12, 31)),
        stay(D(2017, 1, 1), D(2018, 1, 1)),
        stay(D(2010, 1, 1)),
    ]
    outcome = of(
        hand_worked.stock(level={"at_most": 3}), hand_worked.STAYS, *cases, as_of=D(2018, 6, 1)
    )
    assert buckets(outcome) == ["counted", "outside", "outside", "counted", "counted"]
    assert outcome.figures == {"stock": 3, "base": None}
    assert (outcome.value, outcome.verdict) == (Fraction(3), "met")
    assert outcome.trail[3] == Row("counted", days=365)
    # At the end of the year, the one that left a day later had not left.
    assert (
        of(hand_worked.stock(level={"less_than": 3}), hand_worked.STAYS, *cases).figures["stock"]
        == 3
    )
    assert (
        of(hand_worked.stock(level={"less_than": 3}), hand_worked.STAYS, *cases).verdict == "missed"
    )


def test_s22_a_level_of_none_is_a_value() -> None:
    outcome = of(hand_worked.stock(level={"at_most": 0}), hand_worked.STAYS)
    assert (outcome.value, outcome.verdict) == (Fraction(0), "met")


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
    outcome = of(hand_worked.change(), hand_worked.STAYS, *hand_worked.stays(base, now))
    assert outcome.figures == {"stock": now, "base": base}
    assert (outcome.value, outcome.counted, outcome.verdict) == (value, base + now, verdict)
    assert (
        of(
            hand_worked.change(),
            hand_worked.STAYS,
            *hand_worked.stays(base, now),
            as_of=D(2017, 12, 30),
        ).verdict
        == "open"
    )


def test_s22_a_stay_in_both_stocks_is_one_row() -> None:
    outcome = of(
        hand_worked.change(),
        hand_worked.STAYS,
        stay(D(2016, 1, 1)),
        stay(D(2017, 1, 1)),
    )
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
    outcome = of(hand_worked.change(), hand_worked.STAYS, *cases, as_of=D(2018, 1, 1))
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
    outcome = of(
        hand_worked.change(),
        hand_worked.STAYS,
        gap,
        stay(D(2017, 1, 1)) | twice,
        stay(D(2018, 1, 1)) | twice,
    )
    assert buckets(outcome) == ["counted", "counted"]


def test_s22_a_change_of_each_value() -> None:
    cases = [{**one, "camp": "n"} for one in hand_worked.stays(10, 9)]
    cases += [{**one, "camp": "s"} for one in hand_worked.stays(0, 1)]
    outcome = of(hand_worked.change(each="camp"), hand_worked.STAYS, *cases)
    assert verdicts(outcome) == {("n",): "met", ("s",): "not_assessable"}
    assert outcome.each["n",].figures == {"stock": 9, "base": 10}
    assert outcome.figures == {"stock": 10, "base": 10}
    assert (outcome.value, outcome.verdict) == (Fraction(0), "not_assessable")


def test_s22_who_left_on_the_day_is_in_the_base_alone() -> None:
    frame = spans(("2016-01-01", "2017-12-31"), ("2016-01-01", None), ("2017-12-31", None))
    target = kpi.Stock(
        **SPAN, at={"end_of": "2017"}, against={"end_of": "2016"}, change={"at_most": 0}
    )
    found = one(target, frame)
    assert found.figures == {"stock": 2, "base": 2}
    assert (found.value, found.unit, found.counted) == (0.0, "change", 3)


@pytest.mark.parametrize(
    ("as_of", "backlog"),
    [(D(2017, 3, 30), 0), (D(2017, 3, 31), 0), (D(2017, 4, 1), 1), (D(2017, 12, 31), 1)],
)
def test_s22_due_on_the_day_is_within_the_limit(as_of: dt.date, backlog: int) -> None:
    """Thirty days from 1 March 2017: the 31st."""
    target = Flow(id="1", start="filed", end="decided", limit="30 days", indicator="backlog")
    cases = ({"filed": D(2017, 3, 1)}, {"filed": D(2017, 3, 1), "decided": D(2017, 3, 15)})
    assert run(target, *cases, as_of=as_of).figures["backlog"] == backlog
