"""What the strategies must reach: for each rule, for the ways of counting time, and for plans."""

from __future__ import annotations

import datetime as dt

from kpi.definitions.date_bounds import DateBounds
from kpi.definitions.days_off import NAMED
from kpi.definitions.derived_dates import PERIODS, ROUNDED_TO, WHICH
from kpi.definitions.goals import SHARINGS
from kpi.definitions.limits import Before, ByValue, Dated, DueColumn
from kpi.definitions.population import Missing, OneOf, Range
from kpi.definitions.ranks import ROUNDINGS
from kpi.definitions.thresholds import ThresholdByValue
from kpi.definitions.time_options import MONTH_ENDS
from kpi.definitions.time_units import Span
from kpi.definitions.windows import BOUNDS
from kpi.rules._denominators import DENOMINATORS
from kpi.rules.flow import INDICATORS
from kpi.testing import oracle
from tests.laws.situations import (
    INTERVAL,
    JUDGED,
    NEVER,
    UNKNOWN,
    Test,
    _all_open,
    _and,
    _at_end_of,
    _between_none_and_all,
    _calendar,
    _cell,
    _chosen,
    _chosen_before,
    _clock,
    _condition,
    _counts_months,
    _day_off,
    _distinct_missing,
    _due_instant,
    _due_otherwise,
    _ends_early,
    _given,
    _held_back,
    _held_up,
    _in,
    _in_minutes,
    _in_working_days,
    _is,
    _left_out_as_paused,
    _limit,
    _month_end,
    _moved,
    _moved_after_rolling,
    _nothing_of,
    _over_a_turn,
    _part,
    _part_way,
    _pause_of_no_case,
    _paused_too_late,
    _paused_working_days,
    _read_as,
    _reason,
    _row,
    _sharing,
    _skipped,
    _skipped_midnight,
    _threshold,
    _tie,
    _verdict,
    _whole,
    _word,
    _working_hours_paused,
)

REACHED: dict[str, dict[str, Test]] = {
    "average": {
        **{reason: _reason(reason) for reason in (*INTERVAL, "beyond the fastest")},
        **{kind.__name__: _limit(kind) for kind in (Span, ByValue, Dated)},
        **{f"rounding {word}": _is("rounding", word) for word in ROUNDINGS},
        "a tie at the boundary of the fastest": _tie,
        "the fastest of each": _and(_given("fastest"), _given("each")),
        "trimmed": _given("trimmed"),
        "mean of means": _given("mean_of_means"),
        "by the clock": _in_minutes(Span),
        "limit missing": _and(_limit(ByValue), _reason("limit missing")),
        "refused month end": _reason("refused month end"),
        "no days": _row(lambda row: row.days == 0),
        "a skipped time": _skipped,
        "a skipped midnight": _skipped_midnight,
        **{f"0 {unit}": _nothing_of(unit) for unit in ("days", "months", "working days")},
        **{
            f"{kind.__name__} in working days": _and(_limit(kind), _in_working_days)
            for kind in (Span, ByValue, Dated)
        },
    },
    "clearance": {
        **{reason: _reason(reason) for reason in INTERVAL},
        "a skipped time": _skipped,
    },
    "count": {
        "counted already": _reason("counted already"),
        "a value of distinct missing": _distinct_missing,
        "the distinct of each": _and(_given("distinct"), _given("each")),
        "distinct dates": lambda seen: (
            getattr(seen.target, "distinct", None)
            in seen.plan.table(seen.target.table).date_columns
        ),
        "a named date": _given("on"),
        "a skipped time": _skipped,
        "repeated id": _reason("repeated id"),
    },
    "every_working_day": {
        "a working day without a row": lambda seen: (
            seen.outcome.counted > 1 and seen.outcome.verdict == "not_assessable"
        ),
        "a day without a measure": _row(lambda row: row.met is False and row.days is None),
        "a key of a date": lambda seen: any(
            {*table.key} & {*table.date_columns} for table in seen.plan.tables
        ),
        **{f"off: {day}": _day_off(day) for day in NAMED["denmark"]},
        "saturdays": lambda seen: getattr(
            getattr(seen.target, "calendar", None), "saturdays", False
        ),
        "a skipped time": _skipped,
        **{reason: _reason(reason) for reason in (*INTERVAL, "refused month end")},
    },
    "flow": {
        **{f"indicator {word}": _is("indicator", word) for word in INDICATORS},
        "not asked for": lambda seen: not seen.target.has_requirement,
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
        "a skipped time": _skipped,
        "due on the day itself": lambda seen: any(
            case.day(getattr(seen.target, "end", "")) is None
            and row.due == min(oracle.verdict_day(seen.target, seen.plan), seen.at.as_of)
            for case, row in seen.rows
        ),
        **{reason: _reason(reason) for reason in (*INTERVAL, "refused month end")},
    },
    "milestone": {
        "not done": _row(lambda row: row.met is False),
        "the fact of another id": _given("fact"),
        "a skipped time": _skipped,
        "repeated id": _reason("repeated id"),
    },
    "percentile": {
        **{reason: _reason(reason) for reason in INTERVAL},
        "refused month end": _and(_in("months"), _reason("refused month end")),
        "a skipped time": _skipped,
        "by the clock": _in_minutes(Span),
        "in working days": _in("working days"),
        "in months": _and(_in("months"), lambda seen: seen.outcome.counted > 1),
        **{f"0 {unit}": _nothing_of(unit) for unit in ("days", "months", "working days")},
        **{f"months, month end {mode}": _counts_months(mode) for mode in MONTH_ENDS},
    },
    "reported": {
        "the fact of another id": _given("fact"),
        **{reason: _reason(reason) for reason in ("value missing", "repeated id")},
    },
    "share": {
        "between none and all": _between_none_and_all,
        "a named date": _given("on"),
        "a skipped time": _skipped,
        "repeated id": _reason("repeated id"),
        "threshold missing": _reason("threshold missing"),
    },
    "stock": {
        "a level": _given("level"),
        "a change": _given("change"),
        "a base of zero": lambda seen: (
            seen.outcome.figures.get("base", -1) == 0 and bool(seen.outcome.figures["stock"])
        ),
        "a skipped time": _skipped,
        **{reason: _reason(reason) for reason in INTERVAL},
    },
    "within": {
        **{kind.__name__: _limit(kind) for kind in (Span, Before, DueColumn, ByValue, Dated)},
        **{f"{kind.__name__} in minutes": _in_minutes(kind) for kind in (Span, ByValue, Dated)},
        "late cases": _given("late"),
        "in working hours": _in("working hours"),
        "in working minutes": _in("working minutes"),
        "thresholds by value": _threshold(ThresholdByValue),
        "threshold missing": _reason("threshold missing"),
        "thresholds of a file": _threshold(type(None)),
        "thresholds that change": _threshold(Dated),
        "a limit and a threshold that change": _and(_limit(Dated), _threshold(Dated)),
        "each stretch of each value": _and(_threshold(Dated), _given("each")),
        **{f"denominator {word}": _is("denominator", word) for word in DENOMINATORS},
        "a cohort on an event": _given("on"),
        **{reason: _reason(reason) for reason in (*INTERVAL, "refused month end")},
        "a skipped time": _skipped,
        "a skipped midnight": _skipped_midnight,
        "no such local time, by the clock": _and(
            lambda seen: bool(seen.target.timestamp_columns()), _reason("no such local time")
        ),
        "no such local time, in a due column": _and(
            _limit(DueColumn), _reason("no such local time")
        ),
        **{
            f"0 {unit}": _nothing_of(unit)
            for unit in ("days", "months", "working days", "hours", "minutes")
        },
        "a due instant, in time": _read_as(None, timed=True, met=True),
        "a due instant, late on its day": _read_as(None, timed=True, met=False),
        "a due midnight or date": _read_as(None, timed=False, met=True),
        "a due instant read as a day": _read_as("date", timed=True, met=True),
        "a due midnight read as an instant": _read_as("instant", timed=False, met=False),
        "on a due instant": _due_instant(dt.timedelta(0), met=True),
        "a microsecond beyond a due instant": _due_instant(dt.timedelta(microseconds=1), met=False),
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
        "a value that is missing": _condition(lambda test: isinstance(test, Missing)),
        "a date beside another": _condition(lambda test: isinstance(test, DateBounds)),
        "alternatives": lambda seen: bool(seen.target.where.any_of),
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
for of_rule in REACHED.keys() - {"every_working_day", "milestone", "reported"}:
    REACHED[of_rule]["indicator"] = _verdict("indicator")
for of_rule in ("average", "count", "percentile", "share", "within"):
    REACHED[of_rule]["a change from a base"] = _and(_given("against"), _given("change"))
    REACHED[of_rule]["a difference from a base"] = _and(_given("against"), _given("difference"))
REACHED["stock"]["a difference"] = _given("difference")
for of_rule in ("average", "percentile"):
    REACHED[of_rule]["an indicator in another unit"] = _and(_verdict("indicator"), _given("unit"))
REACHED["stock"]["a change without bounds"] = _and(_verdict("indicator"), _given("against"))


PAUSED: dict[str, Test] = {
    "days that do not count": _row(lambda row: bool(row.paused)),
    "left out as paused": _left_out_as_paused,
    "a pause of no case": _pause_of_no_case,
}


OTHERWISE: dict[str, dict[str, Test]] = {
    "average": {
        **PAUSED,
        "outside the calendar": _reason("outside the calendar"),
        "working days that do not count": _paused_working_days,
    },
    "percentile": {
        **PAUSED,
        "outside the calendar": _reason("outside the calendar"),
        "working days that do not count": _paused_working_days,
    },
    "within": {
        **PAUSED,
        "a due date moved by a pause that begins after it was counted": _moved_after_rolling,
        "no due date yet: overdue": _held_up("overdue", "undetermined"),
        "no due date yet: settled": _held_up("settled", "undetermined"),
        "no due date yet: due": _held_up("due", "outside"),
        "due, and paused since": _paused_too_late,
        "outside the calendar": _reason("outside the calendar"),
        "working hours that do not count": _working_hours_paused,
        "a weekend of its own": _calendar(lambda calendar: calendar.weekend is not None),
        "days worked": _calendar(lambda calendar: bool(calendar.worked)),
        "a due date that was rolled": _due_otherwise({"roll": "none"}),
        "a due date moved by a pause": _due_otherwise({"pauses": ()}),
        "a pause inside a limit in working days": _due_otherwise(
            {"pauses": ()}, lambda limit: isinstance(limit, Span) and limit.working_days > 0
        ),
    },
}
"""What is asked of plans that count time in other ways than the plainest."""


DERIVED: dict[str, Test] = {
    **{f"{which}": _chosen(which) for which in WHICH},
    "a span later": _moved(Span, back=False),
    "a span earlier": _moved(Span, back=True),
    **{
        f"{unit} of a column {'earlier' if back else 'later'}": _moved(str, unit, back=back)
        for unit in ("days", "months")
        for back in (False, True)
    },
    **{f"the end of a {period}": _at_end_of(period) for period in PERIODS},
    "a span by value later": _moved(ByValue, back=False),
    "a span by value earlier": _moved(ByValue, back=True),
    "of the dates before another": _chosen_before,
    "held back by another date": _held_back,
    "of a day that ends early": _ends_early,
    **{f"part of the way, {word}": _part_way(word) for word in ROUNDED_TO},
}
"""The kinds of derived dates, each the start or the end of a case that counts."""


TOGETHER: dict[str, Test] = {
    **{f"parts: {verdict}": _whole(verdict) for verdict in (*JUDGED, "open", "lapsed")},
    "parts: indicator": _whole("indicator"),
    **{f"sharing {word}": _sharing(word) for word in SHARINGS},
    "a weight": lambda seen: any(target.weight for target in seen.plan.targets),
    "every period": _given("every"),
    "rolling windows": _given("rolling"),
    "three tables": lambda seen: len(seen.plan.tables) >= 3,
    **{
        f"{day} as {'an instant' if zoned else 'a time' if kind is dt.datetime else 'a date'}": _cell(
            day, kind, zoned=zoned
        )
        for day in (NEVER, UNKNOWN)
        for kind, zoned in ((dt.date, False), (dt.datetime, False), (dt.datetime, True))
    },
}
"""What only plans of several targets, of any kind, come to."""
