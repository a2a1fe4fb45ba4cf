"""Works out, exactly as written, whether case-handling agencies keep their processing-time targets.

    import kpi

    plan = kpi.load_plan("plan.toml")
    result = kpi.evaluate(plan, "extract/")
    print(result.frame)

The counting rules S1 to S28 that docstrings cite stand in docs/counting-rules.md.
"""

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

from kpi.bounds import Bounds
from kpi.calendars import Calendar
from kpi.conditions import Condition, OneOf, OpenAt, Population, Range
from kpi.errors import DataError, KpiError, PlanError, Problem
from kpi.goals import Goal
from kpi.limits import Before, ByValue, Dated, DueColumn, Span
from kpi.periods import EndOf, Window
from kpi.plan import Plan
from kpi.table import Table
from kpi.target import OnCondition, Parts, Reading, Requirement, Target

if TYPE_CHECKING:
    from kpi.checked import CheckedTable
    from kpi.columns import Columns
    from kpi.evaluate import evaluate, partial
    from kpi.eventlog import EventCases, cases_from_events
    from kpi.expected import Difference, check_expected
    from kpi.explained import QueryPlan, explain_query
    from kpi.finish import finish
    from kpi.interval import IntervalTarget
    from kpi.month_ends import MonthEnds, month_ends
    from kpi.planfile import dump_plan, load_plan, parse_plan
    from kpi.readings import Readings, every_reading, readings
    from kpi.result import Result, Score, TargetResult
    from kpi.rows import Measure, Rows
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
    from kpi.state import State, merge
    from kpi.sums import Sums
    from kpi.tables import Extract, check
    from kpi.xes import read_xes

_LATER = {
    "Average": "kpi.rules.average",
    "CheckedTable": "kpi.checked",
    "Clearance": "kpi.rules.clearance",
    "Columns": "kpi.columns",
    "Count": "kpi.rules.count",
    "Difference": "kpi.expected",
    "EventCases": "kpi.eventlog",
    "EveryWorkingDay": "kpi.rules.every_working_day",
    "Extract": "kpi.tables",
    "Flow": "kpi.rules.flow",
    "IntervalTarget": "kpi.interval",
    "Measure": "kpi.rows",
    "Milestone": "kpi.rules.milestone",
    "MonthEnds": "kpi.month_ends",
    "Percentile": "kpi.rules.percentile",
    "QueryPlan": "kpi.explained",
    "Readings": "kpi.readings",
    "Reported": "kpi.rules.reported",
    "Result": "kpi.result",
    "Rows": "kpi.rows",
    "Score": "kpi.result",
    "Share": "kpi.rules.share",
    "State": "kpi.state",
    "Stock": "kpi.rules.stock",
    "Sums": "kpi.sums",
    "TargetResult": "kpi.result",
    "Within": "kpi.rules.within",
    "cases_from_events": "kpi.eventlog",
    "check": "kpi.tables",
    "check_expected": "kpi.expected",
    "dump_plan": "kpi.planfile",
    "evaluate": "kpi.evaluate",
    "every_reading": "kpi.readings",
    "explain_query": "kpi.explained",
    "finish": "kpi.finish",
    "load_plan": "kpi.planfile",
    "merge": "kpi.state",
    "month_ends": "kpi.month_ends",
    "parse_plan": "kpi.planfile",
    "partial": "kpi.evaluate",
    "read_xes": "kpi.xes",
    "readings": "kpi.readings",
}
"""What works on tables, each kind of target and what makes one, is imported when it is first asked
for. Definitions alone need no engine."""

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


class _Package(ModuleType):
    """This package: where a module and a function have one name, the name is the function's."""

    def __setattr__(self, name: str, value: object) -> None:
        if isinstance(value, ModuleType) and _LATER.get(name) == value.__name__:
            value = getattr(value, name)
        super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package


def __getattr__(name: str) -> Any:
    if name in _LATER:
        found = globals()[name] = getattr(import_module(_LATER[name]), name)
        return found
    raise AttributeError(f"module 'kpi' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
