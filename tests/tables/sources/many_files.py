"""Eight cases that are one table in many files, and what their single file comes to."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import polars as pl

import kpi
from tests.builders import average, plan, within

PLAN = plan(within("1 month", id="1", where={"case_type": "visa"}), average(id="2"))


def day(month: int, of_month: int = 1) -> dt.date:
    return dt.date(2017, month, of_month)


# Visas: 31, 30, 31 + 30, 10 days and one open; asylum: 31, 61, 9.
ROWS = pl.DataFrame(
    {
        "case_id": ["v1", "v2", "v3", "v4", "v5", "a1", "a2", "a3"],
        "case_type": ["visa"] * 5 + ["asylum"] * 3,
        "filed": [day(1), day(4), day(3), day(5), day(7), day(1), day(3), day(6)],
        "decided": [day(2), day(5), day(5), day(5, 11), None, day(2), day(5), day(6, 10)],
    }
)


def figures(tables: Any, asked: kpi.Plan = PLAN) -> list[tuple[int, int, float | None]]:
    """Rows, counted cases and value of each target."""
    return [(t.rows, t.counted, t.value) for t in kpi.evaluate(asked, tables, "2017-12-31").targets]


# Of four visas that ended three are in time; seven cases took 31 + 30 + 61 + 10 + 31 + 61 + 9 days.
EXPECTED = [(8, 4, 0.75), (8, 7, 233 / 7)]


def write(frame: pl.DataFrame, path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    match path.suffix:
        case ".csv":
            frame.write_csv(path)
        case ".parquet":
            frame.write_parquet(path)
        case _:
            frame.write_ipc(path)
    return path


def split(frame: pl.DataFrame, directory: Path, names: Iterable[str]) -> Path:
    """Write the rows to files of equal length in a directory, in order."""
    paths = [directory / name for name in names]
    length = -(-frame.height // len(paths))
    for n, path in enumerate(paths):
        write(frame.slice(n * length, length), path)
    return directory


def spark(frame: pl.DataFrame, directory: Path, suffix: str = ".parquet") -> Path:
    """Write parts as Spark writes them, with an empty one, a mark and checksums."""
    names = [f"part-{n:05}-3f1c.snappy{suffix}" for n in (1, 2, 10)]
    split(frame, directory, names)
    write(frame.clear(), directory / f"part-00000-3f1c.snappy{suffix}")
    (directory / "_SUCCESS").touch()
    (directory / "_metadata").write_bytes(b"PAR1")
    (directory / f".{names[0]}.crc").write_bytes(b"crc")
    return directory
