"""The state of a plan over tables that Spark holds: rows divided by key, a state of each partition.

Each row goes to the partition of its key, so that the rows of an id meet (S13), and pauses meet their
case (S14). Rows of all tables travel in one frame, each in the column of its table, for a task needs
those of all tables together; `cogroup` would call Python once for each case.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import reduce
from typing import TYPE_CHECKING, Any

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
from attrs import frozen

from kpi import __version__
from kpi.definitions.periods import Every
from kpi.definitions.plan import Plan
from kpi.definitions.time_units import Span
from kpi.engine import partial as engine
from kpi.engine.divided_batch import merge_divided
from kpi.engine.state import State
from kpi.errors import DataError, KpiError
from kpi.planfile.plan_data import plan_data, plan_of_data
from kpi.tables.check import as_of_date, check_sources, require_plan
from kpi.tables.needs import Needs
from kpi.tables.sources.extras import load_extra
from kpi.tables.sources.resolve import resolve_sources
from kpi.tables.sources.source_table import SourceTable

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

__all__ = ["partial"]

_OUTPUT = "state binary, error string"
_ANSWER = pa.schema({"state": pa.binary(), "error": pa.string()})
_COMPRESSED = pa.ipc.IpcWriteOptions(compression="zstd")


def partial(
    plan: Plan,
    tables: Mapping[str, DataFrame] | DataFrame,
    as_of: dt.date | str | None = None,
    *,
    by: str | Sequence[str] = (),
    every: Every | None = None,
    rolling: Span | str | None = None,
    fingerprint: bool = False,
    batch: str | None = None,
) -> State:
    """Return the state of a plan over tables of Spark, equal to that of `kpi.partial` over all rows.

    No row leaves Spark: the driver gets a state of each partition. How many partitions there are is
    Spark's to say (`spark.sql.shuffle.partitions`); one must fit into the memory of its task.

    Args:
        plan: the plan.
        tables: the DataFrames by the name of their table, or one DataFrame, as `kpi.evaluate` takes them.
        as_of: the as-of date (S15).
        by: the columns of a break-down.
        every: the length of the periods of a series (S30).
        rolling: the length of the window that ends with each period.
        fingerprint: whether the rows of each table are hashed.
        batch: the name of the batch; None for none.

    Raises:
        DataError: as `kpi.evaluate`; where a table is no DataFrame of Spark, a task has another version
            of `kpi`, or PySpark is not installed.
        PlanError: as `kpi.evaluate`; where a rule is of Python alone, which no task can load.
        Exception: whatever Spark raises where it cannot run its tasks.
    """
    load_extra("pyspark", "spark", "evaluating tables of Spark")
    require_plan(plan)
    several = isinstance(tables, Mapping)
    given = dict(tables) if isinstance(tables, Mapping) else {"one table": tables}
    opened: Any = {name: _without_rows(name, frame) for name, frame in given.items()}
    sources = resolve_sources(plan, opened if several else opened["one table"])
    frames = dict(zip(sources, given.values(), strict=True))
    question = _Question(
        plan=json.dumps(plan_data(plan)),
        as_of=None if as_of is None else as_of_date(plan, as_of).isoformat(),
        by=(by,) if isinstance(by, str) else tuple(by),
        every=every,
        rolling=rolling,
        fingerprint=fingerprint,
    )
    # Without rows, all that is wrong with the columns and the arguments shows before a task is run.
    # And a batch without rows is a part of every batch.
    empty = question.state(plan, sources, batch=batch)
    if not frames:
        return empty
    columns = {name: _columns(plan, name, frame, question.by) for name, frame in frames.items()}
    _require_keys_of_one_kind(plan, frames)
    tagged = (
        _tagged(number, frame, columns[name], plan.table(name).key)
        for number, (name, frame) in enumerate(frames.items())
    )
    together = reduce(lambda one, other: one.unionByName(other, allowMissingColumns=True), tagged)
    task = _Task(
        question=question,
        version=__version__,
        without_rows={
            name: source.frame.collect().select(columns[name]) for name, source in sources.items()
        },
    )
    rows = together.repartition("key").mapInArrow(task, _OUTPUT).collect()
    return merge_divided([empty, *_states(rows)])


@frozen(kw_only=True)
class _Question:
    """What each partition is asked, as a task gets it.

    Attributes:
        plan: the plan as JSON, files of limits included (`kpi.planfile.plan_data`).
        as_of: the as-of date in ISO 8601; None for the last day of the plan's period.
        by: the columns of the break-down.
        every: the length of the periods of a series; None for none.
        rolling: the length of the window that ends with each period; None for none.
        fingerprint: whether the rows of each table are hashed.
    """

    plan: str
    as_of: str | None
    by: tuple[str, ...]
    every: Every | None
    rolling: Span | str | None
    fingerprint: bool

    def state(
        self,
        plan: Plan,
        sources: Mapping[str, SourceTable],
        *,
        part: bool = False,
        batch: str | None = None,
    ) -> State:
        """Return the state of some rows.

        Args:
            plan: the plan.
            sources: the tables by name.
            part: whether the rows are a part of a table, see `check_sources`.
            batch: the name of the batch; None for none.

        Raises:
            DataError: as `kpi.partial`.
        """
        day = as_of_date(plan, self.as_of)
        return engine.partial(
            plan,
            check_sources(plan, sources, self.by, as_of=day, part=part),
            self.as_of,
            by=self.by,
            every=self.every,
            rolling=self.rolling,
            fingerprint=self.fingerprint,
            batch=batch,
        )


@frozen(kw_only=True)
class _Task:
    """Evaluation of one partition, which Spark sends to a process that has `kpi`.

    Attributes:
        question: what the partition is asked.
        version: the version of `kpi` that the result is made with.
        without_rows: each table in the columns that are read, without a row, in the order of their
            numbers.
    """

    question: _Question
    version: str
    without_rows: Mapping[str, pl.DataFrame]

    def __call__(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Yield the state of the rows of a partition, or the error in them; nothing without rows."""
        rows: dict[str, list[pa.RecordBatch]] = {name: [] for name in self.without_rows}
        for batch in batches:
            for number, name in enumerate(rows):
                of_table = batch.filter(pc.equal(batch["table"], number))
                if of_table.num_rows:
                    cells = of_table[f"table {number}"].flatten()
                    names = self.without_rows[name].columns
                    rows[name].append(pa.RecordBatch.from_arrays(cells, names))
        if any(rows.values()):
            state, error = self._answer(
                {
                    name: pa.Table.from_batches(of_table) if of_table else self.without_rows[name]
                    for name, of_table in rows.items()
                }
            )
            yield pa.RecordBatch.from_pydict({"state": [state], "error": [error]}, _ANSWER)

    def _answer(self, tables: Mapping[str, Any]) -> tuple[bytes | None, str | None]:
        """Return the state of tables as bytes, and what is wrong with them, or None for either.

        Both, where no value of a column can be read: in other partitions there may be some that can.
        """
        if self.version != __version__:
            return None, (
                f"kpi {__version__} in a task of Spark, and {self.version} where it was called; install "
                "the same version in both"
            )
        try:
            plan = plan_of_data(json.loads(self.question.plan), "plan")
            sources = resolve_sources(plan, tables)
            try:
                return _packed(self.question.state(plan, sources)), None
            except DataError as error:
                return _packed(self.question.state(plan, sources, part=True)), str(error)
        except KpiError as error:
            return None, str(error)


def _packed(state: State) -> bytes:
    """Return a state as an Arrow stream."""
    table, sink = state.to_arrow(), pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema, options=_COMPRESSED) as stream:
        stream.write_table(table)
    return bytes(sink.getvalue().to_pybytes())


def _states(rows: Sequence[Any]) -> list[State]:
    """Return the states of the partitions.

    Raises:
        DataError: where a partition has none, or none is without an error.
    """
    hard = [row.error for row in rows if row.state is None]
    soft = [row.error for row in rows if row.error is not None]
    if hard or (rows and len(soft) == len(rows)):
        raise DataError(min(hard or soft))
    return [State.from_arrow(pa.ipc.open_stream(row.state).read_all()) for row in rows]


def _without_rows(name: str, frame: Any) -> SourceTable:
    """Return a table of Spark without its rows: its columns, with the types that a task gets.

    Raises:
        DataError: where it is no table of Spark.
    """
    if not hasattr(frame, "mapInArrow"):
        found = f"{type(frame).__module__.partition('.')[0]}.{type(frame).__name__}"
        raise DataError(f"{name}: found {found}; accepted: a DataFrame of Spark")
    kinds = {column: _polars_type(of) for column, of in frame.dtypes}
    unreadable = {column: of for column, of in frame.dtypes if kinds[column] is None}
    readable = {column: kind for column, kind in kinds.items() if kind is not None}
    return SourceTable(pl.LazyFrame(schema=readable), unreadable=unreadable)


_TYPES: Mapping[str, pl.DataType] = {
    "string": pl.String(),
    "char": pl.String(),
    "varchar": pl.String(),
    "boolean": pl.Boolean(),
    "tinyint": pl.Int8(),
    "smallint": pl.Int16(),
    "int": pl.Int32(),
    "bigint": pl.Int64(),
    "float": pl.Float32(),
    "double": pl.Float64(),
    "date": pl.Date(),
    "timestamp": pl.Datetime("us", "UTC"),
    "timestamp_ntz": pl.Datetime("us"),
    "binary": pl.Binary(),
    "void": pl.Null(),
}
"""The type that Polars has for each plain type of Spark, by the word in front."""


def _polars_type(of_spark: str) -> pl.DataType | None:
    """Return the type of a column in a task; None for a type that is not plain, such as a list.

    Args:
        of_spark: the type in Spark's words, such as "decimal(12,2)" or "string collate UTF8_LCASE".
    """
    word, *sizes = re.findall(r"[a-z_]+|\d+", of_spark)
    if word == "decimal":
        precision, scale = map(int, sizes)
        return pl.Decimal(precision, scale)
    return None if "<" in of_spark else _TYPES.get(word)


def _columns(plan: Plan, name: str, frame: DataFrame, by: Sequence[str]) -> list[str]:
    """Return the columns of a table that a task needs.

    Raises:
        DataError: where one of them stands twice.
    """
    present = frame.columns
    needed = Needs(plan).of(name).columns(present)
    columns = list(dict.fromkeys([*needed, *(column for column in by if column in present)]))
    twice = [column for column in columns if present.count(column) > 1]
    if twice:
        raise DataError(f"{name}: column {twice[0]} stands twice; drop or rename one")
    return columns


def _require_keys_of_one_kind(plan: Plan, frames: Mapping[str, DataFrame]) -> None:
    """Check that pauses and their cases have ids of one kind, without which they would not meet (S14).

    Raises:
        DataError: naming the column.
    """
    for name in frames:
        table = plan.table(name)
        if table.pauses is None or table.pauses not in frames:
            continue
        of = plan.table(table.pauses)
        for own, other in zip(table.key, of.key, strict=True):
            kinds = _type(frames[name], own), _type(frames[of.name], other)
            if _kind(kinds[0]) != _kind(kinds[1]):
                raise DataError(
                    f"{name}: column {own} holds {kinds[0]}, and {other} in {of.name} holds {kinds[1]}; "
                    "hold ids of one kind in both"
                )


def _type(frame: DataFrame, column: str) -> str:
    """Return the type of a column in Spark's words."""
    return str(next(of for name, of in frame.dtypes if name == column))


def _kind(of_spark: str) -> str:
    """Return what values of a type are compared as: numbers all the same, whatever their width."""
    kind = _polars_type(of_spark)
    return "number" if kind is not None and kind.is_numeric() else str(kind)


def _tagged(number: int, frame: DataFrame, columns: Sequence[str], key: Sequence[str]) -> DataFrame:
    """Return the rows of a table in one column, behind the number of the table and a hash of the key.

    Equal keys have equal hashes, whatever the width of their numbers; no other key needs a partition
    of its own.

    Args:
        number: the number of the table.
        frame: the table.
        columns: the columns that a task needs.
        key: the columns of the key.
    """
    # By position, for Spark takes names in either case and dots for parts of names.
    place = {name: f"c{n}" for n, name in enumerate(frame.columns)}
    plain = ", ".join(
        f"CAST({place[name]} AS DOUBLE) + 0D"  # -0 is 0
        if _kind(_type(frame, name)) == "number"
        else f"CAST({place[name]} AS STRING)"
        for name in key
    )
    cells = ", ".join(f"'{place[name]}', {place[name]}" for name in columns)
    return frame.toDF(*place.values()).selectExpr(
        f"{number} AS table",
        f"xxhash64({plain}) AS key",
        f"named_struct({cells}) AS `table {number}`",
    )
