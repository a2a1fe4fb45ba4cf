"""What of a row, and of a table, the figures of a target depend on: rows alike stand for another."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any

from attrs import evolve

from kpi.testing.oracle import Case, Outcome, Row

_ROW_BY_ROW = frozenset(
    (
        "average",
        "clearance",
        "count",
        "flow",
        "milestone",
        "percentile",
        "reported",
        "share",
        "stock",
        "within",
    )
)
"""The rules that judge each row by itself, and whose figures are made of the rows' own figures."""

_SUMS = frozenset(("average", "clearance", "count", "milestone", "share", "stock", "within"))
"""Those whose figures are sums over the rows, or quotients of sums that are figures themselves."""


def without_ranks(target: Any) -> Any:
    """Return an average of all its cases; a single case is then not left out as the slowest."""
    if getattr(target, "fastest", None) is None and getattr(target, "trimmed", None) is None:
        return target
    return evolve(target, fastest=None, trimmed=None, rounding="up")


def row_likeness(target: Any, alone: Outcome, case: Case) -> Hashable:
    """Return what tells two completions of a row apart: those alike are interchangeable.

    These rules judge a row by itself, and then add, rank or count what came of it. All that they add
    and rank of a row stands in the outcome of a table of that row alone: bucket, reason, in time or
    not, days, allowance, persons, figures, the period or value that it belongs to. Where a rule
    looks at rows together (each working day, distinct values, means of means), the cells that it
    compares are added.

    Args:
        target: the target.
        alone: the outcome of the row in a table of its own, by `without_ranks`.
        case: the row.
    """
    if target.rule not in _ROW_BY_ROW:
        return repr(sorted(case.cells.items(), key=repr))
    columns = (getattr(target, name, None) for name in ("distinct", "mean_of_means"))
    compared = [case.cells.get(column) for column in columns if column is not None]
    return (repr(compared), _of(alone))


def adds_up(target: Any) -> bool:
    """Return whether a target's figures are sums: then tables of like figures are alike.

    Further rows change such figures by their own, whatever rows the figures are made of.
    """
    ranks = ("fastest", "trimmed", "mean_of_means", "distinct")
    return target.rule in _SUMS and all(getattr(target, name, None) is None for name in ranks)


def table_likeness(whole: Outcome) -> Hashable:
    """Return the figures of a table, without its rows."""
    return _of(evolve(whole, trail=(), period_trails={}))


def _of(outcome: Outcome) -> Hashable:
    return (
        (outcome.rows, outcome.outside, outcome.counted, outcome.undetermined),
        tuple(sorted(outcome.excluded.items())),
        (outcome.met, outcome.total, outcome.value, outcome.verdict, outcome.counted_as),
        tuple(sorted(outcome.figures.items())),
        tuple(sorted((repr(name), _of(part)) for name, part in outcome.each.items())),
        _rows(outcome.trail),
        tuple((name, _rows(trail)) for name, trail in sorted(outcome.period_trails.items())),
        None if outcome.base is None else _of(evolve(outcome.base, trail=(), period_trails={})),
    )


def _rows(trail: Sequence[Row]) -> Hashable:
    return tuple((row.bucket, row.reason, row.met, row.counted_as) for row in trail)
