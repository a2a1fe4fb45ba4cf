"""What each law looks at beside the plain case: other limits, pauses, keys, trails."""

from __future__ import annotations

import datetime as dt
import random
from collections import Counter
from typing import Any
from unittest import mock

import polars as pl
import pytest
from attrs import evolve

import kpi
from kpi.definitions.plan import Plan
from kpi.testing import laws
from kpi.testing.comparable import numbers
from kpi.testing.laws.common import same
from tests.laws.broken_engine import FILED, ROWS, TABLE, Wrong, met_as, small_plan, wrong


def of_days(limit: Any, *days: int | None, **keys: Any) -> tuple[Plan, list[dict[str, object]]]:
    """A share of cases within a limit, filed at 8 o'clock in Denmark, and the cases by their days."""
    target = Wrong(
        id="1", start="filed", end="decided", **{"limit": limit, "threshold": 90, **keys}
    )
    plan = Plan(
        id="p", period="2022", tables=[TABLE], targets=[target], time_zone="Europe/Copenhagen",
        calendar={"name": "denmark", "hours": {"weekdays": "08:00-16:00"}},
    )  # fmt: skip
    at = dt.datetime(2022, 3, 1, 7, tzinfo=dt.UTC)
    rows: list[dict[str, object]] = [
        {"case_id": n, "filed": at, "case_type": "visa", "decided": None if took is None else at + dt.timedelta(took)}
        for n, took in enumerate(days)
    ]  # fmt: skip
    return plan, rows


def choosing(*choices: object) -> Any:
    """A source of choices that gives these, one after another, whatever it is asked for."""
    return mock.Mock(spec=random.Random, choice=mock.Mock(side_effect=choices))


BY_TYPE = {"by": "case_type", "limits": {"visa": "30 days"}}
SINCE = {"dated": "filed", "first": "10 days", "since": {"2022-02-01": "30 days"}}


@pytest.mark.parametrize(
    ("limit", "day", "longer"),
    [
        # 1 March and 30 days are 31 March, a day too few for a case of 31 days.
        ("30 days", 31, "31 days"),
        (BY_TYPE, 31, "31 days (visa)"),
        (SINCE, 31, None),
        # The clock went from 08:00 to 08:00: 24 hours, and a minute more is no more than that.
        ("1439 minutes", 1, "1440 minutes"),
        # A day of opening hours has 8 hours.
        ("479 working minutes", 1, "480 working minutes"),
        ("1 working day", 2, "2 working days"),
    ],
    ids=str,
)
def test_a_longer_limit_of_every_kind(limit: Any, day: int, longer: str | None) -> None:
    law = laws.a_longer_limit_never_lowers_a_share
    plan, rows = of_days(limit, day)
    assert law(plan, rows, None, choosing("days"))
    with (
        wrong("late is in time"),
        pytest.raises(AssertionError, match=r"1 of 1 became 0 of 1$") as caught,
    ):
        law(plan, rows, None, choosing("days"))
    if longer is not None:
        assert f"with the limit {longer}: " in str(caught.value)


def test_limits_that_are_not_made_longer_are_not_checked() -> None:
    law = laws.a_longer_limit_never_lowers_a_share
    # None is longer than a hundred years.
    assert not law(*of_days("100 years", 3), None, choosing("years"))
    assert not law(*of_days("1 month before", 3), None, choosing("days"))
    assert not law(*of_days("30 days", 3, denominator="settled"), None, None)
    # 30 January and a month is no day: the case is excluded before, and counted after.
    plan, (row,) = of_days("1 month", 20, month_end="refuse")
    row["filed"] = dt.datetime(2022, 1, 30, 12, tzinfo=dt.UTC)
    assert not law(plan, [row], None, choosing("days"))


def test_the_last_day_of_all_is_not_moved() -> None:
    plan, rows = of_days("30 days", 3, denominator="cohort")
    rows.append({**rows[0], "case_id": 1, "decided": dt.date.max})
    assert laws.a_day_later_is_never_more_in_time(plan, rows, dt.date(2022, 12, 31))


def test_an_open_case_that_was_due_is_a_miss_on_every_later_day() -> None:
    law = laws.a_later_day_never_undecides_a_case
    plan, rows = of_days("30 days", None, denominator="overdue")
    first, last = dt.date(2022, 6, 1), dt.date(2023, 6, 1)
    assert law(plan, rows, None, choosing(first, last))
    mistake = met_as(lambda met, its: met.fill_null(value=False) | (its.as_of.year == 2023))
    with (
        wrong("all are met in the end", mistake),
        pytest.raises(AssertionError, match=r"target 1, row 1 of cases: .*at 2022-06-01, .*at 2023-06-01"),
    ):  # fmt: skip
        law(plan, rows, None, choosing(first, last))
    # Due on 31 March; before that day the case is not late yet, and there is nothing to check.
    assert law(plan, rows, None, choosing(dt.date(2022, 3, 31), last))
    assert not law(plan, rows, None, choosing(dt.date(2022, 3, 30), last))


@pytest.mark.parametrize("key", [("a", "b", "c"), (1, 2, 3)], ids=["texts", "numbers"])
def test_a_case_outside_takes_its_pauses_along(key: tuple[object, ...]) -> None:
    """Of three cases two are outside; a copy of one of them and of its pauses makes three."""
    law = laws.a_case_outside_changes_nothing_else
    plan, rows = paused(key)
    assert law(plan, rows, None, None)
    real = kpi.evaluate

    def without_the_copy(plan: Plan, tables: Any, as_of: Any = None, **how: Any) -> kpi.Result:
        waiting = len(tables["waiting"]) - len(rows["waiting"])
        assert waiting == (len(tables["cases"]) - len(key)), "a pause is copied with its case"
        return real(plan, {**tables, "cases": tables["cases"][:3]}, as_of, **how)

    with (
        mock.patch("kpi.testing.laws.common.evaluated_without_prospects", without_the_copy),
        pytest.raises(AssertionError, match=r"which is outside: rows 4 became 3, outside 3 became 2$"),
    ):  # fmt: skip
        law(plan, rows, None, None)


def paused(key: tuple[object, ...]) -> tuple[Plan, dict[str, list[dict[str, object]]]]:
    """Three cases, of which the last two are decided after the period, with a pause each."""
    waiting = kpi.Table("waiting", key="case_id", entry="from", events="to", pauses="cases")
    target = kpi.Within(id="1", start="filed", end="decided", limit="30 days", threshold=90, pauses="waiting")  # fmt: skip
    plan = Plan(id="p", period="2022", tables=[TABLE, waiting], targets=[target])
    ends = (dt.date(2022, 3, 1), dt.date(2023, 3, 1), dt.date(2023, 3, 1))
    rows: list[dict[str, object]] = [
        {"case_id": name, "filed": FILED, "decided": end}
        for name, end in zip(key, ends, strict=True)
    ]
    pauses: list[dict[str, object]] = [
        {"case_id": name, "from": dt.date(2022, 2, 10), "to": dt.date(2022, 2, 20)} for name in key
    ]
    return plan, {"cases": rows, "waiting": pauses}


def test_keys_of_dates_have_no_further_key() -> None:
    plan, rows = paused((1, 2, 3))
    for n, row in enumerate(rows["cases"]):
        row["case_id"] = dt.date(2022, 1, 1 + n)
    assert not laws.a_case_outside_changes_nothing_else(plan, {"cases": rows["cases"], "waiting": []})  # fmt: skip


@pytest.mark.parametrize("seed", range(6))
def test_pauses_fall_with_their_cases_anywhere_in_each_batch_or_in_one(seed: int) -> None:
    plan, rows = paused(("a", "b", "c"))
    chance = random.Random(seed)  # noqa: S311 - choices, not secrets
    assert laws.any_split_merges_to_the_whole(plan, rows, None, chance)
    laws.a_merged_result_is_the_whole_or_says_that_it_is_not(plan, rows, None, chance)


def test_a_trail_that_depends_on_the_order_of_rows_is_told() -> None:
    trails = [Counter({("1", "a met"): 1}), Counter({("1", "a missed"): 1})]
    with (
        mock.patch("kpi.testing.laws.independence.engine_trail", side_effect=trails),
        pytest.raises(AssertionError, match="says target 1: a missed, not target 1: a met"),
    ):
        laws.the_order_of_rows_does_not_matter(small_plan(), ROWS)


def test_hours_in_the_trail_are_whole_seconds_of_the_total() -> None:
    law = laws.the_audit_trail_adds_up_to_the_state
    plan, rows = of_days("5 hours", 1, 2)
    average = kpi.Average(id="1", start="filed", end="decided", limit="5 hours")
    plan = evolve(plan, targets=[average])
    assert law(plan, rows)
    real = kpi.Average.measure

    def more(self: kpi.Average, sums: kpi.Sums) -> kpi.Measure:
        measure = real(self, sums)
        return evolve(measure, total=(measure.total or 0) - 1)

    with mock.patch.object(kpi.Average, "measure", more), pytest.raises(AssertionError, match="target 1: total"):  # fmt: skip
        law(plan, rows)


def test_a_target_that_comes_or_goes_is_told() -> None:
    found = numbers(kpi.evaluate(small_plan(), pl.DataFrame(ROWS)))
    with pytest.raises(AssertionError, match=r"target 2, merged: is not there$"):
        same(found, {name: found[name] for name in found if name != "2"}, "merged")
    with pytest.raises(AssertionError, match=r"target 1, merged: is there all at once$"):
        same({}, found, "merged")
