"""Works out, exactly as written, whether case-handling agencies keep their processing-time targets.

    import kpi

    plan = kpi.load_plan("plan.toml")
    result = kpi.evaluate(plan, "extract/")
    print(result.frame)

The counting rules S1 to S28 that docstrings cite stand in docs/counting-rules.md.
"""

from kpi.columns import Columns
from kpi.conditions import Condition, OneOf, OpenAt, Population, Range
from kpi.errors import DataError, KpiError, PlanError, Problem
from kpi.evaluate import evaluate, partial
from kpi.finish import finish
from kpi.interval import IntervalTarget
from kpi.limits import DueColumn, Span
from kpi.periods import Window
from kpi.plan import Plan, Table, Target
from kpi.planfile import dump_plan, load_plan, parse_plan
from kpi.result import Result, TargetResult
from kpi.rows import Measure, Rows
from kpi.rules.average import Average
from kpi.rules.clearance import Clearance
from kpi.rules.within import Within
from kpi.state import State, merge
from kpi.tables import CheckedTable, Extract, check

__version__ = "0.1.0"

__all__ = [
    "Average",
    "CheckedTable",
    "Clearance",
    "Columns",
    "Condition",
    "DataError",
    "DueColumn",
    "Extract",
    "IntervalTarget",
    "KpiError",
    "Measure",
    "OneOf",
    "OpenAt",
    "Plan",
    "PlanError",
    "Population",
    "Problem",
    "Range",
    "Result",
    "Rows",
    "Span",
    "State",
    "Table",
    "Target",
    "TargetResult",
    "Window",
    "Within",
    "check",
    "dump_plan",
    "evaluate",
    "finish",
    "load_plan",
    "merge",
    "parse_plan",
    "partial",
]
