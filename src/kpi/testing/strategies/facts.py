"""Strategies for the table of reported facts: on and beside what a plan requires."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from kpi.definitions.bounds import Bounds
from kpi.definitions.plan import Plan
from kpi.definitions.table import Table
from kpi.testing.strategies.aims import Aims, aims_of, pools_of
from kpi.testing.strategies.tables import Rows, contents, extract_dates, facts_of
from kpi.testing.strategies.times import FORMS, Form

_REPORTED = st.sampled_from((True,) * 5 + (False,))
_REPEATED = st.sampled_from((False,) * 7 + (True,))
_CAME = st.sampled_from((True, True, False, False, None))
_BESIDE = (0, 0, 0, 0.1, -0.1, 1, -1, 0.000001, -0.000001)


@st.composite
def facts(draw: DrawFn, plan: Plan, table: Table, repeats: bool) -> Rows:
    """Generate a row for most of the facts that a plan reads, and now and then for another."""
    aims, kinds = aims_of(plan, table), contents(plan, table)
    form = Form(plan.time_zone, draw(st.sampled_from(FORMS)))
    values = st.one_of(_values(aims), _values(aims), _values(aims), st.none())
    pools = {c: p for c, p in pools_of(plan, table).items() if c not in ("condition", *table.key)}
    rows: Rows = []
    for fact in (*facts_of(plan), "of no target"):
        if draw(_REPORTED):
            times = 2 if repeats and draw(_REPEATED) else 1
            rows += [_fact(draw, fact, aims, form, values, pools) for _ in range(times)]
    return [{**row, **dict.fromkeys(kinds.keys() - row.keys())} for row in rows]


def _fact(
    draw: DrawFn,
    fact: str,
    aims: Aims,
    form: Form,
    values: SearchStrategy[object],
    pools: dict[str, list[str | int | bool]],
) -> dict[str, object]:
    row: dict[str, object] = {aims.table.key[0]: fact}
    for column in extract_dates(aims.table):
        day: dt.date | None = draw(st.one_of(st.sampled_from(aims.edges), _days(aims.edges)))
        row[column] = None if day is None else form.of_day(draw, day)
    row["value"], row["condition"] = draw(values), draw(_CAME)
    for column, pool in pools.items():
        row[column] = draw(st.sampled_from((*pool, None)))
    return row


def _days(edges: Sequence[dt.date]) -> SearchStrategy[dt.date | None]:
    return st.sampled_from((*edges, None))


def _values(aims: Aims) -> SearchStrategy[object]:
    """Generate the numbers that targets require and those beside them, as they are written."""
    requirements = [getattr(target, "requires", None) for target in aims.targets]
    bounds = [n for r in requirements if isinstance(r, Bounds) for n in r.data().values()]
    numbers = [float(n) for n in bounds] or [0.0]
    written = st.builds(
        lambda number, beside: round(number + beside, 6),
        st.sampled_from(numbers),
        st.sampled_from(_BESIDE),
    )
    return st.one_of(written, written, st.sampled_from((7.1, 6.9, 7.0, 0.3, -2.5)))
