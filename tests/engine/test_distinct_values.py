"""Distinct values that stand in several batches are counted once (S23)."""

from __future__ import annotations

import datetime as dt
import pickle
import random
from collections.abc import Sequence
from decimal import Decimal
from hashlib import blake2b
from itertools import permutations
from typing import Any

import polars as pl
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

import kpi
from kpi.testing import strategies
from kpi.testing.frames import frames
from tests.laws.generated import SETTINGS

ACTIONS = kpi.Table("actions", key="id", entry="done")


def persons(**more: Any) -> kpi.Plan:
    given = {"table": "actions", "distinct": "person", "requires": {"at_least": 3}, **more}
    return kpi.Plan(id="p", period="2017", tables=[ACTIONS], targets=[kpi.Count(id="t", **given)])


def actions(*rows: tuple[str, str, Any, str]) -> pl.DataFrame:
    """Actions out of id, day in 2017, person and office."""
    made = [(key, dt.date.fromisoformat(f"2017-{day}"), *rest) for key, day, *rest in rows]
    return pl.DataFrame(made, schema=["id", "done", "person", "office"], orient="row")


ROWS = [
    ("1", "02-01", "A", "north"),
    ("2", "01-01", "A", "south"),
    ("3", "01-02", "B", "south"),
    ("4", "02-02", None, "south"),
    ("5", "02-03", "B", "north"),
    ("6", "02-04", "C", "north"),
]
BATCHES = (actions(ROWS[1], ROWS[3]), actions(*ROWS[4:]), actions(ROWS[0], ROWS[2]))
"""A stands in the first and the last batch, B in the last two."""


def states(asked: kpi.Plan, batches: Sequence[Any], **more: Any) -> list[kpi.State]:
    return [kpi.partial(asked, {"actions": batch}, **more) for batch in batches]


def test_s23_a_person_in_several_batches_is_counted_once_in_any_order() -> None:
    asked, whole = persons(), kpi.evaluate(persons(), {"actions": actions(*ROWS)})["t"]
    assert (whole.counted, whole.excluded, whole.verdict) == (
        3,
        {"counted already": 2, "person missing": 1},
        "met",
    )
    for order in permutations(states(asked, BATCHES)):
        assert kpi.finish(kpi.merge(*order))["t"] == whole
        first, *others = order
        assert kpi.finish(kpi.merge(first, kpi.merge(*others)))["t"] == whole


def test_s23_a_merged_person_counts_in_the_group_of_the_first_row_by_the_key() -> None:
    # A's first row is 1, in the north and in February; B's is 3, in the south and in January.
    for order in permutations(states(persons(), BATCHES, by="office")):
        found = kpi.finish(kpi.merge(*order))["t"]
        assert {g.group["office"]: (g.counted, g.excluded) for g in found.groups} == {
            "north": (2, {"counted already": 1}),
            "south": (1, {"counted already": 1, "person missing": 1}),
        }


def test_s30_a_merged_person_counts_once_in_each_period() -> None:
    whole = kpi.evaluate(persons(), {"actions": actions(*ROWS)}, every="quarter")["t"]
    assert [g.counted for g in whole.groups if g.group["period"] == "2017-Q1"] == [3]
    for order in permutations(states(persons(), BATCHES, every="quarter")):
        assert kpi.finish(kpi.merge(*order))["t"] == whole
    # A and B in January, and both again in February beside C.
    for order in permutations(states(persons(), BATCHES, every="month")):
        found = kpi.finish(kpi.merge(*order))["t"]
        counted = {g.group["period"]: g.counted for g in found.groups if g.counted}
        assert (counted, found.counted) == ({"2017-01": 2, "2017-02": 3}, 3)


def test_s23_a_merged_person_counts_once_for_each_value() -> None:
    asked = persons(each="office", requires={"at_least": 2})
    for order in permutations(states(asked, BATCHES)):
        found = kpi.finish(kpi.merge(*order))["t"]
        assert {e.group["office"]: (e.counted, e.verdict) for e in found.each} == {
            "north": (3, "met"),
            "south": (2, "met"),
        }
        assert (found.counted, found.excluded) == (5, {"person missing": 1})


def test_s23_a_state_holds_digests_of_128_bits_and_nothing_else_of_the_values() -> None:
    state = kpi.partial(persons(), {"actions": actions(("1", "01-01", "0102031234", "north"))})
    # The digest is the same in every session and version, or states could not be merged.
    digest = blake2b(b"p\x1ft\x1f0102031234", digest_size=16).digest()
    assert state.values["t"]["kpi:digest"].to_list() == [digest]
    assert state.values["t"].columns == ["part", "kpi:digest"]
    sent = pickle.dumps(state)
    assert b"0102031234" not in sent
    assert kpi.finish(pickle.loads(sent))["t"].counted == 1  # noqa: S301 - our own


@pytest.mark.parametrize(
    ("one", "other", "counted"),
    [
        (pl.Series([1]), pl.Series(["1"]), 1),
        (pl.Series([1], dtype=pl.Int8), pl.Series([1.0]), 1),
        (pl.Series([Decimal("1.50")]), pl.Series([1.5]), 1),
        (pl.Series([0.0]), pl.Series([-0.0]), 1),
        (pl.Series([1.5]), pl.Series([1.25]), 2),
        (pl.Series(["a"], dtype=pl.Categorical), pl.Series(["a"]), 1),
        (pl.Series(["a"]), pl.Series(["A"]), 2),
        (pl.Series([True]), pl.Series([False]), 2),
        (
            pl.Series([dt.datetime(2017, 1, 1)], dtype=pl.Datetime("ms")),
            pl.Series([dt.datetime(2017, 1, 1)], dtype=pl.Datetime("ns")),
            1,
        ),
    ],
)
def test_s23_values_are_the_same_in_every_type(
    one: pl.Series, other: pl.Series, counted: int
) -> None:
    batches = [
        actions((key, "01-01", None, "north")).with_columns(person=values)
        for key, values in (("1", one), ("2", other))
    ]
    assert kpi.finish(kpi.merge(*states(persons(), batches)))["t"].counted == counted


def test_s23_what_a_merge_of_distinct_values_says() -> None:
    batches = [batch.with_columns(pl.col("id").cast(kind)) for batch, kind in zip(
        BATCHES[:2], (pl.String, pl.Int64), strict=True
    )]  # fmt: skip
    assert kpi.finish(kpi.merge(*states(persons(), batches)))["t"].counted == 3
    said = "target t: the key holds String in one batch and Int64 in another, and the first row"
    with pytest.raises(kpi.DataError, match=said):
        kpi.merge(*states(persons(), batches, by="office"))
    notes = kpi.finish(kpi.merge(*states(persons(), BATCHES))).notes
    assert "merged from 3 batches: repeated ids were looked for within each batch only; " in (
        "\n".join(notes)
    )


@given(data=st.data())
@settings(SETTINGS, phases=[Phase.generate])
def test_s23_the_state_of_the_whole_is_that_of_any_batches(data: st.DataObject) -> None:
    plan = data.draw(strategies.plans(most=2, rules=("count",)))
    rows = data.draw(strategies.tables_for(plan, most=12, repeats=False))
    chance = random.Random(data.draw(st.integers(0, 2**32)))  # noqa: S311
    tables = frames(plan, rows)
    columns = [
        name
        for name in ("case_type", "channel")
        if any(name in table.columns for table in tables.values())
    ]
    # A series of distinct values divides a window, which must begin.
    begins = all(target.window_of(plan).first is not None for target in plan.leaves())
    asked: dict[str, Any] = {
        "by": chance.sample(columns, min(len(columns), chance.randint(0, 2))),
        "every": chance.choice([None, "month", "year"]) if begins else None,
    }
    places = {name: [chance.randrange(3) for _ in range(t.height)] for name, t in tables.items()}
    batches = [
        {
            name: table[[row for row, place in enumerate(places[name]) if place == n]]
            for name, table in tables.items()
        }
        for n in range(3)
    ]
    whole = kpi.partial(plan, tables, **asked)
    parts = [kpi.partial(plan, batch, **asked) for batch in batches]
    for order in (parts, parts[::-1]):
        merged = kpi.merge(*order)
        assert kpi.finish(merged).targets == kpi.finish(whole).targets
        for name, values in whole.values.items():
            assert_frame_equal(merged.values[name], values)
