"""A report in a format: HTML, Markdown or a workbook (R8, R12)."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, TypeAlias, get_args

from kpi.errors import KpiError, listed
from kpi.evaluation.report_figures.figures import ReportFigures
from kpi.report.page.compose import compose
from kpi.report.page.html import html, require_templates
from kpi.report.page.markdown import markdown
from kpi.report.page.small_cells import HIDE_BELOW
from kpi.report.page.workbook import workbook
from kpi.report.workbook import require_writer

ReportFormat: TypeAlias = Literal["html", "markdown", "xlsx"]
"""The formats of a report."""

REPORT_FORMATS: tuple[ReportFormat, ...] = get_args(ReportFormat)

LANGUAGE = "da"
"""The language of a report where none is asked for."""

_ENDINGS: dict[str, ReportFormat] = {
    ".html": "html",
    ".htm": "html",
    ".md": "markdown",
    ".xlsx": "xlsx",
}


def report_text(
    figures: ReportFigures,
    form: Literal["html", "markdown"],
    *,
    language: str = LANGUAGE,
    hide_below: int = HIDE_BELOW,
    command: str | None = None,
    hide_headlines: bool = False,
) -> str:
    """Return a report as text, the same for the same figures.

    Args:
        figures: the figures.
        form: the format.
        language: the code of the language of the texts.
        hide_below: the least count above 0 that a break-down shows (R11); 0 shows all.
        command: the command that makes the report again; None where it is not known.
        hide_headlines: whether the figures of a requirement are withheld too where they are of fewer.

    Raises:
        KpiError: where there are no texts in the language, or the library that fills templates is not
            installed.
    """
    require_library(form)
    view = compose(figures, language, hide_below, command, hide_headlines=hide_headlines)
    return html(view) if form == "html" else markdown(view)


def report_bytes(
    figures: ReportFigures,
    form: ReportFormat,
    name: str,
    *,
    language: str = LANGUAGE,
    hide_below: int = HIDE_BELOW,
    command: str | None = None,
    hide_headlines: bool = False,
) -> bytes:
    """Return a report as the bytes of a file, the same for the same figures; see `report_text`.

    Args:
        figures: the figures.
        form: the format.
        name: the name of the file, for messages.
        language: the code of the language of the texts.
        hide_below: the least count above 0 that a break-down shows (R11); 0 shows all.
        command: the command that makes the report again; None where it is not known.
        hide_headlines: whether the figures of a requirement are withheld too where they are of fewer.

    Raises:
        KpiError: as `report_text`; where the library that writes workbooks is not installed.
        OutputError: where a workbook cannot hold the report.
    """
    if form != "xlsx":
        text = report_text(
            figures,
            form,
            language=language,
            hide_below=hide_below,
            command=command,
            hide_headlines=hide_headlines,
        )
        return text.encode()
    return workbook(
        compose(figures, language, hide_below, command, hide_headlines=hide_headlines), name
    )


def require_library(form: ReportFormat) -> None:
    """Check that the library of a format is installed.

    Raises:
        KpiError: where it is not, saying how to install it.
    """
    if form == "html":
        require_templates()
    elif form == "xlsx":
        require_writer()


def report_format(word: str) -> ReportFormat:
    """Return the format of that name.

    Raises:
        KpiError: where a report has no such format.
    """
    for form in REPORT_FORMATS:
        if form == word:
            return form
    raise KpiError(f"form: found {word!r}; accepted: {listed(REPORT_FORMATS)}")


def format_of(file: Path) -> ReportFormat:
    """Return the format of a report by the ending of its file.

    Raises:
        KpiError: where a report has no such format.
    """
    form = _ENDINGS.get(file.suffix.lower())
    if form is None:
        raise KpiError(f"{file}: unknown ending; accepted: {listed(tuple(_ENDINGS))}")
    return form
