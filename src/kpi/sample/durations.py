"""How long cases take, measured on a scale: so that a share, or a mean, comes near what is asked."""

from __future__ import annotations

import random
from typing import Protocol

from attrs import frozen

from kpi.sample.limit_scales import LimitScale

_ON_THE_LIMIT = 0.08
_BESIDE_IT = 0.16
_WHOLE = 4


class Durations(Protocol):
    """Draws the time that cases take."""

    def in_time(self, rng: random.Random) -> bool:
        """Whether a case is to be in time."""

    def ahead(self, start: int, scale: LimitScale, rng: random.Random, *, met: bool) -> int | None:
        """The end of a case that starts then; none where it is still open."""

    def back(self, end: int, scale: LimitScale, rng: random.Random, *, met: bool) -> int:
        """The start of a case that ends then."""


@frozen
class Punctual:
    """A share of the cases is in time, some to the day; of the late ones some are a day late.

    Attributes:
        chance: the share that is in time.
        still_open: of the others, the share that has not ended at all.
    """

    chance: float
    still_open: float = 0.0

    def in_time(self, rng: random.Random) -> bool:
        """Whether a case is to be in time."""
        return rng.random() < self.chance

    def ahead(self, start: int, scale: LimitScale, rng: random.Random, *, met: bool) -> int | None:
        """The end of a case that starts then; none where it is still open."""
        due = scale.due(start)
        length = abs(due - start)
        if met:
            return due - _to_spare(length, rng)
        return None if rng.random() < self.still_open else due + _late_by(length, rng)

    def back(self, end: int, scale: LimitScale, rng: random.Random, *, met: bool) -> int:
        """The start of a case that ends then."""
        on_limit = scale.start_due_at(end)
        length = abs(end - on_limit)
        return on_limit + (_to_spare(length, rng) if met else -_late_by(length, rng))


@frozen
class Mean:
    """The mean time is the limit times a factor.

    Attributes:
        factor: by what the mean differs from the limit.
    """

    factor: float

    def in_time(self, rng: random.Random) -> bool:  # noqa: ARG002 - a mean leaves no case late
        """Always: no case is late by itself."""
        return True

    def ahead(self, start: int, scale: LimitScale, rng: random.Random, *, met: bool) -> int | None:  # noqa: ARG002 - as above
        """The end of a case that starts then."""
        return start + self._length(abs(scale.due(start) - start), rng)

    def back(self, end: int, scale: LimitScale, rng: random.Random, *, met: bool) -> int:  # noqa: ARG002 - as above
        """The start of a case that ends then."""
        return end - self._length(abs(end - scale.start_due_at(end)), rng)

    def _length(self, limit: int, rng: random.Random) -> int:
        if rng.random() < 0.04:
            return limit
        return round(limit * self.factor * rng.uniform(0.3, 1.7))


def _to_spare(length: int, rng: random.Random) -> int:
    """How long before its due moment a case ends that is in time."""
    chance = rng.random()
    if chance < _ON_THE_LIMIT:
        return 0
    if chance < _BESIDE_IT:
        return min(1, length)
    return min(length, round(length * rng.uniform(0.02, 0.95)))


def _late_by(length: int, rng: random.Random) -> int:
    """How long after its due moment a case ends that is late."""
    if rng.random() < 0.3:
        return 1
    return 1 + round(max(length, _WHOLE) * rng.uniform(0.02, 0.6))
