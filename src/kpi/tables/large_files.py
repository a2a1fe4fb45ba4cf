"""Check of a large file in chunks: rows stay in the file, only counts are kept (S12, S13).

The columns of the file must have the types that the plan takes: dates as dates, numbers as numbers.
A table whose values are parsed from texts or times, or that has pauses, is read into memory whole.
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Collection, Iterator, Mapping, Sequence

import polars as pl
from attrs import evolve, frozen

from kpi.definitions.plan import Plan
from kpi.definitions.reserved import ROW
from kpi.definitions.table import Table
from kpi.events import Stage
from kpi.tables.checked_table import (
    Bounds,
    CheckedTable,
    checked_frame,
    original_name,
)
from kpi.tables.duplicate_keys import SAME, count_duplicates, flag_duplicates
from kpi.tables.key_columns import is_plain_key, key_of
from kpi.tables.needs import TableNeeds
from kpi.tables.quality import TableQuality
from kpi.tables.unique_keys import HEAD, UniquenessCheck, ascends, hashes

AT_ONCE = 2_000_000
"""Rows of a chunk, which are checked at once."""
HELD = 500_000_000
"""Bytes of typed columns up to which they are held for the evaluation that follows a check."""

_HASH = "kpi:hash"
_WIDTHS: Mapping[pl.DataType, int] = {
    **dict.fromkeys((pl.Boolean(), pl.Int8(), pl.UInt8()), 1),
    **dict.fromkeys((pl.Int16(), pl.UInt16()), 2),
    **dict.fromkeys((pl.Date(), pl.Int32(), pl.UInt32()), 4),
    **dict.fromkeys((pl.Int64(), pl.UInt64()), 8),
}
_CODE = 4
"""Bytes of a category, at the most."""


def can_stay_on_disk(plan: Plan, needs: TableNeeds, schema: Mapping[str, pl.DataType]) -> bool:
    """Return whether a table can be left in its file: no value needs to be parsed or replaced.

    Args:
        plan: the plan.
        needs: the plan's needs of this table.
        schema: the columns of the file.
    """
    table = needs.table
    paused = table.pauses is not None or any(other.pauses == table.name for other in plan.tables)
    kinds, timed = needs.column_kinds, needs.timestamp_columns
    dates = {name: "date" for name in table.date_columns if name in schema}
    renamed = needs.source is not None and any(name in schema for name in needs.source.values)
    # Words for no value (`nulls`) must be set to null.
    keys = all(is_plain_key(schema[name]) for name in table.key)
    return (
        keys
        and not (paused or timed or table.nulls or renamed)
        and all(_as_it_is(schema[name], kind) for name, kind in {**dates, **kinds}.items())
    )


def _as_it_is(dtype: pl.DataType, kind: str) -> bool:
    match kind:
        case "date":
            return dtype == pl.Date
        case "integer":
            return dtype.is_integer()
        case "boolean":
            return dtype == pl.Boolean
        case "text":
            return isinstance(dtype, pl.String | pl.Categorical | pl.Enum)
        case "any":
            return dtype != pl.Null and not dtype.is_float()
    return False


@frozen(kw_only=True, eq=False, repr=False)
class _Scan:
    """Check of the file of a table, chunk by chunk.

    Attributes:
        plan: the plan.
        needs: the plan's needs of the table.
        frame: all rows of the file, in the columns to keep.
        rows: number of rows.
        skip: the checks to leave out.
        stage: the stage that is told of each chunk.
        hold: whether the typed columns are held where they are small enough.
    """

    plan: Plan
    needs: TableNeeds
    frame: pl.LazyFrame
    rows: int
    skip: Collection[str]
    stage: Stage
    hold: bool

    @property
    def table(self) -> Table:
        return self.needs.table

    def needed(self, part: pl.LazyFrame, but: Collection[str] = ()) -> pl.DataFrame:
        """Collect the rows of a chunk in the columns that the check reads, but for some."""
        columns = [n for n in self.needs.columns(part.collect_schema()) if n not in but]
        return part.select(columns).collect(engine="streaming")

    def parts(self) -> Iterator[tuple[int, pl.LazyFrame]]:
        # Where keys are repeated, the file is read once more.
        self.stage.done = 0
        for first in range(0, self.rows, AT_ONCE):
            yield first, self.frame.slice(first, AT_ONCE)
            self.stage.advance(min(AT_ONCE, self.rows - first))

    def checked(self) -> CheckedTable | None:
        """Return the checked table, left in its file; None where values of rows are rejected.

        Rows without a key are filtered out as they are read; any other reason takes reading the
        table into memory.
        """
        keys = UniquenessCheck()
        parts: list[CheckedTable] = []
        rejected: list[pl.DataFrame] = []
        held = self._columns_to_hold()
        words: dict[str, pl.Enum] = {}
        is_unread, is_hashed = self._leaves_keys(), self._reads_hashes()
        for first, part in self.parts():
            hashed = None
            if is_unread:
                raw = self.needed(part, but=self.table.key)
            elif is_hashed:
                raw, hashed = self._hashed(part)
            else:
                raw = self.needed(part)
            keyed = not is_unread and hashed is None
            chunk = checked_frame(
                self.plan, self.needs, raw, skip=("ids",), keyed=keyed, words=words
            )
            if any(not why.endswith(" missing") for why in chunk.facts.rejected):
                return None
            if hashed is not None:
                keys.add_hashes(hashed)
            elif "ids" not in self.skip:
                keys.add(key_of(raw, self.table))
            reasons = chunk.rejected.select("row", "reason")
            rejected.append(_whole_rows(part, reasons, reasons["row"] - 1, first))
            rows = chunk.frame
            assert isinstance(rows, pl.DataFrame), "a chunk is in memory"
            parts.append(
                evolve(chunk, frame=rows.clear(), held=rows.select(held) if held else None)
            )
            words = {name: kind for name in chunk.frame.columns if (kind := _enum(chunk, name))}
        whole = self._merged(parts, pl.concat(rejected))
        return whole if keys.distinct() else self._with_duplicates(whole, keys.repeated())

    def _columns_to_hold(self) -> list[str]:
        """Return the columns that targets and snapshots read; none where they are not to be held."""
        if not self.hold:
            return []
        schema, kinds = self.frame.collect_schema(), self.needs.column_kinds
        names = [*kinds, *self.needs.unread_dates(schema)]
        widths = [_CODE if kinds.get(n) == "text" else _WIDTHS.get(schema[n]) for n in names]
        if None in widths or self.rows * sum(filter(None, widths)) > HELD:
            return []
        return names

    def _leaves_keys(self) -> bool:
        """Return whether keys are not read: ids are not to be checked, and each row has a key.

        A Parquet file mostly says so in its statistics, of which Polars skips what cannot hold any.
        """
        read = {*self.needs.column_kinds, *self.table.date_columns}
        if "ids" not in self.skip or not read.isdisjoint(self.table.key):
            return False
        missing = self.frame.filter(~self._has_key()).select(self.table.key)
        return missing.collect(engine="streaming").is_empty()

    def _has_key(self) -> pl.Expr:
        """Return the predicate, whether a row has its key; an empty text is none."""
        came = self.frame.collect_schema()
        texts = [pl.col(name) != "" for name in self.table.key if came[name] == pl.String]
        return pl.all_horizontal(*(pl.col(name).is_not_null() for name in self.table.key), *texts)

    def _reads_hashes(self) -> bool:
        """Return whether the key is read as a hash, as it is a text in no order that no target reads.

        Keys in ascending order are compared with their neighbours, which takes less.
        """
        if "ids" in self.skip or len(self.table.key) > 1:
            return False
        (name,) = self.table.key
        if self.frame.collect_schema()[name] != pl.String or name in self.needs.column_kinds:
            return False
        head = self.frame.select(name).head(HEAD).collect(engine="streaming").to_series()
        return not ascends(head.drop_nulls())

    def _hashed(self, part: pl.LazyFrame) -> tuple[pl.DataFrame, pl.Series | None]:
        """Collect the rows of a chunk with the hashes of their keys in place of the keys.

        Where a key is missing the rows have their keys, and there are no hashes.
        """
        (name,) = self.table.key
        columns = [n for n in self.needs.columns(part.collect_schema()) if n != name]
        key = pl.when(pl.col(name) != "").then(pl.col(name).hash()).alias(_HASH)
        raw = part.select(*columns, key).collect(engine="streaming")
        hashed = raw.drop_in_place(_HASH)
        return (self.needed(part), None) if hashed.null_count() else (raw, hashed)

    def _merged(self, parts: Sequence[CheckedTable], rejected: pl.DataFrame) -> CheckedTable:
        """Return the table merged from checked chunks, with a lazy frame of the usable rows."""
        facts: TableQuality = functools.reduce(operator.add, (part.facts for part in parts))
        came = self.frame.collect_schema()
        no_row = self.frame.head(0)
        of_none = checked_frame(self.plan, self.needs, self.needed(no_row))
        none = pl.DataFrame(schema={"row": pl.Int64, "reason": pl.String, ROW: pl.Int64})
        words = {
            name: pl.Enum(list(dict.fromkeys(w for part in parts for w in _words(part, name))))
            for name in came
            if _words(parts[0], name) and not isinstance(came[name], pl.Enum)
        }
        return CheckedTable(
            needs=self.needs,
            frame=self.frame.filter(self._has_key()) if rejected.height else self.frame,
            categories=words,
            held=_together([part.held for part in parts if part.held is not None], words),
            height=sum(part.height for part in parts),
            later=sum(part.later for part in parts),
            rejected=rejected,
            duplicates=of_none.duplicates,
            repeats=_whole_rows(no_row, none.drop(ROW), none["row"], 0).with_columns(none[ROW]),
            bounds=_widest([part.bounds for part in parts]),
            facts=evolve(facts, skipped=tuple(sorted(self.skip))),
        )

    def _with_duplicates(self, whole: CheckedTable, candidates: pl.Series) -> CheckedTable:
        """Return the table with its duplicates (S13), for which the file is read once more.

        Args:
            whole: the table.
            candidates: hashes of keys that stand more than once.
        """
        keys: list[pl.DataFrame] = []
        repeats: list[pl.DataFrame] = []
        usable = 0
        for first, part in self.parts():
            raw = self.needed(part)
            key = key_of(raw, self.table)
            has_key = key.select(pl.all_horizontal(pl.all().is_not_null())).to_series()
            is_candidate = has_key & hashes(key).is_in(candidates.implode())
            ranks = has_key.cum_sum().cast(pl.Int64) - 1 + usable
            position = ranks.filter(is_candidate).alias(ROW)
            usable += int(has_key.sum())
            alike = raw.filter(is_candidate).hash_rows().alias(SAME)
            keys.append(key.filter(is_candidate).with_columns(position, alike))
            rows = is_candidate.arg_true().cast(pl.Int64)
            numbers = pl.DataFrame({"row": rows + 1}).with_columns(reason=pl.lit(None, pl.String))
            repeats.append(_whole_rows(part, numbers, rows, first).with_columns(position))
        # Two keys may have one hash.
        certain = (all_keys := pl.concat(keys)).drop(ROW, SAME).is_duplicated()
        duplicates = all_keys.filter(certain)
        return evolve(
            whole,
            frame=flag_duplicates(whole.frame, duplicates),
            held=None if whole.held is None else flag_duplicates(whole.held, duplicates),
            duplicates=duplicates,
            repeats=pl.concat(repeats).filter(certain),
            facts=count_duplicates(whole.facts, duplicates),
        )


def _whole_rows(
    part: pl.LazyFrame, reasons: pl.DataFrame, rows: pl.Series, first: int
) -> pl.DataFrame:
    """Return a few rows of a chunk in all columns, as they came, behind their number and reason.

    Args:
        part: the chunk.
        reasons: `row`, counted from 1 in the chunk, and `reason`, one row each.
        rows: the same rows by position in the chunk, from 0.
        first: number of rows before the chunk.
    """
    came = (part.collect(engine="streaming") if rows.len() else part.head(0).collect())[rows]
    renamed = came.select(
        pl.col(name).alias(original_name(name, "row", "reason")) for name in came.columns
    )
    return reasons.with_columns(pl.col("row") + first).hstack(renamed)


def _enum(part: CheckedTable, name: str) -> pl.Enum | None:
    """Return the type of a column of a chunk; None where the column is not encoded."""
    dtype = part.frame.collect_schema().get(name)
    return dtype if isinstance(dtype, pl.Enum) else None


def _words(part: CheckedTable, name: str) -> list[str]:
    """Return the categories of a column of a chunk; none where the column is not encoded."""
    dtype = _enum(part, name)
    return [] if dtype is None else dtype.categories.to_list()


def _together(
    held: Sequence[pl.DataFrame], categories: Mapping[str, pl.Enum]
) -> pl.DataFrame | None:
    """Return the rows that chunks hold, one after the other, in the categories of all; None for none."""
    if not held:
        return None
    return pl.concat(
        [frame.with_columns(_recoded(frame, categories)) for frame in held], rechunk=False
    )


def _recoded(frame: pl.DataFrame, categories: Mapping[str, pl.Enum]) -> list[pl.Series]:
    """Return the columns of a chunk that lack a category of another chunk, in the categories of all."""
    recoded = []
    for name, kind in categories.items():
        own = frame.schema.get(name)
        if isinstance(own, pl.Enum) and own != kind:
            words = own.categories.cast(kind)
            recoded.append(words.gather(frame[name].to_physical()).alias(name))
    return recoded


def _widest(of_chunks: Sequence[Bounds]) -> dict[str, tuple[int, int]]:
    """Return the smallest and the largest number of each column over all chunks."""
    widest: dict[str, tuple[int, int]] = {}
    for bounds in of_chunks:
        for name, (low, high) in bounds.items():
            lowest, highest = widest.get(name, (low, high))
            widest[name] = min(low, lowest), max(high, highest)
    return widest


def check_in_chunks(
    plan: Plan,
    needs: TableNeeds,
    frame: pl.LazyFrame,
    rows: int,
    skip: Collection[str],
    stage: Stage,
    *,
    hold: bool = False,
) -> CheckedTable | None:
    """Check a table in its file; return None where it must be read into memory to be typed.

    Args:
        plan: the plan.
        needs: the plan's needs of the table.
        frame: the scan of the file, in the columns to keep.
        rows: number of rows of the file.
        skip: the checks to leave out.
        stage: the stage that is told of each chunk.
        hold: whether the typed columns are held for the evaluation that follows, where they are no
            more than `HELD`.

    Raises:
        DataError: as `kpi.tables.checked_table.checked_frame`.
    """
    scan = _Scan(plan=plan, needs=needs, frame=frame, rows=rows, skip=skip, stage=stage, hold=hold)
    return scan.checked()
