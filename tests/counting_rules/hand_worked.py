"""Small plans and rows worked out by hand: what the oracle makes of them, and the engine too."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, TypeAlias

import polars as pl
from attrs import evolve

import kpi
from kpi.definitions.calendars import Calendar
from kpi.definitions.plan import Plan
from kpi.definitions.population import OpenAt
from kpi.definitions.table import Table
from kpi.definitions.target import Requirement, Target
from kpi.definitions.windows import EndOf, Window
from kpi.rules.clearance import Clearance
from kpi.rules.count import Count
from kpi.rules.every_working_day import EveryWorkingDay
from kpi.rules.flow import Flow
from kpi.rules.milestone import Milestone
from kpi.rules.percentile import Percentile
from kpi.rules.reported import Reported
from kpi.rules.stock import Stock
from kpi.rules.within import Within
from kpi.testing import assert_matches_oracle, oracle
from kpi.testing.oracle import Outcome, Row, evaluate
from tests import builders
from tests.builders import FACTS, SLOTS, WAITING, day

D, T = dt.date, dt.datetime
Cells: TypeAlias = Mapping[str, object]


# Cases, and what becomes of them.

CASES = Table(
    "cases",
    key="case_id",
    entry="filed",
    events=("documented", "decided", "announced_on"),
    dates=("due",),
)


def plan(target: Requirement, table: Table = CASES, **words: Any) -> Plan:
    """A plan for 2017 with a single target."""
    return Plan(**{"id": "p", "period": "2017", "tables": [table], "targets": [target], **words})


def rows(*cases: Cells) -> list[dict[str, object]]:
    """Rows with ids of their own, c0, c1 ..., and null in what they do not say."""
    blank = dict.fromkeys((*CASES.date_columns, "case_type", "months", "flag"))
    return [{"case_id": f"c{n}", **blank, **case} for n, case in enumerate(cases)]


def asked(
    plan: Plan, tables: Mapping[str, Sequence[Cells]], as_of: dt.date | None = None
) -> dict[str, Outcome]:
    """What the targets come to, by the oracle; the engine must say the same of every row."""
    reads = {column for target in plan.leaves() for column in target.timestamp_columns()}
    of_engine = {name: _in_one_type(table, reads) for name, table in tables.items()}
    assert_matches_oracle(plan, of_engine, as_of)
    return evaluate(plan, tables, as_of)


def _in_one_type(rows: Sequence[Cells], reads: Collection[str]) -> list[dict[str, object]]:
    """Rows with dates as midnights in the columns that hold times too, or whose clock is read.

    A column of a frame is of one type, and the engine takes no date for an instant.
    """
    timed = {
        column for row in rows for column, cell in row.items() if isinstance(cell, dt.datetime)
    } | {*reads}

    def midnight(column: str, cell: object) -> object:
        is_date = isinstance(cell, dt.date) and not isinstance(cell, dt.datetime)
        if column not in timed or not is_date:
            return cell
        return dt.datetime.combine(cell, dt.time(0))  # type: ignore[arg-type]  # a date, as asked above

    return [{column: midnight(column, cell) for column, cell in row.items()} for row in rows]


def run(
    target: Target,
    *cases: Cells,
    waiting: Sequence[tuple[object, object]] | None = None,
    as_of: dt.date | None = None,
    **words: Any,
) -> Outcome:
    """What a target comes to.

    Args:
        target: the target.
        cases: the cells of each case, null in what they do not say.
        waiting: the pauses of the first case, where the plan has a table of them.
        as_of: the day that the tables are looked at from.
        words: keys of the plan.
    """
    tables: dict[str, Sequence[Cells]] = {"cases": rows(*cases)}
    if waiting is not None:
        words["tables"] = [CASES, WAITING]
        tables["waiting"] = [{"case": "c0", "from": since, "to": to} for since, to in waiting]
    return asked(plan(target, **words), tables, as_of)[target.id]


def row(target: Target, case: Cells, **words: Any) -> Row:
    """What becomes of a single case."""
    return run(target, case, **words).trail[0]


def one(target: Target, **cells: object) -> Row:
    """What becomes of a single case at the end of 2017."""
    return row(target, cells)


def at(as_of: dt.date | None, target: Target, **cells: object) -> Row:
    """What becomes of a single case at the end of a day."""
    return row(target, cells, as_of=as_of)


def of(
    target: Requirement,
    table: Table,
    *cases: Cells,
    as_of: dt.date | None = None,
    **words: Any,
) -> Outcome:
    """What becomes of rows of any table, those without an id numbered."""
    blank = dict.fromkeys(table.date_columns)
    numbered = [
        {**blank, **dict.fromkeys(table.key, f"r{n:02}"), **case} for n, case in enumerate(cases)
    ]
    return asked(plan(target, table, **words), {table.name: numbered}, as_of)[target.id]


def buckets(outcome: Outcome) -> list[str]:
    """Of each row its bucket, or why it is excluded."""
    return [row.reason or row.bucket for row in outcome.trail]


def verdicts(outcome: Outcome) -> dict[tuple[str | None, ...], str]:
    """The verdict on each value of a target with `each`."""
    return {part: found.verdict for part, found in outcome.each.items()}


def that_took(*days: int) -> list[dict[str, object]]:
    """Cases that were filed on 1 January 2017 and took so many days."""
    start = D(2017, 1, 1)
    return [{"filed": start, "decided": start + dt.timedelta(days=n)} for n in days]


def within(limit: Any = "30 days", **words: Any) -> Within:
    """A share within 30 days from filing to decision, unless said otherwise."""
    return builders.within(limit, **{"id": "1", **words})


def percentile(**words: Any) -> Percentile:
    """A percentile 80 of at most 30 days from filing to decision, unless said otherwise."""
    usual = {"start": "filed", "end": "decided", "percentile": 80, "limit": "30 days"}
    return Percentile(id="1", **{**usual, **words})


def before(**words: Any) -> Within:
    """Documented a month before a day that is planned."""
    usual = {"start": "due", "end": "documented", "limit": "1 month before"}
    return within(**{**usual, "denominator": "due", **words})


BEFORE_JULY = Window(before="2017-07-01")


def clearance(deadline: Any = BEFORE_JULY, **words: Any) -> Clearance:
    """All that was open when 2017 began, decided before July, unless said otherwise."""
    usual = {"id": "1", "threshold": 100, "open_at": OpenAt("2017")}
    return builders.clearance(deadline, **{**usual, **words})


def flow(**words: Any) -> Flow:
    """What came in and went out, from filing to decision."""
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


# Calendars, pauses and derived dates.

DENMARK = Calendar("denmark")

# Easter 2017 is 16 April: the 13th, 14th and 17th are holidays, and so are 12 and 25 May, 5 June.
EASTER_DUE = D(2017, 4, 19)


MARCH = {"off": [D(2017, 3, 1)], "covers": "2017-03"}
"""A calendar of its own: it knows no holidays, and no other month."""


def m(day: int) -> dt.date:
    """A day of March 2017."""
    return D(2017, 3, day)


MARCH_LONG: dict[str, object] = {"filed": D(2017, 3, 1), "decided": D(2017, 3, 31)}


def took(filed: dt.date, decided: dt.date) -> dict[str, object]:
    """A case of a length that its dates say."""
    return {"filed": filed, "decided": decided}


FROM_FRIDAY_TO_SUNDAY = took(m(3), m(5))
FROM_MONDAY_TO_TUESDAY = took(m(6), m(7))
FROM_MONDAY_TO_THURSDAY = took(m(6), m(9))
FROM_MONDAY_TO_MONDAY = took(m(6), m(13))
TWO_WEEKS = took(m(6), m(20))
"""Days of March 2017 in which there is no holiday."""

REQUESTS = Table("requests", key="of", entry="asked", events="answered", pauses="cases")
HEARINGS = Table("hearings", key="case_id", entry="asked", events="answered", pauses="cases")

Asked: TypeAlias = tuple[dt.date | None, dt.date | None]


def paused(
    target: Target,
    cells: Cells,
    *requests: Asked,
    hearings: Sequence[Asked] = (),
    as_of: dt.date | None = None,
    **words: Any,
) -> Outcome:
    """What becomes of one case that is paused, by one table or by two."""
    tables: dict[str, Sequence[Cells]] = {
        "cases": rows(cells),
        "requests": [{"of": "c0", "asked": since, "answered": to} for since, to in requests],
        "hearings": [{"case_id": "c0", "asked": since, "answered": to} for since, to in hearings],
    }
    known = plan(target, **{"tables": [CASES, REQUESTS, HEARINGS], **words})
    return asked(known, tables, as_of)[target.id]


def derived(
    made: Mapping[str, object], as_of: dt.date | None = None, words: Mapping[str, Any] | None = None, **cells: object
) -> Cells:  # fmt: skip
    """The cells of one row, with the dates that a table derives."""
    table = evolve(CASES, derived=made)
    known = oracle.known_at(table, rows(cells), "UTC", as_of or D(2019, 12, 31))
    plan_ = plan(within(), table, **(words or {}))
    return oracle.with_derived(plan_, table, known)[0].cells


def derived_due(
    made: Mapping[str, object],
    as_of: dt.date | None = None,
    words: Mapping[str, Any] | None = None,
    **cells: object,
) -> dt.date | None:
    """The last date that a table derives, by oracle and engine, taken for a case's due date."""
    table, since_1900 = (
        evolve(CASES, derived=made),
        {"since": "1900-01-01", "through": "2017-12-31"},
    )
    target = within(
        {"column": [*made][-1]}, denominator="cohort", on="filed", window=since_1900, roll="none"
    )
    return of(target, table, rows(cells)[0], as_of=as_of, **(words or {})).trail[0].due


# A year with days off of its own, out of texts.

OFF = [D(2022, 4, 14), D(2022, 4, 15), D(2022, 4, 18), D(2022, 5, 13)]
"""Maundy Thursday, Good Friday, Easter Monday and Store Bededag of 2022."""

CALENDAR = kpi.Calendar(off=OFF, covers={"since": "2021-01-01", "through": "2023-12-31"})
KIND = {"case_id": pl.String, "kind": pl.String, "filed": pl.Date, "decided": pl.Date}


def plan_of_2022(*targets: kpi.Target, **more: Any) -> kpi.Plan:
    """A plan for 2022 with cases and their pauses."""
    return builders.paused(*targets, **{"period": "2022", "calendar": CALENDAR, **more})


def frame(*rows: tuple[str | None, ...]) -> pl.DataFrame:
    """Cases out of (filed, decided) or (filed, decided, kind); their ids are a, b, c."""
    made = [
        ("abcdefghij"[n], row[2] if len(row) > 2 else "visa", day(row[0]), day(row[1]))
        for n, row in enumerate(rows)
    ]
    return pl.DataFrame(made, schema=KIND, orient="row")


# Actions, stays, free appointments and reported facts.

ACTIONS = Table("actions", key="action_id", entry="done", dates=("planned",))


def count(**words: Any) -> Count:
    """At least two actions, unless said otherwise."""
    return Count(id="1", **{"table": "actions", "requires": {"at_least": 2}, **words})


def done(*days: dt.date | None, **cells: object) -> list[dict[str, object]]:
    """Actions that were done on a day each."""
    return [{"done": day, **cells} for day in days]


STAYS = Table("stays", key="stay", entry="entered", events="left")


def stock(**words: Any) -> Stock:
    """Who stayed at the end of 2017."""
    usual = {"table": "stays", "start": "entered", "end": "left", "at": EndOf("2017")}
    return Stock(id="1", **{**usual, **words})


def change(**words: Any) -> Stock:
    """A fall of 10 % or more in the course of 2017, unless said otherwise."""
    return stock(**{"against": {"end_of": "2016"}, "change": {"at_most": -10}, **words})


def stay(entered: dt.date | None, left: dt.date | None = None) -> dict[str, object]:
    """A stay."""
    return {"entered": entered, "left": left}


def stays(before: int, then: int) -> list[dict[str, object]]:
    """So many stays that end in the course of the year, and so many that begin."""
    return [stay(D(2016, 1, 1), D(2017, 5, 1))] * before + [stay(D(2017, 5, 1))] * then


def slots(**words: Any) -> EveryWorkingDay:
    """An appointment within three weeks on every working day of May 2022, unless said otherwise."""
    return builders.every_working_day(**{"id": "1", "window": "2022-05", **words})


def offered(
    first: dt.date, last: dt.date, wait: int | None = 21, calendar: Calendar | None = None
) -> Iterator[dict[str, object]]:
    """What was offered on each working day."""
    for date in oracle.working_days(first, last, calendar or DENMARK):
        free = None if wait is None else date + dt.timedelta(days=wait)
        yield {"date": date, "next_free": free}


def days_of_may(target: EveryWorkingDay, *cases: Cells, **words: Any) -> Outcome:
    """What a target on free appointments comes to in 2022."""
    return of(target, SLOTS, *cases, **{"period": "2022", **words})


THROUGH_JUNE = Window(through="2017-06-30")


def milestone(deadline: Any = THROUGH_JUNE, **words: Any) -> Milestone:
    """A milestone by the end of June 2017, unless said otherwise."""
    return builders.milestone(deadline, "2.1b", **words)


def reported(**words: Any) -> Reported:
    """A reported number below 7, unless said otherwise."""
    return Reported(**{"id": "2.1b", "requires": {"less_than": 7}, **words})


def fact(target: Target, as_of: dt.date | None = None, **cells: object) -> Outcome:
    """What a target makes of its one fact."""
    return of(target, FACTS, {"target": "2.1b", **cells}, as_of=as_of)
