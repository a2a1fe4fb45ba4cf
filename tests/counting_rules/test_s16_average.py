"""Averages (S16): cases worked out by hand."""

from __future__ import annotations

from fractions import Fraction

import kpi
from tests.builders import average, one, plan, spans
from tests.counting_rules.hand_worked import D, run, that_took


def test_s16_an_average_is_never_rounded_before_the_verdict() -> None:
    # 30.33 is printed near 30, and is more than 30.
    outcome = run(average(), *that_took(30, 30, 31))
    assert (outcome.total, outcome.counted, outcome.verdict) == (91, 3, "missed")
    assert outcome.value == Fraction(91, 3)
    assert outcome.met is None
    assert [row.met for row in outcome.trail] == [None] * 3
    assert [row.due for row in outcome.trail] == [None] * 3
    assert run(average(), *that_took(29, 31)).verdict == "met"


def test_s16_an_average_in_working_days_counts_those() -> None:
    """From Wednesday 12 April 2017, before Easter, to Thursday the 20th there are 3 working days."""
    frame = spans(("2017-04-12", "2017-04-20"), ("2017-04-19", "2017-04-24"))
    result = kpi.evaluate(plan(average("3 working days")), frame)["t"]
    assert (result.total, result.figures, result.verdict) == (6, {}, "met")
    late = spans(("2017-04-12", "2017-04-20"), ("2017-04-19", "2017-04-25"))
    assert kpi.evaluate(plan(average("3 working days")), late)["t"].verdict == "missed"


def test_s16_an_average_in_working_days() -> None:
    """Over Easter thirteen days are six working days, and in January six are four."""
    cases = [
        {"filed": D(2017, 4, 7), "decided": D(2017, 4, 20)},
        {"filed": D(2017, 1, 6), "decided": D(2017, 1, 12)},
    ]
    outcome = run(average(limit="5 working days"), *cases)
    assert (outcome.total, outcome.value, outcome.verdict) == (10, Fraction(5), "met")
    outcome = run(average(limit="5 working days"), *cases[:1])
    assert (outcome.total, outcome.value, outcome.verdict) == (6, Fraction(6), "missed")


def test_s16_an_average_in_working_days_has_a_calendar_of_its_own() -> None:
    """1 May 2017 is a Monday: a working day in Denmark, and a holiday in Sweden."""
    frame = spans(("2017-04-28", "2017-05-02"))  # from a Friday to a Tuesday
    assert one(average("1 working day"), frame).total == 2
    assert one(average("1 working day", calendar="sweden"), frame).total == 1
    assert one(average("1 working day"), frame, calendar="sweden").total == 1
