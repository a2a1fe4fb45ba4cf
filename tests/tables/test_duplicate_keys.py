"""Duplicate keys (S13): found, named, refused where strict."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import polars as pl
import pytest

import kpi
from tests.builders import average, plan, spans
from tests.tables.four_cases import FRAME, PLAN


def test_ids_that_are_not_checked_are_counted_and_the_result_says_so() -> None:
    twice = pl.concat([FRAME, FRAME.head(1)])
    said = "cases: ids not checked, as asked; rows of a repeated id are counted, each of them"
    for skip in ("ids", ["ids"]):
        result = kpi.evaluate(PLAN, kpi.check(PLAN, twice, skip=skip))
        assert (result.targets[0].rows, result.targets[0].counted) == (5, 3)
        assert said in result.notes
    checked = kpi.evaluate(PLAN, kpi.check(PLAN, FRAME, skip=()))
    assert not any("not checked" in note for note in checked.notes)
    batches = [
        kpi.partial(PLAN, kpi.check(PLAN, FRAME, skip="ids")),
        kpi.partial(PLAN, FRAME.clear()),
    ]
    assert said in kpi.finish(kpi.merge(*batches)).notes


def test_a_check_that_is_none_cannot_be_left_out() -> None:
    with pytest.raises(kpi.DataError, match=r"skip: found 'id'; accepted: ids \(did you mean"):
        kpi.check(PLAN, FRAME, skip="id")
    with pytest.raises(kpi.DataError, match="skip: found 'ids' where strict checks it; accepted"):
        kpi.check(PLAN, FRAME, strict=True, skip="ids")


def test_a_repeated_id_is_named_and_strict_refuses_it() -> None:
    twice = pl.concat([FRAME, FRAME.head(1)])
    result = kpi.evaluate(PLAN, twice)
    assert result.targets[0].excluded == {"repeated id": 2}
    assert "cases: 2 rows with a repeated id, excluded; among them 1" in result.notes
    with pytest.raises(kpi.DataError, match="cases: 2 rows with a repeated id"):
        kpi.check(PLAN, twice, strict=True)


def test_a_repeated_id_counts_rejected_rows_too() -> None:
    rows = pl.DataFrame(
        {
            "case_id": ["1", "1"],
            "filed": ["2017-01-01", "?"],
            "decided": ["2017-01-02", "2017-01-02"],
        }
    )
    found = kpi.evaluate(plan(average()), rows).targets[0]
    assert (found.rows, found.excluded) == (1, {"repeated id": 1})
    hidden = pl.DataFrame(
        {
            "case_id": ["1", "1", "2", "2"],
            "filed": ["2017-01-01", "?", "2017-01-01", "2018-05-01"],
            "decided": ["2017-01-02"] * 4,
        }
    )
    found = kpi.evaluate(plan(average()), hidden).targets[0]
    assert (found.rows, found.counted, found.excluded) == (2, 1, {"repeated id": 1})


def test_a_key_of_several_columns() -> None:
    table = kpi.Table("cases", key=["case_id", "filed"], entry="filed", events="decided")
    keyed = kpi.Plan(id="p", period="2017", tables=[table], targets=[average()])
    rows = spans(
        ("2017-01-01", "2017-01-02"), ("2017-01-01", "2017-01-03"), ("2017-01-02", "2017-01-03")
    )
    rows = rows.with_columns(case_id=pl.lit("x"))
    result = kpi.evaluate(keyed, rows)
    assert result.targets[0].excluded == {"repeated id": 2}
    assert result.audit().collect()["case"].to_list() == [
        "x, 2017-01-01",
        "x, 2017-01-01",
        "x, 2017-01-02",
    ]


def test_a_repeated_key_with_a_text_date_beside_a_rejected_row() -> None:
    table = kpi.Table("cases", key=["case_id", "filed"], entry="filed", events="decided")
    keyed = kpi.Plan(id="p", period="2017", tables=[table], targets=[average()])
    rows = pl.DataFrame(
        [("a", "2017-01-01", "2017-01-02")] * 2
        + [("a", "?", "2017-01-02"), ("b", "2018-05-01", None), ("b", "2017-01-01", "2017-01-04")],
        schema=["case_id", "filed", "decided"],
        orient="row",
    )
    found = kpi.evaluate(keyed, rows).targets[0]
    assert (found.excluded, found.total) == ({"repeated id": 2}, 3)


def test_an_empty_text_is_no_key(tmp_path: Path) -> None:
    path = tmp_path / "cases.csv"
    path.write_text('case_id,filed,decided\n"",2017-01-01,2017-01-02\n,2017-01-01,2017-01-02\n')
    result = kpi.evaluate(plan(average()), path)
    assert result.facts["cases"].rejected == {"case_id missing": 2}


def test_keys_that_differ_in_the_data_are_two_keys() -> None:
    table = kpi.Table("cases", key=["case_id", "filed"], entry="filed", events="decided")
    keyed = kpi.Plan(id="p", period="2017", tables=[table], targets=[average()])
    times = [dt.datetime(2017, 1, 1, 8), dt.datetime(2017, 1, 1, 15), dt.datetime(2017, 1, 1, 15)]
    rows = pl.DataFrame(
        {"case_id": ["a"] * 3, "filed": times, "decided": [dt.date(2017, 1, 2)] * 3}
    )
    found = kpi.evaluate(keyed, rows).targets[0]
    assert (found.counted, found.excluded) == (1, {"repeated id": 2})
    with pytest.raises(kpi.DataError, match="a key takes text, whole numbers or dates"):
        kpi.evaluate(keyed, rows.with_columns(case_id=pl.lit([1])))


def test_what_is_said_of_repeated_ids_is_of_the_rows_that_exist() -> None:
    rows = pl.DataFrame(
        {
            "case_id": ["a", "a", "", ""],
            "filed": ["2017-01-01", "2018-01-02"] * 2,
            "decided": ["2017-02-01"] * 4,
        }
    )
    result = kpi.evaluate(plan(average()), rows)
    assert result.targets[0].counted == 1
    assert not [note for note in result.notes if "repeated" in note]
    assert result.facts["cases"].rejected == {"case_id missing": 2}
