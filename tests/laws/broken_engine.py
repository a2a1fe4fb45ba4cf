"""A rule that is wrong on purpose, in a way that each test chooses, and a plan that has it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any
from unittest import mock

import polars as pl
from attrs import evolve, frozen

import kpi
from kpi.definitions.fields import placed
from kpi.definitions.plan import Plan

FILED = dt.date(2022, 1, 31)
TABLE = kpi.Table("cases", key="case_id", entry="filed", events="decided")
DAYS = (3, 30, 40, None, 31, 400)
ROWS: list[dict[str, object]] = [
    {
        "case_id": f"c{n}",
        "filed": FILED,
        "decided": None if days is None else FILED + dt.timedelta(days),
        "case_type": "visa" if n % 2 else "asylum",
    }
    for n, days in enumerate(DAYS)
]


@frozen(kw_only=True, field_transformer=placed)
class Wrong(kpi.Within):
    """A share in time that is wrong on purpose, in what `WRONG` holds."""

    rule = "wrong"

    def rows(self, columns: kpi.Columns) -> kpi.Rows:
        rows = super().rows(columns)
        return MISTAKES[WRONG[0]](rows, columns) if WRONG[0] in MISTAKES else rows

    def measure(self, sums: kpi.Sums) -> kpi.Measure:
        measure = super().measure(sums)
        if WRONG[0] == "counts the rows outside too":
            return evolve(measure, figures={"rows": sums["rows"]})
        asked = WRONG[0] == "counts more where something is asked" and self.has_requirement
        compared = WRONG[0] == "counts more beside a base" and self.comparison is not None
        if (WRONG[0] == "says more of a part" and sums.part) or asked or compared:
            return evolve(measure, met=(measure.met or 0) + 1)
        return measure


# It is no kind of target that other tests should know.
del kpi.Target.kinds["wrong"]
WRONG = ["nothing"]


def _withmet_as(rows: kpi.Rows, met: pl.Expr) -> kpi.Rows:
    return evolve(rows, met=met, sums={"met": met})


def met_as(made: Callable[[pl.Expr, kpi.Columns], pl.Expr]) -> Callable[..., kpi.Rows]:
    return lambda rows, columns: _withmet_as(rows, made(rows.sums["met"], columns))


def _plan(columns: kpi.Columns) -> kpi.Plan:
    """Return the whole plan, which no rule may look at."""
    assert isinstance(columns.plan, kpi.Plan)
    return columns.plan


MISTAKES: dict[str, Callable[[kpi.Rows, kpi.Columns], kpi.Rows]] = {
    "the sum and the rows say otherwise": lambda rows, _: evolve(rows, met=~rows.sums["met"]),
    "every other row": met_as(lambda met, _: met & (pl.int_range(pl.len()) % 2 == 0)),
    "how many rows there are": met_as(lambda met, _: met & (pl.len() > 5)),
    "the other targets": met_as(lambda met, its: met & (len(_plan(its).targets) == 1)),
    "the first target": met_as(lambda met, its: met & (_plan(its).targets[0].id == "1")),
    "no row where there are alternatives": lambda rows, _: evolve(
        rows,
        tests=tuple(
            (words, pl.lit(value=False) & test if " or " in words else test)
            for words, test in rows.tests
        ),
    ),
    "late is in time": met_as(lambda met, _: ~met),
    "the day it is looked at": met_as(lambda met, its: met & (its.as_of.year == 2022)),
}


def wrong(
    mistake: str, rows: Callable[[kpi.Rows, kpi.Columns], kpi.Rows] | None = None
) -> AbstractContextManager[Any]:
    """Make the rule wrong for a while: in one of `MISTAKES`, or by a function of its rows."""
    mistakes = MISTAKES if rows is None else {mistake: rows}
    return mock.patch.dict(globals(), WRONG=[mistake], MISTAKES=mistakes)


def small_plan() -> Plan:
    """Four targets: `1` and `2` of one kind, one of whose rows some are outside, one with a base."""
    target: dict[str, Any] = {"start": "filed", "end": "decided", "threshold": 90}
    visa = {"any_of": [{"case_type": "visa", "decided": {"missing": False}}, {"case_type": "visa"}]}
    targets = [
        Wrong(id="1", **target, limit="30 days", each="case_type"),
        Wrong(id="2", **target, limit="30 days", denominator="cohort", weight=60),
        Wrong(id="3", **target, limit="1 month", where=visa, weight=40),
        Wrong(id="4", start="filed", end="decided", limit="30 days", against="2023"),
    ]
    return Plan(id="small", period="2022", tables=[TABLE], targets=targets)
