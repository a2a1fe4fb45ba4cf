"""Definitions written back as plan files write them, and the columns that they read."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from kpi.definitions.calendars import Calendar
from kpi.definitions.derived_dates import DateChoice, DateFraction, DateOffset, parse_derived
from kpi.definitions.limits import Before, ByValue, Dated, DueColumn, parse_limit
from kpi.definitions.time_units import Span
from kpi.definitions.windows import EndOf, Window

D = dt.date


@pytest.mark.parametrize(
    ("made", "data"),
    [
        (Calendar("denmark"), "denmark"),
        (Calendar("germany", region="BE"), {"name": "germany", "region": "BE"}),
        (
            Calendar("denmark", off=["christmas eve", D(2017, 1, 2)], saturdays=True),
            {"name": "denmark", "off": ["christmas eve", D(2017, 1, 2)], "saturdays": True},
        ),
        (Calendar(covers="2017"), {"off": [], "covers": "2017"}),
        (Window("2017-H1"), "2017-H1"),
        (
            Window(after="2017-01-01", through="2017-02-01"),
            {"after": D(2017, 1, 1), "through": D(2017, 2, 1)},
        ),
        (
            Window(since="2017-01-01", before="2017-02-01"),
            {"since": D(2017, 1, 1), "before": D(2017, 2, 1)},
        ),
        (EndOf("2017"), {"end_of": "2017"}),
        (Span(months=7), "7 months"),
        (Span(), "0 days"),
        (Span(years=1, months=2, weeks=3, days=1), "1 year and 2 months and 3 weeks and 1 day"),
        (Span(hours=1, minutes=30), "1 hour and 30 minutes"),
        (Before(Span(working_days=1)), "1 working day before"),
        (DueColumn("due"), {"column": "due"}),
        (ByValue("kind", {"a": Span(days=1)}), {"by": "kind", "limits": {"a": "1 day"}}),
        (ByValue("kind", {"a": Span(days=1)}, file="x.csv"), {"file": "x.csv", "by": "kind"}),
        (
            Dated("decided", Span(days=1), ((D(2017, 7, 1), Span(days=2)),)),
            {"dated": "decided", "first": "1 day", "since": {"2017-07-01": "2 days"}},
        ),
        (
            Dated("decided", Decimal(90), ((D(2017, 7, 1), Decimal(80)),)),
            {"dated": "decided", "first": Decimal(90), "since": {"2017-07-01": Decimal(80)}},
        ),
        (DateChoice("once_all", ["a", "b"]), {"once_all": ["a", "b"]}),
        (DateOffset("a", Span(days=1)), {"date": "a", "plus": "1 day"}),
        (DateOffset("a", Span(days=1), back=True), {"date": "a", "minus": "1 day"}),
        (
            DateOffset("a", Span(days=1), roll="next working day"),
            {"date": "a", "plus": "1 day", "roll": "next working day"},
        ),
        (DateOffset("a", "n", "days"), {"date": "a", "plus_days": "n"}),
        (DateOffset("a", "n", "months", back=True), {"date": "a", "minus_months": "n"}),
        (DateFraction("a", "b", Fraction(1, 2)), {"start": "a", "end": "b", "share": "1/2"}),
        (
            DateFraction("a", "b", Fraction(1, 3), "down"),
            {"start": "a", "end": "b", "share": "1/3", "rounded": "down"},
        ),
    ],
)  # fmt: skip
def test_what_is_written_is_what_was_read(made: Any, data: Any) -> None:
    assert made.data() == data
    if isinstance(made, DateChoice | DateOffset | DateFraction):
        assert parse_derived(data) == made
    if isinstance(made, Span | Before | DueColumn):
        assert parse_limit(data) == made


@pytest.mark.parametrize(
    ("made", "reads"),
    [
        (DueColumn("due"), [("due", "date", "column")]),
        (ByValue("kind", {"a": Span(days=1)}), [("kind", "text", "by")]),
        (Dated("decided", 1, ((D(2017, 7, 1), 2),)), [("decided", "date", "dated")]),
        (DateChoice("latest", ["a", "b"]), [("a", "date", "latest"), ("b", "date", "latest")]),
        (DateOffset("a", Span(days=1)), [("a", "date", "date")]),
        (DateOffset("a", "n", "days"), [("a", "date", "date"), ("n", "integer", "plus_days")]),
        (DateFraction("a", "b", Fraction(1, 2)), [("a", "date", "start"), ("b", "date", "end")]),
    ],
)
def test_what_words_read(made: Any, reads: list[tuple[str, str, str]]) -> None:
    assert list(made.reads()) == reads


def test_dates_since_which_a_limit_holds_may_be_written_in_any_order() -> None:
    given = {
        "dated": "decided",
        "first": "1 day",
        "since": {"2017-07-01": "3 days", "2017-03-01": "2 days"},
    }
    found = parse_limit(given)
    assert isinstance(found, Dated)
    assert [since for since, _ in found.later] == [D(2017, 3, 1), D(2017, 7, 1)]
    assert str(found) == (
        "1 day (decided before 2017-03-01), 2 days (decided since 2017-03-01), "
        "3 days (decided since 2017-07-01)"
    )


@pytest.mark.parametrize("share", ["1", "1/1000", "999/1000", 0.001, 1])
def test_shares_up_to_all_of_it_and_down_to_a_thousandth(share: Any) -> None:
    found = parse_derived({"start": "a", "end": "b", "share": share})
    assert isinstance(found, DateFraction)
    assert found.share == Fraction(str(share))
