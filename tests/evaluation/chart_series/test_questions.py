"""What is asked of each kind of target, and of tables that are not cases alone (F51 to F53)."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import polars as pl
import pytest

import kpi
from kpi.evaluation.chart_series.questions import months_back
from tests.builders import asked, facts
from tests.evaluation.chart_series.small_register import points
from tests.tables.event_log.test_declared_log import (
    CASES_ONLY,
    DATES,
    LAST,
    of_log,
    reopened_log,
)

TABLE = """
id = "kinds"
period = "2022"
[tables.cases]
key = "case_id"
entry = "filed"
events = ["decided"]
{dates}
[[targets]]
id = "1"
start = "{start}"
end = "decided"
{keys}
"""


def plan(keys: str, *, start: str = "filed", dates: str = "") -> kpi.Plan:
    """A plan of one target."""
    return kpi.parse_plan(TABLE.format(keys=keys, start=start, dates=dates))


def cases(**more: list[object]) -> pl.DataFrame:
    """Two cases: a ended after 9 days, b is open."""
    dates = {
        "filed": [dt.date(2022, 1, 3), dt.date(2022, 2, 1)],
        "decided": [dt.date(2022, 1, 12), None],
    }
    return pl.DataFrame({"case_id": ["a", "b"], **dates, **more})


def series(of: kpi.Plan, frame: pl.DataFrame, as_of: str = "2022-02-28") -> kpi.FollowUp:
    """The follow-up of a plan, without estimates."""
    return kpi.follow(of, frame, as_of, estimate=False)


@pytest.mark.parametrize(
    ("keys", "by_end", "late"),
    [
        ('rule = "within"\nlimit = "10 days"\nthreshold = 50', [1.0, None], [0, 1]),
        (
            'rule = "within"\nlimit = "10 days"\nthreshold = 50\ndenominator = "due"',
            [1.0, None],
            [0, 1],
        ),
        ('rule = "within"\nlimit = "10 days"\nlate = { at_most = 1 }', [1.0, None], [0, 1]),
        (
            'rule = "within"\nlimit = "1 month"\nthreshold = 50\nevery = "quarter"',
            [1.0, None],
            [0, 0],
        ),
        (
            'rule = "within"\nlimit = { by = "kind", limits = { x = "5 days" } }\nthreshold = 50',
            [0.0, None],
            [0, 1],
        ),
        (
            'rule = "within"\nlimit = "10 days"\ndenominator = "open"\nat = { end_of = "2022" }',
            None,
            [0, 1],
        ),
        ('rule = "average"\nlimit = "27 days"', [9.0, None], [0, 1]),
        ('rule = "average"\nlimit = "28 days"', [9.0, None], [0, 0]),
        ('rule = "average"', [9.0, None], None),
        ('rule = "average"\nlimit = "7 days"\nfastest = 90', [9.0, None], [0, 1]),
        ('rule = "percentile"\npercentile = 90\nlimit = "7 days"', [9.0, None], [0, 1]),
        ('rule = "flow"\nlimit = "7 days"', None, [0, 1]),
        ('rule = "flow"', None, None),
        ('rule = "stock"\nat = { end_of = "2022" }\nlevel = { at_most = 3 }', None, None),
        (
            'rule = "clearance"\nopen_at = { start_of = "2022" }\ndeadline = { through = 2022-12-31 }\nthreshold = 90',
            None,
            None,
        ),
    ],
)
def test_what_is_asked_of_each_kind(
    keys: str, by_end: list[float | None] | None, late: list[int] | None
) -> None:
    found = series(plan(keys), cases(kind=["x", "x"])).series
    assert [value for _, _, value in points(found.by_end, "1", "month")] == (by_end or [])
    assert [value for _, _, value in points(found.flow, "1", "open")] == [0, 1]
    assert [value for _, _, value in points(found.flow, "1", "open and late")] == (late or [])
    assert found.weeks_to_due.filter(pl.col("n") > 0).height == (1 if late else 0)


def test_a_share_of_rows_by_the_date_that_it_is_about() -> None:
    text = TABLE.replace('start = "{start}"\nend = "decided"\n', "")
    share = kpi.parse_plan(
        text.format(
            keys='rule = "share"\non = "filed"\nhaving = { kind = "x" }\nthreshold = 50', dates=""
        )
    )
    found = series(share, cases(kind=["x", "y"])).series
    assert points(found.by_end, "1", "month") == [
        ("2022-01", "month", 1.0),
        ("2022-02", "month", 0.0),
    ]
    assert found.flow.height == found.weeks_to_due.height == 0


def test_a_limit_counted_backwards_has_no_open_cases() -> None:
    # Announced at the latest a day before a planned start: no case is open after that.
    dates = 'dates = ["planned"]'
    before = plan(
        'rule = "within"\nlimit = "1 day before"\nthreshold = 50', start="planned", dates=dates
    )
    frame = cases(planned=[dt.date(2022, 1, 20), dt.date(2022, 3, 1)])
    found = series(before, frame).series
    assert points(found.by_end, "1", "month") == [
        ("2022-01", "month", 1.0),
        ("2022-02", "month", None),
    ]
    assert found.flow.height == found.weeks_to_due.height == 0


def test_a_rule_about_days_or_facts_has_none_but_the_value_to_date() -> None:
    text = TABLE.replace('start = "{start}"\nend = "decided"\n', "")
    count = kpi.parse_plan(
        text.format(keys='rule = "count"\non = "filed"\nrequires = { at_least = 1 }', dates="")
    )
    found = series(count, cases()).series
    assert set(found.frame["series"]) == {"to_date"}


PAUSED = """
id = "paused"
period = "2022"
[tables.cases]
key = "case_id"
entry = "filed"
events = ["decided"]
[tables.waits]
pauses = "cases"
key = "case_id"
entry = "since"
events = "until"
[[targets]]
id = "1"
rule = "within"
start = "filed"
end = "decided"
limit = "10 days"
pauses = ["waits"]
threshold = 50
"""


def test_s14_pauses_move_the_due_date_and_one_that_runs_leaves_none() -> None:
    frame = pl.DataFrame(
        {
            "case_id": ["a", "b", "c"],
            "filed": [dt.date(2022, 2, 1)] * 3,
            "decided": pl.Series([None] * 3, dtype=pl.Date),
        }
    )
    waits = pl.DataFrame(
        {
            "case_id": ["b", "c"],
            "since": [dt.date(2022, 2, 2), dt.date(2022, 2, 5)],
            "until": [dt.date(2022, 2, 22), None],
        }
    )
    plan = kpi.parse_plan(PAUSED)
    found = kpi.follow(plan, {"cases": frame, "waits": waits}, "2022-02-28", estimate=False).series
    # a was due on 11 February, 17 days ago; b has some 20 days more; c waits still.
    weeks = found.weeks_to_due.filter(pl.col("n") > 0)
    assert weeks.select("period", "kind", "n").rows() == [
        ("3", "after due", 1),
        ("1", "until due", 1),
        ("", "no due date yet", 1),
    ]
    assert points(found.flow, "1", "open", "open and late") == [
        ("2022-02", "open", 3),
        ("2022-02", "open and late", 1),
    ]
    # Without the table of pauses nothing can be said of the cases.
    bare = kpi.follow(plan, {"cases": frame}, "2022-02-28", estimate=False).series
    assert bare.flow.height == 0


def test_the_months_that_a_series_goes_back() -> None:
    def window(day: dt.date) -> tuple[dt.date, dt.date]:
        return months_back(day).closed

    assert window(dt.date(2022, 6, 30)) == (dt.date(2020, 7, 1), dt.date(2022, 6, 30))
    assert window(dt.date(2022, 6, 15)) == (dt.date(2020, 7, 1), dt.date(2022, 6, 15))
    assert window(dt.date(2022, 12, 31)) == (dt.date(2021, 1, 1), dt.date(2022, 12, 31))
    assert window(dt.date(1, 2, 1)) == (dt.date(1, 1, 1), dt.date(1, 2, 1))


def test_groups_of_a_table_that_lacks_the_column() -> None:
    text = (
        PAUSED.replace('pauses = ["waits"]\n', "")
        + """
[tables.others]
key = "other_id"
entry = "filed"
events = ["decided"]
[[targets]]
id = "2"
table = "others"
rule = "average"
start = "filed"
end = "decided"
"""
    )
    others = cases(office=["x", None]).rename({"case_id": "other_id"})
    tables = {"cases": cases(), "others": others}
    found = kpi.follow(kpi.parse_plan(text), tables, "2022-02-28", by="office", estimate=False)
    flow = found.group_series.flow.filter(kind="open", period="2022-02")
    assert flow.select("target", "office", "value").rows() == [
        ("1", None, 1.0),
        ("2", "x", 0.0),
        ("2", None, 1.0),
    ]


def test_each_value_with_a_limit_and_a_threshold_of_its_own(tmp_path: Path) -> None:
    """Of x 5 days for 50 per cent, of y 30 days for 90: one figure of all, and each its due date."""
    (tmp_path / "limits.csv").write_text(
        "table,kind,limit,threshold\ncases,x,5 days,50\ncases,y,30 days,90\n"
    )
    keys = 'rule = "within"\neach = "kind"\nlimit = { by = "kind", file = "limits.csv" }'
    own = kpi.parse_plan(TABLE.format(keys=keys, start="filed", dates=""), beside=tmp_path)
    found = series(own, cases(kind=["x", "y"])).series
    # a, of x, took 9 days; b, of y, is due on 3 March, 3 days ahead.
    assert points(found.by_end, "1", "month")[0] == ("2022-01", "month", 0.0)
    assert points(found.flow, "1", "open and late")[-1] == ("2022-02", "open and late", 0)
    assert found.weeks_to_due.filter(pl.col("n") > 0).select("period", "kind").rows() == [
        ("1", "until due")
    ]


def test_s8_only_a_limit_of_each_case_is_rolled() -> None:
    # Filed on Tuesday 1 February and due on Friday 11; 12 days are up on Sunday 13, so that a rolled
    # due day is Monday 14 February.
    rolled = TABLE.replace('period = "2022"', 'period = "2022"\nroll = "next working day"')
    for keys, late in (
        ('rule = "within"\nlimit = "12 days"\nthreshold = 50', 0),
        ('rule = "average"\nlimit = "12 days"', 1),
        ('rule = "within"\nlimit = "12 days"\nthreshold = 50\nroll = "none"', 1),
    ):
        plan = kpi.parse_plan(rolled.format(keys=keys, start="filed", dates=""))
        found = series(plan, cases(), "2022-02-13").series
        assert points(found.flow, "1", "open and late")[-1][2] == late


def test_s3_a_limit_in_hours_has_due_days_too() -> None:
    for keys in (
        'rule = "within"\nlimit = "48 hours"\nthreshold = 50',
        'rule = "average"\nlimit = "48 hours"',
    ):
        frame = cases().with_columns(pl.col("filed", "decided").cast(pl.Datetime("us")))
        found = series(plan(keys), frame, "2022-02-02").series
        # Filed at 0 o'clock on 1 February, the two days are up at 0 o'clock on the 3rd.
        weeks = found.weeks_to_due.filter(pl.col("n") > 0)
        assert weeks.select("period", "kind").rows() == [("1", "until due")]
        later = series(plan(keys), frame, "2022-02-03").series
        assert later.weeks_to_due.filter(pl.col("n") > 0)["kind"].to_list() == ["after due"]


def test_months_whose_table_may_have_been_another_are_left_out(tmp_path: Path) -> None:
    """The last decision of a case may have been an earlier one before (S13)."""
    path = of_log(tmp_path, reopened_log(), LAST)
    found = kpi.follow(CASES_ONLY, path, "2022-06-30", estimate=False).series
    assert set(found.to_date["period"]) == {"2022-06"}
    assert [note.code for note in found.notes] == ["series-rebuilt", "series-months-left-out"]
    assert str(found.notes[1]).startswith(
        "the values to date of 2022-01-31 to 2022-05-31 are left out"
    )
    first_ones = of_log(tmp_path, reopened_log(), DATES)
    found = kpi.follow(CASES_ONLY, first_ones, "2022-06-30", estimate=False).series
    assert found.to_date["period"].n_unique() == 6


@pytest.mark.parametrize("left_out", [[], ["done"]])
def test_a_fact_that_somebody_reports_has_a_status_and_no_months(left_out: list[str]) -> None:
    target = kpi.Reported(id="t", requires={"at_least": 7})
    table = kpi.Table("reported", key="target")
    plan = (
        asked(target)
        if not left_out
        else kpi.Plan(id="p", period="2017", tables=[table], targets=[target])
    )
    extract = {"reported": facts({"target": "t", "value": 7}).drop(left_out)}
    found = kpi.follow(plan, extract, "2017-06-30", estimate=False).series
    # No date says since when it was known.
    assert found.to_date.select("period", "kind", "value").rows()[0] == ("2017-06", "status", 7.0)
    assert set(found.frame["series"]) == {"to_date"}
    assert set(found.to_date["period"]) == {"2017-06"}
