"""From a state to a result: the last step of finish(merge(partial(batch)))."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping
from typing import Any, cast

from attrs import evolve

from kpi.notes import notes
from kpi.periods import period_end, period_name
from kpi.plan import Target
from kpi.result import Result, TargetResult, Verdict
from kpi.state import COUNTED, EXCLUDED, INSIDE, PERIOD, ROWS, UNDETERMINED, State


def finish(state: State) -> Result:
    """The result that a state comes to: values, verdicts, groups. It has no audit trail."""
    group = state.group
    found: dict[str, dict[tuple[object, ...], dict[str, int]]] = {}
    for target, *key, quantity, n in state.sums.iter_rows():
        found.setdefault(target, {}).setdefault(tuple(key), {})[quantity] = n
    results = []
    for target in state.plan.targets:
        states = found.get(target.id, {})
        whole: dict[str, int] = {}
        for sums in states.values():
            for quantity, n in sums.items():
                whole[quantity] = whole.get(quantity, 0) + n
        groups = tuple(
            _finished(state, target, sums, dict(zip(group, key, strict=True)))
            for key, sums in states.items()
            if group and sums.get(ROWS)
        )
        record = _finished(state, target, whole, {})
        results.append(evolve(record, groups=groups, remarks=tuple(target.remarks(state.plan))))
    return Result(
        plan=state.plan,
        as_of=state.as_of,
        as_of_given=state.as_of_given,
        targets=tuple(results),
        facts=state.facts,
        notes=tuple(notes(state, results)),
    )


def _finished(
    state: State, target: Target, sums: Mapping[str, int], group: dict[str, Any]
) -> TargetResult:
    plan = state.plan
    window = target.window_of(plan)
    last = cast("dt.date", window.last)
    first = group.get(PERIOD) if state.every else None
    if state.every and first is not None:
        last = min(last, period_end(first, state.every))
        group = {**group, PERIOD: period_name(first, state.every)}
    # A group without a row inside has no sums of its own: they are zero.
    measure = target.measure(defaultdict(int, sums))
    verdict: Verdict
    if target.table not in state.facts:
        verdict = "not_assessable"
    elif state.as_of < last:
        verdict = "open"
    elif measure.reached is None:
        verdict = "not_assessable"
    else:
        verdict = "met" if measure.reached else "missed"
    return TargetResult(
        id=target.id,
        title=target.title,
        title_da=target.title_da,
        rule=target.rule,
        table=target.table,
        rows=sums.get(ROWS, 0),
        outside=sums.get(ROWS, 0) - sums.get(INSIDE, 0),
        counted=sums.get(COUNTED, 0),
        excluded={
            quantity.removeprefix(EXCLUDED): n
            for quantity, n in sums.items()
            if quantity.startswith(EXCLUDED) and n
        },
        undetermined=sums.get(UNDETERMINED, 0),
        met=measure.met,
        total=measure.total,
        value=measure.value,
        unit=measure.unit,
        limit=target.limit_text,
        threshold=getattr(target, "threshold", None),
        requirement=target.requirement,
        verdict=verdict,
        group=group,
    )
