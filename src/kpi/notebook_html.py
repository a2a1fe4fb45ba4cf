"""HTML table of a value for a notebook, with every text escaped, no colour of its own and no style sheet."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from kpi.foreign_text import html_text

MOST_ROWS = 200
"""The most rows that a notebook shows of a value."""

# Not every notebook sets cells apart, and some set texts to the right. A style sheet would reach other
# cells of the notebook too, and is taken out of some.
_TEXT = "padding:.2em .6em;text-align:left;vertical-align:top"
_NUMBER = "padding:.2em .6em;text-align:right;vertical-align:top;white-space:nowrap"
_CAPTION = "text-align:left;padding:.2em .6em"


def html_table(
    caption: str,
    heads: Sequence[str],
    rows: Iterable[Sequence[object]],
    numbers: Collection[str] = (),
) -> str:
    """Return an HTML table; the first cell of a row is its heading.

    Args:
        caption: what the table shows.
        heads: the headings of the columns.
        rows: the cells of each row; of more than `MOST_ROWS` the last are left out, and their number
            is said.
        numbers: the headings of the columns that are set to the right, in one line.
    """
    listed = list(rows)
    styles = [_NUMBER if name in numbers else _TEXT for name in heads]
    head = "".join(
        f'<th scope="col" style="{style}">{html_text(name)}</th>'
        for name, style in zip(heads, styles, strict=True)
    )
    body = "".join(
        "<tr>"
        f'<th scope="row" style="{_TEXT}">{html_text(str(first))}</th>'
        + "".join(
            f'<td style="{style}">{html_text(str(cell))}</td>'
            for cell, style in zip(rest, styles[1:], strict=True)
        )
        + "</tr>"
        for first, *rest in listed[:MOST_ROWS]
    )
    more = len(listed) - MOST_ROWS
    foot = f"<p>{more:,} more rows</p>" if more > 0 else ""
    return (
        f'<table><caption style="{_CAPTION}">{html_text(caption)}</caption><thead><tr>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table>{foot}"
    )
