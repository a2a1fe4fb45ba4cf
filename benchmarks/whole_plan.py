"""How long does the whole 2017 plan take over N cases in memory, beside the same written by hand?

`python -m benchmarks.whole_plan --help` says what can be asked; README.md how to read the answer.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import platform
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, TypeAlias

import polars as pl
from attrs import frozen

import kpi
from benchmarks.cases import generate
from benchmarks.peers import (
    Answers,
    Question,
    duckdb_sql,
    pandas_by_hand,
    polars_one_by_one,
    polars_together,
)

PLAN = Path(__file__).parents[1] / "examples" / "plans" / "us-2017.toml"

PEERS: dict[str, dict[str, Callable[[pl.DataFrame], Question]]] = {
    # Where a library has two engines both are timed, and the faster one is the peer.
    "polars": {
        "polars, one by one, streaming": lambda c: polars_one_by_one.ready(c, "streaming"),
        "polars, one by one, in-memory": lambda c: polars_one_by_one.ready(c, "in-memory"),
    },
    "polars-together": {
        "polars, together, streaming": lambda c: polars_together.ready(c, "streaming"),
        "polars, together, in-memory": lambda c: polars_together.ready(c, "in-memory"),
    },
    "duckdb": {"duckdb": duckdb_sql.ready},
    "pandas": {"pandas": pandas_by_hand.ready},
}

KPI, CHECK, FLOOR = "kpi.evaluate", "kpi.check", "floor"
BOTH = f"{CHECK} + {KPI}"

Seconds: TypeAlias = dict[str, list[float]]
"""By contender, the seconds of each round."""


def case_plan() -> kpi.Plan:
    """The twelve targets of the 2017 plan that are about cases, 1.1a to 1.3."""
    whole = kpi.load_plan(PLAN)
    return whole.only(*(target.id for target in whole.leaves() if target.table == "cases"))


def kpi_answers(plan: kpi.Plan, checked: kpi.Extract) -> Answers:
    found: Answers = {}
    for target in kpi.evaluate(plan, checked).targets:
        result = target.met if target.met is not None else target.total
        assert result is not None, f"{target.id} has neither a share nor an average"
        found[target.id] = target.counted, result
    return found


def floor(plan: kpi.Plan, cases: pl.DataFrame) -> Callable[[], object]:
    """The yardstick: every column that the plan reads, looked at once."""
    names = dict.fromkeys(read.column for target in plan.leaves() for read in target.reads())
    sums = [pl.col(name).to_physical().cast(pl.Int64).sum() for name in names]
    return lambda: cases.select(sums)


def differences(expected: Answers, found: Answers) -> list[str]:
    return [
        f"{name}: {found.get(name)}, not {expected.get(name)}"
        for name in {**expected, **found}
        if found.get(name) != expected.get(name)
    ]


def same_answers(questions: Mapping[str, Question]) -> Answers:
    """What all of them answer.

    Raises:
        SystemExit: naming every target on which one differs from the first.
    """
    answers = {name: ask() for name, ask in questions.items()}
    first, *others = answers
    wrong = [
        f"{other} differs from {first} on {found}"
        for other in others
        for found in differences(answers[first], answers[other])
    ]
    if wrong:
        raise SystemExit("\n".join(wrong))
    return answers[first]


def rounds(contenders: Mapping[str, Callable[[], object]], repeats: int) -> Seconds:
    """Each contender once a round, so that a slow moment of the machine is shared by all."""
    seconds: Seconds = {name: [] for name in contenders}
    names = list(contenders)
    for n in range(repeats):
        # Who goes first moves on, so that no one always follows the same neighbour.
        turn = n % len(names)
        for name in [*names[turn:], *names[:turn]]:
            gc.collect()
            began = time.perf_counter()
            contenders[name]()
            seconds[name].append(time.perf_counter() - began)
    return seconds


@frozen
class Spread:
    median: float
    least: float
    most: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Spread:
        return cls(statistics.median(values), min(values), max(values))

    def data(self) -> dict[str, float]:
        return {"median": self.median, "min": self.least, "max": self.most}


def ratio(seconds: Seconds, name: str, other: str) -> Spread:
    """`name` over `other`, round by round: below 1 is faster."""
    return Spread.of([a / b for a, b in zip(seconds[name], seconds[other], strict=True)])


def faster(seconds: Seconds, names: Sequence[str]) -> str:
    return min(names, key=lambda name: statistics.median(seconds[name]))


def machine() -> dict[str, Any]:
    model = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        models = [line for line in info.read_text().splitlines() if line.startswith("model name")]
        model = models[0].partition(":")[2].strip() if models else model
    found: dict[str, Any] = {
        "processor": model,
        "cores": os.cpu_count(),
        "polars_threads": pl.thread_pool_size(),
        "system": f"{platform.system()} {platform.release()}",
    }
    if hasattr(os, "sysconf"):
        memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
        found["memory_gb"] = round(memory / 2**30, 1)
    return found


def versions() -> dict[str, str]:
    libraries = ("polars", "duckdb", "pandas", "numpy", "pyarrow")
    return {
        "kpi": kpi.__version__,
        "python": platform.python_version(),
        **{name: version(name) for name in libraries},
    }


def measure(rows: int, repeats: int, peers: Sequence[str]) -> dict[str, Any]:
    """Asks everyone, and returns all that was measured."""
    cases = generate(rows)
    plan = case_plan()
    checked = kpi.check(plan, cases)
    questions: dict[str, Question] = {KPI: lambda: kpi_answers(plan, checked)}
    for peer in peers:
        questions |= {name: ready(cases) for name, ready in PEERS[peer].items()}
    # Also the warm-up: what is made once, such as tables of due dates, is made here.
    answers = same_answers(questions)
    seconds = rounds(
        {**questions, CHECK: lambda: kpi.check(plan, cases), FLOOR: floor(plan, cases)}, repeats
    )
    seconds[BOTH] = [a + b for a, b in zip(seconds[KPI], seconds[CHECK], strict=True)]
    best = {peer: faster(seconds, list(PEERS[peer])) for peer in peers}
    return {
        "question": "the twelve case targets of us-2017 over cases in memory",
        "measured": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": machine(),
        "versions": versions(),
        "rows": rows,
        "repeats": repeats,
        "answers": {name: list(found) for name, found in answers.items()},
        "seconds": {
            name: {**Spread.of(values).data(), "rounds": values} for name, values in seconds.items()
        },
        "ratios": [
            {"of": name, "to": other, **ratio(seconds, name, other).data()}
            for name in (KPI, BOTH)
            for other in (*best.values(), FLOOR)
        ],
    }


def table(measured: Mapping[str, Any]) -> str:
    """What was measured, for people."""
    machine, seconds, ratios = measured["machine"], measured["seconds"], measured["ratios"]
    targets, rows, repeats = len(measured["answers"]), measured["rows"], measured["repeats"]
    used = ", ".join(f"{name} {number}" for name, number in measured["versions"].items())
    width = max(len(name) for name in seconds)
    lines = [
        f"us-2017, {targets} targets, {rows:,} cases, {repeats} rounds; every answer equal",
        f"{machine['processor']}, {machine['cores']} cores; {used}",
        "",
        f"{'':{width}}  {'median ms':>10}  {'min .. max ms':>19}",
    ]
    for name in sorted(seconds, key=lambda name: float(seconds[name]["median"])):
        found = seconds[name]
        between = f"{found['min'] * 1e3:,.1f} .. {found['max'] * 1e3:,.1f}"
        lines.append(f"{name:{width}}  {found['median'] * 1e3:>10,.1f}  {between:>19}")
    lines += ["", "time of the one over time of the other, in the same round (below 1: faster)"]
    for found in ratios:
        pair = f"{found['of']} / {found['to']}"
        between = f"{found['min']:.2f} .. {found['max']:.2f}"
        lines.append(f"{pair:{2 * width}}  {found['median']:>6.2f}  {between:>16}")
    return "\n".join(lines)


def arguments(words: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.whole_plan", description=(__doc__ or "").partition("\n")[0]
    )
    parser.add_argument("--rows", type=int, default=1_000_000, help="cases (default: 1,000,000)")
    parser.add_argument("--repeats", type=int, default=9, help="rounds (default: 9)")
    parser.add_argument("--peers", default=",".join(PEERS), help="default: %(default)s")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all that was measured")
    found = parser.parse_args(words)
    found.peers = [name for name in found.peers.split(",") if name]
    unknown = [name for name in found.peers if name not in PEERS]
    if unknown:
        parser.error(f"unknown peer {unknown[0]!r}; accepted: {', '.join(PEERS)}")
    if found.rows < 1 or found.repeats < 1:
        parser.error("--rows and --repeats must be at least 1")
    return found


def main(words: Sequence[str] | None = None) -> None:
    asked = arguments(words)
    measured = measure(asked.rows, asked.repeats, asked.peers)
    print(table(measured))
    if asked.json is not None:
        asked.json.write_text(json.dumps(measured, indent=2) + "\n")


if __name__ == "__main__":
    main()
