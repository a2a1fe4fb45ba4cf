"""Works out, exactly as written, whether case-handling agencies keep their processing-time targets.

    import kpi

    plan = kpi.load_plan("plan.toml")
    result = kpi.evaluate(plan, "extract/")
    print(result.frame)

The counting rules S1 to S28 that docstrings cite stand in docs/counting-rules.md.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from kpi.bounds import Bounds
from kpi.calendars import Calendar
from kpi.checked import CheckedTable
from kpi.columns import Columns
from kpi.conditions import Condition, OneOf, OpenAt, Population, Range
from kpi.errors import DataError, KpiError, PlanError, Problem
from kpi.evaluate import evaluate, partial
from kpi.finish import finish
from kpi.goals import Goal
from kpi.interval import IntervalTarget
from kpi.limits import Before, ByValue, Dated, DueColumn, Span
from kpi.month_ends import MonthEnds, month_ends
from kpi.periods import EndOf, Window
from kpi.plan import Plan
from kpi.readings import Readings, every_reading, readings
from kpi.result import Result, Score, TargetResult
from kpi.rows import Measure, Rows
from kpi.state import State, merge
from kpi.sums import Sums
from kpi.table import Table
from kpi.tables import Extract, check
from kpi.target import OnCondition, Parts, Reading, Requirement, Target

if TYPE_CHECKING:
    from kpi.eventlog import EventCases, cases_from_events
    from kpi.expected import Difference, check_expected
    from kpi.explained import QueryPlan, explain_query
    from kpi.planfile import dump_plan, load_plan, parse_plan
    from kpi.rules.average import Average
    from kpi.rules.clearance import Clearance
    from kpi.rules.count import Count
    from kpi.rules.every_working_day import EveryWorkingDay
    from kpi.rules.flow import Flow
    from kpi.rules.milestone import Milestone
    from kpi.rules.percentile import Percentile
    from kpi.rules.reported import Reported
    from kpi.rules.share import Share
    from kpi.rules.stock import Stock
    from kpi.rules.within import Within
    from kpi.xes import read_xes

_LATER = {
    "Average": "kpi.rules.average",
    "Clearance": "kpi.rules.clearance",
    "Count": "kpi.rules.count",
    "Difference": "kpi.expected",
    "EventCases": "kpi.eventlog",
    "EveryWorkingDay": "kpi.rules.every_working_day",
    "Flow": "kpi.rules.flow",
    "Milestone": "kpi.rules.milestone",
    "Percentile": "kpi.rules.percentile",
    "QueryPlan": "kpi.explained",
    "Reported": "kpi.rules.reported",
    "Share": "kpi.rules.share",
    "Stock": "kpi.rules.stock",
    "Within": "kpi.rules.within",
    "cases_from_events": "kpi.eventlog",
    "check_expected": "kpi.expected",
    "dump_plan": "kpi.planfile",
    "explain_query": "kpi.explained",
    "load_plan": "kpi.planfile",
    "parse_plan": "kpi.planfile",
    "read_xes": "kpi.xes",
}
"""What few programs need, and each kind of target, is imported when it is first asked for."""

__version__ = "0.1.0"

__all__ = [
    "Average",
    "Before",
    "Bounds",
    "ByValue",
    "Calendar",
    "CheckedTable",
    "Clearance",
    "Columns",
    "Condition",
    "Count",
    "DataError",
    "Dated",
    "Difference",
    "DueColumn",
    "EndOf",
    "EventCases",
    "EveryWorkingDay",
    "Extract",
    "Flow",
    "Goal",
    "IntervalTarget",
    "KpiError",
    "Measure",
    "Milestone",
    "MonthEnds",
    "OnCondition",
    "OneOf",
    "OpenAt",
    "Parts",
    "Percentile",
    "Plan",
    "PlanError",
    "Population",
    "Problem",
    "QueryPlan",
    "Range",
    "Reading",
    "Readings",
    "Reported",
    "Requirement",
    "Result",
    "Rows",
    "Score",
    "Share",
    "Span",
    "State",
    "Stock",
    "Sums",
    "Table",
    "Target",
    "TargetResult",
    "Window",
    "Within",
    "cases_from_events",
    "check",
    "check_expected",
    "dump_plan",
    "evaluate",
    "every_reading",
    "explain_query",
    "finish",
    "load_plan",
    "merge",
    "month_ends",
    "parse_plan",
    "partial",
    "read_xes",
    "readings",
]


def __getattr__(name: str) -> Any:
    if name in _LATER:
        found = globals()[name] = getattr(import_module(_LATER[name]), name)
        return found
    raise AttributeError(f"module 'kpi' has no attribute {name!r}")
