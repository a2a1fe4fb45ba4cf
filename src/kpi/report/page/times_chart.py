"""Chart of how long the counted cases of a target took, with the numbers as a table (R4)."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from kpi.definitions.target import Target
from kpi.report.page import charts, conditions
from kpi.report.page.charts import Chart
from kpi.report.page.context import Context
from kpi.report.page.small_cells import merged_bins
from kpi.report.page.view import Column, Table
from kpi.report.rounding import rounded
from kpi.results.target_result import TargetResult


def times_chart(context: Context, record: TargetResult, of: Target) -> tuple[Chart, Table]:
    """Return the histogram of the times of a target's counted cases, the limit marked, and its numbers."""
    texts, times = context.texts, context.figures.times[record.id]
    first, bins = shown_bins(context, record)
    limit = charts.times_of_limit(of.limit, times.unit)
    line = ""
    if of.limit is not None:
        line = _limit_of_times(context, of, limit)
    title = texts.text("detail.times_title", id=record.id)
    ends = [first, *(end for end, _ in bins)]
    through = [
        Fraction(sum(n for _, n in bins[: place + 1]), times.total) for place in range(len(bins))
    ]
    description = texts.text(
        "detail.times_desc",
        n=texts.count(times.total),
        median=_time(context, _end_of(bins, through, Fraction(1, 2)), times.unit),
        p90=_time(context, _end_of(bins, through, Fraction(9, 10)), times.unit),
        longest=_time(context, bins[-1][0], times.unit),
        limit=line,
    )
    chart = charts.histogram(
        title,
        description.strip(),
        bins,
        first,
        lambda number: texts.number(f"{number:,}"),
        limit=limit,
        limit_words="" if of.limit is None else conditions.limit(texts, of.limit),
        unit=texts.text(f"detail.in_{times.unit}"),
    )
    rows = []
    for begin, (end, n), share in zip(ends, bins, through, strict=False):
        low, high = texts.count(begin + 1), texts.count(end)
        span = high if begin + 1 == end else texts.text("detail.bin", low=low, high=high)
        percent = rounded(100 * share, [Fraction(0), Fraction(100)])
        rows.append((span, texts.count(n), texts.percent(percent, float(share))))
    unit = texts.text(f"detail.in_{times.unit}")
    head = texts.text("word.with_value", value=texts.text("head.time"), of=unit)
    return chart, Table(
        kind="times",
        caption=title,
        columns=(
            Column(head),
            Column(texts.text("head.cases"), is_number=True),
            Column(texts.text("head.share"), is_number=True),
        ),
        rows=tuple(rows),
    )


def shown_bins(context: Context, record: TargetResult) -> tuple[int, list[tuple[int, int]]]:
    """Return the lower end and the bins of the times of a target, small ones merged (R11)."""
    times = context.figures.times[record.id]
    definition = context.plan.target(record.id)
    assert isinstance(definition, Target), "only targets have times"
    limit = charts.times_of_limit(definition.limit, times.unit)
    edge = limit[1] if limit is not None else None
    first, bins = charts.binned(list(times.histogram.items()), edge)
    return first, merged_bins(bins, context.hide_below)


def _end_of(bins: Sequence[tuple[int, int]], through: Sequence[Fraction], share: Fraction) -> int:
    """Return the upper end of the first bin by which a share of the cases is reached.

    The end of a bin and not the time of a case: a time is a case's own (R11).
    """
    return next(end for (end, _), reached in zip(bins, through, strict=True) if reached >= share)


def _time(context: Context, time: int, unit: str) -> str:
    n = "1" if time == 1 else context.texts.number(f"{time:,}")
    return context.texts.text(f"unit.{unit}", n=n)


def _limit_of_times(context: Context, of: Target, limit: tuple[int, int] | None) -> str:
    texts = context.texts
    assert of.limit is not None, "the caller has looked"
    shown = conditions.limit(texts, of.limit)
    if limit is None:
        return texts.text("detail.times_no_limit")
    if limit[0] == limit[1]:
        return texts.text("detail.times_limit", limit=shown)
    low, high = (texts.count(end) for end in limit)
    return texts.text("detail.times_limit_range", limit=shown, low=low, high=high)
