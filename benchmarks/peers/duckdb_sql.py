"""us-2017 in SQL: the cases decided in 2017 once into a table, then a query a target, as one."""

from __future__ import annotations

import duckdb
import polars as pl

from benchmarks.cases import TYPES
from benchmarks.peers import Answers, Question

CLOSED = """
create or replace temp table closed as
select * from cases where decided between date '2017-01-01' and date '2017-12-31'
    and case_type in (
        'asylum', 'asylum_extension', 'residence_extension', 'permanent_residence',
        'visa_complaint', 'family_simple', 'family_spouse_complex', 'family_child_complex')
"""

FAMILY = "case_type in ('family_simple', 'family_spouse_complex', 'family_child_complex')"
EXTENSION = "case_type in ('residence_extension', 'asylum_extension')"
ANNOUNCED = "announced_on <= date '2017-02-28'"
# Not "after February": a case that nothing was announced for is not announced either.
NOT_ANNOUNCED = "(announced_on is null or announced_on > date '2017-02-28')"

OTHERS = """
select '1.1a', count(*), coalesce(sum(decided - filed), 0) from closed
where case_type = 'asylum' and filed > date '2016-01-01' and decided >= filed
union all
select '1.1b', count(*), count(*) filter (where decided < date '2017-07-01') from cases
where case_type = 'asylum' and filed < date '2016-01-01'
    and (decided is null or decided >= date '2017-01-01')
"""


def ready(cases: pl.DataFrame) -> Question:
    connection = duckdb.connect()
    # A type of few values, as in the Polars frame; what arrives through Arrow is text.
    types = ", ".join(f"'{name}'" for name in TYPES)
    connection.execute(f"create type case_type as enum ({types})")
    connection.register("frame", cases)
    connection.execute(
        "create table cases as "
        "select * exclude case_id replace (case_type::case_type as case_type) from frame"
    )
    connection.unregister("frame")
    targets = " union all ".join([OTHERS, *_shares()])

    def question() -> Answers:
        connection.execute(CLOSED)
        return {
            name: (counted, int(result))
            for name, counted, result in connection.execute(targets).fetchall()
        }

    return question


def _shares() -> list[str]:
    return [
        _share("1.2a", "documented", 5, _service("case_type = 'family_simple'", 5)),
        _share("1.2b", "documented", 10, _service("case_type = 'family_spouse_complex'", 10)),
        _share("1.2c", "documented", 10, _service("case_type = 'family_child_complex'", 10)),
        _share("1.2d", "filed", 12, f"{FAMILY} and filed <= date '2017-02-28' and {NOT_ANNOUNCED}"),
        _share("1.2e", "filed", 10, f"{FAMILY} and filed >= date '2017-03-01'"),
        _share("1.2f", "documented", 5, _service(EXTENSION, 5)),
        _share("1.2g", "filed", 7, f"{EXTENSION} and {NOT_ANNOUNCED}"),
        _share("1.2h", "documented", 8, _service("case_type = 'permanent_residence'", 8)),
        _share("1.2i", "filed", 8, f"case_type = 'permanent_residence' and {NOT_ANNOUNCED}"),
        _share("1.3", "filed", 12, "case_type = 'visa_complaint'"),
    ]


def _service(case_type: str, months: int) -> str:
    return f"{case_type} and {ANNOUNCED} and announced_months = {months}"


def _share(name: str, start: str, months: int, where: str) -> str:
    # The second test leaves out a missing start as well as an end before it.
    return f"""
select '{name}', count(*), count(*) filter (where decided <= {start} + interval {months} month)
from closed where {where} and decided >= {start}
"""  # noqa: S608 - every word of it stands in this file
