"""Exact decimals: the numbers of a plan as written, of a length that can be computed with."""

from __future__ import annotations

from decimal import Decimal

from kpi.errors import PlanError

MOST_DIGITS = 30
"""The most digits of a number before the decimal point, and behind the point.

A short text can name a long number: with `1e999999999` no computation of exact fractions ends.
"""

_SHOWN = 40


def exact_decimal(value: object, accepted: str) -> Decimal:
    """Return a number as the exact decimal that was written.

    Args:
        value: the number, or its text.
        accepted: the accepted values, as the message of an error says them.

    Raises:
        PlanError: where the value is no finite number, or has more than 30 digits before or behind
            the point.
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
