"""Names of character encodings."""

from __future__ import annotations

from encodings.aliases import aliases

import pytest

import kpi
from kpi.definitions.encodings import COMMON, encoding


@pytest.mark.parametrize(
    ("names", "canonical"),
    [
        (("utf-8", "UTF8", "utf_8", "utf-8-sig", "cp65001"), "utf-8"),
        (("utf-16", "UTF-16LE", "utf_16_be", "U16"), "utf-16"),
        (
            (
                "windows-1252",
                "cp1252",
                "CP-1252",
                "windows 1252",
                "Win1252",
                "ansi",
                "ANSI",
                "1252",
            ),
            "windows-1252",
        ),
        (("iso-8859-1", "latin1", "Latin-1", "latin", "ISO8859-1", "L1", " latin1 "), "iso-8859-1"),
        (("iso-8859-15", "latin9", "ISO_8859_15"), "iso-8859-15"),
        (("cp850", "850", "IBM850", "dos"), "cp850"),
        (("cp865", "ibm865"), "cp865"),
        (("cp437", "437"), "cp437"),
        (("cp1250", "windows-1250"), "windows-1250"),
        (("macroman", "mac-roman"), "mac-roman"),
    ],
)
def test_an_encoding_has_one_name_however_it_is_called(
    names: tuple[str, ...], canonical: str
) -> None:
    assert {encoding(name) for name in names} == {canonical}


def test_every_accepted_name_is_accepted_again_and_names_the_same_letters() -> None:
    for alias, codec in aliases.items():
        try:
            name = encoding(alias)
        except kpi.PlanError:
            continue
        assert encoding(name) == name
        # `mbcs` is an encoding of Windows alone.
        if name != "utf-16" and codec != "mbcs":
            assert bytes(range(128)).decode(name) == bytes(range(128)).decode("ascii")
            assert "a,ø".encode(name, "replace") == "a,ø".encode(codec, "replace")
    assert tuple(map(encoding, COMMON)) == COMMON


@pytest.mark.parametrize(
    ("word", "hint"),
    [
        ("latn1", " (did you mean 'latin1'?)"),
        ("windows1252x", " (did you mean 'windows-1252'?)"),
        ("cp-850x", " (did you mean 'cp850'?)"),
        ("utf9", " (did you mean 'utf-8'?)"),
        ("", ""),
        ("æ", ""),
        ("a\0b", ""),
        ("hex", ""),
        ("rot13", ""),
        ("idna", ""),
        ("raw_unicode_escape", ""),
        ("utf_7", " (did you mean 'utf-8'?)"),
        ("iso2022_jp", ""),
        ("cp037", " (did you mean 'cp437'?)"),
        ("utf-32", " (did you mean 'utf-8'?)"),
        (1252, ""),
        (None, ""),
    ],
)
def test_what_is_no_encoding_of_lines_and_separators_is_refused(word: object, hint: str) -> None:
    with pytest.raises(kpi.PlanError) as error:
        encoding(word)
    assert str(error.value) == (
        f"found {word!r}; accepted: {', '.join(COMMON)}, or another that Python knows{hint}"
    )
