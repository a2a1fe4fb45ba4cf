"""Loading of plans from TOML, with every mistake at once.

Each mistake comes with file, line, place, what was found and what is accepted.
"""

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
from kpi.definitions.sections import key_names, unknown_key, values_of
from kpi.definitions.table import Table
from kpi.definitions.target import Read, Requirement, Target
from kpi.definitions.validation import KeyPath, duplicate_ids, misplaced_reads, misplaced_weights
from kpi.errors import PlanError, Problem, listed, suggest
from kpi.planfile.extract_file import is_extract_file
from kpi.planfile.limit_files import Beside, with_files
from kpi.planfile.places import in_file
from kpi.planfile.shared_keys import accepted_keys, at_their_keys, with_whole_parts
from kpi.planfile.toml_text import parse_toml, read_toml_file
from kpi.rules import rules

T = TypeVar("T")

_NO_PLANS = frozenset(
    [
        ".parquet",
        ".pq",
        ".csv",
        ".tsv",
        ".jsonl",
        ".ndjson",
        ".arrow",
        ".ipc",
        ".feather",
        ".xlsx",
        ".xlsm",
        ".xls",
        ".xlsb",
        ".ods",
        ".gz",
        ".zst",
        ".zip",
    ]
)


def load_plan(path: str | os.PathLike[str]) -> Plan:
    """Load the plan in a TOML file.

    Raises:
        PlanError: where the file cannot be read, or naming every mistake in it.
    """
    file = Path(path)
    if file.suffix.lower() in _NO_PLANS and "\0" not in str(file) and file.is_file():
        raise PlanError(f"{file}: is no plan file (TOML); the plan comes first, then the tables")
    text = read_toml_file(file, "plan file")
    return parse_plan(text, name=str(file), beside=file.parent)


def parse_plan(text: str, name: str = "plan", beside: str | os.PathLike[str] | None = None) -> Plan:
    """Parse the plan in a TOML text.

    Args:
        text: the text of a plan file.
        name: the name of the text in messages.
        beside: the directory of the files that the plan names; None where it may name no files.

    Raises:
        PlanError: naming every mistake in the text.
    """
    return parse_with_limits(text, name, None if beside is None else Path(beside))


def parse_with_limits(text: str, name: str, beside: Beside | None) -> Plan:
    """Parse the plan in a TOML text, whose files of limits may have been read before.

    Args:
        text: the text of a plan file.
        name: the name of the text in messages.
        beside: the directory of the files that the plan names, or the limits that were read from
            them; None where it may name no files.

    Raises:
        PlanError: naming every mistake in the text.
    """
    data = parse_toml(text, name)
    if is_extract_file(data):
        raise PlanError(f"{name}: is an extract file, not a plan; the plan comes first")
    problems: list[Problem] = []
    whole = with_whole_parts(data, problems)
    if beside is not None:
        whole = with_files(whole, beside, problems)
    plan = _plan(whole, problems)
    if plan is None:
        placed = at_their_keys(problems, data, whole)
        raise PlanError(*in_file(name, text, whole, placed))
    return plan


def _plan(data: Mapping[str, Any], problems: list[Problem]) -> Plan | None:
    keys = {f.name for f in attrs.fields(Plan)}
    problems += [Problem((k,), _unknown(k, keys, of_plan=True)) for k in data if k not in keys]
    kwargs = _fields(Plan, data, (), problems, skip={"tables", "goals", "targets"})
    tables = _tables(data.get("tables", {}), problems)
    goals = _goals(data.get("goals", []), problems)
    sections = data.get("targets", [])
    if not _sections(sections):
        problems.append(Problem(("targets",), "accepted: targets, each under a line [[targets]]"))
        return None
    reads: list[_Reads] = []
    targets = [_requirement(("targets", n), raw, problems, reads) for n, raw in enumerate(sections)]
    problems += duplicate_ids(_ids(sections))
    problems += (
        duplicate_ids((("goals", n), raw.get("id")) for n, raw in enumerate(data.get("goals", [])))
        if _sections(data.get("goals", []))
        else []
    )
    if len(goals) == len(data.get("goals", [])):
        problems += misplaced_weights(
            goals, [(raw.get("goal"), raw.get("weight")) for raw in sections]
        )
    # A table with a mistake of its own says nothing about what its targets may read.
    declared = data.get("tables", {})
    if isinstance(declared, dict):
        broken = set(declared) - {table.name for table in tables}
        problems += misplaced_reads(tables, [read for read in reads if str(read[2]) not in broken])
    if any(problem.place[:1] in _SECTIONS for problem in problems):
        return None
    if problems:
        # With stand-ins for id and period, the mistakes of targets beside one another show too.
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
"""The places of a plan that hold sections."""


def _mistakes_together(
    kwargs: Mapping[str, Any],
    tables: tuple[Table, ...],
    goals: tuple[Goal, ...],
    targets: Iterable[Requirement | None],
) -> tuple[Problem, ...]:
    """Return the problems of tables, goals and targets beside one another."""
    kept = [target for target in targets if target is not None]
    try:
        Plan(**kwargs, tables=tables, goals=goals, targets=kept)
    except PlanError as error:
        return error.problems
    return ()


def _sections(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(section, dict) for section in value)


def _ids(sections: list[dict[str, Any]]) -> Iterator[tuple[KeyPath, object]]:
    for n, raw in enumerate(sections):
        yield ("targets", n), raw.get("id")
        parts = raw.get("parts", [])
        for m, part in enumerate(parts if _sections(parts) else []):
            yield ("targets", n, "parts", m), part.get("id")


def _goals(data: object, problems: list[Problem]) -> tuple[Goal, ...]:
    """Return the goals without a mistake; add a problem for every mistake in the others."""
    if not isinstance(data, list) or not _sections(data):
        problems.append(Problem(("goals",), "accepted: goals, each under a line [[goals]]"))
        return ()
    goals = []
    for n, section in enumerate(data):
        place = ("goals", n)
        before = len(problems)
        keys = {f.name for f in attrs.fields(Goal)}
        problems += [Problem((*place, k), _unknown(k, keys)) for k in section if k not in keys]
        kwargs = _fields(Goal, section, place, problems)
        goals.append(_built(partial(Goal, **kwargs), place, problems, before))
    return tuple(goal for goal in goals if goal is not None)


def _tables(data: object, problems: list[Problem]) -> tuple[Table, ...]:
    """Return the tables without a mistake; add a problem for every mistake in the others."""
    if not isinstance(data, dict) or not all(isinstance(t, dict) for t in data.values()):
        problems.append(Problem(("tables",), "accepted: a section [tables.NAME] for each table"))
        return ()
    tables = []
    for name, section in data.items():
        place = ("tables", name)
        before = len(problems)
        keys = {f.name for f in attrs.fields(Table)} - {"name"}
        problems += [Problem((*place, k), _unknown(k, keys)) for k in section if k not in keys]
        kwargs = _fields(Table, section, place, problems, skip={"name"})
        tables.append(_built(partial(Table, name, **kwargs), place, problems, before))
    return tuple(table for table in tables if table is not None)


_Reads: TypeAlias = tuple[KeyPath, object, object, list[Read], bool]
"""The place of a target, its id, its table, the columns read, whether it has a condition."""


def _requirement(
    place: KeyPath, data: Mapping[str, Any], problems: list[Problem], reads: list[_Reads]
) -> Requirement | None:
    """Return a target or a requirement of parts; for mistakes add the problems and return None."""
    if "parts" not in data:
        return _target(place, data, problems, reads)
    before = len(problems)
    kwargs = _fields(Parts, data, place, problems, skip={"parts"})
    keys = accepted_keys(data)
    if not _sections(data["parts"]):
        problems += [Problem((*place, k), _unknown(k, keys)) for k in data if k not in keys]
        message = "accepted: parts, each under a line [[targets.parts]]"
        problems.append(Problem((*place, "parts"), message))
        return None
    own = key_names(Parts)
    problems += [Problem((*place, k), _unknown(k, keys)) for k in data if k not in own]
    parts = [
        _target((*place, "parts", n), raw, problems, reads) for n, raw in enumerate(data["parts"])
    ]
    return _built(partial(Parts, parts=parts, **kwargs), place, problems, before)


def _target(
    place: KeyPath, data: Mapping[str, Any], problems: list[Problem], reads: list[_Reads]
) -> Target | None:
    """Return a target; for mistakes add the problems and return None.

    The columns that the target reads are added to `reads` either way.
    """
    kinds = rules()
    name = data.get("rule")
    if not isinstance(name, str) or name not in kinds:
        hint = suggest(name, kinds) if isinstance(name, str) else ""
        what = "missing" if name is None else f"unknown rule {name!r}"
        problems.append(Problem((*place, "rule"), f"{what}; accepted: {listed(list(kinds))}{hint}"))
        return None
    rule = kinds[name]
    before = len(problems)
    keys = {f.name for f in attrs.fields(rule)}
    problems += [
        Problem((*place, k), _unknown(k, keys)) for k in data if k not in keys and k != "rule"
    ]
    kwargs = _fields(rule, data, place, problems)
    table = data.get("table", attrs.fields(rule).table.default)
    conditional = kwargs.get("on_condition") is not None
    reads.append((place, data.get("id"), table, list(rule.reads_of(kwargs)), conditional))
    return _built(partial(rule, **kwargs), place, problems, before)


def _built(
    make: Callable[[], T], place: tuple[str | int, ...], problems: list[Problem], before: int
) -> T | None:
    """Return what `make` builds; None where the keys had problems, or the whole has some.

    Args:
        make: builds the definition.
        place: the place of the definition in the plan.
        problems: the problems of the plan, to which those of `make` are added.
        before: the number of problems before the keys of the definition were converted.
    """
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
    """Return the value of each key, converted by the class; add a problem for each mistake."""
    of_section: list[Problem] = []
    values = values_of(cls, data, of_section, skip)
    problems += PlanError(of_section).within(*place)
    return values


def _unknown(name: str, accepted: set[str], *, of_plan: bool = False) -> str:
    above = key_names(Plan, {"id", "tables", "goals", "targets"})
    if name in above and not of_plan:
        return (
            f"a key of the plan, which stands above the first section; accepted here: "
            f"{listed(sorted(accepted), most=30)}"
        )
    return unknown_key(name, accepted)
