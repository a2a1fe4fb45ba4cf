"""A report as a workbook: the same tables and words in typed cells, charts native to it (R12).

No cell is a formula: a text that begins with = is a text. The same view gives the same bytes.
"""

from __future__ import annotations

import datetime as dt
import io
import re
import textwrap
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from attrs import define, field, frozen

from kpi.errors import OutputError
from kpi.foreign_text import terminal_text
from kpi.report.page.catalogue import Catalogue, catalogue
from kpi.report.page.charts import Chart
from kpi.report.page.figure import Figure
from kpi.report.page.view import NoteLine, Section, Shown, Table, TableKind, View
from kpi.report.workbook import FIRST_DAY, LONGEST_TEXT, MOST_ROWS, require_writer, too_many_rows
from kpi.results.target_result import Verdict

Worksheet = Any
Format = Any
"""What xlsxwriter has under these names, which has no types."""

_KINDS: tuple[tuple[str, tuple[TableKind, ...]], ...] = (
    ("figures", ("figures",)),
    ("changes", ("changes",)),
    ("series", ("series",)),
    ("to_date", ("to_date",)),
    ("by_end", ("by_end",)),
    ("weeks", ("weeks",)),
    ("times", ("times",)),
    ("groups", ("groups", "each")),
    ("left_out", ("left_out",)),
    ("beside", ("beside",)),
    ("readings", ("readings",)),
)
"""The sheets of tables, and the kinds of table that each holds."""

_WIDEST, _BEYOND, _NARROWEST = 60, 2, 8
"""Widths of a column in characters: the greatest, what a cell takes beside its text, the least."""
_IN_A_LINE = 66
"""The characters that the widest column has in a line: a letter is narrower than the digit that widths count."""
_LINE_HEIGHT, _HIGHEST = 15, 405
"""The height of a line of text, and of the highest row, in points. Excel finds the height of a row by itself, and
other spreadsheets lay the second line of a text over the row below."""
_CHART_ROWS, _CHART_WIDTH, _CHART_HEIGHT = 17, 720, 320
"""Rows that a chart takes, and its size in pixels."""
MOST_CHARTS = 200
"""The most charts of a sheet: each has to be drawn when the workbook is opened."""
_COLOURS: Mapping[Verdict, str] = {
    "met": "#0f6b3a",
    "secured": "#0f6b3a",
    "missed": "#a3182a",
    "lost": "#a3182a",
}
_LINE, _LIMIT, _GRID = "#1b1f24", "#a3182a", "#c9d0d8"

Cell = str | Shown
"""A text, a figure (which is a text too), or a verdict."""


def workbook(view: View, name: str) -> bytes:
    """Return the bytes of a workbook that holds a view.

    Args:
        view: the view.
        name: the name of the file, for messages.

    Raises:
        KpiError: where the library that writes workbooks is not installed.
        OutputError: where a sheet has too many rows, or a text too many characters.
    """
    texts = catalogue(view.language)
    buffer = io.BytesIO()
    book = require_writer().Workbook(buffer)
    book.set_properties({"title": view.title, "created": dt.datetime.combine(view.day, dt.time())})
    writer = _Writer(book, name, texts)
    _summary(writer, view)
    _requirements(writer, view)
    for sheet, kinds in _KINDS:
        _tables(writer, view, sheet, kinds)
    _notes(writer, view)
    _method(writer, view)
    book.close()
    return buffer.getvalue()


@define(eq=False)
class _Writer:
    """Writer of a workbook: its formats, each made once, and the texts of the language."""

    book: Any
    name: str
    texts: Catalogue
    formats: dict[tuple[tuple[str, Any], ...], Format] = field(factory=dict)

    def form(self, **properties: Any) -> Format:
        """Return the format with some properties."""
        key = tuple(sorted(properties.items()))
        if key not in self.formats:
            self.formats[key] = self.book.add_format({"valign": "top", **properties})
        return self.formats[key]

    def sheet(
        self, key: str, heads: Sequence[str], above: Sequence[tuple[str, int]] = ()
    ) -> _Sheet:
        """Return a new sheet with a line of headings that stays while the rows are scrolled.

        Args:
            key: the key of the name of the sheet.
            heads: the headings.
            above: lines above the headings, each a text and its size in points.
        """
        target = self.book.add_worksheet(self.texts.text(f"sheet.{key}"))
        made = _Sheet(self, target, self.texts.text(f"sheet.{key}"), heads=tuple(heads))
        for text, size in above:
            made.text(made.next, 0, text, self.form(bold=True, font_size=size, text_wrap=False))
            made.next += 1
        made.headings = made.next
        for place, head in enumerate(heads):
            made.widths[place] = max(_NARROWEST, *map(len, head.split() or [""]))
        target.freeze_panes(made.next + 1, 0)
        target.repeat_rows(made.next)
        target.set_landscape()
        target.set_paper(9)
        target.fit_to_pages(1, 0)
        made.next += 1
        return made


@define(eq=False)
class _Sheet:
    """Sheet that is being written.

    Attributes:
        writer: the writer of the workbook.
        target: the sheet of the library.
        name: the name of the sheet.
        next: the next row, counted from 0.
        widths: the width of each column in characters, as far as written.
        charts: the charts so far.
        heads: the headings, which are written when it is known under which of them numbers stand.
        headings: the row of the headings.
        numbers: how many more numbers than texts stand in each column.
    """

    writer: _Writer
    target: Worksheet
    name: str
    next: int = 0
    widths: dict[int, int] = field(factory=dict)
    charts: int = 0
    heads: tuple[str, ...] = ()
    headings: int = 0
    numbers: Counter[int] = field(factory=Counter)

    def row(self, cells: Iterable[Cell], *, bold: bool = False) -> int:
        """Write cells to the next row, and return the number of that row."""
        if self.next > MOST_ROWS:
            raise OutputError(too_many_rows(self.writer.name, self.next))
        lines = 1
        for place, cell in enumerate(cells):
            self._cell(self.next, place, cell, bold=bold)
            lines = max(lines, 1 if isinstance(cell, Shown) else _lines(cell, _IN_A_LINE))
        self._heighten(self.next, lines)
        self.next += 1
        return self.next - 1

    def line(self, text: str) -> None:
        """Write a line of text below a table, which widens no column."""
        self.text(self.next, 0, text, self.writer.form(italic=True))
        self.next += 1

    def _cell(self, row: int, place: int, cell: Cell, *, bold: bool) -> None:
        shown = f"{cell.sign} {cell.word}" if isinstance(cell, Shown) else cell
        width = min(len(shown), _WIDEST) + _BEYOND
        self.widths[place] = max(width, self.widths.get(place, _NARROWEST))
        weight = {"bold": True} if bold else {}
        if isinstance(cell, Shown):
            colour = {"font_color": _COLOURS[cell.kind]} if cell.kind in _COLOURS else {}
            form = self.writer.form(**_beside(place), **colour, **weight)
            self.text(row, place, shown, form)
        elif isinstance(cell, Figure) and _fits(cell):
            of_date = isinstance(cell.number, dt.date)
            self.numbers[place] += not of_date
            write = self.target.write_datetime if of_date else self.target.write_number
            form = self.writer.form(
                num_format=cell.form, **(_beside(place) if of_date else {}), **weight
            )
            write(row, place, cell.number, form)
        elif cell:
            # A sign for a number, or a change, stands where the number would.
            is_sign = cell == self.writer.texts.text("number.none") or _CHANGE.fullmatch(cell)
            self.numbers[place] -= not is_sign
            wraps = len(cell) > _WIDEST
            align = _RIGHT if is_sign else _beside(place)
            self.text(row, place, cell, self.writer.form(text_wrap=wraps, **align, **weight))

    def text(self, row: int, place: int, text: str, form: Format) -> None:
        """Write a text as a text, whatever it begins with."""
        escaped = terminal_text(text)
        if len(escaped) > LONGEST_TEXT:
            raise OutputError(
                f"{self.writer.name}: a text has {len(escaped):,} characters, and a cell of a "
                f"workbook holds {LONGEST_TEXT:,}; write .html or .md instead"
            )
        self.target.write_string(row, place, escaped, form)

    def _heighten(self, row: int, lines: int) -> None:
        if lines > 1:
            self.target.set_row(row, min(_LINE_HEIGHT * lines, _HIGHEST))

    def finish(self) -> None:
        """Write the headings, above numbers to the right, and set the widths of the columns."""
        for place, head in enumerate(self.heads):
            align = _RIGHT if self.numbers[place] > 0 else _beside(place)
            form = self.writer.form(bold=True, bottom=1, text_wrap=True, **align)
            self.text(self.headings, place, head, form)
        heads = zip(self.heads, self.widths.values(), strict=False)
        self._heighten(self.headings, max(_lines(head, width) for head, width in heads))
        for place, width in self.widths.items():
            self.target.set_column(place, place, width)


_CHANGE = re.compile(r"[+−-][\d.,]+")
_RIGHT: Mapping[str, Any] = {"align": "right"}


def _beside(place: int) -> Mapping[str, Any]:
    """Return the properties of a text, which keeps away from a number in the column before."""
    return {"align": "left", "indent": 1} if place else {}


def _lines(text: str, width: int) -> int:
    """Return how many lines a text takes in a column of so many characters."""
    return 1 if len(text) <= width else len(textwrap.wrap(text, width))


def _fits(figure: Figure) -> bool:
    """Return whether a spreadsheet holds a number or date as it is."""
    if isinstance(figure.number, dt.date):
        return figure.number >= FIRST_DAY
    return abs(figure.number) < 10**15


def _summary(writer: _Writer, view: View) -> None:
    """Write the sheet for thirty seconds: the requirements by goal, the score, what the plan is (R1)."""
    texts = writer.texts
    keys = ["number", "requirement", "limit", "value", "counted", "excluded", "verdict"]
    keys += ["takes", "outlook"] if view.follows else []
    keys += ["weight"] if view.weighed else []
    said = [view.summary, *([f"{texts.text('page.score')}: {view.score}"] if view.score else [])]
    above = [(view.heading, 14), (" ".join(said), 11)]
    sheet = writer.sheet("summary", [texts.text(f"head.{key}") for key in keys], above)
    for goal in view.goals:
        if goal.heading:
            blank = [""] * (len(keys) - 2 - view.weighed)
            sheet.row(["", goal.heading, *blank, goal.weight], bold=True)
        for row in goal.rows:
            name = f"   {row.id}" if row.is_part else row.id
            cells: list[Cell] = [name, row.title, row.limit, row.value, row.counted, row.excluded]
            cells += [row.verdict, *([row.takes, row.outlook] if view.follows else [])]
            sheet.row([*cells, *([row.weight] if view.weighed else [])])
    sheet.next += 1
    for label, text in view.facts:
        sheet.row(["", label, text])
    for card in view.cards:
        sheet.row(["", card.word, card.number, card.beneath])
    for line in (*view.score_lines, view.statement, *([view.note] if view.note else [])):
        sheet.line(line)
    sheet.finish()


def _requirements(writer: _Writer, view: View) -> None:
    """Write the sheet of what the plan says of each requirement, and what stands beside it."""
    texts = writer.texts
    heads = [texts.text(f"head.{key}") for key in ("number", "requirement", "what", "meaning")]
    sheet = writer.sheet("requirements", heads)
    for section in view.sections:
        rules = (texts.text("detail.rules"), ", ".join(section.rules))
        lines = [*section.facts, rules]
        lines += [(texts.text("detail.figures"), line) for line in section.figures]
        lines += [(texts.text("detail.possible"), line) for line in section.possible]
        lines += [("", line) for line in section.lines]
        for line in section.estimate:
            lines.append((texts.text("outlook.heading"), _joined(line)))
        for label, text in lines:
            sheet.row([section.id, section.title, label, text])
    sheet.finish()


def _joined(line: NoteLine) -> str:
    return f"{line.label}: {line.text}" if line.text else line.label


def _tables(writer: _Writer, view: View, key: str, kinds: Sequence[TableKind]) -> None:
    """Write the sheet of the tables of some kinds, a row for each of theirs; without any, none."""
    found = [
        (section, chart, table)
        for section in view.sections
        for chart, table in _of_section(section)
        if table.kind in kinds
    ]
    if not found:
        return
    texts = writer.texts
    # The table with the most columns orders them.
    widest = sorted((table for _, _, table in found), key=lambda of: -len(of.columns))
    heads = list(dict.fromkeys(head for table in widest for head in _heads(table)))
    own = [texts.text("head.number"), texts.text("head.requirement")]
    has_lines = key in ("series", "to_date", "by_end")
    drawn = [texts.text("head.drawn"), texts.text("head.drawn_limit")] if has_lines else []
    sheet = writer.sheet(key, [*own, *(head for head, _ in heads), *drawn])
    notes: list[str] = []
    for section, chart, table in found:
        notes += [f"{section.id}: {note}" for note in table.notes]
        places = [heads.index(head) for head in _heads(table)]
        first = last = sheet.next
        for row in table.rows:
            cells: list[Cell] = [""] * len(heads)
            for place, cell in zip(places, row, strict=True):
                cells[place] = cell
            if has_lines:
                cells += _drawn(chart, row)
            last = sheet.row([section.id, section.title, *cells])
        drawn_figures = [row[1] for row in table.rows if isinstance(row[1], Figure)]
        if chart is not None and drawn_figures and sheet.charts < MOST_CHARTS:
            names, values = (len(own) + place for place in places[:2])
            if has_lines:
                values = len(own) + len(heads)
            place_of = _Place(first, last, names, values, has_lines)
            _chart(sheet, chart, place_of, _axis(chart, drawn_figures))
    sheet.next += 1
    for note in notes:
        sheet.line(note)
    sheet.finish()


def _of_section(section: Section) -> Iterator[tuple[Chart | None, Table]]:
    yield from section.charts
    yield from ((None, table) for table in section.tables)


def _heads(table: Table) -> Iterator[tuple[str, int]]:
    """Yield the headings of a table, each with how many columns before it have the same."""
    seen: dict[str, int] = {}
    for column in table.columns:
        yield column.head, seen.setdefault(column.head, 0)
        seen[column.head] += 1


def _drawn(chart: Chart | None, row: Sequence[Cell]) -> tuple[Cell, Cell]:
    """Return what a chart draws of a row: the value, unless it is hidden, and the limit.

    A chart takes a text for 0: what is hidden has no cell here.
    """
    value = row[1]
    if not isinstance(value, Figure):
        return "", ""
    asked = None if chart is None else chart.asked
    return value, "" if asked is None else Figure(value, float(asked), value.form)


@frozen
class _Place:
    """Where the numbers of a chart stand: rows from the first to the last, and columns.

    Attributes:
        is_line: whether it is a line by period, with a limit; else a column for each row.
    """

    first: int
    last: int
    names: int
    values: int
    is_line: bool


def _axis(of: Chart, figures: Sequence[Figure]) -> dict[str, Any]:
    """Return the axis of the values of a chart: from 0, of shares to 100 %, as the page has it."""
    numbers = [float(figure.number) for figure in figures if not isinstance(figure.number, dt.date)]
    numbers += [] if of.asked is None else [float(of.asked)]
    if not numbers or min(numbers) < 0:
        return {}
    if "%" in figures[0].form:
        return {"min": 0, "num_format": "0 %", **({"max": 1} if max(numbers) <= 1 else {})}
    return {"min": 0}


def _chart(sheet: _Sheet, of: Chart, place: _Place, axis: Mapping[str, Any]) -> None:
    """Draw a chart beside the table: a line by period with its limit, or the columns of a histogram."""
    texts = sheet.writer.texts
    chart = sheet.writer.book.add_chart({"type": "line" if place.is_line else "column"})

    def column(number: int) -> list[Any]:
        return [sheet.name, place.first, number, place.last, number]

    value, limit = texts.text("head.value"), texts.text("head.limit")
    if place.is_line:
        line = {"color": _LINE, "width": 1.75}
        marker = {"type": "circle", "size": 5, "fill": {"color": _LINE}, "border": {"color": _LINE}}
        named = {"name": value, "categories": column(place.names), "values": column(place.values)}
        chart.add_series({**named, "line": line, "marker": marker})
        if of.asked is not None:
            dashed = {"color": _LIMIT, "width": 2, "dash_type": "dash"}
            named = {"name": limit, "categories": column(place.names)}
            chart.add_series({**named, "values": column(place.values + 1), "line": dashed})
    else:
        cases = {"name": texts.text("head.cases"), "values": column(place.values), "gap": 10}
        chart.add_series({**cases, "categories": column(place.names)})
        chart.set_legend({"none": True})
    # The library takes "Sheet!A1" for the place of a title.
    title = re.sub("!(?=[$A-Z])", "! ", terminal_text(of.title))
    chart.set_title({"name": title, "name_font": {"size": 11}})
    chart.set_size({"width": _CHART_WIDTH, "height": _CHART_HEIGHT})
    chart.set_y_axis({**axis, "major_gridlines": {"visible": True, "line": {"color": _GRID}}})
    beside = max(sheet.widths, default=0) + 2
    text = terminal_text(of.description)
    sheet.target.insert_chart(1 + sheet.charts * _CHART_ROWS, beside, chart, {"description": text})
    sheet.charts += 1


def _notes(writer: _Writer, view: View) -> None:
    """Write the sheet of notes: the label, and the note itself."""
    texts = writer.texts
    sheet = writer.sheet("notes", [texts.text("head.key"), texts.text("end.notes")])
    for note in view.notes:
        sheet.row([note.label, note.text])
    if not view.notes:
        sheet.row(["", texts.text("end.no_notes")])
    for line in view.assumes:
        sheet.row([f"{texts.text('outlook.assumes')}, {line.label}", line.text])
    sheet.finish()


def _method(writer: _Writer, view: View) -> None:
    """Write the sheet of how it was counted: rules, tables, versions, fingerprints, the command (R7)."""
    texts = writer.texts
    sheet = writer.sheet("method", [texts.text("head.rule"), texts.text("head.meaning")])
    for rule, sentence in view.methods:
        sheet.row([rule, sentence])
    sheet.next += 1
    sheet.row([column.head for column in view.tables.columns], bold=True)
    for row in view.tables.rows:
        sheet.row(row)
    sheet.next += 1
    for label, text in view.origin:
        sheet.row([label, text])
    if view.command:
        sheet.row([texts.text("end.command"), view.command])
    sheet.line(texts.text("end.no_ids"))
    sheet.finish()
