"""us-2017 in SQL: one query a target over all cases, one after the other."""

from __future__ import annotations

import polars as pl

from benchmarks.answers import Answers, Question
from benchmarks.peers.duckdb_tables import AVERAGE, BACKLOG_QUERY, CLOSED, SHARES, connection

AVERAGE_QUERY = f"""
select '1.1a', count(*), coalesce(sum(decided - filed), 0) from cases where {CLOSED} and {AVERAGE}
"""


def share(name: str, start: str, months: int, where: str) -> str:
    return f"""
select '{name}', count(*), count(*) filter (where decided <= {start} + interval {months} month)
from cases where {CLOSED} and {where} and decided >= {start}
"""


def ready(cases: pl.DataFrame) -> Question:
    its = connection(cases)
    queries = [AVERAGE_QUERY, BACKLOG_QUERY, *(share(*one) for one in SHARES)]

    def question() -> Answers:
        found: Answers = {}
        for query in queries:
            ((name, counted, result),) = its.execute(query).fetchall()
            found[name] = counted, int(result)
        return found

    return question


if __name__ == "__main__":
    from benchmarks.beside import beside

    beside({"duckdb, one by one": ready})
