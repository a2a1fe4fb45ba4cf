"""Numbers of rules as links: each S- and F-number of the prose leads to its section."""

from __future__ import annotations

import re
from collections.abc import Mapping

from attrs import frozen

from docs.site.pages import SiteError, anchor, headings, in_prose, relative

_NUMBER = re.compile(r"\b[SF][1-9]\d?\b")
_HEADING = re.compile(r"([SF][1-9]\d?) (.+)")


@frozen
class Section:
    """The section of a numbered rule.

    Attributes:
        page: the path of its page, from the directory of all pages.
        anchor: the anchor of its heading.
        title: the heading without the number.
    """

    page: str
    anchor: str
    title: str


def sections(pages: Mapping[str, str]) -> dict[str, Section]:
    """Return the section of every numbered rule, by its number; pages are texts by path.

    Raises:
        SiteError: where two headings have the same number.
    """
    found: dict[str, Section] = {}
    for path, text in pages.items():
        for heading in headings(text):
            if numbered := _HEADING.fullmatch(heading):
                number, title = numbered.groups()
                if number in found:
                    raise SiteError(f"{path}: {number} has a heading in {found[number].page} too")
                found[number] = Section(path, anchor(heading), title)
    return found


def with_links(page: str, text: str, rules: Mapping[str, Section]) -> str:
    """Return the text of a page with a link for each number of a rule, code left alone.

    Raises:
        SiteError: where a number has no section.
    """

    def link(number: re.Match[str]) -> str:
        rule = rules.get(number[0])
        if rule is None:
            raise SiteError(f"{page}: no rule is numbered {number[0]}")
        title = rule.title.replace('"', "'")
        return f'[{number[0]}]({relative(rule.page, page)}#{rule.anchor} "{title}")'

    return in_prose(text, lambda prose: _NUMBER.sub(link, prose))
