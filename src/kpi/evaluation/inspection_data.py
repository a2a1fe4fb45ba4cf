"""Plain data of an inspection, as the JSON form has it."""

from __future__ import annotations

from typing import Any

from kpi.evaluation.column_matches import ColumnMatch
from kpi.evaluation.proposal import ProposedTable
from kpi.tables.profile.columns import ColumnProfile
from kpi.tables.profile.form import Form


def table_data(table: ProposedTable) -> dict[str, Any]:
    """Return what was found of a table as plain data."""
    profile = table.profile
    return {
        "path": None if profile.path is None else str(profile.path),
        "rows": profile.rows,
        "rows_read": profile.sampled,
        "form": _form_data(profile.form),
        "columns": {column.name: _column_data(column) for column in profile.columns},
        "unreadable": dict(profile.unreadable),
        "keys": list(profile.keys),
        "order": [
            {
                "first": order.first,
                "second": order.second,
                "in_order": order.in_order,
                "rows": order.rows,
            }
            for order in profile.orders
        ],
        "matches": {match.wanted: _match_data(match) for match in table.matches},
        "remarks": list(profile.remarks),
    }


def _form_data(form: Form) -> dict[str, Any]:
    return {
        "encoding": None if form.encoding is None else form.encoding.name,
        "byte_order_mark": form.encoding is not None and form.encoding.marked,
        "separator": form.separator,
        "quote": form.quote,
        "skip_lines": form.skip_lines,
        "footer_lines": form.footer_lines,
        "has_header": form.has_header,
        "sheet": form.sheet,
    }


def _column_data(column: ColumnProfile) -> dict[str, Any]:
    dates = column.dates
    return {
        "type": column.type,
        "holds": column.holds,
        "nulls": column.nulls,
        "distinct": column.distinct,
        "top": [[value, rows] for value, rows in column.top],
        "outside_the_calendar": column.outside,
        "smallest": column.smallest,
        "largest": column.largest,
        "null_words": {word.text: word.rows for word in column.null_words},
        "date_formats": None
        if dates is None
        else {
            "values": dates.values,
            "every": list(dates.every),
            "each": dict(dates.each),
            "no_date": dates.unparsed,
        },
        "booleans": dict(column.booleans),
        "epochs": list(column.epochs),
    }


def _match_data(match: ColumnMatch) -> dict[str, Any]:
    return {
        "column": match.column,
        "why": match.why,
        "problem": match.problem,
        "renames": dict(match.renames),
        "absent": list(match.absent),
        "left": list(match.left),
    }
