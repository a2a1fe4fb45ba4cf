"""Other readings of a target's sentence (S26)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from attrs import field, frozen

from kpi.definitions.fields import text
from kpi.errors import PlanError, Problem, listed


@frozen
class Reading:
    """Another reading of a target's sentence (S26).

    Attributes:
        name: the reading in a few words.
        changes: the keys of the target that are otherwise in this reading, as plan files write
            them; `without` lists keys that it does without.
    """

    name: str = field(converter=text)
    changes: Mapping[str, Any]

    def __hash__(self) -> int:
        return hash(self.name)

    def data(self) -> Any:
        """The reading as plan files write it."""
        return {"name": self.name, **self.changes}


def parse_readings(value: object) -> tuple[Reading, ...]:
    """Return the readings that a plan file declares.

    Raises:
        PlanError: where a reading has no name, changes nothing, or shares its name with another.
    """
    if not isinstance(value, Sequence) or isinstance(value, str):
        raise PlanError("accepted: readings, each a name and the keys that it changes")
    found = []
    for n, one in enumerate(value):
        if isinstance(one, Mapping):
            try:
                one = Reading(one.get("name"), {k: v for k, v in one.items() if k != "name"})  # noqa: PLW2901 - what it was written as
            except PlanError as error:
                raise PlanError(error.within(n, "name")) from None
        if not isinstance(one, Reading):
            raise PlanError([Problem((n,), "accepted: a name and the keys that it changes")])
        if not one.changes:
            raise PlanError([Problem((n,), "changes nothing; accepted: the keys that it changes")])
        found.append(one)
    given = [one.name for one in found]
    if len(set(given)) < len(given):
        raise PlanError(f"found a name twice in {listed(given)}")
    return tuple(found)
