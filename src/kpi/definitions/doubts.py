"""Doubts that a plan's text alone raises: fractions for percentages, missing regions (S7, S19)."""

from __future__ import annotations

from collections.abc import Iterator

from kpi.definitions.calendars import Calendar, days_off_by_region
from kpi.definitions.days_off import LAWS, STATUTORY, named_days, names_of
from kpi.definitions.messages import Listing, Word
from kpi.definitions.notes import Note
from kpi.definitions.plan import Plan
from kpi.definitions.target import Target


def target_remarks(target: Target, plan: Plan) -> Iterator[str]:
    """Yield the remarks on a target that follow from the plan alone, a line each."""
    yield from _small_percentages(target)
    yield from target.remarks(plan)


def _small_percentages(target: Target) -> Iterator[Note]:
    """Yield a remark for each percentage below 1, which is nearly always a fraction (S19)."""
    for key, value in target.percentages():
        if 0 < abs(value) < 1:
            meant = (value * 100).normalize()
            yield Note(
                "small-percentage",
                "{key}: {value:f} is below 1 per cent; if the fraction was meant, write {meant}",
                key=key,
                value=value,
                meant=f"{meant:f}",
            )


def calendar_remarks(plan: Plan) -> Iterator[Note]:
    """Yield a remark for each calendar that leaves out days off of parts of a country, or by law (S7)."""
    used: dict[Calendar, list[str]] = {}
    for target in plan.leaves():
        if "calendar" in target.inherited_options(plan):
            used.setdefault(plan.calendar, []).append(target.id)
        elif (own := target.calendar) is not None:
            used.setdefault(own, []).append(target.id)
    for calendar, ids in used.items():
        if calendar.name is not None:
            if calendar.region is None:
                yield from _regions(calendar, ids, plan)
            yield from _statutory_days(calendar, ids)


def _regions(calendar: Calendar, ids: list[str], plan: Plan) -> Iterator[Note]:
    """Yield a remark where the regions of a country differ and the calendar names none."""
    first, last = plan.period.closed
    regions = days_off_by_region(calendar, first.year, last.year)
    if len(set(regions.values())) > 1:
        day = min(frozenset.union(*regions.values()) - frozenset.intersection(*regions.values()))
        where = [region for region, days in regions.items() if day in days]
        yield Note(
            "calendar-regions",
            "working days of {calendar}: its regions have different days off ({day} in "
            "{regions} alone); those of the whole country are taken for {ids}; name one with {write}",
            calendar=Word(str(calendar.name)),
            day=day,
            regions=Listing(where, most=20),
            ids=Listing(ids),
            write=f'calendar = {{ name = "{calendar.name}", region = "{where[0]}" }}',
        )


def _statutory_days(calendar: Calendar, ids: list[str]) -> Iterator[Note]:
    """Yield a remark where days off by the country's law on time limits are working days."""
    if calendar.name not in LAWS:
        return
    off = named_days(calendar.name, calendar.off)
    left = [day for day in names_of(calendar.name) if day not in (*off, STATUTORY)]
    if left:
        yield Note(
            "calendar-statutory-days",
            "working days of {calendar} with {days}, for {ids}: by {law} these are days off, as with "
            "{write}",
            calendar=Word(str(calendar.name)),
            days=Listing(map(Word, left)),
            ids=Listing(ids),
            law=LAWS[calendar.name],
            write=f'calendar = {{ name = "{calendar.name}", off = ["{STATUTORY}"] }}',
        )
