"""Tables of pauses of a synthetic extract, for the cases whose time the pauses move."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator, Sequence

import polars as pl

from kpi.definitions.derived_dates import DateOffset
from kpi.definitions.limits import ByValue
from kpi.definitions.table import Table
from kpi.definitions.target import Target
from kpi.definitions.time_units import Span
from kpi.rules._pausable import PausableTarget

_PAUSED = 0.25
_OPEN = 0.1
_LONGEST = 40
_LONGEST_MINUTES = 240
_DAY = dt.timedelta(days=1)
_MINUTE = dt.timedelta(minutes=1)


def pause_frame(
    table: Table, of: Table, cases: pl.DataFrame, readers: Sequence[Target], seed: int
) -> pl.DataFrame:
    """Return a table of pauses: one or two intervals for some of the cases.

    Args:
        table: the declaration of the table of pauses.
        of: the declaration of the cases' table.
        cases: the frame of the cases.
        readers: the targets that read the cases' table.
        seed: what the choices depend on.
    """
    rng = random.Random(f"{seed}/{table.name}/pauses")  # noqa: S311 - a sample, not a secret
    pausable = [
        target
        for target in readers
        if isinstance(target, PausableTarget) and table.name in target.tables
    ]
    rows = list(_rows(of, cases, pausable, rng))
    in_times = any(map(_in_working_hours, pausable))
    kinds = [cases.schema[name] for name in of.key]
    kind = pl.Datetime("us") if in_times else pl.Date()
    # Every event is the end: a derived end is made of them, or of the beginning alone.
    ends = [*table.events, *table.dates]
    names = [*table.key, table.entry or "", *ends]
    types = [*kinds, *(kind for _ in names[len(kinds) :])]
    if in_times:
        # Of several targets that the pauses move some may count days, and a column is of one type.
        rows = [(*row[: len(kinds)], *map(_midnight, row[len(kinds) :])) for row in rows]
    frame = pl.DataFrame(
        [(*row, *[row[-1]] * (len(ends) - 1)) if ends else row[:-1] for row in rows],
        schema=dict(zip(names, types, strict=True)),
        orient="row",
    )
    return frame.with_columns(_further(table, frame.height, rng))


def _further(table: Table, height: int, rng: random.Random) -> list[pl.Series]:
    """Return the columns of numbers and texts that the end of a pause is derived from."""
    columns = []
    for name, kind in dict(table.made_of(table.pause_end)).items():
        if kind == "integer":
            numbers = [rng.randrange(1, _LONGEST) for _ in range(height)]
            columns.append(pl.Series(name, numbers, pl.Int64()))
        elif kind == "text":
            spans = (date.by for date in table.derived.values() if isinstance(date, DateOffset))
            values = [
                v
                for by in spans
                if isinstance(by, ByValue) and by.column == name
                for v in by.limits
            ]
            columns.append(pl.Series(name, rng.choices(values, k=height), pl.String()))
    return columns


def _rows(
    of: Table, cases: pl.DataFrame, pausable: Sequence[PausableTarget], rng: random.Random
) -> Iterator[tuple[object, ...]]:
    for row in cases.iter_rows(named=True) if pausable else ():
        if rng.random() >= _PAUSED:
            continue
        target = rng.choice(pausable)
        if _in_working_hours(target):
            yield from (
                (*(row[name] for name in of.key), *pause)
                for pause in _minutes(row.get(target.start), row.get(target.end), rng)
            )
            continue
        start, end = (_day(row.get(name)) for name in (target.start, target.end))
        if start is None:
            # A derived start stands in no column; the case's other dates are near it.
            start = min(filter(None, map(_day, row.values())), default=None)
        if start is None:
            continue
        room = (end - start).days if end is not None else _LONGEST
        room = min(room, 4 * _LONGEST)
        for _ in range(rng.choice((1, 1, 2))):
            begun = start + rng.randrange(-3, max(room, 1) + 3) * _DAY
            lasts = rng.randrange(1, _LONGEST)
            until = None if rng.random() < _OPEN else begun + lasts * _DAY
            yield (*(row[name] for name in of.key), begun, until)


def _in_working_hours(target: PausableTarget) -> bool:
    """Return whether pauses are deducted from a target by the minute (S35)."""
    limit = getattr(target, "limit", None)
    return isinstance(limit, Span) and limit.in_working_hours


def _minutes(
    start: object, end: object, rng: random.Random
) -> Iterator[tuple[dt.datetime, dt.datetime | None]]:
    """Yield one or two pauses of a few hours between two times."""
    if not isinstance(start, dt.datetime):
        return
    last = end if isinstance(end, dt.datetime) else start + _DAY
    room = max((last - start) // _MINUTE, 1)
    for _ in range(rng.choice((1, 1, 2))):
        begun = start + rng.randrange(room) * _MINUTE
        lasts = rng.randrange(1, _LONGEST_MINUTES) * _MINUTE
        yield begun, None if rng.random() < _OPEN else begun + lasts


def _midnight(value: object) -> object:
    """Return a date as the time at which it begins; others as they are."""
    if isinstance(value, dt.datetime) or not isinstance(value, dt.date):
        return value
    return dt.datetime.combine(value, dt.time())


def _day(value: object) -> dt.date | None:
    if isinstance(value, dt.datetime):
        return value.date()
    return value if isinstance(value, dt.date) else None
