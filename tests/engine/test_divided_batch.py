"""Batches whose rows are divided by key: their parts are the whole, notes and all (S13, S14)."""

from __future__ import annotations

import random
from collections.abc import Mapping

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

import kpi
from kpi.definitions.periods import Every
from kpi.engine.divided_batch import merge_divided
from tests.builders import cases, plan, within
from tests.engine.test_batches import FIRST, OF_FIRST, OF_SECOND, PAUSED, SECOND
from tests.laws.generated import LAWS, Run, frames, runs


def divided(
    asked: kpi.Plan, tables: Mapping[str, pl.DataFrame], chance: random.Random, parts: int
) -> list[dict[str, pl.DataFrame]]:
    """The rows of tables in so many parts: those of a key in one, pauses with their case."""
    homes: dict[tuple[str, ...], int] = {}
    found: list[dict[str, pl.DataFrame]] = [{} for _ in range(parts)]
    for name, rows in tables.items():
        table = asked.table(name)
        keys = [(table.pauses or name, *map(str, key)) for key in rows.select(table.key).rows()]
        home = pl.Series([homes.setdefault(key, chance.randrange(parts)) for key in keys])
        for number, part in enumerate(found):
            part[name] = rows.filter(home == number) if rows.height else rows
    return found


@LAWS
@given(runs(), st.integers(0, 2**16).map(random.Random), st.sampled_from([None, "month"]))
def test_a_batch_divided_by_key_is_the_whole(
    run: Run, chance: random.Random, every: Every | None
) -> None:
    asked, drawn, day = run
    tables = frames(asked, drawn)
    parts = divided(asked, tables, chance, chance.choice([2, 3, 5]))
    states = [
        kpi.partial(asked, part, day, every=every, fingerprint=True).to_arrow() for part in parts
    ]
    found = kpi.finish(merge_divided(map(kpi.State.from_arrow, states)))
    whole = kpi.evaluate(asked, tables, day, every=every, fingerprint=True)
    assert found.to_dict() == whole.to_dict()


def test_s14_pauses_beside_their_cases_and_s13_repeated_ids_are_found_as_in_the_whole() -> None:
    # Case 1 takes 9 days, paused for 2; case 2 takes 19, paused for 4: one of two within 10 days. Case 3
    # stands twice and is excluded.
    third = cases(
        {"case_id": "3", "filed": "2017-03-01", "decided": "2017-03-02"},
        {"case_id": "3", "filed": "2017-03-01", "decided": "2017-03-05"},
    )
    parts = [
        {"cases": pl.concat([FIRST, third]), "requests": OF_FIRST},
        {"cases": SECOND, "requests": OF_SECOND},
        {"cases": FIRST.clear(), "requests": OF_FIRST.clear()},
    ]
    states = [kpi.partial(PAUSED, part) for part in parts]
    result = kpi.finish(merge_divided(states))
    found = result["paused"]
    assert (found.met, found.counted, found.excluded) == (1, 2, {"repeated id": 2})
    assert "cases: 2 rows with a repeated id, excluded; among them 3" in result.notes
    # A merge of batches cannot know that no other batch holds these ids.
    said = {note.code for note in kpi.finish(kpi.merge(states)).notes}
    assert said - {note.code for note in result.notes} == {"merged-batches"}


def test_s14_a_pause_whose_case_is_in_no_part_is_left_out_and_nothing_is_said_to_be_split() -> None:
    parts = [
        {"cases": FIRST, "requests": OF_FIRST},
        {"cases": FIRST.clear(), "requests": OF_SECOND},
    ]
    states = [kpi.partial(PAUSED, part) for part in parts]
    result = kpi.finish(merge_divided(states))
    assert (result["paused"].met, result["paused"].counted) == (1, 1)
    assert "requests: 1 row whose case is not in cases, left out" in result.notes
    assert kpi.finish(kpi.merge(states))["paused"].verdict == "not_assessable"


def test_s13_the_ids_that_a_note_names_are_the_same_however_rows_are_divided() -> None:
    asked = kpi.Plan(
        id="p",
        period="2017",
        tables=[kpi.Table("cases", key=["office", "case_id"], entry="filed", events="decided")],
        targets=[within("10 days", threshold="all")],
    )
    # A blank comes before a comma: "a b, 1", then "a, 1" to "a, 5", of which the fifth is not named.
    keys = [("a", n) for n in "12345"] + [("a b", "1")]
    rows = cases(*({"case_id": n, "filed": "2017-03-01", "decided": "2017-03-02"} for _, n in keys))
    rows = pl.concat([rows.with_columns(office=pl.Series([office for office, _ in keys]))] * 2)
    parts = [
        {"cases": rows.filter(pl.col("case_id").is_in(few))} for few in (["1", "2"], list("345"))
    ]
    found = kpi.finish(merge_divided([kpi.partial(asked, part) for part in parts]))
    whole = kpi.evaluate(asked, rows)
    said = "cases: 12 rows with a repeated id, excluded; among them a b, 1, a, 1, a, 2, a, 3, a, 4"
    assert said in [str(note) for note in whole.notes]
    assert found.to_dict() == whole.to_dict()


def test_f15_what_new_cases_can_do_is_said_once_however_many_parts_there_are() -> None:
    parts = [
        {"cases": FIRST, "requests": OF_FIRST},
        {"cases": SECOND, "requests": OF_SECOND},
        {"cases": FIRST.clear(), "requests": OF_FIRST.clear()},
    ]
    found = merge_divided([kpi.partial(PAUSED, part, "2017-03-05") for part in parts])
    newcomers = found.possible.filter(pl.col("quantity") == "newcomers can help")
    assert newcomers.select("target", "n").rows() == [("paused", 1), ("plain", 1)]
    both = {"cases": pl.concat([FIRST, SECOND]), "requests": pl.concat([OF_FIRST, OF_SECOND])}
    assert found == kpi.partial(PAUSED, both, "2017-03-05")


def test_s13_a_fact_of_several_rows_is_reported_by_one_batch() -> None:
    asked = kpi.Plan(
        id="p",
        period="2017",
        tables=[kpi.Table("reported", key=["target", "office"], events="done")],
        targets=[kpi.Milestone(id="m", deadline="2017-H1")],
    )
    rows = pl.DataFrame(
        {"target": ["m", "m"], "office": ["a", "b"], "done": [FIRST["filed"][0]] * 2}
    )
    parts = [kpi.partial(asked, {"reported": part}) for part in (rows.head(1), rows.tail(1))]
    assert merge_divided(parts).reports == {("reported", "m"): 1}
    assert merge_divided(parts) == kpi.partial(asked, {"reported": rows})


def test_a_single_part_and_a_name_are_kept() -> None:
    asked = plan(within("10 days", threshold="all"))
    state = merge_divided([kpi.partial(asked, FIRST, batch="north")])
    assert (state.batches, state.batch_names) == (1, ("north",))
    assert state == kpi.partial(asked, FIRST, batch="north")
    assert merge_divided([kpi.partial(asked, FIRST.clear())]).batches == 0
