"""The shared scans of a query: filtered rows, streaming, frames without columns."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from unittest import mock

import polars as pl
import pytest
from attrs import frozen

import kpi
from kpi.definitions.defaults import Defaults
from kpi.definitions.periods import Every
from tests.builders import average, cases, plan, spans
from tests.sampled import US_2017, sampled


def test_what_targets_share_leaves_all_that_they_need() -> None:
    """Columns that only the parts and the exclusions read."""
    twice = {"case_id": "x", "filed": "2017-01-01", "decided": "2017-01-02"}
    frame = cases(twice, twice, {"filed": "2017-01-01", "decided": "2017-01-02"})
    targets = [average(id=name, each="case_type") for name in "ab"]
    for found in kpi.evaluate(plan(*targets), frame):
        assert (found.counted, found.excluded, len(found.each)) == (1, {"repeated id": 2}, 1)


@frozen(kw_only=True)
class HowMany(kpi.Target):
    """How many rows there are: a kind of target that reads no column."""

    rule = "how_many"
    limit_text = None
    requirement = "any number"

    def window_of(self, plan: Defaults) -> kpi.Window:
        return plan.period

    def rows(self, columns: kpi.Columns) -> kpi.Rows:
        return kpi.Rows(tests=(), exclusions=(), event=pl.lit(columns.as_of))

    def measure(self, sums: kpi.Sums) -> kpi.Measure:
        return kpi.Measure(value=sums["counted"], unit="count", reached=True)


@pytest.mark.parametrize("engine", ["in-memory", "streaming"])
@pytest.mark.parametrize("suffix", [None, "parquet"])
def test_rows_of_no_column_are_counted(suffix: str | None, engine: Any, tmp_path: Path) -> None:
    """A frame of no columns has no rows."""
    frame = spans(("2017-01-01", "2017-01-02"), ("2017-02-01", "2017-02-02"), ("2016-01-01", None))
    tables: Any = frame
    if suffix:
        frame.write_parquet(tables := tmp_path / f"cases.{suffix}")
    # Targets that ask no more than what they share, and one that asks nothing.
    same = [kpi.Count(id=name, requires={"at_least": 1}) for name in "ab"]
    with mock.patch("kpi.tables.check.LARGE", 1):
        for asked, counted in (
            (same, [2, 2]),
            ([HowMany(id="c")], [3]),
            ([*same, HowMany(id="c")], [2, 2, 3]),
        ):
            found = kpi.evaluate(plan(*asked), tables, engine=engine)
            assert [t.counted for t in found] == counted


@pytest.mark.parametrize(("worth", "engine"), [(3, "streaming"), (4, "in-memory")])
def test_many_rows_are_streamed(worth: int, engine: str, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    real: Any = pl.collect_all

    def collect_all(queries: Any, *, engine: str, **how: Any) -> Any:
        asked.append(engine)
        return real(queries, engine=engine, **how)

    monkeypatch.setattr("polars.collect_all", collect_all)
    monkeypatch.setattr("kpi.engine.compile._WORTH_STREAMING", worth)
    frame = spans(*[("2017-01-01", "2017-01-02")] * 3)
    assert kpi.evaluate(plan(average()), frame)["t"].counted == 3
    assert asked == [engine]


@pytest.mark.parametrize("engine", ["in-memory", "streaming"])
def test_both_engines_answer_alike(engine: str) -> None:
    questions: list[tuple[tuple[str, ...], Every | None]] = [((), None), (("office",), "month")]
    for by, every in questions:
        expected = kpi.evaluate(US_2017, sampled(), by=by, every=every)
        found = kpi.evaluate(US_2017, sampled(), by=by, every=every, engine=engine)  # type: ignore[arg-type]
        assert found.targets == expected.targets


def test_many_rows_take_the_path_of_shared_tests() -> None:
    # Above the number of rows from which targets share what their common tests leave.
    copies = 60
    many = pl.concat(
        [sampled().with_columns(case_id=pl.col("case_id") + f"/{n}") for n in range(copies)]
    )
    few, found = kpi.evaluate(US_2017, sampled()), kpi.evaluate(US_2017, many, engine="streaming")
    for a, b in zip(few.targets, found.targets, strict=True):
        assert (a.counted * copies, (a.met or 0) * copies) == (b.counted, b.met or 0)
        assert {k: n * copies for k, n in a.excluded.items()} == b.excluded
        assert a.value == b.value
