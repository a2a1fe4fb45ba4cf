"""Texts of a report: one file for a language, every word in every language (R2, R10, H18)."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path
from typing import get_args

import pytest

from kpi.errors import InternalError, KpiError
from kpi.report.page.catalogue import catalogue, languages
from kpi.results.target_result import Verdict

RESULTS = Path(__file__).parents[3] / "docs" / "reference" / "results" / "index.md"
EN, DA = catalogue("en"), catalogue("da")


def _keys(language: str) -> dict[str, set[str]]:
    """The names of all texts but those of notes, each with the names in its braces."""
    sections = catalogue(language).sections
    return {
        f"{section}.{key}": set(re.findall(r"{(\w+)}", text)) if isinstance(text, str) else set()
        for section, texts in sections.items()
        if section not in ("note", "message")
        for key, text in texts.items()
    }


def test_every_language_has_every_text_with_the_same_values_in_it() -> None:
    assert languages() == ("da", "en")
    for language in languages():
        assert _keys(language) == _keys("en"), language


def test_the_name_of_every_sheet_is_one_that_a_workbook_takes() -> None:
    for language in languages():
        names = catalogue(language).sections["sheet"].values()
        assert len(set(names)) == len(names)
        assert not [name for name in names if len(name) > 31 or re.search(r"[\[\]:*?/\\']", name)]


def test_every_kind_of_note_has_a_label_in_danish() -> None:
    section = RESULTS.read_text().split("## Notes", 1)[1].split("\n## ", 1)[0]
    named = re.findall(r"^\|(.+?)\|", section, flags=re.MULTILINE)
    codes = {code for cell in named for code in re.findall(r"`([a-z-]+)`", cell)}
    assert len(codes) > 50
    assert codes - {*DA.sections["note"]} == set()


def test_the_words_of_the_agencies() -> None:
    words = [DA.text(f"verdict.{verdict}") for verdict in get_args(Verdict)]
    assert words == [
        "opfyldt", "ikke opfyldt", "kan ikke opgøres", "åben", "sikret", "tabt", "bortfaldet",
        "indikator",
    ]  # fmt: skip
    assert (DA.text("page.requirements"), DA.text("page.score")) == (
        "Resultatkrav",
        "Målopfyldelse",
    )


def test_numbers_and_dates() -> None:
    day = dt.date(2022, 12, 31)
    assert (DA.date(day), EN.date(day)) == ("31. december 2022", "31 December 2022")
    assert (DA.number("-1,234.5"), EN.number("-1,234.5")) == ("-1.234,5", "-1,234.5")
    assert DA.listed(list("abc"), 2) == "a, b og 1 til"


def test_one_has_a_text_of_its_own() -> None:
    assert [EN.text("unit.months", n=n) for n in (1, "1", 2)] == ["1 month", "1 month", "2 months"]


def test_an_unknown_language_is_a_clear_line() -> None:
    with pytest.raises(KpiError, match=r"^language: found 'dk'; accepted: da, en"):
        catalogue("dk")


def test_a_missing_text_is_a_fault_of_ours() -> None:
    with pytest.raises(InternalError, match=r"no text page\.nothing in the language da"):
        DA.text("page.nothing")
