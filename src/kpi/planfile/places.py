"""Places of mistakes in a plan file: the line, and the place as people say it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from attrs import evolve

from kpi.definitions.validation import KeyPath
from kpi.errors import Problem
from kpi.planfile.literals import with_toml_literals
from kpi.planfile.toml_text import line_numbers


def value_at(data: object, place: KeyPath) -> object:
    """Return the value of a plan's data at a place, or at the nearest enclosing place."""
    for key in place:
        try:
            below = data[key] if isinstance(data, Mapping | list) else None  # type: ignore[index]  # tried
        except (KeyError, IndexError, TypeError):
            break
        if below is None:
            break
        data = below
    return data


def in_file(
    name: str, text: str, data: Mapping[str, Any], problems: Iterable[Problem]
) -> tuple[list[Problem], list[str]]:
    """Return problems in the order of a file, with literals of TOML, and a line for each.

    Args:
        name: the name of the file.
        text: the text of the file.
        data: the file as read from TOML.
        problems: the problems, each with its place in the file.
    """
    lines = line_numbers(text)
    worded = [
        evolve(p, message=with_toml_literals(p.message, value_at(data, p.place))) for p in problems
    ]
    worded.sort(key=lambda problem: line_number(lines, problem))
    return worded, [message_line(name, data, lines, problem) for problem in worded]


def line_number(lines: Mapping[tuple[str | int, ...], int], problem: Problem) -> int:
    """Return the line of the problem's key, or of the nearest enclosing section; 0 for neither.

    Args:
        lines: the line of every section and key, from 1.
        problem: the problem, with its place.
    """
    place = problem.place
    return next((lines[place[:n]] for n in range(len(place), 0, -1) if place[:n] in lines), 0)


def message_line(
    name: str,
    data: Mapping[str, Any],
    lines: Mapping[tuple[str | int, ...], int],
    problem: Problem,
) -> str:
    """Return a problem as a line of a message: `plan.toml:12: target 1.2b, limit: ...`.

    Args:
        name: the name of the plan file.
        data: the plan as read from TOML.
        lines: the line of every section and key, from 1.
        problem: the problem, with its place.
    """
    number = line_number(lines, problem)
    words = ", ".join(_words(data, problem.place))
    where = f"{name}:{number}" if number else name
    return f"{where}: {words}: {problem.message}" if words else f"{where}: {problem.message}"


_NOUNS = {"targets": "target", "goals": "goal", "parts": "part", "readings": "reading"}


def _words(data: Any, place: KeyPath) -> Iterator[str]:
    """Yield the words for a place as people say it: "target 1.2b", "reading 'closed'", "limit"."""
    rest = list(place)
    while rest:
        word = rest.pop(0)
        if word == "tables" and rest:
            yield f"table {rest.pop(0)}"
            data = None
        elif word in _NOUNS and rest and isinstance(rest[0], int):
            n = int(rest.pop(0))
            below = data.get(word) if isinstance(data, Mapping) else None
            data = below[n] if isinstance(below, list) else None
            called = data.get("name" if word == "readings" else "id") if data is not None else None
            noun = _NOUNS[str(word)]
            yield f"{noun} {called}" if isinstance(called, str) else f"{noun} number {n + 1}"
        else:
            # Tables of a list are counted from 1, as targets and parts are.
            below_word = (str(key + 1) if isinstance(key, int) else str(key) for key in rest)
            yield ".".join([str(word), *below_word])
            return
