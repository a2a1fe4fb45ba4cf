"""Rounding for print: printed numbers compare with each other as the exact numbers do (S19)."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction


def rounded(exact: Fraction, marks: Iterable[Fraction], decimals: int = 1) -> str:
    """Return a number with as many decimals as keep it below, equal to or above each mark.

    Args:
        exact: the number.
        marks: the numbers to compare it with, each a finite decimal as it is printed.
        decimals: the fewest decimals.

    Returns:
        the number with thousands apart; halves are rounded to the even digit.
    """
    top, bottom = exact.as_integer_ratio()
    sides = [(p, q, _sign(top * q - p * bottom)) for p, q in (m.as_integer_ratio() for m in marks)]
    # The loop ends: rounding comes as close as needed, and an equal mark is a finite decimal.
    while True:
        scale: int = 10**decimals
        near, rest = divmod(top * scale, bottom)
        # Halves go to the even digit, as `round` has it; integers take a tenth of its time.
        near += 2 * rest > bottom or (2 * rest == bottom and near % 2 == 1)
        if all(_sign(near * q - p * scale) == side for p, q, side in sides):
            return _text(near, decimals)
        decimals += 1


def _sign(number: int) -> int:
    return (number > 0) - (number < 0)


def _text(scaled: int, decimals: int) -> str:
    whole, rest = divmod(abs(scaled), 10**decimals)
    return f"{'-' if scaled < 0 else ''}{whole:,}.{rest:0{decimals}}"
