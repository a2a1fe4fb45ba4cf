"""What can still happen before a target's last day, by evaluating every completion (F1 to F13).

Nothing is worked out here: each completion of a small table is written down in full and given to the
oracle as of the target's last day, and what comes out is collected. So it is slow, and shares no
reasoning with bounds that are worked out.
"""

from kpi.testing.oracle.follow_up.direction import direction_of
from kpi.testing.oracle.follow_up.final_figures import Final
from kpi.testing.oracle.follow_up.known import known_rows
from kpi.testing.oracle.follow_up.possibilities import Possibilities, possibilities
from kpi.testing.oracle.follow_up.work import Work, work_of

__all__ = [
    "Final",
    "Possibilities",
    "Work",
    "direction_of",
    "known_rows",
    "possibilities",
    "work_of",
]
