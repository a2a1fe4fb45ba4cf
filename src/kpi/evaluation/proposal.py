"""Text of a proposed extract file: what was found, each guess marked as a guess in a comment."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from attrs import field, frozen

from kpi.definitions.table import Table
from kpi.evaluation.column_matches import ColumnMatch
from kpi.foreign_text import terminal_text
from kpi.planfile.toml_text import toml_key, toml_value
from kpi.tables.profile.columns import ColumnProfile
from kpi.tables.profile.date_formats import ISO, DateFormats
from kpi.tables.profile.table import TableProfile

_ISO_DAY = "%Y-%m-%d"
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
    if profile.path is None:
        yield "# path: the table was handed over in Python; write it to a file, and name that here"
    else:
        yield f"path = {toml_value(_relative(profile.path, directory))}"
    yield from _form(table)
    columns = list(table.matched())
    yield from _nulls(table, columns)
    formats = dict(_formats(table, columns))
    if len(set(map(_style, formats.values()))) == 1 and _is_common(columns, formats):
        name, line = next(iter(formats.items()))
        comment = line.partition("  # ")[2]
        others = ", and so do the other dates" if len(formats) > 1 else ""
        yield f"date_format = {_style(line)}  # {comment} ({toml_key(name)}){others}"
        formats = {}
    yield from _section(f"{section}.columns", _names(table.matches))
    yield from _section(f"{section}.date_format", formats.values())
    yield from _section(f"{section}.booleans", _booleans(columns))
    yield from _section(f"{section}.epochs", _epochs(columns))
    for match in table.matches:
        yield from _renames(section, match)
    yield from _not_guessed(table, columns)


def sampled_text(profile: TableProfile) -> str:
    """Return how many rows were read, in words."""
    if not profile.is_sample:
        return f"all {profile.sampled:,} rows were read"
    of = " of more" if profile.rows is None else f" of {profile.rows:,}"
    return f"a sample: {profile.sampled:,}{of} rows were read, the first and some from further on"


def _relative(path: Path, directory: Path) -> str:
    try:
        return Path(os.path.relpath(path, directory)).as_posix()
    except ValueError:
        # Another drive.
        return path.resolve().as_posix()


def _form(table: ProposedTable) -> Iterator[str]:
    """Yield encoding, separator, quote, and the lines above and below the rows of a text."""
    text = table.profile.text
    if text is None:
        return
    encoding, layout = text.encoding, text.layout
    if not encoding.marked and encoding.name not in _AS_IT_IS:
        sure = "every other byte is zero" if encoding.certain else "read so, its letters are likely"
        others = "".join(f"; the same in {other}" for other in encoding.others)
        yield f"encoding = {toml_value(encoding.name)}  # guess: {sure}{others}"
    yield f"separator = {toml_value(layout.separator)}"
    if layout.quote != '"':
        yield f"quote = {toml_value(layout.quote)}  # guess: values begin and end with it"
    if layout.skip_lines:
        line = layout.skip_lines + 1
        yield f"skip_lines = {layout.skip_lines}  # guess: line {line} names the columns"
    if text.footer_lines:
        yield (
            f"footer_lines = {text.footer_lines}  # guess: the last lines are a total or a sentence"
        )


_Columns = Sequence[tuple[str, ColumnProfile, ColumnMatch | None]]


def _nulls(table: ProposedTable, columns: _Columns) -> Iterator[str]:
    """Yield the words for null of the columns, and where each stands."""
    where: dict[str, list[str]] = {}
    for _, column, _ in columns:
        for word in column.null_words:
            if word.proposed and word.text not in table.named:
                where.setdefault(word.text, []).append(f"{word.rows:,} × in {column.name}")
    if where:
        counted = "; ".join(f"{word}: {', '.join(places)}" for word, places in where.items())
        yield f"nulls = {toml_value(list(where))}  # guess: {terminal_text(counted)}"


def _formats(table: ProposedTable, columns: _Columns) -> Iterator[tuple[str, str]]:
    """Yield the line of each column whose dates are written otherwise than the plan says."""
    for name, column, match in columns:
        dates = column.dates
        if dates is None or dates.best is None or (match and match.kind != "date"):
            continue
        declared = table.declared.format_of(name) if table.declared else None
        style = preferred(dates, (c for _, c, _ in columns))
        written = (
            (_ISO_DAY if declared and column.holds == "date" else None) if style == ISO else style
        )
        if written is not None and written != declared:
            yield (
                name,
                f"{toml_key(name)} = {toml_value(written)}  # guess: {parsed_text(dates, style)}",
            )


def preferred(dates: DateFormats, columns: Iterable[ColumnProfile]) -> str | None:
    """Return the format to propose: of several that do, the one that another column proves."""
    proved = {
        column.dates.every[0]
        for column in columns
        if column.dates is not None and len(column.dates.every) == 1
    }
    return next((style for style in dates.every if style in proved), dates.best)


def parsed_text(dates: DateFormats, style: str | None) -> str:
    """Return how many values a format parses, and which others do too, in words."""
    if dates.every:
        text = f"{dates.values:,} of {dates.values:,} values parse"
        others = [other for other in dates.every if other != style]
        return text + "".join(f"; {other} does too" for other in others)
    _, rows = dates.each[0]
    return (
        f"{rows:,} of {dates.values:,} values parse; no format parses the other {dates.unparsed:,}"
    )


def _style(line: str) -> str:
    return line.partition(" = ")[2].partition("  # ")[0]


def _is_common(columns: _Columns, formats: Mapping[str, str]) -> bool:
    """Return whether one format is that of all dates in texts, so that it may be the table's."""
    dates = [
        name
        for name, column, match in columns
        if column.dates is not None and (match is None or match.kind == "date")
    ]
    return set(dates) == set(formats)


def _names(matches: Iterable[ColumnMatch]) -> Iterator[str]:
    """Yield the name in the source of each column that has another in the plan."""
    for match in matches:
        if match.column is not None and not match.is_same_name:
            entry = f"{toml_key(match.wanted)} = {toml_value(match.column)}"
            problem = f"; but {match.problem}" if match.problem else ""
            yield f"{entry}  # guess: {terminal_text(match.why + problem)}"


def _booleans(columns: _Columns) -> Iterator[str]:
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


def _epochs(columns: _Columns) -> Iterator[str]:
    """Yield the unit of each date of the plan that is a number in the source."""
    for name, column, match in columns:
        if column.is_date or not column.epochs or match is None or match.kind != "date":
            continue
        unit, *others = column.epochs
        comment = f"guess: all {column.given:,} numbers are plausible dates"
        comment += "".join(f"; as {other!r} too" for other in others)
        yield f"{toml_key(name)} = {toml_value(unit)}  # {comment}"


def _renames(section: str, match: ColumnMatch) -> Iterator[str]:
    """Yield, as comments, the values that are probably those of the plan under another name."""
    if match.renames:
        yield ""
        yield "# guess: values that may be those of the plan; take away the # where they are"
        yield f"# [{section}.values.{toml_key(match.wanted)}]"
        for value, planned in match.renames:
            yield f"# {terminal_text(f'{toml_value(value)} = {toml_value(planned)}')}"


def _not_guessed(table: ProposedTable, columns: _Columns) -> Iterator[str]:
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
        elif match.absent:
            lines.append(f"{match.wanted}: no row read holds {', '.join(match.absent)}")
    if lines:
        yield ""
        for line in lines:
            yield from _comments(line)


def mixed_text(dates: DateFormats) -> str:
    """Return how many values fit each of several formats, in words."""
    each = ", ".join(f"{rows:,} are {style}" for style, rows in dates.each)
    rest = f", {dates.unparsed:,} are no date" if dates.unparsed else ""
    return f"a mix: of {dates.values:,} values {each}{rest}"


def _section(name: str, lines: Iterable[str]) -> Iterator[str]:
    inside = list(lines)
    if inside:
        yield from ("", f"[{name}]", *inside)


def _comments(text: str) -> Iterator[str]:
    yield f"# {terminal_text(text)}"
