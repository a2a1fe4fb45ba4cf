"""What do a break-down, a monthly series and all readings of a plan cost, beside the plain run?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable

import numpy as np
import polars as pl

import kpi
from benchmarks import data
from benchmarks.answers import Answers, number, same, same_answers
from benchmarks.benchmark import Bar, Benchmark, Measured
from benchmarks.peers.polars_one_by_one import FAMILY
from benchmarks.plan_2017 import case_plan
from benchmarks.scans import exactly, scans
from benchmarks.timing import ratio, rounds

BARS = (
    Bar("by", "a break-down by two columns (200 groups) over the plain run", 3),
    Bar("by text", "the same, where one of the two columns holds texts"),
    Bar("every", "a monthly series of a year over the plain run", 3),
    Bar("readings", "all readings of the plan over the plan alone", 4),
)

PLAIN, BY, BY_TEXT = "plain", "by case_type and office", "by case_type and town"
EVERY, READINGS = "every month", "all readings"
OFFICES = tuple(f"office {n}" for n in range(1, 11))


def with_offices(cases: pl.DataFrame) -> pl.DataFrame:
    """The cases, with the one of ten offices that handled each, and its town as a text."""
    codes = np.random.default_rng(10).integers(0, len(OFFICES), cases.height, dtype=np.uint8)
    office = pl.Series("office", codes).cat.to(pl.Enum(OFFICES))
    return cases.with_columns(office, office.cast(pl.String).alias("town"))


def _records(result: kpi.Result) -> Iterable[tuple[str, dict[str, int]]]:
    """Of each target, its own numbers and the sum of those of its groups.

    Periods add up but where a row may count in several (S30).
    """
    several = {leaf.id for leaf in result.plan.leaves() if leaf.counts_in_several_periods}
    for target in result.targets:
        if result.series is not None and target.id in several:
            continue
        for name, records in ((target.id, [target]), (f"{target.id}, groups", target.groups)):
            total: Counter[str] = Counter()
            for one in records:
                total += Counter(rows=one.rows, counted=one.counted, met=number(one))
                total += Counter(outside=one.outside, **one.excluded)
            yield name, dict(total)


def _adds_up(what: str, result: kpi.Result) -> str:
    found = dict(_records(result))
    whole = {name: n for name, n in found.items() if not name.endswith(", groups")}
    groups = {name: found[f"{name}, groups"] for name in whole}
    return same(f"{what}: the groups and the whole", whole, groups)


def _shares(cases: pl.DataFrame, keys: list[pl.Expr]) -> dict[str, tuple[int, int]]:
    """By hand: 1.2e, family cases filed since March 2017, in groups."""
    filed, decided = pl.col("filed"), pl.col("decided")
    late = pl.col("case_type").is_in(FAMILY) & (filed >= pl.date(2017, 3, 1))
    closed = decided.is_between(pl.date(2017, 1, 1), pl.date(2017, 12, 31))
    met = (decided <= filed.dt.offset_by("10mo")).sum().alias("met")
    rows = cases.lazy().filter(late, closed, decided >= filed).group_by(keys).agg(pl.len(), met)
    return {"/".join(map(str, key)): (n, m) for *key, n, m in rows.collect().iter_rows()}


def _groups(result: kpi.Result, target: str) -> Answers:
    return {
        "/".join(map(str, group.group.values())): (group.counted, number(group))
        for group in result[target].groups
        if group.counted
    }


def _equal(cases: pl.DataFrame, checked: kpi.Extract, every: kpi.Extract) -> list[str]:
    plan = case_plan()
    plain = kpi.evaluate(plan, checked)
    by = kpi.evaluate(plan, checked, by=["case_type", "office"])
    town = kpi.evaluate(plan, checked, by=["case_type", "town"])
    series = kpi.evaluate(plan, checked, every="month")
    keys = [pl.col("case_type").cast(pl.String), pl.col("town")]
    month = [pl.col("decided").dt.truncate("1mo").alias("month").dt.to_string("%Y-%m")]
    same_answers(
        {
            "by hand": lambda: _shares(cases, keys),
            BY: lambda: _groups(by, "1.2e"),
            BY_TEXT: lambda: _groups(town, "1.2e"),
        }
    )
    same_answers(
        {"by hand": lambda: _shares(cases, month), EVERY: lambda: _month_names(series, "1.2e")}
    )
    read = kpi.readings(plan, every)
    own = {target.id: target.default.counted for target in read.targets}
    since = next(
        record
        for target in read.targets
        for record in target.others
        if target.id == "1.1a" and record[0] == "filed since 1 January 2016"
    )[1]
    return [
        *(_adds_up(what, result) for what, result in ((BY, by), (BY_TEXT, town), (EVERY, series))),
        same("number of groups", 200, len(by["1.3"].groups)),
        same("the plain run and each break-down", *_plain(plain, by)),
        same("the plan's own readings", {t.id: t.counted for t in plain.targets}, own),
        same("another reading, by hand", _since_2016(cases), (since.counted, number(since))),
    ]


def _plain(plain: kpi.Result, by: kpi.Result) -> tuple[object, object]:
    def told(result: kpi.Result) -> list[tuple[str, int, int]]:
        return [(target.id, target.counted, number(target)) for target in result.targets]

    return told(plain), told(by)


def _month_names(result: kpi.Result, target: str) -> Answers:
    return {
        str(group.group["period"])[:7]: (group.counted, number(group))
        for group in result[target].groups
        if group.counted
    }


def _since_2016(cases: pl.DataFrame) -> tuple[int, int]:
    """By hand: 1.1a with the cases filed on 1 January 2016 among those it counts."""
    filed, decided = pl.col("filed"), pl.col("decided")
    rows = cases.filter(
        pl.col("case_type") == "asylum",
        filed >= pl.date(2016, 1, 1),
        decided.is_between(pl.date(2017, 1, 1), pl.date(2017, 12, 31)),
        decided >= filed,
    )
    return rows.height, rows.select((decided - filed).dt.total_days().sum()).item()


def _ready(rows: int) -> tuple[pl.DataFrame, kpi.Extract, kpi.Extract]:
    cases, plan = with_offices(data.cases(rows)), case_plan()
    return cases, kpi.check(plan, cases), kpi.check(kpi.every_reading(plan), cases)


def measure(rows: int, repeats: int) -> Measured:
    cases, checked, every = _ready(rows)
    plan = case_plan()
    _equal(cases, checked, every)
    contenders: dict[str, Callable[[], object]] = {
        PLAIN: lambda: kpi.evaluate(plan, checked),
        BY: lambda: kpi.evaluate(plan, checked, by=["case_type", "office"]),
        BY_TEXT: lambda: kpi.evaluate(plan, checked, by=["case_type", "town"]),
        EVERY: lambda: kpi.evaluate(plan, checked, every="month"),
        READINGS: lambda: kpi.readings(plan, every),
    }
    seconds = rounds(contenders, repeats)
    names = {"by": BY, "by text": BY_TEXT, "every": EVERY, "readings": READINGS}
    return Measured(
        seconds=seconds,
        found={bar: ratio(seconds, name, PLAIN) for bar, name in names.items()},
        details={
            "targets": len(plan.leaves()),
            "targets under all readings": len(kpi.every_reading(plan).targets),
        },
    )


def small() -> list[str]:
    cases, checked, every = _ready(50_000)
    return [*_equal(cases, checked, every), exactly("plain", scans(case_plan(), checked), 1)]


BENCHMARK = Benchmark(
    name="groups",
    question="What do a break-down by two columns, a monthly series and all readings cost, "
    "beside the plain run?",
    bars=BARS,
    measure=measure,
    small=small,
)

if __name__ == "__main__":
    BENCHMARK.main()
