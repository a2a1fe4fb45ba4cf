"""Small plans and rows for the oracle, written so that a reader can check them by hand."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from attrs import evolve

from kpi.definitions.calendars import Calendar
from kpi.definitions.limits import ByValue
from kpi.definitions.plan import Plan
from kpi.definitions.population import OpenAt
from kpi.definitions.table import Table
from kpi.definitions.target import Requirement, Target
from kpi.definitions.time_units import parse_span
from kpi.definitions.windows import EndOf, Window
from kpi.rules.average import Average
from kpi.rules.clearance import Clearance
from kpi.rules.count import Count
from kpi.rules.every_working_day import EveryWorkingDay
from kpi.rules.flow import Flow
from kpi.rules.milestone import Milestone
from kpi.rules.percentile import Percentile
from kpi.rules.reported import Reported
from kpi.rules.stock import Stock
from kpi.rules.within import Within
from kpi.testing import oracle
from kpi.testing.oracle import Outcome, Row

D = dt.date


CASES = Table(
    "cases",
    key="case_id",
    entry="filed",
    events=("documented", "decided", "announced_on"),
    dates=("due",),
)


def within(**words: Any) -> Within:
    """A share within 30 days from filing to decision, unless said otherwise."""
    usual: dict[str, Any] = {"start": "filed", "end": "decided", "limit": "30 days"}
    return Within(id="1", **{**usual, "threshold": 90, **words})


def average(**words: Any) -> Average:
    """An average of at most 30 days from filing to decision, unless said otherwise."""
    usual: dict[str, Any] = {"start": "filed", "end": "decided", "limit": "30 days"}
    return Average(id="1", **{**usual, **words})


def clearance(**words: Any) -> Clearance:
    """All that was open when 2017 began, decided before July, unless said otherwise."""
    usual: dict[str, Any] = {"start": "filed", "end": "decided", "threshold": 100}
    usual |= {"open_at": OpenAt("2017"), "deadline": Window(before="2017-07-01")}
    return Clearance(id="1", **{**usual, **words})


def plan(target: Requirement, table: Table = CASES, **words: Any) -> Plan:
    return Plan(**{"id": "p", "period": "2017", "tables": [table], "targets": [target], **words})


def rows(*cases: Mapping[str, object]) -> list[dict[str, object]]:
    """Rows with ids of their own and null in what they do not say."""
    blank = dict.fromkeys((*CASES.date_columns, "case_type", "months", "flag"))
    return [{"case_id": f"c{n}", **blank, **case} for n, case in enumerate(cases)]


def run(
    target: Target, *cases: Mapping[str, object], as_of: dt.date | None = None, **words: Any
) -> Outcome:
    return oracle.evaluate(plan(target, **words), {"cases": rows(*cases)}, as_of)["1"]


def one(target: Target, **cells: object) -> Row:
    """What becomes of a single row at the end of 2017."""
    return at(None, target, **cells)


def at(as_of: dt.date | None, target: Target, **cells: object) -> Row:
    """What becomes of a single row at the end of a day."""
    return run(target, cells, as_of=as_of).trail[0]


def buckets(outcome: Outcome) -> list[str]:
    return [row.reason or row.bucket for row in outcome.trail]


def _days_after(*lengths: int) -> list[dict[str, object]]:
    start = D(2017, 1, 1)
    return [{"filed": start, "decided": start + dt.timedelta(days=n)} for n in lengths]


T = dt.datetime


def before(**words: Any) -> Within:
    """Documented a month before a day that is planned."""
    usual = {"start": "due", "end": "documented", "limit": "1 month before"}
    return within(**{**usual, "denominator": "due", **words})


def by_type(**limits: str) -> ByValue:
    return ByValue("case_type", {name: parse_span(limit) for name, limit in limits.items()})


def percentile(**words: Any) -> Percentile:
    usual = {"start": "filed", "end": "decided", "percentile": 80, "limit": "30 days"}
    return Percentile(id="1", **{**usual, **words})


def verdicts(outcome: Outcome) -> dict[tuple[str | None, ...], str]:
    return {part: found.verdict for part, found in outcome.each.items()}


ACTIONS = Table("actions", key="action_id", entry="done", dates=("planned",))


def of(
    target: Requirement,
    table: Table,
    *cases: Mapping[str, object],
    as_of: dt.date | None = None,
    **words: Any,
) -> Outcome:
    """What becomes of rows of any table, those without an id numbered."""
    blank = dict.fromkeys(table.date_columns)
    numbered = [
        {**blank, **dict.fromkeys(table.key, f"r{n:02}"), **case} for n, case in enumerate(cases)
    ]
    plan_ = plan(target, table, **words)
    return oracle.evaluate(plan_, {table.name: numbered}, as_of)[target.id]


def count(**words: Any) -> Count:
    return Count(id="1", **{"table": "actions", "requires": {"at_least": 2}, **words})


def done(*days: dt.date | None, **cells: object) -> list[dict[str, object]]:
    return [{"done": day, **cells} for day in days]


STAYS = Table("stays", key="stay", entry="entered", events="left")


def stock(**words: Any) -> Stock:
    usual = {"table": "stays", "start": "entered", "end": "left", "at": EndOf("2017")}
    return Stock(id="1", **{**usual, **words})


def change(**words: Any) -> Stock:
    return stock(**{"against": {"end_of": "2016"}, "change": {"at_most": -10}, **words})


def stay(entered: dt.date | None, left: dt.date | None = None) -> dict[str, object]:
    return {"entered": entered, "left": left}


def stays(before: int, then: int) -> list[dict[str, object]]:
    """So many stays that end in the course of the year, and so many that begin."""
    return [stay(D(2016, 1, 1), D(2017, 5, 1))] * before + [stay(D(2017, 5, 1))] * then


DENMARK = Calendar("denmark")


SLOTS = Table("slots", key="date", entry="date", dates=("next_free",))


def slots(**words: Any) -> EveryWorkingDay:
    usual = {"table": "slots", "start": "date", "end": "next_free", "limit": "3 weeks"}
    return EveryWorkingDay(id="1", **{**usual, "window": "2022-05", **words})


def offered(
    first: dt.date, last: dt.date, wait: int | None = 21, calendar: Calendar | None = None
) -> Iterator[dict[str, object]]:
    """What was offered on each working day."""
    for day in oracle.working_days(first, last, calendar or DENMARK):
        free = None if wait is None else day + dt.timedelta(days=wait)
        yield {"date": day, "next_free": free}


IN_2022 = {"period": "2022"}


def days_of_may(target: EveryWorkingDay, *cases: Mapping[str, object], **words: Any) -> Outcome:
    return of(target, SLOTS, *cases, **{**IN_2022, **words})


# Easter 2017 is 16 April: the 13th, 14th and 17th are holidays, and so are 12 and 25 May, 5 June.
EASTER_DUE = D(2017, 4, 19)


MARCH = {"off": [D(2017, 3, 1)], "covers": "2017-03"}
"""A calendar of its own: it knows no holidays, and no other month."""


REQUESTS = Table("requests", key="of", entry="asked", events="answered", pauses="cases")


HEARINGS = Table("hearings", key="case_id", entry="asked", events="answered", pauses="cases")


Asked: TypeAlias = tuple[dt.date | None, dt.date | None]


def paused(
    target: Target,
    cells: Mapping[str, object],
    *requests: Asked,
    hearings: Sequence[Asked] = (),
    as_of: dt.date | None = None,
    **words: Any,
) -> Outcome:
    """What becomes of one case that is paused, by one table or by two."""
    tables: dict[str, Sequence[Mapping[str, object]]] = {
        "cases": rows(cells),
        "requests": [{"of": "c0", "asked": since, "answered": to} for since, to in requests],
        "hearings": [{"case_id": "c0", "asked": since, "answered": to} for since, to in hearings],
    }
    known = plan(target, **{"tables": [CASES, REQUESTS, HEARINGS], **words})
    return oracle.evaluate(known, tables, as_of)["1"]


MARCH_LONG: dict[str, object] = {"filed": D(2017, 3, 1), "decided": D(2017, 3, 31)}


def m(day: int) -> dt.date:
    """A day of March 2017."""
    return D(2017, 3, day)


def derived(
    made: Mapping[str, object], as_of: dt.date | None = None, words: Mapping[str, Any] | None = None, **cells: object
) -> Mapping[str, object]:  # fmt: skip
    """The cells of one row, with the dates that a table derives."""
    table = evolve(CASES, derived=made)
    known = oracle.known_at(table, rows(cells), "UTC", as_of or D(2019, 12, 31))
    plan_ = plan(within(), table, **(words or {}))
    return oracle.with_derived(plan_, table, known)[0].cells


REPORTED = Table("reported", key="target", events="done")


def milestone(**words: Any) -> Milestone:
    return Milestone(**{"id": "2.1b", "deadline": {"through": "2017-06-30"}, **words})


def fact(target: Target, as_of: dt.date | None = None, **cells: object) -> Outcome:
    """What a target makes of its one fact."""
    return of(target, REPORTED, {"target": "2.1b", **cells}, as_of=as_of)


def reported(**words: Any) -> Reported:
    return Reported(**{"id": "2.1b", "requires": {"less_than": 7}, **words})


def flow(**words: Any) -> Flow:
    return Flow(id="1", **{"start": "filed", "end": "decided", **words})


FLOW: list[dict[str, object]] = [
    {"filed": D(2016, 6, 1), "decided": D(2017, 3, 1)},
    {"filed": D(2017, 1, 10), "decided": D(2017, 2, 1)},
    {"filed": D(2017, 5, 1)},
    {"filed": D(2016, 12, 31)},
    {"filed": D(2017, 12, 31)},
    {"filed": D(2016, 1, 1), "decided": D(2016, 12, 31)},
    {"filed": D(2018, 1, 1)},
]
