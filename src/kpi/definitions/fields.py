"""What a value of a plan may be: converters that say what was found and what is accepted.

Beside them what every field of a definition tells of itself, for schema, documents and messages.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any, TypeVar, cast

import attrs

from kpi.definitions.bounds import number
from kpi.definitions.exact_numbers import exact_decimal
from kpi.definitions.population import Kind
from kpi.errors import PlanError, listed, suggest

W = TypeVar("W", bound=str)


def text(value: object) -> str:
    """The value, where it is a text that says something.

    Raises:
        PlanError: where it is not.
    """
    if not isinstance(value, str) or not value.strip():
        raise PlanError(f"found {value!r}; accepted: a text")
    return value


def optional_text(value: object) -> str | None:
    """As `text`, or None."""
    return None if value is None else text(value)


def names(value: object) -> tuple[str, ...]:
    """One name or several, each once.

    Raises:
        PlanError: where one is not a text, or stands twice.
    """
    found = (value,) if isinstance(value, str) else value
    if not isinstance(found, list | tuple):
        raise PlanError(f"found {value!r}; accepted: a column's name, or a list of them")
    for name in found:
        text(name)
    if len(set(found)) < len(found):
        raise PlanError(f"found a name twice in {list(found)!r}")
    return tuple(found)


def choice(value: object, options: Iterable[W]) -> W:
    """The option that the value is.

    Raises:
        PlanError: where it is not, with the options.
    """
    known = tuple(options)
    if isinstance(value, str):
        for option in known:
            if option == value:
                return option
    hint = suggest(value, known) if isinstance(value, str) else ""
    raise PlanError(f"found {value!r}; accepted: {listed(known)}{hint}")


def percentage(value: object) -> Decimal:
    """A percentage as an exact decimal (S19): above 0, at most 100; "all" is 100 (S20).

    Raises:
        PlanError: where it is not a number, or out of bounds.
    """
    accepted = "accepted: a percentage above 0 and at most 100, such as 90 or 97.5, or 'all'"
    if value == "all":
        return Decimal(100)
    exact = exact_decimal(value, accepted)
    if not 0 < exact <= 100:
        raise PlanError(f"found {value}; {accepted}")
    return exact


def optional_percentage(value: object) -> Decimal | None:
    """As `percentage`, or None."""
    return None if value is None else percentage(value)


def optional_weight(value: object) -> Decimal | None:
    """A weight as an exact decimal, or None.

    Raises:
        PlanError: where it is not a number from 0 to 100.
    """
    if value is None:
        return None
    exact = number(value)
    if not 0 <= exact <= 100:
        raise PlanError(f"found {value}; accepted: a weight from 0 to 100")
    return exact


def about(
    doc: str,
    schema: Mapping[str, Any] | None = None,
    *,
    column: Kind | None = None,
    percent: bool = False,
) -> dict[str, Any]:
    """Metadata of a field.

    Args:
        doc: what it means.
        schema: its form in JSON Schema (default: a text).
        column: where its value names a column, what that must hold.
        percent: whether its numbers are percentages (S19).
    """
    form = dict(schema or {"type": "string", "minLength": 1})
    return {"doc": doc, "schema": form, "column": column, "percent": percent}


def placed(_: type, fields: list[attrs.Attribute[Any]]) -> list[attrs.Attribute[Any]]:
    """A field transformer: a mistake that a field's converter finds carries the field's name."""
    return [
        # A field of a base class has been here before.
        f
        if f.converter is None or isinstance(f.converter, _LocatingConverter)
        else f.evolve(
            converter=_LocatingConverter(cast("Callable[[Any], Any]", f.converter), f.name)
        )
        for f in fields
    ]


@attrs.frozen
class _LocatingConverter:
    """A converter whose mistakes carry the field's name."""

    convert: Callable[[Any], Any]
    name: str

    def __call__(self, value: Any) -> Any:
        try:
            return self.convert(value)
        except PlanError as error:
            raise PlanError(error.within(self.name)) from None


NAMES = {
    "anyOf": [
        {"type": "string", "minLength": 1},
        {"type": "array", "items": {"type": "string", "minLength": 1}, "uniqueItems": True},
    ]
}
