"""The state of a batch whose rows were divided by key, and evaluated part by part.

All rows of a key are in one part, a case together with its pauses, and each part has every table of
the batch, an empty one where it has no row. Then whatever is looked for in the rows of one key has
been found: repeated ids (S13), pauses without a case (S14), a fact that is reported twice. The parts
are one batch, and their state is that of all rows at once.
"""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl
from attrs import evolve

from kpi.engine.batches import coverage_of, reports_of
from kpi.engine.completions.outcomes import (
    CAN_BE_EXCLUDED,
    CAN_HELP,
    CAN_HURT,
    OF_NEWCOMERS,
    UNBOUNDED,
)
from kpi.engine.completions.possibilities import WIDE
from kpi.engine.state import State, merge
from kpi.tables.needs import Needs

_MARKS = (CAN_HELP, CAN_HURT, CAN_BE_EXCLUDED, UNBOUNDED, OF_NEWCOMERS, WIDE)
"""Quantities of what rows can still be that each part has, for they are of the plan (F6, F14)."""


def merge_divided(states: Iterable[State]) -> State:
    """Return the state of one batch out of the states of its parts, which share no key.

    Args:
        states: the states, at least one; the name of the batch, if it has one, is in one of them.

    Raises:
        DataError: where the states are not of one plan, as-of date, break-down and series.
    """
    merged = merge(states)
    targets = Needs(merged.plan).targets
    # Each part says the same of the source.
    facts = {
        name: evolve(quality, remarks_of_source=tuple(dict.fromkeys(quality.remarks_of_source)))
        for name, quality in merged.facts.items()
    }
    possible = merged.possible
    if possible.height:
        once = pl.when(pl.col("quantity").is_in(_MARKS)).then(1).otherwise("n")
        possible = possible.with_columns(n=once.cast(pl.Int64))
    return evolve(
        merged,
        possible=possible,
        facts=facts,
        batches=int(any(quality.rows for quality in facts.values())),
        coverage=coverage_of(facts, (target.tables for target in targets)),
        reports=reports_of(facts, targets),
    )
