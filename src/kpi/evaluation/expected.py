"""Evaluation of expected cases, and their comparison with the outcomes that the file says."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any

import polars as pl
from attrs import evolve, field, frozen

from kpi.definitions.kinds import Kind
from kpi.definitions.plan import Plan
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
"""Outcomes of a row under a target: the buckets of S12, of which a counted row of a share is met or
not met; rejected for a row that cannot be used, hidden for a row that does not exist yet at the
as-of date (S15)."""


_ROW = "kpi:expected row"


@frozen(kw_only=True)
class Difference:
    """Outcome or verdict that differs from what a file of expected cases says.

    Attributes:
        file: the name of the file.
        line: the line of the expectation in the file; None where it is not known.
        table: the table that the row stands in; None for the verdict of a whole target.
        case: the row's key, or its number where it has no key; None for a verdict.
        target: the id of the target.
        expected: the outcome, or the verdict, that the file says.
        found: the outcome, or the verdict, that was evaluated, with the reason where it has one.
        due: the last day on which the row is in time; None where it has no due date.
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
    """Expected outcome of a row under one target, or expected verdict of a target.

    Attributes:
        target: the id of the target.
        word: the outcome, or the verdict, as the file says it.
        line: the line in the file; None where it is not known.
    """

    target: str
    word: str
    line: int | None


@frozen
class ExpectedRow:
    """Row of a table with the outcomes that are expected of it.

    Attributes:
        name: the row's key as one text, or its number where it has no key.
        values: the row's values by column.
        expectations: the expected outcomes, at most one per target.
    """

    name: str
    values: Mapping[str, Any]
    expectations: tuple[Expectation, ...]


@frozen
class _Outcome:
    """Outcome of a row under a target.

    Attributes:
        words: every word for the outcome, the fullest first.
        due: the last day on which the row is in time; None where it has no due date.
    """

    words: tuple[str, ...]
    due: dt.date | None = None

    def is_as(self, expected: str) -> bool:
        """Return whether the outcome is the expected one; without a reason, any reason will do."""
        plain = [word.partition(": ")[0] for word in self.words]
        return expected in (*self.words, *plain)


@frozen(kw_only=True)
class ExpectedCases:
    """Content of a file of expected cases without a mistake.

    Attributes:
        file: the file's name, as messages have it.
        plan: the plan that the cases belong to.
        as_of: the as-of date of the cases (S15); None for the last day of the plan's period.
        tables: the rows of each table, by name.
        verdicts: the expected verdicts of whole targets.
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
        """Evaluate the cases, and return the differences from the file in the order of its lines.

        Raises:
            DataError: where the plan cannot be evaluated over the rows.
        """
        # Dates are handed over as ISO texts, for only those may be days and times in one column.
        declared = [evolve(table, date_format=None) for table in self.plan.tables]
        plan = evolve(self.plan, tables=declared)
        differences: list[Difference] = []
        for n, data_set in enumerate(self._data_sets()):
            evaluated = plan if n == 0 else plan.only(*_reading_facts(plan))
            tables = [t for t in plan.tables if n == 0 or t.name == FACTS]
            frames = {t.name: _frame(evaluated, t, data_set.get(t.name, ())) for t in tables}
            result = evaluate(evaluated, check(evaluated, frames), self.as_of)
            differences += self._row_differences(result, data_set)
            differences += self._verdict_differences(result) if n == 0 else ()
        return sorted(differences, key=lambda difference: difference.line or 0)

    def _data_sets(self) -> Iterator[Mapping[str, tuple[ExpectedRow, ...]]]:
        """Split the file into data sets, because an extract may hold a fact once only.

        The first has all cases and the first row of every fact; each repetition of a fact, such as
        done in time and done too late, is in one more, which holds facts alone.
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

    def _row_differences(
        self, result: Result, data_set: Mapping[str, tuple[ExpectedRow, ...]]
    ) -> Iterator[Difference]:
        trail = result.audit().collect(engine="in-memory")
        by_target = trail.partition_by("target", as_dict=True)
        for table, rows in data_set.items():
            assert result.tables is not None, "the result of an evaluation has its tables"
            snapshot = result.tables[table]
            numbers = snapshot.frame.select(_ROW).collect(engine="in-memory").to_series()
            place = {n: at for at, n in enumerate(numbers)}
            rejected = dict(snapshot.rejected.select(_ROW, "reason").iter_rows())
            for n, row in enumerate(rows):
                for expectation in row.expectations:
                    outcome = _Outcome((HIDDEN,))
                    if n in rejected:
                        outcome = _Outcome((f"{REJECTED}: {rejected[n]}",))
                    elif n in place:
                        trailed = by_target[(expectation.target,)].row(place[n], named=True)
                        outcome = _outcome(trailed, result)
                    if not outcome.is_as(expectation.word):
                        yield Difference(
                            file=self.file,
                            line=expectation.line,
                            table=table,
                            case=row.name,
                            target=expectation.target,
                            expected=expectation.word,
                            found=outcome.words[0],
                            due=outcome.due,
                        )

    def _verdict_differences(self, result: Result) -> Iterator[Difference]:
        for expectation in self.verdicts:
            verdict = result[expectation.target].verdict.replace("_", " ")
            if verdict != expectation.word:
                yield Difference(
                    file=self.file,
                    line=expectation.line,
                    target=expectation.target,
                    expected=expectation.word,
                    found=verdict,
                )


def column_kinds(plan: Plan, table: Table) -> dict[str, Kind]:
    """Return the kind of each column of a table that the plan reads or declares, the key first."""
    read: dict[str, Kind] = {}
    needs = Needs(plan)
    required = [
        (column.column, column.kind)
        for target in (*needs.targets, *needs.alternatives)
        if target.table == table.name
        for column in target.reads()
    ]
    for column, kind in [*required, *((name, "any") for name in table.derived)]:
        inner = table.made_of(column) if column in table.derived else [(column, kind)]
        for name, inner_kind in inner:
            if read.get(name, "any") == "any":
                read[name] = inner_kind
    read |= dict.fromkeys(table.date_columns, "date")
    keys: dict[str, Kind] = {name: read.get(name, "any") for name in table.key}
    return keys | read


def _frame(plan: Plan, table: Table, rows: Iterable[ExpectedRow]) -> pl.DataFrame:
    """Return the rows as a table of an extract, with the columns that `column_kinds` names."""
    values = [row.values for row in rows]
    columns = [
        _series(name, kind, [row.get(name) for row in values], key=name in table.key)
        for name, kind in column_kinds(plan, table).items()
    ]
    return pl.DataFrame([pl.Series(_ROW, range(len(values)), dtype=pl.Int64), *columns])


def _series(name: str, kind: Kind, values: list[Any], *, key: bool) -> pl.Series:
    types: dict[Kind, pl.DataType] = {
        "integer": pl.Int64(),
        "number": pl.Float64(),
        "boolean": pl.Boolean(),
    }
    if all(value is None for value in values):
        # An empty column has no type of its own: the check gives it one.
        return pl.Series(name, values, dtype=pl.String() if key else pl.Null())
    if kind in types:
        plain = [float(v) if isinstance(v, Decimal) else v for v in values]
        return pl.Series(name, plain, dtype=types[kind], strict=False)
    return pl.Series(name, [_text(value) for value in values], dtype=pl.String())


def _text(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return toml_literal(value)


def _outcome(trailed: Mapping[str, Any], result: Result) -> _Outcome:
    """Return the outcome of a row of the audit trail."""
    bucket, reason, met = trailed["bucket"], trailed["reason"], trailed["met"]
    words = [f"{bucket}: {reason}"] if reason is not None else [bucket]
    if bucket == COUNTED and met is not None:
        words = [MET if met else NOT_MET]
    elif bucket == COUNTED and _is_fact(result.plan, trailed["target"]):
        # A target of facts looks at a single fact, so that the verdict is the outcome of the row.
        verdict = result[trailed["target"]].verdict
        words = [{"met": MET, "missed": NOT_MET}.get(verdict, COUNTED), COUNTED]
    return _Outcome(tuple(words), trailed["due"])


def _reading_facts(plan: Plan) -> Iterator[str]:
    """Yield the ids of the requirements that read the table of facts, or whose conditions do."""
    for requirement in plan.targets:
        if any(t.table == FACTS or t.on_condition is not None for t in requirement.leaves()):
            yield requirement.id


def _is_fact(plan: Plan, target: str) -> bool:
    return any(t.id == target and isinstance(t, FactTarget) for t in plan.leaves())
