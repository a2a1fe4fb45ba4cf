"""The cases as a table of DuckDB's own, and the words of us-2017 that all its queries share."""

from __future__ import annotations

from typing import Any

import duckdb
import polars as pl

from benchmarks.cases import TYPES

CLOSED = "decided between date '2017-01-01' and date '2017-12-31'"
FAMILY = "case_type in ('family_simple', 'family_spouse_complex', 'family_child_complex')"
EXTENSION = "case_type in ('residence_extension', 'asylum_extension')"
ANNOUNCED = "announced_on <= date '2017-02-28'"
# Not "after February": a case that nothing was announced for is not announced either.
NOT_ANNOUNCED = "(announced_on is null or announced_on > date '2017-02-28')"

AVERAGE = "case_type = 'asylum' and filed > date '2016-01-01' and decided >= filed"
BACKLOG = (
    "case_type = 'asylum' and filed < date '2016-01-01'"
    " and (decided is null or decided >= date '2017-01-01')"
)
BACKLOG_QUERY = f"""
select '1.1b', count(*), count(*) filter (where decided < date '2017-07-01') from cases
where {BACKLOG}
"""


def _service(case_type: str, months: int) -> str:
    return f"{case_type} and {ANNOUNCED} and announced_months = {months}"


SHARES = (
    ("1.2a", "documented", 5, _service("case_type = 'family_simple'", 5)),
    ("1.2b", "documented", 10, _service("case_type = 'family_spouse_complex'", 10)),
    ("1.2c", "documented", 10, _service("case_type = 'family_child_complex'", 10)),
    ("1.2d", "filed", 12, f"{FAMILY} and filed <= date '2017-02-28' and {NOT_ANNOUNCED}"),
    ("1.2e", "filed", 10, f"{FAMILY} and filed >= date '2017-03-01'"),
    ("1.2f", "documented", 5, _service(EXTENSION, 5)),
    ("1.2g", "filed", 7, f"{EXTENSION} and {NOT_ANNOUNCED}"),
    ("1.2h", "documented", 8, _service("case_type = 'permanent_residence'", 8)),
    ("1.2i", "filed", 8, f"case_type = 'permanent_residence' and {NOT_ANNOUNCED}"),
    ("1.3", "filed", 12, "case_type = 'visa_complaint'"),
)
"""By target: its start, the months of its limit, and its population."""


def connection(cases: pl.DataFrame) -> Any:
    found = duckdb.connect()
    # A type of few values, as in the Polars frame; what arrives through Arrow is text.
    types = ", ".join(f"'{name}'" for name in TYPES)
    found.execute(f"create type case_type as enum ({types})")
    found.register("frame", cases)
    found.execute(
        "create table cases as "
        "select * exclude case_id replace (case_type::case_type as case_type) from frame"
    )
    found.unregister("frame")
    return found
