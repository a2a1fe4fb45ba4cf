"""TOML literals: values as plan files write them, for messages about plan files."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal

_LEAF = (bool, Decimal, dt.date, dt.time)


def toml_literal(value: object) -> str:
    """Return a TOML literal: `true`, `1.5`, `2022-01-01`, `{ a = 'b' }`, `['a', 2022-01-01]`."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value) if value.is_finite() else str(value).lower().removesuffix("inity")
    if isinstance(value, Mapping):
        inside = ", ".join(f"{_key(k)} = {toml_literal(v)}" for k, v in value.items())
        return f"{{ {inside} }}" if inside else "{}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(toml_literal, value))}]"
    return toml_literal(value.data()) if hasattr(value, "data") else repr(value)


def with_toml_literals(message: str, value: object) -> str:
    """Return a message with the Python literals of a value replaced by TOML literals.

    Definitions quote values as Python literals, for plans that are written in Python.

    Args:
        message: the message of a definition.
        value: the value that the definition was given.
    """
    # Containers first, single values last: a TOML literal holds no Python literal of a container.
    for literal in sorted(_inside(value), key=lambda literal: isinstance(literal, _LEAF)):
        if isinstance(literal, bool):
            # Too short a word to be replaced wherever it stands.
            message = re.sub(
                rf"(found|=|unknown \w+) '?{literal!r}\b'?", rf"\1 {toml_literal(literal)}", message
            )
        else:
            message = message.replace(repr(literal), toml_literal(literal))
    return message


def _inside(value: object) -> Iterator[object]:
    """Yield the values that Python writes otherwise than TOML: a container before its contents."""
    if isinstance(value, Mapping):
        if value:
            yield value
        for below in value.values():
            yield from _inside(below)
    elif isinstance(value, list | tuple):
        if value:
            yield value
        for below in value:
            yield from _inside(below)
    elif isinstance(value, _LEAF) or hasattr(value, "data"):
        yield value


def _key(name: object) -> str:
    text = str(name)
    return text if re.fullmatch(r"[\w-]+", text, re.ASCII) else repr(text)
