"""Character encodings of text files, found by their bytes."""

from __future__ import annotations

import codecs
import unicodedata

from attrs import frozen

MARKS: tuple[tuple[bytes, str], ...] = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
"""Byte order marks, the longer first, with the encoding of each."""

ONE_BYTE = ("windows-1252", "cp850", "cp865", "iso-8859-1")
"""Encodings of one byte a letter that are tried, the commonest first."""

_DANISH = frozenset("æøåÆØÅ")
_COMMON = frozenset("éèêëáàâäóòôöúùûüíìîïñçßÉÈÁÀÄÓÖÚÜÍÑÇþðÞ")
_ZEROS = 0.3
"""Share of zero bytes at every other place from which a text is UTF-16."""


@frozen
class FoundEncoding:
    """Encoding of a text, as far as the bytes show it.

    Attributes:
        name: the name that an extract file takes; `utf-32` is none of these.
        marked: whether a byte order mark says so; then nothing needs to be declared.
        codec: the codec of Python, with which the text is decoded.
        certain: whether the bytes prove it. An encoding of one byte a letter is always a guess.
        others: further encodings in which the bytes are the same text.
    """

    name: str
    codec: str
    marked: bool = False
    certain: bool = True
    others: tuple[str, ...] = ()


def find_encoding(data: bytes) -> FoundEncoding:
    """Return the encoding of a text by its bytes.

    A byte order mark decides; else every other byte zero is UTF-16; else what is valid UTF-8 is
    UTF-8; else the one-byte encoding in which the most signs are letters that Danish and its
    neighbours write is taken.
    """
    for mark, name in MARKS:
        if data.startswith(mark):
            codec = "utf-8-sig" if name == "utf-8" else name
            return FoundEncoding(name, codec, marked=True)
    even, odd = data[0::2], data[1::2]
    if odd and odd.count(0) >= _ZEROS * len(odd):
        return FoundEncoding("utf-16", "utf-16-le")
    if even and even.count(0) >= _ZEROS * len(even):
        return FoundEncoding("utf-16", "utf-16-be")
    if _is_utf_8(data):
        return FoundEncoding("utf-8", "utf-8")
    texts: dict[str, str] = {}
    for name in ONE_BYTE:
        try:
            texts[name] = data.decode(name)
        except UnicodeDecodeError:
            continue
    best = max(texts, key=lambda name: _likelihood(texts[name]))
    same = tuple(name for name in texts if name != best and texts[name] == texts[best])
    return FoundEncoding(best, best, certain=False, others=same)


def _is_utf_8(data: bytes) -> bool:
    """Return whether bytes are UTF-8; the last letter may be cut."""
    try:
        codecs.getincrementaldecoder("utf-8")().decode(data)
    except UnicodeDecodeError:
        return False
    return True


def _likelihood(text: str) -> int:
    """Return how likely a text is: letters of the region count for it, odd signs against it."""
    score = 0
    for sign in set(text):
        if sign.isascii():
            continue
        score += text.count(sign) * _weight(sign)
    return score


def _weight(sign: str) -> int:
    if sign in _DANISH:
        return 3
    if sign in _COMMON:
        return 1
    if unicodedata.category(sign) == "Cc":
        return -10
    if "\u2500" <= sign <= "\u259f":
        # Boxes and blocks, which the code pages of DOS have where others have letters.
        return -3
    return -1
