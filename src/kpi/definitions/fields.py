"""Fields of definitions: converters that validate values, and metadata of the fields.

A converter says what was found and what is accepted. The metadata of a field goes into the JSON
Schema, the documents and the messages.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any, TypeVar, cast

import attrs

from kpi.definitions.bounds import number
from kpi.definitions.exact_numbers import exact_decimal
from kpi.definitions.kinds import Kind
from kpi.errors import PlanError, listed, suggest

W = TypeVar("W", bound=str)


def text(value: object) -> str:
    """Return a text that is not blank.

    Raises:
        PlanError: where the value is no text, or blank.
    """
    if not isinstance(value, str) or not value.strip():
        raise PlanError(f"found {value!r}; accepted: a text")
    return value


def optional_text(value: object) -> str | None:
    """Return a text as `text` does; None stays None."""
    return None if value is None else text(value)


def names(value: object) -> tuple[str, ...]:
    """Return the names that a name or a list of names gives, in order.

    Raises:
        PlanError: where a name is not a text, or stands twice.
    """
    listed_names = (value,) if isinstance(value, str) else value
    if not isinstance(listed_names, list | tuple):
        raise PlanError(f"found {value!r}; accepted: a column's name, or a list of them")
    for name in listed_names:
        text(name)
    if len(set(listed_names)) < len(listed_names):
        raise PlanError(f"found a name twice in {list(listed_names)!r}")
    return tuple(listed_names)


def choice(value: object, options: Iterable[W]) -> W:
    """Return the option that equals the value.

    Raises:
        PlanError: where the value is none of the options, with the options.
    """
    accepted = tuple(options)
    if isinstance(value, str):
        for option in accepted:
            if option == value:
                return option
    hint = suggest(value, accepted) if isinstance(value, str) else ""
    raise PlanError(f"found {value!r}; accepted: {listed(accepted)}{hint}")


def percentage(value: object) -> Decimal:
    """Return a percentage as an exact decimal (S19): above 0, at most 100; "all" is 100 (S20).

    Raises:
        PlanError: where the value is not a number, or out of bounds.
    """
    accepted = "accepted: a percentage above 0 and at most 100, such as 90 or 97.5, or 'all'"
    if value == "all":
        return Decimal(100)
    exact = exact_decimal(value, accepted)
    if not 0 < exact <= 100:
        raise PlanError(f"found {value}; {accepted}")
    return exact


def optional_percentage(value: object) -> Decimal | None:
    """Return a percentage as `percentage` does; None stays None."""
    return None if value is None else percentage(value)


def optional_weight(value: object) -> Decimal | None:
    """Return a weight as an exact decimal; None stays None (S28).

    Raises:
        PlanError: where the value is not a number from 0 to 100.
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
    """Return the metadata of a field of a definition.

    Args:
        doc: the meaning of the field, in a sentence.
        schema: the form of the field's value in JSON Schema (default: a text).
        column: the kind of value that the column must hold which the field names; None where the
            field names no column.
        percent: whether the numbers of the field are percentages (S19).
    """
    form = dict(schema or {"type": "string", "minLength": 1})
    return {"doc": doc, "schema": form, "column": column, "percent": percent}


def placed(_: type, fields: list[attrs.Attribute[Any]]) -> list[attrs.Attribute[Any]]:
    """Return the fields with converters whose mistakes carry the field's name.

    A field transformer of attrs.
    """
    return [
        # The converter of a base class's field carries the name already.
        f
        if f.converter is None or isinstance(f.converter, _LocatingConverter)
        else f.evolve(
            converter=_LocatingConverter(cast("Callable[[Any], Any]", f.converter), f.name)
        )
        for f in fields
    ]


@attrs.frozen
class _LocatingConverter:
    """Converter whose mistakes carry the field's name."""

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
