"""Notes on the conversion of an event log, which name few events and ids, or none (S13)."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

import polars as pl

from kpi.definitions.messages import Listing, Message
from kpi.tables.event_log.xes import LIFECYCLE
from kpi.tables.quality import NAMED, Remark, among_them, quoted, rows_text
from kpi.tables.redaction import cell, is_redacted

LOG = "log"


def some(place: str, what: Message, keys: pl.Series, *, code: str) -> Iterator[Remark]:
    """Yield a note with the number of cases and a few ids; nothing where there are no cases."""
    if n := keys.len():
        few = [str(key) for key in keys.head(NAMED)]

        def line() -> Message:
            return Message(
                "{place}: {n:,} case {what}{among}"
                if n == 1
                else "{place}: {n:,} cases {what}{among}",
                place=place,
                n=n,
                what=what,
                among=among_them(few),
            )

        yield Remark.of(line, code=code)


def on_events(
    unheard: Collection[str], not_chosen: Mapping[str, int], undeclared: Mapping[str, int]
) -> Iterator[Remark]:
    """Yield the notes on events: declared ones that no row holds, rows that gave no date."""
    if unheard:

        def line() -> Message:
            near = () if is_redacted() else undeclared
            words = Listing(quoted(word, near) for word in sorted(unheard))
            return Message("{log}: no row holds what is declared: {events}", log=LOG, events=words)

        yield Remark.of(line, code="log-events-absent")
    yield from rows_of(
        undeclared, Message("of events that are not declared"), code="log-events-undeclared"
    )
    yield from rows_of(
        not_chosen,
        Message("of declared events that were not chosen"),
        code="log-events-not-chosen",
    )


def rows_of(counts: Mapping[str, int], what: Message, *, code: str) -> Iterator[Remark]:
    """Yield a note with the number of rows by event; nothing where there are none."""
    if counts:

        def line() -> Message:
            return Message(
                "{log}: {rows} {what}: {events}",
                log=LOG,
                rows=rows_text(sum(counts.values())),
                what=what,
                events=_most(counts),
            )

        yield Remark.of(line, code=code)


def on_lifecycle(steps: pl.Series) -> Iterator[Remark]:
    """Yield a note where the rows are of several steps of events, such as start and completion."""
    counts = dict(steps.drop_nulls().value_counts(name="rows").iter_rows())
    if len(counts) > 1:

        def line() -> Message:
            return Message(
                "{log}: rows of several steps of {column}, all taken alike: {steps}",
                log=LOG,
                column=LIFECYCLE,
                steps=_most(counts),
            )

        yield Remark.of(line, code="log-lifecycle")


def _most(counts: Mapping[str, int]) -> Listing:
    """Return the words with the most rows, and their numbers of rows, as one text."""
    shown = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return Listing((Message("{what} ({n:,})", what=cell(word), n=n) for word, n in shown), NAMED)
