"""How much longer does a result take in the middle of the year than the sums it is made of (F62)?"""

from __future__ import annotations

from collections.abc import Callable

import kpi
from benchmarks import data
from benchmarks.answers import answers_of, same_answers
from benchmarks.benchmark import Bar, Benchmark, Measured
from benchmarks.plan_2017 import case_plan
from benchmarks.timing import ratio, rounds
from kpi.engine.partial import Batch
from kpi.results.finish import finish
from kpi.results.result import Result
from kpi.tables.check import Extract

BARS = (Bar("possible", "`kpi.evaluate` in June over its sums alone", 2),)
SUMS, WHOLE = "sums alone", "evaluate"
AS_OF = "2017-06-30"


def _sums_alone(plan: kpi.Plan, extract: Extract) -> Result:
    """The result as of the day, without what can still become of it."""
    batch = Batch.of(plan, extract, AS_OF)
    return finish(batch.state(by=(), series=None, engine="auto", prospects=False))


def _both(plan: kpi.Plan, extract: Extract) -> dict[str, Callable[[], object]]:
    return {
        SUMS: lambda: _sums_alone(plan, extract),
        WHOLE: lambda: kpi.evaluate(plan, extract, AS_OF),
    }


def _equal(plan: kpi.Plan, extract: Extract) -> list[str]:
    same_answers(
        {
            SUMS: lambda: answers_of(_sums_alone(plan, extract)),
            WHOLE: lambda: answers_of(kpi.evaluate(plan, extract, AS_OF)),
        }
    )
    verdicts = [target.verdict for target in kpi.evaluate(plan, extract, AS_OF).leaves()]
    return [f"{word}: {verdicts.count(word)} targets" for word in sorted({*verdicts})]


def measure(rows: int, repeats: int) -> Measured:
    plan = case_plan()
    extract = kpi.check(plan, data.cases(rows), skip="ids")
    _equal(plan, extract)
    seconds = rounds(_both(plan, extract), repeats)
    return Measured(seconds=seconds, found={"possible": ratio(seconds, WHOLE, SUMS)})


def small() -> list[str]:
    plan = case_plan()
    return _equal(plan, kpi.check(plan, data.cases(5_000)))


BENCHMARK = Benchmark(
    name="before_the_end",
    question="How much longer does a result take in the middle of the year than its sums alone?",
    bars=BARS,
    measure=measure,
    small=small,
)

if __name__ == "__main__":
    BENCHMARK.main()
