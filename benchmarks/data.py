"""The cases of the benchmarks, in memory and as files, made once and kept between runs.

Files stand in the directory KPI_BENCHMARKS_DATA, else in kpi-benchmarks among the temporary files;
their names hold a digest of what makes them, so that no file of another generator is ever read.
"""

from __future__ import annotations

import hashlib
import math
import os
import tempfile
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

import numpy as np
import polars as pl

from benchmarks import cases as generator

PIECE = 1_000_000
"""Rows that are made at a time, so that making a large file takes little memory."""


@lru_cache(maxsize=1)
def cases(rows: int) -> pl.DataFrame:
    """The cases of us-2017 in memory."""
    return generator.generate(rows)


def digest(*sources: Path) -> str:
    """What tells the files that some sources make from those that others make."""
    found = hashlib.sha256()
    for source in sources:
        found.update(source.read_bytes())
    return found.hexdigest()[:8]


def place(name: str, make: Callable[[Path], object]) -> Path:
    """A file of that name, made by `make` if it is not there yet."""
    at = os.environ.get("KPI_BENCHMARKS_DATA", f"{tempfile.gettempdir()}/kpi-benchmarks")
    found = Path(at) / name
    if not found.exists():
        found.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=found.parent) as room:
            # Renamed when it is whole, so that a run that was stopped leaves no half file.
            unfinished = Path(room) / name
            make(unfinished)
            unfinished.rename(found)
    return found


def _cases(kind: str, rows: int) -> str:
    return f"{kind}-{rows}-{digest(Path(generator.__file__), Path(__file__))}"


def parquet(rows: int, *, texts: bool = False) -> Path:
    """A Parquet file of so many cases.

    Args:
        rows: how many.
        texts: whether case types stand in it as texts, where else they are categories.
    """

    def make(path: Path) -> None:
        pieces = [
            _piece(rows, first, path.with_name(f"{first}.parquet"))
            for first in range(0, rows, PIECE)
        ]
        pl.scan_parquet(pieces).sink_parquet(path, engine="streaming")

    def make_texts(path: Path) -> None:
        lazy = pl.scan_parquet(parquet(rows)).with_columns(pl.col("case_type").cast(pl.String))
        lazy.sink_parquet(path, engine="streaming")

    if texts:
        return place(f"{_cases('texts', rows)}.parquet", make_texts)
    return place(f"{_cases('cases', rows)}.parquet", make)


def parquet_of_texts(rows: int) -> Path:
    """A Parquet file of so many cases as registers write them: ids and case types as texts."""
    ids = pl.format("C-2017-{}", pl.col("case_id").cast(pl.String).str.zfill(9))

    def make(path: Path) -> None:
        lazy = pl.scan_parquet(parquet(rows, texts=True)).with_columns(case_id=ids)
        lazy.sink_parquet(path, engine="streaming")

    return place(f"{_cases('text-ids', rows)}.parquet", make)


def csv(rows: int) -> Path:
    """The same cases as a CSV extract."""
    return place(
        f"{_cases('cases', rows)}.csv",
        lambda path: pl.scan_parquet(parquet(rows)).sink_csv(path, engine="streaming"),
    )


def _piece(rows: int, first: int, path: Path) -> Path:
    many = min(PIECE, rows - first)
    # In no order and none twice, over all pieces together: the multiples of a step that shares no
    # factor with the number of rows are, as remainders of it, all there, and far from each other.
    ids = (np.arange(first, first + many, dtype=np.int64) * _step(rows)) % rows
    ids = np.random.default_rng(first).permutation(ids)
    piece = generator.generate(many, seed=2017 + first // PIECE)
    piece.with_columns(case_id=pl.Series(ids)).write_parquet(path)
    return path


def _step(rows: int) -> int:
    step = max(int(rows * 0.618), 1)
    while math.gcd(step, rows) > 1:
        step += 1
    return step
