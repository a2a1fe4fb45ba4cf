"""The documentation is true: its code runs, its output is what comes out, its links lead somewhere.

Every fenced code block of README.md and docs/ is run, in a directory that holds `us-2017.toml` and
`extract/cases.parquet`. A page that says so continues another in its directory and session; the rest
have one of their own. After a change that is meant, write the new output and
the schema of plan files into the pages, and read the difference before you commit it:

    python -m tests.docs.test_pages
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import shlex
import shutil
import tempfile
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any
from unittest import mock

import polars as pl
import pytest
from attrs import define, field, frozen
from click.testing import CliRunner

import kpi
from kpi.cli import main
from kpi.planfile.extract_file import is_extract_file
from kpi.planfile.json_schema import extract_schema, plan_schema
from kpi.rules import rules
from kpi.sample import sample
from tests.docs.places import DOCS, EXTRACT_SCHEMA, PLAN, PLAN_SCHEMA, ROOT, dumped, name
from tests.docs.recipes import completed

SOURCE = ROOT / "src" / "kpi"

AT_THE_TOP = ("README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md")
PAGES = [*(ROOT / page for page in AT_THE_TOP), *sorted(DOCS.rglob("*.md"))]
OF_SPARK = DOCS / "how-to" / "spark.md"
"""The page that needs a session of Spark: tests/test_spark.py follows it in its own."""
_CONTINUED = re.compile(
    r"^The code blocks of this page continue those of \[[^\]]+\]\(([^)]+)\)", re.M
)


@cache
def continued(page: Path) -> Path | None:
    """Return the page that a page says its blocks continue, or None."""
    found = _CONTINUED.search(page.read_text(encoding="utf-8"))
    return (page.parent / found[1]).resolve() if found else None


def read_together() -> dict[Path, list[Path]]:
    """Return the pages that are read in one session, in their order, by the first of them."""
    together: dict[Path, list[Path]] = {page: [page] for page in PAGES if not continued(page)}
    left = [page for page in PAGES if continued(page)]
    while left:
        after = [p for p in left if any(continued(p) in pages for pages in together.values())]
        assert after, f"no page to continue: {[*map(name, left)]}"
        for page in after:
            next(pages for pages in together.values() if continued(page) in pages).append(page)
        left = [page for page in left if page not in after]
    return together


TOGETHER = read_together()

WIDTH = "80"


COLOURS = ("FORCE_COLOR", "NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "TTY_COMPATIBLE", "TERM")


SAMPLE_ROWS = 10_000


@frozen
class Block:
    """A fenced block: its language, its text, and the number of its text's first line."""

    language: str
    text: str
    line: int


def blocks(page: str) -> Iterator[Block]:
    language: str | None = None
    start, inside = 0, list[str]()
    for number, line in enumerate(page.splitlines(), start=1):
        if not line.lstrip().startswith("```"):
            inside.append(line)
        elif language is None:
            language, start, inside = line.lstrip().removeprefix("```").strip(), number + 1, []
        else:
            assert line.strip() == "```", f"line {number}: the block of line {start} is not closed"
            yield Block(language, "".join(f"{text}\n" for text in inside), start)
            language = None
    assert language is None, f"the block of line {start} is not closed"


@define
class Reader:
    """Someone who follows a page from top to bottom, in one directory and one Python session."""

    page: str
    session: dict[str, Any] = field(factory=lambda: {"__name__": "__main__"})
    printed: str | None = None
    head: str = ""

    def real(self, block: Block) -> str:
        """The block as it should read: what it says, with its output as it comes out here."""
        printed, self.printed = self.printed, None
        match block.language:
            case "python":
                self.printed = self._python(block)
                return block.text
            case "text":
                assert printed is not None, f"{self._at(block)}: no python block before it"
                return printed
            case "console":
                return self._console(block)
            case "toml":
                self._toml(block)
                return block.text
            case "json":
                json.loads(block.text)
                return block.text
            case "csv":
                Path("cases.csv").write_text(block.text, encoding="utf-8")
                return block.text
            case "sh":
                return block.text
        pytest.fail(f"{self._at(block)}: a block of language {block.language!r}")

    def _at(self, block: Block) -> str:
        return f"{self.page}:{block.line}"

    def _python(self, block: Block) -> str:
        # Empty lines in front, so that a traceback names the line of the page.
        code = compile("\n" * (block.line - 1) + block.text, self.page, "exec")
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            exec(code, self.session)  # noqa: S102 - running our own pages is the test
        return _without_trailing_spaces(out.getvalue())

    def _console(self, block: Block) -> str:
        """Each command with its output; `$ echo $?` gives the exit code of the one before."""
        lines, code = [], 0
        for command in _commands(block.text):
            lines.append(command)
            words = command.removeprefix("$ ").replace("\\\n", " ").strip()
            if words == "echo $?":
                lines.append(f"{code}\n")
                continue
            program, *arguments = shlex.split(words)
            assert program == "kpi", f"{self._at(block)}: only kpi's commands can be run: {words}"
            result = CliRunner().invoke(main, arguments, prog_name="kpi", catch_exceptions=False)
            lines.append(_without_trailing_spaces(result.output))
            code = result.exit_code
        return "".join(lines)

    def _toml(self, block: Block) -> None:
        """A whole plan must load, and later blocks know it as plan.toml; so an extract file.

        Where a page shows the head of its plans alone, with an id and no target, the plans after it
        are completed by the head.
        """
        if "[[targets]]" in block.text:
            plan = completed(self.head, block.text) if self.head else block.text
            kpi.parse_plan(plan, name=self._at(block))
            Path("plan.toml").write_text(plan, encoding="utf-8")
        elif {"id", "period"} <= {*tomllib.loads(block.text)}:
            self.head = block.text
        elif is_extract_file(tomllib.loads(block.text)):
            Path("extract.toml").write_text(block.text, encoding="utf-8")
            kpi.load_extract("extract.toml")


def _commands(text: str) -> Iterator[str]:
    """The commands of a console block, each with its prompt and its continued lines."""
    command = ""
    for line in text.splitlines(keepends=True):
        if command or line.startswith("$ "):
            command += line
            if not line.endswith("\\\n"):
                yield command
                command = ""


def _without_trailing_spaces(text: str) -> str:
    return "".join(f"{line.rstrip()}\n" for line in text.splitlines())


@cache
def _extract() -> pl.DataFrame:
    return sample(kpi.load_plan(PLAN), SAMPLE_ROWS)["cases"]


@contextlib.contextmanager
def room(directory: Path) -> Iterator[None]:
    """The directory that a page is read in; whose terminal the reader has makes no difference."""
    shutil.copy(PLAN, directory / "us-2017.toml")
    (directory / "extract").mkdir()
    _extract().write_parquet(directory / "extract" / "cases.parquet")
    terminal = {k: v for k, v in os.environ.items() if k not in COLOURS} | {"COLUMNS": WIDTH}
    with (
        contextlib.chdir(directory),
        mock.patch.dict(os.environ, terminal, clear=True),
        pl.Config(restore_defaults=True),
    ):
        yield


@pytest.mark.parametrize("first", [page for page in TOGETHER if page != OF_SPARK], ids=name)
def test_the_code_of_a_page_runs_and_its_output_is_real(first: Path, tmp_path: Path) -> None:
    reader = Reader(name(first))
    with room(tmp_path):
        for page in TOGETHER[first]:
            reader.page = name(page)
            for block in blocks(page.read_text(encoding="utf-8")):
                assert block.text == reader.real(block), f"{name(page)}:{block.line}"


@pytest.mark.parametrize(
    ("page", "complaint"),
    [
        ("```python\nprint(1)\n```\n```text\n2\n```\n", "2"),
        ("```console\n$ kpi --version\nkpi, version 0\n```\n", "version"),
        ("```toml\n[[targets]]\nid = '1'\n```\n", "rule: missing"),
        ("```text\nno python block before it\n```\n", "no python block"),
        ("```json\n{\n```\n", "Expecting"),
        ("```\nof no language\n```\n", "language ''"),
        ("```python\nprint(1)\n", "not closed"),
    ],
)
def test_a_page_that_is_not_true_is_found(page: str, complaint: str, tmp_path: Path) -> None:
    reader = Reader("page.md")
    with room(tmp_path), pytest.raises(BaseException, match=re.escape(complaint)):  # noqa: PT012 - whatever each kind of block raises
        for block in blocks(page):
            assert block.text == reader.real(block), block.text


_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")


_FENCED = re.compile(r"^ *```.*?^ *```", re.MULTILINE | re.DOTALL)


_INLINE = re.compile(r"`[^`\n]*`")


_HEADING = re.compile(r"^#+ +(.+?) *$", re.MULTILINE)


def _prose(page: Path) -> str:
    return _FENCED.sub("", page.read_text(encoding="utf-8"))


def _links(page: Path) -> list[str]:
    return [link for link in _LINK.findall(_INLINE.sub("", _prose(page))) if "://" not in link]


def _anchors(page: Path) -> set[str]:
    """The anchors that a page's headings have on the web."""
    headings = _HEADING.findall(_prose(page))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_every_link_leads_somewhere(page: Path) -> None:
    for link in _links(page):
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), link
        assert not anchor or anchor in _anchors(target), link


def test_every_page_is_run_once() -> None:
    assert sorted(page for pages in TOGETHER.values() for page in pages) == sorted(PAGES)


def test_every_rule_has_a_page() -> None:
    pages = {page.stem for page in (DOCS / "reference" / "rules").glob("*.md")}
    assert set(rules()) <= pages


def test_every_counting_rule_has_a_heading_with_its_number() -> None:
    pages = (DOCS / "explanation" / "counting-rules").glob("*.md")
    headings = [heading for page in pages for heading in _HEADING.findall(_prose(page))]
    numbers = sorted(int(h.split()[0][1:]) for h in headings if re.match(r"S\d+ ", h))
    assert numbers == [*range(1, 37)]


def rewrite() -> None:
    """Write the schema of plan files, and into the pages the output that comes out here."""
    PLAN_SCHEMA.write_text(dumped(plan_schema()), encoding="utf-8")
    EXTRACT_SCHEMA.write_text(dumped(extract_schema()), encoding="utf-8")
    for first, pages in TOGETHER.items():
        reader = Reader(name(first))
        with tempfile.TemporaryDirectory() as directory, room(Path(directory)):
            for page in pages:
                reader.page = name(page)
                text = page.read_text(encoding="utf-8")
                lines, shift = text.splitlines(keepends=True), 0
                for block in blocks(text):
                    new = reader.real(block).splitlines(keepends=True)
                    old = len(block.text.splitlines())
                    start = block.line - 1 + shift
                    lines[start : start + old] = new
                    shift += len(new) - old
                page.write_text("".join(lines), encoding="utf-8")


if __name__ == "__main__":
    rewrite()
