"""The state of a plan over some cases: a handful of integers, merged by addition in any order."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

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
from kpi.errors import DataError, listed
from kpi.foreign_text import terminal_text
from kpi.fork_guard import use_engine
from kpi.notebook_html import html_table
from kpi.planfile.fingerprint import plan_fingerprint, short
from kpi.rules._reported import KEY, FactTarget
from kpi.tables.quality import TableQuality
from kpi.tables.table_fingerprint import TableFingerprint, sum_fingerprints

if TYPE_CHECKING:
    import pyarrow as pa

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


@frozen(kw_only=True, eq=False, repr=False)
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
        batch_names: the names of those batches that were given one, sorted.
    """

    plan: Plan
    as_of: dt.date
    as_of_given: bool
    by: tuple[str, ...] = ()
    series: Series | None = None
    sums: pl.DataFrame
    values: Values = field(factory=dict)
    possible: pl.DataFrame = field(factory=pl.DataFrame)
    facts: Mapping[str, TableQuality]
    batches: int = 1
    coverage: Coverage = field(factory=dict)
    reports: Reports = field(factory=dict)
    fingerprints: Mapping[str, TableFingerprint] | None = None
    batch_names: tuple[str, ...] = ()

    @classmethod
    def from_arrow(cls, table: Any) -> State:
        """Return the state out of an Arrow table that `to_arrow` made, or out of sums of such tables.

        Args:
            table: a PyArrow table, or an object with `__arrow_c_stream__`; rows that differ in nothing
                but `n` are added up.

        Raises:
            DataError: where the table is no state, is of another format version, or has been changed;
                where its rows are of several plans or as-of dates, or hold a batch twice.
        """
        from kpi.engine.state_table import fields_of  # noqa: PLC0415 - it reads and makes states

        return cls(**fields_of(table, "state"))

    def to_arrow(self) -> pa.Table:
        """Return the state as an Arrow table: rows that add up, and a header in the schema's metadata.

        Raises:
            PlanError: where no plan file can hold the plan, since a rule of it is of Python alone.
        """
        from kpi.engine.state_table import arrow_table  # noqa: PLC0415 - it reads and makes states

        return arrow_table(self)

    def __eq__(self, other: object) -> bool:
        """Return whether both are the states of one plan, with the same sums."""
        if not isinstance(other, State):
            return NotImplemented
        from kpi.engine.state_table import is_same_state  # noqa: PLC0415 - it reads and makes states

        return self is other or is_same_state(self, other)

    def __hash__(self) -> int:
        return hash((self.as_of, self.by, self.batches, self.batch_names, self.sums.height))

    def __repr__(self) -> str:
        return f"<State {terminal_text(self._text)}>"

    def _repr_html_(self) -> str:
        """Return the state as a notebook shows it: its tables, a row each, and no case."""
        rows = [
            (name, f"{facts.rows:,}", f"{sum(facts.rejected.values()):,}", f"{facts.hidden:,}")
            for name, facts in self.facts.items()
        ]
        heads = ("Table", "Rows", "Rejected", "Entered later")
        return html_table(self._text, heads, rows, numbers=heads[1:])

    @property
    def _text(self) -> str:
        """The state in a line: plan, as-of date, break-down, batches, rows of sums."""
        named = f" ({listed(self.batch_names, 3)})" if self.batch_names else ""
        several = "batch" if self.batches == 1 else "batches"
        by = f", by {listed(self.by)}" if self.by else ""
        every = f", every {self.series.every}" if self.series is not None else ""
        return (
            f"{self.plan.id}, as of {self.as_of}{by}{every}: {self.batches:,} {several}{named}, "
            f"{self.sums.height:,} sums"
        )

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


def merge(first: State | Iterable[State], *others: State) -> State:
    """Return the state of the cases of all states together, by addition: exact, in any order.

    A distinct value that stands in several batches is counted once. Keys are checked within each batch only: a case must not stand in two batches, and the result
    says so. A target of several tables is not assessable, with a note, where a batch had only some
    of these tables, or where pauses name no case of their own batch. A batch without rows changes
    nothing.

    Args:
        first: a state, or all states.
        others: the other states.

    Raises:
        DataError: where the states are not of one plan, as-of date, break-down and series, where a
            batch of one name is in two of them, or where there is none.
    """
    use_engine()
    states = [first, *others] if isinstance(first, State) else [*first, *others]
    if not states:
        raise DataError("merge: found no state; give at least one")
    if len(states) == 1:
        return states[0]
    _require_mergeable(states)
    one = states[0]
    facts = dict(one.facts)
    coverage, reports, fingerprints = one.coverage, one.reports, one.fingerprints
    for other in states[1:]:
        for table, counts in other.facts.items():
            facts[table] = facts[table] + counts if table in facts else counts
        coverage = sum_coverage(coverage, other.coverage)
        reports = sum_reports(reports, other.reports)
        fingerprints = sum_fingerprints(fingerprints, other.fingerprints)
    values = merged_values([state.values for state in states])
    sums = sum_states([state.sums for state in states])
    return evolve(
        one,
        sums=with_values_once(sums, values, one.group),
        values=values,
        possible=sum_possible([state.possible for state in states]),
        facts=facts,
        as_of_given=any(state.as_of_given for state in states),
        batches=sum(state.batches for state in states),
        coverage=coverage,
        reports=reports,
        fingerprints=fingerprints,
        batch_names=tuple(sorted(name for state in states for name in state.batch_names)),
    )


def _require_mergeable(states: Sequence[State]) -> None:
    """Check that states are of one question, and that no batch is in two of them.

    Raises:
        DataError: naming what differs, in which state, and what to do.
    """
    first = states[0]
    seen: dict[str, str] = {}
    for number, state in enumerate(states, 1):
        where = f"state {number}"
        if state.plan is not first.plan and not is_same_plan(state.plan, first.plan):
            raise DataError(
                f"{where}: is of the plan {_plan_text(state.plan)}, and state 1 of {_plan_text(first.plan)}; "
                "states of different plans cannot be merged"
            )
        for what, own, others in (
            ("as of", state.as_of, first.as_of),
            ("broken down by", listed(state.by) or "nothing", listed(first.by) or "nothing"),
            ("by periods of", _series_text(state), _series_text(first)),
        ):
            if own != others:
                raise DataError(
                    f"{where}: is {what} {own}, and state 1 {what} {others}; states of different "
                    "questions cannot be merged; make them with the same as_of, by, every and rolling"
                )
        for name in state.batch_names:
            if name in seen:
                raise DataError(
                    f"{where}: holds the batch {name!r}, which {seen[name]} holds already; merge each "
                    "batch once"
                )
            seen[name] = where


def is_same_plan(one: Plan, other: Plan) -> bool:
    """Return whether two plans define the same."""
    return one == other or plan_fingerprint(one).digest == plan_fingerprint(other).digest


def _plan_text(plan: Plan) -> str:
    return f"{plan.id} ({short(plan_fingerprint(plan).digest)})"


def _series_text(state: State) -> str:
    series = state.series
    if series is None:
        return "no series"
    return series.every if series.rolling is None else f"{series.every}, rolling {series.rolling}"


def with_values_once(sums: pl.DataFrame, values: Values, group: Sequence[str]) -> pl.DataFrame:
    """Return the added up sums of batches, each distinct value counted once (S23).

    Args:
        sums: the sums.
        values: the values of the batches together.
        group: the columns of `sums` that make up a group.
    """
    return recounted(sums, values, group=group, once=COUNTED, again=_AGAIN)


def sum_possible(parts: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """Return the sums of what rows can still be of all parts, as `sum_states` does; empty without any."""
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
