"""S29: cases open at the end of a day, by age; late once their due day is before that day."""

from __future__ import annotations

import datetime as dt
from typing import Any

import polars as pl
import pytest

import kpi
from kpi.testing.oracle import Row
from tests.counting_rules import hand_worked
from tests.counting_rules.hand_worked import D, m

MARCH = {"end_of": "2017-03"}


def open_at_the_end_of_march(limit: Any = "18 days", **words: Any) -> kpi.Within:
    return hand_worked.within(limit, denominator="open", at=MARCH, **words)


@pytest.mark.parametrize(
    ("filed", "decided", "expected"),
    [
        # Eighteen days from 13 March end on the 31st, the day itself: in time.
        (m(13), None, Row("counted", met=True, days=18, due=m(31))),
        # From the 12th they ended the day before.
        (m(12), None, Row("counted", met=False, days=19, due=m(30))),
        # What the case does later changes nothing, not even on the day after.
        (m(12), D(2017, 4, 1), Row("counted", met=False, days=19, due=m(30))),
        # Filed on the day itself, and decided on the day itself: no longer open when it ends.
        (m(31), None, Row("counted", met=True, days=0, due=D(2017, 4, 18))),
        (m(12), m(31), Row("outside")),
        (D(2017, 4, 1), None, Row("outside")),
        (D(2017, 4, 2), D(2017, 4, 1), Row("outside")),
        (None, None, Row("excluded", "start missing")),
        (None, D(2017, 4, 1), Row("excluded", "start missing")),
        (None, m(31), Row("outside")),
        # Neither date can be trusted, so the case is not silently left out.
        (m(12), m(1), Row("excluded", "end before start")),
    ],
)
def test_s29_which_cases_are_open_and_which_of_them_late(
    filed: dt.date | None, decided: dt.date | None, expected: Row
) -> None:
    case = {"filed": filed, "decided": decided}
    assert hand_worked.row(open_at_the_end_of_march(), case, as_of=D(2017, 12, 31)) == expected


def test_s29_ninety_two_per_cent_of_incomplete_pathways_within_eighteen_weeks() -> None:
    """18 weeks before 31 March 2017 is 25 November 2016. 23 of 25 are 92 %, 22 of 25 are not."""
    day = D(2016, 11, 25)
    for late, verdict in ((2, "met"), (3, "missed")):
        filed = [day - dt.timedelta(1)] * late + [day] * (25 - late)
        target = open_at_the_end_of_march("18 weeks", threshold=92)
        found = hand_worked.run(target, *({"filed": date} for date in filed))
        assert (found.counted, found.met, found.verdict) == (25, 25 - late, verdict)


@pytest.mark.parametrize(
    ("since", "until", "met"),
    [
        # Seven days from 20 March: due on the 27th; four days of waiting make it the 31st.
        (m(22), m(26), True),
        (m(22), m(25), False),
        # It still waits when the month ends, from the due day on, or from the day after.
        (m(27), None, True),
        (m(28), None, False),
        # A pause of April does not help a case that was due in March.
        (D(2017, 4, 3), D(2017, 4, 10), False),
    ],
)
def test_s29_pauses_move_the_due_date(since: dt.date, until: dt.date | None, *, met: bool) -> None:
    target = open_at_the_end_of_march("7 days", pauses="waiting")
    for as_of in (m(31), D(2017, 6, 30)):
        found = hand_worked.row(target, {"filed": m(20)}, waiting=[(since, until)], as_of=as_of)
        assert (found.bucket, found.met) == ("counted", met)


def test_s29_days_stand_against_days_whatever_the_clock_says() -> None:
    """Four hours from 31 March, 22:00, end in April; a due instant counts through its day."""
    moments = {"filed": dt.datetime(2017, 3, 31, 22), "decided": None}
    assert hand_worked.row(open_at_the_end_of_march("4 hours"), moments).met is True
    noon = {"filed": m(1), "due": dt.datetime(2017, 3, 31, 12)}
    own = open_at_the_end_of_march({"column": "due"})
    assert hand_worked.row(own, noon).met is True
    assert hand_worked.row(own, {**noon, "due": dt.datetime(2017, 3, 30, 12)}).met is False


def test_s29_before_that_day_is_over_the_verdict_is_open() -> None:
    target = open_at_the_end_of_march()
    assert hand_worked.run(target, {"filed": m(1)}, as_of=m(30)).verdict == "open"
    assert hand_worked.run(target, {"filed": m(1)}, as_of=m(31)).verdict == "missed"


def test_s29_open_at_the_end_of_a_day_is_open_at_the_start_of_the_next() -> None:
    """The stock, the population `open_at` and the denominator hold the same cases."""
    days = [D(2017, 3, 30), m(31), D(2017, 4, 1)]
    cases = pl.DataFrame(
        [
            {"id": f"{filed} to {decided}", "filed": filed, "decided": decided}
            for filed in days
            for decided in (None, *days)
            if decided is None or decided >= filed
        ]
    )
    table = kpi.Table("cases", key="id", entry="filed", events="decided")
    common = {"start": "filed", "end": "decided"}
    targets = [
        open_at_the_end_of_march(),
        kpi.Stock(id="2", at=MARCH, level={"at_least": 0}, **common),
        hand_worked.within(
            id="3", open_at={"start_of": D(2017, 4, 1)}, denominator="cohort", window="2017"
        ),
    ]
    plan = kpi.Plan(id="p", period="2017", tables=[table], targets=targets)
    found = kpi.evaluate(plan, cases)
    # Filed on 30 or 31 March, and decided on 1 April or not at all.
    assert [target.counted for target in found.targets] == [4, 4, 4]


@pytest.mark.parametrize(
    ("words", "place", "message"),
    [
        ({"at": MARCH}, ("at",), "found 'at' with the denominator closed; accepted: with open"),
        ({"denominator": "open"}, ("at",), "missing; accepted with the denominator open"),
        (
            {"denominator": "open", "at": MARCH, "window": "2017"},
            ("window",),
            "found 'window' with the denominator open; accepted: its day alone, 'at'",
        ),
        (
            {"denominator": "open", "at": MARCH, "limit": "1 month before"},
            ("limit",),
            "found 1 month before with the denominator open; accepted: a limit forwards",
        ),
        (
            {"denominator": "open", "at": MARCH, "on": "filed"},
            ("on",),
            "found 'on' with the denominator open; accepted: with cohort, overdue",
        ),
    ],
)
def test_s29_keys_that_do_not_go_together(
    words: dict[str, Any], place: tuple[str, ...], message: str
) -> None:
    usual = {"start": "filed", "end": "decided", "limit": "18 days", "threshold": 92}
    with pytest.raises(kpi.PlanError) as caught:
        kpi.Within(id="1", **{**usual, **words})
    (problem,) = caught.value.problems
    assert problem.place == place
    assert problem.message.startswith(message)
