"""Open, met, missed, not assessable (S27): cases worked out by hand."""

from __future__ import annotations

import datetime as dt

import polars as pl
import pytest

import kpi
from kpi.definitions.target import Target
from kpi.definitions.windows import Window
from tests.builders import average, clearance, one, spans, undated_table, within
from tests.counting_rules import hand_worked
from tests.counting_rules.hand_worked import D, run


def test_s27_undetermined_cases_that_could_turn_the_verdict_are_named() -> None:
    target = within("1 month", denominator="overdue", threshold=90)
    kept = [("2017-01-01", "2017-01-02")]

    def notes(frame: pl.DataFrame) -> list[str]:
        plan = kpi.Plan(id="p", period="2017", tables=[undated_table()], targets=[target])
        return [note for note in kpi.evaluate(plan, frame).notes if "could still turn" in note]

    assert notes(spans(*kept * 9, ("2017-12-15", None))) == []  # 9 of 10 at worst
    assert notes(spans(*kept * 9, *[("2017-12-15", None)] * 2)) == [
        "t: the verdict could still turn: 2 cases are undetermined"
    ]


def test_s27_undetermined_cases_are_named_in_every_result() -> None:
    target = within("1 month", denominator="overdue", threshold=90)
    plan = kpi.Plan(id="p", period="2017", tables=[undated_table()], targets=[target])
    frame = spans(*[("2017-01-01", "2017-01-02")] * 9, ("2017-12-15", None))
    (note,) = [note for note in kpi.evaluate(plan, frame).notes if "undetermined" in note]
    assert note == (
        "undetermined on 2017-12-31, for the outcome is not certain yet, and so not counted: t (1)"
    )


def test_s27_open_until_the_windows_last_day() -> None:
    frame = spans(("2017-01-01", "2017-01-02"))
    assert one(average(window="2017-H1"), frame, "2017-02-01").verdict == "open"
    # A case that is filed on the last day cannot take longer than the limit any more (F6).
    assert one(average(window="2017-H1"), frame, "2017-06-29").verdict == "secured"
    assert one(average(window="2017-H1"), frame, "2017-06-30").verdict == "met"
    target = clearance({"before": "2017-07-01"})
    assert one(target, frame, "2017-06-29").verdict == "open"
    assert one(target, frame, "2017-06-30").verdict == "met"


@pytest.mark.parametrize(
    ("target", "last"),
    [
        (hand_worked.within(), D(2017, 12, 31)),
        (average(window="2017-Q1"), D(2017, 3, 31)),
        (
            hand_worked.within(window=Window(since="2017-01-01", before="2018-03-01")),
            D(2018, 2, 28),
        ),
        (hand_worked.clearance(), D(2017, 6, 30)),
    ],
)
def test_s27_open_until_the_last_day_of_whatever_window(target: Target, last: dt.date) -> None:
    cells = {"filed": D(2016, 12, 31), "decided": D(2017, 1, 1)}
    assert run(target, cells, as_of=last - dt.timedelta(days=1)).verdict == "open"
    assert run(target, as_of=last - dt.timedelta(days=1)).verdict == "open"
    assert run(target, cells, as_of=last).verdict == "met"
    assert run(target, as_of=last).verdict == "not_assessable"
