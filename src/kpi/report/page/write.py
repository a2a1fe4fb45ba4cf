"""A report in a format: HTML or Markdown (R8, R12)."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, TypeAlias, get_args

from kpi.errors import KpiError, listed
from kpi.evaluation.report_figures.figures import ReportFigures
from kpi.report.page.compose import compose
from kpi.report.page.html import html, require_templates
from kpi.report.page.markdown import markdown
from kpi.report.page.small_cells import HIDE_BELOW

ReportFormat: TypeAlias = Literal["html", "markdown"]
"""The formats of a report."""

REPORT_FORMATS: tuple[ReportFormat, ...] = get_args(ReportFormat)
LANGUAGE = "da"
"""The language of a report where none is asked for."""

_ENDINGS: dict[str, ReportFormat] = {".html": "html", ".htm": "html", ".md": "markdown"}


def report_text(
    figures: ReportFigures,
    form: ReportFormat,
    *,
    language: str = LANGUAGE,
    hide_below: int = HIDE_BELOW,
    command: str | None = None,
) -> str:
    """Return a report as text, the same for the same figures.

    Args:
        figures: the figures.
        form: the format.
        language: the code of the language of the texts.
        hide_below: the least count above 0 that a break-down shows (R11); 0 shows all.
        command: the command that makes the report again; None where it is not known.

    Raises:
        KpiError: where there are no texts in the language, or the library that fills templates is not
            installed.
    """
    if form == "html":
        require_templates()
    view = compose(figures, language, hide_below, command)
    return html(view) if form == "html" else markdown(view)


def format_of(file: Path) -> ReportFormat:
    """Return the format of a report by the ending of its file.

    Raises:
        KpiError: where a report has no such format.
    """
    form = _ENDINGS.get(file.suffix.lower())
    if form is None:
        raise KpiError(f"{file}: unknown ending; accepted: {listed(tuple(_ENDINGS))}")
    return form
