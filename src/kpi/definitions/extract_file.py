"""Extract files: where each table of an extract comes from, and how the source writes it.

What differs between the words of a plan and those of a system stands in an extract file beside the
data, so that a plan serves many systems.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Literal, TypeAlias

from attrs import field, frozen

from kpi.definitions.fields import NAMES, about, choice, names, optional_text, placed, text
from kpi.definitions.log_sources import CasesFromEvents, PausesFromEvents, parse_from_events
from kpi.definitions.table import DateFormat, parse_date_format, parse_nulls
from kpi.errors import PlanError, Problem, listed, suggest

EpochUnit: TypeAlias = Literal["s", "ms", "us", "ns", "days", "excel"]
"""Unit of a date that is a number: time since 1970-01-01 (UTC), or serial days of a workbook."""

EPOCH_UNITS: tuple[EpochUnit, ...] = ("s", "ms", "us", "ns", "days", "excel")

CHARACTER_SETS: Mapping[str, str] = {
    "utf-8": "utf-8",
    "cp1252": "windows-1252",
    "iso8859-1": "iso-8859-1",
    "utf-16": "utf-16",
    "cp850": "cp850",
    "cp865": "cp865",
    "cp437": "cp437",
    "iso8859-15": "iso-8859-15",
    "cp1250": "windows-1250",
    "mac-roman": "macintosh",
}
"""Character encodings of text files, by Python's name of each; every alias of these is taken."""

_ORIGINS = ("path", "files", "database")
_WORD = {"type": ["string", "integer"]}
_WORDS = {"anyOf": [_WORD, {"type": "array", "items": _WORD, "minItems": 1, "uniqueItems": True}]}
_BY_COLUMN = {"type": "object", "additionalProperties": {"type": "string", "minLength": 1}}
_NOT_NEGATIVE = {"type": "integer", "minimum": 0}
_BEFORE_QUOTE, _AFTER_QUOTE = r"\x01-\x09\x0b\x0c\x0e-\x21", r"\x23-\x7f"
_SEPARATOR = {"type": "string", "pattern": f"^[{_BEFORE_QUOTE}{_AFTER_QUOTE}]$"}
_QUOTE = {"type": "string", "pattern": f'^[{_BEFORE_QUOTE}"{_AFTER_QUOTE}]?$'}


def _encoding(value: object) -> str | None:
    if value is None:
        return None
    accepted = f"accepted: {listed(list(CHARACTER_SETS.values()))}, or another name of these"
    if not isinstance(value, str):
        raise PlanError(f"found {value!r}; {accepted}")
    try:
        name = codecs.lookup(value.strip()).name
    except (LookupError, ValueError):
        name = value
    if name not in CHARACTER_SETS:
        hint = suggest(value, CHARACTER_SETS.values())
        raise PlanError(f"found {value!r}; {accepted}{hint}")
    return CHARACTER_SETS[name]


def _separator(value: object) -> str | None:
    if value is None or (_is_sign(value) and value != '"'):
        return value  # type: ignore[return-value]  # a sign is a text
    raise PlanError(f"found {value!r}; accepted: one sign of ASCII, such as ';'")


def _quote(value: object) -> str | None:
    if value is None or value == "" or _is_sign(value):
        return value  # type: ignore[return-value]  # as above
    raise PlanError(
        f'found {value!r}; accepted: one sign of ASCII, such as "\'", or the empty text for none'
    )


def _is_sign(value: object) -> bool:
    """Return whether a value is a sign that may part or surround the fields of a line."""
    return isinstance(value, str) and len(value) == 1 and value.isascii() and value not in "\r\n\0"


def _not_negative(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise PlanError(f"found {value!r}; accepted: a whole number, 0 or more")
    return value


def _optional_number(value: object) -> int | None:
    return None if value is None else _not_negative(value)


def _sheet(value: object) -> str | int | None:
    if isinstance(value, int) and not isinstance(value, bool):
        if value < 1:
            raise PlanError(f"found {value!r}; accepted: a sheet's name, or its number from 1")
        return value
    return optional_text(value)


def _by_key(value: object, accepted: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise PlanError(f"found {value!r}; accepted: {accepted}")
    return value


def _nulls(value: object) -> tuple[str, ...] | None:
    return None if value is None else parse_nulls(value)


def _columns(value: object) -> Mapping[str, str]:
    given = _by_key(value, "for each name of the plan the name in the source")
    columns: dict[str, str] = {}
    problems: list[Problem] = []
    for name, source in given.items():
        try:
            columns[text(name)] = text(source)
        except PlanError as error:
            problems += error.within(str(name))
    first: dict[str, str] = {}
    for name, source in columns.items():
        if first.setdefault(source, name) != name:
            message = f"found {source!r}, which is {first[source]} already; name a column once"
            problems.append(Problem((name,), message))
    if problems:
        raise PlanError(problems)
    return columns


def _word(value: object) -> str:
    """Return a value as a text of it is written; `true` and `false` as these words."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int):
        return str(value)
    if not isinstance(value, str):
        raise PlanError(f"found {value!r}; accepted: a text, a whole number, or true or false")
    return value


def _values(value: object) -> Mapping[str, Mapping[str, str]]:
    renamed: dict[str, dict[str, str]] = {}
    problems: list[Problem] = []
    for column, words in _by_key(value, "for each column its values").items():
        try:
            accepted = "for each value in the source the plan's value"
            renamed[text(column)] = {
                str(word): _word(meant) for word, meant in _by_key(words, accepted).items()
            }
        except PlanError as error:
            problems += error.within(str(column))
    if problems:
        raise PlanError(problems)
    return renamed


def _epochs(value: object) -> Mapping[str, EpochUnit]:
    units: dict[str, EpochUnit] = {}
    problems: list[Problem] = []
    for column, unit in _by_key(value, "for each date its unit, such as 's'").items():
        try:
            units[text(column)] = choice(unit, EPOCH_UNITS)
        except PlanError as error:
            problems += error.within(str(column))
    if problems:
        raise PlanError(problems)
    return units


@frozen
class Booleans:
    """Words for true and for false, whatever their case.

    Attributes:
        true: words for true.
        false: words for false.

    Raises:
        PlanError: where a word stands for both.
    """

    true: tuple[str, ...] = ()
    false: tuple[str, ...] = ()

    def __attrs_post_init__(self) -> None:
        both = [w for w in self.false if w.casefold() in {t.casefold() for t in self.true}]
        if both:
            raise PlanError(f"found {both[0]!r} for true and for false; accepted: for one of them")

    @property
    def words(self) -> dict[str, bool]:
        """The value of each word in small letters; `true` and `false` are words always."""
        declared = {w.casefold(): True for w in self.true} | {
            w.casefold(): False for w in self.false
        }
        return {"true": True, "false": False} | declared


def _booleans(value: object) -> Booleans | None:
    if value is None or isinstance(value, Booleans):
        return value
    accepted = "such as { true = ['Ja', 1], false = ['Nej', 0] }"
    words: dict[str, tuple[str, ...]] = {}
    problems: list[Problem] = []
    for key, given in _by_key(value, accepted).items():
        listed_words = given if isinstance(given, list | tuple) else [given]
        if key not in ("true", "false"):
            problems.append(Problem((str(key),), "unknown key; accepted: true, false"))
        elif not listed_words or any(
            isinstance(w, bool) or not isinstance(w, str | int) or w == "" for w in listed_words
        ):
            message = f"found {given!r}; accepted: words, or the numbers 0 and 1, {accepted}"
            problems.append(Problem((key,), message))
        else:
            words[key] = tuple(map(str, listed_words))
    if problems:
        raise PlanError(problems)
    return Booleans(**words)


@frozen(field_transformer=placed, kw_only=True)
class TableSource:
    """Source of a table of an extract, and how the source writes the table.

    Raises:
        PlanError: where the table has no source or several, or two keys contradict one another.
    """

    name: str = field(
        converter=text, kw_only=False, metadata=about("The table's name in the plan.")
    )
    path: str | None = field(
        default=None,
        converter=optional_text,
        metadata=about(
            "A file, a directory of part files, or a URL; relative to the extract file."
        ),
    )
    files: tuple[str, ...] = field(
        default=(),
        converter=names,
        metadata=about(
            "In place of path: a glob, or a list of paths and globs, as one table.", NAMES
        ),
    )
    database: str | None = field(
        default=None,
        converter=optional_text,
        metadata=about("In place of path: the URI of a database; $NAME is from the environment."),
    )
    query: str | None = field(
        default=None,
        converter=optional_text,
        metadata=about("The query of the database that returns the table."),
    )
    table: str | None = field(
        default=None,
        converter=optional_text,
        metadata=about("In place of query: the table's name in the database."),
    )
    version: int | None = field(
        default=None,
        converter=_optional_number,
        metadata=about("The version of a Delta table (default: the newest).", _NOT_NEGATIVE),
    )
    sheet: str | int | None = field(
        default=None,
        converter=_sheet,
        metadata=about(
            "The sheet of a workbook: its name, or its number from 1.",
            {"anyOf": [{"type": "string", "minLength": 1}, {"type": "integer", "minimum": 1}]},
        ),
    )
    encoding: str | None = field(
        default=None,
        converter=_encoding,
        metadata=about(
            "How letters are written in a text file, such as 'windows-1252' or 'cp850' (default: "
            "as the plan says, else utf-8)."
        ),
    )
    separator: str | None = field(
        default=None,
        converter=_separator,
        metadata=about("The sign between two fields (default: found in the header).", _SEPARATOR),
    )
    quote: str | None = field(
        default=None,
        converter=_quote,
        metadata=about(
            "The sign around quoted fields, the empty text for none (default: the double quote).",
            _QUOTE,
        ),
    )
    skip_lines: int = field(
        default=0,
        converter=_not_negative,
        metadata=about("The number of lines above the header.", _NOT_NEGATIVE),
    )
    footer_lines: int = field(
        default=0,
        converter=_not_negative,
        metadata=about("The number of lines below the rows.", _NOT_NEGATIVE),
    )
    date_format: DateFormat | None = field(
        default=None,
        converter=parse_date_format,
        metadata=about(
            "How dates are written where they are text, for all columns or by column; in place of "
            "what the plan says.",
            {"anyOf": [{"type": "string", "minLength": 1}, _BY_COLUMN]},
        ),
    )
    nulls: tuple[str, ...] | None = field(
        default=None,
        converter=_nulls,
        metadata=about("Texts that stand for no value; in place of what the plan says.", NAMES),
    )
    booleans: Booleans | None = field(
        default=None,
        converter=_booleans,
        metadata=about(
            "Words for true and for false, beside these two words, in capital or small letters.",
            {
                "type": "object",
                "properties": {"true": _WORDS, "false": _WORDS},
                "additionalProperties": False,
            },
        ),
    )
    epochs: Mapping[str, EpochUnit] = field(
        factory=dict,
        converter=_epochs,
        hash=False,
        metadata=about(
            "The unit of each date that is a number: since 1970-01-01 in UTC, or the serial days "
            "of a workbook ('excel').",
            {"type": "object", "additionalProperties": {"enum": list(EPOCH_UNITS)}},
        ),
    )
    columns: Mapping[str, str] = field(
        factory=dict,
        converter=_columns,
        hash=False,
        metadata=about("For each name of the plan the column's name in the source.", _BY_COLUMN),
    )
    values: Mapping[str, Mapping[str, str]] = field(
        factory=dict,
        converter=_values,
        hash=False,
        metadata=about(
            "For each column, by the plan's name, the plan's value for a value of the source; "
            "other values stay as they are.",
            {
                "type": "object",
                "additionalProperties": {
                    "type": "object",
                    "additionalProperties": {"type": ["string", "integer", "boolean"]},
                },
            },
        ),
    )
    from_events: CasesFromEvents | PausesFromEvents | None = field(
        default=None,
        converter=parse_from_events,
        metadata=about(
            "How the table is made of an event log: cases by their dates, or pauses by the events "
            "that stop and start the clock.",
            {"$ref": "#/$defs/from_events"},
        ),
    )

    def __attrs_post_init__(self) -> None:
        problems = [*self._wrong_origin(), *self._contradictions()]
        if problems:
            raise PlanError(problems)

    def _wrong_origin(self) -> Iterator[Problem]:
        """Yield a problem where the table has no source or several, or a query has no database."""
        given = [key for key in _ORIGINS if getattr(self, key)]
        if len(given) != 1:
            found = f"found {listed(given)}" if given else "the source is missing"
            yield Problem((), f"{found}; accepted: one of {listed(_ORIGINS)}")
        asked = [key for key in ("query", "table") if getattr(self, key) is not None]
        if self.database is None:
            for key in asked:
                yield Problem((key,), "stands without a database; accepted: database beside it")
        elif len(asked) != 1:
            found = listed(asked) or "neither"
            yield Problem(("database",), f"found {found}; accepted with it: query or table")

    def _contradictions(self) -> Iterator[Problem]:
        """Yield a problem for a sign or a value of two meanings, and a date of two forms."""
        if self.separator is not None and self.separator == self.quote:
            yield Problem(("quote",), "is the separator too; accepted: another sign")
        for column, words in self.values.items():
            for word in words:
                if word in (self.nulls or ()):
                    message = "is one of nulls too; accepted: one or the other"
                    yield Problem(("values", column, word), message)
        formats = self.date_format if isinstance(self.date_format, Mapping) else {}
        for column in self.epochs:
            if column in formats:
                message = "has a date_format too, which is for texts; accepted: one or the other"
                yield Problem(("epochs", column), message)

    @property
    def origin(self) -> str:
        """The source in words, for messages: a path, paths, or what is asked of a database."""
        if self.database is not None:
            return f"the table {self.table}" if self.table is not None else "the query"
        return self.path or listed(self.files)


def _sources(value: Iterable[TableSource]) -> tuple[TableSource, ...]:
    sources = tuple(value)
    for source in sources:
        if not isinstance(source, TableSource):
            raise PlanError(f"found {source!r}; accepted: a kpi.TableSource for each table")
    twice = [s.name for n, s in enumerate(sources) if s.name in {t.name for t in sources[:n]}]
    if twice:
        raise PlanError(f"found the table {twice[0]} twice; name it once")
    return sources


@frozen(field_transformer=placed)
class ExtractFile:
    """Extract file: the source of each table, and how each source is written.

    Attributes:
        tables: the source of each table.
        directory: the directory that paths are relative to.
        name: the name of the file in messages.

    Raises:
        PlanError: where two sources are of the same table.
    """

    tables: tuple[TableSource, ...] = field(converter=_sources)
    directory: Path = field(default=Path(), converter=Path, kw_only=True)
    name: str = field(default="extract file", converter=text, kw_only=True)
