"""The score of a plan: the sum of the weights of what was met, as exact decimals (S28)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction

from attrs import frozen

from kpi.definitions.plan import Plan
from kpi.results.result import Score
from kpi.results.target_result import TargetResult, Verdict

_EARNS_LATER: tuple[Verdict, ...] = ("not_assessable", "open", "lapsed")


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
        return self.if_split if self.sharing == "split" else self.if_all

    @property
    def if_all(self) -> Fraction:
        """The weight earned where it takes all requirements to be met."""
        met = bool(self.scored) and all(verdict == "met" for verdict in self.scored)
        return Fraction(self.weight) if met else Fraction(0)

    @property
    def if_split(self) -> Fraction:
        """The weight earned where each requirement met earns an equal part."""
        if not self.scored:
            return Fraction(0)
        return Fraction(self.weight) * sum(v == "met" for v in self.scored) / len(self.scored)

    def part(self, word: Verdict) -> Fraction:
        """Return how much of the weight is neither earned nor missed, by one verdict."""
        if word == "lapsed":
            return Fraction(0) if self.scored else Fraction(self.weight)
        if self.sharing == "split":
            share = Fraction(self.weight) / len(self.scored) if self.scored else Fraction(0)
            return share * sum(verdict == word for verdict in self.scored)
        if "missed" in self.scored:
            return Fraction(0)
        first = next((w for w in ("open", "not_assessable") if w in self.scored), None)
        return Fraction(self.weight) if word == first else Fraction(0)


def score(plan: Plan, results: Sequence[TargetResult]) -> Score | None:
    """Compute the score of a plan's results; None where the plan gives no weights (S28)."""
    weighed = list(_weighed(plan, {result.id: result.verdict for result in results}))
    if not weighed:
        return None
    return Score(
        met=_decimal(sum((shared.earned for shared in weighed), Fraction(0))),
        of=_decimal(sum((Fraction(shared.weight) for shared in weighed), Fraction(0))),
        if_all=_decimal(sum((shared.if_all for shared in weighed), Fraction(0))),
        if_split=_decimal(sum((shared.if_split for shared in weighed), Fraction(0))),
        aside={
            verdict: _decimal(waiting)
            for verdict in _EARNS_LATER
            if (waiting := sum((shared.part(verdict) for shared in weighed), Fraction(0)))
        },
        reconstructed=plan.weights == "reconstructed",
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
