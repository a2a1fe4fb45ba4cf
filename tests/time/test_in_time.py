"""Limits and thresholds that change over time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import pytest

import kpi
from kpi.definitions.limits import Dated
from kpi.testing import oracle
from kpi.testing.oracle import Row
from tests.builders import average, by_type, cases, dated, one, plan, within
from tests.counting_rules import hand_worked
from tests.counting_rules.hand_worked import D, at, run, verdicts


@pytest.mark.parametrize(
    ("column", "rows"),
    [
        # 10 months, and 7 for decisions since 1 July 2021
        ("decided", [("2020-08-30", "2021-06-30", True), ("2020-08-29", "2021-06-30", False),
                     ("2020-12-01", "2021-07-01", True), ("2020-11-30", "2021-07-01", False)]),
        # the same for filings since 1 July 2021
        ("filed", [("2021-06-30", "2022-04-30", True), ("2021-06-30", "2022-05-01", False),
                   ("2021-07-01", "2022-02-01", True), ("2021-07-01", "2022-02-02", False)]),
    ],
)  # fmt: skip
def test_ten_months_and_seven_since_july(
    column: str, rows: Sequence[tuple[str, str, bool]]
) -> None:
    limit = dated(column, "10 months", d2021_07_01="7 months")
    frame = cases(*({"filed": filed, "decided": decided} for filed, decided, _ in rows))
    target = within(limit, window={"since": "2020-01-01", "through": "2022-12-31"})
    trail = kpi.evaluate(plan(target), frame, "2022-12-31").audit().collect()
    assert trail["met"].to_list() == [met for *_, met in rows]
    assert (
        target.requirement
        == f"90 % within 10 months ({column} before 2021-07-01), 7 months ({column} since 2021-07-01)"
    )


def test_an_open_case_has_the_limit_in_force_at_the_as_of_date() -> None:
    limit = dated("decided", "10 months", d2017_07_01="7 months")
    frame = cases({"filed": "2016-12-01", "decided": None})
    for as_of, due in (("2017-06-30", "2017-10-01"), ("2017-07-01", "2017-07-01")):
        target = within(limit, denominator="cohort", window={"since": "2016-01-01", "through": "2017-12-31"})  # fmt: skip
        (row,) = kpi.evaluate(plan(target), frame, as_of).audit().collect().to_dicts()
        assert row["due"] == dt.date.fromisoformat(due)


def test_three_stretches_in_order() -> None:
    limit = dated("filed", "1 day", d2017_03_01="3 days", d2017_02_01="2 days")
    frame = cases(
        *(
            {"filed": filed, "decided": "2017-06-01"}
            for filed in ("2017-01-31", "2017-02-01", "2017-02-28", "2017-03-01")
        )
    )
    trail = kpi.evaluate(plan(within(limit)), frame).audit().collect()
    found = [str(due) for due in trail["due"]]
    assert found == ["2017-02-01", "2017-02-03", "2017-03-02", "2017-03-04"]


def test_each_stretch_must_reach_its_own_threshold() -> None:
    threshold = dated("decided", 50, d2017_07_01=90)
    on_time = [("2017-01-01", "2017-01-02")] * 5 + [("2017-07-01", "2017-07-02")] * 9
    late = [("2017-01-01", "2017-06-30")] * 5 + [("2017-01-01", "2017-07-01")]
    frame = cases(*({"filed": a, "decided": b} for a, b in [*on_time, *late]))
    found = one(within("1 month", threshold=threshold), frame)
    shown = [
        (e.group["stretch"], e.met, e.counted, str(e.threshold), str(e.verdict)) for e in found.each
    ]
    assert shown == [
        ("before 2017-07-01", 5, 10, "50", "met"),
        ("since 2017-07-01", 9, 10, "90", "met"),
    ]
    assert (found.met, found.counted, found.verdict) == (14, 20, "met")
    worse = cases(*({"filed": a, "decided": b} for a, b in [*on_time, *late, late[-1]]))
    assert one(within("1 month", threshold=threshold), worse).verdict == "missed"


DATED = {"dated": "decided", "first": "10 days", "since": {"2017-07-01": "7 days"}}


@pytest.mark.parametrize(
    ("filed", "decided", "due"),
    [
        (D(2017, 6, 20), D(2017, 6, 30), D(2017, 6, 30)),
        (D(2017, 6, 20), D(2017, 7, 1), D(2017, 6, 27)),
        (D(2017, 12, 1), D(2017, 12, 2), D(2017, 12, 8)),
    ],
)
def test_the_limit_in_force_on_the_cases_day(
    filed: dt.date, decided: dt.date, due: dt.date
) -> None:
    row = hand_worked.one(hand_worked.within(limit=DATED), filed=filed, decided=decided)
    assert (row.due, row.met) == (due, decided <= due)


@pytest.mark.parametrize(
    ("as_of", "due"), [(D(2017, 6, 30), D(2017, 6, 30)), (D(2017, 7, 1), D(2017, 6, 27))]
)
def test_an_open_case_has_the_limit_in_force_at_as_of(as_of: dt.date, due: dt.date) -> None:
    target = hand_worked.within(limit=DATED, denominator="cohort")
    row = at(as_of, target, filed=D(2017, 6, 20), decided=D(2017, 12, 1))
    assert row == Row("counted", met=False, due=due)


def test_of_several_dates_the_latest_that_has_come_decides() -> None:
    since = {"2017-03-01": "20 days", "2017-09-01": "5 days", "2017-06-01": "10 days"}
    target = average(limit={"dated": "filed", "first": "30 days", "since": since})
    assert isinstance(target.limit, Dated)
    days = [D(2017, 2, 28), D(2017, 3, 1), D(2017, 5, 31), D(2017, 6, 1), D(2017, 9, 1)]
    for day, limit in zip(days, (30, 20, 20, 10, 5), strict=True):
        for more, verdict in ((0, "met"), (1, "missed")):
            end = day + dt.timedelta(days=limit + more)
            assert run(target, {"filed": day, "decided": end}).verdict == verdict
    words = [
        oracle.in_force(target.limit, oracle.Case({"filed": day}), D(2017, 1, 1))[0] for day in days
    ]
    assert words == [
        "before 2017-03-01",
        "since 2017-03-01",
        "since 2017-03-01",
        "since 2017-06-01",
        "since 2017-09-01",
    ]


STRETCHES = {"dated": "decided", "first": 90, "since": {"2017-07-01": 50, "2017-10-01": "all"}}


def test_each_stretch_of_time_has_a_threshold_of_its_own() -> None:
    early = {"filed": D(2017, 5, 1), "decided": D(2017, 6, 30)}
    middle = {"filed": D(2017, 7, 1), "decided": D(2017, 7, 1)}
    late = {"filed": D(2017, 5, 1), "decided": D(2017, 9, 30)}
    outcome = run(hand_worked.within(threshold=STRETCHES), early, middle, late)
    assert verdicts(outcome) == {
        ("before 2017-07-01",): "missed",
        ("since 2017-07-01",): "met",
    }
    assert outcome.verdict == "missed"
    assert (outcome.met, outcome.counted) == (1, 3)
    assert run(hand_worked.within(threshold=STRETCHES), middle, late).verdict == "met"
    last = {"filed": D(2017, 10, 1), "decided": D(2017, 10, 1)}
    slow = {"filed": D(2017, 8, 1), "decided": D(2017, 10, 1)}
    outcome = run(hand_worked.within(threshold=STRETCHES), last, last | {"case_id": "x"}, slow)
    assert verdicts(outcome) == {("since 2017-10-01",): "missed"}


def test_each_value_in_each_stretch_of_time() -> None:
    target = hand_worked.within(
        threshold=STRETCHES, each="case_type", limit=by_type(visa="30 days", x="1 day")
    )
    early = {"filed": D(2017, 5, 1), "decided": D(2017, 6, 30), "case_type": "visa"}
    middle = {"filed": D(2017, 7, 1), "decided": D(2017, 7, 1), "case_type": "visa"}
    assert verdicts(run(target, early, middle)) == {
        ("visa", "before 2017-07-01"): "missed",
        ("visa", "since 2017-07-01"): "met",
        ("x",): "lapsed",
    }


def test_an_open_case_falls_in_the_stretch_of_as_of() -> None:
    target = hand_worked.within(threshold=STRETCHES, denominator="cohort")
    for as_of, stretch in (
        (D(2017, 6, 30), "before 2017-07-01"),
        (D(2017, 7, 1), "since 2017-07-01"),
        (None, "since 2017-10-01"),
    ):
        outcome = run(target, {"filed": D(2017, 1, 1)}, as_of=as_of)
        assert list(outcome.each) == [(stretch,)]


def test_a_threshold_over_time_is_that_of_the_as_of_date_where_the_date_is_missing() -> None:
    dated = {"dated": "documented", "first": 50, "since": {"2017-06-01": 100}}
    frame = cases({"filed": "2017-01-01", "decided": "2017-01-02", "documented": None})
    found = one(within("30 days", threshold=dated), frame)
    assert [part.group["stretch"] for part in found.each] == ["since 2017-06-01"]
