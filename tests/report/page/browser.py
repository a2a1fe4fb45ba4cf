"""A browser without a screen, and the rules of accessibility that a report keeps."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
"""The groups of rules of axe."""


@contextmanager
def opened() -> Iterator[Browser]:
    """A browser that is closed at the end."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - not everywhere installed

    program = next(
        found
        for name in ("chromium", "chromium-browser", "google-chrome")
        if (found := shutil.which(name))
    )
    # The superuser's browser runs without a sandbox of its own, or not at all.
    as_root = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as started:
        browser = started.chromium.launch(executable_path=program, args=as_root)
        yield browser
        browser.close()


def wider_by(page: Page) -> int:
    """Return by how many pixels a page is wider than its window."""
    wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    return int(page.evaluate(wide))


def violations(page: Page) -> list[tuple[str, str]]:
    """Return the rules that a page breaks, each with the first element that breaks it."""
    from axe_playwright_python.sync_playwright import Axe  # noqa: PLC0415 - as above

    found = Axe().run(page, options={"runOnly": RULES}).response["violations"]
    return [(rule["id"], rule["nodes"][0]["html"]) for rule in found]


def on_paper(page: Page) -> None:
    """Lay a page out as on A4: 210 mm less 12 mm on each side, of which an inch has 96 pixels."""
    page.set_viewport_size({"width": 703, "height": 900})
    page.emulate_media(media="print")


def too_wide(page: Page) -> list[tuple[str, int]]:
    """Return the tables and charts that reach out of what they stand in, and by how many pixels."""
    wide = """() => [...document.querySelectorAll('table, svg, pre')]
      .map(e => [e.querySelector('caption, title')?.textContent ?? e.tagName,
                 Math.round(e.getBoundingClientRect().right
                            - e.parentElement.getBoundingClientRect().right)])
      .filter(([_, by]) => by > 0)"""
    return [(what, by) for what, by in page.evaluate(wide)]
