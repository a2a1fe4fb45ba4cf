"""Notes on the periods of series: which do not add up, and which lie before the data (S30)."""

from __future__ import annotations

from collections.abc import Iterator

from kpi.definitions.messages import Listing
from kpi.definitions.notes import Note
from kpi.definitions.series import bounded
from kpi.engine.state import State
from kpi.results.before_data import begins_early, may_lack_rows
from kpi.tables.needs import Needs


def series_notes(state: State, needs: Needs) -> Iterator[Note]:
    """Yield which targets' periods do not add up to the whole, and whose windows begin too early.

    A rolling window that begins before the oldest entry or event of the table lacks the rows of the
    days between, where the extract does not go back so far; unless all of them are days off.
    """
    overlapping, early = [], []
    for target in needs.targets:
        series = state.plan.series_of(target) or state.series
        if series is None or target.has_one_period:
            continue
        if target.counts_in_several_periods or series.rolling is not None:
            overlapping.append(target.id)
        facts = state.facts.get(target.table)
        if series.rolling is None or facts is None or facts.oldest is None:
            continue
        first = next(series.periods(bounded(target.series_window(state.plan), state.plan)))
        begins = first.window.closed.first
        calendar = state.plan.calendar
        if target.has_key("window") and may_lack_rows(begins, facts.oldest, calendar):
            early.append(begins_early(target, begins, facts.oldest))
    if overlapping:
        yield Note(
            "periods-overlap",
            "the periods do not add up to the whole, for a row may count in several: {ids}",
            ids=Listing(overlapping),
        )
    if early:
        yield Note(
            "rolling-before-data",
            "the first rolling window begins before the data: {early}: rows of the days "
            "between are missing if the extract does not go back so far",
            early=Listing(early),
        )
