"""The buckets that rows fall in, and the reasons for excluding a row (S12)."""

from __future__ import annotations

OUTSIDE, EXCLUDED, UNDETERMINED, COUNTED = BUCKETS = (
    "outside",
    "excluded",
    "undetermined",
    "counted",
)
"""Every row falls in the first of these that fits (S12)."""


START_MISSING = "start missing"


LIMIT_MISSING = "limit missing"


END_BEFORE_START = "end before start"


REFUSED_MONTH_END = "refused month end"


OUTSIDE_CALENDAR = "outside the calendar"


NO_SUCH_LOCAL_TIME = "no such local time"


REPEATED_ID = "repeated id"
