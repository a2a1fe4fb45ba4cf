"""The score of a plan: the sum of the weights of what was met, as exact decimals (S28)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction

from attrs import frozen

from kpi.definitions.plan import Plan
from kpi.results.result import Score
from kpi.results.target_result import TargetResult, Verdict

_EARNS_LATER: tuple[Verdict, ...] = ("not_assessable", "open", "lapsed")
_MET: tuple[Verdict, ...] = ("met",)
_WAITING: Mapping[Verdict, Verdict] = {"secured": "open"}
"""Verdicts before the end whose weights earn nothing until the last day."""


@frozen(kw_only=True)
class ScoreRange:
    """Range of the score that can still come about (F13).

    Attributes:
        at_least: the weights that are met or secured.
        at_most: all weights but those that are missed, lost or lapsed.
        of: the sum of all weights.
        if_all: the range if every shared weight were earned only when all of its requirements are met.
        if_split: the range if every shared weight were split equally among its requirements.
    """

    at_least: Decimal
    at_most: Decimal
    of: Decimal
    if_all: tuple[Decimal, Decimal]
    if_split: tuple[Decimal, Decimal]


@frozen(eq=False, repr=False)
class _Weighed:
    """One weight and the requirements that share it.

    Attributes:
        weight: the weight.
        sharing: "all" where the weight is earned when all are met, "split" where in equal parts.
        verdicts: the verdict of each requirement.
    """

    weight: Decimal
    sharing: str
    verdicts: tuple[Verdict, ...]

    @property
    def scored(self) -> tuple[Verdict, ...]:
        """The verdicts that count: those neither lapsed nor indicators."""
        return tuple(v for v in self.verdicts if v not in ("lapsed", "indicator"))

    @property
    def earned(self) -> Fraction:
        """The weight earned under the plan's own way of sharing."""
        return self.earned_by(_MET)

    def earned_by(self, earning: Collection[Verdict]) -> Fraction:
        """Return the weight under the plan's own way of sharing, where some verdicts earn it."""
        return self.if_split(earning) if self.sharing == "split" else self.if_all(earning)

    def if_all(self, earning: Collection[Verdict] = _MET) -> Fraction:
        """Return the weight where it takes all requirements to have one of some verdicts."""
        earned = bool(self.scored) and all(verdict in earning for verdict in self.scored)
        return Fraction(self.weight) if earned else Fraction(0)

    def if_split(self, earning: Collection[Verdict] = _MET) -> Fraction:
        """Return the weight where each requirement with one of some verdicts earns an equal part."""
        if not self.scored:
            return Fraction(0)
        return Fraction(self.weight) * sum(v in earning for v in self.scored) / len(self.scored)

    def part(self, word: Verdict) -> Fraction:
        """Return how much of the weight is neither earned nor missed, by one verdict."""
        if word == "lapsed":
            return Fraction(0) if self.scored else Fraction(self.weight)
        if self.sharing == "split":
            share = Fraction(self.weight) / len(self.scored) if self.scored else Fraction(0)
            return share * sum(_WAITING.get(verdict, verdict) == word for verdict in self.scored)
        if {"missed", "lost"} & {*self.scored}:
            return Fraction(0)
        words = [_WAITING.get(verdict, verdict) for verdict in self.scored]
        first = next((w for w in ("open", "not_assessable") if w in words), None)
        return Fraction(self.weight) if word == first else Fraction(0)


def score(plan: Plan, results: Sequence[TargetResult]) -> Score | None:
    """Compute the score of a plan's results; None where the plan gives no weights (S28)."""
    weighed = list(_weighed(plan, {result.id: result.verdict for result in results}))
    if not weighed:
        return None
    return Score(
        met=_decimal(sum((shared.earned for shared in weighed), Fraction(0))),
        of=_decimal(sum((Fraction(shared.weight) for shared in weighed), Fraction(0))),
        if_all=_decimal(sum((shared.if_all() for shared in weighed), Fraction(0))),
        if_split=_decimal(sum((shared.if_split() for shared in weighed), Fraction(0))),
        aside={
            verdict: _decimal(waiting)
            for verdict in _EARNS_LATER
            if (waiting := sum((shared.part(verdict) for shared in weighed), Fraction(0)))
        },
        reconstructed=plan.weights == "reconstructed",
    )


def score_range(plan: Plan, results: Sequence[TargetResult]) -> ScoreRange | None:
    """Return the least and the greatest score that can still come about (F13).

    At least the weights met or secured; at most all but those missed, lost or lapsed. None where the
    plan gives no weights.
    """
    weighed = list(_weighed(plan, {result.id: result.verdict for result in results}))
    if not weighed:
        return None
    certain: tuple[Verdict, ...] = ("met", "secured")
    possible: tuple[Verdict, ...] = (*certain, "open", "not_assessable")

    def ends(
        earned: Callable[[_Weighed, Collection[Verdict]], Fraction],
    ) -> tuple[Decimal, Decimal]:
        least, most = (
            _decimal(sum((earned(shared, earning) for shared in weighed), Fraction(0)))
            for earning in (certain, possible)
        )
        return least, most

    least, most = ends(_Weighed.earned_by)
    whole = sum((Fraction(shared.weight) for shared in weighed), Fraction(0))
    return ScoreRange(
        at_least=least,
        at_most=most,
        of=_decimal(whole),
        if_all=ends(_Weighed.if_all),
        if_split=ends(_Weighed.if_split),
    )


def _weighed(plan: Plan, verdicts: Mapping[str, Verdict]) -> Iterator[_Weighed]:
    for goal in plan.goals:
        if goal.weight is not None:
            members = (target.id for target in plan.targets if target.goal == goal.id)
            yield _Weighed(goal.weight, goal.sharing, tuple(verdicts[name] for name in members))
    for target in plan.targets:
        if target.weight is not None:
            yield _Weighed(target.weight, "all", (verdicts[target.id],))


def _decimal(value: Fraction) -> Decimal:
    """Return a fraction as a decimal, rounded to six places: a third of a weight has no end."""
    exact = Decimal(round(value * 10**6)).scaleb(-6)
    whole = exact.to_integral_value()
    return whole if exact == whole else exact.normalize()
