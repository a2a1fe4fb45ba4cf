"""Words in columns of texts that stand for no value, and for true and false."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from attrs import frozen

from kpi.tables.date_hints import is_word_for_none

_CERTAIN = frozenset(("null", "(null)", "<null>", "nan", "nat", "n/a", "#n/a", "#null!", r"\n"))
"""Words, in lower case, that no person writes for a value."""

_BOOLEANS = (
    ("true", "false"),
    ("ja", "nej"),
    ("j", "n"),
    ("yes", "no"),
    ("y", "n"),
    ("t", "f"),
    ("sand", "falsk"),
    ("1", "0"),
)


@frozen
class NullWord:
    """Word that looks like no value.

    Attributes:
        text: the word, as found.
        rows: how many rows hold it.
        proposed: whether it is taken for no value: no person writes it for one, or all other values
            of the column are dates, numbers, or true and false.
    """

    text: str
    rows: int
    proposed: bool


def is_certain_null(text: str) -> bool:
    """Return whether a text is a word that only a program writes, for no value."""
    return text.strip().casefold() in _CERTAIN or text.strip() == "None"


def null_words(counts: Mapping[str, int], *, among_texts: bool) -> tuple[NullWord, ...]:
    """Return the words of a column that look like no value, the commonest first.

    Args:
        counts: text -> rows, of all texts of the column.
        among_texts: whether other values of the column are texts, to which a word such as `-` or
            `ukendt` may belong.
    """
    words = [
        NullWord(text, rows, is_certain_null(text) or not among_texts)
        for text, rows in counts.items()
        if is_word_for_none(text)
    ]
    return tuple(sorted(words, key=lambda word: (-word.rows, word.text)))


def boolean_words(texts: Collection[str]) -> Mapping[str, bool] | None:
    """Return what each text of a column means, true or false; None where one is no such word."""
    small = {text.strip().casefold() for text in texts}
    for true, false in _BOOLEANS:
        if small and small <= {true, false}:
            return {text: text.strip().casefold() == true for text in sorted(texts)}
    return None
