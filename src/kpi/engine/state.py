"""The state of a plan over some cases: a handful of integers, merged by addition in any order."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

import polars as pl
from attrs import evolve, field, frozen

from kpi.definitions.outcomes import COUNTED_ALREADY
from kpi.definitions.plan import Plan
from kpi.definitions.reserved import PERIOD
from kpi.definitions.series import Series
from kpi.definitions.target import Target
from kpi.engine.batches import Coverage, Reports, is_split, sum_coverage, sum_reports
from kpi.engine.common_dtypes import with_common_dtypes
from kpi.engine.distinct_values import Values, merged_values, recounted
from kpi.errors import DataError
from kpi.fork_guard import use_engine
from kpi.notebook_html import html_table
from kpi.rules._reported import KEY, FactTarget
from kpi.tables.quality import TableQuality
from kpi.tables.table_fingerprint import TableFingerprint, sum_fingerprints

ROWS, INSIDE, UNDETERMINED, COUNTED = RESERVED = ("rows", "inside", "undetermined", "counted")
"""Quantities in the state of every target; the sums of the rule and the exclusions stand beside."""

INSIDE_AS, UNDETERMINED_AS, COUNTED_AS = WEIGHTS = (
    "inside as",
    "undetermined as",
    "counted as",
)
"""Quantities of a target whose rows count as a number: the sums of that number over the rows (S32)."""

EXCLUDED = "excluded: "
"""Prefix of the quantity of an exclusion; the reason for it follows."""

_AGAIN = f"{EXCLUDED}{COUNTED_ALREADY}"

_SEPARATOR, _KNOWN, _ESCAPE = "\x1f", "=", "\x1b"


def encode_segment(keys: Sequence[pl.Expr]) -> pl.Expr:
    """Return the segment of a row as text, its keys escaped and joined; null without keys."""
    if not keys:
        return pl.lit(None, pl.String)
    # The separator itself may stand in a text.
    keys = [
        key.str.replace_all(_ESCAPE, f"{_ESCAPE}0", literal=True).str.replace_all(
            _SEPARATOR, f"{_ESCAPE}1", literal=True
        )
        for key in keys
    ]
    # A null key is an empty text; a key of no characters is the mark alone.
    marked = [
        pl.when(key.is_not_null()).then(pl.lit(_KNOWN) + key).otherwise(pl.lit("")) for key in keys
    ]
    return pl.concat_str(marked, separator=_SEPARATOR)


def decode_segment(text: str | None) -> tuple[str | None, ...]:
    """Return the keys of a segment out of the text of `encode_segment`; none for null."""
    if text is None:
        return ()
    return tuple(_unescaped(key[1:]) if key else None for key in text.split(_SEPARATOR))


def of_group(quantity: str, group: str) -> pl.Expr:
    """Return the name of a quantity of one group of rows, given the column of the group's value."""
    return pl.concat_str([pl.lit(quantity), encode_segment([pl.col(group)])], separator=_SEPARATOR)


def groups_apart(
    named: Mapping[str, int],
) -> tuple[Mapping[str, int], Mapping[str, Mapping[str, int]]]:
    """Return the totals of all rows, and by group those that are named as `of_group` names them."""
    if not any(_SEPARATOR in name for name in named):
        return named, {}
    numbers: dict[str, int] = {}
    groups: dict[str, dict[str, int]] = {}
    for name, n in named.items():
        quantity, separator, segment = name.partition(_SEPARATOR)
        if separator:
            (group,) = decode_segment(segment)
            assert group is not None, "a row without a group is not counted"
            groups.setdefault(group, {})[quantity] = n
        else:
            numbers[name] = n
    return numbers, groups


def _unescaped(text: str) -> str:
    return text.replace(f"{_ESCAPE}1", _SEPARATOR).replace(f"{_ESCAPE}0", _ESCAPE)


@frozen(kw_only=True, repr=False)
class State:
    """The aggregates of a plan's targets over some cases; no case can be told from them.

    Distinct values that are counted are the exception: their digests tell whether a value that is
    known or guessed is among them, and in a break-down the key of the first row of each stands beside.

    Attributes:
        plan: the plan.
        as_of: the as-of date of the snapshots (S15).
        as_of_given: whether the caller gave the date; else it is the last day of the plan's period.
        by: the columns of the break-down.
        series: the series that is asked of every target without its own; None for none.
        sums: a row for each target, group, period, segment and quantity: `target`, the `by`
            columns, `period` (the first day of the period or, in a rolling series, of the segment;
            null for the whole of a target whose periods do not add up), `part` (the segment as text, where every segment must
            reach the target on its own), `quantity`, `bin` (the value that a histogram counts), `n`
            (Int64), in that order.
        values: the distinct values that targets count once, by target: `part`, a digest of 128 bits
            for each value, in a series `period`, and in a break-down the group and the key of the
            first row of the value.
        possible: what the rows can still be on the last day of each target that ends after the as-of
            date: the columns of `sums`, always with `period`, which is null for the whole of a target
            (F15). Empty where no target ends later.
        facts: data-quality counts, by table.
        batches: number of batches with rows that are merged in the state.
        coverage: which tables those batches had, by the tables that targets read together.
        reports: number of those batches that hold a row of a reported fact, by table and fact.
        fingerprints: the fingerprint of the rows of each table; None where a batch has none.
    """

    plan: Plan = field(repr=lambda plan: plan.id)
    as_of: dt.date
    as_of_given: bool
    by: tuple[str, ...] = ()
    series: Series | None = None
    sums: pl.DataFrame
    values: Values = field(factory=dict)
    possible: pl.DataFrame = field(factory=pl.DataFrame, repr=False)
    facts: Mapping[str, TableQuality]
    batches: int = 1
    coverage: Coverage = field(factory=dict)
    reports: Reports = field(factory=dict)
    fingerprints: Mapping[str, TableFingerprint] | None = None

    def __repr__(self) -> str:
        return f"<State {self._text}>"

    def _repr_html_(self) -> str:
        """Return the state as a notebook shows it: its tables, a row each, and no case."""
        rows = [
            (name, f"{facts.rows:,}", f"{sum(facts.rejected.values()):,}", f"{facts.hidden:,}")
            for name, facts in self.facts.items()
        ]
        return html_table(self._text, ("Table", "Rows", "Rejected", "Entered later"), rows)

    @property
    def _text(self) -> str:
        """The state in a line: plan, as-of date, number of batches, rows of sums."""
        many = "1 batch" if self.batches == 1 else f"{self.batches:,} batches"
        return f"{self.plan.id}, as of {self.as_of}: {many}, {self.sums.height:,} sums"

    def is_missing(self, target: Target) -> bool:
        """Return whether no batch had one of the tables that a target reads (S25)."""
        return any(table not in self.facts for table in target.tables)

    def is_split(self, target: Target) -> bool:
        """Return whether rows that a target takes together may stand in different batches (S14)."""
        return is_split(target.tables, self.facts, self.coverage)

    def is_reported_twice(self, target: Target) -> bool:
        """Return whether several batches report the fact of a target, which then is no fact (S13)."""
        if not isinstance(target, FactTarget) or self.plan.table(target.table).key != (KEY,):
            return False
        return self.reports.get((target.table, target.fact_id), 0) > 1

    def is_assessable(self, target: Target) -> bool:
        """Return whether the batches hold what a target takes together, all of it and once (S25)."""
        return not (
            self.is_missing(target) or self.is_split(target) or self.is_reported_twice(target)
        )

    @property
    def has_periods(self) -> bool:
        """Whether `sums` has periods: of the series, or of a target's own (S30)."""
        return has_periods(self.plan, self.series)

    @property
    def group(self) -> tuple[str, ...]:
        """The columns of `sums` that make up a group."""
        return (*self.by, *([PERIOD] if self.has_periods else []))


def has_periods(plan: Plan, series: Series | None) -> bool:
    """Return whether the sums of a state have periods: of a series, or of a target's own (S30)."""
    return series is not None or any(target.every is not None for target in plan.leaves())


def merge(first: State, *others: State) -> State:
    """Return the state of the cases of all states together, by addition: exact, in any order.

    A distinct value that stands in several batches is counted once. Keys are checked within each batch only: a case must not stand in two batches, and the result
    says so. A target of several tables is not assessable, with a note, where a batch had only some
    of these tables, or where pauses name no case of their own batch. A batch without rows changes
    nothing.

    Raises:
        DataError: where the states are not of one plan, as-of date, break-down and series.
    """
    use_engine()
    merged = first
    for other in others:
        for name in ("plan", "as_of", "by", "series"):
            if getattr(other, name) != getattr(first, name):
                raise DataError(f"states that differ in {name} cannot be merged")
        facts = {
            table: merged.facts[table] + other.facts[table]
            if table in merged.facts
            else other.facts[table]
            for table in other.facts
        }
        sums = sum_states([merged.sums, other.sums])
        values = merged_values(merged.values, other.values)
        merged = evolve(
            merged,
            sums=recounted(sums, values, group=first.group, once=COUNTED, again=_AGAIN),
            values=values,
            possible=_sum_possible(merged.possible, other.possible),
            facts={**merged.facts, **facts},
            as_of_given=merged.as_of_given or other.as_of_given,
            batches=merged.batches + other.batches,
            coverage=sum_coverage(merged.coverage, other.coverage),
            reports=sum_reports(merged.reports, other.reports),
            fingerprints=sum_fingerprints(merged.fingerprints, other.fingerprints),
        )
    return merged


def _sum_possible(*parts: pl.DataFrame) -> pl.DataFrame:
    full = [part for part in parts if part.height]
    return sum_states(full) if full else parts[0]


def sum_states(parts: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """Return the sums of all parts, added up by every column but `n`, sorted by those, nulls last.

    Raises:
        DataError: where a column of the break-down has one dtype in one part, another in another.
    """
    # A part without rows says nothing of the dtype of a column.
    full = [part for part in parts if part.height] or parts[:1]
    if len(full) > 1:
        full = with_common_dtypes(full)
    for part in full[1:]:
        for name, dtype in part.schema.items():
            if dtype != full[0].schema[name]:
                raise DataError(
                    f"column {name} holds {full[0].schema[name]} in one table and {dtype} in "
                    "another; break down by a column that holds the same everywhere"
                )
    sums = full[0]
    keys = [name for name in sums.columns if name != "n"]
    if len(full) > 1:
        sums = pl.concat(full).group_by(keys).agg(pl.col("n").sum())
    return sums.sort(keys, nulls_last=True)
