"""Comparison of a target with itself in another window: the base (S33)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

from attrs import frozen

from kpi.definitions.bounds import BOUNDS_FORM, Bounds
from kpi.definitions.fields import about
from kpi.definitions.windows import Window, window_name
from kpi.errors import Problem

BASE_OF = ", base"
"""Suffix of the id of the target in the window of its base, after the id of the target."""

COMPARED = ("base", "difference", "change")
"""The names of the figures that stand beside the value of a target that is compared."""

AGAINST = about(
    "The window of the base that the value is compared with, such as the year before (S33).",
    {"$ref": "#/$defs/window"},
)

CHANGE = about(
    "With `against`: what the change must be, in per cent of the base: 10 % more is at_least = 10 "
    "(default: nothing is asked).",
    BOUNDS_FORM,
    percent=True,
)

DIFFERENCE = about(
    "With `against`: what the value less that of the base must be, in the unit of the value, of a "
    "share in percentage points (default: nothing is asked).",
    BOUNDS_FORM,
)


@frozen
class Compared:
    """A value beside that of its base, exactly.

    Attributes:
        difference: the value less that of the base, of a share as a fraction; None without either.
        change: the difference over the base; None too where the base is 0.
        reached: whether the bounds hold; None where nothing is asked, or nothing can be told.
    """

    difference: Fraction | None
    change: Fraction | None
    reached: bool | None


@frozen
class Comparison:
    """What a target is compared with, and what must come of it (S33).

    Attributes:
        window: the window of the base.
        change: the bounds on the change, in per cent; None where it is not asked for.
        difference: the bounds on the difference, in the unit of the value; None likewise.
        unit: the unit of the difference in words, such as "days"; empty for a number of rows.
        scale: the number that a difference is multiplied with to be in that unit: 100 for a share.
    """

    window: Window
    change: Bounds | None
    difference: Bounds | None
    unit: str
    scale: int = 1

    @property
    def bounds(self) -> Bounds | None:
        """The bounds on the change or on the difference; None where nothing is asked."""
        return self.change if self.difference is None else self.difference

    @property
    def words(self) -> str:
        """The comparison in words, to follow others: ", change at least 10 % against 2024"."""
        asked = ""
        if self.change is not None:
            asked = f", change {self.change.text('%')}"
        elif self.difference is not None:
            asked = f", difference {self.difference.text(self.unit)}"
        return f"{asked} against {window_name(self.window)}"

    def of(self, value: Fraction | None, base: Fraction | None, counted: int) -> Compared:
        """Compare a value with that of its base, exactly.

        Args:
            value: the value; None where there is none (S25).
            base: the value of the base; None likewise.
            counted: the counted cases of the base; without any, nothing is compared.
        """
        if value is None or base is None or not counted:
            return Compared(None, None, None)
        difference = value - base
        change = difference / base if base else None
        figure = self._asked(difference, change)
        held = None if figure is None or self.bounds is None else self.bounds.hold(figure)
        return Compared(difference, change, held)

    def _asked(self, difference: Fraction, change: Fraction | None) -> Fraction | None:
        """Return the figure that the bounds are on, in their unit."""
        if self.difference is not None:
            return self.scale * difference
        return None if change is None else 100 * change

    def may_become(
        self, values: Sequence[Fraction | None], bases: Sequence[Fraction | None], *, held: bool
    ) -> bool:
        """Return whether the bounds hold, or do not, somewhere in a range of values and bases.

        Args:
            values: the ends of the range of the value; None is ignored.
            bases: the ends of the range of the value of the base; None is ignored.
            held: whether the bounds shall hold.
        """
        some, others = _known(values), _known(bases)
        if self.bounds is None or not some or not others:
            return False
        ends = [
            self._asked(value - base, (value - base) / base if base else None)
            for value in (min(some), max(some))
            for base in (min(others), max(others))
        ]
        figures = _known(ends)
        if not figures:
            return False
        if not held:
            return not all(self.bounds.hold(figure) for figure in figures)
        return self.bounds.reach(min(figures), max(figures))


def _known(values: Sequence[Fraction | None]) -> list[Fraction]:
    return [value for value in values if value is not None]


def comparison_of(
    against: Window | None,
    change: Bounds | None,
    difference: Bounds | None,
    *,
    unit: str = "",
    scale: int = 1,
) -> Comparison | None:
    """Return the comparison that the keys of a rule say; None without a window of the base."""
    if against is None:
        return None
    return Comparison(against, change, difference, unit, scale)


def misplaced_comparison(
    against: object, change: object, difference: object, *others: tuple[str, object]
) -> Iterator[Problem]:
    """Yield a problem for each key of a comparison that cannot stand with the other keys.

    Args:
        against: the window of the base.
        change: the bounds on the change.
        difference: the bounds on the difference.
        others: the name and the value of each key with which a value is not compared.
    """
    if against is None:
        for key, bounds in (("change", change), ("difference", difference)):
            if bounds is not None:
                message = f"found {key!r} without the window of its base; accepted: with 'against'"
                yield Problem((key,), message)
        return
    if change is not None and difference is not None:
        message = "found 'difference' beside 'change'; accepted: one or the other"
        yield Problem(("difference",), message)
    for key, value in others:
        if value is not None:
            message = f"found 'against' beside {key!r}; accepted: one or the other"
            yield Problem(("against",), message)
