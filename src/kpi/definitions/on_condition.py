"""The condition on which a target is asked for at all (S28)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import field, frozen

from kpi.definitions.fields import optional_text, text
from kpi.errors import PlanError


@frozen
class OnCondition:
    """Condition that must have come about for a target to be asked for; else it lapses (S28).

    Attributes:
        that: the condition in words.
        fact: the id of the row of the table `reported` whose column `condition` says whether the
            condition came about; None for the row of the target itself.
    """

    that: str = field(converter=text)
    fact: str | None = field(default=None, converter=optional_text)

    def data(self) -> Any:
        """Return the condition as plan files write it."""
        return {"that": self.that} | ({"fact": self.fact} if self.fact is not None else {})


def parse_on_condition(value: object) -> OnCondition | None:
    """Parse a condition from a mapping, as plan files write it; None stays None.

    Raises:
        PlanError: where the value is not a mapping with `that` and perhaps `fact`.
    """
    if value is None or isinstance(value, OnCondition):
        return value
    if not isinstance(value, Mapping) or "that" not in value or set(value) - {"that", "fact"}:
        raise PlanError(
            'accepted: { that = "the condition in words" }, and fact = "the row of the table '
            "reported that says whether it came about\" where it is not the target's own"
        )
    return OnCondition(**value)
