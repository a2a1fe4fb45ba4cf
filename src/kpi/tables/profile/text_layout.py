"""Layout of a text table, found by looking: lines above the header, separator, quote.

No layout is certain. The header is the first line that names as many columns as the lines below it
have fields.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Collection, Sequence

from attrs import frozen

SEPARATORS = (",", ";", "\t", "|")
QUOTES = ('"', "'")
_MOST_ABOVE = 60
"""Lines above a header that are looked at."""
_ROWS = 200
"""Records below a header that are looked at."""
_AS_GOOD = 0.97
"""Share of the best likelihood from which an earlier header is preferred: rows may be ragged."""
_KNOWN = 100
"""Weight of a column that the plan names, against the width of a table."""
_REPEATED = 0.98
"""Factor on the likelihood of a header that names two columns alike."""
_LEAST = 0.5
"""Share of the records that must have as many fields as the header."""
DATA = re.compile(r"\s*[-+]?\d[\d.,:/ TZ+-]*")
"""Pattern of a value that names no column: a number, a date, a time."""
_TOTAL = re.compile(
    r"\W*(i alt|ialt|total|totalt|sum|antal|number of|rows|rækker|end of|slut|\(?\d+ r[oæ])",
    re.IGNORECASE,
)


@frozen
class TextLayout:
    """Layout of a text table.

    Attributes:
        skip_lines: number of lines above the header, empty ones too.
        separator: the separator of fields.
        quote: the quote.
        names: the names in the header; invented ones where there is no header.
        has_header: whether a header was found.
    """

    skip_lines: int
    separator: str
    quote: str
    names: tuple[str, ...]
    has_header: bool = True


@frozen
class _Candidate:
    """Reading of the first lines: a header at a line, under a separator and a quote."""

    layout: TextLayout
    score: float


def lines_of(text: str) -> list[str]:
    r"""Return the lines of a text, as `\n`, `\r\n` or `\r` end them."""
    return re.split(r"\r\n|\n|\r", text)


def find_layout(lines: Sequence[str], known: Collection[str] = ()) -> TextLayout:
    """Return the layout of a text table by the first lines.

    Args:
        lines: the first lines of the text, without their ends.
        known: names of columns that the table may well have.
    """
    quotes = [q for q in QUOTES if q == '"' or any(q in line for line in lines)]
    candidates = [
        candidate
        for separator in SEPARATORS
        for quote in quotes
        for skip in range(min(len(lines), _MOST_ABOVE))
        if (candidate := _candidate(lines, skip, separator, quote, known)) is not None
    ]
    if not candidates:
        return _one_column(lines, known) or _without_header(lines)
    best = max(candidate.score for candidate in candidates)
    good = [c.layout for c in candidates if c.score >= _AS_GOOD * best]
    layout = min(
        good,
        key=lambda like: (like.skip_lines, SEPARATORS.index(like.separator)),
    )
    alike = [
        like
        for like in good
        if (like.skip_lines, like.separator) == (layout.skip_lines, layout.separator)
    ]
    return _with_quote(lines, alike)


def parsed(lines: Sequence[str], separator: str, quote: str, most: int) -> list[list[str]]:
    """Return the first records of lines; none beyond a quote that swallows too much."""
    records: list[list[str]] = []
    try:
        reader = csv.reader((f"{line}\n" for line in lines), delimiter=separator, quotechar=quote)
        for record in reader:
            if record:
                records.append(record)
            if len(records) == most:
                break
    except csv.Error:
        # A field larger than the limit: the quote was none.
        return records
    return records


def _candidate(
    lines: Sequence[str], skip: int, separator: str, quote: str, known: Collection[str]
) -> _Candidate | None:
    """Return how well a line does as a header; None where it cannot be one."""
    if lines[skip].count(separator) == 0:
        return None
    records = parsed(lines[skip : skip + 2 * _ROWS], separator, quote, _ROWS + 1)
    if not records or not lines[skip].strip():
        return None
    names = [name.strip() for name in records[0]]
    width = len(names)
    if width < 2 or not _is_header(names):
        return None
    rows = records[1:]
    whole = [row for row in rows if len(row) == width]
    share = len(whole) / len(rows) if rows else 1.0
    if share < _LEAST:
        return None
    typed = sum(_is_typed(column) for column in zip(*whole, strict=True))
    named = sum(name in known for name in names)
    score = _KNOWN * named + share * (width + 2 * typed)
    if len(set(names)) < width:
        score *= _REPEATED
    return _Candidate(TextLayout(skip, separator, quote, tuple(names)), score)


def _is_header(names: Sequence[str]) -> bool:
    """Return whether texts can be the names of columns: at most one is empty, and none is data."""
    given = [name for name in names if name]
    return len(given) >= len(names) - 1 and not any(DATA.fullmatch(name) for name in given)


def _is_typed(values: Sequence[str]) -> bool:
    """Return whether all values of a column are numbers, dates or times."""
    given = [value for value in values if value.strip()]
    return bool(given) and all(DATA.fullmatch(value) for value in given)


def _with_quote(lines: Sequence[str], alike: Sequence[TextLayout]) -> TextLayout:
    """Return the layout whose quote stands around values, of some that differ in it alone."""
    by_quote = {layout.quote: layout for layout in alike}
    if len(by_quote) == 1:
        return alike[0]
    layout = by_quote['"']
    rows = parsed(lines[layout.skip_lines :], layout.separator, '"', _ROWS + 1)
    opened = [value for row in rows for value in row if value.startswith("'")]
    closed = [value for value in opened if len(value) > 1 and value.endswith("'")]
    doubled = any(f'"{layout.separator}' in line for line in lines)
    if opened and len(opened) == len(closed) and not doubled:
        return by_quote["'"]
    return layout


def _one_column(lines: Sequence[str], known: Collection[str]) -> TextLayout | None:
    """Return the layout of a table of one column; None where a line has a separator."""
    if any(sign in line for line in lines for sign in SEPARATORS):
        return None
    names = [(n, line.strip().strip('"')) for n, line in enumerate(lines) if line.strip()]
    first = next((n for n, name in names if name in known), names[0][0] if names else 0)
    name = dict(names).get(first, "")
    if not name or DATA.fullmatch(name):
        return None
    return TextLayout(first, ",", '"', (name,))


def _without_header(lines: Sequence[str]) -> TextLayout:
    """Return a layout with invented names, for a text in which no line names the columns."""
    best, width, share = ",", 1, 0.0
    for separator in SEPARATORS:
        records = parsed(lines, separator, '"', _ROWS)
        widths = [len(record) for record in records]
        common = max(widths, key=widths.count, default=1)
        if common > 1 and widths.count(common) / len(widths) > share:
            best, width, share = separator, common, widths.count(common) / len(widths)
    names = tuple(f"column {n}" for n in range(1, width + 1))
    return TextLayout(0, best, '"', names, has_header=False)


def is_footer(record: Sequence[str], separator: str) -> bool:
    """Return whether a record below the rows is a footer: a total, or a sentence of its own.

    A row that was cut short is none.
    """
    given = [value for value in record if value.strip()]
    if not given:
        return False
    if _TOTAL.match(given[0]):
        return True
    return len(record) == 1 and " " in record[0].strip() and separator not in record[0]


def trailing(records: Sequence[tuple[int, list[str]]], width: int, separator: str) -> int:
    """Return how many of the last records are a footer.

    Args:
        records: line numbers and fields of the records, in their order.
        width: the number of fields in the header.
        separator: the separator of fields.
    """
    count = 0
    for _, record in reversed(records):
        if not (is_footer(record, separator) and (len(record) != width or _is_padded(record))):
            break
        count += 1
    return count


def _is_padded(record: Sequence[str]) -> bool:
    """Return whether most fields of a record are empty."""
    return 2 * sum(not value.strip() for value in record) >= len(record)
