"""How long does it take to merge a hundred states, beside one `group_by` of all their rows?"""

from __future__ import annotations

import polars as pl
from attrs import evolve

import kpi
from benchmarks import data
from benchmarks.benchmark import Bar, Benchmark, Measured
from benchmarks.plan_2017 import case_plan
from benchmarks.timing import ratio, rounds

BARS = (Bar("merge", "merging a hundred states over one group_by of all their rows", 1.5),)
MERGED, GROUPED = "merge", "group_by"
STATES = 100
_OFFICES = 200


def states(rows: int) -> list[kpi.State]:
    """A hundred states with so many rows between them: histograms of days by target and office."""
    plan = case_plan()
    cases = data.cases(1000).with_columns(office=pl.lit("office 0"))
    state = kpi.partial(plan, cases, by="office")
    ids = [target.id for target in plan.leaves()]
    each = rows // STATES
    place = pl.int_range(each)
    office, days = place // len(ids) % _OFFICES, place // len(ids) // _OFFICES
    sums = pl.select(
        pl.lit(pl.Series(ids)).gather(place % len(ids)).alias("target"),
        (pl.lit("office ") + office.cast(pl.String)).alias("office"),
        pl.lit(None, pl.String).alias("part"),
        pl.lit("days").alias("quantity"),
        days.cast(pl.Int64).alias("bin"),
    ).sort(pl.all())
    return [evolve(state, sums=sums.with_columns(n=pl.lit(k + 1, pl.Int64))) for k in range(STATES)]


def grouped(parts: list[kpi.State]) -> pl.DataFrame:
    """The rows of all states, grouped by every column but `n`."""
    rows = pl.concat([state.sums for state in parts])
    return rows.group_by([name for name in rows.columns if name != "n"]).agg(pl.col("n").sum())


def _equal(parts: list[kpi.State]) -> list[str]:
    """Each row of the merged state is 1 + 2 + ... + 100."""
    merged, plain = kpi.merge(parts).sums, grouped(parts)
    if not merged.equals(plain.sort(merged.columns[:-1], nulls_last=True)):
        raise SystemExit("the merged state is not the group_by of all rows")
    if merged["n"].unique().to_list() != [STATES * (STATES + 1) // 2]:
        raise SystemExit("the merged state does not add up")
    return [f"{merged.height:,} rows out of {STATES} states"]


def measure(rows: int, repeats: int) -> Measured:
    parts = states(rows)
    _equal(parts)
    seconds = rounds(
        {GROUPED: lambda: grouped(parts), MERGED: lambda: kpi.merge(parts)},
        repeats,
    )
    return Measured(seconds=seconds, found={"merge": ratio(seconds, MERGED, GROUPED)})


def small() -> list[str]:
    return _equal(states(60_000))


BENCHMARK = Benchmark(
    name="merging",
    question="How long does it take to merge a hundred states, beside one group_by of all their rows?",
    rows=6_000_000,
    check_rows=6_000_000,
    bars=BARS,
    measure=measure,
    small=small,
)

if __name__ == "__main__":
    BENCHMARK.main()
