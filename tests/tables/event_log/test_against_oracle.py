"""The cases that come of an event log are those that an oracle in plain Python finds.

The real log is not part of the project. Where it is absent its tests are not defined, except on CI,
where its absence is an error.
"""

from __future__ import annotations

import datetime as dt
import os
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl
import pytest
from attrs import frozen
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import kpi
from kpi.tables.event_log.cases import EventCases, cases_from_events
from tests.laws.generated import SETTINGS, TIMES
from tests.real_data import DATA
from tests.tables.event_log.small_logs import time, xes_file

RECEIPT_EVENTS = DATA / "receipt_events.parquet"


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
    value = next(value for key, value in spec.items() if key not in ("after", "before"))
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
    if "before" in spec:
        ahead_of = place(dates[spec["before"]], history, start, dates)
        history = history[:ahead_of]
    ((way, value),) = ((k, value) for k, value in spec.items() if k not in ("after", "before"))
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
        for bound in ("after", "before"):
            if n and draw(st.booleans()):
                spec[bound] = names[draw(st.integers(0, n - 1))]
        dates[name] = spec
    return {name: dates[name] for name in draw(st.permutations(names))}


def may_file(spec: Any, reopened: str) -> bool:
    if isinstance(spec, str):
        return True
    if {"after", "before", "in_order"} & set(spec):
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
@settings(SETTINGS, max_examples=15 * TIMES)
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
@settings(SETTINGS, max_examples=15 * TIMES)
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
@settings(SETTINGS, max_examples=15 * TIMES)
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
@settings(SETTINGS, max_examples=15 * TIMES)
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
