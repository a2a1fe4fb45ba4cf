"""Schemas of the tables of an extract: key, dates, derived dates, pauses (S13-S15)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal, TypeAlias

from attrs import field, frozen

from kpi.definitions.derived_dates import Derived, day_ended, parse_derived
from kpi.definitions.encodings import COMMON, encoding
from kpi.definitions.fields import NAMES, about, choice, names, optional_text, placed, text
from kpi.definitions.kinds import Kind
from kpi.errors import PlanError, Problem, listed, suggest


def _encoding(value: object) -> str | None:
    return None if value is None else encoding(value)


def _derived(value: object) -> Mapping[str, Derived]:
    if not isinstance(value, Mapping):
        raise PlanError(f"found {value!r}; accepted: a date for each name")
    derived: dict[str, Derived] = {}
    problems: list[Problem] = []
    for name, definition in value.items():
        try:
            derived[text(name)] = parse_derived(definition)
        except PlanError as error:
            problems += error.within(str(name))
    if problems:
        raise PlanError(problems)
    return derived


LastDay: TypeAlias = Literal["counts", "paused"]
"""The day on which a pause ends: the first day that counts again, or the last paused day (S14)."""

LAST_DAYS: tuple[LastDay, ...] = ("counts", "paused")


def _last_day(value: object) -> LastDay:
    return choice(value, LAST_DAYS)


DateFormat: TypeAlias = str | Mapping[str, str]
"""Format of dates that are text: one for all columns, or a format by column."""


def parse_date_format(value: object) -> DateFormat | None:
    """Return the format of dates that are text, for all columns or by column; None stays None.

    Raises:
        PlanError: where a format is no text.
    """
    if not isinstance(value, Mapping):
        return optional_text(value)
    formats: dict[str, str] = {}
    problems: list[Problem] = []
    for name, style in value.items():
        try:
            formats[text(name)] = text(style)
        except PlanError as error:
            problems += error.within(str(name))
    if problems:
        raise PlanError(problems)
    return formats


def parse_nulls(value: object) -> tuple[str, ...]:
    """Return the texts that stand for no value.

    Raises:
        PlanError: where they are no texts, or stand twice.
    """
    words = (value,) if isinstance(value, str) else value
    if (
        not isinstance(words, list | tuple)
        or not all(isinstance(word, str) and word for word in words)
        or len(set(words)) < len(words)
    ):
        raise PlanError(f"found {value!r}; accepted: texts such as 'NULL', each once")
    return tuple(words)


def _files(value: object) -> tuple[str, ...]:
    paths = (value,) if isinstance(value, str) else value
    if (
        not isinstance(paths, list | tuple)
        or not all(isinstance(path, str) and path for path in paths)
        or len(set(paths)) < len(paths)
    ):
        raise PlanError(f"found {value!r}; accepted: a pattern such as 'cases_*.csv', or a list")
    return tuple(paths)


_OF_PAUSES = "found in a table without pauses; accepted: with the key pauses"


@frozen(field_transformer=placed)
class Table:
    """Schema of a table of an extract: the role of each column (S13, S15).

    Columns that the schema does not declare and no condition names are welcome and ignored.

    Raises:
        PlanError: where a column has two of the roles entry, event and date, the key is empty, an
            input of a derived date is no date, or a table of pauses does not have an entry and an
            end: one event, or a date that `until` names (S14).
    """

    name: str = field(converter=text, metadata=about("The table's name: its file in an extract."))
    key: tuple[str, ...] = field(
        kw_only=True,
        converter=names,
        metadata=about(
            "The column, or columns, whose value names a row: one row is one case.", NAMES
        ),
    )
    entry: str | None = field(
        default=None,
        kw_only=True,
        converter=optional_text,
        metadata=about(
            "The date on which a row came to exist; later ones are not there at `as_of`."
        ),
    )
    events: tuple[str, ...] = field(
        default=(),
        kw_only=True,
        converter=names,
        metadata=about(
            "Dates of what happened to the case; later ones are unknown at `as_of`.", NAMES
        ),
    )
    dates: tuple[str, ...] = field(
        default=(),
        kw_only=True,
        converter=names,
        metadata=about(
            "Dates that are neither, such as due dates; `as_of` never hides them.", NAMES
        ),
    )
    derived: Mapping[str, Derived] = field(
        factory=dict,
        kw_only=True,
        converter=_derived,
        # A mapping has no hash; two tables that differ in it alone are still told apart by ==.
        hash=False,
        metadata=about(
            "Dates made of others, by name: the latest of several, a date some time after another, "
            "a share of the way between two; of what is known at `as_of`.",
            {"type": "object", "additionalProperties": {"$ref": "#/$defs/derived"}},
        ),
    )
    pauses: str | None = field(
        default=None,
        kw_only=True,
        converter=optional_text,
        metadata=about(
            "The table whose cases its rows pause, from the entry to the one event; the key names "
            "the case, and one case may have many pauses (S14)."
        ),
    )
    until: str | None = field(
        default=None,
        kw_only=True,
        converter=optional_text,
        metadata=about(
            "The date on which a pause ends, where that is not the one event: a derived date such as "
            "the earlier of an answer and 14 days later (S14).",
        ),
    )
    last_day: LastDay = field(
        default="counts",
        kw_only=True,
        converter=_last_day,
        metadata=about(
            "Whether the day on which a pause ends counts again, or is the last day that is paused "
            "(S14; default: it counts).",
            {"enum": list(LAST_DAYS)},
        ),
    )
    date_format: DateFormat | None = field(
        default=None,
        kw_only=True,
        converter=parse_date_format,
        metadata=about(
            "How dates are written where they are text, such as '%d-%m-%Y', or for each column that "
            "is written otherwise; else ISO 8601.",
            {
                "anyOf": [
                    {"type": "string", "minLength": 1},
                    {"type": "object", "additionalProperties": {"type": "string", "minLength": 1}},
                ]
            },
        ),
    )
    nulls: tuple[str, ...] = field(
        default=(),
        kw_only=True,
        converter=parse_nulls,
        metadata=about(
            "Texts that stand for no value, in every column of texts, such as 'NULL' (default: the "
            "empty text alone).",
            NAMES,
        ),
    )
    encoding: str | None = field(
        default=None,
        kw_only=True,
        converter=_encoding,
        metadata=about(
            "How letters are written in its file of texts, such as CSV (default: utf-8); a byte order "
            "mark says so too.",
            {"anyOf": [{"enum": list(COMMON)}, {"type": "string", "minLength": 1}]},
        ),
    )
    files: tuple[str, ...] = field(
        default=(),
        kw_only=True,
        converter=_files,
        metadata=about(
            "Files that are the table together, in the directory of an extract: a pattern such as "
            "'cases_*.csv', or a list of paths and patterns (default: the file that bears its name).",
            NAMES,
        ),
    )

    def __attrs_post_init__(self) -> None:
        if not self.key:
            raise PlanError([Problem(("key",), "found no column; accepted: at least one")])
        twice = sorted({c for c in self.date_columns if self.date_columns.count(c) > 1})
        if twice:
            raise PlanError(f"{listed(twice)}: a column is the entry, an event or a date, only one")
        problems = [*self._wrong_derived(), *self._wrong_formats()]
        problems += self._wrong_pauses()
        if problems:
            raise PlanError(problems)

    def _wrong_derived(self) -> Iterator[Problem]:
        """Yield a problem for each derived date whose name is taken or whose input is unfit."""
        dates = list(self.date_columns)
        for name, derived in self.derived.items():
            if name in (*self.date_columns, *self.key):
                yield Problem(("derived", name), "is a column of the table already; rename one")
            for column, kind, key in derived.reads():
                if kind == "date" and column not in dates:
                    accepted = (
                        f"accepted: {listed(dates) or 'none is declared'}{suggest(column, dates)}"
                    )
                    message = (
                        f"{column!r} is no date of the table that stands before it; {accepted}"
                    )
                    yield Problem(("derived", name, key), message)
                elif kind != "date" and column in dates:
                    what = "texts" if kind == "text" else "whole numbers"
                    message = f"{column!r} is a date; accepted: a column of {what}"
                    yield Problem(("derived", name, key), message)
            dates.append(name)
        for name, derived in self.derived.items():
            for column in day_ended({name: derived}) & self.derived.keys():
                message = f"{column!r} is derived and has no time, which day_ends takes"
                yield Problem(("derived", name, "date"), message)

    def _wrong_pauses(self) -> Iterator[Problem]:
        """Yield a problem for each key that does not say when the rows pause cases (S14)."""
        if self.pauses is None:
            if self.last_day != "counts":
                yield Problem(("last_day",), _OF_PAUSES)
            if self.until is not None:
                yield Problem(("until",), _OF_PAUSES)
            return
        if self.until is None and (self.entry is None or len(self.events) != 1):
            message = (
                "accepted: with an entry, the first day that is not counted, and one event, the "
                "first day that counts again"
            )
            yield Problem(("pauses",), message)
        elif self.entry is None:
            message = "accepted: with an entry, the first day that is not counted"
            yield Problem(("pauses",), message)
        ends = [name for name in self.all_dates if name != self.entry]
        if self.until is not None and self.until not in ends:
            accepted = f"accepted: {listed(ends) or 'none is declared'}{suggest(self.until, ends)}"
            yield Problem(("until",), f"{self.until!r} is no end of a pause; {accepted}")

    def _wrong_formats(self) -> Iterator[Problem]:
        """Yield a problem for each column with a date format that is no date."""
        for name in self.date_format if isinstance(self.date_format, Mapping) else ():
            if name not in self.date_columns:
                dates = listed(self.date_columns) or "none is declared"
                hint = suggest(name, self.date_columns)
                message = f"{name!r} is no date of the table; accepted: {dates}{hint}"
                yield Problem(("date_format", name), message)

    def format_of(self, column: str) -> str | None:
        """Return the format of the dates of a column that are text; None for ISO 8601."""
        if isinstance(self.date_format, Mapping):
            return self.date_format.get(column)
        return self.date_format

    @property
    def date_columns(self) -> tuple[str, ...]:
        """The date columns of the extract: entry, events, dates."""
        return (*([self.entry] if self.entry else []), *self.events, *self.dates)

    @property
    def all_dates(self) -> tuple[str, ...]:
        """The dates that a target may name: date columns of the extract, and derived dates."""
        return (*self.date_columns, *self.derived)

    @property
    def pause_end(self) -> str:
        """The date on which a pause ends: that of `until`, or the one event of a table of pauses."""
        return self.events[0] if self.until is None else self.until

    @property
    def pause_events(self) -> tuple[str, ...]:
        """The columns behind the end of a pause that tell what happened, or the end itself.

        None of them may lie before the beginning of the pause.
        """
        behind = dict.fromkeys(name for name, _ in self.made_of(self.pause_end))
        return tuple(name for name in behind if name in self.events or name == self.until)

    def made_of(self, column: str) -> Iterator[tuple[str, Kind]]:
        """Yield the columns of the extract behind a date, with the kind of value each must hold.

        The column itself, or the inputs of a derived date.
        """
        if column not in self.derived:
            yield column, "date"
            return
        for name, kind, _ in self.derived[column].reads():
            if kind == "date":
                yield from self.made_of(name)
            else:
                yield name, kind
