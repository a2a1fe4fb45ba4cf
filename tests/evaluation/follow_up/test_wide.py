"""Where completions are too many to be gone through, bounds are wide and never narrow (F14)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from unittest import mock

import polars as pl
import pytest

import kpi
from kpi.engine.completions.complete import Completer, TooManyCompletionsError

CASES = pl.DataFrame(
    {
        "case_id": ["a", "b"],
        "filed": [date(2022, 1, 1), date(2022, 1, 1)],
        "decided": [date(2022, 1, 11), None],
    }
)
PLAN = """
id = "p"
period = "2022"

[tables.cases]
key = "case_id"
entry = "filed"
events = ["decided"]

[[targets]]
id = "1"
start = "filed"
end = "decided"
"""


@pytest.mark.parametrize(
    "rule",
    [
        'rule = "average"\nlimit = "60 days"',
        'rule = "average"\nlimit = "60 days"\nfastest = 95',
        'rule = "percentile"\nlimit = "60 days"\npercentile = 100',
        'rule = "within"\nlimit = "60 days"\nthreshold = 90',
    ],
)
def test_an_open_case_that_nobody_completed_secures_nothing(rule: str) -> None:
    """One case took 10 days, one is open since January: in the end it may have taken 364.

    As of 15 December no case that is still to come can be late: filed on the 16th, it takes 15 days
    at most. So the open case alone keeps each of these targets from being secured.
    """
    plan = kpi.parse_plan(f"{PLAN}{rule}\n")
    real = Completer.completed

    def of_newcomers(self: Completer, frame: pl.DataFrame, events: Iterable[str]) -> pl.DataFrame:
        if frame.height == 1:
            raise TooManyCompletionsError
        return real(self, frame, events)

    with mock.patch.object(Completer, "completed", of_newcomers):
        found = kpi.evaluate(plan, CASES, "2022-12-15")["1"]
    assert found.verdict == "open"
    assert found.possible is not None
    assert not found.possible.sharp
