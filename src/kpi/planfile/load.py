"""TOML <-> plan: every mistake at once, each with file, line, place, what was found, what is accepted."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias, TypeVar

import attrs

from kpi.definitions.goals import Goal
from kpi.definitions.parts import Parts
from kpi.definitions.plan import Plan
from kpi.definitions.table import Table
from kpi.definitions.target import Read, Requirement, Target
from kpi.definitions.validation import KeyPath, duplicate_ids, misplaced_reads, misplaced_weights
from kpi.errors import PlanError, Problem, listed, suggest
from kpi.planfile.limit_files import with_files
from kpi.planfile.literals import with_toml_literals
from kpi.planfile.places import line_number, message_line, value_at
from kpi.planfile.toml_text import line_numbers, parse_toml
from kpi.rules import rules

T = TypeVar("T")

_NO_PLANS = (".parquet", ".csv", ".arrow", ".ipc", ".feather", ".xlsx", ".xls", ".ods")


def load_plan(path: str | os.PathLike[str]) -> Plan:
    """The plan in a TOML file.

    Raises:
        PlanError: where the file cannot be read, or naming every mistake in it.
    """
    file = Path(path)
    if "\0" in str(file):
        raise PlanError(f"{str(file)!r}: no such file; a path holds no zero byte")
    if file.suffix.lower() in _NO_PLANS and file.is_file():
        raise PlanError(f"{file}: is no plan file (TOML); the plan comes first, then the tables")
    try:
        text = file.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise PlanError(f"{file}: no such file") from None
    except IsADirectoryError:
        raise PlanError(f"{file}: is a directory; expected a plan file (TOML)") from None
    except UnicodeDecodeError as error:
        raise PlanError(
            f"{file}: not UTF-8 at byte {error.start}; save the plan file as UTF-8"
        ) from None
    except OSError as error:
        raise PlanError(f"{file}: cannot be read: {error.strerror}") from None
    return parse_plan(text, name=str(file), beside=file.parent)


def parse_plan(text: str, name: str = "plan", beside: str | os.PathLike[str] | None = None) -> Plan:
    """The plan in a TOML text.

    Args:
        text: the text of a plan file.
        name: what messages call it.
        beside: the directory of the files that it names (default: it may name none).

    Raises:
        PlanError: naming every mistake in it.
    """
    data = parse_toml(text, name)
    problems: list[Problem] = []
    if beside is not None:
        data = with_files(data, Path(beside), problems)
    plan = _plan(data, problems)
    if plan is None:
        lines = line_numbers(text)
        problems = [
            attrs.evolve(p, message=with_toml_literals(p.message, value_at(data, p.place)))
            for p in problems
        ]
        problems.sort(key=lambda problem: line_number(lines, problem))
        raise PlanError(
            problems, [message_line(name, data, lines, problem) for problem in problems]
        )
    return plan


def _plan(data: Mapping[str, Any], problems: list[Problem]) -> Plan | None:
    known = {f.name for f in attrs.fields(Plan)}
    problems += [Problem((k,), _unknown(k, known, of_plan=True)) for k in data if k not in known]
    kwargs = _fields(Plan, data, (), problems, skip={"tables", "goals", "targets"})
    tables = _tables(data.get("tables", {}), problems)
    goals = _goals(data.get("goals", []), problems)
    found = data.get("targets", [])
    if not _sections(found):
        problems.append(Problem(("targets",), "accepted: targets, each under a line [[targets]]"))
        return None
    reads: list[_Reads] = []
    targets = [_requirement(("targets", n), raw, problems, reads) for n, raw in enumerate(found)]
    problems += duplicate_ids(_ids(found))
    problems += (
        duplicate_ids((("goals", n), raw.get("id")) for n, raw in enumerate(data.get("goals", [])))
        if _sections(data.get("goals", []))
        else []
    )
    if len(goals) == len(data.get("goals", [])):
        problems += misplaced_weights(
            goals, [(raw.get("goal"), raw.get("weight")) for raw in found]
        )
    # A table with a mistake of its own says nothing about what its targets may read.
    declared = data.get("tables", {})
    if isinstance(declared, dict):
        broken = set(declared) - {table.name for table in tables}
        problems += misplaced_reads(tables, [read for read in reads if str(read[2]) not in broken])
    if any(problem.place[:1] in _SECTIONS for problem in problems):
        return None
    if problems:
        # Id and period say nothing of the targets, whose mistakes beside one another show so too.
        stand_ins = {"id": "p", "period": "2022", **kwargs}
        problems += _mistakes_together(stand_ins, tables, goals, targets)
        return None
    try:
        kept = [target for target in targets if target is not None]
        return Plan(**kwargs, tables=tables, goals=goals, targets=kept)
    except PlanError as error:
        problems += error.problems
        return None


_SECTIONS = (("tables",), ("goals",), ("targets",))


def _mistakes_together(
    kwargs: Mapping[str, Any],
    tables: tuple[Table, ...],
    goals: tuple[Goal, ...],
    targets: Iterable[Requirement | None],
) -> tuple[Problem, ...]:
    """Return what is wrong with tables, goals and targets beside one another."""
    kept = [target for target in targets if target is not None]
    try:
        Plan(**kwargs, tables=tables, goals=goals, targets=kept)
    except PlanError as error:
        return error.problems
    return ()


def _sections(found: object) -> bool:
    return isinstance(found, list) and all(isinstance(one, dict) for one in found)


def _ids(found: list[dict[str, Any]]) -> Iterator[tuple[KeyPath, object]]:
    for n, raw in enumerate(found):
        yield ("targets", n), raw.get("id")
        parts = raw.get("parts", [])
        for m, part in enumerate(parts if _sections(parts) else []):
            yield ("targets", n, "parts", m), part.get("id")


def _goals(data: object, problems: list[Problem]) -> tuple[Goal, ...]:
    """The goals without a mistake; a problem for every mistake in the others."""
    if not isinstance(data, list) or not _sections(data):
        problems.append(Problem(("goals",), "accepted: goals, each under a line [[goals]]"))
        return ()
    found = []
    for n, goal in enumerate(data):
        place = ("goals", n)
        before = len(problems)
        known = {f.name for f in attrs.fields(Goal)}
        problems += [Problem((*place, k), _unknown(k, known)) for k in goal if k not in known]
        kwargs = _fields(Goal, goal, place, problems)
        found.append(_built(partial(Goal, **kwargs), place, problems, before))
    return tuple(goal for goal in found if goal is not None)


def _tables(data: object, problems: list[Problem]) -> tuple[Table, ...]:
    """The tables without a mistake; a problem for every mistake in the others."""
    if not isinstance(data, dict) or not all(isinstance(t, dict) for t in data.values()):
        problems.append(Problem(("tables",), "accepted: a section [tables.NAME] for each table"))
        return ()
    found = []
    for name, table in data.items():
        place = ("tables", name)
        before = len(problems)
        known = {f.name for f in attrs.fields(Table)} - {"name"}
        problems += [Problem((*place, k), _unknown(k, known)) for k in table if k not in known]
        kwargs = _fields(Table, table, place, problems, skip={"name"})
        found.append(_built(partial(Table, name, **kwargs), place, problems, before))
    return tuple(table for table in found if table is not None)


_Reads: TypeAlias = tuple[KeyPath, object, object, list[Read], bool]
"""Of a target its place, id, table, what it reads, and whether it is asked for on a condition."""


def _requirement(
    place: KeyPath, data: Mapping[str, Any], problems: list[Problem], reads: list[_Reads]
) -> Requirement | None:
    """A target or a requirement of parts, or None and a problem for every mistake."""
    if "parts" not in data or "rule" in data:
        return _target(place, data, problems, reads)
    before = len(problems)
    known = {f.name for f in attrs.fields(Parts)}
    problems += [Problem((*place, k), _unknown(k, known)) for k in data if k not in known]
    kwargs = _fields(Parts, data, place, problems, skip={"parts"})
    if not _sections(data["parts"]):
        message = "accepted: parts, each under a line [[targets.parts]]"
        problems.append(Problem((*place, "parts"), message))
        return None
    parts = [
        _target((*place, "parts", n), raw, problems, reads) for n, raw in enumerate(data["parts"])
    ]
    return _built(partial(Parts, parts=parts, **kwargs), place, problems, before)


def _target(
    place: KeyPath, data: Mapping[str, Any], problems: list[Problem], reads: list[_Reads]
) -> Target | None:
    """A target, or None and a problem for every mistake; what it reads is noted either way."""
    kinds = rules()
    name = data.get("rule")
    if not isinstance(name, str) or name not in kinds:
        hint = suggest(name, kinds) if isinstance(name, str) else ""
        what = "missing" if name is None else f"unknown rule {name!r}"
        problems.append(Problem((*place, "rule"), f"{what}; accepted: {listed(list(kinds))}{hint}"))
        return None
    rule = kinds[name]
    before = len(problems)
    known = {f.name for f in attrs.fields(rule)}
    problems += [
        Problem((*place, k), _unknown(k, known)) for k in data if k not in known and k != "rule"
    ]
    kwargs = _fields(rule, data, place, problems)
    table = data.get("table", attrs.fields(rule).table.default)
    conditional = kwargs.get("on_condition") is not None
    reads.append((place, data.get("id"), table, list(rule.reads_of(kwargs)), conditional))
    return _built(partial(rule, **kwargs), place, problems, before)


def _built(
    make: Callable[[], T], place: tuple[str | int, ...], problems: list[Problem], before: int
) -> T | None:
    """What `make` gives, where its keys had no problem; its own problems are noted."""
    if len(problems) > before:
        return None
    try:
        return make()
    except PlanError as error:
        problems += error.within(*place)
        return None


def _fields(
    cls: type[Any],
    data: Mapping[str, Any],
    place: tuple[str | int, ...],
    problems: list[Problem],
    skip: Iterable[str] = (),
) -> dict[str, Any]:
    """Each key's value, converted as the class would; a problem for each that cannot be."""
    found: dict[str, Any] = {}
    for f in attrs.fields(cls):
        if f.name in skip:
            continue
        if f.name not in data:
            if f.default is attrs.NOTHING:
                problems.append(
                    Problem((*place, f.name), f"missing; accepted: {_lower(f.metadata['doc'])}")
                )
            continue
        try:
            found[f.name] = f.converter(data[f.name]) if f.converter else data[f.name]
        except PlanError as error:
            problems += error.within(*place)
    return found


def _lower(sentence: str) -> str:
    return sentence[0].lower() + sentence[1:].rstrip(".")


def _unknown(name: str, known: set[str], *, of_plan: bool = False) -> str:
    above = {f.name for f in attrs.fields(Plan)} - {"id", "tables", "goals", "targets"}
    if name in above and not of_plan:
        return (
            f"a key of the plan, which stands above the first section; accepted here: "
            f"{listed(sorted(known), most=30)}"
        )
    return f"unknown key; accepted: {listed(sorted(known), most=30)}{suggest(name, known)}"
