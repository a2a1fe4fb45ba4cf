"""Small tables for the example plans, and what each target makes of them."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl

import kpi

PLANS = Path(__file__).parents[2] / "examples" / "plans"


IDS = ("us-2017", "us-2019", "us-2022", "hjemrejsestyrelsen-2022", "siri-2018")


@cache
def plan(name: str) -> kpi.Plan:
    return kpi.load_plan(PLANS / f"{name}.toml")


# What each document asks. A row is a target, or a part of one: id, rule, limit or bound, threshold,
# weight of its own, window or deadline, names of other readings.
NONE: tuple[str, ...] = ()


SERVED = ("served contacts only",)


EARLIER = ("also when done earlier",)


Row = tuple[str, str, str | None, int | None, float | None, str, tuple[str, ...]]


US_2017: list[Row] = [
    ("1.1a", "average", "210 days", None, None, "in 2017", ("seven months", "filed since 1 January 2016")),
    ("1.1b", "clearance", "before 2017-07-01", 90, None, "before 2017-07-01", ("decided through 1 July",)),
    ("1.2a", "within", "5 months", 90, None, "in 2017", NONE),
    ("1.2b", "within", "10 months", 90, None, "in 2017", NONE),
    ("1.2c", "within", "10 months", 90, None, "in 2017", NONE),
    ("1.2d", "within", "12 months", 90, None, "in 2017", NONE),
    ("1.2e", "within", "10 months", 90, None, "in 2017", NONE),
    ("1.2f", "within", "5 months", 90, None, "in 2017", NONE),
    ("1.2g", "within", "7 months", 90, None, "in 2017", NONE),
    ("1.2h", "within", "8 months", 90, None, "in 2017", NONE),
    ("1.2i", "within", "8 months", 90, None, "in 2017", NONE),
    ("1.3", "within", "12 months", 90, None, "in 2017", ("only cases with no announced target",)),
    ("1.4a", "within", "1 hour", 80, None, "in 2017", SERVED),
    ("1.4b", "within", "12 minutes", 80, None, "in 2017", SERVED),
    ("2.1a", "count", "at_least 8", None, None, "in 2017", NONE),
    ("2.1b", "milestone", "through 2017-06-30", 100, None, "through 2017-06-30", NONE),
    ("2.2a", "count", "at_least 20", None, None, "in 2017", NONE),
    ("2.2b", "count", "at_least 100", None, None, "in 2017", NONE),
    ("3.1", "milestone", "in 2017", 100, None, "in 2017", EARLIER),
    ("4.1", "within", "column due", 100, None, "in 2017", ("received in 2017",)),
    ("4.2", "reported", "less_than 7", None, None, "in 2017", NONE),
]  # fmt: skip


US_2019: list[Row] = [
    ("1.1a", "within", "30 days", 90, None, "in 2019", ("cases with no interview left out",)),
    ("1.1b", "average", "120 days", None, None, "in 2019", NONE),
    ("1.1c", "within", "7 months", 90, None, "in 2019", NONE),
    ("1.2a", "within", "10 months", 90, None, "in 2019", NONE),
    ("1.2b", "within", "7 months", 90, None, "in 2019", NONE),
    ("1.2c", "within", "10 months", 90, None, "in 2019", NONE),
    ("1.3a", "within", "1 hour", 80, None, "in 2019", SERVED),
    ("1.3b", "within", "15 minutes", 80, None, "in 2019", SERVED),
    ("2.1a", "count", "at_least 16", None, None, "in 2019", NONE),
    ("2.1b-1", "milestone", "before 2019-02-01", 100, None, "before 2019-02-01", NONE),
    ("2.1b-2", "milestone", "through 2019-12-31", 100, None, "through 2019-12-31", NONE),
    ("2.1b-3", "milestone", "through 2019-12-31", 100, None, "through 2019-12-31", NONE),
    ("2.1c", "count", "at_least 300", None, None, "in 2019", NONE),
    ("2.2a", "milestone", "through 2019-09-30", 100, None, "through 2019-09-30", ("condition through 1 September",)),
    ("2.2b", "milestone", "through 2019-09-30", 100, None, "through 2019-09-30", NONE),
    ("2.2c", "milestone", "through 2019-12-31", 100, None, "through 2019-12-31", ("ready through 10 January 2020",)),
    ("2.3a", "milestone", "before 2019-03-01", 100, None, "before 2019-03-01", NONE),
    ("2.3b", "milestone", "before 2019-07-01", 100, None, "before 2019-07-01", NONE),
    ("2.3c-1", "milestone", "through 2019-06-30", 100, None, "through 2019-06-30", NONE),
    ("2.3c-2", "milestone", "through 2019-09-01", 100, None, "through 2019-09-01", NONE),
    ("2.4a", "reported", "at_least 1", None, None, "in 2019-H1", NONE),
    ("2.4b", "reported", "at_least 1", None, None, "in 2019-H1", NONE),
    ("2.4c", "reported", "at_least 1", None, None, "in 2019-H1", NONE),
    ("2.4d", "reported", "at_least 1", None, None, "in 2019-H2", NONE),
    ("2.4e", "reported", "at_least 1", None, None, "in 2019-H2", NONE),
    ("2.4f", "reported", "at_least 1", None, None, "in 2019-H2", NONE),
    ("3.1", "reported", "less_than 7", None, None, "in 2019", NONE),
    ("3.2a", "milestone", "through 2019-12-31", 100, None, "through 2019-12-31", ("done in 2019",)),
    ("3.2b", "milestone", "through 2019-12-31", 100, None, "through 2019-12-31", ("done in 2019",)),
]  # fmt: skip


US_2022: list[Row] = [
    ("1.1a", "within", "30 days", 90, 10, "in 2022", ("decided in 2022", "filed in 2022")),
    ("1.1b", "average", "120 days", None, 10, "in 2022-H2", NONE),
    ("1.1c", "clearance", "through 2022-03-31", 95, 10, "through 2022-03-31", ("filed before 2022", "open at the start of 2022")),
    ("1.1d", "within", "6 months", 90, 5, "in 2022", NONE),
    ("1.2a", "within", "7 months", 90, 15, "in 2022", NONE),
    ("1.2b", "within", "6 months", 90, 5, "in 2022", NONE),
    ("1.2c", "within", "10 months", 90, 10, "in 2022-H2", NONE),
    ("1.2d", "within", "90 days", 90, 10, "in 2022", ("three months",)),
    ("1.3a", "every_working_day", "3 weeks", None, 2.5, "in 2022", ("Saturdays counted", "the Friday after Ascension off")),
    ("1.3b", "within", "20 minutes", 80, 2.5, "in 2022", SERVED),
    ("1.4a", "milestone", "through 2022-06-30", 100, None, "through 2022-06-30", NONE),
    ("1.4b", "milestone", "through 2022-06-30", 100, None, "through 2022-06-30", NONE),
    ("2.1a", "milestone", "in 2022-H1", 100, None, "in 2022-H1", NONE),
    ("2.1b", "milestone", "in 2022-H2", 100, None, "in 2022-H2", NONE),
    ("2.2a", "milestone", "through 2022-06-30", 100, None, "through 2022-06-30", NONE),
    ("2.2b", "milestone", "through 2022-12-31", 100, None, "through 2022-12-31", NONE),
    ("2.3a", "milestone", "through 2022-06-30", 100, None, "through 2022-06-30", NONE),
    ("2.3b", "milestone", "through 2022-12-31", 100, None, "through 2022-12-31", NONE),
    ("1.2x", "milestone", "through 2022-06-01", 100, 0, "through 2022-06-01", NONE),
]  # fmt: skip


DUBLIN = "extension: none 6 months, imprisoned 12 months, absconded 18 months"


HJEMREJSE_2022: list[Row] = [
    ("1.1a", "stock", "change at_most -10", None, 20, "at the end of 2022", NONE),
    ("1.1b", "count", "at_least 12", None, 10, "in 2022", NONE),
    ("1.1c", "within", DUBLIN, 90, 5, "in 2022", ("due in 2022", "transferred in 2022")),
    ("1.1d", "within", "15 days", 80, 5, "in 2022", ("decided in 2022, open ones when due",)),
    ("1.1e", "within", "7 days", 100, 5, "in 2022", NONE),
    ("1.1f", "milestone", "through 2022-03-31", 100, 5, "through 2022-03-31", NONE),
    ("1.1g", "within", "8 days", 100, 5, "in 2022", NONE),
    ("1.1h", "within", "1 month before", 70, 5, "in 2022", ("half served in 2022",)),
    ("1.2", "average", "120 days", None, 10, "in 2022", ("95 % within 120 days", "each type by itself")),
    ("1.3a", "count", "at_least 3500", None, None, "in 2022", NONE),
    ("1.3b", "clearance", "through 2022-12-31", 95, None, "through 2022-12-31", ("all ever filed before that day", "filed through 30 June 2020")),
    ("2.1a", "milestone", "in 2022-H1", 100, None, "in 2022-H1", EARLIER),
    ("2.1b", "milestone", "in 2022-H2", 100, None, "in 2022-H2", EARLIER),
    ("2.2a", "milestone", "through 2022-06-30", 100, None, "through 2022-06-30", NONE),
    ("2.2b", "milestone", "through 2022-12-31", 100, None, "through 2022-12-31", NONE),
    ("2.3a", "milestone", "through 2022-06-30", 100, None, "through 2022-06-30", NONE),
    ("2.3b", "milestone", "through 2022-12-31", 100, None, "through 2022-12-31", NONE),
]  # fmt: skip


SIRI_2018: list[Row] = [
    ("1.1", "reported", "at_least 1", None, 5, "in 2018", NONE),
    ("1.2", "count", "at_least 3", None, 5, "in 2018", NONE),
    ("1.3", "reported", "at_least 1", None, 5, "in 2018", NONE),
    ("1.4a", "milestone", "through 2018-12-31", 100, None, "through 2018-12-31", ("in the first half-year, as the agreements",)),
    ("1.4b", "milestone", "through 2018-06-30", 100, None, "through 2018-06-30", NONE),
    ("1.4c", "milestone", "through 2018-06-30", 100, None, "through 2018-06-30", NONE),
    ("1.5a", "within", "siri-2018.limits.csv by case_type", None, None, "in 2018", NONE),
    ("1.5b", "within", "siri-2018.limits.csv by case_type", None, None, "in 2018", NONE),
    ("1.6", "share", None, 95, 5, "in 2018", ("a reported score",)),
    ("2.1", "reported", "less_than 7", None, 5, "in 2018", NONE),
    ("2.2a", "milestone", "through 2018-12-31", 100, None, "through 2018-12-31", ("done in 2018",)),
    ("2.2b", "milestone", "through 2018-12-31", 100, None, "through 2018-12-31", ("done in 2018",)),
    ("2.3a", "milestone", "through 2018-12-31", 100, None, "through 2018-12-31", ("done in 2018",)),
    ("2.3b", "milestone", "through 2018-12-31", 100, None, "through 2018-12-31", ("done in 2018",)),
    ("2.3c", "milestone", "through 2018-12-31", 100, None, "through 2018-12-31", ("done in 2018",)),
]  # fmt: skip


TABLE = dict(zip(IDS, (US_2017, US_2019, US_2022, HJEMREJSE_2022, SIRI_2018), strict=True))


PARTS = {
    "us-2019": {
        "2.1b": ("2.1b-1", "2.1b-2", "2.1b-3"),
        "2.3c": ("2.3c-1", "2.3c-2"),
        "2.4": ("2.4a", "2.4b", "2.4c", "2.4d", "2.4e", "2.4f"),
        "3.2": ("3.2a", "3.2b"),
    }
}


DTYPES = {
    "text": pl.String,
    "integer": pl.Int64,
    "boolean": pl.Boolean,
    "number": pl.Float64,
}


ISO = re.compile(r"\d{4}-\d{2}-\d{2}( \d{2}:\d{2}(:\d{2})?)?")


Rows = list[dict[str, Any]]


def cell(value: Any) -> Any:
    """A date or a timestamp out of an ISO text; anything else as it is."""
    if not isinstance(value, str) or not ISO.fullmatch(value):
        return value
    return dt.datetime.fromisoformat(value) if " " in value else dt.date.fromisoformat(value)


def frame(definition: kpi.Plan, name: str, rows: Rows) -> pl.DataFrame:
    """A table with every column that the plan reads; keys are numbers from 1 unless said."""
    table = definition.table(name)
    date: Any = pl.Datetime if name == "contacts" else pl.Date
    schema: dict[str, Any] = dict.fromkeys(table.key, pl.String)
    schema |= dict.fromkeys(table.date_columns, date)
    for target in definition.leaves():
        if target.table == name:
            for read in target.reads():
                schema.setdefault(read.column, DTYPES.get(read.kind, date))
    if name == "reported":
        schema |= {"done": date, "value": pl.Float64, "condition": pl.Boolean, "source": pl.String}
    made = [
        {table.key[0]: str(n), **{column: cell(value) for column, value in row.items()}}
        for n, row in enumerate(rows, start=1)
    ]
    assert all(set(row) <= set(schema) for row in made)
    return pl.DataFrame(made, schema=schema)


def run(name: str, as_of: str | None = None, /, **tables: Rows) -> kpi.Result:
    definition = plan(name)
    data = {table: frame(definition, table, rows) for table, rows in tables.items()}
    return kpi.evaluate(definition, data, as_of)


def reads(name: str, target: str, reading: str, /, **tables: Rows) -> kpi.TargetResult:
    """One target under another reading of it."""
    definition = plan(name)
    data = {table: frame(definition, table, rows) for table, rows in tables.items()}
    found = next(t for t in kpi.readings(definition, data).targets if t.id == target)
    return dict(found.others)[reading]


def done(facts: Mapping[str, str | None]) -> Rows:
    return [{"target": target, "done": day} for target, day in facts.items()]


def values(facts: Mapping[str, float | None]) -> Rows:
    return [{"target": target, "value": value} for target, value in facts.items()]


def times(n: int, row: Mapping[str, Any]) -> Rows:
    return [dict(row) for _ in range(n)]


def tally(found: kpi.TargetResult) -> tuple[int | None, int, str]:
    return found.met, found.counted, found.verdict


ANNOUNCED = {"filed": "2016-04-01", "announced_on": "2017-02-28"}


TEN = "2017-05-02 10:00"


def pairs(*dates: tuple[str | None, str | None], **more: Any) -> Rows:
    return [{"filed": filed, "decided": decided, **more} for filed, decided in dates]


# plan, milestone, its last day, and a day on which it is too late, or too early for "in" a period.
MILESTONES = [
    ("us-2017", "2.1b", "2017-06-30", "2017-07-01"),
    ("us-2017", "3.1", "2017-12-31", "2016-12-31"),
    ("us-2019", "2.1b-1", "2019-01-31", "2019-02-01"),
    ("us-2019", "2.1b-2", "2019-12-31", "2020-01-01"),
    ("us-2019", "2.1b-3", "2019-12-31", "2020-01-01"),
    ("us-2019", "2.2b", "2019-09-30", "2019-10-01"),
    ("us-2019", "2.2c", "2019-12-31", "2020-01-01"),
    ("us-2019", "2.3a", "2019-02-28", "2019-03-01"),
    ("us-2019", "2.3b", "2019-06-30", "2019-07-01"),
    ("us-2019", "2.3c-1", "2019-06-30", "2019-07-01"),
    ("us-2019", "2.3c-2", "2019-09-01", "2019-09-02"),
    ("us-2019", "3.2a", "2019-12-31", "2020-01-01"),
    ("us-2019", "3.2b", "2019-12-31", "2020-01-01"),
    ("us-2022", "1.4a", "2022-06-30", "2022-07-01"),
    ("us-2022", "1.4b", "2022-06-30", "2022-07-01"),
    ("us-2022", "2.1a", "2022-06-30", "2022-07-01"),
    ("us-2022", "2.1b", "2022-07-01", "2022-06-30"),
    ("us-2022", "2.2a", "2022-06-30", "2022-07-01"),
    ("us-2022", "2.2b", "2022-12-31", "2023-01-01"),
    ("us-2022", "2.3a", "2022-06-30", "2022-07-01"),
    ("us-2022", "2.3b", "2022-12-31", "2023-01-01"),
    ("us-2022", "1.2x", "2022-06-01", "2022-06-02"),
    ("hjemrejsestyrelsen-2022", "1.1f", "2022-03-31", "2022-04-01"),
    ("hjemrejsestyrelsen-2022", "2.1a", "2022-01-01", "2021-12-31"),
    ("hjemrejsestyrelsen-2022", "2.1b", "2022-12-31", "2022-06-30"),
    ("hjemrejsestyrelsen-2022", "2.2a", "2022-06-30", "2022-07-01"),
    ("hjemrejsestyrelsen-2022", "2.2b", "2022-12-31", "2023-01-01"),
    ("hjemrejsestyrelsen-2022", "2.3a", "2022-06-30", "2022-07-01"),
    ("hjemrejsestyrelsen-2022", "2.3b", "2022-12-31", "2023-01-01"),
    ("siri-2018", "1.4a", "2018-12-31", "2019-01-01"),
    ("siri-2018", "1.4b", "2018-06-30", "2018-07-01"),
    ("siri-2018", "1.4c", "2018-06-30", "2018-07-01"),
    ("siri-2018", "2.2a", "2017-12-31", "2019-01-01"),
    ("siri-2018", "2.2b", "2018-12-31", "2019-01-01"),
    ("siri-2018", "2.3a", "2018-12-31", "2019-01-01"),
    ("siri-2018", "2.3b", "2018-12-31", "2019-01-01"),
    ("siri-2018", "2.3c", "2018-12-31", "2019-01-01"),
]


# The holidays of 2022 that are no Saturday or Sunday: Maundy Thursday, Good Friday, Easter Monday,
# Store Bededag, Ascension Day, Whit Monday, 26 December.
HOLIDAYS = {
    "2022-04-14", "2022-04-15", "2022-04-18", "2022-05-13", "2022-05-26", "2022-06-06", "2022-12-26",
}  # fmt: skip


ALL_DAYS = [dt.date(2022, 1, 1) + dt.timedelta(n) for n in range(365)]


WEEKDAYS = [d for d in ALL_DAYS if d.weekday() < 5 and d.isoformat() not in HOLIDAYS]


def slots(days: Iterable[dt.date], wait: int = 21) -> Rows:
    return [{"date": str(day), "next_free": str(day + dt.timedelta(wait))} for day in days]


def in_return(base: int, end: int) -> Rows:
    """As many at the end of 2021 and of 2022; those who stay stay."""
    stay = {"entered": "2020-05-01"}
    return times(min(base, end), stay) + (
        times(base - end, {**stay, "left": "2022-06-01"})
        if base >= end
        else times(end - base, {"entered": "2022-06-01"})
    )


def types(**shares: tuple[int, int]) -> Rows:
    """Of each type so many in time (on the day) and so many late."""
    rows: Rows = []
    for case_type, (good, bad) in shares.items():
        row = {"case_type": case_type, "documented": "2018-03-01"}
        rows += times(good, {**row, "decided": "2018-03-01"})
        rows += times(bad, {**row, "decided": "2018-12-31"})
    return rows
