"""Plans of one target on a week in June, and their cases, for tests of what can still happen."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import kpi
from kpi.definitions.target import Target
from kpi.definitions.windows import Window
from kpi.testing.oracle.follow_up import Possibilities, possibilities

CASES = kpi.Table("cases", key="case_id", entry="filed", events="decided")
WEEK = Window(since=dt.date(2022, 6, 6), through=dt.date(2022, 6, 12))
"""The window, from a Monday through a Sunday."""


def june(day: int) -> dt.date:
    """A day of June 2022; 0 and less are the last days of May."""
    return dt.date(2022, 6, 1) + dt.timedelta(day - 1)


def cases(*rows: tuple[int | None, int | None]) -> list[dict[str, object]]:
    """Cases with the days of June on which they were filed and decided."""
    return [
        {
            "case_id": f"c{n}",
            "filed": None if filed is None else june(filed),
            "decided": None if decided is None else june(decided),
        }
        for n, (filed, decided) in enumerate(rows)
    ]


def still_possible(
    target: Target,
    rows: Sequence[dict[str, object]],
    as_of: dt.date,
    table: kpi.Table = CASES,
    **options: Any,
) -> Possibilities:
    """What one target on one table can still come to."""
    plan = kpi.Plan(id="follow-up", period=WEEK, tables=[table], targets=[target])
    (found,) = possibilities(plan, {table.name: rows}, as_of, **options)
    return found


def ends(found: Possibilities) -> tuple[Any, Any]:
    """The worst and the best value without newcomers."""
    return found.worst, found.best
