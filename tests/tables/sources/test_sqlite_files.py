"""Columns of SQLite: typed by all their values, none changed; those of mixed kinds are named."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import kpi
from kpi.tables.redaction import redacted
from kpi.tables.sources.source_table import SourceTable
from tests.tables.four_cases import PLAN
from tests.tables.sources.test_databases import message, opened


def database(path: Path, *statements: str) -> str:
    connection = sqlite3.connect(path)
    connection.executescript(";".join(statements))
    connection.close()
    return f"sqlite:///{path}"


def rows(source: SourceTable) -> tuple[dict[str, pl.DataType], list[tuple[Any, ...]]]:
    assert isinstance(source.frame, pl.LazyFrame)
    frame = source.frame.collect()
    return dict(frame.schema), frame.rows()


def test_values_keep_their_types_and_dates_stay_texts(tmp_path: Path) -> None:
    uri = database(
        tmp_path / "a.db",
        "CREATE TABLE t (i INTEGER, r REAL, n NUMERIC(10, 2), s TEXT, d DATE, f BOOLEAN, g BOOL)",
        "INSERT INTO t VALUES (9007199254740993, 5, 5, 17, '2020-02-29', 1, 2)",
        "INSERT INTO t VALUES (NULL, 0.5, 1.5, 'x', NULL, 0, 1)",
    )
    assert rows(opened(uri, table="t")) == (
        {
            "i": pl.Int64(), "r": pl.Float64(), "n": pl.Float64(), "s": pl.String(),
            "d": pl.String(), "f": pl.Boolean(), "g": pl.Int64(),
        },
        [
            (9007199254740993, 5.0, 5.0, "17", "2020-02-29", True, 2),
            (None, 0.5, 1.5, "x", None, False, 1),
        ],
    )  # fmt: skip
    # A column of a query is declared as the column that it is, an expression as nothing.
    schema, _ = rows(opened(uri, "SELECT f AS flag, i + 1 AS next FROM t"))
    assert schema == {"flag": pl.Boolean(), "next": pl.Int64()}


def test_a_column_without_values_has_the_type_that_it_is_declared_with(tmp_path: Path) -> None:
    uri = database(
        tmp_path / "a.db",
        "CREATE TABLE t (i BIGINT, r DOUBLE, s VARCHAR(20), c CLOB, d DATE, f BOOLEAN, n)",
    )
    empty, _ = rows(opened(uri, table="t"))
    assert empty == {
        "i": pl.Int64(), "r": pl.Float64(), "s": pl.String(), "c": pl.String(), "d": pl.Null(),
        "f": pl.Boolean(), "n": pl.Null(),
    }  # fmt: skip
    database(tmp_path / "a.db", "INSERT INTO t (i) VALUES (NULL), (NULL)")
    assert rows(opened(uri, table="t")) == (empty, [(None,) * 7] * 2)


def test_a_column_of_mixed_values_is_named_with_the_first_that_differs(tmp_path: Path) -> None:
    uri = database(
        tmp_path / "a.db",
        "CREATE TABLE t (a INTEGER, b, c, d NUMERIC)",
        "INSERT INTO t VALUES (NULL, 1, 1, 9007199254740993), (1, x'00', 'a', 1)",
        "INSERT INTO t VALUES (2, NULL, NULL, NULL), ('about 3', 1, 2, 0.5)",
    )
    source = opened(uri, table="t")
    assert source.unreadable == {
        "a": "int and str (row 4: 'about 3')",
        "b": "int and bytes (row 2: \"b'\\\\x00'\")",
        "c": "int and str (row 2: 'a')",
        "d": "int and float (row 4: '0.5')",
    }
    with redacted():
        assert opened(uri, table="t").unreadable["a"] == "int and str (row 4: 'aaaaa d')"


def test_a_mixed_column_stops_only_a_plan_that_reads_it(tmp_path: Path) -> None:
    uri = database(
        tmp_path / "a.db",
        "CREATE TABLE cases (case_id TEXT, case_type TEXT, filed DATE, documented, decided DATE, due, "
        "months INTEGER, flag BOOLEAN, note)",
        "INSERT INTO cases VALUES ('a', 'visa', '2017-01-01', NULL, '2017-01-11', NULL, 5, 1, 'x')",
        "INSERT INTO cases VALUES ('b', 'visa', '2017-01-01', NULL, '2017-01-11', NULL, 5, 1, 7)",
    )
    found = kpi.evaluate(PLAN, {"cases": opened(uri, table="cases")}).targets[1]  # type: ignore[dict-item]
    assert (found.counted, found.value) == (2, 10.0)
    database(tmp_path / "a.db", "UPDATE cases SET months = 'five' WHERE case_id = 'b'")
    with pytest.raises(kpi.DataError) as raised:
        kpi.evaluate(PLAN, {"cases": opened(uri, table="cases")})  # type: ignore[dict-item]
    assert str(raised.value) == (
        "cases: column months holds int and str (row 2: 'five'), which cannot be read; convert it "
        "to text, numbers, dates or times"
    )


def test_texts_that_are_not_utf_8_are_refused_without_showing_them(tmp_path: Path) -> None:
    uri = database(
        tmp_path / "a.db",
        "CREATE TABLE t (name TEXT)",
        "INSERT INTO t VALUES (CAST(x'53f872656e' AS TEXT))",
    )
    assert message(uri, table="t") == (
        f"{tmp_path / 'a.db'}: column name holds texts that are not UTF-8; leave it out of the query"
    )
    assert rows(opened(uri, "SELECT 1 AS one FROM t"))[1] == [(1,)]


def test_a_database_without_tables_says_so(tmp_path: Path) -> None:
    (tmp_path / "a.db").write_bytes(b"")
    assert message(f"sqlite:///{tmp_path / 'a.db'}", table="cases") == (
        f"{tmp_path / 'a.db'}: no table or view cases; the database has none"
    )
