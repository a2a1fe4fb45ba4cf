"""Bars and sparklines for a terminal: characters whose height or length says how much."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from kpi.report.page import charts
from kpi.results.target_result import TargetResult

CELLS = 16
"""The length of a bar in characters."""

_BLOCKS = "▁▂▃▄▅▆▇█"
_FULL, _REST, _MARK = "█", "·", "│"


def limit_bar(record: TargetResult, asked: Fraction | None) -> str:
    """Return the bar of a value against its limit, which is marked; empty without one number to mark.

    A bar leaves a gap before the mark where the value is below the limit, touches it where they are
    equal, and goes on behind it where the value is above, however near it is.
    """
    value = None if record.value is None or record.unit == "parts" else record.exact_value
    if record.base is not None or value is None or asked is None:
        return ""
    whole = charts.whole(value, asked, share=record.unit == "share")
    if whole is None:
        return ""
    # A cell stands behind the mark, unless no value can be above it.
    mark = min(int(asked / whole * CELLS), CELLS - (1 if asked == whole else 2))
    length = round(value / whole * CELLS)
    if value < asked:
        length = min(length, mark - 1)
    elif value == asked:
        length = mark
    else:
        length = max(length, mark + 2)
    cells = [_FULL if n < length else _REST for n in range(CELLS)]
    cells[mark] = _MARK
    return "".join(cells)


def sparkline(values: Sequence[Fraction | None]) -> str:
    """Return a character for each value, the lowest the least high; a blank for none."""
    known = [value for value in values if value is not None]
    if not known:
        return " " * len(values)
    low, width = min(known), max(known) - min(known)

    def block(value: Fraction | None) -> str:
        if value is None:
            return " "
        # A line that does not move stands in the middle.
        place = (value - low) / width if width else Fraction(1, 2)
        return _BLOCKS[min(int(place * len(_BLOCKS)), len(_BLOCKS) - 1)]

    return "".join(map(block, values))
