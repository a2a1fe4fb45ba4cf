"""The event date by which a row falls in a window, for targets on a date and not on an interval."""

from __future__ import annotations

from kpi.definitions.columns import Columns
from kpi.definitions.fields import about
from kpi.errors import DataError

ON = about("The date that must fall in the window (default: the table's entry).", column="date")


def event_of(columns: Columns, on: str | None) -> str:
    """Return the event date: the date that a target names, or else the table's entry.

    Raises:
        DataError: where the target names none and the table has no entry.
    """
    event = on or columns.table.entry
    if event is None:
        raise DataError(
            f"{columns.table.name}: the table declares no entry; say with 'on' which date must fall "
            "in the window"
        )
    return event
