"""Columns that one of two extracts lacks: not known there, and said so (F46)."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl
from attrs import evolve
from polars.exceptions import PolarsError

from kpi.definitions.plan import Plan
from kpi.tables.needs import Needs
from kpi.tables.sources.source_table import SourceTable


def lacking(plan: Plan, resolved: Mapping[str, SourceTable]) -> dict[str, tuple[str, ...]]:
    """Return the columns that targets read and a table lacks, by table; keys and entries are not among them.

    Of a table that an extract file makes of an event log, and of one that cannot be read, nothing is
    said: its check says what is wrong.
    """
    needs = Needs(plan)
    missing = {}
    for table in plan.tables:
        source = resolved.get(table.name)
        if source is None or (
            source.declared is not None and source.declared.from_events is not None
        ):
            continue
        try:
            schema = source.frame.collect_schema()
        except (PolarsError, OSError):
            continue
        present = {*schema, *source.unreadable, *table.key}
        if table.entry is not None:
            present.add(table.entry)
        columns = tuple(name for name in needs.of(table.name).column_kinds if name not in present)
        if columns:
            missing[table.name] = columns
    return missing


def with_nulls(
    resolved: Mapping[str, SourceTable], missing: Mapping[str, tuple[str, ...]]
) -> dict[str, SourceTable]:
    """Return the sources with columns of nulls in place of those that they lack.

    Args:
        resolved: the sources by table.
        missing: the columns to add by table.
    """
    sources = dict(resolved)
    for name, columns in missing.items():
        frame = sources[name].frame
        lazy = frame if isinstance(frame, pl.LazyFrame) else frame.collect().lazy()
        nulls = [pl.lit(None, pl.String).alias(column) for column in columns]
        sources[name] = evolve(sources[name], frame=lazy.with_columns(nulls), rows=0)
    return sources
