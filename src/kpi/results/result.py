"""Result of an evaluation: a record per target, frames of records, and the audit trail."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl
from attrs import evolve, field, fields, frozen

from kpi.definitions.comparison import BASE_OF
from kpi.definitions.notes import Note, note_codes
from kpi.definitions.plan import Plan
from kpi.definitions.series import Series
from kpi.definitions.target import Target
from kpi.engine import audit_trail as audit
from kpi.errors import KpiError
from kpi.foreign_text import json_text, terminal_text
from kpi.fork_guard import use_engine
from kpi.results.fingerprint import fingerprint_data
from kpi.results.frames import frame, segment_words
from kpi.results.plain_data import plain_number
from kpi.results.provenance import SCHEMA, Provenance
from kpi.results.target_result import TargetResult, Verdict
from kpi.tables.as_of import Snapshot
from kpi.tables.needs import Needs
from kpi.tables.quality import TableQuality
from kpi.tables.table_fingerprint import TableFingerprint

if TYPE_CHECKING:
    from kpi.evaluation.readings import Readings
    from kpi.report.page.plot import Plot, PlotKind
    from kpi.report.page.write import ReportFormat


@frozen(kw_only=True)
class Score:
    """Score of a plan: the sum of the weights of what was met, exactly (S28).

    Attributes:
        met: the weights earned, each shared weight as the plan declares.
        of: the sum of all weights.
        if_all: `met` if every shared weight were earned only when all of its requirements are met.
        if_split: `met` if every shared weight were split equally among its requirements.
        aside: weights that are neither earned nor missed, by verdict: not_assessable, open, lapsed.
        reconstructed: whether the plan's weights are reconstructed.
    """

    met: Decimal
    of: Decimal
    if_all: Decimal
    if_split: Decimal
    aside: Mapping[Verdict, Decimal] = field(factory=dict)
    reconstructed: bool = False

    def to_dict(self) -> dict[str, Any]:
        """Return the score as plain data, as the JSON has it."""
        return {name: plain_number(getattr(self, name)) for name in ("met", "of", "if_split")}


@frozen(kw_only=True, repr=False)
class Result:
    """Result of a plan: records, score and notes; iterating yields the records of requirements.

    Attributes:
        plan: the plan that was evaluated.
        as_of: the date that the cases are looked at from (S15).
        as_of_given: whether the caller gave that date; else it is the last day of the period.
        targets: a record per requirement, in the plan's order.
        score: the sum of the weights of what was met; None where the plan gives no weights.
        facts: the quality of each table, by name: rows read, rejected and hidden.
        notes: what a reader should know, a line each, with the code of its kind (`note.code`).
        series: the series that was asked for beside the targets' own; None for none (S30).
        by: the columns of the break-down.
        fingerprints: the fingerprint of the rows of each table, by name; None where none was asked
            for.
        tables: snapshots of the tables at the as-of date, by name; None where the result was
            finished from states, or pickled without cases.
        pickles_cases: whether a pickle of the result holds those tables (`with_cases`).
    """

    plan: Plan = field(repr=lambda plan: plan.id)
    as_of: dt.date
    as_of_given: bool
    targets: tuple[TargetResult, ...]
    score: Score | None = None
    facts: Mapping[str, TableQuality]
    notes: tuple[Note, ...]
    series: Series | None = field(default=None, repr=False)
    by: tuple[str, ...] = field(default=(), repr=False)
    fingerprints: Mapping[str, TableFingerprint] | None = field(default=None, repr=False)
    tables: Mapping[str, Snapshot] | None = field(default=None, repr=False, eq=False)
    pickles_cases: bool = field(default=False, repr=False, eq=False)

    def with_cases(self) -> Result:
        """Return the result as it is, but with a pickle that holds the cases, which are personal data."""
        return evolve(self, pickles_cases=True)

    def __getstate__(self) -> dict[str, Any]:
        """Return what a pickle holds: everything but the tables, unless they were asked for."""
        held = {f.name: getattr(self, f.name) for f in fields(Result)}
        return held if self.pickles_cases else {**held, "tables": None}

    def __setstate__(self, held: Mapping[str, Any]) -> None:
        for name, value in held.items():
            object.__setattr__(self, name, value)

    def __copy__(self) -> Result:
        """Return the result itself, which nothing changes: a copy has the cases."""
        return self

    def __deepcopy__(self, _: object) -> Result:
        """Return the result itself, which nothing changes: a copy has the cases."""
        return self

    def __iter__(self) -> Iterator[TargetResult]:
        return iter(self.targets)

    def __getitem__(self, target: str) -> TargetResult:
        """Return the record of a requirement, or of a part of a requirement, by id.

        Raises:
            KeyError: where the plan has no such target.
        """
        for record in self.leaves(parents=True):
            if record.id == target:
                return record
        raise KeyError(target)

    def leaves(self, *, parents: bool = False) -> Iterator[TargetResult]:
        """Yield the records of all targets that are measured: requirements, or their parts.

        Args:
            parents: whether a requirement of several parts comes before its parts.
        """
        for target in self.targets:
            if parents or not target.parts:
                yield target
            yield from target.parts

    @property
    def frame(self) -> pl.DataFrame:
        """A row per requirement, each followed by its parts.

        `excluded` counts rows, and `reasons` says how many for which reason. `low` and `high` are
        the range of a share if none and if all of the excluded rows had met it (S12).
        """
        return frame(list(self.leaves(parents=True)))

    @property
    def groups(self) -> pl.DataFrame:
        """A row per target and group: the columns of the break-down, `period`, then as `frame`."""
        return frame([group for target in self.leaves() for group in target.groups])

    @property
    def each(self) -> pl.DataFrame:
        """A row per target and segment (value, or stretch of time) that must reach it on its own.

        The column `part` names the segment; the other columns are as in `frame`.
        """
        return frame(
            [evolve(e, group={"part": segment_words(e)}) for t in self.leaves() for e in t.each]
        )

    def audit(self, *ids: str, outside: bool = True, periods: bool = False) -> pl.LazyFrame:
        """Return the audit trail: the outcome of each row under each target, as a lazy frame.

        Args:
            ids: ids of the targets, or of requirements of several parts, to list (default: all).
                The rows of a base follow those of the others, under the id of its target and ", base"
                (S33).
            outside: whether rows outside a target's population or window are listed too.
            periods: whether the rows inside each period of a series are listed, of the targets that
                have a series or are asked for one, and not those of the whole (S30).

        Returns:
            a row per target and row of its table: `target`, `table`, `case` (the row's key),
            `bucket` (S12), `reason` (why outside or excluded), `met` (counted rows of a share),
            `due` and `days` (where the row is inside), `gross` and `paused` (days, where the target
            deducts pauses: `days` is their difference), `seconds` (where the limit is in hours or
            minutes). With `periods`, a row per target, period and row: `period` stands after
            `case`, and a case that counts in several periods has a row for each.

        Raises:
            KpiError: for a result of merged states, which hold no cases.
            DataError: where a large file has changed since it was checked.
            KeyError: for an id that no requirement of the plan has.
        """
        parts = [
            audit.period_trail(self.plan, snapshot, targets, self.series)
            if periods
            else audit.trail(self.plan, snapshot, targets, outside=outside)
            for snapshot, targets in self._assessable(ids)
        ]
        return pl.concat(parts) if parts else audit.empty()

    def open_cases(self, *ids: str) -> pl.LazyFrame:
        """Return the cases that have not ended, with their due dates, the soonest due first.

        Args:
            ids: ids of the targets, or of requirements of several parts, to list (default: all).

        Returns:
            the columns of `audit`, a row per target that gives due dates and case of its population
            that has begun and not ended, whatever the window of the target. Cases without a due
            date, for a pause that is not over, come last.

        Raises:
            KpiError, DataError, KeyError: as `audit`.
        """
        # A case is open whatever the window, and so it would be listed under a base again.
        parts = [
            audit.open_cases(
                self.plan, snapshot, [t for t in targets if not t.id.endswith(BASE_OF)]
            )
            for snapshot, targets in self._assessable(ids)
        ]
        cases = pl.concat(parts) if parts else audit.empty()
        return cases.sort("due", nulls_last=True, maintain_order=True)

    def _assessable(self, ids: Sequence[str]) -> Iterator[tuple[Snapshot, list[Target]]]:
        """Yield each table with the targets that are measured on it.

        Raises:
            KpiError: for a result of merged states.
            KeyError: for an id that no requirement of the plan has.
        """
        if self.tables is None:
            raise KpiError(
                "no audit trail: this result was finished from states, which hold no cases, or was pickled "
                "without them (Result.with_cases)"
            )
        use_engine()
        plan = self.plan.only(*ids) if ids else self.plan
        for name, targets in Needs(plan).by_table.items():
            assessable = [t for t in targets if set(t.tables) <= self.tables.keys()]
            if assessable:
                yield self.tables[name], assessable

    def to_dict(self) -> dict[str, Any]:
        """Return the result as plain data, as the JSON has it (schema: docs/result.schema.json)."""
        return {
            "schema": SCHEMA,
            **Provenance.of(self.plan, self.as_of).to_dict(),
            "targets": [target.to_dict() for target in self.targets],
            "score": None if self.score is None else self.score.to_dict(),
            "tables": {
                name: {"rows": facts.rows, "rejected": dict(facts.rejected), "hidden": facts.hidden}
                for name, facts in self.facts.items()
            },
            "notes": list(map(str, self.notes)),
            "note_codes": note_codes(self.notes),
            "fingerprint": fingerprint_data(self.plan, self.by, self.series, self.fingerprints),
        }

    def to_json(self) -> str:
        """Return the result as JSON text (schema: docs/result.schema.json)."""
        return json_text(json.dumps(self.to_dict(), ensure_ascii=False, indent=2))

    def report(
        self,
        out: str | Path | None = None,
        *,
        form: ReportFormat | None = None,
        language: str = "da",
        hide_below: int = 5,
        hide_headlines: bool = False,
        readings: Readings | None = None,
    ) -> str:
        """Return the report of the result as one page, and write it where a file is named (R1 to R12).

        Args:
            out: the file, `.html`, `.md` or `.xlsx`; None writes none.
            form: "html", "markdown" or "xlsx" (default: by the ending of the file; without one,
                "html"). A workbook needs a file, and is no text: an empty one is returned.
            language: "da" or "en".
            hide_below: in break-downs, counts of 1 to one less than this are not shown, nor what
                would give them away (R11); 0 shows all.
            hide_headlines: whether a requirement of which a count is that small shows no figure at all.
            readings: the targets under their other readings, of `kpi.readings`; None leaves them out.

        Raises:
            KpiError: for an unknown language or ending; where jinja2, or for a workbook xlsxwriter, is
                not installed.
            OutputError: where the file cannot be written, or a workbook cannot hold the report.
            DataError: where a large file has changed since it was checked.
        """
        from kpi.report.page.of_result import result_report  # noqa: PLC0415 - a room above

        return result_report(
            self,
            out,
            form=form,
            language=language,
            hide_below=hide_below,
            hide_headlines=hide_headlines,
            readings=readings,
        )

    def plot(
        self,
        target: str,
        kind: PlotKind = "series",
        *,
        language: str = "da",
        hide_below: int = 5,
    ) -> Plot:
        """Return a chart of a target, as the report has it: shown in a notebook, `save` writes an SVG (R4).

        Args:
            target: the id of a target, or of a part.
            kind: "series": the value by month, or by the periods of its own; "times": how long the
                counted cases took.
            language: "da" or "en".
            hide_below: what is of fewer cases is not drawn (R11); 0 draws all.

        Raises:
            KeyError: where the plan has no such target.
            KpiError: where there is nothing to draw; for an unknown kind or language; where jinja2 is
                not installed.
            DataError: where a large file has changed since it was checked.
        """
        from kpi.report.page.plot import result_plot  # noqa: PLC0415 - a room above

        return result_plot(self, target, kind, language=language, hide_below=hide_below)

    def __repr__(self) -> str:
        from kpi.report.notebook import result_text  # noqa: PLC0415 - a room above

        return f"<Result {terminal_text(result_text(self))}>"

    def _repr_html_(self) -> str:
        """Return the result as a notebook shows it."""
        from kpi.report.notebook import result_html  # noqa: PLC0415 - a room above

        return result_html(self)


def flat_frame(result: Result) -> pl.DataFrame:
    """Return the rows that CSV and Parquet have: of `groups` where there are any, else of targets.

    Where a target has segments (values, or stretches of time) that must reach it on their own, a
    row for each follows with the segment's own limit and threshold, and a column `part` names it.
    """
    records = [group for target in result.leaves() for group in target.groups]
    return _with_segments(records) if records else target_frame(result)


def target_frame(result: Result) -> pl.DataFrame:
    """Return a row per requirement, its parts and segments below it, without groups."""
    return _with_segments(list(result.leaves(parents=True)))


def _with_segments(records: Sequence[TargetResult]) -> pl.DataFrame:
    if not any(record.each for record in records):
        return frame(records)
    rows: list[TargetResult] = []
    for record in records:
        rows.append(evolve(record, group={**record.group, "part": None}))
        rows += [evolve(e, group={**record.group, "part": segment_words(e)}) for e in record.each]
    return frame(rows).with_columns(pl.col("part").cast(pl.String))
