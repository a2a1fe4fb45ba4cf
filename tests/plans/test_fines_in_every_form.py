"""Real cases in every form that a table is read in: one table of equal figures.

The real log is not part of the project. Where it is absent these tests fail, and say where to put it.
"""

from __future__ import annotations

import contextlib
import json
import sqlite3
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import duckdb
import polars as pl
import pytest
from deltalake import write_deltalake

import kpi
from tests.plans import old_workbooks
from tests.postgresql import PASSWORD, server
from tests.real_data import data

EVERY = 5
"""Of the fines each fifth is written in every form: thirty thousand, of all years and kinds."""
SHEET_ROWS = 5_000
"""Rows of the workbooks, which take long to write."""

PLAN = kpi.parse_plan(
    """
id = "fines"
period = "2010"
time_zone = "Europe/Rome"

[tables.cases]
key = "case_id"
entry = "filed"
events = ["notified", "penalty_added", "decided"]

[[targets]]
id = "1"
rule = "within"
where = { case_type = "C", filed = { since = "2000-01-01" } }
start = "filed"
end = "notified"
limit = "4 months"
threshold = 90
window = { through = "2010-12-31" }

[[targets]]
id = "2"
rule = "within"
start = "notified"
end = "penalty_added"
limit = "60 days"
threshold = "all"
window = { through = "2010-12-31" }

[[targets]]
id = "3"
rule = "average"
start = "filed"
end = "decided"
limit = "200 days"
window = { through = "2010-12-31" }
"""
)
DATES = ("filed", "notified", "penalty_added", "decided")
NAMES = {"case_id": "Nr", "case_type": "Kategori", "filed": "Oprettet", "decided": "Afgjort"}


@pytest.fixture(scope="module")
def fines() -> pl.DataFrame:
    """Return the fines with local dates, as most agencies keep them."""
    file = data("road_fines.parquet")
    local = [pl.col(name).dt.convert_time_zone("Europe/Rome").dt.date() for name in DATES]
    found = pl.read_parquet(file, columns=["case_id", "case_type", *DATES]).with_columns(local)
    return found.gather_every(EVERY)


def figures(extract: Any) -> list[tuple[Any, ...]]:
    found = kpi.evaluate(PLAN, extract)
    return [(t.rows, t.counted, t.met, t.total, dict(t.excluded), t.verdict) for t in found.targets]


def declared(directory: Path, source: str) -> Path:
    path = directory / "extract.toml"
    path.write_text(f"[tables.cases]\n{source}", "utf-8")
    return path


COLUMNS = "[tables.cases.columns]\n" + "".join(f'{k} = "{v}"\n' for k, v in NAMES.items())


def dialect(separator: str, encoding: str, style: str, null: str) -> Callable[..., Path]:
    """Return the writer of a CSV file with an extract file beside it."""

    def write(frame: pl.DataFrame, directory: Path) -> Path:
        texts = frame.with_columns(pl.col(*DATES).dt.strftime(style)).rename(NAMES)
        text = texts.write_csv(separator=separator, null_value=null, line_terminator="\r\n")
        heading = f"Udtræk{separator * 2}\r\n\r\n"
        (directory / "cases.csv").write_bytes((heading + text).encode(encoding))
        return declared(
            directory,
            f'path = "cases.csv"\nseparator = {json.dumps(separator)}\nencoding = "{encoding}"\nskip_lines = 2\n'
            f'date_format = "{style}"\nnulls = ["{null}"]\n{COLUMNS}',
        )

    return write


def plain_csv(frame: pl.DataFrame, directory: Path) -> Path:
    frame.write_csv(directory / "cases.csv")
    return directory / "cases.csv"


def json_lines(frame: pl.DataFrame, directory: Path) -> Path:
    frame.with_columns(pl.col(*DATES).dt.to_string()).write_ndjson(directory / "cases.jsonl")
    return directory / "cases.jsonl"


def xlsx(frame: pl.DataFrame, directory: Path) -> Path:
    frame.write_excel(directory / "cases.xlsx", worksheet="Sager")
    return directory / "cases.xlsx"


def xls(frame: pl.DataFrame, directory: Path) -> Path:
    rows = [frame.columns, *frame.with_columns(pl.col(*DATES).dt.to_string()).rows()]
    (directory / "cases.xls").write_bytes(old_workbooks.workbook(rows))
    return directory / "cases.xls"


def ods(frame: pl.DataFrame, directory: Path) -> Path:
    """Write a spreadsheet of the Open Document Format: dates as dates, ids as texts."""

    def cell(value: object) -> str:
        if value is None:
            return "<table:table-cell/>"
        kind = "string" if isinstance(value, str) else "date"
        given = "" if kind == "string" else f' office:date-value="{value}"'
        text = escape(str(value))
        return f'<table:table-cell office:value-type="{kind}"{given}><text:p>{text}</text:p></table:table-cell>'

    rows = [frame.columns, *frame.rows()]
    lines = (f"<table:table-row>{''.join(map(cell, row))}</table:table-row>" for row in rows)
    names = "urn:oasis:names:tc:opendocument:xmlns"
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content office:version="1.2" '
        f'xmlns:office="{names}:office:1.0" xmlns:table="{names}:table:1.0" '
        f'xmlns:text="{names}:text:1.0"><office:body><office:spreadsheet>'
        f'<table:table table:name="Sager">{"".join(lines)}</table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    with zipfile.ZipFile(directory / "cases.ods", "w") as file:
        file.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        file.writestr("content.xml", content, zipfile.ZIP_DEFLATED)
        file.writestr(
            "META-INF/manifest.xml", f'<manifest:manifest xmlns:manifest="{names}:manifest:1.0"/>'
        )
    return directory / "cases.ods"


def sqlite(frame: pl.DataFrame, directory: Path) -> Path:
    texts = frame.with_columns(pl.col(*DATES).dt.to_string())
    with contextlib.closing(sqlite3.connect(directory / "sager.db")) as connection:
        connection.execute(f"CREATE TABLE sager ({', '.join(frame.columns)})")
        connection.executemany("INSERT INTO sager VALUES (?, ?, ?, ?, ?, ?)", texts.iter_rows())
        connection.commit()
    return declared(directory, 'database = "sqlite:///sager.db"\ntable = "sager"')


def duck(frame: pl.DataFrame, directory: Path) -> Path:
    with duckdb.connect(directory / "sager.duckdb") as connection:
        connection.register("fines", frame.to_arrow())
        connection.execute("CREATE TABLE sager AS SELECT * FROM fines")
    return declared(directory, 'database = "duckdb:///sager.duckdb"\nquery = "FROM sager"')


def parts(frame: pl.DataFrame, directory: Path) -> Path:
    target = directory / "cases.parquet"
    target.mkdir()
    (target / "_SUCCESS").touch()
    for n in range(8):
        frame.gather_every(8, n).write_parquet(target / f"part-{n:05}-c000.snappy.parquet")
    return target


def monthly(frame: pl.DataFrame, directory: Path) -> Path:
    for n in range(5):
        frame.gather_every(5, n).write_csv(directory / f"cases_2010-0{n + 1}.csv")
    return declared(directory, 'files = "cases_*.csv"')


def hive(frame: pl.DataFrame, directory: Path) -> Path:
    for (kind,), rows in frame.group_by("case_type"):
        target = directory / "cases" / f"case_type={kind}"
        target.mkdir(parents=True)
        rows.drop("case_type").write_parquet(target / "part-0.parquet")
    return directory / "cases"


def delta(frame: pl.DataFrame, directory: Path) -> Path:
    target = directory / "cases"
    write_deltalake(str(target), frame.head(1000).to_arrow())
    write_deltalake(str(target), frame.to_arrow(), mode="overwrite")
    return target


FORMS: Mapping[str, Callable[[pl.DataFrame, Path], Path]] = {
    "CSV with commas": plain_csv,
    "CSV of a Danish Excel": dialect(";", "windows-1252", "%d-%m-%Y", "NULL"),
    "CSV with tabs, UTF-16": dialect("\t", "utf-16", "%Y/%m/%d", "N/A"),
    "CSV of a terminal of old": dialect("|", "cp865", "%d.%m.%Y", "-"),
    "JSON lines": json_lines,
    "SQLite": sqlite,
    "DuckDB": duck,
    "parts": parts,
    "monthly files": monthly,
    "hive partitions": hive,
    "Delta": delta,
}
WORKBOOKS = {"xlsx": xlsx, "xls": xls, "ods": ods}


def test_every_form_gives_the_figures_of_the_parquet_file(
    fines: pl.DataFrame, tmp_path: Path
) -> None:
    expected = figures(fines)
    # The independent calculation: notified, and with a penalty, which comes after sixty days.
    both = fines.filter(pl.col("penalty_added") <= pl.date(2010, 12, 31), pl.col("notified") <= pl.date(2010, 12, 31))  # fmt: skip
    assert expected[1][1:3] == (both.height, both.height)
    assert both.height > 10_000
    table = {}
    for name, write in FORMS.items():
        directory = tmp_path / name.replace(" ", "_")
        directory.mkdir()
        table[name] = figures(write(fines, directory))
    assert table == dict.fromkeys(FORMS, expected)


@pytest.mark.parametrize("kind", WORKBOOKS)
def test_a_workbook_gives_the_figures_of_the_same_rows(
    kind: str, fines: pl.DataFrame, tmp_path: Path
) -> None:
    some = fines.head(SHEET_ROWS)
    assert figures(WORKBOOKS[kind](some, tmp_path)) == figures(some)


@pytest.mark.needs("database")
def test_a_table_of_a_server_gives_the_figures(
    fines: pl.DataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KPI_PASSWORD", PASSWORD)
    with server() as running:
        with running.connect() as connection, connection.cursor() as cursor:
            cursor.adbc_ingest("fines", fines.to_arrow(), mode="create")
        named = f'database = "{running.uri}"\ntable = "fines"'
        assert figures(declared(tmp_path, named)) == figures(fines)
