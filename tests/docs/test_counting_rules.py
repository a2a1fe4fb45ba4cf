"""Every counting rule has tests under its own number, and the pages lead to them."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
DOCS = TESTS.parent / "docs"
RULES = TESTS / "counting_rules"
PAGES = "\n".join(
    page.read_text("utf-8") for page in (DOCS / "explanation" / "counting-rules").glob("*.md")
)
NUMBERS = sorted(int(number) for number in re.findall(r"^## S(\d+) ", PAGES, re.MULTILINE))


def section(number: int) -> str:
    """Return the text of a rule's section of the pages."""
    start = re.search(rf"^## S{number} .*$", PAGES, re.MULTILINE)
    assert start is not None
    return re.split(r"\n##? ", PAGES[start.end() :])[0]


def names_of_tests(path: Path) -> list[str]:
    """Return the names of the tests of a file."""
    tree = ast.parse(path.read_text("utf-8"))
    found = [node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    return [name for name in found if name.startswith("test_")]


def test_the_pages_have_every_rule_once() -> None:
    assert [*range(1, 37)] == NUMBERS


@pytest.mark.parametrize("number", NUMBERS)
def test_a_rule_has_a_file_of_tests_and_the_page_leads_to_it(number: int) -> None:
    files = sorted(RULES.glob(f"test_s{number:02}_*.py"))
    assert files, f"S{number} has no file in {RULES.name}/"
    assert all(names_of_tests(path) for path in files)
    linked = re.findall(r"\((?:\.\./)+tests/counting_rules/([^)]+)\)", section(number))
    assert sorted(linked) == [path.name for path in files]


@pytest.mark.parametrize("path", sorted(RULES.glob("test_*.py")), ids=lambda path: path.stem)
def test_every_test_of_a_rule_bears_its_number(path: Path) -> None:
    number = re.match(r"test_s(\d\d)_", path.name)
    assert number is not None
    assert int(number[1]) in NUMBERS
    assert [name for name in names_of_tests(path) if not name.startswith(number[0])] == []


def test_no_file_of_tests_is_longer_than_500_lines() -> None:
    lengths = {path: len(path.read_text("utf-8").splitlines()) for path in TESTS.rglob("*.py")}
    assert {path.name: length for path, length in lengths.items() if length > 500} == {}


def test_no_docstring_names_a_line_of_the_code() -> None:
    named = []
    for path in TESTS.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef)):
                text = ast.get_docstring(node) or ""
                named += [f"{path.name}: {text}" for _ in re.findall(r"\w\.py:\d+", text)]
    assert named == []
