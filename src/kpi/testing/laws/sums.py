"""Laws of addition: rows and buckets, trail and state, parts and whole, weights and score."""

from __future__ import annotations

import datetime as dt
import random
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction

from kpi.definitions.plan import Plan
from kpi.testing.comparable import Became, trails
from kpi.testing.frames import Given, rows_of
from kpi.testing.laws.common import as_known, evaluated


def the_audit_trail_adds_up_to_the_state(
    plan: Plan,
    tables: Given,
    as_of: dt.date | None = None,
    chance: random.Random | None = None,  # noqa: ARG001 - as every law
) -> bool:
    """Every row is in one bucket, and the audit trail adds up to the numbers (S12).

    rows = outside + excluded + undetermined + counted; the trail has as many rows of each, as many
    for each reason, as many that are met, and the days of the counted ones sum to the total. There
    is nothing to check where no target's tables are all there. A base has a trail of its own (S33).
    """
    result = as_known(plan, rows_of(plan, tables), as_of)
    by_target = trails(result)
    checked = False
    records = [one for leaf in result.leaves() for one in (leaf, leaf.base) if one is not None]
    for target in records:
        trail = [row for _, row in by_target[target.id]]
        left = target.outside + sum(target.excluded.values()) + target.undetermined
        _equal(target.id, "rows", target.rows, left + target.counted)
        if not trail and (target.rows or target.table not in result.facts):
            continue
        checked = checked or bool(trail)
        buckets = Counter(row.bucket for row in trail)
        _equal(target.id, "rows", target.rows, len(trail))
        for name in ("outside", "undetermined", "counted"):
            _equal(target.id, name, getattr(target, name), buckets[name])
        reasons = Counter(row.reason for row in trail if row.bucket == "excluded")
        _equal(target.id, "excluded", dict(target.excluded), dict(reasons))
        counted = [row for row in trail if row.bucket == "counted"]
        if target.counted_as is not None:
            _equal(target.id, "counted_as", target.counted_as.counted, sum(map(_persons, counted)))
        if target.met is not None:
            met = sum(_persons(row) for row in counted if row.met)
            _equal(target.id, "met", target.met, met)
        if target.total is not None and target.unit in ("hours", "minutes"):
            # The trail lists whole seconds, and the total has the rest of each.
            rest = target.total - 1_000_000 * sum(row.seconds or 0 for row in counted)
            _equal(target.id, "total", True, 0 <= rest <= 999_999 * len(counted))
        elif target.total is not None:
            total = sum(_persons(row) * (row.days or 0) for row in counted)
            _equal(target.id, "total", target.total, total)
    return checked


def _persons(row: Became) -> int:
    """Return what a counted row counts as (S32)."""
    return 1 if row.counted_as is None else row.counted_as


def _equal(name: str, what: str, state: object, trail: object) -> None:
    if state != trail:
        raise AssertionError(f"target {name}: {what} {state}, and the rows say {trail}")


def parts_add_up_to_their_target(
    plan: Plan,
    tables: Given,
    as_of: dt.date | None = None,
    chance: random.Random | None = None,  # noqa: ARG001 - as every law
) -> bool:
    """What is counted, excluded, met and summed of each part adds up to that of all of them together.

    There is nothing to check where no target is asked of each value or of stretches of time; the
    periods of a series may share rows (S30).
    """
    checked = False
    in_series = {leaf.id for leaf in plan.leaves() if leaf.every is not None}
    for target in as_known(plan, rows_of(plan, tables), as_of).leaves():
        if target.each and target.id not in in_series:
            parts = target.each
            checked = True
            excluded = sum((Counter(part.excluded) for part in parts), Counter())
            for what, of_parts, of_all in (
                ("counted", sum(part.counted for part in parts), target.counted),
                ("counted_as", sum(part.denominator for part in parts), target.denominator),
                ("undetermined", sum(part.undetermined for part in parts), target.undetermined),
                ("excluded", dict(excluded), dict(target.excluded)),
                ("met", sum(part.met or 0 for part in parts), target.met or 0),
                ("total", sum(part.total or 0 for part in parts), target.total or 0),
            ):
                if of_parts != of_all:
                    message = f"target {target.id}: {what} {of_all}, and of its parts {of_parts}"
                    raise AssertionError(message)
    return checked


def the_score_is_the_weight_of_what_was_met(
    plan: Plan,
    tables: Given,
    as_of: dt.date | None = None,
    chance: random.Random | None = None,  # noqa: ARG001 - as every law
) -> bool:
    """The score is the weight of what was met, and a weight that is split earns no less than all (S28).

    There is nothing to check where the plan gives no weights.
    """
    result = evaluated(plan, rows_of(plan, tables), as_of)
    score, verdicts = result.score, {target.id: target.verdict for target in result.targets}
    of_goals = [goal.weight for goal in plan.goals if goal.weight is not None]
    given = [*of_goals, *(target.weight for target in plan.targets if target.weight is not None)]
    if score is None:
        assert not given, "there are weights and no score"
        return False
    if_all = if_split = met = Fraction(0)
    for weight, sharing, names in _weighed(plan):
        judged = [v for v in (verdicts[name] for name in names) if v not in ("lapsed", "indicator")]
        of_all = weight if judged and set(judged) == {"met"} else Fraction(0)
        of_split = weight * judged.count("met") / len(judged) if judged else Fraction(0)
        if_all, if_split = if_all + of_all, if_split + of_split
        met += of_split if sharing == "split" else of_all
    for name, exact in (("if_all", if_all), ("if_split", if_split), ("met", met)):
        shown = getattr(score, name)
        assert shown == round(exact * 10**6) * Decimal("1e-6"), f"{name} {shown}, not {exact}"
    assert score.of == sum(given), f"of {score.of}, not {sum(given)}"
    assert 0 <= score.if_all <= score.met <= score.if_split <= score.of
    assert score.met + sum(score.aside.values()) <= score.of + Decimal("1e-5")
    return True


def _weighed(plan: Plan) -> Iterator[tuple[Fraction, str, list[str]]]:
    """Yield each weight, how it is shared, and the ids of the requirements that share it."""
    for goal in plan.goals:
        if goal.weight is not None:
            sharers = [target.id for target in plan.targets if target.goal == goal.id]
            yield Fraction(goal.weight), goal.sharing, sharers
    for target in plan.targets:
        if target.weight is not None:
            yield Fraction(target.weight), "all", [target.id]
