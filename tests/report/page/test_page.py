"""A report as a page: what it says is what the JSON says, it loads and runs nothing (R1 to R9, H17)."""

from __future__ import annotations

import datetime as dt
import json
import re
from fractions import Fraction
from functools import cache

import polars as pl
import pytest

import kpi
from kpi.evaluation.report_figures.figures import ReportFigures
from kpi.report.page.write import report_text
from tests.report.page import small_plan
from tests.report.page.read_back import Page
from tests.sampled import US_2017, sampled


@cache
def _small() -> ReportFigures:
    return small_plan.figures()


@cache
def _page(language: str = "en", hide_below: int = 5) -> Page:
    return Page.of(report_text(_small(), "html", language=language, hide_below=hide_below))


def _cells(page: Page, caption: str, n: int = 0) -> list[list[str]]:
    return [[cell.strip() for cell in row] for row in page.table(caption, n).rows]


def test_the_overview_by_hand() -> None:
    # 12 of 13 in time; (9 x 4 + 20 + 3 x 6) / 13 = 74 / 13 = 5.69 days; 14 decided, d1 too.
    assert _cells(_page(), "Requirements") == [
        ["1 Handling", "60"],
        ["1a", "In ten days 90 % within 10 days", "92.3 %", "", "13", "1", "✓ met", ""],
        ["1b", "On average at most 7 days", "5.7 days", "", "13", "1", "✓ met", ""],
        ["Without a goal", ""],
        ["2", "at least 20", "14", "", "14", "", "✗ missed", "40"],
    ]
    assert "Of 3 requirements: 2 met, 1 missed." in _page().text
    assert "60 of 100" in _page().text


def test_the_overview_in_danish() -> None:
    assert _cells(_page("da"), "Resultatkrav")[1] == [
        "1a", "Inden for ti dage 90 % inden for 10 dage", "92,3 %", "", "13", "1", "✓ opfyldt", "",
    ]  # fmt: skip
    assert "Af 3 resultatkrav: 2 opfyldt, 1 ikke opfyldt." in _page("da").text
    assert "31. december 2022" in _page("da").text
    assert "En lille plan" in _page("da").text


def test_the_sentence_of_a_requirement_by_hand() -> None:
    text = " ".join(_page().text.split())
    for said in (
        "Required 90 % within 10 days",
        "counted from filed to decided.",
        "Who is counted every row of the table cases",
        "Window 2022",
        "Counted are the cases that ended in the window.",
        "Source page 3",
        "Note The document says ten.",
        "Counting rules: S2, S3, S9, S10, S11, S12, S13, S15, S19, S25, S26, S27",
    ):
        assert said in text, said


def test_a_break_down_by_hand_with_small_cells_hidden() -> None:
    # South has 3 cases; with north alone shown they would follow, and so both are hidden. That one
    # row is excluded stands in the headline.
    rows = _cells(_page(), "By office")
    assert rows == [["north", "–", "–", "–", "–", "–"], ["south", "–", "–", "–", "0", "–"]]
    rows = _cells(_page(hide_below=0), "By office")
    assert rows == [
        ["north", "90.0 %", "9", "10", "1", "✓ met"],
        ["south", "100.0 %", "3", "3", "0", "✓ met"],
    ]


def test_what_was_left_out_and_what_stands_beside_by_hand() -> None:
    assert _cells(_page(), "Left out, and why") == [
        ["start missing", "1"],
        ["outside the population or the window", "1"],
    ]
    # Filed in 2022: 14. Decided in 2022: 13, and d1, which is excluded. Open: c1, for 30 days, due
    # on 11 December.
    assert _cells(_page(), "Beside the ended cases") == [
        ["cases in (started in the window)", "14"],
        ["cases out (ended in the window)", "13"],
        ["open", "1"],
        ["open and past the due date", "1"],
        ["mean age of the open cases", "30.0 days"],
    ]
    # A mean gives no case a due date, but c1 has waited for longer than 7 days.
    of_mean = _cells(_page(), "Beside the ended cases", 1)
    assert of_mean[3] == ["open for longer than the limit", "1"]


def test_other_readings_by_hand() -> None:
    # Within 5 days are a1 to a9: 9 of 13.
    assert _cells(_page(), "Other readings of the sentence") == [
        ["as the plan reads it", "90 % within 10 days", "92.3 %", "13", "✓ met", ""],
        ["five days", "90 % within 5 days", "69.2 %", "13", "✗ missed", "yes"],
    ]
    assert "Another reading changes the verdict." in _page().text


def test_times_by_hand() -> None:
    # 9 cases of 4 days, 3 of 6 days, 1 of 20: bins of one day, and those of 3 and 1 join the 9 or 4.
    title = "1a: how long the counted cases took"
    assert _cells(_page(hide_below=0), title)[:1] == [["4", "9", "69.2 %"]]
    assert _cells(_page(hide_below=0), title)[-1] == ["20", "1", "100.0 %"]
    assert sum(int(row[1]) for row in _cells(_page(), title)) == 13
    assert all(int(row[1]) == 0 or int(row[1]) >= 5 for row in _cells(_page(), title))


def _number(text: str) -> Fraction:
    """The number in a printed figure of the Danish page."""
    found = re.search(r"-?[\d.]+(,\d+)?", text)
    assert found is not None, text
    return Fraction(found[0].replace(".", "").replace(",", "."))


@pytest.fixture(scope="module")
def of_2017() -> tuple[dict[str, object], Page, str]:
    tables = {"cases": sampled()}
    result = kpi.evaluate(US_2017, tables, "2017-12-31", by="case_type")
    html = result.report(language="da")
    return json.loads(result.to_json()), Page.of(html), html


def test_every_figure_of_the_overview_is_the_json_s(
    of_2017: tuple[dict[str, list[dict[str, object]]], Page, str],
) -> None:
    data, page, _ = of_2017
    rows = [row for row in page.table("Resultatkrav").rows if len(row) > 5]
    assert len(rows) == len(data["targets"]) > 10
    for row, target in zip(rows, data["targets"], strict=True):
        assert row[0] == target["id"]
        assert _number(row[4]) == target["counted"]
        excluded = target["excluded"]
        assert isinstance(excluded, dict)
        assert (_number(row[5]) if row[5] else 0) == sum(excluded.values())
        value, scale = target["value"], 100 if target["unit"] == "share" else 1
        assert isinstance(value, float | int)
        # One decimal, or more where the threshold is near.
        assert abs(_number(row[2]) - scale * Fraction(value)) <= Fraction(1, 20)
        assert (
            row[6].strip()[2:]
            == {"met": "opfyldt", "missed": "ikke opfyldt"}[str(target["verdict"])]
        )


def test_every_shown_group_is_the_json_s(
    of_2017: tuple[dict[str, list[dict[str, object]]], Page, str],
) -> None:
    data, page, _ = of_2017
    compared = 0
    named = [target for target in data["targets"] if target.get("groups")]
    tables = [table for table in page.tables if table.caption == "Efter case_type"]
    for table, target in zip(tables, named, strict=True):
        groups = target["groups"]
        assert isinstance(groups, list)
        counted = {str(g["group"]["case_type"]): g["counted"] for g in groups}
        place = table.heads.index("Talt med")
        for row in table.rows:
            if row[place] != "–":
                assert _number(row[place]) == counted[row[0]]
                compared += 1
    assert compared >= 10


def test_it_loads_and_runs_nothing(of_2017: tuple[object, Page, str]) -> None:
    page, html = of_2017[1], of_2017[2]
    assert all(target.startswith("#") for target in page.loads)
    assert {target[1:] for target in page.loads} <= {*page.ids}
    assert len(page.ids) == len(set(page.ids))
    assert page.elements.isdisjoint({"script", "link", "img", "iframe", "object", "base", "form"})
    assert not [name for name in page.attributes if name == "style" or name.startswith("on")]
    assert "url(" not in html
    assert "@import" not in html
    assert "default-src 'none'; style-src 'sha256-" in html.replace("&#39;", "'")
    assert len(html.encode()) < 1_000_000


def test_it_names_no_case(of_2017: tuple[object, Page, str]) -> None:
    ids = sampled()["case_id"].to_list()
    assert not [case for case in ids if case in of_2017[1].text]
    again = kpi.evaluate(small_plan.SMALL, small_plan.CASES.vstack(small_plan.CASES[:1]))
    assert any("a1" in note for note in again.notes)
    for form in ("html", "markdown"):
        # As a word: the letters may stand in the hash of the style sheet, or in a colour.
        assert not re.search(r"(?<![\w#])a1\b", again.report(form=form))


def test_the_same_figures_give_the_same_bytes() -> None:
    for form in ("html", "markdown"):
        first, second = (
            kpi.evaluate(small_plan.SMALL, small_plan.CASES, "2022-12-31").report(form=form)
            for _ in range(2)
        )
        assert first == second


def test_before_the_end_it_says_what_can_still_come() -> None:
    result = kpi.evaluate(small_plan.SMALL, small_plan.CASES, "2022-09-15")
    text = " ".join(Page.of(result.report(language="en")).text.split())
    # 12 decided in time, and 13 with d1, of which 20 are asked: new cases can turn each.
    assert "Of 3 requirements: 3 open." in text
    assert "○ 3 open of these secured 0, lost 0" in text
    assert "At the end at least 0 and at most 100 of 100" in text
    assert "Certain: by the last day the value can become" in text
    danish = " ".join(Page.of(result.report(language="da")).text.split())
    assert "Sikkert: til og med den sidste dag kan værdien blive" in danish


def test_a_result_of_states_has_no_cases_and_says_so() -> None:
    result = kpi.finish(kpi.partial(small_plan.SMALL, small_plan.CASES))
    text = result.report(language="en")
    assert "finished from states, which hold no cases" in text
    assert "The other readings were not worked out for this report." in text
    assert "<figure" not in text


def test_a_result_with_a_series_has_its_break_down_without_periods() -> None:
    by_month = kpi.evaluate(small_plan.SMALL, small_plan.CASES, by="office", every="month")
    whole = kpi.evaluate(small_plan.SMALL, small_plan.CASES, by="office")
    assert by_month.report(hide_below=0) == whole.report(hide_below=0)


_BESIDE = """\
id = "beside"
period = "2022"

[tables.cases]
key = "case_id"
entry = "filed"
events = ["decided"]

[[targets]]
id = "1"
rule = "within"
start = "filed"
end = "decided"
limit = "10 days"
threshold = 90
where = { office = "north" }
unless = { filed = { before = 2022-03-01 } }

[[targets]]
id = "2"
rule = "within"
start = "filed"
end = "decided"
limit = "10 days"
window = "2022-H2"
against = "2022-H1"
difference = { at_least = 0 }

[[targets]]
id = "3"
rule = "clearance"
start = "filed"
end = "decided"
open_at = { start_of = 2022-12-10 }
deadline = { through = 2022-12-31 }

[[targets]]
id = "4"
rule = "within"
start = "filed"
end = "decided"
limit = "1 month before"
threshold = 90

[[targets]]
id = "5"
rule = "within"
start = "filed"
end = "decided"
limit = "10 days"
threshold = 60
each = "case_id"
"""


def test_other_sentences_by_hand() -> None:
    plan = kpi.parse_plan(_BESIDE)
    cases = small_plan.CASES.filter(small_plan.CASES["filed"].is_not_null())
    many = pl.concat(cases.with_columns(case_id=pl.col("case_id") + f" {n}") for n in range(20))
    text = kpi.evaluate(plan, many, "2022-12-20").report(language="en")
    said = " ".join(Page.of(text).text.split())
    assert "Left out filed before 1 March 2022" in said
    assert "Who is counted open at the start of 10 December 2022" in said
    assert "Limit 1 month before filed" in said
    # Of the second half are a7 to a10, of which a10 is late; of the first a1 to a6 and b1 to b3.
    assert "base 100.0 % (2022-H1)" in said
    assert "difference -25.0 percentage points" in said
    # Of the 13 x 20 ids that are decided 200 are listed.
    assert "60 more groups are not listed; kpi evaluate --by case_id" in said
    # In target 1 are a3 to a10, 160 cases, of which 20 are late: (0.9 x 160 - 140) / 0.1 = 40.
    assert "It takes 40 more in time, and none late." in said


def test_room_before_the_end_by_hand() -> None:
    plan = kpi.parse_plan(small_plan.PLAN.replace("threshold = 90", "threshold = 60"))
    # On 15 October 12 are decided and in time, none late: room for 12 / 0.6 - 12 = 8.
    text = kpi.evaluate(plan, small_plan.CASES, "2022-10-15").report(language="en")
    assert "There is room for 8 more late ones." in Page.of(text).text


def test_the_months_of_a_cohort_say_how_far_it_has_come_and_the_last_what_became_of_it() -> None:
    # Ten cases are open at the start of August; four end in September, four in October.
    ends = [dt.date(2022, month, 10) for month in (9, 10) for _ in range(4)]
    cases = pl.DataFrame(
        {
            "case_id": [f"{n}" for n in range(10)],
            "entered": [dt.date(2022, 1, 1)] * 10,
            "filed": [dt.date(2022, 1, 1)] * 10,
            "decided": [*ends, None, None],
        }
    )
    plan = kpi.parse_plan(
        small_plan.PLAN.split("[[goals]]", maxsplit=1)[0]
        + '[[targets]]\nid = "1"\nrule = "clearance"\nstart = "filed"\nend = "decided"\nthreshold = 60\n'
        "open_at = { start_of = 2022-08-01 }\ndeadline = { through = 2022-10-31 }\n"
    )
    page = Page.of(kpi.evaluate(plan, cases, "2022-12-31").report(language="en", hide_below=0))
    (table,) = (table for table in page.tables if table.heads[0] == "Period")
    assert [(row[0], row[1], row[-1]) for row in table.rows] == [
        ("August 2022", "0.0 %", "• indicator"),
        ("September 2022", "40.0 %", "• indicator"),
        ("October 2022", "80.0 %", "✓ met"),
    ]
