"""First and last occurrences by one aggregation are those that sorting the log gives."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kpi.definitions.log_sources import CasesFromEvents
from kpi.tables.event_log.cases import event_cases
from kpi.tables.event_log.choice import choose
from kpi.tables.event_log.grouped_choice import can_be_grouped, grouped_choice
from kpi.tables.event_log.log_rows import LogRows
from tests.tables.event_log.small_logs import time

NAMES = ("case_id", "event", "time")
picks = st.sampled_from(
    ["x", {"last": "x"}, "y", {"last": "y"}, {"first": "z"}, {"last": "absent"}]
)
ids = st.sampled_from(["A", "B", "C", "a much longer id", "Sæby", "an id of more than sixteen", "", None])  # fmt: skip
rows = st.lists(
    st.tuples(ids, st.sampled_from(["x", "y", "z", "w", "", None]), st.none() | st.integers(1, 5)),
    max_size=30,
)


def log_rows(found: list[tuple[Any, Any, Any]], kind: Any) -> LogRows:
    frame = pl.DataFrame(found, schema=dict.fromkeys(NAMES[:2], pl.String) | {"time": pl.Int64}, orient="row")  # fmt: skip
    days = [None if n is None else time(n) for n in frame["time"]]
    frame = frame.with_columns(
        pl.col("event").cast(kind), time=pl.Series(days, dtype=pl.Datetime("us"))
    )
    return LogRows.of(frame, NAMES, as_of=time(4).date(), time_zone="UTC")


@given(
    found=rows,
    dates=st.dictionaries(st.sampled_from(["a", "b", "c", "d"]), picks, min_size=1),
    kind=st.sampled_from([pl.String(), pl.Enum(["w", "z", "y", "x", ""]), pl.Enum(["x", "y", "z", "w", ""])]),
)  # fmt: skip
@settings(max_examples=60, deadline=None)
def test_the_cases_and_the_counts_are_the_same(found: Any, dates: Any, kind: Any) -> None:
    spec = CasesFromEvents(dates=dates)
    log = log_rows(found, kind)
    assert can_be_grouped(log, spec)
    grouped, sorted_ = grouped_choice(log, spec), choose(log, spec)
    assert grouped.first().to_list() == sorted_.first().to_list()
    one, other = (event_cases(log, spec, choice, "case_id") for choice in (grouped, sorted_))
    assert one.cases.equals(other.cases)
    assert one.cases.schema == other.cases.schema
    for name in ("used", "not_chosen", "undeclared", "hidden", "notes"):
        assert getattr(one, name) == getattr(other, name)


def test_a_row_that_is_the_first_and_the_last_is_used_once() -> None:
    """By hand: of the three rows of x, A's is both, and B has a first and a last."""
    log = log_rows([("A", "x", 1), ("B", "x", 1), ("B", "x", 2)], pl.String)
    choice = grouped_choice(log, CasesFromEvents(dates={"a": "x", "b": {"last": "x"}}))
    assert choice.used == {"x": 3}


@pytest.mark.parametrize(
    "more",
    [
        {"dates": {"a": {"first": "x", "after": "b"}, "b": "y"}},
        {"dates": {"a": {"last": "x", "before": "b"}, "b": "y"}},
        {"dates": {"a": {"first_of": ["x", "y"]}}},
        {"dates": {"a": {"in_order": ["x", "y"]}}},
        {"dates": {"a": "x"}, "columns": "time"},
        {"dates": {"a": "x"}, "reopened": "last"},
    ],
)
def test_other_choices_need_the_order_of_the_rows(more: Any) -> None:
    assert not can_be_grouped(log_rows([], pl.String), CasesFromEvents(**more))
