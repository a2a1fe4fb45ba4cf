"""Redaction of a table's cells in messages and notes: few of them, cut short, printable, or none.

Cases are personal data, and a message travels further than its extract.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from kpi.foreign_text import terminal_text

LONGEST = 40
"""The most characters of a cell that a message shows."""

_HIDDEN = ContextVar("kpi_cells_hidden", default=False)


@contextmanager
def redacted(*, hide: bool = True) -> Iterator[None]:
    """Redact ids and texts of cells in all messages and notes within the context.

    A text is then shown by its shape: `aa-dddd` for AB-1234.

    Args:
        hide: whether to redact at all.
    """
    token = _HIDDEN.set(hide)
    try:
        yield
    finally:
        _HIDDEN.reset(token)


def is_redacted() -> bool:
    """Return whether cells are redacted now."""
    return _HIDDEN.get()


def cell(value: object) -> str:
    """Quote a cell for a message, cut short and escaped; where redacted, only its shape."""
    text = _cut(str(value))
    return repr(mask_text(text) if is_redacted() else text)


def cells(values: Iterable[object]) -> list[str]:
    """Quote cells for a message, each text or shape once."""
    return list(dict.fromkeys(map(cell, values)))


def ids(keys: Iterable[str]) -> list[str]:
    """Return ids as messages name them; none where cells are redacted."""
    return [] if is_redacted() else [printable(_cut(key)) for key in keys]


def mask_text(text: str) -> str:
    """Mask a text: `d` for each digit, `a` for each letter; all other signs stay."""
    return "".join("d" if c.isdecimal() else "a" if c.isalpha() else c for c in text)


def printable(text: str) -> str:
    """Escape the control signs of a text, so that none of them reaches a terminal."""
    return terminal_text(text)


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def without_quoted(text: str) -> str:
    """Return another program's message; where redacted, what it quotes is masked."""
    if not is_redacted():
        return printable(text)
    return printable(re.sub(r"(['\"])(.*?)\1", lambda m: m[1] + mask_text(m[2]) + m[1], text))
