"""Layout of a workbook, found by looking: the sheet, and the rows above the header."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import polars as pl

from kpi.tables.profile.form import Form
from kpi.tables.profile.text_layout import DATA

_MOST_ABOVE = 60
"""Rows above a header that are looked at."""


def find_sheet(sheets: Mapping[str, pl.DataFrame], known: Collection[str] = ()) -> Form:
    """Return the form of a workbook.

    The header is the row that names the most columns, of those the first. Of several sheets with
    rows the one is taken that names the most columns of `known`, else the most columns.

    Args:
        sheets: the cells of each sheet as texts; null for none.
        known: names of columns that the table may well have.
    """
    found: list[tuple[tuple[int, int], str, int]] = []
    for sheet, cells in sheets.items():
        row, score = _header(cells.head(_MOST_ABOVE).rows(), known)
        if score is not None:
            found.append((score, sheet, row))
    if not found:
        return Form()
    _, sheet, row = max(found, key=lambda one: one[0])
    others = tuple(other for _, other, _ in found if other != sheet)
    first = next(n for n, cells in enumerate(sheets[sheet].rows()) if any(cells))
    # Empty rows above a header need no declaration.
    skip = row if row > first else 0
    return Form(skip_lines=skip, sheet=sheet if others else None, other_sheets=others)


def _header(
    rows: Sequence[Sequence[str | None]], known: Collection[str]
) -> tuple[int, tuple[int, int] | None]:
    """Return the row that names the most columns, and how many are known and how many named."""
    best, score = 0, None
    for n, row in enumerate(rows):
        names = [cell.strip() for cell in row if cell and cell.strip()]
        if not names or len(set(names)) < len(names) or any(map(DATA.fullmatch, names)):
            continue
        named = (sum(name in known for name in names), len(names))
        if score is None or named > score:
            best, score = n, named
    return best, score
