"""Cells in messages: cut short, or none."""

from __future__ import annotations

import re
from pathlib import Path

import polars as pl
import pytest

import kpi
from kpi.tables.redaction import redacted
from tests.builders import cases, plan, within
from tests.commands import HEADER, mistakes, of_data, run

pytestmark = pytest.mark.usefixtures("here")

NOTE = "Hansen, 010203-1234 and all that was ever written about her case"


def test_a_message_shows_forty_signs_of_a_cell_or_its_shape() -> None:
    data = HEADER + f'a1,visa,"{NOTE}",\n'
    (line,) = of_data(data)
    assert "(the first is 'Hansen, 010203-1234 and all that was ev…')" in line
    (line,) = mistakes("evaluate", "plan.toml", "cases.csv", "--no-ids", code=3)
    assert "(the first is 'aaaaaa, dddddd-dddd aaa aaa aaaa aaa aa…')" in line
    assert "Hansen" not in line
    assert mistakes("readings", "plan.toml", "cases.csv", "--no-ids", code=3) == [line]
    of_data(HEADER + "a1,visa,28-06-2016,\n")
    (line,) = mistakes("evaluate", "plan.toml", "cases.csv", "--no-ids", code=3)
    assert "(the first is 'dd-dd-dddd'); declare date_format for the table, such as '%d-%m-%Y'" in line  # fmt: skip


@pytest.mark.parametrize("command", ["evaluate", "readings"])
def test_without_ids_no_note_holds_a_cell(command: str, here: Path) -> None:
    rows = f'secret1,vissa,2017-01-01,\nsecret1,"{NOTE}",1901-01-01,2017-01-02\n'
    (here / "cases.csv").write_text(HEADER + rows)
    with_ids = run(command, "plan.toml", "cases.csv").stdout
    assert all(word in with_ids for word in ("secret1", "vissa", "Hansen", "1901-01-01"))
    assert NOTE not in with_ids
    found = run(command, "plan.toml", "cases.csv", "--no-ids")
    assert found.exit_code == 0
    assert not re.search("secret|vissa|Hansen|010203|1901", found.output)
    assert "cases: 2 rows with a repeated id, excluded\n" in found.stdout
    assert (
        "cases.filed: 1 date outside the years 1992 to 2042, taken as they stand\n" in found.stdout
    )


@pytest.mark.parametrize("form", ["table", "json", "csv", "markdown"])
def test_without_ids_the_cases_of_month_ends_have_none(form: str, here: Path) -> None:
    (here / "cases.csv").write_text(HEADER + "secret1,visa,2017-01-31,2017-03-01\n")
    args = ("readings", "plan.toml", "cases.csv", "--month-ends", "--format", form)
    assert "secret1" in run(*args).stdout
    hidden = run(*args, "--no-ids").stdout
    assert "secret1" not in hidden
    # A month from 31 January is 28 February, or 1 March where it is moved up.
    assert "late" in hidden
    assert "in time" in hidden


def test_hiding_ends_where_it_was_asked_for() -> None:
    twice = cases(*[{"filed": "2017-01-01", "decided": "2017-01-02"}] * 2).with_columns(
        case_id=pl.lit("secret1")
    )
    with redacted():
        assert not [n for n in kpi.evaluate(plan(within()), twice).notes if "secret1" in n]
    assert [n for n in kpi.evaluate(plan(within()), twice).notes if "secret1" in n]


def test_no_sign_of_a_table_reaches_a_terminal_as_a_command() -> None:
    (line,) = of_data("case_id,case_type,filed\x1b[31m,x\n1,visa,,\n")
    assert "\x1b" not in line
    assert "filed\\x1b[31m" in line
    found = run("evaluate", "plan.toml", "cases.csv")
    Path("cases.csv").write_text(HEADER + "a\x1b[2J,visa,2017-01-01,\n" * 2)
    found = run("evaluate", "plan.toml", "cases.csv")
    assert "\x1b" not in found.stdout
    assert "among them a\\x1b[2J" in found.stdout
