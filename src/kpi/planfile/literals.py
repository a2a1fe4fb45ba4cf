"""Values as plan files write them, for messages about plan files."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal

_LEAF = (bool, Decimal, dt.date, dt.time)


def toml_literal(value: object) -> str:
    """A value as TOML has it: `true`, `1.5`, `2022-01-01`, `{ a = 'b' }`, `['a', 2022-01-01]`."""
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
    """A message about a value of a plan file, with what Python calls it put as the file writes it.

    Definitions speak of values as Python has them, for plans that are written in Python.

    Args:
        message: what a definition says.
        value: the value that it was given.
    """
    # The outer ones first, and single values last: what is written anew holds no such text.
    for one in sorted(_inside(value), key=lambda one: isinstance(one, _LEAF)):
        if isinstance(one, bool):
            # Too short a word to be replaced wherever it stands.
            message = re.sub(
                rf"(found|=|unknown \w+) '?{one!r}\b'?", rf"\1 {toml_literal(one)}", message
            )
        else:
            message = message.replace(repr(one), toml_literal(one))
    return message


def _inside(value: object) -> Iterator[object]:
    """What Python writes otherwise than TOML: the value itself, then what it is made of."""
    if isinstance(value, Mapping):
        if value:
            yield value
        for one in value.values():
            yield from _inside(one)
    elif isinstance(value, list | tuple):
        if value:
            yield value
        for one in value:
            yield from _inside(one)
    elif isinstance(value, _LEAF) or hasattr(value, "data"):
        yield value


def _key(name: object) -> str:
    text = str(name)
    return text if re.fullmatch(r"[\w-]+", text, re.ASCII) else repr(text)
