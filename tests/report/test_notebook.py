"""Values at the Python prompt and in a notebook: one line, and a table with all text escaped."""

from __future__ import annotations

from typing import Any

import pytest

import kpi
from kpi.notebook_html import html_table
from tests.report.page import small_plan
from tests.report.page.read_back import Page
from tests.report.page.test_hostile import _cases, _plan

PLAN, CASES = small_plan.SMALL, small_plan.CASES


def test_each_value_in_a_line() -> None:
    result = kpi.evaluate(PLAN, CASES, "2022-12-31", by="office")
    assert repr(PLAN) == "<Plan small, 2022: 3 requirements>"
    assert repr(kpi.check(PLAN, CASES)) == "<Extract checked for small: cases 15 rows>"
    assert repr(result) == "<Result small, as of 2022-12-31: 2 met, 1 missed; score 60 of 100>"
    assert repr(result["1a"]) == "<TargetResult 1a: 92.3 %, 90 % within 10 days: met>"
    assert repr(result["1a"].groups[0]) == (
        "<TargetResult 1a, office north: 90.0 %, 90 % within 10 days: met>"
    )
    state = repr(kpi.partial(PLAN, CASES, "2022-12-31"))
    assert state.startswith("<State small, as of 2022-12-31: 1 batch, ")
    readings = kpi.readings(PLAN, CASES, "2022-12-31")
    assert repr(readings) == "<Readings small, as of 2022-12-31: verdicts that turn: 1a>"


def test_each_value_as_a_table() -> None:
    result = kpi.evaluate(PLAN, CASES, "2022-12-31", by="office")
    state = kpi.merge(
        kpi.partial(PLAN, CASES, "2022-12-31"), kpi.partial(PLAN, CASES, "2022-12-31")
    )
    rows: list[tuple[Any, int]] = [
        (PLAN, 3),
        (kpi.check(PLAN, CASES), 1),
        (result, 3),
        (result["1a"], 3),
        (kpi.readings(PLAN, CASES), 4),
        (state, 1),
    ]
    for value, n in rows:
        (table,) = Page.of(value._repr_html_()).tables
        assert len(table.rows) == n, value
        assert all(len(row) == len(table.heads) for row in table.rows)
    assert "2 batches" in repr(state)


def test_a_follow_up_and_a_comparison() -> None:
    # By 15 September a1 to a9 were decided in 4 days and b1 to b3 in 6: 54 days over 12, and d1 was.
    followed = kpi.follow(PLAN, CASES, "2022-09-15", estimate=False)
    assert repr(followed) == "<FollowUp small, follow-up as of 2022-09-15: 3 open; score from 0 to 100 of 100>"  # fmt: skip
    assert repr(followed["2"]) == "<Outlook 2: 13, at least 20: open; can become 13 or more>"
    (table,) = Page.of(followed._repr_html_()).tables
    assert table.heads[6:] == ["Can become (certain)", "It takes", "If no new case"]
    assert table.rows[1] == [
        "1b", "On average", "4.5 days", "at most 7 days", "12", "open", "0.0 days or more", "30 days in hand", "4.5 days",
    ]  # fmt: skip
    # Of the first twelve a1 to a8 and b1, b2 were decided by August: 44 days over 10. Now b3 is known.
    moved = kpi.compare(PLAN, CASES[:12], CASES, "2022-08-31", "2022-09-15")
    assert repr(moved) == "<Comparison small, 2022-08-31 against 2022-09-15: figures that moved: 1a, 1b, 2>"  # fmt: skip
    (table,) = Page.of(moved._repr_html_()).tables
    assert table.rows[1] == ["1b", "4.4 days of 10", "4.5 days of 11", "4.5 days of 12", "open"]


def test_a_missing_table_is_named() -> None:
    lacking = kpi.check(PLAN, {})
    assert repr(lacking) == "<Extract checked for small: cases missing>"
    assert "missing" in lacking._repr_html_()


def test_text_is_escaped_and_many_rows_are_counted() -> None:
    table = html_table("<b>\u202e", ("'a'",), [(f'{n}"',) for n in range(203)])
    assert "&lt;b&gt;\\u202e" in table
    assert "&#39;a&#39;" in table
    assert table.endswith("<p>3 more rows</p>")
    assert len(Page.of(table).tables[0].rows) == 200


@pytest.mark.parametrize("text", ["\x1b[31m", "\u202egnirts", "a\r\nb"])
def test_nothing_brings_a_command_to_the_prompt(text: str) -> None:
    plan, cases = _plan(text), _cases(text)
    result = kpi.evaluate(plan, cases, "2022-12-31", by="case_type")
    followed = kpi.follow(plan, cases, "2022-06-30", estimate=False)
    values = (
        plan,
        kpi.check(plan, cases),
        kpi.partial(plan, cases, "2022-12-31"),
        result,
        result.targets[0],
        result.targets[0].groups[0],
        kpi.readings(plan, cases, "2022-12-31"),
        followed,
        followed.targets[0],
        kpi.compare(plan, cases, cases, "2022-03-31", "2022-06-30"),
        result.plot(f"{text}0", "times"),
    )
    for value in values:
        assert repr(value).isprintable(), type(value)


@pytest.mark.parametrize("form", ["<script>", "\x1b[31m"])
def test_a_hostile_title(form: str) -> None:
    plan = kpi.parse_plan(
        small_plan.PLAN.replace(
            '"In ten days"', repr(form).replace("\\x1b", "\\u001b").replace("'", '"')
        )
    )
    shown = plan._repr_html_()
    assert form not in shown
