"""The work list against deciding each open case on every day that is left (F31, F32, H15)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from types import SimpleNamespace
from typing import Any

import polars as pl
import pytest
from attrs import evolve
from hypothesis import HealthCheck, Phase, given, settings

from kpi.definitions.limits import DueColumn
from kpi.definitions.target import Target
from kpi.engine.completions.decisions import why_not_listed
from kpi.engine.partial import Batch
from kpi.evaluation.work_list.work_list import WorkList
from kpi.testing import oracle
from kpi.testing.frames import frames
from kpi.testing.oracle.follow_up import known_rows, work_of
from kpi.testing.strategies import Rows, Situation, situations
from tests.laws.generated import TIMES

_TIMES = (dt.time(0), dt.time(0, 1), dt.time(23, 59))
"""Times of a day before, at and after which a limit in hours can end."""

_RULES = ("average", "clearance", "count", "flow", "percentile", "share", "stock", "within")
_SUMS = ("clearance", "count", "within")
"""The rules of which the figures are sums of what each case adds."""

_SETTINGS = settings(
    max_examples=8 * TIMES,
    derandomize=TIMES == 1,
    database=None,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


def _with_open_cases(situation: Situation) -> Situation:
    """The situation with every second case open: situations have few of them."""
    rows = [
        {**row, "decided": None, **({"announced": None} if "announced" in row else {})}
        if n % 2 == 0
        else row
        for n, row in enumerate(situation.tables["cases"])
    ]
    return evolve(situation, tables={**situation.tables, "cases": rows})


def _work_list(situation: Situation) -> pl.DataFrame:
    plan, day = situation.plan, situation.as_of
    # The rest of an evaluation takes longer, and the list needs none of it.
    tables = Batch.of(plan, frames(plan, situation.tables), day).tables
    result: Any = SimpleNamespace(plan=plan, tables=tables, as_of=day)
    return WorkList(result).by_target().collect()


def _compared(situation: Situation) -> Iterator[Target]:
    """The targets of a situation that are listed, have an event for an end, and read no pauses."""
    for target in situation.plan.leaves():
        events = situation.plan.table(target.table).events
        last = target.window_of(situation.plan).last
        assert last is not None
        if why_not_listed(target) or _end(target) not in events or target.tables[1:]:
            continue
        if last > situation.as_of:
            yield target


def _end(target: Target) -> str:
    return str(getattr(target, "end", getattr(target, "on", None)))


def _times(target: Target) -> tuple[dt.time, ...]:
    reads_clock = target.timestamp_columns() or isinstance(target.limit, DueColumn)
    return _TIMES if reads_clock else ()


@pytest.mark.parametrize("rule", _RULES)
def test_each_case_is_what_deciding_it_on_every_day_says(rule: str) -> None:
    compared = 0

    @_SETTINGS
    @given(situations(rules=(rule,)).map(_with_open_cases))
    def agrees(situation: Situation) -> None:
        nonlocal compared
        listed = _work_list(situation)
        for target in _compared(situation):
            rows = listed.filter(pl.col("target") == target.id)
            _require_the_same(situation, target, rows)
            _require_the_sum_of_effects(situation, target, rows)
            compared += rows.height

    agrees()
    assert compared > 1


def _require_the_same(situation: Situation, target: Target, rows: pl.DataFrame) -> None:
    """Group, days and effects are those of deciding each case alone on each day."""
    works = work_of(situation.plan, target, situation.tables, situation.as_of, _times(target))
    expected = {
        ", ".join(map(str, one.key)): (
            one.group,
            one.first_day,
            one.last_day,
            one.met,
            one.counted,
        )
        for one in works
    }
    columns = ("case", "group", "first_day", "last_day", "in_time_met", "in_time_counted")
    found = {case: tuple(rest) for case, *rest in rows.select(columns).iter_rows()}
    assert found == expected, target


def _require_the_sum_of_effects(situation: Situation, target: Target, rows: pl.DataFrame) -> None:
    """Deciding some cases on their last days changes the figures by the sum of the effects."""
    read = {read.column for read in target.reads()}
    if target.rule not in _SUMS or {"decided", "announced"} <= read:
        # Ranks, and another event that has not come, may keep a case from adding its part.
        return
    # Every second case, so that some stay open.
    chosen = rows.filter(pl.col("group") == "in time").gather_every(2)
    days = dict(chosen.select("case", "last_day").iter_rows())
    before, after = (_final(situation, target, decided) for decided in ({}, days))
    assert (after[0] - before[0], after[1] - before[1]) == (
        chosen["in_time_met"].sum(),
        chosen["in_time_counted"].sum(),
    ), target


def _final(situation: Situation, target: Any, days: Mapping[str, dt.date]) -> tuple[int, int]:
    """Met and counted as of the last day, of the known cases, some decided on given days."""
    plan = situation.plan
    rows: dict[str, Rows] = {
        name: [dict(r) for r in known_rows(plan.table(name), of, plan.time_zone, situation.as_of)]
        for name, of in situation.tables.items()
    }
    for row in rows[target.table]:
        if (case := str(row["case_id"])) in days:
            row[_end(target)] = days[case]
    last = target.window_of(plan).last
    one = evolve(target, on_condition=None)
    found = oracle.outcome_of(one, plan, oracle.snapshots(plan, rows, last), last)
    counted = found.counted if found.counted_as is None else found.counted_as.counted
    return (found.met or 0) if target.rule != "count" else 0, counted
