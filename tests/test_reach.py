"""The strategies reach every kind of thing that can happen, or agreement would say little."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from collections.abc import Callable, Iterator, Mapping
from typing import TypeAlias

import pytest
from attrs import frozen
from hypothesis import Phase, given, seed, settings
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from generated import SETTINGS
from kpi.calendars import OFF
from kpi.conditions import OneOf, Range
from kpi.denominators import DENOMINATORS
from kpi.goals import SHARINGS
from kpi.limits import MONTH_ENDS, Before, ByValue, Dated, DueColumn, Span
from kpi.periods import BOUNDS, Window
from kpi.plan import Plan
from kpi.ranks import ROUNDINGS
from kpi.rules.flow import INDICATORS
from kpi.target import Parts, Target
from kpi.testing import oracle, strategies
from kpi.testing.oracle import Case, Outcome, Row
from kpi.testing.strategies import Rows


@frozen
class Seen:
    """One target of a run, with what became of it, row by row."""

    plan: Plan
    target: Target
    outcomes: Mapping[str, Outcome]
    cases: tuple[Case, ...]
    as_of: dt.date

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
        if not seen.target.instants():
            return False
        at = oracle.Counting(seen.plan, seen.plan.table(seen.target.table), seen.as_of)
        for case, row in seen.rows:
            last = oracle.due_of(seen.target, case, at).moment
            ended = case.instant(getattr(seen.target, "end", ""))
            if last and ended and row.met is met and ended - last == offset:
                return True
        return False

    return test


def _over_a_turn(seen: Seen) -> bool:
    """Clocks turned between start and end of a case with a limit of hours or minutes."""
    start, end = getattr(seen.target, "start", ""), getattr(seen.target, "end", "")
    for case, row in seen.rows if seen.target.instants() else ():
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


# What plans hold


def _given(name: str) -> Test:
    return lambda seen: getattr(seen.target, name, None) is not None


def _is(name: str, value: object) -> Test:
    return lambda seen: getattr(seen.target, name, None) == value


def _limit(kind: type) -> Test:
    return lambda seen: isinstance(getattr(seen.target, "limit", None), kind)


def _threshold(kind: type) -> Test:
    return lambda seen: isinstance(getattr(seen.target, "threshold", 0), kind)


def _in_minutes(kind: type) -> Test:
    return _and(_limit(kind), lambda seen: bool(seen.target.instants()))


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


JUDGED = ("met", "missed", "not_assessable")
INTERVAL = (
    "start missing",
    "end before start",
    "no such local time",
    "repeated id",
)

REACHED: dict[str, dict[str, Test]] = {
    "average": {
        **{reason: _reason(reason) for reason in (*INTERVAL, "beyond the fastest")},
        **{kind.__name__: _limit(kind) for kind in (Span, ByValue, Dated)},
        **{f"rounding {word}": _is("rounding", word) for word in ROUNDINGS},
        "a tie at the boundary of the fastest": _tie,
        "the fastest of each": _and(_given("fastest"), _given("each")),
        "limit missing": _and(_limit(ByValue), _reason("limit missing")),
        "refused month end": _reason("refused month end"),
        "no days": _row(lambda row: row.days == 0),
    },
    "clearance": {reason: _reason(reason) for reason in INTERVAL},
    "count": {
        "counted already": _reason("counted already"),
        "a value of distinct missing": _distinct_missing,
        "the distinct of each": _and(_given("distinct"), _given("each")),
        "distinct dates": lambda seen: (
            getattr(seen.target, "distinct", None)
            in seen.plan.table(seen.target.table).date_columns
        ),
        "a named date": _given("on"),
        **{reason: _reason(reason) for reason in ("no such local time", "repeated id")},
    },
    "every_working_day": {
        "a working day without a row": lambda seen: (
            seen.outcome.counted > 1 and seen.outcome.verdict == "not_assessable"
        ),
        "a day without a measure": _row(lambda row: row.met is False and row.days is None),
        "a key of a date": lambda seen: any(
            {*table.key} & {*table.date_columns} for table in seen.plan.tables
        ),
        **{f"off: {day}": _day_off(day) for day in OFF},
        "saturdays": lambda seen: getattr(
            getattr(seen.target, "calendar", None), "saturdays", False
        ),
        **{reason: _reason(reason) for reason in (*INTERVAL, "refused month end")},
    },
    "flow": {
        **{f"indicator {word}": _is("indicator", word) for word in INDICATORS},
        "not asked for": lambda seen: not seen.target.judged,
        "with a backlog": lambda seen: bool(seen.outcome.figures["backlog"]),
        "nothing came in": lambda seen: (
            seen.outcome.counted > 0 and seen.outcome.figures["clearance_rate"] is None
        ),
        "nothing went out": lambda seen: (
            seen.outcome.counted > 0 and seen.outcome.figures["disposition_time"] is None
        ),
        "nothing is open": lambda seen: (
            seen.outcome.counted > 0 and seen.outcome.figures["mean_age"] is None
        ),
        **{reason: _reason(reason) for reason in (*INTERVAL, "refused month end")},
    },
    "milestone": {
        "not done": _row(lambda row: row.met is False),
        "the fact of another id": _given("fact"),
        **{reason: _reason(reason) for reason in ("no such local time", "repeated id")},
    },
    "percentile": {reason: _reason(reason) for reason in INTERVAL},
    "reported": {
        "the fact of another id": _given("fact"),
        **{reason: _reason(reason) for reason in ("value missing", "repeated id")},
    },
    "share": {
        "between none and all": _between_none_and_all,
        "a named date": _given("on"),
        **{reason: _reason(reason) for reason in ("no such local time", "repeated id")},
    },
    "stock": {
        "a level": _given("level"),
        "a change": _given("change"),
        "a base of zero": lambda seen: (
            seen.outcome.figures.get("base", -1) == 0 and bool(seen.outcome.figures["stock"])
        ),
        **{reason: _reason(reason) for reason in INTERVAL},
    },
    "within": {
        **{kind.__name__: _limit(kind) for kind in (Span, Before, DueColumn, ByValue, Dated)},
        **{f"{kind.__name__} in minutes": _in_minutes(kind) for kind in (Span, ByValue, Dated)},
        "thresholds of a file": _threshold(type(None)),
        "thresholds that change": _threshold(Dated),
        "a limit and a threshold that change": _and(_limit(Dated), _threshold(Dated)),
        "each stretch of each value": _and(_threshold(Dated), _given("each")),
        **{f"denominator {word}": _is("denominator", word) for word in DENOMINATORS},
        "a cohort on an event": _given("on"),
        **{reason: _reason(reason) for reason in (*INTERVAL, "refused month end")},
        "limit missing": _and(_limit(DueColumn), _reason("limit missing")),
        "limit missing for a value": _and(_limit(ByValue), _reason("limit missing")),
        "undetermined": _row(lambda row: row.bucket == "undetermined"),
        "open and counted": _row(lambda row: row.bucket == "counted" and row.days is None),
        "less than no days": _row(lambda row: row.days is not None and row.days < 0),
        "no days": _row(lambda row: row.days == 0),
        "between none and all": _between_none_and_all,
        "on a limit of minutes": _clock(dt.timedelta(0), met=True),
        "a microsecond beyond one": _clock(dt.timedelta(microseconds=1), met=False),
        "a microsecond within one": _clock(dt.timedelta(microseconds=-1), met=True),
        "a minute beside one": lambda seen: any(
            _clock(dt.timedelta(minutes=n), met=n < 0)(seen) for n in (1, -1)
        ),
        "clocks turned": _over_a_turn,
        **{
            f"a part: {verdict}": _part(verdict)
            for verdict in ("met", "missed", "not_assessable", "open", "lapsed")
        },
        **{f"month end {mode}": _month_end(mode) for mode in MONTH_ENDS},
        **{word: _word(word) for word in ("name", *BOUNDS)},
        "several parts": lambda seen: len(seen.outcome.each) > 2,
        "no rows": lambda seen: seen.outcome.rows == 0,
        "all open": _all_open,
        "open at": _given("open_at"),
        "unless": lambda seen: bool(seen.target.unless),
        "a range": _condition(lambda test: isinstance(test, Range)),
        "a negation": _condition(lambda test: isinstance(test, OneOf) and test.negated),
        "a key of two columns": lambda seen: any(len(t.key) == 2 for t in seen.plan.tables),
        "another zone": lambda seen: seen.plan.time_zone != "Europe/Copenhagen",
        "on a condition": _given("on_condition"),
        "on a condition of another": lambda seen: (
            seen.target.on_condition is not None and seen.target.on_condition.fact is not None
        ),
        "lapsed": _verdict("lapsed"),
    },
}
for of_rule, its in REACHED.items():
    for of_verdict in (*JUDGED, "open"):
        # A count is never without a value.
        if (of_rule, of_verdict) != ("count", "not_assessable"):
            its[of_verdict] = _verdict(of_verdict)
REACHED["flow"]["indicator"] = _verdict("indicator")

TOGETHER: dict[str, Test] = {
    **{f"parts: {verdict}": _whole(verdict) for verdict in (*JUDGED, "open", "lapsed")},
    "parts: indicator": _whole("indicator"),
    **{f"sharing {word}": _sharing(word) for word in SHARINGS},
    "a weight": lambda seen: any(target.weight for target in seen.plan.targets),
    "three tables": lambda seen: len(seen.plan.tables) >= 3,
}
"""What only plans of several targets, of any kind, come to."""


def look(
    unseen: set[str], tests: Mapping[str, Test], number: int, plans: SearchStrategy[Plan]
) -> None:
    """Strikes out what some examples come to."""

    @seed(number)
    @settings(SETTINGS, max_examples=10, database=None, phases=[Phase.generate])
    @given(st.data())
    def some(data: st.DataObject) -> None:
        plan = data.draw(plans)
        tables: dict[str, Rows] = data.draw(strategies.tables_for(plan))
        given_day = data.draw(strategies.as_ofs(plan, tables))
        as_of = given_day if given_day is not None else oracle.last_day(plan.period)
        assert as_of is not None, "a plan's period has both ends"
        outcomes = oracle.evaluate(plan, tables, as_of)
        zone = plan.time_zone
        known = {
            t.name: tuple(oracle.known_at(t, tables[t.name], zone, as_of)) for t in plan.tables
        }
        for target in plan.leaves():
            seen = Seen(plan, target, outcomes, known[target.table], as_of)
            unseen.difference_update([what for what in unseen if tests[what](seen)])

    some()


def test_every_kind_of_target_has_a_list() -> None:
    assert REACHED.keys() == strategies.TARGETS.keys()


@pytest.mark.parametrize("rule", sorted(REACHED))
def test_the_strategies_reach_all_of_a_rule(rule: str) -> None:
    """Every reason and verdict, every limit and figure that may turn: in some of many examples."""
    unseen = set(REACHED[rule])
    for number in range(MOST):
        if unseen:
            look(unseen, REACHED[rule], number, strategies.plans(most=1, rules=(rule,)))
    assert not unseen


def test_the_strategies_reach_all_of_plans() -> None:
    unseen = set(TOGETHER)
    for number in range(MOST):
        if unseen:
            # Parts of one kind are likelier to come to the same.
            rules = ("flow", "milestone") if number % 2 else tuple(sorted(REACHED))
            look(unseen, TOGETHER, number, strategies.plans(rules=rules))
    assert not unseen
