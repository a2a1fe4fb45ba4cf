"""The kinds of target, one a file, found by name through the entry points `kpi.rules`.

A user's own rule is registered in the same way: a subclass of `kpi.Target` named in the entry point
group `kpi.rules` of any installed package. `__all__` lists what authors of rules import from here;
everything else that they need is in `kpi.__all__`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from importlib.metadata import EntryPoint, entry_points

from kpi.definitions.bounds import optional_bounds, parse_bounds
from kpi.definitions.defaults import Defaults
from kpi.definitions.fields import (
    about,
    choice,
    names,
    optional_percentage,
    optional_text,
    percentage,
    placed,
    text,
)
from kpi.definitions.limits import parse_limit
from kpi.definitions.population import parse_population
from kpi.definitions.target import Read, Target
from kpi.definitions.time_units import parse_span
from kpi.definitions.windows import parse_window
from kpi.errors import PlanError

__all__ = [
    "Defaults",
    "Read",
    "about",
    "choice",
    "names",
    "optional_bounds",
    "optional_percentage",
    "optional_text",
    "parse_bounds",
    "parse_limit",
    "parse_population",
    "parse_span",
    "parse_window",
    "percentage",
    "placed",
    "rules",
    "text",
]


class _Installed(Mapping[str, type[Target]]):
    """Mapping of rule name to kind of target, in order of name; a kind is loaded at first look-up.

    Raises:
        PlanError: at the look-up of a kind whose entry point is not a target.
    """

    def __init__(self, points: Mapping[str, EntryPoint]) -> None:
        self._points = points
        self._loaded: dict[str, type[Target]] = {}

    def __getitem__(self, name: str) -> type[Target]:
        if name not in self._loaded:
            point = self._points[name]
            rule = point.load()
            if not (isinstance(rule, type) and issubclass(rule, Target)):
                raise PlanError(
                    f"entry point {point.name} = {point.value}: not a subclass of kpi.Target"
                )
            self._loaded[name] = rule
        return self._loaded[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._points)

    def __len__(self) -> int:
        return len(self._points)


@cache
def rules() -> Mapping[str, type[Target]]:
    """Return every installed kind of target by the name it has in plan files, in order of name.

    Raises:
        PlanError: where two packages claim a name; at the look-up of a kind that is not a target.
    """
    points: dict[str, EntryPoint] = {}
    for point in sorted(entry_points(group="kpi.rules"), key=lambda p: p.name):
        if points.setdefault(point.name, point).value != point.value:
            raise PlanError(f"two packages install a rule named {point.name!r}; keep one of them")
    return _Installed(points)
