"""Chart of a target by period, with the numbers as a table (R4, S30)."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from attrs import evolve

from kpi.definitions.reserved import PERIOD
from kpi.definitions.target import Target
from kpi.report.page import charts, periods, values
from kpi.report.page.charts import Chart
from kpi.report.page.context import Context
from kpi.report.page.group_tables import group_table
from kpi.report.page.requirement import requirement
from kpi.report.page.small_cells import listed_groups
from kpi.report.page.view import Table
from kpi.results.target_result import TargetResult
from kpi.rules.clearance import Clearance

MOST_PERIODS = 400
"""The most periods of a series that a page shows."""


def drawn_series(context: Context, target: str) -> Sequence[TargetResult]:
    """Return the periods of a target that are drawn; none where there are not two, or no value."""
    series = context.figures.series.get(target, ())[:MOST_PERIODS]
    return series if len(series) > 1 and any(one.value is not None for one in series) else ()


def series_chart(
    context: Context, record: TargetResult, of: Target, series: Sequence[TargetResult]
) -> tuple[Chart, Table]:
    """Return the chart of a target by period, and its numbers.

    Args:
        context: what the page is composed from.
        record: the record of the target.
        of: the target.
        series: the record of each period.
    """
    texts = context.texts
    if isinstance(of, Clearance) and of.every is None:
        # The deadline is that of the whole; the months before it only say how far it has come.
        series = [*(evolve(one, verdict="indicator") for one in series[:-1]), series[-1]]
    listed = listed_groups(series, context.hide_below, len(series))
    names = [str(one.group[PERIOD]) for one in series]
    exact = [
        None if one.is_hidden or one.record.value is None else one.record.exact_value
        for one in listed
    ]
    asked = charts.asked_of(record, of)
    if record.base is not None or of.applies_to_total_only or record.rule == "stock":
        # What is asked of the whole is not asked of a period.
        asked = None
    words_of_limit = requirement(texts, of)
    line = "detail.no_limit_line"
    if asked is not None:
        line = "detail.limit_line"
    chart = charts.line_chart(
        texts.text(
            "detail.series_title", id=record.id, what=context.title(record) or words_of_limit
        ),
        _series_words(context, series, exact, names, texts.text(line, limit=words_of_limit)),
        exact,
        [periods.short_period(texts, name) for name in names],
        lambda number: tick(context, number, record),
        asked=asked,
        limit=words_of_limit,
        share=record.unit == "share",
    )
    own = "series_own" if of.every is not None else "series"
    return chart, group_table(
        context,
        "series",
        texts.text(f"detail.{own}"),
        [(texts.text("head.period"), [periods.period(texts, name) for name in names])],
        listed,
    )


def tick(context: Context, at: Fraction, record: TargetResult) -> str:
    """Return a number of an axis, with as few decimals as it needs."""
    texts = context.texts
    number = 100 * at if record.unit in ("share", "change") else at
    written = f"{float(number):,.2f}".rstrip("0").rstrip(".")
    shown = texts.number(written)
    return texts.text("number.percent", n=shown) if record.unit in ("share", "change") else shown


def _series_words(
    context: Context,
    series: Sequence[TargetResult],
    exact: Sequence[Fraction | None],
    names: Sequence[str],
    line: str,
) -> str:
    texts = context.texts
    known = [(value, n) for n, value in enumerate(exact) if value is not None]
    if not known:
        return texts.text("detail.series_desc_none")
    (_, low), (_, high) = min(known), max(known)
    named = [periods.period(texts, name) for name in names]
    without = len(series) - len(known)
    unshown = f"{texts.text('detail.series_unshown', n=texts.count(without))} " if without else ""
    return texts.text(
        "detail.series_desc",
        n=texts.count(len(series)),
        first=named[0],
        last=named[-1],
        low=values.value(texts, series[low]),
        low_when=named[low],
        high=values.value(texts, series[high]),
        high_when=named[high],
        limit=f"{unshown}{line}",
    )
