"""Every value must reach the threshold by itself (S28): cases worked out by hand."""

from __future__ import annotations

from decimal import Decimal

import polars as pl

import kpi
from kpi.definitions.limits import ByValue
from kpi.definitions.time_units import Span
from tests.builders import (
    SPAN,
    TEN_AND_TWENTY_DAYS,
    by_type,
    each_type,
    of_types,
    one,
    plan,
    spans,
    within,
)


def test_s28_every_type_must_reach_it_on_its_own() -> None:
    target = within("1 month", each="case_type")
    found = one(target, of_types(a=(90, 0), b=(8, 2)))
    assert (found.met, found.counted, found.verdict) == (98, 100, "missed")
    assert each_type(found) == {"a": (90, 90, "met"), "b": (8, 10, "missed")}
    assert one(within("1 month"), of_types(a=(90, 0), b=(8, 2))).verdict == "met"
    assert one(target, of_types(a=(90, 0), b=(9, 1))).verdict == "met"


def test_s28_a_type_without_a_limit_cannot_be_assessed() -> None:
    target = within(by_type(a="1 month", b="1 month", c="1 month"), each="case_type")
    found = one(target, of_types(a=(1, 0), strange=(1, 0)))
    assert each_type(found) == {
        "a": (1, 1, "met"),
        "strange": (0, 0, "not_assessable"),
        "b": (0, 0, "lapsed"),
        "c": (0, 0, "lapsed"),
    }
    assert found.verdict == "not_assessable"
    assert one(target, of_types(a=(1, 0))).verdict == "met"
    assert one(target, of_types(a=(0, 1), strange=(1, 0))).verdict == "missed"
    assert one(target, of_types()).verdict == "not_assessable"


def test_s28_rows_without_a_type_are_a_part_too() -> None:
    frame = pl.concat(
        [of_types(a=(1, 0)), of_types(b=(0, 1)).with_columns(case_type=None, case_id=pl.lit("x"))]
    )
    found = one(within("1 month", each="case_type"), frame)
    assert each_type(found) == {"a": (1, 1, "met"), None: (0, 1, "missed")}


def test_s28_merged_parts_and_break_downs() -> None:
    asked = plan(within("1 month", each="case_type"))
    frame = of_types(a=(3, 1), b=(2, 2)).with_columns(office=pl.Series(list("NNNSNSNS")))
    merged = kpi.finish(kpi.merge(*(kpi.partial(asked, frame[n::2]) for n in range(2))))["t"]
    assert each_type(merged) == each_type(kpi.evaluate(asked, frame)["t"])
    by_office = kpi.evaluate(asked, frame, by="office")["t"]
    assert [(g.group["office"], each_type(g)) for g in by_office.groups] == [
        ("N", {"a": (3, 3, "met"), "b": (1, 2, "missed")}),
        ("S", {"a": (0, 1, "missed"), "b": (1, 2, "missed")}),
    ]


def test_s28_a_value_that_lapsed_shows_its_own_threshold() -> None:
    limits = {"visa": Span(days=15), "other": Span(days=9)}
    thresholds = {"visa": Decimal(50), "other": Decimal(80)}
    limit = ByValue("case_type", limits, thresholds, "limits.csv")
    target = kpi.Within(**SPAN, limit=limit, each="case_type")
    found = one(target, TEN_AND_TWENTY_DAYS)
    assert [(e.group["case_type"], e.threshold, e.verdict) for e in found.each] == [
        ("visa", Decimal(50), "met"),
        ("other", Decimal(80), "lapsed"),
    ]
    assert found.verdict == "met"


def test_s28_a_target_that_misses_in_a_part_that_lapses_elsewhere_misses() -> None:
    """The whole misses where one part does, whatever the share of all together comes to."""
    frame = spans(*[("2017-01-01", "2017-01-02")] * 9, ("2017-01-01", "2017-03-02")).with_columns(
        case_type=pl.Series(["visa"] * 9 + ["asylum"])
    )
    found = one(within("30 days", threshold=95, each="case_type"), frame)
    assert [part.verdict for part in found.each] == ["missed", "met"]
    assert found.verdict == "missed"
