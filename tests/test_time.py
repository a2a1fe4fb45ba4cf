"""How time is counted: month ends, working days, rolling, pauses, derived dates, texts of times."""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import kpi
from kpi import deadlines, working_days
from kpi.limits import MONTH_ENDS, MonthEnd, Span
from tables import TABLE, average, cases, day, plan, spans, within

DATA = Path(os.environ.get("KPI_DATA") or Path(__file__).parents[2] / "shared" / "data")
ENGINES = ("in-memory", "streaming")


def trail(made: kpi.Plan, tables: Any, as_of: str | None = None) -> list[dict[str, Any]]:
    """The audit trail, after both engines gave the same of it and of the result."""
    first, second = (kpi.evaluate(made, tables, as_of, engine=e) for e in ENGINES)  # type: ignore[arg-type]  # names of engines
    assert first.frame.equals(second.frame)
    rows = first.audit().collect(engine="in-memory")
    assert rows.sort("target", "case").equals(
        first.audit().collect(engine="streaming").sort("target", "case")
    )
    return rows.to_dicts()


def due_days(limit: str, *filed: str, **more: Any) -> list[str]:
    """The due date of cases that are still open, or why there is none."""
    target = within(limit, denominator="cohort", window={"before": "9999-12-31"}, **more)
    rows = trail(plan(target), spans(*((f, None) for f in filed)), "9999-12-31")
    return [str(row["due"]) if row["bucket"] == "counted" else row["reason"] for row in rows]


# Month ends (S4)


@pytest.mark.parametrize("mode", MONTH_ENDS)
@pytest.mark.parametrize("months", [1, 6, 7, 12, 13])
def test_s4_due_dates_never_decrease_as_start_dates_grow(mode: MonthEnd, months: int) -> None:
    first, last = dt.date(1970, 1, 1).toordinal(), dt.date(2100, 12, 31).toordinal()
    epoch = dt.date(1970, 1, 1).toordinal()
    due = deadlines.due_table(first - epoch, last - epoch, Span(months=months), mode)
    days = due.to_physical().drop_nulls()
    assert days.is_sorted()
    assert (due.null_count() > 0) == (mode == "refuse")


@pytest.mark.parametrize(
    ("months", "share"), [(1, "1.85"), (6, "1.85"), (5, "0.755"), (7, "0.755"), (12, "0.066")]
)
def test_s4_up_and_down_differ_for_few_start_dates(months: int, share: str) -> None:
    """Over the 400 years after which the calendar begins anew."""
    epoch = dt.date(1970, 1, 1).toordinal()
    low, high = (dt.date(year, 1, 1).toordinal() - epoch for year in (1801, 2201))
    down, up = (
        deadlines.due_table(low, high - 1, Span(months=months), mode) for mode in ("down", "up")
    )
    percent = 100 * int((down != up).sum()) / down.len()
    assert f"{percent:.{len(share.split('.')[1])}f}" == share


@pytest.mark.parametrize(
    ("mode", "filed", "due"),
    [
        ("sticky", "2023-02-28", "2023-03-31"),
        ("sticky", "2024-02-29", "2024-03-31"),
        ("sticky", "2024-02-28", "2024-03-28"),
        ("down", "2023-02-28", "2023-03-28"),
        ("down", "2023-01-31", "2023-02-28"),
        ("up", "2023-01-31", "2023-03-01"),
        ("refuse", "2023-01-31", "refused month end"),
        ("down", "2023-09-01", "2023-10-01"),
    ],
)
def test_s4_the_modes(mode: str, filed: str, due: str) -> None:
    assert due_days("1 month", filed, month_end=mode) == [due]


def test_s4_one_step_from_the_start_then_the_days() -> None:
    assert due_days("7 months", "2023-01-31") == ["2023-08-31"]
    assert due_days("2 months and 10 days", "2023-12-31") == ["2024-03-10"]
    assert due_days("1 year", "2024-02-29") == ["2025-02-28"]
    assert due_days("1 year and 1 month", "2024-01-31") == ["2025-02-28"]


# Working days (S7)


@pytest.mark.parametrize(
    ("limit", "filed", "due"),
    [
        # Store Bededag: 5 May 2023 was a holiday; the fourth Friday after Easter 2024 was not.
        ("1 working day", "2023-05-04", "2023-05-08"),
        ("1 working day", "2024-04-25", "2024-04-26"),
        ("0 working days", "2024-03-30", "2024-03-30"),
        ("1 working day", "2024-03-22", "2024-03-25"),
        # Maundy Thursday to Easter Monday, 28 March to 1 April 2024.
        ("1 working day", "2024-03-27", "2024-04-02"),
        ("1 working day", "2024-03-30", "2024-04-02"),
        ("5 working days", "2024-03-22", "2024-04-03"),
        # 24 and 31 December and 5 June are working days unless named.
        ("1 working day", "2024-12-23", "2024-12-24"),
        ("2 working days", "2024-12-23", "2024-12-27"),
        ("1 working day", "2024-06-04", "2024-06-05"),
        ("10 working days", "2024-12-20", "2025-01-08"),
    ],
)
def test_s7_working_days(limit: str, filed: str, due: str) -> None:
    assert due_days(limit, filed) == [due]


def test_s7_ending_on_the_due_day_is_in_time() -> None:
    frame = spans(("2017-04-12", "2017-04-18"), ("2017-04-12", "2017-04-19"))
    # Easter 2017: 13 to 17 April are off.
    rows = trail(plan(within("1 working day")), frame)
    assert [(row["met"], row["due"], row["days"]) for row in rows] == [
        (True, day("2017-04-18"), 6),
        (False, day("2017-04-18"), 7),
    ]


def test_s7_days_off_by_name_and_by_date() -> None:
    calendar = {"name": "denmark", "off": ["christmas eve", "2024-12-27"]}
    assert due_days("1 working day", "2024-12-23", calendar=calendar) == ["2024-12-30"]
    saturdays = {"name": "denmark", "saturdays": True}
    assert due_days("1 working day", "2024-03-22", calendar=saturdays) == ["2024-03-23"]


@pytest.mark.parametrize(
    ("calendar", "filed", "due"),
    [
        ("netherlands", "2023-04-26", "2023-04-28"),  # King's Day on a Thursday
        ("germany", "2023-10-02", "2023-10-04"),  # Unity Day on a Tuesday
        ("sweden", "2023-06-05", "2023-06-07"),  # the National Day on a Tuesday
        ("united kingdom", "2023-05-05", "2023-05-09"),  # a coronation
        ("european central bank", "2024-04-30", "2024-05-02"),  # TARGET is closed on 1 May
        ({"name": "germany", "region": "BE"}, "2024-03-07", "2024-03-11"),  # Berlin: 8 March
        ({"name": "germany", "region": "BY"}, "2024-03-07", "2024-03-08"),
        ({"name": "united kingdom", "region": "SCT"}, "2024-11-29", "2024-12-03"),  # St Andrew
    ],
)
def test_s7_other_countries(calendar: Any, filed: str, due: str) -> None:
    assert due_days("1 working day", filed, calendar=calendar) == [due]


def test_s7_the_plans_calendar_holds_where_the_target_has_none() -> None:
    target = within("1 working day", id="own", calendar="denmark")
    other = within("1 working day", id="plans")
    made = plan(target, other, period="2023", calendar="netherlands")
    rows = trail(made, spans(("2023-04-26", "2023-04-26")))
    assert [row["due"] for row in rows] == [day("2023-04-27"), day("2023-04-28")]


OWN = {"off": ["2024-01-01", "2024-12-24", "2024-12-25"], "covers": "2024"}


@pytest.mark.parametrize(
    ("limit", "filed", "due"),
    [
        ("1 working day", "2023-12-31", "2024-01-02"),
        ("1 working day", "2023-12-30", "outside the calendar"),
        ("1 working day", "2024-12-30", "2024-12-31"),
        ("2 working days", "2024-12-30", "outside the calendar"),
        ("1 working day", "2024-12-31", "outside the calendar"),
        ("2 working days", "2024-12-23", "2024-12-27"),
        ("1 working day", "0001-01-01", "outside the calendar"),
        ("1 working day", "9999-12-30", "outside the calendar"),
    ],
)
def test_s7_days_that_a_calendar_does_not_know_give_no_due_date(
    limit: str, filed: str, due: str
) -> None:
    assert due_days(limit, filed, calendar=OWN) == [due]


def test_s7_a_look_up_is_never_wrapped_round() -> None:
    """Sentinels either side of the library's years; the cases between are dated rightly."""
    filed = ("0001-01-01", "1770-12-30", "1770-12-31", "2024-03-27", "2100-12-30", "9999-12-30")
    assert due_days("1 working day", *filed) == [
        "outside the calendar",
        "outside the calendar",
        "1771-01-02",
        "2024-04-02",
        "2100-12-31",
        "outside the calendar",
    ]
    assert due_days("2 working days", *filed[4:]) == ["outside the calendar"] * 2


@pytest.mark.parametrize("offset", [-1, 0, 1])
def test_a_table_is_not_read_outside_its_bounds(offset: int) -> None:
    """A date beside the bounds that a caller gave is null, for an index of -1 would be the last day."""
    calendar = kpi.Calendar("denmark")
    low, high = 19_700, 19_800
    frame = pl.DataFrame({"d": [low + offset, high + offset]}, schema={"d": pl.Int32})
    d = pl.col("d")
    found = frame.select(
        working_days.later(d, (low, high), 3, calendar, backwards=False).alias("later"),
        working_days.later(d, (low, high), 3, calendar, backwards=True).alias("before"),
        working_days.rolled(d, (low, high), calendar).alias("rolled"),
        working_days.later_by(d, (low, high), d * 0 + 3, 9, calendar).alias("by"),
    )
    inside = [low <= value + offset <= high for value in (low, high)]
    for name in found.columns:
        assert [value is not None for value in found[name]] == inside, name


def test_s6_working_days_backwards() -> None:
    """Before Easter Monday 2024 the third working day back is Friday 22 March... counted from it."""
    target = within("3 working days before", window={"through": "2200-01-01"})
    rows = trail(
        plan(target),
        spans(("2024-04-02", "2024-03-25"), ("2024-04-02", "2024-03-26")),
        "2200-01-01",
    )
    # 27, 26 and 25 March: Maundy Thursday to Easter Monday are no working days.
    assert [(row["due"], row["met"]) for row in rows] == [
        (day("2024-03-25"), True),
        (day("2024-03-25"), False),
    ]


def test_s16_an_average_in_working_days_counts_those() -> None:
    """From Wednesday 12 April 2017, before Easter, to Thursday the 20th there are 3 working days."""
    frame = spans(("2017-04-12", "2017-04-20"), ("2017-04-19", "2017-04-24"))
    result = kpi.evaluate(plan(average("3 working days")), frame)["t"]
    assert (result.total, result.figures, result.verdict) == (6, {}, "met")
    late = spans(("2017-04-12", "2017-04-20"), ("2017-04-19", "2017-04-25"))
    assert kpi.evaluate(plan(average("3 working days")), late)["t"].verdict == "missed"


# Due days that move to a working day, S8


def test_s8_a_due_day_stays_unless_the_plan_rolls_it() -> None:
    assert due_days("1 month", "2024-05-01") == ["2024-06-01"]  # a Saturday
    assert due_days("1 month", "2024-05-01", roll="next working day") == ["2024-06-03"]
    # Maundy Thursday to the Tuesday after Easter; what is a working day stays.
    assert due_days("30 days", "2024-02-27", roll="next working day") == ["2024-04-02"]
    assert due_days("30 days", "2024-02-26", roll="next working day") == ["2024-03-27"]
    backwards = within("1 month before", roll="next working day")
    rows = trail(plan(backwards, period="2024"), spans(("2024-07-01", "2024-06-03")))
    assert rows[0]["due"] == day("2024-06-03")


def test_s8_the_plan_rolls_where_the_target_does_not_say() -> None:
    own, plans = within("1 month", id="own", roll="none"), within("1 month", id="plans")
    made = plan(own, plans, period="2024", roll="next working day")
    rows = trail(made, spans(("2024-05-01", "2024-06-03")))
    assert [(row["target"], row["due"], row["met"]) for row in rows] == [
        ("own", day("2024-06-01"), False),
        ("plans", day("2024-06-03"), True),
    ]


def test_s8_rolling_goes_by_the_targets_calendar_and_ends_with_it() -> None:
    assert due_days("1 day", "2024-12-30", roll="next working day", calendar=OWN) == ["2024-12-31"]
    assert due_days("1 day", "2024-12-31", roll="next working day", calendar=OWN) == [
        "outside the calendar"
    ]
    # 28 December 2024 is a Saturday, and 2025 is not known.
    narrow = {"off": ["2024-12-30", "2024-12-31"], "covers": "2024"}
    assert due_days("1 day", "2024-12-27", roll="next working day", calendar=narrow) == [
        "outside the calendar"
    ]


def test_s8_a_column_of_due_dates_is_rolled_too() -> None:
    rows = cases({"filed": "2024-05-01", "decided": "2024-06-03", "due": "2024-06-01"})
    target = within({"column": "due"}, roll="next working day")
    assert trail(plan(target, period="2024"), rows)[0]["met"] is True


def test_s8_refused_month_ends_come_before_what_the_calendar_lacks() -> None:
    more = {"roll": "next working day", "month_end": "refuse", "calendar": OWN}
    filed = ("2024-01-31", "2024-12-20", "2024-02-01", "2025-01-31")
    assert due_days("1 month", *filed, **more) == [
        "refused month end",
        "outside the calendar",
        "2024-03-01",
        "refused month end",
    ]


# Time that is paused, S14

WAITING = kpi.Table("waiting", key="case", entry="from", events="to", pauses="cases")


def pauses(*rows: tuple[Any, str | None, str | None]) -> pl.DataFrame:
    made = [(str(case), day(since), day(until)) for case, since, until in rows]
    return pl.DataFrame(
        made, schema={"case": pl.String, "from": pl.Date, "to": pl.Date}, orient="row"
    )


def paused(target: kpi.Target, *, period: str = "2017", **more: Any) -> kpi.Plan:
    return kpi.Plan(id="p", period=period, tables=[TABLE, WAITING], targets=[target], **more)


@pytest.mark.parametrize(
    ("intervals", "days"),
    [
        ([], 0),
        ([("2017-03-10", "2017-03-20")], 10),
        # Overlapping, touching, one within another, twice the same: the union.
        ([("2017-03-10", "2017-03-20"), ("2017-03-15", "2017-03-25")], 15),
        ([("2017-03-10", "2017-03-20"), ("2017-03-20", "2017-03-25")], 15),
        ([("2017-03-10", "2017-03-25"), ("2017-03-12", "2017-03-13")], 15),
        ([("2017-03-10", "2017-03-20"), ("2017-03-10", "2017-03-20")], 10),
        ([("2017-03-20", "2017-03-25"), ("2017-03-10", "2017-03-12")], 7),
        # Clipped to [1 March, 31 March].
        ([("2017-02-01", "2017-03-05")], 4),
        ([("2017-03-25", "2017-04-30")], 6),
        ([("2017-01-01", "2017-02-01"), ("2017-05-01", None)], 0),
        ([("2017-01-01", None)], 30),
        # Open: until the case's end.
        ([("2017-03-10", None)], 21),
        ([("2017-03-10", None), ("2017-03-12", "2017-03-14")], 21),
        # An interval of no days.
        ([("2017-03-10", "2017-03-10")], 0),
    ],
)
def test_s14_pauses_are_merged_clipped_and_deducted(
    intervals: list[tuple[str, str | None]], days: int
) -> None:
    made = paused(within("20 days", pauses="waiting"))
    frame = spans(("2017-03-01", "2017-03-31"), ("2017-03-01", "2017-03-31"))
    rows = trail(made, {"cases": frame, "waiting": pauses(*((1, *its) for its in intervals))})
    first, second = rows
    assert (first["gross"], first["days"], first["paused"]) == (30, 30 - days, days)
    # What begins after 21 March moves that due day no more.
    moved = 0 if intervals and intervals[0][0] > "2017-03-21" else days
    assert first["due"] == dt.date(2017, 3, 21) + dt.timedelta(moved)
    assert first["met"] is (30 - days <= 20)
    assert (second["gross"], second["days"], second["paused"]) == (30, 30, 0)


def test_s14_a_month_limit_is_rounded_first_and_then_moved() -> None:
    """31 January + 1 month is 28 February, and two days more 2 March; not 2 February + 1 month."""
    made = paused(within("1 month", pauses="waiting"))
    frame = spans(("2017-01-31", "2017-03-02"), ("2017-01-31", "2017-03-03"))
    its = pauses((1, "2017-02-10", "2017-02-12"), (2, "2017-02-10", "2017-02-12"))
    rows = trail(made, {"cases": frame, "waiting": its})
    assert [(row["due"], row["met"]) for row in rows] == [
        (day("2017-03-02"), True),
        (day("2017-03-02"), False),
    ]


def test_s14_then_it_is_rolled() -> None:
    """31 March 2017 and one day is a Saturday, and so Monday 3 April."""
    made = paused(within("30 days", pauses="waiting", roll="next working day"))
    its = pauses((1, "2017-03-10", "2017-03-11"))
    rows = trail(made, {"cases": spans(("2017-03-01", "2017-04-03")), "waiting": its})
    assert (rows[0]["due"], rows[0]["met"]) == (day("2017-04-03"), True)


def test_s14_open_cases_are_paused_up_to_the_as_of_date() -> None:
    made = paused(within("30 days", pauses="waiting", denominator="overdue"))
    tables = {"cases": spans(("2017-03-01", None)), "waiting": pauses((1, "2017-03-11", None))}
    # While the pause is not over there is no due date yet.
    for as_of, due in (("2017-03-10", "2017-03-31"), ("2017-04-10", None)):
        row = trail(made, tables, as_of)[0]
        assert (row["bucket"], row["due"]) == ("undetermined", day(due)), as_of
    assert trail(made, tables, "2017-04-10")[0]["paused"] == 30
    # What has ended by the as-of date runs on.
    ended = {**tables, "waiting": pauses((1, "2017-03-11", "2017-03-21"))}
    row = trail(made, ended, "2017-04-10")[0]
    assert (row["bucket"], row["due"], row["met"]) == ("counted", day("2017-04-10"), False)
    # At that date nobody knew yet that it would end.
    row = trail(made, ended, "2017-03-15")[0]
    assert (row["bucket"], row["due"], row["paused"]) == ("undetermined", None, 4)


def test_s14_pauses_in_working_days() -> None:
    """Paused from Thursday to Tuesday: Thursday, Friday and Monday do not count."""
    made = paused(within("3 working days", pauses="waiting"))
    frame = spans(("2017-03-01", "2017-03-09"), ("2017-03-01", "2017-03-10"))
    its = pauses((1, "2017-03-02", "2017-03-07"), (2, "2017-03-02", "2017-03-07"))
    rows = trail(made, {"cases": frame, "waiting": its})
    # 7, 8 and 9 March are the three days that count.
    assert [(row["due"], row["met"], row["paused"]) for row in rows] == [
        (day("2017-03-09"), True, 5),
        (day("2017-03-09"), False, 5),
    ]
    weekend = pauses((1, "2017-03-04", "2017-03-06"), (2, "2017-03-01", "2017-03-02"))
    rows = trail(made, {"cases": frame, "waiting": weekend})
    # A weekend takes none of them, and neither does the day of the start, which never counts.
    assert [row["due"] for row in rows] == [day("2017-03-06")] * 2


@pytest.mark.parametrize("decided", ["2017-03-06", "2017-03-07", "2017-03-10", "2017-03-11"])
def test_s14_no_working_day_goes_by_while_a_case_is_paused(decided: str) -> None:
    """2 and 3 March count; the third working day that does is the 13th, however late in the pause."""
    its = pauses((1, "2017-03-06", "2017-03-13"))
    frame = spans(("2017-03-01", decided))
    for limit, met in (("3 working days", True), ("2 working days", False)):
        made = paused(within(limit, pauses="waiting"))
        row = trail(made, {"cases": frame, "waiting": its})[0]
        assert row["met"] is met
        assert met or row["due"] == day("2017-03-03")


@pytest.mark.parametrize(
    ("limit", "intervals", "due"),
    [
        # Due on 11 March; what begins later moves it no more, and what begins that day does.
        ("10 days", [("2017-03-12", "2017-03-15")], "2017-03-11"),
        ("10 days", [("2017-03-11", "2017-03-15")], "2017-03-15"),
        # A first pause moves it to 13 March, and so the second one counts, and the third does not.
        (
            "10 days",
            [
                ("2017-03-03", "2017-03-05"),
                ("2017-03-13", "2017-03-15"),
                ("2017-03-16", "2017-03-20"),
            ],
            "2017-03-15",
        ),
        ("1 month", [("2017-04-02", "2017-04-05")], "2017-04-01"),
        ("1 month", [("2017-04-01", "2017-04-05")], "2017-04-05"),
        ({"column": "due"}, [("2017-03-21", "2017-03-25")], "2017-03-20"),
        ({"column": "due"}, [("2017-03-20", "2017-03-25")], "2017-03-25"),
        # 2, 3 and 6 March: a pause from 7 March comes too late, one from 6 March does not.
        ("3 working days", [("2017-03-07", "2017-03-15")], "2017-03-06"),
        ("3 working days", [("2017-03-06", "2017-03-08")], "2017-03-08"),
        (
            "3 working days",
            [("2017-03-02", "2017-03-03"), ("2017-03-07", "2017-03-08")],
            "2017-03-08",
        ),
        (
            "3 working days",
            [("2017-03-02", "2017-03-03"), ("2017-03-08", "2017-03-15")],
            "2017-03-07",
        ),
    ],
)
def test_s14_a_due_day_that_is_over_is_not_moved_any_more(
    limit: Any, intervals: list[tuple[str, str]], due: str
) -> None:
    made = paused(within(limit, pauses="waiting"))
    frame = cases({"filed": "2017-03-01", "decided": "2017-06-01", "due": "2017-03-20"})
    its = pauses(*((1, *pair) for pair in intervals))
    row = trail(made, {"cases": frame, "waiting": its})[0]
    assert row["due"] == day(due)
    # The net days are without every paused day, whenever it was.
    paused_days = [dt.date.fromisoformat(b) - dt.date.fromisoformat(a) for a, b in intervals]
    assert row["paused"] == sum(span.days for span in paused_days)


def test_s14_decided_a_day_later_is_never_more_in_time() -> None:
    """Paused after the due day and rolled: the due day must not follow the decision over a weekend."""
    made = paused(within("8 days", pauses="waiting", roll="next working day"))
    days = [f"2017-03-{n:02}" for n in range(8, 16)]
    frame = spans(*(("2017-03-01", decided) for decided in days))
    its = pauses(*((n, "2017-03-10", None) for n in range(1, 9)))
    # Due on Thursday 9 March.
    rows = trail(made, {"cases": frame, "waiting": its})
    assert [row["met"] for row in rows] == [True, True, *[False] * 6]


def test_s14_pauses_that_the_calendar_does_not_cover() -> None:
    calendar = {"covers": "2017-03"}
    made = paused(within("3 working days", pauses="waiting", calendar=calendar))
    frame = spans(("2017-03-01", "2017-04-30"), ("2017-03-01", "2017-04-30"))
    its = pauses((1, "2017-03-02", "2017-03-07"), (2, "2017-03-02", "2017-04-07"))
    rows = trail(made, {"cases": frame, "waiting": its})
    assert [row["reason"] for row in rows] == [None, "outside the calendar"]
    # Due on 6 March, before what the calendar does not know.
    its = pauses((1, "2017-04-07", "2017-04-10"), (2, "2017-03-07", None))
    rows = trail(made, {"cases": frame, "waiting": its})
    assert [row["due"] for row in rows] == [day("2017-03-06")] * 2


def test_s14_averages_and_percentiles_take_net_days() -> None:
    frame = spans(("2017-03-01", "2017-03-31"), ("2017-03-01", "2017-03-11"))
    tables = {"cases": frame, "waiting": pauses((1, "2017-03-05", "2017-03-15"))}
    mean = kpi.evaluate(paused(average("15 days", pauses="waiting")), tables)["t"]
    assert (mean.total, mean.value, mean.verdict) == (30, 15.0, "met")
    months = kpi.evaluate(paused(average("1 month", pauses="waiting")), tables)["t"]
    # From 1 March to 1 April are 31 days, for each of the two.
    assert (months.total, months.figures["allowed"]) == (30, 62)
    target = kpi.Percentile(
        id="t", start="filed", end="decided", percentile=100, limit="20 days", pauses="waiting"
    )
    assert kpi.evaluate(paused(target), tables)["t"].value == 20
    trimmed = kpi.evaluate(paused(average("15 days", pauses="waiting", fastest=50)), tables)["t"]
    assert (trimmed.total, trimmed.counted) == (10, 1)


def test_s14_paused_cases_can_be_left_out() -> None:
    frame = spans(*[("2017-03-01", "2017-03-31")] * 4, (None, "2017-03-31"))
    its = pauses(
        (1, "2017-03-30", None),
        (2, "2017-03-31", None),  # for no day before it ended
        (3, "2017-02-01", "2017-03-01"),
        (5, "2017-03-10", "2017-03-12"),
    )
    rows = trail(
        paused(within("20 days", unless_paused="waiting")), {"cases": frame, "waiting": its}
    )
    assert [row["reason"] or row["bucket"] for row in rows] == [
        "left out: paused by waiting",
        "counted",
        "counted",
        "counted",
        "start missing",
    ]
    assert [row["paused"] for row in rows] == [None] * 5


def test_s14_pauses_of_several_tables_are_merged() -> None:
    other = kpi.Table("appeals", key="case", entry="from", events="to", pauses="cases")
    target = within("20 days", pauses=["waiting", "appeals"])
    made = kpi.Plan(id="p", period="2017", tables=[TABLE, WAITING, other], targets=[target])
    tables = {
        "cases": spans(("2017-03-01", "2017-03-31")),
        "waiting": pauses((1, "2017-03-05", "2017-03-10")),
        "appeals": pauses((1, "2017-03-08", "2017-03-12")),
    }
    assert trail(made, tables)[0]["paused"] == 7
    del tables["appeals"]
    result = kpi.evaluate(made, tables)
    assert result["t"].verdict == "not_assessable"
    assert "no table appeals in the extract: not assessable: t" in result.notes
    assert result.audit().collect().is_empty()


def test_s14_a_reset_is_a_later_start() -> None:
    """The clock starts again when the case was sent back, where it was."""
    table = kpi.Table(
        "cases",
        key="case_id",
        entry="filed",
        events=["documented", "decided"],
        derived={"restarted": {"latest": ["filed", "documented"]}},
    )
    target = within("1 month", start="restarted")
    made = kpi.Plan(id="p", period="2017", tables=[table], targets=[target])
    frame = cases(
        {"filed": "2017-01-01", "documented": "2017-03-01", "decided": "2017-04-01"},
        {"filed": "2017-01-01", "decided": "2017-04-01"},
    )
    assert [(row["due"], row["met"]) for row in trail(made, frame.drop("due"))] == [
        (day("2017-04-01"), True),
        (day("2017-02-01"), False),
    ]


def test_pauses_that_cannot_be_used_are_set_aside_and_counted() -> None:
    made = paused(within("20 days", pauses="waiting"))
    its = pauses(
        (1, None, "2017-03-12"),
        (1, "2017-03-12", "2017-03-10"),
        (9, "2017-03-12", "2017-03-20"),
        (1, "2017-03-10", "2017-03-11"),
        (1, "2017-03-10", "2017-03-11"),
    )
    frame = spans(("2017-03-01", "2017-03-31"))
    result = kpi.evaluate(made, {"cases": frame, "waiting": its})
    assert result.audit().collect()["paused"].to_list() == [1]
    assert dict(result.facts["waiting"].rejected) == {"from missing": 1, "to before from": 1}
    assert "waiting: 1 row whose case is not in cases, left out" in result.notes
    assert not result.facts["waiting"].repeated
    with pytest.raises(kpi.DataError, match="rejected: from missing"):
        kpi.check(made, {"cases": frame, "waiting": its}, strict=True)


def test_ids_of_two_kinds_are_refused_not_matched_with_nothing() -> None:
    made = paused(within("20 days", pauses="waiting"))
    its = pauses((1, "2017-03-10", "2017-03-20"))
    frame = spans(("2017-03-01", "2017-03-31"))
    with pytest.raises(kpi.DataError) as raised:
        kpi.evaluate(made, {"cases": frame, "waiting": its.cast({"case": pl.Int32})})
    assert str(raised.value) == (
        "waiting: column case holds Int32, and case_id in cases holds String; hold ids of one "
        "kind in both"
    )
    numbers = {
        "cases": frame.cast({"case_id": pl.Int64}),
        "waiting": its.cast({"case": pl.UInt16}),
    }
    assert trail(made, numbers)[0]["paused"] == 10
    categories = {"cases": frame, "waiting": its.cast({"case": pl.Categorical})}
    assert trail(made, categories)[0]["paused"] == 10
    for key in (dt.date(2017, 1, 2), True):
        of_key = {
            "cases": frame.with_columns(case_id=pl.lit(key)),
            "waiting": its.with_columns(case=pl.lit(key)),
        }
        assert trail(made, of_key)[0]["paused"] == 10
    by_day = frame.with_columns(case_id=dt.date(2017, 1, 2))
    with pytest.raises(
        kpi.DataError, match="column case holds Boolean, and case_id in cases holds"
    ):
        kpi.evaluate(made, {"cases": by_day, "waiting": its.with_columns(case=pl.lit(value=True))})


@pytest.mark.parametrize(
    ("target", "tables", "message"),
    [
        ({"pauses": "waitin"}, [], "targets.0.pauses: 'waitin' is no table of pauses of cases; accepted: waiting (did you mean 'waiting'?)"),
        ({"unless_paused": "cases"}, [], "targets.0.unless_paused: 'cases' is no table of pauses"),
        ({"pauses": "waiting", "limit": "2 hours"}, [], "pauses: found 'pauses' with the limit 2 hours"),
        ({"pauses": "waiting", "limit": "1 month before"}, [], "found 'pauses' with the limit 1 month before; accepted: with a limit in days, forwards"),
        ({"roll": "next working day", "limit": "2 hours"}, [], "roll: found 'roll' with the limit 2 hours; accepted: with a limit in days"),
        ({"roll": "monday"}, [], "roll: found 'monday'; accepted: none, next working day"),
        ({}, [kpi.Table("more", key="case", entry="from", events="to", pauses="case")], "tables.more.pauses: unknown table of cases 'case'; accepted: cases (did you mean 'cases'?)"),
        ({}, [kpi.Table("more", key=["a", "b"], entry="from", events="to", pauses="cases")], "tables.more.key: accepted: as many columns as the key of cases has (1)"),
        ({"readings": [{"name": "net", "pauses": "waitin"}]}, [], "targets.0.readings.0.pauses: 'waitin' is no table of pauses"),
    ],
)  # fmt: skip
def test_pauses_that_a_plan_cannot_have(
    target: dict[str, Any], tables: list[kpi.Table], message: str
) -> None:
    with pytest.raises(kpi.PlanError) as raised:
        kpi.Plan(
            id="p",
            period="2017",
            tables=[TABLE, WAITING, *tables],
            targets=[within(target.pop("limit", "20 days"), **target)],
        )
    assert message in str(raised.value)


def test_a_table_of_pauses_has_a_beginning_and_an_end() -> None:
    for wrong in ({"entry": "from"}, {"events": "to"}, {"entry": "a", "events": ["b", "c"]}):
        with pytest.raises(kpi.PlanError, match="pauses: accepted: with an entry"):
            kpi.Table("waiting", key="case", pauses="cases", **wrong)


def test_a_derived_date_has_no_time_and_takes_the_dates_that_are_written() -> None:
    table = derived(made={"latest": ["filed", "documented"]})
    with pytest.raises(kpi.PlanError, match=r"targets.0.limit: 'made' is derived and has no time"):
        kpi.Plan(id="p", period="2017", tables=[table], targets=[within("1 hour", start="made")])
    frame = spans(("2017-03-26", "2017-04-01"), ("2017-03-26", "2017-04-01")).with_columns(
        filed=pl.Series([dt.datetime(2017, 3, 26, 2, 30), dt.datetime(2017, 3, 26, 3, 30)])
    )
    made = kpi.Plan(id="p", period="2017", tables=[table], targets=[within(start="made")])
    assert [(row["reason"], row["days"]) for row in trail(made, frame)] == [(None, 6), (None, 6)]


def test_many_cases_with_pauses_do_not_run_into_each_other() -> None:
    """Each case's own stretch of the line that all pauses are merged on, at both ends of time."""
    n = 1_000
    filed = [dt.date(1, 1, 1) if i % 2 else dt.date(2017, 1, 1) for i in range(n)]
    frame = pl.DataFrame(
        {"case_id": [str(i) for i in range(n)], "filed": filed},
    ).with_columns(
        case_type=pl.lit("visa"),
        documented=pl.lit(None, pl.Date),
        decided=pl.lit(dt.date(2017, 6, 1)),
        due=pl.lit(None, pl.Date),
    )
    its = pl.DataFrame({"case": [str(i) for i in range(n)]}).with_columns(
        pl.lit(dt.date(2017, 3, 1)).alias("from"), pl.lit(dt.date(9999, 12, 31)).alias("to")
    )
    rows = trail(
        paused(within("20 days", pauses="waiting")),
        {"cases": frame.sample(fraction=1, shuffle=True, seed=1), "waiting": its},
        "9999-12-31",
    )
    assert {row["paused"] for row in rows} == {92}


def test_batches_with_their_own_pauses_add_up() -> None:
    made = paused(within("20 days", pauses="waiting"))
    frame = spans(*[("2017-03-01", "2017-03-31")] * 3)
    its = pauses((1, "2017-03-10", "2017-03-20"), (2, "2017-03-10", "2017-03-15"))
    whole = kpi.evaluate(made, {"cases": frame, "waiting": its})
    parts = [
        kpi.partial(
            made,
            {
                "cases": frame.filter(pl.col("case_id").is_in(ids)),
                "waiting": its.filter(pl.col("case").is_in(ids)),
            },
        )
        for ids in (["1"], ["2", "3"])
    ]
    assert kpi.finish(kpi.merge(*parts)).frame.equals(whole.frame)


# Derived dates


def derived(**made: Any) -> kpi.Table:
    return kpi.Table(
        "cases",
        key="case_id",
        entry="filed",
        events=["documented", "decided"],
        dates="due",
        derived=made,
    )


def value_of(one: Any, row: dict[str, Any], as_of: str = "2030-01-01", **more: Any) -> Any:
    """What a derived date comes to in one row, seen as the end of its time; None where there is none."""
    target = within("1 day", start="due", end="made", denominator="cohort", on="due")
    made = kpi.Plan(id="p", period="2017", tables=[derived(made=one)], targets=[target], **more)
    frame = cases({"due": "2017-01-01", **{k: v for k, v in row.items() if isinstance(v, str)}})
    numbers = [pl.lit(v).alias(k) for k, v in row.items() if isinstance(v, int)]
    found = trail(made, frame.with_columns(numbers), as_of)[0]
    return None if found["days"] is None else dt.date(2017, 1, 1) + dt.timedelta(found["days"])


THREE = {"filed": "2017-03-01", "documented": "2017-05-01", "decided": "2017-04-01"}
TWO = {"filed": "2017-03-01", "decided": "2017-04-01"}
ALL = ["filed", "documented", "decided"]


@pytest.mark.parametrize(
    ("one", "row", "found"),
    [
        ({"latest": ALL}, THREE, "2017-05-01"),
        ({"latest": ALL}, TWO, "2017-04-01"),
        ({"earliest": ALL}, THREE, "2017-03-01"),
        ({"earliest": ["documented", "decided"]}, TWO, "2017-04-01"),
        ({"once_all": ALL}, THREE, "2017-05-01"),
        ({"once_all": ALL}, TWO, None),
        ({"latest": ["documented", "decided"]}, {"filed": "2017-03-01"}, None),
        ({"date": "decided", "plus": "2 weeks"}, TWO, "2017-04-15"),
        ({"date": "decided", "minus": "1 day"}, TWO, "2017-03-31"),
        ({"date": "documented", "plus": "2 weeks"}, TWO, None),
        ({"date": "filed", "plus": "1 month"}, {"filed": "2017-01-31"}, "2017-02-28"),
        ({"date": "filed", "minus": "1 month"}, {"filed": "2017-03-31"}, "2017-02-28"),
        ({"date": "filed", "plus": "3 working days"}, {"filed": "2017-04-12"}, "2017-04-20"),
        ({"date": "filed", "minus": "1 working day"}, {"filed": "2017-04-18"}, "2017-04-12"),
        ({"date": "filed", "plus_days": "n"}, {"filed": "2017-03-01", "n": 60}, "2017-04-30"),
        ({"date": "filed", "minus_days": "n"}, {"filed": "2017-03-01", "n": 1}, "2017-02-28"),
        ({"date": "filed", "plus_months": "n"}, {"filed": "2017-01-31", "n": 1}, "2017-02-28"),
        ({"date": "filed", "plus_months": "n"}, {"filed": "2017-01-31", "n": 14}, "2018-03-31"),
        ({"date": "filed", "plus_months": "n"}, {"filed": "2017-01-31", "n": -1}, "2016-12-31"),
        ({"date": "filed", "minus_months": "n"}, {"filed": "2017-01-31", "n": 2}, "2016-11-30"),
        # Half of 31 days: the day on which all of it has passed, or the one before.
        ({"start": "filed", "end": "decided", "share": "1/2"}, TWO, "2017-03-17"),
        (
            {"start": "filed", "end": "decided", "share": 0.5, "rounded": "down"},
            TWO,
            "2017-03-16",
        ),
        ({"start": "filed", "end": "decided", "share": "1"}, TWO, "2017-04-01"),
        ({"start": "decided", "end": "filed", "share": "1/2"}, TWO, None),
        ({"start": "filed", "end": "documented", "share": "1/2"}, TWO, None),
    ],
)
def test_derived_dates(one: Any, row: dict[str, Any], found: str | None) -> None:
    assert value_of(one, row) == day(found)


def test_derived_months_follow_the_plans_month_ends() -> None:
    one, row = {"date": "filed", "plus_months": "n"}, {"filed": "2017-01-31", "n": 1}
    for mode, found in (("up", "2017-03-01"), ("refuse", None), ("sticky", "2017-02-28")):
        assert value_of(one, row, month_end=mode) == day(found)
        span = {"date": "filed", "plus": "1 month"}
        assert value_of(span, row, month_end=mode) == day(found)
    last = {"filed": "2017-02-28", "n": 1}
    assert value_of(one, last, month_end="sticky") == day("2017-03-31")


def test_derived_dates_are_made_of_what_is_known_at_the_as_of_date() -> None:
    assert value_of({"latest": ALL}, THREE, "2017-04-15") == day("2017-04-01")
    assert value_of({"once_all": ALL}, THREE, "2017-04-15") is None
    # A planned date is not hidden, however late it is.
    planned = {"date": "filed", "plus": "5 years"}
    assert value_of(planned, THREE, "2017-04-15") == day("2022-03-01")


def test_a_derived_date_may_be_made_of_another_and_stand_wherever_a_date_does() -> None:
    """Half of a sentence of so many months."""
    table = kpi.Table(
        "convicted",
        key="person",
        dates="sentenced",
        events="interview",
        derived={
            "served": {"date": "sentenced", "plus_months": "months"},
            "half": {"start": "sentenced", "end": "served", "share": "1/2"},
        },
    )
    target = kpi.Within(
        id="t",
        table="convicted",
        start="half",
        end="interview",
        limit="1 month before",
        denominator="cohort",
        on="half",
        where={"half": {"since": "2017-01-01"}},
        threshold=70,
    )
    made = kpi.Plan(id="p", period="2017", tables=[table], targets=[target])
    frame = pl.DataFrame(
        {
            "person": [1, 2, 3],
            "sentenced": [dt.date(2017, 1, 1)] * 3,
            "months": [12, 4, None],
            "interview": [dt.date(2017, 6, 2), dt.date(2017, 2, 3), None],
        }
    )
    rows = trail(made, frame)
    # 365 days, half of them 183: 3 July; a month before, 3 June. 120 days: 2 March, 2 February.
    assert [(row["due"], row["met"], row["reason"]) for row in rows] == [
        (day("2017-06-03"), True, None),
        (day("2017-02-02"), False, None),
        (None, None, "start missing"),
    ]


def test_numbers_that_no_date_can_be_made_with_are_set_aside() -> None:
    target = within("1 day", start="made", denominator="cohort", on="filed")
    for unit, most in (("days", 36_525), ("months", 1_200)):
        table = derived(made={"date": "filed", f"plus_{unit}": "n"})
        made = kpi.Plan(id="p", period="2017", tables=[table], targets=[target])
        frame = spans(*[("2017-03-01", None)] * 4).with_columns(
            n=pl.Series([most, -most, most + 1, 10**18])
        )
        result = kpi.evaluate(made, frame)
        assert dict(result.facts["cases"].rejected) == {"n is more than 100 years": 2}
        dues = [row["due"] for row in trail(made, frame)]
        assert [due.year for due in dues] == [2117, 1917]


def test_the_first_and_the_last_day_of_the_calendar_are_derived_from_rightly() -> None:
    half = {"start": "filed", "end": "decided", "share": "1/2"}
    ends = {"filed": "0001-01-01", "decided": "9999-12-31"}
    assert value_of(half, ends, "9999-12-31") == dt.date(1, 1, 1) + dt.timedelta(1_826_029)
    back = {"date": "filed", "minus": "1 month"}
    assert value_of(back, {"filed": "0001-02-01"}, "9999-12-31") == day("0001-01-01")


@pytest.mark.parametrize(
    ("made", "message"),
    [
        ({"made": {"latst": ["filed", "decided"]}}, "derived.made: found { latst = "),
        ({"made": {"latest": ["filed"]}}, "derived.made.latest: found ['filed']; accepted: two"),
        ({"made": {"latest": ["filed", "x"]}}, "derived.made.latest: 'x' is no date of the table"),
        ({"made": {"latest": ["filed", "made"]}}, "'made' is no date of the table that stands"),
        ({"filed": {"latest": ["filed", "due"]}}, "derived.filed: is a column of the table"),
        ({"made": {"date": "filed", "plus": "1 hour"}}, "derived.made.plus: unknown unit 'hour'"),
        ({"made": {"date": "filed", "plus_days": "due"}}, "plus_days: 'due' is a date; accepted"),
        ({"made": {"date": "filed"}}, "derived.made: found { date = 'filed' }; accepted: {"),
        (
            {"made": {"start": "filed", "end": "due", "share": "3/2"}},
            "derived.made.share: found '3/2'; accepted: more than 0 and at most 1",
        ),
        (
            {"made": {"start": "filed", "end": "due", "share": 1, "rounded": "nearest"}},
            "derived.made.rounded: found 'nearest'; accepted: up, down",
        ),
        ({"made": 7}, "derived.made: found 7; accepted: { latest ="),
    ],
)
def test_what_is_no_derived_date(made: Any, message: str) -> None:
    with pytest.raises(kpi.PlanError) as raised:
        derived(**made)
    assert message in str(raised.value)


def test_a_derived_column_that_the_table_has_already_is_refused() -> None:
    target = within(start="made")
    table = derived(made={"latest": ["filed", "documented"]})
    made = kpi.Plan(id="p", period="2017", tables=[table], targets=[target])
    frame = spans(("2017-01-01", "2017-02-01")).with_columns(made=pl.lit(dt.date(2017, 1, 1)))
    with pytest.raises(kpi.DataError, match="column made stands in the table, and the plan"):
        kpi.evaluate(made, frame)


# Texts of times (S1, S3)


def csv(path: Path, *rows: str) -> Path:
    file = path / "cases.csv"
    file.write_text("\n".join(["case_id,case_type,filed,documented,decided,due", *rows]) + "\n")
    return file


def test_s1_dates_local_times_and_instants_in_one_column(tmp_path: Path) -> None:
    file = csv(
        tmp_path,
        "1,visa,2017-03-01,,2017-03-31,",
        "2,visa,2017-03-01T23:30:00,,2017-03-31 00:10,",
        # Half past eleven in UTC is the next day in Copenhagen.
        "3,visa,2017-03-01T23:30:00Z,,2017-03-31T21:59:00+00:00,",
        "4,visa,2017-03-26 02:30:00,,2017-03-31T22:00:00.5Z,",
        "5,visa,01-03-2017,,2017-03-31,",
        "6,visa,17-03-01,,2017-03-31,",
    )
    made = plan(within("29 days"))
    result = kpi.evaluate(made, file)
    assert dict(result.facts["cases"].rejected) == {"filed is not a date as %Y-%m-%d": 2}
    assert [(row["reason"] or row["met"], row["days"]) for row in trail(made, file)] == [
        (False, 30),
        (False, 30),
        (True, 29),
        (True, 6),  # half past two was skipped, and its date is counted
    ]


def test_s3_local_times_and_instants_in_one_column_by_the_clock(tmp_path: Path) -> None:
    file = csv(
        tmp_path,
        "1,visa,2017-10-29T02:30:00,,2017-10-29T01:30:00Z,",  # the earlier of two: an hour
        "2,visa,2017-10-29T02:30:00,,2017-10-29T01:30:01Z,",
        "3,visa,2017-10-29T00:30:00Z,,2017-10-29 02:30,",  # the same instant
        "4,visa,2017-10-29,,2017-10-29T02:30:00,",  # a date has no time
    )
    made = plan(within("1 hour"))
    result = kpi.evaluate(made, file)
    assert dict(result.facts["cases"].rejected) == {"filed is not a date as 2017-03-01T09:30:00": 1}
    assert [(row["met"], row["seconds"]) for row in trail(made, file)] == [
        (True, 3600),
        (False, 3601),
        (True, 0),
    ]


def test_s1_a_date_column_beside_a_column_of_times() -> None:
    frame = pl.DataFrame(
        {
            "case_id": ["1", "2"],
            "filed": [dt.date(2017, 3, 1)] * 2,
            "documented": [None, None],
            "decided": [
                dt.datetime(2017, 3, 30, 21, 59, tzinfo=dt.UTC),
                dt.datetime(2017, 3, 30, 22, tzinfo=dt.UTC),
            ],
        }
    )
    assert [row["met"] for row in trail(plan(within("29 days")), frame)] == [True, False]


# Real cases


def test_fines_are_raised_sixty_local_days_after_their_notification() -> None:
    file = DATA / "road_fines.parquet"
    if not file.is_file():
        pytest.fail(f"{file} is absent: set KPI_DATA to the directory that holds it")
    table = kpi.Table("cases", key="case_id", events=["notified", "penalty_added"])
    both = {"notified": {"since": "1999-01-01"}, "penalty_added": {"since": "1999-01-01"}}
    on_the_day = [
        kpi.Within(
            id=limit,
            where=both,
            start="notified",
            end="penalty_added",
            limit=limit,
            threshold="all",
            window={"through": "2020-12-31"},
        )
        for limit in ("60 days", "59 days")
    ]
    made = kpi.Plan(
        id="fines", period="2013", time_zone="Europe/Rome", tables=[table], targets=on_the_day
    )
    result = kpi.evaluate(made, file, "2020-12-31")
    assert [(t.counted, t.met) for t in result] == [(79_860, 79_860), (79_860, 0)]
