"""A state as one long table that adds up, in any engine, and the state out of such a table.

Rows that are equal in every column but `n` add up: that is the whole of `kpi.merge`. What is no sum has
a form that is one: a set has a row for each member, a newest day is the newest of the rows, and a
distinct value is one row whatever its `n` is. Columns and quantities: docs/how-to/states.md.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

import polars as pl
import pyarrow as pa
from attrs import astuple, frozen

from kpi import __version__
from kpi.definitions.plan import Plan
from kpi.definitions.reserved import BIN, PART, PERIOD
from kpi.definitions.series import Series, optional_rolling
from kpi.engine.batches import BatchCoverage, Coverage
from kpi.engine.distinct_values import DIGEST, KEY_PREFIX, first_of_each
from kpi.engine.quality_rows import QualityRow, quality_of, quality_rows
from kpi.engine.state import (
    State,
    has_periods,
    sum_states,
    with_values_once,
)
from kpi.engine.value_keys import decode_keys, encode_keys
from kpi.errors import DataError, PlanError, first_line, listed
from kpi.fork_guard import use_engine
from kpi.planfile.fingerprint import plan_fingerprint
from kpi.planfile.plan_data import plan_data, plan_of_data
from kpi.tables.quality import TableQuality
from kpi.tables.table_fingerprint import TableFingerprint

FORMAT = 1
"""The version of the form of a state; it counts up where an older version could not read it."""

HEADER = b"kpi.state"
"""The key of the header in the metadata of the schema."""

_BY = "by_"
"""Prefix of the columns of the break-down, which may have any name."""

_TEXTS = ("section", "table_name", "target")
_AFTER_GROUP = {
    PERIOD: pl.Date,
    PART: pl.String,
    "quantity": pl.String,
    BIN: pl.Int64,
    "column_name": pl.String,
    "item": pl.String,
    "first_key": pl.String,
    "n": pl.Int64,
}
_GROUPS = (pl.String, pl.Int64, pl.Boolean, pl.Date)
_IDENTITY, _GIVEN, _FINGERPRINTED, _TOTAL = "question", "as of given", "fingerprinted", "total"
_MODULUS = 2**32
_HALVES = tuple(f"hash {n}, {half} half" for n in (0, 1) for half in ("high", "low"))
_TO_DO = "accepted: what State.to_arrow or kpi.write_state gave, or sums of such tables with the header of one"


def arrow_table(state: State) -> pa.Table:
    """Return a state as an Arrow table (`State.to_arrow`)."""
    use_engine()
    header = {
        **_question(state),
        "kpi": __version__,
        "plan_id": state.plan.id,
        "plan": plan_data(state.plan),
        "tables": sorted(state.facts),
        "batches": list(state.batch_names),
    }
    table = long_frame(state).to_arrow(compat_level=pl.CompatLevel.oldest())
    return table.replace_schema_metadata({HEADER: json.dumps(header, ensure_ascii=False)})


def is_same_state(one: State, other: State) -> bool:
    """Return whether two states are of one question, with the same sums."""
    return (
        (one.as_of, one.by, one.series) == (other.as_of, other.by, other.series)
        and long_frame(one).equals(long_frame(other))
    )  # fmt: skip


def long_frame(state: State) -> pl.DataFrame:
    """Return the rows of a state, sorted: equal frames for equal states."""
    groups = [
        frame for frame in (state.sums, state.possible, *state.values.values()) if frame.height
    ]
    parts = [
        _section("sums", state.sums),
        _section("possible", state.possible),
        *(_of_values(name, values, state.by) for name, values in state.values.items()),
    ]
    dtypes = {name: _dtype_of(name, groups) for name in state.by}
    schema = _schema(dtypes)
    whole = pl.concat(
        [_with_schema(part, schema) for part in (*parts, _plain_rows(state)) if part.height]
    )
    total = int(whole["n"].cast(pl.Int64).sum()) % _MODULUS
    check = pl.DataFrame({"section": ["state"], "quantity": [_TOTAL], "n": [total]})
    whole = pl.concat([whole, _with_schema(check, schema)])
    return whole.sort([name for name in schema if name != "n"], nulls_last=True)


def fields_of(table: Any, name: str) -> dict[str, Any]:
    """Return the fields of the state in an Arrow table.

    Args:
        table: a PyArrow table, or an object with `__arrow_c_stream__`.
        name: the name of the table in messages.

    Raises:
        DataError: where the table is no state, or none that this version of `kpi` can read, or where
            its rows are not of one question or hold a batch twice.
    """
    use_engine()
    table = _arrow(table, name)
    header = _header(table.schema.metadata or {}, name)
    plan = _plan(header, name)
    by = tuple(header["by"])
    sections = _Sections.of(_summed(table, by, name))
    of_state = {
        (quantity, item): n for quantity, item, n in sections.rows("state", "quantity", "item", "n")
    }
    states = _states(of_state, header, name)
    batches = {
        (quantity, item): n
        for quantity, item, n in sections.rows("batches", "quantity", "item", "n")
    }
    named = {item: n for (quantity, item), n in batches.items() if quantity == "named"}
    for batch, n in named.items():
        if n > 1:
            raise DataError(
                f"{name}: the batch {batch!r} is added up in it {n} times; add up each batch once"
            )
    series = _series(header, plan)
    period = [PERIOD] if has_periods(plan, series) else []
    group = [*by, *period]
    values = dict(_values(sections["values"], by, period, name))
    possible = _sums_of(sections["possible"], [*by, PERIOD])
    return {
        "plan": plan,
        "as_of": dt.date.fromisoformat(header["as_of"]),
        "as_of_given": of_state.get((_GIVEN, None), 0) > 0,
        "by": by,
        "series": series,
        "sums": with_values_once(_sums_of(sections["sums"], group), values, group),
        "values": values,
        "possible": possible if possible.height else pl.DataFrame(),
        "facts": _facts(sections, by),
        "batches": batches.get(("with rows", None), 0),
        "coverage": _coverage(sections),
        "reports": {
            (table_name, fact): n
            for table_name, fact, n in sections.rows("reports", "table_name", "item", "n")
        },
        "fingerprints": _fingerprints(sections)
        if of_state.get((_FINGERPRINTED, None), 0) == states
        else None,
        "batch_names": tuple(sorted(named)),
    }


@frozen(eq=False, repr=False)
class _Sections:
    """Rows of a state by section.

    Attributes:
        frames: the rows of each section that has any.
        none: no rows, in the same columns.
    """

    frames: Mapping[str, pl.DataFrame]
    none: pl.DataFrame

    @classmethod
    def of(cls, rows: pl.DataFrame) -> _Sections:
        """Divide the rows of a state, which stay sorted."""
        parts = rows.partition_by("section", as_dict=True, maintain_order=True)
        return cls({str(section): frame for (section,), frame in parts.items()}, rows.clear())

    def __getitem__(self, section: str) -> pl.DataFrame:
        return self.frames.get(section, self.none)

    def rows(self, section: str, *columns: str) -> Iterator[tuple[Any, ...]]:
        """Yield the cells of some columns of each row of a section."""
        yield from self[section].select(columns).iter_rows()


def _question(state: State) -> dict[str, Any]:
    """Return what states that merge have in common, as data of JSON."""
    series = state.series
    rolling = None if series is None or series.rolling is None else series.rolling.data()
    return {
        "format": FORMAT,
        "fingerprint": plan_fingerprint(state.plan).digest,
        "as_of": state.as_of.isoformat(),
        "by": list(state.by),
        "every": None if series is None else series.every,
        "rolling": rolling,
    }


_ASKED = ("format", "fingerprint", "as_of", "by", "every", "rolling")


def _identity(question: Mapping[str, Any]) -> str:
    return json.dumps({key: question[key] for key in _ASKED}, ensure_ascii=False)


def _schema(dtypes: Mapping[str, pl.DataType]) -> dict[str, Any]:
    groups = {f"{_BY}{name}": dtype for name, dtype in dtypes.items()}
    return {**dict.fromkeys(_TEXTS, pl.String), **groups, **_AFTER_GROUP}


def _dtype_of(name: str, frames: Iterable[pl.DataFrame]) -> pl.DataType:
    """Return the dtype of a column of the break-down; String where it is null throughout."""
    for frame in frames:
        if frame[name].null_count() < frame.height:
            return frame.schema[name]
    return pl.String()


def _with_schema(frame: pl.DataFrame, schema: Mapping[str, Any]) -> pl.DataFrame:
    """Return rows with every column of a schema, null where they lack it."""
    return frame.select(
        pl.col(name).cast(dtype) if name in frame.columns else pl.lit(None, dtype).alias(name)
        for name, dtype in schema.items()
    )


def _section(section: str, frame: pl.DataFrame) -> pl.DataFrame:
    """Return sums of a state as rows of a section, the columns of the break-down renamed."""
    own = {"target", *_AFTER_GROUP}
    renamed = frame.rename({name: f"{_BY}{name}" for name in frame.columns if name not in own})
    return renamed.with_columns(pl.lit(section).alias("section"))


def _of_values(target: str, values: pl.DataFrame, by: Sequence[str]) -> pl.DataFrame:
    keys = [name for name in values.columns if name.startswith(KEY_PREFIX)]
    period = [PERIOD] if PERIOD in values.columns else []
    return values.select(
        pl.lit("values").alias("section"),
        pl.lit(target).alias("target"),
        *(pl.col(name).alias(f"{_BY}{name}") for name in by),
        *period,
        PART,
        pl.lit("distinct value").alias("quantity"),
        pl.col(DIGEST).bin.encode("hex").alias("item"),
        encode_keys(values, keys).alias("first_key"),
        pl.lit(1, pl.Int64).alias("n"),
    )


_PLAIN = {
    "section": pl.String,
    "table_name": pl.String,
    "quantity": pl.String,
    BIN: pl.Int64,
    "column_name": pl.String,
    "item": pl.String,
    "n": pl.Int64,
}


def _plain_rows(state: State) -> pl.DataFrame:
    """Return what stands beside the sums, as rows: the tables, the batches and the question."""
    return pl.DataFrame(list(_beside(state)), schema=_PLAIN, orient="row")


def _beside(state: State) -> Iterator[tuple[Any, ...]]:
    def row(
        section: str,
        quantity: str,
        n: int,
        item: str | None = None,
        *,
        table: str | None = None,
        column: str | None = None,
        place: int | None = None,
    ) -> tuple[Any, ...]:
        return (section, table, quantity, place, column, item, n)

    yield row("state", _IDENTITY, 1, _identity(_question(state)))
    yield row("state", _GIVEN, int(state.as_of_given))
    yield row("state", _FINGERPRINTED, int(state.fingerprints is not None))
    yield row("batches", "with rows", state.batches)
    for name in state.batch_names:
        yield row("batches", "named", 1, name)
    for table, facts in state.facts.items():
        for of in quality_rows(facts):
            quantity, n, item, column, place = astuple(of)
            yield row("tables", quantity, n, item, table=table, column=column, place=place)
    for tables, coverage in state.coverage.items():
        read = json.dumps(tables, ensure_ascii=False)
        yield row("coverage", "batches", coverage.batches, read)
        for table in coverage.missing_tables:
            yield row("coverage", "missing table", 1, read, table=table)
    for (table, fact), n in state.reports.items():
        yield row("reports", "batches", n, fact, table=table)
    for table, fingerprint in (state.fingerprints or {}).items():
        yield row("fingerprints", "rows", fingerprint.rows, table=table)
        for column in fingerprint.columns:
            yield row("fingerprints", "hashed column", 1, table=table, column=column)
        # Sums of halves do not overflow, and carry over when the halves are put together.
        halves = [half for total in fingerprint.sums for half in divmod(total, _MODULUS)]
        for quantity, half in zip(_HALVES, halves, strict=True):
            yield row("fingerprints", quantity, half, table=table)


def _arrow(table: Any, name: str) -> pa.Table:
    if isinstance(table, pa.Table):
        return table
    if not hasattr(table, "__arrow_c_stream__"):
        raise DataError(
            f"{name}: found {type(table).__name__}; accepted: an Arrow table, as State.to_arrow gives it"
        )
    return pa.table(table)


def _header(metadata: Mapping[bytes, bytes], name: str) -> dict[str, Any]:
    """Return the header of a state.

    Raises:
        DataError: where there is none, or one of another format version.
    """
    if HEADER not in metadata:
        raise DataError(
            f"{name}: is no state of kpi: it has no header (kpi.state in the schema's metadata); {_TO_DO}"
        )
    try:
        header = json.loads(metadata[HEADER])
    except (ValueError, RecursionError):
        header = None
    version = header.get("format") if isinstance(header, dict) else None
    if not isinstance(header, dict) or not isinstance(version, int):
        raise DataError(f"{name}: is no state of kpi: its header cannot be read; {_TO_DO}")
    if version != FORMAT:
        raise DataError(
            f"{name}: is a state of format version {version}, written by kpi {header.get('kpi')}, and "
            f"kpi {__version__} reads version {FORMAT}; read it with that kpi, or make it again from the extract"
        )
    wrong = [key for key, kind in _KINDS.items() if not isinstance(header.get(key), kind)]
    if wrong or not all(isinstance(column, str) for column in header["by"]):
        key = wrong[0] if wrong else "by"
        raise DataError(
            f"{name}: is no state of kpi: {key} in its header is missing or wrong; {_TO_DO}"
        )
    return header


_KINDS: Mapping[str, type | tuple[type, ...]] = {
    "fingerprint": str,
    "as_of": str,
    "by": list,
    "every": (str, type(None)),
    "rolling": (str, type(None)),
    "plan": dict,
}


def _plan(header: Mapping[str, Any], name: str) -> Plan:
    """Return the plan of a header.

    Raises:
        DataError: where it cannot be read, or is not the plan that the state was made with.
    """
    try:
        plan, digest = _read_plan(json.dumps(header["plan"]))
    except PlanError as error:
        raise DataError(
            f"{name}: its plan cannot be read: {first_line(error)}; install the packages of its rules, "
            "or make the state again from the extract"
        ) from None
    except (KeyError, TypeError, AttributeError, ValueError):
        raise DataError(
            f"{name}: is no state of kpi: plan in its header is missing or wrong; {_TO_DO}"
        ) from None
    if digest != header["fingerprint"]:
        raise DataError(
            f"{name}: its plan {plan.id} is not the one that it was made with, as the fingerprint tells; "
            "make the state again from the extract"
        )
    return plan


@lru_cache(maxsize=16)
def _read_plan(data: str) -> tuple[Plan, str]:
    """Return a plan and its digest; the states of a ledger have one, which is read once."""
    plan = plan_of_data(json.loads(data), "plan")
    return plan, plan_fingerprint(plan).digest


def _series(header: Mapping[str, Any], plan: Plan) -> Series | None:
    every = header["every"]
    if every is None:
        return None
    return Series(every, optional_rolling(header["rolling"]), int(plan.year_starts))


def _summed(table: pa.Table, by: Sequence[str], name: str) -> pl.DataFrame:
    """Return the rows of a state, those that differ in nothing but `n` added up.

    Raises:
        DataError: where columns are missing, are more, or hold something else.
    """
    groups = [f"{_BY}{column}" for column in by]
    expected = [*_TEXTS, *groups, *_AFTER_GROUP]
    lacking = [column for column in expected if column not in table.column_names]
    more = [column for column in table.column_names if column not in expected]
    if lacking or more or len(table.column_names) != len(expected):
        what = f"no column {lacking[0]}" if lacking else f"a column {listed(more)} too many"
        raise DataError(f"{name}: is no state of kpi: it has {what}; {_TO_DO}")
    frame = pl.from_arrow(table.select(expected))
    assert isinstance(frame, pl.DataFrame), "a table is a frame"
    dtypes = {}
    for column in groups:
        dtype = frame.schema[column]
        if dtype.is_integer():
            dtype = pl.Int64()
        if frame[column].null_count() == frame.height or isinstance(
            dtype, pl.Categorical | pl.Enum
        ):
            dtype = pl.String()
        dtypes[column.removeprefix(_BY)] = dtype
        if dtype not in _GROUPS:
            raise DataError(f"{name}: is no state of kpi: column {column} holds {dtype}; {_TO_DO}")
    counts = frame["n"]
    whole = counts.dtype.is_integer() or (
        isinstance(counts.dtype, pl.Decimal) and counts.dtype.scale == 0
    )
    if not whole or counts.null_count():
        raise DataError(
            f"{name}: n holds {counts.dtype if not whole else 'nulls'}; add it up as whole numbers: SUM(n)"
        )
    try:
        typed = _with_schema(frame, _schema(dtypes))
    except pl.exceptions.PolarsError as error:
        raise DataError(f"{name}: is no state of kpi: {first_line(error)}; {_TO_DO}") from None
    is_total = (pl.col("section") == "state") & (pl.col("quantity") == _TOTAL)
    sums = typed.group_by(is_total.fill_null(value=False).alias("is total")).agg(pl.col("n").sum())
    total = dict(sums.iter_rows())
    if (total.get(False, 0) - total.get(True, 0)) % _MODULUS:
        raise DataError(
            f"{name}: rows are missing or were changed: n does not add up to its total; add up all rows "
            "of each state, or make the state again"
        )
    return sum_states([typed]) if typed.height < 2 else _grouped(typed)


def _grouped(typed: pl.DataFrame) -> pl.DataFrame:
    keys = [column for column in typed.columns if column != "n"]
    return typed.group_by(keys).agg(pl.col("n").sum()).sort(keys, nulls_last=True)


def _states(
    of_state: Mapping[tuple[str, str | None], int], header: Mapping[str, Any], name: str
) -> int:
    """Return the number of states that are added up.

    Raises:
        DataError: where they are not of the question in the header.
    """
    found = [item or "" for quantity, item in of_state if quantity == _IDENTITY]
    own = _identity(header)
    for item in found:
        if item == own:
            continue
        try:
            other = json.loads(item)
            differs = [key for key in _ASKED if other[key] != header[key]]
        except (ValueError, KeyError, TypeError):
            other, differs = {}, []
        if not differs:
            raise DataError(f"{name}: is no state of kpi: its question cannot be read; {_TO_DO}")
        key = differs[0]
        raise DataError(
            f"{name}: its rows are of several questions: {_WORDS.get(key, key)} {other[key]} beside "
            f"{header[key]}; add up states of one plan, as-of date, break-down and series"
        )
    if not found:
        raise DataError(f"{name}: is no state of kpi: its rows name no question; {_TO_DO}")
    return of_state[_IDENTITY, own]


_WORDS = {"fingerprint": "plan", "as_of": "as of"}


def _sums_of(rows: pl.DataFrame, group: Sequence[str]) -> pl.DataFrame:
    """Return the sums of a section as a state has them."""
    return rows.select(
        "target",
        *(pl.col(name if name == PERIOD else f"{_BY}{name}").alias(name) for name in group),
        PART,
        "quantity",
        BIN,
        "n",
    )


def _values(
    rows: pl.DataFrame, by: Sequence[str], period: Sequence[str], name: str
) -> Iterator[tuple[str, pl.DataFrame]]:
    """Yield the distinct values of each target.

    Raises:
        DataError: where a digest is none, or where keys are of several types.
    """
    for (target,), of_target in rows.partition_by(
        "target", as_dict=True, maintain_order=True
    ).items():
        keys = decode_keys(of_target["first_key"], f"{name}: target {target}")
        digests = of_target["item"].str.decode("hex", strict=False)
        frame = of_target.select(
            PART,
            digests.alias(DIGEST),
            *(pl.col(f"{_BY}{column}").alias(column) for column in by),
            *period,
        ).with_columns(keys)
        yield target, first_of_each(frame)


def _facts(sections: _Sections, by: Sequence[str]) -> dict[str, TableQuality]:
    columns = ("table_name", "quantity", "n", "item", "column_name", BIN)
    by_table: dict[str, list[QualityRow]] = {}
    for table, *row in sections.rows("tables", *columns):
        by_table.setdefault(table, []).append(QualityRow(*row))
    return {table: quality_of(rows, by) for table, rows in by_table.items()}


def _coverage(sections: _Sections) -> Coverage:
    found: dict[tuple[str, ...], BatchCoverage] = {}
    for quantity, item, table, n in sections.rows(
        "coverage", "quantity", "item", "table_name", "n"
    ):
        tables = tuple(json.loads(item))
        one = (
            BatchCoverage(n)
            if quantity == "batches"
            else BatchCoverage(missing_tables=frozenset([table]))
        )
        found[tables] = found.get(tables, BatchCoverage()) + one
    return found


def _fingerprints(sections: _Sections) -> dict[str, TableFingerprint]:
    columns: dict[str, list[str]] = {}
    numbers: dict[str, dict[str, int]] = {}
    for table, quantity, column, n in sections.rows(
        "fingerprints", "table_name", "quantity", "column_name", "n"
    ):
        columns.setdefault(table, []).extend([] if column is None else [column])
        numbers.setdefault(table, {})[quantity] = n
    return {
        table: TableFingerprint(
            rows=of["rows"],
            columns=tuple(sorted(columns[table])),
            sums=(_put_together(of, *_HALVES[:2]), _put_together(of, *_HALVES[2:])),
        )
        for table, of in numbers.items()
    }


def _put_together(numbers: Mapping[str, int], high: str, low: str) -> int:
    return (numbers[high] * _MODULUS + numbers[low]) % _MODULUS**2
