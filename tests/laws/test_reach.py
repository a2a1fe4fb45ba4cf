"""The strategies reach every kind of thing that can happen, or agreement would say little."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping

import pytest
from attrs import evolve
from hypothesis import Phase, given, seed, settings
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from kpi.definitions.limits import BYS, By, DueColumn
from kpi.definitions.plan import Plan
from kpi.errors import PlanError
from kpi.rules.within import Within
from kpi.testing import oracle, strategies
from kpi.testing.strategies import Rows
from tests.laws.generated import SETTINGS
from tests.laws.reached import DERIVED, OTHERWISE, REACHED, TOGETHER
from tests.laws.situations import MOST, Seen, Test


def look(
    unseen: set[str], tests: Mapping[str, Test], number: int, plans: SearchStrategy[Plan]
) -> None:
    """Strikes out what some examples come to."""

    @seed(number)
    @settings(SETTINGS, max_examples=10, database=None, phases=[Phase.generate])
    @given(st.data())
    def some(data: st.DataObject) -> None:
        plan = data.draw(plans)
        tables: dict[str, Rows] = data.draw(strategies.tables_for(plan))
        given_day = data.draw(strategies.as_ofs(plan, tables))
        as_of = given_day if given_day is not None else oracle.last_day(plan.period)
        assert as_of is not None, "a plan's period has both ends"
        outcomes = oracle.evaluate(plan, tables, as_of)
        zone = plan.time_zone
        known = {
            t.name: tuple(
                oracle.with_derived(plan, t, oracle.known_at(t, tables[t.name], zone, as_of))
            )
            for t in plan.tables
        }
        pauses = oracle.pauses_of(plan, known)
        for target in plan.leaves():
            at = oracle.Counting(plan, plan.table(target.table), as_of, pauses)
            seen = Seen(plan, target, outcomes, known[target.table], at, tables)
            unseen.difference_update([what for what in unseen if tests[what](seen)])

    some()


def test_every_kind_of_target_has_a_list() -> None:
    assert REACHED.keys() == strategies.TARGETS.keys()


def _refusing(plan: Plan) -> Plan:
    return evolve(plan, month_end="refuse")


def _by_due_column(by: By) -> Callable[[Plan], Plan]:
    """The plan with the due dates of its tables for limits, where a target can go by them."""

    def changed(plan: Plan) -> Plan:
        targets = []
        for target in plan.targets:
            dates = plan.table(target.table).dates if isinstance(target, Within) else ()
            with contextlib.suppress(PlanError):
                limit = {"limit": DueColumn(dates[0], by)} if dates else {}
                target = evolve(target, **limit)  # noqa: PLW2901 - as it is where it cannot
            targets.append(target)
        try:
            return evolve(plan, targets=targets)
        except PlanError:
            return plan

    return changed


@pytest.mark.parametrize("rule", sorted(REACHED))
def test_the_strategies_reach_all_of_a_rule(rule: str) -> None:
    """Every reason and verdict, every limit and figure that may turn: in some of many examples."""
    unseen = set(REACHED[rule])
    for number in range(MOST):
        if unseen:
            plans = strategies.plans(most=1, rules=(rule,))
            # One plan in four refuses month ends, and few of its cases have such a one.
            made = plans.map(_refusing) if number % 2 else plans
            if rule == "within" and number % 4 == 2:
                # One plan in thirty goes by a due column.
                made = plans.map(_by_due_column(BYS[number // 4 % len(BYS)]))
            look(unseen, REACHED[rule], number, made)
    assert not unseen


@pytest.mark.parametrize("rule", sorted(OTHERWISE))
def test_the_strategies_reach_other_ways_of_counting_time(rule: str) -> None:
    """Calendars, rolling, pauses and derived dates, each where it makes a difference."""
    unseen = set(OTHERWISE[rule])
    for number in range(MOST):
        if unseen:
            plans = strategies.plans(most=1, rules=(rule,), elaborate=True)
            look(unseen, OTHERWISE[rule], number, plans)
    assert not unseen


@st.composite
def plans_on_derived_dates(draw: st.DrawFn) -> Plan:
    """A percentile of the days from one date to another, one of them derived."""
    table = evolve(strategies.CASES, derived=draw(strategies.derived_dates()))
    target = evolve(draw(strategies.percentiles(table, (2017, 2018))), open_at=None)
    name = draw(st.sampled_from(tuple(table.derived)))
    target = evolve(target, **draw(st.sampled_from(({"start": name}, {"end": name}))))
    return Plan(id="generated", period="2017", tables=[table], targets=[target])


def test_the_strategies_reach_every_kind_of_derived_date() -> None:
    unseen = set(DERIVED)
    for number in range(MOST):
        if unseen:
            look(unseen, DERIVED, number, plans_on_derived_dates())
    assert not unseen


def test_the_strategies_reach_all_of_plans() -> None:
    unseen = set(TOGETHER)
    for number in range(MOST):
        if unseen:
            # Parts of one kind are likelier to come to the same.
            rules = (tuple(sorted(REACHED)), ("flow", "milestone"), ("count", "stock"))[number % 3]
            look(unseen, TOGETHER, number, strategies.plans(rules=rules))
    assert not unseen
