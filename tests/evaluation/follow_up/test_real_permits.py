"""The worked example on real cases: permits decided within eight weeks, as of 2011-09-30 (H9).

The figures stand in the specification, where they were worked out without `kpi`.
"""

from __future__ import annotations

from fractions import Fraction

import polars as pl
import pytest

import kpi
from kpi.results.possible import Counts
from tests.real_data import data

TARGET = """
[[targets]]
id = "{id}"
rule = "{rule}"
start = "filed"
end = "decided"
{more}
"""
PLAN = """
id = "receipts"
period = "2011"
time_zone = "Europe/Amsterdam"

[tables.cases]
key = "case_id"
entry = "filed"
events = ["documented", "decided"]
"""
WITHIN = 'limit = "56 days"\nthreshold = {threshold}\ndenominator = "{denominator}"'


def plan() -> kpi.Plan:
    """The plan of the worked example."""
    more = [
        *(
            (name, "within", WITHIN.format(denominator=name, threshold=60))
            for name in ("closed", "cohort", "overdue", "due", "settled")
        ),
        ("at 65", "within", WITHIN.format(denominator="closed", threshold=65)),
        ("at 90", "within", WITHIN.format(denominator="closed", threshold=90)),
        ("average", "average", 'limit = "60 days"'),
        ("fastest", "average", 'limit = "60 days"\nfastest = 95'),
        (
            "clearance",
            "clearance",
            'open_at = { start_of = "2011" }\ndeadline = { through = 2011-12-31 }\nthreshold = 90',
        ),
    ]
    targets = [TARGET.format(id=name, rule=rule, more=text) for name, rule, text in more]
    return kpi.parse_plan(PLAN + "".join(targets))


@pytest.fixture(scope="module")
def followed() -> kpi.FollowUp:
    file = data("receipt.parquet")
    return kpi.follow(plan(), pl.read_parquet(file), "2011-09-30")


@pytest.mark.parametrize(
    ("target", "status", "worst", "best"),
    [
        ("closed", (550, 893), (550, 1069), (641, 984)),
        ("cohort", (463, 854), (463, 854), (554, 854)),
        ("overdue", (463, 763), (463, 854), (554, 854)),
        ("due", (560, 965), (583, 1079), (674, 1079)),
        ("settled", (550, 955), (550, 1047), (641, 1047)),
        ("clearance", (210, 215), (210, 215), (215, 215)),
    ],
)
def test_shares_without_new_cases(
    followed: kpi.FollowUp, target: str, status: Counts, worst: Counts, best: Counts
) -> None:
    outlook = followed[target]
    assert (outlook.status.met, outlook.status.counted) == status
    assert outlook.known is not None
    assert (outlook.known.worst_of, outlook.known.best_of) == (worst, best)
    assert outlook.sharp
    assert not outlook.may_be_empty


def test_undetermined_cases(followed: kpi.FollowUp) -> None:
    assert followed["overdue"].status.undetermined == 91
    assert followed["settled"].status.undetermined == 92


def test_the_mean(followed: kpi.FollowUp) -> None:
    mean = followed["average"]
    assert (mean.status.total, mean.status.counted) == (54_296, 893)
    assert mean.known is not None
    assert (mean.known.worst, mean.known.best) == (
        Fraction(81_122, 1069),
        Fraction(55_891, 984),
    )
    # 60 days for each of 893 cases, less the days that they took.
    assert mean.slack == (60 * 893 - 54_296, -16_982, 3_156)


def test_the_mean_of_the_fastest(followed: kpi.FollowUp) -> None:
    known = followed["fastest"].known
    assert known is not None
    assert known.worst is not None
    assert known.best is not None
    assert (round(float(known.best), 3), round(float(known.worst), 3)) == (50.564, 67.361)


def test_need_and_room(followed: kpi.FollowUp) -> None:
    assert [followed[name].need for name in ("closed", "at 65", "at 90")] == [0, 87, 2_537]
    assert [followed[name].room for name in ("closed", "at 65", "at 90")] == [23, 0, 0]
    assert [followed[name].price for name in ("closed", "at 65", "at 90")] == [
        Fraction(3, 2),
        Fraction(13, 7),
        9,
    ]


def test_new_cases_can_help_and_hurt_a_share_of_the_decided(followed: kpi.FollowUp) -> None:
    # Filed on 1 October and due on 26 November, a new case can be late; on its day, in time.
    closed = followed["closed"]
    assert closed.newcomers is not None
    assert (closed.newcomers.can_help, closed.newcomers.can_hurt) == (True, True)
    assert closed.possible is not None
    assert (closed.possible.worst, closed.possible.best) == (Fraction(0), Fraction(1))
    assert closed.verdict == "open"


def test_the_clearance_is_secured(followed: kpi.FollowUp) -> None:
    # Its cases are those of the start of the year: no new one joins them, and 210 of 215 are ended.
    clearance = followed["clearance"]
    assert clearance.newcomers is not None
    assert (clearance.newcomers.can_help, clearance.newcomers.can_hurt) == (False, False)
    assert clearance.possible == clearance.known
    assert clearance.verdict == "secured"


def test_the_open_cases_in_the_series() -> None:
    """91 can still be in time and 85 are late; 215 were open when the year began (F52, F53)."""
    file = data("receipt.parquet")
    one = plan().only("closed")
    series = kpi.follow(one, pl.read_parquet(file), "2011-09-30", estimate=False).series
    weeks = series.weeks_to_due.group_by("kind").agg(pl.col("n").sum())
    assert dict(weeks.iter_rows()) == {"until due": 91, "after due": 85}
    flow = series.flow.pivot("kind", index="period", values="value")
    assert flow.filter(period="2010-12")["open"].item() == 215
    assert flow.filter(period="2011-09").select("open", "open and late").row(0) == (176, 85)
    # Of the 893 cases that ended in the year 550 were in time.
    ended = series.by_end.filter(pl.col("period") >= "2011", kind="month")
    assert ended["n"].sum() == 893
    assert round((ended["value"] * ended["n"]).sum()) == 550
