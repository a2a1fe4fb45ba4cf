"""The work list against deciding each open case on every day that is left (F31, F32, H15)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any

import polars as pl
import pytest
from attrs import evolve
from hypothesis import HealthCheck, Phase, given, settings

import kpi
from kpi.definitions.limits import DueColumn
from kpi.definitions.target import Target
from kpi.engine.completions.decisions import why_not_listed
from kpi.evaluation.work_list.work_list import WorkList
from kpi.testing import oracle
from kpi.testing.frames import frames
from kpi.testing.oracle.follow_up import known_rows, work_of
from kpi.testing.strategies import Rows, Situation, situations

_TIMES = (dt.time(0), dt.time(0, 1), dt.time(23, 59))
"""Times of a day before, at and after which a limit in hours can end."""

_RULES = ("average", "clearance", "count", "flow", "percentile", "share", "stock", "within")

_SETTINGS = settings(
    max_examples=12,
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


def _followed(situation: Situation) -> pl.DataFrame:
    result = kpi.evaluate(situation.plan, frames(situation.plan, situation.tables), situation.as_of)
    return WorkList(result).by_target().collect()


def _compared(situation: Situation) -> Iterator[Target]:
    """The targets of a situation that are listed, have an event for an end, and read no pauses."""
    for target in situation.plan.leaves():
        events = situation.plan.table(target.table).events
        end = getattr(target, "end", getattr(target, "on", None))
        last = target.window_of(situation.plan).last
        assert last is not None
        if why_not_listed(target) or end not in events or target.tables[1:]:
            continue
        if last > situation.as_of:
            yield target


def _times(target: Target) -> tuple[dt.time, ...]:
    reads_clock = target.timestamp_columns() or isinstance(target.limit, DueColumn)
    return _TIMES if reads_clock else ()


@pytest.mark.parametrize("rule", _RULES)
def test_each_case_is_what_deciding_it_on_every_day_says(rule: str) -> None:
    compared = 0

    @_SETTINGS
    @given(situations(rules=(rule,)))
    def agrees(situation: Situation) -> None:
        nonlocal compared
        rows = _followed(situation)
        for target in _compared(situation):
            tables = situation.tables
            expected = {
                ", ".join(map(str, work.key)): (
                    work.group,
                    work.first_day,
                    work.last_day,
                    work.met,
                    work.counted,
                )
                for work in work_of(situation.plan, target, tables, situation.as_of, _times(target))
            }
            found = {
                case: rest
                for case, *rest in rows.filter(pl.col("target") == target.id)
                .select("case", "group", "first_day", "last_day", "in_time_met", "in_time_counted")
                .iter_rows()
            }
            compared += len(expected)
            assert {case: tuple(rest) for case, rest in found.items()} == expected, target

    agrees()
    assert compared > 10


@pytest.mark.parametrize("rule", ["within", "clearance", "count"])
def test_deciding_on_the_last_days_changes_the_figures_by_the_sum_of_the_effects(
    rule: str,
) -> None:
    checked = 0

    @_SETTINGS
    @given(situations(rules=(rule,)))
    def adds_up(situation: Situation) -> None:
        nonlocal checked
        rows = _followed(situation)
        for target in _compared(situation):
            if len({read.column for read in target.reads()} & {"decided", "announced"}) > 1:
                # Another event that has not come may leave the case out.
                continue
            listed = rows.filter(pl.col("target") == target.id, pl.col("group") == "in time")
            # Every second case, so that some stay open.
            chosen = listed.gather_every(2)
            days = dict(chosen.select("case", "last_day").iter_rows())
            before, after = (_final(situation, target, given_) for given_ in ({}, days))
            changed = after[0] - before[0], after[1] - before[1]
            met = 0 if rule == "count" else chosen["in_time_met"].sum()
            expected = met, chosen["in_time_counted"].sum()
            assert changed == expected, target
            checked += len(days)

    adds_up()
    assert checked > 5


def _final(situation: Situation, target: Any, days: Mapping[str, dt.date]) -> tuple[int, int]:
    """Met and counted as of the last day, of the known cases, some decided on given days."""
    plan = situation.plan
    end = str(getattr(target, "end", getattr(target, "on", None)))
    rows: dict[str, Rows] = {
        name: [dict(r) for r in known_rows(plan.table(name), of, plan.time_zone, situation.as_of)]
        for name, of in situation.tables.items()
    }
    for row in rows[target.table]:
        if (case := str(row["case_id"])) in days:
            row[end] = days[case]
    last = target.window_of(plan).last
    one = evolve(target, on_condition=None)
    found = oracle.outcome_of(one, plan, oracle.snapshots(plan, rows, last), last)
    counted = found.counted if found.counted_as is None else found.counted_as.counted
    return found.met or 0, counted
