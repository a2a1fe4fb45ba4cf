"""Reader of event logs in XES, the XML standard of process mining, as tables.

A file is read as a stream and nothing of its tree is kept. A file with a DOCTYPE is refused, so
that no entity is ever declared.
"""

from __future__ import annotations

import gzip
import os
import zlib
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import BinaryIO, cast

import polars as pl
from polars.exceptions import PolarsError

from kpi.definitions.log_sources import CasesFromEvents, PausesFromEvents
from kpi.errors import DataError, listed, suggest
from kpi.fork_guard import use_engine
from kpi.tables.date_texts import iso_times

SUFFIXES = (".xes", ".xes.gz")
NAME = "concept:name"
"""Attribute with the name of a trace, which is a case, or of an event."""

TIME = "time:timestamp"
LIFECYCLE = "lifecycle:transition"
"""Attribute with the step of an event that a row is about, such as start or completion."""

_OWN = ("case_id", "event", "time", LIFECYCLE)
_CASE_ON_EVENT = f"case:{NAME}"
_CHUNK = 1 << 16
_TYPES: dict[str, pl.DataType] = {"int": pl.Int64(), "float": pl.Float64()}


def read_xes(
    path: str | os.PathLike[str],
    *,
    columns: str | Iterable[str] = (),
    case: str = NAME,
    event: str = NAME,
    time: str = TIME,
) -> pl.DataFrame:
    """Read an event log in XES as a table, a row per event in the order of the file.

    A trace without events is a row without an event, so that the trace is not lost.

    Args:
        path: an .xes file, or one packed as .xes.gz.
        columns: further attributes of the traces, or of the events where no trace has them, a
            column each. `case:` before a name asks for the attribute of the traces alone.
        case: the attribute of a trace with the name of the case. A trace without it takes that of
            each event, for which `case:concept:name` is the default.
        event: the attribute of an event with the name of the event.
        time: the attribute of an event with the time of the event.

    Returns:
        `case_id`, `event`, `time` and `lifecycle:transition` as texts, and the further columns in
        the type that the file declares, or as texts where a value is not of that type.

    Raises:
        DataError: where the file cannot be read, is not XES, holds a DOCTYPE, or lacks one of the
            attributes.
    """
    use_engine()
    wanted = (columns,) if isinstance(columns, str) else tuple(columns)
    for name in wanted:
        if name in _OWN or wanted.count(name) > 1:
            raise DataError(
                f"columns: a column of the log is called {name!r} already; leave it out"
            )
    source = Path(path)
    heard = _Listener(source, wanted, case=case, event=event, time=time)
    _tell(source, heard)
    if heard.case_on_event not in heard.event_keys:
        _require((case,), heard.trace_keys, f"{source}: no trace has")
    _require((event, time), heard.event_keys, f"{source}: no event has")
    of_traces = {f"case:{key}" for key in heard.trace_keys}
    others = [name for name in wanted if name not in of_traces]
    _require(others, heard.trace_keys | heard.event_keys, f"{source}: no trace or event has")
    traces = pl.Series(heard.trace_of, dtype=pl.Int64)
    of_trace = pl.Series(heard.ids, dtype=pl.String).gather(traces)
    of_event = pl.Series(heard.event_ids, dtype=pl.String)
    return pl.DataFrame(
        {
            "case_id": of_trace.fill_null(of_event),
            "event": pl.Series(heard.events, dtype=pl.String),
            "time": pl.Series(heard.times, dtype=pl.String),
            LIFECYCLE: pl.Series(heard.lifecycles, dtype=pl.String),
            **{name: heard.column(name, traces) for name in wanted},
        }
    )


def read_xes_log(
    path: str | os.PathLike[str],
    log: CasesFromEvents | PausesFromEvents,
    names: Mapping[str, str],
) -> pl.DataFrame:
    """Read an event log in XES with the attributes that a declaration names, under its names.

    Args:
        path: the file.
        log: the declaration of the log.
        names: the attribute of each name of the declaration that is called otherwise in the file.
    """
    further = log.columns if isinstance(log, CasesFromEvents) else ()
    given = {"case": log.case, "event": log.event, "time": log.time}
    frame = read_xes(
        path,
        columns=[names.get(name, name) for name in further],
        **{what: names.get(name, name) for what, name in given.items() if name is not None},
    )
    return frame.rename({names.get(name, name): name for name in further})


class _Listener:
    """Target of an XML parser: gathers columns, forgets the rest.

    Attributes:
        path: the file, for messages.
        keys: the attributes of case, event and time.
        ids: the case of each trace.
        case_on_event: the attribute of an event with the name of the case.
        event_ids: the case of each row, where it stands on the event.
        of_traces: for each further attribute, the value in each trace.
        of_events: for each further attribute, the value in each row.
        kinds: for each further attribute, the types of value that the file declares.
        trace_of: for each row, the position of its trace; None for an event outside any trace.
        events: the name of each row's event.
        times: the time of each row's event.
        lifecycles: the step of each row's event.
        trace_keys: every attribute that a trace has.
        event_keys: every attribute that an event has.
    """

    def __init__(
        self, path: Path, columns: Collection[str], *, case: str, event: str, time: str
    ) -> None:
        self.path = path
        self.keys = (case, event, time)
        self.ids: list[str | None] = []
        self.case_on_event = _CASE_ON_EVENT if case in (NAME, event) else case
        self.event_ids: list[str | None] = []
        self.of_traces: dict[str, list[str | None]] = {name: [] for name in columns}
        self.of_events: dict[str, list[str | None]] = {name: [] for name in columns}
        self.kinds: dict[tuple[str, str], set[str]] = {}
        self.trace_of: list[int | None] = []
        self.events: list[str | None] = []
        self.times: list[str | None] = []
        self.lifecycles: list[str | None] = []
        self.trace_keys: set[str] = set()
        self.event_keys: set[str] = set()
        self._open: list[str] = []
        self._trace: dict[str, str | None] | None = None
        self._event: dict[str, str | None] = {}
        self._rows_before = 0

    def doctype(self, name: str, public: str | None, system: str | None) -> None:  # noqa: ARG002 - the parser calls it so
        raise DataError(f"{self.path}: holds a DOCTYPE, which is refused; save the log without it")

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        kind = tag.rpartition("}")[2]
        above = self._open[-1] if self._open else None
        self._open.append(kind)
        if above is None:
            if kind != "log":
                raise DataError(f"{self.path}: no XES log: its outermost element is {kind!r}")
        elif above == "log" and kind == "trace":
            self._trace, self._rows_before = {}, len(self.events)
        elif above in ("log", "trace") and kind == "event":
            self._event = {}
        elif above == "event":
            key = attributes.get("key", "")
            self._event[key] = attributes.get("value")
            if key in self.of_events:
                self.kinds.setdefault(("event", key), set()).add(kind)
        elif above == "trace" and self._trace is not None:
            key = attributes.get("key", "")
            self._trace[key] = attributes.get("value")
            for name in (key, f"case:{key}"):
                if name in self.of_traces:
                    self.kinds.setdefault(("trace", name), set()).add(kind)

    def end(self, tag: str) -> None:  # noqa: ARG002 - the parser calls it so
        kind = self._open.pop()
        if kind == "event":
            self._row(self._event)
            self.event_keys.update(self._event)
        elif kind == "trace" and self._trace is not None:
            if len(self.events) == self._rows_before:
                self._row({})
            self.ids.append(self._trace.get(self.keys[0]))
            for name, values in self.of_traces.items():
                values.append(self._trace.get(name, self._trace.get(name.removeprefix("case:"))))
            self.trace_keys.update(self._trace)
            self._trace = None

    def close(self) -> None:
        """Do nothing: the parser calls this at the end."""

    def _row(self, event: dict[str, str | None]) -> None:
        self.trace_of.append(None if self._trace is None else len(self.ids))
        self.events.append(event.get(self.keys[1]))
        self.times.append(event.get(self.keys[2]))
        self.lifecycles.append(event.get(LIFECYCLE))
        self.event_ids.append(event.get(self.case_on_event))
        for name, values in self.of_events.items():
            values.append(event.get(name))

    def column(self, name: str, traces: pl.Series) -> pl.Series:
        """Return a further attribute of each row: that of the trace, where any trace has it.

        Args:
            name: the attribute.
            traces: the position of each row's trace.
        """
        if ("trace", name) in self.kinds or ("event", name) not in self.kinds:
            kinds = self.kinds.get(("trace", name), ())
            return _typed(self.of_traces[name], kinds).gather(traces)
        return _typed(self.of_events[name], self.kinds["event", name])


def _tell(path: Path, heard: _Listener) -> None:
    if path.is_dir():
        raise DataError(f"{path}: is a directory; expected an event log")
    if not path.is_file():
        raise DataError(f"{path}: no such file")
    if path.stat().st_size == 0:
        raise DataError(f"{path}: the file is empty")
    packed = path.name.lower().endswith(".gz")
    # The parser of XML takes as long to load as most of the rest of this room.
    from xml.etree import ElementTree as ET  # noqa: PLC0415 - loaded for event logs alone

    parser = ET.XMLParser(target=heard)  # noqa: S314 - it refuses every DOCTYPE
    try:
        with cast("BinaryIO", gzip.open(path)) if packed else path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                parser.feed(chunk)
        parser.close()
    except DataError:
        raise
    except ET.ParseError as error:
        raise DataError(f"{path}: not well-formed XML: {error}") from None
    except (OSError, EOFError, zlib.error, LookupError, ValueError) as error:
        # The packing is broken, or the parser does not know the encoding.
        raise DataError(f"{path}: cannot be read: {error}") from error


def _require(keys: Iterable[str], present: Collection[str], whose: str) -> None:
    for key in keys:
        if present and key not in present:
            hint = suggest(key, present)
            raise DataError(f"{whose} the attribute {key}{hint}; found {listed(sorted(present))}")


def _typed(values: list[str | None], kinds: Collection[str]) -> pl.Series:
    """Return values in the type that the file declares; as texts where a value is not of it."""
    text = pl.Series(values, dtype=pl.String)
    if len(kinds) != 1:
        return text
    (kind,) = kinds
    try:
        if kind == "boolean":
            words = {"true": True, "false": False}
            return text.replace_strict(words, return_dtype=pl.Boolean)
        if kind == "date":
            times = iso_times(text)[0]
            return times if times.null_count() == text.null_count() else text
        return text.cast(_TYPES.get(kind, pl.String()))
    except PolarsError:
        return text
