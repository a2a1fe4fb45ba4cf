"""Buckets of rows, and reasons for excluding a row (S12)."""

from __future__ import annotations

OUTSIDE, EXCLUDED, UNDETERMINED, COUNTED = BUCKETS = (
    "outside",
    "excluded",
    "undetermined",
    "counted",
)
"""The disjoint classes of the rows of a target: a row falls in the first that fits (S12)."""


WEIGHT_MISSING = "weight missing"
"""Reason: the number that the case counts as is null or below 1 (S32)."""

START_MISSING = "start missing"
"""Reason: the start date is null."""

LIMIT_MISSING = "limit missing"
"""Reason: the case has no limit, for a null due date or a value without a limit."""

THRESHOLD_MISSING = "threshold missing"
"""Reason: the thresholds stand by value, and the case has another value or null."""

END_BEFORE_START = "end before start"
"""Reason: the end date lies before the start date of the target's own interval."""

REFUSED_MONTH_END = "refused month end"
"""Reason: the due date does not exist in its month, and the month-end mode is "refuse" (S4)."""

OUTSIDE_CALENDAR = "outside the calendar"
"""Reason: a date lies outside the days that the calendar of working days covers (S7)."""

NO_SUCH_LOCAL_TIME = "no such local time"
"""Reason: a limit in hours or minutes reads a local time that a clock change skipped (S1)."""

COUNTED_ALREADY = "counted already"
"""Reason: another row of the same value, the first by the key, is counted (S23)."""

REPEATED_ID = "repeated id"
"""Reason: the key of the row is a duplicate (S13)."""
