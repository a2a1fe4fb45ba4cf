"""What a plan checks of itself: weights, ids, tables of facts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import kpi
from kpi.definitions.limits import parse_limit
from kpi.definitions.windows import Window
from tests.builders import TABLE, asked, average, plan, spans, within


def flow(**more: Any) -> kpi.Flow:
    return kpi.Flow(id="f", start="filed", end="decided", **more)


def test_weights_that_cost_nothing() -> None:
    """A weight of nothing, and an indicator beside what is asked."""
    plan(within(), flow(weight=0))
    plan(kpi.Parts(id="p", weight=100, parts=[within(), flow()]))
    plan(within(goal="1"), flow(goal="1"), goals=[kpi.Goal(id="1", weight=100)])
    plan(within(), goals=[kpi.Goal(id="1", weight=0)])
    with pytest.raises(kpi.PlanError) as caught:
        plan(within(), goals=[kpi.Goal(id="1", weight=10)])
    assert (
        str(caught.value)
        == "goals.0.id: no requirement names this goal, so its weight cannot be earned"
    )


@pytest.mark.parametrize(("goal", "own"), [(0, 5), (5, 0), (5, 5)])
def test_a_weight_stands_in_one_place(goal: int, own: int) -> None:
    """Also where one of the two is nothing."""
    with pytest.raises(
        kpi.PlanError, match=rf"targets\.0\.weight: goal 1 has the weight {goal}, which"
    ):
        plan(within(goal="1", weight=own), goals=[kpi.Goal(id="1", weight=goal)])


def test_some_of_a_plan_has_no_weights() -> None:
    some = plan(within(weight=60), average(id="u", weight=40)).only("t")
    assert (some.leaves()[0].weight, list(some.remarks())) == (None, [])


def test_a_table_of_facts_that_only_conditions_read_is_read(tmp_path: Path) -> None:
    target = within("1 month", on_condition={"that": "the system is in place", "fact": "system"})
    spans(("2017-01-01", "2017-01-02")).write_parquet(tmp_path / "cases.parquet")
    (tmp_path / "reported.csv").write_text(
        "target,done,condition\nsystem,,true\n", encoding="utf-8"
    )
    assert kpi.evaluate(asked(target), tmp_path)["t"].verdict == "met"
    assert list(asked(target).tables_needed()) == ["reported", "cases"]


def test_where_a_part_has_an_id_that_is_taken() -> None:
    with pytest.raises(
        kpi.PlanError, match=r"^targets\.1\.parts\.1\.id: duplicate id 'a': target number 1"
    ):
        plan(within(id="a"), kpi.Parts(id="1", parts=[within(id="b"), within(id="a")]))


def test_a_reading_on_condition_needs_the_table_of_facts() -> None:
    target = within(readings=[{"name": "r", "on_condition": {"that": "it came about"}}])
    with pytest.raises(
        kpi.PlanError, match=r"targets\.0\.readings\.0\.on_condition: is told by the table"
    ):
        plan(target)


def test_a_condition_needs_the_table_of_facts() -> None:
    target = within("1 month", on_condition={"that": "the system is in place"})
    with pytest.raises(kpi.PlanError, match="on_condition: is told by the table reported"):
        kpi.Plan(id="p", period="2017", tables=[TABLE], targets=[target])
    with pytest.raises(kpi.PlanError, match="on_condition: accepted"):
        within("1 month", on_condition={"fact": "system"})


def test_definitions_check_themselves_in_python() -> None:
    with pytest.raises(kpi.PlanError, match=r"^limit: unknown unit 'moths'"):
        kpi.Average(id="1", start="filed", end="decided", limit="7 moths")
    with pytest.raises(kpi.PlanError, match=r"^threshold: found 101"):
        kpi.Within(id="1", start="filed", end="decided", limit="7 days", threshold=101)
    with pytest.raises(kpi.PlanError, match="ends before it starts"):
        Window(since="2017-02-01", before="2017-02-01")
    with pytest.raises(kpi.PlanError, match="accepted: a deadline after 2017-01-01"):
        kpi.Clearance(
            id="1", start="filed", end="decided", threshold=90,
            open_at={"start_of": "2017"}, deadline={"before": "2017-01-01"},
        )  # fmt: skip
    with pytest.raises(kpi.PlanError, match=r"accepted: { before = 2017-07-01 }"):
        kpi.Clearance(id="1", start="filed", end="decided", threshold=90, deadline="2017")
    with pytest.raises(AttributeError):
        kpi.Window("2017").name = "2018"  # type: ignore[misc]


def test_a_table_that_is_not_declared_is_a_key_error() -> None:
    with pytest.raises(KeyError, match="elsewhere"):
        plan(within()).table("elsewhere")


def test_equal_limits_have_one_hash_whatever_their_order() -> None:
    first, second = ({"a": "1 day", "b": "2 days"}, {"b": "2 days", "a": "1 day"})
    one, other = (parse_limit({"by": "case_type", "limits": limits}) for limits in (first, second))
    assert one == other
    assert hash(one) == hash(other)


@pytest.mark.parametrize(
    ("bounds", "complaint"),
    [
        ({"at_least": 5, "at_most": 3}, "no whole number is >= 5 and <= 3"),
        ({"more_than": 4, "less_than": 5}, "no whole number is > 4 and < 5"),
        ({"at_least": 5, "more_than": 7}, "found both at_least and more_than"),
        ({"at_most": 5, "less_than": 7}, "found both at_most and less_than"),
    ],
)
def test_s10_a_range_that_no_number_lies_in_is_refused(
    bounds: dict[str, int], complaint: str
) -> None:
    with pytest.raises(kpi.PlanError, match=complaint):
        within(where={"persons": bounds})


def test_s28_goals_with_one_id_are_named_at_their_own_places() -> None:
    goals = [kpi.Goal(id="1"), kpi.Goal(id="1"), kpi.Goal(id="2", weight=10)]
    with pytest.raises(kpi.PlanError, match=r"goals\.2\.id: no requirement names this goal"):
        plan(within(), goals=goals)
