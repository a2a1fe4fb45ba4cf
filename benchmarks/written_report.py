"""How much longer does a report take than the monthly series that it holds (R1 to R9)?"""

from __future__ import annotations

from collections.abc import Callable

import polars as pl

import kpi
from benchmarks import data
from benchmarks.answers import answers_of, same_answers
from benchmarks.benchmark import Bar, Benchmark, Measured
from benchmarks.plan_2017 import case_plan
from benchmarks.timing import ratio, rounds
from kpi.evaluation.report_figures.figures import ReportFigures, report_figures
from kpi.report.page.write import report_text

BARS = (Bar("report", "a page of HTML over `kpi.evaluate` with a series by month", 3),)
SERIES, PAGE = "evaluate, every month", "report"


def _page(plan: kpi.Plan, cases: pl.DataFrame) -> str:
    return report_text(report_figures(plan, cases), "html")


def _with_times(figures: ReportFigures) -> dict[str, int]:
    """The counted cases of each target that a page shows the times of, by those times."""
    return {name: times.total + times.unended for name, times in figures.times.items()}


def _equal(plan: kpi.Plan, cases: pl.DataFrame) -> list[str]:
    result, figures = kpi.evaluate(plan, cases), report_figures(plan, cases)
    same_answers({SERIES: lambda: answers_of(result), PAGE: lambda: answers_of(figures.result)})
    counted = {name: result[name].counted for name in figures.times}
    same_answers({SERIES: lambda: counted, PAGE: lambda: _with_times(figures)})
    return [f"{len(figures.times)} targets with times, {len(figures.caseloads)} with a caseload"]


def measure(rows: int, repeats: int) -> Measured:
    plan, cases = case_plan(), data.cases(rows)
    _equal(plan, cases)
    contenders: dict[str, Callable[[], object]] = {
        SERIES: lambda: kpi.evaluate(plan, cases, every="month"),
        PAGE: lambda: _page(plan, cases),
    }
    seconds = rounds(contenders, repeats)
    return Measured(seconds=seconds, found={"report": ratio(seconds, PAGE, SERIES)})


def small() -> list[str]:
    return _equal(case_plan(), data.cases(5_000))


BENCHMARK = Benchmark(
    name="written_report",
    question="How much longer does a report take than the monthly series that it holds?",
    bars=BARS,
    measure=measure,
    small=small,
)

if __name__ == "__main__":
    BENCHMARK.main()
