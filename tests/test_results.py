"""Results: states that merge, groups that add up, the audit trail, frames and JSON."""

from __future__ import annotations

import datetime as dt
import decimal
import json
import pickle
from collections import Counter
from collections.abc import Callable, Iterator
from fractions import Fraction
from functools import cache
from pathlib import Path

import polars as pl
import pytest
from polars.io.plugins import register_io_source

import kpi
from kpi.periods import Every
from kpi.report import words
from kpi.sample import sample
from tables import average, cases, clearance, one, plan, spans, within

WHOLE = kpi.load_plan(Path(__file__).parents[1] / "examples" / "plans" / "us-2017.toml")
US_2017 = WHOLE.only(*(target.id for target in WHOLE.leaves() if target.table == "cases"))


@cache
def sampled() -> pl.DataFrame:
    """Four thousand cases; made when first asked for, so that collecting runs no query."""
    return sample(US_2017, 4000, seed=3)["cases"].with_columns(
        office=pl.Series(["north", "south", None, "east"]).gather(pl.int_range(4000) % 4)
    )


def test_a_break_down_adds_up_to_the_whole() -> None:
    whole = kpi.evaluate(US_2017, sampled())
    questions: list[tuple[tuple[str, ...], Every | None]] = [
        (("office",), None),
        ((), "month"),
        (("office", "case_type"), "quarter"),
    ]
    for by, every in questions:
        result = kpi.evaluate(US_2017, sampled(), by=by, every=every)
        for target, group in zip(whole.targets, result.targets, strict=True):
            assert (group.rows, group.counted, group.met, group.total, group.excluded) == (
                target.rows, target.counted, target.met, target.total, target.excluded
            )  # fmt: skip
            parts = group.groups
            for name in ("rows", "outside", "counted", "undetermined"):
                assert sum(getattr(p, name) for p in parts) == getattr(target, name)
            assert sum(p.met or 0 for p in parts) == (target.met or 0)
            assert sum(p.total or 0 for p in parts) == (target.total or 0)


def test_the_periods_of_a_group_add_up_to_it() -> None:
    """Those rows included that fall into no period."""
    by_office = kpi.evaluate(US_2017, sampled(), by="office")
    by_both = kpi.evaluate(US_2017, sampled(), by="office", every="quarter")
    for target, found in zip(by_office.targets, by_both.targets, strict=True):
        rows: Counter[object] = Counter()
        for part in found.groups:
            rows[part.group["office"]] += part.rows
        assert rows == {group.group["office"]: group.rows for group in target.groups}


def test_a_group_is_what_evaluating_its_rows_alone_gives() -> None:
    result = kpi.evaluate(US_2017, sampled(), by="office")
    north = kpi.evaluate(US_2017, sampled().filter(pl.col("office") == "north"))
    for target, alone in zip(result.targets, north.targets, strict=True):
        group = next(g for g in target.groups if g.group == {"office": "north"})
        for name in ("rows", "outside", "counted", "excluded", "met", "total", "value", "verdict"):
            assert getattr(group, name) == getattr(alone, name)


def test_a_series_is_by_the_date_that_the_window_is_about() -> None:
    frame = spans(
        ("2017-01-31", "2017-02-28"), ("2017-01-31", "2017-06-30"), ("2017-01-31", "2017-07-01"),
        ("2017-06-30", "2017-12-31"), ("2016-12-31", None), ("2016-12-31", "2018-01-01"),
    )  # fmt: skip
    both = plan(average(id="closed"), within("1 year", id="cohort", denominator="cohort"))

    def series(every: str) -> dict[str, list[tuple[str | None, int, int]]]:
        found = kpi.evaluate(both, frame, every=every)  # type: ignore[arg-type]
        return {
            t.id: [(g.group["period"], g.rows, g.counted) for g in t.groups] for t in found.targets
        }

    assert series("half-year") == {
        "closed": [("2017-H1", 2, 2), ("2017-H2", 2, 2), (None, 2, 0)],
        "cohort": [("2017-H1", 4, 4), (None, 2, 0)],
    }
    assert series("quarter")["closed"] == [
        ("2017-Q1", 1, 1), ("2017-Q2", 1, 1), ("2017-Q3", 1, 1), ("2017-Q4", 1, 1), (None, 2, 0),
    ]  # fmt: skip
    assert [period for period, _, _ in series("month")["closed"]] == [
        "2017-02", "2017-06", "2017-07", "2017-12", None,
    ]  # fmt: skip


def test_a_row_outside_the_window_has_no_period() -> None:
    frame = spans(("2017-06-30", "2017-12-31"), ("2017-06-30", "2018-01-01"))
    found = kpi.evaluate(plan(average()), frame, "2018-02-01", every="month").targets[0]
    assert [(g.group["period"], g.rows) for g in found.groups] == [("2017-12", 1), (None, 1)]


def test_a_period_is_open_until_its_own_last_day() -> None:
    frame = spans(("2017-01-01", "2017-02-28"), ("2017-01-01", "2017-03-15"))
    found = kpi.evaluate(plan(average("90 days")), frame, "2017-03-30", every="month").targets[0]
    assert found.verdict == "open"
    assert [(g.group["period"], g.verdict) for g in found.groups] == [
        ("2017-02", "met"),
        ("2017-03", "open"),
    ]


def test_a_clearance_is_judged_on_one_day_and_its_series_has_that_period() -> None:
    target = clearance({"before": "2017-07-01"}, open_at={"start_of": "2017"})
    found = kpi.evaluate(
        plan(target), spans(("2016-01-01", "2017-02-01"), ("2016-01-01", None)), every="month"
    ).targets[0]
    assert [(g.group["period"], g.met, g.counted) for g in found.groups] == [("2017-06", 1, 2)]


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


def test_the_audit_trail_adds_up_to_the_result() -> None:
    result = kpi.evaluate(US_2017, sampled())
    trail = result.audit().collect()
    assert trail.height == 12 * result.targets[0].rows
    for target in result.targets:
        rows = trail.filter(pl.col("target") == target.id)
        counted = rows.filter(pl.col("bucket") == "counted")
        assert counted.height == target.counted
        assert rows.filter(pl.col("bucket") == "outside").height == target.outside
        reasons = rows.filter(pl.col("bucket") == "excluded")["reason"].value_counts()
        assert dict(reasons.iter_rows()) == target.excluded
        if target.met is not None:
            assert counted["met"].sum() == target.met
        else:
            assert counted["days"].sum() == target.total
    of_one = result.audit(result.targets[0].id).collect()
    assert of_one.equals(trail.filter(target=result.targets[0].id))
    with pytest.raises(KeyError, match="no such"):
        result.audit("no such")
    inside = result.audit(outside=False).collect()
    assert inside.equals(trail.filter(pl.col("bucket") != "outside"))


def test_a_finished_state_has_no_audit_trail() -> None:
    result = kpi.finish(kpi.partial(plan(average()), spans(("2017-01-01", "2017-01-02"))))
    with pytest.raises(kpi.KpiError, match="no audit trail"):
        result.audit()


def test_an_extract_without_the_plans_table_has_an_empty_trail() -> None:
    result = kpi.evaluate(plan(average()), {})
    assert result.targets[0].verdict == "not_assessable"
    assert result.audit().collect().height == 0


@pytest.mark.parametrize("engine", ["in-memory", "streaming"])
def test_both_engines_answer_alike(engine: str) -> None:
    questions: list[tuple[tuple[str, ...], Every | None]] = [((), None), (("office",), "month")]
    for by, every in questions:
        expected = kpi.evaluate(US_2017, sampled(), by=by, every=every)
        found = kpi.evaluate(US_2017, sampled(), by=by, every=every, engine=engine)  # type: ignore[arg-type]
        assert found.targets == expected.targets


def test_many_rows_take_the_path_of_shared_tests() -> None:
    # Above the number of rows from which targets share what their common tests leave.
    copies = 60
    many = pl.concat(
        [sampled().with_columns(case_id=pl.col("case_id") + f"/{n}") for n in range(copies)]
    )
    few, found = kpi.evaluate(US_2017, sampled()), kpi.evaluate(US_2017, many, engine="streaming")
    for a, b in zip(few.targets, found.targets, strict=True):
        assert (a.counted * copies, (a.met or 0) * copies) == (b.counted, b.met or 0)
        assert {k: n * copies for k, n in a.excluded.items()} == b.excluded
        assert a.value == b.value


def test_break_downs_that_cannot_be() -> None:
    frame = spans(("2017-01-01", "2017-01-02")).with_columns(
        n=pl.lit(1), title=pl.lit("x"), share=pl.lit(0.5), tags=pl.lit([1])
    )
    for by, every, message in [
        ("offices", None, "missing column offices"),
        ("n", None, "a result has a column 'n' of its own"),
        ("title", None, "a result has a column 'title' of its own"),
        ("share", None, "column share holds Float64; a break-down takes text, whole numbers"),
        ("tags", None, "column tags holds List"),
        (("case_type", "case_type"), None, "a column twice"),
        ((), "year", "found 'year'; accepted: month, quarter, half-year"),
    ]:
        with pytest.raises(kpi.DataError, match=message):
            kpi.evaluate(plan(average()), frame, by=by, every=every)  # type: ignore[arg-type]
    checked = kpi.check(plan(average()), frame)
    with pytest.raises(kpi.DataError, match=r"no column 'casetype' to break down by .did you mean"):
        kpi.evaluate(plan(average()), checked, by="casetype")


def test_an_as_of_that_is_no_date() -> None:
    with pytest.raises(kpi.PlanError, match="as_of: found '2017-02-30'"):
        kpi.evaluate(plan(average()), spans(), "2017-02-30")


def test_frames_and_records() -> None:
    result = kpi.evaluate(US_2017, sampled(), by="office", every="half-year")
    assert result.frame["id"].to_list() == [t.id for t in US_2017.targets]
    assert result["1.2a"] is result.targets[2]
    assert [t.id for t in result] == [t.id for t in US_2017.targets]
    with pytest.raises(KeyError):
        result["9"]
    assert result.groups.columns[:3] == ["id", "office", "period"]
    assert result.groups["rows"].sum() == sum(t.rows for t in result.targets)
    assert kpi.evaluate(US_2017, sampled()).groups.height == 0
    reasons = result.frame.filter(pl.col("excluded") > 0)["reasons"]
    assert reasons.str.contains("start missing").any()


KEYS = [
    "id", "title", "source", "goal", "weight", "rule", "rows", "outside", "counted", "excluded",
    "undetermined", "met", "total",
    "value", "unit", "limit", "threshold", "requirement", "verdict",
]  # fmt: skip


def test_the_json() -> None:
    frame = cases(
        {"filed": "2017-01-01", "decided": "2017-01-11"},
        {"filed": "2017-01-01", "decided": "2017-05-01"},
        {"filed": None, "decided": "2017-05-01"},
    )
    targets = [
        average("65 days", id="a", title="A", source="1 a", goal="1"),
        within("1 month", id="b", threshold=97.5, weight=2.5),
    ]
    goals = [kpi.Goal(id="1", weight=97.5)]
    asked = plan(*targets, goals=goals)
    data = json.loads(kpi.evaluate(asked, frame, dt.date(2017, 12, 31)).to_json())
    assert data["score"] == {"met": 97.5, "of": 100, "if_split": 97.5}
    assert (data["plan"], data["as_of"]) == ("p", "2017-12-31")
    assert [list(target) for target in data["targets"]] == [KEYS, KEYS]
    assert data["targets"][0] == {
        "id": "a", "title": "A", "source": "1 a", "goal": "1", "weight": None,
        "rule": "average", "rows": 3, "outside": 0, "counted": 2,
        "excluded": {"start missing": 1}, "undetermined": 0, "met": None, "total": 10 + 120,
        "value": 65.0, "unit": "days", "limit": "65 days", "threshold": None,
        "requirement": "at most 65 days", "verdict": "met",
    }  # fmt: skip
    assert data["targets"][1] == {
        "id": "b", "title": None, "source": None, "goal": None, "weight": 2.5,
        "rule": "within", "rows": 3, "outside": 0, "counted": 2,
        "excluded": {"start missing": 1}, "undetermined": 0, "met": 1, "total": None,
        "value": 0.5, "unit": "share", "limit": "1 month", "threshold": 97.5,
        "requirement": "97.5 % within 1 month", "verdict": "missed",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("met", "counted", "threshold", "shown"),
    [
        (2249, 2500, 90, "89.96 %"),
        (2250, 2500, 90, "90.0 %"),
        (899_999, 1_000_000, 90, "89.9999 %"),
        (900_001, 1_000_000, 90, "90.0001 %"),
        (1, 3, 90, "33.3 %"),
        (2, 3, 66.7, "66.67 %"),
        (2, 3, 66.68, "66.67 %"),  # one decimal would lift it over
        (3, 3, 100, "100.0 %"),
        (9_999, 10_000, 100, "99.99 %"),
    ],
)
def test_a_share_is_never_printed_onto_or_across_its_threshold(
    met: int, counted: int, threshold: float, shown: str
) -> None:
    kept, late = ("2017-01-01", "2017-01-02"), ("2017-01-01", "2017-05-01")
    small = Fraction(met, counted)
    if counted > 10_000:
        record = one(within(threshold=threshold), spans(kept))
        from attrs import evolve  # noqa: PLC0415

        record = evolve(record, met=met, counted=counted)
    else:
        record = one(within(threshold=threshold), spans(*[kept] * met, *[late] * (counted - met)))
        assert Fraction(record.met or 0, record.counted) == small
    assert words.value(record) == shown


def test_an_average_is_never_printed_onto_its_limit() -> None:
    rows = [("2017-01-01", "2017-01-31")] * 99 + [("2017-01-01", "2017-02-01")]
    assert words.value(one(average("30 days"), spans(*rows))) == "30.01 days"
    assert words.value(one(average("30 days"), spans(("2017-01-01", "2017-01-31")))) == "30.0 days"
    assert words.value(one(average("30 days"), spans())) == "–"


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


def test_a_threshold_is_compared_outside_any_decimal_context() -> None:
    third = ("2017-01-01", "2017-01-02"), ("2017-01-01", "2017-05-01"), ("2017-01-01", "2017-05-01")
    just_over = "33." + "3" * 28 + "4"
    assert one(within(threshold=just_over), spans(*third)).verdict == "missed"
    with decimal.localcontext(decimal.Context(prec=2, rounding=decimal.ROUND_DOWN)):
        assert one(within(threshold="33.4"), spans(*third)).verdict == "missed"


def test_a_series_of_nothing_has_no_groups() -> None:
    target = clearance({"before": "2017-07-01"})
    assert kpi.evaluate(plan(target), spans(), every="month").targets[0].groups == ()


def test_the_frame_holds_the_range_that_the_excluded_leave() -> None:
    kept, late = ("2017-01-01", "2017-01-02"), ("2017-01-01", "2017-05-01")
    frame = spans(kept, kept, late, (None, "2017-02-01"))
    shares = kpi.evaluate(plan(within(id="1"), average(id="2")), frame).frame
    assert shares.select("id", "low", "high").rows() == [("1", 2 / 4, 3 / 4), ("2", None, None)]


def test_each_table_is_read_once() -> None:
    """Whatever is asked, and however many targets ask it."""
    tables = sample(WHOLE, 300)
    read: dict[str, int] = dict.fromkeys(tables, 0)

    def source(name: str) -> pl.LazyFrame:
        def rows(
            columns: list[str] | None, predicate: pl.Expr | None, n: int | None, _: int | None
        ) -> Iterator[pl.DataFrame]:
            read[name] += 1
            frame = tables[name] if n is None else tables[name].head(n)
            frame = frame if predicate is None else frame.filter(predicate)
            yield frame if columns is None else frame.select(columns)

        return register_io_source(rows, schema=tables[name].schema)

    asked: list[Callable[[dict[str, pl.LazyFrame]], object]] = [
        lambda given: kpi.evaluate(WHOLE, given),
        lambda given: kpi.evaluate(WHOLE, given, by="case_type", every="month"),
        lambda given: kpi.readings(WHOLE, given),
        lambda given: kpi.evaluate(WHOLE, given).audit().collect(),
    ]
    for question in asked:
        read.update(dict.fromkeys(tables, 0))
        question({name: source(name) for name in tables})
        assert read == dict.fromkeys(WHOLE.tables_read(), 1)
