"""Notes on the bases that targets are compared with: which the data may lack (S33)."""

from __future__ import annotations

from collections.abc import Iterator

from kpi.definitions.messages import Listing, Message, PeriodName
from kpi.definitions.notes import Note
from kpi.definitions.series import periods_of_base
from kpi.definitions.windows import window_name
from kpi.engine.state import State
from kpi.results.before_data import begins_early, may_lack_rows


def base_notes(state: State) -> Iterator[Note]:
    """Yield which bases begin before the data, and which periods have no base.

    A base that begins before the oldest entry or event of the table lacks the rows of the days
    between, where the extract does not go back so far; unless all of them are days off.
    """
    early, unpaired = [], []
    for target in state.plan.leaves():
        if target.comparison is None:
            continue
        facts, base = state.facts.get(target.table), target.comparison.window
        oldest = None if facts is None else facts.oldest
        if base.first is not None and may_lack_rows(base.first, oldest, state.plan.calendar):
            early.append(begins_early(target, base.first, oldest))
        series = state.series if target.every is None else None
        if series is not None:
            window = target.series_window(state.plan)
            if periods_of_base(series, window, base) is None:
                unpaired.append(
                    Message(
                        "{target} ({window} and {base})",
                        target=target.id,
                        window=PeriodName(window_name(window)),
                        base=PeriodName(window_name(base)),
                    )
                )
    if early:
        yield Note(
            "base-before-data",
            "the base begins before the data: {early}: rows of the days between are missing "
            "if the extract does not go back so far",
            early=Listing(early),
        )
    if unpaired:
        yield Note(
            "periods-without-base",
            "periods are shown without their base, for the windows are not of as many whole periods: "
            "{windows}",
            windows=Listing(unpaired),
        )
