"""Keys that the parts of a requirement share: parts of plan files as whole targets (S28).

A key of a target that stands on a requirement of parts holds for each part without that key. A part
takes the keys that its rule has.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

import attrs

from kpi.definitions.parts import Parts
from kpi.definitions.target import Requirement, Target
from kpi.definitions.validation import KeyPath
from kpi.errors import Problem
from kpi.planfile.literals import with_toml_literals
from kpi.planfile.places import value_at
from kpi.rules import rules

RULE = "rule"


def shareable(kind: type[Target]) -> set[str]:
    """Return the keys of a kind of target that its requirement may give, but for the rule."""
    return {f.name for f in attrs.fields(kind)} - {f.name for f in attrs.fields(Requirement)}


def accepted_keys(data: Mapping[str, Any]) -> set[str]:
    """Return the keys that a requirement may have, given the rules of its parts."""
    known = [kind for part in _parts(data) if (kind := _kind(part)) is not None]
    kinds = known or rules().values()
    return {f.name for f in attrs.fields(Parts)}.union({RULE}, *map(shareable, kinds))


def with_whole_parts(data: Mapping[str, Any], problems: list[Problem]) -> dict[str, Any]:
    """Return a plan's data with every part a whole target, with an id.

    A key of a target that no part can take stays on the requirement.

    Args:
        data: the plan as read from TOML.
        problems: receives a problem for each key of a requirement that every part has itself.
    """
    sections = data.get("targets")
    if not isinstance(sections, list):
        return dict(data)
    return {
        **data,
        "targets": [_whole(section, n, problems) for n, section in enumerate(sections)],
    }


def _whole(section: Any, n: int, problems: list[Problem]) -> Any:
    parts = _parts(section)
    if not parts:
        return section
    taken = [_taken(section, part) for part in parts]
    shared = _shared(section)
    left = {key: value for key, value in section.items() if key not in shared}
    for key in shared:
        if any(key in keys for keys in taken):
            continue
        if any(_may_have(section, part, key) for part in parts):
            message = "every part has a value of its own; accepted: either here or in the parts"
            problems.append(Problem(("targets", n, key), message))
        else:
            left[key] = section[key]
    number = section.get("id") if isinstance(section.get("id"), str) else f"number {n + 1}"
    whole = [
        {"id": f"{number}: {m}", **keys, **part}
        for m, (keys, part) in enumerate(zip(taken, parts, strict=True), start=1)
    ]
    return {**left, "parts": whole}


def _parts(section: Any) -> list[dict[str, Any]]:
    """Return the parts of a requirement; none where they are not sections, or there are none."""
    parts = section.get("parts") if isinstance(section, dict) else None
    return parts if isinstance(parts, list) and all(isinstance(p, dict) for p in parts) else []


def _shared(section: Mapping[str, Any]) -> set[str]:
    return set(section) - {f.name for f in attrs.fields(Parts)}


def _kind(section: Mapping[str, Any]) -> type[Target] | None:
    name = section.get(RULE)
    return rules().get(name) if isinstance(name, str) else None


def _may_have(section: Mapping[str, Any], part: Mapping[str, Any], key: str) -> bool:
    """Return whether a part may have a key; a part of an unknown rule may have any rule's."""
    if key == RULE:
        return True
    kind = _kind(part if RULE in part else section)
    kinds = rules().values() if kind is None else (kind,)
    return any(key in shareable(kind) for kind in kinds)


def _takes(section: Mapping[str, Any], part: Mapping[str, Any], key: str) -> bool:
    """Return whether a part takes a key of its requirement, where the requirement has the key."""
    return key not in part and _may_have(section, part, key)


def _taken(section: Mapping[str, Any], part: Mapping[str, Any]) -> dict[str, Any]:
    """Return the keys that a part takes of its requirement, with their values."""
    return {
        key: _of_requirement(section, key)
        for key in section
        if key in _shared(section) and _takes(section, part, key)
    }


def _of_requirement(section: Mapping[str, Any], key: str) -> object:
    """Return the value of a key; a condition is told once, under the requirement's own id."""
    value = section[key]
    name = section.get("id")
    if key == "on_condition" and isinstance(value, dict) and isinstance(name, str):
        return {"fact": name, **value}
    return value


def at_their_keys(
    problems: Iterable[Problem], data: Mapping[str, Any], whole: Mapping[str, Any]
) -> list[Problem]:
    """Return problems, with each that all parts have in a shared key once, at their requirement.

    A problem that only some of the parts have stays at these.

    Args:
        problems: the problems, each with its place in the whole data.
        data: the plan as read from TOML.
        whole: the plan with whole parts.
    """
    placed: list[Problem] = []
    of_parts: defaultdict[tuple[KeyPath, str], list[Problem]] = defaultdict(list)
    for problem in problems:
        at = _key_of_requirement(data, problem.place)
        if at is None:
            placed.append(problem)
        else:
            message = with_toml_literals(problem.message, value_at(whole, problem.place))
            of_parts[at, message].append(problem)
    for (at, message), same in of_parts.items():
        section = data["targets"][at[1]]
        takers = [part for part in _parts(section) if _lacks(section, part, str(at[2]))]
        placed += [Problem(at, message)] if len(same) == len(takers) else same
    return placed


def _lacks(section: Mapping[str, Any], part: Mapping[str, Any], key: str) -> bool:
    """Return whether a part takes a key, or would if the requirement, whose rule it has, had it."""
    return _takes(section, part, key) and (key in section or RULE not in part)


def _key_of_requirement(data: Mapping[str, Any], place: KeyPath) -> KeyPath | None:
    """Return the place at the requirement of a key that its part lacks; None where that is none."""
    match place:
        case "targets", int(n), "parts", int(m), str(key), *rest:
            section = data["targets"][n]
            if _shared(section) and _lacks(section, section["parts"][m], key):
                return ("targets", n, key, *rest)
    return None
