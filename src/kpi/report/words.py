"""Figures in words, so that what is printed never contradicts the verdict."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from decimal import Decimal
from fractions import Fraction
from itertools import groupby

from kpi.definitions.goals import Goal
from kpi.results.result import Result, Score, TargetResult, Verdict

VERDICTS: dict[Verdict, str] = {
    "met": "met",
    "missed": "missed",
    "not_assessable": "not assessable",
    "open": "open",
    "lapsed": "lapsed",
    "indicator": "indicator",
}

_MOST_DECIMALS = 9


def value(result: TargetResult) -> str:
    """The value with its unit: "89.9 %", "60.7 days", "–" where there is nothing to say it of.

    One decimal, or as many as it takes not to be rounded onto or across the threshold: 89.96 % of
    90 % is printed as 89.96 %, for it is not 90.0 % (S19).
    """
    if result.unit == "parts":
        met = sum(part.verdict == "met" for part in result.parts)
        return f"{met} of {len(result.parts)}"
    if result.value is None:
        return "–"
    if result.rule == "milestone":
        return "done" if result.met else "not in time"
    if result.unit == "count":
        return f"{result.value:,.0f}"
    if result.unit == "months":
        return f"{result.value:,.0f} {'month' if result.value == 1 else 'months'}"
    exact = _exact(result)
    if result.unit in ("share", "change"):
        sign = "+" if result.unit == "change" and exact > 0 else ""
        return f"{sign}{_rounded(100 * exact, _marks(result))} %"
    if result.unit == "number":
        return f"{_decimal(exact, 6).normalize():f}"
    return f"{_rounded(exact, _marks(result))} {result.unit}"


def _exact(result: TargetResult) -> Fraction:
    """The value before any division was rounded, where it is one of integers."""
    if result.met is not None and result.counted:
        return Fraction(result.met, result.counted)
    if result.total is not None and result.counted:
        return Fraction(result.total, result.counted)
    stock, base = result.figures.get("stock"), result.figures.get("base")
    if isinstance(stock, int) and isinstance(base, int) and base:
        return Fraction(stock - base, base)
    assert result.value is not None, "asked only of what has a value"
    return Fraction(str(result.value))


def _marks(result: TargetResult) -> list[Fraction]:
    """What the value is compared with, in the unit that is printed."""
    if result.threshold is not None:
        return [Fraction(result.threshold)]
    if result.bounds is not None:
        return [Fraction(bound) for bound in result.bounds.data().values()]
    number, _, unit = (result.limit or "").partition(" ")
    return [Fraction(number)] if unit and f"{unit.removesuffix('s')}s" == result.unit else []


def _rounded(exact: Fraction, marks: Sequence[Fraction]) -> str:
    near = _decimal(exact, 1)
    for decimals in range(2, _MOST_DECIMALS + 1):
        if all(m == exact or (near != m and (near > m) == (exact > m)) for m in marks):
            break
        near = _decimal(exact, decimals)
    return f"{near:,f}"


def _decimal(exact: Fraction, decimals: int) -> Decimal:
    return Decimal(round(exact * 10**decimals)).scaleb(-decimals)


def share_range(result: TargetResult) -> str:
    """A share if none and if all of the excluded rows had met it (S12): "81.2–90.4 %"."""
    found = result.range
    if found is None or not result.excluded:
        return ""
    low, high = (_decimal(100 * end, 1) for end in found)
    return f"{low}–{high} %"


def count(n: int) -> str:
    """A number of rows with thousands apart."""
    return f"{n:,}"


def weight(exact: Decimal | None) -> str:
    """A weight as it was written."""
    return "" if exact is None else f"{exact:f}"


def weighed(result: Result) -> Iterator[tuple[Goal | None, TargetResult, str]]:
    """Each requirement and part in order, with the goal that heads it and the weight in its line.

    A goal heads its first requirement; one that is alone in its goal has the goal's weight itself.
    Where the requirements of a goal do not follow one another, each names the goal: "25, goal 1.2".
    """
    goals = {goal.id: goal for goal in result.plan.goals}
    members = Counter(target.goal for target in result.targets)
    runs = Counter(goal for goal, _ in groupby(target.goal for target in result.targets))
    headed: str | None = None
    for target in result.targets:
        goal = goals.get(target.goal or "")
        own = weight(target.weight)
        heads = None
        if goal is not None and members[goal.id] == 1:
            own = weight(goal.weight) or own
        elif goal is not None and runs[goal.id] > 1:
            own = f"{weight(goal.weight)}, goal {goal.id}" if goal.weight is not None else own
        elif target.goal != headed:
            heads = goal
        headed = target.goal
        yield heads, target, own
        for part in target.parts:
            yield None, part, ""


def figures(result: TargetResult) -> str:
    """What should be seen beside a value: "stock 548, base 806"."""
    shown = [
        f"{name.replace('_', ' ')} {_figure(name, n, result.unit)}"
        for name, n in result.figures.items()
    ]
    return ", ".join(shown)


def _figure(name: str, n: float | None, unit: str) -> str:
    if n is None:
        return "–"
    if name.endswith("_rate"):
        return f"{_decimal(Fraction(str(n)) * 100, 1)} %"
    if name == "allowed":
        return f"{n:,} {unit}"
    text = f"{n:,}" if isinstance(n, int) else f"{_decimal(Fraction(str(n)), 1):,f}"
    return f"{text} days" if name.endswith(("_time", "_age")) else text


def score(found: Score) -> str:
    """The score in a line: "55 of 100"."""
    text = f"{found.met:f} of {found.of:f}"
    return f"{text}, on reconstructed weights" if found.reconstructed else text


def totals(result: Result) -> str:
    """The number of requirements by verdict: "12 met, 6 missed, 1 not assessable"."""
    found = Counter(target.verdict for target in result.targets)
    return ", ".join(f"{found[word]} {words}" for word, words in VERDICTS.items() if found[word])
