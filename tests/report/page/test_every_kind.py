"""Every kind of target in a follow-up's page, a result's page and a table, in both languages (R1, R4)."""

from __future__ import annotations

from functools import cache

import polars as pl
import pytest

import kpi
from kpi.evaluation.report_figures.figures import report_figures
from kpi.report import follow_words, terminal
from kpi.report.page import expected
from kpi.report.page.catalogue import catalogue
from kpi.report.page.terminal_words import terminal_words
from kpi.report.page.write import report_bytes, report_text
from tests.report.page import small_plan
from tests.report.page.read_back import Page

SPAN = 'start = "filed"\nend = "decided"\n'
TARGETS = {
    "1": 'rule = "count"\non = "decided"\nrequires = { at_least = 20 }',
    "2": 'rule = "count"\non = "decided"\nrequires = { at_most = 3 }',
    "3": 'rule = "count"\non = "decided"\nrequires = { at_most = 90 }',
    "4": f'rule = "stock"\n{SPAN}at = {{ end_of = 2022-12-31 }}\nlevel = {{ at_most = 9 }}',
    "5": f'rule = "clearance"\n{SPAN}open_at = {{ start_of = 2022-09-01 }}\n'
    "deadline = { through = 2022-12-31 }\nthreshold = 50",
    "6": f'rule = "average"\n{SPAN}limit = "7 days"\nfastest = 90',
    "7": f'rule = "average"\n{SPAN}limit = "3 days"',
    "8": f'rule = "within"\n{SPAN}limit = "10 days"\nthreshold = "all"\ndenominator = "cohort"\non = "filed"',
    "9": f'rule = "within"\n{SPAN}limit = "10 days"\nthreshold = 90\neach = "office"',
    "10": f'rule = "within"\n{SPAN}limit = "10 days"\nwindow = "2022-H2"\nagainst = "2022-H1"\n'
    "difference = { at_least = 0 }",
    "11": 'rule = "milestone"\ndeadline = { through = 2022-12-31 }',
    "12": f'rule = "flow"\n{SPAN}',
    "13": f'rule = "percentile"\n{SPAN}percentile = 90\nlimit = "8 days"',
    "14": f'rule = "within"\n{SPAN}limit = "1 month before"\nthreshold = 1',
    "15": f'rule = "within"\n{SPAN}limit = "10 days"\nthreshold = 10\nwindow = "2022-H1"',
}
HEAD = small_plan.PLAN.split("[[goals]]", maxsplit=1)[0]
REPORTED = '[tables.reported]\nkey = "target"\nevents = ["done"]\n'
PLAN = kpi.parse_plan(
    HEAD
    + REPORTED
    + "".join(f'[[targets]]\nid = "{name}"\n{rest}\n' for name, rest in TARGETS.items())
)
TABLES = {
    "cases": small_plan.CASES,
    "reported": pl.DataFrame(
        {"target": ["11"], "done": [None]}, schema_overrides={"done": pl.Date}
    ),
}


@cache
def followed() -> kpi.FollowUp:
    return kpi.follow(PLAN, TABLES, "2022-09-15", estimate=False)


@pytest.mark.parametrize("language", ["en", "da"])
def test_a_follow_up_of_every_kind(language: str) -> None:
    since = kpi.compare(
        PLAN, {**TABLES, "cases": small_plan.CASES[:9]}, TABLES, "2022-08-31", "2022-09-15"
    )
    pages = [
        Page.of(followed().report(language=language, hide_below=hide_below, comparison=since))
        for hide_below in (0, 5)
    ]
    for page in pages:
        assert len([name for name in page.ids if name.startswith("t") and name[1:].isdigit()]) == 15
    # A stock and a count have the first chart alone (R4).
    shown = {table.caption for table in pages[0].tables}
    texts = catalogue(language)
    assert texts.text("to_date.title", id="4") in shown
    assert texts.text("by_end.title", id="4") not in shown


def test_what_each_kind_takes_is_what_a_terminal_says() -> None:
    takes = {
        outlook.id: expected.takes(catalogue("en"), outlook)
        for outlook in follow_words.leaves(followed())
    }
    assert takes == {
        outlook.id: follow_words.takes(outlook) for outlook in follow_words.leaves(followed())
    }
    # 13 are decided by then, d1 too: 7 are missing of 20, 77 may still come of 90, and 3 is lost.
    assert (takes["1"], takes["2"], takes["3"]) == ("7 more", "", "room for 77 more")
    # 12 took (9 x 4 + 3 x 6) = 54 days; 3 days each are 36, so 18 too many.
    assert takes["7"] == "18 days over"


@pytest.mark.parametrize("language", ["en", "da"])
def test_a_result_of_every_kind(language: str) -> None:
    figures = report_figures(PLAN, TABLES, "2022-12-31", by=("office",))
    assert "14" not in figures.caseloads
    assert report_bytes(figures, "xlsx", "r.xlsx", language=language)
    page = Page.of(report_text(figures, "html", language=language, hide_below=0))
    assert page.text.count("✓") > 3
    for every in ("month", "quarter"):
        result = kpi.evaluate(PLAN, TABLES, "2022-12-31", every=every)
        for width in (50, 170):
            shown = terminal.plain(
                terminal.result_table(result, width, terminal_words(language, PLAN)), width
            )
            assert max(map(len, shown.splitlines())) <= width
