"""Generated plans and tables as the engine takes them, and both answers in one form."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping
from fractions import Fraction
from typing import TypeAlias

import polars as pl
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

import kpi
from kpi.conditions import Kind
from kpi.plan import Plan
from kpi.table import Table
from kpi.testing import strategies
from kpi.testing.oracle import Outcome, Row
from kpi.testing.strategies import Rows

SETTINGS = settings(
    max_examples=50,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
"""Settings of every property: drawing a plan and its tables takes longer than Hypothesis likes."""

LAWS = settings(SETTINGS, max_examples=30)
"""Settings of a law, which the agreement with the oracle leaves little room to break."""

Run: TypeAlias = tuple[Plan, dict[str, Rows], dt.date | None]


@st.composite
def runs(draw: st.DrawFn, *, repeats: bool = True, most: int = 12) -> Run:
    """A plan, the rows of its tables, and the day that they are looked at from."""
    plan = draw(strategies.plans(), label="plan")
    tables = draw(strategies.tables_for(plan, most=most, repeats=repeats), label="tables")
    return plan, tables, draw(strategies.as_ofs(plan, tables), label="as_of")


# Frames

_TYPES: dict[Kind, pl.DataType] = {
    "text": pl.String(),
    "integer": pl.Int64(),
    "number": pl.Float64(),
    "boolean": pl.Boolean(),
}


def frame(
    plan: Plan, table: Table, rows: Rows, keys: Mapping[str, pl.DataType] | None = None
) -> pl.DataFrame:
    """The rows as a frame of declared types, which an empty table has too.

    The key of a table of pauses is of the types of the key of its cases, which are given.
    """
    minute = {c for t in plan.leaves() if t.table == table.name for c in t.instants()}
    schema: dict[str, pl.DataType] = dict(keys or key_types(table, rows))
    for column, kind in strategies.contents(plan, table).items():
        dated = kind == "date"
        schema[column] = _date_type(column, rows, column in minute) if dated else _TYPES[kind]
    return pl.DataFrame(rows, schema=schema)


def key_types(table: Table, rows: Rows) -> dict[str, pl.DataType]:
    """What the columns of a table's key hold: numbers or texts."""
    numbers = {column for column in table.key if rows and isinstance(rows[0][column], int)}
    return {c: pl.Int64() if c in numbers else pl.String() for c in table.key}


def _date_type(column: str, rows: Rows, to_the_minute: bool) -> pl.DataType:
    cell = next((row[column] for row in rows if row[column] is not None), None)
    if not isinstance(cell, dt.datetime):
        return pl.Datetime("us") if to_the_minute else pl.Date()
    return pl.Datetime("us") if cell.tzinfo is None else pl.Datetime("us", "UTC")


def frames(plan: Plan, tables: Mapping[str, Rows]) -> dict[str, pl.DataFrame]:
    """The tables that are there, as frames."""
    found = {}
    for table in plan.tables:
        if table.name in tables:
            keys = None
            if table.pauses is not None and table.pauses in tables:
                of = key_types(plan.table(table.pauses), tables[table.pauses])
                keys = dict(zip(table.key, of.values(), strict=True))
            found[table.name] = frame(plan, table, tables[table.name], keys)
    return found


# What the engine says, and what the oracle says

Numbers: TypeAlias = tuple[object, ...]


def numbers(result: kpi.Result) -> dict[str, Numbers]:
    """What a result says of each target, and of each part that must hold, without its remarks."""
    found: dict[str, Numbers] = {}
    for t in result.leaves(parents=True):
        parts = {tuple(part.group.values()): _numbers(part) for part in t.each}
        assert len(parts) == len(t.each)
        found[t.id] = (t.rows, t.outside, *_numbers(t), parts)
    return found


def _numbers(t: kpi.TargetResult) -> Numbers:
    figures = {name: float(figure) for name, figure in t.figures.items() if figure is not None}
    return (
        t.excluded,
        t.undetermined,
        t.counted,
        t.met,
        t.total,
        t.value,
        figures,
        t.verdict,
    )


def expected(outcomes: Mapping[str, Outcome]) -> dict[str, Numbers]:
    """What the oracle says, in the same form: exact values as the nearest floats."""
    return {
        name: (
            o.rows,
            o.outside,
            *_expected(o),
            {part: _expected(its) for part, its in o.each.items()},
        )
        for name, o in outcomes.items()
    }


def _expected(o: Outcome) -> Numbers:
    return (
        o.excluded,
        o.undetermined,
        o.counted,
        o.met,
        o.total,
        _float(o.value),
        {name: float(figure) for name, figure in o.figures.items() if figure is not None},
        o.verdict,
    )


def _float(value: Fraction | None) -> float | None:
    return None if value is None else float(value)


# Trails

Trail: TypeAlias = Counter[tuple[object, ...]]


def engine_trail(result: kpi.Result) -> Trail:
    """The rows of the audit trail without their order.

    Why a row is outside, and the days and due date of one that is not counted, are for people. Due
    date, gross days and paused ones stand together.
    """
    leaves = {leaf.id for leaf in result.plan.leaves()}
    return Counter(
        (
            row["target"],
            row["bucket"],
            row["reason"] if row["bucket"] == "excluded" else None,
            row["met"],
            row["days"] if row["bucket"] == "counted" else None,
            _rest(row["due"], row["gross"], row["paused"]) if row["bucket"] == "counted" else None,
        )
        for row in result.audit().collect().iter_rows(named=True)
        # What tells whether a condition came about has a trail too.
        if row["target"] in leaves
    )


def oracle_trail(outcomes: Mapping[str, Outcome]) -> Trail:
    return Counter(
        (
            name,
            row.bucket,
            row.reason,
            row.met,
            row.days,
            _rest(row.due, _gross(row), row.paused) if row.bucket == "counted" else None,
        )
        for name, outcome in outcomes.items()
        for row in outcome.trail
    )


def _gross(row: Row) -> int | None:
    return None if row.days is None or row.paused is None else row.days + row.paused


def _rest(*cells: object) -> tuple[object, ...] | None:
    """What else is known of a row that counts; None where nothing is."""
    return cells if any(cell is not None for cell in cells) else None
