"""Which values differ between rows that stand side by side, column by column (F41)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import polars as pl

_OLD, _NEW = "kpi:old:", "kpi:new:"


def differences(before: pl.DataFrame, after: pl.DataFrame, columns: Iterable[str]) -> pl.DataFrame:
    """Return a Boolean column for each column: whether its value differs; two nulls do not.

    Args:
        before: rows of the earlier snapshot.
        after: the rows that they stand against, as many.
        columns: the columns; one that neither side has is left out. A mask that one side lacks is
            false there, and any other column is null.
    """
    names = [name for name in columns if name in before.columns or name in after.columns]
    pair = pl.concat(
        [
            before.select(pl.col(name).alias(_OLD + name) for name in names if name in before),
            after.select(pl.col(name).alias(_NEW + name) for name in names if name in after),
        ],
        how="horizontal",
    )
    if not names:
        return pl.DataFrame()
    return pair.select(_differs(pair.schema, name).alias(name) for name in names)


def _differs(schema: Mapping[str, pl.DataType], name: str) -> pl.Expr:
    old, new = schema.get(_OLD + name), schema.get(_NEW + name)
    one, other = pl.col(_OLD + name), pl.col(_NEW + name)
    if old is None or new is None:
        known, dtype = (other, new) if old is None else (one, old)
        # The masks that a check adds are there only where some row needs them.
        return known.fill_null(value=False) if dtype == pl.Boolean else known.is_not_null()
    are_codes = isinstance(old, pl.Categorical | pl.Enum) or isinstance(
        new, pl.Categorical | pl.Enum
    )
    if old == pl.Boolean and new == pl.Boolean and name.startswith("kpi:"):
        return one.fill_null(value=False) != other.fill_null(value=False)
    if (are_codes and old != new) or (old != new and not (old.is_numeric() and new.is_numeric())):
        one, other = one.cast(pl.String), other.cast(pl.String)
    return one.ne_missing(other)
