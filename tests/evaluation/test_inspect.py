"""What `kpi.inspect` proposes for an extract, with a plan and without."""

from __future__ import annotations

import datetime as dt
import importlib
import json
import tomllib
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest

import kpi
from kpi.tables.profile import sources
from kpi.tables.redaction import redacted
from tests.evaluation.proposals import PLAN, line, proposed

inspection_module = importlib.import_module("kpi.evaluation.inspect")
"""The module, whose name in its package is the function's."""

PREAMBLE = "Udtræk fra sagssystemet\nKørt: 01-03-2022; af Åse\n\n"
HEADER = "Sagsnr;Sagstype;Oprettet;Oplyst;Afgørelsesdato;Frist;Klage\n"
ROWS = [
    ("A1", "FAMILY_SIMPLE", "13-01-2022", "2022-01-14", "14-02-2022", "01-06-2022", "Nej"),
    ("A2", "FAMILY_SIMPLE", "14-01-2022", "NULL", "-", "2022-06-01", "Ja"),
    ("A3", "family_hard", "15-01-2022", "2022-01-16", "16-02-2022", "13/06/2022", "Nej"),
    ("A4", "Ægteskab", "16-01-2022", "NULL", "17-02-2022", "2022-06-01", "Nej"),
]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "sager.csv"
    rows = "".join(";".join(row) + "\n" for row in ROWS)
    path.write_bytes(f"{PREAMBLE}{HEADER}{rows}".encode("windows-1252"))
    return path


def test_a_csv_of_an_agency_is_declared_for_the_plan(file: Path) -> None:
    text = kpi.inspect(file, PLAN).toml(file.parent)
    assert proposed(text) == {
        "path": "sager.csv",
        "encoding": "windows-1252",
        "separator": ";",
        "skip_lines": 3,
        "nulls": ["NULL", "-"],
        "columns": {
            "case_id": "Sagsnr",
            "case_type": "Sagstype",
            "complaint": "Klage",
            "filed": "Oprettet",
            "documented": "Oplyst",
            "decided": "Afgørelsesdato",
            "due": "Frist",
        },
        "date_format": {"filed": "%d-%m-%Y", "decided": "%d-%m-%Y"},
        "booleans": {"true": ["Ja"], "false": ["Nej"]},
    }


def test_each_guess_is_marked_with_what_speaks_for_it(file: Path) -> None:
    text = kpi.inspect(file, PLAN).toml()
    for key, why in {
        "encoding = ": "guess: read so, its letters are likely; the same in iso-8859-1",
        "skip_lines = ": "guess: line 4 names the columns",
        "nulls = ": "guess: NULL: 2 × in Oplyst; -: 1 × in Afgørelsesdato",
        "case_id = ": "guess: a word for the same",
        'filed = "%': "guess: 4 of 4 values parse",
        'decided = "%': "guess: 3 of 3 values parse",
        "true = ": "guess: Klage",
    }.items():
        assert line(text, key).partition("  # ")[2] == why
    assert line(text, "# due: ") == (
        "# due: a mix: of 4 values 2 are ISO 8601, 1 are %d-%m-%Y, 1 are %d/%m/%Y; none is declared"
    )


def test_values_that_are_near_those_of_the_plan_are_renamed_in_comments_only(file: Path) -> None:
    text = kpi.inspect(file, PLAN).toml()
    assert "values" not in proposed(text)
    inside = text[text.index("# [tables.cases.values.case_type]") :].splitlines()
    assert inside[1] == '# "FAMILY_SIMPLE" = "family_simple"'
    assert inside[2] == ""
    taken = "\n".join(part.removeprefix("# ") for part in inside[:2])
    assert tomllib.loads(taken) == {
        "tables": {"cases": {"values": {"case_type": {"FAMILY_SIMPLE": "family_simple"}}}}
    }


def test_without_a_plan_the_form_and_the_formats_are_declared_by_the_names_of_the_source(
    file: Path,
) -> None:
    table = proposed(kpi.inspect(file).toml(file.parent))
    assert table["date_format"] == {"Oprettet": "%d-%m-%Y", "Afgørelsesdato": "%d-%m-%Y"}
    assert table["booleans"] == {"true": ["Ja"], "false": ["Nej"]}
    assert table["nulls"] == ["NULL", "-"]
    assert "columns" not in table


def test_one_format_of_all_dates_is_that_of_the_table() -> None:
    frame = pl.DataFrame(
        {"case_id": ["a", "b"], "filed": ["13-01-2022", "01-02-2022"], "decided": [None, "01-02-2022"]}
    )  # fmt: skip
    text = kpi.inspect(frame, PLAN).toml()
    assert line(text, "date_format") == (
        'date_format = "%d-%m-%Y"  # guess: 2 of 2 values parse (filed), and so do the other dates'
    )


def test_of_two_formats_both_are_said_and_the_one_that_another_column_proves_is_proposed() -> None:
    cases = {"case_id": ["a", "b"], "filed": ["01-02-2022", "02-02-2022"]}
    text = kpi.inspect(pl.DataFrame(cases), PLAN).toml()
    assert line(text, "date_format") == (
        'date_format = "%d-%m-%Y"  # guess: 2 of 2 values parse; %m-%d-%Y does too (filed)'
    )
    cases["decided"] = ["02-13-2022", "02-14-2022"]
    text = kpi.inspect(pl.DataFrame(cases), PLAN).toml()
    assert line(text, "date_format") == (
        'date_format = "%m-%d-%Y"  # guess: 2 of 2 values parse; %d-%m-%Y does too (filed), '
        "and so do the other dates"
    )


def test_a_column_of_another_form_proves_whether_the_day_or_the_month_comes_first() -> None:
    cases = {"case_id": ["a", "b"], "filed": ["01-02-2022", "02-02-2022"]}
    cases["decided"] = ["02/13/2022", "02/14/2022"]
    table = proposed(kpi.inspect(pl.DataFrame(cases), PLAN).toml())
    assert table["date_format"] == {"filed": "%m-%d-%Y", "decided": "%m/%d/%Y"}


def test_words_for_null_of_the_plan_stay_beside_those_that_are_found() -> None:
    plan = kpi.parse_plan(
        kpi.dump_plan(PLAN).replace("[tables.cases]", '[tables.cases]\nnulls = ["ukendt"]', 1)
    )
    frame = pl.DataFrame({"case_id": ["a", "b", "c"], "case_type": ["NULL", "ukendt", "x"]})
    assert proposed(kpi.inspect(frame, plan).toml())["nulls"] == ["ukendt", "NULL"]
    assert "nulls" not in proposed(kpi.inspect(frame.tail(2), plan).toml())


def test_a_column_is_taken_for_one_column_of_the_plan_alone() -> None:
    # A word for filed and, but for a letter, for nothing else of the plan.
    frame = pl.DataFrame({"case_id": ["a"], "deciided": [dt.date(2022, 1, 1)]})
    plan = kpi.parse_plan(kpi.dump_plan(PLAN).replace('"documented"', '"decided2"'))
    columns = proposed(kpi.inspect(frame, plan).toml())["columns"]
    assert columns == {"decided": "deciided"}


def test_a_column_that_repeats_is_a_less_likely_key_than_one_with_a_name_less_near() -> None:
    frame = pl.DataFrame({"Sagsnr": ["a", "a"], "case_idd": ["x", "y"]})
    assert proposed(kpi.inspect(frame, PLAN).toml())["columns"]["case_id"] == "case_idd"


def test_numbers_where_the_plan_has_a_date_are_epochs() -> None:
    noon = int(dt.datetime(2022, 3, 1, 12, tzinfo=dt.UTC).timestamp())
    cases = pl.DataFrame(
        {"case_id": ["a", "b"], "filed": [noon, noon + 60], "decided": [44_621, None]}
    )
    text = kpi.inspect(cases, PLAN).toml()
    assert proposed(text)["epochs"] == {"filed": "s", "decided": "excel"}
    assert line(text, "filed = ") == 'filed = "s"  # guess: all 2 numbers are plausible dates'
    assert "epochs" not in proposed(kpi.inspect(cases).toml())


def test_a_date_that_the_plan_declares_otherwise_is_declared_again() -> None:
    plan = kpi.parse_plan(
        kpi.dump_plan(PLAN).replace("[tables.cases]", '[tables.cases]\ndate_format = "%d-%m-%Y"', 1)
    )
    frame = pl.DataFrame({"case_id": ["a"], "filed": ["2022-01-13"], "decided": ["14-01-2022"]})
    table = proposed(kpi.inspect(frame, plan).toml())
    # The format of the second takes the place of the plan's too, and so stands beside the first.
    assert table["date_format"] == {"filed": "%Y-%m-%d", "decided": "%d-%m-%Y"}
    as_planned = frame.with_columns(filed=pl.lit("13-01-2022"))
    assert "date_format" not in proposed(kpi.inspect(as_planned, plan).toml())


def test_a_word_that_the_plan_names_is_no_word_for_null() -> None:
    plan = kpi.parse_plan(kpi.dump_plan(PLAN).replace('"family_hard"', '"N/A"'))
    frame = pl.DataFrame({"case_id": ["a", "b"], "case_type": ["N/A", "NULL"]})
    assert proposed(kpi.inspect(frame, plan).toml())["nulls"] == ["NULL"]
    assert proposed(kpi.inspect(frame, PLAN).toml())["nulls"] == ["N/A", "NULL"]


def test_a_table_that_is_as_the_plan_says_needs_no_declaration(tmp_path: Path) -> None:
    frame = pl.DataFrame(
        {"case_id": ["a"], "filed": [dt.date(2022, 1, 1)], "decided": [dt.date(2022, 1, 2)]}
    )
    (tmp_path / "data").mkdir()
    frame.write_parquet(tmp_path / "data" / "cases.parquet")
    text = kpi.inspect(tmp_path / "data" / "cases.parquet", PLAN).toml(tmp_path)
    assert proposed(text) == {"path": "data/cases.parquet"}
    assert "guess:" not in text


def test_a_key_without_a_likely_name_is_the_only_column_that_may_be_one() -> None:
    frame = pl.DataFrame({"nr. x": ["a", "b"], "land": ["DK", "DK"]})
    text = kpi.inspect(frame, PLAN).toml()
    assert line(text, "case_id = ") == (
        'case_id = "nr. x"  # guess: the only column with a value in each row and none twice'
    )
    other = frame.with_columns(navn=pl.Series(["x", "y"]))
    inspection = kpi.inspect(other, PLAN)
    assert "case_id" not in proposed(inspection.toml()).get("columns", {})
    assert (
        "# case_id: no column was found for it; left over: nr. x, land, navn" in inspection.toml()
    )


def test_a_key_that_is_repeated_is_named_though_it_has_the_name() -> None:
    frame = pl.DataFrame({"case_id": ["a", "a", "b"]})
    assert "# case_id: a value again in 1 row" in kpi.inspect(frame, PLAN).toml()
    empty = pl.DataFrame({"case_id": ["a", None, None]})
    assert "# case_id: no value in 2 rows" in kpi.inspect(empty, PLAN).toml()


def test_a_column_with_the_name_and_other_values_is_named() -> None:
    frame = pl.DataFrame({"case_id": ["a", "b"], "filed": ["soon", "later"]})
    assert "# filed: holds texts" in kpi.inspect(frame, PLAN).toml()


def test_a_column_is_found_by_the_values_that_the_plan_names() -> None:
    frame = pl.DataFrame({"case_id": ["a", "b"], "kode": ["family_simple", "family_hard"]})
    text = kpi.inspect(frame, PLAN).toml()
    assert line(text, "case_type = ") == (
        'case_type = "kode"  # guess: holds 2 of 2 values that the plan names'
    )


@pytest.mark.parametrize(
    ("column", "why"),
    [
        ("FILED ", "the same name but for case, blanks or signs"),
        ("Modtaget", "a word for the same"),
        ("modtagelsesdato", "a word for the same"),
        ("Dato oprettet", "a word for the same"),
        ("fileed", "a similar name"),
    ],
)
def test_a_date_is_found_by_a_name_that_is_near(column: str, why: str) -> None:
    frame = pl.DataFrame({"case_id": ["a"], column: [dt.date(2022, 1, 1)]})
    text = kpi.inspect(frame, PLAN).toml()
    assert line(text, "filed = ") == f"filed = {json.dumps(column)}  # guess: {why}"


def test_a_name_that_is_near_is_not_taken_where_the_values_are_of_another_kind() -> None:
    frame = pl.DataFrame({"case_id": ["a"], "Modtaget": ["på papir"]})
    assert "columns" not in proposed(kpi.inspect(frame, PLAN).toml())


def test_a_large_table_is_read_at_its_beginning_and_further_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sources, "FIRST", 100)
    monkeypatch.setattr(sources, "SLICES", 5)
    monkeypatch.setattr(sources, "SLICE", 10)
    frame = pl.DataFrame({"case_id": range(1_000)})
    inspection = kpi.inspect(frame)
    profile = inspection.tables[0].profile
    assert (profile.rows, profile.sampled, profile.is_sample) == (1_000, 150, True)
    # The first hundred, then ten from each of 100, 322, 545, 767 and 990 on.
    assert (profile.columns[0].smallest, profile.columns[0].largest) == ("0", "999")
    assert profile.columns[0].distinct == 150
    assert "# a sample: 150 of 1,000 rows were read" in inspection.toml()
    assert "a sample" not in kpi.inspect(frame.head(150)).toml()


def test_the_order_of_dates_is_that_of_most_rows() -> None:
    day = dt.date(2022, 1, 1)
    frame = pl.DataFrame(
        {
            "decided": [*[dt.date(2022, 3, 1)] * 3, dt.date(2021, 1, 1)],
            "filed": [day, day, day, day],
            "documented": [dt.date(2022, 2, 1), None, dt.date(2022, 2, 1), dt.date(2022, 2, 1)],
        }
    )
    orders = kpi.inspect(frame).tables[0].profile.orders
    assert [(o.first, o.second, o.in_order, o.rows) for o in orders] == [
        ("filed", "documented", 3, 3),
        ("documented", "decided", 2, 3),
    ]


def test_a_directory_gives_a_table_for_each_file(tmp_path: Path) -> None:
    pl.DataFrame({"a": [1]}).write_parquet(tmp_path / "cases.parquet")
    (tmp_path / "waiting.csv").write_text("a;b\n1;2\n")
    (tmp_path / "readme.md").write_text("no table")
    inspection = kpi.inspect(tmp_path)
    assert [table.name for table in inspection.tables] == ["cases", "waiting"]
    assert proposed(inspection.toml(tmp_path), "waiting") == {
        "path": "waiting.csv",
        "separator": ";",
    }
    (alone,) = kpi.inspect(tmp_path, table="waiting").tables
    assert alone.name == "waiting"


def test_a_file_of_a_directory_is_the_table_whose_columns_it_has(tmp_path: Path) -> None:
    frame = pl.DataFrame(
        {"Sagsnr": ["a"], "Sagstype": ["x"], "Oprettet": [dt.date(2022, 1, 1)], "Afgjort": [dt.date(2022, 1, 2)]}
    )  # fmt: skip
    frame.write_parquet(tmp_path / "sager.parquet")
    pl.DataFrame({"land": ["DK"]}).write_parquet(tmp_path / "lande.parquet")
    inspection = kpi.inspect(tmp_path, PLAN)
    assert proposed(inspection.toml(tmp_path))["path"] == "sager.parquet"
    assert inspection.others == (str(tmp_path / "lande.parquet"),)
    assert inspection.missing == ()


def test_a_table_that_the_plan_needs_and_nothing_holds_is_named(tmp_path: Path) -> None:
    pl.DataFrame({"land": ["DK"]}).write_parquet(tmp_path / "lande.parquet")
    pl.DataFrame({"by": ["DK"]}).write_parquet(tmp_path / "byer.parquet")
    inspection = kpi.inspect(tmp_path, PLAN)
    assert (inspection.tables, inspection.missing) == ((), ("cases",))
    assert "# no table was found for cases" in inspection.toml()
    assert tomllib.loads(inspection.toml()) == {}


def test_hostile_texts_stay_within_their_values_and_comments() -> None:
    name = 'x"\n[tables.evil]\u202e'
    frame = pl.DataFrame({"case_id": ["a", "b"], name: ["NULL", "NULL"]})
    text = kpi.inspect(frame).toml()
    assert proposed(text)["nulls"] == ["NULL"]
    assert set(tomllib.loads(text)["tables"]) == {"cases"}
    assert "\u202e" not in text


def test_redacted_no_cell_is_held_or_proposed(file: Path) -> None:
    with redacted():
        inspection = kpi.inspect(file, PLAN)
    said = inspection.toml() + inspection.to_json() + repr(inspection)
    cells = {value for row in ROWS for value in row} - {"NULL", "-", "Ja", "Nej", "family_hard"}
    assert [cell for cell in cells if cell in said] == []
    assert "family_hard" not in inspection.to_json()
    assert inspection.tables[0].profile.columns[1].values == {}
    assert proposed(inspection.toml())["skip_lines"] == 3


def test_the_json_holds_all_that_was_found(file: Path) -> None:
    data = json.loads(kpi.inspect(file, PLAN).to_json())
    table = data["tables"]["cases"]
    assert (data["plan"], table["rows"], table["rows_read"]) == ("permits", 4, 4)
    assert table["form"] == {
        "encoding": "windows-1252",
        "byte_order_mark": False,
        "separator": ";",
        "quote": '"',
        "skip_lines": 3,
        "footer_lines": 0,
        "has_header": True,
        "sheet": None,
    }
    assert table["columns"]["Frist"]["date_formats"] == {
        "values": 4,
        "every": [],
        "each": {"ISO 8601": 2, "%d-%m-%Y": 1, "%d/%m/%Y": 1},
        "no_date": 0,
    }
    assert table["columns"]["Oplyst"]["null_words"] == {"NULL": 2}
    assert table["keys"] == ["Sagsnr"]
    assert table["matches"]["case_type"]["renames"] == {"FAMILY_SIMPLE": "family_simple"}


def test_a_path_that_is_not_there_and_a_table_that_is_not_declared_are_refused(
    tmp_path: Path,
) -> None:
    with pytest.raises(kpi.DataError, match="no such file"):
        kpi.inspect(tmp_path / "none.csv")
    with pytest.raises(kpi.DataError, match="no such file"):
        kpi.inspect("x" * 5_000)
    with pytest.raises(kpi.DataError, match=r"unknown table 'case'.*did you mean 'cases'"):
        kpi.inspect(pl.DataFrame({"a": [1]}), PLAN, table="case")
    with pytest.raises(kpi.DataError, match="holds no file of a table"):
        kpi.inspect(tmp_path)
    with pytest.raises(kpi.PlanError, match=r"accepted: a kpi\.Plan"):
        kpi.inspect(pl.DataFrame({"a": [1]}), "plan.toml")  # type: ignore[arg-type]


def test_a_table_is_chosen_from_those_that_are_handed_over(tmp_path: Path) -> None:
    frame = pl.DataFrame({"case_id": ["a"]})
    several = {"cases": frame, "other": frame}
    assert [table.name for table in kpi.inspect(several).tables] == ["cases", "other"]
    assert [table.name for table in kpi.inspect(several, table="other").tables] == ["other"]
    assert [table.name for table in kpi.inspect(frame, table="files").tables] == ["files"]
    with pytest.raises(kpi.DataError) as caught:
        kpi.inspect(several, table="othr")
    assert str(caught.value) == (
        "the extract: no table othr; found cases, other (did you mean 'other'?)"
    )
    frame.write_parquet(tmp_path / "Cases.parquet")
    frame.write_parquet(tmp_path / "other.parquet")
    with pytest.raises(kpi.DataError) as caught:
        kpi.inspect(tmp_path, table="case")
    assert str(caught.value) == (
        f"{tmp_path}: no table case; found Cases, other (did you mean 'Cases'?)"
    )


def test_a_table_is_found_by_its_name_in_another_case() -> None:
    frame = pl.DataFrame({"id": ["a"]})
    inspection = kpi.inspect({"CASES": frame, "other": frame}, PLAN)
    assert [table.name for table in inspection.tables] == ["cases"]
    assert (inspection.others, inspection.missing) == (("other",), ())


def test_a_single_table_without_a_name_is_the_cases_of_the_plan() -> None:
    plan = kpi.parse_plan(
        kpi.dump_plan(PLAN).replace(
            "[[targets]]", '[tables.actions]\nkey = "action"\nevents = "at"\n\n[[targets]]', 1
        )
    )
    frame = pl.DataFrame({"land": ["DK", "DK"]})
    for source in (frame, {"lande": frame}):
        inspection = kpi.inspect(source, plan)
        assert [table.name for table in inspection.tables] == ["cases"]


def test_a_directory_that_cannot_be_listed_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_path: Path) -> Iterator[Path]:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(inspection_module, "looks_like_parts", lambda _path: False)
    monkeypatch.setattr(Path, "iterdir", refuse)
    with pytest.raises(kpi.DataError) as caught:
        kpi.inspect(tmp_path)
    assert str(caught.value) == f"{tmp_path}: cannot be read: Permission denied"
