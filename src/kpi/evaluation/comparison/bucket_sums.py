"""The states along the way from one snapshot to the next, bucket by bucket (F42, F43)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

import polars as pl
from attrs import evolve

from kpi.definitions.plan import Plan
from kpi.definitions.reserved import BIN, PREFIX
from kpi.definitions.target import Target
from kpi.engine.compile import aggregate
from kpi.engine.state import COUNTED, State, has_periods, sum_states
from kpi.evaluation.comparison.row_pairs import with_rows
from kpi.evaluation.comparison.table_pairs import TablePair
from kpi.tables.as_of import Snapshot

_BUCKET = f"{PREFIX}bucket"
_GROUP = f"{PREFIX}group of rows"


def sums_along(
    plan: Plan, before: State, pairs: Mapping[str, TablePair], targets: Sequence[Target], n: int
) -> Iterator[pl.DataFrame | None]:
    """Yield the sums after each bucket but the last: the rows of the buckets so far as they are now.

    state(OLD) + Σ (state(NEW rows of the bucket) − state(OLD rows of it)), in integers. None where a
    bucket changes nothing.

    Args:
        plan: the plan that is evaluated.
        before: the state of the earlier snapshots.
        pairs: the tables of both snapshots.
        targets: the targets that are evaluated.
        n: the number of buckets, that of the unchanged keys included.
    """
    with_periods = has_periods(plan, None)
    additive: list[Target] = []
    hybrid: list[Target] = []
    for target in targets:
        if target.table in pairs and target.id in pairs[target.table].codes:
            # A value that is counted once is counted wherever else it stands (S23).
            is_distinct = getattr(target, "distinct", None) is not None
            (hybrid if is_distinct else additive).append(target)
    parts = [
        part
        for name, pair in pairs.items()
        for part in _signed_parts(
            plan, pair, [t for t in additive if t.table == name], with_periods
        )
    ]
    changes = pl.concat(parts, how="vertical_relaxed") if parts else None
    sums = before.sums
    for place in range(n - 1):
        moves = [target for target in hybrid if pairs[target.table].codes[target.id].keys[place]]
        of_bucket = None if changes is None else changes.filter(pl.col(_BUCKET) == place)
        if not moves and (of_bucket is None or not of_bucket.height):
            yield None
            continue
        if of_bucket is not None and of_bucket.height:
            sums = sum_states([sums, of_bucket.drop(_BUCKET).select(sums.columns)])
            sums = _without_emptied(sums)
        for target in moves:
            of_target = _hybrid(plan, pairs[target.table], target, place, with_periods)
            rest = sums.filter(pl.col("target") != target.id)
            sums = sum_states([rest, of_target.select(sums.columns)])
        yield sums


def _without_emptied(sums: pl.DataFrame) -> pl.DataFrame:
    """Return the sums without values of histograms and groups of rows that no row has any more."""
    sums = sums.filter(pl.col(BIN).is_null() | (pl.col("n") != 0))
    group = pl.col("quantity").str.strip_prefix(f"{COUNTED}\x1f")
    emptied = sums.filter(pl.col("quantity").str.starts_with(f"{COUNTED}\x1f"), pl.col("n") == 0)
    if not emptied.height:
        return sums
    keys = [name for name in sums.columns if name not in ("quantity", BIN, "n")]
    of_group = pl.col("quantity").str.splitn("\x1f", 2).struct.field("field_1").alias(_GROUP)
    return (
        sums.with_columns(of_group)
        .join(
            emptied.select(*keys, group.alias(_GROUP)),
            on=[*keys, _GROUP],
            how="anti",
            nulls_equal=True,
        )
        .select(sums.columns)
        .sort([name for name in sums.columns if name != "n"], nulls_last=True)
    )


def _signed_parts(
    plan: Plan,
    pair: TablePair,
    targets: Sequence[Target],
    with_periods: bool,  # noqa: FBT001 - as a state has it
) -> Iterator[pl.DataFrame]:
    """Yield the sums by bucket of the rows that moved: those of NEW, and those of OLD negated."""
    for group in _alike(pair, targets):
        codes = pair.codes[group[0].id]
        sides = (
            (pair.before, pair.moved_before, codes.moving[0], -1),
            (pair.after, pair.moved_after, codes.moving[1], 1),
        )
        for snapshot, rows, of_rows, sign in sides:
            moved = rows.with_columns(of_rows.alias(_BUCKET)).filter(
                pl.col(_BUCKET) != len(pair.names) - 1
            )
            if moved.height:
                yield _aggregated(
                    plan, snapshot, moved, group, (_BUCKET,), with_periods
                ).with_columns(pl.col("n") * sign)


def _alike(pair: TablePair, targets: Iterable[Target]) -> list[list[Target]]:
    """Return the targets in groups under which every row that moves a state is in the same bucket."""
    groups: list[list[Target]] = []
    for target in targets:
        codes = pair.codes[target.id]
        for group in groups:
            others = pair.codes[group[0].id]
            if all(
                one.equals(other) for one, other in zip(codes.moving, others.moving, strict=True)
            ):
                group.append(target)
                break
        else:
            groups.append([target])
    return groups


def _aggregated(
    plan: Plan,
    snapshot: Snapshot,
    rows: pl.DataFrame,
    targets: Sequence[Target],
    by: Sequence[str],
    with_periods: bool,  # noqa: FBT001 - as a state has it
) -> pl.DataFrame:
    return aggregate(
        plan,
        with_rows(snapshot, rows),
        targets,
        by=by,
        series=None,
        with_periods=with_periods,
        engine="in-memory",
    )


def _hybrid(
    plan: Plan,
    pair: TablePair,
    target: Target,
    place: int,
    with_periods: bool,  # noqa: FBT001 - as a state has it
) -> pl.DataFrame:
    """Return the sums of a target over the rows of the buckets so far as they are now, others as they were."""
    codes = pair.codes[target.id]
    frames = [
        pair.moved_after.filter(codes.after <= place),
        pair.moved_before.filter(codes.before > place),
        pair.same,
    ]
    categories = pl.col(pl.Enum, pl.Categorical).cast(pl.String)
    rows = pl.concat([frame.with_columns(categories) for frame in frames], how="diagonal_relaxed")
    bounds = dict(pair.after.bounds)
    for name, (low, high) in pair.before.bounds.items():
        least, most = bounds.get(name, (low, high))
        bounds[name] = (min(low, least), max(high, most))
    snapshot = evolve(pair.after, bounds=bounds)
    return _aggregated(plan, snapshot, rows, [target], (), with_periods)
