"""Series of a target by period (S30): cases worked out by hand."""

from __future__ import annotations

import datetime as dt
from typing import Any, get_args

import pytest

import kpi
from kpi.definitions.periods import Every
from tests.builders import average, plan, spans


def test_s30_a_series_of_weeks_and_of_years() -> None:
    """1 January 2017 is a Sunday: the last day of 2016-W52, which the window cuts to that day."""
    frame = spans(*[("2016-12-01", day) for day in ("2017-01-01", "2017-01-02", "2017-01-08", "2017-01-09", "2017-12-31")])  # fmt: skip

    def series(every: Every, window: Any) -> list[tuple[str, int]]:
        target = average(window=window)
        found = kpi.evaluate(plan(target), frame, every=every).targets[0]
        return [(g.group["period"], g.counted) for g in found.groups if g.counted]

    assert series("week", "2017") == [
        ("2017-01-01", 1), ("2017-W01", 2), ("2017-W02", 1), ("2017-W52", 1),
    ]  # fmt: skip
    assert series("week", "2017-W01") == [("2017-W01", 2)]
    assert series("week", {"through": "2017-12-31"})[0] == ("2016-W52", 1)
    assert series("year", "2017") == [("2017", 5)]
    assert series("year", {"since": "2016-12-01", "before": "2017-12-31"}) == [
        ("2017-01-01 to 2017-12-30", 4),
    ]


@pytest.mark.parametrize("every", get_args(Every))
def test_s30_the_last_period_ends_with_the_last_day_that_there_is(every: Every) -> None:
    """A case of the year 9999, as registers write "never", is named by the days of its window."""
    target = average(window={"since": dt.date(2017, 1, 1), "through": dt.date(9999, 12, 30)})
    frame = spans(("9999-12-20", "9999-12-28"))
    series = kpi.evaluate(plan(target), frame, "9999-12-31", every=every).targets[0]
    first = "27" if every == "week" else "01"
    month = {"quarter": "10", "half-year": "07", "year": "01"}.get(every, "12")
    assert [g.group["period"] for g in series.groups] == [f"9999-{month}-{first} to 9999-12-30"]
