"""JSON Schema of requirements of parts, whose keys the parts share (S28)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import attrs

from kpi.definitions.target import Target
from kpi.planfile.shared_keys import RULE, shareable

Schema = dict[str, Any]


def parts_schemas(own: Schema, kinds: Mapping[str, type[Target]]) -> Iterator[tuple[str, Schema]]:
    """Yield the forms of a requirement of parts and of what it is made of, by name.

    Args:
        own: the form of the requirement's own keys.
        kinds: the kinds of target, by name.
    """
    forms = _shared_forms(kinds)
    shared = {key: form[0] if len(form) == 1 else {"anyOf": form} for key, form in forms.items()}
    yield (
        "parts",
        {
            **own,
            "properties": {**own["properties"], RULE: {"enum": list(kinds)}, **shared},
            "allOf": [
                _required_of_each(RULE, {}),
                *({"$ref": f"#/$defs/parts-{name}"} for name in kinds),
            ],
        },
    )
    yield (
        "part",
        {
            "type": "object",
            "properties": {RULE: {"enum": list(kinds)}},
            "not": {"anyOf": [{"required": ["goal"]}, {"required": ["weight"]}]},
        },
    )
    several = {key for key, form in forms.items() if len(form) > 1}
    for name, kind in kinds.items():
        yield f"parts-{name}", _parts_of(name, kind, own, several)


def _shared_forms(kinds: Mapping[str, type[Target]]) -> dict[str, list[Schema]]:
    """Return the forms that a key of a requirement has in the rules, each form once."""
    forms: dict[str, list[Schema]] = {}
    seen: dict[str, list[object]] = {}
    for name, kind in kinds.items():
        for key in _keys(kind):
            form = attrs.fields_dict(kind)[key].metadata["schema"]
            if form not in seen.setdefault(key, []):
                seen[key].append(form)
                forms.setdefault(key, []).append(_form_of(name, key))
    return forms


def _parts_of(name: str, kind: type[Target], own: Schema, several: set[str]) -> Schema:
    """Return what a requirement must be for its parts that are of a rule.

    Args:
        name: the name of the rule.
        kind: the kind of target.
        own: the form of the requirement's own keys.
        several: the keys that have several forms, by rule.
    """
    says = {"properties": {RULE: {"const": name}}, "required": [RULE]}
    silent = {"not": {"required": [RULE]}}
    keys = {"$ref": f"#/$defs/rule-{name}"}
    needed = [f.name for f in attrs.fields(kind) if f.default is attrs.NOTHING and f.name != "id"]
    accepted = [*own["properties"], RULE, *_keys(kind)]
    return {
        "allOf": [
            _each_part({"if": says, "then": keys}),
            *(_required_of_each(key, says) for key in needed),
        ],
        "if": says,
        "then": {
            "allOf": [
                _each_part({"if": silent, "then": keys}),
                *(_required_of_each(key, silent) for key in needed),
            ],
            "if": _each_part(silent),
            "then": {
                "propertyNames": {"enum": accepted},
                "properties": {key: _form_of(name, key) for key in accepted if key in several},
            },
        },
    }


def _form_of(name: str, key: str) -> Schema:
    """Return the form of a key of a rule."""
    return {"$ref": f"#/$defs/rule-{name}/properties/{key}"}


def _keys(kind: type[Target]) -> list[str]:
    keys = shareable(kind)
    return [f.name for f in attrs.fields(kind) if f.name in keys]


def _each_part(form: Schema) -> Schema:
    return {"properties": {"parts": {"items": form}}}


def _required_of_each(key: str, parts: Schema) -> Schema:
    """Return the form in which the requirement has a key, or each of some parts has."""
    of_part: Schema = {"required": [key]}
    each = _each_part({"if": parts, "then": of_part} if parts else of_part)
    return {"anyOf": [{"required": [key]}, each]}
