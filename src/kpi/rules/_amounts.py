"""The time that each case took, in the unit of a limit: the only place that works it out (S16)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from attrs import frozen

from kpi.definitions.amounts import Amounts
from kpi.definitions.columns import Columns
from kpi.definitions.limits import ByValue, Dated, Limit
from kpi.definitions.time_units import Span
from kpi.errors import Problem
from kpi.polars_on_demand import pl
from kpi.rules._pausable import PausableTarget
from kpi.time import in_time
from kpi.time.in_time import Due, TimeOptions

_SECOND = 1_000_000


@frozen(kw_only=True, eq=False, repr=False)
class CaseAmounts:
    """The time of each case from start to end, less the paused time, as expressions.

    Attributes:
        exact: Int64, the whole numbers that are added up; null where start or end is.
        days: Int64, what the audit trail lists as days: working days under a limit in those.
        paused: Int64, the time that is deducted, in the unit of `days`; null where no time is.
        outside_calendar: whether the calendar lacks a day of a case that has both dates; None where
            days are counted without a calendar.
        clock: the limit by the clock, with the masks of what the clock leaves out (S1); None for
            every other limit.
        seconds: the whole seconds of elapsed time; None where days are counted.
    """

    exact: pl.Expr
    days: pl.Expr
    paused: pl.Expr
    outside_calendar: pl.Expr | None = None
    clock: Due | None = None
    seconds: pl.Expr | None = None

    def sums(self) -> dict[str, pl.Expr]:
        """Return the quantities that add up to the total, each without overflow.

        The microseconds of ten million cases of a year each are no 64-bit number: whole seconds and
        the rest are added up apart.
        """
        if self.clock is None:
            return {"total": self.exact}
        return {"seconds": self.exact // _SECOND, "microseconds": self.exact % _SECOND}


def case_amounts(
    target: PausableTarget,
    columns: Columns,
    limit: Span | ByValue | Dated[Span],
    amounts: Amounts,
    options: TimeOptions,
) -> CaseAmounts:
    """Return the time of each case of a target.

    Args:
        target: the target.
        columns: the columns of its table.
        limit: the limit, which says from which instants the clock is read.
        amounts: how the amounts are counted.
        options: the options by which time is counted.
    """
    if amounts.by_clock:
        due = in_time.due(columns, target.start, limit, options)
        return CaseAmounts(
            exact=in_time.elapsed(target.start, target.end),
            days=target.days(),
            paused=target.paused_days,
            clock=due,
            seconds=due.seconds(target.start, target.end),
        )
    working = amounts.unit == "working days"
    duration = target.duration(columns, options.calendar if working else None)
    return CaseAmounts(
        exact=duration.amount,
        days=duration.amount,
        paused=duration.paused,
        outside_calendar=duration.outside_calendar,
    )


def total_of(sums: Mapping[str, int], amounts: Amounts) -> int:
    """Return the total out of the quantities of `CaseAmounts.sums`, a whole number of any size."""
    if not amounts.by_clock:
        return sums["total"]
    return _SECOND * sums["seconds"] + sums["microseconds"]


def longest_of(amounts: Amounts, days: int) -> int:
    """Return an upper bound of the amount of a case that takes so many days.

    By the clock a day may have 25 hours, and a case that begins and ends on one takes up to one.
    """
    return days if not amounts.by_clock else 25 * 3600 * _SECOND * (days + 1)


def as_sums(total: int, amounts: Amounts) -> dict[str, int]:
    """Return a total as the quantities of `CaseAmounts.sums`."""
    if not amounts.by_clock:
        return {"total": total}
    return dict(zip(("seconds", "microseconds"), divmod(total, _SECOND), strict=True))


def clock_columns(limit: Limit, *columns: str) -> tuple[str, ...]:
    """Return the columns, read as instants, where a limit is by the clock; else none."""
    return columns if in_time.is_clock(limit) else ()


def pauses_by_clock(limit: Limit, pauses: tuple[str, ...]) -> Iterator[Problem]:
    """Yield a problem where pauses, which are days, would be deducted from time by the clock."""
    if pauses and in_time.is_clock(limit):
        message = f"found 'pauses' with the limit {limit}; accepted: with a limit in days"
        yield Problem(("pauses",), message)


def weights_by_clock(limit: Limit, count_as: str | None) -> Iterator[Problem]:
    """Yield a problem where time by the clock would be multiplied by weights of cases (S32).

    The microseconds of many cases, each times a million, are no 64-bit number.
    """
    if count_as is not None and in_time.is_clock(limit):
        message = f"found 'count_as' with the limit {limit}; accepted: with a limit in days"
        yield Problem(("count_as",), message)
