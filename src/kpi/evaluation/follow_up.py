"""Follow-up of a plan during its year: what is certain, what it depends on, what is expected (F1 to F30)."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import polars as pl
from attrs import asdict, evolve, field, frozen

from kpi.definitions.messages import Message
from kpi.definitions.notes import Note, about, note_codes
from kpi.definitions.parts import Parts
from kpi.definitions.plan import Plan
from kpi.definitions.target import Requirement, Target
from kpi.errors import DataError, PlanError
from kpi.evaluation.assessments import Assessment, Assessments, read_assessments
from kpi.evaluation.chart_series.points import Point
from kpi.evaluation.chart_series.reported import Reported, read_reported
from kpi.evaluation.chart_series.series import ChartSeries, SeriesSource
from kpi.evaluation.chart_series.to_date import estimate_point
from kpi.evaluation.evaluate import evaluate
from kpi.evaluation.follow_up_frame import follow_up_frame
from kpi.evaluation.forecast.estimate import Estimate, NoEstimate
from kpi.evaluation.forecast.estimates import estimates
from kpi.evaluation.forecast.outlook import OutlookWord, combined_outlook
from kpi.evaluation.forecast.track_record import TrackRecord
from kpi.evaluation.work_list.work_list import WorkList
from kpi.evaluation.work_list.workload import Load, parse_capacity, weeks_frame
from kpi.foreign_text import json_text, terminal_text
from kpi.results.plain_data import plain_number, plain_value
from kpi.results.possible import Newcomers, Possibilities, Range
from kpi.results.provenance import SCHEMA, Provenance
from kpi.results.result import Result
from kpi.results.score import ScoreRange, score_range
from kpi.results.target_result import TargetResult, Verdict
from kpi.tables.check import Extract, as_of_date, check
from kpi.tables.sources.resolve import OneTable, Tables

if TYPE_CHECKING:
    from kpi.evaluation.comparison.comparison import Comparison
    from kpi.evaluation.readings import Readings
    from kpi.report.page.plot import FollowPlotKind, Plot
    from kpi.report.page.write import ReportFormat

_SAID_OTHERWISE = ("weight-aside", "entered-later")
"""Notes of a result that a follow-up replaces: by the range of the score, by the note on what is hidden."""

NO_NEW_CASE = "no new case is counted"
"""The condition of the bounds over the known rows (F11)."""

_AS_EXPECTED: Mapping[Verdict, OutlookWord] = {
    "met": "expected met",
    "secured": "expected met",
    "missed": "expected missed",
    "lost": "expected missed",
    # Nothing tells what a figure that cannot be assessed will be.
    "not_assessable": "no estimate",
}
"""What the verdict of a part that is certain adds to the outlook of its requirement (F13)."""


@frozen(kw_only=True)
class Outlook:
    """What can be said of a requirement before its last day, each kind of statement apart (F1).

    Attributes:
        status: the record as of the day: counted, met, value and verdict.
        window_end: the last day, on which the verdict falls; None for a requirement of several parts.
        possibilities: what is certain: bounds, newcomers, need and room; None where the verdict is
            final, where nothing is asked, or where the figure cannot be told before the end.
        estimate: the figure that is expected at the end, or why there is none (F20 to F29); None where
            none was asked for, where the verdict is final, secured or lost, where nothing is required,
            for a requirement of several parts and for a group.
        outlook: the verdict where it is final, secured or lost, which comes before any estimate; else
            the outlook of the estimate, or of the parts' together (F26, S28); None without estimates,
            where nothing is required, and for a group.
        parts: the outlooks of the parts of a requirement of several; empty for a target.
        assessment: what the agency expects itself, which nothing here is computed from (F30).
        load: what its open cases are, and how many can still be in time; None where it was not asked
            for, where the last day is over, and where no cases can be listed (F33, F34).
        notes: where the verdict excludes what the agency expects, or the estimate says the opposite.
    """

    status: TargetResult
    window_end: dt.date | None
    possibilities: Possibilities | None = None
    estimate: Estimate | NoEstimate | None = None
    outlook: Verdict | OutlookWord | None = None
    parts: tuple[Outlook, ...] = ()
    assessment: Assessment | None = None
    load: Load | None = None
    notes: tuple[Note, ...] = ()

    def __repr__(self) -> str:
        from kpi.report.notebook import outlook_text  # noqa: PLC0415 - a room above

        return f"<Outlook {terminal_text(outlook_text(self))}>"

    @property
    def id(self) -> str:
        """The number and letter of the requirement."""
        return self.status.id

    @property
    def verdict(self) -> Verdict:
        """The verdict: final, or secured, lost or open (F12)."""
        return self.status.verdict

    @property
    def possible(self) -> Range | None:
        """The bounds of the final value, new cases included: certain."""
        return None if self.possibilities is None else self.possibilities.possible

    @property
    def known(self) -> Range | None:
        """The bounds of the final value if no new case is counted."""
        return None if self.possibilities is None else self.possibilities.known

    @property
    def sharp(self) -> bool:
        """Whether both known bounds can be reached (F14)."""
        return self.possibilities is not None and self.possibilities.sharp

    @property
    def may_be_empty(self) -> bool:
        """Whether it may be that nothing is counted in the end."""
        return self.possibilities is None or self.possibilities.may_be_empty

    @property
    def newcomers(self) -> Newcomers | None:
        """What new cases can do (F6)."""
        return None if self.possibilities is None else self.possibilities.newcomers

    @property
    def need(self) -> int | None:
        """Fewest further cases in time, none late, that reach the threshold (F16)."""
        return None if self.possibilities is None else self.possibilities.need

    @property
    def room(self) -> int | None:
        """Most further late cases, none in time, that still keep the threshold (F16)."""
        return None if self.possibilities is None else self.possibilities.room

    @property
    def price(self) -> Fraction | None:
        """Cases in time that make up for a late one (F16)."""
        return None if self.possibilities is None else self.possibilities.price

    @property
    def slack(self) -> tuple[int, int, int] | None:
        """Of a mean: what is allowed less what was taken, now, at worst and at best (F8)."""
        return None if self.possibilities is None else self.possibilities.slack

    @property
    def track(self) -> TrackRecord | None:
        """How such estimates did before (F27)."""
        return self.estimate.track if isinstance(self.estimate, Estimate) else None

    def leaves(self) -> Iterator[Outlook]:
        """Yield the outlook of the requirement, and of its parts."""
        yield self
        yield from self.parts

    @property
    def groups(self) -> tuple[Outlook, ...]:
        """The outlooks of the segments that must each reach it, and of the groups of a break-down."""
        return tuple(
            Outlook(status=group, window_end=self.window_end, possibilities=group.possible)
            for group in (*self.status.each, *self.status.groups)
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the outlook as plain data, each kind of statement under its name (F61)."""
        data: dict[str, Any] = {
            "id": self.id,
            "title": self.status.title,
            "window_end": None if self.window_end is None else self.window_end.isoformat(),
            **self._kinds(),
            "estimate": None if self.estimate is None else self.estimate.to_dict(),
            "outlook": self.outlook,
            "assessment": None if self.assessment is None else self.assessment.to_dict(),
        }
        if self.parts:
            data["parts"] = [part.to_dict() for part in self.parts]
        if groups := self.groups:
            data["groups"] = [
                {
                    "group": {name: plain_value(v) for name, v in group.status.group.items()},
                    **group._kinds(),  # noqa: SLF001 - of an outlook too
                }
                for group in groups
            ]
        return data

    def _kinds(self) -> dict[str, Any]:
        """Return the status, what is certain and what holds under a condition, each apart (F1)."""
        status, known = self.status, self.known
        # Where rows count as persons, `met` is persons as well (S32).
        as_ = status.counted_as
        counted_as = {} if as_ is None else {"counted_as": asdict(as_)}
        return {
            "status": {
                "met": status.met,
                "counted": status.counted,
                **counted_as,
                "value": status.value,
                "unit": status.unit,
                "verdict": status.verdict,
            },
            "certain": self._certain(),
            "if": [
                *([] if known is None else [{"condition": NO_NEW_CASE, **known.to_dict()}]),
                *([] if self.load is None else self.load.conditional()),
            ],
        }

    def _certain(self) -> dict[str, Any] | None:
        """Return what is certain as plain data; the open cases only beside bounds (F61)."""
        if self.possibilities is None:
            return None
        work = {} if self.load is None else {"work": self.load.certain()}
        return {**self.possibilities.to_dict(), **work}


@frozen(kw_only=True)
class FollowUp:
    """Follow-up of a plan as of a day of its year; iterating yields the outlooks.

    Attributes:
        result: the evaluation as of the day.
        targets: an outlook for each requirement, in the plan's order.
        score_range: the least and the greatest score that can still come about; None where the plan
            gives no weights (F13).
        notes: what a reader should know.
        extract: the checked tables, from which the series are made.
        by: the columns of the break-down.
        then: earlier follow-ups, as they were reported.
    """

    result: Result = field(repr=False)
    targets: tuple[Outlook, ...]
    score_range: ScoreRange | None = None
    notes: tuple[Note, ...] = ()
    extract: Extract = field(repr=False, eq=False)
    by: tuple[str, ...] = ()
    then: tuple[Reported, ...] = field(default=(), repr=False)

    def __repr__(self) -> str:
        from kpi.report.notebook import follow_up_text  # noqa: PLC0415 - a room above

        return f"<FollowUp {terminal_text(follow_up_text(self))}>"

    def _repr_html_(self) -> str:
        """Return the follow-up as a notebook shows it."""
        from kpi.report.notebook import follow_up_html  # noqa: PLC0415 - a room above

        return follow_up_html(self)

    @property
    def plan(self) -> Plan:
        """The plan that is followed."""
        return self.result.plan

    @property
    def as_of(self) -> dt.date:
        """The day at whose end the cases are looked at."""
        return self.result.as_of

    @property
    def assumes(self) -> tuple[str, ...]:
        """What every certain statement takes for granted (F2)."""
        return (
            Message(
                "no case that entered, and no event that came about, by {day} is registered later",
                day=self.as_of,
            ),
            Message(
                "no date, case or value that is registered by {day} is corrected or deleted",
                day=self.as_of,
            ),
        )

    def __iter__(self) -> Iterator[Outlook]:
        return iter(self.targets)

    def __getitem__(self, target: str) -> Outlook:
        """Return the outlook of a requirement, or of a part of one, by id.

        Raises:
            KeyError: where the plan has no such target.
        """
        for outlook in self.targets:
            for leaf in outlook.leaves():
                if leaf.id == target:
                    return leaf
        raise KeyError(target)

    @property
    def frame(self) -> pl.DataFrame:
        """A row per requirement, each followed by its parts: status, what is certain, what if.

        The columns are always the same, and each of a kind of statement begins with its name (F1):
        `certain_…` holds whatever happens, `if_no_new_case_…` under that condition, `estimate_…` may
        be false. Ends of bounds are numbers in the unit of the value, and beside each stands the
        exact fraction.
        """
        return follow_up_frame([leaf for outlook in self.targets for leaf in outlook.leaves()])

    @property
    def groups(self) -> pl.DataFrame:
        """A row per target and group of the break-down, with the columns of `frame`.

        The columns of the group follow `id`; without a break-down there are no rows.
        """
        leaves = [leaf for outlook in self.targets for leaf in outlook.leaves() if not leaf.parts]
        return follow_up_frame(
            [group for leaf in leaves for group in leaf.groups[len(leaf.status.each) :]]
        )

    @cached_property
    def _work_list(self) -> WorkList:
        return WorkList(self.result)

    def work(self, *ids: str, by_target: bool = False) -> pl.LazyFrame:
        """Return the work list: the open cases whose deciding can change a figure (F31, F32, F35).

        Args:
            ids: ids of the targets, or of requirements of several parts, to list (default: all).
            by_target: whether each target of a case has a row of its own.

        Returns:
            a row per case: `table`, `case`, `group` ("in time", "late", "against", "paused" or "not
            started"), `target` (the one to which the case matters first, and of which the other
            columns are), `start`, `due`, `first_day` and `last_day` (between which deciding it helps),
            `working_days_left`, `helps` and `hurts` (ids of targets), `targets_helped`, `targets`
            (each with its group and last day), `effect_in_time` and `effect_late`. By target: a row
            per target and case, with what deciding it adds to met and counted too.

        Raises:
            KpiError: for a result of merged states, which hold no cases.
            DataError: where a large file has changed since it was checked.
            KeyError: for an id that no requirement of the plan has.
        """
        work = self._work_list
        return work.by_target(*ids) if by_target else work.cases(*ids)

    def with_workload(self, capacity: Decimal | float | str | None = None) -> FollowUp:
        """Return the follow-up with the load of each target that is not over, and notes on it (F33, F34).

        Args:
            capacity: decisions a week, for each target by itself (default: the mean of the last 13
                weeks of the target's population).

        Raises:
            PlanError: where the capacity is not a number above 0.
            KpiError, DataError: as `work`.
        """
        loads = {load.target: load for load in self._work_list.loads(parse_capacity(capacity))}
        return evolve(
            self,
            targets=tuple(_with_load(outlook, loads) for outlook in self.targets),
            notes=(*self.notes, *self._work_list.notes()),
        )

    @property
    def weeks(self) -> pl.DataFrame:
        """A row per target and week of the load; without rows where no load was asked for (F33).

        Columns: `target`, `week_end`, `due` (open cases whose last day in time lies in the week),
        `due_by_then` (cumulated), `capacity` (decisions a week) and `most_in_time` (the greatest number
        that can be in time by then, with that capacity).
        """
        leaves = [leaf for outlook in self.targets for leaf in outlook.leaves()]
        return weeks_frame(leaf.load for leaf in leaves if leaf.load is not None)

    @cached_property
    def series(self) -> ChartSeries:
        """Series for charts: month by month, and open cases by weeks to their due date (F50 to F54).

        They are made when they are first read: the plan is evaluated as of each month end.
        """
        estimates = [*map(_expected_point, self._estimated)]
        return self._source.whole(estimates, self.then)

    @cached_property
    def group_series(self) -> ChartSeries:
        """The series of each group of the break-down; without a break-down they have no points."""
        return self._source.groups()

    @cached_property
    def _source(self) -> SeriesSource:
        return SeriesSource(plan=self.plan, extract=self.extract, result=self.result, by=self.by)

    @property
    def _estimated(self) -> Iterator[Outlook]:
        """The outlooks of targets that have an estimate."""
        for outlook in self.targets:
            yield from (leaf for leaf in outlook.leaves() if isinstance(leaf.estimate, Estimate))

    def to_dict(self, *, series: bool = True) -> dict[str, Any]:
        """Return the follow-up as plain data, as the JSON has it (schema: docs/follow-up.schema.json).

        Args:
            series: whether the series are in it, which are then made.
        """
        score = self.score_range
        return {
            "schema": SCHEMA,
            **Provenance.of(self.plan, self.as_of).to_dict(),
            "assumes": list(map(str, self.assumes)),
            "targets": [outlook.to_dict() for outlook in self.targets],
            "score": None
            if score is None
            else {
                "at_least": plain_number(score.at_least),
                "at_most": plain_number(score.at_most),
                "of": plain_number(score.of),
            },
            "series": self.series.to_dict() if series else None,
            "group_series": self.group_series.to_dict() if series and self.by else None,
            "notes": list(map(str, self.notes)),
            "note_codes": note_codes(self.notes),
        }

    def report(
        self,
        out: str | Path | None = None,
        *,
        form: ReportFormat | None = None,
        language: str = "da",
        hide_below: int = 5,
        hide_headlines: bool = False,
        readings: Readings | None = None,
        comparison: Comparison | None = None,
    ) -> str:
        """Return the report of the follow-up, and write it where a file is named (R1 to R13).

        The series are made for it, which evaluates the plan as of each month end.

        Args:
            out: the file, `.html`, `.md` or `.xlsx`; None writes none.
            form: "html", "markdown" or "xlsx"; see `Result.report`.
            language: "da" or "en".
            hide_below: the least count above 0 that a break-down shows (R11); 0 shows all.
            hide_headlines: whether a requirement of which a count is that small shows no figure at all.
            readings: the targets under their other readings, of `kpi.readings`; None leaves them out.
            comparison: what moved since an earlier extract, of `kpi.compare` (R6); None leaves it out.

        Raises:
            KpiError, OutputError, DataError: as `Result.report`.
        """
        from kpi.report.page.of_result import follow_up_report  # noqa: PLC0415 - a room above

        return follow_up_report(
            self,
            out,
            form=form,
            language=language,
            hide_below=hide_below,
            hide_headlines=hide_headlines,
            readings=readings,
            comparison=comparison,
        )

    def plot(
        self,
        target: str,
        kind: FollowPlotKind = "to_date",
        *,
        language: str = "da",
        hide_below: int = 5,
    ) -> Plot:
        """Return a chart of a target, as the report of the follow-up has it; see `Result.plot`.

        Args:
            target: the id of a target, or of a part.
            kind: "to_date" (F50), "by_end" (F51) or "weeks" to the due date (F53).
            language: "da" or "en".
            hide_below: what is of fewer cases is not drawn (R11); 0 draws all.

        Raises:
            KeyError, KpiError, DataError: as `Result.plot`.
        """
        from kpi.report.page.plot import follow_up_plot  # noqa: PLC0415 - a room above

        return follow_up_plot(self, target, kind, language=language, hide_below=hide_below)

    def to_json(self, *, series: bool = True) -> str:
        """Return the follow-up as JSON text (schema: docs/follow-up.schema.json).

        Args:
            series: whether the series are in it, which are then made.
        """
        return json_text(json.dumps(self.to_dict(series=series), ensure_ascii=False, indent=2))


def follow(
    plan: Plan,
    tables: Tables | Extract,
    as_of: dt.date | str,
    *,
    by: str | Sequence[str] = (),
    assessments: OneTable | None = None,
    estimate: bool = True,
    then: Sequence[str | Path] = (),
) -> FollowUp:
    """Follow a plan up on a day before it ends: what is certain, what it depends on, what is expected (F60).

    Args:
        plan: the plan.
        tables: checked tables, or what `kpi.check` takes.
        as_of: the day at whose end the cases are looked at (S15).
        by: the column, or columns, of a break-down.
        assessments: the agency's own assessments, which stand beside the outlook and change nothing
            (F30): a table with the columns `target`, `expected` ("met", "partly", "missed" or
            "uncertain"), `on`, and perhaps `text` and `by`; or the path of a file that holds it.
        estimate: whether the figures of the targets that are still open are estimated (F20), which
            over years of cases takes most of the time.
        then: the paths of earlier follow-ups of the plan, as `FollowUp.to_json` wrote them, whose
            figures as they were reported stand in the series beside those of this extract (F50).

    Raises:
        PlanError: where `as_of` is not a date, or no target ends after it.
        DataError: where a table cannot be used as the plan says; where every row entered after
            `as_of`; where an assessment is of an unknown target, or none of the four words; where a
            file of `then` holds no follow-up of the plan, or one of a later day (F63).
        KpiError: where a file of `then` cannot be read.
    """
    day = as_of_date(plan, as_of)
    require_something_to_follow(plan, day)
    assessed = Assessments() if assessments is None else read_assessments(plan, assessments, day)
    columns = (by,) if isinstance(by, str) else tuple(by)
    reported = read_reported(then, plan.id, day)
    # The tables are checked once, and evaluated and estimated as they are then.
    extract = (
        tables if isinstance(tables, Extract) else check(plan, tables, columns=columns, as_of=day)
    )
    result = evaluate(plan, extract, day, by=by)
    _require_something_known(result)
    expected = _estimates(plan, extract, result) if estimate else {}
    targets = tuple(
        _outlook(plan, requirement, record, assessed, expected)
        for requirement, record in zip(plan.targets, result.targets, strict=True)
    )
    leaves = [leaf for outlook in targets for leaf in outlook.leaves()]
    return FollowUp(
        result=result,
        targets=targets,
        score_range=score_range(plan, result.targets),
        extract=extract,
        by=columns,
        then=reported,
        notes=(
            *(note for note in result.notes if note.code not in _SAID_OTHERWISE),
            *_of_later_dates(result),
            *assessed.notes,
            *(about(leaf.id, note) for leaf in leaves for note in leaf.notes),
        ),
    )


def _with_load(outlook: Outlook, loads: Mapping[str, Load]) -> Outlook:
    """Return an outlook, and its parts, with the loads of the targets."""
    parts = tuple(_with_load(part, loads) for part in outlook.parts)
    return evolve(outlook, load=loads.get(outlook.id), parts=parts)


def require_something_to_follow(plan: Plan, as_of: dt.date) -> None:
    """Check that some target ends after a day.

    Raises:
        PlanError: where none does.
    """
    lasts = [last for target in plan.leaves() if (last := target.window_of(plan).last) is not None]
    latest = max(lasts, default=plan.period.last)
    if latest is None or latest <= as_of:
        raise PlanError(
            f"nothing to follow as of {as_of}: the last target of {plan.id} ends on {latest}; "
            "evaluate it instead (kpi evaluate)"
        )


def _require_something_known(result: Result) -> None:
    """Check that some row of the tables that have entry dates had entered by the as-of date (F63).

    Raises:
        DataError: where all of them entered later.
    """
    dated = {table.name for table in result.plan.tables if table.entry is not None}
    facts = [facts for name, facts in result.facts.items() if name in dated and facts.rows]
    hidden = sum(of_table.hidden for of_table in facts)
    usable = sum(of_table.rows - sum(of_table.rejected.values()) for of_table in facts)
    if hidden and hidden == usable:
        oldest = min((of.oldest for of in facts if of.oldest is not None), default=None)
        first = "" if oldest is None else f", the first on {oldest}"
        raise DataError(
            f"nothing is known as of {result.as_of}: all {hidden:,} rows entered later{first}; "
            "give a later day, or an older extract"
        )


def _of_later_dates(result: Result) -> Iterator[Note]:
    """Yield the note that the extract goes beyond the as-of date (F63)."""
    newest = max((f.newest for f in result.facts.values() if f.newest is not None), default=None)
    if newest is not None and newest > result.as_of:
        yield Note(
            "dates-hidden",
            # Neither days nor numbers: nothing of after the day changes what is said as of it.
            "the tables hold entries or events of after {day}: they are hidden, but what "
            "was registered late or corrected since then is seen as it is now",
            day=result.as_of,
        )


def _estimates(plan: Plan, extract: Extract, result: Result) -> dict[str, Estimate | NoEstimate]:
    """Return the estimates of the targets whose verdict can still be either, cut to what is possible."""
    leaves = [leaf for record in result.targets for leaf in (record.parts or (record,))]
    possible = {leaf.id: leaf.possible for leaf in leaves if leaf.verdict == "open"}
    return estimates(
        plan,
        extract,
        result.as_of,
        possible={
            name: (of.possible.worst, of.possible.best)
            for name, of in possible.items()
            if of is not None
        },
        targets=possible.keys(),
    )


def _expected_point(outlook: Outlook) -> Point:
    """Return the point of a target's estimate, at the last day of its window (F50)."""
    assert isinstance(outlook.estimate, Estimate), "it has one"
    assert outlook.window_end is not None, "a target's window has an end"
    return estimate_point(outlook.id, outlook.estimate, outlook.outlook, outlook.window_end)


def _outlook_word(
    requirement: Requirement,
    record: TargetResult,
    parts: Sequence[Outlook],
    estimate: Estimate | NoEstimate | None,
) -> Verdict | OutlookWord | None:
    """Return the outlook of a requirement in one word (F12, F26)."""
    if record.verdict == "indicator":
        return None
    if record.verdict != "open":
        return record.verdict
    if not isinstance(requirement, Parts):
        return None if estimate is None else estimate.outlook
    # A part that lapsed is ignored, and one that asks for nothing (S28, S31).
    asked = [part for part in parts if part.verdict not in ("lapsed", "indicator")]
    words = [_AS_EXPECTED.get(part.verdict, part.outlook) for part in asked]
    if None in words:
        return None
    return combined_outlook(cast("list[OutlookWord]", words), requirement.must_hold)


def _outlook(
    plan: Plan,
    requirement: Requirement,
    record: TargetResult,
    assessed: Assessments,
    expected: Mapping[str, Estimate | NoEstimate],
) -> Outlook:
    assessment = assessed.latest.get(record.id)
    parts: tuple[Outlook, ...] = ()
    if isinstance(requirement, Parts):
        parts = tuple(
            _outlook(plan, part, of_part, assessed, expected)
            for part, of_part in zip(requirement.leaves(), record.parts, strict=True)
        )
    estimate = expected.get(record.id)
    word = _outlook_word(requirement, record, parts, estimate)
    notes: list[Note | None] = []
    if assessment is not None:
        notes = [assessment.contradiction(record.verdict), assessment.disagreement(word)]
    return Outlook(
        status=record,
        window_end=requirement.window_of(plan).last if isinstance(requirement, Target) else None,
        possibilities=record.possible,
        estimate=estimate,
        outlook=word,
        parts=parts,
        assessment=assessment,
        notes=tuple(note for note in notes if note is not None),
    )
