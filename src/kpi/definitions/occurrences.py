"""Declaration of the dates of a case: which occurrence of which event (S13, S36)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias, TypeGuard

from attrs import frozen

from kpi.errors import PlanError, Problem, listed, suggest

Dates: TypeAlias = Mapping[str, str | Mapping[str, Any]]
"""Declaration: for each date of a case the event that gives the date, or how to choose one."""

LISTS = ("first_of", "last_of", "in_order")
WAYS = ("first", "last", *LISTS)
BOUNDS = ("after", "before")


@frozen
class Pick:
    """Choice of the first or the last occurrence of any of some events.

    Attributes:
        events: the events; they are not told apart.
        last: whether the last occurrence is chosen, not the first.
    """

    events: tuple[str, ...]
    last: bool = False


@frozen
class Occurrence:
    """Choice of the occurrence that gives a date of a case: the first pick that the case has.

    Attributes:
        picks: the picks in the order in which they are tried.
        after: the date behind whose row the occurrence must stand; a case without that date has no
            occurrence. None where it may stand anywhere.
        before: the date ahead of whose row the occurrence must stand; in a case without that date,
            which has not come yet, it may stand anywhere (S36). None as for `after`.
    """

    picks: tuple[Pick, ...]
    after: str | None = None
    before: str | None = None

    @property
    def events(self) -> tuple[str, ...]:
        """The events that the picks name, each once."""
        return tuple(dict.fromkeys(event for pick in self.picks for event in pick.events))


def to_occurrences(dates: object) -> dict[str, Occurrence]:
    """Return the declared dates, parsed and checked, in their order.

    Raises:
        PlanError: naming every mistake, each with its place below the dates.
    """
    if not isinstance(dates, Mapping) or not dates:
        raise PlanError(
            f"found {dates!r}; accepted: a mapping from date to event, such as "
            "{'filed': 'submitted'}"
        )
    parsed: dict[str, Occurrence] = {}
    problems: list[Problem] = []
    for name, value in dates.items():
        if not _is_text(name):
            problems.append(Problem((), f"found {name!r}; accepted: a text that names a date"))
            continue
        try:
            parsed[name] = value if isinstance(value, Occurrence) else _occurrence(value)
        except PlanError as error:
            problems += error.within(name)
    names = [name for name in dates if _is_text(name)]
    for name, occurrence in parsed.items():
        for bound, other in _bounds(occurrence):
            if other not in names:
                hint = _hint(other, names, parsed)
                message = f"no date {other!r} is declared{hint}; declared: {listed(names)}"
                problems.append(Problem((name, bound), message))
    if not problems:
        problems += _rings(parsed)
    if problems:
        raise PlanError(problems)
    return parsed


def in_turn(dates: Mapping[str, Occurrence]) -> Iterator[str]:
    """Yield the names of the dates in topological order: each behind the dates that bound it.

    Args:
        dates: declared dates as `to_occurrences` gives them: without a ring.
    """
    done: set[str] = set()
    while left := [name for name in dates if name not in done]:
        ready = [n for n in left if all(other in done for _, other in _bounds(dates[n]))]
        yield from ready
        done.update(ready)


def _bounds(occurrence: Occurrence) -> Iterator[tuple[str, str]]:
    """Yield the dates that bound where an occurrence may stand, each behind its key."""
    for bound, other in zip(BOUNDS, (occurrence.after, occurrence.before), strict=True):
        if other is not None:
            yield bound, other


def _occurrence(value: object) -> Occurrence:
    if _is_text(value):
        return Occurrence((Pick((value,)),))
    if isinstance(value, list | tuple):
        raise PlanError(
            "found a list; accepted: {'first_of': [...]} for the first that happened, "
            "{'in_order': [...]} for the first of the list that happened at all"
        )
    if not isinstance(value, Mapping):
        raise PlanError(
            f"found {value!r}; accepted: the name of an event, or a mapping with one of "
            f"{listed(WAYS)}"
        )
    accepted = (*WAYS, *BOUNDS)
    for key in value:
        if key not in accepted:
            hint = suggest(str(key), accepted)
            raise PlanError(f"unknown key {key!r}{hint}; accepted: {listed(accepted)}")
    ways = [key for key in WAYS if key in value]
    if len(ways) != 1:
        raise PlanError(f"found {listed(ways) or 'no choice'}; accepted: one of {listed(WAYS)}")
    for bound in BOUNDS:
        other = value.get(bound)
        if other is not None and not _is_text(other):
            message = f"found {other!r}; accepted: the name of a declared date"
            raise PlanError([Problem((bound,), message)])
    (way,) = ways
    try:
        picks = _picks(way, value[way])
    except PlanError as error:
        raise PlanError(error.within(way)) from None
    return Occurrence(picks, value.get("after"), value.get("before"))


def _picks(way: str, value: object) -> tuple[Pick, ...]:
    if way not in LISTS:
        if not _is_text(value):
            hint = f"; for several, {way}_of" if isinstance(value, list | tuple) else ""
            raise PlanError(f"found {value!r}; accepted: the name of an event{hint}")
        return (Pick((value,), last=way == "last"),)
    if not isinstance(value, list | tuple) or not value:
        raise PlanError(f"found {value!r}; accepted: a list of events")
    if way == "in_order":
        picks = tuple(_in_order(n, word) for n, word in enumerate(value))
        _refuse_twice([pick.events[0] for pick in picks])
        return picks
    for n, word in enumerate(value):
        if not _is_text(word):
            raise PlanError([Problem((n,), f"found {word!r}; accepted: the name of an event")])
    _refuse_twice(list(value))
    return (Pick(tuple(value), last=way == "last_of"),)


def _in_order(n: int, value: object) -> Pick:
    """Parse one alternative: an event, whose first occurrence counts, or `first` or `last` of one.

    Raises:
        PlanError: where it is something else.
    """
    if _is_text(value):
        return Pick((value,))
    if isinstance(value, Mapping) and len(value) == 1:
        ((way, event),) = value.items()
        if way in ("first", "last") and _is_text(event):
            return Pick((event,), last=way == "last")
    message = f"found {value!r}; accepted: the name of an event, or such as {{'last': 'event'}}"
    raise PlanError([Problem((n,), message)])


def _refuse_twice(events: list[str]) -> None:
    twice = [event for n, event in enumerate(events) if event in events[:n]]
    if twice:
        raise PlanError(f"found {twice[0]!r} twice; name it once")


def _hint(bound: str, names: list[str], parsed: Mapping[str, Occurrence]) -> str:
    for name, occurrence in parsed.items():
        if bound in occurrence.events:
            return f" (it is an event of {name!r}: name that date)"
    return suggest(bound, names)


def _rings(dates: Mapping[str, Occurrence]) -> Iterator[Problem]:
    """Yield a problem where dates bound each other in a ring, so that none can be first."""
    for name in dates:
        paths: list[list[tuple[str, str]]] = [[edge] for edge in _bounds(dates[name])]
        seen: set[str] = set()
        while paths:
            path = paths.pop(0)
            other = path[-1][1]
            if other == name:
                words = " ".join([name, *(word for edge in path for word in edge)])
                waits = "comes after" if {b for b, _ in path} == {"after"} else "waits for"
                yield Problem((name, path[0][0]), f"no date {waits} itself: {words}")
                return
            if other not in seen:
                seen.add(other)
                paths += [[*path, edge] for edge in _bounds(dates[other])]


def _is_text(value: object) -> TypeGuard[str]:
    return isinstance(value, str) and bool(value.strip())
