"""Duration in days (S2): cases worked out by hand."""

from __future__ import annotations

from tests.builders import average
from tests.counting_rules.hand_worked import D, run


def test_s02_the_start_day_is_not_counted_and_the_end_day_is() -> None:
    found = run(
        average(),
        {"filed": D(2017, 3, 1), "decided": D(2017, 3, 1)},
        {"filed": D(2017, 2, 28), "decided": D(2017, 3, 1)},
        {"filed": D(2016, 12, 31), "decided": D(2017, 12, 31)},
    )
    assert [row.days for row in found.trail] == [0, 1, 365]
    assert found.total == 0 + 1 + 365
