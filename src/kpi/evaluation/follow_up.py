"""Follow-up of a plan during its year: what is certain before the end, what it depends on (F1 to F16)."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Any

from attrs import field, frozen

from kpi.definitions.notes import Note, note_codes
from kpi.definitions.parts import Parts
from kpi.definitions.plan import Plan
from kpi.definitions.target import Requirement, Target
from kpi.errors import DataError
from kpi.evaluation.evaluate import evaluate
from kpi.foreign_text import json_text
from kpi.results.plain_data import plain_number
from kpi.results.possible import Newcomers, Possibilities, Range
from kpi.results.provenance import SCHEMA, Provenance
from kpi.results.result import Result
from kpi.results.score import ScoreRange, score_range
from kpi.results.target_result import TargetResult, Verdict
from kpi.tables.check import Extract, as_of_date
from kpi.tables.sources.resolve import Tables

ASSUMED = (
    "no case that entered, and no event that came about, by {as_of} is registered later",
    "no date, case or value that is registered by {as_of} is corrected or deleted",
)
"""What a certain statement takes for granted, once per follow-up (F2)."""

NO_NEW_CASE = "no new case is counted"
"""The condition of the bounds over the known rows (F11)."""


@frozen(kw_only=True)
class Outlook:
    """What can be said of a requirement before its last day, each kind of statement apart (F1).

    Attributes:
        status: the record as of the day: counted, met, value and verdict.
        window_end: the last day, on which the verdict falls; None for a requirement of several parts.
        possibilities: what is certain: bounds, newcomers, need and room; None where the verdict is
            final, where nothing is asked, or where the figure cannot be told before the end.
        parts: the outlooks of the parts of a requirement of several; empty for a target.
    """

    status: TargetResult
    window_end: dt.date | None
    possibilities: Possibilities | None = None
    parts: tuple[Outlook, ...] = ()

    @property
    def id(self) -> str:
        """The number and letter of the requirement."""
        return self.status.id

    @property
    def verdict(self) -> Verdict:
        """The verdict: final, or secured, lost or open (F12)."""
        return self.status.verdict

    @property
    def possible(self) -> Range | None:
        """The bounds of the final value, new cases included: certain."""
        return None if self.possibilities is None else self.possibilities.possible

    @property
    def known(self) -> Range | None:
        """The bounds of the final value if no new case is counted."""
        return None if self.possibilities is None else self.possibilities.known

    @property
    def sharp(self) -> bool:
        """Whether both known bounds can be reached (F14)."""
        return self.possibilities is not None and self.possibilities.sharp

    @property
    def may_be_empty(self) -> bool:
        """Whether it may be that nothing is counted in the end."""
        return self.possibilities is None or self.possibilities.may_be_empty

    @property
    def newcomers(self) -> Newcomers | None:
        """What new cases can do (F6)."""
        return None if self.possibilities is None else self.possibilities.newcomers

    @property
    def need(self) -> int | None:
        """Fewest further cases in time, none late, that reach the threshold (F16)."""
        return None if self.possibilities is None else self.possibilities.need

    @property
    def room(self) -> int | None:
        """Most further late cases, none in time, that still keep the threshold (F16)."""
        return None if self.possibilities is None else self.possibilities.room

    @property
    def price(self) -> Fraction | None:
        """Cases in time that make up for a late one (F16)."""
        return None if self.possibilities is None else self.possibilities.price

    @property
    def slack(self) -> tuple[int, int, int] | None:
        """Of a mean: what is allowed less what was taken, now, at worst and at best (F8)."""
        return None if self.possibilities is None else self.possibilities.slack

    def leaves(self) -> Iterator[Outlook]:
        """Yield the outlook of the requirement, and of its parts."""
        yield self
        yield from self.parts

    def to_dict(self) -> dict[str, Any]:
        """Return the outlook as plain data, each kind of statement under its name (F61)."""
        status = self.status
        data: dict[str, Any] = {
            "id": self.id,
            "title": status.title,
            "window_end": None if self.window_end is None else self.window_end.isoformat(),
            "status": {
                "met": status.met,
                "counted": status.counted,
                "value": status.value,
                "unit": status.unit,
                "verdict": status.verdict,
            },
            "certain": None if self.possibilities is None else self.possibilities.to_dict(),
            "if": [],
        }
        if self.known is not None:
            data["if"].append({"condition": NO_NEW_CASE, **self.known.to_dict()})
        if self.parts:
            data["parts"] = [part.to_dict() for part in self.parts]
        return data


@frozen(kw_only=True)
class FollowUp:
    """Follow-up of a plan as of a day of its year; iterating yields the outlooks.

    Attributes:
        result: the evaluation as of the day.
        targets: an outlook for each requirement, in the plan's order.
        score_range: the least and the greatest score that can still come about; None where the plan
            gives no weights (F13).
        notes: what a reader should know.
    """

    result: Result = field(repr=False)
    targets: tuple[Outlook, ...]
    score_range: ScoreRange | None = None
    notes: tuple[Note, ...] = ()

    @property
    def plan(self) -> Plan:
        """The plan that is followed."""
        return self.result.plan

    @property
    def as_of(self) -> dt.date:
        """The day at whose end the cases are looked at."""
        return self.result.as_of

    @property
    def assumes(self) -> tuple[str, ...]:
        """What every certain statement takes for granted (F2)."""
        return tuple(text.format(as_of=self.as_of) for text in ASSUMED)

    def __iter__(self) -> Iterator[Outlook]:
        return iter(self.targets)

    def __getitem__(self, target: str) -> Outlook:
        """Return the outlook of a requirement, or of a part of one, by id.

        Raises:
            KeyError: where the plan has no such target.
        """
        for outlook in self.targets:
            for leaf in outlook.leaves():
                if leaf.id == target:
                    return leaf
        raise KeyError(target)

    def to_dict(self) -> dict[str, Any]:
        """Return the follow-up as plain data, as the JSON has it (schema: docs/follow-up.schema.json)."""
        score = self.score_range
        return {
            "schema": SCHEMA,
            **Provenance.of(self.plan, self.as_of).to_dict(),
            "assumes": list(self.assumes),
            "targets": [outlook.to_dict() for outlook in self.targets],
            "score": None
            if score is None
            else {
                "at_least": plain_number(score.at_least),
                "at_most": plain_number(score.at_most),
                "of": plain_number(score.of),
            },
            "notes": list(map(str, self.notes)),
            "note_codes": note_codes(self.notes),
        }

    def to_json(self) -> str:
        """Return the follow-up as JSON text (schema: docs/follow-up.schema.json)."""
        return json_text(json.dumps(self.to_dict(), ensure_ascii=False, indent=2))


def follow(
    plan: Plan, tables: Tables | Extract, as_of: dt.date | str, *, by: str | Sequence[str] = ()
) -> FollowUp:
    """Follow a plan up on a day before it ends: what is certain, and what it depends on (F60).

    Args:
        plan: the plan.
        tables: checked tables, or what `kpi.check` takes.
        as_of: the day at whose end the cases are looked at (S15).
        by: the column, or columns, of a break-down.

    Raises:
        PlanError: where `as_of` is not a date.
        DataError: where a table cannot be used as the plan says; where no target ends after `as_of`.
    """
    day = as_of_date(plan, as_of)
    _require_something_to_follow(plan, day)
    result = evaluate(plan, tables, day, by=by)
    targets = tuple(
        _outlook(plan, requirement, record)
        for requirement, record in zip(plan.targets, result.targets, strict=True)
    )
    return FollowUp(
        result=result,
        targets=targets,
        score_range=score_range(plan, result.targets),
        notes=result.notes,
    )


def _require_something_to_follow(plan: Plan, as_of: dt.date) -> None:
    """Check that some target ends after a day.

    Raises:
        DataError: where none does.
    """
    lasts = [last for target in plan.leaves() if (last := target.window_of(plan).last) is not None]
    latest = max(lasts, default=plan.period.last)
    if latest is None or latest <= as_of:
        raise DataError(
            f"nothing to follow as of {as_of}: the last target of {plan.id} ends on {latest}; "
            "evaluate it instead"
        )


def _outlook(plan: Plan, requirement: Requirement, record: TargetResult) -> Outlook:
    if isinstance(requirement, Parts):
        parts = tuple(
            _outlook(plan, part, of_part)
            for part, of_part in zip(requirement.leaves(), record.parts, strict=True)
        )
        return Outlook(status=record, window_end=None, parts=parts)
    assert isinstance(requirement, Target), "a requirement is a target, or has parts"
    return Outlook(
        status=record,
        window_end=requirement.window_of(plan).last,
        possibilities=record.possible,
    )
