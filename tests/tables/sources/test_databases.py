"""A table of a database gives the figures of the Parquet file of the same rows; nothing is written."""

from __future__ import annotations

import datetime as dt
import sqlite3
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest

import kpi
from kpi.tables.sources.databases import open_database
from kpi.tables.sources.layout import Layout
from kpi.tables.sources.source_table import SourceTable
from tests.tables.four_cases import EXPECTED, FRAME, figures

LAYOUT = Layout(table="cases", key=("case_id",))


def opened(
    uri: str, query: str | None = None, table: str | None = None, **more: Any
) -> SourceTable:
    return open_database(uri, query=query, table=table, layout=LAYOUT, **more)


def message(uri: str, query: str | None = None, table: str | None = None, **more: Any) -> str:
    """The one line that is raised."""
    with pytest.raises(kpi.DataError) as raised:
        opened(uri, query, table, **more)
    assert "\n" not in str(raised.value)
    return str(raised.value)


def sqlite(path: Path) -> str:
    """The four cases in SQLite, as programs store them there: dates as texts, truth as 0 and 1."""
    rows = [
        tuple(v.isoformat() if isinstance(v, dt.date) else v for v in row)
        for row in FRAME.iter_rows()
    ]
    with sqlite3.connect(path) as connection:
        connection.execute(
            "CREATE TABLE cases (case_id TEXT, case_type VARCHAR(20), filed DATE, documented DATE, "
            "decided DATE, due DATE, months INTEGER, flag BOOLEAN)"
        )
        connection.executemany("INSERT INTO cases VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows)
    connection.close()
    return f"sqlite:///{path}"


def duck(path: Path) -> str:
    FRAME.write_parquet(path.with_suffix(".parquet"))
    with duckdb.connect(str(path)) as connection:
        connection.execute(f"CREATE TABLE cases AS FROM '{path.with_suffix('.parquet')}'")
    return f"duckdb:///{path}"


FILES: dict[str, Callable[[Path], str]] = {"sqlite": sqlite, "duckdb": duck}


@pytest.fixture(params=FILES)
def file(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[str, Path]:
    """The URI of a database in a file, and the file."""
    path = tmp_path / f"extract.{request.param}"
    return FILES[request.param](path), path


def test_a_table_and_a_query_give_the_figures_of_the_parquet_file(
    file: tuple[str, Path], tmp_path: Path
) -> None:
    uri, _ = file
    FRAME.write_parquet(tmp_path / "cases.parquet")
    assert figures(tmp_path / "cases.parquet") == EXPECTED
    assert figures(opened(uri, table="cases").frame) == EXPECTED
    assert figures(opened(uri, table="main.cases").frame) == EXPECTED
    assert figures(opened(uri, "SELECT * FROM cases; ").frame) == EXPECTED
    assert figures(opened(uri, "WITH a AS (SELECT * FROM cases) SELECT * FROM a -- all").frame) == EXPECTED  # fmt: skip


def test_a_path_is_relative_absolute_or_bare(
    file: tuple[str, Path], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    uri, path = file
    kind = uri.partition(":")[0]
    assert uri.startswith(f"{kind}:////")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    monkeypatch.setenv("WHERE", str(tmp_path))
    for other in (
        f"{kind}:///../{path.name}",
        str(path),
        f"../{path.name}",
        f"{kind}:///$WHERE/{path.name}",
        "${WHERE}/" + path.name,
    ):
        assert figures(opened(other, table="cases").frame) == EXPECTED
    by_directory = opened(f"{kind}:///{path.name}", table="cases", directory=tmp_path)
    assert figures(by_directory.frame) == EXPECTED


def test_nothing_is_written_or_created(file: tuple[str, Path], tmp_path: Path) -> None:
    uri, path = file
    before = path.read_bytes()
    for query in (
        "DELETE FROM cases",
        "DROP TABLE cases",
        "CREATE TABLE x (a INTEGER)",
        "SELECT 1; DELETE FROM cases",
        "ATTACH 'other.db' AS other",
    ):
        assert message(uri, query).startswith(f"{path}: ")
    assert path.read_bytes() == before
    missing = tmp_path / f"missing{path.suffix}"
    assert (
        message(uri.replace(path.name, missing.name), table="cases") == f"{missing}: no such file"
    )
    assert not missing.exists()
    assert message(str(uri).replace(path.name, ""), table="cases").endswith(
        "is a directory; expected the file of a database"
    )


def test_no_query_writes_a_file_beside_the_database(file: tuple[str, Path], tmp_path: Path) -> None:
    uri, _ = file
    before = sorted(tmp_path.iterdir())
    copy = tmp_path / "copy.csv"
    assert message(uri, f"COPY cases TO '{copy}'")
    assert message(uri, f"VACUUM INTO '{copy}'")
    assert sorted(tmp_path.iterdir()) == before


def test_sqlite_itself_is_asked_to_read_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    uri = sqlite(tmp_path / "a ?#%.db")
    asked: list[str] = []
    connect: Any = sqlite3.connect

    def connected(name: str, **more: Any) -> Any:
        asked.append(name)
        return connect(name, **more)

    monkeypatch.setattr(sqlite3, "connect", connected)
    assert figures(opened(uri, table="cases").frame) == EXPECTED
    assert asked == [f"file://{tmp_path}/a%20%3F%23%25.db?mode=ro"]


def test_an_unknown_table_is_named_with_the_nearest(file: tuple[str, Path]) -> None:
    uri, path = file
    assert message(uri, table="casse") == (
        f"{path}: no table or view casse (did you mean 'cases'?); found cases"
    )
    assert message(uri, table="other.cases").startswith(f"{path}: no table or view other.cases")
    assert figures(opened(uri, table="CASES").frame) == EXPECTED, "capitals are no difference here"


def test_a_mistake_in_sql_is_the_databases_first_line(file: tuple[str, Path]) -> None:
    uri, path = file
    said = message(uri, "SELECT nope FROM cases")
    assert said.startswith(f"{path}: ")
    assert "nope" in said
    assert message(uri, "SELECT nope FROM").startswith(f"{path}: ")
    assert message(uri, "SELECT 1 AS a, 2 AS a") == (
        f"{path}: the query has the column a more than once; keep one"
    )


def test_names_are_quoted(tmp_path: Path) -> None:
    for kind, write in FILES.items():
        uri = write(tmp_path / f"extract.{kind}")
        connect: Any = sqlite3.connect if kind == "sqlite" else duckdb.connect
        connection = connect(tmp_path / f"extract.{kind}")
        connection.execute('ALTER TABLE cases RENAME TO "old.cases; DROP TABLE ""cases"""')
        connection.commit()
        connection.close()
        name = '"old.cases; DROP TABLE ""cases"""'
        assert figures(opened(uri, table=name).frame) == EXPECTED
        assert figures(opened(uri, table=f"main.{name}").frame) == EXPECTED
        for wrong in ("", ".", "a..b", '"a', 'a"b'):
            assert message(uri, table=wrong).startswith(
                f"cases: found the table {wrong!r}; accepted: a name"
            )


def test_exactly_one_of_query_and_table(file: tuple[str, Path]) -> None:
    uri, _ = file
    assert message(uri) == "cases: found neither of query and table; accepted: one of them"
    assert message(uri, "SELECT 1", "cases") == (
        "cases: found both of query and table; accepted: one of them"
    )
    assert message(uri, " ") == "cases: the query is empty"


def test_a_file_of_another_kind_is_named(tmp_path: Path) -> None:
    of_sqlite, of_duckdb = sqlite(tmp_path / "a.db"), duck(tmp_path / "b.db")
    assert message(of_sqlite.replace("sqlite:", "duckdb:"), table="cases") == (
        f"{tmp_path / 'a.db'}: not a DuckDB database; an SQLite database: write sqlite:///"
    )
    assert message(of_duckdb.replace("duckdb:", "sqlite:"), table="cases") == (
        f"{tmp_path / 'b.db'}: not an SQLite database; a DuckDB database: write duckdb:///"
    )
    text = tmp_path / "c.db"
    text.write_text("case_id,filed\n" * 100)
    assert message(f"sqlite:///{text}", table="cases") == f"{text}: not an SQLite database"
    assert message(f"duckdb:///{text}", table="cases") == f"{text}: not a DuckDB database"


def test_a_variable_of_this_program_is_no_table_of_duckdb(tmp_path: Path) -> None:
    uri = duck(tmp_path / "a.duckdb")
    assert "Table with name LAYOUT does not exist" in message(uri, "FROM LAYOUT")
    assert "Table with name wanted does not exist" in message(uri, "SELECT * FROM wanted")


def test_types_of_duckdb_are_kept(tmp_path: Path) -> None:
    uri = duck(tmp_path / "a.duckdb")
    query = """
        SELECT 17::HUGEINT AS id, 1.50::DECIMAL(10, 2) AS amount, true AS flag,
            '8c7e2f0e-0000-4000-8000-00000000000a'::UUID AS uuid, DATE '2020-02-29' AS day,
            TIMESTAMPTZ '2020-02-29 12:00:00+02' AS instant, INTERVAL 1 MONTH AS span, 'x'::BLOB AS raw
    """
    source = opened(uri, query)
    assert isinstance(source.frame, pl.LazyFrame)
    (row,) = source.frame.collect().to_dicts()
    noon = dt.datetime(2020, 2, 29, 10, tzinfo=dt.UTC)
    assert row | {"instant": row["instant"].astimezone(dt.UTC)} == {
        "id": 17, "amount": 1.5, "flag": True, "uuid": "8c7e2f0e-0000-4000-8000-00000000000a",
        "day": dt.date(2020, 2, 29), "instant": noon, "raw": b"x",
    }  # fmt: skip
    assert source.unreadable == {"span": "month_day_nano_interval"}


def test_a_library_that_is_missing_is_named_with_its_extra(
    file: tuple[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    uri, _ = file
    for module in ("duckdb", "adbc_driver_postgresql.dbapi"):
        monkeypatch.setitem(sys.modules, module, None)
    assert message("postgresql://h/d", "SELECT 1") == (
        "reading a PostgreSQL database needs an extra: pip install 'kpi[postgres]'"
    )
    if uri.startswith("duckdb"):
        assert message(uri, table="cases") == (
            "reading a DuckDB database needs an extra: pip install 'kpi[duckdb]'"
        )
    else:
        assert figures(opened(uri, table="cases").frame) == EXPECTED
