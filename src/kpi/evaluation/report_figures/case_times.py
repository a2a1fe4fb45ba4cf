"""Distribution of the times that the counted cases of a target took: a histogram, no case."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal, TypeAlias

import polars as pl
from attrs import frozen

from kpi.definitions.outcomes import COUNTED
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

    The times are those of the audit trail, so that they are the times that the verdict rests on.

    Raises:
        DataError: where a large file has changed since it was checked.
    """
    timed_rules = (Average, Clearance, Percentile, Within)
    units = {
        record.id: record.unit
        for record in result.leaves()
        if isinstance(result.plan.target(record.id), timed_rules)
    }
    if not units:
        return
    counted = result.audit(*units, outside=False).filter(
        pl.col("bucket").cast(pl.String) == COUNTED
    )
    # An instant a second past a minute is past it.
    minutes = (pl.col("seconds") + 59) // 60
    found = (
        counted.select(
            pl.col("target").cast(pl.String),
            pl.coalesce(minutes, pl.col("days")).alias("time"),
            pl.col("seconds").is_not_null().alias("by_clock"),
        )
        .group_by("target", "time", "by_clock")
        .len("n")
        .sort("target", "time", "by_clock")
        .collect()
    )
    for (name,), rows in found.group_by("target", maintain_order=True):
        timed = rows.filter(pl.col("time").is_not_null())
        if timed.is_empty() or str(name) not in units:
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
