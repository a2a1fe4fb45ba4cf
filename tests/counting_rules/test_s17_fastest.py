"""The average of the fastest cases (S17): cases worked out by hand."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

import kpi
from kpi.definitions.ranks import rank
from kpi.definitions.table import Table
from tests.builders import average, cases, of_days, one, plan, spans, trail
from tests.counting_rules.hand_worked import D, buckets, run, that_took


@pytest.mark.parametrize(
    ("rounding", "n", "kept"),
    [
        ("up", 10, 10),  # 9.5
        ("down", 10, 9),
        ("nearest", 10, 10),
        ("nearest", 9, 9),  # 8.55
        ("up", 20, 19),  # exactly 19
        ("down", 20, 19),
        ("nearest", 21, 20),  # 19.95
        ("up", 21, 20),
        ("down", 21, 19),
        ("nearest", 4, 4),  # 3.8
        ("down", 1, 0),
    ],
)
def test_s17_the_fastest_are_so_many(rounding: str, n: int, kept: int) -> None:
    found = one(average("30 days", fastest=95, rounding=rounding), of_days(*range(1, n + 1)))
    assert found.counted == kept
    assert found.excluded == ({"beyond the fastest 95 %": n - kept} if n > kept else {})
    assert found.total == sum(range(1, kept + 1))


def test_s17_the_verdict_is_on_the_fastest_alone() -> None:
    lengths = [10] * 19 + [1000]
    assert one(average("10 days", fastest=95), of_days(*lengths)).verdict == "met"
    assert one(average("10 days"), of_days(*lengths)).verdict == "missed"
    assert (
        one(average("10 days", fastest=95), of_days(*lengths[:-1], 1000, 1000)).verdict == "missed"
    )


def test_s17_none_left_of_the_fastest_is_not_assessable() -> None:
    found = one(average("10 days", fastest=50, rounding="down"), of_days(3))
    assert (found.counted, found.value, found.verdict) == (0, None, "not_assessable")
    assert found.excluded == {"beyond the fastest 50 %": 1}


def test_s17_among_equals_at_the_boundary_the_keys_decide() -> None:
    target = average("10 days", fastest=50)
    frame = of_days(7, 7, 7, 1)
    rows = {row["case"]: row for row in trail(target, frame)}
    assert {case for case, row in rows.items() if row["bucket"] == "counted"} == {"4", "1"}
    assert rows["2"]["reason"] == rows["3"]["reason"] == "beyond the fastest 50 %"
    backwards = {row["case"]: row for row in trail(target, frame.reverse())}
    assert backwards == rows
    found = one(target, frame)
    assert (found.counted, found.total) == (2, 8)


def test_s17_each_part_is_trimmed_by_itself() -> None:
    frame = cases(
        *({"case_type": "a", "filed": "2017-01-01", "decided": f"2017-01-{n:02}"} for n in (2, 3)),
        *({"case_type": "b", "filed": "2017-01-01", "decided": f"2017-01-{n}"} for n in (21, 31)),
    )
    found = one(average("10 days", fastest=50, each="case_type"), frame)
    assert [(e.group["case_type"], e.counted, e.total, e.verdict) for e in found.each] == [
        ("a", 1, 1, "met"),
        ("b", 1, 20, "missed"),
    ]
    assert (found.counted, found.total, found.verdict) == (2, 21, "missed")
    assert one(average("10 days", fastest=50), frame).total == 1 + 2
    counted = [
        row["case"]
        for row in trail(average("10 days", fastest=50, each="case_type"), frame)
        if row["bucket"] == "counted"
    ]
    assert counted == ["1", "3"]


def test_s17_merged_states_are_trimmed_as_the_whole() -> None:
    asked = plan(average("10 days", fastest=95))
    frame = of_days(*range(1, 41))
    parts = [kpi.partial(asked, frame[n::3]) for n in range(3)]
    merged, whole = kpi.finish(kpi.merge(*parts))["t"], kpi.evaluate(asked, frame)["t"]
    assert (merged.counted, merged.total) == (whole.counted, whole.total) == (38, 741)


def test_s17_the_fastest_want_a_limit_in_days() -> None:
    with pytest.raises(kpi.PlanError, match="a limit in days, weeks, working days, hours or"):
        average("4 months", fastest=95)


@pytest.mark.parametrize(
    ("fastest", "rounding", "counted"),
    [
        (95, "up", 10),
        (95, "down", 9),
        (95, "nearest", 10),
        (94, "nearest", 9),
        (90, "up", 9),
        (90, "down", 9),
        (100, "up", 10),
        (5, "up", 1),
        (5, "down", 0),
        (5, "nearest", 1),
        ("4.99", "nearest", 0),
        ("0.01", "up", 1),
    ],
)
def test_s17_the_average_of_the_fastest(fastest: Any, rounding: str, counted: int) -> None:
    target = average(fastest=fastest, rounding=rounding)
    outcome = run(target, *that_took(9, 8, 7, 6, 5, 4, 3, 2, 1, 0))
    assert (outcome.counted, outcome.total) == (counted, sum(range(counted)))
    left_out = {f"beyond the fastest {fastest} %": 10 - counted} if counted < 10 else {}
    assert outcome.excluded == left_out
    assert [row.bucket for row in outcome.trail] == ["excluded"] * (10 - counted) + [
        "counted"
    ] * counted
    assert outcome.value == (Fraction(sum(range(counted)), counted) if counted else None)
    assert outcome.verdict == ("met" if counted else "not_assessable")


def test_s17_of_equals_the_first_by_the_key_counts() -> None:
    ids = ("c", "a", "d", "b")
    cases = [
        {"case_id": name, **case} for name, case in zip(ids, that_took(5, 5, 5, 1), strict=True)
    ]
    outcome = run(average(fastest=75), *cases)
    beyond = "beyond the fastest 75 %"
    assert buckets(outcome) == ["counted", "counted", beyond, "counted"]
    beyond = "beyond the fastest 50 %"
    assert buckets(run(average(fastest=50), *cases)) == [
        beyond,
        "counted",
        beyond,
        "counted",
    ]


def test_s17_of_a_key_of_two_columns_the_first_comes_first() -> None:
    table = Table("cases", key=("case_id", "part"), entry="filed", events=("decided",))
    cases = [
        {"case_id": name, "part": part, **case}
        for (name, part), case in zip(
            (("b", 1), ("a", 10), ("a", 9)), that_took(5, 5, 5), strict=True
        )
    ]
    beyond = "beyond the fastest 50 %"
    found = buckets(run(average(fastest=50), *cases, table=table))
    assert found == [beyond, "counted", "counted"]


def test_s17_only_what_would_be_counted_is_trimmed() -> None:
    """The excluded cases are neither fast nor slow."""
    wrong = [{"decided": D(2017, 1, 2)}, {"filed": D(2017, 1, 2), "decided": D(2017, 1, 1)}]
    outcome = run(average(fastest=50), *wrong, *that_took(31, 30))
    assert buckets(outcome) == [
        "start missing",
        "end before start",
        "beyond the fastest 50 %",
        "counted",
    ]
    assert (outcome.total, outcome.verdict) == (30, "met")


def test_s17_the_fastest_of_each_value() -> None:
    cases = [
        {"case_type": name, **case}
        for name, case in zip(
            ("visa", "visa", "asylum", "asylum", None),
            that_took(1, 2, 10, 40, 50),
            strict=True,
        )
    ]
    outcome = run(average(fastest=50, each="case_type"), *cases)
    beyond = "beyond the fastest 50 %"
    assert buckets(outcome) == ["counted", beyond, "counted", beyond, "counted"]
    assert (outcome.counted, outcome.total, outcome.value) == (3, 61, Fraction(61, 3))
    assert outcome.excluded == {beyond: 2}
    parts = {part: (o.counted, o.total, o.verdict) for part, o in outcome.each.items()}
    assert parts == {
        ("visa",): (1, 1, "met"),
        ("asylum",): (1, 10, "met"),
        (None,): (1, 50, "missed"),
    }
    assert outcome.verdict == "missed"
    # Together, the three fastest would do.
    assert run(average(fastest=50), *cases).value == Fraction(13, 3)


def test_s17_the_share_of_the_fastest_is_rounded_up_unless_said() -> None:
    """The default rounding: 95 % of 11 is 10.45."""
    frame = spans(*(("2017-01-01", f"2017-01-{n:02}") for n in range(2, 13)))
    assert one(average("30 days", fastest=95), frame).counted == 11


@pytest.mark.parametrize(
    ("n", "percent", "up", "down", "nearest"),
    [
        (11, "95", 11, 10, 10),  # 10.45
        (10, "95", 10, 9, 10),  # 9.5: halves go up
        (21, "95", 20, 19, 20),  # 19.95
        (20, "95", 19, 19, 19),
        (3, "33.3", 1, 0, 1),  # 0.999
        (1, "49.9", 1, 0, 0),
        (0, "50", 0, 0, 0),
    ],
)
def test_s17_a_share_of_so_many(n: int, percent: str, up: int, down: int, nearest: int) -> None:
    q = Decimal(percent)
    assert rank(n, q) == rank(n, q, "up") == up
    assert (rank(n, q, "down"), rank(n, q, "nearest")) == (down, nearest)
    if n == 11:
        lengths = spans(*(("2017-01-01", f"2017-01-{day:02}") for day in range(2, 13)))
        assert one(average(fastest=95, rounding="nearest"), lengths).counted == 10
