"""Cells that cannot be read: their rows are set aside with a reason, and counted."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import polars as pl
import pytest

import kpi
from tests.builders import cases, plan, within
from tests.commands import GOOD, HEADER, PLAN, declare, mistakes, of_data, outcome, rejected, run

pytestmark = pytest.mark.usefixtures("here")


@pytest.mark.parametrize(
    "text",
    ["01-03-2017", "17-03-01", "0000-01-01", "10000-01-01", "2017-02-30", "2017-3-1x", "20170301", "?"],
)  # fmt: skip
def test_a_date_in_another_form_sets_its_row_aside(text: str) -> None:
    found = outcome(HEADER + GOOD + f"a2,visa,2017-01-01,{text}\n")
    assert found["tables"]["cases"]["rejected"] == {"decided is not a date as %Y-%m-%d": 1}
    assert "cases: 1 of 2 rows rejected: decided is not a date as %Y-%m-%d" in found["notes"]
    assert found["targets"][0]["counted"] == 1


def test_two_digit_years_are_taken_only_where_the_plan_declares_them() -> None:
    declare('date_format = "%d-%m-%y"')
    found = outcome(HEADER + "a1,visa,01-01-17,01-02-17\n")
    assert found["targets"][0]["met"] == 1


@pytest.mark.parametrize("year", [0, 10_000])
def test_years_outside_the_calendar_set_their_row_aside(year: int) -> None:
    days = pl.Series([(year - 1970) * 365.2425, 17_198]).cast(pl.Int32).cast(pl.Date)
    frame = pl.DataFrame({"case_id": ["a", "b"], "case_type": ["visa"] * 2, "filed": days, "decided": [dt.date(2017, 2, 1)] * 2})  # fmt: skip
    frame.write_parquet("cases.parquet")
    found = run("evaluate", "plan.toml", "cases.parquet", "--format", "json")
    tables = json.loads(found.stdout)["tables"]["cases"]
    assert tables["rejected"] == {"filed lies outside the years 1 to 9999": 1}


def test_dates_that_stand_for_none_or_for_ever_are_named() -> None:
    rows = "".join(
        f"a{n},visa,{filed},{decided}\n"
        for n, (filed, decided) in enumerate(
            [
                ("1900-01-01", "2017-02-01"),
                ("1900-01-01", "2017-02-01"),
                ("1899-12-30", "2017-02-01"),
                ("2017-01-01", "9999-12-31"),
                ("2017-01-01", "2059-12-31"),
                ("1992-01-01", "2042-12-31"),  # the first and the last of the usual years
            ]
        )
    )
    found = outcome(HEADER + rows)
    assert [note for note in found["notes"] if "outside the years" in note] == [
        "cases.decided: 2 dates outside the years 1992 to 2042, taken as they stand: 2059-12-31 (1), 9999-12-31 (1)",
        "cases.filed: 3 dates outside the years 1992 to 2042, taken as they stand: 1900-01-01 (2), 1899-12-30 (1)",
    ]
    # Counted like any other: decided in 2017, 117 years after 1900.
    assert (found["targets"][0]["counted"], found["targets"][0]["met"]) == (3, 0)
    assert not [n for n in outcome(HEADER + GOOD)["notes"] if "outside the years" in n]


def test_far_dates_of_batches_are_added_up() -> None:
    rows = cases({"filed": "1900-01-01", "decided": "2017-01-01"})
    states = [kpi.partial(plan(within()), rows) for _ in range(2)]
    notes = kpi.finish(kpi.merge(*states)).notes
    assert "cases.filed: 2 dates outside the years 1992 to 2042, taken as they stand: 1900-01-01 (2)" in notes  # fmt: skip


def test_an_end_before_the_start_is_excluded_with_its_reason() -> None:
    found = outcome(HEADER + GOOD + "a2,visa,2017-03-01,2017-02-01\n")
    assert found["targets"][0]["excluded"] == {"end before start": 1}


def test_null_keys_are_rejected() -> None:
    assert rejected(HEADER + GOOD + ',visa,2017-01-01,\n"",visa,2017-01-01,\n') == {
        "case_id missing": 2
    }


def test_repeated_ids_that_are_copies_and_that_contradict_one_another() -> None:
    copy = "b,visa,2017-01-01,2017-01-02\n"
    found = outcome(
        HEADER + GOOD + copy * 2 + "c,visa,2017-01-01,2017-01-02\nc,visa,2017-01-01,2017-05-02\n"
        "c,visa,2017-01-01,2017-05-02\n"
    )
    assert found["targets"][0]["excluded"] == {"repeated id": 5}
    assert "cases: 5 rows with a repeated id, excluded; among them b, c" in found["notes"]
    assert (
        "cases: of the rows with a repeated id, 2 repeat one another whole and 3 contradict one "
        "another" in found["notes"]
    )


def test_what_the_plan_does_not_read_makes_no_copy_another_row() -> None:
    data = "note," + HEADER + "x," + GOOD + "y," + GOOD
    notes = outcome(data)["notes"]
    assert (
        "cases: of the rows with a repeated id, 2 repeat one another whole and 0 contradict one "
        "another" in notes
    )
    assert outcome(data, "--rejects", "rejects.csv")["notes"] == notes


def test_of_many_repeated_ids_five_are_named() -> None:
    twice = "".join(f"x{n},visa,2017-01-01,2017-01-02\n" * 2 for n in range(9))
    notes = outcome(HEADER + twice)["notes"]
    assert "cases: 18 rows with a repeated id, excluded; among them x0, x1, x2, x3, x4" in notes


def test_an_unknown_category_is_named_with_its_likely_spelling() -> None:
    notes = outcome(HEADER + "a1,Visa,2017-01-01,2017-02-01\n")["notes"]
    assert "cases.case_type: the plan names what no row holds: 'visa' (did you mean 'Visa'?)" in notes  # fmt: skip
    assert "cases.case_type: 1 row with a value that no target names: 'Visa'" in notes


def test_time_zones_in_any_mix() -> None:
    """Half past midnight in Copenhagen on 1 February is still January in UTC, written three ways."""
    late = ["2017-02-01T00:30:00+01:00", "2017-01-31T23:30:00Z", "2017-02-01T00:30:00"]
    rows = "".join(f"a{n},visa,2017-01-01,{text}\n" for n, text in enumerate(late))
    found = outcome(HEADER + rows + "b,visa,2017-01-01,2017-02-01T23:30:00Z\n")
    # The last is 2 February in Copenhagen.
    assert (found["targets"][0]["counted"], found["targets"][0]["met"]) == (4, 3)
    frame = pl.DataFrame(
        {
            "case_id": ["a"],
            "case_type": ["visa"],
            "filed": pl.Series([dt.datetime(2016, 12, 31, 23, 30)]).dt.replace_time_zone("UTC"),
            "decided": pl.Series([dt.datetime(2017, 1, 31, 23, 30)]).dt.replace_time_zone("America/New_York"),
        }
    )  # fmt: skip
    frame.write_parquet("cases.parquet")
    # Filed on 1 January in Copenhagen, decided there on 1 February.
    shown = run("evaluate", "plan.toml", "cases.parquet", "--format", "json").stdout
    assert json.loads(shown)["targets"][0]["met"] == 1


REPORTED = """\
id = "p"
period = "2017"

[tables.reported]
key = "target"

[[targets]]
id = "1"
rule = "reported"
requires = { at_most = 7.5 }
"""


def reported(*values: str, separator: str = ";") -> tuple[float | None, list[str]]:
    """The value reported for target 1, and the notes on rejected rows."""
    Path("plan.toml").write_text(REPORTED)
    rows = [["target", "value"], *([str(n), v] for n, v in enumerate(values, start=1))]
    quoted = [[f'"{v}"' if separator in v else v for v in row] for row in rows]
    Path("reported.csv").write_text("".join(separator.join(row) + "\n" for row in quoted))
    found = json.loads(run("evaluate", "plan.toml", "reported.csv", "--format", "json").stdout)
    return found["targets"][0]["value"], [n for n in found["notes"] if "rejected" in n]


def test_decimal_commas_in_a_file_with_semicolons() -> None:
    assert reported("7,5") == (7.5, [])
    assert reported("-7,25", "8") == (-7.25, [])
    assert reported("7.5") == (7.5, [])
    refused = ["reported: 1 of 2 rows rejected: value is not a number"]
    # Beside a comma a point may part thousands; a point before three digits alone may too.
    assert reported("7,5", "1.234") == (7.5, refused)
    assert reported("7,5", "7.5") == (7.5, refused)
    assert reported("7", "1.234") == (7.0, refused)
    assert reported("1.234", "0.5") == (1.234, [])


def test_what_may_be_thousands_is_never_taken_for_a_fraction() -> None:
    Path("plan.toml").write_text(REPORTED)
    Path("reported.csv").write_text("target;value\n1;1.234\n")
    (line,) = mistakes("evaluate", "plan.toml", "reported.csv", code=3)
    assert line.startswith("reported: column value: no value is a number (the first is '1.234')")


def test_a_decimal_comma_in_a_file_with_commas_is_refused() -> None:
    Path("plan.toml").write_text(REPORTED)
    Path("reported.csv").write_text('target,value\n1,"7,5"\n')
    assert mistakes("evaluate", "plan.toml", "reported.csv", code=3) == [
        "reported: column value: no value is a number (the first is '7,5'); write it with a decimal point"
    ]
    assert reported("7.5", "7,5", separator=",") == (
        7.5,
        ["reported: 1 of 2 rows rejected: value is not a number"],
    )


@pytest.mark.parametrize(
    ("text", "separator", "taken"),
    [
        ("5", ",", True),
        ("5.0", ",", True),
        ("5.00", ",", True),
        ("5,0", ";", True),
        ("5.5", ",", False),
        ("5.000", ",", False),  # five thousand, to a Dane
        ("5.000", ";", False),
    ],
)
def test_whole_numbers_as_other_programs_write_them(
    text: str, separator: str, *, taken: bool
) -> None:
    Path("plan.toml").write_text(PLAN.replace('case_type = "visa"', "months = 5"))
    rows = [["case_id", "months", "filed", "decided"], ["a1", text, "2017-01-01", "2017-02-01"], ["a2", "6", "2017-01-01", ""]]  # fmt: skip
    found = outcome("".join(separator.join(row) + "\n" for row in rows))
    assert found["targets"][0]["counted"] == taken
    assert sum(found["tables"]["cases"]["rejected"].values()) == 1 - taken


@pytest.mark.parametrize(
    ("text", "style", "line"),
    [
        ("01-03-2017 09:30", None, "no value is a date as 2017-03-01T09:30:00 (the first is '01-03-2017 09:30'); declare date_format for the table, such as '%d-%m-%Y %H:%M'"),
        ("1/3/17", None, "no value is a date as 2017-03-01T09:30:00 (the first is '1/3/17'); write it as 2017-03-01T09:30:00, or declare date_format for the table, such as '%d-%m-%Y %H:%M'"),
        ("01.03.2017 09:30:05", "%d-%m-%Y %H:%M", "no value is a date as %d-%m-%Y %H:%M (the first is '01.03.2017 09:30:05'); correct date_format for the table, such as '%d.%m.%Y %H:%M:%S'"),
        ("2017-03-01", None, "no value is a date as 2017-03-01T09:30:00 (the first is '2017-03-01'); the plan counts it in hours or minutes, which takes times"),
    ],
)  # fmt: skip
def test_what_is_said_of_a_clock_in_another_form(text: str, style: str | None, line: str) -> None:
    clock = PLAN.replace("1 month", "2 hours")
    Path("plan.toml").write_text(clock)
    if style:
        declare(f'date_format = "{style}"', clock)
    assert of_data(HEADER + f"a1,visa,{text},{text}\n") == [
        f"cases: column {name}: {line}" for name in ("filed", "decided")
    ]


def test_a_format_without_a_time_where_times_are_counted() -> None:
    declare('date_format = "%d-%m-%Y"', PLAN.replace("1 month", "2 hours"))
    assert of_data(HEADER + "a1,visa,01-03-2017,01-03-2017\n")[0] == (
        "cases: column filed holds dates; the plan counts it in hours or minutes, which takes "
        "times; date_format takes a time of day too, such as '%d-%m-%Y %H:%M'"
    )
