"""Columns that all parts of a table have, and the types that hold the values of every part."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import polars as pl
from attrs import frozen
from polars.datatypes import DataType

from kpi.errors import DataError

_MOST = 5
"""Mistakes that are named, at most; the rest are counted."""


@frozen(eq=False)
class PartColumns:
    """Columns of one part.

    Attributes:
        part: the name of the part, for messages.
        frame: the rows.
        kinds: the types of the columns, by name.
    """

    part: str
    frame: pl.LazyFrame
    kinds: pl.Schema

    def is_empty(self, column: str) -> bool:
        """Return whether a column holds nothing but nulls."""
        return self.kinds[column] == pl.Null or _collected(
            self.frame, pl.col(column).is_null().all()
        )

    def fits(self, column: str, kind: DataType) -> bool:
        """Return whether every value of a column stays what it is in another type."""
        values = pl.col(column)
        back = values.cast(kind, strict=False).cast(self.kinds[column], strict=False)
        return _collected(self.frame, back.eq_missing(values).all())


def common_schema(parts: Sequence[PartColumns]) -> pl.Schema:
    """Return the columns of a table in the order of the first part, in types that lose nothing.

    Whole numbers and time units widen; whole numbers may be floats in a part (as pandas writes them
    beside nulls); texts may be categories; a column of nulls alone has any type.

    Raises:
        DataError: naming parts whose columns differ: part, column, type.
    """
    first = parts[0]
    if all(part.kinds == first.kinds for part in parts):
        return first.kinds
    raise_problems(
        [
            line
            for part in parts[1:]
            for line in different_names(part.part, list(part.kinds), first.part, list(first.kinds))
        ]
    )
    problems: list[str] = []
    common: dict[str, DataType] = {}
    for column in first.kinds:
        kind = first.kinds[column]
        if any(part.kinds[column] != kind for part in parts):
            kind = _common_kind(column, parts, problems)
        common[column] = kind
    raise_problems(problems)
    return pl.Schema(common)


def different_names(
    part: str, names: Sequence[str], first: str, expected: Sequence[str]
) -> Iterator[str]:
    """Yield a line for each column that a part lacks or has beyond those of the first part."""
    for name in expected:
        if name not in names:
            yield f"{part}: missing column {name}, which {first} has"
    for name in names:
        if name not in expected:
            yield f"{part}: column {name}, which {first} lacks"


def raise_problems(problems: Sequence[str]) -> None:
    """Check that nothing is wrong with the parts of a table.

    Raises:
        DataError: naming the first mistakes, and how many more there are.
    """
    if problems:
        more = len(problems) - _MOST
        raise DataError(
            "\n".join([*problems[:_MOST], *([f"{more} more of these"] if more > 0 else [])])
        )


def _common_kind(column: str, parts: Sequence[PartColumns], problems: list[str]) -> DataType:
    """Return the type of a column that differs between parts; append what is wrong with it."""
    filled = [part for part in parts if not part.is_empty(column)]
    if not filled:
        return next((k for p in parts if (k := p.kinds[column]) != pl.Null), pl.Null())
    for kind in _candidates([part.kinds[column] for part in filled]):
        if all(part.kinds[column] == kind or part.fits(column, kind) for part in filled):
            return kind
    first = filled[0]
    problems += [
        f"{part.part}: column {column} holds {part.kinds[column]}, which is "
        f"{first.kinds[column]} in {first.part}; write both parts with one type"
        for part in filled
        if part.kinds[column] != first.kinds[column]
    ]
    return first.kinds[column]


def _candidates(kinds: Sequence[DataType]) -> list[DataType]:
    """Return the types that may hold the values of all the types, the best first."""
    if len(set(kinds)) == 1:
        return [kinds[0]]
    if all(kind.is_integer() for kind in kinds):
        return [pl.Int64(), pl.UInt64()]
    if all(kind.is_integer() or kind.is_float() for kind in kinds):
        return [pl.Int64(), pl.Float64()]
    if all(isinstance(kind, pl.String | pl.Categorical | pl.Enum) for kind in kinds):
        return [pl.String()]
    if all(isinstance(kind, pl.Decimal) for kind in kinds):
        return [pl.Decimal(38, max(k.scale for k in kinds if isinstance(k, pl.Decimal)))]
    times = [kind for kind in kinds if isinstance(kind, pl.Datetime)]
    if len(times) == len(kinds) and len({kind.time_zone for kind in times}) == 1:
        return [pl.Datetime(unit, times[0].time_zone) for unit in ("us", "ns")]
    return []


def _collected(frame: pl.LazyFrame, expression: pl.Expr) -> bool:
    return bool(frame.select(expression).collect(engine="streaming").item())
