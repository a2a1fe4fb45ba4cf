"""Do small things stay small: one target over twenty cases, and the import?"""

from __future__ import annotations

import subprocess
import sys
import time
from typing import Any

import polars as pl

import kpi
from benchmarks import child, data
from benchmarks.answers import answers_of, same
from benchmarks.benchmark import Bar, Benchmark, Measured
from benchmarks.plan_2017 import case_plan
from benchmarks.timing import Seconds, Spread, ratio, several

BARS = (
    Bar("one target", "one target over 20 cases, checked and evaluated", 5, "ms"),
    Bar("first", "the same, the first time after the import", None, "ms"),
    Bar("import", "`import kpi` over `import polars`, each in a fresh process", 1.3),
)
ONE, IMPORT_KPI, IMPORT_POLARS = "one target", "import kpi", "import polars"
TARGET = "1.3"
_IN_A_ROW = 20


_TIMED = "import time; began = time.perf_counter(); import {}; print(time.perf_counter() - began)"


def in_child(path: str) -> dict[str, Any]:
    """Asks one target of a few cases, for the first time in this fresh process."""
    cases, plan = pl.read_parquet(path), case_plan().only(TARGET)
    began = time.perf_counter()
    kpi.evaluate(plan, cases)
    return {"first": time.perf_counter() - began}


def _import_time(module: str) -> float:
    """How long an import takes in a process that has imported nothing."""
    command = [sys.executable, "-c", _TIMED.format(module)]
    return float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def measure(rows: int, repeats: int) -> Measured:
    """Of so many rows; the question is asked of twenty."""
    path = data.parquet(rows)
    cases, plan = pl.read_parquet(path), case_plan().only(TARGET)
    _equal(plan, cases)
    seconds: Seconds = several({ONE: lambda: kpi.evaluate(plan, cases)}, repeats, _IN_A_ROW)
    imports: Seconds = {IMPORT_KPI: [], IMPORT_POLARS: []}
    first = []
    for _ in range(repeats):
        for name, times in imports.items():
            times.append(_import_time(name.removeprefix("import ")))
        first.append(child.run("benchmarks.small", path=str(path))["first"])
    return Measured(
        seconds={**seconds, **imports, "first time": first},
        found={
            "one target": _ms(seconds[ONE]),
            "first": _ms(first),
            "import": ratio(imports, IMPORT_KPI, IMPORT_POLARS),
        },
    )


def _ms(seconds: list[float]) -> Spread:
    return Spread.of([each * 1e3 for each in seconds])


def _equal(plan: kpi.Plan, cases: pl.DataFrame) -> str:
    filed, decided = pl.col("filed"), pl.col("decided")
    closed = decided.is_between(pl.date(2017, 1, 1), pl.date(2017, 12, 31))
    rows = cases.filter(pl.col("case_type") == "visa_complaint", closed, decided >= filed)
    met = rows.filter(decided <= filed.dt.offset_by("12mo")).height
    found = answers_of(kpi.evaluate(plan, cases))
    return same(f"one target over {cases.height} cases", {TARGET: (rows.height, met)}, found)


def small() -> list[str]:
    plan = case_plan().only(TARGET)
    return [_equal(plan, pl.read_parquet(data.parquet(rows))) for rows in (20, 2_000)]


BENCHMARK = Benchmark(
    name="small",
    question="Do small things stay small: one target over twenty cases, and the import?",
    rows=20,
    check_rows=20,
    repeats=15,
    check_repeats=9,
    bars=BARS,
    measure=measure,
    small=small,
)

if __name__ == "__main__":
    BENCHMARK.main()
