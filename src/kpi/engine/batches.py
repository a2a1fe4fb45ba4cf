"""The tables and facts that each batch of an extract held, which no sum tells (S13, S14, S25)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import TypeAlias

from attrs import frozen

from kpi.definitions.target import Target
from kpi.rules._reported import KEY, FactTarget
from kpi.tables.quality import TableQuality


@frozen
class BatchCoverage:
    """Coverage of tables that targets read together, over one batch or several.

    Attributes:
        batches: number of batches with a row in any of these tables.
        missing_tables: tables that one of those batches did not have.
    """

    batches: int = 0
    missing_tables: frozenset[str] = frozenset()

    def __add__(self, other: BatchCoverage) -> BatchCoverage:
        return BatchCoverage(
            self.batches + other.batches, self.missing_tables | other.missing_tables
        )


Coverage: TypeAlias = Mapping[tuple[str, ...], BatchCoverage]
"""Coverage by the tables that a target reads (`Target.tables`)."""

Reports: TypeAlias = Mapping[tuple[str, str], int]
"""Number of batches that hold a row of a reported fact, by table and fact."""


def coverage_of(facts: Mapping[str, TableQuality], read: Iterable[tuple[str, ...]]) -> Coverage:
    """Return the coverage of one batch.

    Args:
        facts: the data-quality counts of each table that the batch has. A table without rows counts
            as present; a batch without rows covers nothing and lacks nothing.
        read: the tables that each target reads.
    """
    coverage = {}
    for tables in dict.fromkeys(read):
        has_rows = any(facts[table].rows for table in tables if table in facts)
        lacking = frozenset(table for table in tables if table not in facts and has_rows)
        coverage[tables] = BatchCoverage(int(has_rows), lacking)
    return coverage


def sum_coverage(first: Coverage, other: Coverage) -> Coverage:
    """Return the coverage of the batches of both, added up by tables."""
    none = BatchCoverage()
    return {
        tables: first.get(tables, none) + other.get(tables, none) for tables in {*first, *other}
    }


def is_split(
    tables: tuple[str, ...], facts: Mapping[str, TableQuality], coverage: Coverage
) -> bool:
    """Return whether rows of these tables that belong together may stand in different batches.

    Rows are split where one batch lacked a table that another had, and where pauses name no case of
    their own batch while there are others (S14). A table that no batch had is missing, not split.
    """
    covered = coverage.get(tables, BatchCoverage())
    if covered.batches < 2 and not covered.missing_tables:
        return False
    if any(table not in facts for table in tables):
        return False
    return bool(covered.missing_tables) or any(facts[table].strays for table in tables)


def reports_of(facts: Mapping[str, TableQuality], targets: Iterable[Target]) -> Reports:
    """Return 1 for each reported fact of these targets that a batch holds a row of.

    A row counts whatever else a target asks of it: of a fact with two rows neither is used (S13).
    """
    return {
        (target.table, target.fact_id): 1
        for target in targets
        if isinstance(target, FactTarget)
        and target.table in facts
        and facts[target.table].rows
        and (KEY, target.fact_id) not in facts[target.table].absent_categories
    }


def sum_reports(first: Reports, other: Reports) -> Reports:
    """Return the number of batches of both, by table and fact."""
    return Counter(first) + Counter(other)
