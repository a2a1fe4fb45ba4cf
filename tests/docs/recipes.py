"""The recipes of docs/how-to/recipes/: each a sentence, a fragment of a plan, cases, and what comes out."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TypeAlias

from attrs import field, frozen

import kpi
from kpi.report import words
from kpi.results.target_result import TargetResult
from tests.docs.places import DOCS

PLACE = DOCS / "how-to" / "recipes"
INDEX = PLACE / "index.md"

Row: TypeAlias = tuple[str, ...]

_OUTCOME = "outcome"


@frozen
class Rows:
    """A table of the page: the columns, and the rows as the page writes them, "" for null.

    Attributes:
        columns: the columns of the data.
        rows: the cells of the data.
        outcomes: for each part that the page has a column of outcomes for, "" for the only target,
            the outcome of each row.
    """

    columns: Row
    rows: Sequence[Row]
    outcomes: Mapping[str, Row]


@frozen
class Recipe:
    """A recipe.

    Attributes:
        page: the name of its page.
        subject: the title of the page.
        sentence: its own heading.
        line: the line of the heading, from 1.
        search_words: the words that it is searched by.
        fragments: the fenced blocks of TOML.
        tables: the cases, by the name of their table; "" for the table that the target reads.
        as_of: the as-of date that the result names; None for the last day of the period.
        results: what comes out, by part, value or period; "" for the whole target.
    """

    page: str
    subject: str
    sentence: str
    line: int
    search_words: Row
    fragments: Row
    tables: Mapping[str, Rows] = field(repr=False)
    as_of: dt.date | None
    results: Mapping[str, str] = field(repr=False)


def head() -> str:
    """Return the head of the plans, which the first page has."""
    return "".join(_fenced(INDEX.read_text("utf-8")))


def read() -> list[Recipe]:
    """Return the recipes of all pages, in the order of each page."""
    pages = sorted(page for page in PLACE.glob("*.md") if page != INDEX)
    return [recipe for page in pages for recipe in _read(page)]


def contents() -> dict[tuple[str, str], list[str]]:
    """Return the sentences that the table of contents links to, by page and subject."""
    found: dict[tuple[str, str], list[str]] = {}
    subject = ""
    for line in INDEX.read_text("utf-8").partition("\n## ")[0].splitlines():
        if title := re.match(r"\*\*(.+)\*\*$", line):
            subject = title[1]
        elif entry := re.match(r"- \[(.+)\]\((\S+\.md)#\S+\)$", line):
            found.setdefault((entry[2], subject), []).append(entry[1])
    return found


def completed(head: str, fragment: str) -> str:
    """Return the whole plan: a fragment with what it does not say itself taken from the head.

    A key at the top of the fragment, and a table that it declares, stand in place of the head's.
    """
    own_keys, own_sections = _parts(fragment)
    keys, sections = _parts(head)
    names = {_name(key) for key in own_keys}
    tables = {_name(section) for section in own_sections}
    kept = [key for key in keys if _name(key) not in names]
    declared = [section for section in sections if _name(section) not in tables]
    return "".join([*kept, *own_keys, *declared, *own_sections])


def outcome_of(trailed: Mapping[str, object]) -> str:
    """Return the outcome of a row of the audit trail, in the words of expected cases."""
    bucket, reason, met = trailed["bucket"], trailed["reason"], trailed["met"]
    if bucket == "excluded":
        return f"excluded: {reason}"
    if bucket == "counted" and met is not None:
        return "met" if met else "not met"
    return str(bucket)


def result_words(target: TargetResult) -> str:
    """Return what comes out in the words that the command line prints."""
    counted = [] if target.parts else [f"{words.count(target.counted)} counted"]
    result = ", ".join([words.value(target), *counted, words.VERDICTS[target.verdict]])
    if target.base is None:
        return result
    changed = f"difference {words.difference(target)}, change {words.change(target)}"
    return f"{result}; base {words.base_value(target)}, {changed}"


def records(result: kpi.Result) -> dict[str, TargetResult]:
    """Return the records of the only target by part, value and period; "" for the target."""
    (target,) = result.targets
    found = {"": target}
    for part in (*target.parts, *target.each, *target.groups):
        label = " ".join(str(value) for value in part.group.values()) if part.group else part.id
        found[label] = part
    return found


def write_tables(recipe: Recipe, read_by_default: str, directory: Path) -> None:
    """Write the cases of a recipe as CSV files, a file for each table."""
    for name, table in recipe.tables.items():
        lines = [",".join(row) for row in (table.columns, *table.rows)]
        path = directory / f"{name or read_by_default}.csv"
        path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def _read(page: Path) -> Iterator[Recipe]:
    opening, *sections = re.split(r"^(?=## )", page.read_text("utf-8"), flags=re.MULTILINE)
    line, subject = 1 + opening.count("\n"), opening.partition("\n")[0].removeprefix("# ")
    for section in sections:
        heading, _, text = section.partition("\n")
        yield _recipe(page.name, subject, heading.removeprefix("## "), line, text)
        line += section.count("\n")


def _recipe(page: str, subject: str, sentence: str, line: int, text: str) -> Recipe:
    searched = re.search(r"^Search words: (.+)\.$", text, re.MULTILINE)
    stated = re.search(r"^Result(?: as of (\S+))?: (.+)\.$", text, re.MULTILINE)
    results = {"": stated[2]} if stated else {}
    results |= dict(re.findall(r"^- `([^`]+)`: (.+)$", text, re.MULTILINE))
    return Recipe(
        page=page,
        subject=subject,
        sentence=sentence,
        line=line,
        search_words=tuple(searched[1].split(", ")) if searched else (),
        fragments=tuple(_fenced(text)),
        tables=dict(_tables(text)),
        as_of=dt.date.fromisoformat(stated[1]) if stated and stated[1] else None,
        results=results,
    )


def _fenced(text: str) -> Iterator[str]:
    yield from re.findall(r"^```toml\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def _tables(text: str) -> Iterator[tuple[str, Rows]]:
    """Yield the tables of a recipe; one of another table says so: "Table `waiting`:"."""
    table = re.compile(r"(?:^Table `(\w+)`:\n\n)?((?:^\|.*\|\n)+)", re.MULTILINE)
    for name, lines in table.findall(text):
        yield name, _rows(lines.splitlines())


def _rows(lines: Sequence[str]) -> Rows:
    header, _, *rows = ([cell.strip() for cell in line[1:-1].split("|")] for line in lines)
    data = [n for n, column in enumerate(header) if not column.startswith(_OUTCOME)]
    return Rows(
        columns=tuple(header[n] for n in data),
        rows=[tuple(row[n] for n in data) for row in rows],
        outcomes={
            column.removeprefix(_OUTCOME).removeprefix(" of ").strip("`"): tuple(
                row[n] for row in rows
            )
            for n, column in enumerate(header)
            if n not in data
        },
    )


def _parts(text: str) -> tuple[list[str], list[str]]:
    """Return the keys above the first section, a line each, and the sections."""
    top, *sections = re.split(r"^(?=\[)", text, flags=re.MULTILINE)
    return [f"{line}\n" for line in top.splitlines() if line.strip()], sections


def _name(text: str) -> str:
    """Return the key of a line, or the heading of a section."""
    return text.partition("\n")[0].partition("=")[0].strip()
