"""Conversion of an event log, a row per event, to a table of cases by declared choices (S13).

No row is lost in silence: each row is used, or is an occurrence that was not chosen, or is of an
event that nobody declared, or is rejected for a reason, or lies after the as-of date.
"""

from __future__ import annotations

import datetime as dt
import os
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Literal, TypeAlias, TypeGuard, TypeVar

import polars as pl
from attrs import frozen
from polars.exceptions import PanicException, PolarsError

from kpi.definitions.fields import choice, optional_text
from kpi.definitions.fields import names as texts
from kpi.definitions.table import Table
from kpi.definitions.windows import to_date
from kpi.errors import DataError, PlanError, first_line, listed, suggest
from kpi.fork_guard import use_engine
from kpi.tables.calendar_ends import calendar_ends
from kpi.tables.date_hints import likely_format, what_it_is
from kpi.tables.date_texts import iso_times, times_as
from kpi.tables.event_log.occurrences import Dates, Occurrence, Pick, in_turn, parse_dates
from kpi.tables.event_log.xes import LIFECYCLE, NAME, TIME, read_xes
from kpi.tables.event_log.xes import SUFFIXES as XES_SUFFIXES
from kpi.tables.key_columns import with_plain_keys
from kpi.tables.quality import NAMED, rows_text
from kpi.tables.redaction import cell
from kpi.tables.sources.files import SUFFIXES
from kpi.tables.sources.foreign_columns import advice
from kpi.tables.sources.resolve import OneTable, lazy_table, readable_table

Reopened: TypeAlias = Literal["first", "last"]
"""Filing that a case counts from that was filed more than once (S13)."""

_T = TypeVar("_T")

_LOG = "log"
_DEFAULTS = ("case_id", "event", "time")
_OF_XES = (f"case:{NAME}", NAME, TIME)
_REOPENED = ("first", "last")
_WORDS = pl.String | pl.Categorical | pl.Enum
_IDS = _WORDS | pl.Boolean | pl.Date | pl.Datetime | pl.Null


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
        notes: what a reader should know, a line each.
    """

    cases: pl.DataFrame
    rows: int
    used: Mapping[str, int]
    not_chosen: Mapping[str, int]
    undeclared: Mapping[str, int]
    rejected: pl.DataFrame
    hidden: int
    notes: tuple[str, ...]


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
            date's row count.
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
    declared = parse_dates(dates)
    carried = _argument("columns", _listed(columns), texts)
    filed = _filing(declared, reopened, filing)
    given = {"case": case, "event": event, "time": time}
    for what, value in {**given, "time_format": time_format, "time_zone": time_zone}.items():
        _argument(what, value, optional_text)
    day = None if as_of is None else _argument("as_of", as_of, to_date)
    raw, names = _read(log, given, carried)
    key = _DEFAULTS[0] if case is None or _is_xes(log) else case
    _refuse_clashes(key, declared, carried)

    reasons, times = _checked(raw, names, time_format)
    usable = reasons.is_null()
    hidden = usable & _after(times, day, time_zone)
    order, ids = _ordered(raw, names, usable & ~hidden, times)
    again = None if filed is None else _filed_again(order, declared[filed], ids)
    chosen = _chosen(order, again if reopened == "last" else None, declared, ids)
    kept = {name: _first(order, raw[name], ids) for name in carried}
    cases = {key: ids, **{name: order["time"].gather(chosen[name]) for name in declared}, **kept}

    counts = _by_event(order)
    named = {word for occurrence in declared.values() for word in occurrence.events}
    used = _by_event(order[pl.concat(list(chosen.values())).drop_nulls().unique()])
    left = {word: counts[word] - used.get(word, 0) for word in counts if word in named}
    not_chosen = {word: n for word, n in left.items() if n}
    undeclared = {word: n for word, n in counts.items() if word not in named}
    notes = [
        *_row_notes(raw, names[0], reasons, hidden),
        *_event_notes(named - set(counts), not_chosen, undeclared),
        *_bare_notes(order, named, ids),
    ]
    if again is not None:
        which = f"filed more than once, counted from the {reopened} filing"
        notes += _some(f"{filed}", which, ids.filter(again.is_not_null()))
    for name in carried:
        others = _with_others(order, raw[name], kept[name], ids)
        notes += _some(name, "with several values, the first kept", others)
    if LIFECYCLE in raw.columns:
        notes += _lifecycle_notes(raw[LIFECYCLE])
    return EventCases(
        cases=pl.DataFrame([series.alias(name) for name, series in cases.items()]),
        rows=raw.height,
        used=used,
        not_chosen=not_chosen,
        undeclared=undeclared,
        rejected=_rejected(raw, reasons),
        hidden=hidden.filter(hidden).len(),
        notes=tuple(notes),
    )


# The declaration.


def _listed(columns: object) -> object:
    if isinstance(columns, Iterable) and not isinstance(columns, str | Mapping):
        return list(columns)
    return columns


def _argument(name: str, value: object, check: Callable[[object], _T]) -> _T:
    """Return an argument as a check of plan values converts it.

    Raises:
        DataError: where the check raises a `PlanError`, with the name of the argument.
    """
    try:
        return check(value)
    except PlanError as error:
        raise DataError(f"{name}: {error}") from None


def _filing(declared: Mapping[str, Occurrence], reopened: object, filing: object) -> str | None:
    """Return the name of the date that is the filing; None where `reopened` is not given.

    Raises:
        DataError: where the date cannot be the filing, or `filing` is given alone.
    """
    if reopened is None:
        if filing is not None:
            raise DataError(
                f"filing: found {filing!r} and no reopened; accepted with it: reopened = "
                f"{listed([repr(which) for which in _REOPENED])}"
            )
        return None
    _argument("reopened", reopened, lambda value: choice(value, _REOPENED))
    filing_date = next(iter(declared)) if filing is None else filing
    name = _argument("filing", filing_date, lambda value: choice(value, declared))
    occurrence = declared[name]
    if occurrence.after is not None or len(occurrence.picks) > 1:
        raise DataError(
            f"dates.{name}: is the filing, which takes first, last, first_of or last_of and no "
            "after; name another date by filing"
        )
    if reopened == "first" and occurrence.picks[0].last:
        raise DataError(f"dates.{name}: is the last filing, where reopened='first' asks the first")
    return name


def _refuse_clashes(key: str, declared: Collection[str], carried: Collection[str]) -> None:
    twice = [name for name, n in Counter([key, *declared, *carried]).items() if n > 1]
    if twice:
        raise DataError(
            f"the case table would hold two columns {twice[0]!r}; the id, the dates and the "
            "columns carried along need a name each"
        )


# The log.


def _is_xes(log: object) -> TypeGuard[str | os.PathLike[str]]:
    return isinstance(log, str | os.PathLike) and os.fspath(log).lower().endswith(XES_SUFFIXES)


def _read(
    log: OneTable, given: Mapping[str, str | None], carried: Sequence[str]
) -> tuple[pl.DataFrame, tuple[str, ...]]:
    """Read the columns needed of the log, and return the names of case, event and time among them.

    Raises:
        DataError: where the log cannot be read or lacks a column.
    """
    named = {what: name for what, name in given.items() if name is not None}
    if _is_xes(log):
        return read_xes(log, columns=carried, **named), _DEFAULTS
    try:
        log, unreadable = _of_one_form(log)
        lazy, names = _opened(log, tuple(given.values()))
        if len(set(names)) < len(names):
            raise DataError(f"case, event, time: found {listed(names)}; accepted: three columns")
        schema = lazy.collect_schema()
        for name in (*names, *carried):
            if kind := unreadable.get(name):
                raise DataError(
                    f"{_LOG}: column {name} holds {kind}, which cannot be read; {advice(kind)}"
                )
        missing = dict.fromkeys(name for name in (*names, *carried) if name not in schema)
        if missing:
            hints = [f"{name}{suggest(name, schema)}" for name in missing]
            raise DataError(f"{_LOG}: missing column {listed(hints)}; found {listed(list(schema))}")
        also = [LIFECYCLE] if LIFECYCLE in schema else []
        needed = list(dict.fromkeys([*names, *carried, *also]))
        return with_plain_keys(lazy.select(needed).collect(), _LOG, names[:1]), names
    except (PolarsError, PanicException, OSError) as error:
        raise DataError(f"{_LOG}: cannot be read: {first_line(error)}") from error


def _of_one_form(log: OneTable) -> tuple[OneTable, Mapping[str, str]]:
    """Return the log as a path or a frame, and the type of each column that cannot be read."""
    if not isinstance(log, str | os.PathLike):
        return readable_table(log, Table(_LOG, key=_DEFAULTS))
    path = Path(log)
    if path.is_file() and path.suffix.lower() not in SUFFIXES:
        accepted = listed((*SUFFIXES, *XES_SUFFIXES))
        raise DataError(f"{path}: unknown kind of file; accepted: {accepted}")
    if path.suffix.lower() == ".csv":
        return log, {}
    return readable_table(log, Table(_LOG, key=_DEFAULTS))


def _opened(log: OneTable, given: tuple[str | None, ...]) -> tuple[pl.LazyFrame, tuple[str, ...]]:
    """Return the log and the names of its columns: as given, else all defaults or all XES's."""
    plain, of_xes = (
        tuple(d if name is None else name for name, d in zip(given, defaults, strict=True))
        for defaults in (_DEFAULTS, _OF_XES)
    )
    # The names tell the separator of a CSV file, so that the file is opened for each set of names.
    lazy = lazy_table(log, _table(plain))
    if not set(plain) <= set(lazy.collect_schema()):
        other = lazy_table(log, _table(of_xes))
        if set(of_xes) <= set(other.collect_schema()):
            return other, of_xes
    return lazy, plain


def _table(names: tuple[str, ...]) -> Table:
    """Return the declaration of the log as a table with the key case, event and time."""
    return Table(_LOG, key=tuple(dict.fromkeys(names)), dates=[names[2]])


# Usable rows.


def _checked(
    raw: pl.DataFrame, names: Sequence[str], time_format: str | None
) -> tuple[pl.Series, pl.Series]:
    """Return the reason why each row is rejected, null for usable rows; and the times.

    Raises:
        DataError: where a column is of the wrong type, or no time can be parsed.
    """
    case, event, time = (raw[name] for name in names)
    problems: list[str] = []
    if not (case.dtype.is_integer() or isinstance(case.dtype, _IDS)):
        what = f"{_LOG}: column {case.name} holds {case.dtype}"
        problems.append(f"{what}; a case is named by text, whole numbers or dates")
    if not isinstance(event.dtype, _WORDS | pl.Null):
        problems.append(f"{_LOG}: column {event.name} holds {event.dtype}; events are texts")
    times, bad = _times(time, time_format, problems)
    if problems:
        raise DataError("\n".join(problems))
    why = [(f"{series.name} missing", _text(series).is_null()) for series in (case, event, time)]
    reasons = pl.coalesce(
        *(pl.when(rows).then(pl.lit(reason)) for reason, rows in (*why, *bad)),
        pl.repeat(None, raw.height, dtype=pl.String),
    )
    return pl.select(reasons.alias("reason")).to_series(), times


def _text(series: pl.Series) -> pl.Series:
    """Return categories as texts, and empty texts as null; other types as they are."""
    if isinstance(series.dtype, _WORDS):
        return series.cast(pl.String).replace("", None)
    return series


def _times(
    series: pl.Series, time_format: str | None, problems: list[str]
) -> tuple[pl.Series, list[tuple[str, pl.Series]]]:
    """Parse a column as times.

    Args:
        series: the column.
        time_format: the format of texts; None for ISO 8601.
        problems: messages, to which mistakes of the whole column are added.

    Returns:
        the times, and pairs (reason, Boolean mask of the rows that are rejected).
    """
    name, given = series.name, _text(series)
    bad: list[tuple[str, pl.Series]] = []
    times = given
    if given.dtype == pl.Null:
        times = given.cast(pl.Datetime("us"))
    elif given.dtype == pl.String:
        try:
            times, style = (
                iso_times(given)
                if time_format is None
                else (times_as(given, time_format), time_format)
            )
        except PolarsError as error:
            problems.append(f"time_format {time_format!r}: {first_line(error)}")
            return series, bad
        bad.append((f"{name} is not a time as {style}", given.is_not_null() & times.is_null()))
        if bad[0][1].any() and times.is_null().all():
            example = given.drop_nulls()[0]
            likely = likely_format(given, example, timed=False)
            advice = what_it_is(example) if likely is None else None
            advice = advice or f"give time_format, such as '{likely or '%d-%m-%Y %H:%M'}'"
            problems.append(
                f"{_LOG}: column {name}: no value is a time as {style} (the first is {cell(example)}); {advice}"
            )
    if not isinstance(times.dtype, pl.Datetime | pl.Date):
        problems.append(
            f"{_LOG}: column {name} holds {series.dtype}; accepted: times, dates, texts"
        )
        return series, bad
    bad.append((f"{name} lies outside the years 1 to 9999", ~_within_calendar(times)))
    return times, bad


def _within_calendar(times: pl.Series) -> pl.Series:
    """Return the mask of times within the years 1 to 9999 (S1); null counts as within."""
    assert isinstance(times.dtype, pl.Date | pl.Datetime), "others are no times"
    return times.to_physical().is_between(*calendar_ends(times.dtype)).fill_null(value=True)


def _local(times: pl.Series, time_zone: str) -> pl.Series:
    # Nanoseconds overflow in 2262.
    try:
        return times.dt.cast_time_unit("us").dt.convert_time_zone(time_zone)
    except PolarsError as error:
        raise DataError(f"time_zone {time_zone!r}: {first_line(error)}") from error


def _after(times: pl.Series, day: dt.date | None, time_zone: str) -> pl.Series:
    """Return the mask of times after the local day (S1); all false where the day is None."""
    if day is None:
        return pl.repeat(False, times.len(), eager=True)  # noqa: FBT003 - the value
    if isinstance(times.dtype, pl.Datetime) and times.dtype.time_zone is not None:
        times = _local(times, time_zone)
    return (times.dt.date() > day).fill_null(value=False)


def _rejected(raw: pl.DataFrame, reasons: pl.Series) -> pl.DataFrame:
    number = pl.int_range(1, raw.height + 1, dtype=pl.Int64).alias("row")
    return raw.select(number, reasons, pl.exclude("row", "reason")).filter(reasons.is_not_null())


# Choice of the row that gives each date.


def _ordered(
    raw: pl.DataFrame, names: Sequence[str], counts: pl.Series, times: pl.Series
) -> tuple[pl.DataFrame, pl.Series]:
    """Sort the rows that count by time, stably, and number the cases.

    Args:
        raw: the log.
        names: the columns of case, event and time.
        counts: Boolean mask of the rows that count.
        times: the parsed times.

    Returns:
        the sorted rows: `at` (the position), `code` (the position of the case among the ids), `row`
        (the position in the log, from 0), `event`, `time`; and the sorted ids of the cases.
    """
    case, event, _ = names
    rows = pl.DataFrame(
        {"id": _text(raw[case]), "event": _text(raw[event]).cast(pl.String), "time": times}
    )
    rows = rows.with_row_index("row").filter(counts)
    cases = rows.select(pl.col("id").unique().sort()).with_row_index("code")
    order = rows.join(cases, on="id", how="left", maintain_order="left").drop("id")
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
    """Return the first value of each case that is not null; null where there is none."""
    has_value = values.gather(order["row"]).is_not_null()
    rows = order.select("code", "at").filter(has_value)
    places = _by_case(rows.group_by("code").agg(pl.col("at").min()), ids)
    return values.gather(order["row"].gather(places))


def _with_others(
    order: pl.DataFrame, values: pl.Series, kept: pl.Series, ids: pl.Series
) -> pl.Series:
    """Return the ids of the cases that have another value than the value that is kept."""
    present = values.gather(order["row"])
    other = present.is_not_null() & present.ne_missing(kept.gather(order["code"]))
    return ids.gather(order["code"].filter(other).unique().sort())


# Notes.


def _by_event(rows: pl.DataFrame) -> dict[str, int]:
    return dict(rows.group_by("event").agg(pl.len()).sort("event").iter_rows())


def _row_notes(
    raw: pl.DataFrame, case: str, reasons: pl.Series, hidden: pl.Series
) -> Iterator[str]:
    if not raw.height:
        yield f"{_LOG}: the log has no rows"
    counts = reasons.drop_nulls().value_counts(name="rows").sort("reason")
    for reason, n in counts.iter_rows():
        yield f"{_LOG}: {n:,} of {rows_text(raw.height)} rejected: {reason}"
    if later := hidden.filter(hidden).len():
        yield f"{_LOG}: {rows_text(later)} after the as-of date, left out"
    ids = _text(raw[case])
    lost = ids.filter(reasons.is_not_null()).drop_nulls().unique().sort()
    usable = ids.filter(reasons.is_null()).unique()
    yield from _some(
        _LOG, "without a usable row, left out", lost.filter(~lost.is_in(usable.implode()))
    )


def _event_notes(
    unheard: Collection[str], not_chosen: Mapping[str, int], undeclared: Mapping[str, int]
) -> Iterator[str]:
    if unheard:
        words = [f"{word!r}{suggest(word, undeclared)}" for word in sorted(unheard)]
        yield f"{_LOG}: no row holds what is declared: {listed(words)}"
    for counts, what in (
        (undeclared, "of events that are not declared"),
        (not_chosen, "of declared events that were not chosen"),
    ):
        if counts:
            yield f"{_LOG}: {rows_text(sum(counts.values()))} {what}: {_most(counts)}"


def _bare_notes(order: pl.DataFrame, named: Collection[str], ids: pl.Series) -> Iterator[str]:
    with_one = order["code"].filter(order["event"].is_in(list(named))).unique()
    bare = ids.filter(~pl.int_range(ids.len(), eager=True).is_in(with_one.implode()))
    yield from _some(_LOG, "without any declared event", bare)


def _lifecycle_notes(steps: pl.Series) -> Iterator[str]:
    counts = dict(steps.drop_nulls().value_counts(name="rows").iter_rows())
    if len(counts) > 1:
        yield f"{_LOG}: rows of several steps of {LIFECYCLE}, all taken alike: {_most(counts)}"


def _most(counts: Mapping[str, int]) -> str:
    """Return the words with the most rows, and their numbers of rows, as one text."""
    shown = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return listed([f"{word!r} ({n:,})" for word, n in shown], NAMED)


def _some(place: str, what: str, ids: pl.Series) -> Iterator[str]:
    """Yield a line with the number of cases and a few ids; nothing where there are no cases."""
    if n := ids.len():
        few = listed(ids.head(NAMED).to_list())
        yield f"{place}: {n:,} {'case' if n == 1 else 'cases'} {what}; among them {few}"
