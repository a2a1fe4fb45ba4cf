"""`kpi evaluate --language da`: words and numbers of the catalogue of the report (R2, R10)."""

from __future__ import annotations

from pathlib import Path

import pytest
from rich.cells import cell_len

import kpi
from kpi.report import terminal
from kpi.report.page.catalogue import catalogue
from kpi.report.page.terminal_words import terminal_words
from kpi.report.terminal_words import _TEXTS, ENGLISH
from kpi.sample import sample
from tests.commands import run
from tests.report.page import small_plan
from tests.report.page.test_hostile import HOSTILE, _cases, _plan

PLANS = Path(__file__).parents[2] / "examples" / "plans"


@pytest.fixture(autouse=True)
def extract(here: Path) -> Path:
    (here / "plan.toml").write_text(small_plan.PLAN)
    small_plan.CASES.write_csv(here / "cases.csv")
    return here


def test_titles_words_and_numbers_are_danish() -> None:
    found = run("evaluate", "plan.toml", "cases.csv", "--as-of", "2022-12-31", "--language", "da")
    assert found.exit_code == 0
    for said in (
        "En lille plan",
        "small, opgjort pr. 31. december 2022",
        "Behandling",
        "Grænse",
        "Inden for ti dage",
        "92,3 %",
        "90 % inden for 10 dage",
        "5,7 dage",
        "2 opfyldt, 1 ikke opfyldt",
        "Målopfyldelse 60 af 100",
        "1a: med de udeladte sager (start mangler 1) kunne vurderingen være den modsatte",
    ):
        assert said in found.stdout
    assert "missed" not in found.stdout


def test_series_and_break_downs_are_danish() -> None:
    ask = ("evaluate", "plan.toml", "cases.csv", "--as-of", "2022-12-31", "--language", "da")
    monthly = run(*ask, "--every", "month").stdout
    assert "Efter periode, fra januar 2022 til og med oktober 2022" in monthly
    assert "tegnene: ✓ opfyldt, ✗ ikke opfyldt, • indikator" in monthly
    by_office = run(*ask, "--by", "office").stdout
    assert next(line.split() for line in by_office.splitlines() if line.startswith("office")) == [
        "office", "Værdi", "Talt", "med", "Vurdering",
    ]  # fmt: skip


def test_english_is_what_is_shown_without_a_language() -> None:
    ask = ("evaluate", "plan.toml", "cases.csv", "--as-of", "2022-12-31")
    assert run(*ask, "--language", "en").stdout == run(*ask).stdout
    # The words of a terminal stand in both places, so that English reads no file.
    assert dict(_TEXTS) == catalogue("en").sections["terminal"]


def test_mistakes_are_told_before_anything_is_read() -> None:
    found = run("evaluate", "plan.toml", "nothing.csv", "--language", "dk")
    assert "language: found 'dk'; accepted: da, en" in found.stderr
    found = run("evaluate", "plan.toml", "cases.csv", "--language", "da", "--format", "json")
    assert (found.exit_code, found.stdout) == (2, "")
    assert "--language needs a table" in found.stderr


@pytest.mark.parametrize("text", [HOSTILE[1], HOSTILE[4], HOSTILE[7], HOSTILE[8]], ids=range(4))
def test_hostile_texts_are_escaped_and_fit(text: str) -> None:
    plan = _plan(text)
    for frame in (_cases(text), _cases(text).clear()):
        result = kpi.evaluate(plan, frame, "2022-12-31", by="case_type", every="month")
        shown = terminal.plain(terminal.result_table(result, 100, terminal_words("da", plan)), 100)
        assert not [sign for sign in shown if not sign.isprintable() and sign != "\n"]
        assert max(map(cell_len, shown.splitlines())) <= 100


def test_it_is_written_to_a_file(here: Path) -> None:
    run("evaluate", "plan.toml", "cases.csv", "--language", "da", "--out", "r.txt")
    assert "En lille plan" in (here / "r.txt").read_text()


@pytest.mark.parametrize("name", ["us-2019", "ankestyrelsen", "nhs-england-ae"])
@pytest.mark.parametrize("width", [60, 120])
def test_every_example_fits_in_both_languages(name: str, width: int) -> None:
    plan = kpi.load_plan(PLANS / f"{name}.toml")
    result = kpi.evaluate(plan, sample(plan, 60, seed=5), every="month")
    for texts in (ENGLISH, terminal_words("da", plan)):
        shown = terminal.plain(terminal.result_table(result, width, texts), width)
        assert max(map(cell_len, shown.splitlines())) <= width
        assert "…" not in shown
