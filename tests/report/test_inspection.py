"""An inspection in a terminal: the form, the columns, what is to be said of each, the matches."""

from __future__ import annotations

import datetime as dt
from typing import Any

import polars as pl
import pytest
from attrs import evolve

import kpi
from kpi.report.inspection import inspection_table
from kpi.report.terminal import plain
from kpi.tables.profile.encodings import FoundEncoding
from kpi.tables.profile.form import Form

D = dt.date


def lines(inspection: kpi.Inspection, width: int = 120) -> list[str]:
    return plain(inspection_table(inspection, width), width).splitlines()


def looked_at(**columns: Any) -> list[str]:
    return lines(kpi.inspect(pl.DataFrame(columns)))


def test_a_table_of_which_nothing_is_to_be_said_has_no_notes() -> None:
    assert looked_at(id=[1, 2]) == [
        "cases",
        "all 2 rows were read",
        "",
        "Column  Holds    Nulls  Distinct  Smallest  Largest",
        "id      integer      0         2  1         2",
        "",
        "Likely keys: id",
        "",
        "Guesses, from a look at the values. Nothing was evaluated.",
    ]


@pytest.mark.parametrize(
    ("form", "said"),
    [
        (Form(encoding=FoundEncoding("utf-16", "utf-16", marked=True), separator="\t"), "utf-16 by its mark, separated by a tab"),
        (Form(separator=",", quote="'"), "separated by a comma, quoted with '"),
        (Form(separator="|", quote='"', skip_lines=2, footer_lines=1), "separated by |, 2 lines above the header, 1 line below the rows"),
        (Form(sheet="Sager", other_sheets=("Noter", "2016")), "sheet Sager (others with rows: Noter, 2016)"),
        (Form(is_log=True), "an event log, a row for each event"),
    ],
)  # fmt: skip
def test_the_form_of_a_source_in_words(form: Form, said: str) -> None:
    inspection = kpi.inspect(pl.DataFrame({"id": [1]}))
    (table,) = inspection.tables
    table = evolve(table, profile=evolve(table.profile, form=form))
    assert lines(evolve(inspection, tables=(table,)))[:3] == ["cases", said, "all 1 rows were read"]


def test_what_is_to_be_said_of_a_column_is_a_line_each() -> None:
    shown = looked_at(
        took=[dt.timedelta(1)] * 4,
        none=[None] * 4,
        mixed=["2017-01-13", "13/01/2017", "x", "y"],
        yes=["Ja", "Nej", "Ja", "Ja"],
        # 2017-01-01 is 17167 days after 1970-01-01.
        day=[17167, 17167, 17167, None],
        far=pl.Series([0, 0, 10**7, 10**7]).cast(pl.Date),
        word=["-", "x", "-", "y"],
        name=["a name that is long beyond all measure"] * 4,
    )
    start, end = shown.index(""), shown.index("", 3)
    kinds = {line.split("  ")[0].strip(): line for line in shown[start + 2 : end]}
    assert "Duration" in kinds["took"]
    assert "no value" in kinds["none"]
    assert "text, dates" in kinds["mixed"]
    assert "boolean in text" in kinds["yes"]
    assert [line for line in shown if line.startswith("• ")] == [
        "• mixed: a mix: of 4 values 1 are ISO 8601, 1 are %d/%m/%Y, 2 are no date",
        "• yes: 'Ja' is true, 'Nej' is false",
        "• yes: Ja (3), Nej (1)",
        "• day: may be dates, as numbers in days",
        "• day: 17167 (3)",
        # Ten million days are more than 27000 years.
        "• far: 2 rows with a date outside the years 1 to 9999",
        "• word: '-' looks like null, or is a value, in 2 rows",
        "• word: - (2), x (1), y (1)",
        # 24 characters of a value are shown, the last of them for those that are not.
        "• name: a name that is long bey… (4)",
    ]


def test_of_many_values_the_others_are_counted() -> None:
    # Eleven values twice each: ten are shown.
    shown = looked_at(kind=[f"k{n:02}" for n in range(11)] * 2)
    (note,) = [line for line in shown if line.startswith("• ")]
    assert note.startswith("• kind: k00 (2), k01 (2), ")
    assert note.endswith("k09 (2) and 1 more")


def test_two_dates_that_no_row_has_together_have_no_order() -> None:
    shown = looked_at(a=[D(2017, 1, 1), None], b=[None, D(2017, 1, 2)])
    at = shown.index("Likely order of the dates:")
    assert shown[at + 1] == "  a, then b: no row has both"
    assert "Likely keys: none; no column has a value in each row and none twice" in shown


PLAN = kpi.parse_plan(
    """
id = "p"
period = "2017"

[tables.cases]
key = "case_id"
entry = "filed"
events = ["decided"]
dates = ["due"]

[[targets]]
id = "1"
rule = "within"
where = { kind = ["visa", "asylum"] }
start = "filed"
end = "decided"
limit = "1 month"
threshold = 90
"""
)


def test_the_columns_of_the_plan_are_found_or_named() -> None:
    frame = pl.DataFrame(
        {
            "case_id": ["a", "a"],
            "filed": ["soon", "later"],
            "kind": ["Visa", "Visa"],
            "left": [D(2017, 1, 1), D(2017, 1, 2)],
        }
    )
    shown = lines(kpi.inspect(frame, PLAN))
    at = shown.index("Columns of the plan:")
    assert sorted(shown[at + 1 : shown.index("", at)]) == sorted(
        [
            "  case_id: there; but a value again in 1 row",
            "  kind: there",
            "    value 'Visa' may be the plan's 'visa'",
            "    no row read holds asylum",
            "  filed: there; but holds texts",
            "  decided: not found; left over: left",
            "  due: not found (no target reads it); left over: left",
        ]
    )
