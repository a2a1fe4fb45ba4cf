"""Time against rows, and against targets: what `python -m benchmarks.plot` draws.

python -m benchmarks.curves --json benchmarks/results/curves.json
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import kpi
from benchmarks import data, report
from benchmarks.answers import Question, kpi_answers, same_answers
from benchmarks.made_targets import made, plan_of, ready
from benchmarks.plan_2017 import case_plan, floor
from benchmarks.timing import Contenders, Seconds, Spread, faster, rounds
from benchmarks.whole_plan import PEERS

KPI, FILE = "kpi.evaluate, in memory", "kpi.evaluate, from Parquet"
ROWS = [10**n for n in range(4, 9)]
TARGETS = [1, 2, 5, 12, 25, 50, 100, 200]
NAMES = {"polars": "Polars, a query each", "duckdb": "DuckDB", "pandas": "pandas"}


def _least(seconds: Seconds, names: Sequence[str]) -> dict[str, float]:
    return Spread.of(seconds[faster(seconds, names)]).data()


def rows_curve(rows: int, repeats: int, *, memory: bool) -> dict[str, dict[str, float]]:
    """The seconds of each at so many rows; the fastest of its ways where there are several.

    Args:
        rows: how many.
        repeats: how many rounds.
        memory: whether those are asked, too, that have all cases in memory.
    """
    plan, path = case_plan(), data.parquet(rows)
    file = kpi.check(plan, path)
    contenders: Contenders = {FILE: partial(kpi.evaluate, plan, file)}
    if not memory:
        file_alone = rounds(contenders, repeats)
        return {FILE: _least(file_alone, [FILE])}
    cases = data.cases(rows)
    checked = kpi.check(plan, cases)
    ways = {peer: {name: ready(cases) for name, ready in PEERS[peer].items()} for peer in NAMES}
    questions: dict[str, Question] = {KPI: partial(kpi_answers, plan, checked)}
    for its in ways.values():
        questions |= its
    same_answers(questions)
    seconds = rounds({**contenders, **questions, "floor": floor(plan, cases)}, repeats)
    return {
        **{name: _least(seconds, [name]) for name in (KPI, FILE)},
        **{NAMES[peer]: _least(seconds, list(its)) for peer, its in ways.items()},
        "summing the columns": _least(seconds, ["floor"]),
    }


def targets_curve(rows: int, targets: int, repeats: int) -> dict[str, dict[str, float]]:
    """The seconds of kpi and of Polars, a query each, for so many targets."""
    cases, asked = data.cases(rows), made(targets)
    plan = plan_of(asked)
    checked = kpi.check(plan, cases)
    ways: dict[str, Question] = {
        "streaming": ready(cases, asked, "streaming"),
        "in-memory": ready(cases, asked, "in-memory"),
    }
    questions: dict[str, Question] = {KPI: partial(kpi_answers, plan, checked), **ways}
    same_answers(questions)
    seconds = rounds(questions, repeats)
    return {KPI: _least(seconds, [KPI]), NAMES["polars"]: _least(seconds, list(ways))}


def curves(rows: int, in_memory: int, targets_of: int, repeats: int) -> dict[str, Any]:
    """All points, up to so many rows; `in_memory` is the most that is asked of in memory."""
    found: dict[str, Any] = {"rows": [], "targets": [], "targets_of": targets_of}
    for n in ROWS:
        if n <= rows:
            print(f"{n:,} rows", file=sys.stderr, flush=True)
            seconds = rows_curve(n, repeats, memory=n <= in_memory)
            found["rows"].append({"at": n, "seconds": seconds})
    for n in TARGETS:
        print(f"{n} targets", file=sys.stderr, flush=True)
        seconds = targets_curve(targets_of, n, repeats)
        found["targets"].append({"at": n, "seconds": seconds})
    return found


def main(argv: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.curves",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--rows", type=int, default=ROWS[-1], help="the most rows")
    parser.add_argument("--in-memory", type=int, default=10**7, help="the most rows in memory")
    parser.add_argument("--targets-of", type=int, default=10**6, help="rows of the other curve")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--json", type=Path, default=report.RESULTS / "curves.json")
    asked = parser.parse_args(argv)
    found = curves(asked.rows, asked.in_memory, asked.targets_of, asked.repeats)
    report.write(asked.json, {"curves": found, **report.envelope([])})


if __name__ == "__main__":
    main()
