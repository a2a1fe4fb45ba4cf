"""Text of a proposed extract file: what was found, each guess marked as a guess in a comment."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from attrs import field, frozen

from kpi.definitions.table import Table
from kpi.evaluation.column_matches import ColumnMatch
from kpi.evaluation.proposed_dates import (
    NamedColumns,
    date_format_lines,
    epoch_lines,
    mixed_text,
)
from kpi.foreign_text import terminal_text
from kpi.planfile.toml_text import toml_key, toml_value
from kpi.tables.profile.columns import ColumnProfile
from kpi.tables.profile.form import Form
from kpi.tables.profile.table import TableProfile

_AS_IT_IS = ("utf-8", "utf-32")
"""Encodings that are not declared: the default, and one that cannot be read."""


@frozen(kw_only=True)
class ProposedTable:
    """Table of an extract as it was found, with the table of the plan that it is taken for.

    Attributes:
        name: the name of the table.
        profile: what was found.
        declared: the table of the plan; None without a plan.
        matches: the likely columns of the plan; none without a plan.
        named: the values that the plan names in any column, which no word for null may be.
    """

    name: str
    profile: TableProfile
    declared: Table | None = None
    matches: tuple[ColumnMatch, ...] = ()
    named: frozenset[str] = field(default=frozenset(), repr=False)

    def matched(self) -> Iterator[tuple[str, ColumnProfile, ColumnMatch | None]]:
        """Yield the name and the profile of each column to declare something for.

        With a plan the columns that were matched, by the plan's names; else all columns.
        """
        if self.declared is None:
            yield from ((column.name, column, None) for column in self.profile.columns)
        for match in self.matches:
            if match.column is not None:
                yield match.wanted, self.profile.column(match.column), match


def proposal(tables: Iterable[ProposedTable], plan: str | None, directory: Path) -> str:
    """Return the text of an extract file (TOML).

    Args:
        tables: the tables that were found.
        plan: the id of the plan; None without a plan.
        directory: the directory of the extract file, from which paths are relative.
    """
    what = f"for the plan {terminal_text(plan)}" if plan is not None else "without a plan"
    lines = [
        f"# A proposal of kpi inspect, {what}. Nothing was evaluated.",
        "# What is marked as a guess may be wrong: check it before you evaluate.",
    ]
    for table in tables:
        lines += ["", *_table(table, directory)]
    return "\n".join(lines) + "\n"


def _table(table: ProposedTable, directory: Path) -> Iterator[str]:
    section = f"tables.{toml_key(table.name)}"
    profile = table.profile
    yield from _comments(sampled_text(profile))
    yield from (f"# {terminal_text(remark)}" for remark in profile.remarks)
    yield f"[{section}]"
    yield from _origin(profile, directory)
    yield from _form(profile.form)
    columns = list(table.matched())
    yield from _nulls(table, columns)
    of_all, by_column = date_format_lines(columns, table.declared)
    if of_all:
        yield of_all
    yield from _section(f"{section}.columns", _names(table.matches))
    yield from _section(f"{section}.date_format", by_column)
    yield from _section(f"{section}.booleans", _booleans(columns))
    yield from _section(f"{section}.epochs", epoch_lines(columns))
    for match in table.matches:
        yield from _renames(section, match)
    yield from _not_guessed(table, columns)


def sampled_text(profile: TableProfile) -> str:
    """Return how many rows were read, in words."""
    if not profile.is_sample:
        return f"all {profile.sampled:,} rows were read"
    of = " of more" if profile.rows is None else f" of {profile.rows:,}"
    return f"a sample: {profile.sampled:,}{of} rows were read, the first and some from further on"


def _written(value: Any, directory: Path) -> Any:
    """Return what an extract file says of a source, paths as seen from its directory."""
    if isinstance(value, list):
        return [_written(one, directory) for one in value]
    return _relative(value, directory) if isinstance(value, Path) else value


def _relative(path: Path, directory: Path) -> str:
    try:
        return Path(os.path.relpath(path, directory)).as_posix()
    except ValueError:
        # Another drive.
        return path.resolve().as_posix()


def _origin(profile: TableProfile, directory: Path) -> Iterator[str]:
    """Yield where the table comes from."""
    if profile.path is not None:
        yield f"path = {toml_value(_relative(profile.path, directory))}"
    for key, value in profile.origin.items():
        yield f"{key} = {toml_value(_written(value, directory))}"
    if profile.path is None and not profile.origin:
        yield "# path: write the table to a file, and name that here"


def _form(form: Form) -> Iterator[str]:
    """Yield sheet, encoding, separator, quote, and the lines above and below the rows."""
    if form.sheet is not None:
        others = terminal_text(", ".join(form.other_sheets))
        yield f"sheet = {toml_value(form.sheet)}  # guess: the others with rows are {others}"
    encoding = form.encoding
    if encoding is not None and not encoding.marked and encoding.name not in _AS_IT_IS:
        sure = "every other byte is zero" if encoding.certain else "read so, its letters are likely"
        others = "".join(f"; the same in {other}" for other in encoding.others)
        yield f"encoding = {toml_value(encoding.name)}  # guess: {sure}{others}"
    if form.separator is not None:
        yield f"separator = {toml_value(form.separator)}"
    if form.quote not in (None, '"'):
        yield f"quote = {toml_value(form.quote)}  # guess: values begin and end with it"
    if form.skip_lines:
        what = "line" if form.encoding is not None else "row"
        line = form.skip_lines + 1
        yield f"skip_lines = {form.skip_lines}  # guess: {what} {line} names the columns"
    if form.footer_lines:
        yield (
            f"footer_lines = {form.footer_lines}  # guess: the last lines are a total or a sentence"
        )


def _nulls(table: ProposedTable, columns: NamedColumns) -> Iterator[str]:
    """Yield the words for null of the columns, and where each stands."""
    where: dict[str, list[str]] = {}
    of_plan = list(table.declared.nulls) if table.declared is not None else []
    for _, column, _ in columns:
        for word in column.null_words:
            if word.proposed and word.text not in (*table.named, *of_plan):
                where.setdefault(word.text, []).append(f"{word.rows:,} × in {column.name}")
    if where:
        counted = "; ".join(f"{word}: {', '.join(places)}" for word, places in where.items())
        # They take the place of the plan's.
        yield f"nulls = {toml_value([*of_plan, *where])}  # guess: {terminal_text(counted)}"


def _names(matches: Iterable[ColumnMatch]) -> Iterator[str]:
    """Yield the name in the source of each column that has another in the plan."""
    for match in matches:
        if match.column is not None and not match.is_same_name:
            entry = f"{toml_key(match.wanted)} = {toml_value(match.column)}"
            problem = f"; but {match.problem}" if match.problem else ""
            yield f"{entry}  # guess: {terminal_text(match.why + problem)}"


def _booleans(columns: NamedColumns) -> Iterator[str]:
    """Yield the words for true and for false."""
    words: dict[bool, list[str]] = {True: [], False: []}
    where: list[str] = []
    for _, column, match in columns:
        booleans = dict(column.booleans)
        if (
            match is not None
            and match.kind == "boolean"
            and not booleans
            and column.type != "boolean"
        ):
            booleans = {text: text == "1" for text in column.values}
        wanted = match.kind == "boolean" if match is not None else column.holds == "boolean"
        if not wanted or {text.casefold() for text in booleans} <= {"true", "false"}:
            continue
        where.append(column.name)
        for text, meant in booleans.items():
            words[meant] += [text] if text not in words[meant] else []
    if not where or set(words[True]) & set(words[False]):
        return
    for meant, key in ((True, "true"), (False, "false")):
        if words[meant]:
            yield f"{key} = {toml_value(words[meant])}  # guess: {terminal_text(', '.join(where))}"


def _renames(section: str, match: ColumnMatch) -> Iterator[str]:
    """Yield, as comments, the values that are probably those of the plan under another name."""
    if match.renames:
        yield ""
        yield "# guess: values that may be those of the plan; take away the # where they are"
        yield f"# [{section}.values.{toml_key(match.wanted)}]"
        for value, planned in match.renames:
            yield f"# {terminal_text(f'{toml_value(value)} = {toml_value(planned)}')}"


def _not_guessed(table: ProposedTable, columns: NamedColumns) -> Iterator[str]:
    """Yield, as comments, what the plan asks and no column answers, and mixes of formats."""
    lines: list[str] = []
    for name, column, match in columns:
        if column.dates is not None and column.dates.best is None:
            lines.append(f"{name}: {mixed_text(column.dates)}; none is declared")
        if match is not None and match.problem and match.is_same_name:
            lines.append(f"{name}: {match.problem}")
    for match in table.matches:
        if match.column is None:
            left = f"; left over: {', '.join(match.left)}" if match.left else ""
            optional = "" if match.needed else ", which no target reads"
            lines.append(f"{match.wanted}{optional}: no column was found for it{left}")
        elif absent := match.unexplained:
            lines.append(f"{match.wanted}: no row read holds {', '.join(absent)}")
    if lines:
        yield ""
        for line in lines:
            yield from _comments(line)


def _section(name: str, lines: Iterable[str]) -> Iterator[str]:
    inside = list(lines)
    if inside:
        yield from ("", f"[{name}]", *inside)


def _comments(text: str) -> Iterator[str]:
    yield f"# {terminal_text(text)}"
