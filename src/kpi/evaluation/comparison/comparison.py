"""The comparison of two extracts, as data for people, programs and files."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

import polars as pl
from attrs import field, frozen

from kpi.definitions.notes import Note, note_codes
from kpi.definitions.plan import Plan
from kpi.evaluation.comparison.case_list import BUCKET, cases
from kpi.evaluation.comparison.records import CHANGED, Step, TargetComparison, integers
from kpi.evaluation.comparison.table_pairs import TablePair
from kpi.foreign_text import json_text, terminal_text
from kpi.fork_guard import use_engine
from kpi.results.provenance import Provenance
from kpi.results.result import Score
from kpi.tables.needs import Needs

SCHEMA = 1
"""The version of the JSON of a comparison (docs/comparison.schema.json)."""

_STEP = pl.Enum(["restated", "news"])
_MOST = 2**63 - 1
"""The largest whole number of 64 bits."""


@frozen(kw_only=True)
class Comparison:
    """Comparison of an extract OLD with a later one NEW: what was said, and why it moved (F40 to F46).

    Attributes:
        plan: the plan that judges both extracts.
        as_of: the day D that OLD and NEW are looked at from.
        to: the day D2 that NEW is looked at from too.
        targets: a record per requirement and part of one, in the plan's order; those whose certain
            verdict in OLD is contradicted by NEW come first.
        scores: the score of each figure by name; None where the plan gives no weights.
        late: how many cases entered and ended by month, as known then and now (F45).
        notes: what a reader should know, a line each, with the code of its kind (`note.code`).
    """

    plan: Plan = field(repr=lambda plan: plan.id)
    as_of: dt.date
    to: dt.date
    targets: tuple[TargetComparison, ...]
    scores: Mapping[str, Score | None]
    late: pl.DataFrame = field(repr=False, eq=False)
    notes: tuple[Note, ...]
    pairs: tuple[Mapping[str, TablePair], ...] = field(repr=False, eq=False)

    def __repr__(self) -> str:
        from kpi.report.notebook import comparison_text  # noqa: PLC0415 - a room above

        return f"<Comparison {terminal_text(comparison_text(self))}>"

    def _repr_html_(self) -> str:
        """Return the comparison as a notebook shows it."""
        from kpi.report.notebook import comparison_html  # noqa: PLC0415 - a room above

        return comparison_html(self)

    def __iter__(self) -> Iterator[TargetComparison]:
        return iter(self.targets)

    def __getitem__(self, target: str) -> TargetComparison:
        """Return the record of a requirement, or of a part of one, by id.

        Raises:
            KeyError: where the plan has no such target.
        """
        for record in self.targets:
            if record.id == target:
                return record
        raise KeyError(target)

    @property
    def frame(self) -> pl.DataFrame:
        """A row per target and figure: its integers, value and verdict.

        `figure` is then, then_under_plan (only with another plan for OLD), then_known_now or now.
        """
        use_engine()
        rows = [
            (target.id, name, *integers(record).values(), record.value, record.verdict)
            for target in self.targets
            for name, record in target.figures
            if record is not None
        ]
        schema: dict[str, pl.DataType | type[pl.DataType]] = {
            "target": pl.String,
            "figure": pl.String,
            **dict.fromkeys(CHANGED, pl.Int64),
            "value": pl.Float64,
            "verdict": pl.String,
        }
        return _framed(rows, schema)

    @property
    def buckets(self) -> pl.DataFrame:
        """A row per target, step and bucket: keys, the change of each integer, and the figure after (F42).

        `cases` is null where keys are not told apart, as of a requirement of several parts.
        """
        use_engine()
        rows = [
            (
                target.id,
                step.name,
                change.bucket,
                change.cases,
                *change.change.values(),
                change.after.value,
                change.after.verdict,
            )
            for target, step in self._steps()
            for change in step.buckets
        ]
        schema: dict[str, pl.DataType | type[pl.DataType]] = {
            "target": pl.String,
            "step": _STEP,
            "bucket": BUCKET,
            "cases": pl.Int64,
            **dict.fromkeys(CHANGED, pl.Int64),
            "value_after": pl.Float64,
            "verdict_after": pl.String,
        }
        return _framed(rows, schema)

    @property
    def path(self) -> pl.DataFrame:
        """A row per target, step and bucket: the figure after it; the first of a step has no bucket (F43)."""
        use_engine()
        rows: list[tuple[Any, ...]] = []
        for target, step in self._steps():
            along = [(None, step.before), *((c.bucket, c.after) for c in step.buckets)]
            for n, (bucket, record) in enumerate(along):
                numbers = integers(record).values()
                place = (target.id, step.name, n, bucket)
                rows.append((*place, *numbers, record.value, record.verdict))
        schema: dict[str, pl.DataType | type[pl.DataType]] = {
            "target": pl.String,
            "step": _STEP,
            "order": pl.Int64,
            "bucket": BUCKET,
            **dict.fromkeys(CHANGED, pl.Int64),
            "value": pl.Float64,
            "verdict": pl.String,
        }
        return _framed(rows, schema)

    def cases(self, *ids: str, unchanged: bool = False) -> pl.LazyFrame:
        """Return the bucket of each case under each target, and what it was before and after, lazily.

        Args:
            ids: ids of the targets, or of requirements of several parts, to list (default: all).
            unchanged: whether unchanged cases are listed too.

        Returns:
            a row per target, step and key: `target`, `table`, `step`, `case`, `bucket`, and the
            outcome `before` and `after` the step, each with `reason`, `met`, `due`, `days` and
            `counted_as`, as the audit trail has them.

        Raises:
            KeyError: for an id that no requirement of the plan has.
        """
        use_engine()
        targets = Needs(self.plan.only(*ids) if ids else self.plan).targets
        return cases(self.plan, self.pairs, targets, unchanged=unchanged)

    def _steps(self) -> Iterator[tuple[TargetComparison, Step]]:
        for target in self.targets:
            for step in target.steps:
                yield target, step

    def to_dict(self) -> dict[str, Any]:
        """Return the comparison as plain data (schema: docs/comparison.schema.json)."""
        late = self.late.with_columns(pl.col("month_end").cast(pl.String)).to_dicts()
        return {
            "schema": SCHEMA,
            **Provenance.of(self.plan, self.as_of).to_dict(),
            "to": self.to.isoformat(),
            "targets": [target.to_dict() for target in self.targets],
            "scores": {
                name: None if score is None else score.to_dict()
                for name, score in self.scores.items()
            },
            "late": late,
            "notes": list(map(str, self.notes)),
            "note_codes": note_codes(self.notes),
        }

    def to_json(self) -> str:
        """Return the comparison as JSON text (schema: docs/comparison.schema.json)."""
        return json_text(json.dumps(self.to_dict(), ensure_ascii=False, indent=2))


def _framed(
    rows: list[tuple[Any, ...]], schema: dict[str, pl.DataType | type[pl.DataType]]
) -> pl.DataFrame:
    """Return rows as a frame; totals that 64 bits do not hold are decimals without places."""
    place = list(schema).index("total")
    totals = [abs(row[place]) for row in rows if row[place] is not None]
    if max(totals, default=0) > _MOST:
        # Microseconds of very many long cases: exact, and in every kind of file.
        schema = {**schema, "total": pl.Decimal(38, 0)}
        rows = [(*r[:place], _decimal(r[place]), *r[place + 1 :]) for r in rows]
    return pl.DataFrame(rows, schema=schema, orient="row")


def _decimal(n: int | None) -> Decimal | None:
    return None if n is None else Decimal(n)
