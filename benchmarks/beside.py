"""The command of a peer: it alone beside kpi, equal before it is timed."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping

import polars as pl

import kpi
from benchmarks import data, report
from benchmarks.answers import Question, kpi_answers, same_answers
from benchmarks.plan_2017 import case_plan
from benchmarks.timing import Spread, rounds

KPI = "kpi.evaluate"


def beside(peers: Mapping[str, Callable[[pl.DataFrame], Question]]) -> None:
    parser = argparse.ArgumentParser(description="The twelve case targets of us-2017, beside kpi.")
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--repeats", type=int, default=5)
    asked = parser.parse_args()
    cases, plan = data.cases(asked.rows), case_plan()
    checked = kpi.check(plan, cases)
    questions: dict[str, Question] = {KPI: lambda: kpi_answers(plan, checked)}
    questions |= {name: ready(cases) for name, ready in peers.items()}
    same_answers(questions)
    for name, values in rounds(questions, asked.repeats).items():
        print(f"{name}: {report.duration(Spread.of(values).median)}")
