"""Measures without a demand (S31): cases worked out by hand."""

from __future__ import annotations

import datetime as dt

import pytest
from attrs import evolve

import kpi
from kpi.definitions.windows import EndOf
from kpi.report import words
from kpi.rules.average import Average
from kpi.rules.clearance import Clearance
from kpi.rules.count import Count
from kpi.rules.percentile import Percentile
from kpi.rules.share import Share
from kpi.rules.stock import Stock
from kpi.rules.within import Within
from kpi.testing.oracle import Outcome
from tests import builders
from tests.counting_rules.hand_worked import D, T, plan, rows, run

FILED = D(2017, 1, 2)
ENDED = (D(2017, 3, 1), D(2017, 6, 30), D(2017, 7, 1), None)
"""Two of four cases ended through 30 June."""


def cases() -> list[dict[str, object]]:
    return [{"filed": FILED, "decided": end, "flag": end is not None} for end in ENDED]


def clearance(**words: object) -> Clearance:
    deadline = {"through": dt.date(2017, 6, 30)}
    return Clearance(id="1", start="filed", end="decided", deadline=deadline, **words)


def test_s31_a_share_without_a_threshold_is_an_indicator() -> None:
    outcome = run(Share(id="1", having={"flag": True}), *cases())
    assert (outcome.met, outcome.counted, outcome.verdict) == (3, 4, "indicator")
    assert outcome.value == 0.75


def test_s31_a_clearance_without_a_threshold_is_an_indicator() -> None:
    outcome = run(clearance(), *cases())
    assert (outcome.met, outcome.counted, outcome.verdict) == (2, 4, "indicator")


def shown(outcome: Outcome) -> tuple[object, ...]:
    """The value, the cases it is made of, and the verdict."""
    return outcome.value, outcome.counted, outcome.verdict


def average(**more: object) -> Average:
    return Average(id="1", start="filed", end="decided", **more)


def percentile(**more: object) -> Percentile:
    return Percentile(id="1", start="filed", end="decided", percentile=50, **more)


def within(**more: object) -> Within:
    return Within(id="1", start="filed", end="decided", **{"limit": "2 months", **more})


def stock(**more: object) -> Stock:
    return Stock(id="1", start="filed", end="decided", at=EndOf("2017"), **more)


def test_s31_a_share_within_a_limit_without_a_threshold_is_an_indicator() -> None:
    """Filed on 2 January: due on 2 March. Of the three that ended one is in time."""
    outcome = run(within(), *cases())
    assert (outcome.met, outcome.counted, outcome.verdict) == (1, 3, "indicator")
    assert [row.met for row in outcome.trail] == [True, False, False, None]
    assert within().requirement == "share within 2 months"
    assert within(denominator="open", at=EndOf("2017")).requirement == (
        "share of those open at the end of 2017 within 2 months"
    )


def test_s31_a_share_within_limits_by_value_needs_no_threshold() -> None:
    limits = {"by": "case_type", "limits": {"visa": "2 months", "work": "6 months"}}
    outcome = run(
        within(limit=limits, each="case_type"),
        *({**case, "case_type": "visa" if n else "work"} for n, case in enumerate(cases())),
    )
    parts = {part: (of.met, of.counted, of.verdict) for part, of in outcome.each.items()}
    assert parts == {("visa",): (0, 2, "indicator"), ("work",): (1, 1, "indicator")}
    assert outcome.verdict == "indicator"


def test_s31_a_window_that_cannot_be_missed_is_no_remark_on_an_indicator() -> None:
    filed = {"filed": {"since": "2017-11-15"}}
    for threshold, remarks in ((90, 1), (None, 0)):
        target = within(where=filed, threshold=threshold)
        found = kpi.evaluate(builders.plan(target), builders.spans(("2017-11-20", "2017-12-01")))
        codes = [note.code for note in found.notes]
        assert codes.count("cannot-be-missed") == remarks


def test_s31_an_average_without_a_limit_is_an_indicator_in_days() -> None:
    """From 2 January to 1 March are 58 days, to 30 June 179, to 1 July 180: 417 together."""
    outcome = run(average(), *cases())
    assert shown(outcome) == (139, 3, "indicator")
    assert outcome.total == 417
    assert average().requirement == "average"


def test_s31_an_average_without_a_limit_may_be_in_working_days() -> None:
    """From Monday 2 to Tuesday 10 January 2017 there are 6 working days, and 8 days."""
    week = {"filed": FILED, "decided": D(2017, 1, 10)}
    assert run(average(unit="working days"), week).value == 6
    assert run(average(), week).value == 8
    assert kpi.evaluate(plan(average(unit="working days")), rows(week))["1"].unit == "working days"


def test_s31_an_average_without_a_limit_may_be_by_the_clock() -> None:
    """An hour and a half, and half an hour, on one day: 60 minutes on average, or an hour."""
    start = T(2017, 1, 2, 9, 0)
    calls = [{"filed": start, "decided": T(2017, 1, 2, *at)} for at in ((10, 30), (9, 30))]
    assert run(average(unit="minutes"), *calls).value == 60
    assert run(average(unit="hours"), *calls).value == 1


def test_s31_a_percentile_without_a_limit_is_an_indicator_in_its_unit() -> None:
    """Of 58, 179 and 180 days the median is 179: by 2 June 5 months, so 6 by 30 June."""
    outcome = run(percentile(), *cases())
    assert shown(outcome) == (179, 3, "indicator")
    outcome = run(percentile(unit="months"), *cases())
    assert shown(outcome) == (6, 3, "indicator")
    assert percentile().requirement == "percentile 50"


def test_s31_of_months_the_month_end_is_named_without_a_limit_too() -> None:
    found = kpi.evaluate(plan(percentile(unit="months")), rows(*cases()))
    note = next(note for note in found.notes if note.code == "time-options")
    assert "month ends down" in note


def test_s31_a_count_without_bounds_is_an_indicator() -> None:
    outcome = run(Count(id="1", on="decided", where={"flag": True}), *cases())
    assert shown(outcome) == (3, 3, "indicator")
    assert Count(id="1", distinct="case_type").requirement == "number, each case_type once"


def test_s31_a_stock_without_a_level_is_an_indicator() -> None:
    outcome = run(stock(), *cases())
    assert shown(outcome) == (1, 1, "indicator")
    assert stock().requirement == "number at the end of 2017"


def test_s31_a_stock_against_another_day_without_bounds_shows_the_change() -> None:
    """One is left of the four that were open at the end of February: a fall of 75 %."""
    target = stock(against={"end_of": "2017-02"})
    outcome = run(target, *cases())
    assert outcome.figures == {"stock": 1, "base": 4}
    assert shown(outcome) == (-0.75, 4, "indicator")
    assert target.requirement == "change from 2017-02-28 to 2017-12-31"


def test_s31_an_indicator_is_one_before_the_last_day_too() -> None:
    for target in (within(), average(), percentile(), Count(id="1"), stock()):
        assert run(target, *cases(), as_of=D(2017, 6, 30)).verdict == "indicator"


def test_s31_an_indicator_without_cases_has_no_value() -> None:
    for target in (within(), average(), percentile()):
        outcome = run(target, {"filed": FILED})
        assert (outcome.value, outcome.verdict) == (None, "indicator")


def test_s31_a_unit_beside_a_limit_is_refused() -> None:
    message = "unit: found 'days' beside the limit 3 weeks, whose unit it is in; accepted: without a limit"
    for make in (average, percentile):
        with pytest.raises(kpi.PlanError, match=message):
            make(limit="3 weeks", unit="days")
    with pytest.raises(kpi.PlanError, match="unit: found 'months'; accepted: days, working days"):
        average(unit="months")


def test_s31_time_by_the_clock_has_no_pauses_without_a_limit_either() -> None:
    with pytest.raises(kpi.PlanError, match="pauses"):
        average(unit="hours", pauses="waiting")


def test_s31_a_part_that_asks_for_nothing_is_not_among_those_to_be_met() -> None:
    """Of the parts that ask for something one is met, and there is one."""
    parts = [evolve(within(threshold=30), id="a"), evolve(within(limit="1 month"), id="b")]
    whole = kpi.Parts(id="w", parts=parts)
    found = kpi.evaluate(plan(whole), rows(*cases()))["w"]
    assert [part.verdict for part in found.parts] == ["met", "indicator"]
    assert (found.verdict, words.value(found)) == ("met", "1 of 1")


def test_s31_without_a_demand_the_words_say_what_is_measured() -> None:
    assert clearance().requirement == "share ended through 2017-06-30"
    assert Share(id="1", having={"flag": True}).requirement == "share where flag is true"


def test_s31_an_indicator_earns_no_weight() -> None:
    with pytest.raises(kpi.PlanError, match="asks for nothing, so its weight cannot be earned"):
        plan(clearance(weight=10))


def test_s31_a_misspelt_threshold_is_named() -> None:
    text = """
        id = "p"
        period = "2017"
        [tables.cases]
        key = "case_id"
        entry = "filed"
        [[targets]]
        id = "1"
        rule = "share"
        having = { flag = true }
        treshold = 90
    """
    with pytest.raises(kpi.PlanError, match=r"treshold.*threshold"):
        kpi.parse_plan(text)
