"""One table of two snapshots, and the bucket of each of its keys under each target (F41)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import polars as pl
from attrs import frozen

from kpi.definitions.target import Target
from kpi.engine.partial import Batch
from kpi.evaluation.comparison.buckets import (
    NEWS,
    RESTATED,
    StepName,
)
from kpi.evaluation.comparison.classified import KeyCodes, Moved, classified
from kpi.evaluation.comparison.columns_read import ColumnsRead, TargetRows, columns_read
from kpi.evaluation.comparison.differences import differences
from kpi.evaluation.comparison.outcomes import (
    OpenRows,
    falls_due,
    outcome,
    outcome_differs,
    values_differ,
)
from kpi.evaluation.comparison.paused_keys import changed_pauses, is_among
from kpi.evaluation.comparison.row_pairs import RowPairs, of_two_days, of_two_extracts, rows_of
from kpi.tables.as_of import Snapshot
from kpi.tables.checked_table import CheckedTable


@frozen(eq=False, repr=False)
class HeldRows:
    """The rows of a snapshot in memory, and the row expressions of the targets over them.

    Attributes:
        expressions: the row expressions of the targets.
        frame: the rows: the key, the columns that targets read, and the entry.
    """

    expressions: TargetRows
    frame: pl.DataFrame


@frozen(eq=False, repr=False)
class TablePair:
    """One table of two snapshots, and what became of its keys under each target that reads it.

    Attributes:
        step: the step: "restated" or "news".
        before: the earlier snapshot.
        after: the later snapshot.
        pairs: the rows side by side.
        held: all rows of both snapshots.
        moved_before: the rows of the earlier snapshot that are not the same in both, under some
            target: doubtful ones, those of it alone, then those that differ.
        moved_after: the same of the later snapshot; those that differ stand in the same order.
        codes: by target, the bucket of each of these rows, and the number of keys of each bucket.
        moved: the mask of the rows of `pairs` that differ under some target.
    """

    step: StepName
    before: Snapshot
    after: Snapshot
    pairs: RowPairs
    held: tuple[HeldRows, HeldRows]
    moved_before: pl.DataFrame
    moved_after: pl.DataFrame
    codes: Mapping[str, KeyCodes]
    moved: pl.Series

    @property
    def same(self) -> pl.DataFrame:
        """The rows of the earlier snapshot that differ under no target."""
        return self.pairs.before.filter(~self.moved)

    @property
    def names(self) -> tuple[str, ...]:
        """The buckets of the step, in their order."""
        return RESTATED if self.step == "restated" else NEWS


def table_pairs(
    step: StepName,
    before: Batch,
    after: Batch,
    *,
    checked: Mapping[str, tuple[CheckedTable, CheckedTable]],
    missing: Mapping[str, Collection[str]],
    known: Mapping[str, TablePair] | None = None,
) -> dict[str, TablePair]:
    """Return every table that targets count rows of, side by side, by name.

    Args:
        step: the step.
        before: the earlier snapshots.
        after: the later snapshots, of the same plan.
        checked: the checked tables of one extract as of both days, by table; empty for two extracts.
        missing: the columns that one of the extracts lacks, by table (F46).
        known: the tables of the step before, whose later snapshots are the earlier ones of this.
    """
    known = {} if known is None else known
    pairs = {}
    for name, targets in before.needs.by_table.items():
        if name in before.tables and name in after.tables:
            assessable = [t for t in targets if set(t.tables) <= before.tables.keys()]
            pairs[name] = _table_pair(
                step,
                before,
                (
                    known[name].held[1] if name in known else held_rows(before, name, assessable),
                    held_rows(after, name, assessable),
                ),
                after,
                assessable,
                checked.get(name),
                missing.get(name, ()),
            )
    return pairs


def _columns_to_hold(rows: TargetRows, targets: Sequence[Target]) -> set[str]:
    """Return every column that the expressions of some targets read, their dates, and the entry."""
    read = {name for target in targets for name in rows.names(target)}
    of_targets = {getattr(target, name, None) for target in targets for name in ("start", "end")}
    entry = rows.snapshot.table.entry
    return read | {name for name in (entry, *of_targets) if name is not None}


def held_rows(batch: Batch, table: str, targets: Sequence[Target]) -> HeldRows:
    """Return the rows of one table of a batch, with all that some targets read."""
    expressions = TargetRows(batch.plan, batch.tables[table])
    columns = _columns_to_hold(expressions, targets)
    return HeldRows(expressions, rows_of(expressions.snapshot, columns))


def _table_pair(
    step: StepName,
    before: Batch,
    held: tuple[HeldRows, HeldRows],
    after: Batch,
    targets: Sequence[Target],
    checked: tuple[CheckedTable, CheckedTable] | None,
    missing: Collection[str],
) -> TablePair:
    both = held[0].expressions, held[1].expressions
    old_snapshot, new_snapshot = both[0].snapshot, both[1].snapshot
    old, new = held[0].frame, held[1].frame
    rows = (
        of_two_extracts(old_snapshot, old, new_snapshot, new)
        if checked is None
        else of_two_days(old_snapshot, old, new_snapshot, new, checked)
    )
    read = {target.id: columns_read(both, target, missing) for target in targets}
    compared = sorted({column for of_target in read.values() for column in of_target.compared})
    differ = differences(rows.before, rows.after, compared)
    paused = {
        table: is_among(rows.before, old_snapshot.table.key, keys)
        for table in sorted({t for of_target in read.values() for t in of_target.tables_of_pauses})
        if (keys := changed_pauses(old_snapshot.table, before.tables[table], after.tables[table]))
        is not None
    }
    sides = (both[0], rows.before), (both[1], rows.after)
    opened = OpenRows(rows.after)
    by_outcome = {
        target.id: _by_outcome(step, target, read[target.id], *sides, opened) for target in targets
    }
    moved = pl.repeat(value=False, n=rows.before.height, eager=True)
    masks = [mask for mask, _ in by_outcome.values() if mask is not None]
    for mask in (*differ.get_columns(), *paused.values(), *masks):
        moved |= mask
    places = moved.arg_true()
    one, other = rows.before[places], rows.after[places]
    differing = Moved(
        step=step,
        rows=rows,
        before=one,
        after=other,
        differ=differ[places] if differ.width else differ,
        paused={table: mask.gather(places) for table, mask in paused.items()},
        key=old_snapshot.table.key,
    )
    known = rows.doubtful_before.height
    repeated = (both[0], rows.doubtful_before), (both[1], rows.doubtful_after.head(known))
    codes = {}
    for target in targets:
        of_target = read[target.id]
        of_outcome, time_tells = by_outcome[target.id]
        again: pl.Series | None = None
        if step == "news" and known:
            again, _ = _by_outcome(step, target, of_target, *repeated, OpenRows(repeated[1][1]))
        codes[target.id] = classified(
            differing,
            target,
            of_target,
            None if of_outcome is None else of_outcome.gather(places),
            repeated_by_outcome=again,
            time_tells=time_tells,
        )
    return TablePair(
        step=step,
        before=old_snapshot,
        after=new_snapshot,
        pairs=rows,
        held=held,
        moved_before=pl.concat([rows.doubtful_before, rows.gone, one]),
        moved_after=pl.concat([rows.doubtful_after, rows.come, other]),
        codes=codes,
        moved=moved,
    )


def _by_outcome(
    step: StepName,
    target: Target,
    read: ColumnsRead,
    before: tuple[TargetRows, pl.DataFrame],
    after: tuple[TargetRows, pl.DataFrame],
    opened: OpenRows,
) -> tuple[pl.Series | None, bool]:
    """Return the mask of the rows that a target moves although no compared value differs.

    And whether such a row may add something else to the state; else it is told by its name alone.

    Of two extracts, where a column is missing in one: the rows that come to something else (F46). Of
    two days: those, and the open cases whose due date the later day has passed.
    """
    if step == "restated":
        if not read.missing:
            return None, False
        old, new = outcome(before[0], target), outcome(after[0], target)
        return values_differ(before[1], old, after[1], new), True
    differs = outcome_differs(target, before, after)
    passed = falls_due(target, before[0], after[0], opened)
    if differs is None:
        return passed, False
    return differs if passed is None else passed | differs, True
