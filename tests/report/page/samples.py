"""The reports in examples/reports, over synthetic extracts: `python -m tests.report.page.samples` writes them anew.

Read the difference before you keep it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Literal

import kpi
from kpi.evaluation.report_figures.figures import ReportFigures, report_figures
from kpi.report.page.write import report_text
from kpi.sample import sample

EXAMPLES = Path(__file__).parents[3] / "examples"
REPORTS = EXAMPLES / "reports"
SEED = 2024
PLANS = tuple(
    sorted(
        file.stem
        for file in (EXAMPLES / "plans").glob("*.toml")
        if not file.name.endswith(".expected.toml")
    )
)
DANISH = (
    "ankestyrelsen", "dk-building-permits", "hjemrejsestyrelsen-2022", "siri-2018", "us-2017", "us-2019", "us-2022",
)  # fmt: skip
PAGES = ("ankestyrelsen", "uk-foi")
"""The plans whose page of HTML is kept beside the Markdown: with its charts a page is five times as long."""


def figures(name: str, rows: int) -> ReportFigures:
    """What is shown of a plan over a synthetic extract."""
    plan = kpi.load_plan(EXAMPLES / "plans" / f"{name}.toml")
    return report_figures(plan, sample(plan, rows, SEED))


def language(name: str) -> str:
    """The language of a plan's report: that of its document."""
    return "da" if name in DANISH else "en"


def samples(plans: Sequence[str] = PLANS) -> Iterator[tuple[Path, str]]:
    """Each file with what it should say."""
    for name in plans:
        # A third of the rows make a third of the work, and hide more small cells.
        shown = figures(name, 3000 if name in PAGES else 1000)
        for ending in (".html", ".md") if name in PAGES else (".md",):
            form: Literal["html", "markdown"] = "html" if ending == ".html" else "markdown"
            yield REPORTS / f"{name}{ending}", report_text(shown, form, language=language(name))


def main() -> None:
    REPORTS.mkdir(exist_ok=True)
    for file, text in samples():
        file.write_text(text)


if __name__ == "__main__":
    main()
