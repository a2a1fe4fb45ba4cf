"""What was known as of a day (S15): cases worked out by hand."""

from __future__ import annotations

import datetime as dt

import polars as pl

import kpi
from kpi.definitions.limits import DueColumn
from kpi.definitions.windows import Window
from kpi.testing.oracle import Row
from tests.builders import average, cases, contacts_plan, one, spans, undated_table, within
from tests.counting_rules import hand_worked
from tests.counting_rules.hand_worked import D, buckets, run


def test_s15_what_the_table_said_at_the_end_of_the_day() -> None:
    frame = cases(
        {"filed": "2017-01-01", "decided": "2017-06-30"},
        {"filed": "2017-01-01", "decided": "2017-07-01"},
        {"filed": "2017-07-01", "decided": "2017-07-01"},
        {"filed": None, "decided": "2017-05-01"},
        {"filed": "2017-01-01", "decided": "2017-02-01", "due": "2018-01-01"},
    )
    found = one(within({"column": "due"}), frame, "2017-06-30")
    assert found.rows == 4  # the third is not there yet; a row without an entry date stays
    assert found.outside == 1  # the second is not decided yet
    assert found.met == 1  # a due date is never hidden
    assert found.verdict == "open"


def test_s15_the_default_is_the_last_day_of_the_period_and_the_result_says_so() -> None:
    result = kpi.evaluate(
        kpi.Plan(id="p", period="2017", tables=[undated_table()], targets=[average()]),
        spans(("2017-01-01", "2017-02-01")),
    )
    assert result.as_of == dt.date(2017, 12, 31)
    assert not result.as_of_given
    assert any("no date was given" in note for note in result.notes)
    assert any("more than a month" in note for note in result.notes)


def test_s15_a_case_is_there_from_its_entry_and_ended_from_its_end() -> None:
    target = hand_worked.within(denominator="cohort")
    cells = {"filed": D(2017, 1, 10), "decided": D(2017, 1, 20)}
    assert run(target, cells, as_of=D(2017, 1, 9)).rows == 0
    assert run(target, cells, as_of=D(2017, 1, 10)).trail[0].days is None
    assert run(target, cells, as_of=D(2017, 1, 19)).trail[0].met is False
    assert run(target, cells, as_of=D(2017, 1, 20)).trail[0].met is True


def test_s15_due_dates_are_never_hidden_and_a_null_entry_stays() -> None:
    target = hand_worked.within(limit=DueColumn("due"), denominator="cohort")
    row = hand_worked.one(target, filed=D(2017, 1, 1), due=D(2030, 1, 1))
    assert row == Row("counted", met=False, due=D(2030, 1, 1))
    assert run(target, {}, as_of=D(2017, 1, 1)).rows == 1


def test_s15_without_as_of_it_is_the_last_day_of_the_period() -> None:
    target = hand_worked.within(window=Window(since="2017-01-01", through="2018-12-31"))
    late = {"filed": D(2017, 12, 31), "decided": D(2018, 1, 1)}
    assert buckets(run(target, late, {"filed": D(2018, 1, 1)})) == ["outside"]
    outcome = run(target, late, period=Window(since="2017-01-01", before="2018-01-02"))
    assert buckets(outcome) == ["counted"]


def test_s15_as_of_compares_local_dates() -> None:
    filed = dt.datetime(2017, 12, 31, 22, 59, tzinfo=dt.UTC)
    assert run(hand_worked.within(), {"filed": filed}).rows == 1
    assert run(hand_worked.within(), {"filed": filed + dt.timedelta(minutes=1)}).rows == 0


def test_s15_what_is_served_on_the_as_of_date_is_served() -> None:
    """Also where others are served later."""
    at = dt.datetime(2017, 3, 1, 9)
    frame = pl.DataFrame(
        {
            "id": ["1", "2"],
            "arrived": [at, at],
            "served": [at + dt.timedelta(minutes=12), at + dt.timedelta(days=1)],
        }
    )
    found = kpi.evaluate(contacts_plan(), frame, "2017-03-01")["t"]
    assert (found.met, found.counted) == (1, 2)


def test_s15_a_time_that_was_not_is_unknown_before_its_day() -> None:
    """Nobody knows yet that it will be half past two on 26 March 2017."""
    target = within("1 hour", denominator="cohort")
    frame = pl.DataFrame(
        {
            "case_id": ["1"],
            "filed": [dt.datetime(2017, 3, 1)],
            "documented": [None],
            "decided": [dt.datetime(2017, 3, 26, 2, 30)],
            "due": [None],
        },
        schema_overrides={"documented": pl.Date, "due": pl.Date},
    )
    assert one(target, frame, "2017-03-25").excluded == {}
    assert one(target, frame, "2017-03-26").excluded == {"no such local time": 1}
