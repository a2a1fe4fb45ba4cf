"""Report of a result, from Python: the text, and the file if one is named."""

from __future__ import annotations

from pathlib import Path

from kpi.errors import KpiError
from kpi.evaluation.readings import Readings
from kpi.evaluation.report_figures.figures import figures_of
from kpi.report.atomic_files import write_files
from kpi.report.page.write import ReportFormat, format_of, report_bytes, require_library
from kpi.results.result import Result


def result_report(
    result: Result,
    out: str | Path | None,
    *,
    form: ReportFormat | None,
    language: str,
    hide_below: int,
    readings: Readings | None,
) -> str:
    """Return the report of a result, and write it where a file is named; see `Result.report`."""
    file = None if out is None else Path(out)
    if form is None:
        form = "html" if file is None else format_of(file)
    if form == "xlsx" and file is None:
        raise KpiError("a workbook is no text: name a file, such as report.xlsx")
    require_library(form)
    figures = figures_of(result, readings)
    name = "report" if file is None else str(file)
    written = report_bytes(figures, form, name, language=language, hide_below=hide_below)
    if file is not None:
        write_files({file: lambda stream: stream.write(written)})
    return "" if form == "xlsx" else written.decode()
