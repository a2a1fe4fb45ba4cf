"""Distributions of durations around a limit, so that a share or a mean comes near a threshold."""

from __future__ import annotations

import random
from typing import Protocol

from attrs import frozen

from kpi.sample.limit_scales import LimitScale

_ON_THE_LIMIT = 0.08
_BESIDE_IT = 0.16
_WHOLE = 4
_SPARE = 0.95


class Durations(Protocol):
    """Distribution of the durations of cases, in ticks of a limit scale."""

    def in_time(self, rng: random.Random) -> bool:
        """Return whether a case is to be in time."""

    def ahead(self, start: int, scale: LimitScale, rng: random.Random, *, met: bool) -> int | None:
        """Return the tick of the end of a case that starts at `start`; None while it is open."""

    def back(self, end: int, scale: LimitScale, rng: random.Random, *, met: bool) -> int:
        """Return the tick of the start of a case that ends at `end`."""


@frozen
class Punctual:
    """Durations of which a share is in time, some to the day; of the late, some a day late.

    Attributes:
        chance: the share that is in time.
        still_open: the share of the others that has not ended at all.
        spare: the largest part of the limit that a case in time has left.
    """

    chance: float
    still_open: float = 0.0
    spare: float = _SPARE

    def in_time(self, rng: random.Random) -> bool:
        """Return whether a case is to be in time."""
        return rng.random() < self.chance

    def ahead(self, start: int, scale: LimitScale, rng: random.Random, *, met: bool) -> int | None:
        """Return the tick of the end of a case that starts at `start`; None while it is open."""
        due = scale.due(start)
        length = abs(due - start)
        if met:
            return due - _to_spare(length, self.spare, rng)
        return None if rng.random() < self.still_open else due + _late_by(length, rng)

    def back(self, end: int, scale: LimitScale, rng: random.Random, *, met: bool) -> int:
        """Return the tick of the start of a case that ends at `end`."""
        on_limit = scale.start_due_at(end)
        length = abs(end - on_limit)
        return on_limit + (_to_spare(length, self.spare, rng) if met else -_late_by(length, rng))


@frozen
class Mean:
    """Durations whose mean is the limit times a factor.

    Attributes:
        factor: the ratio of the mean to the limit.
    """

    factor: float

    def in_time(self, rng: random.Random) -> bool:  # noqa: ARG002 - a mean leaves no case late
        """Return True: under a mean no case is late by itself."""
        return True

    def ahead(self, start: int, scale: LimitScale, rng: random.Random, *, met: bool) -> int | None:  # noqa: ARG002 - as above
        """Return the tick of the end of a case that starts at `start`."""
        return start + self._length(abs(scale.due(start) - start), rng)

    def back(self, end: int, scale: LimitScale, rng: random.Random, *, met: bool) -> int:  # noqa: ARG002 - as above
        """Return the tick of the start of a case that ends at `end`."""
        return end - self._length(abs(end - scale.start_due_at(end)), rng)

    def _length(self, limit: int, rng: random.Random) -> int:
        if rng.random() < 0.04:
            return limit
        return round(limit * self.factor * rng.uniform(0.3, 1.7))


def _to_spare(length: int, most: float, rng: random.Random) -> int:
    """Return how many ticks before its due moment a case in time ends."""
    chance = rng.random()
    if chance < _ON_THE_LIMIT:
        return 0
    if chance < _BESIDE_IT:
        return min(1, length)
    return min(length, round(length * rng.uniform(0.02, most)))


def _late_by(length: int, rng: random.Random) -> int:
    """Return how many ticks after its due moment a late case ends."""
    if rng.random() < 0.3:
        return 1
    return 1 + round(max(length, _WHOLE) * rng.uniform(0.02, 0.6))
