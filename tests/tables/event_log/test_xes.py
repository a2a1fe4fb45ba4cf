"""Event logs in XES."""

from __future__ import annotations

import datetime as dt
import gzip
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import kpi
from kpi.tables.event_log.cases import cases_from_events
from kpi.tables.event_log.xes import LIFECYCLE, read_xes
from kpi.tables.sources.files import ACCEPTED
from tests.tables.event_log.small_logs import FILED, LOG, days, element, time, xes_file, xes_text


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
        match=r"no trace or event has the attribute chanel \(did you mean 'channel'\?\); found channel, concept:name",
    ):
        cases_from_events(path, FILED, columns="chanel")
    with pytest.raises(kpi.DataError, match="no trace or event has the attribute below"):
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
        ("log.xml", f"unknown kind of file; {ACCEPTED}; .xes, .xes.gz"),
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


ON_EVENTS = """<log>
<trace>
<string key="kind" value="simple"/>
<event>
<string key="concept:name" value="submitted"/><date key="time:timestamp" value="2017-01-02T09:00:00"/>
<string key="case:concept:name" value="A"/><string key="sagsnr" value="10"/>
<int key="cost" value="5"/><string key="kind" value="of the event"/>
</event>
<event>
<string key="concept:name" value="decided"/><date key="time:timestamp" value="2017-02-02T09:00:00"/>
<string key="case:concept:name" value="B"/><string key="sagsnr" value="11"/>
</event>
</trace>
</log>"""


def test_attributes_of_events_are_columns_too_and_those_of_the_trace_come_first(
    tmp_path: Path,
) -> None:
    path = tmp_path / "log.xes"
    path.write_text(ON_EVENTS)
    found = kpi.read_xes(path, columns=["cost", "kind", "case:kind"])
    assert found.select("case_id", "cost", "kind", "case:kind").rows() == [
        ("A", 5, "simple", "simple"),
        ("B", None, "simple", "simple"),
    ]
    assert found.schema["cost"] == pl.Int64


@pytest.mark.parametrize(("case", "ids"), [({}, ["A", "B"]), ({"case": "sagsnr"}, ["10", "11"])])
def test_a_case_may_stand_on_its_events(
    case: dict[str, str], ids: list[str], tmp_path: Path
) -> None:
    path = tmp_path / "log.xes"
    path.write_text(ON_EVENTS)
    cases = cases_from_events(path, {"filed": "submitted", "decided": "decided"}, **case).cases  # type: ignore[arg-type]  # texts
    assert cases["case_id"].to_list() == ids
    assert cases["filed"].dt.month().to_list() == [1, None]
    assert cases["decided"].dt.month().to_list() == [None, 2]


def test_a_trace_names_its_case_before_its_events_do(tmp_path: Path) -> None:
    path = tmp_path / "log.xes"
    named = '<string key="concept:name" value="T"/>'
    path.write_text(ON_EVENTS.replace("<trace>", f"<trace>{named}"))
    assert cases_from_events(path, {"filed": "submitted"}).cases["case_id"].to_list() == ["T"]
