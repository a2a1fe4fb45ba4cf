"""Distinct values of states: digests, merged exactly in any order, and the counts they give (S23).

The sums of several batches count a value once in each batch that has it. The digests tell how often
that is too much.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias

import polars as pl

from kpi.definitions.reserved import PART, PERIOD, PREFIX
from kpi.engine.common_dtypes import with_common_dtypes
from kpi.errors import DataError

Values: TypeAlias = Mapping[str, pl.DataFrame]
"""The values that are counted, by target: a row for each period, segment and digest, sorted.

Beside these stand, in a break-down, the group and the key of the first row of the value: a value
counts in the group of that row.
"""

DIGEST = f"{PREFIX}digest"
KEY_PREFIX = f"{PREFIX}key "
"""Prefix of the columns of the key of a value's first row, which are numbered from 0."""


def first_of_each(values: pl.DataFrame) -> pl.DataFrame:
    """Return the first row of each value of a segment and period, by the key; sorted."""
    period = [PERIOD] if PERIOD in values.columns else []
    keys = [name for name in values.columns if name.startswith(KEY_PREFIX)]
    others = [name for name in values.columns if name not in (PART, DIGEST, *period, *keys)]
    value = [*period, PART, DIGEST]
    in_order = values.sort([*value, *keys, *others], nulls_last=True)
    return in_order.unique(value, keep="first", maintain_order=True)


def merged_values(parts: Sequence[Values]) -> Values:
    """Return the values of all parts, each once: in any order the same.

    Raises:
        DataError: where a key that tells the first row is of another type in another batch.
    """
    merged: dict[str, pl.DataFrame] = {}
    for name in dict.fromkeys(name for part in parts for name in part):
        of_target = [part[name] for part in parts if name in part]
        full = [values for values in of_target if values.height]
        merged[name] = _together(name, full) if len(full) > 1 else (full or of_target)[0]
    return merged


def _together(name: str, parts: Sequence[pl.DataFrame]) -> pl.DataFrame:
    one, *others = with_common_dtypes(parts)
    for other in others:
        for column, dtype in one.schema.items():
            if not _compare(dtype, other.schema[column]):
                raise DataError(
                    f"target {name}: the key holds {dtype} in one batch and {other.schema[column]} in "
                    "another, and the first row of a value is told by the key; give all batches the same"
                )
    return first_of_each(pl.concat([one, *others], how="vertical_relaxed"))


def _compare(one: pl.DataType, other: pl.DataType) -> bool:
    """Return whether values of both types have one order."""
    return one.base_type() == other.base_type() or (one.is_integer() and other.is_integer())


def recounted(
    sums: pl.DataFrame, values: Values, *, group: Sequence[str], once: str, again: str
) -> pl.DataFrame:
    """Return the sums with each value counted once, and the other rows of a value as such.

    Args:
        sums: the sums of batches, added up (`kpi.engine.state.State.sums`).
        values: the values of the batches together.
        group: the columns of `sums` that make up a group.
        once: the quantity of the rows that are counted.
        again: the quantity of the rows whose value is counted already.
    """
    if not values:
        return sums
    keys = ["target", *group, PART]
    stands = pl.concat(_stands(values, group, sums.schema))
    joined = sums.join(stands, on=keys, how="left", nulls_equal=True, maintain_order="left")
    is_once, is_again = pl.col("quantity") == once, pl.col("quantity") == again
    # Whichever value a row has, it is counted or counted already.
    both = pl.col("n").filter(is_once | is_again).sum().over(keys)
    n = pl.col("stands").fill_null(0)
    counts = pl.when(is_once).then(n).when(is_again).then(both - n).otherwise("n")
    of_values = pl.col("target").is_in(list(values))
    return joined.with_columns(n=pl.when(of_values).then(counts).otherwise("n")).select(
        sums.columns
    )


def _stands(
    values: Values, group: Sequence[str], schema: Mapping[str, pl.DataType]
) -> Iterable[pl.DataFrame]:
    """Yield how many values count in each group and segment of a target."""
    for name, of_target in values.items():
        keys = [pl.col(key).cast(schema[key]) for key in (*group, PART)]
        yield (
            of_target.select(pl.lit(name).alias("target"), *keys)
            .group_by("target", *group, PART)
            .agg(pl.len().cast(pl.Int64).alias("stands"))
        )
