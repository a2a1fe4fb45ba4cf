"""Fingerprint of a plan: digests of what it defines, whatever file it was written in."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

import attrs
from attrs import frozen

from kpi.definitions.limits import ByValue
from kpi.definitions.parts import Parts
from kpi.definitions.plan import Plan
from kpi.definitions.target import Target

_SHORT = 16
"""Hexadecimal digits of the digest of a section, and of a digest that is shown to people."""


@frozen(kw_only=True)
class PlanFingerprint:
    """Fingerprint of a plan's definitions: equal for plans that define the same.

    Comments, the order of keys and sections, the way in which a value is written, keys that say what
    holds without them, and the names of the files of limits make no difference; the limits and
    thresholds in those files do.

    Attributes:
        digest: SHA-256 of all definitions, 64 hexadecimal digits.
        sections: the first 16 digits of the digest of each key of the plan and of each table, goal
            and target, by place, such as `period`, `tables.cases` or `targets.1.1a`.
        files: the same of what is read from each file of limits beside the plan, by its name.
    """

    digest: str
    sections: Mapping[str, str]
    files: Mapping[str, str]

    def to_dict(self) -> dict[str, Any]:
        """Return the fingerprint as plain data, as the JSON has it."""
        return {
            "sha256": self.digest,
            "sections": dict(self.sections),
            "files": dict(self.files),
        }


def plan_fingerprint(plan: Plan) -> PlanFingerprint:
    """Return the fingerprint of a plan; the same on every machine and for every file format."""
    sections = dict(sorted(_sections(plan)))
    files: dict[str, list[Any]] = {}
    for limits in _limits_of_files(plan):
        assert limits.file is not None, "it was read from a file"
        files.setdefault(limits.file, []).append(_canonical(limits))
    return PlanFingerprint(
        digest=_digest(sections),
        sections={place: short(_digest(data)) for place, data in sections.items()},
        files={name: short(_digest(read)) for name, read in sorted(files.items())},
    )


def short(digest: str) -> str:
    """Return a digest as it is shown to people: its first 16 digits."""
    return digest[:_SHORT]


def _digest(data: Any) -> str:
    text = json.dumps(data, ensure_ascii=True, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _sections(plan: Plan) -> Iterator[tuple[str, Any]]:
    """Yield the place and the canonical data of each key and each section of a plan."""
    for key, value in _keys(plan):
        if key not in ("tables", "goals", "targets"):
            yield key, value
    for table in plan.tables:
        yield f"tables.{table.name}", dict(_keys(table))
    for goal in plan.goals:
        yield f"goals.{goal.id}", dict(_keys(goal))
    for target in plan.targets:
        yield f"targets.{target.id}", dict(_keys(target))


def _limits_of_files(plan: Plan) -> Iterator[ByValue]:
    """Yield the limits that are read from files, those of other readings (S26) too."""
    for target in plan.leaves():
        changes = (reading.changes.get("limit") for reading in target.readings)
        for limit in (target.limit, *changes):
            if isinstance(limit, ByValue) and limit.file is not None:
                yield limit


def _keys(definition: Any) -> Iterator[tuple[str, Any]]:
    """Yield the keys of a definition that say more than their defaults, with canonical values."""
    if isinstance(definition, Target):
        yield "rule", definition.rule
    for f in attrs.fields(type(definition)):
        value = getattr(definition, f.name)
        default = f.default.factory() if isinstance(f.default, attrs.Factory) else f.default  # type: ignore[arg-type]  # attrs types Factory as a function
        if value != default:
            yield f.name, _canonical(value)


def _canonical(value: Any) -> Any:
    """Return a value as data of JSON, the same for values that mean the same."""
    if isinstance(value, ByValue):
        # Its own data would name the file in place of the limits.
        limits, thresholds = _canonical(value.limits), _canonical(value.thresholds)
        return {"by": value.column, "limits": limits, "thresholds": thresholds}
    if isinstance(value, Target | Parts):
        return dict(_keys(value))
    if hasattr(value, "data"):
        return _canonical(value.data())
    if isinstance(value, Mapping):
        return {str(key): _canonical(below) for key, below in value.items()}
    if isinstance(value, list | tuple):
        return [_canonical(below) for below in value]
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else f"{value.normalize():f}"
    return value
