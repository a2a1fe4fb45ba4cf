"""What a state says of one target over all rows or some: numbers, histograms, parts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping

from attrs import evolve, field, frozen

from kpi.definitions.calendars import Calendar


@frozen(kw_only=True)
class Sums(Mapping[str, int]):
    """The integers that a target's state holds, by name; a name it does not hold is zero.

    Attributes:
        numbers: `rows`, `inside`, `counted`, `undetermined`, the exclusions, and the rule's sums.
        bins: histograms by name: how many counted rows have which value.
        parts: the same of each part, where every part must reach the target on its own.
        part: which part this is: a value of `each` (None for null), a stretch of time, or both.
        first: the first day of the window, or of the series' period in it; None where it has none.
        last: its last day.
        as_of: the date that the cases are looked at from (S15).
        calendar: whose working days, unless the target says another (S7).
    """

    numbers: Mapping[str, int]
    bins: Mapping[str, Mapping[int, int]] = field(factory=dict)
    parts: Mapping[tuple[str | None, ...], Sums] = field(factory=dict)
    part: tuple[str | None, ...] = ()
    first: dt.date | None
    last: dt.date
    as_of: dt.date
    calendar: Calendar

    def __getitem__(self, name: str) -> int:
        return self.numbers.get(name, 0)

    def __iter__(self) -> Iterator[str]:
        return iter(self.numbers)

    def __len__(self) -> int:
        return len(self.numbers)

    def plus(
        self, numbers: Mapping[str, int], bins: Mapping[str, Mapping[int, int]] | None = None
    ) -> Sums:
        """Return the sums with further rows added; those of the parts stay as they are."""
        added = {name: {**self.bins.get(name, {})} for name in {*self.bins, *(bins or {})}}
        for name, values in (bins or {}).items():
            for value, n in values.items():
                added[name][value] = added[name].get(value, 0) + n
        keys = {*self.numbers, *numbers}
        totals = {name: self[name] + numbers.get(name, 0) for name in keys}
        return evolve(self, numbers=totals, bins=added)

    def histogram(self, name: str) -> Mapping[int, int]:
        """How many counted rows have which value, smallest value first."""
        return dict(sorted(self.bins.get(name, {}).items()))
