"""The cases whose pauses differ between two snapshots of a table of pauses (F41)."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from kpi.definitions.reserved import instant_name
from kpi.definitions.table import Table
from kpi.evaluation.comparison.row_pairs import common_keys
from kpi.tables.as_of import Snapshot


def changed_pauses(cases: Table, before: Snapshot, after: Snapshot) -> pl.DataFrame | None:
    """Return the keys of the cases with an interval that stands in one of the snapshots alone.

    None where there are none. An interval that stands twice counts as once: overlaps are merged (S14).

    Args:
        cases: the declaration of the table of the cases, whose key names the keys get.
        before: the earlier snapshot of the pauses.
        after: the later one.
    """
    old, new = _intervals(cases, before), _intervals(cases, after)
    key = list(cases.key)
    old_key, new_key = common_keys(old.select(key), new.select(key))
    both = [
        frame.with_columns(keys.get_columns()) for frame, keys in ((old, old_key), (new, new_key))
    ]
    alone = pl.concat([both[0].unique(), both[1].unique()]).unique(keep="none")
    return alone.select(key).unique() if alone.height else None


def _intervals(cases: Table, pauses: Snapshot) -> pl.DataFrame:
    entry = pauses.table.entry
    assert entry is not None, "a table of pauses has an entry"
    own = dict(zip(pauses.table.key, cases.key, strict=True))
    dates = {"from": entry, "to": pauses.table.pause_end}
    return pauses.frame.select(
        *(pl.col(column).alias(name) for column, name in own.items()),
        *(pl.col(column).cast(pl.Date).alias(f"kpi:{name}") for name, column in dates.items()),
        *(
            (
                pl.col(instant_name(column)).cast(pl.Int64)
                if instant_name(column) in pauses.columns
                else pl.lit(None, pl.Int64)
            ).alias(f"kpi:{name} at")
            for name, column in dates.items()
        ),
    ).collect(engine="in-memory")


def is_among(rows: pl.DataFrame, key: Sequence[str], keys: pl.DataFrame) -> pl.Series:
    """Return the mask of the rows whose key is among some keys."""
    one, other = common_keys(rows.select(key), keys)
    mark = pl.lit(value=True).alias("kpi:among")
    joined = one.join(other.with_columns(mark), on=list(key), how="left", maintain_order="left")
    return joined["kpi:among"].fill_null(value=False)
