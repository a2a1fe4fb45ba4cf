"""Figures in words; a printed figure never contradicts the verdict (S19)."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from itertools import groupby

from kpi.definitions.amounts import SIZES, Amounts
from kpi.definitions.bounds import Bounds
from kpi.definitions.comparison import COMPARED
from kpi.definitions.goals import Goal
from kpi.definitions.time_units import Span, parse_span
from kpi.errors import PlanError
from kpi.report.rounding import rounded
from kpi.results.result import Result, Score
from kpi.results.target_result import TargetResult, Verdict

VERDICTS: dict[Verdict, str] = {
    "met": "met",
    "missed": "missed",
    "not_assessable": "not assessable",
    "secured": "secured",
    "lost": "lost",
    "open": "open",
    "lapsed": "lapsed",
    "indicator": "indicator",
}

_NONE, _ALL = Fraction(0), Fraction(100)


def value(result: TargetResult) -> str:
    """Return the value with the unit: "89.9 %", "60.7 days", "–" for None.

    With one decimal, or as many as it takes to compare with the threshold as the exact value does:
    89.96 % against 90 % is printed as 89.96 %, not as 90.0 %, and 93.75 % against 93.75 % with two
    decimals too. 100 % is printed only of all, and 0 % only of none (S19).
    """
    if result.unit == "parts":
        # A part that asks for nothing is neither met nor missed (S31).
        asked = [part.verdict for part in result.parts if part.verdict != "indicator"]
        return f"{asked.count('met')} of {len(asked)}" if asked else "–"
    if result.value is None:
        return "–"
    if result.rule == "milestone":
        return "done" if result.met else "not in time"
    if result.unit == "count":
        return f"{result.value:,.0f}"
    if result.unit == "months":
        return f"{result.value:,.0f} {'month' if result.value == 1 else 'months'}"
    exact = result.exact_value
    assert exact is not None, "there is a value"
    if result.unit == "number":
        return _number(exact, result)
    number, unit = amount(exact, result)
    return f"{number}{unit}"


def amount(exact: Fraction, result: TargetResult) -> tuple[str, str]:
    """Return a number as the value of a record is printed, and the unit behind it (S19).

    A count and a number of months are whole, but for those that are expected.
    """
    if result.unit in ("count", "months"):
        unit = "" if result.unit == "count" else " month" if exact == 1 else " months"
        is_whole = exact.denominator == 1
        return f"{int(exact):,}" if is_whole else rounded(exact, _marks(result)), unit
    if result.unit in ("share", "change"):
        sign = "+" if result.unit == "change" and exact > 0 else ""
        return f"{sign}{rounded(100 * exact, _marks(result))}", " %"
    if result.unit == "number":
        return rounded(exact, _marks(result), decimals=6).rstrip("0").rstrip("."), ""
    return rounded(exact, _marks(result)), f" {result.unit}"


def _number(exact: Fraction, result: TargetResult) -> str:
    """Return a reported number with up to six decimals, or more where a bound asks for them."""
    text = rounded(exact, _marks(result), decimals=6)
    text = text.replace(",", "").rstrip("0").rstrip(".")
    bounds = result.bounds
    if bounds is None or result.verdict not in ("met", "missed", "secured", "lost"):
        return text
    met = result.verdict in ("met", "secured")
    if bounds.hold(exact) == met:
        return text
    # A result has millionths of the number; the verdict comes from the exact one.
    low = [bounds.at_least, bounds.more_than]
    at_the_low_end = exact in [Fraction(bound) for bound in low if bound is not None]
    return f"just {'over' if at_the_low_end == met else 'under'} {text}"


def _marks(result: TargetResult) -> list[Fraction]:
    """Return the numbers that the value is compared with, in the unit that is printed (S19)."""
    marks = {"share": [_NONE, _ALL], "change": [_NONE]}.get(result.unit, [])
    if result.threshold is not None:
        return [*marks, Fraction(result.threshold)]
    if result.bounds is not None:
        return [*marks, *(Fraction(bound) for bound in result.bounds.data().values())]
    return marks + ([] if (most := _most(result)) is None else [Fraction(most)])


def _most(result: TargetResult) -> int | None:
    """Return the limit as a number in the unit of the value; None where it is no such number."""
    span: Span | None = None
    with contextlib.suppress(PlanError):
        span = None if result.limit is None else parse_span(result.limit)
    if span is None or span.is_clock != (result.unit in SIZES):
        return None
    if result.unit in SIZES:
        return Amounts(result.unit).shown(span)  # type: ignore[arg-type]  # a unit with a size
    if result.unit == "months":
        return span.total_months if span.in_months else None
    if result.unit == "working days":
        return span.working_days if span.in_working_days else None
    return None if span.total_months else span.working_days or span.total_days


def share_range(result: TargetResult) -> str:
    """Return the range of a share with none and with all excluded rows met (S12): "81.2–90.4 %"."""
    ends = result.range
    if ends is None or not result.excluded:
        return ""
    low, high = (rounded(100 * end, _marks(result)) for end in ends)
    return f"{low}–{high} %"


def counted(result: TargetResult) -> str:
    """Return the number of counted rows: "3"; and what they count as: "3 as 8 persons" (S32)."""
    text = count(result.counted)
    as_ = result.counted_as
    return text if as_ is None else f"{text} as {count(as_.counted)} {as_.column}"


def count(n: int) -> str:
    """Return a number of rows with thousands apart."""
    return f"{n:,}"


def weight(exact: Decimal | None) -> str:
    """Return a weight as the plan writes it; empty for None."""
    return "" if exact is None else f"{exact:f}"


def weighed(result: Result) -> Iterator[tuple[Goal | None, TargetResult, str]]:
    """Yield each requirement and part in order, with the goal that heads it and the weight.

    A goal heads its first requirement; a requirement that is alone in its goal has the goal's
    weight itself. Where the requirements of a goal do not follow one another, each names the goal:
    "25, goal 1.2".
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
    """Return the figures to be seen beside a value: "stock 548, base 806"."""
    shown = [
        f"{name.replace('_', ' ')} {_figure(name, n, result)}"
        for name, n in result.figures.items()
        # Those of a comparison are printed in words of their own (S33).
        if result.base is None or name not in COMPARED
    ]
    return ", ".join([*shown, *([] if result.base is None else _beside_base(result, result.base))])


def _beside_base(result: TargetResult, base: TargetResult) -> Iterator[str]:
    """Yield the value of the base with its counted rows, the difference, and the change (S33)."""
    yield f"base {value(base)} ({result.base_window}, {base.counted:,} counted)"
    yield f"difference {difference(result)}"
    yield f"change {change(result)}"


def base_value(result: TargetResult) -> str:
    """Return the value of the base with its unit; empty without a base."""
    return "" if result.base is None else value(result.base)


def has_cases(result: TargetResult) -> bool:
    """Return whether a group has a case of the target, or of its base (S33)."""
    return any(one is not None and one.rows != one.outside for one in (result, result.base))


def moved(result: TargetResult) -> str:
    """Return the difference where that is asked for, else the change; empty without a base."""
    if result.base is None or result.comparison is None:
        return ""
    return change(result) if result.comparison.difference is None else difference(result)


def difference(result: TargetResult) -> str:
    """Return by how much the value differs from that of the base: "-8.0 days", "+12".

    The printed number stands to a bound on the difference as the exact one does (S19, S33).
    """
    compared, comparison = result.compared, result.comparison
    if compared is None or comparison is None or compared.difference is None:
        return "–"
    exact = comparison.scale * compared.difference
    marks = _bounds_of(comparison.difference)
    whole = result.unit in ("count", "months")
    text = f"{exact.numerator:,}" if whole else rounded(exact, [_NONE, *marks])
    unit = f" {comparison.unit}" if comparison.unit else ""
    return f"{'+' if exact > 0 else ''}{text}{unit}"


def change(result: TargetResult) -> str:
    """Return the change in per cent of the base: "-10.0 %"; as `difference` beside its bound."""
    compared, comparison = result.compared, result.comparison
    if compared is None or comparison is None or compared.change is None:
        return "–"
    exact = 100 * compared.change
    marks = _bounds_of(comparison.change)
    return f"{'+' if exact > 0 else ''}{rounded(exact, [_NONE, *marks])} %"


def _bounds_of(bounds: Bounds | None) -> list[Fraction]:
    return [] if bounds is None else [Fraction(bound) for bound in bounds.data().values()]


def _figure(name: str, n: float | None, result: TargetResult) -> str:
    if n is None:
        return "–"
    # The figure that is the value is printed as the value is.
    marks = _marks(result) if n == result.value else []
    if name.endswith("_rate"):
        return f"{rounded(Fraction(str(n)) * 100, [_NONE, _ALL, *marks])} %"
    if name == "allowed":
        return f"{n:,} {result.unit}"
    text = f"{n:,}" if isinstance(n, int) else rounded(Fraction(str(n)), marks)
    return f"{text} days" if name.endswith(("_time", "_age")) else text


def score(earned: Score) -> str:
    """Return the score in a line: "55 of 100"."""
    text = f"{earned.met:f} of {earned.of:f}"
    return f"{text}, on reconstructed weights" if earned.reconstructed else text


def totals(result: Result) -> str:
    """Return the number of requirements by verdict: "12 met, 6 missed, 1 not assessable"."""
    counts = Counter(target.verdict for target in result.targets)
    return ", ".join(f"{counts[word]} {words}" for word, words in VERDICTS.items() if counts[word])
