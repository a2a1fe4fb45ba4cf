"""Series of all targets in a terminal as one table: a sparkline and the values, period by period."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from attrs import frozen
from rich.console import RenderableType
from rich.padding import Padding
from rich.text import Text

from kpi.definitions.reserved import PERIOD
from kpi.definitions.target import Target
from kpi.report import words
from kpi.report.bars import sparkline
from kpi.report.layout import Column, fitted, heading, line, narrowest, not_shown, shown, style
from kpi.report.page.view import SIGNS
from kpi.report.terminal_words import TerminalWords
from kpi.results.result import Result
from kpi.results.target_result import TargetResult

_INDENT = 2


@frozen
class _Series:
    """Series of a target.

    Attributes:
        target: the record of the target.
        by_period: the record of each period that has a case, by the name of the period.
        unit: the unit of all values, where they have the same; else empty.
    """

    target: TargetResult
    by_period: Mapping[str, TargetResult]
    unit: str


def in_one_table(result: Result) -> dict[str, list[TargetResult]]:
    """Return the targets whose series stand in one table, by the length of the periods.

    Those of which the groups are several periods alone, compared with no base; a series that is the
    only one has a table of its own, with the counted cases.
    """
    by_length: dict[str, list[TargetResult]] = {}
    for record in result.leaves():
        plain = all({*g.group} == {PERIOD} and g.base is None for g in record.groups)
        if plain and len(_periods(record)) > 1:
            target = result.plan.target(record.id)
            assert isinstance(target, Target), "a target is measured"
            asked = result.plan.series_of(target) or result.series
            assert asked is not None, "the periods are of some series"
            by_length.setdefault(asked.every, []).append(record)
    return {every: records for every, records in by_length.items() if len(records) > 1}


def _periods(target: TargetResult) -> dict[str, TargetResult]:
    """Return the record of each period that has a case, by the name of the period."""
    return {
        str(group.group[PERIOD]): group
        for group in target.groups
        if group.group.get(PERIOD) is not None and words.has_cases(group)
    }


def series_table(
    records: Sequence[TargetResult], texts: TerminalWords, width: int
) -> Iterator[RenderableType]:
    """Yield the series of several targets as one table.

    Where there is room every value stands in it with the sign of the verdict, else the lowest, the
    highest and the last value with their periods.

    Args:
        records: the records of the targets.
        texts: the words.
        width: the width of the terminal in characters.
    """
    listed = [_series_of(record, texts) for record in records]
    periods = sorted({name for series in listed for name in series.by_period})
    yield Text()
    first, last = texts.period(periods[0]), texts.period(periods[-1])
    yield shown(texts.text("series", first=first, last=last), "bold")
    # The short name of a month is of no year.
    name = texts.short_period if len({name[:4] for name in periods}) == 1 else texts.period
    grid = _grid(listed, periods, texts, name)
    if narrowest(grid) <= width:
        yield from _lines(listed, grid, [], texts, width)
    else:
        yield from _summaries(listed, periods, texts, width, name)
    if any(record.each for series in listed for record in series.by_period.values()):
        yield Text(texts.text("within_groups"), style="dim")
    verdicts = {record.verdict for series in listed for record in series.by_period.values()}
    signs = ", ".join(f"{SIGNS[v]} {texts.verdict(v)}" for v in SIGNS if v in verdicts)
    yield Text(
        f"{texts.text('legend', signs=signs)}; {texts.text('counts_elsewhere')}", style="dim"
    )


def _series_of(target: TargetResult, texts: TerminalWords) -> _Series:
    by_period = _periods(target)
    shown_values = [texts.value(one) for one in by_period.values() if one.value is not None]
    units = {text.partition(" ")[2] for text in shown_values}
    return _Series(target, by_period, units.pop() if len(units) == 1 else "")


def _line_of(series: _Series, periods: Sequence[str]) -> tuple[Text, Text]:
    """Return the sparkline of a series, and below it the sign of each verdict."""
    records = [series.by_period.get(name) for name in periods]
    line = sparkline([None if r is None or r.value is None else r.exact_value for r in records])
    signs = Text()
    for record in records:
        signs.append(
            *(" ", "") if record is None else (SIGNS[record.verdict], style(record.verdict))
        )
    return Text(line), signs


def _grid(
    listed: Sequence[_Series],
    periods: Sequence[str],
    texts: TerminalWords,
    named: Callable[[str], str],
) -> list[Column]:
    """Return the columns of every value by period, with the sign of the verdict."""

    def cell(record: TargetResult | None, unit: str) -> Text:
        if record is None:
            return Text()
        value = texts.value(record)
        number = value.removesuffix(f" {unit}") if unit else value
        sign = Text(f" {SIGNS[record.verdict]}", style=style(record.verdict))
        return shown(number).append(sign)

    columns = [Column("", [_line_of(series, periods)[0] for series in listed])]
    for name in periods:
        cells = [cell(series.by_period.get(name), series.unit) for series in listed]
        header = named(name)
        least = max(*map(len, header.split()), *(cell.cell_len for cell in cells))
        columns.append(Column(header, cells, right=True, least=least))
    return columns


def _lines(
    listed: Sequence[_Series],
    columns: Sequence[Column],
    below: Sequence[Column],
    texts: TerminalWords,
    width: int,
) -> Iterator[RenderableType]:
    """Yield a title and a line for each target, and a second line where there is one."""
    columns = fitted(columns, width)
    yield heading(columns)
    for n, series in enumerate(listed):
        title = shown(f"{series.target.id} {texts.title(series.target)}".rstrip())
        unit = f" ({series.unit})" if series.unit and not below else ""
        yield title.append(unit, style="dim")
        yield line(columns, [column.cells[n] for column in columns])
        if below:
            cells = zip(columns, below, strict=True)
            yield line(columns, [under.cells[n] for _, under in cells])


def _summaries(
    listed: Sequence[_Series],
    periods: Sequence[str],
    texts: TerminalWords,
    width: int,
    named: Callable[[str], str],
) -> Iterator[RenderableType]:
    """Yield a sparkline for each target with its lowest, highest and last value, and their periods."""
    lines = [_line_of(series, periods) for series in listed]
    least = min(len(periods), 24)
    columns = [Column("", [values for values, _ in lines], least=least)]
    below = [Column("", [signs for _, signs in lines])]
    for key, place in (("lowest", 0), ("highest", 1), ("last", 2)):
        chosen = [_chosen(series)[place] for series in listed]
        values = [shown("–" if r is None else texts.value(r)) for r in chosen]
        days = [shown("" if r is None else named(str(r.group[PERIOD]))) for r in chosen]
        columns.append(Column(texts.text(key), _widened(values, days), right=True))
        below.append(Column("", [Text(day.plain, style="dim") for day in days], right=True))
    inner = width - _INDENT
    full = narrowest(columns) + _INDENT
    if full > width:
        # The last value is always there.
        columns, below = [columns[0], columns[3]], [below[0], below[3]]
    for part in _lines(listed, columns, below, texts, inner):
        yield part if isinstance(part, Text) else Padding(part, (0, 0, 0, _INDENT))
    yield from not_shown([texts.text("extremes")] if full > width else [], full, texts)


def _widened(values: Sequence[Text], days: Sequence[Text]) -> list[Text]:
    """Return values as wide as the periods that stand below them."""
    widest = max((day.cell_len for day in days), default=0)
    return [Text(" " * max(0, widest - value.cell_len)).append(value) for value in values]


def _chosen(
    series: _Series,
) -> tuple[TargetResult | None, TargetResult | None, TargetResult | None]:
    """Return the periods with the lowest, the highest and the last value."""
    known = [record for record in series.by_period.values() if record.value is not None]
    if not known:
        return None, None, None
    return (
        min(known, key=lambda record: record.value or 0),
        max(known, key=lambda record: record.value or 0),
        max(known, key=lambda record: str(record.group[PERIOD])),
    )
