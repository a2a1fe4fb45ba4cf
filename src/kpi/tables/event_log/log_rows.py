"""Usable rows of an event log: their times, why others are rejected, which come after the as-of date."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from zoneinfo import ZoneInfo

import polars as pl
from attrs import frozen
from polars.exceptions import PolarsError

from kpi.definitions.extract_file import EpochUnit
from kpi.definitions.messages import Message
from kpi.errors import DataError, first_line
from kpi.tables.calendar_ends import calendar_ends
from kpi.tables.date_hints import likely_format, what_it_is
from kpi.tables.date_texts import iso_times, times_as
from kpi.tables.epochs import epoch_dates, epoch_words
from kpi.tables.event_log.remarks import LOG, some
from kpi.tables.quality import Remark, rows_text
from kpi.tables.redaction import cell
from kpi.tables.rejections import rejection

_WORDS = pl.String | pl.Categorical | pl.Enum
_IDS = _WORDS | pl.Boolean | pl.Date | pl.Datetime | pl.Null
_DAY_TICKS = {"ms": 86_400_000, "us": 86_400_000_000, "ns": 86_400_000_000_000}


@frozen(kw_only=True, eq=False, repr=False)
class LogRows:
    """Rows of an event log, each usable, rejected for a reason, or later than the as-of date.

    Attributes:
        raw: the rows in the columns that are read, as they came.
        names: the columns of case, event and time.
        times: the time of each row; null where it cannot be read.
        reasons: why each row is rejected, null for usable rows; None where all rows are usable.
        hidden: Boolean mask of the usable rows after the as-of date; None where there are none.
    """

    raw: pl.DataFrame
    names: tuple[str, ...]
    times: pl.Series
    reasons: pl.Series | None
    hidden: pl.Series | None

    @classmethod
    def of(
        cls,
        raw: pl.DataFrame,
        names: Sequence[str],
        *,
        time_format: str | None = None,
        unit: EpochUnit | None = None,
        as_of: dt.date | None = None,
        time_zone: str,
    ) -> LogRows:
        """Read the times of a log, and tell the usable rows from the others.

        Args:
            raw: the rows.
            names: the columns of case, event and time.
            time_format: the format of times in texts (default: ISO 8601).
            unit: the unit of times that are numbers; None where they are no numbers.
            as_of: the as-of date; None for no such date.
            time_zone: the zone in which days are local (S1).

        Raises:
            DataError: where a column is of the wrong type, or no time can be read.
        """
        reasons, times = _checked(raw, names, time_format, unit)
        hidden = None if as_of is None else _after(times, as_of, time_zone)
        if hidden is not None and reasons is not None:
            hidden &= reasons.is_null()
        if hidden is not None and not hidden.any():
            hidden = None
        return cls(raw=raw, names=tuple(names), times=times, reasons=reasons, hidden=hidden)

    @property
    def counts(self) -> pl.Series | None:
        """Boolean mask of the rows that count: usable and not hidden; None where all do."""
        masks = [] if self.reasons is None else [self.reasons.is_null()]
        masks += [] if self.hidden is None else [~self.hidden]
        if not masks:
            return None
        return masks[0] if len(masks) == 1 else masks[0] & masks[1]

    @property
    def hidden_rows(self) -> int:
        """Number of usable rows after the as-of date."""
        return 0 if self.hidden is None else int(self.hidden.sum())

    def rejected(self) -> pl.DataFrame:
        """Return the rejected rows: `row` (from 1), `reason`, and the columns as they came."""
        raw = self.raw
        number = pl.int_range(1, raw.height + 1, dtype=pl.Int64).alias("row")
        others = pl.exclude("row", "reason")
        if self.reasons is None:
            none = pl.Series("reason", [], dtype=pl.String)
            return raw.clear().select(number.head(0), none, others)
        return raw.select(number, self.reasons, others).filter(self.reasons.is_not_null())

    def remarks(self) -> Iterator[Remark]:
        """Yield the notes on rejected and hidden rows, and on the cases that are lost by them."""
        raw, reasons = self.raw, self.reasons
        if not raw.height:
            yield Remark(Message("{log}: the log has no rows", log=LOG), code="empty-log")
        if reasons is not None:
            counts = reasons.drop_nulls().value_counts(name="rows").sort("reason")
            for reason, n in counts.iter_rows():
                text = Message(
                    "{table}: {n:,} of {rows} rejected: {reason}",
                    table=LOG,
                    n=n,
                    rows=rows_text(raw.height),
                    reason=rejection(reason),
                )
                yield Remark(text, code="log-rejected-rows")
        if self.hidden_rows:
            rows = rows_text(self.hidden_rows)
            text = Message("{log}: {rows} after the as-of date, left out", log=LOG, rows=rows)
            yield Remark(text, code="log-later-rows")
        if reasons is not None:
            ids = text_of(raw[self.names[0]])
            lost = ids.filter(reasons.is_not_null()).drop_nulls().unique().sort()
            usable = ids.filter(reasons.is_null()).unique()
            without = lost.filter(~lost.is_in(usable.implode()))
            what = Message("without a usable row, left out")
            yield from some(LOG, what, without, code="log-cases-lost")


def text_of(series: pl.Series) -> pl.Series:
    """Return categories as texts, and empty texts as null; other types as they are."""
    if isinstance(series.dtype, _WORDS):
        texts = series.cast(pl.String)
        return texts.set(texts == "", None) if (texts == "").any() else texts
    return series


def local_day(time: dt.datetime | dt.date, time_zone: str) -> dt.date:
    """Return the local date of a time of a log (S1)."""
    if not isinstance(time, dt.datetime):
        return time
    return (time if time.tzinfo is None else time.astimezone(ZoneInfo(time_zone))).date()


def _checked(
    raw: pl.DataFrame, names: Sequence[str], time_format: str | None, unit: EpochUnit | None
) -> tuple[pl.Series | None, pl.Series]:
    """Return the reason why each row is rejected, None where all are usable; and the times.

    Raises:
        DataError: where a column is of the wrong type, or no time can be parsed.
    """
    case, event, time = (raw[name] for name in names)
    problems: list[str] = []
    if not (case.dtype.is_integer() or isinstance(case.dtype, _IDS)):
        what = f"{LOG}: column {case.name} holds {case.dtype}"
        problems.append(f"{what}; a case is named by text, whole numbers or dates")
    if not isinstance(event.dtype, _WORDS | pl.Null):
        problems.append(f"{LOG}: column {event.name} holds {event.dtype}; events are texts")
    times, bad = _times(time, time_format, unit, problems)
    if problems:
        raise DataError("\n".join(problems))
    why = [(f"{series.name} missing", _missing(series)) for series in (case, event, time)]
    given = [(reason, rows) for reason, rows in (*why, *bad) if rows is not None and rows.any()]
    if not given:
        return None, times
    reasons = pl.coalesce(
        *(pl.when(rows).then(pl.lit(reason)) for reason, rows in given),
        pl.repeat(None, raw.height, dtype=pl.String),
    )
    return pl.select(reasons.alias("reason")).to_series(), times


def _missing(series: pl.Series) -> pl.Series | None:
    """Return the mask of nulls and empty texts; None where there are none for certain."""
    if isinstance(series.dtype, pl.Enum) and "" not in series.dtype.categories:
        missing = series.is_null()
    elif isinstance(series.dtype, pl.String):
        missing = (series == "").fill_null(value=True)
    elif isinstance(series.dtype, _WORDS):
        missing = text_of(series).is_null()
    elif series.null_count():
        missing = series.is_null()
    else:
        return None
    return missing


def _times(
    series: pl.Series, time_format: str | None, unit: EpochUnit | None, problems: list[str]
) -> tuple[pl.Series, list[tuple[str, pl.Series | None]]]:
    """Parse a column as times.

    Args:
        series: the column.
        time_format: the format of texts; None for ISO 8601.
        unit: the unit of numbers; None for none.
        problems: messages, to which mistakes of the whole column are added.

    Returns:
        the times, and pairs (reason, Boolean mask of the rows that are rejected, or None).
    """
    name, given = series.name, text_of(series)
    bad: list[tuple[str, pl.Series | None]] = []
    times, style = given, None
    if given.dtype == pl.Null:
        times = given.cast(pl.Datetime("us"))
    elif unit is not None and (given.dtype == pl.String or given.dtype.is_numeric()):
        times, style = epoch_dates(given, unit), epoch_words(unit)
    elif given.dtype == pl.String:
        try:
            times, form = (
                iso_times(given)
                if time_format is None
                else (times_as(given, time_format), time_format)
            )
        except PolarsError as error:
            problems.append(f"time_format {time_format!r}: {first_line(error)}")
            return series, bad
        style = f"a time as {form}"
    if style is not None and times.null_count() > given.null_count():
        unread = given.is_not_null() & times.is_null()
        bad.append((f"{name} is not {style}", unread))
        if times.is_null().all():
            example = str(given.drop_nulls()[0])
            problems.append(
                f"{LOG}: column {name}: no value is {style} (the first is {cell(example)}); "
                f"{_advice(given, example, unit)}"
            )
    if not isinstance(times.dtype, pl.Datetime | pl.Date):
        problems.append(f"{LOG}: column {name} holds {series.dtype}; accepted: times, dates, texts")
        return series, bad
    inside = _within_calendar(times)
    bad.append((f"{name} lies outside the years 1 to 9999", None if inside is None else ~inside))
    return times, bad


def _advice(given: pl.Series, example: str, unit: EpochUnit | None) -> str:
    """Return what to do where no time of a log can be read."""
    if unit is not None:
        return "correct epochs in the extract file, or remove it there"
    likely = likely_format(given, example, timed=False)
    advice = what_it_is(example) if likely is None else None
    return advice or f"give time_format, such as '{likely or '%d-%m-%Y %H:%M'}'"


def _within_calendar(times: pl.Series) -> pl.Series | None:
    """Return the mask of times within the years 1 to 9999 (S1), null within; None where all are."""
    assert isinstance(times.dtype, pl.Date | pl.Datetime), "others are no times"
    low, high = calendar_ends(times.dtype)
    count = times.to_physical()
    first, last = count.min(), count.max()
    if not (isinstance(first, int) and isinstance(last, int)) or (first >= low and last <= high):
        return None
    return count.is_between(low, high).fill_null(value=True)


def _after(times: pl.Series, day: dt.date, time_zone: str) -> pl.Series:
    """Return the mask of times after the local day (S1)."""
    if not isinstance(times.dtype, pl.Datetime):
        return (times > day).fill_null(value=False)
    if times.dtype.time_zone is None:
        return (times.dt.date() > day).fill_null(value=False)
    _local(times.clear(), time_zone)
    # Only close to the end of the day does it matter what the clocks show there.
    ticks, per_day = times.to_physical(), _DAY_TICKS[times.dtype.time_unit]
    end = (day - dt.date(1970, 1, 1)).days * per_day + per_day
    after = (ticks >= end + per_day).fill_null(value=False)
    near = (ticks.is_between(end - per_day, end + per_day, closed="left")).fill_null(value=False)
    rows = near.arg_true()
    if not rows.len():
        return after
    return after.scatter(rows, _local(times.gather(rows), time_zone).dt.date() > day)


def _local(times: pl.Series, time_zone: str) -> pl.Series:
    # Nanoseconds overflow in 2262.
    try:
        return times.dt.cast_time_unit("us").dt.convert_time_zone(time_zone)
    except PolarsError as error:
        raise DataError(f"time_zone {time_zone!r}: {first_line(error)}") from error
