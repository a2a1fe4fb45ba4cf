"""How long does the whole 2017 plan take over N cases in memory, beside the same written by hand?

`python -m benchmarks.whole_plan --help` says what can be asked; README.md how to read the answer.
"""

from __future__ import annotations

from collections.abc import Callable

import polars as pl

import kpi
from benchmarks import data
from benchmarks.answers import Question, every_case_is_asked, kpi_answers, same, same_answers
from benchmarks.benchmark import Bar, Benchmark, Measured
from benchmarks.peers import (
    duckdb_closed_first,
    duckdb_one_by_one,
    duckdb_one_pass,
    pandas_by_hand,
    polars_one_by_one,
    polars_together,
)
from benchmarks.plan_2017 import case_plan, columns_read, floor
from benchmarks.scans import exactly, scans
from benchmarks.timing import Seconds, Spread, faster, heat, ratio, rounds, together

PEERS: dict[str, dict[str, Callable[[pl.DataFrame], Question]]] = {
    # Where there are several forms, the fastest of the run is the peer.
    "polars": {
        "polars, one by one, streaming": lambda c: polars_one_by_one.ready(c, "streaming"),
        "polars, one by one, in-memory": lambda c: polars_one_by_one.ready(c, "in-memory"),
    },
    "duckdb": {
        "duckdb, closed first": duckdb_closed_first.ready,
        "duckdb, one by one": duckdb_one_by_one.ready,
        "duckdb, one pass": duckdb_one_pass.ready,
    },
    "pandas": {"pandas": pandas_by_hand.ready},
    "polars-together": {
        "polars, together, streaming": lambda c: polars_together.ready(c, "streaming"),
        "polars, together, in-memory": lambda c: polars_together.ready(c, "in-memory"),
    },
}

KPI, CHECK, FLOOR = "kpi.evaluate", "kpi.check", "floor"

BARS = (
    Bar("floor", "`kpi.evaluate` over summing once every column that the plan reads", 5),
    Bar("polars", "`kpi.evaluate` over the same targets in Polars, a query each", 0.35),
    Bar("duckdb", "`kpi.evaluate` over the fastest of three ways to write them in DuckDB", 0.1),
    Bar("pandas", "`kpi.evaluate` over the same targets in pandas", 0.05),
    Bar("polars-together", "`kpi.evaluate` over the Polars queries in one `collect_all`"),
    Bar("check", "`kpi.check` and `kpi.evaluate` over the same targets in Polars, a query each"),
)


def _questions(plan: kpi.Plan, cases: pl.DataFrame, checked: kpi.Extract) -> dict[str, Question]:
    forms = {name: ready for peer in PEERS.values() for name, ready in peer.items()}
    return {
        KPI: lambda: kpi_answers(plan, checked),
        **{name: ready(cases) for name, ready in forms.items()},
    }


def measure(rows: int, repeats: int) -> Measured:
    cases, plan = data.cases(rows), case_plan()
    checked = kpi.check(plan, cases)
    questions = _questions(plan, cases, checked)
    # Also the warm-up: what is made once, such as tables of due dates, is made here.
    same_answers(questions)
    racing: dict[str, list[str]] = {}
    beaten: Seconds = {}
    for peer, forms in PEERS.items():
        racing[peer], slow = heat({name: questions[name] for name in forms})
        beaten |= slow
    seconds = rounds(
        {
            **{name: ask for name, ask in questions.items() if name not in beaten},
            CHECK: lambda: kpi.check(plan, cases),
            FLOOR: floor(plan, cases),
        },
        repeats,
    )
    best = {peer: faster(seconds, forms) for peer, forms in racing.items()}
    return Measured(
        seconds={**seconds, **beaten},
        found={
            "floor": ratio(seconds, KPI, FLOOR),
            **{peer: ratio(seconds, KPI, name) for peer, name in best.items()},
            "check": _both(seconds, best["polars"]),
        },
        details={"the fastest": best, "columns read": columns_read(plan)},
    )


def _both(seconds: Seconds, peer: str) -> Spread:
    both = together(seconds, CHECK, KPI)
    return ratio({"both": both, peer: seconds[peer]}, "both", peer)


def small() -> list[str]:
    cases, plan = data.cases(20_000), case_plan()
    checked = kpi.check(plan, cases)
    questions = _questions(plan, cases, checked)
    answers = dict(same_answers(questions))
    again = same_answers({name: ask for name, ask in questions.items() if name != KPI})
    return [
        f"{', '.join(questions)}: equal",
        same("asked a second time", answers, again),
        # What was filed in March 2017 falls due in January 2018: it cannot be missed.
        every_case_is_asked(answers, but=["1.2e"]),
        exactly("twelve targets", scans(plan, checked), 1),
    ]


BENCHMARK = Benchmark(
    name="whole_plan",
    question="How long do the twelve case targets of us-2017 take over cases in memory, "
    "beside the same targets written by hand?",
    bars=BARS,
    measure=measure,
    small=small,
)

if __name__ == "__main__":
    BENCHMARK.main()
