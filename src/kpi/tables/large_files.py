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
from kpi.tables.unique_keys import UniquenessCheck, hashes

AT_ONCE = 4_000_000
"""Rows of a chunk, which are checked at once."""


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
    """

    plan: Plan
    needs: TableNeeds
    frame: pl.LazyFrame
    rows: int
    skip: Collection[str]
    stage: Stage

    @property
    def table(self) -> Table:
        return self.needs.table

    def needed(self, part: pl.LazyFrame) -> pl.DataFrame:
        """Collect the rows of a chunk in the columns that the check reads."""
        columns = self.needs.columns(part.collect_schema())
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
        for first, part in self.parts():
            raw = self.needed(part)
            chunk = checked_frame(self.plan, self.needs, raw, skip=("ids",))
            if any(not why.endswith(" missing") for why in chunk.facts.rejected):
                return None
            if "ids" not in self.skip:
                keys.add(key_of(raw, self.table))
            reasons = chunk.rejected.select("row", "reason")
            rejected.append(_whole_rows(part, reasons, reasons["row"] - 1, first))
            parts.append(evolve(chunk, frame=chunk.frame.clear()))
        whole = self._merged(parts, pl.concat(rejected))
        return whole if keys.distinct() else self._with_duplicates(whole, keys.repeated())

    def _merged(self, parts: Sequence[CheckedTable], rejected: pl.DataFrame) -> CheckedTable:
        """Return the table merged from checked chunks, with a lazy frame of the usable rows."""
        facts: TableQuality = functools.reduce(operator.add, (part.facts for part in parts))
        came = self.frame.collect_schema()
        words = {
            name: pl.Enum(list(dict.fromkeys(w for part in parts for w in _words(part, name))))
            for name in came
            if _words(parts[0], name) and not isinstance(came[name], pl.Enum)
        }
        texts = [pl.col(name) != "" for name in self.table.key if came[name] == pl.String]
        has_key = pl.all_horizontal(
            *(pl.col(name).is_not_null() for name in self.table.key), *texts
        )
        return CheckedTable(
            needs=self.needs,
            frame=self.frame.filter(has_key) if rejected.height else self.frame,
            categories=words,
            height=sum(part.height for part in parts),
            later=sum(part.later for part in parts),
            rejected=rejected,
            duplicates=parts[0].duplicates,
            repeats=parts[0].repeats,
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


def _words(part: CheckedTable, name: str) -> list[str]:
    """Return the categories of a column of a chunk; none where the column is not encoded."""
    dtype = part.frame.collect_schema().get(name)
    return dtype.categories.to_list() if isinstance(dtype, pl.Enum) else []


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
) -> CheckedTable | None:
    """Check a table in its file; return None where it must be read into memory to be typed.

    Args:
        plan: the plan.
        needs: the plan's needs of the table.
        frame: the scan of the file, in the columns to keep.
        rows: number of rows of the file.
        skip: the checks to leave out.
        stage: the stage that is told of each chunk.

    Raises:
        DataError: as `kpi.tables.checked_table.checked_frame`.
    """
    return _Scan(plan=plan, needs=needs, frame=frame, rows=rows, skip=skip, stage=stage).checked()
