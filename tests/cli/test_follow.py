"""`kpi follow`: outputs, formats, and one clear line where nothing can be followed (F30, F60, F63, H19)."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest

from tests.commands import mistakes, run
from tests.evaluation.follow_up.small_plan import AS_OF, CASES, PLAN

FOLLOW = ("follow", "plan.toml", "cases.csv", "--as-of")


@pytest.fixture(autouse=True)
def extract(here: Path) -> Path:
    (here / "plan.toml").write_text(PLAN)
    (here / "cases.csv").write_text(CASES)
    return here


def test_a_table_without_a_file() -> None:
    found = run(*FOLLOW, AS_OF)
    assert found.exit_code == 0
    assert "small, follow-up as of 2022-12-20" in found.stdout
    assert "Score at the end, certain: from 50 to 70 of 100" in found.stdout
    assert found.stderr == ""


def test_every_format_has_the_same_numbers(here: Path) -> None:
    for name in ("o.json", "o.csv", "o.parquet", "o.md", "o.txt"):
        assert run(*FOLLOW, AS_OF, "--out", name).exit_code == 0
    data = json.loads((here / "o.json").read_text())
    certain = [target["certain"] and target["certain"]["possible"] for target in data["targets"]]
    assert certain[0] == {"worst": [2, 5], "best": [1, 1]}
    frame = pl.read_parquet(here / "o.parquet")
    columns = ["certain_worst_numerator", "certain_worst_denominator"]
    assert frame.select(columns).rows() == pl.read_csv(here / "o.csv").select(columns).rows()
    assert frame.select(columns).rows()[:3] == [(2, 5), (2, 4), (2, 5)]
    assert frame.columns[-4:] == ["plan_id", "plan_period", "as_of", "kpi_version"]
    assert "40.0–75.0 %" in (here / "o.md").read_text()
    assert "40.0–75.0 %" in (here / "o.txt").read_text()


def test_a_break_down_has_a_row_per_group_in_csv(here: Path) -> None:
    found = run(*FOLLOW, AS_OF, "--by", "office", "--format", "csv", "--out", "groups.csv")
    assert found.exit_code == 0
    rows = pl.read_csv(here / "groups.csv")
    # Five targets, two offices.
    assert rows.height == 10
    assert rows.filter(id=3)["office"].to_list() == ["north", "south"]
    shown = run(*FOLLOW, AS_OF, "--by", "office")
    assert "3 Three of five\noffice" in shown.stdout


def test_no_byte_hangs_on_what_came_later(here: Path) -> None:
    before = run(*FOLLOW, AS_OF, "--format", "csv").stdout
    assert "are hidden" not in run(*FOLLOW, AS_OF).stdout
    later = CASES.replace("2022-12-15,", "2022-12-15,2022-12-21").replace(
        "2022-12-03,", "2022-12-03,2022-12-30"
    )
    (here / "cases.csv").write_text(later + "f,south,2022-12-21,2022-12-22\n")
    assert run(*FOLLOW, AS_OF, "--format", "csv").stdout == before
    hidden = "the tables hold entries or events of after 2022-12-20: they are hidden"
    said = run(*FOLLOW, AS_OF).stdout
    assert hidden in " ".join(said.split())
    # Nor does the note: other days and more rows of after it say the same.
    (here / "cases.csv").write_text(
        later.replace("2022-12-30", "2022-12-29") + "f,south,2022-12-22,\ng,south,2022-12-22,\n"
    )
    assert run(*FOLLOW, AS_OF).stdout == said


def test_an_old_extract_is_said_to_be_old() -> None:
    plan = Path("plan.toml")
    plan.write_text(plan.read_text().replace('period = "2022"', 'period = "2023"'))
    shown = " ".join(run(*FOLLOW, "2023-01-25").stdout.split())
    # The newest date is of 19 December: more than a month before.
    assert "the newest entry or event in the tables is of 2022-12-19, more than a month" in shown


def test_assessments_from_a_file(here: Path) -> None:
    (here / "own.csv").write_text("target,expected,text,by,on\n2,met,=easy,Head,2022-12-01\n")
    shown = run(*FOLLOW, AS_OF, "--assessments", "own.csv").stdout
    assert "• 2: met (Head, 2022-12-01): =easy" in shown
    assert "the verdict is lost already" in " ".join(shown.split())
    csv = run(*FOLLOW, AS_OF, "--assessments", "own.csv", "--format", "csv").stdout
    # No spreadsheet runs what an agency writes.
    assert "'=easy" in csv


@pytest.mark.parametrize(
    ("as_of", "code", "line"),
    [
        ("2022-12-31", 2, "nothing to follow as of 2022-12-31: the last target of small ends on 2022-12-31; evaluate it instead (kpi evaluate)"),
        ("2023-05-01", 2, "nothing to follow as of 2023-05-01: the last target of small ends on 2022-12-31; evaluate it instead (kpi evaluate)"),
        ("2022-11-30", 3, "nothing is known as of 2022-11-30: all 5 rows entered later, the first on 2022-12-01; give a later day, or an older extract"),
        ("2022-12-32", 2, "as_of: found '2022-12-32'; accepted: a date that exists, written as 2017-03-01, without a time"),
    ],
)  # fmt: skip
def test_a_day_on_which_nothing_can_be_followed(as_of: str, code: int, line: str) -> None:
    assert mistakes(*FOLLOW, as_of, "--out", "o.csv", code=code) == [line]
    assert not Path("o.csv").exists()


def test_a_day_is_needed() -> None:
    found = run("follow", "plan.toml", "cases.csv")
    assert found.exit_code == 2
    assert "Missing option '--as-of'" in found.stderr


def test_a_column_that_is_not_there() -> None:
    lines = mistakes(*FOLLOW, AS_OF, "--by", "ofice", code=3)
    assert lines == [
        "cases: missing column ofice (did you mean 'office'?); found case_id, decided, filed, office"
    ]


@pytest.mark.parametrize(
    ("rows", "lines"),
    [
        ("7,met,2022-12-01", ["assessments: unknown target '7'; accepted: 1, 2, 3, 4, 5"]),
        ("1,mett,2022-12-01", ["assessments: expected: found 'mett'; accepted: met, partly, missed, uncertain (did you mean 'met'?)"]),
        ("1,,2022-12-01", ["assessments: expected: found none; accepted: met, partly, missed, uncertain"]),
        ("7,mett,2022-12-01", ["assessments: unknown target '7'; accepted: 1, 2, 3, 4, 5", "assessments: expected: found 'mett'; accepted: met, partly, missed, uncertain (did you mean 'met'?)"]),
        ("1,met,2022-12-01\n1,missed,2022-12-01", ["assessments: 2 rows of the same target and day; keep one"]),
        (",met,2022-12-01", ["assessments: 1 row rejected: target missing"]),
        ("1,met,\n2,met,2022-12-01", ["assessments: 1 row rejected: on missing"]),
    ],
)  # fmt: skip
def test_assessments_that_cannot_be_used(here: Path, rows: str, lines: list[str]) -> None:
    (here / "own.csv").write_text(f"target,expected,on\n{rows}\n")
    assert mistakes(*FOLLOW, AS_OF, "--assessments", "own.csv", code=3) == lines


def test_assessments_without_their_columns(here: Path) -> None:
    (here / "own.csv").write_text("target,on\n1,2022-12-01\n")
    assert mistakes(*FOLLOW, AS_OF, "--assessments", "own.csv", code=3) == [
        "assessments: missing column expected, which holds met, partly, missed, uncertain"
    ]


def test_a_file_of_assessments_that_does_not_exist() -> None:
    lines = mistakes(*FOLLOW, AS_OF, "--assessments", "own.csv", code=3)
    assert lines == ["own.csv: no such file"]


def test_no_output_overwrites_what_is_read(here: Path) -> None:
    (here / "own.csv").write_text("target,expected,on\n1,met,2022-12-01\n")
    lines = mistakes(*FOLLOW, AS_OF, "--assessments", "own.csv", "--out", "own.csv")
    assert lines == ["own.csv: is what is read; choose another file for --out"]


def test_the_work_list_goes_to_a_file_and_the_load_to_the_output(here: Path) -> None:
    found = run(*FOLLOW, AS_OF, "--no-estimate", "--work", "work.csv", "--capacity", "1")
    assert (found.exit_code, found.stderr) == (0, "")
    rows = pl.read_csv(here / "work.csv")
    assert rows.select("case", "group", "last_day", "helps").rows() == [
        ("d", "in time", "2022-12-25", "1, 3, 4"),
        ("e", "late", None, None),
    ]
    assert rows.columns[-4:] == ["plan_id", "plan_period", "as_of", "kpi_version"]
    shown = " ".join(found.stdout.split())
    assert "• 1: of the open cases 1 can be in time, 1 late already" in shown
    assert "decisions due: 1 by 2022-12-27" in shown
    assert "if 1 decision a week, all of these cases: at most 1 of 1 in time" in shown
    assert "late cases are 17 days old on average; room for 2 of them" in shown
    assert "if the late case is decided: the share still holds" in shown
    # a and b in time, c and e late.
    assert "the share by due date, whichever are decided: 50.0 % (2 of 4)" in shown
    assert "• 2: of the open cases 1 late already" in shown
    assert "if the late case is decided: 16 in time are needed beside them" in shown
    assert "room for none of them" in shown
    # Cases are named in the file alone.
    assert "• 5" not in shown


def test_the_work_list_in_each_format_and_beside_another_output(here: Path) -> None:
    for name in ("w.parquet", "w.jsonl", "w.xlsx"):
        command = (*FOLLOW, AS_OF, "--no-estimate", "--work", name, "--out", "o.md")
        assert run(*command).exit_code == 0
    frame = pl.read_parquet(here / "w.parquet")
    lines = [json.loads(line) for line in (here / "w.jsonl").read_text().splitlines()]
    assert frame["case"].to_list() == [line["case"] for line in lines] == ["d", "e"]
    book = pl.read_excel(here / "w.xlsx", sheet_id=0)
    assert [*book] == ["work", "by target", "weeks", "notes"]
    assert book["by target"].select("target", "case").rows() == [
        ("1", "d"), ("1", "e"), ("2", "e"), ("3", "d"), ("3", "e"), ("4", "d"), ("4", "e"),
    ]  # fmt: skip
    assert book["weeks"]["most_in_time"].to_list()[:2] == [0, 0]
    shown = (here / "o.md").read_text()
    # Two cases ended in 13 weeks, and one more under the targets on all.
    assert "## Work list" in shown
    assert "- 1: of the open cases 1 can be in time, 1 late already" in shown
    assert "  - if 0.2 decisions a week (the mean of the last 13 weeks)" in shown
    assert run(*FOLLOW, AS_OF, "--no-estimate", "--capacity", "2", "--out", "o.json").exit_code == 0
    data = json.loads((here / "o.json").read_text())
    assert data["targets"][0]["if"][1]["most_in_time"] == 1


def test_a_work_list_is_written_whole_or_not_at_all(here: Path) -> None:
    (here / "there").mkdir()
    command = (*FOLLOW, AS_OF, "--no-estimate", "--work", "w.csv", "--out", "nowhere/o.md")
    assert run(*command).exit_code != 0
    assert not (here / "w.csv").exists()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--capacity", "0"), "'--capacity': found '0'; accepted: a number of decisions a week above 0"),
        (("--capacity", "-3"), "'--capacity': found '-3'; accepted: a number"),
        (("--capacity", "many"), "'--capacity': found 'many'; accepted: a number"),
        (("--capacity", "nan"), "'--capacity': found 'nan'; accepted: a number"),
        (("--work", "-"), "--work - : cases are named in a file only; give the name of one"),
        (("--work", "w.csv", "--no-ids"), "--no-ids contradicts --work, which names cases"),
        (("--work", "w.csv", "--out", "w.csv"), "--work and --out name the same file; choose two"),
        (("--work", "w.txt"), "--work w.txt: found .txt; accepted: .csv, .parquet, .xlsx, .jsonl"),
        (("--work", "cases.csv"), "cases.csv: is what is read; choose another file for --work"),
    ],
)  # fmt: skip
def test_a_work_list_that_cannot_be_written(
    here: Path, options: tuple[str, ...], words: str
) -> None:
    before = sorted(path.name for path in here.iterdir())
    found = run(*FOLLOW, AS_OF, "--no-estimate", *options)
    assert found.exit_code == 2
    assert words in found.stderr
    assert sorted(path.name for path in here.iterdir()) == before


def test_a_format_that_is_not_offered() -> None:
    found = run(*FOLLOW, AS_OF, "--out", "o.xlsx")
    assert found.exit_code == 2
    assert "found .xlsx; accepted: .txt, .json, .csv, .md, .parquet" in found.stderr


def test_no_estimate_is_no_mistake(here: Path) -> None:
    found = run(*FOLLOW, AS_OF, "--format", "json", "--out", "o.json")
    # Less than a year of entries (F63).
    assert (found.exit_code, found.stderr) == (0, "")
    third = json.loads((here / "o.json").read_text())["targets"][2]
    assert third["estimate"]["reason"].startswith("less than a year of entries: the first case")
    assert third["outlook"] == "no estimate"
    assert "Estimates\n• 3: no estimate: less than a year" in run(*FOLLOW, AS_OF).stdout
    assert "stimate" not in run(*FOLLOW, AS_OF, "--no-estimate").stdout
    assert run(*FOLLOW, AS_OF, "--no-estimate", "--out", "o.parquet").exit_code == 0
    columns = ["estimate_value", "estimate_low", "estimate_high", "outlook"]
    frame = pl.read_parquet(here / "o.parquet")
    assert frame.columns[-8:-4] == columns
    # What is certain needs no estimate.
    assert frame["outlook"].to_list() == ["secured", "lost", None, None, "not_assessable"]
