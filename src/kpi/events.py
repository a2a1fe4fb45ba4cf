"""Events of a run: which table is read, checked or evaluated, told to whoever listens.

Where nobody listens, an event costs the look at a variable.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Protocol

from attrs import define


@define
class Stage:
    """Stage of a run.

    Attributes:
        event: what is done: "read", "inspect", "check", "evaluate", "write" or "sample".
        table: the table, or the plan or file, that it is done to; None where it is none of them.
        source: where a table comes from, or a file goes to; None where nothing is said.
        rows: number of rows; None while it is not known.
        done: number of rows that are done, where they are done in chunks.
        seconds: the time that it took; None until the end.
    """

    event: str
    table: str | None = None
    source: str | None = None
    rows: int | None = None
    done: int = 0
    seconds: float | None = None

    def advance(self, rows: int) -> None:
        """Note that further rows are done."""
        self.done += rows
        listener = _LISTENER.get()
        if listener is not None:
            listener.advanced(self)


class Listener(Protocol):
    """Whoever wants to know of stages."""

    def begun(self, stage: Stage) -> None:
        """Hear that a stage has begun."""

    def advanced(self, stage: Stage) -> None:
        """Hear that rows of a stage are done."""

    def ended(self, stage: Stage) -> None:
        """Hear that a stage has ended well, after how many seconds."""


_LISTENER: ContextVar[Listener | None] = ContextVar("kpi_listener", default=None)


@contextmanager
def heard_by(listener: Listener) -> Iterator[None]:
    """Tell a listener of every stage within the context."""
    token = _LISTENER.set(listener)
    try:
        yield
    finally:
        _LISTENER.reset(token)


@contextmanager
def stage(
    event: str, table: str | None = None, *, source: str | None = None, rows: int | None = None
) -> Iterator[Stage]:
    """Tell the listener, if there is one, of a stage: the code within the context."""
    listener = _LISTENER.get()
    current = Stage(event, table, source, rows)
    if listener is None:
        yield current
        return
    listener.begun(current)
    began = time.perf_counter()
    yield current
    current.seconds = time.perf_counter() - began
    listener.ended(current)
