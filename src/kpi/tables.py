"""Outside data -> checked tables: typed columns, rejected rows with reasons, facts (S1, S12, S13).

A table is checked once and can then be evaluated many times.
"""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from typing import TypeAlias

import polars as pl
import polars.selectors as cs
from attrs import evolve, field, frozen
from polars.exceptions import PolarsError

from kpi import sources
from kpi.column_types import TypedColumns
from kpi.columns import REPEATED, instant_name
from kpi.conditions import Kind
from kpi.derived import Moved
from kpi.distinct import Keys
from kpi.errors import DataError, PlanError, listed, suggest
from kpi.facts import NAMED, Facts, rows_text
from kpi.interval import REPEATED_ID
from kpi.measured import derived_read, measured, tables_read
from kpi.plan import Plan
from kpi.table import Table

_KEYS = pl.String | pl.Categorical | pl.Enum | pl.Boolean | pl.Date | pl.Datetime | pl.Null
_ROW, _SAME = "kpi:row", "kpi:same"
_FAR = 25
"""How many years a date may lie from the plan's period before a note says so."""

Bounds: TypeAlias = Mapping[str, tuple[int, int]]

SKIPPABLE = ("ids",)
"""The checks that may be left out: "ids", whether ids are repeated (S13)."""


@frozen(kw_only=True)
class CheckedTable:
    """One table, checked: its usable rows with typed columns, and beside them what is not.

    Attributes:
        table: its declaration in the plan.
        frame: the usable rows; every declared date as a local date (S1).
        rejected: the rows that cannot be used: `row` (counted from 1 in the data), `reason`, and
            the columns as they came.
        suspects: the rows whose key stands more than once: the key as it came, the position in
            `frame`, null for a rejected row, and a number that rows share which are alike in what the
            plan reads.
        repeats: the usable ones of them as `rejected` has the others, with the position.
        bounds: smallest and largest day number (days since 1970-01-01) of each date column, and
            number of each column that derived dates are made with.
        facts: what stands beside the rows: rejected ones, repeated ids, strange categories.
    """

    table: Table
    frame: pl.DataFrame
    rejected: pl.DataFrame
    suspects: pl.DataFrame
    repeats: pl.DataFrame
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
    skip: str | Iterable[str] = (),
) -> Extract:
    """Check tables against what a plan declares, once, for any number of evaluations.

    Args:
        plan: the plan whose tables they are.
        tables: one table, a mapping from name to table, or the path of a file or directory.
        columns: further columns to keep of the tables that have them, beside those that the plan
            reads (default: all).
        strict: refuse missing tables, rejected rows and repeated ids, where else they are set aside
            and counted.
        skip: checks to leave out, for speed; every result says so. "ids": whether ids are repeated, for
            tables of which that is certain. Rows of a repeated id would be counted, each of them.

    Returns:
        the usable rows with typed columns, and the others beside them with their reasons (S12).

    Raises:
        PlanError: where `plan` is none.
        DataError: where a table cannot be read, a column is missing or holds the wrong type, or
            every date of a column is written otherwise than declared: all such at once. Where `skip`
            names no such check, or one that `strict` needs.
    """
    require_plan(plan)
    skipped = _skipped(skip, strict=strict)
    found = sources.find(plan, tables)
    wanted = (columns,) if isinstance(columns, str) else None if columns is None else tuple(columns)
    checked: dict[str, CheckedTable] = {}
    problems: list[str] = []
    if wanted:
        _require_somewhere(wanted, found)
    for table in plan.tables:
        if table.name in found:
            try:
                checked[table.name] = _checked(plan, table, found[table.name], wanted, skipped)
            except DataError as error:
                problems.append(str(error))
    if problems:
        raise DataError("\n".join(problems))
    missing = tuple(name for name in tables_read(plan) if name not in checked)
    extract = Extract(plan=plan, tables=checked, missing=missing)
    if strict:
        refuse(extract)
    return extract


def _skipped(skip: str | Iterable[str], *, strict: bool) -> frozenset[str]:
    names = [skip] if isinstance(skip, str) else list(skip)
    for name in names:
        if name not in SKIPPABLE:
            raise DataError(
                f"skip: found {name!r}; accepted: {listed(SKIPPABLE)}{suggest(name, SKIPPABLE)}"
            )
        if strict:
            raise DataError(
                f"skip: found {name!r} where strict checks it; accepted: one or the other"
            )
    return frozenset(names)


def _require_somewhere(columns: Iterable[str], found: Mapping[str, sources.Found]) -> None:
    """Raises where a column is in none of the tables; one that lacks it does without."""
    schemas: dict[str, pl.Schema] = {}
    for name, its in found.items():
        # A file that cannot be read says so when it is checked.
        with contextlib.suppress(PolarsError, OSError):
            schemas[name] = its.frame.collect_schema()
    for column in columns:
        if schemas and not any(column in schema for schema in schemas.values()):
            known = sorted({name for schema in schemas.values() for name in schema})
            where = listed(list(schemas))
            raise DataError(
                f"{where}: missing column {column}{suggest(column, known)}; found {listed(known)}"
            )


def require_plan(plan: object) -> None:
    """Raises where something is no plan.

    Raises:
        PlanError: saying what was found.
    """
    if not isinstance(plan, Plan):
        raise PlanError(f"found {plan!r}; accepted: a kpi.Plan, such as kpi.load_plan gives")


def refuse(extract: Extract) -> None:
    """Raises where anything of an extract was set aside.

    Raises:
        DataError: naming missing tables, rejected rows and repeated ids, a line each.
    """
    problems = [f"no table {name} in the extract" for name in extract.missing]
    problems += [
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
    plan: Plan,
    table: Table,
    found: sources.Found,
    wanted: tuple[str, ...] | None,
    skip: Collection[str],
) -> CheckedTable:
    try:
        raw = _read(plan, table, found.frame, wanted)
    except (PolarsError, OSError) as error:
        raise DataError(f"{table.name}: cannot be read: {sources.first_line(error)}") from error
    typed = TypedColumns(plan, table, raw, decimal_comma=found.decimal_comma)
    for name, kind in _kinds(plan, table).items():
        typed.column(name, kind)
    for name in _unread_dates(plan, table, raw.columns):
        typed.unread_date(name)
    key = _key(raw, table)
    for name in table.key:
        typed.reject(f"{name} missing", key[name].is_null())
    typed.raise_problems()
    _reject_unusable(typed, table)
    return _finished(typed, table, key, skip)


def _reject_unusable(typed: TypedColumns, table: Table) -> None:
    """Sets aside numbers that no derived date can be made with, and intervals that are none (S14)."""
    for name, most in _amounts(typed.plan, table).items():
        amount = typed.columns[name].cast(pl.Int64)
        typed.reject(f"{name} is more than 100 years", (amount.abs() > most).fill_null(value=False))
    if table.pauses is not None and table.entry is not None:
        (event,) = table.events
        begun, ended = typed.columns[table.entry], typed.columns[event]
        typed.reject(f"{table.entry} missing", begun.is_null())
        typed.reject(f"{event} before {table.entry}", (ended < begun).fill_null(value=False))


def _amounts(plan: Plan, table: Table) -> dict[str, int]:
    """The columns of whole numbers that derived dates are made with, and the most that they may be."""
    most = {"days": 36_525, "months": 1_200}
    return {
        one.by: most[one.unit]
        for one in derived_read(plan, table).values()
        if isinstance(one, Moved) and isinstance(one.by, str) and one.unit is not None
    }


def _key(raw: pl.DataFrame, table: Table) -> pl.DataFrame:
    """The key as it came, an empty text as no key."""
    for name in table.key:
        kind = raw.schema[name]
        if not (kind.is_integer() or isinstance(kind, _KEYS)):
            raise DataError(
                f"{table.name}: column {name} holds {kind}; a key takes text, whole numbers or dates"
            )
    return raw.select(table.key).with_columns(cs.string().replace("", None))


def _kinds(plan: Plan, table: Table) -> dict[str, Kind]:
    """What each column that the plan reads must hold, in the order of the declaration."""
    read: dict[str, Kind] = {}
    if table.pauses is not None:
        read = dict.fromkeys(table.date_columns, "date")
    for target in measured(plan):
        if target.table == table.name:
            for its in target.reads():
                # What takes a column as it is leaves it to others to say what it holds.
                if its.column in table.derived:
                    read.update(table.made_of(its.column))
                elif its.kind != "any":
                    read[its.column] = its.kind
                elif its.column not in read:
                    read[its.column] = "date" if its.column in table.date_columns else "any"
    dates: dict[str, Kind] = {
        name: "date" for name in table.date_columns if name in read or name == table.entry
    }
    return dates | read


def _unread_dates(plan: Plan, table: Table, there: Collection[str]) -> list[str]:
    """Declared dates that are there and no target reads; `as_of` must know them all the same."""
    read = _kinds(plan, table)
    return [name for name in table.date_columns if name in there and name not in read]


def _read(
    plan: Plan, table: Table, lazy: pl.LazyFrame, wanted: tuple[str, ...] | None
) -> pl.DataFrame:
    schema = lazy.collect_schema()
    unread = _unread_dates(plan, table, schema)
    further = [name for name in wanted or () if name in schema]
    needed = list(dict.fromkeys([*table.key, *_kinds(plan, table), *unread, *further]))
    missing = [name for name in needed if name not in schema]
    taken = [name for name in table.derived if name in schema]
    if taken:
        raise DataError(
            f"{table.name}: column {taken[0]} stands in the table, and the plan derives it; rename one"
        )
    if missing:
        hints = [f"{name}{suggest(name, schema)}" for name in missing]
        raise DataError(
            f"{table.name}: missing column {listed(hints)}; found {listed(list(schema))}"
        )
    return lazy.collect() if wanted is None else lazy.select(needed).collect()


def _finished(
    typed: TypedColumns, table: Table, key: pl.DataFrame, skip: Collection[str]
) -> CheckedTable:
    """The usable rows, and beside them the rejected ones with the first reason of each."""
    raw = typed.raw
    frame = raw.with_columns(
        *(series.alias(name) for name, series in typed.columns.items()),
        *(series.alias(instant_name(name)) for name, series in typed.instants.items()),
        *typed.flags,
    )
    reasons = pl.select(
        pl.coalesce(
            *(pl.when(rows).then(pl.lit(why)) for why, rows in typed.rejections),
            pl.repeat(None, raw.height, dtype=pl.String),
        ).alias("reason")
    ).to_series()
    aside = reasons.is_not_null()
    rejected = _as_they_came(raw, reasons, aside.arg_true())
    # A case may have many pauses.
    many = table.pauses is not None
    read = raw.select(list(dict.fromkeys([*table.key, *typed.columns])))
    suspects = _suspects(key.clear() if many or "ids" in skip else key, ~aside, read)
    positions = suspects[_ROW].drop_nulls()
    rows = (~aside).arg_true().gather(positions) if positions.len() else positions
    repeats = _as_they_came(raw, reasons, rows).with_columns(positions.alias(_ROW))
    if rejected.height:
        frame = frame.filter(~aside)
    if suspects.height:
        frame = frame.with_columns(repeated_flag(frame.height, suspects))
    dates = [name for name in typed.columns if name in table.date_columns]
    bounds = _bounds(frame, [*dates, *_amounts(typed.plan, table)])
    dated = [table.entry, *table.events]
    newest = max((bounds[name][1] for name in dated if name in bounds), default=None)
    facts = Facts(
        rows=raw.height,
        rejected=dict(rejected.group_by("reason").len().sort("reason").iter_rows()),
        newest=None if newest is None else dt.date(1970, 1, 1) + dt.timedelta(newest),
        unheard=frozenset(typed.unheard),
        strange=typed.strange,
        far=_far(frame, bounds, [name for name in dates if name in bounds], _usual(typed.plan)),
        usual=_usual(typed.plan),
        skipped=() if many else tuple(sorted(skip)),
    )
    return CheckedTable(
        table=table,
        frame=frame,
        rejected=rejected,
        suspects=suspects,
        repeats=repeats,
        bounds=bounds,
        facts=with_repeated(facts, suspects),
    )


def _as_they_came(raw: pl.DataFrame, reasons: pl.Series, rows: pl.Series) -> pl.DataFrame:
    """Some rows of the data with their number from 1 and their reason, by their place from 0."""
    return raw[rows].select(
        (rows.cast(pl.Int64) + 1).alias("row"),
        reasons.gather(rows).alias("reason"),
        *(pl.col(name).alias(came_as(name, "row", "reason")) for name in raw.columns),
    )


def came_as(name: str, *taken: str) -> str:
    """What a column is called beside others that have taken its name."""
    return f"{name} (as it came)" if name in taken else name


def _usual(plan: Plan) -> tuple[int, int]:
    """The years beside the plan's period whose dates need no word."""
    first, last = plan.period.first, plan.period.last
    assert first is not None, "a plan's period has both ends"
    assert last is not None, "a plan's period has both ends"
    return max(first.year - _FAR, 1), min(last.year + _FAR, 9999)


def _far(
    frame: pl.DataFrame, bounds: Bounds, dates: Iterable[str], usual: tuple[int, int]
) -> dict[tuple[str, dt.date], int]:
    """The dates outside the usual years, such as stand for none or for ever, with their rows."""
    low, high = dt.date(usual[0], 1, 1), dt.date(usual[1], 12, 31)
    epoch = dt.date(1970, 1, 1).toordinal()
    found: dict[tuple[str, dt.date], int] = {}
    for name in dates:
        first, last = bounds[name]
        if first + epoch < low.toordinal() or last + epoch > high.toordinal():
            days = frame[name].filter(~frame[name].is_between(low, high).fill_null(value=True))
            found |= {(name, day): n for day, n in days.value_counts().iter_rows()}
    return found


def _suspects(key: pl.DataFrame, usable: pl.Series, read: pl.DataFrame) -> pl.DataFrame:
    """The rows whose key stands elsewhere too, rejected ones included (S13); see `CheckedTable`."""
    keys = Keys()
    keys.add(key)
    if keys.distinct():
        none = {_ROW: pl.Series([], dtype=pl.Int64), _SAME: pl.Series([], dtype=pl.UInt64)}
        return key.clear().with_columns(**none)
    position = pl.when(usable).then(usable.cast(pl.Int64).cum_sum() - 1).alias(_ROW)
    known = key.select(pl.all_horizontal(pl.all().is_not_null())).to_series()
    repeated = key.is_duplicated() & known
    alike = read.filter(repeated).hash_rows().alias(_SAME)
    return key.with_columns(position).filter(repeated).with_columns(alike)


def repeated_flag(rows: int, suspects: pl.DataFrame) -> pl.Series:
    """For each usable row, whether it is a suspect."""
    positions = suspects[_ROW].drop_nulls()
    return pl.select(
        pl.int_range(rows, dtype=pl.Int64).is_in(positions.implode()).alias(REPEATED)
    ).to_series()


def with_repeated(facts: Facts, suspects: pl.DataFrame) -> Facts:
    """The facts with what is said of repeated ids: how many rows, how many copies, a few ids."""
    ids = suspects.drop(_ROW, _SAME).unique().sort(pl.all().cast(pl.String)).head(NAMED)
    names = tuple(", ".join(map(str, row)) for row in ids.iter_rows())
    key = ids.columns
    copies = suspects.select((pl.len().over(key) == pl.len().over(*key, _SAME)).sum()).item()
    return evolve(
        facts, repeated=suspects.height, repeated_ids=names, copies=copies if suspects.height else 0
    )


def still_suspects(checked: CheckedTable, there: pl.Expr) -> pl.DataFrame:
    """The suspects among the rows that exist: one that does not exist yet repeats no id.

    Args:
        checked: the table.
        there: whether a row of its frame exists. A rejected row does, for no one can tell.
    """
    seen = checked.frame.select(there.fill_null(value=False)).to_series()
    positions = checked.suspects[_ROW]
    left = checked.suspects.filter(positions.is_null() | seen.gather(positions.fill_null(0)))
    return left.filter(left.drop(_ROW, _SAME).is_duplicated())


def set_aside(checked: CheckedTable, as_of: dt.date) -> pl.DataFrame:
    """The rows that no target counts, whatever it asks: rejected ones, and those of a repeated id.

    Args:
        checked: the table.
        as_of: the day; a row that does not exist yet repeats no id.

    Returns:
        `row`, `reason`, and the columns as they came, in the order of the rows.
    """
    entry = checked.table.entry
    there = pl.repeat(value=True, n=pl.len())
    if entry is not None:
        there = pl.col(entry).is_null() | (pl.col(entry) <= as_of)
    positions = still_suspects(checked, there)[_ROW].drop_nulls()
    repeats = checked.repeats.filter(pl.col(_ROW).is_in(positions.implode())).drop(_ROW)
    repeats = repeats.with_columns(reason=pl.lit(REPEATED_ID))
    return pl.concat([checked.rejected, repeats]).sort("row")


def _bounds(frame: pl.DataFrame, dates: list[str]) -> dict[str, tuple[int, int]]:
    days = frame.select(pl.col(name).to_physical() for name in dates)
    found = {}
    for name in dates:
        low, high = days[name].min(), days[name].max()
        if isinstance(low, int) and isinstance(high, int):
            found[name] = (low, high)
    return found
