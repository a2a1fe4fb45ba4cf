"""Distribution of the times that the counted cases of a target took: a histogram, no case."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal, TypeAlias

import polars as pl
from attrs import frozen

from kpi.definitions.outcomes import COUNTED
from kpi.definitions.target import Target
from kpi.engine.compile import durations
from kpi.results.result import Result
from kpi.rules.average import Average
from kpi.rules.clearance import Clearance
from kpi.rules.percentile import Percentile
from kpi.rules.within import Within

TimeUnit: TypeAlias = Literal["days", "working days", "minutes"]
"""The unit of a distribution: elapsed time by the clock is counted in whole minutes, rounded up."""


@frozen
class CaseTimes:
    """Distribution of the times of a target's counted cases.

    Attributes:
        unit: the unit of the times.
        histogram: the number of cases by time, the shortest time first.
        unended: the counted cases without a time, as they have not ended (S11).
    """

    unit: TimeUnit
    histogram: Mapping[int, int]
    unended: int

    @property
    def total(self) -> int:
        """The counted cases that have a time."""
        return sum(self.histogram.values())


def case_times(result: Result) -> Iterator[tuple[str, CaseTimes]]:
    """Yield the id of each target whose counted cases have times, and their distribution.

    The times are those of the audit trail: the same expressions that the verdict rests on.

    Raises:
        DataError: where a large file has changed since it was checked.
    """
    timed_rules = (Average, Clearance, Percentile, Within)
    units = {
        record.id: record.unit
        for record in result.leaves()
        if isinstance(result.plan.target(record.id), timed_rules)
    }
    # An instant a second past a minute is past it.
    minutes = (pl.col("seconds") + 59) // 60
    by_time = (
        pl.concat([_EMPTY, *_durations(result, [*units])])
        .group_by(
            "target",
            pl.coalesce(minutes, pl.col("days")).alias("time"),
            pl.col("seconds").is_not_null().alias("by_clock"),
        )
        .agg(pl.col("n").sum())
        .sort("target", "time", "by_clock")
    )
    for (name,), rows in by_time.group_by("target", maintain_order=True):
        timed = rows.filter(pl.col("time").is_not_null())
        if timed.is_empty():
            continue
        clocks = timed["by_clock"].unique().to_list()
        if len(clocks) > 1:
            # Times by the clock beside times by the day have no common unit.
            continue
        day: TimeUnit = "working days" if units[str(name)] == "working days" else "days"
        yield (
            str(name),
            CaseTimes(
                unit="minutes" if clocks[0] else day,
                histogram=dict(zip(timed["time"].to_list(), timed["n"].to_list(), strict=True)),
                unended=int(rows.filter(pl.col("time").is_null())["n"].sum()),
            ),
        )


_EMPTY = pl.DataFrame(
    schema={"target": pl.String, "days": pl.Int64, "seconds": pl.Int64, "n": pl.Int64}
)


def _durations(result: Result, ids: Sequence[str]) -> Iterator[pl.DataFrame]:
    """Yield how many counted rows of the targets took how long, a frame per table.

    Those of a target that leaves rows out by their rank are in the audit trail alone (S17).
    """
    tables, ranked = result.tables or {}, []
    of_table: dict[str, list[Target]] = {}
    for name in ids:
        target = result.plan.target(name)
        assert isinstance(target, Target), "a target is measured"
        if not {*target.tables} <= {*tables}:
            continue
        if isinstance(target, Average) and not (target.fastest is None and target.trimmed is None):
            ranked.append(name)
        else:
            of_table.setdefault(target.table, []).append(target)
    for table, targets in of_table.items():
        yield durations(result.plan, tables[table], targets).select(_EMPTY.columns)
    if ranked:
        is_counted = pl.col("bucket").cast(pl.String) == COUNTED
        yield (
            result.audit(*ranked, outside=False)
            .filter(is_counted)
            .group_by(pl.col("target").cast(pl.String), "days", "seconds")
            .agg(pl.len().cast(pl.Int64).alias("n"))
            .collect()
        )
