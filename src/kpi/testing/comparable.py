"""What the engine says and what the oracle says of a plan, in one form: numbers, and rows of the trail."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any, TypeAlias

from attrs import fields, frozen

from kpi.definitions.plan import Plan
from kpi.results.result import Result
from kpi.results.target_result import TargetResult
from kpi.testing import oracle
from kpi.testing.oracle import Case, Outcome, Row
from kpi.testing.strategies import Rows

PartKey: TypeAlias = tuple[str | None, ...]


@frozen(kw_only=True)
class Numbers:
    """What is said of one target or of one part of it, remarks aside.

    Attributes:
        rows: the rows that exist at `as_of`; None for a part.
        outside: those that the population or the window leaves out; None for a part.
        excluded: how many are excluded, by reason.
        undetermined: those whose outcome is not certain yet.
        counted: those that the value is made of.
        met: how many of them are met.
        total: their days.
        value: the value, as the nearest float.
        figures: what stands beside it, those that are known.
        verdict: the verdict.
        each: the same of each part that must reach the target on its own.
    """

    rows: int | None
    outside: int | None
    excluded: Mapping[str, int]
    undetermined: int
    counted: int
    met: int | None
    total: int | None
    value: float | None
    figures: Mapping[str, float]
    verdict: str
    each: Mapping[PartKey, Numbers]

    def lines(self) -> dict[str, object]:
        """The numbers by name, those of the parts too, each part's under its name."""
        found = {f.name: getattr(self, f.name) for f in fields(Numbers) if f.name != "each"}
        for part, its in sorted(self.each.items(), key=str):
            name = ", ".join("none" if word is None else word for word in part)
            found |= {f"{name}: {key}": value for key, value in its.lines().items()}
        return found


@frozen
class Became:
    """What became of one row under one target, as far as both say it.

    Why a row is outside, and the days and the due date of one that is not counted, are for people.

    Attributes:
        bucket: outside, excluded, undetermined or counted.
        reason: why it is excluded.
        met: whether it is met.
        days: its days, those of pauses left out.
        due: its due date.
        gross: its days, those of pauses among them, where the target deducts them.
        paused: the days of its pauses.
    """

    bucket: str
    reason: str | None = None
    met: bool | None = None
    days: int | None = None
    due: dt.date | None = None
    gross: int | None = None
    paused: int | None = None


Trails: TypeAlias = dict[str, list[tuple[str, Became]]]
"""By target, the case and what became of it, row by row in the order of the table."""

Trail: TypeAlias = Counter[tuple[str, Became]]
"""How many rows became what, by target: the trail without its order."""


def day_of(plan: Plan, as_of: dt.date | None) -> dt.date:
    """The day that tables are looked at from: the one that is given, or the last of the period (S15)."""
    day = as_of if as_of is not None else oracle.last_day(plan.period)
    assert day is not None, "a plan's period has both ends"
    return day


# The engine


def numbers(result: Result) -> dict[str, Numbers]:
    """What a result says of each target, and of each part that must hold, without its remarks."""
    return {t.id: _numbers(t, whole=True) for t in result.leaves(parents=True)}


def _numbers(t: TargetResult, *, whole: bool) -> Numbers:
    each = {tuple(part.group.values()): _numbers(part, whole=False) for part in t.each}
    assert len(each) == len(t.each), f"{t.id}: a part stands twice"
    return Numbers(
        rows=t.rows if whole else None,
        outside=t.outside if whole else None,
        excluded=dict(t.excluded),
        undetermined=t.undetermined,
        counted=t.counted,
        met=t.met,
        total=t.total,
        value=t.value,
        figures={name: float(figure) for name, figure in t.figures.items() if figure is not None},
        verdict=t.verdict,
        each=each,
    )


def trails(result: Result, engine: Any = "auto") -> Trails:
    """The audit trail of a result, target by target.

    What tells whether a condition came about has a trail too, which is left out.

    Args:
        result: what `kpi.evaluate` gave.
        engine: the Polars engine that works it out.
    """
    found: Trails = {leaf.id: [] for leaf in result.plan.leaves()}
    for row in result.audit().collect(engine=engine).iter_rows(named=True):
        if row["target"] in found:
            found[row["target"]].append((row["case"], _became(row)))
    return found


def _became(row: Mapping[str, Any]) -> Became:
    bucket = row["bucket"]
    if bucket == "counted":
        names = ("met", "days", "due", "gross", "paused")
        return Became(bucket, **{name: row[name] for name in names})
    return Became(bucket, row["reason"] if bucket == "excluded" else None, row["met"])


def engine_trail(result: Result) -> Trail:
    """The rows of the audit trail without their order."""
    return Counter((name, its) for name, rows in trails(result).items() for _, its in rows)


# The oracle


def expected(outcomes: Mapping[str, Outcome]) -> dict[str, Numbers]:
    """What the oracle says of each target: exact values as the nearest floats."""
    return {name: _expected(outcome, whole=True) for name, outcome in outcomes.items()}


def _expected(o: Outcome, *, whole: bool) -> Numbers:
    return Numbers(
        rows=o.rows if whole else None,
        outside=o.outside if whole else None,
        excluded=o.excluded,
        undetermined=o.undetermined,
        counted=o.counted,
        met=o.met,
        total=o.total,
        value=_float(o.value),
        figures={name: float(figure) for name, figure in o.figures.items() if figure is not None},
        verdict=o.verdict,
        each={part: _expected(its, whole=False) for part, its in o.each.items()},
    )


def _float(value: Fraction | None) -> float | None:
    return None if value is None else float(value)


def expected_trails(
    plan: Plan,
    tables: Mapping[str, Rows],
    as_of: dt.date | None,
    outcomes: Mapping[str, Outcome],
) -> Trails:
    """The rows of the oracle's trails, target by target.

    Args:
        plan: the plan.
        tables: the rows of its tables.
        as_of: the day that they are looked at from.
        outcomes: what `oracle.evaluate` gave for them.
    """
    day = day_of(plan, as_of)
    cases = {
        table.name: [
            _case(table.key, case)
            for case in oracle.known_at(table, tables[table.name], plan.time_zone, day)
        ]
        for table in plan.tables
        if table.name in tables
    }
    return {
        leaf.id: list(
            zip(cases.get(leaf.table, ()), _became_all(outcomes[leaf.id].trail), strict=True)
        )
        if outcomes[leaf.id].trail
        else []
        for leaf in plan.leaves()
    }


def _became_all(trail: Sequence[Row]) -> Iterator[Became]:
    for row in trail:
        gross = None if row.days is None or row.paused is None else row.days + row.paused
        counted = (row.days, row.due, gross, row.paused)
        rest = counted if row.bucket == "counted" else ()
        yield Became(row.bucket, row.reason, row.met, *rest)


def _case(key: Sequence[str], case: Case) -> str:
    """The key of a case as one text."""
    cells = (case.cells[column] for column in key)
    return ", ".join(str(c).lower() if isinstance(c, bool) else str(c) for c in cells)


def oracle_trail(outcomes: Mapping[str, Outcome]) -> Trail:
    """The rows of the oracle's trails without their order."""
    return Counter(
        (name, its) for name, outcome in outcomes.items() for its in _became_all(outcome.trail)
    )
