"""Figures: the rule of a target itself, applied to rows in millionths, known or expected (F23)."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import TypeAlias

import polars as pl
from attrs import field, frozen

from kpi.definitions.measurement import Measure, Rows, Unit
from kpi.definitions.plan import Plan
from kpi.definitions.sums import Sums
from kpi.definitions.target import Target
from kpi.engine.buckets import retained_masks
from kpi.engine.groups import segment_keys
from kpi.engine.state import COUNTED
from kpi.evaluation.forecast.expected_rows import ROW, whole
from kpi.evaluation.forecast.grouped_rows import GroupedRows, N
from kpi.evaluation.forecast.requirement import Required, required
from kpi.rules._case_weights import weighed_rows

Part: TypeAlias = tuple[str | None, ...]
"""A segment that must reach the target on its own; empty for all rows together."""

_ROWS = "counted rows"


@frozen(eq=False)
class Totals:
    """Totals of the counted rows of a segment, in millionths of a row.

    Attributes:
        numbers: the counted rows, what they count as, and the sums of the rule, by name.
        bins: the histograms of the rule, by name: value -> rows.
    """

    numbers: Counter[str] = field(factory=Counter)
    bins: dict[str, Counter[int]] = field(factory=dict)

    def add(self, other: Totals, sign: int = 1) -> None:
        """Add the totals of other rows, or take them away where the sign is -1."""
        for name, n in other.numbers.items():
            self.numbers[name] += sign * n
        for name, values in other.bins.items():
            own = self.bins.setdefault(name, Counter())
            for value, n in values.items():
                own[value] += sign * n


BySegment: TypeAlias = Mapping[Part, Totals]
"""The totals of each segment; those of a target without segments under ()."""


@frozen(kw_only=True)
class Figure:
    """The figure of a target, or of a segment of it, over known or expected rows.

    Attributes:
        value: the value in `unit`; None where no row is counted that could give one (S25).
        unit: the unit of the value.
        counted: the counted rows, expected ones in fractions.
        reached: whether the requirement is met; None where that cannot be assessed.
        required: the values that meet the requirement; None where nothing is required.
    """

    value: float | None
    unit: Unit
    counted: float
    reached: bool | None
    required: Required | None


@frozen(eq=False, repr=False)
class Counting:
    """The row expressions of a target over grouped rows, to count known and expected rows alike.

    Attributes:
        target: the target.
        rows: the row expressions.
        keys: the keys of the segments.
    """

    target: Target
    rows: Rows
    keys: list[pl.Expr]

    @classmethod
    def of(cls, target: Target, grouped: GroupedRows, as_of: dt.date) -> Counting:
        """Return the row expressions of a target that looks at the rows from a day."""
        columns = grouped.columns(as_of)
        return cls(target, weighed_rows(target, columns), segment_keys(target, columns))

    @property
    def tests(self) -> list[pl.Expr]:
        """The tests that a row inside passes."""
        return [test for _, test in self.rows.tests]

    def queries(self, inside: pl.LazyFrame) -> list[pl.LazyFrame]:
        """Return the queries of the totals over rows inside: of the sums, then of each histogram."""
        rows, keys = self.rows, [_key(n) for n in range(len(self.keys))]
        number = pl.col(N) if rows.weight is None else pl.col(N) * rows.weight
        counted = inside.filter(retained_masks(rows)[-1]).select(
            *(key.alias(name) for key, name in zip(self.keys, keys, strict=True)),
            pl.col(N).alias(_ROWS),
            number.alias(COUNTED),
            *((number * value.cast(pl.Int64)).alias(_sum(n)) for n, value in rows.sums.items()),
            *(value.cast(pl.Int64).alias(_bin(name)) for name, value in rows.bins.items()),
        )
        sums = [pl.col(name).sum() for name in self._sum_columns]
        whole_sums = counted.group_by(keys).agg(sums) if keys else counted.select(sums)
        histograms = [
            counted.filter(pl.col(_bin(name)).is_not_null())
            .group_by([*keys, _bin(name)])
            .agg(pl.col(COUNTED).sum())
            for name in rows.bins
        ]
        return [whole_sums, *histograms]

    @property
    def _sum_columns(self) -> dict[str, str]:
        """The columns of the sums, with the name that each has in the totals."""
        return {_ROWS: _ROWS, COUNTED: COUNTED, **{_sum(name): name for name in self.rows.sums}}

    def totals(self, frames: Iterator[pl.DataFrame]) -> dict[Part, Totals]:
        """Return the totals by segment, from what the queries gave, which are taken in turn."""
        found: dict[Part, Totals] = {}
        names, k = [*self._sum_columns.values()], len(self.keys)
        for row in next(frames).iter_rows():
            found[row[:k]] = Totals(Counter(dict(zip(names, row[k:], strict=True))))
        for name in self.rows.bins:
            for row in next(frames).iter_rows():
                bins = found[row[:k]].bins.setdefault(name, Counter())
                bins[row[k]] = row[k + 1]
        return found


def _key(n: int) -> str:
    return f"kpi:key {n}"


def _sum(name: str) -> str:
    return f"kpi:sum:{name}"


def _bin(name: str) -> str:
    return f"kpi:bin:{name}"


Asked: TypeAlias = tuple[Counting, pl.LazyFrame]
"""What is counted, and the rows inside that it is counted over."""


def known_rows(
    target: Target, grouped: GroupedRows, known: dt.date, as_of: dt.date, *tests: pl.Expr
) -> Asked:
    """Return what to count of the rows that were known at a day, as the rule sees them from another.

    Args:
        target: the target.
        grouped: the grouped rows.
        known: the day whose snapshot is taken (S15).
        as_of: the day that the rule looks at the rows from.
        tests: further tests that a row must pass.
    """
    counting = Counting.of(target, grouped, as_of)
    return counting, whole(grouped.known(known, [*counting.tests, *tests]))


def rows_to_count(
    target: Target, grouped: GroupedRows, rows: pl.DataFrame, as_of: dt.date
) -> Asked:
    """Return what to count of expected rows, as the rule sees them from a day."""
    counting = Counting.of(target, grouped, as_of)
    lazy = rows.lazy()
    return counting, lazy.filter(counting.tests) if counting.tests else lazy


def totals(asked: Sequence[Asked]) -> list[dict[Part, Totals]]:
    """Return the totals of each question, all collected at once."""
    queries = [counting.queries(lazy) for counting, lazy in asked]
    flat = [query for of_one in queries for query in of_one]
    frames = iter(pl.collect_all(flat, engine="in-memory", optimizations=pl.QueryOptFlags.none()))
    return [counting.totals(frames) for counting, _ in asked]


def together(*signed: tuple[int, BySegment]) -> dict[Part, Totals]:
    """Return the totals of several groups of rows, each added (1) or taken away (-1)."""
    found: dict[Part, Totals] = {}
    for sign, parts in signed:
        for part, totals in parts.items():
            found.setdefault(part, Totals()).add(totals, sign)
    return found


def _sums(target: Target, plan: Plan, parts: BySegment, as_of: dt.date, part: Part) -> Sums:
    """Return totals as the measure of a rule takes them."""
    window = target.window_of(plan)
    last = window.last
    assert last is not None, "a target's window has an end"

    def sums_of(totals: Totals, key: Part, segments: Mapping[Part, Sums]) -> Sums:
        return Sums(
            numbers=totals.numbers,
            bins=totals.bins,
            parts=segments,
            part=key,
            first=window.first,
            last=last,
            as_of=as_of,
            calendar=plan.calendar,
        )

    if part:
        return sums_of(parts.get(part, Totals()), part, {})
    added: list[tuple[int, BySegment]] = [(1, {(): totals}) for totals in parts.values()]
    whole_target = together(*added)
    segments = {key: sums_of(totals, key, {}) for key, totals in parts.items() if key}
    return sums_of(whole_target.get((), Totals()), (), segments)


def figure(target: Target, plan: Plan, parts: BySegment, as_of: dt.date, part: Part = ()) -> Figure:
    """Return the figure of a target, or of one segment of it."""
    sums = _sums(target, plan, parts, as_of, part)
    measure = target.measure(sums)
    value, reached = _value(measure), measure.reached
    level = required(target, part, sums, measure.unit)
    if measure.unit == "count" and value is not None and level is not None:
        reached = level.hold(Fraction(value))
    return Figure(
        value=value,
        unit=measure.unit,
        counted=sums[_ROWS] / ROW,
        reached=reached,
        required=level,
    )


def _value(measure: Measure) -> float | None:
    """Return the value, of a number of rows in whole rows."""
    if measure.value is None:
        return None
    return measure.value / ROW if measure.unit == "count" else measure.value
