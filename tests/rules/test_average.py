"""Averages: words and month ends."""

from __future__ import annotations

from tests.builders import average, cases, one, spans


def test_the_requirement_says_of_the_fastest() -> None:
    target = average("30 days", fastest=97.5, each="case_type")
    assert target.requirement_text == "at most 30 days for the fastest 97.5 %, for each case_type"


def test_the_month_end_mode_of_an_average_is_its_own() -> None:
    """Due on 1 March, not on 28 February."""
    frame = spans(("2017-01-31", "2017-03-01"))
    assert one(average("1 month"), frame).verdict == "missed"
    assert one(average("1 month", month_end="up"), frame).verdict == "met"


def test_an_average_leaves_out_what_has_no_limit_or_no_due_date() -> None:
    frame = cases(
        {"case_type": "visa", "filed": "2017-01-31", "decided": "2017-02-10"},
        {"case_type": "passport", "filed": "2017-01-01", "decided": "2017-02-10"},
        {"case_type": "visa", "filed": "2017-01-01", "decided": "2017-01-11"},
    )
    target = average({"by": "case_type", "limits": {"visa": "1 month"}}, month_end="refuse")
    found = one(target, frame)
    assert found.excluded == {"limit missing": 1, "refused month end": 1}
    assert (found.counted, found.total, found.figures) == (1, 10, {"allowed": 31})
