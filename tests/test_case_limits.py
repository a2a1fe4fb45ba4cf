"""Limits that differ from case to case: by the clock, backwards, by value, by file, over time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import kpi
from kpi.definitions.limits import parse_limit
from tables import average, cases, one, plan, within

# Hours and minutes: S3

CALLS = kpi.Table("contacts", key="id", entry="arrived", events="served")


def calls(*pairs: tuple[str, str | None]) -> pl.DataFrame:
    made = [
        {
            "id": str(n),
            "arrived": dt.datetime.fromisoformat(arrived),
            "served": served and dt.datetime.fromisoformat(served),
        }
        for n, (arrived, served) in enumerate(pairs)
    ]
    zoned = bool(pairs) and "+" in pairs[0][0]
    kind = pl.Datetime("us", "UTC") if zoned else pl.Datetime("us")
    return pl.DataFrame(made, schema={"id": pl.String, "arrived": kind, "served": kind})


def wait(limit: str = "12 minutes", **more: Any) -> kpi.Plan:
    given = {"denominator": "cohort", "threshold": 80, **more}
    target = kpi.Within(
        id="t", table="contacts", start="arrived", end="served", limit=limit, **given
    )
    return kpi.Plan(id="p", period="2017", tables=[CALLS], targets=[target])


def outcomes(made: kpi.Plan, frame: pl.DataFrame, as_of: str | None = None) -> list[Any]:
    rows = kpi.evaluate(made, frame, as_of).audit().collect().sort("case").to_dicts()
    return [row["met"] if row["bucket"] == "counted" else row["reason"] for row in rows]


@pytest.mark.parametrize(
    ("limit", "served", "met"),
    [
        ("12 minutes", "2017-03-01T09:12:00", True),
        ("12 minutes", "2017-03-01T09:12:00.000001", False),
        ("12 minutes", "2017-03-01T09:13:00", False),
        ("12 minutes", "2017-03-01T09:00:00", True),
        ("12 minutes", None, False),
        ("1 hour", "2017-03-01T10:00:00", True),
        ("1 hour and 30 minutes", "2017-03-01T10:30:00", True),
        ("1 hour and 30 minutes", "2017-03-01T10:30:01", False),
        ("25 hours", "2017-03-02T10:00:00", True),
        ("25 hours", "2017-03-02T10:00:01", False),
    ],
)
def test_a_limit_by_the_clock(limit: str, served: str | None, met: bool) -> None:
    frame = calls(("2017-03-01T09:00:00", served))
    assert outcomes(wait(limit), frame) == [met]
    trail = kpi.evaluate(wait(limit), frame).audit().collect().row(0, named=True)
    seconds = None
    if served is not None:
        elapsed = dt.datetime.fromisoformat(served) - dt.datetime(2017, 3, 1, 9)
        seconds = int(elapsed.total_seconds())
    assert trail["seconds"] == seconds


def test_elapsed_time_across_the_nights_when_clocks_change() -> None:
    # 26 March 2017: two o'clock becomes three. 29 October: three becomes two.
    frame = calls(
        ("2017-03-26T01:50:00", "2017-03-26T03:02:00"),  # 12 minutes
        ("2017-03-26T01:50:00", "2017-03-26T03:03:00"),  # 13
        ("2017-10-29T01:55:00", "2017-10-29T02:07:00"),  # 12: the earlier of the two
        ("2017-10-29T02:55:00", "2017-10-29T03:07:00"),  # 72, from the earlier of the two
        ("2017-03-26T02:30:00", "2017-03-26T03:07:00"),  # there was no half past two
    )
    assert outcomes(wait(), frame) == [True, False, True, False, "no such local time"]
    zoned = calls(("2017-10-29T00:55:00+00:00", "2017-10-29T01:07:00+00:00"))
    assert outcomes(wait(), zoned) == [True]


def test_served_before_arriving_is_by_the_clock_too() -> None:
    frame = calls(("2017-03-01T09:00:00", "2017-03-01T08:59:59"), ("2017-03-01T09:00:00", None))
    assert outcomes(wait(), frame) == ["end before start", False]
    assert outcomes(wait(denominator="closed"), frame)[1] == "fails: served in 2017"


def test_what_is_served_after_the_as_of_date_is_not_served() -> None:
    frame = calls(("2017-03-01T23:55:00", "2017-03-02T00:01:00"))
    assert outcomes(wait(), frame, "2017-03-01") == [False]
    assert outcomes(wait(), frame, "2017-03-02") == [True]
    assert kpi.evaluate(wait(), frame, "2017-03-01")["t"].verdict == "open"


def test_the_due_date_is_that_of_the_due_instant() -> None:
    """A call at five to midnight falls due the day after."""
    frame = calls(("2017-03-01T23:55:00", None), ("2017-03-01T12:00:00", None))
    found = kpi.evaluate(wait(), frame).audit().collect().sort("case")
    assert found["due"].to_list() == [dt.date(2017, 3, 2), dt.date(2017, 3, 1)]
    due = wait(denominator="due", window={"since": "2017-03-02", "through": "2017-12-31"})
    assert outcomes(due, frame)[0] is False
    assert kpi.evaluate(due, frame)["t"].outside == 1
    overdue = wait(denominator="overdue")
    assert kpi.evaluate(overdue, frame, "2017-03-01")["t"].undetermined == 1


def test_days_have_no_minutes() -> None:
    frame = pl.DataFrame({"id": ["1"], "arrived": [dt.date(2017, 3, 1)], "served": [None]})
    with pytest.raises(kpi.DataError, match="column arrived holds dates; the plan counts it in"):
        kpi.evaluate(wait(), frame)


@pytest.mark.parametrize(
    ("arrived", "served"),
    [
        ("2017-03-01T09:00:00", "2017-03-01T09:12:00"),
        ("2017-03-01 09:00:00", "2017-03-01 09:12:00.000"),
        ("2017-03-01 09:00", "2017-03-01 09:12"),
        ("2017-03-01T08:00:00Z", "2017-03-01T08:12:00Z"),
        ("2017-03-01T09:00:00+01:00", "2017-03-01T09:12:00+01:00"),
    ],
)
def test_times_in_a_csv(tmp_path: Path, arrived: str, served: str) -> None:
    file = tmp_path / "contacts.csv"
    file.write_text(f"id,arrived,served\n1,{arrived},{served}\n2,{arrived},\n", "utf-8")
    found = kpi.evaluate(wait(), file)["t"]
    assert (found.met, found.counted) == (1, 2)


@pytest.mark.parametrize("limit", ["1 day and 2 hours", "1 month and 5 minutes"])
def test_hours_and_minutes_stand_alone(limit: str) -> None:
    with pytest.raises(kpi.PlanError, match="accepted: hours and minutes alone"):
        wait(limit)


def test_an_average_is_in_days() -> None:
    with pytest.raises(kpi.PlanError, match="accepted: an average in years, months, weeks, days"):
        average("12 minutes")


# Limits that count backwards, S6


@pytest.mark.parametrize(
    ("limit", "half_served", "last"),
    [
        ("1 month before", "2022-05-15", "2022-04-15"),
        ("1 month before", "2022-03-31", "2022-02-28"),
        ("1 month before", "2024-03-31", "2024-02-29"),
        ("1 month before", "2022-03-28", "2022-02-28"),
        ("1 month before", "2022-01-01", "2021-12-01"),
        ("10 days before", "2022-01-05", "2021-12-26"),
        ("2 weeks before", "2022-01-05", "2021-12-22"),
        ("1 year before", "2024-02-29", "2023-02-28"),
        ("1 month and 3 days before", "2022-03-31", "2022-02-25"),
    ],
)
def test_a_limit_backwards(limit: str, half_served: str, last: str) -> None:
    day = dt.date.fromisoformat(last)
    frame = cases(
        {"due": half_served, "decided": last},
        {"due": half_served, "decided": str(day + dt.timedelta(1))},
        {"due": half_served, "decided": None},
    )
    target = within(limit, start="due", denominator="due", window={"since": last, "through": last})
    found = kpi.evaluate(plan(target), frame, "2024-12-31")
    trail = found.audit().collect()
    assert trail["met"].to_list() == [True, False, False]
    assert set(trail["due"]) == {day}


@pytest.mark.parametrize(
    ("mode", "due"),
    [("down", "2022-02-28"), ("up", "2022-03-01"), ("sticky", "2022-02-28"), ("refuse", None)],
)
def test_month_ends_backwards(mode: str, due: str | None) -> None:
    frame = cases({"due": "2022-03-30", "decided": "2022-02-28"})
    target = within("1 month before", start="due", month_end=mode, window="2022")
    (row,) = kpi.evaluate(plan(target), frame, "2022-12-31").audit().collect().to_dicts()
    assert row["due"] == (due and dt.date.fromisoformat(due))
    assert row["reason"] == (None if due else "refused month end")


def test_sticky_backwards_goes_from_month_end_to_month_end() -> None:
    frame = cases({"due": "2022-02-28", "decided": "2022-01-31"})
    target = within("1 month before", start="due", month_end="sticky", window="2022")
    (row,) = kpi.evaluate(plan(target), frame, "2022-12-31").audit().collect().to_dicts()
    assert row["due"] == dt.date(2022, 1, 31)


def test_backwards_knows_no_end_before_the_start_and_no_clock() -> None:
    assert one(within("1 month before", start="due"), cases()).verdict == "not_assessable"
    frame = cases(
        {"due": "2017-06-30", "decided": "2017-01-01"}, {"due": None, "decided": "2017-01-01"}
    )
    found = one(within("1 month before", start="due"), frame)
    assert (found.met, found.excluded) == (1, {"start missing": 1})
    with pytest.raises(kpi.PlanError):
        within("12 minutes before")


# By value


def by_type(**limits: str) -> dict[str, Any]:
    return {"by": "case_type", "limits": limits}


def test_a_limit_for_each_value() -> None:
    frame = cases(
        {"case_type": "visa", "filed": "2017-01-31", "decided": "2017-02-28"},
        {"case_type": "visa", "filed": "2017-01-31", "decided": "2017-03-01"},
        {"case_type": "asylum", "filed": "2017-01-31", "decided": "2017-03-01"},
        {"case_type": "asylum", "filed": "2017-01-31", "decided": "2017-03-02"},
        {"case_type": "passport", "filed": "2017-01-31", "decided": "2017-02-01"},
        {"case_type": None, "filed": "2017-01-31", "decided": "2017-02-01"},
    )
    found = one(within(by_type(visa="1 month", asylum="29 days")), frame)
    assert (found.met, found.counted, found.excluded) == (2, 4, {"limit missing": 2})
    refused = one(within(by_type(visa="1 month", asylum="29 days"), month_end="refuse"), frame)
    assert refused.excluded == {"limit missing": 2, "refused month end": 2}


def test_an_average_against_each_case_s_own_limit() -> None:
    frame = cases(
        {"case_type": "visa", "filed": "2017-01-31", "decided": "2017-03-01"},  # 29 of 28 days
        {"case_type": "asylum", "filed": "2017-01-31", "decided": "2017-03-01"},  # 29 of 30
    )
    assert one(average(by_type(visa="1 month", asylum="30 days")), frame).verdict == "met"
    assert one(average(by_type(visa="1 month", asylum="29 days")), frame).verdict == "missed"
    found = one(average(by_type(visa="1 month", asylum="30 days")), frame)
    assert (found.total, found.figures) == (58, {"allowed": 28 + 30})
    asked = plan(average(by_type(visa="1 month", asylum="30 days")))
    due = kpi.evaluate(asked, frame).audit().collect()["due"].to_list()
    assert due == [dt.date(2017, 2, 28), dt.date(2017, 3, 2)]


# Each on its own: no netting


def of_types(**counts: tuple[int, int]) -> pl.DataFrame:
    """Visa-like cases: of each type so many in time, so many late."""
    in_time = {"filed": "2017-01-01", "decided": "2017-01-02"}
    late = {"filed": "2017-01-01", "decided": "2017-12-01"}
    return cases(
        *(
            {"case_type": kind, **dates}
            for kind, (met, missed) in counts.items()
            for dates in [in_time] * met + [late] * missed
        )
    )


def each(found: kpi.TargetResult) -> dict[Any, tuple[int | None, int, str]]:
    return {e.group["case_type"]: (e.met, e.counted, e.verdict) for e in found.each}


def test_every_type_must_reach_it_on_its_own() -> None:
    target = within("1 month", each="case_type")
    found = one(target, of_types(a=(90, 0), b=(8, 2)))
    assert (found.met, found.counted, found.verdict) == (98, 100, "missed")
    assert each(found) == {"a": (90, 90, "met"), "b": (8, 10, "missed")}
    assert one(within("1 month"), of_types(a=(90, 0), b=(8, 2))).verdict == "met"
    assert one(target, of_types(a=(90, 0), b=(9, 1))).verdict == "met"


def test_a_type_without_a_limit_cannot_be_assessed() -> None:
    target = within(by_type(a="1 month", b="1 month", c="1 month"), each="case_type")
    found = one(target, of_types(a=(1, 0), strange=(1, 0)))
    assert each(found) == {
        "a": (1, 1, "met"),
        "strange": (0, 0, "not_assessable"),
        "b": (0, 0, "lapsed"),
        "c": (0, 0, "lapsed"),
    }
    assert found.verdict == "not_assessable"
    assert one(target, of_types(a=(1, 0))).verdict == "met"
    assert one(target, of_types(a=(0, 1), strange=(1, 0))).verdict == "missed"
    assert one(target, of_types()).verdict == "not_assessable"


def test_rows_without_a_type_are_a_part_too() -> None:
    frame = pl.concat(
        [of_types(a=(1, 0)), of_types(b=(0, 1)).with_columns(case_type=None, case_id=pl.lit("x"))]
    )
    found = one(within("1 month", each="case_type"), frame)
    assert each(found) == {"a": (1, 1, "met"), None: (0, 1, "missed")}


def test_merged_parts_and_break_downs() -> None:
    asked = plan(within("1 month", each="case_type"))
    frame = of_types(a=(3, 1), b=(2, 2)).with_columns(office=pl.Series(list("NNNSNSNS")))
    merged = kpi.finish(kpi.merge(*(kpi.partial(asked, frame[n::2]) for n in range(2))))["t"]
    assert each(merged) == each(kpi.evaluate(asked, frame)["t"])
    by_office = kpi.evaluate(asked, frame, by="office")["t"]
    assert [(g.group["office"], each(g)) for g in by_office.groups] == [
        ("N", {"a": (3, 3, "met"), "b": (1, 2, "missed")}),
        ("S", {"a": (0, 1, "missed"), "b": (1, 2, "missed")}),
    ]


# A file beside the plan

PLAN = """\
id = "siri"
period = "2017"
[tables.cases]
key = "case_id"
entry = "filed"
events = ["documented", "decided"]
[[targets]]
id = "t"
rule = "within"
each = "case_type"
start = "filed"
end = "decided"
limit = { file = "limits.csv", by = "case_type" }
"""


def with_limits(tmp_path: Path, text: str, extra: str = "") -> kpi.Plan:
    (tmp_path / "limits.csv").write_text(text, encoding="utf-8")
    (tmp_path / "plan.toml").write_text(PLAN + extra, encoding="utf-8")
    return kpi.load_plan(tmp_path / "plan.toml")


LIMITS = (
    "table,case_type,limit,threshold\ncases,a,30 days,90\ncases,b,1 month,50\ngrants,a,1 day,100\n"
)


def test_limits_and_thresholds_out_of_a_file(tmp_path: Path) -> None:
    made = with_limits(tmp_path, LIMITS)
    found = kpi.evaluate(made, of_types(a=(9, 1), b=(1, 1)))["t"]
    assert each(found) == {"a": (9, 10, "met"), "b": (1, 2, "met")}
    assert [e.threshold for e in found.each] == [90, 50]
    assert (found.threshold, found.verdict) == (None, "met")
    assert kpi.evaluate(made, of_types(a=(8, 2), b=(9, 1)))["t"].verdict == "missed"
    assert kpi.dump_plan(made) == (tmp_path / "plan.toml").read_text("utf-8").replace(
        "[tables", "\n[tables"
    ).replace("[[targets", "\n[[targets")


def test_a_file_without_thresholds_leaves_it_to_the_plan(tmp_path: Path) -> None:
    text = "table,case_type,limit\ncases,a,30 days\n"
    made = with_limits(tmp_path, text, "threshold = 50\n")
    assert kpi.evaluate(made, of_types(a=(1, 1)))["t"].verdict == "met"
    with pytest.raises(kpi.PlanError, match="target t, threshold: missing"):
        with_limits(tmp_path, text)


@pytest.mark.parametrize(
    ("text", "extra", "message"),
    [
        ("table,case_typ,limit\n", "", "no column table, case_type, limit"),
        ("table,case_typ,limit\ncases,a,1 day\n", "", "no column case_type (did you mean 'case_typ'?)"),
        ("table,case_type,limit\ngrants,a,1 day\n", "", "no row for the table cases"),
        ("table,case_type,limit\ncases,a,1 dya\n", "", "limits.csv:2: unknown unit 'dya'"),
        ("table,case_type,limit\ncases,a,1 day\ncases,a,2 days\n", "", "limits.csv:3: case_type 'a' is missing or stands twice"),
        ("table,case_type,limit,threshold\ncases,a,1 day,90\ncases,b,1 day,\n", "", "no threshold for b"),
        ("table,case_type,limit,threshold\ncases,a,1 day,900\n", "", "limits.csv:2: found 900"),
        (LIMITS, "threshold = 90\n", "the file of limits has thresholds of its own"),
    ],
)  # fmt: skip
def test_files_with_mistakes(tmp_path: Path, text: str, extra: str, message: str) -> None:
    with pytest.raises(kpi.PlanError) as caught:
        with_limits(tmp_path, text, extra)
    assert message in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1
    assert "plan.toml:1" in str(caught.value)


def test_an_average_takes_no_thresholds(tmp_path: Path) -> None:
    text = PLAN.replace("within", "average")
    (tmp_path / "limits.csv").write_text(LIMITS, encoding="utf-8")
    (tmp_path / "plan.toml").write_text(text, encoding="utf-8")
    with pytest.raises(kpi.PlanError, match="an average has none"):
        kpi.load_plan(tmp_path / "plan.toml")


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    (tmp_path / "plan.toml").write_text(PLAN, encoding="utf-8")
    with pytest.raises(kpi.PlanError, match=r"limits\.csv: cannot be read: No such file"):
        kpi.load_plan(tmp_path / "plan.toml")
    with pytest.raises(kpi.PlanError, match="load the plan from its file"):
        kpi.parse_plan(PLAN)
    with pytest.raises(kpi.PlanError, match="the name of a file beside the plan"):
        kpi.parse_plan(PLAN.replace("limits.csv", "../limits.csv"), beside=tmp_path)


# Limits and thresholds that change over time


def dated(column: str, first: Any, **since: Any) -> dict[str, Any]:
    days = {key.removeprefix("d").replace("_", "-"): value for key, value in since.items()}
    return {"dated": column, "first": first, "since": days}


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


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"dated": "decided", "first": "1 day"}, "accepted: { dated"),
        ({"dated": "decided", "first": "1 day", "since": {}}, "at least one date"),
        ({"dated": "decided", "first": "1 dya", "since": {"2017-07-01": "1 day"}}, "first: unknown unit"),
        ({"dated": "decided", "first": "1 day", "since": {"2017-02-30": "1 day"}}, "since: found '2017-02-30'"),
        ({"dated": "decided", "first": "1 day", "since": {"2017-07-01": "1 dya"}}, "since.2017-07-01: unknown unit"),
        ({"by": "case_type", "limits": {"a": "1 day", "b": "1 hour"}}, "accepted: one kind"),
        ({"by": "case_type", "limits": {}}, "at least one value"),
        ({"by": "case_type", "limits": {"a": "1 dya"}}, "limits.a: unknown unit 'dya'"),
        ({"by": 3, "limits": {"a": "1 day"}}, "accepted: a text such as"),
    ],
)  # fmt: skip
def test_limits_that_are_none(wrong: Any, message: str) -> None:
    with pytest.raises(kpi.PlanError) as caught:
        parse_limit(wrong)
    assert message in str(caught.value)


def test_the_column_of_a_limit_must_be_declared() -> None:
    with pytest.raises(kpi.PlanError, match="'decidde' is not a declared date of table cases"):
        plan(within(dated("decidde", "1 day", d2017_07_01="2 days")))
