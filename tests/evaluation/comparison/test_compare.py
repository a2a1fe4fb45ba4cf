"""Figures, verdicts that turned, other plans, stored states, missing columns, bad input (F40 to F46, F63)."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from attrs import evolve

import kpi
from kpi.evaluation.comparison.records import TargetComparison
from tests.builders import TABLE, average, cases, day, plan, within

D, D2 = "2017-06-30", "2017-09-30"
SECURED: Any = "secured"


def case(name: str, filed: str | None, decided: str | None, **more: Any) -> dict[str, Any]:
    return {"case_id": name, "filed": filed, "decided": decided, **more}


IN_TIME = case("A", "2017-01-01", "2017-01-20")
LATE = case("B", "2017-01-01", "2017-03-01")
OLD = cases(IN_TIME)
NEW = cases(IN_TIME, LATE, case("C", "2017-08-01", "2017-08-20"))


def test_f40_three_figures_and_two_differences() -> None:
    """1 of 1; with a case that was registered late 1 of 2; with one of August 2 of 3."""
    target = kpi.compare(plan(within()), OLD, NEW, D, D2)["t"]
    figures = {name: record and (record.met, record.counted) for name, record in target.figures}
    assert figures == {"then": (1, 1), "then_known_now": (1, 2), "now": (2, 3)}
    assert (target.restated.change["counted"], target.news.change["counted"]) == (1, 1)


def test_f40_another_plan_for_old_gives_a_fourth_figure_first() -> None:
    """By the old plan, 10 days, A was late; by the new one, 1 month, it was in time all along."""
    old_plan = plan(within("10 days"), average(id="gone"))
    comparison = kpi.compare(plan(within(), average(id="a")), OLD, OLD, D, D, old_plan=old_plan)
    target = comparison["t"]
    figures = {name: record and record.met for name, record in target.figures}
    assert figures == {"then": 0, "then_under_plan": 1, "then_known_now": 1, "now": 1}
    assert not any(target.restated.change.values())
    assert comparison["a"].then is None
    assert [str(note) for note in comparison.notes if note.code == "target-in-one-plan"] == [
        "not in the plan of OLD: a",
        "only in the plan of OLD: gone",
    ]
    assert comparison.to_dict()["targets"][1]["then"] is None
    assert comparison.frame.filter(pl.col("target") == "a").height == 3


def test_f40_now_is_the_last_day_of_the_period_where_no_day_is_given() -> None:
    comparison = kpi.compare(plan(within()), OLD, NEW, D)
    assert comparison.to == dt.date(2017, 12, 31)
    assert "now is 2017-12-31, the last day of the plan's period" in str(comparison.notes)
    later = kpi.compare(plan(within()), OLD, NEW, "2018-03-31")
    assert later.to == dt.date(2018, 3, 31)
    assert "now is 2018-03-31, the as-of date itself" in str(later.notes)


def test_f44_the_verdict_that_turned_and_the_first_bucket_at_which_it_did() -> None:
    """As of the year's end: met with A alone; B, registered late, makes it 1 of 2 and missed."""
    target = kpi.compare(plan(within()), OLD, cases(IN_TIME, LATE), "2017-12-31")["t"]
    turned = target.restated.turned
    assert turned is not None
    assert (turned.before, turned.after, turned.bucket) == ("met", "missed", "registered late")
    assert target.news.turned is None


def test_f44_the_day_turns_a_verdict_as_time_passes() -> None:
    target = kpi.compare(plan(within()), OLD, OLD, D, "2017-12-31")["t"]
    turned = target.news.turned
    assert turned is not None
    assert (turned.before, turned.after, turned.bucket) == ("open", "met", "only time passed")


def as_certain(target: TargetComparison, verdict: Any) -> TargetComparison:
    then = evolve(target.restated.before, verdict=verdict)
    first = evolve(target.restated.buckets[0], before=then)
    restated = evolve(target.restated, before=then, buckets=(first, *target.restated.buckets[1:]))
    return evolve(target, then=then, restated=restated)


@pytest.mark.parametrize(
    ("certain", "new", "contradicted"),
    [
        ("secured", OLD, False),
        ("secured", cases(IN_TIME, LATE), True),
        ("lost", OLD, True),
        ("lost", cases(LATE), False),
        ("open", cases(LATE), False),
    ],
)
def test_f44_a_certain_verdict_that_new_contradicts(
    certain: str, new: pl.DataFrame, contradicted: bool
) -> None:
    """At the year's end: secured must be met, and lost must be missed."""
    if new.equals(cases(LATE)):
        new = pl.concat([new, OLD.with_columns(decided=pl.lit(dt.date(2017, 4, 1)))])
    target = kpi.compare(plan(within()), OLD, new, "2017-12-31")["t"]
    assert as_certain(target, certain).contradicted == contradicted


def test_f44_contradicted_targets_come_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where OLD says secured of the second target, and NEW misses both."""

    def certain(state: kpi.State) -> kpi.Result:
        result = kpi.finish(state)
        if state.facts["cases"].rows > 1:
            return result
        first, second = result.targets
        return evolve(result, targets=(first, evolve(second, verdict=SECURED)))

    monkeypatch.setattr("kpi.evaluation.comparison.compare.finish", certain)
    p = plan(within(), within(id="u", limit="10 days"))
    comparison = kpi.compare(p, OLD, cases(IN_TIME, LATE), "2017-12-31")
    assert [target.id for target in comparison] == ["u", "t"]
    assert str(comparison.notes[0]).startswith("u: secured in OLD, missed in NEW: what was certain")
    assert '"key"' not in str(comparison.notes[0])


def test_f45_late_registration_by_month() -> None:
    """In January OLD knows one of two cases, and in March none of one decision."""
    late = kpi.compare(plan(within()), OLD, NEW, D, D2).late
    january = late.filter(pl.col("month_end") == day("2017-01-31")).to_dicts()
    assert january[0] == {
        "table": "cases", "date": "filed", "month_end": day("2017-01-31"), "then": 1, "now": 2,
        "late": 1, "late_share": 0.5, "then_by_end": 1, "now_by_end": 2,
    }  # fmt: skip
    march = late.filter(pl.col("month_end") == day("2017-03-31"), pl.col("date") == "decided")
    assert march.select("then", "now", "late_share", "then_by_end", "now_by_end").row(0) == (
        0, 1, 1.0, 1, 2,
    )  # fmt: skip
    assert late["month_end"].unique().sort().to_list()[::11] == [day("2016-07-31"), day(D)]


def test_f45_a_table_without_an_entry_has_no_late_registration() -> None:
    table = kpi.Table("cases", key="case_id", events=["filed", "decided"])
    p = kpi.Plan(id="p", period="2017", tables=[table], targets=[within()])
    assert kpi.compare(p, OLD, NEW, D, D2).late.is_empty()


def test_f45_the_first_months_of_all_time() -> None:
    assert kpi.compare(plan(within()), OLD, NEW, "0001-03-05", D2).late["then"].sum() == 0


def test_f46_a_stored_state_gives_totals_and_a_single_bucket() -> None:
    state = kpi.partial(plan(within()), OLD, D)
    comparison = kpi.compare(plan(within()), state, NEW, D, D2)
    (bucket,) = comparison["t"].restated.buckets
    assert (bucket.bucket, bucket.cases, bucket.change["counted"]) == ("not told apart", None, 1)
    assert [b.cases for b in comparison["t"].news.buckets] == [1, 0, 0, 0, 0, 2]
    assert set(comparison.cases().collect()["step"]) == {"news"}
    assert comparison.late.is_empty()
    assert "state-as-old" in [note.code for note in comparison.notes]
    checked = kpi.check(plan(within()), NEW)
    assert kpi.compare(plan(within()), state, checked, D, D2)["t"].now.counted == 3


@pytest.mark.parametrize(
    ("state", "more", "message"),
    [
        ((plan(average()), D), {}, "OLD is a state of the plan p, not of this p"),
        ((plan(within()), D2), {}, "OLD is a state as of 2017-09-30, not of 2017-06-30"),
        ((plan(within()), D), {"old_plan": plan(average())}, "holds no cases to judge anew"),
    ],
)
def test_f46_a_state_that_cannot_stand_for_old(state: Any, more: Any, message: str) -> None:
    stored = kpi.partial(state[0], OLD, state[1])
    with pytest.raises(kpi.DataError, match=message):
        kpi.compare(plan(within()), stored, NEW, D, D2, **more)


TYPED = within(where={"case_type": "visa"})


@pytest.mark.parametrize("lacking", ["OLD", "NEW"])
def test_f46_a_missing_column_is_not_known_there(lacking: str) -> None:
    """Without its type, A is outside; B is of another type, and outside in any case."""
    with_types = cases(IN_TIME, {**LATE, "case_type": "asylum"})
    without = with_types.drop("case_type")
    old, new = (without, with_types) if lacking == "OLD" else (with_types, without)
    comparison = kpi.compare(plan(TYPED), old, new, D, D)
    step = comparison["t"].restated
    sign = 1 if lacking == "OLD" else -1
    assert {b.bucket: (b.cases, b.change["counted"]) for b in step.buckets if b.cases} == {
        "other column": (1, sign),
        "unchanged": (1, 0),
    }
    (note,) = [str(note) for note in comparison.notes if note.code == "column-missing"]
    assert note.startswith(f"cases: {lacking} has no column case_type: not known there")


def test_f46_a_missing_event_is_not_known_there(tmp_path: Path) -> None:
    """OLD lacks the end altogether, in a CSV file: all that it changes is one bucket."""
    file = tmp_path / "cases.csv"
    OLD.drop("decided").write_csv(file)
    step = kpi.compare(plan(within()), file, cases(IN_TIME, LATE), D, D)["t"].restated
    assert {b.bucket: b.cases for b in step.buckets if b.cases} == {
        "registered late": 1,
        "other column": 1,
    }


def test_f46_a_date_that_is_derived_from_a_missing_one() -> None:
    table = evolve(TABLE, derived={"ready": {"latest": ["filed", "documented"]}})
    target = within(start="ready")
    p = kpi.Plan(id="p", period="2017", tables=[table], targets=[target])
    step = kpi.compare(p, OLD.drop("documented"), OLD, D, D)["t"].restated
    assert {b.bucket: b.cases for b in step.buckets if b.cases} == {"unchanged": 1}
    known = OLD.with_columns(documented=pl.lit(day("2017-01-05")))
    step = kpi.compare(p, OLD.drop("documented"), known, D, D)["t"].restated
    # Counted in both, but its time begins four days later.
    assert step.after.counted == 1


def test_f46_a_column_that_both_lack_is_a_mistake_as_ever() -> None:
    with pytest.raises(kpi.DataError, match="NEW: cases: missing column case_type"):
        kpi.compare(plan(TYPED), OLD.drop("case_type"), NEW.drop("case_type"), D)


def test_f63_an_extract_that_cannot_be_read() -> None:
    with pytest.raises(kpi.DataError, match="OLD: cases: cannot be read"):
        kpi.compare(plan(within()), OLD.lazy().select("nothing"), NEW, D)


@pytest.mark.parametrize(
    ("old", "new", "more", "message"),
    [
        (OLD, NEW, {"to": "2017-03-31"}, "to: found 2017-03-31, before the as-of date 2017-06-30"),
        (OLD, NEW, {"to": "spring"}, "to: "),
        (
            OLD,
            cases(case("A", "2017-08-01", None)),
            {},
            "cases: NEW has no case that was entered by",
        ),
        (OLD, cases(LATE), {}, "cases: OLD and NEW have no case_id in common as of 2017-06-30"),
    ],
)
def test_f63_extracts_that_cannot_be_compared(
    old: pl.DataFrame, new: pl.DataFrame, more: Any, message: str
) -> None:
    with pytest.raises(kpi.KpiError, match=message) as error:
        kpi.compare(plan(within()), old, new, D, **more)
    assert "\n" not in str(error.value)


def test_f63_a_table_that_one_extract_lacks() -> None:
    slots = kpi.Table("slots", key="case_id", entry="filed", events=["decided"])
    p = kpi.Plan(
        id="p",
        period="2017",
        tables=[TABLE, slots],
        targets=[within(), within(id="u", table="slots")],
    )
    with pytest.raises(kpi.DataError, match="slots: not in OLD, but in NEW; compare extracts that"):
        kpi.compare(p, {"cases": OLD}, {"cases": NEW, "slots": NEW}, D, D2)
    both = kpi.compare(p, {"cases": OLD}, {"cases": NEW}, D, D2)
    assert both["u"].now.verdict == "not_assessable"
    assert {b.cases for b in both["u"].restated.buckets} == {None}


def test_f63_old_that_is_newer_is_said() -> None:
    """The newest date of NEW is in August, that of OLD in January: exchanged, OLD is the newer."""
    codes = [note.code for note in kpi.compare(plan(within()), NEW, OLD, D, D2).notes]
    assert codes == ["old-is-newer", "later-than-as-of", "old-extract"]
    assert "old-is-newer" not in [
        n.code for n in kpi.compare(plan(within()), OLD, NEW, D, D2).notes
    ]


def test_f63_a_date_of_old_that_was_a_slip_does_not_make_it_newer() -> None:
    slip = OLD.with_columns(decided=pl.lit(day("2018-01-20")))
    codes = [note.code for note in kpi.compare(plan(within()), slip, NEW, D, D2).notes]
    assert codes == ["later-than-as-of", "old-extract"]


def test_f63_an_extract_that_ends_long_before_the_day_is_said() -> None:
    """OLD knows nothing after 20 January, and is looked at from 30 June."""
    notes = [str(note) for note in kpi.compare(plan(within()), OLD, NEW, D, D2).notes]
    assert notes[0].startswith(
        "OLD as of 2017-06-30: the newest entry or event in the tables is of"
    )
    assert notes[1].startswith(
        "NEW as of 2017-09-30: the newest entry or event in the tables is of"
    )


def test_facts_need_no_key_in_common() -> None:
    """A fact that only NEW reports is registered late; the deadline was in March."""
    table = kpi.Table("reported", key="target", events="done")
    milestone = kpi.Milestone(id="m", deadline={"through": "2017-03-31"}, table="reported")
    p = kpi.Plan(id="p", period="2017", tables=[table], targets=[milestone])
    schema = {"target": pl.String, "done": pl.Date}
    old = pl.DataFrame({"target": ["other"], "done": [None]}, schema=schema)
    new = pl.DataFrame({"target": ["m"], "done": [day("2017-03-01")]}, schema=schema)
    target = kpi.compare(p, {"reported": old}, {"reported": new}, D, D2)["m"]
    assert {b.bucket: b.cases for b in target.restated.buckets if b.cases} == {
        "gone": 1,
        "registered late": 1,
    }
    assert target.then_known_now.verdict == "met"


def test_checked_extracts_and_keys_of_different_kinds() -> None:
    """Ids that are numbers in one extract and texts in the other are the same ids."""
    p = plan(within())
    numbers = OLD.with_columns(case_id=pl.lit(7))
    texts = NEW.with_columns(case_id=pl.col("case_id").replace("A", "7"))
    target = kpi.compare(p, kpi.check(p, numbers), kpi.check(p, texts), D, D2)["t"]
    assert {b.bucket: b.cases for b in target.restated.buckets if b.cases} == {
        "registered late": 1, "unchanged": 1,
    }  # fmt: skip


def test_ids_that_were_not_checked_are_one_key_each() -> None:
    """Without the check both rows of A are counted; to the comparison they are one key."""
    p = plan(within())
    twice = kpi.check(p, cases(IN_TIME, IN_TIME, LATE), skip="ids")
    once = kpi.check(p, cases(LATE, IN_TIME), skip="ids")
    comparison = kpi.compare(p, twice, once, D, D2)
    step = comparison["t"].restated
    assert {b.bucket: (b.cases, b.change["counted"]) for b in step.buckets if b.cases} == {
        "key": (1, -1),
        "unchanged": (1, 0),
    }
    again = kpi.compare(p, once, twice, D, D2)["t"].news
    assert {b.bucket: b.cases for b in again.buckets if b.cases} == {"unchanged": 2}


def test_times_of_one_day_are_one_key_where_the_key_is_a_date() -> None:
    slots = kpi.Table("cases", key="filed", entry="filed", events=["decided"])
    p = kpi.Plan(id="p", period="2017", tables=[slots], targets=[within()])
    times = [dt.datetime(2017, 1, 2, hour) for hour in (8, 9)]
    both = pl.DataFrame({"filed": times, "decided": times})
    one = both.head(1)
    step = kpi.compare(p, one, both, D, D2)["t"].restated
    assert {b.bucket: (b.cases, b.change["rows"]) for b in step.buckets if b.cases} == {
        "key": (1, 1)
    }


def test_categories_are_compared_by_their_words() -> None:
    old = OLD.with_columns(pl.col("case_type").cast(pl.Enum(["visa", "asylum"])))
    new = OLD.with_columns(pl.col("case_type").cast(pl.Enum(["asylum", "visa"])))
    target = kpi.compare(plan(TYPED), old, new, D, D)["t"]
    assert {b.bucket: b.cases for b in target.restated.buckets if b.cases} == {"unchanged": 1}


def test_instants_are_compared_where_the_target_reads_them() -> None:
    """The same day, an hour later: another end where hours are counted, and none where days are."""
    table = kpi.Table("cases", key="case_id", entry="filed", events=["decided"])
    p = kpi.Plan(
        id="p", period="2017", tables=[table],
        targets=[within("30 hours", id="hours"), within("30 days", id="days")],
    )  # fmt: skip
    hour = pl.DataFrame({"case_id": ["A"], "filed": [dt.datetime(2017, 1, 1, 8)],
                         "decided": [dt.datetime(2017, 1, 2, 9)]})  # fmt: skip
    later = hour.with_columns(decided=pl.col("decided") + pl.duration(hours=6))
    comparison = kpi.compare(p, hour, later, D, D)
    buckets = {t.id: [b.bucket for b in t.restated.buckets if b.cases] for t in comparison}
    assert buckets == {"hours": ["end corrected"], "days": ["unchanged"]}


def test_parts_of_a_requirement_are_compared_and_so_is_the_whole() -> None:
    parts = kpi.Parts(id="r", parts=[within(id="r.1"), average(id="r.2")])
    comparison = kpi.compare(plan(parts), OLD, cases(IN_TIME, LATE), "2017-12-31")
    assert [target.id for target in comparison] == ["r", "r.1", "r.2"]
    turned = comparison["r"].restated.turned
    assert turned is not None
    assert (turned.after, turned.bucket) == ("missed", "registered late")
    with pytest.raises(KeyError):
        comparison["x"]
    assert set(comparison.cases("r.2").collect()["target"]) == {"r.2"}


def test_nothing_to_list_has_the_columns_of_a_list() -> None:
    slots = kpi.Table("slots", key="case_id", entry="filed", events=["decided"])
    p = kpi.Plan(
        id="p",
        period="2017",
        tables=[TABLE, slots],
        targets=[within(), within(id="u", table="slots")],
    )
    comparison = kpi.compare(p, {"cases": OLD}, {"cases": NEW}, D, D2)
    none, some = comparison.cases("u").collect(), comparison.cases("t").collect()
    assert none.is_empty()
    assert none.schema == some.schema


def test_plain_data_and_frames_hold_the_same_numbers() -> None:
    p = plan(within(), average(id="a", count_as=None))
    comparison = kpi.compare(p, OLD, NEW, D, D2)
    data = json.loads(comparison.to_json())
    assert (data["as_of"], data["to"]) == (D, D2)
    for target in data["targets"]:
        rows = comparison.buckets.filter(pl.col("target") == target["id"])
        for step in ("restated", "news"):
            of_step = rows.filter(pl.col("step") == step)
            assert [b["counted"] for b in target[step]["buckets"]] == of_step["counted"].to_list()
            assert target[step]["change"]["counted"] == of_step["counted"].sum()
    assert comparison.frame["figure"].to_list() == ["then", "then_known_now", "now"] * 2
    assert {note["month_end"] for note in data["late"]} >= {"2017-01-31"}


def test_large_totals_of_microseconds_are_exact_in_frames() -> None:
    """600 cases of 9,999 years by the clock are more microseconds than 64 bits hold in sum."""
    table = kpi.Table("cases", key="case_id", entry="filed", events=["decided"])
    target = average("30 hours", id="t")
    p = kpi.Plan(id="p", period="9998", tables=[table], targets=[target])
    many = pl.DataFrame(
        {"case_id": range(60), "filed": dt.datetime(1, 1, 1), "decided": dt.datetime(9998, 6, 1)}
    )
    comparison = kpi.compare(p, many, many, "9998-12-31")
    total = comparison["t"].now.total
    assert total is not None
    assert total > 2**63
    assert comparison.frame["total"].to_list() == [total] * 3
    assert comparison.path["total"].to_list() == [total] * 20
    assert set(comparison.buckets["total"]) == {0}
