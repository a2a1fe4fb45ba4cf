"""What an evaluation gives: a record per target, frames of them, and the audit trail."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

import polars as pl
from attrs import evolve, field, frozen

from kpi.definitions.plan import Plan
from kpi.engine import audit_trail as audit
from kpi.errors import KpiError
from kpi.foreign_text import json_text
from kpi.fork_guard import use_engine
from kpi.results.frames import frame, segment_words
from kpi.results.plain_data import plain_number
from kpi.results.target_result import TargetResult, Verdict
from kpi.tables.as_of import Snapshot
from kpi.tables.needs import Needs
from kpi.tables.quality import TableQuality


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
        return {name: plain_number(getattr(self, name)) for name in ("met", "of", "if_split")}


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
    facts: Mapping[str, TableQuality]
    notes: tuple[str, ...]
    tables: Mapping[str, Snapshot] | None = field(default=None, repr=False, eq=False)

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
        return frame(list(self.leaves(parents=True)))

    @property
    def groups(self) -> pl.DataFrame:
        """A row per target and group: the columns of the break-down, `period`, then as `frame`."""
        return frame([group for target in self.leaves() for group in target.groups])

    @property
    def each(self) -> pl.DataFrame:
        """A row per target and value, or stretch of time, that must reach it on its own.

        The column `part` says which; the others are as in `frame`.
        """
        found = [evolve(e, group={"part": segment_words(e)}) for t in self.leaves() for e in t.each]
        return frame(found)

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
        return frame(records)
    rows: list[TargetResult] = []
    for record in records:
        rows.append(evolve(record, group={**record.group, "part": None}))
        rows += [evolve(e, group={**record.group, "part": segment_words(e)}) for e in record.each]
    return frame(rows).with_columns(pl.col("part").cast(pl.String))
