"""Choice of the row of an event log that gives each date of each case (S13, S36)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

import polars as pl
from attrs import field, frozen

from kpi.definitions.log_sources import CasesFromEvents
from kpi.definitions.occurrences import Occurrence, Pick, in_turn
from kpi.tables.event_log.log_rows import LogRows, text_of


@frozen(kw_only=True, eq=False, repr=False)
class Choice:
    """Chosen dates of the cases of a log, and counts of the rows that count, by event.

    Attributes:
        ids: the ids of the cases, sorted.
        dates: for each declared date the time of each case; null for none.
        carried: for each column that is carried along the value of each case.
        counts: event -> rows that count.
        used: event -> rows that gave a case a date.
        bare: ids of the cases without any declared event.
        again: ids of the cases that were filed more than once, where that is asked.
        others: for each column that is carried along the ids of the cases with several values.
        first: returns the time of each case's first row.
        carried_late: time of the last row that gave a case a carried value and is not the case's
            first row; None where each value stands in the first row of its case.
    """

    ids: pl.Series
    dates: Mapping[str, pl.Series]
    carried: Mapping[str, pl.Series] = field(factory=dict)
    counts: Mapping[str, int]
    used: Mapping[str, int]
    bare: pl.Series
    again: pl.Series | None = None
    others: Mapping[str, pl.Series] = field(factory=dict)
    first: Callable[[], pl.Series]
    carried_late: dt.date | None = None


def choose(rows: LogRows, spec: CasesFromEvents) -> Choice:
    """Choose the row that gives each date, after sorting the rows by time."""
    declared, raw = spec.dates, rows.raw
    filed = spec.filing_date()
    order, ids = _ordered(rows)
    again = None if filed is None else _filed_again(order, declared[filed], ids)
    chosen = _chosen(order, again if spec.reopened == "last" else None, declared, ids)
    firsts = _by_case(order.group_by("code").agg(pl.col("at").min()), ids)
    places = {name: _first(order, raw[name], ids) for name in spec.columns}
    carried = {name: raw[name].gather(order["row"].gather(places[name])) for name in spec.columns}
    late = [order["time"].gather(at.filter(at > firsts)).max() for at in places.values()]
    named = {word for occurrence in declared.values() for word in occurrence.events}
    with_event = order["code"].filter(order["event"].is_in(list(named))).unique()
    is_bare = ~pl.int_range(ids.len(), eager=True).is_in(with_event.implode())
    return Choice(
        ids=ids,
        dates={name: order["time"].gather(chosen[name]) for name in declared},
        carried=carried,
        counts=_by_event(order),
        used=_by_event(order[pl.concat(list(chosen.values())).drop_nulls().unique()]),
        bare=ids.filter(is_bare),
        again=None if again is None else ids.filter(again.is_not_null()),
        others={name: _with_others(order, raw[name], carried[name], ids) for name in spec.columns},
        first=lambda: order["time"].gather(firsts),
        carried_late=_latest(late),
    )


def _latest(times: list[Any]) -> Any:
    return max((time for time in times if time is not None), default=None)


def _ordered(rows: LogRows) -> tuple[pl.DataFrame, pl.Series]:
    """Sort the rows that count by time, stably, and number the cases.

    Returns:
        the sorted rows: `at` (the position), `code` (the position of the case among the ids), `row`
        (the position in the log, from 0), `event`, `time`; and the sorted ids of the cases.
    """
    case, event, _ = rows.names
    frame = pl.DataFrame(
        {
            "id": text_of(rows.raw[case]),
            "event": text_of(rows.raw[event]).cast(pl.String),
            "time": rows.times,
        }
    )
    frame = frame.with_row_index("row")
    if (counts := rows.counts) is not None:
        frame = frame.filter(counts)
    cases = frame.select(pl.col("id").unique().sort()).with_row_index("code")
    order = frame.join(cases, on="id", how="left", maintain_order="left").drop("id")
    return order.sort("time", maintain_order=True).with_row_index("at"), cases["id"]


def _filed_again(order: pl.DataFrame, filing: Occurrence, ids: pl.Series) -> pl.Series:
    """Return the position of the last filing of each case; null for cases filed only once."""
    filings = order.filter(pl.col("event").is_in(filing.events)).group_by("code")
    again = filings.agg(pl.len(), pl.col("at").max()).filter(pl.col("len") > 1)
    return _by_case(again, ids)


def _chosen(
    order: pl.DataFrame,
    restarts: pl.Series | None,
    declared: Mapping[str, Occurrence],
    ids: pl.Series,
) -> dict[str, pl.Series]:
    """Return, for each date, the position of the row that gives it to each case; null for none."""
    if restarts is not None:
        before = order["at"] < restarts.gather(order["code"])
        order = order.filter(~before.fill_null(value=False))
    chosen: dict[str, pl.Series] = {}
    for name in in_turn(declared):
        occurrence, rows = declared[name], order
        if occurrence.after is not None:
            rows = rows.filter(rows["at"] > chosen[occurrence.after].gather(rows["code"]))
        if occurrence.before is not None:
            ahead = rows["at"] < chosen[occurrence.before].gather(rows["code"])
            rows = rows.filter(ahead.fill_null(value=True))
        picked = [_picked(rows, pick, ids) for pick in occurrence.picks]
        chosen[name] = pl.select(pl.coalesce(picked)).to_series()
    return chosen


def _picked(rows: pl.DataFrame, pick: Pick, ids: pl.Series) -> pl.Series:
    at = pl.col("at").max() if pick.last else pl.col("at").min()
    positions = rows.filter(pl.col("event").is_in(pick.events)).group_by("code").agg(at)
    return _by_case(positions, ids)


def _by_case(positions: pl.DataFrame, ids: pl.Series) -> pl.Series:
    """Return the positions (`code`, `at`) of some cases as a column of all cases, else null."""
    empty = pl.repeat(None, ids.len(), dtype=pl.UInt32, eager=True)
    return empty.scatter(positions["code"], positions["at"])


def _first(order: pl.DataFrame, values: pl.Series, ids: pl.Series) -> pl.Series:
    """Return the position of the first value of each case that is not null; null for none."""
    has_value = values.gather(order["row"]).is_not_null()
    rows = order.select("code", "at").filter(has_value)
    return _by_case(rows.group_by("code").agg(pl.col("at").min()), ids)


def _with_others(
    order: pl.DataFrame, values: pl.Series, kept: pl.Series, ids: pl.Series
) -> pl.Series:
    """Return the ids of the cases that have another value than the value that is kept."""
    present = values.gather(order["row"])
    other = present.is_not_null() & present.ne_missing(kept.gather(order["code"]))
    return ids.gather(order["code"].filter(other).unique().sort())


def _by_event(rows: pl.DataFrame) -> dict[str, int]:
    return dict(rows.group_by("event").agg(pl.len()).sort("event").iter_rows())
