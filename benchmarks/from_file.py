"""How long does the 2017 plan take when the cases stay in a Parquet file?"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import polars as pl

import kpi
from benchmarks import data
from benchmarks.answers import answers_of, every_case_is_asked, kpi_answers, same_answers
from benchmarks.benchmark import Bar, Benchmark, Measured
from benchmarks.plan_2017 import case_plan, columns_read
from benchmarks.scans import as_if_large, exactly, scans
from benchmarks.timing import Contenders, Spread, faster, ratio, rounds

BARS = (
    Bar("read", "`kpi.evaluate` from a Parquet file over reading the columns from it", 1.5),
    Bar("read texts", "the same, where case types stand in the file as texts", 1.5),
    Bar("check", "`kpi.check` and `kpi.evaluate` from the file over reading the columns from it"),
)

KPI, BOTH = "kpi.evaluate, checked file", "kpi.check + kpi.evaluate"


def readers(path: Path, columns: list[str]) -> dict[str, Callable[[], object]]:
    """Ways to read some columns of a file into memory."""
    lazy = pl.scan_parquet(path).select(columns)
    return {
        "polars, read": lambda: pl.read_parquet(path, columns=columns),
        "polars, streaming": lambda: lazy.collect(engine="streaming"),
        "polars, in-memory": lambda: lazy.collect(engine="in-memory"),
    }


def in_memory(checked: kpi.Extract) -> bool:
    """Whether a checked table holds its rows, rather than leaving them in the file."""
    return isinstance(checked.tables["cases"].frame, pl.DataFrame)


def _contenders(plan: kpi.Plan, path: Path) -> tuple[kpi.Extract, Contenders]:
    checked = kpi.check(plan, path)
    reading = readers(path, columns_read(plan))
    return checked, {
        KPI: lambda: kpi.evaluate(plan, checked),
        BOTH: lambda: kpi.evaluate(plan, path),
        **reading,
    }


def _equal(plan: kpi.Plan, path: Path, checked: kpi.Extract) -> dict[str, tuple[int, int]]:
    """The answers: the same from the file as from the same cases in memory."""
    cases = pl.read_parquet(path)
    return dict(
        same_answers(
            {
                "kpi, in memory": lambda: kpi_answers(plan, kpi.check(plan, cases)),
                "kpi, checked file": lambda: kpi_answers(plan, checked),
                "kpi, from the path": lambda: answers_of(kpi.evaluate(plan, path)),
            }
        )
    )


def measure(rows: int, repeats: int) -> Measured:
    plan = case_plan()
    seconds: dict[str, list[float]] = {}
    found: dict[str, Spread] = {}
    details: dict[str, object] = {}
    for texts in (False, True):
        path = data.parquet(rows, texts=texts)
        checked, contenders = _contenders(plan, path)
        _equal(plan, path, checked)
        its = rounds(contenders, repeats)
        best = faster(its, list(readers(path, [])))
        if texts:
            found["read texts"] = ratio(its, KPI, best)
        else:
            found |= {"read": ratio(its, KPI, best), "check": ratio(its, BOTH, best)}
            details["rows of a checked file"] = "in memory" if in_memory(checked) else "in the file"
        details[f"megabytes{' with texts' if texts else ''}"] = round(path.stat().st_size / 1e6)
        seconds |= {f"{name}{', texts' if texts else ''}": each for name, each in its.items()}
    return Measured(seconds=seconds, found=found, details=details)


def small() -> list[str]:
    plan, path = case_plan(), data.parquet(20_000)
    with as_if_large():
        checked = kpi.check(plan, path)
    answers = _equal(plan, path, checked)
    texts = data.parquet(20_000, texts=True)
    return [
        every_case_is_asked(answers, but=["1.2e"]),
        f"from a file, from its path and in memory: {same_count(plan, texts, answers)}",
        exactly("from a file", scans(plan, path), 1),
    ]


def same_count(plan: kpi.Plan, path: Path, answers: dict[str, tuple[int, int]]) -> str:
    same_answers(
        {"categories": lambda: answers, "texts": lambda: answers_of(kpi.evaluate(plan, path))}
    )
    return "equal"


BENCHMARK = Benchmark(
    name="from_file",
    question="How long do the twelve case targets of us-2017 take when the cases stay in a "
    "Parquet file, beside reading the columns from it?",
    bars=BARS,
    measure=measure,
    small=small,
)

if __name__ == "__main__":
    BENCHMARK.main()
