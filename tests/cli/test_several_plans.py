"""Several plans in one call: one reading of the extract, one file per plan, all of them or none."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest import mock

import polars as pl
import pytest

import kpi
from kpi.tables.several_plans import check_each
from kpi.tables.sources import csv_files
from kpi.tables.sources.csv_files import CsvFile
from tests.commands import PLAN, mistakes, run

OTHER = """\
id = "q"
period = "2017"

[tables.cases]
key = "number"
entry = "entered"
events = ["decided"]

[[targets]]
id = "mean"
rule = "average"
where = { case_type = "visa" }
start = "entered"
end = "decided"
limit = "60 days"
"""
CASES = """\
case_id,number,case_type,office,filed,entered,decided,unused
a1,7,visa,north,2017-01-01,2017-01-02,2017-02-01,x
a2,8,visa,south,2017-01-01,2017-01-03,2017-02-02,y
a3,9,asylum,south,2017-05-01,,,z
"""
PLANS = ("plans/a.toml", "plans/b.toml")


@pytest.fixture(autouse=True)
def extract(here: Path) -> Path:
    (here / "plans").mkdir()
    (here / "plans" / "a.toml").write_text(PLAN)
    (here / "plans" / "b.toml").write_text(OTHER)
    (here / "cases.csv").write_text(CASES)
    return here


@contextmanager
def readings() -> Iterator[list[tuple[str, ...]]]:
    """The columns of each reading of rows from a file."""
    read: list[tuple[str, ...]] = []
    real = csv_files._read

    def noted(file: CsvFile) -> pl.DataFrame:
        read.append(file.columns)
        return real(file)

    with mock.patch.object(csv_files, "_read", noted):
        yield read


def test_two_plans_read_the_extract_once_in_the_columns_of_both(extract: Path) -> None:
    with readings() as read:
        assert (
            run("evaluate", *PLANS, "cases.csv", "--out-dir", "o", "--format", "json").exit_code
            == 0
        )
    assert read == [("case_id", "number", "case_type", "filed", "entered", "decided")]
    assert sorted(path.name for path in (extract / "o").iterdir()) == ["a.json", "b.json"]
    first, second = (json.loads((extract / "o" / f"{x}.json").read_text("utf-8")) for x in "ab")
    for plan, told in zip(PLANS, (first, second), strict=True):
        assert told == kpi.evaluate(kpi.load_plan(plan), "cases.csv").to_dict()
    assert second["targets"][0]["total"] == 60  # 30 days each


def test_a_break_down_is_kept_for_each_plan() -> None:
    with readings() as read:
        assert run("evaluate", *PLANS, "cases.csv", "--by", "office", "--out-dir", "o", "--format", "csv").exit_code == 0  # fmt: skip
    assert [sorted({*columns} & {"office", "unused"}) for columns in read] == [["office"]]
    assert pl.read_csv("o/b.csv")["office"].to_list() == ["north", "south"]


@pytest.mark.parametrize("ending", ["parquet", "csv"])
def test_checked_tables_are_those_of_each_plan_alone(ending: str) -> None:
    frame = pl.read_csv("cases.csv", infer_schema=False)
    frame.write_parquet("cases.parquet")
    plans = {path: kpi.load_plan(path) for path in PLANS}
    each = check_each(plans, f"cases.{ending}")
    for path, plan in plans.items():
        alone = kpi.check(plan, f"cases.{ending}").tables["cases"]
        together = each[path].tables["cases"]
        assert together.facts == alone.facts
        assert isinstance(together.frame, pl.DataFrame)
        assert isinstance(alone.frame, pl.DataFrame)
        assert together.frame.equals(alone.frame)


def test_the_key_of_every_plan_stays_text_in_a_large_file() -> None:
    """Of a large file texts that repeat are read as categories, but for keys."""
    rows = [f"a{n % 9},{n % 9},visa,north,2017-01-01,2017-01-02,2017-02-01,x\n" for n in range(900)]
    Path("cases.csv").write_text(CASES.splitlines()[0] + "\n" + "".join(rows))
    plans = {path: kpi.load_plan(path) for path in PLANS}
    with mock.patch.object(csv_files, "LARGE", 1):
        each = check_each(plans, "cases.csv")
        for path, plan in plans.items():
            frame = each[path].tables["cases"].frame.lazy().collect()
            alone = kpi.check(plan, "cases.csv").tables["cases"].frame.lazy().collect()
            (key,) = plan.tables[0].key
            assert frame.schema[key] == alone.schema[key] == pl.String
            assert frame.select(alone.columns).equals(alone)


def test_a_row_within_a_quoted_value_is_found_as_for_each_plan_alone(extract: Path) -> None:
    """The row a2 would be lost; its `entered`, a date for the other plan alone, is no date."""
    text = CASES.replace("2017-02-01,x", '2017-02-01,"x').replace("2017-01-03", "?")
    (extract / "cases.csv").write_text(text.replace(",y\n", ',y"\n', 1))
    alone = mistakes("evaluate", PLANS[0], "cases.csv", code=3)
    assert len(alone) == 1
    together = mistakes("evaluate", *PLANS, "cases.csv", code=3)
    assert together == [f"{plan}: {alone[0]}" for plan in PLANS]


def test_one_plan_over_a_file_reads_what_it_needs() -> None:
    with readings() as read:
        assert run("evaluate", PLANS[0], "cases.csv", "--out-dir", "o").exit_code == 0
    assert [sorted(columns) for columns in read] == [["case_id", "case_type", "decided", "filed"]]
    assert Path("o/a.txt").read_text("utf-8").startswith("p, as of 2017-12-31\n")


def test_a_parquet_file_that_stays_on_disk_is_read_by_each_plan() -> None:
    frame = pl.read_csv("cases.csv", try_parse_dates=True)
    frame.with_columns(pl.col("number").cast(pl.String)).write_parquet("cases.parquet")
    plans = {path: kpi.load_plan(path) for path in PLANS}
    with mock.patch("kpi.tables.check.LARGE", 1), mock.patch("kpi.tables.several_plans.LARGE", 1):
        each = check_each(plans, "cases.parquet")
    assert all(isinstance(e.tables["cases"].frame, pl.LazyFrame) for e in each.values())


def test_without_a_directory_the_tables_follow_one_another() -> None:
    lines = run("evaluate", *PLANS, "cases.csv").stdout.splitlines()
    assert lines[0] == "p, as of 2017-12-31"
    place = lines.index("q, as of 2017-12-31")
    assert lines[place - 1] == ""
    shown = run("evaluate", *PLANS, "cases.csv", "--format", "markdown").stdout
    assert shown.startswith("# p\n")
    assert "\n\n# q\n" in shown


def test_the_mistakes_of_all_plans_are_named_before_anything_is_read(extract: Path) -> None:
    (extract / "plans" / "a.toml").write_text(PLAN.replace("1 month", "1 mont"))
    (extract / "plans" / "c.toml").write_text(OTHER.replace("60 days", "60"))
    with readings() as read:
        said = mistakes("evaluate", *PLANS, "plans/c.toml", "none.csv", "--out-dir", "o")
    assert [line.split(": ")[0] for line in said] == ["plans/a.toml:15", "plans/c.toml:15"]
    assert read == []
    assert not (extract / "o").exists()


def test_a_plan_that_cannot_use_the_extract_lets_nothing_be_written(extract: Path) -> None:
    (extract / "o").mkdir()
    (extract / "o" / "a.txt").write_text("old")
    (extract / "plans" / "b.toml").write_text(OTHER.replace('"entered"', '"entred"'))
    (extract / "plans" / "c.toml").write_text(OTHER.replace('"decided"', '"ended"'))
    with readings() as read:
        said = mistakes("evaluate", *PLANS, "plans/c.toml", "cases.csv", "--out-dir", "o", code=3)
    found = "found case_id, number, case_type, office, filed, entered, decided, unused"
    assert said == [
        f"plans/b.toml: cases: missing column entred (did you mean 'entered'?); {found}",
        f"plans/c.toml: cases: missing column ended (did you mean 'entered'?); {found}",
    ]
    assert read == []
    assert [path.name for path in (extract / "o").iterdir()] == ["a.txt"]
    assert (extract / "o" / "a.txt").read_text() == "old"


def test_strict_is_asked_of_each_plan(extract: Path) -> None:
    (extract / "cases.csv").write_text(CASES + "a4,10,visa,north,2017-01-01,x,2017-01-02,w\n")
    said = mistakes("evaluate", *PLANS, "cases.csv", "--strict", "--out-dir", "o", code=3)
    assert said == ["plans/b.toml: cases: 1 row rejected: entered is not a date as %Y-%m-%d"]
    assert not (extract / "o").exists()


def test_the_exit_code_is_the_worst() -> None:
    for code, options in ((0, []), (1, ["--fail-on-missed"])):
        assert run("evaluate", *PLANS, "cases.csv", "--out-dir", "o", *options).exit_code == code
    alone = run("evaluate", PLANS[1], "cases.csv", "--fail-on-missed")
    assert alone.exit_code == 0  # the plan that is met


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ([*PLANS, "cases.csv", "--out", "o.json"], "--out takes one PLAN; give --out-dir DIRECTORY for several"),
        ([*PLANS, "cases.csv", "--format", "json"], "--format json of several plans needs --out-dir DIRECTORY"),
        ([PLANS[0], "cases.csv", "--out", "o.json", "--out-dir", "o"], "--out and --out-dir contradict one another; give one of them"),
        ([*PLANS, "cases.csv", "--rejects", "r.csv"], "--rejects takes one PLAN: each sets aside rows of its own"),
        ([PLANS[0], "a.toml", "cases.csv", "--out-dir", "o"], "plans/a.toml and a.toml would both be written to o/a.txt; rename one"),
        (["cases.csv"], "Missing argument 'EXTRACT'."),
    ],
)  # fmt: skip
def test_what_several_plans_cannot_do_is_refused(args: list[str], message: str) -> None:
    found = run("evaluate", *args)
    assert (found.exit_code, found.stdout) == (2, "")
    assert found.stderr.strip().splitlines()[-1] == f"Error: {message}"


def test_no_plan_is_overwritten(extract: Path) -> None:
    (extract / "plans" / "x.txt").write_text(PLAN)
    said = mistakes("evaluate", "plans/x.txt", "cases.csv", "--out-dir", "plans")
    assert said == ["plans/x.txt: is what is read; choose another file for --out-dir"]
