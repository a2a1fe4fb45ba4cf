"""Names of columns, as a header gives them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from kpi.errors import DataError, listed, suggest
from kpi.tables.sources.layout import Layout

_DATA = re.compile(r"\s*[-+]?\d[\d.,:/ TZ+-]*")


def require_names(names: Sequence[str], path: Path, first: str, layout: Layout) -> None:
    """Check that the names of columns can be told apart, and are no values.

    Args:
        names: the names as they stand.
        path: the name of the file in messages.
        first: the place of the header.
        layout: the names that are expected.

    Raises:
        DataError: where they look like a row, where more than one is empty, or one stands twice.
    """
    expected = list(dict.fromkeys([*layout.key, *layout.dates]))
    if not set(names) & set(expected) and _looks_like_data(names, expected):
        raise DataError(
            f"{first}: no header: the first line holds values; put the names of the columns above "
            f"it, among them {listed(expected)}"
        )
    unnamed = list(names).count("")
    if unnamed > 1:
        raise DataError(f"{first}: {unnamed} columns without a name; name or remove them")
    twice = sorted({name for name in names if list(names).count(name) > 1})
    if twice:
        raise DataError(f"{path}: the header holds {listed(twice)} twice; keep one")


def _looks_like_data(names: Sequence[str], expected: Sequence[str]) -> bool:
    values = any(_DATA.fullmatch(name) for name in names)
    return values and not any(suggest(name, expected) for name in names)


def below_others(place: str, above: int, layout: Layout) -> DataError:
    """Return the error of names of columns that stand below other lines, such as a heading.

    Args:
        place: the place of the names.
        above: number of lines of the file, or rows of the sheet, above them.
        layout: the layout that does not leave them out.
    """
    return DataError(
        f"{place}: the names of the columns stand here, below other lines; remove those, or declare "
        f"skip_lines = {above} for the table {layout.table} in an extract file"
    )
