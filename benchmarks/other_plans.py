"""Do the ratios hold for other plans: us-2022, and one of a user's own?"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TypeAlias

import polars as pl

import kpi
from benchmarks.answers import (
    Answers,
    Question,
    every_case_is_asked,
    kpi_answers,
    same_answers,
)
from benchmarks.any_plan import rows_for
from benchmarks.benchmark import Bar, Benchmark, Measured
from benchmarks.from_file import readers
from benchmarks.peers import polars_permits, polars_us_2022
from benchmarks.peers.polars_one_by_one import Engine
from benchmarks.plan_2017 import OWN_PLANS, PLANS, case_targets, columns_read, floor
from benchmarks.scans import exactly, scans
from benchmarks.timing import Seconds, Spread, faster, ratio, rounds

Queries: TypeAlias = Callable[[pl.LazyFrame], dict[str, pl.LazyFrame]]

PLANS_BY_NAME: dict[str, tuple[Path, Queries]] = {
    "us-2022": (PLANS / "us-2022.toml", polars_us_2022.queries),
    "permits-2024": (OWN_PLANS / "permits-2024.toml", polars_permits.queries),
}

BARS = tuple(
    bar
    for name in PLANS_BY_NAME
    for bar in (
        Bar(f"{name}, floor", f"{name}: `kpi.evaluate` over summing the columns once", 5),
        Bar(f"{name}, polars", f"{name}: `kpi.evaluate` over Polars, a query each", 0.35),
        Bar(f"{name}, read", f"{name}: `kpi.evaluate` from Parquet over reading the columns", 1.5),
    )
)


def load(name: str) -> tuple[kpi.Plan, Queries]:
    path, queries = PLANS_BY_NAME[name]
    return case_targets(kpi.load_plan(path)), queries


def by_hand(cases: pl.DataFrame, queries: Queries, engine: Engine) -> Question:
    def question() -> Answers:
        found: Answers = {}
        for name, query in queries(cases.lazy()).items():
            counted, result = query.collect(engine=engine).row(0)
            found[name] = counted, result
        return found

    return question


def _questions(plan: kpi.Plan, queries: Queries, cases: pl.DataFrame) -> dict[str, Question]:
    checked = kpi.check(plan, cases)
    return {
        "kpi.evaluate": lambda: kpi_answers(plan, checked),
        "polars, streaming": by_hand(cases, queries, "streaming"),
        "polars, in-memory": by_hand(cases, queries, "in-memory"),
    }


def _measure(name: str, rows: int, repeats: int, room: Path) -> tuple[Seconds, dict[str, Spread]]:
    plan, queries = load(name)
    cases = rows_for(plan, rows)
    questions = _questions(plan, queries, cases)
    path = room / f"{name}.parquet"
    cases.write_parquet(path)
    file = kpi.check(plan, path)
    same_answers({**questions, "from the file": partial(kpi_answers, plan, file)})
    memory = rounds({**questions, "floor": floor(plan, cases)}, repeats)
    reading = readers(path, columns_read(plan))
    files = rounds({"kpi.evaluate, file": partial(kpi.evaluate, plan, file), **reading}, repeats)
    hand = faster(memory, ["polars, streaming", "polars, in-memory"])
    seconds = {f"{name}: {who}": each for who, each in memory.items()}
    seconds |= {f"{name}, Parquet: {who}": each for who, each in files.items()}
    return seconds, {
        f"{name}, floor": ratio(memory, "kpi.evaluate", "floor"),
        f"{name}, polars": ratio(memory, "kpi.evaluate", hand),
        f"{name}, read": ratio(files, "kpi.evaluate, file", faster(files, list(reading))),
    }


def measure(rows: int, repeats: int) -> Measured:
    seconds: Seconds = {}
    found: dict[str, Spread] = {}
    with tempfile.TemporaryDirectory() as room:
        for name in PLANS_BY_NAME:
            its_seconds, its_found = _measure(name, rows, repeats, Path(room))
            seconds |= its_seconds
            found |= its_found
    return Measured(seconds=seconds, found=found)


def small() -> list[str]:
    lines = []
    for name in PLANS_BY_NAME:
        plan, queries = load(name)
        cases = rows_for(plan, 6_000)
        questions = _questions(plan, queries, cases)
        with tempfile.TemporaryDirectory() as room:
            path = Path(room) / "cases.parquet"
            cases.write_parquet(path)
            once = exactly(f"{name}, from its file", scans(plan, path), 1)
            from_file = partial(kpi_answers, plan, kpi.check(plan, path))
            answers = dict(same_answers({**questions, "from the file": from_file}))
        lines.append(f"{name}: {every_case_is_asked(answers)}; equal to Polars by hand")
        lines.append(once)
    return lines


BENCHMARK = Benchmark(
    name="other_plans",
    question="Do the ratios hold for other plans: us-2022, and one of a user's own?",
    bars=BARS,
    check_repeats=3,
    measure=measure,
    small=small,
)

if __name__ == "__main__":
    BENCHMARK.main()
