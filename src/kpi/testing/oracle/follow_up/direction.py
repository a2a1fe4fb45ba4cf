"""Whether a target wants a large number or a small one: which bound is its worst (F7 to F11)."""

from __future__ import annotations

from typing import Any, Literal, TypeAlias

from kpi.definitions.bounds import Bounds

Direction: TypeAlias = Literal["large", "small"]


def direction_of(target: Any) -> Direction | None:
    """Return whether a large or a small value keeps a target; None where either may, or neither.

    A share without a threshold is taken as one that should be large, and an average or percentile
    without a limit as one that should be small. Other figures without bounds have no direction.
    """
    match target.rule:
        case "average" | "percentile":
            return "small" if getattr(target, "against", None) is None else None
        case "within" | "share" | "clearance" | "milestone" | "every_working_day":
            if getattr(target, "against", None) is not None:
                return None
            late = getattr(target, "late", None)
            return "large" if late is None else _of_bounds(late)
    for name in ("requires", "level", "change", "difference"):
        bounds = getattr(target, name, None)
        if bounds is not None:
            return _of_bounds(bounds)
    return None


def _of_bounds(bounds: Bounds) -> Direction | None:
    has_low = (bounds.at_least, bounds.more_than) != (None, None)
    has_high = (bounds.at_most, bounds.less_than) != (None, None)
    if has_low == has_high:
        return None
    return "large" if has_low else "small"
