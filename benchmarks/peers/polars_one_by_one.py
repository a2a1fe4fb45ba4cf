"""us-2017 in Polars: one lazy query a target."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Literal, TypeAlias

import polars as pl

if TYPE_CHECKING:
    # A script of these queries must not load kpi.
    from benchmarks.answers import Answers, Question

FAMILY = ["family_simple", "family_spouse_complex", "family_child_complex"]
EXTENSION = ["residence_extension", "asylum_extension"]

Engine: TypeAlias = Literal["in-memory", "streaming"]


def ready(cases: pl.DataFrame, engine: Engine) -> Question:
    def question() -> Answers:
        found: Answers = {}
        for name, query in queries(cases.lazy()).items():
            counted, result = query.collect(engine=engine).row(0)
            found[name] = counted, result
        return found

    return question


def queries(cases: pl.LazyFrame) -> dict[str, pl.LazyFrame]:
    """By target: a query for its counted cases and for its met ones, or total days."""
    case_type, filed, decided = pl.col("case_type"), pl.col("filed"), pl.col("decided")
    months = pl.col("announced_months")
    announced = pl.col("announced_on") <= date(2017, 2, 28)
    # Not "after February": a case that nothing was announced for is not announced either.
    not_announced = ~announced.fill_null(value=False)
    closed = decided.is_between(date(2017, 1, 1), date(2017, 12, 31))
    counted = pl.len().alias("counted")

    def share(start: str, limit: str, *where: pl.Expr) -> pl.LazyFrame:
        # The second test leaves out a missing start as well as an end before it.
        return cases.filter(closed, decided >= pl.col(start), *where).select(
            counted, (decided <= pl.col(start).dt.offset_by(limit)).sum().alias("met")
        )

    return {
        "1.1a": cases.filter(
            case_type == "asylum", filed > date(2016, 1, 1), closed, decided >= filed
        ).select(counted, (decided - filed).dt.total_days().sum().alias("total")),
        "1.1b": cases.filter(
            case_type == "asylum",
            filed < date(2016, 1, 1),
            decided.is_null() | (decided >= date(2017, 1, 1)),
        ).select(counted, (decided < date(2017, 7, 1)).sum().alias("met")),
        "1.2a": share("documented", "5mo", case_type == FAMILY[0], announced, months == 5),
        "1.2b": share("documented", "10mo", case_type == FAMILY[1], announced, months == 10),
        "1.2c": share("documented", "10mo", case_type == FAMILY[2], announced, months == 10),
        "1.2d": share(
            "filed", "12mo", case_type.is_in(FAMILY), filed <= date(2017, 2, 28), not_announced
        ),
        "1.2e": share("filed", "10mo", case_type.is_in(FAMILY), filed >= date(2017, 3, 1)),
        "1.2f": share("documented", "5mo", case_type.is_in(EXTENSION), announced, months == 5),
        "1.2g": share("filed", "7mo", case_type.is_in(EXTENSION), not_announced),
        "1.2h": share(
            "documented", "8mo", case_type == "permanent_residence", announced, months == 8
        ),
        "1.2i": share("filed", "8mo", case_type == "permanent_residence", not_announced),
        "1.3": share("filed", "12mo", case_type == "visa_complaint"),
    }


if __name__ == "__main__":
    from benchmarks.beside import beside

    beside(
        {
            "polars, one by one, streaming": lambda cases: ready(cases, "streaming"),
            "polars, one by one, in-memory": lambda cases: ready(cases, "in-memory"),
        }
    )
