"""How long does it take to write the audit trail, beside writing the input table back?

In a process of its own, which tells how much memory the writing took beyond what was there.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl

import kpi
from benchmarks import child, data
from benchmarks.answers import answers_of, same
from benchmarks.benchmark import Bar, Benchmark, Measured
from benchmarks.plan_2017 import case_plan
from benchmarks.timing import Seconds, Spread, ratio

BARS = (
    Bar("trail", "writing the audit trail of all targets over writing the input table back", 3),
    Bar("of one", "writing the trail of one target over writing the input table back", 3),
    Bar("inside", "writing the trail of the rows inside over writing the input table back", 3),
    Bar("memory", "memory that writing the audit trail takes beside the table", None, "GB"),
)
BACK, TRAIL = "the table, back", "the trail"
INSIDE, OF_ONE = "the trail, rows inside", "the trail of one target"
ONE = "1.2a"


def _write(lazy: pl.LazyFrame, path: Path) -> float:
    began = time.perf_counter()
    lazy.sink_parquet(path, engine="streaming")
    return time.perf_counter() - began


def in_child(path: str, part: str) -> dict[str, Any]:
    """Writes one of the four, and tells how long it took and how much memory it needed."""
    plan, cases = case_plan(), pl.read_parquet(path)
    result = kpi.evaluate(plan, kpi.check(plan, cases))
    made: dict[str, Callable[[], pl.LazyFrame]] = {
        BACK: cases.lazy,
        INSIDE: lambda: result.audit(outside=False),
        OF_ONE: lambda: result.audit(ONE),
        TRAIL: result.audit,
    }
    before = child.peak_gb()
    with tempfile.TemporaryDirectory() as room:
        file = Path(room) / "written.parquet"
        seconds = _write(made[part](), file)
        peak = child.peak_gb() - before
        if part == BACK:
            same("the table that was written", cases.height, _height(file))
        else:
            _adds_up(result, file, *([ONE] if part == OF_ONE else []), outside=part != INSIDE)
        megabytes = file.stat().st_size / 1e6
        rows = _height(file)
    return {"seconds": seconds, "more": peak, "megabytes": megabytes, "rows": rows}


def _height(file: Path) -> int:
    return int(pl.scan_parquet(file).select(pl.len()).collect().item())


def _adds_up(result: kpi.Result, file: Path, *ids: str, outside: bool) -> str:
    """The trail that was written, of some targets or of all, summed up gives the numbers."""
    inside = pl.col("bucket") == "counted"
    summed = (
        pl.scan_parquet(file)
        .group_by("target")
        .agg(
            inside.sum().alias("counted"),
            (inside & pl.col("met")).sum().alias("met"),
            pl.col("days").filter(inside).sum().alias("days"),
            pl.len().alias("rows"),
        )
        .collect(engine="streaming")
    )
    found = {
        name: (counted, met if result[name].met is not None else days, rows)
        for name, counted, met, days, rows in summed.iter_rows()
    }
    expected = {
        name: (
            counted,
            number,
            result[name].rows - (0 if outside else result[name].outside),
        )
        for name, (counted, number) in answers_of(result).items()
        if not ids or name in ids
    }
    return same("the trail, summed up, and the numbers", expected, found)


def measure(rows: int, repeats: int) -> Measured:
    path = data.parquet(rows)
    seconds: Seconds = {part: [] for part in (BACK, INSIDE, OF_ONE, TRAIL)}
    more: list[float] = []
    told: dict[str, Any] = {}
    for _ in range(repeats):
        for part, times in seconds.items():
            told[part] = child.run("benchmarks.audit_trail", path=str(path), part=part)
            times.append(told[part]["seconds"])
        more.append(told[TRAIL]["more"])
    return Measured(
        seconds=seconds,
        found={
            "trail": ratio(seconds, TRAIL, BACK),
            "of one": ratio(seconds, OF_ONE, BACK),
            "inside": ratio(seconds, INSIDE, BACK),
            "memory": Spread.of(more),
        },
        details={
            f"rows and megabytes of {part}": (its["rows"], round(its["megabytes"]))
            for part, its in told.items()
        },
    )


def small() -> list[str]:
    plan, cases = case_plan(), pl.read_parquet(data.parquet(20_000))
    result = kpi.evaluate(plan, kpi.check(plan, cases))
    lines = []
    with tempfile.TemporaryDirectory() as room:
        file = Path(room) / "trail.parquet"
        for outside in (True, False):
            _write(result.audit(outside=outside), file)
            lines.append(_adds_up(result, file, outside=outside))
        _write(result.audit(ONE), file)
        lines.append(_adds_up(result, file, ONE, outside=True))
    return lines


BENCHMARK = Benchmark(
    name="audit_trail",
    question="How long does it take to write the audit trail to Parquet, beside writing the "
    "input table back, and in how much memory?",
    repeats=5,
    check_repeats=3,
    check_rows=2_000_000,
    bars=BARS,
    measure=measure,
    small=small,
)

if __name__ == "__main__":
    BENCHMARK.main()
