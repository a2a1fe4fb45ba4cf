"""Tables of a synthetic extract: rows of each target's scenario, in the declared types."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import polars as pl
from attrs import field, frozen

from kpi.definitions.derived_dates import Derived, day_ended
from kpi.definitions.kinds import Kind
from kpi.definitions.plan import Plan
from kpi.definitions.table import Table
from kpi.definitions.target import Target
from kpi.rules._reported import FactTarget
from kpi.sample.day_scenario import DayScenario, day_rows
from kpi.sample.facts import COLUMNS, Facts
from kpi.sample.scenario import Scenario
from kpi.sample.scenarios import Scenarios
from kpi.sample.sources_of_derived import undo
from kpi.sample.tiers import joined
from kpi.sample.values import Pool, Row, between, day_of, kinds, pools

_TRIES = 20
_MOST_REFUSED, _MOST_IN_VAIN = 10, 200
_AGAIN = 0.08
_FILLED = 0.6
_FILLED_BY_OTHERS = 0.6
_LEAST = 100
_NOON = dt.time(12)


def table_frame(
    plan: Plan,
    table: Table,
    readers: Sequence[Target],
    kept: Collection[str],
    rows: int,
    seed: int,
) -> pl.DataFrame:
    """Return a table of a synthetic extract.

    Args:
        plan: the plan.
        table: the declaration of the table.
        readers: the targets that read the table, each under every one of its readings.
        kept: the ids of the targets that are to be reached.
        rows: the most rows that the table may have.
        seed: what the choices depend on.
    """
    columns = kinds(table, readers)
    has_facts = any(isinstance(target, FactTarget) for target in readers)
    if has_facts:
        columns = {name: columns.get(name, kind) for name, kind in COLUMNS.items()} | columns
    derived = {name: date for name, date in table.derived.items() if name in columns}
    for name in derived:
        # What a condition asks of a column may leave its kind open, where a date is derived from it.
        columns |= {
            column: kind for column, kind in table.made_of(name) if columns.get(column) == "any"
        }
    values = pools(table, columns, readers)
    own = {target.id for target in plan.leaves()}
    scenarios = [
        scenario
        for target in [t for t in readers if t.id in own] or readers
        if not isinstance(target, FactTarget)
        for scenario in Scenarios(plan, table, values).at(
            target,
            _rng(seed, plan.id, table.name, target.id),
            kept=target.id in kept or target.id not in own,
        )
    ]
    scenarios = joined(scenarios)
    builder = _Rows(plan, table, derived, values, _rng(seed, plan.id, table.name), rows)
    if has_facts:
        for row in Facts(plan, readers, kept).rows(builder.rng):
            builder.fill(row)
            builder.take(row)
    else:
        builder.make(scenarios)
    minutes = {name for target in readers for name in target.timestamp_columns()}
    minutes |= day_ended(derived)
    columns = {name: kind for name, kind in columns.items() if name not in table.derived}
    for name in derived:
        columns |= dict(table.made_of(name))
    return _frame(columns, builder.rows, minutes)


def _rng(*of: object) -> random.Random:
    return random.Random("/".join(map(str, of)))  # noqa: S311 - a sample, not a secret


def _frame(
    columns: Mapping[str, Kind], rows: Sequence[Row], minutes: Collection[str]
) -> pl.DataFrame:
    types: dict[Kind, pl.DataType] = {
        "text": pl.String(),
        "any": pl.String(),
        "integer": pl.Int64(),
        "number": pl.Float64(),
        "boolean": pl.Boolean(),
        "date": pl.Date(),
    }
    series = []
    for name, kind in columns.items():
        cells = [row.get(name) for row in rows]
        if kind != "date":
            series.append(pl.Series(name, cells, types[kind]))
        elif name in minutes:
            series.append(pl.Series(name, [_time(value) for value in cells], pl.Datetime("us")))
        else:
            series.append(pl.Series(name, [_day(value) for value in cells], pl.Date()))
    return pl.DataFrame(series)


def _time(value: dt.date | None) -> dt.datetime | None:
    if value is None or isinstance(value, dt.datetime):
        return value
    return dt.datetime.combine(value, _NOON)


def _day(value: dt.date | None) -> dt.date | None:
    return None if value is None else day_of(value)


@frozen
class _Rows:
    """The rows of a table, as they are made.

    Attributes:
        plan: the plan.
        table: the declaration of the table.
        derived: the dates that the plan derives and targets read.
        pools: the values of its columns that are no dates.
        rng: where the choices come from.
        most: the most rows that the table may have.
        rows: the rows so far.
    """

    plan: Plan
    table: Table
    derived: Mapping[str, Derived]
    pools: Mapping[str, Pool]
    rng: random.Random
    most: int
    rows: list[Row] = field(factory=list, init=False)
    _keys: set[tuple[Any, ...]] = field(factory=set, init=False, repr=False)

    def make(self, scenarios: Sequence[Scenario]) -> None:
        """Make rows for every scenario: days, then as many as there is room for, then counts."""
        days = [scenario for scenario in scenarios if isinstance(scenario, DayScenario)]
        for row in day_rows(days, self.most, self.rng):
            self.fill(row)
            self.take(row)
        free = [
            scenario
            for scenario in scenarios
            if scenario.wanted is None and not isinstance(scenario, DayScenario)
        ]
        counted = _Tallies([scenario for scenario in scenarios if scenario.wanted is not None])
        self._make_free(free, scenarios, counted)
        self._make_counted(scenarios, counted)

    def _make_free(
        self, free: Sequence[Scenario], scenarios: Sequence[Scenario], counted: _Tallies
    ) -> None:
        if not free:
            return
        room = self.most - min(counted.missing(), self.most // 2) - len(self.rows)
        turns = [free[n % len(free)] for n in range(max(room, 0))]
        self.rng.shuffle(turns)
        refused, least = 0, _LEAST * len(free)
        for scenario in turns:
            row = self._new(scenario, scenarios)
            refused = refused + 1 if row is None else 0
            enough = len(self.rows) >= least and counted.enough(_FILLED_BY_OTHERS)
            if refused >= _MOST_REFUSED or enough:
                break
            if row is not None:
                counted.add(row, len(self.rows))

    def _make_counted(self, scenarios: Sequence[Scenario], counted: _Tallies) -> None:
        in_vain = 0
        while in_vain < _MOST_IN_VAIN and len(self.rows) < self.most:
            scenario = counted.next(self.rng)
            if scenario is None:
                break
            row = self._new(scenario, scenarios)
            before = counted.missing()
            if row is not None:
                counted.add(row, len(self.rows))
            in_vain = in_vain + 1 if counted.missing() == before else 0

    def _new(self, scenario: Scenario, scenarios: Sequence[Scenario]) -> Row | None:
        """Return a row for a scenario, or None where every draw repeats a key."""
        for _ in range(_TRIES):
            row = self._drawn(scenario, [other for other in scenarios if other is not scenario])
            if self.take(row):
                return row
        return None

    def _drawn(self, scenario: Scenario, others: Sequence[Scenario]) -> Row:
        row: Row = {}
        rng = self.rng
        scenario = scenario.variant(rng)
        scenario.choose(row, rng)
        for other in others:
            if other.fits(row):
                other.complete_values(row, rng)
        self._fill_values(row)
        scenario.dates(row, others, rng)
        for other in others:
            if other.fits(row):
                other.complete(row, rng)
        self._fill_dates(row)
        scenario.avoid(row, rng)
        scenario.spoil(row, rng)
        return row

    def take(self, row: Row) -> bool:
        """Add a row under its key, and return whether there was room and the key was new."""
        if len(self.rows) >= self.most:
            return False
        for name in self.table.key:
            if row.get(name) in (None, ""):
                row[name] = self._id(name)
        key = tuple(row[name] for name in self.table.key)
        if key in self._keys:
            return False
        self._keys.add(key)
        self.rows.append(row)
        return True

    def _id(self, name: str) -> Any:
        if name in self.table.date_columns:
            return dt.date(1970, 1, 1) + dt.timedelta(len(self.rows))
        pool = self.pools.get(name)
        if pool is not None and pool.named and isinstance(pool.named[0], int):
            return len(self.rows) + 1
        # In a key of several columns some values of one column stand again.
        if len(self.table.key) > 1 and self.rows and self.rng.random() < _AGAIN:
            return self.rng.choice(self.rows)[name]
        return f"{self.table.name}-{len(self.rows) + 1:07}"

    def fill(self, row: Row) -> None:
        """Fill every column that a row does not hold yet."""
        self._fill_values(row)
        self._fill_dates(row)

    def _fill_values(self, row: Row) -> None:
        for name, pool in self.pools.items():
            if name not in row and (name not in self.table.key or pool.named):
                row[name] = pool.stray(self.rng)

    def _fill_dates(self, row: Row) -> None:
        """Fill the dates that no target has filled: the entry first, the others after it."""
        undo(self.plan, self.derived, self.table.entry, row, self.rng)
        rng, dates = self.rng, [day_of(v) for v in row.values() if isinstance(v, dt.date)]
        if not dates:
            return
        entry = self.table.entry
        if entry is not None and entry not in row:
            row[entry] = min(dates) - dt.timedelta(rng.randrange(45))
        first, last = min(dates), max(dates)
        for name in self.table.date_columns:
            if name not in row:
                is_filled = rng.random() < _FILLED or name in self.table.key
                row[name] = (
                    between(first, max(last, first + dt.timedelta(30)), rng) if is_filled else None
                )


@frozen
class _Tallies:
    """Tallies of the rows of each scenario that wants a number of them."""

    scenarios: Sequence[Scenario]
    _seen: dict[int, set[object]] = field(factory=dict, init=False, repr=False)

    def add(self, row: Row, number: int) -> None:
        """Add a row to the tally of each scenario that counts it."""
        for n, scenario in enumerate(self.scenarios):
            if scenario.counts(row):
                key = number if scenario.distinct is None else row.get(scenario.distinct)
                self._seen.setdefault(n, set()).add(key)

    def _left(self) -> list[int]:
        return [
            max((scenario.wanted or 0) - len(self._seen.get(n, ())), 0)
            for n, scenario in enumerate(self.scenarios)
        ]

    def missing(self) -> int:
        """Return how many rows are still wanted."""
        return sum(self._left())

    def enough(self, share: float) -> bool:
        """Return whether a scenario has that share of the rows it wants."""
        return any(
            len(self._seen.get(n, ())) >= share * (scenario.wanted or 0)
            for n, scenario in enumerate(self.scenarios)
        )

    def next(self, rng: random.Random) -> Scenario | None:
        """Return a scenario that wants more rows, the likelier the more; or None."""
        left = self._left()
        return rng.choices(self.scenarios, left)[0] if sum(left) else None
