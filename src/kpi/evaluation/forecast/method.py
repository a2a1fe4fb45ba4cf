"""Which way the figure of a target is estimated, or why it is not (F29)."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Literal

import polars as pl
from attrs import evolve, frozen

from kpi.definitions.columns import Columns
from kpi.definitions.date_bounds import CaseDate, DateBounds
from kpi.definitions.derived_dates import DateOffset
from kpi.definitions.limits import Before, DueColumn
from kpi.definitions.messages import Message, Word
from kpi.definitions.plan import Plan
from kpi.definitions.population import Condition, Population
from kpi.definitions.reserved import instant_name
from kpi.definitions.table import Table
from kpi.definitions.target import Target
from kpi.definitions.windows import Window
from kpi.errors import InternalError
from kpi.rules import _population as populations
from kpi.rules._interval import IntervalTarget
from kpi.rules._pausable import PausableTarget
from kpi.rules.average import Average
from kpi.rules.clearance import Clearance
from kpi.rules.count import Count
from kpi.rules.flow import Flow
from kpi.rules.percentile import Percentile
from kpi.rules.share import Share
from kpi.rules.stock import Stock
from kpi.rules.within import Within
from kpi.tables.checked_table import CheckedTable

Way = Literal["life table", "last year"]

_RULES = (Average, Clearance, Count, Flow, Percentile, Share, Stock, Within)
_NOT_FORESEEN = {
    "every_working_day": Message("a single working day decides it; a person says"),
    "milestone": Message("it is done or not; a person says"),
    "reported": Message("a person reports it; a person says"),
}


@frozen
class Method:
    """The way in which the figure of a target is estimated.

    Attributes:
        way: by a life table, or by what the same remaining days of last year gave.
        start: the date that ages are counted from; the entry, where the target has no start. None
            where the second way needs none.
        end: the date on which cases end; None likewise.
    """

    way: Way
    start: str | None = None
    end: str | None = None

    @property
    def interval(self) -> tuple[str, str]:
        """The dates of start and end, of a life table.

        Raises:
            InternalError: where the second way is taken.
        """
        if self.start is None or self.end is None:
            raise InternalError("a life table was asked of a target without start and end")
        return self.start, self.end


def unforeseen(target: Target) -> Message | None:
    """Return why no figure of a kind of target can be estimated; None where it can (F29)."""
    if target.rule in _NOT_FORESEEN:
        why = _NOT_FORESEEN[target.rule]
        return Message(
            "no estimate of the rule {rule}: {why} (F29)", rule=Word(target.rule), why=why
        )
    if not isinstance(target, _RULES):
        return Message(
            "no estimate of the rule {rule}, which is not one of kpi (F29)", rule=target.rule
        )
    return None


def method_of(target: Target, plan: Plan, checked: CheckedTable) -> Method | Message:
    """Return the way in which a target is estimated, or the reason why it is not (F29)."""
    refused = next(_refusals(target, checked.frame.collect_schema().names()), None)
    if refused is not None:
        return refused
    table = checked.table
    start, end = _interval(target, plan, table)
    dated = [c for c in target.conditions() if _reads_dates(c, table)]
    of_the_case = {name for name in (start, end, table.entry) if name is not None}
    if (
        start is None
        or end is None
        or not _happens(start, table)
        or not _happens(end, table)
        or any(_dates_of(condition) - of_the_case for condition in dated)
        or (isinstance(target, Within) and isinstance(target.limit, Before))
        or (isinstance(target, Within) and target.on not in (None, *of_the_case))
    ):
        return Method("last year")
    return Method("life table", start, end)


def _refusals(target: Target, columns: Collection[str]) -> Iterator[Message]:
    """Yield each reason why a target is not estimated that its definition gives."""
    if isinstance(target, PausableTarget) and (target.pauses or target.unless_paused):
        yield Message("its time is paused (S14), and when open cases will be paused is not known")
    if target.timestamp_columns():
        yield Message("its time is read by the clock (S3), and an estimate knows whole days")
    if isinstance(target.limit, DueColumn):
        column = target.limit.column
        if instant_name(column) in columns:
            yield Message(
                "the due dates in {column} have times of day (S3), and an estimate knows whole days",
                column=column,
            )
    if isinstance(target, Count) and target.distinct is not None:
        yield Message(
            "each {column} counts once (S23), and whose cases will come is not known",
            column=target.distinct,
        )
    if target.every is not None:
        yield Message(
            "every {every} is asked for by itself (S30), and only one of them is still to end",
            every=Word(target.every),
        )
    if target.comparison is not None:
        yield Message("it is compared with another window (S33)")
    if isinstance(target, Average) and target.mean_of_means is not None:
        yield Message("each {column} counts alike (S16)", column=target.mean_of_means)


def _interval(target: Target, plan: Plan, table: Table) -> tuple[str | None, str | None]:
    """Return the dates from which and to which a case is open; None where the target has none."""
    if isinstance(target, IntervalTarget):
        return target.start, target.end
    if isinstance(target, Count):
        ends = {
            t.end for t in plan.leaves() if isinstance(t, IntervalTarget) and t.table == table.name
        }
        if target.on in ends:
            return table.entry, target.on
    return None, None


def _happens(column: str, table: Table) -> bool:
    """Return whether a date is an entry or an event, or is derived from such: no planned date."""
    happening = {table.entry, *table.events}
    return all(name in happening for name, kind in table.made_of(column) if kind == "date")


def _reads_dates(condition: Condition, table: Table) -> bool:
    return isinstance(condition.test, Window | DateBounds) or condition.column in table.all_dates


def _dates_of(condition: Condition) -> set[str]:
    """Return the dates by which a condition puts a row in a window; none where it asks for any."""
    if isinstance(condition.test, DateBounds):
        bounds = condition.test.bounds().values()
        others = {bound.date for bound in bounds if isinstance(bound, CaseDate | DateOffset)}
        return {condition.column, *others}
    return {condition.column} if isinstance(condition.test, Window) else set()


def population_tests(cases: Target, columns: Columns) -> list[pl.Expr]:
    """Return the predicates that a row of a population passes."""
    if isinstance(cases, IntervalTarget):
        return [test for _, test in cases.population(columns)]
    return [test for _, test in populations.tests(columns, cases.where, cases.unless, None)]


def without_windows(target: Target, method: Method, table: Table) -> Target:
    """Return the target about the cases of a life table: without what puts a row in a window (F21).

    Conditions on the dates from which and to which a case is open, and on its entry, are left out.
    """
    own = {name for name in (method.start, method.end, table.entry) if name is not None}

    def stays(condition: Condition) -> bool:
        return not _dates_of(condition) & own and condition.column != method.end

    where, unless = target.where, target.unless
    any_of = where.any_of if all(stays(c) for p in where.any_of for c in p) else ()
    keys: dict[str, object] = {"open_at": None} if target.has_key("open_at") else {}
    return evolve(
        target,
        where=Population(tuple(filter(stays, where.conditions)), any_of),
        unless=unless if all(map(stays, unless.leaves())) else Population(),
        **keys,
    )
