"""What a target takes from its plan, names and leaves out."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

import kpi
from kpi.definitions.target import Target
from tests.builders import SPAN, average, by_type, plan, spans, within


def test_a_reading_is_a_target_without_readings_notes_or_weight() -> None:
    reading = kpi.Reading("r", {"limit": "30 days"})
    target = within("1 month", note="as it stands", goal="1", weight=5, readings=[reading])
    other = target.with_reading(reading)
    assert (other.note, other.goal, other.weight, other.readings) == (None, None, None, ())
    for changes in ({"readings": [{"name": "s", "limit": "1 day"}]}, {"without": ["goal"]}):
        with pytest.raises(kpi.PlanError, match="accepted"):
            target.with_reading(kpi.Reading("r", changes))


def test_values_are_named_of_their_own_column() -> None:
    """Those of a limit, and those that are ruled out."""
    target = within(by_type(visa="1 day"), where={"office": "N"}, unless={"office": "Q"})
    frame = spans(("2017-01-01", "2017-01-02")).with_columns(office=pl.lit("N"))
    notes = [n for n in kpi.evaluate(plan(target), frame).notes if "names what no row" in n]
    assert notes == ["cases.office: the plan names what no row holds: 'Q'"]


def test_a_part_has_no_goal_of_its_own() -> None:
    with pytest.raises(kpi.PlanError, match=r"parts\.1\.goal: a part has none of its own"):
        kpi.Parts(id="1", parts=[within(id="a"), within(id="b", goal="1")])


def test_a_condition_has_no_other_keys() -> None:
    with pytest.raises(kpi.PlanError, match="on_condition: accepted"):
        within(on_condition={"that": "it came about", "fct": "system"})


OWN: dict[str, Any] = {"month_end": "up", "calendar": "sweden"}


WORKING = "5 working days"


@pytest.mark.parametrize(
    ("target", "taken"),
    [
        (within("1 month"), ["month_end"]),
        (within("1 month", month_end="up"), []),
        (within(WORKING), ["calendar"]),
        (within(WORKING, calendar="sweden"), []),
        (within("5 days"), []),
        (within("1 hour"), []),
        (within("5 days", roll="next working day"), ["calendar"]),
        (within("5 days", roll="next working day", calendar="sweden"), []),
        (within("5 days", roll="none"), []),
        (average("1 month"), ["month_end"]),
        (average("1 month", **OWN), []),
        (average(WORKING), ["calendar"]),
        (average(WORKING, **OWN), []),
        (kpi.Flow(**SPAN), []),
        (kpi.Flow(**SPAN, limit="1 month"), ["month_end"]),
        (kpi.Flow(**SPAN, limit="1 month", month_end="up"), []),
        (kpi.EveryWorkingDay(**SPAN, limit="1 month"), ["month_end", "calendar"]),
        (kpi.EveryWorkingDay(**SPAN, limit="1 month", month_end="up"), ["calendar"]),
        (kpi.EveryWorkingDay(**SPAN, limit=WORKING), ["calendar", "calendar"]),
        (kpi.EveryWorkingDay(**SPAN, limit=WORKING, calendar="sweden"), []),
    ],
)
def test_what_a_target_takes_from_its_plan(target: Target, taken: list[str]) -> None:
    assert list(target.inherited_options(plan(target))) == taken


def test_a_plan_that_rolls_gives_its_calendar_too() -> None:
    target = within("5 days")
    assert list(target.inherited_options(plan(target, roll="next working day"))) == [
        "roll",
        "calendar",
    ]
    own = within("5 days", calendar="sweden")
    assert list(own.inherited_options(plan(own, roll="next working day"))) == ["roll"]
    clock = within("1 hour")
    assert list(clock.inherited_options(plan(clock, roll="next working day"))) == []
