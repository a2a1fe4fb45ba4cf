"""What do a series of 24 months and rolling windows of 12 months cost, beside the plain run?"""

from __future__ import annotations

from collections.abc import Callable

import polars as pl
from attrs import evolve

import kpi
from benchmarks import data
from benchmarks.answers import Answers, number, same, same_answers
from benchmarks.benchmark import Bar, Benchmark, Measured
from benchmarks.plan_2017 import case_plan
from benchmarks.timing import ratio, rounds

BARS = (
    Bar("every", "a series of 24 months over the plain run", 4),
    Bar("rolling", "24 windows of 12 months, one ending each month, over the plain run", 6),
)

PLAIN, EVERY, ROLLING = "plain", "every month", "12 months, every month"
BY_HAND, LIMIT = "1.3", "12mo"
SINCE, THROUGH = "2016-01-01", "2017-12-31"
MONTHS = 24


def two_years() -> kpi.Plan:
    """The targets of the 2017 plan of which each case falls into one month, over 24 months."""
    plan = case_plan()
    in_one_period = (leaf.id for leaf in plan.leaves() if not leaf.counts_in_several_periods)
    return evolve(plan.only(*in_one_period), period={"since": SINCE, "through": THROUGH})


def _by_hand(cases: pl.DataFrame, months: int) -> Answers:
    """Target 1.3 in Polars: its counted and met cases in the window that ends each month."""
    filed, decided = pl.col("filed"), pl.col("decided")
    month = decided.dt.year().cast(pl.Int32) * 12 + decided.dt.month().cast(pl.Int32) - 1
    of_month = {
        number: (rows, met)
        for number, rows, met in cases.lazy()
        .filter(pl.col("case_type").cast(pl.String) == "visa_complaint", decided >= filed)
        .group_by(month.alias("month"))
        .agg(pl.len(), (decided <= filed.dt.offset_by(LIMIT)).sum().alias("met"))
        .collect()
        .iter_rows()
    }
    first = 2016 * 12
    windows = {}
    for last in range(first, first + MONTHS):
        inside = [of_month.get(n, (0, 0)) for n in range(last - months + 1, last + 1)]
        name = f"{last // 12}-{last % 12 + 1:02}"
        windows[name] = (sum(rows for rows, _ in inside), sum(met for _, met in inside))
    return {name: answer for name, answer in windows.items() if answer[0]}


def _of_kpi(result: kpi.Result) -> Answers:
    return {
        str(group.group["period"]): (group.counted, number(group))
        for group in result[BY_HAND].groups
        if group.counted
    }


def _contenders(plan: kpi.Plan, checked: kpi.Extract) -> dict[str, Callable[[], kpi.Result]]:
    return {
        PLAIN: lambda: kpi.evaluate(plan, checked),
        EVERY: lambda: kpi.evaluate(plan, checked, every="month"),
        ROLLING: lambda: kpi.evaluate(plan, checked, every="month", rolling="12 months"),
    }


def _equal(cases: pl.DataFrame, checked: kpi.Extract) -> list[str]:
    plain, every, rolling = (ask() for ask in _contenders(two_years(), checked).values())
    for name, months, result in ((EVERY, 1, every), (ROLLING, 12, rolling)):
        by_hand = _by_hand(cases, months)
        same_answers({"by hand": lambda: by_hand, name: lambda: _of_kpi(result)})  # noqa: B023 - called at once
    return [
        same(f"{target.id}: its months and the whole", target.counted, _counted(every, target.id))
        for target in plain.targets
    ]


def _counted(series: kpi.Result, target: str) -> int:
    return sum(group.counted for group in series[target].groups)


def _ready(rows: int) -> tuple[pl.DataFrame, kpi.Extract]:
    cases = data.cases(rows)
    return cases, kpi.check(two_years(), cases)


def measure(rows: int, repeats: int) -> Measured:
    cases, checked = _ready(rows)
    _equal(cases, checked)
    seconds = rounds(_contenders(two_years(), checked), repeats)
    return Measured(
        seconds=seconds,
        found={"every": ratio(seconds, EVERY, PLAIN), "rolling": ratio(seconds, ROLLING, PLAIN)},
        details={"targets": len(two_years().leaves()), "periods": MONTHS},
    )


def small() -> list[str]:
    return _equal(*_ready(20_000))


BENCHMARK = Benchmark(
    name="series",
    question="What do a series of 24 months and rolling windows of 12 months cost, beside the plain "
    "run?",
    bars=BARS,
    measure=measure,
    small=small,
)

if __name__ == "__main__":
    BENCHMARK.main()
