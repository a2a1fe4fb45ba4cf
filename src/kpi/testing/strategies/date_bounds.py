"""Strategies for bounds of a date by other dates of the case, moved or as they are (S34)."""

from __future__ import annotations

from collections.abc import Mapping

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from kpi.definitions.date_bounds import Bound, CaseDate, DateBounds
from kpi.definitions.derived_dates import DateOffset
from kpi.definitions.kinds import Kind
from kpi.definitions.time_options import ROLLS
from kpi.testing.strategies.days import days
from kpi.testing.strategies.limits import spans, working_day_spans

_LOW, _HIGH = (None, "since", "after"), (None, "before", "through")


def _bounds_of_case(columns: Mapping[str, Kind]) -> SearchStrategy[Bound]:
    """Generate dates of the case, as they are or moved."""
    date = st.sampled_from(sorted(c for c, kind in columns.items() if kind == "date"))
    moved = st.builds(
        DateOffset,
        date,
        st.one_of(spans(), spans(), working_day_spans()),
        back=st.booleans(),
        roll=st.sampled_from(ROLLS),
    )
    bounds: list[SearchStrategy[Bound]] = [st.builds(CaseDate, date), moved]
    numbers = sorted(column for column, kind in columns.items() if kind == "integer")
    if numbers:
        units = st.sampled_from(("days", "months"))
        bounds.append(
            st.builds(DateOffset, date, st.sampled_from(numbers), units, back=st.booleans())
        )
    return st.one_of(bounds)


@st.composite
def date_bounds(draw: DrawFn, columns: Mapping[str, Kind], years: tuple[int, int]) -> DateBounds:
    """Generate bounds of a date, one of which at least is another date of the case.

    Args:
        draw: given by Hypothesis.
        columns: the kind of each column, dates among them.
        years: the first and last year of the bounds that are dates.
    """
    low = draw(st.sampled_from(_LOW))
    high = draw(st.sampled_from(_HIGH if low is not None else _HIGH[1:]))
    words = [word for word in (low, high) if word is not None]
    bound = _bounds_of_case(columns)
    given = {
        words[0]: draw(bound),
        **{word: draw(st.one_of(bound, days(years))) for word in words[1:]},
    }
    return DateBounds(**given)
