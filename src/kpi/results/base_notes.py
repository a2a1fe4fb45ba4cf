"""Notes on the bases that targets are compared with: which the data may lack (S33)."""

from __future__ import annotations

from collections.abc import Iterator

from kpi.definitions.notes import Note
from kpi.definitions.series import periods_of_base
from kpi.definitions.windows import window_name
from kpi.engine.state import State
from kpi.errors import listed
from kpi.results.before_data import may_lack_rows


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
            early.append(f"{target.id} ({base.first}, and {target.table} with {oldest})")
        series = state.series if target.every is None else None
        if series is not None:
            window = target.series_window(state.plan)
            if periods_of_base(series, window, base) is None:
                unpaired.append(f"{target.id} ({window_name(window)} and {window_name(base)})")
    if early:
        yield Note(
            "base-before-data",
            f"the base begins before the data: {listed(early)}: rows of the days between are missing "
            "if the extract does not go back so far",
        )
    if unpaired:
        yield Note(
            "periods-without-base",
            f"periods are shown without their base, for the windows are not of as many whole periods: {listed(unpaired)}",
        )
