"""`kpi report`: outputs, options, and one clear line where there is no report (H19)."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

import kpi
from kpi.errors import KpiError
from tests.commands import run
from tests.report.page import small_plan

REPORT = ("report", "plan.toml", "cases.csv", "--as-of", "2022-12-31")


@pytest.fixture(autouse=True)
def extract(here: Path) -> Path:
    (here / "plan.toml").write_text(small_plan.PLAN)
    small_plan.CASES.write_csv(here / "cases.csv")
    return here


def test_a_page_and_markdown_say_the_same(here: Path) -> None:
    assert run(*REPORT, "--by", "office", "--out", "r.html").exit_code == 0
    assert run(*REPORT, "--by", "office", "--out", "r.md").exit_code == 0
    page, text = (here / "r.html").read_text(), (here / "r.md").read_text()
    for said in ("En lille plan", "92,3 %", "5,7 dage", "ikke opfyldt", "Efter office"):
        assert said in page
        assert said in text
    assert (
        "| 1a | Inden for ti dage | 92,3 % | 90 % inden for 10 dage | 13 | 1 | ✓ opfyldt |" in text
    )
    command = "kpi report plan.toml cases.csv --as-of 2022-12-31 --by office --language da --hide-below 5 --out r.html"
    assert command in page


def test_rows_are_hashed_unless_there_are_very_many_or_it_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ask = (*REPORT, "--language", "en", "--format", "markdown")
    unhashed = "- Table cases: not worked out (kpi report --fingerprint)"
    assert unhashed not in run(*ask).stdout
    assert unhashed in run(*ask, "--no-fingerprint").stdout
    # The extract has fifteen rows.
    monkeypatch.setattr("kpi.evaluation.report_figures.figures.MOST_HASHED", 13)
    assert unhashed in run(*ask).stdout
    found = run(*ask, "--fingerprint").stdout
    assert unhashed not in found
    assert "--as-of 2022-12-31 --fingerprint --language en" in found


def test_headlines_are_withheld_where_that_is_asked_for() -> None:
    found = run(*REPORT, "--hide-headlines", "--format", "markdown").stdout
    assert "92,3 %" not in found
    assert "--hide-headlines --language da" in found


def test_standard_output_and_english() -> None:
    found = run(*REPORT, "--language", "en", "--hide-below", "0", "--format", "markdown")
    assert found.exit_code == 0
    assert found.stdout.startswith("# A small plan\n")
    assert "Make it again: kpi report plan.toml" in found.stdout
    assert run(*REPORT).stdout.startswith("<!doctype html>")


def test_a_result_writes_its_report(here: Path) -> None:
    result = kpi.evaluate(small_plan.SMALL, small_plan.CASES, "2022-12-31")
    readings = kpi.readings(small_plan.SMALL, small_plan.CASES, "2022-12-31")
    text = result.report("r.md", language="en", readings=readings)
    assert (here / "r.md").read_text() == text
    assert "| five days |" in text
    assert result.report(here / "r.HTM").startswith("<!doctype html>")
    with pytest.raises(KpiError, match=r"r\.docx: unknown ending; accepted: \.html, \.htm, \.md"):
        result.report("r.docx")


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (("--language", "dk"), "language: found 'dk'; accepted: da, en"),
        (("--out", "r.docx"), "--out r.docx: the ending .docx is of no format; accepted: .md, .xlsx, .html, .htm"),
        (("--out", "r.csv"), "--out r.csv: found .csv; accepted: .md, .xlsx, .html, .htm"),
        (("--out", "plan.toml"), "plan.toml: is what is read; choose another file for --out"),
        (("--hide-below", "-1"), "Invalid value for '--hide-below': -1 is not in the range x>=0."),
        (("--by", "nothing"), "cases: missing column nothing"),
    ],
)  # fmt: skip
def test_mistakes_are_a_line_and_nothing_is_written(
    here: Path, arguments: tuple[str, ...], line: str
) -> None:
    before = sorted(path.name for path in here.iterdir())
    code = 3 if arguments[0] == "--by" else 2
    found = run(*REPORT, *arguments)
    assert (found.exit_code, found.stdout) == (code, "")
    assert line in found.stderr
    assert sorted(path.name for path in here.iterdir()) == before


def test_an_unknown_language_is_told_before_anything_is_read() -> None:
    found = run("report", "plan.toml", "nowhere.csv", "--language", "dk")
    assert found.stderr == "kpi: language: found 'dk'; accepted: da, en\n"


def test_without_the_extra_it_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jinja2", None)
    found = run(*REPORT, "--out", "r.html")
    assert found.exit_code == 2
    assert "a report needs jinja2, which is not installed; install kpi[report]" in found.stderr
    assert run(*REPORT, "--out", "r.md").exit_code == 0
