"""Hypothesis strategies for plans, tables and `as_of` days, aimed at the edges of the rules.

Everything generated is valid by construction, and everything derived from a plan is drawn near
the plan's boundaries: a table's dates lie on the bounds of the plan's windows, on the due dates of
limits, and a day either side; times on limits of hours and minutes, and a minute either side;
reported numbers on their bounds. Generated examples shrink to few rows and to plain dates.

    plan = data.draw(plans())
    tables = data.draw(tables_for(plan))
    as_of = data.draw(as_ofs(plan))
"""

from kpi.testing.strategies.calendars import calendars, danish, rolls
from kpi.testing.strategies.days import (
    days,
    ends,
    moments,
    period_names,
    short_windows,
    windows,
)
from kpi.testing.strategies.derived import derived_dates
from kpi.testing.strategies.facts import facts
from kpi.testing.strategies.follow_up import Situation, situations
from kpi.testing.strategies.intervals import (
    averages,
    clearances,
    every_working_days,
    flows,
    percentiles,
    stocks,
    withins,
)
from kpi.testing.strategies.limits import (
    befores,
    bounds,
    by_values,
    clock_spans,
    dated,
    limits,
    spans,
    spans_in_days,
    spans_of_days,
    thresholds,
    thresholds_by_value,
    working_day_spans,
)
from kpi.testing.strategies.pauses import pause_rows
from kpi.testing.strategies.plans import ZONES, as_ofs, plans
from kpi.testing.strategies.populations import conditions, populations
from kpi.testing.strategies.rows import tables_for
from kpi.testing.strategies.small_targets import SMALL_TARGETS, small_targets
from kpi.testing.strategies.tables import (
    APPEALS,
    CASES,
    COLUMNS,
    CONTACTS,
    REPORTED,
    SLOTS,
    Rows,
    columns_of,
    contents,
)
from kpi.testing.strategies.targets import (
    TARGETS,
    counts,
    milestones,
    reported_numbers,
    shares,
    tables_of,
    targets,
)
from kpi.testing.strategies.times import odd_times

__all__ = [
    "APPEALS",
    "CASES",
    "COLUMNS",
    "CONTACTS",
    "REPORTED",
    "SLOTS",
    "SMALL_TARGETS",
    "TARGETS",
    "ZONES",
    "Rows",
    "Situation",
    "as_ofs",
    "averages",
    "befores",
    "bounds",
    "by_values",
    "calendars",
    "clearances",
    "clock_spans",
    "columns_of",
    "conditions",
    "contents",
    "counts",
    "danish",
    "dated",
    "days",
    "derived_dates",
    "ends",
    "every_working_days",
    "facts",
    "flows",
    "limits",
    "milestones",
    "moments",
    "odd_times",
    "pause_rows",
    "percentiles",
    "period_names",
    "plans",
    "populations",
    "reported_numbers",
    "rolls",
    "shares",
    "short_windows",
    "situations",
    "small_targets",
    "spans",
    "spans_in_days",
    "spans_of_days",
    "stocks",
    "tables_for",
    "tables_of",
    "targets",
    "thresholds",
    "thresholds_by_value",
    "windows",
    "withins",
    "working_day_spans",
]
