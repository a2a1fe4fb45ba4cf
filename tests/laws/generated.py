"""Generated plans and tables, and the settings of the properties that take them."""

from __future__ import annotations

import datetime as dt
import os
import random
from collections.abc import Mapping
from typing import TypeAlias

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from kpi.definitions.plan import Plan
from kpi.definitions.table import Table
from kpi.testing import strategies
from kpi.testing.comparable import engine_trail, expected, numbers, oracle_trail
from kpi.testing.frames import frames
from kpi.testing.strategies import Rows

__all__ = [
    "LAWS",
    "SETTINGS",
    "Run",
    "engine_trail",
    "expected",
    "frames",
    "numbers",
    "oracle_trail",
    "runs",
    "varied",
]

TIMES = int(os.environ.get("KPI_TIMES_THE_EXAMPLES", "1"))
"""How many times the usual number of examples the properties draw; above 1, other ones each time."""

SETTINGS = settings(
    max_examples=4 * TIMES,
    # The same examples each time: `tests.laws.longer` draws others, for as long as asked.
    derandomize=TIMES == 1,
    database=None,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
"""Settings of every property: drawing a plan and its tables takes longer than Hypothesis likes."""

LAWS = settings(SETTINGS, max_examples=2 * TIMES)
"""Settings of a law, which the agreement with the oracle leaves little room to break."""

Run: TypeAlias = tuple[Plan, dict[str, Rows], dt.date | None]


@st.composite
def runs(
    draw: st.DrawFn, *, repeats: bool = True, most: int = 12, elaborate: bool | None = None
) -> Run:
    """A plan, the rows of its tables, and the day that they are looked at from."""
    plan = draw(strategies.plans(elaborate=elaborate), label="plan")
    tables = draw(strategies.tables_for(plan, most=most, repeats=repeats), label="tables")
    return plan, tables, draw(strategies.as_ofs(plan, tables), label="as_of")


def varied(
    plan: Plan, tables: Mapping[str, Rows], chance: random.Random, rows: int
) -> dict[str, Rows]:
    """The tables with so many further rows: drawn ones with a cell changed here and there.

    A date moves by a day, a number by one, a cell comes from another row or is missing; pauses are
    copied with their case. Cheap, where drawing a row takes Hypothesis milliseconds. Tables whose key
    is neither text nor number, or of several columns, and the table of facts stay as they are.
    """
    found = {name: list(its) for name, its in tables.items()}
    for table in plan.tables:
        its = tables.get(table.name, [])
        if table.pauses is not None or len(table.key) != 1 or not its or table.name == "reported":
            continue
        (key,) = table.key
        if not all(isinstance(row[key], str | int) for row in its):
            continue
        numbers = all(isinstance(row[key], int) for row in its)
        waiting = [one for one in plan.tables if one.pauses == table.name and tables.get(one.name)]
        for n in range(rows):
            row = chance.choice(its)
            # Far from every key that was drawn.
            its_key: str | int = 10_000_000 + n if numbers else f"varied {n}"
            found[table.name].append({**_changed(table, row, its, chance), key: its_key})
            for one in waiting:
                found[one.name] += [
                    {**_changed(one, pause, tables[one.name], chance), one.key[0]: its_key}
                    for pause in tables[one.name]
                    if pause[one.key[0]] == row[key]
                ]
    return found


def _changed(
    table: Table, row: Mapping[str, object], rows: Rows, chance: random.Random
) -> dict[str, object]:
    changed = dict(row)
    for column, cell in row.items():
        if column in table.key:
            continue
        turn = chance.random()
        if turn < 0.1:
            changed[column] = chance.choice(rows).get(column)
        elif turn < 0.3:
            changed[column] = _beside(cell, chance.choice((-1, 1)))
        elif turn < 0.33:
            changed[column] = None
    return changed


def _beside(cell: object, step: int) -> object:
    if isinstance(cell, int) and not isinstance(cell, bool):
        return cell + step
    try:
        return cell + dt.timedelta(step) if isinstance(cell, dt.date) else cell
    except OverflowError:
        return cell
