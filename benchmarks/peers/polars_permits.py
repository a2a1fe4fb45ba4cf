"""The targets of benchmarks/plans/permits-2024.toml in Polars: one lazy query each."""

from __future__ import annotations

from datetime import date

import polars as pl

received, complete, issued = pl.col("received"), pl.col("complete"), pl.col("issued")
inspected = pl.col("inspected")
HOUSES = ["house", "terraced_house"]


def _issued(first: date, last: date = date(2024, 12, 31)) -> pl.Expr:
    return issued.is_between(first, last)


YEAR, QUARTER = _issued(date(2024, 1, 1)), _issued(date(2024, 1, 1), date(2024, 3, 31))
# What came later is not known on the last day of the plan's period, whatever its dates (S15).
KNOWN = received.is_null() | (received <= date(2024, 12, 31))
HALF, REST = _issued(date(2024, 7, 1)), _issued(date(2024, 4, 1))


def queries(cases: pl.LazyFrame) -> dict[str, pl.LazyFrame]:
    """By target: a query for its counted cases and for its met ones, or total days."""
    kind, counted = pl.col("building"), pl.len().alias("counted")
    protected = pl.col("protected")

    def share(start: pl.Expr, limit: str, window: pl.Expr, *where: pl.Expr) -> pl.LazyFrame:
        return cases.filter(*where, window, start <= issued).select(
            counted, (issued <= start.dt.offset_by(limit)).sum().alias("met")
        )

    def average(start: pl.Expr, window: pl.Expr, *where: pl.Expr) -> pl.LazyFrame:
        return cases.filter(*where, window, start <= issued).select(
            counted, (issued - start).dt.total_days().sum().alias("total")
        )

    houses = kind.is_in(HOUSES), ~protected
    backlog = cases.filter(
        received < date(2023, 7, 1), issued.is_null() | (issued >= date(2024, 1, 1))
    )
    soon = cases.filter(
        kind.is_in(["offices", "factory", "school"]),
        complete.is_between(date(2024, 1, 1), date(2024, 6, 30)),
        inspected.is_null() | (inspected >= complete),
    )
    return {
        "a": share(complete, "14d", YEAR, KNOWN, kind == "carport"),
        "b": share(complete, "40d", QUARTER, *houses),
        "c": share(complete, "35d", REST, KNOWN, *houses),
        "d": share(received, "4mo", YEAR, protected),
        "e": average(received, HALF, kind.is_in(["offices", "factory"]), pl.col("storeys") == 4),
        "f": backlog.select(counted, (issued <= date(2024, 9, 30)).sum().alias("met")),
        "g": soon.select(
            counted, (inspected <= complete + pl.duration(days=21)).sum().alias("met")
        ),
        # Not "false": a permit of which no one wrote whether it is protected is not known to be.
        "h": average(complete, YEAR, KNOWN, ~protected.fill_null(value=False)),
    }
