"""Plans: a period, tables, goals and requirements, frozen and self-checking."""

from __future__ import annotations

import re
import zoneinfo
from collections.abc import Iterable, Iterator, Mapping
from typing import Literal, TypeAlias

import attrs
from attrs import field, frozen

from kpi.definitions.calendars import Calendar, parse_calendar
from kpi.definitions.fields import about, choice, optional_text, placed, text
from kpi.definitions.goals import Goal
from kpi.definitions.limits import DueColumn, in_working_hours
from kpi.definitions.notes import Note
from kpi.definitions.reserved import FACTS
from kpi.definitions.series import MONTHS, Series, misplaced_series, parse_year_starts
from kpi.definitions.split_years import split_year_names, with_year_starts
from kpi.definitions.table import Table
from kpi.definitions.target import Requirement, Target
from kpi.definitions.time_options import MONTH_ENDS, ROLLS, MonthEnd, Roll, month_end, roll
from kpi.definitions.validation import KeyPath, duplicate_ids, misplaced_reads, misplaced_weights
from kpi.definitions.windows import Window, parse_window, window_name
from kpi.errors import PlanError, Problem, listed, suggest
from kpi.foreign_text import terminal_text
from kpi.notebook_html import html_table

Weights: TypeAlias = Literal["stated", "reconstructed"]
"""Origin of a plan's weights: stated in the document, or reconstructed where it lacks them."""

WEIGHTS: tuple[Weights, ...] = ("stated", "reconstructed")


_OFFSET = re.compile(r"(?:UTC|GMT|Z)? *([+-])(0?\d|1[0-4])(?::?00)?", re.IGNORECASE)


def _tables(value: Mapping[str, Table] | Iterable[Table]) -> tuple[Table, ...]:
    if isinstance(value, Mapping):
        for name, table in value.items():
            if not isinstance(table, Table):
                raise PlanError(f"found {table!r} for the table {name!r}; accepted: a kpi.Table")
        return tuple(attrs.evolve(table, name=name) for name, table in value.items())
    tables = tuple(value)
    for table in tables:
        if not isinstance(table, Table):
            raise PlanError(f"found {table!r}; accepted: a kpi.Table")
    declared = [table.name for table in tables]
    if len(set(declared)) < len(declared):
        raise PlanError(f"found a table twice in {listed(declared)}")
    return tables


def _goals(value: Iterable[Goal]) -> tuple[Goal, ...]:
    goals = tuple(value)
    for goal in goals:
        if not isinstance(goal, Goal):
            raise PlanError(f"found {goal!r}; accepted: a kpi.Goal")
    return goals


def _targets(value: Iterable[Requirement]) -> tuple[Requirement, ...]:
    targets = tuple(value)
    for target in targets:
        if not isinstance(target, Requirement):
            raise PlanError(f"found {target!r}; accepted: targets, such as kpi.Within(...)")
    return targets


def _weights(value: object) -> Weights:
    return choice(value, WEIGHTS)


def _zone(value: object) -> str:
    name = text(value)
    try:
        zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        accepted = "accepted: a time zone's name, such as 'Europe/Copenhagen'"
        offset = _OFFSET.fullmatch(name)
        if offset:
            # The database counts hours to the west.
            fixed = f"Etc/GMT{'-' if offset[1] == '+' else '+'}{int(offset[2])}"
            hint = (
                f", or '{fixed}' where the clocks never change: hours to the west have a plus there"
            )
        else:
            hint = suggest(name, zoneinfo.available_timezones())
        raise PlanError(f"unknown time zone {name!r}; {accepted}{hint}") from None
    return name


@frozen(kw_only=True, field_transformer=placed, repr=False)
class Plan:
    """Performance plan: a period, the tables to read, goals and requirements.

    Raises:
        PlanError: naming every mistake: a duplicate id, a table or column that is not declared, a
            weight given twice.
    """

    id: str = field(converter=text, metadata=about("A short name for the plan."))
    title: str | None = field(
        default=None, converter=optional_text, metadata=about("A short title of your own.")
    )
    title_da: str | None = field(
        default=None, converter=optional_text, metadata=about("The same title in Danish.")
    )
    source: str | None = field(
        default=None, converter=optional_text, metadata=about("The document it was read from.")
    )
    note: str | None = field(
        default=None, converter=optional_text, metadata=about("What a reader should know.")
    )
    period: Window = field(
        converter=parse_window,
        metadata=about(
            "The period it is for, such as '2022', '2022-H2', '2022-Q1' or '2022-03': every target's window unless the target says another, and the "
            "day it is judged as of unless the caller says another (S9, S15).",
            {"$ref": "#/$defs/window"},
        ),
    )
    time_zone: str = field(
        default="Europe/Copenhagen",
        converter=_zone,
        metadata=about("Where its dates are local (S1; default: Europe/Copenhagen)."),
    )
    year_starts: str = field(
        default="01",
        converter=parse_year_starts,
        metadata=about(
            "The month that years, half-years and quarters are counted from, such as '04' for "
            "2024/25 (S30; default: '01').",
            {"enum": list(MONTHS)},
        ),
    )
    month_end: MonthEnd = field(
        default="down",
        converter=month_end,
        metadata=about(
            "What a due day that its month lacks becomes (S4; default: down).",
            {"enum": list(MONTH_ENDS)},
        ),
    )
    calendar: Calendar = field(
        default=Calendar("denmark"),
        converter=parse_calendar,
        metadata=about(
            "Whose working days: a country's, with further days off, or dates of your own (S7; "
            "default: denmark).",
            {"$ref": "#/$defs/calendar"},
        ),
    )
    roll: Roll = field(
        default="none",
        converter=roll,
        metadata=about(
            "What a due day that is no working day becomes (S8; default: none, it stays).",
            {"enum": list(ROLLS)},
        ),
    )
    weights: Weights = field(
        default="stated",
        converter=_weights,
        metadata=about(
            "Whether the weights are stated in the document or reconstructed; a score that rests on "
            "reconstructed ones says so (default: stated).",
            {"enum": list(WEIGHTS)},
        ),
    )
    tables: tuple[Table, ...] = field(
        converter=_tables,
        metadata=about(
            "The tables it reads.",
            {"type": "object", "additionalProperties": {"$ref": "#/$defs/table"}},
        ),
    )
    goals: tuple[Goal, ...] = field(
        default=(),
        converter=_goals,
        metadata=about(
            "Its goals: headings over requirements, which may share one weight.",
            {"type": "array", "items": {"$ref": "#/$defs/goal"}},
        ),
    )
    targets: tuple[Requirement, ...] = field(
        converter=_targets,
        metadata=about(
            "Its requirements, in the document's order: targets, or parts that must all hold.",
            {"type": "array", "items": {"$ref": "#/$defs/requirement"}},
        ),
    )

    def __attrs_post_init__(self) -> None:
        self._count_years()
        if self.period.first is None or self.period.stop is None:
            raise PlanError(
                [
                    Problem(
                        ("period",), f"found a window {self.period}; accepted: one with both ends"
                    )
                ]
            )
        problems = [
            *duplicate_ids(
                [
                    *((("goals", n), goal.id) for n, goal in enumerate(self.goals)),
                ]
            ),
            *duplicate_ids(self._ids()),
            *misplaced_weights(self.goals, [(t.goal, t.weight) for t in self.targets]),
            *misplaced_reads(
                self.tables,
                (
                    (place, t.id, t.table, t.reads(), t.on_condition is not None)
                    for place, t in self._placed_leaves()
                ),
            ),
        ]
        if not self.targets:
            problems.append(Problem(("targets",), "found none; accepted: at least one target"))
        problems += self._weights_of_indicators()
        problems += self._wrong_pause_tables()
        for place, leaf in self._placed_leaves():
            problems += self._unusable(place, leaf)
        if not problems:
            problems += self._wrong_readings()
        if problems:
            raise PlanError(problems)

    def __repr__(self) -> str:
        return f"<Plan {terminal_text(self._text)}>"

    def _repr_html_(self) -> str:
        """Return the plan as a notebook shows it: its requirements and parts, a row each."""
        both = [(top, leaf) for top in self.targets for leaf in top.leaves()]
        rows = [
            (leaf.id, leaf.title or top.title or "", leaf.rule, leaf.requirement_text)
            for top, leaf in both
        ]
        return html_table(self._text, ("Target", "Title", "Rule", "Requirement"), rows)

    @property
    def _text(self) -> str:
        """The plan in a line: id, period, number of requirements."""
        n = len(self.targets)
        many = "1 requirement" if n == 1 else f"{n:,} requirements"
        return f"{self.id}, {window_name(self.period)}: {many}"

    def _count_years(self) -> None:
        """Give every window the month that the plan's years begin in (S30).

        Raises:
            PlanError: where a split year is named, and the plan's years begin in January.
        """
        named = ("period", "calendar", "tables", "targets")
        if self.year_starts == "01":
            for key in named:
                for name in split_year_names(getattr(self, key)):
                    message = f"missing; accepted with the year {name!r}: the month that it begins in, such as '04'"
                    raise PlanError([Problem(("year_starts",), message)])
            return
        for key in named:
            # Frozen from here on: no definition knows the plan's month before the plan has it.
            counted = with_year_starts(getattr(self, key), int(self.year_starts))
            object.__setattr__(self, key, counted)

    def _ids(self) -> Iterator[tuple[KeyPath, object]]:
        for n, target in enumerate(self.targets):
            yield ("targets", n), target.id
            if not isinstance(target, Target):
                for m, part in enumerate(target.leaves()):
                    yield ("targets", n, "parts", m), part.id

    def _placed_leaves(self) -> Iterator[tuple[KeyPath, Target]]:
        for n, target in enumerate(self.targets):
            for m, leaf in enumerate(target.leaves()):
                yield ("targets", n) if leaf is target else ("targets", n, "parts", m), leaf

    def _weights_of_indicators(self) -> Iterator[Problem]:
        """Yield a problem for every weight that only indicators could earn."""
        asks = [any(leaf.has_requirement for leaf in target.leaves()) for target in self.targets]
        message = "asks for nothing, so its weight cannot be earned"
        for n, target in enumerate(self.targets):
            if target.weight and not asks[n]:
                yield Problem(("targets", n, "weight"), message)
        for n, goal in enumerate(self.goals):
            asks_of_goal = [
                ask
                for target, ask in zip(self.targets, asks, strict=True)
                if target.goal == goal.id
            ]
            if goal.weight and asks_of_goal and not any(asks_of_goal):
                yield Problem(("goals", n, "weight"), message)

    def _wrong_readings(self) -> Iterator[Problem]:
        """Yield a problem for every reading that does not make a valid target (S26)."""
        for place, target in self._placed_leaves():
            for n, reading in enumerate(target.readings):
                where = (*place, "readings", n)
                try:
                    other = target.with_reading(reading)
                except PlanError as error:
                    yield from error.within(*where)
                    continue
                read = (where, other.id, other.table, other.reads(), other.on_condition is not None)
                yield from misplaced_reads(self.tables, [read])
                yield from self._unusable(where, other)

    def _wrong_pause_tables(self) -> Iterator[Problem]:
        """Yield a problem for every table of pauses without a table of cases, or its key (S14)."""
        declared = {table.name: table for table in self.tables if table.pauses is None}
        for table in self.tables:
            cases = declared.get(table.pauses or "")
            if table.pauses is not None and cases is None:
                names = listed(list(declared)) or "none is declared"
                accepted = f"accepted: {names}{suggest(table.pauses, declared)}"
                message = f"unknown table of cases {table.pauses!r}; {accepted}"
                yield Problem(("tables", table.name, "pauses"), message)
            elif cases is not None and len(cases.key) != len(table.key):
                count = len(cases.key)
                message = f"accepted: as many columns as the key of {cases.name} has ({count})"
                yield Problem(("tables", table.name, "key"), message)

    def _unusable(self, place: KeyPath, target: Target) -> Iterator[Problem]:
        """Yield a problem for every unknown table of pauses or derived date read as an instant."""
        named = ((key, name) for key in _PAUSING for name in getattr(target, key, ()))
        pausing = [table.name for table in self.tables if table.pauses == target.table]
        for key, name in named:
            if name not in pausing:
                names = listed(pausing) or "none is declared"
                accepted = f"accepted: {names}{suggest(name, pausing)}"
                message = f"{name!r} is no table of pauses of {target.table}; {accepted}"
                yield Problem((*place, key), message)
        limit, calendar = target.limit, target.calendar or self.calendar
        if in_working_hours(limit) and not target.takes_working_hours:
            message = f"found {limit} with the rule {target.rule}; accepted: with the rule within"
            yield Problem((*place, "limit"), message)
        elif in_working_hours(limit) and calendar.hours is None:
            hours = '{ weekdays = "08:00-16:00" }'
            message = (
                f"found {limit}, and the calendar {calendar} has no opening hours; accepted: with "
                f"hours of the calendar, such as hours = {hours} (S35)"
            )
            yield Problem((*place, "limit"), message)
        yield from PlanError(misplaced_series(target, self)).within(*place)
        base = target.base
        if base is not None and base.id in {name for _, name in self._ids()}:
            message = f"found a target {base.id!r}, as the base of {target.id} is called; accepted: another id"
            yield Problem((*place, "id"), message)
        derived = {d for table in self.tables if table.name == target.table for d in table.derived}
        for name in target.timestamp_columns():
            if name in derived:
                by_column = isinstance(target.limit, DueColumn)
                takes = "by = 'instant' takes" if by_column else "hours and minutes take"
                message = f"{name!r} is derived and has no time, which {takes}"
                yield Problem((*place, "limit"), message)

    def series_of(self, target: Target) -> Series | None:
        """Return the series whose every period must reach a target (S30); None without one."""
        if target.every is None:
            return None
        return Series(target.every, target.rolling, int(self.year_starts))

    def table(self, name: str) -> Table:
        """Return the declaration of a table, by name.

        Raises:
            KeyError: where the plan declares no such table.
        """
        for table in self.tables:
            if table.name == name:
                return table
        raise KeyError(name)

    def leaves(self) -> tuple[Target, ...]:
        """Return every target that is measured, in the document's order: requirements or parts."""
        return tuple(leaf for target in self.targets for leaf in target.leaves())

    def target(self, name: str) -> Requirement:
        """Return the requirement, or the part of a requirement, with an id.

        Raises:
            KeyError: where the plan has none.
        """
        for target in (*self.targets, *self.leaves()):
            if target.id == name:
                return target
        raise KeyError(name)

    def only(self, *ids: str) -> Plan:
        """Return the plan with some of the targets or parts alone, without goals and weights.

        Raises:
            KeyError: where the plan has no such target.
        """
        kept = [self.target(name) for name in ids]
        targets = [attrs.evolve(target, goal=None, weight=None) for target in kept]
        return attrs.evolve(self, goals=(), targets=targets)

    def tables_needed(self) -> dict[str, tuple[Target, ...]]:
        """Return the names of the tables that targets read, each with the targets that read it."""
        leaves = self.leaves()
        return {
            table.name: targets
            for table in self.tables
            if (targets := tuple(t for t in leaves if t.table == table.name))
            or (table.name == FACTS and any(t.on_condition is not None for t in leaves))
        }

    def remarks(self) -> Iterator[Note]:
        """Yield the remarks on the weights of the plan, a line each (S28)."""
        weighted: list[Goal | Requirement] = [*self.goals, *self.targets]
        weights = [item.weight for item in weighted if item.weight is not None]
        if weights and sum(weights) != 100:
            total = sum(weights)
            yield Note("weights-sum", "the weights sum to {sum:f}, not to 100", sum=total)
        if weights and self.weights == "reconstructed":
            yield Note(
                "weights-reconstructed", "the weights are a reconstruction: the score rests on it"
            )


_PAUSING = ("pauses", "unless_paused")
"""The keys of a target that name tables of pauses (S14)."""
