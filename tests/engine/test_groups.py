"""Groups and series: they add up to the whole, and by which date a row falls in a period."""

from __future__ import annotations

from collections import Counter

import polars as pl
import pytest

import kpi
from kpi.definitions.periods import Every
from kpi.definitions.target import Target
from tests.builders import SPAN, average, clearance, plan, spans, within
from tests.sampled import US_2017, sampled


@pytest.mark.parametrize(
    ("target", "quarters"),
    [
        (kpi.Count(id="t", requires={"at_least": 1}), {"2017-Q1": 1, "2017-Q2": 1}),
        (
            kpi.Share(id="t", having={"case_type": "visa"}, threshold=90),
            {"2017-Q1": 1, "2017-Q2": 1},
        ),
        (average(), {"2017-Q2": 1, "2017-Q3": 1}),
        (kpi.Percentile(**SPAN, percentile=50, limit="9 days"), {"2017-Q2": 1, "2017-Q3": 1}),
        (within("1 year"), {"2017-Q2": 1, "2017-Q3": 1}),
        (within("1 year", denominator="cohort"), {"2017-Q1": 1, "2017-Q2": 1}),
        (
            within("1 month", denominator="overdue", on="decided"),
            {"2017-Q2": 1, "2017-Q3": 1},
        ),
        (within("1 month", denominator="due"), {"2017-Q2": 1, "2017-Q3": 1}),
        # Late both: each on the day after its due date, 28 April and 1 July.
        (within("27 days", denominator="settled"), {"2017-Q2": 1, "2017-Q3": 1}),
        # The window ends within the quarter, which is named by its days (S30).
        (
            clearance({"through": "2017-11-30"}),
            {"2017-Q1": 2, "2017-Q2": 2, "2017-Q3": 2, "2017-10-01 to 2017-11-30": 2},
        ),
        # The first is in the stock at the end of March, the second at the end of June.
        (
            kpi.Stock(**SPAN, at={"end_of": "2017-06-30"}, level={"at_most": 9}),
            {"2017-Q1": 1, "2017-Q2": 1},
        ),
        # A case comes in and goes out on two days, and is open between them (S30).
        (kpi.Flow(**SPAN), {"2017-Q1": 1, "2017-Q2": 2, "2017-Q3": 1}),
    ],
)  # fmt: skip
def test_the_date_that_a_row_is_counted_by(target: Target, quarters: dict[str, int]) -> None:
    frame = spans(("2017-03-31", "2017-06-30"), ("2017-06-03", "2017-07-01"))
    found = kpi.evaluate(plan(target), frame, every="quarter")["t"]
    assert {g.group["period"]: g.counted for g in found.groups if g.counted} == quarters


def plan_target(name: str) -> Target:
    return next(leaf for leaf in US_2017.leaves() if leaf.id == name)


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
            if every is not None and plan_target(target.id).counts_in_several_periods:
                continue
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
        if plan_target(target.id).counts_in_several_periods:
            continue
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


def test_s30_a_series_of_a_clearance_has_the_cohort_at_the_end_of_each_period() -> None:
    target = clearance({"before": "2017-07-01"}, open_at={"start_of": "2017"})
    found = kpi.evaluate(
        plan(target), spans(("2016-01-01", "2017-02-01"), ("2016-01-01", None)), every="month"
    ).targets[0]
    assert [(g.group["period"], g.met, g.counted) for g in found.groups] == [
        ("2017-01", 0, 2), *((f"2017-0{month}", 1, 2) for month in range(2, 7)),
    ]  # fmt: skip


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
        ((), "day", "found 'day'; accepted: week, month, quarter, half-year, year"),
    ]:
        with pytest.raises(kpi.DataError, match=message):
            kpi.evaluate(plan(average()), frame, by=by, every=every)  # type: ignore[arg-type]
    checked = kpi.check(plan(average()), frame)
    with pytest.raises(kpi.DataError, match=r"no column 'casetype' to break down by .did you mean"):
        kpi.evaluate(plan(average()), checked, by="casetype")


def test_a_series_of_nothing_has_no_groups() -> None:
    for target in (clearance({"before": "2017-07-01"}), average()):
        assert kpi.evaluate(plan(target), spans(), every="month").targets[0].groups == ()
