"""Character encodings of text files: which are accepted, and under which names."""

from __future__ import annotations

import codecs
import re

from kpi.errors import PlanError, suggest

COMMON = (
    "utf-8",
    "utf-16",
    "windows-1252",
    "iso-8859-1",
    "iso-8859-15",
    "cp850",
    "cp865",
    "cp437",
)
"""Encodings of extracts in Western Europe: today's, Excel's, and those of DOS and old databases."""

_OTHER_NAMES = {"ansi": "windows-1252", "latin": "iso-8859-1", "dos": "cp850", "utf-8-sig": "utf-8"}
"""Names that people use and Python's codecs do not know, or know as something else."""

_CODE_PAGE = re.compile(r"^(?:cp|ibm|win|windows)-?(\d+)$")
_ASCII = bytes(range(128))
_REFUSED = re.compile(r"idna|punycode|(raw-)?unicode-escape|utf-7|iso2022.*|mbcs|oem")
"""Codecs in which plain letters can stand for others, and those that each machine takes its own way."""


def encoding(value: object) -> str:
    """Return the one name of an encoding, however it is called: `latin1` is `iso-8859-1`.

    Accepted is every encoding of texts that Python knows and in which ASCII is itself, so that
    separators and line ends can be found; and UTF-16.

    Raises:
        PlanError: where the value names no such encoding.
    """
    name = _canonical(value) if isinstance(value, str) else None
    if name is None:
        words = (*COMMON, "latin1", "ansi")
        hint = suggest(value, words) if isinstance(value, str) else ""
        accepted = f"accepted: {', '.join(COMMON)}, or another that Python knows"
        raise PlanError(f"found {value!r}; {accepted}{hint}")
    return name


def _canonical(word: str) -> str | None:
    """Return the one name of an encoding; None where the word names none that is accepted."""
    small = re.sub("[_ ]", "-", word.strip().lower())
    if small in _OTHER_NAMES:
        return _OTHER_NAMES[small]
    small = _CODE_PAGE.sub(r"cp\1", small)
    try:
        # Null signs, blanks and letters beyond ASCII are in no name; `lookup` stumbles over them.
        codec = codecs.lookup(small) if re.fullmatch(r"[\w.:-]+", small, re.ASCII) else None
    except LookupError:
        codec = None
    if codec is None:
        return None
    name = codec.name.replace("_", "-")
    if name in ("utf-16", "utf-16-le", "utf-16-be"):
        return "utf-16"
    if _REFUSED.fullmatch(name) or not _keeps_ascii(name):
        return None
    name = re.sub(r"^iso8859-", "iso-8859-", name)
    return re.sub(r"^cp(125\d)$", r"windows-\1", name)


def _keeps_ascii(name: str) -> bool:
    """Return whether a codec decodes bytes to texts, and ASCII to itself."""
    try:
        return _ASCII.decode(name) == _ASCII.decode("ascii")
    except (LookupError, UnicodeError):
        # LookupError: a codec that makes bytes of bytes, such as base64.
        return False
