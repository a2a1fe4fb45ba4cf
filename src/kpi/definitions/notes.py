"""Notes for the reader of a result: a line of text, and a code that names the kind of note."""

from __future__ import annotations

from collections.abc import Iterable


class Note(str):
    """Note: the sentence itself, and beside it a code that stays where the wording changes.

    Attributes:
        code: the kind of note in small letters and hyphens, such as "rejected-rows".
    """

    __slots__ = ("code",)

    code: str

    def __new__(cls, code: str, text: str) -> Note:
        """Return the note of that kind with that text."""
        note = super().__new__(cls, text)
        note.code = code
        return note

    def __reduce__(self) -> tuple[type[Note], tuple[str, str]]:
        return type(self), (self.code, str(self))


REMARK = "remark"
"""The code of a remark that has none, such as the remark of a rule of a user's own."""


def code_of(text: str) -> str:
    """Return the code of a note or a remark."""
    return text.code if isinstance(text, Note) else REMARK


def note_codes(notes: Iterable[str]) -> list[str]:
    """Return the codes of several notes, in their order."""
    return [code_of(note) for note in notes]
