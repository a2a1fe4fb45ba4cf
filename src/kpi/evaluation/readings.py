"""Readings of targets, side by side: which verdicts depend on how a sentence is read (S26)."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from typing import Any

import polars as pl
from attrs import evolve, field, frozen
from polars._typing import EngineType

from kpi.definitions.notes import Note, note_codes
from kpi.definitions.plan import Plan
from kpi.definitions.target import Target
from kpi.engine.partial import partial
from kpi.engine.state import State
from kpi.foreign_text import json_text, terminal_text
from kpi.fork_guard import use_engine
from kpi.results.finish import finish
from kpi.results.notes import notes
from kpi.results.provenance import SCHEMA, Provenance
from kpi.results.target_result import TargetResult
from kpi.tables.check import Extract
from kpi.tables.sources.resolve import Tables

DEFAULT = "default"
"""Name of the plan's own reading in plain data."""


@frozen(kw_only=True)
class TargetReadings:
    """Records of one target under each of its readings.

    Attributes:
        id: the target's id.
        default: the record of the target as the plan reads it.
        others: pairs of the name of another reading and the target's record under that reading.
    """

    id: str
    default: TargetResult
    others: tuple[tuple[str, TargetResult], ...]

    def records(self) -> Iterator[tuple[str | None, TargetResult]]:
        """Yield the name and the record of each reading, first the plan's own, named None."""
        yield None, self.default
        yield from self.others

    @property
    def turns(self) -> bool:
        """Whether the verdict depends on the reading."""
        return any(record.verdict != self.default.verdict for _, record in self.others)


@frozen(kw_only=True, repr=False)
class Readings:
    """Records of a plan under each reading of each target (S26).

    Attributes:
        plan: the plan.
        as_of: the date that the cases are looked at from (S15).
        targets: a record per target, in the plan's order; parts of a requirement each on their own.
        notes: what a reader should know, a line each, with the code of its kind (`note.code`).
    """

    plan: Plan = field(repr=lambda plan: plan.id)
    as_of: dt.date
    targets: tuple[TargetReadings, ...]
    notes: tuple[Note, ...]

    def __repr__(self) -> str:
        from kpi.report.notebook import readings_text  # noqa: PLC0415 - a room above

        return f"<Readings {terminal_text(readings_text(self))}>"

    def _repr_html_(self) -> str:
        """Return the readings as a notebook shows them."""
        from kpi.report.notebook import readings_html  # noqa: PLC0415 - a room above

        return readings_html(self)

    @property
    def turning(self) -> tuple[str, ...]:
        """The ids of the targets whose verdict depends on the reading."""
        return tuple(target.id for target in self.targets if target.turns)

    @property
    def frame(self) -> pl.DataFrame:
        """A row per target and reading.

        `reading` is null for the plan's own reading; `turns` says whether the verdict of the target
        depends on the reading.
        """
        use_engine()
        rows = [
            (
                target.id,
                name,
                record.value,
                record.unit,
                record.requirement,
                record.counted,
                record.verdict,
                target.turns,
            )
            for target in self.targets
            for name, record in target.records()
        ]
        return pl.DataFrame(rows, schema=_SCHEMA, orient="row")

    def to_dict(self) -> dict[str, Any]:
        """Return the readings as plain data (schema: docs/readings.schema.json)."""
        return {
            "schema": SCHEMA,
            **Provenance.of(self.plan, self.as_of).to_dict(),
            "targets": [
                {
                    "id": target.id,
                    "turns": target.turns,
                    "readings": [
                        {"name": name or DEFAULT, **_plain(record)}
                        for name, record in target.records()
                    ],
                }
                for target in self.targets
            ],
            "notes": list(map(str, self.notes)),
            "note_codes": note_codes(self.notes),
        }

    def to_json(self) -> str:
        """Return the readings as JSON text (schema: docs/readings.schema.json)."""
        return json_text(json.dumps(self.to_dict(), ensure_ascii=False, indent=2))


def _plain(record: TargetResult) -> dict[str, Any]:
    data = record.to_dict()
    for name in ("id", "title", "title_da", "source", "goal", "weight"):
        data.pop(name, None)
    return data


_SCHEMA: dict[str, type[pl.DataType]] = {
    "id": pl.String,
    "reading": pl.String,
    "value": pl.Float64,
    "unit": pl.String,
    "requirement": pl.String,
    "counted": pl.Int64,
    "verdict": pl.String,
    "turns": pl.Boolean,
}


def every_reading(plan: Plan) -> Plan:
    """Return a plan with a target for each reading of each target of the plan, and no score.

    An extract that is checked for this plan can be given to `kpi.readings` several times.
    """
    targets = [other for target in plan.leaves() for other in _all_of(target)]
    return evolve(plan, goals=(), targets=targets)


def _all_of(target: Target) -> Iterator[Target]:
    yield evolve(target, goal=None, weight=None, readings=())
    for reading in target.readings:
        yield target.with_reading(reading)


def readings(
    plan: Plan,
    tables: Tables | Extract,
    as_of: dt.date | str | None = None,
    *,
    engine: EngineType = "auto",
) -> Readings:
    """Evaluate every reading of every target of a plan, in one pass over each table.

    Args:
        plan: the plan.
        tables: what `kpi.evaluate` takes; a checked extract must be checked for
            `kpi.every_reading(plan)`.
        as_of: the date that the cases are looked at from (S15; default: the last day of the plan's
            period, and the notes say so).
        engine: the Polars engine; every one gives the same answers.

    Raises:
        DataError: where a table cannot be used as a reading says; see `kpi.check`.
        PlanError: where `as_of` is not a date.
    """
    return readings_of(plan, partial(every_reading(plan), tables, as_of, engine=engine))


def readings_of(plan: Plan, state: State) -> Readings:
    """Return the readings of a plan from the state of the plan of `every_reading`."""
    result = finish(state)
    targets = tuple(
        TargetReadings(
            id=target.id,
            default=result[target.id],
            others=tuple((r.name, result[target.with_reading(r).id]) for r in target.readings),
        )
        for target in plan.leaves()
    )
    own = tuple(notes(evolve(state, plan=plan), [target.default for target in targets], None))
    return Readings(plan=plan, as_of=result.as_of, targets=targets, notes=own)
