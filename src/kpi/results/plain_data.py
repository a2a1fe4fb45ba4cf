"""Values as JSON has them."""

from __future__ import annotations

from decimal import Decimal


def plain_number(value: Decimal | None) -> int | float | None:
    if value is None:
        return None
    return int(value) if value == value.to_integral_value() else float(value)


def plain_value(value: object) -> object:
    return value if isinstance(value, str | int | float | bool | None) else str(value)
