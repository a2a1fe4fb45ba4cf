"""The laws that the engine must keep, whatever the plan and its tables: `kpi.testing.laws`.

Every law is checked on generated plans and tables; and every law can be broken: on a plan that fits
it, a rule or a step of the engine is made wrong once, and the law must say so.
"""

from __future__ import annotations

import datetime as dt
import random
from collections import Counter
from decimal import Decimal
from typing import Any
from unittest import mock

import polars as pl
import pytest
from attrs import evolve
from hypothesis import Phase, given, seed, settings
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

import kpi
from kpi.definitions.calendars import Calendar
from kpi.definitions.limits import Before, DueColumn, spans_of
from kpi.definitions.plan import Plan
from kpi.engine.state_table import _sums_of
from kpi.results.possible import Possibilities
from kpi.results.possible_totals import PossibleTotals
from kpi.rules.within import Within
from kpi.testing import laws, strategies
from kpi.testing.laws import Law
from tests.builders import average, plan, spans
from tests.laws.broken_engine import ROWS, TABLE, small_plan, wrong
from tests.laws.generated import LAWS, SETTINGS, Run, runs

OF_TIME = (
    laws.a_day_later_is_never_more_in_time,
    laws.a_longer_limit_never_lowers_a_share,
    laws.a_later_day_never_undecides_a_case,
)
CHANCES = st.integers(0, 2**16).map(random.Random)


def name(law: Law) -> str:
    return getattr(law, "__name__", "")


@given(run=runs(), chance=CHANCES)
@LAWS
def test_the_laws_hold_on_generated_plans(run: Run, chance: random.Random) -> None:
    plan, tables, as_of = run
    for law in laws.LAWS:
        if law not in OF_TIME:
            law(plan, tables, as_of, chance)


@pytest.mark.parametrize("elaborate", [False, True], ids=["plain", "elaborate"])
@given(data=st.data(), chance=CHANCES)
@LAWS
def test_the_laws_of_time_hold_on_targets_on_a_time(
    elaborate: bool, data: st.DataObject, chance: random.Random
) -> None:
    rules = ("average", "clearance", "every_working_day", "percentile", "within", "within")
    plan = data.draw(strategies.plans(most=3, rules=rules, elaborate=elaborate), label="plan")
    tables = data.draw(strategies.tables_for(plan, most=20), label="tables")
    as_of = data.draw(strategies.as_ofs(plan, tables), label="as_of")
    for law in OF_TIME:
        law(plan, tables, as_of, chance)


@given(data=st.data(), chance=CHANCES)
@LAWS
def test_a_longer_limit_never_lowers_a_share(data: st.DataObject, chance: random.Random) -> None:
    """Of every target on a limit, made one to which the law applies."""
    plan = data.draw(strategies.plans(most=1, rules=("within",)), label="plan")
    target = plan.leaves()[0]
    assert isinstance(target, Within)
    denominator = data.draw(st.sampled_from(("closed", "cohort", "overdue")))
    # Limits in working hours need a calendar with opening hours.
    in_hours = not isinstance(target.limit, DueColumn | Before) and any(
        span.in_working_hours for span in spans_of(target.limit)
    )
    fixed = isinstance(target.limit, DueColumn | Before) or in_hours
    target = evolve(
        target,
        goal=None,
        denominator=denominator,
        on=None if denominator == "closed" else target.on,
        at=None,
        limit=data.draw(strategies.spans()) if fixed else target.limit,
        month_end=data.draw(st.sampled_from(("down", "sticky", "up"))),
        calendar=Calendar("denmark"),
    )
    one = evolve(plan, targets=[target], goals=())
    tables = data.draw(strategies.tables_for(one))
    laws.a_longer_limit_never_lowers_a_share(one, tables, data.draw(strategies.as_ofs(one)), chance)


# That there is something to check


def test_the_laws_are_checked_on_generated_plans() -> None:
    """Each law has something to check on a plan at least, of some dozens that are generated."""
    checked: Counter[str] = Counter()

    def count(data: st.DataObject, plans: SearchStrategy[Plan], of: tuple[Law, ...]) -> None:
        plan = data.draw(plans)
        left = applying = {law for law in of if _applies(law, plan) and checked[name(law)] < 1}
        for _ in range(8):
            if not left:
                break
            tables = data.draw(strategies.tables_for(plan, most=16))
            chance = data.draw(CHANCES)
            left = {law for law in left if not law(plan, tables, None, chance)}
        checked.update(map(name, applying - left))

    others = tuple(law for law in laws.LAWS if law not in OF_TIME)
    counting = settings(
        SETTINGS, max_examples=6, database=None, derandomize=False, phases=[Phase.generate]
    )
    for plans, of in (
        (strategies.plans(most=2), others),
        (strategies.plans(most=2, rules=("within",)), OF_TIME),
    ):
        its = {"plans": st.just(plans), "of": st.just(of)}
        # Hypothesis draws otherwise on another machine, so it goes on until it has found enough.
        for number in range(12):
            if any(checked[name(law)] < 1 for law in of):
                seed(number)(counting(given(data=st.data(), **its)(count)))()
    assert {name(law): checked[name(law)] for law in laws.LAWS if checked[name(law)] < 1} == {}


def _applies(law: Law, plan: Plan) -> bool:
    """Whether a law can say anything of a plan."""
    if law in (laws.the_order_of_targets_does_not_matter, laws.a_target_is_the_same_alone):
        return len(plan.targets) > 1
    if law is laws.parts_add_up_to_their_target:
        return any(leaf.each is not None for leaf in plan.leaves())
    if law is laws.the_score_is_the_weight_of_what_was_met:
        weighed: list[Any] = [*plan.goals, *plan.targets]
        return any(one.weight is not None for one in weighed)
    if law is laws.a_base_is_its_target_in_that_window:
        return any(leaf.comparison is not None for leaf in plan.leaves())
    if law is laws.alternatives_count_the_rows_of_each:
        return any(leaf.where.any_of for leaf in plan.leaves())
    leaves = [leaf for leaf in plan.leaves() if isinstance(leaf, Within)]
    if law is laws.a_longer_limit_never_lowers_a_share:
        of = ("closed", "cohort", "overdue")
        return any(
            t.denominator in of and not isinstance(t.limit, DueColumn | Before) for t in leaves
        )
    return True


# That each can be broken

BROKEN: tuple[tuple[Law, str], ...] = (
    (laws.the_audit_trail_adds_up_to_the_state, "the sum and the rows say otherwise"),
    (laws.parts_add_up_to_their_target, "says more of a part"),
    (laws.any_split_merges_to_the_whole, "how many rows there are"),
    (laws.a_merged_result_is_the_whole_or_says_that_it_is_not, "how many rows there are"),
    (laws.a_period_of_a_series_is_its_target_in_that_period, "counts the rows outside too"),
    (laws.the_order_of_rows_does_not_matter, "every other row"),
    (laws.the_order_of_targets_does_not_matter, "the first target"),
    (laws.a_target_is_the_same_alone, "the other targets"),
    (laws.a_case_outside_changes_nothing_else, "counts the rows outside too"),
    (laws.alternatives_count_the_rows_of_each, "no row where there are alternatives"),
    (laws.a_case_of_several_persons_is_as_many_cases, "how many rows there are"),
    (laws.without_a_demand_no_number_changes, "counts more where something is asked"),
    (laws.a_base_is_its_target_in_that_window, "counts more beside a base"),
    (laws.against_its_own_window_nothing_changes, "counts more beside a base"),
    (laws.a_day_later_is_never_more_in_time, "late is in time"),
    (laws.a_longer_limit_never_lowers_a_share, "late is in time"),
    (laws.a_later_day_never_undecides_a_case, "the day it is looked at"),
)
OTHERWISE = {
    laws.the_score_is_the_weight_of_what_was_met,
    laws.streaming_and_in_memory_agree,
    laws.the_end_lies_within_what_was_possible,
    laws.what_is_certain_stays_so,
}


def tried(law: Law, chances: int) -> bool:
    """Whether a law was checked, under some of so many choices."""
    plan, day = small_plan(), dt.date(2022, 12, 31)
    made = (random.Random(n) for n in range(chances))  # noqa: S311 - choices, not secrets
    return any([law(plan, {"cases": ROWS}, day, chance) for chance in made])  # noqa: C419 - all of them


def test_every_law_is_broken_once() -> None:
    assert {law for law, _ in BROKEN} | OTHERWISE == set(laws.LAWS)


@pytest.mark.parametrize("law", laws.LAWS, ids=name)
def test_a_law_holds_where_nothing_is_wrong(law: Law) -> None:
    """Under few choices: what is generated holds the laws to many plans and tables."""
    assert tried(law, 6)


def test_the_law_of_splits_sees_what_a_state_loses_on_its_way(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    law, days = laws.a_merged_result_is_the_whole_or_says_that_it_is_not, spans(
        ("2017-01-01", "2017-01-02"), ("2017-01-01", "2017-01-04"), ("2017-02-01", "2017-02-04")
    )  # fmt: skip
    asked = plan(average())
    assert law(asked, {"cases": days}, None, random.Random(3))  # noqa: S311 - choices, not secrets
    lossy = "kpi.engine.state_table._sums_of"
    monkeypatch.setattr(lossy, lambda rows, group: _sums_of(rows[1:], group))
    with pytest.raises(AssertionError, match="target t"):
        law(asked, {"cases": days}, None, random.Random(3))  # noqa: S311 - choices, not secrets


@pytest.mark.parametrize(
    ("law", "mistake"), BROKEN, ids=lambda one: one if isinstance(one, str) else name(one)
)
def test_a_law_says_what_is_wrong(law: Law, mistake: str) -> None:
    with (
        wrong(mistake),
        pytest.raises(AssertionError, match=r"target [1234]"),
    ):
        tried(law, 30)


@pytest.mark.parametrize(
    ("law", "verdicts"),
    [
        # What is not certain is called so, and then what is certain turns from day to day.
        (laws.the_end_lies_within_what_was_possible, ("secured", "secured")),
        (laws.what_is_certain_stays_so, ("secured", "lost")),
    ],
    ids=lambda one: name(one) if callable(one) else one[1],
)
def test_a_verdict_that_is_certain_and_does_not_hold(law: Law, verdicts: tuple[Any, Any]) -> None:
    real = PossibleTotals.of_group

    def certain(self: PossibleTotals, *of: Any, **how: Any) -> dict[Any, Possibilities]:
        verdict = verdicts[self.state.as_of.toordinal() % 2]
        return {part: evolve(one, verdict=verdict) for part, one in real(self, *of, **how).items()}

    with (
        mock.patch.object(PossibleTotals, "of_group", certain),
        pytest.raises(AssertionError, match=r"target [1234]"),
    ):
        tried(law, 30)


def test_a_score_that_is_not_the_weight_of_what_was_met() -> None:
    real = kpi.finish

    def more(state: kpi.State) -> kpi.Result:
        result = real(state)
        assert result.score is not None
        return evolve(result, score=evolve(result.score, met=result.score.met + Decimal(1)))

    with (
        mock.patch("kpi.evaluation.evaluate.finish", more),
        pytest.raises(AssertionError, match=r"met \d+, not"),
    ):
        tried(laws.the_score_is_the_weight_of_what_was_met, 30)


def test_a_streaming_engine_that_says_something_else() -> None:
    real = kpi.evaluate

    def other(
        plan: Plan, tables: Any, as_of: Any = None, *, engine: Any = "in-memory"
    ) -> kpi.Result:
        fewer = {"cases": tables["cases"][1:]} if engine == "streaming" else tables
        return real(plan, fewer, as_of, engine=engine)

    with (
        mock.patch("kpi.testing.laws.common.evaluate", other),
        pytest.raises(AssertionError, match="target 1, streaming: rows 6 became 5"),
    ):
        tried(laws.streaming_and_in_memory_agree, 30)


# What the engine must keep beside these


def test_a_law_takes_frames_and_rows() -> None:
    law = laws.any_split_merges_to_the_whole
    frame = pl.DataFrame(ROWS)
    assert law(small_plan(), frame, None, None)
    assert law(small_plan(), {"cases": frame.lazy()}, None, None)
    assert law(small_plan(), ROWS, None, None)


def test_a_law_says_where_there_is_nothing_to_check() -> None:
    plan = evolve(small_plan(), targets=[small_plan().targets[1]])
    assert not laws.the_order_of_targets_does_not_matter(plan, ROWS)
    assert not laws.a_target_is_the_same_alone(plan, ROWS)
    assert not laws.parts_add_up_to_their_target(plan, ROWS)
    assert not laws.any_split_merges_to_the_whole(plan, [])
    for law in OF_TIME:
        assert not law(plan, [], None, None)


DATED = {"dated": "decided", "first": "10 days", "since": {"2022-02-09": "20 days"}}


def test_a_day_later_may_be_in_time_where_the_end_tells_the_limit() -> None:
    """Ended on 8 February, after 11 days, where 10 are the most; on the 9th after 12, of 20."""
    target = kpi.Within(id="1", start="filed", end="decided", limit=DATED, threshold=90)
    plan = Plan(id="p", period="2022", tables=[TABLE], targets=[target])
    first = dt.date(2022, 1, 28)
    rows = [{"case_id": "a", "filed": first, "decided": first + dt.timedelta(11)}]
    later = [{**rows[0], "decided": first + dt.timedelta(12)}]
    before, after = (kpi.evaluate(plan, pl.DataFrame(r))["1"].met for r in (rows, later))
    assert (before, after) == (0, 1)
    assert not laws.a_day_later_is_never_more_in_time(plan, rows)
