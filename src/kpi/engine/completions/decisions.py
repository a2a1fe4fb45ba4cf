"""Decisions still to be made: what deciding each open row would do to a target (F31, F32).

As with options, nothing is worked out apart from the rules: each distinct open row is ended on every
day that can make a difference, and the row expressions of the target say what comes of it. So the
last day in time is right for every denominator and limit that the engine knows.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Literal, TypeAlias, get_args

import polars as pl
from attrs import frozen

from kpi.definitions.bounds import Bounds
from kpi.definitions.columns import Columns
from kpi.definitions.derived_dates import Derived
from kpi.definitions.figures import Figure
from kpi.definitions.plan import Plan
from kpi.definitions.reserved import PART, PREFIX, ROW
from kpi.definitions.target import Target
from kpi.engine.completions.asked import Asked
from kpi.engine.completions.complete import Completer, TooManyCompletionsError
from kpi.engine.completions.open_rows import Reads, distinct_rows, raw_reads, with_open_tests
from kpi.engine.completions.outcomes import (
    AMOUNT,
    COUNT,
    MET,
    MISSED,
    NOT_COUNTED,
    OPTION,
    SLACK,
    outcomes,
)
from kpi.engine.groups import segment_keys
from kpi.engine.state import decode_segment
from kpi.engine.target_query import columns_needed, columns_of, target_queries
from kpi.rules._case_weights import weighed_rows
from kpi.rules._pausable import PausableTarget
from kpi.rules._reported import FactTarget
from kpi.tables.as_of import Snapshot

WorkGroup: TypeAlias = Literal["in time", "late", "against", "paused", "not started"]
"""What an open case is to a target (F31).

`in time`: decided by its last day it helps; `late`: decided, it counts as late; `against`: decided, it
counts against the target, and lateness has no part in that; `paused`: no due date while its pause
runs; `not started`: no start is known.
"""

GROUPS: tuple[WorkGroup, ...] = get_args(WorkGroup)

GROUP_DTYPE = pl.Enum(GROUPS)

CASES = f"{PREFIX}cases"
"""Integer column: the cases that a distinct row stands for."""

EFFECTS = ("in_time_met", "in_time_counted", "late_met", "late_counted")
"""Integer columns: what deciding in time, and deciding late, add to met and counted (F32).

Of a number of rows, what they add to the number stands as counted, and met is null.
"""

_ROWS_AT_ONCE = 50_000
"""Distinct rows that are completed together: their completions fit into memory."""

_COMBINATION = f"{PREFIX}combination"
_NEVER, _WEIGHT, _NOW, _DAY, _LOW, _HIGH, _FIRST, _LAST, _MIDDLE, _LEFT, _EFFECT, _IS_WITHIN = (
    f"{PREFIX}work {name}"
    for name in (
        "never", "weight", "now", "day", "low", "high", "first", "last", "middle", "left",
        "effect", "is within",
    )
)  # fmt: skip
"""Columns on the way, named so that no table has them."""
_PAUSED = f"{PREFIX}is paused"


@frozen(eq=False, repr=False)
class Decisions:
    """What deciding its open cases would do to a target.

    Attributes:
        asked: the target, in its window.
        keys: a row for each distinct open row whose deciding changes the figure: the raw columns
            that the target reads, which tell it apart.
        rows: of each of them, in the same order: `kpi:cases`, `group`, `start`, `due`, `first_day` and `last_day` (the days from and to
            which deciding it helps; null where none does), the columns `EFFECTS` (null where that
            cannot come about), `effect_in_time` and `effect_late` (F32).
        no_effect: open cases whose deciding changes nothing.
        waiting: cases that are decided, and wait for another date that can still change the figure.
        untold: open cases that could not be completed in every way.
    """

    asked: Asked
    keys: pl.DataFrame
    rows: pl.DataFrame
    no_effect: int = 0
    waiting: int = 0
    untold: int = 0

    def cases(self, group: WorkGroup) -> int:
        """Return the number of cases of a group."""
        return int(self.rows.filter(pl.col("group") == group)[CASES].sum())


def why_not_listed(target: Target) -> str | None:
    """Return why the cases of a target cannot be listed; None where they can (F31)."""
    if not target.has_requirement:
        return "asks for nothing"
    figure = target.figure
    if isinstance(target, FactTarget):
        return "is reported by people, and has no cases"
    if figure is None:
        return "has a figure to which no case adds a part of its own"
    if figure.is_of_days:
        return "has days for rows, and no cases"
    if figure.kind in ("mean", "percentile") and figure.most is None and target.limit is None:
        return "is compared with a base, and has no limit that a case could keep"
    if figure.kind in ("number", "late") and _favours_more(target) is None:
        return "asks for a number between two bounds"
    return None


def decisions(
    plan: Plan, snapshot: Snapshot, derived: Mapping[str, Derived], asked: Asked
) -> Decisions:
    """Return what deciding its open cases would do to a target.

    Args:
        plan: the plan.
        snapshot: the table at the as-of date, with the paused days of its cases.
        derived: the derived dates of the table that targets read.
        asked: a target whose cases can be listed (see `why_not_listed`).
    """
    completer = Completer(plan, snapshot, derived, asked)
    (query,) = target_queries(plan, asked.target, completer.columns(), (), None, with_periods=False)
    reads = raw_reads(snapshot, derived, completer.expressions, query)
    decider = _Decider(completer, reads, columns_of(plan, snapshot))
    if not reads.events:
        return Decisions(asked, pl.DataFrame(), _NO_ROWS)
    scan = snapshot.scan(None, {*columns_needed(query), *reads.columns})
    tests = with_open_tests(query, derived, reads).tests.values()
    opened = distinct_rows(scan.filtered([*tests]), reads.columns).collect()
    parts = [
        of_part for some in opened.iter_slices(_ROWS_AT_ONCE) for of_part in decider.decided(some)
    ]
    numbers: Counter[str] = Counter()
    for of_part in parts:
        numbers.update(of_part.numbers)
    return Decisions(
        asked,
        pl.concat([opened.clear().drop(COUNT), *(of_part.keys for of_part in parts)]),
        pl.concat([_NO_ROWS, *(of_part.rows for of_part in parts)]),
        no_effect=numbers["no_effect"],
        waiting=numbers["waiting"],
        untold=numbers["untold"],
    )


def decided_column(target: Target) -> str | None:
    """Return the date column that deciding a case fills: the end, or the date of its event."""
    return getattr(target, "end", None) or getattr(target, "on", None)


@frozen(eq=False, repr=False)
class _Part:
    """What deciding some distinct rows does: keys and rows as in `Decisions`, and numbers of cases."""

    keys: pl.DataFrame
    rows: pl.DataFrame
    numbers: Counter[str]


@frozen(eq=False)
class _Decider:
    """Deciding of the open rows of a target on each day that can make a difference."""

    completer: Completer
    reads: Reads
    now: Columns

    @property
    def target(self) -> Target:
        return self.completer.target

    @property
    def figure(self) -> Figure:
        figure = self.target.figure
        assert figure is not None, "a target without a figure has no cases to list"
        return figure

    @property
    def end(self) -> str | None:
        return decided_column(self.target)

    @property
    def _end_column(self) -> str:
        """The date column that deciding fills; only asked where rows have it."""
        assert self.end is not None, "rows that are decided have an end"
        return self.end

    @property
    def _end_events(self) -> list[str]:
        """The events that make the end, of those that the target reads."""
        return sorted(self.reads.events & self.completer.sources_of(self.end))

    def decided(self, part: pl.DataFrame) -> Iterator[_Part]:
        """Yield what deciding some distinct rows does, in halves where they are too many at once."""
        try:
            yield self._of(part)
        except TooManyCompletionsError:
            if part.height == 1:
                untold = Counter(untold=int(part[COUNT].sum()))
                yield _Part(part.clear().drop(COUNT), _NO_ROWS, untold)
                return
            half = part.height // 2
            yield from self.decided(part[:half])
            yield from self.decided(part[half:])

    def _of(self, part: pl.DataFrame) -> _Part:
        names = part.drop(COUNT).columns
        # Each case is decided by itself: what a row counts as is its own weight.
        frame = part.with_row_index(ROW).with_columns(
            pl.col(COUNT).alias(CASES), pl.lit(1, pl.Int64).alias(COUNT)
        )
        frame = self.completer.with_derived(frame)
        if self.end is None or self.end not in frame.columns:
            return _Part(part.clear().drop(COUNT), _NO_ROWS, Counter(waiting=self._waiting(frame)))
        ended, opened = (
            frame.filter(test)
            for test in (pl.col(self.end).is_not_null(), pl.col(self.end).is_null())
        )
        numbers = Counter(waiting=self._waiting(ended))
        if not opened.height:
            return _Part(part.clear().drop(COUNT), _NO_ROWS, numbers)
        is_amount = self.figure.kind in ("mean", "percentile")
        per_row = self._by_amount(opened) if is_amount else self._by_option(opened)
        start = self._start(opened)
        # A table may have columns of these names itself, so that its own stand apart.
        listed = (
            opened.select(ROW, CASES, start.alias("start"), self._is_paused(opened).alias(_PAUSED))
            .with_columns(self._due(opened).alias("due"))
            .join(per_row, on=ROW, how="left")
        )
        has_start = (
            pl.lit(value=True) if self._start_column is None else pl.col("start").is_not_null()
        )
        group = (
            pl.when(~pl.col("changes"))
            .then(None)
            .when(~has_start)
            .then(pl.lit("not started"))
            .when(_PAUSED)
            .then(pl.lit("paused"))
            .when("helps")
            .then(pl.lit("in time"))
            .when("late")
            .then(pl.lit("late"))
            .otherwise(pl.lit("against"))
        )
        listed = listed.with_columns(group.cast(GROUP_DTYPE).alias("group"))
        numbers["no_effect"] = int(listed.filter(pl.col("group").is_null())[CASES].sum())
        in_time = pl.col("group") == "in time"
        listed = listed.filter(pl.col("group").is_not_null()).with_columns(
            pl.when(in_time).then(name).alias(name)
            for name in (
                "first_day",
                "last_day",
                "in_time_met",
                "in_time_counted",
                "effect_in_time",
            )
        )
        listed = listed.with_columns(
            pl.when(pl.col("group") != "paused").then(name).alias(name)
            for name in ("late_met", "late_counted", "effect_late")
        )
        keys = listed.select(ROW).join(
            opened.select(ROW, *names), on=ROW, how="left", maintain_order="left"
        )
        rows = listed.select(pl.col(name).cast(dtype) for name, dtype in _SCHEMA.items())
        return _Part(keys.drop(ROW), rows, numbers)

    @property
    def _start_column(self) -> str | None:
        return getattr(self.target, "start", None)

    def _start(self, frame: pl.DataFrame) -> pl.Expr:
        column = self._start_column
        if column is None or column not in frame.columns:
            return pl.lit(None, pl.Date)
        return pl.col(column)

    def _due(self, frame: pl.DataFrame) -> pl.Series:
        """Return the due date of each row as known now; of amounts, null where they have none."""
        due = self.target.rows(self.now).due
        if due is None:
            return pl.repeat(None, frame.height, dtype=pl.Date, eager=True)
        return frame.with_columns(due.cast(pl.Date).alias(_DAY))[_DAY]

    def _paused_columns(self, frame: pl.DataFrame) -> tuple[list[str], list[str]]:
        """Return the columns of paused time, and the masks of running pauses, that rows have."""
        target = self.target
        if not isinstance(target, PausableTarget):
            return [], []
        times = list(dict.fromkeys(target.paused_times(self.completer.plan)))
        return (
            [time.column for time in times if time.column in frame.columns],
            [time.open_column for time in times if time.open_column in frame.columns],
        )

    def _is_paused(self, frame: pl.DataFrame) -> pl.Expr:
        masks = [pl.col(name) for name in self._paused_columns(frame)[1]]
        return pl.any_horizontal(masks).fill_null(value=False) if masks else pl.lit(value=False)

    def _waiting(self, ended: pl.DataFrame) -> int:
        """Return the cases that have ended and can still be more than one thing."""
        if not ended.height:
            return 0
        found = self.completer.outcomes(self.completer.completed(ended, self.reads.events))
        several = found.group_by(ROW).agg(pl.col(OPTION).n_unique() > 1)
        return int(ended.join(several.filter(OPTION), on=ROW, how="semi")[CASES].sum())

    def _outcomes_now(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Return what each row is as of the as-of date."""
        rows, segments = weighed_rows(self.target, self.now), segment_keys(self.target, self.now)
        return outcomes(frame, self.figure, rows, segments)

    def _combinations(self, opened: pl.DataFrame) -> pl.DataFrame:
        """Return open rows with every completion of their other events, paused as they are known."""
        paused, masks = self._paused_columns(opened)
        known = {name: f"{PREFIX}known:{name}" for name in (*paused, *masks)}
        kept = opened.with_columns(pl.col(name).alias(copy) for name, copy in known.items())
        kept = kept.with_columns(self._is_paused(opened).alias(_PAUSED))
        others = self.reads.events.difference(self._end_events)
        completed = self.completer.completed(kept, others)
        return self._as_known(completed, known).with_row_index(_COMBINATION)

    def _as_known(
        self, frame: pl.DataFrame, known: Mapping[str, str] | None = None
    ) -> pl.DataFrame:
        """Return the completions whose paused time is that known now, of cases whose pause is over."""
        pairs = known or {
            name.removeprefix(f"{PREFIX}known:"): name
            for name in frame.columns
            if name.startswith(f"{PREFIX}known:")
        }
        for name, copy in pairs.items():
            frame = frame.filter(pl.col(_PAUSED) | pl.col(name).eq_missing(pl.col(copy)))
        return frame

    def _ended(self, combinations: pl.DataFrame) -> pl.DataFrame:
        """Return every completion of the end, with its outcome and that of never ending."""
        never = self.completer.outcomes(combinations).select(
            _COMBINATION, pl.col(OPTION).alias(_NEVER)
        )
        completed = self._as_known(self.completer.completed(combinations, self._end_events))
        ended = self.completer.outcomes(completed.filter(pl.col(self._end_column).is_not_null()))
        return ended.join(never, on=_COMBINATION)

    def _by_option(self, opened: pl.DataFrame) -> pl.DataFrame:
        """Return what deciding each row does where a row counts, and is met, or not."""
        ended = self._ended(self._combinations(opened))
        rank, before = (self._rank(pl.col(name)) for name in (OPTION, _NEVER))
        helps, hurts = rank > before, rank < before
        day, option, never = pl.col(self._end_column), pl.col(OPTION), pl.col(_NEVER)
        adds_met = _bit(option == MET) - _bit(never == MET)
        adds_counted = _bit(option != NOT_COUNTED) - _bit(never != NOT_COUNTED)
        if self.figure.kind == "number":
            # A number of rows: what is in it counts, and nothing is met.
            adds_met, adds_counted = pl.lit(None, pl.Int64), adds_met
        last = helps & (day == day.filter(helps).max())
        # Of several completions of its other events the best is said, and of the late ones the worst.
        merit = 3 * rank + (rank - before)
        best, worst = merit.filter(last).arg_max(), merit.filter(hurts).arg_min()
        may_be_late = option.eq(MISSED).any() | never.eq(MISSED).any()
        per_row = ended.group_by(ROW).agg(
            helps.any().alias("helps"),
            (helps | hurts).any().alias("changes"),
            ((hurts & (option == MISSED)).any() & self.figure.is_within).alias("late"),
            day.filter(helps).min().alias("first_day"),
            day.filter(helps).max().alias("last_day"),
            option.filter(last).get(best).alias(OPTION),
            adds_met.filter(last).get(best).alias("in_time_met"),
            adds_counted.filter(last).get(best).alias("in_time_counted"),
            pl.when(hurts.any())
            .then(adds_met.filter(hurts).get(worst))
            .when(may_be_late)
            .then(0)
            .alias("late_met"),
            pl.when(hurts.any())
            .then(adds_counted.filter(hurts).get(worst))
            .when(may_be_late)
            .then(0)
            .alias("late_counted"),
            pl.when(hurts.any())
            .then(option.filter(hurts).get(worst))
            .when(may_be_late)
            .then(MISSED)
            .alias(_DAY),
            pl.col(COUNT).max().alias(_WEIGHT),
            pl.col(PART).first(),
        )
        now = self._outcomes_now(opened).select(
            ROW,
            pl.col(OPTION).alias(_NOW),
        )
        per_row = per_row.join(now, on=ROW)
        per_row = self._with_effect(per_row, OPTION, "effect_in_time")
        per_row = self._with_effect(per_row, _DAY, "effect_late")
        return per_row.with_columns(
            (pl.col(name) * pl.col(_WEIGHT)).alias(name) for name in EFFECTS
        )

    def _rank(self, option: pl.Expr) -> pl.Expr:
        """Return how favourable an option is: the higher, the better for the target."""
        order = (MISSED, NOT_COUNTED, MET)
        favourable = order if _favours_more(self.target) is not False else order[::-1]
        if self.figure.kind == "late":
            # What counts is the number of late cases: the fewer of them is asked for, or the more.
            favourable = order if _favours_more(self.target) is False else order[::-1]
        return option.replace_strict(
            list(favourable), [0, 1, 2], return_dtype=pl.Int8, default=None
        )

    def _with_effect(self, per_row: pl.DataFrame, option: str, name: str) -> pl.DataFrame:
        """Return rows with what an option adds to what is asked, seen from the status now (F32)."""
        keys = [PART, option, _NOW]
        found = per_row.select(keys).unique()
        values = [
            self._effect(decode_segment(part), of, now) for part, of, now in found.iter_rows()
        ]
        values_of = found.with_columns(pl.Series(name, values, pl.Float64))
        joined = per_row.join(values_of, on=keys, how="left", nulls_equal=True)
        return joined.with_columns(pl.col(name) * pl.col(_WEIGHT))

    def _effect(self, part: tuple[str | None, ...], option: int | None, now: int) -> float | None:
        if option is None:
            return None
        met = (option == MET) - (now == MET)
        counted = (option != NOT_COUNTED) - (now != NOT_COUNTED)
        if self.figure.kind == "number":
            return float(met if _favours_more(self.target) else -met)
        if self.figure.kind == "late":
            return float((counted - met) * (1 if _favours_more(self.target) else -1))
        if self.figure.is_of_cohort:
            # Its cohort is fixed: each that ends is one fewer that is needed.
            return float(met)
        threshold = self.target.threshold_of(part)
        if threshold is None or threshold == 100:
            return None
        share = Fraction(threshold) / 100
        return float((met - share * counted) / (1 - share))

    def _by_amount(self, opened: pl.DataFrame) -> pl.DataFrame:
        """Return what deciding each row does where the time that it takes counts.

        The time that a case takes never falls as its end moves on, so that its last day within the
        limit is found by halving the days between the first and the last on which it can count.
        """
        combinations = self._combinations(opened)
        ended = self._ended(combinations)
        day = pl.col(self._end_column)
        counted = pl.col(OPTION) != NOT_COUNTED
        number = day.to_physical().cast(pl.Int64)
        days = ended.group_by(_COMBINATION).agg(
            number.filter(counted).min().alias(_LOW), number.filter(counted).max().alias(_HIGH)
        )
        days = days.filter(pl.col(_LOW).is_not_null())
        base = combinations.join(days, on=_COMBINATION)
        none = pl.DataFrame({_COMBINATION: []}, schema={_COMBINATION: base.schema[_COMBINATION]})
        left = (
            self._left(base, _LOW)
            if base.height
            else none.with_columns(
                pl.lit(None, pl.Int64).alias(_LEFT), pl.lit(1, pl.Int64).alias(_WEIGHT)
            )
        )
        base = base.join(left, on=_COMBINATION, how="left")
        searched = base.filter(pl.col(_LEFT) >= 0).drop(_LEFT, _WEIGHT)
        searched = searched.with_columns(pl.col(_LOW).alias(_FIRST))
        while searched.height and (searched[_LOW] < searched[_HIGH]).any():
            middle = (pl.col(_LOW) + pl.col(_HIGH) + 1) // 2
            searched = searched.with_columns(middle.alias(_MIDDLE))
            within = self._left(searched, _MIDDLE).select(
                _COMBINATION, (pl.col(_LEFT) >= 0).alias(_IS_WITHIN)
            )
            searched = (
                searched.join(within, on=_COMBINATION)
                .with_columns(
                    pl.when(_IS_WITHIN).then(_MIDDLE).otherwise(_LOW).alias(_LOW),
                    pl.when(_IS_WITHIN).then(_HIGH).otherwise(pl.col(_MIDDLE) - 1).alias(_HIGH),
                )
                .drop(_MIDDLE, _IS_WITHIN)
            )
        last = searched.group_by(ROW).agg(pl.col(_FIRST).min(), pl.col(_LOW).max().alias(_LAST))
        is_ranked = self.figure.is_ranked
        per_unit = (
            pl.lit(None, pl.Float64)
            if is_ranked
            else pl.col(_LEFT) * pl.col(_WEIGHT) / self.figure.size
        )
        per_row = base.group_by(ROW).agg(
            pl.col(_WEIGHT).max(),
            per_unit.max().alias(_EFFECT),
        )
        helps = pl.col(_LAST).is_not_null()
        everything = (
            opened.select(ROW).join(per_row, on=ROW, how="left").join(last, on=ROW, how="left")
        )
        counts = pl.col(_WEIGHT).is_not_null()
        return everything.select(
            ROW,
            helps.alias("helps"),
            counts.alias("changes"),
            (~helps).alias("late"),
            pl.col(_FIRST).cast(pl.Int32).cast(pl.Date).alias("first_day"),
            pl.col(_LAST).cast(pl.Int32).cast(pl.Date).alias("last_day"),
            pl.lit(None, pl.Int64).alias("in_time_met"),
            pl.when(helps).then(_WEIGHT).alias("in_time_counted"),
            pl.lit(None, pl.Int64).alias("late_met"),
            pl.when(counts).then(_WEIGHT).alias("late_counted"),
            pl.when(helps).then(_EFFECT).alias("effect_in_time"),
            pl.when(~helps).then(_EFFECT).alias("effect_late"),
        )

    def _left(self, rows: pl.DataFrame, day: str) -> pl.DataFrame:
        """Return what is left of the limit of each row that ends on a day, and its weight."""
        date = pl.col(day).cast(pl.Int32).cast(pl.Date)
        frame = rows
        for event in self._end_events:
            unknown = pl.col(event).is_null()
            frame = frame.with_columns(pl.when(unknown).then(date).otherwise(event).alias(event))
            frame = self.completer.with_times(
                frame, event, pl.col(event) > self.completer.snapshot.as_of
            )
        found = self.completer.outcomes(self.completer.with_derived(frame))
        left = pl.col(SLACK)
        if self.figure.most is not None:
            left = self.figure.most - pl.col(AMOUNT)
        return found.group_by(_COMBINATION).agg(
            left.max().alias(_LEFT), pl.col(COUNT).max().alias(_WEIGHT)
        )


_SCHEMA: Mapping[str, pl.DataType] = {
    CASES: pl.Int64(),
    "group": GROUP_DTYPE,
    "start": pl.Date(),
    "due": pl.Date(),
    "first_day": pl.Date(),
    "last_day": pl.Date(),
    **dict.fromkeys(EFFECTS, pl.Int64()),
    "effect_in_time": pl.Float64(),
    "effect_late": pl.Float64(),
}

_NO_ROWS = pl.DataFrame(schema=dict(_SCHEMA))


def _bit(test: pl.Expr) -> pl.Expr:
    return test.cast(pl.Int64)


def _favours_more(target: Target) -> bool | None:
    """Return whether more rows met, or in the number, is what is asked; None with two bounds."""
    bounds: Bounds | None = target.bounds
    if bounds is None and target.comparison is not None:
        bounds = target.comparison.bounds
    if bounds is None:
        return True
    has_low = (bounds.at_least, bounds.more_than) != (None, None)
    has_high = (bounds.at_most, bounds.less_than) != (None, None)
    return None if has_low and has_high else has_low
