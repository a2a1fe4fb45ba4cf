"""Digests of the distinct values that a batch counts, the same in every batch and version (S23).

A digest is of 128 bits: among a thousand million values two are alike with a chance of one in
10²¹. It hides nothing that can be guessed, such as a personal id.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Decimal
from hashlib import blake2b
from typing import Any

import polars as pl
from polars._typing import EngineType

from kpi.definitions.plan import Plan
from kpi.definitions.reserved import PART
from kpi.definitions.series import Series
from kpi.definitions.target import Target
from kpi.engine.buckets import retained_masks
from kpi.engine.distinct_values import DIGEST, KEY_PREFIX, Values, first_of_each
from kpi.engine.long_state import with_plain_groups
from kpi.engine.state import encode_segment, has_periods
from kpi.engine.target_query import TargetQuery, columns_needed, columns_of, target_queries
from kpi.tables.as_of import Snapshot

_COUNTED, _VALUE = "kpi:counted", "kpi:value"


def values_of(
    plan: Plan,
    snapshot: Snapshot,
    targets: Iterable[Target],
    *,
    by: Sequence[str],
    series: Series | None,
    engine: EngineType,
) -> Values:
    """Return the values that the targets of one table count once, by target.

    Args:
        plan: the plan that is evaluated.
        snapshot: the table as of the date.
        targets: the targets that read it.
        by: the columns of the break-down.
        series: the series that is asked of every target without its own; None for none.
        engine: the Polars engine.
    """
    columns = columns_of(plan, snapshot)
    with_periods = has_periods(plan, series)
    values: dict[str, pl.DataFrame] = {}
    for target in targets:
        if getattr(target, "distinct", None) is None:
            continue
        of_target = plan.series_of(target) or series
        queries = target_queries(plan, target, columns, by, of_target, with_periods=with_periods)
        frames = [
            _values(plan, snapshot, query, value, engine)
            for query in queries
            if (value := query.rows.distinct) is not None
        ]
        if frames:
            values[target.id] = first_of_each(pl.concat(frames))
    return values


def _values(
    plan: Plan, snapshot: Snapshot, query: TargetQuery, value: pl.Expr, engine: EngineType
) -> pl.DataFrame:
    key = snapshot.table.key if query.keys else ()
    needed = {*columns_needed(query), *snapshot.table.key, *value.meta.root_names()}
    part = encode_segment(query.parts).alias(PART)
    measured = (
        snapshot.scan(None, needed)
        .filtered(list(query.tests.values()))
        .select(
            part if query.parts else pl.repeat(None, pl.len(), dtype=pl.String).alias(PART),
            value.alias(_VALUE),
            *query.keys,
            *(pl.col(name).alias(f"{KEY_PREFIX}{n}") for n, name in enumerate(key)),
            retained_masks(query.rows)[-1].alias(_COUNTED),
        )
        .collect(engine=engine)
        .filter(_COUNTED)
        .drop(_COUNTED)
    )
    digests = pl.Series(
        DIGEST, list(_digests(measured[_VALUE], plan.id, query.target.id)), pl.Binary
    )
    plain = with_plain_groups(query, measured.with_columns(digests).drop(_VALUE)).collect()
    keys = [name for name in plain.columns if name.startswith(KEY_PREFIX)]
    return plain.select(PART, DIGEST, *query.group_names, *keys)


def _digests(values: pl.Series, plan_id: str, target_id: str) -> Iterator[bytes]:
    """Yield a digest of each value, one of each target's own."""
    of_target = blake2b(f"{plan_id}\x1f{target_id}\x1f".encode(), digest_size=16)
    for text in _texts(values):
        digest = of_target.copy()
        digest.update(text.encode())
        yield digest.digest()


_NS_PER_UNIT = {"ms": 10**6, "us": 10**3, "ns": 1}


def _texts(values: pl.Series) -> Iterator[str]:
    """Yield a text for each value, different for different values of a type.

    A number is the same text in every type of number, a moment in every unit of time.
    """
    dtype = values.dtype
    if isinstance(dtype, pl.Datetime | pl.Duration):
        factor = _NS_PER_UNIT[dtype.time_unit]
        yield from (f"{n * factor} ns" for n in values.to_physical().to_list())
    elif isinstance(dtype, pl.Categorical | pl.Enum):
        yield from values.cast(pl.String).to_list()
    else:
        text = _TEXTS.get(dtype.base_type(), _text)
        yield from map(text, values.to_list())


def _text(value: Any) -> str:
    return value if isinstance(value, str) else repr(value)


def _text_of_float(value: float) -> str:
    return str(int(value)) if value.is_integer() else repr(value)


def _text_of_decimal(value: Decimal) -> str:
    whole = value.to_integral_value()
    return str(int(whole)) if whole == value else str(value.normalize())


_TEXTS: dict[Any, Callable[[Any], str]] = {
    pl.Float32: _text_of_float,
    pl.Float64: _text_of_float,
    pl.Decimal: _text_of_decimal,
}
