"""Extract files: every key is read, and every mistake is named at once, with its place."""

from __future__ import annotations

from pathlib import Path

import pytest
from attrs import fields

import kpi
from kpi.definitions.extract_file import Booleans, ExtractFile, TableSource
from kpi.definitions.log_sources import CasesFromEvents, PausesFromEvents
from kpi.definitions.occurrences import Occurrence, Pick

WHOLE = """
[tables.cases]
path = "cases.csv"
encoding = "latin1"
separator = ";"
quote = "'"
skip_lines = 3
footer_lines = 1
date_format = { filed = "%d-%m-%Y" }
nulls = ["NULL", "N/A"]
booleans = { true = ["Ja", 1], false = ["Nej", 0] }
epochs = { decided = "excel" }
[tables.cases.columns]
filed = "Oprettet"
[tables.cases.values.case_type]
"FAM-1" = "family_simple"
2 = "other"
[tables.cases.values.urgent]
J = true

[tables.log]
files = ["log_*.csv", "more.csv"]
[tables.log.from_events]
case = "sag"
event = "hvad"
time = "da"
time_format = "%d-%m-%Y %H:%M"
columns = "kind"
reopened = "last"
filing = "filed"
[tables.log.from_events.dates]
filed = "submitted"
decided = { last = "decided", after = "filed" }

[tables.waiting]
database = "sqlite:///x.db"
query = "SELECT 1"
[tables.waiting.from_events]
stops = ["asked"]
starts = "answered"

[tables.sheet]
path = "book.xlsx"
sheet = 2

[tables.delta]
path = "cases.delta"
version = 0

[tables.named]
database = "duckdb:///x.duckdb"
table = "sager"
"""


def load(tmp_path: Path, text: str) -> ExtractFile:
    file = tmp_path / "extract.toml"
    file.write_text(text, encoding="utf-8")
    return kpi.load_extract(file)


def mistakes(tmp_path: Path, text: str) -> list[str]:
    with pytest.raises(kpi.DataError) as caught:
        load(tmp_path, text)
    return [line.removeprefix(f"{tmp_path}/") for line in str(caught.value).splitlines()]


def test_every_key_is_read(tmp_path: Path) -> None:
    extract = load(tmp_path, WHOLE)
    assert extract.directory == tmp_path
    assert extract.name == str(tmp_path / "extract.toml")
    cases, log, waiting, sheet, delta, named = extract.tables
    assert cases == TableSource(
        "cases",
        path="cases.csv",
        encoding="iso-8859-1",
        separator=";",
        quote="'",
        skip_lines=3,
        footer_lines=1,
        date_format={"filed": "%d-%m-%Y"},
        nulls=("NULL", "N/A"),
        booleans=Booleans(true=("Ja", "1"), false=("Nej", "0")),
        epochs={"decided": "excel"},
        columns={"filed": "Oprettet"},
        values={"case_type": {"FAM-1": "family_simple", "2": "other"}, "urgent": {"J": "true"}},
    )
    assert log.files == ("log_*.csv", "more.csv")
    assert log.from_events == CasesFromEvents(
        dates={
            "filed": Occurrence((Pick(("submitted",)),)),
            "decided": Occurrence((Pick(("decided",), last=True),), after="filed"),
        },
        case="sag",
        event="hvad",
        time="da",
        time_format="%d-%m-%Y %H:%M",
        columns=("kind",),
        reopened="last",
        filing="filed",
    )
    assert (waiting.database, waiting.query) == ("sqlite:///x.db", "SELECT 1")
    assert waiting.from_events == PausesFromEvents(stops=("asked",), starts=("answered",))
    assert (sheet.sheet, delta.version, named.table) == (2, 0, "sager")
    told = {f.name for f in fields(TableSource) for s in extract.tables if getattr(s, f.name)}
    assert told | {"version"} == {f.name for f in fields(TableSource)}


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("UTF8", "utf-8"),
        ("cp1252", "windows-1252"),
        ("Latin-1", "iso-8859-1"),
        ("CP850", "cp850"),
        ("IBM865", "cp865"),
        ("utf-16", "utf-16"),
    ],
)
def test_an_encoding_has_the_usual_names(written: str, read: str) -> None:
    assert TableSource("cases", path="cases.csv", encoding=written).encoding == read


WAYS = "first, last, first_of, last_of, in_order"
KEYS = "booleans, columns, database, date_format, encoding, epochs, files, footer_lines, from_events, nulls, path, query, quote, separator, sheet, skip_lines, table, values, version"
CHARSETS = "utf-8, windows-1252, iso-8859-1, utf-16, cp850, cp865, cp437, iso-8859-15, windows-1250, macintosh, or another name of these"
BOOLEANS = "words, or the numbers 0 and 1, such as { true = ['Ja', 1], false = ['Nej', 0] }"
MISTAKES = {
    'columns = { filed = "a", decided = "a" }': "columns.decided: found 'a', which is filed already; name a column once",
    "values.kind = { a = 1.5 }": "values.kind: found 1.5; accepted: a text, a whole number, or true or false",
    'path = ""': "path: found ''; accepted: a text",
    "pth = 1": f"pth: unknown key; accepted: {KEYS} (did you mean 'path'?)",
    'encoding = "latin9x"': f"encoding: found 'latin9x'; accepted: {CHARSETS}",
    'encoding = "cp8500"': f"encoding: found 'cp8500'; accepted: {CHARSETS} (did you mean 'cp850'?)",
    "encoding = 850": f"encoding: found 850; accepted: {CHARSETS}",
    'separator = ";;"': "separator: found ';;'; accepted: one sign of ASCII, such as ';'",
    'separator = "§"': "separator: found '§'; accepted: one sign of ASCII, such as ';'",
    "separator = '\"'": "separator: found '\"'; accepted: one sign of ASCII, such as ';'",
    'quote = "«"': "quote: found '«'; accepted: one sign of ASCII, such as \"'\", or the empty text for none",
    'separator = "|"\nquote = "|"': "quote: is the separator too; accepted: another sign",
    "skip_lines = -1": "skip_lines: found -1; accepted: a whole number, 0 or more",
    "footer_lines = true": "footer_lines: found true; accepted: a whole number, 0 or more",
    "sheet = 0": "sheet: found 0; accepted: a sheet's name, or its number from 1",
    "version = 1.5": "version: found 1.5; accepted: a whole number, 0 or more",
    "date_format = { filed = 1 }": "date_format.filed: found 1; accepted: a text",
    'nulls = ["NULL", "NULL"]': "nulls: found ['NULL', 'NULL']; accepted: texts such as 'NULL', each once",
    "booleans = 1": "booleans: found 1; accepted: such as { true = ['Ja', 1], false = ['Nej', 0] }",
    'booleans = { ja = "Ja" }': "booleans.ja: unknown key; accepted: true, false",
    "booleans = { true = [] }": f"booleans.true: found []; accepted: {BOOLEANS}",
    'booleans = { true = "J", false = "j" }': "booleans: found 'j' for true and for false; accepted: for one of them",
    'epochs = { filed = "sec" }': "epochs.filed: found 'sec'; accepted: s, ms, us, ns, days, excel",
    "columns = 1": "columns: found 1; accepted: for each name of the plan the name in the source",
    "columns = { filed = 1 }": "columns.filed: found 1; accepted: a text",
    'columns = { filed = "x", decided = "x" }': "columns.decided: found 'x', which is filed already; name a column once",
    "values = { kind = 1 }": "values.kind: found 1; accepted: for each value in the source the plan's value",
    "values = { kind = { a = 1.5 } }": "values.kind: found 1.5; accepted: a text, a whole number, or true or false",
    'nulls = "a"\nvalues = { kind = { a = "b" } }': "values.kind.a: is one of nulls too; accepted: one or the other",
    'date_format = { filed = "%d" }\nepochs = { filed = "s" }': "epochs.filed: has a date_format too, which is for texts; accepted: one or the other",
    'files = "*.csv"': "found path, files; accepted: one of path, files, database",
    'query = "SELECT 1"': "query: stands without a database; accepted: database beside it",
    "from_events = 1": "from_events: found 1; accepted: dates, or stops and starts, by event",
    "from_events = {}": "from_events.dates: missing; accepted: for each date of a case the event that it is the time of, or how to choose one",
    'from_events = { dates = { filed = "x" }, filing = "filed" }': "from_events.filing: found 'filed' and no reopened; accepted with it: reopened = 'first', 'last'",
    'from_events = { dates = { filed = { frist = "x" } } }': f"from_events.dates.filed: unknown key 'frist' (did you mean 'first'?); accepted: {WAYS}, after, before",
    'from_events = { stops = "a" }': "from_events.starts: missing; accepted: the events that start the clock again",
    'from_events = { stops = "a", starts = [] }': "from_events.starts: found no event; accepted: the name of an event, or a list of them",
    'from_events = { stops = "a", starts = "a" }': "from_events.starts: found 'a', which stops the clock; accepted: other events",
}  # fmt: skip


@pytest.mark.parametrize(("line", "message"), MISTAKES.items(), ids=MISTAKES)
def test_a_mistake_is_a_line_with_its_place(line: str, message: str, tmp_path: Path) -> None:
    path = "" if line.startswith("path") else 'path = "cases.csv"\n'
    (found,) = mistakes(tmp_path, f"[tables.cases]\n{path}{line}\n")
    where, told = found.split(": table cases", 1)
    assert told.removeprefix(", ").removeprefix(": ") == message
    assert where.startswith("extract.toml:")


def test_all_mistakes_are_named_at_once_in_the_order_of_the_file(tmp_path: Path) -> None:
    text = (
        'top = 1\n[tables.cases]\nfile = "x"\n[tables.log]\npath = 1\n[tables.log.columns]\na = 2\n'
    )
    assert mistakes(tmp_path, text) == [
        "extract.toml:1: top: unknown key; accepted: tables",
        "extract.toml:2: table cases: the source is missing; accepted: one of path, files, database",
        f"extract.toml:3: table cases, file: unknown key; accepted: {KEYS} (did you mean 'files'?)",
        "extract.toml:5: table log, path: found 1; accepted: a text",
        "extract.toml:7: table log, columns.a: found 2; accepted: a text",
    ]


@pytest.mark.parametrize("text", ["", "tables = 1", "[tables]", "[tables]\ncases = 1"])
def test_a_file_without_tables_is_refused(text: str, tmp_path: Path) -> None:
    (found,) = mistakes(tmp_path, text)
    assert found.endswith("tables: accepted: a section [tables.NAME] for each table")


def test_what_is_no_extract_file_is_refused(tmp_path: Path) -> None:
    assert mistakes(tmp_path, "[tables") == ["extract.toml:1: not valid TOML: Expected ']' at the end of a table declaration"]  # fmt: skip
    assert mistakes(tmp_path, 'id = "p"') == [
        "extract.toml: is a plan file (TOML), not an extract file; the plan comes first"
    ]
    with pytest.raises(kpi.DataError, match=r"absent\.toml: no such file"):
        kpi.load_extract(tmp_path / "absent.toml")
    (tmp_path / "bytes.toml").write_bytes(b"\xff")
    with pytest.raises(kpi.DataError, match="not UTF-8 at byte 0; save the extract file as UTF-8"):
        kpi.load_extract(tmp_path / "bytes.toml")


def test_an_extract_file_in_the_place_of_the_plan_is_refused(tmp_path: Path) -> None:
    load(tmp_path, WHOLE)
    with pytest.raises(kpi.PlanError, match="is an extract file, not a plan; the plan comes first"):
        kpi.load_plan(tmp_path / "extract.toml")


def test_a_table_stands_once() -> None:
    source = TableSource("cases", path="cases.csv")
    with pytest.raises(kpi.PlanError, match="tables: found the table cases twice; name it once"):
        ExtractFile([source, source])
    with pytest.raises(kpi.PlanError, match=r"tables: found 1; accepted: a kpi\.TableSource"):
        ExtractFile([1])  # type: ignore[list-item]  # the mistake
