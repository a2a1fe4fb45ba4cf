"""The engine against the oracle on generated plans and tables, and the laws it must keep."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias
from unittest import mock

import polars as pl
import pytest
from attrs import evolve
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

import kpi
from kpi.conditions import OneOf, Range
from kpi.limits import MONTH_ENDS, DueColumn, Span
from kpi.periods import BOUNDS, Window
from kpi.plan import Plan, Table, Target
from kpi.rules.within import Within
from kpi.testing import oracle, strategies
from kpi.testing.oracle import Outcome, Row
from kpi.testing.strategies import Rows

ENGINES = ("in-memory", "streaming")
SETTINGS = settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def frame(plan: Plan, table: Table, rows: Rows) -> pl.DataFrame:
    """The rows as a frame of declared types, which an empty table has too."""
    schema = {column: _key_type(column, rows) for column in table.key}
    schema |= {column: _date_type(column, rows) for column in table.date_columns}
    schema |= {column: _plain_type(plan, table, column) for column in _plain(plan, table)}
    return pl.DataFrame(rows, schema=schema)


def _key_type(column: str, rows: Rows) -> pl.DataType:
    return pl.Int64() if rows and isinstance(rows[0][column], int) else pl.String()


def _date_type(column: str, rows: Rows) -> pl.DataType:
    cell = next((row[column] for row in rows if row[column] is not None), None)
    if not isinstance(cell, dt.datetime):
        return pl.Date()
    return pl.Datetime("us") if cell.tzinfo is None else pl.Datetime("us", "UTC")


def _plain(plan: Plan, table: Table) -> list[str]:
    """The columns beside the key and the dates: the generator's usual ones, and those tested."""
    usual = list(strategies.COLUMNS) if table.name == "cases" else []
    tested = [c.column for t in plan.targets if t.table == table.name for c in t.conditions()]
    return [c for c in dict.fromkeys([*usual, *tested]) if c not in table.date_columns]


def _plain_type(plan: Plan, table: Table, column: str) -> pl.DataType:
    kinds = {
        c.column: c.kind for t in plan.targets if t.table == table.name for c in t.conditions()
    }
    kind = {**strategies.COLUMNS, **kinds}[column]
    types = {"text": pl.String(), "integer": pl.Int64(), "boolean": pl.Boolean()}
    return types[kind]


def frames(plan: Plan, tables: Mapping[str, Rows]) -> dict[str, pl.DataFrame]:
    return {table.name: frame(plan, table, tables[table.name]) for table in plan.tables}


def numbers(result: kpi.Result) -> dict[str, tuple[object, ...]]:
    """What a result says of each target, without its remarks."""
    return {
        t.id: (
            t.rows,
            t.outside,
            t.excluded,
            t.undetermined,
            t.counted,
            t.met,
            t.total,
            t.value,
            t.verdict,
        )
        for t in result.targets
    }


def expected(outcome: Outcome) -> tuple[object, ...]:
    value = None if outcome.value is None else float(outcome.value)
    o = outcome
    return (
        o.rows,
        o.outside,
        o.excluded,
        o.undetermined,
        o.counted,
        o.met,
        o.total,
        value,
        o.verdict,
    )


Trail: TypeAlias = Counter[tuple[object, ...]]


def engine_trail(result: kpi.Result) -> Trail:
    """The rows of the audit trail without their order.

    Why a row is outside, and the days and due date of one that is not counted, are for people.
    """
    return Counter(
        (
            row["target"],
            row["bucket"],
            row["reason"] if row["bucket"] == "excluded" else None,
            row["met"],
            row["days"] if row["bucket"] == "counted" else None,
            row["due"] if row["bucket"] == "counted" else None,
        )
        for row in result.audit().collect().iter_rows(named=True)
    )


def oracle_trail(outcomes: Mapping[str, Outcome]) -> Trail:
    return Counter(
        (name, row.bucket, row.reason, row.met, row.days, row.due)
        for name, outcome in outcomes.items()
        for row in outcome.trail
    )


@pytest.mark.parametrize("narrow_from", [0, 10**9], ids=["shared tests first", "each alone"])
@pytest.mark.parametrize("engine", ENGINES)
@given(data=st.data())
@SETTINGS
def test_the_engine_and_the_oracle_agree(
    engine: Any, narrow_from: int, data: st.DataObject
) -> None:
    plan = data.draw(strategies.plans(), label="plan")
    tables = data.draw(strategies.tables_for(plan), label="tables")
    as_of = data.draw(strategies.as_ofs(plan), label="as_of")

    outcomes = oracle.evaluate(plan, tables, as_of)
    # Both ways to the rows of a target, whatever the number of rows that decides between them.
    with mock.patch("kpi.compile._WORTH_NARROWING", narrow_from):
        result = kpi.evaluate(plan, frames(plan, tables), as_of, engine=engine)

    assert numbers(result) == {name: expected(outcome) for name, outcome in outcomes.items()}
    trail = engine_trail(result)
    assert trail == oracle_trail(outcomes)
    by_bucket: Counter[tuple[object, object]] = Counter()
    for row, count in trail.items():
        by_bucket[row[0], row[1]] += count
    for target in result.targets:
        assert by_bucket[target.id, "outside"] == target.outside
        assert by_bucket[target.id, "counted"] == target.counted
        assert by_bucket[target.id, "undetermined"] == target.undetermined
        assert by_bucket[target.id, "excluded"] == sum(target.excluded.values())


@pytest.mark.parametrize("rule", sorted(strategies.TARGETS))
@given(data=st.data())
@SETTINGS
def test_the_engine_and_the_oracle_agree_on_one_rule(rule: str, data: st.DataObject) -> None:
    """One target and a fuller table, so that most of what is drawn bears on it."""
    target = data.draw(strategies.TARGETS[rule](), label="target")
    plan = Plan(id="one", period="2017", tables=[strategies.CASES], targets=[target])
    tables = data.draw(strategies.tables_for(plan, most=30), label="tables")
    as_of = data.draw(strategies.as_ofs(plan), label="as_of")

    outcomes = oracle.evaluate(plan, tables, as_of)
    result = kpi.evaluate(plan, frames(plan, tables), as_of)

    assert numbers(result) == {name: expected(outcome) for name, outcome in outcomes.items()}
    assert engine_trail(result) == oracle_trail(outcomes)


@given(data=st.data())
@SETTINGS
def test_every_row_is_in_one_bucket(data: st.DataObject) -> None:
    """S12: rows = outside + excluded + undetermined + counted."""
    plan = data.draw(strategies.plans())
    tables = data.draw(strategies.tables_for(plan))
    as_of = data.draw(strategies.as_ofs(plan))
    for target in kpi.evaluate(plan, frames(plan, tables), as_of).targets:
        left = target.outside + sum(target.excluded.values()) + target.undetermined
        assert target.rows == left + target.counted
        assert target.rows <= len(tables[target.table])
        assert all(n > 0 for n in target.excluded.values())
        assert (target.met or 0) <= target.counted


@given(data=st.data())
@SETTINGS
def test_merged_parts_are_the_whole(data: st.DataObject) -> None:
    """merge(state(A), state(B)) = state(A + B) for every split by row; an empty part is nothing."""
    plan = data.draw(strategies.plans())
    tables = data.draw(strategies.tables_for(plan, repeats=False))
    as_of = data.draw(strategies.as_ofs(plan))
    parts = data.draw(st.integers(1, 3), label="parts")
    whole = frames(plan, tables)
    split: list[dict[str, pl.DataFrame]] = [{} for _ in range(parts)]
    for name, table in whole.items():
        where = data.draw(
            st.lists(st.integers(0, parts - 1), min_size=table.height, max_size=table.height)
        )
        for n in range(parts):
            split[n][name] = table.filter(pl.Series([w == n for w in where], dtype=pl.Boolean))

    states = [kpi.partial(plan, part, as_of=as_of) for part in split]
    merged = kpi.finish(kpi.merge(*states))
    assert numbers(merged) == numbers(kpi.evaluate(plan, whole, as_of))
    backwards = kpi.finish(kpi.merge(*reversed(states)))
    assert numbers(backwards) == numbers(merged)


@given(data=st.data())
@SETTINGS
def test_the_order_of_the_rows_does_not_matter(data: st.DataObject) -> None:
    plan = data.draw(strategies.plans())
    tables = data.draw(strategies.tables_for(plan))
    as_of = data.draw(strategies.as_ofs(plan))
    shuffled = {name: data.draw(st.permutations(rows)) for name, rows in tables.items()}

    result = kpi.evaluate(plan, frames(plan, tables), as_of)
    other = kpi.evaluate(plan, frames(plan, shuffled), as_of)
    assert numbers(other) == numbers(result)
    assert engine_trail(other) == engine_trail(result)


@given(data=st.data())
@SETTINGS
def test_a_target_is_the_same_alone_as_among_others(data: st.DataObject) -> None:
    plan = data.draw(strategies.plans())
    tables = data.draw(strategies.tables_for(plan))
    as_of = data.draw(strategies.as_ofs(plan))
    given_tables = frames(plan, tables)
    together = numbers(kpi.evaluate(plan, given_tables, as_of))
    for target in plan.targets:
        alone = evolve(plan, targets=[target])
        assert numbers(kpi.evaluate(alone, given_tables, as_of)) == {target.id: together[target.id]}


@given(data=st.data(), more=st.sampled_from(("days", "weeks", "months", "years")))
@SETTINGS
def test_a_longer_limit_never_lowers_a_share(data: st.DataObject, more: str) -> None:
    target = data.draw(strategies.TARGETS["within"](), label="target")
    assert isinstance(target, Within)
    assume(isinstance(target.limit, Span) and target.month_end != "refuse")
    # Where the due date itself decides who is counted, a longer limit counts other cases.
    assume(target.denominator in ("closed", "cohort"))
    plan = Plan(id="longer", period="2017", tables=[strategies.CASES], targets=[target])
    longer = evolve(target.limit, **{more: getattr(target.limit, more) + 1})
    other = evolve(plan, targets=[evolve(target, limit=longer)])
    tables = frames(plan, data.draw(strategies.tables_for(plan)))
    as_of = data.draw(strategies.as_ofs(plan))
    (short,) = kpi.evaluate(plan, tables, as_of).targets
    (long,) = kpi.evaluate(other, tables, as_of).targets
    assert long.counted == short.counted
    assert long.met is not None
    assert short.met is not None
    assert long.met >= short.met


# The strategies reach every kind of thing that can happen, or agreement would say little.


Outcomes: TypeAlias = Callable[[Mapping[str, Outcome]], bool]
Plans: TypeAlias = Callable[[Plan], bool]


def _some_row(test: Callable[[Row], bool]) -> Outcomes:
    return lambda outcomes: any(test(row) for o in outcomes.values() for row in o.trail)


def _reason(reason: str) -> Outcomes:
    return _some_row(lambda row: row.reason == reason)


def _verdict(verdict: str) -> Outcomes:
    return lambda outcomes: any(o.verdict == verdict for o in outcomes.values())


REACHED: dict[str, Outcomes] = {
    "outside": _some_row(lambda row: row.bucket == "outside"),
    "met on the day": _some_row(lambda row: row.met is True),
    "missed": _some_row(lambda row: row.met is False and row.days is not None),
    "open and counted": _some_row(lambda row: row.bucket == "counted" and row.days is None),
    "undetermined": _some_row(lambda row: row.bucket == "undetermined"),
    "no days": _some_row(lambda row: row.days == 0),
    **{
        reason: _reason(reason)
        for reason in (
            "start missing",
            "limit missing",
            "end before start",
            "refused month end",
            "no such local time",
            "repeated id",
        )
    },
    **{verdict: _verdict(verdict) for verdict in ("met", "missed", "not_assessable", "open")},
    "no rows": lambda outcomes: any(o.rows == 0 for o in outcomes.values()),
    "between none and all": lambda outcomes: any(
        o.met is not None and 0 < o.met < o.counted for o in outcomes.values()
    ),
}


@st.composite
def runs(draw: st.DrawFn) -> tuple[Plan, dict[str, Rows], dt.date | None]:
    plan = draw(strategies.plans())
    return plan, draw(strategies.tables_for(plan)), draw(strategies.as_ofs(plan))


def _has(test: Callable[[Target], bool]) -> Plans:
    return lambda plan: any(test(target) for target in plan.targets)


def _has_rule(rule: str) -> Plans:
    return _has(lambda target: target.rule == rule)


def _has_month_end(mode: str) -> Plans:
    return lambda plan: plan.month_end == mode


def _has_word(word: str) -> Plans:
    return lambda plan: any(getattr(window, word) is not None for window in _windows(plan))


def _windows(plan: Plan) -> Sequence[Window]:
    tests = [c.test for t in plan.targets for c in t.conditions()]
    return [plan.period, *(test for test in tests if isinstance(test, Window))]


PLANS: dict[str, Plans] = {
    **{rule: _has_rule(rule) for rule in strategies.TARGETS},
    **{f"month end {mode}": _has_month_end(mode) for mode in MONTH_ENDS},
    "a due column": _has(lambda t: isinstance(getattr(t, "limit", None), DueColumn)),
    "a cohort": _has(lambda t: getattr(t, "denominator", None) == "cohort"),
    "a cohort on an event": _has(lambda t: getattr(t, "on", None) is not None),
    "open at": _has(lambda t: getattr(t, "open_at", None) is not None),
    "unless": _has(lambda t: bool(t.unless)),
    "a range": _has(lambda t: any(isinstance(c.test, Range) for c in t.conditions())),
    "a negation": _has(
        lambda t: any(isinstance(c.test, OneOf) and c.test.negated for c in t.conditions())
    ),
    "two tables": lambda plan: len(plan.tables) == 2,
    "a key of two columns": lambda plan: any(len(t.key) == 2 for t in plan.tables),
    "another zone": lambda plan: plan.time_zone != "Europe/Copenhagen",
    **{word: _has_word(word) for word in ("name", *BOUNDS)},
}


def test_the_strategies_reach_everything() -> None:
    """Every bucket, reason and verdict, and every kind of plan."""
    unseen = set(REACHED) | set(PLANS)

    @settings(SETTINGS, max_examples=400, derandomize=True, database=None)
    @given(runs())
    def look(run: tuple[Plan, dict[str, Rows], dt.date | None]) -> None:
        outcomes = oracle.evaluate(*run)
        unseen.difference_update(what for what, test in REACHED.items() if test(outcomes))
        unseen.difference_update(what for what, test in PLANS.items() if test(run[0]))

    look()
    assert not unseen
