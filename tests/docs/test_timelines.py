"""The timelines of docs/explanation/time/: as they are drawn now, all shown, and with the dates worked out by hand."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from docs import timelines

ROOT = Path(__file__).parents[2]
PAGES = ROOT / "docs" / "explanation" / "time"
PLACE = PAGES / "drawings"
SVG = "{http://www.w3.org/2000/svg}"

# What each drawing must show, row by row, counted on a wall calendar.
ROWS = {
    # The day of the start is not counted, the day of the end is; two weeks are 14 days.
    "start-to-end": [
        "10 days, took 0 days: filed 1 Mar, due 11 Mar, decided 1 Mar, in time",
        "10 days, took 10 days: filed 1 Mar, due 11 Mar, decided 11 Mar, in time",
        "10 days, took 11 days: filed 1 Mar, due 11 Mar, decided 12 Mar, late",
        "2 weeks, took 12 days: filed 1 Mar, due 15 Mar, decided 13 Mar, in time",
    ],
    # 2023 is no leap year; 28 February is the last day of its month.
    "month-ends": [
        "down, 1 month: filed 31 Jan, due 28 Feb, decided 1 Mar, late",
        "sticky, 1 month: filed 31 Jan, due 28 Feb, decided 1 Mar, late",
        "up, 1 month: filed 31 Jan, due 1 Mar, decided 1 Mar, in time",
        "refuse, 1 month: filed 31 Jan, decided 1 Mar, refused month end",
    ],
    "month-ends-sticky": [
        "down, 1 month: filed 28 Feb, due 28 Mar, decided 30 Mar, late",
        "sticky, 1 month: filed 28 Feb, due 31 Mar, decided 30 Mar, in time",
        "up, 1 month: filed 28 Feb, due 28 Mar, decided 30 Mar, late",
        "refuse, 1 month: filed 28 Feb, due 28 Mar, decided 30 Mar, late",
    ],
    # 2024 is a leap year: 29 February and 10 days are 10 March.
    "months-and-days": [
        "down, 29 Feb, then 10 days: filed 31 Dec, due 10 Mar, decided 11 Mar, late",
        "up, 1 Mar, then 10 days: filed 31 Dec, due 11 Mar, decided 11 Mar, in time",
    ],
    # 01:30 to 04:30 without the hour from two to three.
    "clocks-forward": [
        "01:30 to 04:30: 120 minutes, in time",
        "01:30 to 04:45: 135 minutes, late",
        "02:30 to 04:00: excluded: no such local time",
    ],
    # Half past two the first time is an hour after half past one, the second time two hours.
    "clocks-back": [
        "01:30 to 02:30: 60 minutes, in time",
        "01:30 to 02:30+01:00: 120 minutes, in time",
        "01:30 to 02:45+01:00: 135 minutes, late",
    ],
    # 31 February is no day of 2024, 29 February is the last.
    "backwards": [
        "forwards, 1 month: filed 29 Feb, due 29 Mar, decided 30 Mar, late",
        "backwards, 1 month before: half served 31 Mar, due 29 Feb, interview 29 Feb, in time",
        "backwards, 1 month before: half served 31 Mar, due 29 Feb, interview 1 Mar, late",
        "backwards, 1 month before, up: half served 31 Mar, due 1 Mar, interview 1 Mar, in time",
    ],
    # Easter Sunday was 31 March 2024. Denmark is off from Maundy Thursday to Easter Monday, Sweden
    # from Good Friday, Scotland on Good Friday alone.
    "working-days": [
        "denmark, 5 working days: filed 22 Mar, due 3 Apr, decided 3 Apr, in time",
        "denmark, Saturdays too: filed 22 Mar, due 30 Mar, decided 3 Apr, late",
        "sweden, 5 working days: filed 22 Mar, due 2 Apr, decided 3 Apr, late",
        "united kingdom, Scotland: filed 22 Mar, due 1 Apr, decided 3 Apr, late",
    ],
    # 23 December 2024 was a Monday; 25 and 26 December are off, 28 and 29 a weekend.
    "days-off": [
        "denmark, 2 working days: filed 23 Dec, due 27 Dec, decided 31 Dec, late",
        "denmark, Christmas Eve off: filed 23 Dec, due 30 Dec, decided 31 Dec, late",
        "denmark, 27 December off too: filed 23 Dec, due 31 Dec, decided 31 Dec, in time",
        "a list of your own, covers 2024: filed 23 Dec, due 27 Dec, decided 31 Dec, late",
        "a list of your own, covers 2024: filed 30 Dec, decided 31 Dec, outside the calendar",
    ],
    # The Tuesday after Easter is the first working day from Maundy Thursday, 28 March, on.
    "rolling": [
        "none, 30 days: filed 27 Feb, due 28 Mar, decided 2 Apr, late",
        "next working day, 30 days: filed 27 Feb, due 2 Apr, decided 2 Apr, in time",
        "next working day, 30 days: filed 26 Feb, due 27 Mar, decided 2 Apr, late",
    ],
    # 1 to 31 March are 30 days. Clipped: 1, 2, 3 and 4 March, and 24 to 30 March. Too late: it was
    # due on 21 March, before the pause began.
    "pauses": [
        "no pause, 30 less 0 is 30: filed 1 Mar, due 21 Mar, decided 31 Mar, late",
        "one pause, 30 less 10 is 20: filed 1 Mar, due 31 Mar, decided 31 Mar, in time",
        "two are merged, 30 less 15 is 15: filed 1 Mar, due 5 Apr, decided 31 Mar, in time",
        "clipped, 30 less 11 is 19: filed 1 Mar, due 1 Apr, decided 31 Mar, in time",
        "too late, 30 less 4 is 26: filed 1 Mar, due 21 Mar, decided 31 Mar, late",
        "still open, 30 less 21 is 9: filed 1 Mar, due 11 Apr, decided 31 Mar, in time",
    ],
    # 1 March 2017 was a Wednesday. Without 2, 3 and 6 March, the three days are 7, 8 and 9 March.
    "pauses-in-working-days": [
        "no pause, 3 working days: filed 1 Mar, due 6 Mar, decided 9 Mar, late",
        "Thursday to Tuesday, 3 working days: filed 1 Mar, due 9 Mar, decided 9 Mar, in time",
        "over the weekend, 3 working days: filed 1 Mar, due 6 Mar, decided 9 Mar, late",
    ],
    "resets": [
        "from the filing, 1 month: filed 1 Jan, due 1 Feb, decided 1 Apr, late",
        "from the restart, 1 month: restarted 1 Mar, due 1 Apr, decided 1 Apr, in time",
        "unless_paused, 1 month: filed 1 Jan, decided 1 Apr, left out: paused by waiting",
    ],
    # From 1 March to 1 April are 31 days; half of them are 15 and a half.
    "derived-dates": [
        "earliest, of 1 Mar and 1 Apr: counted from 1 Mar, due 1 Apr, decided 17 Apr, late",
        "latest, of 1 Mar and 1 Apr: counted from 1 Apr, due 1 May, decided 17 Apr, in time",
        "plus, 1 Apr and 2 weeks: counted from 15 Apr, due 15 May, decided 17 Apr, in time",
        "share, half, up: counted from 17 Mar, due 17 Apr, decided 17 Apr, in time",
        "share, half, down: counted from 16 Mar, due 16 Apr, decided 17 Apr, late",
    ],
    # Copenhagen is an hour ahead of UTC in winter.
    "zones": [
        "2017-03-01, a date: counts as 1 Mar",
        "2017-03-01T23:30, a local time: counts as 1 Mar",
        "2017-03-01T23:30Z, an instant, in UTC: counts as 2 Mar",
        "2017-03-02T00:30+02:00, an instant, +02:00: counts as 1 Mar",
    ],
    # Paused from 11 to 20 March. On 15 March four of these days have passed, and its end is unknown.
    "as-of": [
        "as of 10 Mar, 0 days paused: filed 1 Mar, due 31 Mar, not decided, undetermined",
        "as of 15 Mar, 4 days paused: filed 1 Mar, not decided, undetermined",
        "as of 10 Apr, 10 days paused: filed 1 Mar, due 10 Apr, not decided, late",
        "as of 14 Apr, 10 days paused: filed 1 Mar, due 10 Apr, decided 12 Apr, late",
    ],
    # 28 February and the three paused days are 3 March.
    "readings": [
        "default, month ends down: filed 31 Jan, due 28 Feb, decided 1 Mar, late",
        "up, month ends up: filed 31 Jan, due 1 Mar, decided 1 Mar, in time",
        "net, less the pauses: filed 31 Jan, due 3 Mar, decided 1 Mar, in time",
    ],
}


def test_the_drawings_are_those_that_are_drawn_now() -> None:
    """After a change that is meant: python docs/timelines.py, and look at them."""
    drawn = {name: text.encode() for name, text in timelines.drawings().items()}
    assert {file.name for file in PLACE.iterdir()} == drawn.keys()
    for name, text in drawn.items():
        assert (PLACE / name).read_bytes() == text, f"{name} is stale"


def test_the_pages_show_every_drawing_and_says_what_is_seen() -> None:
    text = "".join(page.read_text("utf-8") for page in PAGES.glob("*.md"))
    shown = re.findall(r"^!\[(.{40,})\]\(drawings/([\w-]+)\.svg\)$", text, re.M)
    assert sorted(name for _, name in shown) == sorted(file.stem for file in PLACE.iterdir())


@pytest.mark.parametrize("name", ROWS)
def test_a_drawing_shows_the_dates_that_were_worked_out_by_hand(name: str) -> None:
    drawn = ET.fromstring((PLACE / f"{name}.svg").read_bytes())  # noqa: S314 - our own file
    told = drawn.findtext(f"{SVG}desc")
    assert told == " ".join(f"{row}." for row in ROWS[name])
    # What is read out is also drawn.
    texts = [text.text for text in drawn.iter(f"{SVG}text")]
    for row in ROWS[name]:
        for due in re.findall(r"due \d+ \w+|counts as \d+ \w+|\d+ minutes, [a-z ]+", row):
            assert due in texts, due


def test_every_drawing_was_worked_out_by_hand() -> None:
    assert {f"{name}.svg" for name in ROWS} == {file.name for file in PLACE.iterdir()}


@pytest.mark.parametrize("name", ROWS)
def test_a_drawing_stands_on_its_own(name: str) -> None:
    file = PLACE / f"{name}.svg"
    assert file.stat().st_size < 12_000
    drawn = ET.fromstring(file.read_bytes())  # noqa: S314 - our own file
    assert drawn.findtext(f"{SVG}title")
    assert drawn.get("role") == "img"
    tags = {one.tag.removeprefix(SVG) for one in drawn.iter()}
    assert tags <= {"svg", "title", "desc", "defs", "pattern", "rect", "path", "text"}
    assert not [key for one in drawn.iter() for key in one.attrib if "href" in key]
