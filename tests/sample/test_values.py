"""Values and dates of synthetic rows lie on the side of a test, or of bounds, that is asked for."""

from __future__ import annotations

import datetime as dt
import random
from fractions import Fraction
from typing import Any

import pytest

from kpi.definitions.bounds import Bounds
from kpi.definitions.calendars import Calendar
from kpi.definitions.date_bounds import DateBounds
from kpi.definitions.population import Missing, OneOf, Range, parse_population
from kpi.definitions.windows import Window
from kpi.sample import boundary_values
from kpi.sample.date_bounds import place
from kpi.sample.values import Pool, failing, fulfilling, holds
from tests.builders import TABLE

DAY = dt.date(2017, 6, 1)
TRIES = range(20)


def rng(seed: int) -> random.Random:
    return random.Random(seed)  # noqa: S311 - choices, not secrets


@pytest.mark.parametrize(
    ("values", "pool", "only"),
    [
        # The pool has one other value; else one is made up that is none of them.
        (("visa",), Pool(("visa",), ("asylum",)), "asylum"),
        (("visa",), None, "other"),
        (("other", "visa"), None, "another other"),
        ((1, 7, 3), None, 8),
        ((True,), None, False),
        # There is no third.
        ((True, False), None, None),
    ],
)
def test_a_value_that_is_none_of_those_named(
    values: tuple[Any, ...], pool: Pool | None, only: object
) -> None:
    test = OneOf(values, negated=True)
    assert {fulfilling(test, pool, DAY, rng(n)) for n in TRIES} == {only}


@pytest.mark.parametrize(
    "test",
    [
        Range(at_least=3), Range(more_than=3), Range(at_most=3), Range(less_than=3),
        Range(more_than=3, less_than=5), Range(at_least=3, at_most=3), Window("2016"),
        Window(since="2017-01-01"), Window(before="2017-01-01"),
    ],
    ids=str,
)  # fmt: skip
def test_a_value_lies_within_or_without(test: Range | Window) -> None:
    for n in TRIES:
        assert holds(fulfilling(test, None, DAY, rng(n)), test)
    pool = Pool((3, 4), (1, 9)) if isinstance(test, Range) else None
    others = [failing(test, pool, DAY, rng(n)) for n in TRIES]
    assert not any(holds(other, test) for other in others if other is not None)


def test_what_must_be_known_is_known_and_what_must_not_is_empty() -> None:
    for n in TRIES:
        assert fulfilling(Missing(missing=True), None, DAY, rng(n)) is None
        assert failing(Missing(missing=False), None, DAY, rng(n)) is None
        # Without a pool the column is a date, and lies in the year before.
        known = failing(Missing(missing=True), None, DAY, rng(n))
        assert dt.timedelta(0) <= DAY - known <= dt.timedelta(366)
        assert fulfilling(Missing(missing=False), Pool(("x",), (None,)), DAY, rng(n)) == "x"


BOUNDS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "after a date": ({"after": {"date": "filed"}}, {}),
    "through some time after": ({"through": {"date": "filed", "plus": "1 week"}}, {}),
    "between dates": ({"since": {"date": "filed"}, "before": {"date": "due"}}, {}),
    "beside a day": ({"since": "2017-05-01", "through": {"date": "due"}}, {}),
    "a number of days": ({"through": {"date": "filed", "plus_days": "n"}}, {"n": 10}),
    "a number of months": ({"since": {"date": "filed", "minus_months": "n"}}, {"n": 2}),
    "days by type": ({"through": {"date": "filed", "plus": {"by": "case_type", "limits": {"visa": "5 days"}}}}, {"case_type": "visa"}),
}  # fmt: skip


def in_bounds(row: dict[str, Any], test: DateBounds) -> bool:
    """Whether `decided` lies between the bounds, worked out by hand for each of them."""
    day: dt.date = row["decided"]
    ahead: dict[str, Any] = {
        "after": lambda bound: day > bound, "since": lambda bound: day >= bound,
        "before": lambda bound: day < bound, "through": lambda bound: day <= bound,
    }  # fmt: skip
    return all(ahead[word](moved(bound, row)) for word, bound in test.bounds().items())


def moved(bound: Any, row: dict[str, Any]) -> dt.date:
    if isinstance(bound, dt.date):
        return bound
    source: dt.date = row[bound.date]
    written = str(bound)
    if "week" in written:
        return source + dt.timedelta(7)
    if "visa" in written:
        return source + dt.timedelta(5)
    if getattr(bound, "unit", None) == "days":
        return source + dt.timedelta(10)
    if getattr(bound, "unit", None) == "months":
        months = source.year * 12 + source.month - 1 - 2
        return dt.date(months // 12, months % 12 + 1, min(source.day, 28))
    return source


@pytest.mark.parametrize("known", [False, True], ids=["the bounds first", "the date first"])
@pytest.mark.parametrize(("bounds", "cells"), BOUNDS.values(), ids=BOUNDS)
def test_a_date_is_placed_between_its_bounds_or_not(
    bounds: dict[str, Any], cells: dict[str, Any], *, known: bool
) -> None:
    (condition,) = parse_population({"decided": bounds})
    test = condition.test
    assert isinstance(test, DateBounds)
    sides = set()
    for n in TRIES:
        for kept in (True, False):
            row = {**cells, **({"decided": DAY} if known else {})}
            place(row, "decided", test, TABLE, Calendar("denmark"), DAY, rng(n), kept=kept)
            assert not known or row["decided"] == DAY
            sides.add((kept, in_bounds(row, test)))
    assert (True, True) in sides
    assert (False, False) in sides
    # Two bounds that are there already may leave no day between them.
    room = known or len(bounds) == 1
    assert (True, False) not in sides or not room


def test_where_the_time_is_not_known_the_bound_is_the_date_itself() -> None:
    (condition,) = parse_population({"decided": BOUNDS["days by type"][0]})
    assert isinstance(condition.test, DateBounds)
    for cells in ({"case_type": "asylum"}, {}):
        row: dict[str, Any] = {**cells, "decided": DAY}
        place(row, "decided", condition.test, TABLE, Calendar("denmark"), DAY, rng(1), kept=True)
        assert row["filed"] != DAY
        row = {**cells, "filed": DAY}
        place(row, "decided", condition.test, TABLE, Calendar("denmark"), DAY, rng(1), kept=True)
        assert isinstance(row["decided"], dt.date)


def test_figures_lie_near_their_bounds_on_the_side_that_is_asked_for() -> None:
    """No whole number lies between 3.2 and 3.8: the next one above it is 4."""
    none = Bounds(at_least="3.2", at_most="3.8")
    for n in TRIES:
        assert boundary_values.amount(none, rng(n), kept=True) == 4
        for bounds in (Bounds(at_least=10), Bounds(at_most=10), Bounds(more_than=9, less_than=30)):
            assert bounds.hold(boundary_values.amount(bounds, rng(n), kept=True))
            assert not bounds.hold(boundary_values.amount(bounds, rng(n), kept=False))
        both = Bounds(at_least=-10, at_most=10)
        # Half way between them.
        assert boundary_values.change(both, rng(n), kept=True) == 0
        assert not both.hold(Fraction(boundary_values.change(both, rng(n), kept=False)))
