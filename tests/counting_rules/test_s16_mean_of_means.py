"""The mean of the means of offices, each office alike (S16): cases worked out by hand."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import polars as pl
import pytest

import kpi
from kpi.report import words
from kpi.rules._means import mean_of_means
from tests import builders
from tests.builders import average, of_days
from tests.counting_rules.hand_worked import T, buckets, run, that_took


def by_kind(kinds: Sequence[str | None], *days: int) -> list[dict[str, object]]:
    """Cases that took so many days, each of a case type."""
    return [{**case, "case_type": kind} for kind, case in zip(kinds, that_took(*days), strict=True)]


def means(limit: str = "10 days", **more: Any) -> kpi.Average:
    return average(limit, **{"mean_of_means": "case_type", **more})


def framed(kinds: Sequence[str | None], *days: int) -> pl.DataFrame:
    return of_days(*days).with_columns(case_type=pl.Series(kinds, dtype=pl.String))


def test_s16_each_group_counts_alike_however_many_cases_it_has() -> None:
    """Means of 2 and 30 are 16 together; the four cases alike are 9."""
    kinds, days = ("visa", "visa", "visa", "asylum"), (1, 2, 3, 30)
    outcome = run(means("16 days"), *by_kind(kinds, *days))
    assert (outcome.value, outcome.verdict, outcome.total) == (Fraction(16), "met", None)
    assert outcome.figures == {"groups": 2}
    assert run(means("15 days"), *by_kind(kinds, *days)).verdict == "missed"
    assert run(average("9 days"), *by_kind(kinds, *days)).verdict == "met"


def test_s16_the_mean_of_means_is_compared_as_a_fraction() -> None:
    """Means of 7/3 and 23/3 are 5 exactly, and a third of a day more is over."""
    kinds = ("a", "a", "a", "b", "b", "b")
    assert run(means("5 days"), *by_kind(kinds, 2, 2, 3, 7, 8, 8)).verdict == "met"
    outcome = run(means("5 days"), *by_kind(kinds, 2, 2, 3, 8, 8, 8))
    assert (outcome.value, outcome.verdict) == (Fraction(31, 6), "missed")


def test_s16_a_case_without_a_group_is_excluded_and_an_empty_text_is_one() -> None:
    outcome = run(means("10 days"), *by_kind((None, "", "visa"), 90, 4, 6))
    assert buckets(outcome) == ["case_type missing", "counted", "counted"]
    assert (outcome.value, outcome.figures) == (Fraction(5), {"groups": 2})
    without = run(means(), *by_kind((None,), 1))
    assert (without.value, without.verdict) == (None, "not_assessable")


def test_s16_groups_of_texts_like_those_of_the_state_stay_apart() -> None:
    odd = ("\x1f", "=", "counted\x1f=", "\x1b", "\x1b1")
    outcome = run(means("5 days"), *by_kind(odd, 1, 2, 3, 4, 15))
    assert (outcome.value, outcome.figures) == (Fraction(5), {"groups": 5})


def test_s16_merged_states_give_the_mean_of_means_of_the_whole() -> None:
    """a: 1, 2, 3, 6 have a mean of 3; b: 10 and 20 of 15."""
    frame = framed(("a", "b", "a", "a", "b", "a"), 1, 10, 2, 3, 20, 6)
    asked = builders.plan(means("9 days"))
    merged = kpi.finish(kpi.merge(*(kpi.partial(asked, frame[n::2]) for n in range(2))))["t"]
    assert (merged.value, merged.verdict, merged.figures) == (9.0, "met", {"groups": 2})
    assert merged == kpi.evaluate(asked, frame)["t"]


def test_s16_a_mean_of_means_of_each_value_and_of_each_group() -> None:
    rows = by_kind(("a", "a", "b", "b"), 1, 3, 5, 7)
    flagged = [{**row, "announced_on": None} for row in rows]
    outcome = run(means("4 days", each="case_type"), *flagged)
    assert {part: o.value for part, o in outcome.each.items()} == {("a",): 2, ("b",): 6}
    assert (outcome.value, outcome.verdict) == (Fraction(4), "missed")
    frame = framed(("a", "a", "b", "b"), 1, 3, 5, 7)
    found = kpi.evaluate(builders.plan(means("4 days")), frame, by="case_type")["t"]
    assert [group.value for group in found.groups] == [2.0, 6.0]


def test_s16_a_mean_of_means_by_the_clock() -> None:
    noon = T(2017, 5, 1, 12)
    rows = [
        {"case_type": kind, "filed": noon, "decided": noon + dt.timedelta(minutes=n)}
        for kind, n in (("a", 1), ("a", 2), ("b", 3))
    ]
    outcome = run(means("2 minutes"), *rows)
    assert (outcome.value, outcome.verdict) == (Fraction(9, 4), "missed")


def test_s16_what_is_printed_of_a_mean_of_means_compares_as_it_does() -> None:
    """Two groups of 10 and of 10 and a billionth are no more than a hair over 10."""
    kept = kpi.evaluate(builders.plan(means("2 days")), framed(("a", "b", "b"), 2, 2, 2))["t"]
    assert (words.value(kept), words.figures(kept)) == ("2.0 days", "groups 2")
    days = [2] * 20_000 + [3]
    frame = framed(["a"] * 20_000 + ["b"], *days)
    over = kpi.evaluate(builders.plan(means("2 days")), framed(["a"] * 20_001, *days))["t"]
    assert (words.value(over), over.verdict) == ("2.00005 days", "missed")
    assert words.value(kpi.evaluate(builders.plan(means("2 days")), frame)["t"]) == "2.5 days"
    note = next(note for note in over.remarks if "mean of the means" in note)
    assert note.startswith("the mean of the means by case_type: each value of it counts alike")


def test_s16_a_mean_of_means_that_no_float_tells_from_its_limit_is_printed_over_it() -> None:
    """Of six prime numbers of cases, so many take a day more that the sum is 12 and 1 / N."""
    sizes = (997, 991, 983, 977, 971, 967)
    product = math.prod(sizes)
    longer = [pow(product // size, -1, size) for size in sizes]
    over = sum(map(Fraction, longer, sizes)) - Fraction(1, product)
    assert over.denominator == 1
    days = [12 - int(over), 0, 0, 0, 0, 0]
    kinds = [name for name, size in zip("abcdef", sizes, strict=True) for _ in range(size)]
    lengths = [
        day + (n < more)
        for day, size, more in zip(days, sizes, longer, strict=True)
        for n in range(size)
    ]
    found = kpi.evaluate(builders.plan(means("2 days")), framed(kinds, *lengths))["t"]
    assert (found.exact, found.value) == (2 + Fraction(1, 6 * product), 2.0)
    assert (found.verdict, words.value(found)) == ("missed", "2.0000000000000000002 days")


def test_s16_a_mean_of_means_of_very_many_groups_is_exact() -> None:
    totals = [(n * n, n) for n in range(1, 3001)]
    assert mean_of_means(totals) == Fraction(3001, 2)
    assert mean_of_means([]) is None


@pytest.mark.parametrize(
    ("days", "rejected", "hangs"),
    [
        ((10, 10), 1, True),  # A group more, of long cases.
        ((99, 1), 1, True),  # Missed, and met with a group of no days: 100 over 3.
        ((99, 99), 1, False),  # 66 with another group, and 74.25 if it is in one of these.
    ],
)
def test_s16_a_mean_of_means_may_hang_on_rejected_rows(
    days: tuple[int, ...], rejected: int, hangs: bool
) -> None:
    frame = framed(("a", "b", "c"), *days, 5)
    frame = frame.with_columns(case_id=pl.when(pl.col("case_type") != "c").then("case_id"))
    result = kpi.evaluate(builders.plan(means("40 days")), frame)
    assert result.facts["cases"].rejected == {"case_id missing": rejected}
    codes = [getattr(note, "code", None) for note in result.notes]
    assert ("hangs-on-rejected" in codes) is hangs


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"fastest": 95}, "mean_of_means: found 'mean_of_means' with 'fastest'; accepted: one or"),
        ({"trimmed": 5}, "mean_of_means: found 'mean_of_means' with 'trimmed'; accepted: one or"),
        ({"limit": "1 month"}, "limit: found 1 month with 'mean_of_means'; accepted: a limit in"),
    ],
)
def test_s16_a_mean_of_means_counts_all_cases_against_one_limit(
    more: dict[str, Any], message: str
) -> None:
    with pytest.raises(kpi.PlanError, match=message):
        means(**more)


def test_s16_a_mean_of_means_is_said_to_be_one() -> None:
    assert means().requirement == "at most 10 days as the mean of the means by case_type"
