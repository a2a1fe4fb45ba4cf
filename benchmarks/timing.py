"""Everyone is timed in turn, round by round, and a ratio is taken within a round.

A slow moment of the machine is then shared by all who are compared.
"""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

from attrs import frozen

Contenders: TypeAlias = Mapping[str, Callable[[], object]]
Seconds: TypeAlias = dict[str, list[float]]
"""By contender, the seconds of each round."""


def rounds(contenders: Contenders, repeats: int) -> Seconds:
    """Each contender once a round; who goes first moves on, so no one keeps its neighbour."""
    seconds: Seconds = {name: [] for name in contenders}
    names = list(contenders)
    for n in range(repeats):
        turn = n % len(names)
        for name in [*names[turn:], *names[:turn]]:
            gc.collect()
            began = time.perf_counter()
            contenders[name]()
            seconds[name].append(time.perf_counter() - began)
    return seconds


def several(contenders: Contenders, repeats: int, times: int) -> Seconds:
    """As `rounds` for what is over in milliseconds: the mean of so many times in a row."""

    def repeated(ask: Callable[[], object]) -> Callable[[], None]:
        def asked() -> None:
            for _ in range(times):
                ask()

        return asked

    whole = rounds({name: repeated(ask) for name, ask in contenders.items()}, repeats)
    return {name: [each / times for each in values] for name, values in whole.items()}


@frozen
class Spread:
    """The median of the rounds, and the extremes."""

    median: float
    least: float
    most: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Spread:
        return cls(statistics.median(values), min(values), max(values))

    def data(self) -> dict[str, float]:
        return {"median": self.median, "min": self.least, "max": self.most}


def ratio(seconds: Seconds, name: str, other: str) -> Spread:
    """`name` over `other`, round by round: below 1 is faster."""
    return Spread.of([a / b for a, b in zip(seconds[name], seconds[other], strict=True)])


def faster(seconds: Seconds, names: Sequence[str]) -> str:
    return min(names, key=lambda name: statistics.median(seconds[name]))


def heat(forms: Contenders, within: float = 2) -> tuple[list[str], Seconds]:
    """Each of several forms of one contender once: the names of those that may be its fastest.

    The others, which took over `within` times as long as the fastest, are beaten; their one time is
    told.
    """
    seconds = rounds(forms, 1)
    best = min(values[0] for values in seconds.values())
    racing = [name for name, (value,) in seconds.items() if value <= within * best]
    return racing, {name: values for name, values in seconds.items() if name not in racing}


def together(seconds: Seconds, *names: str) -> list[float]:
    """The seconds of several, one after the other, in each round."""
    return [sum(each) for each in zip(*(seconds[name] for name in names), strict=True)]
