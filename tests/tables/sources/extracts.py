"""A small plan, its rows as Parquet, and extract files of the same rows written otherwise."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import polars as pl

import kpi

PLAN = kpi.parse_plan(
    """
id = "visas"
period = "2022"

[tables.cases]
key = "case_id"
entry = "filed"
events = "decided"

[tables.waiting]
key = "case_id"
entry = "asked"
events = "answered"
pauses = "cases"

[[targets]]
id = "1"
rule = "within"
start = "filed"
end = "decided"
limit = "20 days"
threshold = 90
where = { case_type = "simple", urgent = true }

[[targets]]
id = "2"
rule = "average"
start = "filed"
end = "decided"
limit = "20 days"
where = { case_type = ["simple", "other"] }
"""
)


def day(month: int, number: int) -> dt.date:
    return dt.date(2022, month, number)


CASES = pl.DataFrame(
    {
        "case_id": ["A", "B", "C", "D"],
        "filed": [day(1, 31), day(2, 1), day(2, 28), day(3, 1)],
        "decided": [day(2, 20), day(3, 1), day(3, 12), None],
        "case_type": ["simple", "simple", "other", "simple"],
        "urgent": [True, True, False, False],
    }
)
# By hand: of the urgent simple cases A (20 days) is in time and B (28 days) is late; A, B and C (12
# days) are decided, 60 days in all.
NUMBERS = {"1": (1, 2, 0.5), "2": (None, 3, 20.0)}


def numbers(
    tables: object, as_of: str | None = None, plan: kpi.Plan = PLAN
) -> dict[str, tuple[object, ...]]:
    """The met, the counted and the value of each target."""
    result = kpi.evaluate(plan, tables, as_of)  # type: ignore[arg-type]  # whatever a test passes
    return {t.id: (t.met if t.id == "1" else None, t.counted, t.value) for t in result.targets}


def extract(directory: Path, declared: str, table: str = "cases") -> Path:
    """An extract file with the section of a table."""
    path = directory / "extract.toml"
    path.write_text(f"[tables.{table}]\n{declared}\n", encoding="utf-8")
    return path


def written(directory: Path, text: str, declared: str = "", name: str = "cases.csv") -> Path:
    """An extract file beside a file of text."""
    (directory / name).write_bytes(text.encode())
    return extract(directory, f'path = "{name}"\n{declared}')
