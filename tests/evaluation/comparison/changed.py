"""An earlier extract made of a later one by chance: rows, dates and cells that were not yet so (H14)."""

from __future__ import annotations

import random
from collections.abc import Mapping

from hypothesis import strategies as st

import kpi
from kpi.testing.strategies import Rows

CHANCES = st.integers(0, 2**32).map(random.Random)


def earlier(
    plan: kpi.Plan, tables: Mapping[str, Rows], chance: random.Random, often: float = 0.15
) -> dict[str, Rows]:
    """The tables as they may have stood before: each cell but the key may have been another row's."""
    return {
        name: _earlier(plan.table(name).key, rows, chance, often) for name, rows in tables.items()
    }


def _earlier(key: tuple[str, ...], rows: Rows, chance: random.Random, often: float) -> Rows:
    cells = {
        column: [row[column] for row in rows] + [None]
        for column in (rows[0] if rows else ())
        if column not in key
    }
    made = []
    for row in rows:
        if chance.random() < often:
            continue
        was = dict(row)
        for column, values in cells.items():
            if chance.random() < often:
                was[column] = chance.choice(values)
        made.append(was)
        if chance.random() < often / 4:
            made.append(dict(was))
    if chance.random() < 0.5:
        chance.shuffle(made)
    return made
