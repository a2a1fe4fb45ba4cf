"""Requirement of a target in a few words of a language: "90 % inden for 5 måneder"."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from kpi.definitions.limits import Before, ByValue, DueColumn
from kpi.definitions.parts import Parts
from kpi.definitions.target import Requirement, Target
from kpi.report.page import conditions, periods
from kpi.report.page.calendars import calendar
from kpi.report.page.catalogue import Catalogue
from kpi.rules.average import Average
from kpi.rules.clearance import Clearance
from kpi.rules.count import Count
from kpi.rules.every_working_day import EveryWorkingDay
from kpi.rules.flow import Flow
from kpi.rules.milestone import Milestone
from kpi.rules.percentile import Percentile
from kpi.rules.reported import Reported
from kpi.rules.share import Share
from kpi.rules.stock import Stock
from kpi.rules.within import Within

_UNIT_OF_FLOW = {"clearance_rate": "%"}
_IN_DAYS = ("disposition_time", "mean_age", "median_age", "p90_age")


def requirement(texts: Catalogue, of: Requirement) -> str:
    """Return limit and threshold in a few words, as the plan has them.

    A rule of a user's own is shown in its own words, whatever the language.
    """
    if isinstance(of, Parts):
        every = of.must_hold == "all"
        return texts.text("requirement.all_parts" if every else "requirement.any_part")
    assert isinstance(of, Target), "a requirement is a target, or has parts"
    words = _WORDS.get(type(of))
    if words is None:
        return of.requirement_text
    shown = words(texts, of)
    if of.count_as is not None:
        shown += texts.text("requirement.counted_as", column=of.count_as)
    if of.each is not None:
        shown += texts.text("requirement.each", column=of.each)
    if of.rolling is not None:
        shown += texts.text("requirement.rolling", span=conditions.span(texts, of.rolling))
    if of.every is not None:
        shown += texts.text("requirement.every", period=texts.text(f"every.{of.every}"))
    return shown


def own_options(texts: Catalogue, of: Target) -> str:
    """Return the options of time that a target sets itself; empty for those of the plan."""
    rolled = {"none": "limit.due_on_any_day", "next working day": "limit.due_on_working_days"}
    shown = []
    if of.month_end is not None:
        mode = texts.text(f"month_end.{of.month_end}")
        shown.append(texts.text("limit.month_ends", mode=mode))
    if of.calendar is not None:
        shown.append(texts.text("limit.working_days_of", calendar=calendar(texts, of.calendar)))
    if of.roll is not None:
        shown.append(texts.text(rolled[of.roll]))
    return f" ({texts.text('word.comma').join(shown)})" if shown else ""


def _pauses(texts: Catalogue, of: Within | Average | Percentile) -> str:
    names = texts.text("word.comma").join
    less = texts.text("limit.less_pauses", tables=names(of.pauses)) if of.pauses else ""
    unless = of.unless_paused
    return less + (texts.text("limit.unless_paused", tables=names(unless)) if unless else "")


def _within(texts: Catalogue, of: Within) -> str:
    if isinstance(of.limit, ByValue) and of.limit.thresholds:
        return texts.text("requirement.each_own")
    limit = texts.text("requirement.within", limit=conditions.limit(texts, of.limit))
    if isinstance(of.limit, Before):
        back = conditions.limit(texts, of.limit)
        limit = texts.text("requirement.at_the_latest", limit=back, start=of.start)
    elif isinstance(of.limit, DueColumn):
        limit = conditions.limit(texts, of.limit)
    limit += own_options(texts, of) + _pauses(texts, of)
    of_open = ""
    if of.at is not None:
        when = conditions.moment(texts, of.at.end_of)
        of_open = texts.text("requirement.of_open", when=when)
    if of.late is not None:
        shown = conditions.bounds(texts, of.late)
        return texts.text("requirement.late", bounds=shown, of=of_open, limit=limit)
    if of.threshold is None:
        base = conditions.comparison(texts, of.comparison)
        return texts.text("requirement.share_within", of=of_open, limit=limit, base=base)
    reach = conditions.threshold(texts, of.threshold)
    return texts.text("requirement.threshold_within", threshold=reach, of=of_open, limit=limit)


def _average(texts: Catalogue, of: Average) -> str:
    kept = ""
    if of.fastest is not None:
        kept += texts.text("requirement.fastest", percent=texts.number(f"{of.fastest:f}"))
    if of.trimmed is not None:
        kept += texts.text("requirement.trimmed", percent=texts.number(f"{of.trimmed:f}"))
    if of.mean_of_means is not None:
        kept = texts.text("requirement.mean_of_means", column=of.mean_of_means)
    asked = texts.text("requirement.average")
    if of.limit is not None:
        asked = texts.text("requirement.at_most", limit=conditions.limit(texts, of.limit))
    base = conditions.comparison(texts, of.comparison)
    return f"{asked}{own_options(texts, of)}{kept}{_pauses(texts, of)}{base}"


def _percentile(texts: Catalogue, of: Percentile) -> str:
    shown = texts.text("requirement.percentile", percent=texts.number(f"{of.percentile:f}"))
    if of.limit is not None:
        limit = conditions.limit(texts, of.limit)
        shown += texts.text("requirement.percentile_limit", limit=limit)
    base = conditions.comparison(texts, of.comparison)
    return f"{shown}{own_options(texts, of)}{_pauses(texts, of)}{base}"


def _clearance(texts: Catalogue, of: Clearance) -> str:
    when = periods.window(texts, of.deadline)
    if of.threshold is None:
        return texts.text("requirement.share_ended", when=when)
    reach = conditions.threshold(texts, of.threshold)
    return texts.text("requirement.threshold_ended", threshold=reach, when=when)


def _count(texts: Catalogue, of: Count) -> str:
    asked = texts.text("requirement.number")
    if of.requires is not None:
        asked = conditions.bounds(texts, of.requires)
    once = "" if of.distinct is None else texts.text("requirement.once", column=of.distinct)
    return f"{asked}{once}{conditions.comparison(texts, of.comparison)}"


def _every_working_day(texts: Catalogue, of: EveryWorkingDay) -> str:
    where = ""
    if of.calendar is not None:
        where = texts.text("requirement.of_calendar", calendar=calendar(texts, of.calendar))
    limit = conditions.limit(texts, of.limit)
    return texts.text("requirement.on_every_working_day", limit=limit, calendar=where)


def _flow(texts: Catalogue, of: Flow) -> str:
    named = texts.text(f"indicator.{of.indicator}")
    if of.requires is None:
        return named
    unit = "days" if of.indicator in _IN_DAYS else _UNIT_OF_FLOW.get(of.indicator, "")
    return f"{named} {conditions.bounds(texts, of.requires, unit)}"


def _milestone(texts: Catalogue, of: Milestone) -> str:
    return texts.text("requirement.milestone", when=periods.window(texts, of.deadline))


def _reported(texts: Catalogue, of: Reported) -> str:
    return conditions.bounds(texts, of.requires)


def _share(texts: Catalogue, of: Share) -> str:
    where = conditions.population(texts, of.having)
    if of.threshold is None:
        base = conditions.comparison(texts, of.comparison)
        return texts.text("requirement.share_where", conditions=where, base=base)
    reach = conditions.threshold(texts, of.threshold)
    return texts.text("requirement.threshold_where", threshold=reach, conditions=where)


def _stock(texts: Catalogue, of: Stock) -> str:
    if of.against is None:
        level = texts.text("requirement.number")
        if of.level is not None:
            level = conditions.bounds(texts, of.level)
        return texts.text(
            "requirement.stock", level=level, when=conditions.moment(texts, of.at.end_of)
        )
    what = texts.text("requirement.change")
    if of.change is not None:
        shown = conditions.bounds(texts, of.change, "%")
        what = texts.text("requirement.change_bounds", bounds=shown)
    if of.difference is not None:
        shown = conditions.bounds(texts, of.difference)
        what = texts.text("requirement.difference_bounds", bounds=shown)
    first, last = texts.date(of.against.day), texts.date(of.at.day)
    return texts.text("requirement.from_to", what=what, first=first, last=last)


_WORDS: Mapping[type[Target], Callable[[Catalogue, Any], str]] = {
    Average: _average,
    Clearance: _clearance,
    Count: _count,
    EveryWorkingDay: _every_working_day,
    Flow: _flow,
    Milestone: _milestone,
    Percentile: _percentile,
    Reported: _reported,
    Share: _share,
    Stock: _stock,
    Within: _within,
}
