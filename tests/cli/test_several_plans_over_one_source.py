"""Several plans over what is read once: standard input, an extract file, an event log, a workbook."""

from __future__ import annotations

import contextlib
import datetime as dt
import io
import json
import sqlite3
import sys
from pathlib import Path
from unittest import mock

import polars as pl
import pytest
from attrs import evolve
from click.testing import CliRunner

import kpi
from kpi.cli import main
from kpi.tables.event_log.xes import read_xes_log
from kpi.tables.several_plans import check_each
from kpi.tables.sources import files
from kpi.tables.sources.databases import open_database
from kpi.tables.sources.resolve import resolve_sources
from tests.cli.test_several_plans import CASES, OTHER, PLANS, readings
from tests.commands import PLAN, mistakes, run

EXTRACT = """\
[tables.cases]
path = "system.csv"
nulls = ["-"]
[tables.cases.columns]
entered = "Oprettet"
"""
LOG = """\
case_id,event,time,case_type,office
1,filed,2017-01-01,visa,north
1,decided,2017-01-11,visa,north
1,decided,2017-03-02,visa,north
2,filed,2017-02-01,visa,south
2,decided,2017-02-21,visa,south
"""
OF_LOG = """\
[tables.cases]
path = "log.csv"
[tables.cases.from_events]
columns = ["case_type", "office"]
dates = { filed = "filed", decided = { last = "decided" } }
"""
MEAN = OTHER.replace("entered", "filed")
GOOD_ROWS = pl.DataFrame(
    {
        "case_id": ["a", "b"],
        "case_type": ["visa", "visa"],
        "filed": [dt.date(2017, 1, 1)] * 2,
        "decided": [dt.date(2017, 1, 5)] * 2,
    }
)
JSON = ("--out-dir", "o", "--format", "json")


@pytest.fixture(autouse=True)
def extract(here: Path) -> Path:
    (here / "plans").mkdir()
    (here / "plans" / "a.toml").write_text(PLAN)
    (here / "plans" / "b.toml").write_text(OTHER)
    (here / "cases.csv").write_text(CASES)
    return here


def given(monkeypatch: pytest.MonkeyPatch, data: bytes) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))


def alone(plan: str, extract: str) -> object:
    return json.loads(run("evaluate", plan, extract, "--format", "json").stdout)


def written(plan: str) -> object:
    return json.loads(Path("o", Path(plan).stem + ".json").read_text("utf-8"))


def test_standard_input_is_read_once_for_all_plans() -> None:
    with readings() as read:
        found = CliRunner().invoke(main, ["evaluate", *PLANS, "-", *JSON], input=CASES)
        assert found.exit_code == 0, found.output
    assert read == [("case_id", "number", "case_type", "filed", "entered", "decided")]
    for plan in PLANS:
        assert written(plan) == alone(plan, "cases.csv")


def test_a_mistake_of_standard_input_is_of_no_plan(monkeypatch: pytest.MonkeyPatch) -> None:
    given(monkeypatch, b"")
    plans = {path: kpi.load_plan(path) for path in PLANS}
    with pytest.raises(kpi.DataError) as raised:
        check_each(plans, "-")
    assert str(raised.value) == "standard input: empty, or read already"


def test_standard_input_stands_for_one_table_of_a_mapping(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    given(monkeypatch, CASES.encode())
    plans = {path: kpi.load_plan(path) for path in PLANS}
    each = check_each(plans, {"cases": "-"})
    assert [each[path].tables["cases"].facts.rows for path in PLANS] == [3, 3]


def test_the_source_of_an_extract_file_is_read_once_under_the_names_of_the_plans(
    extract: Path,
) -> None:
    text = CASES.replace("entered", "Oprettet").replace("2017-01-03", "-")
    (extract / "system.csv").write_text(text)
    (extract / "extract.toml").write_text(EXTRACT)
    with readings() as read:
        assert run("evaluate", *PLANS, "extract.toml", *JSON).exit_code == 0
    assert read == [("case_id", "number", "case_type", "filed", "entered", "decided")]
    for plan in PLANS:
        assert written(plan) == alone(plan, "extract.toml")
    # By hand: of the two visas, the second has no day of entry, so 30 days are counted once.
    assert kpi.evaluate(kpi.load_plan(PLANS[1]), "extract.toml").targets[0].total == 30


def test_two_tables_of_one_parquet_file_keep_their_own_names(extract: Path) -> None:
    """The `number` of the one table is 7, of the other `a1`, which the file calls `case_id`."""
    pl.read_csv("cases.csv", infer_schema=False).write_parquet("cases.parquet")
    more = '[tables.more]\nkey = "number"\nentry = "entered"\n\n[[targets]]'
    (extract / "two.toml").write_text(OTHER.replace("[[targets]]", more))
    (extract / "extract.toml").write_text(
        '[tables.cases]\npath = "cases.parquet"\n'
        '[tables.more]\npath = "cases.parquet"\ncolumns = { number = "case_id" }\n'
    )
    plans = {name: kpi.load_plan("two.toml") for name in ("x", "y")}
    each = check_each(plans, "extract.toml")
    for extracted in each.values():
        keys = {
            name: table.frame.lazy().collect()["number"].to_list()
            for name, table in extracted.tables.items()
        }
        assert keys == {"cases": ["7", "8", "9"], "more": ["a1", "a2", "a3"]}


def test_mistakes_of_an_extract_file_are_named_once(extract: Path) -> None:
    (extract / "extract.toml").write_text(EXTRACT.replace("nulls", "nuls"))
    plans = {path: kpi.load_plan(path) for path in PLANS}
    with pytest.raises(kpi.DataError) as raised:
        check_each(plans, "extract.toml")
    (said,) = str(raised.value).splitlines()
    assert said.startswith("extract.toml:3: table cases, nuls: unknown key")


def test_an_event_log_is_read_once_and_cut_at_the_as_of_date(extract: Path) -> None:
    """By hand: 10 and 20 days as of 1 March; 60 and 20 days at the end of the year."""
    (extract / "log.csv").write_text(LOG)
    (extract / "extract.toml").write_text(OF_LOG)
    (extract / "plans" / "b.toml").write_text(MEAN)
    for more, total in (("--as-of=2017-03-01", 30), ("--as-of=2017-12-31", 80)):
        with readings() as read:
            found = run("evaluate", *PLANS, "extract.toml", *JSON, more, "--by", "office")
            assert found.exit_code == 0, found.output
        assert read == [("case_id", "event", "time", "case_type", "office")]
        data = written(PLANS[1])
        assert isinstance(data, dict)
        assert data["targets"][0]["total"] == total


def test_a_log_that_lacks_a_column_is_named_for_each_plan(extract: Path) -> None:
    (extract / "log.csv").write_text(LOG.replace("office", "place"))
    (extract / "extract.toml").write_text(OF_LOG)
    said = mistakes("evaluate", *PLANS, "extract.toml", "--out-dir", "o", code=3)
    found = "found case_id, event, time, case_type, place"
    assert said == [f"{plan}: log: missing column office; {found}" for plan in PLANS]


def test_a_workbook_is_opened_once_for_plans_of_one_layout(extract: Path) -> None:
    (extract / "plans" / "b.toml").write_text(PLAN.replace("90", "80"))
    pl.read_csv("cases.csv", infer_schema=False).write_excel("cases.xlsx")
    (extract / "extract.toml").write_text('[tables.cases]\npath = "cases.xlsx"\nsheet = 1\n')
    for given_as in ("cases.xlsx", "extract.toml"):
        with mock.patch.dict(files.READERS, {}) as readers:
            reader = mock.Mock(side_effect=readers[".xlsx"])
            readers[".xlsx"] = reader
            plans = {path: kpi.load_plan(path) for path in PLANS}
            each = check_each(plans, given_as)
        assert reader.call_count == 1
        assert [each[path].tables["cases"].facts.rows for path in PLANS] == [3, 3]


def test_an_event_log_in_xes_is_read_once(extract: Path) -> None:
    events = "".join(
        f'<trace><string key="concept:name" value="{case}"/>'
        + "".join(
            f'<event><string key="concept:name" value="{event}"/>'
            f'<date key="time:timestamp" value="2017-01-{day:02}T00:00:00Z"/></event>'
            for event, day in (("filed", 1), ("decided", 1 + days))
        )
        + "</trace>"
        for case, days in (("1", 10), ("2", 20))
    )
    (extract / "log.xes").write_text(f"<log>{events}</log>")
    (extract / "extract.toml").write_text(
        '[tables.cases]\npath = "log.xes"\n'
        'from_events.dates = { filed = "filed", decided = "decided" }\n'
    )
    for plan, text in zip(PLANS, (PLAN, MEAN), strict=True):
        (extract / plan).write_text(text.replace('where = { case_type = "visa" }\n', ""))
    plans = {path: kpi.load_plan(path) for path in PLANS}
    with mock.patch("kpi.tables.sources.declared.read_xes_log", wraps=read_xes_log) as read:
        each = check_each(plans, "extract.toml")
    assert read.call_count == 1
    assert kpi.evaluate(plans[PLANS[1]], each[PLANS[1]]).targets[0].total == 30


def test_parts_of_a_table_are_read_once(extract: Path) -> None:
    header, *rows = CASES.splitlines()
    for name, lines in (("cases_1.csv", rows[:2]), ("cases_2.csv", rows[2:])):
        (extract / name).write_text("\n".join([header, *lines, ""]))
    with readings() as read:
        assert run("evaluate", *PLANS, "cases_*.csv", *JSON).exit_code == 0
    assert read == [("case_id", "number", "case_type", "filed", "entered", "decided")] * 2
    for plan in PLANS:
        assert written(plan) == alone(plan, "cases.csv")


def test_a_query_of_a_database_is_asked_once_for_plans_of_one_layout(extract: Path) -> None:
    (extract / "plans" / "b.toml").write_text(PLAN.replace("90", "80"))
    with contextlib.closing(sqlite3.connect("cases.db")) as database:
        database.execute("create table cases (case_id, case_type, filed, decided)")
        database.execute("insert into cases values ('a', 'visa', '2017-01-01', '2017-01-05')")
        database.commit()
    (extract / "extract.toml").write_text(
        '[tables.cases]\ndatabase = "sqlite:///cases.db"\nquery = "select * from cases"\n'
    )
    plans = {path: kpi.load_plan(path) for path in PLANS}
    with mock.patch("kpi.tables.sources.declared.open_database", wraps=open_database) as asked:
        each = check_each(plans, "extract.toml")
    assert asked.call_count == 1
    assert [each[path].tables["cases"].facts.rows for path in PLANS] == [1, 1]


def test_two_versions_of_a_delta_table_are_two_sources(extract: Path) -> None:
    """Versions that differ in deleted rows alone have the same files, and so the same fingerprint."""
    GOOD_ROWS.write_parquet(extract / "cases.parquet")
    (opened,) = resolve_sources(kpi.parse_plan(PLAN), "cases.parquet").values()
    declared = [kpi.TableSource("cases", path="cases", version=n) for n in (0, 1)]
    plans = {f"{n}.toml": kpi.parse_plan(PLAN) for n in range(4)}
    sources = [evolve(opened, declared=declared[n % 2]) for n in range(4)]
    with (
        mock.patch(
            "kpi.tables.several_plans.resolve_sources", side_effect=[{"cases": s} for s in sources]
        ),
        mock.patch(
            "kpi.tables.several_plans._collected", side_effect=[GOOD_ROWS, GOOD_ROWS.head(1)]
        ),
    ):
        each = check_each(plans, "cases.parquet")
    assert [each[name].tables["cases"].facts.rows for name in plans] == [2, 1, 2, 1]
