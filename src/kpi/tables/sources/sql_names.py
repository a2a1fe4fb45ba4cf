"""Names of tables in SQL: taken apart, quoted, and looked for among those of a database."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from kpi.errors import DataError, listed, suggest

_NAME = re.compile(r'"(?:[^"]|"")+"|[^".]+')
_NAMES = re.compile(rf"(?:{_NAME.pattern})(?:\.(?:{_NAME.pattern}))*")


def parts_of(name: str, table: str) -> tuple[str, ...]:
    """Return the parts of a name: `public.cases` has two, and so has `public."old.cases"`.

    Raises:
        DataError: where the name is empty, or a quote or a point stands out of place.
    """
    if not _NAMES.fullmatch(name):
        raise DataError(
            f"{table}: found the table {name!r}; accepted: a name, perhaps behind a schema and a "
            'point, in quotes where it holds a point or a quote: public."old.cases"'
        )
    return tuple(
        part[1:-1].replace('""', '"') if part.startswith('"') else part
        for part in _NAME.findall(name)
    )


def quoted(parts: Iterable[str]) -> str:
    """Return a name in SQL, each part in quotes."""
    return ".".join('"{}"'.format(part.replace('"', '""')) for part in parts)


def select_all(parts: Iterable[str]) -> str:
    """Return the query of all rows of a table."""
    return f"SELECT * FROM {quoted(parts)}"  # noqa: S608 - the parts are quoted


def unknown_table(place: str, parts: Sequence[str], names: Sequence[str]) -> DataError:
    """Return the error of a table that a database lacks.

    Args:
        place: the database in messages.
        parts: the parts of the name.
        names: the names of its tables and views.
    """
    name = ".".join(parts)
    found = f"found {listed(names)}" if names else "the database has none"
    return DataError(f"{place}: no table or view {name}{suggest(name, names)}; {found}")
