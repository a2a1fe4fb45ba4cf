"""What Python holds: each kind gives the figures of the frame, and its commonest mistake a clear line."""

from __future__ import annotations

import csv
import datetime as dt
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import narwhals as nw
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from adbc_driver_postgresql import dbapi
from pyarrow import dataset, parquet

import kpi
from kpi.tables.sources.objects import ACCEPTED_OBJECTS, open_object
from tests import postgresql
from tests.tables.four_cases import EXPECTED, FRAME, figures
from tests.tables.sources.test_databases import LAYOUT, sqlite

ROWS = FRAME.to_dicts()


def refused(tables: Any) -> str:
    """The one line that is raised."""
    with pytest.raises(kpi.DataError) as raised:
        figures(tables)
    assert "\n" not in str(raised.value)
    return str(raised.value)


class Cursor:
    """Cursor of any database (PEP 249), with the types of Python that drivers give."""

    def __init__(self, rows: list[Any], description: Any = None) -> None:
        self.rows = rows
        self.description = description or [(name, None) for name in FRAME.columns]

    def fetchall(self) -> list[Any]:
        return self.rows


def duck_connection(frame: pl.DataFrame = FRAME) -> Any:
    connection = duckdb.connect()
    connection.register("arrow", frame.to_arrow())
    connection.execute(
        'CREATE TABLE cases AS FROM arrow; CREATE SCHEMA s; CREATE VIEW s."my.cases" AS FROM cases'
    )
    return connection


SOURCES: dict[str, Callable[[Path], Any]] = {
    "dataset": lambda room: parquet_dataset(room),  # noqa: PLW0108 - defined below
    "dataset in memory": lambda _: dataset.dataset(FRAME.to_arrow()),
    "scanner": lambda room: parquet_dataset(room).scanner(),
    "narwhals of Polars": lambda _: nw.from_native(FRAME),
    "narwhals of Polars, lazy": lambda _: nw.from_native(FRAME.lazy()),
    "narwhals of pandas": lambda _: nw.from_native(FRAME.to_pandas()),
    "narwhals of PyArrow": lambda _: nw.from_native(FRAME.to_arrow()),
    "narwhals of DuckDB": lambda _: nw.from_native(duck_connection().table("cases")),
    "DuckDB connection and table": lambda _: (duck_connection(), "cases"),
    "DuckDB connection and view": lambda _: (duck_connection(), 's."my.cases"'),
    "DuckDB connection and registered frame": lambda _: (duck_connection(), "arrow"),
    "DuckDB cursor": lambda _: duck_connection().execute("FROM cases"),
    "cursor": lambda _: Cursor(FRAME.rows()),
    "cursor of lists": lambda _: Cursor([list(row) for row in FRAME.iter_rows()]),
    "cursor of dicts": lambda _: Cursor(ROWS),
    "list of dicts": lambda _: ROWS,
    "tuple of dicts": lambda _: tuple(ROWS),
    "list of dicts of pandas": lambda _: FRAME.to_pandas().to_dict("records"),
    "list of dicts of pandas, with NaT": lambda _: FRAME.with_columns(
        pl.col(pl.Date).cast(pl.Datetime)
    ).to_pandas().to_dict("records"),
    "list of dicts without nulls": lambda _: [
        {name: value for name, value in row.items() if value is not None} for row in ROWS
    ],
}  # fmt: skip


def parquet_dataset(room: Path) -> Any:
    """A dataset of two files."""
    for n, part in enumerate((FRAME[:1], FRAME[1:])):
        parquet.write_table(part.to_arrow(), room / f"part-{n}.parquet")
    return dataset.dataset(room)


@pytest.mark.parametrize("name", SOURCES)
def test_every_kind_gives_the_figures_of_the_frame(name: str, tmp_path: Path) -> None:
    assert figures(SOURCES[name](tmp_path)) == EXPECTED
    assert figures({"cases": SOURCES[name](tmp_path)}) == EXPECTED


def test_a_lazy_frame_in_narwhals_stays_lazy() -> None:
    lazy = FRAME.lazy()
    assert open_object(nw.from_native(lazy), LAYOUT).frame is lazy


def test_a_connection_or_a_cursor_of_sqlite(tmp_path: Path) -> None:
    sqlite(tmp_path / "a.db")
    connection = sqlite3.connect(tmp_path / "a.db")
    try:
        assert figures((connection, "cases")) == EXPECTED
        query = "SELECT case_id, case_type, filed, decided, months, flag = 1 AS flag FROM cases"
        said = refused(connection.execute(query))
        assert said == "cases: column flag holds Int64; the plan takes it for true or false"
        flagless = [(*row[:5], bool(row[5])) for row in connection.execute(query)]
        names = ["case_id", "case_type", "filed", "decided", "months", "flag"]
        assert figures(Cursor(flagless, [(name,) for name in names])) == EXPECTED
        assert refused((connection, "case")) == (
            "cases: no table or view case (did you mean 'cases'?); found cases"
        )
        assert refused(connection) == (
            "cases: found Connection, a connection: pass the pair (connection, 'cases'), or a cursor "
            f"after execute; accepted: {ACCEPTED_OBJECTS}"
        )
    finally:
        connection.close()


@pytest.mark.needs("database")
def test_a_cursor_of_adbc_keeps_the_types_of_arrow(server: postgresql.Server) -> None:
    with server.connect() as connection, connection.cursor() as cursor:
        cursor.adbc_ingest("of_adbc", FRAME.to_arrow(), mode="replace")
        cursor.execute("SELECT * FROM of_adbc")
        assert figures(cursor) == EXPECTED
        cursor.execute("SELECT 17::numeric AS case_id, *  FROM (SELECT case_type, filed, decided, months, flag FROM of_adbc) a LIMIT 1")  # fmt: skip
        assert figures(cursor)[1][:2] == (1, 1)
        assert refused((connection, "of_adbc")).startswith(
            f"cases: found a connection of {dbapi.Connection.__module__}.Connection; accepted in a pair"
        )


def test_a_dataset_is_read_in_the_columns_that_a_plan_reads(tmp_path: Path) -> None:
    wide = FRAME.to_arrow().append_column("span", pa.array([(1, 2, 3)] * 4, pa.month_day_nano_interval()))  # fmt: skip
    for source in (dataset.dataset(wide), dataset.dataset(wide).scanner()):
        assert figures(source) == EXPECTED
    for source in (dataset.dataset(wide), dataset.dataset(wide).scanner()):
        with pytest.raises(kpi.DataError) as raised:
            kpi.evaluate(SPAN, source)
        assert str(raised.value) == (
            "cases: column span holds month_day_nano_interval, which cannot be read; convert it to "
            "text, numbers, dates or times"
        )
    found = parquet_dataset(tmp_path)
    (tmp_path / "part-1.parquet").unlink()
    assert refused(found).startswith("cases: cannot be read: ")


SPAN = kpi.Plan(
    id="p",
    period="2017",
    tables=[kpi.Table("cases", key="case_id", entry="filed", events=["decided", "span"])],
    targets=[kpi.Average(id="1", start="filed", end="span", limit="30 days")],
)


def test_the_key_of_a_pandas_frame_is_no_index() -> None:
    frame = FRAME.to_pandas()
    hint = "cases: case_id is the index of the frame: pass frame.reset_index()"
    assert refused(frame.set_index("case_id")) == hint
    assert refused(frame.set_index(["case_type", "case_id"])) == hint
    assert refused(nw.from_native(frame.set_index("case_id"))) == hint
    assert figures(frame.set_index("case_id").reset_index()) == EXPECTED
    # An index beside a column of the name is no matter, nor is another index.
    assert figures(frame.set_index("case_id", drop=False)) == EXPECTED
    assert figures(frame.set_index("due")) == EXPECTED


def test_an_unknown_table_of_a_duckdb_connection_is_named() -> None:
    connection = duck_connection()
    found = "found arrow, cases, s.my.cases"
    assert refused((connection, "casse")) == (
        f"cases: no table or view casse (did you mean 'cases'?); {found}"
    )
    assert refused((connection, "t.cases")).startswith("cases: no table or view t.cases")
    assert refused((connection, "a.b.")).startswith(
        "cases: found the table 'a.b.'; accepted: a name"
    )
    assert figures((connection, "CASES")) == EXPECTED, "capitals are no difference here"


def test_a_cursor_without_a_result_is_refused() -> None:
    connection = sqlite3.connect(":memory:")
    said = "cases: the cursor has no result; call its execute with a query first"
    assert refused(connection.cursor()) == said
    connection.close()
    assert refused(duckdb.connect()) == said
    twice = Cursor([], [("case_id",), ("case_id",)])
    assert refused(twice) == "cases: the query has the column case_id more than once; keep one"


def test_a_cursor_without_rows_has_its_columns() -> None:
    assert [row[:2] for row in figures(Cursor([]))] == [(0, 0), (0, 0)]
    assert refused(Cursor([], [("a",)])).startswith("cases: missing column case_id")


def test_a_list_is_of_dicts() -> None:
    assert refused([]) == (
        "cases: an empty list has no columns; for a table without rows pass a frame that has its "
        "columns"
    )
    assert refused([*ROWS, list(ROWS[0])]) == (
        "cases: item 4 of the list (from 0) is of type list; accepted: a mapping from column to "
        "value, such as a dict"
    )
    assert refused([1, 2]) == f"cases: found list of int; accepted: {ACCEPTED_OBJECTS}"
    assert refused([{**ROWS[0], 5: 1}]) == (
        "cases: the rows have a column 5; names of columns are texts"
    )
    # A column is one of any row.
    assert figures([{"case_id": "0"}, *ROWS])[1][:2] == (5, 2)
    assert refused([{"case_id": "0"}]).startswith("cases: missing column filed, ")


def test_a_column_of_mixed_types_is_named_with_the_first_that_differs() -> None:
    mixed = [row | {"filed": "2017-05-01" if n == 3 else row["filed"]} for n, row in enumerate(ROWS)]  # fmt: skip
    assert refused(mixed) == (
        "cases: column filed holds date and str (row 4: '2017-05-01'), which cannot be read; convert "
        "it to text, numbers, dates or times"
    )
    unread = [row | {"note": n or "x"} for n, row in enumerate(ROWS)]
    assert figures(unread) == EXPECTED


def test_rows_that_can_be_read_once_only_are_refused_with_a_hint(tmp_path: Path) -> None:
    hint = f"whose rows can be read once only: pass list(rows); accepted: {ACCEPTED_OBJECTS}"
    assert refused(row for row in ROWS) == f"cases: found generator, {hint}"
    assert refused(map(dict, ROWS)) == f"cases: found map, {hint}"
    FRAME.write_csv(tmp_path / "a.csv")
    with (tmp_path / "a.csv").open(encoding="utf-8") as file:
        reader = csv.DictReader(file)
        assert refused(reader) == f"cases: found DictReader, {hint}"
        assert figures(FRAME.to_dicts()) == EXPECTED


def test_texts_of_a_csv_reader_are_parsed_as_the_plan_says(tmp_path: Path) -> None:
    FRAME.write_csv(tmp_path / "a.csv")
    with (tmp_path / "a.csv").open(encoding="utf-8") as file:
        assert figures(list(csv.DictReader(file))) == EXPECTED


def test_whatever_a_library_raises_is_one_line() -> None:
    class Broken:
        description = (("case_id",),)

        def fetchall(self) -> Any:
            raise RuntimeError("the connection is lost\nand more")

    assert refused(Broken()) == "cases: cannot be read as a table: the connection is lost"


def test_anything_else_is_named_with_what_is_accepted() -> None:
    for thing, name in ((5, "int"), ({1}, "set"), (dt.date(2017, 1, 1), "date"), (pd.Series([1]).dtype, "Int64DType")):  # fmt: skip
        said = refused({"cases": thing})
        assert said.startswith(f"cases: found {name}; accepted: ") or name == "Int64DType"
        assert said.endswith(ACCEPTED_OBJECTS)
