"""Geometry of the charts of a report, in the units of their drawing; templates draw them (R4).

Three plain forms: a bar of a value against its limit, a line by period, a histogram of times.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from typing import TypeAlias

from attrs import frozen

from kpi.definitions.amounts import SIZES
from kpi.definitions.bounds import Bounds
from kpi.definitions.limits import Limit, most_days
from kpi.definitions.target import Requirement, Target
from kpi.definitions.time_units import Span
from kpi.definitions.windows import first_of_month
from kpi.results.target_result import TargetResult

BAR_WIDTH = 120
WIDTH, HEIGHT = 640, 220
LEFT, RIGHT, TOP, BOTTOM = 60, 14, 16, 34
_TICKS = 4
_ANY_YEAR = 1996
"""The first of eight years, with a leap day in two, from any month of which months are counted."""
Band: TypeAlias = Sequence[tuple[Fraction, Fraction] | None]
"""The lower and the upper end of an area, by period; None where there is none, or it is hidden."""

_WEIGHT = Fraction(11, 10)
"""How much longer an axis is than the longest value on it."""


@frozen
class Bar:
    """Bar of a value against its limit, in units of which the whole bar is `BAR_WIDTH`.

    Attributes:
        length: the length of the bar.
        mark: the place of the limit.
    """

    length: str
    mark: str


@frozen
class Tick:
    """Mark on an axis: its place, and its text."""

    at: str
    text: str


@frozen(kw_only=True)
class Chart:
    """Chart of a series or of a distribution.

    Attributes:
        title: what it shows.
        description: the same in words.
        lines: the pieces of the line, each the points of a polyline; hidden periods break it.
        points: the place of each value, of a line.
        bars: x, y, width and height of each bar, of a histogram.
        ticks: the marks of the vertical axis.
        labels: the marks of the horizontal axis.
        level: the height of the limit, of a line; None without one.
        band: the place and width of the limit on the horizontal axis; None without one.
        limit: the limit in words, beside its mark.
        asked: the number that a line has for its limit; None without one.
        areas: the outline of each area, the widest first, such as what can still come of a value.
        interval: the place, the ends and the middle of an interval that is an estimate; None for none.
        rails: the heights of further lines, such as the natural limits of a series.
        unit: the unit of the horizontal axis in words; empty where labels say it.
    """

    title: str
    description: str
    lines: tuple[str, ...] = ()
    points: tuple[tuple[str, str], ...] = ()
    bars: tuple[tuple[str, str, str, str], ...] = ()
    ticks: tuple[Tick, ...] = ()
    labels: tuple[Tick, ...] = ()
    level: str | None = None
    band: tuple[str, str] | None = None
    limit: str = ""
    asked: Fraction | None = None
    areas: tuple[str, ...] = ()
    interval: tuple[str, str, str, str] | None = None
    rails: tuple[str, ...] = ()
    unit: str = ""


def number_asked(record: TargetResult) -> Fraction | None:
    """Return the number that the value is compared with, in the unit of the value; None for no one.

    Two bounds are no single number; nor is a limit in months for a value in days.
    """
    if record.threshold is not None:
        return Fraction(record.threshold) / 100 if record.unit == "share" else None
    if record.bounds is not None:
        return _only(record.bounds, record)
    return None


def _only(bounds: Bounds, record: TargetResult) -> Fraction | None:
    given = [Fraction(bound) for bound in bounds.data().values()]
    if len(given) != 1 or record.unit == "parts":
        return None
    # The bounds of a change, and of a share, are in per cent.
    return given[0] / 100 if record.unit in ("change", "share") else given[0]


def limit_in_unit(record: TargetResult, limit: Limit | None) -> Fraction | None:
    """Return the limit of a mean or percentile in the unit of its value; None for no number."""
    if record.unit == "share" or not isinstance(limit, Span):
        return None
    if record.unit in SIZES:
        minutes = Fraction(limit.total_minutes)
        return (minutes if record.unit == "minutes" else minutes / 60) if limit.is_clock else None
    if record.unit == "working days":
        return Fraction(limit.working_days) if limit.in_working_days else None
    if record.unit == "months":
        return Fraction(limit.total_months) if limit.in_months else None
    plain = not (limit.total_months or limit.working_days or limit.is_clock)
    return Fraction(limit.total_days) if record.unit == "days" and plain else None


def asked_of(record: TargetResult, definition: Requirement) -> Fraction | None:
    """Return the number that the value of a requirement is compared with, or its limit in that unit."""
    asked = number_asked(record)
    if asked is None and isinstance(definition, Target):
        return limit_in_unit(record, definition.limit)
    return asked


def bar(value: Fraction | None, asked: Fraction | None, *, share: bool) -> Bar | None:
    """Return the bar of a value against a limit; None where either is missing or negative."""
    if value is None or asked is None:
        return None
    all_of_it = whole(value, asked, share=share)
    if all_of_it is None:
        return None
    places = (min(part / all_of_it, Fraction(1)) * BAR_WIDTH for part in (value, asked))
    return Bar(*map(_place, places))


def whole(value: Fraction, asked: Fraction, *, share: bool) -> Fraction | None:
    """Return the number that the whole of a bar stands for: all of a share, else more than both.

    None where the value or the limit is negative, or both are nothing.
    """
    if min(value, asked) < 0:
        return None
    return Fraction(1) if share else max(value, asked) * _WEIGHT or None


def line_chart(
    title: str,
    description: str,
    values: Sequence[Fraction | None],
    labels: Sequence[str],
    tick_text: Callable[[Fraction], str],
    *,
    asked: Fraction | None,
    limit: str,
    share: bool,
    bands: Sequence[Band] = (),
    interval: tuple[Fraction, Fraction, Fraction] | None = None,
    rails: Sequence[Fraction] = (),
) -> Chart:
    """Return the chart of a series.

    Args:
        title: what it shows.
        description: the same in words.
        values: the value of each period; None where it has none, or is hidden.
        labels: the short name of each period.
        tick_text: the function that writes a number of the vertical axis.
        asked: the number that is asked for; None for none.
        limit: the limit in words.
        share: whether the values are shares, whose axis ends with all.
        bands: areas to draw, the widest first: for each period the lower and the upper end.
        interval: the lower end, the middle and the upper end of an estimate, at the last period.
        rails: further lines.
    """
    ends = [end for band in bands for pair in band if pair is not None for end in pair]
    known = [value for value in values if value is not None]
    known += [*ends, *(interval or ()), *rails, *([asked] if asked is not None else [])]
    top, low = max([*known, Fraction(0)]), min([*known, Fraction(0)])
    high = Fraction(1) if share and top <= 1 else _nice(top * _WEIGHT or Fraction(1))
    low = -_nice(-low * _WEIGHT) if low < 0 else Fraction(0)
    step = (WIDTH - LEFT - RIGHT) / max(len(values), 1)

    def y(value: Fraction) -> Fraction:
        return TOP + (high - value) / (high - low) * (HEIGHT - TOP - BOTTOM)

    def x(n: int) -> float:
        return LEFT + (n + 0.5) * step

    pieces: list[list[tuple[str, str]]] = [[]]
    for n, value in enumerate(values):
        if value is None:
            pieces.append([])
        else:
            pieces[-1].append((_place(x(n)), _place(y(value))))
    every = max(1, math.ceil(len(labels) / 16))
    drawn = None
    if interval is not None:
        least, middle, most = (_place(y(end)) for end in interval)
        drawn = (_place(x(len(values) - 1)), least, middle, most)
    return Chart(
        title=title,
        description=description,
        lines=tuple(" ".join(map(",".join, piece)) for piece in pieces if len(piece) > 1),
        points=tuple(point for piece in pieces for point in piece),
        ticks=tuple(
            Tick(_place(y(tick)), tick_text(tick))
            for tick in (low + (high - low) * n / _TICKS for n in range(_TICKS + 1))
        ),
        labels=tuple(Tick(_place(x(n)), text) for n, text in enumerate(labels) if not n % every),
        level=None if asked is None else _place(y(asked)),
        limit=limit,
        asked=asked,
        areas=tuple(area for band in bands for area in _areas(band, x, y)),
        interval=drawn,
        rails=tuple(_place(y(rail)) for rail in rails),
    )


def _areas(
    band: Band, x: Callable[[int], float], y: Callable[[Fraction], Fraction]
) -> Iterator[str]:
    """Yield the outline of each run of periods that have both ends: there along the top, back below."""
    run: list[tuple[int, tuple[Fraction, Fraction]]] = []
    for n, pair in enumerate([*band, None]):
        if pair is not None:
            run.append((n, pair))
            continue
        if len(run) > 1:
            above = [(x(place), y(high)) for place, (_, high) in run]
            below = [(x(place), y(low)) for place, (low, _) in reversed(run)]
            yield " ".join(f"{_place(at)},{_place(up)}" for at, up in (*above, *below))
        run = []


def histogram(
    title: str,
    description: str,
    bins: Sequence[tuple[int, int]],
    first: int,
    tick_text: Callable[[int], str],
    *,
    limit: tuple[int, int] | None,
    limit_words: str,
    unit: str,
) -> Chart:
    """Return the chart of a distribution of times; the area of a bar is the cases in it.

    Args:
        title: what it shows.
        description: the same in words.
        bins: the upper end and the number of cases of each bin, lowest first.
        first: the lower end of the first bin.
        tick_text: the function that writes a whole number.
        limit: the least and the greatest time that the limit can be; None where it is not one.
        limit_words: the limit in words.
        unit: the unit of the times in words.
    """
    last = max(bins[-1][0], limit[1] if limit is not None else 0)
    width = WIDTH - LEFT - RIGHT
    low = min(first, limit[0] if limit is not None else first)

    def x(time: Fraction | int) -> Fraction:
        return LEFT + Fraction(time - low) / (last - low) * width

    ends = [first, *(end for end, _ in bins)]
    dense = [Fraction(count, end - begin) for begin, (end, count) in zip(ends, bins, strict=False)]
    highest = max(dense)
    drawn: list[tuple[str, str, str, str]] = []
    for begin, (end, _), density in zip(ends, bins, dense, strict=False):
        height = density / highest * (HEIGHT - TOP - BOTTOM)
        corner = (x(begin), HEIGHT - BOTTOM - height, x(end) - x(begin), height)
        left, upper, wide, high = map(_place, corner)
        drawn.append((left, upper, wide, high))
    step = max(1, int(_nice(Fraction(last - low, 8))))
    begin = low + -low % step
    return Chart(
        title=title,
        description=description,
        bars=tuple(drawn),
        labels=tuple(Tick(_place(x(t)), tick_text(t)) for t in range(begin, last + 1, step)),
        band=None
        if limit is None
        else (_place(x(limit[0])), _place(max(x(limit[1]) - x(limit[0]), Fraction(2)))),
        limit=limit_words,
        unit=unit,
    )


def times_of_limit(limit: Limit | None, unit: str) -> tuple[int, int] | None:
    """Return the least and the greatest time, in a unit, that a limit of one length can be.

    Months have no number of days: seven months are 212 to 215 (S5). None for a limit of another
    unit, or one that differs from case to case.
    """
    if not isinstance(limit, Span):
        return None
    if unit == "minutes":
        return (limit.total_minutes, limit.total_minutes) if limit.is_clock else None
    if unit == "working days":
        return (limit.working_days, limit.working_days) if limit.in_working_days else None
    if limit.is_clock or limit.working_days:
        return None
    if not limit.total_months:
        return limit.total_days, limit.total_days
    return _days_of(limit)


def _days_of(limit: Span) -> tuple[int, int] | None:
    """Return the fewest and the most days that a span of months can have, from any day on."""
    if most_days(limit) > 31 * 1200:
        return None
    lengths = [
        (first_of_month(month + limit.total_months) - first_of_month(month)).days
        for month in range(_ANY_YEAR * 12, (_ANY_YEAR + 8) * 12)
    ]
    return min(lengths) + limit.total_days, max(lengths) + limit.total_days


def binned(
    histogram: Sequence[tuple[int, int]], limit: int | None
) -> tuple[int, list[tuple[int, int]]]:
    """Return the lower end and the bins of a histogram, of equal width, with an edge at the limit.

    A bin has the times above its lower end through its upper end, so that the cases through the
    limit are whole bins.

    Args:
        histogram: time and number of cases, shortest first.
        limit: the time at which an edge must be; None for none.

    Returns:
        the lower end of the first bin, and for each bin the upper end and the number of cases.
    """
    shortest, longest = histogram[0][0], histogram[-1][0]
    width = max(1, int(_nice(Fraction(longest - shortest + 1, 20))))
    edge = 0 if limit is None else limit
    first = edge + ((shortest - 1 - edge) // width) * width
    counts: dict[int, int] = {}
    for time, n in histogram:
        end = first + -(-(time - first) // width) * width
        counts[end] = counts.get(end, 0) + n
    ends = range(first + width, max(counts) + 1, width)
    # Where no time is negative, the first bin begins with 0.
    lowest = max(first, -1) if shortest >= 0 else first
    return lowest, [(end, counts.get(end, 0)) for end in ends]


def _nice(number: Fraction) -> Fraction:
    """Return the least of 1, 2, 5, 10, 20, … (and their tenths) that is at least a number above 0."""
    if not number:
        return Fraction(1)
    power = Fraction(10) ** (math.floor(math.log10(number)) if number else 0)
    return next(step * power for step in (1, 2, 5, 10, 20) if step * power >= number)


def _place(at: Fraction | float) -> str:
    """Return a place with one decimal, the same on every machine."""
    return f"{float(round(Fraction(at), 1)):.1f}".removesuffix(".0")
