"""Table of the first rows of an audit trail in a terminal."""

from __future__ import annotations

import datetime as dt

import polars as pl
from rich.console import Group, RenderableType
from rich.text import Text

from kpi.definitions.plan import Plan
from kpi.report.layout import bare, shown

_HEADERS = {
    "target": "Target",
    "case": "Case",
    "bucket": "Bucket",
    "reason": "Reason",
    "due": "Due",
    "days": "Days",
    "in_time": "In time?",
}


def trail_table(rows: pl.DataFrame, total: int, plan: Plan, as_of: dt.date) -> RenderableType:
    """Return the table of the first rows of a trail; columns without a value are left out.

    Args:
        rows: the first rows.
        total: number of rows of the whole trail.
        plan: the plan.
        as_of: the as-of date.
    """
    heading = shown(f"{plan.id}, as of {as_of}: ").append(_many(total), "bold").append("\n")
    if not rows.height:
        return heading
    in_time = pl.when(pl.col("met")).then(pl.lit("yes")).when(~pl.col("met")).then(pl.lit("no"))
    # Dates as texts, for a due date may lie beyond the years that Python has.
    cells = rows.with_columns(in_time=in_time).cast(pl.String)
    named = [name for name in _HEADERS if name in cells.columns and cells[name].count()]
    table = bare()
    for name in named:
        right = name == "days"
        table.add_column(
            _HEADERS[name],
            overflow="fold",
            no_wrap=name in ("due", "days", "bucket"),
            justify="right" if right else "left",
        )
    for row in cells.select(named).iter_rows():
        table.add_row(*(shown(cell or "") for cell in row))
    parts: list[RenderableType] = [heading, table]
    if total > rows.height:
        more = f"{total - rows.height:,} more; all of them with --out FILE (.parquet, .csv, .xlsx)"
        parts.append(Text(more, style="dim"))
    hidden = [name for name in ("gross", "paused", "seconds") if rows[name].count()]
    if hidden:
        parts.append(Text(f"not shown: {', '.join(hidden)}; --out FILE has them", style="dim"))
    return Group(*parts)


def _many(rows: int) -> str:
    return f"{rows:,} row" if rows == 1 else f"{rows:,} rows"
