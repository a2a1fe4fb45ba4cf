"""Conversion of records to frames."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import polars as pl

from kpi.fork_guard import use_engine
from kpi.results.plain_data import plain_number
from kpi.results.target_result import TargetResult


def segment_words(record: TargetResult) -> str | None:
    """Return the segment that a record is of, as one text; None for the rows without a value."""
    values = [str(value) for value in record.group.values() if value is not None]
    return ", ".join(values) or None


_MOST = 2**63 - 1
"""The largest whole number of 64 bits."""

_SCHEMA: dict[str, pl.DataType] = {
    "id": pl.String(),
    "title": pl.String(),
    "rule": pl.String(),
    "rows": pl.Int64(),
    "outside": pl.Int64(),
    "counted": pl.Int64(),
    "counted_as": pl.Int64(),
    "excluded": pl.Int64(),
    "reasons": pl.String(),
    "undetermined": pl.Int64(),
    "met": pl.Int64(),
    "total": pl.Int64(),
    "value": pl.Float64(),
    "low": pl.Float64(),
    "high": pl.Float64(),
    "unit": pl.String(),
    "limit": pl.String(),
    "threshold": pl.Float64(),
    "verdict": pl.String(),
    "goal": pl.String(),
    "weight": pl.Float64(),
    "requirement": pl.String(),
}


_OF_BASE: dict[str, pl.DataType] = {
    "base": pl.Float64(),
    "base_counted": pl.Int64(),
    "difference": pl.Float64(),
    "change": pl.Float64(),
}
"""The columns of a frame of which a record is compared with a base (S33)."""


def _beside_base(t: TargetResult) -> dict[str, Any]:
    """Return the cells of a record in those columns; null where it has no base."""
    if t.base is None:
        return dict.fromkeys(_OF_BASE)
    counted = {"base_counted": t.base.counted}
    return {name: t.figures.get(name) for name in _OF_BASE} | counted


def frame(targets: Sequence[TargetResult]) -> pl.DataFrame:
    """Return a frame with a row per record, the columns of the records' group after `id`.

    The column `counted_as` is there where a record counts as a number of persons (S32). Where one is
    compared with a base, columns with that of the base follow the others.
    """
    use_engine()
    computed: dict[str, list[Any]] = {
        "counted_as": [t.counted_as and t.counted_as.counted for t in targets],
        "excluded": [sum(t.excluded.values()) for t in targets],
        "reasons": [t.reasons for t in targets],
        "low": [float(t.range[0]) if t.range else None for t in targets],
        "high": [float(t.range[1]) if t.range else None for t in targets],
        "threshold": [plain_number(t.threshold) for t in targets],
        "weight": [plain_number(t.weight) for t in targets],
    }
    columns: dict[str, list[Any]] = {
        name: [getattr(t, name) for t in targets] for name in _SCHEMA if name not in computed
    }
    schema = dict(_SCHEMA)
    if any(t.base is not None for t in targets):
        schema |= _OF_BASE
        cells = [_beside_base(t) for t in targets]
        computed |= {name: [of_record[name] for of_record in cells] for name in _OF_BASE}
    if max((t.total or 0 for t in targets), default=0) > _MOST:
        # Microseconds of very many long cases: exact, and in every kind of file.
        schema["total"] = pl.Decimal(38, 0)
        columns["total"] = [None if t.total is None else Decimal(t.total) for t in targets]
    frame = pl.DataFrame(columns | computed, schema=schema)
    if all(t.counted_as is None for t in targets):
        frame = frame.drop("counted_as")
    names = list(targets[0].group) if targets else []
    groups = [pl.Series(name, [t.group[name] for t in targets]) for name in names]
    return frame.select("id", *groups, pl.exclude("id", *names))
