"""Expected outcomes: cases written down beside a plan, and what should become of each (S12).

The rows go through the engine as an extract does; only the comparison is done here.
"""

from __future__ import annotations

import datetime as dt
import math
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeAlias, get_args

import polars as pl
from attrs import evolve, field, frozen

from kpi.definitions.plan import Place, Plan
from kpi.definitions.population import Kind
from kpi.definitions.reserved import FACTS
from kpi.definitions.table import Table
from kpi.definitions.target import Parts
from kpi.definitions.windows import to_date
from kpi.errors import PlanError, Problem, listed, suggest
from kpi.evaluation.evaluate import evaluate
from kpi.planfile.literals import written
from kpi.planfile.toml_text import line_numbers, parse_toml
from kpi.results.result import Result, Verdict
from kpi.rules._reported import FactTarget
from kpi.tables.check import check
from kpi.tables.needs import Needs

AS_OF, VERDICTS, EXPECT = "as_of", "verdicts", "expect"
"""The keys of the file that are no table, and that of a row which is no column."""

MET, NOT_MET, COUNTED, REJECTED, HIDDEN = "met", "not met", "counted", "rejected", "hidden"
WITH_REASON = ("excluded", REJECTED)
OUTCOMES = (MET, NOT_MET, COUNTED, "undetermined", "outside", *WITH_REASON, HIDDEN)
"""What may become of a row under a target: a bucket of S12, a counted row of a share by whether it is
met; a row that cannot be used, and one that does not exist yet at the as-of date (S15)."""

_ROW = "kpi:expected row"
_VERDICTS = tuple(word.replace("_", " ") for word in get_args(Verdict))
_TIME = "2017-03-01T09:30:00"
_ACCEPTED: Mapping[Kind, str] = {
    "text": "a text, in quotes",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "date": f"a date or a time, without quotes, such as 2017-03-01 or {_TIME}",
    "any": "a text, a number, true or false, or a date",
}

_Lines: TypeAlias = Mapping[Place, int]


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
class _Expectation:
    """What is expected of one target: the word for it, and the line that says so."""

    target: str
    word: str
    line: int | None


@frozen
class _Row:
    """A row of a table: its values by column, and what is expected of it."""

    name: str
    values: Mapping[str, Any]
    expectations: tuple[_Expectation, ...]


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
    tables: Mapping[str, tuple[_Row, ...]] = field(repr=False)
    verdicts: tuple[_Expectation, ...] = field(repr=False)

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

    def _worlds(self) -> Iterator[Mapping[str, tuple[_Row, ...]]]:
        """The rows, and then those facts that stand once more, each time without all others.

        In an extract a fact stands once; here it is written down done in time, and done too late.
        """
        times: Counter[tuple[Any, ...]] = Counter()
        facts: dict[int, list[_Row]] = {0: []}
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
        self, result: Result, world: Mapping[str, tuple[_Row, ...]]
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


def check_expected(plan: Plan, path: str | os.PathLike[str]) -> list[Difference]:
    """Evaluate a plan over a file of expected cases, and compare what becomes of each (S12).

    Args:
        plan: the plan.
        path: the file of expected cases (TOML).

    Returns:
        what came out otherwise than the file says, in its order; nothing where all is as expected.

    Raises:
        PlanError: where the file cannot be read, or naming every mistake in it.
        DataError: where the plan cannot be evaluated over the rows.
    """
    return load_expected(plan, path).differences()


def load_expected(plan: Plan, path: str | os.PathLike[str]) -> ExpectedCases:
    """A file of expected cases.

    Raises:
        PlanError: where the file cannot be read, or naming every mistake in it, a line each.
    """
    file = Path(path)
    try:
        text = file.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise PlanError(f"{file}: no such file") from None
    except UnicodeDecodeError as error:
        raise PlanError(f"{file}: not UTF-8 at byte {error.start}; save it as UTF-8") from None
    except OSError as error:
        raise PlanError(f"{file}: cannot be read: {error.strerror}") from None
    data = parse_toml(text, str(file))
    reader = _Reader(plan, line_numbers(text))
    found = reader.read(str(file), data)
    if reader.problems:
        lines = [(reader.line(p.place), reader.words(data, p)) for p in reader.problems]
        lines.sort(key=lambda one: one[0] or 0)
        shown = [f"{file}:{line}: {words}" if line else f"{file}: {words}" for line, words in lines]
        raise PlanError(reader.problems, shown)
    return found


@frozen
class _Reader:
    """Someone who reads a file of expected cases for a plan, and notes every mistake."""

    plan: Plan
    lines: _Lines
    problems: list[Problem] = field(factory=list)

    def line(self, place: Place) -> int | None:
        """The line of a place, or of the nearest section round it."""
        outer = (place[:n] for n in range(len(place), 0, -1))
        return next((self.lines[at] for at in outer if at in self.lines), None)

    def words(self, data: Mapping[str, Any], problem: Problem) -> str:
        """A mistake with its place as people say it: "cases, row 3, filed"."""
        table, *rest = problem.place or ("",)
        if rest and isinstance(rest[0], int):
            rows = data[str(table)]
            declared = next((t for t in self.plan.tables if t.name == table), None)
            called = "" if declared is None else _given_name(declared, rows[rest[0]])
            rest[0] = f"case {called!r}" if called else f"row {rest[0] + 1}"
        where = ", ".join(str(word) for word in (table, *rest) if word != "")
        return f"{where}: {problem.message}" if where else problem.message

    def read(self, file: str, data: Mapping[str, Any]) -> ExpectedCases:
        """What the file says; of use where no mistake was noted."""
        as_of = self._as_of(data[AS_OF]) if AS_OF in data else None
        verdicts = tuple(self._verdicts(data.get(VERDICTS, {})))
        declared = {table.name: table for table in self.plan.tables}
        tables = {}
        for name, rows in data.items():
            if name in (AS_OF, VERDICTS):
                continue
            if name not in declared:
                hint = suggest(name, [*declared, AS_OF, VERDICTS])
                message = f"unknown table; the plan declares: {listed(list(declared))}{hint}"
                self._note((name,), message)
            elif not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
                self._note((name,), f"accepted: rows, each under a line [[{name}]]")
            else:
                tables[name] = tuple(self._rows(declared[name], rows))
        said = [
            *verdicts,
            *(one for rows in tables.values() for r in rows for one in r.expectations),
        ]
        if not said and not self.problems:
            self._note((), 'expects nothing; write in a row, such as: expect = { "1.1a" = "met" }')
        return ExpectedCases(
            file=file, plan=self.plan, as_of=as_of, tables=tables, verdicts=verdicts
        )

    def _note(self, place: Place, message: str) -> None:
        self.problems.append(Problem(place, message))

    def _as_of(self, value: object) -> dt.date | None:
        try:
            return to_date(value)
        except PlanError as error:
            self.problems.extend(error.at(AS_OF))
            return None

    def _verdicts(self, data: object) -> Iterator[_Expectation]:
        if not isinstance(data, Mapping):
            message = f'accepted: a section [{VERDICTS}] with lines such as "1.1a" = "missed"'
            self._note((VERDICTS,), message)
            return
        known = [t.id for t in (*self.plan.targets, *self.plan.leaves())]
        for target, word in data.items():
            place = (VERDICTS, target)
            if target not in known:
                accepted = f"accepted: {listed(list(dict.fromkeys(known)), 40)}"
                self._note(place, f"unknown target; {accepted}{suggest(target, known)}")
                continue
            verdict = word.replace("_", " ") if isinstance(word, str) else word
            if verdict not in _VERDICTS:
                hint = suggest(verdict, _VERDICTS) if isinstance(verdict, str) else ""
                message = f"unknown verdict {word!r}; accepted: {listed(_VERDICTS)}{hint}"
                self._note(place, message)
                continue
            yield _Expectation(target, verdict, self.line(place))

    def _rows(self, table: Table, rows: Sequence[Mapping[str, Any]]) -> Iterator[_Row]:
        kinds = _kinds(self.plan, table)
        to_the_minute = Needs(self.plan).of(table.name).timestamp_columns
        # A pause belongs to a case, which no name made up here is that of.
        made_up = [c for c in table.key if kinds[c] in ("text", "any") and table.pauses is None]
        taken = {row.get(name) for row in rows for name in made_up}
        for n, row in enumerate(rows):
            place: Place = (table.name, n)
            values = {}
            for name, value in row.items():
                if name == EXPECT:
                    continue
                if name in table.derived:
                    self._note((*place, name), "is derived by the plan; give what it is made of")
                elif name not in kinds:
                    accepted = f"accepted: {listed(list(kinds), 40)}, {EXPECT}"
                    message = f"unknown column; {accepted}{suggest(name, [*kinds, EXPECT])}"
                    self._note((*place, name), message)
                else:
                    kind = kinds[name]
                    mistake = _mistake(kind, value, to_the_minute=name in to_the_minute)
                    if mistake:
                        self._note((*place, name), f"found {written(value)}; {mistake}")
                    values[name] = value
            called = _given_name(table, values) or f"row {n + 1}"
            for name in made_up:
                if name not in values:
                    values[name] = _unused(f"row {n + 1}", taken)
            expectations = tuple(self._expectations(table, place, row.get(EXPECT, {})))
            yield _Row(called, values, expectations)

    def _expectations(self, table: Table, place: Place, data: object) -> Iterator[_Expectation]:
        if not isinstance(data, Mapping):
            message = 'accepted: an outcome for each target, such as { "1.1a" = "met" }'
            self._note((*place, EXPECT), message)
            return
        targets = {t.id: t for t in Needs(self.plan).targets}
        of_parts = {t.id: t for t in self.plan.targets if isinstance(t, Parts)}
        here = [t.id for t in targets.values() if t.table == table.name]
        for target, word in data.items():
            at = (*place, EXPECT, target)
            if target in of_parts:
                parts = listed([part.id for part in of_parts[target].parts])
                self._note(at, f"is a requirement of several parts; name one of them: {parts}")
            elif target not in targets:
                hint = suggest(target, here or targets)
                self._note(at, f"unknown target; accepted: {listed(here, 40)}{hint}")
            elif target not in here:
                message = f"reads the table {targets[target].table}, not {table.name}"
                self._note(at, message)
            elif mistake := _wrong_outcome(word):
                self._note(at, mistake)
            else:
                yield _Expectation(target, word, self.line(at))


def _wrong_outcome(word: object) -> str | None:
    """What is wrong with the word for an outcome, if anything."""
    if not isinstance(word, str):
        return f"found {written(word)}; accepted: {listed(OUTCOMES)}"
    plain, colon, _ = word.partition(": ")
    if plain not in OUTCOMES:
        return f"unknown outcome {word!r}; accepted: {listed(OUTCOMES)}{suggest(plain, OUTCOMES)}"
    if colon and plain not in WITH_REASON:
        return f"found {word!r}; accepted: {plain!r}, for only {listed(WITH_REASON)} take a reason"
    return None


def _kinds(plan: Plan, table: Table) -> dict[str, Kind]:
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


def _mistake(kind: Kind, value: object, *, to_the_minute: bool) -> str | None:
    """What is wrong with a value of a column, if anything."""
    accepted = f"accepted: {_ACCEPTED[kind]}"
    if isinstance(value, bool):
        return None if kind in ("boolean", "any") else accepted
    if isinstance(value, int) and abs(value) >= 2**63:
        return "accepted: at most 18 digits"
    if isinstance(value, dt.date) and kind == "date":
        if to_the_minute and not isinstance(value, dt.datetime):
            return f"the plan counts it in hours or minutes; accepted: a time such as {_TIME}"
        return None
    fits = {
        "text": str,
        "integer": int,
        "number": int | Decimal,
        "boolean": bool,
        "date": dt.date,
        "any": str | int | Decimal | dt.date,
    }
    if not isinstance(value, fits[kind]):
        return accepted
    return accepted if isinstance(value, Decimal) and not math.isfinite(value) else None


def _given_name(table: Table, row: Mapping[str, Any]) -> str:
    """A row's key as one text; nothing where none of it is given."""
    return ", ".join(str(row[name]) for name in table.key if name in row)


def _unused(name: str, taken: set[object]) -> str:
    """A name that no row was given."""
    while name in taken:
        name += "'"
    return name


def _frame(plan: Plan, table: Table, rows: Iterable[_Row]) -> pl.DataFrame:
    """The rows as a table of an extract, with every column that the plan knows."""
    found = [row.values for row in rows]
    columns = [
        _series(name, kind, [row.get(name) for row in found], key=name in table.key)
        for name, kind in _kinds(plan, table).items()
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
    return written(value)


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
