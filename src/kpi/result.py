"""What an evaluation gives: a record per target, frames of them, and the audit trail."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any, Literal, TypeAlias

import polars as pl
from attrs import field, frozen

from kpi import audit
from kpi.asof import KnownTable
from kpi.errors import KpiError
from kpi.facts import Facts
from kpi.plan import Plan
from kpi.rows import Unit

Verdict: TypeAlias = Literal["met", "missed", "not_assessable", "open"]
"""What a target comes to (S27)."""


@frozen(kw_only=True)
class TargetResult:
    """What one target came to, over all rows or over one group of them.

    `rows = outside + counted + sum(excluded) + undetermined`, always (S12).

    Attributes:
        id: the target's id.
        title: the target's title, in English and in Danish.
        rule: the kind of target.
        table: the table it reads.
        rows: rows of the table that exist at the as-of date.
        outside: rows outside the population or the window.
        counted: rows in the denominator.
        excluded: rows left out, by reason; reasons without rows are not named.
        undetermined: rows whose outcome is not certain yet.
        met: the numerator of a share, else None.
        total: the whole days of an average, else None.
        value: a fraction 0..1 of a share, days of an average; None where nothing was counted.
        unit: "share" or "days".
        limit: the limit in the plan's words.
        threshold: the percentage to reach, exactly as the plan says it.
        requirement: limit and threshold in a few words.
        verdict: met, missed, not_assessable or open.
        remarks: what the definition alone tells a reader.
        group: for a group, the value of each column of the break-down and the `period`.
        groups: the groups, where a break-down or a series was asked for.
    """

    id: str
    title: str | None
    title_da: str | None
    rule: str
    table: str
    rows: int
    outside: int
    counted: int
    excluded: Mapping[str, int]
    undetermined: int
    met: int | None
    total: int | None
    value: float | None
    unit: Unit
    limit: str | None
    threshold: Decimal | None
    requirement: str
    verdict: Verdict
    remarks: tuple[str, ...] = ()
    group: Mapping[str, Any] = field(factory=dict)
    groups: tuple[TargetResult, ...] = ()

    @property
    def range(self) -> tuple[Fraction, Fraction] | None:
        """A share if none of the excluded rows had met it, and if all had (S12); else None."""
        left_out = sum(self.excluded.values())
        whole = self.counted + left_out
        if self.met is None or not whole:
            return None
        return Fraction(self.met, whole), Fraction(self.met + left_out, whole)

    @property
    def reasons(self) -> str:
        """The reasons for which rows are excluded, with their number, in one text."""
        return ", ".join(f"{reason} {n:,}" for reason, n in self.excluded.items())

    def to_dict(self) -> dict[str, Any]:
        """The record as plain data, as the JSON has it (schema: docs/result.schema.json)."""
        names = (
            "id",
            "rule",
            "rows",
            "outside",
            "counted",
            "excluded",
            "undetermined",
            "met",
            "total",
            "value",
            "unit",
            "limit",
            "threshold",
            "verdict",
        )
        data = {name: getattr(self, name) for name in names}
        data["excluded"] = dict(self.excluded)
        data["threshold"] = _number(self.threshold)
        if self.group:
            data = {"group": {name: _plain(value) for name, value in self.group.items()}} | data
        if self.groups:
            data["groups"] = [group.to_dict() for group in self.groups]
        return data


@frozen(kw_only=True)
class Result:
    """What a plan came to.

    Attributes:
        plan: the plan that was evaluated.
        as_of: the date that the cases are looked at from (S15).
        as_of_given: whether the caller said so; else it is the last day of the plan's period.
        targets: a record per target, in the plan's order.
        facts: rows read, rejected and hidden, by table.
        notes: what a reader should know, a line each.
        tables: the tables at the as-of date; none where the result was finished from states.
    """

    plan: Plan = field(repr=lambda plan: plan.id)
    as_of: dt.date
    as_of_given: bool
    targets: tuple[TargetResult, ...]
    facts: Mapping[str, Facts]
    notes: tuple[str, ...]
    tables: Mapping[str, KnownTable] | None = field(default=None, repr=False, eq=False)

    def __iter__(self) -> Iterator[TargetResult]:
        return iter(self.targets)

    def __getitem__(self, target: str) -> TargetResult:
        """The record of a target, by id.

        Raises:
            KeyError: where the plan has no such target.
        """
        for found in self.targets:
            if found.id == target:
                return found
        raise KeyError(target)

    @property
    def frame(self) -> pl.DataFrame:
        """A row per target; `excluded` counts rows, `reasons` says how many for which reason.

        `low` and `high` are a share if none and if all of the excluded rows had met it (S12).
        """
        return _frame(self.targets)

    @property
    def groups(self) -> pl.DataFrame:
        """A row per target and group: the columns of the break-down, `period`, then as `frame`."""
        return _frame([group for target in self.targets for group in target.groups])

    def audit(self, *, outside: bool = True) -> pl.LazyFrame:
        """What became of each row under each target, computed when it is collected.

        Args:
            outside: whether rows outside a target's population or window are listed too.

        Returns:
            `target`, `table`, `case` (the row's key), `bucket`, `reason` (why outside or excluded),
            `met` (counted rows of a share), `due` and `days` (where the row is inside).

        Raises:
            KpiError: for a result of merged states, which hold no cases.
        """
        if self.tables is None:
            raise KpiError(
                "no audit trail: this result was finished from states, which hold no cases"
            )
        parts = [
            audit.trail(self.plan, self.tables[name], targets, outside=outside)
            for name, targets in self.plan.tables_read().items()
            if name in self.tables
        ]
        return pl.concat(parts) if parts else audit.empty()

    def to_dict(self) -> dict[str, Any]:
        """The result as plain data, as the JSON has it (schema: docs/result.schema.json)."""
        return {
            "plan": self.plan.id,
            "as_of": self.as_of.isoformat(),
            "targets": [target.to_dict() for target in self.targets],
            "tables": {
                name: {"rows": facts.rows, "rejected": dict(facts.rejected), "hidden": facts.hidden}
                for name, facts in self.facts.items()
            },
            "notes": list(self.notes),
        }

    def to_json(self) -> str:
        """The result as JSON text (schema: docs/result.schema.json)."""
        return json.dumps(self.to_dict(), ensure_ascii=False, indent=2)


def _number(value: Decimal | None) -> int | float | None:
    if value is None:
        return None
    return int(value) if value == value.to_integral_value() else float(value)


def _plain(value: object) -> object:
    return value if isinstance(value, str | int | float | bool | None) else str(value)


_SCHEMA: dict[str, pl.DataType] = {
    "id": pl.String(),
    "title": pl.String(),
    "rule": pl.String(),
    "rows": pl.Int64(),
    "outside": pl.Int64(),
    "counted": pl.Int64(),
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
}


COLUMNS = tuple(_SCHEMA)
"""The columns of a frame of results; a break-down has its own beside them."""


def _frame(targets: list[TargetResult] | tuple[TargetResult, ...]) -> pl.DataFrame:
    made: dict[str, list[Any]] = {
        "excluded": [sum(t.excluded.values()) for t in targets],
        "reasons": [t.reasons for t in targets],
        "low": [float(t.range[0]) if t.range else None for t in targets],
        "high": [float(t.range[1]) if t.range else None for t in targets],
        "threshold": [_number(t.threshold) for t in targets],
    }
    columns: dict[str, list[Any]] = {
        name: [getattr(t, name) for t in targets] for name in _SCHEMA if name not in made
    }
    frame = pl.DataFrame(columns | made, schema=_SCHEMA)
    names = list(targets[0].group) if targets else []
    groups = [pl.Series(name, [t.group[name] for t in targets]) for name in names]
    return frame.select("id", *groups, pl.exclude("id", *names))
