"""Data-quality counts as rows that add up: sums, sets, what holds in every batch, the newest day."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from functools import reduce
from operator import add

import pytest
from attrs import astuple, evolve

from kpi.engine.quality_rows import QualityRow, quality_of, quality_rows
from kpi.tables.quality import Remark, TableQuality

BY = ("office", "team")


def added_up(parts: Sequence[TableQuality]) -> TableQuality:
    """Return the counts out of the rows of all parts, added up as any engine would."""
    sums: Counter[tuple[object, ...]] = Counter()
    for part in parts:
        for row in quality_rows(part):
            quantity, n, *about = astuple(row)
            sums[quantity, *about] += n
    rows = [QualityRow(quantity, n, *about) for (quantity, *about), n in sums.items()]  # type: ignore[arg-type]  # as they came
    return quality_of(rows, BY)


MARCH = TableQuality(
    rows=5,
    rejected={"no id": 1},
    hidden=1,
    newest=dt.date(2017, 3, 31),
    oldest=dt.date(2017, 3, 1),
    repeated=2,
    repeated_ids=("A", "C", "E", "G"),
    copies=2,
    implausible_dates={("filed", dt.date(1900, 1, 1)): 2},
    plausible_years=(1992, 2042),
    absent_categories=frozenset({("type", "visa"), ("type", "asylum")}),
    unexpected_categories={("type", "x"): 1},
    unread={("filed", "?"): 1},
    zoned=frozenset({"filed"}),
    absent_values=frozenset({("type", "V")}),
    missing_group_columns=("office", "team"),
    skipped=("repeated ids",),
    remarks_of_source=(Remark("z", code="later"), Remark("a", "redacted", code="first")),
)
APRIL = TableQuality(
    rows=4,
    rejected={"no id": 2, "no date": 1},
    newest=dt.date(2017, 4, 30),
    oldest=dt.date(2017, 4, 1),
    repeated=2,
    repeated_ids=("B", "D"),
    implausible_dates={("filed", dt.date(1900, 1, 1)): 1},
    plausible_years=(1992, 2042),
    absent_categories=frozenset({("type", "visa")}),
    unexpected_categories={("type", "x"): 2, ("type", "y"): 1},
    orphan_pauses=3,
    strays=1,
    of="cases",
    missing_group_columns=("team",),
    partly_lacking=("office",),
    remarks_of_source=(Remark("m"),),
)
EMPTY = TableQuality(
    absent_categories=frozenset({("type", "visa"), ("type", "other")}),
    missing_group_columns=("office",),
)


def test_what_two_batches_come_to() -> None:
    both = added_up([MARCH, APRIL])
    assert both == TableQuality(
        rows=9,
        rejected={"no id": 3, "no date": 1},
        hidden=1,
        newest=dt.date(2017, 4, 30),
        oldest=dt.date(2017, 3, 1),
        repeated=4,
        repeated_ids=("A", "B", "C", "D", "E"),
        copies=2,
        implausible_dates={("filed", dt.date(1900, 1, 1)): 3},
        plausible_years=(1992, 2042),
        absent_categories=frozenset({("type", "visa")}),
        unexpected_categories={("type", "x"): 3, ("type", "y"): 1},
        unread={("filed", "?"): 1},
        zoned=frozenset({"filed"}),
        orphan_pauses=3,
        strays=1,
        of="cases",
        missing_group_columns=("team",),
        partly_lacking=("office",),
        skipped=("repeated ids",),
        remarks_of_source=(
            Remark("a", "redacted", code="first"),
            Remark("m"),
            Remark("z", code="later"),
        ),
    )


@pytest.mark.parametrize(
    "parts",
    [
        [MARCH],
        [APRIL],
        [EMPTY],
        [MARCH, APRIL],
        [APRIL, MARCH, EMPTY],
        [EMPTY, EMPTY, MARCH],
        [EMPTY, evolve(EMPTY, missing_group_columns=("office", "team"))],
        [MARCH, MARCH],
        [MARCH + APRIL, EMPTY, APRIL],
    ],
)
def test_rows_add_up_to_what_counts_add_up_to(parts: list[TableQuality]) -> None:
    assert added_up(parts) == reduce(add, parts)


def test_the_order_of_remarks_is_that_of_their_only_batch() -> None:
    assert [remark.text for remark in added_up([MARCH, EMPTY]).remarks_of_source] == ["z", "a"]
    assert [r.text for r in added_up([MARCH, MARCH]).remarks_of_source] == ["a", "a", "z", "z"]
