"""How long does a user wait for a result, from the start of the process?

`kpi evaluate PLAN FILE --format json` over a Parquet file whose ids and case types are texts, beside
scripts that answer the same. Each is a process of its own, as a user starts it. Beside the time stands
the processor's, which a neighbour on the machine disturbs less.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import polars as pl
from attrs import field, frozen
from click.testing import CliRunner

import kpi
from benchmarks import data
from benchmarks.answers import answers_of, every_case_is_asked, same, same_answers
from benchmarks.benchmark import Bar, Benchmark, Measured
from benchmarks.from_file import readers
from benchmarks.peers import duckdb_closed_first, duckdb_script, duckdb_tables, polars_script
from benchmarks.plan_2017 import PLANS, case_plan
from benchmarks.timing import Seconds, Spread, faster, ratio, rounds
from kpi.cli import main

KPI = "kpi evaluate, process"
POLARS, POLARS_IDS = "polars script", "polars script, ids"
DUCKDB, DUCKDB_IDS = "duckdb script", "duckdb script, ids"
BOTH = "kpi.check + kpi.evaluate"
PEERS = (POLARS, POLARS_IDS, DUCKDB, DUCKDB_IDS)
PROCESSOR = ", processor"

BARS = (
    Bar(POLARS, "`kpi evaluate`, a process, over a Polars script in one `collect_all`", 1.3),
    Bar(POLARS_IDS, "the same, over the script that counts distinct ids too", 0.55),
    Bar(DUCKDB, "`kpi evaluate`, a process, over a DuckDB script", 1.1),
    Bar(DUCKDB_IDS, "the same, over the script that counts distinct ids too", 0.5),
    Bar(BOTH, "`kpi.check` and `kpi.evaluate` over reading all columns of the file once", 2.5),
    *(Bar(f"{peer}{PROCESSOR}", f"{peer}: the same in processor seconds") for peer in PEERS),
)

ENGINES = ("streaming", "in-memory")


def plan_file() -> Path:
    """The plan of the twelve case targets as a file."""
    name = f"case-plan-{data.digest(PLANS / 'us-2017.toml')}.toml"
    return data.place(name, lambda path: path.write_text(kpi.dump_plan(case_plan()), "utf-8"))


def sql(path: Path, *, ids: bool) -> str:
    """The plan in SQL over a file: what was decided in the year once into a table, then a query a target."""
    shares = [duckdb_closed_first.share(*one) for one in duckdb_tables.SHARES]
    asked = [duckdb_closed_first.AVERAGE_QUERY, duckdb_tables.BACKLOG_QUERY, *shares]
    if ids:
        asked.append("select 'ids', count(distinct case_id), null from cases")
    return ";".join(
        [
            f"create view cases as from '{path}'",
            duckdb_closed_first.CLOSED_CASES,
            " union all ".join(asked),
        ]
    )


@frozen
class Process:
    """Contender that is a process of its own.

    Attributes:
        arguments: what follows the interpreter.
        processor: the processor seconds of each run.
    """

    arguments: tuple[str, ...]
    processor: list[float] = field(factory=list)

    def __call__(self) -> str:
        """Run it, and return what it prints."""
        before = _processor_seconds()
        # As installed packages have it, with what was compiled kept.
        kept = {"PYTHONPYCACHEPREFIX": str(data.place("pycache", Path.mkdir))}
        inherited = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
        done = subprocess.run(
            [sys.executable, *self.arguments],
            stdout=subprocess.PIPE,
            check=True,
            text=True,
            cwd=Path(__file__).parents[1],
            env={**inherited, **kept},
        )
        self.processor.append(_processor_seconds() - before)
        return done.stdout


def _processor_seconds() -> float:
    """The processor seconds of all processes that this one has started and that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _arguments(path: Path) -> tuple[str, ...]:
    return ("evaluate", str(plan_file()), str(path), "--format", "json")


def _processes(path: Path) -> dict[str, Process]:
    """Every process; the Polars scripts once for each engine."""
    script = ("-m", "benchmarks.peers.polars_script", str(path))
    of_polars = {f"{POLARS}, {engine}": Process((*script, engine)) for engine in ENGINES}
    of_polars |= {
        f"{POLARS_IDS}, {engine}": Process((*script, engine, "ids")) for engine in ENGINES
    }
    of_duckdb = {
        name: Process(("-m", "benchmarks.peers.duckdb_script", sql(path, ids=ids)))
        for name, ids in ((DUCKDB, False), (DUCKDB_IDS, True))
    }
    return {KPI: Process(("-m", "kpi", *_arguments(path))), **of_polars, **of_duckdb}


def _of_json(text: str) -> dict[str, list[int]]:
    """The answers in what `kpi evaluate` prints."""
    targets = json.loads(text)["targets"]
    return {
        t["id"]: [t["counted"], t["met"] if t["met"] is not None else t["total"]] for t in targets
    }


def _equal(path: Path, answers: dict[str, Callable[[], dict[str, list[int]]]]) -> list[str]:
    """A line for each thing that is equal: the answers of all, and the distinct ids of who counts them."""
    found = {name: ask() for name, ask in answers.items()}
    rows = pl.scan_parquet(path).select(pl.len()).collect().item()
    ids = [one.pop("ids")[0] for one in found.values() if "ids" in one]
    asked = {name: (lambda one=one: one) for name, one in found.items()}
    first = {name: (pair[0], pair[1]) for name, pair in same_answers(asked).items()}
    return [
        every_case_is_asked(first, but=["1.2e"]),
        same("distinct ids", [rows] * len(ids), ids),
    ]


def measure(rows: int, repeats: int) -> Measured:
    path, plan = data.parquet_of_texts(rows), case_plan()
    processes = _processes(path)
    # The first round compares the answers, and is not counted.
    _equal(
        path,
        {
            BOTH: lambda: _lists(kpi.evaluate(plan, path)),
            KPI: lambda: _of_json(processes[KPI]()),
            **{name: partial(_of_script, run) for name, run in processes.items() if name != KPI},
        },
    )
    once = rounds(processes, 1)
    best = {
        POLARS: faster(once, [f"{POLARS}, {engine}" for engine in ENGINES]),
        POLARS_IDS: faster(once, [f"{POLARS_IDS}, {engine}" for engine in ENGINES]),
    }
    racing = {KPI: processes[KPI], **{peer: processes[best.get(peer, peer)] for peer in PEERS}}
    for process in racing.values():
        process.processor.clear()
    reading = readers(path, pl.scan_parquet(path).collect_schema().names())
    seconds: Seconds = rounds(racing, repeats)
    within = rounds({BOTH: lambda: kpi.evaluate(plan, path), **reading}, repeats)
    processor = {f"{name}{PROCESSOR}": process.processor for name, process in racing.items()}
    found: dict[str, Spread] = {peer: ratio(seconds, KPI, peer) for peer in PEERS}
    found |= {
        f"{peer}{PROCESSOR}": ratio(processor, f"{KPI}{PROCESSOR}", f"{peer}{PROCESSOR}")
        for peer in PEERS
    }
    found[BOTH] = ratio(within, BOTH, faster(within, list(reading)))
    return Measured(
        seconds={**seconds, **processor, **within},
        found=found,
        details={"megabytes": round(path.stat().st_size / 1e6), "engines": best},
    )


def _lists(result: kpi.Result) -> dict[str, list[int]]:
    return {name: list(pair) for name, pair in answers_of(result).items()}


def _of_script(run: Callable[[], str]) -> dict[str, list[int]]:
    """Return the answers that a script prints."""
    found: dict[str, list[int]] = json.loads(run())
    return found


def small() -> list[str]:
    """The same answers, all asked in this process."""
    path = data.parquet_of_texts(20_000)
    invoked = CliRunner().invoke(main, _arguments(path), catch_exceptions=False)
    return _equal(
        path,
        {
            KPI: lambda: _of_json(invoked.stdout),
            POLARS_IDS: lambda: polars_script.answers(str(path), "streaming", ids=True),
            DUCKDB_IDS: lambda: duckdb_script.answers(sql(path, ids=True)),
        },
    )


BENCHMARK = Benchmark(
    name="whole_process",
    question="How long does a user wait for `kpi evaluate PLAN FILE --format json`, from the start "
    "of the process to the result, beside scripts in Polars and DuckDB?",
    check_repeats=5,
    bars=BARS,
    measure=measure,
    small=small,
)

if __name__ == "__main__":
    BENCHMARK.main()
