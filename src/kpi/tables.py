"""Outside data -> checked tables: typed columns, rejected rows with reasons, facts (S1, S12, S13).

A table is checked once and can then be evaluated many times.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import TypeAlias

import polars as pl
from attrs import field, frozen
from polars.exceptions import PolarsError

from kpi import sources
from kpi.columns import REPEATED, unreal_name
from kpi.conditions import Kind, OneOf
from kpi.errors import DataError, PlanError, listed, suggest
from kpi.facts import NAMED, Facts, rows_text
from kpi.plan import Plan, Table

ISO = "%Y-%m-%d"
"""How dates are written where they are text and the plan declares nothing else."""

_MIN_DAY = dt.date.min.toordinal() - dt.date(1970, 1, 1).toordinal()
_MAX_DAY = dt.date.max.toordinal() - dt.date(1970, 1, 1).toordinal()
_TIME = re.compile(r"%[-_]?[HIMSTRXcfslr+]")
_KINDS: dict[Kind, str] = {
    "text": "text",
    "integer": "whole numbers",
    "boolean": "true or false",
    "date": "dates",
}
Bounds: TypeAlias = Mapping[str, tuple[int, int]]


@frozen(kw_only=True)
class CheckedTable:
    """One table, checked: its usable rows with typed columns, and beside them what is not.

    Attributes:
        table: its declaration in the plan.
        frame: the usable rows; every declared date as a local date (S1).
        rejected: the rows that cannot be used: `row` (counted from 1 in the data), `reason`, and
            the columns as they came.
        bounds: smallest and largest day number (days since 1970-01-01) of each date column.
        facts: what stands beside the rows: rejected ones, repeated ids, strange categories.
    """

    table: Table
    frame: pl.DataFrame
    rejected: pl.DataFrame
    bounds: Bounds
    facts: Facts


@frozen(kw_only=True)
class Extract:
    """Checked tables, for one plan; `kpi.evaluate` takes them as often as asked.

    Attributes:
        plan: the plan they were checked for.
        tables: the checked tables by name.
        missing: tables that the plan reads and the extract lacks.
    """

    plan: Plan = field(repr=lambda plan: plan.id)
    tables: Mapping[str, CheckedTable]
    missing: tuple[str, ...] = ()

    @property
    def rejected(self) -> dict[str, pl.DataFrame]:
        """The rows that cannot be used, by table, with their reasons."""
        return {name: t.rejected for name, t in self.tables.items() if t.rejected.height}


def check(
    plan: Plan,
    tables: sources.Tables,
    *,
    columns: str | Iterable[str] | None = None,
    strict: bool = False,
) -> Extract:
    """Check tables against what a plan declares, once, for any number of evaluations.

    Args:
        plan: the plan whose tables they are.
        tables: one table, a mapping from name to table, or the path of a file or directory.
        columns: further columns to keep, beside those that the plan reads (default: all).
        strict: refuse rejected rows and repeated ids, where else they are set aside and counted.

    Returns:
        the usable rows with typed columns, and the others beside them with their reasons (S12).

    Raises:
        PlanError: where `plan` is none.
        DataError: where a table cannot be read, a column is missing or holds the wrong type, or
            every date of a column is written otherwise than declared: all such at once.
    """
    require_plan(plan)
    found = sources.find(plan, tables)
    wanted = (columns,) if isinstance(columns, str) else None if columns is None else tuple(columns)
    checked: dict[str, CheckedTable] = {}
    problems: list[str] = []
    for table in plan.tables:
        if table.name in found:
            try:
                checked[table.name] = _checked(plan, table, found[table.name], wanted)
            except DataError as error:
                problems.append(str(error))
    if problems:
        raise DataError("\n".join(problems))
    missing = tuple(name for name in plan.tables_read() if name not in checked)
    extract = Extract(plan=plan, tables=checked, missing=missing)
    if strict:
        _refuse(extract)
    return extract


def require_plan(plan: object) -> None:
    """Raises where something is no plan.

    Raises:
        PlanError: saying what was found.
    """
    if not isinstance(plan, Plan):
        raise PlanError(f"found {plan!r}; accepted: a kpi.Plan, such as kpi.load_plan gives")


def _refuse(extract: Extract) -> None:
    problems = [
        f"{name}: {rows_text(n)} rejected: {reason}"
        for name, table in extract.tables.items()
        for reason, n in table.facts.rejected.items()
    ]
    for name, table in extract.tables.items():
        if table.facts.repeated:
            problems.append(f"{name}: {rows_text(table.facts.repeated)} with a repeated id")
    if problems:
        raise DataError("\n".join(problems))


def _checked(
    plan: Plan, table: Table, lazy: pl.LazyFrame, wanted: tuple[str, ...] | None
) -> CheckedTable:
    try:
        raw = _read(plan, table, lazy, wanted)
    except (PolarsError, OSError) as error:
        raise DataError(f"{table.name}: cannot be read: {sources.first_line(error)}") from error
    parsed = _Parsed(plan, table, raw)
    for name, kind in _kinds(plan, table, raw.columns).items():
        parsed.column(name, kind)
    for name in table.key:
        key = raw[name].replace("", None) if raw.schema[name] == pl.String else raw[name]
        parsed.reject(f"{name} missing", key.is_null())
    parsed.raise_problems()
    return parsed.finish()


def _kinds(plan: Plan, table: Table, there: Collection[str]) -> dict[str, Kind]:
    """What each column that the plan reads or declares must hold, in the order of the declaration.

    A declared date that no target reads may be missing; where it is there, `as_of` must know it.
    """
    read = {r.column: r.kind for t in plan.targets if t.table == table.name for r in t.reads()}
    dates: dict[str, Kind] = {
        name: "date"
        for name in table.date_columns
        if name in read or name == table.entry or name in there
    }
    return dates | read


def _read(
    plan: Plan, table: Table, lazy: pl.LazyFrame, wanted: tuple[str, ...] | None
) -> pl.DataFrame:
    schema = lazy.collect_schema()
    needed = list(dict.fromkeys([*table.key, *_kinds(plan, table, schema), *(wanted or ())]))
    missing = [name for name in needed if name not in schema]
    if missing:
        hints = [f"{name}{suggest(name, schema)}" for name in missing]
        raise DataError(
            f"{table.name}: missing column {listed(hints)}; found {listed(list(schema))}"
        )
    return lazy.collect() if wanted is None else lazy.select(needed).collect()


class _Parsed:
    """A table on its way through the check: typed columns, and a reason for each row set aside."""

    def __init__(self, plan: Plan, table: Table, raw: pl.DataFrame) -> None:
        self.plan, self.table, self.raw = plan, table, raw
        self.columns: dict[str, pl.Series] = {}
        self.flags: list[pl.Series] = []
        self.rejections: list[tuple[str, pl.Series]] = []
        self.unheard: set[tuple[str, str]] = set()
        self.strange: dict[tuple[str, str], int] = {}
        self.repeated_ids: tuple[str, ...] = ()
        self.problems: list[str] = []

    def column(self, name: str, kind: Kind) -> None:
        series = self.raw[name]
        if series.dtype == pl.Null:
            empty = {
                "text": pl.String(),
                "integer": pl.Int64(),
                "boolean": pl.Boolean(),
                "date": pl.Date(),
            }
            series = series.cast(empty[kind])
        parse = {
            "date": self._date,
            "integer": self._integer,
            "boolean": self._boolean,
            "text": self._text,
        }
        parse[kind](name, series)

    def reject(self, reason: str, rows: pl.Series) -> None:
        if rows.any():
            self.rejections.append((reason, rows))

    def raise_problems(self) -> None:
        if self.problems:
            raise DataError("\n".join(self.problems))

    def _wrong_type(self, name: str, series: pl.Series, kind: Kind) -> None:
        self.problems.append(
            f"{self.table.name}: column {name} holds {series.dtype}; the plan takes it for {_KINDS[kind]}"
        )

    def _unparsed(
        self, name: str, text: pl.Series, parsed: pl.Series, as_what: str, advice: str
    ) -> None:
        """Rejects the texts that did not parse; where none did, the declaration is the mistake."""
        bad = text.is_not_null() & parsed.is_null()
        if parsed.len() and bad.any() and parsed.is_null().all():
            example = text.filter(bad)[0]
            self.problems.append(
                f"{self.table.name}: column {name}: no value is {as_what} (the first is {example!r}); {advice}"
            )
        self.reject(f"{name} is not {as_what}", bad)

    def _date(self, name: str, series: pl.Series) -> None:
        if series.dtype == pl.String:
            series = self._date_text(name, series)
        if isinstance(series.dtype, pl.Datetime):
            series = self._local_date(name, series)
        if series.dtype != pl.Date:
            self._wrong_type(name, series, "date")
            return
        days = series.to_physical()
        low, high = days.min(), days.max()
        if isinstance(low, int) and isinstance(high, int) and (low < _MIN_DAY or high > _MAX_DAY):
            outside = ~days.is_between(_MIN_DAY, _MAX_DAY)
            self.reject(f"{name} lies outside the years 1 to 9999", outside.fill_null(value=False))
        self.columns[name] = series

    def _date_text(self, name: str, text: pl.Series) -> pl.Series:
        declared = self.table.date_format
        style = declared or ISO
        text = text.replace("", None)
        try:
            if _TIME.search(style):
                parsed = text.str.to_datetime(style, strict=False)
            else:
                parsed = text.str.to_date(style, strict=False)
        except PolarsError as error:
            self.problems.append(
                f"{self.table.name}: date_format {style!r}: {sources.first_line(error)}"
            )
            return text.clear().cast(pl.Date)
        # "17-03-01" parses as the year 17: a year written short is not the year that was meant.
        parsed = parsed.set(parsed.dt.year() < 1000, None)
        advice = "declare date_format for the table, such as '%d-%m-%Y'"
        self._unparsed(name, text, parsed, f"a date as {style}", advice)
        return parsed

    def _local_date(self, name: str, series: pl.Series) -> pl.Series:
        zone = self.plan.time_zone
        assert isinstance(series.dtype, pl.Datetime)  # noqa: S101 - told to the type checker
        if series.dtype.time_zone is not None:
            return series.dt.convert_time_zone(zone).dt.date()
        local = series.dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null")
        if local.null_count() > series.null_count():
            self.flags.append((series.is_not_null() & local.is_null()).alias(unreal_name(name)))
        return series.dt.date()

    def _integer(self, name: str, series: pl.Series) -> None:
        if series.dtype == pl.String:
            text = series.replace("", None)
            parsed = text.cast(pl.Int64, strict=False)
            self._unparsed(name, text, parsed, "a whole number", "correct the column or the plan")
            series = parsed
        elif series.dtype.is_float():
            # pandas turns whole numbers with gaps into floats, and the gaps into NaN.
            whole = series.fill_nan(None).cast(pl.Int64, strict=False)
            self.reject(
                f"{name} is not a whole number",
                (series.is_not_nan() & (whole != series)).fill_null(value=False),
            )
            series = whole
        if not series.dtype.is_integer():
            self._wrong_type(name, series, "integer")
            return
        self.columns[name] = series

    def _boolean(self, name: str, series: pl.Series) -> None:
        if series.dtype == pl.String:
            text = series.replace("", None)
            words = {"true": True, "false": False}
            parsed = text.str.to_lowercase().replace_strict(
                words, default=None, return_dtype=pl.Boolean
            )
            self._unparsed(name, text, parsed, "true or false", "correct the column or the plan")
            series = parsed
        if series.dtype != pl.Boolean:
            self._wrong_type(name, series, "boolean")
            return
        self.columns[name] = series

    def _text(self, name: str, series: pl.Series) -> None:
        if not isinstance(series.dtype, pl.String | pl.Categorical | pl.Enum):
            self._wrong_type(name, series, "text")
            return
        counted = series.drop_nulls().value_counts(name="rows")
        counts = dict(sorted(zip(counted[name].cast(pl.String), counted["rows"], strict=True)))
        named = list(dict.fromkeys(self._named(name)))
        self.unheard |= {(name, word) for word in named if word not in counts}
        self.strange |= {(name, word): n for word, n in counts.items() if word not in named}
        if name not in self.table.key and not isinstance(series.dtype, pl.Enum):
            # Small codes instead of texts; the names the plan adds match no row, as they should.
            series = series.cast(pl.Enum(list(dict.fromkeys([*counts, *named]))))
        self.columns[name] = series

    def _named(self, name: str) -> Iterator[str]:
        for target in self.plan.targets:
            if target.table == self.table.name:
                for condition in target.conditions():
                    if condition.column == name and isinstance(condition.test, OneOf):
                        yield from (v for v in condition.test.values if isinstance(v, str))

    def finish(self) -> CheckedTable:
        frame = self.raw.with_columns(
            *(series.alias(name) for name, series in self.columns.items()), *self.flags
        )
        repeated = self._repeated()
        if repeated is not None:
            frame = frame.with_columns(repeated.alias(REPEATED))
        rejected = self.raw.clear().with_columns(
            pl.lit(None, pl.Int64).alias("row"), pl.lit(None, pl.String).alias("reason")
        )
        if self.rejections:
            reason = pl.coalesce([pl.when(rows).then(pl.lit(why)) for why, rows in self.rejections])
            reasons = self.raw.select(reason.alias("reason")).to_series()
            rejected = self.raw.with_columns(
                pl.int_range(1, self.raw.height + 1, dtype=pl.Int64).alias("row"), reasons
            ).filter(reasons.is_not_null())
            frame = frame.filter(reasons.is_null())
        bounds = _bounds(frame, [n for n in self.columns if n in self.table.date_columns])
        dated = [self.table.entry, *self.table.events]
        newest = max((bounds[name][1] for name in dated if name in bounds), default=None)
        facts = Facts(
            rows=self.raw.height,
            rejected=dict(rejected.group_by("reason").len().sort("reason").iter_rows()),
            newest=None if newest is None else dt.date(1970, 1, 1) + dt.timedelta(newest),
            repeated=0 if repeated is None else int(repeated.sum()),
            repeated_ids=self.repeated_ids,
            unheard=frozenset(self.unheard),
            strange=self.strange,
        )
        return CheckedTable(
            table=self.table,
            frame=frame,
            rejected=rejected.select("row", "reason", pl.exclude("row", "reason")),
            bounds=bounds,
            facts=facts,
        )

    def _repeated(self) -> pl.Series | None:
        """Which rows have a key that stands elsewhere too, rejected rows included (S13)."""
        key = self.raw.select(self.table.key)
        if key.n_unique() == key.height:
            return None
        known = pl.all_horizontal(pl.col(name).is_not_null() for name in self.table.key)
        flag = key.is_duplicated() & key.select(known).to_series()
        if not flag.any():
            return None
        names = key.filter(flag).unique(maintain_order=True)
        self.repeated_ids = tuple(case_name(row) for row in names.head(NAMED).iter_rows())
        return flag


def case_name(key: Iterable[object]) -> str:
    """A row's key in one text."""
    return ", ".join(map(str, key))


def _bounds(frame: pl.DataFrame, dates: list[str]) -> dict[str, tuple[int, int]]:
    days = frame.select(pl.col(name).to_physical() for name in dates)
    found = {}
    for name in dates:
        low, high = days[name].min(), days[name].max()
        if isinstance(low, int) and isinstance(high, int):
            found[name] = (low, high)
    return found
