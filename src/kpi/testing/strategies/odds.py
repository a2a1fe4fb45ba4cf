"""Odds of what a strategy draws: strategies of which most draws are the usual value."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy


def sometimes(strategy: SearchStrategy[Any], otherwise: object = None) -> SearchStrategy[Any]:
    """Generate what the strategy draws one time in three, else the other."""
    return _in_times(3, strategy, otherwise)


def seldom(strategy: SearchStrategy[Any], otherwise: object = None) -> SearchStrategy[Any]:
    """Generate what the strategy draws one time in five, else the other."""
    return _in_times(5, strategy, otherwise)


def _in_times(times: int, strategy: SearchStrategy[Any], otherwise: object) -> SearchStrategy[Any]:
    # `one_of` drops strategies that are there already, so the odds are drawn by themselves.
    drawn = st.sampled_from((False,) * (times - 1) + (True,))
    return drawn.flatmap(lambda is_drawn: strategy if is_drawn else st.just(otherwise))
