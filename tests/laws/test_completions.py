"""The run of every completion counts what it compares, and shows what an engine gets wrong (H1)."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings

import kpi
from kpi.definitions.time_units import Span
from kpi.rules.within import Within
from kpi.testing.strategies import Situation, situations
from tests.laws.completions import Done, compared
from tests.testing.follow_up.cases import CASES, WEEK, cases, june


def a_situation() -> Situation:
    """One case in time and one late of the 7th of June: nobody can say yet."""
    target = Within(
        id="1", start="filed", end="decided", limit=Span(days=5), threshold=60, window=WEEK
    )
    plan = kpi.Plan(id="small", period=WEEK, tables=[CASES], targets=[target])
    return Situation(plan, {"cases": cases((1, 6), (1, None))}, june(7))


def test_the_engine_says_what_every_completion_does() -> None:
    done = Done()
    assert list(compared(a_situation(), done)) == []
    # The open case is late or not counted; then there are newcomers.
    assert done.evaluated["within closed"] >= 2
    assert done.targets == {("within closed", "open"): 1}


def test_a_wrong_verdict_is_shown_once_with_its_situation() -> None:
    def say(plan: Any, tables: Any, as_of: dt.date) -> Any:
        assert (plan.id, [*tables], as_of) == ("small", ["cases"], june(7))
        nothing = SimpleNamespace(worst=None, best=None)
        outlook = SimpleNamespace(
            id="1",
            verdict="secured",
            known=nothing,
            possible=nothing,
            sharp=False,
            may_be_empty=True,
            newcomers=SimpleNamespace(can_help=True, can_hurt=True),
        )
        return {"1": outlook}

    done = Done()
    (words,) = compared(a_situation(), done, say)
    assert words == "within closed 1: verdict: secured, of every completion open (met, missed)"
    assert list(compared(a_situation(), done, say)) == [words]
    assert done.wrong == {"within closed: verdict": 2}
    assert "2022-06-07" in done.shown["within closed: verdict"]
    more = Done()
    more.take(done)
    assert more == done


@settings(
    max_examples=15,
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(situations())
def test_situations_are_small(situation: Situation) -> None:
    """Up to 6 cases, looked at before the last day of a week: up to 8 days are left."""
    assert situation.plan.period.through is not None
    left = (situation.plan.period.through - situation.as_of).days
    assert 1 <= left <= 8
    assert len(situation.tables["cases"]) <= 6
    assert 1 <= len(situation.plan.leaves()) <= 2


@settings(
    max_examples=15,
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.generate, Phase.shrink],
    suppress_health_check=list(HealthCheck),
)
@given(situations())
def test_bounds_and_verdicts_are_those_of_every_completion(situation: Situation) -> None:
    """The engine against the oracle that evaluates every completion (H1), on a few situations.

    The same in each run: other situations are those of `tests.laws.completions`.
    """
    assert list(compared(situation, Done())) == []
