"""How much more than twelve targets do a hundred cost?"""

from __future__ import annotations

import polars as pl

import kpi
from benchmarks import data
from benchmarks.answers import Answers, Question, kpi_answers, same, same_answers
from benchmarks.benchmark import Bar, Benchmark, Measured
from benchmarks.made_targets import Made, made, plan_of, ready
from benchmarks.peers import polars_one_by_one
from benchmarks.plan_2017 import case_plan
from benchmarks.scans import exactly, scans
from benchmarks.timing import faster, ratio, rounds

BARS = (
    Bar("hundred", "a hundred targets over the twelve of us-2017", 4),
    Bar("polars", "a hundred targets over the same in Polars, a query each"),
)

TWELVE, HUNDRED = "kpi.evaluate, 12 targets", "kpi.evaluate, 100 targets"


def _by_hand(cases: pl.DataFrame, others: list[Made], engine: polars_one_by_one.Engine) -> Question:
    twelve, more = polars_one_by_one.ready(cases, engine), ready(cases, others, engine)
    return lambda: twelve() | more()


def _questions(cases: pl.DataFrame) -> tuple[dict[str, Question], dict[str, Question]]:
    """What asks of twelve targets, and what asks of a hundred: those and 88 more."""
    twelve, others = case_plan(), made(88)
    hundred = plan_of(others, beside=twelve)
    checked = {plan: kpi.check(plan, cases) for plan in (twelve, hundred)}
    return (
        {TWELVE: lambda: kpi_answers(twelve, checked[twelve])},
        {
            HUNDRED: lambda: kpi_answers(hundred, checked[hundred]),
            "polars, 100, streaming": _by_hand(cases, others, "streaming"),
            "polars, 100, in-memory": _by_hand(cases, others, "in-memory"),
        },
    )


def measure(rows: int, repeats: int) -> Measured:
    twelve, hundred = _questions(data.cases(rows))
    _equal(twelve, hundred)
    seconds = rounds({**twelve, **hundred}, repeats)
    best = faster(seconds, [name for name in hundred if name != HUNDRED])
    return Measured(
        seconds=seconds,
        found={
            "hundred": ratio(seconds, HUNDRED, TWELVE),
            "polars": ratio(seconds, HUNDRED, best),
        },
        details={"the fastest": best},
    )


def _equal(twelve: dict[str, Question], hundred: dict[str, Question]) -> Answers:
    answers = dict(same_answers(hundred))
    first = twelve[TWELVE]()
    same("the twelve among the hundred", first, {name: answers[name] for name in first})
    return answers


def small() -> list[str]:
    cases = data.cases(20_000)
    twelve, hundred = _questions(cases)
    answers = _equal(twelve, hundred)
    counted = [n for n, _ in answers.values()]
    lines = [
        f"{len(answers)} targets: equal to Polars by hand",
        same("targets that count cases", len(answers), sum(n > 0 for n in counted)),
    ]
    plans = (case_plan(), plan_of(made(88), beside=case_plan()))
    few, many = (scans(plan, kpi.check(plan, cases)) for plan in plans)
    return [
        *lines,
        exactly("twelve targets", few, 1),
        exactly("a hundred targets", many, 1),
    ]


BENCHMARK = Benchmark(
    name="many_targets",
    question="How much more than the twelve targets of us-2017 do a hundred cost?",
    bars=BARS,
    check_repeats=3,
    measure=measure,
    small=small,
)

if __name__ == "__main__":
    BENCHMARK.main()
