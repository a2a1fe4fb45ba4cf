"""Serialisation of plans: definitions to TOML, in the form of plan files."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import attrs

from kpi.definitions.parts import Parts
from kpi.definitions.plan import Plan
from kpi.definitions.target import Requirement, Target
from kpi.planfile.toml_text import toml_key, toml_value


def dump_plan(plan: Plan) -> str:
    """Return the plan as TOML, in the form of plan files; `parse_plan` returns an equal plan."""
    lines = list(_keys(plan, skip={"tables", "goals", "targets"}))
    for table in plan.tables:
        section = f"tables.{toml_key(table.name)}"
        lines += ["", f"[{section}]", *_keys(table, skip={"name", "derived"})]
        if table.derived:
            # A line for each date, since one line for all of them is too long to read.
            lines += ["", f"[{section}.derived]"]
            lines += (f"{toml_key(k)} = {toml_value(v)}" for k, v in table.derived.items())
    for goal in plan.goals:
        lines += ["", "[[goals]]", *_keys(goal, skip=set())]
    for target in plan.targets:
        lines += _target_lines(target, "targets")
        if isinstance(target, Parts):
            for part in target.parts:
                lines += _target_lines(part, "targets.parts")
    return "\n".join(lines) + "\n"


def _target_lines(target: Requirement, section: str) -> Iterator[str]:
    yield from ("", f"[[{section}]]", *_keys(target, skip={"readings", "parts"}))
    for reading in getattr(target, "readings", ()):
        yield from ("", f"[[{section}.readings]]")
        yield from (
            f"{toml_key(key)} = {toml_value(value)}" for key, value in reading.data().items()
        )


def _keys(definition: Any, skip: set[str]) -> Iterator[str]:
    rule_after = "weight" if isinstance(definition, Target) else None
    for f in attrs.fields(type(definition)):
        value = getattr(definition, f.name)
        default = f.default.factory() if isinstance(f.default, attrs.Factory) else f.default  # type: ignore[arg-type]  # attrs types Factory as a function
        if f.name == "key" and len(value) == 1:
            value = value[0]
        if f.name == "threshold" and value == 100:
            value = "all"
        if f.name not in skip and value != default:
            yield f"{f.name} = {toml_value(value)}"
        if f.name == rule_after:
            yield f"rule = {toml_value(definition.rule)}"
