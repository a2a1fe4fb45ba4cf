"""Inspection of an extract: what the tables hold, and a proposal how to read them for a plan.

Nothing is evaluated, and nothing that is found is used without being declared.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from attrs import evolve, frozen

from kpi.definitions.extract_file import ExtractFile
from kpi.definitions.plan import Plan
from kpi.errors import DataError, listed, reason, suggest
from kpi.evaluation.column_matches import ColumnMatch, match_columns, score, wanted_columns
from kpi.evaluation.proposal import ProposedTable, proposal
from kpi.foreign_text import json_text
from kpi.fork_guard import use_engine
from kpi.planfile.extract_file import load_extract
from kpi.tables.check import require_plan
from kpi.tables.event_log.xes import SUFFIXES as LOGS
from kpi.tables.needs import Needs
from kpi.tables.profile.columns import ColumnProfile
from kpi.tables.profile.form import Form
from kpi.tables.profile.sources import DeclaredTable
from kpi.tables.profile.table import TableProfile, profile_table
from kpi.tables.redaction import is_redacted
from kpi.tables.sources.files import ACCEPTED, SUFFIXES, kind_of, table_name
from kpi.tables.sources.resolve import Tables
from kpi.tables.sources.standard_input import DASH

UNNAMED = "cases"
"""Name of a single table where no plan names it."""


@frozen(kw_only=True)
class Inspection:
    """Inspection of an extract.

    Attributes:
        plan: the id of the plan that the extract was compared with; None without a plan.
        tables: the tables that were found.
        missing: the tables that the plan needs and the extract lacks.
        others: files of a directory that are taken for no table of the plan.
    """

    plan: str | None
    tables: tuple[ProposedTable, ...]
    missing: tuple[str, ...] = ()
    others: tuple[str, ...] = ()

    def toml(self, directory: str | os.PathLike[str] = ".") -> str:
        """Return the proposed extract file.

        Args:
            directory: the directory that the file is for; paths in it are relative to that.
        """
        text = proposal(self.tables, self.plan, Path(directory))
        lines = [f"# no table was found for {name}" for name in self.missing]
        return text + "".join(f"\n{line}" for line in lines) + "\n" * bool(lines)

    def data(self) -> dict[str, Any]:
        """Return the inspection as plain data, as the JSON form has it."""
        return {
            "plan": self.plan,
            "tables": {table.name: _table_data(table) for table in self.tables},
            "missing": list(self.missing),
            "others": list(self.others),
        }

    def to_json(self) -> str:
        """Return the inspection as JSON."""
        return json_text(json.dumps(self.data(), ensure_ascii=False, indent=2))


def inspect(source: Tables, plan: Plan | None = None, *, table: str | None = None) -> Inspection:
    """Look at an extract, and propose how to read it; nothing is evaluated.

    Args:
        source: what `kpi.evaluate` takes: one table, a mapping from name to table, or the path of a
            file or directory.
        plan: the plan whose columns and values are looked for.
        table: the name of the one table to look at.

    Raises:
        PlanError: where `plan` is no plan.
        DataError: where a source does not exist or cannot be read at all, or `table` is no table of
            the plan or of the extract.
    """
    use_engine()
    if plan is not None:
        require_plan(plan)
    needs = None if plan is None else Needs(plan)
    declared = [] if plan is None else [t.name for t in plan.tables]
    if table is not None and declared and table not in declared:
        raise DataError(
            f"unknown table {table!r}; the plan declares: {listed(declared)}{suggest(table, declared)}"
        )
    sources = _sources(source, declared, table)
    known = {} if needs is None else {n: tuple(wanted_columns(needs.of(n))) for n in declared}
    every_name = tuple(name for names in known.values() for name in names)
    profiles = {
        name: profile_table(one, name, known.get(name, every_name)) for name, one in sources.items()
    }
    if needs is None:
        found = tuple(ProposedTable(name=n, profile=_shown(p)) for n, p in profiles.items())
        return Inspection(plan=None, tables=found)
    assigned = _assigned(needs, profiles, declared if table is None else [table])
    tables = tuple(_proposed(needs, name, profiles[key]) for name, key in assigned.items())
    needed = [name for name in needs.tables if table in (None, name)]
    return Inspection(
        plan=needs.plan.id,
        tables=tables,
        missing=tuple(name for name in needed if name not in assigned),
        others=tuple(
            str(profiles[key].path or key) for key in profiles if key not in assigned.values()
        ),
    )


def _sources(source: Tables, declared: list[str], table: str | None) -> dict[str, Any]:
    """Return what is handed over, by the name of the table or, in a directory, of the file.

    Raises:
        DataError: where a path does not exist, or a directory holds no table.
    """
    if isinstance(source, str | os.PathLike) and Path(source).suffix.lower() == ".toml":
        source = load_extract(source)
    if isinstance(source, ExtractFile):
        declarations = {one.name: DeclaredTable(one, source) for one in source.tables}
        return _only(declarations, table, source.name)
    if isinstance(source, Mapping):
        return _only(source, table, "the extract")
    if isinstance(source, str | os.PathLike):
        _require_path(os.fspath(source))
    if isinstance(source, str | os.PathLike) and Path(source).is_dir():
        files = _files(Path(source))
        # The table of a plan may be in a file of any name.
        return files if declared else _only(files, table, str(source))
    if table is not None:
        return {table: source}
    stem = table_name(Path(source)) if isinstance(source, str | os.PathLike) else ""
    if stem in declared:
        return {stem: source}
    return {declared[0] if len(declared) == 1 else UNNAMED: source}


def _require_path(path: str) -> None:
    """Check that there is something at a path; patterns, addresses and `-` are no paths.

    Raises:
        DataError: where there is nothing.
    """
    if path == str(DASH) or "://" in path or set("*?[") & set(path):
        return
    if not os.path.exists(path):  # noqa: PTH110 - false too for a name that is too long
        raise DataError(f"{path}: no such file")


def _only(sources: Mapping[str, Any], table: str | None, where: str) -> dict[str, Any]:
    """Return the sources, or the one of a table.

    Raises:
        DataError: where there is no such table.
    """
    if table is None:
        return dict(sources)
    if table not in sources:
        names = list(sources)
        raise DataError(f"{where}: no table {table}; found {listed(names)}{suggest(table, names)}")
    return {table: sources[table]}


def _files(path: Path) -> dict[str, Path]:
    """Return the files of a directory that may be tables, by their names without the endings.

    Raises:
        DataError: where the directory cannot be read, or there is no such file.
    """
    kinds = (*SUFFIXES, *LOGS)
    try:
        files = sorted(f for f in path.iterdir() if f.is_file() and kind_of(f) in kinds)
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {reason(error)}") from error
    if not files:
        raise DataError(f"{path}: holds no file of a table; {ACCEPTED}")
    by_name: dict[str, Path] = {}
    for file in files:
        # Two files of one table are told apart by their endings.
        by_name[file.name if table_name(file) in by_name else table_name(file)] = file
    return by_name


def _assigned(
    needs: Needs, profiles: Mapping[str, TableProfile], declared: list[str]
) -> dict[str, str]:
    """Return the source of each table of a plan: of that name, else with most of the columns."""
    assigned = {name: name for name in declared if name in profiles}
    small = {key.casefold(): key for key in profiles}
    for name in declared:
        key = small.get(name.casefold())
        if name not in assigned and key is not None and key not in assigned.values():
            assigned[name] = key
    likely = sorted(
        (
            (-score(match_columns(needs.of(name), profile)), name, key)
            for name in declared
            if name not in assigned
            for key, profile in profiles.items()
            if key not in assigned.values()
        ),
    )
    for negative, name, key in likely:
        if name not in assigned and key not in assigned.values() and -negative >= _LEAST:
            assigned[name] = key
    if len(profiles) == 1 and not assigned:
        # One table without a name is the plan's cases, as everywhere.
        (key,) = profiles
        assigned[UNNAMED if UNNAMED in declared else declared[0]] = key
    return {name: assigned[name] for name in declared if name in assigned}


_LEAST = 0.5
"""Share of the needed columns from which a file is taken for a table of the plan."""


def _proposed(needs: Needs, name: str, profile: TableProfile) -> ProposedTable:
    of_table = needs.of(name)
    matches = match_columns(of_table, profile)
    named = frozenset(
        str(value)
        for column in wanted_columns(of_table)
        for value in of_table.category_values(column)
    )
    if is_redacted():
        matches = tuple(evolve(match, renames=()) for match in matches)
    return ProposedTable(
        name=name, profile=_shown(profile), declared=of_table.table, matches=matches, named=named
    )


def _shown(profile: TableProfile) -> TableProfile:
    """Return a profile as it may be shown: without cells where these are redacted."""
    if not is_redacted():
        return profile
    columns = (
        evolve(column, top=(), smallest=None, largest=None, values={}) for column in profile.columns
    )
    return evolve(profile, columns=tuple(columns))


def _table_data(table: ProposedTable) -> dict[str, Any]:
    profile = table.profile
    return {
        "path": None if profile.path is None else str(profile.path),
        "rows": profile.rows,
        "rows_read": profile.sampled,
        "form": _form_data(profile.form),
        "columns": {column.name: _column_data(column) for column in profile.columns},
        "unreadable": dict(profile.unreadable),
        "keys": list(profile.keys),
        "order": [
            {
                "first": order.first,
                "second": order.second,
                "in_order": order.in_order,
                "rows": order.rows,
            }
            for order in profile.orders
        ],
        "matches": {match.wanted: _match_data(match) for match in table.matches},
        "remarks": list(profile.remarks),
    }


def _form_data(form: Form) -> dict[str, Any]:
    return {
        "encoding": None if form.encoding is None else form.encoding.name,
        "byte_order_mark": form.encoding is not None and form.encoding.marked,
        "separator": form.separator,
        "quote": form.quote,
        "skip_lines": form.skip_lines,
        "footer_lines": form.footer_lines,
        "has_header": form.has_header,
        "sheet": form.sheet,
    }


def _column_data(column: ColumnProfile) -> dict[str, Any]:
    dates = column.dates
    return {
        "type": column.type,
        "holds": column.holds,
        "nulls": column.nulls,
        "distinct": column.distinct,
        "top": [[value, rows] for value, rows in column.top],
        "smallest": column.smallest,
        "largest": column.largest,
        "null_words": {word.text: word.rows for word in column.null_words},
        "date_formats": None
        if dates is None
        else {
            "values": dates.values,
            "every": list(dates.every),
            "each": dict(dates.each),
            "no_date": dates.unparsed,
        },
        "booleans": dict(column.booleans),
        "epochs": list(column.epochs),
    }


def _match_data(match: ColumnMatch) -> dict[str, Any]:
    return {
        "column": match.column,
        "why": match.why,
        "problem": match.problem,
        "renames": dict(match.renames),
        "absent": list(match.absent),
        "left": list(match.left),
    }


def remarks(inspection: Inspection) -> Iterator[str]:
    """Yield what the inspection found lacking, a sentence each."""
    yield from (f"no table was found for {name}" for name in inspection.missing)
    yield from (f"{file}: taken for no table of the plan" for file in inspection.others)
