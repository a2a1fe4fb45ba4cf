"""The eight case targets of us-2022 in Polars: one lazy query each."""

from __future__ import annotations

from datetime import date

import polars as pl

filed, decided = pl.col("filed"), pl.col("decided")
YEAR = decided.is_between(date(2022, 1, 1), date(2022, 12, 31))
HALF = decided.is_between(date(2022, 7, 1), date(2022, 12, 31))


def queries(cases: pl.LazyFrame) -> dict[str, pl.LazyFrame]:
    """By target: a query for its counted cases and for its met ones, or total days."""
    kind, counted = pl.col("case_type"), pl.len().alias("counted")

    def share(case_type: str, limit: str, window: pl.Expr = YEAR) -> pl.LazyFrame:
        return cases.filter(kind == case_type, window, decided >= filed).select(
            counted, (decided <= filed.dt.offset_by(limit)).sum().alias("met")
        )

    asylum = cases.filter(kind == "asylum", ~pl.col("residence_basis"))
    interview = pl.col("first_interview")
    # A case that was decided and never heard is not in time; one heard before it was filed is no case.
    heard = asylum.filter(
        filed.is_between(date(2022, 1, 1), date(2022, 12, 31)),
        YEAR,
        interview.is_null() | (interview >= filed),
    )
    return {
        "1.1a": heard.select(
            counted, (interview <= filed + pl.duration(days=30)).sum().alias("met")
        ),
        "1.1b": asylum.filter(HALF, decided >= filed).select(
            counted, (decided - filed).dt.total_days().sum().alias("total")
        ),
        "1.1c": cases.filter(
            pl.col("special_act") == "afghanistan",
            filed < date(2022, 4, 1),
            decided.is_null() | (decided >= filed),
        ).select(counted, (decided <= date(2022, 3, 31)).sum().alias("met")),
        "1.1d": share("asylum_extension", "6mo"),
        "1.2a": share("family_reunification", "7mo"),
        "1.2b": share("residence_extension", "6mo"),
        "1.2c": share("permanent_residence", "10mo", HALF),
        "1.2d": share("passport", "90d"),
    }
