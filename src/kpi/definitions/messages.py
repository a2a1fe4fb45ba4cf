"""Messages for readers: sentences that keep the values in them, so that any language can say them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any

from kpi.errors import listed

_MOST = 12
"""Words of a list that are shown, as `errors.listed` has it."""


class Message(str):
    """Sentence in English, which knows its template and the values that were filled in.

    It is the sentence for whoever reads a text. A catalogue of another language has a template of its
    own under the English one, and fills in the same values (R2).

    Attributes:
        template: the sentence with each value by name in braces, with the form of numbers in English:
            "{rows:,} of {table}".
        values: the values by name: texts, which stay as they are in any language, as years do;
            numbers; dates; calendars; messages; and lists of them.
    """

    __slots__ = ("template", "values")

    template: str
    values: Mapping[str, object]

    def __new__(cls, template: str, /, **values: object) -> Message:
        """Return the message of a template; one without values is the sentence itself."""
        message = super().__new__(cls, template.format(**values) if values else template)
        message.template = template
        message.values = MappingProxyType(values)
        return message

    def __getnewargs_ex__(self) -> tuple[tuple[str, ...], dict[str, object]]:
        return (self.template,), dict(self.values)

    def __getstate__(self) -> None:
        """Return None: the arguments of `__new__` are all that a copy needs."""


class Word(Message):
    """Word of a fixed set that catalogues have a section for: a reason, a verdict, an outlook, a bucket."""

    __slots__ = ()


class PeriodName(str):
    """Name of a period or of a window in a message: "2022-03", "2022-03-10 to 2022-06-20"."""

    __slots__ = ()


class Listing(str):
    """List of words with commas, cut after some of them with a count of the rest.

    Attributes:
        words: all the words: texts, dates or messages.
        most: how many are shown.
    """

    __slots__ = ("most", "words")

    words: tuple[object, ...]
    most: int

    def __new__(cls, words: Iterable[object], most: int = _MOST) -> Listing:
        """Return the list of some words."""
        every = tuple(words)
        listing = super().__new__(cls, listed(every, most))
        listing.words, listing.most = every, most
        return listing

    def __getnewargs__(self) -> tuple[Any, ...]:
        return self.words, self.most

    def __getstate__(self) -> None:
        """Return None: the arguments of `__new__` are all that a copy needs."""
