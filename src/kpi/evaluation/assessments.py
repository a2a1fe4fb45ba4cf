"""Assessments of an agency: what it expects of each target itself, beside what is computed (F30)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any, Literal, TypeAlias, get_args

import polars as pl
from attrs import field, frozen

from kpi.definitions.messages import Word
from kpi.definitions.notes import Note
from kpi.definitions.plan import Plan
from kpi.definitions.table import Table
from kpi.errors import DataError, listed, suggest
from kpi.evaluation.forecast.outlook import OutlookWord
from kpi.results.target_result import Verdict
from kpi.rules.count import Count
from kpi.tables.check import check
from kpi.tables.quality import rows_text
from kpi.tables.redaction import cell
from kpi.tables.sources.resolve import OneTable

Expected: TypeAlias = Literal["met", "partly", "missed", "uncertain"]
"""What an agency expects of a target for its whole window."""

NAME = "assessments"
"""The name of the table, in messages."""

_TEXTS = ("text", "by")
_CONTRADICTED: Mapping[Verdict, tuple[Expected, ...]] = {
    "secured": ("partly", "missed"),
    "lost": ("met",),
}
"""What an agency may expect that a verdict before the end excludes."""
_OTHERWISE: Mapping[Verdict | OutlookWord, Expected] = {
    "expected met": "missed",
    "expected missed": "met",
}
"""What an agency may expect that is the opposite of an outlook."""


@frozen(kw_only=True)
class Assessment:
    """Assessment of a target by the agency: data, never computed, and merged with nothing (F30).

    Attributes:
        target: the id of the target.
        expected: met, partly, missed or uncertain.
        text: the reason in the agency's words; None without one.
        by: who says so; None where that is not said.
        on: the day on which it was said.
    """

    target: str
    expected: Expected
    text: str | None = None
    by: str | None = None
    on: dt.date

    def to_dict(self) -> dict[str, Any]:
        """Return the assessment as plain data, as the JSON has it."""
        return {
            "expected": self.expected,
            "text": self.text,
            "by": self.by,
            "on": self.on.isoformat(),
        }

    def disagreement(self, outlook: Verdict | OutlookWord | None) -> Note | None:
        """Return the note that the agency expects the opposite of the estimate; else None (F30)."""
        if outlook is None or self.expected != _OTHERWISE.get(outlook):
            return None
        return Note(
            "assessment-disagrees",
            "the agency's assessment of {on} says {expected}, and the estimate says "
            "{outlook}: neither is certain",
            on=self.on,
            expected=Word(self.expected),
            outlook=Word(outlook),
        )

    def contradiction(self, verdict: Verdict) -> Note | None:
        """Return the note that the verdict excludes what the agency expects; else None."""
        if self.expected not in _CONTRADICTED.get(verdict, ()):
            return None
        return Note(
            "assessment-contradicted",
            "the agency's assessment of {on} says {expected}, and the verdict is "
            "{verdict} already: one of the two rests on a mistake",
            on=self.on,
            expected=Word(self.expected),
            verdict=Word(verdict),
        )


@frozen
class Assessments:
    """Assessments of a plan's targets that were made by the as-of date.

    Attributes:
        latest: the latest assessment of each target, by id.
        notes: how many were left out, and why.
    """

    latest: Mapping[str, Assessment] = field(factory=dict)
    notes: tuple[Note, ...] = ()


def read_assessments(plan: Plan, source: OneTable, as_of: dt.date) -> Assessments:
    """Read a table of assessments: `target`, `expected`, `on`, and perhaps `text` and `by` (F30).

    Those of after the as-of date are left out, and of several of one target the latest stands; the
    notes say how many.

    Args:
        plan: the plan that is followed.
        source: a frame, the path of a file, or another table that `kpi.check` takes.
        as_of: the as-of date.

    Raises:
        DataError: where the table cannot be read, or naming every target that the plan does not
            have, every other word, and every row without a target or a day.
    """
    rows = _rows(plan, source)
    problems = list(_problems(plan, rows))
    if problems:
        raise DataError("\n".join(problems))
    by_then = [row for row in rows if row["on"] <= as_of]
    latest = {
        row["target"]: Assessment(
            target=row["target"],
            expected=row["expected"],
            text=row.get("text"),
            by=row.get("by"),
            on=row["on"],
        )
        for row in sorted(by_then, key=lambda row: row["on"])
    }
    return Assessments(latest, tuple(_left_out(len(rows), len(by_then), len(latest), as_of)))


def _rows(plan: Plan, source: OneTable) -> list[dict[str, Any]]:
    """Return the rows of the table, read and checked as the tables of an extract are.

    Raises:
        DataError: where the table cannot be read, or has rows that cannot be used.
    """
    table = Table(NAME, key=("target", "on"), entry="on")
    counted = Count(id="1", table=NAME, on="on")
    of_table = Plan(
        id=NAME, period=plan.period, time_zone=plan.time_zone, tables=[table], targets=[counted]
    )
    checked = check(of_table, {NAME: source}).tables[NAME]
    present = checked.frame.collect_schema()
    problems = [
        f"{NAME}: {rows_text(n)} rejected: {reason}" for reason, n in checked.facts.rejected.items()
    ]
    if "expected" not in present:
        problems.append(f"{NAME}: missing column expected, which holds {listed(_WORDS)}")
    if checked.facts.repeated:
        problems.append(
            f"{NAME}: {rows_text(checked.facts.repeated)} of the same target and day; keep one"
        )
    if problems:
        raise DataError("\n".join(problems))
    texts = [name for name in ("target", "expected", *_TEXTS) if name in present]
    frame = checked.frame.lazy().select(*(pl.col(name).cast(pl.String) for name in texts), "on")
    return frame.collect().to_dicts()


_WORDS: tuple[Expected, ...] = get_args(Expected)


def _problems(plan: Plan, rows: list[dict[str, Any]]) -> Iterator[str]:
    ids = [requirement.id for requirement in plan.targets]
    ids += [leaf.id for leaf in plan.leaves() if leaf.id not in ids]
    for name in dict.fromkeys(row["target"] for row in rows):
        if name not in ids:
            yield f"{NAME}: unknown target {cell(name)}; accepted: {listed(ids)}{suggest(name, ids)}"
    for word in dict.fromkeys(row["expected"] for row in rows):
        if word not in _WORDS:
            hint = "" if word is None else suggest(word, _WORDS)
            found = "none" if word is None else cell(word)
            yield f"{NAME}: expected: found {found}; accepted: {listed(_WORDS)}{hint}"


def _left_out(rows: int, by_then: int, latest: int, as_of: dt.date) -> Iterator[Note]:
    if rows > by_then:
        yield Note(
            "assessments-later",
            "{table}: {rows} of after {day}, left out",
            table=NAME,
            rows=rows_text(rows - by_then),
            day=as_of,
        )
    if by_then > latest:
        yield Note(
            "assessments-replaced",
            "{table}: {rows} with a later one of the same target, left out",
            table=NAME,
            rows=rows_text(by_then - latest),
        )
