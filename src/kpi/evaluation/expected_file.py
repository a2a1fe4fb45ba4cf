"""Files of expected cases: cases written down beside a plan, with the expected outcomes (S12)."""

from __future__ import annotations

import datetime as dt
import math
import os
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeAlias, get_args

from attrs import field, frozen

from kpi.definitions.kinds import Kind
from kpi.definitions.parts import Parts
from kpi.definitions.plan import Plan
from kpi.definitions.table import Table
from kpi.definitions.validation import KeyPath
from kpi.definitions.windows import to_date
from kpi.errors import PlanError, Problem, listed, suggest
from kpi.evaluation.expected import (
    OUTCOMES,
    WITH_REASON,
    Difference,
    Expectation,
    ExpectedCases,
    ExpectedRow,
    column_kinds,
)
from kpi.planfile.literals import toml_literal
from kpi.planfile.toml_text import line_numbers, parse_toml
from kpi.results.target_result import Verdict
from kpi.tables.needs import Needs

AS_OF, VERDICTS, EXPECT = "as_of", "verdicts", "expect"
"""Keys of the file that are no table (the first two), and the key of a row that is no column."""


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

_Lines: TypeAlias = Mapping[KeyPath, int]


def check_expected(plan: Plan, path: str | os.PathLike[str]) -> list[Difference]:
    """Evaluate a plan over a file of expected cases, and compare the outcome of each (S12).

    Args:
        plan: the plan.
        path: the file of expected cases (TOML).

    Returns:
        the differences between outcomes and file, in the order of its lines; none where all is as
        expected.

    Raises:
        PlanError: where the file cannot be read, or naming every mistake in it.
        DataError: where the plan cannot be evaluated over the rows.
    """
    return load_expected(plan, path).differences()


def load_expected(plan: Plan, path: str | os.PathLike[str]) -> ExpectedCases:
    """Read and check a file of expected cases.

    Args:
        plan: the plan that the cases belong to.
        path: the file (TOML, UTF-8).

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
    cases = reader.read(str(file), data)
    if reader.problems:
        lines = [(reader.line(p.place), reader.words(data, p)) for p in reader.problems]
        lines.sort(key=lambda numbered: numbered[0] or 0)
        shown = [f"{file}:{line}: {words}" if line else f"{file}: {words}" for line, words in lines]
        raise PlanError(reader.problems, shown)
    return cases


@frozen
class _Reader:
    """Reader of a file of expected cases for a plan, which collects every mistake.

    Attributes:
        plan: the plan.
        lines: the line of each key of the file, from 1.
        problems: the mistakes so far.
    """

    plan: Plan
    lines: _Lines
    problems: list[Problem] = field(factory=list)

    def line(self, place: KeyPath) -> int | None:
        """Return the line of a key path, or of the nearest section around it; None where unseen."""
        outer = (place[:n] for n in range(len(place), 0, -1))
        return next((self.lines[at] for at in outer if at in self.lines), None)

    def words(self, data: Mapping[str, Any], problem: Problem) -> str:
        """Return a mistake with its place as people say it: "cases, row 3, filed"."""
        table, *rest = problem.place or ("",)
        if rest and isinstance(rest[0], int):
            rows = data[str(table)]
            declared = next((t for t in self.plan.tables if t.name == table), None)
            called = "" if declared is None else _given_name(declared, rows[rest[0]])
            rest[0] = f"case {called!r}" if called else f"row {rest[0] + 1}"
        where = ", ".join(str(word) for word in (table, *rest) if word != "")
        return f"{where}: {problem.message}" if where else problem.message

    def read(self, file: str, data: Mapping[str, Any]) -> ExpectedCases:
        """Read the content of the file; it can be used where no mistake was noted.

        Args:
            file: the file's name, as messages have it.
            data: the file as `parse_toml` gives it.
        """
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
        expectations = [
            *verdicts,
            *(expected for rows in tables.values() for r in rows for expected in r.expectations),
        ]
        if not expectations and not self.problems:
            self._note((), 'expects nothing; write in a row, such as: expect = { "1.1a" = "met" }')
        return ExpectedCases(
            file=file, plan=self.plan, as_of=as_of, tables=tables, verdicts=verdicts
        )

    def _note(self, place: KeyPath, message: str) -> None:
        self.problems.append(Problem(place, message))

    def _as_of(self, value: object) -> dt.date | None:
        try:
            return to_date(value)
        except PlanError as error:
            self.problems.extend(error.within(AS_OF))
            return None

    def _verdicts(self, data: object) -> Iterator[Expectation]:
        if not isinstance(data, Mapping):
            message = f'accepted: a section [{VERDICTS}] with lines such as "1.1a" = "missed"'
            self._note((VERDICTS,), message)
            return
        ids = [t.id for t in (*self.plan.targets, *self.plan.leaves())]
        for target, word in data.items():
            place = (VERDICTS, target)
            if target not in ids:
                accepted = f"accepted: {listed(list(dict.fromkeys(ids)), 40)}"
                self._note(place, f"unknown target; {accepted}{suggest(target, ids)}")
                continue
            verdict = word.replace("_", " ") if isinstance(word, str) else word
            if verdict not in _VERDICTS:
                hint = suggest(verdict, _VERDICTS) if isinstance(verdict, str) else ""
                message = f"unknown verdict {word!r}; accepted: {listed(_VERDICTS)}{hint}"
                self._note(place, message)
                continue
            yield Expectation(target, verdict, self.line(place))

    def _rows(self, table: Table, rows: Sequence[Mapping[str, Any]]) -> Iterator[ExpectedRow]:
        kinds = column_kinds(self.plan, table)
        to_the_minute = Needs(self.plan).of(table.name).timestamp_columns
        # The key of a pause names a case, which no invented name does.
        made_up = [c for c in table.key if kinds[c] in ("text", "any") and table.pauses is None]
        taken = {row.get(name) for row in rows for name in made_up}
        for n, row in enumerate(rows):
            place: KeyPath = (table.name, n)
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
                        self._note((*place, name), f"found {toml_literal(value)}; {mistake}")
                    values[name] = value
            called = _given_name(table, values) or f"row {n + 1}"
            for name in made_up:
                if name not in values:
                    values[name] = _unused(f"row {n + 1}", taken)
            expectations = tuple(self._expectations(table, place, row.get(EXPECT, {})))
            yield ExpectedRow(called, values, expectations)

    def _expectations(self, table: Table, place: KeyPath, data: object) -> Iterator[Expectation]:
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
                yield Expectation(target, word, self.line(at))


def _wrong_outcome(word: object) -> str | None:
    """Return what is wrong with the word for an outcome; None where nothing is."""
    if not isinstance(word, str):
        return f"found {toml_literal(word)}; accepted: {listed(OUTCOMES)}"
    plain, colon, _ = word.partition(": ")
    if plain not in OUTCOMES:
        return f"unknown outcome {word!r}; accepted: {listed(OUTCOMES)}{suggest(plain, OUTCOMES)}"
    if colon and plain not in WITH_REASON:
        return f"found {word!r}; accepted: {plain!r}, for only {listed(WITH_REASON)} take a reason"
    return None


def _mistake(kind: Kind, value: object, *, to_the_minute: bool) -> str | None:
    """Return what is wrong with a value of a column; None where nothing is.

    Args:
        kind: the kind of value that the column must hold.
        value: the value.
        to_the_minute: whether some target reads the column to the minute (S3).
    """
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
    """Return a row's key as one text; empty where no column of the key is given."""
    return ", ".join(str(row[name]) for name in table.key if name in row)


def _unused(name: str, taken: set[object]) -> str:
    """Return the name, with apostrophes until it is none of those taken."""
    while name in taken:
        name += "'"
    return name
