"""Tables that fail made smaller: rows left out as long as what is left fails too."""

from __future__ import annotations

from collections.abc import Callable

from kpi.testing.frames import Tables

_TRIES = 400
"""How often at most rows are left out to see whether what is left still fails."""


def shrink(tables: Tables, fails: Callable[[Tables], bool]) -> Tables:
    """The tables with rows left out as long as they still fail: half of them, a quarter, one by one.

    Args:
        tables: tables that fail.
        fails: whether tables fail; asked a few hundred times at most.
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
