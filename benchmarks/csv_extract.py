"""How long does a CSV extract take, beside what Polars takes to read the columns?"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import polars as pl

import kpi
from benchmarks import data
from benchmarks.answers import answers_of, every_case_is_asked, same_answers
from benchmarks.benchmark import Bar, Benchmark, Measured
from benchmarks.plan_2017 import case_plan, columns_read
from benchmarks.timing import faster, ratio, rounds

BARS = (
    Bar("dates", "a CSV extract over what Polars takes to read its columns, dates as dates", 1.3),
    Bar("texts", "a CSV extract over what Polars takes to read its columns, dates as texts"),
)

KPI = "kpi.evaluate, from the path"


def _columns(plan: kpi.Plan) -> list[str]:
    """What the plan reads, the key among it: an extract is checked for repeated ids."""
    return [*plan.table("cases").key, *columns_read(plan)]


def readers(path: Path, columns: list[str], *, dates: bool) -> dict[str, Callable[[], object]]:
    """Ways to read the columns; what they hold is found out by Polars, as kpi must find it out."""
    lazy = pl.scan_csv(path, try_parse_dates=dates).select(columns)
    held = "dates" if dates else "texts"
    return {
        f"polars, read, {held}": lambda: pl.read_csv(path, columns=columns, try_parse_dates=dates),
        f"polars, streaming, {held}": lambda: lazy.collect(engine="streaming"),
        f"polars, in-memory, {held}": lambda: lazy.collect(engine="in-memory"),
    }


def _equal(plan: kpi.Plan, rows: int) -> dict[str, tuple[int, int]]:
    return dict(
        same_answers(
            {
                "from Parquet": lambda: answers_of(kpi.evaluate(plan, data.parquet(rows))),
                "from CSV": lambda: answers_of(kpi.evaluate(plan, data.csv(rows))),
            }
        )
    )


def measure(rows: int, repeats: int) -> Measured:
    plan, path = case_plan(), data.csv(rows)
    _equal(plan, rows)
    columns = _columns(plan)
    ways = {held: readers(path, columns, dates=held == "dates") for held in ("dates", "texts")}
    seconds = rounds(
        {KPI: lambda: kpi.evaluate(plan, path), **ways["dates"], **ways["texts"]}, repeats
    )
    best = {held: faster(seconds, list(its)) for held, its in ways.items()}
    return Measured(
        seconds=seconds,
        found={held: ratio(seconds, KPI, name) for held, name in best.items()},
        details={"the fastest": best, "megabytes": round(path.stat().st_size / 1e6)},
    )


def small() -> list[str]:
    answers = _equal(case_plan(), 20_000)
    return ["from CSV and from Parquet: equal", every_case_is_asked(answers, but=["1.2e"])]


BENCHMARK = Benchmark(
    name="csv_extract",
    question="How long does a CSV extract take, checked and evaluated, beside what Polars takes "
    "to read its columns?",
    check_repeats=3,
    bars=BARS,
    measure=measure,
    small=small,
)

if __name__ == "__main__":
    BENCHMARK.main()
