"""Check of one table: typed columns, rejected rows with reasons, data quality (S1, S12, S13)."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from typing import TypeAlias

import polars as pl
from attrs import evolve, field, frozen

from kpi.definitions.case_weights import MOST_COUNTED_AS
from kpi.definitions.outcomes import REPEATED_ID
from kpi.definitions.plan import Plan
from kpi.definitions.reserved import ROW, instant_name, time_name
from kpi.definitions.table import Table
from kpi.tables.column_types import TypedColumns
from kpi.tables.duplicate_keys import (
    count_duplicates,
    duplicates,
    duplicates_as_of,
    flag_duplicates,
)
from kpi.tables.event_log.conversion import LogConversion
from kpi.tables.key_columns import key_of, with_plain_keys
from kpi.tables.needs import TableNeeds
from kpi.tables.quality import TableQuality
from kpi.tables.renamed_values import with_renamed_values, without_nulls
from kpi.tables.sources.fingerprint import Fingerprint

_NO_ROWS = pl.Series([], dtype=pl.UInt32)
_FAR = 25
"""Years around the plan's period within which a date is plausible."""

Bounds: TypeAlias = Mapping[str, tuple[int, int]]
"""Smallest and largest number of columns, by name."""


@frozen(kw_only=True, eq=False, repr=False)
class CheckedTable:
    """Checked table: the usable rows with typed columns, and beside them the rejected ones.

    Attributes:
        needs: the plan's needs of the table, with its declaration.
        frame: the usable rows; every declared date as a local date (S1). Of a large file a lazy
            frame, read anew each time, texts as they came.
        categories: the columns of a large file whose texts become categories as they are read.
        fingerprint: the large files as they were checked; None for a table in memory.
        held: of a large file the usable rows in the columns that the plan reads, typed, where the check
            was asked to hold them for the evaluation that follows and they are small enough.
        log: what became of the event log that the table is made of; None for other tables.
        height: number of usable rows.
        later: number of usable rows that enter after the plan's period, at whose end they do not
            exist yet (S15).
        rejected: the rows that cannot be used: `row` (counted from 1 in the data), `reason`, and
            the columns as they came.
        duplicates: the rows whose key stands more than once (S13): the key as it came; `ROW`, the
            position in `frame`, null for a rejected row; `SAME`, equal for rows that are alike in
            the columns that the plan reads.
        repeats: the usable duplicates: `row`, `reason` (null) and the columns as in `rejected`, and
            `ROW` as in `duplicates`.
        bounds: smallest and largest day number (days since 1970-01-01) of each date column, and
            smallest and largest number of each column that derived dates move by.
        facts: the data quality: rejected rows, repeated ids, unexpected categories.
    """

    needs: TableNeeds
    frame: pl.DataFrame | pl.LazyFrame
    categories: Mapping[str, pl.Enum] = field(factory=dict)
    fingerprint: Fingerprint | None = None
    held: pl.DataFrame | None = None
    log: LogConversion | None = None
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
    part: bool = False,
    keyed: bool = True,
    words: Mapping[str, pl.Enum] | None = None,
) -> CheckedTable:
    """Check the rows of a table.

    Args:
        plan: the plan that declares the table.
        needs: the plan's needs of the table.
        raw: the rows as they came, with all columns of `needs.columns`.
        decimal_comma: whether texts of numbers have decimals behind a comma.
        skip: the checks to leave out.
        part: whether the rows are a part of the table, see `check_sources`.
        keyed: whether the rows have their key; where not, every row is known to have one.
        words: the categories of columns in the rows before these, see `TypedColumns`.

    Raises:
        DataError: where the table cannot be used: all that is wrong with its columns at once.
    """
    table = needs.table
    came = with_plain_keys(raw, table.name, table.key) if keyed else raw
    raw = without_nulls(came, table.nulls)
    raw, absent = with_renamed_values(raw, {} if needs.source is None else needs.source.values)
    typed = TypedColumns(plan, needs, raw, decimal_comma=decimal_comma, part=part, words=words)
    for name, kind in needs.column_kinds.items():
        typed.column(name, kind)
    for name in needs.unread_dates(raw.columns):
        typed.unread_date(name)
    key = key_of(raw, table) if keyed else raw.select()
    for name in key.columns:
        if key[name].null_count():
            typed.reject(f"{name} missing", key[name].is_null())
    typed.raise_problems()
    _reject_unusable(typed, table)
    checked = _finished(typed, table, came, key, skip)
    return evolve(checked, facts=evolve(checked.facts, absent_values=absent))


def _reject_unusable(typed: TypedColumns, table: Table) -> None:
    """Reject amounts and weights out of range (S32), and pauses that are no interval (S14)."""
    for name, most in typed.needs.amounts.items():
        amount = typed.columns[name].cast(pl.Int64)
        typed.reject(f"{name} is more than 100 years", (amount.abs() > most).fill_null(value=False))
    for name in typed.needs.weights:
        # As floats, for a small type of integers holds no million to compare with.
        beyond = (typed.columns[name].cast(pl.Float64) > MOST_COUNTED_AS).fill_null(value=False)
        typed.reject(f"{name} is more than {MOST_COUNTED_AS:,}", beyond)
    if table.pauses is not None and table.entry is not None:
        begun = typed.columns[table.entry]
        typed.reject(f"{table.entry} missing", begun.is_null())
        for event in table.pause_events:
            too_early = (typed.columns[event] < begun).fill_null(value=False)
            typed.reject(f"{event} before {table.entry}", too_early)


def _finished(
    typed: TypedColumns,
    table: Table,
    came: pl.DataFrame,
    key: pl.DataFrame,
    skip: Collection[str],
) -> CheckedTable:
    """Return the checked table: split the rows, find duplicates, count the data quality.

    Args:
        typed: the typed columns and the rejections.
        table: the declaration of the table.
        came: the rows as they came.
        key: the key of every row, see `key_of`.
        skip: the checks to leave out.
    """
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
    unique_key = key.clear() if many or "ids" in skip else key
    repeated = duplicates(
        unique_key, is_rejected, raw, list(dict.fromkeys([*table.key, *typed.columns]))
    )
    positions = repeated[ROW].drop_nulls() if repeated.height else repeated[ROW]
    rows = positions if is_rejected is None else (~is_rejected).arg_true().gather(positions)
    repeats = original_rows(came, None, rows)
    repeats.insert_column(repeats.width, positions.alias(ROW))
    if is_rejected is not None:
        frame = frame.filter(~is_rejected)
    if repeated.height:
        frame = flag_duplicates(frame, repeated)
    dates = [name for name in typed.columns if name in table.date_columns]
    # The bounds of all rows are computed already.
    computed = typed.bounds if is_rejected is None else {}
    bounds = _bounds(frame, [*dates, *typed.needs.amounts], computed)
    dated = [table.entry, *table.events]
    oldest, newest = _oldest_and_newest(
        frame, bounds, [name for name in dated if name in bounds], typed.plan
    )
    facts = TableQuality(
        rows=raw.height,
        rejected=dict(sorted(Counter(rejected["reason"]).items())),
        oldest=oldest,
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
        duplicates=repeated,
        repeats=repeats,
        bounds=bounds,
        facts=count_duplicates(facts, repeated),
    )


def _later(frame: pl.DataFrame, table: Table, bounds: Bounds, plan: Plan) -> int:
    """Return how many rows enter after the plan's period; 0 without an entry date."""
    last = plan.period.last
    if table.entry is None or table.entry not in bounds:
        return 0
    return int((frame[table.entry] > last).sum())


def _reasons(typed: TypedColumns) -> pl.Series | None:
    """Return the first reason for which each row is rejected, null for a usable row.

    None where all rows are usable.
    """
    if not typed.rejections:
        return None
    return pl.select(
        pl.coalesce(pl.when(rows).then(pl.lit(why)) for why, rows in typed.rejections)
    ).to_series()


def original_rows(raw: pl.DataFrame, reasons: pl.Series | None, rows: pl.Series) -> pl.DataFrame:
    """Return some rows of the data as they came, behind `row` (from 1) and `reason`.

    Args:
        raw: all rows.
        reasons: the reason of each of all rows; None for no reasons, which gives nulls.
        rows: the positions of the rows to return, from 0.
    """
    names = [original_name(name, "row", "reason") for name in raw.columns]
    original = raw[rows] if rows.len() else raw.clear()
    # Categories differ from file to file, and frames of rejected rows are concatenated.
    if any(isinstance(kind, pl.Enum) for kind in raw.dtypes):
        original = original.with_columns(pl.col(pl.Enum).cast(pl.String))
    original.columns = names
    no_reasons = pl.Series([None], dtype=pl.String).new_from_index(0, rows.len())
    original.insert_column(0, (rows.cast(pl.Int64) + 1).alias("row"))
    why = no_reasons if reasons is None else reasons.gather(rows)
    original.insert_column(1, why.alias("reason"))
    return original


def original_name(name: str, *taken: str) -> str:
    """Return the name of an original column, changed where it is one of the names taken."""
    return f"{name} (as it came)" if name in taken else name


def _oldest_and_newest(
    frame: pl.DataFrame, bounds: Bounds, dates: Iterable[str], plan: Plan
) -> tuple[dt.date | None, dt.date | None]:
    """Return the oldest and the newest plausible date of some columns.

    Sentinels such as 1900-01-01 and 9999-12-31 are ignored; None where no column holds a plausible
    date.
    """
    epoch = dt.date(1970, 1, 1)
    first, last = _plausible_years(plan)
    least = (dt.date(first, 1, 1) - epoch).days
    most = (dt.date(last, 12, 31) - epoch).days
    ends: list[int] = []
    for name in dates:
        if least <= bounds[name][0] and bounds[name][1] <= most:
            ends += bounds[name]
        else:
            days = frame[name].to_physical()
            plausible = days.filter((days >= least) & (days <= most))
            ends += [day for day in (plausible.min(), plausible.max()) if day is not None]  # type: ignore[misc]  # days are numbers
    if not ends:
        return None, None
    return epoch + dt.timedelta(min(ends)), epoch + dt.timedelta(max(ends))


def _plausible_years(plan: Plan) -> tuple[int, int]:
    """Return the first and the last plausible year around the plan's period."""
    first, last = plan.period.closed
    return max(first.year - _FAR, 1), min(last.year + _FAR, 9999)


def _implausible_dates(
    frame: pl.DataFrame, bounds: Bounds, dates: Iterable[str], years: tuple[int, int]
) -> dict[tuple[str, dt.date], int]:
    """Count dates outside the plausible years, typically sentinels: 1900-01-01, 9999-12-31.

    Args:
        frame: the usable rows.
        bounds: bounds of each of the dates.
        dates: names of date columns.
        years: the first and the last plausible year.

    Returns:
        (column, date) -> rows.
    """
    low, high = dt.date(years[0], 1, 1), dt.date(years[1], 12, 31)
    epoch = dt.date(1970, 1, 1).toordinal()
    counts: dict[tuple[str, dt.date], int] = {}
    for name in dates:
        first, last = bounds[name]
        if first + epoch < low.toordinal() or last + epoch > high.toordinal():
            days = frame[name].filter(~frame[name].is_between(low, high).fill_null(value=True))
            counts |= {(name, day): n for day, n in days.value_counts().iter_rows()}
    return counts


def rejected_rows(checked: CheckedTable, as_of: dt.date) -> pl.DataFrame:
    """Return the rows that no target counts: rejected ones, and those with a repeated id (S13).

    Args:
        checked: the table.
        as_of: the as-of date; a row that does not exist yet repeats no id (S15).

    Returns:
        `row`, `reason`, and the columns as they came, in the order of the rows.
    """
    entry = checked.table.entry
    exists = pl.repeat(value=True, n=pl.len())
    if entry is not None:
        exists = pl.col(entry).is_null() | (pl.col(entry) <= as_of)
    positions = duplicates_as_of(checked.duplicates, checked.frame, exists)[ROW].drop_nulls()
    repeats = checked.repeats.filter(pl.col(ROW).is_in(positions.implode())).drop(ROW)
    repeats = repeats.with_columns(reason=pl.lit(REPEATED_ID))
    return pl.concat([checked.rejected, repeats]).sort("row")


def _bounds(frame: pl.DataFrame, names: list[str], computed: Bounds) -> dict[str, tuple[int, int]]:
    """Return the smallest and the largest number of each column that has any.

    Args:
        frame: the rows.
        names: the columns; of dates the day number.
        computed: the bounds of those columns whose bounds are computed already.
    """
    bounds = {}
    for name in names:
        if name in computed:
            bounds[name] = computed[name]
            continue
        numbers = frame[name].to_physical()
        low, high = numbers.min(), numbers.max()
        if isinstance(low, int) and isinstance(high, int):
            bounds[name] = (low, high)
    return bounds
