"""Event logs and declarations of dates that are refused."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

import kpi
from kpi.tables.event_log.cases import cases_from_events
from tests.tables.event_log.small_logs import DATES, FILED, LOG

WAYS = "first, last, first_of, last_of, in_order"


MISTAKES: dict[str, tuple[Any, dict[str, Any], str]] = {
    "an unknown way": ({"filed": {"frist": "x"}}, {}, f"dates.filed: unknown key 'frist' (did you mean 'first'?); accepted: {WAYS}, after, before"),
    "several at once": ({"a": 1, "b": 2}, {}, f"dates.a: found 1; accepted: the name of an event, or a mapping with one of {WAYS}\ndates.b: found 2"),
    "reopened": (FILED, {"reopened": "lst"}, "reopened: found 'lst'; accepted: first, last (did you mean 'last'?)"),
    "filing": (FILED, {"reopened": "last", "filing": "field"}, "filing: found 'field'; accepted: filed (did you mean 'filed'?)"),
    "filing alone": (FILED, {"filing": "filed"}, "filing: found 'filed' and no reopened; accepted with it: reopened = 'first', 'last'"),
    "a filing in order": ({"filed": {"in_order": ["x", "y"]}}, {"reopened": "last"}, "dates.filed: is the filing, which takes first, last, first_of or last_of and no after or before; name another date by filing"),
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
        ([1], "log: found list of int; accepted: a Polars, pandas or narwhals frame"),
        (LOG.with_columns(case_id=pl.lit(1.5)), "log: column case_id holds 1.5; a key takes text, whole numbers or dates"),
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
