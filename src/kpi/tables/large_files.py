"""A large file checked part by part and left where it is: only facts are kept in memory (S12, S13).

It takes a file whose columns stand as the plan takes them: dates as dates, numbers as numbers. What
must be read out of texts or times, and what has pauses, is read into memory whole.
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
from kpi.tables.checked_table import (
    Bounds,
    CheckedTable,
    checked_frame,
    key_of,
    original_name,
)
from kpi.tables.duplicate_keys import SAME, count_duplicates, flag_duplicates
from kpi.tables.needs import TableNeeds
from kpi.tables.quality import TableQuality
from kpi.tables.unique_keys import UniquenessCheck, hashes

AT_ONCE = 4_000_000
"""How many rows are checked at once."""


def can_stay_on_disk(plan: Plan, needs: TableNeeds, schema: Mapping[str, pl.DataType]) -> bool:
    """Whether a table can be left in its file: whether no value of it must be made of another."""
    table = needs.table
    paused = table.pauses is not None or any(one.pauses == table.name for one in plan.tables)
    kinds, timed = needs.column_kinds, needs.timestamp_columns
    dates = {name: "date" for name in table.date_columns if name in schema}
    # A word that stands for none must be set to null.
    return not (paused or timed or table.nulls) and all(
        _as_it_is(schema[name], kind) for name, kind in {**dates, **kinds}.items()
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
            return dtype != pl.Null
    return False


@frozen(kw_only=True, eq=False, repr=False)
class _Scan:
    """A file of a table.

    Attributes:
        plan: the plan.
        needs: what the plan needs of the table.
        frame: all rows, the columns that are read.
        rows: how many there are.
        skip: the checks to leave out.
    """

    plan: Plan
    needs: TableNeeds
    frame: pl.LazyFrame
    rows: int
    skip: Collection[str]

    @property
    def table(self) -> Table:
        return self.needs.table

    def needed(self, part: pl.LazyFrame) -> pl.DataFrame:
        """The rows of a part in the columns that the check looks at."""
        columns = self.needs.columns(part.collect_schema())
        return part.select(columns).collect(engine="streaming")

    def parts(self) -> Iterator[tuple[int, pl.LazyFrame]]:
        for first in range(0, self.rows, AT_ONCE):
            yield first, self.frame.slice(first, AT_ONCE)

    def checked(self) -> CheckedTable | None:
        """The table, left in its file; None where rows of it are rejected for what they hold."""
        keys = UniquenessCheck()
        parts: list[CheckedTable] = []
        is_rejected: list[pl.DataFrame] = []
        for first, part in self.parts():
            raw = self.needed(part)
            found = checked_frame(self.plan, self.needs, raw, skip=("ids",))
            if any(not why.endswith(" missing") for why in found.facts.rejected):
                return None
            if "ids" not in self.skip:
                keys.add(key_of(raw, self.table))
            told = found.rejected.select("row", "reason")
            is_rejected.append(_whole_rows(part, told, told["row"] - 1, first))
            parts.append(evolve(found, frame=found.frame.clear()))
        whole = self._left(parts, pl.concat(is_rejected))
        return whole if keys.distinct() else self._repeated(whole, keys.repeated())

    def _left(self, parts: Sequence[CheckedTable], rejected: pl.DataFrame) -> CheckedTable:
        """What the parts come to together, and the rows where they are."""
        facts: TableQuality = functools.reduce(operator.add, (part.facts for part in parts))
        came = self.frame.collect_schema()
        words = {
            name: pl.Enum(list(dict.fromkeys(w for part in parts for w in _words(part, name))))
            for name in came
            if _words(parts[0], name) and not isinstance(came[name], pl.Enum)
        }
        texts = [pl.col(name) != "" for name in self.table.key if came[name] == pl.String]
        known = pl.all_horizontal(*(pl.col(name).is_not_null() for name in self.table.key), *texts)
        return CheckedTable(
            needs=self.needs,
            frame=self.frame.filter(known) if rejected.height else self.frame,
            categories=words,
            height=sum(part.height for part in parts),
            later=sum(part.later for part in parts),
            rejected=rejected,
            duplicates=parts[0].duplicates,
            repeats=parts[0].repeats,
            bounds=_widest([part.bounds for part in parts]),
            facts=evolve(facts, skipped=tuple(sorted(self.skip))),
        )

    def _repeated(self, whole: CheckedTable, candidates: pl.Series) -> CheckedTable:
        """The table with the rows of a repeated id, which takes reading it once more."""
        duplicates: list[pl.DataFrame] = []
        repeats: list[pl.DataFrame] = []
        usable = 0
        for first, part in self.parts():
            raw = self.needed(part)
            key = key_of(raw, self.table)
            known = key.select(pl.all_horizontal(pl.all().is_not_null())).to_series()
            found = known & hashes(key).is_in(candidates.implode())
            position = (known.cum_sum().cast(pl.Int64) - 1 + usable).filter(found).alias(ROW)
            usable += int(known.sum())
            alike = raw.filter(found).hash_rows().alias(SAME)
            duplicates.append(key.filter(found).with_columns(position, alike))
            rows = found.arg_true().cast(pl.Int64)
            told = pl.DataFrame({"row": rows + 1}).with_columns(reason=pl.lit(None, pl.String))
            repeats.append(_whole_rows(part, told, rows, first).with_columns(position))
        # Two keys may have one hash.
        certain = (all_of_them := pl.concat(duplicates)).drop(ROW, SAME).is_duplicated()
        its = all_of_them.filter(certain)
        return evolve(
            whole,
            frame=flag_duplicates(whole.frame, its),
            duplicates=its,
            repeats=pl.concat(repeats).filter(certain),
            facts=count_duplicates(whole.facts, its),
        )


def _whole_rows(
    part: pl.LazyFrame, told: pl.DataFrame, rows: pl.Series, first: int
) -> pl.DataFrame:
    """A few rows of a part in all columns, as they came, beside what is told of them.

    Args:
        part: the part.
        told: `row`, counted from 1 in the part, and `reason`.
        rows: their places in the part, from 0.
        first: how many rows stand before the part.
    """
    came = (part.collect(engine="streaming") if rows.len() else part.head(0).collect())[rows]
    renamed = came.select(
        pl.col(name).alias(original_name(name, "row", "reason")) for name in came.columns
    )
    return told.with_columns(pl.col("row") + first).hstack(renamed)


def _words(part: CheckedTable, name: str) -> list[str]:
    """The texts that a part of a table has for a column, where the check has coded them."""
    dtype = part.frame.collect_schema().get(name)
    return dtype.categories.to_list() if isinstance(dtype, pl.Enum) else []


def _widest(all_of_them: Sequence[Bounds]) -> dict[str, tuple[int, int]]:
    """The smallest and the largest number of each column, of all parts."""
    found: dict[str, tuple[int, int]] = {}
    for bounds in all_of_them:
        for name, (low, high) in bounds.items():
            lowest, highest = found.get(name, (low, high))
            found[name] = min(low, lowest), max(high, highest)
    return found


def check_in_chunks(
    plan: Plan, needs: TableNeeds, frame: pl.LazyFrame, rows: int, skip: Collection[str]
) -> CheckedTable | None:
    """Checks a table in its file; None where it must be read into memory to be typed.

    Args:
        plan: the plan.
        needs: what the plan needs of the table.
        frame: the scan of the file, of the columns that are to be kept.
        rows: how many rows it has.
        skip: the checks to leave out.

    Raises:
        DataError: as `kpi.tables.checked_table.checked_frame`.
    """
    return _Scan(plan=plan, needs=needs, frame=frame, rows=rows, skip=skip).checked()
