"""JSON Schemas of plan files and extract files, made from the definitions, for editors."""

from __future__ import annotations

from typing import Any

import attrs

from kpi.definitions.bounds import WORDS
from kpi.definitions.days_off import NAMED, STATUTORY
from kpi.definitions.derived_dates import (
    MOVES,
    PERIODS,
    ROUNDED_TO,
    SIGNED,
    TIME_OF_DAY,
    WHICH,
)
from kpi.definitions.extract_file import TableSource
from kpi.definitions.goals import Goal
from kpi.definitions.limits import BYS
from kpi.definitions.log_sources import CasesFromEvents, PausesFromEvents
from kpi.definitions.occurrences import BOUNDS as EVENT_BOUNDS
from kpi.definitions.occurrences import LISTS, WAYS
from kpi.definitions.opening_hours import HOURS_KEYS, INTERVAL
from kpi.definitions.parts import Parts
from kpi.definitions.plan import Plan
from kpi.definitions.table import Table
from kpi.definitions.target import Target
from kpi.definitions.time_options import ROLLS
from kpi.definitions.time_units import BACKWARDS, UNITS
from kpi.definitions.weekdays import WEEKDAYS
from kpi.definitions.windows import BOUNDS
from kpi.planfile.parts_schema import parts_schemas
from kpi.rules import rules

_PERIOD = {
    "type": "string",
    "pattern": (
        r"^(\d{4}(-(H[12]|Q[1-4]|0[1-9]|1[0-2]|W(0[1-9]|[1-4]\d|5[0-3])))?"
        r"|\d{4}/\d{2}(-(H[12]|Q[1-4]))?)$"
    ),
    "description": (
        "A year 2022 or 2024/25, half-year 2022-H2, quarter 2022-Q1, month 2022-03 or week 2022-W05."
    ),
}
# A TOML date reaches a JSON Schema as a text in the form of a date.
_DAY = {"type": "string", "format": "date"}
_MONTH_DAY = {"type": "string", "pattern": "^(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$"}
_COUNTRY = {
    "type": "string",
    "pattern": "^([a-z]+( [a-z]+)*|[A-Z0-9]{2,4})$",
    "description": "A country or market of the library holidays by its English name in lower case, "
    "or by its code.",
}
_VALUE = {"type": ["string", "integer", "boolean"]}
_AMOUNT = rf"\d{{1,8}} +({'|'.join(f'{unit[:-1]}s?'.replace(' ', ' +') for unit in UNITS)})"
_SPAN = {"type": "string", "pattern": f"^{_AMOUNT}( +and +{_AMOUNT})*$"}
_BEFORE = {"type": "string", "pattern": f"^{_AMOUNT}( +and +{_AMOUNT})*{BACKWARDS}$"}
_NAME = {"type": "string", "minLength": 1}
_INTERVAL = {"type": "string", "pattern": INTERVAL}
_HOURS = {"anyOf": [_INTERVAL, {"type": "array", "items": _INTERVAL}]}
_PERCENTAGE = {
    "anyOf": [{"type": "number", "exclusiveMinimum": 0, "maximum": 100}, {"const": "all"}]
}


def _object(properties: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "additionalProperties": False, **more}


def _dated(value: dict[str, Any]) -> dict[str, Any]:
    since = {"type": "object", "propertyNames": _DAY, "additionalProperties": value}
    return _object(
        {"dated": _NAME, "first": value, "since": {**since, "minProperties": 1}},
        required=["dated", "first", "since"],
    )


def _constant_threshold() -> dict[str, Any]:
    each = {"type": "object", "additionalProperties": _PERCENTAGE, "minProperties": 1}
    by_value = _object({"by": _NAME, "thresholds": each}, required=["by", "thresholds"])
    return {"anyOf": [*_PERCENTAGE["anyOf"], by_value]}


def _by_value() -> dict[str, Any]:
    each = {"type": "object", "additionalProperties": _SPAN, "minProperties": 1}
    return _object({"by": _NAME, "limits": each}, required=["by", "limits"])


def _limit() -> dict[str, Any]:
    return {
        "anyOf": [
            _SPAN,
            _BEFORE,
            _object({"column": _NAME, "by": {"enum": list(BYS)}}, required=["column"]),
            _by_value(),
            _object({"file": _NAME, "by": _NAME}, required=["file", "by"]),
            _dated(_SPAN),
        ]
    }


def _calendar(bounds: dict[str, Any]) -> dict[str, Any]:
    names = list(dict.fromkeys((*(day for days in NAMED.values() for day in days), STATUTORY)))
    yearly = _object({"since": _MONTH_DAY, "through": _MONTH_DAY}, required=["since", "through"])
    listed = [_DAY, _MONTH_DAY, yearly, _PERIOD, bounds]
    further = {
        "off": {"type": "array", "items": {"anyOf": [{"enum": names}, *listed]}},
        "worked": {"type": "array", "items": {"anyOf": listed}},
        "saturdays": {"type": "boolean"},
        "weekend": {
            "type": "array",
            "items": {"enum": list(WEEKDAYS)},
            "maxItems": 6,
            "uniqueItems": True,
        },
        "hours": {"$ref": "#/$defs/hours"},
    }
    regions = {"type": "array", "items": _NAME, "minItems": 1, "uniqueItems": True}
    named = {"name": _COUNTRY, "region": {"anyOf": [_NAME, regions]}}
    return {
        "anyOf": [
            _COUNTRY,
            _object({**named, **further}, required=["name"]),
            _object({**further, "covers": {"anyOf": [_PERIOD, bounds]}}, required=["covers"]),
        ]
    }


def _offsets(*, day_ends: bool = False) -> list[dict[str, Any]]:
    """Return the schemas of offsets; of derived dates the day may end early, of bounds it may not."""
    ahead = {
        "at_latest": _NAME,
        **({"day_ends": {"type": "string", "pattern": TIME_OF_DAY}} if day_ends else {}),
    }
    return [
        _object(
            {
                "date": _NAME,
                key: {"anyOf": [_SPAN, _by_value()]} if key in SIGNED else _NAME,
                "end_of": {"enum": list(PERIODS)},
                "roll": {"enum": list(ROLLS)},
                "calendar": {"$ref": "#/$defs/calendar"},
                **(ahead if key.startswith("plus") else {}),
            },
            required=["date", key],
        )
        for key in MOVES
    ]


def _derived() -> dict[str, Any]:
    columns = {"type": "array", "items": _NAME, "minItems": 2, "uniqueItems": True}
    share = {"anyOf": [_NAME, {"type": "number", "exclusiveMinimum": 0, "maximum": 1}]}
    return {
        "anyOf": [
            *(_object({which: columns}, required=[which]) for which in WHICH),
            # One date is enough where it may come too late.
            *(
                _object(
                    {which: columns | {"minItems": 1}, "before": _NAME}, required=[which, "before"]
                )
                for which in WHICH
                if which != "once_all"
            ),
            *_offsets(day_ends=True),
            _object(
                {
                    "start": _NAME,
                    "end": _NAME,
                    "share": share,
                    "rounded": {"enum": list(ROUNDED_TO)},
                },
                required=["start", "end", "share"],
            ),
        ]
    }


def plan_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of plan files, with the installed rules."""
    kinds = rules()
    bounds = _object(dict.fromkeys(BOUNDS, _DAY), minProperties=1, maxProperties=2)
    bound_of_date = {"$ref": "#/$defs/bound_of_date"}
    numbers = WORDS
    alternative = {"type": "object", "additionalProperties": {"$ref": "#/$defs/condition"}}
    condition = {
        "anyOf": [
            _VALUE,
            {"type": "array", "items": _VALUE, "minItems": 1, "uniqueItems": True},
            _object({"in": _PERIOD}, required=["in"]),
            _object(
                {"not": {"anyOf": [_VALUE, {"type": "array", "items": _VALUE, "minItems": 1}]}},
                required=["not"],
            ),
            _object({"missing": {"type": "boolean"}}, required=["missing"]),
            _object(dict.fromkeys(BOUNDS, bound_of_date), minProperties=1, maxProperties=2),
            _object({word: {"type": "integer"} for word in numbers}, minProperties=1),
        ]
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A performance plan for kpi",
        **_definition(Plan),
        "$defs": {
            "window": {"anyOf": [_PERIOD, bounds]},
            "span": _SPAN,
            "limit": _limit(),
            "percentage": _PERCENTAGE,
            "threshold": {"anyOf": [{"$ref": "#/$defs/constant-threshold"}, _dated(_PERCENTAGE)]},
            "constant-threshold": _constant_threshold(),
            "bounds": _object({word: {"type": "number"} for word in WORDS}, minProperties=1),
            "calendar": _calendar(bounds),
            "hours": _object(dict.fromkeys(HOURS_KEYS, _HOURS), minProperties=1),
            "derived": _derived(),
            "bound_of_date": {
                "anyOf": [_DAY, _object({"date": _NAME}, required=["date"]), *_offsets()]
            },
            "condition": condition,
            "conditions": {
                **alternative,
                "properties": {
                    "any_of": {
                        "anyOf": [
                            {"$ref": "#/$defs/condition"},
                            {
                                "type": "array",
                                "items": {**alternative, "minProperties": 1},
                                "minItems": 1,
                            },
                        ]
                    }
                },
            },
            "end_of": _object({"end_of": {"anyOf": [_PERIOD, _DAY]}}, required=["end_of"]),
            "open_at": _object({"start_of": {"anyOf": [_PERIOD, _DAY]}}, required=["start_of"]),
            "deadline": _object(
                {"before": _DAY, "through": _DAY}, minProperties=1, maxProperties=1
            ),
            "table": _definition(Table, leave_out={"name"}),
            "goal": _definition(Goal),
            **dict(parts_schemas(_definition(Parts), kinds)),
            "requirement": {
                "if": {"required": ["parts"]},
                "then": {"$ref": "#/$defs/parts"},
                "else": {"$ref": "#/$defs/target"},
            },
            "target": {
                "type": "object",
                "required": ["rule"],
                "properties": {"rule": {"enum": list(kinds)}},
                "allOf": [
                    {
                        "if": {"properties": {"rule": {"const": name}}},
                        "then": {
                            "$ref": f"#/$defs/rule-{name}",
                            "required": _definition(kind)["required"],
                        },
                    }
                    for name, kind in kinds.items()
                ],
            },
            **{f"rule-{name}": _rule(name, kind) for name, kind in kinds.items()},
        },
    }


def _occurrence() -> dict[str, Any]:
    bounds = dict.fromkeys(EVENT_BOUNDS, _NAME)
    single = {"anyOf": [_NAME, _object({"first": _NAME}), _object({"last": _NAME})]}
    several = {"type": "array", "items": _NAME, "minItems": 1, "uniqueItems": True}
    forms = {way: several if way in LISTS else _NAME for way in WAYS}
    forms["in_order"] = {"type": "array", "items": single, "minItems": 1}
    ways = [_object({way: form, **bounds}, required=[way]) for way, form in forms.items()]
    return {"anyOf": [_NAME, *ways]}


def extract_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of extract files."""
    source = _definition(TableSource, leave_out={"name"})
    origins = [{"required": [key]} for key in ("path", "files", "database")]
    asked = [{"required": [key]} for key in ("query", "table")]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "An extract file for kpi",
        **_object(
            {
                "tables": {
                    "description": "The source of each table, by the table's name in the plan.",
                    "type": "object",
                    "additionalProperties": {"$ref": "#/$defs/source"},
                    "minProperties": 1,
                }
            },
            required=["tables"],
        ),
        "$defs": {
            "source": {
                **source,
                "oneOf": origins,
                "if": {"required": ["database"]},
                "then": {"oneOf": asked},
                "else": {"not": {"anyOf": asked}},
            },
            "from_events": {"anyOf": [_definition(CasesFromEvents), _definition(PausesFromEvents)]},
            "occurrences": {
                "type": "object",
                "additionalProperties": {"$ref": "#/$defs/occurrence"},
                "minProperties": 1,
            },
            "occurrence": _occurrence(),
        },
    }


def _rule(name: str, kind: type[Target]) -> dict[str, Any]:
    schema = _definition(kind)
    # A part of a requirement may lack what the requirement gives.
    del schema["required"]
    schema["properties"] = {"rule": {"const": name}, **schema["properties"]}
    schema["description"] = (kind.__doc__ or "").split("\n\n")[0].strip()
    return schema


def _definition(
    cls: type[Any], leave_out: frozenset[str] | set[str] = frozenset()
) -> dict[str, Any]:
    fields = [f for f in attrs.fields(cls) if f.name not in leave_out]
    properties = {
        f.name: {"description": f.metadata["doc"], **f.metadata["schema"]} for f in fields
    }
    required = [f.name for f in fields if f.default is attrs.NOTHING]
    return _object(properties, required=required)
