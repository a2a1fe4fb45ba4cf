"""What of a table's cells may stand in messages and notes: a few, cut short, printable, or none.

Cases are personal data, and a message travels further than its extract.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from kpi.foreign_text import terminal_text

LONGEST = 40
"""How many characters of a cell a message shows at most."""

_HIDDEN = ContextVar("kpi_cells_hidden", default=False)


@contextmanager
def redacted(*, hide: bool = True) -> Iterator[None]:
    """Within it, no message and no note holds an id or the text of a cell.

    A text is then shown by its shape: `aa-dddd` for AB-1234.

    Args:
        hide: whether to hide them at all.
    """
    token = _HIDDEN.set(hide)
    try:
        yield
    finally:
        _HIDDEN.reset(token)


def is_redacted() -> bool:
    """Whether cells are hidden now."""
    return _HIDDEN.get()


def cell(value: object) -> str:
    """A cell as messages quote it: cut short, its signs escaped where they do not print, or its shape."""
    text = _cut(str(value))
    return repr(mask_text(text) if is_redacted() else text)


def cells(values: Iterable[object]) -> list[str]:
    """Cells as messages quote them, each shape once."""
    return list(dict.fromkeys(map(cell, values)))


def ids(keys: Iterable[str]) -> list[str]:
    """Ids as messages name them; none where cells are hidden."""
    return [] if is_redacted() else [printable(_cut(key)) for key in keys]


def mask_text(text: str) -> str:
    """A text with `d` for each digit and `a` for each letter; what stands between them stays."""
    return "".join("d" if c.isdecimal() else "a" if c.isalpha() else c for c in text)


def printable(text: str) -> str:
    """A text whose control signs are escaped, so that none of them reaches a terminal."""
    return terminal_text(text)


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
