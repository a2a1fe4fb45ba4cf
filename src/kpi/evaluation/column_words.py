"""Words that columns of case systems bear, Danish and English, by what they mean.

docs/how-to/inspect.md shows the same table.
"""

from __future__ import annotations

import re
import unicodedata

MEANINGS: dict[str, tuple[str, ...]] = {
    "case": (
        "case_id", "case_number", "id", "sagsnr", "sagsnummer", "sagsid", "sag",
        "journalnr", "journalnummer", "jnr", "løbenr", "løbenummer",
    ),
    "type": ("case_type", "type", "category", "sagstype", "sagsart", "sagskategori", "kategori", "ansøgningstype"),
    "filed": (
        "filed", "received", "created", "submitted", "registered", "opened", "applied", "application",
        "oprettet", "oprettelse", "modtaget", "modtagelse", "indkommet", "indgivet", "indsendt",
        "ansøgt", "ansøgning", "registreret", "indgang", "start", "begyndt",
    ),
    "documented": (
        "documented", "fully_documented", "complete_application", "oplyst", "fuldt_oplyst", "sag_oplyst",
        "oplysning", "fuldt_belyst", "dokumenteret", "dokumentation", "komplet", "fuldstændig",
    ),
    "decided": (
        "decided", "decision", "closed", "ended", "finished", "completed", "resolved", "end",
        "afgjort", "afgørelse", "afsluttet", "afslutning", "lukket", "slut", "færdigbehandlet",
    ),
    "due": ("due", "deadline", "due_date", "frist", "tidsfrist", "svarfrist", "forfald", "senest"),
    "paused": ("paused", "suspended", "from", "berostillet", "sat_i_bero", "bero_fra", "pause_fra", "fra"),
    "resumed": ("resumed", "to", "until", "genoptaget", "bero_til", "pause_til", "til"),
    "channel": ("channel", "kanal", "indgangskanal", "henvendelsesform"),
    "office": ("office", "unit", "department", "kontor", "enhed", "afdeling", "center", "team"),
    "person": ("person", "person_id", "citizen", "cpr", "cprnr", "cprnummer", "personnummer", "borger"),
    "complaint": ("complaint", "appeal", "klage", "påklaget", "anke"),
    "outcome": ("outcome", "result", "udfald", "resultat", "afgørelsestype"),
}  # fmt: skip
"""Meaning -> names of columns that have it."""

_LETTERS = {"æ": "ae", "ø": "oe", "å": "aa", "ö": "oe", "ä": "ae", "ß": "ss"}
_WORDS = re.compile(r"[^\W\d_]?[^\W\d_A-ZÆØÅ]+|[^\W_]+")
_DATE_WORDS = re.compile(r"^(dato|date)|s?(dato|datetime|date|tidspunkt|timestamp|dt|den)$")


def plain_name(name: str) -> str:
    """Return a name in small letters without blanks, underscores and accents; ø as oe."""
    small = "".join(
        _LETTERS.get(sign, sign) for sign in unicodedata.normalize("NFC", name).casefold()
    )
    bare = unicodedata.normalize("NFKD", small)
    return "".join(sign for sign in bare if sign.isalnum())


def holds_name(name: str, other: str) -> bool:
    """Return whether a name stands within another, as words of it: `office` in `front_office`."""
    words = [plain_name(word) for word in _WORDS.findall(other)]
    plain = plain_name(name)
    return any(
        plain == "".join(words[first:last])
        for first in range(len(words))
        for last in range(first + 1, len(words) + 1)
    )


def meaning(name: str) -> str | None:
    """Return what a name of a column means; None where no word of it is known.

    A word for a date before or behind the name counts for nothing: `Afgørelsesdato`, `date_filed`.
    """
    plain = plain_name(name)
    return _MEANING_OF.get(plain) or _MEANING_OF.get(_DATE_WORDS.sub("", plain, count=1))


_MEANING_OF = {plain_name(word): meant for meant, words in MEANINGS.items() for word in words}
