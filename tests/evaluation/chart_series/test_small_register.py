"""The series of nine cases, worked out by hand (F50 to F54)."""

from __future__ import annotations

import datetime as dt
import json

import polars as pl
import pytest

import kpi
from tests.docs.test_schemas import FOLLOW_UP_SCHEMA, validator
from tests.evaluation.chart_series.small_register import AS_OF, CASES, PLAN, cases, points

COLUMNS = {
    "target": pl.String,
    "period": pl.String,
    "kind": pl.String,
    "value": pl.Float64,
    "low": pl.Float64,
    "high": pl.Float64,
    "n": pl.Int64,
    "mark": pl.String,
}


@pytest.fixture(scope="module")
def followed() -> kpi.FollowUp:
    return kpi.follow(PLAN, cases(), AS_OF, by="office", estimate=False)


def of(frame: pl.DataFrame, target: str) -> list[tuple[object, ...]]:
    """Return the points of a target, without it."""
    return frame.filter(target=target).drop("target").rows()


def test_f50_the_share_to_date_and_what_could_become_of_it(followed: kpi.FollowUp) -> None:
    # Open at the end of January are b and h, which are late, so that they can only lower the share;
    # in February h is, and d can be either; in March d and e are, and f and g can be either.
    assert of(followed.series.to_date, "share") == [
        ("2022-01", "status", 1.0, None, None, 1, "open"),
        ("2022-01", "met", 1.0, None, None, 1, None),
        ("2022-01", "certain", None, 0.0, 1.0, None, None),
        ("2022-01", "if no new case", None, 1 / 3, 1.0, None, None),
        ("2022-02", "status", 2 / 3, None, None, 3, "open"),
        ("2022-02", "met", 2.0, None, None, 3, None),
        ("2022-02", "certain", None, 0.0, 1.0, None, None),
        ("2022-02", "if no new case", None, 2 / 5, 3 / 4, None, None),
        ("2022-03", "status", 2 / 4, None, None, 4, "open"),
        ("2022-03", "met", 2.0, None, None, 4, None),
        ("2022-03", "certain", None, 0.0, 1.0, None, None),
        ("2022-03", "if no new case", None, 2 / 8, 4 / 6, None, None),
    ]


def test_f50_a_number_has_no_upper_bound_and_is_secured_once_reached(
    followed: kpi.FollowUp,
) -> None:
    # Decided in the year: a and i in January, then b and c, then h.
    assert of(followed.series.to_date, "number")[::3] == [
        ("2022-01", "status", 2.0, None, None, 2, "open"),
        ("2022-02", "status", 4.0, None, None, 4, "secured"),
        ("2022-03", "status", 5.0, None, None, 5, "secured"),
    ]
    bounds = followed.series.to_date.filter(target="number", kind="certain")
    assert bounds.select("low", "high").rows() == [(2, None), (4, None), (5, None)]


def test_f50_the_series_is_what_a_follow_up_of_each_month_end_says(followed: kpi.FollowUp) -> None:
    for day in ("2022-01-31", "2022-02-28"):
        then = kpi.follow(PLAN, cases(), day, estimate=False)
        ends = followed.series.to_date.filter(period=day[:7])
        for outlook in then:
            own = ends.filter(target=outlook.id)
            status = own.filter(kind="status").row(0, named=True)
            assert (status["value"], status["n"], status["mark"]) == (
                outlook.status.value,
                outlook.status.counted,
                outlook.verdict,
            )
            assert outlook.known is not None
            known = own.filter(kind="if no new case").row(0, named=True)
            told = [end for end in (outlook.known.worst, outlook.known.best) if end is not None]
            assert known["low"] == min(map(float, told))


def test_f51_the_value_of_each_month_by_end_date(followed: kpi.FollowUp) -> None:
    # Fewer than 12 months: no mean and no limits.
    assert of(followed.series.by_end, "share") == [
        ("2022-01", "month", 1.0, None, None, 1, None),
        ("2022-02", "month", 1 / 2, None, None, 2, None),
        ("2022-03", "month", 0.0, None, None, 1, None),
    ]
    assert [value for _, _, value in points(followed.series.by_end, "mean", "month")] == [
        7,
        (25 + 10) / 2,
        76,
    ]
    # A stock and a number have none (R4).
    assert set(followed.series.by_end["target"]) == {"share", "mean"}


def test_f52_intake_output_and_open_cases(followed: kpi.FollowUp) -> None:
    flow = followed.series.flow
    assert points(flow, "share", "intake", "output", "open", "open and late") == [
        (month, kind, value)
        for month, values in {
            "2021-12": (1, 0, 1, 1),
            "2022-01": (2, 1, 2, 2),
            "2022-02": (2, 2, 2, 1),
            "2022-03": (3, 1, 4, 2),
        }.items()
        for kind, value in zip(("intake", "output", "open", "open and late"), values, strict=True)
    ]
    assert points(flow, "share", "mean age", "90th percentile age") == [
        ("2021-12", "mean age", 16),
        ("2021-12", "90th percentile age", 16),
        ("2022-01", "mean age", (47 + 11) / 2),
        ("2022-01", "90th percentile age", 47),
        ("2022-02", "mean age", (75 + 7) / 2),
        ("2022-02", "90th percentile age", 75),
        ("2022-03", "mean age", (38 + 10 + 3 + 2) / 4),
        ("2022-03", "90th percentile age", 38),
    ]
    # Of 20 days only h and d are late, and a stock has no limit to be late by.
    assert [v for *_, v in points(flow, "mean", "open and late")] == [0, 1, 1, 1]
    assert not points(flow, "stock", "open and late")
    assert points(flow, "stock", "open") == points(flow, "share", "open")
    assert not points(flow, "number", "open")


def test_f53_open_cases_by_weeks_after_and_until_due(followed: kpi.FollowUp) -> None:
    weeks = followed.series.weeks_to_due.filter(target="share")
    assert weeks.height == 2 * 27
    assert weeks["value"].sum() == 4
    # d was due 28 days ago; the due day of e is over; f is due in 7 days, g in 8.
    assert weeks.filter(pl.col("n") > 0).select("period", "kind", "n").rows() == [
        ("5", "after due", 1),
        ("1", "after due", 1),
        ("1", "until due", 1),
        ("2", "until due", 1),
    ]
    assert weeks["period"].to_list()[:2] == ["over 26", "26"]
    assert weeks["period"].to_list()[26:28] == ["1", "1"]
    assert weeks["period"].to_list()[-1] == "over 26"
    assert set(followed.series.weeks_to_due["target"]) == {"share", "mean"}


@pytest.mark.parametrize(
    ("as_of", "bins"),
    [
        # Filed on 28 March and due on 7 April: 7 x 26 days after it, and one more.
        ("2022-10-05", {("26", "after due"): 1}),
        ("2022-10-06", {("over 26", "after due"): 1}),
        ("2022-04-06", {("1", "until due"): 1}),
        ("2022-04-07", {("1", "after due"): 1}),
        ("2022-04-13", {("1", "after due"): 1}),
        ("2022-04-14", {("2", "after due"): 1}),
    ],
)
def test_f53_the_ends_of_the_weeks(as_of: str, bins: dict[tuple[str, str], int]) -> None:
    found = kpi.follow(PLAN.only("share"), cases().filter(case_id="f"), as_of, estimate=False)
    weeks = found.series.weeks_to_due.filter(pl.col("n") > 0)
    assert dict(zip(weeks.select("period", "kind").rows(), weeks["n"], strict=True)) == bins


def test_f54_fixed_columns_in_every_series_and_one_frame_of_all(followed: kpi.FollowUp) -> None:
    series = followed.series
    frames = (series.to_date, series.by_end, series.flow, series.weeks_to_due)
    assert all(dict(frame.schema) == COLUMNS for frame in frames)
    assert series.frame.height == sum(frame.height for frame in frames)
    assert series.frame.columns == ["series", *COLUMNS]
    names = series.frame["series"].unique(maintain_order=True).to_list()
    assert names == ["to_date", "by_end", "flow", "weeks_to_due"]
    grouped = followed.group_series
    assert grouped.flow.columns == ["target", "office", *list(COLUMNS)[1:]]


def test_f54_groups_add_up_to_all_cases(followed: kpi.FollowUp) -> None:
    whole, groups = followed.series, followed.group_series
    for name, kinds in (
        ("flow", ("intake", "output", "open", "open and late")),
        ("weeks_to_due", ("until due", "after due")),
        ("to_date", ("met",)),
    ):
        by = ["target", "period", "kind"]
        counts = [
            getattr(series, name)
            .filter(pl.col("kind").is_in(kinds))
            .group_by(by)
            .agg(pl.col("value").sum())
            .filter(pl.col("value") > 0)
            .sort(by)
            for series in (whole, groups)
        ]
        assert counts[0].equals(counts[1])
    # Of north a, b and d: a in January, b late in February.
    ended = groups.by_end.filter(target="share", office="north")
    assert ended.select("period", "value").rows() == [
        ("2022-01", 1.0),
        ("2022-02", 0.0),
        ("2022-03", None),
    ]
    alone = kpi.follow(PLAN, cases(), AS_OF, estimate=False).group_series
    assert alone.frame.height == 0
    assert alone.notes == ()


def test_the_json_has_the_series(followed: kpi.FollowUp) -> None:
    data = json.loads(followed.to_json())
    validator(FOLLOW_UP_SCHEMA).validate(data)
    found, frame = data["series"], followed.series.flow
    assert [list(point.values()) for point in found["flow"]] == [list(row) for row in frame.rows()]
    assert data["group_series"]["flow"][0]["group"] == {"office": "north"}
    assert found["note_codes"] == ["series-rebuilt"]
    wrong = {**found, "flow": [{**found["flow"][0], "kind": "certain"}]}
    assert not validator(FOLLOW_UP_SCHEMA).is_valid({**data, "series": wrong})
    bare = followed.to_dict(series=False)
    assert (bare["series"], bare["group_series"]) == (None, None)
    validator(FOLLOW_UP_SCHEMA).validate(bare)


def test_a_month_that_is_not_over_is_named_by_its_days() -> None:
    found = kpi.follow(PLAN.only("share"), cases(), "2022-03-30", estimate=False).series
    assert found.flow["period"].unique(maintain_order=True).to_list() == [
        "2021-12",
        "2022-01",
        "2022-02",
        "2022-03-01 to 2022-03-30",
    ]
    assert found.by_end.rows()[-1] == (
        *("share", "2022-03-01 to 2022-03-30", "month", 0.0, None, None, 1),
        "part of a month",
    )
    # On 30 March e is not due yet.
    assert points(found.flow, "share", "open and late")[-1][2] == 1


def test_f2_nothing_of_after_the_day_changes_a_series() -> None:
    before = kpi.follow(PLAN, cases(), "2022-02-28", estimate=False).series.frame
    later = cases().with_columns(
        pl.when(pl.col("case_id") == "d")
        .then(dt.date(2022, 3, 5))
        .otherwise("decided")
        .alias("decided")
    )
    assert kpi.follow(PLAN, later, "2022-02-28", estimate=False).series.frame.equals(before)
    assert "2022-03" not in set(before["period"])


def test_the_months_before_the_first_date_are_left_out() -> None:
    late = CASES.replace("2021-12-15", "2022-02-15").replace("i,south,,2022-01-05\n", "")
    late = "\n".join(line for line in late.splitlines() if not line.startswith(("a,", "b,")))
    frame = pl.read_csv(late.encode(), try_parse_dates=True)
    found = kpi.follow(PLAN, frame, AS_OF, estimate=False).series
    assert set(found.to_date["period"]) == {"2022-02", "2022-03"}
    assert found.flow["period"].min() == found.by_end["period"].min() == "2022-02"
    # Nor does a case that is filed later bring an earlier month, whatever its dates (H13).
    hidden = pl.DataFrame(
        [("z", "south", dt.date(2022, 4, 1), dt.date(2022, 1, 2))], frame.schema, orient="row"
    )
    more = kpi.follow(PLAN, pl.concat([frame, hidden]), AS_OF, estimate=False).series
    assert more.frame.equals(found.frame)


WINDOWS = """
id = "windows"
period = "2022"
[tables.cases]
key = "case_id"
entry = "filed"
events = ["decided"]
"""
TARGET = """
[[targets]]
id = "{name}"
rule = "within"
window = "{window}"
start = "filed"
end = "decided"
limit = "10 days"
threshold = 60
"""


def test_f50_only_the_months_of_the_window_that_have_begun() -> None:
    targets = [TARGET.format(name=name, window=name) for name in ("2022-01", "2022-02", "2022-Q2")]
    plan = kpi.parse_plan(WINDOWS + "".join(targets))
    found = kpi.follow(plan, cases().filter(pl.col("case_id") != "i"), AS_OF, estimate=False)
    to_date = found.series.to_date
    # What is over is final, without bounds; of January only a was decided in it.
    assert of(to_date, "2022-01") == [
        ("2022-01", "status", 1.0, None, None, 1, "met"),
        ("2022-01", "met", 1.0, None, None, 1, None),
    ]
    assert [row[0] for row in of(to_date, "2022-02")] == ["2022-02"] * 2
    assert of(to_date, "2022-Q2") == []
    # Its cases are there all the same.
    assert points(found.series.flow, "2022-Q2", "open")[-1] == ("2022-03", "open", 4)


def test_f50_nothing_that_is_known_can_be_counted() -> None:
    # Whatever is filed or open by 31 January was decided by then.
    plan = kpi.parse_plan(WINDOWS + TARGET.format(name="1", window="2022-02"))
    frame = cases().filter(case_id="a")
    found = kpi.follow(plan, frame, "2022-02-10", estimate=False).series.to_date
    assert of(found, "1")[2:] == [
        ("2022-02-01 to 2022-02-10", "certain", None, 0.0, 1.0, None, None),
        ("2022-02-01 to 2022-02-10", "if no new case", None, None, None, None, "nothing counted"),
    ]


def test_f52_a_case_that_ends_on_the_first_day_of_all_months_goes_out() -> None:
    # 24 months to March 2022 begin on 1 April 2020.
    frame = pl.DataFrame(
        {
            "case_id": ["x", "y"],
            "filed": [dt.date(2020, 3, 1), dt.date(2020, 3, 1)],
            "decided": [dt.date(2020, 4, 1), dt.date(2020, 3, 31)],
        }
    )
    flow = kpi.follow(PLAN.only("share"), frame, AS_OF, estimate=False).series.flow
    assert points(flow, "share", "intake", "output", "open")[:4] == [
        ("2020-04", "intake", 0),
        ("2020-04", "output", 1),
        ("2020-04", "open", 0),
        ("2020-05", "intake", 0),
    ]
    # Without open cases they have no age.
    assert points(flow, "share", "mean age", "90th percentile age")[:2] == [
        ("2020-04", "mean age", None),
        ("2020-04", "90th percentile age", None),
    ]
