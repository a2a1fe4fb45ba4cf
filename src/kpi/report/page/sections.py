"""Sections of a page, one for each requirement and part: the sentence, the figures beside it (R3 to R7)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

from kpi.definitions.limits import Before
from kpi.definitions.parts import Parts
from kpi.definitions.reserved import PERIOD
from kpi.definitions.target import Requirement, Target
from kpi.evaluation.readings import TargetReadings
from kpi.report import words
from kpi.report.page import charts, conditions, periods, values
from kpi.report.page.charts import Chart
from kpi.report.page.context import Context
from kpi.report.page.counting import rules_of
from kpi.report.page.requirement import own_options, requirement
from kpi.report.page.small_cells import ListedGroup, listed_groups, merged_bins
from kpi.report.page.view import Column, Section, Shown, Table
from kpi.report.rounding import rounded
from kpi.results.possible import Possibilities
from kpi.results.target_result import TargetResult
from kpi.rules._interval import IntervalTarget
from kpi.rules.within import Within

MOST_GROUPS = 200
"""The most groups of a break-down that a page lists; the others are counted."""
_MOST_PERIODS = 400


def sections(context: Context) -> Iterator[Section]:
    """Yield the section of each requirement, each followed by those of its parts."""
    for record in context.figures.result.leaves(parents=True):
        yield _section(context, record)


def _section(context: Context, record: TargetResult) -> Section:
    texts, definition = context.texts, context.plan.target(record.id)
    target = definition if isinstance(definition, Target) else None
    return Section(
        anchor=context.anchor(record),
        id=record.id,
        title=context.title(record),
        value=values.value(texts, record),
        limit=requirement(texts, definition),
        verdict=context.verdict(record),
        facts=tuple(
            (texts.text(f"detail.{key}"), text) for key, text in _facts(context, definition)
        ),
        rules=("S28",) if target is None else rules_of(target),
        figures=tuple(_figures(context, record)),
        possible=tuple(_possible(context, record)),
        charts=() if target is None else tuple(_charts(context, record, target)),
        tables=tuple(_tables(context, record)),
        lines=() if target is None else tuple(_lines(context, record)),
    )


def _facts(context: Context, of: Requirement) -> Iterator[tuple[str, str]]:
    """Yield what the plan says of a requirement: key of the label, and text."""
    texts = context.texts
    yield "asked", requirement(texts, of)
    if isinstance(of, Target):
        yield from _measured(context, of)
        if of.on_condition is not None:
            yield "condition", of.on_condition.that
    else:
        assert isinstance(of, Parts), "a requirement is a target, or has parts"
        yield "measured", texts.text("rule.parts")
    if of.source is not None:
        yield "source", of.source
    if of.note is not None:
        yield "note", of.note
    if isinstance(of, Target) and of.readings:
        yield "reading", texts.text("detail.own_reading")


def _measured(context: Context, of: Target) -> Iterator[tuple[str, str]]:
    texts = context.texts
    named = {"start": getattr(of, "start", ""), "end": getattr(of, "end", "")}
    known = texts.optional(f"rule.{of.rule}")
    if known is None:
        yield "measured", texts.text("rule.other", rule=of.rule)
    else:
        yield "measured", known.format(on=getattr(of, "on", None) or _entry(context, of), **named)
    where = conditions.population(texts, of.where)
    if isinstance(of, IntervalTarget) and of.open_at is not None:
        day = periods.day_or_period(texts, of.open_at.start_of)
        where = texts.text("word.and").join(
            [*([where] if where else []), texts.text("when.start_of", day=day)]
        )
    yield "population", where or texts.text("condition.all_rows", table=of.table)
    if of.unless:
        yield "unless", conditions.population(texts, of.unless)
    yield "window", periods.window_name(texts, of.window_of(context.plan))
    if isinstance(of, Within):
        on = of.on or _entry(context, of)
        yield "counted_how", texts.text(f"denominator.{of.denominator}", on=on)
    if of.limit is not None:
        shown = conditions.limit(texts, of.limit) + own_options(texts, of)
        yield "limit", f"{shown} {of.start}" if isinstance(of.limit, Before) else shown  # type: ignore[attr-defined]  # only rules from a start take such a limit
    if context.plan.table(of.table).key:
        yield "table", of.table


def _entry(context: Context, of: Target) -> str:
    return context.plan.table(of.table).entry or context.texts.text("denominator.entry")


def _figures(context: Context, record: TargetResult) -> Iterator[str]:
    texts = context.texts
    if record.base is None:
        for name, number in record.figures.items():
            yield values.figure(texts, name, number, record)
        return
    window = record.base_window or ""
    named = texts.text("indicator.base")
    shown = values.value(texts, record.base)
    yield f"{named} {texts.text('word.with_value', value=shown, of=periods.period(texts, window))}"
    yield f"{texts.text('indicator.difference')} {values.moved(texts, words.difference(record))}"
    yield f"{texts.text('indicator.change')} {values.moved(texts, words.change(record))}"


def _possible(context: Context, record: TargetResult) -> Iterator[str]:
    """Yield what can still come of a requirement, each line of one kind of statement (F1)."""
    texts, possible = context.texts, record.possible
    if possible is None:
        return
    if record.base is None:
        range_ = values.bounds(texts, possible.possible, record)
        yield texts.text("detail.possible_certain", range=range_)
        if possible.known != possible.possible:
            known = values.bounds(texts, possible.known, record)
            yield texts.text("detail.possible_if", range=known)
    yield from _takes(context, record, possible)


def _takes(context: Context, record: TargetResult, possible: Possibilities) -> Iterator[str]:
    """Yield what it takes, or what room there is, of a share of cases in time (F16)."""
    if record.verdict != "open" or record.rule != "within" or record.unit != "share":
        return
    if possible.need:
        yield context.texts.text("detail.need", n=context.texts.count(possible.need))
    elif possible.room:
        yield context.texts.text("detail.room", n=context.texts.count(possible.room))


def _tables(context: Context, record: TargetResult) -> Iterator[Table]:
    yield from _breakdown(context, record)
    yield from _each(context, record)
    if not record.parts:
        yield _left_out(context, record)
    yield from _beside(context, record)
    yield from _readings(context, record)


def _lines(context: Context, record: TargetResult) -> Iterator[str]:
    texts = context.texts
    if not context.figures.has_cases:
        yield texts.text("detail.no_cases")
    if context.figures.readings is None and context.plan.target(record.id).leaves()[0].readings:
        yield texts.text("detail.not_worked_out")
    times = context.figures.times.get(record.id)
    if times is not None and not _bins(context, record)[1]:
        yield texts.text("detail.times_few")
    if times is not None and times.unended:
        yield texts.text("detail.times_unended", n=texts.count(times.unended))


def _charts(context: Context, record: TargetResult, of: Target) -> Iterator[tuple[Chart, Table]]:
    series = context.figures.series.get(record.id, ())[:_MOST_PERIODS]
    if len(series) > 1 and any(one.value is not None for one in series):
        yield _series(context, record, of, series)
    if record.id in context.figures.times and _bins(context, record)[1]:
        yield _times(context, record, of)


def _series(
    context: Context, record: TargetResult, of: Target, series: Sequence[TargetResult]
) -> tuple[Chart, Table]:
    texts = context.texts
    listed = listed_groups(series, context.hide_below, len(series))
    names = [str(one.group[PERIOD]) for one in series]
    exact = [
        None if one.is_hidden or one.record.value is None else one.record.exact_value
        for one in listed
    ]
    asked = charts.number_asked(record)
    if asked is None:
        asked = charts.limit_in_unit(record, of.limit)
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
        lambda tick: _tick(context, tick, record),
        asked=asked,
        limit=words_of_limit,
        share=record.unit == "share",
    )
    own = "series_own" if of.every is not None else "series"
    return chart, _group_table(
        context,
        texts.text(f"detail.{own}"),
        [(texts.text("head.period"), [periods.period(texts, name) for name in names])],
        listed,
    )


def _tick(context: Context, tick: Fraction, record: TargetResult) -> str:
    """Return a number of an axis, with as few decimals as it needs."""
    texts = context.texts
    number = 100 * tick if record.unit in ("share", "change") else tick
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
    return texts.text(
        "detail.series_desc",
        n=texts.count(len(series)),
        first=named[0],
        last=named[-1],
        low=values.value(texts, series[low]),
        low_when=named[low],
        high=values.value(texts, series[high]),
        high_when=named[high],
        limit=line,
    )


def _bins(context: Context, record: TargetResult) -> tuple[int, list[tuple[int, int]]]:
    """Return the lower end and the bins of the times of a target, small ones merged (R11)."""
    times = context.figures.times[record.id]
    definition = context.plan.target(record.id)
    assert isinstance(definition, Target), "only targets have times"
    limit = charts.times_of_limit(definition.limit, times.unit)
    edge = limit[1] if limit is not None else None
    first, bins = charts.binned(list(times.histogram.items()), edge)
    return first, merged_bins(bins, context.hide_below)


def _times(context: Context, record: TargetResult, of: Target) -> tuple[Chart, Table]:
    texts, times = context.texts, context.figures.times[record.id]
    first, bins = _bins(context, record)
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
        low, high = texts.number(f"{begin + 1:,}"), texts.number(f"{end:,}")
        span = high if begin + 1 == end else texts.text("detail.bin", low=low, high=high)
        percent = texts.number(rounded(100 * share, [Fraction(0), Fraction(100)]))
        rows.append((span, texts.count(n), texts.text("number.percent", n=percent)))
    unit = texts.text(f"detail.in_{times.unit}")
    head = texts.text("word.with_value", value=texts.text("head.time"), of=unit)
    return chart, Table(
        caption=title,
        columns=(
            Column(head),
            Column(texts.text("head.cases"), is_number=True),
            Column(texts.text("head.share"), is_number=True),
        ),
        rows=tuple(rows),
    )


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


def _breakdown(context: Context, record: TargetResult) -> Iterator[Table]:
    texts, names = context.texts, context.figures.result.by
    groups = [group for group in record.groups if words.has_cases(group)]
    if not names or not groups:
        return
    listed = listed_groups(groups, context.hide_below, MOST_GROUPS)
    shown = [name for name in names if any(name in group.group for group in groups)]
    heads = [
        (name, [_plain(context, one.record.group.get(name)) for one in listed]) for name in shown
    ]
    caption = texts.text("detail.breakdown", column=texts.text("word.comma").join(shown))
    table = _group_table(context, caption, heads, listed)
    more = len(groups) - len(listed)
    lines = table.notes
    if more:
        column = " --by ".join(shown)
        lines += (texts.text("detail.groups_left_out", n=texts.count(more), column=column),)
    yield Table(caption=table.caption, columns=table.columns, rows=table.rows, notes=lines)


def _each(context: Context, record: TargetResult) -> Iterator[Table]:
    """Yield the table of the values, or stretches of time, that must each reach it (S28, S30)."""
    if not record.each:
        return
    names = list(dict.fromkeys(name for one in record.each for name in one.group))
    if names == [PERIOD] and context.figures.series.get(record.id):
        # The series says the same already.
        return
    listed = listed_groups(record.each, context.hide_below, MOST_GROUPS)
    heads = [
        (
            context.texts.text("head.period") if name == PERIOD else name,
            [_of_segment(context, name, one.record.group.get(name)) for one in listed],
        )
        for name in names
    ]
    table = _group_table(context, context.texts.text("detail.each"), heads, listed)
    more = len(record.each) - len(listed)
    if not more:
        yield table
        return
    n = context.texts.count(more)
    line = context.texts.text("detail.groups_left_out", n=n, column=" --by ".join(names))
    yield Table(
        caption=table.caption, columns=table.columns, rows=table.rows, notes=(*table.notes, line)
    )


def _of_segment(context: Context, name: str, value: object) -> str:
    if name == PERIOD and value is not None:
        return periods.period(context.texts, str(value))
    return _plain(context, value)


def _plain(context: Context, value: object) -> str:
    return context.none if value is None else str(value)


def _group_table(
    context: Context,
    caption: str,
    heads: Sequence[tuple[str, Sequence[str]]],
    listed: Sequence[ListedGroup],
) -> Table:
    """Return the table of records of groups, with a sign for what is hidden of them (R11)."""
    texts = context.texts
    records = [one.record for one in listed]
    has_met = any(one.met is not None and one.unit == "share" for one in records)
    has_excluded = any(one.excluded for one in records)
    has_threshold = len({one.threshold for one in records}) > 1
    columns = [Column(name) for name, _ in heads]
    keys = ["value", *(["met"] if has_met else []), "counted"]
    keys += [*(["excluded"] if has_excluded else []), *(["threshold"] if has_threshold else [])]
    columns += [Column(texts.text(f"head.{key}"), is_number=True) for key in keys]
    columns.append(Column(texts.text("head.verdict")))
    rows: list[tuple[str | Shown, ...]] = []
    for n, one in enumerate(listed):
        cells = _cells(context, one)
        verdict = context.none if one.is_hidden else context.verdict(one.record)
        rows.append((*(named[n] for _, named in heads), *(cells[key] for key in keys), verdict))
    hidden = any(one.is_hidden or (has_excluded and one.hides_excluded) for one in listed)
    notes = (
        (texts.text("detail.hidden_cells", k=texts.count(context.hide_below)),) if hidden else ()
    )
    return Table(caption=caption, columns=tuple(columns), rows=tuple(rows), notes=notes)


def _cells(context: Context, one: ListedGroup) -> dict[str, str]:
    """Return the cells of a group by the key of their column."""
    texts, record = context.texts, one.record
    threshold = ""
    if record.threshold is not None:
        threshold = texts.text("number.percent", n=texts.number(f"{record.threshold:f}"))
    excluded = context.none if one.hides_excluded else texts.count(sum(record.excluded.values()))
    if one.is_hidden:
        hidden = dict.fromkeys(("value", "met", "counted"), context.none)
        return {**hidden, "excluded": excluded, "threshold": threshold}
    return {
        "value": values.value(texts, record),
        "met": "" if record.met is None else texts.count(record.met),
        "counted": values.counted(texts, record),
        "excluded": excluded,
        "threshold": threshold,
    }


def _left_out(context: Context, record: TargetResult) -> Table:
    texts = context.texts
    rows = [(values.reason(texts, why), texts.count(n)) for why, n in record.excluded.items()]
    if record.undetermined:
        rows.append((texts.text("detail.undetermined"), texts.count(record.undetermined)))
    notes = []
    if not rows:
        notes.append(texts.text("detail.nothing_left_out"))
    rows.append((texts.text("detail.outside"), texts.count(record.outside)))
    range_ = values.with_excluded(texts, record)
    if range_ is not None:
        notes.append(texts.text("detail.with_excluded", range=range_))
    return Table(
        caption=texts.text("detail.left_out"),
        columns=(
            Column(texts.text("head.reason")),
            Column(texts.text("head.rows"), is_number=True),
        ),
        rows=tuple(rows),
        notes=tuple(notes),
    )


def _beside(context: Context, record: TargetResult) -> Iterator[Table]:
    """Yield what must be known beside a figure of ended cases (R5)."""
    texts, load = context.texts, context.figures.caseloads.get(record.id)
    if load is None:
        return
    rows = [("intake", texts.count(load.intake)), ("output", texts.count(load.output))]
    rows.append(("open_cases", texts.count(load.open)))
    if load.late is not None:
        rows.append(("late", texts.count(load.late)))
    if load.mean_age is not None:
        rows.append(("mean_age", values.days(texts, load.mean_age)))
    yield Table(
        caption=texts.text("detail.beside"),
        columns=(
            Column(texts.text("head.what")),
            Column(texts.text("head.number_of"), is_number=True),
        ),
        rows=tuple((texts.text(f"detail.{key}"), shown) for key, shown in rows),
        notes=(texts.text("detail.beside_intro", day=texts.date(load.day)),),
    )


def _readings(context: Context, record: TargetResult) -> Iterator[Table]:
    """Yield the target under its other readings, and whether one of them turns the verdict (S26)."""
    texts = context.texts
    read = _readings_of(context, record.id)
    if read is None or not read.others:
        return
    definition = context.plan.target(record.id)
    assert isinstance(definition, Target), "only targets have readings"
    rows: list[tuple[str | Shown, ...]] = []
    changed = {reading.name: definition.with_reading(reading) for reading in definition.readings}
    for name, one in read.records():
        turns = one.verdict != read.default.verdict
        own = name is None
        limit = requirement(texts, definition if name is None else changed[name])
        row = (
            texts.text("detail.own_reading") if name is None else name,
            limit,
            values.value(texts, one),
            values.counted(texts, one),
            context.verdict(one),
            "" if own else texts.text("detail.turns_yes" if turns else "detail.turns_no"),
        )
        rows.append(row)
    keys = (("reading", False), ("limit", False), ("value", True), ("counted", True))
    line = "detail.readings_turn" if read.turns else "detail.readings_none_turn"
    yield Table(
        caption=texts.text("detail.readings"),
        columns=(
            *(Column(texts.text(f"head.{key}"), is_number=number) for key, number in keys),
            Column(texts.text("head.verdict")),
            Column(texts.text("head.turns")),
        ),
        rows=tuple(rows),
        notes=(texts.text(line),),
    )


def _readings_of(context: Context, name: str) -> TargetReadings | None:
    read = context.figures.readings
    if read is None:
        return None
    return next((target for target in read.targets if target.id == name), None)
