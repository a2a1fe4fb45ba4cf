"""The reports in examples/reports, over synthetic extracts: `python -m tests.report.page.samples` writes them anew.

Read the difference before you keep it.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import kpi
from kpi.evaluation.report_figures.figures import report_figures
from kpi.report.page.write import report_text
from kpi.sample import sample

EXAMPLES = Path(__file__).parents[3] / "examples"
REPORTS = EXAMPLES / "reports"
ROWS, SEED = 3000, 2024
PLANS = {"ankestyrelsen": "da", "uk-foi": "en"}


def samples() -> Iterator[tuple[Path, str]]:
    """Each file with what it should say."""
    for name, language in PLANS.items():
        plan = kpi.load_plan(EXAMPLES / "plans" / f"{name}.toml")
        figures = report_figures(plan, sample(plan, ROWS, SEED))
        for ending in (".html", ".md"):
            file = REPORTS / f"{name}{ending}"
            form: Literal["html", "markdown"] = "html" if ending == ".html" else "markdown"
            yield file, report_text(figures, form, language=language)


def main() -> None:
    REPORTS.mkdir(exist_ok=True)
    for file, text in samples():
        file.write_text(text)


if __name__ == "__main__":
    main()
