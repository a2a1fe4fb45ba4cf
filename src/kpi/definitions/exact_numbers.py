"""Numbers of a plan as the exact decimals that were written, of a length that can be computed with."""

from __future__ import annotations

from decimal import Decimal

from kpi.errors import PlanError

MOST_DIGITS = 30
"""Digits that a number may have before the point, and behind it.

A shorter text can name a longer number: `1e999999999`, which no computation of exact fractions ends.
"""

_SHOWN = 40


def exact_decimal(value: object, accepted: str) -> Decimal:
    """Return a number as the decimal that was written.

    Args:
        value: the number, or its text.
        accepted: what a message says is accepted.

    Raises:
        PlanError: where it is no finite number, or has more than 30 digits before or behind the
            point.
    """
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        raise PlanError(f"found {value!r}; {accepted}")
    try:
        # Through the text, so that the float 97.1 is the decimal that was written.
        exact = Decimal(str(value))
    except (ArithmeticError, ValueError):
        raise PlanError(f"found {_short(repr(value))}; {accepted}") from None
    if not exact.is_finite():
        raise PlanError(f"found {value}; {accepted}")
    exponent = exact.as_tuple().exponent
    assert isinstance(exponent, int), "a finite number"
    if exponent < -MOST_DIGITS or max(exponent, exact.adjusted()) >= MOST_DIGITS:
        raise PlanError(
            f"found {_short(str(value))}; {accepted}, of at most {MOST_DIGITS} digits before the "
            f"point and {MOST_DIGITS} behind it"
        )
    return exact


def _short(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"
