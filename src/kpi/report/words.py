"""Figures in words, so that what is printed never contradicts the verdict."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from kpi.result import TargetResult, Verdict

VERDICTS: dict[Verdict, str] = {
    "met": "met",
    "missed": "missed",
    "not_assessable": "not assessable",
    "open": "open",
}

_MOST_DECIMALS = 9


def value(result: TargetResult) -> str:
    """The value with its unit: "89.9 %", "60.7 days", "–" where nothing was counted.

    One decimal, or as many as it takes not to be rounded onto or across the threshold: 89.96 % of
    90 % is printed as 89.96 %, for it is not 90.0 % (S19).
    """
    if not result.counted:
        return "–"
    if result.met is not None:
        exact = Fraction(100 * result.met, result.counted)
        mark = Fraction(result.threshold) if result.threshold is not None else None
        return f"{_rounded(exact, mark)} %"
    if result.total is not None:
        return f"{_rounded(Fraction(result.total, result.counted), _days(result.limit))} days"
    return f"{result.value:,}"


def _days(limit: str | None) -> Fraction | None:
    number, _, unit = (limit or "").partition(" ")
    return Fraction(number) if unit in ("day", "days") else None


def _rounded(exact: Fraction, mark: Fraction | None) -> str:
    near = _decimal(exact, 1)
    for decimals in range(2, _MOST_DECIMALS + 1):
        if mark is None or exact == mark or (near != mark and (near > mark) == (exact > mark)):
            break
        near = _decimal(exact, decimals)
    return f"{near:,f}"


def _decimal(exact: Fraction, decimals: int) -> Decimal:
    return Decimal(round(exact * 10**decimals)).scaleb(-decimals)


def share_range(result: TargetResult) -> str:
    """A share if none and if all of the excluded rows had met it (S12): "81.2–90.4 %"."""
    found = result.range
    if found is None or not result.excluded:
        return ""
    low, high = (_decimal(100 * end, 1) for end in found)
    return f"{low}–{high} %"


def count(n: int) -> str:
    """A number of rows with thousands apart."""
    return f"{n:,}"
