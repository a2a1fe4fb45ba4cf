"""The condition on which a target is asked for at all (S28)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import field, frozen

from kpi.definitions.fields import optional_text, text
from kpi.errors import PlanError


@frozen
class OnCondition:
    """What must have come about for a target to be asked for at all (S28).

    Attributes:
        that: the condition in words.
        fact: the row of the table `reported` whose `condition` says whether it came about; None
            for the target's own.
    """

    that: str = field(converter=text)
    fact: str | None = field(default=None, converter=optional_text)

    def data(self) -> Any:
        """The condition as plan files write it."""
        return {"that": self.that} | ({"fact": self.fact} if self.fact is not None else {})


def parse_on_condition(value: object) -> OnCondition | None:
    """Return the condition that a plan file declares, or None.

    Raises:
        PlanError: where it is not a mapping with `that` and perhaps `fact`.
    """
    if value is None or isinstance(value, OnCondition):
        return value
    if not isinstance(value, Mapping) or "that" not in value or set(value) - {"that", "fact"}:
        raise PlanError(
            'accepted: { that = "the condition in words" }, and fact = "the row of the table '
            "reported that says whether it came about\" where it is not the target's own"
        )
    return OnCondition(**value)
