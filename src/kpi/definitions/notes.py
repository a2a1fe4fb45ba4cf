"""Notes for the reader of a result: a message, and a code that names the kind of note."""

from __future__ import annotations

from collections.abc import Iterable

from kpi.definitions.messages import Message


class Note(Message):
    """Note: the sentence itself, and beside it a code that stays where the wording changes.

    Attributes:
        code: the kind of note in small letters and hyphens, such as "rejected-rows".
    """

    __slots__ = ("code",)

    code: str

    def __new__(cls, code: str, template: str, /, **values: object) -> Note:
        """Return the note of that kind: a template, and the values that are filled in."""
        note = super().__new__(cls, template, **values)
        assert isinstance(note, Note), "it is of the class that it was asked of"
        note.code = code
        return note

    def __getnewargs_ex__(self) -> tuple[tuple[str, ...], dict[str, object]]:
        return (self.code, self.template), dict(self.values)


REMARK = "remark"
"""The code of a remark that has none, such as the remark of a rule of a user's own."""


def code_of(text: str) -> str:
    """Return the code of a note or a remark."""
    return text.code if isinstance(text, Note) else REMARK


def about(subject: str, remark: str) -> Note:
    """Return a remark as a note, with what it is about before it: "1a: …"."""
    return Note(code_of(remark), "{subject}: {note}", subject=subject, note=remark)


def note_codes(notes: Iterable[str]) -> list[str]:
    """Return the codes of several notes, in their order."""
    return [code_of(note) for note in notes]
