"""Tables that an extract file makes of event logs: cases and pauses (S13, S14, S15)."""

from __future__ import annotations

import datetime as dt
from collections import Counter

from attrs import evolve
from polars.exceptions import PanicException, PolarsError

from kpi.definitions.extract_file import TableSource
from kpi.definitions.log_sources import CasesFromEvents, PausesFromEvents
from kpi.definitions.messages import Message
from kpi.definitions.plan import Plan
from kpi.definitions.table import Table
from kpi.errors import DataError, first_line, listed
from kpi.tables.event_log.cases import chosen, event_cases, refuse_clashes
from kpi.tables.event_log.choice import Choice
from kpi.tables.event_log.conversion import LogConversion
from kpi.tables.event_log.log_rows import LogRows, local_day
from kpi.tables.event_log.pauses import pauses_from_events
from kpi.tables.event_log.reading import log_names, needed_columns
from kpi.tables.quality import Remark
from kpi.tables.renamed_values import with_renamed_values, without_nulls
from kpi.tables.sources.source_table import SourceTable


def from_declared_log(plan: Plan, table: Table, source: SourceTable, as_of: dt.date) -> SourceTable:
    """Return the source of a table that is made of an event log; others are returned as they are.

    Args:
        plan: the plan.
        table: the declaration of the table in the plan.
        source: the source, under the plan's names.
        as_of: the as-of date: later rows of the log are left out (S15).

    Raises:
        DataError: where the table's declaration does not go with the log's, or the log cannot be
            used.
    """
    declared = source.declared
    if declared is None or declared.from_events is None:
        return source
    spec = declared.from_events
    key = _key(table)
    if isinstance(spec, PausesFromEvents):
        _require_pauses(table)
    else:
        refuse_clashes(key, spec)
        _require_cases(table)
    rows, renamed = _rows(plan, table, source, declared, spec, as_of)
    if isinstance(spec, PausesFromEvents):
        begun, ended = _bounds_of_pauses(table)
        frame, remarks = pauses_from_events(rows, spec, key, begun, ended)
        since = None
    else:
        choice = chosen(rows, spec)
        cases = event_cases(rows, spec, choice, key)
        frame, remarks = cases.cases, list(cases.remarks)
        since = _since(choice, spec, table, as_of, plan.time_zone)
    rejected = rows.rejected()
    log = LogConversion(
        as_of=as_of,
        hidden=rows.hidden_rows,
        since=since,
        rejected=rejected,
        reasons=dict(sorted(Counter(rejected["reason"]).items())),
    )
    # The words of the log are the plan's by now.
    worded = evolve(declared, values={}, columns={}, from_events=None)
    return SourceTable(
        frame.lazy(), declared=worded, remarks=(*source.remarks, *renamed, *remarks), log=log
    )


def _key(table: Table) -> str:
    """Return the column of the key of a table that is made of an event log.

    Raises:
        DataError: where the key is of several columns.
    """
    if len(table.key) > 1:
        raise DataError(
            f"{table.name}: from_events: the plan's key is {listed(table.key)}; a log names a case "
            "in one column"
        )
    return table.key[0]


def _require_pauses(table: Table) -> None:
    if table.pauses is None:
        raise DataError(
            f"{table.name}: from_events: stops and starts make pauses, and in the plan the table "
            "pauses no other; accepted: dates, or pauses in the plan"
        )


def _bounds_of_pauses(table: Table) -> tuple[str, str]:
    """Return the columns that hold when a pause begins and ends.

    Raises:
        DataError: where the table has no event, or several.
    """
    assert table.entry is not None, "a table of pauses has an entry"
    if len(table.events) != 1:
        raise DataError(
            f"{table.name}: from_events: stops and starts give the entry and one event, and the "
            f"plan's table has {listed(table.events) or 'no event'}; accepted: one event"
        )
    return table.entry, table.events[0]


def _require_cases(table: Table) -> None:
    if table.pauses is not None:
        raise DataError(
            f"{table.name}: from_events: dates make cases, and in the plan the table pauses "
            f"{table.pauses}; accepted: stops and starts"
        )


def _rows(
    plan: Plan,
    table: Table,
    source: SourceTable,
    declared: TableSource,
    spec: CasesFromEvents | PausesFromEvents,
    as_of: dt.date,
) -> tuple[LogRows, list[Remark]]:
    """Read the rows of a log: renamed values, words for null, times; and note what was not renamed.

    Raises:
        DataError: where the log cannot be read, lacks a column, or no time can be read.
    """
    carried = spec.columns if isinstance(spec, CasesFromEvents) else ()
    frame = source.frame
    try:
        present = frame.collect_schema()
        names = log_names((spec.case, spec.event, spec.time), present)
        raw = frame.select(needed_columns(present, names, carried, source.unreadable)).collect()
    except (PolarsError, PanicException, OSError) as error:
        raise DataError(f"log: cannot be read: {first_line(error)}") from error
    raw = without_nulls(raw, table.nulls if declared.nulls is None else declared.nulls)
    raw, absent = with_renamed_values(raw, declared.values)
    rows = LogRows.of(
        raw,
        names,
        time_format=spec.time_format,
        unit=declared.epochs.get(names[2]),
        as_of=as_of,
        time_zone=plan.time_zone,
    )
    remarks = [
        Remark(
            Message(
                "{column}: the extract file renames what no row of the log holds: {value}",
                column=name,
                value=repr(word),
            ),
            code="renamed-values-absent",
        )
        for name, word in sorted(absent)
    ]
    return rows, remarks


def _since(
    choice: Choice, spec: CasesFromEvents, table: Table, as_of: dt.date, time_zone: str
) -> dt.date | None:
    """Return the first day as of which the same cases come of the log; None for any day.

    What a snapshot hides needs no other conversion: a first event that is not there yet, a case
    whose entry is not there yet. A last event, or the first of a list that happened at all, may
    have been another one before.
    """
    first_only = all(
        len(occurrence.picks) == 1 and not occurrence.picks[0].last
        for occurrence in spec.dates.values()
    )
    if not first_only or spec.reopened == "last":
        return as_of
    late = [choice.carried_late]
    hidden = {table.entry, *table.events}
    late += [times.max() for name, times in choice.dates.items() if name not in hidden]  # type: ignore[misc]  # dates and times
    entries = choice.dates.get(table.entry or "")
    bare = None if entries is None else entries.is_null()
    if bare is None or bare.any():
        first = choice.first()
        late.append((first if bare is None else first.filter(bare)).max())  # type: ignore[arg-type]  # as above
    days = [local_day(time, time_zone) for time in late if time is not None]
    return max(days, default=None)
