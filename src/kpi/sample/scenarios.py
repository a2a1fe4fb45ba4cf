"""The choice of a scenario for each target, and of how well the target's cases do."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from attrs import evolve, frozen

from kpi.definitions.bounds import Bounds
from kpi.definitions.calendars import Calendar
from kpi.definitions.date_bounds import DateBounds
from kpi.definitions.derived_dates import DateChoice, DateOffset
from kpi.definitions.limits import ByValue, Dated, DueColumn
from kpi.definitions.plan import Plan
from kpi.definitions.population import Population
from kpi.definitions.table import Table
from kpi.definitions.target import Target
from kpi.definitions.time_units import Span
from kpi.rules._interval import IntervalTarget
from kpi.rules.average import Average
from kpi.rules.clearance import Clearance
from kpi.rules.count import Count
from kpi.rules.every_working_day import EveryWorkingDay
from kpi.rules.flow import Flow
from kpi.rules.percentile import Percentile
from kpi.rules.share import Share
from kpi.rules.stock import Stock
from kpi.rules.within import Within
from kpi.sample.boundary_values import amount, chance, change, factor
from kpi.sample.clearance_scenario import ClearanceScenario
from kpi.sample.day_scenario import DayScenario
from kpi.sample.durations import Durations, Mean, Punctual
from kpi.sample.event_scenarios import CountScenario, ShareScenario
from kpi.sample.flow_scenario import FlowScenario
from kpi.sample.interval_scenario import IntervalScenario
from kpi.sample.limit_scales import LimitScales, spread
from kpi.sample.scenario import DAY, Scenario, ends
from kpi.sample.stock_scenario import StockScenario
from kpi.sample.values import Pool, holds

_USUAL = Decimal(90)
_SELDOM_LATE = 0.97
_ANY_NUMBER = Bounds(at_least=Decimal(20))
_ANY_CHANGE = Bounds(at_most=Decimal(0))
"""Figures near which a target without bounds comes, for it asks for none (S31)."""


@frozen
class Scenarios:
    """Maker of the scenarios for the targets of a table.

    Attributes:
        plan: the plan.
        table: the declaration of the table.
        pools: the values of its columns that are no dates.
    """

    plan: Plan
    table: Table
    pools: Mapping[str, Pool]

    def at(self, target: Target, rng: random.Random, *, kept: bool) -> Iterator[Scenario]:
        """Yield the scenarios of a target: one, or for a count by `each` one for each value.

        Each with a variant for every alternative that the target leaves (S34).

        Args:
            target: the target.
            rng: where the choices come from.
            kept: whether the target is to be reached.
        """
        for scenario in self._at(target, rng, kept=kept):
            variants = tuple(_variants(scenario))
            yield evolve(scenario, variants=variants) if variants else scenario

    def _at(self, target: Target, rng: random.Random, *, kept: bool) -> Iterator[Scenario]:
        first, last = ends(target, self.plan)
        base: dict[str, Any] = {"table": self.table, "pools": self.pools}
        base["calendar"] = self.plan.calendar
        base |= {"target": target, "first": first, "last": last}
        if isinstance(target, Count):
            yield from self._counts(target, base, rng, kept=kept)
        elif isinstance(target, Share) and (event := target.on or self.table.entry):
            chances = self._each(
                target,
                lambda ok, value: chance(_threshold_for(target, value), rng, kept=ok),
                rng,
                kept=kept,
            )
            yield ShareScenario(**base, event=event, having=target.having, chances=chances)
        elif isinstance(target, Stock):
            yield self._stock(target, base, rng, kept=kept)
        elif isinstance(target, IntervalTarget):
            yield self._interval(target, base, rng, kept=kept)
        else:
            yield Scenario(**base)

    def _values(self, target: Target) -> tuple[Any, ...]:
        """Return the values of a target's `each` that its conditions leave."""
        each = target.each
        if each is None:
            return ()
        tests = [
            c.test for c in target.where if c.column == each and not isinstance(c.test, DateBounds)
        ]
        pool = self.pools[each]
        return tuple(v for v in pool.named or pool.others if all(holds(v, test) for test in tests))

    def _each(
        self,
        target: Target,
        make: Callable[[bool, Any], Any],
        rng: random.Random,
        *,
        kept: bool,
    ) -> dict[object, Any]:
        """Return a figure for each value of `each`, and under None for all others.

        Where the target is to be missed, a fifth of the values miss it, at least one.
        """
        values = self._values(target)
        bad = set() if kept or not values else set(rng.sample(values, max(1, len(values) // 5)))
        figures = {value: make(value not in bad, value) for value in values}
        return {None: make(kept, None), **figures}

    def _counts(
        self, target: Count, base: dict[str, Any], rng: random.Random, *, kept: bool
    ) -> Iterator[Scenario]:
        event = target.on or self.table.entry
        if event is None:
            yield Scenario(**base)
            return
        bounds = target.requires or _ANY_NUMBER
        numbers = self._each(target, lambda ok, _: amount(bounds, rng, kept=ok), rng, kept=kept)
        for value in self._values(target) or (None,):
            number, of = numbers[value], target.distinct
            yield CountScenario(**base, event=event, number=number, value=value, of=of)

    def _stock(
        self, target: Stock, base: dict[str, Any], rng: random.Random, *, kept: bool
    ) -> Scenario:
        day = target.at.day - 365 * DAY if target.against is None else target.against.day
        base["first"] = day + DAY
        if target.level is not None:
            level = amount(target.level, rng, kept=kept)
            return StockScenario(**base, base=day, ratio=1.0, level=level)
        bounds = target.change or _ANY_CHANGE
        ratio = 1 + change(bounds, rng, kept=kept) / 100
        return StockScenario(**base, base=day, ratio=max(ratio, 0.0))

    def _interval(
        self, target: IntervalTarget, base: dict[str, Any], rng: random.Random, *, kept: bool
    ) -> Scenario:
        scales = self._scales(target, base)
        if isinstance(target, EveryWorkingDay):
            missed = [] if kept else self._missed(target.calendar or self.plan.calendar, base, rng)
            return DayScenario(**base, scales=scales, missed=missed)
        base |= {"scales": scales, "durations": self._durations(target, rng, kept=kept)}
        if isinstance(target, Clearance):
            return ClearanceScenario(**base, denominator="cohort", event=None)
        if isinstance(target, Flow):
            rate = 1.0
            if target.requires is not None and target.indicator == "clearance_rate":
                rate = change(target.requires, rng, kept=kept) / 100
            return FlowScenario(**base, denominator="cohort", event=None, rate=rate)
        event: str | None = target.end
        denominator = target.denominator if isinstance(target, Within) else "closed"
        if denominator in ("due", "settled", "open"):
            event = None
        elif isinstance(target, Within) and denominator in ("cohort", "overdue"):
            event = target.on or self.table.entry or target.start
        return IntervalScenario(**base, denominator=denominator, event=event)

    def _scales(self, target: IntervalTarget, base: Mapping[str, Any]) -> LimitScales:
        limit = spread(target)
        if isinstance(limit, DueColumn):
            limit = _time_from(target.start, limit.column, self.table) or limit
        return LimitScales(
            limit,
            target.month_end or self.plan.month_end,
            target.calendar or self.plan.calendar,
            (base["first"], base["last"]),
            self.plan.period.closed.last,
        )

    def _missed(
        self, calendar: Calendar, base: Mapping[str, Any], rng: random.Random
    ) -> Sequence[Any]:
        days = calendar.working_days(base["first"], base["last"])
        return rng.sample(days, min(len(days), rng.randint(1, 4)))

    def _durations(
        self, target: IntervalTarget, rng: random.Random, *, kept: bool
    ) -> dict[object, Durations]:
        if isinstance(target, Average):
            return self._each(target, lambda ok, _: Mean(factor(rng, kept=ok)), rng, kept=kept)
        still_open = 0.0
        denominator = getattr(target, "denominator", "closed")
        if isinstance(target, Clearance) or denominator not in ("closed", "open"):
            still_open = 0.4
        threshold = target.threshold
        if isinstance(target, Percentile):
            threshold = target.percentile
        if isinstance(target, Within) and target.late is not None:
            # Of a number of late cases mostly few are asked.
            return {None: Punctual(1.0 if kept else _SELDOM_LATE, still_open)}
        if isinstance(threshold, Dated):
            thresholds = [value for _, value in threshold.periods_in_force()]
            wrong = set() if kept else {rng.choice(thresholds)}
            by_threshold: dict[object, Durations] = {
                value: _punctual(value, rng, still_open, kept=value not in wrong)
                for value in thresholds
            }
            return {None: by_threshold[thresholds[0]], **by_threshold}

        def of_value(ok: bool, value: Any) -> Durations:  # noqa: FBT001 - as `_each` calls it
            own = threshold if isinstance(threshold, Decimal) else _threshold_for(target, value)
            return _punctual(own, rng, still_open, kept=ok)

        return self._each(target, of_value, rng, kept=kept)


def _time_from(start: str, name: str, table: Table) -> Span | ByValue | None:
    """Return the time from a start that a derived date is made of; None for another date."""
    date = table.derived.get(name)
    if isinstance(date, DateOffset) and date.date == start and not date.back:
        return None if isinstance(date.by, str) else date.by
    if isinstance(date, DateChoice):
        times = (_time_from(start, of, table) for of in date.of)
        return next((time for time in times if time is not None), None)
    return None


def _variants(scenario: Scenario) -> Iterator[Scenario]:
    """Yield the scenario of a target for each way to choose one of every list of alternatives."""
    where = scenario.target.where
    having = scenario.having if isinstance(scenario, ShareScenario) else Population()
    if not where.any_of and not having.any_of:
        return
    for of_where in _alternatives(where):
        variant = evolve(scenario, target=evolve(scenario.target, where=of_where))
        if not isinstance(variant, ShareScenario):
            yield variant
            continue
        for of_having in _alternatives(having):
            yield evolve(variant, having=of_having)


def _alternatives(population: Population) -> Iterator[Population]:
    """Yield a population for each alternative, as conditions that must all hold."""
    if not population.any_of:
        yield population
    for alternative in population.any_of:
        yield Population((*population.conditions, *alternative.conditions))


def _threshold_for(target: Target, value: Any) -> Decimal:
    """Return the threshold of a value of `each`, or a usual one where there is none."""
    return target.threshold_of(() if value is None else (value,)) or _USUAL


def _punctual(threshold: Decimal, rng: random.Random, still_open: float, *, kept: bool) -> Punctual:
    return Punctual(chance(threshold, rng, kept=kept), still_open)
