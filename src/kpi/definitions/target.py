"""Requirements of a plan, and the targets that measure them; no Polars.

A target is four small things: who is counted (population), what is measured on each case (row
expressions), the state that sums it up (aggregates), and the verdict that a state gives. The kinds
of target are in `kpi.rules`, a file for each.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar

import attrs
from attrs import field, frozen

from kpi.definitions.bounds import Bounds
from kpi.definitions.comparison import BASE_OF, Comparison
from kpi.definitions.defaults import Defaults
from kpi.definitions.fields import about, names, optional_text, optional_weight, placed, text
from kpi.definitions.figures import Figure
from kpi.definitions.kinds import Kind
from kpi.definitions.limits import ByValue, Dated
from kpi.definitions.on_condition import OnCondition, parse_on_condition
from kpi.definitions.population import Condition, OneOf, Population, Value, parse_population
from kpi.definitions.readings import Reading, parse_readings
from kpi.definitions.series import EVERY, optional_every, optional_rolling
from kpi.definitions.split_years import with_year_starts
from kpi.definitions.thresholds import Threshold, ThresholdByValue
from kpi.definitions.windows import Window
from kpi.errors import PlanError, Problem, listed, suggest

if TYPE_CHECKING:
    import polars as pl

    from kpi.definitions.calendars import Calendar
    from kpi.definitions.columns import Columns
    from kpi.definitions.limits import Limit
    from kpi.definitions.measurement import Measure, Rows
    from kpi.definitions.periods import Every
    from kpi.definitions.sums import Sums
    from kpi.definitions.time_options import MonthEnd, Roll
    from kpi.definitions.time_units import Span

CONDITIONS = {"$ref": "#/$defs/conditions"}
"""The form of a population in JSON Schema."""


@frozen
class Read:
    """Column that a target reads.

    Attributes:
        column: the name of the column.
        kind: the kind of value that the column must hold.
        place: the keys below the target that name the column.
    """

    column: str
    kind: Kind
    place: tuple[str | int, ...]


def _names_at(key: str, value: object) -> tuple[str, ...]:
    try:
        return names(value)
    except PlanError as error:
        raise PlanError(error.within(key)) from None


@frozen(kw_only=True, field_transformer=placed, eq=False, repr=False)
class Requirement(ABC):
    """Requirement under a number of a plan's document: a target, or several parts (S28).

    Raises:
        PlanError: naming the key, what was found and what is accepted.
    """

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
    goal: str | None = field(
        default=None, converter=optional_text, metadata=about("The id of the goal it belongs to.")
    )
    weight: Decimal | None = field(
        default=None,
        converter=optional_weight,
        metadata=about(
            "What it counts for in the score, where its goal has no weight of its own (S28).",
            {"type": "number", "minimum": 0, "maximum": 100},
        ),
    )

    @abstractmethod
    def leaves(self) -> tuple[Target, ...]:
        """Return the targets that measure the requirement."""


@frozen(kw_only=True, field_transformer=placed, eq=False, repr=False)
class Target(Requirement):
    """Requirement that is measured: a population, a measure, and what the measure must reach.

    Each kind of target is a subclass in a file of its own, in `kpi.rules` or in a user's package
    (entry point group `kpi.rules`).
    """

    rule: ClassVar[str]
    """The name that plan files call this kind of target by."""

    kinds: ClassVar[dict[str, type[Target]]] = {}
    """Every kind of target that has been defined, by name."""

    table: str = field(
        default="cases", converter=text, metadata=about("The table it reads (default: cases).")
    )
    where: Population = field(
        factory=Population,
        converter=parse_population,
        metadata=about("Conditions that a case must fulfil; null fulfils none (S10).", CONDITIONS),
    )
    unless: Population = field(
        factory=Population,
        converter=parse_population,
        metadata=about(
            "Leaves out the cases that fulfil all of these; null fulfils none.", CONDITIONS
        ),
    )
    each: str | None = field(
        default=None,
        converter=optional_text,
        metadata=about(
            "A column of texts: every value of it must reach the requirement on its own.",
            column="text",
        ),
    )
    on_condition: OnCondition | None = field(
        default=None,
        converter=parse_on_condition,
        metadata=about(
            "What must have come about for it to be asked for at all; else it lapses (S28).",
            {
                "type": "object",
                "properties": {"that": {"type": "string"}, "fact": {"type": "string"}},
                "required": ["that"],
                "additionalProperties": False,
            },
        ),
    )
    every: Every | None = field(
        default=None,
        converter=optional_every,
        metadata=about(
            "The length of the periods that must each reach the requirement on their own (S30).",
            {"enum": list(EVERY)},
        ),
    )
    rolling: Span | None = field(
        default=None,
        converter=optional_rolling,
        metadata=about(
            "The length of the window that ends with each period, in place of the period itself (S30).",
            {"$ref": "#/$defs/span"},
        ),
    )
    readings: tuple[Reading, ...] = field(
        default=(),
        converter=parse_readings,
        metadata=about(
            "Other readings of its sentence: a name, and the keys that are otherwise (S26).",
            {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": {"name": {"type": "string"}},
                    "required": ["name"],
                    "minProperties": 2,
                },
            },
        ),
    )

    @classmethod
    def __attrs_init_subclass__(cls) -> None:
        if "rule" in cls.__dict__:
            Target.kinds[cls.rule] = cls

    @classmethod
    def has_key(cls, name: str) -> bool:
        """Return whether plan files may write a key in this kind of target."""
        return name in attrs.fields_dict(cls)

    def leaves(self) -> tuple[Target, ...]:
        """Return the target itself, alone."""
        return (self,)

    @classmethod
    def reads_of(cls, values: Mapping[str, object]) -> Iterator[Read]:
        """Yield every column that the values of a target's keys name.

        Args:
            values: the converted values of the keys; keys with a mistake may be missing.
        """
        for f in attrs.fields(cls):
            value = values.get(f.name)
            if isinstance(value, Population):
                for column, kind, keys in value.reads():
                    yield Read(column, kind, (f.name, *keys))
            elif isinstance(value, str) and f.metadata.get("column"):
                yield Read(value, f.metadata["column"], (f.name,))
            elif reads := getattr(value, "reads", None):
                for column, kind, key in reads():
                    yield Read(column, kind, (f.name, key))

    def reads(self) -> Iterator[Read]:
        """Yield every column that the target reads, with the kind of value it must hold."""
        return self.reads_of(attrs.asdict(self, recurse=False))

    @property
    def tables(self) -> tuple[str, ...]:
        """The tables without which the target cannot be assessed: its own, and those of pauses."""
        return (self.table,)

    @property
    def count_as(self) -> str | None:
        """The column of the number that a case counts as (S32); None where each counts as one."""
        return None

    def timestamp_columns(self) -> tuple[str, ...]:
        """Return the date columns that are read to the minute, not to the day (S3)."""
        return ()

    def instants_where_given(self) -> tuple[str, ...]:
        """Return the date columns that are read to the minute where a value has a time (S3)."""
        return ()

    def conditions(self) -> Iterator[Condition]:
        """Yield every condition on a column, required (`where`) or ruled out (`unless`)."""
        yield from self.where.leaves()
        yield from self.unless.leaves()

    def category_values(self, column: str) -> Iterator[Value]:
        """Yield the values of a column that the target names, required or ruled out."""
        for condition in self.conditions():
            if condition.column == column and isinstance(condition.test, OneOf):
                yield from condition.test.values
        for f in attrs.fields(type(self)):
            limit = getattr(self, f.name)
            if isinstance(limit, ByValue) and limit.column == column:
                yield from limit.limits
            elif isinstance(limit, ThresholdByValue) and limit.column == column:
                yield from limit.thresholds

    def with_reading(self, reading: Reading) -> Target:
        """Return the target as another reading has it (S26).

        Raises:
            PlanError: where the reading changes a key that the rule does not have, or gives a
                value that it does not accept.
        """
        changes = dict(reading.changes)
        name = changes.pop("rule", self.rule)
        without = _names_at("without", changes.pop("without", ()))
        if name not in Target.kinds:
            kinds = sorted(Target.kinds)
            accepted = f"accepted: {listed(kinds)}{suggest(str(name), kinds)}"
            raise PlanError([Problem(("rule",), f"unknown rule {name!r}; {accepted}")])
        kind = Target.kinds[name]
        fixed = {"id", "goal", "weight", "readings"}
        keys = {f.name for f in attrs.fields(kind)} - fixed
        problems = [
            Problem(
                (key,), f"unknown key; accepted: {listed(sorted(keys), 30)}{suggest(key, keys)}"
            )
            for key in changes
            if key not in keys
        ]
        problems += [
            Problem(("without",), f"found {key!r}; accepted: keys that the target has")
            for key in without
            if key not in {f.name for f in attrs.fields(type(self))} - fixed
        ]
        own = [f.name for f in attrs.fields(type(self)) if f.name not in without]
        missing = [
            f.name
            for f in attrs.fields(kind)
            if f.default is attrs.NOTHING
            and f.name not in changes
            and (f.name in without or f.name not in own or getattr(self, f.name) is None)
        ]
        problems += [Problem((key,), f"missing; the rule {name} needs it") for key in missing]
        if problems:
            raise PlanError(problems)
        kept = {key: getattr(self, key) for key in own if key in keys}
        kept |= {"id": f"{self.id}: {reading.name}", "note": None}
        other = kind(**{**kept, **changes}).reported_under(self.id)
        return with_year_starts(other, reading.year_starts)

    def reported_under(self, name: str) -> Target:
        """Return the target with the fact of its condition under another target's id (S28).

        Args:
            name: the id; a condition that names its fact keeps that fact.
        """
        if self.on_condition is None or self.on_condition.fact is not None:
            return self
        return attrs.evolve(self, on_condition=attrs.evolve(self.on_condition, fact=name))

    @property
    def limit(self) -> Limit | None:
        """The limit on time, where the kind of target has one."""
        return None

    @property
    def limit_or_unit(self) -> Limit | None:
        """The limit on time, or one of the unit that time is measured in without a limit (S31)."""
        return self.limit

    @property
    def takes_working_hours(self) -> bool:
        """Whether a limit of the kind of target may be in working hours (S35)."""
        return True

    @property
    def threshold(self) -> Threshold | None:
        """The percentage to reach, where the kind of target has one."""
        return None

    def threshold_of(self, part: tuple[str | None, ...]) -> Decimal | None:
        """Return the percentage of a segment, or of the whole for (); None where there is none."""
        if isinstance(self.threshold, ThresholdByValue):
            return self.threshold.of_value(part[0]) if part else None
        return self.threshold if isinstance(self.threshold, Decimal) else None

    @property
    def month_end(self) -> MonthEnd | None:
        """The month-end mode of the target itself (S4); None for that of the plan."""
        return None

    @property
    def calendar(self) -> Calendar | None:
        """The calendar of the target itself (S7); None for that of the plan."""
        return None

    @property
    def roll(self) -> Roll | None:
        """What a due day that is no working day becomes for the target itself (S8); None: as the plan."""
        return None

    @property
    def pauses(self) -> tuple[str, ...]:
        """The tables whose intervals are deducted (S14)."""
        return ()

    @property
    def limit_text(self) -> str | None:
        """The limit in the plan's words: "7 months", "before 2017-07-01"; None without one on time."""
        return None

    @property
    @abstractmethod
    def requirement(self) -> str:
        """The requirement in a few words, without those of `each`: "90 % within 7 months"."""

    @property
    def requirement_text(self) -> str:
        """The requirement in words: "90 % within 7 months, for each case_type, every month" (S28)."""
        each = "" if self.each is None else f", for each {self.each}"
        rolling = "" if self.rolling is None else f", over {self.rolling}"
        every = "" if self.every is None else f", every {self.every}"
        weights = "" if self.count_as is None else f", counted as {self.count_as}"
        return f"{self.requirement}{weights}{each}{rolling}{every}"

    @property
    def figure(self) -> Figure | None:
        """The figure, by what open cases can still do to it (F7 to F10); None where that is not known.

        Without one a target is open until its window is over.
        """
        return None

    @property
    def bounds(self) -> Bounds | None:
        """The bounds on the value (on a change, in per cent); None for a target without bounds."""
        return None

    @property
    def applies_to_total_only(self) -> bool:
        """Whether the total of all rows is to be reached, which no group of rows has to reach."""
        return False

    @property
    def has_one_period(self) -> bool:
        """Whether a series has a single period, the window: the target is about nothing shorter."""
        return False

    @property
    def counts_in_several_periods(self) -> bool:
        """Whether a row may count in several periods of a series, as an open case does (S30).

        Each period is then a target of its own, and the periods do not add up to the whole.
        """
        return False

    def in_period(self, window: Window) -> Target:
        """Return the target as it is asked of a period: with the period for a window (S30).

        A rule without a `window` is the same in every period.
        """
        return attrs.evolve(self, window=window) if self.has_key("window") else self  # type: ignore[call-arg]  # it has the key

    def series_window(self, plan: Defaults) -> Window:
        """Return the window that the periods of a series divide (S30)."""
        return self.window_of(plan)

    @property
    def has_requirement(self) -> bool:
        """Whether the target asks for something, and is not only an indicator."""
        return True

    @property
    def comparison(self) -> Comparison | None:
        """The window of the base that the value is compared with, and what is asked of it (S33)."""
        return None

    @cached_property
    def base(self) -> Target | None:
        """The target in the window of its base, under an id of its own, asking nothing (S33).

        None where the target is compared with nothing.
        """
        if self.comparison is None:
            return None
        keys = {f.name for f in attrs.fields(type(self))}
        none = dict.fromkeys(("against", "change", "difference", "on_condition", "goal", "weight"))
        changes = {key: None for key in none if key in keys}
        own: dict[str, object] = {"id": f"{self.id}{BASE_OF}", "window": self.comparison.window}
        return attrs.evolve(self, readings=(), **{**changes, **own})

    @property
    def window(self) -> Window | None:
        """The window of the target itself; None for the plan's period."""
        return None

    def window_of(self, plan: Defaults) -> Window:
        """Return the window in which rows are counted; on its last day the verdict falls (S27)."""
        return plan.period if self.window is None else self.window

    def period_in_force(self, columns: Columns) -> pl.Expr | None:  # noqa: ARG002 - for rules to use
        """Return the expression (text) of the period in force that a row falls in.

        Each period must reach the target on its own. None where there is a single one.
        """
        return None

    def declared_segments(self) -> tuple[str, ...]:
        """Return the segments that the plan lists; a segment without a case lapses."""
        by_value = isinstance(self.threshold, ThresholdByValue)
        return tuple(self.threshold.thresholds) if by_value else ()  # type: ignore[union-attr]  # by_value says so

    @abstractmethod
    def rows(self, columns: Columns) -> Rows:
        """Return the row-level expressions, over the columns of the table (S10-S12).

        Args:
            columns: the columns of the table, as of a date, and the choices of the plan.
        """

    @abstractmethod
    def measure(self, sums: Sums) -> Measure:
        """Return the value that totals give, and whether it reaches the target (S16-S19, S25).

        Args:
            sums: the totals of a group of rows: `counted`, the sums that `rows(...).sums` names
                over the counted rows, and the histograms that `rows(...).bins` names.
        """

    def extremes(self, sums: Sums, n: int, longest: int) -> Iterator[Sums]:  # noqa: ARG002 - for rules to fill
        """Yield the totals with further counted rows, at the extremes of what those could hold.

        A verdict hangs on the rows if the measure of any of these totals is the other way (S12).
        Without any totals, no such row can turn the verdict.

        Args:
            sums: the totals of all rows, or of a segment.
            n: the most rows that can be added.
            longest: the longest duration that an added row can have, in days.
        """
        return iter(())

    def inherited_options(self, plan: Defaults) -> Iterator[str]:  # noqa: ARG002 - for rules to fill
        """Yield the names of the plan's options that the target counts time by.

        `month_end` (S4), `calendar` (S7), `roll` (S8): those in use that the target does not set.
        """
        return iter(())

    def percentages(self) -> Iterator[tuple[str, Decimal]]:
        """Yield every percentage of the definition, after the key that holds it (S19)."""
        for f in attrs.fields(type(self)):
            if f.metadata.get("percent"):
                yield from _percentages(f.name, getattr(self, f.name))
        limit = self.limit
        if isinstance(limit, ByValue):
            for value, threshold in limit.thresholds.items():
                yield f"threshold of {value}", threshold

    def remarks(self, plan: Defaults) -> Iterator[str]:  # noqa: ARG002 - for rules to fill
        """Yield the remarks for readers of the result that follow from the definition alone."""
        return iter(())


def _percentages(key: str, value: object) -> Iterator[tuple[str, Decimal]]:
    if isinstance(value, Decimal):
        yield key, value
    elif isinstance(value, Bounds):
        yield from ((f"{key}.{word}", bound) for word, bound in value.data().items())
    elif isinstance(value, ThresholdByValue):
        yield from (
            (f"{key} of {name}", percentage) for name, percentage in value.thresholds.items()
        )
    elif isinstance(value, Dated):
        for words, percentage in value.periods_in_force():
            yield f"{key} {words}", percentage
