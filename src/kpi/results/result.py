"""What an evaluation gives: a record per target, frames of them, and the audit trail."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any, Literal, TypeAlias

import polars as pl
from attrs import evolve, field, frozen

from kpi.definitions.bounds import Bounds
from kpi.definitions.measurement import Unit
from kpi.definitions.plan import Plan
from kpi.engine import audit_trail as audit
from kpi.errors import KpiError
from kpi.foreign_text import json_text
from kpi.fork_guard import use_engine
from kpi.tables.as_of import KnownTable
from kpi.tables.needs import Needs
from kpi.tables.quality import Facts

Verdict: TypeAlias = Literal["met", "missed", "not_assessable", "open", "lapsed", "indicator"]
"""What a target comes to (S27): lapsed where its condition did not come about (S28), indicator where
it asks for nothing."""


@frozen(kw_only=True)
class TargetResult:
    """What one target came to, over all rows or over one group of them.

    `rows = outside + counted + sum(excluded) + undetermined`, always (S12).

    Attributes:
        id: the target's id.
        title: the target's title, in English and in Danish.
        source: where in the document it stands.
        goal: the goal it belongs to.
        weight: what it counts for in the score, where its goal has no weight of its own.
        rule: the kind of target; "parts" for a requirement of several.
        table: the table it reads.
        rows: rows of the table that exist at the as-of date.
        outside: rows outside the population or the window.
        counted: rows in the denominator.
        excluded: rows left out, by reason; reasons without rows are not named.
        undetermined: rows whose outcome is not certain yet.
        met: the numerator of a share, else None.
        total: the days of an average, whole ones or working days, else None.
        value: in `unit`; None where there is nothing to say it of.
        unit: "share" (a fraction 0..1), "days", "working days", "months", "count", "change" (a
            fraction), "number", "parts".
        figures: what else should be seen beside the value, such as both stocks of a change.
        limit: the limit in the plan's words.
        threshold: the percentage to reach, exactly as the plan says it.
        bounds: what a number must be, exactly as the plan says it; a change in per cent.
        requirement: limit and threshold in a few words.
        verdict: met, missed, not_assessable, open, lapsed or indicator.
        remarks: what a reader should know of it.
        parts: the records of a requirement's parts.
        each: a record for each value, or stretch of time, that must reach the target on its own.
        group: for a group, the value of each column of the break-down and the `period`.
        groups: the groups, where a break-down or a series was asked for.
    """

    id: str
    title: str | None
    title_da: str | None
    source: str | None = None
    goal: str | None = None
    weight: Decimal | None = None
    rule: str
    table: str | None = None
    rows: int = 0
    outside: int = 0
    counted: int = 0
    excluded: Mapping[str, int] = field(factory=dict)
    undetermined: int = 0
    met: int | None = None
    total: int | None = None
    value: float | None = None
    unit: Unit
    figures: Mapping[str, float | int | None] = field(factory=dict)
    limit: str | None = None
    threshold: Decimal | None = None
    bounds: Bounds | None = None
    requirement: str
    verdict: Verdict
    remarks: tuple[str, ...] = ()
    parts: tuple[TargetResult, ...] = ()
    each: tuple[TargetResult, ...] = ()
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
            "title",
            "source",
            "goal",
            "weight",
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
            "requirement",
            "verdict",
        )
        # A group is of a target whose own words stand above it.
        left_out = ("title", "source", "goal", "weight") if self.group else ()
        data = {name: getattr(self, name) for name in names if name not in left_out}
        data["excluded"] = dict(self.excluded)
        data["threshold"] = _number(self.threshold)
        if "weight" in data:
            data["weight"] = _number(self.weight)
        if self.figures:
            data["figures"] = dict(self.figures)
        if self.parts:
            data["parts"] = [part.to_dict() for part in self.parts]
        if self.group:
            data = {"group": {name: _plain(value) for name, value in self.group.items()}} | data
        if self.each or self.groups:
            data["groups"] = [group.to_dict() for group in (*self.each, *self.groups)]
        return data


@frozen(kw_only=True)
class Score:
    """The sum of the weights of what was met (S28).

    Attributes:
        met: the weights earned, each shared weight as the plan declares.
        of: the sum of all weights.
        if_all: the same if every shared weight were earned only when all of its requirements are
            met.
        if_split: the same if every shared weight were split equally among its requirements.
        aside: weights that are neither earned nor missed, by verdict: not_assessable, open, lapsed.
        reconstructed: whether it rests on reconstructed weights.
    """

    met: Decimal
    of: Decimal
    if_all: Decimal
    if_split: Decimal
    aside: Mapping[Verdict, Decimal] = field(factory=dict)
    reconstructed: bool = False

    def to_dict(self) -> dict[str, Any]:
        """The score as plain data, as the JSON has it."""
        return {name: _number(getattr(self, name)) for name in ("met", "of", "if_split")}


@frozen(kw_only=True)
class Result:
    """What a plan came to.

    Attributes:
        plan: the plan that was evaluated.
        as_of: the date that the cases are looked at from (S15).
        as_of_given: whether the caller said so; else it is the last day of the plan's period.
        targets: a record per requirement, in the plan's order.
        score: the sum of the weights of what was met; None where the plan gives no weights.
        facts: rows read, rejected and hidden, by table.
        notes: what a reader should know, a line each.
        tables: the tables at the as-of date; none where the result was finished from states.
    """

    plan: Plan = field(repr=lambda plan: plan.id)
    as_of: dt.date
    as_of_given: bool
    targets: tuple[TargetResult, ...]
    score: Score | None = None
    facts: Mapping[str, Facts]
    notes: tuple[str, ...]
    tables: Mapping[str, KnownTable] | None = field(default=None, repr=False, eq=False)

    def __iter__(self) -> Iterator[TargetResult]:
        return iter(self.targets)

    def __getitem__(self, target: str) -> TargetResult:
        """The record of a requirement, or of a part of one, by id.

        Raises:
            KeyError: where the plan has no such target.
        """
        for found in self.leaves(parents=True):
            if found.id == target:
                return found
        raise KeyError(target)

    def leaves(self, *, parents: bool = False) -> Iterator[TargetResult]:
        """The records of all targets that are measured: requirements, or their parts.

        Args:
            parents: whether a requirement of several parts comes before its parts.
        """
        for target in self.targets:
            if parents or not target.parts:
                yield target
            yield from target.parts

    @property
    def frame(self) -> pl.DataFrame:
        """A row per requirement, each followed by its parts; `excluded` counts rows, `reasons` says how many for which reason.

        `low` and `high` are a share if none and if all of the excluded rows had met it (S12).
        """
        return _frame(list(self.leaves(parents=True)))

    @property
    def groups(self) -> pl.DataFrame:
        """A row per target and group: the columns of the break-down, `period`, then as `frame`."""
        return _frame([group for target in self.leaves() for group in target.groups])

    @property
    def each(self) -> pl.DataFrame:
        """A row per target and value, or stretch of time, that must reach it on its own.

        The column `part` says which; the others are as in `frame`.
        """
        found = [evolve(e, group={"part": _words(e)}) for t in self.leaves() for e in t.each]
        return _frame(found)

    def audit(self, *ids: str, outside: bool = True) -> pl.LazyFrame:
        """What became of each row under each target, computed when it is collected.

        Args:
            ids: the targets, or requirements of several, that are listed (default: all).
            outside: whether rows outside a target's population or window are listed too.

        Returns:
            `target`, `table`, `case` (the row's key), `bucket`, `reason` (why outside or excluded),
            `met` (counted rows of a share), `due` and `days` (where the row is inside), `gross` and
            `paused` (where the target deducts pauses: `days` is their difference), `seconds`
            (where the limit is in hours or minutes).

        Raises:
            KpiError: for a result of merged states, which hold no cases.
            DataError: where a large file has changed since it was checked.
            KeyError: for an id that no requirement of the plan has.
        """
        if self.tables is None:
            raise KpiError(
                "no audit trail: this result was finished from states, which hold no cases"
            )
        use_engine()
        asked = self.plan.only(*ids) if ids else self.plan
        parts = [
            audit.trail(self.plan, self.tables[name], told, outside=outside)
            for name, targets in Needs(asked).by_table.items()
            if (told := [t for t in targets if set(t.tables) <= self.tables.keys()])
        ]
        return pl.concat(parts) if parts else audit.empty()

    def to_dict(self) -> dict[str, Any]:
        """The result as plain data, as the JSON has it (schema: docs/result.schema.json)."""
        return {
            "plan": self.plan.id,
            "as_of": self.as_of.isoformat(),
            "targets": [target.to_dict() for target in self.targets],
            "score": None if self.score is None else self.score.to_dict(),
            "tables": {
                name: {"rows": facts.rows, "rejected": dict(facts.rejected), "hidden": facts.hidden}
                for name, facts in self.facts.items()
            },
            "notes": list(self.notes),
        }

    def to_json(self) -> str:
        """The result as JSON text (schema: docs/result.schema.json)."""
        return json_text(json.dumps(self.to_dict(), ensure_ascii=False, indent=2))


def flat_frame(result: Result) -> pl.DataFrame:
    """The rows that CSV and Parquet have: those of `groups` where there are any, else of `frame`.

    Where a target has values, or stretches of time, that must reach it on their own, a row for each
    follows with its own limit and threshold; the column `part`, which is then there, says which.
    """
    records = [group for target in result.leaves() for group in target.groups]
    records = records or list(result.leaves(parents=True))
    if not any(record.each for record in records):
        return _frame(records)
    rows: list[TargetResult] = []
    for record in records:
        rows.append(evolve(record, group={**record.group, "part": None}))
        rows += [evolve(e, group={**record.group, "part": _words(e)}) for e in record.each]
    return _frame(rows).with_columns(pl.col("part").cast(pl.String))


def _number(value: Decimal | None) -> int | float | None:
    if value is None:
        return None
    return int(value) if value == value.to_integral_value() else float(value)


def _words(record: TargetResult) -> str | None:
    """Which part of its target a record is of, as one text; None for the rows without a value."""
    known = [str(value) for value in record.group.values() if value is not None]
    return ", ".join(known) or None


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
    "goal": pl.String(),
    "weight": pl.Float64(),
    "requirement": pl.String(),
}


def _frame(targets: Sequence[TargetResult]) -> pl.DataFrame:
    use_engine()
    made: dict[str, list[Any]] = {
        "excluded": [sum(t.excluded.values()) for t in targets],
        "reasons": [t.reasons for t in targets],
        "low": [float(t.range[0]) if t.range else None for t in targets],
        "high": [float(t.range[1]) if t.range else None for t in targets],
        "threshold": [_number(t.threshold) for t in targets],
        "weight": [_number(t.weight) for t in targets],
    }
    columns: dict[str, list[Any]] = {
        name: [getattr(t, name) for t in targets] for name in _SCHEMA if name not in made
    }
    frame = pl.DataFrame(columns | made, schema=_SCHEMA)
    names = list(targets[0].group) if targets else []
    groups = [pl.Series(name, [t.group[name] for t in targets]) for name in names]
    return frame.select("id", *groups, pl.exclude("id", *names))
