"""Failure reports: the target, the rows that are left, and both results side by side."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence

import attrs

from kpi.definitions.plan import Plan
from kpi.definitions.reserved import FACTS
from kpi.definitions.table import Table
from kpi.definitions.target import Requirement, Target
from kpi.planfile.dump import dump_plan
from kpi.testing.comparable import Became, Numbers
from kpi.testing.strategies import Rows

_MOST_ROWS = 20
_DIFFERS = "<- differs"
_OPTIONS = ("period", "time_zone", "month_end", "calendar", "roll", "derived")
_WORDS = ("title", "source", "note")


def definition(plan: Plan, target: Requirement) -> str:
    """Return a target as plan files write it, with the plan's options on how time is counted."""
    toml = dump_plan(plan.only(target.id))
    head, _, body = toml.partition("[[targets]]")
    options = [line for line in head.splitlines() if line.startswith(_OPTIONS)]
    body, _, _ = body.partition("\n[[targets.readings]]")
    keys = [line for line in body.splitlines() if not line.startswith(_WORDS)]
    return "\n".join([*options, "", "[[targets]]", *keys[1:]])


def tables_left(
    plan: Plan, targets: Sequence[Target], rows: Mapping[str, Rows], of: Mapping[str, Rows]
) -> Iterator[str]:
    """Yield the rows left of each table that some targets read, in the columns that they read."""
    for table in plan.tables:
        kept, total = rows.get(table.name, []), len(of.get(table.name, []))
        columns = _columns(table, targets)
        if kept and columns:
            left = f"{len(kept)} of {total} rows left"
            yield f"{table.name}: {left}\n{rows_as_text(kept, columns)}"


def rows_as_text(rows: Rows, columns: Sequence[str]) -> str:
    """Format rows as a plain table, cut to the first twenty."""
    lines = [[_text(row.get(column)) for column in columns] for row in rows[:_MOST_ROWS]]
    more = [f"  and {len(rows) - _MOST_ROWS} more"] if len(rows) > _MOST_ROWS else []
    return "\n".join([*_lines([list(columns), *lines]), *more])


def rows_beside(
    engine: Sequence[tuple[str, Became]], oracle: Sequence[tuple[str, Became]]
) -> Iterator[str]:
    """Yield both results of each row on which engine and oracle differ, side by side."""
    if [case for case, _ in engine] != [case for case, _ in oracle]:
        cases = [[case for case, _ in rows] for rows in (engine, oracle)]
        rows = [["", "engine", "oracle"], ["cases", *map(_text, cases)]]
        yield "\n".join(_lines(rows))
        return
    pairs = zip(engine, oracle, strict=True)
    differing = [(case, a, b) for (case, a), (_, b) in pairs if a != b]
    for case, a, b in differing[:_MOST_ROWS]:
        yield "\n".join(_lines(_beside(f"case {case}", attrs.asdict(a), attrs.asdict(b))))


def numbers_beside(name: str, engine: Numbers, oracle: Numbers) -> Iterator[str]:
    """Yield both results of a target side by side, where they differ."""
    if engine != oracle:
        a, b = engine.lines(), oracle.lines()
        yield "\n".join(_lines(_beside(f"target {name}", a, b)))


def _beside(
    what: str, engine: Mapping[str, object], oracle: Mapping[str, object]
) -> Iterator[Sequence[str]]:
    yield what, "engine", "oracle"
    for name in dict.fromkeys((*engine, *oracle)):
        a, b = engine.get(name), oracle.get(name)
        if a != b or a not in (None, {}):
            yield name, _text(a), _text(b), *([_DIFFERS] if a != b else [])


def _columns(table: Table, targets: Sequence[Target]) -> list[str]:
    """Return the key of a table and the columns that targets read; empty for an unread table."""
    if table.pauses is not None and any(table.name in target.tables for target in targets):
        return [*table.key, *table.date_columns]
    reading = [target for target in targets if target.table == table.name]
    read = {c for t in reading for r in t.reads() for c, _ in table.made_of(r.column)}
    if table.name == FACTS:
        read |= {"done", "value"} if reading else set()
        read |= {"condition"} if any(t.on_condition is not None for t in targets) else set()
    if not reading and not read:
        return []
    dates = [c for c in table.date_columns if c in read or c == table.entry]
    others = sorted(read - {*dates, *table.key})
    return [*table.key, *dates, *others]


def _text(value: object) -> str:
    match value:
        case None:
            return "-"
        case True:
            return "yes"
        case False:
            return "no"
        case dt.datetime():
            return value.isoformat(sep=" ")
        case dict() | list() if not value:
            return "none"
        case dict():
            return ", ".join(f"{name} {_text(item)}" for name, item in value.items())
        case list():
            return ", ".join(map(_text, value))
        case float():
            return f"{value:.15g}"
    return str(value)


def _lines(rows: Iterator[Sequence[str]] | Sequence[Sequence[str]]) -> Iterator[str]:
    """Yield rows of texts as lines, in columns of one width each."""
    table = list(rows)
    widths = [
        max(len(row[n]) for row in table if n < len(row)) for n in range(max(map(len, table)))
    ]
    for row in table:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=False))
        yield f"  {'  '.join(cells)}".rstrip()
