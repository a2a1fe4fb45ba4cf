"""The long form of a state: one integer a row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl
import polars.selectors as cs

from kpi.definitions.reserved import BIN, GROUP, PART, PERIOD
from kpi.engine.buckets import by_bucket
from kpi.engine.state import COUNTED, ROWS, of_group
from kpi.engine.target_query import QueryName, TargetQuery
from kpi.tables.as_of import Snapshot

_SCHEMA = {
    "target": pl.String,
    PART: pl.String,
    "quantity": pl.String,
    BIN: pl.Int64,
    "n": pl.Int64,
}


def short_form(
    snapshot: Snapshot, queries: Sequence[TargetQuery], totals: Mapping[QueryName, pl.DataFrame]
) -> pl.DataFrame:
    """Return the sums of targets that have no groups, segments or histograms.

    Their rows are built in Python, which takes no frame operations for each target.

    Args:
        snapshot: the table that the targets read.
        queries: the queries of the targets.
        totals: the aggregates of each query by the query's name, a frame of one row.
    """
    quantities = [
        (query.target.id, None, quantity, None, n)
        for query in queries
        for quantity, n in (
            (ROWS, snapshot.rows),
            *by_bucket(query.rows, totals[query.name].row(0, named=True)).items(),
        )
    ]
    return pl.DataFrame(quantities, schema=_SCHEMA, orient="row")


def long_form(query: TargetQuery, frame: pl.DataFrame) -> pl.LazyFrame:
    """Return the sums of a target, a column per quantity, as a row per quantity."""
    lazy = with_plain_groups(query, frame)
    if PART not in frame.columns:
        lazy = lazy.with_columns(pl.lit(None, pl.String).alias(PART))
    index = [*query.group_names, PART]
    long = lazy.unpivot(index=index, variable_name="quantity", value_name="n")
    return long.select(
        pl.lit(query.target.id).alias("target"),
        *index,
        "quantity",
        pl.lit(None, pl.Int64).alias(BIN),
        "n",
    )


def long_histogram(query: TargetQuery, name: str, frame: pl.DataFrame) -> pl.LazyFrame:
    """Return a histogram of a target as rows of the state: `bin` is the value, `n` the cases."""
    part = pl.col(PART) if query.parts else pl.lit(None, pl.String).alias(PART)
    return with_plain_groups(query, frame).select(
        pl.lit(query.target.id).alias("target"),
        *query.group_names,
        part,
        pl.lit(name).alias("quantity"),
        BIN,
        "n",
    )


def long_groups(query: TargetQuery, frame: pl.DataFrame) -> pl.LazyFrame:
    """Return the sums of each group of rows as rows of the state, each quantity named with the group."""
    part = pl.col(PART) if query.parts else pl.lit(None, pl.String).alias(PART)
    names = [COUNTED, *query.rows.sums]
    lazy = with_plain_groups(query, frame)
    return pl.concat(
        lazy.select(
            pl.lit(query.target.id).alias("target"),
            *query.group_names,
            part,
            of_group(name, GROUP).alias("quantity"),
            pl.lit(None, pl.Int64).alias(BIN),
            pl.col(name).alias("n"),
        )
        for name in names
    )


def with_plain_groups(query: TargetQuery, frame: pl.DataFrame) -> pl.LazyFrame:
    """Cast categories to text, which other batches share, and add the period that all rows share.

    Args:
        query: the query of the target.
        frame: rows with the group keys of the query.
    """
    names = query.key_names
    coded = [n for n in names if isinstance(frame.schema[n], pl.Categorical | pl.Enum | pl.Null)]
    shared = [pl.lit(day, pl.Date).alias(PERIOD) for day in query.period]
    return frame.lazy().with_columns(
        pl.col(coded).cast(pl.String), cs.integer().cast(pl.Int64), *shared
    )
