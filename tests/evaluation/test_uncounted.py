"""Rows that no target counts, by case type: what `kpi check PLAN EXTRACT` says (S10, S12)."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner

import kpi
from kpi.cli import main
from kpi.evaluation.uncounted import uncounted_rows
from tests.builders import average, cases, plan, within
from tests.commands import PLAN

ASKED = plan(
    within(
        id="1",
        where={"case_type": "visa", "filed": {"since": "2016-01-01"}},
        unless={"decided": {"through": "2016-12-31"}},
    ),
    average(id="2", where={"case_type": ["asylum", "study"]}),
)
CASES = cases(
    {"case_type": "visa", "filed": "2017-01-01", "decided": "2017-01-09"},  # counted by 1
    {"case_type": "visa", "filed": None, "decided": "2017-01-09"},  # excluded by 1: start missing
    {"case_type": "visa", "filed": "2017-01-01", "decided": None},  # in no window
    {"case_type": "visa", "filed": "2015-12-31", "decided": "2017-01-09"},  # in no population
    {"case_type": "visa", "filed": "2016-01-01", "decided": "2016-01-09"},  # in no population
    {"case_type": "asylum", "filed": "2017-01-01", "decided": "2017-01-09"},  # counted by 2
    {"case_type": "asylum", "filed": "2015-01-01", "decided": "2016-01-09"},  # in no window
    {"case_type": "passport", "filed": "2017-01-01", "decided": "2017-01-09"},
    {"case_type": "passport", "filed": "2017-01-01", "decided": "2017-01-09"},
    {"case_type": None, "filed": "2017-01-01", "decided": "2017-01-09"},
    {"case_type": "passport", "filed": "2018-01-01", "decided": None},  # does not exist yet
)


def test_s12_rows_outside_every_target_by_what_the_populations_name() -> None:
    (found,) = uncounted_rows(ASKED, CASES)
    assert (found.table, found.rows, found.outside, found.unpopulated) == ("cases", 10, 7, 5)
    assert found.by.rows() == [
        ("visa", 3, 2),
        ("passport", 2, 2),
        (None, 1, 1),
        ("asylum", 1, 0),
    ]
    assert list(found.lines()) == [
        "cases: 7 of 10 rows outside every target, 5 of them outside every population whatever the window",
        "  case_type 'visa': 3 outside every target, 2 outside every population",
        "  case_type 'passport': 2 outside every target, 2 outside every population",
        "  case_type missing: 1 outside every target, 1 outside every population",
        "  case_type 'asylum': 1 outside every target, 0 outside every population",
    ]


def test_s12_what_is_outside_every_target_is_what_the_trail_says() -> None:
    trail = kpi.evaluate(ASKED, CASES).audit().collect()
    outside = trail.group_by("case").agg((pl.col("bucket") == "outside").all())
    (found,) = uncounted_rows(ASKED, CASES)
    assert found.outside == outside["bucket"].sum()


def test_a_table_whose_rows_are_all_asked_for_has_no_line() -> None:
    (found,) = uncounted_rows(
        plan(average()), CASES.filter(pl.col("decided") >= pl.date(2017, 1, 1))
    )
    assert (found.outside, list(found.lines())) == (0, [])


def test_many_kinds_of_rows_are_cut_short() -> None:
    frame = pl.concat([CASES.head(1).with_columns(case_type=pl.lit(f"t{n:02}")) for n in range(25)])
    frame = frame.with_columns(case_id=pl.int_range(pl.len()).cast(pl.String))
    (found,) = uncounted_rows(ASKED, frame)
    lines = list(found.lines())
    assert len(lines) == 22
    assert lines[-1] == "  case_type: 5 more values"


def test_2017_names_the_announced_cases_in_no_target() -> None:
    asked = kpi.load_plan(Path(__file__).parents[2] / "examples" / "plans" / "us-2017.toml")
    day = pl.date(2017, 2, 1)
    frame = pl.DataFrame(
        {
            "case_id": ["1", "2", "3"],
            "case_type": ["family_simple", "family_simple", "permanent_residence"],
            "announced_months": [5, 7, 5],
        }
    ).with_columns(filed=day, documented=day, announced_on=day, decided=pl.date(2017, 5, 1))
    found = next(its for its in uncounted_rows(asked, {"cases": frame}) if its.table == "cases")
    assert found.by.rows() == [("family_simple", 7, 1, 1), ("permanent_residence", 5, 1, 1)]
    assert list(found.lines())[1:] == [
        "  case_type 'family_simple': 1 outside every target, 1 outside every population",
        "  case_type 'permanent_residence': 1 outside every target, 1 outside every population",
        "  announced_months 5: 1 outside every target, 1 outside every population",
        "  announced_months 7: 1 outside every target, 1 outside every population",
    ]


def test_2017_is_in_no_target_of_1_2_as_the_note_of_the_plan_says() -> None:
    """Announced through February with other months than the type's own, or none; not new families."""
    asked = kpi.load_plan(Path(__file__).parents[2] / "examples" / "plans" / "us-2017.toml")
    own = {
        "family_simple": 5,
        "family_spouse_complex": 10,
        "family_child_complex": 10,
        "residence_extension": 5,
        "asylum_extension": 5,
        "permanent_residence": 8,
    }
    february, march = dt.date(2017, 2, 28), dt.date(2017, 3, 1)
    rows = [
        {"case_type": kind, "announced_months": months, "announced_on": announced, "filed": filed}
        for kind in own
        for months in (None, 4, 5, 8, 10)
        for announced in (None, february, march)
        for filed in (february, march)
    ]
    frame = (
        pl.DataFrame(rows).with_row_index("case_id").with_columns(pl.col("case_id").cast(pl.String))
    )
    frame = frame.with_columns(documented=pl.col("filed"), decided=pl.date(2017, 5, 1))
    trail = kpi.evaluate(asked, {"cases": frame}).audit().collect()
    of_goal = pl.col("target").cast(pl.String).str.starts_with("1.2")
    inside = set(trail.filter(of_goal, pl.col("bucket") == "counted")["case"])
    expected = {
        str(n)
        for n, row in enumerate(rows)
        if row["announced_on"] != february
        or row["announced_months"] == own[str(row["case_type"])]
        or (str(row["case_type"]).startswith("family") and row["filed"] == march)
    }
    assert inside == expected
    found = next(its for its in uncounted_rows(asked, {"cases": frame}) if its.table == "cases")
    assert found.outside == len(rows) - len(expected)


def test_columns_of_which_limits_or_parts_name_values_are_named_too() -> None:
    limits = {"by": "case_type", "limits": {"visa": "1 month", "study": "2 months"}}
    target = within(limits, id="1", where={"filed": {"since": "2017-01-01"}}, each="office")
    frame = CASES.with_columns(office=pl.lit("North"))
    (found,) = uncounted_rows(plan(target), frame)
    assert list(found.lines()) == [
        "cases: 4 of 10 rows outside every target, 3 of them outside every population whatever the window",
        "  office 'North': 4 outside every target, 3 outside every population",
        "  case_type 'visa': 3 outside every target, 2 outside every population",
        "  case_type 'asylum': 1 outside every target, 1 outside every population",
    ]


WITH_A_NUMBER = f"""\
{PLAN}
[[targets]]
id = "2"
rule = "reported"
requires = {{ at_least = 1 }}

[tables.reported]
key = "target"
"""
EXTRACT = """\
case_id,case_type,filed,decided
1,visa,2017-01-01,2017-02-01
2,\x1b[31mred,2017-01-01,2017-02-01
3,visa,?,2017-02-01
"""


@pytest.mark.parametrize(("options", "shown"), [([], r"'\x1b[31mred'"), (["--no-ids"], "aaa")])
def test_check_of_an_extract_says_what_is_in_no_target(
    options: list[str], shown: str, tmp_path: Path
) -> None:
    (tmp_path / "p.toml").write_text(WITH_A_NUMBER)
    (tmp_path / "cases.csv").write_text(EXTRACT)
    command = ["check", str(tmp_path / "p.toml"), str(tmp_path / "cases.csv"), *options]
    result = CliRunner().invoke(main, command)
    assert result.exit_code == 0, result.output
    assert "\x1b" not in result.output
    lines = result.output.splitlines()
    assert "cases: 3 rows" in lines
    assert any("1 of 3 rows rejected" in line for line in lines)
    assert "no table reported in the extract" in lines
    (table,) = [
        n for n, line in enumerate(lines) if "outside every target, " in line and "of 2" in line
    ]
    assert lines[table].startswith("cases: 1 of 2 rows outside every target, 1 of them")
    assert shown in lines[table + 1]


def test_check_without_an_extract_takes_no_day(tmp_path: Path) -> None:
    (tmp_path / "p.toml").write_text(WITH_A_NUMBER)
    result = CliRunner().invoke(main, ["check", str(tmp_path / "p.toml"), "--as-of", "2017-06-30"])
    assert result.exit_code == 2
    assert "--as-of needs an EXTRACT" in result.output
