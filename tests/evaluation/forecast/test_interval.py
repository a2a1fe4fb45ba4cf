"""Intervals from past errors, their ranks by hand, and the outlook (F24, F25, F26, F27)."""

from __future__ import annotations

import datetime as dt
import math
from fractions import Fraction

import pytest

from kpi.evaluation.forecast.error_scale import Logarithm, LogOdds, Plain, scale_of
from kpi.evaluation.forecast.figures import Figure
from kpi.evaluation.forecast.interval import (
    Interval,
    cut,
    cut_interval,
    half_width,
    interval_around,
)
from kpi.evaluation.forecast.outlook import combined_outlook, outlook
from kpi.evaluation.forecast.requirement import Required
from kpi.evaluation.forecast.track_record import Trial, track_record
from kpi.evaluation.forecast.trials import trial_days


def errors(n: int) -> list[float]:
    """The absolute errors 1 to n, signs alternating, out of order."""
    return [number if number % 2 else -number for number in range(n, 0, -1)]


@pytest.mark.parametrize(
    ("n", "rank"),
    # ceil(0.9 (n + 1)): 9.0, 9.9, 10.8, 18.0, 18.9, 33.3.
    [(9, 9), (10, 10), (11, 11), (19, 18), (20, 19), (36, 34)],
)
def test_f25_the_half_width_is_the_r_th_smallest_absolute_error(n: int, rank: int) -> None:
    assert half_width(errors(n)) == rank


@pytest.mark.parametrize("n", [0, 1, 8])
def test_f25_with_fewer_than_nine_trials_there_is_no_interval(n: int) -> None:
    assert half_width(errors(n)) is None


def test_f24_shares_are_compared_by_log_odds_within_their_bounds() -> None:
    scale = LogOdds()
    assert scale.of(0.5) == 0
    assert scale.of(0.8) == pytest.approx(math.log(4))
    assert scale.back(math.log(4)) == pytest.approx(0.8)
    assert scale.of(1.0) == scale.of(0.998)
    assert scale.of(0.0) == scale.of(0.002) == pytest.approx(-scale.of(1.0))


def test_f24_positive_numbers_by_their_ratio_and_changes_by_their_difference() -> None:
    assert scale_of("days", [10, 20]) == Logarithm()
    assert Logarithm().of(20) - Logarithm().of(10) == pytest.approx(math.log(2))
    assert Logarithm().back(Logarithm().of(20)) == pytest.approx(20)
    assert scale_of("change", [0.1, 0.2]) == Plain()
    assert scale_of("share", [0.0, 1.0]) == LogOdds()


def test_f24_numbers_of_which_one_is_zero_have_no_ratio() -> None:
    assert scale_of("count", [0, 20]) == scale_of("count", [-3, 20]) == Plain()
    assert (Plain().of(7), Plain().back(7)) == (7, 7)


def test_f25_the_interval_reaches_as_far_on_both_sides_of_the_scale() -> None:
    found = interval_around(100, math.log(2), Logarithm())
    assert [found.low, found.high] == pytest.approx([50, 200])
    assert interval_around(0.0, 3.0, Plain()) == Interval(-3.0, 3.0)


def test_f25_the_estimate_lies_in_its_interval_beyond_the_bounds_of_log_odds_too() -> None:
    assert interval_around(1.0, 0.0, LogOdds()).high == 1.0


def test_f25_the_interval_is_cut_to_what_is_possible() -> None:
    interval = Interval(0.2, 0.9)
    assert cut_interval(interval, (Fraction(1, 4), Fraction(3, 4))) == Interval(0.25, 0.75)
    # For an average the worst is the greatest.
    assert cut_interval(Interval(10, 90), (80, 20)) == Interval(20, 80)
    assert cut_interval(interval, None) == cut_interval(interval, (None, None)) == interval
    # A number without a bound has none above.
    assert cut_interval(Interval(10, 90), (20, None)) == Interval(20, 90)
    assert cut(5, (20, None)) == 20


AT_LEAST_90 = Required(at_least=Fraction(9, 10))


@pytest.mark.parametrize(
    ("low", "high", "word"),
    [
        (0.9, 0.95, "expected met"),
        (0.89, 0.9, "uncertain"),
        (0.8, 0.899, "expected missed"),
    ],
)
def test_f26_the_whole_interval_must_meet_or_miss(low: float, high: float, word: str) -> None:
    # 0.9 as a float is a little more than nine tenths.
    assert outlook(Interval(low, high), AT_LEAST_90) == word


def test_f26_an_interval_around_a_range_is_uncertain_though_both_ends_miss() -> None:
    between = Required(more_than=Fraction(5), less_than=Fraction(7))
    assert outlook(Interval(4, 8), between) == "uncertain"
    assert outlook(Interval(7, 8), between) == "expected missed"
    assert outlook(Interval(5.5, 6.5), between) == "expected met"
    assert outlook(Interval(2, 5), between) == "expected missed"


def test_f26_without_an_interval_or_a_requirement_there_is_no_outlook() -> None:
    assert outlook(None, AT_LEAST_90) == "no estimate"
    assert outlook(Interval(0, 1), None) == "no estimate"


def test_f26_of_several_values_one_that_is_missed_decides() -> None:
    assert combined_outlook(["expected met", "expected met"]) == "expected met"
    assert combined_outlook(["expected met", "uncertain"]) == "uncertain"
    assert combined_outlook(["uncertain", "no estimate"]) == "no estimate"
    assert combined_outlook(["no estimate", "expected missed"]) == "expected missed"
    assert combined_outlook([]) == "no estimate"


def figure(
    value: float, *, reached: bool | None = None, required: Required | None = None
) -> Figure:
    return Figure(value=value, unit="days", counted=50, reached=reached, required=required)


def trial(estimate: float, actual: float, *, standing: float | None = None) -> Trial:
    at_most_20 = Required(at_most=Fraction(20))
    return Trial(
        estimate=figure(estimate, required=at_most_20),
        actual=figure(actual, reached=actual <= 20),
        standing=standing,
        last_year=actual + 1,
    )


def test_f27_each_trial_is_held_against_the_interval_of_the_others() -> None:
    # Nine errors of 1 and one of 5. Without it the others give 1, of 5 it is not held; with it among
    # them, the tenth of ten, each other has 5 for a half-width and is held.
    trials = [*[trial(10, 11, standing=12)] * 9, trial(30, 25, standing=21)]
    record = track_record(trials, Plain())
    assert (record.trials, record.held) == (10, 9)
    # 10 +- 5 keeps the limit of 20, and the end of 11 does; 30 +- 1 misses it, and 25 does.
    assert (record.right, record.wrong, record.uncertain) == (10, 0, 0)
    assert record.error == pytest.approx((9 * 1 + 5) / 10)
    assert record.error_as_it_stands == pytest.approx((9 * 1 + 4) / 10)
    assert record.error_last_year == 1


def test_f27_wrong_and_uncertain_outlooks_are_counted() -> None:
    # The half-width is 6 for each: 10 +- 6 keeps the limit, and once the end does not; 15 +- 6 might.
    trials = [*[trial(10, 16)] * 5, *[trial(15, 21)] * 5, trial(15, 9), trial(13, 21)]
    record = track_record(trials, Plain())
    assert record.wrong == 1
    assert (record.right, record.uncertain) == (5, 6)


def test_f27_with_nine_trials_the_other_eight_give_no_interval() -> None:
    record = track_record([trial(10, 11)] * 9, Plain())
    assert (record.held, record.right, record.wrong, record.uncertain) == (None,) * 4
    assert (record.error, record.error_as_it_stands) == (1, None)


def test_f27_a_simpler_figure_that_came_nearer_is_named() -> None:
    trials = [trial(10, 12, standing=11)] * 10
    said = [*track_record(trials, Plain()).notes()]
    assert len(said) == 2
    assert said[0].startswith("in 10 trials the figure as it stood came nearer")
    assert [*track_record([trial(10, 10.5, standing=20)] * 10, Plain()).notes()] == []
    assert [*track_record([], Plain()).notes()] == []


def test_f25_trials_are_at_the_last_36_month_ends_as_far_from_their_ends() -> None:
    days = [*trial_days(dt.date(2022, 6, 15), dt.date(2022, 12, 31))]
    assert len(days) == 36
    # The last month end by 15 June is 31 May: 214 days before the end of the year.
    assert (days[0].last, days[0].moved) == (dt.date(2022, 5, 31), 214)
    assert days[0].as_of == dt.date(2021, 11, 13)
    assert (days[1].last, days[-1].last) == (dt.date(2022, 4, 30), dt.date(2019, 6, 30))
    assert {(d.last - d.as_of).days for d in days} == {199}


def test_f25_a_month_end_is_over_at_its_own_end() -> None:
    first = next(iter(trial_days(dt.date(2022, 6, 30), dt.date(2022, 12, 31))))
    assert first.last == dt.date(2022, 6, 30)
