"""Charts of a follow-up: to date with what can still come, by month with natural limits, weeks to due (R4)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import pairwise

from kpi.definitions.target import Target
from kpi.evaluation.chart_series.by_end import MEAN, MONTH
from kpi.evaluation.chart_series.natural_limits import IN_A_RUN, OUTSIDE
from kpi.evaluation.chart_series.points import Point
from kpi.evaluation.chart_series.series import SeriesName
from kpi.evaluation.chart_series.to_date import CERTAIN, ESTIMATE, IF, MET, STATUS
from kpi.report.page import charts, periods, values
from kpi.report.page.charts import Band, Chart
from kpi.report.page.context import Context
from kpi.report.page.requirement import requirement
from kpi.report.page.series_chart import tick
from kpi.report.page.small_cells import hidden_rows, merged_bins
from kpi.report.page.view import Column, Shown, Table
from kpi.results.target_result import TargetResult

_MOST_WEEKS = 27
"""The number of the bin that pools all further weeks (F53)."""


def follow_charts(
    context: Context, record: TargetResult, of: Target
) -> Iterator[tuple[Chart, Table]]:
    """Yield at most three charts of a target, each with its numbers as a table (R4).

    For a stock or a count only the first.
    """
    yield from _to_date(context, record, of)
    if record.rule in ("stock", "count"):
        return
    yield from _by_end(context, record)
    yield from _weeks(context, record)


def _points(context: Context, record: TargetResult, name: SeriesName) -> list[Point]:
    follow_up = context.figures.follow_up
    assert follow_up is not None, "the page is of a follow-up"
    return [point for point in follow_up.series.points[name] if point.target == record.id]


def _by_period(points: Sequence[Point], kind: str) -> dict[str, Point]:
    return {point.period: point for point in points if point.kind == kind}


def _to_date(context: Context, record: TargetResult, of: Target) -> Iterator[tuple[Chart, Table]]:
    """Yield the value by the end of each month, what can come of it, and the estimate (F50)."""
    texts, points = context.texts, _points(context, record, "to_date")
    status, certain, known = (_by_period(points, kind) for kind in (STATUS, CERTAIN, IF))
    months = [*status]
    if len(months) < 2:
        return
    hidden = _hidden_to_date(context, status, _by_period(points, MET))
    expected = next((point for point in points if point.kind == ESTIMATE), None)
    end = [] if expected is None or expected.period in months else [expected.period]
    names = [*months, *end]

    def value(name: str) -> Fraction | None:
        found = status.get(name)
        if found is None or found.value is None or name in hidden:
            return None
        return Fraction(found.value)

    interval = None
    if expected is not None and expected.low is not None and expected.high is not None:
        ends = (expected.low, expected.value or 0, expected.high)
        low, middle, high = (Fraction(f"{end:.9f}") for end in map(float, ends))
        interval = (low, middle, high)
    asked = charts.asked_of(record, of) if record.base is None else None
    words = requirement(texts, of)
    line = texts.text("detail.no_limit_line" if asked is None else "detail.limit_line", limit=words)
    bands = [_band(names, of_kind, hidden) for of_kind in (certain, known)]
    said = "" if expected is None else _expected(context, expected, record)
    chart = charts.line_chart(
        texts.text("to_date.title", id=record.id),
        texts.text(
            "to_date.desc",
            n=texts.count(len(months)),
            first=periods.period(texts, months[0]),
            last=periods.period(texts, months[-1]),
            value=values.value(texts, record),
            limit=line,
            band=texts.text("to_date.band") if any(map(any, bands)) else "",
            estimate="" if interval is None else texts.text("to_date.estimate", value=said),
        ).strip(),
        [value(name) for name in names],
        [periods.short_period(texts, name) for name in names],
        lambda number: tick(context, number, record),
        asked=asked,
        limit=words,
        share=record.unit == "share",
        bands=bands,
        interval=interval,
    )
    rows = []
    for name in months:
        is_hidden = name in hidden
        verdict = status[name].mark
        cells: list[str | Shown] = [periods.period(texts, name)]
        cells += [
            context.none if is_hidden else cell
            for cell in (
                _value(context, status[name], record),
                texts.count(status[name].n or 0),
                _range(context, certain.get(name), record),
                _range(context, known.get(name), record),
            )
        ]
        cells.append(context.none if is_hidden else _verdict(context, verdict))
        rows.append(tuple(cells))
    if said and expected is not None:
        shown = f"{periods.period(texts, expected.period)}: {said}"
        rows.append((shown, *[""] * 5))
    heads = (
        (texts.text("head.month"), False),
        (texts.text("head.value"), True),
        (texts.text("head.counted"), True),
        (texts.text("to_date.head_certain"), True),
        (texts.text("to_date.head_if"), True),
        (texts.text("head.verdict"), False),
    )
    notes = [texts.text("to_date.rebuilt"), *_hidden_note(context, hidden)]
    yield (
        chart,
        Table(
            kind="to_date",
            caption=texts.text("to_date.title", id=record.id),
            columns=tuple(Column(head, is_number=number) for head, number in heads),
            rows=tuple(rows),
            notes=tuple(notes),
        ),
    )


def _hidden_to_date(
    context: Context, status: Mapping[str, Point], met: Mapping[str, Point]
) -> frozenset[str]:
    """Return the months that are hidden: a month's own cases follow from two months to date (R11).

    From the last month back, a month is shown where the cases that came between it and the next one
    shown are none, or not few; and its own cases are not few.
    """
    least, names = context.hide_below, [*status]

    def counts(name: str) -> tuple[int, int, int]:
        n = status[name].n or 0
        in_time = int(met[name].value or 0) if name in met else 0
        return n, in_time, n - in_time

    def is_small(many: Sequence[int]) -> bool:
        return any(0 < abs(n) < least for n in many)

    hidden, following = set[str](), counts(names[-1])
    for name in reversed(names[:-1]):
        own = counts(name)
        between = [after - before for before, after in zip(own, following, strict=True)]
        if is_small(own) or is_small(between):
            hidden.add(name)
        else:
            following = own
    return frozenset(hidden)


def _band(names: Sequence[str], points: Mapping[str, Point], hidden: frozenset[str]) -> Band:
    found: list[tuple[Fraction, Fraction] | None] = []
    for name in names:
        point = None if name in hidden else points.get(name)
        if point is None or point.low is None or point.high is None:
            found.append(None)
        else:
            found.append((Fraction(point.low), Fraction(point.high)))
    return found


def _value(context: Context, point: Point, record: TargetResult) -> str:
    if point.value is None:
        return context.none
    return values.amount(context.texts, Fraction(point.value), record)


def _range(context: Context, point: Point | None, record: TargetResult) -> str:
    """Return what a value can become; empty where nothing is said of it."""
    if point is None:
        return ""
    ends = [end for end in (point.low, point.high) if end is not None]
    if not ends:
        return context.texts.text("value.nothing" if point.mark else "value.any")
    low, high = (values.amount(context.texts, Fraction(end), record) for end in (ends[0], ends[-1]))
    if point.high is None:
        return context.texts.text("value.or_more", n=low)
    return values.span_of_values(context.texts, low, high)


def _expected(context: Context, point: Point, record: TargetResult) -> str:
    def amount(number: Fraction | float | None) -> str:
        return values.amount(context.texts, Fraction(f"{float(number or 0):.9f}"), record)

    shown = context.texts.text("outlook.estimate", value=amount(point.value))
    if point.low is None or point.high is None:
        return shown
    between = values.span_of_values(context.texts, amount(point.low), amount(point.high))
    return context.texts.text("word.with_value", value=shown, of=between)


def _verdict(context: Context, mark: str | None) -> str | Shown:
    return "" if mark is None else context.shown_verdict(mark)


def _hidden_note(context: Context, hidden: object) -> list[str]:
    k = context.texts.count(context.hide_below)
    return [context.texts.text("detail.hidden_cells", k=k)] if hidden else []


def _by_end(context: Context, record: TargetResult) -> Iterator[tuple[Chart, Table]]:
    """Yield the value by the month in which cases ended, with natural limits (F51)."""
    texts, points = context.texts, _points(context, record, "by_end")
    months = [point for point in points if point.kind == MONTH]
    if len(months) < 2:
        return
    counts = [_counts(point, record) for point in months]
    hidden = hidden_rows(counts, context.hide_below)
    # With a month hidden, its value could be worked out from the mean of all.
    limits = None if hidden else next((point for point in points if point.kind == MEAN), None)
    key = "few" if limits is None and not hidden else "hidden"
    said = texts.text(f"by_end.{key}")
    rails: list[Fraction] = []
    if limits is not None:
        ends = (limits.value, limits.low, limits.high)
        rails = [Fraction(end) for end in ends if end is not None]
        mean, low, high = (values.amount(texts, rail, record) for rail in rails)
        said = texts.text("by_end.limits", mean=mean, low=low, high=high)
    named = [periods.period(texts, point.period) for point in months]
    chart = charts.line_chart(
        texts.text("by_end.title", id=record.id),
        texts.text(
            "by_end.desc", n=texts.count(len(months)), first=named[0], last=named[-1], limits=said
        ),
        [
            None if n in hidden or point.value is None else Fraction(point.value)
            for n, point in enumerate(months)
        ],
        [periods.short_period(texts, point.period) for point in months],
        lambda number: tick(context, number, record),
        asked=None,
        limit="",
        share=record.unit == "share",
        rails=rails,
    )
    rows = []
    for n, point in enumerate(months):
        cells = [_value(context, point, record), texts.count(point.n or 0), _marks(context, point)]
        if n in hidden:
            cells = [context.none, context.none, ""]
        rows.append((named[n], *cells))
    heads = ((texts.text("head.month"), False), (texts.text("head.value"), True))
    yield (
        chart,
        Table(
            kind="by_end",
            caption=texts.text("by_end.title", id=record.id),
            columns=(
                *(Column(head, is_number=number) for head, number in heads),
                Column(texts.text("head.counted"), is_number=True),
                Column(texts.text("by_end.head_mark")),
            ),
            rows=tuple(rows),
            notes=(said, *_hidden_note(context, hidden)),
        ),
    )


def _counts(point: Point, record: TargetResult) -> tuple[int, ...]:
    """Return the counts of a month: counted, and of a share those in time and those late."""
    n = point.n or 0
    if record.unit != "share" or point.value is None:
        return (n,)
    met = int(Fraction(point.value) * n)
    return n, met, n - met


def _marks(context: Context, point: Point) -> str:
    """Return what stands out of a month, in the words of the language."""
    keys = {OUTSIDE: "outside", IN_A_RUN: "run", "part of a month": "part"}
    found = [key for words, key in keys.items() if words in (point.mark or "")]
    return context.texts.text("word.comma").join(context.texts.text(f"by_end.{k}") for k in found)


def _weeks(context: Context, record: TargetResult) -> Iterator[tuple[Chart, Table]]:
    """Yield the open cases by weeks after their due date and until it (F53)."""
    texts, points = context.texts, _points(context, record, "weeks_to_due")
    # A week after the due date ends that many weeks, less one, below it; one until it so many above.
    bins: dict[int, int] = {}
    for point in points:
        if point.kind not in ("after due", "until due"):
            continue
        number = int(point.period) if point.period.isdigit() else _MOST_WEEKS
        end = number if point.kind == "until due" else 1 - number
        bins[end] = int(point.value or 0)
    filled = [end for end, n in bins.items() if n]
    if not filled:
        return
    first, last = min(filled) - 1, max(filled)
    merged = merged_bins(
        [(end, bins[end]) for end in range(first + 1, last + 1)], context.hide_below
    )
    if not merged:
        return
    late, total = sum(n for end, n in bins.items() if end <= 0), sum(bins.values())
    if context.is_small(late, total, total - late):
        return
    title = texts.text("weeks.title", id=record.id)
    chart = charts.histogram(
        title,
        texts.text(
            "weeks.desc",
            n=texts.count(total),
            late=texts.count(late),
            due=texts.count(total - late),
        ),
        merged,
        first,
        lambda number: texts.number(f"{number:,}"),
        limit=(0, 0),
        limit_words="",
        unit=texts.text("weeks.unit"),
    )
    begins = [first, *(end for end, _ in merged)]
    rows = [
        (_week_span(context, begin, end), texts.count(n))
        for begin, (end, n) in pairwise_bins(begins, merged)
    ]
    yield (
        chart,
        Table(
            kind="weeks",
            caption=title,
            columns=(
                Column(texts.text("weeks.head")),
                Column(texts.text("head.cases"), is_number=True),
            ),
            rows=tuple(rows),
        ),
    )


def pairwise_bins(
    begins: Sequence[int], bins: Sequence[tuple[int, int]]
) -> Iterator[tuple[int, tuple[int, int]]]:
    """Yield the lower end of each bin with the bin."""
    yield from ((begin, of) for (begin, _), of in zip(pairwise(begins), bins, strict=True))


def _week_span(context: Context, begin: int, end: int) -> str:
    """Return the weeks of a bin in words: "3 weeks after", "2 weeks until to 4 weeks until"."""
    first, last = (_week(context, number) for number in (begin + 1, end))
    return first if first == last else context.texts.text("weeks.span", first=first, last=last)


def _week(context: Context, end: int) -> str:
    """Return a week in words by the number that its bin ends with."""
    texts, number = context.texts, end if end > 0 else 1 - end
    over = number >= _MOST_WEEKS
    shown: str = texts.count(number - 1 if over else number)
    if over:
        shown = texts.text("weeks.over", n=shown)
    return texts.text("weeks.until" if end > 0 else "weeks.after", n=shown)
