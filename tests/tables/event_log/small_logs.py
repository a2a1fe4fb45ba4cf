"""Small event logs."""

from __future__ import annotations

import datetime as dt
import gzip
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

import polars as pl

from kpi.definitions.occurrences import Dates
from kpi.tables.event_log.cases import EventCases
from kpi.tables.event_log.xes import LIFECYCLE


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


FILED = {"filed": "submitted"}


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
