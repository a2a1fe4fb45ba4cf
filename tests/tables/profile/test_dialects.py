"""Whatever the dialect in which a table is written, a look at the file finds it."""

from __future__ import annotations

import csv
import datetime as dt
import io
from typing import Any

import hypothesis.strategies as st
from attrs import frozen
from hypothesis import given, settings

from kpi.tables.profile.date_formats import ISO
from kpi.tables.profile.table import profile_columns
from kpi.tables.profile.text_files import sample_text
from tests.laws.generated import SETTINGS, TIMES

NAMES = (
    "Sagsnr", "Sagstype", "Oprettet", "Afgjort", "Kontor", "Beløb", "Frist", "Sagsbehandler",
    "Ansøger", "Bemærkning", "Kanal", "Land",
)  # fmt: skip
WORDS = st.sampled_from(
    ["Ægteskab", "Familie", "visum", "Nørrebro", "Åbenrå", "Sønderborg", "studie", "H. C. Ørsted"]
)
ENCODINGS = (
    "utf-8",
    "utf-8-sig",
    "utf-16",
    "utf-16-le",
    "windows-1252",
    "iso-8859-1",
    "cp850",
    "cp865",
)
PREAMBLES = st.lists(
    st.sampled_from(
        [
            "Udtræk fra sagssystemet",
            "Rapport: åbne sager",
            "",
            "Kørt den 01-02-2022 kl. 10:30",
            "sep=;",
            "Kontor, enhed og afdeling",
            "Alle sager; også de lukkede",
        ]
    ),
    max_size=4,
)
DATES = ("%d-%m-%Y", "%d.%m.%Y", "%d/%m/%Y", "%Y-%m-%d", "%Y/%m/%d", "%d-%m-%Y %H:%M", "%d/%m/%y")


@frozen
class Written:
    """A table as a file of text, and how it was written."""

    data: bytes
    text: str
    encoding: str
    separator: str
    quote: str
    skip_lines: int
    names: tuple[str, ...]
    rows: list[tuple[str, ...]]
    date_format: str
    dates: int


@st.composite
def tables(draw: st.DrawFn) -> Written:
    """Tables with a key, a column of dates, and others, in any dialect that is supported.

    The dates are so many and so late in their months that one format alone parses all.
    """
    style = draw(st.sampled_from(DATES))
    separator = draw(st.sampled_from([",", ";", "\t", "|"]))
    quote = draw(st.sampled_from(['"', "'"]))
    names = draw(st.permutations(NAMES))[: draw(st.integers(2, len(NAMES)))]
    at = draw(st.integers(0, len(names) - 1))
    height = draw(st.integers(3, 12))
    inside = st.sampled_from(["", "", separator, quote, "\n", f" {separator}{quote}x"])
    texts = st.builds("{}{}{}".format, WORDS, inside, st.sampled_from(["", " a", " ø"]))
    days = st.dates(dt.date(2018, 1, 1), dt.date(2024, 12, 31))
    rows = []
    for n in range(height):
        # The 13th and later are no months.
        day = draw(days).replace(day=13 + n)
        row = [
            dt.datetime.combine(day, dt.time(10, n)).strftime(style)
            if place == at
            else f"{draw(texts)} {n}"
            for place in range(len(names))
        ]
        rows.append(tuple(row))
    above = draw(PREAMBLES)
    end = draw(st.sampled_from(["\n", "\r\n"]))
    stream = io.StringIO()
    writer = csv.writer(stream, delimiter=separator, quotechar=quote, lineterminator=end)
    writer.writerow(names)
    writer.writerows(rows)
    text = "".join(f"{line}{end}" for line in above) + stream.getvalue()
    encoding = draw(st.sampled_from(ENCODINGS))
    return Written(
        text.encode(encoding), text, encoding, separator, quote, len(above), tuple(names), rows, style, at
    )  # fmt: skip


@given(tables())
@settings(SETTINGS, max_examples=25 * TIMES)
def test_the_dialect_of_a_file_is_found(written: Written) -> None:
    sample = sample_text(written.data)
    found = sample.encoding
    assert written.data.decode(found.codec).removeprefix("\ufeff") == written.text
    layout = sample.layout
    assert (layout.skip_lines, layout.separator) == (written.skip_lines, written.separator)
    assert layout.names == written.names
    assert sample.frame.rows() == written.rows
    if any(written.quote in value for row in written.rows for value in row):
        assert layout.quote == written.quote
    column: Any = profile_columns(sample.frame)[written.dates]
    expected = ISO if written.date_format == "%Y-%m-%d" else written.date_format
    assert column.dates is not None
    assert column.dates.every == (expected,)
