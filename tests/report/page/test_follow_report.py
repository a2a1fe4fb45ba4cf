"""A follow-up as a report: what it takes, what is expected, charts to date, what moved (R1, R4, R6, R13)."""

from __future__ import annotations

import io
import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
import pytest

import kpi
from kpi.evaluation.report_figures.figures import follow_up_figures
from kpi.report import follow_words
from kpi.report.page import expected
from kpi.report.page.catalogue import catalogue
from kpi.report.page.write import report_bytes
from kpi.sample import sample
from tests.commands import run
from tests.evaluation.follow_up import steady_office as steady
from tests.report.page import small_plan
from tests.report.page.read_back import Page

EN = catalogue("en")
PLANS = Path(__file__).parents[3] / "examples" / "plans"
OLD = steady.cases().with_columns(
    decided=pl.when(pl.col("decided") <= pl.date(2022, 10, 20)).then("decided")
)
"""The cases as of the end of October, those decided since the 21st registered late."""


@cache
def followed() -> kpi.FollowUp:
    plan = steady.plan(steady.within("1", 55), steady.within("2", 45))
    return kpi.follow(plan, steady.cases(), steady.AS_OF)


@cache
def since() -> kpi.Comparison:
    return kpi.compare(followed().plan, OLD, steady.cases(), "2022-10-31", steady.AS_OF)


@cache
def text(form: str = "html", language: str = "en") -> str:
    return followed().report(form=form, language=language, comparison=since())  # type: ignore[arg-type]  # one of both


def cells(page: Page, caption: str, n: int = 0) -> list[list[str]]:
    return [[cell.strip() for cell in row] for row in page.table(caption, n).rows]


def test_the_overview_says_what_it_takes_and_what_is_expected() -> None:
    # 61 of 122 are in time: (0.55 x 122 - 61) / 0.45 = 13.6, and 61 / 0.45 - 122 = 13.6 may be late.
    rows = {row[0]: row for row in cells(Page.of(text()), "Requirements")}
    assert rows["1"][6:] == ["○ open", "14 more in time", "expected missed"]
    assert rows["2"][6:] == ["○ open", "room for 13 late", "expected met"]


def test_what_is_an_estimate_is_in_italics_with_the_word_and_its_record() -> None:
    page, data = text(), json.loads(followed().to_json(series=False))["targets"][0]["estimate"]
    of_first = page.split('id="t2"', maxsplit=1)[0]
    said = re.findall(r"<em>(.*?)</em>", of_first)
    low, value, high = (f"{100 * data[key]:.1f}" for key in ("low", "value", "high"))
    assert f"estimate {value} % ({low}–{high} %), expected missed" in said
    trials, held = data["track"]["trials"], data["track"]["held"]
    assert (
        f"In {held} of {trials} trials on earlier months the interval of the others held the end."
        in said
    )
    # Every word of an outlook on the page is in italics.
    for word in ("expected missed", "expected met"):
        assert page.count(word) == sum(word in line for line in re.findall(r"<em>.*?</em>", page))
    # What it rests on is on the page.
    assumed = " ".join(Page.of(page).text.split())
    assert "What is taken for granted" in assumed
    for sentence in (*followed().assumes, *data["assumes"]):
        assert sentence in assumed


def test_the_months_to_date_by_hand() -> None:
    # Of October 31 + 31 ended, of which the 31 of the north in time; of November 30 + 30 more.
    page = Page.of(text())
    assert [row[:3] for row in cells(page, "1: to date, by the end of each month")[:2]] == [
        ["October 2022", "50.0 %", "62"],
        ["November 2022", "50.0 %", "122"],
    ]
    certain = followed()["1"].possible
    assert certain is not None
    assert certain.worst is not None
    shown = cells(page, "1: to date, by the end of each month")[1][3]
    assert shown == f"{100 * float(certain.worst):.1f}–100.0 %"
    assert cells(page, "1: to date, by the end of each month")[2][0].startswith(
        "December 2022: estimate"
    )
    # A month of the series is 60 or 62 cases, half of them in time.
    assert cells(page, "1: by the month in which cases ended")[-1][:3] == [
        "November 2022",
        "50.0 %",
        "60",
    ]
    assert (
        "The mean is 50.0 %, and months scatter naturally between 50.0 % and 50.0 %." in page.text
    )


def test_open_cases_by_weeks_by_hand() -> None:
    # The south's 50 open are of 12 October to 30 November: due from 11 November to 30 December, 20 of
    # them by the day; the north's 10 fall due from 21 to 30 December.
    page = Page.of(text())
    rows = cells(page, "1: open cases by weeks to their due date")
    assert sum(int(row[1]) for row in rows) == 60
    assert [row[0] for row in rows][:3] == [
        "3 weeks past due",
        "2 weeks past due",
        "1 week past due",
    ]
    assert sum(int(row[1]) for row in rows[:3]) == 20
    assert "60 open cases, of which 20 are past their due date and 40 fall due later" in page.text


def test_what_moved_since_then() -> None:
    page = Page.of(text())
    # By 20 October 40 had ended; 22 more by the end of the month were registered late.
    assert cells(page, "The figure then and now") == [
        ["as it was, 31 October 2022", "50.0 %", "40", "○ open"],
        ["as known now, 31 October 2022", "50.0 %", "62", "○ open"],
        ["now, 30 November 2022", "50.0 %", "122", "○ open"],
    ]
    assert cells(page, "Registered or corrected since then") == [
        ["end registered late", "22", "+22", "+11"],
    ]


@pytest.mark.parametrize("language", ["en", "da"])
def test_every_format_says_the_same(language: str) -> None:
    page = Page.of(text(language=language))
    markdown = text("markdown", language)
    made = report_bytes(
        follow_up_figures(followed(), None, since()), "xlsx", "r.xlsx", language=language
    )
    book = openpyxl.load_workbook(io.BytesIO(made))
    found = {str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row}
    texts = catalogue(language)
    for key in ("to_date.title", "by_end.title", "weeks.title"):
        caption = texts.text(key, id="1")
        assert f"**{caption}**" in markdown
        for row in cells(page, caption):
            assert f"| {row[0]} |" in markdown.replace("\\", "")
            assert row[0] in found
    for key in ("to_date", "by_end", "weeks", "figures", "changes"):
        assert texts.text(f"sheet.{key}") in book.sheetnames
    assert f"*{texts.text('outlook.expected_missed')}*" in markdown


def test_few_cases_of_a_month_follow_from_no_two_months_to_date() -> None:
    early = kpi.follow(small_plan.SMALL, small_plan.CASES, "2022-09-15", estimate=False)
    page = Page.of(early.report(language="en"))
    to_date = cells(page, "1a: to date, by the end of each month")
    # One or two cases a month, of which all are in time: 12 by 15 September, seven by April (2 + 2 + 2
    # + 1), and five come after it; between those two no month is shown.
    assert [(row[0], row[2]) for row in to_date if row[2] != "–"][-2:] == [
        ("April 2022", "7"), ("1 September 2022 to 15 September 2022", "12"),
    ]  # fmt: skip
    assert len([row for row in to_date if row[2] != "–"]) == 2
    assert "Natural limits are not shown, as months are hidden." in page.text
    assert not [
        row for row in cells(page, "1a: by the month in which cases ended") if row[2] != "–"
    ]
    shown = Page.of(early.report(language="en", hide_below=0))
    assert "There are too few whole months for natural limits." in shown.text


def test_a_hidden_month_does_not_follow_from_the_mean_of_all() -> None:
    # February has 28 cases of each office, every other month 30 or 31.
    assert "The mean is 50.0 %" in Page.of(followed().report(language="en", hide_below=28)).text
    page = Page.of(followed().report(language="en", hide_below=29))
    assert "Natural limits are not shown, as months are hidden." in page.text
    assert "The mean is" not in page.text


def test_withheld_headlines_of_a_follow_up() -> None:
    late = small_plan.CASES[:10]
    since_then = kpi.compare(small_plan.SMALL, late, small_plan.CASES, "2022-06-30", "2022-09-15")
    early = kpi.follow(small_plan.SMALL, small_plan.CASES, "2022-09-15", estimate=False)
    shown = early.report(language="en", hide_headlines=True, comparison=since_then)
    # Of 1a and 1b one row is excluded, and of 2 two rows are outside.
    page = Page.of(shown)
    assert [table.caption for table in page.tables if table.caption.startswith("1")] == []
    assert cells(page, "Requirements")[1][2:6] == ["–", "", "–", "–"]
    assert "in hand" not in page.text


def test_a_few_cases_that_moved_are_hidden() -> None:
    late = small_plan.CASES[:10]
    since_then = kpi.compare(small_plan.SMALL, late, small_plan.CASES, "2022-06-30", "2022-09-15")
    early = kpi.follow(small_plan.SMALL, small_plan.CASES, "2022-09-15", estimate=False)
    page = Page.of(early.report(language="en", comparison=since_then))
    rows = cells(page, "Registered or corrected since then")
    assert {*(cell for row in rows for cell in row[1:])} == {"–"}
    assert "as it is of fewer than 5 cases" in page.text


@pytest.mark.parametrize("name", ["us-2019", "service-desk", "nhs-england-ae"])
def test_what_it_takes_is_what_a_terminal_says(name: str) -> None:
    plan = kpi.load_plan(PLANS / f"{name}.toml")
    first, last = plan.period.closed
    day = first + (last - first) // 2
    early = kpi.follow(plan, sample(plan, 60, seed=5), day, estimate=False)
    for outlook in follow_words.leaves(early):
        assert expected.takes(EN, outlook) == follow_words.takes(outlook)


def test_the_agency_s_own_assessment_stands_beside_it_and_apart() -> None:
    own = pl.DataFrame(
        {"target": ["1"], "expected": ["met"], "on": ["2022-11-20"], "text": ["We catch up."], "by": ["The head"]}
    )  # fmt: skip
    early = kpi.follow(
        followed().plan, steady.cases(), steady.AS_OF, estimate=False, assessments=own
    )
    page = Page.of(early.report(language="en"))
    assert (
        "The agency's own assessment: met (The head, 20 November 2022): We catch up." in page.text
    )


def test_without_estimates_none_is_shown_and_nothing_is_taken_for_granted_of_one() -> None:
    page = kpi.follow(followed().plan, steady.cases(), steady.AS_OF, estimate=False).report(
        language="en"
    )
    assert "<em>" not in page
    assert "certain: no case that entered" in Page.of(page).text


def test_the_command_writes_it(here: Path) -> None:
    (here / "plan.toml").write_text(small_plan.PLAN)
    small_plan.CASES.write_csv("new.csv")
    small_plan.CASES[:12].write_csv("old.csv")
    ask = ("report", "plan.toml", "new.csv", "--as-of", "2022-09-15", "--language", "en")
    told = run(*ask, "--follow", "--then", "old.csv", "--then-as-of", "2022-08-31", "--out", "r.md")
    assert told.exit_code == 0, told.stderr
    made = (here / "r.md").read_text()
    assert (
        "| It takes | Expected \\(estimate\\) |" in made
        or "| It takes | Expected (estimate) |" in made
    )
    assert "**The figure then and now**" in made
    assert "--follow --then old.csv --then-as-of 2022-08-31 --language en" in made.replace("\\", "")
    assert "five days" in made
    assert "not worked out" not in made
    plain = run(
        *ask, "--then", "old.csv", "--then-as-of", "2022-08-31", "--format", "markdown"
    ).stdout
    assert "**The figure then and now**" in plain
    assert "It takes |" not in plain


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (("--assessments", "a.csv"), "--assessments needs --follow"),
        (("--follow",), "--follow needs --as-of, a day before the end"),
        (("--then", "old.csv"), "--then and --then-as-of belong together; give both"),
        (("--follow", "--as-of", "2022-12-31"), "nothing to follow as of 2022-12-31"),
    ],
)
def test_mistakes_are_a_line(here: Path, arguments: tuple[str, ...], line: str) -> None:
    (here / "plan.toml").write_text(small_plan.PLAN)
    small_plan.CASES.write_csv("cases.csv")
    found: Any = run("report", "plan.toml", "cases.csv", "--format", "markdown", *arguments)
    assert found.exit_code != 0
    assert line in found.stderr
