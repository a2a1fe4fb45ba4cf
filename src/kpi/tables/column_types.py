"""Parsing of columns to the kinds that a plan takes: dates, numbers, booleans, texts (S1).

Nothing is guessed. A row with a value that is not of the column's kind is rejected; a column of the
wrong type makes the table unusable.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping

import polars as pl
from polars.exceptions import PolarsError

from kpi.definitions.derived_dates import day_ended
from kpi.definitions.extract_file import Booleans, EpochUnit
from kpi.definitions.kinds import Kind
from kpi.definitions.limits import DueColumn
from kpi.definitions.plan import Plan
from kpi.definitions.reserved import unreal_name
from kpi.errors import DataError, first_line
from kpi.tables.calendar_ends import calendar_ends
from kpi.tables.date_hints import CLOCKS, DAY_FIRST, is_word_for_none, likely_format, what_it_is
from kpi.tables.date_texts import iso_kinds, times_as
from kpi.tables.epochs import epoch_dates, epoch_words
from kpi.tables.local_dates import LocalTimes, local_times
from kpi.tables.needs import TableNeeds
from kpi.tables.redaction import cell
from kpi.tables.renamed_values import number_texts
from kpi.tables.whole_numbers import BYTES, is_whole, whole_numbers

ISO = "%Y-%m-%d"
"""Format of dates in texts where the plan declares no other."""

_FIRST_INSTANT = dt.datetime.min.replace(tzinfo=dt.UTC)
_LAST_INSTANT = dt.datetime.max.replace(tzinfo=dt.UTC)
_MOST = 1e12
_FEW = 64
_AT_FIRST = 50_000
"""Rows that are looked at first for the distinct texts of a column."""
_TICKS = {"ms": 1_000, "us": 1_000_000, "ns": 1_000_000_000}
_DAY_SECONDS = 86_400
_TAKES_TIMES = "the plan counts it in hours or minutes, which takes times"
_TAKES_TIMES_OF_DAY = "the plan ends its day early (day_ends), which takes times"
_ISO_DAY = "2017-03-01"
_TAKES_INSTANTS = "the plan takes it by = 'instant', which takes times"
_ISO_TIME = "2017-03-01T09:30:00"
_EXAMPLES = 1000
_UNREAD = 50
"""Unreadable texts of a column that are counted, the commonest first."""
_KINDS: dict[Kind, str] = {
    "text": "text",
    "integer": "whole numbers",
    "number": "numbers",
    "boolean": "true or false",
    "date": "dates",
}


class TypedColumns:
    """Typed columns of a table during its check, with the rejections of rows.

    Attributes:
        plan: the plan that declares the table.
        needs: the plan's needs of the table.
        table: the declaration of the table.
        raw: the table as it came.
        beside: the whole table, where `raw` holds only the distinct texts of a column.
        decimal_comma: whether texts of numbers have decimals behind a comma.
        part: whether the rows are a part of the table, whose other parts may have values that can be
            read in a column that has none here.
        words: the categories of columns in earlier parts of the table: a column that holds no other
            text has the same ones.
        to_the_minute: the date columns that some target reads to the minute (S3).
        where_given: the date columns read as instants where they hold times of day (S3).
        columns: the columns that the plan reads or declares, parsed, by name.
        bounds: smallest and largest day number of each column that came as dates, over all rows.
        instants: the instants in UTC of columns that are read to the minute, or as instants where
            they hold times (S3).
        times: Boolean columns, whether each row holds a time of day, of the `where_given` columns;
            null where there is no date (S3).
        flags: Boolean columns, whether a local time did not exist, for columns with any (S1).
        rejections: pairs (reason, Boolean mask of the rows that cannot be used).
        absent_categories: pairs (column, value) that the plan names and no row holds (S10).
        unexpected_categories: (column, value) -> rows, for values that no target names.
        zoned: the columns of times with a zone, which become local dates of the plan's zone (S1).
        unreadable: for columns of texts, Boolean mask of the rows whose text cannot be parsed.
        problems: messages on what makes the whole table unusable, a line each.
    """

    def __init__(
        self,
        plan: Plan,
        needs: TableNeeds,
        raw: pl.DataFrame,
        *,
        decimal_comma: bool = False,
        beside: pl.DataFrame | None = None,
        part: bool = False,
        words: Mapping[str, pl.Enum] | None = None,
    ) -> None:
        self.plan, self.needs, self.table, self.raw = plan, needs, needs.table, raw
        self.beside = raw if beside is None else beside
        self.decimal_comma, self.part = decimal_comma, part
        self.words = {} if words is None else words
        self.to_the_minute = needs.timestamp_columns
        self.where_given = needs.timestamps_where_given
        self.times: dict[str, pl.Series] = {}
        self.columns: dict[str, pl.Series] = {}
        self.bounds: dict[str, tuple[int, int]] = {}
        self.instants: dict[str, pl.Series] = {}
        self.flags: list[pl.Series] = []
        self.rejections: list[tuple[str, pl.Series]] = []
        self.absent_categories: set[tuple[str, str]] = set()
        self.unexpected_categories: dict[tuple[str, str], int] = {}
        self.zoned: set[str] = set()
        self.unreadable: dict[str, pl.Series] = {}
        self.problems: list[str] = []

    def column(self, name: str, kind: Kind) -> None:
        """Parse a column to the kind that the plan takes; else add rejections or a problem.

        Args:
            name: the column of `raw`.
            kind: the kind of value that the column must hold.
        """
        series = self.raw[name]
        if series.dtype == pl.Null:
            empty = {
                "text": pl.String(),
                "integer": pl.Int64(),
                "number": pl.Float64(),
                "any": pl.Null(),
                "boolean": pl.Boolean(),
                "date": pl.Datetime("us") if name in self.to_the_minute else pl.Date(),
            }
            series = series.cast(empty[kind])
        if series.dtype == pl.Binary and kind != "any":
            self.problems.append(f"{self.table.name}: column {name} holds {BYTES}")
            return
        if isinstance(series.dtype, pl.Enum) and kind not in ("text", "any"):
            self._dictionary_encoded(name, series, kind)
            return
        parse = {
            "date": self._date,
            "integer": self._integer,
            "number": self._number,
            "any": self._any,
            "boolean": self._boolean,
            "text": self._text,
        }
        parse[kind](name, series)

    def _dictionary_encoded(self, name: str, series: pl.Series, kind: Kind) -> None:
        """Parse a dictionary-encoded column: each distinct text once, then expand by code.

        Categories without a row are ignored.
        """
        assert isinstance(series.dtype, pl.Enum), "only these know their texts"
        categories, words = series.to_physical(), series.dtype.categories.alias(name)
        has_rows = pl.repeat(value=False, n=words.len(), eager=True)
        has_rows = has_rows.scatter(categories.drop_nulls(), values=True)
        texts = words.set(~has_rows, None).to_frame()
        once = TypedColumns(
            self.plan,
            self.needs,
            texts,
            decimal_comma=self.decimal_comma,
            beside=self.raw,
            part=self.part,
        )
        once.column(name, kind)
        self.problems += once.problems
        self.absent_categories |= once.absent_categories
        self.zoned |= once.zoned
        for column, rows in once.unreadable.items():
            self.unreadable[column] = rows.gather(categories).fill_null(value=False)
        for reason, rows in once.rejections:
            self.reject(reason, rows.gather(categories))
        self.columns |= {name: values.gather(categories) for name, values in once.columns.items()}
        self.instants |= {name: values.gather(categories) for name, values in once.instants.items()}
        self.times |= {name: values.gather(categories) for name, values in once.times.items()}
        self.flags += [flag.gather(categories).fill_null(value=False) for flag in once.flags]

    def unread_date(self, name: str) -> None:
        """Parse a declared date that no target reads; a value that is no date is null."""
        raw = self.raw[name].to_frame()
        aside = TypedColumns(self.plan, self.needs, raw, decimal_comma=self.decimal_comma)
        aside.column(name, "date")
        if aside.problems or name not in aside.columns:
            self.columns[name] = pl.repeat(None, self.raw.height, dtype=pl.Date, eager=True)
            return
        self.columns[name] = aside.columns[name]
        self.bounds |= aside.bounds
        self.zoned |= aside.zoned
        self.flags += aside.flags

    def reject(self, reason: str, rows: pl.Series) -> None:
        """Add a rejection of rows, if there are any.

        Args:
            reason: the reason.
            rows: Boolean mask of the rows.
        """
        if rows.any():
            self.rejections.append((reason, rows))

    def raise_problems(self) -> None:
        """Check that the table can be used.

        Raises:
            DataError: naming all that is wrong with the columns, a line each.
        """
        if self.problems:
            raise DataError("\n".join(self.problems))

    def _wrong_type(self, name: str, series: pl.Series, kind: Kind) -> None:
        self.problems.append(
            f"{self.table.name}: column {name} holds {series.dtype}; the plan takes it for {_KINDS[kind]}"
        )

    def _unparsed(
        self, name: str, text: pl.Series, parsed: pl.Series, as_what: str, advice: str
    ) -> None:
        """Reject the texts that did not parse; where no text of a table did, the declaration is the mistake.

        Args:
            name: the column.
            text: the texts, null for no value.
            parsed: the parsed values; null where a text did not parse.
            as_what: the kind of value in words, for messages.
            advice: what to do where no text parsed.
        """
        bad = text.is_not_null() & parsed.is_null()
        if not self.part and bad.any() and parsed.is_null().all():
            example = cell(self._example(text.filter(bad)))
            self.problems.append(
                f"{self.table.name}: column {name}: no value is {as_what} (the first is {example}); {advice}"
            )
        self.reject(f"{name} is not {as_what}", bad)
        if bad.any():
            self.unreadable[name] = bad

    @property
    def unread(self) -> dict[tuple[str, str], int]:
        """The commonest texts that cannot be parsed: (column, text) -> rows."""
        commonest: dict[tuple[str, str], int] = {}
        for name, rows in self.unreadable.items():
            texts = number_texts(self.raw[name].filter(rows)).cast(pl.String).alias("text")
            counts = texts.value_counts(name="rows").sort("rows", "text", descending=[True, False])
            commonest |= {(name, word): n for word, n in counts.head(_UNREAD).iter_rows()}
        return commonest

    def _date(self, name: str, series: pl.Series) -> None:
        unit = None if self.needs.source is None else self.needs.source.epochs.get(name)
        if unit is not None:
            if not (series.dtype.is_numeric() or series.dtype == pl.String):
                self.problems.append(
                    f"{self.table.name}: column {name} holds {series.dtype}; the extract file declares "
                    f"it as numbers of {unit} (epochs)"
                )
                return
            series = self._epoch(name, series, unit)
        if series.dtype == pl.String:
            style = self.table.format_of(name)
            if style is None:
                self._iso_date(name, series.replace("", None))
                return
            series = self._formatted_date(name, series.replace("", None), style)
        if not isinstance(series.dtype, pl.Datetime | pl.Date):
            self._wrong_type(name, series, "date")
            return
        if isinstance(series.dtype, pl.Date) and name in self.to_the_minute:
            written = self.raw.schema[name] == pl.String
            advice = f"; date_format takes a time of day too, such as '{DAY_FIRST}{CLOCKS[0]}'"
            self.problems.append(
                f"{self.table.name}: column {name} holds dates; {self._takes_times(name)}"
                f"{advice * written}"
            )
            return
        series = self._within_calendar(name, series)
        if isinstance(series.dtype, pl.Datetime):
            series = self._local_date(name, series)
        self.columns[name] = series

    def _iso_date(self, name: str, text: pl.Series) -> None:
        """Parse texts in ISO 8601: a mix of dates, wall clock times, and times with a zone (S1)."""
        dates, clock, zoned = iso_kinds(text)
        style = ISO
        dated = dates.null_count() < dates.len()
        if name in self.to_the_minute:
            dates, style = dates.clear(dates.len()), _ISO_TIME
        parses = pl.select(pl.any_horizontal(s.is_not_null() for s in (dates, clock, zoned)))
        parsed = parses.to_series().replace(old=False, new=None)
        advice = self._takes_times(name) if dated else self._advice(name, text, parsed)
        self._unparsed(name, text, parsed, f"a date as {style}", advice)
        local = dates
        for times in (clock, zoned):
            if times.null_count() < times.len():
                days = self._local_date(name, self._within_calendar(name, times))
                local = pl.select(pl.coalesce(local, days)).to_series()
        if name in self.to_the_minute and name not in self.instants:
            self.instants[name] = clock.dt.replace_time_zone("UTC")
        self.columns[name] = local.alias(name)

    def _epoch(self, name: str, series: pl.Series, unit: EpochUnit) -> pl.Series:
        """Return the dates or times of numbers; reject the numbers that are none."""
        numbers = series
        if series.dtype == pl.String:
            series = numbers = series.replace("", None)
            numbers = _with_points(series) if self.decimal_comma else series
        elif series.dtype.is_float():
            series = numbers = series.fill_nan(None)
        parsed = epoch_dates(numbers, unit, timed=name in self.to_the_minute)
        advice = "correct epochs in the extract file, or remove it there"
        self._unparsed(name, series.cast(pl.String), parsed, epoch_words(unit), advice)
        return parsed

    def _takes_times(self, name: str) -> str:
        """Return why a column that is read to the minute must hold times."""
        if name in day_ended(self.needs.derived_dates):
            return _TAKES_TIMES_OF_DAY
        limits = (
            target.limit_or_unit
            for target in self.needs.targets
            if name in target.timestamp_columns()
        )
        by_instant = all(isinstance(limit, DueColumn) for limit in limits)
        return _TAKES_INSTANTS if by_instant else _TAKES_TIMES

    def _within_calendar(self, name: str, series: pl.Series) -> pl.Series:
        """Reject dates outside the years of Python, 1 to 9999, and return the column without them.

        This comes before any computation, which may overflow. Bounds of dates are kept.
        """
        assert isinstance(series.dtype, pl.Date | pl.Datetime), "others are no dates"
        low, high = calendar_ends(series.dtype)
        # As `to_physical` gives them, without a query.
        count = series.cast(pl.Int32 if isinstance(series.dtype, pl.Date) else pl.Int64)
        first, last = count.min(), count.max()
        if not (isinstance(first, int) and isinstance(last, int)):
            return series
        if first < low or last > high:
            outside = ~count.is_between(low, high)
            self.reject(f"{name} lies outside the years 1 to 9999", outside.fill_null(value=False))
            return series.set(outside, None)
        if isinstance(series.dtype, pl.Date):
            self.bounds[name] = first, last
        return series

    def _formatted_date(self, name: str, text: pl.Series, style: str) -> pl.Series:
        try:
            parsed = times_as(text, style)
        except PolarsError as error:
            self.problems.append(f"{self.table.name}: date_format {style!r}: {first_line(error)}")
            return text.clear().cast(pl.Date)
        self._unparsed(name, text, parsed, f"a date as {style}", self._advice(name, text, parsed))
        return parsed

    def _advice(self, name: str, text: pl.Series, parsed: pl.Series) -> str:
        """Return what to do where no text is a date, with a format that fits; else nothing."""
        if parsed.null_count() < parsed.len() or text.null_count() == text.len():
            return ""
        example = self._example(text)
        style = likely_format(text, example, timed=name in self.to_the_minute)
        verb = "declare" if self.table.format_of(name) is None else "correct"
        if style is not None:
            if self._reads_others(name):
                return f"{verb} date_format = {{ {name} = '{style}' }} for the table"
            return f"{verb} date_format for the table, such as '{style}'"
        timed = name in self.to_the_minute
        written, form = (_ISO_TIME, DAY_FIRST + CLOCKS[0]) if timed else (_ISO_DAY, DAY_FIRST)
        return what_it_is(example) or (
            f"write it as {written}, or {verb} date_format for the table, such as '{form}'"
        )

    def _reads_others(self, name: str) -> bool:
        """Return whether another date column of the table parses in the format declared for it."""
        for other in self.table.date_columns:
            if other == name or other not in self.beside.columns:
                continue
            texts = self.beside[other]
            if not isinstance(texts.dtype, pl.String | pl.Enum | pl.Categorical):
                continue
            first = texts.filter(texts.cast(pl.String) != "").head(1).cast(pl.String)
            style = self.table.format_of(other)
            read = iso_kinds(first) if style is None else [times_as(first, style)]
            if first.len() and any(part.null_count() == 0 for part in read):
                return True
        return False

    @staticmethod
    def _example(text: pl.Series) -> str:
        """Return the first text that is no word for no value, else the first text."""
        texts = text.drop_nulls()
        for example in texts.head(_EXAMPLES):
            if example.strip() and not is_word_for_none(example):
                return str(example)
        return str(texts[0])

    def _local_date(self, name: str, series: pl.Series) -> pl.Series:
        """Return the local dates of times in the plan's zone (S1), and keep instants read.

        Local times that did not exist are flagged.
        """
        zone = self.plan.time_zone
        try:
            times = local_times(series, zone)
        except PolarsError as error:
            self.problems.append(f"{self.table.name}: time_zone {zone!r}: {first_line(error)}")
            return series.dt.date()
        if times.converted and series.null_count() < series.len():
            self.zoned.add(name)
        if times.skipped is not None:
            self.flags.append(times.skipped.alias(unreal_name(name)))
        self._keep_instants(name, times)
        return times.dates

    def _keep_instants(self, name: str, times: LocalTimes) -> None:
        """Keep the instants of a column that is read to the minute, and which rows hold times (S3)."""
        # A column may hold both kinds of text, times with a zone and times without.
        if name in self.to_the_minute | self.where_given:
            instants = times.zoned.dt.convert_time_zone("UTC").dt.cast_time_unit("us")
            # The first and the last local day may reach over the ends of the calendar in UTC.
            instants = instants.clip(_FIRST_INSTANT, _LAST_INSTANT)
            others = self.instants.get(name, instants)
            self.instants[name] = pl.select(pl.coalesce(others, instants)).to_series().alias(name)
        if name in self.where_given:
            clock = times.clock
            assert isinstance(clock.dtype, pl.Datetime), "a clock shows times"
            day = _DAY_SECONDS * _TICKS[clock.dtype.time_unit]
            timed = clock.to_physical() % day != 0
            others = self.times.get(name, timed)
            self.times[name] = pl.select(pl.coalesce(others, timed)).to_series().alias(name)

    def _integer(self, name: str, series: pl.Series) -> None:
        if series.dtype == pl.String:
            text = series.replace("", None)
            # Other programs write whole numbers as 1.0; 1.000 may be a thousand.
            mark = "[.,]" if self.decimal_comma else "[.]"
            whole = text.str.extract(rf"^([+-]?\d+){mark}0{{1,2}}$").cast(pl.Int64, strict=False)
            parsed = text.cast(pl.Int64, strict=False).fill_null(whole)
            self._unparsed(name, text, parsed, "a whole number", "correct the column or the plan")
            series = parsed
        elif series.dtype.is_float() or isinstance(series.dtype, pl.Decimal):
            # pandas turns whole numbers with gaps into floats, and the gaps into NaN.
            series, other = whole_numbers(series)
            if other.len():
                what = "numbers beyond 64 bits" if is_whole(other[0]) else "fractions"
                self.problems.append(
                    f"{self.table.name}: column {name} holds {cell(other[0])[1:-1]}; the plan "
                    f"compares it with whole numbers, and {what} cannot be"
                )
        if not series.dtype.is_integer():
            self._wrong_type(name, series, "integer")
            return
        named = dict.fromkeys(self.needs.category_values(name))
        # Few numbers are named, and comparing with each is many times as fast as a look-up.
        self.absent_categories |= {
            (name, str(number)) for number in named if not (series == number).any()
        }
        self.columns[name] = series

    def _number(self, name: str, series: pl.Series) -> None:
        if series.dtype == pl.String:
            text = series.replace("", None)
            pointed = _with_points(text) if self.decimal_comma else text
            parsed = pointed.cast(pl.Float64, strict=False)
            self._unparsed(name, text, parsed, "a number", "write it with a decimal point")
            series = parsed
        if not series.dtype.is_numeric():
            self._wrong_type(name, series, "number")
            return
        if series.dtype.is_float():
            series = series.fill_nan(None)
            self.reject(f"{name} is not a number", series.is_infinite().fill_null(value=False))
        # A state keeps numbers in millionths, as whole numbers of 64 bits.
        large = (series.cast(pl.Float64).abs() > _MOST).fill_null(value=False)
        self.reject(f"{name} is larger than {_MOST:,.0f}", large)
        self.columns[name] = series

    def _any(self, name: str, series: pl.Series) -> None:
        # pandas has NaN for no value.
        self.columns[name] = series.fill_nan(None) if series.dtype.is_float() else series

    def _boolean(self, name: str, series: pl.Series) -> None:
        if series.dtype.is_numeric() and any(w.isdecimal() for w in self._boolean_words()):
            series = number_texts(series)
        if series.dtype == pl.String:
            text = series.replace("", None)
            words = self._boolean_words()
            parsed = text.str.to_lowercase().replace_strict(
                words, default=None, return_dtype=pl.Boolean
            )
            self._unparsed(name, text, parsed, "true or false", "correct the column or the plan")
            series = parsed
        if series.dtype != pl.Boolean:
            self._wrong_type(name, series, "boolean")
            return
        self.columns[name] = series

    def _boolean_words(self) -> dict[str, bool]:
        """Return the value of each word for true or false, in small letters."""
        source = self.needs.source
        declared = None if source is None else source.booleans
        return (Booleans() if declared is None else declared).words

    def _text(self, name: str, series: pl.Series) -> None:
        if not isinstance(series.dtype, pl.String | pl.Categorical | pl.Enum):
            self._wrong_type(name, series, "text")
            return
        named = list(map(str, dict.fromkeys(self.needs.category_values(name))))
        if name not in self.table.key and not isinstance(series.dtype, pl.Enum):
            series = _encoded(series, named, self.words.get(name))
        counts = _counts(series)
        self.absent_categories |= {(name, word) for word in named if word not in counts}
        # Values that another reading names are expected.
        expected = {*named, *map(str, self.needs.alternative_values(name))}
        if expected:
            self.unexpected_categories |= {
                (name, word): n for word, n in counts.items() if word not in expected
            }
        self.columns[name] = series


def _encoded(texts: pl.Series, named: Iterable[str], known: pl.Enum | None) -> pl.Series:
    """Return texts as small codes; the categories that the plan names and no row holds match no row.

    Args:
        texts: the texts, of whatever type.
        named: the texts that the plan names.
        known: the categories of other rows of the column, which stay where they hold all texts.
    """
    if known is None:
        # Most columns show all that they hold at once, and finding distinct texts takes as long
        # again as encoding them.
        known = _categories(texts.head(_AT_FIRST), named)
    if known.categories.len() <= _FEW:
        series = texts.cast(known, strict=False)
        if series.null_count() == texts.null_count():
            return series
    return texts.cast(_categories(texts, named))


def _categories(texts: pl.Series, named: Iterable[str]) -> pl.Enum:
    """Return the distinct texts in their order, then those that the plan names."""
    words = texts.cast(pl.String).unique().drop_nulls().sort()
    return pl.Enum(list(dict.fromkeys([*words, *named])))


def _counts(text: pl.Series) -> dict[str, int]:
    """Count the rows of each text: text -> rows, in the order of the texts."""
    if isinstance(text.dtype, pl.Enum) and text.dtype.categories.len() <= _FEW:
        # Comparing small codes one by one is many times as fast as grouping them.
        categories = text.to_physical()
        each = ((word, (categories == n).sum()) for n, word in enumerate(text.dtype.categories))
        return dict(sorted((word, n) for word, n in each if n))
    counted = text.drop_nulls().value_counts(name="rows")
    return dict(sorted(zip(counted[text.name].cast(pl.String), counted["rows"], strict=True)))


def _with_points(text: pl.Series) -> pl.Series:
    """Return numbers that may have a decimal comma with a point; null where a point is ambiguous.

    In a column that has commas, a point could part thousands. In a column without commas, 1.234
    could be a thousand too, unless another number shows that the point is that of decimals.
    """
    comma, point = (text.str.contains(sign, literal=True).fill_null(value=False) for sign in ",.")
    if comma.any():
        return text.set(point, None).str.replace(",", ".", literal=True)
    grouped = text.str.contains(r"^[+-]?[1-9]\d{0,2}(\.\d{3})+$").fill_null(value=False)
    return text if (point & ~grouped).any() else text.set(grouped, None)
