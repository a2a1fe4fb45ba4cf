"""States: merged in any order, and states that do not merge."""

from __future__ import annotations

import datetime as dt
import pickle

import polars as pl
import pytest

import kpi
from tests.builders import average, cases, one, plan, spans, within
from tests.sampled import US_2017, sampled


def test_an_empty_text_is_a_part_of_its_own() -> None:
    frame = cases(
        {"case_type": "", "filed": "2017-01-01", "decided": "2017-01-02"},
        {"case_type": None, "filed": "2017-01-01", "decided": "2017-12-02"},
    )
    found = one(within("1 month", each="case_type"), frame)
    assert {e.group["case_type"]: e.verdict for e in found.each} == {"": "met", None: "missed"}


def test_that_a_date_was_given_for_one_batch_is_enough() -> None:
    frame = spans(("2017-01-01", "2017-01-02"))
    asked_of = plan(average())
    dated, undated = (
        kpi.partial(asked_of, frame, "2017-12-31"),
        kpi.partial(asked_of, frame.clear()),
    )
    for both in ((dated, undated), (undated, dated)):
        assert kpi.finish(kpi.merge(*both)).as_of_given


@pytest.mark.parametrize("odd", ["x\x1f=y", "\x1b1", "\x1b", "=", "\x1f\x1f"])
def test_a_value_of_each_may_be_any_text(odd: str) -> None:
    frame = cases({"case_type": odd, "filed": "2017-01-01", "decided": "2017-01-02"})
    (found,) = one(within("1 month", each="case_type"), frame).each
    assert found.group == {"case_type": odd}


def test_states_merge_in_any_order_and_an_empty_one_changes_nothing() -> None:
    whole = kpi.evaluate(US_2017, sampled(), by="office")
    batches = [sampled().slice(n * 700, 700) for n in range(6)]
    states = [kpi.partial(US_2017, batch, by="office") for batch in batches]
    empty = kpi.partial(US_2017, sampled().clear(), by="office")
    within_each = (
        "merged from 6 batches: repeated ids were looked for within each batch only; "
        "what stands in two of them is counted twice"
    )
    for order in (states, states[::-1], [empty, *states], [*states, empty]):
        merged = kpi.finish(kpi.merge(*order))
        assert merged.targets == whole.targets
        assert merged.facts == whole.facts
        assert [note for note in merged.notes if note != within_each] == list(whole.notes)
        assert within_each in merged.notes
    assert all(kind.is_integer() for name, kind in states[0].sums.schema.items() if name == "n")
    assert pickle.loads(pickle.dumps(states[0])).sums.equals(states[0].sums)  # noqa: S301 - our own


def test_states_of_different_questions_do_not_merge() -> None:
    frame = spans(("2017-01-01", "2017-01-02"))
    first = kpi.partial(plan(average()), frame)
    for other in (
        kpi.partial(plan(within()), frame),
        kpi.partial(plan(average()), frame, "2017-05-01"),
        kpi.partial(plan(average()), frame, by="case_type"),
        kpi.partial(plan(average()), frame, every="month"),
    ):
        with pytest.raises(kpi.DataError, match="cannot be merged"):
            kpi.merge(first, other)


def test_batches_that_know_other_categories_merge() -> None:
    def batch(n: int, kind: str) -> pl.DataFrame:
        frame = spans(("2017-01-01", "2017-01-03")).with_columns(case_id=pl.lit(str(n)))
        return frame.with_columns(
            case_type=pl.lit(kind).cast(pl.Enum([kind])), office=pl.lit(kind).cast(pl.Categorical)
        )

    states = [
        kpi.partial(plan(average()), batch(n, kind), by=("case_type", "office"))
        for n, kind in enumerate(("visa", "asylum"))
    ]
    groups = kpi.finish(kpi.merge(*states)).targets[0].groups
    assert [g.group["case_type"] for g in groups] == ["asylum", "visa"]
    assert [g.total for g in groups] == [2, 2]


LISTS = plan(
    within("1 month", id="1", where={"case_type": ["a", "b", "c", "z"]}),
    within("1 month", id="2", where={"case_type": ["a", "b", "d", "z"]}),
    within("1 month", id="3", denominator="settled"),
    within("7 months", id="4", denominator="settled"),
    within("1 month", id="5", denominator="due", unless={"case_type": ["a", "b", "c", "z"]}),
    within("7 months", id="6", denominator="due", unless={"case_type": ["a", "b", "d", "z"]}),
)


def test_targets_that_print_alike_are_not_taken_for_one() -> None:
    # Polars shortens what it prints: four values to three, a table of due dates to its name.
    frame = cases(
        *[{"case_type": kind, "filed": "2017-01-31", "decided": "2017-05-01"} for kind in "accdq"]
    )
    result = kpi.evaluate(LISTS, frame, every="quarter")
    assert [t.counted for t in result.targets] == [3, 2, 5, 5, 2, 3]
    alone = [kpi.evaluate(plan(t), frame, every="quarter").targets[0] for t in LISTS.targets]
    assert [t.groups for t in result.targets] == [t.groups for t in alone]
    trail = result.audit().filter(bucket="counted").collect()
    assert trail["target"].value_counts().sort("target")["count"].to_list() == [3, 2, 5, 5, 2, 3]


def test_what_cannot_be_merged_or_broken_down_alike_is_said() -> None:
    frame = spans(("2017-01-01", "2017-01-02"))
    dated = kpi.partial(plan(average()), frame.with_columns(o=pl.lit(dt.date(2017, 1, 1))), by="o")
    counted = kpi.partial(plan(average()), frame.with_columns(o=pl.lit(1, pl.Int8)), by="o")
    wider = kpi.partial(plan(average()), frame.with_columns(o=pl.lit(2, pl.UInt32)), by="o")
    nothing = kpi.partial(plan(average()), {}, by="o")
    with pytest.raises(
        kpi.DataError, match="column o holds Date in one table and Int64 in another"
    ):
        kpi.merge(dated, counted)
    groups = kpi.finish(kpi.merge(nothing, counted, nothing, wider)).targets[0].groups
    assert [g.group["o"] for g in groups] == [1, 2]
