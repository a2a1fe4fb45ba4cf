"""Tiers: targets that set several limits to the same cases, such as 90 % in 3 weeks, all in 12."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence

from attrs import evolve

from kpi.definitions.time_units import Span
from kpi.sample.durations import Punctual
from kpi.sample.interval_scenario import IntervalScenario
from kpi.sample.scenario import Scenario


def joined(scenarios: Sequence[Scenario]) -> list[Scenario]:
    """Return the scenarios, those of tiers as one, so that each tier keeps its share of all cases.

    Rows that each tier drew for itself would be late in the tighter ones.
    """
    tiers: dict[Hashable, list[IntervalScenario]] = {}
    for scenario in scenarios:
        if (same := _same_cases(scenario)) is not None:
            assert isinstance(scenario, IntervalScenario)
            tiers.setdefault(same, []).append(scenario)
    return list(_each_once(scenarios, tiers))


def _each_once(
    scenarios: Sequence[Scenario], tiers: Mapping[Hashable, Sequence[IntervalScenario]]
) -> Iterator[Scenario]:
    seen: set[Hashable] = set()
    for scenario in scenarios:
        same = _same_cases(scenario)
        if same is None or len(tiers[same]) == 1:
            yield scenario
        elif same not in seen:
            seen.add(same)
            yield _together(sorted(tiers[same], key=_length))


def _same_cases(scenario: Scenario) -> Hashable:
    """Return what scenarios of the same cases have alike; None where a scenario is of no tier."""
    if type(scenario) is not IntervalScenario or scenario.variants:
        return None
    target, limit = scenario.target, scenario.scales.limit
    is_tier = isinstance(limit, Span) and isinstance(scenario.durations[None], Punctual)
    # More than one of durations are those of values, or of a threshold that changes over time.
    if not is_tier or len(scenario.durations) > 1 or target.each is not None:
        return None
    return (
        target.where,
        target.unless,
        target.start,
        target.end,
        scenario.denominator,
        scenario.event,
        scenario.first,
        scenario.last,
        scenario.scales.is_clock,
    )


def _length(scenario: IntervalScenario) -> int:
    limit = scenario.scales.limit
    assert isinstance(limit, Span), "tiers have one limit each"
    scale = scenario.scales.scale_of(limit)
    start = scale.tick_of(scenario.first)
    return scale.due(start) - start


def _together(tiers: Sequence[IntervalScenario]) -> Scenario:
    """Return one scenario of which each tier draws what the tighter ones leave to it."""
    variants, weights, so_far, shorter = [], [], 0.0, 0
    for n, tier in enumerate(tiers):
        durations = tier.durations[None]
        assert isinstance(durations, Punctual), "tiers are of cases in time or late"
        share = max(durations.chance - so_far, 0.0)
        left = 1 - so_far
        is_last = n == len(tiers) - 1
        met = share / left if is_last and left else 1.0
        # What ends within the tighter limit is drawn by the tighter tier.
        length = max(_length(tier), 1)
        spare = min(durations.spare, 1 - shorter / length)
        drawn = evolve(durations, chance=met, spare=spare)
        variants.append(evolve(tier, durations={None: drawn}))
        weights.append(left if is_last else share)
        so_far, shorter = so_far + share, length
    return evolve(tiers[0], variants=tuple(variants), weights=tuple(weights))
