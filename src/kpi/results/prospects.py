"""Reckoning of what can still become of a target from the sums of a state (F7 to F12, F16)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from fractions import Fraction

from attrs import evolve, frozen

from kpi.definitions.bounds import Bounds
from kpi.definitions.comparison import Comparison
from kpi.definitions.figures import Figure
from kpi.definitions.sums import Sums
from kpi.definitions.target import Target
from kpi.engine.completions.outcomes import (
    BEST_SLACK,
    CAN_HELP,
    CAN_HURT,
    CERTAIN,
    LONGEST,
    MET,
    MISSED,
    NOT_COUNTED,
    OF_NEWCOMERS,
    OPTIONS,
    SHORTEST,
    UNBOUNDED,
    WORST_SLACK,
)
from kpi.engine.completions.possibilities import WIDE
from kpi.results.amount_bounds import (
    OpenAmounts,
    kept_mean_bounds,
    mean_bounds,
    percentile_bounds,
)
from kpi.results.possible import (
    Counts,
    Demand,
    Interval,
    Newcomers,
    Possibilities,
    Prospect,
    Range,
    need_of,
    need_of_cohort,
    need_of_number,
    price_of,
    prospect,
    room_of,
    room_of_cohort,
    room_of_number,
)


@frozen(kw_only=True, eq=False, repr=False)
class Prospects:
    """What is known of a target, or of a segment of it, before its last day.

    Attributes:
        target: the target.
        settled: the sums of the rows of which every event is known, as of the last day, with the
            options of the other rows beside them.
        newcomers: the sums of what newcomers can do, to this segment.
        status: the sums as of the as-of date, as `kpi.evaluate` counts them.
        of_parts: of the whole of a target with segments, what is known of each; else empty.
        base: the exact value of the base that the value is compared with, and the counted rows of
            it; None without a base that is over.
    """

    target: Target
    settled: Sums
    newcomers: Sums
    status: Sums
    base: tuple[Fraction | None, int] | None = None
    of_parts: tuple[Range, ...] = ()

    def reckon(self) -> Possibilities | None:
        """Return what can still become of the figure; None where that cannot be told."""
        figure = self.target.figure
        assert figure is not None, "a target without a figure has no possibilities"
        if self.target.comparison is not None and self.base is None:
            return None
        if figure.kind in ("share", "late"):
            return self._of_share(figure)
        if figure.kind == "number":
            return self._of_number(figure)
        if figure.kind == "reported":
            return self._of_report()
        return self._of_amounts(figure)

    def _n(self, *masks: int) -> int:
        """Return the open rows whose options are one of some sets."""
        return sum(self.settled[OPTIONS[mask]] for mask in masks)

    @property
    def _open_counted(self) -> int:
        """The open rows that are counted in every completion."""
        return self._n(MET, MISSED, MET | MISSED)

    @property
    def _can_help(self) -> bool:
        return bool(self.newcomers[CAN_HELP])

    @property
    def _can_hurt(self) -> bool:
        return bool(self.newcomers[CAN_HURT])

    @property
    def _sharp(self) -> bool:
        return not (self.settled[WIDE] or self.newcomers[WIDE])

    def _of_share(self, figure: Figure) -> Possibilities | None:
        settled = self.settled
        met, counted = settled["met"], settled["counted"]
        only_met, only_missed = met + self._n(MET), counted - met + self._n(MISSED)
        may_be_met = sum(self._n(bits) for bits in OPTIONS if bits & MET and bits != MET)
        may_be_missed = sum(self._n(bits) for bits in OPTIONS if bits & MISSED and bits != MISSED)
        may_be_empty = not counted + self._open_counted
        if figure.kind == "late":
            # Where nothing but late rows can be counted, one of them is (F7).
            at_least = 0 if only_met + may_be_met or only_missed else min(may_be_missed, 1)
            late = Interval(
                Fraction(max(only_missed, at_least)), Fraction(only_missed + may_be_missed)
            )
            made = self._of_late(late, only_missed, may_be_empty)
            # Of persons it may be several that one row is.
            is_sharp = not (at_least and self.target.count_as)
            return made if is_sharp else evolve(made, sharp=False)
        # Where nothing at all is counted, no completion that counts anything differs (F7).
        known = Range.of_counts(
            _or((only_met, only_met + only_missed + may_be_missed), (1, 1)),
            _or((only_met + may_be_met, only_met + may_be_met + only_missed), (0, 1)),
        )
        # A day within the limit undoes no other.
        can_help = self._can_help and not figure.is_of_days
        possible = known
        if self._can_hurt:
            possible = evolve(possible, worst=Fraction(0), worst_of=None)
        if self._can_help:
            possible = evolve(possible, best=Fraction(1), best_of=None)
        values = Interval(possible.worst, possible.best, self._can_help and only_missed > 0)
        threshold = self.target.threshold_of(settled.part)
        demand, scale = None, 100
        if threshold is not None:
            demand = Demand(low=Fraction(threshold))
        elif figure.needs_every:
            demand = Demand(low=Fraction(100))
        made = self._made(
            known,
            possible,
            values.map(scale),
            demand,
            may_be_empty,
            Newcomers(can_help, self._can_hurt),
        )
        if (
            figure.is_of_days
            and made.verdict == "secured"
            and not self.target.measure(settled).reached
        ):
            # A working day without a row leaves it not assessable (S24).
            made = evolve(made, verdict="open", if_counted="open")
        if threshold is None or self.target.comparison is not None:
            return made
        if figure.is_of_cohort:
            # Its cohort is fixed: what is open of it ends by the deadline, or does not.
            whole = only_met + only_missed + sum(self._n(bits) for bits in OPTIONS if bits & 3 == 3)
            return evolve(
                made,
                need=need_of_cohort(only_met, whole, threshold),
                room=room_of_cohort(only_missed, whole, threshold),
            )
        of = self.status["met"], self.status["counted"]
        return evolve(
            made,
            need=need_of(*of, threshold),
            room=room_of(*of, threshold),
            price=price_of(threshold),
        )

    def _of_nothing(self, figure: Figure | None) -> Possibilities:
        """Return the possibilities of a figure to which no known row can add anything."""
        possible = nothing = Range(None, None)
        amounts = self.newcomers.bins.get(OF_NEWCOMERS, {})
        is_bounded = not (self.newcomers[WIDE] or self.newcomers[UNBOUNDED])
        if figure is not None and amounts and is_bounded:
            low, high = (Fraction(end, figure.size) for end in (min(amounts), max(amounts)))
            possible = _favourable(Demand(high=Fraction(0)), Interval(low, high))
            if self.target.comparison is not None:
                possible = Range(possible.best, possible.worst)
        both = Newcomers(self._can_help, self._can_hurt)
        return Possibilities(
            verdict="open", possible=possible, known=nothing, may_be_empty=True, newcomers=both
        )

    def _of_report(self) -> Possibilities:
        """Return the possibilities of a reported number: any, until somebody reports it (F10)."""
        measure = self.target.measure(self.settled)
        if measure.value is None:
            return self._of_nothing(None)
        value = Range(Fraction(str(measure.value)), Fraction(str(measure.value)))
        verdict: Prospect = "secured" if measure.reached else "lost"
        return Possibilities(
            verdict=verdict,
            if_counted=verdict,
            possible=value,
            known=value,
            newcomers=Newcomers(can_help=False, can_hurt=False),
        )

    def _of_late(self, known: Interval, low: int, may_be_empty: bool) -> Possibilities:  # noqa: FBT001 - a part of a sum
        bounds = self.target.bounds
        assert bounds is not None, "late cases are asked for by bounds"
        values = evolve(known, low=Fraction(low)) if self._can_help else known
        values = evolve(values, high=None) if self._can_hurt else values
        made = self._of_interval(bounds, known, values, may_be_empty=may_be_empty)
        now = self.status["counted"] - self.status["met"]
        demand = Demand.of_whole_numbers(bounds)
        # Where a number of late cases is asked for, a late one helps too.
        can_help = self._can_help or (self._can_hurt and demand.low is not None)
        return evolve(
            made,
            newcomers=Newcomers(can_help, self._can_hurt),
            room=room_of_number(now, demand),
        )

    def _of_number(self, figure: Figure) -> Possibilities | None:
        settled = self.settled
        of = settled["counted"] if figure.quantity == "counted" else settled[figure.quantity]
        low = of + self._n(MET)
        high = low + sum(self._n(bits) for bits in OPTIONS if bits & MET and bits != MET)
        known = Interval(Fraction(low), Fraction(high))
        values = evolve(known, high=None) if self._can_help else known
        if self.target.comparison is not None:
            return self._compared(known, values, may_be_empty=False)
        bounds = self.target.bounds
        if bounds is None:
            return None
        against = getattr(self.target, "against", None)
        if against is not None:
            return self._of_change(known, values)
        made = self._of_interval(bounds, known, values, may_be_empty=False)
        demand, now = Demand.of_whole_numbers(bounds), self.status
        n = now["counted"] if figure.quantity == "counted" else now[figure.quantity]
        return evolve(made, need=need_of_number(n, demand), room=room_of_number(n, demand))

    def _of_change(self, known: Interval, values: Interval) -> Possibilities | None:
        """Return the possibilities of a stock against one that is over (S22)."""
        base, bounds = self.status["base"], self.target.bounds
        against = self.target.against  # type: ignore[attr-defined]  # a stock has it
        assert bounds is not None, "it is asked for"
        if not base or against.day > self.status.as_of:
            return None
        if getattr(self.target, "difference", None) is not None:
            moved = [one.map(1, Fraction(-base)) for one in (known, values)]
            return self._of_interval(bounds, *moved, may_be_empty=False)
        moved = [one.map(Fraction(1, base), Fraction(-1)) for one in (known, values)]
        return self._of_interval(bounds, *moved, may_be_empty=False, scale=100)

    def _of_interval(
        self,
        bounds: Bounds,
        known: Interval,
        values: Interval,
        *,
        may_be_empty: bool,
        scale: int = 1,
    ) -> Possibilities:
        """Return the possibilities of a number that bounds are on; newcomers only add to it."""
        demand = Demand.of(bounds) if scale > 1 else Demand.of_whole_numbers(bounds)
        grows = values.high is None and known.high is not None
        newcomers = Newcomers(grows and demand.low is not None, grows and demand.high is not None)
        return self._made(
            _favourable(demand, known),
            _favourable(demand, values),
            values.map(scale),
            demand,
            may_be_empty,
            newcomers,
        )

    def _of_amounts(self, figure: Figure) -> Possibilities | None:
        settled, target = self.settled, self.target
        if settled[OPTIONS[MET | MISSED | NOT_COUNTED]]:
            # A row that has an amount counts or does not; these were too many to be completed, and
            # what they may take is not known (F14).
            return evolve(self._of_nothing(None), sharp=False)
        certain = dict(settled.bins.get(CERTAIN, {}))
        counted = Counter(settled.bins.get(figure.quantity, {}) if figure.quantity else {})
        counted.update(certain)
        amounts = OpenAmounts(
            counted, settled.bins.get(SHORTEST, {}), settled.bins.get(LONGEST, {})
        )
        rows = settled["counted"] + sum(certain.values())
        may_be_empty = not settled["counted"] + self._open_counted
        sharp = target.count_as is None
        kept_of = figure.kept
        found: tuple[Fraction | int, Fraction | int] | None
        if figure.kind == "percentile":
            found = percentile_bounds(amounts, target.percentile)  # type: ignore[attr-defined]  # a percentile has it
        elif kept_of is not None:
            kept = kept_mean_bounds(amounts, kept_of)
            found = None if kept is None else kept[:2]
            sharp = sharp and (kept is None or kept[2])
            may_be_empty = may_be_empty or not kept_of.kept(rows)
        else:
            total = target.measure(settled).total or 0
            total += sum(value * n for value, n in certain.items())
            found = mean_bounds(amounts, total, rows)
        if found is None:
            return self._of_nothing(figure)
        low, high = (Fraction(value) / figure.size for value in found)
        known = Interval(low, high)
        if self.of_parts and kept_of is not None:
            # Each segment is trimmed by itself, and the whole is a mean of their means (S17).
            known, sharp = _enclosing(self.of_parts, known), False
        values = self._with_newcomers(known, figure)
        if figure.is_trimmed and self._can_hurt:
            # Further rows move both ends of what is kept, and may bring any known row into it.
            everything = [*amounts.counted, *amounts.shortest, *amounts.longest]
            of_all = Interval(
                Fraction(min(everything), figure.size), Fraction(max(everything), figure.size)
            )
            values, sharp = self._with_newcomers(of_all, figure), False
        newcomers = Newcomers(self._can_help, self._can_hurt)
        if target.comparison is not None:
            return self._compared(known, values, may_be_empty=may_be_empty)
        if figure.kind == "mean" and kept_of is None:
            made = self._of_slack(figure, known, values, may_be_empty, newcomers)
        else:
            assert figure.most is not None, "a limit is asked for"
            demand = Demand(high=Fraction(figure.most, figure.size))
            made = self._made(
                _favourable(demand, known),
                _favourable(demand, values),
                values,
                demand,
                may_be_empty,
                newcomers,
            )
        return made if sharp else evolve(made, sharp=False)

    def _with_newcomers(self, known: Interval, figure: Figure) -> Interval:
        """Return the values that an interval becomes where newcomers can help or hurt (F11)."""
        amounts = [Fraction(n, figure.size) for n in self.newcomers.bins.get(OF_NEWCOMERS, {})]
        if self.newcomers[WIDE] or self.newcomers[UNBOUNDED]:
            return Interval(Fraction(0), None)
        assert known.low is not None, "a mean has ends"
        assert known.high is not None, "a mean has ends"
        return Interval(min([known.low, *amounts]), max([known.high, *amounts]))

    def _of_slack(
        self,
        figure: Figure,
        known: Interval,
        values: Interval,
        may_be_empty: bool,  # noqa: FBT001 - a part of a sum
        newcomers: Newcomers,
    ) -> Possibilities:
        """Return the possibilities of a mean, whose verdict needs no division (F8)."""
        settled, now = self._slack_of(figure, self.settled), self._slack_of(figure, self.status)
        worst = settled + self.settled[WORST_SLACK]
        best = settled + self.settled[BEST_SLACK]
        demand = Demand(low=Fraction(0))
        slack = Interval(
            None if newcomers.can_hurt else Fraction(worst),
            None if newcomers.can_help else Fraction(best),
        )
        few = Demand(high=Fraction(0))
        made = self._made(
            _favourable(few, known),
            _favourable(few, values),
            slack,
            demand,
            may_be_empty,
            newcomers,
        )
        return evolve(made, slack=(now, worst, best))

    def _slack_of(self, figure: Figure, sums: Sums) -> int:
        """Return what is allowed less what was taken, in the whole numbers that are added up."""
        total = self.target.measure(sums).total or 0
        if figure.most is not None:
            return figure.most * sums["counted"] - total
        return sums["allowed"] * figure.size - total

    def _compared(
        self, known: Interval, values: Interval, *, may_be_empty: bool
    ) -> Possibilities | None:
        """Return the possibilities of a value that is compared with that of a base (S33)."""
        comparison = self.target.comparison
        assert comparison is not None, "the value is compared"
        assert self.base is not None, "it stands beside its base"
        demand, figures = _demand_of(comparison, values, self.base)
        return self._made(
            Range(known.low, known.high),
            Range(values.low, values.high),
            figures,
            demand,
            may_be_empty,
            Newcomers(self._can_help, self._can_hurt),
        )

    def _made(
        self,
        known: Range,
        possible: Range,
        values: Interval,
        demand: Demand | None,
        may_be_empty: bool,  # noqa: FBT001 - a part of a sum
        newcomers: Newcomers,
    ) -> Possibilities:
        """Return the possibilities, with the verdict that the values give."""
        comparison = self.target.comparison
        if comparison is not None and self.base is not None:
            asked, figures = _demand_of(
                comparison, Interval(possible.worst, possible.best), self.base
            )
            demand, values = asked, figures
        if_counted: Prospect = "open" if demand is None else prospect(demand, values)
        return Possibilities(
            verdict="open" if may_be_empty else if_counted,
            if_counted=if_counted,
            possible=possible,
            known=known,
            sharp=self._sharp,
            may_be_empty=may_be_empty,
            newcomers=newcomers,
        )


def _enclosing(parts: Sequence[Range], known: Interval) -> Interval:
    """Return the interval that holds the values of all segments; of none, as it is."""
    ends = [end for of in parts for end in (of.worst, of.best) if end is not None]
    return Interval(min(ends), max(ends)) if ends else known


def _or(counts: Counts, of_none: Counts) -> Counts:
    return counts if counts[1] else of_none


def _favourable(demand: Demand, values: Interval) -> Range:
    """Return the ends of an interval as worst and best: little is best where little is asked for."""
    if demand.low is None and demand.high is not None:
        return Range(values.high, values.low)
    return Range(values.low, values.high)


def _demand_of(
    comparison: Comparison, values: Interval, base: tuple[Fraction | None, int]
) -> tuple[Demand | None, Interval]:
    """Return what is asked of the difference or the change, and the values that it can come to."""
    of_base, counted = base
    if of_base is None or not counted or comparison.bounds is None:
        return None, values
    if comparison.difference is not None:
        moved = values.map(comparison.scale, -of_base * comparison.scale)
    elif not of_base:
        return None, values
    else:
        moved = values.map(100 / of_base, Fraction(-100))
    return Demand.of(comparison.bounds), moved
