"""Check of the same tables for several plans: each source is read once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import TypeVar

import polars as pl
from attrs import define, evolve, field
from polars.exceptions import PanicException, PolarsError

from kpi.definitions.log_sources import CasesFromEvents
from kpi.definitions.plan import Plan
from kpi.errors import DataError, first_line
from kpi.events import stage
from kpi.fork_guard import use_engine
from kpi.tables.check import LARGE, Extract, as_of_date, check_sources, require_somewhere
from kpi.tables.event_log.reading import log_names, needed_columns
from kpi.tables.needs import Needs
from kpi.tables.sources.csv_files import CsvFile
from kpi.tables.sources.csv_parts import CsvParts
from kpi.tables.sources.opened import OpenedSources
from kpi.tables.sources.resolve import Tables, read_once, resolve_sources
from kpi.tables.sources.source_table import SourceTable


def check_each(
    plans: Mapping[str, Plan],
    tables: Tables,
    *,
    columns: Sequence[str] | None = None,
    as_of: dt.date | str | None = None,
    hold: bool = False,
) -> dict[str, Extract]:
    """Check tables for several plans, as `kpi.check` does for one.

    A file of which several plans read a table is read once, in the columns that any of the plans
    needs; standard input, an extract file and an event log are read once too. A file of so many
    rows that they stay in the file is read by each plan. So is a workbook, or a file of JSON lines,
    of which plans declare another key or other dates.

    Args:
        plans: the plans, by the name that messages give each.
        tables: the tables, as `kpi.check` takes them.
        columns: further columns to keep of the tables that have them; None for all.
        as_of: the as-of date of tables that are made of an event log (S15; default: the last day of
            each plan's period).
        hold: whether the rows of a large file are held, see `check_sources`; only for one plan.

    Returns:
        the checked tables for each plan, by the same name.

    Raises:
        PlanError: where `as_of` is not a date.
        DataError: where a plan cannot use a table: the mistakes of all plans, each line after the
            name of the plan where there are several. Where standard input or an extract file cannot
            be read, which is of no plan.
    """
    use_engine()
    wanted = None if columns is None else tuple(columns)
    days = {name: as_of_date(plan, as_of) for name, plan in plans.items()}
    given, opened = read_once(tables), OpenedSources()
    resolved = _for_each(plans, lambda name: resolve_sources(plans[name], given, opened))
    shared = _SharedSources()
    _for_each(plans, lambda name: shared.add(plans[name], resolved[name], wanted))
    return _for_each(
        plans,
        lambda name: check_sources(
            plans[name],
            {table: shared.read(source, table) for table, source in resolved[name].items()},
            wanted,
            as_of=days[name],
            hold=hold and len(plans) == 1,
        ),
    )


_T = TypeVar("_T")


def _for_each(plans: Mapping[str, Plan], step: Callable[[str], _T]) -> dict[str, _T]:
    """Return what a step gives for each plan.

    Raises:
        DataError: the mistakes of all plans.
    """
    given: dict[str, _T] = {}
    problems: list[str] = []
    for name in plans:
        try:
            given[name] = step(name)
        except DataError as error:
            lines = str(error).split("\n")
            problems += lines if len(plans) == 1 else [f"{name}: {line}" for line in lines]
    if problems:
        raise DataError("\n".join(problems))
    return given


@define(eq=False, repr=False)
class _Shared:
    """Source that several plans read.

    Attributes:
        source: the source, as the first plan resolved it.
        readers: number of plans that read it.
        columns: the columns that some plan needs; None for all.
        key: the columns of the key of some plan, or of the case, event and time of a log.
        dates: the columns that each plan declares as dates.
        rows: the rows, once they have been read; None before.
    """

    source: SourceTable
    readers: int = 0
    columns: list[str] | None = field(factory=list)
    key: list[str] = field(factory=list)
    dates: list[frozenset[str]] = field(factory=list)
    rows: pl.LazyFrame | None = None


@define(eq=False, repr=False)
class _SharedSources:
    """Sources of the tables of several plans.

    Attributes:
        by_identity: the sources that may be shared.
    """

    by_identity: dict[Hashable, _Shared] = field(factory=dict)

    def add(
        self, plan: Plan, sources: Mapping[str, SourceTable], wanted: Sequence[str] | None
    ) -> None:
        """Note the columns that a plan needs of its sources.

        Raises:
            DataError: where a column is missing.
        """
        needs = Needs(plan)
        # The columns of a log are not those of the table that is made of it.
        if wanted and not any(map(_is_log, sources.values())):
            require_somewhere(wanted, sources)
        for table, source in sources.items():
            identity = _identity(source)
            if identity is None:
                continue
            schema = source.frame.collect_schema()
            needed = (
                _of_log(source, schema)
                if _is_log(source)
                else needs.of(table).columns([*schema, *source.unreadable])
            )
            shared = self.by_identity.setdefault(identity, _Shared(source))
            shared.readers += 1
            for file in _files(source)[:1]:
                shared.key += file.key
                shared.dates.append(file.dates)
            if wanted is None or shared.columns is None:
                shared.columns = None
            else:
                further = (name for name in wanted if name in schema)
                shared.columns += [n for n in (*needed, *further) if n not in source.unreadable]

    def read(self, source: SourceTable, table: str) -> SourceTable:
        """Return a source whose rows are in memory, where several plans read the same source.

        Raises:
            DataError: where the rows cannot be read.
        """
        identity = _identity(source)
        shared = None if identity is None else self.by_identity.get(identity)
        if shared is None or shared.readers < 2:
            return source
        if shared.rows is None:
            try:
                with stage("read", table, source=source.name) as current:
                    frame = _collected(shared)
                    current.rows = frame.height
            except (PolarsError, OSError) as error:
                raise DataError(f"{table}: cannot be read: {first_line(error)}") from error
            except PanicException:
                # A type that Polars cannot read; each plan says whether it needs the column.
                return source
            shared.rows = frame.lazy()
        return evolve(source, frame=shared.rows, rows=0, is_read=True)


def _is_log(source: SourceTable) -> bool:
    return source.declared is not None and source.declared.from_events is not None


def _of_log(source: SourceTable, schema: pl.Schema) -> list[str]:
    """Return the columns needed of an event log that a table is made of.

    Raises:
        DataError: where a column is missing or cannot be read.
    """
    assert source.declared is not None, "a log is declared"
    spec = source.declared.from_events
    assert spec is not None, "a log is declared"
    names = log_names((spec.case, spec.event, spec.time), schema)
    carried = spec.columns if isinstance(spec, CasesFromEvents) else ()
    return needed_columns(schema, names, carried, source.unreadable)


def _collected(shared: _Shared) -> pl.DataFrame:
    """Read the rows of a shared source in the columns that some plan needs."""
    frame = shared.source.frame
    names = frame.collect_schema().names()
    columns = [name for name in names if shared.columns is None or name in shared.columns]
    if isinstance(frame, pl.LazyFrame):
        return frame.select(columns).collect()
    keys = tuple(dict.fromkeys(shared.key))
    # A row in a quoted value is known by its dates: those that all plans declare tell most.
    dates = frozenset.intersection(*shared.dates) or frozenset.union(*shared.dates)
    if isinstance(frame, CsvParts):
        parts = (evolve(p, file=evolve(p.file, key=keys, dates=dates)) for p in frame.parts)
        return evolve(frame, parts=tuple(parts), columns=tuple(columns)).collect()
    return evolve(frame, key=keys, dates=dates, columns=tuple(columns)).collect()


def _files(source: SourceTable) -> list[CsvFile]:
    """Return the CSV files of a source; none of other sources."""
    if isinstance(source.frame, CsvParts):
        return [part.file for part in source.frame.parts]
    return [source.frame] if isinstance(source.frame, CsvFile) else []


def _identity(source: SourceTable) -> Hashable | None:
    """Return what equal sources have in common; None for one that is read by itself.

    Rows in memory need not be read, and rows of a large file stay in the file.
    """
    if isinstance(source.frame, CsvParts):
        parts = source.frame.parts
        return tuple((_of_csv(part.file), tuple(part.keys.items())) for part in parts)
    if isinstance(source.frame, CsvFile):
        return _of_csv(source.frame)
    if source.rows >= LARGE or source.fingerprint is None:
        return None
    renamed = () if source.declared is None else tuple(sorted(source.declared.columns.items()))
    # Of the files of a Delta table, versions may delete other rows.
    version = None if source.declared is None else source.declared.version
    return (source.fingerprint, version, renamed)


def _of_csv(file: CsvFile) -> Hashable:
    text = file.text
    return (text.path, text.source, text.above, file.separator, file.quote, file.names)
