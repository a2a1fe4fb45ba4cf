"""A file of text as an agency's system writes it: what a look at the file finds."""

from __future__ import annotations

import codecs
from pathlib import Path

import pytest

from kpi.errors import DataError
from kpi.tables.profile import text_files
from kpi.tables.profile.text_files import sample_text

ROWS = "Sagsnr;Type;Oprettet\nA1;visum;01-02-2022\nA2;visum;14-02-2022\nA3;ophold;15-02-2022\n"


def test_lines_above_the_header_are_counted_with_the_empty_ones() -> None:
    sample = sample_text(f"Udtræk; kørt 1. marts\n\nAlle sager\n{ROWS}".encode())
    assert sample.layout.skip_lines == 3
    assert sample.layout.names == ("Sagsnr", "Type", "Oprettet")
    assert sample.frame["Sagsnr"].to_list() == ["A1", "A2", "A3"]


def test_lines_above_the_header_may_be_filled_up_with_separators() -> None:
    sample = sample_text(f"Udtræk;;\n;;\n{ROWS}".encode())
    assert sample.layout.skip_lines == 2
    assert sample.frame.height == 3


def test_a_line_for_excel_is_a_line_above_the_header() -> None:
    assert sample_text(f"sep=;\n{ROWS}".encode()).layout.skip_lines == 1


def test_a_separator_within_names_and_values_is_not_taken_for_the_separator_of_all() -> None:
    text = "Navn, adresse;Beløb\nHansen, Vej 1;1,5\nJensen, Vej 2;2,5\n"
    sample = sample_text(text.encode())
    assert sample.layout.separator == ";"
    assert sample.frame.row(0) == ("Hansen, Vej 1", "1,5")


def test_a_row_with_other_fields_below_the_header_does_not_make_a_row_the_header() -> None:
    rows = "".join(f"Hansen {'x' * n};visum\n" for n in range(40))
    sample = sample_text(f"Navn;Type\nHansen;visum;mere\n{rows}".encode())
    assert (sample.layout.skip_lines, sample.layout.names) == (0, ("Navn", "Type"))


def test_single_quotes_around_values_are_the_quote_where_only_they_tell() -> None:
    sample = sample_text(b"id,name\n1,'O''Brien'\n2,Smith\n")
    assert (sample.layout.quote, sample.frame["name"].to_list()) == ("'", ["O'Brien", "Smith"])
    sample = sample_text(b"id,name\n1,'t Hooft\n2,Smith\n")
    assert (sample.layout.quote, sample.frame["name"].to_list()) == ('"', ["'t Hooft", "Smith"])


def test_a_total_below_the_rows_is_a_footer_and_no_row() -> None:
    sample = sample_text(f"{ROWS}\nI alt 3 sager\n".encode())
    assert (sample.footer_lines, sample.frame.height, sample.remarks) == (1, 3, ())


def test_a_total_filled_up_with_separators_is_a_footer() -> None:
    sample = sample_text(f"{ROWS}I alt;;\n".encode())
    assert (sample.footer_lines, sample.frame.height) == (1, 3)


def test_a_last_row_that_is_cut_short_is_no_footer_and_is_named() -> None:
    sample = sample_text(f"{ROWS}A4;visum".encode())
    assert sample.footer_lines == 0
    (remark,) = sample.remarks
    assert remark == (
        "1 row has another number of fields than the header, which has 3; the first is line 5 "
        "with 2; `kpi` refuses such rows"
    )


def test_the_line_of_a_row_with_other_fields_counts_the_lines_above_the_header() -> None:
    (remark,) = sample_text(f"Udtræk\n{ROWS}A4;visum;1;2\nA5;a;1-1-2022\n".encode()).remarks
    assert "the first is line 6 with 4" in remark


def test_a_quote_that_is_never_closed_does_not_stop_the_look() -> None:
    sample = sample_text((ROWS + 'A4;"visum;01-02-2022\n' + "x" * 200_000).encode())
    assert sample.frame.height == 3
    assert sample.remarks[0].startswith("the rows from line ")


def test_a_header_that_names_two_columns_alike_is_found_and_named() -> None:
    sample = sample_text(b"id;date;date\na;2022-01-01;2022-01-02\n")
    assert sample.frame.columns == ["id", "date", "date (column 3)"]
    assert sample.remarks == ("the header names date twice: `kpi` refuses that; rename one",)


def test_rows_without_a_header_are_numbered_columns() -> None:
    sample = sample_text(b"1;2022-01-01\n2;2022-01-02\n")
    assert sample.frame.columns == ["column 1", "column 2"]
    assert sample.frame.height == 2
    assert sample.remarks == (
        "no line names the columns: put their names above the rows; they are numbered here",
    )


def test_a_file_of_a_header_alone_has_columns_and_no_rows() -> None:
    sample = sample_text(b"id,filed,decided\n")
    assert (sample.frame.columns, sample.frame.height) == (["id", "filed", "decided"], 0)


def test_a_file_of_one_column_is_a_table() -> None:
    sample = sample_text(b"case_id\na1\na2\n")
    assert (sample.frame.columns, sample.frame.height) == (["case_id"], 2)


@pytest.mark.parametrize("text", [b"", b"\n\n", codecs.BOM_UTF8, b"\r\n  \r\n"])
def test_a_file_without_text_is_refused(text: bytes) -> None:
    with pytest.raises(DataError, match="holds no text"):
        sample_text(text)


@pytest.mark.parametrize(
    ("written", "found", "others"),
    [
        ("windows-1252", "windows-1252", ("iso-8859-1",)),
        ("cp850", "cp850", ("cp865",)),
    ],
)
def test_danish_letters_tell_the_code_page(
    written: str, found: str, others: tuple[str, ...]
) -> None:
    sample = sample_text("Sagsnr;Kontor\n1;Sønderborg\n2;Ærø, Åbenrå\n".encode(written))
    assert (sample.encoding.name, sample.encoding.certain) == (found, False)
    assert sample.encoding.others == others
    assert sample.frame["Kontor"].to_list() == ["Sønderborg", "Ærø, Åbenrå"]


def test_a_sign_of_windows_1252_that_latin_1_lacks_is_told_apart() -> None:
    sample = sample_text("a;b\n1;5 € – så\n".encode("windows-1252"))
    assert (sample.encoding.name, sample.encoding.others) == ("windows-1252", ())


def test_utf_16_is_found_with_its_mark_and_without() -> None:
    marked = sample_text(ROWS.encode("utf-16")).encoding
    plain = sample_text(ROWS.encode("utf-16-le")).encoding
    assert (marked.name, marked.marked) == ("utf-16", True)
    assert (plain.name, plain.marked, plain.certain) == ("utf-16", False, True)


def test_lines_that_end_with_a_carriage_return_alone_are_read_and_named() -> None:
    sample = sample_text(ROWS.replace("\n", "\r").encode())
    assert sample.frame.height == 3
    assert sample.remarks[0].startswith("lines end with a carriage return alone")


@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_a_large_file_is_read_at_its_head_and_at_pieces_further_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ends: str
) -> None:
    rows = [f"A{n:06};visum;{1 + n % 28:02}-02-2022" for n in range(10_000)]
    file = tmp_path / "cases.csv"
    file.write_bytes(
        ends.join(["Udtræk", "Sagsnr;Type;Oprettet", *rows, "I alt 10.000 sager", ""]).encode()
    )
    monkeypatch.setattr(text_files, "WHOLE", 50_000)
    monkeypatch.setattr(text_files, "HEAD", 10_000)
    monkeypatch.setattr(text_files, "PIECE", 1_000)
    sample = sample_text(file)
    ids = sample.frame["Sagsnr"].to_list()
    assert not sample.whole
    assert sample.layout.skip_lines == 1
    assert ids[:3] == ["A000000", "A000001", "A000002"]
    assert ids[-1] == "A009999"
    assert len(set(ids)) == len(ids)
    assert set(ids) <= {row.split(";")[0] for row in rows}
    # Ten thousand bytes at the head, and sixteen pieces of a thousand, at 25 or 26 bytes a row.
    assert 900 < len(ids) < 1_100
    assert (sample.footer_lines, sample.remarks) == (1, ())


@pytest.mark.parametrize(("encoding", "name"), [("utf-16-le", "utf-16"), ("utf-16-be", "utf-16")])
def test_utf_16_without_a_mark_is_found_by_its_zeros(encoding: str, name: str) -> None:
    sample = sample_text(ROWS.encode(encoding))
    assert (sample.encoding.name, sample.encoding.marked) == (name, False)
    assert sample.frame["Type"].to_list() == ["visum", "visum", "ophold"]


def test_lines_that_end_with_a_carriage_return_alone_have_lines_above_them_too() -> None:
    sample = sample_text(f"Alle sager\n{ROWS}".replace("\n", "\r").encode())
    assert sample.layout.skip_lines == 1
    assert sample.frame["Sagsnr"].to_list() == ["A1", "A2", "A3"]
