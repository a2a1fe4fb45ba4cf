"""A report in a real browser, without a network: accessible, within the window, printed (R8, R9, H17)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import pytest

import kpi
from kpi.evaluation.report_figures.figures import report_figures
from kpi.report.page.write import report_text
from tests.report.page import small_plan
from tests.report.page.browser import on_paper, opened, too_wide, violations, wider_by
from tests.report.page.test_hostile import HOSTILE, _cases, _plan

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytest.importorskip("playwright.sync_api")
pytest.importorskip("axe_playwright_python.sync_playwright")

pytestmark = pytest.mark.needs("browser")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with opened() as program:
        yield program


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The files of a report in both languages, before the end, and of a hostile plan."""
    directory = tmp_path_factory.mktemp("pages")
    early = kpi.follow(small_plan.SMALL, small_plan.CASES, "2022-09-15", by="office")
    since = kpi.compare(
        small_plan.SMALL, small_plan.CASES[:12], small_plan.CASES, "2022-08-31", "2022-09-15"
    )
    text = HOSTILE[2] + HOSTILE[7][:200]
    hostile = report_figures(_plan(text), _cases(text), "2022-12-31", by=("case_type",))
    texts = {
        "da": report_text(small_plan.figures(), "html", language="da", hide_below=0),
        "en": early.report(language="en", hide_below=0, comparison=since),
        "hostile": report_text(hostile, "html", hide_below=0),
    }
    for name, html in texts.items():
        (directory / f"{name}.html").write_text(html)
    return {name: directory / f"{name}.html" for name in texts}


_SETTINGS: tuple[tuple[int, Literal["light", "dark"]], ...] = (
    (1280, "light"),
    (768, "light"),
    (320, "dark"),
)


@pytest.mark.parametrize("name", ["da", "en", "hostile"])
@pytest.mark.parametrize(("width", "scheme"), _SETTINGS)
def test_it_fits_is_accessible_and_asks_for_nothing(
    browser: Browser,
    pages: dict[str, Path],
    name: str,
    width: int,
    scheme: Literal["light", "dark"],
) -> None:
    # The page's own policy would refuse the script that looks at it.
    context = browser.new_context(
        viewport={"width": width, "height": 900}, color_scheme=scheme, bypass_csp=True
    )
    page, said, asked = context.new_page(), [], []
    page.on("console", lambda message: said.append(message.text))
    page.on("dialog", lambda dialog: said.append(dialog.message))
    page.on("request", lambda request: asked.append(request.url))
    page.goto(pages[name].as_uri())
    assert wider_by(page) == 0
    # The layouts are the same in each language: the others are looked through in one of them.
    if name == "da" or (width, scheme) == _SETTINGS[-1]:
        assert violations(page) == []
    assert (said, asked) == ([], [pages[name].as_uri()])
    context.close()


def test_under_its_own_policy_it_is_styled_and_says_nothing(
    browser: Browser, pages: dict[str, Path]
) -> None:
    page, said = browser.new_page(), []
    page.on("console", lambda message: said.append(message.text))
    page.goto(pages["da"].as_uri())
    # Without its style sheet the sign for no value would be as wide as the page.
    assert page.locator("ul.cards").evaluate("e => getComputedStyle(e).display") == "flex"
    assert said == []
    page.close()


def test_by_the_keyboard(browser: Browser, pages: dict[str, Path]) -> None:
    page = browser.new_page()
    page.goto(pages["da"].as_uri())
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('href')") == "#overview"
    closed = page.locator("details").first
    closed.locator("summary").focus()
    page.keyboard.press("Enter")
    assert closed.evaluate("e => e.open") is True
    page.close()


@pytest.mark.parametrize("name", ["da", "en", "hostile"])
def test_on_a4_no_table_reaches_over_what_stands_beside_it(
    browser: Browser, pages: dict[str, Path], name: str
) -> None:
    page = browser.new_page()
    page.goto(pages[name].as_uri())
    on_paper(page)
    assert too_wide(page) == []
    page.close()


def test_it_prints_on_a4_with_the_numbers_of_its_charts(
    browser: Browser, pages: dict[str, Path]
) -> None:
    page = browser.new_page()
    page.goto(pages["da"].as_uri())
    page.emulate_media(media="print")
    hidden = page.locator("details table").first
    assert hidden.evaluate("e => e.checkVisibility({contentVisibilityAuto: true})") is True
    printed = page.pdf(prefer_css_page_size=True)
    assert printed.startswith(b"%PDF")
    # A4 in points: 210 mm and 297 mm.
    assert b"/MediaBox [0 0 594.95996 841.91998]" in printed
    page.close()
