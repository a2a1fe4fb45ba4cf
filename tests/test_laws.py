"""The laws that the engine must keep, whatever the plan and its tables."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal

import polars as pl
from attrs import evolve
from hypothesis import assume, given
from hypothesis import strategies as st

import kpi
from generated import SETTINGS, Run, engine_trail, frames, numbers, runs
from kpi.limits import Before, ByValue, Dated, DueColumn, Limit, Span
from kpi.plan import Plan
from kpi.rules.average import Average
from kpi.rules.count import Count
from kpi.rules.within import Within
from kpi.testing import strategies


@given(run=runs())
@SETTINGS
def test_every_row_is_in_one_bucket(run: Run) -> None:
    """S12: rows = outside + excluded + undetermined + counted."""
    plan, tables, as_of = run
    for target in kpi.evaluate(plan, frames(plan, tables), as_of).leaves():
        left = target.outside + sum(target.excluded.values()) + target.undetermined
        assert target.rows == left + target.counted
        assert target.table is not None
        assert target.rows <= len(tables[target.table])
        assert all(n > 0 for n in target.excluded.values())
        assert (target.met or 0) <= target.counted


@given(run=runs())
@SETTINGS
def test_the_trail_adds_up(run: Run) -> None:
    """Row by row it comes to the numbers: of each bucket and reason, of the met, of the days."""
    plan, tables, as_of = run
    result = kpi.evaluate(plan, frames(plan, tables), as_of)
    buckets: Counter[object] = Counter()
    days: Counter[object] = Counter()
    for (target, bucket, reason, met, its, _), n in engine_trail(result).items():
        buckets[target, bucket] += n
        buckets[target, reason] += n
        buckets[target, met] += n
        assert isinstance(its, int | None)
        days[target] += n * (its or 0)
    for target in result.leaves():
        assert buckets[target.id, "outside"] == target.outside
        assert buckets[target.id, "counted"] == target.counted
        assert buckets[target.id, "undetermined"] == target.undetermined
        assert buckets[target.id, "excluded"] == sum(target.excluded.values())
        for reason, n in target.excluded.items():
            assert buckets[target.id, reason] == n
        if target.met is not None:
            assert buckets[target.id, True] == target.met
        if target.total is not None:
            assert days[target.id] == target.total


@given(run=runs())
@SETTINGS
def test_the_parts_add_up(run: Run) -> None:
    """What must hold for each value is counted for each value, and all of it together."""
    plan, tables, as_of = run
    for target in kpi.evaluate(plan, frames(plan, tables), as_of).leaves():
        if target.each:
            assert sum(part.counted for part in target.each) == target.counted
            excluded = sum((Counter(part.excluded) for part in target.each), Counter())
            assert excluded == Counter(target.excluded)
            assert sum(part.met or 0 for part in target.each) == (target.met or 0)
            assert sum(part.total or 0 for part in target.each) == (target.total or 0)


@given(run=runs(repeats=False), data=st.data())
@SETTINGS
def test_merged_parts_are_the_whole(run: Run, data: st.DataObject) -> None:
    """merge(state(A), state(B)) = state(A + B) for every split by row; an empty part is nothing.

    But for distinct values: one must not stand in two batches, and here it would.
    """
    plan, tables, as_of = run
    assume(not any(isinstance(t, Count) and t.distinct is not None for t in plan.leaves()))
    batches = data.draw(st.integers(1, 3), label="batches")
    whole = frames(plan, tables)
    split: list[dict[str, pl.DataFrame]] = [{} for _ in range(batches)]
    for name, table in whole.items():
        where = data.draw(
            st.lists(st.integers(0, batches - 1), min_size=table.height, max_size=table.height)
        )
        for n in range(batches):
            split[n][name] = table.filter(pl.Series([w == n for w in where], dtype=pl.Boolean))

    states = [kpi.partial(plan, batch, as_of=as_of) for batch in split]
    merged = kpi.finish(kpi.merge(*states))
    at_once = kpi.evaluate(plan, whole, as_of)
    assert numbers(merged) == numbers(at_once)
    assert merged.score == at_once.score
    backwards = kpi.finish(kpi.merge(*reversed(states)))
    assert numbers(backwards) == numbers(merged)


@given(run=runs(), data=st.data())
@SETTINGS
def test_the_order_of_the_rows_does_not_matter(run: Run, data: st.DataObject) -> None:
    plan, tables, as_of = run
    shuffled = {name: data.draw(st.permutations(rows)) for name, rows in tables.items()}

    result = kpi.evaluate(plan, frames(plan, tables), as_of)
    other = kpi.evaluate(plan, frames(plan, shuffled), as_of)
    assert numbers(other) == numbers(result)
    assert engine_trail(other) == engine_trail(result)


@given(run=runs())
@SETTINGS
def test_a_target_is_the_same_alone_as_among_others(run: Run) -> None:
    plan, tables, as_of = run
    given_tables = frames(plan, tables)
    together = numbers(kpi.evaluate(plan, given_tables, as_of))
    for target in plan.targets:
        goals = [goal for goal in plan.goals if goal.id == target.goal]
        alone = evolve(plan, targets=[target], goals=goals)
        for name, its in numbers(kpi.evaluate(alone, given_tables, as_of)).items():
            assert its == together[name]


@given(data=st.data(), unit=st.sampled_from(("days", "weeks", "months", "years")))
@SETTINGS
def test_a_longer_limit_never_lowers_a_share(data: st.DataObject, unit: str) -> None:
    plan = data.draw(strategies.plans(most=1, rules=("within",)), label="plan")
    target = plan.leaves()[0]
    assert isinstance(target, Within)
    assume("refuse" not in (target.month_end, plan.month_end))
    # A column's due dates are what they are, and one counted back from a date comes earlier.
    assume(not isinstance(target.limit, DueColumn | Before))
    # Where the due date itself decides who is counted, a longer limit counts other cases.
    assume(target.denominator in ("closed", "cohort"))
    short = plan.only(target.id)
    (alone,) = short.leaves()
    assert isinstance(alone, Within)
    longer = evolve(short, targets=[evolve(alone, limit=_longer(target.limit, unit))])
    tables = frames(plan, data.draw(strategies.tables_for(plan)))
    as_of = data.draw(strategies.as_ofs(plan))
    before = kpi.evaluate(short, tables, as_of)[target.id]
    after = kpi.evaluate(longer, tables, as_of)[target.id]
    assert after.counted == before.counted
    assert after.met is not None
    assert before.met is not None
    assert after.met >= before.met


def _longer(limit: Limit, unit: str) -> Limit:
    if isinstance(limit, ByValue):
        return evolve(limit, limits={v: _span(span, unit) for v, span in limit.limits.items()})
    if isinstance(limit, Dated):
        later = tuple((since, _span(span, unit)) for since, span in limit.later)
        return evolve(limit, first=_span(limit.first, unit), later=later)
    assert isinstance(limit, Span)
    return _span(limit, unit)


def _span(span: Span, unit: str) -> Span:
    unit = "minutes" if span.is_clock else unit
    return evolve(span, **{unit: getattr(span, unit) + 1})


@given(run=runs())
@SETTINGS
def test_the_score_lies_between_its_readings(run: Run) -> None:
    """S28: a weight that is split earns no less than one that is earned when all are met."""
    plan, tables, as_of = run
    score = kpi.evaluate(plan, frames(plan, tables), as_of).score
    given = [*(goal.weight for goal in plan.goals), *(target.weight for target in plan.targets)]
    weights = [weight for weight in given if weight is not None]
    if score is None:
        assert not weights
        return
    assert score.of == sum(weights)
    assert 0 <= score.if_all <= score.met <= score.if_split <= score.of
    assert score.met + sum(score.aside.values()) <= score.of
    sharings = {goal.sharing for goal in plan.goals if goal.weight is not None}
    if sharings <= {"all"}:
        assert score.met == score.if_all
    if sharings == {"split"}:
        assert score.met == score.if_split


def _all_met(plan: Plan, goal: str, verdicts: dict[str, str]) -> bool:
    its = [verdicts[target.id] for target in plan.targets if target.goal == goal]
    asked = [verdict for verdict in its if verdict not in ("lapsed", "indicator")]
    return bool(asked) and set(asked) == {"met"}


@given(run=runs())
@SETTINGS
def test_the_score_is_the_weight_of_what_was_met(run: Run) -> None:
    plan, tables, as_of = run
    result = kpi.evaluate(plan, frames(plan, tables), as_of)
    assume(result.score is not None)
    assert result.score is not None
    verdicts: dict[str, str] = {target.id: target.verdict for target in result.targets}
    own = [t.weight for t in plan.targets if t.weight is not None and verdicts[t.id] == "met"]
    shared = [g.weight for g in plan.goals if g.weight and _all_met(plan, g.id, verdicts)]
    assert result.score.if_all == sum((*own, *shared), Decimal(0))


def test_average_of_the_fastest_is_in_reach() -> None:
    assert Average in kpi.Target.kinds.values()
