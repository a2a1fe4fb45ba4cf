"""Checked tables: what is read, rejected, kept and refused."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import kpi
from kpi.tables.sources.objects import ACCEPTED_OBJECTS
from tests.builders import average, plan, spans
from tests.tables.four_cases import EXPECTED, FRAME, PLAN, figures


def test_what_is_rejected_says_nothing_of_the_others() -> None:
    """Neither of their dates, nor of which of them repeat an id."""
    first = (dt.date(2017, 1, 1) - dt.date(1970, 1, 1)).days
    # The second lies in a year that no calendar has, the third has no id.
    filed = [first, first + 4_000_000, first, first + 2, first + 2]
    decided = [first + 1, None, first + 30_000, first + 4, first + 5]
    frame = pl.DataFrame(
        {
            "case_id": ["a", "b", None, "b", "c"],
            "filed": pl.Series(filed, dtype=pl.Int32).cast(pl.Date),
            "decided": pl.Series(decided, dtype=pl.Int32).cast(pl.Date),
        }
    )
    checked = kpi.check(plan(average()), frame).tables["cases"]
    assert checked.rejected["row"].to_list() == [2, 3]
    assert checked.facts.newest == dt.date(2017, 1, 6)
    found = kpi.evaluate(plan(average()), frame)
    assert (found["t"].counted, found["t"].excluded) == (2, {"repeated id": 1})
    counted = found.audit().filter(bucket="counted").collect()
    assert counted["case"].to_list() == ["a", "c"]


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_the_separator_is_the_one_under_which_the_header_holds_the_key(
    separator: str, tmp_path: Path
) -> None:
    path = tmp_path / "cases.csv"
    FRAME.write_csv(path, separator=separator)
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())  # and a byte-order mark
    assert figures(path) == EXPECTED


def test_text_dates_are_parsed_as_declared() -> None:
    table = kpi.Table(
        "cases", key="case_id", entry="filed", events="decided", date_format="%d-%m-%Y"
    )
    day_first = kpi.Plan(id="p", period="2017", tables=[table], targets=[average()])
    text = FRAME.with_columns(pl.col("filed", "decided").dt.strftime("%d-%m-%Y"))
    assert kpi.evaluate(day_first, text).targets[0].total == 31 + 59 + 1
    stamped = kpi.Table(
        "cases", key="case_id", entry="filed", events="decided", date_format="%Y-%m-%d %H:%M%z"
    )
    with_zone = kpi.Plan(id="p", period="2017", tables=[stamped], targets=[average()])
    late = pl.DataFrame(
        {
            "case_id": ["1"],
            "filed": ["2017-01-01 23:30+00:00"],
            "decided": ["2017-01-03 00:30+01:00"],
        }
    )
    assert kpi.evaluate(with_zone, late).targets[0].total == 1  # 2 January to 3 January, local


def test_extra_columns_are_kept_for_a_break_down_and_else_ignored() -> None:
    frame = FRAME.with_columns(office=pl.Series(["a", "a", "b", "b"]))
    checked = kpi.check(PLAN, frame)
    assert kpi.evaluate(PLAN, checked, by="office").groups.height == 4
    assert "office" not in kpi.check(PLAN, frame, columns=[]).tables["cases"].frame.columns


def test_a_table_is_checked_once_and_evaluated_many_times() -> None:
    checked = kpi.check(PLAN, FRAME)
    before = checked.tables["cases"].frame.lazy().collect()
    for day in (None, "2017-02-15", "2018-01-01"):
        assert kpi.evaluate(PLAN, checked, day).targets == kpi.evaluate(PLAN, FRAME, day).targets
    assert checked.tables["cases"].frame.lazy().collect().equals(before)
    other = plan(average("7 days"))
    with pytest.raises(kpi.DataError, match="were checked for the plan p, not for this p"):
        kpi.evaluate(other, checked)


def test_rows_that_cannot_be_used_stand_beside_the_others_with_their_reasons() -> None:
    text = FRAME.with_columns(
        case_id=pl.Series(["1", None, "3", "4"]),
        filed=pl.Series(["2017-01-01", "2017-01-01", "1/2/2017", "17-05-01"]),
        months=pl.Series(["5", "5", None, "five"]),
        flag=pl.Series(["true", "TRUE", "", "no"]),
    )
    checked = kpi.check(PLAN, text)
    rejected = checked.rejected["cases"]
    assert rejected.select("row", "reason", "case_id").rows() == [
        (2, "case_id missing", None),
        (3, "filed is not a date as %Y-%m-%d", "3"),
        (4, "filed is not a date as %Y-%m-%d", "4"),
    ]
    assert rejected["filed"].to_list() == ["2017-01-01", "1/2/2017", "17-05-01"]  # as they came
    result = kpi.evaluate(PLAN, checked)
    assert result.facts["cases"].rows == 4
    assert result.targets[0].rows == 1
    assert "cases: 2 of 4 rows rejected: filed is not a date as %Y-%m-%d" in result.notes
    with pytest.raises(kpi.DataError, match="1 row rejected: case_id missing"):
        kpi.check(PLAN, text, strict=True)


def test_no_rows_and_only_nulls() -> None:
    empty = kpi.evaluate(PLAN, FRAME.clear())
    assert [t.verdict for t in empty.targets] == ["not_assessable"] * 2
    assert "cases: the table has no rows" in empty.notes
    nulls = pl.DataFrame({name: [None, None] for name in FRAME.columns}).with_columns(
        case_id=pl.Series([1, 2])
    )
    found = kpi.evaluate(PLAN, nulls)
    assert [(t.rows, t.outside, t.verdict) for t in found.targets] == [(2, 2, "not_assessable")] * 2


WRONG: dict[str, tuple[Any, str]] = {
    "missing columns": (
        FRAME.drop("decided").rename({"filed": "fild"}),
        "cases: missing column filed (did you mean 'fild'?), decided; found case_id, case_type, fild, documented, due, months, flag",
    ),
    "numbers for dates": (
        FRAME.with_columns(filed=pl.lit(5)),
        "cases: column filed holds Int32; the plan takes it for dates",
    ),
    "dates for text": (
        FRAME.with_columns(case_type=pl.col("filed")),
        "cases: column case_type holds Date; the plan takes it for text",
    ),
    "text for true or false": (
        FRAME.with_columns(flag=pl.lit("ja")),
        "cases: column flag: no value is true or false (the first is 'ja'); correct the column or the plan",
    ),
    "numbers for true or false": (
        FRAME.with_columns(flag=pl.lit(1)),
        "cases: column flag holds Int32; the plan takes it for true or false",
    ),
    "text for numbers": (
        FRAME.with_columns(months=pl.lit("x")),
        "cases: column months: no value is a whole number (the first is 'x'); correct the column or the plan",
    ),
    "text for numbers, typed": (
        FRAME.with_columns(months=pl.lit(value=True)),
        "cases: column months holds Boolean; the plan takes it for whole numbers",
    ),
    "dates written otherwise": (
        FRAME.with_columns(filed=pl.lit("01-05-2017")),
        "cases: column filed: no value is a date as %Y-%m-%d (the first is '01-05-2017'); declare date_format for the table, such as '%d-%m-%Y'",
    ),
    "a list": ([1], f"cases: found list of int; accepted: {ACCEPTED_OBJECTS}"),
    "an unknown table": ({"case": FRAME}, "unknown table 'case'; the plan p declares: cases (did you mean 'cases'?)"),
}  # fmt: skip


@pytest.mark.parametrize(("tables", "message"), WRONG.values(), ids=WRONG)
def test_a_table_that_cannot_be_used_is_one_line(tables: Any, message: str) -> None:
    with pytest.raises(kpi.DataError) as caught:
        kpi.evaluate(PLAN, tables)
    assert str(caught.value) == message


def test_all_that_is_wrong_with_the_columns_is_said_at_once() -> None:
    with pytest.raises(kpi.DataError) as caught:
        kpi.check(PLAN, FRAME.with_columns(filed=pl.lit(5), months=pl.lit("x")))
    assert len(str(caught.value).splitlines()) == 2


def test_what_is_no_plan() -> None:
    for call in (kpi.evaluate, kpi.check, kpi.partial):
        with pytest.raises(kpi.PlanError, match=r"found 'plan.toml'; accepted: a kpi.Plan"):
            call("plan.toml", FRAME)  # type: ignore[arg-type]


def test_a_declared_date_that_no_target_reads_rejects_nothing() -> None:
    table = kpi.Table("cases", key="case_id", entry="filed", events=["decided", "paid"])
    declared = kpi.Plan(id="p", period="2017", tables=[table], targets=[average()])
    rows = spans(("2017-01-01", "2017-02-01"), ("2017-01-01", "2017-02-02"))
    for paid in (["x", "2017-05-01"], ["x", "y"], [1, 2], [[1], [2]]):
        found = kpi.evaluate(declared, rows.with_columns(paid=pl.Series(paid)))
        assert found.targets[0].total == 31 + 32
        assert not found.facts["cases"].rejected


def test_a_time_zone_that_the_engine_does_not_know() -> None:
    odd = plan(average(), time_zone="Factory")
    rows = FRAME.with_columns(pl.col("filed").cast(pl.Datetime))
    with pytest.raises(kpi.DataError, match="time_zone 'Factory'"):
        kpi.evaluate(odd, rows)
