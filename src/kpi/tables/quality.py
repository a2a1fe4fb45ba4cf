"""Data quality of a table: counts of rows read, rejected and hidden, and the notes on them."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterator, Mapping

from attrs import field, frozen

from kpi.definitions.notes import REMARK, Note
from kpi.definitions.reserved import FACTS
from kpi.errors import listed, suggest
from kpi.tables.redaction import cell, cells, ids, is_redacted, redacted

NAMED = 5
"""The most ids or values that a message names: cases are personal data."""


@frozen
class Remark:
    """Note that may name ids and texts of cells, which must not be shown where they are redacted.

    Attributes:
        text: the note.
        redacted: the note where cells are redacted; None where it names none.
        code: the kind of note.
    """

    text: str
    redacted: str | None = None
    code: str = field(default=REMARK, kw_only=True)

    @classmethod
    def of(cls, line: Callable[[], str], *, code: str) -> Remark:
        """Return a note from a function that returns it as cells may be shown when it is called."""
        with redacted(hide=False):
            text = line()
        with redacted():
            return cls(text, line(), code=code)

    def __str__(self) -> str:
        return self.redacted if self.redacted is not None and is_redacted() else self.text


@frozen(kw_only=True)
class TableQuality:
    """Data-quality counts of one table, additive over batches.

    Attributes:
        rows: number of rows read, whatever became of them.
        rejected: reason -> rows that cannot be used (S12).
        hidden: number of usable rows that do not exist yet at the as-of date (S15).
        newest: day of the newest entry or event, whatever the as-of date; None without any.
        oldest: day of the oldest plausible entry or event; None without any.
        repeated: number of rows, usable or not, whose key stands more than once (S13).
        repeated_ids: at most `NAMED` of these keys, as texts.
        copies: number of the repeated rows whose key has only rows alike in all columns read.
        implausible_dates: (column, date) -> rows, for dates outside the plausible years.
        plausible_years: the first and the last plausible year around the plan's period; None where
            nothing was checked.
        absent_categories: pairs (column, value) that the plan names and no row holds (S10).
        unexpected_categories: (column, value) -> rows, for values that no target names.
        unread: (column, text) -> rows, for texts that are not what the column must hold; of each
            batch the commonest texts only.
        zoned: columns of times with a zone, which became local dates of the plan's zone (S1).
        orphan_pauses: number of rows of a table of pauses whose case is not there (S14).
        strays: number of orphan pauses whose case is not rejected or hidden in its batch either.
        of: for a table of pauses, the table that their cases stand in; else None.
        missing_group_columns: columns of the break-down that the table has in no batch.
        partly_lacking: columns of the break-down that the table has in some batches only.
        skipped: the checks that the caller left out.
        absent_values: pairs (column, value of the source) that an extract file renames and no row
            holds.
        remarks_of_source: notes on how the source was read, a line each.
    """

    rows: int = 0
    rejected: Mapping[str, int] = field(factory=dict)
    hidden: int = 0
    newest: dt.date | None = None
    oldest: dt.date | None = None
    repeated: int = 0
    repeated_ids: tuple[str, ...] = ()
    copies: int = 0
    implausible_dates: Mapping[tuple[str, dt.date], int] = field(factory=dict)
    plausible_years: tuple[int, int] | None = None
    absent_categories: frozenset[tuple[str, str]] = frozenset()
    unexpected_categories: Mapping[tuple[str, str], int] = field(factory=dict)
    unread: Mapping[tuple[str, str], int] = field(factory=dict)
    zoned: frozenset[str] = frozenset()
    orphan_pauses: int = 0
    strays: int = 0
    of: str | None = None
    missing_group_columns: tuple[str, ...] = ()
    partly_lacking: tuple[str, ...] = ()
    skipped: tuple[str, ...] = ()
    absent_values: frozenset[tuple[str, str]] = frozenset()
    remarks_of_source: tuple[Remark, ...] = ()

    def __add__(self, other: TableQuality) -> TableQuality:
        newest = [d for d in (self.newest, other.newest) if d is not None]
        oldest = [d for d in (self.oldest, other.oldest) if d is not None]
        lacking, partly_lacking = self._lacking_with(other)
        return TableQuality(
            rows=self.rows + other.rows,
            rejected=Counter(self.rejected) + Counter(other.rejected),
            hidden=self.hidden + other.hidden,
            newest=max(newest, default=None),
            oldest=min(oldest, default=None),
            repeated=self.repeated + other.repeated,
            repeated_ids=tuple(sorted({*self.repeated_ids, *other.repeated_ids})[:NAMED]),
            copies=self.copies + other.copies,
            implausible_dates=Counter(self.implausible_dates) + Counter(other.implausible_dates),
            plausible_years=self.plausible_years or other.plausible_years,
            # A value that one batch lacks may stand in the other.
            absent_categories=self.absent_categories & other.absent_categories,
            unexpected_categories=Counter(self.unexpected_categories)
            + Counter(other.unexpected_categories),
            unread=Counter(self.unread) + Counter(other.unread),
            zoned=self.zoned | other.zoned,
            orphan_pauses=self.orphan_pauses + other.orphan_pauses,
            strays=self.strays + other.strays,
            of=self.of or other.of,
            missing_group_columns=lacking,
            partly_lacking=partly_lacking,
            skipped=tuple(dict.fromkeys((*self.skipped, *other.skipped))),
            absent_values=self.absent_values & other.absent_values,
            remarks_of_source=_both(self.remarks_of_source, other.remarks_of_source),
        )

    def _lacking_with(self, other: TableQuality) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Return the columns that both lack, and the columns that some of the batches lack."""
        # A batch without rows has nothing to break down.
        filled = [facts for facts in (self, other) if facts.rows] or [self, other]
        lacking = tuple(
            name
            for name in filled[0].missing_group_columns
            if all(name in facts.missing_group_columns for facts in filled)
        )
        named = {
            name
            for facts in filled
            for name in (*facts.missing_group_columns, *facts.partly_lacking)
        }
        return lacking, tuple(sorted(named.difference(lacking)))

    def remarks(self, table: str) -> Iterator[Note]:
        """Yield the notes on the table for the reader of a result, a line each.

        Args:
            table: the name of the table.
        """
        if not self.rows:
            yield Note("empty-table", f"{table}: the table has no rows")
        for remark in self.remarks_of_source:
            yield Note(remark.code, f"{table}: {remark}")
        for name in self.skipped:
            yield Note(
                "check-skipped",
                f"{table}: {name} not checked, as asked; rows of a repeated id are counted, each of them",
            )
        for reason, rows in sorted(self.rejected.items()):
            yield Note(
                "rejected-rows", f"{table}: {rows:,} of {rows_text(self.rows)} rejected: {reason}"
            )
        yield from self._unread_texts(table)
        if self.hidden:
            yield Note(
                "entered-later",
                f"{table}: {rows_text(self.hidden)} entered after the as-of date, left out",
            )
        if self.orphan_pauses:
            yield Note(
                "pauses-without-case",
                f"{table}: {rows_text(self.orphan_pauses)} whose case is not in {self.of}, left out",
            )
        if self.missing_group_columns:
            yield Note(
                "no-group-column",
                f"{table}: no column {listed(self.missing_group_columns)}, so its targets are not broken down by it",
            )
        if self.partly_lacking:
            columns = listed(self.partly_lacking)
            yield Note(
                "group-column-in-some-batches",
                f"{table}: no column {columns} in some batches, whose rows are a group without a value",
            )
        if self.repeated:
            named = ids(self.repeated_ids)
            among = f"; among them {listed(named)}" if named else ""
            yield Note(
                "repeated-ids",
                f"{table}: {rows_text(self.repeated)} with a repeated id, excluded{among}",
            )
            others = self.repeated - self.copies
            yield Note(
                "repeated-rows",
                f"{table}: of the rows with a repeated id, {self.copies:,} repeat one another whole "
                f"and {others:,} contradict one another",
            )
        yield from self._far_dates(table)
        for column in sorted({name for name, _ in self.absent_categories}) if self.rows else ():
            missing = sorted(word for name, word in self.absent_categories if name == column)
            unexpected = [
                word
                for name, word in self.unexpected_categories
                if name == column and not is_redacted()
            ]
            words = [f"{word!r}{suggest(word, unexpected)}" for word in missing]
            if table == FACTS:
                yield Note("not-reported", f"{table}.{column}: nobody reported {listed(words)}")
            else:
                text = f"the plan names what no row holds: {listed(words)}"
                yield Note("values-absent", f"{table}.{column}: {text}")
        for column in sorted({name for name, _ in self.unexpected_categories}):
            counts = {
                word: n for (name, word), n in self.unexpected_categories.items() if name == column
            }
            shown = listed(cells(sorted(counts)), NAMED)
            many = rows_text(sum(counts.values()))
            yield Note(
                "values-unnamed",
                f"{table}.{column}: {many} with a value that no target names: {shown}",
            )

        for column in sorted({name for name, _ in self.absent_values}) if self.rows else ():
            absent = cells(sorted(word for name, word in self.absent_values if name == column))
            text = f"the extract file renames what no row holds: {listed(absent)}"
            yield Note("renamed-values-absent", f"{table}.{column}: {text}")

    def _unread_texts(self, table: str) -> Iterator[Note]:
        """Yield the commonest text of each column that cannot be read, with its number of rows."""
        for column in sorted({name for name, _ in self.unread}):
            counts = {word: n for (name, word), n in self.unread.items() if name == column}
            commonest, n = min(counts.items(), key=lambda counted: (-counted[1], counted[0]))
            often = "unreadable" if len(counts) == 1 else "most often unreadable"
            if n > 1 or len(counts) == 1:
                yield Note(
                    "unreadable-texts", f"{table}.{column}: {often}: {n:,} × {cell(commonest)}"
                )

    def _far_dates(self, table: str) -> Iterator[Note]:
        for column in sorted({name for name, _ in self.implausible_dates}):
            days = {day: n for (name, day), n in self.implausible_dates.items() if name == column}
            often = sorted(days, key=lambda day: (-days[day], day))
            shown = listed([f"{day} ({days[day]:,})" for day in often], NAMED)
            many = sum(days.values())
            first, last = self.plausible_years or (1, 9999)
            yield Note(
                "implausible-dates",
                f"{table}.{column}: {many:,} {'date' if many == 1 else 'dates'} outside the years "
                f"{first} to {last}, taken as they stand" + ("" if is_redacted() else f": {shown}"),
            )


def _both(some: tuple[Remark, ...], others: tuple[Remark, ...]) -> tuple[Remark, ...]:
    """Return the remarks of two batches; their order must not tell which came first."""
    if not some or not others:
        return some or others
    return tuple(sorted((*some, *others), key=lambda remark: remark.text))


def rows_text(n: int) -> str:
    """Return a number of rows in words, with thousands apart: "1,234 rows"."""
    return f"{n:,} row" if n == 1 else f"{n:,} rows"
