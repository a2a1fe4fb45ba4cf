"""What a command says on standard error while it runs: stages in lines, or progress on a terminal."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

import click
from attrs import define, field

from kpi.events import Stage, heard_by
from kpi.exit_codes import Invocation
from kpi.foreign_text import json_text, terminal_text

if TYPE_CHECKING:
    from rich.progress import Progress

PATIENCE = 2.0
"""Seconds of a run after which progress is shown."""

_DONE = {
    "read": "read",
    "inspect": "looked at",
    "check": "checked",
    "evaluate": "evaluated",
    "write": "wrote",
    "sample": "made",
}
_DOING = {
    "read": "Reading",
    "inspect": "Looking at",
    "check": "Checking",
    "evaluate": "Evaluating",
    "write": "Writing",
    "sample": "Making rows",
}


@contextmanager
def reported(invocation: Invocation) -> Iterator[None]:
    """Tell of the stages of a run as the options ask."""
    if invocation.log_format == "json" and not invocation.quiet:
        with heard_by(_JsonLines()):
            yield
    elif invocation.verbose:
        with heard_by(_Lines()):
            yield
    elif not invocation.quiet and sys.stderr is not None and sys.stderr.isatty():
        with _Bars() as bars, heard_by(bars):
            yield
    else:
        yield


class _Lines:
    """Listener that writes a line for each stage, once it has ended."""

    def begun(self, stage: Stage) -> None:
        """Do nothing."""

    def advanced(self, stage: Stage) -> None:
        """Do nothing."""

    def ended(self, stage: Stage) -> None:
        """Write what was done, the rows and the seconds."""
        what = stage.table or stage.source or "all"
        source = f" from {stage.source}" if stage.table and stage.source else ""
        rows = "" if stage.rows is None else f"{_many(stage.rows)}, "
        _write(
            terminal_text(f"kpi: {_DONE[stage.event]} {what}{source}: {rows}{stage.seconds:.2f} s")
        )


class _JsonLines(_Lines):
    """Listener that writes a JSON object for each stage, once it has ended."""

    def ended(self, stage: Stage) -> None:
        """Write event, table, source, rows and seconds; what is not known is left out."""
        known: dict[str, Any] = {
            "event": stage.event,
            "table": stage.table,
            "source": stage.source,
            "rows": stage.rows,
            "seconds": None if stage.seconds is None else round(stage.seconds, 3),
        }
        data = {key: value for key, value in known.items() if value is not None}
        _write(json_text(json.dumps(data, ensure_ascii=False)))


def _write(line: str) -> None:
    # Where standard error takes nothing, the run goes on.
    with suppress(OSError):
        click.echo(line, err=True)


@define(eq=False)
class _Bars:
    """Listener that shows the stage with rows and time left, once the run takes long.

    Attributes:
        lock: what guards the other attributes: the timer runs in a thread of its own.
        stage: the stage now; None between stages.
        progress: what is shown; None before that, and after the end.
        timer: what starts it.
    """

    lock: threading.Lock = field(factory=threading.Lock)
    stage: Stage | None = None
    progress: Progress | None = None
    timer: threading.Timer | None = None

    def __enter__(self) -> _Bars:
        self.timer = threading.Timer(PATIENCE, self._start)
        self.timer.daemon = True
        self.timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        assert self.timer is not None, "the timer was started"
        self.timer.cancel()
        with self.lock:
            self.timer = None
            if self.progress is not None:
                self.progress.stop()
                self.progress = None

    def _start(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, ProgressColumn, Task, TextColumn
        from rich.table import Column
        from rich.text import Text

        class TimeColumn(ProgressColumn):
            """Time left of a stage in chunks, else the time since it began."""

            def render(self, task: Task) -> Text:
                """Return the time in minutes and seconds."""
                left = None if task.total is None else task.time_remaining
                seconds = int(task.elapsed or 0 if left is None else left)
                shown = f"{seconds // 60}:{seconds % 60:02}"
                return Text(shown if left is None else f"{shown} left")

        with self.lock:
            if self.timer is None:
                return
            self.progress = Progress(
                TextColumn("{task.description}"),
                BarColumn(bar_width=None),
                TextColumn("{task.fields[rows]}"),
                TimeColumn(table_column=Column(no_wrap=True)),
                console=Console(stderr=True),
                transient=True,
                expand=True,
            )
            self.progress.start()
            if self.stage is not None:
                self._add(self.stage)

    def _add(self, stage: Stage) -> None:
        assert self.progress is not None, "progress is shown"
        for task in self.progress.task_ids:
            self.progress.remove_task(task)
        what = terminal_text(f"{_DOING[stage.event]} {stage.table or stage.source or ''}".strip())
        # Without chunks it is not known how far a stage has come.
        total = stage.rows if stage.done else None
        task = self.progress.add_task(what, total=total, rows=_rows(stage))
        self.progress.update(task, completed=stage.done)

    def begun(self, stage: Stage) -> None:
        """Show the stage."""
        with self.lock:
            self.stage = stage
            if self.progress is not None:
                self._add(stage)

    def advanced(self, stage: Stage) -> None:
        """Show how many rows are done."""
        with self.lock:
            self.stage = stage
            if self.progress is not None and self.progress.task_ids:
                task = self.progress.task_ids[-1]
                self.progress.update(
                    task, total=stage.rows, completed=stage.done, rows=_rows(stage)
                )

    def ended(self, stage: Stage) -> None:  # noqa: ARG002 - a stage follows, or the end
        """Show the stage no more."""
        with self.lock:
            self.stage = None


def _rows(stage: Stage) -> str:
    if stage.rows is None:
        return _many(stage.done) if stage.done else ""
    return f"{stage.done:,} of {_many(stage.rows)}" if stage.done else _many(stage.rows)


def _many(rows: int) -> str:
    return f"{rows:,} row" if rows == 1 else f"{rows:,} rows"
