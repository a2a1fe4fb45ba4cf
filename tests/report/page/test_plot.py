"""Charts by themselves, and the namespace of frames: what a notebook shows (R4)."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import polars as pl
import pytest

import kpi
import kpi.namespace
from kpi.errors import KpiError
from kpi.report.page.write import report_text
from tests.evaluation.follow_up import steady_office as steady
from tests.report.page import small_plan
from tests.report.page.read_back import Page
from tests.report.page.test_hostile import HOSTILE, _cases, _plan

RESULT = kpi.evaluate(small_plan.SMALL, small_plan.CASES, "2022-12-31", by="office")
SVG = "{http://www.w3.org/2000/svg}"


def drawn(plot: Any) -> ET.Element:
    return ET.fromstring(plot._repr_svg_())  # noqa: S314 - our own


def test_a_chart_is_that_of_the_report() -> None:
    page = report_text(small_plan.figures(), "html", language="en", hide_below=0)
    for kind, title in (
        ("series", "1a by period: In ten days"),
        ("times", "1a: how long the counted cases took"),
    ):
        plot = RESULT.plot("1a", kind, language="en", hide_below=0)  # type: ignore[arg-type]  # both are kinds
        assert repr(plot) == f"<Plot {title}>"
        shapes = [
            line
            for line in plot._repr_svg_().splitlines()
            if line.startswith(("<polyline", "<circle", '<rect class="bar"', '<rect class="band"'))
        ]
        assert shapes
        assert "\n".join(shapes) in page


def test_it_needs_nothing_beside_it(tmp_path: Path) -> None:
    plot = RESULT.plot("1b", hide_below=0)
    picture = drawn(plot)
    assert picture.tag == f"{SVG}svg"
    title, words = (picture.find(f"{SVG}{name}") for name in ("title", "desc"))
    assert title is not None
    assert words is not None
    assert picture.get("aria-labelledby") == f"{title.get('id')} {words.get('id')}"
    style = picture.find(f"{SVG}style")
    assert style is not None
    assert style.text is not None
    # Its rules are for the picture alone, and no colour is named elsewhere.
    rules = [line for line in style.text.splitlines() if line]
    assert all(rule.startswith(f"#{picture.get('id')} ") for rule in rules)
    assert "var(" not in style.text
    plot.save(tmp_path / "a.svg")
    assert ET.parse(tmp_path / "a.svg").getroot().tag == f"{SVG}svg"  # noqa: S314 - our own
    with pytest.raises(KpiError, match=r"a\.png: unknown ending; accepted: \.svg"):
        plot.save(tmp_path / "a.png")
    # Two charts of one notebook have other names.
    assert drawn(RESULT.plot("1a", hide_below=0)).get("id") != picture.get("id")


def test_a_notebook_shows_it_with_its_words_all_of_them_escaped() -> None:
    for text in HOSTILE[:4]:
        made = kpi.evaluate(_plan(text, 1), _cases(text), "2022-12-31")
        html = made.plot(f"{text}0", "times", hide_below=0)._repr_html_()
        page = Page.of(html)
        assert page.elements <= {
            "figure", "div", "b", "svg", "title", "desc", "style", "rect", "line", "text", "figcaption",
        }  # fmt: skip
        assert not [name for name in page.attributes if name.startswith("on")]


def test_without_a_value_there_is_nothing_to_draw() -> None:
    none = kpi.evaluate(small_plan.SMALL, small_plan.CASES.clear(), "2022-12-31")
    with pytest.raises(KpiError, match="1a: nothing to draw as series: too few periods or cases"):
        none.plot("1a")


def test_hidden_months_are_no_points() -> None:
    assert not drawn(RESULT.plot("1a")).findall(f".//{SVG}circle")
    assert len(drawn(RESULT.plot("1a", hide_below=0)).findall(f".//{SVG}circle")) == 10


def test_a_follow_up_has_three_charts() -> None:
    followed = kpi.follow(
        steady.plan(steady.within("1", 55)), steady.cases(), steady.AS_OF, estimate=False
    )
    titles = [
        followed.plot("1", kind, language="en").chart.title
        for kind in ("to_date", "by_end", "weeks")
    ]
    assert titles == [
        "1: to date, by the end of each month",
        "1: by the month in which cases ended",
        "1: open cases by weeks to their due date",
    ]
    assert drawn(followed.plot("1")).findall(f".//{SVG}polygon")
    with pytest.raises(KpiError, match="plot: found 'month'; accepted: to_date, by_end, weeks"):
        followed.plot("1", "month")  # type: ignore[arg-type]  # a mistake


def test_mistakes_are_a_line() -> None:
    with pytest.raises(KeyError):
        RESULT.plot("9")
    with pytest.raises(KpiError, match="plot: found 'months'; accepted: series, times"):
        RESULT.plot("1a", "months")  # type: ignore[arg-type]  # a mistake
    with pytest.raises(KpiError, match="2: nothing to draw as times"):
        RESULT.plot("2", "times")
    of_states = kpi.finish(kpi.partial(small_plan.SMALL, small_plan.CASES))
    with pytest.raises(KpiError, match="nothing to draw: this result was finished from states"):
        of_states.plot("1a")
    parts = kpi.Plan(
        id="p", period="2022", tables=small_plan.SMALL.tables,
        targets=[kpi.Parts(id="1", must_hold="all", parts=list(small_plan.SMALL.only("1b", "2").targets))],
    )  # fmt: skip
    with pytest.raises(KpiError, match="1 has parts, each with charts of its own: 1b, 2"):
        kpi.evaluate(parts, small_plan.CASES).plot("1")


def test_a_frame_evaluates_a_plan() -> None:
    for frame in (small_plan.CASES, small_plan.CASES.lazy()):
        found = frame.kpi.evaluate(small_plan.SMALL, "2022-12-31", by="office")  # type: ignore[union-attr]  # registered
        assert found == RESULT
    monthly = small_plan.CASES.kpi.evaluate(small_plan.SMALL, every="month")  # type: ignore[attr-defined]  # registered
    assert "<table>" in monthly._repr_html_()
    assert isinstance(small_plan.CASES, pl.DataFrame)


def test_only_its_module_registers_the_namespace() -> None:
    code = (
        "import kpi, sys; assert 'polars' not in sys.modules; import polars as pl\n"
        "assert not hasattr(pl.DataFrame, 'kpi'); import kpi.namespace; assert hasattr(pl.DataFrame, 'kpi')"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_report_of_another_form_is_refused() -> None:
    """It would else be Markdown, whatever was asked for."""
    with pytest.raises(KpiError, match="form: found 'pdf'; accepted: html, markdown, xlsx"):
        RESULT.report(form="pdf")  # type: ignore[arg-type]  # a mistake
