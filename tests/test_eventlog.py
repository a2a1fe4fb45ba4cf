"""Event logs: the cases that come of a log are those that an oracle in plain Python finds.

The real log is not part of the project. Where it is absent its tests are not defined, except on CI,
where its absence is a failure: a check that silently never ran would prove nothing.
"""

from __future__ import annotations

import datetime as dt
import gzip
import os
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

import polars as pl
import pytest
from attrs import frozen
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import kpi
from kpi.eventlog import EventCases, cases_from_events
from kpi.occurrences import Dates
from kpi.xes import LIFECYCLE, read_xes

DATA = Path(os.environ.get("KPI_DATA") or Path(__file__).parents[2] / "shared" / "data")
RECEIPT_EVENTS = DATA / "receipt_events.parquet"


def time(day: int, hour: int = 0) -> dt.datetime:
    return dt.datetime(2017, 1, day, hour)


def log_of(*rows: tuple[str | None, str | None, Any]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=["case_id", "event", "time"], orient="row")


def days(found: EventCases) -> dict[str, dict[str, int | None]]:
    """The cases with the day of the month of each date."""
    return {
        row.pop("case_id"): {name: value and value.day for name, value in row.items()}
        for row in found.cases.to_dicts()
    }


LOG = log_of(
    ("A", "submitted", time(1)),
    ("A", "documents complete", time(2)),
    ("A", "payment", time(3)),
    ("A", "documents complete", time(4)),
    ("A", "rejected", time(5)),
    ("A", "call", time(6)),
    ("A", "payment", time(7)),
    ("A", "appeal final", time(8)),
    ("A", "appeal final", time(9)),
    ("B", "call", time(1)),
)
DATES: Dates = {
    "filed": "submitted",
    "documented": {"last": "documents complete"},
    "decided": {"first_of": ["rejected", "accepted", "appeal final"]},
    "paid_again": {"first": "payment", "after": "decided"},
}


def test_dates_are_chosen_as_declared_and_every_row_is_accounted_for() -> None:
    found = cases_from_events(LOG, DATES)
    assert days(found) == {
        "A": {"filed": 1, "documented": 4, "decided": 5, "paid_again": 7},
        "B": {"filed": None, "documented": None, "decided": None, "paid_again": None},
    }
    assert found.rows == 10
    assert found.used == {"documents complete": 1, "payment": 1, "rejected": 1, "submitted": 1}
    assert found.not_chosen == {"appeal final": 2, "documents complete": 1, "payment": 1}
    assert found.undeclared == {"call": 2}
    assert found.rejected.is_empty()
    assert found.notes == (
        "log: no row holds what is declared: 'accepted'",
        "log: 2 rows of events that are not declared: 'call' (2)",
        "log: 4 rows of declared events that were not chosen: 'appeal final' (2), 'documents complete' (1), 'payment' (1)",
        "log: 1 case without any declared event; among them B",
    )


@pytest.mark.parametrize(
    ("choice", "day"),
    [
        ("payment", 3),
        ({"first": "payment"}, 3),
        ({"last": "payment"}, 7),
        ({"first_of": ["appeal final", "rejected"]}, 5),
        ({"last_of": ["rejected", "appeal final"]}, 9),
        ({"in_order": ["appeal final", "rejected"]}, 8),
        ({"in_order": [{"last": "appeal final"}, "rejected"]}, 9),
        ({"in_order": ["accepted", {"first": "rejected"}]}, 5),
        ({"in_order": ["accepted", "granted"]}, None),
        ({"first": "payment", "after": "anchor"}, 7),
        ({"last": "payment", "after": "anchor"}, 7),
        ({"in_order": ["submitted", "payment"], "after": "anchor"}, 7),
        ({"first": "rejected", "after": "anchor"}, None),  # the row itself is not behind itself
        ({"first": "payment", "after": "never"}, None),  # nothing is behind what did not happen
    ],
)
def test_each_way_to_choose(choice: Any, day: int | None) -> None:
    dates: Dates = {"chosen": choice, "anchor": "rejected", "never": "granted"}
    assert days(cases_from_events(LOG, dates))["A"]["chosen"] == day


def test_events_of_one_time_stand_as_the_rows_of_the_log_do() -> None:
    dates: Dates = {"decided": "decided", "paid": {"first": "paid", "after": "decided"}}
    rows = ("A", "decided", time(1)), ("A", "paid", time(1))
    assert days(cases_from_events(log_of(*rows), dates)) == {"A": {"decided": 1, "paid": 1}}
    assert days(cases_from_events(log_of(*rows[::-1]), dates)) == {
        "A": {"decided": 1, "paid": None}
    }


REOPENED = log_of(
    ("A", "submitted", time(1)),
    ("A", "decided", time(2)),
    ("A", "submitted", time(3)),
    ("A", "call", time(3)),
    ("A", "decided", time(4)),
    ("B", "decided", time(5)),  # before its only filing, and nevertheless its decision
    ("B", "submitted", time(6)),
    ("C", "submitted", time(7)),
    ("C", "decided", time(8)),
    ("C", "submitted", time(9)),
)


@pytest.mark.parametrize(
    ("more", "a", "c"),
    [
        ({}, (1, 2), (7, 8)),
        ({"reopened": "first"}, (1, 2), (7, 8)),
        ({"reopened": "last"}, (3, 4), (9, None)),
        ({"reopened": "last", "filing": "filed"}, (3, 4), (9, None)),
    ],
)
def test_a_reopened_case_counts_from_its_first_or_its_last_filing(
    more: dict[str, Any], a: tuple[int | None, ...], c: tuple[int | None, ...]
) -> None:
    found = cases_from_events(REOPENED, {"filed": "submitted", "decided": "decided"}, **more)
    pairs = {case: tuple(dates.values()) for case, dates in days(found).items()}
    assert pairs == {"A": a, "B": (6, 5), "C": c}
    said = [note for note in found.notes if note.startswith("filed: ")]
    which = more.get("reopened")
    about = f"filed: 2 cases filed more than once, counted from the {which} filing; among them A, C"
    assert said == ([about] if which else [])


def test_the_filing_need_not_be_the_date_declared_first() -> None:
    dates: Dates = {"decided": "decided", "filed": {"first_of": ["submitted", "reopened"]}}
    found = cases_from_events(REOPENED, dates, reopened="last", filing="filed")
    assert days(found)["A"] == {"decided": 4, "filed": 3}


def test_as_of_a_day_later_rows_are_not_there() -> None:
    dates: Dates = {"documented": {"last": "documents complete"}, "decided": "rejected"}
    found = cases_from_events(LOG, dates, as_of="2017-01-03")
    assert days(found) == {
        "A": {"documented": 2, "decided": None},
        "B": {"documented": None, "decided": None},
    }
    assert (found.rows, found.hidden, found.used) == (10, 6, {"documents complete": 1})
    assert "log: 6 rows after the as-of date, left out" in found.notes
    assert "log: no row holds what is declared: 'rejected'" in found.notes
    assert cases_from_events(LOG, dates, as_of=dt.date(2016, 12, 31)).cases.is_empty()


@pytest.mark.parametrize(
    ("zone", "there"), [("Europe/Copenhagen", [True, False]), ("UTC", [True, True])]
)
def test_the_as_of_date_is_a_local_day(zone: str, there: list[bool]) -> None:
    late = [dt.datetime(2017, 1, 1, hour, 30, tzinfo=dt.UTC) for hour in (22, 23)]
    log = log_of(("A", "x", late[0]), ("B", "x", late[1]))
    found = cases_from_events(log, {"filed": "x"}, as_of="2017-01-01", time_zone=zone)
    assert found.cases["case_id"].to_list() == [c for c, t in zip("AB", there, strict=True) if t]


def test_rows_that_cannot_be_used_stand_beside_the_cases_with_their_reasons() -> None:
    log = log_of(
        ("A", "submitted", "2017-01-01T09:30:00"),
        (None, "submitted", "2017-01-01T09:30:00"),
        ("", None, "?"),
        ("A", "", "2017-01-01T09:30:00"),
        ("B", "submitted", None),
        ("B", "submitted", ""),
        ("C", "submitted", "2017-02-30T09:30:00"),
        ("C", "submitted", "17-01-01 09:30"),
        ("C", "submitted", "2017-01-01"),
        ("A", "submitted", "2017-01-02 10:00"),
    )
    found = cases_from_events(log, {"filed": "submitted"})
    assert found.rejected.columns == ["row", "reason", "case_id", "event", "time"]
    assert found.rejected.select("row", "reason").rows() == [
        (2, "case_id missing"),
        (3, "case_id missing"),
        (4, "event missing"),
        (5, "time missing"),
        (6, "time missing"),
        (7, "time is not a time as 2017-03-01T09:30:00"),
        (8, "time is not a time as 2017-03-01T09:30:00"),
        (9, "time is not a time as 2017-03-01T09:30:00"),
    ]
    assert found.cases.rows() == [("A", dt.datetime(2017, 1, 1, 9, 30))]
    assert found.notes == (
        "log: 2 of 10 rows rejected: case_id missing",
        "log: 1 of 10 rows rejected: event missing",
        "log: 3 of 10 rows rejected: time is not a time as 2017-03-01T09:30:00",
        "log: 2 of 10 rows rejected: time missing",
        "log: 2 cases without a usable row, left out; among them B, C",
        "log: 1 row of declared events that were not chosen: 'submitted' (1)",
    )


@pytest.mark.parametrize(
    ("values", "more", "expected"),
    [
        (["2017-01-31", "2017-01-01"], {}, dt.date(2017, 1, 1)),
        (["31-01-2017", "01-01-2017"], {"time_format": "%d-%m-%Y"}, dt.date(2017, 1, 1)),
        (["31/1/2017 9:30", "1/1/2017 9:30"], {"time_format": "%d/%m/%Y %H:%M"}, time(1).replace(hour=9, minute=30)),
        (["2017-01-02T00:00:00Z", "2017-01-01T01:30:00.5+0200"], {}, dt.datetime(2016, 12, 31, 23, 30, 0, 500_000, dt.UTC)),
        (["2017-01-02 00:00+01:00", "2017-01-02T00:00+02:00"], {}, dt.datetime(2017, 1, 1, 22, tzinfo=dt.UTC)),
        ([dt.date(2017, 1, 2), dt.date(2017, 1, 1)], {}, dt.date(2017, 1, 1)),
        ([time(2), time(1)], {}, time(1)),
    ],
)  # fmt: skip
def test_times_come_out_as_the_log_has_them(
    values: list[Any], more: dict[str, Any], expected: object
) -> None:
    log = log_of(*(("A", "submitted", value) for value in values))
    found = cases_from_events(log, {"filed": "submitted"}, **more)
    assert found.cases["filed"].to_list() == [expected]
    if not isinstance(values[0], str):
        assert found.cases["filed"].dtype == log["time"].dtype


def test_a_time_without_a_zone_among_times_with_one_is_rejected() -> None:
    log = log_of(("A", "x", "2017-01-01T09:30:00Z"), ("A", "x", "2017-01-01T09:30:00"))
    found = cases_from_events(log, {"filed": "x"})
    assert found.rejected["reason"].to_list() == ["time is not a time as 2017-03-01T09:30:00+01:00"]


@pytest.mark.parametrize("unit", ["ms", "us"])
@pytest.mark.parametrize("zone", [None, "Europe/Copenhagen"])
def test_times_outside_the_calendar_are_rejected(unit: Any, zone: str | None) -> None:
    day = {"ms": 86_400_000, "us": 86_400_000_000}[unit]
    far = pl.Series([2**63 - 1, -(2**62), 3_000_000 * day, 17_200 * day], dtype=pl.Int64)
    times = far.cast(pl.Datetime(unit)).dt.replace_time_zone("UTC").dt.convert_time_zone("UTC")
    times = times.dt.replace_time_zone(None) if zone is None else times.dt.convert_time_zone(zone)
    log = pl.DataFrame({"case_id": ["A"] * 4, "event": ["x"] * 4, "time": times})
    found = cases_from_events(log, {"filed": "x"})
    assert set(found.rejected["reason"]) == {"time lies outside the years 1 to 9999"}
    assert (found.rejected.height, found.used) == (3, {"x": 1})


def test_columns_carried_along() -> None:
    log = LOG.with_columns(
        channel=pl.Series([None, "web", None, "post", "post", "web", None, None, None, None]),
        office=pl.lit("Nord"),
        tags=pl.Series([[1]] * 9 + [None]),
    )
    found = cases_from_events(log, {"filed": "submitted"}, columns=["channel", "office", "tags"])
    carried = found.cases.select("channel", "office", "tags")
    assert carried.rows() == [("web", "Nord", [1]), (None, "Nord", None)]
    note = "channel: 1 case with several values, the first kept; among them A"
    assert [n for n in found.notes if "several" in n] == [note]
    one = cases_from_events(log.reverse(), {"filed": "submitted"}, columns="channel")
    assert one.cases["channel"].to_list() == ["web", None]  # the first in time


def test_steps_of_a_lifecycle_are_taken_alike_and_reported() -> None:
    log = LOG.with_columns(pl.Series(LIFECYCLE, ["start"] + ["complete"] * 9))
    found = cases_from_events(log, {"filed": "submitted"})
    note = (
        f"log: rows of several steps of {LIFECYCLE}, all taken alike: 'complete' (9), 'start' (1)"
    )
    assert found.notes[-1] == note


def test_a_log_without_rows_and_one_of_nulls() -> None:
    empty = cases_from_events(LOG.clear(), DATES, reopened="last", columns=())
    assert empty.cases.columns == ["case_id", *DATES]
    assert empty.cases.is_empty()
    assert empty.notes[0] == "log: the log has no rows"
    nulls = cases_from_events(log_of((None, None, None)), DATES)
    assert nulls.rejected["reason"].to_list() == ["case_id missing"]


# Sources.


def in_file(suffix: str) -> Callable[[pl.DataFrame, Path], Any]:
    def write(log: pl.DataFrame, directory: Path) -> Path:
        path = directory / f"log{suffix}"
        match suffix:
            case ".parquet":
                log.write_parquet(path)
            case ".csv":
                log.write_csv(path, separator=";", datetime_format="%Y-%m-%dT%H:%M:%S")
            case _:
                log.write_ipc(path)
        return path

    return write


SOURCES: dict[str, Callable[[pl.DataFrame, Path], Any]] = {
    "DataFrame": lambda log, _: log,
    "LazyFrame": lambda log, _: log.lazy(),
    "PyArrow table": lambda log, _: log.to_arrow(),
    "record batch reader": lambda log, _: log.to_arrow().to_reader(),
    "pandas": lambda log, _: log.to_pandas(),
    "Categorical": lambda log, _: log.with_columns(pl.col("case_id", "event").cast(pl.Categorical)),
    "Enum": lambda log, _: log.with_columns(pl.col("case_id").cast(pl.Enum(["B", "A"]))),
    "Parquet": in_file(".parquet"),
    "CSV": in_file(".csv"),
    "Arrow": in_file(".arrow"),
    "XES": lambda log, directory: xes_file(log, directory / "log.xes"),
    "packed XES": lambda log, directory: xes_file(log, directory / "log.XES.GZ"),
}


@pytest.mark.parametrize("source", SOURCES.values(), ids=SOURCES)
def test_every_source_gives_the_same_cases(
    source: Callable[[pl.DataFrame, Path], Any], tmp_path: Path
) -> None:
    expected = cases_from_events(LOG, DATES)
    found = cases_from_events(source(LOG, tmp_path), DATES)
    assert days(found) == days(expected)
    assert found.notes == expected.notes
    assert (found.used, found.undeclared) == (expected.used, expected.undeclared)
    assert cases_from_events(str(in_file(".csv")(LOG, tmp_path)), DATES).rows == 10


XES_NAMES = {"case_id": "case:concept:name", "event": "concept:name", "time": "time:timestamp"}


@pytest.mark.parametrize("name", ["DataFrame", "record batch reader", "CSV", "Parquet"])
def test_the_names_that_tables_of_xes_have_are_known(name: str, tmp_path: Path) -> None:
    source = SOURCES[name](LOG.rename(XES_NAMES), tmp_path)
    assert days(cases_from_events(source, DATES)) == days(cases_from_events(LOG, DATES))


def test_columns_of_other_names(tmp_path: Path) -> None:
    path = in_file(".csv")(LOG.rename({"case_id": "sag", "time": "tid"}), tmp_path)
    found = cases_from_events(path, DATES, case="sag", time="tid")
    assert found.cases.columns == ["sag", *DATES]


def test_cases_named_by_numbers_stand_in_the_order_of_numbers() -> None:
    log = pl.DataFrame({"case_id": [10, 9, None], "event": ["x"] * 3, "time": [time(1)] * 3})
    found = cases_from_events(log, {"filed": "x"})
    assert found.cases["case_id"].to_list() == [9, 10]
    assert found.rejected["reason"].to_list() == ["case_id missing"]


def test_the_cases_are_a_table_of_a_plan() -> None:
    table = kpi.Table("cases", key="case_id", entry="filed", events=["decided"])
    target = kpi.Average(id="1", start="filed", end="decided", limit="3 days")
    plan = kpi.Plan(id="p", period="2017", tables=[table], targets=[target])
    for reopened, total in (("first", 2), ("last", 1)):
        found = cases_from_events(
            REOPENED.filter(pl.col("case_id") != "B"),
            {"filed": "submitted", "decided": "decided"},
            reopened=reopened,  # type: ignore[arg-type]
        )
        assert kpi.evaluate(plan, found.cases)["1"].total == total


# Mistakes.

WAYS = "first, last, first_of, last_of, in_order"
FILED = {"filed": "submitted"}
MISTAKES: dict[str, tuple[Any, dict[str, Any], str]] = {
    "an unknown way": ({"filed": {"frist": "x"}}, {}, f"dates.filed: unknown key 'frist' (did you mean 'first'?); accepted: {WAYS}, after"),
    "several at once": ({"a": 1, "b": 2}, {}, f"dates.a: found 1; accepted: the name of an event, or a mapping with one of {WAYS}\ndates.b: found 2"),
    "reopened": (FILED, {"reopened": "lst"}, "reopened: found 'lst'; accepted: first, last (did you mean 'last'?)"),
    "filing": (FILED, {"reopened": "last", "filing": "field"}, "filing: found 'field'; accepted: filed (did you mean 'filed'?)"),
    "filing alone": (FILED, {"filing": "filed"}, "filing: found 'filed' and no reopened; accepted with it: reopened = 'first', 'last'"),
    "a filing in order": ({"filed": {"in_order": ["x", "y"]}}, {"reopened": "last"}, "dates.filed: is the filing, which takes first, last, first_of or last_of and no after; name another date by filing"),
    "the other filing": ({"filed": {"last": "x"}}, {"reopened": "first"}, "dates.filed: is the last filing, where reopened='first' asks the first"),
    "columns": (FILED, {"columns": 1}, "columns: found 1; accepted: a column's name, or a list of them"),
    "a column twice": (FILED, {"columns": ["a", "a"]}, "columns: found a name twice in ['a', 'a']"),
    "two columns of a name": ({"event": "x"}, {"columns": ["event"]}, "the case table would hold two columns 'event'; the id, the dates and the columns carried along need a name each"),
    "a date called as the id": ({"case_id": "x"}, {}, "the case table would hold two columns 'case_id'"),
    "as of": (FILED, {"as_of": "2017-02-30"}, "as_of: found '2017-02-30'; accepted: a date that exists, written as 2017-03-01, without a time"),
    "the case": (FILED, {"case": 1}, "case: found 1; accepted: a text"),
    "one column for two": (FILED, {"case": "event"}, "case, event, time: found event, event, time; accepted: three columns"),
    "missing columns": (FILED, {"time": "tme", "columns": "chanel"}, "log: missing column tme (did you mean 'time'?), chanel; found case_id, event, time"),
    "a format that is none": (FILED, {"time_format": 1}, "time_format: found 1; accepted: a text"),
    "half a format": (FILED, {"time_format": "%H"}, "time_format '%H': Invalid format string"),
    "an unknown format": (FILED, {"time_format": "%Q"}, "log: column time: no value is a time as %Q (the first is '2017-01-01 00:00:00.000000'); give time_format"),
}  # fmt: skip


@pytest.mark.parametrize(("dates", "more", "message"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_a_clear_line(dates: Any, more: dict[str, Any], message: str) -> None:
    log = LOG.with_columns(pl.col("time").cast(pl.String))
    with pytest.raises(kpi.DataError) as caught:
        cases_from_events(log, dates, **more)
    whole = str(caught.value)
    assert whole.startswith(message)
    assert len(whole.splitlines()) == len(message.splitlines())


@pytest.mark.parametrize(
    ("log", "message"),
    [
        ([1], "log: found list; accepted: a Polars frame"),
        (LOG.with_columns(case_id=pl.lit(1.5)), "log: column case_id holds Float64; a case is named by text, whole numbers or dates"),
        (LOG.with_columns(event=pl.lit(1)), "log: column event holds Int32; events are texts"),
        (LOG.with_columns(time=pl.lit(1)), "log: column time holds Int32; accepted: times, dates, texts"),
        (LOG.with_columns(time=pl.lit("01-02-2017")), "log: column time: no value is a time as 2017-03-01T09:30:00 (the first is '01-02-2017'); give time_format, such as '%d-%m-%Y'"),
        (LOG.with_columns(pl.col("time").dt.replace_time_zone("UTC")), "time_zone 'Mars': "),
        (LOG.with_columns(time=pl.lit(1), event=pl.lit(1)), "log: column event holds Int32; events are texts\nlog: column time holds Int32; accepted: times, dates, texts"),
    ],
)  # fmt: skip
def test_a_log_that_cannot_be_used_is_a_clear_line(log: Any, message: str) -> None:
    with pytest.raises(kpi.DataError) as caught:
        cases_from_events(log, DATES, as_of="2017-12-31", time_zone="Mars")
    assert str(caught.value).startswith(message)


def test_a_word_that_no_row_holds_is_reported_with_the_nearest_one() -> None:
    found = cases_from_events(LOG, {"filed": "submited"})
    assert (
        "log: no row holds what is declared: 'submited' (did you mean 'submitted'?)" in found.notes
    )


# XES.


def element(kind: str, key: str, value: object) -> str:
    return f"<{kind} key={quoteattr(key)} value={quoteattr(str(value))}/>"


def xes_text(log: pl.DataFrame, traces: Mapping[str | None, str] | None = None) -> str:
    """A log in XES, its cases in their order and the rows of each as they stand; times in UTC."""
    body = []
    for (case,), rows in log.group_by("case_id", maintain_order=True):
        body.append("<trace>")
        if case is not None:
            body.append(element("string", "concept:name", case))
        body.append((traces or {}).get(case, ""))
        for _, event, at in rows.select("case_id", "event", "time").iter_rows():
            name = "" if event is None else element("string", "concept:name", event)
            when = at.isoformat() if isinstance(at, dt.datetime) else at
            date = "" if when is None else element("date", "time:timestamp", when)
            body.append(f"<event>{name}{date}{element('string', LIFECYCLE, 'complete')}</event>")
        body.append("</trace>")
    extension = '<extension name="Concept" prefix="concept" uri="urn:concept"/>'
    defaults = f"<global scope='event'>{element('string', 'concept:name', 'none')}</global>"
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<log xes.version="2.0" xmlns="urn:xes">{extension}{defaults}'
        f"{element('string', 'concept:name', 'the log')}{''.join(body)}</log>"
    )


def xes_file(log: pl.DataFrame, path: Path, **more: Any) -> Path:
    text = xes_text(log, **more).encode()
    path.write_bytes(gzip.compress(text) if path.suffix.lower() == ".gz" else text)
    return path


def test_attributes_of_traces_become_columns(tmp_path: Path) -> None:
    attributes = (
        '<string key="channel" value="web"><string key="below" value="not of the trace"/></string>'
        '<int key="months" value="7"/><float key="fee" value="1.5"/>'
        '<boolean key="urgent" value="true"/><date key="due" value="2017-03-01T00:00:00+01:00"/>'
        '<int key="odd" value="seven"/><list key="many"><values/></list>'
    )
    path = xes_file(
        LOG, tmp_path / "log.xes", traces={"A": attributes, "B": '<int key="odd" value="1"/>'}
    )
    columns = ["channel", "months", "fee", "urgent", "due", "odd", "many"]
    found = cases_from_events(path, FILED, columns=columns).cases
    due = dt.datetime(2017, 2, 28, 23, tzinfo=dt.UTC)
    assert found.select(columns).rows() == [
        ("web", 7, 1.5, True, due, "seven", None),
        (None, None, None, None, None, "1", None),
    ]
    with pytest.raises(
        kpi.DataError,
        match=r"no trace has the attribute chanel \(did you mean 'channel'\?\); found channel, concept:name",
    ):
        cases_from_events(path, FILED, columns="chanel")
    with pytest.raises(kpi.DataError, match="no trace has the attribute below"):
        cases_from_events(path, FILED, columns="below")
    with pytest.raises(
        kpi.DataError, match="columns: a column of the log is called 'event' already"
    ):
        cases_from_events(path, FILED, columns="event")


def test_other_attributes_may_name_case_event_and_time(tmp_path: Path) -> None:
    path = tmp_path / "log.xes"
    path.write_text(
        '<log><trace><string key="no" value="17"/><event><string key="activity" value="submitted"/>'
        '<date key="began" value="2017-01-01T00:00:00"/></event></trace></log>'
    )
    found = cases_from_events(path, FILED, case="no", event="activity", time="began")
    assert found.cases.rows() == [("17", time(1))]
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"case": "noo"}, "no trace has the attribute noo (did you mean 'no'?); found no"),
        ({"case": "no"}, "no event has the attribute concept:name; found activity, began"),
    ]
    for attribute, message in wrong:
        with pytest.raises(kpi.DataError) as caught:
            cases_from_events(path, FILED, **attribute)
        assert str(caught.value) == f"{path}: {message}"


def test_steps_of_a_lifecycle_can_be_told_apart(tmp_path: Path) -> None:
    path = tmp_path / "log.xes"
    rows = "".join(
        f"<event>{element('string', 'concept:name', 'check')}{element('string', LIFECYCLE, step)}"
        f"{element('date', 'time:timestamp', f'2017-01-0{n}T00:00:00Z')}</event>"
        for n, step in enumerate(("start", "complete"), start=1)
    )
    path.write_text(f"<log><trace>{element('string', 'concept:name', 'A')}{rows}</trace></log>")
    both = cases_from_events(path, {"checked": "check"})
    assert "all taken alike: 'complete' (1), 'start' (1)" in both.notes[-1]
    ended = read_xes(path).filter(pl.col(LIFECYCLE) == "complete")
    assert days(cases_from_events(ended, {"checked": "check"})) == {"A": {"checked": 2}}


def test_nothing_in_a_file_is_lost(tmp_path: Path) -> None:
    event = '<event><string key="concept:name" value="x"/><date key="time:timestamp" value="2017-01-01T00:00:00"/></event>'
    name = '<string key="concept:name" value="{}"/>'
    path = tmp_path / "log.xes"
    path.write_text(
        f"<log><trace>{name.format('A')}{event}</trace><trace>{name.format('B')}</trace>"
        f"<trace>{event}</trace>{event}<trace>{event}{name.format('C')}</trace></log>"
    )
    found = cases_from_events(path, {"filed": "x"})
    assert found.cases["case_id"].to_list() == ["A", "C"]
    assert found.rejected.select("row", "reason").rows() == [
        (2, "event missing"),  # the trace without events
        (3, "case_id missing"),  # the trace without a name
        (4, "case_id missing"),  # the event in no trace
    ]
    assert "log: 1 case without a usable row, left out; among them B" in found.notes
    path.write_text("<log/>")
    assert cases_from_events(path, {"filed": "x"}).notes[0] == "log: the log has no rows"


LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
REFUSED: dict[str, tuple[bytes, str]] = {
    "a DOCTYPE": (b"<!DOCTYPE log><log/>", "holds a DOCTYPE, which is refused; save the log without it"),
    "entities": (f'<!DOCTYPE log [<!ENTITY l0 "ha">{LAUGHS}]><log>&l9;</log>'.encode(), "holds a DOCTYPE"),
    "an outside entity": (b'<!DOCTYPE log SYSTEM "log.dtd"><log/>', "holds a DOCTYPE"),
    "an undeclared entity": (b"<log>&l9;</log>", "not well-formed XML: undefined entity"),
    "half a file": (xes_text(LOG).encode()[:-100], "not well-formed XML: unclosed token: line 2"),
    "no log": (b"<html><log/></html>", "no XES log: its outermost element is 'html'"),
    "no XML": (b"case_id,event,time", "not well-formed XML: syntax error: line 1, column 0"),
    "nothing": (b"", "the file is empty"),
    "an unknown encoding": (b'<?xml version="1.0" encoding="klingon"?><log/>', "unknown encoding"),
}  # fmt: skip


@pytest.mark.parametrize(("content", "message"), REFUSED.values(), ids=REFUSED)
def test_a_file_that_is_refused(content: bytes, message: str, tmp_path: Path) -> None:
    for name, written in (("log.xes", content), ("log.xes.gz", gzip.compress(content))):
        path = tmp_path / name
        path.write_bytes(written if content else b"")
        with pytest.raises(kpi.DataError) as caught:
            cases_from_events(path, FILED)
        assert str(caught.value).startswith(f"{path}: ")
        assert message in str(caught.value)
        assert len(str(caught.value).splitlines()) == 1


def test_files_that_are_not_there_or_not_what_they_are_called(tmp_path: Path) -> None:
    packed = gzip.compress(xes_text(LOG).encode())
    (tmp_path / "half.xes.gz").write_bytes(packed[:-20])
    (tmp_path / "plain.xes.gz").write_text(xes_text(LOG))
    (tmp_path / "log.xml").write_text(xes_text(LOG))
    (tmp_path / "log.parquet").write_bytes(packed)
    (tmp_path / "dir.xes").mkdir()
    for name, message in (
        ("half.xes.gz", "cannot be read: "),
        ("plain.xes.gz", "cannot be read: Not a gzipped file"),
        ("log.xml", "unknown kind of file; accepted: .parquet, .csv, .arrow, .ipc, .feather, .xes, .xes.gz"),
        ("log.parquet", "cannot be read: "),
        ("dir.xes", "is a directory; expected an event log"),
        ("none.xes", "no such file"),
        ("none.csv", "no such file"),
    ):  # fmt: skip
        with pytest.raises(kpi.DataError) as caught:
            cases_from_events(tmp_path / name, FILED)
        assert str(caught.value).startswith(f"{tmp_path / name}: {message}")


def test_a_file_in_another_encoding(tmp_path: Path) -> None:
    log = LOG.with_columns(event=pl.lit("ansøgt"))
    text = xes_text(log).replace("UTF-8", "UTF-16")
    path = tmp_path / "log.xes"
    path.write_bytes(text.encode("utf-16"))
    assert cases_from_events(path, {"filed": "ansøgt"}).used == {"ansøgt": 2}


# The oracle: the same choices, row by row.

Row = dict[str, Any]


@frozen
class Told:
    """What the oracle says of a log."""

    cases: list[Row]
    used: dict[str, int]
    not_chosen: dict[str, int]
    undeclared: dict[str, int]
    rejected: list[tuple[int, str]]
    hidden: int
    conflicting: int


def events_of(spec: Any) -> list[str]:
    if isinstance(spec, str):
        return [spec]
    value = next(value for key, value in spec.items() if key != "after")
    words = [value] if isinstance(value, str) else value
    return [word if isinstance(word, str) else next(iter(word.values())) for word in words]


def place(spec: Any, history: Sequence[Row], start: int, dates: Mapping[str, Any]) -> int | None:
    """The position in a case's history of the row that gives a date, looked for from `start` on."""
    if isinstance(spec, str):
        spec = {"first": spec}
    low = start
    if "after" in spec:
        behind = place(dates[spec["after"]], history, start, dates)
        if behind is None:
            return None
        low = behind + 1
    ((way, value),) = ((key, value) for key, value in spec.items() if key != "after")
    if way == "in_order":
        for word in value:
            one = {"first": word} if isinstance(word, str) else word
            at = place(one, history, low, dates)
            if at is not None:
                return at
        return None
    words = [value] if isinstance(value, str) else value
    hits = [n for n in range(low, len(history)) if history[n]["event"] in words]
    if not hits:
        return None
    return hits[-1] if way.startswith("last") else hits[0]


def oracle(
    rows: Sequence[Row], dates: Mapping[str, Any], restart_at: str | None, as_of: dt.date | None
) -> Told:
    hidden = 0
    rejected: list[tuple[int, str]] = []
    histories: dict[str, list[Row]] = {}
    for number, row in enumerate(rows, start=1):
        if not row["case_id"]:
            rejected.append((number, "case_id missing"))
        elif not row["event"]:
            rejected.append((number, "event missing"))
        elif row["time"] is None:
            rejected.append((number, "time missing"))
        elif row["time"] == "?":
            rejected.append((number, "time is not a time as 2017-03-01T09:30:00"))
        elif as_of and row["time"].date() > as_of:
            hidden += 1
        else:
            histories.setdefault(row["case_id"], []).append(row)
    declared = {word for spec in dates.values() for word in events_of(spec)}
    used: Counter[str] = Counter()
    other: Counter[str] = Counter()
    undeclared: Counter[str] = Counter()
    cases, conflicting = [], 0
    for case in sorted(histories):
        history = sorted(histories[case], key=lambda row: row["time"])
        start = 0
        if restart_at:
            words = events_of(dates[restart_at])
            filings = [n for n, row in enumerate(history) if row["event"] in words]
            if len(filings) > 1:
                start = filings[-1]
        places = {name: place(spec, history, start, dates) for name, spec in dates.items()}
        for n, row in enumerate(history):
            if row["event"] not in declared:
                undeclared[row["event"]] += 1
            elif n in places.values():
                used[row["event"]] += 1
            else:
                other[row["event"]] += 1
        known = [row["channel"] for row in history if row["channel"] is not None]
        conflicting += len(set(known)) > 1
        found = {name: None if n is None else history[n]["time"] for name, n in places.items()}
        cases.append({"case_id": case, **found, "channel": known[0] if known else None})
    return Told(cases, dict(used), dict(other), dict(undeclared), rejected, hidden, conflicting)


WORDS = ("x", "y", "z", "w")
NAMES = ("d0", "d1", "d2", "d3")


@st.composite
def declarations(draw: st.DrawFn) -> dict[str, Any]:
    """Dates of every kind; the order in which they wait for each other is not that of the mapping."""
    word = st.sampled_from(WORDS)
    words = st.lists(word, min_size=1, max_size=3, unique=True)
    names = draw(st.permutations(NAMES[: draw(st.integers(1, 4))]))
    dates: dict[str, Any] = {}
    for n, name in enumerate(names):
        way = draw(st.sampled_from(["", "first", "last", "first_of", "last_of", "in_order"]))
        if not way:
            dates[name] = draw(word)
            continue
        spec: dict[str, Any] = {way: draw(words if way.endswith("_of") else word)}
        if way == "in_order":
            picks = [(w, draw(st.sampled_from(["", "first", "last"]))) for w in draw(words)]
            spec[way] = [{how: w} if how else w for w, how in picks]
        if n and draw(st.booleans()):
            spec["after"] = names[draw(st.integers(0, n - 1))]
        dates[name] = spec
    return {name: dates[name] for name in draw(st.permutations(names))}


def may_file(spec: Any, reopened: str) -> bool:
    if isinstance(spec, str):
        return True
    if "after" in spec or "in_order" in spec:
        return False
    return reopened == "last" or not ({"last", "last_of"} & set(spec))


rows_of_logs = st.lists(
    st.fixed_dictionaries(
        {
            "case_id": st.sampled_from(["A", "B", "B", "C", "", None]),
            "event": st.sampled_from([*WORDS, *WORDS, "", None]),
            "time": st.one_of(st.integers(1, 6).map(time), st.sampled_from([None, "?"])),
            "channel": st.sampled_from(["web", "post", None]),
        }
    ),
    max_size=25,
)


def as_text(value: object) -> object:
    return value.isoformat() if isinstance(value, dt.datetime) else value


def frame(rows: Sequence[Row], *, texts: bool) -> pl.DataFrame:
    times = [as_text(row["time"]) if texts else row["time"] for row in rows]
    kind = pl.String() if texts else pl.Datetime("us")
    return pl.DataFrame(
        {
            "case_id": pl.Series([row["case_id"] for row in rows], dtype=pl.String),
            "event": pl.Series([row["event"] for row in rows], dtype=pl.String),
            "time": pl.Series(times, dtype=kind),
            "channel": pl.Series([row["channel"] for row in rows], dtype=pl.String),
        }
    )


def agree(found: EventCases, told: Told, rows: int) -> None:
    assert found.cases.to_dicts() == told.cases
    assert found.used == told.used
    assert found.not_chosen == told.not_chosen
    assert found.undeclared == told.undeclared
    assert found.rejected.select("row", "reason").rows() == told.rejected
    conflicts = [note for note in found.notes if note.startswith("channel: ")]
    assert [int(note.split()[1]) for note in conflicts] == [told.conflicting] * bool(
        told.conflicting
    )
    assert found.hidden == told.hidden
    by_event = (found.used, found.not_chosen, found.undeclared)
    counted = sum(sum(counts.values()) for counts in by_event)
    assert found.rows == rows == counted + found.rejected.height + found.hidden


@given(rows=rows_of_logs, dates=declarations(), reopened=st.sampled_from([None, "first", "last"]), texts=st.booleans(), data=st.data())  # fmt: skip
@settings(max_examples=400, deadline=None)
def test_the_cases_are_those_of_the_oracle(
    rows: list[Row], dates: dict[str, Any], reopened: Any, texts: bool, data: st.DataObject
) -> None:
    if not texts:
        rows = [row | {"time": None if row["time"] == "?" else row["time"]} for row in rows]
    more: dict[str, Any] = {}
    if reopened:
        able = [name for name, spec in dates.items() if may_file(spec, reopened)]
        assume(able)
        more = {"reopened": reopened, "filing": data.draw(st.sampled_from(able))}
    as_of = data.draw(st.none() | st.dates(dt.date(2016, 12, 31), dt.date(2017, 1, 6)))
    told = oracle(rows, dates, more.get("filing") if reopened == "last" else None, as_of)
    more["as_of"] = as_of
    log = frame(rows, texts=texts)
    times = {row["time"] for row in rows} - {None}
    if times == {"?"}:
        with pytest.raises(kpi.DataError, match="no value is a time"):
            cases_from_events(log, dates, columns="channel", **more)
        return
    agree(cases_from_events(log, dates, columns="channel", **more), told, len(rows))


@given(rows=rows_of_logs, dates=declarations(), shuffle=st.randoms(use_true_random=False))
@settings(max_examples=100, deadline=None)
def test_where_no_two_times_are_equal_the_order_of_the_rows_says_nothing(
    rows: list[Row], dates: dict[str, Any], shuffle: Any
) -> None:
    rows = [row | {"time": time(1) + dt.timedelta(n)} for n, row in enumerate(rows)]
    mixed = list(rows)
    shuffle.shuffle(mixed)
    one, other = (
        cases_from_events(frame(r, texts=False), dates, columns="channel") for r in (rows, mixed)
    )
    assert one.cases.equals(other.cases)
    assert one.notes == other.notes


@given(rows=rows_of_logs, dates=declarations())
@settings(max_examples=100, deadline=None)
def test_reopening_changes_nothing_for_cases_filed_once(
    rows: list[Row], dates: dict[str, Any]
) -> None:
    able = [name for name, spec in dates.items() if may_file(spec, "first")]
    assume(able)
    words = events_of(dates[able[0]])
    filings = Counter(row["case_id"] for row in rows if row["event"] in words)
    rows = [row for row in rows if row["time"] != "?" and filings[row["case_id"]] < 2]
    log = frame(rows, texts=False)
    plain, first, last = (
        cases_from_events(log, dates, reopened=which, filing=which and able[0])
        for which in (None, "first", "last")
    )
    assert plain.cases.equals(first.cases)
    assert plain.cases.equals(last.cases)
    assert plain.notes == first.notes == last.notes


@given(rows=rows_of_logs, dates=declarations())
@settings(max_examples=100, deadline=None)
def test_a_log_in_xes_is_the_same_log(
    rows: list[Row], dates: dict[str, Any], tmp_path_factory: pytest.TempPathFactory
) -> None:
    rows = [
        row for row in rows if row["case_id"] and row["event"] and row["time"] not in (None, "?")
    ]
    assume(rows)
    log = frame(rows, texts=True)
    path = xes_file(log, tmp_path_factory.getbasetemp() / "log.xes")
    expected = cases_from_events(log, dates)
    found = cases_from_events(path, dates)
    assert found.cases.equals(expected.cases)
    assert found.notes == expected.notes
    assert found.rows == expected.rows


# The real log.

if RECEIPT_EVENTS.is_file():

    def test_a_real_log_has_the_mean_that_its_publisher_gives() -> None:
        events = pl.read_parquet(RECEIPT_EVENTS, columns=["event"])["event"].unique().to_list()
        found = cases_from_events(
            RECEIPT_EVENTS,
            {"began": {"first_of": events}, "ended": {"last_of": events}},
            time="timestamp",
        )
        span = (found.cases["ended"] - found.cases["began"]).dt.total_microseconds()
        assert found.cases.height == 1_434
        assert round(span.sum() / 1_434 / 1_000_000, 3) == 467_263.915
        assert not found.undeclared
        assert found.rows == 8_577 == sum(found.used.values()) + sum(found.not_chosen.values())

    def test_the_cases_of_a_real_log_are_those_that_its_publisher_counts() -> None:
        sent = "T05 Print and send confirmation of receipt"
        found = cases_from_events(RECEIPT_EVENTS, {"documented": sent}, time="timestamp")
        cases = pl.read_parquet(DATA / "receipt.parquet").sort("case_id")
        assert found.cases.equals(cases.select("case_id", "documented"))
        assert found.used == {sent: 1_300}
        assert sum(found.undeclared.values()) == 8_577 - 1_300

elif os.environ.get("CI"):

    def test_the_data_are_there() -> None:
        pytest.fail(f"{RECEIPT_EVENTS} is absent: set KPI_DATA to the directory that holds it")
