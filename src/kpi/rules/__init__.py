"""The kinds of target, one a file, found by name through the entry points `kpi.rules`.

A rule of a user's own comes in by the same door: a subclass of `kpi.Target` named in the entry
point group `kpi.rules` of any installed package.
"""

from __future__ import annotations

from functools import cache
from importlib.metadata import entry_points

from kpi.errors import PlanError
from kpi.target import Target


@cache
def rules() -> dict[str, type[Target]]:
    """Every installed kind of target by the name that plan files call it, in order of name.

    Raises:
        PlanError: where an entry point is not a target, or two packages claim a name.
    """
    found: dict[str, type[Target]] = {}
    for point in sorted(entry_points(group="kpi.rules"), key=lambda p: p.name):
        rule = point.load()
        if not (isinstance(rule, type) and issubclass(rule, Target)):
            raise PlanError(
                f"entry point {point.name} = {point.value}: not a subclass of kpi.Target"
            )
        if found.setdefault(point.name, rule) is not rule:
            raise PlanError(f"two packages install a rule named {point.name!r}; keep one of them")
    return found
