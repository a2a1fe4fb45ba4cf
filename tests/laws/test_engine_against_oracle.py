"""The engine against the oracle on generated plans and tables."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Mapping
from typing import Any
from unittest import mock

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import kpi
from kpi.definitions.plan import Plan
from kpi.testing import oracle, strategies
from kpi.testing.comparable import without_prospects
from kpi.testing.strategies import Rows
from tests.laws.generated import (
    SETTINGS,
    TIMES,
    engine_trail,
    expected,
    frames,
    numbers,
    oracle_trail,
    runs,
    varied,
)

CHANCES = st.integers(0, 2**32).map(random.Random)
ENGINES = ("in-memory", "streaming")
FEW = settings(SETTINGS, max_examples=2 * TIMES)
"""Few examples: `tests.laws.longer` draws the same, for as long as asked."""


def agree(
    plan: Plan,
    tables: Mapping[str, Rows],
    as_of: dt.date | None,
    *,
    engine: Any = "auto",
) -> None:
    """Every number, every part and every row of the trail is the same in both."""
    outcomes = oracle.evaluate(plan, tables, as_of)
    of_oracle = expected(outcomes)
    result = kpi.evaluate(plan, frames(plan, tables), as_of, engine=engine)
    assert without_prospects(numbers(result), of_oracle) == of_oracle
    assert engine_trail(result) == oracle_trail(outcomes)
    # The rows inside are worked out by themselves.
    inside, trail = (result.audit(outside=outside).collect() for outside in (False, True))
    assert inside.equals(trail.filter(pl.col("bucket") != "outside"))


@pytest.mark.parametrize(
    ("engine", "many"), [("in-memory", 40), ("streaming", 40), ("streaming", 2)]
)
@given(run=runs(), data=st.data())
@FEW
def test_the_engine_and_the_oracle_agree(
    engine: Any, many: int, run: Any, data: st.DataObject
) -> None:
    """Also where what targets share is put together before they go on, as for many targets."""
    plan, tables, as_of = run
    if data.draw(st.sampled_from((False,) * 9 + (True,)), label="a table is lacking"):
        del tables[data.draw(st.sampled_from(sorted(tables)))]
    with mock.patch("kpi.engine.compile._MANY", many):
        agree(plan, tables, as_of, engine=engine)


@pytest.mark.parametrize("rule", sorted(strategies.TARGETS))
@given(data=st.data())
@FEW
def test_the_engine_and_the_oracle_agree_on_one_rule(rule: str, data: st.DataObject) -> None:
    """One target and a fuller table, so that most of what is drawn bears on it."""
    plan = data.draw(strategies.plans(most=1, rules=(rule,)), label="plan")
    tables = data.draw(strategies.tables_for(plan, most=30), label="tables")
    more = varied(plan, tables, data.draw(CHANCES, label="chance"), 100)
    agree(plan, more, data.draw(strategies.as_ofs(plan, tables), label="as_of"))


@pytest.mark.parametrize("rule", ["average", "every_working_day", "percentile", "within"])
@given(data=st.data())
@FEW
def test_the_engine_and_the_oracle_agree_on_other_ways_of_counting_time(
    rule: str, data: st.DataObject
) -> None:
    """Pauses, calendars, rolling and derived dates, which most generated plans are without."""
    plan = data.draw(strategies.plans(most=2, rules=(rule,), elaborate=True), label="plan")
    tables = data.draw(strategies.tables_for(plan, most=20), label="tables")
    more = varied(plan, tables, data.draw(CHANCES, label="chance"), 100)
    agree(plan, more, data.draw(strategies.as_ofs(plan, tables), label="as_of"))


WAITING = kpi.Table("waiting", key="case", entry="from", events="to", pauses="cases")
PAUSABLE = kpi.Table(
    "cases",
    key="case_id",
    entry="filed",
    events="decided",
    dates="due",
    derived={"ready": {"latest": ["filed", "due"]}},
)
LIMITS: tuple[tuple[Any, dict[str, Any]], ...] = (
    ("5 days", {}),
    ("5 days", {"roll": "next working day"}),
    ("1 month", {"month_end": "up"}),
    ({"column": "due"}, {}),
    ("1 working day", {}),
    ("4 working days", {"calendar": {"off": ["2017-04-13", "2017-04-14"], "covers": "2017"}}),
    ("3 working days", {"calendar": {"covers": {"since": "2017-03-01", "through": "2017-04-20"}}}),
    ("3 days", {"start": "ready", "denominator": "due"}),
)


def dense_pauses(seed: int) -> int:
    """Weeks round Easter, in which pauses begin and end on every day that could matter.

    Returns how many rows a target looked at.
    """
    rng = random.Random(seed)  # noqa: S311 - cases, not secrets
    first = dt.date(2017, 3, 20)

    def after(day: dt.date, low: int, high: int) -> dt.date:
        return day + dt.timedelta(rng.randint(low, high))

    rows: Rows = []
    its: Rows = []
    for n in range(250):
        filed = after(first, 0, 30)
        decided = after(filed, 0, 14) if rng.random() < 0.85 else None
        due = after(filed, 0, 9)
        rows.append({"case_id": n, "filed": filed, "decided": decided, "due": due})
        for _ in range(rng.randint(0, 4)):
            since = after(filed, -2, 10)
            to = after(since, 0, 5) if rng.random() < 0.85 else None
            its.append({"case": n, "from": since, "to": to})
    targets = [
        kpi.Within(
            id=f"{n}",
            **{"start": "filed", "denominator": "overdue", **more},
            end="decided",
            limit=limit,
            threshold=90,
            pauses="waiting",
        )
        for n, (limit, more) in enumerate(LIMITS)
    ]
    plan = Plan(id="p", period="2017", tables=[PAUSABLE, WAITING], targets=targets)
    as_ofs = (dt.date(2017, 4, 12), dt.date(2017, 12, 31))
    for as_of in as_ofs:
        agree(plan, {"cases": rows, "waiting": its}, as_of)
    return len(rows) * len(targets) * len(as_ofs)


# `tests.laws.longer` goes on with further seeds.
@pytest.mark.parametrize("seed", range(TIMES))
def test_the_engine_and_the_oracle_agree_on_many_cases_with_dense_pauses(seed: int) -> None:
    assert dense_pauses(seed) == 4_000
