"""All final figures that a target can still have, by evaluating every completion (F2, F7 to F13)."""

from __future__ import annotations

import datetime as dt
import math
from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from functools import cached_property
from itertools import combinations_with_replacement, product
from typing import Any

from attrs import evolve, frozen

from kpi.definitions.plan import Plan
from kpi.definitions.table import Table
from kpi.definitions.windows import Window
from kpi.testing.oracle import Case, Outcome, last_day, outcome_of, snapshots, verdict_day
from kpi.testing.oracle.follow_up.completions import (
    FACTS,
    Rows,
    Values,
    completions_of,
    facts_read,
    moments,
    newcomers,
    reports,
)
from kpi.testing.oracle.follow_up.direction import Direction, direction_of
from kpi.testing.oracle.follow_up.final_figures import Final, final_of
from kpi.testing.oracle.follow_up.known import known_rows
from kpi.testing.oracle.follow_up.likeness import (
    adds_up,
    row_likeness,
    table_likeness,
    without_ranks,
)

_MANY = 250
"""How many newcomers of one kind outweigh any rows of a small table, in shares and in means."""

_ENOUGH = 2000
"""The evaluations above which fewer newcomers are tried together."""


@frozen(kw_only=True)
class Possibilities:
    """What a target can still come to, of every completion of what is known.

    Attributes:
        target: the target's id.
        final_day: the last day of its window, or its deadline.
        direction: whether a large or a small value keeps it; None where either may, or neither.
        known: the final figures without newcomers.
        with_newcomers: the final figures with newcomers of every kind, and with reports too.
        verdict: `secured` where every final verdict is met, `lost` where every one is missed, else
            `open`; `lapsed` and `indicator` where every one is; from the last day on, the verdict.
        newcomers_met: whether a newcomer can be counted and met, or be one of the late cases that
            are asked for; None where rows are not judged.
        newcomers_missed: whether a newcomer can be counted and not met; None likewise.
        together: how many newcomers were tried together, at most.
        helped: whether newcomers turn a final figure that is missed.
        hurt: whether newcomers turn a final figure that is met.
        evaluated: the number of completions that were evaluated as they stand.
        completions: the number of completions that those stand for.
    """

    target: str
    final_day: dt.date
    direction: Direction | None
    known: frozenset[Final]
    with_newcomers: frozenset[Final]
    verdict: str
    newcomers_met: bool | None
    newcomers_missed: bool | None
    together: int
    helped: bool
    hurt: bool
    evaluated: int
    completions: int

    @property
    def may_be_empty(self) -> bool:
        """Whether some completion without newcomers has no value (S25, F7)."""
        return any(final.value is None for final in self.known)

    @property
    def least(self) -> Fraction | None:
        """The least value without newcomers; None where no completion has one."""
        return min(_values(self.known), default=None)

    @property
    def greatest(self) -> Fraction | None:
        """The greatest value without newcomers; None where no completion has one."""
        return max(_values(self.known), default=None)

    @property
    def worst(self) -> Fraction | None:
        """The worst value without newcomers; the least where the target has no direction."""
        return self.greatest if self.direction == "small" else self.least

    @property
    def best(self) -> Fraction | None:
        """The best value without newcomers; the greatest where the target has no direction."""
        return self.least if self.direction == "small" else self.greatest


def _values(finals: Iterable[Final]) -> Iterator[Fraction]:
    return (final.value for final in finals if final.value is not None)


def possibilities(
    plan: Plan,
    tables: Mapping[str, Sequence[Mapping[str, object]]],
    as_of: dt.date,
    *,
    values: Values | None = None,
    times: Sequence[dt.time] = (),
    most: int = 2,
    alike: bool = True,
) -> list[Possibilities]:
    """Return what each target of a plan can still come to, in the order of the targets.

    Args:
        plan: the plan; of a requirement of several parts each part is asked for.
        tables: the rows of each table.
        as_of: the day at whose end the tables are known.
        values: the cells that newcomers may have, by table and by column that is neither entry nor
            event; of the table of facts, those of reports.
        times: the times of day of events to come, where the clock is read.
        most: how many newcomers of any kinds are tried together; from 2 on, many of one kind too.
            With 0 nothing comes, reports neither.
        alike: whether of the completions of a row that are alike only one is evaluated; else all.
    """
    rows = {
        table.name: known_rows(table, tables[table.name], plan.time_zone, as_of)
        for table in plan.tables
        if table.name in tables
    }
    given = {} if values is None else values
    return [
        _Asked(plan, target, rows, as_of, given, times, most, alike).possibilities()
        for target in plan.leaves()
    ]


def final_day(target: Any, plan: Plan) -> dt.date:
    """Return the day from which on a target's verdict is final, that of its base too (S27, S33)."""
    day = verdict_day(target, plan)
    base = getattr(target, "against", None)
    last = last_day(base) if isinstance(base, Window) else None
    return day if last is None else max(day, last)


@frozen
class _Alternative:
    """One way in which rows of the tables can turn out, standing for all that are alike.

    Attributes:
        cases: the snapshots of the rows as of the last day, by table.
        stands_for: the number of completions that are alike, with this one.
        alone: the outcome of the target in tables of these rows alone.
    """

    cases: Mapping[str, Sequence[Case]]
    stands_for: int
    alone: Outcome


_Cases = dict[str, list[Case]]


@frozen
class _Asked:
    """One target, and what its completions are made of."""

    plan: Plan
    target: Any
    rows: Rows
    as_of: dt.date
    values: Values
    times: Sequence[dt.time]
    most: int
    alike: bool

    @cached_property
    def table(self) -> Table:
        """The target's table, with the events that it reads: the others change nothing."""
        table = next(table for table in self.plan.tables if table.name == self.target.table)
        if not self.alike or table.derived:
            return table
        return evolve(table, events=[event for event in table.events if event in self.read])

    @cached_property
    def read(self) -> set[str]:
        """The columns that the target reads."""
        return {read.column for read in self.target.reads()}

    @cached_property
    def day(self) -> dt.date:
        """The day that completions are evaluated as of."""
        return max(final_day(self.target, self.plan), self.as_of)

    @cached_property
    def after(self) -> list[dt.date]:
        """The cells that an event to come may have."""
        return moments(self.as_of, self.day, self.times)

    @property
    def _is_a_quotient(self) -> bool:
        """Whether the figure is of a share or a mean, not a number of rows."""
        late = getattr(self.target, "late", None)
        return self.target.rule in ("average", "percentile", "share", "within") and late is None

    def possibilities(self) -> Possibilities:
        """Evaluate every completion, first without newcomers, then with them.

        The completions of a table are the product of those of its rows, as each is independent of
        the others (F2). Of the completions of a row that are alike one is taken: by `row_likeness` a
        target tells them apart in no table. So no completion is left out; it is evaluated once for
        all that give the same figures.
        """
        rows = [self._told_apart(each) for each in self._known()]
        found: dict[Hashable, tuple[_Cases, Outcome]] = {}
        evaluated = completions = 0
        for n, chosen in enumerate(product(*rows)):
            cases = self._together(chosen)
            outcome = self._evaluated(cases)
            evaluated += 1
            completions += _number(chosen)
            # Newcomers join tables whose figures are sums only once for each figures (F15).
            alike = self.alike and adds_up(self.target)
            found.setdefault(table_likeness(outcome) if alike else n, (cases, outcome))
        without = completions
        known = {final_of(outcome) for _, outcome in found.values()}
        finals, helped, hurt = set(known), False, False
        kinds = self._kinds_of_newcomers()
        facts = self._reports()
        number = self._together_at_most(kinds, len(found))
        for more in _more(kinds, facts, number):
            added = self._together(more)
            completions += without * _number(more)
            for cases, before in found.values():
                after = self._evaluated(_joined(cases, added))
                evaluated += 1
                finals.add(final_of(after))
                helped |= (before.verdict, after.verdict) == ("missed", "met")
                hurt |= (before.verdict, after.verdict) == ("met", "missed")
        verdicts = {final.verdict for final in finals}
        if len(verdicts) == 1 and self.most > 1 and self.as_of < self.day:
            in_numbers = self._in_numbers(found.values(), kinds)
            finals |= in_numbers
            verdicts |= {final.verdict for final in in_numbers}
        judged = [row.met for kind in kinds for row in kind.alone.trail if row.bucket == "counted"]
        is_judged = self.target.rule in _JUDGED
        late = getattr(self.target, "late", None)
        # Where at least so many late cases are asked for, a late one is towards what is asked.
        asks_for_late = late is not None and (late.at_least, late.more_than) != (None, None)
        helpful = {True, False} if asks_for_late else {True}
        return Possibilities(
            target=self.target.id,
            final_day=final_day(self.target, self.plan),
            direction=direction_of(self.target),
            known=frozenset(known),
            with_newcomers=frozenset(finals),
            verdict=self._verdict(verdicts),
            newcomers_met=not helpful.isdisjoint(judged) if is_judged else None,
            newcomers_missed=False in judged if is_judged else None,
            together=number,
            helped=helped,
            hurt=hurt,
            evaluated=evaluated,
            completions=completions,
        )

    def _verdict(self, verdicts: set[str]) -> str:
        """Return the verdict before the last day: certain only where every completion agrees (F12)."""
        if self.as_of >= final_day(self.target, self.plan):
            (verdict,) = verdicts
            return verdict
        if len(verdicts) > 1:
            return "open"
        (only,) = verdicts
        certain = {"met": "secured", "missed": "lost", "lapsed": "lapsed", "indicator": "indicator"}
        return certain.get(only, "open")

    # Completions

    def _known(self) -> Iterator[Iterator[Rows]]:
        """Yield the completions of each known row of the target's table, and of its pauses.

        Of the tables that only tell whether a condition came about nothing is completed: the column
        that tells it is no event.
        """
        table = self.table
        names = {*getattr(self.target, "pauses", ()), *getattr(self.target, "unless_paused", ())}
        for row in self.rows[table.name]:
            key = [row[column] for column in table.key]
            pauses = {
                other.name: [
                    pause
                    for pause in self.rows[other.name]
                    if [pause[column] for column in other.key] == key
                ]
                for other in self.plan.tables
                if other.name in names
            }
            yield completions_of(self.plan, table, row, pauses, self.after)
        if self.target.on_condition is not None and table.name != FACTS:
            yield iter([{FACTS: self.rows[FACTS]}])

    def _told_apart(self, completions: Iterable[Rows]) -> list[_Alternative]:
        """Return the completions of rows, one of those that are alike, in the order of the first."""
        found: dict[Hashable, _Alternative] = {}
        asked = without_ranks(self.target)
        for n, rows in enumerate(completions):
            cases = self._snapshots(rows)
            alone = self._outcome(asked, cases)
            like: Hashable = n
            if self.alike:
                own = cases.get(self.table.name, [])
                told = [row_likeness(self.target, alone, case) for case in own]
                like = (*told, repr([c.cells.get("condition") for c in cases.get(FACTS, ())]))
            alternative = found.get(like, _Alternative(cases, 0, alone))
            found[like] = evolve(alternative, stands_for=alternative.stands_for + 1)
        return list(found.values())

    def _kinds_of_newcomers(self) -> list[_Alternative]:
        """Return the newcomers of the target's own table, one of those that are alike."""
        table = self.table
        if not self.after or not self.most or table.name == FACTS:
            return []
        values = {
            column: cells if column in self.read or not self.alike else cells[:1]
            for column, cells in self.values.get(table.name, {}).items()
        }
        rows = ({table.name: [row]} for row in newcomers(table, values, self.after))
        return self._told_apart(rows)

    def _together_at_most(self, kinds: Sequence[_Alternative], tables: int) -> int:
        """Return how many newcomers are tried together: fewer where their kinds are many."""
        number = self.most
        while number > 1 and tables * math.comb(len(kinds) + number, number) > _ENOUGH:
            number -= 1
        return number

    def _reports(self) -> list[list[_Alternative | None]]:
        """Return, for each fact that the target reads and nobody reported, the reports, or none."""
        facts: list[list[_Alternative | None]] = []
        table = next((table for table in self.plan.tables if table.name == FACTS), None)
        if table is None or not self.after or not self.most:
            return facts
        values = self.values.get(FACTS, {})
        for fact in facts_read(self.target):
            if not any(row[table.key[0]] == fact for row in self.rows[FACTS]):
                rows = ({FACTS: [row]} for row in reports(table, fact, values, self.after))
                facts.append([None, *self._told_apart(rows)])
        return facts

    def _in_numbers(
        self, found: Iterable[tuple[_Cases, Outcome]], kinds: Sequence[_Alternative]
    ) -> set[Final]:
        """Return the final figures with many newcomers of one kind, until a verdict differs.

        Where one and two newcomers turn no verdict, many may: with 6 of 6 met, 60 % holds with two
        late ones and not with five. A share or mean of many alike comes to what one of them is alone,
        so that of these only those are tried that alone are something else. They join the tables with the least and
        the greatest value, which are as near to the threshold as any. At last many of all kinds
        come together: each period of a series may ask for its own.
        """
        tables = sorted(found, key=lambda each: each[1].value or Fraction(0))
        verdict = tables[0][1].verdict
        ends = [tables[0], *tables[1:][-1:]]
        finals = set()
        counted_kinds = []
        for kind in kinds:
            is_counted = any(row.bucket == "counted" for row in kind.alone.trail)
            comes_to_nothing_else = self._is_a_quotient and kind.alone.verdict == verdict
            if not is_counted or comes_to_nothing_else:
                continue
            counted_kinds.append(kind)
        groups = [[kind] for kind in counted_kinds]
        for together in (*groups, counted_kinds):
            many = self._together(together * _MANY)
            for cases, _ in ends:
                final = final_of(self._evaluated(_joined(cases, many)))
                finals.add(final)
                if final.verdict != verdict:
                    return finals
        return finals

    # Evaluation

    def _snapshots(self, rows: Rows) -> _Cases:
        """Return the snapshots of rows; those whose id stands twice among all known rows are so."""
        cases = snapshots(self.plan, rows, self.day)
        for table in self.plan.tables:
            if table.name in cases and table.pauses is None:
                times = Counter(
                    tuple(row[column] for column in table.key) for row in self.rows[table.name]
                )
                cases[table.name] = [
                    evolve(case, repeated=times[case.key] > 1) for case in cases[table.name]
                ]
        return cases

    def _together(self, alternatives: Iterable[_Alternative]) -> _Cases:
        """Return the rows of several alternatives; each newcomer gets a key of its own."""
        together: _Cases = {name: [] for name in self.rows}
        table = self.table
        for n, alternative in enumerate(alternatives):
            for name, cases in alternative.cases.items():
                together[name] += [
                    _with_key(case, table, f"newcomer {n}")
                    if name == table.name and not any(case.key)
                    else case
                    for case in cases
                ]
        return together

    def _evaluated(self, cases: _Cases) -> Outcome:
        return self._outcome(self.target, cases)

    def _outcome(self, target: Any, cases: _Cases) -> Outcome:
        given = {name: cases.get(name, []) for name in self.rows}
        return outcome_of(target, self.plan, given, self.day)


_JUDGED = ("clearance", "every_working_day", "milestone", "share", "within")
"""The rules that say of each counted row whether it is met."""


def _more(
    kinds: Sequence[_Alternative], facts: Sequence[Sequence[_Alternative | None]], most: int
) -> Iterator[tuple[_Alternative, ...]]:
    """Yield what can come beside the known rows: newcomers of every kind, and reports."""
    for number in range(most + 1):
        for some in combinations_with_replacement(kinds, number):
            for reported in product(*facts):
                more = (*some, *(report for report in reported if report is not None))
                if more:
                    yield more


def _with_key(case: Case, table: Table, key: str) -> Case:
    cells = {**case.cells, **dict.fromkeys(table.key, key)}
    return evolve(case, key=(key,) * len(table.key), cells=cells)


def _joined(some: _Cases, others: _Cases) -> _Cases:
    return {name: [*some[name], *others[name]] for name in some}


def _number(alternatives: Sequence[_Alternative]) -> int:
    """Return the number of completions that some alternatives together stand for.

    Of several newcomers of one kind each may be any that are alike, in no order.
    """
    number = 1
    for alternative in {id(each): each for each in alternatives}.values():
        times = sum(each is alternative for each in alternatives)
        number *= math.comb(alternative.stands_for + times - 1, times)
    return number
