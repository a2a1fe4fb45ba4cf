"""Buckets of the keys of two snapshots: what became of each key, the first that fits (F41)."""

from __future__ import annotations

from typing import Final, Literal, TypeAlias

StepName: TypeAlias = Literal["restated", "news"]
"""A step between two figures: a later extract of the same day, or the same extract of a later day."""

RESTATED: Final = (
    "key",
    "gone",
    "registered late",
    "reopened",
    "end registered late",
    "end corrected",
    "start registered late",
    "start corrected",
    "pauses changed",
    "other date",
    "other column",
    "unchanged",
)
"""The buckets of OLD against NEW, both as of D, in their order (F41)."""

(
    KEY,
    GONE,
    REGISTERED_LATE,
    REOPENED,
    END_LATE,
    END_CORRECTED,
    START_LATE,
    START_CORRECTED,
    PAUSES,
    OTHER_DATE,
    OTHER_COLUMN,
    SAME,
) = range(len(RESTATED))

NEWS: Final = (
    "entered",
    "ended",
    "started",
    "other event",
    "only time passed",
    "unchanged",
)
"""The buckets of NEW as of D against NEW as of D2, in their order (F41)."""

ENTERED, ENDED, STARTED, OTHER_EVENT, TIME_PASSED, NO_NEWS = range(len(NEWS))

NOT_TOLD_APART: Final = "not told apart"
"""The only bucket where OLD is a stored state, which holds no cases (F46)."""

BUCKETS: Final = (*RESTATED[:-1], *NEWS, NOT_TOLD_APART)
"""Every bucket, those of the restatement before those of the news."""

MEANINGS: Final = {
    "key": "the id is repeated or rejected in one of the extracts",
    "gone": "not in NEW, or entered after the day there",
    "registered late": "only in NEW",
    "reopened": "ended in OLD, open in NEW",
    "end registered late": "open in OLD, ended in NEW",
    "end corrected": "another end date",
    "start registered late": "no start in OLD, one in NEW",
    "start corrected": "another start date, or none any more",
    "pauses changed": "other pauses",
    "other date": "another date that the target reads",
    "other column": "another value of a column that the target reads",
    "entered": "entered since",
    "ended": "ended since",
    "started": "started since",
    "other event": "another event since, or a pause",
    "only time passed": "the due date has passed, or time alone changed what the case counts as",
    "unchanged": "the same in both",
    NOT_TOLD_APART: "OLD is a stored state, which holds no cases",
}
"""The meaning of each bucket in a few words."""
