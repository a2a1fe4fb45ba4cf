"""Limits: the longest, their words, and limits that are refused."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

import kpi
from kpi.definitions.limits import Before, ByValue, parse_limit
from kpi.definitions.time_units import Span
from tests.builders import by_type, dated, day, plan, spans, within


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"dated": "decided", "first": "1 day"}, "accepted: { dated"),
        ({"dated": "decided", "first": "1 day", "since": {}}, "at least one date"),
        ({"dated": "decided", "first": "1 dya", "since": {"2017-07-01": "1 day"}}, "first: unknown unit"),
        ({"dated": "decided", "first": "1 day", "since": {"2017-02-30": "1 day"}}, "since: found '2017-02-30'"),
        ({"dated": "decided", "first": "1 day", "since": {"2017-07-01": "1 dya"}}, "since.2017-07-01: unknown unit"),
        ({"by": "case_type", "limits": {"a": "1 day", "b": "1 hour"}}, "accepted: one kind"),
        ({"by": "case_type", "limits": {}}, "at least one value"),
        ({"by": "case_type", "limits": {"a": "1 dya"}}, "limits.a: unknown unit 'dya'"),
        ({"by": 3, "limits": {"a": "1 day"}}, "accepted: a text such as"),
    ],
)  # fmt: skip
def test_limits_that_are_none(wrong: Any, message: str) -> None:
    with pytest.raises(kpi.PlanError) as caught:
        parse_limit(wrong)
    assert message in str(caught.value)


def test_the_column_of_a_limit_must_be_declared() -> None:
    with pytest.raises(kpi.PlanError, match="'decidde' is not a declared date of table cases"):
        plan(within(dated("decidde", "1 day", d2017_07_01="2 days")))


@pytest.mark.parametrize(
    ("limit", "taken"),
    [
        ("100 years", True),
        ("101 years", False),
        ("1200 months", True),
        ("37200 days", True),
        ("37201 days", False),
        ("892800 hours", True),
        ("893000 hours", False),
        ("9" * 5000 + " days", False),
    ],
)
def test_a_limit_is_at_most_a_hundred_years(limit: str, taken: bool) -> None:
    if taken:
        assert within(limit).limit_text == limit
        return
    with pytest.raises(kpi.PlanError, match="at most 100 years"):
        within(limit)


def test_each_date_of_a_dated_limit_stands_once() -> None:
    from kpi.definitions.limits import Dated  # noqa: PLC0415

    with pytest.raises(kpi.PlanError, match="at least one date, each once and in order"):
        Dated("decided", 1, ((day("2017-07-01"), 2), (day("2017-07-01"), 3)))


def test_a_limit_of_three_stretches_in_words() -> None:
    limit = {
        "dated": "filed",
        "first": "1 day",
        "since": {"2017-02-01": "2 days", "2017-03-01": "3 days"},
    }
    assert within(limit).limit_text == (
        "1 day (filed before 2017-02-01), 2 days (filed since 2017-02-01), 3 days (filed since 2017-03-01)"
    )


def test_the_words_for_limits_by_value() -> None:
    """Four are shown."""
    limits = {name: f"{n} days" for n, name in enumerate("abcd", start=2)}
    assert within(by_type(**limits)).limit_text == "2 days (a), 3 days (b), 4 days (c), 5 days (d)"


def test_the_values_of_a_limit_are_texts() -> None:
    frame = spans(("2017-01-01", "2017-01-02")).with_columns(case_type=pl.lit(1))
    with pytest.raises(
        kpi.DataError, match="column case_type holds Int32; the plan takes it for text"
    ):
        kpi.evaluate(plan(within(by_type(a="1 day"))), frame)


def test_where_a_dated_limit_names_its_column() -> None:
    limit = {"dated": "decidde", "first": "1 day", "since": {"2017-07-01": "2 days"}}
    with pytest.raises(
        kpi.PlanError, match=r"targets\.0\.limit\.dated: 'decidde' is not a declared"
    ):
        plan(within(limit))


@pytest.mark.parametrize(
    "wrong",
    [
        {"column": "due", "threshold": 90},
        {"by": "case_type", "limits": {"a": "1 day"}, "else": "2 days"},
    ],
)
def test_a_limit_has_no_other_keys(wrong: dict[str, Any]) -> None:
    with pytest.raises(kpi.PlanError, match="limit: found"):
        within(wrong)


def test_limits_that_change_keep_to_days_or_to_the_clock() -> None:
    limit = {"dated": "filed", "first": "1 day", "since": {"2017-07-01": "2 hours"}}
    with pytest.raises(
        kpi.PlanError, match="limit: found limits in hours or minutes beside others"
    ):
        within(limit)


def test_blanks_round_a_limit_say_nothing() -> None:
    assert parse_limit(" 1 month before ") == Before(Span(months=1))
    assert parse_limit(" 1  working  day ") == Span(working_days=1)


def test_five_limits_by_value_in_words() -> None:
    limits = {f"k{n}": Span(days=n) for n in range(1, 6)}
    made = ByValue("kind", limits)
    assert str(made) == "1 day (k1), 2 days (k2), 3 days (k3), 4 days (k4) and 1 more"
    four = ByValue("kind", dict(list(limits.items())[:4]))
    assert str(four) == "1 day (k1), 2 days (k2), 3 days (k3), 4 days (k4)"


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
def test_the_longest_limit(most: dict[str, Any], one_more: dict[str, Any]) -> None:
    Span(**most)
    with pytest.raises(kpi.PlanError, match="accepted: at most 100 years"):
        Span(**one_more)
