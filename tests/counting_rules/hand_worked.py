"""Small plans on small tables, worked out by hand, and what the oracle makes of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from kpi.definitions.plan import Plan
from kpi.definitions.table import Table
from kpi.definitions.target import Target
from kpi.rules.average import Average
from kpi.rules.percentile import Percentile
from kpi.rules.within import Within
from kpi.testing import oracle
from kpi.testing.oracle import Outcome

D, T = dt.date, dt.datetime

CASES = Table("cases", key="id", entry="filed", events=("documented", "decided"), dates="due")
STOPS = Table("stops", key="case", entry="from", events="to", pauses="cases")


def within(**words: Any) -> Within:
    """Return a share within 30 days from filing to decision, all of them, unless said otherwise."""
    usual = {"start": "filed", "end": "decided", "limit": "30 days", "threshold": 100}
    return Within(id="1", **{**usual, **words})


def average(**words: Any) -> Average:
    """Return an average from filing to decision."""
    return Average(id="1", **{"start": "filed", "end": "decided", **words})


def percentile(**words: Any) -> Percentile:
    """Return a percentile from filing to decision."""
    return Percentile(id="1", **{"start": "filed", "end": "decided", **words})


def outcome(
    target: Target,
    *cases: Mapping[str, object],
    stops: Sequence[tuple[object, object]] = (),
    as_of: dt.date | None = None,
    **words: Any,
) -> Outcome:
    """Return what a target comes to; pauses are those of the first case."""
    usual: dict[str, Any] = {"id": "p", "period": "2017", "tables": [CASES, STOPS]}
    blank = dict.fromkeys(CASES.date_columns)
    tables: dict[str, Sequence[Mapping[str, object]]] = {
        "cases": [{"id": n, **blank, **case} for n, case in enumerate(cases)],
        "stops": [{"case": 0, "from": since, "to": to} for since, to in stops],
    }
    plan = Plan(**{**usual, "targets": [target], **words})
    return oracle.evaluate(plan, tables, as_of)["1"]


def row(target: Target, case: Mapping[str, object], **words: Any) -> oracle.Row:
    """Return what becomes of a single case."""
    return outcome(target, case, **words).trail[0]
