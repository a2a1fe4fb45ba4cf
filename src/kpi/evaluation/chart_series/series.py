"""Series of a follow-up for charts: as frames and as plain data (F50 to F54)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal, TypeAlias, get_args

import polars as pl
from attrs import evolve, field, frozen

from kpi.definitions.notes import Note, note_codes
from kpi.definitions.plan import Plan
from kpi.definitions.series import Period
from kpi.definitions.target import Target
from kpi.errors import DataError
from kpi.evaluation.chart_series.by_end import monthly_points
from kpi.evaluation.chart_series.case_days import CaseDays, query_of
from kpi.evaluation.chart_series.points import Point, frame_of
from kpi.evaluation.chart_series.questions import Questions, months_back, plan_of
from kpi.evaluation.chart_series.reported import Reported, reported_points, unknown_targets
from kpi.evaluation.chart_series.to_date import MONTHLY, months_to_date, status_points
from kpi.evaluation.evaluate import evaluate
from kpi.results.result import Result
from kpi.results.target_result import TargetResult
from kpi.tables.as_of import Snapshot
from kpi.tables.check import Extract
from kpi.tables.needs import Needs

SeriesName: TypeAlias = Literal["to_date", "by_end", "flow", "weeks_to_due"]
"""The series: F50, F51, F52 and F53."""

SERIES: tuple[SeriesName, ...] = get_args(SeriesName)

_REBUILT = Note(
    "series-rebuilt",
    "the series are rebuilt from this extract: what was registered late or corrected since the end of "
    "a month is seen as it is now",
)
"""What is said of every series (F50)."""


@frozen(eq=False, repr=False)
class ChartSeries:
    """Series of a follow-up for charts, in the order of the plan and of time.

    Attributes:
        points: the points of each series.
        by: the columns of the break-down.
        notes: what a reader should know.
    """

    points: Mapping[SeriesName, tuple[Point, ...]]
    by: tuple[str, ...] = ()
    notes: tuple[Note, ...] = field(default=())

    @property
    def to_date(self) -> pl.DataFrame:
        """The value to date by month end, its bounds at the last day, and the estimate (F50)."""
        return self._frame("to_date")

    @property
    def by_end(self) -> pl.DataFrame:
        """The monthly value by end date, with mean and natural limits (F51)."""
        return self._frame("by_end")

    @property
    def flow(self) -> pl.DataFrame:
        """Intake, output, open cases and their ages by month (F52)."""
        return self._frame("flow")

    @property
    def weeks_to_due(self) -> pl.DataFrame:
        """The open cases by weeks after and until their due date (F53)."""
        return self._frame("weeks_to_due")

    @property
    def frame(self) -> pl.DataFrame:
        """All series in one frame: the column `series`, then those of each (F54)."""
        frames = [
            self._frame(name).select(pl.lit(name).alias("series"), pl.all()) for name in SERIES
        ]
        return pl.concat(frames, how="vertical_relaxed")

    def _frame(self, name: SeriesName) -> pl.DataFrame:
        return frame_of(self.points[name], self.by)

    def to_dict(self) -> dict[str, Any]:
        """Return the series as plain data, as the JSON has them."""
        series: dict[str, Any] = {
            name: [point.to_dict() for point in self.points[name]] for name in SERIES
        }
        notes = {"notes": [*map(str, self.notes)], "note_codes": note_codes(self.notes)}
        return {**series, **notes}


def chart_series(
    plan: Plan,
    extract: Extract,
    result: Result,
    *,
    by: Sequence[str] = (),
    estimates: Sequence[Point] = (),
    then: Sequence[Reported] = (),
) -> ChartSeries:
    """Return the series of a plan over checked tables, of all cases or of each group.

    Args:
        plan: the plan.
        extract: the checked tables.
        result: the evaluation as of the day of the follow-up.
        by: the columns of a break-down: the points are then of its groups, and of no other cases.
        estimates: the estimates, which stand among the values to date behind those of the months.
        then: earlier follow-ups, whose figures as they were reported stand last among them.
    """
    as_of, names = result.as_of, tuple(by)
    to_date, left_out = _to_date(plan, extract, result, names)
    points: dict[SeriesName, list[Point]] = {name: [] for name in SERIES}
    questions = [Questions.about(plan, target, as_of) for target in plan.leaves()]
    months = tuple(MONTHLY.periods(months_back(as_of)))
    asked = plan_of(plan, questions, as_of)
    answers = evaluate(
        asked, evolve(extract, plan=asked, needs=Needs(asked)), as_of, by=names, every="month"
    )
    records = {record.id: record for record in answers.targets}
    cases = _cases(asked, questions, answers.tables or {}, months[0].first, names)
    for question in questions:
        target = question.target.id
        points["to_date"] += to_date[target]
        points["to_date"] += [point for point in estimates if point.target == target]
        points["to_date"] += reported_points(then, target)
        if question.by_end is not None:
            points["by_end"] += monthly_points(target, records[question.by_end.id], months)
        for group in cases.get(target, ()):
            points["flow"] += group.flow(months)
            points["weeks_to_due"] += group.weeks_to_due(as_of)
    known = [requirement.id for requirement in plan.targets]
    known += [leaf.id for leaf in plan.leaves()]
    unknown = [Note("series-unknown-target", line) for line in unknown_targets(then, known)]
    notes = (_REBUILT, *_of_left_out(left_out), *unknown)
    return ChartSeries({name: tuple(of) for name, of in points.items()}, names, notes)


def _to_date(
    plan: Plan, extract: Extract, result: Result, by: Sequence[str]
) -> tuple[dict[str, list[Point]], list[dt.date]]:
    """Return the points of the values to date by target, and the days that were left out (F50)."""
    months = {target.id: months_to_date(plan, target, result.as_of) for target in plan.leaves()}
    # As of a day before the first date of the extract nothing can be followed up (F63).
    oldest = min((of.oldest for of in result.facts.values() if of.oldest is not None), default=None)
    days = sorted(
        {
            month.last
            for of_target in months.values()
            for month in of_target
            if oldest is None or month.last >= oldest
        }
    )
    known = [day for day in days if day == result.as_of or _is_known_as_of(extract, day)]
    records: dict[dt.date, dict[str, TargetResult]] = {}
    for day in known:
        found = result if day == result.as_of else evaluate(plan, extract, day, by=by)
        leaves = [leaf for record in found.targets for leaf in (record.parts or (record,))]
        records[day] = {leaf.id: leaf for leaf in leaves}
    points = {
        target: [*_of_months(target, of_target, records, by)]
        for target, of_target in months.items()
    }
    return points, [day for day in days if day not in records]


def _is_known_as_of(extract: Extract, day: dt.date) -> bool:
    """Return whether the tables are those of an earlier day too.

    One that is made of an event log is not where other events would have been chosen by then (S36).
    """
    try:
        for name, table in extract.tables.items():
            if table.log is not None:
                table.log.require(name, day)
    except DataError:
        return False
    return True


def _of_left_out(days: Sequence[dt.date]) -> Iterator[Note]:
    if days:
        yield Note(
            "series-months-left-out",
            f"the values to date of {days[0]} to {days[-1]} are left out: the tables are made of an "
            "event log, from which other events may have been chosen by then; follow up as of that day",
        )


def _of_months(
    target: str,
    months: Sequence[Period],
    records: Mapping[dt.date, Mapping[str, TargetResult]],
    by: Sequence[str],
) -> Iterator[Point]:
    for month in months:
        record = records.get(month.last, {}).get(target)
        if record is not None:
            for of_group in record.groups if by else (record,):
                yield from status_points(target, of_group, month.name)


def _cases(
    asked: Plan,
    questions: Sequence[Questions],
    snapshots: Mapping[str, Snapshot],
    first: dt.date,
    by: Sequence[str],
) -> dict[str, list[CaseDays]]:
    """Return the cases of each target by their days; targets about the same cases share a query."""
    queries: list[pl.LazyFrame] = []
    alike: list[tuple[Target, int]] = []
    places: dict[str, int] = {}
    for question in questions:
        cases = question.cases
        if cases is None or not set(cases.tables) <= snapshots.keys():
            continue
        nameless = evolve(cases, id="cases")
        place = next((n for other, n in alike if other == nameless), None)
        if place is None:
            place = len(queries)
            alike.append((nameless, place))
            queries.append(query_of(asked, cases, snapshots[cases.table], first, by))
        places[question.target.id] = place
    found = pl.collect_all(queries)
    return {
        question.target.id: CaseDays.of(
            question.target.id,
            found[places[question.target.id]],
            by,
            has_limit=question.cases is not None and question.cases.limit is not None,
        )
        for question in questions
        if question.target.id in places
    }
