"""What two extracts must have in common to be compared, a line for each mistake (F63)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping

from kpi.definitions.notes import Note
from kpi.engine.partial import Batch
from kpi.errors import DataError, PlanError, listed
from kpi.evaluation.comparison.table_pairs import TablePair
from kpi.rules._reported import FactTarget
from kpi.tables.check import Extract


def require_order(as_of: dt.date, to: dt.date) -> None:
    """Check that the later day is not before the earlier one.

    Raises:
        PlanError: where it is.
    """
    if to < as_of:
        raise PlanError(
            f"to: found {to}, before the as-of date {as_of}; accepted: that day or later"
        )


def require_same_tables(old: Extract, new: Extract) -> None:
    """Check that both extracts hold the same of the tables that the plan reads (F46).

    Raises:
        DataError: naming each table that one of them lacks, a line each.
    """
    lines = [
        f"{name}: not in {lacking}, but in {other}; compare extracts that both hold it"
        for one, two, lacking, other in ((old, new, "OLD", "NEW"), (new, old, "NEW", "OLD"))
        for name in one.missing
        if name not in two.missing
    ]
    if lines:
        raise DataError("\n".join(lines))


def require_common_keys(pairs: Mapping[str, TablePair], before: Batch, after: Batch) -> None:
    """Check that NEW has the cases of D, and that both share a key, in each table of cases.

    A table that has no row in one of them may have begun later, but NEW must not lack every case that
    OLD has.

    Raises:
        DataError: naming each table where that is not so, a line each.
    """
    lines = []
    for name, pair in pairs.items():
        if all(isinstance(target, FactTarget) for target in before.needs.by_table[name]):
            # Facts are few, and each may be reported in one extract alone.
            continue
        old, new, day = before.tables[name], after.tables[name], before.as_of
        if old.rows and not new.rows:
            lines.append(
                f"{name}: NEW has no case that was entered by {day}, and OLD has {old.rows:,}; "
                "give an extract that holds them"
            )
        elif old.rows and new.rows and not pair.pairs.before.height and not pair.pairs.doubtful:
            key = listed(old.table.key)
            lines.append(
                f"{name}: OLD and NEW have no {key} in common as of {day}; ids must be the same in both"
            )
    if lines:
        raise DataError("\n".join(lines))


def order_notes(old: Extract, new: Extract) -> Iterator[Note]:
    """Yield a note for each table of which OLD seems to be the newer extract.

    Its newest entry or event is later than that of NEW, and NEW has no more rows: nothing has come.
    """
    for name, table in old.tables.items():
        other = new.tables[name]
        newest, of_new = table.facts.newest, other.facts.newest
        if newest is None or of_new is None or newest <= of_new:
            continue
        if other.facts.rows <= table.facts.rows:
            yield Note(
                "old-is-newer",
                "{table}: OLD is newer than NEW: its newest date is {newest}, that of NEW is {of_new}; "
                "exchange them",
                table=name,
                newest=newest,
                of_new=of_new,
            )


def later_notes(before: Batch, extract: Extract) -> Iterator[Note]:
    """Yield a note for each table of OLD with entries or events after D, which are hidden (S15)."""
    for name, table in extract.tables.items():
        newest = table.facts.newest
        if newest is not None and newest > before.as_of:
            yield Note(
                "later-than-as-of",
                "{table}: OLD has dates through {newest}, after {day}; they are hidden",
                table=name,
                newest=newest,
                day=before.as_of,
            )
