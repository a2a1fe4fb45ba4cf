"""Strategies for the demand of a target: its own, none, or one against a base (S31, S33)."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from kpi.definitions.windows import Window
from kpi.testing.strategies.days import windows
from kpi.testing.strategies.limits import bounds

ASKED = st.sampled_from((True, True, True, True, False))
"""Whether a target asks for something, and is not only an indicator (S31)."""

_CHANGES = (-100, -50, Decimal("-33.3"), -10, 0, 10, 50, 100, 200)
_DIFFERENCES = (-20, -2, -1, Decimal("-0.5"), 0, 1, 2, Decimal("2.5"), 30)


@st.composite
def bases(draw: DrawFn, years: tuple[int, int]) -> dict[str, Any]:
    """Generate the window of a base, and the bounds on the change, the difference, or neither."""
    # Whole years often, which divide into the periods that the plan's do.
    named = st.sampled_from([Window(f"{year:04}") for year in range(years[0] - 1, years[1] + 1)])
    base: dict[str, Any] = {"against": draw(st.one_of(named, windows(years, ends=True)))}
    kind = draw(st.sampled_from(("change", "difference", "neither")))
    if kind == "change":
        base["change"] = draw(bounds(_CHANGES))
    elif kind == "difference":
        base["difference"] = draw(bounds(_DIFFERENCES))
    return base


@st.composite
def with_base(
    draw: DrawFn, own: Mapping[str, SearchStrategy[Any]], years: tuple[int, int]
) -> dict[str, Any]:
    """Generate the demand of a target: mostly its own, else none, or one against a base.

    Args:
        draw: given by Hypothesis.
        own: the strategy of each key of the target's own demand.
        years: the years of the windows.
    """
    if draw(ASKED):
        return {key: draw(demand) for key, demand in own.items()}
    return draw(st.one_of(st.just({}), bases(years), bases(years)))
