"""The engine against the oracle on tables dense with times: skipped midnights, due instants, "never"."""

from __future__ import annotations

import datetime as dt
import random
from typing import Any

import pytest

import kpi
from kpi.definitions.plan import Plan
from kpi.testing.strategies import Rows
from tests.laws.test_engine_against_oracle import agree

CASES = kpi.Table("cases", key="case_id", entry="filed", events="decided", dates="due")
WAITING = kpi.Table("waiting", key="case", entry="from", events="to", pauses="cases")
ZONES = ("Atlantic/Azores", "Europe/Copenhagen")
"""Clocks went forward on 26 March 2017 in both: on the Azores at midnight."""
FIRST = dt.date(2017, 3, 23)
NEVER = dt.datetime(9999, 12, 31)
CLOCKS = (dt.time(0), dt.time(0), dt.time(0, 30), dt.time(2, 30), dt.time(9), dt.time(23, 59, 59))
LIMITS: tuple[tuple[Any, dict[str, Any]], ...] = (
    ({"column": "due"}, {}),
    ({"column": "due", "by": "date"}, {}),
    ({"column": "due", "by": "instant"}, {}),
    ({"column": "due"}, {"pauses": "waiting", "denominator": "overdue"}),
    ({"column": "due"}, {"roll": "next working day", "denominator": "due"}),
    ("0 minutes", {}),
    ("24 hours", {}),
    ("0 days", {}),
    ("1 day", {"denominator": "settled"}),
    ("0 working days", {}),
    ("1 month", {"denominator": "cohort"}),
)


def dense_times(seed: int, *, zoned: bool) -> int:
    """Compare engine and oracle on a week in which every time could matter.

    Args:
        seed: of the random numbers.
        zoned: whether the times are instants, and wall clock otherwise.

    Returns:
        the number of cases under a target that were compared.
    """
    rng = random.Random(seed)  # noqa: S311 - cases, not secrets

    def moment(low: int, high: int) -> dt.datetime:
        day = FIRST + dt.timedelta(rng.randint(low, high))
        return dt.datetime.combine(day, rng.choice(CLOCKS), tzinfo=dt.UTC if zoned else None)

    never = NEVER.replace(tzinfo=dt.UTC) if zoned else NEVER
    rows: Rows = []
    pauses: Rows = []
    for n in range(150):
        filed, due = moment(0, 4), moment(2, 6)
        # Half of the cases end beside their due date.
        decided: dt.datetime | None = due + rng.choice((-1, 0, 1)) * dt.timedelta(hours=1)
        if rng.random() < 0.5:
            decided = rng.choice((moment(2, 7), moment(2, 7), never, None))
        due = never if rng.random() < 0.05 else due
        rows.append({"case_id": n, "filed": filed, "decided": decided, "due": due})
        if rng.random() < 0.3:
            since = moment(1, 5)
            pauses.append({"case": n, "from": since, "to": since + dt.timedelta(2)})
    targets = [
        kpi.Within(id=str(n), start="filed", end="decided", limit=limit, threshold=90, **more)
        for n, (limit, more) in enumerate(LIMITS)
    ]
    span: dict[str, Any] = {"start": "filed", "end": "decided"}
    others = [
        kpi.Average(id="days", **span, limit="2 days"),
        kpi.Average(id="working days", **span, limit="0 working days"),
        kpi.Percentile(id="k-th", **span, percentile=50, limit="1 working day"),
        kpi.Count(id="ends", on="decided", requires={"at_least": 1}),
    ]
    as_ofs = (dt.date(2017, 3, 27), dt.date(2017, 12, 31))
    for zone in ZONES:
        plan = Plan(
            id="p",
            period="2017",
            time_zone=zone,
            tables=[CASES, WAITING],
            targets=[*targets, *others],
        )
        for as_of in as_ofs:
            agree(plan, {"cases": rows, "waiting": pauses}, as_of)
    return len(rows) * (len(targets) + len(others)) * len(as_ofs) * len(ZONES)


@pytest.mark.parametrize("zoned", [False, True], ids=["wall clock", "instants"])
@pytest.mark.parametrize("seed", range(1))
def test_the_engine_and_the_oracle_agree_on_many_cases_with_dense_times(
    seed: int, *, zoned: bool
) -> None:
    assert dense_times(seed, zoned=zoned) == 150 * 15 * 2 * 2
