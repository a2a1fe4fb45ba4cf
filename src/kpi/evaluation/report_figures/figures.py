"""Figures of a report: a result, and what is shown beside each of its targets (R4, R5)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence

from attrs import evolve, field, frozen

from kpi.definitions.notes import Note
from kpi.definitions.periods import Every
from kpi.definitions.plan import Plan
from kpi.definitions.reserved import PERIOD
from kpi.definitions.series import Series
from kpi.engine.partial import Batch
from kpi.engine.pauses import with_further_pauses
from kpi.errors import KpiError
from kpi.evaluation.chart_series.caseload import Caseload, caseloads
from kpi.evaluation.comparison.compare import compare
from kpi.evaluation.comparison.comparison import Comparison
from kpi.evaluation.evaluate import evaluate
from kpi.evaluation.follow_up import FollowUp, follow, require_something_to_follow
from kpi.evaluation.readings import Readings, every_reading, readings_of
from kpi.evaluation.report_figures.case_times import CaseTimes, case_times
from kpi.results.finish import finish
from kpi.results.result import Result
from kpi.results.target_result import TargetResult
from kpi.tables.check import Extract, as_of_date
from kpi.tables.needs import Needs
from kpi.tables.redaction import redacted
from kpi.tables.several_plans import check_each
from kpi.tables.sources.resolve import OneTable, Tables
from kpi.tables.table_fingerprint import table_fingerprints


@frozen(kw_only=True)
class ReportFigures:
    """Figures of a report. No case is among them.

    Attributes:
        result: the result, with the break-down that was asked for.
        series: the records of each target by month, or by the periods of its own series, by id.
        times: the distribution of the times of the counted cases, by id.
        caseloads: cases in, out and open of the targets that count ended cases alone, by id.
        readings: the targets under their other readings (S26); None where they were not worked out.
        follow_up: the follow-up that the report is of; None for a report of a result.
        comparison: what moved since an earlier extract (F40); None where none was given.
    """

    result: Result
    series: Mapping[str, tuple[TargetResult, ...]] = field(factory=dict)
    times: Mapping[str, CaseTimes] = field(factory=dict)
    caseloads: Mapping[str, Caseload] = field(factory=dict)
    readings: Readings | None = None
    follow_up: FollowUp | None = None
    comparison: Comparison | None = None

    def with_comparison(self, comparison: Comparison | None) -> ReportFigures:
        """Return the figures beside a comparison with an earlier extract, and its notes."""
        if comparison is None:
            return self
        notes = dict.fromkeys((*self.result.notes, *comparison.notes))
        return evolve(self, result=evolve(self.result, notes=tuple(notes)), comparison=comparison)

    @property
    def has_cases(self) -> bool:
        """Whether the result holds the cases, from which series and times are worked out."""
        return self.result.tables is not None


MOST_HASHED = 1_000_000
"""Rows up to which the tables of a report are hashed unless something else is asked for: of more
rows a fingerprint takes longer than all the rest of the report."""


@frozen
class Then:
    """Earlier extract of a report, and the day D from which both extracts are looked at (R6).

    Attributes:
        extract: the earlier extract, as `kpi.compare` takes it.
        as_of: the day.
    """

    extract: Tables
    as_of: dt.date | str


def report_figures(
    plan: Plan,
    tables: Tables,
    as_of: dt.date | str | None = None,
    *,
    by: Sequence[str] = (),
    fingerprint: bool | None = None,
    then: Then | None = None,
) -> ReportFigures:
    """Evaluate a plan and all its readings over an extract that is read once.

    Args:
        plan: the plan.
        tables: what `kpi.evaluate` takes.
        as_of: the as-of date (S15; default: the last day of the plan's period).
        by: the columns of the break-down.
        fingerprint: whether the rows of each table are hashed; None hashes those of an extract of at
            most `MOST_HASHED` rows.
        then: an earlier extract to compare with; None for none.

    Raises:
        DataError: where a table cannot be used as the plan, or a reading, says; as `kpi.compare`.
        PlanError: where a date is none; as `kpi.compare`.
    """
    # Notes name no case, whoever writes the report.
    with redacted():
        read = _Read.of(plan, tables, as_of, by)
        hashed = _is_hashed(read.extract, asked=fingerprint)
        result = evaluate(plan, read.extract, as_of, by=by, fingerprint=hashed)
        figures = figures_of(result, read.readings(result))
        return figures.with_comparison(read.comparison(then, as_of))


def figures_before_the_end(
    plan: Plan,
    tables: Tables,
    as_of: dt.date | str,
    *,
    by: Sequence[str] = (),
    assessments: OneTable | None = None,
    fingerprint: bool | None = None,
    then: Then | None = None,
) -> ReportFigures:
    """Follow a plan up with all its readings over an extract that is read once.

    Args:
        plan: the plan.
        tables: what `kpi.follow` takes.
        as_of: the as-of date, before the end.
        by: the columns of the break-down.
        assessments: the agency's own assessments, as `kpi.follow` takes them.
        fingerprint: as for `report_figures`.
        then: an earlier extract to compare with; None for none.

    Raises:
        DataError, PlanError, KpiError: as `kpi.follow` and `kpi.compare`.
    """
    with redacted():
        require_something_to_follow(plan, as_of_date(plan, as_of))
        read = _Read.of(plan, tables, as_of, by)
        followed = follow(plan, read.extract, as_of, by=by, assessments=assessments)
        return follow_up_figures(
            followed,
            read.readings(followed.result),
            read.comparison(then, as_of),
            fingerprint=fingerprint,
        )


@frozen
class _Read:
    """Extract of a report, read once for all that is shown of it.

    Attributes:
        given: the extract as it was given.
        extract: the tables, checked for the plan.
        apart: the tables checked for the plan's readings, which may read other columns; None where
            they read none, or there are none.
    """

    given: Tables
    extract: Extract
    apart: Extract | None

    @classmethod
    def of(
        cls, plan: Plan, tables: Tables, as_of: dt.date | str | None, by: Sequence[str]
    ) -> _Read:
        """Read and check the tables of an extract for a plan and for all its readings."""
        every = _with_readings(plan)
        plans = {"plan": plan}
        if every is not None and not Needs(plan).cover(Needs(every)):
            plans["readings"] = every
        checked = check_each(plans, tables, columns=by, as_of=as_of)
        return cls(tables, checked["plan"], checked.get("readings"))

    def readings(self, result: Result) -> Readings | None:
        """Return the other readings of the targets of a result; None where none has any."""
        every = _with_readings(result.plan)
        if every is None:
            return None
        batch = (
            _batch(result, every)
            if self.apart is None
            else Batch.of(every, self.apart, result.as_of)
        )
        state = batch.state(by=(), series=None, engine="auto")
        return readings_of(_read_otherwise(result.plan), state)

    def comparison(self, then: Then | None, to: dt.date | str | None) -> Comparison | None:
        """Return what moved since an earlier extract; None without one."""
        if then is None:
            return None
        # Which events of a log are chosen depends on the day (S15): its tables are made anew for D.
        is_log = any(table.log is not None for table in self.extract.tables.values())
        new = self.given if is_log else self.extract
        return compare(self.extract.plan, then.extract, new, then.as_of, to)


def _is_hashed(extract: Extract, *, asked: bool | None) -> bool:
    """Return whether rows are hashed: as it was asked for, else where they are few."""
    if asked is not None:
        return asked
    return sum(table.height for table in extract.tables.values()) <= MOST_HASHED


def _read_otherwise(plan: Plan) -> Plan:
    """Return the targets of a plan that have other readings."""
    return plan.only(*(target.id for target in plan.leaves() if target.readings))


def _with_readings(plan: Plan) -> Plan | None:
    """Return the plan of all readings of the targets that have others; None where none has."""
    if not any(target.readings for target in plan.leaves()):
        return None
    return every_reading(_read_otherwise(plan))


def figures_of(
    result: Result, readings: Readings | None = None, every: Every = "month"
) -> ReportFigures:
    """Return the figures of a report on a result, from the snapshots that the result holds.

    A result that was finished from states holds none: its report has the figures of the result alone.
    The series are those of `kpi.evaluate` (S30): each period is asked the target's own question, of its
    own denominator and `each`, adds up to the result, and stands in the result's JSON, which an auditor
    compares with the page (R7). The months of a follow-up (F51) are asked another: of the cases that
    ended in them, without the window, its threshold and `each`, and with months before the window.

    Args:
        result: the result.
        readings: the targets under their other readings; None where they were not worked out.
        every: the length of the periods of a target without a series of its own.

    Raises:
        DataError: where a large file has changed since it was checked.
    """
    result = evolve(result, notes=tuple(_without_ids(result)))
    if result.tables is None:
        return ReportFigures(result=result, readings=readings)
    if result.series is not None:
        result = evolve(_finished(result, None, result.by), notes=result.notes)
    return ReportFigures(
        result=result,
        series=_by_period(result, every),
        times=dict(case_times(result)),
        caseloads=caseloads(result),
        readings=readings,
    )


def series_figures(result: Result, target: str, every: Every = "month") -> ReportFigures:
    """Return a result with the series of one of its targets alone, for a chart of it.

    Raises:
        KpiError: for a result that was finished from states, which hold no cases.
        DataError: where a large file has changed since it was checked.
    """
    _require_cases(result)
    return ReportFigures(result=result, series=_by_period(_alone(result, target), every))


def times_figures(result: Result, target: str) -> ReportFigures:
    """Return a result with the times of the counted cases of one target alone, for a chart of it.

    Raises:
        KpiError, DataError: as `series_figures`.
    """
    _require_cases(result)
    return ReportFigures(result=result, times=dict(case_times(_alone(result, target))))


def _require_cases(result: Result) -> None:
    if result.tables is None:
        raise KpiError(
            "nothing to draw: this result was finished from states, which hold no cases, or was pickled "
            "without them (Result.with_cases)"
        )


def _alone(result: Result, target: str) -> Result:
    """Return a result of one target of the plan, over the same snapshots."""
    return evolve(result, plan=result.plan.only(target), targets=(result[target],))


def _by_period(result: Result, every: Every) -> dict[str, tuple[TargetResult, ...]]:
    """Return the records of each target by period, by id."""
    series = Series(every, None, int(result.plan.year_starts))
    return {
        record.id: tuple(g for g in record.groups if g.group.get(PERIOD) is not None)
        for record in _finished(result, series, ()).leaves()
    }


def follow_up_figures(
    follow_up: FollowUp,
    readings: Readings | None = None,
    comparison: Comparison | None = None,
    *,
    fingerprint: bool | None = False,
) -> ReportFigures:
    """Return the figures of a report on a follow-up (R4): charts to date in place of series and times.

    Args:
        follow_up: the follow-up.
        readings: the targets under their other readings; None where they were not worked out.
        comparison: what moved since an earlier extract; None where none was given.
        fingerprint: whether the rows of each table are hashed; None as for `report_figures`.

    Raises:
        DataError: where a large file has changed since it was checked.
    """
    said = evolve(follow_up.result, notes=follow_up.notes)
    result = evolve(said, notes=tuple(_without_ids(said)))
    if _is_hashed(follow_up.extract, asked=fingerprint):
        tables = follow_up.extract.tables
        result = evolve(result, fingerprints=table_fingerprints(tables, follow_up.by))
    # The charts are of all cases: of each group of a break-down the months would be worked out for nothing.
    whole = evolve(follow_up, by=()) if follow_up.by else follow_up
    figures = ReportFigures(
        result=result, caseloads=caseloads(result), readings=readings, follow_up=whole
    )
    return figures.with_comparison(comparison)


def _without_ids(result: Result) -> Iterator[Note]:
    """Yield the notes of a result, those of its tables without ids and texts of cells."""
    tables = list(result.facts.items())
    with redacted(hide=False):
        named = [str(note) for name, facts in tables for note in facts.remarks(name)]
    with redacted():
        unnamed = [note for name, facts in tables for note in facts.remarks(name)]
    replaced = dict(zip(named, unnamed, strict=True))
    for note in result.notes:
        yield replaced.get(str(note), note)


def _finished(result: Result, series: Series | None, by: Sequence[str]) -> Result:
    """Return the result over the same snapshots by another series and break-down."""
    state = _batch(result, result.plan).state(by=by, series=series, engine="auto")
    return evolve(finish(state), tables=result.tables)


def _batch(result: Result, plan: Plan) -> Batch:
    """Return the snapshots of a result as those of a plan that they were checked for as well."""
    assert result.tables is not None, "the caller has looked"
    return Batch(
        plan=plan,
        needs=Needs(plan),
        as_of=result.as_of,
        as_of_given=result.as_of_given,
        tables=with_further_pauses(plan, result.tables),
        fingerprints=result.fingerprints,
    )
