"""How long does it take to compare two extracts, beside evaluating each of them (F62)?"""

from __future__ import annotations

import numpy as np
import polars as pl

import kpi
from benchmarks import data
from benchmarks.answers import answers_of, same_answers
from benchmarks.benchmark import Bar, Benchmark, Measured
from benchmarks.plan_2017 import case_plan
from benchmarks.timing import ratio, rounds

BARS = (Bar("compare", "comparing two extracts over evaluating both", 3),)
COMPARED, BOTH = "compare", "evaluate both"
D, D2 = "2017-06-30", "2017-09-30"


def earlier(cases: pl.DataFrame) -> pl.DataFrame:
    """The extract three months before: 1 in 200 cases came late, and as many ends and corrections."""
    chance = pl.Series(np.random.default_rng(40).random(cases.height))
    decided = (
        pl.when(chance < 0.005)
        .then(None)
        .when(chance < 0.01)
        .then(pl.col("decided") + pl.duration(days=3))
        .otherwise(pl.col("decided"))
    )
    return cases.with_columns(decided).filter(chance < 0.995)


def _equal(plan: kpi.Plan, old: pl.DataFrame, new: pl.DataFrame) -> list[str]:
    """The figures are those of three evaluations, and the buckets add up to them."""
    compared = kpi.compare(plan, old, new, D, D2)
    for name, extract, day in (("then", old, D), ("then_known_now", new, D), ("now", new, D2)):
        result = kpi.evaluate(plan, extract, day)
        figures = {target.id: getattr(target, name) for target in compared}
        numbers = {t: (f.counted, f.total if f.met is None else f.met) for t, f in figures.items()}
        same_answers(
            {"evaluate": lambda r=result: answers_of(r), "compare": lambda n=numbers: n}  # type: ignore[misc]  # defaults bind the values of the loop
        )
    moved = compared.buckets.group_by("step").agg(pl.col("counted").abs().sum())
    return [f"{step}: {n:,} rows moved" for step, n in sorted(moved.iter_rows())]


def measure(rows: int, repeats: int) -> Measured:
    plan, new = case_plan(), data.cases(rows)
    old = earlier(new)
    _equal(plan, old, new)
    seconds = rounds(
        {
            BOTH: lambda: (kpi.evaluate(plan, old, D), kpi.evaluate(plan, new, D2)),
            COMPARED: lambda: kpi.compare(plan, old, new, D, D2),
        },
        repeats,
    )
    return Measured(seconds=seconds, found={"compare": ratio(seconds, COMPARED, BOTH)})


def small() -> list[str]:
    new = data.cases(20_000)
    return _equal(case_plan(), earlier(new), new)


BENCHMARK = Benchmark(
    name="two_extracts",
    question="How long does it take to compare two extracts, beside evaluating each of them?",
    bars=BARS,
    measure=measure,
    small=small,
)

if __name__ == "__main__":
    BENCHMARK.main()
