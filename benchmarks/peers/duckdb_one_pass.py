"""us-2017 in SQL: one query over all cases, with a filtered count for every number."""

from __future__ import annotations

import polars as pl

from benchmarks.answers import Answers, Question
from benchmarks.peers.duckdb_tables import AVERAGE, BACKLOG, CLOSED, SHARES, connection


def numbers() -> dict[str, tuple[str, str]]:
    """By target: its two numbers."""
    found = {
        "1.1a": (
            f"count(*) filter (where {CLOSED} and {AVERAGE})",
            f"coalesce(sum(decided - filed) filter (where {CLOSED} and {AVERAGE}), 0)",
        ),
        "1.1b": (
            f"count(*) filter (where {BACKLOG})",
            f"count(*) filter (where {BACKLOG} and decided < date '2017-07-01')",
        ),
    }
    for name, start, months, where in SHARES:
        inside = f"{CLOSED} and {where} and decided >= {start}"
        met = f"decided <= {start} + interval {months} month"
        found[name] = (
            f"count(*) filter (where {inside})",
            f"count(*) filter (where {inside} and {met})",
        )
    return found


def ready(cases: pl.DataFrame) -> Question:
    its = connection(cases)
    asked = numbers()
    query = f"select {', '.join(one for pair in asked.values() for one in pair)} from cases"

    def question() -> Answers:
        (row,) = its.execute(query).fetchall()
        pairs = zip(row[::2], row[1::2], strict=True)
        return {
            name: (counted, int(found)) for name, (counted, found) in zip(asked, pairs, strict=True)
        }

    return question


if __name__ == "__main__":
    from benchmarks.beside import beside

    beside({"duckdb, one pass": ready})
