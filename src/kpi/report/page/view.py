"""View of a report: what a page says, as texts in one language, for every format alike (R1 to R13)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Literal, TypeAlias

from attrs import field, frozen

from kpi.report.page.charts import Bar, Chart
from kpi.results.target_result import Verdict

SIGNS: Mapping[Verdict, str] = {
    "met": "✓",
    "missed": "✗",
    "secured": "▲",
    "lost": "▼",
    "open": "○",
    "not_assessable": "?",
    "lapsed": "–",
    "indicator": "•",
}
"""The sign of a verdict, which stands beside the word: never colour alone (R3)."""


@frozen
class Shown:
    """Verdict as a page shows it: the kind, the sign and the word."""

    kind: Verdict
    sign: str
    word: str


@frozen
class Column:
    """Column of a table: the heading, and whether numbers stand in it."""

    head: str
    is_number: bool = False


TableKind: TypeAlias = Literal[
    "series",
    "to_date",
    "by_end",
    "weeks",
    "times",
    "groups",
    "each",
    "left_out",
    "beside",
    "readings",
    "figures",
    "changes",
    "tables",
]
"""What the rows of a table are."""


@frozen(kw_only=True)
class Table:
    """Table of a page; the first cell of a row is its heading.

    Attributes:
        kind: what its rows are; the tables of a kind share a sheet of a workbook.
        caption: what the table shows.
        columns: the columns.
        rows: the texts of the cells; a verdict stands as it is shown.
        notes: lines below the table.
    """

    kind: TableKind
    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[str | Shown, ...], ...]
    notes: tuple[str, ...] = ()


@frozen(kw_only=True)
class Row:
    """Row of the overview: a requirement, or one of its parts.

    Attributes:
        anchor: the name of the section below; None for a requirement of parts, whose parts have one.
        is_part: whether it is a part of the requirement above.
        takes: what it takes to reach it, of a follow-up (F16); else empty.
        outlook: where an estimate expects it to end, in a word (F26); empty where none is needed.
    """

    anchor: str
    id: str
    title: str
    value: str
    limit: str
    bar: Bar | None
    counted: str
    excluded: str
    verdict: Shown
    weight: str
    is_part: bool
    takes: str = ""
    outlook: str = ""


@frozen
class GoalRows:
    """Goal of the overview with its requirements; without a goal the heading is empty."""

    heading: str
    weight: str
    rows: tuple[Row, ...]


@frozen
class Card:
    """Number for thirty seconds: how many requirements have a verdict."""

    kind: Verdict
    sign: str
    number: str
    word: str
    beneath: str = ""


@frozen(kw_only=True)
class Section:
    """Section of a requirement, or of one of its parts.

    Attributes:
        facts: label and text of what the plan says.
        rules: the numbers of the counting rules that it rests on.
        figures: figures beside the value, a line each.
        possible: what can still come of it, a line each.
        charts: the charts, each with its numbers as a table.
        tables: the tables, in order.
        lines: further lines, by the heading that they stand under.
        estimate: what is expected, a line each, which is shown as an estimate (R13).
    """

    anchor: str
    id: str
    title: str
    value: str
    limit: str
    verdict: Shown
    facts: tuple[tuple[str, str], ...]
    rules: tuple[str, ...]
    figures: tuple[str, ...] = ()
    possible: tuple[str, ...] = ()
    charts: tuple[tuple[Chart, Table], ...] = ()
    tables: tuple[Table, ...] = ()
    lines: tuple[str, ...] = ()
    estimate: tuple[NoteLine, ...] = ()


@frozen
class NoteLine:
    """Line under a label, such as a note.

    Attributes:
        label: the label.
        text: the sentence.
        is_english: whether the sentence is in English on a page of another language.
    """

    label: str
    text: str
    is_english: bool = False


@frozen(kw_only=True)
class View:
    """All that a page says.

    Attributes:
        language: the code of the language.
        day: the as-of date.
        title: the title of the document.
        heading: the title of the plan.
        facts: label and text: plan, period, as-of date, document.
        note: the note of the plan; empty without one.
        cards: met, missed, open and others.
        summary: the cards in a sentence.
        score: the score in a few words; empty without weights.
        score_lines: further lines on the score.
        statement: which kinds of statement the page makes (F1).
        goals: the requirements by goal.
        weighed: whether any requirement has a weight.
        follows: whether the page is of a follow-up, with what it takes and what is expected.
        assumes: what certain statements and estimates take for granted, a label and a sentence each.
        sections: a section for each requirement or part.
        notes: the notes.
        methods: number and sentence of the counting rules that the page rests on.
        tables: the rows of the tables.
        origin: label and text of versions and fingerprints.
        command: the command that makes the report again; None where it is not known.
    """

    language: str
    day: dt.date
    title: str
    heading: str
    facts: tuple[tuple[str, str], ...]
    note: str
    cards: tuple[Card, ...]
    summary: str
    score: str
    score_lines: tuple[str, ...]
    statement: str
    goals: tuple[GoalRows, ...]
    weighed: bool
    follows: bool
    assumes: tuple[NoteLine, ...]
    sections: tuple[Section, ...]
    notes: tuple[NoteLine, ...]
    methods: tuple[tuple[str, str], ...]
    tables: Table
    origin: tuple[tuple[str, str], ...]
    command: str | None = field(default=None)
