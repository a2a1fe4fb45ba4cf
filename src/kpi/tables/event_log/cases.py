"""Conversion of an event log, a row per event, to a table of cases by declared choices (S13).

No row is lost in silence: each row is used, or is an occurrence that was not chosen, or is of an
event that nobody declared, or is rejected for a reason, or lies after the as-of date.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import TypeGuard, TypeVar

import polars as pl
from attrs import field, frozen

from kpi.definitions.fields import text
from kpi.definitions.log_sources import CasesFromEvents, Reopened
from kpi.definitions.messages import Message
from kpi.definitions.occurrences import Dates
from kpi.definitions.sections import from_section
from kpi.definitions.windows import to_date
from kpi.errors import DataError, PlanError
from kpi.fork_guard import use_engine
from kpi.tables.event_log.choice import Choice, choose
from kpi.tables.event_log.grouped_choice import can_be_grouped, grouped_choice
from kpi.tables.event_log.log_rows import LogRows
from kpi.tables.event_log.reading import DEFAULTS, is_xes, read_log
from kpi.tables.event_log.remarks import LOG, on_events, on_lifecycle, some
from kpi.tables.event_log.xes import LIFECYCLE
from kpi.tables.quality import Remark
from kpi.tables.sources.resolve import OneTable

_T = TypeVar("_T")


@frozen(kw_only=True, eq=False)
class EventCases:
    """Table of cases of an event log, and counts of the rows that are not in it.

    rows = used + not chosen + undeclared + rejected + hidden, always.

    Attributes:
        cases: a row per case that has a usable row, in the order of the ids: the id, the declared
            dates as the log has them, and the columns carried along.
        rows: number of rows of the log.
        used: event -> rows that gave a case a date.
        not_chosen: event -> further rows, of declared events.
        undeclared: event -> rows, of events that no date names.
        rejected: the rows that cannot be used: `row` (counted from 1 in the log), `reason`, and the
            columns that were read, as they came.
        hidden: number of usable rows that lie after the as-of date (S15).
        remarks: what a reader should know; `notes` are these as lines.
    """

    cases: pl.DataFrame
    rows: int
    used: Mapping[str, int]
    not_chosen: Mapping[str, int]
    undeclared: Mapping[str, int]
    rejected: pl.DataFrame
    hidden: int
    remarks: tuple[Remark, ...] = field(default=(), repr=False)

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader should know, a line each."""
        return tuple(map(str, self.remarks))


def cases_from_events(
    log: OneTable,
    dates: Dates,
    *,
    case: str | None = None,
    event: str | None = None,
    time: str | None = None,
    time_format: str | None = None,
    columns: str | Iterable[str] = (),
    reopened: Reopened | None = None,
    filing: str | None = None,
    as_of: dt.date | str | None = None,
    time_zone: str = "Europe/Copenhagen",
) -> EventCases:
    """Convert an event log to a table of cases, by declared choices (S13).

    Events stand in the order of their times, and where times are equal in the order of the rows.

    Args:
        log: the log, in any form that `kpi` takes as one table, or the path of an XES file (.xes or
            .xes.gz).
        dates: for each date of a case the event that the date is the time of: the name of the
            event, for its first occurrence; or one of `{"first": event}`, `{"last": event}`,
            `{"first_of": events}`, `{"last_of": events}` and `{"in_order": events}`, the first
            event of the list that happened at all. With `"after": date`, only rows behind that
            date's row count; with `"before": date`, only rows ahead of it, where there is one: the
            last letter before the decision starts a clock again (S36).
        case: the column that names the case (default: case_id, or XES's case:concept:name).
        event: the column that names the event (default: event, or XES's concept:name).
        time: the column of the event's time (default: time, or XES's time:timestamp).
        time_format: the format of times in texts (default: ISO 8601).
        columns: columns to carry along; each case gets the first value that is not null.
        reopened: the filing that a case counts from that was filed more than once. With "last" the
            case restarts there: none of its earlier rows gives a date.
        filing: the date that is the filing, where `reopened` is given (default: the first date).
        as_of: the as-of date: rows later than the end of this day are left out (S15; default: no
            row is). A last occurrence of the whole log need not be the last one known by then.
        time_zone: the time zone in which days are local (S1).

    Returns:
        the table of cases, and the counts of the rows that are not in it.

    Raises:
        DataError: where the declaration is mistaken, naming every mistake; where the log cannot be
            read, lacks a column or holds the wrong type in one, or where no time can be read.
    """
    use_engine()
    spec = _declaration(
        {
            "dates": dates,
            "case": case,
            "event": event,
            "time": time,
            "time_format": time_format,
            "columns": list(columns) if _is_several(columns) else columns,
            "reopened": reopened,
            "filing": filing,
        }
    )
    zone = _argument("time_zone", time_zone, text)
    day = None if as_of is None else _argument("as_of", as_of, to_date)
    raw, names = read_log(log, {"case": case, "event": event, "time": time}, spec.columns)
    key = DEFAULTS[0] if case is None or is_xes(log) else case
    refuse_clashes(key, spec)
    rows = LogRows.of(raw, names, time_format=time_format, as_of=day, time_zone=zone)
    return event_cases(rows, spec, chosen(rows, spec), key)


def chosen(rows: LogRows, spec: CasesFromEvents) -> Choice:
    """Choose the row that gives each date of each case, in the fastest way that can.

    Args:
        rows: the rows of the log.
        spec: the declaration of the cases.
    """
    return grouped_choice(rows, spec) if can_be_grouped(rows, spec) else choose(rows, spec)


def event_cases(rows: LogRows, spec: CasesFromEvents, choice: Choice, key: str) -> EventCases:
    """Return the table of cases of a log and what is not in it, after the choice of dates.

    Args:
        rows: the rows of the log.
        spec: the declaration of the cases.
        choice: the chosen dates.
        key: the name of the column of ids.
    """
    counts, used = choice.counts, choice.used
    named = {word for occurrence in spec.dates.values() for word in occurrence.events}
    left = {word: counts[word] - used.get(word, 0) for word in counts if word in named}
    not_chosen = {word: n for word, n in left.items() if n}
    undeclared = {word: n for word, n in counts.items() if word not in named}
    remarks = [
        *rows.remarks(),
        *on_events(named - set(counts), not_chosen, undeclared),
        *some(
            LOG,
            Message("without any declared event"),
            choice.bare,
            code="log-cases-without-event",
        ),
    ]
    if choice.again is not None:
        which = (
            Message("filed more than once, counted from the last filing")
            if spec.reopened == "last"
            else Message("filed more than once, counted from the first filing")
        )
        remarks += some(f"{spec.filing_date()}", which, choice.again, code="log-filed-again")
    for name, ids in choice.others.items():
        what = Message("with several values, the first kept")
        remarks += some(name, what, ids, code="log-several-values")
    if LIFECYCLE in rows.raw.columns:
        remarks += on_lifecycle(rows.raw[LIFECYCLE])
    columns = {key: choice.ids, **choice.dates, **choice.carried}
    return EventCases(
        cases=pl.DataFrame([series.alias(name) for name, series in columns.items()]),
        rows=rows.raw.height,
        used=used,
        not_chosen=not_chosen,
        undeclared=undeclared,
        rejected=rows.rejected(),
        hidden=rows.hidden_rows,
        remarks=tuple(remarks),
    )


def refuse_clashes(key: str, spec: CasesFromEvents) -> None:
    """Check that the columns of the case table have a name each.

    Args:
        key: the name of the column of ids.
        spec: the declaration of the cases.

    Raises:
        DataError: naming the first name of two columns.
    """
    twice = [name for name, n in Counter([key, *spec.dates, *spec.columns]).items() if n > 1]
    if twice:
        raise DataError(
            f"the case table would hold two columns {twice[0]!r}; the id, the dates and the "
            "columns carried along need a name each"
        )


def _is_several(columns: object) -> TypeGuard[Iterable[str]]:
    return isinstance(columns, Iterable) and not isinstance(columns, str | Mapping)


def _declaration(arguments: Mapping[str, object]) -> CasesFromEvents:
    """Return the declaration that arguments make.

    Raises:
        DataError: naming every mistake, a line each: the argument, what was found, what is accepted.
    """
    try:
        return from_section(CasesFromEvents, arguments)
    except PlanError as error:
        lines = (f"{_place(problem.place)}: {problem.message}" for problem in error.problems)
        raise DataError("\n".join(lines)) from None


def _place(keys: tuple[str | int, ...]) -> str:
    first, *rest = keys
    return f"{first}" + "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in rest)


def _argument(name: str, value: object, check: Callable[[object], _T]) -> _T:
    """Return an argument as a check of plan values converts it.

    Raises:
        DataError: where the check raises a `PlanError`, with the name of the argument.
    """
    try:
        return check(value)
    except PlanError as error:
        raise DataError(f"{name}: {error}") from None
