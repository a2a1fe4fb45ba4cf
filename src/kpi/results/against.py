"""Records beside those of their bases, compared exactly (S33)."""

from __future__ import annotations

from fractions import Fraction

from attrs import evolve

from kpi.definitions.comparison import Comparison
from kpi.results.target_result import TargetResult


def beside_base(record: TargetResult, base: TargetResult, comparison: Comparison) -> TargetResult:
    """Return a record with that of its base, and with the figures that both give.

    Args:
        record: the record of a target over some rows.
        base: the record of the same in the window of the base.
        comparison: what is compared.
    """
    compared = comparison.of(record.exact_value, base.exact_value, base.counted)
    figures = {
        "base": base.value,
        "difference": _plain(compared.difference, record),
        "change": None if compared.change is None else float(compared.change),
    }
    return evolve(
        record,
        base=base,
        comparison=comparison,
        compared=compared,
        figures={**record.figures, **figures},
    )


def _plain(difference: Fraction | None, record: TargetResult) -> float | int | None:
    """Return a difference as plain data: of whole numbers a whole number."""
    if difference is None:
        return None
    whole = record.unit in ("count", "months")
    return difference.numerator if whole else float(difference)
