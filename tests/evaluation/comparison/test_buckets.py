"""Each bucket on cases that can be checked by hand, and in plain Python (F41, F42)."""

from __future__ import annotations

import datetime as dt
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import kpi
from kpi.evaluation.comparison.buckets import BUCKETS, MEANINGS
from kpi.evaluation.comparison.differences import differences
from tests.builders import TABLE, average, cases, day, plan, within
from tests.evaluation.comparison.changed import CHANCES
from tests.laws.generated import SETTINGS

D, D2 = "2017-06-30", "2017-09-30"


def case(name: str, filed: str | None, decided: str | None, **more: Any) -> dict[str, Any]:
    return {"case_id": name, "filed": filed, "decided": decided, **more}


def bucket_of(
    target: kpi.Target,
    old: list[dict[str, Any]],
    new: list[dict[str, Any]],
    name: str = "A",
    step: str = "restated",
) -> str:
    comparison = kpi.compare(plan(target), cases(*old, OTHER), cases(*new, OTHER), D, D2)
    rows = comparison.cases(unchanged=True).filter(pl.col("step") == step, pl.col("case") == name)
    (bucket,) = rows.collect()["bucket"]
    return str(bucket)


OTHER = case("other", "2017-01-01", "2017-01-10")
SHUT = case("A", "2017-01-01", "2017-01-20")
OPEN = case("A", "2017-01-01", None)
RESTATED = [
    ("key", [SHUT, SHUT], [SHUT]),
    ("key", [SHUT], [SHUT, SHUT]),
    ("gone", [SHUT], []),
    ("gone", [SHUT], [case("A", "2017-07-01", "2017-07-20")]),
    ("registered late", [], [SHUT]),
    ("registered late", [case("A", "2017-07-01", None)], [SHUT]),
    ("reopened", [SHUT], [OPEN]),
    ("reopened", [SHUT], [case("A", "2017-01-01", "2017-07-20")]),
    ("end registered late", [OPEN], [SHUT]),
    ("end registered late", [case("A", "2017-01-01", "2017-07-20")], [SHUT]),
    ("end corrected", [SHUT], [case("A", "2017-01-02", "2017-01-21")]),
    ("start registered late", [case("A", None, "2017-01-20")], [SHUT]),
    ("start corrected", [SHUT], [case("A", "2017-01-02", "2017-01-20")]),
    ("start corrected", [SHUT], [case("A", None, "2017-01-20")]),
    ("other date", [SHUT], [{**SHUT, "documented": "2017-01-05"}]),
    ("other column", [SHUT], [{**SHUT, "case_type": "asylum"}]),
    ("unchanged", [SHUT], [{**SHUT, "due": "2017-03-01"}]),
    ("unchanged", [OPEN], [case("A", "2017-01-01", "2017-07-20")]),
]
READS = within(where={"case_type": ["visa", "asylum"]}, unless={"documented": {"in": "2016"}})


@pytest.mark.parametrize(("bucket", "old", "new"), RESTATED)
def test_f41_each_bucket_of_the_restatement(bucket: str, old: Any, new: Any) -> None:
    assert bucket_of(READS, old, new) == bucket


def test_f41_what_a_target_does_not_read_changes_no_bucket() -> None:
    """The same two extracts: under a target without the column the case is unchanged."""
    typed = {**SHUT, "case_type": "asylum"}
    assert bucket_of(within(), [SHUT], [typed]) == "unchanged"
    assert bucket_of(READS, [SHUT], [typed]) == "other column"


NEWS = [
    ("entered", case("A", "2017-07-01", None)),
    ("ended", case("A", "2017-01-01", "2017-07-20")),
    ("other event", {**OPEN, "documented": "2017-07-05"}),
    ("only time passed", case("A", "2017-06-15", None)),
    # Its due date was over on the first day.
    ("unchanged", case("A", "2017-05-15", None)),
    # The day of the due date is not over before the second.
    ("only time passed", case("A", "2017-08-30", None)),
]


@pytest.mark.parametrize(("bucket", "row"), NEWS[:-1])
def test_f41_each_bucket_of_the_news(bucket: str, row: dict[str, Any]) -> None:
    assert bucket_of(READS, [row], [row], step="news") == bucket


def test_f41_a_start_between_both_days() -> None:
    """The interval begins with the documents: they come on 5 July, and the case is open."""
    target = within(start="documented", end="decided")
    row = {**OPEN, "documented": "2017-07-05"}
    assert bucket_of(target, [row], [row], step="news") == "started"


def test_f41_a_due_date_is_passed_when_its_day_is_over() -> None:
    """Filed on 30 May, due on 30 June: over at the end of that day, which is D."""
    on_the_day, day_after = case("A", "2017-05-30", None), case("A", "2017-05-31", None)
    target = within("1 month", month_end="up")
    assert bucket_of(target, [on_the_day], [on_the_day], step="news") == "unchanged"
    # 31 May + 1 month is 1 July where a day that June lacks is the first of the next month.
    assert bucket_of(target, [day_after], [day_after], step="news") == "only time passed"


def test_f41_time_alone_counts_an_open_case_as_a_miss() -> None:
    """Filed on 15 June, due on 15 July: undetermined on 30 June, a miss on 30 September."""
    target = within(denominator="overdue")
    row = case("A", "2017-06-15", None)
    news = kpi.compare(plan(target), cases(row, OTHER), cases(row, OTHER), D, D2)["t"].news
    passed = news.buckets[4]
    assert (passed.bucket, passed.cases) == ("only time passed", 1)
    assert passed.change == {
        "rows": 0, "outside": 0, "counted": 1, "excluded": 0, "undetermined": -1, "met": 0,
        "total": None, "counted_as": None,
    }  # fmt: skip


def test_f41_an_id_that_is_repeated_later_is_entered() -> None:
    """The second row of A comes in July: from then on neither row of the id is counted."""
    again = case("A", "2017-07-01", None)
    news = kpi.compare(plan(within()), cases(SHUT), cases(SHUT, again), D, D2)["t"].news
    entered = news.buckets[0]
    assert (entered.bucket, entered.cases) == ("entered", 1)
    assert [b.cases for b in news.buckets] == [1, 0, 0, 0, 0, 0]
    # The second row is not decided and so outside; the first is excluded for its id.
    assert (news.before.counted, news.after.counted) == (1, 0)
    assert news.after.excluded == {"repeated id": 1}


def test_f41_a_rejected_id_is_in_the_first_bucket_of_both() -> None:
    """2017-02-30 is no day, so the row of A is rejected in OLD: its id was there all the same."""
    texts = pl.DataFrame(
        {"case_id": ["A", "B"], "filed": ["2017-01-01"] * 2, "documented": [None, None],
         "decided": ["2017-02-30", "2017-01-10"], "due": [None, None]}
    )  # fmt: skip
    new = texts.with_columns(decided=pl.lit("2017-01-20"))
    comparison = kpi.compare(plan(within()), texts, new, D, D2)
    key, *others = comparison["t"].restated.buckets
    assert (key.cases, key.change["rows"], key.change["counted"]) == (1, 1, 1)
    assert [b.bucket for b in others if b.cases] == ["end corrected"]
    listed = comparison.cases().filter(pl.col("step") == "restated").collect()
    assert listed.select("case", "bucket").rows() == [("A", "key"), ("B", "end corrected")]
    assert "OLD: cases: 1 of 2 rows rejected" in str(comparison.notes)


def test_a_rejected_id_in_both_extracts_is_listed_once() -> None:
    texts = pl.DataFrame(
        {"case_id": ["A", "B"], "filed": ["2017-01-01"] * 2, "documented": [None, None],
         "decided": ["2017-02-30", "2017-01-10"], "due": [None, None]}
    )  # fmt: skip
    comparison = kpi.compare(plan(within()), texts, texts, D, D2)
    assert comparison["t"].restated.buckets[0].cases == 1
    listed = comparison.cases().collect()
    assert listed.select("case", "bucket", "before", "after").rows() == [("A", "key", None, None)]


def test_f42_the_changes_of_the_buckets_add_up_by_hand() -> None:
    """Six cases within a month, then four of six: two came late, one was reopened, one corrected."""
    old = cases(
        case("A", "2017-01-01", "2017-01-20"),
        case("B", "2017-01-01", "2017-01-20"),
        case("C", "2017-01-01", "2017-01-20"),
        case("E", "2017-01-01", None),
    )
    new = cases(
        case("A", "2017-01-01", "2017-01-20"),
        case("B", "2017-01-01", None),
        case("C", "2017-01-01", "2017-02-20"),
        case("D", "2017-01-01", "2017-03-01"),
        case("E", "2017-01-01", "2017-01-31"),
    )
    p = plan(within(threshold=60), average(id="a"))
    comparison = kpi.compare(p, old, new, D, D)
    share = comparison["t"].restated
    moved = {b.bucket: (b.cases, b.change["counted"], b.change["met"]) for b in share.buckets}
    assert {name: change for name, change in moved.items() if any(change)} == {
        "registered late": (1, 1, 0),
        "reopened": (1, -1, -1),
        "end registered late": (1, 1, 1),
        "end corrected": (1, 0, -1),
        "unchanged": (1, 0, 0),
    }
    assert (share.before.met, share.before.counted) == (3, 3)
    assert (share.after.met, share.after.counted) == (2, 4)
    # 19 days each; then 59 for D, 30 for E, and 50 in place of 19 for C.
    days = {b.bucket: b.change["total"] for b in comparison["a"].restated.buckets}
    assert {name: n for name, n in days.items() if n} == {
        "registered late": 59, "reopened": -19, "end registered late": 30, "end corrected": 31,
    }  # fmt: skip
    assert comparison["a"].restated.after.total == 57 + 59 - 19 + 30 + 31
    # The path, in the order of the buckets: 3/3, with D 3/4, without B 2/3, with E 3/4, C late 2/4.
    path = comparison.path.filter(pl.col("target") == "t", pl.col("step") == "restated")
    assert path["value"].to_list() == [
        1,
        1,
        1,
        0.75,
        2 / 3,
        0.75,
        0.5,
        0.5,
        0.5,
        0.5,
        0.5,
        0.5,
        0.5,
    ]


def test_f42_the_fastest_push_others_out() -> None:
    """Of four cases the fastest half; one more, slow, takes a third in: ceil(0.5 × 5) = 3."""
    target = kpi.Average(id="t", start="filed", end="decided", limit="30 days", fastest=50)
    rows = [case(str(n), "2017-01-01", f"2017-01-{10 + n}") for n in range(1, 5)]
    late = case("5", "2017-01-01", "2017-03-01")
    step = kpi.compare(plan(target), cases(*rows), cases(*rows, late), D, D)["t"].restated
    # 10 and 11 days, then 12 days too.
    assert (step.before.total, step.after.total) == (21, 33)
    (moved,) = [b for b in step.buckets if any(b.change.values())]
    assert (moved.bucket, moved.cases) == ("registered late", 1)
    assert (moved.change["counted"], moved.change["excluded"], moved.change["total"]) == (1, 0, 12)


def test_f42_a_value_that_is_counted_once() -> None:
    """Two cases of one person; one of them is gone, and the person is still counted."""
    target = kpi.Count(id="t", on="filed", distinct="case_type")
    rows = [case("1", "2017-01-01", None, case_type=kind) for kind in ("x",)]
    rows += [
        case("2", "2017-01-01", None, case_type="x"),
        case("3", "2017-01-01", None, case_type="y"),
    ]
    new = [rows[0], {**rows[2], "case_type": "z"}, case("4", "2017-02-01", None, case_type="x")]
    step = kpi.compare(plan(target), cases(*rows), cases(*new), D, D)["t"].restated
    assert (step.before.value, step.after.value) == (2, 2)
    changes = {b.bucket: (b.cases, b.change["counted"], b.change["excluded"]) for b in step.buckets}
    assert {name: change for name, change in changes.items() if any(change)} == {
        # Row 2 was excluded as "counted already", and row 4 is.
        "gone": (1, 0, -1),
        "registered late": (1, 0, 1),
        "other column": (1, 0, 0),
        "unchanged": (1, 0, 0),
    }


PAUSES = kpi.Table("waits", key="case_id", pauses="cases", entry="since", events="over")


def paused(*rows: tuple[str, str, str | None]) -> pl.DataFrame:
    return pl.DataFrame(
        [(name, day(since), day(over)) for name, since, over in rows],
        schema={"case_id": pl.String, "since": pl.Date, "over": pl.Date},
        orient="row",
    )


def with_pauses(target: kpi.Target) -> kpi.Plan:
    return kpi.Plan(id="p", period="2017", tables=[TABLE, PAUSES], targets=[target])


def test_f41_pauses_that_changed() -> None:
    """40 days less 10 paused ones are 30, and in time; without the pause the case is late."""
    target = within("30 days", pauses="waits")
    rows = cases(case("A", "2017-01-01", "2017-02-10"), case("B", "2017-01-01", "2017-02-10"))
    old, new = paused(("B", "2017-01-05", "2017-01-15")), paused(("A", "2017-01-05", "2017-01-15"))
    before, after = ({"cases": rows, "waits": waits} for waits in (old, new))
    step = kpi.compare(with_pauses(target), before, after, D, D)["t"].restated
    assert {b.bucket: b.cases for b in step.buckets if b.cases} == {"pauses changed": 2}
    assert (step.before.met, step.after.met) == (1, 1)
    alone = kpi.compare(with_pauses(target), before, {"cases": rows, "waits": paused()}, D, D)
    assert {b.bucket: b.cases for b in alone["t"].restated.buckets if b.cases} == {
        "pauses changed": 1, "unchanged": 1,
    }  # fmt: skip


def test_f41_a_pause_that_runs_on_is_time_and_one_that_begins_is_an_event() -> None:
    target = within("30 days", pauses="waits", denominator="overdue")
    rows = cases(case("runs", "2017-06-01", None), case("begins", "2017-06-10", None))
    waits = paused(("runs", "2017-06-05", None), ("begins", "2017-07-05", None))
    extract = {"cases": rows, "waits": waits}
    comparison = kpi.compare(with_pauses(target), extract, extract, D, D2)
    news = comparison.cases().filter(pl.col("step") == "news").collect()
    assert dict(news.select("case", "bucket").iter_rows()) == {
        "begins": "other event",
        "runs": "only time passed",
    }


def test_f41_a_weight_is_another_column() -> None:
    """A family of 3 becomes one of 4: the case is the same, and the persons are one more."""
    table = kpi.Table("cases", key="case_id", entry="filed", events=["decided"])
    target = within(count_as="persons")
    p = kpi.Plan(id="p", period="2017", tables=[table], targets=[target])
    old = cases(case("A", "2017-01-01", "2017-01-10")).with_columns(persons=pl.lit(3))
    new = old.with_columns(persons=pl.lit(4))
    step = kpi.compare(p, old, new, D, D)["t"].restated
    (moved,) = [b for b in step.buckets if b.cases]
    assert (moved.bucket, moved.change["counted"], moved.change["met"]) == ("other column", 0, 1)
    assert moved.change["counted_as"] == 1
    assert (step.before.met, step.after.met) == (3, 4)


def test_f42_a_group_that_no_case_is_in_any_more() -> None:
    """The mean of the means: 19 days of visas and 9 of asylum give 14; without the asylum case 19."""
    target = average(mean_of_means="case_type")
    shut = case("B", "2017-01-01", "2017-01-10", case_type="asylum")
    step = kpi.compare(plan(target), cases(SHUT, shut), cases(SHUT), D, D)["t"].restated
    assert (step.before.value, step.after.value) == (14, 19)
    assert [b.after.value for b in step.buckets] == [14, *[19] * 11]


def test_f42_a_case_that_took_no_day_is_a_case_of_its_group() -> None:
    """B took 0 days, A 19: the means are 19 and 0. Then a day more each."""
    target = average(mean_of_means="case_type")
    same_day = case("B", "2017-01-01", "2017-01-01", case_type="asylum")
    day_later = case("A", "2017-01-01", "2017-01-21")
    step = kpi.compare(plan(target), cases(SHUT, same_day), cases(day_later, same_day), D, D)["t"]
    assert (step.then_known_now.value, step.restated.buckets[5].after.value) == (10, 10)


def test_masks_that_one_side_lacks_are_false_there() -> None:
    mask, one = "kpi:no such local time:filed", pl.DataFrame({"filed": [1, 2]})
    other = one.with_columns(pl.Series(mask, [False, True]), instant=pl.Series([None, 5]))
    found = differences(one, other, [mask, "instant", "filed", "absent"])
    assert found.to_dict(as_series=False) == {
        mask: [False, True], "instant": [False, True], "filed": [False, False],
    }  # fmt: skip
    again = differences(other, other.with_columns(pl.Series(mask, [None, False])), [mask])
    assert again[mask].to_list() == [False, True]
    assert differences(one, one, ["absent"]).is_empty()


def test_every_bucket_has_a_meaning() -> None:
    assert set(MEANINGS) == set(BUCKETS)


# Plain Python, date by date: what a bucket is, said again without the engine.

DAYS = st.one_of(st.none(), st.dates(dt.date(2017, 5, 1), dt.date(2017, 8, 31)))
ROW = st.fixed_dictionaries(
    {
        "filed": DAYS,
        "documented": DAYS,
        "decided": DAYS,
        "case_type": st.sampled_from(["visa", "x"]),
    }
)
LIMIT = dt.date(2017, 6, 30)


def seen(rows: list[dict[str, Any]], on: dt.date) -> dict[str, dict[str, Any]]:
    """The rows that exist on a day, their later events unknown."""
    return {
        row["case_id"]: {
            **row,
            **{
                name: None if row[name] is not None and row[name] > on else row[name]
                for name in ("documented", "decided")
            },
        }
        for row in rows
        if row["filed"] is None or row["filed"] <= on
    }


def by_hand(old: dict[str, Any] | None, new: dict[str, Any] | None) -> str:
    if new is None:
        return "gone"
    if old is None:
        return "registered late"
    pairs = {
        name: (old[name], new[name]) for name in ("decided", "filed", "documented", "case_type")
    }
    end_was, end_is = pairs["decided"]
    if end_was and not end_is:
        return "reopened"
    if end_is and not end_was:
        return "end registered late"
    if end_was != end_is:
        return "end corrected"
    if pairs["filed"][1] and not pairs["filed"][0]:
        return "start registered late"
    changed = [
        name for name in ("filed", "documented", "case_type") if pairs[name][0] != pairs[name][1]
    ]
    names = {"filed": "start corrected", "documented": "other date", "case_type": "other column"}
    return names[changed[0]] if changed else "unchanged"


def news_by_hand(old: dict[str, Any] | None, new: dict[str, Any], to: dt.date) -> str:
    if old is None:
        return "entered"
    if new["decided"] != old["decided"]:
        return "ended"
    if new["documented"] != old["documented"]:
        return "other event"
    if new["filed"] is None or new["decided"] is not None or new["case_type"] != "visa":
        return "unchanged"
    due = new["filed"] + dt.timedelta(30)
    return "only time passed" if LIMIT < due <= to else "unchanged"


@given(data=st.data())
@SETTINGS
def test_f41_buckets_are_those_of_plain_python(data: st.DataObject) -> None:
    rows = data.draw(st.lists(ROW, min_size=8, max_size=30))
    new = [{"case_id": str(n), **row} for n, row in enumerate(rows)]
    chance = data.draw(CHANCES)
    old = []
    for row in new:
        if chance.random() < 0.2:
            continue
        was = dict(row)
        for name in ("filed", "documented", "decided", "case_type"):
            if chance.random() < 0.2:
                was[name] = chance.choice(new)[name]
        old.append(was)
    # One case that both know keeps the extracts comparable.
    for rows_of in (old, new):
        rows_of.append({**ALWAYS})
    to = LIMIT + dt.timedelta(chance.choice((0, 15, 60)))
    target = within(
        "30 days", where={"case_type": "visa"}, unless={"documented": {"in": "2017-05"}}
    )
    before, after = (pl.DataFrame(rows, schema=cases().schema) for rows in (old, new))
    comparison = kpi.compare(plan(target), before, after, LIMIT, to)
    listed = comparison.cases(unchanged=True).select("step", "case", "bucket").collect()
    known = {(step, name): bucket for step, name, bucket in listed.iter_rows()}
    then, now, later = seen(old, LIMIT), seen(new, LIMIT), seen(new, to)
    expected = {
        ("restated", name): by_hand(then.get(name), now.get(name))
        for name in then.keys() | now.keys()
    }
    expected |= {
        ("news", name): news_by_hand(now.get(name), row, to) for name, row in later.items()
    }
    assert known == expected


ALWAYS: dict[str, Any] = {
    "case_id": "always", "filed": dt.date(2017, 5, 2), "documented": None,
    "decided": dt.date(2017, 5, 20), "case_type": "visa",
}  # fmt: skip
