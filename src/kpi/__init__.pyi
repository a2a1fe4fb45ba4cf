"""Public names, each with the module that defines it; `__init__.py` reads them from here alone."""

from . import spark as spark
from .definitions.bounds import Bounds as Bounds
from .definitions.calendars import Calendar as Calendar
from .definitions.columns import Columns as Columns
from .definitions.extract_file import ExtractFile as ExtractFile
from .definitions.extract_file import TableSource as TableSource
from .definitions.goals import Goal as Goal
from .definitions.limits import (
    Before as Before,
)
from .definitions.limits import (
    ByValue as ByValue,
)
from .definitions.limits import (
    Dated as Dated,
)
from .definitions.limits import (
    DueColumn as DueColumn,
)
from .definitions.measurement import Measure as Measure
from .definitions.measurement import Rows as Rows
from .definitions.on_condition import OnCondition as OnCondition
from .definitions.parts import Parts as Parts
from .definitions.plan import Plan as Plan
from .definitions.population import (
    Condition as Condition,
)
from .definitions.population import (
    OneOf as OneOf,
)
from .definitions.population import (
    OpenAt as OpenAt,
)
from .definitions.population import (
    Population as Population,
)
from .definitions.population import (
    Range as Range,
)
from .definitions.readings import Reading as Reading
from .definitions.sums import Sums as Sums
from .definitions.table import Table as Table
from .definitions.target import (
    Requirement as Requirement,
)
from .definitions.target import (
    Target as Target,
)
from .definitions.time_units import Span as Span
from .definitions.windows import EndOf as EndOf
from .definitions.windows import Window as Window
from .engine.partial import partial as partial
from .engine.state import State as State
from .engine.state import merge as merge
from .errors import (
    DataError as DataError,
)
from .errors import (
    KpiError as KpiError,
)
from .errors import (
    PlanError as PlanError,
)
from .errors import (
    Problem as Problem,
)
from .evaluation.chart_series.series import ChartSeries as ChartSeries
from .evaluation.comparison.compare import compare as compare
from .evaluation.comparison.comparison import Comparison as Comparison
from .evaluation.evaluate import evaluate as evaluate
from .evaluation.expected import Difference as Difference
from .evaluation.expected_file import check_expected as check_expected
from .evaluation.follow_up import FollowUp as FollowUp
from .evaluation.follow_up import Outlook as Outlook
from .evaluation.follow_up import follow as follow
from .evaluation.forecast.estimate import Estimate as Estimate
from .evaluation.forecast.estimate import NoEstimate as NoEstimate
from .evaluation.forecast.estimates import estimates as estimates
from .evaluation.forecast.track_record import TrackRecord as TrackRecord
from .evaluation.inspect import Inspection as Inspection
from .evaluation.inspect import inspect as inspect
from .evaluation.month_ends import MonthEnds as MonthEnds
from .evaluation.month_ends import month_ends as month_ends
from .evaluation.query_plan import QueryPlan as QueryPlan
from .evaluation.query_plan import explain_query as explain_query
from .evaluation.readings import (
    Readings as Readings,
)
from .evaluation.readings import (
    every_reading as every_reading,
)
from .evaluation.readings import (
    readings as readings,
)
from .evaluation.reproduce import (
    Discrepancy as Discrepancy,
)
from .evaluation.reproduce import (
    Reproduction as Reproduction,
)
from .evaluation.reproduce import (
    reproduce as reproduce,
)
from .planfile.dump import dump_plan as dump_plan
from .planfile.extract_file import load_extract as load_extract
from .planfile.load import load_plan as load_plan
from .planfile.load import parse_plan as parse_plan
from .results.finish import finish as finish
from .results.result import Result as Result
from .results.result import Score as Score
from .results.stored_result import StoredResult as StoredResult
from .results.stored_result import read_result as read_result
from .results.target_result import TargetResult as TargetResult
from .rules._interval import IntervalTarget as IntervalTarget
from .rules.average import Average as Average
from .rules.clearance import Clearance as Clearance
from .rules.count import Count as Count
from .rules.every_working_day import EveryWorkingDay as EveryWorkingDay
from .rules.flow import Flow as Flow
from .rules.milestone import Milestone as Milestone
from .rules.percentile import Percentile as Percentile
from .rules.reported import Reported as Reported
from .rules.share import Share as Share
from .rules.stock import Stock as Stock
from .rules.within import Within as Within
from .storage.ledger import Ledger as Ledger
from .storage.ledger import LedgerEntry as LedgerEntry
from .storage.state_files import read_state as read_state
from .storage.state_files import write_state as write_state
from .tables.check import Extract as Extract
from .tables.check import check as check
from .tables.checked_table import CheckedTable as CheckedTable
from .tables.event_log.cases import EventCases as EventCases
from .tables.event_log.cases import cases_from_events as cases_from_events
from .tables.event_log.xes import read_xes as read_xes

__version__: str
__all__: list[str]
