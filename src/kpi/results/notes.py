"""Notes of a result: what a reader should know beside the figures, a line each."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from kpi.definitions.comparison import BASE_OF
from kpi.definitions.doubts import calendar_remarks
from kpi.definitions.notes import Note, code_of
from kpi.definitions.outcomes import WEIGHT_MISSING
from kpi.definitions.plan import Plan
from kpi.definitions.target import Target
from kpi.definitions.time_units import Span
from kpi.engine.state import State
from kpi.errors import listed
from kpi.results.base_notes import base_notes
from kpi.results.result import Score
from kpi.results.sensitivity import could_turn, hangs_on_excluded
from kpi.results.series_notes import series_notes
from kpi.results.target_result import TargetResult
from kpi.rules._condition import CONDITION_OF
from kpi.tables.needs import Needs
from kpi.tables.quality import rows_text
from kpi.time.due_dates import due_date


def notes(
    state: State,
    results: Iterable[TargetResult],
    score: Score | None,
    sensitive: Collection[str] = (),
) -> Iterator[Note]:
    """Yield the notes of a result: as-of date, tables, batches, score, then targets in plan order.

    Args:
        state: the state that the result was computed from.
        results: the records of the state's requirements.
        score: the score; None where the plan gives no weights.
        sensitive: ids of the targets whose verdict hangs on rejected rows (S12).
    """
    if not state.as_of_given:
        yield Note(
            "default-as-of",
            f"as of {state.as_of}, the last day of the plan's period, as no date was given",
        )
    newest = [facts.newest for facts in state.facts.values() if facts.newest is not None]
    old = due_date(max(newest), Span(months=1), "down", state.plan.calendar) if newest else None
    if old is not None and old < state.as_of:
        late = (
            f"before {state.as_of}: the extract is probably too old"
            if state.as_of_given
            else "earlier: the extract is probably from before the period's end"
        )
        newest_day = max(newest)
        yield Note(
            "old-extract",
            f"the newest entry or event in the tables is of {newest_day}, more than a month {late}",
        )
    needs = Needs(state.plan)
    for table in needs.tables:
        if table not in state.facts:
            # A condition goes by the target that has it.
            readers = (target for target in needs.targets if table in target.tables)
            yield Note(
                "missing-table", f"no table {table} in the extract: not assessable: {_ids(readers)}"
            )
        else:
            yield from state.facts[table].remarks(table)
            zoned = sorted(state.facts[table].zoned)
            if zoned:
                zone = state.plan.time_zone
                yield Note(
                    "zoned-times",
                    f"{table}: times with a zone became local dates of {zone}: {listed(zoned)}",
                )
    yield from series_notes(state, needs)
    yield from base_notes(state)
    yield from _of_batches(state, needs)
    yield from state.plan.remarks()
    yield from calendar_remarks(state.plan)
    used = list(_options_in_use(state.plan))
    if used:
        yield Note(
            "time-options",
            f"time is counted with {', '.join(used)}, where a target says nothing else",
        )
    if score is not None:
        yield from _of_score(score)
    leaves = [leaf for top in results for leaf in top.parts or (top,)]
    with_bases = [one for leaf in leaves for one in (leaf, leaf.base) if one is not None]
    undetermined = [f"{one.id} ({one.undetermined:,})" for one in with_bases if one.undetermined]
    if undetermined:
        yield Note(
            "undetermined",
            f"undetermined on {state.as_of}, for the outcome is not certain yet, and so not counted: "
            f"{listed(undetermined)}",
        )
    for result in leaves:
        gone = [
            str(value) for e in result.each if e.verdict == "lapsed" for value in e.group.values()
        ]
        if gone:
            yield Note("lapsed-values", f"{result.id}: no case to count of {listed(gone)}: lapsed")
        yield from _of_weights(result)
        for remark in result.remarks:
            yield Note(code_of(remark), f"{result.id}: {remark}")
        if result.verdict in ("met", "missed") and hangs_on_excluded(result):
            yield Note(
                "hangs-on-excluded",
                f"{result.id}: the verdict hangs on the excluded cases ({_reasons(result)}): "
                "with them it could be the other one",
            )
        if result.verdict in ("met", "missed") and result.id in sensitive:
            rejected = sum(state.facts[result.table or ""].rejected.values())
            yield Note(
                "hangs-on-rejected",
                f"{result.id}: the verdict hangs on the rejected rows of {result.table}: at most "
                f"{rejected:,} of them would count, and with them it could be the other one",
            )
        pending = result.undetermined + (0 if result.base is None else result.base.undetermined)
        if result.verdict in ("met", "missed") and pending and could_turn(result):
            yield Note(
                "could-turn",
                f"{result.id}: the verdict could still turn: {pending} cases are undetermined",
            )


def _of_weights(result: TargetResult) -> Iterator[Note]:
    """Yield what numbers are sums of a column, and how many rows lack the number in it (S32)."""
    as_ = result.counted_as
    if as_ is None:
        return
    yield Note(
        "counted-as",
        f"{result.id}: value, met, total and figures are of {as_.column}, of which the counted rows "
        f"have {as_.counted:,}; counted, excluded, undetermined and outside are rows",
    )
    if n := result.excluded.get(WEIGHT_MISSING, 0):
        yield Note(
            "weight-missing",
            f"{result.id}: rows without a number of {as_.column} from 1 up, and so excluded: {n:,}; "
            "each could count as any number, so there is no range with the excluded",
        )


def _reasons(result: TargetResult) -> str:
    """Return the reasons for which rows are excluded, those of the base after its window."""
    of_base = "" if result.base is None else result.base.reasons
    both = [result.reasons, f"of {result.base_window}: {of_base}" if of_base else ""]
    return ", ".join(words for words in both if words)


_MANY_DIGESTS = 1_000_000
"""Digests of distinct values, 16 bytes each and what stands beside, that make a state large."""


def _of_batches(state: State, needs: Needs) -> Iterator[Note]:
    """Yield what merging cannot check, and the targets that batches split (S13, S14)."""
    targets = needs.targets
    if state.batches > 1:
        distinct = [
            t.id
            for t in targets
            if getattr(t, "distinct", None) is not None and t.id not in state.values
        ]
        within = "repeated ids"
        within += f", the distinct values of {listed(distinct)}" if distinct else ""
        within += " and pauses without a case" if any(len(t.tables) > 1 for t in targets) else ""
        yield Note(
            "merged-batches",
            f"merged from {state.batches:,} batches: {within} were looked for within each batch only; "
            "what stands in two of them is counted twice",
        )
    digests = sum(values.height for values in state.values.values())
    if digests > _MANY_DIGESTS:
        yield Note("large-state", f"the state holds {digests:,} digests of distinct values (S23)")
    for tables in dict.fromkeys(target.tables for target in targets):
        split = [t for t in targets if t.tables == tables and state.is_split(t)]
        if split:
            yield Note(
                "split-batches", f"not assessable: {_ids(split)}: {_how_split(state, tables)}"
            )
    twice = [target for target in targets if state.is_reported_twice(target)]
    if twice:
        yield Note(
            "reported-twice",
            f"not assessable: {_ids(twice)}: reported in more than one batch; report each fact in one",
        )


def _ids(targets: Iterable[Target]) -> str:
    """Return the ids of targets, a condition under that of the target that has it."""
    ids = (t.id.removesuffix(CONDITION_OF).removesuffix(BASE_OF) for t in targets)
    return listed(list(dict.fromkeys(ids)))


def _how_split(state: State, tables: tuple[str, ...]) -> str:
    lacking = state.coverage[tables].missing_tables
    if lacking:
        return (
            f"some batches with rows of {listed(tables)} had no table "
            f"{listed([table for table in tables if table in lacking])}; "
            "give each batch all of these tables, an empty one where it has no row"
        )
    strays = {table: n for table in tables if (n := state.facts[table].strays)}
    many = ", ".join(f"{rows_text(n)} of {table}" for table, n in strays.items())
    return (
        f"{many} whose case is not in the same batch, and may be in another; "
        "give each batch the pauses of its own cases, and no others"
    )


def _options_in_use(plan: Plan) -> Iterator[str]:
    """Yield the plan's time options that some target uses, in words."""
    used = {choice for target in plan.leaves() for choice in target.inherited_options(plan)}
    if "month_end" in used:
        yield f"month ends {plan.month_end} (S4)"
    if "calendar" in used:
        yield f"working days of {plan.calendar} (S7)"
    if "roll" in used:
        yield f"due days moved to the {plan.roll} (S8)"


def _of_score(score: Score) -> Iterator[Note]:
    if score.if_all != score.if_split:
        yield Note(
            "score-sharing",
            f"the score is {score.if_all:f} if a shared weight is earned only when all of its "
            f"requirements are met, {score.if_split:f} if it is split equally; no source settles which",
        )
    words = {"not_assessable": "not assessable", "open": "still open", "lapsed": "lapsed"}
    for word, weight in score.aside.items():
        yield Note(
            "weight-aside", f"weight {weight:f} of {score.of:f} is {words[word]} and earns nothing"
        )
