"""Small tables and plans for tests, written so that a reader can check them by hand."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

import polars as pl

import kpi

DATES = ("filed", "documented", "decided", "due")
SCHEMA: dict[str, Any] = {
    "case_id": pl.String,
    "case_type": pl.String,
    **dict.fromkeys(DATES, pl.Date),
}


def day(text: str | None) -> dt.date | None:
    return None if text is None else dt.date.fromisoformat(text)


def cases(*rows: dict[str, Any]) -> pl.DataFrame:
    """Cases; ids are numbers from 1 unless said, dates are ISO texts."""
    made = []
    for n, row in enumerate(rows, start=1):
        dated = {k: day(v) if k in DATES else v for k, v in row.items()}
        made.append({"case_id": str(n), "case_type": "visa", **dated})
    return pl.DataFrame(made, schema=SCHEMA)


def spans(*pairs: tuple[str | None, str | None]) -> pl.DataFrame:
    """Cases out of (filed, decided) alone."""
    return cases(*({"filed": filed, "decided": decided} for filed, decided in pairs))


TABLE = kpi.Table(
    "cases", key="case_id", entry="filed", events=["documented", "decided"], dates="due"
)


def plan(*targets: kpi.Requirement, period: str = "2017", **more: Any) -> kpi.Plan:
    return kpi.Plan(id="p", period=period, tables=[TABLE], targets=targets, **more)


def within(limit: Any = "1 month", **more: Any) -> kpi.Within:
    given = {"id": "t", "start": "filed", "end": "decided", "threshold": 90, **more}
    return kpi.Within(limit=limit, **given)


def average(limit: Any = "30 days", **more: Any) -> kpi.Average:
    return kpi.Average(**{"id": "t", "start": "filed", "end": "decided", "limit": limit, **more})


def clearance(deadline: Any, **more: Any) -> kpi.Clearance:
    given = {"id": "t", "start": "filed", "end": "decided", "threshold": 90, **more}
    return kpi.Clearance(deadline=deadline, **given)


def one(
    target: kpi.Target, frame: pl.DataFrame, as_of: str | None = None, **more: Any
) -> kpi.TargetResult:
    """The record of one target over a frame, after checking that no row is lost (S12)."""
    found = kpi.evaluate(plan(target, **more), frame, as_of).targets[0]
    assert found.rows == found.outside + found.counted + found.undetermined + sum(
        found.excluded.values()
    )
    return found


def trail(target: kpi.Target, frame: pl.DataFrame, **more: Any) -> Iterable[dict[str, Any]]:
    return kpi.evaluate(plan(target, **more), frame).audit().collect().to_dicts()
