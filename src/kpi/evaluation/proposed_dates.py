"""Formats and units of dates that an extract file is proposed to declare."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypeAlias

from kpi.definitions.table import Table
from kpi.evaluation.column_matches import ColumnMatch
from kpi.planfile.toml_text import toml_key, toml_value
from kpi.tables.profile.columns import ColumnProfile
from kpi.tables.profile.date_formats import ISO, DateFormats

NamedColumns: TypeAlias = Sequence[tuple[str, ColumnProfile, ColumnMatch | None]]
"""Columns with the names that an extract file has for them, and their match with the plan."""

_ISO_DAY = "%Y-%m-%d"


def date_format_lines(columns: NamedColumns, declared: Table | None) -> tuple[str, list[str]]:
    """Return what to declare of the formats of dates in texts.

    A declaration takes the place of that in the plan, so that either all formats are declared or,
    where the plan has them all, none.

    Returns:
        the line of the format that all dates of the table have, else the empty text; and the lines
        of the formats by column.
    """
    dated = [
        (name, column.dates, column)
        for name, column, match in columns
        if column.dates is not None and (match is None or match.kind == "date")
    ]
    styles = {name: preferred(dates, (c for _, _, c in dated)) for name, dates, _ in dated}
    if all(
        style is None or style == (_of_plan(declared, name) or ISO)
        for name, style in styles.items()
    ):
        return "", []
    lines = {
        name: (written, f"guess: {parsed_text(dates, styles[name])}")
        for name, dates, column in dated
        if (written := _written(styles, name, column, declared)) is not None
    }
    if len(lines) == len(dated) and len({written for written, _ in lines.values()}) == 1:
        (name, (written, why)), *others = lines.items()
        rest = ", and so do the other dates" if others else ""
        return f"date_format = {toml_value(written)}  # {why} ({toml_key(name)}){rest}", []
    return "", [
        f"{toml_key(name)} = {toml_value(written)}  # {why}"
        for name, (written, why) in lines.items()
    ]


def _of_plan(declared: Table | None, name: str) -> str | None:
    style = None if declared is None else declared.format_of(name)
    return ISO if style == _ISO_DAY else style


def _written(
    styles: Mapping[str, str | None], name: str, column: ColumnProfile, declared: Table | None
) -> str | None:
    """Return the format to declare for a column; None for none.

    ISO 8601 is what is read without a format. It is written only where the plan has another for the
    column, and as days, for there is no format of it for times.
    """
    style = styles[name]
    if style != ISO:
        return style
    says_other = _of_plan(declared, name) not in (None, ISO)
    return _ISO_DAY if says_other and column.holds == "date" else None


def preferred(dates: DateFormats, columns: Iterable[ColumnProfile]) -> str | None:
    """Return the format to propose: of several, that with day and month as another column proves.

    Args:
        dates: the formats of a column.
        columns: the columns of the table.
    """
    if len(dates.every) < 2:
        return dates.best
    proved = [
        column.dates.every[0]
        for column in columns
        if column.dates is not None and len(column.dates.every) == 1
    ]
    if same := [style for style in dates.every if style in proved]:
        return same[0]
    first = {_has_day_first(style) for style in proved if style != ISO}
    alike = [style for style in dates.every if first == {_has_day_first(style)}]
    return alike[0] if alike else dates.best


def _has_day_first(style: str) -> bool:
    months = [style.find(sign) for sign in ("%m", "%b", "%B") if sign in style]
    return bool(months) and style.find("%d") < min(months)


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


def mixed_text(dates: DateFormats) -> str:
    """Return how many values fit each of several formats, in words."""
    each = ", ".join(f"{rows:,} are {style}" for style, rows in dates.each)
    rest = f", {dates.unparsed:,} are no date" if dates.unparsed else ""
    return f"a mix: of {dates.values:,} values {each}{rest}"


def epoch_lines(columns: NamedColumns) -> Iterator[str]:
    """Yield the unit of each date of the plan that is a number in the source."""
    for name, column, match in columns:
        if column.is_date or not column.epochs or match is None or match.kind != "date":
            continue
        unit, *others = column.epochs
        comment = f"guess: all {column.given:,} numbers are plausible dates"
        comment += "".join(f"; as {other!r} too" for other in others)
        yield f"{toml_key(name)} = {toml_value(unit)}  # {comment}"
