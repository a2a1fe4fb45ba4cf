"""Synthetic extracts for a plan: enough of every edge to try the plan on.

Most rows are made for a target and kept plausible around its limit: on the limit or a day beside
it, open, or rarely without a date. Some targets are to be met and some to be missed.
"""

from __future__ import annotations

import random

import polars as pl

from kpi.definitions.plan import Plan
from kpi.fork_guard import use_engine
from kpi.sample.pause_rows import pause_frame
from kpi.sample.tables import table_frame
from kpi.sample.values import readers

_MISSED = 0.3


def sample(plan: Plan, rows: int, seed: int = 0) -> dict[str, pl.DataFrame]:
    """Return synthetic tables for a plan, the same for the same plan, rows and seed.

    Args:
        plan: the plan whose tables are made.
        rows: the most rows that a table has. A table that is read for a count, for the days of a
            window or for reported facts has no more rows than that takes.
        seed: what the choices depend on.
    """
    use_engine()
    kept = _kept(plan, seed)
    read = readers(plan)
    frames = {
        name: table_frame(plan, plan.table(name), targets, kept, rows, seed)
        for name, targets in read.items()
    }
    for table in plan.tables:
        if table.pauses in frames:
            paused, targets = plan.table(table.pauses), read[table.pauses]
            frames[table.name] = pause_frame(table, paused, frames[paused.name], targets, seed)
    return frames


def _kept(plan: Plan, seed: int) -> frozenset[str]:
    """Return the ids of the targets to be reached; of a requirement to be missed, one part is."""
    rng = random.Random(f"{seed}/{plan.id}")  # noqa: S311 - a sample, not a secret
    wanted = list(plan.targets)
    rng.shuffle(wanted)
    # Rounded up or down by chance, so that a plan of one target may have it missed too.
    few = int(_MISSED * len(wanted) + rng.random())
    missed = {rng.choice(requirement.leaves()).id for requirement in wanted[:few]}
    return frozenset(target.id for target in plan.leaves() if target.id not in missed)
