"""Tables of a PostgreSQL server: the same figures, exact values, and not a word of a password."""

from __future__ import annotations

import datetime as dt
import traceback
from decimal import Decimal
from typing import Any
from urllib.parse import quote

import polars as pl
import pyarrow as pa
import pytest
from adbc_driver_postgresql import dbapi

import kpi
from kpi.tables.redaction import redacted
from kpi.tables.sources.database_uri import address_of
from tests import postgresql
from tests.postgresql import Server
from tests.tables.four_cases import EXPECTED, FRAME, figures
from tests.tables.sources.test_databases import message, opened

pytestmark = pytest.mark.needs("database")

ID = "8c7e2f0e-0000-4000-8000-00000000000a"


@pytest.fixture
def cases(server: Server) -> Server:
    """The server with the four cases."""
    server.run("DROP SCHEMA public CASCADE", "CREATE SCHEMA public")
    with server.connect() as connection, connection.cursor() as cursor:
        cursor.adbc_ingest("cases", FRAME.to_arrow(), mode="create")
    server.run(
        "DROP SCHEMA IF EXISTS old CASCADE",
        "CREATE SCHEMA old",
        "CREATE VIEW old.\"the.cases\" AS SELECT * FROM public.cases",
    )  # fmt: skip
    return server


def test_a_table_a_view_and_a_query_give_the_figures_of_the_frame(cases: Server) -> None:
    for name in ("cases", "public.cases", '"cases"', 'old."the.cases"'):
        assert figures(opened(cases.uri, table=name).frame) == EXPECTED
    for query in ("SELECT * FROM cases", "TABLE cases;\n", "SELECT * FROM cases -- all"):
        assert figures(opened(cases.uri, query).frame) == EXPECTED
    short = cases.uri.replace("postgresql:", "postgres:")
    assert figures(opened(short, table="cases").frame) == EXPECTED


def test_the_whole_uri_and_its_parts_may_come_from_the_environment(
    cases: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    encoded = quote(postgresql.PASSWORD)
    written = cases.uri.replace("$KPI_PASSWORD", encoded)
    monkeypatch.setenv("DATABASE_URL", written)
    monkeypatch.setenv("HOST", "127.0.0.1")
    monkeypatch.setenv("PORT", str(cases.port))
    monkeypatch.setenv("BOTH", f"kpi:{postgresql.PASSWORD}")
    monkeypatch.setenv("PGPASSWORD", postgresql.PASSWORD)
    for uri in (
        written,
        "$DATABASE_URL",
        "${DATABASE_URL}",
        "postgresql://kpi:${KPI_PASSWORD}@$HOST:$PORT/postgres",
        "postgresql://$BOTH@$HOST:${PORT}/postgres",
        f"postgresql://kpi@127.0.0.1:{cases.port}/postgres",
        f"postgresql://127.0.0.1/postgres?port={cases.port}&user=kpi&password=$KPI_PASSWORD",
    ):
        assert opened(uri, "SELECT 1 AS a").frame.collect().to_dicts() == [{"a": 1}]


def test_values_are_those_of_the_server(server: Server) -> None:
    query = f"""
        SELECT 17::numeric AS id, 1.50::numeric(10, 2) AS amount, -12345.00001 AS small,
            'NaN'::numeric AS nan, true AS flag, '{ID}'::uuid AS uuid, DATE '2020-02-29' AS day,
            TIMESTAMP '2020-02-29 12:00' AS clock, TIMESTAMPTZ '2020-02-29 12:00+02' AS instant,
            'ab'::char(4) AS padded, 'ab  '::text AS kept, '{{"a": 1}}'::jsonb AS json,
            NULL AS nothing, 2::int2 AS two, 'x'::bytea AS raw
        UNION ALL SELECT 18, 7, 1e20, 1, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 3, NULL
    """
    frame = opened(server.uri, query).frame
    assert isinstance(frame, pl.LazyFrame)
    first, second = frame.collect().to_dicts()
    assert first.pop("nan") != 0.0
    assert first == {
        "id": Decimal(17), "amount": Decimal("1.50"), "small": Decimal("-12345.00001"), "flag": True,
        "uuid": ID, "day": dt.date(2020, 2, 29), "clock": dt.datetime(2020, 2, 29, 12),
        "instant": dt.datetime(2020, 2, 29, 10, tzinfo=dt.UTC), "padded": "ab", "kept": "ab  ",
        "json": '{"a": 1}', "nothing": None, "two": 2, "raw": b"x",
    }  # fmt: skip
    assert (second["amount"], second["small"], second["nan"]) == (7, 10**20, 1.0)


def test_a_type_that_means_something_else_in_arrow_is_named(server: Server) -> None:
    query = f"""
        SELECT 1::money AS price, inet '1.1.1.1' AS host, interval '1 month' AS span,
            '10:00+01'::timetz AS clock, {10**40}.5 AS wide, 1 AS one
    """
    source = opened(server.uri, query)
    assert isinstance(source.frame, pl.LazyFrame)
    assert source.frame.collect().columns == ["one"]
    assert source.unreadable == {
        "price": "money",
        "host": "inet",
        "span": "month_day_nano_interval",
        "clock": "timetz",
        "wide": "numeric of 42 digits",
    }


def test_a_driver_that_names_no_types_is_too_old(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before 1.13 nothing tells money, which comes as cents, from a whole number."""
    fetch = dbapi.Cursor.fetch_arrow_table

    def without_types(cursor: Any) -> Any:
        table = fetch(cursor)
        return table.cast(pa.schema([field.remove_metadata() for field in table.schema]))

    monkeypatch.setattr(dbapi.Cursor, "fetch_arrow_table", without_types)
    assert message(server.uri, "SELECT 1::money AS price") == (
        "adbc-driver-postgresql is too old, and does not say which columns are of money: "
        "pip install --upgrade 'kpi[postgres]'"
    )


def test_a_result_without_rows_has_its_columns(server: Server) -> None:
    frame = opened(server.uri, "SELECT 1.5 AS n, 'a' AS t, now() AS at WHERE false").frame
    assert isinstance(frame, pl.LazyFrame)
    assert frame.collect_schema() == {
        "n": pl.Decimal(38, 0),
        "t": pl.String(),
        "at": pl.Datetime("us", "UTC"),
    }


def test_infinity_is_a_date_that_no_plan_takes(cases: Server) -> None:
    query = "SELECT case_id, case_type, 'infinity'::date AS filed, decided, months, flag FROM cases"
    tables: Any = {"cases": opened(cases.uri, query)}
    rejected = kpi.check(FOUR, tables).rejected["cases"]
    assert rejected["reason"].to_list() == ["filed lies outside the years 1 to 9999"] * 4


FOUR = kpi.Plan(
    id="p",
    period="2017",
    tables=[kpi.Table("cases", key="case_id", entry="filed", events="decided")],
    targets=[kpi.Average(id="1", start="filed", end="decided", limit="30 days")],
)


def test_nothing_is_written(cases: Server) -> None:
    cases.run("CREATE SEQUENCE n")
    for query in (
        "DELETE FROM cases",
        "CREATE TABLE x (a int)",
        "DELETE FROM cases RETURNING *",
        "WITH gone AS (DELETE FROM cases RETURNING *) SELECT * FROM gone",
        "SELECT nextval('n')",
        "SELECT 1; DELETE FROM cases",
        "SET TRANSACTION READ WRITE",
    ):
        assert message(cases.uri, query).startswith(f"{cases.place}: ")
    assert "read-only transaction" in message(cases.uri, "DELETE FROM cases")
    assert figures(opened(cases.uri, table="cases").frame) == EXPECTED


def test_an_unknown_table_is_named_with_the_nearest(cases: Server) -> None:
    found = "found cases, old.the.cases"
    assert message(cases.uri, table="casse") == (
        f"{cases.place}: no table or view casse (did you mean 'cases'?); {found}"
    )
    assert message(cases.uri, table="Cases") == (
        f"{cases.place}: no table or view Cases (did you mean 'cases'?); {found}"
    )
    assert message(cases.uri, table="new.cases").startswith(
        f"{cases.place}: no table or view new.cases"
    )


def test_a_mistake_in_sql_is_the_servers_first_line(cases: Server) -> None:
    assert message(cases.uri, "SELECT nope FROM cases") == (
        f'{cases.place}: column "nope" does not exist'
    )
    assert message(cases.uri, "SELECT 'x-17'::int") == (
        f'{cases.place}: invalid input syntax for type integer: "x-17"'
    )
    with redacted():
        assert message(cases.uri, "SELECT 'x-17'::int") == (
            f'{cases.place}: invalid input syntax for type integer: "a-dd"'
        )
    assert message(cases.uri, "SELECT 1 AS a, 2 AS a") == (
        f"{cases.place}: the query has the column a more than once; keep one"
    )


SECRET = "hemmeligt"  # noqa: S105 - of nobody


def wrong(server: Server) -> dict[str, tuple[str, str]]:
    """URIs that go wrong, each with what the message says of it."""
    port, host = server.port, f"127.0.0.1:{server.port}"
    right = "$KPI_PASSWORD"
    return {
        "password": (f"postgresql://kpi:{SECRET}@{host}/postgres", 'password authentication failed for user "kpi"'),
        "password of a variable": (f"postgresql://kpi:$WRONG@{host}/postgres", "password authentication failed"),
        "password as a parameter": (f"postgresql://{host}/postgres?user=kpi&password={SECRET}", "password authentication failed"),
        "host": (f"postgresql://kpi:{SECRET}@no-such-host.invalid:{port}/postgres", "could not translate host name"),
        "port": (f"postgresql://kpi:{SECRET}@127.0.0.1:1/postgres", "Connection refused"),
        "database": (f"postgresql://kpi:{right}@{host}/nowhere", 'database "nowhere" does not exist'),
        "parameter": (f"postgresql://kpi:{SECRET}@{host}/postgres?sslmodus=x", 'invalid connection option "sslmodus"'),
        "value of a parameter": (f"postgresql://kpi:{SECRET}@{host}/postgres?sslmode=x", "invalid sslmode value"),
        "slash": (f"postgresql://kpi:{SECRET}/1@{host}/postgres", "the URI cannot be taken apart"),
        "at": (f"postgresql://kpi:{SECRET}@1@{host}/postgres", "the URI cannot be taken apart"),
        "hash": (f"postgresql://kpi:{SECRET}#1@{host}/postgres", "the URI cannot be taken apart"),
        "percent": (f"postgresql://kpi:{SECRET}%x@{host}/postgres", "the URI cannot be taken apart"),
        "port in letters": (f"postgresql://kpi:{SECRET}@127.0.0.1:five/postgres", "the URI cannot be taken apart"),
        "dollar": (f"postgresql://kpi:a${SECRET}@{host}/postgres", "holds a $ and no variable that is set"),
        "host of a variable": (f"postgresql://$CREDENTIALS:{port}/postgres", "the URI cannot be taken apart"),
        "key and value": (f"host=127.0.0.1 password={SECRET}", "the database is named otherwise than accepted"),
        "kind": (f"mysql://kpi:{SECRET}@{host}/postgres", "no database of the kind mysql is read"),
        "driver": (f"postgresql+psycopg://kpi:{SECRET}@{host}/postgres", "(write postgresql://)"),
    }  # fmt: skip


@pytest.mark.parametrize("name", wrong(Server(0)))
def test_no_password_is_in_a_message_or_a_traceback(
    name: str, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WRONG", SECRET)
    monkeypatch.setenv("CREDENTIALS", f"kpi:{SECRET}@127.0.0.1")
    monkeypatch.delenv("PGPASSWORD", raising=False)
    uri, said = wrong(server)[name]
    with pytest.raises(kpi.DataError) as raised:
        opened(uri, "SELECT 1")
    error: Any = raised.value
    assert said in str(error)
    assert "\n" not in str(error)
    # The line of the call that a traceback shows holds the variable's name alone.
    text = "".join(traceback.format_exception(error)) + repr(error)
    while error is not None:
        text += str(error)
        error = error.__cause__ or error.__context__
    for secret in (SECRET, postgresql.PASSWORD):
        assert secret not in text


def test_a_variable_that_is_not_set_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KPI_PASSWORD", raising=False)
    for uri in ("postgresql://kpi:$KPI_PASSWORD@h/d", "$KPI_PASSWORD", "sqlite:///${KPI_PASSWORD}"):
        assert message(uri, "SELECT 1").startswith(
            "cases: the environment has no variable KPI_PASSWORD, which the URI of the database names"
        )


def test_a_word_of_a_password_in_a_servers_message_is_struck_out() -> None:
    address = address_of(f"postgresql://kpi:{SECRET}@h/d", "cases")
    assert address.without_secrets(f"no entry for {SECRET} in h") == "no entry for *** in h"
    assert SECRET not in repr(address)
    assert address.place == "postgresql://h/d"
