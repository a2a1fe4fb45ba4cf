"""Results of the engine and of the oracle in one form: numbers, and rows of the audit trail."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any, TypeAlias

from attrs import evolve, fields, frozen

from kpi.definitions.comparison import BASE_OF
from kpi.definitions.plan import Plan
from kpi.results import target_result
from kpi.results.possible import Possibilities
from kpi.results.result import Result
from kpi.results.target_result import TargetResult
from kpi.testing import oracle
from kpi.testing.oracle import Case, Outcome, Row, outcomes
from kpi.testing.strategies import Rows

PartKey: TypeAlias = tuple[str | None, ...]


@frozen(kw_only=True)
class Numbers:
    """The numbers of one target, or of one part of a target, without its notes.

    Attributes:
        rows: the rows that exist at `as_of`; None for a part.
        outside: rows that the population or the window leaves out; None for a part.
        excluded: excluded rows, by reason.
        undetermined: rows whose outcome is not certain yet.
        counted: rows that the value is made of: the denominator.
        counted_as: what rows counted, excluded and undetermined count as; None where each counts as
            one (S32).
        met: counted rows that are met: the numerator; None where rows are not judged.
        total: the sum of the counted rows' days; None where days are not summed.
        value: the value, as the nearest float; None where there is none (S25).
        figures: the figures beside the value that are not null, by name.
        verdict: the verdict.
        each: the numbers of each part that must reach the target on its own.
        possible: what can still become of it, before its last day (F7 to F16); None of the oracle.
        base: the numbers of the base that the value is compared with; None without one (S33).
    """

    rows: int | None
    outside: int | None
    excluded: Mapping[str, int]
    undetermined: int
    counted: int
    counted_as: tuple[int, int, int] | None
    met: int | None
    total: int | None
    value: float | None
    figures: Mapping[str, float]
    verdict: str
    each: Mapping[PartKey, Numbers]
    base: Numbers | None = None
    possible: Possibilities | None = None

    @property
    def denominator(self) -> int:
        """The counted rows, or what they count as (S32)."""
        return self.counted if self.counted_as is None else self.counted_as[0]

    def lines(self) -> dict[str, object]:
        """Return the numbers by name, followed by those of each part under the part's name."""
        names = [f.name for f in fields(Numbers) if f.name not in ("each", "base")]
        lines = {name: getattr(self, name) for name in names}
        if self.base is not None:
            lines |= {f"base: {key}": value for key, value in self.base.lines().items()}
        for part, of_part in sorted(self.each.items(), key=str):
            name = ", ".join("none" if word is None else word for word in part)
            lines |= {f"{name}: {key}": value for key, value in of_part.lines().items()}
        return lines


@frozen
class Became:
    """The bucket of one row under one target, and what engine and oracle both say of the row.

    The reason of a row outside, and the days and the due date of a row that is not counted, are for
    people and not compared.

    Attributes:
        bucket: outside, excluded, undetermined or counted.
        reason: the reason for exclusion; None in other buckets.
        met: whether the row is met; None where rows are not judged.
        days: the row's days without those of pauses.
        due: the row's due date.
        gross: the row's days with those of pauses, where the target deducts pauses.
        paused: the days of the row's pauses.
        seconds: the row's whole seconds, where its limit is in hours or minutes.
        counted_as: what the row counts as, where it counts as a number.
    """

    bucket: str
    reason: str | None = None
    met: bool | None = None
    days: int | None = None
    due: dt.date | None = None
    gross: int | None = None
    paused: int | None = None
    seconds: int | None = None
    counted_as: int | None = None


Trails: TypeAlias = dict[str, list[tuple[str, Became]]]
"""By target: the case and its outcome, row by row in the order of the table."""

Trail: TypeAlias = Counter[tuple[str, Became]]
"""The number of rows of each outcome, by target: the trail without its order."""


def day_of(plan: Plan, as_of: dt.date | None) -> dt.date:
    """Return the as-of day: the given one, or the last of the period (S15)."""
    day = as_of if as_of is not None else oracle.last_day(plan.period)
    assert day is not None, "a plan's period has both ends"
    return day


# The engine


def numbers(result: Result) -> dict[str, Numbers]:
    """Return the numbers of each target in a result of the engine, without notes."""
    return {t.id: _numbers(t, whole=True) for t in result.leaves(parents=True)}


def without_prospects(
    numbers_of: Mapping[str, Numbers], of_oracle: Mapping[str, Numbers]
) -> dict[str, Numbers]:
    """Return numbers of the engine whose verdicts before the end are open, as those of the oracle are.

    Whether such a verdict is secured or lost, or a declared value without a case can have none any
    more and has lapsed, `kpi.testing.oracle.follow_up` tells (F12, F13).

    Args:
        numbers_of: the numbers of each target in the result of the engine.
        of_oracle: the numbers of the oracle, by which a value that has lapsed is still open.
    """
    return {name: _open(n, of_oracle.get(name)) for name, n in numbers_of.items()}


_BEFORE_THE_END = ("open", "secured", "lost")


def _open(n: Numbers, of_oracle: Numbers | None) -> Numbers:
    """Return numbers of a target or a part whose verdict before the end is open."""
    of_parts = {} if of_oracle is None else of_oracle.each
    each = {
        part: evolve(of_part, verdict="open")
        if of_part.verdict == "lapsed" and part in of_parts and of_parts[part].verdict == "open"
        else _open(of_part, of_parts.get(part))
        for part, of_part in n.each.items()
    }
    verdict = "open" if n.verdict in _BEFORE_THE_END else n.verdict
    return evolve(n, verdict=verdict, each=each, possible=None)


def _numbers(t: TargetResult, *, whole: bool) -> Numbers:
    each = {tuple(part.group.values()): _numbers(part, whole=False) for part in t.each}
    assert len(each) == len(t.each), f"{t.id}: a part stands twice"
    return Numbers(
        rows=t.rows if whole else None,
        outside=t.outside if whole else None,
        excluded=dict(t.excluded),
        undetermined=t.undetermined,
        counted=t.counted,
        counted_as=_weights(t.counted_as),
        met=t.met,
        total=t.total,
        value=t.value,
        figures={name: float(figure) for name, figure in t.figures.items() if figure is not None},
        verdict=t.verdict,
        each=each,
        possible=t.possible,
        base=None if t.base is None else evolve(_numbers(t.base, whole=whole), verdict=""),
    )


def _weights(
    of: target_result.CountedAs | outcomes.CountedAs | None,
) -> tuple[int, int, int] | None:
    return None if of is None else (of.counted, of.excluded, of.undetermined)


def trails(result: Result, engine: Any = "auto", *, periods: bool = False) -> Trails:
    """Return the audit trail of a result by target.

    The trail of the facts on conditions is left out; that of a base stands under its own id (S33).

    Args:
        result: the result of `kpi.evaluate`.
        engine: the Polars engine that collects the trail.
        periods: whether the rows inside each period of the targets' own series follow (S30).
    """
    leaves = result.plan.leaves()
    names = [leaf.id for leaf in leaves] + [leaf.base.id for leaf in leaves if leaf.base]
    by_target: Trails = {name: [] for name in names}
    for row in result.audit().collect(engine=engine).iter_rows(named=True):
        if row["target"] in by_target:
            by_target[row["target"]].append((row["case"], _became(row)))
    if periods and any(leaf.every is not None for leaf in result.plan.leaves()):
        for row in result.audit(periods=True).collect(engine=engine).iter_rows(named=True):
            case = _in_period(row["case"], row["period"])
            by_target[row["target"]].append((case, _became(row)))
    return by_target


def _in_period(case: str, period: str) -> str:
    return f"{case} in {period}"


def _became(row: Mapping[str, Any]) -> Became:
    bucket = row["bucket"]
    if bucket == "counted":
        names = ("met", "days", "due", "gross", "paused", "seconds", "counted_as")
        return Became(bucket, **{name: row[name] for name in names})
    return Became(bucket, row["reason"] if bucket == "excluded" else None, row["met"])


def engine_trail(result: Result) -> Trail:
    """Return the audit trail of a result as counts, without its order."""
    return Counter(
        (name, row) for name, rows in trails(result, periods=True).items() for _, row in rows
    )


# The oracle


def expected(outcomes: Mapping[str, Outcome]) -> dict[str, Numbers]:
    """Return the oracle's numbers of each target, exact values as the nearest floats."""
    return {name: _expected(outcome, whole=True) for name, outcome in outcomes.items()}


def _expected(o: Outcome, *, whole: bool) -> Numbers:
    return Numbers(
        rows=o.rows if whole else None,
        outside=o.outside if whole else None,
        excluded=o.excluded,
        undetermined=o.undetermined,
        counted=o.counted,
        counted_as=_weights(o.counted_as),
        met=o.met,
        total=o.total,
        value=_float(o.value),
        figures={name: float(figure) for name, figure in o.figures.items() if figure is not None},
        verdict=o.verdict,
        each={part: _expected(of_part, whole=False) for part, of_part in o.each.items()},
        base=None if o.base is None else evolve(_expected(o.base, whole=whole), verdict=""),
    )


def _float(value: Fraction | None) -> float | None:
    return None if value is None else float(value)


def expected_trails(
    plan: Plan,
    tables: Mapping[str, Rows],
    as_of: dt.date | None,
    outcomes: Mapping[str, Outcome],
) -> Trails:
    """Return the oracle's trails by target.

    Args:
        plan: the plan.
        tables: the rows of its tables.
        as_of: the day that the tables are read as of.
        outcomes: the outcomes that `oracle.evaluate` gave for these tables.
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
    by_target = {leaf.id: (leaf, outcomes[leaf.id]) for leaf in plan.leaves()}
    for leaf in plan.leaves():
        if (base := outcomes[leaf.id].base) is not None:
            by_target[f"{leaf.id}{BASE_OF}"] = leaf, base
    return {
        name: list(_trail_of(outcome, cases.get(leaf.table, ()))) if outcome.trail else []
        for name, (leaf, outcome) in by_target.items()
    }


def _trail_of(outcome: Outcome, cases: Sequence[str]) -> Iterator[tuple[str, Became]]:
    """Yield each case with the outcome of the whole, then the rows inside each period (S30)."""
    yield from zip(cases, _became_all(outcome.trail), strict=True)
    for period, trail in outcome.period_trails.items():
        for case, became in zip(cases, _became_all(trail), strict=True):
            if became.bucket != "outside":
                yield _in_period(case, period), became


def _became_all(trail: Sequence[Row]) -> Iterator[Became]:
    for row in trail:
        gross = None if row.days is None or row.paused is None else row.days + row.paused
        seconds = None if row.microseconds is None else row.microseconds // 1_000_000
        counted = (row.days, row.due, gross, row.paused, seconds, row.counted_as)
        rest = counted if row.bucket == "counted" else ()
        yield Became(row.bucket, row.reason, row.met, *rest)


def _case(key: Sequence[str], case: Case) -> str:
    """Return the key of a case as one text."""
    cells = (case.cells[column] for column in key)
    return ", ".join(str(c).lower() if isinstance(c, bool) else str(c) for c in cells)


def oracle_trail(outcomes: Mapping[str, Outcome]) -> Trail:
    """Return the oracle's trails as counts, without their order."""
    bases = {f"{name}{BASE_OF}": outcome.base for name, outcome in outcomes.items()}
    return Counter(
        (name, row)
        for name, outcome in (*outcomes.items(), *bases.items())
        if outcome is not None
        for trail in (outcome.trail, *map(_inside, outcome.period_trails.values()))
        for row in _became_all(trail)
    )


def _inside(trail: Sequence[Row]) -> list[Row]:
    return [row for row in trail if row.bucket != "outside"]
