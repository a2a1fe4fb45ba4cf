"""Choice of first and last occurrences in one aggregation, without sorting the log (S13)."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from kpi.definitions.log_sources import CasesFromEvents
from kpi.tables.event_log.choice import Choice
from kpi.tables.event_log.id_codes import id_codes
from kpi.tables.event_log.log_rows import LogRows, text_of

_ROW = "row"


def can_be_grouped(rows: LogRows, spec: CasesFromEvents) -> bool:
    """Return whether each date is the first or the last of one event, whatever the others are.

    The time of such an occurrence does not depend on the order of rows of equal times.

    Args:
        rows: the rows of the log.
        spec: the declaration of the cases.
    """
    return (
        not spec.columns
        and spec.reopened is None
        and all(
            occurrence.after is None
            and occurrence.before is None
            and len(occurrence.picks) == 1
            and len(occurrence.events) == 1
            for occurrence in spec.dates.values()
        )
        and isinstance(rows.raw.schema[rows.names[1]], pl.String | pl.Enum)
    )


def grouped_choice(rows: LogRows, spec: CasesFromEvents) -> Choice:
    """Choose the row that gives each date, where `can_be_grouped`; as `kpi.tables.event_log.choice`."""
    ids, events, times = _counted(rows)
    codes = id_codes(ids)
    frame = codes.with_columns(times.to_physical().alias("time"), events.alias("event"))
    frame = frame.with_row_index(_ROW)
    words = dict.fromkeys(o.picks[0].events[0] for o in spec.dates.values())
    of_event = {word: f"of {n}" for n, word in enumerate(words)}
    masked = [
        pl.when(_is(events, word)).then("time").alias(name) for word, name in of_event.items()
    ]
    results = {
        name: (pl.col(of_event[o.picks[0].events[0]]), o.picks[0].last)
        for name, o in spec.dates.items()
    }
    both = [word for word in words if len(_ends(spec, word)) > 1]
    grouped = (
        frame.lazy()
        .select(*codes.columns, _ROW, *masked)
        .group_by(codes.columns)
        .agg(
            pl.col(_ROW).min(),
            *(
                (column.max() if last else column.min()).alias(f"date {name}")
                for name, (column, last) in results.items()
            ),
            *(pl.col(of_event[word]).count().alias(f"many {word}") for word in both),
        )
        .sort(codes.columns)
        .collect()
    )
    dates = {name: grouped[f"date {name}"].cast(times.dtype) for name in spec.dates}
    case_ids = ids.gather(grouped[_ROW])
    is_bare = grouped.select(
        pl.all_horizontal(pl.col(f"date {name}").is_null() for name in spec.dates)
    ).to_series()
    return Choice(
        ids=case_ids,
        dates=dates,
        counts=_by_event(events),
        used=_used(spec, grouped),
        bare=case_ids.filter(is_bare),
        first=lambda: _first(frame, codes.columns, times),
    )


def _counted(rows: LogRows) -> tuple[pl.Series, pl.Series, pl.Series]:
    """Return case, event and time of the rows that count."""
    case, event, _ = rows.names
    columns = (text_of(rows.raw[case]), rows.raw[event], rows.times)
    counts = rows.counts
    ids, events, times = columns if counts is None else (c.filter(counts) for c in columns)
    return ids.rechunk(), events, times


def _is(events: pl.Series, word: str) -> pl.Series:
    """Return the mask of the rows of an event."""
    if isinstance(events.dtype, pl.Enum):
        codes = events.dtype.categories.to_list()
        number = codes.index(word) if word in codes else -1
        return events.to_physical().cast(pl.Int64) == number
    return events == word


def _ends(spec: CasesFromEvents, word: str) -> set[bool]:
    """Return whether the last occurrence of an event is asked for, the first one, or both."""
    return {o.picks[0].last for o in spec.dates.values() if o.picks[0].events == (word,)}


def _used(spec: CasesFromEvents, grouped: pl.DataFrame) -> dict[str, int]:
    """Return the rows that gave a case a date, by event; one that gave two is counted once."""
    used: dict[str, int] = {}
    for name, occurrence in spec.dates.items():
        (word,) = occurrence.picks[0].events
        cases = grouped.height - grouped[f"date {name}"].null_count()
        if len(_ends(spec, word)) > 1:
            cases += int((grouped[f"many {word}"] > 1).sum())
        used[word] = cases
    return {word: n for word, n in sorted(used.items()) if n}


def _by_event(events: pl.Series) -> Mapping[str, int]:
    counted = events.alias("event").value_counts(name="rows")
    pairs = zip(counted["event"].cast(pl.String), counted["rows"], strict=True)
    return dict(sorted(pairs))


def _first(frame: pl.DataFrame, codes: list[str], times: pl.Series) -> pl.Series:
    """Return the time of the first row of each case, in the order of the ids."""
    earliest = frame.lazy().group_by(codes).agg(pl.col("time").min()).sort(codes).collect()
    return earliest["time"].cast(times.dtype)
