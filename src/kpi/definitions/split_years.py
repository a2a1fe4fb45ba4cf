"""Split years, such as 2024/25: the month that they begin in reaches every window of a plan (S30)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

import attrs

from kpi.definitions.windows import is_split

T = TypeVar("T")


def with_year_starts(value: T, month: int) -> T:
    """Return a definition whose named windows and moments, at any depth, count years from a month.

    The definition itself where nothing in it does.

    Args:
        value: a definition, or a tuple or mapping of definitions.
        month: the month, 1 to 12.
    """
    changed = _changed(value, month)
    return value if changed is None else changed


def _changed(value: Any, month: int) -> Any | None:
    """Return a value with the month; None where nothing in the value takes a month."""
    if isinstance(value, tuple):
        items = [_changed(item, month) for item in value]
        if all(item is None for item in items):
            return None
        return tuple(old if new is None else new for old, new in zip(value, items, strict=True))
    if isinstance(value, Mapping):
        by_key = {key: _changed(item, month) for key, item in value.items()}
        if all(item is None for item in by_key.values()):
            return None
        return {key: value[key] if new is None else new for key, new in by_key.items()}
    if not attrs.has(type(value)):
        return None
    fields = {f.name: getattr(value, f.name) for f in attrs.fields(type(value))}
    if isinstance(fields.get("year_starts"), int):
        named = "changes" in fields or any(_names_of(fields))
        takes = named and fields["year_starts"] != month
        return attrs.evolve(value, year_starts=month) if takes else None
    changes = {
        name: new for name, old in fields.items() if (new := _changed(old, month)) is not None
    }
    return attrs.evolve(value, **changes) if changes else None


def split_year_names(value: Any) -> Iterator[str]:
    """Yield the names of split years in a definition, at any depth."""
    if isinstance(value, tuple):
        for item in value:
            yield from split_year_names(item)
    elif isinstance(value, Mapping):
        yield from split_year_names(tuple(value.values()))
    elif attrs.has(type(value)):
        fields = {f.name: getattr(value, f.name) for f in attrs.fields(type(value))}
        if isinstance(fields.get("year_starts"), int):
            yield from _names_of(fields)
        else:
            yield from split_year_names(tuple(fields.values()))


def _names_of(fields: Mapping[str, Any]) -> Iterator[str]:
    """Yield the name of a split year that a window or a moment has."""
    # A reading has a name too, which names no year.
    named = () if "changes" in fields else (fields.get(k) for k in ("name", "end_of", "start_of"))
    yield from (name for name in named if isinstance(name, str) and is_split(name))
