"""An inspection of an extract for a terminal: columns, guesses, matches with the plan."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.text import Text

from kpi.evaluation.column_matches import ColumnMatch
from kpi.evaluation.inspect import Inspection, remarks
from kpi.evaluation.proposal import ProposedTable, sampled_text
from kpi.evaluation.proposed_dates import mixed_text, parsed_text, preferred
from kpi.report.layout import Column, fitted, heading, line, narrowest, not_shown, shown
from kpi.tables.profile.columns import ColumnProfile
from kpi.tables.profile.form import Form
from kpi.tables.profile.table import TableProfile
from kpi.tables.quality import rows_text

_SEPARATORS = {"\t": "a tab", ",": "a comma", ";": "a semicolon", "|": "|"}
_LONGEST = 24
"""The most characters of a value that a line shows."""
_DAY = len("2017-03-01")
_ALL_COLUMNS = 80
"""Width from which the smallest and the largest value are shown."""


def inspection_table(inspection: Inspection, width: int) -> RenderableType:
    """Return an inspection for a terminal.

    Args:
        inspection: the inspection.
        width: the width of the terminal in characters.
    """
    parts: list[RenderableType] = []
    for table in inspection.tables:
        parts += [*_table(table, width), Text()]
    parts += [shown(f"• {remark}", "yellow") for remark in remarks(inspection)]
    parts.append(Text("Guesses, from a look at the values. Nothing was evaluated.", style="dim"))
    return Group(*parts)


def _table(table: ProposedTable, width: int) -> Iterator[RenderableType]:
    profile = table.profile
    where = "" if profile.path is None else f": {profile.path}"
    yield shown(f"{table.name}{where}", "bold")
    form = _form(profile.form)
    if form:
        yield shown(form)
    yield shown(sampled_text(profile))
    yield from (shown(f"• {remark}", "yellow") for remark in profile.remarks)
    yield from (
        shown(f"• {name} holds {kind}, which cannot be read", "yellow")
        for name, kind in profile.unreadable
    )
    yield Text()
    yield from _columns(profile, width)
    notes = [note for column in profile.columns for note in _notes(column, table)]
    if notes:
        yield Text()
    yield from (shown(f"• {note}") for note in notes)
    yield from _guesses(profile)
    if table.declared is not None:
        yield from _matches(table)


def _form(form: Form) -> str:
    """Return the form of a source in words; empty where nothing is to be said."""
    parts: list[str] = []
    if form.sheet is not None:
        parts.append(f"sheet {form.sheet} (others with rows: {', '.join(form.other_sheets)})")
    if form.encoding is not None:
        parts.append(form.encoding.name + " by its mark" * form.encoding.marked)
    if form.separator is not None:
        parts.append(f"separated by {_SEPARATORS[form.separator]}")
    if form.quote not in (None, '"'):
        parts.append(f"quoted with {form.quote}")
    if form.skip_lines:
        parts.append(f"{form.skip_lines} {_lines(form.skip_lines)} above the header")
    if form.footer_lines:
        parts.append(f"{form.footer_lines} {_lines(form.footer_lines)} below the rows")
    if form.is_log:
        parts.append("an event log, a row for each event")
    return ", ".join(parts)


def _lines(count: int) -> str:
    return "line" if count == 1 else "lines"


def _columns(profile: TableProfile, width: int) -> Iterator[RenderableType]:
    """Yield the table of columns: name, kind, nulls, distinct values, smallest and largest."""
    name, holds = Column("Column", least=10), Column("Holds")
    nulls, distinct = Column("Nulls", right=True), Column("Distinct", right=True)
    smallest, largest = Column("Smallest", least=10), Column("Largest", least=10)
    for column in profile.columns:
        name.cells.append(shown(column.name))
        holds.cells.append(shown(_kind(column)))
        nulls.cells.append(shown(f"{column.nulls:,}"))
        distinct.cells.append(shown("" if column.distinct is None else f"{column.distinct:,}"))
        smallest.cells.append(_value(column, column.smallest))
        largest.cells.append(_value(column, column.largest))
    every = [name, holds, nulls, distinct, smallest, largest]
    few = [name, holds, nulls, distinct]
    hidden = all(column.smallest is None for column in profile.columns)
    narrow = width < _ALL_COLUMNS or narrowest(every) > width
    columns = fitted(few if narrow or hidden else every, width)
    yield heading(columns)
    for row in range(len(profile.columns)):
        yield line(columns, [column.cells[row] for column in columns])
    if narrow and not hidden:
        least = max(_ALL_COLUMNS, narrowest(every))
        yield from not_shown(["the smallest and the largest values"], least)


def _value(column: ColumnProfile, value: str | None) -> Text:
    """Return a value as a cell; of a time the day, which is enough to see what is there."""
    if value is None:
        return Text()
    return shown(value[:_DAY] if column.holds == "time" and column.type != "text" else _cut(value))


def _cut(value: str) -> str:
    return value if len(value) <= _LONGEST else f"{value[: _LONGEST - 1]}…"


def _kind(column: ColumnProfile) -> str:
    """Return the kind of the values in words."""
    if column.holds == "other":
        return column.type
    if column.dates is not None and column.dates.best is None:
        return "text, dates"
    if column.holds == "nothing":
        return "no value"
    in_text = column.type == "text" and column.holds != "text"
    return f"{column.holds} in text" if in_text else column.holds


def _notes(column: ColumnProfile, table: ProposedTable) -> Iterator[str]:
    """Yield what is to be said of a column, a line each."""
    name = column.name
    if column.dates is not None and column.dates.best is None:
        yield f"{name}: {mixed_text(column.dates)}"
    elif column.dates is not None:
        style = preferred(column.dates, table.profile.columns)
        yield f"{name}: dates as {style}; {parsed_text(column.dates, style)}"
    for word in column.null_words:
        sure = "looks like null" if word.proposed else "looks like null, or is a value"
        yield f"{name}: {word.text!r} {sure}, in {rows_text(word.rows)}"
    if column.booleans:
        words = ", ".join(f"{w!r} is {str(b).lower()}" for w, b in column.booleans.items())
        yield f"{name}: {words}"
    if column.epochs:
        units = " or ".join(column.epochs)
        yield f"{name}: may be dates, as numbers in {units}"
    if column.top and not column.is_date and _few(column):
        values = ", ".join(f"{_cut(value)} ({rows:,})" for value, rows in column.top)
        more = (column.distinct or 0) - len(column.top)
        yield f"{name}: {values}" + (f" and {more:,} more" if more > 0 else "")


def _few(column: ColumnProfile) -> bool:
    """Return whether the commonest values tell something: they are a tenth of all, or more."""
    return 10 * sum(rows for _, rows in column.top) >= column.rows - column.nulls


def _guesses(profile: TableProfile) -> Iterator[RenderableType]:
    yield Text()
    keys = ", ".join(profile.keys) or "none; no column has a value in each row and none twice"
    yield shown(f"Likely keys: {keys}")
    if profile.orders:
        yield shown("Likely order of the dates:")
    for order in profile.orders:
        if order.rows:
            share = f"in {order.in_order:,} of {order.rows:,} rows that have both"
        else:
            share = "no row has both"
        yield shown(f"  {order.first}, then {order.second}: {share}")


def _matches(table: ProposedTable) -> Iterator[RenderableType]:
    yield Text()
    yield Text("Columns of the plan:", style="bold")
    for match in table.matches:
        text, style = _match(match)
        yield shown(f"  {text}", style)
        for value, planned in match.renames:
            yield shown(f"    value {_cut(value)!r} may be the plan's {planned!r}", "yellow")
        if match.unexplained:
            yield shown(f"    no row read holds {', '.join(match.unexplained)}", "yellow")


def _match(match: ColumnMatch) -> tuple[str, str]:
    """Return a match in words, with the style of the line."""
    if match.column is None:
        left = f"; left over: {', '.join(match.left)}" if match.left else ""
        optional = "" if match.needed else " (no target reads it)"
        return f"{match.wanted}: not found{optional}{left}", "yellow" if match.needed else "dim"
    problem = f"; but {match.problem}" if match.problem else ""
    style = "yellow" if match.problem else ""
    if match.is_same_name:
        return f"{match.wanted}: there{problem}", style
    return f"{match.wanted} ← {match.column}: {match.why}{problem}", style
