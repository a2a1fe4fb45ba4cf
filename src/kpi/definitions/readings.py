"""Readings: other interpretations of a target's sentence (S26)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from attrs import field, frozen

from kpi.definitions.fields import text
from kpi.definitions.windows import APRIL
from kpi.errors import PlanError, Problem, listed


@frozen
class Reading:
    """Another interpretation of a target's sentence (S26).

    Attributes:
        name: the reading in a few words.
        changes: the keys of the target that differ in this reading, with their values as plan files
            write them; `without` lists the keys that the reading drops.
        year_starts: the month that split years in the changes begin in; a plan gives its own (S30).
    """

    name: str = field(converter=text)
    changes: Mapping[str, Any]
    year_starts: int = field(default=APRIL, kw_only=True, repr=False)

    def __hash__(self) -> int:
        return hash(self.name)

    def data(self) -> Any:
        """Return the reading as plan files write it."""
        return {"name": self.name, **self.changes}


def parse_readings(value: object) -> tuple[Reading, ...]:
    """Parse the readings of a target, as plan files write them.

    Raises:
        PlanError: where a reading has no name, changes nothing, or shares its name with another.
    """
    if not isinstance(value, Sequence) or isinstance(value, str):
        raise PlanError("accepted: readings, each a name and the keys that it changes")
    readings = []
    for n, item in enumerate(value):
        reading = item
        if isinstance(item, Mapping):
            changes = {key: change for key, change in item.items() if key != "name"}
            try:
                reading = Reading(item.get("name"), changes)
            except PlanError as error:
                raise PlanError(error.within(n, "name")) from None
        if not isinstance(reading, Reading):
            raise PlanError([Problem((n,), "accepted: a name and the keys that it changes")])
        if not reading.changes:
            raise PlanError([Problem((n,), "changes nothing; accepted: the keys that it changes")])
        readings.append(reading)
    names = [reading.name for reading in readings]
    if len(set(names)) < len(names):
        raise PlanError(f"found a name twice in {listed(names)}")
    return tuple(readings)
