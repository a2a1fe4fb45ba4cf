"""us-2017 in SQL: the cases decided in 2017 once into a table, then a query a target, as one."""

from __future__ import annotations

import polars as pl

from benchmarks.answers import Answers, Question
from benchmarks.peers.duckdb_tables import AVERAGE, BACKLOG_QUERY, CLOSED, SHARES, connection

CLOSED_CASES = f"""
create or replace temp table closed as
select * from cases where {CLOSED}
    and case_type in (
        'asylum', 'asylum_extension', 'residence_extension', 'permanent_residence',
        'visa_complaint', 'family_simple', 'family_spouse_complex', 'family_child_complex')
"""

AVERAGE_QUERY = f"""
select '1.1a', count(*), coalesce(sum(decided - filed), 0) from closed where {AVERAGE}
"""


def share(name: str, start: str, months: int, where: str) -> str:
    # The second test leaves out a missing start as well as an end before it.
    return f"""
select '{name}', count(*), count(*) filter (where decided <= {start} + interval {months} month)
from closed where {where} and decided >= {start}
"""


def ready(cases: pl.DataFrame) -> Question:
    its = connection(cases)
    targets = " union all ".join([AVERAGE_QUERY, BACKLOG_QUERY, *(share(*one) for one in SHARES)])

    def question() -> Answers:
        its.execute(CLOSED_CASES)
        return {
            name: (counted, int(result))
            for name, counted, result in its.execute(targets).fetchall()
        }

    return question


if __name__ == "__main__":
    from benchmarks.beside import beside

    beside({"duckdb, closed first": ready})
