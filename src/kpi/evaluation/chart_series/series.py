"""Series of a follow-up for charts: as frames and as plain data (F50 to F54)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, Literal, TypeAlias, get_args

import polars as pl
from attrs import evolve, field, frozen

from kpi.definitions.messages import Listing
from kpi.definitions.notes import Note, note_codes
from kpi.definitions.plan import Plan
from kpi.definitions.series import Period
from kpi.definitions.target import Target
from kpi.engine.partial import Batch
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


@frozen(kw_only=True, eq=False, repr=False)
class SeriesSource:
    """What the series of a follow-up are made of; the whole and its groups share it.

    Attributes:
        plan: the plan.
        extract: the checked tables.
        result: the evaluation as of the day of the follow-up.
        by: the columns of the break-down.
    """

    plan: Plan
    extract: Extract
    result: Result
    by: tuple[str, ...]

    def whole(self, estimates: Sequence[Point] = (), then: Sequence[Reported] = ()) -> ChartSeries:
        """Return the series of all cases.

        Args:
            estimates: the estimates, which stand behind the values to date of the months.
            then: earlier follow-ups, whose figures as they were reported stand last among those.
        """
        known = {record.id for record in self.result.targets} | self._questions.keys()
        unknown = list(unknown_targets(then, known))

        def more(target: str) -> Iterator[Point]:
            yield from (point for point in estimates if point.target == target)
            yield from reported_points(then, target)

        return self._series((), more, unknown)

    def groups(self) -> ChartSeries:
        """Return the series of each group of the break-down, and of no other cases."""
        if not self.by:
            return ChartSeries(dict.fromkeys(SERIES, ()))
        return self._series(self.by, lambda _: (), ())

    def _series(
        self,
        by: tuple[str, ...],
        more: Callable[[str], Iterable[Point]],
        notes: Sequence[Note],
    ) -> ChartSeries:
        points: dict[SeriesName, list[Point]] = {name: [] for name in SERIES}
        by_end = self._by_end(by)
        for target, question in self._questions.items():
            points["to_date"] += self._to_date(question.target, by)
            points["to_date"] += more(target)
            if question.by_end is not None:
                points["by_end"] += monthly_points(target, by_end[question.by_end.id], self._months)
            if target in self._cases:
                has_limit = question.cases is not None and question.cases.limit is not None
                for group in CaseDays.of(target, self._cases[target], by, has_limit=has_limit):
                    points["flow"] += group.flow(self._months)
                    points["weeks_to_due"] += group.weeks_to_due(self.result.as_of)
        said = (
            _REBUILT,
            *_of_left_out(self._left_out),
            *_of_chosen_dates(self._questions.values()),
            *notes,
        )
        return ChartSeries({name: tuple(of) for name, of in points.items()}, by, said)

    @cached_property
    def _questions(self) -> dict[str, Questions]:
        leaves = self.plan.leaves()
        return {leaf.id: Questions.about(self.plan, leaf, self.result.as_of) for leaf in leaves}

    @cached_property
    def _months(self) -> tuple[Period, ...]:
        """The months that the monthly series go back."""
        return tuple(MONTHLY.periods(months_back(self.result.as_of)))

    @cached_property
    def _days(self) -> list[dt.date]:
        """The month ends as of which the plan is evaluated (F50)."""
        as_of = self.result.as_of
        # As of a day before the first date that is known nothing can be followed up (F63).
        dates = map(_first_date, (self.result.tables or {}).values())
        oldest = min((day for day in dates if day is not None), default=as_of)
        months = (months_to_date(self.plan, leaf, as_of) for leaf in self.plan.leaves())
        days = {month.last for of_target in months for month in of_target}
        return sorted(day for day in days if day >= oldest)

    @cached_property
    def _left_out(self) -> list[dt.date]:
        """The month ends whose tables cannot be told from these."""
        return [
            day
            for day in self._days
            if day != self.result.as_of and not _is_known_as_of(self.extract, day)
        ]

    @cached_property
    def _records(self) -> dict[dt.date, dict[str, TargetResult]]:
        """The records of the targets as of each month end, with their groups."""
        records = {}
        for day in self._days:
            if day in self._left_out:
                continue
            found = self.result
            if day != self.result.as_of:
                found = evaluate(self.plan, self.extract, day, by=self.by)
            leaves = [leaf for record in found.targets for leaf in (record.parts or (record,))]
            records[day] = {leaf.id: leaf for leaf in leaves}
        return records

    def _to_date(self, target: Target, by: Sequence[str]) -> Iterator[Point]:
        for month in months_to_date(self.plan, target, self.result.as_of):
            record = self._records.get(month.last, {}).get(target.id)
            if record is not None:
                for of_group in record.groups if by else (record,):
                    yield from status_points(target.id, of_group, month.name)

    def _by_end(self, by: Sequence[str]) -> dict[str, TargetResult]:
        """Return the records of the targets as they are asked of the cases that ended in a month."""
        questions = [q.by_end for q in self._questions.values() if q.by_end is not None]
        if not questions:
            return {}
        plan = plan_of(self.plan, questions, self.result.as_of)
        extract = _for(plan, self.extract)
        found = evaluate(plan, extract, self.result.as_of, by=by, every="month")
        return {record.id: record for record in found.targets}

    @cached_property
    def _cases(self) -> dict[str, pl.DataFrame]:
        """The cases of each target by their days; targets about the same cases share a query."""
        asked = {name: q.cases for name, q in self._questions.items() if q.cases is not None}
        if not asked:
            return {}
        plan = plan_of(self.plan, [*asked.values()], self.result.as_of)
        tables = Batch.of(plan, _for(plan, self.extract), self.result.as_of).tables
        queries: list[pl.LazyFrame] = []
        alike: list[tuple[Target, int]] = []
        places: dict[str, int] = {}
        for name, cases in asked.items():
            if not set(cases.tables) <= tables.keys():
                continue
            nameless = evolve(cases, id="cases")
            place = next((n for other, n in alike if other == nameless), len(queries))
            if place == len(queries):
                alike.append((nameless, place))
                first = self._months[0].first
                queries.append(query_of(plan, cases, tables[cases.table], first, self.by))
            places[name] = place
        found = pl.collect_all(queries)
        return {name: found[place] for name, place in places.items()}


def _first_date(snapshot: Snapshot) -> dt.date | None:
    """Return the first entry or event that is known; None without any."""
    names = {snapshot.table.entry, *snapshot.table.events} & snapshot.columns
    if not names:
        return None
    firsts = snapshot.frame.select(pl.col(name).min() for name in sorted(filter(None, names)))
    found: tuple[dt.date | None, ...] = firsts.collect(engine="in-memory").row(0)
    return min((day for day in found if day is not None), default=None)


def _for(plan: Plan, extract: Extract) -> Extract:
    """Return checked tables for a plan of questions about the targets that they were checked for."""
    return evolve(extract, plan=plan, needs=Needs(plan))


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


def _of_chosen_dates(questions: Iterable[Questions]) -> Iterator[Note]:
    chosen = [q.target.id for q in questions if q.chooses_dates and q.by_end is not None]
    if chosen:
        yield Note(
            "series-of-chosen-dates",
            "{ids}: cases are chosen by their start, end or entry, so that those that ended in "
            "one month are not like those of another; read no trend from these months",
            ids=Listing(chosen),
        )


def _of_left_out(days: Sequence[dt.date]) -> Iterator[Note]:
    if days:
        yield Note(
            "series-months-left-out",
            "the values to date of {first} to {last} are left out: the tables are made of an "
            "event log, from which other events may have been chosen by then; follow up as of that day",
            first=days[0],
            last=days[-1],
        )
