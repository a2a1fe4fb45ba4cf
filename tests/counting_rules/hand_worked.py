"""Small plans on small tables, worked out by hand: what the oracle makes of them, and the engine too."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from kpi.definitions.plan import Plan
from kpi.definitions.table import Table
from kpi.definitions.target import Target
from kpi.rules.average import Average
from kpi.rules.percentile import Percentile
from kpi.rules.within import Within
from kpi.testing import assert_matches_oracle, oracle
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
    """Return what a target comes to, by the oracle; the engine must say the same of every row.

    Args:
        target: the target.
        cases: the cells of each case, null in what they do not say.
        stops: the pauses of the first case.
        as_of: the day that the tables are looked at from.
        words: keys of the plan.
    """
    usual: dict[str, Any] = {"id": "p", "period": "2017", "tables": [CASES, STOPS]}
    blank = dict.fromkeys(CASES.date_columns)
    tables: dict[str, Sequence[Mapping[str, object]]] = {
        "cases": [{"id": n, **blank, **case} for n, case in enumerate(cases)],
        "stops": [{"case": 0, "from": since, "to": to} for since, to in stops],
    }
    plan = Plan(**{**usual, "targets": [target], **words})
    reads = {*target.timestamp_columns()}
    tables_of_engine = {name: _in_one_type(rows, reads) for name, rows in tables.items()}
    assert_matches_oracle(plan, tables_of_engine, as_of)
    return oracle.evaluate(plan, tables, as_of)["1"]


def row(target: Target, case: Mapping[str, object], **words: Any) -> oracle.Row:
    """Return what becomes of a single case."""
    return outcome(target, case, **words).trail[0]


def _in_one_type(
    rows: Sequence[Mapping[str, object]], reads: Collection[str]
) -> list[dict[str, object]]:
    """Return rows with dates as midnights in the columns that hold times too, or whose clock is read.

    A column of a frame is of one type, and the engine takes no date for an instant.
    """
    timed = {
        column for row in rows for column, cell in row.items() if isinstance(cell, dt.datetime)
    } | {*reads}

    def midnight(column: str, cell: object) -> object:
        is_date = isinstance(cell, dt.date) and not isinstance(cell, dt.datetime)
        if column not in timed or not is_date:
            return cell
        return dt.datetime.combine(cell, dt.time(0))  # type: ignore[arg-type]  # a date, as asked above

    return [{column: midnight(column, cell) for column, cell in row.items()} for row in rows]
