"""Nothing is timed before every answer is equal."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeAlias

import kpi
from kpi.results.target_result import TargetResult

Answers: TypeAlias = dict[str, tuple[int, int]]
"""By target: the counted cases, and how many of them met it (an average: their total days)."""

Question: TypeAlias = Callable[[], Answers]


def number(record: TargetResult) -> int:
    """What a target's counted cases come to: those met, or their total days."""
    found = record.met if record.met is not None else record.total
    assert found is not None, f"{record.id} has neither a share nor an average"
    return found


def answers_of(result: kpi.Result) -> Answers:
    return {target.id: (target.counted, number(target)) for target in result.targets}


def kpi_answers(plan: kpi.Plan, checked: kpi.Extract) -> Answers:
    return answers_of(kpi.evaluate(plan, checked))


def differences(expected: Mapping[str, Any], found: Mapping[str, Any]) -> list[str]:
    return [
        f"{name}: {found.get(name)}, not {expected.get(name)}"
        for name in {**expected, **found}
        if found.get(name) != expected.get(name)
    ]


def same_answers(questions: Mapping[str, Callable[[], Mapping[str, Any]]]) -> Mapping[str, Any]:
    """What all of them answer.

    Raises:
        SystemExit: naming every target on which one differs from the first.
    """
    answers = {name: ask() for name, ask in questions.items()}
    first, *others = answers
    wrong = [
        f"{other} differs from {first} on {found}"
        for other in others
        for found in differences(answers[first], answers[other])
    ]
    if wrong:
        raise SystemExit("\n".join(wrong))
    return answers[first]


def same(what: str, expected: object, found: object) -> str:
    """A line that says that two things are equal.

    Raises:
        SystemExit: where they are not.
    """
    if expected != found:
        raise SystemExit(f"{what}: found {found}, not {expected}")
    return f"{what}: equal"


def every_case_is_asked(answers: Answers, but: Iterable[str] = ()) -> str:
    """A line that says that each target counts cases, some that met it and some that did not.

    Raises:
        SystemExit: naming a target that does not: a race over nothing shows nothing.
    """
    idle = [name for name, (counted, found) in answers.items() if not counted or not found]
    whole = [
        name for name, (n, found) in answers.items() if n and n == found and name not in set(but)
    ]
    if idle or whole:
        raise SystemExit(f"counts nothing: {idle}; met by every case: {whole}")
    return f"{len(answers)} targets: each counts cases, met and missed"
