"""What a mistake in the words of a plan is told as, to the last sign: what was found, what is accepted."""

from __future__ import annotations

import datetime as dt
import pickle
from collections.abc import Callable
from decimal import Decimal
from typing import Any, TypeAlias

import pytest

import kpi
from kpi.definitions.bounds import Bounds, number, parse_bounds
from kpi.definitions.calendars import Calendar, parse_calendar
from kpi.definitions.date_bounds import DateBounds, parse_bound
from kpi.definitions.derived_dates import DateChoice, DateOffset, parse_derived
from kpi.definitions.goals import Goal
from kpi.definitions.limits import Before, ByValue, Dated, parse_dated, parse_limit
from kpi.definitions.opening_hours import parse_hours
from kpi.definitions.population import parse_open_at, parse_population
from kpi.definitions.ranks import parse_rounding
from kpi.definitions.time_units import Span, calendar_span, parse_span, span_in_days
from kpi.definitions.weekdays import WEEKDAYS
from kpi.definitions.windows import Window, day_or_period, parse_end_of, parse_window, to_date
from kpi.errors import InternalError
from kpi.rules._denominators import parse_denominator
from kpi.rules._interval import closed_window, optional_window
from tests.builders import average, clearance, within

Made: TypeAlias = Callable[[], object]

COUNTRIES = "a country by its English name, such as 'south korea', or by its code, such as 'KR'"
CALENDAR_KEYS = "name, region, off, worked, covers, saturdays, weekend, hours"
CUSTOMS = "workers' day, constitution day, christmas eve, new year's eve, friday after ascension"
STATUTORY = "midsummer eve, christmas eve, new year's eve, statutory days"
DAYS = "dates such as 2024-12-24, days of every year such as '12-24' or { since = \"07-01\", through = \"07-31\" }, periods such as '2024-07'"
DAYS_OFF = f"accepted: {DAYS}, and by name: of denmark {CUSTOMS}; of netherlands liberation day, statutory days; of sweden {STATUTORY}"
OWN = 'or the days of your own that are off, { off = [2024-12-24], covers = "2024" }'
NAMES = "a year '2022' or '2024/25', half-year '2022-H2', quarter '2022-Q1', month '2022-03' or week '2022-W05'"
ENDS = "since, after, before, through"
WORDS = "at_least, more_than, at_most, less_than"
A_DATE = "accepted: a date that exists, written as 2017-03-01, without a time"
UNITS = "years, months, weeks, days, working days, working hours, working minutes, hours, minutes"
A_SPAN = f"accepted: a whole number and a unit ({UNITS}), such as '7 months'"
IN_DAYS = "years, months, weeks, days, working days"
A_SPAN_IN_DAYS = f"accepted: a whole number and a unit ({IN_DAYS}), such as '7 months'"
LIMITS = (
    "a text such as '7 months' or '1 month before', { column = \"due\" }, "
    '{ by = "case_type", limits = { visa = "30 days" } }, { file = "limits.csv", by = "case_type" } '
    'or { dated = "decided", first = "10 months", since = { 2021-07-01 = "7 months" } }'
)
DERIVED = (
    '{ latest = ["filed", "documented"] }, perhaps with before = "decided", earliest in the same '
    "way, once_all without before, "
    '{ date = "filed", plus = "6 months" }, minus in the same way, plus_days = or plus_months = '
    'with a column of whole numbers, each perhaps with end_of = "month", '
    'roll = "next working day", calendar = "denmark", at_latest = "decided" or day_ends = "16:00", '
    'or { start = "from", end = "to", share = "1/2" }'
)
CHANGING = 'accepted: { dated = "decided", first = ..., since = { 2021-07-01 = ... } }'
A_SHARE = 'accepted: more than 0 and at most 1, such as "1/2" or 0.5'
SPAN = {"start": "filed", "end": "decided"}

HOURS = "accepted: '08:00-16:00', or a list of such intervals in order, up to 24:00"
A_WEEK = 'accepted: { weekdays = "08:00-16:00", friday = "08:00-15:00" }'
DAYS_OF_HOURS = f"accepted: weekdays, {', '.join(WEEKDAYS)}"
A_BOUND = (
    'accepted: a date, { date = "filed" } for another date of the case, or '
    '{ date = "filed", plus = "12 months" }, minus, plus_days and the like as for a derived date'
)


def part_way(**more: Any) -> object:
    return parse_derived({"start": "a", "end": "b", "share": "1/2"} | more)


def stock(**more: Any) -> object:
    return kpi.Stock(id="t", **SPAN, **({"at": {"end_of": "2017"}} | more))


def flow(**more: Any) -> object:
    return kpi.Flow(id="t", **SPAN, **more)


def percentile(limit: str) -> object:
    return kpi.Percentile(id="t", **SPAN, percentile=80, limit=limit)


def milestone(deadline: Any) -> object:
    return kpi.Milestone(id="t", fact="t", deadline=deadline)


def by_file(**thresholds: int) -> ByValue:
    given = {value: Decimal(number) for value, number in thresholds.items()}
    return ByValue("case_type", {"visa": Span(days=30)}, given, "limits.csv")


def dated(**more: Any) -> object:
    given = {"dated": "decided", "first": "3 months", "since": {"2017-07-01": "2 months"}} | more
    return parse_dated(given, parse_span)


CALENDARS: dict[str, tuple[Made, str]] = {
    "none": (lambda: parse_calendar(None), f"found None; accepted: {COUNTRIES}, {OWN}"),
    "unknown": (lambda: Calendar("denmrak"), f"unknown calendar 'denmrak'; accepted: {COUNTRIES}, {OWN} (did you mean 'denmark'?)"),
    "a number": (lambda: parse_calendar(1), f"unknown calendar 1; accepted: {COUNTRIES}, {OWN}"),
    "an unknown key": (lambda: parse_calendar({"nmae": "denmark"}), f"nmae: unknown key; accepted: {CALENDAR_KEYS} (did you mean 'name'?)"),
    "two unknown keys": (lambda: parse_calendar({1: 2, "offf": 1}), f"1: unknown key; accepted: {CALENDAR_KEYS}\nofff: unknown key; accepted: {CALENDAR_KEYS} (did you mean 'off'?)"),
    "a region that is a number": (lambda: Calendar("germany", region=1), "region: found 1; accepted: a text, or a list of different texts"),
    "an unknown region": (lambda: Calendar("united kingdom", region="SCO"), "region: unknown region 'SCO'; accepted: ENG, NIR, SCT, WLS (did you mean 'SCT'?)"),
    "no regions": (lambda: Calendar("european central bank", region="X"), "region: unknown region 'X'; accepted: none for this calendar"),
    "a region of no country": (lambda: Calendar(covers="2017", region="X"), "region: unknown region 'X'; accepted: none for this calendar"),
    "off is a number": (lambda: Calendar("denmark", off=1), f"off: found 1; {DAYS_OFF}"),
    "a day off is a number": (lambda: Calendar("denmark", off=["2017-01-02", 1]), f"off: found 1; {DAYS_OFF}"),
    "a day off with a time": (lambda: Calendar("denmark", off=[dt.datetime(2017, 1, 2)]), f"off: found datetime.datetime(2017, 1, 2, 0, 0); {DAYS_OFF}"),
    "an unknown day off": (lambda: Calendar("denmark", off="cristmas eve"), f"off: unknown day 'cristmas eve'; {DAYS_OFF} (did you mean 'christmas eve'?)"),
    "a custom of another country": (lambda: Calendar("sweden", off="workers' day"), f'off: found "workers\' day" with the calendar sweden; accepted: dates and periods, and by name {STATUTORY}'),
    "a custom of its own": (lambda: Calendar(off="christmas eve", covers="2017"), "off: found 'christmas eve' with the calendar of its own; accepted: dates and periods"),
    "a day that no year has": (lambda: Calendar("denmark", off="12-32"), "off: found '12-32'; accepted: a month and a day that exist, such as '12-24'"),
    "a day of every year beside a date": (lambda: Calendar("denmark", off={"since": "07-01", "through": "2024-07-31"}), "off: found '2024-07-31' beside a day of every year; accepted: two such as '07-01'"),
    "days of every year without an end": (lambda: Calendar("denmark", off={"since": "07-01"}), "off: found since with days of every year; accepted: since and through"),
    "a period off without an end": (lambda: Calendar("denmark", off={"since": "2024-07-01"}), "off: found a window since 2024-07-01; accepted: one with both ends"),
    "a period off with another key": (lambda: Calendar("denmark", off={"sinc": "2024-07-01"}), "off.sinc: unknown key; accepted: since, after, before, through (did you mean 'since'?)"),
    "a period off beyond what is covered": (lambda: Calendar(off="2018-01", covers="2017"), "off: found 2018-01, which the calendar does not cover (in 2017)"),
    "worked beyond what is covered": (lambda: Calendar(worked="2018-01-01", covers="2017"), "worked: found 2018-01-01, which the calendar does not cover (in 2017)"),
    "worked by name": (lambda: Calendar("denmark", worked="christmas eve"), f"worked: unknown day 'christmas eve'; accepted: {DAYS}"),
    "worked and off": (lambda: Calendar("denmark", off="2024-07", worked=["2024-07"]), "worked: found 2024-07 in off too; accepted: a day in one of them"),
    "a region twice": (lambda: Calendar("GB", region=["ENG", "ENG"]), "region: found ['ENG', 'ENG']; accepted: a text, or a list of different texts"),
    "an unknown region of several": (lambda: Calendar("GB", region=["ENG", "SCO"]), "region: unknown region 'SCO'; accepted: ENG, NIR, SCT, WLS (did you mean 'SCT'?)"),
    "a weekend of every day": (lambda: Calendar("denmark", weekend=list(WEEKDAYS)), f"weekend: found every day; accepted: a list of at most six of {', '.join(WEEKDAYS)}"),
    "off beyond what is covered": (lambda: Calendar(off="2018-01-01", covers="2017"), "off: found 2018-01-01, which the calendar does not cover (in 2017)"),
    "covers nothing that is known": (lambda: Calendar(covers=1), f"covers: found 1; accepted: {NAMES}, or {ENDS}"),
    "covers without an end": (lambda: Calendar(covers={"since": "2017-01-01"}), "covers: found a window since 2017-01-01; accepted: one with both ends"),
    "covers without a beginning": (lambda: Calendar(covers={"before": "2017-01-01"}), "covers: found a window before 2017-01-01; accepted: one with both ends"),
    "covers is missing": (lambda: Calendar(off="2017-01-01"), "covers: missing; accepted: the days that a calendar without a name knows, such as '2024'"),
    "covers with a name": (lambda: Calendar("denmark", covers="2017"), "covers: found in 2017 with the calendar denmark, which knows its own days; accepted: for a calendar without a name"),
    "saturdays": (lambda: Calendar("denmark", saturdays="yes"), "saturdays: found 'yes'; accepted: true or false"),
    "days that are not known": (lambda: Calendar(off="2017-01-01", covers="2017").working_days(dt.date(2017, 12, 31), dt.date(2018, 1, 1)), "calendar a calendar of its own: 2017-12-31 to 2018-01-01 does not lie within the days whose holidays are known (2017-01-01 to 2017-12-31)"),
    "days before those that are known": (lambda: Calendar(covers="2017").working_days(dt.date(2016, 12, 31), dt.date(2017, 1, 1)), "calendar a calendar of its own: 2016-12-31 to 2017-01-01 does not lie within the days whose holidays are known (2017-01-01 to 2017-12-31)"),
}  # fmt: skip
PERIODS: dict[str, tuple[Made, str]] = {
    "no date": (lambda: to_date("2017-02-29"), f"found '2017-02-29'; {A_DATE}"),
    "a date with a time": (lambda: to_date(dt.datetime(2017, 1, 2, 3)), f"found '2017-01-02 03:00:00'; {A_DATE}"),
    "a number for a date": (lambda: to_date(1.5), f"found 1.5; {A_DATE}"),
    "a named window with bounds": (lambda: Window("2017", since="2017-01-01", before="2017-02-01"), "a named window takes no bounds; found since, before"),
    "an empty window": (Window, f"an empty window; accepted: {NAMES}, or {ENDS}"),
    "two beginnings": (lambda: Window(since="2017-01-01", after="2017-01-01"), "found both since and after; accepted: one of them"),
    "two ends": (lambda: Window(before="2017-01-01", through="2017-01-01"), "found both before and through; accepted: one of them"),
    "after the last day": (lambda: Window(after="9999-12-31"), "a bound lies outside the calendar (years 1 to 9999)"),
    "through the last day": (lambda: Window(through="9999-12-31"), "a bound lies outside the calendar (years 1 to 9999)"),
    "before the first day": (lambda: Window(before="0001-01-01"), "a bound lies outside the calendar (years 1 to 9999)"),
    "backwards": (lambda: Window(since="2017-01-02", before="2017-01-02"), "the window ends before it starts: since 2017-01-02 and before 2017-01-02"),
    "no window": (lambda: parse_window(1.5), f"found 1.5; accepted: {NAMES}, or {ENDS}"),
    "a date for a window": (lambda: parse_window(dt.date(2017, 1, 2)), f"found '2017-01-02'; accepted: {NAMES}, or {ENDS}"),
    "unknown bounds": (lambda: parse_window({"sinse": "2017-01-01", 1: 2, "before": "x"}), f"sinse: unknown key; accepted: {ENDS} (did you mean 'since'?)\n1: unknown key; accepted: {ENDS}\nbefore: found 'x'; {A_DATE}"),
    "no name": (lambda: Window("2017-Q5"), f"found '2017-Q5'; accepted: {NAMES}"),
    "no such month": (lambda: Window("2017-13"), f"found '2017-13'; accepted: {NAMES}"),
    "no week 53": (lambda: Window("2022-W53"), "found '2022-W53'; accepted: a week '2022-W01' to '2022-W52'"),
    "no week 0": (lambda: Window("2020-W00"), "found '2020-W00'; accepted: a week '2020-W01' to '2020-W53'"),
    "no such half": (lambda: Window("2017-H0"), f"found '2017-H0'; accepted: {NAMES}"),
    "the last year": (lambda: Window("9999"), f"found '9999'; accepted: {NAMES}"),
    "the year 0": (lambda: Window("0000"), f"found '0000'; accepted: {NAMES}"),
    "more than a name": (lambda: Window("2017-H1 "), f"found '2017-H1 '; accepted: {NAMES}"),
    "neither day nor period": (lambda: day_or_period("2017-Q5"), f"found '2017-Q5'; accepted: {NAMES}"),
    "a number for a day": (lambda: day_or_period(1.5), f"found 1.5; {A_DATE}"),
    "no moment": (lambda: parse_end_of("2017"), "found '2017'; accepted: { end_of = \"2022\" }, or of a date"),
    "another key": (lambda: parse_end_of({"start_of": "2017"}), "found {'start_of': '2017'}; accepted: { end_of = \"2022\" }, or of a date"),
    "a moment of nothing": (lambda: parse_end_of({"end_of": "x"}), f"end_of: found 'x'; accepted: {NAMES}"),
    "a window without an end": (lambda: optional_window({"since": "2017-01-01"}), "found a window since 2017-01-01; accepted: one with an end, for the verdict falls on it"),
    "a window without a beginning": (lambda: closed_window({"through": "2017-01-01"}), "found a window through 2017-01-01; accepted: one with both ends"),
}  # fmt: skip
SPANS: dict[str, tuple[Made, str]] = {
    "an amount below 0": (lambda: Span(days=-1), "found -1 days; accepted: a whole number, 0 or more"),
    "an amount that is true": (lambda: Span(working_days=True), "found True working_days; accepted: a whole number, 0 or more"),
    "half an amount": (lambda: Span(weeks=1.5), "found 1.5 weeks; accepted: a whole number, 0 or more"),  # type: ignore[arg-type]
    "hours and days": (lambda: Span(hours=1, days=2), "found 2 days and 1 hour; accepted: hours and minutes alone, for they are elapsed time and days are not (S3)"),
    "hours and working days": (lambda: Span(minutes=1, working_days=2), "found 2 working days and 1 minute; accepted: hours and minutes alone, for they are elapsed time and days are not (S3)"),
    "months and working days": (lambda: Span(months=1, working_days=2), "found 1 month and 2 working days; accepted: working days alone, for they are counted in a calendar and the others are not (S7)"),
    "more than a hundred years": (lambda: Span(years=101), "found 101 years; accepted: at most 100 years"),
    "a very long text": (lambda: parse_span("100000000 days"), "found '100000000 days'; accepted: at most 100 years"),
    "a number": (lambda: parse_span(7), f"found 7; {A_SPAN}"),
    "no amount": (lambda: parse_span("months"), f"found 'months'; {A_SPAN}"),
    "an unknown unit": (lambda: parse_span("7 mnths"), f"unknown unit 'mnths' in '7 mnths'; {A_SPAN} (did you mean 'months'?)"),
    "a unit twice": (lambda: parse_span("7 months and 1 month"), f"found months twice in '7 months and 1 month'; {A_SPAN}"),
    "a span in other units": (lambda: span_in_days(Span(hours=1)), f"found '1 hour'; {A_SPAN_IN_DAYS}"),
    "hours for days": (lambda: span_in_days("1 hour"), f"unknown unit 'hour' in '1 hour'; {A_SPAN_IN_DAYS}"),
    "working days for days": (lambda: calendar_span("1 working day"), "unknown unit 'working day' in '1 working day'; accepted: a whole number and a unit (years, months, weeks, days), such as '7 months'"),
    "hours for minutes": (lambda: parse_span("1 hour", ("minutes",)), "unknown unit 'hour' in '1 hour'; accepted: a whole number and a unit (minutes), such as '7 minutes'"),
    "hours backwards": (lambda: Before(Span(hours=1)), f"found 1 hour before; accepted backwards: {IN_DAYS}"),
    "hours backwards, in words": (lambda: parse_limit("1 hour before"), f"unknown unit 'hour' in '1 hour'; {A_SPAN_IN_DAYS}"),
    "no limits": (lambda: ByValue("case_type", {}), "found no limit; accepted: at least one value with its limit"),
    "limits of two kinds": (lambda: ByValue("case_type", {"a": Span(hours=1), "b": Span(days=1)}), "found limits in hours or minutes beside others; accepted: one kind"),
    "dated limits of two kinds": (lambda: Dated("decided", Span(hours=1), ((dt.date(2017, 1, 1), Span(days=1)),)), "found limits in hours or minutes beside others; accepted: one kind"),
    "no dates": (lambda: Dated("decided", 1, ()), "accepted: at least one date, each once and in order"),
    "dates out of order": (lambda: Dated("decided", 1, ((dt.date(2017, 2, 1), 2), (dt.date(2017, 1, 1), 3))), "accepted: at least one date, each once and in order"),
    "a date twice": (lambda: Dated("decided", 1, ((dt.date(2017, 2, 1), 2), (dt.date(2017, 2, 1), 3))), "accepted: at least one date, each once and in order"),
    "another mapping": (lambda: parse_limit({"days": 1, "x": "y"}), f"found {{ days = 1, x = 'y' }}; accepted: {LIMITS}"),
    "a column that is a number": (lambda: parse_limit({"column": 1}), f"found {{ column = 1 }}; accepted: {LIMITS}"),
    "by a number": (lambda: parse_limit({"by": 1, "limits": {"a": "1 day"}}), f"found {{ by = 1, limits = {{'a': '1 day'}} }}; accepted: {LIMITS}"),
    "limits that are none": (lambda: parse_limit({"by": "a", "limits": 1}), f"found {{ by = 'a', limits = 1 }}; accepted: {LIMITS}"),
    "limits with mistakes": (lambda: parse_limit({"by": "a", "limits": {"x": 1, "y": "1 day", 2: "z"}}), f"limits.x: found 1; {A_SPAN}\nlimits.2: found 'z'; {A_SPAN}"),
    "a file": (lambda: parse_limit({"file": "x.csv", "by": "a"}), "file: a file is read beside a plan file; load the plan from its file"),
    "dated, and no more": (lambda: parse_limit({"dated": "decided"}), CHANGING),
    "since what": (lambda: dated(since=1), CHANGING),
    "dated by a number": (lambda: dated(dated=1), "dated: accepted: a date column's name"),
    "first is none": (lambda: dated(first=1), f"first: found 1; {A_SPAN}"),
    "since a limit that is none": (lambda: dated(since={"2017-07-01": 1}), f"since.2017-07-01: found 1; {A_SPAN}"),
    "since a date that is none": (lambda: dated(since={"2017": "1 day"}), f"since: found '2017'; {A_DATE}"),
}  # fmt: skip
TWO_DATES = "accepted: two date columns or more, each once, or one with before"
DATES: dict[str, tuple[Made, str]] = {
    "one date": (lambda: DateChoice("latest", ["a"]), f"latest: found ['a']; {TWO_DATES}"),
    "a text": (lambda: DateChoice("latest", "ab"), f"found 'ab'; {TWO_DATES}"),
    "a date twice": (lambda: DateChoice("latest", ("a", "b", "a")), f"found ('a', 'b', 'a'); {TWO_DATES}"),
    "a number among them": (lambda: parse_derived({"once_all": ["a", 1]}), f"once_all: found ['a', 1]; {TWO_DATES}"),
    "an empty name": (lambda: parse_derived({"earliest": ["a", ""]}), f"earliest: found ['a', '']; {TWO_DATES}"),
    "a set of them": (lambda: parse_derived({"latest": {"a"}}), f"latest: found {{'a'}}; {TWO_DATES}"),
    "no column": (lambda: DateOffset("", Span(days=1)), "found ''; accepted: a column's name"),
    "a number for a column": (lambda: parse_derived({"date": 1, "plus": "1 day"}), "date: found 1; accepted: a column's name"),
    "no column of days": (lambda: parse_derived({"date": "a", "plus_days": 1}), "plus_days: found 1; accepted: a column's name"),
    "no span": (lambda: parse_derived({"date": "a", "minus": "1 hour"}), f"minus: unknown unit 'hour' in '1 hour'; {A_SPAN_IN_DAYS}"),
    "a text for a date": (lambda: parse_derived("filed"), f"found 'filed'; accepted: {DERIVED}"),
    "another mapping": (lambda: parse_derived({"a": 1, "b": "x"}), f"found {{ a = 1, b = 'x' }}; accepted: {DERIVED}"),
    "rolled elsewhere": (lambda: parse_derived({"date": "a", "plus": "1 day", "roll": "back"}), "roll: found 'back'; accepted: none, next working day"),
    "two ways": (lambda: parse_derived({"date": "a", "plus": "1 day", "minus": "1 day"}), f"found {{ date = 'a', plus = '1 day', minus = '1 day' }}; accepted: {DERIVED}"),
    "half of a move": (lambda: parse_derived({"date": "a"}), f"found {{ date = 'a' }}; accepted: {DERIVED}"),
    "no start": (lambda: part_way(start=1), "start: found 1; accepted: a column's name"),
    "no end": (lambda: part_way(end=""), "end: found ''; accepted: a column's name"),
    "rounded": (lambda: part_way(rounded="upp"), "rounded: found 'upp'; accepted: up, down (did you mean 'up'?)"),
    "a share that is true": (lambda: part_way(share=True), f"share: found True; {A_SHARE}"),
    "a share that is a word": (lambda: part_way(share="half"), f"share: found 'half'; {A_SHARE}"),
    "a share of nothing": (lambda: part_way(share="1/0"), f"share: found '1/0'; {A_SHARE}"),
    "no share": (lambda: part_way(share=0), f"share: found 0; {A_SHARE}, in thousandths at most"),
    "more than all": (lambda: part_way(share="1001/1000"), f"share: found '1001/1000'; {A_SHARE}, in thousandths at most"),
    "a fine share": (lambda: part_way(share="1/1001"), f"share: found '1/1001'; {A_SHARE}, in thousandths at most"),
}  # fmt: skip
NUMBERS: dict[str, tuple[Made, str]] = {
    "no number": (lambda: number("x"), "found 'x'; accepted: a number"),
    "true": (lambda: number(value=True), "found True; accepted: a number"),
    "a list": (lambda: number([1]), "found [1]; accepted: a number"),
    "infinite": (lambda: number(float("inf")), "found inf; accepted: a number"),
    "no bound": (Bounds, f"found no bound; accepted: {WORDS}"),
    "two below": (lambda: Bounds(at_least=1, more_than=1), "found both at_least and more_than; accepted: one of them"),
    "two above": (lambda: Bounds(at_most=1, less_than=1), "found both at_most and less_than; accepted: one of them"),
    "none between": (lambda: Bounds(at_least=2, at_most=1), "no number is at least 2 and at most 1"),
    "none strictly between": (lambda: Bounds(at_least=1, less_than=1), "no number is at least 1 and less than 1"),
    "none strictly between, below": (lambda: Bounds(more_than=1, at_most=1), "no number is more than 1 and at most 1"),
    "no bounds": (lambda: parse_bounds(8), f"found '8'; accepted: bounds such as {{ at_least = 8 }}, of {WORDS}"),
    "unknown bounds": (lambda: parse_bounds({"atleast": 1, 1: 2, "at_most": "x"}), f"atleast: unknown key; accepted: {WORDS} (did you mean 'at_least'?)\n1: unknown key; accepted: {WORDS}\nat_most: found 'x'; accepted: a number"),
    "a denominator": (lambda: parse_denominator("settle"), "found 'settle'; accepted: closed, cohort, overdue, due, settled, open (did you mean 'settled'?)"),
    "a rounding": (lambda: parse_rounding("ups"), "found 'ups'; accepted: up, down, nearest (did you mean 'up'?)"),
    "a sharing": (lambda: Goal(id="g", sharing="al"), "sharing: found 'al'; accepted: all, split (did you mean 'all'?)"),
}  # fmt: skip
INDICATORS = "clearance_rate, disposition_time, intake, output, open_start, open_end, mean_age, median_age, p90_age, backlog"
RULES: dict[str, tuple[Made, str]] = {
    "within, two thresholds": (lambda: within(by_file(visa=90), threshold=90), "threshold: the file of limits has thresholds of its own; accepted: one or the other"),
    "within, thresholds by another column": (lambda: within(by_file(visa=90), threshold=None, each="office"), "each: the thresholds stand by case_type; accepted: each = 'case_type'"),
    "within, pauses backwards": (lambda: within("1 month before", pauses="waiting"), "pauses: found 'pauses' with the limit 1 month before; accepted: with a limit in days, forwards, or in working hours"),
    "within, pauses in hours": (lambda: within("1 hour", pauses="waiting"), "pauses: found 'pauses' with the limit 1 hour; accepted: with a limit in days, forwards, or in working hours"),
    "within, rolled in hours": (lambda: within("1 hour", roll="none"), "roll: found 'roll' with the limit 1 hour; accepted: with a limit in days"),
    "within, on with no cohort": (lambda: within(on="filed"), "on: found 'on' with the denominator closed; accepted: with cohort, overdue"),
    "average, pauses in hours": (lambda: average("1 hour", pauses="waiting"), "pauses: found 'pauses' with the limit 1 hour; accepted: with a limit in days"),
    "average, of a column": (lambda: average({"column": "due"}), f"limit: found by due; accepted: an average in {IN_DAYS}, hours, minutes"),
    "average, with thresholds": (lambda: average(by_file(visa=90)), "limit: the file has thresholds, and an average has none; accepted: a file without"),
    "average, the fastest in months": (lambda: average("1 month", fastest=90), "limit: found 1 month with 'fastest'; accepted: a limit in days, weeks, working days, hours or minutes"),
    "clearance, a number": (lambda: clearance(1), "deadline: found '1'; accepted: { before = 2017-07-01 } or { through = 2017-06-30 }"),
    "clearance, a beginning": (lambda: clearance({"since": "2017-01-01"}), "deadline: found since 2017-01-01; accepted: { before = 2017-07-01 } or { through = 2017-06-30 }"),
    "clearance, a name": (lambda: clearance(Window("2017")), "deadline: found in 2017; accepted: { before = 2017-07-01 } or { through = 2017-06-30 }"),
    "clearance, before the cohort": (lambda: clearance({"before": "2017-01-01"}, open_at={"start_of": "2017"}), "deadline: found before 2017-01-01; accepted: a deadline after 2017-01-01, the day the cohort was open"),
    "milestone, a number": (lambda: milestone(1), "deadline: found '1'; accepted: { through = 2017-06-30 }, { before = 2017-07-01 }, or a period '2017-H1'"),
    "milestone, without an end": (lambda: milestone({"since": "2017-01-01"}), "deadline: found since 2017-01-01; accepted: { through = 2017-06-30 }, { before = 2017-07-01 }, or a period '2017-H1'"),
    "percentile, in months and days": (lambda: percentile("1 month and 1 day"), "limit: found '1 month and 1 day'; accepted: weeks and days, working days, months and years alone, or hours and minutes. A percentile is one number, and units never convert (S5); the rule 'within' asks the same of months and days together"),
    "flow, no indicator": (lambda: flow(indicator="intaek"), f"indicator: found 'intaek'; accepted: {INDICATORS} (did you mean 'intake'?)"),
    "flow, no backlog": (lambda: flow(indicator="backlog"), "limit: missing; the backlog is the open cases older than it"),
    "flow, in working days": (lambda: flow(limit="1 working day"), "limit: unknown unit 'working day' in '1 working day'; accepted: a whole number and a unit (years, months, weeks, days), such as '7 months'"),
    "stock, both": (lambda: stock(level={"at_most": 1}, change={"at_most": 1}, against={"end_of": "2016"}), "accepted: either what the stock must be (level), or its change, or the difference"),
    "stock, a change from nothing": (lambda: stock(change={"at_most": 1}), "against: a change needs the day of its base, and a level has none"),
    "stock, a level from something": (lambda: stock(level={"at_most": 1}, against={"end_of": "2016"}), "against: a change needs the day of its base, and a level has none"),
    "stock, a base on the day": (lambda: stock(change={"at_most": 1}, against={"end_of": "2017"}), "against: found 2017-12-31; accepted: a day before 2017-12-31"),
}  # fmt: skip


OPENING_HOURS: dict[str, tuple[Made, str]] = {
    "no days": (lambda: parse_hours("08:00-16:00"), f"hours: found '08:00-16:00'; {A_WEEK}"),
    "an empty week": (lambda: parse_hours({}), f"hours: found {{}}; {A_WEEK}"),
    "an unknown day": (lambda: parse_hours({"mondy": "08:00-16:00"}), f"hours: unknown day 'mondy'; {DAYS_OF_HOURS} (did you mean 'monday'?)"),
    "a day by its number": (lambda: parse_hours({3: "08:00-16:00"}), f"hours: unknown day 3; {DAYS_OF_HOURS}"),
    "a number of hours": (lambda: parse_hours({"monday": 8}), f"hours.monday: found 8; {HOURS}"),
    "a list of numbers": (lambda: parse_hours({"monday": [8]}), f"hours.monday: found 8; {HOURS}"),
    "no minutes": (lambda: parse_hours({"monday": "8-16"}), f"hours.monday: found '8-16'; {HOURS}"),
    "backwards": (lambda: parse_hours({"monday": "16:00-08:00"}), f"hours.monday: found '16:00-08:00', which ends before it begins; {HOURS}"),
    "overlapping": (lambda: parse_hours({"monday": ["08:00-12:00", "11:59-16:00"]}), f"hours.monday: found '11:59-16:00', which begins before the one before it ends; {HOURS}"),
    "closed all week": (lambda: parse_hours({"monday": [], "friday": []}), "hours: found no opening hours; accepted: at least one day's"),
    "two mistakes": (lambda: parse_hours({"mon": 1, "friday": "24:00-24:00"}), f"hours: unknown day 'mon'; {DAYS_OF_HOURS} (did you mean 'monday'?)\nhours.friday: found '24:00-24:00'; {HOURS}"),
    "hours of a day off": (lambda: parse_calendar({"name": "denmark", "hours": {"saturday": "10:00-12:00"}}), "hours.saturday: found hours of a day off; accepted: beside a weekend without saturday"),
}  # fmt: skip
POPULATIONS: dict[str, tuple[Made, str]] = {
    "a fraction": (lambda: parse_population({"a": 1.5}), "a: found 1.5; accepted: a text, a whole number, true or false, or bounds"),
    "no value": (lambda: parse_population({"a": []}), "a: an empty list; accepted: at least one value"),
    "two kinds of values": (lambda: parse_population({"a": [1, "x"]}), "a: found values of several kinds (integer, text); accepted: one kind"),
    "a value twice": (lambda: parse_population({"a": ["x", "y", "x"]}), "a: found 'x' twice; accepted: each value once"),
    "an unknown key of a bound": (lambda: parse_bound({"date": "due", "plsu": "3 days"}), f"plsu: unknown key (did you mean 'plus'?); {A_BOUND}"),
    "a bound without its date": (lambda: parse_bound({"plus": "3 days"}), f"found {{ plus = '3 days' }}; {A_BOUND}"),
    "a bound moved twice": (lambda: parse_bound({"date": "due", "plus": "3 days", "minus": "2 days"}), f"found {{ date = 'due', plus = '3 days', minus = '2 days' }}; {A_BOUND}"),
    "a bound beside a number": (lambda: parse_bound({"date": 3}), "date: found 3; accepted: a text"),
    "no bound": (DateBounds, f"found no bound; accepted: {ENDS}"),
    "two bounds for one end": (lambda: DateBounds(since="2020-01-01", after={"date": "due"}), "found both since and after; accepted: one of them"),
    "open at no day": (lambda: parse_open_at("2017"), 'found \'2017\'; accepted: { start_of = "2017" } or a date'),
    "open at no period": (lambda: parse_open_at({"start_of": "x"}), f"start_of: found 'x'; accepted: {NAMES}"),
    "a fifth quarter": (lambda: Window("2024/25-Q5"), f"found '2024/25-Q5'; accepted: {NAMES}"),
    "a third half": (lambda: Window("2024/25-H3"), f"found '2024/25-H3'; accepted: {NAMES}"),
    "the last of years": (lambda: Window("9998/99"), f"found '9998/99'; accepted: {NAMES}"),
    "no year and the next": (lambda: Window("2024/26"), "found '2024/26'; accepted: a year and the next, '2024/25'"),
    "no tables": (lambda: kpi.Plan(id="p", period="2017", tables={"cases": 1}, targets=[]), "tables: found 1 for the table 'cases'; accepted: a kpi.Table"),  # type: ignore[arg-type]  # a mistake
    "no list of tables": (lambda: kpi.Plan(id="p", period="2017", tables=[1], targets=[]), "tables: found 1; accepted: a kpi.Table"),  # type: ignore[list-item]  # a mistake
    "no targets": (lambda: kpi.Plan(id="p", period="2017", tables=[], targets=[1]), "targets: found 1; accepted: targets, such as kpi.Within(...)"),  # type: ignore[list-item]  # a mistake
    "no goals": (lambda: kpi.Plan(id="p", period="2017", tables=[], goals=[1], targets=[]), "goals: found 1; accepted: a kpi.Goal"),  # type: ignore[list-item]  # a mistake
    "no derived dates": (lambda: kpi.Table("cases", key="id", derived=["due"]), "derived: found ['due']; accepted: a date for each name"),
    "a reading that is none": (lambda: within(readings=["lenient"]), "readings.0: accepted: a name and the keys that it changes"),
    "days after which nothing is derived": (lambda: parse_derived({"date": "filed", "minus": "1 day", "at_latest": "due"}), "at_latest: found with minus; accepted: with plus, plus_days or plus_months"),
}  # fmt: skip

TABLES_OF_MISTAKES = (CALENDARS, PERIODS, SPANS, DATES, NUMBERS, RULES, OPENING_HOURS, POPULATIONS)


@pytest.mark.parametrize(
    ("made", "message"),
    [case for cases in TABLES_OF_MISTAKES for case in cases.values()],
    ids=[name for cases in TABLES_OF_MISTAKES for name in cases],
)  # fmt: skip
def test_a_mistake_is_told_to_the_last_sign(made: Made, message: str) -> None:
    with pytest.raises(kpi.PlanError) as caught:
        made()
    assert str(caught.value) == message


def test_a_window_with_both_ends_is_an_invariant_and_no_mistake_of_a_user() -> None:
    with pytest.raises(InternalError, match=r"both ends was expected, and found since 2020-01-01$"):
        _ = Window(since="2020-01-01").closed


def test_a_mistake_is_the_same_after_it_was_sent_to_another_process() -> None:
    with pytest.raises(kpi.PlanError) as caught:
        parse_hours({"mon": 1, "friday": "24:00-24:00"})
    sent = pickle.loads(pickle.dumps(caught.value))  # noqa: S301 - made here
    assert (sent.problems, str(sent)) == (caught.value.problems, str(caught.value))
