"""Readings and single cases as tables of a terminal."""

from __future__ import annotations

from typing import Any

import kpi
from kpi.report.terminal import case_table, plain, readings_table
from tests.builders import average, plan, spans, within

LONG = {"name": "long", "limit": "2 months"}
LATE = spans(("2017-01-01", "2017-02-20"))
"""A case of fifty days: later than a month, and within two."""


def shown(found: kpi.Readings, width: int, modes: kpi.MonthEnds | None = None) -> list[str]:
    return plain(readings_table(found, width, modes), width).splitlines()


def test_readings_stand_beside_one_another_and_a_turn_is_marked() -> None:
    found = kpi.readings(plan(within(readings=[LONG]), average(id="u")), LATE)
    assert [line.split() for line in shown(found, 90)[2:6]] == [
        ["Target", "Reading", "Value", "Limit", "Counted", "Verdict"],
        ["t", "default", "0.0", "%", "90", "%", "within", "1", "month", "1", "missed", "◀", "turns"],
        ["long", "100.0", "%", "90", "%", "within", "2", "months", "1", "met"],
        ["u", "default", "50.0", "days", "at", "most", "30", "days", "1", "missed"],
    ]  # fmt: skip
    assert "Targets whose verdict depends on the reading: t" in shown(found, 90)


def test_a_narrow_window_has_no_limits_and_no_counted_rows_and_says_so() -> None:
    found = kpi.readings(plan(within(readings=[LONG])), LATE)
    lines = shown(found, 50)
    assert [line.split() for line in lines[2:5]] == [
        ["Target", "Reading", "Value", "Verdict"],
        ["t", "default", "0.0", "%", "missed", "◀", "turns"],
        ["long", "100.0", "%", "met"],
    ]
    assert "not shown in a window this narrow: limits, counted rows;" in " ".join(lines)


def month_ends(cases: int) -> tuple[kpi.MonthEnds, list[str]]:
    """Cases filed on 31 January and decided on 1 March: in time only where the month end rolls over."""
    frame = spans(*[("2017-01-31", "2017-03-01")] * cases, ("2017-01-01", "2017-02-20"))
    modes = kpi.month_ends(plan(within()), frame)
    return modes, shown(modes.readings, 100, modes)


def test_the_first_twenty_cases_that_depend_on_month_ends_are_shown() -> None:
    modes, lines = month_ends(22)
    assert modes.cases.height == 22
    at = lines.index("Cases whose outcome depends on the month-end mode: 22")
    assert lines[at + 1].split()[:4] == ["target", "case", "down", "due"]
    assert [line.split()[1] for line in lines[at + 2 : at + 22]] == [str(n) for n in range(1, 21)]
    assert lines[at + 22] == "2 more; all of them with --format csv"
    assert not [line for line in month_ends(20)[1] if "more; all of them" in line]


def test_where_no_case_depends_on_month_ends_there_is_no_table() -> None:
    _, lines = month_ends(0)
    at = lines.index("Cases whose outcome depends on the month-end mode: 0")
    assert lines[at + 1].startswith("• ")


def of_case(target: kpi.Target, *rows: Any, **more: Any) -> list[str]:
    """The line of a case in the table of what became of it."""
    made = plan(target, **more)
    trail = kpi.evaluate(made, spans(*rows), "2017-12-31").audit().collect()
    table = case_table(
        trail, {target.id: "in words"}, [target.id] if hasattr(target, "end") else []
    )
    return plain(table, 100).splitlines()[1].split()


def test_what_became_of_a_case() -> None:
    assert of_case(within(), ("2017-01-01", "2017-02-01")) == ["t", "yes:", "in", "words", "2017-02-01", "31", "in", "time"]  # fmt: skip
    late = of_case(within(), ("2017-01-01", "2017-02-02"))
    assert late == ["t", "yes:", "in", "words", "2017-02-01", "32", "late"]
    cohort = within(denominator="cohort", window={"before": "2017-02-01"})
    assert of_case(cohort, ("2017-01-01", None)) == ["t", "yes:", "in", "words", "2017-02-01", "not", "ended"]  # fmt: skip


def test_a_case_that_is_met_without_days_is_met() -> None:
    for case_type, said in (("visa", "yes"), ("asylum", "no")):
        target = kpi.Share(
            id="t", on="filed", having={"case_type": case_type}, threshold=50, table="cases"
        )
        assert of_case(target, ("2017-01-01", None))[-1] == said


def test_hours_are_shown_to_the_second_and_pauses_beside_the_days() -> None:
    trail = kpi.evaluate(plan(within()), spans(("2017-01-01", "2017-01-02"))).audit().collect()
    for cells, text in (
        ({"seconds": 90_061}, "25:01:01"),
        ({"seconds": -61}, "-0:01:01"),
        ({"days": 40, "gross": 50, "paused": 10}, "40 (50, paused 10)"),
        ({"days": 1, "paused": 0}, "1"),
    ):
        row = trail.with_columns(**dict.fromkeys(("days", "gross", "paused", "seconds")))
        row = row.with_columns(**cells)
        table = plain(case_table(row, {"t": "x"}, []), 100)
        assert f" {text} " in table.splitlines()[1]
