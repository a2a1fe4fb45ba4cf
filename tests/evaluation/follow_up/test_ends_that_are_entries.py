"""Rows that come into their table with their end, and whose start may be known later (F3, F10)."""

from __future__ import annotations

from datetime import datetime

import polars as pl
import pytest

import kpi

PLAN = """
id = "p"
period = "2022"

[tables.calls]
key = "call"
entry = "closed"
events = ["begun"]

[tables.waits]
key = "call"
entry = "since"
events = ["until"]
pauses = "calls"

[[targets]]
id = "1"
rule = "within"
table = "calls"
start = "begun"
end = "closed"
pauses = ["waits"]
calendar = { name = "denmark", hours = { weekdays = "08:00-16:00" } }
threshold = 90
"""
CALLS = pl.DataFrame(
    {
        "call": ["1", "2"],
        "begun": [datetime(2022, 3, 1, 9), None],
        "closed": [datetime(2022, 3, 2, 10), datetime(2022, 3, 3, 12)],
    }
)
WAITS = pl.DataFrame(
    {
        "call": ["1"],
        "since": [datetime(2022, 3, 1, 10)],
        "until": [datetime(2022, 3, 1, 15)],
    }
)


def followed(words: str, plan: str = PLAN, waits: pl.DataFrame = WAITS) -> kpi.Outlook:
    """The calls followed on 31 March, under a target with further words."""
    tables = {"calls": CALLS, "waits": waits}
    return kpi.follow(kpi.parse_plan(plan + words), tables, "2022-03-31")["1"]


@pytest.mark.parametrize(("limit", "met"), [("4 working hours", 1), ("3 working hours", 0)])
def test_a_call_that_was_closed_and_never_begun_is_not_counted(limit: str, met: int) -> None:
    """Of the nine open hours from Tuesday at 9 to Wednesday at 10 the first call waits for five.

    The second begins after it was closed, if ever, so that it never counts.
    """
    known = followed(f'limit = "{limit}"').known
    assert known is not None
    assert (known.worst_of, known.best_of) == ((met, 1), (met, 1))


@pytest.mark.parametrize(("limit", "met"), [("25 hours", 1), ("24 hours", 0)])
def test_calls_without_a_wait_alone_are_counted(limit: str, met: int) -> None:
    """The first call takes 25 hours and waits in none of them; the second never counts.

    A limit by the clock reads the instants of a call, and of its days those of its waits.
    """
    words = f'limit = "{limit}"\ndenominator = "due"\nunless_paused = ["waits"]'
    plan = PLAN.replace('pauses = ["waits"]\n', "")
    known = followed(words, plan, WAITS.with_columns(call=pl.lit("3"))).known
    assert known is not None
    assert (known.worst_of, known.best_of) == ((met, 1), (met, 1))
