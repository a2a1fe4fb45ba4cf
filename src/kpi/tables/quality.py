"""Data quality of a table: counts of rows read, rejected and hidden, and the notes on them."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

from attrs import field, frozen

from kpi.definitions.messages import Listing, Message
from kpi.definitions.notes import REMARK, Note
from kpi.definitions.reserved import FACTS
from kpi.errors import nearest
from kpi.tables.redaction import cell, cells, ids, is_redacted, redacted
from kpi.tables.rejections import rejection

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
    def of(cls, line: Callable[[], Message], *, code: str) -> Remark:
        """Return a note from a function that returns it as cells may be shown when it is called."""
        with redacted(hide=False):
            text = line()
        with redacted():
            return cls(text, line(), code=code)

    @property
    def shown(self) -> str:
        """The note as it may be shown now."""
        return self.redacted if self.redacted is not None and is_redacted() else self.text

    def __str__(self) -> str:
        return str(self.shown)


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
            yield Note("empty-table", "{table}: the table has no rows", table=table)
        for remark in self.remarks_of_source:
            yield Note(remark.code, "{subject}: {note}", subject=table, note=remark.shown)
        for name in self.skipped:
            yield Note(
                "check-skipped",
                "{table}: {check} not checked, as asked; rows of a repeated id are counted, each of them",
                table=table,
                check=name,
            )
        for reason, rows in sorted(self.rejected.items()):
            yield Note(
                "rejected-rows",
                "{table}: {n:,} of {rows} rejected: {reason}",
                table=table,
                n=rows,
                rows=rows_text(self.rows),
                reason=rejection(reason),
            )
        yield from self._unread_texts(table)
        if self.hidden:
            yield Note(
                "entered-later",
                "{table}: {rows} entered after the as-of date, left out",
                table=table,
                rows=rows_text(self.hidden),
            )
        if self.orphan_pauses:
            yield Note(
                "pauses-without-case",
                "{table}: {rows} whose case is not in {of}, left out",
                table=table,
                rows=rows_text(self.orphan_pauses),
                of=self.of,
            )
        if self.missing_group_columns:
            yield Note(
                "no-group-column",
                "{table}: no column {columns}, so its targets are not broken down by it",
                table=table,
                columns=Listing(self.missing_group_columns),
            )
        if self.partly_lacking:
            yield Note(
                "group-column-in-some-batches",
                "{table}: no column {columns} in some batches, whose rows are a group without a value",
                table=table,
                columns=Listing(self.partly_lacking),
            )
        if self.repeated:
            yield Note(
                "repeated-ids",
                "{table}: {rows} with a repeated id, excluded{among}",
                table=table,
                rows=rows_text(self.repeated),
                among=among_them(self.repeated_ids),
            )
            yield Note(
                "repeated-rows",
                "{table}: of the rows with a repeated id, {copies:,} repeat one another whole "
                "and {others:,} contradict one another",
                table=table,
                copies=self.copies,
                others=self.repeated - self.copies,
            )
        yield from self._far_dates(table)
        for column in sorted({name for name, _ in self.absent_categories}) if self.rows else ():
            missing = sorted(word for name, word in self.absent_categories if name == column)
            unexpected = [
                word
                for name, word in self.unexpected_categories
                if name == column and not is_redacted()
            ]
            words = Listing(quoted(word, unexpected) for word in missing)
            place = f"{table}.{column}"
            if table == FACTS:
                yield Note(
                    "not-reported", "{column}: nobody reported {values}", column=place, values=words
                )
            else:
                yield Note(
                    "values-absent",
                    "{column}: the plan names what no row holds: {values}",
                    column=place,
                    values=words,
                )
        for column in sorted({name for name, _ in self.unexpected_categories}):
            counts = {
                word: n for (name, word), n in self.unexpected_categories.items() if name == column
            }
            yield Note(
                "values-unnamed",
                "{column}: {rows} with a value that no target names: {values}",
                column=f"{table}.{column}",
                rows=rows_text(sum(counts.values())),
                values=Listing(cells(sorted(counts)), NAMED),
            )

        for column in sorted({name for name, _ in self.absent_values}) if self.rows else ():
            absent = cells(sorted(word for name, word in self.absent_values if name == column))
            yield Note(
                "renamed-values-absent",
                "{column}: the extract file renames what no row holds: {values}",
                column=f"{table}.{column}",
                values=Listing(absent),
            )

    def _unread_texts(self, table: str) -> Iterator[Note]:
        """Yield the commonest text of each column that cannot be read, with its number of rows."""
        for column in sorted({name for name, _ in self.unread}):
            counts = {word: n for (name, word), n in self.unread.items() if name == column}
            commonest, n = min(counts.items(), key=lambda counted: (-counted[1], counted[0]))
            if n > 1 or len(counts) == 1:
                yield Note(
                    "unreadable-texts",
                    "{column}: unreadable: {n:,} × {text}"
                    if len(counts) == 1
                    else "{column}: most often unreadable: {n:,} × {text}",
                    column=f"{table}.{column}",
                    n=n,
                    text=cell(commonest),
                )

    def _far_dates(self, table: str) -> Iterator[Note]:
        for column in sorted({name for name, _ in self.implausible_dates}):
            days = {day: n for (name, day), n in self.implausible_dates.items() if name == column}
            often = sorted(days, key=lambda day: (-days[day], day))
            shown = [Message("{what} ({n:,})", what=day, n=days[day]) for day in often]
            many = sum(days.values())
            first, last = self.plausible_years or (1, 9999)
            found = Message(
                "{column}: {n:,} date outside the years {first} to {last}, taken as they stand"
                if many == 1
                else "{column}: {n:,} dates outside the years {first} to {last}, taken as they stand",
                column=f"{table}.{column}",
                n=many,
                first=str(first),
                last=str(last),
            )
            if not is_redacted():
                found = Message("{found}: {dates}", found=found, dates=Listing(shown, NAMED))
            yield Note("implausible-dates", found.template, **found.values)


def _both(some: tuple[Remark, ...], others: tuple[Remark, ...]) -> tuple[Remark, ...]:
    """Return the remarks of two batches; their order must not tell which came first."""
    if not some or not others:
        return some or others
    return tuple(sorted((*some, *others), key=lambda remark: remark.text))


def rows_text(n: int) -> Message:
    """Return a number of rows in words, with thousands apart: "1,234 rows"."""
    return Message("{n:,} row" if n == 1 else "{n:,} rows", n=n)


def among_them(keys: Iterable[str]) -> str:
    """Return a few ids as a message ends with them; empty where ids are not named."""
    named = ids(keys)
    return Message("; among them {ids}", ids=Listing(named)) if named else ""


def quoted(word: str, near: Collection[str]) -> str:
    """Return a word in quotes, with the one that may be meant."""
    meant = nearest(word, near)
    if meant is None:
        return repr(word)
    return Message("{word} (did you mean '{meant}'?)", word=repr(word), meant=meant)
