"""Points of series: rows of fixed columns, the same in every series (F54)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any

import polars as pl
from attrs import field, frozen

from kpi.fork_guard import use_engine
from kpi.results.plain_data import plain_value

_BEFORE: Mapping[str, pl.DataType] = {"target": pl.String()}
_AFTER: Mapping[str, pl.DataType] = {
    "period": pl.String(),
    "kind": pl.String(),
    "value": pl.Float64(),
    "low": pl.Float64(),
    "high": pl.Float64(),
    "n": pl.Int64(),
    "mark": pl.String(),
}


@frozen(kw_only=True)
class Point:
    """One figure of a series.

    Attributes:
        target: the id of the target.
        group: the value of each column of the break-down; empty without one.
        period: the month, as a series of results names it (S30), or the weeks from the as-of date.
        kind: what the figure is, such as "status" or "open".
        value: the figure; None where there is none.
        low: the lower end of a range; None where there is none, or nothing bounds it.
        high: the upper end likewise.
        n: the cases that it is of; None for what is not counted from cases.
        mark: what is to be said of it, such as a verdict or "outside the limits"; else None.
    """

    target: str
    group: Mapping[str, Any] = field(factory=dict)
    period: str
    kind: str
    value: Fraction | float | None = None
    low: Fraction | float | None = None
    high: Fraction | float | None = None
    n: int | None = None
    mark: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the point as plain data, numbers as JSON has them."""
        group = (
            {"group": {name: plain_value(value) for name, value in self.group.items()}}
            if self.group
            else {}
        )
        return {"target": self.target, **group, **{name: self._cell(name) for name in _AFTER}}

    def _cell(self, name: str) -> Any:
        cell = getattr(self, name)
        return float(cell) if isinstance(cell, Fraction) else cell


def frame_of(points: Iterable[Point], by: Sequence[str] = ()) -> pl.DataFrame:
    """Return a frame with a row per point, the columns of the break-down after `target`."""
    use_engine()
    rows = [*points]
    columns = {
        name: pl.Series(name, [point._cell(name) for point in rows], dtype)  # noqa: SLF001 - as JSON
        for name, dtype in _AFTER.items()
    }
    groups = [pl.Series(name, [point.group[name] for point in rows]) for name in by]
    targets = pl.Series("target", [point.target for point in rows], _BEFORE["target"])
    return pl.DataFrame([targets, *groups, *columns.values()])
