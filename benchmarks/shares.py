"""Where the time of an evaluation goes, in shares: the same with parts of the work left out.

python -m benchmarks.shares
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

import polars as pl

import kpi
from benchmarks import data
from benchmarks.any_plan import rows_for
from benchmarks.other_plans import PLANS_BY_NAME, load
from benchmarks.plan_2017 import case_plan, columns_read

ASKED = "saying what is asked, and what it comes to"
READ = "reading the columns from the file"
TESTS = "tests: which rows are whose"
MEASURES = "measures: due dates, buckets, days, sums"


@contextmanager
def _noted(
    made: list[tuple[list[pl.LazyFrame], dict[str, Any]]], spent: list[float]
) -> Iterator[None]:
    """Notes the queries that an evaluation makes, and how long they take."""
    real: Callable[..., list[pl.DataFrame]] = pl.collect_all

    def collect_all(queries: Iterable[pl.LazyFrame], **how: Any) -> list[pl.DataFrame]:
        its = list(queries)
        began = time.perf_counter()
        found = real(its, **how)
        spent.append(time.perf_counter() - began)
        made.append((its, how))
        return found

    with mock.patch("polars.collect_all", collect_all):
        yield


def own_rows(plan: kpi.Plan, tables: Any) -> Callable[[], list[pl.DataFrame]]:
    """The evaluation's queries, each of which only counts the rows that pass its target's tests."""
    schema = kpi.partial(plan, tables).sums.schema
    made: list[tuple[list[pl.LazyFrame], dict[str, Any]]] = []
    with (
        _noted(made, []),
        mock.patch("kpi.engine.compile._measured", lambda _, lazy: lazy),
        mock.patch("kpi.engine.compile._inside_sums", lambda lazy, _: lazy.select(pl.len())),
        mock.patch("kpi.engine.compile.short_form", return_value=pl.DataFrame(schema=schema)),
    ):
        kpi.partial(plan, tables)
    ((queries, how),) = made
    return lambda: pl.collect_all(queries, **how)


def shares(
    plan: kpi.Plan, tables: Any, read: Callable[[], object] | None, repeats: int
) -> dict[str, float]:
    """By part of the work, its share of the time; medians of some rounds."""
    tests = own_rows(plan, tables)
    times: dict[str, list[float]] = {"all": [], "queries": [], "tests": [], "read": []}
    for _ in range(repeats):
        spent: list[float] = []
        with _noted([], spent):
            times["all"].append(_seconds(lambda: kpi.evaluate(plan, tables)))
        times["queries"].append(sum(spent))
        times["tests"].append(_seconds(tests))
        times["read"].append(_seconds(read) if read else 0.0)
    whole, queries, own, reading = (statistics.median(its) for its in times.values())
    parts = {ASKED: whole - queries, READ: reading, TESTS: own - reading, MEASURES: queries - own}
    return {"milliseconds": whole * 1e3, **{name: its / whole for name, its in parts.items()}}


def _seconds(question: Callable[[], object]) -> float:
    began = time.perf_counter()
    question()
    return time.perf_counter() - began


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.shares", description=__doc__)
    parser.add_argument("--rows", type=int, default=10**7)
    parser.add_argument("--repeats", type=int, default=9)
    options = parser.parse_args()
    plan, path = case_plan(), data.parquet(options.rows)
    found = {
        "us-2017": _in_memory(plan, data.cases(options.rows), options.repeats),
        "us-2017, Parquet": _in_file(plan, path, options.repeats),
    }
    for name in PLANS_BY_NAME:
        other, _ = load(name)
        found[name] = _in_memory(other, rows_for(other, options.rows), options.repeats)
    print("| | " + " | ".join(found) + " |")
    print("|---|" + "--:|" * len(found))
    print(
        "| time | " + " | ".join(f"{its['milliseconds']:.0f} ms" for its in found.values()) + " |"
    )
    for part in (ASKED, READ, TESTS, MEASURES):
        print(f"| {part} | " + " | ".join(f"{its[part]:.0%}" for its in found.values()) + " |")


def _in_memory(plan: kpi.Plan, cases: pl.DataFrame, repeats: int) -> dict[str, float]:
    return shares(plan, kpi.check(plan, cases), None, repeats)


def _in_file(plan: kpi.Plan, path: Path, repeats: int) -> dict[str, float]:
    # Counting what is missing reads the columns and keeps nothing of them.
    columns = pl.scan_parquet(path).select(pl.col(columns_read(plan)).null_count())
    return shares(plan, kpi.check(plan, path), lambda: columns.collect(engine="streaming"), repeats)


if __name__ == "__main__":
    main()
