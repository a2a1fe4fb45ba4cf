"""How long does it take to check a table, repeated ids included?

Beside what Polars takes to count the distinct ids alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import numpy as np
import polars as pl

import kpi
from benchmarks import data
from benchmarks.answers import same
from benchmarks.benchmark import Bar, Benchmark, Measured
from benchmarks.plan_2017 import case_plan
from benchmarks.timing import Seconds, Spread, ratio, rounds

FORMS = ("integers sorted", "integers shuffled", "texts sorted", "texts shuffled")
REPEATED = 1_000
"""Rows of which each has the id of another, where some are to be repeated."""

BARS = (
    *(Bar(form, f"`kpi.check` over `n_unique` of the ids: {form}", 1.5) for form in FORMS),
    Bar("with repeats", f"the same: integers shuffled, the ids of {REPEATED:,} rows repeated", 1.5),
)


def _ids(rows: int, form: str) -> pl.Series:
    """Ids as they come from a source: Polars has not been told that some of them are sorted."""
    kind, order = form.split()
    numbers = np.arange(rows, dtype=np.int64)
    if order == "shuffled":
        numbers = np.random.default_rng(5).permutation(numbers)
    ids = pl.Series("case_id", numbers)
    if kind == "integers":
        return ids
    return ids.to_frame().select(
        pl.format("C-2017-{}", pl.col("case_id").cast(pl.String).str.zfill(9)).alias("case_id")
    )["case_id"]


def _tables(rows: int) -> Iterator[tuple[str, pl.DataFrame]]:
    cases = data.cases(rows)
    for form in FORMS:
        yield form, cases.with_columns(_ids(rows, form))
    few = min(REPEATED, rows // 4)
    ids = _ids(rows, "integers shuffled")
    ids = pl.concat([ids.head(few), ids.head(few), ids.slice(2 * few)])
    yield "with repeats", cases.with_columns(ids)


def _equal(form: str, cases: pl.DataFrame, checked: kpi.Extract) -> str:
    facts = checked.tables["cases"].facts
    repeated = cases["case_id"].is_duplicated().sum()
    expected = {"rows": cases.height, "repeated": repeated, "ids": cases.height - repeated // 2}
    assert (repeated > 0) == (form == "with repeats")
    found = {"rows": facts.rows, "repeated": facts.repeated, "ids": cases["case_id"].n_unique()}
    return same(f"{form}: rows and repeated ids", expected, found)


def measure(rows: int, repeats: int) -> Measured:
    plan = case_plan()
    seconds: Seconds = {}
    found: dict[str, Spread] = {}
    for form, cases in _tables(rows):
        _equal(form, cases, kpi.check(plan, cases))
        ids = cases["case_id"]
        kpi_name, other = f"kpi.check, {form}", f"n_unique, {form}"
        its = rounds({kpi_name: partial(kpi.check, plan, cases), other: ids.n_unique}, repeats)
        found[form] = ratio(its, kpi_name, other)
        seconds |= its
    return Measured(seconds=seconds, found=found)


def small() -> list[str]:
    plan = case_plan()
    return [_equal(form, cases, kpi.check(plan, cases)) for form, cases in _tables(20_000)]


BENCHMARK = Benchmark(
    name="checking",
    question="How long does it take to check a table, repeated ids included, beside counting the "
    "distinct ids alone?",
    bars=BARS,
    check_repeats=3,
    measure=measure,
    small=small,
)

if __name__ == "__main__":
    BENCHMARK.main()
