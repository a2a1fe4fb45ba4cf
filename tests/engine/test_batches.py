"""States of batches: a merged result is the result of the whole, or not assessable and says why (S13, S14)."""

from __future__ import annotations

import datetime as dt
import pickle
import random
from typing import Any

import polars as pl
import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

import kpi
from tests.builders import TABLE, average, cases, plan, within
from tests.laws.generated import LAWS, Run, frames, numbers, runs

CHANCES = st.integers(0, 2**16).map(random.Random)
REQUESTS = kpi.Table("requests", key="case_id", entry="asked", events="answered", pauses="cases")
PAUSED = kpi.Plan(
    id="p",
    period="2017",
    tables=[TABLE, REQUESTS],
    targets=[
        within("10 days", id="paused", pauses="requests", threshold="all"),
        within("10 days", id="plain", threshold="all"),
    ],
)
# Case 1 takes 9 days, paused for 2 of them; case 2 takes 19, paused for 4: 15 days are late.
FIRST = cases({"case_id": "1", "filed": "2017-03-01", "decided": "2017-03-10"})
SECOND = cases({"case_id": "2", "filed": "2017-03-01", "decided": "2017-03-20"})


def requests(*rows: tuple[str, str, str]) -> pl.DataFrame:
    schema = {"case_id": pl.String, "asked": pl.Date, "answered": pl.Date}
    made = [(i, dt.date.fromisoformat(a), dt.date.fromisoformat(b)) for i, a, b in rows]
    return pl.DataFrame(made, schema=schema, orient="row")


OF_FIRST = requests(("1", "2017-03-02", "2017-03-04"))
OF_SECOND = requests(("2", "2017-03-02", "2017-03-06"))
NO_REQUESTS = requests()
Batch = dict[str, pl.DataFrame]


def merged(*batches: Batch, asked: kpi.Plan = PAUSED, **how: Any) -> kpi.Result:
    results = []
    for order in (batches, batches[::-1]):
        result = kpi.finish(kpi.merge(*(kpi.partial(asked, batch, **how) for batch in order)))
        results.append(result)
    assert numbers(results[0]) == numbers(results[1]), "the order of merging changes the result"
    assert sorted(results[0].notes) == sorted(results[1].notes)
    return results[0]


def not_assessable(result: kpi.Result, name: str) -> list[str]:
    """The notes that say why a target is not assessable, after checking that nothing is said of it."""
    found = result[name]
    assert (found.verdict, found.value, found.rows, found.counted) == ("not_assessable", None, 0, 0)
    assert found.groups == ()
    return [note for note in result.notes if note.startswith(f"not assessable: {name}: ")]


def test_s14_pauses_beside_their_cases_merge_to_the_whole() -> None:
    result = merged(
        {"cases": FIRST, "requests": OF_FIRST}, {"cases": SECOND, "requests": OF_SECOND}
    )
    found = result["paused"]
    assert (found.met, found.counted, found.verdict) == (1, 2, "missed")
    # A batch whose cases have no pauses has an empty table of them.
    found = merged(
        {"cases": FIRST, "requests": OF_FIRST}, {"cases": SECOND, "requests": NO_REQUESTS}
    )["paused"]
    assert (found.met, found.counted, found.verdict) == (1, 2, "missed")


@pytest.mark.parametrize(
    ("batches", "why"),
    [
        pytest.param(
            ({"cases": FIRST, "requests": OF_FIRST}, {"cases": SECOND}),
            "some batches with rows of cases, requests had no table requests; "
            "give each batch all of these tables, an empty one where it has no row",
            id="one batch lacks the pauses",
        ),
        pytest.param(
            ({"cases": FIRST, "requests": OF_FIRST}, {"requests": OF_SECOND}),
            "some batches with rows of cases, requests had no table cases; "
            "give each batch all of these tables, an empty one where it has no row",
            id="one batch lacks the cases",
        ),
        pytest.param(
            ({"cases": pl.concat([FIRST, SECOND])}, {"requests": OF_FIRST}),
            "some batches with rows of cases, requests had no table cases, requests; "
            "give each batch all of these tables, an empty one where it has no row",
            id="table by table",
        ),
        pytest.param(
            (
                {"cases": FIRST, "requests": OF_SECOND},
                {"cases": SECOND, "requests": OF_FIRST},
            ),
            "2 rows of requests whose case is not in the same batch, and may be in another; "
            "give each batch the pauses of its own cases, and no others",
            id="pauses split by rows",
        ),
        pytest.param(
            (
                {"cases": FIRST, "requests": NO_REQUESTS},
                {"cases": FIRST.clear(), "requests": OF_FIRST},
            ),
            "1 row of requests whose case is not in the same batch, and may be in another; "
            "give each batch the pauses of its own cases, and no others",
            id="pauses without any case",
        ),
    ],
)
def test_s14_pauses_apart_from_their_cases_are_not_assessable(
    batches: tuple[Batch, ...], why: str
) -> None:
    result = merged(*batches)
    assert not_assessable(result, "paused") == [f"not assessable: paused: {why}"]
    # What reads the cases alone is the whole's.
    whole = kpi.evaluate(PAUSED, {"cases": pl.concat(b["cases"] for b in batches if "cases" in b)})
    assert numbers(result)["plain"] == numbers(whole)["plain"]


def test_s25_a_table_that_no_batch_has_is_missing_as_ever() -> None:
    result = merged({"cases": FIRST}, {"cases": SECOND})
    assert not_assessable(result, "paused") == []
    assert "no table requests in the extract: not assessable: paused" in result.notes
    assert result["plain"].counted == 2


def test_s25_a_table_that_only_a_batch_without_rows_has_is_said_to_be_lacking() -> None:
    result = merged({"cases": FIRST}, {"cases": FIRST.clear(), "requests": NO_REQUESTS})
    (note,) = not_assessable(result, "paused")
    assert "had no table requests; give each batch all of these tables" in note
    assert result["plain"].counted == 1


def test_an_empty_batch_changes_nothing() -> None:
    full: Batch = {"cases": FIRST, "requests": OF_FIRST}
    alone = kpi.finish(kpi.partial(PAUSED, full, "2017-12-31"))
    for empty in (
        {},
        {"cases": FIRST.clear()},
        {"requests": NO_REQUESTS},
        {"cases": FIRST.clear(), "requests": NO_REQUESTS},
    ):
        result = merged(full, empty, full | {"cases": FIRST.clear(), "requests": NO_REQUESTS})
        assert result.targets == alone.targets
        assert result.notes == kpi.finish(kpi.partial(PAUSED, full)).notes


def test_s14_a_pause_of_no_case_at_all_is_left_out_of_a_single_batch() -> None:
    stray = {"cases": FIRST, "requests": pl.concat([OF_FIRST, OF_SECOND])}
    result = merged(stray, {})
    assert (result["paused"].counted, result["paused"].verdict) == (1, "met")
    assert "requests: 1 row whose case is not in cases, left out" in result.notes


def test_s14_a_pause_of_a_rejected_or_hidden_case_is_in_the_batch_of_its_case() -> None:
    texts = FIRST.with_columns(pl.col("filed", "documented", "decided", "due").cast(pl.String))
    wrong = texts.with_columns(case_id=pl.lit("3"), filed=pl.lit("no date"))
    hidden = texts.with_columns(case_id=pl.lit("4"), filed=pl.lit("2018-02-01"))
    pauses = requests(
        ("1", "2017-03-02", "2017-03-04"),
        ("3", "2017-03-02", "2017-03-04"),
        ("4", "2017-03-02", "2017-03-04"),
    )
    result = merged(
        {"cases": pl.concat([texts, wrong, hidden]), "requests": pauses},
        {"cases": SECOND, "requests": OF_SECOND},
    )
    assert (result["paused"].met, result["paused"].counted) == (1, 2)
    assert "requests: 2 rows whose case is not in cases, left out" in result.notes


def test_s14_keys_of_numbers_merge_with_an_empty_batch_of_texts() -> None:
    number = pl.col("case_id").cast(pl.Int64)
    full = {"cases": FIRST.with_columns(number), "requests": OF_FIRST.with_columns(number)}
    result = merged(full, {"cases": FIRST.clear(), "requests": NO_REQUESTS.with_columns(number)})
    assert result["paused"].counted == 1


def test_s13_what_is_checked_within_a_batch_only_is_said() -> None:
    result = merged(
        {"cases": FIRST, "requests": OF_FIRST}, {"cases": SECOND, "requests": OF_SECOND}
    )
    assert (
        "merged from 2 batches: repeated ids and pauses without a case were looked for within each "
        "batch only; what stands in two of them is counted twice"
    ) in result.notes
    plain = plan(average("30 days"))
    notes = merged({"cases": FIRST}, {"cases": SECOND}, asked=plain).notes
    assert (
        "merged from 2 batches: repeated ids were looked for within each batch only; "
        "what stands in two of them is counted twice"
    ) in notes
    assert not any("merged" in note for note in kpi.evaluate(plain, FIRST).notes)
    assert not any("merged" in note for note in merged({"cases": FIRST}, {}, asked=plain).notes)


REPORTED = kpi.Table("reported", key="target", events="done")
FACTS = kpi.Plan(
    id="p",
    period="2017",
    tables=[REPORTED],
    targets=[
        kpi.Reported(id="sick", requires={"less_than": 7}),
        kpi.Milestone(
            id="robot",
            deadline={"through": "2017-06-30"},
            on_condition={"that": "the system is there", "fact": "system"},
        ),
    ],
)


def reported(*rows: dict[str, Any]) -> pl.DataFrame:
    schema = {"target": pl.String, "done": pl.Date, "value": pl.Float64, "condition": pl.Boolean}
    return pl.DataFrame(rows, schema=schema)


def test_s13_a_fact_that_two_batches_report_is_not_assessable() -> None:
    sick = {"target": "sick", "value": 6.0}
    robot = {"target": "robot", "done": dt.date(2017, 6, 1)}
    system = {"target": "system", "condition": True}
    once = merged({"reported": reported(sick, robot)}, {"reported": reported(system)}, asked=FACTS)
    assert [target.verdict for target in once] == ["met", "met"]
    twice = merged(
        {"reported": reported(sick, robot, system)},
        {"reported": reported({**sick, "value": 9.0}, system)},
        asked=FACTS,
    )
    assert [target.verdict for target in twice] == ["not_assessable", "not_assessable"]
    assert (
        "not assessable: sick, robot: reported in more than one batch; report each fact in one"
        in twice.notes
    )


def test_s13_a_second_report_outside_the_population_is_a_second_one_all_the_same() -> None:
    asked = evolve(
        FACTS,
        targets=[
            kpi.Reported(id="sick", requires={"less_than": 7}, where={"done": {"in": "2017"}})
        ],
    )
    sick = {"target": "sick", "value": 6.0, "done": dt.date(2017, 12, 31)}
    earlier = {**sick, "done": dt.date(2016, 12, 31)}
    whole = kpi.evaluate(asked, {"reported": reported(sick, earlier)})["sick"]
    assert (whole.verdict, whole.excluded) == ("not_assessable", {"repeated id": 1})
    apart = merged({"reported": reported(sick)}, {"reported": reported(earlier)}, asked=asked)
    (note,) = not_assessable(apart, "sick")
    assert note.endswith("reported in more than one batch; report each fact in one")


def test_a_column_to_break_down_by_may_be_in_some_batches_only() -> None:
    asked = plan(average("30 days"))
    with_office = FIRST.with_columns(office=pl.lit("North"))
    contacts = evolve(asked, tables=(TABLE, evolve(TABLE, name="others")))
    # The column is somewhere in each batch, or it cannot be asked for.
    elsewhere = SECOND.with_columns(office=pl.lit("South"))
    result = merged(
        {"cases": with_office}, {"cases": SECOND, "others": elsewhere}, asked=contacts, by="office"
    )
    assert [(g.group["office"], g.counted) for g in result["t"].groups] == [("North", 1), (None, 1)]
    said = "cases: no column office in some batches, whose rows are a group without a value"
    assert said in result.notes
    none = merged({"cases": FIRST, "others": elsewhere}, {}, asked=contacts, by="office")
    assert none["t"].groups == ()


def test_a_state_can_be_sent_and_merged() -> None:
    batches = ({"cases": FIRST, "requests": OF_FIRST}, {"cases": SECOND})
    states = [pickle.loads(pickle.dumps(kpi.partial(PAUSED, one))) for one in batches]  # noqa: S301 - our own
    assert not_assessable(kpi.finish(kpi.merge(*states)), "paused")


def _split(run: Run, chance: random.Random) -> tuple[list[Batch], Batch]:
    """Return batches with the rows of a run between them, and the tables that they make together.

    Rows of one key stay together, but for reported facts. Pauses go with their cases, or anywhere; a batch without rows of a table has
    an empty one, or none.
    """
    asked, rows, _ = run
    whole = frames(asked, rows)
    count = chance.randint(2, 3)
    batches: list[Batch] = [{} for _ in range(count)]
    places: dict[tuple[str, Any], int] = {}
    scattered = chance.random() < 0.4
    for name, frame in whole.items():
        table = asked.table(name)
        of = table.pauses or name
        place = []
        for row in rows[name]:
            key = (of, tuple(row[column] for column in table.key))
            home = places.setdefault(key, chance.randrange(count))
            loose = name == "reported" or (table.pauses is not None and scattered)
            place.append(chance.randrange(count) if loose else home)
        for number, batch in enumerate(batches):
            here = [n for n, its in enumerate(place) if its == number]
            if here or chance.random() < 0.6:
                batch[name] = frame[here]
    had = {name: whole[name] for name in whole if any(name in batch for batch in batches)}
    return batches, had


@given(run=runs(elaborate=True), chance=CHANCES)
@LAWS
def test_s14_a_merged_result_is_the_wholes_or_not_assessable(
    run: Run, chance: random.Random
) -> None:
    asked, _, as_of = run
    batches, had = _split(run, chance)
    whole = kpi.evaluate(asked, had, as_of)
    states = [kpi.partial(asked, batch, as_of) for batch in batches]
    chance.shuffle(states)
    result = kpi.finish(kpi.merge(*states))
    expected = numbers(whole)
    for name, found in numbers(result).items():
        if found != expected[name]:
            record = result[name]
            silent = (
                found.verdict == "not_assessable"
                or found.verdict == whole[name].verdict == "lapsed"
            )
            assert silent or record.parts, f"{name}: {found}"
            assert any("not assessable: " in note for note in result.notes), result.notes
