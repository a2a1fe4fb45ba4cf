"""The figures of examples/permit-receipts, worked out case by case in plain Python.

Nothing of `kpi` is used here, and no data frame: one loop over the cases, written from the rules
in semantics.md (S1 to S28) and the wording of the seven targets, so that the library can be held
to an answer that it had no part in. The targets are typed out below, not read from plan.toml.
"""

import calendar
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Literal, TypedDict
from zoneinfo import ZoneInfo

import pyarrow.parquet as pq

ZONE = ZoneInfo("Europe/Amsterdam")
AS_OF = date(2011, 12, 31)  # S15: no as_of is given, so the last day of the plan's period

YEAR = (date(2011, 1, 1), date(2012, 1, 1))  # S9: half-open, the second date is outside
HALF_1 = (date(2011, 1, 1), date(2011, 7, 1))
HALF_2 = (date(2011, 7, 1), date(2012, 1, 1))


@dataclass(frozen=True)
class Case:
    """One application, with local dates only (S1) and nothing that happened after AS_OF (S15)."""

    case_id: str
    case_type: str
    channel: str
    filed: date | None
    documented: date | None
    decided: date | None
    due: date | None


class Figures(TypedDict):
    """What a target's result should say."""

    rows: int
    outside: int
    counted: int
    excluded: dict[str, int]
    undetermined: int
    met: int | None
    total: int | None
    verdict: str


@dataclass(frozen=True)
class Target:
    """One requirement: who is counted, from when, until when, and what is enough."""

    counts: Callable[[Case], bool]
    start: Callable[[Case], date | None]
    due: Callable[[Case], date | None] | None  # None: the target is an average
    threshold: Decimal | None = None  # per cent in time, for a share
    most_days: int | None = None  # for an average


def figures(path: Path) -> dict[str, Figures]:
    """Return the figures of every target of the plan, by the target's id.

    Args:
        path: The file receipt.parquet.
    """
    cases = read(path)
    return {target_id: evaluate(target, cases) for target_id, target in TARGETS.items()}


# ---------------------------------------------------------------- the cases, as known at AS_OF


def read(path: Path) -> list[Case]:
    """Read the cases that exist at AS_OF, with what was known about them on that day.

    Args:
        path: The file receipt.parquet.
    """
    cases = []
    for row in pq.read_table(path).to_pylist():
        filed = local_date(row["filed"])
        if filed is not None and filed > AS_OF:
            continue  # S15: `filed` is the entry, this row does not exist yet
        cases.append(
            Case(
                case_id=row["case_id"],
                case_type=row["case_type"],
                channel=row["channel"],
                filed=filed,
                documented=known(local_date(row["documented"])),
                decided=known(local_date(row["decided"])),
                due=local_date(row["due"]),  # S15: a planned date is never hidden
            )
        )
    return cases


def local_date(instant: datetime | None) -> date | None:
    """Return the calendar date of an instant on a clock in Amsterdam (S1)."""
    return None if instant is None else instant.astimezone(ZONE).date()


def known(event: date | None) -> date | None:
    """Return an event's date, or None where it lies after AS_OF and is not yet known (S15)."""
    return None if event is None or event > AS_OF else event


# ---------------------------------------------------------------- the words of the targets


def inside(day: date | None, window: tuple[date, date]) -> bool:
    """Say whether a day lies in a half-open window (S9); a missing day does not (S10)."""
    return day is not None and window[0] <= day < window[1]


def days_after_filing(n: int) -> Callable[[Case], date | None]:
    """Return the due date n days after filing; the start day is not counted (S2, S3)."""
    return lambda case: case.filed + timedelta(days=n) if case.filed else None


def six_weeks_after_confirmation(case: Case) -> date | None:
    """Return the due date 42 days after the confirmation of receipt was sent (S3)."""
    return case.documented + timedelta(days=42) if case.documented else None


def three_months_after_filing(case: Case) -> date | None:
    """Return the same day number three months on, or that month's last day if it has none (S4)."""
    if case.filed is None:
        return None
    year, month = case.filed.year, case.filed.month + 3
    if month > 12:
        year, month = year + 1, month - 12
    last_day = calendar.monthrange(year, month)[1]
    return date(year, month, min(case.filed.day, last_day))


def by_post_or_desk_and_open_at_half_year(case: Case) -> bool:
    """Say whether a case is in target 7's cohort: open at the start of 1 July (S10, S21)."""
    day = HALF_2[0]
    return (
        case.case_type == "General"
        and case.channel in ("Post", "Desk")
        and case.filed is not None
        and case.filed < day  # S21: entered before the day ...
        and not (case.decided is not None and case.decided < day)  # ... and not ended before it
    )


# S11: a target that names no denominator counts the cases that ended in its window (`closed`);
# target 6 counts those that were filed in it (`cohort`), target 7 those that were open (S21).
TARGETS = {
    "1": Target(
        counts=lambda case: inside(case.decided, YEAR),
        start=lambda case: case.filed,
        due=days_after_filing(56),
        threshold=Decimal("60"),
    ),
    "2": Target(
        counts=lambda case: inside(case.decided, YEAR),
        start=lambda case: case.documented,
        due=six_weeks_after_confirmation,
        threshold=Decimal("70"),
    ),
    "3": Target(
        counts=lambda case: inside(case.decided, YEAR),
        start=lambda case: case.filed,
        due=lambda case: case.due,
        threshold=Decimal("75"),
    ),
    "4": Target(
        counts=lambda case: inside(case.decided, HALF_2),
        start=lambda case: case.filed,
        due=three_months_after_filing,
        threshold=Decimal("80"),
    ),
    "5": Target(
        counts=lambda case: inside(case.decided, HALF_2),
        start=lambda case: case.filed,
        due=None,
        most_days=60,
    ),
    "6": Target(
        counts=lambda case: inside(case.filed, HALF_1),
        start=lambda case: case.filed,
        due=days_after_filing(56),
        threshold=Decimal("62.5"),
    ),
    "7": Target(
        counts=by_post_or_desk_and_open_at_half_year,
        start=lambda case: case.filed,
        due=lambda _: date(2011, 9, 30),  # S9: the last day that is `before` 1 October
        threshold=Decimal("80"),
    ),
}


# ---------------------------------------------------------------- counting and judging


def evaluate(target: Target, cases: list[Case]) -> Figures:
    """Put every case in one bucket (S12), then add up and judge.

    None of the seven targets can leave a case undetermined: that takes the denominators `overdue`
    or `settled` (S12). An open case that is counted is one that has not met its target (S11, S21).

    Args:
        target: The target.
        cases: The cases that exist at AS_OF.
    """
    times_seen = Counter(case.case_id for case in cases)
    excluded: Counter[str] = Counter()
    outside = counted = met = total = 0
    for case in cases:
        if not target.counts(case):
            outside += 1
            continue
        reason = why_excluded(target, case, times_seen)
        if reason is not None:
            excluded[reason] += 1
            continue
        counted += 1
        start, end = target.start(case), case.decided
        if target.due is None:
            assert start is not None
            assert end is not None
            total += (end - start).days  # S2, S16: whole days
        else:
            due = target.due(case)
            assert due is not None
            met += end is not None and end <= due  # S6: one test, forwards
    share = target.due is not None
    return Figures(
        rows=len(cases),
        outside=outside,
        counted=counted,
        excluded=dict(excluded),
        undetermined=0,
        met=met if share else None,
        total=None if share else total,
        verdict=judge(target, counted, met, total),
    )


def why_excluded(target: Target, case: Case, times_seen: Counter[str]) -> str | None:
    """Return the first reason that fits (S12), or None for a case that is counted.

    Two of the reasons cannot arise here: no target refuses a month end (S4: `down` is the
    default), and an instant with a time zone always has a local time (S1).

    Args:
        target: The target.
        case: A case of its population.
        times_seen: How many rows each id has.
    """
    start, end = target.start(case), case.decided
    if start is None:
        return "start missing"
    if target.due is not None and target.due(case) is None:
        return "limit missing"
    if end is not None and end < start:  # local dates, like every comparison (S1)
        return "end before start"
    if times_seen[case.case_id] > 1:
        return "repeated id"  # S13: every row of a repeated key
    return None


def judge(
    target: Target, counted: int, met: int, total: int
) -> Literal["met", "missed", "not_assessable"]:
    """Compare in whole numbers, never in rounded ones (S16, S19).

    Every window is over at AS_OF, so no verdict is open (S27).

    Args:
        target: The target.
        counted: How many cases are counted.
        met: How many of them ended in time.
        total: How many days they took together.
    """
    if counted == 0:
        return "not_assessable"  # S25
    if target.threshold is not None:
        enough = met * 100 >= target.threshold * counted  # S19
    else:
        assert target.most_days is not None
        enough = total <= target.most_days * counted  # S16, S20: at most
    return "met" if enough else "missed"
