"""Verdicts that rejected rows could turn."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

import kpi
from tests.commands import HEADER, outcome

pytestmark = pytest.mark.usefixtures("here")


@pytest.mark.parametrize(
    ("met", "late", "bad", "hangs"),
    [
        (9, 1, 0, False),  # 90 %, and nothing rejected
        (9, 1, 1, True),  # met; 9 of 11 is 81.8 %
        (10, 0, 1, False),  # met; 10 of 11 is still 90.9 %
        (10, 0, 2, True),  # met; 10 of 12 is 83.3 %
        (8, 2, 9, False),  # missed; 17 of 19 is 89.5 %
        (8, 2, 10, True),  # missed; 18 of 20 is 90 %
    ],
)
def test_a_verdict_that_rejected_rows_could_turn_says_so(
    met: int, late: int, bad: int, *, hangs: bool
) -> None:
    days = ["2017-02-01"] * met + ["2017-02-02"] * late + ["?"] * bad
    rows = "".join(f"a{n},visa,2017-01-01,{day}\n" for n, day in enumerate(days))
    found = outcome(HEADER + rows)
    assert found["targets"][0]["verdict"] == ("met" if met >= 9 else "missed")
    note = (
        f"1: the verdict hangs on the rejected rows of cases: at most {bad} of them would count, "
        "and with them it could be the other one"
    )
    assert (note in found["notes"]) == hangs
    assert any("hangs" in n for n in found["notes"]) == hangs


def test_no_rejected_row_turns_what_cannot_be_assessed() -> None:
    assert not [
        n for n in outcome(HEADER + ",visa,2017-01-01,2017-01-02\n")["notes"] if "hangs" in n
    ]


BEGIN = 'id = "p"\nperiod = "2022"\n[tables.cases]\nkey = "case_id"\nentry = "filed"\nevents = ["decided"]\n[[targets]]\nid = "1"\nstart = "filed"\nend = "decided"\n'  # fmt: skip
AVERAGE = 'rule = "average"\nlimit = "10 days"\n'
MONTHS = 'rule = "average"\nlimit = "1 month"\n'
FASTEST = AVERAGE + "fastest = 50\n"
MEDIAN = 'rule = "percentile"\npercentile = 50\nlimit = "10 days"\n'
CLEARANCE = 'rule = "clearance"\ndeadline = { through = 2022-06-30 }\nthreshold = 50\n'
LEVEL = 'rule = "stock"\nat = { end_of = "2022" }\nlevel = { at_most = 2 }\n'
CHANGE = 'rule = "stock"\nat = { end_of = "2022" }\nagainst = { end_of = "2021" }\nchange = { at_most = -50 }\n'
RATE = 'rule = "flow"\nrequires = { at_least = 100 }\n'
AGES = 'rule = "flow"\nindicator = "median_age"\nrequires = { at_most = 100 }\n'
DAILY = 'rule = "every_working_day"\nlimit = "3 days"\nwindow = { since = 2022-06-01, through = 2022-06-02 }\n'
COUNT = 'rule = "count"\non = "filed"\nrequires = { at_least = 3, at_most = 4 }\n'
PROPERTY = 'rule = "share"\non = "filed"\nhaving = { decided = { in = "2022" } }\nthreshold = 60\n'

# Days from 1 June; None is open. Worked out by hand: what one more row, or so many, could make of it.
HANGS: dict[str, tuple[str, list[int | None], int, str, bool]] = {
    "an average that one more could raise": (AVERAGE, [10, 10], 1, "met", True),
    "an average far below, one more": (AVERAGE, [1] * 9, 1, "met", True),
    "an average with nothing rejected": (AVERAGE, [1] * 9, 0, "met", False),
    "an average that one at once brings down": (AVERAGE, [15, 15], 1, "missed", True),
    "an average that one at once leaves above": (AVERAGE, [15, 16], 1, "missed", False),
    "an average in months that one brings down": (MONTHS, [31, 31], 1, "missed", True),
    "an average in months far above": (MONTHS, [200, 200], 1, "missed", False),
    # The fastest 2 of 3: 5 and 10.
    "the fastest, one late more": (FASTEST, [5, 10], 1, "met", False),
    "the fastest, two late more": (FASTEST, [5, 16], 2, "met", True),
    # The fastest 2 of 4: at once and 14.
    "the fastest of which one is late": (FASTEST, [14, 14, 14], 1, "missed", True),
    "the fastest that are all late": (FASTEST, [30, 30, 30], 1, "missed", False),
    # The median of 3 is the second, of 4 the second, of 5 the third.
    "a median, one more": (MEDIAN, [5, 10, 90], 1, "met", False),
    "a median, two more": (MEDIAN, [5, 10, 90], 2, "met", True),
    "a median above, one more": (MEDIAN, [5, 11, 12], 1, "missed", True),
    "a median far above, one more": (MEDIAN, [11, 11, 11], 1, "missed", False),
    "a median far above, three more": (MEDIAN, [11, 11, 11], 3, "missed", True),
    "a cohort, one open more": (CLEARANCE, [1, None], 1, "met", True),
    "a cohort, one open more of four": (CLEARANCE, [1, 1, 1], 1, "met", False),
    "a cohort too slow, one ended more": (CLEARANCE, [1, None, None], 1, "missed", True),
    "a cohort much too slow": (CLEARANCE, [None] * 4, 1, "missed", False),
    "a stock that is full": (LEVEL, [None, None], 1, "met", True),
    "a stock with room": (LEVEL, [None], 1, "met", False),
    "a stock above": (LEVEL, [None] * 3, 5, "missed", False),
    "a rate that one open more would lower": (RATE, [1, 1], 1, "met", True),
    "a rate that one old case ended would raise": (RATE, [1, None], 1, "missed", True),
    "a rate that is far away": (RATE, [1, None, None], 1, "missed", False),
    # Of those open on 31 December, 213 days after 1 June.
    "ages that one young more halves": (AGES, [None], 1, "missed", True),
    "ages that one young more leaves": (AGES, [None, None], 1, "missed", False),
    "days that are all in time": (DAILY, [1, 2], 1, "met", True),
    "days of which one is late": (DAILY, [1, 9], 3, "missed", False),
    "a count below, one more": (COUNT, [1, 1], 1, "missed", True),
    "a count far below": (COUNT, [1], 1, "missed", False),
    "a count far below, many more": (COUNT, [1], 9, "missed", True),
    "a count that one more leaves within": (COUNT, [1] * 3, 1, "met", False),
    "a count that two more lead out of": (COUNT, [1] * 3, 2, "met", True),
    "a count above": (COUNT, [1] * 5, 2, "missed", False),
    "a share, one more": (PROPERTY, [1, 1, None], 1, "met", True),
    "a share, one more of five": (PROPERTY, [1] * 4, 1, "met", False),
}  # fmt: skip


def rows(target: str, days: list[int | None], bad: int) -> str:
    first = dt.date(2022, 6, 1)
    text = "case_id,filed,decided\n"
    for n, taken in enumerate(days):
        # A row for each day where days are rows.
        filed = first + dt.timedelta(n if target == DAILY else 0)
        decided = "" if taken is None else str(filed + dt.timedelta(taken))
        text += f"{n},{filed},{decided}\n"
    return text + "".join(f"b{n},?,\n" for n in range(bad))


@pytest.mark.parametrize(("target", "days", "bad", "verdict", "hangs"), HANGS.values(), ids=HANGS)
def test_s12_a_verdict_of_any_kind_that_rejected_rows_could_turn_says_so(
    target: str, days: list[int | None], bad: int, verdict: str, *, hangs: bool, tmp_path: Path
) -> None:
    begin = BEGIN
    if target in (COUNT, PROPERTY):
        begin = BEGIN.replace('start = "filed"\nend = "decided"\n', "")
    path = tmp_path / "cases.csv"
    path.write_text(rows(target, days, bad))
    result = kpi.evaluate(kpi.parse_plan(begin + target), path)
    assert result["1"].verdict == verdict
    note = (
        f"1: the verdict hangs on the rejected rows of cases: at most {bad} of them would count, "
        "and with them it could be the other one"
    )
    assert (note in result.notes) == hangs
    assert any("hangs" in n for n in result.notes) == hangs


@pytest.mark.parametrize(
    ("before", "after", "bad", "verdict", "hangs"),
    [
        (2, 1, 1, "met", True),  # 1 of 2 is -50 %; 2 of 2, 2 of 3 or 1 of 3
        (9, 1, 1, "met", False),  # 2 of 9 is -78 %
        (4, 3, 1, "missed", False),  # 3 of 5 is -40 %
        (4, 3, 2, "missed", True),  # 3 of 6 is -50 %
    ],
)
def test_s12_a_change_that_rejected_rows_could_turn_says_so(
    before: int, after: int, bad: int, verdict: str, *, hangs: bool, tmp_path: Path
) -> None:
    gone = "".join(f"{n},2021-06-01,2022-06-01\n" for n in range(before - after))
    stay = "".join(f"s{n},2021-06-01,\n" for n in range(after))
    bad_rows = "".join(f"b{n},2021-06-01,?\n" for n in range(bad))
    path = tmp_path / "cases.csv"
    path.write_text("case_id,filed,decided\n" + gone + stay + bad_rows)
    result = kpi.evaluate(kpi.parse_plan(BEGIN + CHANGE), path)
    assert result["1"].verdict == verdict
    assert any("hangs" in n for n in result.notes) == hangs


def test_s12_each_value_that_rejected_rows_could_turn(tmp_path: Path) -> None:
    """An average of each type: one row more could turn either, and both must keep the limit."""
    path = tmp_path / "cases.csv"
    asked = kpi.parse_plan(BEGIN + AVERAGE + 'each = "case_type"\n')
    for first, second, verdict, hangs in (
        ("2022-06-02", "2022-06-11", "met", True),
        ("2022-06-16", "2022-06-16", "missed", True),
        ("2022-06-16", "2022-07-16", "missed", False),
        ("2022-06-02", "2022-06-16", "missed", True),
    ):
        path.write_text(
            f"case_id,case_type,filed,decided\n1,a,2022-06-01,{first}\n2,b,2022-06-01,{second}\n3,a,2022-06-01,?\n"
        )
        result = kpi.evaluate(asked, path)
        assert result["1"].verdict == verdict
        assert any("hangs" in n for n in result.notes) == hangs, (first, second)
