"""The site: each page is short and stands in the navigation once, and numbers of rules are links."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import kpi
from docs.site import api, numbers, stage
from docs.site.pages import SiteError, headings, in_links
from tests.docs.places import DOCS, ROOT, name

PAGES = sorted(DOCS.rglob("*.md"))
PARTS = ("how-to", "reference", "explanation", "contributors")
SECTIONS = numbers.sections({name(page): page.read_text("utf-8") for page in PAGES})


def in_navigation(entry: Any) -> Iterator[str]:
    """Yield the pages of an entry of the navigation: a path, a list, or a title with either."""
    if isinstance(entry, str):
        yield entry
        return
    for below in entry.values() if isinstance(entry, dict) else entry:
        yield from in_navigation(below)


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_a_page_has_at_most_250_lines(page: Path) -> None:
    assert len(page.read_text("utf-8").splitlines()) <= 250


def test_every_page_stands_in_the_navigation_once() -> None:
    config = tomllib.loads((ROOT / "docs" / "site" / "zensical.toml").read_text("utf-8"))
    made = [f"{api.PLACE}/{file}" for file in api.files()]
    assert sorted(in_navigation(config["project"]["nav"])) == sorted(
        [*stage.sources().values(), *made]
    )


@pytest.mark.parametrize("part", PARTS)
def test_the_first_page_of_a_part_leads_to_every_page_of_it(part: str) -> None:
    first = DOCS / part / "index.md"
    led = set()

    def note(words: str, link: str) -> str:
        led.add((first.parent / link.partition("#")[0]).resolve())
        return words

    in_links(first.read_text("utf-8"), note)
    recipes = {*(DOCS / "how-to" / "recipes").glob("*.md")} - {
        DOCS / "how-to" / "recipes" / "index.md"
    }
    assert {*(DOCS / part).rglob("*.md")} - {first} - recipes <= led


def test_every_number_that_is_cited_has_a_section() -> None:
    cited = set[str]()
    for path in [*(ROOT / "src").rglob("*.py"), *PAGES]:
        cited |= set(re.findall(r"\b[SF][1-9]\d?\b", path.read_text("utf-8")))
    assert {"S1", "S36", "F1", "F20", "F40", "F63"} <= cited
    assert cited - {*SECTIONS} == set()


def test_numbers_in_prose_become_links_and_nothing_else_does() -> None:
    rules = {
        "S3": numbers.Section("rules/time.md", "s3-days", "Days"),
        "F10": numbers.Section("follow.md", "f10-other-rules", "Other rules"),
    }
    page = "\n".join(
        [
            "## S3 Days",
            "By S3, F10; not S3x, AS3, `S3`, ``a ` S3`` or [S3 there](x.md).",
            "```python",
            "S3 = F10",
            "```",
            "",
            "    due = S3",
            "",
            "| S3 | ![S3](S3.svg) |",
        ]
    )
    days = '[S3](time.md#s3-days "Days")'
    other = '[F10](../follow.md#f10-other-rules "Other rules")'
    assert numbers.with_links("rules/cases.md", page, rules).splitlines() == [
        "## S3 Days",
        f"By {days}, {other}; not S3x, AS3, `S3`, ``a ` S3`` or [S3 there](x.md).",
        "```python",
        "S3 = F10",
        "```",
        "",
        "    due = S3",
        "",
        f"| {days} | ![S3](S3.svg) |",
    ]


def test_a_number_without_a_section_or_with_two_is_named() -> None:
    with pytest.raises(SiteError, match=r"a\.md: no rule is numbered S99"):
        numbers.with_links("a.md", "By S99.", SECTIONS)
    with pytest.raises(SiteError, match=r"b\.md: S3 has a heading in a\.md too"):
        numbers.sections({"a.md": "## S3 Days", "b.md": "## S3 Weeks"})


def test_a_link_that_leads_out_of_the_site_names_the_file_in_its_place() -> None:
    text = stage.linked(
        "docs/a.md", "[a test](../tests/README.md), [law](../CONTRIBUTING.md#tests)"
    )
    assert text == "a test (`tests/README.md`), [law](contributors/contributing.md#tests)"
    with pytest.raises(SiteError, match=r"docs/a\.md: nowhere\.md leads to no file"):
        stage.linked("docs/a.md", "[there](nowhere.md)")


def test_every_public_name_has_its_place_in_the_reference() -> None:
    named = [name for names in api.by_group().values() for name in names]
    assert sorted(named) == sorted({*kpi.__all__} - {"__version__"})


def test_an_entry_has_signature_arguments_errors_and_the_fields_of_a_definition() -> None:
    entry = api.entry("kpi", "load_plan", kpi.load_plan)
    assert headings(entry) == ["kpi.load_plan"]
    assert "load_plan(path: str | os.PathLike[str]) -> Plan" in entry
    assert "**Raises**\n\n- `PlanError`: " in entry
    goal = api.entry("kpi", "Goal", kpi.Goal)
    assert "| field | type | default | meaning |" in goal
    assert re.search(r"^\| `weight` \| `.+` \| `None` \| .+ \|$", goal, re.MULTILINE)
