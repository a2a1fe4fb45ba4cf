"""Totals of a target over a group of rows: counts, sums and histograms."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping

from attrs import evolve, field, frozen

from kpi.definitions.calendars import Calendar
from kpi.definitions.case_weights import rows_within


@frozen(kw_only=True)
class Sums(Mapping[str, int]):
    """Totals of a target over a group of rows, by name; a name without a total is zero.

    Attributes:
        numbers: the totals: `rows`, `inside`, `counted`, `undetermined`, the exclusions by reason,
            and the sums of the rule. Where rows count as a number of persons, `counted` and the sums
            of the rule are of that number, and `counted rows` is the number of rows (S32).
        bins: the histograms of the rule, by name: value -> number of counted rows, or of what they
            count as.
        weighed: where rows count as a number, the rows of each value and weight, by the name of the
            histogram; empty where each row counts as one.
        groups: the counted rows and the sums of the rule of each value of a column, where the rule
            asks for these (`Rows.group`).
        parts: the totals of each segment, where every segment must reach the target on its own.
        part: the segment of these totals: a value of `each` (None for null), the words for a period
            in force, or both; empty for all rows together.
        first: the first day of the window, or of the series' period within the window; None where
            the window has no beginning.
        last: the last day of the window, or of the series' period within the window.
        as_of: the date of the snapshot (S15).
        calendar: the plan's calendar of working days, for a target that declares none (S7).
    """

    numbers: Mapping[str, int]
    bins: Mapping[str, Mapping[int, int]] = field(factory=dict)
    weighed: Mapping[str, Mapping[tuple[int, int], int]] = field(factory=dict)
    groups: Mapping[str, Mapping[str, int]] = field(factory=dict)
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
        """Return the totals with those of further rows added; the segments stay as they are.

        Args:
            numbers: further totals, by name.
            bins: further histograms, by name: value -> number of rows.
        """
        histograms = {name: {**self.bins.get(name, {})} for name in {*self.bins, *(bins or {})}}
        for name, values in (bins or {}).items():
            for value, n in values.items():
                histograms[name][value] = histograms[name].get(value, 0) + n
        keys = {*self.numbers, *numbers}
        totals = {name: self[name] + numbers.get(name, 0) for name in keys}
        return evolve(self, numbers=totals, bins=histograms)

    def histogram(self, name: str) -> Mapping[int, int]:
        """Return a histogram of the counted rows: value -> number of rows, smallest value first.

        Of what they count as, where they count as a number.
        """
        return dict(sorted(self.bins.get(name, {}).items()))

    def rows_within(self, name: str, after: int, through: int) -> int:
        """Return the rows that lie wholly among some of the places, in the order of a histogram.

        Args:
            name: the histogram.
            after: the place after which the places begin, from 0; a row takes as many as it counts as.
            through: the last of the places.
        """
        if name not in self.weighed:
            return through - after
        return rows_within(self.weighed[name], after, through)
