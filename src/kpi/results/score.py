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
    """One weight and the requirements that share it."""

    weight: Decimal
    sharing: str
    verdicts: tuple[Verdict, ...]

    @property
    def asked(self) -> tuple[Verdict, ...]:
        """What is left once the lapsed ones are put aside."""
        return tuple(v for v in self.verdicts if v not in ("lapsed", "indicator"))

    @property
    def earned(self) -> Fraction:
        """Under the plan's own way of sharing."""
        return self.if_split if self.sharing == "split" else self.if_all

    @property
    def if_all(self) -> Fraction:
        """Earned when all are met."""
        met = bool(self.asked) and all(verdict == "met" for verdict in self.asked)
        return Fraction(self.weight) if met else Fraction(0)

    @property
    def if_split(self) -> Fraction:
        """Earned in equal parts."""
        if not self.asked:
            return Fraction(0)
        return Fraction(self.weight) * sum(v == "met" for v in self.asked) / len(self.asked)

    def part(self, word: Verdict) -> Fraction:
        """How much of the weight is neither earned nor missed, for one reason."""
        if word == "lapsed":
            return Fraction(0) if self.asked else Fraction(self.weight)
        if self.sharing == "split":
            share = Fraction(self.weight) / len(self.asked) if self.asked else Fraction(0)
            return share * sum(verdict == word for verdict in self.asked)
        if "missed" in self.asked:
            return Fraction(0)
        first = next((w for w in ("open", "not_assessable") if w in self.asked), None)
        return Fraction(self.weight) if word == first else Fraction(0)


def score(plan: Plan, results: Sequence[TargetResult]) -> Score | None:
    """The score of a plan's results; None where the plan gives no weights."""
    weighed = list(_weighed(plan, {result.id: result.verdict for result in results}))
    if not weighed:
        return None
    return Score(
        met=_decimal(sum((one.earned for one in weighed), Fraction(0))),
        of=_decimal(sum((Fraction(one.weight) for one in weighed), Fraction(0))),
        if_all=_decimal(sum((one.if_all for one in weighed), Fraction(0))),
        if_split=_decimal(sum((one.if_split for one in weighed), Fraction(0))),
        aside={
            word: _decimal(found)
            for word in _EARNS_LATER
            if (found := sum((one.part(word) for one in weighed), Fraction(0)))
        },
        reconstructed=plan.weights == "reconstructed",
    )


def _weighed(plan: Plan, verdicts: Mapping[str, Verdict]) -> Iterator[_Weighed]:
    for goal in plan.goals:
        if goal.weight is not None:
            its = tuple(verdicts[target.id] for target in plan.targets if target.goal == goal.id)
            yield _Weighed(goal.weight, goal.sharing, its)
    for target in plan.targets:
        if target.weight is not None:
            yield _Weighed(target.weight, "all", (verdicts[target.id],))


def _decimal(value: Fraction) -> Decimal:
    """Exactly, or to six places where a third of a weight has no end."""
    exact = Decimal(round(value * 10**6)).scaleb(-6)
    whole = exact.to_integral_value()
    return whole if exact == whole else exact.normalize()
