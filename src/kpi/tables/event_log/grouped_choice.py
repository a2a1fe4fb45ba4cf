"""Choice of first and last occurrences in one aggregation, without sorting the log (S13)."""

from __future__ import annotations

import polars as pl

from kpi.definitions.log_sources import CasesFromEvents
from kpi.tables.event_log.choice import Choice
from kpi.tables.event_log.log_rows import LogRows, text_of


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
    frame = _counted(rows)
    time = pl.col("time")
    words = dict.fromkeys(o.picks[0].events[0] for o in spec.dates.values())
    of_event = {word: f"of {n}" for n, word in enumerate(words)}
    both = [word for word in words if len(_ends(spec, word)) > 1]
    events = frame["event"]
    masked = [pl.when(_is(events, word)).then(time).alias(name) for word, name in of_event.items()]
    results = {
        name: (pl.col(of_event[o.picks[0].events[0]]), o.picks[0].last)
        for name, o in spec.dates.items()
    }
    lazy = frame.lazy()
    by_case = (
        lazy.select("id", *masked)
        .group_by("id")
        .agg(
            *(
                (column.max() if last else column.min()).alias(f"date {name}")
                for name, (column, last) in results.items()
            ),
            *(pl.col(of_event[word]).count().alias(f"many {word}") for word in both),
        )
        .sort("id")
    )
    by_event = lazy.group_by("event").agg(pl.len().alias("rows"))
    # The streaming engine groups texts in half of the time of the other, each core a part of them.
    grouped, counted = pl.collect_all([by_case, by_event], engine="streaming")
    is_bare = grouped.select(
        pl.all_horizontal(pl.col(f"date {name}").is_null() for name in spec.dates)
    ).to_series()
    return Choice(
        ids=grouped["id"],
        dates={name: grouped[f"date {name}"] for name in spec.dates},
        counts=dict(sorted(counted.select(pl.col("event").cast(pl.String), "rows").rows())),
        used=_used(spec, grouped),
        bare=grouped["id"].filter(is_bare),
        first=lambda: _first(frame),
    )


def _counted(rows: LogRows) -> pl.DataFrame:
    """Return `id`, `event` and `time` of the rows that count."""
    case, event, _ = rows.names
    columns = {"id": text_of(rows.raw[case]), "event": rows.raw[event], "time": rows.times}
    frame = pl.DataFrame([column.alias(name) for name, column in columns.items()])
    return frame if rows.counts is None else frame.filter(rows.counts)


def _is(events: pl.Series, word: str) -> pl.Expr:
    """Return the mask of the rows of an event."""
    if isinstance(events.dtype, pl.Enum) and word not in events.dtype.categories:
        return pl.lit(value=False)
    return pl.col("event") == word


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


def _first(frame: pl.DataFrame) -> pl.Series:
    """Return the time of the first row of each case, in the order of the ids."""
    earliest = frame.lazy().group_by("id").agg(pl.col("time").min()).sort("id")
    return earliest.collect(engine="streaming")["time"]
