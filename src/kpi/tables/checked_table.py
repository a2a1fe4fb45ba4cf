"""One table, checked: typed columns, rejected rows with reasons, facts (S1, S12, S13)."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from typing import TypeAlias

import polars as pl
import polars.selectors as cs
from attrs import field, frozen

from kpi.definitions.outcomes import REPEATED_ID
from kpi.definitions.plan import Plan
from kpi.definitions.reserved import ROW, instant_name, time_name
from kpi.definitions.table import Table
from kpi.errors import DataError
from kpi.tables.column_types import TypedColumns
from kpi.tables.duplicate_keys import (
    count_duplicates,
    duplicates,
    duplicates_as_of,
    flag_duplicates,
)
from kpi.tables.needs import TableNeeds
from kpi.tables.quality import TableQuality
from kpi.tables.sources import FileFingerprint

_KEYS = pl.String | pl.Categorical | pl.Enum | pl.Boolean | pl.Date | pl.Datetime | pl.Null
_NO_ROWS = pl.Series([], dtype=pl.UInt32)
_FAR = 25
"""How many years a date may lie from the plan's period before a note says so."""

Bounds: TypeAlias = Mapping[str, tuple[int, int]]


@frozen(kw_only=True, eq=False, repr=False)
class CheckedTable:
    """One table, checked: its usable rows with typed columns, and beside them what is not.

    Attributes:
        needs: what the plan needs of it, its declaration among that.
        frame: the usable rows; every declared date as a local date (S1). Of a large file a lazy
            frame, read anew each time, texts as they came.
        categories: the columns of such a file whose texts become codes as they are read.
        fingerprint: the file as it was checked.
        height: how many usable rows there are.
        later: how many of them enter after the plan's period, at whose end they do not exist yet.
        rejected: the rows that cannot be used: `row` (counted from 1 in the data), `reason`, and
            the columns as they came.
        duplicates: the rows whose key stands more than once: the key as it came, the position in
            `frame`, null for a rejected row, and a number that rows share which are alike in what the
            plan reads.
        repeats: the usable ones of them as `rejected` has the others, with the position.
        bounds: smallest and largest day number (days since 1970-01-01) of each date column, and
            number of each column that derived dates are made with.
        facts: what stands beside the rows: rejected ones, repeated ids, strange categories.
    """

    needs: TableNeeds
    frame: pl.DataFrame | pl.LazyFrame
    categories: Mapping[str, pl.Enum] = field(factory=dict)
    fingerprint: FileFingerprint | None = None
    height: int
    later: int
    rejected: pl.DataFrame
    duplicates: pl.DataFrame
    repeats: pl.DataFrame
    bounds: Bounds
    facts: TableQuality

    @property
    def table(self) -> Table:
        """The declaration of the table in the plan."""
        return self.needs.table


def checked_frame(
    plan: Plan,
    needs: TableNeeds,
    raw: pl.DataFrame,
    *,
    decimal_comma: bool = False,
    skip: Collection[str] = (),
) -> CheckedTable:
    """Checks the rows of a table.

    Args:
        plan: the plan that declares it.
        needs: what the plan needs of the table.
        raw: the raw rows, with all columns of `needs.columns`.
        decimal_comma: whether its texts have decimals behind a comma.
        skip: the checks to leave out.

    Raises:
        DataError: where the table cannot be used: all that is wrong with its columns at once.
    """
    table = needs.table
    came, raw = raw, _without_nulls(raw, table)
    typed = TypedColumns(plan, needs, raw, decimal_comma=decimal_comma)
    for name, kind in needs.column_kinds.items():
        typed.column(name, kind)
    for name in needs.unread_dates(raw.columns):
        typed.unread_date(name)
    key = key_of(raw, table)
    for name in table.key:
        typed.reject(f"{name} missing", key[name].is_null())
    typed.raise_problems()
    _reject_unusable(typed, table)
    return _finished(typed, table, came, key, skip)


def _reject_unusable(typed: TypedColumns, table: Table) -> None:
    """Sets aside numbers that no derived date can be made with, and intervals that are none (S14)."""
    for name, most in typed.needs.amounts.items():
        amount = typed.columns[name].cast(pl.Int64)
        typed.reject(f"{name} is more than 100 years", (amount.abs() > most).fill_null(value=False))
    if table.pauses is not None and table.entry is not None:
        (event,) = table.events
        begun, ended = typed.columns[table.entry], typed.columns[event]
        typed.reject(f"{table.entry} missing", begun.is_null())
        typed.reject(f"{event} before {table.entry}", (ended < begun).fill_null(value=False))


def key_of(raw: pl.DataFrame, table: Table) -> pl.DataFrame:
    """The key as it came, an empty text as no key."""
    for name in table.key:
        kind = raw.schema[name]
        if not (kind.is_integer() or isinstance(kind, _KEYS)):
            raise DataError(
                f"{table.name}: column {name} holds {kind}; a key takes text, whole numbers or dates"
            )
    return raw.select(table.key).with_columns(cs.string().replace("", None))


def _finished(
    typed: TypedColumns,
    table: Table,
    came: pl.DataFrame,
    key: pl.DataFrame,
    skip: Collection[str],
) -> CheckedTable:
    """The usable rows, and beside them the rejected ones with the first reason of each."""
    raw = typed.raw
    frame = raw.with_columns(
        *(series.alias(name) for name, series in typed.columns.items()),
        *(series.alias(instant_name(name)) for name, series in typed.instants.items()),
        *(series.alias(time_name(name)) for name, series in typed.times.items()),
        *typed.flags,
    )
    reasons = _reasons(typed)
    is_rejected = None if reasons is None else reasons.is_not_null()
    rejected = original_rows(
        came, reasons, _NO_ROWS if is_rejected is None else is_rejected.arg_true()
    )
    # A case may have many pauses.
    many = table.pauses is not None
    asked = key.clear() if many or "ids" in skip else key
    suspected = duplicates(
        asked, is_rejected, raw, list(dict.fromkeys([*table.key, *typed.columns]))
    )
    positions = suspected[ROW].drop_nulls()
    rows = positions if is_rejected is None else (~is_rejected).arg_true().gather(positions)
    repeats = original_rows(came, None, rows)
    repeats.insert_column(repeats.width, positions.alias(ROW))
    if is_rejected is not None:
        frame = frame.filter(~is_rejected)
    if suspected.height:
        frame = flag_duplicates(frame, suspected)
    dates = [name for name in typed.columns if name in table.date_columns]
    # Of all rows they are known already.
    known = typed.bounds if is_rejected is None else {}
    bounds = _bounds(frame, [*dates, *typed.needs.amounts], known)
    dated = [table.entry, *table.events]
    newest = _newest(frame, bounds, [name for name in dated if name in bounds], typed.plan)
    facts = TableQuality(
        rows=raw.height,
        rejected=dict(sorted(Counter(rejected["reason"]).items())),
        newest=newest,
        absent_categories=frozenset(typed.absent_categories),
        unexpected_categories=typed.unexpected_categories,
        unread=typed.unread,
        zoned=frozenset(typed.zoned),
        implausible_dates=_implausible_dates(
            frame, bounds, [name for name in dates if name in bounds], _plausible_years(typed.plan)
        ),
        plausible_years=_plausible_years(typed.plan),
        skipped=() if many else tuple(sorted(skip)),
    )
    return CheckedTable(
        needs=typed.needs,
        frame=frame,
        height=frame.height,
        later=_later(frame, table, bounds, typed.plan),
        rejected=rejected,
        duplicates=suspected,
        repeats=repeats,
        bounds=bounds,
        facts=count_duplicates(facts, suspected),
    )


def _without_nulls(raw: pl.DataFrame, table: Table) -> pl.DataFrame:
    """Set the texts that the table declares to stand for no value to null."""
    if not table.nulls:
        return raw
    texts = [
        pl.col(name).cast(pl.String).replace(list(table.nulls), None)
        for name, kind in raw.schema.items()
        if isinstance(kind, pl.String | pl.Categorical | pl.Enum)
    ]
    return raw.with_columns(texts)


def _later(frame: pl.DataFrame, table: Table, bounds: Bounds, plan: Plan) -> int:
    """How many rows enter after the plan's period."""
    last = plan.period.last
    if table.entry is None or table.entry not in bounds:
        return 0
    return int((frame[table.entry] > last).sum())


def _reasons(typed: TypedColumns) -> pl.Series | None:
    """The first reason for which each row is rejected, null for a usable one; None where all are."""
    if not typed.rejections:
        return None
    return pl.select(
        pl.coalesce(pl.when(rows).then(pl.lit(why)) for why, rows in typed.rejections)
    ).to_series()


def original_rows(raw: pl.DataFrame, reasons: pl.Series | None, rows: pl.Series) -> pl.DataFrame:
    """Some rows of the data with their number from 1 and their reason, by their place from 0."""
    found = raw[rows] if rows.len() else raw.clear()
    found.columns = [original_name(name, "row", "reason") for name in raw.columns]
    why = pl.Series([None], dtype=pl.String).new_from_index(0, rows.len())
    # A file's texts may have become codes as it was read, of other texts than those of the next.
    found = found.with_columns(pl.col(pl.Enum).cast(pl.String))
    found.insert_column(0, (rows.cast(pl.Int64) + 1).alias("row"))
    found.insert_column(1, (why if reasons is None else reasons.gather(rows)).alias("reason"))
    return found


def original_name(name: str, *taken: str) -> str:
    """What a column is called beside others that have taken its name."""
    return f"{name} (as it came)" if name in taken else name


def _newest(
    frame: pl.DataFrame, bounds: Bounds, dates: Iterable[str], plan: Plan
) -> dt.date | None:
    """Return the newest of some dates; those that stand for ever, such as 9999-12-31, say nothing."""
    epoch = dt.date(1970, 1, 1)
    most = (dt.date(_plausible_years(plan)[1], 12, 31) - epoch).days
    newest: list[int] = []
    for name in dates:
        last = bounds[name][1]
        if last > most:
            days = frame[name].to_physical()
            newest += days.filter(days <= most).top_k(1).to_list()
        else:
            newest.append(last)
    return epoch + dt.timedelta(max(newest)) if newest else None


def _plausible_years(plan: Plan) -> tuple[int, int]:
    """The years beside the plan's period whose dates need no word."""
    first, last = plan.period.closed
    return max(first.year - _FAR, 1), min(last.year + _FAR, 9999)


def _implausible_dates(
    frame: pl.DataFrame, bounds: Bounds, dates: Iterable[str], usual: tuple[int, int]
) -> dict[tuple[str, dt.date], int]:
    """The dates outside the usual years, such as stand for none or for ever, with their rows."""
    low, high = dt.date(usual[0], 1, 1), dt.date(usual[1], 12, 31)
    epoch = dt.date(1970, 1, 1).toordinal()
    found: dict[tuple[str, dt.date], int] = {}
    for name in dates:
        first, last = bounds[name]
        if first + epoch < low.toordinal() or last + epoch > high.toordinal():
            days = frame[name].filter(~frame[name].is_between(low, high).fill_null(value=True))
            found |= {(name, day): n for day, n in days.value_counts().iter_rows()}
    return found


def rejected_rows(checked: CheckedTable, as_of: dt.date) -> pl.DataFrame:
    """The rows that no target counts, whatever it asks: rejected ones, and those of a repeated id.

    Args:
        checked: the table.
        as_of: the day; a row that does not exist yet repeats no id.

    Returns:
        `row`, `reason`, and the columns as they came, in the order of the rows.
    """
    entry = checked.table.entry
    there = pl.repeat(value=True, n=pl.len())
    if entry is not None:
        there = pl.col(entry).is_null() | (pl.col(entry) <= as_of)
    positions = duplicates_as_of(checked.duplicates, checked.frame, there)[ROW].drop_nulls()
    repeats = checked.repeats.filter(pl.col(ROW).is_in(positions.implode())).drop(ROW)
    repeats = repeats.with_columns(reason=pl.lit(REPEATED_ID))
    return pl.concat([checked.rejected, repeats]).sort("row")


def _bounds(frame: pl.DataFrame, names: list[str], known: Bounds) -> dict[str, tuple[int, int]]:
    """The smallest and the largest number of each column that has any; `known` of some columns."""
    found = {}
    for name in names:
        numbers = frame[name].to_physical()
        low, high = known[name] if name in known else (numbers.min(), numbers.max())
        if isinstance(low, int) and isinstance(high, int):
            found[name] = (low, high)
    return found
