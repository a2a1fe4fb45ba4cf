"""Every verdict has its word, and a word alone tells it, wherever verdicts are shown or read."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import get_args

import pytest

from kpi.cli.evaluate import FAIL_ON
from kpi.evaluation.expected_file import _VERDICTS as EXPECTED_VERDICTS
from kpi.report import layout, words
from kpi.report.order import _BAD_NEWS_FIRST
from kpi.results.possible import BEFORE_THE_END
from kpi.results.target_result import Verdict

DOCS = Path(__file__).parents[2] / "docs"
VERDICTS: tuple[Verdict, ...] = get_args(Verdict)


def test_these_are_the_verdicts() -> None:
    assert set(VERDICTS) == {
        "met",
        "missed",
        "not_assessable",
        "open",
        "secured",
        "lost",
        "lapsed",
        "indicator",
    }
    assert set(BEFORE_THE_END) == {"open", "secured", "lost"}


def test_no_two_verdicts_have_the_same_word() -> None:
    assert set(words.VERDICTS) == set(VERDICTS)
    assert len(set(words.VERDICTS.values())) == len(VERDICTS)


@pytest.mark.parametrize("verdict", VERDICTS)
def test_a_terminal_shows_the_word_and_not_a_colour_alone(verdict: Verdict) -> None:
    cell = layout.verdict(verdict)
    assert cell.plain == verdict.replace("_", " ")
    assert cell.style


def test_bad_news_comes_first() -> None:
    assert sorted(_BAD_NEWS_FIRST) == sorted(VERDICTS)
    listed = [word for word in _BAD_NEWS_FIRST if word not in ("not_assessable", "lapsed")]
    assert listed == ["missed", "lost", "open", "secured", "met", "indicator"]


def test_files_of_expected_cases_name_every_verdict() -> None:
    assert [word.replace(" ", "_") for word in EXPECTED_VERDICTS] == list(VERDICTS)


def test_a_job_may_stop_for_every_verdict_that_is_not_good() -> None:
    assert set(FAIL_ON.values()) == {"missed", "lost", "not_assessable", "open"}


@pytest.mark.parametrize("schema", ["result", "readings"])
def test_a_schema_names_every_verdict(schema: str) -> None:
    data = json.loads((DOCS / f"{schema}.schema.json").read_text("utf-8"))
    assert data["$defs"]["verdict"]["enum"] == list(VERDICTS)


@pytest.mark.parametrize("verdict", VERDICTS)
def test_the_pages_explain_every_verdict(verdict: Verdict) -> None:
    glossary = (DOCS / "reference" / "glossary" / "index.md").read_text("utf-8")
    section = glossary.split("## Verdicts")[1].split("\n## ")[0]
    # The word, what the field says, and the Danish word: none of them empty.
    assert re.search(rf"^\| `{verdict}` \| [^|]+ \| \w[^|]+ \|", section, re.MULTILINE)
    results = (
        (DOCS / "reference" / "results" / "index.md")
        .read_text("utf-8")
        .split("## Verdicts")[1]
        .split("\n## ")[0]
    )
    assert re.search(rf"^\|[^|]*`{verdict}`[^|]*\|", results, re.MULTILINE)
