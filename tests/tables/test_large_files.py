"""Large files are checked in parts and evaluated where they are, and come to what their rows do in memory."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest import mock

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import kpi
from kpi.definitions.plan import Plan
from kpi.definitions.reserved import REPEATED
from kpi.tables import large_files
from kpi.tables.check import Extract, check_sources
from kpi.tables.checked_table import rejected_rows
from kpi.tables.sources.resolve import resolve_sources
from kpi.testing import oracle, strategies
from kpi.testing.comparable import without_prospects
from tests.builders import average, plan, within
from tests.laws.generated import SETTINGS, engine_trail, expected, frames, numbers, oracle_trail

PLAN = plan(within("1 month", id="1", where={"case_type": "visa"}), average(id="2"))
MARCH = dt.date(2017, 3, 1)


@contextmanager
def in_parts(checked: int = 3, held: int = large_files.HELD) -> Iterator[None]:
    """Every file counts as large."""
    with (
        mock.patch("kpi.tables.check.LARGE", 1),
        mock.patch("kpi.tables.large_files.AT_ONCE", checked),
        mock.patch("kpi.tables.large_files.HELD", held),
    ):
        yield


def written(directory: Path, tables: Mapping[str, pl.DataFrame], suffix: str = "parquet") -> Path:
    for name, frame in tables.items():
        if suffix == "parquet":
            frame.write_parquet(directory / f"{name}.parquet", row_group_size=2)
        else:
            frame.write_ipc(directory / f"{name}.{suffix}", record_batch_size=2)
    return directory


def stays_in_its_file(checked: kpi.Extract, name: str = "cases") -> bool:
    return isinstance(checked.tables[name].frame, pl.LazyFrame)


def rows(*cases: tuple[Any, ...], types: Mapping[str, Any] | None = None) -> pl.DataFrame:
    """Cases of: id, type, filed, decided."""
    schema = {"case_id": pl.Int64, "case_type": pl.String, "filed": pl.Date, "decided": pl.Date}
    return pl.DataFrame(list(cases), schema={**schema, **(types or {})}, orient="row")


def day(n: int) -> dt.date:
    return dt.date(2017, 1, 1) + dt.timedelta(n)


SOME = rows(
    *[(n, "visa" if n % 3 else "asylum", day(7 * n), day(7 * n + 4 * n)) for n in range(20)]
)


@given(data=st.data())
@SETTINGS
def test_a_file_in_parts_agrees_with_the_oracle(data: st.DataObject) -> None:
    plan = data.draw(strategies.plans(most=3), label="plan")
    tables = data.draw(strategies.tables_for(plan, most=12), label="tables")
    as_of = data.draw(strategies.as_ofs(plan, tables), label="as_of")
    outcomes = oracle.evaluate(plan, tables, as_of)
    with (
        TemporaryDirectory() as directory,
        in_parts(
            data.draw(st.sampled_from((2, 5, 100))), data.draw(st.sampled_from((0, 500_000_000)))
        ),
    ):
        path = written(Path(directory), frames(plan, tables))
        result = kpi.evaluate(plan, path, as_of)
        of_oracle = expected(outcomes)
        assert without_prospects(numbers(result), of_oracle) == of_oracle
        assert engine_trail(result) == oracle_trail(outcomes)
        in_memory = kpi.evaluate(plan, frames(plan, tables), as_of)
        assert result.notes == in_memory.notes


@pytest.mark.parametrize("suffix", ["parquet", "arrow"])
def test_a_large_file_stays_where_it_is(tmp_path: Path, suffix: str) -> None:
    with in_parts():
        checked = kpi.check(PLAN, written(tmp_path, {"cases": SOME}, suffix))
    assert stays_in_its_file(checked)
    assert checked.tables["cases"].height == 20
    whole = kpi.check(PLAN, SOME)
    for as_of in (None, "2017-03-01", "2018-06-01"):
        found, same = kpi.evaluate(PLAN, checked, as_of), kpi.evaluate(PLAN, whole, as_of)
        assert found.targets == same.targets
        assert found.notes == same.notes
        assert found.audit().collect().equals(same.audit().collect())


def test_groups_and_series_of_a_file_in_parts(tmp_path: Path) -> None:
    with in_parts():
        checked = kpi.check(PLAN, written(tmp_path, {"cases": SOME}))
    for more in (
        {"by": "case_type"},
        {"every": "month"},
        {"by": ["case_type"], "every": "quarter"},
    ):
        found, same = (kpi.evaluate(PLAN, tables, **more) for tables in (checked, SOME))
        assert found.groups.equals(same.groups)


def test_repeated_ids_are_found_across_parts(tmp_path: Path) -> None:
    """Case 1 stands in the first part and in the last, case 4 twice and once after the as-of date."""
    first = [(n, "visa", day(0), day(9)) for n in range(1, 9)]
    frame = rows(*first, (1, "visa", day(0), day(9)), (4, "visa", day(200), None))
    path = written(tmp_path, {"cases": frame})
    with in_parts():
        checked = kpi.check(PLAN, path)
        unsure = kpi.check(PLAN, path, skip="ids")
    assert stays_in_its_file(checked)
    for as_of, excluded in (("2017-12-31", 3), ("2017-03-01", 2)):
        found, same = (kpi.evaluate(PLAN, tables, as_of) for tables in (checked, frame))
        assert found["2"].excluded == same["2"].excluded == {"repeated id": excluded}
        assert found.notes == same.notes
        assert found.targets == same.targets
    assert kpi.evaluate(PLAN, unsure)["2"].counted == 9
    assert "cases: ids not checked, as asked" in " ".join(kpi.evaluate(PLAN, unsure).notes)


def test_rows_that_are_set_aside_keep_all_their_columns(tmp_path: Path) -> None:
    """Also those that the plan does not read, and that are called as what is told of a row."""
    ids = [1, 2, None, 4, 2, 6, None, 8, 4, 10]
    frame = rows(*[(n, "visa", day(0), day(9)) for n in ids]).with_columns(
        office=pl.Series(list("abcdefghij")), row=pl.Series(range(10))
    )
    with in_parts():
        checked = kpi.check(PLAN, written(tmp_path, {"cases": frame}))
    same = kpi.check(PLAN, frame)
    assert stays_in_its_file(checked)
    assert checked.rejected["cases"].equals(same.rejected["cases"])
    assert checked.rejected["cases"]["office"].to_list() == ["c", "g"]
    found, other = (
        rejected_rows(one.tables["cases"], dt.date(2017, 12, 31)) for one in (checked, same)
    )
    assert found.equals(other)
    assert found["office"].to_list() == list("bcdegi")
    assert kpi.evaluate(PLAN, checked, by="office").groups.height == 2 * 8


def test_a_key_of_two_columns_repeated_across_parts(tmp_path: Path) -> None:
    table = kpi.Table("cases", key=["case_id", "case_type"], entry="filed", events=["decided"])
    two = Plan(id="p", period="2017", tables=[table], targets=[average(id="1")])
    cases = [(n % 4, "visa" if n < 6 else "asylum", day(0), day(n)) for n in range(10)]
    path = written(tmp_path, {"cases": rows(*cases)})
    with in_parts():
        found = kpi.evaluate(two, path)
    # (0, visa) and (1, visa) stand twice.
    assert found["1"].excluded == {"repeated id": 4}
    assert found.targets == kpi.evaluate(two, rows(*cases)).targets


def test_rows_without_a_key_are_rejected_part_by_part(tmp_path: Path) -> None:
    frame = rows(*[(None if n in (2, 7) else n, "visa", day(0), day(n)) for n in range(10)])
    with in_parts():
        checked = kpi.check(PLAN, written(tmp_path, {"cases": frame}))
    assert stays_in_its_file(checked)
    assert checked.rejected["cases"]["row"].to_list() == [3, 8]
    found, same = kpi.evaluate(PLAN, checked), kpi.evaluate(PLAN, frame)
    assert found.targets == same.targets
    assert found.notes == same.notes
    assert (found["2"].rows, found["2"].counted) == (8, 8)


@pytest.mark.parametrize(
    "made",
    [
        pl.col("filed").cast(pl.String),
        pl.col("filed").cast(pl.Datetime),
        pl.col("case_type").cast(pl.Categorical),
        pl.when(pl.col("case_id") < 3).then(pl.col("decided")).otherwise(pl.lit(3_000_000).cast(pl.Int32).cast(pl.Date)),
        pl.lit(None).alias("decided"),
    ],
    ids=["dates as text", "times", "categories", "a date beyond 9999", "nothing but nulls"],
)  # fmt: skip
def test_what_does_not_stand_as_the_plan_takes_it(tmp_path: Path, made: pl.Expr) -> None:
    """It is read into memory, if it must be, and comes to the same."""
    frame = SOME.with_columns(made)
    with in_parts():
        found = kpi.evaluate(PLAN, written(tmp_path, {"cases": frame}))
    same = kpi.evaluate(PLAN, frame)
    assert found.targets == same.targets
    assert found.notes == same.notes


def test_a_large_file_that_lacks_a_column_is_refused_in_one_line(tmp_path: Path) -> None:
    path = written(tmp_path, {"cases": SOME.drop("decided")})
    with in_parts(), pytest.raises(kpi.DataError, match=r"^cases: missing column decided; found"):
        kpi.check(PLAN, path)


def test_a_file_that_has_changed_since_it_was_checked_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "cases.parquet"
    SOME.write_parquet(path)
    with in_parts():
        checked = kpi.check(PLAN, path)
    result = kpi.evaluate(PLAN, checked)
    SOME.head(10).write_parquet(path)
    with pytest.raises(kpi.DataError, match=r"has changed since it was checked"):
        result.audit()
    with pytest.raises(
        kpi.DataError, match=r"cases.parquet: has changed since it was checked; check"
    ):
        kpi.evaluate(PLAN, checked)
    path.unlink()
    with pytest.raises(kpi.DataError, match=r"cases.parquet: cannot be read: No such file"):
        kpi.evaluate(PLAN, checked)


def test_a_key_of_empty_texts_is_none(tmp_path: Path) -> None:
    frame = SOME.with_columns(
        case_id=pl.when(pl.col("case_id") == 3)
        .then(pl.lit(""))
        .otherwise(pl.col("case_id").cast(pl.String))
    )
    with in_parts():
        found = kpi.evaluate(PLAN, written(tmp_path, {"cases": frame}))
    assert found.targets == kpi.evaluate(PLAN, frame).targets
    assert found["2"].rows == 19


def holding(path: Path) -> Extract:
    """A file checked for the evaluation that follows."""
    return check_sources(PLAN, resolve_sources(PLAN, path), (), as_of=MARCH, hold=True)


def test_rows_that_are_held_are_those_that_the_file_gives(tmp_path: Path) -> None:
    """Of ten rows in parts of three, the third lacks a key, ids 1 and 2 stand twice, and each part but
    the second has a type of its own."""
    ids = [5, 1, None, 4, 2, 6, 1, 8, 2, 10]
    kinds = [
        "visa",
        "asylum",
        "visa",
        "visa",
        "visa",
        None,
        "student",
        "visa",
        "student",
        "au_pair",
    ]
    frame = rows(
        *[
            (n, kind, day(40 * at), day(41 * at))
            for at, (n, kind) in enumerate(zip(ids, kinds, strict=True))
        ]
    )
    path = written(tmp_path, {"cases": frame})
    with in_parts():
        cases = holding(path).tables["cases"]
    held = cases.held
    assert held is not None
    assert isinstance(cases.frame, pl.LazyFrame)
    read = ["case_type", "filed", "decided"]
    assert (
        held.select(read)
        .cast({"case_type": pl.String})
        .equals(frame.filter(pl.col("case_id").is_not_null()).select(read))
    )
    assert held.schema["case_type"] == cases.categories["case_type"]
    repeated = [False, True, False, True, False, True, False, True, False]
    assert held[REPEATED].to_list() == repeated
    assert cases.frame.collect()[REPEATED].to_list() == repeated
    with in_parts(held=held.height * 12 - 1):
        assert holding(path).tables["cases"].held is None
    for as_of in (None, "2017-07-01"):
        with in_parts():
            found = kpi.evaluate(PLAN, path, as_of, by="case_type")
        same = kpi.evaluate(PLAN, frame, as_of, by="case_type")
        assert found.targets == same.targets
        assert found.groups.equals(same.groups)
        assert found.notes == same.notes
        # What a result keeps for its trail are the rows in the file.
        assert found.tables is not None
        assert all(table.held is None for table in found.tables.values())
        assert found.audit().collect().equals(same.audit().collect())


def test_a_file_that_is_held_is_read_once(tmp_path: Path) -> None:
    """A second reading would find the file gone."""
    path = tmp_path / "cases.parquet"
    SOME.write_parquet(path)
    with in_parts():
        checked = holding(path)
    path.unlink()
    with mock.patch("kpi.tables.sources.fingerprint.FileFingerprint.require_unchanged"):
        found = kpi.evaluate(PLAN, checked)
    assert found.targets == kpi.evaluate(PLAN, SOME).targets


@pytest.mark.parametrize("gap", [None, ""])
@pytest.mark.parametrize("skip", [(), "ids"])
def test_ids_in_no_order_that_are_texts(tmp_path: Path, gap: str | None, skip: str) -> None:
    """They are read as hashes; in one part a row lacks its id; id c stands in the first and the last."""
    ids = ["c", "b", "a", gap, "long id beyond twelve bytes", "e", "c"]
    types = {"case_id": pl.String}
    frame = rows(*[(n, "visa", day(0), day(at)) for at, n in enumerate(ids)], types=types)
    for data in (frame, frame.filter(pl.int_range(pl.len()) != 3)):
        path = written(tmp_path, {"cases": data})
        with in_parts():
            checked = kpi.check(PLAN, path, skip=skip)
        same = kpi.check(PLAN, data, skip=skip)
        assert stays_in_its_file(checked)
        found, expected = (one.tables["cases"].facts for one in (checked, same))
        assert found == expected
        assert (found.rejected, found.repeated) == (
            {"case_id missing": 1} if data is frame else {},
            0 if skip else 2,
        )
        assert rejected_rows(checked.tables["cases"], MARCH).equals(
            rejected_rows(same.tables["cases"], MARCH)
        )
        assert kpi.evaluate(PLAN, checked).targets == kpi.evaluate(PLAN, same).targets


def test_a_key_that_is_a_declared_date_hides_what_came_later(tmp_path: Path) -> None:
    """Though no id is checked: the key, an event that no target reads, is masked all the same."""
    table = kpi.Table("cases", key="seen", entry="filed", events=["decided", "seen"])
    plan = Plan(id="p", period="2017", tables=[table], targets=[average(id="1")])
    frame = SOME.with_columns(seen=pl.col("decided"))
    with in_parts():
        checked = kpi.check(plan, written(tmp_path, {"cases": frame}), skip="ids")
    bounds = checked.tables["cases"].bounds
    assert bounds["seen"] == bounds["decided"]


def test_an_empty_file_is_no_large_one(tmp_path: Path) -> None:
    with in_parts():
        found = kpi.evaluate(PLAN, written(tmp_path, {"cases": SOME.clear()}))
    assert "cases: the table has no rows" in found.notes


def test_a_small_file_is_read_into_memory(tmp_path: Path) -> None:
    assert not stays_in_its_file(kpi.check(PLAN, written(tmp_path, {"cases": SOME})))
