"""The laws of a comparison on generated plans: F41 to F43, H14."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import polars as pl
from attrs import evolve
from hypothesis import assume, given
from hypothesis import strategies as st

import kpi
from kpi.definitions.target import Target
from kpi.engine.state import sum_states
from kpi.evaluation.comparison.buckets import NEWS, RESTATED, TIME_PASSED
from kpi.evaluation.comparison.records import TargetComparison
from kpi.tables.check import as_of_date
from kpi.tables.needs import Needs
from kpi.testing import oracle
from kpi.testing.strategies import Rows
from tests.evaluation.comparison.changed import CHANCES, earlier
from tests.laws.generated import LAWS, frames, runs


def figures(record: kpi.TargetResult) -> dict[str, Any]:
    """What must be the same in two records of a target."""
    names = ("rows", "outside", "counted", "counted_as", "undetermined", "met", "total", "value")
    return {name: getattr(record, name) for name in names} | {
        "excluded": dict(record.excluded),
        "verdict": record.verdict,
    }


def compared(
    plan: kpi.Plan, old: Mapping[str, Rows], new: Mapping[str, Rows], day: dt.date, to: dt.date
) -> kpi.Comparison:
    """The comparison, where the extracts can be compared at all."""
    try:
        return kpi.compare(plan, frames(plan, old), frames(plan, new), day, to)
    except kpi.DataError as error:
        assume("in common" not in str(error) and "NEW has no case" not in str(error))
        raise


def drawn(
    data: st.DataObject,
) -> tuple[kpi.Plan, dict[str, Rows], dict[str, Rows], dt.date, dt.date]:
    plan, new, as_of = data.draw(runs(most=14))
    day = as_of_date(plan, as_of)
    old = earlier(plan, new, data.draw(CHANCES))
    to = day + dt.timedelta(data.draw(st.sampled_from((0, 1, 30, 400))))
    return plan, old, new, day, to


def key_of(plan: kpi.Plan, table: kpi.Table, row: Mapping[str, object]) -> str | None:
    """The key of a row as the trail has it: a date in it is the local one."""
    cells = [
        oracle.local_date(cell, plan.time_zone) if isinstance(cell, dt.date) else cell
        for cell in (row[name] for name in table.key)
    ]
    return None if None in cells else ", ".join(map(str, cells))


@given(data=st.data())
@LAWS
def test_figures_are_those_of_evaluate_and_the_path_leads_from_one_to_the_next(
    data: st.DataObject,
) -> None:
    plan, old, new, day, to = drawn(data)
    comparison = compared(plan, old, new, day, to)
    results = [
        kpi.evaluate(plan, frames(plan, tables), date)
        for tables, date in ((old, day), (new, day), (new, to))
    ]
    for target in comparison:
        then, known_now, now = (result[target.id] for result in results)
        for step, before, after in (
            (target.restated, then, known_now),
            (target.news, known_now, now),
        ):
            assert figures(step.before) == figures(before)
            assert figures(step.after) == figures(after)
            assert figures(step.buckets[-1].after) == figures(after)
            # Unchanged keys change nothing, and the changes add up.
            assert not any(step.buckets[-1].change.values())
            for name, whole in step.change.items():
                assert sum(bucket.change[name] or 0 for bucket in step.buckets) == (whole or 0)


def buckets_of(comparison: kpi.Comparison, target: str, step: str) -> dict[str, int]:
    """The place of the bucket of each case of a target."""
    names = RESTATED if step == "restated" else NEWS
    rows = comparison.cases(unchanged=True).filter(
        pl.col("target") == target, pl.col("step") == step
    )
    listed = rows.select("case", pl.col("bucket").cast(pl.String)).collect()
    assert listed["case"].is_unique().all(), "every key is in exactly one bucket"
    return {case: names.index(bucket) for case, bucket in listed.iter_rows()}


@given(data=st.data())
@LAWS
def test_every_key_is_in_one_bucket(data: st.DataObject) -> None:
    plan, old, new, day, to = drawn(data)
    comparison = compared(plan, old, new, day, to)
    needs = Needs(plan)
    checked = [kpi.check(plan, frames(plan, tables)) for tables in (old, new)]
    seen = [
        kpi.evaluate(plan, extract, date).tables or {}
        for extract, date in ((checked[0], day), (checked[1], day), (checked[1], to))
    ]
    for target in plan.leaves():
        if not set(target.tables) <= seen[0].keys() & seen[1].keys():
            continue
        table = needs.of(target.table).table
        keys = [
            {key_of(plan, table, row) for row in snapshots[target.table].frame.collect().to_dicts()}
            for snapshots in seen
        ]
        rejected = {
            key_of(
                plan,
                table,
                {name: row.get(f"{name} (as it came)", row.get(name)) for name in table.key},
            )
            for extract in checked
            for row in extract.tables[target.table].rejected.to_dicts()
        }
        of_step = {
            "restated": (keys[0] | keys[1] | rejected) - {None},
            "news": keys[1] | keys[2],
        }
        for step in comparison[target.id].steps:
            buckets = buckets_of(comparison, target.id, step.name)
            assert set(buckets) == of_step[step.name]
            counts = [list(buckets.values()).count(n) for n in range(len(step.buckets))]
            assert [bucket.cases for bucket in step.buckets] == counts


def exchanged(
    plan: kpi.Plan,
    old: Mapping[str, Rows],
    new: Mapping[str, Rows],
    places: Mapping[str, Mapping[str, int]],
    last: int,
) -> dict[str, Rows]:
    """The rows of the buckets through one as they are in NEW, all others as in OLD.

    Args:
        places: by table of cases, the bucket of each key.
        last: the last bucket that is exchanged.
    """
    tables = {}
    for name in old:
        table = plan.table(name)
        of_keys = places.get(table.pauses or name, {})
        tables[name] = [
            row
            for rows, is_new in ((old[name], False), (new[name], True))
            for row in rows
            if (key := key_of(plan, table, row)) is not None
            and key in of_keys
            and (of_keys[key] <= last) == is_new
        ]
    return tables


def facts_of(plan: kpi.Plan, target: Target) -> Iterator[Target]:
    """The targets that one hangs on beside itself: the fact of its condition."""
    yield from (t for t in Needs(plan.only(target.id)).targets if t.table != target.table)


@given(data=st.data())
@LAWS
def test_each_place_on_the_path_is_an_extract_of_which_some_buckets_are_new(
    data: st.DataObject,
) -> None:
    plan, old, new, day, to = drawn(data)
    comparison = compared(plan, old, new, day, to)
    rejected = {
        name for tables in (old, new) for name in kpi.check(plan, frames(plan, tables)).rejected
    }
    for target in plan.leaves():
        if not set(target.tables) <= old.keys() or rejected & {*target.tables}:
            continue
        places = {target.table: buckets_of(comparison, target.id, "restated")}
        for fact in facts_of(plan, target):
            places[fact.table] = buckets_of(comparison, fact.id, "restated")
        step = comparison[target.id].restated
        for n, bucket in enumerate(step.buckets):
            if bucket.cases:
                alone = plan.only(target.id)
                needed = {t.name for t in alone.tables if t.name in old}
                hybrid = exchanged(plan, old, new, places, n)
                rows = {name: hybrid[name] for name in hybrid if name in needed}
                found = kpi.evaluate(alone, frames(plan, rows), day)[target.id]
                assert figures(bucket.after) == figures(found)


@given(data=st.data())
@LAWS
def test_each_place_on_the_way_of_the_news_is_a_sum_of_two_states(data: st.DataObject) -> None:
    """The state of the buckets so far as of D2, and of the others as of D."""
    plan, _, new, day, to = drawn(data)
    comparison = compared(plan, new, new, day, to)
    for target in plan.leaves():
        alone = plan.only(target.id)
        others = len(Needs(alone).targets) > 1
        if others or not set(target.tables) <= new.keys() or getattr(target, "distinct", None):
            continue
        if kpi.check(plan, frames(plan, new)).rejected:
            continue
        places = {target.table: buckets_of(comparison, target.id, "news")}
        for n, bucket in enumerate(comparison[target.id].news.buckets):
            if bucket.cases:
                early, late = (
                    exchanged(plan, one, two, places, n)
                    for one, two in ((new, nothing(new)), (nothing(new), new))
                )
                states = [
                    kpi.partial(alone, frames(plan, rows), date)
                    for rows, date in ((early, day), (late, to))
                ]
                judged = states[0] if n < TIME_PASSED else states[1]
                summed = evolve(
                    judged, sums=sum_states([state.sums for state in states]), batches=1, values={}
                )
                assert figures(bucket.after) == figures(kpi.finish(summed)[target.id])


def nothing(tables: Iterable[str]) -> dict[str, Rows]:
    return {name: [] for name in tables}


EXCHANGED = {
    "gone": "registered late",
    "registered late": "gone",
    "reopened": "end registered late",
    "end registered late": "reopened",
}
STARTS = ("start registered late", "start corrected")


def by_bucket(target: TargetComparison, sign: int) -> dict[str, dict[str, int]]:
    """The change of each bucket; a start that is registered late is corrected the other way round."""
    sums: dict[str, dict[str, int]] = {}
    for bucket in target.restated.buckets:
        name = bucket.bucket if sign > 0 else EXCHANGED.get(bucket.bucket, bucket.bucket)
        name = "start" if name in STARTS else name
        changes = {"cases": bucket.cases or 0}
        changes |= {key: sign * (n or 0) for key, n in bucket.change.items()}
        into = sums.setdefault(name, dict.fromkeys(changes, 0))
        for key, n in changes.items():
            into[key] += n
    return sums


@given(data=st.data())
@LAWS
def test_exchanged_extracts_give_the_same_differences_negated(data: st.DataObject) -> None:
    plan, old, new, day, to = drawn(data)
    there, back = compared(plan, old, new, day, to), compared(plan, new, old, day, to)
    for target in there:
        one, other = target.restated.change, back[target.id].restated.change
        assert {k: n or 0 for k, n in one.items()} == {k: -(n or 0) for k, n in other.items()}
        leaf = next((leaf for leaf in plan.leaves() if leaf.id == target.id), None)
        if leaf is None or leaf.rule in ("average", "percentile") or hasattr(leaf, "distinct"):
            # Rows that are ranked or counted once push others in and out.
            continue
        assert by_bucket(target, 1) == by_bucket(back[target.id], -1)


@given(data=st.data())
@LAWS
def test_the_same_extract_twice_gives_nothing(data: st.DataObject) -> None:
    plan, _, new, day, _ = drawn(data)
    for target in compared(plan, new, new, day, day):
        for step in target.steps:
            assert not any(step.change.values())
            assert step.turned is None
            for bucket in step.buckets[:-1]:
                # A key that is repeated or rejected is in the first bucket whatever else it is.
                assert not any(bucket.change.values())
                assert bucket.bucket == "key" or not bucket.cases
