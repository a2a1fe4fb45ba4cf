"""HTML table of a value for a notebook, with every text escaped and no style of its own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from kpi.foreign_text import html_text

MOST_ROWS = 200
"""The most rows that a notebook shows of a value."""


def html_table(caption: str, heads: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return an HTML table; the first cell of a row is its heading.

    Args:
        caption: what the table shows.
        heads: the headings of the columns.
        rows: the cells of each row; of more than `MOST_ROWS` the last are left out, and their number
            is said.
    """
    listed = list(rows)
    head = "".join(f'<th scope="col">{html_text(name)}</th>' for name in heads)
    body = "".join(
        "<tr>"
        f'<th scope="row">{html_text(str(first))}</th>'
        + "".join(f"<td>{html_text(str(cell))}</td>" for cell in rest)
        + "</tr>"
        for first, *rest in listed[:MOST_ROWS]
    )
    more = len(listed) - MOST_ROWS
    foot = f"<p>{more:,} more rows</p>" if more > 0 else ""
    return (
        f"<table><caption>{html_text(caption)}</caption><thead><tr>{head}</tr></thead>"
        f"<tbody>{body}</tbody></table>{foot}"
    )
