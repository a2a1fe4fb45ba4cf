"""Percentages to be reached: a single one, by date, or by the value of a column (S19, S28)."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from decimal import Decimal
from typing import Any, TypeAlias

from attrs import field, frozen

from kpi.definitions.fields import percentage
from kpi.definitions.kinds import Kind
from kpi.definitions.limits import Dated, parse_dated, parse_each
from kpi.errors import PlanError, Problem, listed


@frozen
class ThresholdByValue:
    """Percentage for each value of a column; a case with another value has none (S12).

    Attributes:
        column: a column of texts.
        thresholds: the percentage for each value.
    """

    column: str
    thresholds: Mapping[str, Decimal] = field()

    def __attrs_post_init__(self) -> None:
        if not self.thresholds:
            raise PlanError("found no threshold; accepted: at least one value with its percentage")

    def __hash__(self) -> int:
        return hash((self.column, frozenset(self.thresholds.items())))

    def of_value(self, value: str | None) -> Decimal | None:
        """Return the percentage for a value; None where the value has none."""
        return None if value is None else self.thresholds.get(value)

    def reads(self) -> Iterator[tuple[str, Kind, str]]:
        """Yield the column with the kind of value it must hold and the key that names it."""
        yield self.column, "text", "by"

    def data(self) -> Any:
        """Return the thresholds as plan files write them."""
        return {"by": self.column, "thresholds": dict(self.thresholds)}


Threshold: TypeAlias = Decimal | Dated[Decimal] | ThresholdByValue
"""Percentage that a share must reach."""


def optional_threshold(value: object) -> Threshold | None:
    """Parse a threshold of any form, as plan files write it; None stays None.

    Raises:
        PlanError: where the value is no threshold, with the forms accepted.
    """
    if isinstance(value, Dated):
        return value
    if isinstance(value, Mapping) and "dated" in value:
        return parse_dated(value, percentage)
    return optional_constant_threshold(value)


def optional_constant_threshold(value: object) -> Decimal | ThresholdByValue | None:
    """Parse a threshold that is the same at all times; None stays None.

    Raises:
        PlanError: where the value is no threshold, with the forms accepted.
    """
    if value is None or isinstance(value, ThresholdByValue):
        return value
    return _by_value(value) if isinstance(value, Mapping) else percentage(value)


def _by_value(value: Mapping[Any, Any]) -> ThresholdByValue:
    if set(value) != {"by", "thresholds"} or not isinstance(value["thresholds"], Mapping):
        raise PlanError(
            'accepted: a percentage, such as 90; { by = "case_type", thresholds = { visa = 90 } }; '
            'or { dated = "decided", first = ..., since = { 2021-07-01 = ... } }'
        )
    if not isinstance(value["by"], str):
        raise PlanError([Problem(("by",), "accepted: a text column's name")])
    return ThresholdByValue(value["by"], parse_each(value["thresholds"], percentage, "thresholds"))


def require_each(column: str, each: str | None) -> None:
    """Check that thresholds by value stand by the column of which each value is judged.

    Raises:
        PlanError: where they stand by another column.
    """
    if column != each:
        message = f"the thresholds stand by {column}; accepted: each = {column!r}"
        raise PlanError([Problem(("each",), message)])


def require_same_values(thresholds: Collection[str], limits: Collection[str]) -> None:
    """Check that limits and thresholds by the same column are for the same values.

    Raises:
        PlanError: naming the values without a limit, or without a threshold.
    """
    for lacking, what in (
        ([value for value in limits if value not in thresholds], "threshold"),
        ([value for value in thresholds if value not in limits], "limit"),
    ):
        if lacking:
            message = f"no {what} for {listed(lacking)}; accepted: a limit and a threshold for each"
            raise PlanError([Problem(("threshold", "thresholds"), message)])
