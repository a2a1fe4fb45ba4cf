"""`kpi inspect` as its user meets it."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest

from tests.commands import PLAN, mistakes, run

ROWS = (
    "Udtræk af 1. marts\n"
    "Sagsnr;Sagstype;Modtaget;Afgjort\n"
    "a1;Visa;13-01-2017;14-02-2017\n"
    "a2;Visa;14-01-2017;NULL\n"
    "a3;Ægteskab;15-01-2017;16-01-2017\n"
)


@pytest.fixture(autouse=True)
def extract(here: Path) -> Path:
    file = here / "sager.csv"
    file.write_bytes(ROWS.encode("windows-1252"))
    return file


def test_the_terminal_shows_the_form_the_columns_and_the_matches(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    found = run("inspect", "sager.csv", "--plan", "plan.toml")
    assert found.exit_code == 0
    lines = [line.rstrip() for line in found.stdout.splitlines()]
    assert lines == [
        "cases: sager.csv",
        "windows-1252, separated by a semicolon, 1 line above the header",
        "all 3 rows were read",
        "",
        "Column    Holds         Nulls  Distinct  Smallest    Largest",
        "Sagsnr    text              0         3  a1          a3",
        "Sagstype  text              0         2  Visa        Ægteskab",
        "Modtaget  date in text      0         3  13-01-2017  15-01-2017",
        "Afgjort   date in text      0         3  16-01-2017  14-02-2017",
        "",
        "• Sagstype: Visa (2), Ægteskab (1)",
        "• Modtaget: dates as %d-%m-%Y; 3 of 3 values parse",
        "• Afgjort: dates as %d-%m-%Y; 2 of 2 values parse",
        "• Afgjort: 'NULL' looks like null, in 1 row",
        "",
        "Likely keys: Sagsnr",
        "Likely order of the dates:",
        "  Modtaget, then Afgjort: in 2 of 2 rows that have both",
        "",
        "Columns of the plan:",
        "  case_id ← Sagsnr: a word for the same",
        "  filed ← Modtaget: a word for the same",
        "  decided ← Afgjort: a word for the same",
        "  case_type ← Sagstype: a word for the same",
        "    value 'Visa' may be the plan's 'visa'",
        "",
        "Guesses, from a look at the values. Nothing was evaluated.",
    ]


@pytest.mark.parametrize("width", [60, 80])
def test_no_line_is_wider_than_the_window(monkeypatch: pytest.MonkeyPatch, width: int) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    names = ";".join(f"Et ret langt navn på en kolonne {n}" for n in range(3))
    Path("wide.csv").write_text(f"{names}\n" + "a;2022-01-13 10:00:00;x y\n" * 3, "utf-8")
    found = run("inspect", "wide.csv", "--plan", "plan.toml")
    assert max(map(len, found.stdout.splitlines())) <= width
    assert ("not shown in a window this narrow" in found.stdout) == (width == 60)


def test_what_is_written_evaluates_without_an_edit() -> None:
    Path("lower.csv").write_bytes(ROWS.replace("Visa", "visa").encode("windows-1252"))
    run("inspect", "lower.csv", "--plan", "plan.toml", "--write", "extract.toml")
    assert tomllib.loads(Path("extract.toml").read_text("utf-8"))["tables"]["cases"] == {
        "path": "lower.csv",
        "encoding": "windows-1252",
        "separator": ";",
        "skip_lines": 1,
        "nulls": ["NULL"],
        "date_format": "%d-%m-%Y",
        "columns": {
            "case_id": "Sagsnr",
            "filed": "Modtaget",
            "decided": "Afgjort",
            "case_type": "Sagstype",
        },
    }
    found = run("evaluate", "plan.toml", "extract.toml", "--format", "json")
    (target,) = json.loads(found.stdout)["targets"]
    # Of the two visas one is decided, a day after the month.
    assert (target["counted"], target["met"]) == (1, 0)


def test_a_file_is_overwritten_by_force_alone() -> None:
    Path("extract.toml").write_text("mine")
    assert mistakes("inspect", "sager.csv", "--write", "extract.toml") == [
        "extract.toml: exists; choose another file, or overwrite it with --force"
    ]
    assert Path("extract.toml").read_text() == "mine"
    assert run("inspect", "sager.csv", "--write", "extract.toml", "--force").exit_code == 0
    assert 'path = "sager.csv"' in Path("extract.toml").read_text("utf-8")


def test_neither_the_extract_nor_the_plan_is_overwritten_by_force(extract: Path) -> None:
    for file in ("sager.csv", "plan.toml"):
        said = mistakes("inspect", "sager.csv", "--plan", "plan.toml", "--write", file, "--force")
        assert said == [f"{file}: is what is read; choose another file for --write"]
    assert extract.read_bytes() == ROWS.encode("windows-1252")
    assert Path("plan.toml").read_text() == PLAN


def test_force_alone_is_a_mistake_in_the_command() -> None:
    found = run("inspect", "sager.csv", "--force")
    assert (found.exit_code, "--force needs --write FILE" in found.stderr) == (2, True)


def test_a_directory_that_is_not_there_is_no_place_to_write_to() -> None:
    found = run("inspect", "sager.csv", "--write", "none/extract.toml")
    assert found.exit_code == 4
    assert "make its directory first" in found.stderr


def test_the_paths_of_an_extract_file_are_relative_to_it() -> None:
    Path("declared").mkdir()
    run("inspect", "sager.csv", "--write", "declared/extract.toml")
    assert 'path = "../sager.csv"' in Path("declared/extract.toml").read_text("utf-8")


def test_json_holds_what_was_found() -> None:
    found = run("inspect", "sager.csv", "--plan", "plan.toml", "--format", "json")
    table = json.loads(found.stdout)["tables"]["cases"]
    assert table["form"]["skip_lines"] == 1
    assert table["columns"]["Modtaget"]["date_formats"]["every"] == ["%d-%m-%Y"]


def test_without_ids_no_text_of_a_cell_is_shown() -> None:
    for form in ("table", "json"):
        found = run(
            "inspect", "sager.csv", "--plan", "plan.toml", "--no-ids", "--format", form,
            "--write", f"{form}.toml",
        )  # fmt: skip
        shown = found.stdout + Path(f"{form}.toml").read_text("utf-8")
        for cell in ("a1", "Visa", "Ægteskab", "13-01-2017", "14-02-2017", "1. marts"):
            assert cell not in shown
        assert "NULL" in shown


def test_a_hostile_text_commands_no_terminal() -> None:
    Path("evil.csv").write_text(
        "id;\x1b[31mname;\u202eeman\na;\x1b]0;x\nb;\x1b[2J;NULL\nb;\x1b[2J;NULL\n".replace(
            "]0;", "]0"
        ),
        "utf-8",
    )
    found = run("inspect", "evil.csv", "--write", "evil.toml")
    text = found.stdout + Path("evil.toml").read_text("utf-8")
    assert found.exit_code == 0
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "\\x1b[2J" in found.stdout
    assert tomllib.loads(Path("evil.toml").read_text("utf-8"))["tables"]["cases"]["nulls"] == [
        "NULL"
    ]


def test_one_table_of_a_directory_is_looked_at(extract: Path) -> None:
    Path("dir").mkdir()
    extract.rename("dir/cases.csv")
    Path("dir/other.csv").write_text("a,b\n1,2\n")
    assert (
        "dir/other.csv: taken for no table of the plan"
        in run("inspect", "dir", "--plan", "plan.toml").stdout
    )
    assert "cases:" not in run("inspect", "dir", "--table", "other").stdout


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("none.csv",), "none.csv: no such file"),
        (("empty.csv",), "empty.csv: the file holds no text"),
        (("plan.toml",), "plan.toml: is a plan file (TOML), not an extract file; the plan comes first"),
        (("sager.csv", "--plan", "plan.toml", "--table", "case"), "unknown table 'case'; the plan declares: cases (did you mean 'cases'?)"),
    ],
)  # fmt: skip
def test_what_cannot_be_looked_at_is_a_mistake_in_the_extract(
    args: tuple[str, ...], said: str
) -> None:
    Path("empty.csv").write_text("\n")
    assert mistakes("inspect", *args, code=3) == [said]
