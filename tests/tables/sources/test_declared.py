"""Sources that an extract file declares: the same numbers as the Parquet file of the same rows."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from attrs import evolve

import kpi
from kpi.tables import check
from tests.tables.sources.extracts import CASES, NUMBERS, PLAN, extract, numbers, written

DANISH = """\
Sagsnr;Oprettet;Afgjort;Type;Haster
A;31-01-2022;20-02-2022;FAM-1;Ja
B;01-02-2022;01-03-2022;FAM-1;JA
C;28-02-2022;12-03-2022;other;Nej
D;01-03-2022;NULL;FAM-1;nej
"""
WORDS = """
date_format = "%d-%m-%Y"
nulls = ["NULL"]
booleans = { true = "Ja", false = "Nej" }
values.case_type = { "FAM-1" = "simple" }
"""
COLUMNS = """
[tables.cases.columns]
case_id = "Sagsnr"
filed = "Oprettet"
decided = "Afgjort"
case_type = "Type"
urgent = "Haster"
"""


def notes(tables: object) -> tuple[str, ...]:
    return kpi.evaluate(PLAN, tables).notes  # type: ignore[arg-type]  # whatever a test passes


def refused(tables: object) -> str:
    with pytest.raises(kpi.DataError) as caught:
        kpi.check(PLAN, tables)  # type: ignore[arg-type]  # as above
    return str(caught.value)


@pytest.fixture
def parquet(tmp_path: Path) -> Path:
    CASES.write_parquet(tmp_path / "cases.parquet")
    return tmp_path / "cases.parquet"


def test_a_file_as_it_is(parquet: Path) -> None:
    """By hand: see NUMBERS; the path is relative to the extract file."""
    assert numbers(parquet) == NUMBERS
    assert numbers(extract(parquet.parent, 'path = "cases.parquet"')) == NUMBERS
    assert numbers(extract(parquet.parent, f'path = "{parquet}"')) == NUMBERS


def test_a_danish_file_has_the_numbers_of_the_parquet_file(tmp_path: Path) -> None:
    assert numbers(written(tmp_path, DANISH, WORDS + COLUMNS)) == NUMBERS


def test_a_loaded_extract_file_and_one_made_in_python_are_taken(tmp_path: Path) -> None:
    path = written(tmp_path, DANISH, WORDS + COLUMNS)
    loaded = kpi.load_extract(path)
    assert numbers(loaded) == NUMBERS
    (source,) = loaded.tables
    made = kpi.ExtractFile([evolve(source, path=str(tmp_path / "cases.csv"))])
    assert numbers(made) == NUMBERS


def test_a_large_file_of_dictionary_encoded_texts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same cases a hundred times, with ids of their own: texts become categories."""
    monkeypatch.setattr("kpi.tables.sources.csv_files.LARGE", 1)
    header, *lines = DANISH.splitlines()
    many = [line.replace(";", f"{n};", 1) for n in range(100) for line in lines]
    path = written(tmp_path, "\n".join([header, *many]), WORDS + COLUMNS)
    assert numbers(path) == {"1": (100, 200, 0.5), "2": (None, 300, 20.0)}
    frame = kpi.check(PLAN, path).tables["cases"].frame.lazy().collect()
    assert isinstance(frame.schema["case_type"], pl.Enum)
    assert set(frame["case_type"].unique()) == {"simple", "other"}


def test_the_plans_own_keys_go_on_working_where_the_extract_file_says_nothing(
    tmp_path: Path,
) -> None:
    table = evolve(PLAN.table("cases"), date_format="%d-%m-%Y", nulls="NULL")
    plan = evolve(PLAN, tables=[table, PLAN.table("waiting")])
    rest = 'booleans = { true = "Ja", false = "Nej" }\nvalues.case_type = { "FAM-1" = "simple" }\n'
    assert numbers(written(tmp_path, DANISH, rest + COLUMNS), plan=plan) == NUMBERS
    # What the extract file says is in place of what the plan says.
    wrong = evolve(table, date_format="%Y", nulls="none")
    plan = evolve(PLAN, tables=[wrong, PLAN.table("waiting")])
    assert numbers(written(tmp_path, DANISH, WORDS + COLUMNS), plan=plan) == NUMBERS


def test_a_format_by_column_leaves_the_others_to_the_plan(tmp_path: Path) -> None:
    text = CASES.with_columns(pl.col("filed").dt.strftime("%d.%m.%Y")).write_csv()
    path = written(tmp_path, text, 'date_format = { filed = "%d.%m.%Y" }')
    assert numbers(path) == NUMBERS
    assert "decided: no value is a date as %Y-%m-%d" in refused(
        written(tmp_path, DANISH, WORDS.replace('"%d-%m-%Y"', '{ filed = "%d-%m-%Y" }') + COLUMNS)
    )


@pytest.mark.parametrize(
    ("encoding", "codec"), [("cp1252", "cp1252"), ("cp850", "cp850"), ("utf-16", "utf-16")]
)
def test_an_encoding(encoding: str, codec: str, tmp_path: Path) -> None:
    text = DANISH.replace("Oprettet", "Modtaget på").replace("FAM-1", "Færøerne")
    declared = (WORDS + COLUMNS).replace("Oprettet", "Modtaget på").replace("FAM-1", "Færøerne")
    (tmp_path / "cases.csv").write_bytes(text.encode(codec))
    path = extract(tmp_path, f'path = "cases.csv"\nencoding = "{encoding}"\n{declared}')
    assert numbers(path) == NUMBERS


def test_the_wrong_encoding_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path, DANISH, WORDS + COLUMNS)
    (tmp_path / "cases.csv").write_bytes(DANISH.replace("Oprettet", "på").encode("cp1252"))
    assert "cases.csv:1: not UTF-8" in refused(path)


@pytest.mark.parametrize("name", [" Oprettet ", "\ufeffOprettet", "Oprettet\xa0", "\tOprettet"])
def test_blanks_around_names_are_forgiven(name: str, tmp_path: Path) -> None:
    header = DANISH.replace("Oprettet", name)
    assert numbers(written(tmp_path, header, WORDS + COLUMNS)) == NUMBERS
    own = CASES.rename({"filed": name.replace("Oprettet", "filed"), "case_id": " case_id"})
    assert numbers(written(tmp_path, own.write_csv())) == NUMBERS


def test_blanks_that_tell_two_columns_apart_are_not_ignored(tmp_path: Path) -> None:
    two = CASES.rename({"filed": " filed"}).with_columns(pl.col("decided").alias("filed "))
    assert "cases: missing column filed (did you mean" in refused(
        written(tmp_path, two.write_csv())
    )


def test_a_name_that_fits_two_columns_is_refused(tmp_path: Path) -> None:
    two = DANISH.replace("Oprettet", " Oprettet").replace("Haster", "Oprettet ")
    path = written(tmp_path, two, WORDS + COLUMNS.replace('"Haster"', '"Type "'))
    assert refused(path) == (
        f"{path}: table cases: columns.filed: 'Oprettet' could be any of ' Oprettet', "
        "'Oprettet '; give the blanks too\n"
        f"{path}: table cases: columns.urgent: 'Type' is case_type already; name a column once"
    )
    exact = COLUMNS.replace('"Oprettet"', '" Oprettet"').replace('"Haster"', '"Oprettet "')
    assert numbers(written(tmp_path, two, WORDS + exact)) == NUMBERS


def test_a_column_that_is_not_there_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path, DANISH, WORDS + COLUMNS.replace("Oprettet", "Opretet"))
    assert refused(path) == (
        f"{tmp_path}/extract.toml: table cases: columns.filed: no column 'Opretet' in cases.csv "
        "(did you mean 'Oprettet'?); found Sagsnr, Oprettet, Afgjort, Type, Haster"
    )


def test_the_declared_column_wins_over_one_of_the_plans_name(tmp_path: Path) -> None:
    text = CASES.with_columns(opened=pl.col("filed"), filed=pl.lit("nonsense")).write_csv()
    path = written(tmp_path, text, 'columns = { filed = "opened" }')
    assert numbers(path) == NUMBERS
    assert "cases: column 'filed' of the source left out, for 'opened' is declared in its place" in notes(path)  # fmt: skip
    swapped = CASES.rename({"filed": "decided", "decided": "filed"}).write_csv()
    both = 'columns = { filed = "decided", decided = "filed" }'
    assert numbers(written(tmp_path, swapped, both)) == NUMBERS


def test_a_large_file_stays_on_disk_under_other_names(
    parquet: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(check, "LARGE", 1)
    plan = evolve(PLAN, tables=[PLAN.table("cases")])
    CASES.rename({"filed": " Oprettet"}).write_parquet(parquet)
    path = extract(parquet.parent, 'path = "cases.parquet"\ncolumns = { filed = "Oprettet" }')
    checked = kpi.check(plan, path)
    assert isinstance(checked.tables["cases"].frame, pl.LazyFrame)
    assert numbers(checked, plan=plan) == NUMBERS
    renamed = extract(parquet.parent, 'path = "cases.parquet"\ncolumns = { filed = "Oprettet" }\nvalues.case_type = { simple = "simple" }')  # fmt: skip
    checked = kpi.check(plan, renamed)
    assert isinstance(checked.tables["cases"].frame, pl.DataFrame)
    assert numbers(checked, plan=plan) == NUMBERS


def test_words_for_null_are_compared_exactly(tmp_path: Path) -> None:
    path = written(tmp_path, DANISH.replace("NULL", " NULL"), WORDS + COLUMNS)
    assert kpi.check(PLAN, path).rejected["cases"]["decided"].to_list() == [" NULL"]


@pytest.mark.parametrize(
    "column",
    [
        pl.Series(["1", "1", "0", "0"]),
        pl.Series([1, 1, 0, 0]),
        pl.Series([1.0, 1.0, 0.0, None]),
        pl.Series(["true", "Ja", "FALSE", "nej"]),
        pl.Series([True, True, False, False]),
    ],
)
def test_words_for_true_and_false(column: pl.Series, tmp_path: Path) -> None:
    CASES.with_columns(urgent=column).write_parquet(tmp_path / "cases.parquet")
    words = 'booleans = { true = ["Ja", 1], false = ["Nej", 0] }'
    assert numbers(extract(tmp_path, f'path = "cases.parquet"\n{words}')) == NUMBERS


def test_a_word_that_is_not_declared_is_unreadable(tmp_path: Path) -> None:
    path = written(tmp_path, DANISH.replace("Nej", "Måske"), WORDS + COLUMNS)
    rejected = kpi.check(PLAN, path).rejected["cases"]
    assert rejected.select("row", "reason", "urgent").rows() == [
        (3, "urgent is not true or false", "Måske")
    ]


def test_a_number_that_is_no_word_is_unreadable_where_numbers_are_words(tmp_path: Path) -> None:
    CASES.with_columns(urgent=pl.Series([1, 1, 2, 0])).write_parquet(tmp_path / "cases.parquet")
    words = "booleans = { true = 1, false = 0 }"
    checked = kpi.check(PLAN, extract(tmp_path, f'path = "cases.parquet"\n{words}'))
    assert checked.rejected["cases"]["case_id"].to_list() == ["C"]
    assert "cases.urgent: unreadable: 1 × '2'" in kpi.evaluate(PLAN, checked).notes
    nothing = extract(tmp_path, 'path = "cases.parquet"')
    assert "column urgent holds Int64; the plan takes it for true or false" in refused(nothing)


@pytest.mark.parametrize("make", [lambda s: s, lambda s: s.cast(pl.Categorical)])
def test_values_are_renamed_once_and_others_stay(
    make: Callable[[pl.Series], pl.Series], tmp_path: Path
) -> None:
    """Two values change places: what a value was renamed to is not renamed again."""
    swapped = CASES["case_type"].replace({"simple": "other", "other": "simple"})
    CASES.with_columns(make(swapped)).write_parquet(tmp_path / "cases.parquet")
    swap = 'values.case_type = { other = "simple", simple = "other" }'
    path = extract(tmp_path, f'path = "cases.parquet"\n{swap}')
    assert numbers(path) == NUMBERS


def test_numbers_are_renamed_to_words(tmp_path: Path) -> None:
    for codes in (pl.Series([1, 1, 2, 1]), pl.Series([1.0, 1.0, 2.0, 1.0])):
        CASES.with_columns(case_type=codes).write_parquet(tmp_path / "cases.parquet")
        words = 'values.case_type = { 1 = "simple", 2 = "other" }'
        assert numbers(extract(tmp_path, f'path = "cases.parquet"\n{words}')) == NUMBERS


def test_a_value_that_never_occurs_is_noted(tmp_path: Path) -> None:
    more = WORDS.replace('{ "FAM-1"', '{ "FAM-9" = "other", "FAM-8" = "other", "FAM-1"')
    path = written(tmp_path, DANISH, more + COLUMNS)
    assert numbers(path) == NUMBERS
    assert "cases.case_type: the extract file renames what no row holds: 'FAM-8', 'FAM-9'" in notes(path)  # fmt: skip


def test_rejected_rows_stand_as_they_came(tmp_path: Path) -> None:
    path = written(tmp_path, DANISH.replace("31-01", "31-02"), WORDS + COLUMNS)
    rejected = kpi.check(PLAN, path).rejected["cases"]
    assert rejected.rows() == [
        (1, "filed is not a date as %d-%m-%Y", "A", "31-02-2022", "20-02-2022", "FAM-1", "Ja")
    ]


def test_tables_of_other_plans_are_ignored_and_a_misspelt_one_is_not(parquet: Path) -> None:
    other = 'path = "cases.parquet"\n[tables.invoices]\npath = "absent.csv"'
    assert numbers(extract(parquet.parent, other)) == NUMBERS
    path = extract(parquet.parent, 'path = "cases.parquet"', table="casse")
    assert refused(path) == (
        f"{path}: table casse: the plan visas declares no such table (did you mean 'cases'?)"
    )
    path = extract(parquet.parent, 'path = "cases.parquet"', table="invoices")
    assert refused(path) == f"{path}: no table of the plan visas (cases, waiting); found invoices"


def test_a_date_of_no_table_is_ignored_and_a_misspelt_one_is_not(parquet: Path) -> None:
    other = 'path = "cases.parquet"\ndate_format = { paid = "%d" }\nepochs = { invoiced = "s" }'
    assert numbers(extract(parquet.parent, other)) == NUMBERS
    path = extract(parquet.parent, 'path = "cases.parquet"\ndate_format = { fild = "%d" }\nepochs = { decidd = "s" }')  # fmt: skip
    assert refused(path) == (
        f"{path}: table cases: date_format.fild: is no date of the plan (did you mean 'filed'?)\n"
        f"{path}: table cases: epochs.decidd: is no date of the plan (did you mean 'decided'?)"
    )


def test_a_source_that_cannot_be_read_is_named_with_its_table(tmp_path: Path) -> None:
    path = extract(tmp_path, 'path = "absent.csv"')
    assert refused(path) == f"{path}: table cases: {tmp_path}/absent.csv: no such file"
    assert refused(tmp_path / "absent.toml") == f"{tmp_path}/absent.toml: no such file"


def test_a_plan_in_the_place_of_the_extract_keeps_its_message(tmp_path: Path) -> None:
    (tmp_path / "plan.toml").write_text(kpi.dump_plan(PLAN))
    assert "plan.toml: is a plan file (TOML), not a table" in refused(tmp_path / "plan.toml")


def test_every_way_to_evaluate_takes_an_extract_file(tmp_path: Path) -> None:
    path = written(tmp_path, DANISH, WORDS + COLUMNS)
    state = kpi.merge(kpi.partial(PLAN, path), kpi.partial(PLAN, path))
    assert kpi.finish(state)["2"].counted == 6
    assert kpi.readings(PLAN, path).as_of.isoformat() == "2022-12-31"
    assert "cases" in str(kpi.explain_query(PLAN, path))


def test_many_files_are_one_table_under_the_plans_names(tmp_path: Path) -> None:
    header, *lines = DANISH.splitlines()
    for n, part in enumerate((lines[:1], lines[1:]), 1):
        (tmp_path / f"sager_{n}.csv").write_text("\n".join([header, *part]), "utf-8")
    assert numbers(extract(tmp_path, 'files = "sager_*.csv"' + WORDS + COLUMNS)) == NUMBERS
    with_key = tmp_path / "sager" / "år=2022"
    with_key.mkdir(parents=True)
    (with_key / "part-1.csv").write_text(DANISH, "utf-8")
    path = extract(tmp_path, 'path = "sager"' + WORDS + COLUMNS + 'year = "år"\n')
    assert numbers(path) == NUMBERS
    checked = kpi.check(PLAN, path).tables["cases"].frame.lazy().collect()
    assert checked["year"].unique().to_list() == ["2022"]
    missing = refused(extract(tmp_path, 'files = ["sager_1.csv", "sager_9*.csv"]'))
    assert f"table cases: {tmp_path}/sager_9*.csv: the pattern matches no file" in missing


def test_a_table_of_a_database_and_a_query(tmp_path: Path) -> None:
    header, *lines = [line.split(";") for line in DANISH.splitlines()]
    with contextlib.closing(sqlite3.connect(tmp_path / "sager.db")) as connection:
        connection.execute(f"CREATE TABLE sager ({', '.join(f'{name} TEXT' for name in header)})")
        connection.executemany("INSERT INTO sager VALUES (?, ?, ?, ?, ?)", lines)
        connection.commit()
    named = 'database = "sqlite:///sager.db"\ntable = "sager"'
    assert numbers(extract(tmp_path, named + WORDS + COLUMNS)) == NUMBERS
    query = 'database = "sqlite:///sager.db"\nquery = "SELECT * FROM sager WHERE Sagsnr < \'Z\'"'
    assert numbers(extract(tmp_path, query + WORDS + COLUMNS)) == NUMBERS
    wrong = refused(extract(tmp_path, named.replace('"sager"', '"sag"')))
    assert "extract.toml: table cases:" in wrong
    assert "sag" in wrong
    assert "sager" in wrong


def test_a_url(parquet: Path) -> None:
    assert numbers(extract(parquet.parent, f'path = "{parquet.as_uri()}"')) == NUMBERS


@pytest.mark.parametrize(
    ("source", "form", "line"),
    [
        ('path = "cases.parquet"', 'separator = ";"', "{}/cases.parquet: a .parquet file, for which the table cases declares separator; accepted: no key of a form"),
        ('path = "cases.parquet"', 'encoding = "cp850"\nskip_lines = 2', "{}/cases.parquet: a .parquet file, for which the table cases declares encoding, skip_lines; accepted: no key of a form"),
        ('path = "cases.csv"', "sheet = 2", "{}/cases.csv: a .csv file, for which the table cases declares sheet; accepted: encoding, skip_lines, footer_lines, separator, quote"),
        ('path = "cases.csv.gz"', "sheet = 2", "{}/cases.csv.gz: a .csv.gz file, for which the table cases declares sheet; accepted: encoding, skip_lines, footer_lines, separator, quote"),
        ('path = "cases.jsonl"', 'quote = ""', "{}/cases.jsonl: a .jsonl file, for which the table cases declares quote; accepted: encoding, skip_lines, footer_lines"),
        ('path = "cases.xlsx"', 'encoding = "cp850"', "{}/cases.xlsx: a .xlsx file, for which the table cases declares encoding; accepted: sheet, skip_lines, footer_lines"),
        ('path = "parts"', 'separator = ";"', "{}/parts/part-1.parquet: a .parquet file, for which the table cases declares separator; accepted: no key of a form"),
        ('files = "parts/*.parquet"', "sheet = 2", "{}/parts/part-1.parquet: a .parquet file, for which the table cases declares sheet; accepted: no key of a form"),
        ('path = "log.xes"\nfrom_events = { dates = { filed = "a" } }', 'separator = ";"', "log.xes: an event log in XES, for which the table cases declares separator; accepted: no key of a form"),
        ('database = "sqlite:///x.db"\ntable = "t"', "sheet = 2", "{}/x.db: a table of a database, for which the table cases declares sheet; accepted: no key of a form"),
    ],
)  # fmt: skip
def test_what_says_nothing_of_a_source_is_refused(
    source: str, form: str, line: str, tmp_path: Path
) -> None:
    """Declared and ignored, it would pass for read."""
    (tmp_path / "parts").mkdir()
    CASES.write_parquet(tmp_path / "cases.parquet")
    CASES.write_parquet(tmp_path / "parts" / "part-1.parquet")
    for name in ("cases.csv", "cases.csv.gz", "cases.jsonl", "cases.xlsx", "log.xes", "x.db"):
        (tmp_path / name).write_text("x")
    path = extract(tmp_path, f"{form}\n{source}")
    assert refused(path) == f"{path}: table cases: {line.format(tmp_path)}"


def test_an_encoding_of_the_plan_goes_for_sources_of_every_kind(parquet: Path) -> None:
    table = evolve(PLAN.table("cases"), encoding="windows-1252")
    plan = evolve(PLAN, tables=[table, PLAN.table("waiting")])
    assert numbers(extract(parquet.parent, 'path = "cases.parquet"'), plan=plan) == NUMBERS


def test_a_file_without_quotes_takes_quotes_as_letters(tmp_path: Path) -> None:
    text = DANISH.replace("A;", '"A;').replace("B;", 'B";')
    plain = extract(tmp_path, f'path = "cases.csv"\nquote = ""{WORDS}{COLUMNS}')
    (tmp_path / "cases.csv").write_text(text, "utf-8")
    assert numbers(plain) == NUMBERS
    ids = kpi.check(PLAN, plain).tables["cases"].frame.lazy().collect()["case_id"]
    assert ids.to_list() == ['"A', 'B"', "C", "D"]


@pytest.mark.parametrize(
    ("origin", "message"),
    [
        ('database = "sqlite:///."\ntable = "t"', "{directory}: is a directory; expected the file of a database"),
        ('database = "sqlite:///no.db"\ntable = "t"', "{directory}/no.db: no such file"),
        ('database = "sqlite://no.db"\ntable = "t"', "a file's path follows three slashes: sqlite:///cases.db from the directory, sqlite:////data/cases.db from the root"),
        ('files = ["https://example.org/a.csv", "b.csv"]', "a URL in a list of files; give the URL alone, or a pattern of URLs"),
    ],
)  # fmt: skip
def test_a_source_that_is_none_is_told_with_its_place(
    tmp_path: Path, origin: str, message: str
) -> None:
    file = extract(tmp_path, origin)
    told = message.format(directory=tmp_path)
    assert refused(file) == f"{file}: table cases: {told}"


def test_a_database_that_the_system_refuses_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "cases.db").touch()
    file = extract(tmp_path, 'database = "sqlite:///cases.db"\ntable = "t"')
    opening: Callable[..., Any] = Path.open

    def refuse(path: Path, *how: str, **more: Any) -> Any:
        if path.suffix == ".db":
            raise PermissionError(13, "Permission denied")
        return opening(path, *how, **more)

    monkeypatch.setattr(Path, "open", refuse)
    assert refused(file) == (
        f"{file}: table cases: {tmp_path / 'cases.db'}: cannot be read: Permission denied"
    )
