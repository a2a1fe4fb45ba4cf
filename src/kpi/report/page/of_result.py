"""Reports of a result and of a follow-up, from Python: the text, and the file if one is named."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from kpi.errors import KpiError
from kpi.evaluation.comparison.comparison import Comparison
from kpi.evaluation.follow_up import FollowUp
from kpi.evaluation.readings import Readings
from kpi.evaluation.report_figures.figures import ReportFigures, figures_of, follow_up_figures
from kpi.report.atomic_files import write_files
from kpi.report.page.write import (
    ReportFormat,
    format_of,
    report_bytes,
    report_format,
    require_library,
)
from kpi.results.result import Result
from kpi.tables.redaction import redacted


def result_report(
    result: Result,
    out: str | Path | None,
    *,
    form: ReportFormat | None,
    language: str,
    hide_below: int,
    hide_headlines: bool,
    readings: Readings | None,
) -> str:
    """Return the report of a result, and write it where a file is named; see `Result.report`."""
    return _written(
        lambda: figures_of(result, readings),
        out,
        form,
        language,
        hide_below,
        hide_headlines=hide_headlines,
    )


def follow_up_report(
    follow_up: FollowUp,
    out: str | Path | None,
    *,
    form: ReportFormat | None,
    language: str,
    hide_below: int,
    hide_headlines: bool,
    readings: Readings | None,
    comparison: Comparison | None,
) -> str:
    """Return the report of a follow-up, and write it where a file is named; see `FollowUp.report`."""

    def figures() -> ReportFigures:
        return follow_up_figures(follow_up, readings, comparison)

    return _written(figures, out, form, language, hide_below, hide_headlines=hide_headlines)


def _written(
    figures: Callable[[], ReportFigures],
    out: str | Path | None,
    form: ReportFormat | None,
    language: str,
    hide_below: int,
    *,
    hide_headlines: bool,
) -> str:
    file = None if out is None else Path(out)
    if form is None:
        form = "html" if file is None else format_of(file)
    form = report_format(form)
    if form == "xlsx" and file is None:
        raise KpiError("a workbook is no text: name a file, such as report.xlsx")
    require_library(form)
    name = "report" if file is None else str(file)
    # A follow-up evaluates its months as the page is made; what they say names no case either.
    with redacted():
        written = report_bytes(
            figures(),
            form,
            name,
            language=language,
            hide_below=hide_below,
            hide_headlines=hide_headlines,
        )
    if file is not None:
        write_files({file: lambda stream: stream.write(written)})
    return "" if form == "xlsx" else written.decode()
