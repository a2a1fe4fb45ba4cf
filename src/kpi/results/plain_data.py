"""Conversion of values to what JSON has."""

from __future__ import annotations

from decimal import Decimal


def plain_number(value: Decimal | None) -> int | float | None:
    """Return a decimal as a number of JSON: an integer where it is whole; None stays None."""
    if value is None:
        return None
    return int(value) if value == value.to_integral_value() else float(value)


def plain_value(value: object) -> object:
    """Return the value of a group column as JSON has it; dates and decimals become texts."""
    return value if isinstance(value, str | int | float | bool | None) else str(value)
