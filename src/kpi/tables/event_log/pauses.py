"""Pauses out of an event log: from an event that stops the clock to one that starts it (S14).

No row is lost in silence: each row begins or ends a pause, or changes nothing because the clock
stands or runs already, or is of an event that nobody declared, or is rejected, or lies after the
as-of date.
"""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from kpi.definitions.log_sources import PausesFromEvents
from kpi.definitions.messages import Message
from kpi.tables.event_log.log_rows import LogRows, text_of
from kpi.tables.event_log.remarks import LOG, on_events, rows_of
from kpi.tables.quality import Remark


def pauses_from_events(
    rows: LogRows, spec: PausesFromEvents, key: str, begun: str, ended: str
) -> tuple[pl.DataFrame, list[Remark]]:
    """Return a row per pause, by case and time, and the notes on the other rows.

    Events stand in the order of their times, and where times are equal in the order of the rows.

    Args:
        rows: the rows of the log.
        spec: the events that stop and start the clock.
        key: the name of the column of ids.
        begun: the name of the column of beginnings.
        ended: the name of the column of ends; null for a pause that is not over.
    """
    order = _ordered(rows, spec)
    by_event = dict(order.group_by("event").agg(pl.len()).sort("event").iter_rows())
    declared = {*spec.stops, *spec.starts}
    undeclared = {word: n for word, n in by_event.items() if word not in declared}
    # Only a change of state counts; before the first row of a case the clock runs.
    steps = order.filter(pl.col("stops").is_not_null()).with_columns(
        before=pl.col("stops").shift(1).over("id").fill_null(value=False)
    )
    changes = steps.filter(pl.col("stops") != pl.col("before"))
    pauses = changes.with_columns(to=pl.col("time").shift(-1).over("id")).filter("stops")
    idle = steps.filter(pl.col("stops") == pl.col("before"))
    remarks = [
        *rows.remarks(),
        *on_events(declared - set(by_event), {}, undeclared),
        *_unneeded(
            idle.filter("stops"),
            Message("of events that stop the clock while it stands, no pauses"),
            code="log-stops-unneeded",
        ),
        *_unneeded(
            idle.filter(~pl.col("stops")),
            Message("of events that start the clock while it runs, left out"),
            code="log-starts-unneeded",
        ),
    ]
    open_pauses = pauses["to"].null_count()
    if open_pauses:
        text = Message(
            "{log}: {n:,} of {all:,} pauses not over", log=LOG, n=open_pauses, all=pauses.height
        )
        remarks.append(Remark(text, code="log-open-pauses"))
    if pauses.is_empty():
        text = Message("{log}: no row begins a pause", log=LOG)
        remarks.append(Remark(text, code="log-without-pauses"))
    return pauses.select(
        pl.col("id").alias(key), pl.col("time").alias(begun), pl.col("to").alias(ended)
    ), remarks


def _ordered(rows: LogRows, spec: PausesFromEvents) -> pl.DataFrame:
    """Return the rows that count by case and time: `id`, `event`, `time`, `stops`.

    `stops` is true for an event that stops the clock, false for one that starts it, else null.
    """
    case, event, _ = rows.names
    events = text_of(rows.raw[event]).cast(pl.String)
    frame = pl.DataFrame({"id": text_of(rows.raw[case]), "event": events, "time": rows.times})
    if (counts := rows.counts) is not None:
        frame = frame.filter(counts)
    stops = (
        pl.when(pl.col("event").is_in(list(spec.stops)))
        .then(pl.lit(value=True))
        .when(pl.col("event").is_in(list(spec.starts)))
        .then(pl.lit(value=False))
    )
    return frame.with_columns(stops=stops).sort("id", "time", maintain_order=True)


def _unneeded(rows: pl.DataFrame, what: Message, *, code: str) -> Iterator[Remark]:
    yield from rows_of(dict(rows.group_by("event").agg(pl.len()).iter_rows()), what, code=code)
