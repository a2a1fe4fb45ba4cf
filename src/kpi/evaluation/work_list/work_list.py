"""Work list of a follow-up: the open cases of each target that is not final yet (F31 to F35)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from functools import cached_property

import polars as pl
from attrs import frozen

from kpi.definitions.messages import Listing, Message
from kpi.definitions.notes import Note
from kpi.definitions.plan import Plan
from kpi.engine.completions.asked import asked_after
from kpi.engine.completions.decisions import Decisions, decisions, why_not_listed
from kpi.errors import KpiError
from kpi.evaluation.work_list import lists
from kpi.evaluation.work_list.workload import Load, load_of
from kpi.fork_guard import use_engine
from kpi.results.result import Result
from kpi.results.target_result import TargetResult
from kpi.tables.as_of import Snapshot
from kpi.tables.needs import Needs


@frozen(eq=False, repr=False)
class WorkList:
    """The open cases of the targets of an evaluation whose last day is not over.

    Attributes:
        result: the evaluation as of the day.
    """

    result: Result

    @property
    def plan(self) -> Plan:
        """The plan."""
        return self.result.plan

    @property
    def tables(self) -> Mapping[str, Snapshot]:
        """The tables at the as-of date.

        Raises:
            KpiError: for a result of merged states, which hold no cases.
            DataError: where a large file has changed since it was checked.
        """
        if self.result.tables is None:
            raise KpiError(
                "no work list: this result was finished from states, which hold no cases"
            )
        for snapshot in self.result.tables.values():
            if snapshot.fingerprint is not None:
                snapshot.fingerprint.require_unchanged()
        return self.result.tables

    @cached_property
    def decisions(self) -> Mapping[str, Decisions]:
        """What deciding its open cases does to each target, by id, in the order of the plan."""
        use_engine()
        found = {}
        needs, tables = Needs(self.plan), self.tables
        for target in self.plan.leaves():
            if set(target.tables) - tables.keys() or why_not_listed(target) is not None:
                continue
            derived = needs.of(target.table).derived_dates
            for asked in asked_after(self.plan, [target], self.result.as_of):
                if asked.period is None:
                    found[asked.id] = decisions(self.plan, tables[target.table], derived, asked)
        return found

    def _of(self, ids: Iterable[str]) -> list[Decisions]:
        """Return the decisions of some targets, of the parts of a requirement too; of none, all.

        Raises:
            KeyError: for an id that no requirement of the plan has.
        """
        chosen = {leaf.id for leaf in (self.plan.only(*ids) if ids else self.plan).leaves()}
        return [of for name, of in self.decisions.items() if name in chosen]

    def cases(self, *ids: str) -> pl.LazyFrame:
        """Return a row per open case, with the targets that deciding it helps and hurts (F35)."""
        return lists.by_case(self.plan, self.tables, self._of(ids))

    def by_target(self, *ids: str) -> pl.LazyFrame:
        """Return a row per target and open case (F31)."""
        return lists.by_target(self.plan, self.tables, self._of(ids))

    def loads(self, capacity: Fraction | None) -> tuple[Load, ...]:
        """Return the load of each target (F33, F34).

        Args:
            capacity: decisions a week; None for the mean of the last 13 weeks of each target.
        """
        records = {record.id: record for record in self.result.leaves()}
        return tuple(
            load_of(
                self.plan,
                self.tables[of.asked.target.table],
                of,
                capacity,
                _counts(records[name]),
                None if (possible := records[name].possible) is None else possible.room,
            )
            for name, of in self.decisions.items()
        )

    def notes(self) -> tuple[Note, ...]:
        """Return what the list does not hold, a line for each kind: nothing is left out in silence."""
        return tuple(
            Note("work-not-listed", "work list: {what}", what=what) for what in self._left_out()
        )

    def _left_out(self) -> Iterator[Message]:
        reasons: dict[Message, list[str]] = {}
        for target in self.plan.leaves():
            last = target.window_of(self.plan).last
            reason = why_not_listed(target)
            if target.id in self.decisions:
                continue
            if last is not None and last <= self.result.as_of:
                reason = Message("is over")
            elif reason is None:
                reason = Message(
                    "needs a table that is missing: {tables}",
                    tables=Listing(sorted(set(target.tables) - self.tables.keys())),
                )
            reasons.setdefault(reason, []).append(target.id)
        for reason, ids in reasons.items():
            said = reason
            if len(ids) > 1:
                said = Message(_OF_SEVERAL[reason.template].template, **reason.values)
            yield Message(
                "no cases of {ids}, which {why}", ids=Listing(ids, most=len(ids)), why=said
            )
        numbers = (
            (
                "no_effect",
                Message("open cases whose deciding changes nothing any more, not listed"),
            ),
            ("waiting", Message("decided cases that wait for another date, not listed")),
            ("untold", Message("open cases that could not be followed, not listed")),
            (
                "paused",
                Message(
                    "open cases without a due date while their pause runs, listed without a last day"
                ),
            ),
        )
        for name, words in numbers:
            of = [(key, n) for key, one in self.decisions.items() if (n := _number(one, name))]
            if of:
                yield Message(
                    "{what}: {numbers}",
                    what=words,
                    numbers=Listing(
                        (Message("{n:,} of {target}", n=n, target=key) for key, n in of),
                        most=len(of),
                    ),
                )
        series = [
            leaf.id for leaf in self.plan.leaves() if leaf.id in self.decisions and leaf.every
        ]
        if series:
            yield Message(
                "the periods of {ids} are not told apart: the list is of the whole window",
                ids=Listing(series, most=len(series)),
            )


_OF_SEVERAL: Mapping[str, Message] = {
    "is over": Message("are over"),
    "asks for nothing": Message("ask for nothing"),
    "is reported by people, and has no cases": Message("are reported by people, and have no cases"),
    "has a figure to which no case adds a part of its own": Message(
        "have a figure to which no case adds a part of its own"
    ),
    "has days for rows, and no cases": Message("have days for rows, and no cases"),
    "is compared with a base, and has no limit that a case could keep": Message(
        "are compared with a base, and have no limit that a case could keep"
    ),
    "asks for a number between two bounds": Message("ask for a number between two bounds"),
    "needs a table that is missing: {tables}": Message("need a table that is missing: {tables}"),
}
"""The reasons of a target, and the same of several."""


def _number(of: Decisions, name: str) -> int:
    return of.cases("paused") if name == "paused" else int(getattr(of, name))


def _counts(record: TargetResult) -> tuple[int, int] | None:
    """Return met and counted of a share, in what its rows count as; else None."""
    if record.met is None or record.unit != "share":
        return None
    return record.met, record.denominator
