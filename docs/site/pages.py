"""Markdown pages as text: their prose apart from code, and their links."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable

# What is code, or has a place of its own: blocks of code, headings, code, images, links, HTML.
_KEPT = re.compile(
    r"(?P<fence>^ *```.*?^ *```$)"
    r"|(?P<indented>^(?: {4}|\t)[^\n]*$)"
    r"|(?P<heading>^#+ [^\n]*$)"
    r"|(?P<code>(?P<ticks>`+)(?!`)(?:(?!\n\n).)+?(?<!`)(?P=ticks)(?!`))"
    r"|(?P<link>!?\[(?:[^\[\]]|\[[^\[\]]*\])*\]\([^)\s]*\))"
    r"|(?P<html><[^<>]+>)",
    re.MULTILINE | re.DOTALL,
)
_LINK = re.compile(r"(?P<image>!?)\[(?P<text>.*)\]\((?P<to>[^)\s]*)\)", re.DOTALL)


class SiteError(Exception):
    """Mistake in a page that the site is made of."""


def in_prose(page: str, change: Callable[[str], str]) -> str:
    """Return a page with its prose changed; code, headings, links and HTML stay as they are."""
    parts, last = [], 0
    for kept in _KEPT.finditer(page):
        parts += [change(page[last : kept.start()]), kept[0]]
        last = kept.end()
    return "".join([*parts, change(page[last:])])


def in_links(page: str, change: Callable[[str, str], str]) -> str:
    """Return a page with its links changed: `change` takes the text and the target of each.

    Links to a place in the same page, to addresses with a scheme, and images stay as they are.
    """

    def changed(kept: re.Match[str]) -> str:
        link = _LINK.fullmatch(kept[0]) if kept["link"] else None
        if link is None or link["image"] or "://" in link["to"] or link["to"].startswith("#"):
            return kept[0]
        return change(link["text"], link["to"])

    return _KEPT.sub(changed, page)


def relative(target: str, page: str) -> str:
    """Return the link from a page to a target, both as paths from the same directory."""
    return posixpath.relpath(target, posixpath.dirname(page) or ".")


def headings(page: str) -> list[str]:
    """Return the texts of a page's headings, in their order."""
    found = (kept["heading"] for kept in _KEPT.finditer(page))
    return [heading.lstrip("#").strip() for heading in found if heading]


def anchor(heading: str) -> str:
    """Return the anchor that a heading has on the web."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
