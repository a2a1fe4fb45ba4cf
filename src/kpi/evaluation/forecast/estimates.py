"""Estimates of the targets of a plan, from what is known on a day (F20-F29)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import chain

import polars as pl
from attrs import evolve, frozen

from kpi.definitions.limits import Dated
from kpi.definitions.messages import Message
from kpi.definitions.plan import Plan
from kpi.definitions.target import Target
from kpi.engine.state import COUNTED
from kpi.errors import DataError
from kpi.evaluation.forecast.cautions import cautions
from kpi.evaluation.forecast.error_scale import scale_of
from kpi.evaluation.forecast.estimate import Estimate, NoEstimate
from kpi.evaluation.forecast.figures import BySegment, Figure, Part, figure
from kpi.evaluation.forecast.forecast import FEWEST_ENDS, Asking, Forecast, forecasts
from kpi.evaluation.forecast.grouped_rows import GroupedRows, Grouping
from kpi.evaluation.forecast.interval import (
    FEWEST,
    Possible,
    cut,
    cut_interval,
    half_width,
    interval_around,
)
from kpi.evaluation.forecast.life_table import LOOK_BACK
from kpi.evaluation.forecast.method import Way, method_of, unforeseen, without_windows
from kpi.evaluation.forecast.outlook import OutlookWord, combined_outlook, outlook
from kpi.evaluation.forecast.shifted_dates import shifted
from kpi.evaluation.forecast.track_record import Trial, track_record
from kpi.evaluation.forecast.trials import FEWEST_COUNTED, trial_days
from kpi.fork_guard import use_engine
from kpi.rules._interval import IntervalTarget
from kpi.tables.as_of import Snapshot, snapshot_at
from kpi.tables.check import Extract, as_of_date, check, require_plan
from kpi.tables.sources.resolve import Tables

_YEAR = dt.timedelta(LOOK_BACK)


def estimates(
    plan: Plan,
    tables: Tables | Extract,
    as_of: dt.date | str,
    *,
    possible: Mapping[str, Possible] | None = None,
    targets: Collection[str] | None = None,
) -> dict[str, Estimate | NoEstimate]:
    """Estimate the figure that each target of a plan will end with.

    Nothing that is dated after `as_of` is read (S15).

    Args:
        plan: the plan.
        tables: checked tables, or the same that `kpi.check` takes.
        as_of: the last day that is known.
        possible: for the targets that have any, the worst and the best figure that can still come,
            in the unit of the value, to which intervals are cut (F25).
        targets: the ids of the targets to estimate, which saves the time of the others (default: all).

    Returns:
        for each of these targets, by id, in the plan's order, its estimate, or why there is none.

    Raises:
        DataError: where a table cannot be used as the plan says, see `kpi.check`; where checked tables
            were checked for another plan.
        PlanError: where `as_of` is not a date.
    """
    use_engine()
    require_plan(plan)
    day = as_of_date(plan, as_of)
    extract = tables if isinstance(tables, Extract) else check(plan, tables, columns=(), as_of=day)
    if extract.plan != plan:
        raise DataError(
            f"the tables were checked for the plan {extract.plan.id}, not for this {plan.id}; check them for it"
        )
    for name, checked in extract.tables.items():
        if checked.log is not None:
            checked.log.require(name, day)
    snapshots = {name: snapshot_at(plan, table, day) for name, table in extract.tables.items()}
    grouped: dict[tuple[object, ...], GroupedRows] = {}
    found: dict[str, Estimate | NoEstimate] = {}
    askings: dict[str, list[Asking]] = {}
    firsts: dict[str, dt.date] = {}
    leaves = [target for target in plan.leaves() if targets is None or target.id in targets]
    for target in leaves:
        asked = question(plan, extract, snapshots, target, grouped)
        if isinstance(asked, NoEstimate):
            found[target.id] = asked
            continue
        first = first_entry(asked)
        if first is None or first > day - _YEAR + dt.timedelta(1):
            too_few = Message("less than a year of entries: no case has entered")
            if first is not None:
                too_few = Message(
                    "less than a year of entries: the first case entered on {day}", day=first
                )
            found[target.id] = NoEstimate(too_few)
            continue
        firsts[target.id] = first
        askings[target.id] = [asked, *_asked_before(asked, first)]
    answers = iter(forecasts([*chain.from_iterable(askings.values())]))
    for name, of_target in askings.items():
        now, *before = [next(answers) for _ in of_target]
        found[name] = _estimate(now, before, firsts[name], (possible or {}).get(name))
    return {target.id: found[target.id] for target in leaves}


def question(
    plan: Plan,
    extract: Extract,
    snapshots: Mapping[str, Snapshot],
    target: Target,
    grouped: dict[tuple[object, ...], GroupedRows],
) -> Asking | NoEstimate:
    """Return the question about a target with its rows, or why it is not asked.

    Args:
        plan: the plan.
        extract: the checked tables.
        snapshots: the tables as they are known, by name.
        target: the target.
        grouped: the grouped rows of targets before, to which those of this one are added.
    """
    last = target.window_of(plan).last
    assert last is not None, "a target's window has an end"
    if (reason := unforeseen(target)) is not None:
        return NoEstimate(reason)
    if target.table not in extract.tables:
        return NoEstimate(Message("the extract has no table {table}", table=target.table))
    checked, snapshot = extract.tables[target.table], snapshots[target.table]
    if last <= snapshot.as_of:
        return NoEstimate(Message("the window ended on {day}: the figure is final", day=last))
    method = method_of(target, plan, checked)
    if isinstance(method, str):
        return NoEstimate(method)
    more = [name for name in (method.start, method.end) if name is not None]
    grouping = Grouping.of(target, snapshot, plan, more)
    key = target.table, *grouping.key
    if key not in grouped:
        grouped[key] = grouping.rows(plan, checked, snapshot)
    rows, bare = grouped[key], grouping.target
    cases = without_windows(bare, method, rows.table)
    return Asking(rows, method, cases, bare, snapshot.as_of, last)


def _estimate(
    now: Forecast | int,
    before: Sequence[Forecast | int],
    first: dt.date,
    possible: Possible | None,
) -> Estimate | NoEstimate:
    """Return the estimate of a target, or that too few cases were ended for one (F28)."""
    if isinstance(now, int):
        return NoEstimate(
            Message(
                "{n} cases were ended in the last 12 months; an estimate takes {fewest}",
                n=now,
                fewest=FEWEST_ENDS,
            )
        )
    earlier = tuple(trial for trial in before if isinstance(trial, Forecast))
    warnings = tuple(cautions(now, now.asking.target, now.asking.grouped.plan, first))
    return Answer(now, earlier, warnings).estimate(possible)


def first_entry(asking: Asking) -> dt.date | None:
    """Return the day on which the first row entered, or started; None without any."""
    grouped = asking.grouped
    column = asking.method.start or grouped.table.entry or grouped.dates[0]
    found: dt.date | None = (
        grouped.known(asking.as_of).select(pl.col(column).min()).collect(engine="in-memory").item()
    )
    return found


def _asked_before(now: Asking, first: dt.date) -> Iterator[Asking]:
    """Yield the same question at each earlier month end at which it could be asked (F25).

    A year of entries lies before the window, or before the day that was known if that is earlier.
    """
    plan = now.grouped.plan
    for days in trial_days(now.as_of, now.last):
        target = shifted(now.target, plan, -days.moved)
        begins = _begins(target, plan, days.as_of + dt.timedelta(1))
        if first > begins - _YEAR:
            return
        yield evolve(now, target=target, as_of=days.as_of, last=days.last)


def _begins(target: Target, plan: Plan, next_day: dt.date) -> dt.date:
    """Return the first day of a window, or of its open cohort, or the day after those known."""
    days = [next_day]
    first = target.window_of(plan).first
    days += [first] if first is not None else []
    days += [target.open_at.day] if isinstance(target, IntervalTarget) and target.open_at else []
    return min(days)


def _trial(forecast: Forecast, part: Part) -> Trial | None:
    """Return the trial of a segment, or of the whole; None where too few rows were counted."""
    asking = forecast.asking

    def of(totals: BySegment, as_of: dt.date) -> Figure:
        return figure(asking.target, asking.grouped.plan, totals, as_of, part)

    estimate, actual = of(forecast.expected, asking.last), of(forecast.actual, asking.last)
    if actual.counted < FEWEST_COUNTED or actual.value is None or estimate.value is None:
        return None
    return Trial(
        estimate=estimate,
        actual=actual,
        standing=of(forecast.standing, asking.as_of).value,
        last_year=of(forecast.last_year, asking.last).value,
    )


@frozen(eq=False, repr=False)
class Answer:
    """The answer to a question, and the answers to the same question at earlier month ends.

    Attributes:
        now: the forecast.
        before: the same question as it was asked before.
        warnings: what makes the estimate weak.
    """

    now: Forecast
    before: tuple[Forecast, ...]
    warnings: tuple[str, ...]

    @property
    def _target(self) -> Target:
        return self.now.asking.target

    def estimate(self, possible: Possible | None) -> Estimate | NoEstimate:
        """Return the estimate of the whole, with those of the segments."""
        whole = self._of((), possible)
        expected = self.now.expected
        if isinstance(whole, NoEstimate) or not any(expected):
            return whole
        segments = [part for part, sums in expected.items() if part and sums.numbers[COUNTED]]
        parts = {segment_text(part): self._of(part, None) for part in sorted(segments, key=str)}
        if not self._target.has_requirement:
            return evolve(whole, parts=parts)
        word = combined_outlook(part.outlook or "no estimate" for part in parts.values())
        return evolve(whole, outlook=word, reason=_why(word, parts), parts=parts)

    def _of(self, part: Part, possible: Possible | None) -> Estimate | NoEstimate:
        """Return the estimate of a segment, or of the whole."""
        now, target = self.now.asking, self._target
        expected = figure(target, now.grouped.plan, self.now.expected, now.last, part)
        if expected.value is None:
            return NoEstimate(_NO_CASE)
        tried = [_trial(trial, _same(part, target, trial.asking.target)) for trial in self.before]
        trials = [trial for trial in tried if trial is not None]
        scale = scale_of(expected.unit, _values(expected, trials))
        half = half_width([trial.error(scale) for trial in trials])
        interval, reason = None, None
        if half is None:
            reason = Message(
                "no interval: {n} trials, and it takes {fewest}", n=len(trials), fewest=FEWEST
            )
        else:
            interval = cut_interval(interval_around(expected.value, half, scale), possible)
        track = track_record(trials, scale)
        return Estimate(
            value=cut(expected.value, possible),
            low=None if interval is None else interval.low,
            high=None if interval is None else interval.high,
            unit=expected.unit,
            outlook=outlook(interval, expected.required) if target.has_requirement else None,
            reason=reason,
            method=_METHODS[now.method.way],
            assumes=_ASSUMPTIONS[now.method.way],
            dormant=self.now.dormant,
            warnings=(*self.warnings, *track.notes()),
            track=track,
        )


_METHODS: dict[Way, str] = {
    "life table": Message("life table, 12 months"),
    "last year": Message("last year"),
}

_ASSUMPTIONS: dict[Way, tuple[str, ...]] = {
    "life table": (
        Message("cases of each age are ended at the pace of the last 12 months"),
        Message("as many cases start each day as on the same day a year ago"),
        Message("cases that are older than any that was ended in the last 12 months stay open"),
    ),
    "last year": (
        Message("the remaining days change the figure as the same days of last year did"),
    ),
}

_NO_CASE = Message("no case is expected to be counted")


def segment_text(part: Part) -> str:
    """Return a segment in words: its value, the words for a period in force, or both."""
    return ", ".join("(none)" if key is None else key for key in part)


def _same(part: Part, target: Target, moved: Target) -> Part:
    """Return the segment of a moved target; the words for periods in force have moved dates."""
    if (
        not part
        or not isinstance(target.threshold, Dated)
        or not isinstance(moved.threshold, Dated)
    ):
        return part
    words = [words for words, _ in target.threshold.periods_in_force()]
    others = [words for words, _ in moved.threshold.periods_in_force()]
    return *part[:-1], dict(zip(words, others, strict=True)).get(part[-1] or "", part[-1])


def _why(word: OutlookWord | None, parts: Mapping[str, Estimate | NoEstimate]) -> str | None:
    """Return why several values have no outlook together: the first of them without one."""
    if word != "no estimate":
        return None
    return next(
        (
            Message("{subject}: {note}", subject=name, note=part.reason)
            for name, part in parts.items()
            if part.outlook == word
        ),
        _NO_CASE,
    )


def _values(expected: Figure, trials: Sequence[Trial]) -> Iterator[float]:
    """Yield every value that errors are taken between."""
    figures = [expected, *(f for trial in trials for f in (trial.estimate, trial.actual))]
    yield from (f.value for f in figures if f.value is not None)
