"""Do a hundred million cases in a Parquet file take eleven times as long as ten million, in 2 GB?

Each size is evaluated in a process of its own, which tells its peak memory.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import polars as pl

import kpi
from benchmarks import child, data
from benchmarks.answers import answers_of, every_case_is_asked, same
from benchmarks.benchmark import Bar, Benchmark, Measured
from benchmarks.from_file import in_memory
from benchmarks.peers import polars_one_by_one
from benchmarks.plan_2017 import case_plan
from benchmarks.timing import Seconds, Spread, ratio

BARS = (
    Bar("ten times", "`kpi.evaluate` from a file with ten times the cases", 11),
    Bar("memory", "peak memory of the process with ten times the cases", 2, "GB"),
    Bar("check too", "`kpi.check` and `kpi.evaluate` from a file with ten times the cases"),
)
TIMES = 10
IN_A_ROW = 3


def in_child(path: str) -> dict[str, Any]:
    plan = case_plan()
    began = time.perf_counter()
    checked = kpi.check(plan, Path(path))
    check = time.perf_counter() - began
    evaluate = []
    results = []
    for _ in range(IN_A_ROW):
        began = time.perf_counter()
        results.append(kpi.evaluate(plan, checked))
        evaluate.append(time.perf_counter() - began)
    return {
        "check": check,
        "evaluate": Spread.of(evaluate).median,
        "answers": answers_of(results[-1]),
        "in memory": in_memory(checked),
    }


def _by_hand(path: Path) -> dict[str, list[int]]:
    """From the file, and so that no one reads it whole."""
    found = {}
    for name, query in polars_one_by_one.queries(pl.scan_parquet(path)).items():
        found[name] = list(query.collect(engine="streaming").row(0))
    return found


def measure(rows: int, repeats: int) -> Measured:
    """With so many rows the most; the other file has a tenth of them."""
    files = {n: data.parquet(n) for n in (rows // TIMES, rows)}
    seconds: Seconds = {f"{what}, {n:,}": [] for n in files for what in ("evaluate", "check")}
    peaks: dict[int, list[float]] = {n: [] for n in files}
    by_hand = {n: _by_hand(path) for n, path in files.items()}
    told: dict[str, Any] = {}
    for _ in range(repeats):
        for n, path in files.items():
            told = child.run("benchmarks.hundred_million", path=str(path))
            same(f"{n:,} cases, in kpi and by hand", by_hand[n], told["answers"])
            for what in ("evaluate", "check"):
                seconds[f"{what}, {n:,}"].append(told[what])
            peaks[n].append(told["peak_gb"])
    few, many = files
    both = {
        n: [sum(e) for e in zip(seconds[f"check, {n:,}"], seconds[f"evaluate, {n:,}"], strict=True)]
        for n in files
    }
    return Measured(
        seconds=seconds,
        found={
            "ten times": ratio(seconds, f"evaluate, {many:,}", f"evaluate, {few:,}"),
            "memory": Spread.of(peaks[many]),
            "check too": ratio({"many": both[many], "few": both[few]}, "many", "few"),
        },
        details={
            "peak GB with a tenth": round(Spread.of(peaks[few]).median, 2),
            "megabytes": round(files[many].stat().st_size / 1e6),
            "rows of a checked file": "in memory" if told["in memory"] else "in the file",
        },
    )


def small() -> list[str]:
    path = data.parquet(20_000)
    told = in_child(str(path))
    answers = told["answers"]
    return [
        same("from the file, in kpi and by hand", _by_hand(path), _lists(answers)),
        every_case_is_asked(answers, but=["1.2e"]),
    ]


def _lists(answers: dict[str, tuple[int, int]]) -> dict[str, list[int]]:
    return {name: list(pair) for name, pair in answers.items()}


BENCHMARK = Benchmark(
    name="hundred_million",
    question="How much longer do a hundred million cases in a Parquet file take than ten "
    "million, and in how much memory?",
    rows=100_000_000,
    check_rows=100_000_000,
    repeats=5,
    check_repeats=3,
    bars=BARS,
    measure=measure,
    small=small,
)

if __name__ == "__main__":
    BENCHMARK.main()
