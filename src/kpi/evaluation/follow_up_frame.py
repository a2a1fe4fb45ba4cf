"""Frame of outlooks: fixed columns, each kind of statement under its name (F1, F60)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import polars as pl

from kpi.evaluation.forecast.estimate import Estimate
from kpi.fork_guard import use_engine
from kpi.results.plain_data import plain_number
from kpi.results.possible import Counts, Possibilities, Range

if TYPE_CHECKING:
    from kpi.evaluation.follow_up import Outlook

_STATUS: Mapping[str, pl.DataType] = {
    "id": pl.String(),
    "title": pl.String(),
    "rule": pl.String(),
    "requirement": pl.String(),
    "threshold": pl.Float64(),
    "window_end": pl.Date(),
    "counted": pl.Int64(),
    "met": pl.Int64(),
    "value": pl.Float64(),
    "unit": pl.String(),
    "verdict": pl.String(),
}
_ENDS = ("worst", "best")
_CERTAIN: Mapping[str, pl.DataType] = {
    "certain_sharp": pl.Boolean(),
    "certain_may_be_empty": pl.Boolean(),
    "certain_can_help": pl.Boolean(),
    "certain_can_hurt": pl.Boolean(),
    "certain_need": pl.Int64(),
    "certain_room": pl.Int64(),
    "certain_price": pl.Float64(),
    "certain_slack_now": pl.Int64(),
    "certain_slack_worst": pl.Int64(),
    "certain_slack_best": pl.Int64(),
}
_ASSESSED: Mapping[str, pl.DataType] = {
    "assessed": pl.String(),
    "assessed_text": pl.String(),
    "assessed_by": pl.String(),
    "assessed_on": pl.Date(),
}
_EXPECTED: Mapping[str, pl.DataType] = {
    "estimate_value": pl.Float64(),
    "estimate_low": pl.Float64(),
    "estimate_high": pl.Float64(),
    "outlook": pl.String(),
}


def _of_range(kind: str) -> dict[str, pl.DataType]:
    """Return the columns of the bounds of a kind of statement: value, numerator, denominator."""
    columns: dict[str, pl.DataType] = {}
    for end in _ENDS:
        columns |= {
            f"{kind}_{end}": pl.Float64(),
            f"{kind}_{end}_numerator": pl.Int64(),
            f"{kind}_{end}_denominator": pl.Int64(),
        }
    return columns


_SCHEMA: Mapping[str, pl.DataType] = {
    **_STATUS,
    **_of_range("certain"),
    **_CERTAIN,
    **_of_range("if_no_new_case"),
    **_ASSESSED,
    **_EXPECTED,
}
_MOST = 2**63 - 1
"""The largest whole number of 64 bits."""


def follow_up_frame(outlooks: Sequence[Outlook]) -> pl.DataFrame:
    """Return a frame with a row per outlook, the columns of the outlooks' group after `id`."""
    use_engine()
    rows = [_row(outlook) for outlook in outlooks]
    columns = {name: [row.get(name) for row in rows] for name in _SCHEMA}
    schema = dict(_SCHEMA)
    for name, kind in _SCHEMA.items():
        if kind == pl.Int64() and any(abs(n) > _MOST for n in columns[name] if n is not None):
            # Microseconds of very many long cases: exact, and in every kind of file.
            schema[name] = pl.Decimal(38, 0)
            columns[name] = [None if n is None else Decimal(n) for n in columns[name]]
    frame = pl.DataFrame(columns, schema=schema)
    names = list(dict.fromkeys(name for outlook in outlooks for name in outlook.status.group))
    groups = [
        pl.Series(name, [outlook.status.group.get(name) for outlook in outlooks]) for name in names
    ]
    return frame.select("id", *groups, pl.exclude("id", *names))


def _row(outlook: Outlook) -> dict[str, Any]:
    status = outlook.status
    row: dict[str, Any] = {
        name: getattr(status, name) for name in _STATUS if name not in ("threshold", "window_end")
    }
    row |= {"threshold": plain_number(status.threshold), "window_end": outlook.window_end}
    row |= {"outlook": outlook.outlook}
    if isinstance(outlook.estimate, Estimate):
        row |= {
            "estimate_value": outlook.estimate.value,
            "estimate_low": outlook.estimate.low,
            "estimate_high": outlook.estimate.high,
        }
    if outlook.possibilities is not None:
        row |= _certain(outlook.possibilities)
        row |= _bounds("if_no_new_case", outlook.possibilities.known)
    if outlook.assessment is not None:
        row |= {
            "assessed": outlook.assessment.expected,
            "assessed_text": outlook.assessment.text,
            "assessed_by": outlook.assessment.by,
            "assessed_on": outlook.assessment.on,
        }
    return row


def _certain(possibilities: Possibilities) -> dict[str, Any]:
    price, slack = possibilities.price, possibilities.slack
    now, worst, best = (None, None, None) if slack is None else slack
    return {
        **_bounds("certain", possibilities.possible),
        "certain_sharp": possibilities.sharp,
        "certain_may_be_empty": possibilities.may_be_empty,
        "certain_can_help": possibilities.newcomers.can_help,
        "certain_can_hurt": possibilities.newcomers.can_hurt,
        "certain_need": possibilities.need,
        "certain_room": possibilities.room,
        "certain_price": None if price is None else float(price),
        "certain_slack_now": now,
        "certain_slack_worst": worst,
        "certain_slack_best": best,
    }


def _bounds(kind: str, of: Range) -> dict[str, Any]:
    ends: tuple[tuple[str, Fraction | None, Counts | None], ...] = (
        ("worst", of.worst, of.worst_of),
        ("best", of.best, of.best_of),
    )
    cells: dict[str, Any] = {}
    for end, value, counts in ends:
        if value is not None:
            numerator, denominator = counts or (value.numerator, value.denominator)
            cells |= {
                f"{kind}_{end}": float(value),
                f"{kind}_{end}_numerator": numerator,
                f"{kind}_{end}_denominator": denominator,
            }
    return cells
