"""The definitions: a plan, its tables and its targets. Frozen, self-checking, no Polars.

A target is four small things: who is counted, what is measured on each case, the state that sums
it up, and the verdict that a state gives. The kinds of target are in `kpi.rules`, one a file.
"""

from __future__ import annotations

import zoneinfo
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, ClassVar

import attrs
from attrs import field, frozen

from kpi.conditions import Condition, Kind, Population, parse_population
from kpi.errors import PlanError, Problem, listed, suggest
from kpi.fields import NAMES, about, month_end, names, optional_text, placed, text
from kpi.limits import MONTH_ENDS, DueColumn, MonthEnd
from kpi.periods import Window, parse_window

if TYPE_CHECKING:
    from kpi.columns import Columns
    from kpi.rows import Measure, Rows


@frozen
class Read:
    """A column that a target reads, what it must hold, and the key of the plan that says so."""

    column: str
    kind: Kind
    place: tuple[str | int, ...]


@frozen(field_transformer=placed)
class Table:
    """What a table of an extract holds, by column (S13, S15).

    Columns that no one declares and no condition names are welcome and ignored.

    Raises:
        PlanError: where a column has two of the roles entry, event and date, or the key is empty.
    """

    name: str = field(converter=text, metadata=about("The table's name: its file in an extract."))
    key: tuple[str, ...] = field(
        kw_only=True,
        converter=names,
        metadata=about(
            "The column, or columns, whose value names a row: one row is one case.", NAMES
        ),
    )
    entry: str | None = field(
        default=None,
        kw_only=True,
        converter=optional_text,
        metadata=about(
            "The date on which a row came to exist; later ones are not there at `as_of`."
        ),
    )
    events: tuple[str, ...] = field(
        default=(),
        kw_only=True,
        converter=names,
        metadata=about(
            "Dates of what happened to the case; later ones are unknown at `as_of`.", NAMES
        ),
    )
    dates: tuple[str, ...] = field(
        default=(),
        kw_only=True,
        converter=names,
        metadata=about(
            "Dates that are neither, such as due dates; `as_of` never hides them.", NAMES
        ),
    )
    date_format: str | None = field(
        default=None,
        kw_only=True,
        converter=optional_text,
        metadata=about(
            "How dates are written where they are text, such as '%d-%m-%Y'; else ISO 8601."
        ),
    )

    def __attrs_post_init__(self) -> None:
        if not self.key:
            raise PlanError([Problem(("key",), "found no column; accepted: at least one")])
        twice = sorted({c for c in self.date_columns if self.date_columns.count(c) > 1})
        if twice:
            raise PlanError(f"{listed(twice)}: a column is the entry, an event or a date, only one")

    @property
    def date_columns(self) -> tuple[str, ...]:
        """Every column that holds dates: entry, events, dates."""
        return (*([self.entry] if self.entry else []), *self.events, *self.dates)


_CONDITIONS = {"$ref": "#/$defs/conditions"}


@frozen(kw_only=True, field_transformer=placed)
class Target(ABC):
    """One requirement of a plan: who is counted, what is measured, and what it must reach.

    Each kind of target is a subclass in a file of its own, in `kpi.rules` or in a user's package
    (entry point group `kpi.rules`).

    Raises:
        PlanError: naming the key, what was found and what is accepted.
    """

    rule: ClassVar[str]
    """The name that plan files call this kind of target by."""

    id: str = field(converter=text, metadata=about("The document's own number and letter."))
    title: str | None = field(
        default=None, converter=optional_text, metadata=about("A short title of your own.")
    )
    title_da: str | None = field(
        default=None, converter=optional_text, metadata=about("The same title in Danish.")
    )
    source: str | None = field(
        default=None, converter=optional_text, metadata=about("Where in the document it stands.")
    )
    note: str | None = field(
        default=None, converter=optional_text, metadata=about("What a reader should know.")
    )
    table: str = field(
        default="cases", converter=text, metadata=about("The table it reads (default: cases).")
    )
    where: Population = field(
        factory=Population,
        converter=parse_population,
        metadata=about("Conditions that a case must fulfil; null fulfils none (S10).", _CONDITIONS),
    )
    unless: Population = field(
        factory=Population,
        converter=parse_population,
        metadata=about(
            "Leaves out the cases that fulfil all of these; null fulfils none.", _CONDITIONS
        ),
    )

    def reads(self) -> Iterator[Read]:
        """Every column the target reads, with what it must hold."""
        return reads_of(type(self), attrs.asdict(self, recurse=False))

    def conditions(self) -> Iterator[Condition]:
        """Every condition on a column, asked for or ruled out."""
        yield from self.where
        yield from self.unless

    @property
    @abstractmethod
    def limit_text(self) -> str | None:
        """The limit in the plan's words: "7 months", "before 2017-07-01"."""

    @property
    @abstractmethod
    def requirement(self) -> str:
        """What must be reached, in a few words: "90 % within 7 months"."""

    @abstractmethod
    def window_of(self, plan: Plan) -> Window:
        """The window the target is counted in; on its last day the verdict falls (S27)."""

    @abstractmethod
    def rows(self, columns: Columns) -> Rows:
        """What is asked of each row, as expressions over the table's columns (S10-S12)."""

    @abstractmethod
    def measure(self, sums: Mapping[str, int]) -> Measure:
        """The value that a state gives, and whether it reaches the target (S16-S19, S25).

        Args:
            sums: `counted`, and what `rows(...).sums` named, summed over the counted rows.
        """

    def remarks(self, plan: Plan) -> Iterator[str]:  # noqa: ARG002 - for rules to fill
        """What a reader of the result should know, from the definition alone."""
        return iter(())


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


def _targets(value: Iterable[Target]) -> tuple[Target, ...]:
    targets = tuple(value)
    for target in targets:
        if not isinstance(target, Target):
            raise PlanError(f"found {target!r}; accepted: targets, such as kpi.Within(...)")
    return targets


def _zone(value: object) -> str:
    name = text(value)
    try:
        zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        accepted = "accepted: a time zone's name, such as 'Europe/Copenhagen'"
        hint = suggest(name, zoneinfo.available_timezones())
        raise PlanError(f"unknown time zone {name!r}; {accepted}{hint}") from None
    return name


@frozen(kw_only=True, field_transformer=placed)
class Plan:
    """A performance plan: its period, the tables it reads, and its targets.

    Raises:
        PlanError: naming every mistake: a duplicate id, a table or column that is not declared.
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
            "The period it is for: every target's window unless the target says another, and the "
            "day it is judged as of unless the caller says another (S9, S15).",
            {"$ref": "#/$defs/window"},
        ),
    )
    time_zone: str = field(
        default="Europe/Copenhagen",
        converter=_zone,
        metadata=about("Where its dates are local (S1; default: Europe/Copenhagen)."),
    )
    month_end: MonthEnd = field(
        default="down",
        converter=month_end,
        metadata=about(
            "What a due day that its month lacks becomes (S4; default: down).",
            {"enum": list(MONTH_ENDS)},
        ),
    )
    tables: tuple[Table, ...] = field(
        converter=_tables,
        metadata=about(
            "The tables it reads.",
            {"type": "object", "additionalProperties": {"$ref": "#/$defs/table"}},
        ),
    )
    targets: tuple[Target, ...] = field(
        converter=_targets,
        metadata=about(
            "Its targets, in the document's order.",
            {"type": "array", "items": {"$ref": "#/$defs/target"}},
        ),
    )

    def __attrs_post_init__(self) -> None:
        if self.period.first is None or self.period.stop is None:
            raise PlanError(
                [
                    Problem(
                        ("period",), f"found a window {self.period}; accepted: one with both ends"
                    )
                ]
            )
        problems = [
            *duplicate_ids([target.id for target in self.targets]),
            *misplaced_reads(
                self.tables, ((n, t.id, t.table, t.reads()) for n, t in enumerate(self.targets))
            ),
        ]
        if not self.targets:
            problems.append(Problem(("targets",), "found none; accepted: at least one target"))
        if problems:
            raise PlanError(problems)

    def table(self, name: str) -> Table:
        """The declaration of a table, by name."""
        return next(table for table in self.tables if table.name == name)

    def target(self, name: str) -> Target:
        """The target with an id.

        Raises:
            KeyError: where the plan has none.
        """
        for target in self.targets:
            if target.id == name:
                return target
        raise KeyError(name)

    def tables_read(self) -> dict[str, tuple[Target, ...]]:
        """The tables that targets read, each with its targets."""
        return {
            table.name: read
            for table in self.tables
            if (read := tuple(t for t in self.targets if t.table == table.name))
        }


def reads_of(rule: type[Target], values: Mapping[str, object]) -> Iterator[Read]:
    """Every column that the values of a target's keys name, whether or not all keys are there."""
    for f in attrs.fields(rule):
        value = values.get(f.name)
        if isinstance(value, Population):
            for condition in value:
                yield Read(condition.column, condition.kind, (f.name, condition.column))
        elif isinstance(value, DueColumn):
            yield Read(value.column, "date", (f.name, "column"))
        elif isinstance(value, str) and f.metadata.get("date_column"):
            yield Read(value, "date", (f.name,))


def duplicate_ids(ids: Iterable[object]) -> Iterator[Problem]:
    """A problem for every id that stands a second time."""
    seen: dict[object, int] = {}
    for n, name in enumerate(ids):
        if not isinstance(name, str):
            continue
        if name in seen:
            first = f"target number {seen[name] + 1} has it already"
            yield Problem(("targets", n, "id"), f"duplicate id {name!r}: {first}")
        else:
            seen[name] = n


def misplaced_reads(
    tables: Iterable[Table], targets: Iterable[tuple[int, object, object, Iterable[Read]]]
) -> Iterator[Problem]:
    """A problem for every table, date column or kind of value that the plan does not bear out.

    Args:
        tables: the declared tables.
        targets: of each target its position, its id, its table's name and what it reads.
    """
    declared: dict[object, Table] = {table.name: table for table in tables}
    kinds: dict[tuple[str, str], tuple[Kind, object]] = {}
    for n, target, table_name, reads in targets:
        table = declared.get(table_name) if isinstance(table_name, str) else None
        if table is None:
            known = list(map(str, declared))
            accepted = (
                f"accepted: {listed(known) or 'none is declared'}{suggest(str(table_name), known)}"
            )
            yield Problem(("targets", n, "table"), f"unknown table {table_name!r}; {accepted}")
            continue
        for read in reads:
            place = ("targets", n, *read.place)
            dates = table.date_columns
            if read.kind == "date" and read.column not in dates:
                accepted = f"accepted: {listed(dates)}{suggest(read.column, dates)}"
                yield Problem(
                    place,
                    f"{read.column!r} is not a declared date of table {table.name}; {accepted}",
                )
            elif read.kind != "date" and read.column in dates:
                yield Problem(
                    place,
                    f"{read.column!r} is a date; accepted: since, after, before, through or in",
                )
            elif read.kind != "date":
                kind, first = kinds.setdefault((table.name, read.column), (read.kind, target))
                if kind != read.kind:
                    yield Problem(
                        place, f"found {read.kind}; target {first} takes {read.column!r} for {kind}"
                    )
