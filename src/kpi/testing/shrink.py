"""Shrinking of tables that fail: rows are left out as long as the rest fails too."""

from __future__ import annotations

from collections.abc import Callable

from kpi.testing.frames import Tables

_TRIES = 400
"""The most attempts to leave rows out, each of which asks whether the rest still fails."""


def shrink(tables: Tables, fails: Callable[[Tables], bool]) -> Tables:
    """Return the tables with rows left out as long as they still fail.

    Half of the rows of a table are tried first, then a quarter, and so on to each row alone.

    Args:
        tables: tables that fail.
        fails: whether tables fail; called a few hundred times at most.
    """
    tries, changed = _TRIES, True
    while changed and tries > 0:
        changed = False
        for name in tables.rows:
            size = len(tables.rows[name])
            while size and tries > 0:
                first = 0
                while first < len(tables.rows[name]) and tries > 0:
                    height = len(tables.rows[name])
                    left = [n for n in range(height) if not first <= n < first + size]
                    smaller = tables.only(name, left)
                    tries -= 1
                    if fails(smaller):
                        tables, changed = smaller, True
                    else:
                        first += size
                size //= 2
    return tables
