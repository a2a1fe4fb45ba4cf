"""A chart of a report by itself: shown in a notebook, saved as a picture (R4)."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal, TypeAlias, get_args

from attrs import frozen

from kpi.definitions.target import Target
from kpi.errors import KpiError, listed, suggest
from kpi.evaluation.follow_up import FollowUp
from kpi.evaluation.report_figures.figures import ReportFigures, series_figures, times_figures
from kpi.foreign_text import html_text, terminal_text
from kpi.report.atomic_files import write_files
from kpi.report.page.catalogue import catalogue
from kpi.report.page.charts import Chart
from kpi.report.page.context import Context
from kpi.report.page.follow_charts import follow_charts
from kpi.report.page.html import chart_svg, style_sheet
from kpi.report.page.series_chart import drawn_series, series_chart
from kpi.report.page.times_chart import shown_bins, times_chart
from kpi.results.result import Result

PlotKind: TypeAlias = Literal["series", "times"]
"""The charts of a result."""

FollowPlotKind: TypeAlias = Literal["to_date", "by_end", "weeks"]
"""The charts of a follow-up."""


@frozen(repr=False)
class Plot:
    """Chart of a target: a notebook shows it, `save` writes it.

    Attributes:
        chart: the chart, with its title and the same in words.
    """

    chart: Chart

    def __repr__(self) -> str:
        return f"<Plot {terminal_text(self.chart.title)}>"

    def _repr_svg_(self) -> str:
        """Return the chart as a picture that needs nothing beside it."""
        chart = self.chart
        name = hashlib.sha256(f"{chart.title}\n{chart.description}".encode()).hexdigest()[:12]
        return chart_svg(chart, f"kpi-{name}", _style(f"kpi-{name}"))

    def _repr_html_(self) -> str:
        """Return the chart with its title and description, as a notebook shows it."""
        caption = f"<figcaption>{html_text(self.chart.description)}</figcaption>"
        title = f"<div><b>{html_text(self.chart.title)}</b></div>"
        return f'<figure style="margin:0">{title}{self._repr_svg_()}{caption}</figure>'

    def save(self, path: str | Path) -> None:
        """Write the chart as a picture.

        Args:
            path: the file, which ends in `.svg`.

        Raises:
            KpiError: for another ending; where jinja2 is not installed.
            OutputError: where the file cannot be written.
        """
        file = Path(path)
        if file.suffix.lower() != ".svg":
            raise KpiError(f"{file}: unknown ending; accepted: .svg")
        written = f'<?xml version="1.0" encoding="UTF-8"?>\n{self._repr_svg_()}\n'
        write_files({file: lambda stream: stream.write(written.encode())})


def _style(name: str) -> str:
    """Return the rules of the style sheet for charts, in light colours, for one picture alone."""
    sheet = style_sheet()
    colours = dict(re.findall(r"--(\w+): (#\w+);", sheet[: sheet.index("}")]))
    rules = [line for line in sheet.splitlines() if line.startswith("svg ")]
    # A notebook's column may be narrower than the picture.
    fits = f"#{name} {{ max-width: 100%; height: auto; }}"
    own = "\n".join([fits, *(re.sub(r"^svg ", f"#{name} ", rule) for rule in rules)])
    return re.sub(r"var\(--(\w+)\)", lambda used: colours[used[1]], own)


def result_plot(
    result: Result, target: str, kind: PlotKind, *, language: str, hide_below: int
) -> Plot:
    """Return a chart of a target of a result; see `Result.plot`."""
    definition = _target(result, target)
    _require_kind(kind, get_args(PlotKind))
    charts: dict[str, Chart] = {}
    if kind == "times":
        context = _context(times_figures(result, target), language, hide_below)
        if target in context.figures.times and shown_bins(context, result[target])[1]:
            charts[kind], _ = times_chart(context, result[target], definition)
    else:
        context = _context(series_figures(result, target), language, hide_below)
        series = drawn_series(context, target)
        if series:
            charts[kind], _ = series_chart(context, result[target], definition, series)
    return _chosen(charts, kind, target)


def follow_up_plot(
    follow_up: FollowUp, target: str, kind: FollowPlotKind, *, language: str, hide_below: int
) -> Plot:
    """Return a chart of a target of a follow-up; see `FollowUp.plot`."""
    definition = _target(follow_up.result, target)
    _require_kind(kind, get_args(FollowPlotKind))
    figures = ReportFigures(result=follow_up.result, follow_up=follow_up)
    context = _context(figures, language, hide_below)
    made = follow_charts(context, follow_up[target].status, definition)
    return _chosen({str(table.kind): chart for chart, table in made}, kind, target)


def _target(result: Result, name: str) -> Target:
    """Return the definition of a target.

    Raises:
        KeyError: where the plan has no such target.
        KpiError: for a requirement of several parts, which have a chart each.
    """
    definition = result.plan.target(name)
    if not isinstance(definition, Target):
        parts = listed([part.id for part in definition.leaves()])
        raise KpiError(f"{name} has parts, each with charts of its own: {parts}")
    return definition


def _context(figures: ReportFigures, language: str, hide_below: int) -> Context:
    return Context(figures, catalogue(language), hide_below)


def _require_kind(kind: str, accepted: Sequence[str]) -> None:
    if kind not in accepted:
        hint = suggest(str(kind), accepted)
        raise KpiError(f"plot: found {kind!r}; accepted: {listed(accepted)}{hint}")


def _chosen(charts: Mapping[str, Chart], kind: str, target: str) -> Plot:
    if kind not in charts:
        raise KpiError(
            f"{target}: nothing to draw as {kind}: too few periods or cases, or too few that may be shown"
        )
    return Plot(charts[kind])
