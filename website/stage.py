"""The pages of the site as Markdown: those of docs/, a few from beside it, and the reference made of docstrings.

Numbers of rules become links. A link to a file that is no page of the site leads to a copy of the
file where readers use it, such as an example plan; else the path in the repository stands in its place.
"""

from __future__ import annotations

import posixpath
import shutil
from pathlib import Path

from website import api, numbers
from website.pages import SiteError, in_links, relative

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"

BESIDE = {
    "CONTRIBUTING.md": "contributors/contributing.md",
    "SECURITY.md": "contributors/security.md",
    "CHANGELOG.md": "contributors/changelog.md",
    "benchmarks/README.md": "contributors/benchmarks.md",
    "examples/plans/README.md": "how-to/examples/plans.md",
    "examples/permit-receipts/README.md": "how-to/examples/permits.md",
    "examples/reports/README.md": "how-to/examples/reports.md",
}
"""Pages outside docs/ that the site has too, by their path in the repository."""

API = "reference/api"
FILES = {".svg", ".json"}
"""Endings of the files of docs/ that the site has, besides pages."""

_COPIED = ("examples/",)


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
    pages = {page: _linked(source, page, place) for source, page in sources().items()}
    pages |= {f"{API}/{name}": text for name, text in api.pages().items()}
    rules = numbers.sections(pages)
    for page, text in pages.items():
        _put(place / page, numbers.with_links(page, text, rules))
    for file in DOCS.rglob("*"):
        if file.suffix in FILES:
            copy = place / file.relative_to(DOCS)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(file, copy)
    shutil.copy(Path(__file__).with_name("site.css"), place)


def _linked(source: str, page: str, place: Path) -> str:
    """Return the text of a page with links as they lead from its place in the site."""
    written = sources()

    def change(words: str, link: str) -> str:
        path, hash_, anchor = link.partition("#")
        target = posixpath.normpath(posixpath.join(posixpath.dirname(source), path))
        if not (ROOT / target).exists():
            raise SiteError(f"{source}: {link} leads to no file")
        if led := written.get(target):
            return f"[{words}]({relative(led, page)}{hash_}{anchor})"
        if target.startswith("docs/") and Path(target).suffix in FILES:
            return f"[{words}]({relative(target.removeprefix('docs/'), page)})"
        if target.startswith(_COPIED) and (ROOT / target).is_file():
            copy = place / target
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / target, copy)
            return f"[{words}]({relative(target, page)})"
        return words if target in words else f"{words} (`{target}`)"

    return in_links((ROOT / source).read_text("utf-8"), change)


def _put(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")

