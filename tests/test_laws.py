"""The laws that the engine must keep, whatever the plan and its tables."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction

import polars as pl
from attrs import evolve
from hypothesis import assume, given
from hypothesis import strategies as st

import kpi
from generated import LAWS, Run, engine_trail, frames, numbers, runs
from kpi.calendars import Calendar
from kpi.limits import Before, ByValue, Dated, DueColumn, Limit, Span
from kpi.plan import Plan
from kpi.rules.count import Count
from kpi.rules.within import Within
from kpi.testing import strategies


@given(run=runs())
@LAWS
def test_every_row_is_in_one_bucket_and_the_trail_adds_up(run: Run) -> None:
    """S12: rows = outside + excluded + undetermined + counted, and row by row it is the same."""
    plan, tables, as_of = run
    result = kpi.evaluate(plan, frames(plan, tables), as_of)
    trail: Counter[object] = Counter()
    days: Counter[object] = Counter()
    for (target, bucket, reason, met, its, _), n in engine_trail(result).items():
        for key in (bucket, reason, met):
            trail[target, key] += n
        assert isinstance(its, int | None)
        days[target] += n * (its or 0)
    for target in result.leaves():
        left = target.outside + sum(target.excluded.values()) + target.undetermined
        assert target.rows == left + target.counted
        assert target.table is not None
        assert target.rows <= len(tables[target.table])
        assert all(n > 0 for n in target.excluded.values())
        assert trail[target.id, "outside"] == target.outside
        assert trail[target.id, "counted"] == target.counted
        assert trail[target.id, "undetermined"] == target.undetermined
        assert trail[target.id, "excluded"] == sum(target.excluded.values())
        for reason, n in target.excluded.items():
            assert trail[target.id, reason] == n
        if target.met is not None:
            assert trail[target.id, True] == target.met <= target.counted
        if target.total is not None:
            assert days[target.id] == target.total


@given(run=runs())
@LAWS
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
@LAWS
def test_merged_parts_are_the_whole(run: Run, data: st.DataObject) -> None:
    """merge(state(A), state(B)) = state(A + B) for every split by row; an empty part is nothing.

    But for distinct values: one must not stand in two batches, and here it would.
    """
    plan, tables, as_of = run
    assume(not any(isinstance(t, Count) and t.distinct is not None for t in plan.leaves()))
    batches = data.draw(st.integers(1, 3), label="batches")
    whole = frames(plan, tables)
    split: list[dict[str, pl.DataFrame]] = [{} for _ in range(batches)]
    pausing = {table.name for table in plan.tables if table.pauses is not None}
    for name, table in whole.items():
        if name in pausing:
            # Each batch comes with all pauses; those of its cases are what it takes of them.
            for batch in split:
                batch[name] = table
            continue
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
@LAWS
def test_the_order_of_the_rows_does_not_matter(run: Run, data: st.DataObject) -> None:
    plan, tables, as_of = run
    shuffled = {name: data.draw(st.permutations(rows)) for name, rows in tables.items()}

    result = kpi.evaluate(plan, frames(plan, tables), as_of)
    other = kpi.evaluate(plan, frames(plan, shuffled), as_of)
    assert numbers(other) == numbers(result)
    assert engine_trail(other) == engine_trail(result)


@given(run=runs())
@LAWS
def test_a_target_is_the_same_alone_as_among_others(run: Run) -> None:
    plan, tables, as_of = run
    given_tables = frames(plan, tables)
    together = numbers(kpi.evaluate(plan, given_tables, as_of))
    for target in plan.targets:
        # A goal's weight is shared with the others; alone some could not earn it.
        alone = evolve(plan, targets=[evolve(target, goal=None)], goals=[])
        for name, its in numbers(kpi.evaluate(alone, given_tables, as_of)).items():
            assert its == together[name]


@given(data=st.data(), unit=st.sampled_from(("days", "weeks", "months", "years")))
@LAWS
def test_a_longer_limit_never_lowers_a_share(data: st.DataObject, unit: str) -> None:
    plan = data.draw(strategies.plans(most=1, rules=("within",)), label="plan")
    target = plan.leaves()[0]
    assert isinstance(target, Within)
    # Where the due date itself decides who is counted, a longer limit counts other cases.
    denominator = data.draw(st.sampled_from(("closed", "cohort")))
    # A column's due dates are what they are, and one counted back from a date comes earlier.
    fixed = isinstance(target.limit, DueColumn | Before)
    target = evolve(
        target,
        goal=None,
        denominator=denominator,
        on=None if denominator == "closed" else target.on,
        limit=data.draw(strategies.spans()) if fixed else target.limit,
        month_end=data.draw(st.sampled_from(("down", "sticky", "up"))),
        # Where a calendar ends, a longer limit has no due date.
        calendar=Calendar("denmark"),
    )
    short = evolve(plan, targets=[target], goals=())
    longer = evolve(short, targets=[evolve(target, limit=_longer(target.limit, unit))])
    tables = frames(short, data.draw(strategies.tables_for(short)))
    as_of = data.draw(strategies.as_ofs(short))
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
    unit = "minutes" if span.is_clock else "working_days" if span.working_days else unit
    return evolve(span, **{unit: getattr(span, unit) + 1})


@given(run=runs())
@LAWS
def test_the_score_is_the_weight_of_what_was_met(run: Run) -> None:
    """S28: a weight that is split earns no less than one that is earned when all are met."""
    plan, tables, as_of = run
    result = kpi.evaluate(plan, frames(plan, tables), as_of)
    given = [*(goal.weight for goal in plan.goals), *(target.weight for target in plan.targets)]
    weights = [weight for weight in given if weight is not None]
    if result.score is None:
        assert not weights
        return
    score, verdicts = result.score, {target.id: target.verdict for target in result.targets}
    if_all = if_split = met = Fraction(0)
    for weight, sharing, its in _weighed(plan):
        asked = [v for v in (verdicts[name] for name in its) if v not in ("lapsed", "indicator")]
        of_all = weight if asked and set(asked) == {"met"} else Fraction(0)
        of_split = weight * asked.count("met") / len(asked) if asked else Fraction(0)
        if_all, if_split = if_all + of_all, if_split + of_split
        met += of_split if sharing == "split" else of_all
    assert score.of == sum(weights)
    for shown, exact in ((score.if_all, if_all), (score.if_split, if_split), (score.met, met)):
        assert shown == round(exact * 10**6) * Decimal("1e-6")
    assert 0 <= score.if_all <= score.met <= score.if_split <= score.of
    assert score.met + sum(score.aside.values()) <= score.of + Decimal("1e-5")


def _weighed(plan: Plan) -> Iterator[tuple[Fraction, str, list[str]]]:
    """Each weight, how it is shared, and the requirements that share it."""
    for goal in plan.goals:
        if goal.weight is not None:
            its = [target.id for target in plan.targets if target.goal == goal.id]
            yield Fraction(goal.weight), goal.sharing, its
    for target in plan.targets:
        if target.weight is not None:
            yield Fraction(target.weight), "all", [target.id]
