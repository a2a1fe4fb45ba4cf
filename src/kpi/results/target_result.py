"""The record of one target: who was counted, the value, the verdict."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any, Literal, TypeAlias

from attrs import asdict, field, frozen

from kpi.definitions.amounts import SIZES
from kpi.definitions.bounds import Bounds
from kpi.definitions.comparison import Compared, Comparison
from kpi.definitions.measurement import Measure, Unit
from kpi.definitions.outcomes import WEIGHT_MISSING
from kpi.foreign_text import terminal_text
from kpi.results.plain_data import plain_number, plain_value
from kpi.results.possible import Possibilities

Verdict: TypeAlias = Literal[
    "met", "missed", "not_assessable", "open", "secured", "lost", "lapsed", "indicator"
]
"""Verdict of a target (S27): lapsed where the condition of the target did not come about (S28),
indicator where the target asks for nothing."""


@frozen(kw_only=True)
class CountedAs:
    """What the rows inside a target count as, where each counts as a number of persons (S32).

    Rows without such a number are left out: they are excluded as "weight missing".

    Attributes:
        column: the column that holds the numbers.
        counted: what the counted rows count as: the denominator.
        excluded: what rows that are excluded for another reason would count as, and the persons of
            a counted row that are left out, being beyond the fastest (S17).
        undetermined: what the undetermined rows would count as.
    """

    column: str
    counted: int
    excluded: int
    undetermined: int


@frozen(kw_only=True, repr=False)
class TargetResult:
    """Record of one target, over all rows or over one group of them.

    `rows = outside + counted + sum(excluded) + undetermined`, always (S12).

    Attributes:
        id: the target's id.
        title: the target's title, in English and in Danish.
        source: the place of the target in the document.
        goal: the id of the goal that the target belongs to; None where it belongs to none.
        weight: the weight of the target in the score, where its goal has no weight of its own.
        rule: the kind of target; "parts" for a requirement of several.
        table: the table that the target reads; None for a requirement of several parts.
        rows: rows of the table that exist at the as-of date.
        outside: rows outside the population or the window.
        counted: rows in the denominator.
        counted_as: what the rows count as, where each counts as a number of persons: its `counted`
            is then the denominator; else None (S32).
        excluded: number of excluded rows by reason; reasons without rows are not named.
        undetermined: rows whose outcome is not certain yet.
        met: the numerator of a share (rows, or what they count as), or the rows in time where the late ones are counted, else
            None.
        total: the days of an average, whole ones or working days, or its microseconds where `unit`
            is "hours" or "minutes", else None.
        value: the value in `unit`; None where the denominator is empty or nothing is assessable.
        exact: the value as a fraction, where it is neither `met` nor `total` over `counted`, as that of
            a mean of means; else None.
        unit: "share" (a fraction 0..1), "days", "working days", "months", "hours", "minutes",
            "count", "change" (a fraction), "number", "parts".
        figures: further figures to be seen beside the value, such as both stocks of a change.
        limit: the limit in the plan's words; None where there is none.
        threshold: the percentage to reach, exactly as the plan says it.
        bounds: the bounds of a number, exactly as the plan says them; of a change in per cent.
        requirement: limit and threshold in a few words.
        verdict: met, missed, not_assessable, open, lapsed or indicator.
        remarks: what a reader should know of the target, a line each.
        parts: the records of a requirement's parts.
        each: a record for each value, or stretch of time, that must reach the target on its own.
        group: for a group, the value of each column of the break-down and the `period`.
        groups: the groups, where a break-down or a series was asked for.
        base: the record of the base that the value is compared with (S33), which no other record
            counts; None where it is compared with nothing.
        base_window: the name of the base's window; None without a base.
        comparison: what is compared, and asked of it; None without a base.
        compared: the value beside that of the base; None without a base.
    """

    id: str
    title: str | None
    title_da: str | None
    source: str | None = None
    goal: str | None = None
    weight: Decimal | None = None
    rule: str
    table: str | None = None
    rows: int = 0
    outside: int = 0
    counted: int = 0
    counted_as: CountedAs | None = None
    excluded: Mapping[str, int] = field(factory=dict)
    undetermined: int = 0
    met: int | None = None
    total: int | None = None
    value: float | None = None
    exact: Fraction | None = field(default=None, repr=False)
    unit: Unit
    figures: Mapping[str, float | int | None] = field(factory=dict)
    limit: str | None = None
    threshold: Decimal | None = None
    bounds: Bounds | None = None
    requirement: str
    verdict: Verdict
    remarks: tuple[str, ...] = ()
    parts: tuple[TargetResult, ...] = ()
    each: tuple[TargetResult, ...] = ()
    group: Mapping[str, Any] = field(factory=dict)
    groups: tuple[TargetResult, ...] = ()
    possible: Possibilities | None = field(default=None, repr=False)
    base: TargetResult | None = field(default=None, repr=False)
    base_window: str | None = None
    comparison: Comparison | None = field(default=None, repr=False)
    compared: Compared | None = field(default=None, repr=False)

    @property
    def exact_value(self) -> Fraction | None:
        """The value as an exact fraction where it is a ratio of integers, else as it is."""
        stock, base = self.figures.get("stock"), self.figures.get("base")
        if self.unit == "change" and isinstance(stock, int) and isinstance(base, int) and base:
            return Fraction(stock - base, base)
        return exact_value(self, self.denominator)

    @property
    def denominator(self) -> int:
        """The counted rows, or what they count as (S32)."""
        return self.counted if self.counted_as is None else self.counted_as.counted

    @property
    def range(self) -> tuple[Fraction, Fraction] | None:
        """A share if none of the excluded rows had met it, and if all had (S12); else None.

        None too where it is not known what an excluded row would count as (S32).
        """
        left_out = sum(self.excluded.values())
        if self.counted_as is not None:
            # A row without a number could count as any.
            if WEIGHT_MISSING in self.excluded:
                return None
            left_out = self.counted_as.excluded
        whole = self.denominator + left_out
        if self.met is None or not whole or self.unit == "count":
            return None
        return Fraction(self.met, whole), Fraction(self.met + left_out, whole)

    @property
    def reasons(self) -> str:
        """The reasons for which rows are excluded, with their number, in one text."""
        return ", ".join(f"{reason} {n:,}" for reason, n in self.excluded.items())

    def __repr__(self) -> str:
        from kpi.report.notebook import target_text  # noqa: PLC0415 - a room above

        return f"<TargetResult {terminal_text(target_text(self))}>"

    def _repr_html_(self) -> str:
        """Return the record as a notebook shows it."""
        from kpi.report.notebook import target_html  # noqa: PLC0415 - a room above

        return target_html(self)

    def to_dict(self) -> dict[str, Any]:
        """Return the record as plain data, as the JSON has it (schema: docs/result.schema.json)."""
        names = (
            "id",
            "title",
            "title_da",
            "source",
            "goal",
            "weight",
            "rule",
            "rows",
            "outside",
            "counted",
            "counted_as",
            "excluded",
            "undetermined",
            "met",
            "total",
            "value",
            "unit",
            "limit",
            "threshold",
            "requirement",
            "verdict",
        )
        # The record of the target, which holds the group, has these already.
        left_out = {"title", "title_da", "source", "goal", "weight"} if self.group else set[str]()
        if self.title_da is None:
            left_out.add("title_da")
        data = {name: getattr(self, name) for name in names if name not in left_out}
        if self.counted_as is None:
            del data["counted_as"]
        else:
            data["counted_as"] = asdict(self.counted_as)
        data["excluded"] = dict(self.excluded)
        data["threshold"] = plain_number(self.threshold)
        if "weight" in data:
            data["weight"] = plain_number(self.weight)
        if self.possible is not None:
            data["possible"] = self.possible.to_dict()
        if self.figures:
            data["figures"] = dict(self.figures)
        if self.base is not None:
            of_base = {name: getattr(self.base, name) for name in _OF_BASE}
            data["base"] = {"window": self.base_window, **of_base}
            data["base"]["excluded"] = dict(self.base.excluded)
        if self.parts:
            data["parts"] = [part.to_dict() for part in self.parts]
        if self.group:
            data = {
                "group": {name: plain_value(value) for name, value in self.group.items()}
            } | data
        if self.each or self.groups:
            data["groups"] = [group.to_dict() for group in (*self.each, *self.groups)]
        return data


def exact_value(measured: Measure | TargetResult, counted: int) -> Fraction | None:
    """Return a value as an exact fraction where it is a ratio of integers, else as it is.

    Args:
        measured: the measure, or the record that has its numbers.
        counted: the counted rows; without any there is no ratio.
    """
    if measured.value is None:
        return None
    if measured.exact is not None:
        return measured.exact
    if measured.met is not None and counted and measured.unit != "count":
        return Fraction(measured.met, counted)
    if measured.total is not None and counted:
        return Fraction(measured.total, counted * SIZES.get(measured.unit, 1))
    return Fraction(str(measured.value))


_OF_BASE = (
    "rows",
    "outside",
    "counted",
    "excluded",
    "undetermined",
    "met",
    "total",
    "value",
)
"""What plain data have of the base, beside its window."""
