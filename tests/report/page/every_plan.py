"""The reports of all example plans in a browser, on demand: `python -m tests.report.page.every_plan DIRECTORY`.

The report of each plan, and its follow-up ten weeks before the end with what moved in the month before, are opened
in windows of four widths and on A4. Nothing may be said on the console, loaded, wider than the window or the paper,
or against a rule of axe. Writes a picture of each, and each as a PDF, to be looked at; prints what was wrong, and
exits with the number of such pages.
"""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import kpi
from kpi.report.page.write import report_text
from kpi.sample import sample
from tests.report.page.browser import on_paper, opened, too_wide, violations, wider_by
from tests.report.page.samples import EXAMPLES, PLANS, SEED, figures, language

if TYPE_CHECKING:
    from playwright.sync_api import Browser

ROWS = 3000
WIDTHS = (1280, 768, 380, 320)


def pages(plans: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """Each page with its name: the reports, and the follow-ups."""
    for name in plans:
        spoken = language(name)
        yield name, report_text(figures(name, ROWS), "html", language=spoken)
        plan = kpi.load_plan(EXAMPLES / "plans" / f"{name}.toml")
        tables = sample(plan, ROWS, SEED)
        last = plan.period.last
        assert last is not None
        day, before = last - dt.timedelta(days=70), last - dt.timedelta(days=100)
        since = kpi.compare(plan, tables, tables, before, day)
        followed = kpi.follow(plan, tables, day, estimate=False)
        yield f"{name}-follow", followed.report(language=spoken, comparison=since)


def faults(browser: Browser, file: Path) -> list[str]:
    """Return what is wrong with a page, and write its pictures beside it."""
    found: list[str] = []
    # The page's own policy would refuse the script that looks at it.
    context = browser.new_context(bypass_csp=True)
    page = context.new_page()
    page.on("console", lambda message: found.append(f"console: {message.text}"))
    page.on("request", lambda request: found.append(f"request: {request.url}"))
    page.goto(file.as_uri())
    found.remove(f"request: {file.as_uri()}")
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        if wide := wider_by(page):
            found.append(f"{wide} pixels wider than {width}")
        page.screenshot(path=file.with_suffix(f".{width}.png"), full_page=True)
    found += [f"axe: {rule}: {element}" for rule, element in violations(page)]
    on_paper(page)
    found += [f"on A4 {by} pixels too wide: {what}" for what, by in too_wide(page)]
    page.pdf(path=file.with_suffix(".pdf"), prefer_css_page_size=True)
    context.close()
    return found


def main(directory: str, *only: str) -> int:
    place = Path(directory)
    place.mkdir(parents=True, exist_ok=True)
    wrong = 0
    with opened() as browser:
        for name, text in pages(only or PLANS):
            file = (place / f"{name}.html").resolve()
            file.write_text(text)
            found = faults(browser, file)
            wrong += bool(found)
            print(name, len(text), *found or ["as it should be"], sep="\n  ")
    return wrong


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
