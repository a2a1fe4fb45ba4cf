"""One evaluation: the as-of date, and every table read once."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import polars as pl
import pytest
from polars.io.plugins import register_io_source

import kpi
from kpi.sample import sample
from tests.builders import average, plan, spans
from tests.sampled import WHOLE


def test_an_as_of_that_is_no_date() -> None:
    with pytest.raises(kpi.PlanError, match="as_of: found '2017-02-30'"):
        kpi.evaluate(plan(average()), spans(), "2017-02-30")


def test_each_table_is_read_once() -> None:
    """Whatever is asked, and however many targets ask it."""
    tables = sample(WHOLE, 300)
    read: dict[str, int] = dict.fromkeys(tables, 0)

    def source(name: str) -> pl.LazyFrame:
        def rows(
            columns: list[str] | None, predicate: pl.Expr | None, n: int | None, _: int | None
        ) -> Iterator[pl.DataFrame]:
            read[name] += 1
            frame = tables[name] if n is None else tables[name].head(n)
            frame = frame if predicate is None else frame.filter(predicate)
            yield frame if columns is None else frame.select(columns)

        return register_io_source(rows, schema=tables[name].schema)

    asked: list[Callable[[dict[str, pl.LazyFrame]], object]] = [
        lambda given: kpi.evaluate(WHOLE, given),
        lambda given: kpi.evaluate(WHOLE, given, by="case_type", every="month"),
        lambda given: kpi.readings(WHOLE, given),
        lambda given: kpi.evaluate(WHOLE, given).audit().collect(),
    ]
    for question in asked:
        read.update(dict.fromkeys(tables, 0))
        question({name: source(name) for name in tables})
        assert read == dict.fromkeys(WHOLE.tables_needed(), 1)
