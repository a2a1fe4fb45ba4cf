"""Data-quality counts of a table as rows that add up, and the counts out of the sums of such rows.

What is no sum is counted: a member of a set is a row of its own, and so is a newest day; what holds in
every batch is counted against the number of batches.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypeAlias

from attrs import frozen

from kpi.tables.quality import NAMED, Remark, TableQuality


@frozen
class QualityRow:
    """Row of the data-quality counts of one table.

    Attributes:
        quantity: what is counted.
        n: the number.
        item: a reason, value or day that the number is about; None for none.
        column: the column that it is about; None for none.
        position: the place of the item among others, from 0; None where the order says nothing.
    """

    quantity: str
    n: int
    item: str | None = None
    column: str | None = None
    position: int | None = None


PARTS, FILLED = "parts", "parts with rows"
_LACKING, _PARTLY = "group column missing", "group column missing in a part"
_EMPTY = ", no rows"
"""Ending of the quantities of a part without rows, which says nothing where another part has rows."""


def quality_rows(facts: TableQuality) -> Iterator[QualityRow]:
    """Yield the rows of the counts of one table."""
    yield QualityRow(PARTS, 1)
    yield QualityRow(FILLED, int(facts.rows > 0))
    yield QualityRow("rows", facts.rows)
    yield QualityRow("hidden", facts.hidden)
    yield QualityRow("repeated", facts.repeated)
    yield QualityRow("copies", facts.copies)
    yield QualityRow("orphan pauses", facts.orphan_pauses)
    yield QualityRow("strays", facts.strays)
    for reason, n in facts.rejected.items():
        yield QualityRow("rejected", n, reason)
    for (column, word), n in facts.unexpected_categories.items():
        yield QualityRow("unexpected category", n, word, column)
    for (column, word), n in facts.unread.items():
        yield QualityRow("unread", n, word, column)
    for column, word in facts.absent_categories:
        yield QualityRow("absent category", 1, word, column)
    for column, word in facts.absent_values:
        yield QualityRow("absent value", 1, word, column)
    for (column, day), n in facts.implausible_dates.items():
        yield QualityRow("implausible date", n, day.isoformat(), column)
    for quantity, newest in (("newest", facts.newest), ("oldest", facts.oldest)):
        if newest is not None:
            yield QualityRow(quantity, 1, newest.isoformat())
    for key in facts.repeated_ids:
        yield QualityRow("repeated id", 1, key)
    if facts.plausible_years is not None:
        yield QualityRow("plausible years", 1, json.dumps(facts.plausible_years))
    for column in facts.zoned:
        yield QualityRow("zoned", 1, column=column)
    if facts.of is not None:
        yield QualityRow("pauses of", 1, facts.of)
    ending = "" if facts.rows else _EMPTY
    for quantity, columns in (
        (_LACKING, facts.missing_group_columns),
        (_PARTLY, facts.partly_lacking),
    ):
        for column in columns:
            yield QualityRow(quantity + ending, 1, column=column)
    for position, name in enumerate(facts.skipped):
        yield QualityRow("skipped", 1, name, position=position)
    for position, remark in enumerate(facts.remarks_of_source):
        texts = json.dumps([remark.code, remark.text, remark.redacted], ensure_ascii=False)
        yield QualityRow("remark", 1, texts, position=position)


_Rows: TypeAlias = Mapping[str, Sequence[QualityRow]]


def quality_of(rows: Iterable[QualityRow], by: Sequence[str]) -> TableQuality:
    """Return the counts of a table out of the sums of the rows of its batches.

    Args:
        rows: the rows, those that differ in nothing but `n` added up.
        by: the columns of the break-down, in order.

    Raises:
        ValueError: where an item is not what its quantity says.
    """
    of: dict[str, list[QualityRow]] = {}
    for row in rows:
        of.setdefault(row.quantity, []).append(row)
    years = [json.loads(row.item or "") for row in of.get("plausible years", ())]
    lacking, partly = _lacking(of, by)
    return TableQuality(
        rows=_number(of, "rows"),
        hidden=_number(of, "hidden"),
        repeated=_number(of, "repeated"),
        copies=_number(of, "copies"),
        orphan_pauses=_number(of, "orphan pauses"),
        strays=_number(of, "strays"),
        rejected={row.item or "": row.n for row in of.get("rejected", ())},
        unexpected_categories=_cells(of, "unexpected category"),
        unread=_cells(of, "unread"),
        implausible_dates={
            (column, dt.date.fromisoformat(day)): n
            for (column, day), n in _cells(of, "implausible date").items()
        },
        absent_categories=_in_all(of, "absent category"),
        absent_values=_in_all(of, "absent value"),
        newest=max(_days(of, "newest"), default=None),
        oldest=min(_days(of, "oldest"), default=None),
        repeated_ids=tuple(sorted(row.item or "" for row in of.get("repeated id", ()))[:NAMED]),
        plausible_years=tuple(years[0]) if years else None,
        zoned=frozenset(row.column or "" for row in of.get("zoned", ())),
        of=next((row.item for row in of.get("pauses of", ())), None),
        missing_group_columns=lacking,
        partly_lacking=partly,
        skipped=tuple(dict.fromkeys(row.item or "" for row in _in_order(of.get("skipped", ())))),
        remarks_of_source=_remarks(of.get("remark", ())),
    )


def _number(of: _Rows, quantity: str) -> int:
    return sum(row.n for row in of.get(quantity, ()))


def _cells(of: _Rows, quantity: str) -> dict[tuple[str, str], int]:
    return {(row.column or "", row.item or ""): row.n for row in of.get(quantity, ())}


def _in_all(of: _Rows, quantity: str) -> frozenset[tuple[str, str]]:
    """Return the values that every batch lacks: one that a batch lacks may stand in another."""
    parts = _number(of, PARTS)
    return frozenset(value for value, n in _cells(of, quantity).items() if n == parts)


def _days(of: _Rows, quantity: str) -> list[dt.date]:
    return [dt.date.fromisoformat(row.item or "") for row in of.get(quantity, ())]


def _in_order(rows: Iterable[QualityRow]) -> list[QualityRow]:
    return sorted(rows, key=lambda row: (row.position or 0, row.item or ""))


def _lacking(of: _Rows, by: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the columns of the break-down that all parts lack, and those that some lack."""
    filled = _number(of, FILLED)
    # A batch without rows has nothing to break down.
    ending, parts = ("", filled) if filled else (_EMPTY, _number(of, PARTS))
    lacking_in = {row.column or "": row.n for row in of.get(_LACKING + ending, ())}
    lacking = tuple(name for name in by if lacking_in.get(name) == parts)
    named = {*lacking_in, *(row.column or "" for row in of.get(_PARTLY + ending, ()))}
    return lacking, tuple(sorted(named.difference(lacking)))


def _remarks(rows: Sequence[QualityRow]) -> tuple[Remark, ...]:
    """Return the remarks in the order of their only batch, else by their texts."""
    remarks: list[Remark] = []
    for row in _in_order(rows):
        code, text, redacted = json.loads(row.item or "")
        remarks += [Remark(text, redacted, code=code)] * row.n
    several = sum(row.n for row in rows if not row.position) > 1
    return tuple(sorted(remarks, key=lambda one: one.text) if several else remarks)
