"""Building blocks of tables in a terminal: escaped cells, columns with widths, lines of cells."""

from __future__ import annotations

from collections.abc import Sequence

from attrs import evolve, field, frozen
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from kpi.foreign_text import terminal_text
from kpi.report.terminal_words import ENGLISH, TerminalWords
from kpi.results.target_result import Verdict

_STYLES: dict[Verdict, str] = {
    "met": "bold green",
    "missed": "bold red",
    "not_assessable": "yellow",
    "secured": "green",
    "lost": "red",
    "open": "cyan",
    "lapsed": "dim",
    "indicator": "dim",
}


def shown(value: object, style: str = "") -> Text:
    """Return a value or a foreign text as a cell, control characters escaped."""
    return Text(terminal_text(str(value)), style=style)


def verdict(word: Verdict, texts: TerminalWords = ENGLISH) -> Text:
    """Return a verdict in words and colour."""
    return Text(texts.verdict(word), style=_STYLES[word])


def style(word: Verdict) -> str:
    """Return the style of a verdict."""
    return _STYLES[word]


def bare() -> Table:
    """Return an empty table without rules."""
    return Table(box=None, pad_edge=False, padding=(0, 1), header_style="bold", show_edge=False)


def not_shown(
    what: Sequence[str], width: int, texts: TerminalWords = ENGLISH
) -> list[RenderableType]:
    """Return a line that says what a narrow window leaves out, and the width that shows all of it.

    Args:
        what: the columns left out, in words; without any there is no line.
        width: the width in characters.
        texts: the words.
    """
    if not what:
        return []
    text = texts.text("not_shown", what=", ".join(what), width=width)
    return [Text(text, style="dim")]


@frozen
class Column:
    """Column of a table whose lines are set one by one.

    Attributes:
        header: the heading.
        cells: a cell for each line.
        right: whether the column is set flush right.
        least: the width in characters to which the cells may be wrapped; None where they may not.
        width: the width of the column in characters.
    """

    header: str
    cells: list[Text] = field(factory=list)
    right: bool = False
    least: int | None = None
    width: int = 0

    def natural(self) -> int:
        """Return the width that holds every cell on one line."""
        return max(len(self.header), *(cell.cell_len for cell in self.cells), 0)

    def narrowest(self) -> int:
        """Return the least width that the column may have."""
        return self.natural() if self.least is None else min(self.least, self.natural())


_GAP = 2
"""Blanks between two columns."""


def narrowest(columns: Sequence[Column]) -> int:
    """Return the width of the narrowest window that holds the columns side by side."""
    return sum(column.narrowest() for column in columns) + _GAP * (len(columns) - 1)


def natural(columns: Sequence[Column]) -> int:
    """Return the width of the narrowest window in which no cell of the columns wraps."""
    return sum(column.natural() for column in columns) + _GAP * (len(columns) - 1)


def fitted(columns: Sequence[Column], width: int) -> list[Column]:
    """Return the columns with widths: those that may wrap share what is left, the last first."""
    spare = max(0, width - narrowest(columns))
    widened: list[Column] = []
    for column in reversed(columns):
        more = min(spare, column.natural() - column.narrowest())
        widened.append(evolve(column, width=column.narrowest() + more))
        spare -= more
    return widened[::-1]


def heading(columns: Sequence[Column]) -> Table:
    """Return the line of headings."""
    return line(columns, [shown(column.header, "bold") for column in columns])


def line(columns: Sequence[Column], cells: Sequence[Text]) -> Table:
    """Return one line of cells, each in its column's width, which may take several rows."""
    table = bare()
    table.show_header = False
    for column in columns:
        justify = "right" if column.right else "left"
        table.add_column(width=column.width, justify=justify, overflow="fold")  # type: ignore[arg-type]  # one of the words
    table.add_row(*cells)
    return table
