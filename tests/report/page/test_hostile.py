"""Hostile plans and data: the page holds, and shows them as text (R8, R9)."""

from __future__ import annotations

import datetime as dt
import html
import io
from typing import Any

import openpyxl
import polars as pl
import pytest

import kpi
from kpi.evaluation.chart_series import series
from kpi.evaluation.report_figures.figures import ReportFigures, follow_up_figures, report_figures
from kpi.report.page.write import report_bytes, report_text
from tests.report.page.read_back import Page

HOSTILE = (
    "<script>alert(1)</script>",
    "</style><script>alert(2)</script>",
    "</title></svg>]]>--><img src=x onerror=alert(3)>",
    "\"' onmouseover=alert(4) x='",
    "\u202egnirts\u202c \u2066left\u2069 \u200f",
    "{{ 7 * 7 }}{% raw %}",
    "æøå <b>ﷺ</b> עברית العربية",
    "x" * 5000,
    "\x1b[31m\x00\x07",
)
DAY = dt.date(2022, 1, 1)


def _plan(text: str, targets: int = 2) -> kpi.Plan:
    plain = {"title": text, "title_da": text, "source": text, "note": text}
    return kpi.Plan(
        id=text,
        period="2022",
        goals=[kpi.Goal(id=text, title=text, title_da=text, weight=100)],
        tables=[kpi.Table("cases", key="case_id", entry="filed", events="decided")],
        targets=[
            kpi.Within(
                id=f"{text}{n}",
                goal=text,
                start="filed",
                end="decided",
                limit="10 days",
                threshold=90,
                unless={"case_type": "none of them"},
                each="case_type" if n else None,
                readings=[{"name": text, "limit": "5 days"}],
                **plain,
            )
            for n in range(targets)
        ],
    )


def _cases(text: str) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "case_id": [f"case {n}" for n in range(20)],
            "case_type": [text, "b"] * 10,
            text[:40]: [text, "c"] * 10,
            "filed": [DAY] * 20,
            "decided": [DAY + dt.timedelta(days=4)] * 20,
        }
    )


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_it_is_shown_as_text_and_nothing_more(text: str) -> None:
    plain = "a plain text"
    usual = Page.of(report_text(_figures(plain), "html", hide_below=0))
    made = report_text(_figures(text), "html", hide_below=0, command=text)
    page = Page.of(made)
    assert page.elements <= usual.elements | {"pre", "code"}
    assert page.attributes <= usual.attributes
    assert all(target.startswith("#") for target in page.loads)
    shown = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
    assert page.text.count(shown) >= 10
    assert "49" not in page.text.replace(shown, "") or "7 * 7" not in text
    assert not [sign for sign in made if not sign.isprintable() and sign != "\n"]
    assert html.escape(text, quote=False) in made.replace("&#34;", '"').replace("&#39;", "'") or (
        shown != text
    )


def _figures(text: str) -> ReportFigures:
    return report_figures(_plan(text), _cases(text), "2022-12-31", by=("case_type", text[:40]))


def test_ten_thousand_case_types_are_counted_and_two_hundred_listed() -> None:
    frame = pl.DataFrame(
        {
            "case_id": [str(n) for n in range(60_000)],
            "case_type": [f"type {n % 10_000:05}" for n in range(60_000)],
            "filed": [DAY] * 60_000,
            "decided": [DAY] * 60_000,
        }
    )
    figures = report_figures(_plan("p", 1), frame, "2022-12-31", by=("case_type",))
    made = report_text(figures, "html", language="en")
    page = Page.of(made)
    assert len(page.table("By case_type").rows) == 200
    assert "9,800 more groups are not listed; kpi evaluate --by case_type" in page.text
    assert len(made.encode()) < 1_000_000


def test_an_empty_extract_and_a_plan_of_one_target() -> None:
    empty = _cases("a").clear()
    for language, word in (("en", "not assessable"), ("da", "kan ikke opgøres")):
        figures = report_figures(_plan("p", 1), empty, "2022-12-31", by=("case_type",))
        page = Page.of(report_text(figures, "html", language=language))
        assert word in page.text
        assert "figure" not in page.elements


def test_an_extract_without_the_plan_s_table() -> None:
    plan = kpi.Plan(
        id="p",
        period="2022",
        tables=[
            kpi.Table("cases", key="case_id", entry="filed", events="decided"),
            kpi.Table("others", key="id", entry="day"),
        ],
        targets=[kpi.Count(id="1", table="others", on="day", requires={"at_least": 3})],
    )
    text = kpi.evaluate(plan, {"cases": _cases("a")}).report(language="en")
    assert "not assessable" in Page.of(text).text


def test_a_follow_up_and_what_moved_show_it_as_text() -> None:
    text = f"=1+1{HOSTILE[1]}{HOSTILE[4]}"
    shown = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
    plan, cases = _plan(text, 1), _cases(text)
    followed = kpi.follow(plan, cases, "2022-02-15", by="case_type", estimate=False)
    since = kpi.compare(plan, cases[:12], cases, "2022-01-31", "2022-02-15")
    made = followed.report(language="en", hide_below=0, comparison=since)
    page = Page.of(made)
    assert not page.elements & {"script", "img"}
    assert all(target.startswith("#") for target in page.loads)
    assert page.text.count(shown) >= 10
    markdown = followed.report(form="markdown", language="en", hide_below=0, comparison=since)
    assert not [sign for sign in made + markdown if not sign.isprintable() and sign != "\n"]
    figures = follow_up_figures(followed, None, since)
    book = openpyxl.load_workbook(io.BytesIO(report_bytes(figures, "xlsx", "r.xlsx", hide_below=0)))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert not [cell.coordinate for cell in cells if cell.data_type == "f" or cell.hyperlink]
    assert shown in {cell.value for cell in cells}


def test_the_charts_of_a_follow_up_cost_nothing_for_each_group(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Of 10,000 case types each month end took two seconds, and no chart shows a group.
    asked: list[object] = []
    evaluated = kpi.evaluate

    def noted(*args: Any, **named: Any) -> kpi.Result:
        asked.append(named["by"])
        return evaluated(*args, **named)

    monkeypatch.setattr(series, "evaluate", noted)
    followed = kpi.follow(_plan("p", 1), _cases("a"), "2022-06-30", by="case_type", estimate=False)
    assert "By case_type" in Page.of(followed.report(language="en", hide_below=0)).text
    assert set(asked) == {()}
