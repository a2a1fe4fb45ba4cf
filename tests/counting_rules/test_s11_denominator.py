"""Which cases enter the denominator (S11): cases worked out by hand."""

from __future__ import annotations

import datetime as dt

import polars as pl
import pytest
from attrs import evolve

import kpi
from kpi.definitions.table import Table
from kpi.definitions.windows import Window
from kpi.testing.oracle import Row
from tests.builders import average, by_type, cases, one, plan, spans, trail, undated_table, within
from tests.counting_rules import hand_worked
from tests.counting_rules.hand_worked import D, T, at, run


def test_s11_closed_counts_the_cases_that_ended_in_the_window() -> None:
    frame = spans(("2016-01-01", "2017-01-01"), ("2017-01-01", None), ("2017-12-31", "2018-01-01"))
    found = one(within("1 year"), frame)
    assert (found.counted, found.outside) == (1, 2)


def test_s11_a_cohort_counts_open_cases_as_not_met() -> None:
    frame = spans(("2017-01-01", "2017-01-05"), ("2017-12-31", None), ("2016-12-31", "2017-01-01"))
    found = one(within("1 month", denominator="cohort"), frame)
    assert (found.met, found.counted, found.outside) == (1, 2, 1)


def test_s11_a_cohort_on_another_event() -> None:
    frame = cases(
        {"filed": "2016-01-01", "documented": "2016-01-20", "decided": "2017-06-01"},
        {"filed": "2016-01-01", "documented": None, "decided": "2017-06-01"},
        {"filed": "2016-01-01", "documented": "2016-01-20", "decided": None},
    )
    target = within("30 days", denominator="cohort", on="decided", end="documented")
    found = one(target, frame)
    assert (found.met, found.counted, found.outside) == (1, 2, 1)


def buckets(target: kpi.Target, frame: pl.DataFrame, as_of: str) -> list[str]:
    found = kpi.evaluate(
        kpi.Plan(id="p", period="2017", tables=[undated_table()], targets=[target]), frame, as_of
    )
    return [
        {True: "met", False: "late", None: row["bucket"]}[row["met"]]
        for row in found.audit().collect().to_dicts()
    ]


def test_s11_overdue_counts_an_open_case_once_its_due_day_is_over() -> None:
    target = within("10 days", denominator="overdue")
    frame = spans(
        ("2017-12-10", "2017-12-15"),
        ("2017-12-10", "2017-12-25"),
        ("2017-12-20", None),  # due on the 30th
        ("2017-12-21", None),  # due on the 31st
        ("2017-12-22", None),  # due on 1 January
        ("2016-12-31", None),  # entered before the window
    )
    assert buckets(target, frame, "2017-12-31") == [
        "met",
        "late",
        "late",
        "late",
        "undetermined",
        "outside",
    ]
    assert buckets(target, frame, "2017-12-30")[2:5] == ["late", "undetermined", "undetermined"]
    found = one(target, frame, "2017-12-31")
    assert (found.met, found.counted, found.undetermined, found.outside) == (1, 4, 1, 1)


def test_s11_due_counts_each_case_on_its_due_date() -> None:
    target = within("10 days", denominator="due")
    frame = spans(
        ("2016-12-22", None),  # due on 1 January 2017
        ("2016-12-21", None),  # due on 31 December 2016
        ("2017-12-21", "2017-12-22"),  # due on the window's last day
        ("2017-12-22", "2017-12-23"),  # due after the window, though ended in it
        ("2017-03-01", "2018-05-01"),
        (None, "2017-03-01"),
    )
    assert buckets(target, frame, "2018-06-01") == [
        "late",
        "outside",
        "met",
        "outside",
        "late",
        "excluded",
    ]
    # Not before its due day, whether it has ended or not.
    assert buckets(target, frame, "2017-12-30")[2] == "outside"
    assert buckets(target, frame, "2017-12-31")[2] == "met"


def test_s11_settled_counts_each_case_on_the_day_its_outcome_became_certain() -> None:
    target = within("10 days", denominator="settled")
    frame = spans(
        ("2017-12-10", "2017-12-20"),  # in time, on its end
        ("2016-12-25", "2017-01-04"),  # in time on its due date
        ("2016-12-21", "2017-06-01"),  # late since 1 January, when the due day was over
        ("2016-12-20", "2017-06-01"),  # late since 31 December 2016, however late it ended
        ("2017-12-20", None),  # certain on 31 December
        ("2017-12-21", None),  # not before 1 January 2018
        ("2017-12-21", "2017-12-31"),
    )
    found = buckets(target, frame, "2017-12-31")
    assert found == ["met", "met", "late", "outside", "late", "outside", "met"]
    assert buckets(target, frame, "2017-12-30")[4:] == ["undetermined", "outside", "outside"]


@pytest.mark.parametrize(
    ("decided", "bucket"),
    [
        (D(2016, 12, 31), "outside"),
        (D(2017, 1, 1), "counted"),
        (D(2017, 12, 31), "counted"),
        (D(2018, 1, 1), "outside"),
        (None, "outside"),
    ],
)
def test_s11_closed_goes_by_the_day_of_the_end_alone(decided: dt.date | None, bucket: str) -> None:
    for target in (hand_worked.within(), average()):
        row = at(D(2018, 1, 1), target, filed=D(2016, 6, 1), decided=decided)
        assert row.bucket == bucket


def test_s11_cohort_counts_by_entry_and_the_open_ones_are_not_met() -> None:
    target = hand_worked.within(denominator="cohort")
    assert hand_worked.one(target, filed=D(2017, 12, 31)) == Row(
        "counted", met=False, due=D(2018, 1, 30)
    )
    assert hand_worked.one(target, filed=D(2016, 12, 31), decided=D(2017, 1, 1)) == Row("outside")
    row = hand_worked.one(target, filed=D(2017, 1, 1), decided=D(2017, 1, 2))
    assert row == Row("counted", met=True, days=1, due=D(2017, 1, 31))


def test_s11_cohort_goes_by_entry_also_where_its_time_starts_later() -> None:
    target = hand_worked.within(denominator="cohort", start="documented")
    assert (
        hand_worked.one(target, filed=D(2017, 1, 1), documented=D(2016, 1, 1)).bucket == "counted"
    )
    assert (
        hand_worked.one(target, filed=D(2016, 1, 1), documented=D(2017, 1, 1)).bucket == "outside"
    )
    assert hand_worked.one(target, documented=D(2017, 1, 1)).bucket == "outside"


def test_s11_a_cohort_on_another_event_goes_by_that_event_alone() -> None:
    target = hand_worked.within(denominator="cohort", on="documented")
    assert (
        hand_worked.one(target, filed=D(2016, 1, 1), documented=D(2017, 1, 1)).bucket == "counted"
    )
    assert (
        hand_worked.one(target, filed=D(2017, 1, 1), documented=D(2016, 12, 31)).bucket == "outside"
    )
    assert hand_worked.one(target, filed=D(2017, 1, 1)).bucket == "outside"


def test_s11_cohort_without_an_entry_goes_by_the_start() -> None:
    table = Table("cases", key="case_id", events=("filed", "documented", "decided"))
    target = hand_worked.within(denominator="cohort", start="documented")
    outcome = run(
        target,
        {"filed": D(2016, 1, 1), "documented": D(2017, 1, 1)},
        {"filed": D(2017, 1, 1), "documented": D(2016, 1, 1)},
        {"filed": D(2017, 1, 1)},
        table=table,
    )
    assert hand_worked.buckets(outcome) == ["counted", "outside", "start missing"]


def test_s11_what_is_settled_by_the_clock() -> None:
    """In time by instants: on its day. Late, if only by a minute: the day after the due date."""
    target = hand_worked.within(limit="20 minutes", denominator="settled", window="2017-05")
    on_time = {"filed": T(2017, 5, 31, 9), "decided": T(2017, 5, 31, 9, 20)}
    late = {"filed": T(2017, 5, 31, 9), "decided": T(2017, 5, 31, 9, 21)}
    assert hand_worked.one(target, **on_time).bucket == "counted"
    assert hand_worked.one(target, **late).bucket == "outside"
    assert hand_worked.one(evolve(target, window=Window("2017-06")), **late).met is False
    due = hand_worked.within(limit="20 minutes", denominator="due", window="2017-06")
    cells = {"filed": T(2017, 5, 31, 23, 50)}
    assert hand_worked.one(due, **cells) == Row("counted", met=False, due=D(2017, 6, 1))


def test_s11_a_case_without_a_limit_enters_where_its_due_date_is_asked_for() -> None:
    target = hand_worked.within(limit=by_type(visa="30 days"), denominator="due")
    assert hand_worked.one(target, filed=D(2011, 1, 1)).reason == "limit missing"


@pytest.mark.parametrize(
    ("as_of", "undetermined", "counted"), [("2017-01-31", 1, 0), ("2017-02-01", 0, 1)]
)
def test_s11_an_open_case_is_settled_on_the_day_after_its_due_date(
    as_of: str, undetermined: int, counted: int
) -> None:
    """S11: due on 31 January, and so certain to be late on 1 February."""
    found = one(within("30 days", denominator="settled"), spans(("2017-01-01", None)), as_of)
    assert (found.undetermined, found.counted) == (undetermined, counted)


def test_s11_cases_are_settled_in_the_window_or_outside_it() -> None:
    """Due on 1 July: in time on the end, late on 2 July; in one half-year or in the other."""
    frame = spans(
        ("2017-06-01", "2017-06-30"),  # settled on 30 June
        ("2017-06-01", "2017-07-01"),  # settled on 1 July
        ("2017-06-01", "2017-07-09"),  # settled on 2 July
        ("2017-05-31", None),  # due on 30 June, settled on 1 July
        ("2017-05-30", None),  # due on 29 June, settled on 30 June
    )
    halves = {}
    for window in ("2017-H1", "2017-H2"):
        found = one(within("30 days", denominator="settled", window=window), frame)
        halves[window] = (found.met, found.counted, found.outside)
    assert halves == {"2017-H1": (1, 2, 3), "2017-H2": (1, 3, 2)}
    rows = {row["case"]: row["reason"] for row in trail(within("30 days", denominator="settled", window="2017-H2"), frame)}  # fmt: skip
    assert rows["1"] == rows["5"] == "fails: settled in 2017-H2"


@pytest.mark.parametrize("denominator", ["cohort", "overdue"])
def test_s11_a_cohort_is_of_an_entry_wherever_the_time_starts(denominator: str) -> None:
    frame = cases(
        {"filed": "2016-12-31", "documented": "2017-01-02", "decided": "2017-01-03"},
        {"filed": "2017-01-01", "documented": "2017-01-02", "decided": "2017-01-03"},
        {"filed": "2017-12-31", "documented": "2018-01-02", "decided": "2018-01-03"},
    )
    target = within("1 day", start="documented", denominator=denominator)
    by_documents = within("1 day", start="documented", denominator=denominator, on="documented")
    for asked, counted in ((target, ["2", "3"]), (by_documents, ["1", "2"])):
        rows = kpi.evaluate(plan(asked), frame, "2018-02-01").audit().collect().to_dicts()
        assert [row["case"] for row in rows if row["bucket"] == "counted"] == counted
