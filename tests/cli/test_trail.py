"""`kpi trail`: what became of each row, from the command line."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from unittest import mock

import openpyxl
import polars as pl
import pytest

import kpi
from tests.commands import PLAN, mistakes, run

TRAILED = (
    PLAN.replace('id = "1"', 'id = "closed"')
    + """
[[targets]]
id = "overdue"
rule = "within"
denominator = "overdue"
start = "filed"
end = "decided"
limit = "2 months"
threshold = 90

[[targets]]
id = "mean"
rule = "average"
start = "filed"
end = "decided"
limit = "60 days"
"""
)
CASES = """\
case_id,case_type,filed,decided
a1,visa,2017-01-01,2017-01-15
a2,visa,2017-01-01,2017-03-15
a3,asylum,2017-02-01,
a4,visa,2017-05-01,
a5,visa,2017-04-10,
a6,visa,,
a7,visa,2016-12-01,
"""
TRAIL = ("trail", "plan.toml", "cases.csv")


@pytest.fixture(autouse=True)
def extract(here: Path) -> Path:
    (here / "plan.toml").write_text(TRAILED)
    (here / "cases.csv").write_text(CASES)
    return here


def rows(*options: str) -> list[tuple[str, str, str, str | None]]:
    """Target, case, bucket and due date of each row."""
    told = run(*TRAIL, *options, "--format", "jsonl")
    assert told.exit_code == 0, told.output
    lines = [json.loads(line) for line in told.stdout.splitlines()]
    return [(row["target"], row["case"], row["bucket"], row["due"]) for row in lines]


def test_the_trail_is_that_of_the_result() -> None:
    assert run(*TRAIL, "--out", "t.parquet").exit_code == 0
    result = kpi.evaluate(kpi.load_plan("plan.toml"), "cases.csv")
    told = pl.read_parquet("t.parquet").drop("plan_id", "plan_period", "as_of", "kpi_version")
    whole = result.audit().collect()
    assert told.height == 21
    assert told.cast(pl.String).equals(whole.cast(pl.String))


def test_options_choose_targets_and_buckets() -> None:
    assert {row[0] for row in rows("--target", "closed", "--target", "mean")} == {"closed", "mean"}
    assert rows("--target", "closed", "--bucket", "counted") == [
        ("closed", "a1", "counted", "2017-02-01"),
        ("closed", "a2", "counted", "2017-02-01"),
    ]
    both = rows("--target", "overdue", "--bucket", "undetermined", "--bucket", "excluded", "--as-of", "2017-06-05")  # fmt: skip
    # a4 falls due on 1 July and a5 on 10 June.
    assert both == [
        ("overdue", "a4", "undetermined", "2017-07-01"),
        ("overdue", "a5", "undetermined", "2017-06-10"),
        ("overdue", "a6", "excluded", None),
    ]


def test_late_rows_are_counted_and_not_in_time() -> None:
    assert rows("--late", "--as-of", "2017-06-05") == [
        ("closed", "a2", "counted", "2017-02-01"),
        ("overdue", "a2", "counted", "2017-03-01"),
        ("overdue", "a3", "counted", "2017-04-01"),
    ]


def test_open_cases_have_due_dates_the_soonest_first_whatever_the_window() -> None:
    """An average gives a case no due date, and a6 has not begun."""
    assert rows("--open", "--as-of", "2017-06-05") == [
        ("closed", "a7", "outside", "2017-01-01"),
        ("overdue", "a7", "outside", "2017-02-01"),
        ("overdue", "a3", "counted", "2017-04-01"),
        ("closed", "a5", "outside", "2017-05-10"),
        ("closed", "a4", "outside", "2017-06-01"),
        ("overdue", "a5", "undetermined", "2017-06-10"),
        ("overdue", "a4", "undetermined", "2017-07-01"),
    ]
    assert rows("--open", "--late", "--as-of", "2017-06-05") == [
        ("overdue", "a3", "counted", "2017-04-01")
    ]
    # As of an early day, a1 and a2 are not decided yet, and a4 and a5 do not exist.
    assert rows("--open", "--target", "closed", "--as-of", "2017-01-10") == [
        ("closed", "a7", "outside", "2017-01-01"),
        ("closed", "a1", "outside", "2017-02-01"),
        ("closed", "a2", "outside", "2017-02-01"),
    ]


def test_an_open_pause_leaves_a_case_without_a_due_date_at_the_end() -> None:
    plan = kpi.Plan(
        id="p",
        period="2017",
        tables=[
            kpi.Table("cases", key="case_id", entry="filed", events="decided"),
            kpi.Table("waiting", key="case_id", entry="since", events="until", pauses="cases"),
        ],
        targets=[
            kpi.Within(
                id="1",
                start="filed",
                end="decided",
                limit="10 days",
                threshold=90,
                pauses="waiting",
            )
        ],
    )
    january = [dt.date(2017, 1, day) for day in (1, 2, 3)]
    tables = {
        "cases": pl.DataFrame(
            {"case_id": ["a", "b", "c"], "filed": january, "decided": [None] * 3},
            schema_overrides={"decided": pl.Date},
        ),
        "waiting": pl.DataFrame(
            {"case_id": ["a", "b"], "since": january[:2], "until": [None, dt.date(2017, 1, 7)]},
            schema_overrides={"until": pl.Date},
        ),
    }
    found = kpi.evaluate(plan, tables).open_cases().select("case", "due").collect()
    # b waited five days; its ten days end on 17 January. c: 13 January.
    assert found.rows() == [("c", dt.date(2017, 1, 13)), ("b", dt.date(2017, 1, 17)), ("a", None)]


def test_a_table_shows_the_first_rows_and_says_how_many_more_there_are(extract: Path) -> None:
    shown = run(*TRAIL, "--target", "closed", "--late").stdout
    assert [line.split() for line in shown.splitlines() if line] == [
        ["p,", "as", "of", "2017-12-31:", "1", "row"],
        ["Target", "Case", "Bucket", "Due", "Days", "In", "time?"],
        ["closed", "a2", "counted", "2017-02-01", "73", "no"],
    ]
    many = "".join(f"b{n},visa,2017-01-01,2017-03-01\n" for n in range(1500))
    (extract / "cases.csv").write_text(CASES + many)
    lines = run(*TRAIL, "--target", "closed", "--late").stdout.splitlines()
    assert lines[0] == "p, as of 2017-12-31: 1,501 rows"
    assert len([line for line in lines if line.startswith("closed")]) == 20
    assert lines[-1] == "1,481 more; all of them with --out FILE (.parquet, .csv, .xlsx)"
    assert run(*TRAIL, "--target", "mean", "--late").stdout == "p, as of 2017-12-31: 0 rows\n\n"


@pytest.mark.parametrize("width", [40, 60, 80])
def test_the_table_fits_every_width(width: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    shown = run(*TRAIL).stdout
    assert max(map(len, shown.splitlines())) <= width
    assert "…" not in shown


def test_unknown_targets_and_buckets_are_said_with_the_nearest() -> None:
    assert mistakes(*TRAIL, "--target", "close", "--target", "x", "--target", "Mean") == [
        "--target close: no such target in p (did you mean 'closed'?)",
        "--target x: no such target in p",
        "--target Mean: no such target in p (did you mean 'mean'?)",
    ]
    found = run(*TRAIL, "--bucket", "count")
    assert (found.exit_code, found.stdout) == (2, "")
    assert found.stderr.splitlines()[-1] == (
        "Error: Invalid value for '--bucket': found 'count'; accepted: outside, excluded, "
        "undetermined, counted (did you mean 'counted'?)"
    )


def test_without_ids_no_file_names_a_case() -> None:
    for ending in ("csv", "jsonl", "parquet", "xlsx"):
        assert run(*TRAIL, "--no-ids", "--out", f"t.{ending}").exit_code == 0
        assert b"a1" not in Path(f"t.{ending}").read_bytes()
    assert "case" not in pl.read_parquet("t.parquet").columns
    assert "a1" not in run(*TRAIL, "--no-ids").stdout


def test_a_workbook_has_typed_rows_and_the_notes() -> None:
    assert run(*TRAIL, "--target", "closed", "--late", "--out", "t.xlsx").exit_code == 0
    book = openpyxl.load_workbook("t.xlsx")
    assert book.sheetnames == ["trail", "notes"]
    row = {head.value: cell for head, cell in zip(book["trail"][1], book["trail"][2], strict=True)}
    assert (row["case"].value, row["due"].value, row["days"].value, row["met"].value) == (
        "a2", dt.datetime(2017, 2, 1), 73, False
    )  # fmt: skip


def test_a_trail_too_long_for_a_sheet_is_refused_and_nothing_is_written() -> None:
    with mock.patch("kpi.report.workbook.MOST_ROWS", 10):
        said = mistakes(*TRAIL, "--out", "t.xlsx", code=4)
    assert said == [
        "t.xlsx: 21 rows, and a sheet of a workbook holds 10; write .parquet or .csv instead"
    ]
    assert not Path("t.xlsx").exists()


def test_a_table_that_is_not_there_lists_nothing(extract: Path) -> None:
    plan = TRAILED.replace(
        "[[targets]]", '[tables.other]\nkey = "id"\nentry = "done"\n\n[[targets]]', 1
    )
    other = (
        '\n[[targets]]\nid = "n"\nrule = "count"\ntable = "other"\nrequires = { at_least = 1 }\n'
    )
    (extract / "plan.toml").write_text(plan + other)
    assert run(*TRAIL, "--target", "n").stdout == "p, as of 2017-12-31: 0 rows\n\n"
    assert run(*TRAIL, "--target", "n", "--open", "--out", "t.csv").exit_code == 0
    assert len(Path("t.csv").read_text("utf-8").splitlines()) == 1


@pytest.mark.parametrize("option", [["--periods"], ["--every", "month"]])
def test_open_cases_are_of_no_period(option: list[str]) -> None:
    found = run(*TRAIL, "--open", *option)
    assert found.exit_code == 2
    assert found.stderr.splitlines()[-1] == (
        "Error: --open lists cases whatever the period; accepted: without --every and --periods"
    )


def test_a_table_says_which_columns_it_has_no_room_for(extract: Path) -> None:
    """Paused days, and those with the pauses, are in a file alone."""
    plan = TRAILED.replace(
        "[[targets]]",
        '[tables.waiting]\nkey = "case_id"\nentry = "from"\nevents = "to"\npauses = "cases"\n\n[[targets]]',
        1,
    ).replace('id = "closed"\n', 'id = "closed"\npauses = "waiting"\n')
    (extract / "plan.toml").write_text(plan)
    (extract / "all").mkdir()
    (extract / "cases.csv").rename(extract / "all" / "cases.csv")
    (extract / "all" / "waiting.csv").write_text("case_id,from,to\na1,2017-01-03,2017-01-08\n")
    shown = run("trail", "plan.toml", "all").stdout
    assert "not shown: gross, paused; --out FILE has them" in shown
