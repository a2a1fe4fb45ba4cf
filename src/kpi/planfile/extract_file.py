"""Loading of extract files from TOML, with every mistake at once.

Each mistake comes with file, line, place, what was found and what is accepted.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from kpi.definitions.extract_file import ExtractFile, TableSource
from kpi.definitions.sections import unknown_key, unknown_keys, values_of
from kpi.errors import DataError, PlanError, Problem
from kpi.planfile.places import in_file
from kpi.planfile.toml_text import parse_toml, read_toml_file

_NAME = frozenset({"name"})
_ORIGINS = frozenset({"path", "files", "database"})
_OF_ORIGIN = _ORIGINS | {"query", "table"}
_OF_PLANS = frozenset({"id", "period", "targets", "goals"})


def is_extract_file(data: Mapping[str, Any]) -> bool:
    """Return whether TOML is that of an extract file: tables with sources, and no plan."""
    tables = data.get("tables")
    return (
        not _OF_PLANS & set(data)
        and isinstance(tables, dict)
        and any(isinstance(table, dict) and _ORIGINS & set(table) for table in tables.values())
    )


def is_plan(data: Mapping[str, Any]) -> bool:
    """Return whether TOML is that of a plan, by the keys that only plans have."""
    return bool(_OF_PLANS & set(data))


def is_plan_file(path: Path) -> bool:
    """Return whether a file is a plan; False too for a file that cannot be read as TOML."""
    try:
        return is_plan(parse_toml(read_toml_file(path, "plan file"), str(path)))
    except PlanError:
        return False


def load_extract(path: str | os.PathLike[str]) -> ExtractFile:
    """Load the extract file in a TOML file: where each table comes from, and how it is written.

    Raises:
        DataError: where the file cannot be read or is a plan, or naming every mistake in it.
    """
    file = Path(path)
    try:
        text = read_toml_file(file, "extract file")
        data = parse_toml(text, str(file))
    except PlanError as error:
        raise DataError(str(error)) from None
    if is_plan(data):
        raise DataError(f"{file}: is a plan file (TOML), not an extract file; the plan comes first")
    problems: list[Problem] = [
        Problem((key,), unknown_key(key, ["tables"])) for key in data if key != "tables"
    ]
    sources = _sources(data.get("tables"), problems)
    if problems:
        raise DataError("\n".join(in_file(str(file), text, data, problems)[1]))
    return ExtractFile(sources, directory=file.parent, name=str(file))


def _sources(data: object, problems: list[Problem]) -> list[TableSource]:
    """Return the sources without a mistake; add a problem for every mistake in the others."""
    if (
        not isinstance(data, dict)
        or not data
        or not all(isinstance(section, dict) for section in data.values())
    ):
        problems.append(Problem(("tables",), "accepted: a section [tables.NAME] for each table"))
        return []
    sources: list[TableSource] = []
    for name, section in data.items():
        of_section = list(unknown_keys(TableSource, section, _NAME))
        values = values_of(TableSource, section, of_section, _NAME)
        # A key with a mistake of its own says nothing about which sources are given.
        if not any(problem.place[0] in _OF_ORIGIN for problem in of_section):
            try:
                sources.append(TableSource(name, **values))
            except PlanError as error:
                of_section += error.problems
        problems += PlanError(of_section).within("tables", name)
    return sources
