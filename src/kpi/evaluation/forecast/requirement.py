"""The values that meet the requirement of a target, as a range (F26)."""

from __future__ import annotations

from fractions import Fraction

from attrs import frozen

from kpi.definitions.amounts import Amounts, amounts_of
from kpi.definitions.bounds import Bounds
from kpi.definitions.measurement import Unit
from kpi.definitions.sums import Sums
from kpi.definitions.target import Target
from kpi.definitions.time_units import Span


@frozen(kw_only=True)
class Required:
    """Range of the values that meet a requirement, exactly; None for no such bound.

    Attributes:
        at_least: the value is >= this.
        more_than: the value is > this.
        at_most: the value is <= this.
        less_than: the value is < this.
    """

    at_least: Fraction | None = None
    more_than: Fraction | None = None
    at_most: Fraction | None = None
    less_than: Fraction | None = None

    def hold(self, value: Fraction) -> bool:
        """Return whether a value meets the requirement."""
        return self.reach(value, value)

    def reach(self, low: Fraction, high: Fraction) -> bool:
        """Return whether some value from `low` to `high` meets the requirement."""
        return (
            (self.at_least is None or high >= self.at_least)
            and (self.more_than is None or high > self.more_than)
            and (self.at_most is None or low <= self.at_most)
            and (self.less_than is None or low < self.less_than)
        )


def required(
    target: Target, part: tuple[str | None, ...], sums: Sums, unit: Unit
) -> Required | None:
    """Return the values that meet the requirement of a target, or of a segment; None without one.

    Where the limit of an average differs from case to case, at most what the counted rows are
    allowed on average (S5).

    Args:
        target: the target.
        part: the segment; () for all rows.
        sums: the totals of the rows.
        unit: the unit of the value.
    """
    threshold = target.threshold_of(part)
    if threshold is not None:
        return Required(at_least=Fraction(threshold) / 100)
    if target.bounds is not None:
        return _of_bounds(target.bounds, 100 if unit in ("share", "change") else 1)
    if target.limit is None or not target.has_requirement or unit == "share":
        return None
    if "allowed" in sums.numbers:
        counted = sums["counted"]
        return Required(at_most=Fraction(sums["allowed"], counted)) if counted else None
    assert isinstance(target.limit, Span), "a limit of one number has one length"
    in_months = unit == "months"
    amounts = Amounts("months") if in_months else amounts_of(target.limit)
    return Required(at_most=Fraction(amounts.most(target.limit), amounts.size))


def _of_bounds(bounds: Bounds, scale: int) -> Required:
    """Return bounds as a range of values: in per cent, a share and a change are 100 times greater."""
    return Required(**{word: Fraction(bound) / scale for word, bound in bounds.data().items()})
