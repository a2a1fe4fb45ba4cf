"""Any number of targets over the cases of us-2017, for kpi and by hand in Polars.

Each is about a type or two, a start, a limit and a window of its own. Half of them are about the
whole year, as in the plans of agencies, the others about a half-year or a quarter.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import polars as pl
from attrs import evolve, frozen

import kpi
from benchmarks.answers import Answers, Question
from benchmarks.cases import TYPES
from benchmarks.peers.polars_one_by_one import Engine
from benchmarks.plan_2017 import case_plan

WINDOWS = {
    "2017": (dt.date(2017, 1, 1), dt.date(2017, 12, 31)),
    "2017-H1": (dt.date(2017, 1, 1), dt.date(2017, 6, 30)),
    "2017-H2": (dt.date(2017, 7, 1), dt.date(2017, 12, 31)),
    "2017-Q1": (dt.date(2017, 1, 1), dt.date(2017, 3, 31)),
    "2017-Q2": (dt.date(2017, 4, 1), dt.date(2017, 6, 30)),
    "2017-Q3": (dt.date(2017, 7, 1), dt.date(2017, 9, 30)),
    "2017-Q4": (dt.date(2017, 10, 1), dt.date(2017, 12, 31)),
}
_OTHERS = tuple(WINDOWS)[1:]


@frozen
class Made:
    """A target: so many cases of some types ended in a window are in time.

    Attributes:
        name: its id.
        types: the case types that it is about.
        start: the column that it counts from.
        amount: its limit, in months or days.
        unit: "months" or "days".
        window: when the cases ended that it is about.
    """

    name: str
    types: tuple[str, ...]
    start: str
    amount: int
    unit: str
    window: str

    def target(self) -> kpi.Within:
        return kpi.Within(
            id=self.name,
            where={"case_type": list(self.types)},
            start=self.start,
            end="decided",
            limit=f"{self.amount} {self.unit}",
            window=self.window,
            threshold=90,
        )

    def query(self, cases: pl.LazyFrame) -> pl.LazyFrame:
        first, last = WINDOWS[self.window]
        start, decided = pl.col(self.start), pl.col("decided")
        due = start.dt.offset_by(f"{self.amount}{'mo' if self.unit == 'months' else 'd'}")
        return cases.filter(
            pl.col("case_type").is_in(self.types), decided.is_between(first, last), decided >= start
        ).select(pl.len().alias("counted"), (decided <= due).sum().alias("met"))


def made(n: int) -> list[Made]:
    """The first n of them: each list begins with the one before."""
    found = []
    for k in range(n):
        unit = "days" if k % 3 == 2 else "months"
        # The second type moves on against the first, so that few targets are of the same two.
        types = (TYPES[k % len(TYPES)], TYPES[(7 * k + k // len(TYPES) + 3) % len(TYPES)])
        found.append(
            Made(
                name=f"m{k + 1:03}",
                types=tuple(dict.fromkeys(types)),
                start="filed" if k % 4 else "documented",
                amount=3 + k % 10 if unit == "months" else 60 + 7 * (k % 40),
                unit=unit,
                window="2017" if k % 2 == 0 else _OTHERS[k // 2 % len(_OTHERS)],
            )
        )
    return found


def plan_of(made: Sequence[Made], *, beside: kpi.Plan | None = None) -> kpi.Plan:
    """A plan of these targets, after those of another plan if there is one."""
    plan = case_plan()
    others: Sequence[Any] = () if beside is None else beside.targets
    return evolve(plan, goals=(), targets=[*others, *(one.target() for one in made)])


def ready(cases: pl.DataFrame, made: Sequence[Made], engine: Engine) -> Question:
    """The same in Polars: one query each."""

    def question() -> Answers:
        found: Answers = {}
        for one in made:
            counted, met = one.query(cases.lazy()).collect(engine=engine).row(0)
            found[one.name] = counted, met
        return found

    return question
