"""Reading of the columns of an event log that a conversion needs."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import TypeGuard

import polars as pl
from polars.exceptions import PanicException, PolarsError

from kpi.definitions.table import Table
from kpi.errors import DataError, first_line, listed, suggest
from kpi.tables.event_log.remarks import LOG
from kpi.tables.event_log.xes import LIFECYCLE, NAME, TIME, read_xes
from kpi.tables.event_log.xes import SUFFIXES as XES_SUFFIXES
from kpi.tables.key_columns import with_plain_keys
from kpi.tables.sources.files import ACCEPTED, SUFFIXES, is_csv, kind_of
from kpi.tables.sources.foreign_columns import advice
from kpi.tables.sources.resolve import OneTable, lazy_table, readable_table

DEFAULTS = ("case_id", "event", "time")
OF_XES = (f"case:{NAME}", NAME, TIME)


def is_xes(log: object) -> TypeGuard[str | os.PathLike[str]]:
    """Return whether a log is the path of an XES file."""
    return isinstance(log, str | os.PathLike) and os.fspath(log).lower().endswith(XES_SUFFIXES)


def read_log(
    log: OneTable, given: Mapping[str, str | None], carried: Sequence[str]
) -> tuple[pl.DataFrame, tuple[str, ...]]:
    """Read the columns needed of a log, and return the names of case, event and time among them.

    Args:
        log: the log.
        given: the names of `case`, `event` and `time`; None where they are the defaults.
        carried: further columns.

    Raises:
        DataError: where the log cannot be read or lacks a column.
    """
    named = {what: name for what, name in given.items() if name is not None}
    if is_xes(log):
        return read_xes(log, columns=carried, **named), DEFAULTS
    try:
        log, unreadable = _of_one_form(log)
        lazy, names = _opened(log, tuple(given.values()))
        needed = needed_columns(lazy.collect_schema(), names, carried, unreadable)
        return with_plain_keys(lazy.select(needed).collect(), LOG, names[:1]), names
    except (PolarsError, PanicException, OSError) as error:
        raise DataError(f"{LOG}: cannot be read: {first_line(error)}") from error


def needed_columns(
    schema: Collection[str],
    names: Sequence[str],
    carried: Sequence[str],
    unreadable: Mapping[str, str],
) -> list[str]:
    """Return the columns needed of a log.

    Args:
        schema: the columns of the log.
        names: the columns of case, event and time.
        carried: further columns.
        unreadable: the type of each column that cannot be read, by name.

    Raises:
        DataError: where a column is missing or cannot be read, or two of the names are the same.
    """
    if len(set(names)) < len(names):
        raise DataError(f"case, event, time: found {listed(names)}; accepted: three columns")
    for name in (*names, *carried):
        if kind := unreadable.get(name):
            raise DataError(
                f"{LOG}: column {name} holds {kind}, which cannot be read; {advice(kind)}"
            )
    missing = dict.fromkeys(name for name in (*names, *carried) if name not in schema)
    if missing:
        hints = [f"{name}{suggest(name, schema)}" for name in missing]
        raise DataError(f"{LOG}: missing column {listed(hints)}; found {listed(list(schema))}")
    also = [LIFECYCLE] if LIFECYCLE in schema else []
    return list(dict.fromkeys([*names, *carried, *also]))


def log_names(given: Sequence[str | None], present: Mapping[str, object]) -> tuple[str, ...]:
    """Return the columns of case, event and time: as given, else all defaults or all XES's.

    Args:
        given: the names of the three; None where they are the defaults.
        present: the columns of the log.
    """
    plain, of_xes = (
        tuple(d if name is None else name for name, d in zip(given, defaults, strict=True))
        for defaults in (DEFAULTS, OF_XES)
    )
    return of_xes if not set(plain) <= set(present) and set(of_xes) <= set(present) else plain


def _of_one_form(log: OneTable) -> tuple[OneTable, Mapping[str, str]]:
    """Return the log as a path or a frame, and the type of each column that cannot be read."""
    if not isinstance(log, str | os.PathLike):
        return readable_table(log, Table(LOG, key=DEFAULTS))
    path = Path(log)
    if path.is_file() and kind_of(path) not in SUFFIXES:
        raise DataError(f"{path}: unknown kind of file; {ACCEPTED}; {listed(XES_SUFFIXES)}")
    if is_csv(path):
        return log, {}
    return readable_table(log, Table(LOG, key=DEFAULTS))


def _opened(log: OneTable, given: tuple[str | None, ...]) -> tuple[pl.LazyFrame, tuple[str, ...]]:
    """Return the log and the names of its columns: as given, else all defaults or all XES's."""
    plain, of_xes = (
        tuple(d if name is None else name for name, d in zip(given, defaults, strict=True))
        for defaults in (DEFAULTS, OF_XES)
    )
    # The names tell the separator of a CSV file, so that the file is opened for each set of names.
    lazy = lazy_table(log, _table(plain))
    if not set(plain) <= set(lazy.collect_schema()):
        other = lazy_table(log, _table(of_xes))
        if set(of_xes) <= set(other.collect_schema()):
            return other, of_xes
    return lazy, plain


def _table(names: tuple[str, ...]) -> Table:
    """Return the declaration of the log as a table with the key case, event and time."""
    return Table(LOG, key=tuple(dict.fromkeys(names)), dates=[names[2]])
