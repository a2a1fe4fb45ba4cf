"""Notes and other sentences in the words of a language (R2, R10)."""

from __future__ import annotations

import ast
import copy
import datetime as dt
import pickle
import re
from decimal import Decimal
from functools import cache
from pathlib import Path
from string import Formatter

import pytest

from kpi.definitions.calendars import Calendar
from kpi.definitions.messages import Listing, Message, PeriodName, Word
from kpi.definitions.notes import Note, about
from kpi.report.page.catalogue import ONE, catalogue, languages
from kpi.report.page.messages import line, said
from kpi.tables.rejections import rejection

SOURCE = Path(__file__).parents[3] / "src" / "kpi"
EN, DA = catalogue("en"), catalogue("da")
_PLACE = {"Message": 0, "Note": 1}
"""The argument that is the template."""


@cache
def _calls() -> tuple[tuple[ast.Call, ast.expr], ...]:
    """The calls that make a message, with the argument that is the template."""
    texts = [path.read_text("utf-8") for path in sorted(SOURCE.rglob("*.py"))]
    return tuple(
        (call, call.args[_PLACE[call.func.id]])
        for text in texts
        if "Message(" in text or "Note(" in text
        for call in ast.walk(ast.parse(text))
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in _PLACE
    )


def _literals(template: ast.expr) -> list[str]:
    if isinstance(template, ast.IfExp):
        return [*_literals(template.body), *_literals(template.orelse)]
    return [str(template.value)] if isinstance(template, ast.Constant) else []


def _names(template: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(template) if name}


def templates() -> set[str]:
    return {text for _, template in _calls() for text in _literals(template)}


def test_every_message_is_a_literal_with_its_values_by_name() -> None:
    # A text that is put together before has no template that a language could have.
    others = {ast.unparse(template) for _, template in _calls() if not _literals(template)}
    assert {text for text in others if not text.endswith(".template")} == set()
    for call, template in _calls():
        given = {keyword.arg for keyword in call.keywords}
        for text in _literals(template):
            # A form without values is a template that another message takes.
            assert given in (_names(text), set()), text


@pytest.mark.parametrize("language", [code for code in languages() if code != "en"])
def test_every_language_says_every_message_with_the_same_values(language: str) -> None:
    said_of = catalogue(language).sections["message"]
    assert len(templates()) > 150
    assert {key.removesuffix(ONE) for key in said_of} == templates()
    for key, text in said_of.items():
        missing = _names(key.removesuffix(ONE)) - _names(text)
        # "One case" names no number.
        assert missing <= ({"n"} if key.endswith(ONE) else set()), key
        assert _names(text) <= _names(key.removesuffix(ONE)), key


def test_a_note_in_danish_has_danish_numbers_and_dates() -> None:
    note = Note(
        "rejected-rows",
        "{table}: {n:,} of {rows} rejected: {reason}",
        table="cases",
        n=1234,
        rows=Message("{n:,} rows", n=12345),
        reason=rejection("filed is more than 1,000,000"),
    )
    assert note == "cases: 1,234 of 12,345 rows rejected: filed is more than 1,000,000"
    assert said(DA, note) == "cases: 1.234 af 12.345 rækker afvist: filed er mere end 1.000.000"
    early = Note(
        "default-as-of",
        "as of {day}, the last day of the plan's period, as no date was given",
        day=dt.date(2022, 12, 31),
    )
    assert (
        said(DA, early)
        == "opgjort pr. 31. december 2022, planens sidste dag, da ingen dato er angivet"
    )
    sum_ = Note("weights-sum", "the weights sum to {sum:f}, not to 100", sum=Decimal("94.9"))
    assert (str(sum_), said(DA, sum_)) == (
        "the weights sum to 94.9, not to 100",
        "vægtene giver 94,9, ikke 100",
    )
    assert said(EN, sum_) == sum_


def test_one_is_said_otherwise_than_several() -> None:
    template = "{target}: the verdict could still turn: {n} cases are undetermined"
    turns = [said(DA, Note("could-turn", template, target="1", n=n)) for n in (1, 1000)]
    assert turns == [
        "1: én sag er uafklaret",
        "1: 1.000 sager er uafklarede",
    ]
    rows = [said(DA, Message(f"{{n:,}} row{'s' * (n > 1)}", n=n)) for n in (1, 2)]
    assert rows == ["1 række", "2 rækker"]


def test_lists_periods_words_and_calendars_are_in_the_language() -> None:
    ids = Listing([f"{n}" for n in range(14)])
    assert str(ids) == "0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11 and 2 more"
    assert said(DA, ids) == "0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11 og 2 til"
    assert said(DA, Listing([dt.date(2022, 3, 1)])) == "1. marts 2022"
    assert said(DA, PeriodName("2022-H1")) == "1. halvår 2022"
    words = ["end before start", "not_assessable", "expected met", "registered late", "month"]
    assert [said(DA, Word(word)) for word in words] == [
        "slut før start",
        "kan ikke opgøres",
        "ventes opfyldt",
        "registreret sent",
        "hver måned",
    ]
    # A reason of a rule of a user's own, and its remark, stand as they are.
    assert said(DA, Word("on fire")) == "on fire"
    assert said(DA, Note("remark", "{subject}: {note}", subject="1", note="own words")) == (
        "1: own words"
    )
    assert said(DA, "own words") == "own words"


def test_texts_of_the_data_are_not_taken_for_numbers_ortemplates() -> None:
    note = Note(
        "values-unnamed",
        "{column}: {rows} with a value that no target names: {values}",
        column="cases.{n}",
        rows=Message("{n:,} row", n=1),
        values=Listing(["'1,234'", "'2022-12-31'", "'{table}'"]),
    )
    assert said(DA, note) == (
        "cases.{n}: 1 række med en værdi, som intet krav nævner: '1,234', '2022-12-31', '{table}'"
    )


def test_a_message_without_values_may_have_any_sign() -> None:
    assert Note("own", "100 % of {these}") == "100 % of {these}"


@pytest.mark.parametrize(
    ("reason", "danish"),
    [
        ("filed missing", "filed mangler"),
        ("filed is not a date as %d-%m-%Y", "filed er ikke en dato som %d-%m-%Y"),
        (
            "filed is not a date as a number of s",
            "filed er ikke en dato som et antal s",
        ),
        ("at is not a time as ISO 8601", "at er ikke et tidspunkt som ISO 8601"),
        ("n is not a whole number", "n er ikke et helt tal"),
        ("n is not a number", "n er ikke et tal"),
        ("ok is not true or false", "ok er ikke sand eller falsk"),
        ("n is larger than 9,000,000", "n er større end 9.000.000"),
        ("filed lies outside the years 1 to 9999", "filed er uden for årene 1 til 9999"),
        ("ended before begun", "ended før begun"),
    ],
)
def test_reasons_of_rejection(reason: str, danish: str) -> None:
    assert (str(rejection(reason)), said(DA, rejection(reason))) == (reason, danish)


def test_every_reason_of_rejection_has_a_form() -> None:
    texts = [
        (SOURCE / "tables" / name).read_text("utf-8")
        for name in ("column_types.py", "checked_table.py", "event_log/log_rows.py")
    ]
    reasons = {
        re.sub(r"{[^}]+}", "9", reason)
        for text in texts
        for reason in re.findall(r'(?:\.reject\(|bad\.append\(\(|why = \[\()f"([^"]+)"', text)
    }
    assert len(reasons) > 7
    assert {reason for reason in reasons if not isinstance(rejection(reason), Message)} == {
        # What a value is not is said by the kind of column.
        "9 is not 9"
    }


def test_a_message_keeps_its_values_when_it_is_sent() -> None:
    what = Listing(["a", Message("{n:,} row", n=1)], most=1)
    note = Note("some-kind", "{what} of {calendar}", what=what, calendar=Calendar("denmark"))
    for sent in (pickle.loads(pickle.dumps(note)), copy.copy(note), copy.deepcopy(note)):  # noqa: S301 - ours
        assert (sent, sent.code, sent.template) == (note, note.code, note.template)
        assert sent.values == note.values
        listing = sent.values["what"]
        assert isinstance(listing, Listing)
        assert (listing.words, listing.most) == (what.words, 1)


def test_a_line_knows_whether_it_is_in_english() -> None:
    ours = Note("weights-sum", "the weights sum to {sum:f}, not to 100", sum=Decimal(99))
    own = about("1", "the remark of a rule of a user's own")
    lines = [line(texts, "", text) for texts in (DA, EN) for text in (about("p", ours), own)]
    assert [(of.text, of.is_english) for of in lines] == [
        ("p: vægtene giver 99, ikke 100", False),
        ("1: the remark of a rule of a user's own", True),
        ("p: the weights sum to 99, not to 100", False),
        ("1: the remark of a rule of a user's own", False),
    ]
