"""Expected cases: evaluated, and compared with what the file says."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any

import polars as pl
from attrs import evolve, field, frozen

from kpi.definitions.plan import Plan
from kpi.definitions.population import Kind
from kpi.definitions.reserved import FACTS
from kpi.definitions.table import Table
from kpi.evaluation.evaluate import evaluate
from kpi.planfile.literals import toml_literal
from kpi.results.result import Result
from kpi.rules._reported import FactTarget
from kpi.tables.check import check
from kpi.tables.needs import Needs

MET, NOT_MET, COUNTED, REJECTED, HIDDEN = "met", "not met", "counted", "rejected", "hidden"


WITH_REASON = ("excluded", REJECTED)


OUTCOMES = (MET, NOT_MET, COUNTED, "undetermined", "outside", *WITH_REASON, HIDDEN)
"""What may become of a row under a target: a bucket of S12, a counted row of a share by whether it is
met; a row that cannot be used, and one that does not exist yet at the as-of date (S15)."""


_ROW = "kpi:expected row"


@frozen(kw_only=True)
class Difference:
    """Something that came out otherwise than a file of expected cases says.

    Attributes:
        file: the file.
        line: the line that says it; None where it cannot be told.
        table: the table that the row stands in; None for the verdict of a whole target.
        case: the row's key, or its number where it has none; None for a verdict.
        target: the id of the target.
        expected: the outcome, or the verdict, that the file says.
        found: the one that came out, with its reason where there is one.
        due: the last day on which the row is in time, where it has one.
    """

    file: str
    line: int | None
    table: str | None = None
    case: str | None = None
    target: str
    expected: str
    found: str
    due: dt.date | None = None

    def __str__(self) -> str:
        where = self.file if self.line is None else f"{self.file}:{self.line}"
        case = "" if self.case is None else f"{self.table}, case {self.case!r}, "
        what = "" if self.case is not None else "the verdict "
        due = "" if self.due is None else f" (due {self.due})"
        return (
            f"{where}: {case}target {self.target}: expected {what}{self.expected}, "
            f"found {self.found}{due}"
        )


@frozen
class Expectation:
    """What is expected of one target: the word for it, and the line that says so."""

    target: str
    word: str
    line: int | None


@frozen
class ExpectedRow:
    """A row of a table: its values by column, and what is expected of it."""

    name: str
    values: Mapping[str, Any]
    expectations: tuple[Expectation, ...]


@frozen
class _Outcome:
    """What became of a row: every word that says so, the fullest first."""

    words: tuple[str, ...]
    due: dt.date | None = None

    def is_as(self, expected: str) -> bool:
        """Whether it is what was expected; a reason that is not named may be any."""
        plain = [word.partition(": ")[0] for word in self.words]
        return expected in (*self.words, *plain)


@frozen(kw_only=True)
class ExpectedCases:
    """A file of expected cases, read and found without a mistake.

    Attributes:
        file: the file's name, as messages have it.
        plan: the plan that it stands beside.
        as_of: the date that its cases are looked at from; None for the last day of the period.
        tables: the rows of each table.
        verdicts: the verdicts that are expected of whole targets.
    """

    file: str
    plan: Plan = field(repr=lambda plan: plan.id)
    as_of: dt.date | None
    tables: Mapping[str, tuple[ExpectedRow, ...]] = field(repr=False)
    verdicts: tuple[Expectation, ...] = field(repr=False)

    def __str__(self) -> str:
        n = sum(bool(row.expectations) for rows in self.tables.values() for row in rows)
        counts = [(n, "case"), (len(self.verdicts), "verdict")]
        words = [f"{n} {word}{'' if n == 1 else 's'}" for n, word in counts if n]
        return f"{' and '.join(words)} as expected"

    def differences(self) -> list[Difference]:
        """What comes out otherwise than the file says, in its order.

        Raises:
            DataError: where the plan cannot be evaluated over the rows.
        """
        # Dates are handed over as ISO texts, for only those may be days and times in one column.
        declared = [evolve(table, date_format=None) for table in self.plan.tables]
        plan = evolve(self.plan, tables=declared)
        found: list[Difference] = []
        for n, world in enumerate(self._worlds()):
            its = plan if n == 0 else plan.only(*_told_by_facts(plan))
            tables = [t for t in plan.tables if n == 0 or t.name == FACTS]
            frames = {t.name: _frame(its, t, world.get(t.name, ())) for t in tables}
            result = evaluate(its, check(its, frames), self.as_of)
            found += self._rows_otherwise(result, world)
            found += self._verdicts_otherwise(result) if n == 0 else ()
        return sorted(found, key=lambda one: one.line or 0)

    def _worlds(self) -> Iterator[Mapping[str, tuple[ExpectedRow, ...]]]:
        """The rows, and then those facts that stand once more, each time without all others.

        In an extract a fact stands once; here it is written down done in time, and done too late.
        """
        times: Counter[tuple[Any, ...]] = Counter()
        facts: dict[int, list[ExpectedRow]] = {0: []}
        keys = {table.name: table.key for table in self.plan.tables}
        for row in self.tables.get(FACTS, ()):
            key = tuple(row.values.get(name) for name in keys[FACTS])
            facts.setdefault(times[key], []).append(row)
            times[key] += 1
        yield {**self.tables, **({FACTS: tuple(facts[0])} if facts[0] else {})}
        for n in range(1, len(facts)):
            if any(row.expectations for row in facts[n]):
                yield {FACTS: tuple(facts[n])}

    def _rows_otherwise(
        self, result: Result, world: Mapping[str, tuple[ExpectedRow, ...]]
    ) -> Iterator[Difference]:
        trail = result.audit().collect(engine="in-memory")
        by_target = trail.partition_by("target", as_dict=True)
        for table, rows in world.items():
            assert result.tables is not None, "the result of an evaluation has its tables"
            known = result.tables[table]
            there = known.frame.select(_ROW).collect(engine="in-memory").to_series()
            place = {n: at for at, n in enumerate(there)}
            rejected = dict(known.rejected.select(_ROW, "reason").iter_rows())
            for n, row in enumerate(rows):
                for one in row.expectations:
                    outcome = _Outcome((HIDDEN,))
                    if n in rejected:
                        outcome = _Outcome((f"{REJECTED}: {rejected[n]}",))
                    elif n in place:
                        told = by_target[(one.target,)].row(place[n], named=True)
                        outcome = _outcome(told, result)
                    if not outcome.is_as(one.word):
                        yield Difference(
                            file=self.file,
                            line=one.line,
                            table=table,
                            case=row.name,
                            target=one.target,
                            expected=one.word,
                            found=outcome.words[0],
                            due=outcome.due,
                        )

    def _verdicts_otherwise(self, result: Result) -> Iterator[Difference]:
        for one in self.verdicts:
            found = result[one.target].verdict.replace("_", " ")
            if found != one.word:
                yield Difference(
                    file=self.file,
                    line=one.line,
                    target=one.target,
                    expected=one.word,
                    found=found,
                )


def column_kinds(plan: Plan, table: Table) -> dict[str, Kind]:
    """What each column that the plan knows of a table must hold, the key's first."""
    read: dict[str, Kind] = {}
    needs = Needs(plan)
    asked = [
        (its.column, its.kind)
        for target in (*needs.targets, *needs.alternatives)
        if target.table == table.name
        for its in target.reads()
    ]
    for column, kind in [*asked, *((name, "any") for name in table.derived)]:
        inner = table.made_of(column) if column in table.derived else [(column, kind)]
        for name, its in inner:
            if read.get(name, "any") == "any":
                read[name] = its
    read |= dict.fromkeys(table.date_columns, "date")
    keys: dict[str, Kind] = {name: read.get(name, "any") for name in table.key}
    return keys | read


def _frame(plan: Plan, table: Table, rows: Iterable[ExpectedRow]) -> pl.DataFrame:
    """The rows as a table of an extract, with every column that the plan knows."""
    found = [row.values for row in rows]
    columns = [
        _series(name, kind, [row.get(name) for row in found], key=name in table.key)
        for name, kind in column_kinds(plan, table).items()
    ]
    return pl.DataFrame([pl.Series(_ROW, range(len(found)), dtype=pl.Int64), *columns])


def _series(name: str, kind: Kind, values: list[Any], *, key: bool) -> pl.Series:
    types: dict[Kind, pl.DataType] = {
        "integer": pl.Int64(),
        "number": pl.Float64(),
        "boolean": pl.Boolean(),
    }
    if all(value is None for value in values):
        # What such a column holds is then for the check to say.
        return pl.Series(name, values, dtype=pl.String() if key else pl.Null())
    if kind in types:
        plain = [float(v) if isinstance(v, Decimal) else v for v in values]
        return pl.Series(name, plain, dtype=types[kind], strict=False)
    return pl.Series(name, [_text(value) for value in values], dtype=pl.String())


def _text(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return toml_literal(value)


def _outcome(told: Mapping[str, Any], result: Result) -> _Outcome:
    """What the audit trail tells of a row."""
    bucket, reason, met = told["bucket"], told["reason"], told["met"]
    words = [f"{bucket}: {reason}"] if reason is not None else [bucket]
    if bucket == COUNTED and met is not None:
        words = [MET if met else NOT_MET]
    elif bucket == COUNTED and _is_fact(result.plan, told["target"]):
        # One fact is all that its target looks at, so that the verdict says what became of it.
        verdict = result[told["target"]].verdict
        words = [{"met": MET, "missed": NOT_MET}.get(verdict, COUNTED), COUNTED]
    return _Outcome(tuple(words), told["due"])


def _told_by_facts(plan: Plan) -> Iterator[str]:
    """The requirements that the table of facts tells of, or of their conditions."""
    for one in plan.targets:
        if any(t.table == FACTS or t.on_condition is not None for t in one.leaves()):
            yield one.id


def _is_fact(plan: Plan, target: str) -> bool:
    return any(t.id == target and isinstance(t, FactTarget) for t in plan.leaves())
