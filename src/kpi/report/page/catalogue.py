"""Texts of a report in a language, from one file of words for each language (R2)."""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any

from attrs import frozen

from kpi.errors import InternalError, KpiError, listed, suggest
from kpi.report.page.figure import Figure

_FOLDER = "languages"
ONE = ".one"
"""The end of the key of a text that is for the number 1."""


@frozen(eq=False, repr=False)
class Catalogue:
    """Texts of a language by section and key.

    Attributes:
        code: the code of the language, as HTML has it: "da".
        sections: the texts of each section by key.
    """

    code: str
    sections: Mapping[str, Mapping[str, Any]]

    def text(self, name: str, /, **values: object) -> str:
        """Return a text with values filled in.

        Args:
            name: the section, a point and the key: "verdict.met".
            values: the values by name; a number `n` of 1 takes the text for one, where there is one.

        Raises:
            InternalError: where the language lacks the text.
        """
        section, _, key = name.partition(".")
        texts = self.sections.get(section, {})
        if values.get("n") in ("1", 1) and f"{key}{ONE}" in texts:
            key += ONE
        if not isinstance(texts.get(key), str):
            raise InternalError(f"no text {name} in the language {self.code}")
        text: str = texts[key]
        return text.format(**values) if values else text

    def optional(self, name: str) -> str | None:
        """Return a text, or None where the language has none of that name."""
        section, _, key = name.partition(".")
        text = self.sections.get(section, {}).get(key)
        return text if isinstance(text, str) else None

    def date(self, day: dt.date) -> Figure:
        """Return a date in full: "31. december 2022"."""
        month = self.sections["date"]["months"][day.month - 1]
        shown = self.text("date.long", day=day.day, month=month, year=day.year)
        return Figure(shown, day, self.text("date.spreadsheet"))

    def month(self, year: int, month: int) -> str:
        """Return the name of a month of a year: "marts 2022"."""
        name = self.sections["date"]["months"][month - 1]
        return self.text("date.month", month=name, year=year)

    def short_month(self, month: int) -> str:
        """Return the short name of a month: "mar"."""
        return str(self.sections["date"]["short_months"][month - 1])

    def number(self, written: str) -> str:
        """Return a number as the language writes it: "1,234.5" becomes "1.234,5"."""
        signs = {",": self.text("number.group"), ".": self.text("number.decimal")}
        return "".join(signs.get(sign, sign) for sign in written)

    def count(self, n: int) -> Figure:
        """Return a whole number with its thousands apart."""
        digits = f"{n:,}"
        return Figure.written(self.number(digits), n, digits)

    def percent(self, digits: str, share: float) -> Figure:
        """Return a share in per cent: "94,9 %".

        Args:
            digits: the number of per cent as it is printed in English: "94.9".
            share: the share as a fraction.
        """
        shown = self.number(digits)
        text = self.text("number.percent", n=shown)
        return Figure.written(text, share, digits, text.removeprefix(shown))

    def listed(self, words: Sequence[str], most: int = 12) -> str:
        """Return words with commas, cut after `most` with a count of the rest."""
        shown = self.text("word.comma").join(words[:most])
        if len(words) <= most:
            return shown
        return self.text("word.more", shown=shown, n=self.count(len(words) - most))


def languages() -> tuple[str, ...]:
    """Return the codes of the languages that there are texts in, in order."""
    return tuple(sorted(name.removesuffix(".toml") for name in _names()))


def _names() -> Iterator[str]:
    for file in files("kpi.report.page").joinpath(_FOLDER).iterdir():
        if file.name.endswith(".toml"):
            yield file.name


@cache
def catalogue(language: str) -> Catalogue:
    """Return the texts of a language.

    Raises:
        KpiError: where there are no texts in that language.
    """
    accepted = languages()
    if language not in accepted:
        hint = suggest(language, accepted)
        raise KpiError(f"language: found {language!r}; accepted: {listed(accepted)}{hint}")
    file = files("kpi.report.page").joinpath(_FOLDER, f"{language}.toml")
    return Catalogue(language, tomllib.loads(file.read_text(encoding="utf-8")))
