"""What newcomers can do, against every newcomer: `python -m tests.laws.newcomers` (F6, H7).

The table of F6 for limits of 0 to 20 days and for months, in a window of 15 days, as of each day before
its last: a newcomer helps where one can be met, or turns a target that is just missed, and hurts where
one can be missed, or turns one that is just met. Some seconds for each rule.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import kpi
from kpi.definitions.target import Target
from kpi.definitions.time_units import Span
from kpi.definitions.windows import Window
from kpi.rules.average import Average
from kpi.rules.percentile import Percentile
from kpi.rules.within import Within
from kpi.testing import oracle
from kpi.testing.oracle.follow_up import Possibilities, possibilities

FIRST, FINAL = dt.date(2022, 6, 6), dt.date(2022, 6, 20)
DAY = dt.timedelta(1)
CASES = kpi.Table("cases", key="case_id", entry="filed", events="decided")
SHARES = ("closed", "cohort", "overdue", "due", "settled")
MEANS = ("average", "fastest", "percentile")

Said = tuple[bool, bool]
"""Whether newcomers can help, and whether they can hurt."""


def stated(rule: str, limit: Span, as_of: dt.date, final: dt.date) -> Said:
    """Whether newcomers can help and hurt, as the table of F6 says."""
    first_due = oracle.due_date(as_of + DAY, limit, "down")
    assert first_due is not None, "the mode `down` refuses no day"
    longest = (final - as_of - DAY).days
    in_months = bool(limit.months)
    match rule:
        case "closed":
            return as_of < final, first_due < final
        case "cohort":
            return True, True
        case "overdue":
            return True, first_due <= final
        case "due":
            return first_due <= final, first_due <= final
        case "settled":
            return True, first_due + DAY <= final
        case "percentile":
            return True, longest > limit.days
        case _ if in_months:
            return True, first_due < final
    return limit.days > 0, longest > limit.days


def target(rule: str, limit: Span, window: Window, percent: int = 100) -> Target:
    """A target of a denominator, or of a mean of all, of the fastest, or of a percentile."""
    fields: dict[str, Any] = {
        "id": "1",
        "start": "filed",
        "end": "decided",
        "limit": limit,
        "window": window,
    }
    if rule == "percentile":
        return Percentile(**fields, percentile=Decimal(percent))
    if rule in MEANS:
        return Average(**fields, fastest=Decimal(95) if rule == "fastest" else None)
    return Within(**fields, threshold=60, denominator=rule)


def beside(asked: Target, as_of: dt.date, *rows: tuple[dt.date, dt.date]) -> Possibilities:
    """What a target can come to with known cases and one newcomer."""
    cases = [
        {"case_id": f"c{n}", "filed": filed, "decided": decided}
        for n, (filed, decided) in enumerate(rows)
    ]
    window: Any = asked
    plan = kpi.Plan(id="newcomers", period=window.window, tables=[CASES], targets=[asked])
    (found,) = possibilities(plan, {"cases": cases}, as_of, most=1)
    return found


def seen(rule: str, limit: Span, as_of: dt.date, window: Window) -> Said:
    """Whether a newcomer is met or missed; of means, whether one turns a verdict.

    A mean is beside one case of a day more than its limit, and one of just its limit, decided on the
    first day of the window. The percentile is the lower half for the first, and all for the second.
    """
    if rule in SHARES:
        found = beside(target(rule, limit, window), as_of)
        assert found.newcomers_met is not None
        assert found.newcomers_missed is not None
        return found.newcomers_met, found.newcomers_missed
    decided = window.since
    assert decided is not None, "the window begins"
    filed = oracle.due_date_before(decided, limit, "down")
    assert filed is not None, "the mode `down` refuses no day"
    over = beside(target(rule, limit, window, 50), as_of, (filed - DAY, decided))
    just = beside(target(rule, limit, window), as_of, (filed, decided))
    return over.helped, just.hurt


def checks(rule: str) -> Iterator[tuple[Span, dt.date, Said, Said]]:
    """Yields the limits and days of a rule, what the table says, and what is seen."""
    window = Window(since=FIRST, through=FINAL)
    limits = [Span(days=days) for days in range(21)]
    if rule not in ("fastest", "percentile"):
        # Filed within a month of the window's end.
        limits.append(Span(months=1))
    for limit in limits:
        day = FIRST
        while day < FINAL:
            yield limit, day, stated(rule, limit, day, FINAL), seen(rule, limit, day, window)
            day += DAY


def main() -> None:
    """Compares every rule, limit and day, and shows what differs."""
    wrong: Counter[str] = Counter()
    for rule in (*SHARES, *MEANS):
        number = 0
        for limit, day, table, found in checks(rule):
            number += 1
            if table != found:
                wrong[rule] += 1
                print(f"{rule}, {limit}, as of {day}: table {table}, every newcomer {found}")  # noqa: T201
        print(f"{number:>6,} checks of {rule}: {wrong[rule]} differences")  # noqa: T201
    if wrong:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
