"""Notes on the conversion of an event log, which name few events and ids, or none (S13)."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

import polars as pl

from kpi.errors import listed, suggest
from kpi.tables.event_log.xes import LIFECYCLE
from kpi.tables.quality import NAMED, Remark, rows_text
from kpi.tables.redaction import cell, ids, is_redacted

LOG = "log"


def some(place: str, what: str, keys: pl.Series, *, code: str) -> Iterator[Remark]:
    """Yield a note with the number of cases and a few ids; nothing where there are no cases."""
    if n := keys.len():
        few = [str(key) for key in keys.head(NAMED)]

        def line() -> str:
            named = ids(few)
            among = f"; among them {listed(named)}" if named else ""
            return f"{place}: {n:,} {'case' if n == 1 else 'cases'} {what}{among}"

        yield Remark.of(line, code=code)


def on_events(
    unheard: Collection[str], not_chosen: Mapping[str, int], undeclared: Mapping[str, int]
) -> Iterator[Remark]:
    """Yield the notes on events: declared ones that no row holds, rows that gave no date."""
    if unheard:

        def line() -> str:
            near = () if is_redacted() else undeclared
            words = [f"{word!r}{suggest(word, near)}" for word in sorted(unheard)]
            return f"{LOG}: no row holds what is declared: {listed(words)}"

        yield Remark.of(line, code="log-events-absent")
    yield from rows_of(undeclared, "of events that are not declared", code="log-events-undeclared")
    yield from rows_of(
        not_chosen, "of declared events that were not chosen", code="log-events-not-chosen"
    )


def rows_of(counts: Mapping[str, int], what: str, *, code: str) -> Iterator[Remark]:
    """Yield a note with the number of rows by event; nothing where there are none."""
    if counts:
        many = rows_text(sum(counts.values()))
        yield Remark.of(lambda: f"{LOG}: {many} {what}: {_most(counts)}", code=code)


def on_lifecycle(steps: pl.Series) -> Iterator[Remark]:
    """Yield a note where the rows are of several steps of events, such as start and completion."""
    counts = dict(steps.drop_nulls().value_counts(name="rows").iter_rows())
    if len(counts) > 1:
        yield Remark.of(
            lambda: (
                f"{LOG}: rows of several steps of {LIFECYCLE}, all taken alike: {_most(counts)}"
            ),
            code="log-lifecycle",
        )


def _most(counts: Mapping[str, int]) -> str:
    """Return the words with the most rows, and their numbers of rows, as one text."""
    shown = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return listed([f"{cell(word)} ({n:,})" for word, n in shown], NAMED)
