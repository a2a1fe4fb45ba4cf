"""The situations that strategies must reach, as predicates on one target of a run."""

from __future__ import annotations

import datetime as dt
import re
import zoneinfo
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeAlias

from attrs import evolve, frozen

from kpi.definitions.derived_dates import DateChoice, DateFraction, DateOffset
from kpi.definitions.limits import DueColumn, in_working_hours
from kpi.definitions.parts import Parts
from kpi.definitions.plan import Plan
from kpi.definitions.target import Target
from kpi.definitions.windows import Window
from kpi.testing import oracle
from kpi.testing.oracle import Case, Outcome, Row
from kpi.testing.strategies import Rows


@frozen
class Seen:
    """One target of a run, with what became of it, row by row."""

    plan: Plan
    target: Target
    outcomes: Mapping[str, Outcome]
    cases: tuple[Case, ...]
    at: oracle.Counting
    tables: Mapping[str, Rows]

    @property
    def outcome(self) -> Outcome:
        return self.outcomes[self.target.id]

    @property
    def rows(self) -> Iterator[tuple[Case, Row]]:
        return zip(self.cases, self.outcome.trail, strict=True)


MOST = 100
"""How many times a few examples are drawn before something counts as out of reach.

Few at a time, each time from another seed: of many at once, later ones resemble earlier ones.
"""


Test: TypeAlias = Callable[[Seen], bool]


def _row(test: Callable[[Row], bool]) -> Test:
    return lambda seen: any(test(row) for row in seen.outcome.trail)


def _verdict(verdict: str) -> Test:
    return lambda seen: seen.outcome.verdict == verdict


def _reason(start: str) -> Test:
    return _row(lambda row: row.reason is not None and row.reason.startswith(start))


def _between_none_and_all(seen: Seen) -> bool:
    return seen.outcome.met is not None and 0 < seen.outcome.met < seen.outcome.counted


def _distinct_missing(seen: Seen) -> bool:
    distinct = getattr(seen.target, "distinct", None)
    return any(row.reason == f"{distinct} missing" for row in seen.outcome.trail)


def _part(verdict: str) -> Test:
    return lambda seen: any(part.verdict == verdict for part in seen.outcome.each.values())


def _tie(seen: Seen) -> bool:
    """The slowest case that counts and the fastest that does not took equally long."""
    start, end = getattr(seen.target, "start", ""), getattr(seen.target, "end", "")
    beyond = []
    for case, row in seen.rows:
        began, ended = case.day(start), case.day(end)
        if (row.reason or "").startswith("beyond") and began and ended:
            beyond.append((ended - began).days)
    kept = [row.days for row in seen.outcome.trail if row.days is not None]
    return bool(beyond) and bool(kept) and min(beyond) == max(kept)


def _clock(offset: dt.timedelta, met: bool) -> Test:
    """A case that ended so long after its limit of hours or minutes, or before it."""

    def test(seen: Seen) -> bool:
        if not seen.target.timestamp_columns():
            return False
        for case, row in seen.rows:
            last = oracle.due_of(seen.target, case, seen.at).moment
            ended = case.instant(getattr(seen.target, "end", ""))
            if last and ended and row.met is met and ended - last == offset:
                return True
        return False

    return test


def _over_a_turn(seen: Seen) -> bool:
    """Clocks turned between start and end of a case with a limit of hours or minutes."""
    start, end = getattr(seen.target, "start", ""), getattr(seen.target, "end", "")
    for case, row in seen.rows if seen.target.timestamp_columns() else ():
        began, ended = case.instant(start), case.instant(end)
        if row.bucket == "counted" and began and ended:
            zone = zoneinfo.ZoneInfo(seen.plan.time_zone)
            offsets = {at.astimezone(zone).utcoffset() for at in (began, ended)}
            if len(offsets) == 2 and ended - began < dt.timedelta(days=4):
                return True
    return False


def _all_open(seen: Seen) -> bool:
    end = getattr(seen.target, "end", None)
    return end is not None and len(seen.cases) > 1 and not any(case.day(end) for case in seen.cases)


def _given(name: str) -> Test:
    return lambda seen: getattr(seen.target, name, None) is not None


def _is(name: str, value: object) -> Test:
    return lambda seen: getattr(seen.target, name, None) == value


def _limit(kind: type) -> Test:
    return lambda seen: isinstance(getattr(seen.target, "limit", None), kind)


def _threshold(kind: type) -> Test:
    return lambda seen: isinstance(getattr(seen.target, "threshold", 0), kind)


def _in_minutes(kind: type) -> Test:
    return _and(_limit(kind), lambda seen: bool(seen.target.timestamp_columns()))


def _and(*tests: Test) -> Test:
    return lambda seen: all(test(seen) for test in tests)


def _condition(test: Callable[[object], bool]) -> Test:
    return lambda seen: any(test(condition.test) for condition in seen.target.conditions())


def _day_off(day: str) -> Test:
    return lambda seen: day in getattr(getattr(seen.target, "calendar", None), "off", ())


def _month_end(mode: str) -> Test:
    return lambda seen: seen.plan.month_end == mode


def _word(word: str) -> Test:
    def test(seen: Seen) -> bool:
        tests = [c.test for c in seen.target.conditions()]
        windows = [seen.plan.period, *(test for test in tests if isinstance(test, Window))]
        return any(getattr(window, word) is not None for window in windows)

    return test


def _sharing(sharing: str) -> Test:
    """Two requirements or more share one weight."""

    def test(seen: Seen) -> bool:
        shared = [goal.id for goal in seen.plan.goals if goal.weight and goal.sharing == sharing]
        return any([t.goal for t in seen.plan.targets].count(name) > 1 for name in shared)

    return test


def _whole(verdict: str) -> Test:
    """What a requirement of several parts comes to, of which the target is one."""

    def test(seen: Seen) -> bool:
        wholes = [one for one in seen.plan.targets if seen.target in one.leaves()]
        return any(isinstance(o, Parts) and seen.outcomes[o.id].verdict == verdict for o in wholes)

    return test


def _pausing(target: Target, key: str) -> tuple[str, ...]:
    found: tuple[str, ...] = getattr(target, key, ())
    return found


def _left_out_as_paused(seen: Seen) -> bool:
    """A case of the population is outside as it was paused, and would else be something else."""
    names = _pausing(seen.target, "unless_paused")
    return any(
        row.bucket == "outside" and oracle.paused_dates(names, seen.target, case, seen.at)
        for case, row in seen.rows
        if names and oracle.in_population(seen.target, seen.at, case)
    )


def _pause_of_no_case(seen: Seen) -> bool:
    names = (*_pausing(seen.target, "pauses"), *_pausing(seen.target, "unless_paused"))
    keys = {case.key for case in seen.cases}
    return any(seen.at.pauses[name].keys() - keys for name in names)


def _due_otherwise(
    changes: dict[str, Any], limit: Callable[[object], bool] = lambda _: True
) -> Test:
    """A counted row that would be due on another day without some way of counting time."""

    def test(seen: Seen) -> bool:
        target: Any = seen.target
        if target.timestamp_columns() or not limit(target.limit):
            return False
        plain = evolve(target, **changes)
        return any(
            row.bucket == "counted"
            and row.due is not None
            and row.due != oracle.due_of(plain, case, seen.at).day
            for case, row in seen.rows
        )

    return test


def _derived(test: Callable[[Any], bool]) -> Test:
    """A counted row whose start or end is a derived date of some kind."""

    def told(seen: Seen) -> bool:
        derived = seen.plan.table(seen.target.table).derived
        names = (getattr(seen.target, "start", ""), getattr(seen.target, "end", ""))
        asked = [name for name in names if name in derived and test(derived[name])]
        return any(
            row.bucket == "counted" and case.day(c) for case, row in seen.rows for c in asked
        )

    return told


def _part_way(rounded: str) -> Test:
    """The same, part of the way between two dates, where that is no whole number of days."""

    def told(seen: Seen) -> bool:
        derived = seen.plan.table(seen.target.table).derived
        names = (getattr(seen.target, "start", ""), getattr(seen.target, "end", ""))
        for one in (derived.get(name) for name in names):
            if not isinstance(one, DateFraction) or one.rounded != rounded:
                continue
            for case, row in seen.rows:
                first, last = case.day(one.start), case.day(one.end)
                if row.bucket == "counted" and first is not None and last is not None:
                    exact = one.share * (last - first).days
                    if exact.denominator > 1:
                        return True
        return False

    return told


def _chosen(which: str) -> Test:
    return _derived(lambda one: isinstance(one, DateChoice) and one.which == which)


def _chosen_before(seen: Seen) -> bool:
    """The same, where a later date is left out as it comes after another."""
    derived = seen.plan.table(seen.target.table).derived
    names = (getattr(seen.target, "start", ""), getattr(seen.target, "end", ""))
    for one in (derived.get(name) for name in names):
        if isinstance(one, DateChoice) and one.before is not None:
            for case, row in seen.rows:
                end, days = case.day(one.before), [case.day(name) for name in one.of]
                if row.bucket == "counted" and end and any(day and day > end for day in days):
                    return True
    return False


def _moved(by: type, unit: str | None = None, *, back: bool) -> Test:
    return _derived(
        lambda one: (
            isinstance(one, DateOffset)
            and isinstance(one.by, by)
            and (one.unit, one.back) == (unit, back)
        )
    )


def _at_end_of(period: str) -> Test:
    return _derived(lambda one: isinstance(one, DateOffset) and one.end_of == period)


def _held_back(seen: Seen) -> bool:
    """A counted row whose derived start or end another date holds back."""
    test = _derived(lambda one: isinstance(one, DateOffset) and one.at_latest is not None)
    return test(seen)


def _ends_early(seen: Seen) -> bool:
    """A counted row whose derived start or end is moved on as its time comes late in the day."""
    derived = seen.plan.table(seen.target.table).derived
    names = (getattr(seen.target, "start", ""), getattr(seen.target, "end", ""))
    for one in (derived.get(name) for name in names):
        if isinstance(one, DateOffset) and one.day_ends is not None:
            for case, row in seen.rows:
                moment = case.instant(one.date)
                if row.bucket == "counted" and moment is not None:
                    zone = zoneinfo.ZoneInfo(seen.plan.time_zone)
                    if moment.astimezone(zone).time() > one.day_ends:
                        return True
    return False


def _calendar(test: Callable[[Any], bool]) -> Test:
    """A target that counts in a calendar of some kind, its own or the plan's."""
    return lambda seen: test(getattr(seen.target, "calendar", None) or seen.plan.calendar)


def _working_hours_paused(seen: Seen) -> bool:
    return in_working_hours(seen.target.limit) and any(row.paused for row in seen.outcome.trail)


JUDGED = ("met", "missed", "not_assessable")


INTERVAL = (
    "start missing",
    "end before start",
    "repeated id",
)


def _skipped(seen: Seen) -> bool:
    """A counted row of a time that the clocks skipped, whose date is taken as it is written (S1)."""
    names = {getattr(seen.target, name, None) for name in ("start", "end", "on")}
    names |= {seen.at.table.entry} if not hasattr(seen.target, "start") else set()
    names |= {"done"} if seen.target.rule == "milestone" else set()
    return any(row.bucket == "counted" and names & case.unreal for case, row in seen.rows)


def _skipped_midnight(seen: Seen) -> bool:
    """The same of a time at midnight, as databases hold dates."""
    names = {seen.target.start, seen.target.end}  # type: ignore[attr-defined]
    return any(
        row.bucket == "counted" and names & (case.unreal - case.timed) for case, row in seen.rows
    )


def _in(unit: str) -> Test:
    """A limit in some unit, of the value where values have theirs."""
    return lambda seen: str(getattr(seen.target, "limit", "")).split(" (")[0].endswith(unit)


def _nothing_of(unit: str) -> Test:
    """A limit of nothing, for all or for some value, which has a unit all the same (S3)."""
    return lambda seen: (
        re.search(rf"(^|, | and )0 {unit}\b", str(getattr(seen.target, "limit", ""))) is not None
        and seen.outcome.counted > 0
    )


def _read_as(by: str | None, timed: bool, met: bool) -> Test:
    """A row that ends on the day of its due date, in time or not, by how that is read (S3)."""

    def test(seen: Seen) -> bool:
        limit: Any = seen.target.limit
        if not isinstance(limit, DueColumn) or limit.by != by:
            return False
        return any(
            row.met is met
            and (limit.column in case.timed) is timed
            and case.day(seen.target.end) == case.day(limit.column)  # type: ignore[attr-defined]
            and row.due == case.day(limit.column)
            for case, row in seen.rows
        )

    return test


def _due_instant(offset: dt.timedelta, met: bool) -> Test:
    """A case that ended so long after the instant in its due column, or before it."""

    def test(seen: Seen) -> bool:
        limit: Any = seen.target.limit
        for case, row in seen.rows if isinstance(limit, DueColumn) and limit.by != "date" else ():
            due, ended = case.instant(limit.column), case.instant(seen.target.end)  # type: ignore[attr-defined]
            if due and ended and row.met is met and ended - due == offset:
                return True
        return False

    return test


def _moved_after_rolling(seen: Seen) -> bool:
    """A due date that a pause moves on which begins only after the day that was counted (S8)."""
    target: Any = seen.target
    if not target.pauses or target.timestamp_columns():
        return False
    for case, row in seen.rows:
        counted = oracle.due_of(evolve(target, roll="none"), case, seen.at).day
        if row.bucket == "counted" and row.due is not None and counted is not None:
            calendar = oracle.calendar_of(target, seen.plan)
            if row.due != oracle.next_working_day(counted, calendar):
                return True
    return False


def _held_up(denominator: str, bucket: str) -> Test:
    """An open case without a due date yet, as a pause is not over (S14)."""

    def test(seen: Seen) -> bool:
        target: Any = seen.target
        return target.denominator == denominator and any(
            row.bucket == bucket and oracle.due_of(target, case, seen.at).held_up
            for case, row in seen.rows
            if oracle.in_population(target, seen.at, case)
        )

    return test


def _paused_too_late(seen: Seen) -> bool:
    """An open case that is due although it is paused, for the pause began after its due date (S14)."""
    target: Any = seen.target
    return target.denominator in ("overdue", "due", "settled") and any(
        row.bucket == "counted"
        and row.due is not None
        and case.day(target.end) is None
        and any(
            pause.to is None and pause.since > row.due
            for name in target.pauses
            for pause in seen.at.pauses[name].get(case.key, ())
        )
        for case, row in seen.rows
    )


def _in_working_days(seen: Seen) -> bool:
    """A counted row whose time is a number of working days (S16)."""
    return any(
        row.bucket == "counted" and oracle.in_working_days(seen.target, case, seen.at)
        for case, row in seen.rows
    )


def _counts_months(mode: str) -> Test:
    """Counted rows of a limit in months, by a month-end mode of the target or the plan."""

    def test(seen: Seen) -> bool:
        own: str | None = getattr(seen.target, "month_end", None)
        used = seen.plan.month_end if own is None else own
        return _in("months")(seen) and used == mode and seen.outcome.counted > 0

    return test


def _paused_working_days(seen: Seen) -> bool:
    """A counted row whose paused time is a number of working days (S16)."""
    return any(
        bool(row.paused) and oracle.in_working_days(seen.target, case, seen.at)
        for case, row in seen.rows
    )


def _cell(day: dt.date, kind: type, *, zoned: bool = False) -> Test:
    """A day that stands for another, as a date or as a time, naive or zoned."""
    return lambda seen: any(
        type(cell) is kind
        and (cell.year, cell.month, cell.day) == (day.year, day.month, day.day)
        and (getattr(cell, "tzinfo", None) is not None) == zoned
        for rows in seen.tables.values()
        for row in rows
        for cell in row.values()
        if isinstance(cell, dt.date)
    )


NEVER, UNKNOWN = dt.date(9999, 12, 31), dt.date(1900, 1, 1)
