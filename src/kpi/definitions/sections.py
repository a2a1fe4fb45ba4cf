"""Sections of a TOML file as keyword arguments of a definition, with all mistakes at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeVar

import attrs

from kpi.errors import PlanError, Problem, listed, suggest

T = TypeVar("T")


def key_names(cls: type[Any], skip: Iterable[str] = ()) -> set[str]:
    """Return the keys of a section that stands for a definition.

    Args:
        cls: the attrs class of the definition.
        skip: the fields that are no keys.
    """
    return {f.name for f in attrs.fields(cls)}.difference(skip)


def unknown_keys(
    cls: type[Any], data: Mapping[str, Any], skip: Iterable[str] = ()
) -> Iterator[Problem]:
    """Yield a problem for each key of a section that the definition does not have."""
    accepted = key_names(cls, skip)
    for key in data:
        if key not in accepted:
            yield Problem((str(key),), unknown_key(str(key), accepted))


def unknown_key(name: str, accepted: Iterable[str]) -> str:
    """Return the message on an unknown key, with the keys that are accepted."""
    keys = sorted(accepted)
    return f"unknown key; accepted: {listed(keys, most=30)}{suggest(name, keys)}"


def values_of(
    cls: type[Any], data: Mapping[str, Any], problems: list[Problem], skip: Iterable[str] = ()
) -> dict[str, Any]:
    """Return the value of each key, converted by the class; add a problem for each mistake.

    Args:
        cls: the attrs class of the definition.
        data: the section.
        problems: the problems, each with its place in the section.
        skip: the fields that are not read from the section.
    """
    values: dict[str, Any] = {}
    for f in attrs.fields(cls):
        if f.name in skip:
            continue
        if f.name not in data:
            if f.default is attrs.NOTHING:
                what = f.metadata["doc"]
                accepted = what[0].lower() + what[1:].rstrip(".")
                problems.append(Problem((f.name,), f"missing; accepted: {accepted}"))
            continue
        try:
            values[f.name] = f.converter(data[f.name]) if f.converter else data[f.name]
        except PlanError as error:
            problems += error.problems
    return values


def from_section(cls: type[T], data: Mapping[str, Any]) -> T:
    """Return the definition that a section stands for.

    Raises:
        PlanError: naming every mistake, each with its place in the section.
    """
    problems = list(unknown_keys(cls, data))
    values = values_of(cls, data, problems)
    if problems:
        raise PlanError(problems)
    return cls(**values)
