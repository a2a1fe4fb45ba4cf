"""Files of limits beside a plan: a CSV with a limit, and perhaps a threshold, for each value."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeAlias

from kpi.definitions.fields import percentage
from kpi.definitions.limits import ByValue
from kpi.definitions.time_units import Span, parse_span
from kpi.definitions.validation import KeyPath
from kpi.errors import PlanError, Problem, listed, suggest

TABLE, LIMIT, THRESHOLD, LATE = "table", "limit", "threshold", "late"
"""The columns of a file of limits, beside the column whose values have the limits."""

Beside: TypeAlias = Path | Mapping[tuple[str, str, str], ByValue]
"""The directory of the files, or what was read from them before: by file, column and table."""


def with_files(data: Mapping[str, Any], beside: Beside, problems: list[Problem]) -> dict[str, Any]:
    """Return a plan's data with every `{ file = ..., by = ... }` replaced by the file's limits.

    Args:
        data: the plan as read from TOML.
        beside: the directory of the files, or the limits that were read from them before.
        problems: receives a problem for every mistake in a file; a stand-in then takes the place of
            the limits.
    """
    targets = data.get("targets")
    if not isinstance(targets, list):
        return dict(data)
    read = [_target(target, ("targets", n), beside, problems) for n, target in enumerate(targets)]
    return {**data, "targets": read}


def _target(
    data: Any, place: KeyPath, beside: Beside, problems: list[Problem], table: str = "cases"
) -> Any:
    if not isinstance(data, dict):
        return data
    target = dict(data)
    table_name = data.get(TABLE, table)
    limit = data.get(LIMIT)
    if isinstance(limit, dict) and set(limit) == {"file", "by"}:
        try:
            target[LIMIT] = _limits(beside, limit["file"], limit["by"], table_name)
        except PlanError as error:
            problems += error.within(*place, LIMIT, "file")
            # The plan is refused for this mistake; a stand-in keeps it from looking like others.
            thresholds = {} if {THRESHOLD, LATE} & set(data) else {"": Decimal(100)}
            limits = {"": Span(days=1)}
            target[LIMIT] = ByValue(str(limit["by"]), limits, thresholds, str(limit["file"]))
    for key in ("parts", "readings"):
        if isinstance(data.get(key), list):
            target[key] = [
                _target(below, (*place, key, n), beside, problems, str(table_name))
                for n, below in enumerate(data[key])
            ]
    return target


def _limits(beside: Beside, file: object, column: object, table: object) -> ByValue:
    if isinstance(beside, Path):
        return read_limits(beside, file, column, table)
    found = beside.get((str(file), str(column), str(table)))
    if found is None:
        raise PlanError(f"{file}: its limits by {column} for the table {table} are not there")
    return found


def read_limits(beside: Path, file: object, column: object, table: object) -> ByValue:
    """Read the limits for a table from a CSV file.

    The columns of the file: `table`, the column of the values, `limit`, perhaps `threshold`.

    Args:
        beside: the directory of the file.
        file: the name of the file.
        column: the column of the table whose values have limits; the file has it by the same name.
        table: the name of the table; rows of the file for other tables are ignored.

    Raises:
        PlanError: naming file and line, what was found and what is accepted.
    """
    if not isinstance(file, str) or not isinstance(column, str):
        raise PlanError('accepted: { file = "limits.csv", by = "case_type" }')
    if Path(file).name != file or "\0" in file:
        raise PlanError(f"found {file!r}; accepted: the name of a file beside the plan")
    try:
        with (beside / file).open(encoding="utf-8-sig", newline="") as lines:
            reader = csv.DictReader(lines, strict=True)
            # The line that a row ends on: blank lines and line breaks in cells count too.
            rows = [(reader.line_num, row) for row in reader]
            header = list(reader.fieldnames or ())
    except OSError as error:
        raise PlanError(f"{file}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise PlanError(f"{file}: not UTF-8; save it as UTF-8") from None
    except csv.Error as error:
        raise PlanError(f"{file}: cannot be read as CSV: {error}") from None
    missing = [name for name in (TABLE, column, LIMIT) if name not in header]
    if missing:
        raise PlanError(
            f"{file}: no column {listed(missing)}{suggest(missing[0], header)}; accepted: "
            f"{TABLE}, {column}, {LIMIT} and perhaps {THRESHOLD}"
        )
    limits: dict[str, Span] = {}
    thresholds: dict[str, Decimal] = {}
    problems: list[Problem] = []
    for line, row in rows:
        if None in row or None in row.values():
            problems.append(Problem((), f"{file}:{line}: a row of another length than the header"))
            continue
        if row[TABLE] != table:
            continue
        value = row[column]
        if not value or value in limits:
            problems.append(
                Problem((), f"{file}:{line}: {column} {value!r} is missing or stands twice")
            )
            continue
        try:
            limits[value] = parse_span(row[LIMIT])
            if row.get(THRESHOLD):
                thresholds[value] = percentage(row[THRESHOLD])
        except PlanError as error:
            problems += [Problem((), f"{file}:{line}: {p.message}") for p in error.problems]
    if problems:
        raise PlanError(problems)
    if not limits:
        raise PlanError(f"{file}: no row for the table {table}")
    if thresholds and set(thresholds) != set(limits):
        lacking = sorted(set(limits) - set(thresholds))
        raise PlanError(f"{file}: no threshold for {listed(lacking)}, where others have one")
    return ByValue(column, limits, thresholds, file)
