"""The pages of the site as Markdown: those of docs/, a few from beside it, and the reference made of docstrings.

Numbers of rules become links. A link to a file that is no page of the site leads to a copy of the
file where readers use it, such as an example plan; else the path in the repository stands in its place.
"""

from __future__ import annotations

import posixpath
import shutil
from pathlib import Path

from docs.site import api, numbers
from docs.site.pages import SiteError, in_links, relative

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"

BESIDE = {
    "CONTRIBUTING.md": "contributors/contributing.md",
    "SECURITY.md": "contributors/security.md",
    "CHANGELOG.md": "contributors/changelog.md",
    "benchmarks/README.md": "contributors/benchmarks.md",
    "examples/plans/README.md": "how-to/examples/plans.md",
    "examples/permit-receipts/README.md": "how-to/examples/permits.md",
    "examples/reports/README.md": "how-to/examples/reports.md",
    "examples/notebooks/README.md": "how-to/examples/notebooks.md",
}
"""Pages outside docs/ that the site has too, by their path in the repository."""

FILES = {".svg", ".json"}
"""Endings of the files of docs/ that the site has, besides pages."""

EXAMPLES = ROOT / "examples"
EXAMPLE_FILES = {".csv", ".html", ".toml"}
"""Endings of the files of examples/ that the site has as they are."""


def sources() -> dict[str, str]:
    """Return the path of every written page in the site, by its path in the repository."""
    pages = sorted(page.relative_to(DOCS).as_posix() for page in DOCS.rglob("*.md"))
    return {f"docs/{page}": page for page in pages} | BESIDE


def write(place: Path) -> None:
    """Write the Markdown of the site, and the files that it shows, into a new directory.

    Raises:
        SiteError: where a number of a rule has no section, or a link leads to no file.
    """
    shutil.rmtree(place, ignore_errors=True)
    pages = {
        page: linked(source, (ROOT / source).read_text("utf-8"))
        for source, page in sources().items()
    }
    pages |= {f"{api.PLACE}/{name}": text for name, text in api.pages().items()}
    rules = numbers.sections(pages)
    for page, text in pages.items():
        _put(place / page, numbers.with_links(page, text, rules))
    for file in DOCS.rglob("*"):
        if file.suffix in FILES:
            _copy(file, place / file.relative_to(DOCS))
    for source in EXAMPLES.rglob("*"):
        if source.suffix in EXAMPLE_FILES:
            _copy(source, place / source.relative_to(ROOT))
    _copy(Path(__file__).with_name("site.css"), place / "site.css")


def linked(source: str, text: str) -> str:
    """Return the text of a page of the repository with links as they lead from its place in the site.

    Raises:
        SiteError: where a link leads to no file.
    """
    written = sources()
    page = written.get(source, source.removeprefix("docs/"))

    def change(words: str, link: str) -> str:
        path, hash_, anchor = link.partition("#")
        target = posixpath.normpath(posixpath.join(posixpath.dirname(source), path))
        file = ROOT / target
        if not file.exists():
            raise SiteError(f"{source}: {link} leads to no file")
        if led := written.get(target):
            return f"[{words}]({relative(led, page)}{hash_}{anchor})"
        if file.is_relative_to(DOCS) and file.suffix in FILES:
            return f"[{words}]({relative(file.relative_to(DOCS).as_posix(), page)})"
        if file.is_relative_to(EXAMPLES) and file.suffix in EXAMPLE_FILES:
            return f"[{words}]({relative(target, page)})"
        return words if target in words else f"{words} (`{target}`)"

    return in_links(text, change)


def _copy(file: Path, to: Path) -> None:
    to.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(file, to)


def _put(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
