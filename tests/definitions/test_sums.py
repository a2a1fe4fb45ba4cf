"""Sums of days over segments."""

from __future__ import annotations

import kpi
from tests.builders import cases, one


def test_a_percentile_over_parts_is_that_of_all_their_cases() -> None:
    """The parts are added up, and their days are in order again."""
    frame = cases(
        {"case_type": "a", "filed": "2017-01-01", "decided": "2017-04-11"},
        {"case_type": "b", "filed": "2017-01-01", "decided": "2017-01-02"},
        {"case_type": "b", "filed": "2017-01-01", "decided": "2017-01-03"},
    )
    target = kpi.Percentile(id="t", start="filed", end="decided", percentile=50, limit="9 days", each="case_type")  # fmt: skip
    found = one(target, frame)
    assert (found.value, [e.value for e in found.each]) == (2, [100, 1])
