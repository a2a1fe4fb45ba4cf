"""Deciding of the open rows of a target on each day that can make a difference (F31)."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl
from attrs import frozen

from kpi.definitions.columns import Columns
from kpi.definitions.figures import Figure
from kpi.definitions.reserved import PREFIX
from kpi.definitions.target import Target
from kpi.engine.completions.complete import Completer
from kpi.engine.completions.open_rows import Reads
from kpi.engine.completions.outcomes import OPTION, outcomes
from kpi.engine.groups import segment_keys
from kpi.rules._case_weights import weighed_rows
from kpi.rules._pausable import PausableTarget

COMBINATION = f"{PREFIX}combination"
"""Integer column: a row and one completion of its events but the one that deciding fills."""

NEVER = f"{PREFIX}work never"
"""Integer column: the outcome of a combination that is never decided."""

IS_PAUSED = f"{PREFIX}is paused"
"""Boolean column: whether a pause of the row runs."""


def decided_column(target: Target) -> str | None:
    """Return the date column that deciding a case fills: the end, or the date of its event."""
    return getattr(target, "end", None) or getattr(target, "on", None)


@frozen(eq=False)
class Deciding:
    """The rows of a target, and the events that deciding them fills.

    Attributes:
        completer: completes the open rows of the target.
        reads: the raw columns and events that the target reads.
        now: the columns of the table as of the as-of date.
    """

    completer: Completer
    reads: Reads
    now: Columns

    @property
    def target(self) -> Target:
        """The target."""
        return self.completer.target

    @property
    def figure(self) -> Figure:
        """The figure of the target."""
        figure = self.target.figure
        assert figure is not None, "a target without a figure has no cases to list"
        return figure

    @property
    def end(self) -> str | None:
        """The date column that deciding fills, if the target has one."""
        return decided_column(self.target)

    @property
    def end_column(self) -> str:
        """The date column that deciding fills; only asked where rows have it."""
        assert self.end is not None, "rows that are decided have an end"
        return self.end

    @property
    def end_events(self) -> list[str]:
        """The events that make the end, of those that the target reads."""
        return sorted(self.reads.events & self.completer.sources_of(self.end))

    def _paused_columns(self, frame: pl.DataFrame) -> tuple[list[str], list[str]]:
        """Return the columns of paused time, and the masks of running pauses, that rows have."""
        target = self.target
        if not isinstance(target, PausableTarget):
            return [], []
        times = list(dict.fromkeys(target.paused_times(self.completer.plan)))
        return (
            [time.column for time in times if time.column in frame.columns],
            [time.open_column for time in times if time.open_column in frame.columns],
        )

    def is_paused(self, frame: pl.DataFrame) -> pl.Expr:
        """Return the mask of rows of which a pause runs."""
        masks = [pl.col(name) for name in self._paused_columns(frame)[1]]
        return pl.any_horizontal(masks).fill_null(value=False) if masks else pl.lit(value=False)

    def outcomes_now(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Return what each row is as of the as-of date."""
        rows, segments = weighed_rows(self.target, self.now), segment_keys(self.target, self.now)
        return outcomes(frame, self.figure, rows, segments)

    def combinations(self, opened: pl.DataFrame) -> pl.DataFrame:
        """Return open rows with every completion of their other events, paused as they are known."""
        paused, masks = self._paused_columns(opened)
        known = {name: f"{PREFIX}known:{name}" for name in (*paused, *masks)}
        kept = opened.with_columns(pl.col(name).alias(copy) for name, copy in known.items())
        kept = kept.with_columns(self.is_paused(opened).alias(IS_PAUSED))
        others = self.reads.events.difference(self.end_events)
        completed = self.completer.completed(kept, others)
        return self._as_known(completed, known).with_row_index(COMBINATION)

    def _as_known(
        self, frame: pl.DataFrame, known: Mapping[str, str] | None = None
    ) -> pl.DataFrame:
        """Return the completions whose paused time is that known now, of cases whose pause is over."""
        pairs = known or {
            name.removeprefix(f"{PREFIX}known:"): name
            for name in frame.columns
            if name.startswith(f"{PREFIX}known:")
        }
        for name, copy in pairs.items():
            frame = frame.filter(pl.col(IS_PAUSED) | pl.col(name).eq_missing(pl.col(copy)))
        return frame

    def ended(self, combinations: pl.DataFrame) -> pl.DataFrame:
        """Return every completion of the end, with its outcome and that of never ending."""
        never = self.completer.outcomes(combinations).select(
            COMBINATION, pl.col(OPTION).alias(NEVER)
        )
        completed = self._as_known(self.completer.completed(combinations, self.end_events))
        ended = self.completer.outcomes(completed.filter(pl.col(self.end_column).is_not_null()))
        return ended.join(never, on=COMBINATION)
