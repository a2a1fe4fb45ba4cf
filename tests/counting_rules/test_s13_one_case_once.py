"""Duplicate keys (S13): cases worked out by hand."""

from __future__ import annotations

from kpi.definitions.table import Table
from tests.builders import average, cases, one
from tests.counting_rules.hand_worked import D, buckets, run, within


def test_s13_every_row_of_a_repeated_id_is_excluded() -> None:
    row = {"case_id": "x", "filed": "2017-01-01", "decided": "2017-01-02"}
    found = one(average(), cases(row, row, {"filed": "2017-01-01", "decided": "2017-01-04"}))
    assert (found.excluded, found.total) == ({"repeated id": 2}, 3)
    good = {"filed": D(2017, 1, 1), "decided": D(2017, 1, 2)}
    outcome = run(
        within(),
        {**good, "case_id": "a"},
        {**good, "case_id": "b"},
        {**good, "case_id": "a"},
    )
    assert buckets(outcome) == ["repeated id", "counted", "repeated id"]
    # Outside comes first, and its row still makes the other one repeated.
    outcome = run(within(), {**good, "case_id": "a"}, {"case_id": "a"})
    assert buckets(outcome) == ["repeated id", "outside"]


def test_s13_a_row_that_does_not_exist_yet_repeats_no_id() -> None:
    rows = cases(
        {"case_id": "x", "filed": "2017-01-01", "decided": "2017-01-02"},
        {"case_id": "x", "filed": "2018-03-01", "decided": "2018-04-01"},
    )
    assert one(average(), rows).counted == 1
    assert one(average(), rows, "2018-03-01").excluded == {"repeated id": 1}
    first = {"case_id": "a", "filed": D(2017, 1, 1), "decided": D(2017, 1, 2)}
    later = {"case_id": "a", "filed": D(2018, 1, 1)}
    assert buckets(run(within(), first, later)) == ["counted"]
    assert buckets(run(within(), first, later, as_of=D(2018, 1, 1))) == ["repeated id", "outside"]


def test_s13_a_key_of_two_columns_is_repeated_only_as_a_whole() -> None:
    table = Table("cases", key=("case_id", "part"), entry="filed", events=("decided",))
    good = {"filed": D(2017, 1, 1), "decided": D(2017, 1, 2)}
    keys = [("a", 1), ("a", 2), ("b", 1), ("b", 1)]
    cases = [{**good, "case_id": case, "part": part} for case, part in keys]
    found = buckets(run(within(), *cases, table=table))
    assert found == ["counted", "counted", "repeated id", "repeated id"]
