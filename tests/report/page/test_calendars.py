"""Calendars of working days in the words of a language (S7, S35)."""

from __future__ import annotations

import datetime as dt

import pytest

from kpi.definitions.calendars import Calendar
from kpi.definitions.countries import _KNOWN
from kpi.definitions.days_off import NAMED, STATUTORY
from kpi.definitions.windows import Window
from kpi.report.page.calendars import calendar
from kpi.report.page.catalogue import catalogue

DA, EN = catalogue("da"), catalogue("en")
CHRISTMAS = dt.date(2024, 12, 24)
SEVERAL = Calendar(
    "denmark",
    off=["christmas eve", dt.date(2024, 12, 23), CHRISTMAS, "constitution day"],
    saturdays=True,
)


@pytest.mark.parametrize(
    ("of", "danish"),
    [
        (Calendar("denmark"), "Danmark"),
        (Calendar("south korea"), "south korea"),
        (Calendar("united kingdom", region=["ENG", "WLS"]), "Storbritannien (ENG, WLS)"),
        (SEVERAL, "Danmark (juleaftensdag fri, grundlovsdag fri, 2 datoer fri, også lørdage)"),
        (
            Calendar("sweden", worked=[dt.date(2024, 12, 25)], weekend=["sunday"]),
            "Sverige (25. december 2024 arbejdsdag, weekend: søndag)",
        ),
        (
            Calendar(
                off=[CHRISTMAS, Window(since=CHRISTMAS, through=dt.date(2024, 12, 31))],
                covers="2024",
            ),
            "en kalender med egne dage (24. december 2024 til 31. december 2024 fri)",
        ),
        (
            Calendar(
                "denmark",
                hours={"weekdays": ["09:00-15:00"], "friday": ["09:00-12:00"]},
            ),
            "Danmark (åbent hverdage 09:00-15:00, fredag 09:00-12:00)",
        ),
        (
            Calendar("denmark", off=["12-24", {"since": "12-27", "through": "12-30"}]),
            "Danmark (12-24 fri, 12-27 til 12-30 fri)",
        ),
        (
            Calendar("denmark", hours={"weekdays": ["09:00-15:00"], "friday": []}),
            "Danmark (åbent hverdage 09:00-15:00, fredag lukket)",
        ),
    ],
)
def test_calendars_in_danish(of: Calendar, danish: str) -> None:
    assert calendar(DA, of) == danish
    # In English the words are those of the definition, but for the form of dates.
    if "2024" not in danish:
        assert calendar(EN, of) == str(of)


def test_every_day_that_a_country_has_by_name_has_a_word() -> None:
    named = {day for days in NAMED.values() for day in days} | {STATUTORY}
    assert named <= set(DA.sections["holiday"])
    assert set(_KNOWN) <= set(DA.sections["country"])
