"""Words for the same in the names of columns."""

from __future__ import annotations

import re

import pytest

from kpi.evaluation.column_matches import name_likelihood
from kpi.evaluation.column_words import MEANINGS, meaning, plain_name
from tests.docs.places import DOCS


def test_the_page_shows_the_words_that_are_known() -> None:
    page = (DOCS / "how-to" / "inspect.md").read_text("utf-8")
    table = page.split("| meaning | names |\n|---|---|\n")[1].split("\n\n")[0]
    shown = {
        cells[1].strip(): tuple(re.findall("`([^`]+)`", cells[2]))
        for cells in (row.split("|") for row in table.splitlines())
    }
    assert shown == MEANINGS


def test_no_name_means_two_things() -> None:
    names = [plain_name(name) for names in MEANINGS.values() for name in names]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("SAGS_NR.", "case"),
        ("Afgørelsesdato", "decided"),
        ("afgoerelsesdato", "decided"),
        ("Dato for modtagelse", None),
        ("Dato modtaget", "filed"),
        ("Modtagelsestidspunkt", "filed"),
        ("filed_date", "filed"),
        ("Fristdato", "due"),
        ("dato", None),
        ("", None),
    ],
)
def test_a_name_means_the_same_without_case_signs_and_words_for_dates(
    name: str, meant: str | None
) -> None:
    assert meaning(name) == meant


@pytest.mark.parametrize(
    ("name", "other", "why"),
    [
        ("case_type", "Case Type", "the same name but for case, blanks or signs"),
        ("frist_for_svar", "Frist for svår", "a similar name"),
        ("decided", "Afgjort", "a word for the same"),
        ("documented", "documentd", "a similar name"),
        ("filed", "file_date_of_case", ""),
        ("office", "front_office_name", "a similar name"),
        ("office", "frontOfficeName", "a similar name"),
        ("office", "officer", "a similar name"),
        ("case", "showcase", ""),
        ("filed", "decided", ""),
    ],
)
def test_names_are_near_by_letters_or_by_meaning(name: str, other: str, why: str) -> None:
    likelihood, found = name_likelihood(name, other)
    assert (bool(likelihood), found) == (bool(why), why)
