"""Series of a target by period (S30): cases worked out by hand."""

from __future__ import annotations

from typing import Any

import kpi
from tests.builders import average, plan, spans


def test_s30_a_series_of_weeks_and_of_years() -> None:
    """1 January 2017 is a Sunday: the last day of 2016-W52, which the window cuts to that day."""
    frame = spans(*[("2016-12-01", day) for day in ("2017-01-01", "2017-01-02", "2017-01-08", "2017-01-09", "2017-12-31")])  # fmt: skip

    def series(every: str, window: Any) -> list[tuple[str, int]]:
        target = average(window=window)
        found = kpi.evaluate(plan(target), frame, every=every).targets[0]  # type: ignore[arg-type]
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
