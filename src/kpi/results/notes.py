"""Notes of a result: what a reader should know beside the figures, a line each."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from kpi.definitions.comparison import BASE_OF
from kpi.definitions.doubts import calendar_remarks
from kpi.definitions.messages import Listing, Message, PeriodName, Word
from kpi.definitions.notes import Note, about
from kpi.definitions.outcomes import WEIGHT_MISSING
from kpi.definitions.plan import Plan
from kpi.definitions.target import Target
from kpi.definitions.time_units import Span
from kpi.engine.state import State
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
            "as of {day}, the last day of the plan's period, as no date was given",
            day=state.as_of,
        )
    newest = [facts.newest for facts in state.facts.values() if facts.newest is not None]
    old = due_date(max(newest), Span(months=1), "down", state.plan.calendar) if newest else None
    if old is not None and old < state.as_of:
        late = Message("earlier: the extract is probably from before the period's end")
        if state.as_of_given:
            late = Message("before {day}: the extract is probably too old", day=state.as_of)
        yield Note(
            "old-extract",
            "the newest entry or event in the tables is of {newest}, more than a month {late}",
            newest=max(newest),
            late=late,
        )
    needs = Needs(state.plan)
    for table in needs.tables:
        if table not in state.facts:
            # A condition goes by the target that has it.
            readers = (target for target in needs.targets if table in target.tables)
            yield Note(
                "missing-table",
                "no table {table} in the extract: not assessable: {ids}",
                table=table,
                ids=_ids(readers),
            )
        else:
            yield from state.facts[table].remarks(table)
            zoned = sorted(state.facts[table].zoned)
            if zoned:
                yield Note(
                    "zoned-times",
                    "{table}: times with a zone became local dates of {zone}: {columns}",
                    table=table,
                    zone=state.plan.time_zone,
                    columns=Listing(zoned),
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
            "time is counted with {options}, where a target says nothing else",
            options=Listing(used),
        )
    if score is not None:
        yield from _of_score(score)
    leaves = [leaf for top in results for leaf in top.parts or (top,)]
    with_bases = [one for leaf in leaves for one in (leaf, leaf.base) if one is not None]
    undetermined = [
        Message("{what} ({n:,})", what=one.id, n=one.undetermined)
        for one in with_bases
        if one.undetermined
    ]
    if undetermined:
        yield Note(
            "undetermined",
            "undetermined on {day}, for the outcome is not certain yet, and so not counted: {numbers}",
            day=state.as_of,
            numbers=Listing(undetermined),
        )
    for result in leaves:
        gone = [
            str(value) for e in result.each if e.verdict == "lapsed" for value in e.group.values()
        ]
        if gone:
            yield Note(
                "lapsed-values",
                "{target}: no case to count of {values}: lapsed",
                target=result.id,
                values=Listing(gone),
            )
        yield from _of_weights(result)
        for remark in result.remarks:
            yield about(result.id, remark)
        if result.verdict in ("met", "missed") and hangs_on_excluded(result):
            yield Note(
                "hangs-on-excluded",
                "{target}: the verdict hangs on the excluded cases ({reasons}): "
                "with them it could be the other one",
                target=result.id,
                reasons=_reasons(result),
            )
        if result.verdict in ("met", "missed") and result.id in sensitive:
            rejected = sum(state.facts[result.table or ""].rejected.values())
            yield Note(
                "hangs-on-rejected",
                "{target}: the verdict hangs on the rejected rows of {table}: at most "
                "{rejected:,} of them would count, and with them it could be the other one",
                target=result.id,
                table=result.table,
                rejected=rejected,
            )
        pending = result.undetermined + (0 if result.base is None else result.base.undetermined)
        if result.verdict in ("met", "missed") and pending and could_turn(result):
            yield Note(
                "could-turn",
                "{target}: the verdict could still turn: {n} cases are undetermined",
                target=result.id,
                n=pending,
            )


def _of_weights(result: TargetResult) -> Iterator[Note]:
    """Yield what numbers are sums of a column, and how many rows lack the number in it (S32)."""
    as_ = result.counted_as
    if as_ is None:
        return
    yield Note(
        "counted-as",
        "{target}: value, met, total and figures are of {column}, of which the counted rows "
        "have {counted:,}; counted, excluded, undetermined and outside are rows",
        target=result.id,
        column=as_.column,
        counted=as_.counted,
    )
    if n := result.excluded.get(WEIGHT_MISSING, 0):
        yield Note(
            "weight-missing",
            "{target}: rows without a number of {column} from 1 up, and so excluded: {n:,}; "
            "each could count as any number, so there is no range with the excluded",
            target=result.id,
            column=as_.column,
            n=n,
        )


def _reasons(result: TargetResult) -> Listing:
    """Return the reasons for which rows are excluded, those of the base after its window."""
    both: list[str] = [] if not result.excluded else [_numbers(result)]
    if result.base is not None and result.base.excluded:
        of_base = _numbers(result.base)
        window = PeriodName(result.base_window or "")
        both.append(Message("of {window}: {reasons}", window=window, reasons=of_base))
    return Listing(both)


def _numbers(result: TargetResult) -> Listing:
    """Return the excluded rows of a record by reason: "start missing 3"."""
    return Listing(
        (
            Message("{reason} {n:,}", reason=Word(reason), n=n)
            for reason, n in result.excluded.items()
        ),
        most=len(result.excluded),
    )


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
        within = Message("repeated ids")
        if distinct:
            ids = Listing(distinct)
            within = Message("{what}, the distinct values of {ids}", what=within, ids=ids)
        if any(len(t.tables) > 1 for t in targets):
            within = Message("{what} and pauses without a case", what=within)
        yield Note(
            "merged-batches",
            "merged from {batches:,} batches: {what} were looked for within each batch only; "
            "what stands in two of them is counted twice",
            batches=state.batches,
            what=within,
        )
    digests = sum(values.height for values in state.values.values())
    if digests > _MANY_DIGESTS:
        yield Note(
            "large-state", "the state holds {n:,} digests of distinct values (S23)", n=digests
        )
    for tables in dict.fromkeys(target.tables for target in targets):
        split = [t for t in targets if t.tables == tables and state.is_split(t)]
        if split:
            yield Note(
                "split-batches",
                "not assessable: {ids}: {why}",
                ids=_ids(split),
                why=_how_split(state, tables),
            )
    twice = [target for target in targets if state.is_reported_twice(target)]
    if twice:
        yield Note(
            "reported-twice",
            "not assessable: {ids}: reported in more than one batch; report each fact in one",
            ids=_ids(twice),
        )


def _ids(targets: Iterable[Target]) -> Listing:
    """Return the ids of targets, a condition under that of the target that has it."""
    ids = (t.id.removesuffix(CONDITION_OF).removesuffix(BASE_OF) for t in targets)
    return Listing(dict.fromkeys(ids))


def _how_split(state: State, tables: tuple[str, ...]) -> Message:
    lacking = state.coverage[tables].missing_tables
    if lacking:
        return Message(
            "some batches with rows of {tables} had no table {lacking}; "
            "give each batch all of these tables, an empty one where it has no row",
            tables=Listing(tables),
            lacking=Listing(table for table in tables if table in lacking),
        )
    strays = {table: n for table in tables if (n := state.facts[table].strays)}
    return Message(
        "{strays} whose case is not in the same batch, and may be in another; "
        "give each batch the pauses of its own cases, and no others",
        strays=Listing(
            Message("{rows} of {table}", rows=rows_text(n), table=table)
            for table, n in strays.items()
        ),
    )


def _options_in_use(plan: Plan) -> Iterator[Message]:
    """Yield the plan's time options that some target uses, in words."""
    used = {choice for target in plan.leaves() for choice in target.inherited_options(plan)}
    if "month_end" in used:
        yield Message("month ends {mode} (S4)", mode=Word(plan.month_end))
    if "calendar" in used:
        yield Message("working days of {calendar} (S7)", calendar=plan.calendar)
    if "roll" in used:
        yield Message("due days moved to the next working day (S8)")


def _of_score(score: Score) -> Iterator[Note]:
    if score.if_all != score.if_split:
        yield Note(
            "score-sharing",
            "the score is {if_all:f} if a shared weight is earned only when all of its "
            "requirements are met, {if_split:f} if it is split equally; no source settles which",
            if_all=score.if_all,
            if_split=score.if_split,
        )
    for word, weight in score.aside.items():
        yield Note(
            "weight-aside",
            "weight {weight:f} of {of:f} is {verdict} and earns nothing",
            weight=weight,
            of=score.of,
            verdict=_ASIDE[word],
        )


_ASIDE = {
    "not_assessable": Message("not assessable"),
    "open": Message("still open"),
    "lapsed": Message("lapsed"),
}
"""The verdicts whose weight earns nothing, in words."""
