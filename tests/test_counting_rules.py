"""The counting rules by hand: each test cites the rule it holds the engine to."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from fractions import Fraction
from typing import Any

import polars as pl
import pytest

import kpi
from kpi.periods import parse_window
from tables import average, cases, clearance, day, one, spans, trail, within


def due(filed: str, limit: str, mode: str = "down") -> dt.date | None:
    """The due date that the audit trail gives for one case."""
    target = within(limit, month_end=mode, window={"since": "1900-01-01", "before": "2501-01-01"})
    row = next(iter(trail(target, spans((filed, "2500-01-01")), period="2600")))
    found: dt.date | None = row["due"]
    return found


# S1 Dates


def instants(*pairs: tuple[str, str], zone: str | None = "UTC") -> pl.DataFrame:
    kind = pl.Datetime("us", zone)
    frame = pl.DataFrame({"case_id": [str(n) for n in range(len(pairs))]}).with_columns(
        pl.Series("filed", [dt.datetime.fromisoformat(a) for a, _ in pairs], pl.Datetime("us")),
        pl.Series("decided", [dt.datetime.fromisoformat(b) for _, b in pairs], pl.Datetime("us")),
    )
    return frame.with_columns(
        pl.col("filed", "decided").dt.replace_time_zone(zone).cast(kind) if zone else pl.all()
    )


def test_s1_an_instant_is_its_local_date() -> None:
    # 23:30 UTC on 30 June is 1:30 on 1 July in Copenhagen: in H2, and a day later than in UTC.
    frame = instants(
        ("2017-06-30T22:30", "2017-07-01T21:59"), ("2017-06-30T21:00", "2017-07-01T22:30")
    )
    found = one(average(window="2017-H2"), frame)
    assert (found.counted, found.total) == (2, 0 + 2)


def test_s1_the_plan_says_the_zone() -> None:
    frame = instants(("2017-01-01T02:00", "2017-12-31T23:30"))
    assert one(average(), frame, time_zone="UTC").counted == 1
    assert one(average(), frame, time_zone="Europe/Copenhagen").counted == 0
    assert one(average(), frame, time_zone="America/New_York").counted == 1


def test_s1_a_naive_time_is_wall_clock() -> None:
    frame = instants(("2017-06-30T23:59", "2017-07-01T00:01"), zone=None)
    assert one(average(window="2017-H2"), frame).total == 1


def test_s1_a_local_time_that_does_not_exist_counts_by_its_date() -> None:
    frame = instants(
        ("2017-03-26T02:30", "2017-04-01T00:00"),
        ("2017-03-26T03:00", "2017-04-01T00:00"),
        ("2017-10-29T02:30", "2017-10-30T00:00"),  # twice: the earlier one, the same date
        zone=None,
    )
    found = one(average(), frame)
    assert found.excluded == {}
    assert (found.counted, found.total) == (3, 6 + 6 + 1)


# S2 to S5 Durations and due dates


def test_s2_the_start_day_is_not_counted_and_the_end_day_is() -> None:
    found = one(average(), spans(("2017-03-01", "2017-03-01"), ("2017-02-28", "2017-03-01")))
    assert found.total == 0 + 1


def test_s3_a_case_on_its_due_date_is_in_time() -> None:
    found = one(
        within("7 days"),
        spans(
            ("2017-03-01", "2017-03-07"), ("2017-03-01", "2017-03-08"), ("2017-03-01", "2017-03-09")
        ),
    )
    assert (found.met, found.counted) == (2, 3)


def test_s3_weeks_are_seven_days() -> None:
    assert due("2017-02-27", "2 weeks") == day("2017-03-13")


@pytest.mark.parametrize(
    ("filed", "limit", "mode", "expected"),
    [
        ("2017-09-01", "1 month", "down", "2017-10-01"),
        ("2017-01-31", "1 month", "down", "2017-02-28"),
        ("2016-01-31", "1 month", "down", "2016-02-29"),
        ("2017-01-31", "7 months", "down", "2017-08-31"),
        ("2017-08-31", "12 months", "down", "2018-08-31"),
        ("2016-02-29", "1 year", "down", "2017-02-28"),
        ("2017-02-28", "1 month", "down", "2017-03-28"),
        ("2017-02-28", "1 month", "sticky", "2017-03-31"),
        ("2016-02-29", "1 month", "sticky", "2016-03-31"),
        ("2016-02-28", "1 month", "sticky", "2016-03-28"),
        ("2017-04-30", "1 month", "sticky", "2017-05-31"),
        ("2017-01-31", "1 month", "up", "2017-03-01"),
        ("2017-01-30", "1 month", "up", "2017-03-01"),
        ("2017-01-28", "1 month", "up", "2017-02-28"),
        ("2017-01-31", "1 month", "refuse", None),
        ("2017-01-28", "1 month", "refuse", "2017-02-28"),
        # Months first, one rounding, then the days.
        ("2017-01-31", "1 month and 1 days", "down", "2017-03-01"),
        ("2016-12-31", "2 months and 10 days", "down", "2017-03-10"),
        ("2016-12-31", "2 months and 10 days", "up", "2017-03-11"),
        ("2017-12-31", "1 year and 2 months", "down", "2019-02-28"),
    ],
)
def test_s4_due_dates(filed: str, limit: str, mode: str, expected: str | None) -> None:
    assert due(filed, limit, mode) == day(expected)


def test_s4_filed_31_january_with_one_month_is_due_on_the_last_day_of_february() -> None:
    found = one(
        within("1 month"), spans(("2017-01-31", "2017-02-28"), ("2017-01-31", "2017-03-01"))
    )
    assert (found.met, found.counted) == (1, 2)


def test_s4_a_refused_month_end_excludes_the_case() -> None:
    found = one(
        within("1 month", month_end="refuse"),
        spans(("2017-01-31", "2017-02-01"), ("2017-01-28", "2017-02-01")),
    )
    assert found.excluded == {"refused month end": 1}
    assert found.counted == 1


def test_s4_the_target_overrides_the_plans_month_end() -> None:
    frame = spans(("2017-01-31", "2017-03-01"))
    assert one(within("1 month"), frame, month_end="up").met == 1
    assert one(within("1 month", month_end="down"), frame, month_end="up").met == 0


def test_s5_seven_months_is_never_210_days() -> None:
    frame = spans(("2017-03-01", "2017-10-01"))  # 214 days, and the same day number
    assert one(within("7 months"), frame).met == 1
    assert one(within("210 days"), frame).met == 0


def test_s5_an_average_in_months_is_each_cases_own_days() -> None:
    # 1 month is 31 days from 1 March and 28 from 1 February: 59 days together.
    kept = spans(("2017-03-01", "2017-04-02"), ("2017-02-01", "2017-02-28"))  # 32 + 27
    missed = spans(("2017-03-01", "2017-04-02"), ("2017-02-01", "2017-03-01"))  # 32 + 28
    assert one(average("1 month"), kept).verdict == "met"
    assert one(average("1 month"), missed).verdict == "missed"
    assert one(average("30 days"), missed).verdict == "met"  # 60 days over 2 cases


def test_s6_the_test_runs_forwards() -> None:
    found = one(within("1 month"), spans(("2000-02-29", "2000-03-30")), period="2000")
    assert (found.met, found.counted) == (0, 1)


def test_s8_a_due_date_on_a_sunday_stays() -> None:
    assert due("2017-03-31", "2 days") == day("2017-04-02")  # a Sunday


# S9, S10 Windows and populations


def test_s9_h2_begins_on_1_july() -> None:
    frame = spans(
        ("2017-06-01", "2017-06-30"), ("2017-06-01", "2017-07-01"), ("2017-06-01", "2018-01-01")
    )
    assert one(average(window="2017-H2"), frame).counted == 1


def test_s9_filed_after_1_january_leaves_out_that_day() -> None:
    frame = spans(("2016-01-01", "2017-01-05"), ("2016-01-02", "2017-01-05"))
    assert one(average(where={"filed": {"after": "2016-01-01"}}), frame).counted == 1
    assert one(average(where={"filed": {"since": "2016-01-01"}}), frame).counted == 2


@pytest.mark.parametrize(
    ("word", "inside"), [("since", "34"), ("after", "4"), ("before", "12"), ("through", "123")]
)
def test_s9_the_four_words_of_a_bound(word: str, inside: str) -> None:
    frame = spans(*((f"2017-05-0{n}", "2017-06-01") for n in (1, 2, 3, 4)))
    target = average(where={"filed": {word: "2017-05-03"}})
    counted = [row["case"] for row in trail(target, frame) if row["bucket"] == "counted"]
    assert "".join(counted) == inside


@pytest.mark.parametrize(
    ("name", "first", "last"),
    [
        ("2022", "2022-01-01", "2022-12-31"),
        ("2022-H1", "2022-01-01", "2022-06-30"),
        ("2022-H2", "2022-07-01", "2022-12-31"),
        ("2022-Q1", "2022-01-01", "2022-03-31"),
        ("2022-Q4", "2022-10-01", "2022-12-31"),
        ("2024-02", "2024-02-01", "2024-02-29"),
        ("2022-12", "2022-12-01", "2022-12-31"),
    ],
)
def test_s9_named_windows(name: str, first: str, last: str) -> None:
    window = kpi.Window(name)
    assert (window.first, window.last) == (day(first), day(last))
    assert dt.date.fromisoformat(first) in window
    assert dt.date.fromisoformat(last) in window
    assert dt.date.fromisoformat(last) + dt.timedelta(1) not in window


@pytest.mark.parametrize(
    ("wide", "narrow", "covers"),
    [
        ("2022", "2022-H2", True),
        ("2022", "2022", True),
        ("2022-H2", "2022", False),
        ("2022-H1", {"since": "2022-01-01", "through": "2022-06-30"}, True),
        ("2022-H1", {"after": "2021-12-30", "through": "2022-06-30"}, False),
        ("2022-H1", {"since": "2022-01-01", "through": "2022-07-01"}, False),
        ({"since": "2022-01-01"}, "2022", True),
        ({"before": "2023-01-01"}, "2022", True),
        ({"before": "2023-01-01"}, {"through": "2022-12-31"}, True),
        ({"since": "2022-01-01"}, {"before": "2023-01-01"}, False),
        ("2022", {"since": "2022-01-01"}, False),
        ("2022", {"before": "2023-01-01"}, False),
    ],
)
def test_s9_a_window_covers_another_if_all_of_its_days_lie_in_it(
    wide: Any, narrow: Any, *, covers: bool
) -> None:
    assert parse_window(wide).covers(parse_window(narrow)) is covers


def test_s10_a_comparison_with_null_is_false_for_is_and_for_is_not() -> None:
    frame = cases(
        {"case_type": "visa", "filed": "2017-01-01", "decided": "2017-01-02"},
        {"case_type": "asylum", "filed": "2017-01-01", "decided": "2017-01-03"},
        {"case_type": None, "filed": "2017-01-01", "decided": "2017-01-05"},
    )
    assert one(average(where={"case_type": "visa"}), frame).total == 1
    assert one(average(where={"case_type": {"not": "visa"}}), frame).total == 2
    assert one(average(where={"case_type": {"not": ["visa", "asylum"]}}), frame).counted == 0
    # "not P" negates the finished test, so it holds where the column is null.
    assert one(average(unless={"case_type": "visa"}), frame).total == 2 + 4


def test_s10_not_announced_holds_where_nothing_was_announced() -> None:
    frame = cases(
        {"filed": "2017-01-01", "decided": "2017-01-02", "documented": "2017-02-28"},
        {"filed": "2017-01-01", "decided": "2017-01-03", "documented": "2017-03-01"},
        {"filed": "2017-01-01", "decided": "2017-01-05", "documented": None},
    )
    found = one(average(unless={"documented": {"through": "2017-02-28"}}), frame)
    assert found.total == 2 + 4


def test_s10_unless_leaves_out_only_where_all_of_it_holds() -> None:
    frame = cases(
        {"case_type": "visa", "filed": "2017-01-01", "decided": "2017-01-02"},
        {"case_type": "visa", "filed": "2017-02-01", "decided": "2017-02-03"},
        {"case_type": "asylum", "filed": "2017-01-01", "decided": "2017-01-05"},
    )
    target = average(unless={"case_type": "visa", "filed": {"in": "2017-01"}})
    assert one(target, frame).total == 2 + 4


def test_s10_a_null_start_that_alone_fails_a_window_is_excluded_not_outside() -> None:
    frame = cases(
        {"filed": None, "decided": "2017-05-01"},
        {"filed": None, "decided": "2018-05-01"},  # outside all the same: its decision
        {"filed": None, "decided": "2017-05-01", "case_type": "asylum"},  # and its type
        {"filed": "2015-01-01", "decided": "2017-05-01"},
    )
    target = average(where={"case_type": "visa", "filed": {"since": "2016-01-01"}})
    found = one(target, frame)
    assert (found.excluded, found.outside, found.counted) == ({"start missing": 1}, 3, 0)


def test_s10_a_window_on_another_column_fails_where_it_is_null() -> None:
    frame = cases({"filed": "2017-01-01", "decided": "2017-05-01", "documented": None})
    assert one(average(where={"documented": {"since": "2016-01-01"}}), frame).outside == 1


# S11, S12 Denominators and buckets


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
        kpi.Plan(id="p", period="2017", tables=[_table()], targets=[target]), frame, as_of
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


def test_s27_undetermined_cases_that_could_turn_the_verdict_are_named() -> None:
    target = within("1 month", denominator="overdue", threshold=90)
    kept = [("2017-01-01", "2017-01-02")]

    def notes(frame: pl.DataFrame) -> list[str]:
        plan = kpi.Plan(id="p", period="2017", tables=[_table()], targets=[target])
        return [note for note in kpi.evaluate(plan, frame).notes if "undetermined" in note]

    assert notes(spans(*kept * 9, ("2017-12-15", None))) == []  # 9 of 10 at worst
    assert notes(spans(*kept * 9, *[("2017-12-15", None)] * 2)) == [
        "t: the verdict could still turn: 2 cases are undetermined"
    ]


def test_s12_the_first_bucket_that_fits() -> None:
    frame = cases(
        {"filed": None, "decided": "2016-05-01"},  # no start, but outside the window first
        {"filed": None, "decided": "2017-05-01"},
        {"filed": "2017-06-01", "decided": "2017-05-01", "due": None},
        {"filed": "2017-04-01", "decided": "2017-05-01", "due": None},
        {"filed": "2017-04-01", "decided": "2017-05-01", "due": "2017-05-01"},
        {"case_id": "9", "filed": "2017-04-01", "decided": "2017-05-01", "due": None},
        {"case_id": "9", "filed": "2017-04-01", "decided": "2017-05-01", "due": "2017-04-30"},
    )
    target = within({"column": "due"})
    rows = [(r["bucket"], r["reason"]) for r in trail(target, frame)]
    assert rows == [
        ("outside", "fails: decided in 2017"),
        ("excluded", "start missing"),
        ("excluded", "limit missing"),
        ("excluded", "limit missing"),
        ("counted", None),
        ("excluded", "limit missing"),
        ("excluded", "repeated id"),
    ]
    found = one(target, frame)
    assert found.excluded == {"start missing": 1, "limit missing": 3, "repeated id": 1}
    assert (found.met, found.counted, found.outside) == (1, 1, 1)


def test_s12_end_before_start_is_of_this_targets_own_interval() -> None:
    frame = cases({"filed": "2017-01-01", "documented": "2017-03-01", "decided": "2017-02-01"})
    assert one(within("1 year"), frame).counted == 1
    assert one(within("1 year", start="documented"), frame).excluded == {"end before start": 1}


def test_s12_a_share_is_also_a_range_over_the_excluded() -> None:
    frame = spans(
        *[("2017-01-01", "2017-01-02")] * 9, ("2017-01-01", "2017-05-01"), (None, "2017-02-01")
    )
    found = one(within("1 month"), frame)
    assert (found.met, found.counted) == (9, 10)
    assert found.range == (Fraction(9, 11), Fraction(10, 11))
    result = kpi.evaluate(
        kpi.Plan(id="p", period="2017", tables=[_table()], targets=[within()]), frame
    )
    assert any("hangs on the excluded" in note for note in result.notes)


def test_s12_a_verdict_that_no_excluded_case_can_turn_does_not_hang_on_them() -> None:
    kept = [("2017-01-01", "2017-01-02")]
    frame = spans(*kept * 9, (None, "2017-02-01"))  # 9 of 10 even if the tenth is late
    assert one(within(), frame).range == (Fraction(9, 10), Fraction(1))
    plan = kpi.Plan(id="p", period="2017", tables=[_table()], targets=[within()])
    assert not [note for note in kpi.evaluate(plan, frame).notes if "hangs on" in note]
    worse = spans(*kept * 9, (None, "2017-02-01"), (None, "2017-02-01"))
    assert [note for note in kpi.evaluate(plan, worse).notes if "hangs on" in note]


def _table() -> kpi.Table:
    return kpi.Table("cases", key="case_id", entry="filed", events=["documented", "decided"])


def test_s13_every_row_of_a_repeated_id_is_excluded() -> None:
    row = {"case_id": "x", "filed": "2017-01-01", "decided": "2017-01-02"}
    found = one(average(), cases(row, row, {"filed": "2017-01-01", "decided": "2017-01-04"}))
    assert (found.excluded, found.total) == ({"repeated id": 2}, 3)


def test_s13_a_row_that_does_not_exist_yet_repeats_no_id() -> None:
    rows = cases(
        {"case_id": "x", "filed": "2017-01-01", "decided": "2017-01-02"},
        {"case_id": "x", "filed": "2018-03-01", "decided": "2018-04-01"},
    )
    assert one(average(), rows).counted == 1
    assert one(average(), rows, "2018-03-01").excluded == {"repeated id": 1}


# S15 As of


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
        kpi.Plan(id="p", period="2017", tables=[_table()], targets=[average()]),
        spans(("2017-01-01", "2017-02-01")),
    )
    assert result.as_of == dt.date(2017, 12, 31)
    assert not result.as_of_given
    assert any("no date was given" in note for note in result.notes)
    assert any("more than a month" in note for note in result.notes)


# S16 to S21 Measures


def test_s16_an_average_is_compared_as_integers() -> None:
    # 91 days over 3 cases: 30.33 is printed near 30, and is more than 30.
    frame = spans(
        ("2017-01-01", "2017-01-31"), ("2017-01-01", "2017-01-31"), ("2017-01-01", "2017-02-01")
    )
    found = one(average("30 days"), frame)
    assert (found.total, found.counted, found.verdict) == (91, 3, "missed")
    assert found.value == 91 / 3


def test_s19_89_96_percent_is_not_90() -> None:
    late, kept = ("2017-01-01", "2017-03-01"), ("2017-01-01", "2017-01-05")
    frame = spans(*[kept] * 2249, *[late] * 251)
    found = one(within("1 month"), frame)
    assert (found.met, found.counted, found.verdict) == (2249, 2500, "missed")
    frame = spans(*[kept] * 2250, *[late] * 250)
    assert one(within("1 month"), frame).verdict == "met"


def test_s19_a_threshold_is_an_exact_decimal() -> None:
    late, kept = ("2017-01-01", "2017-03-01"), ("2017-01-01", "2017-01-05")
    frame = spans(*[kept] * 971, *[late] * 29)
    assert one(within("1 month", threshold=97.1), frame).verdict == "met"
    assert one(within("1 month", threshold=Decimal("97.1000001")), frame).verdict == "missed"
    assert one(within("1 month", threshold=100), frame).verdict == "missed"


def test_s21_open_at_the_start_of_a_day_and_ended_before_another() -> None:
    frame = spans(
        ("2016-12-31", "2016-12-31"),  # ended before the day
        ("2016-12-31", "2017-01-01"),  # open at its start, and ended on it
        ("2017-01-01", "2017-02-01"),  # entered on it
        ("2016-05-01", "2017-06-30"),
        ("2016-05-01", "2017-07-01"),
        ("2016-05-01", None),
    )
    before = clearance({"before": "2017-07-01"}, open_at={"start_of": "2017"})
    through = clearance({"through": "2017-07-01"}, open_at={"start_of": "2017-01-01"})
    found = one(before, frame)
    assert (found.met, found.counted, found.outside) == (2, 4, 2)
    assert one(through, frame).met == 3


# S25, S27 Verdicts


def test_s25_an_empty_denominator_is_not_assessable() -> None:
    for target in (average(), within(), clearance({"before": "2017-07-01"})):
        found = one(target, spans())
        assert (found.rows, found.value, found.verdict) == (0, None, "not_assessable")


def test_s25_a_table_that_the_extract_lacks_is_not_assessable() -> None:
    other = kpi.Table("other", key="id", entry="filed", events="decided")
    plan = kpi.Plan(
        id="p",
        period="2017",
        tables=[_table(), other],
        targets=[within(), within(id="o", table="other")],
    )
    result = kpi.evaluate(plan, {"cases": spans(("2017-01-01", "2017-01-02"))})
    assert [t.verdict for t in result.targets] == ["met", "not_assessable"]
    assert any("no table other" in note for note in result.notes)


def test_s27_open_until_the_windows_last_day() -> None:
    frame = spans(("2017-01-01", "2017-01-02"))
    assert one(average(window="2017-H1"), frame, "2017-06-29").verdict == "open"
    assert one(average(window="2017-H1"), frame, "2017-06-30").verdict == "met"
    target = clearance({"before": "2017-07-01"})
    assert one(target, frame, "2017-06-29").verdict == "open"
    assert one(target, frame, "2017-06-30").verdict == "met"


def test_a_target_that_cannot_be_missed_says_so() -> None:
    plan = kpi.Plan(
        id="p", period="2017", tables=[_table()],
        targets=[
            within("10 months", id="never", where={"filed": {"since": "2017-03-01"}}),
            within("10 months", id="barely", where={"filed": {"since": "2017-02-28"}}),
        ],
    )  # fmt: skip
    notes = kpi.evaluate(plan, spans()).notes
    assert [n for n in notes if "cannot be missed" in n] == [
        "never: cannot be missed: no case falls due before 2018-01-01, and the window ends 2017-12-31"
    ]
