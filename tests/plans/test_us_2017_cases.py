"""The case targets of the 2017 plan against its document, typed out by hand, on both sides."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import kpi

PLAN = kpi.load_plan(Path(__file__).parents[2] / "examples" / "plans" / "us-2017.toml")


FAMILY = "family_simple", "family_spouse_complex", "family_child_complex"


EXTENSION = "residence_extension", "asylum_extension"


# id: rule, case types, start, limit, threshold, announced months (0 = not announced, None = either)
TABLE: dict[str, tuple[str, tuple[str, ...], str, str, int | None, int | None]] = {
    "1.1a": ("average", ("asylum",), "filed", "210 days", None, None),
    "1.1b": ("clearance", ("asylum",), "filed", "before 2017-07-01", 90, None),
    "1.2a": ("within", ("family_simple",), "documented", "5 months", 90, 5),
    "1.2b": ("within", ("family_spouse_complex",), "documented", "10 months", 90, 10),
    "1.2c": ("within", ("family_child_complex",), "documented", "10 months", 90, 10),
    "1.2d": ("within", FAMILY, "filed", "12 months", 90, 0),
    "1.2e": ("within", FAMILY, "filed", "10 months", 90, None),
    "1.2f": ("within", EXTENSION, "documented", "5 months", 90, 5),
    "1.2g": ("within", EXTENSION, "filed", "7 months", 90, 0),
    "1.2h": ("within", ("permanent_residence",), "documented", "8 months", 90, 8),
    "1.2i": ("within", ("permanent_residence",), "filed", "8 months", 90, 0),
    "1.3": ("within", ("visa_complaint",), "filed", "12 months", 90, None),
}


def test_ids_rules_limits_and_thresholds() -> None:
    found = {
        t.id: (t.rule, getattr(t, "start", None), t.limit_text, getattr(t, "threshold", None))
        for t in PLAN.leaves()
        if t.id in TABLE
    }
    assert found == {
        k: (rule, start, limit, pct) for k, (rule, _, start, limit, pct, _) in TABLE.items()
    }
    assert PLAN.period == kpi.Window("2017")
    assert PLAN.table("cases").key == ("case_id",)
    assert PLAN.table("cases").entry == "filed"
    assert PLAN.table("cases").events == ("documented", "decided", "announced_on")


def case(**cells: Any) -> dict[str, Any]:
    return {
        "filed": "2016-06-01",
        "documented": "2016-07-01",
        "announced_on": None,
        "announced_months": None,
        "decided": "2017-03-01",
        **cells,
    }


def counted(*rows: dict[str, Any]) -> list[set[str]]:
    """Which targets count each case."""
    dates = ("filed", "documented", "decided", "announced_on")
    frame = pl.DataFrame(
        [
            {"case_id": str(n)}
            | {k: dt.date.fromisoformat(v) if k in dates and v else v for k, v in row.items()}
            for n, row in enumerate(rows)
        ],
        schema={
            "case_id": pl.String,
            "case_type": pl.String,
            "announced_months": pl.Int64,
            **dict.fromkeys(dates, pl.Date),
        },
    )
    trail = kpi.evaluate(PLAN, frame).audit(outside=False).collect()
    assert set(trail["bucket"]) <= {"counted"}
    return [set(trail.filter(pl.col("case") == str(n))["target"]) for n in range(len(rows))]


@pytest.mark.parametrize("target", [t for t in TABLE if TABLE[t][5]])
def test_a_service_target_counts_its_own_types_announced_in_time(target: str) -> None:
    _, types, _, _, _, months = TABLE[target]
    for kind in types:
        announced = case(case_type=kind, announced_months=months)
        found = counted(
            announced | {"announced_on": "2017-02-28"},
            announced | {"announced_on": "2017-03-01"},
            announced | {"announced_on": "2017-02-28", "announced_months": (months or 0) + 1},
            announced | {"announced_on": "2017-02-28", "announced_months": None},
            announced | {"announced_on": "2017-02-28", "decided": "2016-12-31"},
        )
        assert [target in targets for targets in found] == [True, False, False, False, False]
        assert found[0] == {target}


@pytest.mark.parametrize("target", ["1.2d", "1.2g", "1.2i"])
def test_a_maximum_time_counts_those_who_were_told_of_no_target(target: str) -> None:
    for kind in TABLE[target][1]:
        found = counted(
            case(case_type=kind),
            case(case_type=kind, announced_on="2017-03-01", announced_months=5),
            case(case_type=kind, announced_on="2017-02-28", announced_months=99),
        )
        assert [target in targets for targets in found] == [True, True, False]


def test_family_cases_divide_at_the_first_of_march() -> None:
    for kind in FAMILY:
        found = counted(
            case(case_type=kind, filed="2017-02-28", documented=None),
            case(case_type=kind, filed="2017-03-01", documented=None),
        )
        assert found == [{"1.2d"}, {"1.2e"}]


def test_asylum_cases_divide_at_the_new_year_of_2016_and_one_day_is_in_neither() -> None:
    found = counted(
        case(case_type="asylum", filed="2016-01-02"),
        case(case_type="asylum", filed="2016-01-01"),
        case(case_type="asylum", filed="2015-12-31"),
        case(case_type="asylum", filed="2015-12-31", decided=None),
        case(case_type="asylum", filed="2015-12-31", decided="2016-12-31"),
        case(case_type="asylum", filed="2016-01-02", decided=None),
    )
    assert found == [{"1.1a"}, set(), {"1.1b"}, {"1.1b"}, set(), set()]


def test_visa_complaints_count_whether_announced_or_not() -> None:
    found = counted(
        case(case_type="visa_complaint"),
        case(case_type="visa_complaint", announced_on="2017-01-01", announced_months=5),
        case(case_type="passport"),
    )
    assert found == [{"1.3"}, {"1.3"}, set()]


def test_a_reader_is_told_that_1_2e_cannot_be_missed() -> None:
    remarks = [(t.id, *t.remarks(PLAN)) for t in PLAN.leaves() if list(t.remarks(PLAN))]
    assert remarks == [
        (
            "1.2e",
            "cannot be missed: no case falls due before 2018-01-01, and the window ends 2017-12-31",
        )
    ]
